"""The largest value of a Bell functional in quantum theory: a proven ceiling from a level of the moment hierarchy."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from flint import arb

from keybounds.bounds.correlations.moments.arrow import COST_BITS, ArrowProblem
from keybounds.bounds.correlations.moments.dual import certify
from keybounds.bounds.correlations.moments.interior_point import solve_arrow
from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.bounds.correlations.moments.words import Word
from keybounds.enclosure import ball, round_up
from keybounds.errors import InputError
from keybounds.solvers import asked

_LARGEST = 1024.0


def bell_ceiling(relaxation: Relaxation, functional: Mapping[Word, float]) -> float:
    """Return a proven upper bound on max(0, Σ_w f_w <w>) over all quantum behaviours.

    With one projector Z of an adversary, max_Z <f Z> = max(0, max <f>); so this is the arrow problem with a single node
    and nothing known.

    Parameters
    ----------
    functional
        Coefficients f_w of words; a local value of at least 0 makes the result the functional's own maximum.

    Raises
    ------
    InputError
        A coefficient that is not finite or above 1024 in modulus.
    UnsupportedError
        The moment matrix does not hold one of the words.
    BoundNotEstablishedError
        The solver failed.
    """
    costs = np.zeros((1, len(relaxation.moments)), dtype=np.int64)
    rounding = Fraction(0)
    for word, coefficient in functional.items():
        if not abs(coefficient) <= _LARGEST:
            raise InputError(
                "functional", f"coefficients of modulus at most {_LARGEST:g}", f"{coefficient!r} for {word}"
            )
        scaled = Fraction(coefficient) * (1 << COST_BITS)
        rounding += abs(scaled - round(scaled))  # a moment is at most 1 in modulus
        costs[0, relaxation.moment(word)] -= round(scaled)
    identity = np.zeros((1, len(relaxation.moments)))
    identity[0, 0] = 1.0
    problem = ArrowProblem(relaxation, costs, np.zeros_like(costs[0]), identity, np.ones(1), np.ones(1))
    with asked("interior-point"):
        found = solve_arrow(problem, tolerance=1e-8)
    proof = certify(problem, found.candidates)
    ceiling: arb = ball(rounding / (1 << COST_BITS) - proof.value)
    return max(round_up(ceiling), 0.0)
