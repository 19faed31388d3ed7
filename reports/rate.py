"""Bounds on the key of a user's own table of correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keybounds.bounds import Bound, Unit
from keybounds.bounds.link.ceilings import has_own_key_setting
from keybounds.bounds.upper import device_independent
from keybounds.errors import BehaviourError, BoundNotEstablishedError, InconsistencyError, InputError, UnsupportedError
from keybounds.reports.behaviours import behaviour_rows, ceiling_rows, full_rows, measured_note, wider_attack_rows
from keybounds.reports.comparison import Comparison, comparison


def rate_table(
    file: Path,
    *,
    key: tuple[int, int],
    noise: float | None = None,
    keep: float = 1.0,
    level: str = "22",
    nodes: int = 32,
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
        Noisy preprocessing q; None tries none and, for the rates from the CHSH value, the best.
    keep
        Post-selection: the probability with which a party keeps outcome 1; below 1 only the full correlations prove a
        rate, and only theirs is given.
    level, nodes
        The relaxation for the bound from the full correlations; see `conditional_entropy`.
    unmeasured
        Setting pairs that the file leaves out on purpose.

    Raises
    ------
    DataFileError, BehaviourError, InputError
        The file is unreadable, incomplete or no behaviour; the key setting is not in it.
    """
    from keybounds.experiments import Behaviour, project_no_signalling

    measured = Behaviour.from_csv(file, unmeasured=unmeasured)
    nx, ny = measured.settings
    if not (key[0] < nx and key[1] < ny and measured.measured(*key)):
        raise InputError("key", f"a measured setting pair X,Y with X < {nx} and Y < {ny}", f"{key[0]},{key[1]}")
    projection = None if measured.exact else project_no_signalling(measured)
    behaviour = measured if projection is None else projection.behaviour
    notes = [measured_note(measured, key, projection)]
    if abs(behaviour.chsh) <= 2:
        notes.append("|S| does not exceed 2 with the settings and outcomes labelled as they are.")
    if not has_own_key_setting(key):
        notes.append(
            "No ceiling from (S,Q): Bob's key setting is one of the CHSH settings, whose outcomes are part of S."
        )
    rows: list[Bound] = []
    try:
        rows += full_rows(
            behaviour,
            key=key,
            noise=noise or 0.0,
            keep=keep,
            subject=file.name,
            unit=Unit.PER_ROUND,
            relaxations=[(level, nodes)],
        )
    except UnsupportedError as error:  # outcomes or settings that the relaxation does not take
        notes.append(f"No bound from the full correlations: {error}.")
    except BehaviourError as error:
        if measured.exact:
            raise
        notes.append(f"No bound from the full correlations, for the fit is no quantum behaviour: {error.found}.")
    try:
        rows.append(
            device_independent(
                behaviour,
                key=key,
                scope="one-way",
                noise=noise or 0.0,
                keep=keep,
                subject=file.name,
                unit=Unit.PER_ROUND,
            )
        )
        rows += wider_attack_rows(behaviour, key=key, subject=file.name, unit=Unit.PER_ROUND)
    except (UnsupportedError, BoundNotEstablishedError) as error:  # too many strategies, or off the quantum set
        notes.append(f"No ceiling from an explicit attack: {error}.")
    if keep == 1.0:
        rows += behaviour_rows(behaviour, key=key, subject=file.name, unit=Unit.PER_ROUND, noise=noise)
    else:
        rows += ceiling_rows(behaviour, key=key, subject=file.name, unit=Unit.PER_ROUND)
    title = f"Bounds on the key of {file.name}, key setting ({key[0]},{key[1]})"
    try:
        result = comparison("rate", title, rows, notes=notes, with_intervals=True)
    except InconsistencyError as error:  # the bounds hold for quantum devices: no such device has this table
        raise BehaviourError(str(file), "correlations that some quantum device has", str(error)) from error
    return replace(result, findings={"chsh": behaviour.chsh, "qber": behaviour.qber(*key)})
