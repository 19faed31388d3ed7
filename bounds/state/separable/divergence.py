"""-tr ρ log2 σ and its derivative in σ, in floating point: what the search descends."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_DEGENERATE = 1e-7  # relative gap of two eigenvalues below which their divided difference is the derivative, to gap²
_ROUNDING = 1e-16  # entries of ρ below N times this, in the eigenbasis of σ, are rounding and would be divided by ~0


def cross_entropy(
    rho: NDArray[np.complex128], sigma: NDArray[np.complex128], admixture: float
) -> tuple[float, NDArray[np.complex128]]:
    """-tr ρ log2 σ' in bits for σ' = (1-η) σ + η 1/N, and the Hermitian G with d(-tr ρ log2 σ') = -tr G dσ.

    G = (1-η) D log2(σ')[ρ], the Fréchet derivative of the logarithm at σ' in the direction ρ: in the eigenbasis of σ'
    the entries of ρ times the divided differences (log2 λ_i - log2 λ_j)/(λ_i - λ_j).

    Parameters
    ----------
    rho, sigma
        Shape (N, N), Hermitian, σ of trace 1.
    admixture
        η > 0: keeps the logarithm finite where σ is singular.
    """
    size = len(rho)
    eigenvalues, basis = np.linalg.eigh(sigma)
    eigenvalues = (1 - admixture) * np.maximum(eigenvalues, 0.0) + admixture / size
    rotated = basis.conj().T @ rho @ basis
    value = -float(np.diag(rotated).real @ np.log2(eigenvalues))
    rotated[np.abs(rotated) < size * _ROUNDING] = 0.0
    inner = rotated * _divided_differences(eigenvalues)
    return value, (1 - admixture) * (basis @ inner @ basis.conj().T)


def _divided_differences(eigenvalues: NDArray[np.float64]) -> NDArray[np.float64]:
    """(log2 x_i - log2 x_j)/(x_i - x_j), on the diagonal and near it the derivative 1/(x ln 2)."""
    x, y = eigenvalues[:, None], eigenvalues[None, :]
    logs = np.log2(eigenvalues)
    difference, total = x - y, x + y
    close = np.abs(difference) < _DEGENERATE * total
    table: NDArray[np.float64] = np.where(
        close, 2 / (total * math.log(2)), (logs[:, None] - logs[None, :]) / np.where(close, 1.0, difference)
    )
    return table
