"""The Rényi key length: the published operating point, independent evaluations, and bad parameters."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Link
from keybounds.bounds.bound import Status
from keybounds.bounds.lower import finite_key, minimal_rounds, optimal_gamma
from keybounds.bounds.run import (
    FiniteKey,
    RenyiParameters,
    Run,
    extractors,
    key_of_run,
    renyi_length,
    renyi_parameters,
)
from keybounds.bounds.run.renyi import entropy_rate, renyi_terms
from keybounds.bounds.run.renyi_key import renyi_key, score_completeness
from keybounds.errors import InputError, UnsupportedError

LINK = Link(Fraction("2.64"), Fraction("0.018"))
OPERATING = Run(LINK, rounds=1_500_000, gamma=Fraction(13, 256), soundness=Fraction(1, 10**10))


def renyi(run: Run) -> FiniteKey:
    return key_of_run(run, theorem="renyi", extractor="toeplitz")


def rate_by_scan(gamma: float, order: float, f_0: float, f_1: float, *, simple: bool = False) -> float:
    """κ by golden-section search in mpmath, starting from a scan; `simple` bounds all tests by their probabilities."""
    with mp.workdps(40):
        gamma, alpha = mp.mpf(gamma), 1 + mp.mpf(order)
        u_0, u_1 = mp.power(2, order * mp.mpf(f_0)), mp.power(2, order * mp.mpf(f_1))

        def bracket(c: float) -> mp.mpf:
            p = (1 + mp.mpf(c)) / 2
            key_sum = mp.power(2, 1 - alpha) * (p ** (1 / alpha) + (1 - p) ** (1 / alpha)) ** alpha
            won = mp.mpf(1) / 2 + mp.sqrt(1 + mp.mpf(c) ** 2) / 4
            if simple:
                return (1 - gamma) * key_sum + gamma * (u_0 * (1 - won) + u_1 * won)
            return (1 - gamma + gamma * u_0) * key_sum + gamma * (u_1 - u_0) * won

        grid = [mp.mpf(k) / 60 for k in range(61)]
        place = max(range(61), key=lambda k: bracket(grid[k]))
        low, high = grid[max(place - 1, 0)], grid[min(place + 1, 60)]
        golden = (mp.sqrt(5) - 1) / 2
        for _ in range(60):
            left, right = high - golden * (high - low), low + golden * (high - low)
            low, high = (low, right) if bracket(left) >= bracket(right) else (left, high)
        best = max(bracket((low + high) / 2), bracket(mp.mpf(0)), bracket(mp.mpf(1)))
        return float(-mp.log(best, 2) / order)


def length_in_floats(run: Run, x: list[float]) -> float:
    """The length as a function of (log δ, f_0, f_1, ω_r), with the run's own standard deviation as threshold."""
    order, f_0, f_1, reference = math.exp(x[0]), x[1], x[2], x[3]
    if not (0 < reference < 1 and order <= 1 and f_0 <= f_1):
        return -math.inf
    gamma, winning, n = float(run.gamma), float(run.winning), run.rounds
    u_0, u_1 = 2.0 ** (order * f_0), 2.0 ** (order * f_1)
    c = np.linspace(0, 1, 4001)
    for _ in range(3):
        key_sum = ((1 + c) ** (1 / (1 + order)) + (1 - c) ** (1 / (1 + order))) ** (1 + order) / 2.0 ** (1 + order)
        values = (1 - gamma + gamma * u_0) * key_sum + gamma * (u_1 - u_0) * (0.5 + np.sqrt(1 + c * c) / 4)
        k = int(values.argmax())
        c = np.linspace(c[max(k - 1, 0)], c[min(k + 1, len(c) - 1)], 101)
    scores = f_0 + math.log2(1 - reference), f_1 + math.log2(reference)
    mean = gamma * ((1 - winning) * scores[0] + winning * scores[1])
    second = gamma * ((1 - winning) * scores[0] ** 2 + winning * scores[1] ** 2)
    score = n * mean - float(run.deviations) * math.sqrt(n * (second - mean**2))
    rest = (1 + order) / order * math.log2(run.budget) + 2
    return float(-n * math.log2(values.max()) / order + score + rest)


class TestOperatingPoint:
    def test_length(self) -> None:
        key = renyi(OPERATING)
        assert key.length >= 391_000
        assert key.length == 391_922
        assert key.syndrome_length == 296_517
        assert key.status is Status.ENCLOSED
        assert key.certificate is not None

    def test_with_the_constant_of_the_published_formula(self) -> None:
        # 264 bits published or lost in the paper's theorem and extractor; the design study had 391 651 with them.
        assert renyi(OPERATING).length - 264 == pytest.approx(391_651, abs=10)

    def test_terms_add_up(self) -> None:
        key = renyi(OPERATING)
        assert math.floor(sum(term.bits for term in key.terms)) == key.length

    def test_rate_at_the_studys_optimum(self) -> None:
        f_0, f_1, order = Fraction("-160.763"), Fraction("34.586"), Fraction("4.6846e-4")
        rate = entropy_rate(Fraction(13, 256), order, f_0, f_1)
        assert 0.51072 < rate < 0.51073
        assert rate.rad() < 1e-12
        assert float(rate.mid()) == pytest.approx(rate_by_scan(13 / 256, 4.6846e-4, -160.763, 34.586), abs=1e-11)

    def test_the_simpler_ceiling_on_tests_is_worth_less(self) -> None:
        # (1-γ) Q* + γ (u_0 (1-w) + u_1 w): 355 928 bits in the design study, with its constant of 264.
        order, f_0, f_1, reference = 4.987215e-4, -153.37518, 32.606117, 0.8259167
        rate = rate_by_scan(13 / 256, order, f_0, f_1, simple=True)
        scores = f_0 + math.log2(1 - reference), f_1 + math.log2(reference)
        gamma, won, n = 13 / 256, 0.83, 1_500_000
        mean = gamma * ((1 - won) * scores[0] + won * scores[1])
        spread = math.sqrt(n * (gamma * ((1 - won) * scores[0] ** 2 + won * scores[1] ** 2) - mean**2))
        loss = (1 + order) / order * math.log2(OPERATING.budget)
        length = n * rate + n * mean - 3 * spread - 296_517 + loss + 2 - 264
        assert length == pytest.approx(355_928, abs=10)

    def test_balance(self) -> None:
        sheet = renyi(OPERATING).balance
        assert (sheet.consumed, sheet.generated, sheet.net) == (256, 391_922, 391_666)
        assert sheet.items[-1].reusable == 1_500_000 + 391_922 - 1


class TestPlanning:
    def test_onset(self) -> None:
        rounds = minimal_rounds(LINK, gamma=Fraction(13, 256), theorem="renyi", extractor="toeplitz")
        assert 190_000 < rounds < 240_000

    def test_best_share_of_tests(self) -> None:
        gamma = optimal_gamma(LINK, rounds=1_500_000, theorem="renyi", extractor="toeplitz")
        assert gamma == pytest.approx(0.054, abs=0.002)
        assert renyi(replace(OPERATING, gamma=gamma)).length > 391_922

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("rounds", [10**5, 3 * 10**5, 10**6, 10**7, 10**9]),
            ("link", [Link(s, 0.018) for s in (2.3, 2.5, 2.64, 2.677, 2.8)]),
            ("link", [Link(2.64, q) for q in (0.05, 0.03, 0.018, 0.0144, 0.0)]),
            ("soundness", [2e-18, 1e-15, 1e-10, 1e-6, 1e-2]),
        ],
    )
    def test_monotone(self, name: str, values: list[Any]) -> None:
        keys = [renyi(replace(OPERATING, **{name: value})) for value in values]
        worth = [key.length - key.deficit for key in keys]
        assert worth == sorted(worth)
        assert len(set(worth)) == len(worth)

    @pytest.mark.parametrize(("chsh", "qber"), [(2.64, 0.018), (2.677, 0.0144), (2 * math.sqrt(2), 0.0)])
    def test_below_the_asymptotic_rate_and_towards_it(self, chsh: float, qber: float) -> None:
        # n → ∞: the entropy of Alice's outcome, less γ h(ω) for the tests' outcomes and what is published
        gamma, won = 0.05, (4 + chsh) / 8
        h = lambda x: 0.0 if x in (0, 1) else -x * math.log2(x) - (1 - x) * math.log2(1 - x)  # noqa: E731
        entropy = 1 - h((1 + math.sqrt(min(chsh**2 / 4 - 1, 1.0))) / 2)
        limit = entropy - gamma * h(won) - (1 - gamma) * h(qber) - gamma * h(1 - won)
        rates = [renyi(Run(Link(chsh, qber), rounds=n, gamma=gamma)).rate for n in (10**5, 10**7, 10**9, 10**12)]
        assert all(rate < limit for rate in rates)
        assert rates[-1] > limit - 0.002
        assert rates[-1] < entropy - h(qber) + gamma  # what γ can change


class TestSearch:
    def test_random_restarts_find_nothing_better(self) -> None:
        from scipy.optimize import minimize

        run = OPERATING
        found = renyi_parameters(run)
        with ctx.workprec(128):
            best = float(sum(renyi_terms(run, found).values(), arb(0)).mid()) + 296_517
        rng = np.random.default_rng(1)
        for _ in range(20):
            start = [math.log(10 ** rng.uniform(-4.5, -2.5)), -rng.uniform(20, 300), rng.uniform(5, 60), 0.8]
            result = minimize(
                lambda x: -length_in_floats(run, list(x)),
                start,
                method="Nelder-Mead",
                options={"maxiter": 300, "initial_simplex": None},
            )
            assert -result.fun < best + 2
        assert length_in_floats(
            run,
            [
                math.log(found.order),
                found.loss_score - math.log2(1 - found.reference),
                found.win_score - math.log2(found.reference),
                found.reference,
            ],
        ) == pytest.approx(best, abs=0.1)

    @settings(deadline=None, max_examples=30)
    @given(
        rounds=st.integers(200, 10**11),
        gamma=st.floats(0.01, 0.9),
        chsh=st.floats(2.0001, 2 * math.sqrt(2)),
        soundness=st.floats(2e-18, 0.5),
        deviations=st.floats(0, 6),
    )
    def test_never_leaves_what_the_theorem_admits(
        self, rounds: int, gamma: float, chsh: float, soundness: float, deviations: float
    ) -> None:
        run = Run(Link(chsh, 0.018), rounds=rounds, gamma=gamma, soundness=soundness, deviations=deviations)
        key = renyi_key(run, "toeplitz")
        assert key.length <= rounds
        assert (key.deficit > 0) == (key.length == 0)

    def test_is_deterministic(self) -> None:
        assert renyi_parameters(OPERATING) == renyi_parameters(OPERATING)


class TestEvaluation:
    """Whatever the optimiser hands over, the number must be right."""

    @settings(deadline=None, max_examples=40)
    @given(
        gamma=st.floats(1e-3, 0.999),
        order=st.floats(1e-6, 1),
        f_0=st.floats(-400, 50),
        above=st.floats(0, 400),
    )
    def test_encloses_an_independent_maximum(self, gamma: float, order: float, f_0: float, above: float) -> None:
        rate = entropy_rate(gamma, Fraction(order), f_0, f_0 + above)
        found = rate_by_scan(gamma, order, f_0, f_0 + above)
        tolerance = 1e-9 * (1 + abs(found))
        assert float(rate.lower()) <= found + 1e-12 * (1 + abs(found))
        assert float(rate.lower()) >= found - tolerance
        assert float(rate.upper()) >= found - tolerance

    @pytest.mark.parametrize("seed", range(6))
    def test_corrupted_parameters_give_a_shorter_key_and_the_right_one(self, seed: int) -> None:
        run = OPERATING
        rng = np.random.default_rng(seed)
        best = renyi_parameters(run)
        bad = RenyiParameters(
            order=best.order * float(rng.uniform(0.7, 1.5)),
            loss_score=best.loss_score * float(rng.uniform(0.9, 1.1)),
            win_score=best.win_score * float(rng.uniform(0.9, 1.1)),
            reference=float(rng.uniform(0.7, 0.9)),
            score=best.score,
        )
        key = renyi_key(run, "toeplitz", bad)
        f_0 = bad.loss_score - math.log2(1 - bad.reference)
        f_1 = bad.win_score - math.log2(bad.reference)
        expected = run.rounds * rate_by_scan(13 / 256, bad.order, f_0, f_1) + bad.score - 296_517 + 2
        expected += (1 + bad.order) / bad.order * math.log2(run.budget)
        assert key.length - key.deficit == pytest.approx(expected, abs=1.5)
        # at its own honest threshold no other choice beats the best one
        honest = length_in_floats(run, [math.log(bad.order), f_0, f_1, bad.reference])
        assert honest <= renyi_key(run, "toeplitz").length + 296_517 + 1

    def test_a_higher_score_is_a_longer_key_that_honest_runs_miss(self) -> None:
        run = OPERATING
        best = renyi_parameters(run)
        greedy = renyi_key(run, "toeplitz", replace(best, score=best.score + 80_000))
        assert greedy.length == pytest.approx(391_922 + 80_000, abs=2)
        assert greedy.completeness is not None
        assert greedy.completeness < 0.5

    def test_no_more_bits_than_are_hashed(self) -> None:
        run = OPERATING
        assert renyi_key(run, "toeplitz", replace(renyi_parameters(run), score=1e12)).length == run.rounds

    @pytest.mark.parametrize(
        ("changes", "argument"),
        [
            ({"order": 0.0}, "order"),
            ({"order": -1e-4}, "order"),
            ({"order": math.nextafter(1, 2)}, "order"),  # α > 2
            ({"order": math.nan}, "order"),
            ({"loss_score": math.inf}, "loss_score"),
            ({"score": math.nan}, "score"),
            ({"reference": 0.0}, "reference"),
            ({"reference": 1.0}, "reference"),
            ({"loss_score": 40.0}, "win_score"),  # u_1 < u_0
            ({"win_score": -200.0}, "win_score"),
        ],
    )
    def test_what_the_theorem_does_not_admit(self, changes: dict[str, float], argument: str) -> None:
        run = OPERATING
        with pytest.raises(InputError, match=rf"^{argument}: expected") as caught:
            renyi_key(run, "toeplitz", replace(renyi_parameters(run), **changes))
        assert caught.value.argument == argument

    def test_equal_weights_are_the_last_admissible_ones(self) -> None:
        # u_0 = u_1: the tests are not used, and devices that lose them all leave no entropy
        rate = entropy_rate(Fraction(1, 2), Fraction(1, 100), 0, 0)
        assert abs(rate) < 1e-9
        with pytest.raises(InputError, match="weight of won tests not below that of lost ones"):
            entropy_rate(Fraction(1, 2), Fraction(1, 100), Fraction(1, 10**30), 0)

    def test_certificate_is_enough(self) -> None:
        key = renyi(OPERATING)
        assert key.certificate is not None
        document = {**key.certificate.data(), **key.certificate.parameters}
        gamma, order, reference, score, g_0, g_1, soundness = (
            Fraction(document[name])
            for name in ("gamma", "order", "reference", "score", "loss_score", "win_score", "soundness")
        )
        f_0 = float(g_0) - math.log2(1 - reference)
        f_1 = float(g_1) - math.log2(reference)
        left = soundness - Fraction(4, 2**61)
        length = document["rounds"] * rate_by_scan(float(gamma), float(order), f_0, f_1) + float(score) + 2
        length += float((1 + order) / order) * math.log2(left) - document["syndrome_length"]
        assert math.floor(length) == key.length


class TestVaryingLength:
    def test_at_the_threshold_it_is_the_fixed_one(self) -> None:
        run = OPERATING
        p = renyi_parameters(run)
        wins = 63_000
        losses = math.floor((p.score - wins * p.win_score) / p.loss_score)
        fixed = renyi_key(run, "toeplitz", p).length
        assert 0 <= renyi_length(run, p, losses=losses, wins=wins) - fixed <= -p.loss_score

    def test_an_honest_run_yields_more(self) -> None:
        run = OPERATING
        p = renyi_parameters(run)
        tests = run.rounds * Fraction(run.gamma)
        length = renyi_length(run, p, losses=round(tests * (1 - run.winning)), wins=round(tests * run.winning))
        assert length > 391_922 + 50_000

    def test_loses_with_losses_and_ends_at_none(self) -> None:
        run = OPERATING
        p = renyi_parameters(run)
        lengths = [renyi_length(run, p, losses=losses, wins=63_000) for losses in (12_000, 13_000, 14_000, 20_000)]
        assert lengths == sorted(lengths, reverse=True)
        assert lengths[-1] == 0

    @pytest.mark.parametrize("counts", [(-1, 5), (2, -1), (1_000_000, 600_000), (1.5, 2)])
    def test_bad_counts(self, counts: tuple[int, int]) -> None:
        run = OPERATING
        with pytest.raises(InputError, match=r"^(losses|wins): expected"):
            renyi_length(run, renyi_parameters(run), losses=counts[0], wins=counts[1])


class TestCompleteness:
    @pytest.mark.parametrize("rounds", [250_000, 1_500_000])
    @pytest.mark.parametrize("deviations", [1, 3])
    def test_simulation(self, rounds: int, deviations: int) -> None:
        run = replace(OPERATING, rounds=rounds, deviations=deviations)
        p = renyi_parameters(run)
        bound = score_completeness(run, p)
        assert bound is not None
        gamma, won = float(run.gamma), float(run.winning)
        draws = np.random.default_rng(7).multinomial(rounds, [gamma * (1 - won), gamma * won, 1 - gamma], size=200_000)
        passed = np.mean(draws[:, 0] * p.loss_score + draws[:, 1] * p.win_score >= p.score)
        error = math.sqrt(passed * (1 - passed) / 200_000)
        assert bound <= passed + 5 * error
        assert bound >= passed - 5 * error - 0.025  # each block of lost tests at its worst

    def test_scores_of_unusual_signs_claim_nothing(self) -> None:
        run = OPERATING
        p = replace(renyi_parameters(run), loss_score=-200.0, win_score=-1.0)
        assert score_completeness(run, p) is None


class TestInputs:
    def test_trevisan_is_refused(self) -> None:
        """The error names what to ask for; by default the theorem has its own."""
        assert finite_key(LINK, rounds=10**6, gamma=0.05, theorem="renyi").extractor == "toeplitz"
        with pytest.raises(UnsupportedError, match=r"toeplitz .*exactly uniform.* found trevisan"):
            finite_key(LINK, rounds=10**6, gamma=0.05, theorem="renyi", extractor="trevisan")

    @pytest.mark.parametrize("chsh", [math.nextafter(2, 3), 2.0001])
    def test_edge_of_the_classical(self, chsh: float) -> None:
        key = renyi(Run(Link(chsh, 0.0), rounds=10**6, gamma=0.05))
        assert (key.length, key.status) == (0, Status.NO_KEY)
        assert key.deficit > 0

    def test_a_soundness_that_no_double_holds(self) -> None:
        # what is left of it for secrecy, 1e-400, underflows; the exact fraction does not
        soundness = Fraction(1, 2**59) + Fraction(1, 10**400)
        run = Run(LINK, rounds=10**8, gamma=0.05)
        assert 0 < renyi(replace(run, soundness=soundness)).length < renyi(run).length

    def test_circulant_hash_is_exactly_uniform(self) -> None:
        # what the theorem asks of a hash, for all differences of 3-bit strings and keys of 1 to 3 bits
        size = extractors.extractor("circulant").seed(3, 1, 1e-3)
        for length in (1, 2, 3):
            for difference in range(1, 8):
                collisions = 0
                for seed in range(1 << size):
                    rotated = [(seed >> k | seed << (size - k)) & ((1 << size) - 1) for k in range(size)]
                    collisions += all(((rotated[k] & difference).bit_count() & 1) == 0 for k in range(length))
                assert collisions << length == 1 << size

    @pytest.mark.parametrize("extractor", ["toeplitz", "circulant"])
    def test_exact_hashes_take_the_same_length(self, extractor: str) -> None:
        assert key_of_run(OPERATING, theorem="renyi", extractor=extractor).length == 391_922
