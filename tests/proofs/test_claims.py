"""Every claim is proved as stated, and none survives a wrong formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pytest
import sympy as sp

from keybounds.errors import UnknownNameError
from keybounds.proofs import Ground, Report, Verdict, prove
from keybounds.proofs.algebra.symbols import log2
from keybounds.proofs.claims import (
    advantage_distillation,
    chsh_noisy_entropy,
    claims,
    crossings,
    er_ceiling,
    er_ceiling_transpose,
    er_exact,
    er_exact_transpose,
    ppt_edge,
    privacy_squeezing_key,
    transpose_invariance,
)

NAMES = [claim.name for claim in claims()]


@pytest.mark.parametrize("name", NAMES)
def test_claim_is_proved(reports: Mapping[str, Report], name: str) -> None:
    # Fails if any step no longer holds, or holds only numerically: then a bound rests on a conjecture.
    report = reports[name]
    assert report.failures == ()
    assert report.verdict is Verdict.PROVED
    assert report.instances == ""


@pytest.mark.parametrize("name", NAMES)
def test_claim_has_exact_steps_and_a_witness(reports: Mapping[str, Report], name: str) -> None:
    # A claim of citations only, or without the second witness, would pass `judge` for too little.
    grounds = [step.ground for step in reports[name].steps]
    assert Ground.SYMBOLIC in grounds
    assert Ground.WITNESS in grounds


def test_names_are_unique_and_the_table_finds_its_claims() -> None:
    # bounds/ and reports/ refer to these by name.
    assert len(set(NAMES)) == len(NAMES)
    assert {"er-ceiling", "er-ceiling-transpose", "advantage-distillation", "two-qubit-ceiling"} <= set(NAMES)


def test_prove_one_is_prove_all_restricted(reports: Mapping[str, Report]) -> None:
    report = prove("transpose-invariance")
    assert [(s.description, s.holds) for s in report.steps] == [
        (s.description, s.holds) for s in reports["transpose-invariance"].steps
    ]


def test_unknown_claim_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'er-ceiling'"):
        prove("er-celing")


WRONG_DERIVATIONS = [
    pytest.param(ppt_edge, {"edge": lambda d: 1 / (sp.sqrt(d) + 2)}, id="edge-too-low"),
    pytest.param(ppt_edge, {"entropy_rho": lambda d, p: ppt_edge.entropy_rho(d, p**2)}, id="entropy-of-p-squared"),
    pytest.param(ppt_edge, {"entropy_transpose": ppt_edge.entropy_transpose_edge}, id="edge-entropy-above-the-edge"),
    pytest.param(
        ppt_edge,
        {"entropy_transpose_edge": lambda d, p: ppt_edge.entropy_transpose_edge(d, p) + p},
        id="edge-entropy-one-p-too-much",
    ),
    pytest.param(privacy_squeezing_key, {"key_rate": lambda p: privacy_squeezing_key.key_rate(p) + p}, id="no-eve"),
    pytest.param(privacy_squeezing_key, {"key_rate": lambda p: privacy_squeezing_key.key_rate(p**2)}, id="p-squared"),
    pytest.param(
        advantage_distillation, {"rate": lambda n, p: advantage_distillation.rate(n, p) * n}, id="not-per-copy"
    ),
    pytest.param(
        advantage_distillation,
        {"rate": lambda n, p: advantage_distillation.rate(n, p) / ((1 - p) ** n + p**n)},
        id="success-probability-left-out",
    ),
    pytest.param(transpose_invariance, {"effect": lambda effect: effect}, id="effects-not-transposed"),
    pytest.param(er_ceiling, {"ceiling": lambda p: er_ceiling.ceiling(p) - p}, id="below-the-exact-value"),
    pytest.param(er_exact, {"ceiling": lambda p: er_ceiling.ceiling(p) + p}, id="above-the-exact-value"),
    pytest.param(
        er_ceiling_transpose, {"ceiling": lambda d, p: er_ceiling_transpose.ceiling(d, p**2)}, id="ceiling-of-p-squared"
    ),
    pytest.param(er_ceiling_transpose, {"ceiling_edge": lambda p: p * (1 - log2(1 - p))}, id="sign-flipped"),
    pytest.param(
        er_exact_transpose,
        {"ceiling": lambda d, p: er_ceiling_transpose.ceiling(d, p) * (1 + 1 / d)},
        id="exact-value-too-high",
    ),
    pytest.param(
        chsh_noisy_entropy, {"chsh_entropy": lambda S, q: chsh_noisy_entropy.chsh_entropy(S, q**2)}, id="noise-squared"
    ),
    pytest.param(
        crossings, {"first": {**crossings.FIRST, "devetak-winter against p": 23}}, id="crossing-one-too-early"
    ),
    pytest.param(
        crossings, {"first": {**crossings.FIRST, "devetak-winter against E_r": 21}}, id="crossing-one-too-late"
    ),
    pytest.param(
        crossings, {"first": {**crossings.FIRST, "two-copy distillation against E_r": 9}}, id="distillation-too-early"
    ),
]


@pytest.mark.parametrize(("module", "wrong"), WRONG_DERIVATIONS)
def test_wrong_formula_is_refuted_by_the_derivation(module, wrong) -> None:  # type: ignore[no-untyped-def]
    # The derivation alone, without the witness: else a vacuous derivation would hide behind it.
    claim = replace(module.CLAIM, derivation=partial(module.derivation, **wrong), witness=tuple)
    report = claim.examine()
    assert report.verdict is Verdict.REFUTED
    assert all(step.detail for step in report.failures if step.ground is Ground.ENCLOSED)


@pytest.mark.parametrize(
    ("module", "wrong"),
    [case for case in WRONG_DERIVATIONS if case.values[0] not in (transpose_invariance, er_exact, er_exact_transpose)
     and "entropy_transpose_edge" not in case.values[1]],
)  # fmt: skip
def test_wrong_formula_is_refuted_by_the_witness(module, wrong) -> None:  # type: ignore[no-untyped-def]
    # The second witness has to stand alone too.
    claim = replace(module.CLAIM, derivation=tuple, witness=partial(module.numerical, **wrong))
    assert claim.examine().verdict is Verdict.REFUTED


def test_a_refuted_step_says_at_which_point() -> None:
    claim = replace(
        privacy_squeezing_key.CLAIM,
        derivation=partial(privacy_squeezing_key.derivation, key_rate=lambda p: 1 - p),
        witness=tuple,
    )
    assert any("at p = 2/5 the two sides differ by" in step.detail for step in claim.examine().failures)
