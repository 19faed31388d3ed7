"""The cost of error correction after post-selection and noisy preprocessing, from the key rounds of a behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.link.link import normalised, plain_tables
from keybounds.bounds.scope import Quantity, Scope, Trust
from keybounds.enclosure import ball, enclose, round_down, xlog2x
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.protocol import Discussion, Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour
    from keybounds.experiments.question import Question


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


def key_rounds(question: Question) -> KeyRounds:
    """Post-select and flip the outcomes of the key setting, at the working precision.

    Each party keeps outcome 1 with probability `keep` and every other outcome always; then Alice flips her bit with
    probability `noise`: w[â,b] = (1-q) k_a k_b P(a,b) + q k_a' k_b P(a',b), with a = â and a' the other bit.
    """
    table = normalised(question.behaviour.joint(*question.key).tolist())
    return kept_rounds([[ball(p) for p in row] for row in table], question.protocol)


def exact_key_rounds(question: Question) -> KeyRounds:
    """As `key_rounds`, of the table that the moments of a bound from full correlations belong to.

    These are the doubles of the Collins-Gisin form, which say a little less than all doubles of the table and cannot
    contradict each other. Where rounding makes one of the other entries negative, as it can a probability of 0, no
    device has this very table, and `key_rounds` is what there is.
    """
    behaviour, (x, y) = question.behaviour, question.key
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
        return key_rounds(question)
    return kept_rounds([[ball(p) for p in row] for row in table], question.protocol)


def kept_rounds(table: Sequence[Sequence[arb]], protocol: Protocol) -> KeyRounds:
    """`key_rounds` of the table [a][b] of the one key setting."""
    q, keep = ball(protocol.noise), (arb(1), ball(protocol.keep))
    kept = [[keep[a == 1] * keep[b == 1] * p for b, p in enumerate(row)] for a, row in enumerate(table)]
    if protocol.noise:
        kept = [[(1 - q) * p + q * other for p, other in zip(kept[a], kept[1 - a], strict=True)] for a in (0, 1)]
    return KeyRounds(tuple(tuple(row) for row in kept))


def reconciliation_entropy(behaviour: Behaviour, protocol: Protocol) -> Bound:
    """H(Â|B,V): bits per surviving key round that Alice must send Bob, at the Shannon limit.

    Parameters
    ----------
    behaviour
        P[a,b,x,y]; its doubles are taken as exact, and the key setting's divided by their sum.
    protocol
        One-way with one key setting. Alice flips her surviving bits with probability `noise`; each party keeps
        outcome 1 (no click) with probability `keep`, and announces what it drops.

    Returns
    -------
    Bound
        UPPER (rounded up: it is a cost), in bits per surviving key round; ``diagnostics["survival"]`` is p_V.

    Raises
    ------
    QuestionError
        The class does not fit the table, or is another one.

    Notes
    -----
    liu2022, Eq. (1).
    """
    question = behaviour.ask(protocol).within_reach("reconciliation_entropy", Discussion.ONE_WAY)

    def entropy() -> arb:
        rounds = key_rounds(question)
        return rounds.unnormalised_entropy / rounds.survival

    joint = tuple(map(tuple, behaviour.joint(*question.key).tolist()))
    return upper_bound(
        enclose(entropy),
        unit=Unit.PER_KEY_ROUND,
        scope=Scope(
            thing=question.thing,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
            quantity=Quantity.RECONCILIATION,
        ),
        method="Shannon limit of one-way error correction",
        reference="liu2022, Eq. (1)",
        certificate=ClosedForm(
            "reconciliation", {"tables": plain_tables({question.key: joint}), "protocol": protocol.to_dict()}
        ),
        provenance={
            "protocol": protocol.to_dict(),
            "table": "exact table" if behaviour.exact else "estimate, at its point values",
        },
        diagnostics={"survival": round_down(enclose(lambda: key_rounds(question).survival))},
    )
