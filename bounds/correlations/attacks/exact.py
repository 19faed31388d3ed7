"""From a mixture in floating point to one in exact numbers that has the table to the last digit.

The search hands over strategies; their weights are found anew, for the strategies as rounded to integers, with exact
residuals (`local_decomposition`). A strategy's weight is a multiple of the common denominator of its table over a power
of two: so weight times table is dyadic, what is left of the table is so too, and deterministic strategies meet it with
weights of a length that does not grow with the number of strategies. They have some weight set aside for that, a share
of the entries that they have to fit into, which is paid for like everything else: P = (1-t) M + t C, with C free of
cost. Nothing rests on the linear programs: had they returned garbage, a weight would come out negative and be refused.

A table of doubles may lie outside of the quantum set by rounding: with an entry below 0, or at an extremal point, or
with zeros by which other entries must agree that differ in the last digit. Then the bound is for the mixture's own
table if that is within 2^-50, or for (1-ε) P + ε U with the uniform table U, exactly, for the least ε of a few at
which a mixture has it. The distance from P is stated, and never above 1e-12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from keybounds.bounds.correlations.attacks.costs import pinched
from keybounds.bounds.correlations.attacks.fit import fitting_strategies
from keybounds.bounds.correlations.attacks.search import Mixture
from keybounds.bounds.correlations.attacks.strategies import (
    GRID_BITS,
    Measurement,
    Strategy,
    deterministic_points,
)
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.correlations.local_decomposition import ExactWeights, Hull, Ingredient, decomposition
from keybounds.bounds.correlations.local_polytope import ExactTable, incidence
from keybounds.errors import BoundNotEstablishedError

WITHIN = 1e-12
"""Largest distance, in an entry, between the table given and the one that is bounded, where these differ."""

Point: TypeAlias = tuple[Fraction, tuple[int, ...], tuple[int, ...]]

_ROOMS = (1e-8, 1e-11, 1e-14)  # shares of the table set aside for the correction
_ROUNDING = Fraction(1, 1 << 50)  # distance at which zeros that bind other cells are taken as they are
_NOISE = tuple(Fraction(1, 1 << bits) for bits in (52, 49, 46, 43, 40))  # ε, where the table itself is not met
_BEST = 100  # strategies of the search that are tried first
_TELLING = 1e-9  # by which a table scores more than every strategy, if that is no rounding


@dataclass(frozen=True, slots=True)
class ExactMixture:
    """A probability distribution over strategies, all exact.

    Attributes
    ----------
    points
        Deterministic strategies: weight, Alice's outcomes by setting, Bob's.
    strategies
        Two-qubit strategies with their weights.
    distance
        0 where the mixture has the table exactly, else the largest difference in a functional.
    """

    points: tuple[Point, ...]
    strategies: tuple[tuple[Fraction, Strategy], ...]
    distance: Fraction

    def joint(self, outcomes: tuple[int, int], x: int, y: int) -> list[list[Fraction]]:
        """P(a,b|x,y) of the mixture, exact."""
        table = [[Fraction(0)] * outcomes[1] for _ in range(outcomes[0])]
        for weight, alice, bob in self.points:
            table[alice[x]][bob[y]] += weight
        for weight, strategy in self.strategies:
            for row, entries in zip(table, strategy.joint(outcomes, x, y), strict=True):
                for b, entry in enumerate(entries):
                    row[b] += weight * entry
        return table

    def pinched(self) -> ExactMixture:
        """The same with the best pinching found for each strategy's state."""
        return replace(self, strategies=tuple((weight, pinched(strategy)) for weight, strategy in self.strategies))

    def to_dict(self) -> dict[str, Any]:
        """Weights as texts "p/q", everything else in integers."""
        return {
            "grid_bits": GRID_BITS,
            "points": [
                {"weight": str(weight), "alice": list(alice), "bob": list(bob)} for weight, alice, bob in self.points
            ],
            "strategies": [
                {
                    "weight": str(weight),
                    "state": list(strategy.state),
                    "alice": [_plain(measurement) for measurement in strategy.alice],
                    "bob": [_plain(measurement) for measurement in strategy.bob],
                    **_pinching(strategy),
                }
                for weight, strategy in self.strategies
            ],
        }


def exact_mixture(mixture: Mixture) -> ExactMixture:
    """The cheapest exact mixture of a search's best strategies; of all, and of fitted ones, where these do not do.

    Raises
    ------
    BoundNotEstablishedError
        None has the table, or one within rounding of it.
    """
    made = _cheapest(mixture.taken(_BEST))
    if made is None:
        made = _cheapest(mixture.extended(fitting_strategies(mixture.target, np.random.default_rng(0))))
    if made is None:
        raise _unreached(mixture)
    return made


def _cheapest(mixture: Mixture) -> ExactMixture | None:
    """The cheapest exact mixture of the strategies at hand; None without one."""
    strategies = [mixture.columns.exact(k) for k in range(len(mixture.columns))]
    costs = mixture.costs[len(mixture.alice) :].tolist()
    ingredients = [
        _ingredient(strategy, tuple(map(float, row)), mixture.target)
        for strategy, row in zip(strategies, costs, strict=True)
    ]

    def mixed(table: ExactTable, noise: Fraction) -> ExactWeights | None:
        hull = Hull.of(incidence(table), table.listed, table.scale, ingredients)
        rooms, within = ((float(noise) / 64,), Fraction(0)) if noise else (_ROOMS, _ROUNDING)
        return next((found for room in rooms if (found := hull.mixture(room, within)) is not None), None)

    return _first(mixture.target, strategies, mixed)


def local_mixture(target: Target) -> ExactMixture | None:
    """Deterministic strategies that have the table, or one within rounding of it; None if none were found."""

    def mixed(table: ExactTable, _: Fraction) -> ExactWeights | None:
        found = decomposition(incidence(table), table.listed, table.scale)
        return None if found is None else ExactWeights(found, {})

    if mixed(target.table.noisy(_NOISE[-1]), _NOISE[-1]) is None:
        return None
    return _first(target, [], mixed)


def _first(
    target: Target, strategies: list[Strategy], mixed: Callable[[ExactTable, Fraction], ExactWeights | None]
) -> ExactMixture | None:
    """The mixture that has the table with the least noise."""
    alice, bob = deterministic_points(target.scenario)
    for noise in (Fraction(0), *_NOISE):
        found = mixed(target.table.noisy(noise), noise)
        if found is None:
            continue
        points = tuple(
            (weight, tuple(map(int, alice[k])), tuple(map(int, bob[k]))) for k, weight in sorted(found.points.items())
        )
        used = tuple((weight, strategies[k]) for k, weight in sorted(found.ingredients.items()))
        made = ExactMixture(points, used, Fraction(0))
        distance = _distance(target, made)
        return replace(made, distance=distance) if distance <= WITHIN else None
    return None


def _ingredient(strategy: Strategy, costs: tuple[float, ...], target: Target) -> Ingredient:
    """The table of a strategy over the product of all its squared norms, and what it costs."""
    unit = strategy.norm
    for measurement in (*strategy.alice, *strategy.bob):
        unit *= measurement.norm
    numerators: list[int] = []
    for x, y in target.measured:
        factor = unit // (strategy.norm * strategy.alice[x].norm * strategy.bob[y].norm)
        numerators += [factor * entry for row in strategy.numerators(target.scenario.outcomes, x, y) for entry in row]
    return Ingredient(tuple(numerators), unit, 2 * GRID_BITS, costs)


def _distance(target: Target, made: ExactMixture) -> Fraction:
    """The largest difference in a functional between the table given and that of an exact mixture."""
    found = target.evaluate(lambda x, y: made.joint(target.scenario.outcomes, x, y))
    return max(abs(value - entry) for value, entry in zip(target.values, found, strict=True))


def _unreached(mixture: Mixture) -> BoundNotEstablishedError:
    """The error that says why no mixture was found."""
    prices, target = mixture.master.prices, mixture.target
    table = (target.matrix().T @ prices).reshape(target.scenario.shape)
    own, best = float(prices @ target.right()), float((mixture.functionals @ prices).max())
    zeros = sum(not int(cell) for cell in target.table.listed)
    if own > best + _TELLING * max(1.0, abs(best)):
        why = (
            f"on the functional of the last prices the table scores {own:.9g} and the best strategy found {best:.9g}, "
            f"so that it is outside of the quantum set, or at its edge, {_beyond(target)}or the search ended too "
            f"early, after {mixture.rounds} rounds"
        )
    elif zeros:
        why = f"it has {zeros} entries that are 0, and too few strategies were found that have 0 there"
    else:
        why = (
            f"in doubles it is met up to {mixture.master.slack:.2g}, but no exact weights were found for it, nor for "
            f"the table with up to {float(_NOISE[-1]):.1g} of noise: it is at the edge of what the strategies reach"
        )
    error = BoundNotEstablishedError(f"no mixture of the strategies found has this table: {why}")
    error.add_note(f"the functional G[a,b,x,y]: {table.tolist()}")
    return error


def _beyond(target: Target) -> str:
    """Where two qubits and two printed outcomes a setting are not all of quantum theory."""
    few = max(*target.scenario.outcomes, *target.scenario.settings) <= 2
    return "" if few else "or takes more than two qubits and two outcomes a setting, which is all that is mixed, "


def _pinching(strategy: Strategy) -> dict[str, Any]:
    if strategy.pinching is None:
        return {}
    return {"pinching": {"side": strategy.pinching.side, "direction": list(strategy.pinching.direction)}}


def _plain(measurement: Measurement) -> dict[str, list[int]]:
    return {
        "direction": list(measurement.direction),
        "labels": list(measurement.labels),
        "misprints": list(measurement.misprints),
    }
