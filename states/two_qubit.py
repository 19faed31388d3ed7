"""Two-qubit states: the Bell basis, Bell-diagonal states, and the pairs of the photonic and the ion platform.

Bell basis, in this order everywhere (|ab> with Alice's qubit first):

- 0: |Phi+> = (|00> + |11>)/√2
- 1: |Phi-> = (|00> - |11>)/√2, a Z error on Phi+
- 2: |Psi+> = (|01> + |10>)/√2, an X error
- 3: |Psi-> = (|01> - |10>)/√2, a Y error

The builders return `Qobj`; the functions ending in ``_matrix`` are their kernels on arrays, for callers that should
not wait for qutip's import.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import InputError
from keybounds.states.arguments import dimension, distribution, probability
from keybounds.states.density import to_qobj

if TYPE_CHECKING:
    from qutip import Qobj

_QUBITS = (2, 2)


def bell_state(k: SupportsIndex) -> Qobj:
    """Density operator of the Bell state number `k` of the module's list; dims [[2,2],[2,2]].

    Raises
    ------
    InputError
        `k` is not 0, 1, 2 or 3.
    """
    index = dimension("k", k, least=0)
    if index > 3:
        raise InputError("k", "the number 0, 1, 2 or 3 of a Bell state (Phi+, Phi-, Psi+, Psi-)", str(index))
    return bell_diagonal(np.eye(4)[index])


def bell_diagonal(weights: ArrayLike, *, atol: float = 1e-9) -> Qobj:
    """Mix the Bell states: Σ_k w_k |B_k><B_k| with weights in the order Phi+, Phi-, Psi+, Psi-; dims [[2,2],[2,2]].

    Entangled, and of non-positive partial transpose, exactly if the largest weight exceeds 1/2. The key error in the
    Z basis is w_2 + w_3. `atol` allows for weights that were rounded in print; they are not renormalised.

    Raises
    ------
    InputError
        Not four non-negative weights of sum 1.
    """
    return to_qobj(bell_diagonal_matrix(weights, atol=atol), _QUBITS)


def bell_diagonal_matrix(weights: ArrayLike, *, atol: float = 1e-9) -> NDArray[np.complex128]:
    """Matrix of `bell_diagonal`, shape (4, 4)."""
    w = distribution("weights", weights, 4, atol=atol)
    matrix = np.zeros((4, 4), dtype=np.complex128)
    matrix[[0, 3], [0, 3]] = (w[0] + w[1]) / 2
    matrix[[0, 3], [3, 0]] = (w[0] - w[1]) / 2
    matrix[[1, 2], [1, 2]] = (w[2] + w[3]) / 2
    matrix[[1, 2], [2, 1]] = (w[2] - w[3]) / 2
    return matrix


def photonic_pair(theta: float) -> Qobj:
    """Polarisation pair cos θ |HV> + sin θ |VH>, θ in radians, as a density operator; dims [[2,2],[2,2]].

    Each photon's basis is |H> = |0>, |V> = |1>. Source: liu2022 (θ = 20° there).

    Raises
    ------
    InputError
        `theta` is not finite.
    """
    return to_qobj(photonic_pair_matrix(theta), _QUBITS)


def photonic_pair_matrix(theta: float) -> NDArray[np.complex128]:
    """Matrix of `photonic_pair`, shape (4, 4)."""
    if not math.isfinite(theta):
        raise InputError("theta", "a finite angle in radians", repr(theta))
    ket = np.array([0.0, math.cos(theta), math.sin(theta), 0.0], dtype=np.complex128)
    return np.outer(ket, ket)


def ion_pair(*, depolarising: float, dephasing: float) -> Qobj:
    """Ion pair: Phi+ dephased, then depolarised; dims [[2,2],[2,2]].

    (1 - e) [(1 - f) |Phi+><Phi+| + f |Phi-><Phi-|] + e I/4, with e = `depolarising` the weight of the maximally mixed
    state and f = `dephasing` the probability of a phase flip (f = 1/2 removes all coherence). The state is
    Bell-diagonal; a measured Bell-diagonal model goes to `bell_diagonal` directly. Readout errors, phase offsets and
    contrast belong to the measurements, not to the state.

    Raises
    ------
    InputError
        A parameter outside [0, 1].
    """
    return bell_diagonal(ion_pair_weights(depolarising=depolarising, dephasing=dephasing))


def ion_pair_weights(*, depolarising: float, dephasing: float) -> NDArray[np.float64]:
    """Bell weights of `ion_pair`, shape (4,): (1-e)(1-f) + e/4, (1-e)f + e/4, e/4, e/4."""
    e, f = probability("depolarising", depolarising), probability("dephasing", dephasing)
    return np.array([(1 - e) * (1 - f), (1 - e) * f, 0.0, 0.0]) + e / 4
