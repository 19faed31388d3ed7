"""Kernels on plain tables P[a, b, x, y]: marginals, signalling, CHSH. NaN marks unmeasured setting pairs."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CHSH_SIGNS = np.array([[1.0, 1.0], [1.0, -1.0]])
"""S = Σ CHSH_SIGNS[x, y] E(x, y)."""


class Extreme(NamedTuple):
    """The largest of some quantities, where it is, and its standard deviation (0 for an exact table)."""

    size: float
    where: str
    deviation: float = 0.0


def marginals(P: NDArray[np.float64], rounds: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P(a|x) and P(b|y), shapes (na, nx) and (nb, ny): means over the other's settings, weighted with `rounds`."""
    alice = np.nan_to_num(P.sum(axis=1)) * rounds
    bob = np.nan_to_num(P.sum(axis=0)) * rounds
    return alice.sum(axis=2) / rounds.sum(axis=1), bob.sum(axis=1) / rounds.sum(axis=0)


def first_largest(values: NDArray[np.float64]) -> tuple[int, ...]:
    """Where the largest value stands; of several that are equal but for rounding, the first.

    Sums are rounded differently where an array lies differently in memory: what is printed must not depend on that.
    """
    largest = np.isclose(values, values.max(), rtol=1e-6, atol=1e-12)
    return tuple(int(k) for k in np.unravel_index(int(largest.argmax()), values.shape))


def signalling(P: NDArray[np.float64]) -> Extreme:
    """Return the largest difference of a marginal between two settings of the other party."""
    return max(_differences(P, None, "a"), _differences(P, None, "b"), key=lambda extreme: extreme.size)


def signalling_z(P: NDArray[np.float64], rounds: NDArray[np.float64]) -> Extreme:
    """Return the largest such difference in standard deviations.

    Two settings are independent samples, so z = (m - m') / √(m̄(1-m̄)(1/n + 1/n')) with the pooled marginal m̄; normal
    approximation. A difference between samples without spread counts as infinite.
    """
    return max(_differences(P, rounds, "a"), _differences(P, rounds, "b"), key=lambda extreme: extreme.size)


def _differences(P: NDArray[np.float64], rounds: NDArray[np.float64] | None, party: str) -> Extreme:
    """Compare one party's marginals between all pairs of the other's settings; for 'b' the table is transposed."""
    own, other = ("x", "y") if party == "a" else ("y", "x")
    if party == "b":
        P = P.transpose(1, 0, 3, 2)
        rounds = None if rounds is None else rounds.T
    marginal = P.sum(axis=1) / P.sum(axis=(0, 1))
    first, second = np.triu_indices(P.shape[3], 1)
    if first.size == 0:
        return Extreme(0.0, "one setting only")
    m, m_other = marginal[:, :, first], marginal[:, :, second]
    size = np.abs(m - m_other)
    if rounds is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse, inverse_other = 1.0 / rounds[:, first], 1.0 / rounds[:, second]
            share = np.where(inverse + inverse_other > 0, inverse_other / (inverse + inverse_other), 0.5)
            pooled = m * share + m_other * (1.0 - share)
            deviation = np.sqrt(np.clip(pooled * (1.0 - pooled), 0.0, None) * (inverse + inverse_other))
            size = np.where(size == 0, 0.0, size / deviation)
    size = np.where(np.isnan(m) | np.isnan(m_other), 0.0, size)
    a, x, k = first_largest(size)
    where = (
        f"P({party}={a}|{own}={x}) is {m[a, x, k]:.6g} with {other}={first[k]}, {m_other[a, x, k]:.6g} with "
        f"{other}={second[k]}"
    )
    return Extreme(float(size.max()), where)


def largest_chsh(P: NDArray[np.float64], rounds: NDArray[np.float64] | None) -> Extreme | None:
    """Return the largest CHSH value over relabellings and pairs of settings of a binary table, by excess over 2√2.

    Values are ranked by (S - 2√2) / deviation when there is sampling error, with each correlator's standard deviation
    taken at its largest, 1/√n. None if no two settings of each party have all four pairs measured.
    """
    E = P[0, 0] + P[1, 1] - P[0, 1] - P[1, 0]
    best: Extreme | None = None
    best_score = -np.inf
    y0, y1 = np.triu_indices(P.shape[3], 1)
    for x0, x1 in combinations(range(P.shape[2]), 2):
        plus = (E[x0, y0] + E[x0, y1], E[x1, y0] + E[x1, y1])
        minus = (E[x0, y0] - E[x0, y1], E[x1, y0] - E[x1, y1])
        value = np.maximum(np.abs(plus[0]) + np.abs(minus[1]), np.abs(minus[0]) + np.abs(plus[1]))
        deviation = np.zeros(value.shape)
        if rounds is not None:
            with np.errstate(divide="ignore"):
                deviation = np.sqrt(sum(1.0 / rounds[x, y] for x in (x0, x1) for y in (y0, y1)))
        score = np.where(np.isnan(value), -np.inf, (value - 2**1.5) / np.maximum(deviation, 1e-12))
        (k,) = first_largest(score)
        if score[k] > best_score:
            best_score = float(score[k])
            best = Extreme(float(value[k]), f"x in ({x0}, {x1}), y in ({y0[k]}, {y1[k]})", float(deviation[k]))
    return best
