"""E_r(rho_{d,p}^Gamma) is exactly the ceiling of `er_ceiling_transpose`: a witness that no separable state exceeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, holds
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.er_ceiling import HALF, in_dimension
from keybounds.proofs.claims.er_ceiling_transpose import EDGE
from keybounds.proofs.claims.er_exact import (
    A,
    B,
    E,
    F,
    coherence,
    expectation_on_products,
    lower_bound,
    overlap,
    unit_products,
)
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater, relation_of
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import D2, integer, log2, symbol
from keybounds.proofs.notions import E_r, rho, transposed
from keybounds.proofs.notions_private import (
    Pi_key,
    Pi_minus,
    Pi_plus,
    expectation,
    form,
    has_eigenprojectors,
    norm,
    part0,
    part1,
    phases,
    times,
    x,
    y,
)
from keybounds.proofs.theorems import entanglement

d, p, r = integer("d"), symbol("p"), symbol("r")


def state() -> Statement:
    """Return the statement, for every d >= 2, above the edge 1/(sqrt d + 1) and at it, up to p = 1/2."""
    c = (1 - p) / (p * sp.sqrt(d))
    flipped = transposed(rho(d, p))
    above = p * D2((1 + c) / 2, (1 + 1 / sp.sqrt(d)) / 2)
    return Statement(
        parameters=(Parameter(d, "dimension of each shield"), Parameter(p, "weight of the key's errors")),
        hypotheses=(at_least(d, 2), at_most(p, HALF)),
        clauses=(
            Clause("value", equal(E_r(flipped), above), (greater(p, EDGE),)),
            Clause("value at the edge", equal(E_r(flipped), p * (1 + log2(1 - p))), (equal(p, EDGE),)),
        ),
    )


def factors(error: Any, root: Any) -> tuple[Any, Any, Any]:
    """1, (1+c)/(1+s) and (1-c)/(1-s), for c = (1-p)/(p sqrt d) and s = 1/sqrt d: the factors of the projectors."""
    c, s = (1 - error) / (error * root), 1 / root
    return sp.Integer(1), sp.cancel((1 + c) / (1 + s)), sp.cancel((1 - c) / (1 - s))


def projectors(error: Any, n: int) -> Any:
    """Eigenvalues, projectors and ranks of the partial transpose, for d = r^2; the first n."""
    c = (1 - error) / (error * r)
    triples = (
        ((1 - error) / (2 * r**4), Pi_key(r**2), 2 * r**4),
        (error * (1 + c) / (2 * r**2), Pi_plus(r**2), r**2),
        (error * (1 - c) / (2 * r**2), Pi_minus(r**2), r**2),
    )
    return sp.Tuple(*(sp.Tuple(*one) for one in triples[:n]))


def derive(goal: Goal) -> None:
    """Bound the expectations of Pi_= + (1+c)/(1+s) Pi_+ + (1-c)/(1-s) Pi_- on product vectors by 1."""
    for name, ceiling, n in (("value", "ceiling", 3), ("value at the edge", "ceiling at the edge", 2)):
        at = {} if n == 3 else {p: relation_of(goal[name].hypotheses[0]).right}
        there = {} if n == 3 else {p: 1 / (r + 1)}
        given = list(goal.given(name)) if n == 3 else [one.substituted(at) for one in goal.hypotheses]
        wanted = goal[name].relation.substituted(at)
        operator = transposed(rho(d, p)).subs(at)
        shown = in_dimension(
            "the partial transpose has the eigenprojectors Pi_=, Pi_+ and Pi_-"
            + ("" if n == 3 else ", the last with 0"),
            has_eigenprojectors(transposed(rho(r**2, p)).subs(there), projectors(p.subs(there), n)),
        )
        products = _on_products(p.subs(there), n, given)
        chosen = factors(p.subs(there), r)[:n]
        weights = [one.subs(r, sp.sqrt(d)) for one in chosen]
        bounded = lower_bound(operator, _state(goal, at, given), shown, weights, products, wanted, given)
        above = k.instantiated(goal.from_claim("and it is at most that", "er-ceiling-transpose", ceiling), at, given)
        top = k.linear("E_r is at most the stated value", at_most(wanted.left, wanted.right), [(1, above)], given)
        bottom = k.linear(
            "E_r is at least the stated value", at_least(wanted.left, wanted.right), [(1, bounded)], given
        )
        exact = k.both_ways("E_r is the stated value", top, bottom)
        if at:
            exact = k.where_equal(name, exact, p, at[p], goal[name].proposition)
        goal.conclude(name, exact)


def _state(goal: Goal, at: dict[Any, Any], given: Sequence[Any]) -> k.Fact:
    """The partial transpose is a state."""
    proper = k.instantiated(goal.from_claim("rho is a state", "ppt-edge", "state"), at, given)
    edge = k.instantiated(goal.from_claim("rho is PPT from the edge on", "ppt-edge", "edge"), at, given)
    inside = at_least(p.subs(at), EDGE)
    reached = k.inequality("p is at or above the edge", inside, given)
    ppt = k.replaced("rho is PPT", reached, edge)
    return k.by_theorem(
        "its partial transpose is a state",
        entanglement.TRANSPOSED_STATE,
        {entanglement.A: rho(d, p).subs(at)},
        proper,
        ppt,
    )


def _on_products(error: Any, n: int, given: Sequence[Any]) -> k.Fact:
    """What the inequalities leave below 1 is B s (a-b)^2, with B = (c-s)/(1-s^2) >= 0."""
    diagonal = norm(times(part0(x), part1(y))) ** 2, norm(times(part1(x), part0(y))) ** 2
    chosen = (*factors(error, r)[:n], sp.Integer(0))[:3]
    _, plus, minus = chosen
    inside = [greater(r, 1)] if n == 2 else [greater(r, 1), greater(p, 1 / (r + 1)), at_most(p, HALF)]
    coherent = form(phases(r**2), times(part0(x), part1(y)), times(part1(x), part0(y)))
    value = E**2 + F**2 + (plus + minus) / 2 * sum(diagonal) + (plus - minus) / r * coherent
    operator = sp.Add(*(f * one for f, one in zip(chosen, (Pi_key(r**2), Pi_plus(r**2), Pi_minus(r**2)), strict=True)))
    exact = expectation_on_products(
        "Pi_= has the expectation e^2 + f^2, Pi_+- have (|x0 y1|^2 + |x1 y0|^2)/2 +- R/sqrt d", operator, value, inside
    )
    pairs = (part0(x), part1(y)), (part1(x), part0(y))
    mixed = coherence(times, *pairs, words="R is at most ab")
    squares = [overlap(*pair) for pair in pairs]
    square = k.inequality("a square", at_least((A - B) ** 2, 0))
    slack, weight = sp.factor((plus - minus) / (2 * r)), sp.factor((plus + minus) / 2)
    found = k.linear(
        "1 less the expectation is at least B/sqrt d (a-b)^2",
        at_most(expectation(operator, x, y), 1),
        [(1, exact), (2 * slack, mixed), (weight, squares[0]), (weight, squares[1]), (1, unit_products()),
         (slack, square)],
        inside,
    )  # fmt: skip
    return k.instantiated(found, {r: sp.sqrt(d)}, given)


def numerical(statement: Statement) -> Iterator[Step]:
    """Maximise the witness over product vectors, on dense matrices: never above 1."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        n, error = 2, mp.mpf(9) / 20
        matrix = dense.partial_transpose(dense.ppt_private_state(n, error), 2 * n, 2 * n)
        operator = dense.ratio(matrix, dense.separable_ensemble(n, error))
        best = max(dense.largest_on_products(operator, 2 * n, 2 * n, seed) for seed in range(4))
        yield holds(
            "largest expectation of rho^Gamma sigma^-1 found on product vectors, d = 2, p = 9/20",
            best <= 1 + mp.mpf(10) ** -40,
            detail=mp.nstr(best, 18),
        )


CLAIM = Claim(
    name="er-exact-transpose",
    title="The entanglement of the partial transposes",
    source="this project",
    state=state,
    derive=derive,
    witness=numerical,
)
