"""Numbers as the verifier prints and counts them, at the ends where another rule takes over."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import pytest

from keybounds.proofs.verifier import devices
from keybounds.proofs.verifier.statement import decimal
from keybounds.proofs.verifier.verification import verify

ENTROPY = json.loads((Path(__file__).parent / "documents" / "entropy.json").read_text())

LONG = Fraction(10**5000 + 1, 3 * 10**5000)  # a third and a little: more digits than Python prints


@pytest.mark.parametrize(
    ("x", "lower", "upper"),
    [
        (Fraction(2**53), "9007199254740992", "9007199254740992"),
        (Fraction(10**16 - 2), "9999999999999998", "9999999999999998"),
        (Fraction(10**16), "1e+16", "1e+16"),
        (-Fraction(10**16), "-1e+16", "-1e+16"),
        (Fraction(10**16 + 1), "10000000000000001", "10000000000000001"),
        (Fraction(3, 8), "0.375", "0.375"),
        (Fraction(1, 3), "1/3", "1/3"),
        (Fraction(10**19, 10**19 + 1), "0.9999999999999999…", "1.0…"),  # 41 characters
        (Fraction(10**18, 10**19 + 1), *2 * (f"{10**18}/{10**19 + 1}",)),  # 40
        (LONG, "0.3333333333333333…", "0.33333333333333337…"),
        (-LONG, "-0.33333333333333337…", "-0.3333333333333333…"),
        (1 / LONG, "2.9999999999999996…", "3.0…"),
        (Fraction(10**300), "10000000000000000e284", "10000000000000000e284"),
        (Fraction(10**400 + 1), "10000000000000000e384…", "10000000000000001e384…"),
        (-Fraction(10**400 + 1), "-10000000000000001e384…", "-10000000000000000e384…"),
        (Fraction(7 * 10**500), "70000000000000000e484", "70000000000000000e484"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "",
)
def test_a_number_in_print(x: Fraction, lower: str, upper: str) -> None:
    assert (decimal(x, "lower"), decimal(x, "upper")) == (lower, upper)


@pytest.mark.parametrize(("excess", "accepted"), [("1/1111111", True), ("1/900000", False)], ids=["within", "beyond"])
def test_a_table_on_the_boundary_may_prove_a_millionth_of_a_bit_too_much(
    excess: str, accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without noise or post-selection, H is the dual's value over ln 2; more than one bit is no device's."""
    document = copy.deepcopy(ENTROPY)
    document["statement"]["value"] = 1
    with mp.workdps(40):
        one = Fraction(mp.nstr(mp.log(2), 30))
    monkeypatch.setattr(devices, "_dual_value", lambda *_: one * (1 + Fraction(excess)))
    verdict = verify(document)
    assert verdict.accepted is accepted
    assert ("more than one bit" in verdict.reason) is not accepted
