"""Nodes and weights of the integral: exact, rounded to the safe side."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.correlations.entropy.chords import chebyshev_nodes, chord_weights, curvature_nodes, tangent_gap


@pytest.mark.parametrize("noise", [0.0, 1e-9, 0.07, 0.13, 0.49, 0.4999999])
def test_weights_are_the_integrals_rounded_down(noise: float) -> None:
    """A weight above its integral would make the bound too high."""
    nodes = chebyshev_nodes(5)
    ends = [mpmath.mpf(t.numerator) / t.denominator for t in (Fraction(0), *nodes, Fraction(1))]
    with mpmath.workdps(30):
        q = mpmath.mpf(noise)
        r = 1 - 2 * q

        def w(t: mpmath.mpf) -> mpmath.mpf:
            return 1 / (q + r * t) + 1 / (q + r * (1 - t))

        for i, weight in enumerate(chord_weights(nodes, noise, 48), start=1):
            a, b, c = ends[i - 1 : i + 2]
            exact = mpmath.quad(lambda t: (t - a) / (b - a) * w(t) if t > a else r * 0 + 1 / (b - a), [a, b])  # noqa: B023
            exact += mpmath.quad(lambda t: (c - t) / (c - b) * w(t) if t < c else r * 0 + 1 / (c - b), [b, c])  # noqa: B023
            assert 0 <= exact * 2**48 - weight < 1 + 1e-3 * 2**48 * (1e-9 if noise == 1e-9 else 1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 600))
def test_chebyshev_nodes_increase_strictly(count: int) -> None:
    nodes = chebyshev_nodes(count)
    assert len(nodes) == count
    assert all(a < b for a, b in zip((Fraction(0), *nodes), (*nodes, Fraction(1)), strict=True))


def test_nodes_go_where_the_function_bends() -> None:
    """A kink at 1/2 draws most nodes to its interval; the rest stay where an adversary might move it."""
    pilot = chebyshev_nodes(14)
    slopes = np.array([1.0] * 8 + [-1.0] * 8)
    nodes = [float(t) for t in curvature_nodes(40, pilot, 0.1, slopes)]
    inside = sum(float(pilot[6]) <= t <= float(pilot[7]) for t in nodes)
    assert inside > 30
    assert len(nodes) == 40
    assert min(nodes) < 0.2
    assert max(nodes) > 0.8


@pytest.mark.parametrize("slopes", [np.full(7, np.nan), np.zeros(7), np.full(7, np.inf)])
def test_a_failed_pilot_gives_chebyshev_nodes(slopes: np.ndarray) -> None:
    assert curvature_nodes(9, chebyshev_nodes(5), 0.1, slopes) == chebyshev_nodes(9)


def test_the_gap_of_a_parabola() -> None:
    """For e = t(1-t) two neighbouring tangents and their chord enclose h³/4, the end ones h³/2; w is nearly 4 here.

    The quadrature runs over the kink between two tangents, which costs it a percent: it is an estimate.
    """
    nodes = tuple(Fraction(i, 16) for i in range(1, 16))
    t = np.array([float(node) for node in nodes])
    errors = np.stack([t**2, (1 - t) ** 2], axis=1)  # the tangent at s is (1-t) s² + t (1-s)²
    assert tangent_gap(nodes, 0.4999, errors) == pytest.approx((14 / 4 + 2 / 2) / 16**3 * 4, rel=2e-2)
