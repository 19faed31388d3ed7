"""Rules for equations and inequalities: chains of them, replacement of equals, linear combinations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from keybounds.proofs.logic import decide
from keybounds.proofs.logic.domains import Domain
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.kernel.leaves import identity
from keybounds.proofs.logic.propositions import Proposition, Relation
from keybounds.proofs.logic.terms import positive_part

_fact = fact_maker(__name__)


def weakened(words: str, fact: Fact, relation: Relation) -> Fact:
    """A weaker relation of the same sides, or the mirrored one: a < b gives a <= b and b >= a."""
    for one in (fact.relation, fact.relation.mirrored):
        if (one.left, one.right) == (relation.left, relation.right) and (
            one.relation == relation.relation
            or one.relation + "=" == relation.relation
            or (one.relation == "=" and relation.relation in ("<=", ">="))
        ):
            return _fact(words, relation, Rule.LOGIC, [fact])
    raise StepFailedError(words, f"{relation} is not a weaker form of what is known")


def chain(words: str, *facts: Fact) -> Fact:
    """a R b and b R' c give a R'' c; the relations all point one way."""
    relations = [fact.relation for fact in facts]
    joined = relations[0]
    for following in relations[1:]:
        if joined.right != following.left:
            raise StepFailedError(words, f"{joined.right} and {following.left} are not the same")
        kinds = {joined.relation, following.relation} - {"="}
        if len({kind[0] for kind in kinds}) > 1:
            raise StepFailedError(words, "the relations point both ways")
        strict = [kind for kind in kinds if not kind.endswith("=")]
        joined = Relation(joined.left, (strict or sorted(kinds) or ["="])[0], following.right)
    return _fact(words, joined, Rule.LOGIC, facts)


def restated(words: str, fact: Fact, right: Any, under: Iterable[Proposition] = ()) -> Fact:
    """a R b with b in another form, `right`, equal to it for all values that `under` allows."""
    right = sp.sympify(right)
    if fact.right == right:
        return _fact(words, fact.proposition, Rule.LOGIC, [fact])
    return chain(words, fact, identity(words, fact.right, right, under))


def rewritten(words: str, fact: Fact, *equations: Fact) -> Fact:
    """`fact` with the left side of each of `equations` replaced by its right side, wherever it occurs."""
    proposition = fact.proposition
    for equation in equations:
        if equation.relation.relation != "=":
            raise StepFailedError(words, f"{equation.relation} is no equation")
        changed = proposition.substituted({equation.left: equation.right})
        if changed == proposition:
            raise StepFailedError(words, f"{equation.left} does not occur in what is rewritten")
        proposition = changed
    return _fact(words, proposition, Rule.LOGIC, [fact, *equations])


def put_in(words: str, expression: Any, *equations: Fact) -> Fact:
    """`expression` = what it becomes when the left side of each of `equations` is replaced by the right side."""
    changed = sp.sympify(expression)
    for equation in equations:
        if equation.relation.relation != "=":
            raise StepFailedError(words, f"{equation.relation} is no equation")
        before = changed
        changed = changed.subs({equation.left: equation.right}, simultaneous=True)
        if changed == before:
            raise StepFailedError(words, f"{equation.left} does not occur in what is rewritten")
    return _fact(words, Relation(expression, "=", changed), Rule.LOGIC, equations)


def turned(words: str, fact: Fact) -> Fact:
    """The same relation read from the right."""
    return _fact(words, fact.relation.mirrored, Rule.LOGIC, [fact])


def both_ways(words: str, *facts: Fact) -> Fact:
    """From a <= b and a >= b the fact a = b."""
    below, above = (fact.relation for fact in facts)
    if (below.relation, above.relation) != ("<=", ">=") or (below.left, below.right) != (above.left, above.right):
        raise StepFailedError(words, "one side is not shown to be both at most and at least the other")
    return _fact(words, Relation(below.left, "=", below.right), Rule.LOGIC, facts)


def same(words: str, equation: Fact, template: Any, place: Any) -> Fact:
    """From a = b that f(a) = f(b), f being `template` with a or b put for the symbol `place`."""
    relation, template = equation.relation, sp.sympify(template)
    if relation.relation != "=":
        raise StepFailedError(words, f"{relation} is no equation")
    if place not in template.free_symbols:
        raise StepFailedError(words, f"{place} does not occur in {template}")
    sides = (_replaced(template, place, side) for side in (relation.left, relation.right))
    return _fact(words, Relation(next(sides), "=", next(sides)), Rule.LOGIC, [equation])


def _replaced(template: Any, place: Any, value: Any) -> Any:
    return template.subs({place: value}, simultaneous=True)


def linear(
    words: str, relation: Relation, terms: Sequence[tuple[Any, Fact]], under: Iterable[Proposition] = ()
) -> Fact:
    """`relation` as a sum of multiples of known relations; no multiple of an inequality is negative under `under`.

    With l_k R r_k the known ones, it is checked that left - right = sum c_k (l_k - r_k), for all values of the symbols.
    An inequality is turned to point as `relation` does; a strict conclusion needs one strict relation with c_k > 0.
    """
    under = tuple(under)
    hypotheses = frozenset([*under, *(one for _, fact in terms for one in fact.hypotheses)])
    up = relation.relation in (">", ">=")
    total, strict = sp.Integer(0), False
    domain = Domain.of(hypotheses)
    for coefficient, fact in terms:
        one = fact.relation
        if one.relation != "=":
            if relation.relation == "=":
                raise StepFailedError(words, "an equation does not follow from an inequality")
            one = one if (one.relation in (">", ">=")) == up else one.mirrored
            sign = domain.sign(sp.sympify(coefficient))
            if sign not in ("+", "0+", "0"):
                raise StepFailedError(words, f"the factor {coefficient} is not known not to be negative")
            # at a closed end of the domain a positive factor may become 0
            positive = not decide.follows(Relation(coefficient, ">", 0), hypotheses)
            strict = strict or (positive and not one.relation.endswith("="))
        missing = decide.unbounded(coefficient, hypotheses)
        if missing:
            raise StepFailedError(words, f"the factor {coefficient} may be infinite: {missing}")
        total += coefficient * one.difference
    if relation.relation in ("<", ">") and not strict:
        raise StepFailedError(words, "a strict relation needs a strict one with a positive factor")
    if not vanishes(relation.difference - total):
        found = decide.counterexample(relation, hypotheses)
        raise StepFailedError(words, found or "the sum of what is known is another relation", refuted=bool(found))
    return _fact(words, relation, Rule.LOGIC, [fact for _, fact in terms], hypotheses=hypotheses)


def positive_part_is(words: str, sign: Fact) -> Fact:
    """From x >= 0 the fact that the positive part of x is x, from x <= 0 that it is 0."""
    relation = sign.relation
    if relation.right != 0 or relation.relation == "=":
        raise StepFailedError(words, "the sign of a number is wanted, as a relation to 0")
    value = relation.left if relation.relation[0] == ">" else sp.Integer(0)
    return _fact(words, Relation(positive_part(relation.left), "=", value), Rule.LOGIC, [sign])
