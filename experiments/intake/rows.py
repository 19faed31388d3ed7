"""Rows of a source before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
    """

    where: str
    names: tuple[str, ...] | None
    fields: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    sequence: NDArray[np.int64]
    decimal: str = "."
    notes: tuple[str, ...] = field(default=())

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names) if self.names is not None else len(self.fields[0]) if self.fields else 0

    def at(self, row: int) -> str:
        """A distinct row's place, for errors."""
        return f"{self.where}, line {self.lines[row]}"

    @classmethod
    def of(
        cls,
        where: str,
        names: Sequence[str] | None,
        records: Sequence[Sequence[str]],
        *,
        first_line: int = 1,
        notes: Sequence[str] = (),
    ) -> Rows:
        """Rows of records that are split already."""
        index: dict[tuple[str, ...], int] = {}
        lines: list[int] = []
        sequence = np.empty(len(records), dtype=np.int64)
        for k, record in enumerate(records):
            key = tuple(str(value).strip() for value in record)
            if key not in index:
                index[key] = len(index)
                lines.append(first_line + k)
            sequence[k] = index[key]
        heads = None if names is None else tuple(str(name).strip() for name in names)
        return cls(where, heads, tuple(index), tuple(lines), sequence, ".", tuple(notes))
