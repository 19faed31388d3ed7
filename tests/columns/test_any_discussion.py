"""The ceiling for any discussion: half a bit at each setting pair may be one bit of key, and E_r holds against it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import (
    Bound,
    Link,
    Protocol,
    any_discussion,
    check_pairs,
    completed_rounds,
    one_way,
    two_way,
)
from keybounds.bounds.correlations.attacks.costs import pinched, relative_entropy
from keybounds.bounds.correlations.attacks.strategies import Columns, Measurement, Pinching, Scenario, Strategy
from keybounds.bounds.lower import chsh_rate, devetak_winter
from keybounds.bounds.upper import ColumnLibrary, attack_ceiling, mutual_information
from keybounds.enclosure import nearest
from keybounds.experiments import Behaviour
from keybounds.proofs.certificates import certify
from keybounds.proofs.verifier import Verification, verify

KEY = (0, 2)
ANY, COMPLETED = any_discussion(), completed_rounds()
Verdict = Callable[[Bound], Verification]
Ceiling = Callable[[Behaviour, Protocol], Bound]


# A table of half a bit at each pair, and one bit of key


def marked(visibility: float) -> Behaviour:
    """Bob prints a mark m and a bit; Alice's setting (s, t) has CHSH statistics if s = m, her fifth prints m.

    Settings 2 s + t of Alice, outcomes 2 m + b of Bob, whose third setting is along Alice's t = 0.
    """
    correlator = visibility * np.array([[1, 1, math.sqrt(2)], [1, -1, 0]]) / math.sqrt(2)
    table = np.zeros((2, 4, 5, 3))
    for y, m, b, a in product(range(3), range(2), range(2), range(2)):
        for s, t in product(range(2), range(2)):
            table[a, 2 * m + b, 2 * s + t, y] = (1 + (-1) ** (a + b) * correlator[t, y] * (s == m)) / 8
        table[a, 2 * m + b, 4, y] = (a == m) / 4
    return Behaviour(table)


def singlets() -> ColumnLibrary:
    """The strategies that know m: a pair measured at s = m, fixed outcomes of Alice elsewhere."""
    angles = [0, math.pi / 2, 0, math.pi / 2, 0, math.pi / 4, -math.pi / 4, 0]
    row = np.concatenate([[1, 0, 0, 0, 0, 0, 1, 0], angles, np.zeros(16)])
    alice, bob = [], []
    for m, first, second in product(range(2), range(2), range(2)):
        labels = [[first, first], [second, second]]
        alice.append([*([[0, 1], [0, 1]] if m == 0 else labels), *([[0, 1], [0, 1]] if m == 1 else labels), [m, m]])
        bob.append([[2 * m, 2 * m + 1]] * 3)
    library = ColumnLibrary()
    library.scenario = Scenario((2, 4), (5, 3))
    library.columns = Columns(np.tile(row, (8, 1)), np.array(alice), np.array(bob))
    return library


@pytest.fixture(scope="module")
def ceiling_of_marked(shared: Callable[..., Any]) -> Callable[[float, Protocol], Bound]:
    """From the strategies that know m."""

    def found(visibility: float, protocol: Protocol) -> Bound:
        name = f"{protocol.discussion.value} key of the marked table at {visibility}"
        made: Bound = shared(name, lambda: attack_ceiling(marked(visibility), protocol, library=singlets()))
        return made

    return found


@pytest.mark.parametrize("visibility", [1.0, pytest.param(0.95, marks=pytest.mark.slow)])
def test_announcing_the_mark_first_is_worth_more_than_completed_rounds_allow(
    visibility: float, accepted: Verdict, ceiling_of_marked: Callable[[float, Protocol], Bound]
) -> None:
    """Bob announces m, Alice measures at s = m: what they have then is a CHSH link, with a rate of its own."""
    table = marked(visibility)
    given_mark = [table.P[:, 2 * m : 2 * m + 2, 2 * m : 2 * m + 2] * 2 for m in (0, 1)]
    assert given_mark[0] == pytest.approx(given_mark[1])
    achieved = chsh_rate(Link.of(Behaviour(given_mark[0]), KEY)).value
    anytime, completed = ceiling_of_marked(visibility, ANY), ceiling_of_marked(visibility, COMPLETED)
    assert completed.value < achieved - 0.1
    assert anytime.value >= achieved - 1e-9
    assert accepted(anytime).accepted
    assert accepted(completed).accepted
    if visibility == 1.0:
        assert completed.value == pytest.approx(0.5, abs=1e-9)
        assert anytime.value == pytest.approx(1.0, abs=1e-9)


def test_a_ceiling_for_completed_rounds_is_no_certificate_for_any_discussion(
    ceiling_of_marked: Callable[[float, Protocol], Bound],
) -> None:
    document = certify(ceiling_of_marked(1.0, COMPLETED))
    assert verify(document).accepted
    document["statement"]["scope"]["protocol"]["discussion"] = "any"
    assert "does not follow" in verify(document).reason
    document["data"]["protocol"]["discussion"] = "any"
    assert "without a separable state" in verify(document).reason


# The cost


def strategy_of(psi: np.ndarray) -> Strategy:
    """A strategy with this state; what it measures does not matter."""
    open_ = (Measurement((1, 0), (0, 1)),)
    return Strategy(tuple(round(float(z) * 2**50) for z in psi / np.linalg.norm(psi)), open_, open_)


def cost(psi: np.ndarray) -> float:
    return nearest(relative_entropy(pinched(strategy_of(psi))).enclosure())


def h(x: float) -> float:
    return -x * math.log2(x) - (1 - x) * math.log2(1 - x)


@pytest.mark.parametrize("seed", range(4))
def test_the_cost_of_a_pure_state_is_its_entropy_of_entanglement(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pair = rng.normal(size=(2, 2))
    weights = np.linalg.svd(pair / np.linalg.norm(pair), compute_uv=False) ** 2
    psi = np.kron(pair.ravel(), rng.normal(size=2))
    assert cost(psi) == pytest.approx(h(weights[0]), abs=1e-9)


@pytest.mark.parametrize("weight", [0.5, 0.6, 0.9, 0.999])
def test_the_cost_of_two_mixed_bell_states_is_their_relative_entropy_of_entanglement(weight: float) -> None:
    """E_r of a Bell-diagonal state is 1 - h of its greatest weight."""
    bell = np.array([[1, 0, 0, 1], [1, 0, 0, -1]]) / math.sqrt(2)
    psi = np.stack([math.sqrt(weight) * bell[0], math.sqrt(1 - weight) * bell[1]], axis=1).ravel()
    assert cost(psi) == pytest.approx(1 - h(weight), abs=1e-12)


@given(seed=st.integers(0, 10**9), side=st.sampled_from(["alice", "bob"]), angle=st.floats(0, 3.2))
@settings(deadline=None, max_examples=40)
def test_the_cost_is_the_relative_entropy_of_dense_matrices(seed: int, side: str, angle: float) -> None:
    psi = np.random.default_rng(seed).normal(size=8)
    psi /= np.linalg.norm(psi)
    rho = np.einsum("ie,je->ij", psi.reshape(4, 2), psi.reshape(4, 2))
    c, s = math.cos(angle / 2), math.sin(angle / 2)
    own = [np.outer(v, v) for v in (np.array([c, s]), np.array([-s, c]))]
    kraus = [np.kron(P, np.eye(2)) if side == "alice" else np.kron(np.eye(2), P) for P in own]
    sigma = sum(P @ rho @ P for P in kraus)
    assert np.linalg.eigvalsh(sigma.reshape(2, 2, 2, 2).swapaxes(1, 3).reshape(4, 4)).min() > -1e-12  # separable
    strategy = replace(strategy_of(psi), pinching=Pinching.at(side, angle))  # type: ignore[arg-type]
    found = nearest(relative_entropy(strategy).enclosure())
    assert found == pytest.approx(qutip.entropy_relative(qutip.Qobj(rho), qutip.Qobj(sigma), base=2), abs=1e-8)
    assert cost(psi) <= found + 1e-12


def test_a_cost_without_a_pinching_is_refused() -> None:
    with pytest.raises(ValueError, match="pinching"):
        relative_entropy(strategy_of(np.array([1, 0, 0, 0, 0, 0, 1, 0.0])))


# The ceiling


@pytest.mark.slow  # in the comparisons the same figures stand, of a search for every class
def test_figures_of_the_published_links(ion_model: Behaviour, photonic: Behaviour) -> None:
    assert attack_ceiling(ion_model, ANY, "best").value == pytest.approx(0.692564, abs=2e-6)
    assert attack_ceiling(photonic, ANY).value == pytest.approx(0.006995, abs=2e-5)


def test_the_device_of_a_singlet_is_that_of_its_chsh_value(
    werner: Callable[[float], Behaviour], fast_ceiling: Ceiling
) -> None:
    """1 - h((1+C)/2) with C² = S²/4 - 1 is the least E_r of any device with this S [arnonfriedman2020]."""
    table = werner(0.9)
    least = 1 - h((1 + math.sqrt(table.chsh**2 / 4 - 1)) / 2)
    assert least - 1e-9 <= fast_ceiling(table, ANY).value <= least + 2e-5


@pytest.mark.slow
def test_a_longer_search_for_the_device_of_a_singlet_comes_nearer(werner: Callable[[float], Behaviour]) -> None:
    table = werner(0.9)
    least = 1 - h((1 + math.sqrt(table.chsh**2 / 4 - 1)) / 2)
    assert attack_ceiling(table, ANY, "best").value == pytest.approx(least, abs=1e-6)


@pytest.mark.parametrize("visibility", [pytest.param(0.8, marks=pytest.mark.slow), 0.9])
def test_it_lies_between_the_rates_and_the_state(
    visibility: float, werner: Callable[[float], Behaviour], fast_ceiling: Ceiling
) -> None:
    """Above every proven rate; below E_r of the Werner state, which is one device for the table."""
    table = werner(visibility)
    bound = fast_ceiling(table, ANY)
    rows = [bound, devetak_winter(table, one_way(KEY)), devetak_winter(table, one_way(KEY, noise=0.1))]
    assert len(check_pairs(rows)) == 2
    assert bound.value <= 1 - h((1 + 3 * visibility) / 4)
    assert bound.value >= fast_ceiling(table, two_way(KEY)).value - 1e-5


def test_completed_rounds_take_the_smaller_cost(
    werner: Callable[[float], Behaviour], fast_ceiling: Ceiling, monkeypatch: pytest.MonkeyPatch, accepted: Verdict
) -> None:
    """With the search told to pay for entanglement, that is the smaller cost of its mixture, and is certified."""
    from keybounds.bounds.correlations.attacks import ceiling as module
    from keybounds.bounds.correlations.attacks.costs import Cost, CostModel

    table = werner(0.9)
    shared, anytime = fast_ceiling(table, COMPLETED), fast_ceiling(table, ANY)
    assert shared.certificate is not None
    assert not any("pinching" in one for one in shared.certificate.data()["mixture"]["strategies"])
    search = module.search
    monkeypatch.setattr(module, "search", lambda target, _, *rest, **options: search(
        target, CostModel(Cost.RELATIVE_ENTROPY), *rest, **options
    ))  # fmt: skip
    entangled = attack_ceiling(table, COMPLETED)
    assert entangled.certificate is not None
    assert any("pinching" in one for one in entangled.certificate.data()["mixture"]["strategies"])
    assert entangled.value <= anytime.value + 1e-12
    assert accepted(entangled).accepted
    assert shared.value <= mutual_information(table, COMPLETED).value


def spoil(document: dict, change: Callable[[dict], object]) -> Verification:  # type: ignore[type-arg]
    change(document["data"])
    return verify(document)


def test_separable_states_are_checked(werner: Callable[[float], Behaviour], fast_ceiling: Ceiling) -> None:
    bound = fast_ceiling(werner(0.9), ANY)

    def strategies(data: dict) -> list:  # type: ignore[type-arg]
        return data["mixture"]["strategies"]  # type: ignore[no-any-return]

    def turn(data: dict) -> None:  # type: ignore[type-arg]
        for one in strategies(data):
            if "pinching" in one:
                c, s = one["pinching"]["direction"]
                one["pinching"]["direction"] = [c + s // 2, s]

    changes: list[tuple[Callable[[dict], object], str]] = [  # type: ignore[type-arg]
        (lambda data: strategies(data)[-1].pop("pinching"), "without a separable state"),
        (turn, "not proven"),
        (lambda data: strategies(data)[-1]["pinching"].update(direction=[0, 0]), "direction that is 0"),
        (lambda data: strategies(data)[-1]["pinching"].update(side="eve"), "side"),
    ]
    for change, reason in changes:
        assert reason in spoil(certify(bound), change).reason
    both_ways = certify(fast_ceiling(werner(0.9), two_way(KEY)))
    pinching = {"side": "alice", "direction": [1, 0]}
    assert "none is needed" in spoil(both_ways, lambda data: strategies(data)[0].update(pinching=pinching)).reason
