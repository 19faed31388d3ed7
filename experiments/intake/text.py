"""Rows of a text: encoding, comments, separator, decimal mark, headings.

Separators and decimal marks come from the short lists below. A text that fits none, or two equally well, is refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from keybounds.errors import AmbiguousInputError, DataFileError
from keybounds.experiments.intake.columns import role_of
from keybounds.experiments.intake.grid import (
    Record,
    decimal_mark,
    headings,
    is_rule,
    unused_note,
    useful,
    without_blank_columns,
)
from keybounds.experiments.intake.pairs import outcome_pair
from keybounds.experiments.intake.rows import Rows

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "spaces", "  ": "two or more spaces"}
_COMMENTS = ("#", "%", "//")
_SAMPLE = 1000  # lines that settle separator, headings and decimal mark
_MANY = 20_000  # distinct lines above which columns without a meaning are left out before rows are compared
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_WIDE_FORMS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width characters, as keyboards for Chinese and Japanese write them."""


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
    forced, text = _declared(text, notes)
    events = _events(where, text, forced)
    if events is not None:
        return events
    lines, numbers, sequence, comments = _lines(text)
    if not lines:
        raise DataFileError(where, "rows of a table", "none" if not comments else "comments only")
    told = len(notes)
    separator, start = _split(where, lines[:_SAMPLE], numbers, forced, notes)
    records = _records(where, lines[start:], numbers[start:], separator)
    names, first = headings(records)
    heading_line = numbers[start + first - 1] if first else 1
    if names is None:
        names, heading_line = _commented(comments, separator, len(records[0]))
        if names is not None:
            notes.append(f"headings from the comment in line {heading_line}")
            del comments[heading_line]
    if comments:
        notes.insert(told, f"{len(comments)} comment line{'s' if len(comments) > 1 else ''} skipped")
    above = lines[: start + first - 1] if first else lines[:start]
    if above:
        shown = above[0].strip(" ,;|\t")[:40]
        notes.append(f"{len(above)} line{'s' if len(above) > 1 else ''} above the table skipped: {shown}")
    records = without_blank_columns([names, *records[first:]] if names is not None else records[first:])
    if names is not None:
        names, records = records[0], records[1:]
    kept = [k for k, record in enumerate(records) if any(record) and not is_rule(record)]
    mark = decimal or decimal_mark(where, [records[k] for k in kept[:_SAMPLE]], notes)
    order = np.asarray(sequence, dtype=np.int64) - start - first
    if first and int((order == -1).sum()) > 1:
        line = _second(text, lines[start + first - 1])
        raise DataFileError(f"{where}, line {line}", "one line of headings", "a second one: two files in one?")
    place = np.full(len(records) + 1, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    order = place[order[order >= 0]]
    fields = [records[k] for k in kept]
    used = useful(names, where) if len(fields) > _SAMPLE else None
    if names is not None and used is not None:  # a list of trials with times in it has few distinct rows beside them
        notes.append(unused_note(names, used))
        names, fields = tuple(names[k] for k in used), [tuple(field[k] for k in used) for field in fields]
    at = [numbers[start + first + k] for k in kept]
    rows = Rows.of(where, names, fields, lines=at, decimal=mark, notes=notes, heading_line=heading_line)
    sequence_of = rows.sequence[order[order >= 0]]
    return Rows(where, rows.names, rows.fields, rows.lines, sequence_of, mark, rows.notes, heading_line)


def _lines(text: str) -> tuple[list[str], list[int], list[int], dict[int, str]]:
    """Distinct lines, the number of each, the order of all; and the comments by line."""
    index: dict[str, int] = {}
    numbers: list[int] = []
    sequence: list[int] = []
    comments: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        known = index.get(line)
        if known is not None:
            sequence.append(known)
            continue
        bare = line.strip(" \r\ufeff")
        if not bare.strip(",;|\t "):
            continue
        if bare.startswith(_COMMENTS) and not _starts_with_number_sign(bare):
            comments[number] = bare
            continue
        sequence.append(len(index))
        index[line] = len(index)
        numbers.append(number)
    return list(index), numbers, sequence, comments


def _starts_with_number_sign(line: str) -> bool:
    """Whether ``#`` or ``%`` is itself the first heading: ``#,x,y,a,b``."""
    return bool(re.match(r"[#%]\s*[,;\t|]", line))


def _second(text: str, heading: str) -> int:
    return [k for k, line in enumerate(text.split("\n"), start=1) if line == heading][1]


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
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        plain = text.translate(_WIDE_FORMS)
        if plain != text:
            notes.append("full-width characters read as plain ones")
        text = plain
    return text


def _declared(text: str, notes: list[str]) -> tuple[str | None, str]:
    """The separator that the first line names, as spreadsheets write it: ``sep=;``."""
    found = re.match(r'\ufeff?"?sep=(.)"?[ \t]*\n', text)
    if found is None or found[1] not in SEPARATORS:
        return None, text
    notes.append(f"the first line names the separator: {SEPARATORS[found[1]]}")
    return found[1], "\n" + text[found.end() :]


def _split(
    where: str, lines: Sequence[str], numbers: Sequence[int], forced: str | None, notes: list[str]
) -> tuple[str, int]:
    """The separator that gives each line of the table the same number of fields, and the line with which it starts."""
    found: dict[str, int] = {}
    uneven: list[str] = []
    for separator, name in SEPARATORS.items() if forced is None else [(forced, SEPARATORS[forced])]:
        widths = [len(_fields(line, separator)) for line in lines]
        wide = Counter(width for width in widths if width >= 2)
        if not wide:
            continue
        width, often = max(wide.items(), key=lambda item: (item[1], item[0]))
        start = widths.index(width)
        if start and widths[start - 1] == width - 1:  # headings without the separator that ends the other lines
            start -= 1
        heads = [k for k in range(start) if sum(role_of(f) is not None for f in _fields(lines[k], separator)) >= 3]
        if heads:  # headings of another length are no title
            uneven.append(f"by {name}, line {numbers[heads[0]]} names {widths[heads[0]]} columns, others have {width}")
            continue
        other = next((k for k in range(start, len(widths)) if widths[k] not in (width, width - (k == start))), None)
        enough = width >= 3 or all(map(role_of, _fields(lines[start], separator)))
        if enough and other is None and often >= min(2, len(lines)):
            found[separator] = start
        elif width >= 3 and other is not None:
            uneven.append(f"by {name}, line {numbers[other]} has {widths[other]} fields, the first {width}")
    if len(found) > 1:  # the one under which the headings say most
        known = {s: sum(role_of(f) is not None for f in _fields(lines[k], s)) for s, k in found.items()}
        found = {s: k for s, k in found.items() if known[s] == max(known.values())}
    if len(found) > 1:
        # a comma inside the fields of a wider separator is a decimal mark; spaces around a separator are padding
        strong = {s: r for s, r in found.items() if s not in (" ", "  ", ",")} or {
            s: r for s, r in found.items() if s.strip(" ")
        }
        found = strong or {" ": found[" "]}
    if len(found) > 1:
        names = " or ".join(SEPARATORS[s] for s in found)
        raise AmbiguousInputError(
            where, "one separator of columns; a first line sep=; names it", f"{names}, which fit alike"
        )
    if not found:
        detail = "; ".join(uneven[:2]) or f"{lines[0].strip()[:60]!r} in line {numbers[0]}"
        raise DataFileError(
            where, "lines of one length, with fields separated by comma, semicolon, tab, bar or spaces", detail
        )
    ((separator, start),) = found.items()
    if separator != "," and forced is None:
        notes.append(f"columns separated by {SEPARATORS[separator]}")
    return separator, start


def _records(where: str, lines: Sequence[str], numbers: Sequence[int], separator: str) -> list[Record]:
    """The fields of each line, of one number."""
    records = [_fields(line, separator) for line in lines]
    width = len(records[-1])
    if len(records) > 1 and len(records[0]) == width - 1 and not any(record[-1] for record in records[1:]):
        records[0] = (*records[0], "")
    for record, number in zip(records, numbers, strict=True):
        if len(record) != len(records[0]):
            found = f"line {number} has {len(record)} fields, the first {len(records[0])}"
            raise DataFileError(where, "lines of one length", found)
    return records


def _fields(line: str, separator: str) -> Record:
    line = line.strip("\r\ufeff")
    if separator == " ":
        return tuple(line.split())
    if separator == "  ":
        return tuple(re.split(r" {2,}", line.strip()))
    if separator == "|":
        line = line.strip().removeprefix("|").removesuffix("|")
    if '"' in line:
        reader = csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True)
        try:
            return tuple(field.strip() for field in next(reader))
        except csv.Error:  # a quotation mark that nothing closes, or one inside a field
            return (line.strip(),)
    if separator == "," and re.search(r"[(\[]", line):  # P(a,b|x,y) is one heading
        return tuple(field.strip() for field in re.split(r",(?![^(\[]*[)\]])", line.strip(" ")))
    return tuple(field.strip() for field in line.strip(" ").split(separator))


def _commented(comments: dict[int, str], separator: str, width: int) -> tuple[Record | None, int]:
    """Headings in a comment, as numpy's savetxt writes them: the last one that splits alike and names a column."""
    for number, comment in reversed(comments.items()):
        for mark in (separator, ","):
            record = _fields(comment.lstrip("#%/ "), mark)
            if len(record) == width and sum(bool(role_of(f) or outcome_pair(f)) for f in record) >= 3:
                return record, number
    return None, 1


def _events(where: str, text: str, forced: str | None) -> Rows | None:
    """A long list with columns that mean nothing here, such as times: read by columns, those left out.

    None where it is no such list, or one that only the careful way reads.
    """
    head = text[: 200 * _SAMPLE].split("\n")[:_SAMPLE]
    if len(head) < _SAMPLE or text.count("\n") < _MANY or not text.isascii() or '"' in text:
        return None
    lines, numbers, _, comments = _lines("\n".join(head))
    if len(lines) < _SAMPLE // 2:
        return None
    notes: list[str] = []
    separator, start = _split(where, lines, numbers, forced, notes)
    records = _records(where, lines[start:], numbers[start:], separator)
    names, first = headings(records)
    used = useful(names, where)
    if names is None or used is None or start or comments or first != 1 or numbers[0] != 1 or separator == " ":
        return None
    body = text[text.index("\n") + 1 :]
    if not _even(body, separator, len(names)):
        return None
    try:
        table = np.loadtxt(io.StringIO(body), dtype="S8", delimiter=separator, usecols=used, comments=None, ndmin=2)
    except ValueError:
        return None
    columns = [np.ascontiguousarray(column) for column in table.T]
    if any((column.view(np.uint8)[7::8] != 0).any() for column in columns):
        return None  # labels that may have been cut
    notes.append(unused_note(names, used))
    return Rows.of_columns(where, [names[k] for k in used], columns, first_line=2, notes=notes)


def _even(body: str, separator: str, width: int) -> bool:
    """Whether every line has the same number of separators, and none is blank."""
    raw = np.frombuffer(body.encode("ascii"), dtype=np.uint8)
    ends = raw == 10
    marks = np.flatnonzero(ends | (raw == ord(separator)))
    last = raw[-1:] != 10
    lines = int(ends.sum()) + int(last.sum())
    return len(marks) + int(last.sum()) == width * lines and bool(ends[marks[width - 1 :: width]].all())
