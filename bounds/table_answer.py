"""The answer for a table of correlations: exact, or an estimate with its rate with confidence and its fitted rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from keybounds.bounds.bound import Bound
from keybounds.bounds.collecting import Asked, Collection, Effort, Trials
from keybounds.bounds.link.link import Link
from keybounds.bounds.link_answer import hull_rows, link_ceilings, link_rates
from keybounds.errors import (
    BehaviourError,
    BoundNotEstablishedError,
    InconsistencyError,
    InputError,
    UnsupportedError,
)
from keybounds.protocol import Discussion, Protocol, any_discussion, completed_rounds, one_way, two_way

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from keybounds.experiments import Behaviour


def answer_reading(found: Collection, asked: Asked) -> None:
    """The table of a file, after what reading it decided."""
    found.notes += asked.x.notes
    trials = asked.trials
    if trials is None and asked.x.layout == "angles":  # analysers with one output see nothing else
        trials = "coincidences"
    answer_table(found, replace(asked, x=asked.x.behaviour, trials=trials))


def answer_table(found: Collection, asked: Asked) -> None:
    """The rows of an exact table, or what an estimate says."""
    behaviour: Behaviour = asked.x
    protocol = behaviour.ask(asked.protocol if asked.protocol is not None else any_discussion()).protocol
    found.title = f"Bounds on the key of correlations, {protocol}"
    if behaviour.exact:
        _table_rows(found, behaviour, protocol, asked.effort)
    else:
        _estimate(found, behaviour, protocol, asked)


def _estimate(found: Collection, behaviour: Behaviour, protocol: Protocol, asked: Asked) -> None:
    """A rate with confidence; then rows at the fitted table, unless they show that it is no device's."""
    from keybounds.bounds.correlations.standard_error import FittedTable

    if asked.trials == "coincidences":
        found.headline = (
            "No device-independent statement: coincidences alone are trials selected by the devices themselves, and a "
            "local device can imitate any CHSH value with them (the detection loophole). Count every trial, a missed "
            "detection as an outcome."
        )
        _labelling_note(found, behaviour)
        return
    projected, rounds = _fitted(found, behaviour)  # refused before anything is said of it
    if behaviour.counts is not None and len(protocol.settings) == 1:
        _confident(found, behaviour, protocol, asked)
    assumed = _assumed(behaviour, asked.trials)
    found.headline = f"{found.headline} {assumed}".strip()
    found.title += ", at the fitted table"
    fitted = None if rounds is None else FittedTable(projected, rounds)
    rows = Collection(estimate=True, fitted=fitted, progress=found.progress)
    try:
        _table_rows(rows, projected, protocol, asked.effort)
        rows.answer()
    except (BehaviourError, InconsistencyError) as error:
        found.notes.append(f"No bounds at the fitted table, which no quantum device has: {error}.")
        return
    found.rows += rows.rows
    found.notes += rows.notes


def _fitted(found: Collection, behaviour: Behaviour) -> tuple[Behaviour, NDArray[np.float64] | None]:
    """The fitted table, and the trials of each pair where standard errors are available; the notes say why not."""
    from keybounds.experiments import project_no_signalling, project_quantum

    try:
        projection = project_quantum(behaviour)
    except UnsupportedError as error:
        found.notes.append(
            f"The rows are at the no-signalling fit, point values, without their standard error: no projection onto "
            f"quantum theory, {error}."
        )
        return project_no_signalling(behaviour).behaviour, None
    found.findings["projection"] = projection.to_dict()
    found.notes += projection.sentences
    frequencies = behaviour.P if behaviour.counts is None else behaviour.counts
    unseen = (frequencies == 0) & np.vectorize(behaviour.measured)(*np.indices(behaviour.settings))
    if not projection.inside:
        found.notes.append("Standard errors are not available: the fit is at the edge of the quantum set.")
        return projection.behaviour, None
    if unseen.any():
        a, b, x, y = (int(k) for k in np.argwhere(unseen)[0])
        found.notes.append(f"Standard errors are not available: outcomes ({a},{b}) were never seen at ({x},{y}).")
        return projection.behaviour, None
    return projection.behaviour, projection.rounds


def _confident(found: Collection, behaviour: Behaviour, protocol: Protocol, asked: Asked) -> None:
    """The rate with confidence as headline, or why there is none."""
    from keybounds.bounds.lower import confident_rate

    found.next("rate with confidence")
    narrow = one_way(protocol.key, noise=protocol.noise, keep=protocol.keep)
    try:
        rate = confident_rate(behaviour, narrow, confidence=asked.confidence, choose_noise=True, choices=asked.choices)
    except (BoundNotEstablishedError, InputError) as error:
        found.headline = f"No rate with confidence: {error}."
    else:
        found.headline = f"{rate}." if rate.value else f"No key with confidence: {rate}."
        found.findings["confident_rate"] = rate.to_dict()


def _assumed(behaviour: Behaviour, trials: Trials | None) -> str:
    """What the statements take for granted about the trials in a table."""
    if trials == "heralded":
        return "Per heralded trial; the herald came before the settings were chosen."
    if trials is None and behaviour.outcomes == (2, 2):
        return (
            "Assumed, as not declared: every trial is in the table, none left out because a detection was missing "
            "(--trials)."
        )
    return ""


def _table_rows(found: Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
    """The rows of an exact table."""
    if len(protocol.settings) == 1:
        if protocol.discussion is Discussion.ONE_WAY:
            _one_way_rows(found, behaviour, protocol, effort)
        else:
            _one_way_rows(found, behaviour, one_way(protocol.key), effort)
    elif protocol.settings:
        found.notes.append("No bound yet takes several key settings at once; those below take none.")
    else:
        found.notes.append("No rate without a key setting: ask with one, as in one_way((0, 2)).")
    _wide_rows(found, behaviour, protocol, effort)


def _one_way_rows(found: Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
    """Entropy, rate and ceiling of one-way protocols, and the (S,Q) bounds at the same key setting."""
    from keybounds.bounds.correlations.noise import best_noise, unclamped, with_noise

    without = _rate_rows(found, behaviour, protocol, effort)
    if protocol.noise == 0 and without is not None:
        q = best_noise(behaviour, protocol, unclamped(without))
        if q:
            _rate_rows(found, behaviour, with_noise(protocol, q), effort)
    _labelling_note(found, behaviour)
    try:
        link = Link.of(behaviour, protocol.key)
    except BehaviourError:
        raise
    except InputError as error:
        found.notes.append(f"No bound from (S,Q): {error}.")
        return
    if protocol.keep == 1.0:
        link_rates(found, link, protocol.noise or None)
    else:
        found.notes.append("No rate from (S,Q): the CHSH value says nothing about post-selected rounds.")
    link_ceilings(found, link)
    hull_rows(found, link)


def _labelling_note(found: Collection, behaviour: Behaviour) -> None:
    """The labelling with the largest CHSH value, where bounds from S and Q would gain by it, or that there is none."""
    from keybounds.experiments import largest_chsh

    best = largest_chsh(behaviour)
    if best is None:
        return
    if best.value <= 2:
        found.notes.append("S does not exceed 2 in any labelling.")
        return
    measured = all(behaviour.measured(x, y) for x in (0, 1) for y in (0, 1))
    if not measured or behaviour.chsh < best.value - 1e-9:
        given = f"{behaviour.chsh:.4f}" if measured else "not measured"
        named = best.labelling.name
        found.notes.append(
            f"As labelled S is {given}; it is {best.value:.4f} with the labelling {named}, which bounds from S and "
            f"Q need, and where they find no key as labelled they may there: --relabel {named}. Bounds from all "
            "correlations are the same in every labelling."
        )


def _rate_rows(found: Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> Bound | None:
    """Entropy, rate, cost and ceiling of one protocol; the rate is returned."""
    from keybounds.bounds.correlations.sandwich import hierarchy_for, settled
    from keybounds.bounds.lower import conditional_entropy, rate_from_entropy, reconciliation_entropy
    from keybounds.bounds.upper import attack_ceiling

    rates: list[Bound] = []

    def both() -> list[Bound]:
        usual = hierarchy_for(behaviour.ask(protocol), effort)
        entropy, _ = settled(lambda hierarchy: conditional_entropy(behaviour, protocol, hierarchy), usual)
        rates.append(rate_from_entropy(behaviour, entropy))
        return [entropy, *rates]

    found.add("bound from the full correlations", both)
    found.add_at("H(A|B)", behaviour, lambda table: reconciliation_entropy(table, protocol))
    found.add("ceiling on one-way key", lambda: attack_ceiling(behaviour, protocol, effort))
    return rates[0] if rates else None


def _wide_rows(found: Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
    """The ceilings on two-way key, on completed rounds and on any discussion."""
    from keybounds.bounds.correlations.attacks.search import ColumnLibrary
    from keybounds.bounds.upper import attack_ceiling, mutual_information

    library = ColumnLibrary()  # the two ceilings from information share their strategies
    if len(protocol.settings) == 1:
        announced = two_way(protocol.key)
        found.add("ceiling on two-way key", lambda: attack_ceiling(behaviour, announced, effort, library=library))
        found.add_at("ceiling on two-way key", behaviour, lambda table: mutual_information(table, announced))
    rounds = completed_rounds()
    found.add("ceiling on completed rounds", lambda: attack_ceiling(behaviour, rounds, effort, library=library))
    found.add_at("ceiling on completed rounds", behaviour, lambda table: mutual_information(table, rounds))
    found.add("ceiling on any discussion", lambda: attack_ceiling(behaviour, any_discussion(), effort))
