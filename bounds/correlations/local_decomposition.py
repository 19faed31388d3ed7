"""Exact weights of deterministic points: within a table, or summing up to it.

What a linear program returns is a hint. Weights are rounded to a dyadic grid and then either shrunk until they leave a
non-negative rest, or corrected by an exact solve until they leave nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from keybounds.solvers import SECONDS, asked

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_WEIGHT_BITS = 60  # weights are rounded to multiples of 2^-60


def cheapest(costs: NDArray[np.float64], matrix: csr_array, most: NDArray[np.float64]) -> Any:
    """Minimise costs · x over x >= 0 with matrix x <= most, by HiGHS."""
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    return _linprog(costs, {"A_ub": matrix, "b_ub": most}, options)


def _cheapest_exactly(costs: NDArray[np.float64], matrix: csr_array, target: NDArray[np.float64]) -> Any:
    """Minimise costs · x over x >= 0 with matrix x = target, by HiGHS."""
    return _linprog(costs, {"A_eq": matrix, "b_eq": target}, {})


def _linprog(costs: NDArray[np.float64], rows: dict[str, Any], options: dict[str, float]) -> Any:
    """`linprog`, whose stubs know no sparse matrices."""
    from scipy import optimize

    solve: Any = optimize.linprog
    with asked("HiGHS"):
        return solve(costs, method="highs", options={**options, "time_limit": SECONDS}, **rows)


def doubles(cells: NDArray[Any], scale: int) -> NDArray[np.float64]:
    """cells / scale, each rounded to a double."""
    return np.array([float(Fraction(int(p), scale)) for p in cells])


def fitted(incidence: csr_array, weights: NDArray[np.float64], cells: NDArray[Any], scale: int) -> dict[int, Fraction]:
    """Points with weights that leave P - Σ q D >= 0: each is scaled down where the sum exceeds an entry it has 1 at.

    With factors min over its entries of min(1, P_e / (Σ q D)_e), the new sum at e is at most P_e.
    """
    grid = 1 << _WEIGHT_BITS
    clean = np.clip(np.nan_to_num(weights, nan=0.0, posinf=0.0, neginf=0.0), 0.0, 1.0)
    columns = incidence.tocsc()
    held = {int(k): round(Fraction(float(clean[k])) * grid) for k in np.flatnonzero(clean)}
    entries = {k: columns.indices[columns.indptr[k] : columns.indptr[k + 1]] for k in held}
    totals = [0] * len(cells)
    for k, weight in held.items():
        for e in entries[k]:
            totals[e] += weight
    fitted = {}
    for k, weight in held.items():
        share = min(
            (Fraction(int(cells[e]) * grid, totals[e] * scale) for e in entries[k] if totals[e]), default=Fraction(0)
        )
        kept = min(share, Fraction(1)) * Fraction(weight, grid)
        if kept > 0:
            fitted[k] = kept
    return fitted


def decomposition(incidence: csr_array, cells: NDArray[Any], scale: int) -> dict[int, Fraction] | None:
    """Weights with Σ q D = P exactly, or None where none was found.

    Inside the polytope all weights can be positive: the largest least weight is sought, rounded, and the rounding
    corrected exactly on a basis of columns. On the boundary the support of a vertex is solved exactly as it stands.
    """
    from scipy.sparse import csr_array, hstack

    count = incidence.shape[1]
    target = doubles(cells, scale)
    # variables: weights above the least one, and the least one
    least = csr_array(incidence.sum(axis=1).reshape(-1, 1))
    inside = _cheapest_exactly(-np.eye(1, count + 1, count)[0], hstack([incidence, least]), target)
    if inside.x is not None and inside.x[-1] > 0:
        weights = np.asarray(inside.x[:-1] + inside.x[-1])
        found = _corrected(incidence, weights, range(count), cells, scale)
        if found is not None:
            return found
    vertex = _cheapest_exactly(np.zeros(count), incidence, target)
    if vertex.x is None:
        return None
    return _corrected(incidence, np.zeros(count), np.flatnonzero(vertex.x > 1e-12).tolist(), cells, scale)


def _corrected(
    incidence: csr_array, weights: NDArray[np.float64], among: Sequence[int], cells: NDArray[Any], scale: int
) -> dict[int, Fraction] | None:
    """`weights` on a dyadic grid, plus the exact correction on independent columns; None if one is then negative."""
    from scipy.linalg import qr

    dense = np.asarray(incidence.toarray(), dtype=np.int64)
    grid = 1 << _WEIGHT_BITS
    held = np.array([round(Fraction(float(w)) * grid) for w in weights], dtype=object)
    residual = [
        Fraction(int(cell), scale) - Fraction(int(total), grid)
        for cell, total in zip(cells, dense.astype(object) @ held, strict=True)
    ]
    _, r, order = qr(dense[:, among].astype(np.float64), mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(r)) > 1e-9 * abs(r[0, 0])).sum()) if r.size else 0
    basis = [int(among[k]) for k in order[:rank]]
    _, r, order = qr(dense[:, basis].T.astype(np.float64), mode="economic", pivoting=True)
    rows = [int(e) for e in order[:rank]]
    matrix = fmpq_mat(rank, rank, [int(dense[e, k]) for e in rows for k in basis])
    right = fmpq_mat(rank, 1, [fmpq(residual[e].numerator, residual[e].denominator) for e in rows])
    try:
        solution = matrix.solve(right)
    except ZeroDivisionError:
        return None
    q = {k: Fraction(int(w), grid) for k, w in enumerate(held) if w}
    for i, k in enumerate(basis):
        change = solution[i, 0]
        q[k] = q.get(k, Fraction(0)) + Fraction(int(change.p), int(change.q))
    if any(w < 0 for w in q.values()):
        return None
    sums = [sum((w for k, w in q.items() if dense[e, k]), Fraction(0)) for e in range(len(cells))]
    if any(total != Fraction(int(cell), scale) for total, cell in zip(sums, cells, strict=True)):
        return None
    return {k: w for k, w in q.items() if w}
