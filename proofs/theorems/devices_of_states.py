"""Device-independent key of a state: what its devices can be made of instead."""

from __future__ import annotations

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import at_most
from keybounds.proofs.logic.terms import thing
from keybounds.proofs.notions import K_DI, K, is_state, transposed
from keybounds.proofs.notions_private import keeps_measurements, keeps_probabilities, named, simulates

A, B = thing("A"), thing("B")

TURNED = Theorem(
    name="devices of the partial transpose",
    source="christandl2021, Eq. (3)",
    words="n copies of the partial transpose are the partial transpose of n copies; with Bob's effects on all of them "
    "transposed they have the behaviour of n copies of rho, for every measurement, joint ones included.",
    hypotheses=(
        keeps_probabilities(named("transpose"), named("partial_transpose")),
        keeps_measurements(named("transpose")),
        is_state(A),
        is_state(transposed(A)),
    ),
    conclusion=simulates(transposed(A), A),
)
SIMULATED = Theorem(
    name="ceiling of device-independent key",
    source="christandl2021, Eq. (2)",
    words="What is secret whatever the devices are is secret if they are made of another state with the same "
    "behaviour, of which Eve holds the purification.",
    hypotheses=(simulates(B, A), is_state(B)),
    conclusion=at_most(K_DI(A), K(B)),
)
