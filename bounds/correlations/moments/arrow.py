"""The problem that every bound of the moment engine solves: many nodes that meet only in the base moments.

minimise  Σ_i c_i · z_i + d · y   subject to   Γ(z_i) ⪰ 0,  Γ(y) - Γ(z_i) ⪰ 0  for every node i,   s ≤ V y ≤ t.

y are the moments <w> of the base, z_i the moments <w Z_i> with the adversary's projector Z_i of node i, which commutes
with the parties' projectors. Γ is the moment matrix of one relaxation.

The Lagrangian dual has X_i, Y_i ⪰ 0 for the two blocks of each node. Where X_i - Y_i matches c_i in every moment, and
d - Σ_i Γ*(Y_i) = Vᵀκ, the value is at least Σ_j min(κ_j s_j, κ_j t_j).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.errors import UnsupportedError

COST_BITS = 48
"""Costs are integer multiples of 2^-48: fine enough to lose nothing visible, coarse enough for 64-bit sums."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrowProblem:
    """The problem of the module.

    Attributes
    ----------
    node_costs, base_cost
        c of shape (n, K) and d of shape (K,), int64, in units of 2^-COST_BITS.
    known_rows, known_low, known_high
        V of shape (r, K), linearly independent rows; s and t of shape (r,), equal where a value is known exactly.
        Floats stand for the dyadic numbers that they are.
    """

    relaxation: Relaxation
    node_costs: NDArray[np.int64]
    base_cost: NDArray[np.int64]
    known_rows: NDArray[np.float64]
    known_low: NDArray[np.float64]
    known_high: NDArray[np.float64]

    @property
    def nodes(self) -> int:
        """n, the number of nodes."""
        return len(self.node_costs)

    def float_costs(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The costs c and d as doubles."""
        return np.ldexp(self.node_costs.astype(np.float64), -COST_BITS), np.ldexp(
            self.base_cost.astype(np.float64), -COST_BITS
        )

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Which rows of V have one known value: shape (r,)."""
        return np.asarray(self.known_low == self.known_high)

    def known_space(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A point y (K,) with V y = s in the exact rows, and an orthonormal basis (K, ·) of what they leave free."""
        left, singular, right = np.linalg.svd(self.known_rows[self.exact], full_matrices=True)
        rank = len(singular)
        point = right[:rank].T @ ((left.T @ self.known_low[self.exact]) / singular)
        return point, np.ascontiguousarray(right[rank:].T)

    def off_known(self) -> NDArray[np.float64]:
        """The projector onto the complement of the span of all rows of V: shape (K, K)."""
        _, singular, right = np.linalg.svd(self.known_rows, full_matrices=True)
        free = right[len(singular) :]
        return np.asarray(free.T @ free)


@dataclass(frozen=True, slots=True, eq=False)
class DualPoint:
    """A candidate for the dual, as a solver returned it: nothing about it is believed.

    Attributes
    ----------
    node, base
        X and Y, each (n, N, N).
    objective
        The solver's own value; a diagnostic, never a bound.
    """

    node: NDArray[np.float64]
    base: NDArray[np.float64]
    objective: float


@dataclass(frozen=True, slots=True, eq=False)
class Iterate:
    """A point or a step of the interior-point method.

    Attributes
    ----------
    S, Z
        Slacks of the two blocks of each node and their duals (X, Y): (2, n, N, N).
    u, a
        Slacks and multipliers of the ranges.
    y, z
        Base moments (K,) and node moments (n, K).
    """

    S: NDArray[np.float64]
    Z: NDArray[np.float64]
    u: NDArray[np.float64]
    a: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ArrowSolution:
    """What a solver found: dual candidates, the best first; the moments it ended at; and how it ended.

    Attributes
    ----------
    candidates
        Each to be proven by `keybounds.bounds.correlations.moments.dual.certify`.
    base_moments, node_moments, objective
        y (K,), z (n, K) and Σ c·z + d·y: estimates, which prove nothing.
    resume
        An iterate well inside the cone, from which a problem with nearby data is soon solved; None from other solvers.
    """

    candidates: tuple[DualPoint, ...]
    base_moments: NDArray[np.float64]
    node_moments: NDArray[np.float64]
    objective: float
    iterations: int
    ended: str
    resume: Iterate | None = None


MEMORY_LIMIT = 2**33  # bytes


def require_memory(relaxation: Relaxation, nodes: int, needed: int) -> None:
    """Refuse a problem of this size for which a solver would take more than `MEMORY_LIMIT` bytes, before it takes any.

    Raises
    ------
    UnsupportedError
        With the estimate.
    """
    if needed > MEMORY_LIMIT:
        raise UnsupportedError(
            "level, nodes",
            f"moments and nodes for which the solver takes at most {MEMORY_LIMIT / 2**30:g} GiB of memory",
            f"{len(relaxation.moments)} moments at {nodes} nodes, for which it takes about {needed / 2**30:.3g} GiB",
        )


def onto_equalities(
    relaxation: Relaxation,
    node_costs: NDArray[np.float64],
    base_cost: NDArray[np.float64],
    off_known: NDArray[np.float64],
    blocks: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Move (X, Y), shape (2, n, N, N), by the least change onto the dual equalities.

    Γ*(X_i) - Γ*(Y_i) = c_i, and d - Σ Γ*(Y_i) in the span of V; `off_known` projects onto the complement of that span.
    Every entry holds one moment, so the least change spreads what is missing evenly over its entries.
    """
    multiplicity = relaxation.multiplicities()
    for _ in range(2):  # twice, for the rounding of the first time
        node, base = dual_residuals(relaxation, node_costs, base_cost, blocks)
        shared = (off_known @ (base + node.sum(axis=0) / 2)) / len(node_costs)
        blocks = blocks + relaxation.matrix(np.stack([node / 2 + shared, -node / 2 + shared]) / multiplicity)
    return blocks


def dual_residuals(
    relaxation: Relaxation,
    node_costs: NDArray[np.float64],
    base_cost: NDArray[np.float64],
    blocks: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return c - Γ*(X) + Γ*(Y), shape (n, K), and d - Σ Γ*(Y), shape (K,)."""
    node_sums, base_sums = relaxation.sums(blocks)
    return node_costs - node_sums + base_sums, base_cost - base_sums.sum(axis=0)
