"""What `docs/sweeps.md` shows, executed in its order in one folder; and that its lists are complete."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keybounds.sweeps.quantities import quantities
from keybounds.sweeps.subjects import subjects

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")


def test_what_it_shows(
    keybounds: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expected line ``...`` of a console stands for any lines."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    examples = re.split(r"^\$ ", "".join(re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)), flags=re.MULTILINE)
    assert len(examples[1:]) == 2
    for example in examples[1:]:
        command, _, expected = example.partition("\n")
        done = keybounds(*shlex.split(command)[1:])
        assert done.returncode == 0, done.stderr
        lines = expected.splitlines()
        pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in lines)
        assert re.fullmatch(pattern, done.stdout), done.stdout
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    test = doctest.DocTestParser().get_doctest(block, {}, "sweeps", "sweeps.md", 0)
    said: list[str] = []
    found = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert (found.attempted, found.failed) == (5, 0), "".join(said)


def test_it_names_every_subject_quantity_and_setting() -> None:
    named = set(re.findall(r"`([a-z_-]+)`", TEXT))
    assert subjects().keys() <= named
    takes: set[str] = set()
    for name, subject in subjects().items():
        known = quantities(subject.kind, name)
        assert known.keys() <= named
        takes |= {setting for quantity in known.values() for setting in quantity.takes}
    assert takes <= named


def test_the_docstrings_examples() -> None:
    from keybounds.sweeps import campaign, plan

    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for module in (campaign, plan):
        result = doctest.testmod(module, optionflags=flags)
        assert result.attempted > 1
        assert result.failed == 0
