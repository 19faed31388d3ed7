"""Bounds on the key of a user's own table of correlations: reading, one question, and notes on what was read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from keybounds import bounds_on
from keybounds.bounds import Answer, Hierarchy, Protocol, one_way
from keybounds.bounds.lower import confident_rate
from keybounds.errors import (
    BehaviourError,
    BoundNotEstablishedError,
    InconsistencyError,
    QuestionError,
    UnsupportedError,
)
from keybounds.reports.behaviours import about, chsh_of, error_of, measured_note, relaxed_rows

if TYPE_CHECKING:
    from keybounds.bounds.door import Effort
    from keybounds.bounds.lower import ConfidentRate
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
    hierarchy: Hierarchy | None = None,
) -> Answer:
    """Bound the key of a table of correlations from both sides.

    Counts, and probabilities with uncertainties, are first projected onto the no-signalling behaviours by maximum
    likelihood; the notes say how far they moved.

    Parameters
    ----------
    reading
        What `keybounds.experiments.read_table` made of a file.
    protocol
        ``one_way(key, noise=..., keep=...)``, about whose key every row speaks, or that of a wider class. Without
        noise the rates from the CHSH value are also shown with the best.
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
        without their statistical error.
    hierarchy
        A relaxation for one more bound from the full correlations.

    Raises
    ------
    BehaviourError
        No quantum device has the table.
    QuestionError
        The protocol's key setting is not in it, or its preprocessing does not fit.
    InputError, UnsupportedError
        The hierarchy does not fit.
    """
    from keybounds.experiments import Labelling, default_bits, largest_chsh, merge_outcomes, project_no_signalling

    measured = reading.behaviour
    notes = list(reading.notes)
    if relabel is not None:
        labelling = Labelling.named(relabel, measured.settings)
        measured.ask(protocol)  # the key setting is one of the table as it was given
        measured = labelling.apply(measured)
        protocol = one_way(labelling.moved_pair(protocol.key), noise=protocol.noise, keep=protocol.keep)
        notes.append(f"relabelled {labelling.name}: the key setting is now {protocol.key}")
    if bits is not None or measured.outcomes[0] > 2:
        read_as = tuple(bits) if bits is not None else default_bits(measured)
        measured = merge_outcomes(measured, read_as)
        said = ", ".join(f"{a} = {bit}" for a, bit in enumerate(read_as))
        name = f"{name}, Alice's outcomes read as {','.join(map(str, read_as))}"
        notes.append(
            f"Alice's outcomes are read as bits, {said}"
            + ("" if bits is not None else "; --bits has others")
            + ". A key "
            "of these bits is a key of the device; the ceilings bind protocols that use no more of her outcomes."
        )
    key = measured.ask(protocol).key
    title = f"Bounds on the key of {name}, {protocol}"
    confident = None
    if measured.counts is not None:
        confident, said = _with_confidence(measured, protocol, confidence)
        notes.insert(0, said)
        title += "" if confident is None else f": {said.partition(' (')[0]}; rows at the fitted table"
    projection = None if measured.exact else project_no_signalling(measured)
    behaviour = measured if projection is None else projection.behaviour
    notes.append(measured_note(measured, key, projection))
    best = largest_chsh(behaviour)
    if best is not None and best.value > 2 and chsh_of(behaviour) < best.value - 1e-9:
        named = best.labelling.name
        notes.append(
            f"As labelled S is {_s(behaviour)}; it is {best.value:.4f} with the labelling {named}, which bounds from S "
            f"and Q need: --relabel {named}. Bounds from all correlations are the same in every labelling."
        )
    elif best is not None and best.value <= 2:
        notes.append("S does not exceed 2 in any labelling.")
    extra = [] if hierarchy is None else relaxed_rows(behaviour, protocol, hierarchy)
    findings = {"chsh": chsh_of(behaviour), "qber": error_of(behaviour, key)}
    try:
        found = bounds_on(behaviour, protocol, effort=effort)
        return Answer.of(
            about(name, [*extra, *(row for row in found.bounds if row not in extra)]),
            name="rate",
            title=title,
            notes=[*notes, *found.notes],
            findings={what: value for what, value in findings.items() if not math.isnan(value)}
            | ({} if confident is None else {"confident_rate": confident.to_dict()}),
        )
    except InconsistencyError as error:  # the bounds hold for quantum devices: no such device has this table
        raise BehaviourError(name, "correlations that some quantum device has", str(error)) from error


def _with_confidence(measured: Behaviour, protocol: Protocol, confidence: float) -> tuple[ConfidentRate | None, str]:
    """The rate with confidence and its sentence, or why there is none."""
    try:
        found = confident_rate(measured, protocol, confidence=confidence)
    except (BoundNotEstablishedError, BehaviourError, QuestionError, UnsupportedError) as error:
        return None, f"No rate with confidence: {error}."
    return found, f"{found}. The rows are at the fitted table: point values, without their statistical error."


def _s(behaviour: Behaviour) -> str:
    value = chsh_of(behaviour)
    return "not measured" if math.isnan(value) else f"{value:.4f}"
