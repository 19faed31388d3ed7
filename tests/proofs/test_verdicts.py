"""The record of verdicts is what a run finds, and a reference says of a claim what the record says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from keybounds.proofs import Report, verdicts


def test_the_record_is_what_a_fresh_run_finds(reports: Mapping[str, Report]) -> None:
    # Stale, it would let a certificate rest on a claim whose proof has a gap, and say nothing of it.
    assert verdicts.record_of(reports.values()) == verdicts.RECORD.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("record", "remark"),
    [
        pytest.param({"er-exact": ("PROVED", ())}, "", id="proved"),
        pytest.param(
            {"er-exact": ("ARGUED", ("this", "that"))}, " [claim er-exact is ARGUED, missing: this; that]", id="argued"
        ),
        pytest.param({"er-exact": ("REFUTED", ("it",))}, " [claim er-exact is REFUTED, missing: it]", id="refuted"),
        pytest.param({}, " [claim er-exact is not on record]", id="unknown"),
    ],
)
def test_a_reference_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, record: dict[str, tuple[str, tuple[str, ...]]], remark: str
) -> None:
    monkeypatch.setattr(verdicts, "recorded", lambda: record)
    reference = "this project, claim er-exact"
    assert verdicts.annotated(reference) == reference + remark
