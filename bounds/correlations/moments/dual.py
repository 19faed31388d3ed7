"""From any dual candidate to a proof: the value is a bound whatever the solver did.

1. X_i and Y_i are moved near the dual equalities and rounded to integers on one dyadic grid; from here on all
   arithmetic about them is exact.
2. Where rounding or the solver left a matrix outside the cone, a multiple of the identity is added to both matrices of
   that node, which leaves X_i - Y_i alone. Positive semidefiniteness is then proven by a Cholesky factorisation in
   floating point with its backward error bound: if it runs to completion on A - cI with c ≥ γ tr A, γ ≈ (N+1) 2^-53,
   then A ⪰ 0 (rump2006; Demmel's bound |ΔA_ij| ≤ γ sqrt(A_ii A_jj)).
3. What is left of the dual equalities is charged at the most a moment can be: every moment is the expectation of a
   product of projectors, at most 1 in modulus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments.arrow import COST_BITS, ArrowProblem, DualPoint, onto_equalities
from keybounds.errors import BoundNotEstablishedError

_ENTRY_BITS = 52  # integers of at most this many bits are exact as doubles
_SUM_BITS = 61  # sums over the entries of one moment, and the difference of two, are exact in 64 bits
_HEADROOM = 2  # bits that a shift may add to an entry
_LARGEST = 2.0**100  # a point with larger entries proves nothing that anybody wants
_ATTEMPTS = 60  # each doubles the shift, so that the last one dominates any matrix of that many bits


@dataclass(frozen=True, slots=True, eq=False)
class DualProof:
    """A proven lower bound on the arrow problem, linear in what is known about the base.

    The problem's value is at least Σ_j min(κ_j s_j, κ_j t_j) - charge; κ and charge do not depend on s and t, so the
    same proof bounds every other problem that differs in s and t only.

    Attributes
    ----------
    multipliers
        κ, one for each row of V.
    charge
        What the imperfection of the dual costs at most.
    value
        The bound at the problem's own s and t.
    node, base, bits
        The integer matrices X and Y, (n, N, N), in units of 2^-bits.
    """

    multipliers: tuple[Fraction, ...]
    charge: Fraction
    value: Fraction
    node: NDArray[np.int64]
    base: NDArray[np.int64]
    bits: int

    def to_dict(self) -> dict[str, Any]:
        """X and Y as integers for JSON: of each matrix the upper triangle, row by row."""
        upper = np.triu_indices(self.node.shape[-1])
        return {
            "bits": self.bits,
            "X": self.node[:, upper[0], upper[1]].tolist(),
            "Y": self.base[:, upper[0], upper[1]].tolist(),
        }


def certify(problem: ArrowProblem, candidates: Sequence[DualPoint]) -> DualProof:
    """Prove what can be proven from each candidate, and return the best.

    Raises
    ------
    BoundNotEstablishedError
        There is no candidate with finite entries: the solver failed.
    """
    proofs = [proof for proof in (_prove(problem, point) for point in candidates) if proof is not None]
    if not proofs:
        raise BoundNotEstablishedError(
            "the solver returned no dual point with finite entries, so nothing is proven; try another solver or level"
        )
    return max(proofs, key=lambda proof: proof.value)


def _prove(problem: ArrowProblem, point: DualPoint) -> DualProof | None:
    blocks = np.stack([point.node, point.base])
    if not np.all(np.isfinite(blocks)) or not np.abs(blocks).max() < _LARGEST:
        return None
    blocks = onto_equalities(problem.relaxation, *problem.float_costs(), problem.off_known(), blocks)
    blocks = (blocks + np.swapaxes(blocks, -1, -2)) / 2
    _, exponent = np.frexp(np.abs(blocks).max())
    spread = int(problem.relaxation.multiplicities().max()).bit_length()
    entry_bits = min(_ENTRY_BITS, _SUM_BITS - spread)
    bits = min(COST_BITS, entry_bits - _HEADROOM - int(exponent))
    integers = _positive(np.rint(np.ldexp(blocks, bits)).astype(np.int64), entry_bits)
    if integers is None:
        return None
    node_sums, base_sums = _integer_sums(problem, integers)

    unit = 1 << (COST_BITS - bits)  # sums are in units of 2^-bits, costs in units of 2^-COST_BITS
    node_residual = problem.node_costs.astype(object) - (node_sums - base_sums).astype(object) * unit
    base = problem.base_cost.astype(object) - base_sums.astype(object).sum(axis=0) * unit
    grid = Fraction(1, 1 << COST_BITS)
    multipliers, left = _known_part(problem.known_rows, [Fraction(int(value)) * grid for value in base])
    charge = Fraction(int(np.abs(node_residual).sum())) * grid + left
    return DualProof(
        multipliers=multipliers,
        charge=charge,
        value=known_value(multipliers, problem.known_low, problem.known_high) - charge,
        node=integers[0],
        base=integers[1],
        bits=bits,
    )


def known_value(multipliers: Sequence[Fraction], low: NDArray[np.float64], high: NDArray[np.float64]) -> Fraction:
    """Σ_j min(κ_j s_j, κ_j t_j), exactly."""
    return sum(
        (k * Fraction(float(s if k >= 0 else t)) for k, s, t in zip(multipliers, low, high, strict=True)), Fraction(0)
    )


def _integer_sums(problem: ArrowProblem, integers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Γ* in exact integer arithmetic: (2, n, N, N) to (2, n, K)."""
    relaxation = problem.relaxation
    flat = relaxation.index.reshape(-1)
    count = len(relaxation.moments)
    order = np.argsort(flat, kind="stable")[: int(np.count_nonzero(flat < count))]
    starts = np.concatenate([[0], np.cumsum(relaxation.multiplicities())[:-1]])
    entries = integers.reshape(*integers.shape[:-2], -1)[..., order]
    return np.add.reduceat(entries, starts, axis=-1)


def _positive(integers: NDArray[np.int64], entry_bits: int) -> NDArray[np.int64] | None:
    """Shift the matrices of each node along the identity until all are proven positive semidefinite.

    None where that would take entries of more than `entry_bits`.
    """
    from keybounds.bounds.correlations.moments.kernels import cholesky_completes

    size = integers.shape[-1]
    identity = np.eye(size, dtype=np.int64)
    shift = np.zeros(integers.shape[1], dtype=np.int64)
    undecided = np.ones(integers.shape[1], dtype=bool)
    integers = integers.copy()
    for attempt in range(_ATTEMPTS):
        for i in np.flatnonzero(undecided):
            undecided[i] = not all(cholesky_completes(_reduced(integers[block, i])) for block in (0, 1))
        if not undecided.any():
            return integers
        for i in np.flatnonzero(undecided):
            if attempt == 0:
                least = float(np.linalg.eigvalsh(integers[:, i].astype(np.float64)).min())
                step = max(1, int(-1.25 * least))
            else:
                step = max(1, int(shift[i]))
            shift[i] += step
            integers[:, i] += step * identity
        if np.abs(integers).max() > 1 << entry_bits:
            return None
    return None


def _reduced(A: NDArray[np.int64]) -> NDArray[np.float64]:
    """A - cI as doubles, c twice what the backward error of Cholesky and the rounding of c itself can amount to."""
    matrix = A.astype(np.float64)  # exact: entries are below 2^53
    diagonal = np.diagonal(matrix)
    if diagonal.min() < 0:
        return matrix
    c = 2 * (len(matrix) + 2) * 2.0**-53 * float(diagonal.sum())
    return matrix - c * np.eye(len(matrix))


def _known_part(rows: NDArray[np.float64], base: Sequence[Fraction]) -> tuple[tuple[Fraction, ...], Fraction]:
    """Choose κ with Vᵀκ near `base`, and charge what is left: κ and Σ_k |base - Vᵀκ|_k."""
    supports = [np.flatnonzero(row) for row in rows]
    shared = np.count_nonzero(rows, axis=0)
    rest = list(base)
    multipliers = [Fraction(0)] * len(rows)
    coupled = []
    for j, support in enumerate(supports):
        if len(support) == 1 and shared[support[0]] == 1:  # a single moment known by itself: nothing is left of it
            k = int(support[0])
            multipliers[j] = rest[k] / Fraction(float(rows[j, k]))
            rest[k] = Fraction(0)
        else:
            coupled.append(j)
    if coupled:
        target = np.array([float(value) for value in rest])
        solution = np.linalg.lstsq(rows[coupled].T, target, rcond=None)[0]
        for j, kappa in zip(coupled, solution, strict=True):
            multipliers[j] = Fraction(float(kappa))
            for k in supports[j].tolist():
                rest[k] -= multipliers[j] * Fraction(float(rows[j, k]))
    return tuple(multipliers), sum((abs(value) for value in rest), Fraction(0))
