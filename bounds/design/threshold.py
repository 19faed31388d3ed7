"""The least detection efficiency at which a photonic experiment still gives key, by continuation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.bounds.design.ascent import Summit
from keybounds.bounds.design.operating_point import (
    USUAL,
    OperatingPoint,
    certified,
    climb_surface,
    starting_design,
    starts,
)
from keybounds.bounds.design.rate_surface import PhotonicDesign, RateSurface, Tangent
from keybounds.bounds.design.stop import Stop
from keybounds.bounds.design.watch import Progress, Watch
from keybounds.errors import BoundNotEstablishedError, InputError, real_number

_LONGEST = 0.04  # of the efficiency: a warm start is worth following that far
_BOLDNESS = 0.8  # the part of the way from the tangent's zero to the extrapolated one
_ACCURACY = 1e-2  # of a stage: the way down needs no more
_RESOLUTION = 0.02  # of the tolerance, that a step must promise to move the threshold by
_WORTH = 1e-6  # of the rescaled rate: below, the solver's accuracy starts to show
_RETREATS = 8  # steps of the tolerance upwards until the rate is certified
_SLOPE_STEP = 1e-5


@dataclass(frozen=True, slots=True)
class Threshold:
    """An efficiency at which key is certified, and below which the search found none.

    Attributes
    ----------
    efficiency
        (η_A + η_B)/2, a multiple of the tolerance, at the operating point: an upper bound on the true threshold.
    operating_point
        With its certified positive rate.
    path
        Pairs (efficiency, rescaled rate) of the continuation, in its order; estimates.
    tolerance
        The resolution of the search.
    stopped
        CONVERGED where the search found no key one tolerance lower; TIME or RESOLUTION where it did not get that far.
    """

    efficiency: float
    operating_point: OperatingPoint
    path: tuple[tuple[float, float], ...]
    tolerance: float
    stopped: Stop

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "efficiency": self.efficiency,
            "tolerance": self.tolerance,
            "stopped": self.stopped.value,
            "path": [list(pair) for pair in self.path],
            "operating_point": self.operating_point.to_dict(),
        }


def threshold_efficiency(
    design: PhotonicDesign,
    hierarchy: Hierarchy = USUAL,
    *,
    tolerance: float = 1e-3,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Threshold:
    """Scale both efficiencies down, re-optimising on the way, until no key is left.

    The search follows the largest rescaled rate R(η), r / ((1-2q)² μ), whose zero it extrapolates from R/R' at two
    efficiencies: linear in η for every power law R ~ (η-η*)^m. The last point is certified by itself.

    Parameters
    ----------
    design
        Where the continuation starts, and the ratio η_A : η_B, which is kept. Where it gives no key, the other start of
        `optimise_photonic` is tried, and then both at the largest efficiency with this ratio.
    hierarchy, progress
        As in `optimise_photonic`.
    tolerance
        Of the efficiency, in [1e-5, 0.1]; the result is a multiple of it.
    seconds
        Time limit, looked at between solves; the lowest efficiency so far is certified even then.

    Returns
    -------
    Threshold
        Where a positive rate is certified. A better optimum, a higher level or more nodes may lower it.

    Raises
    ------
    BoundNotEstablishedError
        No key is found even at the largest efficiency.
    InputError
        Efficiency 0 on both sides, a tolerance outside its range, or as in `optimise_photonic`.
    """
    watch = Watch.begin(seconds, progress)
    tolerance = real_number("tolerance", tolerance)
    if not 1e-5 <= tolerance <= 0.1:
        raise InputError("tolerance", "an efficiency in [1e-5, 0.1]", repr(tolerance))
    start = starting_design(design, hierarchy)
    efficiencies = start.experiment.efficiencies
    mean = sum(efficiencies) / 2
    if mean == 0:
        raise InputError("efficiencies", "an efficiency above 0", repr(efficiencies))
    line = _Line((efficiencies[0] / mean, efficiencies[1] / mean), hierarchy, watch)
    for efficiency, origin in product((mean, line.largest), starts(start)):
        best = line.stage(efficiency, origin)
        if best.rate > 0:
            break
    else:
        raise BoundNotEstablishedError(
            f"no key is found at the efficiency {best.efficiency:.6g}; a higher level, more nodes, another start or "
            "more freedom may find some"
        )
    best, stopped = line.descend(best, tolerance)
    return line.settle(best, tolerance, stopped)


@dataclass(frozen=True, slots=True)
class _Stage:
    """The best design found at one efficiency."""

    efficiency: float
    design: PhotonicDesign
    summit: Summit[Tangent]

    @property
    def rate(self) -> float:
        return self.summit.sample.rate


@dataclass(frozen=True, slots=True)
class _Line:
    """The designs along one ratio of the efficiencies."""

    ratio: tuple[float, float]
    hierarchy: Hierarchy
    watch: Watch
    path: list[tuple[float, float]] = field(default_factory=list)

    @property
    def largest(self) -> float:
        """The largest mean efficiency with this ratio."""
        return 1.0 / max(self.ratio)

    def at(self, efficiency: float, design: PhotonicDesign) -> PhotonicDesign:
        """The design with its efficiencies scaled to this mean."""
        alice, bob = (min(part * efficiency, 1.0) for part in self.ratio)
        return replace(design, experiment=design.experiment.with_(efficiencies=(alice, bob)))

    def stage(self, efficiency: float, design: PhotonicDesign, resolution: float = 0.0) -> _Stage:
        """Optimise at one efficiency, from the design of another, until a step gains less than the resolution."""
        origin = self.at(efficiency, design)
        surface = RateSurface(origin, self.hierarchy, rescaled=True)
        summit = climb_surface(surface, origin, self.watch, tolerance=_ACCURACY, resolution=resolution)
        self.path.append((efficiency, summit.sample.rate))
        return _Stage(efficiency, surface.design(summit.x), summit)

    def margin(self, stage: _Stage) -> float:
        """R/R', the distance to the zero of the tangent in η."""
        lower = stage.summit.sample.near(self.at(stage.efficiency - _SLOPE_STEP, stage.design))
        slope = (stage.rate - lower) / _SLOPE_STEP
        return stage.rate / slope if slope > 0 else _LONGEST

    def descend(self, best: _Stage, tolerance: float) -> tuple[_Stage, Stop]:
        """Go down while there is key: the last stage with some, and why the descent ended.

        Every trial is at a multiple of the tolerance. A tangent of the convex entropy has its zero where there is about
        to be key still, so that a failure there or above is taken for the end; below, a warm start may be lost.
        """
        dead = 0  # the highest multiple at which no key was found
        boldness = _BOLDNESS
        before: tuple[float, float] | None = None
        while True:
            if self.watch.over:
                return best, Stop.TIME
            if best.rate < _WORTH:
                return best, Stop.RESOLUTION
            highest = _multiple(best.efficiency, tolerance) - 1
            if highest <= dead:
                return best, Stop.CONVERGED
            margin = self.margin(best)
            way = margin
            if before is not None and before[1] > margin:
                zero = margin * (before[0] - best.efficiency) / (before[1] - margin)
                way = margin + boldness * (max(zero, margin) - margin)
            sure, trial = (
                min(highest, max(dead + 1, _multiple(best.efficiency - min(step, _LONGEST), tolerance)))
                for step in (margin, way)
            )
            resolution = _RESOLUTION * tolerance * best.rate / margin
            there = self.stage(round(trial * tolerance, 12), best.design, resolution)
            if there.rate > 0:
                before, best = (best.efficiency, margin), there
            elif there.summit.stopped is Stop.TIME:
                return best, Stop.TIME
            elif trial < sure:
                boldness = 0.0
            else:
                dead = trial

    def settle(self, best: _Stage, tolerance: float, stopped: Stop) -> Threshold:
        """Certify at the next multiple of the tolerance upwards, and go on upwards until that succeeds."""
        first = _multiple(best.efficiency, tolerance)
        for count in range(first, first + _RETREATS):
            efficiency = min(round(count * tolerance, 12), self.largest)
            design = self.at(efficiency, best.design)
            if efficiency != best.efficiency and not self.watch.over:
                design = self.stage(efficiency, design).design
            point = certified(design, self.hierarchy, self.watch, stopped)
            if point.bound.value > 0:
                return Threshold(efficiency, point, tuple(self.path), tolerance, stopped)
        raise BoundNotEstablishedError(
            f"the search found key down to an efficiency of {best.efficiency:.6g}, but none could be certified up to "
            f"{efficiency:.6g}"
        )


def _multiple(efficiency: float, tolerance: float) -> int:
    """The number of the least multiple of the tolerance that is not below, but for rounding."""
    return math.ceil(efficiency / tolerance - 1e-9)
