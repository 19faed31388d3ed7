"""A table that leaves half a bit given Eve at every setting pair, and a bit of key once its mark is announced.

With probability 1/2 each the device draws a mark m, which Eve knows. Alice's settings x = 2s + t: for s = m she
measures Z or X, else her outcome is a coin; x = 4 returns m. Bob measures near +-45 degrees and Z, and prints 2m + b.
If Bob announces m and Alice then chooses s = m, they have a Bell test and a perfect key. So a ceiling of half a bit
holds for discussion of completed rounds and for no more: a counter-example of this project.
"""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from keybounds.bounds import any_discussion, completed_rounds
from keybounds.bounds.correlations.attacks.exact import ExactMixture
from keybounds.bounds.correlations.attacks.strategies import Measurement, Strategy
from keybounds.experiments import Behaviour
from keybounds.proofs.verifier import verify

OUTCOMES, SETTINGS = (2, 4), (5, 3)


def mixture() -> ExactMixture:
    """Eight strategies: the mark, and a coin for each of the two settings that do not fit it."""
    strategies = []
    for m, z_coin, x_coin in product((0, 1), repeat=3):
        fitting = [Measurement((1, 0), (0, 1)), Measurement((1, 1), (0, 1))]  # Z, and X: (1, 1) is |+>
        coins = [Measurement((1, 0), (z_coin, z_coin)), Measurement((1, 0), (x_coin, x_coin))]
        alice = (*(fitting if m == 0 else coins), *(fitting if m == 1 else coins), Measurement((1, 0), (m, m)))
        labels = (2 * m, 2 * m + 1)
        bob = (Measurement((12, 5), labels), Measurement((12, -5), labels), Measurement((1, 0), labels))
        strategies.append((Fraction(1, 8), Strategy((1, 0, 0, 0, 0, 0, 1, 0), alice, bob)))
    return ExactMixture((), tuple(strategies), Fraction(0))


def table() -> Behaviour:
    import numpy as np

    made = mixture()
    P = np.empty((*OUTCOMES, *SETTINGS))
    for x, y in product(*map(range, SETTINGS)):
        P[:, :, x, y] = [[float(p) for p in row] for row in made.joint(OUTCOMES, x, y)]
    return Behaviour(P)


def text(number: float) -> Any:
    numerator, denominator = number.as_integer_ratio()
    return numerator if denominator == 1 else f"{numerator}p-{denominator.bit_length() - 1}"


def document() -> dict[str, Any]:
    """The mixture as a certificate for discussion of completed rounds, in the form that the package writes."""
    made, pairs = mixture(), list(product(*map(range, SETTINGS)))
    sample = Path(__file__).parent / "documents" / "mixture-completed-rounds.json"
    found: dict[str, Any] = json.loads(sample.read_text())
    found["statement"] |= {"value": text(0.5 + 2.0**-40)}
    found["data"] = {
        "scenario": {"outcomes": list(OUTCOMES), "settings": list(SETTINGS)},
        "measured": [list(pair) for pair in pairs],
        "collins_gisin": [[text(p) for p in row] for row in table().collins_gisin.tolist()],
        "table": [[[str(p) for p in row] for row in made.joint(OUTCOMES, *pair)] for pair in pairs],
        "distance": "1/1125899906842624",
        "protocol": completed_rounds().to_dict() | {"keep": 1},
        "mixture": made.to_dict(),
    }
    return found


def test_half_a_bit_holds_for_completed_rounds_and_for_no_other_discussion() -> None:
    honest = document()
    verdict = verify(honest)
    assert verdict.accepted, verdict.reason
    lower = copy.deepcopy(honest)
    lower["statement"]["value"] = text(0.49)
    assert not verify(lower).accepted
    free = any_discussion().to_dict() | {"keep": 1}
    for place in ("statement", "data", "both"):
        forged = copy.deepcopy(honest)
        if place != "data":
            forged["statement"]["scope"]["protocol"] = free
        if place != "statement":
            forged["data"]["protocol"] = free
        assert not verify(forged).accepted, place
    pinched = copy.deepcopy(forged)
    for strategy in pinched["data"]["mixture"]["strategies"]:
        strategy["pinching"] = {"side": "alice", "direction": [1, 0]}
    assert not verify(pinched).accepted
    pinched["statement"]["value"] = text(1.0 + 2.0**-40)  # what the entanglement of Eve's state allows
    verdict = verify(pinched)
    assert verdict.accepted, verdict.reason


def test_the_announced_mark_leaves_a_bell_test_and_a_key() -> None:
    """Given b // 2 = m and s = m: S near 2 sqrt(2), and no error at (2m, 2)."""
    P = table().P
    for m in (0, 1):
        box = P[:, 2 * m : 2 * m + 2, 2 * m : 2 * m + 2, :]
        box = box / box.sum(axis=(0, 1))
        E = box[0, 0] + box[1, 1] - box[0, 1] - box[1, 0]
        assert E[0, 0] + E[0, 1] + E[1, 0] - E[1, 1] == pytest.approx(2.828, abs=1e-3)
        assert box[0, 1, 0, 2] + box[1, 0, 0, 2] == 0
        assert P[m, 2 * m : 2 * m + 2, 4].sum(axis=0) == pytest.approx([0.5, 0.5, 0.5])  # x = 4 shows m, whatever y is
