"""The transpose map ϑ, complete copositivity, and ϑ∘Λ as a channel.

ϑ∘Λ has the Choi state J^Γ, transposed on Bob's side. It is a channel exactly if J^Γ ≥ 0 (Λ is completely copositive);
then every device built on Λ can be imitated by one built on ϑ∘Λ [christandl2021, Eq. (8)].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from keybounds.channels.choi import ATOL, Channel, Choi, as_choi
from keybounds.errors import ChannelError
from keybounds.states.arguments import dimension as whole_dimension
from keybounds.states.arguments import require_dense
from keybounds.states.transposition import transpose_subsystems

if TYPE_CHECKING:
    from qutip import Qobj


def transpose_map(dimension: SupportsIndex) -> Qobj:
    """ϑ: ρ -> ρ^T as a super-operator. Positive and trace-preserving, but not completely positive: not a channel.

    Raises
    ------
    DimensionError, UnsupportedError
        Not a whole number of at least 2, or too large for a dense super-operator.
    """
    d = whole_dimension("dimension", dimension)
    require_dense("dimension", d, d * d)
    swap = np.eye(d * d, dtype=np.complex128).reshape(d, d, d, d).swapaxes(2, 3).reshape(d * d, d * d)
    return Choi(swap / d, (d,), (d,)).to_super()


def copositivity(channel: Channel, dims: Sequence[int] | None = None) -> float:
    """Smallest eigenvalue of J^Γ, J the Choi state of the channel: non-negative iff it is completely copositive.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel; see `as_choi`.
    """
    return float(np.linalg.eigvalsh(_transposed(as_choi(channel, dims)).matrix)[0])


def is_completely_copositive(channel: Channel, dims: Sequence[int] | None = None, *, atol: float = ATOL) -> bool:
    """Whether ϑ∘Λ is a channel: no eigenvalue of J^Γ below -`atol`, which is what rounding may leave.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel; see `as_choi`.
    """
    return copositivity(channel, dims) >= -atol


def compose_transpose(channel: Channel, dims: Sequence[int] | None = None, *, atol: float = ATOL) -> Qobj:
    """ϑ∘Λ as a super-operator, for a completely copositive channel Λ.

    Raises
    ------
    ChannelError
        Not a channel, or not completely copositive; the message gives the negative eigenvalue of J^Γ.
    DimensionError
        Shapes or dims that do not fit.
    """
    return transposed_choi(channel, dims, atol=atol).to_super()


def transposed_choi(channel: Channel, dims: Sequence[int] | None = None, *, atol: float = ATOL) -> Choi:
    """Choi state of `compose_transpose`."""
    choi = _transposed(as_choi(channel, dims, atol=atol))
    least = float(np.linalg.eigvalsh(choi.matrix)[0])
    if not least >= -atol:
        raise ChannelError(
            "channel",
            "a completely copositive channel (only then is its transpose a channel)",
            f"eigenvalue {least:.6g} of the partially transposed Choi state",
        )
    return choi


def _transposed(choi: Choi) -> Choi:
    return Choi(transpose_subsystems(choi.matrix, choi.dims), choi.inputs, choi.outputs)
