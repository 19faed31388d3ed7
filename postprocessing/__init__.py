"""From a rate to bits: reconciliation, extraction and authentication.

Lengths and costs come from `keybounds.bounds`; what is here does what they count.
"""

from keybounds.postprocessing.authentication import HashSeed, KeyPool, is_tag, tag
from keybounds.postprocessing.extraction import extract, seed_length
from keybounds.postprocessing.reconciliation import CoupledCode, reconcile

__all__ = ["CoupledCode", "HashSeed", "KeyPool", "extract", "is_tag", "reconcile", "seed_length", "tag"]
