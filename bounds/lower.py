"""Achievable rates: lower bounds on the secret-key rate and on the entropies it is made of."""

from keybounds.bounds.channel.rates import (
    channel_hashing,
    erasure_rate,
    ppt_channel_pair_parity,
    ppt_channel_rate,
    pure_loss_rate,
)
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
from keybounds.bounds.design.operating_point import OperatingPoint, optimise_photonic
from keybounds.bounds.design.threshold import Threshold, threshold_efficiency
from keybounds.bounds.link.noise import optimal_noise, optimal_noise_for
from keybounds.bounds.link.rates import chsh_entropy, chsh_rate, chsh_rate_of
from keybounds.bounds.run import FiniteKey, finite_key, finite_key_of, minimal_rounds, optimal_gamma
from keybounds.bounds.state.hashing import coherent_information
from keybounds.bounds.state.pair_parity import PairParityProtocol, pair_parity
from keybounds.bounds.state.pair_parity_simulation import simulate_pair_parity
from keybounds.bounds.state.private_state_rates import advantage_distillation, privacy_squeezing

__all__ = [
    "Constraint",
    "Convergence",
    "EntropyFunctional",
    "EntropySweep",
    "FiniteKey",
    "OperatingPoint",
    "PairParityProtocol",
    "Threshold",
    "advantage_distillation",
    "channel_hashing",
    "chsh_constraint",
    "chsh_entropy",
    "chsh_rate",
    "chsh_rate_of",
    "coherent_information",
    "conditional_entropy",
    "constrained_entropy",
    "converge",
    "devetak_winter",
    "entropy_functional",
    "erasure_rate",
    "finite_key",
    "finite_key_of",
    "minimal_rounds",
    "optimal_gamma",
    "optimal_noise",
    "optimal_noise_for",
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
