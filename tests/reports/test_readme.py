"""The README's examples, executed: what it shows is what a reader gets."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keybounds.reports import catalogue

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def console_examples() -> list[tuple[str, str]]:
    """Command and expected output of each ``$`` line in a console block."""
    examples = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = example.partition("\n")
            examples.append((command, output))
    return examples


EXAMPLES = [
    # the whole report takes minutes, and .ci/run makes it before the tests
    pytest.param(*example, marks=pytest.mark.slow if shlex.split(example[0])[1] == "report" else (), id=example[0][:40])
    for example in console_examples()
]


@pytest.mark.parametrize(("command", "expected"), EXAMPLES)
def test_console_example(
    command: str,
    expected: str,
    keybounds: Callable[..., subprocess.CompletedProcess[str]],
    compared: Callable[[str], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An expected line ``...`` stands for any lines."""
    program, *arguments = shlex.split(command)
    assert program == "keybounds"
    for folder in ("docs", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(catalogue, "compare", compared)
    done = keybounds(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in expected.splitlines())
    assert re.fullmatch(pattern, done.stdout), done.stdout


def test_python_examples() -> None:
    result = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert result.attempted > 10
    assert result.failed == 0


def test_every_verb_has_an_example() -> None:
    shown = {shlex.split(command)[1] for command, _ in console_examples()}
    assert shown == {
        "compare",
        "rate",
        "read",
        "model",
        "table",
        "optimise",
        "finite",
        "figure",
        "prove",
        "cite",
        "datasets",
        "report",
        "certify",
        "verify",
        "sweep",
    }
