"""Tags: who sent a message, and that it arrived as it was sent.

The tag of a message is its hash plus 64 secret bits modulo 2^64. The bits are used once, so the tag tells nothing of
the hash's seed, which therefore serves for every message. Whoever alters or makes up a message has the right tag with
probability at most 2^-61 at each attempt: one attempt is all that a run allows.
"""

from __future__ import annotations

import hmac

import numpy as np

from keybounds.postprocessing.authentication.vhash import HASH_BITS, HashSeed, vhash
from keybounds.postprocessing.bits import Bits, bit_string

TAG_BITS = HASH_BITS
"""Secret bits that a tag uses up."""


def authenticate(message: bytes, seed: HashSeed, pad: Bits) -> bytes:
    """Return the tag of a message, 8 bytes.

    Parameters
    ----------
    message
        Of any length up to 2^62 bits.
    seed
        Secret, shared, and the same for every message.
    pad
        64 bits, secret, shared, and used for this message alone: see `KeyPool.take`.

    Raises
    ------
    InputError
        A pad of other than 64 bits, or a message beyond 2^62 bits.

    Examples
    --------
    >>> seed = HashSeed.of_bits(np.arange(1280, dtype=np.uint16) % 7 == 0)
    >>> pad = np.ones(64, dtype=np.uint8)
    >>> found = authenticate(b"message", seed, pad)
    >>> is_authentic(found, b"message", seed, pad), is_authentic(found, b"massage", seed, pad)
    (True, False)
    """
    octets = np.packbits(bit_string("pad", pad, TAG_BITS)).tobytes()
    return ((vhash(message, seed) + int.from_bytes(octets, "big")) % (1 << TAG_BITS)).to_bytes(TAG_BITS // 8, "big")


def is_authentic(claimed: bytes, message: bytes, seed: HashSeed, pad: Bits) -> bool:
    """Whether `claimed` is the tag of the message, in a time that does not depend on where they differ."""
    return hmac.compare_digest(claimed, authenticate(message, seed, pad))
