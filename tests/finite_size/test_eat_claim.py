"""The claim behind the key length is proved, refuses wrong formulas, and is what the package evaluates."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, ctx

from keybounds.bounds.run.eat import entropy, entropy_slope
from keybounds.proofs import Verdict, prove
from keybounds.proofs.claims import eat_min_tradeoff as claim
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.terms import expanded


def test_it_is_proved() -> None:
    report = prove("eat-min-tradeoff")
    assert report.verdict is Verdict.PROVED
    assert {step.detail for step in report.cited} == {"entropy of a CHSH violation: pironio2009, Eq. (11)"}


@pytest.mark.parametrize("x", [Fraction(1, 50), Fraction(7, 10), Fraction(99, 100)])
def test_the_package_evaluates_the_slope_that_is_proved(x: Fraction) -> None:
    with ctx.workprec(200):
        exact = sp.Rational(x.numerator, x.denominator)
        omega = ball_value(claim.winning(exact), {})
        line = claim.CLAIM.statement["tangent without violation"].right
        slope = sp.diff(expanded(line), claim.omega).subs(claim.y, exact)
        assert entropy_slope(omega).overlaps(ball_value(slope, {}))
        level = expanded(claim.CLAIM.statement["tangent for greater scores"].left).subs(claim.x, exact)
        assert entropy(omega).overlaps(ball_value(level, {}))
        assert entropy(omega) > 0
        assert entropy(arb(3) / 4) == 0
