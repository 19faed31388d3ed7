"""The master problem: the cheapest mixture of the strategies at hand, by HiGHS, and the prices it puts on the table.

    min max_j Σ_k w_k c_kj   over   Σ_k w_k P_k = P,  w >= 0,

a linear program in w and, for more than one setting pair j, in the maximum. Slack in either direction is bought at a
high price, so that the program is feasible and its prices bounded while the library cannot make P yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import BoundNotEstablishedError
from keybounds.solvers import SECONDS, asked

_TOLERANCES = (1e-10, 1e-9, 1e-7)  # HiGHS's feasibility tolerances: the smallest it takes, larger ones where it fails
_F = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Master:
    """The solution of a master problem.

    Attributes
    ----------
    value
        The objective, slack included.
    weights
        (n,), of the strategies.
    slack
        How much of the functionals was bought instead of mixed, in sum.
    prices
        (m,): what a unit of each functional fetches.
    shares
        (pairs,): the weight of each setting pair in the cost, 1 in sum.
    """

    value: float
    weights: _F
    slack: float
    prices: _F
    shares: _F


def solve_master(functionals: _F, costs: _F, target: _F, *, penalty: float, least: _F | None = None) -> Master:
    """Solve the master problem.

    Parameters
    ----------
    functionals
        (n, m): of each strategy.
    costs
        (n, pairs).
    target
        (m,).
    penalty
        The price of slack.
    least
        (n,): lower ends for the weights, default 0.

    Raises
    ------
    BoundNotEstablishedError
        HiGHS found no solution.
    """
    from scipy.optimize import linprog

    n, m = functionals.shape
    pairs = costs.shape[1]
    several = pairs > 1
    objective = np.concatenate([np.zeros(n) if several else costs[:, 0], np.full(2 * m, penalty), [1.0] * several])
    equalities = np.hstack([functionals.T, np.eye(m), -np.eye(m), np.zeros((m, int(several)))])
    lowest = np.zeros(len(objective))
    if least is not None:
        lowest[:n] = least
    inequalities = np.hstack([costs.T, np.zeros((pairs, 2 * m)), -np.ones((pairs, int(several)))])[: pairs * several]
    for tolerance in _TOLERANCES:
        options: Any = {f"{side}_feasibility_tolerance": tolerance for side in ("primal", "dual")}
        with asked("HiGHS"):
            result = linprog(
                objective,
                A_eq=equalities,
                b_eq=target,
                A_ub=inequalities,
                b_ub=np.zeros(len(inequalities)),
                bounds=[(low, None) for low in lowest.tolist()],
                method="highs-ds",
                options=options | {"time_limit": SECONDS},
            )
        if result.x is not None and np.isfinite(result.x).all():
            break
    else:
        raise BoundNotEstablishedError(f"the linear program of the mixture was not solved: {result.message}")
    shares = np.maximum(-result.ineqlin.marginals, 0.0) if several else np.ones(1)
    return Master(
        value=float(result.fun or 0.0),
        weights=result.x[:n],
        slack=float(result.x[n : n + 2 * m].sum()),
        prices=np.asarray(result.eqlin.marginals),
        shares=shares,
    )
