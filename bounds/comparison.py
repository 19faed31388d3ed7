"""Hold lower bounds against ceilings: only the pairs that their scopes make comparable, every one of them checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from keybounds.bounds.bound import Bound, Direction
from keybounds.errors import InconsistencyError
from keybounds.thing import Thing

INPUT_ROUNDING = 1e-12
"""Bits that a pair may overlap: a table of doubles is not quite that of a device, and each bound takes it literally."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparable pair: a lower bound, a ceiling, and whether lower <= ceiling."""

    lower: Bound
    upper: Bound

    @property
    def gap(self) -> float:
        """Ceiling minus lower bound, in the unit of both; what neither side has settled yet."""
        return self.upper.value - self.lower.value

    @property
    def holds(self) -> bool:
        """Whether the lower bound is not above the ceiling, but for `INPUT_ROUNDING`."""
        return self.lower.value <= self.upper.value + INPUT_ROUNDING

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "subject": self.lower.subject,
            "lower": self.lower.method,
            "lower_value": self.lower.value,
            "upper": self.upper.method,
            "upper_value": self.upper.value,
            "unit": self.lower.unit.value,
            "holds": self.holds,
            "gap": self.gap,
        }


def comparable(lower: Bound, upper: Bound) -> bool:
    """Whether lower <= upper follows from units, stated rates and scopes, if both bounds are right."""
    return (
        (lower.direction, upper.direction) == (Direction.LOWER, Direction.UPPER)
        and lower.per == upper.per
        and lower.scope.within(upper.scope)
    )


class Shelves:
    """Bounds by the thing that they are about, so that comparing many things takes time that only adds up."""

    def __init__(self, bounds: Iterable[Bound]) -> None:
        self._on: dict[str, list[Bound]] = {}
        self._made: dict[str, list[Bound]] = {}
        for bound in bounds:
            thing = bound.scope.thing
            self._on.setdefault(thing.digest, []).append(bound)
            if thing.maker not in (None, thing.digest):
                self._made.setdefault(str(thing.maker), []).append(bound)

    def above(self, thing: Thing) -> Iterator[Bound]:
        """The bounds on things that `thing` is within: itself, and its maker."""
        yield from self._on.get(thing.digest, ())
        if thing.maker not in (None, thing.digest):
            yield from self._on.get(str(thing.maker), ())

    def below(self, thing: Thing) -> Iterator[Bound]:
        """The bounds on things that are within `thing`: itself, and what it makes."""
        yield from self._on.get(thing.digest, ())
        yield from self._made.get(thing.digest, ())


def check_pairs(bounds: Sequence[Bound]) -> tuple[Check, ...]:
    """Check every comparable pair among `bounds`.

    Raises
    ------
    InconsistencyError
        A pair is violated though both values are proven here. A violated pair with a quoted value is returned with
        ``holds`` False: it speaks about the quotation or the model, not about this package.
    """
    shelves = Shelves(bound for bound in bounds if bound.direction is Direction.UPPER)
    checks = tuple(Check(low, up) for low in bounds for up in shelves.above(low.scope.thing) if comparable(low, up))
    for check in checks:
        if not check.holds and check.lower.status.proven and check.upper.status.proven:
            raise InconsistencyError(
                f"{check.lower.subject}: {check.lower.method} proves at least {check.lower.value!r}, "
                f"{check.upper.method} at most {check.upper.value!r} {check.lower.unit.value}",
                check.lower,
                check.upper,
            )
    return checks
