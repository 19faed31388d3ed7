"""The edge between Qobj and arrays: what passes is a state with honest dims, what does not is named and measured."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError, InputError, StateError
from keybounds.states import density_matrix, to_qobj

BELL = np.array([[1, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1]]) / 2


@pytest.mark.parametrize(
    ("state", "dims"),
    [
        pytest.param(qutip.bell_state("00"), None, id="ket"),
        pytest.param(qutip.ket2dm(qutip.bell_state("00")), None, id="operator"),
        pytest.param(BELL, (2, 2), id="array"),
        pytest.param(np.array([1, 0, 0, 1]) / np.sqrt(2), [2, 2], id="vector"),
        pytest.param(BELL.tolist(), (2, 2), id="lists"),
    ],
)
def test_every_form_of_a_state_gives_the_same_matrix(state, dims):
    matrix, parts = density_matrix(state, dims)
    assert parts == (2, 2)
    assert matrix.dtype == np.complex128
    np.testing.assert_allclose(matrix, BELL, atol=1e-15)


def test_dims_of_a_qobj_can_be_regrouped():
    """A A' B B' seen as two parties: the entries stay, only the grouping changes."""
    state = qutip.rand_dm([2, 3, 2, 3], seed=1)
    matrix, parts = density_matrix(state, (6, 6))
    assert parts == (6, 6)
    np.testing.assert_allclose(matrix, state.full(), atol=1e-15)


def test_complex_coherence_survives():
    """A kernel that conjugates or transposes by accident would pass on real states only."""
    ket = np.array([1, 1j]) / np.sqrt(2)
    assert density_matrix(ket, (2,))[0][0, 1] == pytest.approx(-0.5j)


@pytest.mark.parametrize(
    ("state", "dims", "error", "message"),
    [
        pytest.param(BELL + np.diag([0, 1e-3, 0], 1), (2, 2), StateError, r"Hermitian.*0\.001", id="skew"),
        pytest.param(np.diag([0.6, 0.5, -0.1, 0]), (2, 2), StateError, "smallest eigenvalue -0.1", id="negative"),
        pytest.param(BELL * 1.5, (2, 2), StateError, "trace 1.5", id="trace"),
        pytest.param(np.array([1, 0, 0, 1]), (2, 2), StateError, "trace 2", id="unnormalised-ket"),
        pytest.param(BELL * np.nan, (2, 2), StateError, "16 NaN or infinite", id="nan"),
        pytest.param(np.diag([np.inf, 0]), (2,), StateError, "1 NaN or infinite", id="inf"),
        pytest.param(np.ones((2, 3)), (2,), DimensionError, r"shape \(2, 3\)", id="not-square"),
        pytest.param(np.ones((2, 2, 2)), (2,), DimensionError, r"shape \(2, 2, 2\)", id="tensor"),
        pytest.param(np.zeros((0, 0)), (), DimensionError, r"shape \(0, 0\)", id="empty"),
        pytest.param(BELL, None, DimensionError, "dims", id="no-dims"),
        pytest.param(BELL, (2, 3), DimensionError, r"product 4; found \(2, 3\)", id="wrong-product"),
        pytest.param(BELL, (-2, -2), DimensionError, "at least 1; found -2", id="negative-dims"),
        pytest.param(BELL, (2.0, 2.0), DimensionError, "whole number", id="float-dims"),
        pytest.param(qutip.bell_state("00").dag(), None, StateError, "type 'bra'", id="bra"),
        pytest.param(qutip.to_super(qutip.qeye(2)), None, StateError, "type 'super'", id="super"),
        pytest.param(
            qutip.Qobj(np.eye(4) / 4, dims=[[4], [2, 2]]), None, DimensionError, "to itself", id="not-endomorphism"
        ),
    ],
)
def test_what_is_no_state_is_refused_with_the_measured_violation(state, dims, error, message):
    with pytest.raises(error, match=message) as caught:
        density_matrix(state, dims)
    assert isinstance(caught.value, InputError)
    assert isinstance(caught.value, ValueError)


def test_violations_within_the_tolerance_pass_and_are_made_hermitian():
    rho = BELL + np.diag([0, 5e-4, 0], 1)
    matrix, _ = density_matrix(rho, (2, 2), atol=1e-3)
    np.testing.assert_array_equal(matrix, matrix.conj().T)


def test_the_tolerance_on_eigenvalues_is_inclusive():
    """At exactly -atol the Cholesky factorisation breaks down and the measured eigenvalue decides."""
    density_matrix(np.diag([1.125, -0.125]), (2,), atol=0.125)
    with pytest.raises(StateError, match=r"smallest eigenvalue -0\.25"):
        density_matrix(np.diag([1.25, -0.25]), (2,), atol=0.125)


def test_singular_states_pass():
    """Rank-one states have eigenvalues a rounding below 0; refusing them would refuse every pure state."""
    below = 0
    for seed in range(20):
        projector = qutip.ket2dm(qutip.rand_ket([3, 5], seed=seed)).full()
        below += np.linalg.eigvalsh(projector)[0] < 0
        state, dims = density_matrix(projector, (3, 5))
        assert dims == (3, 5)
        assert np.array_equal(state, projector)
    assert below > 0


@settings(deadline=None, max_examples=25)
@given(
    dims=st.lists(st.integers(1, 4), min_size=1, max_size=4).filter(lambda d: max(d) > 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_to_qobj_and_back_is_the_identity(random_state, dims, seed):
    rho = random_state(int(np.prod(dims)), seed)
    qobj = to_qobj(rho, dims)
    assert qobj.dims == [dims, dims]
    matrix, parts = density_matrix(qobj)
    assert parts == tuple(dims)
    np.testing.assert_allclose(matrix, rho, atol=1e-15)


def test_to_qobj_makes_kets_of_vectors_and_refuses_misfits():
    assert to_qobj([1, 0, 0, 0], (2, 2)).dims == qutip.bell_state("00").dims
    with pytest.raises(DimensionError, match=r"shape \(4, 4\); found \[2, 3\]"):
        to_qobj(BELL, (2, 3))
    with pytest.raises(DimensionError, match=r"shape \(4, 1\)"):
        to_qobj(np.ones((4, 1)), (2, 2))


def test_import_and_closed_forms_do_not_load_qutip():
    """qutip takes seconds; loading it with the package would break the time of every command."""
    code = (
        "import sys, numpy, keybounds.states as s; s.PPTPrivateFamily(25).figures(); "
        "s.density_matrix(numpy.eye(4) / 4, (2, 2)); print('qutip' in sys.modules, 'scipy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("state", [[[1, 0], [0]], [["1", "0"], ["0", "0"]], "state", object()])
def test_what_is_no_array_of_numbers_is_refused(state: object) -> None:
    with pytest.raises(DimensionError, match=r"^state: expected a rectangular array of numbers"):
        density_matrix(state, (2,))  # type: ignore[arg-type]


def test_dims_that_are_no_sequence_are_refused() -> None:
    with pytest.raises(DimensionError, match=r"^dims: expected a sequence"):
        density_matrix([[1, 0], [0, 0]], 2)  # type: ignore[arg-type]
