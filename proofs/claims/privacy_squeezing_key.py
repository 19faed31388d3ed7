"""K(rho_{d,p}) >= 1 - h(p) - p, from what Eve holds after the key qubits are measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, symbol
from keybounds.proofs.notions import K, rho
from keybounds.proofs.notions_private import K_bits, bits, has_conditional_entropy, is_secret_or_known, named
from keybounds.proofs.theorems import keys

d, p, r = integer("d"), symbol("p"), symbol("r")


def state() -> Statement:
    """Return the statement, for every d >= 2, every complex Hadamard matrix in X, and 0 < p < 1."""
    return Statement(
        parameters=(Parameter(d, "dimension of each shield"), Parameter(p, "weight of the key's errors")),
        hypotheses=(at_least(d, 2), greater(p, 0), less(p, 1)),
        clauses=(
            Clause("branches", is_secret_or_known(rho(d, p), p)),
            Clause("bits", at_least(K(rho(d, p)), K_bits(p))),
            Clause("rate of the bits", at_least(K_bits(p), 1 - h(p) - p)),
            Clause("key", at_least(K(rho(d, p)), 1 - h(p) - p)),
        ),
    )


def entropy(words: str, first: str, second: str, source: Any, value: Any, under: Any) -> k.Fact:
    """H(first|second) of a source, from its table."""
    parts = named(first), named(second)
    table = k.decided(words, has_conditional_entropy(*parts, source, value), under)
    places = dict(zip((keys.a, keys.b, keys.source, keys.value), (*parts, source, value), strict=True))
    return k.by_theorem(words, keys.ENTROPY, places, table)


def derive(goal: Goal) -> None:
    """Take Eve's states in the operator algebra of the family, and the entropies from the table of the bits."""
    name = "branches"
    operator, error = goal[name].predicate.arguments
    shown = k.decided(
        "given equal keys Eve's state is one and the same for both values; keys differ with probability p",
        is_secret_or_known(operator.subs(d, r**2), error),
    )
    branches = k.instantiated(shown, {r: sp.sqrt(d)})
    goal.conclude(name, branches)
    measured = k.by_theorem(
        "the key is at least that of the measured bits",
        keys.MEASURED,
        {keys.A: operator, keys.p: error},
        goal.from_claim("rho is a state", "ppt-edge", "state"),
        branches,
    )
    goal.conclude("bits", k.linear("against z", goal["bits"].relation, [(1, measured)], goal.hypotheses))
    known = entropy("Eve lacks x where y = x, with probability 1-p", "x", "z", bits(p), 1 - p, goal.hypotheses)
    lacking = entropy("Bob lacks h(p) bits of x", "x", "y", bits(p), h(p), goal.hypotheses)
    reached = k.by_theorem("one-way discussion", keys.ONE_WAY, {keys.p: p})
    rate = k.linear(
        "the difference is the rate of the bits",
        goal["rate of the bits"].relation,
        [(1, reached), (1, known), (-1, lacking)],
        goal.hypotheses,
    )
    goal.conclude("rate of the bits", rate)
    goal.conclude(
        "key", k.linear("a key rate of rho", goal["key"].relation, [(1, measured), (1, rate)], goal.hypotheses)
    )


def numerical(statement: Statement) -> Iterator[Step]:
    """Devetak-Winter rate from a numerical purification of the dense state."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        for n in (2, 3):
            matrix = dense.ppt_private_state(n, mp.mpf(9) / 20)
            eve = dense.eve_states(matrix, [dense.keys(n, a, b) for a in (0, 1) for b in (0, 1)])
            probabilities = [mp.re(dense.trace(one)) for one in eve]
            alice_bob = 2 - dense.entropy(probabilities)
            total = dense.entropy(dense.eigenvalues(eve[0] + eve[1] + eve[2] + eve[3]))
            given = mp.fsum(dense.entropy(dense.eigenvalues(2 * (eve[2 * a] + eve[2 * a + 1]))) for a in (0, 1)) / 2
            stated = number(statement["key"].right, {p: sp.Rational(9, 20)})
            yield witness(
                f"Devetak-Winter rate of the dense state, d = {n}, p = 9/20", stated, alice_bob - (total - given)
            )


CLAIM = Claim(
    name="privacy-squeezing-key",
    title="Key of the private states by one-way discussion",
    source="christandl2021, p. 3",
    state=state,
    derive=derive,
    witness=numerical,
)
