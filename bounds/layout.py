"""An answer laid out for a reader: one row a bound, then where the best rate of each scope lies."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from keybounds.bounds.bound import SYMBOLS, Bound, Scale, Status, Unit
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.scope import Adversary, Quantity, Scope, Statistics, Trust
from keybounds.enclosure import Direction
from keybounds.formatting import significant, with_uncertainty
from keybounds.protocol import Discussion
from keybounds.tables import Cell, Column, Number, Table

if TYPE_CHECKING:
    from keybounds.bounds.answer import Answer, Interval

DIGITS = 6
_RELATION = {Direction.LOWER: "≥", Direction.UPPER: "≤"}


def answer_tables(answer: Answer) -> tuple[Table, ...]:
    """The rows and, where there are any, the intervals, both grouped by subject."""
    rows = _rows_table(answer)
    return (rows, _interval_table(answer)) if answer.intervals else (rows,)


def answer_text(answer: Answer, tables: Iterable[Table] | None = None) -> str:
    """The answer for a terminal: `tables`, by default `answer_tables`, and how many comparable pairs hold."""
    shown = answer_tables(answer) if tables is None else tables
    text = "\n".join(table.render("text") for table in shown)
    if not answer.rows:  # headings of nothing say nothing
        text = "\n".join([answer.title, "", *answer.notes, ""])
    if answer.headline:
        text = "\n".join([*textwrap.wrap(answer.headline, 120), "", text])
    if not answer.checks:
        return text
    held = sum(check.holds for check in answer.checks)
    violated = "".join(
        f"VIOLATED: {check.lower.subject}: {check.lower.method} {check.lower.value!r} > "
        f"{check.upper.method} {check.upper.value!r} {check.lower.unit.value}\n"
        for check in answer.checks
        if not check.holds
    )
    return f"{text}\n{held} of {len(answer.checks)} comparable pairs hold (lower bound <= ceiling).\n{violated}"


def legend(answer: Answer) -> tuple[str, ...]:
    """What the columns' signs mean, as far as they occur in the answer: scopes, statuses, units at a stated rate."""
    statuses = dict.fromkeys(row.status for row in answer.rows)
    return (
        " ".join(_scope_sentences(answer)),
        *(f"{status.value}: {status.message}." for status in statuses),
        *_scale_notes(answer.bounds),
    )


def value_text(bound: Bound) -> str:
    """The bound's value on its safe side, with the propagated uncertainty of the input where it is known."""
    sigma = bound.diagnostics.get("uncertainty")
    if sigma and bound.status is not Status.NO_KEY:
        return with_uncertainty(bound.value, sigma, bound.direction)
    if bound.status is Status.PUBLISHED:
        return f"{bound.value:g}"
    return significant(bound.value, DIGITS, bound.direction) + (" (n/a)" if _unknown_error(bound) else "")


def _unknown_error(bound: Bound) -> bool:
    """Whether a standard error belongs to the value and is not available."""
    return bound.status is not Status.NO_KEY and bound.diagnostics.get("uncertainty", 0.0) is None


def short_scope(scope: Scope) -> str:
    """A scope in the tables' short form, which `legend` explains."""
    if scope.thing.kind == "channel":
        return _capacity(scope)
    parts = ["DI" if scope.trust is Trust.DEVICE_INDEPENDENT else "DD", str(scope.protocol)]
    if scope.statistics is Statistics.CHSH_AND_ERROR:
        parts.append("(S,Q)")
    if scope.adversary is not Adversary.COLLECTIVE:
        parts.append(scope.adversary.value)
    return ", ".join(parts)


def _capacity(scope: Scope) -> str:
    """The symbol of a channel's capacity: P_0, P_1, P_2, P_2^DI, or Q_2 for a quantum one."""
    letter = "Q" if scope.quantity is Quantity.QUANTUM_CAPACITY else "P"
    index = {Discussion.NONE: "0", Discussion.ONE_WAY: "1"}.get(scope.protocol.discussion, "2")
    return f"{letter}_{index}" + ("^DI" if scope.trust is Trust.DEVICE_INDEPENDENT else "")


def _rows_table(answer: Answer) -> Table:
    return Table(
        name=answer.name,
        title=answer.title,
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
        rows=tuple(_bound_row(row) if isinstance(row, Bound) else _key_row(row) for row in answer.rows),
        notes=(*legend(answer), *answer.notes),
        group="subject",
    )


def _bound_row(bound: Bound) -> tuple[Cell, ...]:
    sigma = bound.diagnostics.get("uncertainty")
    return (
        bound.subject,
        bound.method,
        SYMBOLS[bound.scope.quantity],
        bound.direction.value,
        Number(bound.value, value_text(bound), prefix=_RELATION[bound.direction], is_bound=True),
        Number.rounded(sigma, 2) if sigma else "not available" if _unknown_error(bound) else "",
        bound.unit.value,
        short_scope(bound.scope),
        bound.status.value,
        bound.reference,
    )


def _key_row(key: FiniteKey) -> tuple[Cell, ...]:
    return (
        f"run of {key.rounds} rounds, soundness {key.soundness:g}",
        f"{key.theorem}, {key.extractor} extractor",
        "key",
        Direction.LOWER.value,
        Number(key.length, str(key.length), prefix="≥", is_bound=True),
        "",
        "bit",
        f"DI, {key.adversary.value}",
        key.status.value,
        key.reference,
    )


def _interval_table(answer: Answer) -> Table:
    return Table(
        name=f"{answer.name}-intervals",
        title=f"{answer.title}: where the best rate lies",
        columns=(
            Column("subject", "subject"),
            Column("scope", "scope"),
            Column("lower", "achieved"),
            Column("lower_method", "by"),
            Column("upper", "ceiling"),
            Column("upper_method", "by"),
            Column("width", "gap"),
            Column("unit", "unit"),
        ),
        rows=tuple(_interval_row(interval) for interval in answer.intervals),
        group="subject",
    )


def _interval_row(interval: Interval) -> tuple[Cell, ...]:
    wider = "" if interval.upper.scope == interval.scope else " (of a wider scope)"
    achieved = Number.rounded(interval.low, DIGITS, Direction.LOWER, prefix="≥")
    return (
        interval.label,
        short_scope(interval.scope),
        replace(achieved, is_bound=interval.lower is not None),
        interval.lower.method if interval.lower is not None else "none proven",
        Number.rounded(interval.upper.value, DIGITS, Direction.UPPER, prefix="≤"),
        interval.upper.method + wider,
        Number(interval.width, significant(interval.width, 3, Direction.UPPER)),
        interval.unit.value,
    )


def _scope_sentences(answer: Answer) -> Iterator[str]:
    bounds = answer.bounds
    plain = [bound.scope for bound in bounds if bound.scope.thing.kind != "channel"]
    channels = [bound.scope for bound in bounds if bound.scope.thing.kind == "channel"]
    untrusted = [scope for scope in plain if scope.trust is Trust.DEVICE_INDEPENDENT]
    if plain:
        yield "Scope: DI device-independent, DD trusted devices; then the class of protocols."
    discussions = {scope.protocol.discussion for scope in untrusted}
    if Discussion.COMPLETED_ROUNDS in discussions:
        yield (
            "Completed rounds: any public discussion of the outcomes of rounds of which both sides have been used; any "
            "discussion: at any time, so that what is said of one outcome may decide a setting of the same round."
        )
    elif Discussion.ANY in discussions:
        yield "Any discussion: in public and at any time."
    if Discussion.TWO_WAY in discussions:
        yield "I(A:B|E): information of both outcomes given Eve's system."
    if any(scope.statistics is Statistics.CHSH_AND_ERROR for scope in plain):
        yield "(S,Q): the guarantee rests on CHSH value and key error only."
    if any(not scope.quantity.best_rate for scope in plain):
        yield (
            "H(A|E), H(A|B): entropy in bits of Alice's key symbol after preprocessing, given Eve's system or Bob's "
            "outcome; Â the symbol with its noise, V that the round survives."
        )
    if channels:
        yield "Scope: P_0, P_1, P_2 private capacity with no, one-way and any public communication of trusted parties."
    if any(scope.trust is Trust.DEVICE_INDEPENDENT for scope in channels):
        yield (
            "P_2^DI: with untrusted devices, here against iid devices without communication and so against every class."
        )
    if any(scope.quantity is Quantity.QUANTUM_CAPACITY for scope in channels):
        yield "Q_2: quantum capacity with any classical communication, whose ceilings are none on key."
    if answer.keys:
        yield "Whole bits of key of a finite run at its soundness: no rate, and held against no ceiling."
    if bounds:
        yield "All rates are asymptotic, against collective attacks. Lower bounds are rounded down, ceilings up."
    if any(bound.diagnostics.get("uncertainty") for bound in bounds):
        yield "In brackets one standard deviation that a value inherits from the data."
    if any(_unknown_error(bound) for bound in bounds):
        yield "(n/a): that is not available."


def _scale_notes(bounds: Iterable[Bound]) -> Iterator[str]:
    """How the units that were changed are to be read: the rate is part of the statement."""
    scales = dict.fromkeys((bound.unit, bound.scale) for bound in bounds if bound.scale is not None)
    for unit, scale in scales:
        yield f"{unit.value}: {_stated(unit, scale)}."


def _stated(unit: Unit, scale: Scale) -> str:
    if unit is Unit.PER_HERALD:
        return f"each heralded pair counts as one {scale.unit.counted}"
    return f"at {scale} a second"
