"""Photonic rounds: what is counted is what rounds drawn one by one give, and the rate is that of the counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.bounds.correlations.confidence import _divided
from keybounds.errors import InputError
from keybounds.experiments import Behaviour, load
from keybounds.postprocessing import SimulatedRate, simulate_photonic
from keybounds.postprocessing.run.photonic import KEY, _key_rounds, _tests, published_protocol
from keybounds.protocol import one_way, two_way

# a table with few vacuum rounds, so that each cell is seen
TABLE = load("liu2022-20m").models["white-noise"].with_(mean_pairs=0.8).behaviour()  # type: ignore[union-attr]
PROTOCOL = one_way(KEY, noise=0.13, keep=0.7)
ROUNDS = 400_000


def one_by_one(rng: np.random.Generator) -> NDArray[np.int64]:
    """Kept key rounds by Alice's noisy bit and Bob's, each round going through what the protocol says, in its order."""
    drawn = rng.choice(4, size=ROUNDS, p=TABLE.P[:, :, 0, 2].ravel())
    a, b = drawn // 2, drawn % 2
    alice_keeps = (a == 0) | (rng.random(ROUNDS) < PROTOCOL.keep)
    bob_keeps = (b == 0) | (rng.random(ROUNDS) < PROTOCOL.keep)
    a = a ^ (rng.random(ROUNDS) < PROTOCOL.noise)
    both = alice_keeps & bob_keeps
    return np.bincount(2 * a[both] + b[both], minlength=4).reshape(2, 2)


def test_counts_are_those_of_rounds_drawn_one_by_one() -> None:
    kept, discarded, flipped = _key_rounds(TABLE, ROUNDS, PROTOCOL, np.random.default_rng(1))
    singly = one_by_one(np.random.default_rng(2))
    assert kept.sum() + discarded == ROUNDS
    deviations = np.sqrt(2 * np.maximum(kept, 1) * (1 - kept / ROUNDS))
    assert (np.abs(kept - singly) < 5 * deviations).all()
    assert flipped == pytest.approx(PROTOCOL.noise * kept.sum(), abs=5 * math.sqrt(0.13 * 0.87 * kept.sum()))


def test_tests_are_uniform_over_the_setting_pairs() -> None:
    counts = _tests(TABLE, ROUNDS, np.random.default_rng(3)).counts
    assert counts is not None
    trials = counts.sum(axis=(0, 1))
    assert trials.sum() == ROUNDS
    assert (np.abs(trials - ROUNDS / 6) < 5 * math.sqrt(ROUNDS * 5 / 36)).all()
    assert (np.abs(counts / trials - TABLE.P) < 5 * np.sqrt(TABLE.P * (1 - TABLE.P) / trials)).all()
    with pytest.raises(InputError, match="a test of every setting pair"):
        _tests(TABLE, 3, np.random.default_rng(3))


def test_more_trials_than_a_library_draws_from_are_divided_too() -> None:
    counts = np.rint(TABLE.P * 3e10).astype(np.int64)
    training, testing = _divided(Behaviour.from_counts(counts), 0.25, 1)
    assert (training + testing == counts).all()
    assert (np.abs(training - counts / 4) < 5 * np.sqrt(counts * 3 / 16)).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_published_preprocessing_leaves_the_published_entropy(seed: int) -> None:
    """H(A|B,V) = .559953 was what the model was fitted to."""
    devices = load("liu2022-20m").models["white-noise"].behaviour()
    protocol = published_protocol()
    assert protocol == one_way(KEY, noise=0.13, keep=0.96)
    kept, discarded, flipped = _key_rounds(devices, 10**9, protocol, np.random.default_rng(seed))
    run = SimulatedRate(10**9, 0.5, protocol, devices, kept, discarded, flipped, None, {})  # type: ignore[arg-type]
    entropy, error = run.entropy_given_bob
    assert error == pytest.approx(3.1e-5, rel=0.1)
    assert entropy == pytest.approx(0.559953, abs=5 * error)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"gamma": 0.0}, "gamma"),
        ({"rounds": 10**18}, "rounds"),
        ({"protocol": two_way(KEY)}, "one-way"),
        ({"devices": Behaviour(np.full((3, 2, 2, 3), 1 / 6))}, "bits|two outcomes"),
        ({"devices": Behaviour(np.full((2, 2, 2, 2), 1 / 4))}, r"\(0, ?2\)|key"),
    ],
)
def test_what_is_no_photonic_run_is_refused(changes: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        simulate_photonic(**changes)  # type: ignore[arg-type]
