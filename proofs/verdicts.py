"""The verdicts of the claims on record, for those who cite a claim and do not run its proof.

``verdicts.json`` holds what ``keybounds prove`` found when ``python -m keybounds.proofs.verdicts`` last wrote it; a
test holds it against the proofs. A certificate that rests on a claim which is not PROVED says so in its reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from keybounds.files import write_atomically
from keybounds.proofs.citations import cited_names

if TYPE_CHECKING:
    from keybounds.proofs.claim import Report

RECORD = Path(__file__).with_name("verdicts.json")


@cache
def recorded() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Verdict of each claim, and what is missing of one that is not PROVED."""
    data = json.loads(RECORD.read_text(encoding="utf-8"))
    return {name: (entry["verdict"], tuple(entry["missing"])) for name, entry in data.items()}


def annotated(reference: str) -> str:
    """The reference of a bound, with what is missing of each claim in it that is not proved, or not on record.

    Examples
    --------
    >>> annotated("this project, claim er-exact")
    'this project, claim er-exact'
    """
    remarks = []
    for name in sorted(cited_names(reference)):
        if name not in recorded():
            remarks.append(f"claim {name} is not on record")
            continue
        verdict, missing = recorded()[name]
        if verdict != "PROVED":
            remarks.append(f"claim {name} is {verdict}, missing: {'; '.join(missing)}")
    return reference + "".join(f" [{remark}]" for remark in remarks)


def record_of(reports: Iterable[Report]) -> str:
    """The record of reports as it stands in the file."""
    data = {one.name: {"verdict": one.verdict.value, "missing": list(one.missing)} for one in reports}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    from keybounds.proofs import prove

    write_atomically(RECORD, record_of(prove()))
