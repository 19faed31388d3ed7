"""Rows that say the same in the form in which the layouts read them: pairs split, tables turned, totals taken off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from keybounds.errors import DataFileError
from keybounds.experiments.intake.columns import Columns
from keybounds.experiments.intake.labels import plain
from keybounds.experiments.intake.numbers import to_estimate, to_number
from keybounds.experiments.intake.pairs import split_pair
from keybounds.experiments.intake.rows import Rows

_TOTALS = {"total", "totals", "sum", "sums", "all", "subtotal", "σ", "∑", "summe", "somme", "gesamt"}
_ROUNDING = 5e-3  # of probabilities with two digits


def unfolded(rows: Rows, columns: Columns) -> tuple[Rows, Columns, tuple[str, ...]]:
    """Rows with a column for each of x, y, a, b.

    Raises
    ------
    DataFileError
        A pair of settings or outcomes that cannot be told apart.
    """
    notes: list[str] = []
    for pair, (first, second) in {"xy": ("x", "y"), "ab": ("a", "b")}.items():
        if pair in columns.roles and not {first, second} & columns.roles.keys():
            rows, columns = _split_column(rows, columns, pair, first, second)
            notes.append(f"a column of pairs {first}{second}, Alice's {'setting' if pair == 'xy' else 'outcome'} first")
    if columns.pairs and {"a", "b"} <= columns.roles.keys():
        rows, columns = _turned(rows, columns)
        notes.append("one row an outcome pair, one column a setting pair")
    if {"x", "y", "E", "EA", "EB"} <= columns.roles.keys() and not {"a", "b"} & columns.roles.keys():
        rows, columns = _from_correlators(rows, columns)
        notes.append("p = (1 + s EA + t EB + st E)/4, outcome 0 = +1")
    return rows, columns, tuple(notes)


def _split_column(rows: Rows, columns: Columns, pair: str, first: str, second: str) -> tuple[Rows, Columns]:
    position = columns.roles[pair]
    added = []
    for k, row in enumerate(rows.fields):
        text = row[position]
        labels = split_pair(text)
        if text.casefold() in _TOTALS or not text:
            labels = text, text
        if labels is None:
            what = "two settings, such as 0,1 or a0b1" if pair == "xy" else "two outcomes, such as +- or 0,1"
            raise DataFileError(rows.at(k, position), what, repr(text))
        added.append(labels)
    width = rows.width
    fields = tuple((*row, *labels) for row, labels in zip(rows.fields, added, strict=True))
    names = None if rows.names is None else (*rows.names, rows.names[position], rows.names[position])
    roles = {role: k for role, k in columns.roles.items() if role != pair} | {first: width, second: width + 1}
    return replace(rows, fields=fields, names=names), replace(columns, roles=roles)


def _turned(rows: Rows, columns: Columns) -> tuple[Rows, Columns]:
    """One row an outcome pair becomes one row a cell."""
    assert columns.pairs is not None
    a, b = columns.roles["a"], columns.roles["b"]
    records, lines = [], []
    for k, row in enumerate(rows.fields):
        if row[a].casefold() in _TOTALS:
            continue
        for position, (x, y) in columns.pairs.items():
            records.append([x, y, row[a], row[b], row[position]])
            lines.append(rows.lines[k])
    numbers = [to_number(rows.where, "a value", record[4], rows.decimal) for record in records]
    kind = "count" if all(value == int(value) for value in numbers) else "p"
    heads = ("x", "y", "a", "b", kind)
    made = Rows.of(rows.where, heads, records, lines=lines, decimal=rows.decimal, heading_line=rows.heading_line)
    return made, Columns({name: k for k, name in enumerate(heads)}, {})


def _from_correlators(rows: Rows, columns: Columns) -> tuple[Rows, Columns]:
    """Correlators with both marginals become probabilities of the outcomes ±1."""
    records, lines = [], []
    for k, row in enumerate(rows.fields):
        both, alice, bob = (
            to_estimate(rows.at(k, columns.roles[role]), role, row[columns.roles[role]], rows.decimal)[0]
            for role in ("E", "EA", "EB")
        )
        for s in (1, -1):
            for t in (1, -1):
                p = (1.0 + s * alice + t * bob + s * t * both) / 4.0
                if p < -1e-9:
                    raise DataFileError(rows.at(k), "correlators of some outcomes", f"p({s:+d},{t:+d}) = {p:.3g}")
                pair = (row[columns.roles["x"]], row[columns.roles["y"]])
                records.append([*pair, str(s), str(t), repr(max(p, 0.0))])
                lines.append(rows.lines[k])
    heads = ("x", "y", "a", "b", "p")
    made = Rows.of(rows.where, heads, records, lines=lines, heading_line=rows.heading_line)
    return made, Columns({name: k for k, name in enumerate(heads)}, {})


def without_totals(rows: Rows, columns: Columns, layout: str) -> tuple[Rows, tuple[str, ...]]:
    """Rows without sums, each of which is checked, and with empty settings taken from the row above (merged cells).

    Raises
    ------
    DataFileError
        A row of sums that is not the sum of the rows it stands for.
    """
    roles = ("x", "y", "a", "b") if layout == "long" else ("x", "y")
    if not set(roles) <= columns.roles.keys():
        return rows, ()
    at = [columns.roles[role] for role in roles]
    if not any(not row[k] or row[k].casefold() in _TOTALS for row in rows.fields for k in at):
        return rows, ()
    records: list[list[str]] = []
    lines: list[int] = []
    sums: list[tuple[int, list[str]]] = []
    positions = (
        list(columns.wide) if layout == "wide" else [columns.roles[v] for v in ("count", "p") if v in columns.roles]
    )
    filled = remarks = 0
    last = [""] * len(at)
    for number in rows.sequence:
        row = list(rows.fields[number])
        labels = [row[k] for k in at]
        if not any(labels[-2:]) and not any(row[k] for k in positions):
            remarks += 1
            continue
        if any(label.casefold() in _TOTALS for label in labels) or not any(labels[-2:]):
            sums.append((rows.lines[number], row))
            continue
        if not all(labels[:-1]) and all(last[k] for k, label in enumerate(labels[:-1]) if not label):
            labels = [label or last[k] if k < len(labels) - 1 else label for k, label in enumerate(labels)]
            filled += 1
        last = labels
        for k, label in zip(at, labels, strict=True):
            row[k] = label
        records.append(row)
        lines.append(rows.lines[number])
    for line, row in sums:
        _check_sum(rows, at, line, row, records, positions)
    notes = [f"{len(sums)} row{'s' if len(sums) > 1 else ''} of sums, which agree, left out"] if sums else []
    if remarks:
        notes.append(f"{remarks} line{'s' if remarks > 1 else ''} without outcomes and values left out")
    if filled:
        notes.append("empty settings and outcomes taken from the row above (merged cells)")
    made = Rows.of(
        rows.where,
        rows.names,
        records,
        lines=lines,
        decimal=rows.decimal,
        notes=rows.notes,
        heading_line=rows.heading_line,
    )
    return made, tuple(notes)


def _check_sum(
    rows: Rows,
    at: Sequence[int],
    line: int,
    row: Sequence[str],
    records: Sequence[Sequence[str]],
    positions: Sequence[int],
) -> None:
    fixed: Mapping[int, str] = {k: plain(row[k]) for k in at if row[k] and row[k].casefold() not in _TOTALS}
    for position in positions:
        if not row[position]:
            continue
        where = f"{rows.where}, line {line}"
        stated, _ = to_estimate(where, "a sum", row[position], rows.decimal)
        meant = [r for r in records if all(plain(r[k]) == label for k, label in fixed.items())]
        added = sum(to_estimate(rows.where, "a value", r[position], rows.decimal)[0] for r in meant)
        if not np.isclose(stated, added, rtol=0, atol=1e-9 if float(added).is_integer() and stated > 1 else _ROUNDING):
            raise DataFileError(
                where, f"settings and outcomes, or the sum of the rows that it is of, {added:g}", f"{stated:g}"
            )
