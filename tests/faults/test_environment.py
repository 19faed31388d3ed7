"""Where it runs: no cache for machine code, another locale, no network, nobody who reads, a user who stops."""

from __future__ import annotations

import ast
import functools
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from keybounds.bounds.correlations.attacks import descent, kernels
from keybounds.bounds.correlations.moments import kernels as moments
from keybounds.postprocessing.extraction import binary_field
from keybounds.postprocessing.reconciliation import CoupledCode, PolarCode, decode, decoder, list_decoder, polar_design

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (*sorted(path.name for path in (ROOT / "src/keybounds").iterdir() if path.is_symlink()), "src/keybounds")
KEYBOUNDS = [sys.executable, "-W", "error", "-m", "keybounds"]
COMPILED = (  # one kernel, whose result is known
    "import numpy as np\n"
    "from keybounds.bounds.correlations.moments.kernels import cholesky_completes\n"
    "print(cholesky_completes(np.eye(3)), cholesky_completes(-np.eye(3)))\n"
)
COMPILED_IN = (descent, kernels, moments, binary_field, decoder, list_decoder, polar_design)


@functools.cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """What the package imports and formats, walked once."""
    wanted = (ast.Import, ast.ImportFrom, ast.FormattedValue)
    return [
        (path, node)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, wanted)
    ]


def run(script: str, *arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    changed = {**os.environ, **environment}
    kept = {name: value for name, value in changed.items() if value is not None}
    command = [sys.executable, "-W", "error", "-c", script, *arguments]
    return subprocess.run(command, env=kept, capture_output=True, text=True, check=False)


def test_compiled_code_without_a_place_for_its_cache_runs(tmp_path: Path) -> None:
    """A folder that is absent is made; a file, below a file, and where not even root makes one: beside the source."""
    (tmp_path / "file").write_text("")
    (tmp_path / "module.py").write_text("def twice(x):\n    return 2 * x\n")
    script = (
        "import sys\n"
        "from numba import config\n"
        "from keybounds.compiled import njit\n"
        "import module\n"
        "for config.CACHE_DIR in sys.argv[1:]:\n"
        "    twice = njit()(module.twice)\n"
        "    print(twice(4), twice._cache.cache_path.startswith(config.CACHE_DIR))\n"
    )
    places = [tmp_path / "no" / "such" / "folder", tmp_path / "file", tmp_path / "file" / "cache", Path("/proc/cache")]
    done = run(script, *map(str, places), PYTHONPATH=os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    assert (done.returncode, done.stdout) == (0, "8 True\n" + 3 * "8 False\n"), done.stderr


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


def kernels_at_work() -> dict[str, list[float]]:
    """What the compiled functions make of fixed inputs, whoever runs them."""
    rng = np.random.default_rng(3)
    nx, ny = 2, 3
    starts = rng.normal(size=(2, 8 + 3 * (nx + ny)))
    la, lb = np.tile([0, 1], (2, nx, 1)), np.tile([0, 1], (2, ny, 1))
    prices = rng.normal(size=(2, 2, nx, ny))
    weights = np.zeros((nx, ny))
    weights[0, 2] = 1.0
    kept = np.array([1.0, 0.8])
    found = {}
    for cost in (kernels.INFORMATION, kernels.PRIVACY, kernels.RELATIVE_ENTROPY):
        g = np.zeros(starts.shape[1])
        value = kernels.price(starts[0], la[0], lb[0], prices, weights, cost, 0.1, 0.469, kept, g)
        ends, values = np.empty_like(starts), np.empty(2)
        descent.descend(starts, la, lb, prices, weights, cost, 0.1, 0.469, kept, 2, 1e-8, ends, values)
        least = np.empty((2, 2))
        kernels.costs(starts, la, lb, np.array([[0, 1], [1, 2]]), cost, 0.1, 0.469, kept, least)
        found[f"cost {cost}"] = [value, *g, *values, *ends.ravel(), *least.ravel()]
    M = rng.normal(size=(2, 4, 4))
    Z = M @ M.transpose(0, 2, 1)
    rows, columns = np.divmod(np.arange(16), 4)
    out = np.empty((2, 3, 3))
    moments.schur_complements(Z, Z[::-1].copy(), np.array([0, 5, 6, 16]), rows, columns, out)
    found["schur"] = out.ravel().tolist()
    found |= decoders_at_work()
    found["cholesky"] = [float(moments.cholesky_completes(x)) for x in (Z[0], -Z[0], np.diag([1.0, 0.0]))]
    return found


def decoders_at_work() -> dict[str, list[float]]:
    """Extraction by fields of one and more words, and both kinds of codes, on short strings."""
    rng = np.random.default_rng(7)
    found = {}
    for degree in (40, 142, 200):
        words = np.zeros((5, binary_field.WORDS), dtype=np.uint64)
        words[:, : (degree + 63) // 64] = rng.integers(0, 2**8, (5, (degree + 63) // 64))
        found[f"field {degree}"] = binary_field.evaluations(words, words[:2], degree).ravel().tolist()
    string = np.zeros(120, dtype=np.uint8)
    string[[17, 64, 65]] = 1
    priors = np.full(string.size, math.log(49), dtype=np.float32)
    for code in (
        CoupledCode(length=120, checks=80, degree=3, positions=8),
        PolarCode(length=120, checks=80, kinds=((1.0, 0.02),)),
    ):
        decoded = decode(code, code.syndrome(string), priors)
        assert (decoded.string == string).all()
        found[f"decoded by {type(code).__name__}"] = decoded.string.tolist()
    found["polar"] = PolarCode(length=60, checks=30, kinds=((0.9, 0.01), (0.1, 0.2))).frozen.tolist()
    return found


def test_kernels_without_the_compiler_give_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every compiled function, run as the Python that it is written in: nothing rests on how it was compiled."""
    compiled = kernels_at_work()
    ran = set()

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def plain(*arguments: Any) -> Any:
            ran.add(name)
            return function(*arguments)

        return plain

    functions = {
        f"{module.__name__}.{name}": (module, name, value.py_func)
        for module in COMPILED_IN
        for name, value in vars(module).items()
        if isinstance(value, Dispatcher)
    }
    for full, (module, name, function) in functions.items():
        monkeypatch.setattr(module, name, watched(full, function))
    plain = kernels_at_work()
    assert ran == set(functions)
    assert plain["cholesky"] == compiled["cholesky"] == [1.0, 0.0, 0.0]
    for name in plain:
        assert np.allclose(plain[name], compiled[name], rtol=1e-6, atol=1e-9), name
        assert np.isfinite(plain[name]).all()


def test_these_are_all_compiled_functions() -> None:
    """Each module that imports the compiler is among those that the test above runs without it."""
    found = {
        path.relative_to(ROOT)
        for path, node in nodes()
        if isinstance(node, ast.ImportFrom) and node.module == "keybounds.compiled"
    }
    assert found == {Path(f"{module.__name__.replace('.', '/')}.py").relative_to("keybounds") for module in COMPILED_IN}


def test_sockets_are_refused_here() -> None:
    """The guard of this suite, in conftest.py: whatever asks for a connection to elsewhere fails its test."""
    elsewhere = ("192.0.2.1", 9)  # an address kept for documentation
    with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as post:
        for reach in (
            lambda: stream.connect(elsewhere),
            lambda: socket.create_connection(elsewhere, timeout=1),
            lambda: socket.getaddrinfo("localhost", 80),
            lambda: post.sendto(b"", elsewhere),
        ):
            with pytest.raises(PermissionError, match="no test may reach a network"):
                reach()


def test_no_module_reaches_for_a_network() -> None:
    names = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "urllib3"}
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, node in nodes()
        for name in [
            *(alias.name for alias in getattr(node, "names", ()) if isinstance(node, ast.Import)),
            *([node.module or ""] if isinstance(node, ast.ImportFrom) else ()),
        ]
        if name.partition(".")[0] in names
    }
    assert not found


def test_the_commands_open_no_connection(tmp_path: Path) -> None:
    """In a process of their own, libraries included: the hook stands before anything of them is loaded."""
    script = (
        "import sys\n"
        "def refuse(event, arguments):\n"
        "    if event.startswith('socket.') and event != 'socket.__new__': raise SystemExit(f'{event} {arguments}')\n"
        "sys.addaudithook(refuse)\n"
        "from keybounds.__main__ import main\n"
        "for line in sys.argv[1:]:\n"
        "    sys.argv = ['keybounds', *line.split()]\n"
        "    try: main()\n"
        "    except SystemExit as ended:\n"
        "        if ended.code: raise\n"
        "print('all')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "datasets", "table private-states", "figure private-states --out x.pdf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("all\n")
    assert (tmp_path / "x.pdf").stat().st_size > 1000


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
    for path, node in nodes():
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert "locale" not in {getattr(node, "module", None), *(alias.name for alias in node.names)}, path
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            assert not ast.unparse(node.format_spec).rstrip("'\"").endswith("n"), path


@pytest.mark.parametrize(
    "arguments",
    [
        ("table", "private-states"),
        ("datasets",),
        ("--help",),
        *(
            pytest.param(arguments, marks=pytest.mark.slow)  # all print by the same two functions
            for arguments in (
                ("compare", "private-states", "--format", "json"),
                ("cite", "ho2020"),
                ("prove", "transpose-invariance", "--latex"),
            )
        ),
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
    """As a terminal interrupts: every process of the group. One works on the claims, one on two tables."""
    folder = tmp_path / "report"
    script = (
        "import os, sys\n"
        "from keybounds.__main__ import main\n"
        "from keybounds.reports import report\n"
        "short, long = (next(e for e in report.COMPARISONS if e.name == n) for n in ('private-states', 'ion'))\n"
        "report.COMPARISONS, report.TABLES, report.FIGURES = (short, long), (), ()\n"
        "os.cpu_count = lambda: 2\n"
        "sys.argv[1:] = ['report', '--out', sys.argv[1]]\n"
        "main()\n"
    )
    writing = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not list(folder.glob("certificates/*/index.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(writing.pid, signal.SIGINT)
    printed, complained = writing.communicate(timeout=60)  # until none is left that could write
    assert (writing.returncode, printed, complained) == (130, "", "keybounds: interrupted\n")
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if path.name.startswith(".")]
    assert not (folder / "index.html").exists()
    assert not (folder / "claims.json").exists()
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
