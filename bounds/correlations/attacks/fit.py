"""Single strategies that have a given table or more extreme ones, for tables at the edge of the quantum set.

A mixture reaches every table inside its strategies' hull, but an extremal one, such as the singlet's at its best
settings, only by the one strategy that has it. That is found by least squares. A table P near the edge is a mixture of
the uniform table U, which is local, and of P + t (P - U), as long as that is quantum: so strategies are fitted to these
too, for growing t until none fits. With them the search has P inside of its hull.
"""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.strategies import Columns
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.errors import BoundNotEstablishedError
from keybounds.solvers import asked

_DEPTHS = (0.0, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)  # t
_STARTS, _EVALUATIONS = (6, 1), 60  # starts at the table itself, and at each beyond it
_FITS = 1e-11  # largest residual of a functional at which the strategy is worth having
_POLISH, _FLAT = 4, 1e-7  # Gauss-Newton steps at the end, and the relative singular value below which nothing moves
_STEP = 1e-6


def fitting_strategies(target: Target, rng: np.random.Generator) -> Columns:
    """The strategies, of a few random starts, whose tables agree with the target or lie beyond it; often none."""
    scenario, right = target.scenario, target.right()
    uniform = np.array([len(cells) for cells in target.cells]) / math.prod(scenario.outcomes)
    found = [_fits(target, right, _STARTS[0], rng)]
    for depth in _DEPTHS[1:]:
        if not len(found[-1]):
            break
        found.append(_fits(target, right + depth * (right - uniform), _STARTS[1], rng))
    return Columns.joined(found)


def _fits(target: Target, right: NDArray[np.float64], starts: int, rng: np.random.Generator) -> Columns:
    """Strategies whose functionals are `right`."""
    from scipy.optimize import least_squares

    scenario = target.scenario
    rows = target.matrix()
    nx, ny = scenario.settings
    free = 8 + nx + ny

    def columns(z: NDArray[np.float64]) -> Columns:
        parameters = np.zeros((len(z), free + 2 * (nx + ny)))
        parameters[:, :free] = z
        alice = np.tile(np.array([0, 1]), (len(z), nx, 1))
        return Columns(parameters, alice, np.tile(np.array([0, 1]), (len(z), ny, 1)))

    def residual(z: NDArray[np.float64]) -> NDArray[np.float64]:
        points = np.atleast_2d(z)
        tables = columns(points).tables(scenario).reshape(len(points), -1)
        found = np.asarray(tables @ rows.T - right)
        return found if z.ndim == 2 else found[0]

    def jacobian(z: NDArray[np.float64]) -> NDArray[np.float64]:
        steps = _STEP * np.eye(free)
        return np.asarray((residual(z + steps) - residual(z - steps)).T / (2 * _STEP))

    found = []
    for _ in range(starts):
        start = np.concatenate([rng.normal(size=8), rng.uniform(0, 2 * np.pi, nx + ny)])
        with suppress(BoundNotEstablishedError), asked("the fit of scipy"):  # of many starts, one that leads nowhere
            z = least_squares(
                residual, start, jac=jacobian, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=_EVALUATIONS
            ).x
            for _ in range(_POLISH):
                z = z - np.linalg.pinv(jacobian(z), rcond=_FLAT) @ residual(z)
            if np.abs(residual(z)).max() < _FITS:
                found.append(z)
    return columns(np.array(found).reshape(len(found), free))
