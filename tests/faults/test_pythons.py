"""The package is written for every Python that it says it runs on, from the oldest to those in the lock."""

from __future__ import annotations

import ast
import functools
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    *sorted(path.name for path in (ROOT / "src/keybounds").iterdir() if path.is_symlink()),
    *("src/keybounds", "tests", "benchmarks"),
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OLDEST = tuple(map(int, PROJECT["project"]["requires-python"].removeprefix(">=").split(".")))
NEWER = [(3, minor) for minor in range(12, 15)]
GONE = {  # modules that newer Pythons no longer have: 3.12, 3.13
    *("asynchat", "asyncore", "distutils", "imp", "smtpd"),
    *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "mailcap", "msilib", "nis", "nntplib"),
    *("ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib", "lib2to3"),
}


def sources() -> list[Path]:
    return sorted(path for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))


@functools.cache
def trees() -> dict[Path, ast.Module]:
    """Every file as the oldest reads it."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"), filename=str(path), feature_version=OLDEST)
        for path in sources()
    }


def test_every_file_parses_on_the_oldest() -> None:
    """And the parser is asked for it: what a newer one reads is refused."""
    assert len(trees()) > 500
    with pytest.raises(SyntaxError, match=r"invalid syntax|only supported in Python 3\.12"):
        ast.parse("type Number = int", feature_version=OLDEST)


def test_nothing_is_imported_that_a_newer_one_has_not() -> None:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]}
            else:
                continue
            assert not names & GONE, path


def test_the_linter_looks_for_the_oldest() -> None:
    """It refuses what that lacks, by name of the module or of the argument, where the parser sees no difference."""
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + "".join(map(str, OLDEST))
    assert sys.version_info[:2] >= OLDEST


@pytest.mark.parametrize("version", [OLDEST, *NEWER], ids=lambda version: ".".join(map(str, version)))
def test_it_runs_on_the_pythons_of_this_machine(version: tuple[int, int]) -> None:
    """Every file compiles without a warning, and what needs no library is imported."""
    python = shutil.which("python{}.{}".format(*version))
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("not installed here")  # what is found may only stand for a Python that is not chosen
    script = (
        "import sys, py_compile\n"
        "for path in sys.argv[1:]: compile(open(path, encoding='utf-8').read(), path, 'exec')\n"
        "sys.path.insert(0, 'src')\n"
        "import keybounds, keybounds.errors, keybounds.protocol, keybounds.reports.catalogue\n"
    )
    files = [str(path) for path in sources()]
    done = subprocess.run(
        [python, "-W", "error", "-c", script, *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_lock_has_each_of_them() -> None:
    """Its closure for each is another test; here, that it is looked at for all of these."""
    text = (ROOT / "tests" / "packaging" / "lock.py").read_text(encoding="utf-8")
    named = set(re.findall(r"3\.(\d+)", text))
    assert {str(minor) for _, minor in (OLDEST, *NEWER)} <= named
