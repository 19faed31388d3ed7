"""What a campaign will take, from a few of its points: a number of seconds for each column, and memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keybounds.sweeps.cell import address_of
from keybounds.sweeps.plan import Plan
from keybounds.sweeps.store import Store
from keybounds.sweeps.workers import measure, pool

_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class ColumnEstimate:
    """One column: how many numbers it has, how many are missing, and the mean and most seconds that a sample took."""

    numbers: int
    missing: int
    mean: float
    most: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a campaign will take.

    Attributes
    ----------
    points
        How many the plan has.
    columns
        By name.
    memory
        Bytes that a process took at most; None where the system does not tell.
    """

    points: int
    columns: Mapping[str, ColumnEstimate]
    memory: int | None

    @property
    def seconds(self) -> float:
        """Of computing time, for what is missing."""
        return sum(column.missing * column.mean for column in self.columns.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "points": self.points,
            "columns": {
                name: {"numbers": c.numbers, "missing": c.missing, "mean": c.mean, "most": c.most}
                for name, c in self.columns.items()
            },
            "seconds": self.seconds,
            "memory": self.memory,
        }


def estimate(plan: Plan, store: Store | None = None) -> Estimate:
    """Compute the first, the middle and the last point in a process of its own; nothing is stored.

    The first number of each column is computed twice and timed the second time, when what it needs is loaded.
    """
    address, known = address_of(), store.addresses() if store is not None else set()
    places = sorted({0, plan.count // 2, plan.count - 1})[:_SAMPLES]
    columns, memory = {}, None
    with pool(1) as executor:
        for column in plan.columns:
            cells = [column.cell(plan.point(k)) for k in places]
            (_, *seconds), memory = executor.submit(measure, [cells[0], *cells]).result()
            every = {address(column.cell(point)) for point in plan.points()}
            columns[column.name] = ColumnEstimate(
                len(every), len(every - known), sum(seconds) / len(seconds), max(seconds)
            )
    return Estimate(plan.count, columns, memory)
