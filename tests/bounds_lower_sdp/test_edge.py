"""Tables at the edge of the quantum set, where the moment matrix has no interior."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb

from keybounds.bounds import Hierarchy, Status, one_way
from keybounds.bounds.lower import conditional_entropy
from keybounds.experiments import Behaviour, born, qubit_measurement


def pure(theta: float, tilt: float) -> tuple[Behaviour, float]:
    """The table of cos θ|00> + sin θ|11> near its CHSH optimum, and h(P(a|x=0)), for Eve is left with nothing."""
    psi = np.array([math.cos(theta), 0.0, 0.0, math.sin(theta)])
    chi = math.atan(math.sin(2 * theta))
    alice = [qubit_measurement(angle) for angle in (tilt, math.pi / 2)]
    bob = [qubit_measurement(angle) for angle in (chi, -chi)]
    table = born(np.outer(psi, psi), alice, bob)
    click = float(table.P[0, :, 0, 0].sum())
    return table, -sum(p * math.log2(p) for p in (click, 1 - click))


@pytest.mark.parametrize(("theta", "tilt"), [(0.5, 0.0), (0.6, 0.1), (0.75, -0.1)])
def test_a_pure_state_hides_its_outcomes_from_everybody(
    verify: Callable[[Any], arb], theta: float, tilt: float
) -> None:
    """The solver gives out here; the dual of a slightly noisier table proves the entropy all the same."""
    table, exact = pure(theta, tilt)
    bound = conditional_entropy(table, one_way((0, 0)), Hierarchy("11", 40))
    assert exact - 1e-3 < bound.value <= exact + 1e-9
    assert bound.status is Status.LOOSE  # no objective to hold it against
    assert bound.certificate is not None
    assert float(verify(bound.certificate)) == pytest.approx(bound.value, abs=1e-11)


def test_at_the_largest_chsh_value(chsh_optimal: Callable[[float], Behaviour]) -> None:
    bound = conditional_entropy(chsh_optimal(2 * math.sqrt(2) - 1e-12), one_way((0, 0)), Hierarchy("22", 32))
    assert 1 - 2e-5 < bound.value <= 1


def test_few_iterations_far_from_feasible_are_no_stall() -> None:
    """μ rises here for five iterations, while the slacks come right."""
    rng = np.random.default_rng(1)
    psi = np.array([math.cos(0.6), 0.0, 0.0, math.sin(0.6)])
    mixed = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    mixed = mixed @ mixed.conj().T
    rho = 0.98 * np.outer(psi, psi) + 0.02 * mixed / np.trace(mixed).real
    settings = [qubit_measurement(t) for t in (0.1, 1.5, 0.9, -0.7, 0.05)]
    bound = conditional_entropy(born(rho, settings[:2], settings[2:]), one_way((0, 2)), Hierarchy("11", 16))
    assert bound.status is Status.CERTIFIED
    assert bound.value > 0.4
