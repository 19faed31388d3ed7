"""Bell states, Bell-diagonal states and the two platforms' pairs, against qutip and the published figures."""

from __future__ import annotations

from math import cos, log2, pi, radians, sin, sqrt

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError, InputError
from keybounds.states import (
    bell_diagonal,
    bell_state,
    density_matrix,
    ion_pair,
    partial_transpose,
    photonic_pair,
    von_neumann_entropy,
)
from keybounds.states.two_qubit import bell_diagonal_matrix, ion_pair_weights, photonic_pair_matrix

QUBITS = [[2, 2], [2, 2]]
Z, X = qutip.sigmaz(), qutip.sigmax()

weights = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda w: sum(w) > 0.01)


def entropy(*probabilities: float) -> float:
    return -sum(p * log2(p) for p in probabilities if p > 0)


@pytest.mark.parametrize(("k", "name"), [(0, "00"), (1, "01"), (2, "10"), (3, "11")])
def test_bell_states_are_those_of_qutip_in_the_documented_order(k, name):
    state = bell_state(k)
    assert state.dims == QUBITS
    assert (state - qutip.ket2dm(qutip.bell_state(name))).norm() < 1e-14


@pytest.mark.parametrize(("k", "zz", "xx"), [(0, 1, 1), (1, 1, -1), (2, -1, 1), (3, -1, -1)])
def test_bell_states_have_the_correlations_of_their_names(k, zz, xx):
    """Phi: equal in Z; +: equal in X. A swapped order would exchange key and phase errors."""
    assert qutip.expect(qutip.tensor(Z, Z), bell_state(k)) == pytest.approx(zz)
    assert qutip.expect(qutip.tensor(X, X), bell_state(k)) == pytest.approx(xx)


@pytest.mark.parametrize("k", [4, -1, 1.0, "phi+"])
def test_there_are_four_bell_states(k):
    with pytest.raises(InputError, match="k: expected"):
        bell_state(k)


@settings(deadline=None, max_examples=50)
@given(weights)
def test_bell_diagonal_is_a_state_with_its_weights_as_spectrum_and_ppt_up_to_one_half(raw):
    w = np.array(raw) / sum(raw)
    state = bell_diagonal(w)
    assert state.dims == QUBITS
    matrix, _ = density_matrix(state)
    np.testing.assert_allclose(np.linalg.eigvalsh(matrix), np.sort(w), atol=1e-12)
    least = np.linalg.eigvalsh(partial_transpose(matrix, (2, 2)))[0]
    assert least == pytest.approx(0.5 - w.max(), abs=1e-12)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        pytest.param([0.5, 0.5, 0.1, -0.1], InputError, "non-negative weights; found -0.1", id="negative"),
        pytest.param([0.5, 0.4, 0, 0], InputError, "sum of 0.9", id="unnormalised"),
        pytest.param([1, 0, 0], DimensionError, r"4 weights; found an array of shape \(3,\)", id="three"),
        pytest.param([np.nan, 0.5, 0.5, 0], InputError, "finite", id="nan"),
    ],
)
def test_bad_weights_are_refused(bad, error, message):
    with pytest.raises(error, match=message):
        bell_diagonal(bad)


def test_ion_link_weights_reproduce_fidelity_chsh_and_error():
    """nadlinger2022: F = 96.0 %, S = 2.677, Q = 1.44 %, Bob's test settings at ±45° in the ZX plane."""
    state = bell_diagonal([0.9600, 0.0256, 0.00086, 0.01354])
    zz, xx = (qutip.expect(qutip.tensor(op, op), state) for op in (Z, X))
    assert qutip.expect(bell_state(0), state) == pytest.approx(0.960, abs=5e-4)
    assert sqrt(2) * (zz + xx) == pytest.approx(2.677, abs=5e-4)
    assert (1 - zz) / 2 == pytest.approx(0.0144, abs=5e-5)


def test_ion_pair_is_the_channel_it_names():
    """Independent construction: Kraus operators of a phase flip, then the replacement by white noise."""
    e, f = 0.0269, 0.0204
    flip = qutip.tensor(Z, qutip.qeye(2))
    bell = qutip.ket2dm(qutip.bell_state("00"))
    dephased = (1 - f) * bell + f * flip * bell * flip
    state = ion_pair(depolarising=e, dephasing=f)
    assert state.dims == QUBITS
    assert (state - (1 - e) * dephased - e * qutip.tensor(qutip.qeye(2), qutip.qeye(2)) / 4).norm() < 1e-14
    # nadlinger2022: 96.0 % fidelity from 2.69 % depolarising and 2.04 % dephasing
    assert qutip.expect(bell, state) == pytest.approx(0.960, abs=5e-4)


def test_ion_pair_extremes():
    np.testing.assert_allclose(ion_pair(depolarising=1, dephasing=0.3).full(), np.eye(4) / 4, atol=1e-15)
    np.testing.assert_allclose(ion_pair_weights(depolarising=0, dephasing=1), [0, 1, 0, 0], atol=1e-15)
    np.testing.assert_allclose(ion_pair(depolarising=0, dephasing=0.5).full(), np.diag([0.5, 0, 0, 0.5]), atol=1e-15)


@pytest.mark.parametrize("name", ["depolarising", "dephasing"])
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_ion_pair_refuses_what_is_no_probability(name, value):
    with pytest.raises(InputError, match=f"{name}: expected a probability"):
        ion_pair(**{"depolarising": 0.1, "dephasing": 0.1, name: value})


@pytest.mark.parametrize("theta", [0.0, radians(20), pi / 4, 2.0])
def test_photonic_pair_is_the_superposition_it_names(theta):
    h, v = qutip.basis(2, 0), qutip.basis(2, 1)
    ket = cos(theta) * qutip.tensor(h, v) + sin(theta) * qutip.tensor(v, h)
    state = photonic_pair(theta)
    assert state.dims == QUBITS
    assert (state - qutip.ket2dm(ket)).norm() < 1e-14
    marginal = von_neumann_entropy(state.ptrace(0))
    assert marginal == pytest.approx(entropy(cos(theta) ** 2, sin(theta) ** 2), abs=1e-12)


def test_photonic_pair_at_45_degrees_is_psi_plus():
    assert (photonic_pair(pi / 4) - bell_state(2)).norm() < 1e-14


@pytest.mark.parametrize("theta", [float("nan"), float("inf")])
def test_photonic_pair_refuses_what_is_no_angle(theta):
    with pytest.raises(InputError, match="theta"):
        photonic_pair(theta)


def test_kernels_are_what_the_builders_return():
    np.testing.assert_array_equal(photonic_pair_matrix(0.3), photonic_pair(0.3).full())
    np.testing.assert_array_equal(
        bell_diagonal_matrix([0.7, 0.1, 0.1, 0.1]), bell_diagonal([0.7, 0.1, 0.1, 0.1]).full()
    )
