"""The certified entropy of the 2x3-setting photonic fit, against QICS and Clarabel on the same problem in the same run.

Run with ``make bench``. Within each group: the whole public call with its certificate, this package's solver alone, and
the peers' solvers alone, so that the ratio of the last ones is about solving and nothing else. BLAS keeps to one thread
for all of them: two make each of them slower at these sizes, the peers most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from keybounds.bounds import Hierarchy, one_way
from keybounds.bounds.correlations.entropy.chords import chebyshev_nodes
from keybounds.bounds.correlations.entropy.functional import exact_moments, functional_words
from keybounds.bounds.correlations.entropy.problem import KeyRound, KnownMoments, entropy_problem
from keybounds.bounds.correlations.moments import Relaxation, Scenario
from keybounds.bounds.correlations.moments.arrow import ArrowProblem
from keybounds.bounds.correlations.moments.dual import certify
from keybounds.bounds.correlations.moments.interior_point import solve_arrow
from keybounds.bounds.lower import conditional_entropy
from keybounds.experiments import Behaviour, PhotonicExperiment

Benchmark = Any
ASKED = one_way((0, 2), noise=0.13, keep=0.96)


@pytest.fixture(scope="module")
def photonic() -> Behaviour:
    return PhotonicExperiment(
        pair_angle=20.0,
        alice_angles=(-88.22, 54.29),
        bob_angles=(9.75, -21.45, -1.07),
        efficiencies=(0.8716, 0.8782),
        mean_pairs=0.0464,
        fidelity=0.99606,
    ).behaviour()


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1, user_api="blas"):
        yield


def problem_of(behaviour: Behaviour, level: str, nodes: int) -> ArrowProblem:
    scenario, words = functional_words(behaviour)
    key_round = KeyRound(scenario, ASKED)
    relaxation = Relaxation.build(scenario, level)
    known = KnownMoments.exact(words, exact_moments(scenario, words, [Fraction(1)] * len(words), behaviour))
    return entropy_problem(relaxation, key_round, chebyshev_nodes(nodes), known)


@pytest.mark.parametrize(("level", "nodes", "rounds"), [("11", 16, 5), ("22", 32, 5), ("22+b01", 32, 3), ("s6", 96, 1)])
@pytest.mark.benchmark(group="certified entropy, whole call after warm-up")
def test_whole_call(benchmark: Benchmark, photonic: Behaviour, level: str, nodes: int, rounds: int) -> None:
    def call() -> float:
        return conditional_entropy(photonic, ASKED, Hierarchy(level, nodes)).value

    conditional_entropy(photonic, ASKED, Hierarchy("11", 8))
    assert benchmark.pedantic(call, rounds=rounds) > 0.5602


def solvers() -> dict[str, Callable[[ArrowProblem], Any]]:
    from keybounds.bounds.correlations.moments.second_opinion import solve_with_clarabel, solve_with_qics

    return {"own": solve_arrow, "qics": solve_with_qics, "clarabel": solve_with_clarabel}


@pytest.mark.parametrize("solver", ["own", "qics", "clarabel"])
@pytest.mark.benchmark(group='the same problem, level "22" with 16 nodes: solver alone')
def test_solvers_small(benchmark: Benchmark, photonic: Behaviour, solver: str) -> None:
    pytest.importorskip(solver) if solver != "own" else None
    problem = problem_of(photonic, "22", 16)
    solution = benchmark.pedantic(solvers()[solver], args=(problem,), rounds=3 if solver == "own" else 1)
    assert certify(problem, solution.candidates).value > 0


@pytest.mark.parametrize("solver", ["own", "qics"])
@pytest.mark.benchmark(group='the same problem, level "22+b01" with 32 nodes: solver alone')
def test_solvers_large(benchmark: Benchmark, photonic: Behaviour, solver: str) -> None:
    pytest.importorskip(solver) if solver != "own" else None
    problem = problem_of(photonic, "22+b01", 32)
    solution = benchmark.pedantic(solvers()[solver], args=(problem,), rounds=3 if solver == "own" else 1)
    assert certify(problem, solution.candidates).value > 0


@pytest.mark.benchmark(group="generating the relaxation")
def test_generation(benchmark: Benchmark) -> None:
    from keybounds.bounds.correlations.moments import relaxation

    def build() -> Relaxation:
        relaxation._build.cache_clear()
        return Relaxation.build(Scenario.binary(2, 3), "s6")

    assert benchmark(build).size == 46


@pytest.mark.benchmark(group="certificate from a dual point")
def test_certify(benchmark: Benchmark, photonic: Behaviour) -> None:
    problem = problem_of(photonic, "22", 32)
    candidates = solve_arrow(problem).candidates[:1]
    assert benchmark(certify, problem, candidates).value > 0
