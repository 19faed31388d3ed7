"""Bounds on the key of a user's own table of correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keybounds.bounds import Unit
from keybounds.bounds.upper.device_independent import has_own_key_setting
from keybounds.errors import BehaviourError, InconsistencyError
from keybounds.reports.behaviours import behaviour_rows, measured_note
from keybounds.reports.comparison import Comparison, comparison


def rate_table(
    file: Path,
    *,
    key: tuple[int, int],
    noise: float | None = None,
    unmeasured: Sequence[tuple[int, int]] = (),
) -> Comparison:
    """Read a CSV of correlations and bound its key from both sides.

    Counts, and probabilities with uncertainties, are first projected onto the no-signalling behaviours by maximum
    likelihood; the notes say how far they moved.

    Parameters
    ----------
    file
        CSV as for `Behaviour.from_csv`.
    key
        The key setting (x, y), counted from 0.
    noise
        Noisy preprocessing; None tries none and the best.
    unmeasured
        Setting pairs that the file leaves out on purpose.

    Raises
    ------
    DataFileError, BehaviourError, InputError
        The file is unreadable, incomplete or no behaviour; the key setting is not in it.
    """
    from keybounds.experiments import Behaviour, project_no_signalling

    measured = Behaviour.from_csv(file, unmeasured=unmeasured)
    projection = None if measured.exact else project_no_signalling(measured)
    behaviour = measured if projection is None else projection.behaviour
    notes = [measured_note(measured, key, projection)]
    if abs(behaviour.chsh) <= 2:
        notes.append("|S| does not exceed 2 with the settings and outcomes labelled as they are.")
    if not has_own_key_setting(key):
        notes.append(
            "No ceiling from (S,Q): Bob's key setting is one of the CHSH settings, whose outcomes are part of S."
        )
    rows = behaviour_rows(behaviour, key=key, subject=file.name, unit=Unit.PER_ROUND, noise=noise)
    title = f"Bounds on the key of {file.name}, key setting ({key[0]},{key[1]})"
    try:
        result = comparison("rate", title, rows, notes=notes)
    except InconsistencyError as error:  # the bounds hold for quantum devices: no such device has this table
        raise BehaviourError(str(file), "correlations that some quantum device has", str(error)) from error
    return replace(result, findings={"chsh": behaviour.chsh, "qber": behaviour.qber(*key)})
