"""Rows or arrays of a source of any kind: paths, frames, dictionaries, arrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import AmbiguousInputError, DataFileError, InputError, UnsupportedError
from keybounds.experiments.intake.rows import Rows
from keybounds.experiments.intake.text import text_rows

Source = Rows | NDArray[Any]
LARGEST = 2**30
"""Bytes of the largest file that is read."""


def opened(source: object, *, decimal: str | None = None) -> Source:
    """Rows of a table, or an array of four axes.

    Raises
    ------
    DataFileError
        The file cannot be read, or holds no table.
    AmbiguousInputError
        A workbook or an archive with several tables.
    UnsupportedError
        A format whose reader is not installed; the message names it.
    InputError
        A source of no kind that is known.
    """
    if isinstance(source, (str, Path)):
        return _file(Path(source), decimal)
    if isinstance(source, np.ndarray):
        return _array("the array", source)
    if isinstance(source, Mapping):
        return _mapping(source, decimal)
    columns = getattr(source, "columns", None)
    if columns is not None and hasattr(source, "shape"):
        return _frame(source, [str(name) for name in columns])
    if hasattr(source, "to_frame") and hasattr(source, "index"):  # a pandas Series, such as value_counts gives
        return opened(source.to_frame(name="count").reset_index(), decimal=decimal)
    raise InputError("source", "a path, a data frame, an array or a dictionary", type(source).__name__)


def _file(path: Path, decimal: str | None) -> Source:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DataFileError(str(path), f"a file of at most {LARGEST >> 20} MB", f"{size >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise DataFileError(str(path), "a readable file", error.strerror or str(error)) from None
    kind = path.suffix.lower()
    where = str(path)
    if kind in (".npy", ".npz") or data.startswith(b"\x93NUMPY"):
        return _numpy(where, data)
    if kind in (".xlsx", ".xls", ".ods", ".xlsb"):
        return _workbook(where, data)
    if kind == ".mat" or data.startswith((b"MATLAB 5.0", b"\x89HDF")):
        return _matlab(where, data)
    return text_rows(where, data, decimal)


def _numpy(where: str, data: bytes) -> Source:
    try:
        loaded = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataFileError(where, "arrays of numbers in NumPy's format", str(error).split("\n")[0]) from None
    if isinstance(loaded, np.ndarray):
        return _array(where, loaded)
    with loaded:
        arrays = {name: loaded[name] for name in loaded.files}
    return _one_of(where, arrays)


def _one_of(where: str, arrays: Mapping[str, NDArray[Any]]) -> Source:
    tables = {name: a for name, a in arrays.items() if a.ndim == 4 or (a.ndim == 2 and min(a.shape) >= 4)}
    if len(tables) == 1:
        ((name, array),) = tables.items()
        return _array(f"{where}, {name}", array)
    columns = {name: np.ravel(a) for name, a in arrays.items() if a.size == max(a.shape, default=0)}
    lengths = {column.size for column in columns.values()}
    if not tables and len(columns) >= 4 and len(lengths) == 1:
        return Rows.of(where, list(columns), np.column_stack([_texts(c) for c in columns.values()]).tolist())
    names = ", ".join(f"{name} {a.shape}" for name, a in arrays.items()) or "nothing"
    raise AmbiguousInputError(where, "one array of a table, or one column of each name; pass the array itself", names)


def _array(where: str, array: NDArray[Any]) -> Source:
    if array.dtype == object or array.dtype.kind not in "biuf":
        if array.ndim == 2:
            return Rows.of(where, None, array.astype(str).tolist())
        raise DataFileError(where, "an array of numbers", f"type {array.dtype}")
    if array.ndim == 4:
        return array
    if array.ndim == 2 and min(array.shape) >= 4:
        distinct, first, inverse = np.unique(array, axis=0, return_index=True, return_inverse=True)
        fields = tuple(tuple(_texts(row)) for row in distinct)
        return Rows(where, None, fields, tuple(int(k) + 1 for k in first), np.ravel(inverse).astype(np.int64))
    raise DataFileError(where, "four axes, or rows of x, y, a, b with or without a value", f"shape {array.shape}")


def _texts(column: NDArray[Any]) -> list[str]:
    return [repr(value) if isinstance(value, float) else str(value) for value in column.tolist()]


def _workbook(where: str, data: bytes) -> Source:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise UnsupportedError(
            where, "a format whose reader is installed: pip install 'keybounds[tables]'", "a workbook"
        ) from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except CalamineError as error:
        raise DataFileError(where, "a workbook", str(error)) from None
    filled = {name: rows for name, rows in sheets.items() if any(any(cell != "" for cell in row) for row in rows)}
    if len(filled) != 1:
        names = ", ".join(filled) or "no filled sheet"
        raise AmbiguousInputError(where, "one sheet with a table; save it by itself", names)
    ((sheet, rows),) = filled.items()
    texts = [[_spreadsheet(cell) for cell in row] for row in rows]
    kept = [(k, row) for k, row in enumerate(texts, start=1) if any(row) and not row[0].startswith("#")]
    first, head = kept[0]
    width = max(k for k, cell in enumerate(head, start=1) if cell)
    headed = any(c.isalpha() for cell in head for c in cell)
    records = [row[:width] for _, row in kept[headed:]]
    headings = head[:width] if headed else None
    return Rows.of(f"{where}, sheet {sheet}", headings, records, first_line=first + headed)


def _spreadsheet(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _matlab(where: str, data: bytes) -> Source:
    if data.startswith(b"\x89HDF"):
        try:
            import h5py
        except ImportError:
            raise UnsupportedError(
                where, "a format whose reader is installed: pip install 'keybounds[tables]'", "a MATLAB 7.3 file"
            ) from None
        with h5py.File(io.BytesIO(data), "r") as file:
            found = {name: np.asarray(item).T for name, item in file.items() if isinstance(item, h5py.Dataset)}
        return _one_of(where, found)
    from scipy.io import loadmat

    try:
        loaded = loadmat(io.BytesIO(data), squeeze_me=False)  # type: ignore[arg-type]
    except (ValueError, TypeError, OSError, NotImplementedError) as error:
        raise DataFileError(where, "a MATLAB file", str(error)) from None
    arrays = {name: np.asarray(value) for name, value in loaded.items() if not name.startswith("__")}
    return _one_of(where, arrays)


def _frame(frame: Any, names: list[str]) -> Rows:
    if names == [str(k) for k in range(len(names))]:
        raise AmbiguousInputError("the frame", "columns with names", "columns without")
    array = frame.to_numpy()
    return Rows.of("the frame", names, [[str(value) for value in row] for row in array.tolist()], first_line=1)


def _mapping(source: Mapping[Any, Any], decimal: str | None) -> Rows:
    """Columns by name, counts by cell or by setting pair, or one file a setting pair."""
    keys = list(source)
    if keys and all(isinstance(key, str) for key in keys) and all(np.ndim(source[key]) == 1 for key in keys):
        columns = [_texts(np.asarray(source[key])) for key in keys]
        if len({len(column) for column in columns}) != 1:
            raise InputError("source", "columns of one length", ", ".join(f"{k}: {len(source[k])}" for k in keys))
        return Rows.of("the dictionary", keys, list(zip(*columns, strict=True)))
    if keys and all(isinstance(key, tuple) and len(key) == 4 for key in keys):
        records = [[*map(str, key), str(value)] for key, value in source.items()]
        return Rows.of("the dictionary", ("x", "y", "a", "b", "count"), records)
    if keys and all(isinstance(key, tuple) and len(key) == 2 for key in keys):
        return _pairs(source, decimal)
    raise InputError(
        "source",
        "a dictionary of columns by name, of counts by (x, y, a, b), or of counts or files by (x, y)",
        f"keys such as {keys[0]!r}" if keys else "an empty one",
    )


def _pairs(source: Mapping[Any, Any], decimal: str | None) -> Rows:
    records: list[list[str]] = []
    notes: list[str] = []
    for (x, y), part in source.items():
        if isinstance(part, Mapping):
            for outcomes, count in part.items():
                pair = tuple(outcomes) if isinstance(outcomes, (str, tuple)) else ()
                pair = tuple(outcome for outcome in pair if outcome != " ")
                if len(pair) != 2:
                    raise InputError("source", f"two outcomes in each key of ({x}, {y})", repr(outcomes))
                records.append([str(x), str(y), str(pair[0]), str(pair[1]), str(count)])
            if any(isinstance(outcomes, str) for outcomes in part) and not notes:
                notes.append(
                    "of a string of two outcomes the first is Alice's; Qiskit prints its last bit first: "
                    "layout='qiskit' turns them round"
                )
        else:
            rows = opened(part, decimal=decimal)
            if not isinstance(rows, Rows):
                raise InputError("source", f"outcomes and counts for ({x}, {y})", "an array of four axes")
            records += _outcomes(rows, str(x), str(y))
    return Rows.of("the dictionary", ("x", "y", "a", "b", "count"), records, notes=notes)


def _outcomes(rows: Rows, x: str, y: str) -> list[list[str]]:
    """Records of one setting pair from a table of outcomes and counts."""
    from keybounds.experiments.intake.columns import recognised

    roles = recognised(rows).roles
    if not {"a", "b", "count"} <= set(roles):
        raise DataFileError(rows.where, "columns a, b and count for one setting pair", ", ".join(rows.names or ()))
    return [[x, y, *(row[roles[role]] for role in ("a", "b", "count"))] for row in rows.fields]
