"""Finite-size key: one optimised point, the rigorous evaluation, and a curve, against a generic optimiser.

Run with ``make bench``. The peer is what a user would write: the same objective, evaluated by the same code, handed to
scipy's differential evolution over the tangent's place and the logarithms of both orders.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from keybounds.bounds import Link, Run
from keybounds.bounds.lower import finite_key
from keybounds.bounds.run.eat_key import eat_key
from keybounds.bounds.run.eat_search import eat_parameters
from keybounds.bounds.run.extractors import extractor
from keybounds.bounds.run.renyi_key import renyi_key
from keybounds.bounds.run.renyi_search import renyi_parameters

Benchmark = Callable[..., Any]

RUN = Run(
    Link(Fraction("2.64"), Fraction("0.018")),
    rounds=1_500_000,
    gamma=Fraction(13, 256),
    soundness=Fraction(1, 10**10),
)


@pytest.mark.benchmark(group="parameters of the published run (budget 50 ms)")
def test_nested_search(benchmark: Benchmark) -> None:
    found = benchmark(eat_parameters, RUN, extractor("trevisan"))
    assert eat_key(RUN, "trevisan", found).length == 95_885


@pytest.mark.benchmark(group="parameters of the published run (budget 50 ms)")
def test_differential_evolution(benchmark: Benchmark) -> None:
    from dataclasses import replace

    from flint import arb, ctx
    from scipy.optimize import differential_evolution

    from keybounds.bounds.run.eat import eat_terms

    trevisan = extractor("trevisan")
    start = eat_parameters(RUN, trevisan)

    def search() -> float:
        def loss(x: Any) -> float:
            moved = replace(start, tangent=float(x[0]), order_1=10.0 ** x[1], order_2=10.0 ** x[2])
            with ctx.workprec(64):
                return -float(sum(eat_terms(RUN, moved, trevisan).values(), arb(0)))

        box = [(0.7501, 0.853), (-5, -1), (-5, -0.5)]
        return float(-differential_evolution(loss, box, rng=1, maxiter=30, polish=False).fun)

    assert benchmark.pedantic(search, rounds=1) == pytest.approx(95_951, abs=100)


@pytest.mark.benchmark(group="rigorous evaluation (budget 0.5 s)")
def test_rigorous_evaluation(benchmark: Benchmark) -> None:
    parameters = eat_parameters(RUN, extractor("trevisan"))
    assert benchmark(eat_key, RUN, "trevisan", parameters).length == 95_885


@pytest.mark.benchmark(group="curve of 200 points, 1e5 to 1e10 rounds (budget 5 s)")
def test_curve(benchmark: Benchmark) -> None:
    def curve() -> int:
        keys = [
            finite_key(Link(2.64, 0.018), rounds=int(10 ** (5 + k / 40)), gamma=Fraction(13, 256)) for k in range(200)
        ]
        return sum(key.length > 0 for key in keys)

    assert benchmark.pedantic(curve, rounds=2, warmup_rounds=1) > 150


@pytest.mark.benchmark(group="Rényi parameters of the published run (budget 50 ms)")
def test_renyi_search(benchmark: Benchmark) -> None:
    found = benchmark(renyi_parameters, RUN)
    assert renyi_key(RUN, "toeplitz", found).length == 391_922


@pytest.mark.benchmark(group="Rényi parameters of the published run (budget 50 ms)")
def test_renyi_by_nelder_mead(benchmark: Benchmark) -> None:
    from dataclasses import replace

    from flint import arb, ctx
    from scipy.optimize import minimize

    from keybounds.bounds.run.renyi import renyi_terms

    best = renyi_parameters(RUN)
    n, gamma, won = RUN.rounds, float(RUN.gamma), float(RUN.winning)

    def search() -> float:
        def loss(x: Any) -> float:
            mean = gamma * ((1 - won) * x[1] + won * x[2])
            variance = gamma * ((1 - won) * x[1] ** 2 + won * x[2] ** 2) - mean**2
            score = n * mean - 3 * (n * variance) ** 0.5
            moved = replace(best, order=10.0 ** x[0], loss_score=x[1], win_score=x[2], score=score)
            with ctx.workprec(128):
                return -float(sum(renyi_terms(RUN, moved).values(), arb(0)).mid())

        return float(-minimize(loss, [-3, -100, 30], method="Nelder-Mead", options={"xatol": 1e-4}).fun)

    assert benchmark.pedantic(search, rounds=1) == pytest.approx(391_922, abs=10)


@pytest.mark.benchmark(group="rigorous evaluation (budget 0.5 s)")
def test_renyi_evaluation(benchmark: Benchmark) -> None:
    parameters = renyi_parameters(RUN)
    assert benchmark(renyi_key, RUN, "toeplitz", parameters).length == 391_922
