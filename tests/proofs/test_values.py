"""What an expression means at a closed end: its limit from inside the domain, if that is a number."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from keybounds.proofs.logic import decide, kernel
from keybounds.proofs.logic.kernel import Meaning, StepFailedError
from keybounds.proofs.logic.propositions import Relation, at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import functional, h, log2, real, symbol

x, y = real("x"), symbol("y")
UP_TO_1 = [at_most(y, 1)]
F, PRICE = functional("F"), functional("price_for_the_test")


@pytest.mark.parametrize("relation", [
    greater(2 - y - (1 - y) / sp.sqrt((1 - y) ** 2), 0),  # 1 - y inside, 0 at y = 1; from y > 1 the limit is 2
    greater(1 / (1 - y), 0),
    greater(-log2(1 - y) + 1, 0),
])  # fmt: skip
def test_a_strict_relation_that_fails_at_an_end_or_says_nothing_there(relation: Relation) -> None:
    assert "at y = 1" in decide.follows(relation, UP_TO_1)
    assert not decide.follows(relation, [less(y, 1)])


@pytest.mark.parametrize("expression", [1 / (1 - y), log2(1 - y), x / (1 - y), F(y) / (1 - y), y / (1 - y) - log2(y)])
def test_infinite_at_an_end(expression: Any) -> None:
    assert decide.infinite(expression, UP_TO_1) == "at y = 1"
    assert not decide.infinite(expression, [less(y, 1)])


@pytest.mark.parametrize("expression", [(1 - y) * log2(1 - y), (1 - y**2) / (1 - y), h(y), F(y) * log2(2 - y), x / y])
def test_finite_at_an_end_by_continuity(expression: Any) -> None:
    assert not decide.infinite(expression, UP_TO_1)


def test_infinite_where_two_ends_meet() -> None:
    corner = [at_least(x, 0), at_most(x, 1), at_most(y, 1)]
    assert decide.infinite(1 / (2 - x - y), corner)
    assert not decide.infinite(1 / (3 - x - y), corner)


def goal(clause: Clause, *meanings: Meaning) -> Goal:
    statement = Statement((Parameter(y, "a number"),), (greater(y, 0),), (clause,), meanings)
    return Goal(statement, lambda _: statement)


def test_a_clause_that_says_nothing_at_a_closed_end_is_not_concluded() -> None:
    """1/(1-y) >= 1 for 0 < y <= 1 is no sentence at y = 1, whatever the sign inside."""
    relation = at_least(1 / (1 - y), 1)
    fact = kernel.inequality("inside", relation, UP_TO_1)
    with pytest.raises(StepFailedError, match=r"the values of bound: at y = 1 there is no finite one"):
        goal(Clause("bound", relation, tuple(UP_TO_1))).conclude("bound", fact)
    goal(Clause("bound", relation, (less(y, 1),))).conclude("bound", kernel.inequality("", relation, [less(y, 1)]))


def test_the_definitions_of_a_statement_are_looked_into() -> None:
    meaning = Meaning("the price", PRICE(y), log2(1 / (1 - y)))
    relation = equal(2 * PRICE(y) / 2 + y, y + PRICE(y))
    assert relation.left == relation.right  # true of itself, wherever there is a price
    fact = kernel.argued("given", relation, "for the test", under=UP_TO_1)
    with pytest.raises(StepFailedError, match="the values of bound"):
        goal(Clause("bound", relation, tuple(UP_TO_1)), meaning).conclude("bound", fact)
    goal(Clause("bound", relation, tuple(UP_TO_1))).conclude("bound", fact)
