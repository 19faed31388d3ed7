"""The field GF(2^l), l <= 256: its modulus, and many evaluations of one polynomial over it.

An element is l bits, bit j the coefficient of z^j. The modulus is the irreducible trinomial z^l + z^k + 1 with the
least k or, where there is none, the pentanomial whose exponents are least in the order of the greatest.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TypeAlias

import numba
import numpy as np
from flint import fmpz, nmod_poly

from keybounds.compiled import njit
from keybounds.errors import UnsupportedError
from keybounds.postprocessing.bits import Words

_SMALL = 12

WORDS = 4
"""Machine words of an element."""

_Element: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64]
_Tables: TypeAlias = tuple[Words, Words, Words, Words]


@cache
def modulus(degree: int) -> tuple[int, ...]:
    """Return the exponents of the modulus of GF(2^degree) besides the degree, ascending, 0 first.

    Raises
    ------
    UnsupportedError
        A degree beyond 256.

    Examples
    --------
    >>> modulus(142)
    (0, 21)
    """
    if not 2 <= degree <= 64 * WORDS:
        raise UnsupportedError("degree", f"a field of 2^l elements, l from 2 to {64 * WORDS}", str(degree))
    if degree == 2:
        return (0, 1)
    for inner in (1, 3):
        for exponents in sorted(combinations(range(1, degree), inner), key=lambda one: one[::-1]):
            if _irreducible((0, *exponents, degree)):
                return (0, *exponents)
    raise AssertionError(degree)  # pentanomials exist for every degree up to 10000


def _irreducible(exponents: tuple[int, ...]) -> bool:
    """Rabin's test: z^(2^l) = z, and z^(2^(l/p)) - z is prime to the polynomial for each prime p of l."""
    degree = exponents[-1]
    dense = [0] * (degree + 1)
    for exponent in exponents:
        dense[exponent] = 1
    polynomial, z = nmod_poly(dense, 2), nmod_poly([0, 1], 2)
    within = {degree // int(prime) for prime, _ in fmpz(degree).factor()}
    within |= set(range(1, min(degree, _SMALL)))  # most polynomials have a small factor
    power = z
    for step in range(1, degree + 1):
        power = power * power % polynomial
        if step in within and polynomial.gcd(power - z).degree():
            return False
    return bool(power == z)


def evaluations(polynomial: Words, points: Words, degree: int) -> Words:
    """Return Σ_i c_i α^i in GF(2^degree) for every point α.

    Parameters
    ----------
    polynomial, points
        Elements as rows of `WORDS` words: coefficients c_0, c_1, .., and points.
    degree
        l of the field.

    Returns
    -------
    Words
        Shape of `points`.
    """
    low = np.zeros(WORDS, dtype=np.uint64)
    for exponent in modulus(degree):
        low[exponent // 64] |= np.uint64(1) << np.uint64(exponent % 64)
    values = np.zeros_like(points)
    _evaluate(np.ascontiguousarray(polynomial), np.ascontiguousarray(points), degree, low, values)
    return values


@numba.njit(inline="always")
def _times(sums: _Element, word: np.uint64, start: int, windows: int, tables: _Tables) -> _Element:
    """Add to `sums` what the first `windows` groups of four bits of a word become; inlined, so that 16 is unrolled."""
    b0, b1, b2, b3 = sums
    for window in range(windows):
        entry = np.uint64(start + 16 * window) + ((word >> np.uint64(4 * window)) & np.uint64(15))
        b0 ^= tables[0][entry]
        b1 ^= tables[1][entry]
        b2 ^= tables[2][entry]
        b3 ^= tables[3][entry]
    return b0, b1, b2, b3


@njit()
def _evaluate(polynomial: Words, points: Words, degree: int, low: Words, values: Words) -> None:
    """Horner's rule: multiplication by one α is linear, and done by tables of what four bits at a time become."""
    windows = (degree + 3) // 4
    table = np.zeros((4, 16 * windows), dtype=np.uint64)
    tables = (table[0], table[1], table[2], table[3])
    for point in range(len(points)):
        _tables(points[point], degree, low, tables)
        a0 = a1 = a2 = a3 = np.uint64(0)
        for i in range(len(polynomial) - 1, -1, -1):
            sums = (polynomial[i, 0], polynomial[i, 1], polynomial[i, 2], polynomial[i, 3])
            if windows <= 16:
                sums = _times(sums, a0, 0, windows, tables)
            else:
                sums = _times(sums, a0, 0, 16, tables)
                if windows <= 32:
                    sums = _times(sums, a1, 256, windows - 16, tables)
                else:
                    sums = _times(sums, a1, 256, 16, tables)
                    if windows <= 48:
                        sums = _times(sums, a2, 512, windows - 32, tables)
                    else:
                        sums = _times(sums, a2, 512, 16, tables)
                        sums = _times(sums, a3, 768, windows - 48, tables)
            a0, a1, a2, a3 = sums
        values[point, 0], values[point, 1], values[point, 2], values[point, 3] = a0, a1, a2, a3


@njit()
def _tables(point: Words, degree: int, low: Words, tables: _Tables) -> None:
    """Fill in the products of a point with every polynomial of four neighbouring powers of z."""
    table0, table1, table2, table3 = tables
    power = point.copy()
    top, above = (degree - 1) // 64, np.uint64((degree - 1) % 64)
    rest = np.uint64((1 << (degree % 64)) - 1) if degree % 64 else ~np.uint64(0)
    one, last = np.uint64(1), np.uint64(63)
    for start in range(0, len(table0), 16):
        for bit in range(4):
            size = 1 << bit
            for entry in range(start, start + size):
                table0[size + entry] = table0[entry] ^ power[0]
                table1[size + entry] = table1[entry] ^ power[1]
                table2[size + entry] = table2[entry] ^ power[2]
                table3[size + entry] = table3[entry] ^ power[3]
            carry = (power[top] >> above) & one
            for word in range(3, 0, -1):
                power[word] = (power[word] << one) | (power[word - 1] >> last)
            power[0] <<= one
            power[top] &= rest
            if carry:
                for word in range(4):
                    power[word] ^= low[word]
