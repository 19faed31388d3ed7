"""From a mixture in floating point to one in exact numbers that has the table to the last digit.

The weights of the two-qubit strategies are taken as the doubles they are. What is then left of the table, an exact
rational vector, is met by deterministic strategies: as many as there are functionals, chosen so that their matrix of
zeros and ones is invertible, each given some weight beforehand, so that the correction leaves it positive. Nothing
rests on the linear program: had it returned garbage, a weight would come out negative and be refused.

A table at the edge of what the strategies reach has no room for that. Then the bound is for the table of the mixture
itself, its weights divided by their sum, or of a single strategy, whichever is nearest. It is refused when that is not
within rounding of the table given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.costs import pinched
from keybounds.bounds.correlations.attacks.fit import fitting_strategies
from keybounds.bounds.correlations.attacks.master import solve_master
from keybounds.bounds.correlations.attacks.search import REACHED, Mixture
from keybounds.bounds.correlations.attacks.strategies import GRID_BITS, Measurement, Strategy
from keybounds.errors import BoundNotEstablishedError

WITHIN = 1e-12
"""Largest distance, in an entry, between the table given and the one that is bounded, where these differ."""

Point: TypeAlias = tuple[Fraction, tuple[int, ...], tuple[int, ...]]

_ROOM = 2.0**-34  # weight set aside for each correcting deterministic strategy; costs about as many bits in sum
_ROUNDING = 1e-15  # distance that is not worth a search for a nearer strategy
_FADED = 1e-13  # weights below it are dropped


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
    """Make a mixture exact.

    Raises
    ------
    BoundNotEstablishedError
        The mixture is not within rounding of the table.
    """
    correcting = _correcting_points(mixture)
    room = np.zeros(len(mixture.functionals))
    room[correcting] = _ROOM
    try:
        least = solve_master(mixture.functionals, mixture.costs, mixture.target.right(), penalty=1e3, least=room)
    except BoundNotEstablishedError:
        least = mixture.master
    if least.slack <= REACHED:
        corrected = _corrected(mixture, _polished(mixture, least.weights), correcting)
        if corrected is not None:
            return corrected
    alone = np.zeros_like(mixture.master.weights)
    alone[int(np.abs(mixture.functionals - mixture.target.right()).max(axis=1).argmin())] = 1.0
    near = [_nearby(mixture, weights) for weights in (_polished(mixture, mixture.master.weights), alone)]
    found = [made for made in near if made is not None]
    if not any(made.distance <= _ROUNDING for made in found):
        fits = fitting_strategies(mixture.target, np.random.default_rng(0))
        found += [_alone(mixture, fits.exact(k)) for k in range(len(fits))]
    nearest = min(found, key=lambda made: made.distance, default=None)
    if nearest is None or nearest.distance > WITHIN:
        raise _unreached(mixture, nearest)
    return nearest


def _correcting_points(mixture: Mixture) -> NDArray[np.intp]:
    """Deterministic strategies whose functionals are a basis, those in use first."""
    from scipy.linalg import qr

    count = len(mixture.alice)
    points = mixture.functionals[:count]
    weights = np.nan_to_num(mixture.master.weights[:count], nan=0.0, posinf=0.0, neginf=0.0)
    favoured = 1e-2 + np.clip(weights, 0.0, 1.0)
    _, _, order = qr(points.T * favoured, mode="economic", pivoting=True)
    return np.asarray(order[: points.shape[1]], dtype=np.intp)


def _polished(mixture: Mixture, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights after a least-squares step on those in use: the linear program stops at a residual of 1e-10."""
    used = np.flatnonzero(weights > _FADED)
    basis = mixture.functionals[used].T
    polished = np.zeros_like(weights)
    if len(used) and np.isfinite(weights[used]).all():
        step = np.linalg.lstsq(basis, mixture.target.right() - basis @ weights[used], rcond=None)[0]
        polished[used] = weights[used] + step
    return polished


def _strategies(mixture: Mixture, weights: NDArray[np.float64]) -> list[tuple[Fraction, Strategy]]:
    count = len(mixture.alice)
    return [
        (Fraction(float(weights[count + k])), mixture.columns.exact(k))
        for k in range(len(mixture.columns))
        if weights[count + k] > _FADED
    ]


def _points(mixture: Mixture, weights: dict[int, Fraction]) -> tuple[Point, ...]:
    return tuple(
        (weight, tuple(int(a) for a in mixture.alice[k]), tuple(int(b) for b in mixture.bob[k]))
        for k, weight in sorted(weights.items())
        if weight
    )


def _corrected(mixture: Mixture, weights: NDArray[np.float64], correcting: NDArray[np.intp]) -> ExactMixture | None:
    """The mixture with the exact table, or None where a weight would be negative."""
    count = len(mixture.alice)
    local = {int(k): Fraction(float(weights[k])) for k in np.flatnonzero(weights[:count] > 0)}
    strategies = _strategies(mixture, weights)
    made = ExactMixture(_points(mixture, local), tuple(strategies), Fraction(0))
    left = _left(mixture, made)
    matrix = fmpq_mat([[fmpq(round(entry)) for entry in row] for row in mixture.functionals[correcting].T])
    try:
        change = matrix.solve(fmpq_mat([[fmpq(entry.numerator, entry.denominator)] for entry in left]))
    except ZeroDivisionError:
        return None
    for row, k in enumerate(correcting):
        entry = change[row, 0]
        local[int(k)] = local.get(int(k), Fraction(0)) + Fraction(int(entry.p), int(entry.q))
    if any(weight < 0 for weight in local.values()) or any(weight < 0 for weight, _ in strategies):
        return None
    return ExactMixture(_points(mixture, local), tuple(strategies), Fraction(0))


def _nearby(mixture: Mixture, weights: NDArray[np.float64]) -> ExactMixture | None:
    """The mixture as it is, normalised, and how far its table is from the one given; None without weights."""
    count = len(mixture.alice)
    local = {int(k): Fraction(float(weights[k])) for k in np.flatnonzero(weights[:count] > _FADED)}
    strategies = _strategies(mixture, weights)
    total = sum(local.values(), Fraction(0)) + sum((weight for weight, _ in strategies), Fraction(0))
    if not total > 0:
        return None
    points = _points(mixture, {k: weight / total for k, weight in local.items()})
    made = ExactMixture(points, tuple((weight / total, strategy) for weight, strategy in strategies), Fraction(0))
    return replace(made, distance=max(abs(left) for left in _left(mixture, made)))


def _alone(mixture: Mixture, strategy: Strategy) -> ExactMixture:
    """One strategy for all rounds."""
    made = ExactMixture((), ((Fraction(1), strategy),), Fraction(0))
    return replace(made, distance=max(abs(left) for left in _left(mixture, made)))


def _left(mixture: Mixture, made: ExactMixture) -> list[Fraction]:
    """The functionals of the target minus those of an exact mixture."""
    target, outcomes = mixture.target, mixture.target.scenario.outcomes
    found = target.evaluate(lambda x, y: made.joint(outcomes, x, y))
    return [value - entry for value, entry in zip(target.values, found, strict=True)]


def _unreached(mixture: Mixture, nearest: ExactMixture | None) -> BoundNotEstablishedError:
    distance = float("inf") if nearest is None else float(nearest.distance)
    prices = mixture.master.prices
    table = (mixture.target.matrix().T @ prices).reshape(mixture.target.scenario.shape)
    own, best = float(prices @ mixture.target.right()), float((mixture.functionals @ prices).max())
    error = BoundNotEstablishedError(
        f"no mixture of the strategies found has this table: the nearest is {distance:.2g} away in an entry. On the "
        f"functional of the last prices the table scores {own:.9g} and the best strategy found {best:.9g}; a table on "
        "the edge of the quantum set, or outside of it, looks like this, and so does a search that ended too early"
    )
    error.add_note(f"the functional G[a,b,x,y]: {table.tolist()}")
    return error


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
