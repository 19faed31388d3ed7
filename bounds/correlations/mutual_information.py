"""The ceiling from the correlations of Alice and Bob alone."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import Scope, Trust
from keybounds.enclosure import ball, decidable, round_up, shannon_entropy
from keybounds.errors import BehaviourError, QuestionError
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.protocol import Discussion, Pair, Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

_SIGNALLING = 2.0**-30  # by which marginals may differ through rounding; of tables beyond it there is no device


def mutual_information(behaviour: Behaviour, protocol: Protocol) -> Bound:
    """Ceiling from the correlations alone, Eve knowing nothing but the settings: I(A:B|x,y).

    Two-way, for any public discussion of the outputs of the key setting: the intrinsic information of [maurer1999] is
    an infimum over what Eve makes of her system, and throwing it away leaves I(A:B) at that setting. For completed
    rounds each round adds at most max over x, y of I(A:B|x,y), whatever is known of earlier rounds when its settings
    are chosen. It is no ceiling for any discussion: the claim has a table with which a party who hears of the other's
    outcome first shares more.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], any number of outcomes. Its doubles are taken as exact, and each pair's divided by their sum.
    protocol
        ``two_way(key)``, or ``completed_rounds()``, for which every pair must be measured.

    Returns
    -------
    Bound
        UPPER; 0 where the outcomes are exactly independent, else at least 2^-100.

    Raises
    ------
    QuestionError
        The class does not fit the table, has several key settings, or is none of these; a pair was not measured.
    BehaviourError
        A table that signals, as an estimate does, asked about for completed rounds.

    Notes
    -----
    maurer1999 for the intrinsic-information ceiling; the claim ``flagged-mixtures`` for completed rounds.
    """
    question = behaviour.ask(protocol).within_reach(
        "mutual_information", Discussion.TWO_WAY, Discussion.COMPLETED_ROUNDS
    )
    completed = protocol.discussion is Discussion.COMPLETED_ROUNDS
    if completed and behaviour.unmeasured:
        absent = ", ".join(str(pair) for pair in sorted(behaviour.unmeasured))
        raise QuestionError("protocol", "every pair measured, for completed rounds", f"{absent}, which was not")
    if completed and behaviour.no_signalling_violation > _SIGNALLING:
        raise BehaviourError(
            "behaviour",
            f"marginals that agree within {_SIGNALLING:.1g}; project_no_signalling fits an estimate",
            f"a difference of {behaviour.no_signalling_violation:.2g}",
        )
    nx, ny = behaviour.settings
    pairs = [(x, y) for x in range(nx) for y in range(ny)] if completed else [question.key]
    values = {pair: _information(behaviour, pair) for pair in pairs}
    best = max(pairs, key=lambda pair: round_up(values[pair]))
    return upper_bound(
        values[best],
        unit=Unit.PER_ROUND,
        scope=Scope(thing=question.thing, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
        method="mutual information" + (" of the best setting pair" if completed else ""),
        reference="maurer1999" + ("; this project, claim flagged-mixtures" if completed else ""),
        provenance={"setting": list(best), "table": "exact" if behaviour.exact else "estimate, taken at its values"},
        certificate=ClosedForm(
            "mutual information",
            {
                "outcomes": list(behaviour.outcomes),
                "settings": list(behaviour.settings),
                "tables": [{"settings": list(pair), "P": behaviour.joint(*pair).tolist()} for pair in pairs],
                "protocol": protocol.to_dict(),
            },
        ),
    )


def _information(behaviour: Behaviour, pair: Pair) -> arb:
    """I(A:B) of one pair's doubles, divided by their sum; exactly 0 where they are a product."""
    table = [[Fraction(float(p)) for p in row] for row in behaviour.joint(*pair)]
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    total = sum(rows)
    if all(p * total == r * c for row, r in zip(table, rows, strict=True) for p, c in zip(row, columns, strict=True)):
        return arb(0)

    def information() -> arb:
        joint = shannon_entropy(ball(p / total) for row in table for p in row)
        shared = shannon_entropy(ball(p / total) for p in rows) + shannon_entropy(ball(p / total) for p in columns)
        return shared - joint

    return decidable(information)
