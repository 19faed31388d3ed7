"""The list of claims: counts, what is missing of each claim that is not proved, and the status of the command."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from keybounds.proofs import Ground, Report, Step, Verdict
from keybounds.reports import claims

Command = Callable[..., CompletedProcess[str]]


def report(name: str, verdict: Verdict, *missing: str) -> Report:
    return Report(
        name=name,
        title="A title",
        sentences=("For all x", "x = x"),
        formula="x = x",
        source="somebody1900",
        verdict=verdict,
        missing=missing,
        steps=(Step(description="x", ground=Ground.SYMBOLIC, holds=True),),
        seconds=0.1,
    )


PROVED = report("first", Verdict.PROVED)
ARGUED = report("second", Verdict.ARGUED, "one is two: that somebody1900 says so")
REFUTED = report("third", Verdict.REFUTED, "one is two: at x = 3")


def test_the_list_counts_and_says_what_is_missing() -> None:
    text = claims.ProofReport((PROVED, ARGUED, REFUTED)).to_text()
    assert "ARGUED    second" in text
    assert "missing: one is two: that somebody1900 says so" in text
    assert text.splitlines()[-1].startswith("1 PROVED, 1 ARGUED, 1 REFUTED. ")
    assert "For all x" not in text
    assert "- x = x" in claims.ProofReport((PROVED,)).to_text()


@pytest.mark.parametrize(
    ("found", "status"), [((PROVED, ARGUED), 0), ((PROVED, REFUTED), 1)], ids=["argued", "refuted"]
)
def test_a_refuted_claim_is_an_exit_status(
    monkeypatch: pytest.MonkeyPatch, keybounds: Command, found: tuple[Report, ...], status: int
) -> None:
    monkeypatch.setattr(claims, "prove", lambda: found)
    for options in ((), ("--format", "json"), ("--latex",)):
        assert keybounds("prove", *options).returncode == status
