"""Identities of operators and traces, by a normal form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from keybounds.proofs.logic import decide
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation, UndecidedError

_fact = fact_maker(__name__)


def operator_identity(words: str, left: Any, right: Any, *facts: Fact, under: Iterable[Proposition] = ()) -> Fact:
    """`left` = `right`, operators or numbers made of traces, by the normal form of `proofs.algebra.powers`.

    `facts` are what is known: operators that are positive, and equations of operators, used from left to right.
    """
    from keybounds.proofs.algebra.powers import Algebra

    left, right = sp.sympify(left), sp.sympify(right)
    if left == right:
        raise StepFailedError(words, "both sides are the same expression: nothing is shown")
    under = [*under, *(one for fact in facts for one in fact.hypotheses)]
    positive = {
        one.arguments[0]
        for one in (*under, *(fact.proposition for fact in facts))
        if isinstance(one, Predicate) and one.definition.name == "is_positive"
    }
    equations = [
        (fact.left, fact.right)
        for fact in facts
        if isinstance(fact.proposition, Relation) and fact.relation.relation == "=" and not fact.left.is_commutative
    ]
    missing = decide.undefined(left, under) or decide.undefined(right, under)
    if missing:
        raise StepFailedError(words, missing)
    try:
        same = Algebra(positive.__contains__, equations).equal(left, right)
    except UndecidedError as error:
        raise StepFailedError(words, str(error)) from error
    if not same:
        raise StepFailedError(words, "the two sides have different normal forms")
    return _fact(words, Relation(left, "=", right), Rule.SYMBOLIC, facts, hypotheses=under)
