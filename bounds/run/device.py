"""What counts say, with confidence, of a device's winning probability in the CHSH game and of its key error rate.

With uniform settings the game is won with ω = ¼ Σ_xy p_xy, p_xy being the chance to win at the pair (x, y). Of N_xy
trials of each pair, k_xy are won; t = Σ_xy k_xy/N_xy. For trials that are independent and alike at each pair, any
λ, ν > 0 and s_xy = e^{λ/N_xy} - 1,

    P[Σ k_xy/N_xy >= t] <= exp(-λ t + Σ_xy N_xy ln(1 + p_xy s_xy)),

    Σ_xy N_xy ln(1 + p_xy s_xy) <= 4 ω ν + Σ_xy max_{0<=p<=1} [N_xy ln(1 + p s_xy) - ν p],

the maximum being N ln(N s/ν) - N + ν/s at p = N/ν - 1/s, or λ - ν at p = 1 where that is beyond it; the former is
never less than it. So an ω at which the right sides give at most ε, and with it every smaller one, is excluded with
confidence 1 - ε: for equal N_xy these are the ω with N d(ω̂ ‖ ω) >= ln(1/ε), N trials in all, a Kullback-Leibler
bound. No trial is spent on choosing anything: the game is fixed. The error rate has one binomial, and the limits of
zubkov2013 for its tail instead of Clopper and Pearson's exact one.

Both hold together with confidence 1 - ε, half of ε for each, divided by the number of games, or of readings of the
key, among which the same counts could have served to choose (labellings; outcomes merged). That nothing rests on χ²
or on a Gaussian, and that a cell without counts costs nothing, is what a theorem's completeness needs. The key length
needs none of it: it is sound whatever the device.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, ctx

from keybounds.bounds.run.tails import fewer
from keybounds.enclosure import Real, ball
from keybounds.errors import BehaviourError, InputError, UnsupportedError
from keybounds.states.arguments import exact_fraction

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour
    from keybounds.protocol import Pair

_PRECISION = 128
_STEPS = 44  # halvings: the bound is as near as a double shows
_SECTIONS, _NEAR = 60, 1e-6  # golden sections of log λ, in which the exponent is flat at its maximum
_LARGEST_EXPONENT = 500.0  # of e^{λ/N}: a double
_NUDGES = 40


@dataclass(frozen=True, slots=True)
class DeviceSet:
    """The devices that counts leave possible, as far as a run of the CHSH protocol is concerned.

    Attributes
    ----------
    winning
        Lower bound on ω.
    qber
        Upper bound on Q.
    confidence
        1 - ε, of both together.
    choices
        The number of games, and of readings of the key setting, that ε was divided by.
    trials
        Trials of the CHSH pairs and of the key pair.
    """

    winning: Fraction
    qber: Fraction
    confidence: float
    choices: tuple[int, int]
    trials: tuple[int, int]

    @property
    def chsh(self) -> float:
        """The S = 8 ω - 4 of the least winning probability; for display."""
        return float(8 * self.winning - 4)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "winning": float(self.winning),
            "chsh": self.chsh,
            "qber": float(self.qber),
            "confidence": self.confidence,
            "choices": list(self.choices),
            "trials": list(self.trials),
            "method": "Kullback-Leibler (Chernoff) bound on the game, binomial tail (zubkov2013) on the error rate",
            "assumptions": ["trials are independent", "the device is the same in each", "inputs are chosen freely"],
        }


def device_set(behaviour: Behaviour, key: Pair, *, confidence: Real = 0.99, readings: int = 1) -> DeviceSet:
    """The devices that the counts of a table leave possible with this confidence.

    Parameters
    ----------
    behaviour
        Counts with two outcomes each, labelled as the run is: S is that of the settings 0 and 1. A negative S is one
        with Bob's test outcomes exchanged, and an error rate above 1/2 one with his key outcome exchanged.
    key
        The key setting, chosen before the trials were seen.
    confidence
        1 - ε in (1/2, 1).
    readings
        Of how many ways to read the outcomes as bits the one at hand may have been chosen by these counts. Labellings
        are counted besides: every choice of two settings a party, of the place of the minus sign, and of signs.

    Raises
    ------
    BehaviourError
        No counts.
    UnsupportedError
        Other than two outcomes.
    InputError
        A confidence outside its range.
    """
    exact = exact_fraction("confidence", confidence)
    if not Fraction(1, 2) < exact < 1:
        raise InputError("confidence", "a number in (1/2, 1), such as 0.99", f"{float(exact):.12g}")
    if behaviour.counts is None:
        raise BehaviourError("behaviour", "a table of counts: confidence is about trials", "probabilities")
    if behaviour.outcomes != (2, 2):
        raise UnsupportedError("behaviour", "two outcomes of each party", str(behaviour.outcomes))
    nx, ny = behaviour.settings
    games, keys = 8 * math.comb(nx, 2) * math.comb(ny, 2) * readings, 2 * readings
    counts = behaviour.counts
    same = np.asarray(counts[0, 0] + counts[1, 1], dtype=object)
    total = np.asarray(counts.sum(axis=(0, 1)), dtype=object)
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    won = [int(total[p] - same[p] if p == (1, 1) else same[p]) for p in pairs]
    trials = [int(total[p]) for p in pairs]
    if behaviour.chsh < 0:
        won = [n - k for n, k in zip(trials, won, strict=True)]
    errors, rounds = int(total[tuple(key)] - same[tuple(key)]), int(total[tuple(key)])
    errors = min(errors, rounds - errors)
    epsilon = 1 - exact
    return DeviceSet(
        winning=least_winning(won, trials, epsilon / (2 * games)),
        qber=largest_error(errors, rounds, epsilon / (2 * keys)),
        confidence=float(exact),
        choices=(games, keys),
        trials=(sum(trials), rounds),
    )


def least_winning(won: list[int], trials: list[int], epsilon: Fraction) -> Fraction:
    """A lower bound on ¼ Σ p_xy with confidence 1 - ε, of trials won at four pairs; 0 where nothing is excluded."""
    mean = sum((Fraction(k, n) for k, n in zip(won, trials, strict=True)), Fraction(0))
    low, high = 0.0, float(mean) / 4
    needed = -math.log(epsilon)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        excluded = middle > 0 and _best_slope(float(mean), trials, middle)[0] >= needed
        low, high = (middle, high) if excluded else (low, middle)
    with ctx.workprec(_PRECISION):
        for nudge in range(_NUDGES):
            omega = low * (1 - 2.0**nudge * 1e-13)
            if not omega > 0:
                break
            slope = _best_slope(float(mean), trials, omega)[1]
            if _exponent(mean, trials, omega, slope) >= (1 / ball(epsilon)).log():
                return Fraction(omega)
    return Fraction(0)


def largest_error(errors: int, trials: int, epsilon: Fraction) -> Fraction:
    """An upper bound on the chance of an error with confidence 1 - ε; 1 where nothing is excluded."""
    if errors >= trials:
        return Fraction(1)
    low, high = errors / trials, 1.0
    with ctx.workprec(_PRECISION):
        for _ in range(_STEPS):
            middle = (low + high) / 2
            excluded = 0 < middle < 1 and fewer(trials, Fraction(middle), errors + 1) <= ball(epsilon)
            low, high = (low, middle) if excluded else (middle, high)
    return Fraction(high)


def _place(trials: list[int], omega: float, slope: float) -> float:
    """ν at which the places of the maxima add up to 4 ω, none of them being cut."""
    return sum(trials) / (4 * omega + sum(1 / math.expm1(slope / n) for n in trials))


def _best_slope(mean: float, trials: list[int], omega: float) -> tuple[float, float]:
    """The greatest exponent found for a mean ω, in doubles, and its λ; concave in λ."""

    def worth(log_slope: float) -> float:
        slope = math.exp(log_slope)
        place = _place(trials, omega, slope)
        total = slope * mean - 4 * omega * place
        for n in trials:
            s = math.expm1(slope / n)
            total -= slope - place if n / place - 1 / s >= 1 else n * math.log(n * s / place) - n + place / s
        return total

    low, high = math.log(1e-3 * math.sqrt(min(trials))), math.log(_LARGEST_EXPONENT * min(trials))
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = worth(left), worth(right)
    for _ in range(_SECTIONS):
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = worth(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = worth(right)
        if high - low < _NEAR:
            break
    return max((at_left, math.exp(left)), (at_right, math.exp(right)))


def _exponent(mean: Fraction, trials: list[int], omega: float, slope: float) -> arb:
    """-ln of the bound on the chance of so many wins, at this λ and its ν: valid whatever they are."""
    place = ball(_place(trials, omega, slope))
    lam = ball(slope)
    total = lam * ball(mean) - 4 * ball(omega) * place
    for n in trials:
        s = (lam / n).expm1()
        total -= lam - place if n / place - 1 / s >= 1 else n * (n * s / place).log() - n + place / s
    return total
