"""A table of correlations from whatever a laboratory keeps it in, and what was understood of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import AmbiguousInputError, DataFileError, InputError
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.intake.columns import recognised
from keybounds.experiments.intake.files import opened
from keybounds.experiments.intake.labels import numbered, said
from keybounds.experiments.intake.layouts import LAYOUTS, Cell, Cells, cells_of
from keybounds.experiments.intake.mappings import FIRST_BIT
from keybounds.experiments.intake.rows import Rows
from keybounds.experiments.labelling import LargestCHSH, largest_chsh

AXES = ("abxy", "xyab")
"""Orders of the axes of an array."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source was understood to say.

    Attributes
    ----------
    behaviour
        The table.
    counts
        The integer counts, shape (na, nb, nx, ny); None for probabilities.
    labels
        For each of x, y, a, b the number of each label.
    layout
        How the source was laid out: long, wide, events, angles, or the axes of an array.
    notes
        Every decision on the way, in sentences.
    trials
        For a list of events the cells in their order, as indices a, b, x, y of shape (4, n); else None.
    """

    behaviour: Behaviour
    counts: NDArray[np.int64] | None
    labels: Mapping[str, Mapping[str, int]]
    layout: str
    notes: tuple[str, ...]
    trials: NDArray[np.int64] | None = None

    @property
    def largest_chsh(self) -> LargestCHSH | None:
        """The largest CHSH value over labellings, of tables with two outcomes each; see `largest_chsh`."""
        return largest_chsh(self.behaviour)


def read_table(
    source: object,
    *,
    layout: str | None = None,
    labels: Mapping[str, Mapping[Any, int]] | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    unmeasured: Iterable[Sequence[int]] = (),
    atol: float = 1e-9,
    max_z: float = 5.0,
) -> Reading:
    """Read a table of counts or probabilities.

    Parameters
    ----------
    source
        A path (text with any of the usual separators, .xlsx, .npy, .npz, .mat, .json, also gzipped; ``-`` is standard
        input), a folder with one file a setting pair, a data frame, a value_counts series, a pivot table, an array of
        four axes or of rows, a dictionary of columns, of counts by (x, y, a, b), or of counts or files by (x, y):
        ``{(0, 0): {"00": 420, "01": 80, ..}, ..}``.
    layout
        ``long`` (one row a cell), ``wide`` (one row a setting pair), ``events`` (one row a trial), ``angles``
        (analysers with one output), ``qiskit`` (strings of outcomes with the last bit first), the axes of an array
        (``abxy`` or ``xyab``), or the columns in their order: ``x,y,a,b,count``. Default: recognised.
    labels
        Numbers of labels, ``{"a": {"+": 0, "-": 1}}``, for any of x, y, a, b. Default: by convention, and said.
    decimal
        Decimal mark. Default: recognised.
    sheet
        Sheet of a workbook, or array of an archive (.npz, .mat). Default: the only one with a table.
    unmeasured
        Setting pairs left out on purpose; pairs without rows are taken for it, and said.
    atol, max_z
        As in `Behaviour`.

    Returns
    -------
    Reading

    Raises
    ------
    DataFileError
        No table, with file, line, what was expected and what was found.
    AmbiguousInputError
        More than one reading fits; the message has the candidates and how to name one.
    BehaviourError
        A table that is no behaviour.
    UnsupportedError
        A format whose reader is not installed.

    Examples
    --------
    >>> counts = {(x, y): {"++": 427, "+-": 73, "-+": 73, "--": 427} for x in (0, 1) for y in (0, 1)}
    >>> counts[1, 1] = {"++": 73, "+-": 427, "-+": 427, "--": 73}
    >>> reading = read_table(counts)
    >>> round(reading.behaviour.chsh, 3), reading.notes[-1]
    (2.832, 'outcomes b: + = 0, - = 1')
    """
    named, kind, axes = _layout(layout)
    declared = frozenset((int(x), int(y)) for x, y in unmeasured)
    rows = opened(source, decimal=decimal, sheet=sheet, named=named)
    if not isinstance(rows, Rows):
        return _from_array(
            rows, axes, declared, atol, max_z, str(source) if isinstance(source, (str, Path)) else "the array"
        )
    if axes is not None:
        raise InputError("layout", f"one of {', '.join(LAYOUTS)} for a table of rows", repr(layout))
    if not rows.fields:
        raise DataFileError(rows.where, "rows of a table", "headings alone")
    columns = recognised(rows, named)
    cells = cells_of(rows, columns, kind)
    notes = [*rows.notes, *columns.notes, *cells.notes]
    if layout == "qiskit":
        if not (rows.strings or columns.wide or "ab" in columns.roles):
            raise InputError("layout", "qiskit where outcomes are strings of two bits", "a column of each party")
        cells = _turned(cells)
        notes = [note for note in notes if note != FIRST_BIT] + ["strings of outcomes read with Bob's first"]
    mapping = _numbers(rows.where, cells, labels or {})
    notes += [text for role in ("x", "y", "a", "b") if (text := said(role, mapping[role])) is not None]
    return _built(rows.where, cells, mapping, notes, declared, atol, max_z)


def _numbers(where: str, cells: Cells, labels: Mapping[str, Mapping[Any, int]]) -> dict[str, dict[str, int]]:
    """The number of each label of each column."""
    unknown = set(labels) - {"x", "y", "a", "b"}
    if unknown:
        raise InputError("labels", "labels of x, y, a or b", repr(min(unknown)))
    found = {role: [getattr(cell, role) for cell in cells.values] for role in ("x", "y", "a", "b")}
    mapping = {}
    for role, setting, other in (("x", "x", "y"), ("y", "y", "x"), ("a", "x", "b"), ("b", "y", "a")):
        groups: dict[str, set[str]] = {}
        for own, label in zip(found[setting], found[role], strict=True):
            groups.setdefault(own, set()).add(label)
        mapping[role] = numbered(where, role, found[role], labels.get(role), other=found[other], groups=groups.values())
    return mapping


def _layout(layout: str | None) -> tuple[list[str] | None, str | None, str | None]:
    """Columns by name, the layout of rows, the axes of an array."""
    if layout is None or layout == "qiskit":
        return None, None, None
    if "," in layout:
        return [part.strip() for part in layout.split(",")], None, None
    if layout in AXES:
        return None, None, layout
    if layout not in LAYOUTS:
        known = ", ".join((*LAYOUTS, "qiskit", *AXES))
        raise InputError("layout", f"one of {known}, or the columns such as x,y,a,b,count", repr(layout))
    return None, layout, None


def _turned(cells: Cells) -> Cells:
    def turn(cell: Cell) -> Cell:
        return Cell(cell.x, cell.y, cell.b, cell.a)

    return Cells(
        "qiskit",
        {turn(cell): value for cell, value in cells.values.items()},
        None,
        {turn(cell): place for cell, place in cells.places.items()},
        cells.counts,
    )


def _built(
    where: str,
    cells: Cells,
    mapping: Mapping[str, Mapping[str, int]],
    notes: list[str],
    declared: frozenset[tuple[int, int]],
    atol: float,
    max_z: float,
) -> Reading:
    na, nb, nx, ny = (max(mapping[role].values()) + 1 for role in ("a", "b", "x", "y"))
    na, nb = max(na, 2), max(nb, 2)
    values = np.full((na, nb, nx, ny), np.nan)
    deviations = None if cells.deviations is None else np.full(values.shape, np.nan)
    index: dict[Cell, tuple[int, int, int, int]] = {}
    stood: dict[tuple[int, int, int, int], Cell] = {}
    for cell, value in cells.values.items():
        a, b, x, y = (mapping[role][getattr(cell, role)] for role in ("a", "b", "x", "y"))
        index[cell] = place = (a, b, x, y)
        first = stood.setdefault(place, cell)
        if first is cell:
            values[place] = value
            if deviations is not None and cells.deviations is not None:
                deviations[place] = cells.deviations[cell]
        elif cells.counts or (deviations is None and (first.x, first.y) == (cell.x, cell.y)):
            values[place] += value
        else:
            raise DataFileError(cells.places[cell], f"one value for {place} (a, b, x, y)", f"two: {first} and {cell}")
    if len(stood) < len(index):
        notes.append(f"{len(index) - len(stood)} cells added to others: labels of one number")
    present = ~np.isnan(values).all(axis=(0, 1))
    for x, y in declared:
        if x < nx and y < ny and present[x, y]:
            raise DataFileError(where, "no rows of an unmeasured pair", f"rows with x={x}, y={y}")
    absent = {(int(x), int(y)) for x, y in np.argwhere(~present)}
    if absent - declared:
        pairs = ", ".join(f"({x},{y})" for x, y in sorted(absent - declared))
        notes.append(f"no rows for {pairs}: taken as not measured")
    _fill(where, values, deviations, present, cells, notes)
    if not cells.counts:
        _check_sums(where, values, present)
        for cell, value in cells.values.items():
            if value > 1 + atol:
                raise DataFileError(cells.places[cell], "a probability of at most 1", f"{value:g}")
    missing, name = absent | declared, _short(where)
    try:
        if cells.counts:
            counts = np.nan_to_num(values).astype(np.int64)
            behaviour = Behaviour.from_counts(counts, unmeasured=missing, provenance=name, max_z=max_z)
        else:
            behaviour = Behaviour(
                values, unmeasured=missing, uncertainty=deviations, provenance=name, atol=atol, max_z=max_z
            )
    except InputError as error:
        raise type(error)(f"{where}: {error.argument}", error.expected, error.found) from None
    trials = None
    if cells.trials is not None:
        order = np.array([index[cell] for cell in cells.values], dtype=np.int64)
        trials = order[cells.trials].T
    return Reading(behaviour, behaviour.counts, mapping, cells.layout, tuple(notes), trials)


def _fill(
    where: str,
    values: NDArray[np.float64],
    deviations: NDArray[np.float64] | None,
    present: NDArray[np.bool_],
    cells: Cells,
    notes: list[str],
) -> None:
    """Cells without a row: no count is a count of 0; a probability must be given."""
    gaps = np.argwhere(np.isnan(values) & present)
    if not gaps.size:
        return
    if not cells.counts:
        a, b, x, y = (int(k) for k in gaps[0])
        raise DataFileError(where, "a row for each outcome pair, zero or not", f"none with x={x}, y={y}, a={a}, b={b}")
    for a, b, x, y in gaps:
        values[a, b, x, y] = 0.0
    notes.append(f"{len(gaps)} cells without a row: counts of 0")


def _check_sums(where: str, values: NDArray[np.float64], present: NDArray[np.bool_]) -> None:
    """Refuse what adds up like percentages or counts, with the heading that would say so."""
    sums = values.sum(axis=(0, 1))[present]
    if not (sums > 1.5).all():
        return
    given = values[~np.isnan(values)]
    remedy = "percentages stand under p (%)" if np.allclose(sums, 100, rtol=0.02) else "counts stand under count"
    if np.allclose(sums, 100, rtol=0.02) and (given == np.floor(given)).all():
        remedy = "percentages stand under p (%), counts under count"
    raise DataFileError(where, f"probabilities that add up to 1; {remedy}", f"sums such as {sums[0]:g}")


def _short(where: str) -> str:
    return where.replace("\\", "/").rsplit("/", 1)[-1]


def _from_array(
    table: NDArray[Any], axes: str | None, declared: frozenset[tuple[int, int]], atol: float, max_z: float, where: str
) -> Reading:
    """A table with four axes: the order is told, or only one gives probabilities that add up."""
    orders = {name: table if name == "abxy" else table.transpose(2, 3, 0, 1) for name in AXES}
    counts = bool(np.nanmax(table) > 1 + atol)
    if axes is None:
        fitting = [name for name, a in orders.items() if not counts and np.allclose(np.nansum(a, axis=(0, 1)), 1)]
        if counts and table.shape[:2] != table.shape[2:]:
            fitting = []
        if len(fitting) != 1:
            raise AmbiguousInputError(
                where, "the order of the axes: layout='abxy' (P[a, b, x, y]) or 'xyab'", f"shape {table.shape}"
            )
        axes = fitting[0]
    ordered = orders[axes]
    notes = [f"axes {', '.join(axes)}"]
    if counts:
        if np.any(ordered < 0) or np.any(ordered != np.floor(ordered)):
            raise DataFileError(where, "whole counts of at least 0", "fractional or negative ones")
        behaviour = Behaviour.from_counts(ordered.astype(np.int64), unmeasured=declared, max_z=max_z)
    else:
        behaviour = Behaviour(ordered, unmeasured=declared, atol=atol, max_z=max_z)
    labels = {role: {str(k): k for k in range(size)} for role, size in zip("abxy", ordered.shape, strict=True)}
    return Reading(behaviour, behaviour.counts, labels, axes, tuple(notes))
