"""The values that hypotheses allow, and the sign of an expression there.

The hypotheses that count bound one symbol by an expression in others, p < 1/2 or p >= 1/(r+1); a positive symbol is
bounded by 0 already. Such a domain is mapped onto positive parameters, p = (lo + hi t)/(1+t), of which `signs` knows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from keybounds.proofs.logic.propositions import Proposition, Relation
from keybounds.proofs.logic.signs import sign_of
from keybounds.proofs.logic.terms import expanded

_SAMPLES = ("1", "1/3", "5/2", "1/20")  # of the positive parameters of a domain


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

    def ends(self, symbols: Iterable[Any]) -> Iterator[tuple[Any, Any, str]]:
        """A symbol, an end that belongs to its domain, and the side from which the domain approaches it, "+" or "-"."""
        for symbol in self.order(symbols):
            for bounds, side in ((self.lower, "+"), (self.upper, "-")):
                if symbol in bounds and bounds[symbol][1]:
                    yield symbol, bounds[symbol][0], side

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


@lru_cache(maxsize=65536)
def _sign_cached(key: tuple[Any, ...], expression: Any) -> str | None:
    lower, upper = ({s: (b, c) for s, b, c in part} for part in key)
    domain = Domain(lower, upper)
    inside = domain.parametrised(expression)
    found = sign_of(inside)
    if found in ("+", "-", "0") or inside == expression:
        return found
    plain = sign_of(expression)
    return plain if plain in ("+", "-", "0") else found or plain


def _sign_inside(domain: Domain, expression: Any) -> str | None:
    relevant = set(domain.order(expression.free_symbols))
    key = tuple(
        tuple(sorted(((s, b, c) for s, (b, c) in part.items() if s in relevant), key=str))
        for part in (domain.lower, domain.upper)
    )
    return _sign_cached(key, expression)
