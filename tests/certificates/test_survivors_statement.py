"""The verifier part by part: sentences, classes of devices, the verdict on a ball, edges of mixtures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flint import arb, ctx

from keybounds.proofs.verifier.reading import RejectedError
from keybounds.proofs.verifier.statement import ANY, Protocol, Scale, Scope, Statement, read_source
from keybounds.proofs.verifier.verification import _decide, verify

DOCUMENTS = Path(__file__).parent / "documents"
HALF = Fraction(1, 2)

# --- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "source", "unit", "words"),
    [
        (1, "bit/round", "bit/herald", ", each heralded pair is one round"),
        (1, "bit/copy", "bit/herald", ", each heralded pair is one copy"),
        (1, "bit/channel use", "bit/s", " at 1 channel use a second"),
        (HALF, "bit/round", "bit/s", " at 0.5 rounds a second"),
        (7, "bit/copy", "bit/s", " at 7 copies a second"),
    ],
)
def test_what_makes_one_of_the_unit(rate: Fraction | int, source: str, unit: str, words: str) -> None:
    assert Scale(Fraction(rate), source).words(unit) == words


@pytest.mark.parametrize(
    ("direction", "scale", "first"),
    [
        ("lower", None, "secret-key rate >= 0.25 bit/s"),
        ("upper", Scale(Fraction(3), "bit/round"), "secret-key rate <= 0.25 bit/s at 3 rounds a second"),
    ],
)
def test_the_sentence(direction: str, scale: Scale | None, first: str) -> None:
    scope = Scope("device-independent", Protocol("completed rounds"), devices=("one-way", "memory"))
    said = Statement(direction, Fraction(1, 4), "bit/s", scope, scale).about("these devices")
    assert said == (
        f"{first}\nof these devices\n"
        "scope: device-independent; any public discussion of rounds once both sides have been used, at any settings; "
        "collective attacks by memory devices with one-way communication; from full correlations"
    )
    nearly = Statement(direction, Fraction(10**19, 10**19 + 1), "bit/s", scope, scale).about("these devices")
    assert ("= 0.9999999999999999… bit/s" in nearly) is (direction == "lower"), (
        "rounded to the side on which it is true"
    )
    alone = Scope("device-independent", ANY, devices=("none", "iid"))
    assert "collective attacks by iid devices with no communication; from" in str(alone)
    assert " devices with" not in str(Scope("device-dependent"))


@pytest.mark.parametrize("name", ["method", "reference"])
def test_method_and_reference_are_texts(name: str) -> None:
    read_source({"method": "a", "reference": "b"})
    with pytest.raises(RejectedError, match=name):
        read_source({"method": "a", "reference": "b", name: 7})


# --- classes of devices -----------------------------------------------------------------------------------------------

MAY_SEND = {"two-way": {"alice", "bob"}, "one-way": {"alice"}, "none": set[str]()}
MAY_KEEP = {"memory": {"states"}, "iid": set[str]()}
CLASSES = [None, *product(MAY_SEND, MAY_KEEP)]


@pytest.mark.parametrize("wide", CLASSES)
@pytest.mark.parametrize("narrow", CLASSES)
def test_what_devices_may_do_less_leaves_no_less_key(
    narrow: tuple[str, str] | None, wide: tuple[str, str] | None
) -> None:
    """Of untrusted devices that may do more, the rate is no higher; a class that is not named is no other one."""
    mine, other = (Scope("device-independent", devices=devices) for devices in (narrow, wide))
    if narrow is None or wide is None:
        expected = narrow is wide
    else:
        expected = MAY_SEND[narrow[0]] >= MAY_SEND[wide[0]] and MAY_KEEP[narrow[1]] >= MAY_KEEP[wide[1]]
    assert mine.within(other) is expected
    assert mine.within(Scope("device-dependent")), "trusted devices are narrower for the adversary than any"


# --- the verdict on a ball --------------------------------------------------------------------------------------------


def once(*balls: arb) -> tuple[Callable[[], arb], list[int]]:
    """What gives these in turn, and the precisions at which it was asked."""
    given: Iterator[arb] = iter(balls)
    asked: list[int] = []

    def evaluate() -> arb:
        asked.append(ctx.prec)
        return next(given)

    return evaluate, asked


NAN, WIDE = arb("nan"), arb(HALF.numerator) / 2 + arb(0, 0.25)


@pytest.mark.parametrize(
    ("direction", "value", "accepted"),
    [
        ("lower", Fraction(3, 8), True),
        ("lower", HALF, True),
        ("lower", Fraction(5, 8), False),
        ("lower", Fraction(-1), True),
        ("upper", Fraction(5, 8), True),
        ("upper", HALF, True),
        ("upper", Fraction(3, 8), False),
    ],
)
def test_a_value_is_compared_with_the_whole_ball(direction: str, value: Fraction, accepted: bool) -> None:
    """At rising precision, until it is decided: no number first, then [1/4, 3/4], then exactly 1/2."""
    evaluate, asked = once(NAN, WIDE, arb(0.5))
    precision = ctx.prec
    if accepted:
        enclosure = _decide(direction, value, evaluate)
        assert enclosure == (str(WIDE.str(25)) if value < 0 else "0.5000000000000000000000000")
    else:
        with pytest.raises(RejectedError, match=r"is not proven: the data give 0\.5"):
            _decide(direction, value, evaluate)
    assert asked == [128, 256] if value < 0 else [128, 256, 512]
    assert ctx.prec == precision


def test_what_stays_open_is_refused() -> None:
    evaluate, asked = once(*[WIDE] * 4)
    with pytest.raises(RejectedError, match="do not decide"):
        _decide("lower", HALF, evaluate)
    assert asked == [128, 256, 512, 1024]
    assert _decide("lower", Fraction(0), lambda: arb(-3)), "nothing that is bounded is negative"
    with pytest.raises(RejectedError, match="an upper bound below 0"):
        _decide("upper", Fraction(-1, 10**9), lambda: arb(-3))
    assert _decide("upper", Fraction(0), lambda: arb(0))
    with pytest.raises(RejectedError, match="do not decide"):
        _decide("lower", Fraction(0), lambda: NAN)


# --- mixtures of devices ----------------------------------------------------------------------------------------------


def mixed(s: str, q: str, points: list[list[str]], value: str = "1") -> Any:
    asked = json.loads((DOCUMENTS / "mixture-of-devices.json").read_text())
    asked["data"]["inputs"] |= {"chsh": s, "qber": q, "points": points}
    asked["statement"]["value"] = value
    return verify(asked)


CORNERS = [["2", "0"], ["5/2", "1/64"], ["21/8", "1/8"]]


@pytest.mark.parametrize(
    ("s", "q", "reason"),
    [
        ("77/32", "5/128", ""),  # weights 1/4, 1/2 and 1/4
        ("2", "0", ""),  # a corner
        ("9/4", "1/128", ""),  # on the side of the first two, in numbers that balls hold exactly
        ("37/16", "1/16", ""),  # of the first and third
        ("41/16", "9/128", ""),  # of the last two
        ("9/4", "1/256", "a weight of the mixture is negative"),  # beyond each of them
        ("37/16", "17/256", "a weight of the mixture is negative"),
        ("42/16", "9/128", "a weight of the mixture is negative"),
        ("13/6", "1/192", "do not decide"),  # on the first side, at a third of it: 0 in a ball around it
    ],
)
def test_a_mixture_has_weights_that_are_certainly_not_negative(s: str, q: str, reason: str) -> None:
    verdict = mixed(s, q, CORNERS)
    assert verdict.accepted is not bool(reason), verdict.reason
    assert reason in verdict.reason


def test_a_mixture_costs_what_its_devices_do() -> None:
    """Weights 1/4, 1/2 and 1/4 of what the verifier derives of each device alone."""
    costs = []
    for s, q in CORNERS:
        single = json.loads((DOCUMENTS / "mixture-of-devices.json").read_text())
        single["data"]["inputs"] |= {"chsh": s, "qber": q, "points": []}
        single["statement"]["value"] = "1"
        costs.append(float(verify(single).enclosure.strip("[").split(" ")[0]))
    assert costs[0] == 0 < min(costs[1:])
    expected = costs[0] / 4 + costs[1] / 2 + costs[2] / 4
    found = float(mixed("77/32", "5/128", CORNERS).enclosure.strip("[").split(" ")[0])
    assert math.isclose(found, expected, rel_tol=1e-14)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (CORNERS[:2], "neither three devices nor one"),
        ([*CORNERS[:2], ["2829/1000", "0"]], "beyond 2√2"),
        ([*CORNERS[:2], ["21/8", "1/8", "0"]], "a point"),
        ([*CORNERS[:2], ["21/8", "2/3"]], "Q of a point"),
        ([*CORNERS[:2], ["-1", "1/8"]], "S of a point"),
        ([*CORNERS, CORNERS[0]], "points"),
    ],
)
def test_which_points_a_mixture_may_have(points: list[Any], reason: str) -> None:
    assert reason in mixed("77/32", "5/128", points).reason
