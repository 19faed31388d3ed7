"""What a claim is, what its proof consists of, and how the verdict follows from what was run.

Nobody writes a verdict down. A derivation concludes each clause of the statement by a fact (`proofs.logic.kernel`);
`judge` reads the verdict off the graph on which these facts rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybounds.proofs.logic.kernel import Fact
    from keybounds.proofs.logic.printing import TypesetStatement, TypesetTheorem
    from keybounds.proofs.logic.statement import Goal, Statement


class Ground(Enum):
    """What a step stands on."""

    HYPOTHESIS = "hypothesis of the statement"
    DEFINITION = "definition"
    SYMBOLIC = "exact, for all values of the symbols (sympy)"
    ENCLOSED = "sign or value enclosed in ball arithmetic"
    DECIDED = "decided by the executable definition of the predicate"
    CITED = "published theorem, instantiated and not re-derived"
    CLAIM = "another claim"
    LOGIC = "follows from the steps it names"
    ARGUED = "argued in words, checked by nobody"
    NUMERIC = "evaluated at sample points only"
    WITNESS = "independent evaluation at 50 digits"


class Verdict(Enum):
    """What the proof of a claim amounts to; `message` says it in a sentence."""

    PROVED = "PROVED"
    ARGUED = "ARGUED"
    CHECKED = "CHECKED"
    REFUTED = "REFUTED"

    @property
    def message(self) -> str:
        """One sentence for a reader of the list of claims."""
        return _MESSAGES[self]


_MESSAGES = {
    Verdict.PROVED: "the statement follows, with these hypotheses, from exact computations, definitions, published "
    "theorems and proved claims; the numerical witness agrees",
    Verdict.ARGUED: "the statement follows, but a step is argued in words only, here or in a claim that is used",
    Verdict.CHECKED: "nothing contradicts the statement, but the derivation does not reach it",
    Verdict.REFUTED: "a step or the numerical witness contradicts the statement",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a derivation, after it was run.

    Attributes
    ----------
    description
        What the step says, in words.
    formula
        The same in LaTeX, without dollar signs; may be empty.
    ground
        What it stands on.
    holds
        Whether it held.
    detail
        The source of a theorem, the counterexample of a failed step, what is missing of an argued one.
    says
        The proposition in plain text; empty for a step that has none.
    uses
        Numbers of the steps that it uses, counted from 1.
    given
        The hypotheses under which it stands, in words.
    text
        The proposition in LaTeX's text, its formulas between dollars.
    theorem
        The published theorem that was instantiated, of a cited step.
    """

    description: str
    formula: str = ""
    ground: Ground
    holds: bool
    detail: str = ""
    says: str = ""
    uses: tuple[int, ...] = ()
    given: tuple[str, ...] = ()
    text: str = ""
    theorem: TypesetTheorem | None = None


Steps = Iterable[Step]
Find = Callable[[str], "Claim"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement with its derivation and an independent numerical witness.

    Attributes
    ----------
    name
        Short name, as ``keybounds prove NAME`` takes it.
    title
        What it is about, in a few words: the heading of the appendix.
    source
        Key of reports/refs.bib with the equation, or ``this project``.
    state
        Makes the statement. Logarithms are base 2.
    derive
        Works towards a goal: concludes each clause by a fact, or fails at a step.
    witness
        Yields steps that compare the statement with numbers computed another way, at 50 digits.
    """

    name: str
    title: str
    source: str
    state: Callable[[], Statement]
    derive: Callable[[Goal], None]
    witness: Callable[[Statement], Steps]

    @cached_property
    def statement(self) -> Statement:
        """The statement."""
        return self.state()

    def examine(self, verdicts: Callable[[str], Verdict], find: Find, statement: Statement | None = None) -> Report:
        """Run derivation and witness, and judge; a mutated `statement` may be handed in place of the claim's own.

        `verdicts` tells the verdict of a claim that this one uses, `find` finds its statement.
        """
        from keybounds.proofs.logic import printing
        from keybounds.proofs.logic.kernel import StepFailedError, graph
        from keybounds.proofs.logic.statement import Goal

        start = time.perf_counter()
        statement = statement or self.statement
        goal = Goal(statement, lambda name: find(name).statement)
        failed: list[Step] = []
        try:
            self.derive(goal)
            for clause in statement:
                if clause.name not in goal.proofs:
                    raise StepFailedError(f"conclusion {clause.name}", "the derivation does not reach it")
        except (TypeError, ValueError, AttributeError, LookupError, StopIteration) as error:
            if statement is self.statement:
                raise
            # a mutated statement has another shape than the derivation takes it to have
            failed = [Step(description="derivation", ground=Ground.NUMERIC, holds=False, detail=str(error))]
        except StepFailedError as error:
            ground = Ground.SYMBOLIC if error.refuted else Ground.NUMERIC
            failed = [Step(description=error.step, ground=ground, holds=False, detail=error.reason)]
        steps = [*steps_of(list(goal.proofs.values())), *failed]
        steps += self.witness(statement) if not failed else ()
        facts = graph(list(goal.proofs.values()))
        numbers = {id(fact): number for number, fact in enumerate(facts, start=1)}
        verdict, missing = judge(list(goal.proofs.values()), steps, verdicts, find)
        return Report(
            name=self.name,
            title=self.title,
            sentences=printing.sentences(statement),
            formula=printing.formula(statement),
            source=self.source,
            verdict=verdict,
            missing=missing,
            steps=tuple(steps),
            seconds=time.perf_counter() - start,
            conclusions={name: numbers[id(fact)] for name, fact in goal.proofs.items()},
            typeset=printing.typeset_statement(statement),
        )


def judge(
    proofs: Sequence[Fact], steps: Sequence[Step], verdicts: Callable[[str], Verdict], find: Find
) -> tuple[Verdict, tuple[str, ...]]:
    """Read the verdict off the graph under the conclusions and off the steps that were run; say what is missing.

    A refuted step or witness refutes. A step that is not shown, or a claim in use that is not even argued, leaves the
    statement CHECKED; an argument, here or below a claim in use, leaves it ARGUED; else it is PROVED.
    """
    from keybounds.proofs.logic.kernel import Rule, graph

    failed = [step for step in steps if not step.holds]
    if any(step.ground is not Ground.NUMERIC for step in failed):
        return Verdict.REFUTED, tuple(f"{step.description}: {step.detail}" for step in failed)
    facts = graph(proofs)
    borrowed = [fact for fact in facts if fact.rule is Rule.CLAIM]
    used = list(dict.fromkeys(fact.source[0] for fact in borrowed))
    fallen = [name for name in used if verdicts(name) in (Verdict.CHECKED, Verdict.REFUTED)]
    for fact in borrowed:
        name, clause = fact.source
        said = find(name).statement
        if (fact.proposition, fact.hypotheses) != (said[clause].proposition, frozenset(said.given(clause))):
            raise ValueError(f"{name} does not say what is taken from it: {fact.words}")
    if failed or fallen or not facts:
        missing = [f"{step.description}: {step.detail}" for step in failed]
        missing += [f"claim {name}, which is used, is {verdicts(name).value}" for name in fallen]
        return Verdict.CHECKED, tuple(missing or ["nothing is derived"])
    open_steps = [f"{fact.words}: {fact.detail}" for fact in facts if fact.rule is Rule.ARGUMENT]
    open_steps += [f"claim {name}, which is used, is argued" for name in used if verdicts(name) is Verdict.ARGUED]
    return (Verdict.ARGUED, tuple(open_steps)) if open_steps else (Verdict.PROVED, ())


def steps_of(proofs: Sequence[Fact]) -> list[Step]:
    """The graph under `proofs` as numbered steps, what is used before what uses it."""
    from keybounds.proofs.logic import printing
    from keybounds.proofs.logic.kernel import Rule, graph

    grounds = {
        Rule.HYPOTHESIS: Ground.HYPOTHESIS,
        Rule.DEFINITION: Ground.DEFINITION,
        Rule.SYMBOLIC: Ground.SYMBOLIC,
        Rule.ENCLOSED: Ground.ENCLOSED,
        Rule.DECIDED: Ground.DECIDED,
        Rule.THEOREM: Ground.CITED,
        Rule.CLAIM: Ground.CLAIM,
        Rule.LOGIC: Ground.LOGIC,
        Rule.ARGUMENT: Ground.ARGUED,
    }
    facts = graph(proofs)
    numbers = {id(fact): k for k, fact in enumerate(facts, start=1)}
    steps = []
    for fact in facts:
        detail = fact.detail
        if fact.rule is Rule.THEOREM:
            detail = f"{fact.source.name}: {fact.source.source}"
        elif fact.rule is Rule.CLAIM:
            detail = "claim {}, {}".format(*fact.source)
        steps.append(
            Step(
                description=fact.words,
                formula=printing.typeset(fact.proposition),
                ground=grounds[fact.rule],
                holds=True,
                detail=detail,
                says=printing.say(fact.proposition),
                uses=tuple(numbers[id(one)] for one in fact.uses),
                given=tuple(printing.say(one) for one in printing.ordered(fact.hypotheses)),
                text=printing.in_text(fact.proposition),
                theorem=printing.typeset_theorem(fact.source) if fact.rule is Rule.THEOREM else None,
            )
        )
    return steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A claim after its proof was run: plain data, ready to print.

    `sentences` say for all which values, and then what, clause by clause; `missing` says for a verdict other than
    PROVED what stands in the way; `conclusions` has the number of the step that concludes each clause; `typeset` is the
    statement in LaTeX, part by part.
    """

    name: str
    title: str
    sentences: tuple[str, ...]
    formula: str
    source: str
    verdict: Verdict
    missing: tuple[str, ...]
    steps: tuple[Step, ...]
    seconds: float
    conclusions: Mapping[str, int] = field(default_factory=dict)
    typeset: TypesetStatement | None = None

    @property
    def statement(self) -> str:
        """The statement in one sentence."""
        beginning, *clauses = self.sentences
        return f"{beginning}: {'; '.join(clauses)}."

    @property
    def failures(self) -> tuple[Step, ...]:
        """The steps that did not hold."""
        return tuple(step for step in self.steps if not step.holds)

    @property
    def cited(self) -> tuple[Step, ...]:
        """The published theorems that the proof uses."""
        return tuple(step for step in self.steps if step.ground is Ground.CITED)

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "statement": self.statement,
            "formula": self.formula,
            "source": self.source,
            "verdict": self.verdict.value,
            "message": self.verdict.message,
            "missing": list(self.missing),
            "seconds": self.seconds,
            "conclusions": dict(self.conclusions),
            "steps": [_step_data(step) for step in self.steps],
        }


def _step_data(step: Step) -> Mapping[str, Any]:
    return {
        "description": step.description,
        "formula": step.formula,
        "ground": step.ground.name.lower(),
        "holds": step.holds,
        "detail": step.detail,
        "says": step.says,
        "uses": list(step.uses),
        "given": list(step.given),
    }
