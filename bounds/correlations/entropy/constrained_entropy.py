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
    exact_moments,
    functional_words,
)
from keybounds.bounds.correlations.entropy.problem import KeyRound, KnownMoments
from keybounds.bounds.correlations.entropy.solution import Nodes, Solver, solve_entropy
from keybounds.bounds.correlations.moments.words import IDENTITY, Scenario, Word
from keybounds.bounds.scope import Quantity, Scope, Trust, one_way
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import ball, binary_entropy, enclose, nearest
from keybounds.errors import BehaviourError, InputError, UnsupportedError

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
    constraints: Sequence[Constraint],
    *,
    scenario: Scenario,
    key: tuple[int, int],
    noise: float = 0.0,
    keep: float = 1.0,
    level: str | Sequence[Word] = "22",
    nodes: Nodes = 16,
    solver: Solver | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_KEY_ROUND,
) -> Bound:
    """Lower bound on H(Â|E,V) over all quantum devices that meet the constraints.

    Parameters
    ----------
    constraints
        Linearly independent, and independent of the identity, whose value is always known.
    scenario
        Numbers of outcomes of each setting.
    key, noise, keep, level, nodes, solver, subject, unit
        As in `conditional_entropy`. With `keep` below 1 the entropy is divided by the largest survival probability that
        the constraints on single words of the key setting allow, 1 where they say nothing.

    Raises
    ------
    BehaviourError
        No quantum device meets the constraints.
    InputError, UnsupportedError, UnknownNameError, BoundNotEstablishedError
        As in `conditional_entropy`; InputError also for dependent constraints.
    """
    protocol = one_way((int(key[0]), int(key[1])), noise=noise, keep=keep)
    x, y = key
    if not (0 <= x < len(scenario.alice) and 0 <= y < len(scenario.bob)):
        raise InputError("key", "a pair of settings of the scenario", repr(key))
    if scenario.alice[x] != 2:
        raise UnsupportedError("scenario", "two outcomes of Alice's key setting", str(scenario.alice[x]))
    if noise == 0.5:
        raise InputError(
            "noise", "a probability below 1/2, for at 1/2 the entropy is 1 whatever the device", repr(noise)
        )
    key_round = KeyRound(scenario, (int(x), int(y)), float(noise), float(keep))
    known = KnownMoments(
        ({IDENTITY: 1.0}, *(constraint.functional for constraint in constraints)),
        tuple(Fraction(value) for value in (1.0, *(constraint.low for constraint in constraints))),
        tuple(Fraction(value) for value in (1.0, *(constraint.high for constraint in constraints))),
    )
    _check_independent(known)
    solution = solve_entropy(key_round, known, level=level, nodes=nodes, solver=solver)
    survives = _largest_survival(key_round, constraints)
    entropy = enclose(lambda: entropy_from_value(key_round, solution.proof.value, survives))
    if entropy > 1 + TOLERANCE:
        raise BehaviourError(
            "constraints",
            "constraints that some quantum device meets",
            f"a proof of {nearest(entropy):.6g} bits in one",
        )
    floor = enclose(lambda: binary_entropy(ball(noise)))
    notes = solution.notes(lambda value: nearest(entropy_from_value(key_round, value, survives)))
    return lower_bound(
        entropy.max(floor).min(arb(1)),
        unit=unit,
        scope=Scope(
            subject=subject or subject_of("devices under constraints", repr((scenario, list(constraints)))),
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
            quantity=Quantity.CONDITIONAL_ENTROPY,
        ),
        status=Status.CERTIFIED if notes["gap"] <= TOLERANCE else Status.LOOSE,
        method=METHOD,
        reference=REFERENCE,
        provenance={"key": list(key), "noise": noise, "keep": keep, "constraints": len(constraints)},
        certificate=solution.document(),
        diagnostics={**notes, "unclamped": nearest(entropy), "largest_survival": float(survives)},
    )


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
