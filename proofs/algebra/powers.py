"""Products of positive operators and their real powers: a normal form, for any finite dimension.

`power(A, x)` is A^x on the support of a positive operator A and 0 off it, so that A^x A^y = A^(x+y) for all real x and
y, and A^0 is the projector on the support. With that, (c A)^x = c^x A^x for c > 0, (A^x)^y = A^(xy), and the trace is
linear and cyclic. Two expressions with the same normal form are equal, whatever the operators are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from keybounds.proofs.logic.propositions import UndecidedError
from keybounds.proofs.notions import Tr
from keybounds.proofs.notions_renyi import dagger, power

Letter = tuple[Any, Any]  # base and exponent; None for the exponent of what is not known to be positive
Word = tuple[Letter, ...]
Sum = dict[Word, Any]


def _is_trace(expression: Any) -> bool:
    return type(expression).__name__ == "Tr"


def _is_adjoint(expression: Any) -> bool:
    return type(expression).__name__ == "dagger"


class Algebra:
    """The algebra in which `positive` operators have powers and the `equations` of words hold, left to right."""

    def __init__(self, positive: Callable[[Any], bool], equations: Sequence[tuple[Any, Any]] = ()) -> None:
        self._known = positive
        self._rules: list[tuple[Word, Sum]] = []
        for left, right in equations:
            found = self.normal(left)
            if len(found) != 1 or next(iter(found.values())) != 1:
                raise UndecidedError(f"{left} is no single product without a factor")
            self._rules.append((next(iter(found)), self.normal(right)))

    def equal(self, left: Any, right: Any) -> bool:
        """Whether two operators, or two numbers made of traces, have the same normal form."""
        if left.is_commutative and right.is_commutative:
            return bool(_canonical(self.number(left) - self.number(right)) == 0)
        first, second = self.normal(left), self.normal(right)
        return all(_canonical(first.get(word, 0) - second.get(word, 0)) == 0 for word in {*first, *second})

    def number(self, expression: Any) -> Any:
        """A number with its traces in normal form."""
        return expression.replace(lambda e: _is_trace(e), lambda e: self._trace(e.args[0]))

    def normal(self, expression: Any) -> Sum:
        """The sum of words that an operator is."""
        return self._reduced(self._expanded(sp.sympify(expression)))

    def operator(self, total: Sum) -> Any:
        """The expression of a normal form."""
        terms = [c * sp.Mul(*(b if x in (None, 1) else power(b, x) for b, x in word)) for word, c in total.items()]
        return sp.Add(*sorted(terms, key=sp.default_sort_key))

    def positive(self, expression: Any) -> bool:
        """Whether an operator is positive: known to be, or a sum of positive multiples of C B C* with B positive."""
        return self._known(expression) or self._sum_is_positive(self.normal(expression))

    def _sum_is_positive(self, total: Sum) -> bool:
        return all(c.is_positive and self._word_is_positive(word) for word, c in total.items())

    def _word_is_positive(self, word: Word) -> bool:
        half = len(word) // 2
        mirrored = all(self._mirrored(a, b) for a, b in zip(word[:half], word[::-1], strict=False))
        return mirrored and (len(word) % 2 == 0 or word[half][1] is not None)

    @staticmethod
    def _mirrored(first: Letter, second: Letter) -> bool:
        if first[1] is not None:
            return first == second
        return second[1] is None and (second[0] == dagger(first[0]) or first[0] == dagger(second[0]))

    def _adjoint(self, expression: Any) -> Any:
        if _is_adjoint(expression):
            return expression.args[0]
        if expression.is_Mul:
            return sp.Mul(*(self._adjoint(factor) for factor in reversed(expression.args)))
        if expression.is_commutative and expression.is_real:
            return expression
        if isinstance(expression, power) or self._known(expression):
            return expression
        return dagger(expression)

    def _expanded(self, expression: Any) -> Sum:
        if expression.is_commutative:
            return {(): expression} if expression != 0 else {}
        if expression.is_Add:
            total: Sum = {}
            for term in expression.args:
                for word, c in self._expanded(term).items():
                    total[word] = total.get(word, 0) + c
            return total
        if expression.is_Mul or (expression.is_Pow and expression.exp.is_Integer and expression.exp > 0):
            factors = expression.args if expression.is_Mul else [expression.base] * int(expression.exp)
            total = {(): sp.Integer(1)}
            for factor in factors:
                total = _product(total, self._expanded(factor))
            return total
        if isinstance(expression, power):
            return self._power(*expression.args)
        if _is_adjoint(expression):
            inner = self._adjoint(expression.args[0])
            return {((inner, None),): sp.Integer(1)} if _is_adjoint(inner) else self._expanded(inner)
        exponent = sp.Integer(1) if self._known(expression) else None
        return {((expression, exponent),): sp.Integer(1)}

    def _power(self, base: Any, exponent: Any) -> Sum:
        inner = self.normal(base)
        if not self._known(base) and not self._sum_is_positive(inner):
            raise UndecidedError(f"{base} is not known to be positive, so that it has no powers")
        if len(inner) != 1:
            return {((self.operator(inner), _canonical(exponent)),): sp.Integer(1)}
        ((word, c),) = inner.items()
        if not c.is_positive:
            raise UndecidedError(f"the factor {c} is not known to be positive")
        if len(word) == 1 and word[0][1] is not None:
            return {((word[0][0], _canonical(word[0][1] * exponent)),): c**exponent}
        return {((self.operator({word: sp.Integer(1)}), _canonical(exponent)),): c**exponent}

    def _reduced(self, total: Sum) -> Sum:
        for _ in range(200):
            changed = False
            following: Sum = {}
            for word, c in total.items():
                merged = _merged(word)
                replaced = self._replaced(merged)
                if replaced is not None:
                    changed = True
                for new, factor in ({merged: sp.Integer(1)} if replaced is None else replaced).items():
                    following[new] = following.get(new, 0) + c * factor
            total = {word: c for word, c in ((w, _canonical(c)) for w, c in following.items()) if c != 0}
            if not changed:
                return total
        raise UndecidedError("the equations do not come to an end")

    def _replaced(self, word: Word) -> Sum | None:
        for left, right in self._rules:
            for start in range(len(word) - len(left) + 1):
                if word[start : start + len(left)] == left:
                    before, after = {word[:start]: sp.Integer(1)}, {word[start + len(left) :]: sp.Integer(1)}
                    return _product(_product(before, right), after)
        return None

    def _trace(self, operator: Any) -> Any:
        total = sp.Integer(0)
        for word, c in self.normal(operator).items():
            while len(word) > 1 and word[0][1] is not None and word[-1][1] is not None and word[0][0] == word[-1][0]:
                word = _merged((*word[1:-1], word[-1], word[0]))
            turned = [word[k:] + word[:k] for k in range(max(len(word), 1))]
            first = min(turned, key=lambda w: [sp.default_sort_key(b if x is None else power(b, x)) for b, x in w])
            again = self._reduced({first: sp.Integer(1)})
            total += c * (
                Tr(self.operator({first: sp.Integer(1)}))
                if again == {first: 1}
                else sum(factor * self._trace(self.operator({new: sp.Integer(1)})) for new, factor in again.items())
            )
        return total


def _product(first: Sum, second: Sum) -> Sum:
    total: Sum = {}
    for left, c in first.items():
        for right, d in second.items():
            total[left + right] = total.get(left + right, 0) + c * d
    return total


def _merged(word: Word) -> Word:
    found: list[Letter] = []
    for base, exponent in word:
        if found and exponent is not None and found[-1][0] == base and found[-1][1] is not None:
            found[-1] = (base, _canonical(found[-1][1] + exponent))
        else:
            found.append((base, exponent))
    return tuple(found)


@lru_cache(maxsize=4096)
def _canonical(expression: Any) -> Any:
    """A number with the exponents of equal bases added up, and these in lowest terms; all exponents are real."""
    terms = []
    for term in sp.Add.make_args(sp.expand_mul(sp.sympify(expression))):
        exponents: dict[Any, Any] = {}
        for base, exponent in _factors(term, sp.Integer(1)):
            exponents[base] = exponents.get(base, 0) + exponent
        terms.append(sp.Mul(*(base ** sp.cancel(sp.together(exponent)) for base, exponent in exponents.items())))
    total = sp.Add(*terms)
    return sp.cancel(sp.together(total)) if total.is_rational_function() else total


def _factors(expression: Any, exponent: Any) -> Iterator[tuple[Any, Any]]:
    """Bases and exponents of expression^exponent: (x y)^e = x^e y^e and (x^d)^e = x^(d e), x and y not negative."""
    whole = exponent.is_Integer
    if expression.is_Mul and (whole or all(_not_negative(factor) for factor in expression.args)):
        for factor in expression.args:
            yield from _factors(factor, exponent)
    elif expression.is_Pow and (_not_negative(expression.base) or (whole and expression.exp.is_Integer)):
        yield from _factors(expression.base, expression.exp * exponent)
    elif expression.is_Rational and expression.is_positive:
        for prime, times in sp.factorrat(expression).items():
            yield sp.Integer(prime), times * exponent
    else:
        yield expression, exponent


def _not_negative(expression: Any) -> bool:
    """Whether a number is not negative, real powers of what is not negative being so."""
    if expression.is_nonnegative:
        return True
    if expression.is_Pow:
        return _not_negative(expression.base)
    return bool(expression.is_Mul) and all(_not_negative(factor) for factor in expression.args)
