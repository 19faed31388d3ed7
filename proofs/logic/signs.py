"""The sign of an expression for all values of its symbols, which are positive or real.

By the signs of terms and factors; a polynomial in positive symbols without a negative coefficient is positive, and one
of a single positive symbol is decided by counting its roots.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sympy as sp

from keybounds.enclosure import enclose
from keybounds.errors import BoundNotEstablishedError
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.equality import REMEMBERED, factored
from keybounds.proofs.logic.terms import Uninterpreted

_HALF = sp.Rational(1, 2)


def _product(signs: Iterable[str | None]) -> str | None:
    result = "+"
    for sign in signs:
        if sign is None:
            return None
        if "0" in (sign, result):
            result = "0"
        else:
            negative = ("-" in sign) != ("-" in result)
            weak = "0" in sign or "0" in result
            result = ("0" if weak else "") + ("-" if negative else "+")
    return result


def _sum(signs: Iterable[str | None]) -> str | None:
    found = [sign for sign in signs if sign != "0"]
    if not found:
        return "0"
    for one in "+-":
        if all(sign in (one, "0" + one) for sign in found):
            return one if one in found else "0" + one
    return None


@lru_cache(maxsize=REMEMBERED)
def sign_of(expression: Any) -> str | None:
    """Return "+", "-", "0", "0+" (not negative), "0-" (not positive), or None where it is not shown."""
    if expression.is_Add and expression.free_symbols:
        quick = _sum(sign_of(term) for term in expression.args)
        if quick in ("+", "-"):
            return quick
    known = not expression.free_symbols and not expression.has(Uninterpreted)  # a number, which sympy or a ball tells
    parts = _sign_of_product(expression) if not known and (expression.is_Mul or expression.is_Pow) else None
    if parts in ("+", "-", "0"):
        return parts
    # of a sum in real parameters, sympy looks for roots at each question; what it knows of angles is asked below
    asked = not expression.is_Add or any(s.is_integer for s in expression.free_symbols)
    if asked and expression.is_positive:
        return "+"
    if asked and expression.is_negative:
        return "-"
    if asked and expression.is_zero:
        return "0"
    if not expression.free_symbols:
        number = _number_sign(expression)
        if number is not None or known:
            return number
    weak = None
    if asked or expression.has(sp.cos, sp.sin):
        weak = "0+" if expression.is_nonnegative else "0-" if expression.is_nonpositive else None
    if weak is not None:
        return weak
    if isinstance(expression, sp.log):
        return sign_of(factored(expression.args[0] - 1))
    if not expression.is_Add:
        return parts
    if expression.has(sp.log):
        return _sum(sign_of(term) for term in expression.args) or _sum(
            sign_of(term) for term in sp.Add.make_args(sp.expand(expression, log=False))
        )
    whole = factored(expression)
    if not whole.is_Add:
        return sign_of(whole)
    return _polynomial_sign(whole) or _sign_against_root(whole)


def _sign_of_product(expression: Any) -> str | None:
    """The sign of a product, or of a power."""
    if expression.is_Mul:
        return _product(sign_of(factor) for factor in expression.args)
    base = sign_of(expression.base)
    if base == "+" or (base == "0+" and expression.exp.is_positive):
        return base
    if expression.exp.is_Integer:
        sign = _product([base] * int(abs(expression.exp)))
        return sign if expression.exp > 0 or sign in ("+", "-") else None
    return None


def _sign_against_root(expression: Any) -> str | None:
    """The sign of R + Q, R the terms with square roots: of opposite signs, they compare as their squares do."""
    roots = [
        t
        for t in expression.args
        if any(e.is_Pow and e.exp == _HALF and not e.is_number for e in sp.preorder_traversal(t))
    ]
    if len(roots) != 1:
        return None
    root, rest = roots[0], expression - roots[0]
    signs = sign_of(root), sign_of(rest)
    if signs not in (("+", "-"), ("-", "+")):
        return None
    squares = sp.expand(root**2 - rest**2)
    return sign_of(squares if signs[0] == "+" else -squares)


def _polynomial_sign(expression: Any) -> str | None:
    """The sign for positive symbols: coefficients of one sign, or no root of a single symbol."""
    terms = sp.Add.make_args(sp.expand(expression))
    by_terms = _sum(sign_of(term) if not term.is_Add else None for term in terms)
    symbols = list(expression.free_symbols)
    if by_terms is None and expression.has(sp.Pow) and expression.is_polynomial(*symbols):
        # with radicals among the numbers, 2 sqrt 2 x - 2 x is one term
        collected = sp.Poly(sp.expand(expression), *symbols)
        monomials = [sp.Mul(*(s**e for s, e in zip(symbols, powers, strict=True))) for powers in collected.monoms()]
        by_terms = _sum(_product((sign_of(c), sign_of(m))) for c, m in zip(collected.coeffs(), monomials, strict=True))
    if by_terms is not None or len(symbols) != 1 or not symbols[0].is_positive:
        return by_terms
    try:
        polynomial = sp.Poly(expression, symbols[0], domain="QQ")
    except sp.PolynomialError:
        return None
    except sp.CoercionFailed:
        return None
    roots = polynomial.count_roots(0, None) - (polynomial.eval(0) == 0)
    if roots == 0:
        return "+" if polynomial.eval(1) > 0 else "-"
    repeated = all(
        multiplicity % 2 == 0 or factor.count_roots(0, None) - (factor.eval(0) == 0) == 0
        for factor, multiplicity in polynomial.sqf_list()[1]
    )
    if repeated:  # only roots of even order, so the sign is the one of any other point
        point = next(k for k in itertools.count(1) if polynomial.eval(k) != 0)
        return "0+" if polynomial.eval(point) > 0 else "0-"
    return None


def _number_sign(expression: Any) -> str | None:
    try:
        ball = enclose(lambda: ball_value(expression, {}), bits=16, max_precision=1 << 12)
    except (BoundNotEstablishedError, TypeError):
        return None
    return "+" if ball > 0 else "-" if ball < 0 else None
