"""The key rate of a photonic experiment over what its designer may choose, with tangents from the entropy's dual.

One solve at one design gives an `EntropyFunctional`, which bounds the rate of every design with the same preprocessing,
and touches the bound of the one that was solved. So its gradient is the gradient of the rate. Preprocessing enters the
costs of the moment problem instead, where the solver's own moments give the derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.entropy.conditional_entropy import entropy_question, solve_functional
from keybounds.bounds.correlations.entropy.functional import EntropyFunctional
from keybounds.bounds.correlations.entropy.problem import KeyRound, entropy_problem
from keybounds.bounds.correlations.entropy.solution import EntropySolution
from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.errors import UnknownNameError
from keybounds.experiments import PhotonicExperiment
from keybounds.experiments.question import Question
from keybounds.protocol import Protocol, one_way

FREE = ("pair_angle", "alice_angles", "bob_angles", "mean_pairs", "noise", "keep")
"""What a search may choose, by name."""

USUALLY_FREE = tuple(name for name in FREE if name != "mean_pairs")
"""What it may where nothing is said."""

MOST_NOISE = 0.49  # the rate falls as (1-2q)² towards q = 1/2, and its sign does not change any more
_LEAST_KEEP = 0.02
_MEAN_PAIRS = (1e-3, 1.0)  # below, a round's key drowns in the solver's accuracy; above, rounds are mostly multi-pair
_STEP = 1e-5  # rad, or of a probability: rounding 1e-16 / step and truncation step² are then both below 1e-10
_BEND_STEP = 1e-3  # for second differences

_Array = NDArray[np.float64]

_PLAIN = one_way((0, 2))


@dataclass(frozen=True, slots=True)
class PhotonicDesign:
    """What a search optimises: an experiment, what is done with its key rounds, and what may be changed of both.

    Attributes
    ----------
    experiment
        Source, analysers and detectors.
    protocol
        One-way from one key setting, with noise q and keeping probability p.
    free
        Names among `FREE`; by default all but the mean number of pairs.

    Raises
    ------
    UnknownNameError
        A name in `free` that is not one.
    """

    experiment: PhotonicExperiment
    protocol: Protocol = _PLAIN
    free: tuple[str, ...] = USUALLY_FREE

    def __post_init__(self) -> None:
        for name in self.free:
            if name not in FREE:
                raise UnknownNameError.among("free", name, FREE)
        object.__setattr__(self, "free", tuple(name for name in FREE if name in self.free))

    @property
    def noise(self) -> float:
        """q."""
        return self.protocol.noise

    @property
    def keep(self) -> float:
        """p."""
        return self.protocol.keep

    @property
    def question(self) -> Question:
        """What key the experiment's table gives; `QuestionError` where the class does not fit it."""
        return entropy_question(self.experiment.behaviour(), self.protocol, "a photonic design")

    def preprocessed(self, noise: float, keep: float) -> PhotonicDesign:
        """The same experiment, key setting and freedom with other preprocessing."""
        return replace(self, protocol=one_way(self.protocol.key, noise=noise, keep=keep))


@dataclass(frozen=True, slots=True)
class Tangent:
    """What one solve says about the designs around it.

    Attributes
    ----------
    rate
        The rate that the solve proves at its own design, as a double, negative where it proves no key; in bits per
        round, or rescaled as the surface says.
    gradient
        Its derivatives along the coordinates of the surface.
    solution
        The solved problem.
    near
        The first-order model of the rate as a function of the design. A lower bound, up to rounding, for every design
        with the same preprocessing; an estimate for others.
    """

    rate: float
    gradient: _Array
    solution: EntropySolution
    near: Callable[[PhotonicDesign], float]


@dataclass(frozen=True, slots=True)
class RateSurface:
    """Designs as vectors, and the rate over them.

    Coordinates: angles in radians, the logarithm of the mean number of pairs, noise and keep as they are.

    Attributes
    ----------
    origin
        Says what is free, and gives everything that is not.
    hierarchy
        As in `conditional_entropy`.
    rescaled
        Divide the rate by (1-2q)² μ, which changes no sign and leaves it finite and smooth where noise or vacuum make
        the rate itself vanish.
    """

    origin: PhotonicDesign
    hierarchy: Hierarchy
    rescaled: bool = False

    def coordinates(self, design: PhotonicDesign) -> _Array:
        """The design as a vector."""
        values: list[float] = []
        for name in self.origin.free:
            if name in ("noise", "keep"):
                values.append(getattr(design, name))
            elif name == "mean_pairs":
                values.append(math.log(design.experiment.mean_pairs))
            else:
                values += np.radians(np.atleast_1d(getattr(design.experiment, name))).tolist()
        return np.array(values)

    def limits(self) -> tuple[_Array, _Array]:
        """The least and the greatest value of each coordinate."""
        low, high = {"noise": 0.0, "keep": _LEAST_KEEP}, {"noise": MOST_NOISE, "keep": 1.0}
        low["mean_pairs"], high["mean_pairs"] = (math.log(mu) for mu in _MEAN_PAIRS)
        sizes = [np.size(getattr(self.origin.experiment, name, 0.0)) for name in self.origin.free]
        return (
            np.repeat([low.get(name, -math.inf) for name in self.origin.free], sizes),
            np.repeat([high.get(name, math.inf) for name in self.origin.free], sizes),
        )

    def design(self, x: _Array) -> PhotonicDesign:
        """The design that a vector stands for."""
        values = iter(x.tolist())
        changes: dict[str, float | tuple[float, ...]] = {}
        preprocessing = {"noise": self.origin.noise, "keep": self.origin.keep}
        for name in self.origin.free:
            if name in preprocessing:
                preprocessing[name] = next(values)
            elif name == "mean_pairs":
                changes[name] = math.exp(next(values))
            elif name == "pair_angle":
                changes[name] = math.degrees(next(values))
            else:
                changes[name] = tuple(math.degrees(next(values)) for _ in getattr(self.origin.experiment, name))
        moved = self.origin.preprocessed(preprocessing["noise"], preprocessing["keep"])
        return replace(moved, experiment=self.origin.experiment.with_(**changes))

    def tangent(self, x: _Array, after: Tangent | None = None) -> Tangent:
        """Solve at `x`, from the solution and with the nodes of another place; errors as in `conditional_entropy`."""
        design = self.design(x)
        question = design.question
        functional, solution = solve_functional(
            question,
            self.hierarchy,
            near=after.solution if after is not None else None,
            mirror=False,  # for the first-order model must hold at other preprocessings too
        )
        near = _model(functional, solution, design, question, rescaled=self.rescaled)
        return Tangent(near(design), self._gradient(near, x), solution, near)

    def _gradient(self, near: Callable[[PhotonicDesign], float], x: _Array) -> _Array:
        """Central differences, one-sided where a coordinate is at its limit."""
        low, high = self.limits()
        gradient = np.zeros_like(x)
        for i in range(len(x)):
            ends = np.stack([x, x])
            ends[:, i] = max(x[i] - _STEP, low[i]), min(x[i] + _STEP, high[i])
            behind, ahead = (near(self.design(end)) for end in ends)
            gradient[i] = (ahead - behind) / (ends[1, i] - ends[0, i])
        return gradient

    def bend(self, tangent: Tangent, x: _Array) -> _Array:
        """Minus the second derivatives of the first-order model at `x`, symmetric: what the rate bends at least.

        The entropy is a convex function of the correlations and the model linear in them, so the rate's own curvature
        differs by what convexity adds.
        """
        low, high = self.limits()
        # inside the limits by the reach of the differences
        centre = np.clip(x, low + 2 * _BEND_STEP, high - 2 * _BEND_STEP)
        count = len(x)
        steps = np.eye(count) * _BEND_STEP
        bend = np.zeros((count, count))
        for i in range(count):
            for j in range(i + 1):
                corners = [
                    tangent.near(self.design(centre + s * steps[i] + t * steps[j])) for s in (1, -1) for t in (1, -1)
                ]
                bend[i, j] = bend[j, i] = -(corners[0] - corners[1] - corners[2] + corners[3]) / (4 * _BEND_STEP**2)
        return bend


def _model(
    functional: EntropyFunctional,
    solution: EntropySolution,
    solved: PhotonicDesign,
    question: Question,
    *,
    rescaled: bool,
) -> Callable[[PhotonicDesign], float]:
    """The rate p_V H(Â|E,V) - p_V H(Â|B,V) to first order around the design that was solved."""
    kappa = np.array([float(k) for k in functional.multipliers])
    charge, (x, y) = float(functional.charge), question.key
    moments, node_moments = solution.result.base_moments, solution.result.node_moments

    def objective(noise: float, keep: float) -> float:
        """The moment problem's value at the solver's moments."""
        key_round = KeyRound(functional.key_round.scenario, one_way((x, y), noise=noise, keep=keep))
        problem = entropy_problem(solution.problem.relaxation, key_round, solution.nodes, solution.known)
        node_costs, base_cost = problem.float_costs()
        return float(base_cost @ moments + np.sum(node_costs * node_moments))

    objectives = {(solved.noise, solved.keep): objective(solved.noise, solved.keep)}
    here = objectives[solved.noise, solved.keep]

    def near(design: PhotonicDesign) -> float:
        q, p = design.noise, design.keep
        if (q, p) not in objectives:
            objectives[q, p] = objective(q, p)
        moved = design.experiment != solved.experiment
        table = design.experiment.behaviour() if moved else question.behaviour
        known = np.array([float(m) for m in functional.moments(table)])
        value = float(kappa @ known) - charge + objectives[q, p] - here
        weights = table.P[:, :, x, y] * np.outer([1.0, p], [1.0, p])
        rate = float(weights.sum()) * _entropy([q, 1 - q]) + (1 - 2 * q) ** 2 / math.log(2) * value
        flipped = (1 - q) * weights + q * weights[::-1]
        rate -= _entropy(flipped) - _entropy(flipped.sum(axis=0))
        return rate / ((1 - 2 * q) ** 2 * design.experiment.mean_pairs) if rescaled else rate

    return near


def _entropy(weights: Sequence[float] | _Array) -> float:
    """-Σ w log2 w, the weights not normalised."""
    w = np.asarray(weights, dtype=np.float64)
    w = w[w > 0]
    return -float(np.sum(w * np.log2(w)))
