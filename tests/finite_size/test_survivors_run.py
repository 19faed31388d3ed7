"""What a run is worth at the ends of its ranges: constants of extractors, thresholds, the last admissible soundness."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from flint import arb

from keybounds.bounds import Link, Run
from keybounds.bounds.run import key_of_run
from keybounds.bounds.run.collective import collective_key, minimal_collective_rounds
from keybounds.bounds.run.extractors import EXTRACTORS, extractor
from keybounds.bounds.run.key import BalanceItem
from keybounds.bounds.run.renyi import RenyiParameters
from keybounds.bounds.run.renyi_key import _threshold, renyi_length
from keybounds.errors import BoundNotEstablishedError, InputError

RUN = Run(Link(2.6, 0.02), rounds=10**6, gamma=Fraction(1, 50))
LAST = Fraction(4, 2**61)  # what the hashes take


@pytest.mark.parametrize(
    ("name", "weight", "constant", "overhead"), [("trevisan", 4, 0, 4), ("toeplitz", 2, 2, 0), ("circulant", 2, 2, 0)]
)
def test_what_an_extractor_costs(name: str, weight: int, constant: int, overhead: int) -> None:
    """c log(1/ε) and the constant of the leftover hash lemma, or of mauerer2012, and 4 log ℓ of the latter alone."""
    chosen = extractor(name)
    assert (chosen.error_weight, chosen.constant) == (weight, constant)
    assert abs(chosen.overhead(1024) - 10 * overhead) < 1e-12
    assert chosen.overhead(0) == 0
    length = chosen.length(arb("1234.9"))
    assert length == max(n for n in range(1, 1235) if n + overhead * math.log2(n) <= 1234.9)
    assert [chosen.length(arb(x)) for x in ("1", "0.999", "-3")] == [1, 0, 0]
    assert EXTRACTORS[name] is chosen


@pytest.mark.parametrize(
    ("loss", "win", "score", "share"),
    [
        (-90.0, 10.0, 100_000.0, Fraction(95, 100)),  # 20 000 tests of 5 each, from -90 in steps of 100
        (-90.0, 10.0, -1e9, 0),
        (-90.0, 10.0, 1e9, 1),
        (1.0, 1.0, 5.0, 0),
        (2.0, 1.0, 5.0, 0),
        (-4.0, 4.0, 0.0, Fraction(1, 2)),
    ],
)
def test_the_share_of_won_tests_that_reaches_a_score(loss: float, win: float, score: float, share: Fraction) -> None:
    parameters = RenyiParameters(order=0.01, loss_score=loss, win_score=win, reference=0.8, score=score)
    assert abs(_threshold(RUN, parameters) - arb(share.numerator) / share.denominator) < 1e-15


def design(mean: float) -> Any:
    """A score that honest devices have without chance, and a question that is only named."""
    protocol = SimpleNamespace(to_dict=lambda: {"discussion": "one-way"})
    question = SimpleNamespace(thing=SimpleNamespace(digest="0" * 32), protocol=protocol)
    score = SimpleNamespace(mean=mean, deviation=0.0, greatest=mean + 0.25, least=mean - 0.5, slack=1e-12)
    return SimpleNamespace(score=score, reconciliation=0.125, question=question)


@pytest.mark.parametrize(("soundness", "admissible"), [(LAST, False), (LAST * Fraction(9, 8), True), (1, False)])
def test_the_soundness_of_a_collective_key(soundness: Fraction, admissible: bool) -> None:
    if admissible:
        assert collective_key(design(0.9), rounds=10**7, soundness=soundness).length > 0
        return
    with pytest.raises(InputError, match="soundness"):
        collective_key(design(0.9), rounds=10**7, soundness=soundness)


@pytest.mark.parametrize(
    ("rounds", "tests", "wrong"),
    [
        (3, None, "rounds"),
        (4, None, ""),
        (4, 2, ""),
        (5, 1, "tests"),
        (5, 4, "tests"),
        (5, 3, ""),
        (10**18 + 1, None, "rounds"),
    ],
)
def test_the_rounds_and_tests_of_a_collective_key(rounds: int, tests: int | None, wrong: str) -> None:
    if not wrong:
        key = collective_key(design(0.9), rounds=rounds, tests=tests)
        assert (key.length, key.rounds) == (0, rounds)
        assert key.deficit > 0
        return
    with pytest.raises(InputError, match=wrong):
        collective_key(design(0.9), rounds=rounds, tests=tests)


def test_the_fewest_rounds_of_a_collective_key_within_a_per_mille() -> None:
    found = minimal_collective_rounds(design(0.9), soundness=1e-6)
    assert collective_key(design(0.9), rounds=found, soundness=1e-6).length > 0
    assert collective_key(design(0.9), rounds=found - found // 900, soundness=1e-6).length == 0
    with pytest.raises(BoundNotEstablishedError, match=r"no key in 1e\+18 rounds"):
        minimal_collective_rounds(design(0.1))
    with pytest.raises(BoundNotEstablishedError, match=r"no key in 1e\+03 rounds"):
        minimal_collective_rounds(design(0.9), longest=1000)
    assert minimal_collective_rounds(design(0.9), soundness=1e-6, longest=found) == pytest.approx(found, rel=0.01)


def test_a_collective_key_adds_up() -> None:
    """ℓ = ⌊n_k (φ - slack) - 4 log(2+√2) √(n_k log(2/ε_s²)) - 2 log(1/ε_PA) + 2 - m - 264⌋."""
    key = collective_key(design(0.9), rounds=10**6, soundness=1e-6, tests=10_000)
    left, p = 990_000, key.parameters
    m = math.ceil(left * 0.125) + 50 * 1000
    assert key.syndrome_length == m
    chance = 7 * 0.75 * math.log(2 / (1e-6 - float(LAST))) / (3 * 9_999)
    assert key.threshold == pytest.approx(0.9 - chance, rel=1e-12)
    total = (
        left * (key.threshold - 1e-12)
        - 4 * math.log2(2 + math.sqrt(2)) * math.sqrt(left * math.log2(2 / p["smoothing"] ** 2))
        + 2 * math.log2(p["extractor_error"])
        + 2 - m - 264
    )  # fmt: skip
    assert key.length == math.floor(total)


@pytest.mark.parametrize("theorem", ["renyi", "eat-2019", "eat-2018", "aep-iid"])
def test_what_has_no_key_needs_no_seed(theorem: str) -> None:
    short, long = (key_of_run(replace(RUN, rounds=n), theorem=theorem, extractor="toeplitz") for n in (60, 10**10))
    assert short.length == 0 < long.length
    assert short.balance.items[-1] == BalanceItem("privacy amplification", 0, 0, 0)
    assert long.balance.items[-1] == BalanceItem("privacy amplification", 0, 10**10 + long.length - 1, long.length)


@pytest.mark.parametrize(("theorem", "weight"), [("eat-2019", 1), ("eat-2018", 1), ("aep-iid", 0)])
@pytest.mark.parametrize("name", ["toeplitz", "trevisan"])
def test_the_formula_of_the_extractors_error(theorem: str, weight: int, name: str) -> None:
    key = key_of_run(replace(RUN, rounds=10**7), theorem=theorem, extractor=name)
    formula = next(term.formula for term in key.terms if term.name == "extractor_error")
    chosen = extractor(name)
    assert formula == f"-{weight + chosen.error_weight} log(1/ε_PA)" + (" + 2" if name == "toeplitz" else "")


def test_every_round_may_have_been_a_test_and_no_more() -> None:
    parameters = RenyiParameters(order=0.01, loss_score=-90.0, win_score=10.0, reference=0.8, score=0.0)
    assert (
        renyi_length(RUN, parameters, losses=0, wins=10**6) > 0 == renyi_length(RUN, parameters, losses=10**6, wins=0)
    )
    with pytest.raises(InputError, match="at most 1000000 tests together"):
        renyi_length(RUN, parameters, losses=1, wins=10**6)
