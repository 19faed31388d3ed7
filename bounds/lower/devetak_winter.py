"""The Devetak–Winter rate of a behaviour: what Eve does not know, minus what Bob must be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flint import arb

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.chsh import chsh_of, chsh_value, entropy_given_eve, input_kind
from keybounds.bounds.lower.reconciliation import check_key, key_rounds
from keybounds.bounds.scope import Scope, Trust, one_way
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import ball, enclose
from keybounds.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour


def devetak_winter(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Lower bound on the one-way key rate of a behaviour: r >= H(Â|E) - H(Â|B).

    H(Â|E) comes from the behaviour's CHSH value (`chsh_entropy`), H(Â|B) from its key rounds
    (`reconciliation_entropy`). Asymptotic, against collective attacks.

    Parameters
    ----------
    behaviour
        P[a,b,x,y] with two outcomes a side; CHSH is taken on x, y in {0, 1}.
    key
        The key setting (x, y), counted from 0; x is one of the two test settings.
    noise
        q in [0, 1/2], as in `chsh_entropy`.
    keep
        Only 1: the CHSH value says nothing about rounds that were post-selected on their outcomes.
    subject, unit
        What the bound is about (default a digest of the table), and what a round is called.

    Raises
    ------
    InputError
        As in `reconciliation_entropy`; also where x is not a test setting.
    UnsupportedError
        `keep` below 1; outcomes that are not bits; fewer than two settings a side.

    Notes
    -----
    devetak2005; pironio2009, Eq. (11); with noise ho2020.
    """
    protocol = check_key(behaviour, key, noise=noise, keep=keep)
    if keep != 1.0:
        raise UnsupportedError("keep", "1 with the CHSH entropy, which does not bound post-selected rounds", repr(keep))
    rate = behaviour_rate_enclosure(behaviour, key)
    return lower_bound(
        enclose(lambda: rate(noise)),
        unit=unit,
        scope=Scope(
            subject=subject or subject_of("behaviour", behaviour.P), trust=Trust.DEVICE_INDEPENDENT, protocol=protocol
        ),
        method="Devetak-Winter rate from CHSH and H(A|B)" + (" with noisy preprocessing" if noise else ""),
        reference="pironio2009, Eq. (11)" if noise == 0 else "ho2020",
        provenance={
            "chsh": chsh_value(behaviour),
            "key": list(key),
            "noise": noise,
            "keep": keep,
            "table": input_kind(behaviour),
        },
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
