"""From records of a text or a sheet to rows under their headings: titles, blank columns and merged headings apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from keybounds.errors import AmbiguousInputError, InputError
from keybounds.experiments.intake.columns import by_headings, role_of
from keybounds.experiments.intake.numbers import is_number
from keybounds.experiments.intake.pairs import outcome_pair

_TITLES = 30
"""Lines among which the headings are looked for."""

Record = tuple[str, ...]


def headings(records: Sequence[Record]) -> tuple[Record | None, int]:
    """The headings, and how many records they and what stands above them take.

    The first record with three columns that are recognised; or two records, the upper one with merged cells; or the
    first record, where it holds words and no number.
    """
    for k, record in enumerate(records[:_TITLES]):
        if _recognised(record) >= 3:
            return record, k + 1
    for k, (upper, lower) in enumerate(pairwise(records[: _TITLES + 1])):
        joined = _joined(upper, lower)
        if _recognised(joined) >= 3 and not any(is_number(field) for field in lower):
            return joined, k + 2
    first = records[0]
    if any(is_number(field) for field in first[:2]) or not any(c.isalpha() for field in first for c in field):
        return None, 0
    return first, 1


def _recognised(record: Record) -> int:
    """How many columns these headings name, each role once, or the pairs of outcomes of a wide table."""
    found = [role for field in record if (role := role_of(field))]
    roles = set(found)
    if len(roles) < len(found) and roles & {"xy", "ab"}:
        return 0  # setting, outcome, setting, outcome: whose stands in the line above
    pairs = {pair[:2] for field in record if not role_of(field) and (pair := outcome_pair(field))}
    settings = roles & {"x", "y", "xy", "a", "b", "ab"}
    if len(pairs) >= 4 and settings and not is_number(record[0]):
        return 3
    return len(roles) if len(roles) >= 3 or not {"xy", "ab"} <= roles else 3


def _joined(upper: Record, lower: Record) -> Record:
    """Headings of two lines: a merged cell is empty but in its first column."""
    filled, last = [], ""
    for field in upper:
        last = field or last
        filled.append(last)
    told = [role_of(below) not in (None, "xy", "ab") for below in lower]
    return tuple(
        below if alone else f"{above} {below}".strip() for above, below, alone in zip(filled, lower, told, strict=True)
    )


def without_blank_columns(records: Sequence[Record]) -> list[Record]:
    """The records without columns in which nothing stands: of a separator at the end, or before a table's corner."""
    width = len(records[0])
    kept = [k for k in range(width) if any(record[k] for record in records)]
    return list(records) if len(kept) == width else [tuple(record[k] for k in kept) for record in records]


def is_rule(record: Record) -> bool:
    """Whether a record is nothing but lines, as below the headings of a table in Markdown."""
    rules = [re.fullmatch(r":?-{2,}:?", field) for field in record]
    return all(rules) and any("---" in field for field in record)


def useful(names: Sequence[str] | None, where: str) -> tuple[int, ...] | None:
    """Positions of the columns that mean something by their headings; None where the headings say too little."""
    if names is None:
        return None
    try:
        used = by_headings(where, names).used
    except InputError:
        return None  # whoever reads the rows says what is wrong with them
    return used if 2 <= len(used) < len(names) else None


def unused_note(names: Sequence[str], used: Sequence[int]) -> str:
    """What is said of the columns that are left out."""
    unused = [name or "(without a heading)" for k, name in enumerate(names) if k not in used]
    return f"not used: column{'s' if len(unused) > 1 else ''} {', '.join(unused)}"


def decimal_mark(where: str, records: Sequence[Record], notes: list[str]) -> str:
    """The decimal mark of numbers that have a comma in them; a point unless something speaks for a comma.

    Raises
    ------
    AmbiguousInputError
        Decimal commas and separated thousands look alike.
    """
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
