"""Tables of correlations as CSV: one row for each (x, y, a, b), with a count, or a probability and its uncertainty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keybounds.errors import DataFileError, InputError
from keybounds.files import write_atomically

if TYPE_CHECKING:
    from keybounds.experiments.behaviour import Behaviour


def table_text(behaviour: Behaviour) -> str:
    """The measured cells, sorted by setting and outcome, one line each, below a line of headings."""
    header = ["x", "y", "a", "b", "count" if behaviour.counts is not None else "p"]
    if behaviour.uncertainty is not None:
        header.append("dp")
    (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
    lines = [",".join(header)]
    for x, y, a, b in np.ndindex(nx, ny, na, nb):
        if (x, y) in behaviour.unmeasured:
            continue
        cell = (a, b, x, y)
        # repr of a double is its shortest decimal that reads back the same
        value = repr(float(behaviour.P[cell])) if behaviour.counts is None else str(int(behaviour.counts[cell]))
        row = [str(x), str(y), str(a), str(b), value]
        if behaviour.uncertainty is not None:
            row.append(repr(float(behaviour.uncertainty[cell])))
        lines.append(",".join(row))
    return "\n".join(lines) + "\n"


def write_table(path: Path, behaviour: Behaviour) -> None:
    """Write `table_text` under a temporary name, and rename it to `path`."""
    try:
        write_atomically(path, table_text(behaviour))
    except OSError as error:
        raise DataFileError(str(path), "a file in a folder that can be written", error.strerror or str(error)) from None
    except InputError as error:  # nothing that a file may replace
        raise DataFileError(str(path), "a file in a folder that can be written", error.found) from None
