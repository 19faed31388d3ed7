"""What a campaign found: the score with its interval, and every survivor with its change."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.special import betaincinv

Row = Mapping[str, Any]
CONFIDENCE = 0.95
HEAD = "tried | killed | survived | undecided | not covered | equivalent | score % | 95 % interval"
MOST_EQUIVALENT = 0.15  # of the sample; beyond it the arguments, not the tests, would make the score


def interval(successes: int, trials: int) -> tuple[float, float]:
    """Clopper and Pearson's: it holds the true share with the stated probability at least, whatever that is."""
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(successes, trials - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, trials - successes, 1 - tail)) if successes < trials else 1.0
    return low, high


def equivalents(file: Path) -> dict[tuple[Any, ...], str]:
    """Mutants that change nothing, each with its argument."""
    names = ("module", "operator", "line", "change", "occurrence")
    entries = tomllib.loads(file.read_text()).get("equivalent", []) if file.exists() else []
    found = {tuple(entry.get(name, 0) for name in names): entry["why"] for entry in entries}
    if len(found) != len(entries):
        raise ValueError(f"{file}: the same mutant twice")
    return found


@dataclass(frozen=True, slots=True)
class Score:
    """Noticed, of those that are no equivalents. Undecided and uncovered ones were not noticed."""

    verdicts: Counter[str]
    equivalent: int

    @property
    def tried(self) -> int:
        return sum(self.verdicts.values())

    @property
    def line(self) -> str:
        """A row of the table."""
        killed, of = self.verdicts["killed"], self.tried - self.equivalent
        low, high = interval(killed, of) if of else (0.0, 1.0)
        kinds = (self.verdicts[kind] for kind in ("killed", "survived", "undecided", "not covered"))
        share = f"{100 * killed / of:.1f}" if of else ""
        return " | ".join(
            [str(self.tried), *map(str, kinds), str(self.equivalent), share, f"{100 * low:.1f} to {100 * high:.1f}"]
        )


def score(rows: Iterable[Row], known: Mapping[tuple[Any, ...], str]) -> Score:
    found = list(rows)
    same = sum(row["verdict"] != "killed" and tuple(row["key"]) in known for row in found)
    return Score(Counter(row["verdict"] for row in found), same)


def report(rows: Sequence[Row], known: Mapping[tuple[Any, ...], str], unreliable: Sequence[str], heading: str) -> str:
    """Markdown."""
    by_group: defaultdict[str, list[Row]] = defaultdict(list)
    by_operator: defaultdict[str, list[Row]] = defaultdict(list)
    by_module: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_group[row["group"]].append(row)
        by_operator[row["key"][1]].append(row)
        by_module[row["key"][0]].append(row)
    text = [f"# {heading}", ""]
    for title, parts in (("group", by_group), ("operator", by_operator), ("module", by_module)):
        text += [f"| {title} | {HEAD} |", "|---" * 9 + "|"]
        text += [f"| {name} | {score(found, known).line} |" for name, found in sorted(parts.items())]
        text += [f"| **all** | {score(rows, known).line} |", ""]
    total = score(rows, known)
    if total.equivalent > MOST_EQUIVALENT * total.tried:
        text += [f"More than {MOST_EQUIVALENT:.0%} are called equivalent: the score does not count.", ""]
    wrong = [row for row in rows if row["verdict"] == "killed" and tuple(row["key"]) in known]
    text += [f"Called equivalent, but noticed: {' '.join(map(str, row['key']))}" for row in wrong]
    text += [f"Fails in the unchanged tree too, so that what it noticed does not count: {test}" for test in unreliable]
    for title, wanted in (("Survivors", False), ("Equivalents", True)):
        text += ["", f"## {title}", ""]
        for row in sorted(rows, key=lambda row: (row["key"][0], row["number"])):
            key = tuple(row["key"])
            if row["verdict"] != "killed" and (key in known) is wanted:
                text += [f"### {key[0]}:{row['number']} {key[1]}: {row['verdict']}", ""]
                text += ["```diff", row["diff"], "```", ""]
                text += [known[key], ""] if wanted else []
    return "\n".join(text)
