"""How a campaign goes: what is done and failed, how fast, how long it will take, and the best so far."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from keybounds.enclosure import Direction
from keybounds.sweeps.cell import read
from keybounds.sweeps.execution import Found
from keybounds.sweeps.plan import Plan

_WINDOW = 30.0  # seconds over which the speed is taken: a campaign starts slowly, and its columns differ


@dataclass(slots=True)
class Progress:
    """Counts of a campaign that runs.

    Attributes
    ----------
    plan
        What is computed.
    total
        How many numbers were missing when it began.
    done, failed
        How many of them are stored, failures counted in both.
    best
        The greatest number of the first column so far, and where; None before there is one.
    """

    plan: Plan
    total: int
    done: int = 0
    failed: int = 0
    best: tuple[float, str] | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    _started: float = field(default_factory=time.monotonic)
    _marks: list[tuple[float, int]] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Count what was just stored."""
        self.done += len(found)
        for inputs, outcome in found:
            if outcome.reason:
                self.failed += 1
                self.reasons[outcome.reason] += 1
            else:
                self._compare(inputs, outcome.numbers)
        now = time.monotonic()
        self._marks = [mark for mark in self._marks if mark[0] > now - _WINDOW]
        self._marks.append((now, self.done))

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._started

    @property
    def rate(self) -> float:
        """Numbers a second, of late."""
        (then, before), now = (self._marks or [(self._started, 0)])[0], time.monotonic()
        if then <= now - 1.0:
            return (self.done - before) / (now - then)
        return self.done / max(self.seconds, 1e-9)

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at this speed; None where nothing tells."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for a log."""
        return {
            "done": self.done,
            "total": self.total,
            "failed": self.failed,
            "rate": round(self.rate, 3),
            "seconds": round(self.seconds, 3),
            "left": None if self.left is None else round(self.left, 1),
            "best": None if self.best is None else {"value": self.best[0], "at": self.best[1]},
        }

    def _compare(self, inputs: str, numbers: str) -> None:
        column = self.plan.columns[0]
        part, direction = column.quantity.parts[0]
        if direction is not Direction.LOWER or inputs.partition("\n")[0] != column.template.partition("\n")[0]:
            return
        value = json.loads(numbers)[part]
        if self.best is None or value > self.best[0]:
            settings = read(inputs)[2]
            names = dict.fromkeys(axis.parameter.name for axis in self.plan.axes)
            self.best = value, ", ".join(f"{name} = {settings[name]}" for name in names if name in settings)
