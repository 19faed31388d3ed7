"""What can be said: a relation of two expressions, a predicate of things, and what is made of them.

Propositions are values: equal if they say the same in the same terms. Every symbol in them stands for any value; a
proposition holds *under* hypotheses, which are propositions too, and which say what those values are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sympy as sp

from keybounds.proofs.logic.terms import expanded

RELATIONS = ("=", "<", "<=", ">", ">=")
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Relation:
    """`left` `relation` `right`, between numbers (or operators, if the relation is "=")."""

    left: Any
    relation: str
    right: Any

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise ValueError(f"a relation is one of {', '.join(RELATIONS)}, not {self.relation!r}")
        for side in ("left", "right"):
            value = sp.sympify(getattr(self, side))
            if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
                raise ValueError(f"{value} is no number: the relation has no meaning there")
            object.__setattr__(self, side, value)

    @property
    def mirrored(self) -> Relation:
        """The same with its sides exchanged."""
        return Relation(self.right, _MIRRORED[self.relation], self.left)

    @property
    def difference(self) -> Any:
        """`left` - `right`, written out."""
        return expanded(self.left) - expanded(self.right)

    @property
    def symbols(self) -> frozenset[Any]:
        """Every symbol in it."""
        return frozenset(self.left.free_symbols | self.right.free_symbols)

    def substituted(self, values: Mapping[Any, Any]) -> Relation:
        """The same of other values."""
        return Relation(_replaced(self.left, values), self.relation, _replaced(self.right, values))


@dataclass(frozen=True, slots=True)
class Definition:
    """What a predicate means.

    Attributes
    ----------
    name
        As the statement prints it in code.
    words, latex
        Templates of the sentence, with the arguments by number: ``"{0} is a state"``.
    decide
        The executable definition: whether it holds of arguments, exactly and for every value of the symbols in them.
        Raises `UndecidedError` where it cannot tell. None for a notion that only theorems speak about.
    meaning
        The definition in words, for the appendix.
    """

    name: str
    words: str
    latex: str = ""
    decide: Callable[..., bool] | None = field(default=None, compare=False)
    meaning: str = ""

    def __call__(self, *arguments: Any) -> Predicate:
        """Return the predicate of these arguments."""
        return Predicate(self, tuple(sp.sympify(argument) for argument in arguments))


class UndecidedError(Exception):
    """An executable definition cannot tell; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """`definition` holds of `arguments`."""

    definition: Definition
    arguments: tuple[Any, ...]

    @property
    def symbols(self) -> frozenset[Any]:
        """Every symbol in it."""
        return frozenset[Any]().union(*(a.free_symbols for a in self.arguments))

    def substituted(self, values: Mapping[Any, Any]) -> Predicate:
        """The same of other things."""
        return Predicate(self.definition, tuple(_replaced(a, values) for a in self.arguments))


@dataclass(frozen=True, slots=True)
class Implication:
    """`conclusion` wherever `hypotheses` hold."""

    hypotheses: frozenset[Proposition]
    conclusion: Proposition

    @property
    def symbols(self) -> frozenset[Any]:
        """Every symbol in it."""
        return self.conclusion.symbols.union(*(one.symbols for one in self.hypotheses))

    def substituted(self, values: Mapping[Any, Any]) -> Implication:
        """The same of other values."""
        return Implication(
            frozenset(one.substituted(values) for one in self.hypotheses), self.conclusion.substituted(values)
        )


@dataclass(frozen=True, slots=True)
class Equivalence:
    """`left` if and only if `right`."""

    left: Proposition
    right: Proposition

    @property
    def symbols(self) -> frozenset[Any]:
        """Every symbol in it."""
        return self.left.symbols | self.right.symbols

    def substituted(self, values: Mapping[Any, Any]) -> Equivalence:
        """The same of other values."""
        return Equivalence(self.left.substituted(values), self.right.substituted(values))


@dataclass(frozen=True, slots=True)
class Negation:
    """Not `proposition`."""

    proposition: Proposition

    @property
    def symbols(self) -> frozenset[Any]:
        """Every symbol in it."""
        return self.proposition.symbols

    def substituted(self, values: Mapping[Any, Any]) -> Negation:
        """The same of other values."""
        return Negation(self.proposition.substituted(values))


Proposition: TypeAlias = Relation | Predicate | Implication | Equivalence | Negation


def relation_of(proposition: Proposition) -> Relation:
    """Return a proposition that must be a relation."""
    if not isinstance(proposition, Relation):
        raise TypeError(f"{proposition} is no relation")
    return proposition


def equal(left: Any, right: Any) -> Relation:
    """`left` = `right`."""
    return Relation(left, "=", right)


def less(left: Any, right: Any) -> Relation:
    """`left` < `right`."""
    return Relation(left, "<", right)


def at_most(left: Any, right: Any) -> Relation:
    """`left` <= `right`."""
    return Relation(left, "<=", right)


def greater(left: Any, right: Any) -> Relation:
    """`left` > `right`."""
    return Relation(left, ">", right)


def at_least(left: Any, right: Any) -> Relation:
    """`left` >= `right`."""
    return Relation(left, ">=", right)


def negated(proposition: Proposition) -> Proposition:
    """Return the opposite: a relation's, where that is one, else a `Negation`."""
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    if isinstance(proposition, Negation):
        return proposition.proposition
    if isinstance(proposition, Relation) and proposition.relation in opposite:
        return Relation(proposition.left, opposite[proposition.relation], proposition.right)
    return Negation(proposition)


def _replaced(expression: Any, values: Mapping[Any, Any]) -> Any:
    if not values:
        return expression
    if all(old.is_Symbol for old in values) and not expression.has(sp.Integral):  # `Bound` minds its index itself
        return expression.xreplace({old: sp.sympify(new) for old, new in values.items()})
    return expression.subs(values, simultaneous=True)
