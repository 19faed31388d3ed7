"""Every claim is proved as stated, or says what its argument lacks; false statements are in the tests of each field."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from keybounds.errors import UnknownNameError
from keybounds.proofs import Ground, Report, Verdict, prove
from keybounds.proofs.claims import claims

NAMES = [claim.name for claim in claims()]


@pytest.mark.parametrize("name", NAMES)
def test_claim_is_proved_or_argued(reports: Mapping[str, Report], name: str) -> None:
    # Fails if any step no longer holds, or holds only numerically: then a bound rests on a conjecture.
    report = reports[name]
    assert report.failures == ()
    assert report.verdict in (Verdict.PROVED, Verdict.ARGUED)
    assert bool(report.missing) == (report.verdict is Verdict.ARGUED)


@pytest.mark.parametrize("name", NAMES)
def test_claim_has_exact_steps_and_a_witness(reports: Mapping[str, Report], name: str) -> None:
    # A claim of citations only, or without the second witness, would pass `judge` for too little.
    grounds = [step.ground for step in reports[name].steps]
    assert {Ground.SYMBOLIC, Ground.DECIDED} & set(grounds)
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
