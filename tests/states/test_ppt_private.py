"""The dense rho_{d,p} and its separable neighbours, against the closed forms and against independent constructions."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError, InputError, StateError, UnknownNameError, UnsupportedError
from keybounds.states import (
    PPTPrivateFamily,
    bell_diagonal,
    complex_hadamard,
    density_matrix,
    partial_transpose,
    ppt_private_state,
    privacy_squeeze,
    relative_entropy,
    separable_ensemble,
    von_neumann_entropy,
)
from keybounds.states.ppt_private import ppt_private_matrix

CASES = [
    (2, "fourier"),
    (3, "fourier"),
    (4, "fourier"),
    (5, "fourier"),
    (6, "fourier"),
    (2, "hadamard"),
    (4, "hadamard"),
]
WEIGHTS = [None, 0.45, 0.5]


def by_the_definition(unitary: np.ndarray, p: float) -> np.ndarray:
    """rho_{d,p} from its blocks in key ⊗ shield order, then permuted into A A' B B' by qutip."""
    d = len(unitary)
    x = np.zeros((d * d, d * d), dtype=complex)
    y = np.zeros((d * d, d * d))
    for i in range(d):
        y[i * d + i, i * d + i] = 1 / d
        for j in range(d):
            x[i * d + j, j * d + i] = unitary[i, j] / (d * sqrt(d))
    u, singular, vh = np.linalg.svd(x)
    left, right = u @ np.diag(singular) @ u.conj().T, vh.conj().T @ np.diag(singular) @ vh  # sqrt(XX†), sqrt(X†X)
    unit = np.eye(4)
    rho = (1 - p) / 2 * (
        np.kron(np.outer(unit[0], unit[0]), left)
        + np.kron(np.outer(unit[3], unit[3]), right)
        + np.kron(np.outer(unit[0], unit[3]), x)
        + np.kron(np.outer(unit[3], unit[0]), x.conj().T)
    ) + p / 2 * np.kron(np.diag([0, 1, 1, 0]), y)
    return qutip.Qobj(rho, dims=[[2, 2, d, d]] * 2).permute([0, 2, 1, 3]).full()


@pytest.mark.parametrize("p", WEIGHTS)
@pytest.mark.parametrize(("d", "unitary"), CASES)
def test_the_state_is_the_published_one_with_honest_dims(d, unitary, p):
    state = ppt_private_state(d, p, unitary)
    assert state.dims == [[2, d, 2, d], [2, d, 2, d]]
    density_matrix(state)
    weight = 1 / (sqrt(d) + 1) if p is None else p
    np.testing.assert_allclose(state.full(), by_the_definition(complex_hadamard(d, unitary), weight), atol=1e-14)


@pytest.mark.parametrize("p", WEIGHTS)
@pytest.mark.parametrize(("d", "unitary"), CASES)
def test_dense_spectra_and_entropies_are_the_closed_forms(d, unitary, p):
    state, family = ppt_private_state(d, p, unitary), PPTPrivateFamily(d, p)
    transposed = partial_transpose(state)
    w, c = float(family.p), float(family.coherence)
    zeros = 2 * d * (d - 1)
    expected = np.sort([(1 - w) / d**2] * d**2 + [w / (2 * d)] * (2 * d) + [0] * (d**2 + zeros))
    np.testing.assert_allclose(np.linalg.eigvalsh(state.full()), expected, atol=1e-13)
    pairs = [w * (1 + c) / (2 * d)] * d + [w * (1 - c) / (2 * d)] * d
    expected = np.sort([(1 - w) / (2 * d**2)] * (2 * d**2) + pairs + [0] * zeros)
    np.testing.assert_allclose(np.linalg.eigvalsh(transposed.full()), expected, atol=1e-13)
    assert von_neumann_entropy(state) == pytest.approx(float(family.entropy), abs=1e-10)
    assert von_neumann_entropy(transposed) == pytest.approx(float(family.transposed_entropy), abs=1e-10)


@pytest.mark.parametrize(("d", "unitary"), CASES)
def test_ppt_holds_at_the_edge_and_fails_just_below_it(d, unitary):
    """The state below the edge is built by hand, as the builder refuses it."""
    edge, delta = 1 / (sqrt(d) + 1), 1e-6
    dims, matrix = (2, d, 2, d), complex_hadamard(d, unitary)
    least = [
        np.linalg.eigvalsh(partial_transpose(by_the_definition(matrix, edge + shift), dims))[0]
        for shift in (-delta, 0.0, delta)
    ]
    assert least[0] == pytest.approx(-delta * (1 + 1 / sqrt(d)) / (2 * d), rel=1e-4)
    assert least[1] == pytest.approx(0, abs=1e-14)
    assert least[2] == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_trace_norms_of_the_shield_operator(d):
    """‖X‖_1 = 1 makes the key, ‖X^Γ‖_1 = 1/√d is what is left of it."""
    rho = ppt_private_state(d).full().reshape(2, d, 2, d, 2, d, 2, d)
    p = float(PPTPrivateFamily(d).p)
    x = 2 / (1 - p) * rho[0, :, 0, :, 1, :, 1, :].reshape(d * d, d * d)
    assert np.linalg.norm(x, "nuc") == pytest.approx(1, abs=1e-12)
    transposed = partial_transpose(x, (d, d))
    assert np.linalg.norm(transposed, "nuc") == pytest.approx(
        float(PPTPrivateFamily(d).transposed_coherence_norm), abs=1e-12
    )


@pytest.mark.parametrize("p", WEIGHTS)
@pytest.mark.parametrize(("d", "unitary"), [(2, "fourier"), (3, "fourier"), (4, "hadamard")])
def test_privacy_squeezing_gives_the_bell_diagonal_state_behind_the_key_rate(d, unitary, p):
    family = PPTPrivateFamily(d, p)
    w = float(family.p)
    squeezed = privacy_squeeze(ppt_private_state(d, p, unitary))
    assert (squeezed - bell_diagonal([1 - w, 0, w / 2, w / 2])).norm() < 1e-12
    rate = 1 - von_neumann_entropy(squeezed)  # hashing; Devetak-Winter in the Z basis of a Bell-diagonal state
    assert float(family.devetak_winter) == pytest.approx(rate, abs=1e-10)


@settings(deadline=None, max_examples=20)
@given(d=st.integers(2, 4), p=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
def test_figures_do_not_depend_on_local_bases_or_on_the_hadamard_matrix(random_unitary, d, p, seed):
    """S(rho^Γ) and the least eigenvalue of rho^Γ are local-unitary invariants; and any equivalent U gives the same."""
    p = max(p / 2, 1 / (sqrt(d) + 1))
    rng = np.random.default_rng(seed)
    phases = np.exp(2j * np.pi * rng.random((2, d)))
    other = phases[0][:, None] * complex_hadamard(d)[rng.permutation(d)] * phases[1]
    family, state = PPTPrivateFamily(d, None if p < 1 / (sqrt(d) + 1) + 1e-9 else p), ppt_private_state(d, p, other)
    density_matrix(state)
    local = np.kron(random_unitary(2 * d, seed), random_unitary(2 * d, seed + 1))
    turned = partial_transpose(local @ state.full() @ local.conj().T, (2 * d, 2 * d))
    assert np.linalg.eigvalsh(turned)[0] >= -1e-12
    assert von_neumann_entropy(turned, (2 * d, 2 * d)) == pytest.approx(float(family.transposed_entropy), abs=1e-8)


@pytest.mark.parametrize("d", [2, 3, 4, 5])
@pytest.mark.parametrize("p", [None, 0.42, 0.45, 0.48, 0.5])
def test_the_separable_ensemble_certifies_the_transpose_ceiling(d, p):
    """Separable by construction, a state, and at the relative entropy that the closed form states."""
    ensemble, family = separable_ensemble(d, p), PPTPrivateFamily(d, p)
    assert ensemble.weights.min() >= 0
    assert ensemble.weights.sum() == pytest.approx(1, abs=1e-14)
    for vectors in (ensemble.alice, ensemble.bob):
        assert vectors.shape == (5 * d * d, 2 * d)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-14)
    explicit = sum(
        w * np.kron(np.outer(a, a.conj()), np.outer(b, b.conj()))
        for w, a, b in zip(ensemble.weights, ensemble.alice, ensemble.bob, strict=True)
    )
    np.testing.assert_allclose(ensemble.matrix(), explicit, atol=1e-14)
    sigma = ensemble.to_qobj()
    assert sigma.dims == [[2, d, 2, d], [2, d, 2, d]]
    transposed = partial_transpose(ppt_private_state(d, p))
    assert relative_entropy(transposed, sigma) == pytest.approx(float(family.transpose_ceiling), abs=1e-9)


def test_three_phases_average_as_many_do():
    """The ensemble's blocks are those of the full phase average: U/√d between 01 and 10, nothing between 00 and 11."""
    d, p = 3, 0.4
    u = complex_hadamard(d)
    sigma = separable_ensemble(d, p).matrix().reshape(2, d, 2, d, 2, d, 2, d)
    block = sigma[0, :, 1, :, 1, :, 0, :]
    expected = np.zeros((d, d, d, d), dtype=complex)
    for i in range(d):
        for j in range(d):
            expected[i, i, j, j] = p / (2 * d * sqrt(d)) * u[i, j]
    np.testing.assert_allclose(block, expected, atol=1e-15)
    np.testing.assert_allclose(sigma[0, :, 0, :, 1, :, 1, :], 0, atol=1e-15)
    np.testing.assert_allclose(sigma[0, :, 0, :, 0, :, 1, :], 0, atol=1e-15)
    same = sigma[0, :, 0, :, 0, :, 0, :].reshape(d * d, d * d)
    np.testing.assert_allclose(same, (1 - p) / (2 * d * d) * np.eye(d * d), atol=1e-15)


@pytest.mark.parametrize(("d", "unitary"), CASES)
def test_at_one_half_the_ensemble_is_the_partial_transpose_so_that_the_state_is_separable(d, unitary):
    ensemble = separable_ensemble(d, 0.5, unitary)
    np.testing.assert_allclose(
        ensemble.matrix(), partial_transpose(ppt_private_state(d, 0.5, unitary)).full(), atol=1e-14
    )


@pytest.mark.parametrize("d", [2, 3, 4, 5])
@pytest.mark.parametrize("p", [None, 0.43, 0.49])
def test_the_ceiling_on_the_state_itself_is_its_distance_to_the_separable_member(d, p):
    value = relative_entropy(ppt_private_state(d, p), ppt_private_state(d, 0.5))
    assert value == pytest.approx(float(PPTPrivateFamily(d, p).relative_entropy_ceiling), abs=1e-10)


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("p", [None, 0.45])
def test_the_published_ceiling_follows_by_dephasing_the_error_block(d, p):
    """The convexity argument of `published_transpose_ceiling`, also off the edge: E_r of the 01/10 block is ≤ 1."""
    family = PPTPrivateFamily(d, p)
    w = float(family.p)
    block = partial_transpose(ppt_private_state(d, p)).full().reshape(2, d, 2, d, 2, d, 2, d).copy()
    for key in (0, 1):
        block[key, :, key, :, key, :, key, :] = 0
    error = block.reshape(4 * d * d, 4 * d * d) / w
    dephased = np.diag(np.diag(error))
    cost = relative_entropy(error, dephased, (2, d, 2, d))
    assert cost <= 1 + 1e-12
    assert float(family.transpose_ceiling) <= w * cost + 1e-12 <= w + 1e-9


def test_complex_hadamard_matrices():
    root = np.exp(2j * np.pi / 3)
    np.testing.assert_allclose(
        complex_hadamard(3) * sqrt(3), [[1, 1, 1], [1, root, root**2], [1, root**2, root]], atol=1e-14
    )
    pair = np.array([[1, 1], [1, -1]]) / sqrt(2)
    np.testing.assert_allclose(complex_hadamard(8, "hadamard"), np.kron(pair, np.kron(pair, pair)), atol=1e-15)
    np.testing.assert_array_equal(complex_hadamard(2, pair), pair)


@pytest.mark.parametrize(
    ("d", "unitary", "error", "message"),
    [
        pytest.param(3, "hadamard", DimensionError, "power of two", id="sylvester-3"),
        pytest.param(2, "hadamar", UnknownNameError, "did you mean 'hadamard'", id="name"),
        pytest.param(2, np.eye(2), StateError, "moduli", id="not-flat"),
        pytest.param(2, np.ones((2, 2)) / sqrt(2), StateError, "moduli", id="not-unitary"),
        pytest.param(2, np.full((2, 2), np.nan), StateError, "nan", id="nan"),
        pytest.param(3, np.eye(2), DimensionError, r"shape \(2, 2\)", id="shape"),
        pytest.param(1, "fourier", DimensionError, "at least 2", id="d-1"),
    ],
)
def test_bad_unitaries_are_refused(d, unitary, error, message):
    for build in (complex_hadamard, lambda d, u: ppt_private_state(d, None, u)):
        with pytest.raises(error, match=message):
            build(d, unitary)


@pytest.mark.parametrize("build", [ppt_private_state, separable_ensemble])
@pytest.mark.parametrize("p", [0.33, 0.51, float("nan"), -1])
def test_weights_outside_the_range_are_refused_with_the_edge(build, p):
    with pytest.raises(InputError, match=r"0\.333333333333, 0\.5\] for d = 4"):
        build(4, p)


@pytest.mark.parametrize("d", [2, 3, 25, 36])
def test_the_edge_computed_in_floating_point_is_accepted_by_the_dense_builder(d):
    """1/(√25 + 1) rounds to below 1/6: an exact check would refuse what every user writes."""
    assert float(1 / (sqrt(25) + 1)) < Fraction(1, 6)
    np.testing.assert_array_equal(separable_ensemble(d, 1 / (sqrt(d) + 1)).weights, separable_ensemble(d).weights)


@pytest.mark.parametrize("build", [ppt_private_state, separable_ensemble])
@pytest.mark.parametrize(("d", "size"), [(46, "1.07 GiB"), (2**20, "2.88e\\+17 GiB"), (10**40, "GiB")])
def test_sizes_that_cannot_be_held_are_refused_before_they_are_allocated(build, d, size):
    with pytest.raises(UnsupportedError, match=size):
        build(d)


def test_unchecked_kernel_covers_every_weight():
    """ppt_private_matrix is the same formula without the PPT range, which sweeps across the edge use."""
    for p in (0.0, 0.1, 1.0):
        u = complex_hadamard(3)
        np.testing.assert_allclose(ppt_private_matrix(u, p), by_the_definition(u, p), atol=1e-14)
