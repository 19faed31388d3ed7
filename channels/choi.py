"""The edge between super-operators, Kraus operators and Choi states: a channel is checked here, once.

The Choi state of a channel from A to B is J = (id ⊗ Λ)(Φ), half of the maximally entangled state
Φ = (1/dA) Σ_ij |ii><jj| sent through the channel: a density matrix on A ⊗ B, A first, with marginal 1/dA on A. qutip's
own Choi matrices are dA times as large. A super-operator acts on column-stacked matrices, as qutip's do.

qutip takes seconds to import, so nothing here imports it before a `Qobj` is to be made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import ChannelError, DimensionError, UnsupportedError
from keybounds.states.arguments import dimension
from keybounds.states.density import is_qobj, to_qobj

if TYPE_CHECKING:
    from qutip import Qobj

ATOL = 1e-10  # what a few hundred roundings in the entries may add up to, and far below any physical effect


@dataclass(frozen=True, slots=True)
class Choi:
    """The Choi state of a channel as an array.

    Attributes
    ----------
    matrix
        Density matrix, complex, shape (dA·dB, dA·dB), Hermitian.
    inputs, outputs
        Dimensions of the subsystems of A and of B; their products are dA and dB.
    """

    matrix: NDArray[np.complex128]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def dims(self) -> tuple[int, int]:
        """(dA, dB)."""
        return prod(self.inputs), prod(self.outputs)

    @property
    def blocks(self) -> NDArray[np.complex128]:
        """Λ(|i><j|), as an array [i, j, row, column] of shape (dA, dA, dB, dB)."""
        d_a, d_b = self.dims
        return d_a * self.matrix.reshape(d_a, d_b, d_a, d_b).transpose(0, 2, 1, 3)

    def to_qobj(self) -> Qobj:
        """The Choi state with dims [inputs + outputs] * 2."""
        return to_qobj(self.matrix, (*self.inputs, *self.outputs))

    def to_super(self) -> Qobj:
        """The super-operator with dims [[outputs, outputs], [inputs, inputs]].

        Raises
        ------
        UnsupportedError
            A side of dimension 1, for which qutip has no super-operators.
        """
        from qutip import Qobj

        d_a, d_b = self.dims
        if min(d_a, d_b) == 1:
            raise UnsupportedError("channel", "input and output of dimension at least 2 (qutip's)", f"{(d_a, d_b)}")
        entries = self.blocks.transpose(3, 2, 1, 0).reshape(d_b * d_b, d_a * d_a)
        outputs, inputs = list(self.outputs), list(self.inputs)
        return Qobj(entries, dims=[[outputs, outputs], [inputs, inputs]], superrep="super")


Channel: TypeAlias = "Qobj | ArrayLike | Sequence[Qobj] | Choi"
"""A super-operator `Qobj` of any representation, Kraus operators of shape (K, dB, dA), or a Choi state with dims."""


def as_choi(channel: Channel, dims: Sequence[int] | None = None, *, atol: float = ATOL) -> Choi:
    """Check a channel and return its Choi state.

    Parameters
    ----------
    channel
        A `Qobj` super-operator; Kraus operators as a sequence of `Qobj` or an array of shape (K, dB, dA); or the Choi
        state, of trace 1, as an array of shape (dA·dB, dA·dB) with `dims`.
    dims
        (dA, dB) of a Choi state; not used otherwise.
    atol
        What counts as rounding: anti-Hermitian entries and negative eigenvalues of the Choi state, and the deviation
        of Σ K†K from 1.

    Raises
    ------
    ChannelError
        Not completely positive or not trace-preserving, with the measured violation; not finite; a `Qobj` that is no
        super-operator.
    DimensionError
        Shapes or dims that do not fit.
    """
    choi = linear_map(channel, dims)
    _check(choi, atol)
    return Choi((choi.matrix + choi.matrix.conj().T) / 2, choi.inputs, choi.outputs)


def linear_map(channel: Channel, dims: Sequence[int] | None = None) -> Choi:
    """As `as_choi`, for any linear map: neither positivity nor the trace is checked."""
    if isinstance(channel, Choi):
        choi = channel
    elif is_qobj(channel):
        choi = _from_super(channel)
    else:
        choi = _from_arrays(channel, dims)
    if not np.all(np.isfinite(choi.matrix)):
        wrong = int(np.sum(~np.isfinite(choi.matrix)))
        raise ChannelError("channel", "finite entries", f"{wrong} NaN or infinite entries")
    return choi


def choi_of_kraus(
    operators: NDArray[np.complex128], inputs: Sequence[int] | None = None, outputs: Sequence[int] | None = None
) -> Choi:
    """Choi state of Σ_k K_k ρ K_k† for K of shape (K, dB, dA); neither positivity nor the trace is checked."""
    d_b, d_a = operators.shape[1:]
    vectors = operators.transpose(0, 2, 1).reshape(len(operators), d_a * d_b)
    matrix = np.asarray(vectors.T @ vectors.conj() / d_a, dtype=np.complex128)
    return Choi(matrix, tuple(inputs or (d_a,)), tuple(outputs or (d_b,)))


def choi_state(channel: Channel, dims: Sequence[int] | None = None) -> Qobj:
    """The Choi state (id ⊗ Λ)(Φ) of a channel; order A B, trace 1.

    Raises
    ------
    ChannelError, DimensionError
        As `as_choi`.
    """
    return as_choi(channel, dims).to_qobj()


def super_operator(channel: Channel, dims: Sequence[int] | None = None) -> Qobj:
    """The channel as a `Qobj` super-operator, from Kraus operators, a Choi state or another representation.

    Raises
    ------
    ChannelError, DimensionError
        As `as_choi`.
    """
    return as_choi(channel, dims).to_super()


def kraus_operators(channel: Channel, dims: Sequence[int] | None = None) -> list[Qobj]:
    """Orthogonal Kraus operators of a channel, largest first: the eigenvectors of its Choi state.

    Operators of weight below 1e-14, which is rounding, are left out.

    Raises
    ------
    ChannelError, DimensionError
        As `as_choi`.
    """
    from qutip import Qobj

    choi = as_choi(channel, dims)
    return [Qobj(k, dims=[list(choi.outputs), list(choi.inputs)]) for k in kraus_arrays(choi)]


def kraus_arrays(choi: Choi, *, least: float = 1e-14) -> NDArray[np.complex128]:
    """`kraus_operators` as an array of shape (K, dB, dA)."""
    d_a, d_b = choi.dims
    weights, vectors = np.linalg.eigh(choi.matrix)
    kept = weights > least
    columns = (vectors[:, kept] * np.sqrt(weights[kept] * d_a)).T[::-1]
    return np.asarray(columns.reshape(-1, d_a, d_b).transpose(0, 2, 1), dtype=np.complex128)


def _from_super(channel: Any) -> Choi:
    if not channel.issuper:
        raise ChannelError("channel", "a super-operator", f"a Qobj of type {channel.type!r}")
    if channel.superrep != "super":
        from qutip import to_super

        channel = to_super(channel)
    (outputs, outputs_again), (inputs, inputs_again) = channel.dims
    if outputs != outputs_again or inputs != inputs_again:
        raise DimensionError("channel", "a map from operators on A to operators on B", f"dims {channel.dims}")
    d_a, d_b = prod(inputs), prod(outputs)
    entries = np.asarray(channel.full(), dtype=np.complex128).reshape(d_b, d_b, d_a, d_a)
    matrix = entries.transpose(3, 1, 2, 0).reshape(d_a * d_b, d_a * d_b) / d_a
    return Choi(matrix, tuple(inputs), tuple(outputs))


def _from_arrays(channel: Any, dims: Sequence[int] | None) -> Choi:
    inputs: Sequence[int] | None = None
    outputs: Sequence[int] | None = None
    if isinstance(channel, (list, tuple)) and channel and all(is_qobj(operator) for operator in channel):
        outputs, inputs = channel[0].dims
        if any(operator.dims != channel[0].dims for operator in channel):
            raise DimensionError("channel", "Kraus operators of equal dims", str([k.dims for k in channel]))
        channel = [operator.full() for operator in channel]
    try:
        array = np.asarray(channel, dtype=np.complex128)
    except (TypeError, ValueError):
        raise DimensionError("channel", "Kraus operators of equal shapes or a Choi state", repr(channel)[:80]) from None
    if array.ndim == 3 and array.size:
        return choi_of_kraus(array, inputs, outputs)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise DimensionError(
            "channel",
            "a super-operator, Kraus operators (K, dB, dA) or a Choi state (dA·dB, dA·dB)",
            f"an array of shape {array.shape}" + (": pairs of left and right operators?" if array.ndim == 4 else ""),
        )
    if dims is None or len(dims) != 2:
        raise DimensionError("dims", "(dA, dB), as this is the array of a Choi state", str(dims))
    d_a, d_b = (dimension("dims", number, least=1) for number in dims)
    if d_a * d_b != len(array):
        raise DimensionError("dims", f"(dA, dB) with product {len(array)}", str((d_a, d_b)))
    return Choi(array, (d_a,), (d_b,))


_HINT_ATOL = 1e-6  # a hint may be wrong: this is only for matrices with few digits


def _convention(choi: Choi, marginal: NDArray[np.complex128]) -> str:
    """Another convention under which the map would preserve the trace, as a question; empty if none does."""

    def one(matrix: NDArray[np.complex128]) -> bool:
        return bool(np.abs(matrix - np.eye(len(matrix))).max() <= _HINT_ATOL)

    d_a, d_b = choi.dims
    if one(marginal / d_a):
        return f"; a Choi matrix of trace {d_a}: divide by {d_a}?"
    if one(d_a * np.einsum("kikj->ij", choi.matrix.reshape(d_a, d_b, d_a, d_b))):
        return "; of KK† it is 1: K† for K, or output before input?"
    if one(d_a * np.einsum("kikj->ij", choi.matrix.reshape(d_b, d_a, d_b, d_a))):
        return "; output before input?"
    if one(d_b * np.einsum("ikjk->ij", choi.matrix.reshape(d_b, d_a, d_b, d_a))):
        return f"; dims ({d_b}, {d_a}), input first?"
    if one(d_b * np.einsum("kikj->ij", choi.matrix.reshape(d_a, d_b, d_a, d_b))):
        return f"; output before input, with dims ({d_b}, {d_a})?"
    return ""


def _check(choi: Choi, atol: float) -> None:
    matrix = choi.matrix
    d_a, d_b = choi.dims
    skew = float(np.abs(matrix - matrix.conj().T).max())
    if not skew <= atol:
        raise ChannelError(
            "channel", f"a Hermiticity-preserving map within {atol:g}", f"a Choi matrix off by up to {skew:.3g}"
        )
    marginal = d_a * np.einsum("ikjk->ij", matrix.reshape(d_a, d_b, d_a, d_b))
    leak = float(np.abs(marginal - np.eye(d_a)).max())
    if not leak <= atol:
        found = f"sum of K†K that differs from 1 by up to {leak:.6g}{_convention(choi, marginal)}"
        raise ChannelError("channel", f"a trace-preserving map within {atol:g}", found)
    least = float(np.linalg.eigvalsh(matrix)[0])
    if not least >= -atol:
        raise ChannelError(
            "channel",
            f"a completely positive map (no eigenvalue of its Choi state below -{atol:g})",
            f"smallest eigenvalue {least:.6g}",
        )
