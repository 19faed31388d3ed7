"""E_r(rho_{d,p}^Gamma) <= p D2((1+c)/2 || (1+1/sqrt d)/2), by an explicit separable ensemble."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.er_ceiling import (
    HALF,
    below_separable,
    divergence,
    in_dimension,
    product_average,
)
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater, less, relation_of
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import D2, integer, log2, symbol
from keybounds.proofs.notions import K_DI, D, E_r, K, is_separable, rho, transposed
from keybounds.proofs.notions_private import equal_keys, have_common_spectrum, is_diagonal_state
from keybounds.proofs.theorems import entanglement

d, p, r = integer("d"), symbol("p"), symbol("r")
EDGE = 1 / (sp.sqrt(d) + 1)


def sigma(dimension: Any, error: Any) -> Any:
    """Return the separable state, (2p) rho_{d,1/2}^Gamma + (1-2p) (equal keys, mixed shields)."""
    return 2 * error * transposed(rho(dimension, HALF)) + (1 - 2 * error) * equal_keys(dimension)


def state() -> Statement:
    """Return the statement, for every d >= 2, above the edge 1/(sqrt d + 1) and at it, up to p = 1/2."""
    c = (1 - p) / (p * sp.sqrt(d))
    above = p * D2((1 + c) / 2, (1 + 1 / sp.sqrt(d)) / 2)
    at_edge = p * (1 + log2(1 - p))
    flipped = transposed(rho(d, p))
    inside, edge = (greater(p, EDGE),), (equal(p, EDGE),)
    return Statement(
        parameters=(Parameter(d, "dimension of each shield"), Parameter(p, "weight of the key's errors")),
        hypotheses=(at_least(d, 2), at_most(p, HALF)),
        clauses=(
            Clause("separable", is_separable(sigma(d, p))),
            Clause("divergence", equal(D(flipped, sigma(d, p)), above), inside),
            Clause("ceiling", at_most(E_r(flipped), above), inside),
            Clause("key", at_most(K(flipped), above), inside),
            Clause("device-independent key", at_most(K_DI(rho(d, p)), above), inside),
            Clause("below p", less(above, p), inside),
            Clause("ceiling at the edge", at_most(E_r(flipped), at_edge), edge),
            Clause("key at the edge", at_most(K(flipped), at_edge), edge),
            Clause("device-independent key at the edge", at_most(K_DI(rho(d, p)), at_edge), edge),
            Clause("below p at the edge", less(at_edge, p), edge),
        ),
    )


def common_spectrum(error: Any, n: int = 3) -> Any:
    """Eigenvalues of rho^Gamma and of sigma, with multiplicities, for d = r^2; the first n."""
    s, c = 1 / r, (1 - error) / (error * r)
    triples = (
        ((1 - error) / (2 * r**4), (1 - error) / (2 * r**4), 2 * r**4),
        (error * (1 + c) / (2 * r**2), error * (1 + s) / (2 * r**2), r**2),
        (error * (1 - c) / (2 * r**2), error * (1 - s) / (2 * r**2), r**2),
    )
    return sp.Tuple(*(sp.Tuple(*one) for one in triples[:n]))


def derive(goal: Goal) -> None:
    """Show that sigma is separable, compare eigenvalues above and at the edge, and that both values are below p."""
    made = goal["separable"].predicate.arguments[0]
    average = product_average(
        "rho_{d,1/2} partially transposed is an average of product vectors", transposed(rho(d, HALF))
    )
    diagonal = k.by_theorem(
        "equal keys with mixed shields are a diagonal state",
        entanglement.DIAGONAL_SEPARABLE,
        {entanglement.A: equal_keys(d)},
        in_dimension("equal keys with mixed shields are a diagonal state", is_diagonal_state(equal_keys(r**2))),
    )
    weights = [
        k.inequality("a weight is not negative", at_least(2 * p, 0), goal.hypotheses),
        k.inequality("nor more than 1", at_most(2 * p, 1), goal.hypotheses),
    ]
    separable = k.by_theorem(
        "their mixture is separable",
        entanglement.MIXTURE,
        {entanglement.A: transposed(rho(d, HALF)), entanglement.B: equal_keys(d), entanglement.weight: 2 * p},
        average,
        diagonal,
        *weights,
    )
    goal.conclude("separable", separable)
    _above(goal, separable, made)
    _at_edge(goal, separable, made)


def _chain(goal: Goal, suffix: str, separable: k.Fact, made: Any, found: k.Fact, at: dict[Any, Any]) -> None:
    """E_r, key and device-independent key below the relative entropy `found`, at values of the parameters."""
    operator = rho(d, p).subs(at)
    flipped = transposed(operator)
    given = [one.substituted(at) for one in goal.hypotheses]
    below = below_separable("E_r is at most that of a separable state", flipped, separable, made)
    facts = {"ceiling": [(1, below), (1, found)]}
    ppt = k.replaced(
        "rho is PPT",
        k.inequality("p is at or above the edge", at_least(p.subs(at), EDGE), given)
        if at
        else k.assume(at_least(p, EDGE)),
        goal_instance(goal, "rho is PPT from the edge on", "ppt-edge", "edge", at, given),
    )
    proper = goal_instance(goal, "rho is a state", "ppt-edge", "state", at, given)
    turned = k.by_theorem(
        "its partial transpose is a state", entanglement.TRANSPOSED_STATE, {entanglement.A: operator}, proper, ppt
    )
    key = k.by_theorem("E_r bounds the key", entanglement.CEILING, {entanglement.A: flipped}, turned)
    facts["key"] = [(1, key), (1, below), (1, found)]
    moved = goal.from_claim("the device-independent key", "transpose-invariance", "key", {entanglement.A: operator})
    moved = k.cut(moved, proper, ppt)
    facts["device-independent key"] = [(1, moved), (1, key), (1, below), (1, found)]
    for name, terms in facts.items():
        wanted = goal[name + suffix].relation
        if at:
            there = k.linear(f"{name}{suffix}", wanted.substituted(at), terms, given)
            goal.conclude(name + suffix, k.where_equal(f"{name}{suffix}", there, p, at[p], wanted))
        else:
            goal.conclude(name + suffix, k.linear(name, wanted, terms, goal.given(name)))


def goal_instance(goal: Goal, words: str, claim: str, clause: str, at: dict[Any, Any], given: Any) -> k.Fact:
    """A clause of another claim at values of the parameters."""
    fact = goal.from_claim(words, claim, clause)
    return k.instantiated(fact, at, given, words=words)


def _above(goal: Goal, separable: k.Fact, made: Any) -> None:
    name = "divergence"
    given = goal.given(name)
    common = in_dimension(
        "sigma has the eigenprojectors of the partially transposed rho: (1-p)/2d^2 on equal keys, p (1 +- 1/sqrt d)/2d "
        "where rho^Gamma has p (1 +- c)/2d",
        have_common_spectrum(transposed(rho(r**2, p)), sigma(r**2, p), common_spectrum(p)),
    )
    found = divergence("the relative entropy of commuting states", common, given)
    exact = k.restated("it is the stated value", found, goal[name].right, given)
    goal.conclude(name, exact)
    _chain(goal, "", separable, made, exact, {})
    _below(goal)


def _at_edge(goal: Goal, separable: k.Fact, made: Any) -> None:
    at = {p: relation_of(goal["ceiling at the edge"].hypotheses[0]).right}
    edge = 1 / (r + 1)
    triples = [list(one) for one in common_spectrum(edge)]
    triples[2][0] = sp.Integer(0)
    common = in_dimension(
        "at the edge the last eigenvalue of rho^Gamma is 0",
        have_common_spectrum(
            transposed(rho(r**2, edge)), sigma(r**2, edge), sp.Tuple(*(sp.Tuple(*one) for one in triples))
        ),
    )
    given = [one.substituted(at) for one in goal.hypotheses]
    found = divergence("the relative entropy of commuting states", common, given, zeros=1)
    there = k.instantiated(separable, at, given, words="sigma at the edge is separable")
    _chain(goal, " at the edge", there, made.subs(at), found, at)
    wanted = goal["below p at the edge"].relation
    lower = k.inequality("log(1-p) is negative", wanted.substituted(at), given)
    goal.conclude("below p at the edge", k.where_equal("below p at the edge", lower, p, at[p], wanted))


def _below(goal: Goal) -> None:
    """D2((1+c)/2 || (1+s)/2) grows with c, up to 1 - log(1+s) at c = 1."""
    c, s = symbol("c"), symbol("s")
    inside = [at_least(c, s), less(c, 1), less(s, 1)]
    value = D2((1 + c) / 2, (1 + s) / 2)
    slope = k.inequality(
        "the divergence grows with c",
        at_least(sp.log((1 + c) * (1 - s) / ((1 - c) * (1 + s))) / (2 * sp.log(2)), 0),
        inside,
    )
    least = k.by_slope("so it is at most that at c = 1", value, c, slope, 1)
    end = k.inequality("which is less than 1", less(least.right, 1), [less(s, 1)])
    less_than_one = k.chain("the divergence is less than 1", least, end)
    given = goal.given("below p")
    at = {c: (1 - p) / (p * sp.sqrt(d)), s: 1 / sp.sqrt(d)}
    found = k.instantiated(less_than_one, at, given, words="at c = (1-p)/(p sqrt d) and s = 1/sqrt d")
    goal.conclude("below p", k.linear("p times it is less than p", goal["below p"].relation, [(p, found)], given))


def numerical(statement: Statement) -> Iterator[Step]:
    """D(rho^Gamma || sigma) of dense matrices, sigma summed from its product vectors."""
    import mpmath as mp

    edge = relation_of(statement["ceiling at the edge"].hypotheses[0]).right
    with mp.workdps(DIGITS + 10):
        for n, value in ((2, sp.Rational(9, 20)), (2, None), (3, sp.Rational(2, 5))):
            chosen = number(edge, {d: n}) if value is None else mp.mpf(value.p) / value.q
            matrix = dense.partial_transpose(dense.ppt_private_state(n, chosen), 2 * n, 2 * n)
            found = dense.relative_entropy(matrix, dense.separable_ensemble(n, chosen))
            if value is None:
                stated = number(statement["ceiling at the edge"].right.subs(p, edge), {d: n})
            else:
                stated = number(statement["divergence"].right, {d: n, p: value})
            yield witness(f"D(rho^Gamma || sigma), d = {n}, p = {value or 'edge'}", stated, found)


CLAIM = Claim(
    name="er-ceiling-transpose",
    title="A ceiling on the entanglement of the partial transposes",
    source="this project",
    state=state,
    derive=derive,
    witness=numerical,
)
