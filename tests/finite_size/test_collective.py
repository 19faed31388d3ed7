"""Finite key from the full correlations against collective attacks: score, acceptance rule, length."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import Adversary, Hierarchy, Protocol, Status, any_discussion, one_way, two_way
from keybounds.bounds.lower import devetak_winter, entropy_functional
from keybounds.bounds.run import (
    CollectiveDesign,
    FiniteKey,
    collective_design,
    collective_key,
    lower_score,
    minimal_collective_rounds,
)
from keybounds.bounds.run.score import entropy_score
from keybounds.errors import BoundNotEstablishedError, InputError, QuestionError
from keybounds.experiments import Behaviour, load
from keybounds.reports import table

ASKED = one_way((0, 2), noise=0.13, keep=0.96)
COARSE = Hierarchy("11", 16)


@pytest.fixture(scope="module")
def honest() -> Behaviour:
    return load("liu2022-20m").models["white-noise"].behaviour()


@pytest.fixture(scope="module")
def photonic(honest: Behaviour) -> CollectiveDesign:
    return collective_design(honest, ASKED)


def random_no_signalling(rng: np.random.Generator) -> np.ndarray:
    """A mixture of deterministic points and a PR box on random settings: no-signalling, and not only quantum."""
    P = np.zeros((2, 2, 2, 3))
    for weight in rng.dirichlet(np.ones(6)):
        alice, bob = rng.integers(0, 2, 2), rng.integers(0, 2, 3)
        box = rng.random() < 0.5
        for x in range(2):
            for y in range(3):
                if box:
                    for a in (0, 1):
                        P[a, a ^ (x & (y % 2)), x, y] += weight / 2
                else:
                    P[alice[x], bob[y], x, y] += weight
    return P


def test_the_mean_score_is_the_functional_on_every_no_signalling_behaviour(honest: Behaviour) -> None:
    # A gauge that is not 0 on some of them would let a score promise entropy that is not there.
    functional = entropy_functional(honest, ASKED, COARSE)
    score, bell = entropy_score(functional, honest), functional.table()
    rng = np.random.default_rng(1)
    for _ in range(50):
        P = random_no_signalling(rng)
        assert (score.values * P).sum() / 6 == pytest.approx((bell * P).sum(), abs=1e-11)
    assert 0 <= score.slack < 1e-13


def test_the_gauge_lowers_the_variance_and_no_other_does_better(honest: Behaviour) -> None:
    functional = entropy_functional(honest, ASKED, COARSE)
    score = entropy_score(functional, honest)
    plain = 6 * functional.table()
    weights = honest.P / 6
    spread = float((weights * (plain - (weights * plain).sum()) ** 2).sum()) ** 0.5
    assert score.deviation < spread / 4
    rng = np.random.default_rng(2)
    for _ in range(20):  # another score of the same mean everywhere: move along a no-signalling identity
        moved = score.values.copy()
        a, x = rng.integers(0, 2, 2)
        step = rng.normal(0, 0.1)
        moved[a, :, x, 0] += step
        moved[a, :, x, 1 + rng.integers(0, 2)] -= step
        assert float((weights * (moved - score.mean) ** 2).sum()) ** 0.5 >= score.deviation - 1e-9


def test_the_asymptotic_rate_is_that_of_devetak_and_winter(honest: Behaviour, photonic: CollectiveDesign) -> None:
    rate = devetak_winter(honest, ASKED, COARSE)
    assert photonic.asymptotic == pytest.approx(rate.value, abs=1e-9)
    key = collective_key(photonic, rounds=10**18)
    assert 0.99 * rate.value < key.rate < rate.value


def test_terms_add_up_to_the_stated_formula(photonic: CollectiveDesign) -> None:
    key = collective_key(photonic, rounds=10**12)
    tests, smoothing = key.parameters["tests"], key.parameters["smoothing"]
    left = 10**12 - tests
    expected = (
        left * (key.threshold - photonic.score.slack)
        - 4 * math.log2(2 + math.sqrt(2)) * math.sqrt(left * math.log2(2 / smoothing**2))
        - key.syndrome_length
        - 264
        - 2 * math.log2(1 / key.parameters["extractor_error"])
        + 2
    )
    assert key.length == pytest.approx(expected, abs=1)
    assert sum(term.bits for term in key.terms) == pytest.approx(key.length, abs=1)
    assert (key.adversary, key.status, key.completeness) == (Adversary.COLLECTIVE, Status.ENCLOSED, None)
    assert key.balance.net == key.length - 256
    budget = Fraction(1e-10) - Fraction(4, 2**61)
    assert Fraction(key.parameters["extractor_error"]) + 2 * Fraction(smoothing) <= budget


def test_the_shortest_run_with_key(photonic: CollectiveDesign) -> None:
    rounds = minimal_collective_rounds(photonic)
    assert rounds == pytest.approx(2.573e11, rel=0.01)
    assert collective_key(photonic, rounds=rounds).length > 0
    short = collective_key(photonic, rounds=int(0.99 * rounds))
    assert (short.length, short.status) == (0, Status.NO_KEY)
    assert short.deficit > 0


def test_another_share_of_tests_gains_nothing(photonic: CollectiveDesign) -> None:
    best = collective_key(photonic, rounds=10**12)
    others = [collective_key(photonic, rounds=10**12, tests=int(t)).length for t in np.geomspace(1e9, 5e11, 40)]
    assert best.length >= max(others) * (1 - 1e-3)


def test_monotone_in_rounds_and_soundness(photonic: CollectiveDesign) -> None:
    lengths = [collective_key(photonic, rounds=int(n)).length for n in np.geomspace(3e11, 1e15, 12)]
    assert lengths == sorted(lengths)
    softer = [collective_key(photonic, rounds=10**12, soundness=e).length for e in (1e-15, 1e-10, 1e-5)]
    assert softer == sorted(softer)


def test_the_acceptance_rule_errs_no_more_than_it_says(honest: Behaviour, photonic: CollectiveDesign) -> None:
    # 3000 simulated runs at ε_t = .1: the bound may exceed the true mean in a tenth of them.
    rng = np.random.default_rng(5)
    weights = (honest.P / 6).ravel()
    weights /= weights.sum()
    true = float((weights * photonic.score.values.ravel()).sum())
    for tests in (200, 20_000):
        runs = rng.multinomial(tests, weights, size=1500).reshape(-1, 2, 2, 2, 3)
        above = sum(lower_score(photonic.score, counts, error=0.1) > true for counts in runs)
        assert above <= 0.1 * 1500
        assert lower_score(photonic.score, runs[0], error=1e-6) < lower_score(photonic.score, runs[0], error=0.1)


def test_a_local_device_that_wins_by_luck_is_not_believed(photonic: CollectiveDesign) -> None:
    # The best counts there are, all with the greatest score: few of them still prove little.
    counts = np.zeros((2, 2, 2, 3), dtype=int)
    counts[np.unravel_index(photonic.score.values.argmax(), counts.shape)] = 20
    assert lower_score(photonic.score, counts, error=1e-10) < photonic.score.mean


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        (np.zeros((2, 2, 2, 3), dtype=int), 0.1),
        (np.ones((2, 2, 2, 2), dtype=int), 0.1),
        (np.ones((2, 2, 2, 3)), 0.1),
        (-np.ones((2, 2, 2, 3), dtype=int), 0.1),
        (np.ones((2, 2, 2, 3), dtype=int), 0),
        (np.ones((2, 2, 2, 3), dtype=int), math.nan),
    ],
)
def test_bad_counts_are_refused(photonic: CollectiveDesign, counts: np.ndarray, error: float) -> None:
    with pytest.raises(InputError, match=r"^(counts|error): expected"):
        lower_score(photonic.score, counts, error=error)


@pytest.mark.parametrize(
    "changes",
    [{"rounds": 3}, {"rounds": 10.5}, {"soundness": 1e-18}, {"soundness": 1}, {"tests": 1}, {"tests": 10**6}],
)
def test_bad_input_is_refused(photonic: CollectiveDesign, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=rf"^{next(iter(changes))}: expected") as error:
        collective_key(photonic, **{"rounds": 10**6, **changes})
    assert error.value.argument in changes


@pytest.mark.parametrize("rounds", [4, 50, 10**4])
def test_few_rounds_have_no_key(photonic: CollectiveDesign, rounds: int) -> None:
    assert collective_key(photonic, rounds=rounds).status is Status.NO_KEY


def test_no_run_is_long_enough_without_asymptotic_key(honest: Behaviour) -> None:
    hopeless = collective_design(honest, one_way((0, 2)))
    assert hopeless.asymptotic < 0
    with pytest.raises(BoundNotEstablishedError, match="no key"):
        minimal_collective_rounds(hopeless)


@pytest.mark.parametrize("asked", [two_way((0, 2)), one_way((0, 3)), one_way(), any_discussion()], ids=str)
def test_a_question_that_does_not_fit_is_refused(honest: Behaviour, asked: Protocol) -> None:
    with pytest.raises(QuestionError, match=r"^protocol: expected"):
        collective_design(honest, asked)


def test_a_key_comes_back_from_its_document(photonic: CollectiveDesign) -> None:
    key = collective_key(photonic, rounds=10**12)
    assert FiniteKey.from_dict(json.loads(json.dumps(key.to_dict()))) == key
    assert key.certificate is None
    assert key.thing != collective_key(photonic, rounds=10**12 + 1).thing


def test_every_pair_must_be_there() -> None:
    projected = load("nadlinger2022-link").projection().behaviour
    with pytest.raises(InputError, match="unmeasured"):
        collective_design(projected, one_way((0, 2)))


def test_the_table_names_what_it_takes() -> None:
    text = table("finite-photonic").render("text")
    assert "2.573e11  1.49" in text
    assert "0.047 %" in text
    assert "not practical" in text
