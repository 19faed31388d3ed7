"""A score for test rounds whose mean bounds the entropy of Alice's key symbol: what a finite run estimates.

The dual of the entropy problem is a functional φ with p_V H(Â|E,V) >= φ(P) for every quantum behaviour. With uniform
settings in test rounds a score f(a,b,x,y), in bits, has mean φ(P) for many choices of f: adding to f what has mean 0 in
every no-signalling behaviour changes its variance only. The choice made here has the least variance for honest devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from keybounds.enclosure import ball, binary_entropy, round_up

if TYPE_CHECKING:
    from keybounds.bounds.correlations.entropy.functional import EntropyFunctional
    from keybounds.experiments import Behaviour

_PRECISION = 128


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """The score of a test round with uniform settings.

    Attributes
    ----------
    values
        f[a, b, x, y], in bits; exact doubles.
    slack
        p_V H(Â|E,V) >= E f - slack for every quantum behaviour: what rounding to doubles may have cost.
    mean, deviation
        Of f for honest devices: where to set thresholds, and no bounds.
    """

    values: NDArray[np.float64]
    slack: float
    mean: float
    deviation: float

    @property
    def least(self) -> float:
        """The least value."""
        return float(self.values.min())

    @property
    def greatest(self) -> float:
        """The greatest value."""
        return float(self.values.max())


def entropy_score(functional: EntropyFunctional, honest: Behaviour) -> Score:
    """The score of a functional, with least variance at `honest`, which must have every pair of settings."""
    with ctx.workprec(_PRECISION):
        exact = _table(functional)
        nx, ny = len(exact[0][0]), len(exact[0][0][0])
        rough = np.array([[[[float(entry) for entry in row] for row in block] for block in rows] for rows in exact])
        pairs = nx * ny
        gauge = _gauge(pairs * rough, honest.P / pairs)
        values = pairs * rough + np.vectorize(float, otypes=[np.float64])(gauge)
        slack = arb(0)
        for x in range(nx):
            for y in range(ny):
                errors = [
                    abs(ball(Fraction(values[a, b, x, y]) - gauge[a, b, x, y]) / pairs - exact[a][b][x][y])
                    for a in range(values.shape[0])
                    for b in range(values.shape[1])
                ]
                slack += max(errors, key=lambda error: float(error.upper()))
        weights = honest.P / pairs
        mean = float((weights * values).sum())
        spread = float((weights * (values - mean) ** 2).sum())
        return Score(values, round_up(slack), mean, spread**0.5)


def _table(functional: EntropyFunctional) -> list[list[list[list[arb]]]]:
    """G[a][b][x][y] as balls, in bits: `EntropyFunctional.table` before rounding, with every pair measured."""
    key = functional.key_round
    nx, ny = len(key.scenario.alice), len(key.scenario.bob)
    na, nb = key.scenario.alice[0], key.scenario.bob[0]
    noise = ball(key.noise)
    scale = (1 - 2 * noise) ** 2 / arb.const_log2()
    table = [[[[arb(0) for _ in range(ny)] for _ in range(nx)] for _ in range(nb)] for _ in range(na)]
    for word, kappa in zip(functional.words, functional.multipliers, strict=True):
        alice, bob = word
        constant = not alice and not bob
        weight = scale * ball(kappa - functional.charge if constant else kappa)
        xs = [alice[0][0]] if alice else range(nx)
        ys = [bob[0][0]] if bob else range(ny)
        rows = [alice[0][1]] if alice else range(na)
        columns = [bob[0][1]] if bob else range(nb)
        for x in xs:
            for y in ys:
                for a in rows:
                    for b in columns:
                        table[a][b][x][y] += weight / (len(xs) * len(ys))
    x, y = key.key
    for a in range(na):
        for b in range(nb):
            table[a][b][x][y] += binary_entropy(noise) * ball(key.kept(a)) * ball(key.kept(b))
    return table


def _gauge(score: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.object_]:
    """What to add to `score`, of mean 0 in every no-signalling behaviour, for the least variance; exact fractions."""
    na, nb, nx, ny = score.shape
    first = (slice(None), slice(None), 0, 0)  # every pair is asked equally often
    directions = [
        _difference(score.shape, (slice(None), slice(None), x, y), first)
        for x in range(nx)
        for y in range(ny)
        if (x, y) != (0, 0)
    ]
    for x in range(nx):
        for y in range(1, ny):
            directions += [
                _difference(score.shape, (a, slice(None), x, y), (a, slice(None), x, 0)) for a in range(na - 1)
            ]
    for y in range(ny):
        for x in range(1, nx):
            directions += [
                _difference(score.shape, (slice(None), b, x, y), (slice(None), b, 0, y)) for b in range(nb - 1)
            ]
    root = np.sqrt(np.maximum(weights, 0.0)).ravel()
    centred = score - (weights * score).sum()
    matrix = np.stack([root * direction.ravel() for direction in directions], axis=1)
    coefficients = np.linalg.lstsq(matrix, -root * centred.ravel(), rcond=1e-10)[0]
    total = np.full(score.shape, Fraction(0), dtype=object)
    for coefficient, direction in zip(coefficients, directions, strict=True):
        exact = Fraction(float(coefficient))
        for index in zip(*np.nonzero(direction), strict=True):
            total[index] += exact * int(direction[index])
    return total


def _difference(shape: tuple[int, ...], plus: tuple[object, ...], minus: tuple[object, ...]) -> NDArray[np.int64]:
    """1 on one part of the table, -1 on another."""
    direction = np.zeros(shape, dtype=np.int64)
    direction[plus] += 1  # type: ignore[index]
    direction[minus] -= 1  # type: ignore[index]
    return direction
