"""Where the best key of each scope lies: the greatest proven lower bound, the least proven ceiling, and their gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from keybounds.bounds import Bound, Direction, Quantity, Scope, Status, Unit, comparable
from keybounds.formatting import significant
from keybounds.tables import Column, Number, Table

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Interval:
    """The best rate of one scope lies in [lower, upper].

    Attributes
    ----------
    scope, unit
        What is bounded, per what.
    lower
        The greatest proven rate of this scope or a narrower one; None where none is proven.
    upper
        The least proven ceiling on this scope or a wider one.
    """

    scope: Scope
    unit: Unit
    lower: Bound | None
    upper: Bound

    @property
    def width(self) -> float:
        """Ceiling minus achievable rate; for a one-way scope the width of the sandwich of the protocol's own rate."""
        return self.upper.value - (self.lower.value if self.lower is not None else 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "scope": self.scope.to_dict(),
            "unit": self.unit.value,
            "lower": self.lower.value if self.lower is not None else 0.0,
            "lower_method": self.lower.method if self.lower is not None else None,
            "upper": self.upper.value,
            "upper_method": self.upper.method,
            "width": self.width,
        }


def intervals(bounds: Iterable[Bound]) -> tuple[Interval, ...]:
    """One interval for each scope and unit for which a key ceiling is among `bounds`; quoted values take no part."""
    proven = [b for b in bounds if b.status.proven and b.scope.quantity is Quantity.KEY_RATE]
    ceilings = [bound for bound in proven if bound.direction is Direction.UPPER]
    found = []
    for scope, unit in dict.fromkeys((bound.scope, bound.unit) for bound in ceilings):
        above = [c for c in ceilings if c.unit is unit and scope.within(c.scope)]
        here = next(c for c in above if c.scope == scope)
        below = [b for b in proven if comparable(b, here) and b.status is not Status.NO_KEY]
        best = max(below, key=lambda bound: bound.value, default=None)
        found.append(Interval(scope, unit, best, min(above, key=lambda bound: bound.value)))
    return tuple(found)


def interval_table(name: str, title: str, found: Iterable[Interval], scope_text: Callable[[Scope, Unit], str]) -> Table:
    """Lay the intervals out, one row each, grouped by subject; `scope_text` shortens a bound's scope."""
    rows = []
    for interval in found:
        low = interval.lower.value if interval.lower is not None else 0.0
        here = interval.upper if interval.upper.scope == interval.scope else None
        rows.append(
            (
                interval.scope.subject,
                scope_text(interval.scope, interval.unit),
                replace(Number.rounded(low, DIGITS, Direction.LOWER, prefix="≥"), is_bound=interval.lower is not None),
                interval.lower.method if interval.lower is not None else "none proven",
                Number.rounded(interval.upper.value, DIGITS, Direction.UPPER, prefix="≤"),
                interval.upper.method + ("" if here is not None else " (of a wider scope)"),
                Number(interval.width, significant(interval.width, 3, Direction.UPPER)),
                interval.unit.value,
            )
        )
    return Table(
        name=f"{name}-intervals",
        title=f"{title}: where the best rate lies",
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
        rows=tuple(rows),
        group="subject",
    )
