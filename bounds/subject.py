"""Names for what a bound is about, where the caller gives none."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike


def subject_of(kind: str, values: ArrayLike) -> str:
    """Name an object by its numbers: ``kind`` and a digest of them, so that only bounds on the same object compare."""
    array = np.ascontiguousarray(values, dtype=np.complex128) + 0.0  # -0.0 and 0.0 are the same number
    digest = hashlib.sha256(repr(array.shape).encode() + array.tobytes()).hexdigest()
    return f"{kind} {digest[:12]}"
