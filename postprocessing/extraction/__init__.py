"""Privacy amplification: from a raw string and a seed to a key.

What each extractor costs in key, and the error that it leaves, is in `keybounds.bounds.run.extractors`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from numpy.typing import ArrayLike

from keybounds.bounds.run.extractors import extractor as extractor_named
from keybounds.enclosure import Real
from keybounds.errors import InputError
from keybounds.postprocessing.bits import Bits, bit_string
from keybounds.postprocessing.extraction.hashing import circulant, systematic_toeplitz, toeplitz
from keybounds.postprocessing.extraction.trevisan import trevisan, trevisan_design
from keybounds.postprocessing.extraction.weak_design import BlockDesign, block_design
from keybounds.states.arguments import exact_fraction

__all__ = [
    "BlockDesign",
    "block_design",
    "circulant",
    "extract",
    "seed_length",
    "systematic_toeplitz",
    "toeplitz",
    "trevisan",
    "trevisan_design",
]


def seed_length(extractor: str, inputs: int, length: int, error: Real) -> int:
    """Seed bits that `extract` takes for n input bits, ℓ output bits and error ε.

    Raises
    ------
    UnknownNameError
        No such extractor.

    Examples
    --------
    >>> seed_length("trevisan", 1_500_000, 95_884, 1e-13)
    1201886
    >>> seed_length("toeplitz", 1_500_000, 391_651, 1e-10)
    1891650
    """
    return extractor_named(extractor).seed(inputs, length, float(error))


def extract(
    raw: ArrayLike,
    seed: ArrayLike,
    length: int,
    *,
    extractor: str = "toeplitz",
    error: Real = 1e-10,
    progress: Callable[[int], None] | None = None,
) -> Bits:
    """Return the key of `length` bits that an extractor makes of a raw string.

    Parameters
    ----------
    raw, seed
        Arrays of 0 and 1; the seed has `seed_length` bits.
    length
        ℓ, from 1 to the length of `raw`. That so many bits are secret is what a bound on the entropy says, not this.
    extractor
        ``trevisan``, ``toeplitz`` or ``circulant``.
    error
        ε, on which the sizes of ``trevisan`` depend.
    progress
        Of ``trevisan``: called with the number of bits that were added.

    Raises
    ------
    UnknownNameError
        No such extractor.
    InputError
        Other symbols, a length or an error out of range, or a seed of another length.

    Examples
    --------
    >>> import numpy as np
    >>> extract(np.array([1, 0, 1]), np.array([0, 1, 1, 1]), 2)
    array([1, 0], dtype=uint8)
    """
    raw = bit_string("raw", raw)
    if not 1 <= length <= len(raw):
        raise InputError("length", f"from 1 to {len(raw)}, the bits of the raw string", str(length))
    error = exact_fraction("error", error)
    if not 0 < error < 1:
        raise InputError("error", "in (0, 1)", str(error))
    wanted = seed_length(extractor, len(raw), length, error)
    seed = bit_string("seed", seed)
    if len(seed) != wanted:
        raise InputError("seed", f"{wanted} bits for {extractor}, {len(raw)} bits to {length}", f"{len(seed)}")
    if extractor == "trevisan":
        return trevisan(raw, seed, trevisan_design(len(raw), length, Fraction(error)), progress)
    return (toeplitz if extractor == "toeplitz" else circulant)(raw, seed, length)
