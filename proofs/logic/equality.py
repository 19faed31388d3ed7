"""Equality of expressions, for all values of their symbols, by normal forms."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.sums import Bound, delta, size
from keybounds.proofs.logic.terms import Uninterpreted, expanded

REMEMBERED = 1 << 15  # answers: derivations ask again and again under the same hypotheses, and mutants ask what all do


@lru_cache(maxsize=REMEMBERED)
def factored(expression: Any) -> Any:
    """One fraction, its numerator and denominator in irreducible factors."""
    return sp.factor(sp.together(expression))


@lru_cache(maxsize=REMEMBERED)
def vanishes(expression: Any) -> bool:
    """Whether `expression` is shown to be zero for all values of its symbols.

    Each logarithm is split into those of the prime and irreducible factors of its argument, which are then treated as
    independent symbols; what is left must cancel as a rational expression. As log x = sum e_k log |f_k| for a positive
    x = prod f_k^e_k, zero here is zero wherever the arguments of all logarithms are positive.
    """
    whole = expanded(expression)
    # what binds a symbol of its own is taken as it is
    binding = sorted(whole.atoms(sp.Integral, Bound), key=str)
    numbers = [one for one in binding if one.is_commutative]
    whole = whole.xreplace({one: sp.Symbol(f"number {k}", real=True) for k, one in enumerate(numbers)})
    if not whole.is_commutative:
        factors: dict[Any, Any] = {}
        for term in sp.Add.make_args(sp.expand(whole)):
            numbers, operators = term.args_cnc()
            product = sp.Mul(*operators)
            factors[product] = factors.get(product, sp.Integer(0)) + sp.Mul(*numbers)
        return all(vanishes(factor) for factor in factors.values())
    if _balls_differ(whole):
        return False
    radicals = whole.replace(
        lambda e: e.is_Pow and e.exp.is_Rational and e.exp.q == 2, lambda e: factored(e.base) ** e.exp
    )
    rational = radicals.replace(sp.log, _split_logarithm)
    if _vanishing_numerator(rational):
        return True
    rational = sp.powsimp(sp.expand(rational), force=False)
    if rational == 0 or sp.cancel(sp.together(rational)) == 0:
        return True
    return not _differs_from_zero(rational) and bool(sp.simplify(rational) == 0)


def _balls_differ(expression: Any) -> bool:
    """Whether a ball that misses 0 is the value at a point where every logarithm and root has one."""
    plain = _with_plain_names(expression)
    point = {s: arb(fmpq(int(v.p), int(v.q))) for s, v in _point(plain.free_symbols, 3).items()}
    try:
        with ctx.workprec(128):
            value = ball_value(plain, point)
    except (TypeError, ZeroDivisionError):
        return False
    return bool(value.is_finite()) and not value.contains(0)


def _differs_from_zero(expression: Any) -> bool:
    """Whether a value at some point shows that it is not zero throughout; spares what cannot be simplified to 0."""
    plain = _with_plain_names(expression)
    for k in (3, 4):
        value = sp.N(plain.subs(_point(plain.free_symbols, k)), 30)
        if value.is_number and value.is_finite and abs(value) > sp.Float(10) ** -15:
            return True
    return False


def _with_plain_names(expression: Any) -> Any:
    return expression.xreplace({e: sp.Dummy(real=True) for e in expression.atoms(Uninterpreted, delta, size)})


def _point(symbols: Iterable[Any], k: int) -> dict[Any, Any]:
    """A value for each symbol; whole numbers not next to each other: the powers of 1 are all the same."""
    return {
        s: sp.Integer(j * (2 * j + 3) + k) if s.is_integer else sp.Rational(j + k, 2 * j + 11)
        for j, s in enumerate(sorted(symbols, key=str))
    }


def _vanishing_numerator(expression: Any) -> bool:
    """Whether the numerator of `expression` is the zero polynomial once the square of each root is its radicand."""
    roots = {e.base for e in sp.preorder_traversal(expression) if e.is_Pow and e.exp.is_Rational and e.exp.q == 2}
    if any(_has_root(base) for base in roots):
        return False
    names = {base: sp.Dummy() for base in roots}
    flat = expression.replace(
        lambda e: e.is_Pow and e.exp.is_Rational and e.exp.q == 2, lambda e: names[e.base] ** (2 * e.exp)
    )
    others = {e: sp.Dummy() for e in flat.atoms(sp.Function)}
    flat = flat.xreplace(others)
    numerator = sp.fraction(sp.together(flat))[0]
    squares = {name: sp.fraction(sp.together(base.xreplace(others))) for base, name in names.items()}
    symbols = sorted(
        numerator.free_symbols.union(*(base.free_symbols for pair in squares.values() for base in pair)), key=str
    )
    try:
        ring = sp.polys.rings.PolyRing(symbols, sp.QQ, sp.lex) if symbols else None
        if ring is None:
            return bool(numerator == 0)
        found = ring.from_expr(numerator)
        for name, (above, below) in squares.items():
            if name not in symbols:
                continue
            place = symbols.index(name)
            top, bottom = ring.from_expr(above), ring.from_expr(below)
            degree = max((monomial[place] // 2 for monomial in found), default=0)
            total = ring.zero
            for monomial, coefficient in found.items():
                pairs, odd = divmod(monomial[place], 2)
                rest = ring.from_dict({(*monomial[:place], odd, *monomial[place + 1 :]): coefficient})
                total += rest * top**pairs * bottom ** (degree - pairs)
            found = total
    except (ValueError, sp.polys.polyerrors.CoercionFailed):
        return False
    return bool(found == 0)


def _has_root(expression: Any) -> bool:
    return any(e.is_Pow and not e.exp.is_integer for e in sp.preorder_traversal(expression))


def _split_logarithm(argument: Any) -> Any:
    total = sp.Integer(0)
    for factor in sp.Mul.make_args(factored(argument)):
        base, exponent = factor.as_base_exp()
        if base.is_Rational:
            primes = sp.factorrat(abs(base))
            total += exponent * sum(e * sp.Symbol(f"log {q}", positive=True) for q, e in primes.items() if q != -1)
        else:
            # |f| is what counts: name the factor by whichever of f, -f sympy puts first
            name = min(str(base), str(sp.expand(-base)))
            total += exponent * sp.Symbol(f"log |{name}|", real=True)
    return total
