"""Definitions, each the only one of its name: of a value, by a quantifier, of an infimum, by recursion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel.conditions import check_kinds, follows_from, mirrored
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.propositions import Equivalence, Predicate, Proposition, Relation
from keybounds.proofs.logic.terms import Uninterpreted

_fact = fact_maker(__name__)


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
    check_kinds(meaning.words, values or {}, ())
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
    check_kinds(words, values, under)
    known = {fact.proposition for fact in facts} | {mirrored(fact.proposition) for fact in facts}
    for hypothesis in meaning.hypotheses:
        wanted = hypothesis.substituted(values)
        if wanted not in known and not follows_from(wanted, under):
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
    rest = [one for fact in facts for one in fact.hypotheses if one not in granted and not follows_from(one, granted)]
    loose = next((one for one in rest if bound & one.symbols), None)
    if loose is not None:
        raise StepFailedError(words, f"{loose} restricts what the definition leaves free")
    check_kinds(words, values, rest)
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
    check_kinds(meaning.words, values, ())
    said = meaning.below.left.substituted({meaning.bound: meaning.value}).substituted(values)
    return _fact(words or meaning.words, said, Rule.DEFINITION, source=meaning)


def at_most_infimum(words: str, meaning: Infimum, values: Mapping[Any, Any], bound: Fact) -> Fact:
    """From a lower bound, `values` at its arguments, that it is at most the infimum."""
    _check_infimum(meaning)
    if bound.proposition != meaning.below.left.substituted(values):
        raise StepFailedError(words, f"it is not known that {meaning.below.left.substituted(values)}")
    check_kinds(words, values, bound.hypotheses)
    said = Relation(meaning.bound, "<=", meaning.value).substituted(values)
    return _fact(words, said, Rule.DEFINITION, [bound], source=meaning)


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
    check_kinds(recursion.words, values, ())
    said = Relation(name.subs(index, 1), "=", base) if start else Relation(name.subs(index, index + 1), "=", step)
    return _fact(recursion.words, said.substituted(values), Rule.DEFINITION, source=recursion)
