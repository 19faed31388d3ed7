"""Numbers of a bound as the exact text of a certificate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from keybounds.errors import InputError


def exact(value: Any) -> Any:
    """Plain data with every float, wherever it stands, as the dyadic number it is; the rest as it is.

    Raises
    ------
    InputError
        A float that is not finite, or something that has no place in a certificate.
    """
    if isinstance(value, float):
        return dyadic(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): exact(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [exact(part) for part in value]
    if value is None or (isinstance(value, (str, int)) and not isinstance(value, bool)):
        return value
    raise InputError("bound", "plain data: numbers, text, lists and objects", f"{type(value).__name__}: {value!r:.60}")


def dyadic(value: float) -> int | str:
    """A double as an integer or as "mpe" for m 2^e."""
    if not math.isfinite(value):
        raise InputError("bound", "finite numbers", repr(value))
    top, bottom = float(value).as_integer_ratio()
    if bottom == 1:
        return top
    return f"{top}p-{bottom.bit_length() - 1}"
