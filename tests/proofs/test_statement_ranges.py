"""Statements name their ranges: outside of them each is false, by an example computed without the claims."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from keybounds.proofs.claims import claims, convex_combination, orthogonal_observable, smallest_gap, unequal_sectors
from keybounds.states.ppt_private import complex_hadamard, ppt_private_matrix

STATEMENTS = {claim.name: claim.statement for claim in claims()}


def h(p: float) -> float:
    return float(-sum(x * math.log2(x) for x in (p, 1 - p) if x > 0))


def test_smallest_gap_ends_at_one_half() -> None:
    """At p = .9 the state of d = 2 is separable, so that its E_r is 0 and not 1 - h = .531."""
    from keybounds.bounds.upper import relative_entropy_of_entanglement

    statement, (d, p) = STATEMENTS["smallest-gap"], (2, 0.9)
    assert statement.admits({smallest_gap.p: sp.Rational(1, 2)}, "no gap, d = 2")
    assert not statement.admits({smallest_gap.p: sp.Rational(9, 10)}, "no gap, d = 2")
    assert not statement.admits({smallest_gap.p: sp.Rational(2, 5)}, "no gap, d = 2")
    transposed = ppt_private_matrix(complex_hadamard(d), p).reshape(4, 4, 4, 4).transpose(0, 3, 2, 1).reshape(16, 16)
    assert relative_entropy_of_entanglement(transposed, (4, 4)).value < 1e-6
    assert 1 - h(p) == pytest.approx(0.531, abs=5e-4)


def test_orthogonal_observable_ends_at_one_half() -> None:
    """S = 2.7, Q = .99: Bob flips his bit, and an error of .01 leaves key."""
    statement, (s, q) = STATEMENTS["orthogonal-observable-attack"], (2.7, 0.99)
    S, Q = orthogonal_observable.S, orthogonal_observable.Q
    assert statement.admits({S: sp.Rational(27, 10), Q: sp.Rational(1, 2)}, "numbers")
    assert not statement.admits({S: sp.Rational(27, 10), Q: sp.Rational(99, 100)}, "numbers")
    assert q >= (s - 2) / (2 * (2 * math.sqrt(2) - 2))
    c = math.sqrt(s * s / 4 - 1)
    assert 1 - h((1 + c) / 2) - h(1 - q) == pytest.approx(0.648, abs=5e-4)


def test_unequal_sectors_begin_at_the_edge() -> None:
    """Below it the partial transpose is no state: m = 2, n = 3, p = .3 has p m A_r with a negative eigenvalue."""
    statement, (m, n, p) = STATEMENTS["unequal-sectors"], (2, 3, 0.3)
    sizes = {unequal_sectors.m: sp.Integer(2), unequal_sectors.n: sp.Integer(3)}
    assert statement.admits({**sizes, unequal_sectors.p: sp.Rational(9, 20)}, "ceiling")
    assert not statement.admits({**sizes, unequal_sectors.p: sp.Rational(3, 10)}, "ceiling")
    assert not statement.admits({**sizes, unequal_sectors.p: sp.Rational(3, 5)}, "ceiling")
    assert p < 1 / (math.sqrt(m) + 1)
    r = (1 - p) / p
    block = np.array([[1 / m, r / (m * math.sqrt(n))], [r / (m * math.sqrt(n)), 1 / n]]) / 2
    assert np.linalg.eigvalsh(block)[0] == pytest.approx(-0.131, abs=5e-4)


def test_dephasing_says_how_the_errors_are_spread() -> None:
    """d = 3 with all errors in one power of Z: log 3 - H(.9, .1) = 1.116 is more than the formula's 1.016."""
    words = {str(one.symbol): one.words for one in STATEMENTS["channel-closed-forms"].parameters}
    assert "of each Z^k, k = 1, .., d-1, p/(d-1)" in words["p"]
    d, p = 3, 0.1
    capacity = math.log2(d) - h(p)
    stated = math.log2(d) - h(p) - p * math.log2(d - 1)
    assert (capacity, stated) == (pytest.approx(1.116, abs=5e-4), pytest.approx(1.016, abs=5e-4))


def test_convex_combination_begins_at_the_local_visibility() -> None:
    """Below it the weight of the nonlocal part would be negative, and so the ceiling, of which no rate is below."""
    statement, (v, local) = STATEMENTS["convex-combination-attack"], (0.5, 1 / math.sqrt(2))
    assert statement.admits({convex_combination.v: sp.Rational(3, 4)})
    assert not statement.admits({convex_combination.v: sp.Rational(1, 2)})
    w, q = (v - local) / (1 - local), 0.0
    assert w + (1 - w) * h(q) - h(q + (1 - 2 * q) * (1 - v) / 2) < 0


def test_ppt_edge_needs_a_complex_hadamard_matrix() -> None:
    """On the keys 01 and 10, rho^Γ has the block ½ [[pY, (1-p)X^Γ], [.., pY]], X^Γ the same with U = 1 as X and Y."""
    d = 2
    p = 1 / (math.sqrt(d) + 1)

    def least(u: np.ndarray) -> float:
        x = u / np.abs(u).sum()  # in the basis |ii>; X = sum x_ij |ij><ji| has trace norm 1
        y = np.eye(d) / d
        return float(np.linalg.eigvalsh(np.block([[p * y, (1 - p) * x], [(1 - p) * x.T, p * y]]) / 2)[0])

    assert least(np.array([[1.0, 1.0], [1.0, -1.0]])) >= -1e-12
    assert least(np.eye(d)) < -0.04
