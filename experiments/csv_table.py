"""Tables of correlations as CSV: one row for each (x, y, a, b), with a count, or a probability and its uncertainty."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import DataFileError, InputError
from keybounds.files import write_atomically

if TYPE_CHECKING:
    from keybounds.experiments.behaviour import Behaviour

_INDICES = ("x", "y", "a", "b")
Cell = tuple[int, int, int, int]


def read_table(
    path: Path, unmeasured: Iterable[Sequence[int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, bool]:
    """Read values, their uncertainties or None, and whether the values are counts; arrays indexed [a, b, x, y].

    Unmeasured pairs hold 0 in counts and NaN in probabilities. Errors are `DataFileError` with the line's number.
    """
    absent = {tuple(int(index) for index in pair) for pair in unmeasured}
    cells: dict[Cell, tuple[float, float | None]] = {}
    is_count = has_deviation = False
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            columns = _header(path, next(reader, []))
            is_count, has_deviation = "count" in columns, "dp" in columns
            for line, row in _rows(path, reader):
                if len(row) != len(columns):
                    raise DataFileError(f"{path}, line {line}", f"{len(columns)} fields", str(len(row)))
                fields = dict(zip(columns, row, strict=True))
                a, b, x, y = (_whole(path, line, name, fields[name]) for name in ("a", "b", "x", "y"))
                cell = (a, b, x, y)
                if cell in cells:
                    raise DataFileError(f"{path}, line {line}", "each row once", f"a second x={x}, y={y}, a={a}, b={b}")
                if (x, y) in absent:
                    raise DataFileError(f"{path}, line {line}", "no rows of an unmeasured pair", f"x={x}, y={y}")
                if is_count:
                    cells[cell] = float(_whole(path, line, "count", fields["count"])), None
                else:
                    deviation = _number(path, line, "dp", fields["dp"]) if has_deviation else None
                    cells[cell] = _number(path, line, "p", fields["p"]), deviation
    except OSError as error:
        raise DataFileError(str(path), "a readable file", error.strerror or str(error)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataFileError(str(path), "CSV text in UTF-8", str(error)) from None
    shape = _complete(path, cells, absent)
    values = np.full(shape, 0.0 if is_count else np.nan)
    deviations = np.full(shape, np.nan) if has_deviation and not is_count else None
    for cell, (value, spread) in cells.items():
        values[cell] = value
        if deviations is not None and spread is not None:
            deviations[cell] = spread
    return values, deviations, is_count


def write_table(path: Path, behaviour: Behaviour) -> None:
    """Write the measured cells, sorted by setting and outcome, under a temporary name, and rename it to `path`."""
    header = [*_INDICES, "count" if behaviour.counts is not None else "p"]
    if behaviour.uncertainty is not None:
        header.append("dp")
    (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
    lines = [",".join(header)]
    for x, y, a, b in np.ndindex(nx, ny, na, nb):
        if (x, y) in behaviour.unmeasured:
            continue
        cell = (a, b, x, y)
        # repr of a double is its shortest decimal that reads back the same
        value = repr(float(behaviour.P[cell])) if behaviour.counts is None else str(int(behaviour.counts[cell]))
        row = [str(x), str(y), str(a), str(b), value]
        if behaviour.uncertainty is not None:
            row.append(repr(float(behaviour.uncertainty[cell])))
        lines.append(",".join(row))
    try:
        write_atomically(path, "\n".join(lines) + "\n")
    except OSError as error:
        raise DataFileError(str(path), "a file in a folder that can be written", error.strerror or str(error)) from None
    except InputError as error:  # nothing that a file may replace
        raise DataFileError(str(path), "a file in a folder that can be written", error.found) from None


def _header(path: Path, row: list[str]) -> list[str]:
    columns = [name.strip() for name in row]
    required = [name for name in _INDICES if name not in columns]
    kinds = {"count", "p"} & set(columns)
    if required or len(kinds) != 1 or len(set(columns)) != len(columns):
        raise DataFileError(
            f"{path}, line 1",
            "columns x,y,a,b and one of count, p (dp optional with p)",
            ",".join(columns) or "nothing",
        )
    return columns


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, with the numbers of their lines (a table has no field of several lines)."""
    for line, row in enumerate(reader, start=2):
        if any(field.strip() for field in row):
            yield line, [field.strip() for field in row]


def _whole(path: Path, line: int, name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise DataFileError(f"{path}, line {line}", f"{name} a whole number of at least 0", repr(text))
    return int(text)


def _number(path: Path, line: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise DataFileError(f"{path}, line {line}", f"{name} a number of at least 0", repr(text))
    return value


def _complete(path: Path, cells: Iterable[Cell], absent: set[tuple[int, ...]]) -> tuple[int, int, int, int]:
    """Shape (na, nb, nx, ny) of a table in which no cell is missing but those of the pairs in `absent`."""
    present = set(cells)
    if not present:
        raise DataFileError(str(path), "a row for each setting and outcome pair", "no rows")
    na, nb, nx, ny = (len({cell[axis] for cell in present}) for axis in range(4))
    for name, axis, size in (("a", 0, na), ("b", 1, nb), ("x", 2, nx), ("y", 3, ny)):
        missing = set(range(size)) - {cell[axis] for cell in present}
        if missing:
            raise DataFileError(str(path), f"{name} counted from 0 without a gap", f"no row with {name}={min(missing)}")
    pairs = {(x, y) for _, _, x, y in present}
    for x, y in np.ndindex(nx, ny):
        if (x, y) not in pairs and (x, y) not in absent:
            raise DataFileError(
                str(path), "rows for each setting pair, or the pair declared unmeasured", f"none with x={x}, y={y}"
            )
    for x, y in sorted(pairs):
        for a, b in np.ndindex(na, nb):
            if (a, b, x, y) not in present:
                raise DataFileError(
                    str(path), "a row for each outcome pair, zero or not", f"none with x={x}, y={y}, a={a}, b={b}"
                )
    return na, nb, nx, ny
