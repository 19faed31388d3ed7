"""Half the nodes prove as much where flips of the outcomes change nothing, and nothing false where they do."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Bound, Hierarchy, Link, one_way
from keybounds.bounds.correlations.entropy import mirror
from keybounds.bounds.correlations.entropy.chords import NODE_BITS
from keybounds.bounds.correlations.entropy.mirror import flip_rows, flipped, is_mirrored
from keybounds.bounds.correlations.moments import Relaxation, Scenario
from keybounds.bounds.lower import chsh_entropy, conditional_entropy, entropy_functional
from keybounds.experiments import Behaviour, load
from keybounds.proofs.certificates.data import EntropyDual

CHSH = Scenario.binary(2, 2)
QUICK = Hierarchy("11", 8)


def mirrored(bound: Bound) -> bool:
    assert isinstance(bound.certificate, EntropyDual)
    return bound.certificate.mirrored is not None


@pytest.mark.parametrize("chsh", [2.1, 2.4, 2.7, 2.8])
def test_the_noisy_chsh_entropy_within_1e_4_at_32_nodes(
    chsh_optimal: Callable[[float], Behaviour], chsh: float
) -> None:
    """ho2020's closed form; without the mirror the chords lose up to 3.5e-4 here."""
    bound = conditional_entropy(chsh_optimal(chsh), one_way((0, 0), noise=0.07))
    exact = chsh_entropy(Link(chsh, 0.0), 0.07).value
    assert exact - 1e-4 < bound.value <= exact
    assert mirrored(bound)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_half_the_nodes_do_the_work_of_all(
    chsh_optimal: Callable[[float], Behaviour], verify: Callable[[Any], arb], noise: float
) -> None:
    """The same nodes and their images, given one by one, which switches the mirror off."""
    table = chsh_optimal(2.6)
    asked = one_way((0, 0), noise=noise)
    half = conditional_entropy(table, asked, Hierarchy("22", 12))
    assert isinstance(half.certificate, EntropyDual)
    places = [t / 2**NODE_BITS for t in half.certificate.nodes["t"]]
    whole = conditional_entropy(table, asked, Hierarchy("22", (*places, *(1 - t for t in reversed(places)))))
    assert mirrored(half)
    assert not mirrored(whole)
    assert half.value == pytest.approx(whole.value, abs=1e-7)
    assert float(verify(half.certificate)) == pytest.approx(half.value, abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_a_table_that_flips_do_change_is_never_overestimated(
    eavesdropped: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Mixing with the relabelled device costs tightness only: forced on any table, the bound is still one."""
    monkeypatch.setattr(mirror, "INVARIANT", 1.0)
    truth = eavesdropped(seed)
    bound = conditional_entropy(truth.behaviour, one_way((0, 0), noise=0.05), Hierarchy("22", 8))
    assert mirrored(bound)
    assert bound.value <= truth.entropy(0.05, 1.0) + 1e-9


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_the_functional_bounds_tables_without_the_symmetry(
    eavesdropped: Callable[[int], Any], chsh_optimal: Callable[[float], Behaviour], seed: int
) -> None:
    truth = eavesdropped(2 * seed)
    table = truth.behaviour.P[..., :2]
    functional = entropy_functional(chsh_optimal(2.5), one_way((0, 0), noise=0.02), QUICK)
    assert functional.bound(Behaviour(table)).value <= truth.entropy(0.02, 1.0) + 1e-9


def test_the_functional_touches_where_it_was_solved(chsh_optimal: Callable[[float], Behaviour]) -> None:
    table = chsh_optimal(2.5)
    functional = entropy_functional(table, one_way((0, 0), noise=0.02), QUICK)
    bound = conditional_entropy(table, one_way((0, 0), noise=0.02), QUICK)
    assert functional.bound(table).value == pytest.approx(bound.value, abs=1e-12)
    assert np.sum(functional.table() * table.P) == pytest.approx(bound.value, abs=1e-9)


def test_who_is_mirrored(chsh_optimal: Callable[[float], Behaviour]) -> None:
    ion = load("nadlinger2022-link").models["bell-diagonal"].behaviour()
    photonic = load("liu2022-20m").models["white-noise"].behaviour()
    for table, keep, expected in [(ion, 1.0, True), (chsh_optimal(2.5), 0.9, False), (photonic, 1.0, False)]:
        assert mirrored(conditional_entropy(table, one_way((0, 0), keep=keep), QUICK)) is expected
    three = Scenario((2, 2), (3, 3))
    assert not is_mirrored(three, [((), ())], [Fraction(1)], 1.0)


@pytest.mark.parametrize("level", ["11", "22", "s6"])
def test_invariance_rows_vanish_on_a_flip_invariant_device(level: str) -> None:
    """σ_y on both sides flips every real projective qubit measurement but the identity's."""
    scenario = Scenario.binary(2, 3)
    relaxation = Relaxation.build(scenario, level)
    rng = np.random.default_rng(5)

    def projectors(count: int) -> list[np.ndarray]:
        angles = rng.uniform(0, 2 * np.pi, count)
        return [np.array([[1 + np.cos(t), np.sin(t)], [np.sin(t), 1 - np.cos(t)]]) / 2 for t in angles]

    A, B = projectors(2), projectors(3)
    vector = rng.normal(size=4)
    Y = np.kron([[0, -1], [1, 0]], [[0, -1], [1, 0]])
    state = np.outer(vector, vector) / (vector @ vector)
    state = (state + Y @ state @ Y.T) / 2

    def value(word: Any) -> float:
        parts = [
            np.linalg.multi_dot([np.eye(2), np.eye(2), *(E[x] for x, _ in w)])
            for w, E in zip(word, (A, B), strict=True)
        ]
        return float(np.trace(state @ np.kron(*parts)))

    moments = np.array([value(word) for word in relaxation.moments])
    words = (((), ()),)
    rows = flip_rows(relaxation, words)
    assert len(rows) > 5
    assert np.linalg.matrix_rank(rows) == len(rows)
    assert np.abs(rows @ moments).max() < 1e-12
    other = np.array([value(word) for word in relaxation.moments]) + rng.normal(size=len(moments))
    assert np.abs(rows @ other).max() > 1e-3


def test_flipping_twice_changes_nothing() -> None:
    word = (((0, 0), (1, 0), (0, 0)), ((1, 0),))
    total: dict[Any, int] = {}
    for once, sign in flipped(word):
        for twice, factor in flipped(once):
            total[twice] = total.get(twice, 0) + sign * factor
    assert {part: c for part, c in total.items() if c} == {word: 1}
