"""The best operating point of a photonic experiment: angles, pump, noise and post-selection that give the most key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from keybounds.bounds.bound import Bound
from keybounds.bounds.correlations.devetak_winter import devetak_winter
from keybounds.bounds.correlations.entropy.functional import functional_words
from keybounds.bounds.correlations.entropy.problem import KeyRound
from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.bounds.correlations.moments.levels import level_words
from keybounds.bounds.design.ascent import Summit, ascend
from keybounds.bounds.design.rate_surface import PhotonicDesign, RateSurface, Tangent
from keybounds.bounds.design.stop import Stop
from keybounds.bounds.design.watch import Progress, Watch
from keybounds.errors import InputError
from keybounds.experiments import PhotonicExperiment

USUAL = Hierarchy("11", 16)
"""The hierarchy of a search where none is given."""

_COARSE = Hierarchy("11", 10)  # to begin with: .1 s a solve, and the optimum moves little with the level
_FIRST_NOISE, _FIRST_KEEP = 0.05, 0.95
_NEAR_CHSH: dict[str, Any] = {
    "pair_angle": 42.0,  # off 45°, where the rate is stationary by symmetry
    "alice_angles": (0.0, 45.0),
    "bob_angles": (67.5, 112.5, 90.0),
}


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """An experiment with its preprocessing, and the key rate certified there.

    Attributes
    ----------
    design
        Experiment, key setting and preprocessing.
    hierarchy
        With which the bound was computed.
    bound
        The Devetak–Winter rate at this very design, in bits per round.
    history
        The rate at each solve of the search, in the order of the solves; estimates.
    stopped
        Why the search ended; the bound does not depend on it.
    """

    design: PhotonicDesign
    hierarchy: Hierarchy
    bound: Bound
    history: tuple[float, ...]
    stopped: Stop

    @property
    def experiment(self) -> PhotonicExperiment:
        """The design's experiment."""
        return self.design.experiment

    @property
    def noise(self) -> float:
        """The design's noise q."""
        return self.design.noise

    @property
    def keep(self) -> float:
        """The design's keeping probability p."""
        return self.design.keep

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        experiment = self.experiment
        return {
            "pair_angle": experiment.pair_angle,
            "alice_angles": list(experiment.alice_angles),
            "bob_angles": list(experiment.bob_angles),
            "efficiencies": list(experiment.efficiencies),
            "mean_pairs": experiment.mean_pairs,
            "statistics": experiment.statistics,
            "fidelity": experiment.fidelity,
            "imperfection": experiment.imperfection,
            "dark_counts": list(experiment.dark_counts),
            "extra_fibre": list(experiment.extra_fibre),
            "key": list(self.design.protocol.key),
            "noise": self.noise,
            "keep": self.keep,
            "bound": self.bound.to_dict(),
            "history": list(self.history),
            "stopped": self.stopped.value,
        }


def optimise_photonic(
    design: PhotonicDesign,
    hierarchy: Hierarchy = USUAL,
    *,
    tolerance: float = 1e-4,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> OperatingPoint:
    """Search for the design with the largest certified key rate per round, and certify it.

    A local search by the duals of the entropy's moment problem, first at a coarse level, from the experiment's own
    settings and, where all angles are free, from settings near those of the largest CHSH value; then at the asked level
    from the better end. Every design has a valid bound, so nothing rests on the search; a better optimum may exist.

    Parameters
    ----------
    design
        Where the search starts, and what of it may be changed. Noise and post-selection that are free and there is none
        of start at .05 and .95.
    hierarchy
        Of the certified rate, as in `devetak_winter`.
    tolerance
        The search ends where the next step promises less than this part of the rate.
    seconds
        Time limit, looked at between solves; the best point so far is certified even then.
    progress
        Called after each solve.

    Raises
    ------
    QuestionError, InputError, UnknownNameError, UnsupportedError, BehaviourError, BoundNotEstablishedError
        As in `devetak_winter`, at the start or at the point found.

    Notes
    -----
    liu2022 for the experiment; ho2020 for the noise. The rate's maximum is on the boundary of what is free where noise
    or post-selection does not help.
    """
    watch = Watch.begin(seconds, progress)
    start = starting_design(design, hierarchy)

    def climb(origin: PhotonicDesign, searched: Hierarchy) -> tuple[PhotonicDesign, Summit[Tangent]]:
        surface = RateSurface(origin, searched)
        summit = climb_surface(surface, origin, watch, tolerance=tolerance)
        return surface.design(summit.x), summit

    ends = [climb(origin, _COARSE) for origin in starts(start)]
    best, _ = max(ends, key=lambda end: end[1].sample.rate)
    best, summit = climb(best, hierarchy)
    return certified(best, hierarchy, watch, summit.stopped)


def starting_design(design: PhotonicDesign, hierarchy: Hierarchy) -> PhotonicDesign:
    """The design that a search starts from: with some of each preprocessing that is free, off the edge.

    Raises
    ------
    InputError
        No design.
    QuestionError
        A class that does not fit the experiment, or noise of 1/2, at which no key is left.
    UnknownNameError, UnsupportedError
        No such level, or not for this many settings: said before the search and not after it.
    """
    if not isinstance(design, PhotonicDesign):
        raise InputError("design", "a PhotonicDesign(experiment, protocol)", type(design).__name__)
    scenario, _ = functional_words(design.question.behaviour)
    KeyRound(scenario, design.protocol)
    level_words(scenario, hierarchy.level)
    noise = _FIRST_NOISE if "noise" in design.free and design.noise == 0.0 else design.noise
    keep = _FIRST_KEEP if "keep" in design.free and design.keep == 1.0 else design.keep
    return design.preprocessed(noise, keep)


def starts(design: PhotonicDesign) -> tuple[PhotonicDesign, ...]:
    """The design itself, and where all angles of 2x3 settings are free, the one near the largest CHSH value."""
    experiment = design.experiment
    sizes = len(experiment.alice_angles), len(experiment.bob_angles)
    if sizes != (2, 3) or not {*_NEAR_CHSH} <= {*design.free}:
        return (design,)
    return design, replace(design, experiment=experiment.with_(**_NEAR_CHSH))


def climb_surface(
    surface: RateSurface, origin: PhotonicDesign, watch: Watch, *, tolerance: float, resolution: float = 0.0
) -> Summit[Tangent]:
    """Climb from a design with the nodes where a pilot solve at that design puts them; the rest as in `ascend`."""
    low, high = surface.limits()
    x = surface.coordinates(origin).clip(low, high)
    last: list[Tangent] = []

    def evaluate(x: Any) -> Tangent:
        tangent = surface.tangent(x, last[0] if last else None)
        last[:] = [tangent]
        efficiency = sum(surface.origin.experiment.efficiencies) / 2
        watch.note(f"{surface.hierarchy}, efficiency {efficiency:.4f}", tangent.rate)
        return tangent

    return ascend(
        evaluate,
        x,
        limits=(low, high),
        curvature=surface.bend,
        tolerance=tolerance,
        resolution=resolution,
        deadline=watch.deadline,
    )


def certified(design: PhotonicDesign, hierarchy: Hierarchy, watch: Watch, stopped: Stop) -> OperatingPoint:
    """The operating point at a design, with its rate certified afresh, nodes placed for it."""
    bound = devetak_winter(design.experiment.behaviour(), design.protocol, hierarchy)
    return OperatingPoint(design, hierarchy, bound, tuple(watch.history), stopped)


__all__ = ["OperatingPoint", "PhotonicDesign", "Progress", "optimise_photonic"]
