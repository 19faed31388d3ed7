"""Polar codes for short blocks: a syndrome of those of Alice's transformed bits that Bob would find hardest.

With N = 2^k, the string x, filled up with zeros that both know, is transformed to u = x G, G = [[1, 0], [1, 1]] to the
k-th Kronecker power. Whoever learns u_1, u_2, .. in turn is nearly sure of most bits before he is told, and knows next
to nothing of the others (arikan2009). The syndrome is the bits of u of the second sort, and a short check sum of x by
which Bob tells the right string in his list (tal2015).

Which bits are hard to find is computed for the channel (`polar_design`), by exponentials and logarithms whose last
digit could come out differently elsewhere and exchange two bits of about the same worth: parties compare `digest`.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError
from keybounds.postprocessing.bits import Bits, bit_string
from keybounds.postprocessing.reconciliation.polar_design import transformed_means

_LONGEST = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class PolarCode:
    """A code: which transformed bits the syndrome tells.

    Attributes
    ----------
    length
        n, the bits.
    checks
        m, the bits of a syndrome, with the check sum.
    kinds
        Share and error rate, in (0, 1/2), of each kind of rounds for which the code is made.
    check_sum
        Bits of the check sum, from 0 to 32: the lowest of CRC-32.

    Raises
    ------
    InputError
        A number outside its range.

    Examples
    --------
    >>> code = PolarCode(1000, 300, ((1.0, 0.02),))
    >>> len(code.syndrome(np.ones(1000, dtype=np.uint8)))
    300
    """

    length: int
    checks: int
    kinds: tuple[tuple[float, float], ...]
    check_sum: int = 16
    frozen: NDArray[np.int64] = field(init=False, repr=False)
    places: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 2 <= self.length <= _LONGEST:
            raise InputError("length", f"from 2 to {_LONGEST} bits", str(self.length))
        if not math.isclose(sum(share for share, _ in self.kinds), 1.0, rel_tol=1e-9):
            raise InputError("kinds", "shares that sum to 1", repr(self.kinds))
        if any(share <= 0 or not 0 < rate < 0.5 for share, rate in self.kinds):
            raise InputError("kinds", "shares above 0 and error rates in (0, 1/2)", repr(self.kinds))
        if not 0 <= self.check_sum <= 32:
            raise InputError("check_sum", "from 0 to 32 bits", str(self.check_sum))
        if not self.check_sum <= self.checks <= self.length:
            expected = f"from {self.check_sum}, the check sum's, to {self.length}, the bits"
            raise InputError("checks", expected, str(self.checks))
        order = _reversed(self.size)
        # zeros fill the last places of this order, and u is 0 in the same ones: their supersets, as binary digits, too
        order, zeros = order[: self.length], order[self.length :]
        worth = transformed_means(self.size, order, self.kinds)
        worth[zeros] = np.inf
        frozen = np.sort(np.argsort(worth, kind="stable")[: self.checks - self.check_sum])
        places = np.sort(order)
        for name, value in (("places", places), ("frozen", frozen)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @property
    def size(self) -> int:
        """N, the least power of 2 that holds the bits."""
        return 1 << (self.length - 1).bit_length()

    @property
    def steps(self) -> int:
        """Decoding tells of no step before its end."""
        return 1

    @property
    def digest(self) -> str:
        """SHA-256 of which bits the syndrome tells."""
        numbers = np.array([self.length, self.checks, self.check_sum], dtype="<i8")
        return hashlib.sha256(numbers.tobytes() + self.frozen.astype("<i8").tobytes()).hexdigest()

    def syndrome(self, string: Bits) -> Bits:
        """The frozen bits of u, then the check sum.

        Raises
        ------
        InputError
            Not `length` bits.
        """
        string = bit_string("string", string, self.length)
        filled = np.zeros(self.size, dtype=np.uint8)
        filled[self.places] = string
        return np.concatenate((transformed(filled)[self.frozen], self.sum_of(string)))

    def sum_of(self, string: Bits) -> Bits:
        """The check sum of a string."""
        number = zlib.crc32(np.packbits(string).tobytes())
        return np.array([number >> k & 1 for k in range(self.check_sum)], dtype=np.uint8)


def transformed(string: Bits) -> Bits:
    """Return x G, which is its own inverse; the length is a power of 2."""
    out = string.copy()
    half = len(out) // 2
    while half:
        pairs = out.reshape(-1, 2, half)
        pairs[:, 0] ^= pairs[:, 1]
        half //= 2
    return out


def _reversed(size: int) -> NDArray[np.int64]:
    """Numbers below a power of 2, with their binary digits in reverse."""
    order = np.zeros(1, dtype=np.int64)
    while len(order) < size:
        order = np.concatenate((2 * order, 2 * order + 1))
    return order
