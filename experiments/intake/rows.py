"""Rows of a source before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Distinct rows of fields, and the order in which they stood.

    Attributes
    ----------
    where
        The source, as errors name it.
    names
        The headings; None if there are none.
    fields
        The distinct rows, each of the same number of fields, stripped.
    lines
        Line (or row) of the first occurrence of each distinct row, counted from 1.
    sequence
        For each row of the source in its order the index of the distinct row: a list of a million trials has a few
        dozen distinct rows.
    decimal
        Decimal mark of the numbers.
    notes
        What was understood so far, in sentences.
    heading_line
        Line of the headings.
    strings
        Whether the outcomes were strings of two, as of a register of two bits.
    """

    where: str
    names: tuple[str, ...] | None
    fields: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    sequence: NDArray[np.int64]
    decimal: str = "."
    notes: tuple[str, ...] = field(default=())
    heading_line: int = 1
    strings: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names) if self.names is not None else len(self.fields[0]) if self.fields else 0

    def at(self, row: int, column: int | None = None) -> str:
        """A distinct row's place, or that of one of its fields, for errors."""
        place = f"{self.where}, line {self.lines[row]}"
        if column is None:
            return place
        name = self.names[column] if self.names is not None else ""
        return f"{place}, column {name or column + 1}"

    @classmethod
    def of(
        cls,
        where: str,
        names: Sequence[str] | None,
        records: Sequence[Sequence[str]],
        *,
        lines: Sequence[int] | None = None,
        decimal: str = ".",
        notes: Sequence[str] = (),
        heading_line: int = 1,
    ) -> Rows:
        """Rows of records that are split already; by default the first record stands in line 1."""
        index: dict[tuple[str, ...], int] = {}
        first: list[int] = []
        sequence = np.empty(len(records), dtype=np.int64)
        for k, record in enumerate(records):
            key = tuple(str(value).strip() for value in record)
            if key not in index:
                index[key] = len(index)
                first.append(k + 1 if lines is None else lines[k])
            sequence[k] = index[key]
        heads = None if names is None else tuple(str(name).strip() for name in names)
        return cls(where, heads, tuple(index), tuple(first), sequence, decimal, tuple(notes), heading_line)

    @classmethod
    def of_columns(
        cls,
        where: str,
        names: Sequence[str] | None,
        columns: Sequence[NDArray[Any]],
        *,
        first_line: int = 1,
        decimal: str = ".",
        notes: Sequence[str] = (),
    ) -> Rows:
        """Rows of columns of one length; numbers are compared as numbers, so that a million rows take no second."""
        count = len(columns[0]) if columns else 0
        code = np.zeros(count, dtype=np.int64)
        distinct = 1
        texts: list[list[str]] = []
        parts: list[NDArray[np.int64]] = []
        for column in columns:
            labels, inverse = _factors(np.asarray(column))
            texts.append(labels)
            parts.append(inverse)
            if distinct * len(labels) > 2**62:
                kept, code = np.unique(code, return_inverse=True)
                distinct = len(kept)
            code = code * len(labels) + inverse
            distinct *= len(labels)
        at, sequence = _first_rows(code, distinct)
        fields = [tuple(labels[part[k]].strip() for labels, part in zip(texts, parts, strict=True)) for k in at]
        merged = cls.of(where, names, fields, lines=[int(k) + first_line for k in at], notes=notes, decimal=decimal)
        merged_sequence = merged.sequence[sequence]
        return cls(where, merged.names, merged.fields, merged.lines, merged_sequence, decimal, tuple(notes))


def _factors(column: NDArray[Any]) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct values of a column as texts, and for each row which one it has."""
    if column.dtype.kind == "b":
        column = column.astype(np.int64)
    if column.dtype.kind in "iu" and column.size:
        low, high = int(column.min()), int(column.max())
        if high - low < 2**16:  # labels, without sorting
            shifted = (column - column.dtype.type(low)).astype(np.int64)
            present = np.flatnonzero(np.bincount(shifted, minlength=high - low + 1))
            place = np.zeros(high - low + 1, dtype=np.int64)
            place[present] = np.arange(len(present))
            return [str(int(k) + low) for k in present], place[shifted]
    if column.dtype.kind == "S" and column.dtype.itemsize == 8:
        numbers, inverse = _unique(column.view(np.uint64))
        return [raw.decode("ascii") for raw in numbers.view("S8").tolist()], inverse
    if column.dtype.kind in "iuf":
        values, inverse = _unique(column)
        return [repr(value) for value in values.tolist()], inverse
    known: dict[str, int] = {}
    numbered = [known.setdefault(_text(value), len(known)) for value in column.tolist()]
    return list(known), np.asarray(numbered, dtype=np.int64)


def _first_rows(code: NDArray[np.int64], distinct: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each code stands first, in that order, and for each row which of these it repeats."""
    if distinct <= 2**20:
        first = np.full(distinct, -1, dtype=np.int64)
        first[code[::-1]] = np.arange(len(code) - 1, -1, -1)  # of several writes the last one stays
        at = np.sort(first[first >= 0])
        rank = np.zeros(distinct, dtype=np.int64)
        rank[code[at]] = np.arange(len(at))
        return at, rank[code]
    _, at, inverse = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(at)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return at[order], rank[np.ravel(inverse)]


def _unique(column: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """As `numpy.unique` with its inverse, without sorting where the first thousand rows hold every value."""
    early = np.unique(column[:1000])
    if early.size:
        place = np.minimum(np.searchsorted(early, column), early.size - 1)
        if np.array_equal(early[place], column):
            return early, place.astype(np.int64)
    values, inverse = np.unique(column, return_inverse=True)
    return values, np.ravel(inverse).astype(np.int64)


def _text(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
