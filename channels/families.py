"""The standard channels, as `qutip.Qobj` super-operators in any dimension.

The functions ending in ``_choi`` are their kernels: they give the Choi state as an array, for callers that should not
wait for qutip's import. Entries are built from the parameters directly, never through square roots of them, so that
the Choi state is the closed form rounded entry by entry.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from keybounds.channels.choi import Choi
from keybounds.errors import InputError
from keybounds.states.arguments import dimension as whole_dimension
from keybounds.states.arguments import probability as checked_probability
from keybounds.states.arguments import require_dense

if TYPE_CHECKING:
    from qutip import Qobj


def erasure(probability: float, dimension: SupportsIndex = 2) -> Qobj:
    """Erasure channel ρ -> (1-ε) ρ ⊕ ε |e><e|; output dimension d + 1, the flag |e> last.

    Raises
    ------
    InputError
        ε = `probability` is outside [0, 1].
    DimensionError, UnsupportedError
        `dimension` is not a whole number of at least 2, or too large for a dense super-operator.

    Source: bennett1997.
    """
    return erasure_choi(probability, dimension).to_super()


def erasure_choi(probability: float, dimension: SupportsIndex = 2) -> Choi:
    """Choi state of `erasure`: (1-ε) Φ ⊕ ε (1/d) ⊗ |e><e|."""
    e, d = checked_probability("probability", probability), _size(dimension)
    vector = np.zeros((d, d + 1))
    vector[:, :d] = np.eye(d)
    flag = np.zeros((d + 1, d + 1))
    flag[d, d] = 1.0
    matrix = (1 - e) / d * np.outer(vector, vector) + e / d * np.kron(np.eye(d), flag)
    return Choi(matrix.astype(np.complex128), (d,), (d + 1,))


def dephasing(probability: float, dimension: SupportsIndex = 2) -> Qobj:
    """Dephasing channel (1-p) ρ + p/(d-1) Σ_{k=1}^{d-1} Z^k ρ Z^{-k}, with Z|j> = e^{2πij/d}|j>.

    For a qubit (1-p) ρ + p ZρZ. Every off-diagonal entry is multiplied by 1 - pd/(d-1).

    Raises
    ------
    InputError, DimensionError, UnsupportedError
        As `erasure`, for p = `probability`.
    """
    return dephasing_choi(probability, dimension).to_super()


def dephasing_choi(probability: float, dimension: SupportsIndex = 2) -> Choi:
    """Choi state of `dephasing`."""
    p, d = checked_probability("probability", probability), _size(dimension)
    phi = _maximally_entangled(d)
    kept = np.where(np.eye(d * d, dtype=bool), 1.0, 1 - p * d / (d - 1))
    return Choi(phi * kept, (d,), (d,))


def depolarizing(probability: float, dimension: SupportsIndex = 2) -> Qobj:
    """Depolarising channel (1-p) ρ + p 1/d.

    Its Choi state is isotropic with fidelity 1 - p + p/d². For a qubit each Pauli error has probability p/4.

    Raises
    ------
    InputError, DimensionError, UnsupportedError
        As `erasure`, for p = `probability`.
    """
    return depolarizing_choi(probability, dimension).to_super()


def depolarizing_choi(probability: float, dimension: SupportsIndex = 2) -> Choi:
    """Choi state of `depolarizing`: (1-p) Φ + p 1/d²."""
    p, d = checked_probability("probability", probability), _size(dimension)
    return Choi((1 - p) * _maximally_entangled(d) + p / (d * d) * np.eye(d * d), (d,), (d,))


def pauli(*, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Qobj:
    """Pauli channel (1-x-y-z) ρ + x XρX + y YρY + z ZρZ of a qubit.

    Its Choi state is Bell-diagonal, with weights 1-x-y-z, z, x, y in the order of `keybounds.states.bell_state`.

    Raises
    ------
    InputError
        A probability outside [0, 1], or a sum above 1.
    """
    return pauli_choi(x=x, y=y, z=z).to_super()


def pauli_choi(*, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Choi:
    """Choi state of `pauli`."""
    x, y, z = (checked_probability(name, value) for name, value in (("x", x), ("y", y), ("z", z)))
    total = math.fsum((x, y, z))
    if total > 1.0:
        raise InputError("x, y, z", "error probabilities with a sum of at most 1", f"a sum of {total!r}")
    none = 1.0 - total
    correlated, flipped = (none + z) / 2, (x + y) / 2
    matrix = np.diag([correlated, flipped, flipped, correlated]).astype(np.complex128)
    matrix[0, 3] = matrix[3, 0] = (none - z) / 2
    matrix[1, 2] = matrix[2, 1] = (x - y) / 2
    return Choi(matrix, (2,), (2,))


def amplitude_damping(damping: float) -> Qobj:
    """Amplitude damping of a qubit: |1> decays to |0> with probability γ = `damping`.

    Also the pure-loss channel of transmissivity 1-γ restricted to at most one photon.

    Raises
    ------
    InputError
        γ is outside [0, 1].
    """
    return amplitude_damping_choi(damping).to_super()


def amplitude_damping_choi(damping: float) -> Choi:
    """Choi state of `amplitude_damping`."""
    g = checked_probability("damping", damping)
    matrix = np.diag([0.5, 0.0, g / 2, (1 - g) / 2]).astype(np.complex128)
    matrix[0, 3] = matrix[3, 0] = math.sqrt(1 - g) / 2
    return Choi(matrix, (2,), (2,))


def werner_holevo(dimension: SupportsIndex, antisymmetric: float = 1.0) -> Qobj:
    """Werner–Holevo channel: w (1 tr ρ - ρ^T)/(d-1) + (1-w) (1 tr ρ + ρ^T)/(d+1), with w = `antisymmetric`.

    Its Choi state is the Werner state with weight w on the antisymmetric subspace.

    Raises
    ------
    InputError, DimensionError, UnsupportedError
        As `erasure`, for w.

    Source: werner2002.
    """
    return werner_holevo_choi(dimension, antisymmetric).to_super()


def werner_holevo_choi(dimension: SupportsIndex, antisymmetric: float = 1.0) -> Choi:
    """Choi state of `werner_holevo`."""
    d, w = _size(dimension), checked_probability("antisymmetric", antisymmetric)
    one = np.eye(d * d)
    swap = one.reshape(d, d, d, d).swapaxes(2, 3).reshape(d * d, d * d)
    matrix = w / (d * (d - 1)) * (one - swap) + (1 - w) / (d * (d + 1)) * (one + swap)
    return Choi(matrix.astype(np.complex128), (d,), (d,))


def _maximally_entangled(d: int) -> NDArray[np.complex128]:
    vector = np.eye(d, dtype=np.complex128).reshape(-1)
    return np.outer(vector, vector) / d


def _size(value: SupportsIndex) -> int:
    d = whole_dimension("dimension", value)
    require_dense("dimension", d, (d + 1) * (d + 1))
    return d
