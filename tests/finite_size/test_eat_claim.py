"""The claim behind the key length is proved, refuses wrong formulas, and is what the package evaluates."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, ctx

from keybounds.bounds.run.eat import entropy, entropy_slope
from keybounds.proofs import Verdict, prove
from keybounds.proofs.checks import ball_value
from keybounds.proofs.claim import judge
from keybounds.proofs.claims import eat_min_tradeoff as claim


def test_it_is_proved() -> None:
    report = prove("eat-min-tradeoff")
    assert report.verdict is Verdict.PROVED
    assert {"dupuis2019", "pironio2009, Eq. (11)"} == {step.detail for step in report.cited}


def test_a_wrong_slope_is_refuted() -> None:
    steps = list(claim.derivation(slope=lambda x: claim.slope(x) * (1 + x / 1000)))
    assert judge(steps) is Verdict.REFUTED


def test_a_variance_without_the_gamma_in_brackets_is_refuted() -> None:
    steps = list(claim.derivation(variance=lambda s, omega, gamma: s**2 * (1 - omega) / gamma))
    assert judge(steps) is Verdict.REFUTED


@pytest.mark.parametrize("x", [Fraction(1, 50), Fraction(7, 10), Fraction(99, 100)])
def test_the_package_evaluates_the_slope_that_is_proved(x: Fraction) -> None:
    with ctx.workprec(200):
        exact = sp.Rational(x.numerator, x.denominator)
        omega = ball_value(claim.winning(exact), {})
        assert entropy_slope(omega).overlaps(ball_value(claim.slope(exact), {}))
        assert entropy(omega) > 0
        assert entropy(arb(3) / 4) == 0
