"""Rows of a dictionary: columns by name, counts by cell or by setting pair, or one file a setting pair."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import AmbiguousInputError, DataFileError, InputError
from keybounds.experiments.intake.columns import recognised
from keybounds.experiments.intake.numbers import to_number
from keybounds.experiments.intake.pairs import split_pair
from keybounds.experiments.intake.rows import Rows

Opened: TypeAlias = Rows | NDArray[Any]
FIRST_BIT = (
    "of a string of two outcomes the first is Alice's; Qiskit prints its last bit first: "
    "layout='qiskit' turns them round"
)
QISKIT = "Qiskit's counts: classical bit 0, the last of each string, is Alice's"


def mapping_rows(
    source: Mapping[Any, Any],
    open_part: Callable[[object], Opened],
    *,
    where: str = "the dictionary",
    notes: Sequence[str] = (),
) -> Rows:
    """Rows of a dictionary; `open_part` reads what it holds for a setting pair.

    Raises
    ------
    InputError
        Keys of no kind that is known.
    """
    keys = list(source)
    if keys and all(isinstance(key, str) for key in keys):
        lists = [isinstance(source[key], (list, tuple, np.ndarray)) and np.ndim(source[key]) == 1 for key in keys]
        if all(lists):
            if len({len(source[key]) for key in keys}) != 1:
                raise InputError(where, "columns of one length", ", ".join(f"{k}: {len(source[k])}" for k in keys))
            columns = [np.asarray(source[key]) for key in keys]
            return Rows.of_columns(where, keys, columns, notes=notes)
        split = {key: _quadruple(key) or split_pair(key) for key in keys}
        distinct = set(split.values())
        if None not in distinct and len(distinct) == len(keys) and len({len(parts or ()) for parts in distinct}) == 1:
            source = {parts: source[key] for key, parts in split.items()}
            keys = list(source)
    if keys and all(isinstance(key, tuple) and len(key) == 4 for key in keys):
        records = [[*map(str, key), str(value)] for key, value in source.items()]
        return Rows.of(where, ("x", "y", "a", "b", "count"), records, notes=[*notes, "keys are (x, y, a, b)"])
    if keys and all(isinstance(key, tuple) and len(key) == 2 for key in keys):
        return _pairs(where, source, open_part, list(notes))
    raise InputError(
        "source" if where == "the dictionary" else where,
        "a dictionary of columns by name, of counts by (x, y, a, b), or of counts or files by (x, y)",
        f"keys such as {keys[0]!r}" if keys else "an empty one",
    )


def _quadruple(key: str) -> tuple[str, ...] | None:
    parts = [part for part in re.split(r"[\s,;/|_()\[\]]+", key) if part]
    return tuple(parts) if len(parts) == 4 else None


def pair_of_name(name: str) -> tuple[str, str] | None:
    """The setting pair that the end of a name says: ``run3_a0b1``, ``x0_y1``, ``(0,1)``, ``A1 B2``, ``00``."""
    found = re.search(r"(?:^|[_\W])([a-z]+[ _=]?\d+['′]?[ _,\-]*[a-z]+[ _=]?\d+['′]?|\(.*\))$", name, re.IGNORECASE)
    if found:
        return split_pair(found[1].replace("-", "_"))
    found = re.search(r"(?:^|[_\s(,\-])([a-z]?\d)[_,\s\-]*([a-z]?\d)\)?$", name, re.IGNORECASE)
    if found:
        return found[1], found[2]
    pair = split_pair(name)
    return pair if pair is not None and max(map(len, pair)) <= 2 else None


def _pairs(where: str, source: Mapping[Any, Any], open_part: Callable[[object], Opened], notes: list[str]) -> Rows:
    records: list[list[str]] = []
    for (x, y), part in source.items():
        if isinstance(part, Mapping):
            records += _counted(where, str(x), str(y), part, notes)
            continue
        if (
            isinstance(part, (list, tuple, np.ndarray))
            and np.ndim(part) == 2
            and np.size(part)
            and min(np.shape(part)) < 4
        ):
            table = np.asarray(part)
            records += [[str(x), str(y), str(a), str(b), str(table[a, b])] for a, b in np.ndindex(table.shape)]
            _once(notes, "of a square of counts the row is Alice's outcome, the column Bob's")
            continue
        rows = open_part(part)
        if not isinstance(rows, Rows):
            raise InputError(where, f"outcomes and counts for ({x}, {y})", "an array of four axes")
        records += _outcomes(rows, str(x), str(y), notes)
    made = Rows.of(where, ("x", "y", "a", "b", "count"), records, notes=notes)
    return replace(made, strings=FIRST_BIT in notes)


def _counted(where: str, x: str, y: str, part: Mapping[Any, Any], notes: list[str]) -> list[list[str]]:
    """Counts by outcomes: strings, pairs, or the counts of a Qiskit job."""
    qiskit = hasattr(part, "int_outcomes")
    records = []
    for outcomes, count in part.items():
        if isinstance(outcomes, str) and outcomes.startswith("0x"):
            raise AmbiguousInputError(
                where,
                "strings of two outcomes, such as Qiskit's get_counts() gives",
                f"the number {outcomes} for ({x}, {y})",
            )
        if isinstance(outcomes, tuple) and len(outcomes) == 2:
            pair: tuple[object, ...] | None = outcomes
        else:
            pair = split_pair(outcomes) if isinstance(outcomes, str) else None
        if pair is None:
            raise InputError(where, f"two outcomes in each key of ({x}, {y})", repr(outcomes))
        a, b = reversed(pair) if qiskit else pair
        records.append([x, y, str(a), str(b), str(count)])
    if qiskit:
        _once(notes, QISKIT)
    elif any(isinstance(outcomes, str) for outcomes in part):
        _once(notes, FIRST_BIT)
    return records


def _outcomes(rows: Rows, x: str, y: str, notes: list[str]) -> list[list[str]]:
    """Records of one setting pair from a table of outcomes and counts, or a list of trials."""
    columns = recognised(rows)
    roles = columns.roles
    if {"x", "y", "xy"} & roles.keys():
        raise DataFileError(
            rows.where, "outcomes of one setting pair", "a column of settings beside a name that says them"
        )
    for note in (*rows.notes, *columns.notes):
        _once(notes, note)
    if "ab" in roles and "count" in roles:
        records = []
        for k, row in enumerate(rows.fields):
            pair = split_pair(row[roles["ab"]])
            if pair is None:
                raise DataFileError(rows.at(k, roles["ab"]), "two outcomes, such as +- or 0,1", repr(row[roles["ab"]]))
            records.append([x, y, *pair, _number(rows, k, roles["count"])])
        return records
    if {"a", "b"} <= set(roles) and "count" not in roles:
        numbers = np.bincount(rows.sequence, minlength=len(rows.fields))
        counted: dict[tuple[str, str], int] = {}
        for row, number in zip(rows.fields, numbers, strict=True):
            outcome = row[roles["a"]], row[roles["b"]]
            counted[outcome] = counted.get(outcome, 0) + int(number)
        _once(notes, "a list of trials for each setting pair")
        return [[x, y, a, b, str(number)] for (a, b), number in counted.items()]
    if not {"a", "b", "count"} <= set(roles):
        raise DataFileError(
            rows.where,
            "columns a, b and count for one setting pair, or a, b for a list of trials",
            ", ".join(rows.names or ()),
        )
    if len(rows.sequence) > len(rows.fields):
        raise DataFileError(rows.where, "each row once", f"{len(rows.sequence) - len(rows.fields)} repeated")
    return [
        [x, y, row[roles["a"]], row[roles["b"]], _number(rows, k, roles["count"])] for k, row in enumerate(rows.fields)
    ]


def _number(rows: Rows, row: int, column: int) -> str:
    """A count as Python writes it, whatever decimal mark its file has."""
    return repr(to_number(rows.at(row, column), "count", rows.fields[row][column], rows.decimal))


def _once(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)
