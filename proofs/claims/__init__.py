"""The claims, one module each: statement, derivation, witness.

A derivation takes the formulas that it proves from the statement, so that a wrong statement can be handed to it and
must fail.
"""

from __future__ import annotations

from keybounds.proofs.claim import Claim
from keybounds.proofs.claims import (
    advantage_distillation,
    amplitude_damping_squashing,
    ceiling_hull,
    channel_closed_forms,
    channel_transposition,
    chsh_entropy_convexity,
    chsh_noisy_entropy,
    convex_combination,
    crossings,
    eat_min_tradeoff,
    entropy_integral,
    er_ceiling,
    er_ceiling_transpose,
    er_exact,
    er_exact_transpose,
    flagged_mixtures,
    flip_invariance,
    nearly_covariant,
    orthogonal_observable,
    pair_parity_key,
    ppt_channel,
    ppt_edge,
    privacy_squeezing_key,
    projector_block,
    pure_loss,
    renyi_chain_rule,
    renyi_chsh_lemma,
    renyi_key_length,
    renyi_privacy_amplification,
    renyi_qubits,
    smallest_gap,
    transpose_invariance,
    two_qubit_ceiling,
    unequal_sectors,
)

_CLAIMS: tuple[Claim, ...] = (
    ppt_edge.CLAIM,
    privacy_squeezing_key.CLAIM,
    advantage_distillation.CLAIM,
    transpose_invariance.CLAIM,
    channel_transposition.CLAIM,
    er_ceiling.CLAIM,
    er_exact.CLAIM,
    er_ceiling_transpose.CLAIM,
    er_exact_transpose.CLAIM,
    crossings.CLAIM,
    pair_parity_key.CLAIM,
    unequal_sectors.CLAIM,
    smallest_gap.CLAIM,
    ppt_channel.CLAIM,
    nearly_covariant.CLAIM,
    channel_closed_forms.CLAIM,
    pure_loss.CLAIM,
    amplitude_damping_squashing.CLAIM,
    two_qubit_ceiling.CLAIM,
    ceiling_hull.CLAIM,
    convex_combination.CLAIM,
    orthogonal_observable.CLAIM,
    chsh_noisy_entropy.CLAIM,
    eat_min_tradeoff.CLAIM,
    chsh_entropy_convexity.CLAIM,
    entropy_integral.CLAIM,
    projector_block.CLAIM,
    flip_invariance.CLAIM,
    flagged_mixtures.CLAIM,
    renyi_chain_rule.CLAIM,
    renyi_privacy_amplification.CLAIM,
    renyi_qubits.CLAIM,
    renyi_chsh_lemma.CLAIM,
    renyi_key_length.CLAIM,
)


def claims() -> tuple[Claim, ...]:
    """Every claim, in the order of an appendix: what is used comes before what uses it."""
    return _CLAIMS
