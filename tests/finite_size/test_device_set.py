"""The devices that counts leave possible: how often the statement is wrong, exactly, and what it rests on."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import beta, binom

from keybounds.bounds import Link, Run
from keybounds.bounds.run import acceptance, device_set, key_of_run
from keybounds.bounds.run.device import largest_error, least_winning
from keybounds.errors import BehaviourError, InputError, UnsupportedError
from keybounds.experiments import Behaviour

EPSILON = Fraction(1, 20)


def misses(trials: list[int], chances: list[float]) -> float:
    """The chance that the bound on ω lies above its true value, summed over every outcome of the four binomials."""
    truth, total = sum(chances) / 4, 0.0
    weights = [binom.pmf(range(n + 1), n, p) for n, p in zip(trials, chances, strict=True)]
    known: dict[tuple[tuple[int, int], ...], bool] = {}
    for won in itertools.product(*(range(n + 1) for n in trials)):
        same = tuple(sorted(zip(won, trials, strict=True)))  # the order of the pairs does not matter
        if same not in known:
            known[same] = least_winning(list(won), trials, EPSILON) > truth
        if known[same]:
            total += math.prod(w[k] for w, k in zip(weights, won, strict=True))
    return total


@pytest.mark.parametrize(
    ("trials", "chances"),
    [
        ([4] * 4, [0.75] * 4),
        ([4] * 4, [1.0, 1.0, 1.0, 0.2]),
        ([1, 2, 3, 6], [0.8] * 4),
        ([1, 1, 1, 12], [0.4, 1, 0.9, 0.7]),
    ],
)
def test_a_bound_on_the_game_is_wrong_no_more_often_than_it_says(trials: list[int], chances: list[float]) -> None:
    # Few trials, unequal numbers of them and unequal chances: where a Gaussian interval is furthest off.
    assert misses(trials, chances) <= EPSILON


def test_with_equal_trials_it_is_the_kullback_leibler_bound() -> None:
    for n, k in ((300, 250), (10**4, 8300), (10**9, 830_000_000)):
        omega, share = float(least_winning([k] * 4, [n] * 4, EPSILON)), k / n
        divergence = share * math.log(share / omega) + (1 - share) * math.log((1 - share) / (1 - omega))
        assert 4 * n * divergence == pytest.approx(math.log(20), rel=1e-5)
        assert omega < beta.ppf(0.05, 4 * k, 4 * (n - k) + 1)  # the exact limit for one binomial is nearer


def test_pairs_that_differ_are_no_worse_than_pairs_alike() -> None:
    even = least_winning([830] * 4, [1000] * 4, EPSILON)
    assert least_winning([1000, 660, 830, 830], [1000] * 4, EPSILON) == pytest.approx(float(even), rel=1e-9)
    # of trials that are unequally many the fewest decide
    assert least_winning([830] * 3 + [83], [1000] * 3 + [100], EPSILON) < even
    assert least_winning([830] * 3 + [8300], [1000] * 3 + [10_000], EPSILON) > even - Fraction(1, 1000)


@pytest.mark.parametrize(("won", "bound"), [(0, 0.0), (50, 20 ** (-1 / 200))])
def test_where_everything_was_lost_or_won(won: int, bound: float) -> None:
    assert float(least_winning([won] * 4, [50] * 4, EPSILON)) == pytest.approx(bound, rel=1e-6)


@pytest.mark.parametrize(("errors", "trials"), [(0, 100), (1, 100), (14, 1000), (144, 10_000), (99, 100), (0, 1)])
def test_the_error_rate_is_bounded_as_by_clopper_and_pearson(errors: int, trials: int) -> None:
    found = float(largest_error(errors, trials, EPSILON))
    exact = beta.ppf(0.95, errors + 1, trials - errors)
    assert exact <= found <= min(1.0, exact + 1.5 / trials)
    assert binom.cdf(errors, trials, found) <= EPSILON or found == 1


def test_no_error_seen_is_no_error_rate_of_zero() -> None:
    assert largest_error(0, 50, EPSILON) > 1 - 20 ** (-1 / 50) - 1e-12
    assert largest_error(3, 3, EPSILON) == 1


def counts_of(chsh: float, qber: float, number: int) -> Behaviour:
    e = chsh / 4
    E = np.array([[e, e, 1 - 2 * qber], [e, -e, 0.0]])
    signs = np.array([[1, -1], [-1, 1]])
    return Behaviour.from_counts(np.rint((1 + signs[:, :, None, None] * E) / 4 * number).astype(int))


def test_the_set_of_a_table() -> None:
    behaviour = counts_of(2.6, 0.02, 10_000)
    found = device_set(behaviour, (0, 2))
    assert found.choices == (24, 2)  # eight games on each of three pairs of Bob's settings; a key read either way
    assert found.trials == (40_000, 10_000)
    assert found.winning == least_winning([8250] * 4, [10_000] * 4, Fraction(1, 100) / 48)
    assert found.qber == largest_error(200, 10_000, Fraction(1, 100) / 4)
    assert device_set(behaviour, (0, 2), confidence=0.999).winning < found.winning
    assert device_set(behaviour, (0, 2), readings=6).qber > found.qber
    flipped = Behaviour.from_counts(behaviour.counts[:, ::-1])  # S < 0, and errors where none are
    assert device_set(flipped, (0, 2)) == found


def test_what_has_no_set() -> None:
    with pytest.raises(BehaviourError, match="counts"):
        device_set(Behaviour(counts_of(2.6, 0.02, 100).P), (0, 2))
    with pytest.raises(InputError, match="confidence"):
        device_set(counts_of(2.6, 0.02, 100), (0, 2), confidence=1)
    three = np.zeros((2, 3, 2, 2), dtype=int)
    three[0, 0] = three[1, 1] = 10
    with pytest.raises(UnsupportedError, match="two outcomes"):
        device_set(Behaviour.from_counts(three), (0, 0))


@pytest.mark.parametrize("theorem", ["eat-2019", "renyi"])
def test_other_devices_pass_as_often_as_in_simulated_runs(theorem: str) -> None:
    """A run designed for S = 2.64 with devices of less: whole runs of trinomial counts against the lower bound."""
    run = Run(Link(2.64, 0.018), rounds=1_500_000, gamma=Fraction(13, 256))
    key = key_of_run(run, theorem=theorem)
    assert acceptance(run, key, run.winning) == key.completeness
    rng = np.random.default_rng(17)
    last = 0.0
    for winning in (Fraction(33, 40), Fraction(333, 400), Fraction(335, 400)):
        found = acceptance(run, key, winning)
        gamma, omega = float(run.gamma), float(winning)
        lost, won, _ = rng.multinomial(run.rounds, [gamma * (1 - omega), gamma * omega, 1 - gamma], 20_000).T
        if theorem == "renyi":
            p = key.parameters
            passed = p["loss_score"] * lost + p["win_score"] * won >= p["score"]
        else:
            passed = lost <= key.provenance["accepted_losses"]
        share, spread = passed.mean(), 4 * math.sqrt(passed.mean() * (1 - passed.mean()) / 20_000 + 1e-8)
        assert found is not None
        assert last < found <= share + spread
        assert found >= share - spread - 0.02  # and it is no idle bound
        last = found
