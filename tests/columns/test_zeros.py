"""What is issued is accepted, zeros above all: a ball around 0 decides nothing, exact arithmetic does."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Bound, Protocol, any_discussion, completed_rounds, one_way, two_way
from keybounds.bounds.correlations.attacks.costs import Cost, CostModel, relative_entropy
from keybounds.bounds.correlations.attacks.strategies import GRID_BITS, Measurement, Pinching, Strategy
from keybounds.bounds.upper import attack_ceiling
from keybounds.enclosure import LEAST_DECIDABLE
from keybounds.experiments import Behaviour
from keybounds.proofs.certificates import certify
from keybounds.proofs.verifier import Verification, verify

KEY = (0, 2)
CLASSES = [one_way(KEY), one_way(KEY, noise=0.2), one_way(KEY, noise=0.5), two_way(KEY), completed_rounds()]
CLASSES = [*CLASSES, any_discussion()]
Table = Callable[[float], Behaviour]
Verdict = Callable[[Bound], Verification]


@pytest.mark.parametrize("visibility", [0.7735, 0.776, 0.78, 0.79])
def test_two_way_ceilings_that_were_met_by_a_ball_around_zero(
    visibility: float, werner: Table, accepted: Verdict
) -> None:
    bound = attack_ceiling(werner(visibility), two_way(KEY))
    assert bound.value < 1e-6
    assert accepted(bound).accepted


@given(visibility=st.floats(0.0, 1.0) | st.floats(0.7, 0.8), protocol=st.sampled_from(CLASSES))
@settings(deadline=None, max_examples=6)
def test_whatever_is_issued_is_accepted(
    visibility: float, protocol: Protocol, werner: Table, accepted: Verdict
) -> None:
    bound = attack_ceiling(werner(visibility), protocol)
    assert accepted(bound).accepted
    assert bound.value == 0 or bound.value >= LEAST_DECIDABLE


@pytest.mark.slow
@pytest.mark.parametrize("protocol", CLASSES, ids=str)
def test_whatever_is_issued_along_a_sweep_is_accepted(protocol: Protocol, werner: Table, accepted: Verdict) -> None:
    for visibility in np.linspace(0.69, 1.0, 25):
        assert accepted(attack_ceiling(werner(float(visibility)), protocol)).accepted


def deterministic() -> Behaviour:
    table = np.zeros((2, 2, 2, 3))
    table[0, 1] = 1.0
    return Behaviour(table)


@pytest.mark.parametrize("protocol", CLASSES, ids=str)
@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(Behaviour(np.full((2, 2, 2, 3), 0.25)), id="uniform"),
        pytest.param(deterministic(), id="deterministic"),
        pytest.param(Behaviour(np.full((3, 2, 2, 3), 1 / 6)), id="three outcomes"),
    ],
)
def test_tables_without_key_have_exactly_none(behaviour: Behaviour, protocol: Protocol, accepted: Verdict) -> None:
    if protocol.noise and behaviour.outcomes[0] != 2:
        return
    bound = attack_ceiling(behaviour, protocol)
    assert bound.value == 0
    assert accepted(bound).accepted


# One strategy at a time, in both readings


def verified(strategy: Strategy, protocol: Protocol) -> Verification:
    """The verdict on the ceiling 0 of this strategy alone, at the table that it has."""
    joint = strategy.joint((2, 2), 0, 0)
    table = [[str(p) for p in row] for row in joint]

    def plain(m: Measurement) -> dict[str, list[int]]:
        return {"direction": list(m.direction), "labels": list(m.labels), "misprints": list(m.misprints)}

    one = {"weight": "1", "state": list(strategy.state), "alice": [plain(strategy.alice[0])]}
    one |= {"bob": [plain(strategy.bob[0])]}
    if strategy.pinching is not None and protocol == any_discussion():
        one |= {"pinching": {"side": strategy.pinching.side, "direction": list(strategy.pinching.direction)}}
    data = {
        "scenario": {"outcomes": [2, 2], "settings": [1, 1]},
        "measured": [[0, 0]],
        "collins_gisin": [
            [1, str(joint[0][0] + joint[1][0])],
            [str(joint[0][0] + joint[0][1]), str(joint[0][0])],
        ],
        "table": [table],
        "distance": "0",
        "protocol": written(protocol),
        "mixture": {"grid_bits": GRID_BITS, "points": [], "strategies": [one]},
    }
    statement = {
        "direction": "upper",
        "value": 0,
        "unit": "bit/round",
        "method": "",
        "reference": "",
        "scope": {
            "trust": "device-independent",
            "quantity": "secret-key rate",
            "statistics": "full correlations",
            "adversary": "collective attacks",
            "protocol": written(protocol),
        },
    }
    return verify(
        {"format": "keybounds certificate", "version": 2, "kind": "mixture", "statement": statement, "data": data}
    )


def written(protocol: Protocol) -> dict[str, object]:
    document = protocol.to_dict()
    for one in document["settings"]:
        one["noise"] = str(Fraction(one["noise"]))
    return {**document, "keep": "1"}


OPEN, FIXED = Measurement((3, 1), (0, 1), (5, 7)), Measurement((3, 1), (0, 0))
ALWAYS_ONE = Measurement((3, 1), (0, 1), (1 << GRID_BITS, 0))  # by its misprints
PRODUCT = (3, 6, 5, 10, 6, 12, 10, 20)  # (1, 2) x (3, 5) x (1, 2)
BOB_APART = (2, -1, 6, -3, 4, 5, 12, 15)  # Bob's qubit apart from Alice's and Eve's
ENTANGLED = (3, 1, -2, 4, 1, 5, 2, -3)
CLASSICAL = (3, 1, 0, 0, 0, 0, -1, 3)  # |00> and |11>, of which Eve knows which


@pytest.mark.parametrize(
    ("strategy", "zeros"),
    [
        pytest.param(Strategy(ENTANGLED, (FIXED,), (OPEN,)), "one-way two-way any", id="Alice prints one outcome"),
        pytest.param(Strategy(ENTANGLED, (OPEN,), (FIXED,)), "two-way any", id="Bob prints one outcome"),
        pytest.param(Strategy(ENTANGLED, (ALWAYS_ONE,), (OPEN,)), "one-way two-way", id="Alice misprints into one"),
        pytest.param(Strategy(ENTANGLED, (OPEN,), (ALWAYS_ONE,)), "two-way", id="Bob misprints into one"),
        pytest.param(
            Strategy(PRODUCT, (OPEN,), (OPEN,), Pinching("alice", (1, 2))), "two-way any", id="a product state"
        ),
        pytest.param(
            Strategy(BOB_APART, (OPEN,), (OPEN,), Pinching("bob", (1, 3))), "two-way any", id="Bob's qubit apart"
        ),
        pytest.param(Strategy(CLASSICAL, (OPEN,), (OPEN,), Pinching("bob", (1, 0))), "any", id="classical"),
    ],
)
def test_zeros_of_strategies_are_seen_by_writer_and_verifier(strategy: Strategy, zeros: str) -> None:
    models = {
        "one-way": CostModel(Cost.PRIVACY, ((0, 0),), 0.2),
        "two-way": CostModel(Cost.INFORMATION, ((0, 0),)),
    }
    protocols = {"two-way": two_way((0, 0)), "any": any_discussion()}
    for name, model in models.items():
        assert model.terms(strategy, (0, 0)).free == (name in zeros)
    if strategy.pinching is not None or strategy.local:
        assert relative_entropy(strategy).free == ("any" in zeros)
    for name, protocol in protocols.items():
        if name == "two-way" or strategy.pinching is not None or strategy.local:
            verdict = verified(strategy, protocol)
            assert verdict.accepted == (name in zeros), verdict.reason


def test_certificates_of_zero_hold_no_more_than_zero(
    werner: Table, fast_ceiling: Callable[[Behaviour, Protocol], Bound]
) -> None:
    """A ceiling of exactly 0 stays refused for a table with key."""
    document = certify(fast_ceiling(werner(0.9), two_way(KEY)))
    document["statement"]["value"] = 0
    assert not verify(document).accepted


def test_almost_nothing_is_rounded_to_what_can_be_decided() -> None:
    """A table whose correlations are those of a few last digits of doubles."""
    table = np.full((2, 2, 1, 1), 0.25)
    table[0, 0, 0, 0] = table[1, 1, 0, 0] = math.nextafter(0.25, 1)
    bound = attack_ceiling(Behaviour(table), one_way((0, 0)))
    assert verify(certify(bound)).accepted
