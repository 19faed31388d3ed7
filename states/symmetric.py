"""Werner and isotropic states: the two one-parameter families with full local-unitary symmetry, in any dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from keybounds.states.arguments import dimension as whole_dimension
from keybounds.states.arguments import probability, require_dense
from keybounds.states.density import to_qobj

if TYPE_CHECKING:
    from qutip import Qobj


def werner(dimension: SupportsIndex, antisymmetric: float) -> Qobj:
    """Werner state w · 2 P_a/(N(N-1)) + (1-w) · 2 P_s/(N(N+1)) on N ⊗ N; dims [[N,N],[N,N]].

    P_a = (1-F)/2 and P_s = (1+F)/2 project on the antisymmetric and symmetric subspaces, F the swap, and the weight
    w = `antisymmetric` runs over [0, 1]; tr ρF = 1 - 2w. Invariant under V ⊗ V for every unitary V. Separable, and PPT,
    exactly if w ≤ 1/2, in every dimension. For two qubits with singlet visibility v, w = (1+3v)/4.

    Raises
    ------
    DimensionError
        `dimension` is not a whole number of at least 2.
    InputError
        `antisymmetric` is outside [0, 1].
    UnsupportedError
        The matrix is too large to be held.

    Sources: werner1989; vollbrecht2001 (UU-invariant states).
    """
    n, w = whole_dimension("dimension", dimension), probability("antisymmetric", antisymmetric)
    require_dense("dimension", n, n * n)
    identity = np.eye(n * n)
    swap = identity.reshape(n, n, n, n).swapaxes(2, 3).reshape(n * n, n * n)
    matrix = w / (n * (n - 1)) * (identity - swap) + (1 - w) / (n * (n + 1)) * (identity + swap)
    return to_qobj(matrix, (n, n))


def isotropic(dimension: SupportsIndex, fidelity: float) -> Qobj:
    """Isotropic state F |Φ><Φ| + (1-F) (1 - |Φ><Φ|)/(N²-1) on N ⊗ N; dims [[N,N],[N,N]].

    |Φ> = Σ_i |ii>/√N, and F = `fidelity` = <Φ|ρ|Φ> runs over [0, 1]. Invariant under V ⊗ V* for every unitary V.
    Separable, and PPT, exactly if F ≤ 1/N. With visibility v, v |Φ><Φ| + (1-v) 1/N², F = v + (1-v)/N².

    Raises
    ------
    DimensionError
        `dimension` is not a whole number of at least 2.
    InputError
        `fidelity` is outside [0, 1].
    UnsupportedError
        The matrix is too large to be held.

    Sources: horodecki1999; vollbrecht2001 (UU*-invariant states).
    """
    n, f = whole_dimension("dimension", dimension), probability("fidelity", fidelity)
    require_dense("dimension", n, n * n)
    ket = np.eye(n).reshape(-1) / np.sqrt(n)
    projector = np.outer(ket, ket)
    matrix = f * projector + (1 - f) / (n * n - 1) * (np.eye(n * n) - projector)
    return to_qobj(matrix, (n, n))
