"""Checks of scalar arguments, shared by the builders of states."""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Iterable
from fractions import Fraction
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import DimensionError, InputError, UnsupportedError, real_number

DENSE_LIMIT = 2**30  # bytes of one dense complex matrix; building a state takes a few such


def dimension(argument: str, value: SupportsIndex, *, least: int = 2) -> int:
    """`value` as an int of at least `least`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise DimensionError(argument, f"a whole number of at least {least}", repr(value)) from None
    if number < least:
        raise DimensionError(argument, f"a whole number of at least {least}", str(number))
    return number


def probability(argument: str, value: float) -> float:
    """`value` as a float in [0, 1]."""
    try:
        number = real_number(argument, value)
    except InputError:
        number = math.nan
    if not 0.0 <= number <= 1.0:
        raise InputError(argument, "a probability in [0, 1]", repr(value))
    return number


def complex_array(argument: str, values: object) -> NDArray[np.complex128]:
    """`values` as an array of complex numbers.

    Raises
    ------
    DimensionError
        Ragged, or not numbers.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind in "US":  # numpy would read strings as numbers
            raise ValueError("strings")
        return array.astype(np.complex128)
    except (TypeError, ValueError):
        raise DimensionError(
            argument, "a rectangular array of numbers", f"{type(values).__name__} {values!r:.60}"
        ) from None


def dimensions(argument: str, values: object) -> tuple[int, ...]:
    """`values` as a tuple of dimensions of at least 1."""
    if not isinstance(values, Iterable):
        raise DimensionError(argument, "a sequence of whole numbers", repr(values))
    return tuple(dimension(argument, number, least=1) for number in values)


def exact_fraction(argument: str, value: object) -> Fraction:
    """`value` as the exact number it is: a rational as given, a float as its dyadic."""
    if isinstance(value, numbers.Rational):
        return Fraction(value)
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return Fraction(float(value))
    raise InputError(argument, "a finite number", repr(value))


def distribution(argument: str, values: ArrayLike, length: int, *, atol: float) -> NDArray[np.float64]:
    """`values` as `length` non-negative weights that sum to 1, both within `atol`; not renormalised."""
    weights = np.asarray(values, dtype=np.float64)
    if weights.shape != (length,):
        raise DimensionError(argument, f"{length} weights", f"an array of shape {weights.shape}")
    if not np.all(np.isfinite(weights)):
        raise InputError(argument, "finite weights", str(weights.tolist()))
    if weights.min() < -atol:
        raise InputError(argument, "non-negative weights", f"{weights.min():.6g}")
    if abs(weights.sum() - 1.0) > atol:
        raise InputError(argument, f"weights that sum to 1 within {atol:g}", f"a sum of {math.fsum(weights):.12g}")
    return weights


def require_dense(argument: str, value: int, size: int) -> None:
    """Refuse, before anything is allocated, a dense `size` x `size` matrix that `argument` = `value` asks for.

    Raises
    ------
    UnsupportedError
        The matrix would take more than `DENSE_LIMIT` bytes.
    """
    needed = 16 * size * size
    if needed > DENSE_LIMIT:
        raise UnsupportedError(
            argument,
            f"a dense matrix of at most {DENSE_LIMIT / 2**30:g} GiB",
            f"{value}, whose {size} x {size} complex matrix takes {needed / 2**30:.3g} GiB",
        )
