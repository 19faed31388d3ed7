"""Ceilings: upper bounds on the secret-key rate of states and correlations."""

from keybounds.bounds.upper.device_independent import chsh_ceiling, device_independent, mutual_information
from keybounds.bounds.upper.distillable import distillable_entanglement_ceiling
from keybounds.bounds.upper.gap import smallest_gap
from keybounds.bounds.upper.key_ceiling import key_ceiling
from keybounds.bounds.upper.pair_source import pair_source_ceiling
from keybounds.bounds.upper.partial_transpose import partial_transpose_bound
from keybounds.bounds.upper.private_states import private_state_ceiling
from keybounds.bounds.upper.relative_entropy import relative_entropy_of_entanglement
from keybounds.bounds.upper.squashed import squashed_entanglement

__all__ = [
    "chsh_ceiling",
    "device_independent",
    "distillable_entanglement_ceiling",
    "key_ceiling",
    "mutual_information",
    "pair_source_ceiling",
    "partial_transpose_bound",
    "private_state_ceiling",
    "relative_entropy_of_entanglement",
    "smallest_gap",
    "squashed_entanglement",
]
