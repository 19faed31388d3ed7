"""Reading a certificate: strict JSON, exact numbers, and limits that bound time and memory.

A certificate holds objects, lists, strings, integers and null; no floats and no booleans. An exact number is an
integer "n", a fraction "n/d", or a dyadic "mpe" for m 2^e. Every object names exactly the fields its schema has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

MOST_CHARACTERS = 8_000_000  # of a document; certificates of the package stay below five million
MOST_VALUES = 2_000_000  # numbers, strings, lists and objects of a document
MOST_DIGITS = 4_000  # of an integer
MOST_BITS = 14_000  # of an integer, written in whatever way; below the 4300 digits that Python prints
MOST_DEPTH = 24
MOST_TEXT = 2_000  # characters of a name
MOST_EXPONENT = 4_096  # of a dyadic, either way

_FRACTION = re.compile(r"(-?[0-9]+)(?:/([0-9]+))?", re.ASCII)
_DYADIC = re.compile(r"(-?[0-9]+)p(-?[0-9]{1,4})", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")


class RejectedError(Exception):
    """The certificate does not prove its statement; the message says where it fails."""


def require(condition: bool, reason: str) -> None:
    """Reject with `reason` unless `condition` holds."""
    if not condition:
        raise RejectedError(reason)


def parse(text: str) -> Any:
    """JSON without floats, booleans, duplicate keys or excess of any kind."""
    require(type(text) is str, "not a text")
    require(len(text) <= MOST_CHARACTERS, f"more than {MOST_CHARACTERS} characters")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        require(len(found) == len(items), "an object with the same key twice")
        return found

    def whole(digits: str) -> int:
        require(len(digits) <= MOST_DIGITS, f"an integer of more than {MOST_DIGITS} digits")
        return int(digits)

    def unwanted(token: str) -> Any:
        raise RejectedError(f"{token[:40]}: numbers are integers, or exact ones in strings")

    try:
        document = json.loads(
            text, object_pairs_hook=pairs, parse_int=whole, parse_float=unwanted, parse_constant=unwanted
        )
    except RecursionError:
        raise RejectedError(f"nested deeper than {MOST_DEPTH}") from None
    except ValueError as error:  # the process may allow integers of fewer digits
        raise RejectedError(f"not JSON: {error}") from None
    check_plain(document)
    return document


def check_plain(document: Any) -> None:
    """Reject what `parse` would not return: for documents that come as Python objects."""
    level: list[Any] = [document]
    values = characters = 0
    for _ in range(MOST_DEPTH):
        below: list[Any] = []
        for value in level:
            values += 1
            if isinstance(value, dict):
                require(all(type(key) is str for key in value), "an object with a key that is not a string")
                require(not any(map(_SURROGATE.search, value)), "a text with half of a surrogate pair")
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif type(value) is int:
                require(value.bit_length() <= MOST_BITS, f"an integer of more than {MOST_DIGITS} digits")
            elif type(value) is str:
                characters += len(value)
                require(_SURROGATE.search(value) is None, "a text with half of a surrogate pair")
            else:
                require(value is None, f"a {type(value).__name__}: numbers are integers, or exact ones in strings")
        require(values + len(below) <= MOST_VALUES, f"more than {MOST_VALUES} values")
        require(characters <= MOST_CHARACTERS, f"more than {MOST_CHARACTERS} characters")
        if not below:
            return
        level = below
    raise RejectedError(f"nested deeper than {MOST_DEPTH}")


def fields(value: Any, what: str, names: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
    """An object with the fields `names`, and at most the `optional` ones beside them."""
    require(isinstance(value, dict), f"{what} is not an object")
    needed, allowed = set(names), {*names, *optional}
    require(needed <= value.keys(), f"{what} lacks {', '.join(sorted(needed - value.keys()))}")
    unknown = ", ".join(repr(name) for name in sorted(value.keys() - allowed))
    require(not unknown, f"{what} has unknown fields: {unknown[:80]}")
    return dict(value)


def sequence(value: Any, what: str, *, least: int = 0, most: int = 10_000) -> list[Any]:
    """A list of `least` to `most` entries."""
    require(isinstance(value, list), f"{what} is not a list")
    require(least <= len(value) <= most, f"{what} has {len(value)} entries, not {least} to {most}")
    return list(value)


def integer(value: Any, what: str, low: int, high: int) -> int:
    """An integer from `low` to `high`."""
    require(type(value) is int, f"{what} is not an integer")
    require(low <= value <= high, f"{what} is not from {low} to {high}")
    return int(value)


def text(value: Any, what: str) -> str:
    """A string of bounded length."""
    require(type(value) is str, f"{what} is not a string")
    require(len(value) <= MOST_TEXT, f"{what} is longer than {MOST_TEXT} characters")
    return str(value)


def one_of(value: Any, what: str, names: Iterable[str]) -> str:
    """One of `names`."""
    found = text(value, what)
    require(found in names, f"{what} is {found[:60]!r}, which is none of: {', '.join(names)}")
    return found


def number(value: Any, what: str, low: Fraction | int | None = None, high: Fraction | int | None = None) -> Fraction:
    """An exact number, in [low, high] where these are given."""
    found = _exact(value, what)
    require(low is None or found >= low, f"{what} is below {low}")
    require(high is None or found <= high, f"{what} is above {high}")
    return found


def _exact(value: Any, what: str) -> Fraction:
    if type(value) is int:
        return Fraction(value)
    require(type(value) is str, f"{what} is not an exact number")
    require(len(value) <= 2 * MOST_DIGITS, f"{what} has more than {MOST_DIGITS} digits")
    if match := _FRACTION.fullmatch(value):
        top, bottom = _digits(match[1], what), _digits(match[2] or "1", what)
        require(bottom > 0, f"{what} has the denominator 0")
        return Fraction(top, bottom)
    if match := _DYADIC.fullmatch(value):
        mantissa, exponent = _digits(match[1], what), int(match[2])
        require(abs(exponent) <= MOST_EXPONENT, f"{what} has an exponent beyond {MOST_EXPONENT}")
        require(mantissa.bit_length() + max(exponent, 0) <= MOST_BITS, f"{what} has more than {MOST_DIGITS} digits")
        return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)
    raise RejectedError(f"{what} is {value[:40]!r}, not an exact number: n, n/d, or mpe for m 2^e")


def _digits(digits: str, what: str) -> int:
    require(len(digits) <= MOST_DIGITS, f"{what} has more than {MOST_DIGITS} digits")
    return int(digits)


def denominator_of(value: str) -> str | int | None:
    """What an exact number is divided by: the digits of n/d, or e for m 2^-e; None where that is 1, 0 or no number."""
    if len(value) > 2 * MOST_DIGITS:
        return None
    if match := _FRACTION.fullmatch(value):
        return match[2] if match[2] and match[2].strip("0") and len(match[2]) <= MOST_DIGITS else None
    match = _DYADIC.fullmatch(value)
    return max(-int(match[2]), 0) or None if match else None


def ball(x: Fraction | int) -> arb:
    """An exact number as a ball at the working precision."""
    x = Fraction(x)
    return arb(fmpq(x.numerator, x.denominator))


def printable(text: str) -> str:
    """One line of printable characters: whatever a document says, it does not write over the verdict."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def canonical(value: Any) -> Any:
    """The same part of a certificate with every exact number written in one way, n or n/d."""
    if isinstance(value, dict):
        return {name: canonical(part) for name, part in value.items()}
    if isinstance(value, list):
        return [canonical(part) for part in value]
    if type(value) is str and (_FRACTION.fullmatch(value) or _DYADIC.fullmatch(value)):
        return str(_exact(value, "a number"))
    return str(value) if type(value) is int else value
