"""Entropies in ball arithmetic, all in bits."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from flint import arb

from .reading import ball


def log2(x: arb) -> arb:
    """Logarithm to base 2; exact for an exact power of two."""
    if x.is_exact() and x > 0:
        mantissa, exponent = x.man_exp()
        if mantissa == 1:
            return arb(exponent)
    return x.log() / arb.const_log2()


def log2_one_plus(x: Fraction) -> arb:
    """log2(1 + x), accurate for any small x; exact for an exact power of two."""
    exact = log2(ball(1 + x))
    return exact if exact.is_exact() else ball(x).log1p() / arb.const_log2()


def xlog2x(x: arb) -> arb:
    """x log2 x for a number in [0, 1], 0 at 0. A ball that reaches below 0 stands for its part from 0 on."""
    if x.is_zero():
        return arb(0)
    if x > 0:
        return x * log2(x)
    top = x.abs_upper()
    if not top < 0.25:
        return arb(-0.27, 0.28)  # x log2 x lies in [-0.531, 0]
    return (top * log2(top)).union(arb(0))  # falls on [0, 1/e]


def shannon(weights: Iterable[arb]) -> arb:
    """-Σ w log2 w."""
    return sum((-xlog2x(w) for w in weights), arb(0))


def binary_entropy(x: arb) -> arb:
    """h(x) = -x log2 x - (1-x) log2(1-x), accurate for any small x."""
    if 0 < x < 0.25:
        return -xlog2x(x) - (1 - x) * (-x).log1p() / arb.const_log2()
    return shannon((x, 1 - x))


def clamp(x: arb, low: int, high: int) -> arb:
    """The part of x in [low, high], where its exact value is known to lie."""
    return x.max(arb(low)).min(arb(high))


def root(x: arb) -> arb:
    """√x of a number that is not negative, whatever its ball says."""
    return x.nonnegative_part().sqrt()
