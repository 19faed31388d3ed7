"""A warm start changes how long a bound takes, never what it may be believed for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import arb

from keybounds.bounds import Hierarchy, one_way
from keybounds.bounds.correlations.moments.arrow import ArrowProblem, ArrowSolution, Iterate
from keybounds.bounds.correlations.moments.interior_point import solve_arrow
from keybounds.bounds.lower import EntropySweep, conditional_entropy
from keybounds.errors import InputError, QuestionError, UnknownNameError
from keybounds.experiments import Behaviour, PhotonicExperiment

KEY = (0, 2)
ASKED = one_way(KEY, noise=0.13, keep=0.96)


@pytest.fixture
def photonic() -> PhotonicExperiment:
    return PhotonicExperiment(
        pair_angle=20.0,
        alice_angles=(-88.22, 54.29),
        bob_angles=(9.75, -21.45, -1.07),
        efficiencies=(0.8716, 0.8782),
        mean_pairs=0.0464,
        fidelity=0.99606,
    )


@pytest.mark.parametrize("level", ["11", pytest.param("22", marks=pytest.mark.slow)])
def test_a_sweep_of_efficiencies_takes_half_the_steps_for_the_same_bounds(
    photonic: PhotonicExperiment, verify: Callable[[Any], arb], level: str
) -> None:
    sweep = EntropySweep(Hierarchy(level, 16))
    for step in range(6):
        table = photonic.with_(efficiencies=tuple(e + 0.002 * step for e in photonic.efficiencies)).behaviour()
        warm = sweep.entropy(table, ASKED)
        cold = conditional_entropy(table, ASKED, Hierarchy(level, 16))
        assert warm.value == pytest.approx(cold.value, abs=2e-7)  # the nodes stay where the first point had them
        assert warm.scope == cold.scope
        if step:
            assert warm.diagnostics["iterations"] <= 0.6 * cold.diagnostics["iterations"]
        assert warm.certificate is not None
        assert float(verify(warm.certificate)) == pytest.approx(warm.value, abs=1e-12)


def test_a_sweep_of_preprocessing(photonic: PhotonicExperiment) -> None:
    sweep = EntropySweep(Hierarchy("11", 16))
    table = photonic.behaviour()
    for q, p in [(0.05, 1.0), (0.08, 0.99), (0.13, 0.96), (0.2, 0.9), (0.3, 0.8), (0.5, 0.8), (0.4, 0.8)]:
        asked = one_way(KEY, noise=q, keep=p)
        cold = conditional_entropy(table, asked, Hierarchy("11", 16)).value
        assert sweep.entropy(table, asked).value == pytest.approx(cold, abs=1e-5)


def test_a_jump_places_the_nodes_anew(chsh_optimal: Callable[[float], Behaviour]) -> None:
    sweep = EntropySweep(Hierarchy("11", 32))
    for s in (2.8, 2.1, 2.75, 2.02):
        cold = conditional_entropy(chsh_optimal(s), one_way((0, 0)), Hierarchy("11", 32))
        warm = sweep.entropy(chsh_optimal(s), one_way((0, 0)))
        assert warm.value >= cold.value - 0.6 * cold.diagnostics["discretisation_gap"]


def test_another_scenario_in_between(photonic: PhotonicExperiment, chsh_optimal: Callable[[float], Behaviour]) -> None:
    sweep = EntropySweep(Hierarchy("11", 12))
    for table in (photonic.behaviour(), chsh_optimal(2.6), photonic.behaviour()):
        cold = conditional_entropy(table, one_way((0, 0)), Hierarchy("11", 12)).value
        assert sweep.entropy(table, one_way((0, 0))).value == pytest.approx(cold, abs=1e-3)


def test_bad_arguments_are_those_of_one_point(photonic: PhotonicExperiment) -> None:
    with pytest.raises(UnknownNameError, match="level"):
        EntropySweep(Hierarchy("auto")).entropy(photonic.behaviour(), ASKED)
    with pytest.raises(InputError, match="hierarchy"):
        EntropySweep("11")  # type: ignore[arg-type]
    sweep = EntropySweep(Hierarchy("11", 8))
    before = sweep.entropy(photonic.behaviour(), ASKED).value
    with pytest.raises(QuestionError, match="settings"):
        sweep.entropy(photonic.behaviour(), one_way((2, 0)))
    assert sweep.entropy(photonic.behaviour(), ASKED).value == pytest.approx(before, abs=1e-6)


STARTS: dict[str, Callable[[Iterate, np.random.Generator], Iterate]] = {
    "NaN": lambda at, rng: replace(at, S=at.S * np.nan),
    "infinite": lambda at, rng: replace(at, z=at.z * np.inf),
    "garbage": lambda at, rng: replace(at, S=rng.normal(size=at.S.shape), Z=rng.normal(size=at.Z.shape)),
    "outside": lambda at, rng: replace(at, S=-at.S),
    "far": lambda at, rng: replace(at, S=at.S * 1e9, Z=at.Z * 1e-9),
    "of another size": lambda at, rng: replace(at, S=at.S[:, :-1], Z=at.Z[:, :-1], z=at.z[:-1]),
    "of the boundary": lambda at, rng: replace(at, Z=at.Z * 1e-30),
}


@pytest.mark.parametrize("how", STARTS)
def test_a_bad_start_costs_time_only(photonic: PhotonicExperiment, how: str) -> None:
    caught: list[ArrowProblem] = []
    module = sys.modules["keybounds.bounds.correlations.entropy.solution"]

    def spy(problem: ArrowProblem) -> ArrowSolution:
        caught.append(problem)
        return solve_arrow(problem)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_solver", lambda name, start: spy)
        conditional_entropy(photonic.behaviour(), ASKED, Hierarchy("11", 6))
    cold = solve_arrow(caught[0])
    assert cold.resume is not None
    with np.errstate(all="ignore"):
        start = STARTS[how](cold.resume, np.random.default_rng(3))
        warm = solve_arrow(caught[0], start=start)
    assert warm.ended == cold.ended == "converged"
    assert warm.objective == pytest.approx(cold.objective, abs=1e-8)
