"""The steps of a run as they go on: what is told of them, and how long each took."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, float], None]
"""Called with the name of a step and the share of it that is done, 0 as it begins; from any thread."""


class Clock:
    """Seconds of each step, from its first call to that of the next; what it is told it tells on."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._step, self._since = progress, "", time.monotonic()
        self.seconds: dict[str, float] = {}

    def __call__(self, step: str, share: float = 0.0) -> None:
        """Tell of a step; an empty name ends the last."""
        if step != self._step:
            now = time.monotonic()
            if self._step:
                self.seconds[self._step] = self.seconds.get(self._step, 0.0) + now - self._since
            self._step, self._since = step, now
        if self._progress is not None and step:
            self._progress(step, share)
