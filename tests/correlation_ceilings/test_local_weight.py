"""The local weight: both ends proven, whatever the linear program answers."""

from __future__ import annotations

import importlib
import itertools
import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from keybounds.bounds.correlations.local_polytope import deterministic_points, exact_table, local_minimum
from keybounds.bounds.upper import LocalWeight, local_weight
from keybounds.errors import BehaviourError, BoundNotEstablishedError, UnsupportedError
from keybounds.experiments import Behaviour, born, load
from keybounds.proofs.certificates.data import Certificate

HALF = 2**-0.5
WERNER = np.array([[HALF, HALF, 1.0], [HALF, -HALF, 0.0]])


def from_correlators(correlators: NDArray[np.float64]) -> Behaviour:
    signs = np.array([[1.0, -1.0], [-1.0, 1.0]])
    return Behaviour((1.0 + signs[:, :, None, None] * correlators) / 4.0)


def check_both_ends(found: LocalWeight, behaviour: Behaviour) -> None:
    """Re-derive both ends from points and inequality alone, in fractions."""
    table = exact_table(behaviour)
    rest = {cell: Fraction(int(p), table.scale) for cell, p in np.ndenumerate(table.numerators)}
    for point in found.points:
        assert point.weight > 0
        for x, y in np.argwhere(table.measured):
            rest[point.alice[x], point.bob[y], int(x), int(y)] -= point.weight
    assert min(rest.values()) >= 0
    assert Fraction(found.lower) <= sum((p.weight for p in found.points), Fraction(0))
    beta = found.inequality.coefficients
    assert beta.min() >= 0
    value = sum(Fraction(int(k) * int(p), table.scale) for k, p in zip(beta.flat, table.numerators.flat, strict=True))
    alice, bob = deterministic_points(behaviour.outcomes, behaviour.settings)
    pairs = list(itertools.product(*map(range, behaviour.settings)))
    least = min(sum(int(beta[a[x], b[y], x, y]) for x, y in pairs) for a, b in zip(alice, bob, strict=True))
    assert found.inequality.bound == least
    assert found.upper == 1.0 or least * Fraction(found.upper) >= value
    if found.local:
        assert set(rest.values()) == {Fraction(0)}


@pytest.mark.parametrize("v", [0.7, 0.72, 0.8, 0.9, 1.0])
def test_werner_weight_is_the_closed_form(v: float) -> None:
    # With zero marginals and two settings of Alice only CHSH counts, and S = 2 + 2(1-w) at nonlocal content 1-w.
    found = local_weight(from_correlators(v * WERNER))
    expected = min(1.0, 1 - (2**1.5 * v - 2) / 2)
    assert found.lower <= expected + 1e-15
    assert found.upper >= expected - 1e-15
    assert found.upper - found.lower < 1e-14
    assert found.local is (v < HALF)
    check_both_ends(found, from_correlators(v * WERNER))


def test_the_ion_link_with_its_unmeasured_pair() -> None:
    behaviour = load("nadlinger2022-link").projection().behaviour
    found = local_weight(behaviour)
    check_both_ends(found, behaviour)
    # one facet of its 2x2 part bounds the weight by CHSH, and more settings cannot make it greater
    assert found.upper <= 1 - (behaviour.chsh - 2) / 2 + 1e-12
    assert found.upper - found.lower < 1e-12
    document = json.loads(json.dumps(found.to_dict()))
    assert sum(Fraction(p["weight"]) for p in document["points"]) >= Fraction(found.lower)
    held = Certificate.from_dict(document["certificate"])
    assert held == found.certificate
    assert len(held.data()["tables"]) == behaviour.settings[0] * behaviour.settings[1] - len(behaviour.unmeasured)


def test_a_photonic_table_of_mostly_vacuum() -> None:
    # S - 2 is 7e-3 and clicks are rare: an end that lost 1e-6 to rounding would say nothing.
    behaviour = load("liu2022-20m").models["white-noise"].behaviour()  # type: ignore[union-attr]
    found = local_weight(behaviour)
    check_both_ends(found, behaviour)
    assert found.local is False
    assert found.upper - found.lower < 1e-13
    assert found.upper <= 1 - (behaviour.chsh - 2) / 2 + 1e-12


def test_three_outcomes_and_more_settings() -> None:
    rng = np.random.default_rng(3)

    def measurement() -> list[NDArray[np.complex128]]:
        basis = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
        return [np.outer(column, column.conj()) for column in basis.T]

    ket = np.eye(3).ravel() / 3**0.5
    behaviour = born(np.outer(ket, ket), [measurement() for _ in range(2)], [measurement() for _ in range(3)])
    found = local_weight(behaviour)
    check_both_ends(found, behaviour)
    assert found.upper - found.lower < 1e-9


def test_more_settings_cannot_be_more_local() -> None:
    angles = np.pi * np.arange(4) / 4
    correlators = np.cos(angles[:, None] - angles[None, :] - np.pi / 8)
    weights = [local_weight(from_correlators(correlators[:n, :n])) for n in (2, 3, 4)]
    assert weights[0].upper >= weights[1].lower
    assert weights[1].upper >= weights[2].lower
    for weight, n in zip(weights, (2, 3, 4), strict=True):
        check_both_ends(weight, from_correlators(correlators[:n, :n]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 50), min_size=64, max_size=64).filter(any))
def test_every_mixture_of_points_is_found_local(weights: list[int]) -> None:
    # Exact doubles: weights over a power of two. On the boundary or inside, the answer must never be "nonlocal".
    total = 1 << 12
    shares = [w * total // sum(weights) for w in weights]
    shares[int(np.argmax(shares))] += total - sum(shares)
    alice, bob = deterministic_points((2, 2), (3, 3))
    table = np.zeros((2, 2, 3, 3))
    for a, b, share in zip(alice, bob, shares, strict=True):
        for x, y in itertools.product(range(3), range(3)):
            table[a[x], b[y], x, y] += share / total
    behaviour = Behaviour(table)
    found = local_weight(behaviour)
    assert found.local is True
    check_both_ends(found, behaviour)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(-1, 1), min_size=4, max_size=4),
    st.floats(0.0, 1.0),
    st.sets(st.sampled_from([(0, 2), (1, 2), (1, 1)]), max_size=1),
)
def test_both_ends_hold_for_quantum_tables(angles: list[float], v: float, unmeasured: set[tuple[int, int]]) -> None:
    directions = np.pi * np.array(angles)
    correlators = v * np.cos(directions[:2, None] - np.append(directions[2:], 0.0)[None, :])
    table = from_correlators(correlators).P.copy()
    for x, y in unmeasured:
        table[:, :, x, y] = np.nan
    behaviour = Behaviour(table, unmeasured=unmeasured)
    found = local_weight(behaviour)
    assert found.lower <= found.upper
    assert found.upper - found.lower < 1e-9
    check_both_ends(found, behaviour)


def test_leaving_a_pair_unmeasured_can_only_add_local_weight() -> None:
    behaviour = from_correlators(0.9 * WERNER)
    table = behaviour.P.copy()
    table[:, :, 1, 1] = np.nan
    partial = local_weight(Behaviour(table, unmeasured=[(1, 1)]))
    assert local_weight(behaviour).upper < partial.lower


GARBAGE = [
    pytest.param(lambda q, p: (np.full_like(q, np.nan), np.full_like(p, np.nan)), id="nan"),
    pytest.param(lambda q, p: (np.full_like(q, np.inf), np.full_like(p, np.inf)), id="infinite"),
    pytest.param(lambda q, p: (q * 3.0, p / 3.0), id="three-times-too-good"),
    pytest.param(lambda q, p: (-q, -p), id="signs"),
    pytest.param(lambda q, p: (q + 1e-3, p - 1e-3), id="infeasible"),
    pytest.param(lambda q, p: (np.roll(q, 1), np.roll(p, 1)), id="shuffled"),
    pytest.param(lambda q, p: (q * 0.0, p * 0.0), id="zero"),
]


@pytest.mark.parametrize("spoil", GARBAGE)
def test_what_the_solver_says_costs_tightness_only(monkeypatch, spoil) -> None:  # type: ignore[no-untyped-def]
    module = importlib.import_module("keybounds.bounds.correlations.local_weight")  # the package's name is the function
    honest = module._solve
    monkeypatch.setattr(module, "_solve", lambda *arguments: spoil(*honest(*arguments)))
    behaviour = from_correlators(0.9 * WERNER)
    truth = 1 - (2**1.5 * 0.9 - 2) / 2
    found = module.local_weight(behaviour)
    check_both_ends(found, behaviour)
    assert 0.0 <= found.lower <= truth + 1e-15
    assert truth - 1e-15 <= found.upper <= 1.0


def test_an_unsolved_program_is_no_answer(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import scipy.optimize

    class Failed:
        x = None
        message = "time limit reached"

    monkeypatch.setattr(scipy.optimize, "linprog", lambda *_, **__: Failed())
    with pytest.raises(BoundNotEstablishedError, match="time limit"):
        local_weight(from_correlators(WERNER))


def test_entries_below_zero_by_rounding_are_lifted() -> None:
    # P(0|x=0) = .3 and P(0,0|0,0) = .3 + 1 ulp: the exact rest is -1 ulp, and no part of it can be subtracted.
    table = np.full((2, 2, 2, 2), 0.25)
    above = np.nextafter(0.3, 1)
    table[:, :, 0, 0] = [[above, 0.0], [0.0, 0.7]]
    table[:, :, 0, 1] = [[0.15, 0.15], [0.35, 0.35]]
    table[:, :, 1, 0] = [[0.15, 0.35], [0.15, 0.35]]
    behaviour = Behaviour(table)
    assert min(map(int, exact_table(behaviour).numerators.flat)) >= 0
    found = local_weight(behaviour)
    check_both_ends(found, behaviour)
    assert found.moved < 1e-14


def test_the_least_local_value_is_that_of_enumeration() -> None:
    rng = np.random.default_rng(1)
    beta = rng.integers(-100, 100, size=(3, 2, 2, 3))
    alice, bob = deterministic_points((3, 2), (2, 3))
    values = [sum(beta[a[x], b[y], x, y] for x in range(2) for y in range(3)) for a, b in zip(alice, bob, strict=True)]
    assert local_minimum(beta) == min(values)


def test_refusals_say_why() -> None:
    with pytest.raises(UnsupportedError, match="1048576 with 10x10 settings"):
        local_weight(from_correlators(np.zeros((10, 10))))
    counts = np.full((2, 2, 2, 2), 100)
    with pytest.raises(BehaviourError, match="an estimate"):
        local_weight(Behaviour.from_counts(counts))
