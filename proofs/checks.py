"""The kinds of step a derivation is made of: each runs one check and returns the `Step` that says how it went.

Exact checks are decided by sympy for all values of the symbols. Where sympy cannot decide, the expression is
evaluated at rational points of the symbols' domain: a point that contradicts fails the step, and a step that
survives them is NUMERIC, never more.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from flint import arb

from keybounds.enclosure import enclose
from keybounds.errors import BoundNotEstablishedError
from keybounds.proofs.claim import Ground, Step

DIGITS = 50

# Rational points at which an undecided expression is evaluated, by name of the symbol (see proofs.algebra.symbols).
# They lie in every domain the claims use: r = sqrt(d) > 1, p in [1/(r+1), 1/2], s = 1/r <= c <= 1, 2 < S < 2 sqrt 2.
_POINTS: Mapping[str, tuple[str, ...]] = {
    "r": ("7/2", "3", "4"),
    "p": ("2/5", "3/7", "9/20"),
    "s": ("1/3", "2/7", "1/4"),
    "c": ("2/3", "3/4", "1/2"),
    "S": ("12/5", "5/2", "27/10"),
    "n": ("2", "3", "5"),
}
_OTHER_POINTS = ("1/3", "2/7", "3/11")


def _points(expression: Any) -> list[dict[Any, Any]]:
    import sympy as sp

    symbols = sorted(expression.free_symbols, key=str)
    values = [[sp.Rational(v) for v in _POINTS.get(s.name, _OTHER_POINTS)] for s in symbols]
    return [dict(zip(symbols, point, strict=True)) for point in itertools.islice(itertools.product(*values), 27)]


def _at(point: Mapping[Any, Any]) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in point.items()) or "the value"


def vanishes(expression: Any) -> bool:
    """Whether sympy shows that `expression` is zero for all values of its symbols in their domain.

    Each logarithm is split into those of the prime and irreducible factors of its argument, which are then treated as
    independent symbols; what is left must cancel as a rational expression. As log x = sum e_k log |f_k| for a positive
    x = prod f_k^e_k, zero here is zero wherever the arguments of all logarithms are positive.
    """
    import sympy as sp

    half = sp.Rational(1, 2)
    radicals = sp.sympify(expression).replace(
        lambda e: e.is_Pow and abs(e.exp) == half, lambda e: sp.factor(sp.together(e.base)) ** e.exp
    )
    rational = radicals.replace(sp.log, _split_logarithm)
    rational = sp.powsimp(sp.expand(rational), force=False)
    return bool(sp.cancel(sp.together(rational)) == 0 or sp.simplify(rational) == 0)


def _split_logarithm(argument: Any) -> Any:
    import sympy as sp

    total = sp.Integer(0)
    for factor in sp.Mul.make_args(sp.factor(sp.together(argument))):
        base, exponent = factor.as_base_exp()
        if base.is_Rational:
            primes = sp.factorrat(abs(base))
            total += exponent * sum(e * sp.Symbol(f"log {q}", positive=True) for q, e in primes.items() if q != -1)
        else:
            # |f| is what counts: name the factor by whichever of f, -f sympy puts first
            name = min(str(base), str(sp.expand(-base)))
            total += exponent * sp.Symbol(f"log |{name}|", real=True)
    return total


def identity(description: str, left: Any, right: Any, *, formula: str = "") -> Step:
    """`left` = `right` for all values of the symbols."""
    import sympy as sp

    difference = sp.sympify(left) - sp.sympify(right)
    if vanishes(difference):
        return Step(description=description, formula=formula, ground=Ground.SYMBOLIC, holds=True)
    for point in _points(difference):
        value = sp.N(difference.subs(point), DIGITS)
        if value.is_finite and abs(value) > sp.Float(10) ** (20 - DIGITS):
            detail = f"at {_at(point)} the two sides differ by {sp.N(value, 12)}"
            return Step(description=description, formula=formula, ground=Ground.SYMBOLIC, holds=False, detail=detail)
    detail = f"not decided exactly; evaluated to {DIGITS} digits at sample points"
    return Step(description=description, formula=formula, ground=Ground.NUMERIC, holds=True, detail=detail)


def positive(description: str, *terms: Any, formula: str = "") -> Step:
    """Each of `terms`, hence their sum, is positive for all positive values of the symbols.

    A domain such as 0 < p < 1/2 is brought in by substitution, p = 1/(2+z) with z > 0.
    """
    import sympy as sp

    ground = Ground.SYMBOLIC
    for term in terms:
        expression = sp.factor(sp.together(sp.sympify(term)))
        if expression.is_positive:
            continue
        for point in _points(expression):
            value = sp.N(expression.subs(point), DIGITS)
            if not value > 0:
                detail = f"at {_at(point)} the value is {sp.N(value, 12)}"
                return Step(description=description, formula=formula, ground=ground, holds=False, detail=detail)
        ground = Ground.NUMERIC
    detail = "" if ground is Ground.SYMBOLIC else "not decided exactly; evaluated at sample points"
    return Step(description=description, formula=formula, ground=ground, holds=True, detail=detail)


def holds(
    description: str, truth: bool, *, formula: str = "", detail: str = "", ground: Ground = Ground.SYMBOLIC
) -> Step:
    """Return the step that an exact computation decided to be true or false."""
    return Step(description=description, formula=formula, ground=ground, holds=bool(truth), detail=detail)


def cited(description: str, source: str, *, formula: str = "") -> Step:
    """Return a step taken from the literature; `source` is a key of reports/refs.bib, or ``textbook``."""
    return Step(description=description, formula=formula, ground=Ground.CITED, holds=True, detail=source)


def enclosed_positive(description: str, values: Mapping[str, Callable[[], arb]], *, formula: str = "") -> Step:
    """Every one of `values` is positive, by a ball that excludes 0; the keys say at which point."""
    least: tuple[float, str] | None = None
    for where, value in values.items():
        try:
            ball = enclose(value, bits=16)
        except BoundNotEstablishedError as error:
            return Step(
                description=description,
                formula=formula,
                ground=Ground.ENCLOSED,
                holds=False,
                detail=f"{where}: {error}",
            )
        if not ball > 0:
            detail = f"at {where} the value is {ball.str(8)}"
            return Step(description=description, formula=formula, ground=Ground.ENCLOSED, holds=False, detail=detail)
        least = min(least or (float("inf"), ""), (float(ball.mid()), where))
    detail = "nothing to enclose" if least is None else f"least at {least[1]}: {least[0]:.4g}"
    return Step(description=description, formula=formula, ground=Ground.ENCLOSED, holds=True, detail=detail)


def witness(description: str, stated: Any, found: Any, *, tolerance_digits: int = 40) -> Step:
    """Compare the number that the statement gives with the number `found` another way, both to 50 digits.

    Ten digits are allowed for rounding in the matrix computations behind `found`.
    """
    import mpmath

    with mpmath.workdps(DIGITS + 10):
        gap = abs(mpmath.mpmathify(stated) - mpmath.mpmathify(found))
        agrees = bool(gap <= mpmath.mpf(10) ** -tolerance_digits)
        detail = f"{mpmath.nstr(mpmath.mpmathify(found), 18)}, " + (
            f"agrees to {tolerance_digits} digits" if agrees else f"differs by {mpmath.nstr(gap, 5)}"
        )
    return Step(description=description, ground=Ground.WITNESS, holds=agrees, detail=detail)


def number(expression: Any, values: Mapping[Any, Any]) -> Any:
    """Evaluate a sympy expression at exact values of its symbols, as an mpmath number to 60 digits."""
    import mpmath
    import sympy as sp

    from keybounds.proofs.logic.terms import expanded

    with mpmath.workdps(DIGITS + 10):
        return mpmath.mpmathify(sp.N(expanded(expression).subs(values), DIGITS + 10))
