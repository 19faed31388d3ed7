"""Rows of a text: encoding, comments, separator, decimal mark, headings.

Separators and decimal marks come from the short lists below. A text that fits none, or two equally well, is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from operator import itemgetter

import numpy as np

from keybounds.errors import AmbiguousInputError, DataFileError
from keybounds.experiments.intake.columns import recognised
from keybounds.experiments.intake.rows import Rows

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "spaces"}
_COMMENTS = ("#", "%", "//")
_NUMBER = re.compile(r"[+\-−]?(\d[\d.,'’  ]*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SPACES = "'’ \N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"  # between thousands
_SAMPLE = 1000  # lines that settle separator, headings and decimal mark
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def text_rows(where: str, data: bytes, decimal: str | None = None) -> Rows:
    """Split a text into rows.

    Raises
    ------
    DataFileError
        No text, no rows, or rows of different lengths; with the line.
    AmbiguousInputError
        Two separators fit, or the decimal mark cannot be told from a thousands separator.
    """
    notes: list[str] = []
    text = _decoded(where, data, notes)
    index: dict[str, int] = {}
    numbers: list[int] = []
    sequence: list[int] = []
    comments = 0
    for number, line in enumerate(text.split("\n"), start=1):
        known = index.get(line)
        if known is not None:
            sequence.append(known)
            continue
        bare = line.strip(" \r\ufeff")
        if not bare or bare.startswith(_COMMENTS):
            comments += bool(bare)
            continue
        sequence.append(len(index))
        index[line] = len(index)
        numbers.append(number)
    if not index:
        raise DataFileError(where, "rows of a table", "none" if not comments else "comments only")
    if comments:
        notes.append(f"{comments} comment line{'s' if comments > 1 else ''} skipped")
    lines = list(index)
    separator, _ = _split(where, lines[:_SAMPLE], numbers, notes)
    records = [_fields(line, separator) for line in lines]
    width = len(records[0])
    for record, number in zip(records, numbers, strict=True):
        if len(record) != width:
            raise DataFileError(
                where, "lines of one length", f"line {number} has {len(record)} fields, the first {width}"
            )
    names, first = _headings(records)
    mark = decimal or _decimal_mark(where, separator, records[first : first + _SAMPLE], notes)
    order = np.asarray(sequence, dtype=np.int64)
    if first:
        if int((order == 0).sum()) > 1:
            raise DataFileError(where, "one line of headings", "a second one")
        order = order[order != 0] - 1
    rows = Rows(where, names, tuple(records[first:]), tuple(numbers[first:]), order, mark, tuple(notes))
    return rows if len(records) <= _SAMPLE else _narrowed(rows)


def _narrowed(rows: Rows) -> Rows:
    """Without the columns that have no role: a list of trials with times in it has few distinct rows beside them."""
    if rows.names is None:
        return rows
    columns = recognised(rows)
    used = sorted({*columns.roles.values(), *columns.wide})
    if len(used) < 2 or len(used) == rows.width:
        return rows
    index: dict[tuple[str, ...], int] = {}
    pick = itemgetter(*used)
    renumbered = np.fromiter((index.setdefault(pick(row), len(index)) for row in rows.fields), dtype=np.int64)
    _, first = np.unique(renumbered, return_index=True)
    unused = [name for k, name in enumerate(rows.names) if k not in used]
    return Rows(
        rows.where,
        pick(rows.names),
        tuple(index),
        tuple(rows.lines[k] for k in first),
        renumbered[rows.sequence],
        rows.decimal,
        (*rows.notes, f"not used: column{'s' if len(unused) > 1 else ''} {', '.join(unused)}"),
    )


def _decoded(where: str, data: bytes, notes: list[str]) -> str:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if b"\x00" in data:
            raise DataFileError(where, "a text, or one of .xlsx, .npy, .npz, .mat", "binary data") from None
        text = data.decode("cp1252", errors="replace")
        notes.append("not UTF-8: read as Windows-1252")
    if "\x00" in text:
        raise DataFileError(where, "a text, or one of .xlsx, .npy, .npz, .mat", "binary data")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(
    where: str, lines: Sequence[str], numbers: Sequence[int], notes: list[str]
) -> tuple[str, list[tuple[str, ...]]]:
    """The separator that gives each line the same number of fields, three at least, and the fields."""
    found: dict[str, list[tuple[str, ...]]] = {}
    uneven: list[str] = []
    for separator, name in SEPARATORS.items():
        records = [_fields(line, separator) for line in lines]
        widths = {len(record) for record in records}
        if len(widths) == 1 and min(widths) >= 3:
            found[separator] = records
        elif max(widths) >= 3:
            expected = len(records[0])
            other = next((k for k, record in enumerate(records) if len(record) != expected), 0)
            uneven.append(f"by {name}, line {numbers[other]} has {len(records[other])} fields, the first {expected}")
    if len(found) > 1:
        # a comma inside the fields of a wider separator is a decimal mark; spaces around a separator are padding
        strong = {s: r for s, r in found.items() if s not in (" ", ",")} or {s: r for s, r in found.items() if s != " "}
        found = strong
    if len(found) > 1:
        names = " or ".join(SEPARATORS[s] for s in found)
        raise AmbiguousInputError(where, "one separator of columns", f"{names}, which fit alike")
    if not found:
        detail = "; ".join(uneven[:2]) or f"{lines[0].strip()[:60]!r} in line {numbers[0]}"
        raise DataFileError(
            where, "lines of one length, with fields separated by comma, semicolon, tab, bar or spaces", detail
        )
    ((separator, records),) = found.items()
    if separator != ",":
        notes.append(f"columns separated by {SEPARATORS[separator]}")
    return separator, records


def _fields(line: str, separator: str) -> tuple[str, ...]:
    line = line.strip("\r\ufeff")
    if separator == " ":
        return tuple(line.split())
    if '"' in line:
        return tuple(field.strip() for field in next(csv.reader([line], delimiter=separator, skipinitialspace=True)))
    return tuple(field.strip() for field in line.strip(" ").split(separator))


def _headings(records: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...] | None, int]:
    """The first record, if no field of it is a number while the next record's last field is one."""
    first = records[0]
    if any(is_number(field) for field in first[:2]) or not any(any(c.isalpha() for c in f) for f in first):
        return None, 0
    return first, 1


def is_number(text: str) -> bool:
    """Whether this looks like a number, in any of the notations that are read."""
    return bool(_NUMBER.fullmatch(text.strip()))


def _decimal_mark(where: str, separator: str, records: Sequence[tuple[str, ...]], notes: list[str]) -> str:
    """The decimal mark of numbers that have a comma in them; a point unless something speaks for a comma."""
    with_comma = {f for record in records for f in record if "," in f and is_number(f)}
    if not with_comma:
        return "."
    grouped = all(re.fullmatch(r"[+\-−]?\d{1,3}(,\d{3})+(\.\d+)?", f) for f in with_comma)
    pointed = any("." in f for record in records for f in record if is_number(f) and f not in with_comma)
    if grouped and (pointed or any(f.count(",") > 1 or "." in f for f in with_comma)):
        notes.append("commas separate thousands")
        return "."
    if grouped:
        example = min(with_comma, key=len)
        raise AmbiguousInputError(
            where, "numbers of one reading; say decimal=',' or decimal='.'", f"{example}, a decimal comma or thousands"
        )
    notes.append("decimal commas")
    return ","


def to_number(where: str, name: str, text: str, decimal: str) -> float:
    """A field as a number: decimal mark as given, thousands separated by the other mark, apostrophes or thin spaces.

    Raises
    ------
    DataFileError
        It is no number of at least 0.
    """
    plain = re.sub(rf"(?<=\d)[{_SPACES}](?=\d{{3}}\b)", "", text.replace("−", "-").strip())
    other = "." if decimal == "," else ","
    if re.fullmatch(rf"[+-]?\d{{1,3}}(\{other}\d{{3}})+(\{decimal}\d*)?", plain):
        plain = plain.replace(other, "")
    if decimal == ",":
        plain = plain.replace(",", ".")
    try:
        value = float(plain) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", plain, re.ASCII) else None
    except ValueError:
        value = None
    if value is None or not np.isfinite(value):
        raise DataFileError(where, f"{name}, a number", repr(text))
    return value
