"""What a `Behaviour` is made of: tables, counts and setting pairs, converted and checked one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import BehaviourError, DimensionError, InputError

Pair = tuple[int, int]


def real_array(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """A new array of doubles."""
    try:
        raw = np.asarray(value)
    except ValueError:
        raise DimensionError(name, "an array of four axes", "a ragged sequence") from None
    if raw.dtype.kind not in "biuf":
        raise BehaviourError(name, "an array of real numbers", f"entries of type {raw.dtype}")
    return np.array(raw, dtype=np.float64)


def integer_array(name: str, value: ArrayLike, shape: tuple[int, ...] | None) -> NDArray[np.int64]:
    """A new array of whole numbers, of the given shape if there is one."""
    raw = real_array(name, value)
    if shape is not None and raw.shape != shape:
        raise DimensionError(name, f"the shape {shape} of P", str(raw.shape))
    whole = (raw >= 0) & (raw < 2.0**53) & (raw == np.floor(raw))
    if not whole.all():
        raise BehaviourError(name, "whole numbers from 0 to 2^53", repr(float(raw[~whole][0])))
    return raw.astype(np.int64)


def setting_pairs(name: str, pairs: Iterable[Sequence[int]], shape: tuple[int, ...]) -> frozenset[Pair]:
    """The setting pairs (x, y), each within `shape`; every setting must keep a pair that is not among them."""
    found = []
    for pair in pairs:
        if len(pair) != 2 or not (0 <= pair[0] < shape[0] and 0 <= pair[1] < shape[1]):
            raise InputError(name, f"pairs (x, y) below ({shape[0]}, {shape[1]})", repr(pair))
        found.append((int(pair[0]), int(pair[1])))
    present = measured_mask(frozenset(found), shape)
    if not (present.any(axis=0).all() and present.any(axis=1).all()):
        raise BehaviourError(name, "every setting in at least one measured pair", str(sorted(found)))
    return frozenset(found)


def measured_mask(unmeasured: Iterable[Pair], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether each setting pair was measured, shape (nx, ny)."""
    present = np.ones(shape, dtype=np.bool_)
    for pair in unmeasured:
        present[pair] = False
    return present


def check_entries(table: NDArray[np.float64], present: NDArray[np.bool_], atol: float) -> None:
    """Refuse entries that are no probabilities; dust of at least -`atol` becomes 0 in place."""
    if not np.isnan(table[:, :, ~present]).all():
        raise BehaviourError("P", "NaN at the setting pairs declared unmeasured", "numbers")
    bad = present & ~np.isfinite(table)
    if bad.any():
        a, b, x, y = np.argwhere(bad)[0]
        raise BehaviourError(
            "P", "finite numbers, or the setting pair declared unmeasured", f"{table[a, b, x, y]} at P[{a},{b},{x},{y}]"
        )
    small = present & (table < 0)
    if (table[small] < -atol).any():
        a, b, x, y = np.argwhere(present & (table < -atol))[0]
        raise BehaviourError("P", "probabilities of at least 0", f"{float(table[a, b, x, y])!r} at P[{a},{b},{x},{y}]")
    table[small] = 0.0


def check_counts(
    table: NDArray[np.float64], counts: NDArray[np.int64], present: NDArray[np.bool_], atol: float
) -> None:
    """Refuse counts that do not belong to the table."""
    totals = counts.sum(axis=(0, 1))
    if (totals[~present] != 0).any() or (totals[present] == 0).any():
        raise BehaviourError("counts", "counts at the measured setting pairs and at no others", str(totals.tolist()))
    if np.abs(counts[:, :, present] / totals[present] - table[:, :, present]).max() > atol:
        raise BehaviourError("P", "the relative frequencies of the counts", "other numbers")


def check_uncertainty(deviation: NDArray[np.float64], table: NDArray[np.float64], present: NDArray[np.bool_]) -> None:
    """Refuse deviations that do not belong to the table; those of unmeasured pairs become NaN in place."""
    if deviation.shape != table.shape:
        raise DimensionError("uncertainty", f"the shape {table.shape} of P", str(deviation.shape))
    if not (np.isfinite(deviation[:, :, present]) & (deviation[:, :, present] >= 0)).all():
        raise BehaviourError(
            "uncertainty", "finite standard deviations of at least 0", "NaN, infinite or negative ones"
        )
    deviation[:, :, ~present] = np.nan
