"""rho_{d,p} is a state; it is PPT if and only if p >= 1/(sqrt d + 1); spectra, trace norms, entropies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Equivalence, at_least, equal, greater, less, relation_of
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, log2, symbol
from keybounds.proofs.notions import (
    S,
    X,
    Y,
    has_spectrum,
    is_partial_isometry,
    is_ppt,
    is_state,
    norm1,
    rho,
    transposed,
)
from keybounds.proofs.theorems import operators

d, p, r = integer("d"), symbol("p"), symbol("r")
EDGE = 1 / (sp.sqrt(d) + 1)


def state() -> Statement:
    """Return the statement, for every d >= 2, every complex Hadamard matrix in X, and 0 < p < 1."""
    c = (1 - p) / (p * sp.sqrt(d))
    at_edge = h(p) + (1 - p) * log2(2 * d**2) + p * log2(d)
    return Statement(
        parameters=(Parameter(d, "dimension of each shield"), Parameter(p, "weight of the key's errors")),
        hypotheses=(at_least(d, 2), greater(p, 0), less(p, 1)),
        clauses=(
            Clause("state", is_state(rho(d, p))),
            Clause("entropy", equal(S(rho(d, p)), h(p) + (1 - p) * log2(d**2) + p * log2(2 * d))),
            Clause("edge", Equivalence(is_ppt(rho(d, p)), at_least(p, EDGE))),
            Clause("norm of X", equal(norm1(X(d)), 1)),
            Clause("norm of Y", equal(norm1(Y(d)), 1)),
            Clause("norm of the transposed X", equal(norm1(transposed(X(d))), 1 / sp.sqrt(d))),
            Clause(
                "transposed entropy", equal(S(transposed(rho(d, p))), at_edge + p * h((1 + c) / 2)), (greater(p, EDGE),)
            ),
            Clause("entropy at the edge", equal(S(transposed(rho(d, p))), at_edge), (equal(p, EDGE),)),
        ),
    )


def spectrum() -> Any:
    """Eigenvalues of rho_{d,p} with multiplicities, d = r^2."""
    return ((1 - p) / r**4, r**4), (p / (2 * r**2), 2 * r**2)


def spectrum_transposed() -> Any:
    """Eigenvalues of the partial transpose with multiplicities, the least last."""
    return (
        ((1 - p) / (2 * r**4), 2 * r**4),
        ((p + (1 - p) / r) / (2 * r**2), r**2),
        ((p - (1 - p) / r) / (2 * r**2), r**2),
    )


IN_R = {r: sp.sqrt(d)}


def in_dimension(words: str, operator: Any, pairs: Any) -> k.Fact:
    """The spectrum of an operator of the family, shown for d = r^2, in terms of d."""
    fact = k.decided(words, has_spectrum(operator.subs(d, r**2), sp.Tuple(*(sp.Tuple(*one) for one in pairs))))
    return k.instantiated(fact, IN_R)


def derive(goal: Goal) -> None:
    """Decompose rho and its partial transpose in the operator algebra of the family."""
    whole = in_dimension(
        "rho is (1-p)/d^2 times a projector of rank d^2 and p/2d times one of rank 2d", rho(d, p), spectrum()
    )
    known = operators.values(whole.arguments[1])
    _state(goal, whole, known)
    _norms(goal)
    flipped = in_dimension(
        "the partial transpose is (1-p)/2d^2 on the projector of equal keys, of rank 2d^2, and "
        "(p +- (1-p)/sqrt d)/2d on two of rank d",
        transposed(rho(d, p)),
        spectrum_transposed(),
    )
    _edge(goal, flipped)
    _transposed_entropies(goal, flipped)


def _state(goal: Goal, whole: k.Fact, known: Any) -> None:
    (first, _), (second, _) = whole.arguments[1]
    signs = [k.inequality("an eigenvalue is positive", greater(x, 0), goal.hypotheses) for x in (first, second)]
    both = k.by_theorem(
        "rho is positive if and only if the last eigenvalue is not negative",
        operators.positivity(2),
        {operators.A: rho(d, p), **known},
        whole,
        signs[0],
    )
    positive = k.replaced("rho is positive", k.weakened("not negative", signs[1], at_least(second, 0)), both)
    trace = k.by_theorem("the trace is the sum", operators.trace(2), {operators.A: rho(d, p), **known}, whole)
    one = k.restated("the trace is 1", trace, 1, goal.hypotheses)
    goal.conclude("state", k.by_theorem("rho is a state", operators.STATE, {operators.A: rho(d, p)}, positive, one))
    entropy = k.by_theorem(
        "the entropy by the spectrum", operators.entropy(2), {operators.A: rho(d, p), **known}, whole, *signs
    )
    goal.conclude("entropy", k.restated("entropy of rho", entropy, goal["entropy"].right, goal.hypotheses))


def _norms(goal: Goal) -> None:
    for name, operator, singular, rank in (
        ("norm of X", X(d), r**-4, r**4),
        ("norm of Y", Y(d), r**-2, r**2),
        ("norm of the transposed X", transposed(X(d)), r**-3, r**2),
    ):
        shown = k.instantiated(
            k.decided(f"{name}: a partial isometry", is_partial_isometry(operator.subs(d, r**2), singular, rank)), IN_R
        )
        _, factor, multiplicity = shown.arguments
        norm = k.by_theorem(
            "the trace norm of a multiple of a partial isometry",
            operators.ISOMETRY,
            {operators.A: operator, operators.eigenvalue(1): factor, operators.multiplicity(1): multiplicity},
            shown,
        )
        goal.conclude(name, k.restated(name, norm, goal[name].right, goal.hypotheses))


def _edge(goal: Goal, flipped: k.Fact) -> None:
    pairs = flipped.arguments[1]
    known = operators.values(pairs)
    least = pairs[2][0]
    signs = [k.inequality("an eigenvalue is positive", greater(x, 0), goal.hypotheses) for x, _ in pairs[:2]]
    decides = k.by_theorem(
        "the partial transpose is positive if and only if its last eigenvalue is not negative",
        operators.positivity(3),
        {operators.A: transposed(rho(d, p)), **known},
        flipped,
        *signs,
    )
    edge = relation_of(goal["edge"].equivalence.right).right
    multiple = (sp.sqrt(d) + 1) / (2 * d * sp.sqrt(d))
    factored = k.identity(
        "the last eigenvalue is a positive multiple of p - 1/(sqrt d + 1)",
        least,
        multiple * (p - edge),
        goal.hypotheses,
    )
    above = k.linear(
        "so it is not negative from there on",
        at_least(least, 0),
        [(1, factored), (multiple, k.assume(at_least(p, edge)))],
        goal.hypotheses,
    )
    below = k.linear(
        "and negative below",
        less(least, 0),
        [(1, factored), (multiple, k.assume(less(p, edge)))],
        goal.hypotheses,
    )
    ppt = k.by_definition(operators.PPT, {operators.A: rho(d, p)})
    forward = k.replaced("above the edge rho is PPT", k.replaced("positive", above, decides), ppt)
    seen = k.contraposed("where the eigenvalue is not negative, p is not below", below, less(p, edge))
    from_ppt = k.replaced(
        "a PPT rho has no negative eigenvalue",
        k.replaced("its partial transpose is positive", k.assume(is_ppt(rho(d, p))), ppt),
        decides,
    )
    goal.conclude("edge", k.equivalent("PPT from the edge on", k.cut(seen, from_ppt), forward))


def _transposed_entropies(goal: Goal, flipped: k.Fact) -> None:
    pairs = flipped.arguments[1]
    name = "transposed entropy"
    given = goal.given(name)
    signs = [k.inequality("above the edge an eigenvalue is positive", greater(x, 0), given) for x, _ in pairs]
    entropy = k.by_theorem(
        "the entropy by the spectrum",
        operators.entropy(3),
        {operators.A: transposed(rho(d, p)), **operators.values(pairs)},
        flipped,
        *signs,
    )
    goal.conclude(name, k.restated(name, entropy, goal[name].right, given))
    name = "entropy at the edge"
    edge = 1 / (r + 1)
    there = k.decided(
        "at the edge the last eigenvalue is 0, and two are left",
        has_spectrum(
            transposed(rho(r**2, edge)),
            sp.Tuple(*(sp.Tuple(x.subs(p, edge), m) for x, m in spectrum_transposed()[:2])),
        ),
    )
    there = k.instantiated(there, IN_R)
    pairs = there.arguments[1]
    entropy = k.by_theorem(
        "the entropy by the spectrum",
        operators.entropy(2),
        {operators.A: transposed(rho(d, EDGE)), **operators.values(pairs)},
        there,
        *(k.inequality("an eigenvalue is positive", greater(x, 0), [at_least(d, 2)]) for x, _ in pairs),
    )
    ends = relation_of(goal[name].hypotheses[0]).right
    stated = goal[name].relation.substituted({p: ends})
    found = k.restated(name, entropy, stated.right, [at_least(d, 2)])
    goal.conclude(name, k.where_equal(name, found, p, ends, goal[name].proposition))


def numerical(statement: Statement) -> Iterator[Step]:
    """Dense matrices at d = 2 and 3: eigenvalues by iteration, at the edge and above it."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        for n in (2, 3):
            lowest = number(relation_of(statement["edge"].equivalence.right).right, {d: n})
            matrix = dense.ppt_private_state(n, lowest)
            least = dense.eigenvalues(dense.partial_transpose(matrix, 2 * n, 2 * n))[0]
            yield witness(f"least eigenvalue of the partial transpose at the edge, d = {n}", 0, least)
            x = mp.zeros(n * n)
            u = dense.fourier(n)
            for i in range(n):
                for j in range(n):
                    x[i * n + j, j * n + i] = u[i, j] / (n * mp.sqrt(n))
            singular = mp.svd_c(dense.partial_transpose(x, n, n), compute_uv=False)
            stated = number(statement["norm of the transposed X"].right, {d: n})
            yield witness(f"trace norm of X^Gamma, d = {n}", stated, mp.fsum(singular))
        n, at = 3, {d: 3, p: sp.Rational(9, 20)}
        matrix = dense.ppt_private_state(n, mp.mpf(9) / 20)
        flipped = dense.partial_transpose(matrix, 2 * n, 2 * n)
        for words, name, operator in (("rho", "entropy", matrix), ("rho^Gamma", "transposed entropy", flipped)):
            found = dense.entropy(dense.eigenvalues(operator))
            yield witness(f"S({words}), d = 3, p = 9/20", number(statement[name].right, at), found)


CLAIM = Claim(
    name="ppt-edge",
    title="The PPT edge of the private states",
    source="christandl2021, p. 3; entropies: this project",
    state=state,
    derive=derive,
    witness=numerical,
)
