"""What a computer settles exactly: equality and sign of expressions, for every value that the hypotheses allow.

The hypotheses that count here bound one symbol by an expression in others, p < 1/2 or p >= 1/(r+1); a positive symbol
is bounded by 0 already. Those domains are mapped onto positive parameters, p = (lo + hi t)/(1+t), and a polynomial in
these without a negative coefficient is positive; one of a single parameter is decided by counting its roots. At a
closed end an expression means its continuous extension, so that 0 log 0 = 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from keybounds.enclosure import enclose
from keybounds.errors import BoundNotEstablishedError
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation
from keybounds.proofs.logic.sums import Bound, delta, size
from keybounds.proofs.logic.terms import Uninterpreted, expanded

_HALF = sp.Rational(1, 2)
_DIGITS = 50
_REMEMBERED = 1 << 15  # answers: derivations ask again and again under the same hypotheses, and mutants ask what all do
_SAMPLES = ("1", "1/3", "5/2", "1/20")  # of the positive parameters of a domain


# --------------------------------------------------------------------------------------------------------- equality


@lru_cache(maxsize=_REMEMBERED)
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
    radicals = whole.replace(
        lambda e: e.is_Pow and e.exp.is_Rational and e.exp.q == 2, lambda e: sp.factor(sp.together(e.base)) ** e.exp
    )
    rational = radicals.replace(sp.log, _split_logarithm)
    if _vanishing_numerator(rational):
        return True
    rational = sp.powsimp(sp.expand(rational), force=False)
    if rational == 0 or sp.cancel(sp.together(rational)) == 0:
        return True
    return not _differs_from_zero(rational) and bool(sp.simplify(rational) == 0)


def _differs_from_zero(expression: Any) -> bool:
    """Whether a value at some point shows that it is not zero throughout; spares what cannot be simplified to 0."""
    plain = expression.xreplace({e: sp.Dummy(real=True) for e in expression.atoms(Uninterpreted, delta, size)})
    symbols = sorted(plain.free_symbols, key=str)
    for k in (3, 4):
        point = {  # whole numbers not next to each other: the powers of 1 are all the same
            s: sp.Integer(j * (2 * j + 3) + k) if s.is_integer else sp.Rational(j + k, 2 * j + 11)
            for j, s in enumerate(symbols)
        }
        value = sp.N(plain.subs(point), 30)
        if value.is_number and value.is_finite and abs(value) > sp.Float(10) ** -15:
            return True
    return False


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


def undefined(expression: Any, hypotheses: Iterable[Proposition]) -> str:
    """Return why `expression` may have no value inside the domain, or an empty string.

    Logarithms need a positive argument, square roots one that is not negative, denominators one that is not 0.
    """
    return _undefined(sp.sympify(expression), frozenset(hypotheses))


@lru_cache(maxsize=_REMEMBERED)
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


# ------------------------------------------------------------------------------------------------------------ signs


@dataclass(frozen=True)
class Domain:
    """The values that the hypotheses allow: per symbol a lower and an upper bound and whether the ends belong to it."""

    lower: Mapping[Any, tuple[Any, bool]]
    upper: Mapping[Any, tuple[Any, bool]]

    @classmethod
    def of(cls, hypotheses: Iterable[Proposition]) -> Domain:
        """Read the bounds off the relations among `hypotheses`; others restrict further and are left aside."""
        key = frozenset(one for one in hypotheses if isinstance(one, Relation))
        return _domain(key)

    def order(self, symbols: Iterable[Any]) -> list[Any]:
        """`symbols` and those in their bounds, each before those that its own bounds contain."""
        done: list[Any] = []

        def visit(symbol: Any, path: tuple[Any, ...]) -> None:
            if symbol in done or symbol in path:
                return
            for bounds in (self.lower, self.upper):
                if symbol in bounds:
                    for other in sorted(bounds[symbol][0].free_symbols, key=str):
                        visit(other, (*path, symbol))
            done.append(symbol)

        for symbol in sorted(symbols, key=str):
            visit(symbol, ())
        return done[::-1]

    def sign(self, expression: Any) -> str | None:
        """Return "+", "-", "0", "0+" (not negative), "0-", or None, for every point inside the domain."""
        whole = expanded(expression)
        wider = self._with_numbers()
        if wider is not None:
            found = _sign_inside(wider, whole)
            if found in ("+", "-", "0"):
                return found
        return _sign_inside(self, whole)

    def _with_numbers(self) -> Domain | None:
        """A larger domain, with the number that bounds y in place of a bound x > y; None where no bound is a symbol."""

        def numbers(bounds: Mapping[Any, tuple[Any, bool]]) -> dict[Any, tuple[Any, bool]]:
            direct = {s: bounds.get(b, (None, False)) if b.is_Symbol else (b, c) for s, (b, c) in bounds.items()}
            return {s: (b, c) for s, (b, c) in direct.items() if b is not None and not b.is_Symbol}

        if not any(bound.is_Symbol for side in (self.lower, self.upper) for bound, _ in side.values()):
            return None
        return Domain(numbers(self.lower), numbers(self.upper))

    def parametrised(self, expression: Any) -> Any:
        """`expression` with positive parameters in place of the bounded symbols."""
        for symbol in self.order(expression.free_symbols):
            expression = expression.subs(symbol, self._parameter(symbol))
        return expression

    def _parameter(self, symbol: Any) -> Any:
        t = sp.Symbol(f"t_{symbol}", positive=True)
        low = self.lower.get(symbol, (None, False))[0]
        high = self.upper.get(symbol, (None, False))[0]
        if low is None and high is None:
            return symbol
        if high is None:
            return low + t
        if low is None:
            return high - t
        return (low + high * t) / (1 + t)

    def ends(self, symbols: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Pairs of a symbol and an end that belongs to its domain."""
        for symbol in self.order(symbols):
            for bounds in (self.lower, self.upper):
                if symbol in bounds and bounds[symbol][1]:
                    yield symbol, bounds[symbol][0]

    def at(self, symbol: Any, value: Any) -> Domain:
        """The domain of the others where `symbol` has this value."""

        def rest(bounds: Mapping[Any, tuple[Any, bool]]) -> dict[Any, tuple[Any, bool]]:
            return {s: (b.subs(symbol, value), closed) for s, (b, closed) in bounds.items() if s != symbol}

        return Domain(rest(self.lower), rest(self.upper))

    def points(self, symbols: Iterable[Any]) -> Iterator[dict[Any, Any]]:
        """Some points of the domain."""
        order = self.order(symbols)
        for values in itertools.islice(itertools.product(_SAMPLES, repeat=max(len(order), 1)), 64):
            point: dict[Any, Any] = {}
            for symbol, value in zip(order[::-1], values, strict=False):
                t = sp.Rational(value)
                parameter = self._parameter(symbol).subs(point).subs(sp.Symbol(f"t_{symbol}", positive=True), t)
                number = t if parameter == symbol else parameter
                if symbol.is_integer:
                    number = sp.ceiling(number) + (0 if symbol in self.lower else 1)
                point[symbol] = number
            yield point


@lru_cache(maxsize=4096)
def _domain(relations: frozenset[Relation]) -> Domain:
    lower: dict[Any, tuple[Any, bool]] = {}
    upper: dict[Any, tuple[Any, bool]] = {}
    for relation in sorted(relations, key=str):
        for one in (relation, relation.mirrored):
            symbol = one.left
            if not symbol.is_Symbol or symbol in one.right.free_symbols or one.relation == "=":
                continue
            others = {b for side in (lower, upper) for s, (b, _) in side.items() if s in one.right.free_symbols}
            if any(symbol in other.free_symbols for other in others):
                continue  # a < b bounds b by a or a by b: both would lead in a circle
            bounds = lower if one.relation in (">", ">=") else upper
            known = bounds.get(symbol)
            bound = (expanded(one.right), one.relation.endswith("="))
            if known is None or _tighter(bound, known, below=bounds is upper):
                bounds[symbol] = bound
    for symbol in {s for relation in relations for s in relation.symbols}:
        if symbol not in lower and symbol.is_positive:
            lower[symbol] = (sp.Integer(1), True) if symbol.is_integer else (sp.Integer(0), False)
        elif symbol not in lower and symbol.is_nonnegative:
            lower[symbol] = (sp.Integer(0), True)
    return Domain(lower, upper)


def _tighter(new: tuple[Any, bool], old: tuple[Any, bool], *, below: bool) -> bool:
    """Whether `new` is the bound to keep: the stronger of two numbers, else the one that is no number."""
    if new[0] == old[0]:
        return not new[1]
    if new[0].is_number and old[0].is_number:
        return bool(new[0] < old[0]) if below else bool(new[0] > old[0])
    return not new[0].is_number


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


@lru_cache(maxsize=65536)
def _sign_cached(key: tuple[Any, ...], expression: Any) -> str | None:
    lower, upper = ({s: (b, c) for s, b, c in part} for part in key)
    domain = Domain(lower, upper)
    inside = domain.parametrised(expression)
    found = _sign(inside)
    if found in ("+", "-", "0") or inside == expression:
        return found
    plain = _sign(expression)
    return plain if plain in ("+", "-", "0") else found or plain


def _sign_inside(domain: Domain, expression: Any) -> str | None:
    relevant = set(domain.order(expression.free_symbols))
    key = tuple(
        tuple(sorted(((s, b, c) for s, (b, c) in part.items() if s in relevant), key=str))
        for part in (domain.lower, domain.upper)
    )
    return _sign_cached(key, expression)


def _sign(expression: Any) -> str | None:
    if expression.is_Add and expression.free_symbols:
        quick = _sum(_sign(term) for term in expression.args)
        if quick in ("+", "-"):
            return quick
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
        if number is not None or not expression.has(Uninterpreted):
            return number
    weak = None
    if asked or expression.has(sp.cos, sp.sin):
        weak = "0+" if expression.is_nonnegative else "0-" if expression.is_nonpositive else None
    if weak is not None and (expression.is_Mul or expression.is_Pow):
        found = _sign_of_product(expression)
        return found if found in ("+", "-") else weak
    if weak is not None:
        return weak
    if isinstance(expression, sp.log):
        return _sign(sp.factor(sp.together(expression.args[0] - 1)))
    if expression.is_Mul or expression.is_Pow:
        return _sign_of_product(expression)
    if not expression.is_Add:
        return None
    if expression.has(sp.log):
        return _sum(_sign(term) for term in expression.args) or _sum(
            _sign(term) for term in sp.Add.make_args(sp.expand(expression, log=False))
        )
    factored = sp.factor(sp.together(expression))
    if not factored.is_Add:
        return _sign(factored)
    return _polynomial_sign(factored) or _sign_against_root(factored)


def _sign_of_product(expression: Any) -> str | None:
    """The sign of a product, or of a power."""
    if expression.is_Mul:
        return _product(_sign(factor) for factor in expression.args)
    base = _sign(expression.base)
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
    signs = _sign(root), _sign(rest)
    if signs not in (("+", "-"), ("-", "+")):
        return None
    squares = sp.expand(root**2 - rest**2)
    return _sign(squares if signs[0] == "+" else -squares)


def _polynomial_sign(expression: Any) -> str | None:
    """The sign for positive symbols: coefficients of one sign, or no root of a single symbol."""
    terms = sp.Add.make_args(sp.expand(expression))
    by_terms = _sum(_sign(term) if not term.is_Add else None for term in terms)
    symbols = list(expression.free_symbols)
    if by_terms is None and expression.has(sp.Pow) and expression.is_polynomial(*symbols):
        # with radicals among the numbers, 2 sqrt 2 x - 2 x is one term
        collected = sp.Poly(sp.expand(expression), *symbols)
        monomials = [sp.Mul(*(s**e for s, e in zip(symbols, powers, strict=True))) for powers in collected.monoms()]
        by_terms = _sum(_product((_sign(c), _sign(m))) for c, m in zip(collected.coeffs(), monomials, strict=True))
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


# -------------------------------------------------------------------------------------------------------- relations


def follows(relation: Relation, hypotheses: Iterable[Proposition]) -> str:
    """Return an empty string if `relation` is shown for every point that `hypotheses` allow, else what is missing."""
    return _missing(relation, frozenset(hypotheses))


@lru_cache(maxsize=_REMEMBERED)
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
        for factor in sp.Mul.make_args(sp.factor(sp.together(root.base))):
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
        for symbol, end in domain.ends(difference.free_symbols):
            value = difference.subs(symbol, end)
            if value.has(sp.nan, sp.zoo):
                value = sp.limit(difference, symbol, end)
            reason = _shown(domain.at(symbol, end), sp.sympify(value), wanted, strict=True)
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
    corners = [inside.at(symbol, end) for symbol, end in inside.ends(symbols)]
    ends = list(inside.ends(symbols))
    for domain, fixed in ((inside, {}), *((d, dict([e])) for d, e in zip(corners, ends, strict=True))):
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
