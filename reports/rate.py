"""Bounds on the key of a user's own table of correlations: reading, one question, and notes on what was read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from keybounds import bounds_on
from keybounds.bounds import Answer, Bound, Hierarchy, Protocol, one_way, two_way
from keybounds.bounds.upper import mutual_information
from keybounds.errors import (
    BehaviourError,
    InconsistencyError,
)
from keybounds.experiments import project_no_signalling
from keybounds.reports.behaviours import about, chsh_of, error_of, measured_note, relaxed_rows
from keybounds.reports.reading import trial_notes

if TYPE_CHECKING:
    from keybounds.bounds.collecting import Effort, Trials
    from keybounds.experiments import Behaviour, Reading


def rate_table(
    reading: Reading,
    protocol: Protocol,
    effort: Effort = "fast",
    *,
    name: str,
    relabel: str | None = None,
    bits: Sequence[int] | None = None,
    confidence: float = 0.99,
    trials: Trials | None = None,
    hierarchy: Hierarchy | None = None,
    progress: Callable[[str], None] | None = None,
) -> Answer:
    """Bound the key of a table of correlations from both sides.

    Counts, and probabilities with uncertainties, are first fitted by `project_quantum`; the notes say how far they
    moved.

    Parameters
    ----------
    reading
        What `keybounds.experiments.read_table` made of a file.
    protocol
        ``one_way(key, noise=..., keep=...)``, about whose key every row speaks, or that of a wider class. Without
        noise the rates are also shown with the best, where that helps.
    effort
        As in `keybounds.bounds_on`.
    name
        What the table is called.
    relabel
        Name of another labelling, as `Labelling` has it; the protocol's key setting keeps the numbers of the file.
    bits
        For each outcome of Alice the bit that it is read as; default: outcomes 0 and 1 as they are, any further one as
        the rarer of these, which the notes say.
    confidence
        Of the rate that heads the answer where the table has counts: all rows are at the fitted table, point values
        with one standard error in brackets.
    trials
        As in `keybounds.bounds_on`; of analysers with one output they are coincidences.
    hierarchy
        A relaxation for one more bound from the full correlations.
    progress
        Called with what is computed next.

    Raises
    ------
    BehaviourError
        No quantum device has the table.
    QuestionError
        The protocol's key setting is not in it, or its preprocessing does not fit.
    InputError, UnsupportedError
        The hierarchy does not fit.
    """
    from keybounds.bounds.correlations.moments.levels import level_words
    from keybounds.bounds.correlations.moments.words import Scenario
    from keybounds.experiments import Labelling, default_bits, merge_outcomes

    file, measured = name, reading.behaviour
    notes = [*reading.notes, *trial_notes(reading)]
    if relabel is not None:
        labelling = Labelling.named(relabel, measured.settings)
        measured.ask(protocol)  # the key setting is one of the table as it was given
        measured = labelling.apply(measured)
        protocol = one_way(labelling.moved_pair(protocol.key), noise=protocol.noise, keep=protocol.keep)
        notes.append(f"relabelled {labelling.name}: the key setting is now {protocol.key}")
    choices, whole = 1, None
    if bits is not None or measured.outcomes[0] > 2:
        read_as = tuple(bits) if bits is not None else default_bits(measured)
        choices = 1 if bits is not None else 2  # which of her outcomes is rarer, the trials said
        whole, measured = measured, merge_outcomes(measured, read_as)
        said = ", ".join(f"{a} = {bit}" for a, bit in enumerate(read_as))
        name = f"{name}, Alice's outcomes read as {','.join(map(str, read_as))}"
        notes.append(
            f"Alice's outcomes are read as bits, {said}"
            + ("" if bits is not None else "; --bits has others")
            + ". A key of these bits is a key of the device; the ceilings bind protocols that use no more of her "
            "outcomes, but for the mutual information of all of them."
        )
    key = measured.ask(protocol).key
    if hierarchy is not None and hierarchy.level != "auto":  # refused now, not after all that it would stand beside
        (na, nb), (nx, ny) = measured.outcomes, measured.settings
        level_words(Scenario((na,) * nx, (nb,) * ny), hierarchy.level)
    notes.append(measured_note(measured, key))
    if trials is None and reading.layout == "angles":
        trials = "coincidences"
    try:
        found = bounds_on(
            measured,
            protocol,
            effort=effort,
            confidence=confidence,
            trials=trials,
            choices=choices,
            progress=progress,
        )
        rows = about(name, found.bounds)
        if hierarchy is not None and rows:
            rows = _with_relaxation(rows, measured, protocol, hierarchy, name, notes)
        if whole is not None and rows:
            rows += about(f"{file}, all of Alice's outcomes", [_information_of_all(whole, two_way(key))])
        findings = {"chsh": chsh_of(measured), "qber": error_of(measured, key)}
        return Answer.of(
            rows,
            name="rate",
            title=found.title.replace("correlations", name, 1),
            headline=found.headline,
            notes=[*notes, *found.notes],
            findings={what: value for what, value in findings.items() if not math.isnan(value)} | dict(found.findings),
        )
    except InconsistencyError as error:  # the bounds hold for quantum devices: no such device has this table
        raise BehaviourError(name, "correlations that some quantum device has", str(error)) from error


def _information_of_all(whole: Behaviour, protocol: Protocol) -> Bound:
    """The mutual information of all outcomes, at the fit of an estimate; no standard error of it is known."""
    if whole.exact:
        return mutual_information(whole, protocol)
    bound = mutual_information(project_no_signalling(whole).behaviour, protocol)
    return replace(bound, diagnostics={**bound.diagnostics, "uncertainty": None})


def _with_relaxation(
    rows: list[Bound], measured: Behaviour, protocol: Protocol, hierarchy: Hierarchy, name: str, notes: list[str]
) -> list[Bound]:
    """The rows with the entropy and the rate by one more relaxation at the same table; none if it disproves a fit."""
    from keybounds.experiments import project_quantum

    table = measured if measured.exact else project_quantum(measured).behaviour
    try:
        extra = about(name, relaxed_rows(table, protocol, hierarchy))
    except BehaviourError as error:
        if measured.exact:
            raise
        notes.append(f"No bounds at the fitted table, which no quantum device has: {error}.")
        return []
    return [*extra, *(row for row in rows if row not in extra)]
