"""What checking a certificate may cost: estimated before anything is computed, and refused above a limit.

The costs are estimates in microseconds of one core, right within a small factor. What they are for is work that grows
faster than the document: adding fractions takes a time that grows with their common denominator. What is above
`MOST_MICROSECONDS` is not checked, which is no verdict on it. Sizes that are limited as such stand with their readers:
of texts (`reading`), matrices (`spectra.LARGEST`), words and nodes, answers, boxes; at worst they cost some minutes.

The command line also checks each document in a process of its own, which may take `SECONDS` of computing time and
`MEGABYTES` of memory (`guard`): no estimate is needed to hold these.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flint import fmpz

from .reading import MOST_EXPONENT, denominator_of

MOST_MICROSECONDS = 300_000_000
MOST_DENOMINATOR = 65_536  # bits of the common denominator of all numbers of a document
SECONDS, MEGABYTES = 600, 4_096


class NotCheckedError(Exception):
    """The certificate asks for more than this verifier takes; the message says of what."""


def afford(possible: bool, reason: str) -> None:
    """Leave a certificate unchecked with `reason` unless it is `possible`."""
    if not possible:
        raise NotCheckedError(reason)


def afford_time(microseconds: float, what: str) -> None:
    """Leave a certificate unchecked if `what` is likely to take longer than allowed."""
    afford(
        microseconds <= MOST_MICROSECONDS,
        f"{what} would take more than the {MOST_MICROSECONDS // 1_000_000} seconds allowed",
    )


def sum_cost(count: int, denominator: int, part: int) -> float:
    """Adding `count` fractions of at most `part` bits to one whose denominator has at most so many."""
    return count * (10 + denominator * part / 150_000)


def common_denominator(denominators: Iterable[fmpz], most: int) -> int:
    """Bits of the least common multiple, or of a factor of it that has more than `most`."""
    level = list(denominators) or [fmpz(1)]
    while len(level) > 1:  # in pairs, so that no number is multiplied often
        level = [level[k].lcm(level[k + 1]) if k + 1 < len(level) else level[k] for k in range(0, len(level), 2)]
        largest = max(int(found.bit_length()) for found in level)
        if largest > most:
            return largest
    return int(level[0].bit_length())


def afford_numbers(data: Any) -> None:
    """Leave a certificate unchecked whose exact numbers are too long to be added up."""
    fractions, denominators, longest, twos = 0, set(), 0, 0
    level = [data]
    while level:
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and (found := denominator_of(value)) is not None:
                fractions += 1
                longest = max(longest, len(value))
                if isinstance(found, str):
                    denominators.add(found)
                else:
                    twos = max(twos, found)
        level = below
    bits = common_denominator((fmpz(digits) for digits in denominators), MOST_DENOMINATOR)
    afford(bits <= MOST_DENOMINATOR, f"the numbers have no common denominator of {MOST_DENOMINATOR} bits or less")
    whole, part = bits + min(twos, MOST_EXPONENT), 4 * longest + min(twos, MOST_EXPONENT)
    afford_time(sum_cost(fractions, whole, part), f"adding {fractions} numbers over a denominator of {whole} bits")
