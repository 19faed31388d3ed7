"""Authentication: tags on messages, and the pool of shared secret bits that they are paid from."""

from keybounds.postprocessing.authentication.key_pool import KeyPool
from keybounds.postprocessing.authentication.tags import TAG_BITS, authenticate, is_authentic
from keybounds.postprocessing.authentication.vhash import HASH_BITS, SEED_BITS, HashSeed, vhash

__all__ = [
    "HASH_BITS",
    "SEED_BITS",
    "TAG_BITS",
    "HashSeed",
    "KeyPool",
    "authenticate",
    "is_authentic",
    "vhash",
]
