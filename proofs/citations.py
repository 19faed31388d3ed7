"""Which modules of the package rely on which claim, read off their sources.

A module relies on a claim by naming it: "claim ``nearly-covariant``" in a docstring, "this project, claim
ppt-channel" in the reference of a bound, or several names in a row, as in "claims ``er-ceiling`` and ``crossings``".
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_NAME = r"(?:``)?[a-z]+(?:-[a-z]+)*(?:``)?"
_CITATION = re.compile(rf"\bclaims?\s+(``[a-z-]+``(?:(?:,|\s+and)\s+{_NAME})*)|project, claims? ([a-z]+(?:-[a-z]+)*)")


def cited_names(source: str) -> set[str]:
    """Return the names of claims that the text of a module cites."""
    found = set()
    for match in _CITATION.finditer(source):
        listed = match[1] or match[2]
        found |= set(re.findall(r"``([a-z-]+)``", listed)) if match[1] else {listed}
    return found


def citations() -> dict[str, tuple[str, ...]]:
    """Return, for each claim that is cited, the names of the modules outside `proofs` that cite it, sorted."""
    package = Path(__file__).parent.parent
    found: dict[str, set[str]] = {}
    for folder, folders, files in os.walk(package, followlinks=True):
        folders[:] = [name for name in folders if name != "proofs" and not name.startswith((".", "__"))]
        for file in files:
            if file.endswith(".py"):
                path = Path(folder) / file
                module = ".".join(("keybounds", *path.relative_to(package).with_suffix("").parts))
                for name in cited_names(path.read_text(encoding="utf-8")):
                    found.setdefault(name, set()).add(module)
    return {name: tuple(sorted(modules)) for name, modules in sorted(found.items())}
