"""A bound is what its certificate proves, rounded to the safe side: more would be unsound, and less is lost.

That the verifier accepts a bound says the first. A margin that is too wide, or a wrong end of a ball, is the second,
and nothing else would show it: the verifier derives the value by code of its own.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from keybounds.proofs.verifier.verification import verify

SEARCHED = 1e-13  # of matrices and mixtures: their entries are rounded, and the rounding is charged
STEPS = {"entropy": 4}  # integers all the way: doubles only at the end


def centre(enclosure: str) -> Fraction:
    return Fraction(enclosure.lstrip("[").split()[0].rstrip("]"))


def test_every_value_is_what_its_certificate_proves_rounded_outwards(samples: dict[str, Any]) -> None:
    loose, seen = {}, 0
    for name, sample in samples.items():
        kind = sample.document["kind"]
        if kind in ("finite key", "local weight"):
            continue
        seen += 1
        proven = centre(verify(sample.document).enclosure)
        lost = Fraction(sample.bound.value) - proven
        if sample.bound.direction.value == "lower":
            lost = -lost
        step = math.ulp(float(abs(proven)))
        most = 1.001 * step if kind == "closed form" else STEPS[kind] * step if kind in STEPS else SEARCHED
        if sample.bound.scale is not None:
            most = max(most, SEARCHED) * max(float(sample.bound.scale.rate), 1.0)
        if not -step / 1000 <= lost <= most:
            loose[name] = float(lost / Fraction(step))
    assert loose == {}
    assert seen > 60


@pytest.mark.parametrize("printed", ["[0.25 +/- 1e-20]", "0.25"])
def test_a_printed_ball_is_read_at_its_centre(printed: str) -> None:
    assert centre(printed) == Fraction(1, 4)
