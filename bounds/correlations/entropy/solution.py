"""Solve the entropy problem: place the nodes, call a solver, prove what its dual is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.entropy.chords import (
    NODE_BITS,
    chebyshev_nodes,
    curvature_nodes,
    tangent_gap,
)
from keybounds.bounds.correlations.entropy.problem import (
    KeyRound,
    KnownMoments,
    entropy_problem,
    key_moments,
    node_weights,
)
from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.bounds.correlations.moments.arrow import (
    COST_BITS,
    ArrowProblem,
    ArrowSolution,
    Iterate,
    require_memory,
)
from keybounds.bounds.correlations.moments.dual import DualProof, certify, known_value
from keybounds.bounds.correlations.moments.interior_point import arrow_memory, solve_arrow
from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.bounds.correlations.moments.second_opinion import (
    clarabel_memory,
    qics_memory,
    solve_with_clarabel,
    solve_with_qics,
)
from keybounds.bounds.correlations.moments.words import Word
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.proofs.certificates.data import EntropyDual
from keybounds.solvers import asked

_MAX_NODES = 4096
_PILOT_NODES = 15
_MEMORY = {"interior-point": arrow_memory, "clarabel": clarabel_memory, "qics": qics_memory}
_INSIDE = (1e-6, 1e-5)  # shares of noise: with less the solver fails as well, with more the dual is another one
_WIDE = 1e-5  # of the objective: a gap that is worth another solve
_PILOT_TOLERANCE = 1e-5  # of the objective: where nodes go does not depend on more


@dataclass(frozen=True, slots=True)
class EntropySolution:
    """A solved problem and its proof; `result` and the two estimates, in units of the problem, prove nothing.

    Attributes
    ----------
    objective
        What the solver makes of the primal: an upper end for what could have been proven.
    chord_loss
        About what more nodes could gain.
    """

    key_round: KeyRound
    known: KnownMoments
    problem: ArrowProblem
    nodes: tuple[Fraction, ...]
    proof: DualProof
    result: ArrowSolution
    solver: str
    objective: float
    chord_loss: float

    def notes(self, bits: Callable[[Fraction], float]) -> dict[str, Any]:
        """Diagnostics, where `bits` turns a value of the problem into bits of entropy."""
        proven = bits(self.proof.value)
        best = max((point.objective for point in self.result.candidates), default=self.objective)
        return {
            "solver": self.solver,
            "ended": self.result.ended,
            "iterations": self.result.iterations,
            "uncertified_objective": bits(_fraction(self.objective)),
            "repair_cost": bits(_fraction(best)) - proven,
            "gap": bits(Fraction(self.objective)) - proven if np.isfinite(self.objective) else np.inf,
            "discretisation_gap": bits(_fraction(self.chord_loss)) - bits(Fraction(0)),
        }

    def certificate(self) -> EntropyDual:
        """Integers and doubles from which the bound follows without a solver."""
        key_round = self.key_round
        return EntropyDual(
            outcomes={"alice": list(key_round.scenario.alice), "bob": list(key_round.scenario.bob)},
            key=list(key_round.key),
            noise=key_round.noise,
            keep=key_round.keep,
            words=[_plain_word(word) for word in self.problem.relaxation.words],
            known=self._known(),
            nodes={"bits": NODE_BITS, "t": [int(t * (1 << NODE_BITS)) for t in self.nodes]},
            weights={"bits": COST_BITS, "W": list(node_weights(self.nodes, key_round, self.known))},
            multipliers=[f"{k.numerator}/{k.denominator}" for k in self.proof.multipliers],
            dual=self.proof.to_dict(),
            mirrored=self._table(),
        )

    def _table(self) -> list[Any] | None:
        """The moments of the table whose mirrored mixture is known; None where the table itself is."""
        if self.known.table is None:
            return None
        words = (word for functional in self.known.functionals for word in functional)
        return [[_plain_word(word), float(moment)] for word, moment in zip(words, self.known.table, strict=True)]

    def _known(self) -> list[dict[str, Any]]:
        """What is known, functional by functional; with `mirror`, what flip-invariance adds stands last."""
        words = [_plain_word(word) for word in self.problem.relaxation.moments]
        added = len(self.problem.known_rows) - len(self.known.functionals)
        low, high = (map(_number, (*end, *[Fraction(0)] * added)) for end in (self.known.low, self.known.high))
        return [
            {"functional": [[words[k], float(row[k])] for k in np.flatnonzero(row)], "low": s, "high": t}
            for row, s, t in zip(self.problem.known_rows, low, high, strict=True)
        ]


def solve_entropy(
    key_round: KeyRound, known: KnownMoments, hierarchy: Hierarchy, near: EntropySolution | None = None
) -> EntropySolution:
    """Solve and prove.

    Parameters
    ----------
    near
        The solution of a nearby problem of the same scenario and level: its nodes are taken over where the hierarchy
        gives their number, and the interior-point method starts from its iterate. Costs nothing but time if it does not
        fit.

    Raises
    ------
    UnknownNameError, UnsupportedError, InputError
        The level is not one of the scenario; nodes outside (0, 1), not increasing, none or too many.
    BoundNotEstablishedError
        The solver returned nothing that could be proven.
    """
    relaxation = Relaxation.build(key_round.scenario, hierarchy.level)
    name = hierarchy.solver or "interior-point"
    count = min(hierarchy.nodes if isinstance(hierarchy.nodes, int) else len(hierarchy.nodes), _MAX_NODES)
    require_memory(relaxation, count, _MEMORY[name](relaxation, count))  # before the pilots, which may take a minute
    if not isinstance(hierarchy.nodes, int):
        places = _given(hierarchy.nodes)
    elif near is not None and len(near.nodes) == hierarchy.nodes and near.known.mirror is known.mirror:
        places = near.nodes
    else:
        places = _place(key_round, known, hierarchy.nodes)
    problem = entropy_problem(relaxation, key_round, places, known)
    start = near.result.resume if near is not None and near.problem.relaxation is relaxation else None
    with asked(name):
        result = _solver(name, start)(problem)
    proof = certify(problem, result.candidates)
    tangents = _tangents(problem, key_round, result, known)
    everywhere = (*places, *(1 - t for t in reversed(places))) if known.mirror else places
    gap = tangent_gap(everywhere, key_round.noise, tangents[1:-1])
    return EntropySolution(key_round, known, problem, places, proof, result, name, result.objective, gap)


def from_inside(solution: EntropySolution) -> EntropySolution:
    """Where the solver ended far from the value, try duals that are optimal for slightly noisier devices.

    At the edge of the quantum set the moment matrix has no interior, and the solver gives out. A dual proves its
    functional for every table, and that of a device with a little noise is nearly the best one. The objective stays the
    first solver's, so that a gap that cannot be judged is not called closed.
    """
    best = solution
    if solution.result.ended == "converged" or solution.objective - float(solution.proof.value) <= _WIDE:
        return best
    for share in _INSIDE:
        try:
            inside = solve_entropy(
                solution.key_round,
                solution.known.noisier(solution.key_round.scenario, share),
                Hierarchy(solution.problem.relaxation.words, len(solution.nodes)),
                replace(solution, result=replace(solution.result, resume=None)),  # the same nodes, a cold start
            )
        except BoundNotEstablishedError:
            continue
        value = known_value(inside.proof.multipliers, solution.problem.known_low, solution.problem.known_high)
        proof = replace(inside.proof, value=value - inside.proof.charge)
        if proof.value > best.proof.value:
            best = replace(solution, proof=proof, result=inside.result, chord_loss=inside.chord_loss)
        if inside.result.ended == "converged":
            break
    return best


def _place(key_round: KeyRound, known: KnownMoments, count: int) -> tuple[Fraction, ...]:
    """Choose `count` nodes after two coarse pilot solves at the level "11"."""
    if not 1 <= count <= _MAX_NODES:
        raise InputError("nodes", f"a number of nodes from 1 to {_MAX_NODES}", repr(count))
    every = 2 * count if known.mirror else count
    if count < _PILOT_NODES // 2:
        return chebyshev_nodes(every)[:count]
    relaxation = Relaxation.build(key_round.scenario, "11")
    nodes, pilot = chebyshev_nodes(_PILOT_NODES), replace(known, table=None)
    for target in (_PILOT_NODES, every):
        problem = entropy_problem(relaxation, key_round, nodes, pilot)
        with asked("interior-point"):
            result = solve_arrow(problem, tolerance=_PILOT_TOLERANCE)
        tangents = _tangents(problem, key_round, result, pilot)
        if known.mirror:
            tangents = (tangents + tangents[::-1, ::-1]) / 2
        nodes = curvature_nodes(target, nodes, key_round.noise, tangents[:, 1] - tangents[:, 0])
    return tuple(t for t in nodes if 2 * t < 1)[:count] if known.mirror else nodes


def _given(nodes: tuple[float, ...]) -> tuple[Fraction, ...]:
    """The given nodes, rounded to the grid."""
    scale = 1 << NODE_BITS
    if not all(0.0 < t < 1.0 for t in nodes):
        raise InputError("nodes", "nodes inside (0, 1)", repr(list(nodes)))
    places = [round(scale * Fraction(t)) for t in nodes]
    if not (
        1 <= len(places) <= _MAX_NODES and 0 < min(places) <= max(places) < scale and places == sorted(set(places))
    ):
        raise InputError("nodes", f"1 to {_MAX_NODES} nodes that increase in (0, 1)", repr(list(nodes)))
    return tuple(Fraction(place, scale) for place in places)


def _tangents(
    problem: ArrowProblem, key_round: KeyRound, result: ArrowSolution, known: KnownMoments
) -> NDArray[np.float64]:
    """The tangents (1-t) m + t g of e at 0, at the nodes and at 1: rows (m, g), from the solver's own moments."""
    miss, guess = key_moments(problem.relaxation, key_round)
    base, node = result.base_moments, result.node_moments
    with np.errstate(all="ignore"):  # whatever a solver left in its moments: nodes and diagnostics prove nothing
        inner = np.stack([(base - node) @ miss, node @ guess], axis=1)
        if known.mirror:
            inner = np.concatenate([inner, inner[::-1, ::-1]])
        return np.concatenate([[[0.0, base @ guess]], inner, [[base @ miss, 0.0]]])


def _fraction(x: float) -> Fraction:
    """A float as a fraction, 0 where a solver left NaN or infinity in a diagnostic."""
    return Fraction(x) if np.isfinite(x) else Fraction(0)


def _number(x: Fraction) -> float | str:
    """A number for JSON that stands for exactly this one: a double where it is one, else "p/q"."""
    return float(x) if Fraction(float(x)) == x else str(x)


def _solver(name: str, start: Iterate | None) -> Callable[[ArrowProblem], ArrowSolution]:
    if name == "clarabel":
        return solve_with_clarabel
    return solve_with_qics if name == "qics" else partial(solve_arrow, start=start)


def _plain_word(word: Word) -> list[list[list[int]]]:
    """A word as lists, for JSON."""
    return [[list(letter) for letter in party] for party in word]
