"""The orthogonal-observable attack: no two-way key from a noisy singlet up to a visibility of 2/(4 - sqrt 2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.convex_combination import HALF, LOCAL, attacked, local, quantum
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.propositions import at_least, at_most, greater
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import real
from keybounds.proofs.notions_attacks import (
    K_two,
    chsh_and_error,
    coin,
    has_chsh_and_error,
    points,
    table,
    tables,
)
from keybounds.proofs.theorems import devices

v, S, Q = real("v"), real("S"), real("Q")
QUARTERS = (sp.Rational(1, 4),) * 4


def error_without_key(chsh: Any) -> Any:
    """(S - 2)/(2 (2 sqrt 2 - 2)): the least key error at which S alone leaves no two-way key by this attack."""
    return (chsh - 2) / (2 * (2 * sp.sqrt(2) - 2))


def state() -> Statement:
    """Return the statement: for the full table of visibility v, and for the two numbers S and Q."""
    return Statement(
        parameters=(
            Parameter(v, "visibility"),
            Parameter(S, "CHSH value"),
            Parameter(Q, "probability that the outcomes of the key setting differ"),
        ),
        hypotheses=(),
        clauses=(
            Clause(
                "table",
                at_most(K_two(table(v)), 0),
                (at_least(v, 0), at_most(v, 1 / (2 - LOCAL))),
                words="protocols that use the full table",
            ),
            Clause(
                "numbers",
                at_most(K_two(chsh_and_error(S, Q)), 0),
                (at_least(S, 2), at_most(S, 2 * sp.sqrt(2)), at_least(Q, error_without_key(S)), at_most(Q, HALF)),
                words="protocols that use S and Q",
            ),
            Clause(
                "gain", greater(1 / (2 - LOCAL), (1 + LOCAL) / (3 - LOCAL)), words="more than by convex combination"
            ),
        ),
    )


def derive(goal: Goal) -> None:
    """Mix rounds whose key outcomes are independent with local ones whose key outcomes agree, and others."""
    orthogonal = quantum("with Bob's key observable X or -X", HALF, coin())
    agreeing = local("deterministic tables in which Bob's key outcome is Alice's", points(1), [(HALF / 4, 8)])
    agree = (HALF, 0, 0, HALF)
    _table(goal, orthogonal, agreeing, agree)
    _numbers(goal, orthogonal, agreeing, agree)
    goal.conclude("gain", kernel.inequality("the visibility without key is above", goal["gain"].relation))


def _table(goal: Goal, orthogonal: kernel.Fact, agreeing: kernel.Fact, agree: Any) -> None:
    name = "table"
    given = goal.given(name)
    noise = local("white noise", table(0), [(sp.Rational(1, 32), 32)])
    bound = attacked(
        "the whole table from orthogonal, agreeing and white parts",
        devices.two_way(2),
        table(v),
        (v * (1 - LOCAL), orthogonal, QUARTERS),
        [(v, agreeing, agree), (1 - v * (2 - LOCAL), noise, QUARTERS)],
        (0, 0, 0, 0),
        given,
    )
    bound = kernel.restated("nothing is left to share", bound, goal[name].right, given)
    goal.conclude(name, kernel.linear("no key from the table", goal[name].relation, [(1, bound)], given))


def _numbers(goal: Goal, orthogonal: kernel.Fact, agreeing: kernel.Fact, agree: Any) -> None:
    name = "numbers"
    given = goal.given(name)
    w = (S - 2) / (2 * sp.sqrt(2) - 2)
    other = local("deterministic tables whose key outcomes are independent", points(HALF), [(HALF / 8, 16)])
    weights = [(w, coin()), (1 - 2 * Q, points(1)), (2 * Q - w, points(HALF))]
    mixture = tables(*(sp.Tuple(*one) for one in weights))
    bound = attacked(
        "orthogonal rounds for S, local ones for Q",
        devices.two_way(2),
        mixture,
        (w, orthogonal, QUARTERS),
        [(1 - 2 * Q, agreeing, agree), (2 * Q - w, other, QUARTERS)],
        (0, 0, 0, 0),
        given,
    )
    bound = kernel.restated("nothing is left to share", bound, goal[name].right, given)
    has = kernel.decided("the mixture has S and Q", has_chsh_and_error(mixture, S, Q))
    coarser = kernel.by_theorem(
        "S and Q are less than a table", devices.COARSER, {devices.P: mixture, devices.chsh: S, devices.error: Q}, has
    )
    relation = goal[name].relation
    goal.conclude(name, kernel.linear("no key from S and Q", relation, [(1, coarser), (1, bound)], given))


def numerical(statement: Statement) -> Iterator[Step]:
    """The visibility from the two conditions on the local part, and the error at S = 2.5, in 50 digits."""
    import mpmath as mp

    visibility, error = statement["table"].hypotheses[1], statement["numbers"].hypotheses[2]
    with mp.workdps(DIGITS + 10):
        root = 1 / mp.sqrt(2)
        # least weight that makes CHSH local against the greatest that the key correlator allows
        found = mp.findroot(lambda x: (x - root) / (1 - root) - (1 - x), 0.77)
        yield witness("visibility without two-way key", number(visibility.right, {}), found)  # type: ignore[union-attr]
        w = (mp.mpf(5) / 2 - 2) / (2 * mp.sqrt(2) - 2)
        stated = number(error.right, {S: sp.Rational(5, 2)})  # type: ignore[union-attr]
        yield witness("error without two-way key, S = 5/2", stated, w / 2)


CLAIM = Claim(
    name="orthogonal-observable-attack",
    title="The orthogonal-observable attack",
    source="this project, after farkas2021 and lukanowski2023",
    state=state,
    derive=derive,
    witness=numerical,
)
