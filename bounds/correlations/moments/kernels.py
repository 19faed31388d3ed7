"""The one hot loop of the interior-point method, compiled: the Schur complement of a block that is a moment matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keybounds.compiled import njit


@njit(fastmath=True)
def schur_complements(
    Z: NDArray[np.float64],
    R: NDArray[np.float64],
    starts: NDArray[np.intp],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    out: NDArray[np.float64],
) -> None:
    """out[b, k, l] = tr(F_k Z_b F_l R_b) for every block b, where F_k is 1 at the entries of moment k and 0 elsewhere.

    Parameters
    ----------
    Z, R
        (blocks, N, N), symmetric: the dual matrices and the inverses of the slacks.
    starts, rows, columns
        The entries sorted by moment: those of moment k are ``starts[k]:starts[k + 1]``.
    out
        (blocks, K, K); both triangles are written (the matrix is symmetric because F, Z and R are).
    """
    blocks, size = Z.shape[0], Z.shape[1]
    count = starts.shape[0] - 1
    places = rows * size + columns
    product = np.empty((size, size))
    flat = product.reshape(-1)
    for b in range(blocks):
        Zb, Rb = Z[b], R[b]
        for moment in range(count):
            # product = Z F R; four entries at a time, for a store of `product` costs as much as four multiplications
            product[:] = 0.0
            entry, end = starts[moment], starts[moment + 1]
            while entry + 3 < end:
                s0, s1, s2, s3 = rows[entry], rows[entry + 1], rows[entry + 2], rows[entry + 3]
                t0, t1, t2, t3 = columns[entry], columns[entry + 1], columns[entry + 2], columns[entry + 3]
                for i in range(size):
                    f0, f1, f2, f3 = Zb[s0, i], Zb[s1, i], Zb[s2, i], Zb[s3, i]
                    for j in range(size):
                        product[i, j] += f0 * Rb[t0, j] + f1 * Rb[t1, j] + f2 * Rb[t2, j] + f3 * Rb[t3, j]
                entry += 4
            while entry < end:
                s0, t0 = rows[entry], columns[entry]
                for i in range(size):
                    f0 = Zb[s0, i]
                    for j in range(size):
                        product[i, j] += f0 * Rb[t0, j]
                entry += 1
            for other in range(moment + 1):
                total = 0.0
                for place in range(starts[other], starts[other + 1]):
                    total += flat[places[place]]
                out[b, moment, other] = total
                out[b, other, moment] = total


@njit()
def cholesky_completes(A: NDArray[np.float64]) -> bool:
    """Whether the textbook Cholesky factorisation of A runs to completion; IEEE arithmetic, no reordering.

    Written out rather than left to LAPACK, so that the backward error bound of the textbook algorithm applies.
    """
    size = A.shape[0]
    L = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):
            total = A[i, j]
            for k in range(j):
                total -= L[i, k] * L[j, k]
            if i == j:
                if not total > 0.0:
                    return False
                L[i, i] = np.sqrt(total)
            else:
                L[i, j] = total / L[j, j]
    return True
