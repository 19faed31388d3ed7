"""Rules of analysis in one variable: the mean value theorem, integrals with two ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from keybounds.proofs.logic import decide
from keybounds.proofs.logic.domains import Domain
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.propositions import Proposition, Relation
from keybounds.proofs.logic.terms import expanded

_fact = fact_maker(__name__)


def by_slope(words: str, function: Any, symbol: Any, slope: Fact, start: Any) -> Fact:
    """f(x) against f(start), from the sign of f' between: the mean value theorem.

    `slope` says under Γ that g R 0, with g = f'; in Γ the symbol occurs in bounds x > a, x < b only, and `start` is one
    of these ends. For f' >= 0 (> 0) and start = a the conclusion is f(x) >= f(a) (>) under Γ, and so on.
    """
    relation = slope.relation
    if relation.right != 0 or relation.relation == "=":
        raise StepFailedError(words, "the sign of the derivative is wanted, as a relation to 0")
    function, start = sp.sympify(function), sp.sympify(start)
    derivative = sp.diff(expanded(function), symbol)
    if not vanishes(derivative - expanded(relation.left)):
        found = decide.counterexample(Relation(derivative, "=", relation.left), slope.hypotheses)
        raise StepFailedError(words, found or "what is known is the sign of another function", refuted=bool(found))
    missing = decide.undefined(function, slope.hypotheses)
    if missing:
        raise StepFailedError(words, missing)
    from_below = _end_of(words, symbol, slope.hypotheses, start)
    initial = expanded(function).subs(symbol, start)
    if initial.has(sp.nan, sp.zoo, sp.oo):
        initial = sp.limit(expanded(function), symbol, start, "+" if from_below else "-")
    if not initial.is_finite and initial.is_finite is not None:
        raise StepFailedError(words, f"the function has no finite value at {symbol} = {start}")
    kind = relation.relation if from_below else {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[relation.relation]
    if any(one in slope.hypotheses for one in _closed_at(symbol, start)):
        kind = kind[0] + "="  # at the start itself both sides are equal
    return _fact(words, Relation(function, kind, initial), Rule.LOGIC, [slope])


def _closed_at(symbol: Any, end: Any) -> list[Proposition]:
    bounds = [Relation(symbol, ">=", end), Relation(symbol, "<=", end)]
    return [*bounds, *(one.mirrored for one in bounds)]


def _end_of(words: str, symbol: Any, hypotheses: Iterable[Proposition], start: Any) -> bool:
    """Whether `start` is the lower end; every hypothesis on the symbol must be a bound."""
    lower, upper = (0 if symbol.is_positive else None), None
    for one in hypotheses:
        if symbol not in one.symbols:
            continue
        bound = (
            next((r for r in (one, one.mirrored) if r.left == symbol and symbol not in r.right.free_symbols), None)
            if isinstance(one, Relation)
            else None
        )
        if bound is None or bound.relation == "=":
            raise StepFailedError(words, f"{one} is no bound of {symbol}")
        if bound.relation[0] == ">":
            if lower not in (None, 0, bound.right):
                raise StepFailedError(words, f"{symbol} has two lower bounds")
            lower = bound.right
        else:
            if upper not in (None, bound.right):
                raise StepFailedError(words, f"{symbol} has two upper bounds")
            upper = bound.right
    if start not in (lower, upper):
        raise StepFailedError(words, f"{start} is no end of the interval of {symbol}")
    return bool(start == lower)


def integrated(words: str, integral: Any, primitive: Any, under: Iterable[Proposition] = ()) -> Fact:
    """The integral of f from a to b is F(b) - F(a), for F' = f on the open interval and F continuous at its ends."""
    under = tuple(under)
    body, (variable, low, high) = _single(words, integral)
    inside = _inside(words, variable, low, high, under)
    body, primitive = expanded(body), expanded(primitive)
    missing = decide.undefined(body, inside) or decide.undefined(primitive, inside)
    if not missing and not vanishes(sp.diff(primitive, variable) - body):
        missing = f"the derivative of {primitive} is not the integrand"
        found = decide.counterexample(Relation(sp.diff(primitive, variable), "=", body), inside)
        if found:
            raise StepFailedError(words, found, refuted=True)
    if missing:
        raise StepFailedError(words, missing)
    ends = []
    for end, side in ((low, "+"), (high, "-")):
        value = primitive.subs(variable, end)
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            value = sp.limit(primitive, variable, end, side)
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or value.has(sp.Limit):
            raise StepFailedError(words, f"{primitive} has no finite value at {variable} = {end}")
        ends.append(value)
    return _fact(words, Relation(integral, "=", ends[1] - ends[0]), Rule.SYMBOLIC, hypotheses=under)


def _single(words: str, integral: Any) -> tuple[Any, tuple[Any, Any, Any]]:
    if not isinstance(integral, sp.Integral) or len(integral.limits) != 1 or len(integral.limits[0]) != 3:
        raise StepFailedError(words, "a single integral with two ends is wanted here")
    return integral.function, tuple(integral.limits[0])


def _inside(words: str, variable: Any, low: Any, high: Any, under: Iterable[Proposition]) -> list[Proposition]:
    """`under` with the bounds of an integration variable, which must be a fresh symbol, and a <= b."""
    under = list(under)
    if any(variable in one.symbols for one in under):
        raise StepFailedError(words, f"the integration variable {variable} occurs in a hypothesis")
    missing = decide.follows(Relation(low, "<=", high), under)
    if missing:
        raise StepFailedError(words, f"the ends of the integral: {missing}")
    if variable.is_positive and decide.follows(Relation(low, ">=", 0), under):
        raise StepFailedError(words, f"{variable} is positive, and {low} is not known not to be negative")
    return [*under, Relation(variable, ">", low), Relation(variable, "<", high)]


def under_integral(words: str, fact: Fact, variable: Any, low: Any, high: Any) -> Fact:
    """From f R g for all x between a and b, that their integrals from a to b are so related, not strictly.

    Both integrals are to exist, which is not asked here.
    """
    relation, low, high = fact.relation, sp.sympify(low), sp.sympify(high)
    bounds = {
        Relation(variable, kind, end) for kinds, end in ((">", low), ("<", high)) for kind in (kinds, kinds + "=")
    }
    bounds |= {one.mirrored for one in bounds}
    rest = [one for one in fact.hypotheses if one not in bounds]
    _inside(words, variable, low, high, rest)
    kind = "=" if relation.relation == "=" else relation.relation[0] + "="
    left, right = (sp.Integral(side, (variable, low, high)) for side in (relation.left, relation.right))
    return _fact(words, Relation(left, kind, right), Rule.LOGIC, [fact], hypotheses=rest)


def integral_split(
    words: str, integral: Any, parts: Sequence[tuple[Any, Any]], *facts: Fact, under: Iterable[Proposition] = ()
) -> Fact:
    """The integral of sum c_k f_k is the sum of c_k times the integrals of f_k.

    Of every f_k but one it must be known that its integral is finite, by a fact that says its value, or of all others
    that f_k >= 0 with c_k >= 0; so nothing infinite is ever subtracted.
    """
    body, (variable, low, high) = _single(words, integral)
    under = [*under, *(one for fact in facts for one in fact.hypotheses if variable not in one.symbols)]
    inside = _inside(words, variable, low, high, under)
    if any(variable in sp.sympify(c).free_symbols for c, _ in parts):
        raise StepFailedError(words, f"a factor depends on {variable}")
    missing = decide.unbounded(sp.Add(*(c for c, _ in parts)), under)
    if missing:
        raise StepFailedError(words, missing)
    if not vanishes(expanded(body) - expanded(sp.Add(*(c * f for c, f in parts)))):
        raise StepFailedError(words, "the parts do not add up to the integrand")
    valued = {fact.left for fact in facts if fact.relation.relation == "="}
    positive = {
        fact.left
        for fact in facts
        if fact.relation.relation == ">=" and fact.right == 0 and all(one in inside for one in fact.hypotheses)
    }
    domain = Domain.of(under)
    integrals = [sp.Integral(f, (variable, low, high)) for _, f in parts]
    loose = [f for (_, f), whole in zip(parts, integrals, strict=True) if whole not in valued]
    signs = all(f in positive and domain.sign(sp.sympify(c)) in ("+", "0+", "0") for c, f in parts if f in loose)
    if len(loose) > 1 and not signs:
        raise StepFailedError(words, "more than one part is not known to be finite or not negative")
    total = sp.Add(*(c * whole for (c, _), whole in zip(parts, integrals, strict=True)))
    return _fact(words, Relation(integral, "=", total), Rule.LOGIC, facts, hypotheses=under)


def by_substitution(
    words: str, integral: Any, place: Any, variable: Any, ends: tuple[Any, Any], under: Iterable[Proposition] = ()
) -> Fact:
    """The integral over s with s = A + B t, `place`, put in: over t between `ends`; B has one sign under `under`."""
    under = tuple(under)
    body, (old, low, high) = _single(words, integral)
    place, (first, last) = sp.sympify(place), (sp.sympify(end) for end in ends)
    slope = sp.diff(place, variable)
    sign = Domain.of(under).sign(sp.expand(slope))
    if variable in slope.free_symbols or sign not in ("+", "-"):
        raise StepFailedError(words, f"{place} is not known to be linear in {variable} and to change with it")
    _inside(words, old, low, high, under)
    _inside(words, variable, first, last, under)
    wanted = (low, high) if sign == "+" else (high, low)
    for end, value in zip((first, last), wanted, strict=True):
        if not vanishes(place.subs(variable, end) - value):
            raise StepFailedError(words, f"{variable} = {end} is not {old} = {value}")
    if variable in body.free_symbols:
        raise StepFailedError(words, f"{variable} occurs in the integrand")
    moved = body.subs(old, place) * (slope if sign == "+" else -slope)
    return _fact(
        words, Relation(integral, "=", sp.Integral(moved, (variable, first, last))), Rule.LOGIC, hypotheses=under
    )
