"""Threshold, syndrome and completeness of a run, and the seeds and costs of the extractors."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from scipy.stats import beta, binom

from keybounds.bounds import Status
from keybounds.bounds.run.extractors import EXTRACTORS, extractor
from keybounds.bounds.run.key import Balance, BalanceItem, FiniteKey
from keybounds.bounds.run.run import Run, accepted_losses, completeness, syndrome_length
from keybounds.errors import InputError


def run_of(rounds: int, gamma: float = 0.05, chsh: float = 2.6, **rest: float) -> Run:
    return Run(rounds=rounds, gamma=gamma, chsh=chsh, qber=0.02, soundness=1e-10, **rest)


@pytest.mark.parametrize("rounds", [10**3, 10**5, 1_500_000, 10**9, 10**12])
@pytest.mark.parametrize("deviations", [0, 3, 8])
def test_completeness_is_the_binomial_tail(rounds: int, deviations: float) -> None:
    run = run_of(rounds, deviations=deviations)
    losing = float(run.gamma * (1 - run.winning))
    expected = binom.cdf(accepted_losses(run), rounds, losing)
    assert completeness(run) == pytest.approx(expected, rel=1e-9)


def test_completeness_of_few_rounds_is_exact() -> None:
    run = run_of(40, gamma=0.5)
    p = Fraction(run.gamma) * (1 - run.winning)
    losses = accepted_losses(run)
    exact = sum(math.comb(40, k) * p**k * (1 - p) ** (40 - k) for k in range(losses + 1))
    assert Fraction(completeness(run)) <= exact
    assert float(exact) - completeness(run) < 1e-15


def test_completeness_agrees_with_simulated_runs() -> None:
    # Whole runs round by round: type, game, losses; accepted if there are few enough. 99.9 % interval of the share.
    run = run_of(4_000, gamma=0.2, chsh=2.5, deviations=1)
    rng = np.random.default_rng(2022)
    trials = 4_000
    tests = rng.random((trials, run.rounds)) < float(run.gamma)
    lost = rng.random((trials, run.rounds)) >= float(run.winning)
    passed = int(((tests & lost).sum(axis=1) <= accepted_losses(run)).sum())
    low = beta.ppf(5e-4, passed, trials - passed + 1)
    high = beta.ppf(1 - 5e-4, passed + 1, trials - passed)
    assert low <= completeness(run) <= high


def test_a_threshold_that_accepts_everything_is_complete() -> None:
    assert completeness(run_of(40, gamma=0.5, deviations=100)) == 1.0


@pytest.mark.parametrize(("rounds", "qber"), [(10_000, 0.0), (1_500_000, 0.018), (10**10, 0.5)])
def test_syndrome_length(rounds: int, qber: float) -> None:
    run = Run(rounds=rounds, gamma=0.1, chsh=2.5, qber=qber, soundness=1e-6)

    def h(x: float) -> float:
        return -x * math.log2(x) - (1 - x) * math.log2(1 - x) if 0 < x < 1 else 0.0

    expected = rounds * (0.9 * h(qber) + 0.1 * h(1.5 / 8)) + 50 * math.sqrt(rounds)
    assert syndrome_length(run) == pytest.approx(expected, rel=1e-12, abs=1)
    assert syndrome_length(run) <= expected * (1 + 1e-12)


def test_trevisan_seed_of_the_published_run() -> None:
    # 14 blocks of 293² bits, for every error for which the required field size is in (283, 293].
    seeds = {extractor("trevisan").seed(1_500_000, 95_884, error) for error in (2.6e-14, 5e-14, 1.3e-13)}
    assert seeds == {14 * 293**2}


@pytest.mark.parametrize("name", EXTRACTORS)
@pytest.mark.parametrize("entropy", [1, 2, 9.5, 1000, 95_951.2, 10**12 + 0.5])
def test_the_length_is_the_largest_that_fits(name: str, entropy: float) -> None:
    one = extractor(name)
    length = one.length(arb(entropy))

    def needs(bits: int) -> float:
        return bits + one.log_weight * math.log2(bits)

    assert needs(length) <= entropy
    assert needs(length + 1) > entropy


@pytest.mark.parametrize("entropy", [arb(0.99), arb(-5), arb(float("-inf")), arb("nan"), arb(1, 1e-3)])
def test_no_length_without_a_whole_bit_of_entropy(entropy: arb) -> None:
    assert all(one.length(entropy) == 0 for one in EXTRACTORS.values())


def test_a_wide_ball_counts_at_its_lower_end() -> None:
    assert extractor("toeplitz").length(arb(100, 2.5)) == 97


def test_toeplitz_seed() -> None:
    assert extractor("toeplitz").seed(1_500_000, 95_884, 1e-10) == 1_500_000 + 95_884 - 1


def test_circulant_seed_is_a_prime_with_2_as_generator() -> None:
    size = extractor("circulant").seed(1_000, 10, 1e-10)
    assert size > 1_000
    assert all(size % p for p in range(2, 40))
    assert len({pow(2, k, size) for k in range(size - 1)}) == size - 1


def test_circulant_family_is_2_universal() -> None:
    # Exhaustive for n = 4, N = 5: every pair of inputs collides on exactly 2^-ℓ of the seeds.
    size, bits = extractor("circulant").seed(4, 2, 0.1), 2
    assert size == 5
    seeds = list(itertools.product((0, 1), repeat=size))
    for difference in itertools.product((0, 1), repeat=4):
        if not any(difference):
            continue
        padded = (*difference, 0)
        collisions = sum(
            all(sum(padded[k] * seed[(row - k) % size] for k in range(size)) % 2 == 0 for row in range(bits))
            for seed in seeds
        )
        assert collisions * 2**bits == len(seeds)


def test_balance_adds_up() -> None:
    balance = Balance((BalanceItem("a", 3, 10, 0), BalanceItem("b", 1, 5, 40)))
    assert (balance.consumed, balance.reusable, balance.generated) == (4, 15, 40)
    assert (balance.initial, balance.final, balance.net) == (19, 55, 36)


@pytest.mark.parametrize(
    "changes",
    [
        {"length": -1},
        {"length": 0},
        {"status": Status.NO_KEY},
        {"deficit": 3},
        {"length": 0, "status": Status.NO_KEY},
    ],
)
def test_a_finite_key_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    fields: dict[str, object] = {
        "length": 5,
        "rounds": 10,
        "soundness": 1e-3,
        "theorem": "t",
        "reference": "r",
        "extractor": "toeplitz",
        "threshold": 0.8,
        "syndrome_length": 1,
        "terms": (),
        "parameters": {},
        "balance": Balance(()),
        "completeness": None,
        "assumptions": (),
        "status": Status.ENCLOSED,
    }
    assert FiniteKey(**fields).rate == 0.5  # type: ignore[arg-type]
    with pytest.raises(InputError):
        FiniteKey(**{**fields, **changes})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="one of"):
        FiniteKey(**fields).term("none")  # type: ignore[arg-type]
