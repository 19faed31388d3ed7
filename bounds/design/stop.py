"""Why a search for a better bound ended."""

from __future__ import annotations

from enum import Enum


class Stop(Enum):
    """Why a search ended; `message` says it to a reader."""

    CONVERGED = "converged"
    STEPS = "steps"
    TIME = "time"
    RESOLUTION = "resolution"
    LADDER = "ladder"
    FAILURE = "failure"

    @property
    def message(self) -> str:
        """One sentence."""
        return _MESSAGES[self]


_MESSAGES = {
    Stop.CONVERGED: "the change fell under the tolerance",
    Stop.STEPS: "the number of steps ran out before the change was under the tolerance",
    Stop.TIME: "the time ran out before the change was under the tolerance; this is the best so far",
    Stop.RESOLUTION: "the rate fell under what is worth resolving, so the threshold may lie lower",
    Stop.LADDER: "the levels and nodes ran out before the change was under the tolerance; this is the best so far",
    Stop.FAILURE: "a later solve failed; this is the best before it",
}
