"""What a computer settles exactly: that expressions have a value, and relations of them, wherever the hypotheses allow.

At a closed end of a domain an expression means its continuous extension, so that 0 log 0 = 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from keybounds.enclosure import enclose
from keybounds.errors import BoundNotEstablishedError
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.domains import Domain
from keybounds.proofs.logic.equality import REMEMBERED, factored, vanishes
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation
from keybounds.proofs.logic.terms import Uninterpreted, expanded, h

_HALF = sp.Rational(1, 2)
_DIGITS = 50
_NO_NUMBERS = (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds, sp.Limit)


def undefined(expression: Any, hypotheses: Iterable[Proposition]) -> str:
    """Return why `expression` may have no value inside the domain, or an empty string.

    Logarithms need a positive argument, square roots one that is not negative, denominators one that is not 0.
    """
    return _undefined(sp.sympify(expression), frozenset(hypotheses))


@lru_cache(maxsize=REMEMBERED)
def _undefined(expression: Any, hypotheses: frozenset[Proposition]) -> str:
    domain = Domain.of(hypotheses)
    parts = sp.preorder_traversal(expanded(expression))
    for part in parts:
        if isinstance(part, sp.Integral):
            parts.skip()
            reason = _undefined_integral(part, hypotheses)
            if reason:
                return reason
        if isinstance(part, sp.log) and domain.sign(part.args[0]) != "+":
            return f"the logarithm of {part.args[0]} is not known to be of a positive number"
        if not part.is_Pow:
            continue
        if not part.base.is_commutative:
            if not (part.exp.is_Integer and part.exp.is_positive) and not _full_rank(part.base, hypotheses):
                return f"the power {part} is of an operator that is not known to be positive definite"
        elif not part.exp.is_integer:
            sign = domain.sign(part.base)
            if sign != "+" and not (sign in ("0+", "0") and part.exp.is_positive):
                return f"the power {part} is not known to be of a positive number"
        elif not part.exp.is_positive and domain.sign(part.base) not in ("+", "-"):
            return f"the denominator {part.base} is not known to be other than 0"
    return ""


def _undefined_integral(integral: Any, hypotheses: frozenset[Proposition]) -> str:
    """Why the integrand may have no value somewhere inside, or an end none; that the integral exists is not asked."""
    body, (variable, low, high) = integral.function, integral.limits[0]
    if len(integral.limits) != 1 or any(variable in one.symbols for one in hypotheses):
        return f"{integral} is not a single integral over a variable of its own"
    inside = (*hypotheses, Relation(variable, ">", low), Relation(variable, "<", high))
    return undefined(low, hypotheses) or undefined(high, hypotheses) or undefined(body, inside)


def _full_rank(operator: Any, hypotheses: Iterable[Proposition]) -> bool:
    """Whether a hypothesis says that `operator` is positive definite, so that all its powers exist."""
    return any(
        isinstance(one, Predicate) and one.definition.name == "is_positive_definite" and one.arguments[0] == operator
        for one in hypotheses
    )


def unbounded(expression: Any, hypotheses: Iterable[Proposition]) -> str:
    """Return why `expression` may be infinite somewhere in the domain, closed ends included, or an empty string."""
    hypotheses = tuple(hypotheses)
    for part in sp.preorder_traversal(expanded(expression)):
        inner = None
        if isinstance(part, sp.log):
            inner = part.args[0]
        elif part.is_Pow and not part.exp.is_positive:
            inner = part.base
        if inner is not None and all(follows(Relation(inner, kind, 0), hypotheses) for kind in (">", "<")):
            return f"{inner} is not known to be other than 0"
    return ""


def infinite(expression: Any, hypotheses: Iterable[Proposition]) -> str:
    """Return at which closed ends of the domain `expression` has no finite value by continuity, or an empty string.

    Of binary entropy, which is finite, and of functions without a definition nothing is asked.
    """
    return _without_value(sp.sympify(expression), frozenset(hypotheses))


@lru_cache(maxsize=REMEMBERED)
def _without_value(expression: Any, hypotheses: frozenset[Proposition]) -> str:
    hidden = {one: sp.Dummy(real=True) for one in expression.atoms(h)}
    return _infinite(Domain.of(hypotheses), expanded(expression.xreplace(hidden)))


def _infinite(domain: Domain, expression: Any) -> str:
    poles = {one.args[0] for one in expression.atoms(sp.log)}
    poles |= {one.base for one in expression.atoms(sp.Pow) if one.base.is_commutative and not one.exp.is_nonnegative}
    loose = [one for one in poles if all(_shown(domain, one, sign, strict=True) for sign in "+-")]
    for symbol, end, side in domain.ends(frozenset[Any]().union(*(one.free_symbols for one in loose))):
        value = _at_end(expression, symbol, end, side)
        if value.has(*_NO_NUMBERS):
            return f"at {symbol} = {end}"
        found = _infinite(domain.at(symbol, end), value)
        if found:
            return f"at {symbol} = {end}, {found}"
    return ""


def _at_end(expression: Any, symbol: Any, end: Any, side: str) -> Any:
    """The value of `expression` at an end of the domain of `symbol`, by continuity where it has none."""
    value = expression.subs(symbol, end)
    if not value.has(*_NO_NUMBERS):
        return value
    names = {one: sp.Dummy(real=True) for one in expression.atoms(Uninterpreted) if one.is_commutative}
    limit = sp.limit(expression.xreplace(names), symbol, end, side)
    return limit.xreplace({name: one.subs(symbol, end) for one, name in names.items()})


def follows(relation: Relation, hypotheses: Iterable[Proposition]) -> str:
    """Return an empty string if `relation` is shown for every point that `hypotheses` allow, else what is missing."""
    return _missing(relation, frozenset(hypotheses))


@lru_cache(maxsize=REMEMBERED)
def _missing(relation: Relation, hypotheses: frozenset[Proposition]) -> str:
    reason = undefined(relation.left, hypotheses) or undefined(relation.right, hypotheses)
    if reason:
        return reason
    if relation.relation == "=":
        domain = Domain.of(hypotheses)
        difference = relation.difference
        plain = _without_squares(difference, domain)
        if vanishes(plain) or (plain != difference and vanishes(difference)):
            return ""
        return "the two sides are not shown to be equal"
    domain = Domain.of(hypotheses)
    wanted = "+" if ">" in relation.relation else "-"
    return _shown(domain, relation.difference, wanted, strict=not relation.relation.endswith("="))


def _without_squares(expression: Any, domain: Domain) -> Any:
    """`expression` with x in place of the root of x^2, -x where x is negative: what is known of no sign stays."""

    def taken_out(root: Any) -> Any:
        outside, inside = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(factored(root.base)):
            base, power = factor.as_base_exp()
            sign = domain.sign(base) if power == 2 else None
            if sign in ("+", "0+", "-", "0-"):
                outside *= base if "+" in sign else -base
            else:
                inside *= factor
        return outside * sp.sqrt(inside)

    return expression.replace(lambda e: e.is_Pow and e.exp == _HALF and e.base.is_commutative, taken_out)


def _shown(domain: Domain, difference: Any, wanted: str, *, strict: bool) -> str:
    for symbol in domain.order(difference.free_symbols):
        if symbol in domain.lower and symbol in domain.upper:
            low, high = domain.lower[symbol], domain.upper[symbol]
            if domain.sign(high[0] - low[0]) != "+":
                return f"it is not known that {symbol} has room between {low[0]} and {high[0]}"
    found = domain.sign(difference)
    if found != wanted and (strict or found not in ("0" + wanted, "0")):
        return f"the sign of {difference} is not shown"
    if strict:
        for symbol, end, side in domain.ends(difference.free_symbols):
            value = _at_end(difference, symbol, end, side)
            if value.has(*_NO_NUMBERS):
                return f"at {symbol} = {end} there is no finite value"
            reason = _shown(domain.at(symbol, end), value, wanted, strict=True)
            if reason:
                return f"at {symbol} = {end}: {reason}"
    return ""


def counterexample(relation: Relation, hypotheses: Iterable[Proposition]) -> str:
    """Return a point that the hypotheses allow at which `relation` is false, or an empty string if none was met."""
    hypotheses = tuple(hypotheses)
    known = [one for one in hypotheses if isinstance(one, Relation)]
    symbols = relation.symbols.union(*(one.symbols for one in known))
    if any(not s.is_commutative for s in symbols) or relation.difference.has(Uninterpreted):
        return ""
    inside = Domain.of(hypotheses)
    ends = [(inside.at(symbol, end), {symbol: end}) for symbol, end, _ in inside.ends(symbols)]
    for domain, fixed in ((inside, dict[Any, Any]()), *ends):
        for point in domain.points([s for s in symbols if s not in fixed]):
            full = {**point, **{s: sp.sympify(v).subs(point) for s, v in fixed.items()}}
            if all(_true_at(one, full) for one in known) and _true_at(relation, full) is False:
                where = ", ".join(f"{s} = {full[s]}" for s in sorted(relation.symbols, key=str))
                values = [sp.N(expanded(side).subs(full), 8) for side in (relation.left, relation.right)]
                return f"at {where or 'these values'} the sides are {values[0]} and {values[1]}"
    return ""


def _true_at(relation: Relation, point: Mapping[Any, Any]) -> bool | None:
    """Whether a relation holds at a point, to 50 digits; None if it has no value there or is too close to tell."""
    difference = relation.difference.subs(point)
    try:
        value = sp.N(difference, _DIGITS)
    except (TypeError, ValueError):
        return None
    if not value.is_number or not value.is_real or not value.is_finite:
        return None
    if abs(value) < sp.Float(10) ** (20 - _DIGITS):
        return True if relation.relation.endswith("=") else None
    if relation.relation == "=":
        return False
    return bool(value > 0) == (">" in relation.relation)


def enclosed(relation: Relation, *, pieces: Mapping[Any, tuple[Any, Any, int]] | None = None) -> str:
    """Return an empty string if balls show `relation` at every point of a box, else what is missing.

    `pieces` has for each symbol two rationals around its values, and into how many parts to cut between them.
    """
    if relation.relation == "=":
        return "balls show no equality"
    difference = relation.difference if ">" in relation.relation else -relation.difference
    boxes = dict(pieces or {})
    if difference.free_symbols - set(boxes):
        return f"no box for {', '.join(sorted(map(str, difference.free_symbols - set(boxes))))}"
    cuts = [[(s, low, high, n, k) for k in range(n)] for s, (low, high, n) in boxes.items()]
    for cell in itertools.product(*cuts):
        try:
            ball = _cell_value(difference, cell)
        except (BoundNotEstablishedError, TypeError) as error:
            return _where(cell, str(error))
        if not (ball > 0 or (ball >= 0 and relation.relation.endswith("="))):
            return _where(cell, f"the value is {ball.str(8)}")
    return ""


def _cell_value(expression: Any, cell: Iterable[Any]) -> arb:
    """Enclose a number to 16 bits, a function on a cell as well as balls do."""
    if not cell:
        return enclose(lambda: ball_value(expression, {}), bits=16)
    with ctx.workprec(128):
        return ball_value(expression, {s: _piece(*c) for s, *c in cell})


def _piece(low: Any, high: Any, pieces: int, k: int) -> arb:
    low, high = sp.Rational(low), sp.Rational(high)
    width = (high - low) / pieces
    ends = [ball_value(low + (k + step) * width, {}) for step in (0, 1)]
    return ends[0].union(ends[1])


def _where(cell: Iterable[Any], reason: str) -> str:
    place = ", ".join(f"{s} between {low + k * (high - low) / n} and the next" for s, low, high, n, k in cell)
    return f"{place}: {reason}" if place else reason
