"""Covariance is found where it is and only there; believed where it is not, it would make a ceiling too low."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.channels import (
    as_choi,
    covariance,
    is_covariant,
    key_controlled_weyl,
    local_weyl,
    pure_loss,
    weyl,
)
from keybounds.channels.choi import Choi
from keybounds.channels.families import (
    amplitude_damping_choi,
    dephasing_choi,
    depolarizing_choi,
    erasure_choi,
    pauli_choi,
    werner_holevo_choi,
)
from keybounds.channels.ppt_private import ppt_private_choi
from keybounds.channels.transposition import transposed_choi
from keybounds.errors import ChannelError, DimensionError, StateError

COVARIANT = {
    "erasure-3": erasure_choi(0.2, 3),
    "dephasing-4": dephasing_choi(0.1, 4),
    "depolarising-5": depolarizing_choi(0.3, 5),
    "pauli": pauli_choi(x=0.1, y=0.02, z=0.3),
    "werner-holevo-4": werner_holevo_choi(4, 0.9),
    "identity": depolarizing_choi(0.0, 3),
    "constant": depolarizing_choi(1.0, 3),
    "lambda-2": ppt_private_choi(2),
    "lambda-3": ppt_private_choi(3),
    "lambda-5": ppt_private_choi(5, 0.4),
    "lambda-4-hadamard": ppt_private_choi(4, None, "hadamard"),
    "transposed-lambda-3": transposed_choi(ppt_private_choi(3)),
}


def random_unitary(rng: np.random.Generator, d: int) -> np.ndarray:
    return np.linalg.qr(rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d)))[0]


def rotated(choi: Choi, before: np.ndarray, after: np.ndarray) -> Choi:
    """V Λ(U† · U) V†."""
    turn = np.kron(before.conj(), after)
    return Choi(turn @ choi.matrix @ turn.conj().T, choi.inputs, choi.outputs)


@pytest.mark.parametrize("choi", COVARIANT.values(), ids=COVARIANT.keys())
def test_covariant_channels_are_found_and_the_corrections_correct(choi: Choi) -> None:
    found = covariance(choi)
    assert found.teleportation
    assert is_covariant(choi)
    d_a, d_b = choi.dims
    rng = np.random.default_rng(0)
    g = rng.normal(size=(2, d_a, d_a))
    rho = g[0] + 1j * g[1]
    send = lambda m: np.einsum("ij,ijab->ab", m, choi.blocks)  # noqa: E731
    for u, v in zip(found.generators, found.corrections, strict=True):
        np.testing.assert_allclose(v.conj().T @ v, np.eye(d_b), atol=1e-13)
        np.testing.assert_allclose(send(u @ rho @ u.conj().T), v @ send(rho) @ v.conj().T, atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from(["erasure-3", "pauli", "werner-holevo-4", "lambda-2", "lambda-3"]))
def test_corrections_are_found_in_any_output_basis(seed: int, name: str) -> None:
    choi = COVARIANT[name]
    rng = np.random.default_rng(seed)
    turned = rotated(choi, np.eye(choi.dims[0]), random_unitary(rng, choi.dims[1]))
    assert covariance(turned).defect < 1e-12


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_generic_channels_are_not_covariant(seed: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    kraus = np.linalg.qr(rng.normal(size=(2 * rank, 2)) + 1j * rng.normal(size=(2 * rank, 2)))[0].reshape(rank, 2, 2)
    found = covariance(kraus)
    assert not found.covariant
    assert found.defect > 1e-4


def test_amplitude_damping_is_covariant_under_phases_only() -> None:
    choi = amplitude_damping_choi(0.3)
    phase = np.diag([1, np.exp(0.7j)])[None]
    assert is_covariant(choi, phase)
    found = covariance(choi, phase)
    assert found.covariant
    assert not found.irreducible
    assert not found.teleportation
    assert not is_covariant(choi), "no irreducible representation"
    assert not is_covariant(choi, weyl(2))
    assert not is_covariant(pure_loss(0.5).restricted_choi(3))


@pytest.mark.parametrize("size", [1e-6, 1e-4])
def test_a_slightly_broken_symmetry_is_seen(size: float) -> None:
    a, b = depolarizing_choi(0.1).matrix, amplitude_damping_choi(0.5).matrix
    found = covariance((1 - size) * a + size * b, dims=(2, 2))
    assert not found.covariant
    assert 0.05 * size < found.defect < 2 * size


def test_the_defect_is_what_the_tolerance_is_held_against() -> None:
    mixed = (1 - 1e-6) * depolarizing_choi(0.1).matrix + 1e-6 * amplitude_damping_choi(0.5).matrix
    assert is_covariant(mixed, dims=(2, 2), atol=1e-5)
    assert not is_covariant(mixed, dims=(2, 2), atol=1e-8)


@pytest.mark.parametrize(
    ("generators", "irreducible"),
    [
        (weyl(2), True),
        (weyl(7), True),
        (weyl(7)[1:], False),
        (local_weyl((2, 3)), True),
        (local_weyl((2, 3))[:2], False),
        (key_controlled_weyl(5), True),
        (key_controlled_weyl(5)[:-1], False),
        (np.eye(1)[None], True),
    ],
    ids=["weyl-2", "weyl-7", "clock-only", "2x3", "one-factor", "key-controlled", "no-flip", "trivial"],
)
def test_irreducibility(generators: np.ndarray, irreducible: bool) -> None:
    assert covariance(_constant(generators.shape[1]), generators).irreducible is irreducible


def _constant(d: int) -> Choi:
    return Choi(np.eye(d * 2, dtype=complex) / (2 * d), (d,), (2,))


def test_weyl_operators_commute_up_to_a_phase() -> None:
    x, z = weyl(5)
    np.testing.assert_allclose(z @ x, np.exp(2j * np.pi / 5) * x @ z, atol=1e-14)


def test_the_group_of_lambda_needs_the_fourier_matrix() -> None:
    # For Sylvester's matrix the key-controlled cyclic shifts are no symmetry; a test that said so would be vacuous.
    assert is_covariant(ppt_private_choi(4), key_controlled_weyl(4))
    assert not is_covariant(ppt_private_choi(4, None, "hadamard"), key_controlled_weyl(4))


def test_bad_generators_are_refused() -> None:
    choi = depolarizing_choi(0.1)
    with pytest.raises(DimensionError, match="shape"):
        covariance(choi, weyl(3))
    with pytest.raises(DimensionError, match="unitaries of shape"):
        covariance(choi, np.eye(2))
    with pytest.raises(StateError, match="unitary"):
        covariance(choi, 2 * weyl(2))
    with pytest.raises(StateError, match="unitary"):
        covariance(choi, np.full((1, 2, 2), np.nan))
    with pytest.raises(DimensionError, match="at least 1"):
        weyl(0)


def test_no_channel_no_test() -> None:
    with pytest.raises(ChannelError, match="trace-preserving"):
        is_covariant(np.eye(4) / 3, dims=(2, 2))
    assert as_choi(np.eye(4) / 4, (2, 2)).dims == (2, 2)
