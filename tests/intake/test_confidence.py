"""A rate with confidence: how often it is wrong, by simulation; and that no test trial enters the choice."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta, chi2

from keybounds.bounds import Hierarchy, one_way
from keybounds.bounds.correlations import confidence as module
from keybounds.bounds.lower import confident_rate
from keybounds.errors import BehaviourError, InputError, UnsupportedError
from keybounds.experiments import Behaviour
from keybounds.experiments.projection import multinomial_tail

SIGNS = np.array([[1, -1], [-1, 1]])
KEY = one_way((0, 2))
FAST = Hierarchy("11", 8)


def noisy_singlet(v: float) -> NDArray[np.float64]:
    s = 2**-0.5
    return np.asarray((1 + SIGNS[:, :, None, None] * v * np.array([[s, s, 1], [s, -s, 0]])) / 4)


def lossy(v: float, eta: float) -> NDArray[np.float64]:
    """Both sides' photons arrive with probability eta; a missed one is outcome 1."""
    P = noisy_singlet(v)
    a, b = P.sum(axis=1, keepdims=True), P.sum(axis=0, keepdims=True)
    missed_a, missed_b = np.zeros((2, 1, 1, 1)), np.zeros((1, 2, 1, 1))
    missed_a[1], missed_b[0, 1] = 1, 1
    return np.asarray(
        eta**2 * P + eta * (1 - eta) * (a * missed_b + missed_a * b) + (1 - eta) ** 2 * missed_a * missed_b
    )


MODELS = {"noisy singlet": noisy_singlet(0.95), "lossy pair": lossy(0.99, 0.95), "local": noisy_singlet(0.7)}


def sampled(P: NDArray[np.float64], n: int, seed: int) -> Behaviour:
    generator = np.random.default_rng(seed)
    counts = np.zeros(P.shape, dtype=int)
    for x, y in np.ndindex(*P.shape[2:]):
        counts[:, :, x, y] = generator.multinomial(n, P[:, :, x, y].ravel()).reshape(2, 2)
    return Behaviour.from_counts(counts, max_z=math.inf)


COVERED = [
    pytest.param(model, trials, epsilon, marks=() if (model, trials) == ("lossy pair", 300) else pytest.mark.slow)
    for model in MODELS
    for trials in (300, 10_000)
    for epsilon in (Fraction(1, 20), Fraction(1, 100))
]


def misses_are_rare(misses: int, runs: int, epsilon: Fraction) -> bool:
    """Whether the lower Clopper-Pearson limit of a miss rate does not exceed ε."""
    return not misses or bool(beta.ppf(0.001, misses, runs - misses + 1) <= float(epsilon))


def test_a_set_that_misses_more_often_is_seen() -> None:
    """χ² as a confidence set for six pairs at p = (.492, .008, .008, .492): 8 % of the tables at nominal 5 %."""
    p, n, runs = np.array([0.492, 0.008, 0.008, 0.492]), 300, 20_000
    f = np.random.default_rng(1).multinomial(n, p, size=(runs, 6)) / n
    distance = (n * (f - p) ** 2 / p).sum(axis=2).max(axis=1)
    misses = int((distance > chi2.ppf(1 - 0.05 / 6, 3)).sum())
    assert misses / runs == pytest.approx(0.08, abs=0.01)
    assert not misses_are_rare(misses, runs, Fraction(1, 20))


@pytest.mark.parametrize(("model", "trials", "epsilon"), COVERED)
def test_how_often_the_likelihood_is_farther_than_the_bound(model: str, trials: int, epsilon: Fraction) -> None:
    """10^5 tables: the Kullback-Leibler ball that refusal rests on, Σ n D(f||p) over all pairs."""
    P, runs = MODELS[model], 100_000
    generator = np.random.default_rng(4)
    t = np.zeros(runs)
    for x, y in np.ndindex(*P.shape[2:]):
        p = P[:, :, x, y].ravel()
        f = generator.multinomial(trials, p, size=runs) / trials
        t += trials * np.where(f > 0, f * np.log(np.maximum(f, 1e-300) / np.maximum(p, 1e-300)), 0).sum(axis=1)
    freedom = 3 * P.shape[2] * P.shape[3]
    least = brentq(lambda s: multinomial_tail(s, freedom) - float(epsilon), freedom, 10 * freedom)
    assert misses_are_rare(int((t > least).sum()), runs, epsilon)


@pytest.mark.parametrize(("model", "trials", "epsilon"), COVERED)
def test_how_often_the_bound_on_a_functional_is_wrong(model: str, trials: int, epsilon: Fraction) -> None:
    """10^5 tables: the lower Clopper-Pearson limit of the miss rate does not exceed ε."""
    P, runs = MODELS[model], 100_000
    first = module._Training.of(sampled(P, max(trials // 3, 100), 1))
    _, functional = next(module._functionals(first, KEY, FAST))
    totals = np.full(P.shape[2:], trials)
    bet = module._bet(functional, first, totals, epsilon)
    true = float((bet.f * P).sum())
    generator = np.random.default_rng(2)
    steps = np.log1p(bet.slope / trials * (bet.f - bet.means))
    found = np.full(runs, bet.means.sum() + math.log(epsilon) / bet.slope)
    for x, y in np.ndindex(*P.shape[2:]):
        drawn = generator.multinomial(trials, P[:, :, x, y].ravel(), size=runs)
        found += drawn @ steps[:, :, x, y].ravel() / bet.slope
    misses = int((found > true).sum())
    assert misses_are_rare(misses, runs, epsilon)
    # the doubles above are those of the ball arithmetic
    counts = sampled(P, trials, 3).counts
    assert counts is not None
    exact = bet.lower(counts, epsilon)
    again = bet.means.sum() + (math.log(epsilon) + float((counts * steps).sum())) / bet.slope
    assert float(exact.mid()) == pytest.approx(again, abs=1e-9)


def test_the_functional_is_below_the_rate_of_every_device() -> None:
    """S(P) of a functional chosen elsewhere, against the rate of a two-qubit device that Eve purifies."""
    first = module._Training.of(sampled(noisy_singlet(0.93), 3000, 5))
    totals = np.full((2, 3), 1000)
    for _, functional in module._functionals(first, one_way((0, 2), noise=0.02), FAST):
        bet = module._bet(functional, first, totals, Fraction(1, 100))
        for v in (0.75, 0.85, 0.93, 0.97, 1.0):
            P = noisy_singlet(v)
            # Phi+ with white noise, purified by Eve: H(Â|E) of Alice's Z flipped with q = .02, by its spectra
            q, weights = 0.02, np.array([(1 + 3 * v) / 4, *[(1 - v) / 4] * 3])
            entropy = _entropy_of_key(weights, q)
            error = q * (1 + v) / 2 + (1 - q) * (1 - v) / 2
            rate = entropy - _h(error)
            assert float((bet.f * P).sum()) <= rate + 1e-9


def _h(x: float) -> float:
    return -sum(p * math.log2(p) for p in (x, 1 - x) if p > 0)


def _entropy_of_key(weights: NDArray[np.float64], q: float) -> float:
    """H(Ẑ|E) of a Bell-diagonal state (Phi+, Phi-, Psi+, Psi-): Eve holds the purification, Z is flipped with q."""
    states = []
    for sign in (1, -1):
        phi = np.sqrt(weights[:2]) * np.array([1, sign])
        psi = np.sqrt(weights[2:]) * np.array([1, sign])
        block = np.zeros((4, 4))
        block[:2, :2], block[2:, 2:] = np.outer(phi, phi), np.outer(psi, psi)
        states.append(block / 2)
    noisy = [(1 - q) * states[0] + q * states[1], (1 - q) * states[1] + q * states[0]]

    def unnormalised(m: NDArray[np.float64]) -> float:
        values = np.linalg.eigvalsh(m)
        return float(-sum(p * math.log2(p) for p in values if p > 1e-15))

    return sum(map(unnormalised, noisy)) - unnormalised(noisy[0] + noisy[1])


@pytest.mark.slow
def test_thirty_runs_of_the_whole() -> None:
    """v = .95, true rate .5591: the median at ε = .01, and no run above the truth."""
    for trials, least in ((10_000, 0.36), (1_000_000, 0.54)):
        values = [confident_rate(sampled(noisy_singlet(0.95), trials, k), KEY).value for k in range(30)]
        assert max(values) <= 0.5592
        assert float(np.median(values)) >= least


def test_one_run_of_the_whole() -> None:
    found = confident_rate(sampled(noisy_singlet(0.95), 10_000, 1), KEY)
    assert 0.36 <= found.value <= 0.5592
    assert found.trials + found.training == 60_000
    assert found.training == 15_000
    assert str(found).startswith("asymptotic device-independent key rate >= 0.")
    assert "with confidence 0.99 (one-way key (0,2); collective attacks; independent trials of one device" in str(found)
    assert found.to_dict()["assumptions"][0] == "trials are independent"


def test_local_tables_have_none() -> None:
    assert confident_rate(sampled(noisy_singlet(0.7), 3000, 1), KEY, hierarchy=FAST).value == 0


def test_the_choice_sees_training_trials_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same training counts, other test counts change neither functional nor means nor slope."""
    behaviour = sampled(noisy_singlet(0.95), 2000, 3)
    training, testing = module._divided(behaviour, 0.25, 0)
    assert behaviour.counts is not None
    np.testing.assert_array_equal(training + testing, behaviour.counts)
    assert (training.sum(axis=(0, 1)) == 500).all()
    seen: list[module._Bet] = []
    kept = module._Bet.lower

    def spy(self: module._Bet, counts: NDArray[np.int64], epsilon: Fraction) -> object:
        seen.append(self)
        return kept(self, counts, epsilon)

    monkeypatch.setattr(module._Bet, "lower", spy)
    for other in (testing, testing[::-1], testing[:, ::-1]):
        monkeypatch.setattr(module, "_divided", lambda *_, other=other: (training, other))
        confident_rate(behaviour, KEY, hierarchy=FAST)
    chosen = {(one.f.tobytes(), one.means.tobytes(), one.slope) for one in seen}
    assert len(chosen) == 1


def test_the_division_is_uniform() -> None:
    """A quarter of 40 and 60 trials is drawn by the hypergeometric law, by its mean and variance."""
    counts = np.zeros((2, 2, 1, 1), dtype=int)
    counts[0, 0], counts[1, 1] = 40, 60
    behaviour = Behaviour.from_counts(counts)
    drawn = np.array([module._divided(behaviour, 0.25, seed)[0][0, 0, 0, 0] for seed in range(2000)])
    assert drawn.mean() == pytest.approx(10, abs=0.2)
    assert drawn.var() == pytest.approx(25 * 0.4 * 0.6 * 75 / 99, rel=0.15)


def test_bad_input() -> None:
    behaviour = sampled(noisy_singlet(0.95), 1000, 1)
    with pytest.raises(BehaviourError, match="a table of counts"):
        confident_rate(Behaviour(noisy_singlet(0.9)), KEY)
    for value in (0.5, 1.0, -1.0, math.nan):
        with pytest.raises(InputError, match="confidence"):
            confident_rate(behaviour, KEY, confidence=value)
    for value in (0.0, 1.0):
        with pytest.raises(InputError, match="share"):
            confident_rate(behaviour, KEY, share=value)
    with pytest.raises(InputError, match="to divide"):
        confident_rate(sampled(noisy_singlet(0.95), 3, 1), KEY)


def test_a_pair_that_the_functional_weighs_needs_trials() -> None:
    first = module._Training.of(sampled(noisy_singlet(0.95), 1000, 1))
    _, functional = next(module._functionals(first, KEY, FAST))
    totals = np.full((2, 3), 100)
    totals[0, 0] = 0
    with pytest.raises(UnsupportedError, match="a pair without"):
        module._bet(functional, first, totals, Fraction(1, 100))
