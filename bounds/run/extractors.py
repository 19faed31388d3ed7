"""Privacy amplification: what each extractor costs in bits, and the seed it takes.

Every one is strong and quantum-proof, so its seed stays secret and can be used again. `Extractor.length` is the largest
ℓ for which the extractor's output is within ε of uniform, given Eve and the seed.

- ``trevisan``: ℓ + 4 log ℓ <= H - 4 log(1/ε) - 6, with the one-bit extractor of mauerer2012 at error ε/ℓ. Its weak
  design is made of blocks over the field with t elements, t the least prime of at least 2⌈log n + 2 log(2ℓ/ε)⌉, with
  overlap e (ma2011): 1 + max(1, ⌈(ln(ℓ-e) - ln(t-e)) / (1 - ln(e-1))⌉) blocks of t² seed bits. For nadlinger2022
  that is 14·293².
- ``toeplitz``: ℓ <= H - 2 log(1/ε) + 2 by the leftover hash lemma (tomamichel2011); n + ℓ - 1 seed bits.
- ``circulant``: the same ℓ. The N x N circulant matrix of the seed acts on the n bits and zeros behind them; N > n is
  the least prime modulo which 2 generates all residues. Then (x^N - 1)/(x - 1) is irreducible over GF(2), so the
  difference of two inputs, which is neither 0 nor all ones, is mapped by a uniform seed to a string that is uniform, or
  uniform among those of even weight; any N - 1 of its bits are uniform. So the family is 2-universal. N seed bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, fmpz

from keybounds.enclosure import log2
from keybounds.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Extractor:
    """An extractor with its cost.

    Attributes
    ----------
    name
        On the command line.
    error_weight
        c, where the length loses c log(1/ε).
    constant
        Bits that the length gains besides; those of ``trevisan`` stand in the constants of nadlinger2022.
    log_weight
        b', where the length ℓ loses b' log ℓ.
    formula
        The condition on ℓ, for a reader.
    seed
        Seed bits for n input bits, ℓ output bits and error ε.
    """

    name: str
    error_weight: int
    constant: int
    log_weight: int
    formula: str
    seed: Callable[[int, int, float], int]

    def length(self, entropy: arb) -> int:
        """The largest whole ℓ >= 1 with ℓ + b' log ℓ certainly at most `entropy`, or 0 where there is none.

        The left side grows with ℓ, so every smaller ℓ is as good.
        """
        low, high = 0, int(entropy.upper().floor().unique_fmpz()) if entropy >= 1 else 0
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._needs(middle) <= entropy else (low, middle - 1)
        return low

    def overhead(self, length: int) -> arb:
        """b' log ℓ, what the length itself costs."""
        return self.log_weight * log2(arb(length)) if length else arb(0)

    def _needs(self, length: int) -> arb:
        return length + self.overhead(length)


def extractor(name: str) -> Extractor:
    """Return the extractor of this name.

    Raises
    ------
    UnknownNameError
        None of ``trevisan``, ``toeplitz`` and ``circulant``.
    """
    if name not in EXTRACTORS:
        raise UnknownNameError.among("extractor", name, EXTRACTORS)
    return EXTRACTORS[name]


def _trevisan_seed(inputs: int, length: int, error: float) -> int:
    t = _prime(2 * math.ceil(math.log2(inputs) + 2 * math.log2(2 * length / error)))
    blocks = 1
    if length > t:
        blocks = math.ceil((math.log(length - math.e) - math.log(t - math.e)) / (1 - math.log(math.e - 1)))
    return (1 + max(1, blocks)) * t * t


def _toeplitz_seed(inputs: int, length: int, error: float) -> int:
    return inputs + length - 1


def _circulant_seed(inputs: int, length: int, error: float) -> int:
    size = inputs + 1
    while not (fmpz(size).is_prime() and _two_generates(size)):
        size += 1
    return size


def _two_generates(prime: int) -> bool:
    """Whether 2 generates the residues modulo an odd prime: no prime factor of prime - 1 divides its order's index."""
    return prime > 2 and all(pow(2, (prime - 1) // int(f), prime) != 1 for f, _ in fmpz(prime - 1).factor())


def _prime(least: int) -> int:
    """The least prime of at least `least`."""
    number = least
    while not fmpz(number).is_prime():
        number += 1
    return number


EXTRACTORS = {
    one.name: one
    for one in (
        Extractor("trevisan", 4, 0, 4, "ℓ + 4 log ℓ <= ·", _trevisan_seed),
        Extractor("toeplitz", 2, 2, 0, "ℓ <= ·", _toeplitz_seed),
        Extractor("circulant", 2, 2, 0, "ℓ <= ·", _circulant_seed),
    )
}
