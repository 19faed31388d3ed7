"""H(Â|E,V) from the full correlations: solve the entropy problem, repair its dual, return what is proven."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Status, Unit, lower_bound
from keybounds.bounds.correlations.entropy.functional import (
    METHOD,
    REFERENCE,
    EntropyFunctional,
    entropy_from_value,
    entropy_scope,
    exact_moments,
    functional_words,
)
from keybounds.bounds.correlations.entropy.mirror import is_mirrored, mirrored
from keybounds.bounds.correlations.entropy.problem import KeyRound, KnownMoments
from keybounds.bounds.correlations.entropy.solution import EntropySolution, from_inside, solve_entropy
from keybounds.bounds.correlations.hierarchy import STANDARD, Hierarchy, check_hierarchy
from keybounds.enclosure import ball, binary_entropy, enclose, nearest
from keybounds.errors import BehaviourError, UnsupportedError
from keybounds.protocol import Discussion, Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour
    from keybounds.experiments.question import Question

TOLERANCE = 1e-6  # bits between the solver's objective and what is proven, above which the status says so
_CLIMB = 1e-6  # bits that the next level must gain for the level "auto" to go on


def conditional_entropy(behaviour: Behaviour, protocol: Protocol, hierarchy: Hierarchy = STANDARD) -> Bound:
    """Lower bound on H(Â|E,V), the entropy of Alice's key symbol given Eve, from all of P(a,b|x,y).

    H(Â|E,V) = h(q) + (1-2q)²/(p_V ln 2) ∫ e(t) w(t) dt (see `entropy_problem`), e bounded by a moment relaxation of all
    nodes jointly and the integral by chords. The value comes from the solver's dual after repair, proven in exact
    integer and ball arithmetic: it is a bound whatever the solver returned.

    Parameters
    ----------
    behaviour
        P[a,b,x,y]; the doubles of its Collins-Gisin table are taken as the exact numbers they are. Unmeasured pairs
        constrain nothing.
    protocol
        One-way with one key setting, measured, and two outcomes of Alice there. She flips her surviving bits with
        probability `noise`; each party keeps outcome 1 (no click) with probability `keep`, and V is that both keep.
    hierarchy
        Level, nodes and solver. The loss to the chords falls as the inverse square of the number of nodes, and
        ``diagnostics["discretisation_gap"]`` estimates it; without noise it takes the most.

    Returns
    -------
    Bound
        LOWER, in bits per surviving key round; status CERTIFIED, or LOOSE where the solver's own objective is more
        than 1e-6 bit above what could be proven.

    Raises
    ------
    QuestionError
        The class does not fit the table, or is another one; outcomes of Alice that are not bits.
    BehaviourError
        An estimate; or no quantum device has these correlations: the dual would prove more than one bit.
    InputError, UnsupportedError, UnknownNameError
        A level or nodes that are none for this scenario.
    BoundNotEstablishedError
        The solver returned nothing that could be proven.

    Notes
    -----
    frenkel2023 for the integral, in the form of jencova2024; navascues2008 for the moments; ho2020 for the noise;
    liu2022 for the post-selection.
    """
    question = entropy_question(behaviour, protocol, "conditional_entropy")
    if check_hierarchy(hierarchy).level == "auto":
        return _climb(question, hierarchy)
    return entropy_and_solution(question, hierarchy)[0]


def entropy_question(behaviour: Behaviour, protocol: Protocol, method: str) -> Question:
    """The question, if a moment relaxation answers it; errors as in `conditional_entropy`."""
    question = behaviour.ask(protocol).within_reach(method, Discussion.ONE_WAY).of_bits(method)
    if not behaviour.exact:
        raise BehaviourError(
            "behaviour", "an exact table, such as the no-signalling fit of project_no_signalling", "an estimate"
        )
    return question


def entropy_and_solution(
    question: Question, hierarchy: Hierarchy, near: EntropySolution | None = None
) -> tuple[Bound, EntropySolution | None]:
    """The bound of `conditional_entropy` at one level, and the solved problem behind it: None where none was solved.

    The question is one of `entropy_question`, `near` as in `solve_entropy`; errors as in `conditional_entropy`.
    """
    scope = entropy_scope(question.thing, question.protocol)
    provenance = {"protocol": question.protocol.to_dict(), "hierarchy": hierarchy.to_dict()}
    if question.noise == 0.5:  # a symbol flipped with probability 1/2 is a fresh coin
        coin = lower_bound(
            arb(1),
            unit=Unit.PER_KEY_ROUND,
            scope=scope,
            method="fresh coin",
            reference=REFERENCE,
            provenance=provenance,
        )
        return coin, None
    functional, solution = solve_functional(question, hierarchy, near=near)
    moments = functional.moments(question.behaviour)
    entropy = enclose(lambda: functional.entropy(moments))
    functional.check_quantum(entropy, moments)
    floor = enclose(lambda: binary_entropy(ball(question.noise)))
    survives = functional.survival(moments)
    notes = solution.notes(lambda value: nearest(entropy_from_value(functional.key_round, value, survives)))
    bound = lower_bound(
        entropy.max(floor).min(arb(1)),
        unit=Unit.PER_KEY_ROUND,
        scope=scope,
        status=Status.CERTIFIED if notes["gap"] <= TOLERANCE else Status.LOOSE,
        method=f"{METHOD}, {hierarchy}",
        reference=REFERENCE,
        certificate=solution.certificate(),
        provenance=provenance,
        diagnostics={**notes, "unclamped": nearest(entropy), "survival": float(survives)},
    )
    return bound, solution


def entropy_functional(behaviour: Behaviour, protocol: Protocol, hierarchy: Hierarchy = STANDARD) -> EntropyFunctional:
    """The Bell-like functional that is optimal at `behaviour` and bounds H(Â|E,V) of every other one.

    Arguments and errors as in `conditional_entropy`; the noise must be below 1/2, and the level not "auto".
    """
    question = entropy_question(behaviour, protocol, "entropy_functional")
    return solve_functional(question, check_hierarchy(hierarchy))[0]


def solve_functional(
    question: Question, hierarchy: Hierarchy, *, near: EntropySolution | None = None, mirror: bool = True
) -> tuple[EntropyFunctional, EntropySolution]:
    """The functional that is optimal at a behaviour, and the solved problem.

    The question is one of `entropy_question`, `near` as in `solve_entropy`. With `mirror`, a table that flips of the
    outcomes leave as it is has half its nodes solved: see `mirror`.
    """
    scenario, words = functional_words(question.behaviour)
    key_round = KeyRound(scenario, question.protocol)
    moments = exact_moments(scenario, words, [Fraction(1)] * len(words), question.behaviour)
    mirror = mirror and isinstance(hierarchy.nodes, int) and is_mirrored(scenario, words, moments, question.keep)
    known = KnownMoments.mirrored(words, moments) if mirror else KnownMoments.exact(words, moments)
    solution = solve_entropy(key_round, known, hierarchy, near)
    if hierarchy.solver is None:
        solution = from_inside(solution)
    multipliers = solution.proof.multipliers[: len(words)]
    if mirror:
        multipliers = mirrored(words, multipliers)
    return EntropyFunctional(key_round, words, multipliers, solution.proof.charge), solution


def _climb(question: Question, hierarchy: Hierarchy) -> Bound:
    """Climb the ladder of levels until a step gains less than `_CLIMB`; the best bound, with the sequence."""
    from keybounds.bounds.correlations.moments.levels import LADDER

    best: Bound | None = None
    sequence: list[dict[str, Any]] = []
    for level in LADDER:
        try:
            bound, _ = entropy_and_solution(question, replace(hierarchy, level=level))
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
