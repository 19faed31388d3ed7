"""Weak designs: which seed bits make which output bit, so that few seed bits are shared.

`block_design` makes m sets of t of the numbers below d with Σ_{j<i} 2^|S_i ∩ S_j| <= m for every i (overlap 1:
ma2011, mauerer2012). Blocks use disjoint parts of the seed. The q² seed bits of a block are the points (u, v) of the
plane over GF(q), q prime, and its i-th set, from 0, is the graph of the polynomial whose coefficients are the digits
of i in base q (hartman2003). Why that is enough:

- *Within a block*, the sets before the i-th are, for every digit p of i, the polynomials that have the digits of i
  above p, a lesser one at p, and any below: q^p for each lesser digit. Their differences from the i-th have degree p
  and any coefficients below, so their values at any k <= p points are independent and uniform, and at more than p
  points they cannot vanish. So 2^|S_i ∩ S_j| = Σ_k binom(|S_i ∩ S_j|, k) is Σ_{k<=p} binom(t, k) q^-k < e on average,
  and the sum over the block is below e i.
- *Of the blocks before*, each set counts 1. A block that has at most 1/e of the sets that these leave keeps the whole
  sum below m. Once at most q are left the last block holds them all: its sets are graphs of constants and disjoint.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError


@dataclass(frozen=True, slots=True)
class BlockDesign:
    """The sets of one output each.

    Attributes
    ----------
    field
        q, the prime number of elements of the field.
    size
        t <= q, how many seed bits a set has.
    blocks
        How many sets each block holds.
    """

    field: int
    size: int
    blocks: tuple[int, ...]

    @property
    def seed(self) -> int:
        """d, the length of the seed."""
        return len(self.blocks) * self.field**2

    @property
    def sets(self) -> int:
        """m, the number of sets."""
        return sum(self.blocks)

    def indices(self, start: int, stop: int) -> NDArray[np.int64]:
        """The sets of the outputs from `start` to `stop`, as rows; shape (stop - start, t)."""
        ends = np.cumsum(self.blocks)
        outputs = np.arange(start, stop)
        block = np.searchsorted(ends, outputs, side="right")
        rank = outputs - (ends - self.blocks)[block]
        points = np.arange(self.size)
        values = np.zeros((len(outputs), self.size), dtype=np.int64)
        digits = []
        while rank.any():
            rank, digit = np.divmod(rank, self.field)
            digits.append(digit)
        for digit in reversed(digits):
            values = (values * points + digit[:, None]) % self.field
        return block[:, None] * self.field**2 + points * self.field + values


def block_design(sets: int, size: int, field: int) -> BlockDesign:
    """Return a design of `sets` sets of `size` numbers, from blocks over the field of `field` elements.

    Raises
    ------
    InputError
        No set, or a size above the field's.

    Examples
    --------
    >>> design = block_design(95_884, 284, 293)  # nadlinger2022
    >>> len(design.blocks), design.seed
    (14, 1201886)
    """
    if sets < 1:
        raise InputError("sets", "at least one output bit", str(sets))
    if not 1 <= size <= field:
        raise InputError("size", f"from 1 to {field}, the field's elements", str(size))
    blocks: list[int] = []
    while sets - sum(blocks) > field:
        blocks.append(max(1, math.floor((sets - sum(blocks)) / math.e)))
    return BlockDesign(field, size, (*blocks, sets - sum(blocks)))
