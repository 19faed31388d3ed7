"""The cost of error correction after post-selection and noisy preprocessing, from the key rounds of a behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Direction, Status, Unit
from keybounds.bounds.link.chsh import input_kind, normalised, tables_of
from keybounds.bounds.scope import Protocol, Quantity, Scope, Trust, one_way
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import ball, enclose, round_down, round_up, xlog2x
from keybounds.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour


@dataclass(frozen=True, slots=True)
class KeyRounds:
    """What is left of the key rounds: weights w[â][b] of the surviving symbols, not normalised, as balls."""

    weights: tuple[tuple[arb, ...], ...]

    @property
    def survival(self) -> arb:
        """p_V, the probability that a key round survives post-selection."""
        return sum((w for row in self.weights for w in row), arb(0))

    @property
    def unnormalised_entropy(self) -> arb:
        """p_V H(Â|B,V) in bits per key round: sum_b w_b log w_b - sum_{âb} w_{âb} log w_{âb}."""
        entropy = arb(0)
        for column in zip(*self.weights, strict=True):
            seen = [w for w in column if not w.is_zero()]
            if len(seen) > 1:  # one symbol alone costs exactly nothing
                entropy += xlog2x(sum(seen, arb(0))) - sum((xlog2x(w) for w in seen), arb(0))
        return entropy


def key_rounds(behaviour: Behaviour, protocol: Protocol) -> KeyRounds:
    """Post-select and flip the outcomes of the key setting, at the working precision.

    Each party keeps outcome 1 with probability `keep` and every other outcome always; then Alice flips her bit with
    probability `noise`: w[â,b] = (1-q) k_a k_b P(a,b) + q k_a' k_b P(a',b), with a = â and a' the other bit.
    """
    assert protocol.key is not None
    return kept_rounds(normalised(behaviour, *protocol.key), protocol)


def exact_key_rounds(behaviour: Behaviour, protocol: Protocol) -> KeyRounds:
    """As `key_rounds`, of the table that the moments of a bound from full correlations belong to.

    These are the doubles of the Collins-Gisin form, which say a little less than all doubles of the table and cannot
    contradict each other. Where rounding makes one of the other entries negative, as it can a probability of 0, no
    device has this very table, and `key_rounds` is what there is.
    """
    assert protocol.key is not None
    x, y = protocol.key
    na, nb = behaviour.outcomes
    rows, columns = slice(1 + x * (na - 1), 1 + (x + 1) * (na - 1)), slice(1 + y * (nb - 1), 1 + (y + 1) * (nb - 1))
    known = [
        [Fraction(float(p)) for p in row]
        for row in np.block(
            [
                [behaviour.collins_gisin[rows, columns], behaviour.collins_gisin[rows, :1]],
                [behaviour.collins_gisin[:1, columns], behaviour.collins_gisin[:1, :1]],
            ]
        )
    ]
    table = [[*row[:-1], row[-1] - sum(row[:-1])] for row in known]
    table[-1] = [total - sum(above) for total, *above in zip(table[-1], *table[:-1], strict=True)]
    if min(map(min, table)) < 0:
        return key_rounds(behaviour, protocol)
    return kept_rounds([[ball(p) for p in row] for row in table], protocol)


def kept_rounds(table: Sequence[Sequence[arb]], protocol: Protocol) -> KeyRounds:
    """`key_rounds` of the table [a][b] of the key setting."""
    q, keep = ball(protocol.noise), (arb(1), ball(protocol.keep))
    kept = [[keep[a == 1] * keep[b == 1] * p for b, p in enumerate(row)] for a, row in enumerate(table)]
    if protocol.noise:
        kept = [[(1 - q) * p + q * other for p, other in zip(kept[a], kept[1 - a], strict=True)] for a in (0, 1)]
    return KeyRounds(tuple(tuple(row) for row in kept))


def check_key(behaviour: Behaviour, key: tuple[int, int], *, noise: float, keep: float) -> Protocol:
    """Return the one-way protocol, once `behaviour` has the key setting and outcomes that it needs.

    Raises
    ------
    InputError
        `noise` or `keep` outside its range; the key setting is not in the table (`UnsupportedError`: not measured).
    UnsupportedError
        Preprocessing of outcomes that are not bits.
    """
    protocol = one_way(key, noise=noise, keep=keep)
    assert protocol.key is not None
    behaviour.joint(*protocol.key)
    if behaviour.outcomes[0] != 2 and protocol.noise != 0.0:
        raise UnsupportedError("noise", "0 where Alice's outcomes are not bits", repr(noise))
    if behaviour.outcomes != (2, 2) and protocol.keep != 1.0:
        raise UnsupportedError("keep", "1 where the outcomes are not click and no-click", repr(keep))
    return protocol


def reconciliation_entropy(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    subject: str | None = None,
    unit: Unit = Unit.PER_KEY_ROUND,
) -> Bound:
    """H(Â|B,V): bits per surviving key round that Alice must send Bob, at the Shannon limit.

    Parameters
    ----------
    behaviour
        P[a,b,x,y]; its doubles are taken as exact, and the key setting's divided by their sum.
    key
        The key setting (x, y), counted from 0.
    noise
        q in [0, 1/2]: Alice flips her surviving bits with this probability.
    keep
        p in (0, 1]: each party keeps outcome 1 (no click) with this probability, and announces what it drops.
    subject, unit
        What the bound is about (default a digest of the table), and what a surviving key round is called.

    Returns
    -------
    Bound
        UPPER (rounded up: it is a cost), in bits per surviving key round; ``diagnostics["survival"]`` is p_V.

    Raises
    ------
    InputError, UnsupportedError
        As in `check_key`; InputError also where no key round survives.

    Notes
    -----
    liu2022, Eq. (1).
    """
    protocol = check_key(behaviour, key, noise=noise, keep=keep)
    survival = enclose(lambda: key_rounds(behaviour, protocol).survival)
    if not survival > 0:
        raise InputError("behaviour", "key rounds that survive post-selection", "survival probability 0")

    def entropy() -> arb:
        rounds = key_rounds(behaviour, protocol)
        return rounds.unnormalised_entropy / rounds.survival

    return Bound(
        value=max(round_up(enclose(entropy)), 0.0),
        direction=Direction.UPPER,
        unit=unit,
        scope=Scope(
            subject=subject or subject_of("behaviour", behaviour.P),
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
            quantity=Quantity.RECONCILIATION,
        ),
        status=Status.ENCLOSED,
        method="Shannon limit of one-way error correction",
        reference="liu2022, Eq. (1)",
        provenance={**protocol.to_dict(), "table": input_kind(behaviour)},
        certificate={
            "kind": "closed form",
            "formula": "reconciliation",
            "inputs": {"tables": tables_of(behaviour, [key]), **protocol.to_dict()},
        },
        diagnostics={"survival": round_down(survival)},
    )
