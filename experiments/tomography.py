"""Maximum-likelihood reconstruction of a state from the counts of local measurements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import BoundNotEstablishedError, DimensionError, InputError

# Columns are the Bell states with the phases that make every maximally entangled ket real up to a phase
# (magic basis: Hill and Wootters, PRL 78, 5022 (1997)).
_MAGIC = np.array([[1, 1j, 0, 0], [0, 0, 1j, 1], [0, 0, 1j, -1], [1, -1j, 0, 0]]) / np.sqrt(2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Reconstruction:
    """A reconstructed state and how far from optimal it can be.

    Attributes
    ----------
    matrix
        Density matrix, shape (N, N).
    log_likelihood_gap
        Proven bound, up to rounding, on how much higher (in nats) the log-likelihood of any state can be.
    """

    matrix: NDArray[np.complex128]
    log_likelihood_gap: float


def maximum_likelihood_state(counts: ArrayLike, effects: ArrayLike, *, tolerance: float = 1e-6) -> Reconstruction:
    """Maximise Σ n_k log tr[E_k ρ] over density matrices ρ.

    Newton's method on the likelihood with a barrier m log det ρ, m falling to 0. By concavity the optimum is above
    the value at ρ by at most λ_max(Σ n_k E_k / tr[E_k ρ]) - Σ n_k, which is the reported gap.

    Parameters
    ----------
    counts
        n_k, shape (K,).
    effects
        E_k, shape (K, N, N): the effects of complete measurements, so that every state has the same Σ of totals.
    tolerance
        Largest accepted gap in nats; the default is far below the unit at which likelihoods differ statistically.

    Raises
    ------
    DimensionError, InputError
        Arrays that do not fit, or counts that are negative or all 0.
    BoundNotEstablishedError
        The gap did not fall below `tolerance`; for example if the effects do not determine the state.
    """
    numbers = np.asarray(counts, dtype=np.float64)
    operators = np.asarray(effects, dtype=np.complex128)
    if numbers.ndim != 1 or operators.shape != (len(numbers), *operators.shape[-1:] * 2):
        raise DimensionError("effects", f"{numbers.shape} square matrices", str(operators.shape))
    if not np.isfinite(numbers).all() or (numbers < 0).any() or numbers.sum() <= 0:
        raise InputError("counts", "counts of at least 0, and some", str(numbers.tolist()))
    total, size = float(numbers.sum()), operators.shape[-1]
    seen = numbers > 0  # an outcome that never came leaves the likelihood alone
    weights, operators = numbers[seen] / total, operators[seen]
    basis = _traceless_basis(size)
    slopes = np.einsum("kij,cji->kc", operators, basis).real  # d tr[E_k ρ] / d coordinate c
    rho = np.eye(size, dtype=np.complex128) / size
    gap = np.inf
    barrier = 1.0
    # the barrier costs at most N m nats of the normalised likelihood; stop a decade below what is asked
    floor = 0.1 * tolerance / (total * size)
    for _ in range(400):
        probabilities = np.einsum("kij,ji->k", operators, rho).real
        inverse = np.linalg.inv(rho)
        directions = np.einsum("ij,cjk->cik", inverse, basis)
        gradient = (weights / probabilities) @ slopes + barrier * np.einsum("cii->c", directions).real
        curvature = slopes.T @ (slopes * (weights / probabilities**2)[:, None])
        curvature += barrier * np.einsum("cij,dji->cd", directions, directions).real
        coordinates = np.linalg.solve(curvature, gradient)
        step = np.einsum("c,cij->ij", coordinates, basis)
        decrement = float(np.sqrt(max(gradient @ coordinates, 0.0) / barrier))
        # a step within the barrier's unit ellipsoid keeps ρ positive
        rho = rho + step / max(1.0, 1.0 + decrement)
        rho = (rho + rho.conj().T) / 2.0
        if decrement < 0.1:
            pull = np.einsum("k,kij->ij", weights / np.einsum("kij,ji->k", operators, rho).real, operators)
            gap = total * (float(np.linalg.eigvalsh(pull)[-1]) - 1.0)
            if gap <= tolerance or barrier < floor:
                break
            barrier *= 0.2
    if not gap <= tolerance:
        raise BoundNotEstablishedError(f"the likelihood is {gap:.3g} nats or less below its maximum, not {tolerance:g}")
    return Reconstruction(rho / float(np.trace(rho).real), max(gap, 0.0))


def closest_maximally_entangled(rho: NDArray[np.complex128]) -> tuple[float, NDArray[np.complex128]]:
    """Fully entangled fraction max <m|ρ|m> of a two-qubit ρ over maximally entangled m, and the ket m it is reached at.

    In the magic basis the maximally entangled kets are the real ones, so it is the largest eigenvalue of Re ρ there.
    """
    values, vectors = np.linalg.eigh((_MAGIC.conj().T @ rho @ _MAGIC).real)
    return float(values[-1]), _MAGIC @ vectors[:, -1]


def aligned(rho: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Rotate Bob's qubit of a two-qubit ρ so that its closest maximally entangled state is Phi+."""
    _, ket = closest_maximally_entangled(rho)
    # |m> = (1 ⊗ Uᵀ)|Phi+> with U = √2 m as a matrix, so Bob applies the inverse, conj(U)
    rotation = np.kron(np.eye(2), np.sqrt(2.0) * ket.reshape(2, 2).conj())
    return rotation @ rho @ rotation.conj().T


def _traceless_basis(size: int) -> NDArray[np.complex128]:
    """Orthonormal Hermitian traceless matrices, shape (N² - 1, N, N)."""
    matrices = []
    for i in range(size):
        for j in range(i + 1, size):
            for phase in (1.0, 1j):
                matrix = np.zeros((size, size), dtype=np.complex128)
                matrix[i, j], matrix[j, i] = phase / np.sqrt(2.0), np.conj(phase) / np.sqrt(2.0)
                matrices.append(matrix)
    for i in range(1, size):
        matrix = np.diag([1.0] * i + [-float(i)] + [0.0] * (size - i - 1)).astype(np.complex128)
        matrices.append(matrix / np.sqrt(i * (i + 1.0)))
    return np.array(matrices)
