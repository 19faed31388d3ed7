"""The best parameters of the key length by entropy accumulation, in doubles.

Every admissible choice gives a valid length, which `eat` evaluates; so nothing rests on this search. It is nested:

- the errors have a closed form. ϑ(ε) = 1 + 2 log(1/ε) to within ε², so Σ w_k log(1/ε_k) is to be made least with
  2ε' + 4ε'' + 2(ε_s - ε' - 2ε'') + ε_PA fixed: each summand gets the share of its weight w_k;
- δ'' = √((ϑ(ε'') + log(1/ε_EA))/(n log² 5));
- δ' makes n (δ'V + δ'²K) + (ϑ(ε') + log(1/ε_EA))/δ' least, V at the minimiser ω (the envelope theorem), which is a
  fixed point as in the line above;
- ω is the root of an increasing function, since what it minimises is convex;
- only the tangent's place t is searched: a scan, then Brent's method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from keybounds.bounds.run.eat import ALPHABET, EatParameters
from keybounds.bounds.run.extractors import Extractor
from keybounds.bounds.run.run import Run
from keybounds.solvers import lower_than, root

_EDGE = (1 + math.sqrt(0.5)) / 2
_BASE = math.log2(2 * ALPHABET**2 + 1)
_LOG5 = math.log2(5)
_LN2 = math.log(2)
_SCAN = 14
_SWEEPS = 30
_SETTLED = 1e-9  # relative change of δ' between sweeps: the length changes by its square
_INSIDE = 1 - 2.0**-40  # keeps rounded parameters inside their strict limits


@dataclass(frozen=True, slots=True)
class _Inner:
    """The best orders and errors for one tangent, and what they lose together."""

    order_1: float
    order_2: float
    errors: tuple[float, float, float, float]  # ε', ε'', the rest of ε_s, ε_PA
    minimiser: float
    value: float  # of the terms that depend on the parameters, in bits


def eat_parameters(run: Run, extractor: Extractor) -> EatParameters:
    """Search for the parameters with the longest key."""
    problem = _Problem(run, extractor)

    def loss(x: float) -> float:
        return -problem.inner(_tangent(x)).value

    grid = [(k + 0.5) / _SCAN for k in range(_SCAN)]
    values = [loss(x) for x in grid]
    best = min(range(_SCAN), key=values.__getitem__)
    low, high = max(grid[best] - 1 / _SCAN, 1e-6), min(grid[best] + 1 / _SCAN, 1 - 1e-6)
    return problem.parameters(_tangent(lower_than(loss, grid[best], low, high, xatol=1e-9)))


def _tangent(x: float) -> float:
    """A map of (0, 1) onto (3/4, ω_max) with more room near the end, where the slope grows without limit."""
    return 0.75 + (_EDGE - 0.75) * (1 - (1 - x) ** 2)


def entropy(winning: float) -> float:
    """η(ω) in doubles."""
    if winning <= 0.75:
        return 0.0
    x = math.sqrt(max(16 * winning * (winning - 1) + 3, 0.0))
    return (1 + x) / 2 * math.log2(1 + x) + (1 - x) / 2 * (math.log2(1 - x) if x < 1 else 0.0)


def entropy_slope(winning: float) -> float:
    """η'(ω) in doubles, from the right at 3/4."""
    x = math.sqrt(max(16 * winning * (winning - 1) + 3, 0.0))
    return 8 * (2 * winning - 1) / _LN2 * (math.atanh(x) / x if x > 1e-8 else 1.0)


class _Problem:
    """What the search needs of the run, in doubles."""

    def __init__(self, run: Run, extractor: Extractor) -> None:
        self.n, self.gamma = run.rounds, float(run.gamma)
        self.budget = run.budget
        self.log_accepted = -math.log2(self.budget)
        losing = self.gamma * float(1 - run.winning)
        share = losing + float(run.deviations) * math.sqrt(losing * (1 - losing) / self.n)
        self.threshold = 1 - share / self.gamma
        self.error_weight = 1 + extractor.error_weight

    def inner(self, t: float) -> _Inner:
        """The best orders and errors for a tangent."""
        slope, level = entropy_slope(t), entropy(t)
        order_1 = order_2 = min(8 / math.sqrt(self.n), 0.3)
        for _ in range(_SWEEPS):
            errors = self._errors(order_1, order_2)
            cost_1 = _theta(errors[0]) + self.log_accepted
            cost_2 = _theta(errors[1]) + self.log_accepted
            order_2 = min(math.sqrt(cost_2 / self.n) / _LOG5, _INSIDE / _LOG5)
            omega = self._minimiser(t, slope, order_1)
            variance, third = self._variance(omega, slope), _third_order(order_1, slope)
            bend = order_1 * (2 * third[0] + order_1 * third[1])
            last, order_1 = order_1, min(math.sqrt(cost_1 / (self.n * (variance + bend))), 0.9)
            if abs(order_1 - last) < _SETTLED * order_1:
                break
        errors = self._errors(order_1, order_2)
        omega = self._minimiser(t, slope, order_1)
        per_round = level + (self.threshold - t) * slope
        per_round += entropy(omega) - level - (omega - t) * slope - order_1 * self._variance(omega, slope)
        per_round -= order_1 * order_1 * _third_order(order_1, slope)[0] + order_2 * _LOG5 * _LOG5
        value = self.n * per_round
        value -= (_theta(errors[0]) + (1 + order_1) * self.log_accepted) / order_1
        value -= (_theta(errors[1]) + (1 + order_2) * self.log_accepted) / order_2
        value -= 3 * _theta(errors[2]) - self.error_weight * math.log2(errors[3])
        return _Inner(order_1, order_2, errors, omega, value)

    def parameters(self, t: float) -> EatParameters:
        """The best parameters for a tangent, rounded to admissible doubles."""
        best = self.inner(t)
        first, second, rest, _ = best.errors
        smoothing = first + 2 * second + rest
        left = self.budget - 2 * Fraction(smoothing)
        return EatParameters(
            tangent=t,
            order_1=best.order_1,
            order_2=best.order_2,
            smoothing=smoothing,
            smoothing_1=first,
            smoothing_2=second,
            extractor_error=float(left) * _INSIDE,
            minimiser=best.minimiser,
        )

    def _errors(self, order_1: float, order_2: float) -> tuple[float, float, float, float]:
        weights = (2 / order_1, 2 / order_2, 6.0, float(self.error_weight))
        unit = float(self.budget) * _INSIDE / sum(weights)
        return weights[0] * unit / 2, weights[1] * unit / 4, weights[2] * unit / 2, weights[3] * unit

    def _minimiser(self, t: float, slope: float, order: float) -> float:
        """Where η - g - δ'V is least: a root of its slope, which increases, or the kink at 3/4."""

        def rest(omega: float) -> float:
            loss = 1 - omega
            deviation = math.sqrt(2 + slope * slope * loss * (1 - self.gamma * loss) / self.gamma)
            falls = _LN2 / 2 * (_BASE + deviation) / deviation * slope * slope / self.gamma
            return -slope + order * falls * (1 - 2 * self.gamma * loss)

        at_kink = rest(0.75)
        if at_kink + 4 / _LN2 < 0:
            return root(lambda omega: entropy_slope(omega) + rest(omega), 0.75, t, xtol=1e-16)
        if at_kink <= 0:
            return 0.75
        low = 1 - _EDGE
        return low * (1 + 1e-12) if rest(low) >= 0 else root(rest, low, 0.75, xtol=1e-16)

    def _variance(self, omega: float, slope: float) -> float:
        loss = 1 - omega
        deviation = math.sqrt(2 + slope * slope * loss * (1 - self.gamma * loss) / self.gamma)
        return _LN2 / 2 * (_BASE + deviation) ** 2


def _third_order(order: float, slope: float) -> tuple[float, float]:
    """K and its derivative in δ'."""
    span = math.log2(ALPHABET) + slope * _EDGE
    logarithm = span * _LN2 + math.log1p(math.exp(2 - span * _LN2))
    exponent = order * span
    value = 2.0 ** min(exponent, 500.0) * logarithm**3 / (6 * (1 - order) ** 3 * _LN2)
    return value, value * (span * _LN2 + 3 / (1 - order))


def _theta(error: float) -> float:
    return math.log2((1 + math.sqrt(1 - error * error)) / (error * error))
