"""From rows to cells: one row a cell (long), one row a setting pair (wide), one row a trial (events), two angles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import AmbiguousInputError, DataFileError
from keybounds.experiments.intake.columns import Columns
from keybounds.experiments.intake.labels import plain
from keybounds.experiments.intake.rows import Rows
from keybounds.experiments.intake.text import to_number

LAYOUTS = ("long", "wide", "events", "angles")


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
    kind = layout or _layout(rows, columns)
    if kind == "long":
        return _long(rows, columns)
    if kind == "wide":
        return _wide(rows, columns)
    if kind == "events":
        return _events(rows, columns)
    return _angles(rows, columns)


def _layout(rows: Rows, columns: Columns) -> str:
    roles = set(columns.roles)
    values = roles & {"count", "p"}
    if len(values) == 2:
        raise AmbiguousInputError(rows.where, "counts or probabilities; name the columns to use by layout", "both")
    fits = [
        name
        for name, fitting in (
            ("long", {"x", "y", "a", "b"} <= roles and bool(values)),
            ("events", {"x", "y", "a", "b"} <= roles and not values),
            ("wide", {"x", "y"} <= roles and len(columns.wide) >= 4),
            ("angles", {"alpha", "beta"} <= roles and "count" in roles),
        )
        if fitting
    ]
    if len(fits) == 1:
        return fits[0]
    if len(fits) > 1:
        raise AmbiguousInputError(rows.where, "one layout; say which by layout=", " or ".join(fits))
    if {"a", "b"} <= roles and values:
        hint = "outcomes and values but no settings: give one file a setting pair, {(x, y): file}"
    elif {"x", "y"} <= roles and values and "alpha" not in roles:
        hint = "settings and values but no outcomes"
    else:
        hint = ", ".join(rows.names or ()) or "no headings"
    raise DataFileError(
        f"{rows.where}, line 1",
        "columns x,y,a,b with count or p (dp optional), or x,y,a,b for a list of trials, or x,y,00,01,10,11, or "
        "alpha,beta,count",
        hint,
    )


def _need(rows: Rows, columns: Columns, roles: Sequence[str], layout: str) -> None:
    missing = [role for role in roles if role not in columns.roles]
    if missing:
        raise DataFileError(rows.where, f"a column {missing[0]} for the layout {layout}", ", ".join(rows.names or ()))


def _cell(row: Sequence[str], columns: Columns) -> Cell:
    return Cell(*(plain(row[columns.roles[role]]) for role in ("x", "y", "a", "b")))


def _count(rows: Rows, row: int, name: str, text: str) -> float:
    where = rows.at(row)
    value = to_number(where, name, text, rows.decimal)
    if value < 0:
        raise DataFileError(where, "counts of at least 0: error-mitigated quasi-counts are no data of a device", text)
    if value != int(value):
        raise DataFileError(where, "whole counts: fractional ones are corrected or normalised, not data", text)
    if value > 2**53:
        raise DataFileError(where, "counts of at most 2^53", text)
    return value


def _probability(rows: Rows, row: int, name: str, text: str) -> float:
    value = to_number(rows.at(row), name, text, rows.decimal)
    if value < 0:
        raise DataFileError(rows.at(row), f"{name}, a number of at least 0", text)
    return value


def _long(rows: Rows, columns: Columns) -> Cells:
    _need(rows, columns, ("x", "y", "a", "b"), "long")
    counts = "count" in columns.roles
    if not counts and "p" not in columns.roles:
        raise DataFileError(rows.where, "a column count or p for the layout long", ", ".join(rows.names or ()))
    read = _count if counts else _probability
    name = "count" if counts else "p"
    values: dict[Cell, float] = {}
    deviations: dict[Cell, float] = {}
    places: dict[Cell, str] = {}
    for k, row in enumerate(rows.fields):
        cell = _cell(row, columns)
        if cell in values:
            said = f"a second x={cell.x}, y={cell.y}, a={cell.a}, b={cell.b}"
            raise DataFileError(rows.at(k), f"each cell once (the first is at {places[cell]})", said)
        values[cell], places[cell] = read(rows, k, name, row[columns.roles[name]]), rows.at(k)
        if "dp" in columns.roles and not counts:
            deviations[cell] = _probability(rows, k, "dp", row[columns.roles["dp"]])
    if len(rows.sequence) > len(rows.fields):
        raise DataFileError(rows.where, "each row once", f"{len(rows.sequence) - len(rows.fields)} repeated")
    return Cells("long", values, deviations or None, places, counts, notes=("one row a cell",))


def _wide(rows: Rows, columns: Columns) -> Cells:
    _need(rows, columns, ("x", "y"), "wide")
    if len(columns.wide) < 4:
        raise DataFileError(rows.where, "a column for each pair of outcomes: 00,01,10,11", ", ".join(rows.names or ()))
    texts = [row[position] for row in rows.fields for position in columns.wide]
    numbers = [to_number(rows.where, "a value", text, rows.decimal) for text in texts]
    counts = any(value > 1 for value in numbers)
    read = _count if counts else _probability
    values: dict[Cell, float] = {}
    places: dict[Cell, str] = {}
    for k, row in enumerate(rows.fields):
        x, y = (plain(row[columns.roles[role]]) for role in ("x", "y"))
        for position, (a, b) in columns.wide.items():
            cell = Cell(x, y, plain(a), plain(b))
            if cell in values:
                raise DataFileError(rows.at(k), "each setting pair once", f"a second x={x}, y={y}")
            values[cell], places[cell] = read(rows, k, f"the value of {a}{b}", row[position]), rows.at(k)
    return Cells("wide", values, None, places, counts, notes=("one row a setting pair",))


def _events(rows: Rows, columns: Columns) -> Cells:
    _need(rows, columns, ("x", "y", "a", "b"), "events")
    known: dict[Cell, int] = {}
    index = np.empty(len(rows.fields), dtype=np.int64)
    places: dict[Cell, str] = {}
    for k, row in enumerate(rows.fields):
        cell = _cell(row, columns)
        if any(not label for label in cell):
            raise DataFileError(rows.at(k), "a setting and an outcome of each party in every trial", "an empty field")
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
            to_number(rows.at(k), role, row[columns.roles[role]], rows.decimal) for role in ("alpha", "beta")
        )
        if (alpha, beta) in found:
            raise DataFileError(rows.at(k), "each pair of angles once", f"a second {alpha:g}, {beta:g}")
        found[alpha, beta] = _count(rows, k, "count", row[columns.roles["count"]]), k
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
