"""Facts, and the one door to what makes them.

A fact is a proposition under hypotheses, with the rule and the facts from which it follows. `Fact` takes a seal that
only this module holds; who lacks it is refused, and no copy can be made of a fact with another proposition. What makes
facts is handed out by `fact_maker`, to each module of rules named in `RULES` once: they all ask when the package is
imported, so that the door is shut before anything else runs. Python keeps no secrets from those who search for them: a
test reads the source and finds that nothing outside of this package touches the seal, the door or a maker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import InitVar, dataclass
from enum import Enum
from typing import Any

from keybounds.errors import KeyboundsError
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation

RULES = ("leaves", "deduction", "relations", "definitions", "induction", "analysis", "sums", "operators")
"""The modules of this package that make facts."""


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

    seal: InitVar[object]  # not kept: who holds a fact holds no seal, and `dataclasses.replace` wants one
    words: str
    proposition: Proposition
    hypotheses: frozenset[Proposition]
    rule: Rule
    uses: tuple[Fact, ...] = ()
    source: Any = None
    detail: str = ""

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
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


_waiting = {f"{__package__}.{name}" for name in RULES}


def fact_maker(module: str) -> Callable[..., Fact]:
    """Return what makes facts, to a module of rules that asks for the first time.

    Its arguments are those of a fact; without `hypotheses` the fact has those of the facts that it uses.

    Raises
    ------
    TypeError
        `module` is no module of rules, or has what it asks for already.
    """
    if module not in _waiting:
        raise TypeError(f"facts are made by the rules of proofs.logic.kernel, and {module} asks from outside")
    _waiting.remove(module)
    return _fact


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
