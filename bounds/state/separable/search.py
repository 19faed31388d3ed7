"""Search for the separable state nearest to a given one in relative entropy: L-BFGS on an ensemble of product vectors.

The divergence is convex in σ but not in the vectors of an ensemble, which can stall. So the descent goes in rounds:
after each, the product vectors along which the divergence still falls (`falling_products`) join the ensemble and terms
that faded leave it, until the gap that they leave is small. See vedral1997 for E_r.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.state.separable.divergence import cross_entropy
from keybounds.bounds.state.separable.ensemble import ProductEnsemble, products
from keybounds.bounds.state.separable.twirl import Twirl
from keybounds.bounds.state.separable.witness import ADMIXTURE, falling_products, random_vectors
from keybounds.solvers import asked

TERMS_PER_DIMENSION = 8  # product vectors for each dimension of AB; N² always suffice, and too few stall the descent
_STARTS = 3
_TRIAL_ITERATIONS = 60
_ROUND_ITERATIONS = 500
_HISTORY = 20
_LARGEST = 1e70  # coordinates whose fourth powers, the weights, do not overflow
_FADED = 1e-11  # relative weight of a term that is dropped between rounds


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What the search found, all in floating point.

    Attributes
    ----------
    ensemble
        The separable state.
    gap
        Estimate in bits of how far it is from the nearest one; see `witness_gap`.
    iterations
        Steps of L-BFGS.
    """

    ensemble: ProductEnsemble
    gap: float
    iterations: int


def nearest_separable(
    rho: NDArray[np.complex128],
    dims: tuple[int, int],
    twirl: Twirl,
    *,
    tolerance: float,
    iterations: int,
    seed: int,
) -> Search:
    """Minimise D(ρ‖σ) over ensembles of product vectors, averaged over `twirl`.

    Parameters
    ----------
    rho, dims
        The state, shape (N, N), and (dA, dB).
    twirl
        Symmetries of the state, or the trivial one.
    tolerance
        Bits: the search ends when the gap is below it, or when a round gains less than a tenth of it.
    iterations
        The most steps of L-BFGS, over all rounds.
    seed
        Of the random starting vectors: the same seed gives the same result.

    Returns
    -------
    Search
        The best of three short trials, refined in rounds.
    """
    rng = np.random.default_rng(seed)
    size = len(rho)
    terms = max(min(TERMS_PER_DIMENSION, size) * size // len(twirl), 4)
    trials = [
        _descend(rho, _random_ensemble(rng, terms, dims), twirl, min(_TRIAL_ITERATIONS, iterations))
        for _ in range(_STARTS)
    ]
    value, ensemble, spent = min(trials, key=lambda trial: trial[0])
    while True:
        before = value
        budget = min(_ROUND_ITERATIONS, iterations - spent)
        if budget > 0:
            value, ensemble, steps = _descend(rho, ensemble, twirl, budget)
            spent += max(steps, 1)
        full = ProductEnsemble(*twirl.images(ensemble.alice, ensemble.bob))
        top = np.argsort(-full.weights)[:size]
        known = full.bob[top] / np.linalg.norm(full.bob[top], axis=1)[:, None]
        starts = np.concatenate([known, random_vectors(rng, 2 * size, dims[1])])
        falling, gap = falling_products(rho, full.matrix(), dims, starts)
        if gap <= tolerance or not before - value > tolerance / 10 or spent >= iterations:
            return Search(full.trimmed(_FADED / len(full)), gap, spent)
        ensemble = ensemble.trimmed(_FADED / len(ensemble))
        scale = (min(gap, 1e-2) / len(falling)) ** 0.25 / 2
        ensemble = ensemble.with_terms(scale * falling.alice, scale * falling.bob)


def _random_ensemble(rng: np.random.Generator, terms: int, dims: tuple[int, int]) -> ProductEnsemble:
    scale = terms**-0.25
    return ProductEnsemble(scale * random_vectors(rng, terms, dims[0]), scale * random_vectors(rng, terms, dims[1]))


def _descend(
    rho: NDArray[np.complex128], start: ProductEnsemble, twirl: Twirl, iterations: int
) -> tuple[float, ProductEnsemble, int]:
    """L-BFGS from `start`: -tr ρ log2 σ at the end in bits, the ensemble there, and the steps taken.

    A descent that ends in numbers that are not finite returns its start and infinity.
    """
    from scipy.optimize import minimize  # a second to import, and many ceilings need no search

    (d_a, d_b), terms = start.dims, len(start)

    def unpack(point: NDArray[np.float64]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        vectors = point.view(np.complex128)
        return vectors[: terms * d_a].reshape(terms, d_a), vectors[terms * d_a :].reshape(terms, d_b)

    def objective(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        alice, bob = twirl.images(*unpack(point))
        rows = products(alice, bob)
        unnormalised = rows.T @ rows.conj()
        trace = float(np.trace(unnormalised).real)
        sigma = unnormalised / trace
        value, derivative = cross_entropy(rho, sigma, ADMIXTURE)
        level = float(np.sum(derivative * sigma.T).real)
        # d(value) = -tr (G - tr Gσ) d(unnormalised) / trace, and d(unnormalised) = Σ_k |row_k><row_k| varied
        slopes = (2 / trace) * (level * rows - rows @ derivative.T)
        slopes = slopes.reshape(len(alice), d_a, d_b)
        of_alice = (slopes @ bob.conj()[:, :, None])[:, :, 0]
        of_bob = (alice.conj()[:, None, :] @ slopes)[:, 0, :]
        gradient = np.concatenate([part.ravel() for part in twirl.pulled_back(of_alice, of_bob)])
        return value, gradient.view(np.float64)

    first = np.concatenate([start.alice.ravel(), start.bob.ravel()]).view(np.float64)
    options: Any = {"maxiter": iterations, "maxfun": 3 * iterations, "maxcor": _HISTORY, "ftol": 1e-16, "gtol": 1e-12}
    with asked("L-BFGS-B"):
        result = minimize(objective, first, jac=True, method="L-BFGS-B", options=options)
    point = np.asarray(result.x, dtype=np.float64)
    if not (point.shape == first.shape and np.isfinite(result.fun) and np.all(np.abs(point) < _LARGEST)):
        return math.inf, start, int(result.nit)
    return float(result.fun), ProductEnsemble(*(part.copy() for part in unpack(point))), int(result.nit)
