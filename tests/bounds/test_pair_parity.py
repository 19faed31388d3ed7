"""Hashed pair parities: the rate against the formula written anew, and against what bounds it from both sides."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Status, Trust, check_pairs
from keybounds.bounds.lower import (
    PairParityProtocol,
    advantage_distillation,
    pair_parity,
    privacy_squeezing,
)
from keybounds.bounds.upper import private_state_ceiling
from keybounds.errors import DimensionError, InputError
from keybounds.states import PPTPrivateFamily


def rate(p: mpmath.mpf, levels: int = 64) -> mpmath.mpf:
    """S(p), written out."""

    def h(x: mpmath.mpf) -> mpmath.mpf:
        return -x * mpmath.log(x, 2) - (1 - x) * mpmath.log(1 - x, 2) if 0 < x < 1 else mpmath.mpf(0)

    total, weight = mpmath.mpf(0), mpmath.mpf(1)
    for _ in range(levels):
        matched = p**2 + (1 - p) ** 2
        total += weight * max(mpmath.mpf(0), 1 - p**2 - h(2 * p * (1 - p))) / 2
        weight *= matched / 2
        p = p**2 / matched
    return total


@pytest.mark.parametrize("p", ["0.1", "0.3027", "0.45", "0.49922", "0.4999999"])
def test_bound_is_the_formula_rounded_down(p: str) -> None:
    with mpmath.workdps(60):
        exact = rate(mpmath.mpf(p))
        bound = pair_parity(PPTPrivateFamily(100, Fraction(p)))
        assert mpmath.mpf(bound.value) <= exact <= mpmath.mpf(bound.value) * (1 + mpmath.mpf(2) ** -50)


@pytest.mark.parametrize(
    ("p", "value"), [("0.45", 0.00628085), ("0.3955", 0.0277001), ("0.3414", 0.0638106), ("0.3203", 0.0844879)]
)
def test_figures_of_the_crossings(p: str, value: float) -> None:
    assert pair_parity(PPTPrivateFamily(8, Fraction(p))).value == pytest.approx(value, rel=1e-5)


@settings(deadline=None, max_examples=60)
@given(st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(1, 2), max_denominator=10**6))
def test_key_is_between_nothing_and_the_ceiling(p: Fraction) -> None:
    # rho_{d,p} is PPT for every such p when d is large enough, and the trusted ceiling does not depend on d
    family = PPTPrivateFamily(10**6, p)
    bound, ceiling = pair_parity(family), private_state_ceiling(family)
    assert 0 <= bound.value <= ceiling.value
    assert len(check_pairs([bound, ceiling])) == 1
    assert bound.scope.trust is Trust.DEVICE_DEPENDENT


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 0.5), st.integers(1, 12))
def test_more_levels_never_give_less(p: float, levels: int) -> None:
    fewer, more = PairParityProtocol(p, levels=levels).rate, PairParityProtocol(p, levels=levels + 1).rate
    assert not more < fewer


@settings(deadline=None, max_examples=40)
@given(st.floats(1e-6, 0.4999))
def test_levels_conserve_bits_and_stages_are_probabilities(p: float) -> None:
    stages = PairParityProtocol(p, levels=10).stages()
    for one, two in pairwise(stages):
        matched = 1 - one.mismatch
        assert two.pairs.overlaps(one.pairs * matched / 2)
        assert two.error.overlaps(one.error * one.error / matched)
        assert two.error < one.error
    assert all(stage.hashed == (stage.gain > 0) for stage in stages)


def test_hashing_beats_announcing_every_level_but_the_last() -> None:
    # two-copy distillation announces s; hashing it where that pays is never worse than distillation on 2^k copies
    for d in (3, 10, 20):
        family = PPTPrivateFamily(d)
        assert pair_parity(family).value > advantage_distillation(family, copies=2).value
        assert pair_parity(family).value > advantage_distillation(family, copies=4).value
    # on a good state it approaches privacy squeezing from above
    large = PPTPrivateFamily(2**20)
    assert pair_parity(large).value >= privacy_squeezing(large).value


def test_ends_of_the_range() -> None:
    assert PairParityProtocol(0, levels=10).rate == 1 - arb(2) ** -10
    assert PairParityProtocol(Fraction(1, 2)).rate == 0
    none = pair_parity(PPTPrivateFamily(4, 0.5))
    assert (none.value, none.status) == (0.0, Status.NO_KEY)
    assert none.diagnostics["first_hashed_level"] is None
    assert pair_parity(PPTPrivateFamily(4, 0.45), levels=2).status is Status.NO_KEY, "hashing starts at level 3"
    close = PairParityProtocol(Fraction(1, 2) - Fraction(1, 2**40)).rate
    assert 0 < close < arb(2) ** -77


def test_unequal_sectors_have_the_same_key() -> None:
    sectors, family = PPTPrivateFamily.sectors(3, 4, Fraction(9, 20)), PPTPrivateFamily(4, Fraction(9, 20))
    one, two = pair_parity(sectors), pair_parity(family)
    assert one.value == two.value
    assert one.scope.thing != two.scope.thing
    assert one.provenance == {"m": 3, "n": 4, "p": "9/20", "levels": 64}


def test_bad_input() -> None:
    for p in (0.51, -1e-9, float("nan"), float("inf"), arb(0.5, 0.1), arb("nan")):
        with pytest.raises(InputError, match=r"^error"):
            PairParityProtocol(p)
    with pytest.raises(DimensionError, match=r"^levels"):
        PairParityProtocol(0.1, levels=0)
