"""The verifier's logarithms and entropies: exact where they are, accurate for small arguments, and wide enough."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
from flint import arb, ctx

from keybounds.proofs.verifier.logarithms import binary_entropy, clamp, log2, log2_one_plus, root, shannon, xlog2x
from keybounds.proofs.verifier.reading import ball

TINY = Fraction(1, 10**300)


def holds(enclosure: arb, true: mp.mpf, *, relative: float = 1e-30) -> bool:
    """Whether a ball at 128 bits holds a number of 60 digits, and is as narrow as `relative`."""
    low, high = (mp.mpf(str(end.str(50, radius=False))) for end in (enclosure.lower(), enclosure.upper()))
    slack = abs(true) * mp.mpf(10) ** -45
    return bool(low - slack <= true <= high + slack and high - low <= abs(true) * relative)


@pytest.fixture(autouse=True)
def precision() -> object:
    with ctx.workprec(128), mp.workdps(60):
        yield


def exact(x: Fraction) -> mp.mpf:
    return mp.mpf(x.numerator) / x.denominator


def test_powers_of_two_are_exact() -> None:
    for k in (-300, -1, 0, 1, 5):
        assert log2(arb(2) ** k).is_exact()
        assert log2(arb(2) ** k) == k
    assert not log2(arb(3)).is_exact()
    assert not log2(arb(0)).is_finite()
    assert not log2(arb(-4)).is_finite()


@pytest.mark.parametrize("x", [TINY, -TINY, Fraction(1, 3), Fraction(-2, 3), Fraction(7), Fraction(-1, 10**9)])
def test_log_of_one_and_a_little(x: Fraction) -> None:
    assert holds(log2_one_plus(x), mp.log1p(exact(x)) / mp.log(2))


@pytest.mark.parametrize(
    ("x", "value"), [(Fraction(1), 1), (Fraction(-1, 2), -1), (Fraction(-3, 4), -2), (Fraction(), 0)]
)
def test_log_of_one_and_a_lot_is_exact_at_powers(x: Fraction, value: int) -> None:
    assert log2_one_plus(x) == value


@pytest.mark.parametrize("x", [TINY, Fraction(1, 5), Fraction(1, 4), Fraction(1, 3), Fraction(3, 4), Fraction(9, 10)])
def test_binary_entropy(x: Fraction) -> None:
    true = -exact(x) * mp.log(exact(x), 2) - (1 - exact(x)) * mp.log1p(-exact(x)) / mp.log(2)
    assert holds(binary_entropy(ball(x)), true)


def test_entropies_that_are_exact() -> None:
    assert [binary_entropy(arb(x)) for x in (0, 1, 0.5)] == [0, 0, 1]
    assert all(binary_entropy(arb(x)).is_exact() for x in (0, 1, 0.5))
    assert shannon([arb(0.5), arb(0.25), arb(0.25), arb(0)]) == 1.5


@pytest.mark.parametrize("ends", [(-1e-3, 1e-3), (-1e-30, 1e-40), (-0.1, 0.2), (-0.01, 0.24), (-0.3, 0.3), (-0.5, 1.0)])
def test_a_ball_that_reaches_below_zero(ends: tuple[float, float]) -> None:
    """x log2 x of every number in it from 0 on."""
    low, high = ends
    found = xlog2x(arb((low + high) / 2, (high - low) / 2))
    for k in range(1, 200):
        x = arb(high) * k / 200
        assert found.contains(x * log2(x).mid()) or found.overlaps(x * log2(x))
        assert found.lower() <= (x * log2(x)).lower()
        assert found.upper() >= (x * log2(x)).upper()
    assert found.contains(0)
    assert found.is_finite()


def test_roots_and_cuts() -> None:
    assert root(arb(4)) == 2
    assert root(arb(0, 1e-20)).contains(0)
    assert root(arb(-1e-30, 1e-20)).is_finite()
    assert clamp(arb(3), 0, 1) == 1
    assert clamp(arb(-3), 0, 1) == 0
    assert clamp(arb(0.5), 0, 1) == 0.5
