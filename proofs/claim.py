"""What a claim is, what its proof consists of, and how the verdict follows from the steps that were run.

Nobody writes a verdict down. A derivation yields steps; each step says on what ground it stands and whether it held;
`judge` reads the verdict off the steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Ground(Enum):
    """What a step stands on."""

    SYMBOLIC = "exact, for all values of the symbols (sympy)"
    ENCLOSED = "sign or value enclosed in ball arithmetic"
    CITED = "published theorem or textbook fact, used and not re-derived"
    NUMERIC = "evaluated at sample points only"
    WITNESS = "independent evaluation at 50 digits"


class Verdict(Enum):
    """What the steps of a claim amount to; `message` says it in a sentence."""

    PROVED = "PROVED"
    PROVED_FOR = "PROVED_FOR"
    CHECKED = "CHECKED"
    REFUTED = "REFUTED"

    @property
    def message(self) -> str:
        """One sentence for a reader of the list of claims."""
        return _MESSAGES[self]


_MESSAGES = {
    Verdict.PROVED: "every step is exact or enclosed and holds, given the cited theorems; the numerical witness agrees",
    Verdict.PROVED_FOR: "every step is exact or enclosed and holds, but some only for the stated instances",
    Verdict.CHECKED: "nothing contradicts the claim, but some step was only evaluated numerically",
    Verdict.REFUTED: "a step or the numerical witness contradicts the claim as stated",
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
        Whether it held. A cited step holds by its source.
    detail
        The source of a cited step, the counterexample of a failed one, the margin of an enclosed one.
    instances
        Empty if the step holds in the claim's whole generality, else the instances it was shown for.
    """

    description: str
    formula: str = ""
    ground: Ground
    holds: bool
    detail: str = ""
    instances: str = ""


Steps = Iterable[Step]


def judge(steps: Sequence[Step]) -> Verdict:
    """Read the verdict off the steps.

    A step that does not hold refutes the claim. Otherwise a numeric step, or the lack of any exact step, leaves it
    CHECKED; a step shown for some instances only leaves it PROVED_FOR; else it is PROVED. Witness steps can refute,
    never prove.
    """
    if not all(step.holds for step in steps):
        return Verdict.REFUTED
    derived = [step for step in steps if step.ground in (Ground.SYMBOLIC, Ground.ENCLOSED)]
    if not derived or any(step.ground is Ground.NUMERIC for step in steps):
        return Verdict.CHECKED
    if any(step.instances for step in derived):
        return Verdict.PROVED_FOR
    return Verdict.PROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement with its derivation and an independent numerical witness.

    Attributes
    ----------
    name
        Short name, as ``keybounds prove NAME`` takes it.
    statement, formula
        The statement in words, and in symbols (LaTeX, without dollar signs). Logarithms are base 2.
    source
        Key of reports/refs.bib with the equation, or ``this project``.
    derivation
        Yields the steps of the proof.
    witness
        Yields steps that compare the statement with numbers computed another way, at 50 digits.
    """

    name: str
    statement: str
    formula: str
    source: str
    derivation: Callable[[], Steps]
    witness: Callable[[], Steps]

    def examine(self) -> Report:
        """Run derivation and witness, and judge."""
        start = time.perf_counter()
        steps = (*self.derivation(), *self.witness())
        return Report(
            name=self.name,
            statement=self.statement,
            formula=self.formula,
            source=self.source,
            verdict=judge(steps),
            steps=steps,
            seconds=time.perf_counter() - start,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A claim after its proof was run: plain data, ready to print."""

    name: str
    statement: str
    formula: str
    source: str
    verdict: Verdict
    steps: tuple[Step, ...]
    seconds: float

    @property
    def instances(self) -> str:
        """What a verdict PROVED_FOR is restricted to; empty for a statement shown in its whole generality."""
        return "; ".join(dict.fromkeys(step.instances for step in self.steps if step.instances))

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
            "statement": self.statement,
            "formula": self.formula,
            "source": self.source,
            "verdict": self.verdict.value,
            "message": self.verdict.message,
            "instances": self.instances,
            "seconds": self.seconds,
            "steps": [
                {
                    "description": step.description,
                    "formula": step.formula,
                    "ground": step.ground.name.lower(),
                    "holds": step.holds,
                    "detail": step.detail,
                    "instances": step.instances,
                }
                for step in self.steps
            ],
        }
