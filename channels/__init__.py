"""Channels as `qutip.Qobj` super-operators: standard families, representations, covariance, transposition.

Functions accept a super-operator in any of qutip's representations, Kraus operators, or a Choi state as an array with
its dims (dA, dB); see `keybounds.channels.choi` for the conventions. qutip is imported when the first `Qobj` is made.
"""

from keybounds.channels.choi import Choi, as_choi, choi_state, kraus_operators, super_operator
from keybounds.channels.covariance import (
    Covariance,
    covariance,
    is_covariant,
    key_controlled_weyl,
    local_weyl,
    weyl,
)
from keybounds.channels.families import amplitude_damping, dephasing, depolarizing, erasure, pauli, werner_holevo
from keybounds.channels.ppt_private import ppt_private_channel
from keybounds.channels.pure_loss import PureLoss, pure_loss
from keybounds.channels.transposition import compose_transpose, copositivity, is_completely_copositive, transpose_map

__all__ = [
    "Choi",
    "Covariance",
    "PureLoss",
    "amplitude_damping",
    "as_choi",
    "choi_state",
    "compose_transpose",
    "copositivity",
    "covariance",
    "dephasing",
    "depolarizing",
    "erasure",
    "is_completely_copositive",
    "is_covariant",
    "key_controlled_weyl",
    "kraus_operators",
    "local_weyl",
    "pauli",
    "ppt_private_channel",
    "pure_loss",
    "super_operator",
    "transpose_map",
    "werner_holevo",
    "weyl",
]
