"""Classes of protocols: what they accept, how they are printed and kept, and which lie within which."""

from __future__ import annotations

import json
import math
import pickle
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybounds.errors import InputError, QuestionError
from keybounds.protocol import (
    P_0,
    P_1,
    P_2,
    Discussion,
    KeySetting,
    Protocol,
    any_discussion,
    completed_rounds,
    no_discussion,
    one_way,
    two_way,
)

KEY, OTHER = (0, 2), (1, 2)
SPLIT = [Fraction(1, 4), Fraction(3, 4)]

PROTOCOLS = [
    no_discussion(),
    one_way(),
    two_way(),
    completed_rounds(),
    any_discussion(),
    one_way(KEY),
    one_way(OTHER),
    one_way(KEY, noise=0.1),
    one_way(KEY, noise=0.2),
    one_way(KEY, keep=0.9),
    one_way(KEY, noise=0.1, keep=0.9),
    two_way(KEY),
    two_way(OTHER),
    one_way(KEY, OTHER),
    one_way(KEY, OTHER, noise=0.1),
    one_way(KEY, OTHER, weights=SPLIT),
    two_way(KEY, OTHER),
    two_way(KEY, OTHER, weights=SPLIT),
    two_way(KEY, OTHER, weights=SPLIT[::-1]),
]

pairs = st.tuples(st.integers(0, 3), st.integers(0, 3))


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    kind = draw(st.sampled_from(["none", "one-way", "two-way", "completed", "any"]))
    if kind in ("none", "completed", "any"):
        return {"none": no_discussion, "completed": completed_rounds, "any": any_discussion}[kind]()
    keys = draw(st.lists(pairs, max_size=3, unique=True))
    parts = draw(st.lists(st.integers(1, 5), min_size=len(keys), max_size=len(keys)))
    weights = [Fraction(part, sum(parts)) for part in parts]
    if kind == "two-way" or not keys:
        return (two_way if kind == "two-way" else one_way)(*keys, weights=weights)
    noise, keep = draw(st.sampled_from([0.0, 0.1, 0.5])), draw(st.sampled_from([1.0, 0.5]))
    return one_way(*keys, weights=weights, noise=noise, keep=keep)


def test_within_is_a_partial_order() -> None:
    for a in PROTOCOLS:
        assert a.within(a)
        for b in PROTOCOLS:
            if a.within(b):
                assert a == b or not b.within(a)
                assert all(a.within(c) for c in PROTOCOLS if b.within(c))


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (one_way(KEY, noise=0.1, keep=0.9), two_way(KEY)),
        (two_way(KEY), completed_rounds()),
        (completed_rounds(), any_discussion()),
        (one_way(OTHER), any_discussion()),
        (one_way(), two_way()),
        (two_way(), any_discussion()),
        (no_discussion(), one_way()),
        (no_discussion(), any_discussion()),
        (one_way(KEY, OTHER, weights=SPLIT), two_way(KEY, OTHER, weights=SPLIT)),
        (one_way(OTHER, KEY, weights=SPLIT[::-1], noise=0.1), two_way(KEY, OTHER, weights=SPLIT)),
        (two_way(KEY, OTHER, weights=SPLIT), completed_rounds()),
    ],
)
def test_classes_grow_with_discussion(narrow: Protocol, wide: Protocol) -> None:
    assert narrow.within(wide)
    assert not wide.within(narrow)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (one_way(KEY), one_way(OTHER)),
        (one_way(KEY), one_way(KEY, noise=0.1)),
        (one_way(KEY, noise=0.1), one_way(KEY, noise=0.2)),
        (one_way(KEY), one_way(KEY, keep=0.9)),
        (one_way(KEY), two_way(OTHER)),
        (two_way(KEY), two_way(OTHER)),
        (one_way(KEY), one_way(KEY, OTHER)),
        (two_way(KEY), two_way(KEY, OTHER)),
        (two_way(KEY, OTHER), two_way(KEY, OTHER, weights=SPLIT)),
        (one_way(KEY, OTHER, weights=SPLIT), two_way(KEY, OTHER, weights=SPLIT[::-1])),
        (one_way(), one_way(KEY)),
        (two_way(), two_way(KEY)),
        (no_discussion(), one_way(KEY)),
    ],
)
def test_other_settings_weights_and_preprocessing_are_incomparable(one: Protocol, other: Protocol) -> None:
    assert not one.within(other)
    assert not other.within(one)


@given(protocols(), protocols())
def test_classes_within_each_other_are_the_same(one: Protocol, other: Protocol) -> None:
    assert (one.within(other) and other.within(one)) is (one == other)


def test_order_of_settings_is_no_difference() -> None:
    assert two_way(KEY, OTHER, weights=SPLIT) == two_way(OTHER, KEY, weights=SPLIT[::-1])
    assert len({two_way(KEY, OTHER), two_way(OTHER, KEY)}) == 1


def test_a_single_setting_is_read_off_where_there_is_one() -> None:
    asked = one_way((np.int64(0), 2), noise=0.13, keep=0.96)  # type: ignore[arg-type]
    assert (asked.key, asked.noise, asked.keep) == (KEY, 0.13, 0.96)
    assert type(asked.key[0]) is int
    assert asked.processed
    assert any_discussion().noise == 0.0
    assert two_way(KEY, OTHER).keys == (KEY, OTHER)
    for protocol in (any_discussion(), one_way(), two_way(KEY, OTHER)):
        with pytest.raises(QuestionError, match=r"^protocol: expected a class with one key setting"):
            protocol.key  # noqa: B018
    with pytest.raises(QuestionError, match="one key setting"):
        one_way(KEY, OTHER, noise=0.1).noise  # noqa: B018


def test_several_settings_share_the_rounds_equally_unless_told_otherwise() -> None:
    assert [one.weight for one in one_way(KEY, OTHER, (1, 1)).settings] == [Fraction(1, 3)] * 3
    assert {one.pair: one.weight for one in two_way(OTHER, KEY, weights=["1/4", "3/4"]).settings} == {
        OTHER: Fraction(1, 4),
        KEY: Fraction(3, 4),
    }


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: one_way(KEY, noise=0.6), "noise"),
        (lambda: one_way(KEY, noise=-0.1), "noise"),
        (lambda: one_way(KEY, noise=math.nan), "noise"),
        (lambda: one_way(KEY, noise="much"), "noise"),
        (lambda: one_way(KEY, keep=0.0), "keep"),
        (lambda: one_way(KEY, keep=1.1), "keep"),
        (lambda: one_way(KEY, keep=math.nan), "keep"),
        (lambda: one_way(noise=0.1), "noise"),
        (lambda: one_way(keep=0.9), "noise, keep"),
        (lambda: one_way((-1, 2)), "key"),
        (lambda: one_way((0,)), "key"),
        (lambda: one_way((0.5, 2)), "key"),
        (lambda: one_way("ab"), "key"),
        (lambda: one_way(3), "key"),
        (lambda: one_way(KEY, KEY), "key"),
        (lambda: two_way(KEY, OTHER, weights=[1]), "weights"),
        (lambda: two_way(KEY, OTHER, weights=[1, 1]), "weights"),
        (lambda: two_way(KEY, OTHER, weights=[0, 1]), "weights"),
        (lambda: two_way(KEY, OTHER, weights=["2", "-1"]), "weights"),
        (lambda: two_way(KEY, weights=["much"]), "weights"),
        (lambda: Protocol(Discussion.TWO_WAY, (KeySetting(KEY, noise=0.1),)), "noise, keep"),
        (lambda: Protocol(Discussion.TWO_WAY, (KeySetting(KEY),), 0.9), "noise, keep"),
        (lambda: Protocol(Discussion.ANY, (KeySetting(KEY),)), "key"),
        (lambda: Protocol(Discussion.COMPLETED_ROUNDS, (KeySetting(KEY),)), "key"),
        (lambda: Protocol(Discussion.NONE, (KeySetting(KEY),)), "key"),
    ],
)
def test_what_is_no_class_is_refused(make, argument: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=f"^{argument}: expected .+; found .+"):
        make()


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=str)
def test_widening_holds_the_class(protocol: Protocol) -> None:
    for discussion in Discussion:
        if protocol.discussion.within(discussion):
            wider = protocol.widened(discussion)
            assert wider.discussion is discussion
            if discussion is not Discussion.ONE_WAY or protocol.discussion is Discussion.ONE_WAY:
                assert protocol.within(wider)
        else:
            with pytest.raises(InputError, match=r"^discussion"):
                protocol.widened(discussion)


@given(protocols())
def test_a_class_survives_json_and_pickle(protocol: Protocol) -> None:
    for copy in (
        Protocol.from_dict(json.loads(json.dumps(protocol.to_dict()))),
        pickle.loads(pickle.dumps(protocol)),
    ):
        assert copy == protocol
        assert hash(copy) == hash(protocol)


@given(protocols(), protocols())
def test_other_classes_print_otherwise(one: Protocol, other: Protocol) -> None:
    assert (str(one) == str(other)) is (one == other)


def test_the_names_of_the_capacities() -> None:
    assert (no_discussion(), one_way(), any_discussion()) == (P_0, P_1, P_2)
    assert [str(p) for p in (P_0, P_1, P_2)] == ["no discussion", "one-way", "any discussion"]
    assert str(one_way(KEY, noise=0.13, keep=0.96)) == "one-way key (0,2) noise 0.13 keep 0.96"
    assert str(two_way(KEY, OTHER, weights=SPLIT)) == "two-way key (0,2) weight 1/4 key (1,2) weight 3/4"


def test_discussions_are_listed_from_narrow_to_wide() -> None:
    for i, j in product(range(len(Discussion)), repeat=2):
        assert list(Discussion)[i].within(list(Discussion)[j]) is (i <= j)
