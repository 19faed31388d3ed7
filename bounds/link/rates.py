"""Device-independent rates from the CHSH value and the key error rate alone, in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flint import arb
from keybounds.bounds.subject import subject_of

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.link.chsh import (
    CHSH_SETTINGS,
    check_chsh,
    check_error_rate,
    chsh_ball,
    chsh_of,
    chsh_value,
    closed_form_of,
    entropy_given_eve,
    error_of,
    input_kind,
    key_error_rate,
)
from keybounds.bounds.scope import Protocol, Quantity, Scope, Statistics, Trust, one_way
from keybounds.enclosure import ball, binary_entropy, enclose
from keybounds.errors import InputError

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour


def chsh_entropy(
    chsh: float,
    *,
    noise: float = 0.0,
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_KEY_ROUND,
) -> Bound:
    """Lower bound on H(Â|E), the entropy of Alice's key bit given Eve, for a CHSH value S.

    H(Â|E) >= 1 - h((1+C)/2) + h((1 + sqrt(1 - q(1-q)(8-S²)))/2), C = sqrt(S²/4 - 1), for |S| > 2, else h(q).
    It holds for each of Alice's two test settings, against collective attacks, and is attained.

    Parameters
    ----------
    chsh
        S in [-2√2, 2√2]; the double is taken as the exact number it is.
    noise
        q in [0, 1/2]: Alice flips her bit with this probability before anything else.
    key, subject, unit
        The key setting (x one of the CHSH settings 0 and 1), what the bound is about (default ``S = ...``), and what
        a key round is called.

    Returns
    -------
    Bound
        LOWER, on the conditional entropy, in bits.

    Raises
    ------
    InputError
        `chsh` beyond 2√2, `noise` outside [0, 1/2], or x of `key` not a CHSH setting.

    Notes
    -----
    pironio2009, Eq. (11); with noise ho2020.
    """
    s, q = check_chsh(chsh), check_error_rate(noise, "noise")
    return lower_bound(
        enclose(lambda: entropy_given_eve(chsh_ball(s), ball(q))),
        unit=unit,
        scope=Scope(
            subject=subject or f"S = {s!r}",
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=check_alice(one_way(key, noise=q)),
            quantity=Quantity.CONDITIONAL_ENTROPY,
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="CHSH entropy",
        reference=_reference(q),
        provenance={"chsh": s, "noise": q},
    )


def chsh_rate(
    chsh: float,
    qber: float,
    *,
    noise: float = 0.0,
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Lower bound on the one-way key rate of a device with CHSH value S and key error rate Q (Devetak–Winter).

    r >= H(Â|E) - h(q + (1-2q) Q), with H(Â|E) as in `chsh_entropy`. Asymptotic, against collective attacks.

    Parameters
    ----------
    chsh, qber
        S in [-2√2, 2√2] and Q in [0, 1/2].
    noise
        q in [0, 1/2]; `optimal_noise` finds the best.
    key, subject, unit
        As for `chsh_entropy`.

    Raises
    ------
    InputError
        An argument outside its range.

    Notes
    -----
    pironio2009, Eq. (11); with noise ho2020; devetak2005 for the rate.
    """
    s, e = check_chsh(chsh), check_error_rate(qber)
    return _rate_bound(
        lambda: chsh_ball(s),
        lambda: ball(e),
        protocol=one_way(key, noise=noise),
        subject=subject or f"S = {s!r}, Q = {e!r}",
        unit=unit,
        provenance={"chsh": s, "qber": e},
    )


def chsh_rate_of(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """`chsh_rate` of a behaviour, from its exact CHSH value and key error rate rather than from rounded ones.

    Raises
    ------
    InputError
        The key setting is not in the table (`UnsupportedError`: not measured), or its x is not a CHSH setting.
    BehaviourError
        An estimate whose CHSH value is beyond 2√2.
    """
    return _rate_bound(
        lambda: chsh_of(behaviour),
        lambda: error_of(behaviour, key),
        protocol=one_way(key, noise=noise),
        subject=subject or subject_of("behaviour", behaviour.P),
        unit=unit,
        provenance={
            "chsh": chsh_value(behaviour),
            "qber": key_error_rate(behaviour, key),
            "table": input_kind(behaviour),
        },
        certificate=closed_form_of("CHSH rate", behaviour, key, noise=noise),
    )


def rate_enclosure(s: arb, e: arb, q: arb) -> arb:
    """H(Â|E) - h(q + (1-2q) Q), not clamped."""
    return entropy_given_eve(s, q) - binary_entropy(q + (1 - 2 * q) * e)


def check_alice(protocol: Protocol) -> Protocol:
    """Return `protocol` if Alice's key setting is one that the CHSH value speaks about.

    Raises
    ------
    InputError
        x of the key setting is neither 0 nor 1.
    """
    if protocol.key is not None and protocol.key[0] not in CHSH_SETTINGS:
        raise InputError("key", "Alice's key setting among the CHSH settings 0 and 1", repr(protocol.key))
    return protocol


def _rate_bound(
    s: Callable[[], arb],
    e: Callable[[], arb],
    *,
    protocol: Protocol,
    subject: str,
    unit: Unit,
    provenance: Mapping[str, Any],
    certificate: Mapping[str, Any] | None = None,
) -> Bound:
    q = protocol.noise
    return lower_bound(
        enclose(lambda: rate_enclosure(s(), e(), ball(q))),
        unit=unit,
        scope=Scope(
            subject=subject,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=check_alice(protocol),
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="Devetak-Winter rate from CHSH" + (" with noisy preprocessing" if q else ""),
        reference=_reference(q),
        provenance={**provenance, "noise": q},
        certificate=certificate,
    )


def _reference(noise: float) -> str:
    return "ho2020" if noise else "pironio2009, Eq. (11)"
