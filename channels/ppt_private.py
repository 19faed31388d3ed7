"""The channels Λ_{d,p} whose Choi states are the PPT private states rho_{d,p}.

The marginal of rho_{d,p} on A A' is maximally mixed, so it is the Choi state of a channel from A A' to B B'; PPT of the
state is complete copositivity of the channel. Its private capacity with public discussion is the key of the state, for
Fourier U in every dimension, as the channel is covariant (claim ``ppt-channel``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex

from keybounds.channels.choi import Choi
from keybounds.states.arguments import dimension, require_dense
from keybounds.states.ppt_private import Hadamard, complex_hadamard, ppt_private_matrix, ppt_weight

if TYPE_CHECKING:
    from qutip import Qobj


def ppt_private_channel(d: SupportsIndex, p: float | None = None, unitary: Hadamard = "fourier") -> Qobj:
    """The channel Λ_{d,p} with Choi state rho_{d,p}: dims (2, d) in and out, key qubit before shield.

    Parameters
    ----------
    d
        Dimension of the shield, at least 2.
    p
        Weight of the key's error blocks, in [1/(√d + 1), 1/2]; the lower end by default. See `ppt_private_state`.
    unitary
        U: "fourier", "hadamard" or an array; see `complex_hadamard`.

    Raises
    ------
    InputError, DimensionError, StateError, UnknownNameError, UnsupportedError
        As `ppt_private_state`.

    Source: christandl2021 for the state; the channel this project, claim ``ppt-channel``.
    """
    return ppt_private_choi(d, p, unitary).to_super()


def ppt_private_choi(d: SupportsIndex, p: float | None = None, unitary: Hadamard = "fourier") -> Choi:
    """Choi state of `ppt_private_channel`: rho_{d,p} as an array."""
    size = dimension("d", d)
    require_dense("d", size, 4 * size * size)
    matrix = ppt_private_matrix(complex_hadamard(size, unitary), ppt_weight(size, p))
    return Choi(matrix, (2, size), (2, size))
