"""Achievable rates: lower bounds on the secret-key rate and on the entropies it is made of."""

from keybounds.bounds.lower.chsh import chsh_entropy, chsh_rate, chsh_rate_of
from keybounds.bounds.lower.devetak_winter import devetak_winter
from keybounds.bounds.lower.hashing import coherent_information
from keybounds.bounds.lower.noise import optimal_noise, optimal_noise_for
from keybounds.bounds.lower.private_states import advantage_distillation, privacy_squeezing
from keybounds.bounds.lower.reconciliation import reconciliation_entropy

__all__ = [
    "advantage_distillation",
    "chsh_entropy",
    "chsh_rate",
    "chsh_rate_of",
    "coherent_information",
    "devetak_winter",
    "optimal_noise",
    "optimal_noise_for",
    "privacy_squeezing",
    "reconciliation_entropy",
]
