"""The key length by entropy accumulation: the published run, another evaluation, restarts, and bad parameters."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from keybounds.bounds import Link, Run, Status
from keybounds.bounds.lower import chsh_rate, finite_key
from keybounds.bounds.run import FiniteKey, key_of_run
from keybounds.bounds.run.eat import EatParameters, eat_terms
from keybounds.bounds.run.eat_key import eat_key
from keybounds.bounds.run.eat_search import eat_parameters
from keybounds.bounds.run.extractors import extractor
from keybounds.errors import BehaviourError, InputError, UnknownNameError
from keybounds.experiments import TSIRELSON, Behaviour, load

LINK = Link(Fraction("2.64"), Fraction("0.018"))
PUBLISHED = Run(LINK, rounds=1_500_000, gamma=Fraction(13, 256), soundness=Fraction(1, 10**10))
RUNS = {
    "published": PUBLISHED,
    "singlet": replace(PUBLISHED, link=Link(TSIRELSON, 0), rounds=320_000),
    "weak-and-long": replace(PUBLISHED, link=Link(2.5, 0.03), rounds=10**8, gamma=0.01, soundness=1e-6),
    "mostly-tests": replace(PUBLISHED, link=Link(2.3, Fraction("0.018")), rounds=10**5, gamma=0.9, soundness=1e-17),
    "tiny": replace(PUBLISHED, rounds=20),
    "huge": replace(PUBLISHED, rounds=10**13, soundness=1e-3),
}


def worth(run: Run) -> int:
    """The length, or minus what is missing for the first bit."""
    key = key_of_run(run)
    return key.length - key.deficit


def test_the_published_run() -> None:
    # Fails if a term, the threshold, the syndrome or the optimisation departs from nadlinger2022.
    key = key_of_run(PUBLISHED)
    assert abs(key.length - 95_884) <= 3
    assert key.threshold == pytest.approx(0.825538, abs=5e-7)
    assert key.syndrome_length == 296_517
    assert key.rate == pytest.approx(0.0639, abs=5e-5)
    assert key.status is Status.ENCLOSED
    assert sum(term.bits for term in key.terms) == pytest.approx(key.length, abs=1)


def test_the_published_balance_sheet_line_by_line() -> None:
    # At the published length; the optimised one is a bit longer.
    printed = load("nadlinger2022-protocol").values
    balance = key_of_run(PUBLISHED).balance
    lines = {item.step: (item.consumed, item.reusable) for item in balance.items}
    assert lines == {
        "validation of error correction": (64, printed["hash_seed_bits"].value),
        "authentication": (128, 0),
        "key activation": (64, 0),
        "privacy amplification": (0, printed["extractor_seed_bits"].value),
    }
    assert balance.consumed == printed["consumed_bits"].value
    assert balance.reusable == printed["reused_bits"].value
    assert balance.initial == printed["initial_key_bits"].value
    surplus = balance.generated - printed["key_bits"].value
    assert balance.final - surplus == printed["final_key_bits"].value
    assert balance.net - surplus == printed["net_key_bits"].value


@pytest.mark.parametrize("name", RUNS)
def test_terms_add_up_to_the_published_formula(name: str, independent: Callable[[Run, FiniteKey], float]) -> None:
    # Another library, another minimiser, another derivative: a slip in any term shows.
    key = key_of_run(RUNS[name])
    total = sum(term.bits for term in key.terms if term.name != "extractor_output")
    expected = independent(RUNS[name], key)
    assert total == pytest.approx(expected, rel=1e-12, abs=1e-6)
    assert total <= expected + 1e-9 * abs(expected)
    if key.length:
        assert key.length + 4 * math.log2(key.length) <= expected < key.length + 1 + 4 * math.log2(key.length + 1)
    else:
        assert key.deficit == math.ceil(1 - expected)


@pytest.mark.parametrize("name", ["toeplitz", "circulant"])
def test_hashing_extractors_add_up(name: str, independent: Callable[[Run, FiniteKey], float]) -> None:
    key = key_of_run(PUBLISHED, extractor=name)
    assert key.length == math.floor(independent(PUBLISHED, key))
    assert key_of_run(PUBLISHED).length < key.length < key_of_run(PUBLISHED).length + 200


@pytest.mark.parametrize("name", ["published", "singlet", "weak-and-long", "mostly-tests"])
def test_random_restarts_gain_nothing(name: str) -> None:
    # The search is nested and starts once: a better basin elsewhere would show here.
    run = RUNS[name]
    trevisan = extractor("trevisan")
    budget = float(run.budget)

    def total(parameters: EatParameters) -> float:
        with ctx.workprec(128):
            return float(sum(eat_terms(run, parameters, trevisan).values(), arb(0)))

    best = eat_parameters(run, trevisan)
    reference = total(best)
    rng = np.random.default_rng(6)
    for _ in range(20):
        start = rng.normal(0, 1.5, 7)

        def loss(x: np.ndarray, best: EatParameters = best) -> float:
            """All seven parameters free, in coordinates around the optimum that stay admissible."""
            shares = np.array([best.smoothing_1 * 2, best.smoothing_2 * 4, 0, best.extractor_error])
            shares[2] = budget - shares.sum()
            shares = shares * np.exp(np.clip([x[3], x[4], 0, x[5]], -30, 30))
            shares *= budget * (1 - 1e-9) / shares.sum()
            edge = (1 + math.sqrt(0.5)) / 2
            logit = math.log((best.tangent - 0.75) / (edge - best.tangent)) + x[0]
            moved = replace(
                best,
                tangent=0.75 + (edge - 0.75) / (1 + math.exp(-min(max(logit, -25), 25))),
                order_1=min(best.order_1 * math.exp(x[1]), 0.99),
                order_2=min(best.order_2 * math.exp(x[2]), 0.4),
                smoothing=shares[:3].sum() / 2,
                smoothing_1=shares[0] / 2,
                smoothing_2=shares[1] / 4,
                extractor_error=shares[3],
                minimiser=min(max(best.minimiser + 0.01 * x[6], 0.15), edge - 1e-9),
            )
            return -total(moved)

        found = minimize(loss, start, method="Powell", options={"maxfev": 150})
        assert -found.fun < reference + 2


def test_any_admissible_parameters_give_a_shorter_or_equal_key(independent: Callable[[Run, FiniteKey], float]) -> None:
    # Sloppy optimisers are allowed: each field is moved, and the length still is what the formula says.
    run = PUBLISHED
    best = eat_parameters(run, extractor("trevisan"))
    for changes in (
        {"tangent": 0.79},
        {"order_1": 1e-3},
        {"order_2": 0.2},
        {"smoothing_1": 1e-20},
        {"extractor_error": 1e-30},
    ):
        key = eat_key(run, "trevisan", replace(best, **changes))
        total = sum(term.bits for term in key.terms if term.name != "extractor_output")
        assert total <= independent(run, key) + 1e-6
        assert key.length <= eat_key(run, "trevisan", best).length + 2


@pytest.mark.parametrize("minimiser", [0.15, 0.5, 0.75, math.nextafter(0.75, 1), 0.8, 0.8535])
def test_a_bad_minimiser_only_costs_key(minimiser: float) -> None:
    # Were the subgradient's sign or side wrong, some point would give an infimum above the true one.
    run = PUBLISHED
    best = eat_parameters(run, extractor("trevisan"))
    moved = eat_key(run, "trevisan", replace(best, minimiser=minimiser)).term("variance")
    assert moved.bits <= eat_key(run, "trevisan", best).term("variance").bits + 1e-6


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tangent", 0.75),
        ("tangent", (1 + math.sqrt(0.5)) / 2 + 1e-15),
        ("tangent", math.nan),
        ("order_1", 0.0),
        ("order_1", 1.0),
        ("order_2", 1 / math.log2(5) + 1e-12),
        ("order_2", -1e-3),
        ("smoothing_1", 0.0),
        ("smoothing_2", -1e-12),
        ("smoothing", 1e-11),
        ("smoothing", 5.0001e-11),
        ("extractor_error", 0.0),
        ("extractor_error", 1e-10),
        ("extractor_error", math.inf),
        ("minimiser", 0.14),
        ("minimiser", math.nan),
    ],
)
def test_corrupted_parameters_are_refused(field: str, value: float) -> None:
    # A search that returns rubbish must not make a key.
    run = PUBLISHED
    best = eat_parameters(run, extractor("trevisan"))
    with pytest.raises(
        InputError, match=rf"^{field}: expected|^smoothing: expected above|^extractor_error: expected at most"
    ):
        eat_key(run, "trevisan", replace(best, **{field: value}))


def test_the_whole_budget_is_admissible_and_no_more() -> None:
    run = PUBLISHED
    best = eat_parameters(run, extractor("trevisan"))
    assert Fraction(best.extractor_error) + 2 * Fraction(best.smoothing) <= run.budget
    with pytest.raises(InputError, match="extractor_error"):
        eat_key(run, "trevisan", replace(best, extractor_error=best.extractor_error * (1 + 1e-6)))


@settings(deadline=None, max_examples=25)
@given(
    rounds=st.integers(10_000, 10**11),
    gamma=st.floats(0.002, 0.98),
    chsh=st.floats(2.05, TSIRELSON),
    qber=st.floats(0, 0.1),
)
def test_below_the_asymptotic_rate_of_the_same_gamma(rounds: int, gamma: float, chsh: float, qber: float) -> None:
    # n (H - h(Q)) and what γ changes: Bob's test bits, and the syndrome of test rounds instead of key rounds.
    run = Run(Link(chsh, qber), rounds=rounds, gamma=gamma)
    rate = chsh_rate(run.link)
    asymptotic = rate.value if rate.status is not Status.NO_KEY else rate.diagnostics["unclamped"]

    def h(x: float) -> float:
        return -x * math.log2(x) - (1 - x) * math.log2(1 - x) if 0 < x < 1 else 0.0

    changed = gamma * (h(qber) - h((4 - chsh) / 8) - 1)
    assert worth(run) <= max(rounds * (asymptotic + changed), 0) + 1


@settings(deadline=None, max_examples=15)
@given(
    rounds=st.integers(200_000, 10**9),
    gamma=st.floats(0.01, 0.5),
    chsh=st.floats(2.3, 2.8),
    qber=st.floats(0.001, 0.06),
    soundness=st.floats(1e-15, 1e-3),
)
def test_monotone(rounds: int, gamma: float, chsh: float, qber: float, soundness: float) -> None:
    # More Bell violation, less noise, a weaker promise: never a shorter key. Two bits for the search and the floors.
    run = Run(Link(chsh, qber), rounds=rounds, gamma=gamma, soundness=soundness)
    here = worth(run)
    assert worth(replace(run, link=Link(chsh + 0.01, qber))) >= here - 2
    assert worth(replace(run, link=Link(chsh, qber * 0.9))) >= here - 2
    assert worth(replace(run, soundness=soundness * 1.5)) >= here - 2
    if here > 0:
        assert worth(replace(run, rounds=rounds + rounds // 50)) >= here - 2


def test_the_rate_approaches_the_asymptotic_one() -> None:
    rates = [key_of_run(replace(PUBLISHED, rounds=10**k)).rate for k in range(7, 16)]
    assert rates == sorted(rates)
    h_wins, h_errors = 0.6577047787, 0.1300588389  # h(.17), h(.018)
    gamma = 13 / 256
    limit = chsh_rate(LINK).value + gamma * (h_errors - h_wins - 1)
    assert limit - 1e-4 < rates[-1] < limit


def test_a_run_too_short_has_no_key_and_says_by_how_much() -> None:
    key = key_of_run(replace(PUBLISHED, rounds=10**5))
    assert (key.length, key.status, key.balance.generated, key.balance.reusable) == (0, Status.NO_KEY, 0, 1280)
    assert key.deficit == 84_092
    assert json.loads(json.dumps(key.to_dict(), allow_nan=False))["deficit"] == key.deficit


def test_a_shorter_syndrome_is_worth_its_bits() -> None:
    # 112 402 bits at m = 280 000: what a better code gains, but for the logarithm of the length.
    key = key_of_run(replace(PUBLISHED, leakage=280_000))
    assert key.syndrome_length == 280_000
    assert key.length == pytest.approx(112_402, abs=3)


def test_the_function_makes_the_run() -> None:
    key = finite_key(
        LINK, rounds=1_500_000, gamma=Fraction(13, 256), soundness=Fraction(1, 10**10), leakage=280_000, deviations=2
    )
    assert key == key_of_run(replace(PUBLISHED, leakage=280_000, deviations=2))
    assert key.thing == replace(PUBLISHED, leakage=280_000, deviations=2).thing != PUBLISHED.thing


def test_a_behaviour_gives_what_its_figures_give() -> None:
    model = load("nadlinger2022-link").models["bell-diagonal"].behaviour()
    same = key_of_run(replace(PUBLISHED, link=Link(model.chsh, model.qber(0, 2))))
    assert key_of_run(replace(PUBLISHED, link=Link.of(model))).length == same.length
    measured = load("nadlinger2022-link").behaviour
    assert measured is not None
    assert key_of_run(replace(PUBLISHED, link=Link.of(measured))).length == pytest.approx(194_000, abs=3_000)


def test_the_sign_of_the_chsh_value_is_a_matter_of_labels() -> None:
    mirrored = replace(PUBLISHED, link=Link(-LINK.chsh, LINK.qber))
    assert key_of_run(mirrored).length == key_of_run(PUBLISHED).length


def test_an_estimate_beyond_quantum_theory_is_refused() -> None:
    counts = np.zeros((2, 2, 2, 2), dtype=int)
    for x in (0, 1):
        for y in (0, 1):
            counts[0, x & y, x, y], counts[1, 1 - (x & y), x, y] = 3, 2
    with pytest.raises(BehaviourError, match="2√2"):
        finite_key(Link.of(Behaviour.from_counts(counts), (0, 1)), rounds=10**6, gamma=0.05)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("gamma", 0),
        ("gamma", 1),
        ("gamma", math.nan),
        ("soundness", 2.0**-59),
        ("soundness", 1),
        ("rounds", 19),
        ("rounds", 1.5),
        ("rounds", math.inf),
        ("deviations", -1),
        ("leakage", -1),
        ("leakage", 0.5),
    ],
)
def test_bad_input_is_named(argument: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"^{argument}: expected") as error:
        replace(PUBLISHED, **{argument: value})
    assert error.value.argument == argument


@pytest.mark.parametrize(
    ("chsh", "qber", "argument"), [(2, 0, "chsh"), (-2, 0, "chsh"), (2.83, 0, "chsh"), (2.5, 0.51, "qber")]
)
def test_a_link_without_key_is_named(chsh: float, qber: float, argument: str) -> None:
    with pytest.raises(InputError, match=rf"^{argument}: expected") as error:
        finite_key(Link(chsh, qber), rounds=10**6, gamma=0.05)
    assert error.value.argument == argument


def test_what_is_no_link_is_named() -> None:
    with pytest.raises(InputError, match=r"^link: expected a Link"):
        finite_key(2.64, rounds=10**6, gamma=0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize("argument", ["theorem", "extractor"])
def test_unknown_names_are_refused(argument: str) -> None:
    with pytest.raises(UnknownNameError, match="expected one of"):
        key_of_run(PUBLISHED, **{argument: "none such"})
