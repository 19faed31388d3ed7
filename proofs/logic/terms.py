"""Symbols and named functions of the statements. Logarithms are base 2.

`h`, `D2` and `log2` have a definition, which `expanded` writes out. Names such as K or E_r have none here: they are
made by `functional`, and what is known of them comes from theorems and claims.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import sympy as sp

from keybounds.proofs.logic.sums import Bound


def symbol(name: str) -> Any:
    """Return the positive real symbol of this name, the same one everywhere."""
    return sp.Symbol(name, positive=True)


def real(name: str) -> Any:
    """Return the real symbol of this name."""
    return sp.Symbol(name, real=True)


def integer(name: str) -> Any:
    """Return the symbol of a positive integer."""
    return sp.Symbol(name, integer=True, positive=True)


def thing(name: str) -> Any:
    """Return the symbol of what is no number: a state, an operator, a device, a protocol class, a name of a system."""
    return sp.Symbol(name, commutative=False)


class Defined(sp.Function):  # type: ignore[misc]
    """A function with a definition in elementary functions."""

    def definition(self) -> Any:
        """Return the value in elementary functions of the arguments."""
        raise NotImplementedError


class log2(Defined):  # noqa: N801
    """Logarithm to base 2."""

    nargs = 1
    latex_name = r"\log"

    def definition(self) -> Any:
        """Return ln x/ln 2."""
        return sp.log(self.args[0]) / sp.log(2)


class h(Defined):  # noqa: N801
    """Binary entropy, h(x) = -x log x - (1-x) log(1-x); 0 at 0 and 1, by continuity."""

    nargs = 1
    latex_name = "h"

    def definition(self) -> Any:
        """Return -x log x - (1-x) log(1-x)."""
        (x,) = self.args
        return -(x * sp.log(x) + (1 - x) * sp.log(1 - x)) / sp.log(2)


class D2(Defined):
    """Binary divergence, D2(x||y) = x log(x/y) + (1-x) log((1-x)/(1-y))."""

    nargs = 2
    latex_name = "D_2"

    def definition(self) -> Any:
        """Return x log(x/y) + (1-x) log((1-x)/(1-y))."""
        x, y = self.args
        return (x * sp.log(x / y) + (1 - x) * sp.log((1 - x) / (1 - y))) / sp.log(2)


class Uninterpreted(sp.Function):  # type: ignore[misc]
    """A function of which only facts say something."""


@cache
def functional(
    name: str, latex: str | None = None, separator: str = ",", *, nonnegative: bool = False
) -> Callable[..., Any]:
    """Return the uninterpreted function of this name, the same one everywhere, real-valued and commutative.

    `latex` is its name in LaTeX; `separator` stands between its arguments, as in D(rho || sigma). A norm is
    `nonnegative`.
    """
    made: Callable[..., Any] = type(
        name,
        (Uninterpreted,),
        {
            "latex_name": latex or name,
            "separator": separator,
            "is_commutative": True,
            "_eval_is_commutative": lambda self: True,
            "_eval_is_real": lambda self: True,
            "_eval_is_nonnegative": lambda self: True if nonnegative else None,
        },
    )
    return made


positive_part = functional("pos", r"\mathrm{pos}", nonnegative=True)
"""pos(x): the greater of x and 0."""


@cache
def construction(name: str, latex: str | None = None) -> Callable[..., Any]:
    """Return the function of this name whose values are no numbers: rho(d, p), transposed(rho)."""
    made: Callable[..., Any] = type(
        name,
        (Uninterpreted,),
        {"latex_name": latex or name, "is_commutative": False, "_eval_is_commutative": lambda self: False},
    )
    return made


def _multiplied_out(expression: Any) -> Any:
    """Products of sums multiplied out, but not inside of functions, whose arguments stay as they are."""
    found = sp.sympify(expression)
    inner: dict[Any, Any] = {}

    def hidden(part: Any) -> Any:
        if isinstance(part, (sp.Function, Bound)) or not part.args:
            if part.args:
                inner.setdefault(part, sp.Dummy(commutative=part.is_commutative))
            return inner.get(part, part)
        return part.func(*(hidden(argument) for argument in part.args))

    return sp.expand(hidden(found)).xreplace({dummy: part for part, dummy in inner.items()})


class Linear(Uninterpreted):
    """An uninterpreted function that is linear in its last argument: sums and factors that are numbers come out."""

    @classmethod
    def eval(cls, *arguments: Any) -> Any:
        """Take sums and numbers out of the last argument."""
        *others, last = arguments
        terms = sp.Add.make_args(_multiplied_out(last))
        if len(terms) > 1:
            return sp.Add(*(cls(*others, term) for term in terms))
        numbers, operators = terms[0].args_cnc()
        factor, rest = sp.Mul(*numbers), sp.Mul(*operators)
        if factor == 0:
            return sp.Integer(0)
        return factor * cls(*others, rest) if factor != 1 or rest != last else None


@cache
def linear(name: str, latex: str | None = None, *, operators: bool = False) -> Callable[..., Any]:
    """Return the function of this name that is linear in its last argument, e.g. a trace; or one with operator values.

    It is evaluated on construction, so that two forms of the same value are the same expression.
    """
    made: Callable[..., Any] = type(
        name,
        (Linear,),
        {
            "latex_name": latex or name,
            "is_commutative": not operators,
            "_eval_is_commutative": lambda self: not operators,
            "_eval_is_real": lambda self: None if operators else True,
        },
    )
    return made


def expanded(expression: Any) -> Any:
    """Write every defined function out."""
    found = sp.sympify(expression)
    while any(isinstance(e, Defined) for e in sp.preorder_traversal(found)):
        found = found.replace(lambda e: isinstance(e, Defined), lambda e: e.definition())
    return found
