"""Whatever a solver returns, the value is a bound or there is none: solvers that lie, stop and break."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keybounds.bounds import Hierarchy, Link, Status, one_way
from keybounds.bounds.correlations.moments.arrow import ArrowProblem, ArrowSolution, DualPoint
from keybounds.bounds.correlations.moments.dual import certify
from keybounds.bounds.correlations.moments.interior_point import solve_arrow
from keybounds.bounds.lower import chsh_entropy, conditional_entropy
from keybounds.errors import BoundNotEstablishedError
from keybounds.experiments import Behaviour

S, NOISE, NODES = 2.6, 0.05, 8
Spoil = Callable[[np.ndarray, np.random.Generator], np.ndarray]

SPOILED: dict[str, Spoil] = {
    "zero": lambda M, rng: 0 * M,
    "noise 1e-6": lambda M, rng: M + 1e-6 * rng.normal(size=M.shape),
    "noise 1e-3": lambda M, rng: M + 1e-3 * rng.normal(size=M.shape),
    "garbage": lambda M, rng: rng.normal(size=M.shape),
    "huge garbage": lambda M, rng: 1e20 * rng.normal(size=M.shape),
    "negative": lambda M, rng: -M,
    "scaled up": lambda M, rng: 1.01 * M,
    "shifted down": lambda M, rng: M - 1e-4 * np.eye(M.shape[-1]),
    "one node lost": lambda M, rng: M * (np.arange(len(M)) != 3)[:, None, None],
    "asymmetric": lambda M, rng: M + np.triu(1e-3 * rng.normal(size=M.shape)),
}


@pytest.fixture
def behaviour(chsh_optimal: Callable[[float], Behaviour]) -> Behaviour:
    return chsh_optimal(S)


def replace_solver(monkeypatch: pytest.MonkeyPatch, solver: Callable[[ArrowProblem], ArrowSolution]) -> None:
    module = sys.modules["keybounds.bounds.correlations.entropy.solution"]
    monkeypatch.setattr(module, "_solver", lambda name, start: solver)


def with_points(solution: ArrowSolution, *points: DualPoint) -> ArrowSolution:
    return ArrowSolution(points, solution.base_moments, solution.node_moments, solution.objective, 1, "injected")


def solve(behaviour: Behaviour) -> Any:
    return conditional_entropy(behaviour, one_way((0, 0), noise=NOISE), Hierarchy("11", NODES))


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_dual_proves_less_and_nothing_false(
    behaviour: Behaviour,
    verify: Callable[[Any], arb],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    honest = solve(behaviour).value
    rng = np.random.default_rng(1)

    def solver(problem: ArrowProblem) -> ArrowSolution:
        solution = solve_arrow(problem)
        point = solution.candidates[0]
        spoiled = DualPoint(SPOILED[how](point.node, rng), SPOILED[how](point.base, rng), 10.0)
        return with_points(solution, spoiled)

    replace_solver(monkeypatch, solver)
    bound = solve(behaviour)
    floor = chsh_entropy(Link(2.0, 0.0), NOISE).value  # h(q), which holds without any proof
    assert floor - 1e-15 <= bound.value <= honest + 1e-6
    assert honest <= chsh_entropy(Link(S, 0.0), NOISE).value
    proven = verify(bound.certificate)
    assert not proven > arb(bound.value) + arb(1e-12) or bound.value == pytest.approx(floor)
    if bound.value > floor + 1e-9:
        assert not proven < arb(bound.value) - arb(1e-12)


@pytest.mark.parametrize("poison", [np.nan, np.inf, 1e200])
def test_a_dual_that_is_not_finite_is_an_error(
    behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch, poison: float
) -> None:
    def solver(problem: ArrowProblem) -> ArrowSolution:
        solution = solve_arrow(problem)
        node = solution.candidates[0].node.copy()
        node[2, 0, 0] = poison
        return with_points(solution, DualPoint(node, solution.candidates[0].base, 0.5))

    replace_solver(monkeypatch, solver)
    with pytest.raises(BoundNotEstablishedError, match="nothing is proven"):
        solve(behaviour)


def test_a_solver_without_an_answer_is_an_error(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_solver(monkeypatch, lambda problem: with_points(solve_arrow(problem)))
    with pytest.raises(BoundNotEstablishedError, match="another solver"):
        solve(behaviour)


def test_the_best_of_several_candidates_counts(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = solve(behaviour).value

    def solver(problem: ArrowProblem) -> ArrowSolution:
        solution = solve_arrow(problem)
        point = solution.candidates[0]
        broken = DualPoint(np.full_like(point.node, np.nan), point.base, 99.0)
        return with_points(solution, broken, DualPoint(0 * point.node, 0 * point.base, 99.0), point)

    replace_solver(monkeypatch, solver)
    assert solve(behaviour).value == honest


@pytest.mark.parametrize("iterations", [1, 3, 6, 9, 12])
def test_a_solver_stopped_mid_way(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch, iterations: int) -> None:
    """Fewer iterations prove less, and the status says that more is to be had."""
    honest = solve(behaviour).value
    replace_solver(monkeypatch, lambda problem: solve_arrow(problem, max_iterations=iterations))
    bound = solve(behaviour)
    assert bound.value <= honest + 1e-9
    assert bound.status is (Status.CERTIFIED if bound.value > honest - 1e-6 else Status.LOOSE)


def test_a_solver_out_of_time(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_solver(monkeypatch, lambda problem: solve_arrow(problem, seconds=0.0))
    bound = solve(behaviour)
    assert bound.status is Status.LOOSE
    assert bound.diagnostics["ended"] == "time"


@pytest.mark.parametrize("tolerance", [1e-3, 1e-1])
def test_a_relaxed_tolerance(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch, tolerance: float) -> None:
    honest = solve(behaviour).value
    replace_solver(monkeypatch, lambda problem: solve_arrow(problem, tolerance=tolerance))
    bound = solve(behaviour)
    assert bound.value <= honest
    assert bound.status is Status.LOOSE


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.floats(1e-12, 1e3))
def test_random_points_prove_nothing_false(chsh_optimal: Callable[[float], Behaviour], seed: int, size: float) -> None:
    """The certifier alone, fed arbitrary matrices of any size: never above the solved value."""
    problem = _problem(chsh_optimal(S))
    best = certify(problem, solve_arrow(problem).candidates).value
    rng = np.random.default_rng(seed)
    shape = (problem.nodes, problem.relaxation.size, problem.relaxation.size)
    roots = size * rng.normal(size=(2, *shape))
    X, Y = roots @ np.swapaxes(roots, -1, -2)
    assert certify(problem, [DualPoint(X, Y, 0.0)]).value <= best + 1e-6


def _problem(behaviour: Behaviour) -> ArrowProblem:
    caught: list[ArrowProblem] = []
    module = sys.modules["keybounds.bounds.correlations.entropy.solution"]
    original = module._solver  # type: ignore[attr-defined]

    def spy(problem: ArrowProblem) -> ArrowSolution:
        caught.append(problem)
        return solve_arrow(problem)

    module._solver = lambda name, start: spy  # type: ignore[attr-defined]
    try:
        solve(behaviour)
    finally:
        module._solver = original  # type: ignore[attr-defined]
    return caught[0]
