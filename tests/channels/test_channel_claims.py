"""The claims about channels fail for wrong formulas, and prove the formulas that the package evaluates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from keybounds.bounds.upper import amplitude_damping_ceiling, channel_transpose_bound
from keybounds.channels import covariance, key_controlled_weyl
from keybounds.channels.ppt_private import ppt_private_choi
from keybounds.proofs.algebra import channels, monomials
from keybounds.proofs.algebra.family import correlated_projector, dimension, rho
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.proofs.claims import amplitude_damping_squashing, ppt_channel
from keybounds.proofs.logic.terms import expanded
from keybounds.states import PPTPrivateFamily


@pytest.mark.parametrize("exponent", [lambda x: 2 * x, lambda x: -x], ids=["doubled-phases", "conjugated"])
def test_a_wrong_correction_is_seen(exponent: Callable[[Any], Any]) -> None:
    terms = monomials.rho(symbol("p"), symbol("r") ** 2)
    assert monomials.equal(monomials.transformed(terms, *channels.weyl_pair()), terms)
    assert not monomials.equal(monomials.transformed(terms, *channels.weyl_pair(exponent)), terms)
    steps = list(ppt_channel.numerical(ppt_channel.CLAIM.statement, exponent))
    assert not all(step.holds for step in steps)
    assert all(step.holds for step in ppt_channel.numerical(ppt_channel.CLAIM.statement))


def test_a_marginal_that_is_not_flat_is_seen() -> None:
    flat = 1 / (2 * dimension())
    assert sp.simplify(channels.marginal(rho(symbol("p")))["0", "0"] - flat) == 0
    assert sp.simplify(channels.marginal(correlated_projector())["0", "0"] - flat) != 0


def test_an_invariance_that_is_none_is_seen() -> None:
    terms = monomials.rho(symbol("p"), symbol("r") ** 2)
    alice, bob = channels.weyl_pair()
    for wrong in ((alice, {}), (alice, channels.flip_pair()[1]), (channels.flip_pair()[0], bob)):
        sides = [side or {k: (k, lambda y: y, lambda y: 0 * y) for k in (0, 1)} for side in wrong]
        assert not monomials.equal(monomials.transformed(terms, *sides), terms)


@pytest.mark.parametrize("d", [2, 3, 6])
def test_the_tested_group_is_the_proved_one(d: int) -> None:
    # The claim proves invariance under monomial pairs; the test finds corrections for the same operators of Alice.
    found = covariance(ppt_private_choi(d), key_controlled_weyl(d))
    assert found.teleportation
    assert found.defect < 1e-14
    assert np.count_nonzero(np.abs(found.generators) > 1e-12) == 6 * 2 * d, "monomial matrices"


def test_the_bounds_evaluate_the_proved_formulas() -> None:
    family = PPTPrivateFamily(9, sp.Rational(9, 20))
    stated = expanded(ppt_channel.CLAIM.statement["transposed ceiling"].right)
    proved = stated.subs({ppt_channel.d: 9, ppt_channel.p: sp.Rational(9, 20)})
    assert channel_transpose_bound(family).value == pytest.approx(float(proved), rel=1e-14)
    bound = amplitude_damping_ceiling(0.25)
    assert isinstance(bound.certificate, ClosedForm)
    q = sp.Rational(bound.certificate.inputs["tangent_at"])
    claim = amplitude_damping_squashing
    stated = expanded(claim.CLAIM.statement["more damping"].right)
    value = float(sp.N(stated.subs({claim.g: sp.Rational(1, 4), claim.q: q}), 30))
    assert bound.value == pytest.approx(value, abs=1e-14)
