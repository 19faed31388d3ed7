"""Is a separable state the nearest one? The product vector along which the divergence falls fastest says how far off.

D(ρ‖·) is convex. So for every separable τ, D(ρ‖τ) >= D(ρ‖σ) - tr G (τ - σ) with G the derivative of tr ρ log2 σ, and

    D(ρ‖σ) - E_r(ρ) <= gap = max over product vectors <ab|G|ab> - tr G σ.

The maximum is found by alternating eigenvalue problems from many starts, hence a local one in principle: the gap is
an estimate, good for stopping a search and for telling a user how much is left, never part of a bound.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.state.separable.divergence import cross_entropy
from keybounds.bounds.state.separable.ensemble import ProductEnsemble

ADMIXTURE = 1e-11  # of the maximally mixed state in σ; costs about as many bits
_ALTERNATIONS = 40


def witness_gap(
    rho: NDArray[np.complex128], sigma: NDArray[np.complex128], dims: tuple[int, int], *, seed: int = 0
) -> float:
    """Return the estimate of D(ρ‖σ) - E_r(ρ) in bits, at least 0, from 2N seeded starts, N = dA dB."""
    rng = np.random.default_rng(seed)
    starts = random_vectors(rng, 2 * len(rho), dims[1])
    return falling_products(rho, sigma, dims, starts)[1]


def falling_products(
    rho: NDArray[np.complex128], sigma: NDArray[np.complex128], dims: tuple[int, int], starts: NDArray[np.complex128]
) -> tuple[ProductEnsemble, float]:
    """Product vectors along which D(ρ‖σ) falls, best first and distinct, as unit vectors; and the gap in bits.

    Parameters
    ----------
    rho, sigma, dims
        The states, shape (N, N), and (dA, dB).
    starts
        Unit vectors of Bob, shape (M, dB), from which the alternation starts.
    """
    d_a, d_b = dims
    _, operator = cross_entropy(rho, sigma, ADMIXTURE)
    level = float(np.sum(operator * sigma.T).real)
    tensor = operator.reshape(d_a, d_b, d_a, d_b)
    for_alice = np.ascontiguousarray(tensor.transpose(0, 2, 1, 3)).reshape(d_a * d_a, d_b * d_b)
    alice = np.empty((len(starts), d_a), dtype=np.complex128)
    bob, values = starts, np.empty(len(starts))
    for _ in range(_ALTERNATIONS):
        dyads = (bob.conj()[:, :, None] * bob[:, None, :]).reshape(len(bob), -1)
        alice = np.linalg.eigh((dyads @ for_alice.T).reshape(-1, d_a, d_a))[1][:, :, -1]
        dyads = (alice.conj()[:, :, None] * alice[:, None, :]).reshape(len(bob), -1)
        spectra, vectors = np.linalg.eigh((dyads @ for_alice).reshape(-1, d_b, d_b))
        values, bob = spectra[:, -1], vectors[:, :, -1]
    gap = max(float(values.max()) - level, 0.0)
    chosen = _distinct(alice, bob, values, level + gap / 3, len(rho))
    return ProductEnsemble(alice[chosen], bob[chosen]), gap


def random_vectors(rng: np.random.Generator, count: int, dimension: int) -> NDArray[np.complex128]:
    """Isotropically random unit vectors, shape (count, dimension)."""
    rows = rng.normal(size=(count, dimension)) + 1j * rng.normal(size=(count, dimension))
    return np.asarray(rows / np.linalg.norm(rows, axis=1)[:, None], dtype=np.complex128)


def _distinct(
    alice: NDArray[np.complex128], bob: NDArray[np.complex128], values: NDArray[np.float64], least: float, most: int
) -> list[int]:
    """Indices of at most `most` pairwise different product vectors with value of at least `least`, best first."""
    order = np.argsort(-values)
    overlaps = np.abs(alice.conj() @ alice.T) ** 2 * np.abs(bob.conj() @ bob.T) ** 2
    chosen = [int(order[0])]
    for k in order[1:]:
        if len(chosen) == most or values[k] < least:
            break
        if np.all(overlaps[k, chosen] < 0.9):
            chosen.append(int(k))
    return chosen
