"""Names for what a bound is about, where the caller gives none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def subject_of(kind: str, content: ArrayLike | str, *, dims: Sequence[int] = ()) -> str:
    """Name an object by what it is: ``kind`` and a digest, so that only bounds on the same object compare.

    `dims` are part of a state or channel: the same matrix on another bipartition is another object.
    """
    if isinstance(content, str):
        data = content.encode()
    else:
        array = np.ascontiguousarray(content, dtype=np.complex128) + 0.0  # -0.0 and 0.0 are the same number
        data = repr((array.shape, [int(d) for d in dims])).encode() + array.tobytes()
    return f"{kind} {hashlib.sha256(data).hexdigest()[:12]}"
