"""The lock: resolved from the pyproject.toml of this tree, complete without a resolver, nothing in it for nothing."""

from __future__ import annotations

import base64
import copy
import hashlib
import importlib.util
import io
import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("packaging_lock", Path(__file__).with_name("lock.py"))
assert spec is not None
assert spec.loader is not None
lock = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lock)

PYPROJECT: dict[str, Any] = tomllib.loads(lock.PYPROJECT.read_text())
TEXT = lock.LOCK.read_text()
PINS = lock.pins(TEXT)
RECORD: dict[str, dict[str, Any]] = json.loads(lock.RECORD.read_text())
ENVIRONMENTS = list(lock.environments())
ROOTS = lock.wanted(PYPROJECT)


def gaps(pins: list[Any], record: dict[str, Any], environment: dict[str, str]) -> list[str]:
    found: list[str] = lock.gaps(ROOTS, pins, record, environment)
    return found


def test_the_lock_was_resolved_from_this_pyproject() -> None:
    assert f"{lock.DIGEST}{lock.digest(PYPROJECT)}\n" in TEXT, "pyproject.toml changed: run `make lock`"


@pytest.mark.parametrize("table", ["build", "dependencies", "extra", "a new extra"])
def test_the_digest_sees_every_table_of_requirements(table: str) -> None:
    changed = copy.deepcopy(PYPROJECT)
    project = changed["project"]
    tables = {
        "build": changed["build-system"]["requires"],
        "dependencies": project["dependencies"],
        "extra": project["optional-dependencies"]["test"],
        "a new extra": project["optional-dependencies"].setdefault("new", []),
    }
    tables[table].append("attrs>=25")
    assert lock.digest(changed) != lock.digest(PYPROJECT)


def test_every_pin_has_hashes_and_is_recorded_and_nothing_else_is() -> None:
    assert set(RECORD) == {str(pin) for pin in PINS}
    assert all(pin.hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in pin.hashes) for pin in PINS)


def test_the_record_agrees_with_what_is_installed() -> None:
    """Where a pin is installed here, its own metadata state the requirements that the index stated to ``make lock``."""
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.requirements import Requirement

    compared = 0
    for pin in PINS:
        try:
            found = distribution(pin.name)
        except PackageNotFoundError:
            continue
        if found.version != str(pin.version):
            continue
        compared += 1
        recorded = {str(Requirement(text)) for text in RECORD[str(pin)]["requires"]}
        assert {str(Requirement(text)) for text in found.requires or ()} == recorded, pin
    assert compared > 20


def test_what_has_no_wheel_is_known() -> None:
    assert {pin.name for pin in PINS if not RECORD[str(pin)]["wheel"]} == set(lock.BUILT)


@pytest.mark.parametrize("python", lock.PYTHONS)
@pytest.mark.parametrize("platform", lock.PLATFORMS)
def test_the_lock_is_closed(platform: str, python: str) -> None:
    chosen = [
        e for e in ENVIRONMENTS if e["python_version"] == python and e.items() >= lock.PLATFORMS[platform].items()
    ]
    assert len(chosen) == len(lock.PATCHES)
    assert [gap for environment in chosen for gap in gaps(PINS, RECORD, environment)] == []


@pytest.mark.parametrize("removed", PINS, ids=str)
def test_without_any_one_pin_the_lock_is_open(removed: Any) -> None:
    """Wherever the pin applies its absence is noticed; a pin that nothing requires would stay unnoticed here."""
    rest = [pin for pin in PINS if pin is not removed]
    places = [environment for environment in ENVIRONMENTS if removed.applies(environment)]
    assert places
    for environment in places[:: max(1, len(places) // 4)]:
        assert any(gap.endswith(f": {removed.name} is not pinned") for gap in gaps(rest, RECORD, environment))


def test_extras_are_followed() -> None:
    """What a dependency's extra requires (``coverage[toml]``) counts, what other extras require does not."""
    coverage = next(str(pin) for pin in PINS if pin.name == "coverage")
    record = {
        **RECORD,
        coverage: {**RECORD[coverage], "requires": ["tomli; extra == 'toml'", "nose; extra == 'other'"]},
    }
    assert gaps(PINS, record, ENVIRONMENTS[0]) == [
        f'{coverage}[toml] requires tomli; extra == "toml": tomli is not pinned'
    ]


@pytest.mark.parametrize(
    ("pin", "change", "complaint"),
    [
        ("numpy", {"version": "1.0"}, "numpy==1.0 is pinned"),
        ("numpy", {"requires-python": ">=4"}, "requires Python >=4"),
        ("rich", {"requires": ["mpmath>=2"]}, "mpmath==1.3.0 is pinned"),
        ("rich", {"requires": ["absent; sys_platform != 'win32'"]}, "absent is not pinned"),
    ],
)
def test_versions_pythons_and_markers_are_checked(pin: str, change: dict[str, Any], complaint: str) -> None:
    (environment,) = [e for e in ENVIRONMENTS[:1] if e["sys_platform"] == "linux"]
    old = next(p for p in PINS if p.name == pin and p.applies(environment))
    new = old._replace(version=change.get("version", old.version))
    record = {**RECORD, str(new): {**RECORD[str(old)], **change}}
    found = gaps([new if p is old else p for p in PINS], record, environment)
    assert found
    assert all(complaint in gap for gap in found)


@pytest.mark.parametrize("line", ["numpy>=2", "numpy==2.*", "numpy[x]==2.1", "numpy"])
def test_a_line_that_pins_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"pins no single version|not enough values"):
        lock.pins(line)


def install_command(venv: Path) -> list[str]:
    """What the Makefile does with the lock, read from make itself."""
    command = ["make", "--dry-run", "--always-make", f"VENV={venv}", f"{venv}/.ready"]
    steps = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    (install,) = [step for step in steps if step.endswith("--requirement requirements.lock")]
    assert any("pip check" in step for step in steps[steps.index(install) :])
    return install.split()


def wheel(folder: Path, name: str, version: str, requires: str = "") -> str:
    """A pure distribution of one module; returns the line that pins it."""
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Provides-Extra: toml"]
    lines += [f"Requires-Dist: {requires}"] if requires else []
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": "\n".join([*lines, ""]),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for file, text in files.items():
        checksum = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{file},sha256={checksum},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def source(folder: Path, name: str, version: str) -> str:
    """A distribution without a wheel, and without a word on what builds it; returns the line that pins it."""
    path = folder / f"{name}-{version}.tar.gz"
    files = {
        "setup.py": f"import setuptools\nsetuptools.setup(name={name!r}, version={version!r}, py_modules=[{name!r}])\n",
        f"{name}.py": f"VERSION = {version!r}\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    with tarfile.open(path, "w:gz") as archive:
        for file, text in files.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{file}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def test_newer_releases_change_nothing(tmp_path: Path) -> None:
    """With a resolver pip would look at the newer release that the extra admits, and refuse it for want of a hash.

    Isolated, it would look for a setuptools to build the source with, and find none here, elsewhere the newest.
    """
    index = tmp_path / "index"
    index.mkdir()
    pinned = wheel(index, "kbcover", "7.0") + wheel(index, "kbplugin", "1.0", "kbcover[toml]>=7.0")
    pinned += source(index, "kbsource", "1.0")
    wheel(index, "kbcover", "8.0")
    (tmp_path / "requirements.lock").write_text(pinned)
    command = [sys.executable, *install_command(tmp_path / "venv")[1:]]
    command[command.index("requirements.lock")] = str(tmp_path / "requirements.lock")
    place = ["--isolated", "--no-index", "--find-links", str(index), "--target", str(tmp_path / "site")]
    subprocess.run([*command, *place], check=True, capture_output=True, env={"PATH": "", "HOME": str(tmp_path)})
    for name, version in {"kbcover": "7.0", "kbplugin": "1.0", "kbsource": "1.0"}.items():
        assert (tmp_path / "site" / f"{name}.py").read_text() == f"VERSION = {version!r}\n"


def test_what_builds_the_sources_comes_first_and_from_the_lock(tmp_path: Path) -> None:
    command = ["make", "--dry-run", "--always-make", f"VENV={tmp_path}", f"{tmp_path}/.ready"]
    steps = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    (cut,) = [step for step in steps if step.startswith("sed")]
    subprocess.run(cut, shell=True, cwd=ROOT, check=True)
    built = lock.pins((tmp_path / "builder.txt").read_text())
    assert built == [pin for pin in PINS if pin.name == "setuptools"]
    assert {lock.Requirement(text).name for text in lock.BUILT.values()} == {"setuptools"}
