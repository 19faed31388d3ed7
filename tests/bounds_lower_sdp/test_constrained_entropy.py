"""The same engine with less known: a Bell value instead of a table, intervals instead of numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import arb

from keybounds.bounds import Hierarchy, Link, Status, one_way, two_way
from keybounds.bounds.correlations.entropy.chords import chebyshev_nodes
from keybounds.bounds.correlations.moments import Scenario
from keybounds.bounds.correlations.moments.words import IDENTITY
from keybounds.bounds.lower import (
    Constraint,
    chsh_constraint,
    chsh_entropy,
    conditional_entropy,
    constrained_entropy,
    table_constraints,
)
from keybounds.enclosure import round_down
from keybounds.errors import BehaviourError, InputError, QuestionError, UnsupportedError
from keybounds.experiments import Behaviour

CHSH = Scenario.binary(2, 2)
NODES = tuple(float(t) for t in chebyshev_nodes(7))  # by place, for by number a table may get theirs mirrored


@pytest.mark.parametrize(("chsh", "noise"), [(2.2, 0.05), (2.5, 0.0), (2.7, 0.1)])
@pytest.mark.parametrize("width", [0.0, 0.1])
def test_from_the_chsh_value_alone(verify: Callable[[Any], arb], chsh: float, noise: float, width: float) -> None:
    """The closed form is the exact answer to this question, and more CHSH only helps: a range gives its lower end's."""
    bound = constrained_entropy(
        [chsh_constraint(chsh, chsh + width)], CHSH, one_way((0, 0), noise=noise), Hierarchy("22", 15)
    )
    exact = chsh_entropy(Link(chsh, 0.0), noise).value
    assert exact - 3e-3 < bound.value <= exact + 1e-9
    assert bound.value + bound.diagnostics["discretisation_gap"] > exact - 1e-5
    assert bound.status is Status.CERTIFIED
    assert round_down(verify(bound.certificate)) == pytest.approx(bound.value, abs=1e-12)


@pytest.mark.parametrize("keep", [1.0, 0.8])
def test_intervals_shrink_to_the_table(
    chsh_optimal: Callable[[float], Behaviour], verify: Callable[[Any], arb], keep: float
) -> None:
    """Wider intervals prove less; narrow ones come to the value of the table itself."""
    behaviour = chsh_optimal(2.6)
    asked, hierarchy = one_way((0, 0), noise=0.05, keep=keep), Hierarchy("11", NODES)
    table = conditional_entropy(behaviour, asked, hierarchy).value
    bounds = [
        constrained_entropy(table_constraints(behaviour, radius), CHSH, asked, hierarchy)
        for radius in (1e-2, 1e-3, 1e-5)
    ]
    values = [bound.value for bound in bounds]
    assert values == sorted(values)
    assert table - 1e-3 < values[-1] <= table + 1e-9
    assert values[0] < table - 1e-3
    assert round_down(verify(bounds[1].certificate)) == pytest.approx(bounds[1].value, abs=1e-12)


def test_any_behaviour_inside_the_intervals_is_covered(
    chsh_optimal: Callable[[float], Behaviour], eavesdropped: Callable[[int], Any]
) -> None:
    """An explicit eavesdropper on a device inside the intervals knows at least what the bound leaves."""
    for seed in (0, 3, 4, 8):
        device = eavesdropped(seed)
        rng = np.random.default_rng(seed)
        shift = float(rng.uniform(0.2, 0.9)) * 1e-2
        around = Behaviour((1 - shift) * device.behaviour.P + shift / 4)
        nx, ny = around.settings
        bound = constrained_entropy(
            table_constraints(around, 1e-2), Scenario.binary(nx, ny), one_way((0, 0), keep=0.9), Hierarchy("11", 6)
        )
        assert bound.value <= device.entropy(0.0, 0.9) + 1e-12


def test_impossible_constraints_are_refused() -> None:
    with pytest.raises(BehaviourError, match="quantum device meets"):
        constrained_entropy([chsh_constraint(2.9, 3.0)], CHSH, one_way((0, 0), noise=0.1), Hierarchy("11", 5))


def test_what_the_bound_is_about_is_the_constraints() -> None:
    """Other constraints, or the same in another scenario, are about other devices; their order is no difference."""
    quick, asked = Hierarchy("11", 3), one_way((0, 0))
    one, other = chsh_constraint(2.5, 2.6), Constraint({(((0, 0),), ()): 1.0}, 0.4, 0.6)
    things = [
        constrained_entropy(constraints, scenario, asked, quick).scope.thing
        for constraints, scenario in [
            ([one, other], CHSH),
            ([other, one], CHSH),
            ([one], CHSH),
            ([one, replace(other, high=0.7)], CHSH),
            ([one, other], Scenario.binary(2, 3)),
        ]
    ]
    assert things[0] == things[1]
    assert len(set(things)) == 4


def test_bad_input() -> None:
    constraint = chsh_constraint(2.5, 2.5)
    asked, quick = one_way((0, 0)), Hierarchy("22", 3)
    with pytest.raises(InputError, match="independent"):
        constrained_entropy([constraint, constraint], CHSH, asked, quick)
    with pytest.raises(InputError, match="independent"):
        constrained_entropy([Constraint({IDENTITY: 1.0}, 1.0, 1.0)], CHSH, asked, quick)
    for misfit, found in [
        (one_way((0, 2)), "settings"),
        (one_way(), "one key setting"),
        (one_way((0, 0), (1, 1)), "one key setting"),
        (one_way((0, 0), noise=0.5), "below 1/2"),
        (two_way((0, 0)), "one-way"),
    ]:
        with pytest.raises(QuestionError, match=f"^protocol: .*{found}"):
            constrained_entropy([constraint], CHSH, misfit)
    with pytest.raises(QuestionError, match="Alice"):
        constrained_entropy([], Scenario((3, 2), (2, 2)), asked)
    with pytest.raises(QuestionError, match="no-click"):
        constrained_entropy([], Scenario((2, 2), (3, 2)), one_way((0, 0), keep=0.9))
    with pytest.raises(UnsupportedError, match="interior-point"):
        constrained_entropy([chsh_constraint(2.5, 2.6)], CHSH, asked, Hierarchy("22", 3, "clarabel"))
    with pytest.raises(InputError, match="at most high"):
        chsh_constraint(2.6, 2.5)
    with pytest.raises(InputError, match="finite"):
        Constraint({}, 0.0, 1.0)
    with pytest.raises(InputError, match="radius"):
        table_constraints(Behaviour(np.full((2, 2, 2, 2), 0.25)), 0.0)
