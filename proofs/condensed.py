"""A proof as a paper tells it: steps of one kind in one item, what is found twice once, mere consequences left out.

Nothing is left out on which the argument rests: each theorem, claim, definition, decision and argument in words is in
an item, each exact computation is counted in one, and an item names those that it uses.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from keybounds.proofs.claim import Ground, Report, Step

_MANY = 6  # items that a consequence joins, from which on it has one of its own


@dataclass(slots=True)
class Item:
    """Steps of one kind, and the numbers of the items that they use.

    Attributes
    ----------
    ground
        What the steps stand on.
    steps
        The steps, as found; none with what another one says.
    uses
        Places of other items in the list, counted from 0.
    """

    ground: Ground
    steps: list[Step]
    uses: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Outline:
    """The items of a proof, what is used before what uses it, and the items on which each clause rests."""

    items: tuple[Item, ...]
    conclusions: dict[str, tuple[int, ...]]


def condensed(report: Report) -> Outline:
    """The items of a report's proof."""
    granted = set(report.typeset.granted) if report.typeset else set[str]()
    used = [0] * (len(report.steps) + 1)
    for step in report.steps:
        for one in step.uses:
            used[one] += 1
    concluded = set(report.conclusions.values())
    items: list[Item] = []
    places: dict[tuple[str, ...], list[int]] = {}
    known: dict[tuple[str, ...], int] = {}
    sources: dict[int, frozenset[int]] = {}
    for number, step in enumerate(report.steps, start=1):
        below = frozenset[int]().union(*(sources[one] for one in step.uses))
        kind = _kind(step)
        if (step.ground is Ground.HYPOTHESIS and step.text in granted) or (
            step.ground is Ground.LOGIC
            and not (number in concluded or (used[number] > 1 and len(below) > 1) or len(below) >= _MANY)
        ):
            kind = None
        if kind is None:
            sources[number] = below
            continue
        said = (step.says, *step.given)
        if step.says and said in known:
            sources[number] = frozenset({known[said]})
            continue
        place = next((k for k in places.get(kind, ()) if not _reaches(items, below, k)), None)
        if place is None:
            place = len(items)
            items.append(Item(step.ground, [step], set(below)))
            places.setdefault(kind, []).append(place)
        else:
            if step.says not in {one.says for one in items[place].steps}:
                items[place].steps.append(step)
            items[place].uses |= below
        known[said] = place
        sources[number] = frozenset({place})
    order = _ordered(items)
    new = {old: number for number, old in enumerate(order)}
    for item in items:
        item.uses = {new[one] for one in item.uses}
    rest = {clause: tuple(sorted(new[k] for k in sources[number])) for clause, number in report.conclusions.items()}
    return Outline(tuple(items[old] for old in order), rest)


def _kind(step: Step) -> tuple[str, ...] | None:
    """What steps of one item have in common; None of a witness, which is no part of a proof."""
    ground = step.ground.name
    if step.ground is Ground.WITNESS and step.holds:
        return None
    if not step.holds:
        return (ground, step.description, step.detail)
    if step.ground in (Ground.SYMBOLIC, Ground.ENCLOSED):
        return (ground, str(" = " in step.says))
    if step.ground is Ground.HYPOTHESIS:
        return (ground,)
    if step.theorem:
        return (ground, step.theorem.source, step.theorem.words)
    if step.ground is Ground.CLAIM:
        return (ground, step.detail.split(",")[0])
    if step.ground is Ground.ARGUED:
        return (ground, step.detail)
    return (ground, step.description)


def _reaches(items: Sequence[Item], start: frozenset[int], target: int) -> bool:
    """Whether one of the items `start` is `target` or uses it, however indirectly."""
    seen, left = set(start), list(start)
    while left:
        one = left.pop()
        if one == target:
            return True
        new = items[one].uses - seen
        seen |= new
        left += new
    return False


def _ordered(items: Sequence[Item]) -> list[int]:
    """Places of the items, what is used first, otherwise as they came."""
    waiting = [len(item.uses) for item in items]
    users: dict[int, list[int]] = {}
    for k, item in enumerate(items):
        for one in item.uses:
            users.setdefault(one, []).append(k)
    ready = [k for k, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        k = heapq.heappop(ready)
        order.append(k)
        for user in users.get(k, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, user)
    return order
