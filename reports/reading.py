"""What a file was understood to say, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from keybounds.experiments import TSIRELSON
from keybounds.experiments.chsh_chance import chsh_chance

if TYPE_CHECKING:
    from keybounds.experiments import Reading, TrialTests


def trial_notes(reading: Reading) -> list[str]:
    """What the order of a reading's trials says against the assumptions of confidence."""
    from keybounds.experiments import examine_trials

    tests = None if reading.trials is None else examine_trials(reading.trials)
    return [] if tests is None else tests.warnings


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """A reading with its source's name."""

    source: str
    reading: Reading

    def to_text(self) -> str:
        """Settings, outcomes, counts, CHSH value in the best labelling, signalling; then every decision."""
        behaviour, best = self.reading.behaviour, self.reading.largest_chsh
        (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
        kind = "counts" if self.reading.counts is not None else "probabilities"
        lines = [
            f"{self.source}: {kind}, {nx} x {ny} settings, {na} x {nb} outcomes, layout {self.reading.layout}",
            *(f"  {note}" for note in self.reading.notes),
            *self._pairs(),
        ]
        if (na, nb) == (2, 2) and best is not None:
            as_given = None
            if all(behaviour.measured(x, y) for x in (0, 1) for y in (0, 1)):
                as_given = f"S = {behaviour.chsh:.4f} as labelled"
            named = best.labelling.name == "as given"
            lines.append("  " + "; ".join(part for part in (as_given, None if named else str(best)) if part))
            if not named:
                lines.append(f"  (S,Q) bounds and `finite` use that labelling with --relabel {best.labelling.name}")
        if best is not None and best.value > TSIRELSON:
            beyond = f"no quantum device has S above {TSIRELSON:.4f}"
            if behaviour.counts is not None:
                chance = chsh_chance(behaviour)
                beyond += f"; of one, counts like these have a probability of at most {chance:.2g}"
            lines.append(f"  {beyond}")
        signalling = behaviour.no_signalling_z
        if signalling is None:
            lines.append(f"  largest signalling {behaviour.no_signalling_violation:.2g}")
        else:
            lines.append(f"  largest signalling {signalling:.2f} standard deviations")
        if self._trials is not None:
            lines += [f"  {text}" for text in (self._trials.summary, *self._trials.warnings)]
        return "\n".join(lines) + "\n"

    @property
    def _trials(self) -> TrialTests | None:
        """Tests of the trials in their order, of a list of events."""
        from keybounds.experiments import examine_trials

        return None if self.reading.trials is None else examine_trials(self.reading.trials)

    def _pairs(self) -> list[str]:
        """One line a setting pair: its number of trials and the table of outcomes."""
        behaviour, counts = self.reading.behaviour, self.reading.counts
        lines = []
        for x, y in np.ndindex(*behaviour.settings):
            if not behaviour.measured(x, y):
                lines.append(f"  ({x},{y})  not measured")
                continue
            if counts is not None:
                cells = " | ".join(" ".join(str(int(n)) for n in row) for row in counts[:, :, x, y])
                lines.append(f"  ({x},{y})  {int(counts[:, :, x, y].sum())} trials: {cells}")
            else:
                cells = " | ".join(" ".join(f"{p:.5f}" for p in row) for row in behaviour.P[:, :, x, y])
                lines.append(f"  ({x},{y})  {cells}")
        return lines

    def to_dict(self) -> Mapping[str, Any]:
        """Plain data for JSON; NaN of unmeasured pairs becomes null."""
        behaviour, best = self.reading.behaviour, self.reading.largest_chsh
        P = behaviour.P.astype(object)
        P[np.isnan(behaviour.P)] = None
        return {
            "source": self.source,
            "layout": self.reading.layout,
            "settings": list(behaviour.settings),
            "outcomes": list(behaviour.outcomes),
            "unmeasured": sorted(map(list, behaviour.unmeasured)),
            "labels": {role: dict(numbers) for role, numbers in self.reading.labels.items()},
            "counts": None if self.reading.counts is None else self.reading.counts.tolist(),
            "P": P.tolist(),
            "chsh": None
            if best is None
            else {"value": best.value, "deviation": best.deviation, "labelling": best.labelling.name},
            "no_signalling_z": behaviour.no_signalling_z,
            "trials": None if self._trials is None else self._trials.to_dict(),
            "notes": list(self.reading.notes),
        }
