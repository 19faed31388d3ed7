"""Transposing Bob's side of state and measurements changes no probability; so K_DI(rho) <= K(rho^Gamma) for PPT rho."""

from __future__ import annotations

from collections.abc import Iterator

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_most
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import thing
from keybounds.proofs.notions import K_DI, K, is_ppt, is_state, transposed
from keybounds.proofs.notions_private import keeps_measurements, keeps_probabilities, named, simulates
from keybounds.proofs.theorems import devices_of_states as devices
from keybounds.proofs.theorems import entanglement

A = thing("A")


def state() -> Statement:
    """Return the statement, for all finite dimensions and every PPT state."""
    ppt = (is_state(A), is_ppt(A))
    return Statement(
        parameters=(Parameter(A, "any state of Alice and Bob"),),
        hypotheses=(),
        clauses=(
            Clause("probabilities", keeps_probabilities(named("transpose"), named("partial_transpose"))),
            Clause("measurements", keeps_measurements(named("transpose"))),
            Clause("simulation", simulates(transposed(A), A), ppt),
            Clause("key", at_most(K_DI(A), K(transposed(A))), ppt),
        ),
    )


def derive(goal: Goal) -> None:
    """Decide the invariance on matrix units, which span; a device of rho is then one of its partial transpose."""
    probabilities = k.decided(
        "tr[(A (x) B) rho] = tr[(A (x) B^T) rho^Gamma], on matrix units of any dimensions",
        goal["probabilities"].predicate,
    )
    goal.conclude("probabilities", probabilities)
    measurements = k.decided("transposed effects are a measurement", goal["measurements"].predicate)
    goal.conclude("measurements", measurements)
    proper, ppt = k.assume(is_state(A)), k.assume(is_ppt(A))
    turned = k.by_theorem(
        "the partial transpose is a state", entanglement.TRANSPOSED_STATE, {entanglement.A: A}, proper, ppt
    )
    simulated = k.by_theorem(
        "what is measured on copies of rho can be measured on as many of its partial transpose",
        devices.TURNED,
        {devices.A: A},
        probabilities,
        measurements,
        turned,
        proper,
    )
    goal.conclude("simulation", simulated)
    goal.conclude(
        "key",
        k.by_theorem(
            "Eve may hold the purification of either",
            devices.SIMULATED,
            {devices.A: A, devices.B: transposed(A)},
            simulated,
            turned,
        ),
    )


def numerical(statement: Statement) -> Iterator[Step]:
    """Both traces for dense, unstructured complex matrices of unequal dimensions."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):

        def matrix(n: int, seed: int) -> mp.matrix:
            return mp.matrix(
                [[mp.cos(mp.mpf(seed + 5 * i + 11 * j)) + mp.j * mp.sin(mp.mpf(seed * i - 3 * j)) for j in range(n)]
                 for i in range(n)]
            )  # fmt: skip

        for m, n in ((2, 3), (3, 2)):
            alice, bob, rho = matrix(m, 1), matrix(n, 2), matrix(m * n, 3)
            left = dense.trace(dense.kron(alice, bob) * rho)
            right = dense.trace(dense.kron(alice, bob.T) * dense.partial_transpose(rho, m, n))
            yield witness(f"tr[(A (x) B) rho], {m} x {n}", right, left)


CLAIM = Claim(
    name="transpose-invariance",
    title="Partial transposition keeps correlations",
    source="christandl2021, Eq. (3)",
    state=state,
    derive=derive,
    witness=numerical,
)
