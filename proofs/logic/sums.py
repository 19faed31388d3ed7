"""Finite sums with a bound index, and direct sums of operators with one.

An index is a symbol that stands for nothing outside its sum: it is no free symbol of it, is never substituted, and a
value that contains it is refused, so that nothing is captured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        return set(self.body.free_symbols - {self.index}) | set(self.over.free_symbols)

    def _eval_subs(self, old: Any, new: Any) -> Any:
        if self.index in old.free_symbols:  # another variable of the same name: nothing of it is in the body
            return self.func(self.body, self.index, self.over._subs(old, new))
        self._refuse_capture(sp.sympify(new), old)
        return None

    def _xreplace(self, rule: Any) -> tuple[Any, bool]:
        if self in rule:
            return rule[self], True
        if not isinstance(rule, Mapping):  # sympy's own transformations need not look inside
            return self, False
        kept = {old: new for old, new in rule.items() if self.index not in old.free_symbols}
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
        body = printer._print(self.body)
        if isinstance(self.body, (Total, Direct)):  # its brackets would only pile up
            body = body.removeprefix(r"\left[").removesuffix(r"\right]")
        text = rf"{inside} {body}"
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
        shown = [printer._print(a) for a in self.args]
        if len(shown) > 6:  # the ends say what is between
            shown = [*shown[:3], r"\dots", shown[-1]]
        return rf"\{{{', '.join(shown)}\}}"


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
    terms = sp.Add.make_args(normal(expression.body))
    return sp.Add(*(_bound(sp.Mul.make_args(term), [(expression.index, expression.over)]) for term in terms))


def _bound(factors: Sequence[Any], indices: list[tuple[Any, Any]]) -> Any:
    """The sum of a product over some indices, the sums among its factors opened."""
    known = {index for index, _ in indices}
    for factor in factors:
        rest = [other for other in factors if other is not factor]
        if (
            isinstance(factor, Total)
            and factor.index not in known
            and not any(factor.index in one.free_symbols for one in rest)
        ):
            inner = [sp.Mul.make_args(term) for term in sp.Add.make_args(sp.expand(factor.body))]
            both = [*indices, (factor.index, factor.over)]
            return sp.Add(*(_bound([*rest, *term], both) for term in inner))
        base = factor.base if factor.is_Pow and factor.exp.is_Integer and factor.exp > 0 else factor
        for index, over in indices if isinstance(base, delta) and base.args[2] not in known else ():
            if index in base.args[:2] and base.args[2] == over:
                other = base.args[1] if base.args[0] == index else base.args[0]
                if index not in other.free_symbols:
                    return _at(rest, [pair for pair in indices if pair[0] != index], index, other)
    outside = sp.Mul(*(factor for factor in factors if not known & factor.free_symbols))
    inside = sp.Mul(*(factor for factor in factors if known & factor.free_symbols))
    for index, over in indices:
        if index not in inside.free_symbols and not any(other.has(index) for _, other in indices):
            outside *= size(over)
        else:
            continue
        return outside * _bound(sp.Mul.make_args(inside), [pair for pair in indices if pair[0] != index])
    return outside * _nested(inside, indices) if indices else outside * inside


def _at(factors: Sequence[Any], indices: list[tuple[Any, Any]], index: Any, value: Any) -> Any:
    """The same with the value of one index put in."""
    put = {index: value}
    product = sp.expand(sp.Mul(*factors).subs(put, simultaneous=True))
    left = [(other, over.subs(put, simultaneous=True)) for other, over in indices]
    terms = sp.Add.make_args(product)
    return sp.Add(*(_bound(sp.Mul.make_args(term), left) for term in terms)) if left else normal(product)


def _nested(body: Any, indices: list[tuple[Any, Any]]) -> Any:
    """Sums inside each other, the outermost first in a fixed order; a set that depends on an index comes after it."""
    left = sorted(indices, key=lambda pair: sp.default_sort_key(pair[0]), reverse=True)
    while left:
        pair = next(p for p in left if not any(over.has(p[0]) for _, over in left if over is not p[1]))
        body = Total(body, *pair)
        left.remove(pair)
    return body
