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

from keybounds.bounds.moments.relaxation import Relaxation

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
        V of shape (r, K), linearly independent rows; s and t of shape (r,), equal where a value is known exactly. Floats
        stand for the dyadic numbers that they are.
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
