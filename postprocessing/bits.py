"""Bit strings: arrays of 0 and 1, their packing into machine words, and their products as polynomials over GF(2).

Bit i of a string is the coefficient of z^i, and bit i mod 64 of word i // 64.
"""

from __future__ import annotations

import numpy as np
from flint import fmpz
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import InputError

Bits = NDArray[np.uint8]
Words = NDArray[np.uint64]


def bit_string(name: str, value: ArrayLike, length: int | None = None) -> Bits:
    """Return `value` as a one-dimensional array of 0 and 1.

    Raises
    ------
    InputError
        Another shape, another symbol, or another length than `length`; the message names the first that is wrong.
    """
    array = np.asarray(value)
    if array.ndim != 1:
        raise InputError(name, "a one-dimensional array of 0 and 1", f"shape {array.shape}")
    if array.dtype.kind not in "biu":
        raise InputError(name, "integers or booleans, 0 and 1", f"{array.dtype} entries")
    wrong = np.flatnonzero((array != 0) & (array != 1))
    if len(wrong):
        raise InputError(name, "bits, 0 and 1", f"{array[wrong[0]]} at position {wrong[0]}")
    if length is not None and len(array) != length:
        raise InputError(name, f"{length} bits", f"{len(array)}")
    return array.astype(np.uint8, copy=False)


def to_words(bits: Bits, words: int | None = None) -> Words:
    """Return the bits as little-endian words of 64, padded with zeros to `words` of them."""
    packed = np.packbits(bits, bitorder="little")
    size = 8 * (-(-len(bits) // 64) if words is None else words)
    return np.pad(packed, (0, size - len(packed))).view("<u8").astype(np.uint64, copy=False)


def product(left: Bits, right: Bits) -> Bits:
    """Return the coefficients of (Σ a_i z^i)(Σ b_j z^j) over GF(2), one fewer than both have together.

    The integers at z = 256^w are multiplied, w bytes being enough for every coefficient of the product over the
    integers, of which the parity is left.
    """
    if not len(left) or not len(right):
        return np.zeros(0, dtype=np.uint8)
    width = -(-min(len(left), len(right)).bit_length() // 8)
    count = len(left) + len(right) - 1
    whole = int(_spread(left, width) * _spread(right, width))
    slots = np.frombuffer(whole.to_bytes(count * width, "little"), dtype=np.uint8)
    return slots[::width] & np.uint8(1)


def to_integer(bits: Bits) -> int:
    """Return Σ b_i 2^i."""
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


def from_integer(number: int, length: int) -> Bits:
    """Return the lowest `length` bits of a natural number."""
    packed = np.frombuffer((number & ((1 << length) - 1)).to_bytes(-(-length // 8), "little"), dtype=np.uint8)
    return np.unpackbits(packed, count=length, bitorder="little")


def _spread(bits: Bits, width: int) -> fmpz:
    slots = np.zeros((len(bits), width), dtype=np.uint8)
    slots[:, 0] = bits
    return fmpz(int.from_bytes(slots.tobytes(), "little"))
