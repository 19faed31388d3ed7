"""The table of a sequence of refined bounds."""

from __future__ import annotations

from keybounds.bounds import Direction
from keybounds.bounds.correlations.entropy.convergence import Convergence
from keybounds.tables import Cell, Column, Number, Table

_DIGITS = 9


def convergence_table(result: Convergence) -> Table:
    """One row a solve: level, nodes, bound, gain over the best before, what the solver estimates is left, time."""
    rows: list[tuple[Cell, ...]] = []
    best: float | None = None
    for step in result.steps:
        value = step.bound.value
        gain: Cell = "" if best is None else Number.rounded(value - best, 2)
        rows.append(
            (
                step.level,
                str(step.nodes),
                Number.rounded(value, _DIGITS, Direction.LOWER, prefix="≥"),
                gain,
                Number.rounded(step.bound.diagnostics["discretisation_gap"], 2),
                Number.rounded(step.seconds, 2),
                step.bound.status.value,
            )
        )
        best = value if best is None else max(best, value)
    return Table(
        name="convergence",
        title=f"Convergence of H(A|E) for {result.best.subject}",
        columns=(
            Column("level", "level"),
            Column("nodes", "nodes"),
            Column("bound", "bound (bit)"),
            Column("gain", "gain"),
            Column("discretisation_gap", "node loss, estimated"),
            Column("seconds", "s"),
            Column("status", "status"),
        ),
        rows=tuple(rows),
        notes=(
            f"Every row is a bound by itself. Ended: {result.stopped.message} ({result.tolerance:g} bit).",
            "The loss to the nodes is an estimate, what a higher level would gain is not known.",
        ),
    )
