"""requirements.lock and the record beside it: what every pinned distribution requires, and whether the pins cover it.

``make lock`` runs this file after the resolver has written the pins. It writes into the lock a digest of the tables of
pyproject.toml from which the lock was resolved, and beside it ``requirements.record.json``: the Requires-Dist (extras
and markers included) and the Requires-Python of every pin. From the two files :func:`gaps` decides without a network
whether an installation that resolves nothing is complete, for any Python and platform; ``pip check`` sees only the
environment it runs in, and no extras.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT, LOCK, RECORD = ROOT / "pyproject.toml", ROOT / "requirements.lock", ROOT / "requirements.record.json"
DIGEST = "# Resolved from the tables of pyproject.toml with sha256 "

# No wheel of these exists: code states their requirements, and may state others on another Python than that of
# `make lock`. Who adds one has read that code, and looked at what builds it. The setup.py of qics requires numpy,
# scipy and numba; on Python 3.13 it wants a release candidate of numba, which the Makefile overrules.
BUILT = {"qics": "setuptools>=70.1"}

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Markers may single out early patch releases of a Python (backports of its library), so each is taken young and old.
PATCHES = (0, 99)
PLATFORMS = {
    "linux x86_64": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "linux aarch64": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
    "macOS arm64": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    "macOS x86_64": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "x86_64"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
}


requirement_of = functools.cache(Requirement)  # the same few hundred lines are read for every environment


class Pin(NamedTuple):
    """One line of the lock."""

    name: str
    version: Version
    marker: Marker | None
    hashes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    def applies(self, environment: Mapping[str, str]) -> bool:
        return self.marker is None or self.marker.evaluate(dict(environment))


def environments() -> Iterator[dict[str, str]]:
    """Marker environments of every supported Python on every supported platform (CPython)."""
    for python in PYTHONS:
        for platform in PLATFORMS.values():
            for patch in PATCHES:
                yield {
                    **platform,
                    "python_version": python,
                    "python_full_version": f"{python}.{patch}",
                    "implementation_name": "cpython",
                    "implementation_version": f"{python}.{patch}",
                    "platform_python_implementation": "CPython",
                    "platform_release": "",
                    "platform_version": "",
                    "os_name": "nt" if platform["sys_platform"] == "win32" else "posix",
                }


def pins(text: str) -> list[Pin]:
    """The pins of a lock; a line that pins no single version is a ``ValueError``."""
    found = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        content = line.split("#")[0].strip()
        if not content:
            continue
        requirement, *hashes = content.split("--hash=")
        parsed = Requirement(requirement)
        (specifier,) = parsed.specifier
        if specifier.operator != "==" or "*" in specifier.version or parsed.extras or parsed.url:
            raise ValueError(f"{requirement!r} pins no single version")
        version = Version(specifier.version)
        found.append(Pin(canonicalize_name(parsed.name), version, parsed.marker, tuple(h.strip() for h in hashes)))
    return found


def wanted(pyproject: Mapping[str, Any]) -> list[str]:
    """What the project requires: its dependencies, every extra, and what builds it and the pins without a wheel."""
    project = pyproject["project"]
    extras = project["optional-dependencies"].values()
    building = [*pyproject["build-system"]["requires"], *BUILT.values()]
    return [*building, *project["dependencies"], *(requirement for extra in extras for requirement in extra)]


def digest(pyproject: Mapping[str, Any]) -> str:
    """SHA-256 of the tables of requirements: of the build, of the project, of its extras."""
    project = pyproject["project"]
    tables = [pyproject["build-system"]["requires"], project["dependencies"], project["optional-dependencies"]]
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def gaps(
    roots: Iterable[str], lock: Iterable[Pin], record: Mapping[str, Mapping[str, Any]], environment: Mapping[str, str]
) -> list[str]:
    """What is missing when the pins that apply in an environment are installed and nothing else is.

    Every requirement of the project and, transitively, of every pinned distribution whose marker applies, with the
    extras that were asked for, must be pinned once at a version that it admits; a pin must admit the Python.
    """
    here: dict[str, Pin] = {}
    missing = []
    for pin in lock:
        if not pin.applies(environment):
            continue
        if pin.name in here:
            missing.append(f"{pin.name} is pinned twice: {here[pin.name].version}, {pin.version}")
        here[pin.name] = pin
        python = record[str(pin)]["requires-python"]
        if python and not SpecifierSet(python).contains(environment["python_full_version"]):
            missing.append(f"{pin} requires Python {python}")
    todo = [(requirement_of(text), ("", "")) for text in roots]
    todo += [(requirement_of(text), (str(pin), "")) for pin in here.values() for text in record[str(pin)]["requires"]]
    seen: set[tuple[str, str]] = set()
    while todo:
        requirement, (parent, extra) = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({**environment, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        asker = f"{parent}[{extra}]" if extra else parent or "pyproject.toml"
        if name not in here:
            missing.append(f"{asker} requires {requirement}: {name} is not pinned")
            continue
        pin = here[name]
        if not requirement.specifier.contains(pin.version, prereleases=True):
            missing.append(f"{asker} requires {requirement}: {pin} is pinned")
        for part in map(canonicalize_name, requirement.extras):
            if (name, part) not in seen:
                seen.add((name, part))
                todo += [(requirement_of(text), (str(pin), part)) for text in record[str(pin)]["requires"]]
    return missing


def metadata(lock: Iterable[Pin], python: str) -> dict[str, dict[str, Any]]:
    """Requires-Dist and Requires-Python of pins, as pip reads them for a Python, and whether there is a wheel."""
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder) / "pins.txt", Path(folder) / "report.json"
        listed.write_text("".join(f"{pin} {' '.join(f'--hash={h}' for h in pin.hashes)}\n" for pin in lock))
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
        command += ["--require-hashes", "--requirement", str(listed), "--report", str(report)]
        command += ["--python-version", python, "--target", str(Path(folder) / "nothing")]
        subprocess.run(command, check=True)
        answers = json.loads(report.read_text())["install"]
    found = {}
    for answer in answers:
        stated = answer["metadata"]
        found[f"{canonicalize_name(stated['name'])}=={Version(stated['version'])}"] = {
            "requires-python": stated.get("requires_python", ""),
            "requires": sorted(stated.get("requires_dist", [])),
            "wheel": answer["download_info"]["url"].endswith(".whl"),
        }
    return found


def main() -> None:
    """Complete a lock that was just resolved: digest, record, and the check that it is closed."""
    pyproject = tomllib.loads(PYPROJECT.read_text())
    text = re.sub(rf"^{re.escape(DIGEST)}.*\n", "", LOCK.read_text(), flags=re.MULTILINE)
    body = re.search(r"^[^#]", text, re.MULTILINE)
    start = body.start() if body else len(text)
    LOCK.write_text(f"{text[:start]}{DIGEST}{digest(pyproject)}\n{text[start:]}")
    lock = pins(LOCK.read_text())
    record: dict[str, dict[str, Any]] = {}
    for environment in environments():
        new = {pin.name: pin for pin in lock if pin.applies(environment) and str(pin) not in record}
        if new:
            record |= metadata(new.values(), environment["python_version"])
    RECORD.write_text(json.dumps(dict(sorted(record.items())), indent=1, ensure_ascii=False) + "\n")
    open_ends = {gap for environment in environments() for gap in gaps(wanted(pyproject), lock, record, environment)}
    if open_ends:
        raise SystemExit("the lock is not closed:\n" + "\n".join(sorted(open_ends)))


if __name__ == "__main__":
    main()
