"""Ceilings: upper bounds on the secret-key rate of states, channels and correlations.

Names load on first use, so that a closed form does not wait for the solvers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from keybounds.bounds.correlations.attacks.ceiling import attack_ceiling
    from keybounds.bounds.correlations.attacks.search import ColumnLibrary
    from keybounds.bounds.correlations.local_weight import LocalWeight, local_weight
    from keybounds.bounds.correlations.mutual_information import mutual_information
    from keybounds.bounds.correlations.visibility_ceiling import visibility_ceiling
    from keybounds.bounds.link.ceilings import chsh_ceiling
    from keybounds.bounds.link.hull import hull_ceiling
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
    "attack_ceiling",
    "channel_ceiling",
    "channel_squashed_entanglement",
    "channel_transpose_bound",
    "choi_relative_entropy",
    "chsh_ceiling",
    "dephasing_ceiling",
    "depolarizing_ceiling",
    "device_independent_measure",
    "distillable_entanglement_ceiling",
    "erasure_ceiling",
    "hull_ceiling",
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

_HOMES = {
    "channel.amplitude_damping": ("amplitude_damping_ceiling",),
    "channel.ceiling": ("channel_ceiling",),
    "channel.choi": ("choi_relative_entropy",),
    "channel.closed_forms": (
        "dephasing_ceiling",
        "depolarizing_ceiling",
        "erasure_ceiling",
        "pure_loss_ceiling",
    ),
    "channel.ppt_channels": (
        "ppt_channel_ceiling",
        "ppt_channel_quantum_ceiling",
    ),
    "channel.rains": ("rains_information",),
    "channel.semidefinite": (
        "max_rains_information",
        "max_relative_entropy",
    ),
    "channel.squashing": ("channel_squashed_entanglement",),
    "channel.transpose": ("channel_transpose_bound",),
    "correlations.attacks.ceiling": ("attack_ceiling",),
    "correlations.attacks.search": ("ColumnLibrary",),
    "correlations.local_weight": (
        "LocalWeight",
        "local_weight",
    ),
    "correlations.mutual_information": ("mutual_information",),
    "correlations.visibility_ceiling": ("visibility_ceiling",),
    "link.ceilings": ("chsh_ceiling",),
    "link.hull": ("hull_ceiling",),
    "state.distillable": ("distillable_entanglement_ceiling",),
    "state.equivalent_devices": ("device_independent_measure",),
    "state.gap": ("smallest_gap",),
    "state.key_ceiling": ("key_ceiling",),
    "state.pair_source": ("pair_source_ceiling",),
    "state.partial_transpose": ("partial_transpose_bound",),
    "state.private_state_ceilings": ("private_state_ceiling",),
    "state.relative_entropy": ("relative_entropy_of_entanglement",),
    "state.squashed": ("squashed_entanglement",),
}
_MODULES = {name: f"keybounds.bounds.{module}" for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'keybounds.bounds.upper' has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value
