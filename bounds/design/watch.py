"""`Watch`: until when a search may go on, who hears of each solve, and what was found so far."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, float], None]
"""Called after each solve with what is being searched and the rate found, in the units of the search."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the parts of one search share; nothing that a bound rests on.

    Attributes
    ----------
    deadline
        On the clock of `time.monotonic`.
    progress
        Called after each solve.
    history
        The rate at each solve, in the order of the solves; estimates.
    """

    deadline: float
    progress: Progress | None = None
    history: list[float] = field(default_factory=list)

    @classmethod
    def begin(cls, seconds: float | None, progress: Progress | None) -> Watch:
        """A watch that starts now, over after `seconds`, or never where that is None."""
        return cls(math.inf if seconds is None else time.monotonic() + seconds, progress)

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self.deadline

    def note(self, what: str, rate: float) -> None:
        """Record a solve and tell of it."""
        self.history.append(rate)
        if self.progress is not None:
            self.progress(what, rate)
