"""Facts that rest on no other: hypotheses, exact computations, theorems, other claims, and what is only argued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from keybounds.proofs.logic import decide
from keybounds.proofs.logic.kernel.conditions import check_kinds, follows_from, mirrored
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation, UndecidedError

_fact = fact_maker(__name__)


def assume(proposition: Proposition) -> Fact:
    """A |- A."""
    return _fact("by hypothesis", proposition, Rule.HYPOTHESIS, hypotheses=[proposition])


def identity(words: str, left: Any, right: Any, under: Iterable[Proposition] = ()) -> Fact:
    """`left` = `right` for all values that `under` allows, decided by sympy.

    Raises
    ------
    StepFailedError
        The sides differ, or may have no value, or are the same expression: such a step would say nothing.
    """
    relation = Relation(left, "=", right)
    if relation.left == relation.right:
        raise StepFailedError(words, "both sides are the same expression: nothing is shown")
    return _decided_relation(words, relation, under)


def inequality(words: str, relation: Relation, under: Iterable[Proposition] = ()) -> Fact:
    """`relation` for all values that `under` allows, decided by signs of terms, of coefficients, or counted roots."""
    return _decided_relation(words, relation, under)


def _decided_relation(words: str, relation: Relation, under: Iterable[Proposition]) -> Fact:
    under = tuple(under)
    missing = decide.follows(relation, under)
    if missing:
        found = decide.counterexample(relation, under)
        raise StepFailedError(words, found or missing, refuted=bool(found))
    return _fact(words, relation, Rule.SYMBOLIC, hypotheses=under)


def enclosed(words: str, relation: Relation, pieces: Mapping[Any, tuple[Any, Any, int]] | None = None) -> Fact:
    """`relation` by balls, of numbers or on a box: `pieces` has two rationals and a number of parts by symbol.

    The fact is under the hypotheses that each symbol lies in its interval, ends included.
    """
    missing = decide.enclosed(relation, pieces=pieces)
    if missing:
        found = decide.counterexample(relation, _box(pieces))
        raise StepFailedError(words, found or missing, refuted=bool(found))
    return _fact(words, relation, Rule.ENCLOSED, hypotheses=_box(pieces))


def _box(pieces: Mapping[Any, tuple[Any, Any, int]] | None) -> list[Proposition]:
    ends = [(s, sp.Rational(low), sp.Rational(high)) for s, (low, high, _) in (pieces or {}).items()]
    return [one for s, low, high in ends for one in (Relation(s, ">=", low), Relation(s, "<=", high))]


def decided(words: str, predicate: Predicate, under: Iterable[Proposition] = ()) -> Fact:
    """`predicate`, by its own executable definition."""
    decider = predicate.definition.decide
    if decider is None:
        raise StepFailedError(words, f"{predicate.definition.name} has no executable definition")
    try:
        holds = decider(*predicate.arguments)
    except UndecidedError as error:
        raise StepFailedError(words, str(error)) from error
    if not holds:
        raise StepFailedError(words, f"by its definition {predicate.definition.name} is false here", refuted=True)
    return _fact(words, predicate, Rule.DECIDED, hypotheses=under, source=predicate.definition)


@dataclass(frozen=True, slots=True)
class Theorem:
    """A published theorem as it is used: for all values of its symbols, `conclusion` under `hypotheses`.

    Attributes
    ----------
    name
        Short name.
    source
        Key of reports/refs.bib and the number of the theorem there, or the textbook and its section.
    words
        The theorem in a sentence.
    hypotheses, conclusion
        Its typed content. Every symbol in them is a place for a value.
    """

    name: str
    source: str
    words: str
    hypotheses: tuple[Proposition, ...]
    conclusion: Proposition

    @property
    def symbols(self) -> frozenset[Any]:
        """The places for values."""
        return self.conclusion.symbols.union(*(one.symbols for one in self.hypotheses))


def by_theorem(words: str, theorem: Theorem, values: Mapping[Any, Any], *facts: Fact) -> Fact:
    """The theorem's conclusion at `values`; every hypothesis of it must be among `facts`, or a relation that the
    hypotheses of the facts decide.

    Raises
    ------
    StepFailedError
        A hypothesis is missing; a symbol of the theorem has no value; a value is not of its symbol's kind.
    """  # noqa: D205
    if set(values) != set(theorem.symbols):
        names = ", ".join(sorted(str(s) for s in set(values) ^ set(theorem.symbols)))
        raise StepFailedError(words, f"{theorem.name} wants values for its own symbols, and no others: see {names}")
    under = frozenset(one for fact in facts for one in fact.hypotheses)
    check_kinds(words, values, under)
    known = {fact.proposition for fact in facts} | {mirrored(fact.proposition) for fact in facts}
    for hypothesis in theorem.hypotheses:
        wanted = hypothesis.substituted(values)
        if wanted not in known and not follows_from(wanted, under):
            raise StepFailedError(words, f"{theorem.name} wants that {wanted}, which is not among what is used")
    return _fact(words, theorem.conclusion.substituted(values), Rule.THEOREM, facts, source=theorem)


def by_claim(words: str, claim: str, clause: str, proposition: Proposition, hypotheses: Iterable[Proposition]) -> Fact:
    """A clause of another claim, under the hypotheses of its statement: `Goal.from_claim` reads both off it.

    Whoever judges a proof holds each such fact against the statement of the claim that it names.
    """
    return _fact(words, proposition, Rule.CLAIM, hypotheses=hypotheses, source=(claim, clause))


def argued(words: str, proposition: Proposition, reason: str, *facts: Fact, under: Iterable[Proposition] = ()) -> Fact:
    """`proposition`, for a `reason` in words that nothing checks: no claim that rests on it is PROVED."""
    hypotheses = [*under, *(one for fact in facts for one in fact.hypotheses)]
    return _fact(words, proposition, Rule.ARGUMENT, facts, hypotheses=hypotheses, detail=reason)
