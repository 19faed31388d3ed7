"""The Devetak–Winter rate of a behaviour: what Eve does not know, minus what Bob must be told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flint import arb

from keybounds.bounds.bound import Bound, Direction, Unit, lower_bound
from keybounds.bounds.correlations.entropy.conditional_entropy import conditional_entropy
from keybounds.bounds.correlations.hierarchy import STANDARD, Hierarchy
from keybounds.bounds.correlations.reconciliation import exact_key_rounds
from keybounds.bounds.scope import Quantity, Statistics
from keybounds.enclosure import ball, enclose
from keybounds.errors import InputError
from keybounds.protocol import Discussion, Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour


def devetak_winter(behaviour: Behaviour, protocol: Protocol, hierarchy: Hierarchy = STANDARD) -> Bound:
    """Lower bound on the one-way key rate of a behaviour: r >= p_V [H(Â|E,V) - H(Â|B,V)].

    H(Â|E,V) comes from all of the correlations by a moment relaxation (`conditional_entropy`); H(Â|B,V) comes from the
    key rounds (`reconciliation_entropy`); p_V is the probability that a key round survives post-selection. Asymptotic,
    against collective attacks. `chsh_table_rate` takes H(Â|E) from the CHSH value instead, in closed form.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], exact, with two outcomes of Alice.
    protocol
        One-way with one key setting, noise and post-selection.
    hierarchy
        The moment relaxation.

    Returns
    -------
    Bound
        LOWER, in bits per round of the key setting.

    Raises
    ------
    QuestionError, BehaviourError, InputError, UnsupportedError, UnknownNameError, BoundNotEstablishedError
        As in `conditional_entropy`.

    Notes
    -----
    devetak2005; with noise ho2020; with post-selection liu2022.
    """
    return rate_from_entropy(behaviour, conditional_entropy(behaviour, protocol, hierarchy))


def rate_from_entropy(behaviour: Behaviour, entropy: Bound) -> Bound:
    """The rate p_V [H(Â|E,V) - H(Â|B,V)] that a bound on H(Â|E,V) of the same behaviour proves.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], for p_V and H(Â|B,V).
    entropy
        A result of `conditional_entropy` for it; the class of protocols is taken from its scope.

    Returns
    -------
    Bound
        LOWER, in bits per round of the key setting.

    Raises
    ------
    InputError
        Not a lower bound on that entropy from the full correlations, or one for another table.
    """
    scope = entropy.scope
    if (entropy.direction, scope.quantity, scope.statistics) != (
        Direction.LOWER,
        Quantity.CONDITIONAL_ENTROPY,
        Statistics.FULL,
    ):
        raise InputError(
            "entropy",
            "a lower bound on the entropy of Alice's key symbol given Eve, from the full correlations",
            f"a bound ({entropy.direction.value}) on the {scope.quantity.value} from {scope.statistics.value}",
        )
    if scope.thing != behaviour.thing:
        raise InputError("entropy", f"a bound on this behaviour, {behaviour.thing}", f"one on {scope.thing}")
    question = behaviour.ask(scope.protocol).within_reach("rate_from_entropy", Discussion.ONE_WAY)

    def rate() -> arb:
        rounds = exact_key_rounds(question)
        return rounds.survival * ball(entropy.value) - rounds.unnormalised_entropy

    return lower_bound(
        enclose(rate),
        unit=Unit.PER_ROUND,
        scope=replace(scope, quantity=Quantity.KEY_RATE),
        status=entropy.status,
        method=f"Devetak-Winter rate, {entropy.method}",
        reference=f"devetak2005; {entropy.reference}",
        certificate=entropy.certificate,
        provenance=entropy.provenance,
        diagnostics={**entropy.diagnostics, "entropy": entropy.value},
    )
