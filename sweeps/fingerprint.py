"""What determines a number beside its inputs: the package, its sources and data, and the libraries that compute.

Numbers of another version of anything here are other numbers: they have other addresses in a store, and nobody gets one
for the other. Every bound is proven whatever computed it; what changes from one version to the next is its last digits.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import keybounds

FLOORS = ("bounds", "channels", "experiments", "proofs", "states", "sweeps")
"""Folders of which numbers are made; the foundation's modules stand beside them."""

LIBRARIES = ("clarabel", "cvxpy", "llvmlite", "mpmath", "numba", "numpy", "python-flint", "qics", "qutip", "scipy")
"""Libraries that compute; the optional ones count as absent where they are."""

SUFFIXES = (".py", ".toml", ".json", ".csv")


def source_digest(package: Path) -> str:
    """SHA-256 of the sources and data sets of which numbers are made, wherever the package lies."""
    digest = hashlib.sha256()
    for path in _sources(package):
        content = path.read_bytes()
        name = path.relative_to(package) if path.is_relative_to(package) else path
        digest.update(f"{name.as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def ingredients() -> Mapping[str, str]:
    """Everything that a number depends on beside its inputs, by name."""
    return {
        "keybounds": keybounds.__version__,
        "sources": source_digest(Path(keybounds.__file__).parent),
        "python": platform.python_version(),
        "machine": f"{sys.platform} {platform.machine()}",
        **{library: _version(library) for library in LIBRARIES},
    }


def described(parts: Mapping[str, str]) -> str:
    """The text of these ingredients, of which addresses are made."""
    return "\n".join(f"{name} {part}" for name, part in sorted(parts.items()))


@cache
def fingerprint() -> str:
    """The text of what this process computes with; sources that change later are not what it runs."""
    return described(ingredients())


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"


def _sources(package: Path) -> list[Path]:
    found = [path for path in package.iterdir() if path.suffix in SUFFIXES]
    for floor in FLOORS:
        for folder, _, names in os.walk(package / floor):  # a floor may be a link, which Path.rglob would not enter
            found += [Path(folder, name) for name in names if name.endswith(SUFFIXES)]
    return sorted(found)


def difference(text: str) -> str | None:
    """Where what this process computes with differs from another's text: "numpy 2.1.0 instead of 2.2.0"; or None."""
    if text == fingerprint():
        return None
    mine, other = (dict(line.split(" ", 1) for line in one.splitlines()) for one in (fingerprint(), text))
    return ", ".join(
        f"{name} {mine.get(name, 'absent')} instead of {other.get(name, 'absent')}"
        for name in sorted(mine.keys() | other.keys())
        if mine.get(name) != other.get(name)
    )
