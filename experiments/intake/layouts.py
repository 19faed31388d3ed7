"""From rows to cells: one row a cell (long), one row a setting pair (wide), one row a trial (events), two angles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import AmbiguousInputError, DataFileError
from keybounds.experiments.intake.columns import Columns
from keybounds.experiments.intake.labels import plain
from keybounds.experiments.intake.numbers import to_estimate, to_number
from keybounds.experiments.intake.reshaping import unfolded, without_totals
from keybounds.experiments.intake.rows import Rows

LAYOUTS = ("long", "wide", "events", "angles")
_ADDING = 5e-3  # of probabilities with two digits, four of which make a sum


class Cell(NamedTuple):
    """The labels of one cell."""

    x: str
    y: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Cells:
    """Values by cell, their uncertainties if given, and where each stood.

    `trials` has for a list of events the sequence of cells, as indices into the keys of `values`.
    """

    layout: str
    values: Mapping[Cell, float]
    deviations: Mapping[Cell, float] | None
    places: Mapping[Cell, str]
    counts: bool
    trials: NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()


def cells_of(rows: Rows, columns: Columns, layout: str | None) -> Cells:
    """Read the cells in a layout, or in the one that the columns tell.

    Raises
    ------
    DataFileError
        A column that the layout needs is missing, a value is no count or probability, a cell occurs twice.
    AmbiguousInputError
        The columns fit no layout, or more than one.
    """
    rows, columns, notes = unfolded(rows, columns)
    kind = layout or _layout(rows, columns)
    if kind in ("long", "wide"):
        rows, more = without_totals(rows, columns, kind)
        notes = (*notes, *more)
    read = {"long": _long, "wide": _wide, "events": _events, "angles": _angles}[kind]
    cells = read(rows, columns)
    if columns.wide and kind != "wide" and rows.names is not None:
        notes = (*notes, f"not used: {', '.join(rows.names[k] for k in columns.wide)}")
    return replace(cells, notes=(*notes, *cells.notes))


def _layout(rows: Rows, columns: Columns) -> str:
    roles = set(columns.roles)
    values = roles & {"count", "p"}
    fits = [
        name
        for name, fitting in (
            ("long", {"x", "y", "a", "b"} <= roles and bool(values)),
            ("events", {"x", "y", "a", "b"} <= roles and not values and len(columns.wide) < 4),
            ("wide", {"x", "y"} <= roles and len(columns.wide) >= 4),
            ("angles", {"alpha", "beta"} <= roles and "count" in roles),
        )
        if fitting
    ]
    if fits == ["events"] and rows.width > 4 and _all_differ(rows, columns):
        found = "each cell once, beside a column that is not recognised"
        raise AmbiguousInputError(rows.where, "a column count or p, or layout='events' for a list of trials", found)
    if len(fits) == 1:
        return fits[0]
    if len(fits) > 1:
        raise AmbiguousInputError(rows.where, "one layout; say which by layout= (--layout)", " or ".join(fits))
    if {"a", "b"} <= roles and not roles & {"x", "y"}:
        hint = "outcomes but no settings: give one file a setting pair, {(x, y): file}, or a folder of them"
    elif len(columns.wide) >= 4 and not roles & {"x", "y"}:
        hint = "outcomes but no settings: add columns x and y, or give each pair its name, as in {'0,1': {..}}"
    elif {"x", "y"} <= roles and "E" in roles:
        hint = "correlators without marginals, which are no table: give counts, or E with EA and EB"
    elif {"x", "y"} <= roles and values and "alpha" not in roles:
        hint = "settings and values but no outcomes"
    else:
        hint = ", ".join(rows.names or ()) or "no headings"
    raise DataFileError(
        f"{rows.where}, line {rows.heading_line}",
        "columns x,y,a,b with count or p (dp optional), or x,y,a,b for a list of trials, or x,y,00,01,10,11, or "
        "alpha,beta,count; layout= (--layout) names columns",
        hint,
    )


def _all_differ(rows: Rows, columns: Columns) -> bool:
    """Whether no cell occurs twice, as in a table and in no list of trials."""
    return len({_cell(row, columns) for row in rows.fields}) == len(rows.sequence)


def _need(rows: Rows, columns: Columns, roles: Sequence[str], layout: str) -> None:
    missing = [role for role in roles if role not in columns.roles]
    if missing:
        raise DataFileError(rows.where, f"a column {missing[0]} for the layout {layout}", ", ".join(rows.names or ()))


def _cell(row: Sequence[str], columns: Columns) -> Cell:
    return Cell(*(plain(row[columns.roles[role]]) for role in ("x", "y", "a", "b")))


def _count(rows: Rows, row: int, column: int) -> float:
    where, text = rows.at(row, column), rows.fields[row][column]
    if "±" in text or text.endswith(")") or "+/-" in text:
        raise DataFileError(where, "a whole count without its error, which follows from the counts", repr(text))
    value = to_number(where, "count", text, rows.decimal)
    if value < 0:
        raise DataFileError(where, "counts of at least 0: error-mitigated quasi-counts are no data of a device", text)
    if value != int(value):
        expected = "whole counts: fractional ones are corrected or normalised, not data; probabilities stand under p"
        grouped = re.fullmatch(r"\d{1,3}([.,])\d{3}", text)
        if grouped:
            other = "," if grouped[1] == "." else "."
            expected += f"; where {grouped[1]!r} separates thousands, decimal={other!r} (--decimal {other})"
        raise DataFileError(where, expected, text)
    if value > 2**53:
        raise DataFileError(where, "counts of at most 2^53", text)
    return value


def _probability(rows: Rows, row: int, column: int, columns: Columns) -> tuple[float, float | None]:
    where, text = rows.at(row, column), rows.fields[row][column]
    value, error = to_estimate(where, "p", text, rows.decimal)
    if value < 0 or (error is not None and error < 0):
        expected = "a number of at least 0: quasi-probabilities of error mitigation are no data of a device"
        raise DataFileError(where, expected, text)
    scale = 0.01 if columns.percent and not text.endswith("%") else 1.0
    return value * scale, None if error is None else error * scale


def _long(rows: Rows, columns: Columns) -> Cells:
    _need(rows, columns, ("x", "y", "a", "b"), "long")
    roles = columns.roles
    counts = "count" in roles
    if not counts and "p" not in roles:
        raise DataFileError(rows.where, "a column count or p for the layout long", ", ".join(rows.names or ()))
    values: dict[Cell, float] = {}
    deviations: dict[Cell, float] = {}
    places: dict[Cell, str] = {}
    for k, row in enumerate(rows.fields):
        cell = _cell(row, columns)
        if not all(cell):
            column = next(roles[role] for role, label in zip("xyab", cell, strict=True) if not label)
            raise DataFileError(rows.at(k, column), "a setting and an outcome of each party", "an empty field")
        if cell in values:
            said = f"a second x={cell.x}, y={cell.y}, a={cell.a}, b={cell.b}"
            raise DataFileError(rows.at(k), f"each cell once (the first is at {places[cell]})", said)
        places[cell] = rows.at(k)
        if counts:
            values[cell] = _count(rows, k, roles["count"])
            continue
        values[cell], error = _probability(rows, k, roles["p"], columns)
        if "dp" in roles and error is not None:
            raise AmbiguousInputError(rows.at(k), "one uncertainty", "a column dp and another beside the value")
        if "dp" in roles:
            error, _ = _probability(rows, k, roles["dp"], columns)
        if error is not None:
            deviations[cell] = error
    if len(rows.sequence) > len(rows.fields):
        twice = int(np.flatnonzero(np.bincount(rows.sequence) > 1)[0])
        found = f"{len(rows.sequence) - len(rows.fields)} repeated, the first as in line {rows.lines[twice]}"
        raise DataFileError(rows.where, "each row once", found)
    if deviations and len(deviations) < len(values):
        cell = next(cell for cell in values if cell not in deviations)
        raise DataFileError(places[cell], "an uncertainty of each value, or of none", "none")
    notes = ["one row a cell"]
    if counts and "p" in roles:
        _agree(rows, columns, values)
        notes.append("p agrees with the counts, which are used")
    if not counts and columns.percent:
        notes.append("percentages divided by 100")
    return Cells("long", values, deviations or None, places, counts, notes=tuple(notes))


def _agree(rows: Rows, columns: Columns, values: Mapping[Cell, float]) -> None:
    """Refuse counts beside probabilities that are not their frequencies."""
    totals: dict[tuple[str, str], float] = {}
    for cell, value in values.items():
        totals[cell.x, cell.y] = totals.get((cell.x, cell.y), 0.0) + value
    for k, row in enumerate(rows.fields):
        cell = _cell(row, columns)
        p, _ = _probability(rows, k, columns.roles["p"], columns)
        if not abs(values[cell] / (totals[cell.x, cell.y] or 1.0) - p) <= _ADDING:
            found = f"both, which differ: {values[cell]:g} of {totals[cell.x, cell.y]:g} beside {p:g}"
            raise AmbiguousInputError(rows.at(k), "counts or probabilities; name the columns to use by layout=", found)


def _wide(rows: Rows, columns: Columns) -> Cells:
    _need(rows, columns, ("x", "y"), "wide")
    if len(columns.wide) < 4:
        raise DataFileError(rows.where, "a column for each pair of outcomes: 00,01,10,11", ", ".join(rows.names or ()))
    estimates = [[_probability(rows, k, c, columns) for c in columns.wide] for k in range(len(rows.fields))]
    whole = all(value == int(value) for row in estimates for value, _ in row)
    single = all(sum(value for value, _ in row) == 1 for row in estimates)
    counts = columns.kind == "count" or (columns.kind is None and whole and not single)
    values: dict[Cell, float] = {}
    deviations: dict[Cell, float] = {}
    places: dict[Cell, str] = {}
    seen: dict[tuple[str, str], str] = {}
    for k, row in enumerate(rows.fields):
        x, y = (plain(row[columns.roles[role]]) for role in ("x", "y"))
        if (x, y) in seen:
            found = f"a second x={x}, y={y}"
            raise DataFileError(rows.at(k), f"each setting pair once (the first is at {seen[x, y]})", found)
        seen[x, y] = rows.at(k)
        for number, (position, (a, b)) in enumerate(columns.wide.items()):
            cell = Cell(x, y, plain(a), plain(b))
            if cell in values:
                raise AmbiguousInputError(rows.where, "one column for each pair of outcomes", f"two for {a}, {b}")
            places[cell] = rows.at(k, position)
            values[cell] = _count(rows, k, position) if counts else estimates[k][number][0]
            error = estimates[k][number][1]
            if error is not None and not counts:
                deviations[cell] = error
        if counts and "total" in columns.roles:
            stated = _count(rows, k, columns.roles["total"])
            added = sum(values[Cell(x, y, plain(a), plain(b))] for a, b in columns.wide.values())
            if stated != added:
                where = rows.at(k, columns.roles["total"])
                raise DataFileError(
                    where, f"the sum of the row, {added:.0f}", f"{stated:.0f}: outcomes without a column?"
                )
    if len(rows.sequence) > len(rows.fields):
        raise DataFileError(rows.where, "each setting pair once", "a row that is repeated")
    if deviations and len(deviations) < len(values):
        raise DataFileError(
            rows.where, "an uncertainty of each value, or of none", f"{len(deviations)} of {len(values)}"
        )
    kind = "counts" if counts else "probabilities"
    notes = [f"one row a setting pair, {kind}"]
    return Cells("wide", values, deviations or None, places, counts, notes=tuple(notes))


def _events(rows: Rows, columns: Columns) -> Cells:
    _need(rows, columns, ("x", "y", "a", "b"), "events")
    known: dict[Cell, int] = {}
    index = np.empty(len(rows.fields), dtype=np.int64)
    places: dict[Cell, str] = {}
    for k, row in enumerate(rows.fields):
        cell = _cell(row, columns)
        if any(not label for label in cell):
            column = next(columns.roles[role] for role, label in zip("xyab", cell, strict=True) if not label)
            remedy = "a setting and an outcome of each party in every trial (write none for no detection)"
            raise DataFileError(rows.at(k, column), remedy, "an empty field")
        index[k] = known.setdefault(cell, len(known))
        places.setdefault(cell, rows.at(k))
    trials = index[rows.sequence]
    totals = np.bincount(trials, minlength=len(known))
    values = {cell: float(totals[number]) for cell, number in known.items()}
    return Cells("events", values, None, places, True, trials, (f"a list of {len(trials)} trials",))


def _angles(rows: Rows, columns: Columns) -> Cells:
    """Analysers with one output: an angle and the one 90 degrees off are the two outcomes of a setting."""
    _need(rows, columns, ("alpha", "beta", "count"), "angles")
    found: dict[tuple[float, float], tuple[float, int]] = {}
    for k, row in enumerate(rows.fields):
        alpha, beta = (
            to_number(
                rows.at(k, columns.roles[role]),
                role,
                re.sub(r"\s*(°|deg)$", "", row[columns.roles[role]]),
                rows.decimal,
            )
            for role in ("alpha", "beta")
        )
        if (alpha, beta) in found:
            raise DataFileError(rows.at(k), "each pair of angles once", f"a second {alpha:g}, {beta:g}")
        found[alpha, beta] = _count(rows, k, columns.roles["count"]), k
    alice = _settings(rows.where, "alpha", sorted({alpha for alpha, _ in found}))
    bob = _settings(rows.where, "beta", sorted({beta for _, beta in found}))
    values: dict[Cell, float] = {}
    places: dict[Cell, str] = {}
    for (alpha, beta), (count, k) in found.items():
        (x, a), (y, b) = alice[alpha], bob[beta]
        cell = Cell(str(x), str(y), str(a), str(b))
        values[cell], places[cell] = count, rows.at(k)
    notes = [
        f"angles 90 degrees apart are the outcomes of one setting: {name} "
        + ", ".join(f"{setting} = {{{', '.join(f'{angle:g}' for angle in pair)}}}" for setting, pair in pairs)
        for name, pairs in (("x", _pairs(alice)), ("y", _pairs(bob)))
    ]
    return Cells("angles", values, None, places, True, notes=tuple(notes))


def _settings(where: str, name: str, angles: Sequence[float]) -> dict[float, tuple[int, int]]:
    """Setting and outcome of each angle; of a pair the one nearer to 0 is outcome 0, and orders the settings."""
    left, pairs = list(angles), []
    while left:
        first = left.pop(0)
        partners = [other for other in left if abs((other - first) % 180 - 90) < 1e-6]
        if len(partners) != 1:
            found = f"{first:g} with {', '.join(f'{p:g}' for p in partners) or 'none'}"
            raise DataFileError(where, f"for each angle {name} one that is 90 degrees off", found)
        left.remove(partners[0])
        pairs.append(tuple(sorted((first, partners[0]), key=lambda angle: (abs(angle), -angle))))
    pairs.sort()
    return {angle: (setting, outcome) for setting, pair in enumerate(pairs) for outcome, angle in enumerate(pair)}


def _pairs(settings: Mapping[float, tuple[int, int]]) -> list[tuple[int, list[float]]]:
    found: dict[int, list[float]] = {}
    for angle, (setting, _) in sorted(settings.items(), key=lambda item: item[1]):
        found.setdefault(setting, []).append(angle)
    return sorted(found.items())
