"""Partial transposition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import DimensionError
from keybounds.states.density import as_matrix, is_qobj, to_qobj

if TYPE_CHECKING:
    from qutip import Qobj


def partial_transpose(
    operator: Qobj | ArrayLike, dims: Sequence[int] | None = None, *, subsystems: Sequence[int] | None = None
) -> Qobj | NDArray[np.complex128]:
    """Transpose the chosen subsystems of an operator in the computational basis.

    Parameters
    ----------
    operator
        A `Qobj`, or an array (N, N) with `dims`. It need not be a state; a ket stands for its projector.
    dims
        Dimensions of the subsystems; see `density_matrix`.
    subsystems
        Positions in `dims` of what is transposed. By default the second half, which is Bob's side of states ordered
        A B or A A' B B'; an odd number of subsystems has no such default.

    Returns
    -------
    Qobj or ndarray
        The same kind as was given, with the same dims.

    Raises
    ------
    DimensionError
        Dims that do not fit, no default for an odd number of subsystems, or positions that do not exist or repeat.
    """
    matrix, parts = as_matrix(operator, dims, argument="operator")
    transposed = transpose_subsystems(matrix, parts, subsystems)
    return to_qobj(transposed, parts) if is_qobj(operator) else transposed


def transpose_subsystems(
    matrix: NDArray[np.complex128], dims: Sequence[int], subsystems: Sequence[int] | None = None
) -> NDArray[np.complex128]:
    """`partial_transpose` on an array (N, N)."""
    parties = len(dims)
    if subsystems is None:
        if parties % 2:
            raise DimensionError(
                "subsystems", f"positions among the {parties} subsystems (no half to default to)", "None"
            )
        subsystems = range(parties // 2, parties)
    chosen = list(subsystems)
    if len(set(chosen)) != len(chosen) or not all(0 <= k < parties for k in chosen):
        raise DimensionError("subsystems", f"distinct positions from 0 to {parties - 1}", str(chosen))
    axes = list(range(2 * parties))
    for k in chosen:
        axes[k], axes[parties + k] = parties + k, k
    return matrix.reshape(*dims, *dims).transpose(axes).reshape(matrix.shape)
