"""I(A:B|x,y) as a ceiling: its value, its class, its certificate, its exact zeros, and what it does not bind."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Bound, any_discussion, completed_rounds, one_way, two_way
from keybounds.bounds.upper import mutual_information
from keybounds.enclosure import LEAST_DECIDABLE
from keybounds.errors import BehaviourError, QuestionError
from keybounds.experiments import Behaviour, born, load, qubit_measurement
from keybounds.proofs.certificates import certify
from keybounds.proofs.verifier import Verification, verify, verify_text

KEY = (0, 1)


def random_table(seed: int, outcomes: tuple[int, int] = (2, 2)) -> Behaviour:
    """Local correlations of a few shared bits, any number of outcomes."""
    rng = np.random.default_rng(seed)
    (na, nb), (nx, ny) = outcomes, (2, 2)
    table = np.zeros((na, nb, nx, ny))
    for weight in rng.dirichlet(np.ones(3)):
        alice, bob = rng.dirichlet(np.ones(na), nx), rng.dirichlet(np.ones(nb), ny)
        table += weight * np.einsum("xa,yb->abxy", alice, bob)
    return Behaviour(table)


def shared(table: np.ndarray) -> float:
    product = np.outer(table.sum(axis=1), table.sum(axis=0))
    return float(sum(p * math.log2(p / q) for p, q in zip(table.ravel(), product.ravel(), strict=True) if p > 0))


def verdict(bound: Bound) -> Verification:
    return verify_text(json.dumps(certify(bound)))


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), outcomes=st.tuples(st.integers(2, 4), st.integers(2, 4)))
def test_it_is_the_divergence_from_the_product_of_the_marginals(seed: int, outcomes: tuple[int, int]) -> None:
    behaviour = random_table(seed, outcomes)
    pairs = [(x, y) for x in range(2) for y in range(2)]
    values = {pair: shared(behaviour.joint(*pair)) for pair in pairs}
    for pair in pairs:
        bound = mutual_information(behaviour, two_way(pair))
        assert bound.value == pytest.approx(values[pair], abs=1e-12)
        assert verdict(bound).accepted
    completed = mutual_information(behaviour, completed_rounds())
    assert completed.value == pytest.approx(max(values.values()), abs=1e-12)
    assert completed.provenance["setting"] == list(max(pairs, key=lambda pair: values[pair]))
    assert verdict(completed).accepted


@pytest.mark.parametrize("protocol", [two_way(KEY), completed_rounds()], ids=str)
@pytest.mark.parametrize(
    ("alice", "bob"),
    [
        pytest.param([0.5, 0.5], [0.5, 0.5], id="uniform"),
        pytest.param([1.0, 0.0], [0.25, 0.75], id="one outcome"),
        pytest.param([0.125, 0.375, 0.5], [0.75, 0.25], id="three outcomes"),
    ],
)
def test_independent_outcomes_share_exactly_nothing(protocol, alice, bob) -> None:  # type: ignore[no-untyped-def]
    table = np.einsum("a,b,x,y->abxy", alice, bob, [1, 1], [1, 1])
    bound = mutual_information(Behaviour(table), protocol)
    assert bound.value == 0
    assert verdict(bound).accepted


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_products_up_to_rounding_are_issued_and_accepted(entries: list[float]) -> None:
    alice, bob = entries[0] / (entries[0] + entries[1]), entries[2] / (entries[2] + entries[3])
    table = np.einsum("a,b,x,y->abxy", [alice, 1 - alice], [bob, 1 - bob], [1, 1], [1, 1])
    bound = mutual_information(Behaviour(table), completed_rounds())
    assert bound.value == 0 or LEAST_DECIDABLE <= bound.value < 1e-15
    assert verdict(bound).accepted


def test_the_class_is_part_of_the_bound_and_its_certificate() -> None:
    behaviour = random_table(3)
    both_ways, completed = (mutual_information(behaviour, p) for p in (two_way(KEY), completed_rounds()))
    assert both_ways.scope.within(completed.scope)
    assert not completed.scope.within(both_ways.scope)
    assert "completed rounds" not in both_ways.reference
    document = certify(completed)
    assert "once both sides have been used" in verify(document).statement
    assert "no other settings or outcomes" in verify(document).statement
    for part in (document["statement"]["scope"], document["data"]["inputs"]):
        part["protocol"]["discussion"] = "any"
    assert not verify(document).accepted


def test_a_table_left_out_is_missed() -> None:
    """Without the pair of the greatest information the rest would seem to say less."""
    document = certify(mutual_information(random_table(3), completed_rounds()))
    document["data"]["inputs"]["tables"].pop()
    assert "missing" in verify(document).reason


def test_other_classes_are_refused() -> None:
    behaviour = random_table(3)
    for protocol in (any_discussion(), one_way(KEY), two_way(KEY, (0, 0)), two_way()):
        with pytest.raises(QuestionError, match=r"^protocol: expected"):
            mutual_information(behaviour, protocol)
    with pytest.raises(QuestionError, match="x < 2 and y < 2"):
        mutual_information(behaviour, two_way((0, 9)))


def test_completed_rounds_need_every_pair_and_a_device() -> None:
    link = load("nadlinger2022-link")
    projection = link.projection().behaviour
    with pytest.raises(QuestionError, match="every pair measured"):
        mutual_information(projection, completed_rounds())
    assert mutual_information(projection, two_way((0, 2))).value < 1
    counts = np.random.default_rng(0).integers(50, 100, (2, 2, 2, 2))
    with pytest.raises(BehaviourError, match="project_no_signalling"):
        mutual_information(Behaviour.from_counts(counts), completed_rounds())


def test_a_singlet_measured_alike_shares_one_bit() -> None:
    phi = np.zeros((4, 4))
    phi[np.ix_([0, 3], [0, 3])] = 0.5
    table = born(phi, [qubit_measurement(t) for t in (0, 1.0)], [qubit_measurement(t) for t in (0, 1.0)])
    assert mutual_information(table, two_way((0, 0))).value == pytest.approx(1)
    assert verdict(mutual_information(table, completed_rounds())).accepted
