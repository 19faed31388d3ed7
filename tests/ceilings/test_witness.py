"""The gap that stops a search, against a fine grid of product vectors and against differences of the divergence."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.bounds.state.separable.divergence import cross_entropy
from keybounds.bounds.state.separable.witness import falling_products, random_vectors, witness_gap

Matrix = NDArray[np.complex128]


def state(rng: np.random.Generator, size: int, rank: int) -> Matrix:
    z = rng.normal(size=(size, rank)) + 1j * rng.normal(size=(size, rank))
    return np.asarray(z @ z.conj().T / np.trace(z @ z.conj().T).real)


def cross(rho: Matrix, sigma: Matrix, admixture: float) -> mpmath.mpf:
    """-tr ρ log2((1-η)σ + η/N), at forty digits."""
    size, share = len(rho), mpmath.mpf(admixture)
    mixed = (1 - share) * mpmath.matrix(sigma.tolist()) + share / size * mpmath.eye(size)
    values, vectors = mpmath.eigh(mixed)
    rotated = vectors.H * mpmath.matrix(rho.tolist()) * vectors
    return -sum(mpmath.re(rotated[k, k]) * mpmath.log(values[k], 2) for k in range(size))


@pytest.mark.parametrize("degenerate", [False, True], ids=["generic", "degenerate"])
@pytest.mark.parametrize("admixture", [1e-11, 0.2])
def test_the_cross_entropy_and_its_derivative_are_those_of_forty_digits(admixture: float, degenerate: bool) -> None:
    rng = np.random.default_rng(5)
    rho, sigma, direction = state(rng, 4, 2), state(rng, 4, 4), state(rng, 4, 4) - state(rng, 4, 4)
    if degenerate:
        basis = np.linalg.eigh(sigma)[1]
        sigma = np.asarray((basis * [0.1, 0.1 + 1e-9, 0.4, 0.4 - 1e-9]) @ basis.conj().T)
    value, gradient = cross_entropy(rho, sigma, admixture)
    with mpmath.workdps(40):
        exact = cross(rho, sigma, admixture)
        moved = [cross(rho, sigma + 1e-7 * k * direction, admixture) for k in (1, -1)]
        slope = (moved[0] - moved[1]) / (2 * mpmath.mpf(1e-7))
    assert value == pytest.approx(float(exact), rel=1e-12)
    assert -np.trace(gradient @ direction).real == pytest.approx(float(slope), rel=1e-6)
    assert np.abs(gradient - gradient.conj().T).max() < 1e-9


def best_on_a_grid(operator: Matrix, dims: tuple[int, int], count: int) -> float:
    """The greatest <ab|G|ab> over a fine grid of the party with a qubit, the other's best state for each."""
    tensor, best = operator.reshape(*dims, *dims), -math.inf
    with_a_qubit = "j,ijkl,l->ik" if dims[1] == 2 else "i,ijkl,k->jl"
    for theta in np.linspace(0, math.pi, count):
        for phi in np.linspace(0, 2 * math.pi, 2 * count, endpoint=False):
            v = np.array([math.cos(theta / 2), math.sin(theta / 2) * np.exp(1j * phi)])
            best = max(best, float(np.linalg.eigvalsh(np.einsum(with_a_qubit, v.conj(), tensor, v))[-1]))
    return best


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("dims", [(2, 2), (3, 2), (2, 3)])
def test_the_gap_is_that_of_the_best_product_vector(dims: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = dims[0] * dims[1]
    rho, sigma = state(rng, size, 3), state(rng, size, size)
    operator = cross_entropy(rho, sigma, 1e-11)[1]
    level = np.trace(operator @ sigma).real
    expected = best_on_a_grid(operator, dims, 40) - level
    found, gap = falling_products(rho, sigma, dims, random_vectors(rng, 8, dims[1]))
    assert expected <= gap + 1e-9
    assert gap == pytest.approx(expected, rel=5e-3)
    assert witness_gap(rho, sigma, dims) == pytest.approx(gap, rel=1e-6)
    products = np.einsum("ki,kj->kij", found.alice, found.bob).reshape(-1, size)
    values = np.einsum("ki,ij,kj->k", products.conj(), operator, products).real - level
    assert np.linalg.norm(products, axis=1) == pytest.approx(np.ones(len(products)))
    assert values[0] == pytest.approx(gap, rel=1e-9)
    assert np.all(np.diff(values) <= 1e-12)
    assert np.all(values >= gap / 3 - 1e-12)


def test_of_many_products_that_fall_alike_as_many_are_kept_as_differ() -> None:
    """Of the singlet beside the maximally mixed state they are all |a>|a^perp>; every start finds one of its own."""
    singlet = np.zeros((4, 4), dtype=complex)
    singlet[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    starts = np.array([[1, 0], [1, 1e-3], [0, 1], [1, 1], [1, -1], [1, 1j], [1, 0.7]], dtype=complex)
    starts /= np.linalg.norm(starts, axis=1)[:, None]

    def kept(count: int) -> NDArray[np.float64]:
        found, gap = falling_products(singlet, np.eye(4, dtype=complex) / 4, (2, 2), starts[:count])
        assert gap == pytest.approx(1 / math.log(2), rel=1e-6)  # ∂ log2 at 1/4, times 1/2 - 1/4
        products = np.einsum("ki,kj->kij", found.alice, found.bob).reshape(-1, 4)
        return np.asarray(np.abs(products.conj() @ products.T) ** 2 - np.eye(len(products)))

    assert kept(2).shape == (1, 1), "the same product but for a thousandth"
    assert kept(3).shape == (2, 2)
    assert kept(7).shape == (4, 4), "no more than the dimension"
    assert kept(7).max() < 0.9


def test_at_the_nearest_state_there_is_no_gap() -> None:
    """Of a product of mixed qubits, the state itself; of the singlet, the mixture of its two terms."""
    rng = np.random.default_rng(1)
    product = np.kron(state(rng, 2, 2), state(rng, 3, 3))
    assert 0 <= witness_gap(product, product, (2, 3)) < 1e-8
    singlet = np.zeros((4, 4), dtype=complex)
    singlet[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    assert 0 <= witness_gap(singlet, np.diag([0, 0.5, 0.5, 0]).astype(complex), (2, 2)) < 1e-6


def test_random_vectors_are_unit_vectors_without_a_preferred_axis() -> None:
    vectors = random_vectors(np.random.default_rng(3), 4000, 3)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4000))
    assert np.abs(vectors.conj().T @ vectors / 4000 - np.eye(3) / 3).max() < 0.02
    assert abs((vectors**2).mean()) < 0.02, "real and imaginary parts weigh alike"
