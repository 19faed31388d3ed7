"""Ceilings on device-independent keys from what a device shares with Eve, and what tables devices have."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import at_least, at_most, equal
from keybounds.proofs.logic.terms import real, thing
from keybounds.proofs.notions import D, E_r, S, is_separable
from keybounds.proofs.notions_attacks import (
    A,
    B,
    E,
    K_any,
    K_two,
    chsh_and_error,
    has_chsh_and_error,
    has_qubit,
    information,
    is_device,
    is_sharp,
    outcomes,
    pinched,
    reproduces,
    shared,
    tilted,
)

delta, P, rho, sigma = (thing(name) for name in ("delta", "P", "rho", "sigma"))
k, q, chsh, error = (real(name) for name in ("k", "q", "S", "Q"))

TILTED = Theorem(
    name="measurements",
    source="nielsen2010, Section 2.2",
    words="A vector of norm 1 and projectors are a device, also if outcomes are flipped with a probability.",
    hypotheses=(is_sharp(tilted(k, q)), at_least(q, 0), at_most(q, 1)),
    conclusion=is_device(tilted(k, q)),
)
INFORMATION = Theorem(
    name="information that Eve leaves",
    source="arnonfriedman2020; christandl2007",
    words="The key from outcomes of one announced setting is at most I(A:B|E) of any device with the statistics.",
    hypotheses=(is_device(delta), reproduces(delta, P)),
    conclusion=at_most(K_two(P), information(outcomes(delta), (A,), (B,), (E,))),
)
ENTANGLEMENT = Theorem(
    name="entanglement of a device",
    source="christandl2021, Eq. (5); horodecki2009",
    words="The key of any discussion is at most the relative entropy of entanglement of any device's state.",
    hypotheses=(is_device(delta), reproduces(delta, P)),
    conclusion=at_most(K_any(P), E_r(shared(delta))),
)
LEAST = Theorem(
    name="relative entropy of entanglement",
    source="vedral1997",
    words="E_r is the least relative entropy to a separable state.",
    hypotheses=(is_separable(sigma),),
    conclusion=at_most(E_r(rho), D(rho, sigma)),
)
PINCHED = Theorem(
    name="pinched states are separable",
    source="werner1989",
    words="A mixture of product states |v><v| x rho_v is separable.",
    hypotheses=(has_qubit(rho),),
    conclusion=is_separable(pinched(rho)),
)
PINCHING = Theorem(
    name="relative entropy to the pinched state",
    source="nielsen2010, proof of Theorem 11.9",
    words="Tr rho log P(rho) = Tr P(rho) log P(rho), so that D(rho || P(rho)) = S(P(rho)) - S(rho).",
    hypotheses=(has_qubit(rho),),
    conclusion=equal(D(rho, pinched(rho)), S(pinched(rho)) - S(rho)),
)
COARSER = Theorem(
    name="fewer statistics",
    source="kaur2021; christandl2021, Eq. (2)",
    words="What is secret against every device with the same S and Q is so against those with a table that has them.",
    hypotheses=(has_chsh_and_error(P, chsh, error),),
    conclusion=at_most(K_two(chsh_and_error(chsh, error)), K_two(P)),
)
