"""The order of scopes: if it is wrong, numbers that say nothing about each other are compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from keybounds.bounds import (
    ANY_PROTOCOL,
    Adversary,
    Protocol,
    Quantity,
    Scope,
    Statistics,
    Trust,
    one_way,
    two_way,
)
from keybounds.bounds.scope import Discussion
from keybounds.errors import InputError

PROTOCOLS = [
    one_way((0, 2)),
    one_way((0, 2), noise=0.1),
    one_way((0, 2), keep=0.9),
    one_way((1, 2)),
    two_way((0, 2)),
    two_way((1, 2)),
    ANY_PROTOCOL,
]
SCOPES = [
    Scope(subject="s", trust=trust, protocol=protocol, statistics=statistics, adversary=adversary)
    for trust, protocol, statistics, adversary in product(Trust, PROTOCOLS, Statistics, Adversary)
]


def test_within_is_a_partial_order() -> None:
    for a in SCOPES:
        assert a.within(a)
        for b in SCOPES:
            if a.within(b) and b.within(a):
                assert a == b
            if a.within(b):
                assert all(a.within(c) for c in SCOPES if b.within(c))


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (one_way((0, 2), noise=0.1, keep=0.9), two_way((0, 2))),
        (two_way((0, 2)), ANY_PROTOCOL),
        (one_way((1, 2)), ANY_PROTOCOL),
        (one_way(), two_way()),
    ],
)
def test_protocol_classes_grow_with_discussion(narrow: Protocol, wide: Protocol) -> None:
    assert narrow.within(wide)
    assert not wide.within(narrow)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (one_way((0, 2)), one_way((1, 2))),
        (one_way((0, 2)), one_way((0, 2), noise=0.1)),
        (one_way((0, 2), noise=0.1), one_way((0, 2), noise=0.2)),
        (one_way((0, 2)), two_way((1, 2))),
        (two_way((0, 2)), two_way((1, 2))),
    ],
)
def test_other_settings_and_other_preprocessing_are_incomparable(one: Protocol, other: Protocol) -> None:
    assert not one.within(other)
    assert not other.within(one)


def test_trust_adversary_and_statistics_order() -> None:
    base = Scope(subject="s", trust=Trust.DEVICE_INDEPENDENT, protocol=ANY_PROTOCOL)
    assert base.within(replace(base, trust=Trust.DEVICE_DEPENDENT))
    assert not replace(base, trust=Trust.DEVICE_DEPENDENT).within(base)
    assert replace(base, adversary=Adversary.GENERAL).within(base)
    assert not base.within(replace(base, adversary=Adversary.GENERAL))
    assert replace(base, statistics=Statistics.CHSH_AND_ERROR).within(base)
    assert not base.within(replace(base, statistics=Statistics.CHSH_AND_ERROR))
    assert not base.within(replace(base, subject="t"))
    assert not base.within(replace(base, quantity=Quantity.CONDITIONAL_ENTROPY))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"noise": 0.6}, "noise"),
        ({"noise": float("nan")}, "noise"),
        ({"keep": 0.0}, "keep"),
        ({"keep": 1.1}, "keep"),
    ],
)
def test_preprocessing_outside_its_range_is_refused(arguments: dict[str, float], name: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: expected"):
        one_way((0, 2), **arguments)


def test_classes_without_fixed_preprocessing_refuse_it() -> None:
    with pytest.raises(InputError, match=r"^discussion"):
        Protocol(Discussion.TWO_WAY, (0, 2), noise=0.1)
    with pytest.raises(InputError, match=r"^key"):
        Protocol(Discussion.ANY, (0, 2))


def test_text_and_plain_data_name_every_part() -> None:
    scope = Scope(
        subject="s",
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=one_way((0, 2), noise=0.13, keep=0.96),
        statistics=Statistics.CHSH_AND_ERROR,
    )
    assert str(scope) == (
        "device-independent, one-way key (0,2) noise 0.13 keep 0.96, collective attacks, from CHSH value and key error"
    )
    assert scope.to_dict() == {
        "subject": "s",
        "trust": "device-independent",
        "protocol": {"discussion": "one-way", "key": [0, 2], "noise": 0.13, "keep": 0.96},
        "quantity": "secret-key rate",
        "statistics": "CHSH value and key error",
        "adversary": "collective attacks",
    }
