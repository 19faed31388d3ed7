"""Spatially coupled low-density parity-check codes, of any length and with any number of checks.

A chain of L positions holds the n bits in equal shares, and L + d - 1 positions the m checks; each bit of position p
is in one check of each of the positions p, .., p + d - 1, so that the checks at the ends of the chain have fewer
bits. From there decoding runs inward like a wave, and comes near what the best decoder of the regular code could do
(kudekar2011).

The graph is random and follows from (n, m, d, L, seed) alone, by raw words of PCG64 and a stable sort: two parties
with different releases of the libraries make the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError
from keybounds.postprocessing.bits import Bits, bit_string


@dataclass(frozen=True, slots=True, eq=False)
class CoupledCode:
    """A code: which bits each check adds.

    Attributes
    ----------
    length
        n, the bits.
    checks
        m, the bits of a syndrome.
    degree
        d, the checks that a bit is in.
    positions
        L, of bits.
    seed
        Of the graph; public.

    Raises
    ------
    InputError
        No bits in some position or no checks, or more checks than bits.

    Examples
    --------
    >>> code = CoupledCode(1200, 400, degree=3, positions=20)
    >>> len(code.syndrome(np.ones(1200, dtype=np.uint8)))
    400
    """

    length: int
    checks: int
    degree: int = 5
    positions: int = 120
    seed: int = 0
    starts: NDArray[np.int64] = field(init=False, repr=False)
    bits: NDArray[np.int32] = field(init=False, repr=False)
    ends: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.degree < 2:
            raise InputError("degree", "at least 2 checks for each bit", str(self.degree))
        if not 2 * self.degree <= self.positions <= self.length:
            raise InputError("positions", f"from 2d = {2 * self.degree} to the number of bits", str(self.positions))
        if not self.positions + self.degree - 1 <= self.checks <= self.length:
            raise InputError(
                "checks",
                f"from {self.positions + self.degree - 1}, one a position, to {self.length}, the bits",
                str(self.checks),
            )
        if self.length >= 2**31:
            raise InputError("length", "fewer than 2^31 bits", str(self.length))
        self._connect()

    @property
    def widest(self) -> int:
        """The most bits that a check has."""
        return int(np.diff(self.starts).max())

    @property
    def steps(self) -> int:
        """Positions of checks: decoding is done with one after the other."""
        return self.positions + self.degree - 1

    def syndrome(self, string: Bits) -> Bits:
        """The sums modulo 2 of the bits in each check.

        Raises
        ------
        InputError
            Not `length` bits.
        """
        string = bit_string("string", string, self.length)
        return np.bitwise_xor.reduceat(string[self.bits], self.starts[:-1])

    def _connect(self) -> None:
        """Deal, for each position and each of its d neighbours, the bits in random order to the checks in turn."""
        generator = np.random.PCG64(self.seed)
        share = _shares(self.length, self.positions)
        ends = _shares(self.checks, self.positions + self.degree - 1)
        check, bit = [], []
        dealt = np.zeros(self.positions + self.degree - 1, dtype=np.int64)  # the next check to have one more bit
        for position in range(self.positions):
            here = np.arange(share[position], share[position + 1])
            for neighbour in range(position, position + self.degree):
                order = np.argsort(generator.random_raw(len(here)), kind="stable")
                first, count = ends[neighbour], ends[neighbour + 1] - ends[neighbour]
                check.append(first + (dealt[neighbour] + np.arange(len(here))) % count)
                bit.append(here[order])
                dealt[neighbour] += len(here)
        checks = np.concatenate(check)
        order = np.argsort(checks, kind="stable")
        starts = np.searchsorted(checks[order], np.arange(self.checks + 1))
        for name, value in (
            ("starts", starts.astype(np.int64)),
            ("bits", np.concatenate(bit)[order].astype(np.int32)),
            ("ends", ends),
        ):
            value.setflags(write=False)
            object.__setattr__(self, name, value)


def _shares(whole: int, parts: int) -> NDArray[np.int64]:
    """Where each of `parts` nearly equal parts of `whole` begins, and the last ends."""
    return np.arange(parts + 1, dtype=np.int64) * whole // parts
