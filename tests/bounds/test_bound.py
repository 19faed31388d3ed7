"""`Bound` and the comparison: values on the safe side, and a contradiction that cannot pass unseen."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from keybounds.bounds import (
    Bound,
    Direction,
    Link,
    Quantity,
    Scale,
    Scope,
    Status,
    Thing,
    Trust,
    Unit,
    any_discussion,
    check_pairs,
    comparable,
    one_way,
    two_way,
)
from keybounds.bounds.bound import lower_bound, upper_bound
from keybounds.bounds.lower import chsh_entropy, chsh_rate
from keybounds.bounds.upper import chsh_ceiling, hull_ceiling
from keybounds.enclosure import enclose
from keybounds.errors import InconsistencyError, InputError
from keybounds.proofs.certificates.data import ClosedForm

THING = Thing.of_numbers("correlations", "a table", number=1)
DI = Scope(thing=THING, trust=Trust.DEVICE_INDEPENDENT, protocol=one_way((0, 2)))


def bound(value: float, direction: Direction, **changes: object) -> Bound:
    base = Bound(
        value=value,
        direction=direction,
        unit=Unit.PER_ROUND,
        scope=DI if direction is Direction.LOWER else replace(DI, protocol=any_discussion()),
        status=Status.ENCLOSED,
        method="m",
        reference="r",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


LINK = Link(2.4, 0.06)
MADE = [
    chsh_rate(LINK),
    chsh_rate(Link(2.0, 0.1), 0.1),
    chsh_entropy(LINK, 0.25),
    chsh_ceiling(LINK, any_discussion()),
    hull_ceiling(LINK).scaled(2_000_000, Unit.PER_SECOND),
    chsh_rate(LINK).scaled(1, Unit.PER_HERALD).about("a link"),
    bound(0.1, Direction.UPPER, provenance={"of": ({"tables": ((1, 2), (3, 4))},)}, diagnostics={"gap": 1e-9}),
    bound(0.5, Direction.LOWER, status=Status.PUBLISHED),
]


def test_enclosures_are_rounded_to_the_safe_side() -> None:
    third = enclose(lambda: arb(1) / 3)
    common = {"unit": Unit.PER_ROUND, "scope": DI, "method": "m", "reference": "r", "provenance": {}}
    low, high = lower_bound(third, **common), upper_bound(third, **common)
    assert Fraction(low.value) < Fraction(1, 3) < Fraction(high.value)
    assert (low.direction, high.direction) == (Direction.LOWER, Direction.UPPER)


def test_negative_rates_become_no_key_but_negative_entropies_are_kept() -> None:
    common = {"unit": Unit.PER_ROUND, "method": "m", "reference": "r", "provenance": {}}
    rate = lower_bound(arb(-0.25), scope=DI, **common)
    assert (rate.value, rate.status, rate.diagnostics["unclamped"]) == (0.0, Status.NO_KEY, -0.25)
    assert "trivial bound 0" in rate.status.message
    entropy = lower_bound(arb(-0.25), scope=replace(DI, quantity=Quantity.CONDITIONAL_ENTROPY), **common)
    assert (entropy.value, entropy.status) == (-0.25, Status.ENCLOSED)
    assert upper_bound(arb(-0.25), scope=DI, **common).value == 0.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1])
def test_values_that_are_no_key_rate_are_refused(value: float) -> None:
    with pytest.raises(InputError, match=r"^value"):
        bound(value, Direction.LOWER)


# Units


@given(st.floats(min_value=1e-9, max_value=1.0), st.floats(min_value=1e-6, max_value=1e9))
def test_scaling_keeps_the_safe_side_and_states_the_rate(value: float, rate: float) -> None:
    exact = Fraction(value) * Fraction(rate)
    low = bound(value, Direction.LOWER).scaled(rate, Unit.PER_SECOND)
    high = bound(value, Direction.UPPER).scaled(rate, Unit.PER_SECOND)
    assert Fraction(low.value) <= exact <= Fraction(high.value)
    for one in (low, high):
        assert one.unit is Unit.PER_SECOND
        assert one.scale == Scale(Fraction(rate), Unit.PER_ROUND)
        assert one.to_dict()["scale"] == {"rate": str(Fraction(rate)), "from": "bit/round"}


def test_the_rate_is_printed_and_part_of_what_is_compared() -> None:
    rate, ceiling = chsh_rate(LINK), chsh_ceiling(LINK, two_way(LINK.key))
    fast, slow = rate.scaled(2_000_000, Unit.PER_SECOND), rate.scaled(10, Unit.PER_SECOND)
    assert "bit/s at 2000000 rounds a s" in str(fast)
    assert fast.certificate == slow.certificate == rate.certificate is not None
    assert comparable(fast, ceiling.scaled(2_000_000, Unit.PER_SECOND))
    assert not comparable(fast, ceiling.scaled(10, Unit.PER_SECOND))
    assert not comparable(fast, ceiling)
    assert fast != slow


@pytest.mark.parametrize(
    ("rate", "unit", "argument"),
    [
        *((rate, Unit.PER_SECOND, "rate") for rate in (0.0, -1.0, math.nan, math.inf, "many", None, 1j)),
        (2, Unit.PER_HERALD, "rate"),
        (1, Unit.PER_ROUND, "unit"),
        (1, Unit.PER_COPY, "unit"),
        (1, Unit.PER_KEY_ROUND, "unit"),
    ],
)
def test_scaling_by_nonsense_is_refused(rate: Any, unit: Unit, argument: str) -> None:
    with pytest.raises(InputError, match=f"^{argument}"):
        bound(0.1, Direction.LOWER).scaled(rate, unit)


def test_a_scaled_bound_is_not_scaled_again() -> None:
    """Its rate would be a product that nobody stated."""
    scaled = bound(0.1, Direction.LOWER).scaled(10, Unit.PER_SECOND)
    with pytest.raises(InputError, match=r"^unit"):
        scaled.scaled(10, Unit.PER_SECOND)
    with pytest.raises(InputError, match=r"^unit"):
        chsh_entropy(LINK).scaled(10, Unit.PER_SECOND)


# Print


@pytest.mark.parametrize("made", MADE, ids=str)
def test_a_bound_is_one_line(made: Bound) -> None:
    for text in (str(made), repr(made)):
        assert "\n" not in text
        assert len(text) < 240
    assert made.unit.value in str(made)
    assert ("≥" in str(made)) is (made.direction is Direction.LOWER)
    assert made.subject in repr(made)
    assert f"{made}" == str(made)


def test_the_line_says_what_is_proven() -> None:
    assert str(chsh_rate(Link(2.677, 0.0144))) == (
        "key ≥ 0.583414 bit/round, untrusted devices, one-way key (0,2), from CHSH value and key error; enclosed; "
        "pironio2009"
    )
    assert str(chsh_ceiling(Link(2.677, 0.0144), any_discussion())).startswith("key ≤ 0.692136 bit/round, untrusted")


@given(
    st.floats(min_value=0.0, max_value=1e6, allow_subnormal=False),
    st.sampled_from(["f", "e", "g"]),
    st.integers(0, 12),
    st.sampled_from(Direction),
)
def test_a_number_is_printed_on_the_safe_side(value: float, kind: str, digits: int, direction: Direction) -> None:
    text = format(bound(value, direction), f".{digits}{kind}")
    printed, exact = Fraction(text), Fraction(value)
    assert printed <= exact if direction is Direction.LOWER else printed >= exact
    # by less than a unit of the last digit
    last = Fraction(1, 10**digits)
    if kind != "f":
        last *= max(abs(printed), exact) * 10
    assert abs(printed - exact) <= last


@given(st.floats(min_value=0.0, max_value=1e6), st.sampled_from(Direction))
def test_the_line_is_on_the_safe_side_too(value: float, direction: Direction) -> None:
    printed = Fraction(str(bound(value, direction)).split()[2])
    assert printed <= Fraction(value) if direction is Direction.LOWER else printed >= Fraction(value)


def test_float_is_the_value() -> None:
    assert float(bound(0.1, Direction.LOWER)) == 0.1
    assert math.copysign(1.0, bound(-0.0, Direction.LOWER).value) == 1.0


@pytest.mark.parametrize("made", MADE, ids=str)
def test_notebooks_show_it(made: Bound) -> None:
    assert made._repr_html_().startswith("<span")
    latex = made._repr_latex_()
    assert latex.startswith("$")
    assert (r"\ge" in latex) is (made.direction is Direction.LOWER)


# Copies


@pytest.mark.parametrize("made", MADE, ids=str)
def test_a_bound_survives_json_pickle_and_copy(made: Bound) -> None:
    copies = [
        Bound.from_dict(json.loads(json.dumps(made.to_dict()))),
        pickle.loads(pickle.dumps(made)),
        copy.copy(made),
        copy.deepcopy(made),
    ]
    for one in copies:
        assert one == made
        assert hash(one) == hash(made)
        assert one.label == made.label
        assert str(one) == str(made)
        assert json.dumps(one.to_dict()) == json.dumps(made.to_dict())
    assert len({made, *copies}) == 1


@pytest.mark.parametrize("spoil", [
    lambda document: document.pop("value"),
    lambda document: document.update(unit="furlong"),
    lambda document: document.update(scope={}),
    lambda document: document.update(value=math.nan),
    lambda document: document.update(certificate={"kind": "closed form", "data": {}}),
    lambda document: document.update(certificate={"kind": "wishful thinking", "data": {}}),
    lambda document: document.update(scale={"rate": "1"}),
])  # fmt: skip
def test_what_is_no_document_is_refused(spoil: Any) -> None:
    document = chsh_rate(LINK).to_dict()
    spoil(document)
    with pytest.raises(InputError, match=r"document: expected what Bound.to_dict writes"):
        Bound.from_dict(document)


def test_a_bound_cannot_be_changed_afterwards() -> None:
    mutable = {"tables": [1, 2]}
    made = bound(0.1, Direction.LOWER, provenance=mutable)
    mutable["tables"].append(3)
    assert made.provenance["tables"] == [1, 2]
    with pytest.raises(TypeError, match="does not support item assignment"):
        made.provenance["tables"] = []  # type: ignore[index]
    assert isinstance(made.provenance, Mapping)


def test_a_label_is_display_text_and_nothing_else() -> None:
    """One label on two links does not make them comparable, two labels on one link do not make them different."""
    rate = chsh_rate(LINK)
    called = rate.about("my link")
    assert called == rate
    assert hash(called) == hash(rate)
    assert (called.subject, rate.subject) == ("my link", "S = 2.4, Q = 0.06")
    assert (called.scope, called.certificate, called.value) == (rate.scope, rate.certificate, rate.value)
    other = chsh_ceiling(Link(2.41, 0.06), any_discussion()).about("my link")
    assert not comparable(called, other)
    assert comparable(called, chsh_ceiling(LINK, any_discussion()).about("another"))


def test_a_certificate_is_kept_by_what_changes_no_proof() -> None:
    rate = chsh_rate(LINK)
    assert isinstance(rate.certificate, ClosedForm)
    for same in (rate.about("x"), rate.scaled(5, Unit.PER_SECOND), replace(rate, method="another name")):
        assert same.certificate == rate.certificate


# Comparison


def test_only_pairs_that_follow_from_the_scopes_are_compared() -> None:
    low, high = bound(0.2, Direction.LOWER), bound(0.3, Direction.UPPER)
    assert comparable(low, high)
    assert not comparable(high, low)
    assert not comparable(low, replace(high, unit=Unit.PER_SECOND))
    trusted = replace(low, scope=replace(DI, trust=Trust.DEVICE_DEPENDENT))
    assert not comparable(trusted, high), "a rate with trusted devices may exceed a device-independent ceiling"
    assert [(c.lower, c.upper) for c in check_pairs([low, high, trusted])] == [(low, high)]


def test_a_contradiction_between_proven_bounds_raises_with_both() -> None:
    low, high = bound(0.4, Direction.LOWER), bound(0.3, Direction.UPPER)
    with pytest.raises(InconsistencyError, match=r"at least 0\.4.*at most 0\.3"):
        check_pairs([low, high])


def test_a_contradiction_with_a_quoted_value_is_reported_not_raised() -> None:
    low, high = bound(0.4, Direction.LOWER, status=Status.PUBLISHED), bound(0.3, Direction.UPPER)
    (check,) = check_pairs([low, high])
    assert not check.holds
    assert check.gap == pytest.approx(-0.1)
    assert check.to_dict()["holds"] is False
