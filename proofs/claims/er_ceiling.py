"""E_r(rho_{d,p}) <= 1 - h(p): the state of the same family at p = 1/2 is separable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, symbol
from keybounds.proofs.notions import D, E_r, K, is_separable, rho
from keybounds.proofs.notions_private import (
    ENTANGLEMENT,
    LOWER,
    bound,
    have_common_spectrum,
    is_product_average,
    place,
    tau,
)
from keybounds.proofs.theorems import entanglement

d, p, r = integer("d"), symbol("p"), symbol("r")
HALF = sp.Rational(1, 2)


def state() -> Statement:
    """Return the statement, for every d >= 2, every complex Hadamard matrix in X, and 0 < p < 1."""
    return Statement(
        parameters=(Parameter(d, "dimension of each shield"), Parameter(p, "weight of the key's errors")),
        hypotheses=(at_least(d, 2), greater(p, 0), less(p, 1)),
        clauses=(
            Clause("separable", is_separable(rho(d, HALF))),
            Clause("divergence", equal(D(rho(d, p), rho(d, HALF)), 1 - h(p))),
            Clause("ceiling", at_most(E_r(rho(d, p)), 1 - h(p))),
            Clause("key", at_most(K(rho(d, p)), 1 - h(p))),
        ),
    )


def in_dimension(words: str, predicate: Any) -> k.Fact:
    """A predicate about operators of the family, decided for d = r^2, in terms of d."""
    return k.instantiated(k.decided(words, predicate), {r: sp.sqrt(d)})


def product_average(words: str, operator: Any) -> k.Fact:
    """`operator` is separable, as an average of product vectors."""
    shown = in_dimension(words, is_product_average(operator.subs(d, r**2)))
    return k.by_theorem(words, entanglement.PRODUCTS_SEPARABLE, {entanglement.A: operator}, shown)


def divergence(words: str, shown: k.Fact, under: Any, zeros: int = 0) -> k.Fact:
    """D of two states with a common spectrum, from the eigenvalues."""
    first, second, triples = shown.arguments
    kept = len(triples) - zeros
    signs = [k.inequality("an eigenvalue is positive", greater(x, 0), under) for x, _, _ in triples[:kept]]
    signs += [k.inequality("an eigenvalue is positive", greater(y, 0), under) for _, y, _ in triples]
    theorem = entanglement.divergence(len(triples), zeros)
    return k.by_theorem(words, theorem, entanglement.divergence_values(first, second, triples), shown, *signs)


def below_separable(words: str, operator: Any, separable: k.Fact, sigma: Any) -> k.Fact:
    """E_r is at most the relative entropy to a separable state."""
    value = E_r(operator)
    least = k.infimum_is_bound(ENTANGLEMENT, {place: operator})
    values = {bound: value, place: operator, tau: sigma}
    return k.specialised(words, LOWER, values, least, separable)


def derive(goal: Goal) -> None:
    """Show that rho_{d,1/2} is an average of product vectors, and compare the eigenvalues of the two states."""
    sigma = goal["separable"].predicate.arguments[0]
    separable = product_average("rho_{d,1/2} is an average of product vectors, and so separable", sigma)
    goal.conclude("separable", separable)
    triples = (
        ((1 - p) / r**4, HALF / r**4, r**4),
        (p / (2 * r**2), HALF / (2 * r**2), 2 * r**2),
    )
    common = in_dimension(
        "rho_{d,p} has the same eigenprojectors whatever p is",
        have_common_spectrum(rho(r**2, p), rho(r**2, HALF), sp.Tuple(*(sp.Tuple(*one) for one in triples))),
    )
    found = divergence("the relative entropy of commuting states", common, goal.hypotheses)
    exact = k.restated("it is the stated value", found, goal["divergence"].right, goal.hypotheses)
    goal.conclude("divergence", exact)
    below = below_separable("E_r is at most that of a separable state", rho(d, p), separable, sigma)
    top = k.linear(
        "E_r is at most the stated value", goal["ceiling"].relation, [(1, below), (1, found)], goal.hypotheses
    )
    goal.conclude("ceiling", top)
    state_of = goal.from_claim("rho is a state", "ppt-edge", "state")
    key = k.by_theorem("E_r bounds the key", entanglement.CEILING, {entanglement.A: rho(d, p)}, state_of)
    goal.conclude(
        "key",
        k.linear("so does the stated value", goal["key"].relation, [(1, key), (1, below), (1, found)], goal.hypotheses),
    )


def numerical(statement: Statement) -> Iterator[Step]:
    """D(rho_{d,p} || sigma) of dense matrices, sigma summed from its product vectors and partially transposed."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        for n in (2, 3):
            sigma = dense.partial_transpose(dense.separable_ensemble(n, mp.mpf(1) / 2), 2 * n, 2 * n)
            found = dense.relative_entropy(dense.ppt_private_state(n, mp.mpf(2) / 5), sigma)
            stated = number(statement["divergence"].right, {p: sp.Rational(2, 5)})
            yield witness(f"D(rho || sigma), d = {n}, p = 2/5", stated, found)


CLAIM = Claim(
    name="er-ceiling",
    title="A ceiling on the entanglement of the private states",
    source="this project",
    state=state,
    derive=derive,
    witness=numerical,
)
