"""The tutorial, executed from its first line to its last in one folder: what it shows is what a reader gets."""

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

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(
    r"```(console|python)\n(.*?)```", (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"), re.DOTALL
)


def test_the_tutorial(
    keybounds: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expected line ``...`` of a console stands for any lines."""
    pytest.importorskip("python_calamine")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    verbs = set()
    for kind, block in BLOCKS:
        if kind == "python":
            test = doctest.DocTestParser().get_doctest(block, names, "tutorial", "tutorial.md", 0)
            said: list[str] = []
            found = doctest.DocTestRunner(verbose=False).run(test, out=said.append, clear_globs=False)
            assert found.attempted > 0
            assert found.failed == 0, "".join(said)
            names = test.globs
            continue
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = example.partition("\n")
            program, *arguments = shlex.split(command)
            assert program == "keybounds"
            verbs.add(arguments[0])
            done = keybounds(*arguments, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            lines = expected.splitlines()
            pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in lines)
            assert re.fullmatch(pattern, done.stdout), f"{command}\n{done.stdout}"
    assert verbs == {"read", "rate", "certify", "verify", "finite", "model"}
