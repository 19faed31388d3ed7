"""Rules of logic: hypotheses discharged, particular values, implications, equivalences, cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from keybounds.proofs.logic.kernel.conditions import check_kinds, follows_from, mirrored
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.propositions import Equivalence, Implication, Proposition, Relation, negated

_fact = fact_maker(__name__)


def instantiated(fact: Fact, values: Mapping[Any, Any], under: Iterable[Proposition] = (), words: str = "") -> Fact:
    """`fact` for particular values of its symbols, which must be of the symbols' kind: positive, integer."""
    under = frozenset(under)
    hypotheses = frozenset(one.substituted(values) for one in fact.hypotheses)
    check_kinds(words or fact.words, values, under | hypotheses)
    kept = [one for one in hypotheses if not follows_from(one, under)]
    return _fact(
        words or fact.words, fact.proposition.substituted(values), Rule.LOGIC, [fact], hypotheses=[*under, *kept]
    )


def cut(fact: Fact, *proofs: Fact, words: str = "") -> Fact:
    """`fact` without the hypotheses that `proofs` prove."""
    proved = {p.proposition for p in proofs} | {mirrored(p.proposition) for p in proofs}
    if not proved & fact.hypotheses:
        raise StepFailedError(words or fact.words, "no hypothesis of the fact is among what is proved")
    rest = [one for one in fact.hypotheses if one not in proved]
    hypotheses = [*rest, *(one for p in proofs for one in p.hypotheses)]
    return _fact(words or fact.words, fact.proposition, Rule.LOGIC, [fact, *proofs], hypotheses=hypotheses)


def applied(words: str, implication: Fact, *facts: Fact) -> Fact:
    """From (A implies B) and A the fact B."""
    proposition = implication.proposition
    if not isinstance(proposition, Implication):
        raise StepFailedError(words, "an implication is wanted here")
    missing = proposition.hypotheses - {fact.proposition for fact in facts}
    if missing:
        raise StepFailedError(words, f"it is not shown that {next(iter(missing))}")
    return _fact(words, proposition.conclusion, Rule.LOGIC, [implication, *facts])


def contraposed(words: str, fact: Fact, hypothesis: Proposition) -> Fact:
    """From Γ, A |- B the fact Γ, not B |- not A."""
    if hypothesis not in fact.hypotheses:
        raise StepFailedError(words, f"{hypothesis} is no hypothesis of the fact")
    rest = fact.hypotheses - {hypothesis}
    return _fact(words, negated(hypothesis), Rule.LOGIC, [fact], hypotheses=[*rest, negated(fact.proposition)])


def equivalent(words: str, forward: Fact, backward: Fact) -> Fact:
    """From Γ, A |- B and Γ, B |- A the fact Γ |- (A if and only if B)."""
    left, right = backward.proposition, forward.proposition
    if left not in forward.hypotheses or right not in backward.hypotheses:
        raise StepFailedError(words, "neither direction assumes what the other concludes")
    rest = (forward.hypotheses - {left}) | (backward.hypotheses - {right})
    return _fact(words, Equivalence(left, right), Rule.LOGIC, [forward, backward], hypotheses=rest)


def replaced(words: str, fact: Fact, equivalence: Fact) -> Fact:
    """`fact`, whose proposition is one side of an equivalence, turned into the other side."""
    both = equivalence.proposition
    if isinstance(both, Equivalence):
        for one, other in ((both.left, both.right), (both.right, both.left)):
            if fact.proposition == one:
                return _fact(words, other, Rule.LOGIC, [fact, equivalence])
    raise StepFailedError(words, "what is known is no side of the equivalence")


def by_cases(words: str, first: Fact, second: Fact, on: Proposition) -> Fact:
    """From Γ, A |- P and Γ, not A |- P the fact Γ |- P."""
    if first.proposition != second.proposition:
        raise StepFailedError(words, "the two cases conclude different things")
    if on not in first.hypotheses or negated(on) not in second.hypotheses:
        raise StepFailedError(words, "the two cases are not those of the proposition and of its negation")
    rest = (first.hypotheses - {on}) | (second.hypotheses - {negated(on)})
    return _fact(words, first.proposition, Rule.LOGIC, [first, second], hypotheses=rest)


def where_equal(words: str, fact: Fact, symbol: Any, value: Any, proposition: Proposition) -> Fact:
    """From the fact P(value) the fact that P(x) holds if x = value."""
    if proposition.substituted({symbol: value}) != fact.proposition:
        raise StepFailedError(words, f"what is known is not the proposition at {symbol} = {value}")
    hypotheses = [*fact.hypotheses, Relation(symbol, "=", value)]
    return _fact(words, proposition, Rule.LOGIC, [fact], hypotheses=hypotheses)
