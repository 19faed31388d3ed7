"""Rows of a data frame of any library: columns by name; of pandas also what stands in the index and above columns."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np

from keybounds.errors import AmbiguousInputError
from keybounds.experiments.intake.columns import role_of
from keybounds.experiments.intake.grid import unused_note, useful
from keybounds.experiments.intake.rows import Rows


def is_frame(source: object) -> TypeGuard[Any]:
    """Whether this is a data frame, or a series with an index such as value_counts gives."""
    return (hasattr(source, "columns") and hasattr(source, "shape")) or (
        hasattr(source, "to_frame") and hasattr(source, "index")
    )


def frame_rows(frame: Any) -> Rows:
    """Rows of a frame.

    Raises
    ------
    AmbiguousInputError
        Columns, or levels of an index, without names.
    """
    if not hasattr(frame, "columns"):
        frame = frame.to_frame(name="count")
    levels = [name for name in getattr(getattr(frame, "index", None), "names", None) or [] if name is not None]
    above = [name for name in getattr(frame.columns, "names", None) or [] if name is not None]
    labels = list(frame.columns)
    if any(isinstance(label, tuple) for label in labels) or {role_of(str(n)) for n in above} & {"x", "y", "a", "b"}:
        return _crossed(frame, levels, above, labels)
    if not levels and getattr(getattr(frame, "index", None), "nlevels", 1) > 1:
        raise AmbiguousInputError("the frame", "names of the levels of its index (rename_axis gives them)", "none")
    if levels:
        frame = frame.reset_index()
        labels = list(frame.columns)
    names = [str(label) for label in labels]
    if names == [str(k) for k in range(len(names))]:
        found = "columns without (rename_axis names the levels of an index)"
        raise AmbiguousInputError("the frame", "columns with names, x, y, a, b and count", found)
    used = useful(names, "the frame")
    kept = range(len(names)) if used is None else used
    columns = [np.asarray(frame[labels[k]].to_numpy()) for k in kept]
    notes = [] if used is None else [unused_note(names, used)]
    return Rows.of_columns("the frame", [names[k] for k in kept], columns, notes=notes)


def _crossed(frame: Any, levels: list[Any], above: list[Any], labels: list[Any]) -> Rows:
    """A pivot table: its cells by the names of the levels beside and above it."""
    names = [str(name) for name in (*levels, *above)]
    if sorted(filter(None, map(role_of, names))) not in (["a", "b", "x", "y"], ["ab", "x", "y"], ["a", "b", "xy"]):
        raise AmbiguousInputError(
            "the frame",
            "levels named x, y, a and b (rename_axis names them)",
            ", ".join(names) or "levels without names",
        )
    values = frame.to_numpy()
    records = []
    for beside, row in zip(frame.index, values, strict=True):
        for label, value in zip(labels, row, strict=True):
            outer = beside if isinstance(beside, tuple) else (beside,)
            inner = label if isinstance(label, tuple) else (label,)
            if value == value:  # NaN, a cell that no row made
                records.append([*map(str, outer), *map(str, inner[len(inner) - len(above) :]), str(value)])
    kind = "count" if all(float(record[-1]).is_integer() for record in records) else "p"
    notes = [
        f"a pivot table by {', '.join(names)}, its cells read as {'counts' if kind == 'count' else 'probabilities'}"
    ]
    return Rows.of("the frame", [*names, kind], records, notes=notes)
