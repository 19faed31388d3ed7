"""How the entropy bound grows with level and nodes, until it stops growing or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keybounds.bounds.bound import Bound
from keybounds.bounds.correlations.entropy.conditional_entropy import entropy_and_solution, entropy_question
from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.bounds.correlations.moments.levels import LADDER
from keybounds.bounds.design.stop import Stop
from keybounds.errors import BoundNotEstablishedError, InputError, UnsupportedError, real_number
from keybounds.protocol import Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

_FIRST_NODES = 16
_MOST_NODES = 512


@dataclass(frozen=True, slots=True)
class Refinement:
    """One bound of the sequence, and what it took."""

    level: str
    nodes: int
    bound: Bound
    seconds: float


@dataclass(frozen=True, slots=True)
class Convergence:
    """The sequence of bounds, each valid by itself, and why it ended.

    Attributes
    ----------
    steps
        In the order of the solves; not empty.
    tolerance
        In bits.
    stopped
        CONVERGED: neither the next level nor twice the nodes gained the tolerance. That is no proof that later levels
        would not. TIME, LADDER, FAILURE: what kept it from that.
    """

    steps: tuple[Refinement, ...]
    tolerance: float
    stopped: Stop

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The bounds in order."""
        return tuple(step.bound for step in self.steps)

    @property
    def best(self) -> Bound:
        """The largest bound."""
        return max(self.bounds, key=lambda bound: bound.value)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; the certificate of the best bound only."""
        best = self.best
        steps = []
        for step in self.steps:
            document = step.bound.to_dict()
            if step.bound is not best:
                document["certificate"] = None
            steps.append({"level": step.level, "nodes": step.nodes, "seconds": step.seconds, "bound": document})
        return {"tolerance": self.tolerance, "stopped": self.stopped.value, "steps": steps}


def converge(
    behaviour: Behaviour,
    protocol: Protocol,
    *,
    tolerance: float = 1e-5,
    seconds: float = 60.0,
    progress: Callable[[str, float], None] | None = None,
) -> Convergence:
    """Refine `conditional_entropy` by levels and nodes in turn until the change is under `tolerance` bits.

    From level "11" with 16 nodes: the next level that applies, then twice the nodes, and so on; a direction that gained
    less than the tolerance is tried again only after the other one gained more.

    Parameters
    ----------
    behaviour, protocol
        As in `conditional_entropy`.
    tolerance
        In bits, above 0.
    seconds
        Looked at between solves; a solve that has begun is finished, and the first is always made.
    progress
        Called after each solve with its name and its value.

    Raises
    ------
    BehaviourError
        Some level disproves the table: no quantum device has it, and then no bound means anything. An estimate.
    QuestionError, InputError, BoundNotEstablishedError
        As in `conditional_entropy`, at the first solve; a later solve without a bound ends the sequence as FAILURE.
    """
    question = entropy_question(behaviour, protocol, "converge")
    tolerance, seconds = real_number("tolerance", tolerance), real_number("seconds", seconds)
    if not tolerance > 0:
        raise InputError("tolerance", "bits above 0", repr(tolerance))
    deadline = time.monotonic() + seconds
    steps: list[Refinement] = []
    ladder = list(LADDER)

    def refine(level: str, nodes: int) -> float:
        """Add a bound; return its gain over the best before."""
        begun = time.monotonic()
        bound, _ = entropy_and_solution(question, Hierarchy(level, nodes))
        gain = bound.value - max((step.bound.value for step in steps), default=0.0)
        steps.append(Refinement(level, nodes, bound, time.monotonic() - begun))
        if progress is not None:
            progress(f"level {level}, {nodes} nodes", bound.value)
        return gain

    rung, nodes = 0, _FIRST_NODES
    refine(ladder[rung], nodes)
    stopped = Stop.CONVERGED
    flat: set[str] = set()  # directions whose last step gained less than the tolerance
    direction, other = "level", "nodes"
    while len(flat) < 2:
        if direction in flat:
            direction, other = other, direction
        ahead = (rung + 1, nodes) if direction == "level" else (rung, 2 * nodes)
        if ahead[0] >= len(ladder) or ahead[1] > _MOST_NODES:  # the last step in this direction did gain
            stopped = Stop.LADDER
            flat.add(direction)
            continue
        if time.monotonic() > deadline:
            stopped = Stop.TIME
            break
        try:
            gain = refine(ladder[ahead[0]], ahead[1])
        except UnsupportedError:  # a level of settings that the table does not have
            del ladder[ahead[0]]
            continue
        except BoundNotEstablishedError:
            stopped = Stop.FAILURE
            break
        if gain >= tolerance:
            rung, nodes = ahead
            flat.discard(other)
        else:
            flat.add(direction)
    return Convergence(tuple(steps), tolerance, stopped)
