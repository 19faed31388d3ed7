"""Bounds on the key of a user's own table of correlations: reading, one question, and notes on what was read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keybounds import bounds_on
from keybounds.bounds import Answer, Hierarchy, Protocol
from keybounds.errors import BehaviourError, InconsistencyError
from keybounds.reports.behaviours import about, measured_note, relaxed_rows

if TYPE_CHECKING:
    from keybounds.bounds.door import Effort


def rate_table(
    file: Path,
    protocol: Protocol,
    effort: Effort = "fast",
    *,
    hierarchy: Hierarchy | None = None,
    unmeasured: Sequence[tuple[int, int]] = (),
) -> Answer:
    """Read a CSV of correlations and bound its key from both sides.

    Counts, and probabilities with uncertainties, are first projected onto the no-signalling behaviours by maximum
    likelihood; the notes say how far they moved.

    Parameters
    ----------
    file
        CSV as for `Behaviour.from_csv`.
    protocol
        ``one_way(key, noise=..., keep=...)``, about whose key every row speaks, or that of a wider class. Without
        noise the rates from the CHSH value are also shown with the best.
    effort
        As in `keybounds.bounds_on`.
    hierarchy
        A relaxation for one more bound from the full correlations.
    unmeasured
        Setting pairs that the file leaves out on purpose.

    Raises
    ------
    DataFileError, BehaviourError
        The file is unreadable, incomplete or no behaviour; no quantum device has its table.
    QuestionError
        The protocol's key setting is not in it, or its preprocessing does not fit.
    InputError, UnsupportedError
        The hierarchy does not fit.
    """
    from keybounds.experiments import Behaviour, project_no_signalling

    measured = Behaviour.from_csv(file, unmeasured=unmeasured)
    key = measured.ask(protocol).key
    projection = None if measured.exact else project_no_signalling(measured)
    behaviour = measured if projection is None else projection.behaviour
    notes = [measured_note(measured, key, projection)]
    if abs(behaviour.chsh) <= 2:
        notes.append("|S| does not exceed 2 with the settings and outcomes labelled as they are.")
    extra = [] if hierarchy is None else relaxed_rows(behaviour, protocol, hierarchy)
    try:
        found = bounds_on(behaviour, protocol, effort=effort)
        return Answer.of(
            about(file.name, [*extra, *(row for row in found.bounds if row not in extra)]),
            name="rate",
            title=f"Bounds on the key of {file.name}, {protocol}",
            notes=[*notes, *found.notes],
            findings={"chsh": behaviour.chsh, "qber": behaviour.qber(*key)},
        )
    except InconsistencyError as error:  # the bounds hold for quantum devices: no such device has this table
        raise BehaviourError(str(file), "correlations that some quantum device has", str(error)) from error
