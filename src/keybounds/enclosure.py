"""Ball arithmetic for closed forms: evaluate once, rigorously, then round to the safe side.

A formula is a function of no arguments that returns an `arb` at the working precision; `enclose` raises that precision
until the ball is narrow. Floats enter as the exact dyadic numbers they are. All logarithms are base 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from flint import arb, ctx, fmpq

from keybounds.errors import BoundNotEstablishedError

Real: TypeAlias = int | float | Fraction

_ROUNDING_PRECISION = 4096  # far above any double's 53 bits, so that taking an end of a ball adds nothing visible


LEAST_DECIDABLE = Fraction(1, 1 << 100)
"""Of a bound in bits: a reader at a few hundred bits of precision cannot tell a smaller one from what cancels to 0."""


class Direction(Enum):
    """Which side of the true quantity a value is on."""

    LOWER = "lower"
    UPPER = "upper"


def ball(x: Real | arb) -> arb:
    """`x` as a ball: integers and floats exactly, fractions to the working precision."""
    if isinstance(x, Fraction):
        return arb(fmpq(x.numerator, x.denominator))
    return arb(x)


def enclose(formula: Callable[[], arb], *, bits: int = 64, max_precision: int = 1 << 16) -> arb:
    """Evaluate `formula` with rising precision until `bits` leading bits are certain, or the value is certainly 0.

    Absolute accuracy of 2^-1100 (below the least double) also ends the search, for formulas whose value is 0 but
    cancels.

    Raises
    ------
    BoundNotEstablishedError
        At `max_precision` bits the ball is still too wide or not finite: the formula was left its domain.
    """
    precision = bits + 64
    while precision <= max_precision:
        with ctx.workprec(precision):
            value = formula()
            if value.is_finite() and (
                value.is_exact() or value.rel_accuracy_bits() >= bits or value.rad() < arb(2) ** -1100
            ):
                return value
        precision *= 2
    raise BoundNotEstablishedError(f"no enclosure to {bits} bits at a precision of {max_precision} bits: {value}")


def decidable(formula: Callable[[], arb]) -> arb:
    """Enclose an upper bound: exactly 0 where `formula` is certainly negative, else at least `LEAST_DECIDABLE`.

    A formula that cancels to 0 without its terms being 0 would come out as a ball around 0, rounded up to the least
    double, of which nobody else can decide whether it is enough. An exact 0 is for the caller to see.
    """

    def floored() -> arb:
        value = formula()
        return arb(0) if value < 0 else value.max(ball(LEAST_DECIDABLE))

    return enclose(floored)


def round_down(x: arb) -> float:
    """Return the greatest double that is certainly not above any point of `x`."""
    return -round_up(x.neg(exact=True))


def round_up(x: arb) -> float:
    """Return the least double that is certainly not below any point of `x`."""
    if not x.is_finite():
        raise BoundNotEstablishedError(f"the enclosure is not finite: {x}")
    with ctx.workprec(_ROUNDING_PRECISION):
        upper = x.upper()
    candidate = float(upper)
    while arb(candidate) < upper:
        candidate = math.nextafter(candidate, math.inf)
    return candidate


def nearest(x: arb) -> float:
    """Return the double nearest to the centre of `x`: for display, never for a bound."""
    return float(x.mid())


def log2(x: arb) -> arb:
    """log2 x, not finite on a ball that reaches 0."""
    return x.log() / arb.const_log2()


def exp2(x: arb) -> arb:
    """2^x."""
    return (x * arb.const_log2()).exp()


def xlog2x(x: arb) -> arb:
    """x log2 x on [0, 1], continued by 0 at 0; a ball that reaches below 0 through rounding is cut there."""
    if x > 0:
        return x * x.log() / arb.const_log2()
    upper = x.upper()
    if not upper > 0:
        return arb(0)
    if not upper < arb(0.25):  # wide ball: only that the function lies in [-0.531, 0] on [0, 1]
        return arb(-0.27, 0.27)
    return (upper * upper.log() / arb.const_log2()).union(arb(0))


def shannon_entropy(weights: Iterable[arb]) -> arb:
    """H(w) = -sum w log2 w, in bits."""
    return sum((-xlog2x(w) for w in weights), arb(0))


def binary_entropy(x: arb) -> arb:
    """h(x) = -x log2 x - (1-x) log2(1-x), in bits."""
    return shannon_entropy((x, 1 - x))


def clamp(x: arb, low: Real, high: Real) -> arb:
    """The part of `x` inside [low, high], for a quantity known to lie there but for rounding."""
    return x.max(ball(low)).min(ball(high))
