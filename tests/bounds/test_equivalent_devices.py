"""E↓: the value is that of a device with the same table, and the transposed device wins where it should."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import Bound, Trust, any_discussion
from keybounds.bounds.state import equivalent_devices as module
from keybounds.bounds.state.bipartite import bipartite_state
from keybounds.bounds.state.partial_transpose import exactly_ppt
from keybounds.bounds.upper import (
    device_independent_measure,
    partial_transpose_bound,
    relative_entropy_of_entanglement,
)
from keybounds.errors import BoundNotEstablishedError, DimensionError, InputError
from keybounds.experiments import born, qubit_measurement
from keybounds.proofs import certify, verify
from keybounds.states import PPTPrivateFamily, bell_state, isotropic, partial_transpose, ppt_private_state
from keybounds.states.transposition import transpose_subsystems


def random_measurements(seed: int, settings: int, size: int) -> list[list[np.ndarray]]:
    """Complex projective two-outcome measurements, on which transposition acts."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(settings):
        basis = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]
        projector = basis[:, : size // 2] @ basis[:, : size // 2].conj().T
        found.append([projector, np.eye(size) - projector])
    return found


PRIVATE: dict[str, Any] = {
    "alice": random_measurements(1, 2, 4),
    "bob": random_measurements(2, 3, 4),
    "methods": ["relative-entropy"],
}
"""Of the private state of 4 x 4."""


@pytest.fixture(scope="module")
def on_private_state(shared: Callable[..., Any]) -> Bound:
    bound: Bound = shared(
        "device on a private state", lambda: device_independent_measure(ppt_private_state(2), **PRIVATE)
    )
    return bound


def test_the_transposed_device_wins_on_a_private_state(on_private_state: Bound) -> None:
    d, bound = 2, on_private_state
    values = bound.diagnostics["devices"]
    family = PPTPrivateFamily(d)
    assert values["partial transpose"] == pytest.approx(float(family.transpose_ceiling.mid()), abs=1e-7)
    assert values["as given"] == pytest.approx(float(family.relative_entropy_ceiling.mid()), abs=1e-7)
    assert bound.value == min(values.values())
    assert bound.scope.trust is Trust.DEVICE_INDEPENDENT
    assert bound.diagnostics["device"] == min(values, key=values.__getitem__)


def test_without_ppt_the_given_device_is_the_only_one() -> None:
    half = [qubit_measurement(0.0), qubit_measurement(math.pi / 2)]
    bound = device_independent_measure(bell_state(0), alice=half, bob=half, methods=["relative-entropy"])
    assert list(bound.diagnostics["devices"]) == ["as given"]
    assert bound.value == pytest.approx(1.0, abs=1e-9)


def test_never_above_the_measure_itself_nor_above_the_transpose_bound() -> None:
    state = isotropic(3, 0.3).full()
    measurements = random_measurements(3, 2, 3)
    bound = device_independent_measure(state, (3, 3), alice=measurements, bob=measurements)
    assert bound.value <= relative_entropy_of_entanglement(state, (3, 3)).value
    assert bound.value <= partial_transpose_bound(state, (3, 3)).value


def test_a_device_with_another_table_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(rho, bob, atol):  # type: ignore[no-untyped-def]
        return [("as given", bipartite_state(np.eye(rho.size) / rho.size, rho.dims), bob)]

    monkeypatch.setattr(module, "_devices", wrong)
    half = [qubit_measurement(0.0), qubit_measurement(math.pi / 2)]
    with pytest.raises(BoundNotEstablishedError, match="misses the table"):
        device_independent_measure(bell_state(0), alice=half, bob=half)


@pytest.mark.parametrize("defect", [0.0, 1e-17, -1e-13, -9e-11])
def test_the_two_devices_are_one_exactly_ppt_state_and_its_partial_transpose(defect: float) -> None:
    # A transposed device lifted on its own would not be the partial transpose of the given one: it could be told apart.
    d = 2
    state = ppt_private_state(d).full()
    state[1, 1] += defect
    state[2, 2] -= defect
    for matrix in (state, np.diag([1.0, 0.0, 0.0, 0.0]).astype(complex)):
        dims = (2 * d, 2 * d) if len(matrix) > 4 else (2, 2)
        rho = bipartite_state(matrix, dims)
        given, turned = exactly_ppt(rho)
        assert np.array_equal(turned.array, transpose_subsystems(given.array, dims))
        assert np.array_equal(given.array, rho.array)
        shift = float(given.certified.shift)
        assert shift == float(turned.certified.shift), "one state and its partial transpose"
        assert given.certified.trace.overlaps(turned.certified.trace)
        assert 0 <= shift <= 4 * max(abs(defect), 2.0**-50)
        lifted = [m + max(shift, 2.0**-50) * np.eye(len(m)) for m in (given.array, turned.array)]
        assert all(np.linalg.eigvalsh(m)[0] > -1e-15 for m in lifted)
        # both speak about every state as near as the exactly PPT one, and the transposes of these
        assert Fraction(given.repair) >= given.certified.distance
        assert turned.repair >= min(dims) * given.repair


def test_an_exactly_ppt_state_pays_nothing() -> None:
    half = [qubit_measurement(0.0), qubit_measurement(math.pi / 2)]
    bound = device_independent_measure(np.diag([0.5, 0, 0, 0.5]), (2, 2), alice=half, bob=half)
    assert bound.diagnostics["repair"] == bound.diagnostics["margin"] == bound.diagnostics["shift"] == 0
    assert bound.diagnostics["devices"].keys() == {"as given", "partial transpose"}
    assert bound.value < 1e-12


def test_the_repair_is_charged_to_both_devices(on_private_state: Bound) -> None:
    d, exact = 2, on_private_state
    state = ppt_private_state(d).full().astype(np.complex64)
    bound = device_independent_measure(state, (2 * d, 2 * d), **PRIVATE, atol=1e-6)
    assert bound.diagnostics["devices"].keys() == {"as given", "partial transpose"}
    for device, value in bound.diagnostics["devices"].items():
        assert value > exact.diagnostics["devices"][device] - 1e-12
    assert bound.diagnostics["margin"] > 1e-7
    assert exact.diagnostics["margin"] < 1e-12
    ceiling = partial_transpose_bound(ppt_private_state(d))
    assert ceiling.diagnostics["shift"] == exact.diagnostics["shift"]


def test_the_bound_is_about_the_table_and_the_state_makes_the_table() -> None:
    """It compares with what is proven about the same correlations, however they are called, and with the state."""
    half = [qubit_measurement(0.0), qubit_measurement(math.pi / 2)]
    bound = device_independent_measure(bell_state(0), alice=half, bob=half, methods=["relative-entropy"])
    table = born(bell_state(0), half, half)
    assert bound.scope.thing == table.thing
    assert bound.scope.protocol == any_discussion()
    ceiling = relative_entropy_of_entanglement(bell_state(0))
    assert bound.scope.thing.within(ceiling.scope.thing)
    assert table.thing.within(ceiling.scope.thing)
    assert not table.thing.within(relative_entropy_of_entanglement(bell_state(1)).scope.thing)


@pytest.mark.parametrize("methods", [["relative-entropy"], ["squashed"]])
def test_both_devices_have_accepted_certificates(methods: list[str]) -> None:
    half = [qubit_measurement(0.0), qubit_measurement(math.pi / 2)]
    for state, dims, device in (
        (bell_state(0), (2, 2), "as given"),
        (transposed_bell_mixture(), (4, 4), "partial transpose"),
    ):
        size = dims[0]
        measurements = half if size == 2 else random_measurements(1, 2, size)
        bound = device_independent_measure(state, dims, alice=measurements, bob=measurements, methods=methods)
        if methods == ["relative-entropy"]:
            assert bound.diagnostics["device"] == device
        found = verify(certify(bound))
        assert found.accepted, found.reason


def transposed_bell_mixture() -> np.ndarray:
    """The transpose of the private state of `ppt_private_state(2)` has more entanglement than the state itself."""
    return partial_transpose(ppt_private_state(2).full(), (4, 4))


def test_measurements_that_do_not_fit_are_refused() -> None:
    half = [qubit_measurement(0.0), qubit_measurement(math.pi / 2)]
    with pytest.raises(DimensionError, match="effects of size"):
        device_independent_measure(isotropic(3, 0.3), alice=half, bob=half)
    with pytest.raises(InputError, match="sum to the identity"):
        device_independent_measure(bell_state(0), alice=[[np.eye(2), np.eye(2)]], bob=half)
