"""Achievable rates: lower bounds on the secret-key rate and on the entropies it is made of.

Names load on first use, so that a closed form does not wait for the solvers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds.bounds.channel.rates import (
        channel_hashing,
        erasure_rate,
        ppt_channel_pair_parity,
        ppt_channel_rate,
        pure_loss_rate,
    )
    from keybounds.bounds.correlations.confidence import ConfidentRate, confident_rate
    from keybounds.bounds.correlations.devetak_winter import devetak_winter, rate_from_entropy
    from keybounds.bounds.correlations.entropy.conditional_entropy import conditional_entropy, entropy_functional
    from keybounds.bounds.correlations.entropy.constrained_entropy import (
        Constraint,
        chsh_constraint,
        constrained_entropy,
        table_constraints,
    )
    from keybounds.bounds.correlations.entropy.convergence import Convergence, converge
    from keybounds.bounds.correlations.entropy.functional import EntropyFunctional
    from keybounds.bounds.correlations.entropy.sweep import EntropySweep
    from keybounds.bounds.correlations.reconciliation import reconciliation_entropy
    from keybounds.bounds.design.operating_point import OperatingPoint, PhotonicDesign, optimise_photonic
    from keybounds.bounds.design.threshold import Threshold, threshold_efficiency
    from keybounds.bounds.link.noise import optimal_noise
    from keybounds.bounds.link.rates import chsh_entropy, chsh_rate, chsh_table_rate
    from keybounds.bounds.run.finite_key import finite_key
    from keybounds.bounds.run.key import FiniteKey
    from keybounds.bounds.run.planning import minimal_rounds, optimal_gamma
    from keybounds.bounds.state.hashing import coherent_information
    from keybounds.bounds.state.pair_parity import PairParityProtocol, pair_parity
    from keybounds.bounds.state.pair_parity_simulation import simulate_pair_parity
    from keybounds.bounds.state.privacy_squeezing import privacy_squeezing
    from keybounds.bounds.state.private_state_rates import advantage_distillation

__all__ = [
    "ConfidentRate",
    "Constraint",
    "Convergence",
    "EntropyFunctional",
    "EntropySweep",
    "FiniteKey",
    "OperatingPoint",
    "PairParityProtocol",
    "PhotonicDesign",
    "Threshold",
    "advantage_distillation",
    "channel_hashing",
    "chsh_constraint",
    "chsh_entropy",
    "chsh_rate",
    "chsh_table_rate",
    "coherent_information",
    "conditional_entropy",
    "confident_rate",
    "constrained_entropy",
    "converge",
    "devetak_winter",
    "entropy_functional",
    "erasure_rate",
    "finite_key",
    "minimal_rounds",
    "optimal_gamma",
    "optimal_noise",
    "optimise_photonic",
    "pair_parity",
    "ppt_channel_pair_parity",
    "ppt_channel_rate",
    "privacy_squeezing",
    "pure_loss_rate",
    "rate_from_entropy",
    "reconciliation_entropy",
    "simulate_pair_parity",
    "table_constraints",
    "threshold_efficiency",
]

_HOMES = {
    "channel.rates": (
        "channel_hashing",
        "erasure_rate",
        "ppt_channel_pair_parity",
        "ppt_channel_rate",
        "pure_loss_rate",
    ),
    "correlations.confidence": (
        "ConfidentRate",
        "confident_rate",
    ),
    "correlations.devetak_winter": (
        "devetak_winter",
        "rate_from_entropy",
    ),
    "correlations.entropy.conditional_entropy": (
        "conditional_entropy",
        "entropy_functional",
    ),
    "correlations.entropy.constrained_entropy": (
        "Constraint",
        "chsh_constraint",
        "constrained_entropy",
        "table_constraints",
    ),
    "correlations.entropy.convergence": (
        "Convergence",
        "converge",
    ),
    "correlations.entropy.functional": ("EntropyFunctional",),
    "correlations.entropy.sweep": ("EntropySweep",),
    "correlations.reconciliation": ("reconciliation_entropy",),
    "design.operating_point": (
        "OperatingPoint",
        "PhotonicDesign",
        "optimise_photonic",
    ),
    "design.threshold": (
        "Threshold",
        "threshold_efficiency",
    ),
    "link.noise": ("optimal_noise",),
    "link.rates": (
        "chsh_entropy",
        "chsh_rate",
        "chsh_table_rate",
    ),
    "run.finite_key": ("finite_key",),
    "run.key": ("FiniteKey",),
    "run.planning": (
        "minimal_rounds",
        "optimal_gamma",
    ),
    "state.hashing": ("coherent_information",),
    "state.pair_parity": (
        "PairParityProtocol",
        "pair_parity",
    ),
    "state.pair_parity_simulation": ("simulate_pair_parity",),
    "state.privacy_squeezing": ("privacy_squeezing",),
    "state.private_state_rates": ("advantage_distillation",),
}
_MODULES = {name: f"keybounds.bounds.{module}" for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'keybounds.bounds.lower' has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value
