"""Two-universal hashing of long strings by one product of polynomials over GF(2).

Each family has collision probability at most 2^-ℓ for any two different inputs of n bits, over a uniform seed:

- `toeplitz`: y_i = Σ_j s_{i-j+n-1} x_j, i < ℓ; n + ℓ - 1 seed bits. For x ≠ 0 with last nonzero position k, the bits
  s_{i-k+n-1} enter y_i alone among y_0..y_i when these are read in turn, so y is uniform.
- `systematic_toeplitz`: y = x_head + T x_tail with an ℓ x (n-ℓ) Toeplitz matrix T; n - 1 seed bits. Two inputs with
  equal tails never collide unless they are equal, others as under T.
- `circulant`: the first ℓ bits of the product of s and x modulo z^N - 1; N seed bits, N > n a prime modulo which 2
  generates all residues. See `keybounds.bounds.run.extractors` for why, and for what each costs in key.
"""

from __future__ import annotations

import numpy as np

from keybounds.postprocessing.bits import Bits, bit_string, product


def toeplitz(raw: Bits, seed: Bits, length: int) -> Bits:
    """Return the Toeplitz hash of `raw`; `seed` has len(raw) + length - 1 bits.

    Raises
    ------
    InputError
        A seed of another length.

    Examples
    --------
    >>> import numpy as np
    >>> toeplitz(np.array([1, 0, 1], dtype=np.uint8), np.array([0, 1, 1, 1], dtype=np.uint8), 2)
    array([1, 0], dtype=uint8)
    """
    inputs = len(raw)
    seed = bit_string("seed", seed, inputs + length - 1)
    return product(seed, raw)[inputs - 1 : inputs - 1 + length]


def systematic_toeplitz(raw: Bits, seed: Bits, length: int) -> Bits:
    """Return the head of `raw` plus the Toeplitz hash of its tail; `seed` has len(raw) - 1 bits.

    Raises
    ------
    InputError
        A seed of another length.
    """
    seed = bit_string("seed", seed, len(raw) - 1)
    head, tail = raw[:length], raw[length:]
    return head if not len(tail) else head ^ toeplitz(tail, seed, length)


def circulant(raw: Bits, seed: Bits, length: int) -> Bits:
    """Return the first bits of the cyclic convolution of the seed and `raw` with zeros behind it.

    The seed has as many bits as `keybounds.bounds.run.extractors` says for this input.
    """
    size = len(seed)
    whole = product(seed, raw)
    folded = np.zeros(size, dtype=np.uint8)
    folded[: min(size, len(whole))] = whole[:size]
    folded[: len(whole) - size] ^= whole[size:]
    return folded[:length]
