"""A plan: which numbers a campaign computes, read from a TOML file and checked as a whole before anything is computed.

    title = "Key of the photonic platform"      # may be missing

    [subject]
    kind = "photonic"                           # a platform, link, family of states or channel; then its parameters
    fidelity = 0.99

    [axes]                                      # parameters that vary, of the subject or of what is computed
    efficiency = { from = 0.9, to = 1, count = 21 }
    "alice_angles[1]" = [40, 45, 50]            # one number of several

    [settings]                                  # parameters of what is computed, for all columns
    noise = 0.02

    [compute]                                   # a column a line; by another name with quantity = "rate"
    rate = { level = "11", nodes = 12 }
    ceiling = {}

    [plan]                                      # may be missing: a grid, every combination, the last axis fastest
    kind = "grid"                               # or "list": axes of one length side by side; "random": count, seed
    together = [["efficiency", "dark_counts"]]  # axes of a grid that go side by side

or kind = "adaptive": column, tolerance, budget; see `keybounds.sweeps.adaptive`.

Numbers are exact decimals throughout. A point is the tuple of the texts of its values: equal points are equal texts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from keybounds.errors import DataFileError, UnknownNameError
from keybounds.sweeps.axes import Axis, Parameter, axis_values, random_values, refuse_more_than
from keybounds.sweeps.cell import written
from keybounds.sweeps.quantities import Quantity, quantities
from keybounds.sweeps.settings import SIDES, Setting, decimal
from keybounds.sweeps.subjects import Subject, subject_named
from keybounds.sweeps.toml_file import TomlFile, shown

Point = tuple[str, ...]
KINDS = ("grid", "list", "random", "adaptive")
_MOST_AXES = 3  # of an adaptive plan: a box has 3^n points
_COMPONENT = re.compile(r"(.+)\[(\d+)\]")
_NEIGHBOURS = 4  # points on each side of one from which they start: further away a warm start gains little
_NAME = re.compile(r"[A-Za-z0-9_.\- ]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that is computed at every point.

    Attributes
    ----------
    name
        Its heading.
    quantity
        What it is.
    template
        The text of its cell, with ``%s`` where the value of an axis goes.
    axes
        The numbers of those axes, in their order.
    near
        The axis along which numbers start from others, and by value the value of the one that each starts from; a value
        that is not there starts from nothing. Fixed by the plan, so that no number depends on who computes what first.
    """

    name: str
    quantity: Quantity
    template: str
    axes: tuple[int, ...]
    near: tuple[int, str, Mapping[str, str]] | None = None

    def cell(self, point: Point) -> str:
        """What determines the number at a point."""
        text = self.template % tuple(point[k] for k in self.axes)
        if self.near is None or (start := self.near[2].get(point[self.near[0]])) is None:
            return text
        return f"{text}\nnear={self.near[1]}:{start}"

    @property
    def headings(self) -> tuple[str, ...]:
        """Its numbers' headings in a table, and that of how they are established."""
        parts = [f"{self.name}.{part}" if part else self.name for part, _ in self.quantity.parts]
        return (*parts, f"{self.name}.status")


@dataclass(frozen=True, slots=True)
class Refinement:
    """How an adaptive plan refines: a number of a column, the tolerance of its interpolation, and the most points."""

    column: str
    part: str
    tolerance: float
    budget: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Which numbers a campaign computes.

    Attributes
    ----------
    title
        For print.
    subject
        What it is about.
    groups
        The axes; those of one group go side by side, and every combination of groups is a point.
    columns
        What is computed at each point.
    refinement
        Of an adaptive plan, whose points are those of a grid at first.

    Raises
    ------
    DataFileError
        From `read` and `of`: a file that cannot be read, or an entry that is of no use; with file, line and key.
    UnknownNameError
        A name that is not known; the message has the place, and offers the nearest.
    InputError
        A value of the wrong kind.

    Examples
    --------
    >>> plan = Plan.of('''
    ...     subject = {kind = "link", qber = 0.0144}
    ...     axes.chsh = {from = 2.6, to = 2.8, step = 0.1}
    ...     compute = {rate = {}, ceiling = {}}
    ... ''')
    >>> list(plan.points())
    [('2.6',), ('2.7',), ('2.8',)]
    """

    title: str
    subject: Subject
    groups: tuple[tuple[Axis, ...], ...]
    columns: tuple[Column, ...]
    refinement: Refinement | None = None

    @classmethod
    def read(cls, path: str | Path) -> Plan:
        """The plan of a file."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise DataFileError(str(path), "a readable file", error.strerror or str(error)) from None
        except UnicodeDecodeError as error:
            raise DataFileError(str(path), "TOML", str(error)) from None
        return cls.of(text, str(path))

    @classmethod
    def of(cls, text: str, name: str = "plan") -> Plan:
        """The plan of a text."""
        return _Reader(TomlFile.of(text, name)).plan()

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes in the order of a point's values."""
        return tuple(axis for group in self.groups for axis in group)

    @property
    def count(self) -> int:
        """How many points there are."""
        return prod(len(group[0].values) for group in self.groups)

    def points(self) -> Iterator[Point]:
        """Every point, the last group of axes fastest."""
        rows = [list(zip(*(axis.values for axis in group), strict=True)) for group in self.groups]
        return (tuple(itertools.chain.from_iterable(parts)) for parts in itertools.product(*rows))

    def point(self, number: int) -> Point:
        """The point of this number, counted from 0."""
        parts: list[Point] = []
        for group in reversed(self.groups):
            number, place = divmod(number, len(group[0].values))
            parts.append(tuple(axis.values[place] for axis in group))
        return tuple(itertools.chain.from_iterable(reversed(parts)))

    def cells(self) -> Iterator[str]:
        """What determines each number, point by point; the same cell may come again."""
        return (column.cell(point) for point in self.points() for column in self.columns)

    def __repr__(self) -> str:
        names = " x ".join(", ".join(axis.name for axis in group) for group in self.groups)
        return f"<Plan {self.title!r}: {self.count} points over {names}, {len(self.columns)} columns>"


class _Reader:
    """A plan as it is read: what is wrong is said of file, line and key."""

    def __init__(self, file: TomlFile) -> None:
        self._file = file
        file.check_names((), file.content, ("title", "subject", "axes", "settings", "compute", "plan"))
        title = file.content.get("title", Path(file.name).stem)
        if not isinstance(title, str):
            raise file.error(("title",), "a text", shown(title))
        self._title = title
        self._subject, self._fixed = self._read_subject()
        self._asked = self._read_compute()
        self._shared = self._read_settings()

    def plan(self) -> Plan:
        groups = self._read_axes()
        axes = [axis for group in groups for axis in group]
        columns = tuple(self._column(name, axes) for name in self._asked)
        seen = {k for column in columns for k in column.axes}
        for k, axis in enumerate(axes):
            if k not in seen:
                raise self._file.error(("axes", axis.name), "a parameter of a column that does not fix it", "none")
        plan = Plan(self._title, self._subject, groups, columns)
        if self._file.table("plan").get("kind") == "adaptive":
            return self._adaptive(plan)
        return plan

    # --- subject, columns and settings ---

    def _read_subject(self) -> tuple[Subject, dict[str, str]]:
        entry = self._file.table("subject")
        kind = entry.get("kind")
        if not isinstance(kind, str):
            raise self._file.error(("subject",), 'a kind, as in kind = "photonic"', shown(kind) if kind else "none")
        subject = subject_named(self._file.place("subject", "kind"), kind)
        self._file.check_names(("subject",), entry, ("kind", *subject.settings))
        given = {name: value for name, value in entry.items() if name != "kind"}
        return subject, self._texts(("subject",), given, subject.settings)

    def _read_compute(self) -> dict[str, tuple[Quantity, dict[str, str]]]:
        entry = self._file.table("compute")
        if not entry:
            raise self._file.error(("compute",), "a table of columns, as in rate = {}", "none")
        known = quantities(self._subject.kind, self._subject.name)
        found = {}
        for name in entry:
            given = dict(self._file.table("compute", name))
            asked = given.pop("quantity", name)
            if not _NAME.fullmatch(name):
                raise self._file.error(("compute", name), "a name of letters, digits, spaces and . _ -", shown(name))
            if asked not in known:
                place = self._file.place("compute", name)
                raise UnknownNameError.among(place, str(asked), known)
            quantity = known[asked]
            self._file.check_names(("compute", name), given, ("quantity", *quantity.takes))
            found[name] = quantity, self._texts(("compute", name), given, quantity.takes)
        return found

    def _read_settings(self) -> dict[str, str]:
        entry = self._file.table("settings")
        known = self._taken()
        self._file.check_names(("settings",), entry, known)
        return self._texts(("settings",), entry, known)

    def _taken(self) -> dict[str, Setting]:
        """What the columns take beside the subject's parameters."""
        found: dict[str, Setting] = {}
        for quantity, _ in self._asked.values():
            found |= quantity.takes
        return found

    def _texts(self, path: tuple[str, ...], entry: Mapping[str, Any], known: Mapping[str, Setting]) -> dict[str, str]:
        return {name: known[name].text(self._file.place(*path, name), value) for name, value in entry.items()}

    # --- axes ---

    def _read_axes(self) -> tuple[tuple[Axis, ...], ...]:
        entry = self._file.table("axes")
        if not entry:
            raise self._file.error(("axes",), "an axis at least, as in efficiency = [0.9, 0.95, 1]", "none")
        plan = self._file.table("plan")
        kind = plan.get("kind", "grid")
        if kind not in KINDS:
            raise UnknownNameError.among(self._file.place("plan", "kind"), str(kind), KINDS)
        allowed = {
            "grid": ("together",),
            "list": (),
            "random": ("count", "seed"),
            "adaptive": ("column", "tolerance", "budget"),
        }[kind]
        self._file.check_names(("plan",), plan, ("kind", *allowed))
        if kind == "random":
            return (self._random_axes(entry, plan),)
        axes = {name: self._axis(name, value) for name, value in entry.items()}
        if kind == "list":
            return (self._side_by_side(list(axes.values()), ("axes",)),)
        groups = self._together(axes, plan.get("together", []))
        count = prod(len(group[0].values) for group in groups)
        refuse_more_than(self._file.place("axes"), count)
        return tuple(groups)

    def _axis(self, name: str, value: Any) -> Axis:
        parameter = self._parameter(name)
        return Axis(name, axis_values(self._file.place("axes", name), value, parameter.setting), parameter)

    def _adaptive(self, plan: Plan) -> Plan:
        """The plan with its refinement, if its axes can be refined."""
        for axis in plan.axes:
            setting = axis.parameter.setting
            if setting.sizes not in ((1,), SIDES) or any(
                axis.shown(text) != text.split(",")[0] for text in axis.values
            ):
                raise self._file.error(("axes", axis.name), "an axis of numbers, to be refined", "another one")
            if len(axis.values) < 2:
                raise self._file.error(("axes", axis.name), "at least two values, between which to refine", "one")
        if len(plan.axes) > _MOST_AXES:
            raise self._file.error(("axes",), f"at most {_MOST_AXES} axes of an adaptive plan", str(len(plan.axes)))
        warm = next((column.name for column in plan.columns if column.near is not None), None)
        if warm is not None:
            raise self._file.error(("compute", warm), "no warm starts of an adaptive plan", "warm")
        entry = self._file.table("plan")
        known = {
            heading: (column.name, part)
            for column in plan.columns
            for (part, _), heading in zip(column.quantity.parts, column.headings, strict=False)
        }
        column = entry.get("column", next(iter(known)))
        if column not in known:
            raise UnknownNameError.among(self._file.place("plan", "column"), str(column), known)
        tolerance = decimal(self._file.place("plan", "tolerance"), entry.get("tolerance"))
        if tolerance <= 0:
            raise self._file.error(("plan", "tolerance"), "a number above 0", shown(entry["tolerance"]))
        budget = entry.get("budget")
        if isinstance(budget, bool) or not isinstance(budget, int):
            raise self._file.error(("plan", "budget"), "the most points, a whole number", shown(budget))
        refuse_more_than(self._file.place("plan", "budget"), budget)
        first = prod(2 * len(axis.values) - 1 for axis in plan.axes)
        if budget < first:
            raise self._file.error(("plan", "budget"), f"at least {first} points, the first generation", str(budget))
        return replace(plan, refinement=Refinement(*known[column], float(tolerance), budget))

    def _random_axes(self, entry: Mapping[str, Any], plan: Mapping[str, Any]) -> tuple[Axis, ...]:
        numbers = {}
        for name, least in (("count", 1), ("seed", 0)):
            value = plan.get(name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                found = "none" if value is None else shown(value)
                raise self._file.error(("plan", name), f"a whole number of at least {least}", found)
            numbers[name] = value
        refuse_more_than(self._file.place("plan", "count"), numbers["count"])
        axes = []
        for name, value in entry.items():
            parameter = self._parameter(name)
            place = self._file.place("axes", name)
            values = random_values(place, value, parameter, numbers["count"], f"{numbers['seed']} {name}")
            axes.append(Axis(name, values, parameter))
        return tuple(axes)

    def _parameter(self, name: str) -> Parameter:
        """What an axis varies: a parameter, or one of its numbers."""
        known = {**self._subject.settings, **self._taken()}
        component = _COMPONENT.fullmatch(name)
        base = component[1] if component else name
        if base not in known:
            raise UnknownNameError.among(self._file.place("axes", name), base, known)
        fixed = {**self._fixed, **self._shared}
        if component is None:
            if base in fixed:
                where = "subject" if base in self._fixed else "settings"
                raise self._file.error(("axes", name), f"either an axis or a value in [{where}]", "both")
            return Parameter(base, known[base])
        setting = known[base]
        text = fixed.get(base, setting.default or "")
        parts = text.split(",") if text and setting.numbers else []
        place = int(component[2])
        if place >= len(parts):
            expected = f"a number from 0 to {len(parts) - 1} in brackets" if parts else "a list of numbers with values"
            raise self._file.error(("axes", name), expected, name)
        return Parameter(base, Setting(whole=setting.whole), tuple(parts), place)

    def _together(self, axes: dict[str, Axis], listed: Any) -> list[tuple[Axis, ...]]:
        """The groups of a grid, in the order of their first axes."""
        path = ("plan", "together")
        if not isinstance(listed, list) or not all(isinstance(names, list) for names in listed):
            raise self._file.error(path, 'lists of axes, as in [["efficiency", "dark_counts"]]', shown(listed))
        groups: dict[str, list[str]] = {}
        for names in listed:
            for name in names:
                if name not in axes:
                    raise UnknownNameError.among(self._file.place(*path), str(name), axes)
                if name in groups:
                    raise self._file.error(path, "each axis once", str(name))
                groups[name] = names
        found, done = [], set()
        for name in axes:
            members = groups.get(name, [name])
            if name not in done:
                found.append(self._side_by_side([axes[member] for member in axes if member in members], path))
            done |= set(members)
        return found

    def _side_by_side(self, axes: list[Axis], path: tuple[str, ...]) -> tuple[Axis, ...]:
        lengths = {len(axis.values) for axis in axes}
        if len(lengths) > 1:
            found = ", ".join(f"{axis.name}: {len(axis.values)}" for axis in axes)
            raise self._file.error(path, "axes of one length, to go side by side", found)
        return tuple(axes)

    # --- cells ---

    def _column(self, name: str, axes: list[Axis]) -> Column:
        """The column, every parameter of which has a value or an axis."""
        quantity, own = self._asked[name]
        known = {**self._subject.settings, **quantity.takes}
        values = {key: setting.default for key, setting in known.items() if setting.default}
        given = {key: text for key, text in {**self._fixed, **self._shared, **own}.items() if key in known}
        varied = {
            axis.parameter.name for axis in axes if axis.parameter.name in known and axis.parameter.name not in own
        }
        for key, others in self._subject.instead.items():
            if key in given or key in varied:
                both = [other for other in others if other in given or other in varied]
                if both:
                    raise self._file.error(("subject",), f"either {key} or {both[0]}", "both")
                values = {one: text for one, text in values.items() if one not in others}
        values |= given
        near = self._near(name, values.pop("warm", ""), axes, varied)
        order = []
        for key in sorted(varied | values.keys()):
            mine = [k for k, axis in enumerate(axes) if axis.parameter.name == key and key in varied]
            if len(mine) > 1 and any(axes[k].parameter.place is None for k in mine):
                raise self._file.error(("axes", key), "either an axis of all its numbers, or of some", "both")
            if mine:
                places = {axes[k].parameter.place: k for k in mine}
                values[key], ordered = _with_places(axes[mine[0]].parameter, places)
                order += ordered
        for key, setting in known.items():
            if setting.default is None and key not in values:
                where = "subject" if key in self._subject.settings else "settings"
                raise self._file.error((where,), f"{key}, which {name} takes, as a value or as an axis", "none")
        return Column(name, quantity, written(self._subject.name, quantity.name, values), tuple(order), near)

    def _near(
        self, name: str, warm: str, axes: list[Axis], varied: set[str]
    ) -> tuple[int, str, Mapping[str, str]] | None:
        """From which value on an axis each starts: the middle one of nine."""
        if not warm:
            return None
        known = {axis.name: k for k, axis in enumerate(axes) if axis.name in varied}
        if warm not in known:
            raise UnknownNameError.among(self._file.place("compute", name, "warm"), warm, known)
        texts = axes[known[warm]].values
        block = 2 * _NEIGHBOURS + 1
        starts = [texts[min(k - k % block + _NEIGHBOURS, len(texts) - 1)] for k in range(len(texts))]
        pairs = {text: start for text, start in zip(texts, starts, strict=True) if text != start}
        return known[warm], warm, pairs


def _with_places(parameter: Parameter, places: dict[int | None, int]) -> tuple[str, list[int]]:
    """The text of a parameter with ``%s`` for what is varied of it, and the axes that go there in order."""
    if None in places:
        return "%s", [places[None]]
    parts = list(parameter.parts)
    for place in places:
        assert place is not None
        parts[place] = "%s"
    return ",".join(parts), [places[place] for place in sorted(p for p in places if p is not None)]
