"""Werner and isotropic states: symmetry, parameter and threshold, in several dimensions."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError, InputError, UnsupportedError
from keybounds.states import bell_diagonal, density_matrix, isotropic, partial_transpose, werner

dimensions = st.integers(2, 6)
probabilities = st.floats(0, 1)
seeds = st.integers(0, 2**32 - 1)


def swap(n: int) -> np.ndarray:
    matrix = np.zeros((n * n, n * n))
    for i in range(n):
        for j in range(n):
            matrix[n * i + j, n * j + i] = 1
    return matrix


@settings(deadline=None, max_examples=40)
@given(dimensions, probabilities, seeds)
def test_werner_states_are_vv_invariant_states_of_the_given_weight(random_unitary, n, w, seed):
    state = werner(n, w)
    assert state.dims == [[n, n], [n, n]]
    rho, _ = density_matrix(state)
    v = np.kron(random_unitary(n, seed), random_unitary(n, seed))
    np.testing.assert_allclose(v @ rho @ v.conj().T, rho, atol=1e-12)
    assert np.trace(rho @ swap(n)).real == pytest.approx(1 - 2 * w, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(dimensions, probabilities, seeds)
def test_isotropic_states_are_vv_conjugate_invariant_states_of_the_given_fidelity(random_unitary, n, f, seed):
    state = isotropic(n, f)
    assert state.dims == [[n, n], [n, n]]
    rho, _ = density_matrix(state)
    u = random_unitary(n, seed)
    v = np.kron(u, u.conj())
    np.testing.assert_allclose(v @ rho @ v.conj().T, rho, atol=1e-12)
    ket = np.eye(n).reshape(-1) / np.sqrt(n)
    assert (ket @ rho @ ket).real == pytest.approx(f, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_werner_states_are_ppt_exactly_up_to_weight_one_half(n):
    """tr ρ^Γ |Φ><Φ| = (1 - 2w)/n is the eigenvalue that changes sign."""
    for w in (0.0, 0.49, 0.5, 0.51, 1.0):
        least = np.linalg.eigvalsh(partial_transpose(werner(n, w)).full())[0]
        assert (least >= -1e-14) == (w <= 0.5)
        if w >= 0.5:
            assert least == pytest.approx((1 - 2 * w) / n, abs=1e-13)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_isotropic_states_are_ppt_exactly_up_to_fidelity_one_over_n(n):
    for f in (0.0, 1 / n - 0.01, 1 / n, 1 / n + 0.01, 1.0):
        least = np.linalg.eigvalsh(partial_transpose(isotropic(n, f)).full())[0]
        assert (least >= -1e-14) == (f <= 1 / n)


def test_special_cases():
    assert (isotropic(2, 0.7) - bell_diagonal([0.7, 0.1, 0.1, 0.1])).norm() < 1e-14
    assert (werner(2, 0.7) - bell_diagonal([0.1, 0.1, 0.1, 0.7])).norm() < 1e-14
    # singlet visibility v of the docstring: v |Psi-><Psi-| + (1-v) I/4
    v = 0.6
    noisy = v * qutip.ket2dm(qutip.bell_state("11")) + (1 - v) * qutip.tensor(qutip.qeye(2), qutip.qeye(2)) / 4
    assert (werner(2, (1 + 3 * v) / 4) - noisy).norm() < 1e-14
    n, v = 3, 0.25
    ket = np.eye(n).reshape(-1) / np.sqrt(n)
    mixture = v * np.outer(ket, ket) + (1 - v) * np.eye(n * n) / n**2
    np.testing.assert_allclose(isotropic(n, v + (1 - v) / n**2).full(), mixture, atol=1e-15)


@pytest.mark.parametrize("build", [werner, isotropic])
def test_bad_arguments_are_refused(build):
    for bad in (1, 0, -3, 2.0):
        with pytest.raises(DimensionError, match="dimension: expected a whole number"):
            build(bad, 0.5)
    for bad in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="expected a probability"):
            build(3, bad)
    # 91² squared complex numbers are just above 1 GiB: refused before anything is allocated
    with pytest.raises(UnsupportedError, match=r"dimension: .*1 GiB; found 91, .*1\.02 GiB"):
        build(91, 0.5)
