"""VHASH, the universal hash of nadlinger2022: 64 bits of a message under 1280 bits of seed (krovetz2007).

A message is read in blocks of 128 bytes, the last padded with zeros to a multiple of 16. Each block's 64-bit words
m_i are hashed to NH = Σ_i (m_2i + k_2i mod 2^64)(m_2i+1 + k_2i+1 mod 2^64) mod 2^126 under sixteen words of seed;
these values a_1, a_2, .. are the coefficients of a polynomial, evaluated as k^N + a_1 k^(N-1) + .. + a_N modulo 2^127
- 1 at a point k of which 2^116 are possible; and with the length of a last, partial block in bits times 2^64 added,
quotient and remainder u, v of that by 2^64 - 2^32 give (u + l_1)(v + l_2) modulo 2^64 - 257.

The empty message counts as one block with NH = 0. For two different messages of at most 2^62 bits and any d, the
chance over the seed that the hashes differ by d modulo 2^64 is at most 2^-61 (nadlinger2022, S9.A; dai2007): the hash
validates equality, and with a one-time pad it authenticates.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from keybounds.errors import InputError
from keybounds.postprocessing.bits import Bits, bit_string

SEED_BITS = 1280
"""Bits of seed, reusable while what the hash of each message is sent under is not."""

HASH_BITS = 64
"""Bits of a hash."""

_BLOCK = 128
_WORD = (1 << 64) - 1
_POINT = 0x1FFFFFFF1FFFFFFF1FFFFFFF1FFFFFFF
_P127 = (1 << 127) - 1
_SPLIT = (1 << 64) - (1 << 32)
_P64 = (1 << 64) - 257


@dataclass(frozen=True, slots=True)
class HashSeed:
    """What a seed of 1280 bits means.

    Attributes
    ----------
    words
        k_0, .., k_15, 64 bits each.
    point
        k, where the polynomial is evaluated: 128 bits, of which twelve are not used.
    factors
        l_1 and l_2, below 2^64 - 257.
    """

    words: tuple[int, ...] = field(repr=False)
    point: int = field(repr=False)
    factors: tuple[int, int] = field(repr=False)

    @classmethod
    def of_bits(cls, seed: Bits) -> HashSeed:
        """Read a seed.

        Raises
        ------
        InputError
            Not 1280 bits, or one of the 2^-55 of all seeds that have a last word of 2^64 - 257 or more: take another.
        """
        octets = np.packbits(bit_string("seed", seed, SEED_BITS)).tobytes()
        numbers = [int.from_bytes(octets[i : i + 8], "big") for i in range(0, len(octets), 8)]
        if max(numbers[18:]) >= _P64:  # to reduce it would make some factors likelier than the hash's error allows
            raise InputError("seed", "words 18 and 19 below 2^64 - 257: draw another seed", "a word beyond")
        return cls(tuple(numbers[:16]), (numbers[16] << 64 | numbers[17]) & _POINT, (numbers[18], numbers[19]))


def vhash(message: bytes, seed: HashSeed) -> int:
    """Return the hash, below 2^64.

    Raises
    ------
    InputError
        A message beyond 2^62 bits.
    """
    if len(message) > 1 << 59:
        raise InputError("message", "at most 2^62 bits", f"{8 * len(message)}")
    value = seed.point
    if message:
        value = 1
        for start in range(0, len(message), _BLOCK):
            value = (value * seed.point + _nh(message[start : start + _BLOCK], seed.words)) % _P127
    rest = 8 * (len(message) % _BLOCK)
    upper, lower = divmod((value + (rest << 64)) % _P127, _SPLIT)
    return (upper + seed.factors[0]) * (lower + seed.factors[1]) % _P64


def _nh(block: bytes, words: tuple[int, ...]) -> int:
    padded = np.frombuffer(block + b"\0" * (-len(block) % 16), dtype="<u8").tolist()
    total = 0
    for i in range(0, len(padded), 2):
        total += ((padded[i] + words[i]) & _WORD) * ((padded[i + 1] + words[i + 1]) & _WORD)
    return total & ((1 << 126) - 1)
