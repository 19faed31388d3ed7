"""Dense PPT private states whose key is a choice between sectors of unequal dimension.

Alice holds C^m ⊕ C^n and Bob C^n ⊕ C^m, m ≤ n; the key bit of each is the sector, 0 for the first. With i < m, j < n
and U the first m rows of an n x n unitary with entries of modulus 1/√n (V = √n U has entries of modulus 1),

    rho = ½ · [ (1-p)/(mn) on |0i,0j> and on |1j,1i>, (1-p) v_ij/(mn) between them,
                p/m on |0i,1i>, p/n on |1j,0j> ],

the kets being Alice's and Bob's. For m = n = d this is rho_{d,p} of `ppt_private_state`. Its partial transpose keeps
the diagonal and has (1-p) U/(2m√n) between |0i,1i> and |1j,0j>; with r = (1-p)/p it is there p times m copies of

    A_r = ½ [[1/m, r/(m√n)], [r/(m√n), 1/n]],

and p/(2n) on what the rows of U leave. So it is PPT exactly if r ≤ √m, that is p ≥ 1/(√m + 1). Closed forms are in
`PPTPrivateFamily`.
Source: this project, claim ``unequal-sectors``.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from keybounds.states.arguments import require_dense
from keybounds.states.density import to_qobj
from keybounds.states.ppt_family import PPTPrivateFamily
from keybounds.states.ppt_private import Hadamard, SeparableEnsemble, complex_hadamard

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qutip import Qobj


def unequal_sector_state(m: SupportsIndex, n: SupportsIndex, p: float, unitary: Hadamard = "fourier") -> Qobj:
    """Dense state with unequal sectors; dims [[m+n, n+m], [m+n, n+m]], Alice first.

    Parameters
    ----------
    m, n, p
        As `PPTPrivateFamily.sectors`, of which this is the matrix.
    unitary
        n x n, of which the first m rows are used; see `complex_hadamard`.

    Raises
    ------
    DimensionError, StateError, UnknownNameError
        m, n or the unitary, as `complex_hadamard`.
    InputError
        p outside its range.
    UnsupportedError
        The matrix is too large to be held.
    """
    state = PPTPrivateFamily.sectors(m, n, p)
    side = state.side
    require_dense("n", state.n, side * side)
    rows = complex_hadamard(state.n, unitary)[: state.m]
    return to_qobj(unequal_sector_matrix(rows, float(p)), (side, side))


def unequal_sector_matrix(rows: NDArray[np.complex128], p: float) -> NDArray[np.complex128]:
    """Matrix of `unequal_sector_state` for any p in [0, 1] and `rows` = U of shape (m, n), neither checked."""
    m, n = rows.shape
    side = m + n
    rho = np.zeros((side, side, side, side), dtype=np.complex128)
    i, j = np.indices((m, n))
    zero_zero, one_one = (i, j), (m + j, n + i)
    rho[*zero_zero, *zero_zero] = rho[*one_one, *one_one] = (1 - p) / (2 * m * n)
    rho[*zero_zero, *one_one] = (1 - p) / (2 * m * sqrt(n)) * rows
    rho[*one_one, *zero_zero] = (1 - p) / (2 * m * sqrt(n)) * rows.conj()
    k = np.arange(m)
    rho[k, n + k, k, n + k] = p / (2 * m)
    k = np.arange(n)
    rho[m + k, k, m + k, k] = p / (2 * n)
    return rho.reshape(side * side, side * side)


def unequal_sector_ensemble(
    m: SupportsIndex, n: SupportsIndex, p: float, unitary: Hadamard = "fourier"
) -> SeparableEnsemble:
    """Separable state near rho^Γ, as product vectors with weights; dims (m+n, n+m).

    Weight 2p evenly on (|0i> + e^{is}|1j>)/√2 ⊗ (|0j> + e^{it}|1i>)/√2 for i < m, j < n, s = 0, 2π/3, 4π/3 and
    t = s + arg v_ij, and weight 1-2p evenly on the |0i>|0j> and |1j>|1i>. It has the diagonal of rho^Γ, and p A_1 where
    rho^Γ has p A_r, so that D(rho^Γ ‖ σ) = p·m·D(A_r ‖ A_1). Arguments and errors as `unequal_sector_state`.
    """
    state = PPTPrivateFamily.sectors(m, n, p)
    m, n, weight = state.m, state.n, float(p)
    require_dense("n", n, (m + n) ** 2)
    rows = complex_hadamard(n, unitary)[:m]
    i, j, third = (index.reshape(-1) for index in np.indices((m, n, 3)))
    s = 2 * np.pi * third / 3
    t = s + np.angle(rows)[i, j]
    k, q = (index.reshape(-1) for index in np.indices((m, n)))
    basis = np.eye(m + n, dtype=np.complex128)  # Alice: |0i> is row i, |1j> row m + j; Bob: |0j> is row j, |1i> n + i
    alice = (basis[i] + np.exp(1j * s)[:, None] * basis[m + j]) / sqrt(2)
    bob = (basis[j] + np.exp(1j * t)[:, None] * basis[n + i]) / sqrt(2)
    coherent = np.full(len(i), 2 * weight / len(i))
    diagonal = np.full(2 * len(k), (1 - 2 * weight) / (2 * len(k)))
    return SeparableEnsemble(
        weights=np.concatenate([coherent, diagonal]),
        alice=np.concatenate([alice, basis[k], basis[m + q]]),
        bob=np.concatenate([bob, basis[q], basis[n + k]]),
        dims=(m + n, n + m),
    )
