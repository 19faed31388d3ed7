"""Finite sums with a bound index, and direct sums of operators with one.

An index is a symbol that stands for nothing outside its sum: it is no free symbol of it, is never substituted, and a
value that contains it is refused, so that nothing is captured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp


class Bound(sp.Expr):  # type: ignore[misc]
    """What binds `index` in `body`, over the set named `over`."""

    latex_name = ""

    def __new__(cls, body: Any, index: Any, over: Any) -> Any:
        """Make it; `index` must be a symbol."""
        if not getattr(index, "is_Symbol", False):
            raise TypeError(f"{index} is no symbol, and cannot be an index")
        return sp.Expr.__new__(cls, sp.sympify(body), index, sp.sympify(over))

    @property
    def body(self) -> Any:
        """What is summed."""
        return self.args[0]

    @property
    def index(self) -> Any:
        """The bound symbol."""
        return self.args[1]

    @property
    def over(self) -> Any:
        """The name of the set over which the index runs."""
        return self.args[2]

    @property
    def free_symbols(self) -> set[Any]:
        """Symbols that stand for something: all but the index."""
        return (self.body.free_symbols - {self.index}) | self.over.free_symbols

    def _eval_subs(self, old: Any, new: Any) -> Any:
        if old == self.index:
            return self.func(self.body, self.index, self.over._subs(old, new))
        self._refuse_capture(sp.sympify(new), old)
        return None

    def _xreplace(self, rule: Mapping[Any, Any]) -> tuple[Any, bool]:
        if self in rule:
            return rule[self], True
        if not isinstance(rule, Mapping):  # sympy's own transformations need not look inside
            return self, False
        kept = {old: new for old, new in rule.items() if old != self.index}
        for old, new in kept.items():
            self._refuse_capture(sp.sympify(new), old)
        body, first = self.body._xreplace(kept)
        over, second = self.over._xreplace(rule)
        return (self.func(body, self.index, over), True) if first or second else (self, False)

    def _refuse_capture(self, new: Any, old: Any) -> None:
        if self.index in new.free_symbols and self.body.has(old):
            raise ValueError(f"{new} contains the index {self.index} of the sum into which it is to be put")

    def at(self, value: Any) -> Any:
        """The body at a value of the index."""
        return self.body.subs({self.index: value}, simultaneous=True)

    def _sympystr(self, printer: Any) -> str:
        over = f" in {printer._print(self.over)}" if self.over != self.index else ""
        return f"{type(self).__name__.lower()} over {printer._print(self.index)}{over} of [{printer._print(self.body)}]"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = rf"{self.latex_name}_{{{printer._print(self.index)} \in {printer._print(self.over)}}}"
        text = rf"{inside} {printer._print(self.body)}"
        return rf"\left({text}\right)^{{{exp}}}" if exp is not None else rf"\left[{text}\right]"


class Total(Bound):
    """The sum of `body` over `index`, a number."""

    latex_name = r"\sum"
    is_commutative = True

    def _eval_is_real(self) -> Any:
        return True

    def _eval_is_nonnegative(self) -> Any:
        return True if self.body.is_nonnegative else None


class Direct(Bound):
    """The direct sum of the operators `body` over `index`."""

    latex_name = r"\bigoplus"
    is_commutative = False


class Family(Bound):
    """The family of the operators `body`, one for each element of the set."""

    is_commutative = False

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\left({printer._print(self.body)}\right)_{{{printer._print(self.index)}}}"


class Words(sp.Function):  # type: ignore[misc]
    """Words(n, letters): the words of n letters, an index set."""

    nargs = 2

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.args[1])}^({printer._print(self.args[0])})"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"{{{printer._print(self.args[1])}}}^{{{printer._print(self.args[0])}}}"


class Listed(sp.Function):  # type: ignore[misc]
    """An index set whose elements are listed."""

    def _sympystr(self, printer: Any) -> str:
        return f"{{{', '.join(printer._print(a) for a in self.args)}}}"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\{{{', '.join(printer._print(a) for a in self.args)}\}}"


class delta(sp.Function):  # type: ignore[misc]  # noqa: N801
    """delta(x, y, set): 1 if the elements x and y of the set are the same, else 0."""

    nargs = 3
    is_commutative = True

    @classmethod
    def eval(cls, first: Any, second: Any, over: Any) -> Any:
        """Decide where both are the same expression; put the elements in order."""
        if first == second:
            return sp.Integer(1)
        if sp.default_sort_key(first) > sp.default_sort_key(second):
            return cls(second, first, over)
        return None

    def _eval_is_nonnegative(self) -> Any:
        return True

    def _eval_is_real(self) -> Any:
        return True


class size(sp.Function):  # type: ignore[misc]  # noqa: N801
    """How many elements an index set has."""

    nargs = 1
    is_commutative = True

    def _eval_is_positive(self) -> Any:
        return True


def normal(expression: Any) -> Any:
    """A normal form of an expression with finite sums: equal normal forms mean equal values.

    Sums are split by terms, factors without the index are taken out, a delta with the index is carried out, a sum of a
    constant is its value times the size of the set, and sums that follow each other are put in a fixed order.
    """
    expression = sp.expand(sp.sympify(expression))
    if expression.is_Add:
        return sp.Add(*(normal(term) for term in expression.args))
    if expression.is_Mul:
        return sp.expand(sp.Mul(*(normal(factor) if factor.has(Total) else factor for factor in expression.args)))
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0 and expression.base.has(Total):
        return sp.expand(normal(expression.base) ** expression.exp)
    if not isinstance(expression, Total):
        return expression
    if isinstance(expression.over, Listed):
        return sp.Add(*(normal(expression.at(element)) for element in expression.over.args))
    body = normal(expression.body)
    return sp.Add(*(_term(term, expression.index, expression.over) for term in sp.Add.make_args(body)))


def _term(term: Any, index: Any, over: Any) -> Any:
    outside, inside = sp.Integer(1), []
    for factor in sp.Mul.make_args(term):
        if index in factor.free_symbols:
            inside.append(factor)
        else:
            outside *= factor
    if not inside:
        return outside * size(over)
    for factor in inside:
        base = factor.base if factor.is_Pow and factor.exp.is_Integer and factor.exp > 0 else factor
        if isinstance(base, delta) and index in base.args[:2] and base.args[2] == over:
            other = base.args[1] if base.args[0] == index else base.args[0]
            if index not in other.free_symbols:
                rest = sp.Mul(*(f for f in inside if f is not factor))
                return normal(outside * rest.subs({index: other}, simultaneous=True))
    return outside * _ordered(sp.Mul(*inside), index, over)


def _ordered(body: Any, index: Any, over: Any) -> Any:
    """Nested sums with the outermost first in a fixed order."""
    if isinstance(body, Total) and sp.default_sort_key(body.index) < sp.default_sort_key(index):
        if body.over.has(index) or over.has(body.index):
            return Total(body, index, over)
        return Total(_term(body.body, index, over), body.index, body.over)
    return Total(body, index, over)
