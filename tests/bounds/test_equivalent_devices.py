"""E↓: the value is that of a device with the same table, and the transposed device wins where it should."""

from __future__ import annotations

import math

import numpy as np
import pytest

from keybounds.bounds import Trust
from keybounds.bounds.state import equivalent_devices as module
from keybounds.bounds.state.partial_transpose import exactly_ppt, partially_transposed
from keybounds.bounds.state.spectra import certified_state
from keybounds.bounds.upper import (
    device_independent_measure,
    partial_transpose_bound,
    relative_entropy_of_entanglement,
)
from keybounds.errors import BoundNotEstablishedError, DimensionError, InputError
from keybounds.experiments import qubit_measurement
from keybounds.states import PPTPrivateFamily, bell_state, isotropic, ppt_private_state


def random_measurements(seed: int, settings: int, size: int) -> list[list[np.ndarray]]:
    """Complex projective two-outcome measurements, on which transposition acts."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(settings):
        basis = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]
        projector = basis[:, : size // 2] @ basis[:, : size // 2].conj().T
        found.append([projector, np.eye(size) - projector])
    return found


def test_the_transposed_device_wins_on_a_private_state() -> None:
    d = 2
    state = ppt_private_state(d).full()
    alice, bob = random_measurements(1, 2, 2 * d), random_measurements(2, 3, 2 * d)
    bound = device_independent_measure(state, (2 * d, 2 * d), alice=alice, bob=bob, methods=["relative-entropy"])
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
    def wrong(rho, bob, dims, *, ppt):  # type: ignore[no-untyped-def]
        yield "maximally mixed", np.eye(len(rho)) / len(rho), bob

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
        lifted, shift = exactly_ppt(matrix, dims)
        transposed = partially_transposed(lifted, dims)
        assert np.array_equal(lifted, lifted.conj().T)
        assert all(certified_state(m).shift == 0 for m in (lifted, transposed))
        assert certified_state(lifted).trace.overlaps(certified_state(transposed).trace)
        assert 0 <= shift <= 4 * max(abs(defect), 2.0**-50)


def test_the_shift_of_the_state_is_reported() -> None:
    d = 2
    measurements = random_measurements(4, 2, 2 * d)
    bound = device_independent_measure(
        ppt_private_state(d).full(), (2 * d, 2 * d), alice=measurements, bob=measurements, methods=["relative-entropy"]
    )
    assert 0 < bound.diagnostics["shift"] < 1e-14
    assert bound.diagnostics["devices"].keys() == {"as given", "partial transpose"}
    ceiling = partial_transpose_bound(ppt_private_state(d).full(), (2 * d, 2 * d))
    assert ceiling.diagnostics["shift"] == bound.diagnostics["shift"]


def test_measurements_that_do_not_fit_are_refused() -> None:
    half = [qubit_measurement(0.0), qubit_measurement(math.pi / 2)]
    with pytest.raises(DimensionError, match="effects of size"):
        device_independent_measure(isotropic(3, 0.3), alice=half, bob=half)
    with pytest.raises(InputError, match="sum to the identity"):
        device_independent_measure(bell_state(0), alice=[[np.eye(2), np.eye(2)]], bob=half)
