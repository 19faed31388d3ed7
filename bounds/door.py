"""`bounds_on`: everything that this package can say about the key of one thing, in one call.

A method that does not apply, or that ends without a bound, becomes a note and never aborts the answer. What is wrong
with the thing itself is an error before anything is computed; and a proven rate above a comparable proven ceiling is an
error too, for then the thing is no quantum one, or this package is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from keybounds.bounds.answer import Answer, Row
from keybounds.bounds.bound import Bound
from keybounds.bounds.link.link import Link
from keybounds.bounds.scope import Statistics
from keybounds.errors import (
    AmbiguousInputError,
    BehaviourError,
    BoundNotEstablishedError,
    InconsistencyError,
    InputError,
    UnknownNameError,
    UnsupportedError,
)
from keybounds.protocol import Discussion, Protocol, any_discussion, completed_rounds, one_way, two_way

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from keybounds.bounds.correlations.standard_error import FittedTable
    from keybounds.bounds.run.run import Run
    from keybounds.channels import Choi, PureLoss
    from keybounds.experiments import Behaviour
    from keybounds.states import PPTPrivateFamily

Effort: TypeAlias = Literal["fast", "best"]
EFFORTS: tuple[Effort, ...] = ("fast", "best")
Trials: TypeAlias = Literal["all", "heralded", "coincidences"]
TRIALS: tuple[Trials, ...] = ("all", "heralded", "coincidences")


def bounds_on(
    x: object,
    protocol: Protocol | None = None,
    *,
    dims: tuple[int, int] | None = None,
    effort: Effort = "fast",
    confidence: float = 0.99,
    trials: Trials | None = None,
    choices: int = 1,
    progress: Callable[[str], None] | None = None,
) -> Answer:
    """Bound the key of a state, a channel, a link, a table of correlations or a finite run from both sides.

    Parameters
    ----------
    x
        - a state: `qutip.Qobj` ket or density matrix, or a `PPTPrivateFamily`: key per copy;
        - a channel: super-operator, Kraus operators, a `Choi` or a `PureLoss`: key per channel use;
        - a `Link`, the CHSH value and key error rate of one: device-independent key per round;
        - a `Behaviour`, the table P(a,b|x,y), or a `Reading` of one: the same from all of the correlations. An estimate
          is fitted by `project_quantum` first, and its rows are at the fitted table: point values, in brackets one
          standard error. Counts have a rate with confidence at the head of the answer;
        - a `Run`: whole bits of key at its soundness, by each theorem.
    protocol
        Of a table: the class of protocols asked about, such as ``one_way((0, 2), noise=0.05)``; every bound for it, for
        narrower and for wider classes is a row. None asks what needs no key setting. Without noise the rates are also
        shown with the best, where that helps. Of a link: the noise of ``one_way(link.key, noise=...)``. States,
        channels and runs carry their classes with them: None.
    dims
        (dA, dB) of a `Qobj` that does not say how it is cut.
    effort
        ``"fast"``: a few seconds for a table of two by three settings; ``"best"``: ten times as much.
    confidence
        Of the rate that heads the answer of counts with one key setting; see `confident_rate`.
    trials
        What an estimated table counts: ``"all"`` trials; those that an event ``"heralded"`` before the settings were
        chosen; or ``"coincidences"``, the trials in which both sides detected something, of which no device-independent
        statement is made. None: not declared, and the headline says what it assumes.
    choices
        Among how many tables this one was chosen after its trials were seen; see `confident_rate`.
    progress
        Called with what is computed next.

    Returns
    -------
    Answer
        Rows, checks of all comparable pairs, intervals by scope, and notes. For counts the headline is the rate with
        confidence, and ``findings["confident_rate"]`` has it as data.

    Raises
    ------
    AmbiguousInputError
        An array, which could be a state, a Choi matrix or a table.
    InputError
        Not a thing that has key; a class or dims where there are none.
    BehaviourError
        No quantum device has this table, or gives these counts with a probability worth considering.
    InconsistencyError
        A proven lower bound lies above a comparable proven ceiling. At a fitted table, which is nobody's device, both
        are a note and no row instead.

    Examples
    --------
    >>> from keybounds import bounds_on
    >>> from keybounds.bounds import Link
    >>> print(bounds_on(Link(2.677, 0.0144)).intervals[0])
    [0.583414, 0.612601] bit/round, untrusted devices, two-way key (0,2), from CHSH value and key error
    """
    if effort not in EFFORTS:
        raise UnknownNameError.among("effort", str(effort), EFFORTS)
    kind, answer = _answerer(x)
    if protocol is not None and kind not in ("link", "table"):
        raise InputError("protocol", f"None, for a {kind} carries its classes of protocols", str(protocol))
    if dims is not None and kind not in ("state", "channel"):
        raise InputError("dims", f"None, for a {kind} has no subsystems to cut", repr(dims))
    if not 0.5 < confidence < 1:
        raise InputError("confidence", "a number in (1/2, 1), such as 0.99", repr(confidence))
    if trials is not None and trials not in TRIALS:
        raise UnknownNameError.among("trials", str(trials), TRIALS)
    if trials is not None and kind != "table":
        raise InputError("trials", f"None, for a {kind} counts none", repr(trials))
    found = _Collection(progress=progress)
    answer(found, _Asked(x, protocol, dims, effort, confidence, trials, choices))
    return found.answer()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The arguments of `bounds_on`."""

    x: Any
    protocol: Protocol | None
    dims: tuple[int, int] | None
    effort: Effort
    confidence: float
    trials: Trials | None
    choices: int


@dataclass(frozen=True, slots=True)
class _OfLink:
    """Rows that follow from the link of a table at a key setting: many of them from S and Q alone."""

    key: tuple[int, int]
    rows: Callable[[Link], list[Bound]]

    def __call__(self, table: Behaviour) -> list[Bound]:
        return self.rows(Link.of(table, self.key))

    def numbers(self, table: Behaviour) -> tuple[float, float]:
        """S and Q of a table."""
        link = Link.of(table, self.key)
        return float(link.chsh), float(link.qber)

    def near(self, s: float, q: float) -> Link:
        """A link of these numbers."""
        return Link(s, q, self.key)


@dataclass(slots=True)
class _Collection:
    """Rows and notes as they come."""

    title: str = "Bounds on the key"
    headline: str = ""
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)
    estimate: bool = False
    fitted: FittedTable | None = None
    progress: Callable[[str], None] | None = None

    def next(self, name: str) -> None:
        """Say what is computed next."""
        if self.progress is not None:
            self.progress(name)

    def add(
        self,
        name: str,
        *methods: Callable[[], Row | Iterable[Row]],
        again: Callable[[Behaviour], list[Bound]] | _OfLink | None = None,
    ) -> None:
        """The rows of each method, or a note that says why there is none; `again` makes them at another table."""
        for method in methods:
            self.next(name)
            try:
                made = method()
            except BehaviourError:
                raise  # about the table, not about the method
            except (InputError, BoundNotEstablishedError) as error:
                self.notes.append(f"No {name}: {error}.")
            else:
                rows = [made] if isinstance(made, Row) else list(made)
                self.rows += [self._with_error(row, k, again) for k, row in enumerate(rows)]

    def add_at(self, name: str, behaviour: Behaviour, method: Callable[[Behaviour], Bound]) -> None:
        """The row of a method at a table, or a note."""
        self.add(name, lambda: method(behaviour), again=lambda table: [method(table)])

    def add_linked(self, name: str, link: Link, rows: Callable[[Link], list[Bound]]) -> None:
        """The rows of a link, or a note."""
        self.add(name, lambda: rows(link), again=_OfLink(link.key, rows))

    def _with_error(self, row: Row, place: int, again: Callable[[Behaviour], list[Bound]] | _OfLink | None) -> Row:
        """A row at a fitted table with its standard error, None where that is not available."""
        if not self.estimate or not isinstance(row, Bound):
            return row
        sigma = None
        if self.fitted is None:
            pass
        elif isinstance(again, _OfLink) and row.scope.statistics is Statistics.CHSH_AND_ERROR:
            sigma = self.fitted.of_numbers(row, again.numbers, lambda s, q: again.rows(again.near(s, q))[place])
        else:
            sigma = self.fitted.of(row, None if again is None else lambda table: again(table)[place])
        return replace(row, diagnostics={**row.diagnostics, "uncertainty": sigma})

    def answer(self) -> Answer:
        return Answer.of(
            self.rows,
            notes=dict.fromkeys(self.notes),
            title=self.title,
            headline=self.headline,
            findings=self.findings,
        )


def _answerer(x: Any) -> tuple[str, Callable[[_Collection, _Asked], None]]:
    """What `x` is, and what answers for it; a link does not wait for what the others need."""
    if isinstance(x, Link):
        return "link", _link
    from keybounds.bounds.run.run import Run
    from keybounds.channels import Choi, PureLoss
    from keybounds.experiments import Behaviour, Reading
    from keybounds.states import PPTPrivateFamily
    from keybounds.states.density import is_qobj

    answerers: tuple[tuple[type, str, Callable[[_Collection, _Asked], None]], ...] = (
        (Run, "run", _run),
        (Behaviour, "table", _table),
        (Reading, "table", _reading),
        (PPTPrivateFamily, "state", _private_state),
        (PureLoss, "channel", _pure_loss),
        (Choi, "channel", _channel),
    )
    for thing, kind, answer in answerers:
        if isinstance(x, thing):
            return kind, answer
    if is_qobj(x):
        return ("channel", _channel) if x.issuper else ("state", _state)
    if isinstance(x, np.ndarray):
        raise AmbiguousInputError(
            "x",
            "a thing that says what it is: to_qobj(array, dims) of a state, as_choi(array, dims) of a channel, "
            "Behaviour(P) of a table",
            f"an array of shape {x.shape}, which could be more than one of these",
        )
    if isinstance(x, (list, tuple)) and x and all(is_qobj(part) or isinstance(part, np.ndarray) for part in x):
        return "channel", _channel  # Kraus operators
    raise InputError("x", "a state, a channel, a Link, a Behaviour, a Reading or a Run", f"{type(x).__name__}")


# --- a link -----------------------------------------------------------------------------------------------------------


def _link(found: _Collection, asked: _Asked) -> None:
    link: Link = asked.x
    found.title = f"Bounds on the key of a link, {link}"
    noise = None
    if asked.protocol is not None:
        asked.protocol.key  # noqa: B018 - one key setting
        if asked.protocol != one_way(link.key, noise=asked.protocol.noise):
            raise InputError("protocol", f"None, or one_way({link.key}, noise=...)", str(asked.protocol))
        noise = asked.protocol.noise
    _link_rates(found, link, noise)
    _link_ceilings(found, link)
    if asked.effort == "best":
        _hull_rows(found, link)


def _link_rates(found: _Collection, link: Link, noise: float | None) -> None:
    """Rates from (S, Q) and from S and the key table; `noise` None tries none and, where it helps, the best."""
    from keybounds.bounds.lower import chsh_rate, chsh_table_rate

    def rows(name: str, rate: Callable[[Link, float], Bound], *, from_table: bool) -> None:
        try:
            noises = _noises(link, noise, from_table=from_table)
        except InputError as error:
            found.notes.append(f"No {name}: {error}.")
        else:
            found.add_linked(name, link, lambda one: [rate(one, q) for q in noises])

    rows("rate from (S,Q)", chsh_rate, from_table=False)
    if link.tables is not None:
        rows("rate from S and H(A|B)", chsh_table_rate, from_table=True)


def _link_ceilings(found: _Collection, link: Link) -> None:
    """Ceilings from (S, Q)."""
    from keybounds.bounds.upper import chsh_ceiling

    found.add_linked("ceiling from (S,Q)", link, lambda one: [chsh_ceiling(one, two_way(link.key))])
    found.add_linked("ceiling from (S,Q)", link, lambda one: [chsh_ceiling(one, any_discussion())])


def _hull_rows(found: _Collection, link: Link) -> None:
    """The ceiling by a mixture of devices, whose linear program takes longer to load than the rest to compute."""
    from keybounds.bounds.upper import hull_ceiling

    found.add_linked("ceiling by a mixture of devices", link, lambda one: [hull_ceiling(one)])


def _noises(link: Link, noise: float | None, *, from_table: bool) -> list[float]:
    """The noise asked for; else none and, where it helps, the best to four digits, which can be quoted."""
    from keybounds.bounds.lower import optimal_noise

    if noise is not None:
        return [noise]
    return list(dict.fromkeys((0.0, round(optimal_noise(link, from_table=from_table), 4))))


# --- a table ----------------------------------------------------------------------------------------------------------


def _reading(found: _Collection, asked: _Asked) -> None:
    """The table of a file, after what reading it decided."""
    found.notes += asked.x.notes
    trials = asked.trials
    if trials is None and asked.x.layout == "angles":  # analysers with one output see nothing else
        trials = "coincidences"
    _table(found, replace(asked, x=asked.x.behaviour, trials=trials))


def _table(found: _Collection, asked: _Asked) -> None:
    behaviour: Behaviour = asked.x
    protocol = behaviour.ask(asked.protocol if asked.protocol is not None else any_discussion()).protocol
    found.title = f"Bounds on the key of correlations, {protocol}"
    if behaviour.exact:
        _table_rows(found, behaviour, protocol, asked.effort)
    else:
        _estimate(found, behaviour, protocol, asked)


def _estimate(found: _Collection, behaviour: Behaviour, protocol: Protocol, asked: _Asked) -> None:
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
    rows = _Collection(estimate=True, fitted=fitted, progress=found.progress)
    try:
        _table_rows(rows, projected, protocol, asked.effort)
        rows.answer()
    except (BehaviourError, InconsistencyError) as error:
        found.notes.append(f"No bounds at the fitted table, which no quantum device has: {error}.")
        return
    found.rows += rows.rows
    found.notes += rows.notes


def _fitted(found: _Collection, behaviour: Behaviour) -> tuple[Behaviour, NDArray[np.float64] | None]:
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


def _confident(found: _Collection, behaviour: Behaviour, protocol: Protocol, asked: _Asked) -> None:
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


def _table_rows(found: _Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
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


def _one_way_rows(found: _Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
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
        _link_rates(found, link, protocol.noise or None)
    else:
        found.notes.append("No rate from (S,Q): the CHSH value says nothing about post-selected rounds.")
    _link_ceilings(found, link)
    _hull_rows(found, link)


def _labelling_note(found: _Collection, behaviour: Behaviour) -> None:
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


def _rate_rows(found: _Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> Bound | None:
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


def _wide_rows(found: _Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
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


# --- a state ----------------------------------------------------------------------------------------------------------


def _state(found: _Collection, asked: _Asked) -> None:
    from keybounds.bounds.lower import coherent_information, privacy_squeezing
    from keybounds.bounds.state.bipartite import bipartite_state
    from keybounds.bounds.upper import (
        distillable_entanglement_ceiling,
        partial_transpose_bound,
        relative_entropy_of_entanglement,
        squashed_entanglement,
    )

    state, dims = asked.x, asked.dims
    bipartite_state(state, dims, atol=1e-10)  # what is wrong with the state itself is no note
    found.title = "Bounds on the key of a state"
    found.add("hashing rate", lambda: coherent_information(state, dims))
    if len(state.dims[0]) == 4:
        found.add("rate of the key part", lambda: privacy_squeezing(state))
    found.add(
        "ceiling on the key",
        lambda: relative_entropy_of_entanglement(state, dims),
        lambda: squashed_entanglement(state, dims),
    )
    found.add("ceiling on the device-independent key", lambda: partial_transpose_bound(state, dims))
    if asked.effort == "best":
        found.add("ceiling on distillable entanglement", lambda: distillable_entanglement_ceiling(state, dims))


def _private_state(found: _Collection, asked: _Asked) -> None:
    from keybounds.bounds.lower import advantage_distillation, pair_parity, privacy_squeezing
    from keybounds.bounds.upper import partial_transpose_bound, private_state_ceiling

    family: PPTPrivateFamily = asked.x
    if asked.dims is not None:
        raise InputError("dims", "None, for a private state's family says how it is cut", repr(asked.dims))
    found.title = "Bounds on the key of a private state"
    found.add(
        "rate",
        lambda: privacy_squeezing(family),
        lambda: advantage_distillation(family, copies=2),
        lambda: pair_parity(family),
    )
    found.add("ceiling", lambda: private_state_ceiling(family), lambda: partial_transpose_bound(family))


# --- a channel --------------------------------------------------------------------------------------------------------


def _channel(found: _Collection, asked: _Asked) -> None:
    from keybounds.bounds.lower import channel_hashing
    from keybounds.bounds.upper import channel_ceiling, channel_transpose_bound, max_rains_information
    from keybounds.channels import as_choi

    channel: Choi = as_choi(asked.x, asked.dims)
    found.title = "Bounds on the key through a channel"
    found.add(
        "hashing rate",
        lambda: channel_hashing(channel, direction="forward"),
        lambda: channel_hashing(channel, direction="reverse"),
    )
    found.add("ceiling", lambda: channel_ceiling(channel))
    found.add("ceiling on the device-independent key", lambda: channel_transpose_bound(channel))
    if asked.effort == "best":
        found.add("ceiling on quantum capacity", lambda: max_rains_information(channel))


def _pure_loss(found: _Collection, asked: _Asked) -> None:
    from keybounds.bounds.lower import pure_loss_rate
    from keybounds.bounds.upper import pure_loss_ceiling

    loss: PureLoss = asked.x
    if asked.dims is not None:
        raise InputError("dims", "None, for a bosonic mode has no dimensions", repr(asked.dims))
    found.title = "Bounds on the key through pure loss"
    found.add("rate", lambda: pure_loss_rate(loss.transmissivity))
    found.add("ceiling", lambda: pure_loss_ceiling(loss.transmissivity))


# --- a run ------------------------------------------------------------------------------------------------------------


def _run(found: _Collection, asked: _Asked) -> None:
    from keybounds.bounds.run.finite_key import THEOREMS, key_of_run

    run: Run = asked.x
    found.title = f"Key of {run.rounds} rounds at soundness {float(run.soundness):g}"
    for theorem in THEOREMS:
        extractor = "toeplitz" if theorem == "renyi" else "trevisan"
        found.add(f"key by {theorem}", partial(key_of_run, run, theorem=theorem, extractor=extractor))
