"""Private bits: what makes them private, and what twisting and squeezing leave alone."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError, StateError, UnsupportedError
from keybounds.states import (
    bell_diagonal,
    bell_state,
    density_matrix,
    privacy_squeeze,
    private_bit,
    twist,
    untwist,
)

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="session")
def random_twisting(random_unitary):
    def draw(size, seed):
        return np.array([[random_unitary(size, seed + 2 * a + b) for b in (0, 1)] for a in (0, 1)])

    return draw


def eve_given_key(state) -> np.ndarray:
    """Unnormalised states ρ_E^{ab}, shape (2, 2, E, E), of the purifying adversary when A, B are measured."""
    rho, (_, left, _, right) = density_matrix(state)
    spectrum, vectors = np.linalg.eigh(rho)
    spectrum = np.where(spectrum > 1e-13, spectrum, 0)  # the root of a rounding error would be 1e-8
    psi = (vectors * np.sqrt(spectrum)).reshape(2, left, 2, right, -1)
    return np.einsum("asbte,asbtf->abef", psi, psi.conj())


def entropy(rho: np.ndarray) -> float:
    spectrum = np.linalg.eigvalsh(rho)
    spectrum = spectrum[spectrum > 1e-15]
    return float(-spectrum @ np.log2(spectrum))


def devetak_winter(state) -> float:
    """I(A:B) - I(A:E) in bits after measuring A and B; Eve purifies, the shields are nobody's."""
    eve = eve_given_key(state)
    joint = np.einsum("abee->ab", eve).real
    alice, bob = joint.sum(1), joint.sum(0)
    mutual = entropy(np.diag(alice)) + entropy(np.diag(bob)) - entropy(np.diag(joint.reshape(-1)))
    by_alice = eve.sum(1)
    leaked = entropy(by_alice.sum(0)) + entropy(np.diag(alice)) - sum(entropy(part) for part in by_alice)
    return mutual - leaked


@settings(deadline=None, max_examples=20)
@given(seeds, st.sampled_from([(1, 1), (2, 2), (2, 3)]), st.integers(1, 4))
def test_the_key_of_a_private_bit_is_uniform_shared_and_unknown(random_state, random_twisting, seed, shields, rank):
    """p(00) = p(11) = 1/2 and ρ_E^{00} = ρ_E^{11}: otherwise the state would not be a private bit."""
    size = shields[0] * shields[1]
    state = private_bit(random_state(size, seed, rank), random_twisting(size, seed), shields)
    assert state.dims == [[2, shields[0], 2, shields[1]]] * 2
    eve = eve_given_key(state)
    np.testing.assert_allclose(np.einsum("abee->ab", eve), np.eye(2) / 2, atol=1e-10)
    np.testing.assert_allclose(eve[0, 0], eve[1, 1], atol=1e-10)


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_private_bit_is_the_twisted_product(random_state, random_twisting, seed):
    """Independent construction with qutip: Σ |ab><ab| ⊗ U_ab on Phi+ ⊗ ρ, subsystems permuted into A A' B B'."""
    shield, unitaries = qutip.Qobj(random_state(6, seed), dims=[[2, 3], [2, 3]]), random_twisting(6, seed)
    controlled = sum(
        qutip.tensor(qutip.ket2dm(qutip.basis([2, 2], [a, b])), qutip.Qobj(unitaries[a, b], dims=[[2, 3], [2, 3]]))
        for a in (0, 1)
        for b in (0, 1)
    )
    product = qutip.tensor(qutip.ket2dm(qutip.bell_state("00")), shield)
    expected = (controlled * product * controlled.dag()).permute([0, 2, 1, 3])
    state = private_bit(shield, unitaries)
    assert state.dims == expected.dims
    assert (state - expected).norm() < 1e-12
    assert (untwist(state, unitaries) - private_bit(shield)).norm() < 1e-12


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_untwisting_undoes_twisting_and_twisting_spares_key_and_adversary(random_state, random_twisting, seed):
    state = qutip.Qobj(random_state(16, seed, 3), dims=[[2, 2, 2, 2]] * 2)
    unitaries = random_twisting(4, seed)
    twisted = twist(state, unitaries)
    assert twisted.dims == state.dims
    assert (untwist(twisted, unitaries) - state).norm() < 1e-12
    before, after = eve_given_key(state), eve_given_key(twisted)
    np.testing.assert_allclose(np.einsum("abee->ab", after), np.einsum("abee->ab", before), atol=1e-12)
    # Eve's conditional states agree up to a unitary of hers: compare what is invariant under it
    for u in ((0, 0), (0, 1), (1, 0), (1, 1)):
        for v in ((0, 0), (0, 1), (1, 0), (1, 1)):
            overlap = np.trace(before[u] @ before[v])
            assert np.trace(after[u] @ after[v]) == pytest.approx(overlap, abs=1e-12)


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_squeezing_a_private_bit_recovers_the_bell_state(random_state, random_twisting, seed):
    state = private_bit(random_state(4, seed, 2), random_twisting(4, seed), (2, 2))
    squeezed = privacy_squeeze(state)
    assert squeezed.dims == [[2, 2], [2, 2]]
    assert (squeezed - bell_state(0)).norm() < 1e-10


@settings(deadline=None, max_examples=20)
@given(seeds, st.integers(1, 3))
def test_squeezing_never_raises_the_devetak_winter_rate(random_state, seed, rank):
    """The squeezed state's rate is offered as a lower bound on K, so it must not exceed the rate of the state."""
    rng = np.random.default_rng(seed)
    rho = 0.3 * random_state(16, seed, rank)
    rho += 0.7 * private_bit(random_state(4, seed + 1, 2), dims=(2, 2)).full() if rng.random() < 0.7 else 0
    rho /= np.trace(rho).real
    state = qutip.Qobj(rho, dims=[[2, 2, 2, 2]] * 2)
    squeezed = privacy_squeeze(state)
    two_qubit = qutip.Qobj(squeezed.full(), dims=[[2, 1, 2, 1]] * 2)
    density_matrix(squeezed)
    assert devetak_winter(two_qubit) <= devetak_winter(state) + 1e-10


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_squeezing_keeps_the_key_and_is_blind_to_twisting(random_state, random_twisting, seed):
    state = qutip.Qobj(random_state(16, seed, 4), dims=[[2, 2, 2, 2]] * 2)
    squeezed = privacy_squeeze(state)
    key = state.ptrace([0, 2])
    np.testing.assert_allclose(np.diag(squeezed.full()), np.diag(key.full()), atol=1e-12)
    # trace norms dominate the coherences left by plainly tracing out the shield
    for entry in ((0, 3), (1, 2)):
        assert abs(squeezed.full()[entry]) >= abs(key.full()[entry]) - 1e-12
    assert (privacy_squeeze(twist(state, random_twisting(4, seed))) - squeezed).norm() < 1e-10


def test_squeezing_a_bell_diagonal_state_without_shield_keeps_it():
    """dA' = dB' = 1: coherences become their moduli."""
    state = qutip.Qobj(bell_diagonal([0.5, 0.2, 0.1, 0.2]).full(), dims=[[2, 1, 2, 1]] * 2)
    assert (privacy_squeeze(state) - bell_diagonal([0.5, 0.2, 0.2, 0.1])).norm() < 1e-14


def test_bad_input_is_refused(random_state, random_twisting):
    shield = random_state(4, 1)
    with pytest.raises(DimensionError, match="two subsystems"):
        private_bit(shield, dims=(4,))
    with pytest.raises(DimensionError, match=r"shape \(2, 2, 4, 4\)"):
        private_bit(shield, random_twisting(3, 1), (2, 2))
    with pytest.raises(StateError, match="twisting: expected unitaries"):
        private_bit(shield, 1.01 * random_twisting(4, 1), (2, 2))
    with pytest.raises(StateError, match="trace 2"):
        private_bit(2 * shield, dims=(2, 2))
    with pytest.raises(DimensionError, match=r"dims \(2, dA', 2, dB'\)"):
        privacy_squeeze(shield, (2, 2))
    with pytest.raises(DimensionError, match=r"found \(3, 2, 2, 1\)"):
        twist(np.eye(12) / 12, random_twisting(2, 1), (3, 2, 2, 1))
    with pytest.raises(StateError, match="up to nan"):
        twist(np.eye(16) / 16, np.full((2, 2, 4, 4), np.nan), (2, 2, 2, 2))


def test_a_private_bit_too_large_to_hold_is_refused_before_it_is_made():
    with pytest.raises(UnsupportedError, match="GiB"):
        private_bit(np.eye(2100) / 2100, dims=(2100, 1))
