"""`bounds_on`: everything that this package can say about the key of one thing, in one call.

A method that does not apply, or that ends without a bound, becomes a note and never aborts the answer. What is wrong
with the thing itself is an error before anything is computed; and a proven rate above a comparable proven ceiling is an
error too, for then the thing is no quantum one, or this package is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from keybounds.bounds.answer import Answer
from keybounds.bounds.collecting import EFFORTS, TRIALS, Asked, Collection, Effort, Trials
from keybounds.bounds.link.link import Link
from keybounds.bounds.link_answer import answer_link
from keybounds.bounds.table_answer import answer_reading, answer_table
from keybounds.errors import (
    AmbiguousInputError,
    InputError,
    UnknownNameError,
)
from keybounds.protocol import Protocol

if TYPE_CHECKING:
    from keybounds.bounds.run.run import Run
    from keybounds.channels import Choi, PureLoss
    from keybounds.states import PPTPrivateFamily


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
    found = Collection(progress=progress)
    answer(found, Asked(x, protocol, dims, effort, confidence, trials, choices))
    return found.answer()


def _answerer(x: Any) -> tuple[str, Callable[[Collection, Asked], None]]:
    """What `x` is, and what answers for it; a link does not wait for what the others need."""
    if isinstance(x, Link):
        return "link", answer_link
    from keybounds.bounds.run.run import Run
    from keybounds.channels import Choi, PureLoss
    from keybounds.experiments import Behaviour, Reading
    from keybounds.states import PPTPrivateFamily
    from keybounds.states.density import is_qobj

    answerers: tuple[tuple[type, str, Callable[[Collection, Asked], None]], ...] = (
        (Run, "run", _run),
        (Behaviour, "table", answer_table),
        (Reading, "table", answer_reading),
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


# --- a state ----------------------------------------------------------------------------------------------------------


def _state(found: Collection, asked: Asked) -> None:
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


def _private_state(found: Collection, asked: Asked) -> None:
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


def _channel(found: Collection, asked: Asked) -> None:
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


def _pure_loss(found: Collection, asked: Asked) -> None:
    from keybounds.bounds.lower import pure_loss_rate
    from keybounds.bounds.upper import pure_loss_ceiling

    loss: PureLoss = asked.x
    if asked.dims is not None:
        raise InputError("dims", "None, for a bosonic mode has no dimensions", repr(asked.dims))
    found.title = "Bounds on the key through pure loss"
    found.add("rate", lambda: pure_loss_rate(loss.transmissivity))
    found.add("ceiling", lambda: pure_loss_ceiling(loss.transmissivity))


# --- a run ------------------------------------------------------------------------------------------------------------


def _run(found: Collection, asked: Asked) -> None:
    from keybounds.bounds.run.finite_key import THEOREMS, key_of_run

    run: Run = asked.x
    found.title = f"Key of {run.rounds} rounds at soundness {float(run.soundness):g}"
    for theorem in THEOREMS:
        extractor = "toeplitz" if theorem == "renyi" else "trevisan"
        found.add(f"key by {theorem}", partial(key_of_run, run, theorem=theorem, extractor=extractor))
