"""What `bounds_on` is asked, and what comes of it: rows, and notes where a method does not apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from keybounds.bounds.answer import Answer, Row
from keybounds.bounds.bound import Bound
from keybounds.bounds.link.link import Link
from keybounds.bounds.scope import Statistics
from keybounds.errors import BehaviourError, BoundNotEstablishedError, InputError

if TYPE_CHECKING:
    from keybounds.bounds.correlations.standard_error import FittedTable
    from keybounds.experiments import Behaviour
    from keybounds.protocol import Protocol

Effort: TypeAlias = Literal["fast", "best"]
EFFORTS: tuple[Effort, ...] = ("fast", "best")
Trials: TypeAlias = Literal["all", "heralded", "coincidences"]
TRIALS: tuple[Trials, ...] = ("all", "heralded", "coincidences")


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of `bounds_on`."""

    x: Any
    protocol: Protocol | None
    dims: tuple[int, int] | None
    effort: Effort
    confidence: float
    trials: Trials | None
    choices: int


@dataclass(frozen=True, slots=True)
class OfLink:
    """Rows that follow from the link of a table at a key setting: many of them from S and Q alone."""

    key: tuple[int, int]
    rows: Callable[[Link], list[Bound]]

    def __call__(self, table: Behaviour) -> list[Bound]:
        """The rows at another table."""
        return self.rows(Link.of(table, self.key))

    def numbers(self, table: Behaviour) -> tuple[float, float]:
        """S and Q of a table."""
        link = Link.of(table, self.key)
        return float(link.chsh), float(link.qber)

    def near(self, s: float, q: float) -> Link:
        """A link of these numbers."""
        return Link(s, q, self.key)


@dataclass(slots=True)
class Collection:
    """Rows and notes as they come."""

    title: str = "Bounds on the key"
    headline: str = ""
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)
    estimate: bool = False
    fitted: FittedTable | None = None
    progress: Callable[[str], None] | None = None

    def next(self, name: str) -> None:
        """Say what is computed next."""
        if self.progress is not None:
            self.progress(name)

    def add(
        self,
        name: str,
        *methods: Callable[[], Row | Iterable[Row]],
        again: Callable[[Behaviour], list[Bound]] | OfLink | None = None,
    ) -> None:
        """The rows of each method, or a note that says why there is none; `again` makes them at another table."""
        for method in methods:
            self.next(name)
            try:
                made = method()
            except BehaviourError:
                raise  # about the table, not about the method
            except (InputError, BoundNotEstablishedError) as error:
                self.notes.append(f"No {name}: {error}.")
            else:
                rows = [made] if isinstance(made, Row) else list(made)
                self.rows += [self._with_error(row, k, again) for k, row in enumerate(rows)]

    def add_at(self, name: str, behaviour: Behaviour, method: Callable[[Behaviour], Bound]) -> None:
        """The row of a method at a table, or a note."""
        self.add(name, lambda: method(behaviour), again=lambda table: [method(table)])

    def add_linked(self, name: str, link: Link, rows: Callable[[Link], list[Bound]]) -> None:
        """The rows of a link, or a note."""
        self.add(name, lambda: rows(link), again=OfLink(link.key, rows))

    def _with_error(self, row: Row, place: int, again: Callable[[Behaviour], list[Bound]] | OfLink | None) -> Row:
        """A row at a fitted table with its standard error, None where that is not available."""
        if not self.estimate or not isinstance(row, Bound):
            return row
        sigma = None
        if self.fitted is None:
            pass
        elif isinstance(again, OfLink) and row.scope.statistics is Statistics.CHSH_AND_ERROR:
            sigma = self.fitted.of_numbers(row, again.numbers, lambda s, q: again.rows(again.near(s, q))[place])
        else:
            sigma = self.fitted.of(row, None if again is None else lambda table: again(table)[place])
        return replace(row, diagnostics={**row.diagnostics, "uncertainty": sigma})

    def answer(self) -> Answer:
        """What was collected, its comparable pairs checked."""
        return Answer.of(
            self.rows,
            notes=dict.fromkeys(self.notes),
            title=self.title,
            headline=self.headline,
            findings=self.findings,
        )
