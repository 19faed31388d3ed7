"""H(Â|E,V) from the full correlations: solve the entropy problem, repair its dual, return what is proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Status, Unit, lower_bound
from keybounds.bounds.lower.chords import NODE_BITS, chebyshev_nodes, chord_weights, curvature_nodes, tangent_gap
from keybounds.bounds.lower.entropy_functional import (
    METHOD,
    REFERENCE,
    EntropyFunctional,
    entropy_from_value,
    exact_moments,
    functional_words,
)
from keybounds.bounds.lower.entropy_problem import KeyRound, entropy_problem, key_moments
from keybounds.bounds.lower.reconciliation import check_key
from keybounds.bounds.moments.arrow import COST_BITS, ArrowProblem, ArrowSolution
from keybounds.bounds.moments.dual import DualProof, certify
from keybounds.bounds.moments.interior_point import solve_arrow
from keybounds.bounds.moments.relaxation import Relaxation
from keybounds.bounds.moments.second_opinion import solve_with_clarabel, solve_with_qics
from keybounds.bounds.moments.words import Word
from keybounds.bounds.scope import Quantity, Scope, Trust
from keybounds.enclosure import ball, binary_entropy, enclose, nearest
from keybounds.errors import InputError, UnknownNameError, UnsupportedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from keybounds.experiments import Behaviour

Solver = Literal["interior-point", "clarabel", "qics"]

_MAX_NODES = 4096
_PILOT_NODES = 15
_PILOT_TOLERANCE = 1e-5  # of the objective: where nodes go does not depend on more
_TOLERANCE = 1e-6  # bits between the solver's objective and what is proven, above which the status says so
_CLIMB = 1e-6  # bits that the next level must gain for `level="auto"` to go on


@dataclass(frozen=True, slots=True)
class _Solution:
    """A solved problem with its proof, and diagnostics that prove nothing."""

    problem: ArrowProblem
    nodes: tuple[Fraction, ...]
    functional: EntropyFunctional
    proof: DualProof
    moments: tuple[Fraction, ...]
    notes: dict[str, Any]


def conditional_entropy(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    level: str | Sequence[Word] = "11",
    nodes: int | Sequence[float] = 16,
    solver: Solver | None = None,
    subject: str = "behaviour",
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Lower bound on H(Â|E,V), the entropy of Alice's key symbol given Eve, from all of P(a,b|x,y).

    H(Â|E,V) = h(q) + (1-2q)²/(p_V ln 2) ∫ e(t) w(t) dt (see `entropy_problem`), e bounded by a moment relaxation of all
    nodes jointly and the integral by chords. The value comes from the solver's dual after repair, proven in exact
    integer and ball arithmetic: it is a bound whatever the solver returned.

    Parameters
    ----------
    behaviour
        P[a,b,x,y]; the doubles of its Collins-Gisin table are taken as the exact numbers they are. Unmeasured pairs
        constrain nothing.
    key
        The key setting (x, y), counted from 0; measured, and with two outcomes of Alice.
    noise
        q in [0, 1/2]: Alice flips her surviving bits with this probability.
    keep
        p in (0, 1]: each party keeps outcome 1 (no click) with this probability; V is that both keep.
    level
        A level of `keybounds.bounds.moments.levels`, a list of words, or ``"auto"``: climb the levels until one gains
        less than 1e-6 bit.
    nodes
        Number of chord nodes, placed by a coarse pilot solve, or the nodes themselves, increasing in (0, 1). The loss
        falls as the inverse square of their number, and ``diagnostics["discretisation_gap"]`` estimates it. q = 0 wants
        the most.
    solver
        ``"interior-point"`` (default), or a second opinion: ``"clarabel"``, ``"qics"``.
    subject, unit
        What the bound is about, and what a round is called.

    Returns
    -------
    Bound
        LOWER, in bits per surviving key round; status CERTIFIED, or LOOSE where the solver's own objective is more
        than 1e-6 bit above what could be proven.

    Raises
    ------
    BehaviourError
        No quantum device has these correlations: the dual would prove more than one bit.
    InputError, UnsupportedError, UnknownNameError
        Arguments outside their range, an unmeasured key setting, outcomes of Alice that are not bits, an unknown level
        or solver.
    BoundNotEstablishedError
        The solver returned nothing that could be proven.

    Notes
    -----
    frenkel2023 for the integral, in the form of jencova2024; navascues2008 for the moments; ho2020 for the noise;
    liu2022 for the post-selection.
    """
    if level == "auto":
        return _climb(
            behaviour, key=key, noise=noise, keep=keep, nodes=nodes, solver=solver, subject=subject, unit=unit
        )
    protocol = check_key(behaviour, key, noise=noise, keep=keep)
    if behaviour.outcomes[0] != 2:
        raise UnsupportedError("behaviour", "two outcomes of Alice, whose symbol is a bit", str(behaviour.outcomes))
    scope = Scope(
        subject=subject,
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=protocol,
        quantity=Quantity.CONDITIONAL_ENTROPY,
    )
    provenance = {
        "key": list(key), "noise": noise, "keep": keep, "nodes": nodes if isinstance(nodes, int) else list(map(float, nodes)),
        "level": level if isinstance(level, str) else [list(map(list, word)) for word in level],
    }  # fmt: skip
    if noise == 0.5:  # a symbol flipped with probability 1/2 is a fresh coin
        return lower_bound(
            arb(1), unit=unit, scope=scope, method="fresh coin", reference=REFERENCE, provenance=provenance
        )
    solution = _solve(behaviour, key=key, noise=noise, keep=keep, level=level, nodes=nodes, solver=solver)
    functional, moments = solution.functional, solution.moments
    entropy = enclose(lambda: functional.entropy(moments))
    functional.check_quantum(entropy, moments)
    floor = enclose(lambda: binary_entropy(ball(noise)))
    notes = {**solution.notes, "unclamped": nearest(entropy), "survival": float(functional.survival(moments))}
    return lower_bound(
        entropy.max(floor).min(arb(1)),
        unit=unit,
        scope=scope,
        status=Status.CERTIFIED if notes["gap"] <= _TOLERANCE else Status.LOOSE,
        method=METHOD,
        reference=REFERENCE,
        provenance=provenance,
        certificate=_document(solution),
        diagnostics=notes,
    )


def entropy_functional(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    level: str | Sequence[Word] = "11",
    nodes: int | Sequence[float] = 16,
    solver: Solver | None = None,
) -> EntropyFunctional:
    """The Bell-like functional that is optimal at `behaviour` and bounds H(Â|E,V) of every other one.

    Arguments and errors as in `conditional_entropy`; `noise` must be below 1/2.
    """
    check_key(behaviour, key, noise=noise, keep=keep)
    if noise == 0.5:
        raise InputError(
            "noise", "a probability below 1/2, for at 1/2 the entropy is 1 whatever the table", repr(noise)
        )
    return _solve(behaviour, key=key, noise=noise, keep=keep, level=level, nodes=nodes, solver=solver).functional


def _climb(behaviour: Behaviour, *, nodes: int | Sequence[float], **options: Any) -> Bound:
    """Climb the ladder of levels until a step gains less than `_CLIMB`; the best bound, with the sequence."""
    from keybounds.bounds.moments.levels import LADDER

    best: Bound | None = None
    sequence: list[dict[str, Any]] = []
    for level in LADDER:
        try:
            bound = conditional_entropy(behaviour, level=level, nodes=nodes, **options)
        except UnsupportedError:
            if best is None:
                raise
            continue  # the level speaks of settings that Bob does not have
        sequence.append({"level": level, "value": bound.value})
        gain = bound.value - best.value if best is not None else np.inf
        best = bound if best is None or gain > 0 else best
        if gain < _CLIMB:
            break
    assert best is not None
    return replace(best, diagnostics={**best.diagnostics, "levels": sequence})


def _solve(
    behaviour: Behaviour,
    *,
    key: tuple[int, int],
    noise: float,
    keep: float,
    level: str | Sequence[Word],
    nodes: int | Sequence[float],
    solver: Solver | None,
) -> _Solution:
    name = solver or "interior-point"
    if name not in get_args(Solver):
        raise UnknownNameError.among("solver", name, get_args(Solver))
    scenario, words = functional_words(behaviour)
    key_round = KeyRound(scenario, (int(key[0]), int(key[1])), float(noise), float(keep))
    moments = exact_moments(scenario, words, [Fraction(1)] * len(words), behaviour)
    values = np.array([float(m) for m in moments])
    places = _place(key_round, words, values, nodes) if isinstance(nodes, int) else _given(nodes)
    problem = entropy_problem(Relaxation.build(scenario, level), key_round, places, words, values, values)
    result = _solver(name)(problem)
    proof = certify(problem, result.candidates)
    functional = EntropyFunctional(key_round, words, proof.multipliers, proof.charge)
    survives = functional.survival(moments)

    def bits(value: Fraction) -> float:
        return nearest(entropy_from_value(key_round, value, survives))

    estimate = max((point.objective for point in result.candidates), default=result.objective)
    gap = tangent_gap(places, noise, _tangents(problem, key_round, result)[1:-1])
    notes = {
        "solver": name,
        "ended": result.ended,
        "iterations": result.iterations,
        "uncertified_objective": bits(_fraction(result.objective)),
        "repair_cost": bits(_fraction(estimate)) - bits(proof.value),
        "gap": bits(Fraction(result.objective)) - bits(proof.value) if np.isfinite(result.objective) else np.inf,
        "discretisation_gap": bits(_fraction(gap)) - bits(Fraction(0)),
    }
    return _Solution(problem, places, functional, proof, moments, notes)


def _place(key_round: KeyRound, words: Sequence[Word], values: NDArray[np.float64], count: int) -> tuple[Fraction, ...]:
    """Choose `count` nodes after two coarse pilot solves at the level "11"."""
    if not 1 <= count <= _MAX_NODES:
        raise InputError("nodes", f"a number of nodes from 1 to {_MAX_NODES}", repr(count))
    if count < _PILOT_NODES // 2:
        return chebyshev_nodes(count)
    relaxation = Relaxation.build(key_round.scenario, "11")
    nodes = chebyshev_nodes(_PILOT_NODES)
    for target in (_PILOT_NODES, count):
        problem = entropy_problem(relaxation, key_round, nodes, words, values, values)
        tangents = _tangents(problem, key_round, solve_arrow(problem, tolerance=_PILOT_TOLERANCE))
        nodes = curvature_nodes(target, nodes, key_round.noise, tangents[:, 1] - tangents[:, 0])
    return nodes


def _given(nodes: Sequence[float]) -> tuple[Fraction, ...]:
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


def _tangents(problem: ArrowProblem, key_round: KeyRound, result: ArrowSolution) -> NDArray[np.float64]:
    """The tangents (1-t) m + t g of e at 0, at the nodes and at 1: rows (m, g), from the solver's own moments."""
    miss, guess = key_moments(problem.relaxation, key_round)
    base, node = result.base_moments, result.node_moments
    with np.errstate(all="ignore"):  # whatever a solver left in its moments: nodes and diagnostics prove nothing
        inner = np.stack([(base - node) @ miss, node @ guess], axis=1)
        return np.concatenate([[[0.0, base @ guess]], inner, [[base @ miss, 0.0]]])


def _fraction(x: float) -> Fraction:
    """A float as a fraction, 0 where a solver left NaN or infinity in a diagnostic."""
    return Fraction(x) if np.isfinite(x) else Fraction(0)


def _solver(name: str) -> Callable[[ArrowProblem], ArrowSolution]:
    if name == "clarabel":
        return solve_with_clarabel
    return solve_with_qics if name == "qics" else solve_arrow


def _document(solution: _Solution) -> dict[str, Any]:
    """The certificate: integers and doubles from which the bound follows without a solver."""
    problem, proof = solution.problem, solution.proof
    functional = solution.functional
    key_round = functional.key_round
    return {
        "kind": "conditional entropy from a moment relaxation",
        "outcomes": {"alice": list(key_round.scenario.alice), "bob": list(key_round.scenario.bob)},
        "key": list(key_round.key),
        "noise": key_round.noise,
        "keep": key_round.keep,
        "words": [[list(map(list, party)) for party in word] for word in problem.relaxation.words],
        "known": [
            {"word": [list(map(list, party)) for party in word], "value": float(value)}
            for word, value in zip(functional.words, solution.moments, strict=True)
        ],
        "nodes": {"bits": NODE_BITS, "t": [int(t * (1 << NODE_BITS)) for t in solution.nodes]},
        "weights": {"bits": COST_BITS, "W": list(chord_weights(solution.nodes, key_round.noise, COST_BITS))},
        "dual": proof.to_dict(),
    }
