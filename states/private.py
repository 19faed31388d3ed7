"""Private bits: key qubits A, B with shields A', B', twisted together; order of the subsystems A A' B B'.

A twisting is a unitary controlled by the key, U = Σ_ab |ab><ab|_AB ⊗ U_ab, with U_ab on the shields A'B'. It is given
as an array of shape (2, 2, D, D), ``unitaries[a, b]`` = U_ab, D = dA'·dB' with B' varying fastest.
Source: horodecki2009 (private states, twisting).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import DimensionError, StateError
from keybounds.states.arguments import require_dense
from keybounds.states.density import density_matrix, to_qobj

if TYPE_CHECKING:
    from qutip import Qobj


def private_bit(
    shield: Qobj | ArrayLike,
    twisting: ArrayLike | None = None,
    dims: Sequence[int] | None = None,
    *,
    atol: float = 1e-10,
) -> Qobj:
    """Private bit U (|Phi+><Phi+|_AB ⊗ ρ_A'B') U†; dims [[2,dA',2,dB'],[2,dA',2,dB']], order A A' B B'.

    Measuring the key qubits gives one uniform bit, the same on both sides, about which a purifying adversary knows
    nothing, whatever the shield and the twisting.

    Parameters
    ----------
    shield
        State ρ of A'B' with two subsystems: a `Qobj`, or an array with `dims` = (dA', dB').
    twisting
        The unitaries U_ab, shape (2, 2, D, D); None leaves Phi+ ⊗ ρ. Only U_00 and U_11 matter.
    atol
        Largest deviation of U_ab† U_ab from the identity, and of the shield from a state.

    Raises
    ------
    StateError
        The shield is no state or a U_ab is not unitary.
    DimensionError
        The shield is not bipartite or the twisting does not fit it.
    UnsupportedError
        The matrix is too large to be held.
    """
    rho, parts = density_matrix(shield, dims, atol=atol)
    if len(parts) != 2:
        raise DimensionError("shield", "a state of two subsystems A', B'", f"dims {parts}")
    require_dense("shield", len(rho), 4 * len(rho))
    blocks = np.zeros((2, 2, 2, 2, *rho.shape), dtype=np.complex128)
    for bit in (0, 1):
        for other in (0, 1):
            blocks[bit, other, bit, other] = rho / 2  # |bit,bit><other,other| of Phi+
    if twisting is not None:
        blocks = _twist_blocks(blocks, _unitaries(twisting, len(rho), atol))
    return to_qobj(_from_key_blocks(blocks, *parts), (2, parts[0], 2, parts[1]))


def twist(
    state: Qobj | ArrayLike, twisting: ArrayLike, dims: Sequence[int] | None = None, *, atol: float = 1e-10
) -> Qobj:
    """Apply the twisting: U ρ U† with U = Σ_ab |ab><ab| ⊗ U_ab; dims and order of the state are kept.

    The key measured in the computational basis, and an adversary's state given that key, do not change.

    Raises
    ------
    StateError
        Not a state, or a U_ab is not unitary within `atol`.
    DimensionError
        Dims other than (2, dA', 2, dB'), or a twisting that does not fit them.
    """
    blocks, left, right = _key_blocks(state, dims, atol)
    blocks = _twist_blocks(blocks, _unitaries(twisting, left * right, atol))
    return to_qobj(_from_key_blocks(blocks, left, right), (2, left, 2, right))


def untwist(
    state: Qobj | ArrayLike, twisting: ArrayLike, dims: Sequence[int] | None = None, *, atol: float = 1e-10
) -> Qobj:
    """Undo `twist` with the same unitaries: U† ρ U. Arguments and errors as there."""
    return twist(state, np.asarray(twisting, dtype=np.complex128).conj().swapaxes(-1, -2), dims, atol=atol)


def privacy_squeeze(state: Qobj | ArrayLike, dims: Sequence[int] | None = None, *, atol: float = 1e-10) -> Qobj:
    """Privacy-squeezed two-qubit state of ρ on A A' B B'; dims [[2,2],[2,2]].

    With ρ's shield blocks R_{ab,a'b'} = (<ab| ⊗ 1) ρ (|a'b'> ⊗ 1): diagonal tr R_{ab,ab}, coherence ‖R_{00,11}‖_1
    between 00 and 11, coherence ‖R_{01,10}‖_1 between 01 and 10, nothing else. Of all twisted and traced-out versions
    of ρ it is the one with the largest such coherences (polar decompositions of the two blocks).

    Twisting changes neither the key nor the adversary's state given the key, and tracing out the shield only helps her;
    coherences between even and odd parity, which the formula drops, are removed by a public random Z ⊗ Z that the key
    does not feel. So K(ρ) is at least the Devetak-Winter rate of the squeezed state measured in the computational
    basis, for every ρ.

    Raises
    ------
    StateError
        Not a state.
    DimensionError
        Dims other than (2, dA', 2, dB').

    Source: horodecki2009 (privacy squeezing).
    """
    blocks, _, _ = _key_blocks(state, dims, atol)
    squeezed = np.diag(np.einsum("ababii->ab", blocks.transpose(0, 2, 1, 3, 4, 5)).reshape(4))
    squeezed[0, 3] = squeezed[3, 0] = np.linalg.norm(blocks[0, 1, 0, 1], "nuc")
    squeezed[1, 2] = squeezed[2, 1] = np.linalg.norm(blocks[0, 1, 1, 0], "nuc")
    return to_qobj(squeezed, (2, 2))


def _key_blocks(
    state: Qobj | ArrayLike, dims: Sequence[int] | None, atol: float
) -> tuple[NDArray[np.complex128], int, int]:
    """Shield blocks of a state: ``blocks[a, a', b, b']`` = (<ab| ⊗ 1) ρ (|a'b'> ⊗ 1), with dA' and dB'."""
    matrix, parts = density_matrix(state, dims, atol=atol)
    if len(parts) != 4 or (parts[0], parts[2]) != (2, 2):
        raise DimensionError("state", "dims (2, dA', 2, dB')", str(parts))
    left, right = parts[1], parts[3]
    tensor = matrix.reshape(2, left, 2, right, 2, left, 2, right).transpose(0, 4, 2, 6, 1, 3, 5, 7)
    return tensor.reshape(2, 2, 2, 2, left * right, left * right), left, right


def _from_key_blocks(blocks: NDArray[np.complex128], left: int, right: int) -> NDArray[np.complex128]:
    """Undo `_key_blocks`."""
    tensor = blocks.reshape(2, 2, 2, 2, left, right, left, right).transpose(0, 4, 2, 5, 1, 6, 3, 7)
    return tensor.reshape(4 * left * right, 4 * left * right)


def _twist_blocks(blocks: NDArray[np.complex128], unitaries: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return the blocks U_ab R_{ab,a'b'} U_a'b'†."""
    left = unitaries[:, None, :, None]
    right = unitaries.conj().swapaxes(-1, -2)[None, :, None, :]
    return left @ blocks @ right


def _unitaries(twisting: ArrayLike, size: int, atol: float) -> NDArray[np.complex128]:
    unitaries = np.asarray(twisting, dtype=np.complex128)
    if unitaries.shape != (2, 2, size, size):
        raise DimensionError("twisting", f"unitaries of shape (2, 2, {size}, {size})", f"shape {unitaries.shape}")
    defect = float(np.abs(unitaries.conj().swapaxes(-1, -2) @ unitaries - np.eye(size)).max())
    if not defect <= atol:  # also refuses NaN
        raise StateError("twisting", f"unitaries within {atol:g}", f"|U†U - 1| up to {defect:.3g}")
    return unitaries
