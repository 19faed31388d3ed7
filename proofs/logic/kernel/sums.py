"""Rules for finite sums, direct sums and families over a set, and over the words of an alphabet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from keybounds.proofs.logic import decide, sums
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation
from keybounds.proofs.logic.sums import Total
from keybounds.proofs.logic.terms import expanded

_fact = fact_maker(__name__)


def totalled(words: str, fact: Fact, index: Any, over: Any) -> Fact:
    """From a R b for arbitrary values of `index`, the same of the sums over the finite set `over`, not strictly.

    No hypothesis may speak about the index.
    """
    relation = fact.relation
    loose = next((one for one in fact.hypotheses if index in one.symbols), None)
    if loose is not None:
        raise StepFailedError(words, f"{loose} restricts the index {index}")
    kind = "=" if relation.relation == "=" else relation.relation[0] + "="
    left, right = (Total(side, index, over) for side in (relation.left, relation.right))
    return _fact(words, Relation(left, kind, right), Rule.LOGIC, [fact])


def bound_together(words: str, fact: Fact, kind: Callable[..., Any], index: Any, over: Any) -> Fact:
    """From a = b, or that b is positive, or a <= b, for arbitrary `index`, the same of direct sums or families of them.

    `kind` is `Direct` or `Family`; of a family nothing but an equation is concluded.
    """
    loose = next((one for one in fact.hypotheses if index in one.symbols), None)
    if loose is not None:
        raise StepFailedError(words, f"{loose} restricts the index {index}")
    if kind not in (sums.Direct, sums.Family):
        raise StepFailedError(words, "a direct sum or a family is wanted here")
    said = fact.proposition
    if isinstance(said, Relation) and said.relation == "=":
        sides = (kind(side, index, over) for side in (said.left, said.right))
        return _fact(words, Relation(next(sides), "=", next(sides)), Rule.LOGIC, [fact])
    if kind is sums.Direct and isinstance(said, Predicate) and said.definition.name in ("is_positive", "is_below"):
        whole = tuple(kind(one, index, over) for one in said.arguments)
        return _fact(words, Predicate(said.definition, whole), Rule.LOGIC, [fact])
    raise StepFailedError(words, "what is known does not carry over")


def sums_equal(words: str, left: Any, right: Any, under: Iterable[Proposition] = ()) -> Fact:
    """`left` = `right`, by the normal form of finite sums: linearity, order of summation, deltas, sizes of sets."""
    relation = Relation(left, "=", right)
    if relation.left == relation.right:
        raise StepFailedError(words, "both sides are the same expression: nothing is shown")
    under = tuple(under)
    missing = decide.undefined(relation.left, under) or decide.undefined(relation.right, under)
    if not missing and not vanishes(sums.normal(expanded(relation.left)) - sums.normal(expanded(relation.right))):
        missing = "the two sides have different normal forms"
    if missing:
        raise StepFailedError(words, missing)
    return _fact(words, relation, Rule.SYMBOLIC, hypotheses=under)


def over_words(words: str, total: Any, letter: Any, letters: Any, joined: Callable[..., Any], start: Any) -> Fact:
    """A sum over the words of n+1 letters as one over those of n and the last letter; over those of 0 as one term.

    `joined` makes of a word and a letter the longer word, `start` is the empty one.
    """
    if not isinstance(total, Total) or not isinstance(total.over, sums.Words):
        raise StepFailedError(words, "a sum over words is wanted here")
    index, (length, alphabet) = total.index, total.over.args
    if alphabet != letters or letter in total.body.free_symbols or letter == index:
        raise StepFailedError(words, f"{letter} is no fresh letter of the words")
    if length == 0:
        return _fact(words, Relation(total, "=", total.at(start)), Rule.SYMBOLIC)
    shorter = length - 1
    if not (shorter.is_integer and shorter.is_nonnegative):
        raise StepFailedError(words, f"{length} is not known to be at least 1")
    inner = Total(total.at(joined(index, letter)), letter, letters)
    return _fact(words, Relation(total, "=", Total(inner, index, sums.Words(shorter, alphabet))), Rule.SYMBOLIC)
