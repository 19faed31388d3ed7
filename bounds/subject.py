"""Names for what a bound is about, where the caller gives none."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike


def subject_of(kind: str, content: ArrayLike | str) -> str:
    """Name an object by what it is: ``kind`` and a digest, so that only bounds on the same object compare."""
    if isinstance(content, str):
        data = content.encode()
    else:
        array = np.ascontiguousarray(content, dtype=np.complex128) + 0.0  # -0.0 and 0.0 are the same number
        data = repr(array.shape).encode() + array.tobytes()
    return f"{kind} {hashlib.sha256(data).hexdigest()[:12]}"
