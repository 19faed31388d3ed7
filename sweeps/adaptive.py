"""Adaptive plans: points where the value bends, in complete generations.

The axes make boxes. Of a box the corners, and what halves its sides, are computed; where interpolation between the
corners misses one of these by more than the tolerance, the halves of the box make boxes of the next generation. A
generation begins when the one before is there as a whole, so that the points follow from the plan alone, and not from
who computed what first: they are found again from the store, by anyone, at any time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from keybounds.sweeps.axes import Axis
from keybounds.sweeps.cell import address_of
from keybounds.sweeps.decimals import halfway
from keybounds.sweeps.plan import Plan
from keybounds.sweeps.store import Store

Place = tuple[Decimal, ...]
Box = tuple[tuple[Decimal, Decimal], ...]


class Stage(Enum):
    """How far an adaptive plan is."""

    COMPUTING = "a generation is being computed"
    CONVERGED = "interpolation is within the tolerance"
    BUDGET = "the next generation exceeds the budget"


@dataclass(frozen=True, slots=True)
class Expanded:
    """The points of an adaptive plan so far, as a plan of its own.

    Attributes
    ----------
    plan
        The points in the order of their values.
    generation
        The number of the last one, counted from 0.
    stage
        Whether there will be more.
    """

    plan: Plan
    generation: int = 0
    stage: Stage = Stage.CONVERGED


def expanded(plan: Plan, store: Store) -> Expanded:
    """The points of a plan that follow from what a store has; of a plan that is not adaptive, the plan itself."""
    refinement = plan.refinement
    if refinement is None:
        return Expanded(plan)
    column = next(one for one in plan.columns if one.name == refinement.column)
    address, known = address_of(), dict(store.results())
    boxes = _boxes(plan)
    places: dict[Place, None] = {}
    for generation in itertools.count():
        wanted = dict.fromkeys(place for box in boxes for place in _lattice(plan, box))
        if generation and len(places | wanted) > refinement.budget:
            return Expanded(_listed(plan, places), generation - 1, Stage.BUDGET)
        places |= wanted
        addresses = {place: address(column.cell(_texts(plan, place))) for place in wanted}
        if any(one not in known for one in addresses.values()):
            return Expanded(_listed(plan, places), generation, Stage.COMPUTING)
        values = {place: known[one][0].get(refinement.part) for place, one in addresses.items()}
        boxes = [
            half for box in boxes if _error(plan, box, values) > refinement.tolerance for half in _halves(plan, box)
        ]
        if not boxes:
            return Expanded(_listed(plan, places), generation, Stage.CONVERGED)
    raise AssertionError


def _boxes(plan: Plan) -> list[Box]:
    sides = []
    for axis in plan.axes:
        numbers = sorted(Decimal(text.partition(",")[0]) for text in axis.values)
        sides.append(list(itertools.pairwise(numbers)))
    return list(itertools.product(*sides))


def _side(axis: Axis, low: Decimal, high: Decimal) -> tuple[Decimal, ...]:
    """The ends of a side and what halves it, which two neighbouring whole numbers have not."""
    middle = halfway(low, high, whole_number=axis.parameter.setting.whole)
    return (low, middle, high) if low < middle < high else (low, high)


def _lattice(plan: Plan, box: Box) -> Iterable[Place]:
    return itertools.product(*(_side(axis, *side) for axis, side in zip(plan.axes, box, strict=True)))


def _halves(plan: Plan, box: Box) -> list[Box]:
    """The boxes between the points of a box; none where there is nothing between its corners."""
    sides = [list(itertools.pairwise(_side(axis, *side))) for axis, side in zip(plan.axes, box, strict=True)]
    found = list(itertools.product(*sides))
    return found if len(found) > 1 else []


def _error(plan: Plan, box: Box, values: Mapping[Place, float | int | None]) -> float:
    """By how much interpolation between the corners misses what was computed in a box; 0 where a corner has failed."""
    corners = {place: values[place] for place in itertools.product(*box)}
    if None in corners.values():
        return 0.0
    worst = 0.0
    for place in _lattice(plan, box):
        value = values[place]
        if value is not None:
            worst = max(worst, abs(value - _interpolated(box, corners, place)))
    return worst


def _interpolated(box: Box, corners: Mapping[Place, float | int | None], place: Place) -> float:
    """The multilinear function that has these values at the corners."""
    total = 0.0
    for ends in itertools.product((0, 1), repeat=len(box)):
        weight = 1.0
        for (low, high), end, at in zip(box, ends, place, strict=True):
            share = float((at - low) / (high - low))
            weight *= share if end else 1 - share
        value = corners[tuple(side[end] for side, end in zip(box, ends, strict=True))]
        assert value is not None
        total += weight * value
    return total


def _texts(plan: Plan, place: Sequence[Decimal]) -> tuple[str, ...]:
    return tuple(axis.parameter.setting.text(axis.name, at) for axis, at in zip(plan.axes, place, strict=True))


def _listed(plan: Plan, places: Iterable[Place]) -> Plan:
    """A plan of these points, in the order of their values."""
    rows = [_texts(plan, place) for place in sorted(places)]
    columns = zip(*rows, strict=True)
    axes = tuple(replace(axis, values=tuple(texts)) for axis, texts in zip(plan.axes, columns, strict=True))
    return replace(plan, groups=(axes,), refinement=None)
