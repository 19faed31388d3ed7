"""The searches for parameters against the theorems they search for: their values, and that no step beside is better.

Nothing rests on a search but the length of the key, and a slip in one costs key that nobody misses. The runs are such
that no two constants coincide: deviations that are not 3, an extractor of weight 1, errors that differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx
from scipy.optimize import minimize_scalar

from keybounds.bounds import Link, Run
from keybounds.bounds.run import collective, eat, eat_search, first_order, iid, renyi_search
from keybounds.bounds.run.extractors import extractor
from keybounds.bounds.run.loss_limited import in_doubles
from keybounds.bounds.run.renyi import RenyiParameters, renyi_terms
from keybounds.bounds.run.run import accepted_losses
from keybounds.bounds.run.tails import fewer
from keybounds.enclosure import ball

RUN = Run(Link(2.6, 0.02), rounds=3_000_000, gamma=0.017, soundness=Fraction(3, 10**8), deviations=2.5, leakage=10**5)
SHORT = Run(Link(2.75, 0.01), rounds=40_000, gamma=0.3, soundness=Fraction(1, 10**3), deviations=1, leakage=7_000)
NOT_SEARCHED = ("syndrome", "constant", "test_outcomes")


@pytest.fixture(autouse=True)
def precise() -> Iterator[None]:
    with ctx.workprec(128):
        yield


# --- entropy accumulation ---------------------------------------------------------------------------------------------


def worth(run: Run, parameters: eat.EatParameters, name: str) -> float:
    chosen = extractor(name)
    terms = eat.eat_terms(run, parameters, chosen)
    kept = sum((value for term, value in terms.items() if term not in NOT_SEARCHED), arb(0))
    return float(kept - chosen.constant)


@pytest.mark.parametrize("name", ["toeplitz", "trevisan"])
@pytest.mark.parametrize(("run", "tangent"), [(RUN, 0.80), (RUN, 0.842), (SHORT, 0.815)])
def test_the_search_values_a_tangent_as_the_theorem_does_and_leaves_nothing(
    run: Run, tangent: float, name: str
) -> None:
    """At its orders, errors and minimiser no other ones, a percent away on either side, are worth more."""
    problem = eat_search._Problem(run, extractor(name))
    inner, found = problem.inner(tangent), problem.parameters(tangent)
    here = worth(run, found, name)
    assert inner.value == pytest.approx(here, rel=1e-9, abs=1e-3)
    for by in (0.99, 1.01):
        for order in ("order_1", "order_2"):
            moved = replace(found, **{order: getattr(found, order) * by})
            assert worth(run, moved, name) < here
        rest = found.smoothing - found.smoothing_1 - 2 * found.smoothing_2
        first, second = found.smoothing_1 * (by - 1), found.smoothing_2 * (by - 1)
        for moved in (
            replace(found, smoothing_1=found.smoothing_1 + first, smoothing=found.smoothing + first,
                    extractor_error=found.extractor_error - 2 * first),
            replace(found, smoothing_2=found.smoothing_2 + second, smoothing=found.smoothing + 2 * second,
                    extractor_error=found.extractor_error - 4 * second),
            replace(found, smoothing=found.smoothing + rest * (by - 1),
                    extractor_error=found.extractor_error - 2 * rest * (by - 1)),
        ):  # fmt: skip
            if moved.extractor_error > 0 and moved.extractor_error + 2 * moved.smoothing <= run.budget:
                assert worth(run, moved, name) < here
    spent = found.extractor_error + 2 * found.smoothing
    assert 1 - 1e-11 < spent / float(run.budget) <= 1


@pytest.mark.parametrize(("run", "name"), [(RUN, "toeplitz"), (SHORT, "trevisan")])
def test_no_other_tangent_is_worth_more(run: Run, name: str) -> None:
    problem = eat_search._Problem(run, extractor(name))
    found = eat_search.eat_parameters(run, extractor(name))
    best = problem.inner(found.tangent).value
    for x in [k / 50 for k in range(1, 50)]:
        tangent = eat_search._tangent(x)
        assert problem.inner(tangent).value <= best + 1e-6
    for step in (-1e-4, 1e-4):
        assert problem.inner(found.tangent + step).value < best


@pytest.mark.parametrize("beyond", [-1e-3, 0.0, 1e-3, 0.5])
def test_the_kink_is_the_minimiser_up_to_where_the_slope_left_of_it_turns(beyond: float) -> None:
    problem, slope = eat_search._Problem(replace(RUN, gamma=0.8), extractor("toeplitz")), eat_search.entropy_slope(0.8)
    ahead, behind = (problem._variance(0.75 + step, slope) for step in (1e-6, -1e-6))
    order = (slope + beyond) / ((behind - ahead) / 2e-6)
    found = problem._minimiser(0.8, slope, order)
    assert (found < 0.75) is (beyond > 0)
    assert found == 0.75 or abs(found - 0.75) > 1e-7


def test_tangents_are_between_the_classical_and_the_quantum_end() -> None:
    edge = (1 + math.sqrt(0.5)) / 2
    assert eat_search._tangent(0.0) == 0.75
    assert eat_search._tangent(1.0) == pytest.approx(edge, abs=1e-15)
    assert edge - eat_search._tangent(0.9) == pytest.approx((edge - 0.75) / 100)


@pytest.mark.parametrize(
    ("order", "tangent"), [(1e-4, 0.83), (3e-3, 0.80), (5e-3, 0.85), (0.05, 0.84), (0.3, 0.8), (0.9, 0.853)]
)
@pytest.mark.parametrize("gamma", [0.017, 0.4, 0.8])
def test_the_minimiser_is_where_the_function_is_least(order: float, tangent: float, gamma: float) -> None:
    """Above the kink at 3/4, on it, below it, and at the least winning probability that there is."""
    problem = eat_search._Problem(replace(RUN, gamma=gamma), extractor("toeplitz"))
    slope = eat_search.entropy_slope(tangent)
    found = problem._minimiser(tangent, slope, order)

    def loss(omega: float) -> float:
        return eat_search.entropy(omega) - omega * slope - order * problem._variance(omega, slope)

    low, high = (1 - math.sqrt(0.5)) / 2, (1 + math.sqrt(0.5)) / 2
    least = min(
        float(minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-12}).fun)
        for ends in ((low, 0.75), (0.75, high - 1e-12))
    )
    assert low < found < high
    assert loss(found) <= least + 1e-9 * (1 + abs(least))


def test_the_minimisers_above_are_of_all_four_kinds() -> None:
    kinds = set()
    for order, tangent in [(1e-4, 0.83), (3e-3, 0.80), (5e-3, 0.85), (0.05, 0.84), (0.3, 0.8), (0.9, 0.853)]:
        for gamma in (0.017, 0.4, 0.8):
            problem = eat_search._Problem(replace(RUN, gamma=gamma), extractor("toeplitz"))
            omega = problem._minimiser(tangent, eat_search.entropy_slope(tangent), order)
            kinds.add("end" if omega < 0.1465 else "kink" if omega == 0.75 else "above" if omega > 0.75 else "below")
    assert kinds == {"above", "kink", "below", "end"}


@pytest.mark.parametrize("winning", [0.2, 0.75, 0.7500001, 0.76, 0.8, 0.8535])
def test_the_entropy_in_doubles_is_that_in_balls(winning: float) -> None:
    assert eat_search.entropy(winning) == pytest.approx(float(eat.entropy(arb(winning))), abs=1e-12)
    if winning > 0.75:
        assert eat_search.entropy_slope(winning) == pytest.approx(float(eat.entropy_slope(arb(winning))), rel=1e-9)


def test_the_entropy_at_its_ends() -> None:
    assert eat_search.entropy_slope(0.75) == 4 / math.log(2)
    assert eat_search.entropy(0.86) == pytest.approx(1.0, abs=0.2), "a value a little beyond the end is no error"
    assert eat_search.entropy((1 + math.sqrt(0.5)) / 2) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("order", [1e-3, 0.05, 0.5])
@pytest.mark.parametrize("slope", [6.0, 40.0])
def test_the_third_order_and_its_derivative(order: float, slope: float) -> None:
    value, derivative = eat_search._third_order(order, slope)
    assert value == pytest.approx(float(eat.third_order(arb(order), arb(slope))), rel=1e-12)
    ahead, behind = (eat_search._third_order(order + step, slope)[0] for step in (1e-7, -1e-7))
    assert derivative == pytest.approx((ahead - behind) / 2e-7, rel=1e-6)
    assert math.isfinite(eat_search._third_order(0.9, 1e4)[0])


@pytest.mark.parametrize("error", [1e-30, 1e-3, 0.5, 0.99])
def test_theta_in_doubles_is_that_in_balls(error: float) -> None:
    assert eat_search._theta(error) == pytest.approx(float(eat.theta(arb(error))), rel=1e-13)
    assert eat_search._theta(error) == pytest.approx(-math.log2(1 - math.sqrt(1 - error**2)) if error > 0.1 else
                                                     1 - 2 * math.log2(error), abs=1e-6)  # fmt: skip


# --- Rényi entropies --------------------------------------------------------------------------------------------------


def renyi_worth(run: Run, parameters: RenyiParameters) -> float:
    terms = renyi_terms(run, parameters)
    return float(terms["entropy"] + terms["score"] + terms["privacy_amplification"])


@pytest.mark.parametrize("run", [RUN, SHORT])
def test_the_renyi_search_leaves_nothing(run: Run) -> None:
    """Its value is the theorem's, and its order, scores and reference are stationary: no step beside is worth more."""
    problem, found = renyi_search._Problem(run), renyi_search.renyi_parameters(run)
    inner, here = problem.inner(found.order), renyi_worth(run, found)
    assert inner.value == pytest.approx(here, rel=1e-7)
    assert found.score == pytest.approx(problem.threshold((found.loss_score, found.win_score))[0], rel=1e-12)
    spread = abs(found.loss_score) + abs(found.win_score)
    slack = 1e-7 * abs(here) + 1e-3
    for by in (-0.02, 0.02):
        order = found.order * (1 + by)
        assert renyi_worth(run, replace(found, order=order)) < here + slack
        assert problem.inner(order).value < inner.value + slack
        for name in ("loss_score", "win_score"):
            moved = replace(found, **{name: getattr(found, name) + by * spread})
            scores = moved.loss_score, moved.win_score
            moved = replace(moved, score=problem.threshold(scores)[0])
            if moved.loss_score - math.log2(1 - moved.reference) < moved.win_score - math.log2(moved.reference):
                assert renyi_worth(run, moved) < here + slack


def test_the_threshold_is_a_mean_less_deviations_and_its_slopes() -> None:
    problem, scores = renyi_search._Problem(RUN), (-91.0, 13.0)
    p = 0.017 * (4 - 2.6) / 8, 0.017 * (4 + 2.6) / 8
    assert problem.honest == pytest.approx(p, rel=1e-12)
    assert problem.log_error == pytest.approx(-math.log2(float(RUN.budget)))
    mean = p[0] * scores[0] + p[1] * scores[1]
    variance = p[0] * scores[0] ** 2 + p[1] * scores[1] ** 2 - mean**2
    value, loss, win = problem.threshold(scores)
    assert value == pytest.approx(3e6 * mean - 2.5 * math.sqrt(3e6 * variance), rel=1e-12)
    for k, slope in enumerate((loss, win)):
        ahead, behind = (
            problem.threshold(tuple(g + (step if j == k else 0) for j, g in enumerate(scores)))[0]  # type: ignore[arg-type]
            for step in (1e-4, -1e-4)
        )
        assert slope == pytest.approx((ahead - behind) / 2e-4 / 3e6, rel=1e-6)
    assert problem.threshold((0.0, 0.0))[0] == pytest.approx(0, abs=1e-100)
    assert problem._most() == pytest.approx((1 + 0.017) / 2)


@pytest.mark.parametrize(
    ("order", "loss", "win"), [(0.01, 0.003, 0.013), (0.2, 0.0021, 0.0149), (0.5, 0.004, 0.006), (0.01, 1e-5, 0.3)]
)
def test_the_weights_make_their_place_the_maximum(order: float, loss: float, win: float) -> None:
    """G is what the bracket is at most over C, by a scan; and there its two parts meet the stated conditions."""
    problem = renyi_search._Problem(RUN)
    u_loss, u_win, ceiling = problem._weights(order, loss, win)
    assert 0 < u_loss <= u_win

    def bracket(c: float) -> float:
        falls = (1 - 0.017 + 0.017 * u_loss) * renyi_search._key_sum(order, c)[0]
        return falls + 0.017 * (u_win - u_loss) * renyi_search._winning(c)

    greatest = max(map(bracket, [*(k / 4000 for k in range(4000)), 1 - 1e-12]))
    if u_loss < u_win:
        assert ceiling == pytest.approx(greatest, rel=1e-6)
        assert ceiling >= greatest * (1 - 1e-12)


@pytest.mark.parametrize("order", [1e-6, 0.02, 1.0])
@pytest.mark.parametrize("c", [1e-3, 0.3, 0.9])
def test_the_key_sum_and_its_slope(order: float, c: float) -> None:
    value, slope = renyi_search._key_sum(order, c)
    alpha = 1 + order
    assert value == pytest.approx(2**-alpha * ((1 + c) ** (1 / alpha) + (1 - c) ** (1 / alpha)) ** alpha, rel=1e-14)
    ahead, behind = (renyi_search._key_sum(order, c + by)[0] for by in (1e-5, -1e-5))
    assert slope == pytest.approx((ahead - behind) / 2e-5, rel=1e-6, abs=1e-10)
    assert renyi_search._winning(c) == pytest.approx(0.5 + math.sqrt(1 + c**2) / 4)


# --- the other theorems -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["toeplitz", "trevisan"])
def test_equipartition_takes_the_least_share_and_the_best_errors(name: str) -> None:
    run, chosen = in_doubles(RUN), extractor(name)
    found = iid.equipartition_parameters(run, chosen)
    exact = found.check(run)
    losses = accepted_losses(run)
    assert not fewer(run.rounds, Fraction(found.losing * (1 - 1e-11)), losses + 1) <= ball(run.budget)
    spent = found.extractor_error + 2 * found.smoothing
    assert 1 - 1e-11 < spent / float(run.budget) <= 1

    def total(parameters: dict[str, Fraction]) -> float:
        return float(sum(iid.equipartition_terms(run, parameters, chosen).values(), arb(0)))

    here = total(exact)
    for by in (Fraction(9, 10), Fraction(11, 10)):
        error = exact["extractor_error"] * by
        moved = exact | {
            "extractor_error": error,
            "smoothing": exact["smoothing"] + (exact["extractor_error"] - error) / 2,
        }
        assert total(moved) < here


def test_the_least_share_of_short_runs_is_within_the_tests() -> None:
    """Devices that lose every test are caught nowhere: the share ends just above γ."""
    run = in_doubles(Run(Link(2.1, 0.02), rounds=30, gamma=0.4, soundness=Fraction(1, 10**6), deviations=9))
    found = iid.equipartition_parameters(run, extractor("toeplitz"))
    assert found.losing == math.nextafter(float(run.gamma), 1.0)


@pytest.mark.parametrize(("rounds", "gamma"), [(10**10, 0.05), (3 * 10**8, 0.6)])
def test_first_order_parameters_are_near_the_best(rounds: int, gamma: float) -> None:
    run, chosen = in_doubles(replace(RUN, rounds=rounds, gamma=gamma)), extractor("toeplitz")
    found = first_order.first_order_parameters(run, chosen)

    def total(parameters: Any) -> float:
        return float(sum(first_order.first_order_terms(run, parameters, chosen).values(), arb(0)))

    here = total(found)
    spent = found.extractor_error + 2 * found.smoothing
    assert 1 - 1e-9 < spent / float(run.budget) <= 1
    slack = 2e-5 * rounds**0.5 * 100 + 1
    for tangent in [0.75 + 0.1035 * k / 60 for k in range(1, 60)]:
        assert total(replace(found, tangent=tangent)) <= here + 1e-3 * abs(here) + slack
    for by in (0.3, 3.0):
        first = found.smoothing_1 * by
        smoothing = found.smoothing + first - found.smoothing_1
        if found.extractor_error - 2 * (first - found.smoothing_1) > 0:
            moved = replace(found, smoothing_1=first, smoothing=smoothing,
                            extractor_error=found.extractor_error - 2 * (first - found.smoothing_1))  # fmt: skip
            assert total(moved) <= here + slack


@pytest.mark.parametrize(("rounds", "soundness"), [(10**6, 1e-6), (10**4, 0.3), (10**9, 1e-15)])
def test_errors_of_a_collective_key_are_the_best_within_the_budget(rounds: float, soundness: float) -> None:
    smoothing, extractor_error = collective._errors(rounds, soundness)
    budget = soundness - 4 * 2.0**-61
    assert 1 - 1e-11 < (extractor_error + 2 * smoothing) / budget <= 1

    def cost(extractor_error: float) -> float:
        smooth = (budget - extractor_error) / 2
        spread = 4 * math.log2(2 + math.sqrt(2)) * math.sqrt(rounds * math.log2(2 / smooth**2))
        return spread - 2 * math.log2(extractor_error)

    assert cost(extractor_error) <= min(cost(extractor_error * by) for by in (0.9, 1.1))


class Mean:
    """A score without a functional behind it."""

    mean, deviation, greatest, least = 0.9, 0.35, 1.25, -2.5


def test_the_accepted_score_is_the_mean_less_what_chance_may_do() -> None:
    logarithm = math.log(2 / (1e-6 - 2.0**-59))
    found = collective._accepted(Mean, 5_000, 1e-6)  # type: ignore[arg-type]
    chance = 0.35 * (collective._DEVIATIONS + math.sqrt(2 * logarithm)) / math.sqrt(5_000)
    assert found == pytest.approx(0.9 - chance - 7 * 3.75 * logarithm / (3 * 4_999), rel=1e-14)


class Design:
    score, reconciliation = Mean, 0.2


@pytest.mark.parametrize(("rounds", "soundness"), [(10**6, 1e-6), (20_000, 1e-3), (10**10, 1e-10)])
def test_the_number_of_tests_is_near_the_best(rounds: int, soundness: float) -> None:
    def worth_of(tests: int) -> float:
        left = rounds - tests
        smoothing, _ = collective._errors(left, soundness)
        cost = 4 * math.log2(2 + math.sqrt(2)) * math.sqrt(left * math.log2(2 / smoothing**2))
        return left * (collective._accepted(Mean, tests, soundness) - 0.2) - cost  # type: ignore[arg-type]

    found = collective._tests(Design, rounds, soundness)  # type: ignore[arg-type]
    assert 2 <= found <= rounds - 2
    others = [int(2 ** (1 + (math.log2(rounds - 2) - 1) * k / 300)) for k in range(301)]
    best = max(map(worth_of, (max(2, min(n, rounds - 2)) for n in others)))
    assert worth_of(found) >= best - 1e-4 * abs(best)
