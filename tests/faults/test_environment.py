"""Where it runs: no cache for machine code, another locale, no network, nobody who reads, a user who stops."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bounds", "channels", "experiments", "proofs", "reports", "states", "src/keybounds")
KEYBOUNDS = [sys.executable, "-W", "error", "-m", "keybounds"]
COMPILED = (  # one kernel, whose result is known
    "import numpy as np\n"
    "from keybounds.bounds.correlations.moments.kernels import cholesky_completes\n"
    "print(cholesky_completes(np.eye(3)), cholesky_completes(-np.eye(3)))\n"
)


def run(script: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    changed = {**os.environ, **environment}
    kept = {name: value for name, value in changed.items() if value is not None}
    command = [sys.executable, "-W", "error", "-c", script]
    return subprocess.run(command, env=kept, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("place", ["absent", "a file", "below a file", "unwritable"])
def test_compiled_code_without_a_place_for_its_cache_runs(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = {
        "absent": tmp_path / "no" / "such" / "folder",
        "a file": tmp_path / "file",
        "below a file": tmp_path / "file" / "cache",
        "unwritable": Path("/proc/cache"),  # where not even root makes a folder
    }[place]
    done = run(COMPILED, NUMBA_CACHE_DIR=str(folder))
    assert (done.returncode, done.stdout) == (0, "True False\n"), done.stderr


def test_an_installation_that_cannot_be_written_and_no_home(tmp_path: Path) -> None:
    """A package in a folder of the system, a user without one: numba finds no place, and compiles anew each time."""
    script = (
        "import os, tempfile\n"
        "from numba.core import caching\n"
        "def refuse(*arguments, **options): raise PermissionError(13, 'Permission denied')\n"
        "tempfile.TemporaryFile = caching.tempfile.TemporaryFile = refuse\n"
        "os.makedirs = refuse\n"
    )
    done = run(script + COMPILED, HOME=None, XDG_CACHE_HOME=None, NUMBA_CACHE_DIR=None)
    assert (done.returncode, done.stdout) == (0, "True False\n"), done.stderr


def test_kernels_without_the_compiler_give_the_same_numbers(tmp_path: Path) -> None:
    """Every compiled function, run as the Python that it is written in: nothing rests on how it was compiled."""
    script = (
        "import json, sys\n"
        "import numpy as np\n"
        "from keybounds.bounds import Hierarchy, one_way, two_way, any_discussion\n"
        "from keybounds.bounds.correlations.attacks.costs import Cost\n"
        "from keybounds.bounds.correlations.attacks import descent, kernels\n"
        "from keybounds.bounds.correlations.moments import kernels as moments\n"
        "rng = np.random.default_rng(3)\n"
        "found = {}\n"
        "nx, ny = 2, 3\n"
        "starts = rng.normal(size=(2, 8 + 3 * (nx + ny)))\n"
        "la, lb = np.tile([0, 1], (2, nx, 1)), np.tile([0, 1], (2, ny, 1))\n"
        "prices = rng.normal(size=(2, 2, nx, ny))\n"
        "weights = np.zeros((nx, ny)); weights[0, 2] = 1.0\n"
        "kept = np.array([1.0, 0.8])\n"
        "for cost in (kernels.INFORMATION, kernels.PRIVACY, kernels.RELATIVE_ENTROPY):\n"
        "    g = np.zeros(starts.shape[1])\n"
        "    value = kernels.price(starts[0], la[0], lb[0], prices, weights, cost, 0.1, 0.469, kept, g)\n"
        "    ends, values = np.empty_like(starts), np.empty(2)\n"
        "    descent.descend(starts, la, lb, prices, weights, cost, 0.1, 0.469, kept, 2, 1e-8, ends, values)\n"
        "    found[str(cost)] = [value, *g, *values, *ends.ravel()]\n"
        "M = rng.normal(size=(2, 4, 4)); Z = M @ M.transpose(0, 2, 1)\n"
        "rows, columns = np.divmod(np.arange(16), 4)\n"
        "out = np.empty((2, 3, 3))\n"
        "moments.schur_complements(Z, Z[::-1].copy(), np.array([0, 5, 6, 16]), rows, columns, out)\n"
        "found['schur'] = out.ravel().tolist()\n"
        "found['cholesky'] = [float(moments.cholesky_completes(x)) for x in (Z[0], -Z[0], np.diag([1.0, 0.0]))]\n"
        "json.dump(found, sys.stdout)\n"
    )
    plain, compiled = (run(script, NUMBA_DISABLE_JIT=off) for off in ("1", "0"))
    assert (plain.returncode, compiled.returncode) == (0, 0), plain.stderr + compiled.stderr
    one, other = json.loads(plain.stdout), json.loads(compiled.stdout)
    assert one["cholesky"] == other["cholesky"] == [1.0, 0.0, 0.0]
    for name in one:
        assert np.allclose(one[name], other[name], rtol=1e-6, atol=1e-9), name
        assert np.isfinite(one[name]).all()


def test_sockets_are_refused_here() -> None:
    """The guard of this suite, in conftest.py: whatever asks for a connection fails its test."""
    post = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for reach in (
        lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        lambda: socket.getaddrinfo("localhost", 80),
        lambda: post.sendto(b"", ("127.0.0.1", 9)),
    ):
        with pytest.raises(PermissionError, match="no test may reach a network"):
            reach()
    post.close()


def test_no_module_reaches_for_a_network() -> None:
    names = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "urllib3"}
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in [
            *(alias.name for alias in getattr(node, "names", ()) if isinstance(node, ast.Import)),
            *([node.module or ""] if isinstance(node, ast.ImportFrom) else ()),
        ]
        if name.partition(".")[0] in names
    }
    assert not found


def test_the_commands_open_no_connection(tmp_path: Path) -> None:
    """In processes of their own, libraries included."""
    script = (
        "import sys\n"
        "def refuse(event, arguments):\n"
        "    if event.startswith('socket.') and event != 'socket.__new__': raise SystemExit(f'{event} {arguments}')\n"
        "sys.addaudithook(refuse)\n"
        "from keybounds.__main__ import main\n"
        "main()\n"
    )
    for arguments in (["datasets"], ["table", "private-states"], ["figure", "private-states", "--out", "x.pdf"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of locales with one whose decimal point is a comma."""
    if shutil.which("localedef") is None:
        pytest.skip("no localedef on this machine")
    folder = tmp_path_factory.mktemp("locales")
    made = subprocess.run(
        ["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")],
        capture_output=True,
        check=False,
    )
    if made.returncode > 1 or not (folder / "de_DE.UTF-8").is_dir():
        pytest.skip("no sources of locales on this machine")
    return folder


def test_a_decimal_comma_changes_no_number(german: Path, tmp_path: Path) -> None:
    """A host program that called setlocale, as graphical ones do: what is read and written has points all the same."""
    script = (
        "import json, locale, sys\n"
        "from fractions import Fraction\n"
        "if sys.argv[1] == 'comma':\n"
        "    locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')\n"
        "    assert locale.localeconv()['decimal_point'] == ','\n"
        "from pathlib import Path\n"
        "from flint import arb\n"
        "from keybounds.bounds import Hierarchy, Link, lower, one_way, upper\n"
        "from keybounds.experiments import Behaviour, load\n"
        "from keybounds.proofs import certify, verify\n"
        "from keybounds.reports import draw, table\n"
        "behaviour = load('nadlinger2022-link').behaviour\n"
        "behaviour.to_csv(Path(sys.argv[2]))\n"
        "behaviour = Behaviour.from_csv(Path(sys.argv[2]), unmeasured=[(1, 2)])\n"
        "exact = load('nadlinger2022-link').models['bell-diagonal'].behaviour()\n"
        "bounds = [lower.chsh_rate(Link(2.7, 0.02), 0.125), upper.visibility_ceiling(0.9, one_way((0, 2))),\n"
        "          lower.conditional_entropy(exact, one_way((0, 2), noise=0.1), Hierarchy('11', 4))]\n"
        "documents = [certify(bound) for bound in bounds]\n"
        "verdicts = [str(verify(json.loads(json.dumps(document)))) for document in documents]\n"
        "print(json.dumps([[str(bound) for bound in bounds], documents, verdicts, str(arb('1.5')),\n"
        "    Path(sys.argv[2]).read_text(), [table('private-states').render(f) for f in ('csv', 'latex', 'json')]]))\n"
    )
    found = []
    for how in ("point", "comma"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, how, str(tmp_path / "t.csv")],
            env={**os.environ, "LOCPATH": str(german), **({"LC_ALL": "de_DE.UTF-8"} if how == "comma" else {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    assert found[0] == found[1]


def test_nothing_asks_the_locale() -> None:
    """No module imports it, and no number is formatted by the letter that does."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    assert "locale" not in {getattr(node, "module", None), *(alias.name for alias in node.names)}, path
                if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                    assert not ast.unparse(node.format_spec).rstrip("'\"").endswith("n"), path


@pytest.mark.parametrize(
    "arguments",
    [
        ("table", "private-states"),
        ("compare", "private-states", "--format", "json"),
        ("datasets",),
        ("cite", "ho2020"),
        ("prove", "transpose-invariance", "--latex"),
        ("--help",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_reader_who_has_gone_and_an_output_that_is_closed(arguments: tuple[str, ...]) -> None:
    """The reader of a pipe is told nothing, and who closed the output gets one line."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*KEYBOUNDS, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *KEYBOUNDS, *arguments], stderr=subprocess.PIPE, text=True, check=False
    )
    assert "Traceback" not in closed.stderr
    assert len(closed.stderr.splitlines()) <= 1


def test_a_report_that_is_interrupted_says_so_and_leaves_whole_files(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    writing = subprocess.Popen(
        [*KEYBOUNDS, "report", "--out", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not list(folder.glob("tables/*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    writing.send_signal(signal.SIGINT)
    printed, complained = writing.communicate(timeout=60)
    assert (writing.returncode, printed, complained) == (130, "", "keybounds: interrupted\n")
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if path.name.startswith(".")]
    assert not (folder / "index.html").exists()
    for path in written:
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", ["keybounds.cli", "keybounds.reports.private_states", "numpy"])
def test_an_interrupt_while_modules_are_loaded_is_one_line(module: str) -> None:
    script = (
        "import sys\n"
        "from keybounds.__main__ import main\n"
        "module = sys.argv[1]\n"
        "sys.argv[1:] = ['compare', 'private-states']\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == module: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script, module], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "keybounds: interrupted\n")
