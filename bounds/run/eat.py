"""The key length of nadlinger2022 from entropy accumulation with its improved second order, in ball arithmetic.

    ℓ = Υ( n g(ω_thr) + n inf_ω [η(ω) - g(ω) - δ' V(ω)] - n δ'² K - nγ - n δ'' log² 5
           - (ϑ(ε') + α' log(1/ε_EA))/δ' - (ϑ(ε'') + α'' log(1/ε_EA))/δ'' - 3 ϑ(ε_s - ε' - 2ε'')
           - 5 log(1/ε_PA) - m - 264 ),

α' = 1 + δ', α'' = 1 + δ''; logarithms base 2. η(ω) is the entropy of Alice's outcome at winning probability ω, g its
tangent at t, as a min-tradeoff function on test rounds (claim ``eat-min-tradeoff``), V and K as in dupuis2019 with the
output alphabet {0,1}² of one round, ϑ(ε) = -log(1 - √(1-ε²)), and Υ undoes y + 4 log y, the extractor's overhead.
Source: nadlinger2022, Supplement S10, Eq. (73). Another extractor replaces 4 of the 5 log(1/ε_PA) and Υ by its own
terms (`extractors`); the fifth and the 264 stay.

With ε_EA = ε - 4 ε_h and any parameters with ε_PA + 2 ε_s <= ε_EA the length is ε-sound. η - g is convex and V concave
in ω, so what the infimum is taken of is convex: a subgradient at one point bounds it from below everywhere. The search
for that point and for the parameters proves nothing and need not be trusted.

The certificate (`FiniteKeyLength`) holds what the run does, and the parameters t, δ', δ'', ε_s, ε', ε'' and ε_PA as
exact fractions. `keybounds.proofs.verifier` encloses the infimum by itself, takes 1 - k_max/(nγ) for ω_thr, where k_max
is the number of lost tests that are accepted, and checks ℓ + 4 log ℓ against the argument of Υ (other extractors: their
own condition) and the admissibility above. S, Q and the deviations only say for which devices the run was designed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

from flint import arb

from keybounds.bounds.run.extractors import Extractor
from keybounds.bounds.run.run import Run, syndrome_length, winning_threshold
from keybounds.enclosure import ball, exp2, log2
from keybounds.errors import InputError

ALPHABET = 4
"""Outputs of a round in the theorem: Alice's bit, and Bob's in a test round."""

CONSTANT = 264
"""Bits published beside the syndrome, and constants of the theorem (nadlinger2022, S10)."""

_CLASSICAL = Fraction(3, 4)  # winning probability without entanglement


@dataclass(frozen=True, slots=True, kw_only=True)
class EatParameters:
    """The free parameters, as the exact numbers that they are.

    Attributes
    ----------
    tangent
        t in (3/4, (1 + 1/√2)/2): where the tangent touches the entropy curve.
    order_1, order_2
        δ' = α' - 1 in (0, 1) and δ'' = α'' - 1 in (0, 1/log 5): the Rényi orders of the two accumulations.
    smoothing, smoothing_1, smoothing_2
        ε_s > ε' + 2ε'' and ε', ε'' > 0: smoothing of the whole, and of the two accumulations.
    extractor_error
        ε_PA > 0.
    minimiser
        A point ω in [(1-1/√2)/2, (1+1/√2)/2] near the one at which the infimum is attained; any gives a valid length.
    """

    tangent: float
    order_1: float
    order_2: float
    smoothing: float
    smoothing_1: float
    smoothing_2: float
    extractor_error: float
    minimiser: float

    def fractions(self) -> dict[str, Fraction]:
        """The parameters by name, exactly.

        Raises
        ------
        InputError
            One is not a finite number.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in values.items():
            if not abs(value) < float("inf"):
                raise InputError(name, "a finite number", repr(value))
        return {name: Fraction(value) for name, value in values.items()}

    def check(self, budget: Fraction) -> None:
        """Check that the theorem admits the parameters with the soundness `budget` = ε - 4ε_h.

        Raises
        ------
        InputError
            One is outside its range, or together they exceed the budget.
        """
        exact = self.fractions()
        edge = largest_winning()
        for name, least, greatest in (("tangent", ball(_CLASSICAL), edge), ("minimiser", 1 - edge, edge)):
            if not least < ball(exact[name]) < greatest:
                raise InputError(name, f"in ({float(least):.6g}, {float(greatest):.6g})", repr(getattr(self, name)))
        for name, bound in (("order_1", arb(1)), ("order_2", 1 / log2(arb(5)))):
            if not 0 < ball(exact[name]) < bound:
                raise InputError(name, f"in (0, {float(bound):.6g})", repr(getattr(self, name)))
        for name in ("smoothing_1", "smoothing_2", "extractor_error"):
            if not exact[name] > 0:
                raise InputError(name, "above 0", repr(getattr(self, name)))
        if not exact["smoothing_1"] + 2 * exact["smoothing_2"] < exact["smoothing"]:
            raise InputError("smoothing", "above smoothing_1 + 2 smoothing_2", repr(self.smoothing))
        if not exact["extractor_error"] + 2 * exact["smoothing"] <= budget:
            raise InputError(
                "extractor_error", f"at most {float(budget):.6g} - 2 smoothing", repr(self.extractor_error)
            )


def eat_terms(run: Run, parameters: EatParameters, extractor: Extractor) -> dict[str, arb]:
    """The terms of the argument of Υ, by name, at the working precision.

    Raises
    ------
    InputError
        Parameters that the theorem does not admit.
    """
    parameters.check(run.budget)
    p = {name: ball(value) for name, value in parameters.fractions().items()}
    n, gamma = arb(run.rounds), ball(run.gamma)
    log_accepted = -log2(ball(run.budget))
    slope = entropy_slope(p["tangent"])
    at_threshold = entropy(p["tangent"]) + (winning_threshold(run) - p["tangent"]) * slope
    tail = p["smoothing"] - p["smoothing_1"] - 2 * p["smoothing_2"]
    weight = 1 + extractor.error_weight
    return {
        "accumulated": n * at_threshold,
        "variance": n * variance_infimum(run, parameters),
        "third_order": -n * p["order_1"] * p["order_1"] * third_order(p["order_1"], slope),
        "test_outcomes": -n * gamma,
        "test_outcomes_variance": -n * p["order_2"] * log2(arb(5)) * log2(arb(5)),
        "smoothing": -(theta(p["smoothing_1"]) + (1 + p["order_1"]) * log_accepted) / p["order_1"],
        "test_outcomes_smoothing": -(theta(p["smoothing_2"]) + (1 + p["order_2"]) * log_accepted) / p["order_2"],
        "chain_rule": -3 * theta(tail),
        "extractor_error": weight * log2(p["extractor_error"]) + extractor.constant,
        "syndrome": -arb(syndrome_length(run)),
        "constant": -arb(CONSTANT),
    }


def entropy(winning: arb) -> arb:
    """η(ω) = 1 - h(½ + ½√(16ω(ω-1)+3)) for ω above 3/4, the CHSH entropy at S = 8ω - 4; 0 otherwise."""
    if not winning > ball(_CLASSICAL):
        return arb(0)
    x = _root(winning)
    return ((1 + x) / 2 * log2(1 + x)) + ((1 - x) / 2 * log2(1 - x))


def entropy_slope(winning: arb) -> arb:
    """η'(ω) = 8 (2ω-1) artanh(x)/(x ln 2) with x = √(16ω(ω-1)+3), for ω above 3/4 and below (1 + 1/√2)/2."""
    x = _root(winning)
    return 8 * (2 * winning - 1) * x.atanh() / (x * arb.const_log2())


def variance_infimum(run: Run, parameters: EatParameters) -> arb:
    """A lower bound on inf_ω [η(ω) - g(ω) - δ' V(ω)], over the ω that quantum devices reach.

    The function F in brackets is convex, so F(ω) >= F(ω0) + s (ω - ω0) for a subgradient s at ω0. At ω0 = 3/4, where
    the slope of η jumps from 0 to 4/ln 2, s is the subgradient nearest to 0.
    """
    exact = parameters.fractions()
    point, delta, t = ball(exact["minimiser"]), ball(exact["order_1"]), ball(exact["tangent"])
    slope = entropy_slope(t)
    gap = entropy(point) - entropy(t) - (point - t) * slope
    gamma, loss = ball(run.gamma), 1 - point
    deviation = (2 + slope * slope * loss * (1 - gamma * loss) / gamma).sqrt()
    base = log2(arb(2 * ALPHABET**2 + 1))
    variance = arb.const_log2() / 2 * (base + deviation) * (base + deviation)
    falls = arb.const_log2() / 2 * (base + deviation) / deviation * slope * slope / gamma * (1 - 2 * gamma * loss)
    rest = -slope + delta * falls
    if exact["minimiser"] > _CLASSICAL:
        subgradient = entropy_slope(point) + rest
    elif exact["minimiser"] < _CLASSICAL:
        subgradient = rest
    else:
        subgradient = rest + (-rest).max(arb(0)).min(4 / arb.const_log2())
    ends = [subgradient * (end - point) for end in (1 - largest_winning(), largest_winning())]
    return gap - delta * variance + ends[0].min(ends[1]).min(arb(0))


def third_order(order: arb, slope: arb) -> arb:
    """K = 2^{δD} ln³(2^D + e²) / (6 (1-δ)³ ln 2), D = log 4 + g(1) - g(ω_min) (dupuis2019)."""
    span = log2(arb(ALPHABET)) + slope * largest_winning()
    logarithm = (exp2(span) + arb(2).exp()).log()
    rest = 1 - order
    return exp2(order * span) * logarithm**3 / (6 * rest * rest * rest * arb.const_log2())


def largest_winning() -> arb:
    """(1 + 1/√2)/2, the largest winning probability of quantum devices."""
    return (1 + arb(2).rsqrt()) / 2


def _root(winning: arb) -> arb:
    return (16 * winning * (winning - 1) + 3).sqrt()


def theta(error: arb) -> arb:
    """ϑ(ε) = -log(1 - √(1-ε²)) = log((1 + √(1-ε²))/ε²), which does not cancel."""
    return log2((1 + (1 - error * error).sqrt()) / (error * error))
