"""Planning with lengths that are formulas: the shortest run, the best share of tests and the slopes are then known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from keybounds.bounds import Link, Run
from keybounds.bounds.run import planning
from keybounds.bounds.run.planning import (
    LONGEST,
    best_tested_run,
    minimal_rounds,
    sensitivity,
    shortest_run,
    shortest_tested_run,
)
from keybounds.errors import BoundNotEstablishedError, InputError

RUN = Run(Link(2.6, 0.02), rounds=10**6, gamma=Fraction(1, 50))


def granting(length: Callable[[Run], float], asked: list[Any] | None = None) -> Any:
    """A theorem that grants so many bits, or a deficit."""

    def granted(run: Run) -> Any:
        if asked is not None:
            asked.append(run)
        bits = math.floor(length(run))
        return SimpleNamespace(length=max(bits, 0), deficit=max(1 - bits, 0) if bits < 1 else 0)

    return granted


def first(length: Callable[[int], float], least: int, low: int, high: int) -> int:
    """By bisection over whole numbers."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if math.floor(length(middle)) >= least else (middle, high)
    return high


LENGTHS: dict[str, Callable[[float], float]] = {
    "a line": lambda n: 0.03 * n - 5_000,
    "a root": lambda n: 0.4 * n - 300 * math.sqrt(n),
    "late": lambda n: 1e-6 * n - 3e4 * n**0.25,
    "a step": lambda n: 10**6 if n >= 54_321 else -(10**6),
    "soon": lambda n: n - 1_700,
}


@pytest.mark.parametrize("least", [1, 257])
@pytest.mark.parametrize("name", LENGTHS)
def test_the_shortest_run_is_the_first_with_so_many_bits(name: str, least: int) -> None:
    asked: list[Run] = []
    found = shortest_run(RUN, granting(lambda run: LENGTHS[name](run.rounds), asked), least=least)
    assert found == replace(RUN, rounds=first(LENGTHS[name], least, 1, LONGEST))
    assert len(asked) <= (60 if name in ("late", "a step") else 24)
    assert all(50 <= run.rounds <= LONGEST for run in asked)


@pytest.mark.parametrize("known", [54_321, 60_000, 10**6])
@pytest.mark.parametrize("name", ["a line", "a step"])
def test_a_number_that_suffices_is_where_the_search_begins(name: str, known: int) -> None:
    threshold = first(LENGTHS[name], 1, 1, LONGEST)
    asked: list[Run] = []
    start = max(known, threshold)
    found = shortest_run(RUN, granting(lambda run: LENGTHS[name](run.rounds), asked), known=start)
    assert found.rounds == threshold
    assert max(run.rounds for run in asked) == start
    assert len(asked) <= 75


def test_the_fewest_rounds_have_a_test_to_be_expected() -> None:
    everything = granting(lambda _: 10)
    assert shortest_run(RUN, everything).rounds == 50
    assert shortest_run(replace(RUN, gamma=Fraction(2, 101)), everything).rounds == 51
    assert shortest_run(RUN, everything, known=80).rounds == 50
    assert (
        shortest_run(replace(RUN, gamma=Fraction(1, 10**4)), granting(lambda run: run.rounds - 20_000)).rounds == 20_001
    )
    with pytest.raises(BoundNotEstablishedError, match="no key of 7 bits in 1e\\+15 rounds"):
        shortest_run(RUN, granting(lambda _: 6), least=7)
    assert shortest_run(RUN, granting(lambda run: run.rounds - LONGEST + 7), least=7).rounds == LONGEST
    with pytest.raises(InputError, match="at least 1 bit"):
        minimal_rounds(RUN.link, gamma=0.1, least=0)


@pytest.mark.parametrize("best", [-14.3, -9.9, -6.25, -2.0, -0.3, -0.01])
@pytest.mark.parametrize("rounds", [300, 10**6, 10**12])
def test_the_best_share_of_tests_is_found_between_its_ends(best: float, rounds: int) -> None:
    asked: list[Run] = []
    run = replace(RUN, rounds=rounds, gamma=0.5)
    size = math.log2(rounds)
    bottom, top = max(min(-14.0, -size / 2), -size + 1e-9), -0.05
    there = min(max(best, bottom), top)
    found = best_tested_run(run, granting(lambda one: -1e9 * (math.log2(one.gamma) - best) ** 2, asked))
    assert math.log2(found.gamma) == pytest.approx(there, abs=3e-4)
    assert replace(found, gamma=0.5) == run
    assert len(asked) <= 17 + 30
    shares = [math.log2(one.gamma) for one in asked[:17]]
    assert shares == pytest.approx([bottom + (top - bottom) * k / 16 for k in range(17)])


@pytest.mark.parametrize(("near", "best"), [(0.01, -6.9), (0.01, -5.7), (0.9, -0.4), (0.01, -20.0)])
def test_near_a_share_only_a_factor_of_two_is_searched(near: float, best: float) -> None:
    asked: list[Run] = []
    run = replace(RUN, rounds=10**9)
    found = best_tested_run(run, granting(lambda one: -1e9 * (math.log2(one.gamma) - best) ** 2, asked), near=near)
    there = min(max(best, math.log2(near) - 1), math.log2(near) + 1, -0.05)
    assert math.log2(found.gamma) == pytest.approx(there, abs=1e-2)
    assert all(
        math.log2(near) - 1.0001 <= math.log2(one.gamma) <= min(math.log2(near) + 1, -0.05) + 1e-4 for one in asked
    )
    assert len(asked) <= 20


@pytest.mark.parametrize(("needs", "share"), [(2e4, -4.0), (3e6, -6.0), (5e13, -11.0)])
def test_the_shortest_run_with_its_best_share_of_tests(needs: float, share: float) -> None:
    """A million bits in `needs` rounds at the best share, and in more beside it."""

    def length(run: Run) -> float:
        return 1e6 * run.rounds / (needs * (1 + 0.1 * (math.log2(run.gamma) - share) ** 2))

    asked: list[Run] = []
    found = shortest_tested_run(RUN, granting(length, asked), least=10**6)
    assert needs <= found.rounds <= needs * (1 + 3e-4) + 1
    assert math.log2(found.gamma) == pytest.approx(share, abs=0.06)
    assert math.floor(length(found)) >= 10**6 > math.floor(length(replace(found, rounds=found.rounds - 1)))
    assert len(asked) <= 250
    with pytest.raises(BoundNotEstablishedError, match="no key of 5 bits in 1e\\+15"):
        shortest_tested_run(RUN, granting(lambda _: 4), least=5)


def test_a_share_that_only_a_search_finds_is_found_in_the_longest_run() -> None:
    """Key at shares near 2^-20 alone, which no guess comes near."""
    found = shortest_tested_run(RUN, granting(lambda run: 1.5 - abs(math.log2(run.gamma) + 20.0)
                                              - 1e3 * max(0, 1e14 - run.rounds)))  # fmt: skip
    assert math.log2(found.gamma) == pytest.approx(-20, abs=0.6)
    assert 1e14 <= found.rounds <= 1e14 * 1.01


def test_the_guesses_grow_by_four_and_their_shares_fall() -> None:
    asked: list[Run] = []
    with pytest.raises(BoundNotEstablishedError, match="no key of 1 bits"):
        shortest_tested_run(RUN, granting(lambda run: -run.rounds, asked))
    guesses = [run for run in asked if run.rounds < LONGEST]
    assert [run.rounds for run in guesses] == [10**5 * 4**k for k in range(17)]
    assert [float(run.gamma) for run in guesses] == pytest.approx([0.12 * 4 ** (-k / 3) for k in range(17)])


@pytest.mark.parametrize(
    ("chsh", "qber"), [(2.6, 0.02), (2.6, 0.0), (2.6, 0.5), (2.0003, 0.1), (2 * math.sqrt(2), 0.1)]
)
def test_a_sensitivity_is_a_pair_of_slopes(chsh: float, qber: float) -> None:
    """Of 1e7 S² - 3e8 Q², whole bits, within S in (2, 2√2] and Q in [0, 1/2]."""
    asked: list[Run] = []
    run = replace(RUN, link=Link(chsh, qber))
    granted = granting(lambda one: 1e7 * float(one.chsh) ** 2 - 3e8 * float(one.qber) ** 2 + 1e9, asked)
    found = sensitivity(run, granted, uncertainty=(0.01, 0.002), step=1e-3)
    ends = max(chsh - 1e-3, (2 + chsh) / 2), min(chsh + 1e-3, 2 * math.sqrt(2))
    assert found.by_chsh == pytest.approx(1e7 * sum(ends), rel=2e-4)
    errors = max(qber - 1e-3, 0.0), min(qber + 1e-3, 0.5)
    assert found.by_qber == pytest.approx(-3e8 * sum(errors), rel=1e-3, abs=2e4)
    assert found.spread == pytest.approx(math.hypot(found.by_chsh * 0.01, found.by_qber * 0.002))
    assert found.key.length == granted(run).length
    assert sensitivity(run, granted).spread == 0
    assert {float(one.chsh) for one in asked} >= {min(max(end, 2.0), 2 * math.sqrt(2)) for end in ends}


def test_the_first_at_which_a_function_reaches_0() -> None:
    for function, bound in (
        (lambda n: n - 777, 4),
        (lambda n: (n - 777) ** 3, 24),
        (lambda n: 5 if n >= 777 else -1, 18),
    ):
        asked: list[int] = []

        def counted(n: int, function: Callable[[int], int] = function, asked: list[int] = asked) -> int:
            asked.append(n)
            return function(n)

        assert planning._first(counted, (10, function(10)), (5_000, function(5_000))) == 777
        assert len(asked) <= bound
        assert len(set(asked)) == len(asked)
        assert all(10 < n < 5_000 for n in asked)
