"""Refinement by levels and nodes: every step a bound, the best kept, and the reason for the end told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from keybounds.bounds import Hierarchy, Link, Question, one_way
from keybounds.bounds.design.stop import Stop
from keybounds.bounds.lower import chsh_entropy, converge
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.experiments import Behaviour

S, NOISE = 2.6, 0.07
MODULE = "keybounds.bounds.correlations.entropy.convergence"


@pytest.fixture
def behaviour(chsh_optimal: Callable[[float], Behaviour]) -> Behaviour:
    return chsh_optimal(S)


def test_it_converges_to_the_closed_form_from_below(behaviour: Behaviour) -> None:
    exact = chsh_entropy(Link(S, 0.0), NOISE).value
    seen: list[str] = []
    result = converge(
        behaviour, one_way((0, 0), noise=NOISE), tolerance=1e-4, progress=lambda what, value: seen.append(what)
    )
    assert result.stopped is Stop.CONVERGED
    assert all(bound.value <= exact for bound in result.bounds)
    assert result.best.value == pytest.approx(exact, abs=3e-4)
    assert len(seen) == len(result.steps)
    last = {step.level: step for step in result.steps}  # neither direction gained at the end
    assert len(last) >= 2
    document = result.to_dict()
    assert sum(step["bound"]["certificate"] is not None for step in document["steps"]) == 1


def test_the_last_step_of_each_direction_gained_less_than_the_tolerance(behaviour: Behaviour) -> None:
    result = converge(behaviour, one_way((0, 0)), tolerance=2e-4)
    values = [step.bound.value for step in result.steps]
    gains = [value - max(values[:i]) for i, value in enumerate(values) if i]
    assert gains[-1] < 2e-4
    assert max(gains) > 2e-4  # no noise wants more nodes than 16
    assert max(step.nodes for step in result.steps) >= 64


def test_without_time_the_first_bound_is_returned(behaviour: Behaviour) -> None:
    result = converge(behaviour, one_way((0, 0), noise=NOISE), tolerance=1e-12, seconds=0.0)
    assert result.stopped is Stop.TIME
    assert len(result.steps) == 1
    assert result.best.value > 0


def test_a_later_failure_loses_nothing(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = sys.modules[MODULE].entropy_and_solution
    calls: list[Hierarchy] = []

    def failing(question: Question, hierarchy: Hierarchy) -> Any:
        calls.append(hierarchy)
        if len(calls) == 3:
            raise BoundNotEstablishedError("the solver failed")
        return honest(question, hierarchy)

    monkeypatch.setattr(sys.modules[MODULE], "entropy_and_solution", failing)
    result = converge(behaviour, one_way((0, 0)), tolerance=1e-9)
    assert result.stopped is Stop.FAILURE
    assert len(result.steps) == 2
    assert result.best.value > 0


def test_the_end_of_the_ladder_is_told(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[MODULE], "LADDER", ("11",))
    monkeypatch.setattr(sys.modules[MODULE], "_MOST_NODES", 32)
    result = converge(behaviour, one_way((0, 0)), tolerance=1e-9)
    assert result.stopped is Stop.LADDER
    assert [step.nodes for step in result.steps] == [16, 32]


def test_a_level_of_absent_settings_is_skipped(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "s6" needs three settings of Bob."""
    monkeypatch.setattr(sys.modules[MODULE], "LADDER", ("11", "s6", "22"))
    result = converge(behaviour, one_way((0, 0), noise=NOISE), tolerance=1e-3)
    assert {step.level for step in result.steps} == {"11", "22"}


@pytest.mark.parametrize("tolerance", [0.0, -1e-6, float("nan")])
def test_bad_tolerance(behaviour: Behaviour, tolerance: float) -> None:
    with pytest.raises(InputError, match="tolerance"):
        converge(behaviour, one_way((0, 0)), tolerance=tolerance)
