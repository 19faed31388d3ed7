"""The claims of the smaller gap: wrong formulas are refuted, and what they prove is what the package evaluates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest
import sympy as sp
from flint import arb, ctx

from keybounds.bounds.lower import PairParityProtocol
from keybounds.proofs import Ground, Report, Verdict
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.sectors import block
from keybounds.proofs.checks import ball_value
from keybounds.proofs.claims import claims, pair_parity_key, smallest_gap, unequal_sectors
from keybounds.states import PPTPrivateFamily

WRONG = [
    pytest.param(pair_parity_key, {"gain": lambda p: pair_parity_key.gain(p) + p**2}, id="no-eve"),
    pytest.param(pair_parity_key, {"gain": lambda p: pair_parity_key.gain(p) + p**2 - p}, id="one-bad-end-enough"),
    pytest.param(pair_parity_key, {"next_error": lambda p: p**2}, id="error-not-conditioned"),
    pytest.param(pair_parity_key, {"survivors": lambda p: p**2 + (1 - p) ** 2}, id="a-bit-for-each-bit"),
    pytest.param(unequal_sectors, {"block": lambda m, n, r: block(m, n, r**2)}, id="coherence-squared"),
    pytest.param(unequal_sectors, {"block": lambda m, n, r: block(n, m, r)}, id="sectors-exchanged"),
    pytest.param(unequal_sectors, {"copies": lambda m, n: n}, id="n-blocks-instead-of-m"),
    pytest.param(unequal_sectors, {"edge": lambda m: 1 / (sp.sqrt(m) + 2)}, id="edge-too-low"),
    pytest.param(smallest_gap, {"family": {4: Fraction("0.43")}}, id="d=4-too-far-from-one-half"),
    pytest.param(smallest_gap, {"family": {4: Fraction("0.3")}}, id="not-ppt"),
    pytest.param(smallest_gap, {"sectors": {(3, 4): Fraction("0.45")}}, id="sectors-too-far-from-one-half"),
    pytest.param(smallest_gap, {"sectors": {(2, 4): Fraction("0.49922")}}, id="six-by-six"),
]


@pytest.mark.parametrize(("module", "wrong"), WRONG)
def test_wrong_formula_is_refuted_by_the_derivation(module, wrong) -> None:  # type: ignore[no-untyped-def]
    claim = replace(module.CLAIM, derivation=partial(module.derivation, **wrong), witness=tuple)
    assert claim.examine().verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("module", "wrong"), [case for case in WRONG if case.id not in ("not-ppt", "error-not-conditioned")]
)
def test_wrong_formula_is_refuted_by_the_witness(module, wrong) -> None:  # type: ignore[no-untyped-def]
    claim = replace(module.CLAIM, derivation=tuple, witness=partial(module.numerical, **wrong))
    assert claim.examine().verdict is Verdict.REFUTED


def test_wrong_error_is_refuted_by_the_witness() -> None:
    wrong = {"next_error": lambda p: p**2}
    claim = replace(pair_parity_key.CLAIM, derivation=tuple, witness=partial(pair_parity_key.numerical, **wrong))
    assert claim.examine().verdict is Verdict.REFUTED


def test_four_dimensional_shields_have_no_such_obstacle() -> None:
    # the curvature argument that forbids a gap at d = 3 must fail at d = 4, where there is one
    claim = replace(smallest_gap.CLAIM, derivation=partial(smallest_gap.derivation, without=4), witness=tuple)
    failures = claim.examine().failures
    assert [step.description for step in failures] == ["at d = 4 it is a fraction"]


def test_claims_that_are_cited_are_claims(reports: Mapping[str, Report]) -> None:
    names = {claim.name for claim in claims()}
    for report in reports.values():
        for step in report.cited:
            if step.detail.startswith("claims "):
                cited = step.detail.removeprefix("claims ").split(", ")
                assert set(cited) <= names
                assert all(reports[name].verdict is Verdict.PROVED for name in cited)
    assert any(step.detail.startswith("claims ") for step in reports["smallest-gap"].cited)


def test_gaps_are_enclosed_not_sampled(reports: Mapping[str, Report]) -> None:
    grounds = [step.ground for step in reports["smallest-gap"].steps]
    assert grounds.count(Ground.ENCLOSED) == 2
    assert Ground.NUMERIC not in grounds


@pytest.mark.parametrize("p", [Fraction(1, 5), Fraction(9, 20), Fraction("0.49922")])
def test_the_protocol_evaluates_the_proved_formula(p: Fraction) -> None:
    with ctx.workprec(200):
        assert PairParityProtocol(p, levels=smallest_gap.LEVELS).rate.overlaps(smallest_gap.key_rate(p))


@pytest.mark.parametrize(("m", "n"), [(2, 2), (3, 4), (2, 7), (40, 90)])
def test_the_sectors_evaluate_the_proved_formula(m: int, n: int) -> None:
    p = Fraction(9, 20)
    stated = unequal_sectors.ceiling(sp.Integer(m), sp.Integer(n), sp.Rational(9, 20))
    with ctx.workprec(400):
        proved: arb = ball_value(stated, {})
    assert PPTPrivateFamily.sectors(m, n, p).transpose_ceiling.overlaps(proved)


def test_rectangular_indices_use_only_what_holds_for_rows() -> None:
    m, n = sp.symbols("m n", positive=True)
    sizes = {"i": m, "k": m, "j": n, "l": n}
    one = sp.Integer(1)
    rows = Monomial(one, entries=(("i", "j"),), conjugates=(("k", "j"),))
    assert contract(rows, ("j",), sizes) == Monomial(one, deltas=(("i", "k"),))
    columns = Monomial(one, entries=(("i", "j"),), conjugates=(("i", "l"),))
    with pytest.raises(ValueError, match="no rule resolves the sum over i"):
        contract(columns, ("i",), sizes)
    everything = Monomial(one, entries=(("i", "j"),), conjugates=(("i", "j"),))
    assert sp.simplify(contract(everything, ("i", "j"), sizes).coefficient - m) == 0
