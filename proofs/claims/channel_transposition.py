"""A channel and its transposed one give the same correlations: P_2^DI(Lambda) <= P_2(theta o Lambda)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Equivalence, at_most, equal
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import thing
from keybounds.proofs.notions import is_positive, transposed
from keybounds.proofs.notions_channels import (
    P2,
    P2_DI,
    choi,
    is_channel,
    keeps_channel_probabilities,
    keeps_traces,
    transposes_choi,
    turned,
)
from keybounds.proofs.notions_private import keeps_measurements, named
from keybounds.proofs.theorems import channels

Lambda = thing("Lambda")
EFFECT, OUTPUT = named("transpose"), named("transposed_output")


def state() -> Statement:
    """Return the statement, for all finite dimensions and every state sent."""
    return Statement(
        parameters=(Parameter(Lambda, "any channel"),),
        hypotheses=(),
        clauses=(
            Clause("probabilities", keeps_channel_probabilities(EFFECT, OUTPUT)),
            Clause("Choi matrix", equal(choi(turned(Lambda)), transposed(choi(Lambda)))),
            Clause(
                "channel",
                Equivalence(is_channel(turned(Lambda)), is_positive(transposed(choi(Lambda)))),
                (is_channel(Lambda),),
            ),
            Clause(
                "key",
                at_most(P2_DI(Lambda), P2(turned(Lambda))),
                (is_channel(Lambda), is_positive(transposed(choi(Lambda)))),
            ),
        ),
    )


def derive(goal: Goal) -> None:
    """Decide the invariance on matrix units of states and effects and on maps, which span."""
    probabilities = k.decided("on matrix units, and on maps that span", goal["probabilities"].predicate)
    goal.conclude("probabilities", probabilities)
    place = {channels.Lambda: Lambda}
    transposes = k.decided("the output transposed, on maps that span", transposes_choi(OUTPUT))
    matrix = k.by_theorem("so for every channel", channels.CHOI, place, transposes)
    goal.conclude("Choi matrix", k.linear("its Choi matrix", goal["Choi matrix"].relation, [(1, matrix)]))
    traces = k.decided("transposition keeps traces", keeps_traces(OUTPUT))
    given = k.assume(is_channel(Lambda))
    positive = k.by_theorem(
        "the transposed map is a channel if and only if its Choi matrix is positive",
        channels.COMPLETE_POSITIVITY,
        place,
        traces,
        given,
    )
    channel = k.rewritten("its Choi matrix is the partial transpose", positive, matrix)
    proper = k.replaced("then it is a channel", k.assume(goal["channel"].equivalence.right), channel)
    goal.conclude("channel", channel)
    measurements = k.decided("transposed effects are a measurement", keeps_measurements(EFFECT))
    key = k.by_theorem(
        "no protocol that goes by its devices' outputs tells the two channels apart",
        channels.TURNED,
        place,
        probabilities,
        measurements,
        given,
        proper,
    )
    goal.conclude("key", k.linear("the capacities", goal["key"].relation, [(1, key)]))


def numerical(statement: Statement) -> Iterator[Step]:
    """Both probabilities for a dense map from a qubit to a qutrit, given by two Kraus-like matrices."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):

        def matrix(rows: int, columns: int, seed: int) -> Any:
            return mp.matrix(
                [[mp.expj(mp.mpf(seed * (i + 1) * (j + 2))) * (i + 2 * j + 1) for j in range(columns)]
                 for i in range(rows)]
            )  # fmt: skip

        left, right = matrix(3, 2, 1), matrix(3, 2, 4)
        alice, bob, state = matrix(2, 2, 2), matrix(3, 3, 3), matrix(4, 4, 5)

        def output(*, transpose: bool) -> Any:
            result = mp.zeros(6)
            for a in range(2):
                for c in range(2):
                    block = mp.matrix([[state[2 * a + i, 2 * c + j] for j in range(2)] for i in range(2)])
                    image = left * block * right.H
                    image = image.T if transpose else image
                    for i in range(3):
                        for j in range(3):
                            result[3 * a + i, 3 * c + j] = image[i, j]
            return result

        first = dense.trace(dense.kron(alice, bob) * output(transpose=False))
        second = dense.trace(dense.kron(alice, bob.T) * output(transpose=True))
        yield witness("tr[(A (x) B) (id (x) Lambda) rho], qubit to qutrit", second, first)


CLAIM = Claim(
    name="channel-transposition",
    title="Transposing a channel's output keeps correlations",
    source="christandl2021, Eq. (8)",
    state=state,
    derive=derive,
    witness=numerical,
)
