"""Trials in their order: whether they drift, and how their settings were chosen.

Confidence from counts rests on independent trials of one device and on settings that nothing knows beforehand. A list
of events can speak against both. These are diagnoses by χ² approximations, no part of any bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.experiments.projection import chi_squared_tail

DRIFT = 1e-3
"""A p-value below which an answer warns."""

_BLOCKS, _FEWEST = 10, 50  # blocks, and trials that each should have

_F = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrialTests:
    """What the order of the trials says.

    Attributes
    ----------
    blocks
        Into how many stretches of equal length the trials were cut.
    drift
        p-value of outcomes that have the same distribution in every block, setting pair by setting pair.
    settings_drift
        p-value of setting pairs that are equally frequent in every block.
    x, y
        How often each setting was chosen.
    dependence
        p-value of settings of Alice and Bob that are independent of each other.
    memory
        p-value of a setting pair that is independent of the outcomes of the trial before.
    """

    blocks: int
    drift: float
    settings_drift: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    dependence: float
    memory: float

    @property
    def warnings(self) -> list[str]:
        """What speaks against the assumptions of a statement with confidence."""
        found = []
        if self.drift < DRIFT:
            found.append(
                f"Warning: the outcomes drift between {self.blocks} blocks of trials (p-value {self.drift:.2g}): the "
                "trials are not of one device, as confidence assumes."
            )
        for p, what in (
            (self.settings_drift, f"the setting pairs are not equally frequent in {self.blocks} blocks of trials"),
            (self.dependence, "the settings of Alice and Bob depend on each other"),
            (self.memory, "settings depend on the outcomes of the trial before"),
        ):
            if p < DRIFT:
                found.append(f"Warning: {what} (p-value {p:.2g}): free choice of settings is assumed.")
        return found

    @property
    def summary(self) -> str:
        """One line for a terminal."""
        x, y = (" ".join(f"{p:.4f}" for p in shares) for shares in (self.x, self.y))
        return (
            f"{self.blocks} blocks of trials: p-values {self.drift:.2g} for outcomes without drift, "
            f"{self.settings_drift:.2g} for settings without; settings x chosen {x}, y {y}; p-values "
            f"{self.dependence:.2g} for x independent of y, {self.memory:.2g} for settings independent of the outcomes "
            "before"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def examine_trials(trials: NDArray[np.int64]) -> TrialTests | None:
    """Test a list of trials, indices a, b, x, y of shape (4, n) in their order; None for fewer than a hundred.

    Drift is tested by blocks: within each setting pair the table of blocks against outcomes is tested for independence,
    and the statistics are added up; likewise of halves, which see a slow drift sooner, and twice the smaller p-value
    counts. χ² approximations throughout, with cells that never occur left out.
    """
    count = trials.shape[1]
    if count < 2 * _FEWEST:
        return None
    blocks = min(_BLOCKS, count // _FEWEST)
    block = np.arange(count) * blocks // count
    a, b, x, y = trials
    outcome, pair = a * (b.max() + 1) + b, x * (y.max() + 1) + y
    half = np.arange(count) * 2 // count
    drifts = [
        _independent([(part[pair == one], outcome[pair == one]) for one in np.unique(pair)]) for part in (block, half)
    ]
    return TrialTests(
        blocks=blocks,
        drift=min(1.0, 2 * min(drifts)),
        settings_drift=_independent([(block, pair)]),
        x=tuple((np.bincount(x) / count).tolist()),
        y=tuple((np.bincount(y) / count).tolist()),
        dependence=_independent([(x, y)]),
        memory=_independent([(outcome[:-1], pair[1:])]),
    )


def _independent(samples: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> float:
    """p-value of the likelihood ratio G of independence, summed over samples of pairs of labels."""
    statistic, freedom = 0.0, 0
    for first, second in samples:
        table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
        np.add.at(table, (first, second), 1)
        table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
        seen = table > 0
        statistic += 2 * float((table[seen] * np.log(table[seen] / expected[seen])).sum())
        freedom += (table.shape[0] - 1) * (table.shape[1] - 1)
    return chi_squared_tail(max(statistic, 0.0), freedom)
