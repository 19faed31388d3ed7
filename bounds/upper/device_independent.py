"""Ceilings on device-independent key from correlations, in closed form.

The principle [christandl2021, Eq. (2)]: any device with the same statistics is one that the protocol cannot tell
apart, so its key is a ceiling. A ceiling therefore says which statistics it reproduces: the two-qubit device
reproduces S and Q but not the whole table, and binds protocols whose guarantee rests on these two numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.chsh import (
    check_chsh,
    check_error_rate,
    chsh_ball,
    chsh_of,
    chsh_value,
    coherence,
    entropy_given_eve,
    error_of,
    input_kind,
    key_error_rate,
    normalised,
)
from keybounds.bounds.scope import ANY_PROTOCOL, Protocol, Scope, Statistics, Trust, two_way
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import ball, binary_entropy, enclose, shannon_entropy
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


def device_independent(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    scope: ProtocolName = "two-way",
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling on device-independent key from a behaviour: `chsh_ceiling` at its exact CHSH value and key error rate.

    It binds the protocols whose guarantee rests on these two numbers (``scope.statistics``); for protocols that use
    the whole table `mutual_information` is a ceiling.

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
) -> Bound:
    protocol = _protocol(scope, key)
    if not has_own_key_setting(key):
        raise UnsupportedError("key", "a setting of Bob beside his CHSH settings 0 and 1", repr(key))

    def ceiling() -> arb:
        value = s()
        if not value > 2:
            return arb(0)
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
    )


def mutual_information(
    behaviour: Behaviour,
    *,
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling from the correlations alone, Eve knowing nothing but the settings: I(A:B|x,y).

    With a key setting, the ceiling for any public discussion of its outputs: the intrinsic information of [maurer1999]
    is an infimum over what Eve makes of her system, and throwing it away leaves I(A:B) at that setting. Without one,
    for every protocol: the settings are chosen independently of each other, so no signalling gives
    I(AX:BY) = I(A:B|XY) <= max over x, y of I(A:B|x,y).

    Parameters
    ----------
    behaviour
        P[a,b,x,y], any number of outcomes; every pair must be measured where `key` is None.
    key
        The announced key setting (x, y), counted from 0, or None for every protocol.
    subject, unit
        What the bound is about (default a digest of the table), and what a round is called.

    Raises
    ------
    InputError
        A setting that is needed is not in the table (`UnsupportedError`: not measured).

    Notes
    -----
    maurer1999 for the intrinsic-information ceiling.
    """
    settings, about = behaviour.settings, subject or subject_of("behaviour", behaviour.P)
    if key is None:
        pairs = [(x, y) for x in range(settings[0]) for y in range(settings[1])]
        protocol = ANY_PROTOCOL
    else:
        pairs, protocol = [key], two_way(key)

    def information(x: int, y: int) -> arb:
        table = normalised(behaviour, x, y)
        rows = [sum(row, arb(0)) for row in table]
        columns = [sum(column, arb(0)) for column in zip(*table, strict=True)]
        joint = shannon_entropy(p for row in table for p in row)
        return shannon_entropy(rows) + shannon_entropy(columns) - joint

    return max(
        (
            upper_bound(
                enclose(partial(information, x, y)),
                unit=unit,
                scope=Scope(subject=about, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
                method="mutual information" + ("" if key is not None else " of the best setting pair"),
                reference="maurer1999",
                provenance={"setting": [x, y], "table": input_kind(behaviour)},
            )
            for x, y in pairs
        ),
        key=lambda bound: bound.value,
    )


def has_own_key_setting(key: tuple[int, int] | None) -> bool:
    """Whether `chsh_ceiling` speaks about this key setting: Bob's is none of the two that the CHSH test uses."""
    return key is None or key[1] not in (0, 1)


def _protocol(scope: str, key: tuple[int, int] | None) -> Protocol:
    if scope not in SCOPES:
        raise UnknownNameError.among("scope", scope, SCOPES)
    announced = two_way(key)
    return announced if scope == "two-way" else ANY_PROTOCOL
