"""E_r(rho_{d,p}) = 1 - h(p) for p <= 1/2: a witness that no separable state exceeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, holds
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.er_ceiling import in_dimension
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Relation, at_least, at_most, equal, greater
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, symbol
from keybounds.proofs.notions import E_r, Tr, is_separable, rho
from keybounds.proofs.notions_private import (
    ENTANGLEMENT,
    LOWER,
    PRODUCTS,
    UNIT,
    Pi_X,
    Pi_Y,
    bound,
    expectation,
    form,
    has_eigenprojectors,
    has_expectation,
    has_unimodular_entries,
    is_unit,
    norm,
    one_norm,
    part0,
    part1,
    phases,
    place,
    tau,
    times,
    times_bar,
    x,
    y,
)
from keybounds.proofs.theorems import entanglement

d, p, r = integer("d"), symbol("p"), symbol("r")
HALF = sp.Rational(1, 2)

E, F = norm(part0(x)) * norm(part0(y)), norm(part1(x)) * norm(part1(y))
"""e = |x0||y0| and f = |x1||y1|."""
A, B = norm(part0(x)) * norm(part1(y)), norm(part1(x)) * norm(part0(y))
"""a = |x0||y1| and b = |x1||y0|; ab = ef."""


def state() -> Statement:
    """Return the statement, for every d >= 2, every complex Hadamard matrix in X, and 0 < p <= 1/2."""
    return Statement(
        parameters=(Parameter(d, "dimension of each shield"), Parameter(p, "weight of the key's errors")),
        hypotheses=(at_least(d, 2), greater(p, 0), at_most(p, HALF)),
        clauses=(Clause("value", equal(E_r(rho(d, p)), 1 - h(p))),),
    )


def unit_products() -> k.Fact:
    """e^2 + f^2 + a^2 + b^2 = 1 for unit vectors."""
    units = []
    for vector in (x, y):
        meaning = k.by_definition(UNIT, {x: vector})
        units.append(k.replaced("a unit vector", k.assume(is_unit(vector)), meaning))
    alice, bob = units
    return k.linear(
        "the norms of the four products of parts",
        equal(E**2 + F**2 + A**2 + B**2, 1),
        [(bob.left, alice), (1, bob)],
    )


def coherence(product: Any, first: tuple[Any, Any], second: tuple[Any, Any], words: str) -> k.Fact:
    """form(phases, product(first), product(second)) <= the product of the four norms: triangle, then Cauchy."""
    left, right = product(*first), product(*second)
    unimodular = k.decided("the entries of sqrt d U have modulus 1", has_unimodular_entries(phases(r**2)))
    sums = k.by_theorem(
        "the triangle inequality",
        entanglement.TRIANGLE,
        {entanglement.a: left, entanglement.b: right, entanglement.c: phases(r**2)},
        unimodular,
    )
    cauchy = [
        k.by_theorem("Cauchy's inequality", entanglement.CAUCHY[product], {entanglement.a: one, entanglement.b: two})
        for one, two in (first, second)
    ]
    return k.linear(
        words,
        at_most(form(phases(r**2), left, right), cauchy[0].right * cauchy[1].right),
        [(1, sums), (one_norm(right), cauchy[0]), (cauchy[0].right, cauchy[1])],
    )


def overlap(first: Any, second: Any) -> k.Fact:
    """norm(times(first, second))^2 <= |first|^2 |second|^2."""
    vector = times(first, second)
    cauchy = k.by_theorem(
        "Cauchy's inequality", entanglement.CAUCHY[times], {entanglement.a: first, entanglement.b: second}
    )
    smaller = k.by_theorem("the Euclidean norm is the smaller one", entanglement.NORMS, {entanglement.a: vector})
    below = k.chain("the norm of the products", smaller, cauchy)
    return k.linear(
        "and its square",
        at_most(norm(vector) ** 2, cauchy.right**2),
        [(norm(vector) + cauchy.right, below)],
    )


def expectation_on_products(words: str, operator: Any, value: Any, under: Any = ()) -> k.Fact:
    """The expectation of a combination of projectors on a product of any two vectors, for d = r^2."""
    shown = k.decided(words, has_expectation(operator, x, y, value), under)
    return k.by_theorem(
        words,
        entanglement.EXPECTATION,
        {
            entanglement.A: shown.arguments[0],
            entanglement.x: x,
            entanglement.y: y,
            entanglement.value: shown.arguments[3],
        },
        shown,
    )


def lower_bound(
    operator: Any, proper: k.Fact, projectors: k.Fact, factors: Any, products: k.Fact, wanted: Relation, under: Any
) -> k.Fact:
    """E_r(operator) is at least what `wanted` says, from a witness of expectations up to 1 on products."""
    triples = projectors.arguments[1]
    combination = sp.Add(*(f * one for f, (_, one, _) in zip(factors, triples, strict=True)))
    bounded = k.generalised(
        "no product of unit vectors exceeds 1", PRODUCTS, {bound: sp.Integer(1), place: combination}, products
    )
    separable = k.assume(is_separable(tau))
    mixed = k.by_theorem(
        "nor does a separable state",
        entanglement.ON_PRODUCTS,
        {entanglement.value: sp.Integer(1), entanglement.A: combination, entanglement.tau: tau},
        bounded,
        separable,
    )
    total = sp.Add(*(f * Tr(one * tau) for f, (_, one, _) in zip(factors, triples, strict=True)))
    mixed = k.linear("projector by projector", at_most(total, 1), [(1, mixed)], under)
    measured = k.by_theorem(
        "the witness bounds the relative entropy to any separable state",
        entanglement.witness(len(triples)),
        entanglement.witness_values(operator, triples, factors),
        projectors,
        proper,
        separable,
        mixed,
    )
    reached = k.linear(
        "which is at least the stated value", Relation(wanted.right, "<=", measured.left), [(1, measured)], under
    )
    for_all = k.generalised("for every separable state", LOWER, {bound: wanted.right, place: operator}, reached)
    return k.at_most_infimum("so is their infimum", ENTANGLEMENT, {bound: wanted.right, place: operator}, for_all)


def derive(goal: Goal) -> None:
    """Bound the expectations of 2(1-p) Pi_X + 2p Pi_Y on product vectors by 1."""
    name = "value"
    wanted, given = goal[name].relation, goal.given(name)
    projectors = in_dimension(
        "rho is (1-p)/d^2 times Pi_X and p/2d times Pi_Y",
        has_eigenprojectors(
            rho(r**2, p),
            sp.Tuple(
                sp.Tuple((1 - p) / r**4, Pi_X(r**2), r**4),
                sp.Tuple(p / (2 * r**2), Pi_Y(r**2), 2 * r**2),
            ),
        ),
    )
    factors = (2 * (1 - p), 2 * p)
    proper = goal.from_claim("rho is a state", "ppt-edge", "state")
    bounded = lower_bound(rho(d, p), proper, projectors, factors, _on_products(factors, given), wanted, given)
    above = goal.from_claim("and it is at most that", "er-ceiling", "ceiling")
    top = k.linear("E_r is at most the stated value", at_most(wanted.left, wanted.right), [(1, above)], given)
    bottom = k.linear("E_r is at least the stated value", at_least(wanted.left, wanted.right), [(1, bounded)], given)
    goal.conclude(name, k.both_ways("E_r is the stated value", top, bottom))


def _on_products(factors: Any, given: Any) -> k.Fact:
    """What the inequalities leave below 1 is p (e-f)^2 + (1-2p) (a-b)^2."""
    diagonal = norm(times(part0(x), part1(y))) ** 2, norm(times(part1(x), part0(y))) ** 2
    one, other = factors
    value = one * ((E**2 + F**2) / 2 + form(phases(r**2), times_bar(part0(x), part1(y)), times_bar(part1(x), part0(y))))
    value += other * sum(diagonal)
    exact = expectation_on_products(
        "Pi_X has the expectation (e^2 + f^2)/2 + R, Pi_Y |x0 y1|^2 + |x1 y0|^2",
        one * Pi_X(r**2) + other * Pi_Y(r**2),
        value,
    )
    pairs = (part0(x), part1(y)), (part1(x), part0(y))
    mixed = coherence(times_bar, *pairs, words="R is at most ab")
    squares = [overlap(*pair) for pair in pairs]
    ones = unit_products()
    parts = [k.inequality("a square", at_least(term**2, 0)) for term in (E - F, A - B)]
    found = k.linear(
        "1 less the expectation is at least p (e-f)^2 + (1-2p) (a-b)^2",
        at_most(expectation(one * Pi_X(r**2) + other * Pi_Y(r**2), x, y), 1),
        [(1, exact), (one, mixed), (other, squares[0]), (other, squares[1]), (1, ones),
         (p, parts[0]), (1 - 2 * p, parts[1])],
        given,
    )  # fmt: skip
    return k.instantiated(found, {r: sp.sqrt(d)}, given)


def numerical(statement: Statement) -> Iterator[Step]:
    """Maximise the witness over product vectors, on dense matrices: never above 1."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        n, error = 2, mp.mpf(9) / 20
        operator = dense.ratio(dense.ppt_private_state(n, error), dense.ppt_private_state(n, mp.mpf(1) / 2))
        best = max(dense.largest_on_products(operator, 2 * n, 2 * n, seed) for seed in range(4))
        yield holds(
            "largest expectation of rho sigma^-1 found on product vectors, d = 2, p = 9/20",
            best <= 1 + mp.mpf(10) ** -40,
            detail=mp.nstr(best, 18),
        )


CLAIM = Claim(
    name="er-exact",
    title="The entanglement of the private states",
    source="this project",
    state=state,
    derive=derive,
    witness=numerical,
)
