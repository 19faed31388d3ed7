"""`Bound` and the comparison: values on the safe side, and a contradiction that cannot pass unseen."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from keybounds.bounds import (
    ANY_PROTOCOL,
    Bound,
    Direction,
    Quantity,
    Scope,
    Status,
    Trust,
    Unit,
    check_pairs,
    comparable,
    one_way,
)
from keybounds.bounds.bound import lower_bound, upper_bound
from keybounds.enclosure import enclose
from keybounds.errors import InconsistencyError, InputError

DI = Scope(subject="s", trust=Trust.DEVICE_INDEPENDENT, protocol=one_way((0, 2)))


def bound(value: float, direction: Direction, **changes: object) -> Bound:
    base = Bound(
        value=value,
        direction=direction,
        unit=Unit.PER_ROUND,
        scope=DI if direction is Direction.LOWER else replace(DI, protocol=ANY_PROTOCOL),
        status=Status.ENCLOSED,
        method="m",
        reference="r",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


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


@given(st.floats(min_value=1e-9, max_value=1.0), st.floats(min_value=1e-6, max_value=1e9))
def test_scaling_keeps_the_safe_side(value: float, factor: float) -> None:
    exact = Fraction(value) * Fraction(factor)
    low = bound(value, Direction.LOWER).scaled(factor, Unit.PER_SECOND)
    high = bound(value, Direction.UPPER).scaled(factor, Unit.PER_SECOND)
    assert Fraction(low.value) <= exact <= Fraction(high.value)
    assert low.unit is Unit.PER_SECOND
    assert low.provenance["bit/s per bit/round"] == factor


def test_scaling_by_nonsense_is_refused() -> None:
    for factor in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match=r"^factor"):
            bound(0.1, Direction.LOWER).scaled(factor, Unit.PER_SECOND)


def test_plain_data_survives_json() -> None:
    document = json.loads(json.dumps(bound(0.1, Direction.LOWER).to_dict()))
    assert document["value"] == 0.1
    assert document["scope"]["trust"] == "device-independent"
    assert document["certificate"] is None
    assert set(document) >= {"method", "direction", "value", "unit", "scope", "status", "reference", "certificate"}


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
