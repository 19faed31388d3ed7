"""Strategies that have a given table, or more extreme ones, found by least squares.

A mixture reaches every table inside its strategies' hull, but an extremal one, such as the singlet's at its best
settings, only by the one strategy that has it. A table P near the edge is a mixture of the uniform table U, which is
local, and of P + t (P - U), as long as that is quantum: so strategies are fitted to these too, for growing t until none
fits. With them the search has P inside of its hull.

**Losses.** A pure state that is measured with losses has a table of which the decomposition is known: at each setting
the outcome is replaced by a fixed one, such as "no click", with some probability, independently. The strategies are the
patterns of settings that are replaced, 2^(nx+ny) of them. So state, directions and probabilities are fitted, and what
is added are the patterns that leave both parties two settings to choose from: all others are local.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.strategies import Columns
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.errors import BoundNotEstablishedError
from keybounds.solvers import asked

_DEPTHS = (0.0, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)  # t
_STARTS, _EVALUATIONS = (6, 1), 150  # starts at the table itself, and at each beyond it
_LOSSY_STARTS = 4  # for each choice of the outcomes that replace others
_PROMISING = (40, 2e-3)  # evaluations after which a start is given up if a residual is larger than this
_FITS = 1e-11  # largest residual of a functional at which the strategy is worth having
_POLISH, _FLAT = 4, 1e-7  # Gauss-Newton steps at the end, and the relative singular value below which nothing moves
_STEP = 1e-6

_F = NDArray[np.float64]
_Residual = Callable[[_F], _F]  # of points (k, n), the rows of residuals (k, m)


def fitting_strategies(target: Target, rng: np.random.Generator) -> Columns:
    """The strategies, of a few random starts, that the target is made of or lies among; often none."""
    right = target.right()
    uniform = np.array([len(cells) for cells in target.cells]) / math.prod(target.scenario.outcomes)
    found = [_fits(target, right, _STARTS[0], rng)]
    for depth in _DEPTHS[1:]:
        if not len(found[-1]):
            break
        found.append(_fits(target, right + depth * (right - uniform), _STARTS[1], rng))
    return Columns.joined([*found, lossy_strategies(target, rng)])


def lossy_strategies(target: Target, rng: np.random.Generator) -> Columns:
    """The patterns of a pure state measured with losses that has the target's table; none where none was found."""
    (na, nb), (nx, ny) = target.scenario.outcomes, target.scenario.settings
    for lost in product(_order(target, 0), _order(target, 1)):
        kept = [_kept(n, outcome) for n, outcome in zip((na, nb), lost, strict=True)]
        if kept[0] is None or kept[1] is None:
            continue
        fitted = _lossy(target, lost, (kept[0], kept[1]), rng)
        if fitted is not None:
            return _patterns(fitted, lost, (nx, ny))
    return Columns.none(target.scenario)


def _order(target: Target, side: int) -> list[int]:
    """The outcomes that may replace others: the last one first, or the more frequent of two, which holds the lost."""
    outcomes = target.scenario.outcomes[side]
    if outcomes > 2:
        return list(reversed(range(outcomes)))
    table = np.array(target.table.numerators.sum(axis=(1 - side, 2, 3)), dtype=np.float64)
    return [1, 0] if table[1] > table[0] else [0, 1]


def _kept(outcomes: int, lost: int) -> tuple[int, int] | None:
    """The two outcomes that a measurement prints where `lost` may replace them; None if they are more than two."""
    if outcomes == 2:
        return 0, 1
    others = [outcome for outcome in range(outcomes) if outcome != lost]
    return (others[0], others[1]) if len(others) == 2 else None


def _lossy(
    target: Target, lost: tuple[int, int], kept: tuple[tuple[int, int], tuple[int, int]], rng: np.random.Generator
) -> Columns | None:
    """The strategy without losses of a lossy table; None where none was found."""
    scenario, rows, right = target.scenario, target.matrix(), target.right()
    nx, ny = scenario.settings
    free = 4 + nx + ny

    def columns(z: _F) -> Columns:
        parameters = np.zeros((len(z), 8 + 3 * (nx + ny)))
        parameters[:, :8:2] = z[:, :4]  # Eve holds nothing of it
        parameters[:, 8 : 8 + nx + ny] = z[:, 4:free]
        return Columns(parameters, *(np.tile(np.array(k), (len(z), n, 1)) for k, n in zip(kept, (nx, ny), strict=True)))

    def residual(z: _F) -> _F:
        r = np.sin(z[:, free:] / 2) ** 2
        tables = _replaced(columns(z).tables(scenario), lost, r[:, :nx], r[:, nx:])
        return np.asarray(tables.reshape(len(z), -1) @ rows.T - right)

    for _ in range(_LOSSY_STARTS):
        start = np.concatenate([rng.normal(size=4), rng.uniform(0, 2 * np.pi, nx + ny), rng.uniform(0.2, 0.8, nx + ny)])
        z = _least(residual, start)
        if z is not None:
            return columns(z[None])
    return None


def _replaced(tables: _F, lost: tuple[int, int], r: _F, s: _F) -> _F:
    """P[k,a,b,x,y] after Alice's outcome was replaced with probability r[k,x] and Bob's with s[k,y]."""
    for axis, outcome, share in ((1, lost[0], r[:, None, None, :, None]), (2, lost[1], s[:, None, None, None, :])):
        fixed = np.zeros(tables.shape[axis])
        fixed[outcome] = 1.0
        shape = [1] * 5
        shape[axis] = -1
        tables = (1 - share) * tables + share * tables.sum(axis=axis, keepdims=True) * fixed.reshape(shape)
    return tables


def _patterns(fitted: Columns, lost: tuple[int, int], settings: tuple[int, int]) -> Columns:
    """The strategy with every set of settings replaced that leaves both parties at least two others."""
    choices = [[p for p in product((False, True), repeat=n) if p.count(False) >= 2] for n in settings]
    alice: list[NDArray[np.int64]] = []
    bob: list[NDArray[np.int64]] = []
    for patterns in product(*choices):
        for side, (labels, pattern, outcome) in enumerate(
            zip((fitted.alice[0], fitted.bob[0]), patterns, lost, strict=True)
        ):
            replaced = np.where(np.array(pattern)[:, None], outcome, labels)
            (bob if side else alice).append(replaced)
    return Columns(np.tile(fitted.parameters, (len(alice), 1)), np.array(alice), np.array(bob))


def _fits(target: Target, right: _F, starts: int, rng: np.random.Generator) -> Columns:
    """Strategies whose functionals are `right`."""
    scenario, rows = target.scenario, target.matrix()
    nx, ny = scenario.settings
    free = 8 + nx + ny

    def columns(z: _F) -> Columns:
        parameters = np.zeros((len(z), free + 2 * (nx + ny)))
        parameters[:, :free] = z
        alice = np.tile(np.array([0, 1]), (len(z), nx, 1))
        return Columns(parameters, alice, np.tile(np.array([0, 1]), (len(z), ny, 1)))

    def residual(z: _F) -> _F:
        return np.asarray(columns(z).tables(scenario).reshape(len(z), -1) @ rows.T - right)

    found = []
    for _ in range(starts):
        z = _least(residual, np.concatenate([rng.normal(size=8), rng.uniform(0, 2 * np.pi, nx + ny)]))
        if z is not None:
            found.append(z)
    return columns(np.array(found).reshape(len(found), free))


def _least(residual: _Residual, start: _F) -> _F | None:
    """Where the residual vanishes, from a start; None where it does not."""
    from scipy.optimize import least_squares

    steps = _STEP * np.eye(len(start))

    def jacobian(z: _F) -> _F:
        return np.asarray((residual(z + steps) - residual(z - steps)).T / (2 * _STEP))

    z = start
    with suppress(BoundNotEstablishedError), asked("the fit of scipy"):  # of many starts, one that leads nowhere
        for evaluations, most in (_PROMISING, (_EVALUATIONS, np.inf)):
            found: Any = least_squares(
                partial(_single, residual), z, jac=jacobian, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=evaluations
            )
            z = np.asarray(found.x)
            if not np.abs(_single(residual, z)).max() < most:
                return None
        for _ in range(_POLISH):
            z = z - np.linalg.pinv(jacobian(z), rcond=_FLAT) @ _single(residual, z)
        if np.abs(_single(residual, z)).max() < _FITS:
            return z
    return None


def _single(residual: _Residual, z: _F) -> _F:
    """The residual of one point."""
    return np.asarray(residual(z[None])[0])
