"""A single strategy that has a given table, for tables at the edge of the quantum set, which no mixture approaches.

A mixture reaches every table inside its strategies' hull, but an extremal one, such as the singlet's at its best
settings, only by the one strategy that has it. That is found by least squares.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.upper.columns.strategies import Columns
from keybounds.bounds.upper.columns.target import Target

_STARTS, _EVALUATIONS = 12, 60
_FITS = 1e-11  # largest residual of a functional at which the strategy is worth having
_POLISH, _FLAT = 4, 1e-7  # Gauss-Newton steps at the end, and the relative singular value below which nothing moves
_STEP = 1e-6


def fitting_strategies(target: Target, rng: np.random.Generator) -> Columns:
    """The strategies, of a few random starts, whose tables agree with the target; often none."""
    from scipy.optimize import least_squares

    scenario = target.scenario
    rows, right = target.matrix(), target.right()
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
    for _ in range(_STARTS):
        start = np.concatenate([rng.normal(size=8), rng.uniform(0, 2 * np.pi, nx + ny)])
        result = least_squares(residual, start, jac=jacobian, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=_EVALUATIONS)
        z = result.x
        for _ in range(_POLISH):
            z = z - np.linalg.pinv(jacobian(z), rcond=_FLAT) @ residual(z)
        if np.abs(residual(z)).max() < _FITS:
            found.append(z)
    return columns(np.array(found).reshape(len(found), free))
