"""The Devetak–Winter rate of a behaviour: what Eve does not know, minus what Bob must be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from flint import arb

from keybounds.bounds.bound import Bound, Direction, Unit, lower_bound
from keybounds.bounds.correlations.entropy.conditional_entropy import conditional_entropy
from keybounds.bounds.correlations.reconciliation import check_key, exact_key_rounds, key_rounds
from keybounds.bounds.link.chsh import chsh_of, chsh_value, closed_form_of, entropy_given_eve, input_kind
from keybounds.bounds.scope import Quantity, Scope, Trust, one_way
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import ball, enclose
from keybounds.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from keybounds.bounds.correlations.moments.words import Word
    from keybounds.experiments import Behaviour


def devetak_winter(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    level: str | Sequence[Word] | None = None,
    nodes: int | Sequence[float] = 16,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Lower bound on the one-way key rate of a behaviour: r >= p_V [H(Â|E,V) - H(Â|B,V)].

    H(Â|E,V) comes from all of the correlations by a moment relaxation (`conditional_entropy`) where a level is given,
    else from the CHSH value (`chsh_entropy`); H(Â|B,V) comes from the key rounds (`reconciliation_entropy`); p_V is the
    probability that a key round survives post-selection. Asymptotic, against collective attacks.

    Parameters
    ----------
    behaviour
        P[a,b,x,y]; without a level with two outcomes a side, CHSH taken on x, y in {0, 1}.
    key
        The key setting (x, y), counted from 0; without a level, x is one of the two test settings.
    noise
        q in [0, 1/2]: Alice flips her surviving bits with this probability.
    keep
        p in (0, 1], the probability with which a party keeps outcome 1. Without a level only 1: the CHSH value says
        nothing about rounds that were post-selected on their outcomes.
    level, nodes
        The moment relaxation, as in `conditional_entropy`.
    subject, unit
        What the bound is about (default a digest of the table), and what a round is called.

    Raises
    ------
    InputError
        As in `reconciliation_entropy`; without a level also where x is not a test setting.
    UnsupportedError
        Without a level: `keep` below 1; outcomes that are not bits; fewer than two settings a side.
    BehaviourError, BoundNotEstablishedError
        With a level, as in `conditional_entropy`.

    Notes
    -----
    devetak2005; pironio2009, Eq. (11); with noise ho2020; with post-selection liu2022.
    """
    protocol = check_key(behaviour, key, noise=noise, keep=keep)
    about = subject or subject_of("behaviour", behaviour.P)
    if level is not None:
        entropy = conditional_entropy(
            behaviour, key=key, noise=noise, keep=keep, level=level, nodes=nodes, subject=about
        )
        return rate_from_entropy(behaviour, entropy, unit=unit)
    if keep != 1.0:
        raise UnsupportedError("keep", "1 with the CHSH entropy, which does not bound post-selected rounds", repr(keep))
    rate = behaviour_rate_enclosure(behaviour, key)
    return lower_bound(
        enclose(lambda: rate(noise)),
        unit=unit,
        scope=Scope(subject=about, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
        method="Devetak-Winter rate from CHSH and H(A|B)" + (" with noisy preprocessing" if noise else ""),
        reference="pironio2009, Eq. (11)" if noise == 0 else "ho2020",
        provenance={
            "chsh": chsh_value(behaviour),
            "key": list(key),
            "noise": noise,
            "keep": keep,
            "table": input_kind(behaviour),
        },
        certificate=closed_form_of("CHSH rate with H(A|B)", behaviour, key, noise=noise),
    )


def rate_from_entropy(behaviour: Behaviour, entropy: Bound, *, unit: Unit = Unit.PER_ROUND) -> Bound:
    """The rate p_V [H(Â|E,V) - H(Â|B,V)] that a bound on H(Â|E,V) of the same behaviour proves.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], for p_V and H(Â|B,V).
    entropy
        A result of `conditional_entropy` for it; key setting, preprocessing and subject are taken from its scope.
    unit
        What a round is called.

    Raises
    ------
    InputError
        Not a lower bound on that entropy, or one for another table.
    """
    if (entropy.direction, entropy.scope.quantity) != (Direction.LOWER, Quantity.CONDITIONAL_ENTROPY):
        raise InputError(
            "entropy",
            "a lower bound on the entropy of Alice's key symbol given Eve",
            f"a bound ({entropy.direction.value}) on the {entropy.scope.quantity.value}",
        )
    if entropy.provenance.get("behaviour") != subject_of("behaviour", behaviour.P):
        raise InputError("entropy", "the result of conditional_entropy for this behaviour", "that for another table")
    protocol = entropy.scope.protocol

    def rate() -> arb:
        rounds = exact_key_rounds(behaviour, protocol)
        return rounds.survival * ball(entropy.value) - rounds.unnormalised_entropy

    return lower_bound(
        enclose(rate),
        unit=unit,
        scope=replace(entropy.scope, quantity=Quantity.KEY_RATE),
        status=entropy.status,
        method="Devetak-Winter rate from the full correlations",
        reference=f"devetak2005; {entropy.reference}",
        provenance=entropy.provenance,
        certificate=entropy.certificate,
        diagnostics={**entropy.diagnostics, "entropy": entropy.value},
    )


def behaviour_rate_enclosure(behaviour: Behaviour, key: tuple[int, int]) -> Callable[[float], arb]:
    """H(Â|E) - H(Â|B) as a function of the noise q, at the working precision, unclamped.

    Raises
    ------
    InputError, UnsupportedError
        The table or the key setting is not one that `devetak_winter` takes.
    """
    check_key(behaviour, key, noise=0.0, keep=1.0)
    if key[0] not in (0, 1):
        raise InputError("key", "Alice's key setting among the CHSH settings 0 and 1", repr(key))
    chsh_value(behaviour)  # refuses a table that has none

    def rate(q: float) -> arb:
        rounds = key_rounds(behaviour, one_way(key, noise=q))
        return entropy_given_eve(chsh_of(behaviour), ball(q)) - rounds.unnormalised_entropy

    return rate
