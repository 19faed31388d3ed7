"""The edge between `qutip.Qobj` and numpy arrays: density matrices are checked here, once, and are plain arrays inside.

qutip takes seconds to import, so nothing here imports it before a `Qobj` is to be made.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import AmbiguousInputError, DimensionError, StateError
from keybounds.states.arguments import complex_array, dimensions

if TYPE_CHECKING:
    from qutip import Qobj


def density_matrix(
    state: Qobj | ArrayLike, dims: Sequence[int] | None = None, *, atol: float = 1e-10
) -> tuple[NDArray[np.complex128], tuple[int, ...]]:
    """Check a state and return its density matrix with the dimensions of its subsystems.

    Parameters
    ----------
    state
        A `Qobj` (ket or operator), or an array of shape (N,) (ket) or (N, N).
    dims
        Dimensions of the subsystems in tensor order, the last varying fastest. Needed for arrays; for a `Qobj` they
        default to its own and may be given to regroup neighbouring subsystems.
    atol
        Largest anti-Hermitian entry, negative eigenvalue and deviation of the trace from 1 that counts as rounding.

    Returns
    -------
    matrix, dims
        The Hermitian part, complex, shape (N, N), not renormalised; and a tuple of ints with product N.

    Raises
    ------
    StateError
        Not finite, not Hermitian, not positive or not of trace 1; the message gives the measured violation.
    DimensionError
        Not square, or dims missing or with a product other than N.
    """
    matrix, subsystems = as_matrix(state, dims)
    skew = float(np.abs(matrix - matrix.conj().T).max())
    if skew > atol:
        raise StateError("state", f"a Hermitian matrix within {atol:g}", f"|rho - rho^dagger| up to {skew:.3g}")
    matrix = (matrix + matrix.conj().T) / 2
    trace = float(np.trace(matrix).real)
    if abs(trace - 1.0) > atol:
        remedy = f": divide by {trace:.6g}?" if trace > 0 and abs(trace - 1.0) > 1e-3 else ""
        raise StateError("state", f"trace 1 within {atol:g}", f"trace {trace:.12g}{remedy}")
    try:  # a tenth of the cost of the eigenvalues, which are needed only for a matrix that fails
        np.linalg.cholesky(matrix + atol * np.eye(len(matrix)))
    except np.linalg.LinAlgError:
        least = float(np.linalg.eigvalsh(matrix)[0])
        if least < -atol:
            raise StateError("state", f"no eigenvalue below -{atol:g}", f"smallest eigenvalue {least:.6g}") from None
    return matrix, subsystems


MIDDLE = "A A' | B B'"
"""The cut of four subsystems in two."""


def bipartite_matrix(
    state: Qobj | ArrayLike, dims: Sequence[int] | None = None, *, shields: bool = False, atol: float = 1e-10
) -> tuple[NDArray[np.complex128], tuple[int, int], tuple[int, ...]]:
    """`density_matrix` of a state that two parties share.

    Four subsystems of a `Qobj`, or of an array where `shields` are asked for, are A A' B B', cut in the middle. Of an
    array alone nobody knows whether they are not A1 B1 A2 B2, as of two pairs, so that it takes two dims.

    Returns
    -------
    matrix, dims, subsystems
        The density matrix; (dA, dB); and the dimensions of the subsystems before they were cut in two.

    Raises
    ------
    StateError
        As by `density_matrix`.
    DimensionError
        As there; or neither two subsystems nor four, so that only `dims` can say where the cut is.
    AmbiguousInputError
        Four dims of an array.
    """
    matrix, parts = density_matrix(state, dims, atol=atol)
    if len(parts) == 2:
        return matrix, (parts[0], parts[1]), parts
    if len(parts) == 4 and not (shields or is_qobj(state)):
        pair = (parts[0] * parts[1], parts[2] * parts[3])
        raise AmbiguousInputError(
            "dims",
            f"(dA, dB) = {pair} of a state whose first two subsystems are Alice's",
            f"{parts}: A A' B B' or A B A' B'?",
        )
    if len(parts) == 4:
        return matrix, (parts[0] * parts[1], parts[2] * parts[3]), parts
    raise DimensionError(
        "dims",
        f"two subsystems, or four that are cut in the middle, {MIDDLE}; cut others by dims=(dA, dB)",
        f"{len(parts)}: {parts}",
    )


def as_matrix(
    operator: Qobj | ArrayLike, dims: Sequence[int] | None = None, *, argument: str = "state"
) -> tuple[NDArray[np.complex128], tuple[int, ...]]:
    """`operator` as a finite complex square array with its subsystem dimensions; a ket becomes its projector.

    Raises
    ------
    StateError
        Not finite, or a `Qobj` that is neither a ket nor an operator.
    DimensionError
        Not square, or dims missing or with a product other than N.
    """
    if is_qobj(operator) and dims is None:
        dims = operator.dims[0]  # type: ignore[union-attr]
    array = given_array(operator, argument=argument)
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[0] != array.shape[1]) or array.size == 0:
        raise DimensionError(argument, "a ket (N,) or a square matrix (N, N)", f"an array of shape {array.shape}")
    if dims is None:
        raise DimensionError("dims", "the dimensions of the subsystems, as this is an array", "None")
    subsystems = dimensions("dims", dims)
    if not subsystems or prod(subsystems) != len(array):
        raise DimensionError("dims", f"subsystem dimensions with product {len(array)}", str(subsystems))
    if not np.all(np.isfinite(array)):
        raise StateError(argument, "finite entries", f"{int(np.sum(~np.isfinite(array)))} NaN or infinite entries")
    if array.ndim == 1:
        array = np.outer(array, array.conj())
    return array, subsystems


def given_array(operator: Qobj | ArrayLike, *, argument: str = "state") -> NDArray[np.complex128]:
    """The complex entries of an operator, shape (N, N), or of a ket, shape (N,), as they were given.

    Raises
    ------
    StateError
        A `Qobj` that is neither a ket nor an operator.
    DimensionError
        Not numbers, or an operator from one space to another.
    """
    return _qobj_array(operator, argument) if is_qobj(operator) else complex_array(argument, operator)


def is_qobj(value: object) -> bool:
    """Whether `value` is a `qutip.Qobj`; false without importing qutip, for a `Qobj` means it is imported already."""
    qutip = sys.modules.get("qutip")
    qobj = getattr(qutip, "Qobj", None)
    return qobj is not None and isinstance(value, qobj)


def to_qobj(array: ArrayLike, dims: Sequence[int]) -> Qobj:
    """Make a `Qobj` with subsystem dimensions `dims`: an operator of an (N, N) array, a ket of an (N,) array.

    Raises
    ------
    DimensionError
        The dims do not multiply up to N, or the array is neither (N,) nor (N, N).
    """
    from qutip import Qobj

    entries = complex_array("array", array)
    subsystems = list(dimensions("dims", dims))
    size = prod(subsystems)
    if entries.shape not in ((size,), (size, size)):
        raise DimensionError(
            "dims", f"subsystem dimensions that fit an array of shape {entries.shape}", str(subsystems)
        )
    columns = subsystems if entries.ndim == 2 else [1] * len(subsystems)
    return Qobj(entries, dims=[subsystems, columns])


def _qobj_array(state: Any, argument: str) -> NDArray[np.complex128]:
    if not (state.isket or state.isoper):
        raise StateError(argument, "a ket or an operator", f"a Qobj of type {state.type!r}")
    rows, columns = state.dims
    if state.isoper and rows != columns:
        raise DimensionError(argument, "an operator from a space to itself", f"dims {state.dims}")
    array = np.asarray(state.full(), dtype=np.complex128)
    return array[:, 0] if state.isket else array
