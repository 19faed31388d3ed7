"""The claims about channels fail for wrong formulas, and prove the formulas that the package evaluates."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import sympy as sp

from keybounds.bounds.upper import amplitude_damping_ceiling, channel_transpose_bound
from keybounds.channels import covariance, key_controlled_weyl
from keybounds.channels.ppt_private import ppt_private_choi
from keybounds.proofs import Verdict
from keybounds.proofs.algebra import monomials
from keybounds.proofs.algebra.family import correlated_projector, rho
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.proofs.claims import (
    amplitude_damping_squashing,
    er_ceiling,
    er_ceiling_transpose,
    ppt_channel,
    privacy_squeezing_key,
)
from keybounds.states import PPTPrivateFamily

WRONG = [
    pytest.param(ppt_channel, {"exponent": lambda x: 2 * x}, id="correction-with-doubled-phases"),
    pytest.param(ppt_channel, {"exponent": lambda x: -x}, id="correction-conjugated"),
    pytest.param(ppt_channel, {"lower": lambda p: privacy_squeezing_key.key_rate(p) + p}, id="no-eve"),
    pytest.param(ppt_channel, {"ceiling": lambda p: er_ceiling.ceiling(p) - p}, id="ceiling-too-low"),
    pytest.param(
        ppt_channel, {"transposed": lambda d, p: er_ceiling_transpose.ceiling(d, p) / 2}, id="transposed-ceiling-halved"
    ),
    pytest.param(
        amplitude_damping_squashing,
        {"squashed": lambda g, q: amplitude_damping_squashing.squashed(g / 2, q)},
        id="half-the-damping",
    ),
    pytest.param(
        amplitude_damping_squashing,
        {"squashed": lambda g, q: amplitude_damping_squashing.squashed(g, q) * (1 - g)},
        id="too-low",
    ),
]


@pytest.mark.parametrize(("module", "wrong"), WRONG)
def test_wrong_formula_is_refuted_by_the_derivation(module, wrong) -> None:  # type: ignore[no-untyped-def]
    claim = replace(module.CLAIM, derivation=partial(module.derivation, **wrong), witness=tuple)
    assert claim.examine().verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("module", "wrong"), [case for case in WRONG if {"exponent", "squashed"} & set(case.values[1])]
)
def test_wrong_formula_is_refuted_by_the_witness(module, wrong) -> None:  # type: ignore[no-untyped-def]
    claim = replace(module.CLAIM, derivation=tuple, witness=partial(module.numerical, **wrong))
    assert claim.examine().verdict is Verdict.REFUTED


def test_a_marginal_that_is_not_flat_is_seen() -> None:
    assert ppt_channel.marginal_step("rho", rho(symbol("p")), "").holds
    assert not ppt_channel.marginal_step("the 00 and 11 blocks alone", correlated_projector(), "").holds


def test_an_invariance_that_is_none_is_seen() -> None:
    terms = monomials.rho(symbol("p"), symbol("r") ** 2)
    alice, bob = ppt_channel.weyl_pair()
    for wrong in ((alice, {}), (alice, ppt_channel.flip_pair()[1]), (ppt_channel.flip_pair()[0], bob)):
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
    proved = er_ceiling_transpose.ceiling(sp.Integer(9), sp.Rational(9, 20))
    assert channel_transpose_bound(family).value == pytest.approx(float(proved), rel=1e-14)
    bound = amplitude_damping_ceiling(0.25)
    assert isinstance(bound.certificate, ClosedForm)
    q = sp.Rational(bound.certificate.inputs["tangent_at"])
    value = float(sp.N(amplitude_damping_squashing.squashed(sp.Rational(1, 4), q), 30))
    assert bound.value == pytest.approx(value, abs=1e-14)
