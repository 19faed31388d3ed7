"""The ends of balls, to the last bit: a margin that is one step too small, or a guard one step too late, shows here."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx

from keybounds.enclosure import (
    LEAST_DECIDABLE,
    ball,
    clamp,
    decidable,
    enclose,
    exp2,
    log2,
    nearest,
    round_down,
    round_up,
    xlog2x,
)
from keybounds.errors import BoundNotEstablishedError


def at_least(precision: int) -> arb:
    """A formula that is only defined from some precision on."""
    return arb(1) if ctx.prec >= precision else arb("nan")


def test_a_formula_that_is_not_yet_finite_is_evaluated_again_up_to_the_greatest_precision_and_not_beyond() -> None:
    assert enclose(lambda: at_least(1000), max_precision=1024) == 1
    assert enclose(lambda: at_least(1024), max_precision=1024) == 1, "the greatest precision counts"
    with pytest.raises(BoundNotEstablishedError, match="no enclosure to 64 bits at a precision of 1024 bits"):
        enclose(lambda: at_least(1025), max_precision=1024)
    with pytest.raises(BoundNotEstablishedError, match="no enclosure"):
        enclose(lambda: arb("inf"), max_precision=1024)


def ball_of(radius: Fraction) -> arb:
    """Around 0, so that no leading bit is ever certain."""
    with ctx.workprec(4096):
        return arb(0).union(ball(radius)).union(-ball(radius))


def test_absolute_accuracy_ends_the_search_below_two_to_the_minus_1100() -> None:
    assert enclose(lambda: ball_of(Fraction(7, 2**1103)), max_precision=256).contains(0)
    with pytest.raises(BoundNotEstablishedError, match="no enclosure"):
        enclose(lambda: ball_of(Fraction(9, 2**1103)), max_precision=256)


def test_as_many_leading_bits_are_certain_as_were_asked_for() -> None:
    """The radius falls with the precision, as it does in a formula that cancels."""
    for bits in (20, 64, 130):
        value = enclose(lambda: 1 + ball_of(Fraction(1, 2 ** (ctx.prec // 3))), bits=bits)
        assert value.rel_accuracy_bits() >= bits


def test_an_upper_bound_is_exactly_zero_where_it_is_certainly_negative_and_else_decidable() -> None:
    assert Fraction(1, 2**100) == LEAST_DECIDABLE
    assert decidable(lambda: arb(-1) * arb(2) ** -900) == 0
    assert decidable(lambda: arb(2).sqrt() ** 2 - 2) == arb(2) ** -100
    assert decidable(lambda: arb(2) ** -101) == arb(2) ** -100
    assert decidable(lambda: arb(2) ** -99) == arb(2) ** -99


@pytest.mark.parametrize("sign", [1, -1])
def test_the_ends_of_a_ball_are_rounded_and_not_its_centre(sign: int) -> None:
    with ctx.workprec(200):
        wide = arb(3 * sign, 0.25)
    low, high = sorted((2.75 * sign, 3.25 * sign))
    assert low - 1e-8 < round_down(wide) <= low
    assert high <= round_up(wide) < high + 1e-8
    assert nearest(wide) == 3 * sign


@pytest.mark.parametrize("power", [-1022, -60, 0, 60, 1000])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_hair_beside_a_double_is_rounded_to_the_next(power: int, sign: int) -> None:
    """Nearer to the double than any double is: to the nearest it would round to it, and to the wrong side."""
    double = sign * math.ldexp(1.0, power)
    with ctx.workprec(3000):
        above = ball(Fraction(double) + Fraction(1, 2**1400))
        below = ball(Fraction(double) - Fraction(1, 2**1400))
    assert round_up(above) == math.nextafter(double, math.inf)
    assert round_down(above) == double == round_up(below)
    assert round_down(below) == math.nextafter(double, -math.inf)


def test_logarithm_and_power_are_those_of_base_two() -> None:
    with ctx.workprec(200), mpmath.workprec(200):
        for x in (0.3, 1.0, 5.0):
            assert log2(arb(x)).overlaps(arb(str(mpmath.log(x, 2)), 1e-50))
            assert exp2(arb(x)).overlaps(arb(str(mpmath.power(2, x)), 1e-50))
        assert not log2(arb(0.1, 0.2)).is_finite()


@pytest.mark.parametrize("top", [1e-6, 0.2, 0.249, 0.26, 0.3, 0.36, 0.5, 0.9])
def test_x_log_x_on_a_ball_from_below_zero_holds_every_value_up_to_its_end(top: float) -> None:
    """The least value, at 1/e, is not at an end; a ball that does not reach it need not pretend to."""
    with ctx.workprec(128):
        value = xlog2x(arb(top / 2, top / 2 + 1e-9))
        for k in range(1, 101):
            x = top * k / 100
            assert value.contains(arb(x) * arb(x).log() / arb(2).log())
        assert value.contains(arb(0))
        if top < 0.25:
            assert value.lower() > 1.01 * top * math.log2(top) - 1e-7
        assert value.lower() > -0.55


def test_a_ball_is_cut_at_both_ends() -> None:
    with ctx.workprec(64):
        cut = clamp(arb(0.5, 1.0), Fraction(1, 4), 0.75)
        assert float(cut.lower()) == pytest.approx(0.25, abs=1e-8)
        assert float(cut.upper()) == pytest.approx(0.75, abs=1e-8)
        assert clamp(arb(0.5), 0, 1) == 0.5
