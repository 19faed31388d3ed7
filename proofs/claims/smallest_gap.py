"""Proven gaps K > K_DI off the PPT edge, down to rho_{4,p} on 8 x 8 and unequal sectors on 7 x 7."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import sympy as sp
from flint import ctx

from keybounds.proofs.checks import DIGITS, holds
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.er_ceiling_transpose import EDGE
from keybounds.proofs.claims.unequal_sectors import divergence_of
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.propositions import at_least, at_most, greater, less, relation_of
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import D2, expanded, h, integer, positive_part, symbol
from keybounds.proofs.notions import K_DI, E_r, K, rho, transposed
from keybounds.proofs.notions_private import K_bits, sectors

LEVELS = 32

FAMILY: Mapping[int, Fraction] = MappingProxyType(
    {d: Fraction(p) for d, p in ((8, "0.3027"), (7, "0.3203"), (6, "0.3414"), (5, "0.3955"), (4, "0.45"))}
)
"""p at which rho_{d,p} has a proven gap, by shield dimension d."""

SECTORS: Mapping[tuple[int, int], Fraction] = MappingProxyType({(3, 4): Fraction("0.49922")})
"""The same by dimensions of unequal sectors."""

d, p = integer("d"), symbol("p")
HALF = sp.Rational(1, 2)
_ROUND = 10**16  # denominators of the error probabilities from which a level goes on
_GAIN = 10**14  # denominators of the lower bounds of gains


def _rational(x: Fraction) -> Any:
    return sp.Rational(x.numerator, x.denominator)


def examples(
    family: Mapping[int, Fraction] = FAMILY, others: Mapping[tuple[int, int], Fraction] = SECTORS
) -> dict[str, Any]:
    """The states with a gap, by name of their clause."""
    found = {f"d = {n}": rho(n, _rational(x)) for n, x in family.items()}
    return found | {f"sectors {m} + {n}": sectors(m, n, _rational(x)) for (m, n), x in others.items()}


def state(
    family: Mapping[int, Fraction] = FAMILY,
    others: Mapping[tuple[int, int], Fraction] = SECTORS,
    without: tuple[int, ...] = (3, 2),
) -> Statement:
    """Return the statement: a gap for each example, and for the dimensions `without` none by these two bounds."""
    clauses = [Clause(name, greater(K(one), K_DI(one))) for name, one in examples(family, others).items()]
    for n in without:
        inside = at_least(p, EDGE.subs(d, n)), at_most(p, HALF)
        entanglement = E_r(transposed(rho(n, p)))
        clauses += [
            Clause(f"no gap, d = {n}", at_least(entanglement, 1 - h(p)), inside, "no gap by these bounds"),
            Clause(f"no key above, d = {n}", at_least(entanglement, K(rho(n, p))), inside),
        ]
    return Statement(
        parameters=(Parameter(p, "weight of the key's errors"),),
        hypotheses=(),
        clauses=tuple(clauses),
    )


def derive(goal: Goal) -> None:
    """Enclose key and ceiling of each example; for d <= 3 the ceiling is the entanglement, and above 1 - h(p)."""
    for clause in goal.statement:
        if clause.name.startswith("no gap"):
            _no_gap(goal, clause.name)
        elif not clause.name.startswith("no key"):
            _gap(goal, clause)


# ----------------------------------------------------------------------------------------------------------- examples


def _gap(goal: Goal, clause: Clause) -> None:
    """Key by levels of pair parities, above a number; a ceiling on the device-independent key, below it."""
    (operator,) = clause.left.args
    if clause.right.args != clause.left.args:
        raise k.StepFailedError(f"{clause.name}: a gap of one state", "the two keys are of different states")
    *dimensions, error = operator.args
    if isinstance(operator, type(rho(d, p))):
        at = {d: dimensions[0], p: error}
        reached = goal.from_claim("the key is that of the bits", "privacy-squeezing-key", "bits", at)
        ceiling = goal.from_claim("a ceiling", "er-ceiling-transpose", "device-independent key", at)
    else:
        at = {integer("m"): dimensions[0], integer("n"): dimensions[1], p: error}
        reached = goal.from_claim("the key is that of the bits", "unequal-sectors", "key", at)
        ceiling = goal.from_claim("a ceiling", "unequal-sectors", "device-independent key", at)
        ceiling = k.rewritten("D(A_r || A_1) written out", ceiling, _written(goal, ceiling.right))
    for one in ceiling.hypotheses:
        k.inequality(f"{clause.name} is within the range of the ceiling", relation_of(one))
    bits = _key_of_bits(goal, error, _levels(error, ceiling.right))
    key = k.chain("a key rate", reached, bits)
    top = k.enclosed("the ceiling is less than that", less(ceiling.right, bits.right))
    below = k.chain("the device-independent key is less", ceiling, top)
    goal.conclude(clause.name, k.chain(clause.name, key, k.weakened("mirrored", below, below.relation.mirrored)))


def _written(goal: Goal, right: Any) -> k.Fact:
    """The definition of D(A_r || A_1) at the place where `right` has it."""
    meaning = divergence_of(goal.claim("unequal-sectors"))
    (found,) = right.atoms(type(meaning.left))
    return k.by_definition(meaning, dict(zip(meaning.left.args, found.args, strict=True)))


def _levels(error: Any, ceiling: Any) -> int:
    """How many levels it takes to be above a ceiling, by an estimate; all of them if none does."""
    top, x = float(sp.N(expanded(ceiling), 30)), float(error)
    total, weight = 0.0, 0.5
    for level in range(1, LEVELS + 1):
        kept, q = x * x + (1 - x) ** 2, 2 * x * (1 - x)
        lost = -q * math.log2(q) - (1 - q) * math.log2(1 - q) if q > 0 else 0.0
        total += weight * max(0.0, 1 - x * x - lost)
        weight, x = weight * kept / 2, x * x / kept
        if total > top * (1 + 1e-3):
            return level
    return LEVELS


def _key_of_bits(goal: Goal, error: Any, count: int) -> k.Fact:
    """K_bits(error) above a rational number: level by level, each from an error probability rounded up."""
    one_level = goal.from_claim("one level of pair parities", "pair-parity-key", "one level")
    more_errors = goal.from_claim("more errors, less key", "pair-parity-key", "more errors")
    levels: list[tuple[k.Fact, k.Fact, k.Fact]] = []
    for _ in range(count):
        level = k.instantiated(one_level, {p: error})
        gain = _gain(level)
        (following,) = level.right.atoms(type(K_bits(p)))
        (exact,) = following.args
        error = sp.Rational(int(sp.ceiling(exact * _ROUND)) + 1, _ROUND)
        if not error < 1:
            raise k.StepFailedError("one level more", f"no error probability below 1 is above {exact}")
        worse = k.instantiated(more_errors, {p: exact, symbol("w"): (error - exact) / (1 - exact)})
        levels.append((level, gain, worse))
    known = k.inequality("no rate is negative", at_least(K_bits(error), 0))
    for level, gain, worse in reversed(levels):
        (following,) = level.right.atoms(type(K_bits(p)))
        weight = level.right.coeff(following)
        value = gain.right / 2 + weight * known.right
        rounded = sp.Rational(int(sp.floor(value * _ROUND)), _ROUND)
        known = k.linear(
            "the key with one level more",
            at_least(level.left, rounded),
            [(1, level), (HALF, gain), (weight, worse), (weight, known), (1, _number(value, rounded))],
        )
    return known


def _number(value: Any, rounded: Any) -> k.Fact:
    return k.inequality("rounded down", at_least(value, rounded))


def _gain(level: k.Fact) -> k.Fact:
    """The positive part of the gain of a level, above a rational number."""
    (part,) = level.right.atoms(type(positive_part(p)))
    (gain,) = part.args
    with ctx.workprec(200):
        value = ball_value(expanded(gain), {})
    least = Fraction(math.floor(float(value.lower()) * _GAIN) - 1, _GAIN)
    if least <= 0:
        return k.inequality("a level without gain", at_least(part, 0))
    enclosed = k.enclosed("the gain of a level", greater(gain, _rational(least)))
    positive = k.chain("the gain is positive", enclosed, k.inequality("a number", greater(_rational(least), 0)))
    return k.chain("the gain counts", k.positive_part_is("its positive part", positive), enclosed)


# ---------------------------------------------------------------------------------------------------- no gap for d <= 3


def _no_gap(goal: Goal, name: str) -> None:
    """With w = (1-p)/p and F(w) = (1+w) ln 2 times the excess of the ceiling over 1 - h(p): F(1) = F'(1) = 0 <= F''."""
    clause, given = goal[name], goal.given(name)
    dimension = clause.left.args[0].args[0].args[0]
    at = {d: dimension}
    edge = EDGE.subs(at)
    w = symbol("w")
    inside = [at_least(w, 1), less(w, sp.sqrt(dimension))]
    weight, s = 1 / (1 + w), 1 / sp.sqrt(dimension)
    excess = (1 + w) * sp.log(2) * expanded(weight * D2((1 + w * s) / 2, (1 + s) / 2) - 1 + h(weight))
    slope = sp.diff(excess, w)
    curvature = 1 / (dimension - w**2) - 1 / (w * (1 + w))
    convex = k.inequality("F'' is not negative", at_least(sp.factor(curvature), 0), inside)
    rises = k.by_slope("F' grows from 0", slope, w, convex, 1)
    rises = k.restated("F' is not negative", rises, 0)
    above = k.restated("F grows from 0", k.by_slope("F is at least F(1)", excess, w, rises, 1), 0)
    value = goal.from_claim("the ceiling is the entanglement", "er-exact-transpose", "value", at)
    open_inside = [greater(p, edge), *given]
    placed = k.instantiated(above, {w: (1 - p) / p}, open_inside, words="at w = (1-p)/p")
    inner = k.linear(
        "above the edge the entanglement is at least 1 - h(p)",
        clause.relation,
        [(1, value), (p / sp.log(2), placed)],
        open_inside,
    )
    value = k.instantiated(goal.from_claim("at the edge", "er-exact-transpose", "value at the edge", at), {p: edge})
    number = k.enclosed("at the edge it is more", greater(value.right, 1 - h(edge)))
    there = k.linear("at the edge", clause.relation.substituted({p: edge}), [(1, value), (1, number)])
    at_edge = k.where_equal("at the edge", there, p, edge, clause.relation)
    low = k.assume(at_most(p, edge))
    met = k.both_ways("which is where p is if not above", low, k.assume(at_least(p, edge)))
    outer = k.cut(at_edge, met)
    shown = k.by_cases("above the edge or at it", inner, outer, greater(p, edge))
    goal.conclude(name, shown)
    key = goal.from_claim("1 - h(p) bounds the key", "er-ceiling", "key", at)
    other = name.replace("no gap", "no key above")
    goal.conclude(other, k.linear(other, goal[other].relation, [(1, shown), (1, key)], goal.given(other)))


def numerical(statement: Statement) -> Iterator[Step]:
    """Both sides written out in mpmath, the 2 x 2 relative entropy by diagonalisation."""
    import mpmath as mp

    def log_matrix(matrix: Any) -> Any:
        values, vectors = mp.eigsy(matrix)
        return vectors * mp.diag([mp.log(value, 2) for value in values]) * vectors.T

    def rate(x: Any) -> Any:
        total, weight = mp.mpf(0), mp.mpf(1) / 2
        for _ in range(LEVELS):
            kept, q = x * x + (1 - x) ** 2, 2 * x * (1 - x)
            total += weight * max(0, 1 - x * x + q * mp.log(q, 2) + (1 - q) * mp.log(1 - q, 2))
            weight, x = weight * kept / 2, x * x / kept
        return total

    def ceiling(m: int, n: int, x: Any) -> Any:
        blocks = []
        for ratio in ((1 - x) / x, mp.mpf(1)):
            mixed = ratio / (m * mp.sqrt(n))
            blocks.append(mp.matrix([[mp.mpf(1) / m, mixed], [mixed, mp.mpf(1) / n]]) / 2)
        product = blocks[0] * (log_matrix(blocks[0]) - log_matrix(blocks[1]))
        return x * m * (product[0, 0] + product[1, 1])

    with mp.workdps(DIGITS + 10):
        for clause in statement:
            if clause.name.startswith("no "):
                continue
            *dimensions, exact = clause.left.args[0].args
            m, n = int(dimensions[0]), int(dimensions[-1])
            x = mp.mpf(int(exact.p)) / int(exact.q)
            low, high = rate(x), ceiling(m, n, x)
            yield holds(
                f"sectors {m} + {n}, p = {exact}: K >= {mp.nstr(low, 12)}, K_DI <= {mp.nstr(high, 12)}",
                low > high,
                detail=mp.nstr(low - high, 12),
            )


CLAIM = Claim(
    name="smallest-gap",
    title="The smallest states with more key than device-independent key",
    source="this project, after christandl2021",
    state=state,
    derive=derive,
    witness=numerical,
)
