"""Ceilings on device-independent key from a CHSH value and a key error rate, in closed form.

The principle [christandl2021, Eq. (2)]: any device with the same statistics is one that the protocol cannot tell
apart, so its key is a ceiling. A ceiling therefore says which statistics it reproduces: the two-qubit device
reproduces S and Q but not the whole table, and binds protocols whose guarantee rests on these two numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from flint import arb
from keybounds.bounds.subject import subject_of

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.link.chsh import (
    check_chsh,
    check_error_rate,
    chsh_ball,
    chsh_of,
    chsh_value,
    closed_form_of,
    coherence,
    cost_at_the_edge,
    entropy_given_eve,
    error_of,
    input_kind,
    key_error_rate,
)
from keybounds.bounds.scope import ANY_PROTOCOL, Protocol, Scope, Statistics, Trust, two_way
from keybounds.enclosure import ball, binary_entropy, enclose
from keybounds.errors import UnknownNameError, UnsupportedError

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

ProtocolName = Literal["two-way", "any"]
SCOPES: tuple[ProtocolName, ...] = ("two-way", "any")


def chsh_ceiling(
    chsh: float,
    qber: float,
    *,
    scope: ProtocolName = "two-way",
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling on the key of every protocol whose guarantee rests on a CHSH value S and a key error rate Q.

    The device is two-qubit: (1+C)/2 Φ+ + (1-C)/2 Φ- with C = sqrt(S²/4 - 1), Eve holding the purification; Alice's key
    setting and Bob's measure Z, and his outcome is flipped with probability Q by local noise. If Alice's key setting is
    x = 1, her two settings change places, and Bob flips his outcome at y = 1, which leaves S as it is; a negative S is
    one with Bob's test outcomes flipped.

    - ``"two-way"``: any public discussion of one announced key setting.
      K <= I(A:B|E) = 1 - h(Q) - h((1+C)/2) + h((1 + sqrt(1 - Q(1-Q)(8-S²)))/2).
    - ``"any"``: any public-discussion protocol. K <= E_r of the state = 1 - h((1+C)/2).

    Both are 0 for |S| <= 2, where deterministic devices with shared noise give the same S and Q. Bob's key setting must
    be another one than his two CHSH settings 0 and 1: the device chooses its outcome freely, whereas a test setting's
    outcomes are part of S already.

    Parameters
    ----------
    chsh, qber
        S in [-2√2, 2√2] and Q in [0, 1/2].
    scope
        The class of protocols.
    key, subject, unit
        The key setting that Q belongs to, what the bound is about, and what a round is called.

    Raises
    ------
    InputError
        A number outside its range, or an unknown `scope`.
    UnsupportedError
        The key setting's y is one of the CHSH settings.

    Notes
    -----
    arnonfriedman2020; the derivation stands in the claim ``two-qubit-ceiling``.
    """
    s, e = check_chsh(chsh), check_error_rate(qber)
    return _ceiling_bound(
        lambda: chsh_ball(s),
        lambda: ball(e),
        scope=scope,
        key=key,
        subject=subject or f"S = {s!r}, Q = {e!r}",
        unit=unit,
        provenance={"chsh": s, "qber": e},
    )


def chsh_ceiling_of(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    scope: ProtocolName = "two-way",
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling on device-independent key from a behaviour: `chsh_ceiling` at its exact CHSH value and key error rate.

    It binds the protocols whose guarantee rests on these two numbers (``scope.statistics``); for protocols that use
    the whole table `device_independent` is the ceiling.

    Parameters
    ----------
    behaviour
        P[a,b,x,y] with two outcomes a side; CHSH is taken on x, y in {0, 1}.
    key
        The key setting (x, y), counted from 0. An error rate above 1/2 is read with Bob's outcome relabelled.
    scope, subject, unit
        As in `chsh_ceiling`; the subject defaults to a digest of the table.

    Raises
    ------
    InputError
        The key setting is not in the table (`UnsupportedError`: not measured); an unknown `scope`.
    BehaviourError
        An estimate whose CHSH value is beyond 2√2.
    UnsupportedError
        Bob's key setting is one of the CHSH settings 0 and 1.
    """
    return _ceiling_bound(
        lambda: chsh_of(behaviour),
        lambda: error_of(behaviour, key),
        scope=scope,
        key=key,
        subject=subject or subject_of("behaviour", behaviour.P),
        unit=unit,
        provenance={
            "chsh": chsh_value(behaviour),
            "qber": key_error_rate(behaviour, key),
            "table": input_kind(behaviour),
        },
        certificate=closed_form_of(
            "two-qubit device, E_r" if scope == "any" else "two-qubit device, I(A:B|E)",
            behaviour,
            None if scope == "any" else key,
        ),
    )


def _ceiling_bound(
    s: Callable[[], arb],
    e: Callable[[], arb],
    *,
    scope: ProtocolName,
    key: tuple[int, int] | None,
    subject: str,
    unit: Unit,
    provenance: Mapping[str, Any],
    certificate: Mapping[str, Any] | None = None,
) -> Bound:
    protocol = _protocol(scope, key)
    if not has_own_key_setting(key):
        raise UnsupportedError("key", "a setting of Bob beside his CHSH settings 0 and 1", repr(key))

    def ceiling() -> arb:
        value = s()
        if value <= 2:
            return arb(0)
        if not value > 2:  # too close to tell
            return cost_at_the_edge(value)
        if scope == "any":
            return 1 - binary_entropy((1 + coherence(value)) / 2)
        error = e()
        return entropy_given_eve(value, error) - binary_entropy(error)

    return upper_bound(
        enclose(ceiling),
        unit=unit,
        scope=Scope(
            subject=subject,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="two-qubit device" + (" (E_r)" if scope == "any" else " (I(A:B|E))"),
        reference="arnonfriedman2020",
        provenance=provenance,
        certificate=certificate,
    )


def has_own_key_setting(key: tuple[int, int] | None) -> bool:
    """Whether `chsh_ceiling` speaks about this key setting: Bob's is none of the two that the CHSH test uses."""
    return key is None or key[1] not in (0, 1)


def _protocol(scope: str, key: tuple[int, int] | None) -> Protocol:
    if scope not in SCOPES:
        raise UnknownNameError.among("scope", scope, SCOPES)
    announced = two_way(key)
    return announced if scope == "two-way" else ANY_PROTOCOL
