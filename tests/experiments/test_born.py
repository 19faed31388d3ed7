"""The Born rule against qutip and closed forms; measurements that are none are refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import qutip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from keybounds.bounds.upper import relative_entropy_of_entanglement
from keybounds.errors import DimensionError, InputError, StateError
from keybounds.experiments import TSIRELSON, Behaviour, born, qubit_measurement

BELL = np.array([1, 0, 0, 1]) / np.sqrt(2)
Z, X = qubit_measurement(0.0), qubit_measurement(math.pi / 2)


def test_singlet_reaches_tsirelson(singlet_table: NDArray[np.float64]) -> None:
    bob = [qubit_measurement(angle) for angle in (math.pi / 4, -math.pi / 4, 0.0)]
    behaviour = born(BELL, [Z, X], bob, provenance="a singlet")
    np.testing.assert_allclose(behaviour.P, singlet_table, atol=1e-15)
    assert behaviour.chsh == pytest.approx(TSIRELSON, abs=1e-14)
    assert behaviour.provenance == "a singlet"


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_agrees_with_qutip(random_device: Callable[..., tuple[Any, Any, Any]], seed: int) -> None:
    # a swapped index or a missing conjugate shows on complex states and measurements
    rho, alice, bob = random_device(seed)
    behaviour = born(rho, alice, bob)
    state = qutip.Qobj(rho, dims=[[2, 2], [2, 2]])
    for a, b, x, y in np.ndindex(2, 2, 2, 3):
        operator = qutip.tensor(qutip.Qobj(alice[x][a]), qutip.Qobj(bob[y][b]))
        assert behaviour.P[a, b, x, y] == pytest.approx(qutip.expect(operator, state), abs=1e-13)
    assert born(state, [[qutip.Qobj(e) for e in m] for m in alice], bob) == behaviour


def test_unequal_dimensions_and_outcomes() -> None:
    # a qutrit with Alice in a state she measures, a qubit with Bob: the table is a product known in closed form
    alice = [[np.diag(row) for row in np.eye(3)]]
    state = np.kron(np.diag([0.5, 0.3, 0.2]), np.diag([0.9, 0.1]))
    behaviour = born(state, alice, [Z, X])
    assert behaviour.outcomes == (3, 2)
    np.testing.assert_allclose(behaviour.joint(0, 0), np.outer([0.5, 0.3, 0.2], [0.9, 0.1]))
    np.testing.assert_allclose(behaviour.joint(0, 1), np.outer([0.5, 0.3, 0.2], [0.5, 0.5]))


def test_sharpness_scales_correlations() -> None:
    blunt = [qubit_measurement(0.3, 0.4, sharpness=0.8), Z]
    assert born(BELL, [Z, X], blunt).correlator(0, 0) == pytest.approx(0.8 * math.cos(0.3))


@pytest.mark.parametrize(
    ("alice", "error", "pattern"),
    [
        pytest.param([], DimensionError, "one measurement or more", id="none"),
        pytest.param([[np.eye(2)]], DimensionError, "two at least", id="one-outcome"),
        pytest.param([Z, [*X, 0 * np.eye(2)]], DimensionError, "equally many", id="unequal-outcomes"),
        pytest.param([[np.eye(2), np.zeros((3, 3))]], DimensionError, "one size", id="sizes"),
        pytest.param([[np.eye(2)[0], np.eye(2)[1]]], DimensionError, "square", id="vectors"),
        pytest.param([[Z[0] * np.nan, Z[1]]], InputError, "finite", id="nan"),
        pytest.param([[Z[0] + [[0, 1], [0, 0]], Z[1]]], InputError, r"alice\[0\]: expected Hermitian", id="skew"),
        pytest.param(
            [Z, [2 * Z[0] - Z[1], 2 * Z[1] - Z[0]]], InputError, r"alice\[1\]: expected positive", id="negative"
        ),
        pytest.param([[Z[0], Z[0]]], InputError, "sum to the identity", id="incomplete"),
        pytest.param([[np.eye(3) / 2] * 2], DimensionError, "product 4", id="dimensions"),
    ],
)
def test_refused_measurements(alice: Any, error: type[InputError], pattern: str) -> None:
    with pytest.raises(error, match=pattern):
        born(BELL, alice, [Z])


def test_refused_states() -> None:
    with pytest.raises(StateError, match="trace"):
        born(2 * np.outer(BELL, BELL), [Z], [Z])
    with pytest.raises(StateError, match="eigenvalue"):
        born(np.diag([1.5, -0.5, 0, 0]), [Z], [Z])
    with pytest.raises(InputError, match="finite angles"):
        qubit_measurement(math.nan)
    with pytest.raises(InputError, match="sharpness"):
        qubit_measurement(0.0, sharpness=1.1)


def test_the_state_makes_the_table() -> None:
    """A ceiling on the state's key is one on that of its table, whatever was measured; a table alone has no maker."""
    table = born(np.outer(BELL, BELL), [Z], [Z])
    ceiling = relative_entropy_of_entanglement(BELL, (2, 2))
    assert table.thing.within(ceiling.scope.thing)
    assert not table.thing.within(relative_entropy_of_entanglement(BELL, (1, 4)).scope.thing)
    assert Behaviour(table.P).maker is None
    assert Behaviour(table.P).thing == table.thing, "the maker tells nothing about what the table is"
