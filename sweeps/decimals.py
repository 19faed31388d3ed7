"""Exact decimal numbers: what a plan is written in, what a point's identity is made of, and what is printed.

A number of a plan is never a double before a routine takes it: 0.905 is 905/1000, in every progression that passes it.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

DIGITS = 15
"""Significant digits of what is computed here: each such number is told from the next by its double too."""

MOST_DIGITS = 40
"""Of a number as it is typed."""

_PRECISION = 60  # of a logarithmic progression, whose numbers are then rounded to `DIGITS`
_LARGEST_PLAIN, _SMALLEST_PLAIN = 21, -7  # powers of ten between which a number is written without one


def canonical(number: Decimal) -> str:
    """The one text of a number: 0.905, 1500000, 1e-10, whatever zeros it was typed with."""
    if number == 0:
        return "0"
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # finite
    text = "".join(map(str, digits)).lstrip("0")
    shorter = text.rstrip("0")
    exponent += len(text) - len(shorter)
    minus = "-" if sign else ""
    power = exponent + len(shorter) - 1
    if _SMALLEST_PLAIN < power < _LARGEST_PLAIN:
        return minus + f"{Decimal((0, tuple(map(int, shorter)), exponent)):f}"
    fraction = f".{shorter[1:]}" if len(shorter) > 1 else ""
    return f"{minus}{shorter[0]}{fraction}e{power}"


def steps_between(start: Decimal, stop: Decimal, step: Decimal) -> int:
    """How many numbers start, start + step, … lie up to and including `stop`; 0 where the step leads away from it."""
    with localcontext(Context(prec=_PRECISION)):
        ratio = (stop - start) / step
        return int(ratio) + 1 if ratio >= 0 else 0


def by_step(start: Decimal, step: Decimal, count: int) -> list[Decimal]:
    """start, start + step, …, exactly."""
    with localcontext(Context(prec=2 * _PRECISION)):
        return [start + k * step for k in range(count)]


def by_count(start: Decimal, stop: Decimal, count: int) -> list[Decimal]:
    """Equally many from `start` to `stop`, both included; what is no short decimal is rounded to `DIGITS`."""
    with localcontext(Context(prec=_PRECISION)):
        inner = [start + (stop - start) * k / (count - 1) for k in range(1, count - 1)]
    return _with_ends(start, inner, stop, count)


def by_ratio(start: Decimal, stop: Decimal, count: int) -> list[Decimal]:
    """The same with equal ratios instead of equal differences, of positive numbers."""
    with localcontext(Context(prec=_PRECISION)):
        low, high = start.ln(), stop.ln()
        inner = [(low + (high - low) * k / (count - 1)).exp() for k in range(1, count - 1)]
    return _with_ends(start, inner, stop, count)


def between(start: Decimal, stop: Decimal, share: Decimal, *, logarithmic: bool) -> Decimal:
    """The number at a share in [0, 1] of the way, in differences or in ratios."""
    with localcontext(Context(prec=_PRECISION)):
        if logarithmic:
            return _rounded((start.ln() + (stop.ln() - start.ln()) * share).exp())
        return _rounded(start + (stop - start) * share)


def halfway(low: Decimal, high: Decimal, *, whole_number: bool) -> Decimal:
    """The middle of two numbers."""
    middle = between(low, high, Decimal("0.5"), logarithmic=False)
    return whole(middle) if whole_number else middle


def whole(number: Decimal) -> Decimal:
    """The nearest whole number."""
    return number.to_integral_value(ROUND_HALF_EVEN)


def _with_ends(start: Decimal, inner: list[Decimal], stop: Decimal, count: int) -> list[Decimal]:
    return [start, *map(_rounded, inner), stop][:count]


def _rounded(number: Decimal) -> Decimal:
    return Context(prec=DIGITS, rounding=ROUND_HALF_EVEN).plus(number)
