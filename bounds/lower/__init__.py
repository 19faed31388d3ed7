"""Achievable rates: lower bounds on the secret-key rate and on the entropies it is made of."""

from keybounds.bounds.lower.channels import (
    channel_hashing,
    erasure_rate,
    ppt_channel_pair_parity,
    ppt_channel_rate,
    pure_loss_rate,
)
from keybounds.bounds.lower.chsh import chsh_entropy, chsh_rate, chsh_rate_of
from keybounds.bounds.lower.design.operating_point import OperatingPoint, optimise_photonic
from keybounds.bounds.lower.design.threshold import Threshold, threshold_efficiency
from keybounds.bounds.lower.devetak_winter import devetak_winter, rate_from_entropy
from keybounds.bounds.lower.entropy.conditional_entropy import conditional_entropy, entropy_functional
from keybounds.bounds.lower.entropy.constrained_entropy import (
    Constraint,
    chsh_constraint,
    constrained_entropy,
    table_constraints,
)
from keybounds.bounds.lower.entropy.convergence import Convergence, converge
from keybounds.bounds.lower.entropy.functional import EntropyFunctional
from keybounds.bounds.lower.entropy.sweep import EntropySweep
from keybounds.bounds.lower.finite_size import FiniteKey, finite_key, finite_key_of, minimal_rounds, optimal_gamma
from keybounds.bounds.lower.hashing import coherent_information
from keybounds.bounds.lower.noise import optimal_noise, optimal_noise_for
from keybounds.bounds.lower.pair_parity import PairParityProtocol, pair_parity
from keybounds.bounds.lower.pair_parity_simulation import simulate_pair_parity
from keybounds.bounds.lower.private_states import advantage_distillation, privacy_squeezing
from keybounds.bounds.lower.reconciliation import reconciliation_entropy

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
