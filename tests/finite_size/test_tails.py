"""Limits on binomial tails against the sums themselves, at both ends and between."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from flint import arb

from keybounds.bounds.run.tails import at_most, fewer


def below(trials: int, p: Fraction, count: int) -> Fraction:
    """P[Bin < count], exactly."""
    return sum(
        (math.comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(max(min(count, trials + 1), 0))),
        Fraction(0),
    )


@pytest.mark.parametrize("trials", [1, 2, 7, 40])
@pytest.mark.parametrize("p", [Fraction(1, 50), Fraction(3, 10), Fraction(1, 2), Fraction(97, 100)])
def test_they_bound_the_tail_on_its_safe_side(trials: int, p: Fraction) -> None:
    """A lower bound and an upper bound, of every count from beyond one end to beyond the other."""
    for count in range(-1, trials + 2):
        low, high = at_most(trials, p, count), fewer(trials, p, count)
        assert low.is_exact()
        assert high.is_exact()
        assert low <= arb(str(float(below(trials, p, count + 1)))) + arb(2) ** -45
        assert high >= arb(str(float(below(trials, p, count)))) - arb(2) ** -45
        assert 0 <= low <= 1
        assert 0 <= high <= 1 + arb(2) ** -45


@pytest.mark.parametrize("trials", [1, 9])
def test_both_ends_are_certain(trials: int) -> None:
    """No count is below 0, and none above the number of trials: there the formula in between has no value."""
    p = Fraction(3, 10)
    assert [fewer(trials, p, count) for count in (-1, 0, trials + 1)] == [0, 0, 1]
    assert fewer(trials, p, trials) == 1
    assert [at_most(trials, p, count) for count in (-1, 0)] == [0, 0]
    assert [at_most(trials, p, count) for count in (trials, trials + 1)] == [1, 1]


def test_between_the_ends_they_are_the_two_sides_of_one_ball() -> None:
    """At a precision that leaves a ball, not a point: the lower bound is its lower end, the upper one its upper end."""
    from flint import ctx

    with ctx.workprec(20):
        low, high = at_most(1000, Fraction(3, 10), 310), fewer(1000, Fraction(3, 10), 310)
    with ctx.workprec(200):
        fine = at_most(1000, Fraction(3, 10), 310)
    assert low < fine < high
