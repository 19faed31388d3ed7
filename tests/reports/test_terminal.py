"""What stands in a file, or is the name of one, is printed as what it is: it moves no cursor and fakes no line."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from keybounds.bounds import Link
from keybounds.bounds.lower import chsh_rate
from keybounds.formatting import printable

Command = Callable[..., CompletedProcess[str]]

WRITING = {"echo", "secho", "print", "write", "writelines", "print_exc"}
PACKAGE = Path(__file__).resolve().parents[2] / "src" / "keybounds"
GONE = object()
OVERWRITING = "\r\x1b[2K\u202e\x9b1A\u2028507 of 507"


def test_the_command_line_prints_in_one_place() -> None:
    """Every print of what is no constant: one in `_say`, which escapes, and the verifier's, which has its own tests."""
    found = {
        (str(path.relative_to(PACKAGE)), function.name, ast.unparse(node.func))
        for path in files(PACKAGE)
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) in WRITING
        and not all(isinstance(argument, ast.Constant) for argument in node.args)
    }
    assert {
        place for place in found if place[2] not in ("stream.write", "file.write", "blob.write", "answer.write")
    } == {
        ("cli/app.py", "say", "typer.echo"),
        ("proofs/verifier/__main__.py", "main", "sys.stdout.write"),
    }


def files(folder: Path) -> list[Path]:
    """Python files below a folder, through links."""
    found = list(folder.glob("*.py"))
    for below in folder.iterdir():
        if below.is_dir():
            found += files(below)
    return found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\t c", "a\nb\t c"),
        ("η ≥ 1\u2009%", "η ≥ 1\u2009%"),
        ("\r\x1b[2K\u202e", r"\u000d\u001b[2K\u202e"),
        ("\x9b\u2028\ud800", r"\u009b\u2028\ud800"),
        ("\U000e0001", r"\udb40\udc01"),
    ],
)
def test_what_is_not_printed_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert json.loads(f'["{printable(text)}"]'.replace("\n", r"\n").replace("\t", r"\t")) == [text]


def test_certify_shows_what_a_file_calls_things(keybounds: Command, tmp_path: Path) -> None:
    """Subject and method are the file's words."""
    row = {**chsh_rate(Link(2.7, 0.02)).to_dict(), "label": OVERWRITING, "method": OVERWRITING}
    (tmp_path / "r.json").write_text(json.dumps({"rows": [row]}))
    done = keybounds("certify", "r.json", cwd=tmp_path)
    shown = r"\u000d\u001b[2K\u202e\u009b1A"
    assert done.stdout.count(shown) == 2
    assert len(done.stdout.splitlines()) == 2
    assert_lines(done)


@pytest.mark.parametrize(
    "change",
    [{"label": None, "scope": {}}, {"label": None, "scope": None}, {"unit": GONE}, {"label": GONE}, {"method": GONE}],
)
def test_certify_refuses_what_is_no_bound(keybounds: Command, tmp_path: Path, change: dict[str, Any]) -> None:
    row = {**chsh_rate(Link(2.7, 0.02)).to_dict(), **change}
    row = {name: value for name, value in row.items() if value is not GONE}
    (tmp_path / "r.json").write_text(json.dumps({"rows": [row]}))
    done = keybounds("certify", "r.json", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("certify", f"{OVERWRITING}.json"),
        ("rate", f"{OVERWRITING}.csv", "--key", "0,2"),
        ("rate", f"{OVERWRITING}.csv", "--key", OVERWRITING),
        ("cite", f"{OVERWRITING}.json"),
        ("cite", OVERWRITING),
        ("verify", f"{OVERWRITING}.json"),
        ("compare", OVERWRITING),
        ("finite", f"{OVERWRITING}.csv"),
        ("compare", "ion", "--out", f"{OVERWRITING}/x.json"),
    ],
)
@pytest.mark.parametrize(
    "content", ["", "[]", '{"rows": [{"certificate": "\\u001b[2K"}]}', "x,y,a,b,\x1b[2K\r\n1,1,1,1,1"]
)
def test_no_name_writes_over_a_line(
    keybounds: Command, tmp_path: Path, arguments: tuple[str, ...], content: str
) -> None:
    for name in arguments[1:]:
        if name.endswith((".json", ".csv")) and "/" not in name:
            (tmp_path / name).write_text(content)
    done = keybounds(*arguments, cwd=tmp_path)
    assert done.returncode != 0
    assert_lines(done)


def assert_lines(done: CompletedProcess[str]) -> None:
    for line in (done.stdout + done.stderr).split("\n"):
        assert printable(line) == line
        assert not line.startswith("507")
