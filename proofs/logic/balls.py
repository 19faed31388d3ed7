"""Values of expressions in ball arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import arb, fmpq


def ball_value(expression: Any, values: Mapping[Any, arb]) -> arb:
    """Evaluate sums, products, rational powers, logarithms, sines and cosines, at the working precision.

    Raises
    ------
    TypeError
        There is another function in it, or a symbol without a value.
    """
    expression = sp.sympify(expression)
    if expression.is_Symbol and expression in values:
        return values[expression]
    if expression.is_Rational:
        return arb(fmpq(int(expression.p), int(expression.q)))
    arguments = [ball_value(argument, values) for argument in expression.args]
    if expression.is_Add:
        return sum(arguments[1:], arguments[0])
    if expression.is_Mul:
        product = arb(1)
        for argument in arguments:
            product = product * argument
        return product
    if expression.is_Pow and expression.exp == sp.Rational(1, 2):
        return arguments[0].sqrt()
    if expression.is_Pow and expression.exp == -sp.Rational(1, 2):
        return arguments[0].rsqrt()
    if expression.is_Pow and expression.exp.is_Integer:
        return arguments[0] ** int(expression.exp)
    if expression.is_Pow and expression.exp.is_Rational:
        return arguments[0] ** arguments[1]
    for function, value in ((sp.log, arb.log), (sp.exp, arb.exp), (sp.cos, arb.cos), (sp.sin, arb.sin)):
        if isinstance(expression, function):
            return value(arguments[0])
    if expression is sp.pi:
        return arb.pi()
    raise TypeError(f"no ball arithmetic for {expression.func.__name__}")
