"""H(Â|E,V) along a sweep: each point starts where the last one ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keybounds.bounds.bound import Bound
from keybounds.bounds.correlations.entropy.conditional_entropy import entropy_and_solution, entropy_question
from keybounds.bounds.correlations.entropy.solution import EntropySolution
from keybounds.bounds.correlations.hierarchy import STANDARD, Hierarchy, check_hierarchy
from keybounds.protocol import Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

_DRIFT = 1.5  # times the chord loss at the last placement, beyond which the nodes are placed anew


@dataclass(slots=True)
class EntropySweep:
    """`conditional_entropy` for a series of behaviours or preprocessings that change little from one to the next.

    A point takes over the nodes of the one before, while the chords' loss stays within half more than where they were
    placed, and the interior-point method starts from an iterate of the one before: about eight steps instead of twenty.
    Every value is certified by itself, so the order of the points affects the last digits and never soundness.

    Attributes
    ----------
    hierarchy
        As in `conditional_entropy`, but for the level "auto"; the interior-point method alone starts warm.
    """

    hierarchy: Hierarchy = STANDARD
    _last: EntropySolution | None = field(default=None, init=False, repr=False)
    _placed: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        check_hierarchy(self.hierarchy)

    def entropy(self, behaviour: Behaviour, protocol: Protocol) -> Bound:
        """The bound at the next point; arguments, result and errors as in `conditional_entropy`."""
        question = entropy_question(behaviour, protocol, "EntropySweep")
        bound, solution = entropy_and_solution(question, self.hierarchy, self._last)
        if solution is None:
            return bound
        if self._last is not None and not solution.chord_loss <= _DRIFT * self._placed:
            afresh, replaced = entropy_and_solution(question, self.hierarchy)
            self._last = None
            bound, solution = max(((bound, solution), (afresh, replaced)), key=lambda pair: pair[0].value)
        if self._last is None and solution is not None:
            self._placed = solution.chord_loss
        self._last = solution
        return bound
