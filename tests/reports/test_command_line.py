"""The command line as a user meets it: output, exit status, one line for bad input, no half-written file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keybounds.errors import BoundNotEstablishedError
from keybounds.experiments import load

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def link(tmp_path: Path) -> Path:
    path = tmp_path / "my link.csv"
    behaviour = load("nadlinger2022-link").behaviour
    assert behaviour is not None
    behaviour.to_csv(path)
    return path


def test_compare_prints_rows_and_checks_as_json(keybounds: Command) -> None:
    done = keybounds("compare", "private-states", "--format", "json")
    assert done.returncode == 0
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert {row["direction"] for row in document["rows"]} == {"lower", "upper"}
    assert all(check["holds"] for check in document["checks"])


def test_compare_prints_a_table_for_a_reader(keybounds: Command) -> None:
    done = keybounds("compare", "private-states")
    assert done.returncode == 0
    assert "first at d = 24" in done.stdout
    assert "130 of 130 comparable pairs hold" in done.stdout


@pytest.mark.parametrize("form", ["latex", "csv", "markdown", "html", "json", "text"])
def test_table_in_every_format(keybounds: Command, form: str) -> None:
    done = keybounds("table", "private-states", "--format", form)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 60


def test_rate_of_a_measured_table(keybounds: Command, link: Path) -> None:
    """By the relaxation of every table, and by one of one's own."""
    options = ("--key", "0,2", "--unmeasured", "1,2", "--level", "11", "--nodes", "8", "--format", "json")
    done = keybounds("rate", str(link), *options)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["findings"]["chsh"] == pytest.approx(2.677, abs=1e-3)
    assert document["findings"]["qber"] == pytest.approx(0.0144, abs=1e-4)
    ceilings = {row["method"]: row["value"] for row in document["rows"] if row["direction"] == "upper"}
    assert ceilings["two-qubit device (I(A:B|E))"] == pytest.approx(0.612, abs=1e-3)
    keys = [row["value"] for row in document["rows"] if row["scope"]["quantity"] == "secret-key rate"]
    assert any(value == pytest.approx(0.6043, abs=5e-4) for value in keys)  # on the one-way rate itself
    assert {row["label"] for row in document["rows"]} == {link.name}
    methods = " ".join(row["method"] for row in document["rows"])
    assert 'level "11", 8 nodes' in methods
    assert 'level "22", 32 nodes' in methods


@pytest.mark.parametrize(
    ("options", "words"), [(("--level", "99"), "level: expected one of"), (("--nodes", "0"), "nodes")]
)
def test_a_relaxation_is_refused_before_anything_is_computed(
    keybounds: Command, link: Path, options: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("keybounds.reports.rate.bounds_on")
    done = keybounds("rate", str(link), "--key", "0,2", "--unmeasured", "1,2", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_rate_with_given_noise_and_a_local_table(keybounds: Command, tmp_path: Path) -> None:
    rows = ["x,y,a,b,p"] + [f"{x},{y},{a},{b},0.25" for x in (0, 1) for y in (0, 1, 2) for a in (0, 1) for b in (0, 1)]
    path = tmp_path / "flat.csv"
    path.write_text("\n".join(rows) + "\n")
    done = keybounds("rate", str(path), "--key", "0,2", "--noise", "0.1")
    assert done.returncode == 0, done.stderr
    assert "S does not exceed 2 in any labelling" in done.stdout
    assert "noise 0.1" in done.stdout


def test_a_table_that_no_quantum_device_has_is_bad_input(keybounds: Command, tmp_path: Path) -> None:
    """0.41 of a box that always wins the CHSH game, 0.59 of a constant one: S = 2.82, and y = 2 copies x = 0."""
    rows = ["x,y,a,b,p"]
    for x in (0, 1):
        for y in (0, 1, 2):
            for a in (0, 1):
                for b in (0, 1):
                    perfect = 0.5 * ((a ^ b) == (x & y if y < 2 else 0))
                    if (x, y) == (1, 2):
                        perfect = 0.25
                    rows.append(f"{x},{y},{a},{b},{0.41 * perfect + 0.59 * (a == b == 0)!r}")
    path = tmp_path / "box.csv"
    path.write_text("\n".join(rows) + "\n")
    done = keybounds("rate", str(path), "--key", "0,2")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "correlations that some quantum device has" in done.stderr


def test_rate_with_the_key_in_a_test_setting_says_what_is_missing(
    keybounds: Command, link: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the ceilings that take long are missing."""

    def fails(*_: object, **__: object) -> None:
        raise BoundNotEstablishedError("the search ended early")

    monkeypatch.setattr("keybounds.bounds.upper.attack_ceiling", fails, raising=False)
    done = keybounds("rate", str(link), "--key", "0,0", "--unmeasured", "1,2")
    assert done.returncode == 0, done.stderr
    assert "No ceiling from (S,Q)" in done.stdout
    assert "a key setting of Bob beside the CHSH settings" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "fotonic"], "did you mean 'photonic'"),
        (["compare", "ion", "--format", "yaml"], "one of json, text"),
        (["table", "ion", "--format", "latx"], "did you mean 'latex'"),
        (["figure", "rate"], "did you mean 'rates'"),
        (["figure", "rates", "--format", "gif"], "--format"),
        (["prove", "er-ceilin"], "did you mean 'er-ceiling'"),
        (["rate", "LINK", "--key", "0"], "--key: expected a setting pair"),
        (["rate", "LINK", "--key", "0,7", "--unmeasured", "1,2"], "protocol: expected key settings (x, y) with"),
        (["rate", "LINK", "--key", "1,2", "--unmeasured", "1,2"], "protocol: expected key settings that were measured"),
        (["rate", "LINK", "--key", "0,2", "--unmeasured", "1,2", "--keep", "0"], "keep: expected"),
        (["compare", "private-states", "--out", "."], "--out: expected a file"),
        (["rate", "LINK", "--key", "0,2", "--unmeasured", "1,2", "--noise", "0.7"], "noise: expected"),
        (["rate", "LINK", "--key", "0,2", "--effort", "fasst"], "did you mean 'fast'"),
        (["rate", "absent.csv", "--key", "0,2"], "absent.csv"),
        (["finite", "ion", "--key", "2,2"], "Alice's key setting among the CHSH settings"),
        (["finite", "LINK", "--chsh", "2.6"], "--chsh: expected ion as the subject"),
        (["cite", "pironio2008"], "did you mean 'pironio2009'"),
        (["cite", "LINK"], "a result or a certificate in JSON"),
        (["figure", "rates", "--out", "x.gif"], "a name that ends in .pdf, .png, .svg"),
        (["figure", "rates", "--out", "x"], "a name that ends in .pdf, .png, .svg"),
        (["figure", "rates", "--format", "pdf", "--out", "x.png"], "--format: expected png, as --out x.png is called"),
        (
            ["table", "ion", "--format", "latex", "--out", "ion.csv"],
            "--format: expected csv, as --out ion.csv is called",
        ),
        (["compare"], "subject"),
        (["nonsense"], "nonsense"),
        (["compare", "ion", "--out", "no/such/folder/file.txt"], "--out: expected a file in a folder that exists"),
    ],
)
def test_bad_input_is_one_line_and_status_two(
    keybounds: Command, arguments: list[str], words: str, link: Path, tmp_path: Path
) -> None:
    done = keybounds(*[str(link) if part == "LINK" else part for part in arguments], cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("keybounds: ")
    assert words in done.stderr


def test_out_writes_the_whole_file_or_none(keybounds: Command, tmp_path: Path, link: Path) -> None:
    target = tmp_path / "table.tex"
    assert keybounds("table", "private-states", "--format", "latex", "--out", str(target)).returncode == 0
    whole = target.read_text()
    assert whole.startswith("% needs")
    assert whole.endswith("\\end{longtable}\n")
    assert keybounds("table", "io", "--format", "latex", "--out", str(target)).returncode == 2
    assert target.read_text() == whole
    assert {path.name for path in tmp_path.iterdir()} == {"table.tex", link.name}


@pytest.mark.parametrize(("form", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_figure_in_every_format(keybounds: Command, form: str, magic: bytes, tmp_path: Path) -> None:
    done = keybounds("figure", "private-states", "--format", form, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"private-states.{form}"
    assert (tmp_path / f"private-states.{form}").read_bytes().startswith(magic)


@pytest.mark.parametrize(("name", "magic"), [("x.png", b"\x89PNG"), ("x.PDF", b"%PDF"), ("x.svg", b"<?xml")])
def test_a_figure_has_the_format_that_its_file_is_called_by(
    keybounds: Command, name: str, magic: bytes, tmp_path: Path
) -> None:
    done = keybounds("figure", "private-states", "--out", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).read_bytes().startswith(magic)


@pytest.mark.parametrize(
    ("name", "start"), [("t.csv", "d,p,"), ("t.tex", "% needs"), ("t.md", "### "), ("t.json", "{"), ("t", "Key of the")]
)
def test_a_table_has_the_format_that_its_file_is_called_by(
    keybounds: Command, name: str, start: str, tmp_path: Path
) -> None:
    done = keybounds("table", "private-states", "--out", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).read_text().startswith(start)


def test_out_writes_through_links_and_into_fifos_and_replaces_neither(keybounds: Command, tmp_path: Path) -> None:
    target, link, fifo = tmp_path / "target", tmp_path / "link", tmp_path / "fifo"
    link.symlink_to(target)
    os.mkfifo(fifo)
    assert keybounds("cite", "ho2020", "--out", str(link)).returncode == 0
    assert link.is_symlink()
    assert target.read_text().startswith("@article{ho2020,")
    reader = subprocess.Popen(["cat", str(fifo)], stdout=subprocess.PIPE, text=True)
    assert keybounds("cite", "ho2020", "--out", str(fifo)).returncode == 0
    assert reader.communicate(timeout=20)[0] == target.read_text()
    assert fifo.is_fifo()


def test_cite_prints_what_a_result_used(keybounds: Command, tmp_path: Path) -> None:
    result = tmp_path / "gap.json"
    assert keybounds("compare", "smallest-gap", "--out", str(result)).returncode == 0
    done = keybounds("cite", str(result))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("% claims of this project: ")
    assert "@article{christandl2021," in done.stdout
    assert "@software{keybounds2026," in done.stdout


def test_prove_writes_an_appendix(keybounds: Command) -> None:
    done = keybounds("prove", "transpose-invariance", "--latex")
    assert done.returncode == 0, done.stderr
    assert r"\begin{kbtheorem}" in done.stdout
    assert r"\label{claim:transpose-invariance}" in done.stdout
    assert "Modules of the package that rely on a theorem" in done.stdout
    assert r"\texttt{bounds.\allowbreak{}state.\allowbreak{}equivalent\_devices}" in done.stdout
    done = keybounds("prove", "transpose-invariance", "--latex", "--format", "json")
    assert done.returncode == 2
    assert "--latex" in done.stderr


def test_prove_one_claim_shows_its_steps(keybounds: Command) -> None:
    done = keybounds("prove", "transpose-invariance", "--explain")
    assert done.returncode == 0
    assert done.stdout.startswith("PROVED")
    assert "[theorem: ceiling of device-independent key: christandl2021" in " ".join(done.stdout.split())
    assert "[decided]" in done.stdout
    assert "[hypothesis]" in done.stdout
    done = keybounds("prove", "--explain")
    assert done.returncode == 2
    assert "the name of the claim to explain" in done.stderr


def test_datasets_lists_what_load_knows(keybounds: Command) -> None:
    done = keybounds("datasets")
    assert done.returncode == 0
    assert "nadlinger2022-link" in done.stdout
    assert "liu2022-20m" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [("compare", "private-states"), ("table", "io"), ("cite", "ho2020", "--out", "/no/folder/x"), ("nope",)],
)
def test_a_process_of_its_own_ends_the_same(keybounds: Command, arguments: tuple[str, ...]) -> None:
    """The other tests here run the command line within their own process."""
    own = keybounds(*arguments)
    command = [sys.executable, "-W", "error", "-m", "keybounds", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "120"})
    assert (done.returncode, done.stdout, done.stderr) == (own.returncode, own.stdout, own.stderr)


def test_a_closed_pipe_is_no_error() -> None:
    head = shutil.which("head")
    if head is None:
        pytest.skip("no head on this machine")
    command = f'"{sys.executable}" -m keybounds compare private-states | "{head}" -1'
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("Key of the PPT private states")


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_names_every_verb(keybounds: Command, arguments: list[str]) -> None:
    done = keybounds(*arguments)
    assert done.returncode == 0
    for verb in ("compare", "rate", "table", "optimise", "figure", "prove", "cite", "report", "datasets"):
        assert verb in done.stdout
