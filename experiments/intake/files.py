"""Rows or arrays of a source of any kind: paths, frames, dictionaries, arrays."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import AmbiguousInputError, DataFileError, InputError, UnknownNameError, UnsupportedError
from keybounds.experiments.intake.frames import frame_rows, is_frame
from keybounds.experiments.intake.grid import (
    decimal_mark,
    headings,
    is_rule,
    unused_note,
    useful,
    without_blank_columns,
)
from keybounds.experiments.intake.mappings import Opened, mapping_rows, pair_of_name
from keybounds.experiments.intake.rows import Rows
from keybounds.experiments.intake.text import text_rows

LARGEST = 2**30
"""Bytes of the largest file that is read."""


def opened(
    source: object, *, decimal: str | None = None, sheet: str | None = None, named: Sequence[str] | None = None
) -> Opened:
    """Rows of a table, or an array of four axes.

    `sheet` names a sheet of a workbook or an array of an archive; `named` the columns of an array of rows.

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

    def again(part: object) -> Opened:
        return opened(part, decimal=decimal)

    if isinstance(source, (str, Path)):
        return _file(Path(source), decimal, sheet, named)
    if isinstance(source, np.ndarray):
        return _array("the array", source, named)
    if isinstance(source, Mapping):
        return mapping_rows(source, again)
    if is_frame(source):
        return frame_rows(source)
    if isinstance(source, Sequence) and source and all(isinstance(row, Mapping) for row in source):
        names = list(dict.fromkeys(str(name) for row in source for name in row))
        return Rows.of("the list", names, [[str(row.get(name, "")) for name in names] for row in source])
    if isinstance(source, (list, tuple)) and source and all(isinstance(row, (list, tuple)) for row in source):
        return _nested("the list", source, named)
    raise InputError("source", "a path, a data frame, an array or a dictionary", type(source).__name__)


def _file(path: Path, decimal: str | None, sheet: str | None, named: Sequence[str] | None) -> Opened:
    if str(path) == "-":
        return _bytes("standard input", "", sys.stdin.buffer.read(LARGEST + 1), decimal, sheet, named)
    try:
        if path.is_dir():
            return _folder(path, decimal)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise DataFileError(str(path), "a readable file", error.strerror or str(error)) from None
    return _bytes(str(path), path.suffix.lower(), data, decimal, sheet, named)


def _bytes(
    where: str, kind: str, data: bytes, decimal: str | None, sheet: str | None, named: Sequence[str] | None
) -> Opened:
    if data.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(io.BytesIO(data)) as file:
                data, kind = file.read(LARGEST + 1), Path(where).with_suffix("").suffix.lower()
        except (OSError, EOFError) as error:
            raise DataFileError(where, "a whole gzip file", str(error)) from None
    if len(data) > LARGEST:
        raise DataFileError(where, f"a file of at most {LARGEST >> 20} MB", "a larger one")
    if data.startswith(b"\x93NUMPY") or kind in (".npy", ".npz"):
        return _numpy(where, data, sheet, named)
    if data.startswith((b"MATLAB 5.0", b"\x89HDF")) or kind == ".mat":
        return _matlab(where, data, sheet, named)
    if kind in (".xlsx", ".xls", ".xlsm", ".ods", ".xlsb") or data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(where, data, decimal, sheet)
    if sheet is not None:
        raise InputError("sheet", "a workbook, or an archive of arrays", f"{where}, a text")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return _json(where, data, decimal)
    return text_rows(where, data, decimal)


def _folder(path: Path, decimal: str | None) -> Opened:
    """One file a setting pair, the pair in the end of its name."""
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    pairs: dict[tuple[str, str], Path] = {}
    for file in files:
        pair = pair_of_name(file.stem)
        if pair is None or pair in pairs:
            found = f"{file.name}, which says none" if pair is None else f"{pairs[pair].name} and {file.name}"
            raise AmbiguousInputError(
                str(path), "one file a setting pair, named as run_a0b1.csv; or a dictionary {(x, y): file}", found
            )
        pairs[pair] = file
    if len(pairs) < 2:
        raise DataFileError(str(path), "a file, or a folder with one file a setting pair", f"{len(files)} files")
    notes = [", ".join(f"{file.name} = ({x}, {y})" for (x, y), file in pairs.items())]
    return mapping_rows(pairs, lambda part: opened(part, decimal=decimal), where=str(path), notes=notes)


def _json(where: str, data: bytes, decimal: str | None) -> Opened:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataFileError(where, "JSON", str(error)) from None
    if isinstance(document, dict):
        return mapping_rows(document, lambda part: opened(part, decimal=decimal), where=where)
    if document and all(isinstance(row, dict) for row in document):
        names = list(dict.fromkeys(name for row in document for name in row))
        return Rows.of(where, names, [[str(row.get(name, "")) for name in names] for row in document])
    return _nested(where, document, None)


def _nested(where: str, rows: Any, named: Sequence[str] | None) -> Opened:
    """A list of rows, the first of which may be headings, or a table of four axes."""
    flat = all(isinstance(row, (list, tuple)) and not any(isinstance(v, (list, tuple)) for v in row) for row in rows)
    even = flat and len({len(row) for row in rows}) == 1
    if even and named is None and any(isinstance(value, str) for value in rows[0]):
        return _sheet_rows(where, [[str(value) for value in row] for row in rows], None, [])
    try:
        array = np.array(rows)
    except ValueError:
        raise DataFileError(where, "rows of one length", "rows of several") from None
    return _array(where, array, named)


def _numpy(where: str, data: bytes, sheet: str | None, named: Sequence[str] | None) -> Opened:
    try:
        loaded = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataFileError(where, "arrays of numbers in NumPy's format", str(error).split("\n")[0]) from None
    if isinstance(loaded, np.ndarray):
        return _array(where, loaded, named)
    with loaded:
        arrays = {name: loaded[name] for name in loaded.files}
    return _one_of(where, arrays, sheet, named)


def _one_of(where: str, arrays: Mapping[str, NDArray[Any]], sheet: str | None, named: Sequence[str] | None) -> Opened:
    if sheet is not None:
        if sheet not in arrays:
            raise UnknownNameError.among("sheet", sheet, arrays)
        return _array(f"{where}, {sheet}", arrays[sheet], named)
    tables = {
        name: a for name, a in arrays.items() if a.ndim == 4 or (a.ndim == 2 and min(a.shape) >= 4) or a.dtype.names
    }
    if len(tables) == 1:
        ((name, array),) = tables.items()
        return _array(f"{where}, {name}", array, named)
    columns = {name: np.ravel(a) for name, a in arrays.items() if a.size == max(a.shape, default=0)}
    lengths = [column.size for column in columns.values()]
    length = max(set(lengths), key=lengths.count, default=0)
    columns = {name: column for name, column in columns.items() if column.size == length}
    if not tables and len(columns) >= 3 and length > 1:
        return _columns(where, columns)
    names = ", ".join(f"{name} {a.shape}" for name, a in arrays.items()) or "nothing"
    raise AmbiguousInputError(where, "one array of a table, or one column of each name; name it by sheet=", names)


def _columns(where: str, columns: Mapping[str, NDArray[Any]]) -> Rows:
    names = list(columns)
    used = useful(names, where)
    notes = [] if used is None else [unused_note(names, used)]
    kept = names if used is None else [names[k] for k in used]
    return Rows.of_columns(where, kept, [columns[name] for name in kept], notes=notes)


def _array(where: str, array: NDArray[Any], named: Sequence[str] | None) -> Opened:
    if array.dtype.names:
        return _columns(where, {name: np.ravel(array[name]) for name in array.dtype.names})
    if array.dtype.kind not in "biufOUS":
        raise DataFileError(where, "an array of numbers", f"type {array.dtype}")
    if array.ndim == 4 and array.dtype.kind in "biuf":
        return array
    if array.ndim == 2 and min(array.shape) >= 4:
        columns = [array[:, k] for k in range(array.shape[1])]
        if named is not None and len(named) == len(columns):
            # what means nothing here, such as times, would make every row distinct
            columns = [
                c if name not in ("", "-") else np.zeros(1, np.int8).repeat(len(c))
                for c, name in zip(columns, named, strict=True)
            ]
        return Rows.of_columns(where, None, columns)
    raise DataFileError(
        where, "four axes, or rows of x, y, a, b with or without a value (transpose?)", f"shape {array.shape}"
    )


def _workbook(where: str, data: bytes, decimal: str | None, sheet: str | None) -> Opened:
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
        raise DataFileError(where, "a workbook (a zipped text: unpack it first)", str(error)) from None
    tables = {
        name: [[_spreadsheet(cell) for cell in row] for row in rows]
        for name, rows in sheets.items()
        if any(any(cell != "" for cell in row) for row in rows)
    }
    if sheet is not None:
        if sheet not in sheets:
            raise UnknownNameError.among("sheet", sheet, sheets)
        return _sheet_rows(f"{where}, sheet {sheet}", tables.get(sheet, []), decimal, [])
    if len(tables) > 1:
        pairs = {name: pair_of_name(name) for name in tables}
        if None not in pairs.values() and len(set(pairs.values())) == len(pairs):
            parts = {pair: name for name, pair in pairs.items() if pair is not None}
            notes = ["one sheet a setting pair: " + ", ".join(f"{name} = ({x}, {y})" for (x, y), name in parts.items())]
            return mapping_rows(
                parts,
                lambda name: _sheet_rows(f"{where}, sheet {name}", tables[str(name)], decimal, []),
                where=where,
                notes=notes,
            )
        named = {n: rows for n, rows in tables.items() if _has_headings(rows)}
        if len(named) != 1:
            raise AmbiguousInputError(
                where, "one sheet with a table; name it by sheet= (--sheet)", ", ".join(named or tables)
            )
        tables = named
    if not tables:
        raise DataFileError(where, "a sheet with a table", "no filled sheet")
    ((name, rows),) = tables.items()
    notes = [f"sheet {name} of {len(sheets)}"] if len(sheets) > 1 else []
    return _sheet_rows(f"{where}, sheet {name}", rows, decimal, notes)


def _has_headings(rows: Sequence[Sequence[str]]) -> bool:
    names, _ = headings([tuple(row) for row in rows if any(row)])
    return useful([*(names or ()), ""], "") is not None


def _spreadsheet(cell: object) -> str:
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _sheet_rows(where: str, rows: Sequence[Sequence[str]], decimal: str | None, notes: list[str]) -> Rows:
    width = max((len(row) for row in rows), default=0)
    full = [(*row, *[""] * (width - len(row))) for row in rows]
    kept = [
        (k, row) for k, row in enumerate(full, start=1) if any(row) and not row[0].startswith("#") and not is_rule(row)
    ]
    if not kept:
        raise DataFileError(where, "rows of a table", "none")
    names, first = headings([row for _, row in kept])
    if first > 1:
        shown = next(field for field in kept[0][1] if field)[:40]
        notes.append(f"{first - 1} line{'s' if first > 2 else ''} above the table skipped or joined: {shown}")
    heading_line = kept[first - 1][0] if first else 1
    table = without_blank_columns([names, *(row for _, row in kept[first:])] if names else [row for _, row in kept])
    names, records = (table[0], table[1:]) if names else (None, table)
    mark = decimal or decimal_mark(where, records, notes)
    lines = [k for k, _ in kept[first:]]
    return Rows.of(where, names, records, lines=lines, decimal=mark, notes=notes, heading_line=heading_line)


_HDF = b"\x89HDF"


def _matlab(where: str, data: bytes, sheet: str | None, named: Sequence[str] | None) -> Opened:
    if _HDF in (data[:4], data[512:516]):  # MATLAB puts half a kilobyte of text in front
        try:
            import h5py
        except ImportError:
            raise UnsupportedError(
                where, "a format whose reader is installed: pip install 'keybounds[tables]'", "a MATLAB 7.3 file"
            ) from None
        found: dict[str, NDArray[Any]] = {}
        with h5py.File(io.BytesIO(data), "r") as file:
            file.visititems(
                lambda name, item: (
                    found.update({name.rsplit("/", 1)[-1]: np.asarray(item).T})
                    if isinstance(item, h5py.Dataset) and not name.startswith("#") and item.dtype.kind in "biuf"
                    else None
                )
            )
        return _one_of(where, found, sheet, named)
    from scipy.io import loadmat

    try:
        loaded = loadmat(io.BytesIO(data), squeeze_me=False)  # type: ignore[arg-type]
    except (ValueError, TypeError, OSError, NotImplementedError) as error:
        raise DataFileError(where, "a MATLAB file", str(error)) from None
    arrays = {name: np.asarray(value) for name, value in loaded.items() if not name.startswith("__")}
    for value in list(arrays.values()):
        if value.dtype.names and value.size == 1:  # a struct: its fields are the variables
            arrays = {name: np.asarray(value[name].item()) for name in value.dtype.names}
    return _one_of(where, arrays, sheet, named)
