"""The best operating point of a photonic experiment: angles, pump, noise and post-selection that give the most key."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from keybounds.bounds.bound import Bound
from keybounds.bounds.correlations.devetak_winter import devetak_winter
from keybounds.bounds.correlations.entropy.functional import functional_words
from keybounds.bounds.correlations.moments.levels import level_words
from keybounds.bounds.correlations.moments.words import Word
from keybounds.bounds.correlations.reconciliation import check_key
from keybounds.bounds.design.ascent import Summit, ascend
from keybounds.bounds.design.rate_surface import FREE, Design, RateSurface, Tangent, check_free
from keybounds.bounds.design.stop import Stop
from keybounds.errors import InputError
from keybounds.experiments import PhotonicExperiment

Progress = Callable[[str, float], None]
"""Called after each solve with what is being searched and the rate found, in the units of the search."""

_COARSE = (
    "11",
    10,
)  # level and nodes to begin with: .1 s a solve, and the optimum moves little with the level
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
    experiment, noise, keep
        The design.
    bound
        The Devetak–Winter rate at this very design, in bits per round.
    history
        The rate at each solve of the search, in the order of the solves; estimates.
    stopped
        Why the search ended; the bound does not depend on it.
    """

    experiment: PhotonicExperiment
    noise: float
    keep: float
    bound: Bound
    history: tuple[float, ...]
    stopped: Stop

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
            "noise": self.noise,
            "keep": self.keep,
            "bound": self.bound.to_dict(),
            "history": list(self.history),
            "stopped": self.stopped.value,
        }


def optimise_photonic(
    experiment: PhotonicExperiment,
    *,
    key: tuple[int, int] = (0, 2),
    level: str | Sequence[Word] = "11",
    nodes: int = 16,
    free: Sequence[str] = ("pair_angle", "alice_angles", "bob_angles", "noise", "keep"),
    noise: float | None = None,
    keep: float | None = None,
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
    experiment
        Where the search starts, and what it keeps: efficiencies, source statistics, fidelity.
    key, level, nodes
        Of the certified rate, as in `devetak_winter`; `level` by name or words.
    free
        Names among `FREE`: what may be changed.
    noise, keep
        Where q and p start, or their fixed values; default .05 and .95 where free, 0 and 1 where not.
    tolerance
        The search ends where the next step promises less than this part of the rate.
    seconds
        Time limit, looked at between solves; the best point so far is certified even then.
    progress
        Called after each solve.

    Raises
    ------
    UnknownNameError
        A name in `free` that is not one.
    InputError, UnsupportedError, BehaviourError, BoundNotEstablishedError
        As in `devetak_winter`, at the start or at the point found.

    Notes
    -----
    liu2022 for the experiment; ho2020 for the noise. The rate's maximum is on the boundary of what is free where noise
    or post-selection does not help.
    """
    begun = time.monotonic()
    deadline = begun + seconds if seconds is not None else math.inf
    names = check_free(free)
    start = starting_design(experiment, names, key=key, level=level, noise=noise, keep=keep)
    history: list[float] = []

    def climb(origin: Design, level: str | Sequence[Word], count: int) -> tuple[Design, Summit[Tangent]]:
        surface = RateSurface(origin, names, key, level)
        summit = climb_surface(
            surface, origin, count, tolerance=tolerance, deadline=deadline, history=history, progress=progress
        )
        return surface.design(summit.x), summit

    ends = [climb(design, *_COARSE) for design in starts(start, names)]
    design, _ = max(ends, key=lambda end: end[1].sample.rate)
    design, summit = climb(design, level, nodes)
    return certified(design, key=key, level=level, nodes=nodes, history=history, stopped=summit.stopped)


def starting_design(
    experiment: PhotonicExperiment,
    free: Sequence[str],
    *,
    key: tuple[int, int],
    level: str | Sequence[Word],
    noise: float | None,
    keep: float | None,
) -> Design:
    """The design that a search starts from, with the defaults of `optimise_photonic`.

    Raises
    ------
    InputError
        Noise or keep outside its range; a key setting that is not there.
    UnknownNameError, UnsupportedError
        No such level, or not for this many settings: said before the search and not after it.
    """
    q = noise if noise is not None else 0.05 if "noise" in free else 0.0
    p = keep if keep is not None else 0.95 if "keep" in free else 1.0
    behaviour = experiment.behaviour()
    protocol = check_key(behaviour, key, noise=q, keep=p)
    level_words(functional_words(behaviour)[0], level)
    if protocol.noise == 0.5:
        raise InputError("noise", "a probability below 1/2, at which no key is left", repr(noise))
    return Design(experiment, protocol.noise, protocol.keep)


def starts(design: Design, free: Sequence[str]) -> tuple[Design, ...]:
    """The design itself, and where all angles of 2x3 settings are free, the one near the largest CHSH value."""
    experiment = design.experiment
    sizes = len(experiment.alice_angles), len(experiment.bob_angles)
    if sizes != (2, 3) or not {*_NEAR_CHSH} <= {*free}:
        return (design,)
    return design, replace(design, experiment=experiment.with_(**_NEAR_CHSH))


def climb_surface(
    surface: RateSurface,
    origin: Design,
    nodes: int,
    *,
    tolerance: float,
    deadline: float,
    history: list[float],
    progress: Progress | None,
    resolution: float = 0.0,
) -> Summit[Tangent]:
    """Climb from a design with the nodes where a pilot solve at that design puts them; the rest as in `ascend`."""
    low, high = surface.limits()
    x = surface.coordinates(origin).clip(low, high)
    last: list[Tangent] = []

    def evaluate(x: Any) -> Tangent:
        tangent = surface.tangent(x, nodes, last[0] if last else None)
        last[:] = [tangent]
        history.append(tangent.rate)
        if progress is not None:
            efficiency = sum(surface.origin.experiment.efficiencies) / 2
            progress(f"level {_name(surface.level)}, efficiency {efficiency:.4f}", tangent.rate)
        return tangent

    return ascend(
        evaluate,
        x,
        limits=(low, high),
        curvature=surface.bend,
        tolerance=tolerance,
        resolution=resolution,
        deadline=deadline,
    )


def certified(
    design: Design,
    *,
    key: tuple[int, int],
    level: str | Sequence[Word],
    nodes: int,
    history: Sequence[float],
    stopped: Stop,
) -> OperatingPoint:
    """The operating point at a design, with its rate certified afresh, nodes placed for it."""
    bound = devetak_winter(
        design.experiment.behaviour(), key=key, noise=design.noise, keep=design.keep, level=level, nodes=nodes
    )
    return OperatingPoint(design.experiment, design.noise, design.keep, bound, tuple(history), stopped)


def _name(level: str | Sequence[Word]) -> str:
    return level if isinstance(level, str) else f"of {len(level)} words"


__all__ = ["FREE", "OperatingPoint", "Progress", "optimise_photonic"]
