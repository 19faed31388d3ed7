"""The order of scopes: if it is wrong, numbers that say nothing about each other are compared.

It is held against explicit devices, states and channels, whose rates and entropies are worked out here by hand: where
one scope is said to be within another, the first number is no larger. A second copy of the order would prove nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.bounds import (
    P_0,
    P_1,
    P_2,
    Adversary,
    DeviceClass,
    DeviceCommunication,
    DeviceMemory,
    Direction,
    Link,
    Protocol,
    Quantity,
    Scope,
    Statistics,
    Thing,
    Trust,
    any_discussion,
    comparable,
    completed_rounds,
    no_discussion,
    one_way,
    two_way,
)
from keybounds.bounds import scope as scope_module
from keybounds.bounds.lower import chsh_entropy
from keybounds.errors import InputError
from keybounds.experiments import Behaviour

KEY = (0, 2)
THING = Thing.of_numbers("correlations", "a table", number=1)
ENTROPY, RECONCILIATION = Quantity.CONDITIONAL_ENTROPY, Quantity.RECONCILIATION
RATE, EBITS, QUBITS = Quantity.KEY_RATE, Quantity.DISTILLABLE_ENTANGLEMENT, Quantity.QUANTUM_CAPACITY

PROTOCOLS = [
    no_discussion(),
    one_way(),
    two_way(),
    one_way(KEY),
    one_way(KEY, noise=0.1),
    one_way(KEY, noise=0.5),
    one_way(KEY, keep=0.5),
    one_way((1, 2)),
    one_way(KEY, (1, 2)),
    two_way(KEY),
    two_way((1, 2)),
    two_way(KEY, (1, 2)),
    completed_rounds(),
    any_discussion(),
]
SCOPES = [
    Scope(
        thing=THING,
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=protocol,
        quantity=quantity,
        statistics=statistics,
        adversary=adversary,
    )
    for protocol, quantity, statistics, adversary in product(
        PROTOCOLS, (RATE, ENTROPY, RECONCILIATION), Statistics, Adversary
    )
]


def test_within_is_a_partial_order_but_for_reconciliation() -> None:
    for a in SCOPES:
        assert a.within(a) is (a.quantity is not RECONCILIATION)
        above = [b for b in SCOPES if a.within(b)]
        for b in above:
            assert a == b or not b.within(a)
            assert all(c in above for c in SCOPES if b.within(c))


# Explicit devices


@dataclass(frozen=True)
class Known:
    """The quantity that a scope names lies in [low, high], for reasons that stand where it is made."""

    scope: Scope
    low: float
    high: float


def h(p: float) -> float:
    return -sum(x * math.log2(x) for x in (p, 1 - p) if x > 0)


def entropy(weights: NDArray[np.float64]) -> float:
    w = weights[weights > 0]
    return float(-(w * np.log2(w)).sum())


def kept(joint: NDArray[np.float64], protocol: Protocol) -> NDArray[np.float64]:
    """The weights of the surviving key symbols [â][b]: outcome 1 kept with probability `keep`, then Alice's flips."""
    keep = np.array([1.0, protocol.keep])
    weights = joint * np.outer(keep, keep)
    return (1 - protocol.noise) * weights + protocol.noise * weights[::-1]


@dataclass(frozen=True)
class Device:
    """A table on bits, with Eve either knowing all outcomes or none, by what her devices can be at worst.

    Attributes
    ----------
    hidden
        Whether the full table forces her to know nothing: it is that of a maximally entangled pair. Else it is local,
        and she may know everything.
    chsh_hides
        Whether S alone forces that.
    """

    table: NDArray[np.float64]
    hidden: bool
    chsh_hides: bool

    def known(self) -> Iterator[Known]:
        behaviour = Behaviour(self.table)
        joint = behaviour.joint(*KEY)
        for statistics, adversary in product(Statistics, Adversary):
            hidden = self.hidden if statistics is Statistics.FULL else self.chsh_hides

            def scope(
                quantity: Quantity,
                protocol: Protocol,
                statistics: Statistics = statistics,
                adversary: Adversary = adversary,
            ) -> Scope:
                return Scope(
                    thing=behaviour.thing,
                    trust=Trust.DEVICE_INDEPENDENT,
                    protocol=protocol,
                    quantity=quantity,
                    statistics=statistics,
                    adversary=adversary,
                )

            for protocol in (one_way(KEY), one_way(KEY, noise=0.1), one_way(KEY, noise=0.5), one_way(KEY, keep=0.5)):
                if protocol.keep < 1 and statistics is not Statistics.FULL:
                    continue
                weights = kept(joint, protocol)
                survival = float(weights.sum())
                given_bob = (entropy(weights) - entropy(weights.sum(axis=0))) / survival
                # who knows a outcome knows the symbol but for its flip; who knows nothing has the symbol's own entropy
                given_eve = entropy(weights.sum(axis=1) / survival) if hidden else h(protocol.noise)
                yield Known(scope(ENTROPY, protocol), given_eve, given_eve)
                yield Known(scope(RECONCILIATION, protocol), given_bob, given_bob)
                rate = survival * (given_eve - given_bob) if hidden else 0.0  # I(Â:B), Eve knowing nothing; or none
                yield Known(scope(RATE, protocol), rate, rate)
            unprocessed = 1.0 if hidden else 0.0
            for protocol in (two_way(KEY), completed_rounds(), any_discussion()):
                # one pair of qubits holds one bit, whoever speaks when; a local table holds none
                yield Known(scope(RATE, protocol), unprocessed, unprocessed)
            # the same words, asked of a class without preprocessing, are about the plain symbol
            plain = entropy(joint.sum(axis=1)) if hidden else 0.0
            yield Known(scope(ENTROPY, two_way(KEY)), plain, plain)
            plain_b = entropy(joint) - entropy(joint.sum(axis=0))
            yield Known(scope(RECONCILIATION, two_way(KEY)), plain_b, plain_b)


def correlated(correlators: list[list[float]]) -> NDArray[np.float64]:
    signs = np.array([[1.0, -1.0], [-1.0, 1.0]])
    return (1 + signs[:, :, None, None] * np.array(correlators)) / 4


def deterministic() -> NDArray[np.float64]:
    table = np.zeros((2, 2, 2, 3))
    table[0, 0] = 1.0
    return table


def hidden_test() -> NDArray[np.float64]:
    """A singlet whose CHSH test is at Bob's settings 3 and 4; at 0 and 1 he prints 0, so that S there is 0."""
    table = correlated([[0.0, 0.0, 1.0, HALF, HALF], [0.0, 0.0, 0.0, HALF, -HALF]])
    for y in (0, 1):
        table[:, 0, :, y], table[:, 1, :, y] = 0.5, 0.0
    return table


HALF = 2**-0.5
DEVICES = {
    "deterministic": Device(deterministic(), hidden=False, chsh_hides=False),
    "a coin that Eve tossed": Device(correlated([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]), hidden=False, chsh_hides=False),
    "independent coins": Device(correlated([[0.0] * 3] * 2), hidden=False, chsh_hides=False),
    "singlet": Device(correlated([[HALF, HALF, 1.0], [HALF, -HALF, 0.0]]), hidden=True, chsh_hides=True),
    "singlet, tested elsewhere": Device(hidden_test(), hidden=True, chsh_hides=False),
}


def worst_for_chsh() -> Iterator[Known]:
    """(1+C)/2 Φ+ + (1-C)/2 Φ-, Eve purifying, which attains the entropy that S leaves: from her states, by numpy."""
    s = 2.5
    c = math.sqrt(s * s / 4 - 1)
    phi = math.atan(c)
    behaviour = Behaviour(correlated([[math.cos(phi)] * 2 + [1.0], [c * math.sin(phi), -c * math.sin(phi), 0.0]]))
    assert behaviour.chsh == pytest.approx(s)
    amplitudes = np.sqrt([(1 + c) / 2, (1 - c) / 2])
    eve = [np.outer(v, v) / 2 for v in (amplitudes, amplitudes * [1, -1])]  # at Alice's outcomes 0 and 1 in Z
    for statistics, q in product(Statistics, (0.0, 0.1, 0.5)):
        states = [(1 - q) * eve[0] + q * eve[1], (1 - q) * eve[1] + q * eve[0]]
        value = sum(entropy(np.linalg.eigvalsh(state)) for state in states) - entropy(np.linalg.eigvalsh(sum(eve)))
        for quantity, low, high in (
            (ENTROPY, value - 1e-12, value + 1e-12),
            (RECONCILIATION, h(q), h(q)),  # Bob's outcome is hers
            (RATE, max(value - h(q), 0.0), 1.0),
        ):
            yield Known(
                Scope(
                    thing=behaviour.thing,
                    trust=Trust.DEVICE_INDEPENDENT,
                    protocol=one_way(KEY, noise=q),
                    quantity=quantity,
                    statistics=statistics,
                ),
                low,
                high,
            )


def marked() -> Iterator[Known]:
    """Bob prints a mark m beside his bit; Alice's setting s shares his key only for s = m, and Eve knows m.

    Whoever must use both sides before m is heard of guesses it half of the time: 1/2 bit. Heard of first, it is 1.
    """
    thing = Thing.of_numbers("correlations", "Bob prints a mark", outcomes=(2, 4), settings=(5, 3))
    for protocol, rate in ((two_way(KEY), 0.5), (completed_rounds(), 0.5), (any_discussion(), 1.0)):
        yield Known(Scope(thing=thing, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol), rate, rate)


def two_settings() -> Iterator[Known]:
    """A singlet at the pair (0, 2), and at (1, 2) outcomes that Eve knows; key of both with weights w is w of one."""
    thing = Thing.of_numbers("correlations", "key at one setting of two", settings=(2, 3))
    for w in (0, 0.25, 0.75, 1):
        for make in (one_way, two_way):
            protocol = make(KEY, (1, 2), weights=[str(w), str(1 - w)]) if 0 < w < 1 else make(KEY if w else (1, 2))
            yield Known(Scope(thing=thing, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol), w, w)


def states_and_channels() -> Iterator[Known]:
    """Trusted: a singlet and a table that it makes, a PPT private state, an erasure channel, a PPT channel."""
    singlet = Thing.of_numbers("state", "singlet", fidelity=1)
    same_bits = Behaviour(correlated([[1.0] * 3] * 2))._made_by(singlet)  # of Z only, and local
    p = 1 / 9  # of rho_{64,p}, just PPT
    private = Thing.of_numbers("state", "a PPT private state", d=64, p=p)
    ppt_channel = Thing.of_numbers("channel", "the channel with that Choi state", d=64, p=p)
    erasure = Thing.of_numbers("channel", "erasure of a qubit", probability=0.25)

    def trusted(thing: Thing, protocol: Protocol, quantity: Quantity = RATE) -> Scope:
        return Scope(thing=thing, trust=Trust.DEVICE_DEPENDENT, protocol=protocol, quantity=quantity)

    for protocol in (P_1, two_way(), P_2):
        yield Known(trusted(singlet, protocol), 1, 1)
        yield Known(trusted(singlet, protocol, EBITS), 1, 1)
        yield Known(trusted(private, protocol), 1 - h(p) - p, 1)  # privacy squeezing
        yield Known(trusted(private, protocol, EBITS), 0, 0)
        yield Known(trusted(ppt_channel, protocol), 1 - h(p) - p, 1)
        yield Known(trusted(ppt_channel, protocol, QUBITS), 0, 0)
    yield Known(replace(trusted(singlet, P_2), trust=Trust.DEVICE_INDEPENDENT), 1, 1)
    # untrusted, its partial transpose serves as well, which has no more than p
    yield Known(replace(trusted(private, P_2), trust=Trust.DEVICE_INDEPENDENT), 0, p)
    yield Known(Scope(thing=same_bits.thing, trust=Trust.DEVICE_INDEPENDENT, protocol=any_discussion()), 0, 0)
    yield Known(Scope(thing=same_bits.thing, trust=Trust.DEVICE_INDEPENDENT, protocol=two_way(KEY)), 0, 0)
    for quantity in (RATE, QUBITS):  # degradable below one half: 1 - 2ε without an answer; 1 - ε with one
        for protocol, value in ((P_0, 0.5), (P_1, 0.5), (P_2, 0.75)):
            yield Known(trusted(erasure, protocol, quantity), value, value)


def every_known() -> list[Known]:
    devices = [known for device in DEVICES.values() for known in device.known()]
    return [*devices, *worst_for_chsh(), *marked(), *two_settings(), *states_and_channels()]


def contradictions(knowns: list[Known]) -> list[tuple[Known, Known]]:
    """Pairs that the order relates though the first number is certainly the larger."""
    return [(a, b) for a in knowns for b in knowns if a.low > b.high + 1e-9 and a.scope.within(b.scope)]


def test_the_order_holds_for_explicit_devices() -> None:
    knowns = every_known()
    assert {known.scope.quantity for known in knowns} == set(Quantity)
    assert contradictions(knowns) == []
    related = [(a, b) for a in knowns for b in knowns if a.scope != b.scope and a.scope.within(b.scope)]
    strict = {(a.scope.quantity, b.scope.quantity) for a, b in related if a.high < b.low - 1e-9}
    assert strict == {(RATE, RATE), (ENTROPY, ENTROPY), (QUBITS, QUBITS), (EBITS, RATE), (QUBITS, RATE)}


WRONG = {
    "entropies by protocol": ((ENTROPY, ENTROPY), {"adversary", "statistics", "protocol"}),
    "reconciliation by protocol": ((RECONCILIATION, RECONCILIATION), {"protocol"}),
    "an entropy is a rate": ((ENTROPY, RATE), {"protocol"}),
    "reconciliation is a rate": ((RECONCILIATION, RATE), {"protocol"}),
    "a rate is at most what Bob misses": ((RATE, RECONCILIATION), {"protocol"}),
    "Eve misses no more than Bob": ((ENTROPY, RECONCILIATION), set()),
    "Bob misses no more than Eve": ((RECONCILIATION, ENTROPY), set()),
    "key makes entanglement": ((RATE, EBITS), {"protocol"}),
    "key makes a quantum capacity": ((RATE, QUBITS), {"protocol"}),
}


@pytest.mark.parametrize("claim", WRONG)
def test_the_devices_see_a_wrong_order(monkeypatch: pytest.MonkeyPatch, claim: str) -> None:
    """Else the test before might hold for want of devices."""
    quantities, parts = WRONG[claim]
    monkeypatch.setitem(scope_module._ORDER, quantities, frozenset(parts))
    assert contradictions(every_known())


@pytest.mark.parametrize("part", ["thing", "trust", "statistics", "protocol"])
def test_the_devices_see_a_part_that_is_left_out(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setitem(scope_module._WITHIN, part, lambda mine, other: True)
    assert contradictions(every_known())


def test_an_entropy_with_noise_says_nothing_without() -> None:
    """Once accepted: "CHSH entropy, S = 2, noise 1/2, value 1", as an entropy of a two-way key without noise."""
    noisy = chsh_entropy(Link(2.0, 0.0), 0.5)
    assert noisy.value == pytest.approx(1.0)
    for protocol in (one_way(KEY), one_way(KEY, noise=0.49), two_way(KEY), completed_rounds(), any_discussion()):
        other = replace(noisy.scope, protocol=protocol)
        assert not noisy.scope.within(other)
        assert not other.within(noisy.scope)
        ceiling = replace(noisy, value=0.0, direction=Direction.UPPER, scope=other)
        assert not comparable(noisy, ceiling)
    assert noisy.scope.within(replace(noisy.scope, statistics=Statistics.FULL))


# The parts


def test_devices_of_an_adversary_that_may_do_more_are_narrower() -> None:
    channel = Thing.of_numbers("channel", "a channel", number=1)
    weak = DeviceClass(DeviceCommunication.NONE, DeviceMemory.IID)
    strong = DeviceClass(DeviceCommunication.TWO_WAY, DeviceMemory.MEMORY)
    mixed = DeviceClass(DeviceCommunication.TWO_WAY, DeviceMemory.IID)
    base = Scope(thing=channel, trust=Trust.DEVICE_INDEPENDENT, protocol=P_2, devices=weak)
    assert replace(base, devices=strong).within(replace(base, devices=mixed))
    assert replace(base, devices=mixed).within(base)
    assert not base.within(replace(base, devices=strong))
    assert not base.within(replace(base, devices=None))
    assert base.within(Scope(thing=channel, trust=Trust.DEVICE_DEPENDENT, protocol=P_2))


def test_other_things_are_not_comparable_whatever_they_are_called() -> None:
    base = Scope(thing=THING, trust=Trust.DEVICE_INDEPENDENT, protocol=any_discussion())
    other = Thing.of_numbers("correlations", THING.name, number=2)
    assert str(other) == str(THING)
    assert not base.within(replace(base, thing=other))
    assert base.within(replace(base, thing=Thing.of_numbers("correlations", "another name", number=1)))
    assert not base.within(replace(base, thing=Thing.of_numbers("link", THING.name, number=1)))


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"trust": Trust.DEVICE_DEPENDENT, "devices": DeviceClass()}, "devices"),
        ({"quantity": QUBITS}, "trust"),
        ({"trust": Trust.DEVICE_DEPENDENT, "protocol": completed_rounds()}, "protocol"),
        ({"thing": Thing.of_numbers("state", "a state", d=2), "protocol": completed_rounds()}, "protocol"),
        ({"thing": Thing.of_numbers("channel", "a channel", d=2), "protocol": completed_rounds()}, "protocol"),
        ({"thing": Thing.of_numbers("source", "a source", d=2), "protocol": completed_rounds()}, "protocol"),
    ],
)
def test_scopes_of_nothing_are_refused(changes: dict[str, object], argument: str) -> None:
    base = Scope(thing=THING, trust=Trust.DEVICE_INDEPENDENT, protocol=any_discussion())
    with pytest.raises(InputError, match=f"^{argument}: expected"):
        replace(base, **changes)  # type: ignore[arg-type]


def test_text_and_plain_data_name_every_part() -> None:
    scope = Scope(
        thing=THING,
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=one_way(KEY, noise=0.13, keep=0.96),
        statistics=Statistics.CHSH_AND_ERROR,
    )
    assert str(scope) == (
        "device-independent, one-way key (0,2) noise 0.13 keep 0.96, collective attacks, from CHSH value and key error"
    )
    assert scope.words == "untrusted devices, one-way key (0,2) noise 0.13 keep 0.96, from CHSH value and key error"
    assert replace(scope, adversary=Adversary.GENERAL).words.count("general attacks") == 1
    assert scope.to_dict() == {
        "thing": THING.to_dict(),
        "trust": "device-independent",
        "protocol": {
            "discussion": "one-way",
            "settings": [{"key": [0, 2], "weight": "1", "noise": 0.13}],
            "keep": 0.96,
        },
        "quantity": "secret-key rate",
        "statistics": "CHSH value and key error",
        "adversary": "collective attacks",
    }


@pytest.mark.parametrize("scope", [*SCOPES[::7], Scope(
    thing=Thing.of_numbers("channel", "c", d=2), trust=Trust.DEVICE_INDEPENDENT, protocol=P_2, devices=DeviceClass()
)], ids=str)  # fmt: skip
def test_a_scope_survives_plain_data(scope: Scope) -> None:
    assert Scope.from_dict(scope.to_dict()) == scope
