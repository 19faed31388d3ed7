"""Entropy of devices by their CHSH value."""

from __future__ import annotations

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import at_least, at_most, equal
from keybounds.proofs.logic.terms import h, symbol, thing
from keybounds.proofs.notions_entropies import H_outcome, is_device, winning_probability

rho, S = thing("rho"), symbol("S")

CHSH_ENTROPY = Theorem(
    name="entropy of a CHSH violation",
    source="pironio2009, Eq. (11)",
    words="Every quantum device bounds what Eve knows of Alice's outcome by its CHSH value; S = 8 omega - 4.",
    hypotheses=(
        is_device(rho),
        equal(winning_probability(rho), (S + 4) / 8),
        at_least(S, 2),
        at_most(S, 2 * sp.sqrt(2)),
    ),
    conclusion=at_least(H_outcome(rho), 1 - h((1 + sp.sqrt(S**2 / 4 - 1)) / 2)),
)
CLASSICAL = Theorem(
    name="entropy of an outcome is not negative",
    source="nielsen2010, Theorem 11.8",
    words="The entropy of a classical symbol, given anything, is not negative.",
    hypotheses=(is_device(rho),),
    conclusion=at_least(H_outcome(rho), 0),
)
