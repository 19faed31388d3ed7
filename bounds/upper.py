"""Ceilings: upper bounds on the secret-key rate of states, channels and correlations."""

from keybounds.bounds.channel.amplitude_damping import amplitude_damping_ceiling
from keybounds.bounds.channel.ceiling import channel_ceiling
from keybounds.bounds.channel.choi import choi_relative_entropy
from keybounds.bounds.channel.closed_forms import (
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    pure_loss_ceiling,
)
from keybounds.bounds.channel.ppt_channels import ppt_channel_ceiling, ppt_channel_quantum_ceiling
from keybounds.bounds.channel.rains import rains_information
from keybounds.bounds.channel.semidefinite import max_rains_information, max_relative_entropy
from keybounds.bounds.channel.squashing import channel_squashed_entanglement
from keybounds.bounds.channel.transpose import channel_transpose_bound
from keybounds.bounds.correlations.attacks.ceiling import device_independent
from keybounds.bounds.correlations.attacks.search import ColumnLibrary
from keybounds.bounds.correlations.local_weight import LocalWeight, local_weight
from keybounds.bounds.correlations.mutual_information import mutual_information
from keybounds.bounds.correlations.visibility_ceiling import visibility_ceiling
from keybounds.bounds.link.ceilings import chsh_ceiling, chsh_ceiling_of
from keybounds.bounds.link.hull import hull_ceiling, hull_ceiling_of
from keybounds.bounds.state.distillable import distillable_entanglement_ceiling
from keybounds.bounds.state.equivalent_devices import device_independent_measure
from keybounds.bounds.state.gap import smallest_gap
from keybounds.bounds.state.key_ceiling import key_ceiling
from keybounds.bounds.state.pair_source import pair_source_ceiling
from keybounds.bounds.state.partial_transpose import partial_transpose_bound
from keybounds.bounds.state.private_state_ceilings import private_state_ceiling
from keybounds.bounds.state.relative_entropy import relative_entropy_of_entanglement
from keybounds.bounds.state.squashed import squashed_entanglement

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
