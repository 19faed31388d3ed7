"""H(Â|E,V) of every device that meets given constraints: confidence intervals, or the value of a Bell functional."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Status, Unit, lower_bound
from keybounds.bounds.correlations.entropy.conditional_entropy import TOLERANCE
from keybounds.bounds.correlations.entropy.functional import (
    METHOD,
    REFERENCE,
    entropy_from_value,
    entropy_scope,
    exact_moments,
    functional_words,
)
from keybounds.bounds.correlations.entropy.problem import KeyRound, KnownMoments
from keybounds.bounds.correlations.entropy.solution import solve_entropy
from keybounds.bounds.correlations.hierarchy import STANDARD, Hierarchy, check_hierarchy
from keybounds.bounds.correlations.moments.words import IDENTITY, Scenario, Word
from keybounds.enclosure import ball, binary_entropy, enclose, nearest
from keybounds.errors import BehaviourError, InputError
from keybounds.protocol import Protocol
from keybounds.thing import Thing

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour


@dataclass(frozen=True, slots=True)
class Constraint:
    """low ≤ Σ_w f(w) <w> ≤ high for words w = ((Alice's letters), (Bob's letters)), a letter being (setting, outcome).

    Raises
    ------
    InputError
        No words, numbers that are not finite, or low above high.
    """

    functional: Mapping[Word, float]
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.functional or not np.isfinite([*self.functional.values(), self.low, self.high]).all():
            raise InputError("constraint", "words with finite coefficients and finite bounds", repr(self))
        if self.low > self.high:
            raise InputError("constraint", "low at most high", repr(self))


def chsh_constraint(low: float, high: float) -> Constraint:
    """low ≤ S ≤ high for S = E(0,0) + E(0,1) + E(1,0) - E(1,1) of binary outcomes."""
    functional: dict[Word, float] = {
        (((x, 0),), ((y, 0),)): 4.0 if x * y == 0 else -4.0 for x in (0, 1) for y in (0, 1)
    }
    functional |= {(((0, 0),), ()): -4.0, ((), ((0, 0),)): -4.0}
    return Constraint(functional, math.nextafter(low - 2.0, -math.inf), math.nextafter(high - 2.0, math.inf))


def table_constraints(behaviour: Behaviour, radius: float) -> tuple[Constraint, ...]:
    """Every marginal and measured joint probability of a table, in the Collins–Gisin form, within ± `radius`.

    Raises
    ------
    InputError
        A radius that is not positive and finite.
    """
    if not (np.isfinite(radius) and radius > 0):
        raise InputError("radius", "a positive finite number", repr(radius))
    scenario, words = functional_words(behaviour)
    moments = exact_moments(scenario, words, [Fraction(1)] * len(words), behaviour)
    return tuple(
        Constraint(
            {word: 1.0},
            math.nextafter(float(moment) - radius, -math.inf),  # outward: the exact range lies inside
            math.nextafter(float(moment) + radius, math.inf),
        )
        for word, moment in zip(words, moments, strict=True)
        if word != IDENTITY
    )


def constrained_entropy(
    constraints: Sequence[Constraint], scenario: Scenario, protocol: Protocol, hierarchy: Hierarchy = STANDARD
) -> Bound:
    """Lower bound on H(Â|E,V) over all quantum devices that meet the constraints.

    Parameters
    ----------
    constraints
        Linearly independent, and independent of the identity, whose value is always known.
    scenario
        Numbers of outcomes of each setting.
    protocol, hierarchy
        As in `conditional_entropy`, with noise below 1/2 and but for the level "auto". With `keep` below 1 the entropy
        is divided by the largest survival probability that the constraints on single words of the key setting allow, 1
        where they say nothing.

    Returns
    -------
    Bound
        LOWER, in bits per surviving key round, on the least entropy of these devices.

    Raises
    ------
    QuestionError
        The class does not fit the scenario, or is another one.
    BehaviourError
        No quantum device meets the constraints.
    InputError, UnsupportedError, UnknownNameError, BoundNotEstablishedError
        As in `conditional_entropy`; InputError also for dependent constraints.
    """
    check_hierarchy(hierarchy)
    key_round = KeyRound(scenario, protocol)
    known = KnownMoments(
        ({IDENTITY: 1.0}, *(constraint.functional for constraint in constraints)),
        tuple(Fraction(value) for value in (1.0, *(constraint.low for constraint in constraints))),
        tuple(Fraction(value) for value in (1.0, *(constraint.high for constraint in constraints))),
    )
    _check_independent(known)
    solution = solve_entropy(key_round, known, hierarchy)
    survives = _largest_survival(key_round, constraints)
    entropy = enclose(lambda: entropy_from_value(key_round, solution.proof.value, survives))
    if entropy > 1 + TOLERANCE:
        raise BehaviourError(
            "constraints",
            "constraints that some quantum device meets",
            f"a proof of {nearest(entropy):.6g} bits in one",
        )
    floor = enclose(lambda: binary_entropy(ball(key_round.noise)))
    notes = solution.notes(lambda value: nearest(entropy_from_value(key_round, value, survives)))
    return lower_bound(
        entropy.max(floor).min(arb(1)),
        unit=Unit.PER_KEY_ROUND,
        scope=entropy_scope(_devices(constraints, scenario), protocol),
        status=Status.CERTIFIED if notes["gap"] <= TOLERANCE else Status.LOOSE,
        method=f"{METHOD}, {hierarchy}",
        reference=REFERENCE,
        certificate=solution.certificate(),
        provenance={
            "protocol": protocol.to_dict(),
            "hierarchy": hierarchy.to_dict(),
            "constraints": len(constraints),
        },
        diagnostics={**notes, "unclamped": nearest(entropy), "largest_survival": float(survives)},
    )


def _devices(constraints: Sequence[Constraint], scenario: Scenario) -> Thing:
    """All devices of the scenario that meet the constraints."""
    exact = sorted((sorted(one.functional.items()), one.low, one.high) for one in constraints)
    numbers = [
        ([(word, float(factor)) for word, factor in functional], float(low), float(high))
        for functional, low, high in exact
    ]
    name = f"devices that meet {len(numbers)} constraint{'s' if len(numbers) != 1 else ''}"
    return Thing.of_numbers("correlations", name, alice=scenario.alice, bob=scenario.bob, constraints=numbers)


def _check_independent(known: KnownMoments) -> None:
    words = sorted({word for functional in known.functionals for word in functional})
    rows = np.array([[functional.get(word, 0.0) for word in words] for functional in known.functionals])
    if np.linalg.matrix_rank(rows) < len(rows):
        raise InputError("constraints", "functionals that are linearly independent", f"{len(rows)} of a smaller rank")


def _largest_survival(key_round: KeyRound, constraints: Sequence[Constraint]) -> Fraction:
    """An upper end for p_V, from the constraints on single words."""
    ranges = {IDENTITY: (Fraction(1), Fraction(1))}
    for constraint in constraints:
        if list(constraint.functional.values()) == [1.0]:
            (word,) = constraint.functional
            ranges[word] = (Fraction(constraint.low), Fraction(constraint.high))
    weights = key_round.survival_weights()
    if not ranges.keys() >= weights.keys():
        return Fraction(1)
    return min(Fraction(1), sum((max(w * end for end in ranges[k]) for k, w in weights.items()), Fraction(0)))
