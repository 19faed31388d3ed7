"""Trevisan's extractor with a block weak design and polynomial hashing, as in nadlinger2022.

Output bit i is a one-bit extractor's, seeded with the t = 2l bits of the i-th set of the weak design: the input is cut
into elements c_0, c_1, .. of GF(2^l), the first l seed bits are a point α, the others a mask β, and the bit is the
parity of the bits of Σ_k c_k α^k at the places of β (a Reed-Solomon code concatenated with a Hadamard code). At error
ε/ℓ a bit, l = ⌈log n + 2 log(2ℓ/ε)⌉ (mauerer2012); what it costs is in `keybounds.bounds.run.extractors`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
from flint import fmpz

from keybounds.postprocessing.bits import Bits, Words, bit_string
from keybounds.postprocessing.extraction.binary_field import WORDS, evaluations
from keybounds.postprocessing.extraction.weak_design import BlockDesign, block_design

_PIECE = 256


def trevisan_design(inputs: int, length: int, error: Fraction) -> BlockDesign:
    """Return the weak design for n input bits, ℓ output bits and error ε: sets of t = 2l numbers over the next prime.

    Examples
    --------
    >>> design = trevisan_design(1_500_000, 95_884, Fraction(1, 10**13))
    >>> design.size, design.field, len(design.blocks), design.seed
    (284, 293, 14, 1201886)
    """
    least = inputs * (2 * length / error) ** 2
    degree = (-(-least.numerator // least.denominator) - 1).bit_length()
    field = 2 * degree
    while not fmpz(field).is_prime():
        field += 1
    return block_design(length, 2 * degree, field)


def trevisan(raw: Bits, seed: Bits, design: BlockDesign, progress: Callable[[int], None] | None = None) -> Bits:
    """Return one bit for each set of `design`.

    Parameters
    ----------
    raw
        The input, n bits.
    seed
        At least `design.seed` bits; those behind are not used.
    design
        Sets of 2l numbers; see `keybounds.postprocessing.extraction.weak_design`.
    progress
        Called with the number of bits that a piece of work has added.

    Raises
    ------
    InputError
        A seed that is too short, or no bits.
    """
    seed = bit_string("seed", seed)[: design.seed]
    seed = bit_string("seed", seed, design.seed)
    degree = design.size // 2
    polynomial = _elements(np.pad(raw, (0, -len(raw) % degree)).reshape(-1, degree))

    def piece(start: int) -> Bits:
        chosen = seed[design.indices(start, min(start + _PIECE, design.sets))]
        values = evaluations(polynomial, _elements(chosen[:, :degree]), degree)
        masked = np.bitwise_xor.reduce(values & _elements(chosen[:, degree:]), axis=1)
        if progress is not None:
            progress(len(chosen))
        parity: Bits = np.bitwise_count(masked) & np.uint8(1)
        return parity

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the evaluations hold no lock
        return np.concatenate(list(pool.map(piece, range(0, design.sets, _PIECE))))


def _elements(rows: Bits) -> Words:
    """Rows of bits as rows of machine words."""
    packed = np.packbits(rows, axis=1, bitorder="little")
    padded = np.pad(packed, ((0, 0), (0, 8 * WORDS - packed.shape[1])))
    return np.ascontiguousarray(padded).view("<u8").astype(np.uint64, copy=False)
