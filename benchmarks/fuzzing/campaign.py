"""Edited certificates through the verifier, each acceptance judged by an evaluator that shares nothing with it.

    python benchmarks/fuzzing/campaign.py --documents 100000 --seed 1

Three in five documents are an accepted one (tests/certificates/documents) with one place changed; one in five is one
whose value is beyond what its data prove, and one place changed: what would have to go unnoticed for it to pass; one in
five has two places changed. Half of the places are such where a number stands. Kinds take turns, and among closed forms
the formulas. Reported by kind: how many came to the last comparison, of the value with what is derived, and how many
were accepted; and all that must not be: accepted documents that the evaluator (tests/certificates/evaluation) calls
false, or whose sentence says something else by a second reading (tests/certificates/sentence.py), tracebacks, documents
of over ten seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "proofs"), str(ROOT / "tests" / "certificates")]

Document = dict[str, Any]

LONGEST = 10.0  # seconds
SINGLE, FALSE = 0.6, 0.2  # shares; the rest are edited twice


@dataclass
class Tally:
    """What came of the documents of one kind."""

    documents: int = 0
    single: int = 0
    last_clause: int = 0
    accepted: int = 0
    seconds: float = 0.0


@dataclass
class Outcome:
    """What came of a campaign."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    malformed: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    cases: list[Document] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        """Of all kinds."""
        tallies = self.kinds.values()
        return Tally(*(sum(getattr(one, name) for one in tallies) for name in Tally.__dataclass_fields__))

    def __str__(self) -> str:
        lines = [f"{'kind':24}{'documents':>10}{'single edits':>14}{'last clause':>13}{'accepted':>10}{'CPU s':>8}"]
        for kind, one in [*sorted(self.kinds.items()), ("all", self.total)]:
            lines.append(
                f"{kind:24}{one.documents:10}{one.single:14}{one.last_clause:13}{one.accepted:10}{one.seconds:8.0f}"
            )
        lines.append(f"accepted and called false: {len(self.wrong)}")
        lines.append(f"accepted and read otherwise: {len(self.misread)}")
        lines.append(f"tracebacks: {len(self.tracebacks)}")
        lines.append(f"over {LONGEST:.0f} s: {len(self.slow)}; the slowest took {self.slowest:.2f} s")
        lines.append(f"rejected as malformed, not by a clause: {sum(self.malformed.values())}")
        lines += [f"  {count} {reason}" for reason, count in self.malformed.most_common()]
        return "\n".join([*lines, *self.wrong, *self.misread, *self.tracebacks, *self.slow])


def beyond(document: Document, evaluator: Any) -> Document | None:
    """The document with a value a little beyond what its data prove; None where that is no value."""
    stated = document["statement"]
    if document["kind"] == "finite key":
        length = int(evaluator.key_length(document["data"], stated["value"])) + 1
        return {**document, "statement": {**stated, "value": length}}
    if document["kind"] == "local weight":
        width = Fraction(1, 10**6)
        lower = _exact(stated["lower"]) + width
        return {**document, "statement": {**stated, "lower": str(lower)}}
    found, rate = evaluator.proven(document), _exact(stated["scale"]["rate"]) if "scale" in stated else Fraction(1)
    value = Fraction(str(float(found.value))) * rate
    step = max(abs(value) / 10**7, Fraction(1, 10**7) * rate)
    value += step if found.direction == "lower" else -step
    return {**document, "statement": {**stated, "value": str(value)}} if value > 0 else None


def _exact(value: int | str) -> Fraction:
    if isinstance(value, int):
        return Fraction(value)
    mantissa, power, exponent = value.partition("p")
    return Fraction(mantissa) * (Fraction(2) ** int(exponent) if power else 1)


def strata(documents: dict[str, Document]) -> list[tuple[str, list[str]]]:
    """Names by kind, and closed forms by formula; a closed form takes a quarter of the turns of another kind."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, document in documents.items():
        groups.setdefault((document["kind"], document["data"].get("formula", "")), []).append(name)
    turns = []
    for (kind, formula), names in groups.items():
        turns += [(kind, names)] * (1 if formula else 4)
    return turns


def edited(
    documents: dict[str, Document], count: int, seed: int, evaluator: Any, edits: Any
) -> Iterator[tuple[str, str, bool, Document]]:
    """For each: the name of the sample, its kind, whether one place of an accepted document was changed, and it."""
    rng, turns = random.Random(seed), strata(documents)
    groups = {name: edits.groups_of(document) for name, document in documents.items()}
    numbers = {name: edits.groups_of(document, numbers=True) for name, document in documents.items()}
    false = {name: beyond(document, evaluator) for name, document in documents.items()}
    pool = list(documents.values())
    for k in range(count):
        kind, names = turns[k % len(turns)]
        name, draw = rng.choice(names), rng.random()
        base = false[name] if SINGLE <= draw < SINGLE + FALSE else documents[name]
        where = rng.choice((groups, numbers))[name]
        document = edits.edit(base or documents[name], rng, pool, where)[1]
        if draw >= SINGLE + FALSE and document:
            document = edits.edit(document, rng, pool)[1]
        yield name, kind, draw < SINGLE, document


def campaign(
    documents: dict[str, Document], count: int, seed: int, verification: Any, evaluator: Any, reader: Any, edits: Any
) -> Outcome:
    """Verify `count` edited documents; `verification` is the verifier's module, whose last comparison is counted."""
    outcome, reached = Outcome(), 0
    decide = verification._decide

    def counted(*end: Any) -> str:
        nonlocal reached
        reached = 1
        return str(decide(*end))

    verification._decide = counted
    try:
        for name, kind, single, document in edited(documents, count, seed, evaluator, edits):
            tally = outcome.kinds.setdefault(kind, Tally())
            tally.documents += 1
            tally.single += single
            reached, start = 0, time.process_time()
            try:
                verdict = verification.verify(document)
                text = str(verdict)
            except Exception as error:  # what must not be
                outcome.tracebacks.append(f"{name}: {type(error).__name__}: {error}")
                outcome.cases.append(document)
                continue
            seconds = time.process_time() - start
            tally.seconds += seconds
            tally.last_clause += reached
            outcome.slowest = max(outcome.slowest, seconds)
            if seconds > LONGEST:
                outcome.slow.append(f"{name}: {seconds:.1f} s: {text[:200]}")
                outcome.cases.append(document)
            if verdict.reason.startswith("malformed"):
                outcome.malformed[verdict.reason[:120]] += 1
            if verdict.accepted:
                tally.accepted += 1
                reason = evaluator.judge(document)
                if reason:
                    outcome.wrong.append(f"{name}: {reason}")
                    outcome.cases.append(document)
                try:
                    otherwise = reader.differences(text, document)
                except ValueError:
                    otherwise = ["no sentence"]
                if otherwise:
                    outcome.misread.append(f"{name}: {', '.join(otherwise)}")
                    outcome.cases.append(document)
    finally:
        verification._decide = decide
    return outcome


def main() -> int:
    """Run one campaign; exit 1 if anything was found."""
    import edits
    import evaluation
    import sentence
    from verifier import verification

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=Path, help="where documents that were wrongly treated are written")
    given = parser.parse_args()
    folder = ROOT / "tests" / "certificates" / "documents"
    documents = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    start = time.process_time()
    outcome = campaign(documents, given.documents, given.seed, verification, evaluation, sentence, edits)
    print(outcome)
    print(f"{time.process_time() - start:.0f} CPU seconds, with the evaluator")
    if given.cases:
        given.cases.write_text(json.dumps(outcome.cases))
    return 1 if outcome.wrong or outcome.misread or outcome.tracebacks or outcome.slow else 0


if __name__ == "__main__":
    sys.exit(main())
