"""Facts, and the rules that make them.

A fact is a proposition under hypotheses, with the rule and the facts from which it follows. Facts are made here and
nowhere else; each rule checks its own conditions, so that whatever a derivation does, what it ends up with follows from
its leaves: hypotheses, definitions, exact computations, published theorems, other claims, and what is only argued.

A rule that finds its condition unmet raises `StepFailedError`, which names the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sympy as sp

from keybounds.errors import KeyboundsError
from keybounds.proofs.logic import decide, sums
from keybounds.proofs.logic.propositions import (
    Equivalence,
    Implication,
    Predicate,
    Proposition,
    Relation,
    UndecidedError,
    negated,
)
from keybounds.proofs.logic.sums import Total
from keybounds.proofs.logic.terms import Uninterpreted, expanded, positive_part


class StepFailedError(KeyboundsError):
    """A step of a derivation does not hold as it stands.

    Attributes
    ----------
    step
        What the step says.
    reason
        Why it fails.
    refuted
        Whether it was shown to be false; otherwise it was only not shown to be true.
    """

    def __init__(self, step: str, reason: str, *, refuted: bool = False) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason, self.refuted = step, reason, refuted


class Rule(Enum):
    """How a fact was come by."""

    HYPOTHESIS = "hypothesis"
    DEFINITION = "definition"
    SYMBOLIC = "exact, for all values of the symbols"
    ENCLOSED = "enclosed in ball arithmetic"
    DECIDED = "decided by the predicate's definition"
    THEOREM = "published theorem"
    CLAIM = "another claim"
    LOGIC = "follows"
    ARGUMENT = "argued in words"


_SEAL = object()


@dataclass(frozen=True, eq=False, slots=True)
class Fact:
    """`proposition` under `hypotheses`; `uses` are the facts from which `rule` made it.

    `source` is the theorem, definition or claim of a leaf; `detail` a remark for the reader: the margin of an
    enclosure, what is missing of an argument.
    """

    seal: object
    words: str
    proposition: Proposition
    hypotheses: frozenset[Proposition]
    rule: Rule
    uses: tuple[Fact, ...] = ()
    source: Any = None
    detail: str = ""

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("facts are made by the rules of proofs.logic.kernel")

    @property
    def relation(self) -> Relation:
        """The proposition, which must be a relation."""
        if not isinstance(self.proposition, Relation):
            raise StepFailedError(self.words, "a relation is wanted here")
        return self.proposition

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments of the proposition, which must be a predicate."""
        if not isinstance(self.proposition, Predicate):
            raise StepFailedError(self.words, "a predicate is wanted here")
        return self.proposition.arguments

    @property
    def left(self) -> Any:
        """Left side of a relation."""
        return self.relation.left

    @property
    def right(self) -> Any:
        """Right side of a relation."""
        return self.relation.right


def _fact(
    words: str,
    proposition: Proposition,
    rule: Rule,
    uses: Sequence[Fact] = (),
    *,
    hypotheses: Iterable[Proposition] | None = None,
    source: Any = None,
    detail: str = "",
) -> Fact:
    if hypotheses is None:
        hypotheses = [one for fact in uses for one in fact.hypotheses]
    return Fact(_SEAL, words, proposition, frozenset(hypotheses), rule, tuple(uses), source, detail)


# ------------------------------------------------------------------------------------------------------------ leaves


def assume(proposition: Proposition) -> Fact:
    """A |- A."""
    return _fact("by hypothesis", proposition, Rule.HYPOTHESIS, hypotheses=[proposition])


@dataclass(frozen=True, slots=True)
class Meaning:
    """A definition: `left`, a name with arguments, stands for `right`; or a predicate `left` holds if `right` does."""

    words: str
    left: Any
    right: Any


def by_definition(meaning: Meaning, values: Mapping[Any, Any] | None = None) -> Fact:
    """|- left = right, or left if and only if right, with `values` for the symbols."""
    _check_definition(meaning)
    said: Proposition = (
        Equivalence(meaning.left, meaning.right)
        if isinstance(meaning.left, Predicate)
        else Relation(meaning.left, "=", meaning.right)
    )
    _check_kinds(meaning.words, values or {}, ())
    return _fact(meaning.words, said.substituted(values or {}), Rule.DEFINITION, source=meaning)


_DEFINED: dict[str, Meaning | ForAll | Infimum | Recursion] = {}


def _check_definition(meaning: Meaning) -> None:
    """A definition gives one meaning to a new name with places for values: it can neither contradict nor assume.

    The name is a function or a predicate; or a construction c, of which a function f is told: f(c(x), y) = ...
    """
    name, places = meaning.left, meaning.left.args if isinstance(meaning.left, sp.Basic) else meaning.left.arguments
    if isinstance(name, Predicate):
        fresh, key = name.definition.decide is None, name.definition.name
    else:
        fresh, key = isinstance(name, Uninterpreted), type(name).__name__
        if fresh and places and isinstance(places[0], Uninterpreted) and not places[0].is_commutative:
            made, places = type(places[0]).__name__, (*places[0].args, *places[1:])
            fresh, key = key not in _DEFINED and made not in _DEFINED, f"{key} of {made}"
        elif any(known.startswith(f"{key} of ") or known.endswith(f" of {key}") for known in _DEFINED):
            fresh = False
    if not fresh or not all(place.is_Symbol for place in places) or len(set(places)) < len(places):
        raise StepFailedError(meaning.words, "a definition is of a new name, with distinct symbols as its arguments")
    if _DEFINED.setdefault(key, meaning) != meaning:
        raise StepFailedError(meaning.words, f"{key} has another definition already")


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
    _check_kinds(words, values, under)
    known = {fact.proposition for fact in facts} | {_mirror(fact.proposition) for fact in facts}
    for hypothesis in theorem.hypotheses:
        wanted = hypothesis.substituted(values)
        if wanted not in known and not _follows(wanted, under):
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


# ------------------------------------------------------------------------------------------------------------- rules


def instantiated(fact: Fact, values: Mapping[Any, Any], under: Iterable[Proposition] = (), words: str = "") -> Fact:
    """`fact` for particular values of its symbols, which must be of the symbols' kind: positive, integer."""
    under = frozenset(under)
    hypotheses = frozenset(one.substituted(values) for one in fact.hypotheses)
    _check_kinds(words or fact.words, values, under | hypotheses)
    kept = [one for one in hypotheses if not _follows(one, under)]
    return _fact(
        words or fact.words, fact.proposition.substituted(values), Rule.LOGIC, [fact], hypotheses=[*under, *kept]
    )


def _check_kinds(words: str, values: Mapping[Any, Any], under: Iterable[Proposition]) -> None:
    """A symbol's assumptions are hypotheses on what takes its place."""
    for symbol, value in values.items():
        value = sp.sympify(value)
        if not symbol.is_commutative:
            continue
        if symbol.is_integer and not value.is_integer:
            raise StepFailedError(words, f"{symbol} is an integer, and {value} is not known to be one")
        if symbol.is_positive and not value.is_positive and not _follows(Relation(value, ">", 0), under):
            raise StepFailedError(words, f"{symbol} is positive, and {value} is not known to be")
        known = symbol.is_positive or value.is_nonnegative
        if symbol.is_nonnegative and not known and not _follows(Relation(value, ">=", 0), under):
            raise StepFailedError(words, f"{symbol} is not negative, and {value} is not known not to be")
        if value.is_real is False or not value.is_commutative or value.has(sp.I):
            raise StepFailedError(words, f"{symbol} is real, and {value} is not known to be")
        missing = "" if value.is_real else decide.undefined(value, under)
        if missing:
            raise StepFailedError(words, f"{symbol} is real, and {value} is not known to be: {missing}")


def _follows(proposition: Proposition, under: Iterable[Proposition]) -> bool:
    under = tuple(under)
    if proposition in under or _mirror(proposition) in under:
        return True
    if isinstance(proposition, Relation) and proposition.left == proposition.right:
        return proposition.relation.endswith("=")
    return (
        isinstance(proposition, Relation)
        and all(s.is_commutative for s in proposition.symbols)
        and (
            (proposition.left == proposition.right and proposition.relation.endswith("="))
            or not decide.follows(proposition, under)
        )
    )


def _mirror(proposition: Proposition) -> Proposition:
    return proposition.mirrored if isinstance(proposition, Relation) else proposition


def cut(fact: Fact, *proofs: Fact, words: str = "") -> Fact:
    """`fact` without the hypotheses that `proofs` prove."""
    proved = {p.proposition for p in proofs} | {_mirror(p.proposition) for p in proofs}
    if not proved & fact.hypotheses:
        raise StepFailedError(words or fact.words, "no hypothesis of the fact is among what is proved")
    rest = [one for one in fact.hypotheses if one not in proved]
    hypotheses = [*rest, *(one for p in proofs for one in p.hypotheses)]
    return _fact(words or fact.words, fact.proposition, Rule.LOGIC, [fact, *proofs], hypotheses=hypotheses)


def weakened(words: str, fact: Fact, relation: Relation) -> Fact:
    """A weaker relation of the same sides, or the mirrored one: a < b gives a <= b and b >= a."""
    for one in (fact.relation, fact.relation.mirrored):
        if (one.left, one.right) == (relation.left, relation.right) and (
            one.relation == relation.relation
            or one.relation + "=" == relation.relation
            or (one.relation == "=" and relation.relation in ("<=", ">="))
        ):
            return _fact(words, relation, Rule.LOGIC, [fact])
    raise StepFailedError(words, f"{relation} is not a weaker form of what is known")


def chain(words: str, *facts: Fact) -> Fact:
    """a R b and b R' c give a R'' c; the relations all point one way."""
    relations = [fact.relation for fact in facts]
    joined = relations[0]
    for following in relations[1:]:
        if joined.right != following.left:
            raise StepFailedError(words, f"{joined.right} and {following.left} are not the same")
        kinds = {joined.relation, following.relation} - {"="}
        if len({kind[0] for kind in kinds}) > 1:
            raise StepFailedError(words, "the relations point both ways")
        strict = [kind for kind in kinds if not kind.endswith("=")]
        joined = Relation(joined.left, (strict or sorted(kinds) or ["="])[0], following.right)
    return _fact(words, joined, Rule.LOGIC, facts)


def restated(words: str, fact: Fact, right: Any, under: Iterable[Proposition] = ()) -> Fact:
    """a R b with b in another form, `right`, equal to it for all values that `under` allows."""
    right = sp.sympify(right)
    if fact.right == right:
        return _fact(words, fact.proposition, Rule.LOGIC, [fact])
    return chain(words, fact, identity(words, fact.right, right, under))


def rewritten(words: str, fact: Fact, *equations: Fact) -> Fact:
    """`fact` with the left side of each of `equations` replaced by its right side, wherever it occurs."""
    proposition = fact.proposition
    for equation in equations:
        if equation.relation.relation != "=":
            raise StepFailedError(words, f"{equation.relation} is no equation")
        changed = proposition.substituted({equation.left: equation.right})
        if changed == proposition:
            raise StepFailedError(words, f"{equation.left} does not occur in what is rewritten")
        proposition = changed
    return _fact(words, proposition, Rule.LOGIC, [fact, *equations])


def put_in(words: str, expression: Any, *equations: Fact) -> Fact:
    """`expression` = what it becomes when the left side of each of `equations` is replaced by the right side."""
    changed = sp.sympify(expression)
    for equation in equations:
        if equation.relation.relation != "=":
            raise StepFailedError(words, f"{equation.relation} is no equation")
        before = changed
        changed = changed.subs({equation.left: equation.right}, simultaneous=True)
        if changed == before:
            raise StepFailedError(words, f"{equation.left} does not occur in what is rewritten")
    return _fact(words, Relation(expression, "=", changed), Rule.LOGIC, equations)


def turned(words: str, fact: Fact) -> Fact:
    """The same relation read from the right."""
    return _fact(words, fact.relation.mirrored, Rule.LOGIC, [fact])


def both_ways(words: str, *facts: Fact) -> Fact:
    """From a <= b and a >= b the fact a = b."""
    below, above = (fact.relation for fact in facts)
    if (below.relation, above.relation) != ("<=", ">=") or (below.left, below.right) != (above.left, above.right):
        raise StepFailedError(words, "one side is not shown to be both at most and at least the other")
    return _fact(words, Relation(below.left, "=", below.right), Rule.LOGIC, facts)


def same(words: str, equation: Fact, template: Any, place: Any) -> Fact:
    """From a = b that f(a) = f(b), f being `template` with a or b put for the symbol `place`."""
    relation, template = equation.relation, sp.sympify(template)
    if relation.relation != "=":
        raise StepFailedError(words, f"{relation} is no equation")
    if place not in template.free_symbols:
        raise StepFailedError(words, f"{place} does not occur in {template}")
    sides = (_replaced(template, place, side) for side in (relation.left, relation.right))
    return _fact(words, Relation(next(sides), "=", next(sides)), Rule.LOGIC, [equation])


def _replaced(template: Any, place: Any, value: Any) -> Any:
    return template.subs({place: value}, simultaneous=True)


def linear(
    words: str, relation: Relation, terms: Sequence[tuple[Any, Fact]], under: Iterable[Proposition] = ()
) -> Fact:
    """`relation` as a sum of multiples of known relations; no multiple of an inequality is negative under `under`.

    With l_k R r_k the known ones, it is checked that left - right = sum c_k (l_k - r_k), for all values of the symbols.
    An inequality is turned to point as `relation` does; a strict conclusion needs one strict relation with c_k > 0.
    """
    under = tuple(under)
    hypotheses = frozenset([*under, *(one for _, fact in terms for one in fact.hypotheses)])
    up = relation.relation in (">", ">=")
    total, strict = sp.Integer(0), False
    domain = decide.Domain.of(hypotheses)
    for coefficient, fact in terms:
        one = fact.relation
        if one.relation != "=":
            if relation.relation == "=":
                raise StepFailedError(words, "an equation does not follow from an inequality")
            one = one if (one.relation in (">", ">=")) == up else one.mirrored
            sign = domain.sign(sp.sympify(coefficient))
            if sign not in ("+", "0+", "0"):
                raise StepFailedError(words, f"the factor {coefficient} is not known not to be negative")
            # at a closed end of the domain a positive factor may become 0
            positive = not decide.follows(Relation(coefficient, ">", 0), hypotheses)
            strict = strict or (positive and not one.relation.endswith("="))
        missing = decide.unbounded(coefficient, hypotheses)
        if missing:
            raise StepFailedError(words, f"the factor {coefficient} may be infinite: {missing}")
        total += coefficient * one.difference
    if relation.relation in ("<", ">") and not strict:
        raise StepFailedError(words, "a strict relation needs a strict one with a positive factor")
    if not decide.vanishes(relation.difference - total):
        found = decide.counterexample(relation, hypotheses)
        raise StepFailedError(words, found or "the sum of what is known is another relation", refuted=bool(found))
    return _fact(words, relation, Rule.LOGIC, [fact for _, fact in terms], hypotheses=hypotheses)


def implied(words: str, fact: Fact, *hypotheses: Proposition) -> Fact:
    """From Γ, A |- B the fact Γ |- (A implies B)."""
    rest = fact.hypotheses - set(hypotheses)
    return _fact(words, Implication(frozenset(hypotheses), fact.proposition), Rule.LOGIC, [fact], hypotheses=rest)


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


def enumerated(words: str, symbol: Any, facts: Mapping[int, Fact], proposition: Proposition) -> Fact:
    """`proposition` for every integer from the least to the greatest of `facts`, one fact each."""
    if not symbol.is_integer:
        raise StepFailedError(words, f"{symbol} is no integer")
    low, high = min(facts), max(facts)
    for k in range(low, high + 1):
        if k not in facts or facts[k].proposition != proposition.substituted({symbol: sp.Integer(k)}):
            raise StepFailedError(words, f"{symbol} = {k} is missing")
    bounds = [Relation(symbol, ">=", low), Relation(symbol, "<=", high)]
    hypotheses = [*bounds, *(one for fact in facts.values() for one in fact.hypotheses)]
    if any(symbol in one.symbols for fact in facts.values() for one in fact.hypotheses):
        raise StepFailedError(words, f"a fact has a hypothesis on {symbol}")
    return _fact(words, proposition, Rule.LOGIC, tuple(facts.values()), hypotheses=hypotheses)


def by_induction(words: str, symbol: Any, start: int, base: Fact, step: Fact, proposition: Proposition) -> Fact:
    """`proposition` for all integers n >= start, from P(start) and from Γ, n >= start, P(n) |- P(n + 1).

    The hypotheses Γ of the step, and those of the base, must not speak about n.
    """
    if not symbol.is_integer:
        raise StepFailedError(words, f"{symbol} is no integer")
    if base.proposition != proposition.substituted({symbol: sp.Integer(start)}):
        raise StepFailedError(words, f"the base is not the proposition at {symbol} = {start}")
    if step.proposition != proposition.substituted({symbol: symbol + 1}):
        raise StepFailedError(words, f"the step does not conclude the proposition at {symbol} + 1")
    if (symbol.is_positive and start < 1) or (symbol.is_nonnegative and start < 0):
        raise StepFailedError(words, f"{symbol} is never {start}, so that the step says nothing there")
    bound = Relation(symbol, ">=", start)
    rest = (step.hypotheses - {proposition, bound}) | base.hypotheses
    if any(symbol in one.symbols for one in rest):
        raise StepFailedError(words, f"a hypothesis that stays speaks about {symbol}")
    return _fact(words, proposition, Rule.LOGIC, [base, step], hypotheses=[*rest, bound])


def by_slope(words: str, function: Any, symbol: Any, slope: Fact, start: Any) -> Fact:
    """f(x) against f(start), from the sign of f' between: the mean value theorem.

    `slope` says under Γ that g R 0, with g = f'; in Γ the symbol occurs in bounds x > a, x < b only, and `start` is one
    of these ends. For f' >= 0 (> 0) and start = a the conclusion is f(x) >= f(a) (>) under Γ, and so on.
    """
    relation = slope.relation
    if relation.right != 0 or relation.relation == "=":
        raise StepFailedError(words, "the sign of the derivative is wanted, as a relation to 0")
    function, start = sp.sympify(function), sp.sympify(start)
    derivative = sp.diff(expanded(function), symbol)
    if not decide.vanishes(derivative - expanded(relation.left)):
        found = decide.counterexample(Relation(derivative, "=", relation.left), slope.hypotheses)
        raise StepFailedError(words, found or "what is known is the sign of another function", refuted=bool(found))
    missing = decide.undefined(function, slope.hypotheses)
    if missing:
        raise StepFailedError(words, missing)
    from_below = _end_of(words, symbol, slope.hypotheses, start)
    initial = expanded(function).subs(symbol, start)
    if initial.has(sp.nan, sp.zoo, sp.oo):
        initial = sp.limit(expanded(function), symbol, start, "+" if from_below else "-")
    if not initial.is_finite and initial.is_finite is not None:
        raise StepFailedError(words, f"the function has no finite value at {symbol} = {start}")
    kind = relation.relation if from_below else {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[relation.relation]
    if any(one in slope.hypotheses for one in _closed_at(symbol, start)):
        kind = kind[0] + "="  # at the start itself both sides are equal
    return _fact(words, Relation(function, kind, initial), Rule.LOGIC, [slope])


def _closed_at(symbol: Any, end: Any) -> list[Proposition]:
    bounds = [Relation(symbol, ">=", end), Relation(symbol, "<=", end)]
    return [*bounds, *(one.mirrored for one in bounds)]


def _end_of(words: str, symbol: Any, hypotheses: Iterable[Proposition], start: Any) -> bool:
    """Whether `start` is the lower end; every hypothesis on the symbol must be a bound."""
    lower, upper = (0 if symbol.is_positive else None), None
    for one in hypotheses:
        if symbol not in one.symbols:
            continue
        bound = (
            next((r for r in (one, one.mirrored) if r.left == symbol and symbol not in r.right.free_symbols), None)
            if isinstance(one, Relation)
            else None
        )
        if bound is None or bound.relation == "=":
            raise StepFailedError(words, f"{one} is no bound of {symbol}")
        if bound.relation[0] == ">":
            if lower not in (None, 0, bound.right):
                raise StepFailedError(words, f"{symbol} has two lower bounds")
            lower = bound.right
        else:
            if upper not in (None, bound.right):
                raise StepFailedError(words, f"{symbol} has two upper bounds")
            upper = bound.right
    if start not in (lower, upper):
        raise StepFailedError(words, f"{start} is no end of the interval of {symbol}")
    return bool(start == lower)


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
    if not missing and not decide.vanishes(
        sums.normal(expanded(relation.left)) - sums.normal(expanded(relation.right))
    ):
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


@dataclass(frozen=True, slots=True)
class ForAll:
    """The definition of a predicate by a quantifier.

    `left` holds if for all values of `bound`, of these symbols' kinds, `conclusions` hold wherever `hypotheses` do.
    """

    words: str
    left: Predicate
    bound: tuple[Any, ...]
    hypotheses: tuple[Proposition, ...]
    conclusions: tuple[Proposition, ...]


def _check_quantified(meaning: ForAll, values: Mapping[Any, Any], allowed: Iterable[Any]) -> None:
    name, places = meaning.left.definition, meaning.left.arguments
    own = set(places) | set(meaning.bound)
    said = frozenset[Any]().union(*(one.symbols for one in (*meaning.hypotheses, *meaning.conclusions)))
    if name.decide is not None or not all(p.is_Symbol for p in own) or len(own) < len(places) + len(meaning.bound):
        raise StepFailedError(meaning.words, "a definition is of a new name, with distinct symbols as its arguments")
    if said - own:
        raise StepFailedError(meaning.words, "a symbol in the definition is neither bound nor an argument")
    if _DEFINED.setdefault(name.name, meaning) != meaning:
        raise StepFailedError(meaning.words, f"{name.name} has another definition already")
    if set(values) != set(allowed):
        raise StepFailedError(meaning.words, "values are wanted for the symbols of the definition, and no others")


def specialised(
    words: str, meaning: ForAll, values: Mapping[Any, Any], predicate: Fact, *facts: Fact, which: int = 0
) -> Fact:
    """From a predicate that says "for all", one of its conclusions at `values`, whose hypotheses `facts` prove."""
    _check_quantified(meaning, values, {*meaning.left.arguments, *meaning.bound})
    if predicate.proposition != meaning.left.substituted(values):
        raise StepFailedError(words, f"it is not known that {meaning.left.substituted(values)}")
    under = frozenset(one for fact in (predicate, *facts) for one in fact.hypotheses)
    _check_kinds(words, values, under)
    known = {fact.proposition for fact in facts} | {_mirror(fact.proposition) for fact in facts}
    for hypothesis in meaning.hypotheses:
        wanted = hypothesis.substituted(values)
        if wanted not in known and not _follows(wanted, under):
            raise StepFailedError(words, f"it is not shown that {wanted}")
    return _fact(words, meaning.conclusions[which].substituted(values), Rule.LOGIC, [predicate, *facts], source=meaning)


def generalised(words: str, meaning: ForAll, values: Mapping[Any, Any], *facts: Fact) -> Fact:
    """The predicate at `values`, from its conclusions shown for arbitrary values of the bound symbols.

    `facts` are the conclusions, in order; what they assume about bound symbols must be hypotheses of the definition.
    """
    _check_quantified(meaning, values, meaning.left.arguments)
    bound = set(meaning.bound)
    if any(bound & sp.sympify(value).free_symbols for value in values.values()):
        raise StepFailedError(words, "a bound symbol occurs in what the definition is applied to")
    wanted = [one.substituted(values) for one in meaning.conclusions]
    if len(facts) != len(wanted) or any(f.proposition != one for f, one in zip(facts, wanted, strict=True)):
        raise StepFailedError(words, f"what is shown is not {wanted[0]}")
    granted = {one.substituted(values) for one in meaning.hypotheses}
    rest = [one for fact in facts for one in fact.hypotheses if one not in granted and not _follows(one, granted)]
    loose = next((one for one in rest if bound & one.symbols), None)
    if loose is not None:
        raise StepFailedError(words, f"{loose} restricts what the definition leaves free")
    _check_kinds(words, values, rest)
    return _fact(words, meaning.left.substituted(values), Rule.LOGIC, facts, hypotheses=rest, source=meaning)


@dataclass(frozen=True, slots=True)
class Infimum:
    """The definition of a function as the greatest `bound` of which the predicate `below` holds.

    `below` says that `bound`, its first argument, is at most what its only conclusion has on the right, for all values
    of its bound symbols: `value`, of the other arguments, is the infimum of that.
    """

    words: str
    value: Any
    below: ForAll

    @property
    def bound(self) -> Any:
        """The symbol of a lower bound."""
        return self.below.left.arguments[0]


def _check_infimum(meaning: Infimum) -> None:
    value, below = meaning.value, meaning.below
    _check_quantified(below, dict.fromkeys(below.left.arguments), below.left.arguments)
    conclusion = below.conclusions[0]
    if not isinstance(value, Uninterpreted) or tuple(value.args) != tuple(below.left.arguments[1:]):
        raise StepFailedError(meaning.words, "an infimum is a new function of what the set depends on")
    if (
        len(below.conclusions) > 1
        or not isinstance(conclusion, Relation)
        or (conclusion.left, conclusion.relation) != (meaning.bound, "<=")
        or any(meaning.bound in one.symbols for one in below.hypotheses)
        or meaning.bound in conclusion.right.free_symbols
    ):
        raise StepFailedError(meaning.words, "an infimum is of what lower bounds are bounds of")
    if _DEFINED.setdefault(type(value).__name__, meaning) != meaning:
        raise StepFailedError(meaning.words, f"{type(value).__name__} has another definition already")


def infimum_is_bound(meaning: Infimum, values: Mapping[Any, Any], words: str = "") -> Fact:
    """|- the infimum is a lower bound. That the set is neither empty nor unbounded below is part of its definition."""
    _check_infimum(meaning)
    _check_kinds(meaning.words, values, ())
    said = meaning.below.left.substituted({meaning.bound: meaning.value}).substituted(values)
    return _fact(words or meaning.words, said, Rule.DEFINITION, source=meaning)


def at_most_infimum(words: str, meaning: Infimum, values: Mapping[Any, Any], bound: Fact) -> Fact:
    """From a lower bound, `values` at its arguments, that it is at most the infimum."""
    _check_infimum(meaning)
    if bound.proposition != meaning.below.left.substituted(values):
        raise StepFailedError(words, f"it is not known that {meaning.below.left.substituted(values)}")
    _check_kinds(words, values, bound.hypotheses)
    said = Relation(meaning.bound, "<=", meaning.value).substituted(values)
    return _fact(words, said, Rule.DEFINITION, [bound], source=meaning)


def integrated(words: str, integral: Any, primitive: Any, under: Iterable[Proposition] = ()) -> Fact:
    """The integral of f from a to b is F(b) - F(a), for F' = f on the open interval and F continuous at its ends."""
    under = tuple(under)
    body, (variable, low, high) = _single(words, integral)
    inside = _inside(words, variable, low, high, under)
    body, primitive = expanded(body), expanded(primitive)
    missing = decide.undefined(body, inside) or decide.undefined(primitive, inside)
    if not missing and not decide.vanishes(sp.diff(primitive, variable) - body):
        missing = f"the derivative of {primitive} is not the integrand"
        found = decide.counterexample(Relation(sp.diff(primitive, variable), "=", body), inside)
        if found:
            raise StepFailedError(words, found, refuted=True)
    if missing:
        raise StepFailedError(words, missing)
    ends = []
    for end, side in ((low, "+"), (high, "-")):
        value = primitive.subs(variable, end)
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            value = sp.limit(primitive, variable, end, side)
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or value.has(sp.Limit):
            raise StepFailedError(words, f"{primitive} has no finite value at {variable} = {end}")
        ends.append(value)
    return _fact(words, Relation(integral, "=", ends[1] - ends[0]), Rule.SYMBOLIC, hypotheses=under)


def _single(words: str, integral: Any) -> tuple[Any, tuple[Any, Any, Any]]:
    if not isinstance(integral, sp.Integral) or len(integral.limits) != 1 or len(integral.limits[0]) != 3:
        raise StepFailedError(words, "a single integral with two ends is wanted here")
    return integral.function, tuple(integral.limits[0])


def _inside(words: str, variable: Any, low: Any, high: Any, under: Iterable[Proposition]) -> list[Proposition]:
    """`under` with the bounds of an integration variable, which must be a fresh symbol, and a <= b."""
    under = list(under)
    if any(variable in one.symbols for one in under):
        raise StepFailedError(words, f"the integration variable {variable} occurs in a hypothesis")
    missing = decide.follows(Relation(low, "<=", high), under)
    if missing:
        raise StepFailedError(words, f"the ends of the integral: {missing}")
    if variable.is_positive and decide.follows(Relation(low, ">=", 0), under):
        raise StepFailedError(words, f"{variable} is positive, and {low} is not known not to be negative")
    return [*under, Relation(variable, ">", low), Relation(variable, "<", high)]


def under_integral(words: str, fact: Fact, variable: Any, low: Any, high: Any) -> Fact:
    """From f R g for all x between a and b, that their integrals from a to b are so related, not strictly.

    Both integrals are to exist, which is not asked here.
    """
    relation, low, high = fact.relation, sp.sympify(low), sp.sympify(high)
    bounds = {
        Relation(variable, kind, end) for kinds, end in ((">", low), ("<", high)) for kind in (kinds, kinds + "=")
    }
    bounds |= {one.mirrored for one in bounds}
    rest = [one for one in fact.hypotheses if one not in bounds]
    _inside(words, variable, low, high, rest)
    kind = "=" if relation.relation == "=" else relation.relation[0] + "="
    left, right = (sp.Integral(side, (variable, low, high)) for side in (relation.left, relation.right))
    return _fact(words, Relation(left, kind, right), Rule.LOGIC, [fact], hypotheses=rest)


def integral_split(
    words: str, integral: Any, parts: Sequence[tuple[Any, Any]], *facts: Fact, under: Iterable[Proposition] = ()
) -> Fact:
    """The integral of sum c_k f_k is the sum of c_k times the integrals of f_k.

    Of every f_k but one it must be known that its integral is finite, by a fact that says its value, or of all others
    that f_k >= 0 with c_k >= 0; so nothing infinite is ever subtracted.
    """
    body, (variable, low, high) = _single(words, integral)
    under = [*under, *(one for fact in facts for one in fact.hypotheses if variable not in one.symbols)]
    inside = _inside(words, variable, low, high, under)
    if any(variable in sp.sympify(c).free_symbols for c, _ in parts):
        raise StepFailedError(words, f"a factor depends on {variable}")
    missing = decide.unbounded(sp.Add(*(c for c, _ in parts)), under)
    if missing:
        raise StepFailedError(words, missing)
    if not decide.vanishes(expanded(body) - expanded(sp.Add(*(c * f for c, f in parts)))):
        raise StepFailedError(words, "the parts do not add up to the integrand")
    valued = {fact.left for fact in facts if fact.relation.relation == "="}
    positive = {
        fact.left
        for fact in facts
        if fact.relation.relation == ">=" and fact.right == 0 and all(one in inside for one in fact.hypotheses)
    }
    domain = decide.Domain.of(under)
    integrals = [sp.Integral(f, (variable, low, high)) for _, f in parts]
    loose = [f for (_, f), whole in zip(parts, integrals, strict=True) if whole not in valued]
    signs = all(f in positive and domain.sign(sp.sympify(c)) in ("+", "0+", "0") for c, f in parts if f in loose)
    if len(loose) > 1 and not signs:
        raise StepFailedError(words, "more than one part is not known to be finite or not negative")
    total = sp.Add(*(c * whole for (c, _), whole in zip(parts, integrals, strict=True)))
    return _fact(words, Relation(integral, "=", total), Rule.LOGIC, facts, hypotheses=under)


def by_substitution(
    words: str, integral: Any, place: Any, variable: Any, ends: tuple[Any, Any], under: Iterable[Proposition] = ()
) -> Fact:
    """The integral over s with s = A + B t, `place`, put in: over t between `ends`; B has one sign under `under`."""
    under = tuple(under)
    body, (old, low, high) = _single(words, integral)
    place, (first, last) = sp.sympify(place), (sp.sympify(end) for end in ends)
    slope = sp.diff(place, variable)
    sign = decide.Domain.of(under).sign(sp.expand(slope))
    if variable in slope.free_symbols or sign not in ("+", "-"):
        raise StepFailedError(words, f"{place} is not known to be linear in {variable} and to change with it")
    _inside(words, old, low, high, under)
    _inside(words, variable, first, last, under)
    wanted = (low, high) if sign == "+" else (high, low)
    for end, value in zip((first, last), wanted, strict=True):
        if not decide.vanishes(place.subs(variable, end) - value):
            raise StepFailedError(words, f"{variable} = {end} is not {old} = {value}")
    if variable in body.free_symbols:
        raise StepFailedError(words, f"{variable} occurs in the integrand")
    moved = body.subs(old, place) * (slope if sign == "+" else -slope)
    return _fact(
        words, Relation(integral, "=", sp.Integral(moved, (variable, first, last))), Rule.LOGIC, hypotheses=under
    )


@dataclass(frozen=True, slots=True)
class Recursion:
    """A definition by recursion: `left`, a name with places, is `base` at `index` = 1 and `step` at `index` + 1.

    In `step` the name stands at `index` only, with any values in its other places.
    """

    words: str
    left: Any
    index: Any
    base: Any
    step: Any


def by_recursion(recursion: Recursion, values: Mapping[Any, Any], *, start: bool = False) -> Fact:
    """The step, or the base if this is the `start`, of a definition by recursion, at `values` of its places."""
    name, index = recursion.left, recursion.index
    base, step = sp.sympify(recursion.base), sp.sympify(recursion.step)
    places = tuple(name.args)
    if not isinstance(name, Uninterpreted) or not all(p.is_Symbol for p in places) or len(set(places)) < len(places):
        raise StepFailedError(recursion.words, "a definition is of a new name, with distinct symbols as its arguments")
    if not index.is_integer or index not in places or base.atoms(type(name)):
        raise StepFailedError(recursion.words, "a recursion goes over a place that is an integer, and ends at 1")
    if any(one.args[places.index(index)] != index for one in step.atoms(type(name))):
        raise StepFailedError(recursion.words, "a recursion goes back from index + 1 to index")
    if (base.free_symbols | step.free_symbols) - set(places):
        raise StepFailedError(recursion.words, "a recursion speaks about its places only")
    if _DEFINED.setdefault(type(name).__name__, recursion) != recursion:
        raise StepFailedError(recursion.words, f"{type(name).__name__} has another definition already")
    _check_kinds(recursion.words, values, ())
    said = Relation(name.subs(index, 1), "=", base) if start else Relation(name.subs(index, index + 1), "=", step)
    return _fact(recursion.words, said.substituted(values), Rule.DEFINITION, source=recursion)


def by_induction_along(
    words: str,
    symbol: Any,
    start: int,
    base: Fact,
    step: Fact,
    proposition: Proposition,
    along: Mapping[Any, Any],
    *closed: Fact,
) -> Fact:
    """`proposition` P(n, p) for all integers n >= start and all p of a domain: P(n, f(p)) gives P(n + 1, p).

    `along` maps p to f(p). The hypotheses of base and step besides P(n, f(p)) and n >= start are the domain; `closed`
    show, under the domain, that f(p) belongs to it, where that is not decided.
    """
    if not symbol.is_integer:
        raise StepFailedError(words, f"{symbol} is no integer")
    if base.proposition != proposition.substituted({symbol: sp.Integer(start)}):
        raise StepFailedError(words, f"the base is not the proposition at {symbol} = {start}")
    if step.proposition != proposition.substituted({symbol: symbol + 1}):
        raise StepFailedError(words, f"the step does not conclude the proposition at {symbol} + 1")
    before, bound = proposition.substituted(along), Relation(symbol, ">=", start)
    domain = (step.hypotheses - {before, bound}) | base.hypotheses
    moved = frozenset(s for value in along.values() for s in sp.sympify(value).free_symbols)
    if symbol in moved or any(symbol in one.symbols for one in domain):
        raise StepFailedError(words, f"a hypothesis that stays speaks about {symbol}")
    _check_kinds(words, along, domain)
    shown = {fact.proposition for fact in closed if fact.hypotheses <= domain}
    for one in (hypothesis.substituted(along) for hypothesis in domain):
        if one not in shown and not _follows(one, domain):
            raise StepFailedError(words, f"it is not shown that the domain goes over into itself: {one}")
    return _fact(words, proposition, Rule.LOGIC, [base, step, *closed], hypotheses=[*domain, bound])


def positive_part_is(words: str, sign: Fact) -> Fact:
    """From x >= 0 the fact that the positive part of x is x, from x <= 0 that it is 0."""
    relation = sign.relation
    if relation.right != 0 or relation.relation == "=":
        raise StepFailedError(words, "the sign of a number is wanted, as a relation to 0")
    value = relation.left if relation.relation[0] == ">" else sp.Integer(0)
    return _fact(words, Relation(positive_part(relation.left), "=", value), Rule.LOGIC, [sign])


def leaves(facts: Iterable[Fact]) -> list[Fact]:
    """Every fact on which `facts` rest that rests on none itself, or is argued, in order of use."""
    return [fact for fact in graph(facts) if not fact.uses or fact.rule is Rule.ARGUMENT]


def graph(facts: Iterable[Fact]) -> list[Fact]:
    """Every fact on which `facts` rest and these themselves, each once, what is used before what uses it."""
    done: dict[int, Fact] = {}

    def visit(fact: Fact) -> None:
        if id(fact) not in done:
            for used in fact.uses:
                visit(used)
            done[id(fact)] = fact

    for fact in facts:
        visit(fact)
    return list(done.values())


Derive = Callable[..., None]
