"""`Answer`: every bound on one thing, the pairs that may be compared, and where each best rate lies.

A row that does not apply is a note; a lower bound above a comparable ceiling is no row at all but an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from keybounds.bounds.bound import Bound, Scale, Status, Unit
from keybounds.bounds.comparison import Check, Shelves, check_pairs, comparable
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.scope import Quantity, Scope
from keybounds.enclosure import Direction
from keybounds.errors import InputError

if TYPE_CHECKING:
    from keybounds.tables import Table

Row: TypeAlias = Bound | FiniteKey


@dataclass(frozen=True, slots=True)
class Interval:
    """The best rate of one scope lies in [lower, upper].

    Attributes
    ----------
    scope, unit, scale
        What is bounded, per what, and at which stated rate.
    lower
        The greatest proven rate of this scope or a narrower one; None where none is proven.
    upper
        The least proven ceiling on this scope or a wider one.
    label
        How the thing is called in print.
    """

    scope: Scope
    unit: Unit
    scale: Scale | None
    lower: Bound | None
    upper: Bound
    label: str = field(default="", compare=False)

    @property
    def low(self) -> float:
        """The lower end, 0 where nothing is proven."""
        return self.lower.value if self.lower is not None else 0.0

    @property
    def width(self) -> float:
        """Ceiling minus achievable rate; for a one-way scope the width of the sandwich of the protocol's own rate."""
        return self.upper.value - self.low

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; the ends by value and method, for the bounds themselves are rows."""
        return {
            "label": self.label,
            "scope": self.scope.to_dict(),
            "unit": self.unit.value,
            "scale": self.scale.to_dict() if self.scale is not None else None,
            "lower": self.low,
            "lower_method": self.lower.method if self.lower is not None else None,
            "upper": self.upper.value,
            "upper_method": self.upper.method,
            "width": self.width,
        }

    def __str__(self) -> str:
        low = f"{self.lower:.6g}" if self.lower is not None else "0"
        return f"[{low}, {self.upper:.6g}] {self.unit.value}, {self.scope.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known: the result of `keybounds.bounds_on` and of `keybounds.compare`.

    Attributes
    ----------
    rows
        Every bound, lower and upper; for a finite run its keys.
    checks
        Every pair of rows that scopes make comparable, with verdict and gap.
    intervals
        For each scope of a ceiling, where its best rate lies.
    notes
        What does not apply and why, and what a reader must know to read the rows.
    name, title
        A short name, and a heading.
    headline
        A sentence above the rows, where there is one that says more than they: a rate with confidence.
    findings
        Results about the rows as a whole, such as the first dimension with a proven gap.
    """

    rows: tuple[Row, ...]
    checks: tuple[Check, ...]
    intervals: tuple[Interval, ...]
    notes: tuple[str, ...] = ()
    name: str = "bounds"
    title: str = "Bounds on the key"
    headline: str = ""
    findings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        rows: Iterable[Row],
        *,
        notes: Iterable[str] = (),
        name: str = "bounds",
        title: str = "Bounds on the key",
        headline: str = "",
        findings: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Check the comparable pairs among the rows, and find the intervals.

        Raises
        ------
        InconsistencyError
            Two proven rows contradict each other.
        """
        every = tuple(rows)
        bounds = [row for row in every if isinstance(row, Bound)]
        return cls(
            rows=every,
            checks=check_pairs(bounds),
            intervals=intervals(bounds),
            notes=tuple(notes),
            name=name,
            title=title,
            headline=headline,
            findings=dict(findings or {}),
        )

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The rows that are bounds on a rate or an entropy."""
        return tuple(row for row in self.rows if isinstance(row, Bound))

    @property
    def keys(self) -> tuple[FiniteKey, ...]:
        """The rows that are keys of a finite run."""
        return tuple(row for row in self.rows if isinstance(row, FiniteKey))

    @property
    def tables(self) -> tuple[Table, ...]:
        """The rows and, where there are any, the intervals, laid out for a reader."""
        from keybounds.bounds.layout import answer_tables

        return answer_tables(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; certificates that several rows share stand once, under their digests."""
        from keybounds.bounds.shared import shared_certificates

        rows, certificates = shared_certificates(row.to_dict() for row in self.rows)
        return {
            "name": self.name,
            "title": self.title,
            "headline": self.headline,
            "rows": rows,
            "certificates": certificates,
            "checks": [check.to_dict() for check in self.checks],
            "intervals": [interval.to_dict() for interval in self.intervals],
            "findings": dict(self.findings),
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Answer:
        """Read what `to_dict` writes; checks and intervals are made anew from the rows.

        Raises
        ------
        InputError
            The document is not one of an answer.
        """
        from keybounds.bounds.shared import with_certificates

        try:
            rows = [_row(row) for row in with_certificates(document["rows"], document["certificates"])]
            return cls.of(
                rows,
                notes=document["notes"],
                name=document["name"],
                title=document["title"],
                headline=document["headline"],
                findings=document["findings"],
            )
        except (KeyError, TypeError) as error:
            raise InputError("document", "what Answer.to_dict writes", f"{type(error).__name__}: {error}") from None

    def __str__(self) -> str:
        from keybounds.bounds.layout import answer_text

        return answer_text(self)

    def __repr__(self) -> str:
        held = sum(check.holds for check in self.checks)
        return f"<Answer {self.name}: {len(self.rows)} rows, {held} of {len(self.checks)} comparable pairs hold>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Answer.from_dict, (self.to_dict(),)

    def _repr_html_(self) -> str:
        return "\n".join(table.render("html") for table in self.tables)

    def _repr_latex_(self) -> str:
        return "\n".join(table.render("latex") for table in self.tables)


def intervals(bounds: Iterable[Bound]) -> tuple[Interval, ...]:
    """One interval for each scope, unit and stated rate with a key ceiling; quoted values take no part."""
    proven = [b for b in bounds if b.status.proven and b.scope.quantity is Quantity.KEY_RATE]
    ceilings = [bound for bound in proven if bound.direction is Direction.UPPER]
    rates = Shelves(
        bound for bound in proven if bound.direction is Direction.LOWER and bound.status is not Status.NO_KEY
    )
    shelves = Shelves(ceilings)
    found = []
    for scope, per in dict.fromkeys((bound.scope, bound.per) for bound in ceilings):
        above = [c for c in shelves.above(scope.thing) if c.per == per and scope.within(c.scope)]
        here = next(c for c in above if c.scope == scope)
        below = [b for b in rates.below(scope.thing) if comparable(b, here)]
        best = max(below, key=lambda bound: bound.value, default=None)
        least = min(above, key=lambda bound: bound.value)
        found.append(Interval(scope, here.unit, here.scale, best, least, here.subject))
    return tuple(found)


def _row(document: Mapping[str, Any]) -> Row:
    return FiniteKey.from_dict(document) if "length" in document else Bound.from_dict(document)
