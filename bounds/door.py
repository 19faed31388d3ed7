"""`bounds_on`: everything that this package can say about the key of one thing, in one call.

A method that does not apply, or that ends without a bound, becomes a note and never aborts the answer. What is wrong
with the thing itself is an error before anything is computed; and a proven rate above a comparable proven ceiling is an
error too, for then the thing is no quantum one, or this package is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from keybounds.bounds.answer import Answer, Row
from keybounds.bounds.bound import Bound
from keybounds.bounds.link.link import Link
from keybounds.errors import (
    AmbiguousInputError,
    BehaviourError,
    BoundNotEstablishedError,
    InputError,
    UnknownNameError,
)
from keybounds.protocol import Discussion, Protocol, any_discussion, completed_rounds, one_way, two_way

if TYPE_CHECKING:
    from keybounds.bounds.run.run import Run
    from keybounds.channels import Choi, PureLoss
    from keybounds.experiments import Behaviour
    from keybounds.states import PPTPrivateFamily

Effort: TypeAlias = Literal["fast", "best"]
EFFORTS: tuple[Effort, ...] = ("fast", "best")


def bounds_on(
    x: object, protocol: Protocol | None = None, *, dims: tuple[int, int] | None = None, effort: Effort = "fast"
) -> Answer:
    """Bound the key of a state, a channel, a link, a table of correlations or a finite run from both sides.

    Parameters
    ----------
    x
        - a state: `qutip.Qobj` ket or density matrix, or a `PPTPrivateFamily`: key per copy;
        - a channel: super-operator, Kraus operators, a `Choi` or a `PureLoss`: key per channel use;
        - a `Link`, the CHSH value and key error rate of one: device-independent key per round;
        - a `Behaviour`, the table P(a,b|x,y): the same from all of the correlations. An estimate is projected onto the
          no-signalling behaviours first, and a note says so: its bounds are at point values;
        - a `Run`: whole bits of key at its soundness, by each theorem.
    protocol
        Of a table: the class of protocols asked about, such as ``one_way((0, 2), noise=0.05)``; every bound for it, for
        narrower and for wider classes is a row. None asks what needs no key setting. Of a link: the noise of
        ``one_way(link.key, noise=...)``. States, channels and runs carry their classes with them: None.
    dims
        (dA, dB) of a `Qobj` that does not say how it is cut.
    effort
        ``"fast"``: about a second for a table of two by three settings; ``"best"``: ten times as much.

    Returns
    -------
    Answer
        Rows, checks of all comparable pairs, intervals by scope, and notes.

    Raises
    ------
    AmbiguousInputError
        An array, which could be a state, a Choi matrix or a table.
    InputError
        Not a thing that has key; a class or dims where there are none.
    BehaviourError
        No quantum device has this table.
    InconsistencyError
        A proven lower bound lies above a comparable proven ceiling.

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
    found = _Collection()
    answer(found, _Asked(x, protocol, dims, effort))
    return found.answer()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The arguments of `bounds_on`."""

    x: Any
    protocol: Protocol | None
    dims: tuple[int, int] | None
    effort: Effort


@dataclass(slots=True)
class _Collection:
    """Rows and notes as they come."""

    title: str = "Bounds on the key"
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, *methods: Callable[[], Row | Iterable[Row]]) -> None:
        """The rows of each method, or a note that says why there is none."""
        for method in methods:
            try:
                made = method()
            except BehaviourError:
                raise  # about the table, not about the method
            except (InputError, BoundNotEstablishedError) as error:
                self.notes.append(f"No {name}: {error}.")
            else:
                self.rows += [made] if isinstance(made, Row) else made

    def answer(self) -> Answer:
        return Answer.of(self.rows, notes=dict.fromkeys(self.notes), title=self.title)


def _answerer(x: Any) -> tuple[str, Callable[[_Collection, _Asked], None]]:
    """What `x` is, and what answers for it; a link does not wait for what the others need."""
    if isinstance(x, Link):
        return "link", _link
    from keybounds.bounds.run.run import Run
    from keybounds.channels import Choi, PureLoss
    from keybounds.experiments import Behaviour
    from keybounds.states import PPTPrivateFamily
    from keybounds.states.density import is_qobj

    answerers: tuple[tuple[type, str, Callable[[_Collection, _Asked], None]], ...] = (
        (Run, "run", _run),
        (Behaviour, "table", _table),
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
    raise InputError("x", "a state, a channel, a Link, a Behaviour or a Run", f"{type(x).__name__}")


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

    found.add("rate from (S,Q)", lambda: [chsh_rate(link, q) for q in _noises(link, noise, from_table=False)])
    if link.tables is not None:
        found.add(
            "rate from S and H(A|B)", lambda: [chsh_table_rate(link, q) for q in _noises(link, noise, from_table=True)]
        )


def _link_ceilings(found: _Collection, link: Link) -> None:
    """Ceilings from (S, Q)."""
    from keybounds.bounds.upper import chsh_ceiling

    found.add(
        "ceiling from (S,Q)",
        lambda: chsh_ceiling(link, two_way(link.key)),
        lambda: chsh_ceiling(link, any_discussion()),
    )


def _hull_rows(found: _Collection, link: Link) -> None:
    """The ceiling by a mixture of devices, whose linear program takes longer to load than the rest to compute."""
    from keybounds.bounds.upper import hull_ceiling

    found.add("ceiling by a mixture of devices", lambda: hull_ceiling(link))


def _noises(link: Link, noise: float | None, *, from_table: bool) -> list[float]:
    """The noise asked for; else none and, where it helps, the best to four digits, which can be quoted."""
    from keybounds.bounds.lower import optimal_noise

    if noise is not None:
        return [noise]
    return list(dict.fromkeys((0.0, round(optimal_noise(link, from_table=from_table), 4))))


# --- a table ----------------------------------------------------------------------------------------------------------


def _table(found: _Collection, asked: _Asked) -> None:
    behaviour: Behaviour = asked.x
    question = behaviour.ask(asked.protocol if asked.protocol is not None else any_discussion())
    found.title = f"Bounds on the key of correlations, {question.protocol}"
    if not behaviour.exact:
        from keybounds.experiments import project_no_signalling

        behaviour = project_no_signalling(behaviour).behaviour
        found.notes.append(
            "The table is an estimate. It was projected onto the no-signalling behaviours by maximum likelihood, and "
            "the bounds are at the point values of that fit."
        )
    protocol = question.protocol
    if len(protocol.settings) == 1:
        if protocol.discussion is Discussion.ONE_WAY:
            _one_way_rows(found, behaviour, protocol, asked.effort)
        else:
            _one_way_rows(found, behaviour, one_way(protocol.key), asked.effort)
    elif protocol.settings:
        found.notes.append("No bound yet takes several key settings at once; those below take none.")
    else:
        found.notes.append("No rate without a key setting: ask with one, as in one_way((0, 2)).")
    _wide_rows(found, behaviour, protocol, asked.effort)


def _one_way_rows(found: _Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
    """Entropy, rate and ceiling of one-way protocols, and the (S,Q) bounds at the same key setting."""
    from keybounds.bounds.correlations.sandwich import hierarchy_for, settled
    from keybounds.bounds.lower import conditional_entropy, rate_from_entropy, reconciliation_entropy
    from keybounds.bounds.upper import attack_ceiling

    def rates() -> list[Bound]:
        usual = hierarchy_for(behaviour.ask(protocol), effort)
        entropy, _ = settled(lambda hierarchy: conditional_entropy(behaviour, protocol, hierarchy), usual)
        return [entropy, rate_from_entropy(behaviour, entropy)]

    found.add("bound from the full correlations", rates)
    found.add("H(A|B)", lambda: reconciliation_entropy(behaviour, protocol))
    found.add("ceiling on one-way key", lambda: attack_ceiling(behaviour, protocol, effort))
    try:
        link = Link.of(behaviour, protocol.key)
    except BehaviourError:
        raise
    except InputError as error:
        found.notes.append(f"No bound from (S,Q): {error}.")
    else:
        if protocol.keep == 1.0:
            _link_rates(found, link, protocol.noise or None)
        else:
            found.notes.append("No rate from (S,Q): the CHSH value says nothing about post-selected rounds.")
        _link_ceilings(found, link)
        _hull_rows(found, link)


def _wide_rows(found: _Collection, behaviour: Behaviour, protocol: Protocol, effort: Effort) -> None:
    """The ceilings on two-way key, on completed rounds and on any discussion."""
    from keybounds.bounds.upper import attack_ceiling, mutual_information

    if len(protocol.settings) == 1:
        announced = two_way(protocol.key)
        found.add(
            "ceiling on two-way key",
            lambda: attack_ceiling(behaviour, announced, effort),
            lambda: mutual_information(behaviour, announced),
        )
    found.add(
        "ceiling on completed rounds",
        lambda: attack_ceiling(behaviour, completed_rounds(), effort),
        lambda: mutual_information(behaviour, completed_rounds()),
    )
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
