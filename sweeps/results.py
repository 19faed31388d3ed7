"""`Sweep`: what a campaign found, by the points of its plan. No export has times in it: equal numbers, equal bytes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from keybounds.errors import UnsupportedError
from keybounds.sweeps.adaptive import expanded
from keybounds.sweeps.cell import address_of
from keybounds.sweeps.plan import Column, Plan, Point
from keybounds.sweeps.store import Store

if TYPE_CHECKING:
    from keybounds.tables import Cell, Table

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One column at one point: the numbers of its parts, how they are established, or why there are none."""

    numbers: Mapping[str, float | int]
    status: str
    reason: str

    @property
    def shown_status(self) -> str:
        """The status with its reason."""
        return f"{self.status}: {self.reason}" if self.reason else self.status


MISSING = Entry({}, "missing", "")


@dataclass(frozen=True, slots=True)
class Failure:
    """A number that could not be computed: where, which, and why."""

    point: Mapping[str, str]
    column: str
    reason: str

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {value}" for name, value in self.point.items())
        return f"{self.column} at {where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Counts:
    """At how many points of a plan a column is done, failed, or missing."""

    done: int
    failed: int
    missing: int


@dataclass(frozen=True, slots=True, repr=False)
class Sweep:
    """The numbers of a plan that are known.

    Attributes
    ----------
    plan
        What was asked.
    found
        What a store has, by address.
    stage
        Of an adaptive plan, how far it is; empty of another one.
    """

    plan: Plan
    found: Mapping[bytes, Entry] = field(repr=False)
    stage: str = ""

    @classmethod
    def of(cls, plan: Plan, store: Store) -> Sweep:
        """What a store has of a plan; of an adaptive one, at the points that follow from that."""
        address = address_of()
        now = expanded(plan, store)
        stage = "" if plan.refinement is None else f"generation {now.generation}: {now.stage.value}"
        plan = now.plan
        wanted = {address(cell) for cell in plan.cells()}
        return cls(plan, {place: Entry(*rest) for place, rest in store.results() if place in wanted}, stage)

    def rows(self) -> Iterator[tuple[Point, list[Entry]]]:
        """Each point in the order of the plan, and what is known of each column."""
        address = address_of()
        for point in self.plan.points():
            yield point, [self.found.get(address(column.cell(point)), MISSING) for column in self.plan.columns]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What could not be computed, in the order of the plan."""
        return tuple(
            Failure(self.named(point), column.name, entry.reason)
            for point, entries in self.rows()
            for column, entry in zip(self.plan.columns, entries, strict=True)
            if entry.reason
        )

    def counts(self) -> dict[str, Counts]:
        """How far each column is."""
        totals = {column.name: [0, 0, 0] for column in self.plan.columns}
        for _, entries in self.rows():
            for column, entry in zip(self.plan.columns, entries, strict=True):
                totals[column.name][2 if entry is MISSING else 1 if entry.reason else 0] += 1
        return {name: Counts(*numbers) for name, numbers in totals.items()}

    def to_csv(self) -> str:
        """Comma-separated values: the axes, then each column's numbers, exact doubles, and how they are established."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*(axis.name for axis in self.plan.axes), *self._headings()])
        for point, entries in self.rows():
            cells = list(self.named(point).values())
            for column, entry in zip(self.plan.columns, entries, strict=True):
                numbers = (entry.numbers.get(part) for part, _ in column.quantity.parts)
                cells += ["" if number is None else repr(number) for number in numbers]
                cells.append(entry.shown_status)
            writer.writerow(cells)
        return stream.getvalue()

    def to_table(self) -> Table:
        """A table for publication, numbers rounded to the safe side; see `keybounds.tables.Table`."""
        from keybounds import tables

        axes = [tables.Column(axis.name, axis.name) for axis in self.plan.axes]
        found = [
            tables.Column(heading, heading, for_data=heading == column.headings[-1])
            for column in self.plan.columns
            for heading in column.headings
        ]
        rows = tuple(
            (
                *(_axis_cell(text) for text in self.named(point).values()),
                *(
                    cell
                    for column, entry in zip(self.plan.columns, entries, strict=True)
                    for cell in _cells(column, entry)
                ),
            )
            for point, entries in self.rows()
        )
        failed = sum(1 for entry in self.found.values() if entry.reason)
        notes = (f"{failed} numbers could not be computed; their status says why.",) if failed else ()
        notes = (*notes, *([f"Adaptive, {self.stage}."] if self.stage else []))
        return tables.Table("sweep", self.plan.title, (*axes, *found), rows, notes)

    def to_frame(self) -> Any:
        """A data frame of polars, or of pandas where that is not installed.

        Raises
        ------
        UnsupportedError
            Neither is installed.
        """
        for library in ("polars", "pandas"):
            if find_spec(library) is not None:
                return import_module(library).DataFrame(self.to_columns())
        raise UnsupportedError("frame", "polars or pandas, as by: pip install polars", "neither installed")

    def to_columns(self) -> dict[str, list[Any]]:
        """Every column of the CSV as a list: numbers as doubles, None where there is none, words as texts."""
        names = [*(axis.name for axis in self.plan.axes), *self._headings()]
        found: dict[str, list[Any]] = {name: [] for name in names}
        for point, entries in self.rows():
            for name, text in self.named(point).items():
                found[name].append(_number(text))
            for column, entry in zip(self.plan.columns, entries, strict=True):
                for (part, _), heading in zip(column.quantity.parts, column.headings, strict=False):
                    number = entry.numbers.get(part)
                    found[heading].append(None if number is None else float(number))
                found[column.headings[-1]].append(entry.shown_status)
        return found

    def to_parquet(self) -> bytes:
        """The data frame as the bytes of a Parquet file.

        Raises
        ------
        UnsupportedError
            Nothing that writes one is installed.
        """
        stream = io.BytesIO()
        if find_spec("polars") is not None:
            self.to_frame().write_parquet(stream)
        elif find_spec("pyarrow") is not None:
            table = import_module("pyarrow").table(self.to_columns())
            import_module("pyarrow.parquet").write_table(table, stream)
        else:
            raise UnsupportedError("parquet", "polars or pyarrow, as by: pip install polars", "neither installed")
        return stream.getvalue()

    def __str__(self) -> str:
        return str(self.to_table())

    def __repr__(self) -> str:
        counts = self.counts().values()
        done, failed, missing = (sum(getattr(c, name) for c in counts) for name in ("done", "failed", "missing"))
        return f"<Sweep {self.plan.title!r}: {done} numbers, {failed} failed, {missing} missing>"

    def _repr_html_(self) -> str:
        return self.to_table().render("html")

    def _headings(self) -> list[str]:
        return [heading for column in self.plan.columns for heading in column.headings]

    def named(self, point: Point) -> dict[str, str]:
        """The values of a point by the names of the axes, as a table has them."""
        return {axis.name: axis.shown(text) for axis, text in zip(self.plan.axes, point, strict=True)}


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _axis_cell(text: str) -> Cell:
    from keybounds.tables import Number

    number = _number(text)
    return number if isinstance(number, str) else Number(number, text)


def _cells(column: Column, entry: Entry) -> Iterator[Cell]:
    from keybounds.tables import Number

    for part, direction in column.quantity.parts:
        number = entry.numbers.get(part)
        if number is None:
            yield ""
        elif isinstance(number, int):
            yield Number(number, str(number), is_bound=direction is not None)
        else:
            yield Number.rounded(number, _DIGITS, direction)
    yield entry.shown_status
