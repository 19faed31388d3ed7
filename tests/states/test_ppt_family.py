"""The closed forms of rho_{d,p} against mpmath at 300 digits, the published figures, and the exact range of p."""

from __future__ import annotations

import pickle
from fractions import Fraction
from math import sqrt

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.enclosure import round_down, round_up
from keybounds.errors import DimensionError, InputError
from keybounds.states import PPTPrivateFamily

DIGITS = 300  # D2 near p = 1/2 cancels up to 2·log10(d) digits, 120 for the largest d here
DIMENSIONS = [2, 3, 10, 25, 2**20, 10**40 + 7, 2**200]
WEIGHTS = [None, Fraction(5, 11), 0.4375, 0.48, Fraction(1, 2) - Fraction(1, 10**9), Fraction(1, 2)]


def reference(d: int, p: Fraction | float | None) -> dict[str, mpmath.mpf]:
    """Every quantity from the spectra (value, multiplicity) of rho, rho^Γ, σ, not from the formulas under test."""
    d = mpmath.mpf(d)
    root = mpmath.sqrt(d)
    if p is None:
        p = 1 / (root + 1)
    else:
        exact = Fraction(p)
        p = mpmath.mpf(exact.numerator) / exact.denominator

    def entropy(*levels):
        return -sum(n * x * mpmath.log(x, 2) for x, n in levels if x > mpmath.mpf(10) ** (20 - DIGITS))

    def relative(*levels):
        return sum(n * x * mpmath.log(x / y, 2) for x, y, n in levels if x > mpmath.mpf(10) ** (20 - DIGITS))

    plus, minus = ((p + sign * (1 - p) / root) / (2 * d) for sign in (1, -1))
    sigma = [p / (2 * d) * (1 + sign / root) for sign in (1, -1)]
    return {
        "p": p,
        "edge": 1 / (root + 1),
        "coherence": (1 - p) / (p * root),
        "ppt_slack": minus,
        "transposed_coherence_norm": d / (d * root),
        "entropy": entropy(((1 - p) / d**2, d**2), (p / (2 * d), 2 * d)),
        "transposed_entropy": entropy(((1 - p) / (2 * d**2), 2 * d**2), (plus, d), (minus, d)),
        "devetak_winter": 1 - entropy((1 - p, 1), (p / 2, 2)),
        "relative_entropy_ceiling": relative(((1 - p) / d**2, 1 / (2 * d**2), d**2), (p / (2 * d), 1 / (4 * d), 2 * d)),
        "transpose_ceiling": relative((plus, sigma[0], d), (minus, sigma[1], d)),
        "published_transpose_ceiling": p,
    }


def contains(ball: arb, value: mpmath.mpf) -> bool:
    """Whether the ball holds the reference, whose own error is below 10^-100 of it or 10^-200."""
    with ctx.workprec(1200):
        centre = mpmath.mpf(ball.mid().str(320, radius=False))
        radius = mpmath.mpf(ball.rad().str(20, radius=False)) * (1 + mpmath.mpf(10) ** -15)
    return abs(centre - value) <= radius + abs(value) * mpmath.mpf(10) ** -100 + mpmath.mpf(10) ** -200


@pytest.mark.parametrize("p", WEIGHTS, ids=str)
@pytest.mark.parametrize("d", DIMENSIONS, ids=["2", "3", "10", "25", "2^20", "10^40+7", "2^200"])
def test_every_ball_contains_the_high_precision_value_and_is_narrow(d, p):
    family = PPTPrivateFamily(d, p)
    with mpmath.workdps(DIGITS):
        for name, value in reference(d, p).items():
            ball = getattr(family, name)
            assert contains(ball, value), f"{name}: {ball} against {mpmath.nstr(value, 40)}"
            assert ball.is_exact() or ball.rel_accuracy_bits() >= 120, f"{name}: {ball}"


@pytest.mark.parametrize("copies", [1, 2, 7, 100])
@pytest.mark.parametrize("d", [2, 25, 2**200])
def test_advantage_distillation_against_mpmath(d, copies):
    with mpmath.workdps(DIGITS):
        for p in (None, 0.4375):
            w = reference(d, p)["p"]
            kept = (1 - w) ** copies + w**copies
            q = w**copies / kept
            rate = kept / copies * (1 + q * mpmath.log(q, 2) + (1 - q) * mpmath.log(1 - q, 2) - q)
            assert contains(PPTPrivateFamily(d, p).advantage_distillation(copies), rate)


def test_one_copy_of_advantage_distillation_is_devetak_winter():
    family = PPTPrivateFamily(25)
    assert family.advantage_distillation(1).overlaps(family.devetak_winter)


def test_published_figures():
    """christandl2021: d = 2^20 gives at least .98 of key against a ceiling of about 10^-3; rho_25 separates."""
    family = PPTPrivateFamily(2**20)
    assert float(family.devetak_winter) == pytest.approx(0.987860098290118, abs=1e-15)
    assert float(family.published_transpose_ceiling) == pytest.approx(1 / 1025, rel=1e-15)
    assert float(family.transpose_ceiling) == pytest.approx(9.74235907909e-4, rel=1e-11)
    assert PPTPrivateFamily(25).devetak_winter > PPTPrivateFamily(25).published_transpose_ceiling


@pytest.mark.parametrize(
    ("key", "ceiling", "first"),
    [
        pytest.param(lambda f: f.devetak_winter, lambda f: f.published_transpose_ceiling, 24, id="christandl2021"),
        pytest.param(lambda f: f.devetak_winter, lambda f: f.transpose_ceiling, 20, id="relative-entropy"),
        pytest.param(lambda f: f.advantage_distillation(2), lambda f: f.transpose_ceiling, 10, id="two-copies"),
    ],
)
def test_first_dimension_with_a_proven_gap(key, ceiling, first):
    """Balls make each comparison certain: exactly from `first` on, up to 200, the key exceeds the ceiling."""
    families = {d: PPTPrivateFamily(d) for d in range(2, 201)}
    assert [d for d, f in families.items() if key(f) > ceiling(f)] == list(range(first, 201))
    assert all(key(f) < ceiling(f) for d, f in families.items() if d < first)


@pytest.mark.parametrize(("d", "p", "ceiling"), [(8, 0.3027, 0.0655316), (6, 0.3414, 0.0513986), (4, 0.45, 0.00564651)])
def test_ceiling_off_the_edge(d, p, ceiling):
    """Figures of an independent evaluation, to the digits it gave."""
    assert float(PPTPrivateFamily(d, p).transpose_ceiling) == pytest.approx(ceiling, rel=1e-5)


@settings(deadline=None, max_examples=60)
@given(d=st.integers(2, 10**60), t=st.fractions(0, 1))
def test_bounds_are_in_order_for_every_member(d, t):
    """key ≤ E_r ceiling; transpose ceiling ≤ published ceiling; entropies between 0 and log of the dimension."""
    edge = Fraction(round_up(PPTPrivateFamily(d).edge))
    family = PPTPrivateFamily(d, min(edge + t * (Fraction(1, 2) - edge), Fraction(1, 2)))
    for name in ("devetak_winter", "relative_entropy_ceiling", "transpose_ceiling"):
        assert getattr(family, name).is_finite()
    assert family.devetak_winter < family.relative_entropy_ceiling
    assert family.transpose_ceiling < family.published_transpose_ceiling
    assert family.transpose_ceiling >= 0
    assert family.ppt_slack > 0
    with ctx.workprec(256):
        whole = 2 + 2 * arb(d).log() / arb.const_log2()
        for entropy in (family.entropy, family.transposed_entropy):
            assert 0 < entropy < whole


@settings(deadline=None, max_examples=40)
@given(d=st.integers(2, 1000), s=st.fractions(0, 1), t=st.fractions(0, 1))
def test_ceilings_fall_with_the_error_weight(d, s, t):
    """E_r is convex and 0 at p = 1/2, so its ceilings fall towards it; a wrong sign in D2 would break this."""
    edge = Fraction(round_up(PPTPrivateFamily(d).edge))
    low, high = sorted(edge + x * (Fraction(1, 2) - edge) for x in (s, t))
    first, second = PPTPrivateFamily(d, low), PPTPrivateFamily(d, high)
    for name in ("relative_entropy_ceiling", "transpose_ceiling"):
        assert not getattr(first, name) < getattr(second, name)


def test_the_edge_is_exact():
    family = PPTPrivateFamily(7)
    assert family.at_edge
    assert family.ppt_slack.is_exact()
    assert family.ppt_slack == 0
    assert family.coherence == 1
    assert family.rational_p is None
    # for a square d the edge is rational, and naming it is the same as leaving p out
    assert PPTPrivateFamily(25, Fraction(1, 6)) == PPTPrivateFamily(25)
    assert PPTPrivateFamily(9, 0.25).at_edge
    assert not PPTPrivateFamily(9, np.nextafter(0.25, 1)).at_edge


@pytest.mark.parametrize(
    ("d", "p"),
    [
        pytest.param(25, 1 / 6, id="float-below-1/6"),
        pytest.param(9, float(np.nextafter(0.25, 0)), id="one-ulp"),
        pytest.param(2**200, Fraction(1, 2**100 + 1) - Fraction(1, 10**300), id="below-by-1e-300"),
        pytest.param(4, 0.5000000001, id="above"),
        pytest.param(4, 0, id="zero"),
        pytest.param(4, -1, id="negative"),
        pytest.param(4, 1.0, id="one"),
    ],
)
def test_weights_outside_the_range_are_refused_with_the_edge_however_close(d, p):
    edge = PPTPrivateFamily(d).edge.str(25, radius=False)
    with pytest.raises(InputError, match=r"^p: expected") as caught:
        PPTPrivateFamily(d, p)
    assert edge in caught.value.expected


@pytest.mark.parametrize("p", [float("nan"), float("inf"), "0.4", 0.4j])
def test_weights_that_are_no_numbers_are_refused(p):
    with pytest.raises(InputError, match="p: expected a finite number"):
        PPTPrivateFamily(4, p)


@pytest.mark.parametrize("d", [1, 0, -4, 2.0, "4", None])
def test_dimensions_below_two_or_not_whole_are_refused(d):
    with pytest.raises(DimensionError, match="d: expected a whole number of at least 2"):
        PPTPrivateFamily(d)


@pytest.mark.parametrize("copies", [0, -1, 1.5])
def test_copies_must_be_a_positive_whole_number(copies):
    with pytest.raises(DimensionError, match="copies"):
        PPTPrivateFamily(4).advantage_distillation(copies)


def test_numpy_numbers_are_taken_as_what_they_are():
    assert PPTPrivateFamily(np.int64(9), np.float64(0.375)) == PPTPrivateFamily(9, Fraction(3, 8))
    assert PPTPrivateFamily(9, np.float32(0.375)) == PPTPrivateFamily(9, 0.375)


def test_a_value_object_prints_hashes_pickles_and_does_not_change():
    family = PPTPrivateFamily(7, Fraction(2, 5))
    assert repr(family) == "PPTPrivateFamily(d=7, p=Fraction(2, 5))"
    assert eval(repr(family)) == family
    assert [str(PPTPrivateFamily(25)), str(family)] == ["rho_25", "rho_(7, p=2/5)"]
    assert hash(family) == hash(PPTPrivateFamily(7, Fraction(2, 5)))
    assert pickle.loads(pickle.dumps(family)) == family
    with pytest.raises(AttributeError, match="cannot assign to field 'm'"):
        family.m = 8


def test_figures_are_the_nearest_doubles():
    """Float views stay within the two roundings of the ball; 1/(√d+1) in floats is the independent value."""
    family = PPTPrivateFamily(60)
    figures = family.figures()
    assert figures["p"] == pytest.approx(1 / (sqrt(60) + 1), rel=1e-15)
    for name, value in figures.items():
        ball = getattr(family, name)
        assert round_down(ball) <= value <= round_up(ball)
        assert isinstance(value, float)
