"""Outward rounding and ball arithmetic: if these fail, every printed bound may be on the wrong side."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from keybounds.enclosure import (
    ball,
    binary_entropy,
    clamp,
    enclose,
    nearest,
    round_down,
    round_up,
    shannon_entropy,
    xlog2x,
)
from keybounds.errors import BoundNotEstablishedError

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite)
def test_doubles_round_to_themselves(x: float) -> None:
    assert round_up(ball(x)) == x == round_down(ball(x))


@given(st.fractions(min_value=-(10**6), max_value=10**6))
def test_rounding_encloses_fractions_within_one_step(x: Fraction) -> None:
    value = enclose(lambda: ball(x))
    low, high = round_down(value), round_up(value)
    assert Fraction(low) <= x <= Fraction(high)
    assert high <= math.nextafter(low, math.inf)


def test_square_root_of_two_is_enclosed_by_neighbours() -> None:
    value = enclose(lambda: arb(2).sqrt())
    low, high = round_down(value), round_up(value)
    assert Fraction(low) ** 2 < 2 < Fraction(high) ** 2
    assert math.nextafter(low, 2) == high
    assert nearest(value) == math.sqrt(2)


def test_values_below_the_least_double_round_outwards_not_to_zero() -> None:
    tiny = enclose(lambda: arb(2) ** -1200)
    assert round_down(tiny) == 0.0
    assert round_up(tiny) == 5e-324
    assert round_down(-tiny) == -5e-324


def test_cancellation_raises_the_precision_until_digits_are_certain() -> None:
    value = enclose(lambda: (1 + arb(2) ** -600).sqrt() - 1, bits=80)
    assert value.rel_accuracy_bits() >= 80
    assert float(value * arb(2) ** 601) == pytest.approx(1.0, abs=1e-15)


def test_a_value_that_is_zero_but_cancels_ends_the_search() -> None:
    value = enclose(lambda: arb(2).sqrt() ** 2 - 2)
    assert value.contains(0)
    assert round_up(value) <= 1e-300


def test_leaving_the_domain_is_an_error_not_a_number() -> None:
    with pytest.raises(BoundNotEstablishedError, match="no enclosure"):
        enclose(lambda: arb(-1).sqrt(), max_precision=256)
    with pytest.raises(BoundNotEstablishedError, match="not finite"):
        round_up(arb("nan"))


@given(st.floats(min_value=0, max_value=1))
def test_binary_entropy_agrees_with_mpmath_at_sixty_digits(x: float) -> None:
    with mpmath.workdps(60):
        exact = mpmath.mpf(0)
        for weight in (mpmath.mpf(x), 1 - mpmath.mpf(x)):
            exact -= weight * mpmath.log(weight, 2) if weight else 0
        value = enclose(lambda: binary_entropy(ball(x)))
        low, high = (mpmath.mpf(f(value)) for f in (round_down, round_up))
        assert low <= exact + mpmath.mpf(10) ** -55
        assert exact - mpmath.mpf(10) ** -55 <= high


def test_xlog2x_covers_balls_that_reach_below_zero_or_are_wide() -> None:
    with ctx.workprec(128):
        straddling = arb(1e-20, 3e-20)
        for point in (0.0, 1e-20, 4e-20):
            exact = point * math.log2(point) if point else 0.0
            assert xlog2x(straddling).overlaps(arb(exact, 1e-30))
        assert xlog2x(arb(0)) == 0
        assert xlog2x(arb(-1e-30)) == 0
        wide = xlog2x(arb(0.3, 0.4))
        assert wide.contains(arb(-0.5307378454230403)), "the minimum -log2(e)/e lies inside"
        assert wide.contains(arb(0))


def test_entropy_of_uniform_weights_is_their_logarithm() -> None:
    value = enclose(lambda: shannon_entropy([ball(Fraction(1, 8))] * 8))
    assert round_down(value) <= 3.0 <= round_up(value)
    assert clamp(arb(1.5), 0, 1) == 1
    assert clamp(arb(-0.5), 0, 1) == 0
