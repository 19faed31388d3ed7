"""Extrema over all devices: enclosed whatever the parameters are, against scans in 40 digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath as mp
import pytest
from flint import arb, ctx

from keybounds.proofs.verifier import finite
from keybounds.proofs.verifier.logarithms import xlog2x
from keybounds.proofs.verifier.reading import RejectedError, ball


@pytest.fixture(autouse=True)
def precision() -> Any:
    with ctx.workprec(128), mp.workdps(40):
        yield


def exact(x: Fraction) -> Any:
    return mp.mpf(x.numerator) / x.denominator


def least(f: Callable[[Any], Any], low: Any, high: Any, points: int = 2000) -> Any:
    """The least value on a grid, refined about its place."""
    for _ in range(9):
        grid = [low + (high - low) * k / points for k in range(points + 1)]
        k = min(range(points + 1), key=lambda k: f(grid[k]))
        low, high, points = grid[max(k - 1, 0)], grid[min(k + 1, points)], 16
    return min(f(low), f(high), f((low + high) / 2))


def run(gamma: Fraction, rounds: int = 10**6) -> finite.Run:
    return finite.Run((0, 2), ((0, 1), (0, 1)), rounds, gamma, Fraction(1, 10**9), 0, "toeplitz")


@pytest.mark.parametrize("tangent", ["76/100", "80/100", "8535/10000"])
@pytest.mark.parametrize("order", ["1/10000", "1/20", "1/2"])
@pytest.mark.parametrize("gamma", ["1/20", "9/10"])
def test_the_infimum_of_what_entropy_leaves(tangent: str, order: str, gamma: str) -> None:
    """inf η - g - δ' V: where the variance is small beside the entropy, and where it is all there is."""
    t, delta, share = Fraction(tangent), Fraction(order), Fraction(gamma)
    slope = finite._entropy_slope(t)

    def eta(w: Any) -> Any:
        if w <= 0.75:
            return mp.mpf(0)
        x = min((1 + mp.sqrt(16 * w * (w - 1) + 3)) / 2, mp.mpf(1))
        return 1 + x * mp.log(x, 2) + ((1 - x) * mp.log(1 - x, 2) if x < 1 else 0)

    steep = mp.diff(eta, exact(t))

    def f(w: Any) -> Any:
        spread = mp.sqrt(2 + steep**2 * (1 - w) * (1 - exact(share) * (1 - w)) / exact(share))
        tangent_there = eta(exact(t)) + (w - exact(t)) * steep
        return eta(w) - tangent_there - exact(delta) * mp.log(2) / 2 * (mp.log(33, 2) + spread) ** 2

    edge, beyond = (1 + 1 / mp.sqrt(2)) / 2, mp.mpf(1) / 7  # where the verifier begins, a little below 1 - edge
    true = min(least(f, beyond, mp.mpf("0.75"), 300), least(f, mp.mpf("0.75"), edge, 300))
    found = finite._variance({"tangent": t, "order_1": delta}, run(share), slope)
    assert mp.mpf(found.lower().str(30, radius=False)) <= true + mp.mpf("1e-15")
    assert mp.mpf(found.upper().str(30, radius=False)) >= true - mp.mpf("1e-15")
    assert found.rad() < 1e-9  # of 10^6 rounds, a thousandth of a bit


@pytest.mark.parametrize(("on_key", "on_test"), [("1", "1/100"), ("1/2", "1"), ("1/100", "3"), ("1", "0")])
@pytest.mark.parametrize("order", ["1/2000", "1/3", "1"])
def test_the_greatest_sum_of_a_falling_and_a_rising_part(on_key: str, on_test: str, order: str) -> None:
    a, b, alpha = exact(Fraction(on_key)), exact(Fraction(on_test)), 1 + exact(Fraction(order))

    def minus(c: Any) -> Any:
        key = (((1 + c) ** (1 / alpha) + (1 - c) ** (1 / alpha)) / 2) ** alpha
        return -a * key - b * (mp.mpf(1) / 2 + mp.sqrt(1 + c * c) / 4)

    true = -least(minus, mp.mpf(0), mp.mpf(1), 300)
    found = finite._greatest(ball(Fraction(on_key)), ball(Fraction(on_test)), Fraction(order), 1000)
    assert mp.mpf(found.lower().str(30, radius=False)) <= true + mp.mpf("1e-15")
    assert mp.mpf(found.upper().str(30, radius=False)) >= true - mp.mpf("1e-15")


@pytest.mark.parametrize("top", [0.2, 0.26, 0.37, 0.5, 0.7, 0.76, 1.0])
def test_a_ball_about_0_holds_all_of_x_log_x(top: float) -> None:
    """It falls to -0.531 at 1/e and rises again: beyond, the value at the end of the ball is not the least."""
    found = xlog2x(arb(-0.1).union(arb(top)))
    lowest = min(top, 1 / math.e)
    for x in (lowest, lowest / 2, top, 1e-9):
        assert found.contains(arb(x * math.log2(x)))
    assert found.contains(arb(0))


def parabola(x: arb) -> arb:
    return (x - arb(1) / 3) * (x - arb(1) / 3)


def test_an_interval_counts_by_the_lower_end_of_its_bound() -> None:
    """A bound that is a wide ball says little of the interval: it is split until little is much."""
    found = finite._infimum(
        lambda point: parabola(ball(point)),
        lambda a, b: parabola(ball(a).union(ball(b))),
        lambda _: False,
        [(Fraction(0), Fraction(1, 2)), (Fraction(1, 2), Fraction(1))],
        1,
    )
    assert found.lower() <= 0 <= found.upper()
    assert found.rad() < 2.0**-11


def test_what_is_outside_counts_for_nothing() -> None:
    """Right of 1/4 the values are smaller, but no device is there."""
    found = finite._infimum(
        lambda point: parabola(ball(point)),
        lambda a, b: parabola(ball(a).union(ball(min(b, Fraction(1, 4))))),
        lambda a: a > Fraction(1, 4),
        [(Fraction(0), Fraction(1, 2)), (Fraction(1, 2), Fraction(1))][:1],
        1,
    )
    assert found.contains(arb(1) / 144)
    assert found.rad() < 2.0**-11


def test_a_bound_that_says_nothing_ends_in_a_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finite, "MOST_BOXES", 500)
    with pytest.raises(RejectedError, match="was not enclosed"):
        finite._infimum(
            lambda point: ball(point), lambda *_: arb("-inf"), lambda _: False, [(Fraction(0), Fraction(1))], 1
        )
