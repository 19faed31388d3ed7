"""A statement: parameters, hypotheses and conclusions; and the goal of a derivation, which is one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from keybounds.errors import UnknownNameError
from keybounds.proofs.logic import decide, kernel
from keybounds.proofs.logic.kernel import Fact, Meaning, Recursion, StepFailedError
from keybounds.proofs.logic.propositions import Equivalence, Implication, Predicate, Proposition, Relation
from keybounds.proofs.logic.terms import Uninterpreted


@dataclass(frozen=True, slots=True)
class Parameter:
    """A symbol of a statement and what it stands for, e.g. ``Parameter(integer("d"), "dimension of the shields")``."""

    symbol: Any
    words: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One conclusion of a statement, under further `hypotheses` of its own if it has any; `words` introduce it."""

    name: str
    proposition: Proposition
    hypotheses: tuple[Proposition, ...] = ()
    words: str = ""

    @property
    def relation(self) -> Relation:
        """The conclusion, which must be a relation."""
        if not isinstance(self.proposition, Relation):
            raise TypeError(f"the conclusion {self.name} is no relation")
        return self.proposition

    @property
    def equivalence(self) -> Equivalence:
        """The conclusion, which must be an equivalence."""
        if not isinstance(self.proposition, Equivalence):
            raise TypeError(f"the conclusion {self.name} is no equivalence")
        return self.proposition

    @property
    def predicate(self) -> Predicate:
        """The conclusion, which must be a predicate."""
        if not isinstance(self.proposition, Predicate):
            raise TypeError(f"the conclusion {self.name} is no predicate")
        return self.proposition

    @property
    def left(self) -> Any:
        """Left side of the relation."""
        return self.relation.left

    @property
    def right(self) -> Any:
        """Right side of the relation."""
        return self.relation.right


@dataclass(frozen=True, slots=True)
class Statement:
    """For all values of the parameters that obey the hypotheses, each clause.

    Attributes
    ----------
    parameters
        The symbols, in the order in which the sentence introduces them. Every symbol of hypotheses and clauses is one.
    hypotheses
        Domains and conditions under which all clauses stand.
    clauses
        The conclusions.
    meanings
        Definitions of the names that occur.
    """

    parameters: tuple[Parameter, ...]
    hypotheses: tuple[Proposition, ...]
    clauses: tuple[Clause, ...]
    meanings: tuple[Meaning | Recursion, ...] = ()

    def __post_init__(self) -> None:
        if not self.clauses:
            raise ValueError("a statement concludes something")
        known = {parameter.symbol for parameter in self.parameters}
        said = frozenset[Any]().union(
            *(one.symbols for one in self.hypotheses),
            *(one.symbols for clause in self.clauses for one in (clause.proposition, *clause.hypotheses)),
        )
        if said - known:
            raise ValueError(f"no parameter of the statement: {', '.join(sorted(map(str, said - known)))}")

    def __getitem__(self, name: str) -> Clause:
        for clause in self.clauses:
            if clause.name == name:
                return clause
        raise UnknownNameError.among("clause", name, {clause.name for clause in self.clauses})

    def __iter__(self) -> Iterator[Clause]:
        return iter(self.clauses)

    def given(self, name: str) -> tuple[Proposition, ...]:
        """Every hypothesis of a clause: the statement's and its own."""
        return (*self.hypotheses, *self[name].hypotheses)

    def admits(self, values: Mapping[Any, Any], name: str | None = None) -> bool:
        """Whether numbers `values` obey every relation among the hypotheses (and those of clause `name`)."""
        hypotheses = self.hypotheses if name is None else self.given(name)
        return all(not decide.follows(one.substituted(values), ()) for one in hypotheses if isinstance(one, Relation))


@dataclass(slots=True)
class Goal:
    """What a derivation works towards: it concludes each clause by a fact.

    Attributes
    ----------
    statement
        The statement; a derivation takes every formula that it proves from here.
    claim
        Finds the statement of another claim by name.
    """

    statement: Statement
    claim: Callable[[str], Statement]
    proofs: dict[str, Fact] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Clause:
        return self.statement[name]

    @property
    def hypotheses(self) -> tuple[Proposition, ...]:
        """The statement's hypotheses."""
        return self.statement.hypotheses

    def given(self, name: str) -> tuple[Proposition, ...]:
        """Every hypothesis of a clause."""
        return self.statement.given(name)

    def granted(self, proposition: Proposition, name: str | None = None) -> Fact:
        """A hypothesis of the statement, or of clause `name` as well, as a fact.

        Raises
        ------
        StepFailedError
            The statement does not make it.
        """
        if proposition not in (self.hypotheses if name is None else self.given(name)):
            raise StepFailedError(
                "a hypothesis that the derivation needs", f"the statement does not grant {proposition}"
            )
        return kernel.assume(proposition)

    def stated(self, name: str, fact: Fact) -> Fact:
        """`fact` in the form in which clause `name` says it, its relation and both sides taken from there."""
        return kernel.linear(f"{name}: as it is stated", self[name].relation, [(1, fact)], self.given(name))

    def conclude(self, name: str, fact: Fact) -> None:
        """Take `fact` as the proof of clause `name`.

        Raises
        ------
        StepFailedError
            It says something else, or rests on a hypothesis that the clause does not grant, or is of an expression that
            has no value at an end of a range that the clause calls closed.
        """
        clause = self.statement[name]
        wanted = clause.proposition
        mirrored = wanted.mirrored if isinstance(wanted, Relation) else wanted
        if fact.proposition not in (wanted, mirrored):
            raise StepFailedError(f"conclusion {name}", f"what is shown is {fact.proposition}")
        granted = self.given(name)
        for one in fact.hypotheses:
            if one not in granted and not (isinstance(one, Relation) and not decide.follows(one, granted)):
                raise StepFailedError(f"conclusion {name}", f"it rests on {one}, which the statement does not grant")
        for side in _numbers(wanted):
            nowhere = decide.infinite(self._written_out(side), granted)
            if nowhere:
                raise StepFailedError(f"the values of {name}", f"{nowhere} there is no finite one of {side}")
        self.proofs[name] = fact

    def _written_out(self, expression: Any) -> Any:
        """`expression` with the statement's own definitions of numbers written out, where they have a value."""
        for meaning in self.statement.meanings:
            if not isinstance(meaning, Meaning) or not isinstance(meaning.left, Uninterpreted):
                continue
            for one in expression.atoms(type(meaning.left)) if meaning.left.is_commutative else ():
                values = dict(zip(meaning.left.args, one.args, strict=True))
                value = sp.sympify(meaning.right).subs(values, simultaneous=True)
                if not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
                    expression = expression.xreplace({one: value})
        return expression

    def from_claim(self, words: str, claim: str, clause: str, values: Mapping[Any, Any] | None = None) -> Fact:
        """A clause of another claim, at `values` of its parameters, under its hypotheses at these values."""
        other = self.claim(claim)
        fact = kernel.by_claim(words, claim, clause, other[clause].proposition, other.given(clause))
        return kernel.instantiated(fact, values, words=words) if values else fact


def _numbers(proposition: Proposition) -> Iterator[Any]:
    """The sides of every relation that a proposition concludes."""
    if isinstance(proposition, Relation):
        yield from (side for side in (proposition.left, proposition.right) if side.is_commutative)
    elif isinstance(proposition, Equivalence):
        yield from (*_numbers(proposition.left), *_numbers(proposition.right))
    elif isinstance(proposition, Implication):
        yield from _numbers(proposition.conclusion)
