"""PPT private states whose key is a choice between sectors of unequal dimension.

Alice holds C^m ⊕ C^n and Bob C^n ⊕ C^m, m ≤ n; the key bit of each is the sector, 0 for the first. With i < m, j < n
and U the first m rows of an n x n unitary with entries of modulus 1/√n (V = √n U has entries of modulus 1),

    rho = ½ · [ (1-p)/(mn) on |0i,0j> and on |1j,1i>, (1-p) v_ij/(mn) between them,
                p/m on |0i,1i>, p/n on |1j,0j> ],

the kets being Alice's and Bob's. For m = n = d this is rho_{d,p} of `ppt_private_state`. Its partial transpose keeps
the diagonal and has (1-p) U/(2m√n) between |0i,1i> and |1j,0j>; with r = (1-p)/p it is there p times m copies of

    A_r = ½ [[1/m, r/(m√n)], [r/(m√n), 1/n]],

and p/(2n) on what the rows of U leave. So it is PPT exactly if r ≤ √m, that is p ≥ 1/(√m + 1).
Source: this project, claim ``unequal-sectors``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
from flint import arb

from keybounds.enclosure import Real, ball, binary_entropy, enclose, xlog2x
from keybounds.errors import DimensionError, InputError
from keybounds.states.arguments import dimension, exact_fraction, require_dense
from keybounds.states.density import to_qobj
from keybounds.states.ppt_private import Hadamard, SeparableEnsemble, complex_hadamard

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qutip import Qobj

_BITS = 128  # of relative accuracy, as in `PPTPrivateFamily`


@dataclass(frozen=True, slots=True, init=False, repr=False)
class UnequalSectors:
    """One such state through its closed forms, each an `arb` ball that certainly contains it; in bits per copy.

    Parameters
    ----------
    m, n
        Dimensions of the sectors, 2 ≤ m ≤ n.
    p
        Weight of the blocks where the key bits differ, in [1/(√m + 1), 1/2]; taken as the exact number it is and
        checked in exact arithmetic.

    Attributes
    ----------
    m, n, rational_p
        As given, p as an exact fraction.

    Raises
    ------
    DimensionError
        Not whole numbers with 2 ≤ m ≤ n.
    InputError
        p is outside its range.
    """

    m: int
    n: int
    rational_p: Fraction

    def __init__(self, m: SupportsIndex, n: SupportsIndex, p: Real) -> None:
        small, large = _sectors(m, n)
        exact = exact_fraction("p", p)
        # p ≥ 1/(√m + 1) reads √m ≥ (1-p)/p, and both sides are positive: compare the squares, which are rational.
        if not 0 < exact <= Fraction(1, 2) or small * exact * exact < (1 - exact) ** 2:
            raise InputError(
                "p", f"a weight in [1/(√m + 1), 1/2] = [{1 / (sqrt(small) + 1):.12g}, 0.5] for m = {small}", repr(p)
            )
        object.__setattr__(self, "m", small)
        object.__setattr__(self, "n", large)
        object.__setattr__(self, "rational_p", exact)

    def __repr__(self) -> str:
        return f"UnequalSectors(m={self.m}, n={self.n}, p={self.rational_p!r})"

    @property
    def p(self) -> arb:
        """Error rate of the key."""
        return enclose(lambda: ball(self.rational_p), bits=_BITS)

    @property
    def ppt_slack(self) -> arb:
        """p det(A_r)/λ_max(A_r): the eigenvalue of rho^Γ that would turn negative for p below 1/(√m + 1)."""
        return enclose(lambda: ball(self.rational_p) * self._eigenvalues(self._odds)[1], bits=_BITS)

    @property
    def relative_entropy_ceiling(self) -> arb:
        """1 - h(p) = D(rho_p ‖ rho_{1/2}) ≥ E_r(rho) ≥ K(rho), as rho_{1/2} is separable."""
        if self.rational_p == Fraction(1, 2):
            return arb(0)
        return enclose(lambda: 1 - binary_entropy(ball(self.rational_p)), bits=_BITS)

    @property
    def transpose_ceiling(self) -> arb:
        """Relative entropy of rho^Γ to `unequal_sector_ensemble`: p·m·D(A_r ‖ A_1) ≥ E_r(rho^Γ) ≥ K_DI(rho).

        D is the relative entropy tr A_r (log2 A_r - log2 A_1) of 2 x 2 matrices of the same trace.
        """
        if self.rational_p == Fraction(1, 2):
            return arb(0)

        def formula() -> arb:
            m, n = self.m, self.n
            own = sum((xlog2x(value) for value in self._eigenvalues(self._odds)), arb(0))
            high, low = self._eigenvalues(Fraction(1))
            slope = (high / low).log() / arb.const_log2() / (high - low)  # log2 A_1 = offset + slope A_1
            offset = high.log() / arb.const_log2() - slope * high
            overlap = (Fraction(1, m * m) + Fraction(1, n * n) + 2 * self._odds / (m * m * n)) / 4  # tr A_r A_1
            cross = offset * ball(_trace(m, n)) + slope * ball(overlap)
            return ball(self.rational_p * m) * (own - cross)

        return enclose(formula, bits=_BITS)

    @property
    def _odds(self) -> Fraction:
        return (1 - self.rational_p) / self.rational_p

    def _eigenvalues(self, r: Fraction) -> tuple[arb, arb]:
        """Eigenvalues of A_r, the larger first, at the working precision."""
        m, n = self.m, self.n
        trace, determinant = _trace(m, n), (m - r * r) / (4 * m * m * n)
        high = (ball(trace) + ball(trace * trace - 4 * determinant).sqrt()) / 2
        return high, ball(determinant) / high


def unequal_sector_state(m: SupportsIndex, n: SupportsIndex, p: float, unitary: Hadamard = "fourier") -> Qobj:
    """Dense state with unequal sectors; dims [[m+n, n+m], [m+n, n+m]], Alice first.

    Parameters
    ----------
    m, n, p
        As `UnequalSectors`.
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
    state = UnequalSectors(m, n, p)
    side = state.m + state.n
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
    state = UnequalSectors(m, n, p)
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


def _sectors(m: SupportsIndex, n: SupportsIndex) -> tuple[int, int]:
    small, large = dimension("m", m), dimension("n", n)
    if small > large:
        raise DimensionError("n", f"at least m = {small} (exchange the parties otherwise)", str(large))
    return small, large


def _trace(m: int, n: int) -> Fraction:
    return (Fraction(1, m) + Fraction(1, n)) / 2
