"""Closed-form ceilings from correlations: the hull over (S, Q) and the attacks on a noisy singlet's full table."""

from __future__ import annotations

import importlib
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Link, Statistics, any_discussion, comparable, completed_rounds, one_way, two_way
from keybounds.bounds.lower import chsh_rate, chsh_table_rate
from keybounds.bounds.upper import attack_ceiling, chsh_ceiling, hull_ceiling, visibility_ceiling
from keybounds.errors import InputError, QuestionError
from keybounds.experiments import TSIRELSON, Behaviour, IonExperiment, NoisyPair, load
from keybounds.proofs.checks import number
from keybounds.proofs.claims import convex_combination

KEY = (0, 2)
ANNOUNCED = two_way(KEY)
NO_KEY = 2 / (4 - math.sqrt(2))


def noisy_singlet(v: float) -> Behaviour:
    return IonExperiment(pair=NoisyPair(depolarising=1 - v, dephasing=0.0)).behaviour()


def two_qubit(s: float, q: float) -> mpmath.mpf:
    """I(A:B|E) of the two-qubit device, by mpmath."""

    def h(x):  # type: ignore[no-untyped-def]
        return mpmath.fsum(-p * mpmath.log(p, 2) for p in (x, 1 - x) if p > 0)

    s, q = mpmath.mpf(s), mpmath.mpf(q)
    c = mpmath.sqrt(s * s / 4 - 1)
    return 1 - h(q) - h((1 + c) / 2) + h((1 + mpmath.sqrt(1 - q * (1 - q) * (8 - s * s))) / 2)


# The hull over (S, Q)


@pytest.mark.parametrize("v", [0.7, 0.76, 0.77345])
def test_no_key_from_s_and_q_of_a_singlet_below_its_zero(v: float) -> None:
    assert hull_ceiling(Link(TSIRELSON * v, (1 - v) / 2)).value == 0.0


def test_the_hull_meets_zero_continuously() -> None:
    values = [hull_ceiling(Link(TSIRELSON * v, (1 - v) / 2)).value for v in (0.7736, 0.775, 0.78, 0.8)]
    assert 0 < values[0] < 1e-4
    assert values == sorted(values)


def test_a_mixture_gains_where_the_two_qubit_ceiling_is_not_convex() -> None:
    s, q = TSIRELSON * 0.85, 0.075
    found = hull_ceiling(Link(s, q))
    assert found.value < 0.1750 < 0.2089 < chsh_ceiling(Link(s, q), ANNOUNCED).value
    points = found.provenance["mixture"]
    weights = np.linalg.solve(np.vstack([np.array(points).T, np.ones(3)]), [s, q, 1.0])
    assert weights.min() > 0
    cost = sum(float(w) * two_qubit(x, y) if x > 2 else 0 for w, (x, y) in zip(weights, points, strict=True))
    assert found.value == pytest.approx(float(cost), abs=1e-12)


def test_the_ion_link_gains_nothing_from_mixing() -> None:
    assert (
        hull_ceiling(Link(2.677, 0.0144)).value
        == chsh_ceiling(Link(2.677, 0.0144), ANNOUNCED).value
        == pytest.approx(0.6126, abs=5e-5)
    )


@settings(deadline=None, max_examples=40)
@given(st.floats(-TSIRELSON, TSIRELSON), st.floats(0.0, 0.5))
def test_the_hull_lies_between_rate_and_two_qubit_ceiling(s: float, q: float) -> None:
    hull = hull_ceiling(Link(s, q))
    assert hull.value <= chsh_ceiling(Link(s, q), ANNOUNCED).value
    assert chsh_rate(Link(s, q)).value <= hull.value + 1e-15
    assert chsh_rate(Link(s, q), 0.2).value <= hull.value + 1e-15


@settings(deadline=None, max_examples=15)
@given(st.tuples(*[st.floats(2.0, TSIRELSON)] * 2), st.tuples(*[st.floats(0.0, 0.5)] * 2))
def test_the_hull_is_convex_up_to_its_grid(s: tuple[float, float], q: tuple[float, float]) -> None:
    middle = hull_ceiling(Link(sum(s) / 2, sum(q) / 2)).value
    ends = [hull_ceiling(Link(x, y)).value for x, y in zip(s, q, strict=True)]
    assert middle <= sum(ends) / 2 + 2e-4


BAD_POINTS = [
    pytest.param(lambda near: [(2.0, 0.0), (2.0, 0.1), (2.0, 0.2)], id="on-a-line"),
    pytest.param(lambda near: [(2.0, 0.0), (2.1, 0.0), (2.0, 0.01)], id="not-around-it"),
    pytest.param(lambda near: [near, near, (2.0, 0.0)], id="twice-the-same"),
    pytest.param(lambda near: [(2.0, 0.0), near, (2 * near[0] - 2.0, 2 * near[1])], id="itself-on-an-edge"),
    pytest.param(lambda near: [(math.nan, 0.0), (2.0, 0.5), near], id="nan"),
    pytest.param(lambda near: [], id="none"),
    pytest.param(lambda near: [(2.0, 0.0), (2.0, 0.5), (TSIRELSON, 0.0)], id="corners"),
]


@pytest.mark.parametrize("spoil", BAD_POINTS)
def test_bad_points_cost_tightness_only(monkeypatch, spoil) -> None:  # type: ignore[no-untyped-def]
    module = importlib.import_module("keybounds.bounds.link.hull")
    s, q = TSIRELSON * 0.85, 0.075
    honest = hull_ceiling(Link(s, q)).value
    monkeypatch.setattr(module, "_points", spoil)
    assert honest - 1e-6 <= hull_ceiling(Link(s, q)).value <= chsh_ceiling(Link(s, q), ANNOUNCED).value


def test_the_hull_of_a_behaviour_is_that_of_its_numbers() -> None:
    behaviour = noisy_singlet(0.9)
    link = Link.of(behaviour)
    found = hull_ceiling(link)
    assert found.value == pytest.approx(hull_ceiling(Link(behaviour.chsh, behaviour.qber(*KEY))).value, abs=1e-9)
    assert found.scope.statistics is Statistics.CHSH_AND_ERROR
    assert comparable(chsh_rate(link), found)
    # it does not bind a protocol that uses the whole table
    assert not comparable(chsh_table_rate(link), found)


# The full table of a noisy singlet


def test_zero_of_the_orthogonal_observable() -> None:
    below, above = (math.floor(NO_KEY * 2**40) / 2**40, math.ceil(NO_KEY * 2**40) / 2**40)
    assert visibility_ceiling(below, ANNOUNCED).value == 0.0
    assert 0.0 < visibility_ceiling(above, ANNOUNCED).value < 1e-11
    assert visibility_ceiling(1.0, ANNOUNCED).value == visibility_ceiling(1.0, one_way(KEY)).value == 1.0


@pytest.mark.parametrize("v", [0.0, 0.5, 0.71, 0.9, 1.0])
def test_a_fresh_coin_makes_no_key(v: float) -> None:
    assert visibility_ceiling(v, one_way(KEY, noise=0.5)).value == 0.0


@pytest.mark.parametrize("v", [0.8, 0.9, 0.97])
def test_the_bounds_evaluate_the_proved_formulas(v: float) -> None:
    import sympy as sp

    statement = convex_combination.CLAIM.statement
    at = {convex_combination.v: sp.Rational(v), convex_combination.q: sp.Rational(1, 8)}
    convex = float(number(statement["two-way"].right, at))
    chord = (v - NO_KEY) / (1 - NO_KEY)
    assert visibility_ceiling(v, ANNOUNCED).value <= min(convex, chord) + 1e-6
    convex_one_way = float(number(statement["one-way"].right, at))
    assert visibility_ceiling(v, one_way(KEY, noise=0.125)).value == pytest.approx(max(convex_one_way, 0), abs=1e-15)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_visibility_never_lowers_the_ceiling(v: float, u: float) -> None:
    low, high = sorted((v, u))
    assert (
        visibility_ceiling(low, ANNOUNCED).value <= visibility_ceiling(high, ANNOUNCED).value + 1e-4
    )  # the chord's end is one of a grid
    rate = chsh_rate(Link(min(2 * math.sqrt(2) * low, TSIRELSON), (1 - low) / 2)).value
    assert rate <= visibility_ceiling(low, one_way(KEY)).value + 1e-12
    assert rate <= visibility_ceiling(low, ANNOUNCED).value + 1e-12


@pytest.mark.parametrize("v", [0.72, 0.7734, 0.85, 0.95])
def test_column_generation_is_never_above_the_closed_forms(v: float) -> None:
    # Of the same scope: the ceilings from (S, Q) bind fewer protocols, and may lie below.
    behaviour = noisy_singlet(v)
    ceiling = attack_ceiling(behaviour, ANNOUNCED)
    assert ceiling.value <= visibility_ceiling(v, ANNOUNCED).value + 1e-9
    assert attack_ceiling(behaviour, one_way(KEY)).value <= (visibility_ceiling(v, one_way(KEY)).value + 1e-9)
    assert chsh_table_rate(Link.of(behaviour)).value <= ceiling.value + 1e-12


def test_the_table_is_told_apart_by_its_visibility() -> None:
    things = [visibility_ceiling(v, p).scope.thing for v in (0.8, 0.9) for p in (ANNOUNCED, one_way(KEY))]
    assert things[0] == things[1] != things[2]


def test_refusals_name_the_argument() -> None:
    with pytest.raises(InputError, match="visibility"):
        visibility_ceiling(1.1, ANNOUNCED)
    for protocol in (
        any_discussion(),
        completed_rounds(),
        two_way((0, 1)),
        one_way(),
        one_way(KEY, (1, 2)),
        one_way(KEY, keep=0.9),
        "two-way",
    ):
        with pytest.raises(QuestionError, match=r"^protocol: expected a class that visibility_ceiling covers"):
            visibility_ceiling(0.9, protocol)  # type: ignore[arg-type]


def test_the_hull_binds_the_measured_link() -> None:
    behaviour = load("nadlinger2022-link").projection().behaviour
    link = Link.of(behaviour)
    assert chsh_rate(link).value < hull_ceiling(link).value <= 0.6126
