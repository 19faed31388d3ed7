"""docs/prior-art.md has a row for each result of this project, and cites what the bibliography knows."""

from __future__ import annotations

import re
from pathlib import Path

from keybounds.proofs.claims import claims

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "prior-art.md").read_text(encoding="utf-8")
ROWS = [re.split(r"(?<!\\)\|", line)[1:-1] for line in PAGE.splitlines() if line.startswith("|")]
ASKED = (  # works that a reader of the field will look for
    *("zhang2020", "arqand2025", "arqandtan2025", "wooltorton2026", "hahn2025", "kossmann2024", "naceur2025"),
    *("horodecki2008", "pankowski2010", "horodecki2007"),
)


def test_every_result_of_this_project_has_a_row_with_what_is_nearest_and_what_differs() -> None:
    rows = {name: row for row in ROWS for name in re.findall(r"`([a-z0-9-]+)`", row[0])}
    for claim in claims():
        if "this project" in claim.source:
            _, nearest, differs = rows[claim.name]
            assert len(nearest.strip()) > 10
            assert len(differs.strip()) > 10


def test_every_work_on_the_page_is_in_the_bibliography() -> None:
    keys = set(re.findall(r"^@\w+\{(\w+),", (ROOT / "reports" / "refs.bib").read_text(encoding="utf-8"), re.MULTILINE))
    cited = set(re.findall(r"\b[a-z]+(?:19|20)\d\d\b", PAGE))
    assert cited <= keys
    assert set(ASKED) <= cited


def test_each_source_of_a_claim_is_compared_in_its_row() -> None:
    """What a result of this project is said to be `after` stands in its row."""
    rows = {name: " ".join(row) for row in ROWS for name in re.findall(r"`([a-z0-9-]+)`", row[0])}
    for claim in claims():
        if "this project" in claim.source:
            assert all(key in rows[claim.name] for key in re.findall(r"[a-z]+(?:19|20)\d\d", claim.source)), claim.name
