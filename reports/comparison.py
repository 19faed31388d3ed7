"""`Comparison`: achievable rates beside ceilings for one subject, with every pair that may be compared, checked."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keybounds.bounds import (
    Bound,
    Check,
    Direction,
    Discussion,
    Quantity,
    Scope,
    Statistics,
    Status,
    Trust,
    Unit,
    check_pairs,
)
from keybounds.formatting import with_uncertainty
from keybounds.reports.intervals import Interval, interval_table, intervals
from keybounds.tables import Cell, Column, Number, Table

DIGITS = 6
_RELATION = {Direction.LOWER: "≥", Direction.UPPER: "≤"}
_SYMBOL = {
    Quantity.KEY_RATE: "key",
    Quantity.CONDITIONAL_ENTROPY: "H(A|E)",
    Quantity.RECONCILIATION: "H(A|B)",
    Quantity.DISTILLABLE_ENTANGLEMENT: "ebits",
    Quantity.QUANTUM_CAPACITY: "Q",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result of `keybounds.compare`.

    Attributes
    ----------
    name, title
        The subject's name on the command line, and a heading.
    rows
        Every bound, lower and upper.
    checks
        Every pair of rows that scopes make comparable, with verdict and gap.
    notes
        What a reader must know to read the rows.
    findings
        Results about the rows as a whole, such as the first dimension with a proven gap.
    table
        The rows for a reader.
    intervals
        For each scope of a ceiling, where its best rate lies; empty where that was not asked for.
    """

    name: str
    title: str
    rows: tuple[Bound, ...]
    checks: tuple[Check, ...]
    table: Table
    notes: tuple[str, ...] = ()
    findings: Mapping[str, Any] = field(default_factory=dict)
    intervals: tuple[Interval, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The table of all rows and, where there are intervals, that of the intervals."""
        if not self.intervals:
            return (self.table,)
        return self.table, interval_table(self.name, self.title, self.intervals, short_scope)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; certificates that several rows share stand once, under their digests."""
        rows, certificates = shared_certificates(row.to_dict() for row in self.rows)
        return {
            "name": self.name,
            "title": self.title,
            "rows": rows,
            "certificates": certificates,
            "checks": [check.to_dict() for check in self.checks],
            "intervals": [interval.to_dict() for interval in self.intervals],
            "findings": dict(self.findings),
            "notes": list(self.notes),
        }

    def to_text(self) -> str:
        """The table and the checks, for a terminal."""
        held = sum(check.holds for check in self.checks)
        lines = [f"{held} of {len(self.checks)} comparable pairs hold (lower bound <= ceiling)."]
        lines += [
            f"VIOLATED: {check.lower.scope.subject}: {check.lower.method} {check.lower.value!r} > "
            f"{check.upper.method} {check.upper.value!r} {check.lower.unit.value}"
            for check in self.checks
            if not check.holds
        ]
        return "\n".join(table.render("text") for table in self.tables) + "\n" + "\n".join(lines) + "\n"


def shared_certificates(rows: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Take out of the documents of some bounds the certificates that occur more than once.

    Entropy, rate per round and rate per second may rest on one certificate of a megabyte.

    Returns
    -------
    rows, certificates
        The documents with ``{"sha256": digest}`` for a shared certificate, and these by digest.
    """
    documents = list(rows)
    texts = [json.dumps(row["certificate"], sort_keys=True) for row in documents]
    often = Counter(texts)
    certificates: dict[str, Any] = {}
    for row, text in zip(documents, texts, strict=True):
        if row["certificate"] is not None and often[text] > 1:
            digest = hashlib.sha256(text.encode()).hexdigest()
            certificates[digest] = row["certificate"]
            row["certificate"] = {"sha256": digest}
    return documents, certificates


def comparison(
    name: str,
    title: str,
    rows: Iterable[Bound],
    *,
    notes: Iterable[str] = (),
    legend: str | None = None,
    with_intervals: bool = False,
) -> Comparison:
    """Check the comparable pairs among `rows` and lay them out as a table, one row a bound, grouped by subject.

    `legend` explains the scopes; by default `SCOPE_LEGEND`. `with_intervals` adds where the best rate of each scope
    lies.

    Raises
    ------
    InconsistencyError
        Two proven rows contradict each other.
    """
    rows, notes = tuple(rows), tuple(notes)
    table = Table(
        name=name,
        title=title,
        columns=(
            Column("subject", "subject"),
            Column("method", "method"),
            Column("quantity", "of"),
            Column("direction", "direction", for_data=True),
            Column("value", "bound"),
            Column("uncertainty", "uncertainty", for_data=True),
            Column("unit", "unit"),
            Column("scope", "scope"),
            Column("status", "status"),
            Column("reference", "source"),
        ),
        rows=tuple(
            (
                row.scope.subject,
                row.method,
                _SYMBOL[row.scope.quantity],
                row.direction.value,
                Number(row.value, value_text(row), prefix=_RELATION[row.direction], is_bound=True),
                _uncertainty(row),
                row.unit.value,
                scope_text(row),
                row.status.value,
                row.reference,
            )
            for row in rows
        ),
        notes=(
            legend or SCOPE_LEGEND,
            *(f"{s.value}: {s.message}." for s in dict.fromkeys(row.status for row in rows)),
            *notes,
        ),
        group="subject",
    )
    return Comparison(
        name=name,
        title=title,
        rows=rows,
        checks=check_pairs(rows),
        table=table,
        notes=notes,
        intervals=intervals(rows) if with_intervals else (),
    )


SCOPE_LEGEND = (
    "Scope: DI device-independent, DD trusted devices; then the class of protocols; (S,Q): the guarantee rests on CHSH "
    "value and key error rate only. Any protocol: where the ceiling is an information, every one that uses both sides "
    "of a round before it discusses its outcomes. H(A|E), H(A|B): entropy in bits of Alice's key symbol after "
    "preprocessing, given Eve's system or Bob's outcome; Â the symbol with its noise, V that the round survives. "
    "I(A:B|E): information of both outcomes given Eve's system. All rates are asymptotic, against collective attacks. "
    "Lower bounds are rounded down, ceilings up; in brackets the uncertainty that a value inherits from printed ones."
)


def _uncertainty(bound: Bound) -> Cell:
    sigma = bound.diagnostics.get("uncertainty")
    return Number.rounded(sigma, 2) if sigma else ""


def value_text(bound: Bound) -> str:
    """The bound's value on its safe side, with the propagated uncertainty of the input where it is known."""
    sigma = bound.diagnostics.get("uncertainty")
    if sigma and bound.status is not Status.NO_KEY:
        return with_uncertainty(bound.value, sigma, bound.direction)
    if bound.status is Status.PUBLISHED:
        return f"{bound.value:g}"
    return Number.rounded(bound.value, DIGITS, bound.direction).text


def scope_text(bound: Bound) -> str:
    """The scope in the tables' short form; `SCOPE_LEGEND` explains it."""
    return short_scope(bound.scope, bound.unit)


def short_scope(scope: Scope, unit: Unit) -> str:
    """`scope_text` of a scope without a bound."""
    if unit is Unit.PER_CHANNEL_USE:
        return _capacity_text(scope)
    parts = ["DI" if scope.trust is Trust.DEVICE_INDEPENDENT else "DD"]
    any_protocol = scope.protocol.discussion is Discussion.ANY
    parts.append("any protocol" if any_protocol else str(scope.protocol))
    if scope.statistics is Statistics.CHSH_AND_ERROR:
        parts.append("(S,Q)")
    return ", ".join(parts)


def _capacity_text(scope: Scope) -> str:
    """The symbol of a channel's capacity: P_0, P_1, P_2, P_2^DI, or Q for the quantum one."""
    letter = "Q" if scope.quantity is Quantity.QUANTUM_CAPACITY else "P"
    index = {Discussion.NONE: "0", Discussion.ONE_WAY: "1"}.get(scope.protocol.discussion, "2")
    return f"{letter}_{index}" + ("^DI" if scope.trust is Trust.DEVICE_INDEPENDENT else "")
