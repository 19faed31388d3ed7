"""Partial transposition against qutip and its defining property."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError
from keybounds.states import partial_transpose


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_agrees_with_qutip_for_every_choice_of_subsystems(random_state, data):
    dims = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=4).filter(lambda d: max(d) > 1))
    mask = data.draw(st.lists(st.integers(0, 1), min_size=len(dims), max_size=len(dims)))
    rho = random_state(int(np.prod(dims)), data.draw(st.integers(0, 2**32 - 1)))
    chosen = [k for k, bit in enumerate(mask) if bit]
    ours = partial_transpose(rho, dims, subsystems=chosen)
    theirs = qutip.partial_transpose(qutip.Qobj(rho, dims=[dims, dims]), mask).full()
    np.testing.assert_allclose(ours, theirs, atol=1e-15)
    np.testing.assert_array_equal(partial_transpose(ours, dims, subsystems=chosen), rho)


def test_product_operators_show_which_side_is_transposed():
    a, b = np.arange(4).reshape(2, 2) + 1j, np.arange(9).reshape(3, 3) - 2j
    np.testing.assert_array_equal(partial_transpose(np.kron(a, b), (2, 3)), np.kron(a, b.T))
    np.testing.assert_array_equal(partial_transpose(np.kron(a, b), (2, 3), subsystems=[0]), np.kron(a.T, b))


def test_default_transposes_all_of_bob_s_side():
    """States with shields are A A' B B': transposing B' alone would be another map."""
    state = qutip.rand_dm([2, 3, 2, 3], seed=5)
    transposed = partial_transpose(state)
    assert isinstance(transposed, qutip.Qobj)
    assert transposed.dims == state.dims
    assert (transposed - qutip.partial_transpose(state, [0, 0, 1, 1])).norm() < 1e-14
    by_party = partial_transpose(state.full(), (6, 6))
    np.testing.assert_array_equal(transposed.full(), by_party)


def test_array_in_array_out_and_kets_stand_for_projectors():
    ket = np.array([1, 0, 0, 1]) / np.sqrt(2)
    assert np.linalg.eigvalsh(partial_transpose(ket, (2, 2)))[0] == pytest.approx(-0.5)
    assert isinstance(partial_transpose(np.eye(4), (2, 2)), np.ndarray)


@pytest.mark.parametrize("subsystems", [[2], [-1], [0, 0]])
def test_positions_must_exist_once(subsystems):
    with pytest.raises(DimensionError, match="distinct positions from 0 to 1"):
        partial_transpose(np.eye(4), (2, 2), subsystems=subsystems)


def test_an_odd_number_of_subsystems_has_no_default():
    with pytest.raises(DimensionError, match="3 subsystems"):
        partial_transpose(np.eye(8), (2, 2, 2))
