"""From a rate to bits: reconciliation, extraction, authentication, and the two parties' run.

Lengths and costs come from `keybounds.bounds`; what is here does what they count.
"""

from keybounds.postprocessing.authentication import KeyPool
from keybounds.postprocessing.extraction import extract

__all__ = ["KeyPool", "extract"]
