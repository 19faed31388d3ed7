"""Entropies in bits, against qutip and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError
from keybounds.states import bell_state, isotropic, relative_entropy, von_neumann_entropy, werner

seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(1, 6))
def test_von_neumann_entropy_agrees_with_qutip_in_base_2(random_state, seed, rank):
    rho = random_state(6, seed, rank)
    expected = qutip.entropy_vn(qutip.Qobj(rho), base=2)
    assert von_neumann_entropy(rho, (2, 3)) == pytest.approx(expected, abs=1e-10)


@settings(deadline=None, max_examples=25)
@given(seeds, seeds)
def test_relative_entropy_agrees_with_qutip_and_is_not_negative(random_state, first, second):
    rho, sigma = random_state(4, first, 3), random_state(4, second)
    value = relative_entropy(rho, sigma, (2, 2))
    assert value >= -1e-12
    assert value == pytest.approx(qutip.entropy_relative(qutip.Qobj(rho), qutip.Qobj(sigma), base=2), abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(seeds, seeds, seeds)
def test_entropies_are_unitarily_invariant(random_state, random_unitary, first, second, third):
    rho, sigma, u = random_state(4, first), random_state(4, second), random_unitary(4, third)
    turned = [u @ m @ u.conj().T for m in (rho, sigma)]
    assert von_neumann_entropy(turned[0], (4,)) == pytest.approx(von_neumann_entropy(rho, (4,)), abs=1e-10)
    assert relative_entropy(*turned, (4,)) == pytest.approx(relative_entropy(rho, sigma, (4,)), abs=1e-8)


def test_maximally_mixed_and_pure_states():
    assert von_neumann_entropy(np.eye(8) / 8, (2, 4)) == pytest.approx(3, abs=1e-14)
    assert von_neumann_entropy(bell_state(1)) == pytest.approx(0, abs=1e-12)
    assert relative_entropy(bell_state(0), werner(2, 1 / 4)) == pytest.approx(2, abs=1e-12)  # w = 1/4: I/4


def test_commuting_states_give_the_classical_relative_entropy():
    """Isotropic states commute: D = D2 of the fidelities."""
    f, g = 0.8, 0.3
    classical = f * math.log2(f / g) + (1 - f) * math.log2((1 - f) / (1 - g))
    assert relative_entropy(isotropic(3, f), isotropic(3, g)) == pytest.approx(classical, abs=1e-12)


def test_weight_outside_the_support_is_infinite_and_none_is_finite():
    assert relative_entropy(np.eye(4) / 4, np.diag([0.5, 0.5, 0, 0]), (2, 2)) == math.inf
    assert relative_entropy(np.diag([1.0, 0, 0, 0]), np.diag([0.5, 0.5, 0, 0]), (2, 2)) == pytest.approx(1)


def test_dims_must_agree():
    with pytest.raises(DimensionError, match="sigma"):
        relative_entropy(qutip.rand_dm([2, 3], seed=1), qutip.rand_dm([3, 2], seed=1))
