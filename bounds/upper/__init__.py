"""Ceilings: upper bounds on the secret-key rate of states, channels and correlations."""

from keybounds.bounds.upper.channels.amplitude_damping import amplitude_damping_ceiling
from keybounds.bounds.upper.channels.ceiling import channel_ceiling
from keybounds.bounds.upper.channels.choi import choi_relative_entropy
from keybounds.bounds.upper.channels.closed_forms import (
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    pure_loss_ceiling,
)
from keybounds.bounds.upper.channels.ppt_channels import ppt_channel_ceiling, ppt_channel_quantum_ceiling
from keybounds.bounds.upper.channels.rains import rains_information
from keybounds.bounds.upper.channels.semidefinite import max_rains_information, max_relative_entropy
from keybounds.bounds.upper.channels.squashing import channel_squashed_entanglement
from keybounds.bounds.upper.channels.transpose import channel_transpose_bound
from keybounds.bounds.upper.chsh_ceiling import chsh_ceiling, chsh_ceiling_of
from keybounds.bounds.upper.chsh_hull import hull_ceiling, hull_ceiling_of
from keybounds.bounds.upper.columns.search import ColumnLibrary
from keybounds.bounds.upper.device_independent import device_independent
from keybounds.bounds.upper.distillable import distillable_entanglement_ceiling
from keybounds.bounds.upper.equivalent_devices import device_independent_measure
from keybounds.bounds.upper.gap import smallest_gap
from keybounds.bounds.upper.key_ceiling import key_ceiling
from keybounds.bounds.upper.local_weight import LocalWeight, local_weight
from keybounds.bounds.upper.mutual_information import mutual_information
from keybounds.bounds.upper.pair_source import pair_source_ceiling
from keybounds.bounds.upper.partial_transpose import partial_transpose_bound
from keybounds.bounds.upper.private_states import private_state_ceiling
from keybounds.bounds.upper.relative_entropy import relative_entropy_of_entanglement
from keybounds.bounds.upper.squashed import squashed_entanglement
from keybounds.bounds.upper.visibility_ceiling import visibility_ceiling

__all__ = [
    "ColumnLibrary",
    "LocalWeight",
    "amplitude_damping_ceiling",
    "channel_ceiling",
    "channel_squashed_entanglement",
    "channel_transpose_bound",
    "choi_relative_entropy",
    "chsh_ceiling",
    "chsh_ceiling_of",
    "dephasing_ceiling",
    "depolarizing_ceiling",
    "device_independent",
    "device_independent_measure",
    "distillable_entanglement_ceiling",
    "erasure_ceiling",
    "hull_ceiling",
    "hull_ceiling_of",
    "key_ceiling",
    "local_weight",
    "max_rains_information",
    "max_relative_entropy",
    "mutual_information",
    "pair_source_ceiling",
    "partial_transpose_bound",
    "ppt_channel_ceiling",
    "ppt_channel_quantum_ceiling",
    "private_state_ceiling",
    "pure_loss_ceiling",
    "rains_information",
    "relative_entropy_of_entanglement",
    "smallest_gap",
    "squashed_entanglement",
    "visibility_ceiling",
]
