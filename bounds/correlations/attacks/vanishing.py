"""Strategies that have nothing at the cells where a table has next to nothing.

A key setting at which no error was seen has cells of 1e-12 or 0, and every strategy with a large weight must have no
more there. A search in doubles comes close to that but ends at 1e-8: the master problem sees no difference. So beside
each strategy that has little at the small cells the nearest one is kept that has nothing: ψ projected onto what is
orthogonal to the results that would be printed there. One setting of each party is turned to the first axis, so that
the zeros at that pair of settings outlast the rounding to integers.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.strategies import Columns
from keybounds.bounds.correlations.attacks.target import Target

_SMALL = 1e-6  # probability below which a cell counts as one that is to vanish
_NEAR = 0.02  # probability at the small cells up to which a strategy is taken for one that should have none
_STRAY = 0.05  # probability of a misprint that is dropped where it would fill a small cell
_DEPENDENT = 1e-7  # relative singular value below which directions to be left out are one

_F = NDArray[np.float64]
Cell = tuple[int, int, int, int]


def small_cells(target: Target) -> tuple[Cell, ...]:
    """The cells (a, b, x, y) of next to no probability, the smallest first."""
    table = target.table
    small = [
        (int(table.numerators[a, b, x, y]), (a, b, x, y))
        for x, y in target.measured
        for a, b in np.ndindex(*target.scenario.outcomes)
        if int(table.numerators[a, b, x, y]) < _SMALL * table.scale
    ]
    return tuple(cell for _, cell in sorted(small))


def vanishing(columns: Columns, small: tuple[Cell, ...]) -> Columns:
    """Of the strategies with little at the small cells, the nearest ones with nothing there."""
    rows = [(k, row) for k in range(len(columns)) if (row := _vanishing(columns, k, small)) is not None]
    index = np.array([k for k, _ in rows], dtype=np.intp)
    parameters = np.array([row for _, row in rows]).reshape(len(rows), columns.parameters.shape[1])
    return Columns(parameters, columns.alice[index], columns.bob[index])


def _vanishing(columns: Columns, k: int, small: tuple[Cell, ...]) -> _F | None:
    """The parameters of strategy k without the small cells; None if it is not near that, or has nothing there."""
    if not small or not np.isfinite(columns.parameters[k]).all():
        return None
    nx, ny = columns.alice.shape[1], columns.bob.shape[1]
    labels = np.concatenate([columns.alice[k], columns.bob[k]])
    row = columns.parameters[k].copy()
    angles, chi = row[8 : 8 + nx + ny], row[8 + nx + ny :].reshape(-1, 2)  # views
    psi = row[:8].reshape(4, 2) / np.linalg.norm(row[:8])
    x0, y0 = small[0][2], nx + small[0][3]
    psi = np.kron(_rotation(-angles[x0]), _rotation(-angles[y0])) @ psi
    angles[:nx] -= angles[x0]
    angles[nx:] -= angles[y0]
    flips = np.sin(chi / 2) ** 2
    directions = []
    for a, b, x, y in small:
        results = product(_results(labels[x], flips[x], a), _results(labels[nx + y], flips[nx + y], b))
        directions += [np.kron(_rotation(angles[x])[:, i], _rotation(angles[nx + y])[:, j]) for i, j in results]
        for setting, outcome in ((x, a), (nx + y, b)):
            if outcome in labels[setting]:
                chi[setting][flips[setting] < _STRAY] = 0.0
    if not directions:
        return None
    _, values, basis = np.linalg.svd(np.array(directions))
    out = basis[: int((values > _DEPENDENT * values[0]).sum())]
    lost = float(((out @ psi) ** 2).sum())
    if lost > _NEAR:
        return None
    psi = psi - out.T @ (out @ psi)
    psi[np.abs(psi) < 1e-15] = 0.0  # what rounding leaves of a projection along the axes
    row[:8] = psi.ravel()
    return np.asarray(row)


def _results(labels: NDArray[np.int64], flips: _F, outcome: int) -> list[int]:
    """The results of a measurement that are printed as an outcome, rare misprints apart."""
    if labels[0] == labels[1]:
        return [0, 1] if outcome == labels[0] else []
    printed = [labels[s] == outcome and flips[s] < 1 for s in (0, 1)]
    misprinted = [labels[1 - s] == outcome and flips[s] >= _STRAY for s in (0, 1)]
    return [s for s in (0, 1) if printed[s] or misprinted[s]]


def _rotation(angle: float) -> _F:
    """v_0 and v_1 as columns, for an angle on the Bloch sphere."""
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    return np.array([[c, -s], [s, c]])
