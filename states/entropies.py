"""Entropies of dense states in bits, in floating point: for tests and exploration, never certified."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from keybounds.errors import DimensionError
from keybounds.states.density import density_matrix

if TYPE_CHECKING:
    from qutip import Qobj


def von_neumann_entropy(state: Qobj | ArrayLike, dims: Sequence[int] | None = None) -> float:
    """S(ρ) = -tr ρ log2 ρ in bits; floating point, not certified.

    Raises
    ------
    StateError, DimensionError
        As `density_matrix`.
    """
    matrix, _ = density_matrix(state, dims)
    spectrum = np.linalg.eigvalsh(matrix)
    positive = spectrum[spectrum > 0]
    return max(0.0, -float(positive @ np.log2(positive)))


def relative_entropy(
    rho: Qobj | ArrayLike, sigma: Qobj | ArrayLike, dims: Sequence[int] | None = None, *, atol: float = 1e-12
) -> float:
    """D(ρ‖σ) = tr ρ (log2 ρ - log2 σ) in bits; floating point, not certified.

    At least 0; infinite if ρ has weight on the kernel of σ. In floating point a kernel is what has eigenvalues of at
    most `atol`, and weight on it means more than N·`atol`: a σ with true eigenvalues that small is taken as singular.

    Raises
    ------
    DimensionError
        ρ and σ of different dims.
    StateError
        ρ or σ is not a state.
    """
    first, parts = density_matrix(rho, dims)
    second, others = density_matrix(sigma, dims)
    if parts != others:
        raise DimensionError("sigma", f"the dims of rho, {parts}", str(others))
    spectrum, basis = np.linalg.eigh(second)
    weights = np.einsum("ji,jk,ki->i", basis.conj(), first, basis, optimize=True).real
    kernel = spectrum <= atol
    if weights[kernel].sum() > len(first) * atol:
        return math.inf
    cross = float(weights[~kernel] @ np.log2(spectrum[~kernel]))
    own = np.linalg.eigvalsh(first)
    own = own[own > 0]
    return max(0.0, float(own @ np.log2(own)) - cross)
