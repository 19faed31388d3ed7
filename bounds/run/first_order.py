"""The key length from entropy accumulation with its first second-order term (dupuis2020; arnonfriedman2018).

    ℓ = n g(ω_thr) - 2 √n (log 9 + ⌈η'(t)/γ⌉) √(1 - 2 log(ε' ε_EA)) - nγ - 2 √n log 5 √(1 - 2 log(ε'' ε_EA))
        - 3 ϑ(ε_s - ε' - 2ε'') - (extractor) - log(1/ε_PA) - m - 264

1. dupuis2020, Theorem 4.4, for the outputs {0,1}² of a round: with a convex min-tradeoff function f, and h <= f(freq)
   for each accepted run, H_min^{ε'} >= n h - 2 √n (log(1 + 2·4) + ⌈‖∇f‖⌉) √(1 - 2 log(ε' Pr[accepted])). Here f is that
   of claim ``eat-min-tradeoff``; as a function of the share of lost tests it has the slope -η'(t)/γ.
2. The same for Bob's outcome, in {0,1}, 0 in key rounds: H_max^{ε''} <= n γ + 2 √n log(1 + 2·2) √(1 - 2 log(ε'' Pr)),
   its max-tradeoff function being the constant γ.
3. Chain rule and extractor as for ``eat-2019``; so are soundness, m, and the constant.

The slope grows like 1/γ where the deviation of ``eat-2019`` grows like 1/√γ: this theorem needs many more rounds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from fractions import Fraction

from flint import arb, ctx

from keybounds.bounds.run.assumptions import DESIGN, IN_ORDER, LABORATORIES
from keybounds.bounds.run.eat import (
    ALPHABET,
    CONSTANT,
    entropy,
    entropy_slope,
    largest_winning,
    theta,
)
from keybounds.bounds.run.extractors import Extractor, extractor
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.loss_limited import PRECISION, Theorem, in_doubles, whole_key
from keybounds.bounds.run.run import Run, syndrome_length, winning_threshold
from keybounds.bounds.scope import Adversary
from keybounds.enclosure import ball, log2
from keybounds.errors import InputError

_SCAN = 400  # places of the tangent that are tried


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOrderParameters:
    """The free parameters, as the exact numbers that they are.

    Attributes
    ----------
    tangent
        t in (3/4, (1 + 1/√2)/2).
    smoothing, smoothing_1, smoothing_2
        ε_s > ε' + 2ε'' and ε', ε'' in (0, 1).
    extractor_error
        ε_PA > 0, with ε_PA + 2 ε_s <= ε - 4ε_h.
    """

    tangent: float
    smoothing: float
    smoothing_1: float
    smoothing_2: float
    extractor_error: float

    def check(self, budget: Fraction) -> dict[str, Fraction]:
        """The parameters by name, exactly, if the theorem admits them with the soundness `budget` = ε - 4ε_h.

        Raises
        ------
        InputError
            One is no finite number or outside its range, or together they exceed the budget.
        """
        for field in fields(self):
            if not abs(getattr(self, field.name)) < float("inf"):
                raise InputError(field.name, "a finite number", repr(getattr(self, field.name)))
        exact = {field.name: Fraction(getattr(self, field.name)) for field in fields(self)}
        if not Fraction(3, 4) < exact["tangent"] or not ball(exact["tangent"]) < largest_winning():
            raise InputError("tangent", "in (0.75, 0.853553)", repr(self.tangent))
        for name in ("smoothing_1", "smoothing_2", "extractor_error"):
            if not exact[name] > 0:
                raise InputError(name, "above 0", repr(getattr(self, name)))
        if not exact["smoothing_1"] + 2 * exact["smoothing_2"] < exact["smoothing"]:
            raise InputError("smoothing", "above smoothing_1 + 2 smoothing_2", repr(self.smoothing))
        if not exact["extractor_error"] + 2 * exact["smoothing"] <= budget:
            raise InputError(
                "extractor_error", f"at most {float(budget):.6g} - 2 smoothing", repr(self.extractor_error)
            )
        return exact


def first_order_key(run: Run, extractor_name: str, parameters: FirstOrderParameters | None = None) -> FiniteKey:
    """The key by first-order entropy accumulation, at given parameters or at those of a scan.

    Raises
    ------
    InputError
        Parameters that the theorem does not admit.
    UnknownNameError
        No such extractor.
    """
    chosen = extractor(extractor_name)
    best = parameters if parameters is not None else first_order_parameters(in_doubles(run), chosen)
    with ctx.workprec(PRECISION):
        values = first_order_terms(run, best, chosen)
    return whole_key(_EAT_2018, run, chosen, values, parameters=best.check(run.budget))


def first_order_terms(run: Run, parameters: FirstOrderParameters, chosen: Extractor) -> dict[str, arb]:
    """The terms of ℓ by name, at the working precision.

    Raises
    ------
    InputError
        Parameters that the theorem does not admit.
    """
    p = {name: ball(value) for name, value in parameters.check(run.budget).items()}
    n, gamma = arb(run.rounds), ball(run.gamma)
    log_accepted = -log2(ball(run.budget))
    slope = entropy_slope(p["tangent"])
    steepest = (slope / gamma).upper().ceil()
    at_threshold = entropy(p["tangent"]) + (winning_threshold(run) - p["tangent"]) * slope
    rest = p["smoothing"] - p["smoothing_1"] - 2 * p["smoothing_2"]

    def deviation(outputs: int, steepest: arb, smoothing: arb) -> arb:
        scale = log2(arb(1 + 2 * outputs)) + steepest
        return 2 * n.sqrt() * scale * (1 + 2 * (log_accepted - log2(smoothing))).sqrt()

    return {
        "accumulated": n * at_threshold,
        "deviation": -deviation(ALPHABET, steepest, p["smoothing_1"]),
        "test_outcomes": -n * gamma,
        "test_outcomes_deviation": -deviation(2, arb(0), p["smoothing_2"]),
        "chain_rule": -3 * theta(rest),
        "extractor_error": (1 + chosen.error_weight) * log2(p["extractor_error"]) + chosen.constant,
        "syndrome": -arb(syndrome_length(run)),
        "constant": -arb(CONSTANT),
    }


def first_order_parameters(run: Run, chosen: Extractor) -> FirstOrderParameters:
    """Parameters near the best ones; any admissible ones give a valid length.

    Errors share the budget by the weights with which their logarithms enter; the tangent's place is scanned.
    """
    with ctx.workprec(64):
        threshold = float(winning_threshold(run).mid())
    n, gamma, budget = run.rounds, float(run.gamma), float(run.budget)
    edge = (1 + math.sqrt(0.5)) / 2
    top = min(max(threshold, 0.7501), edge)
    root = 2 * math.sqrt(n * (1 - 4 * math.log2(budget)))

    def loss(t: float) -> float:
        x = math.sqrt(16 * t * (t - 1) + 3)
        slope = 8 * (2 * t - 1) * math.atanh(x) / (x * math.log(2))
        level = (1 + x) / 2 * math.log2(1 + x) + (1 - x) / 2 * math.log2(1 - x)
        return root * math.ceil(slope / gamma) - n * (level + (threshold - t) * slope)

    # a tangent right of the threshold is steeper and no higher there
    tangent = min((0.75 + (top - 0.75) * (k + 1) / (_SCAN + 2) for k in range(_SCAN)), key=loss)
    slope = 4 / math.log(2) / gamma
    weight = 2 * n / root  # derivative of the square roots by the logarithm
    shares = weight * (3 + slope), weight * 2.3, 6.0, 1.0 + chosen.error_weight
    unit = budget * (1 - 2.0**-40) / sum(shares)
    first, second, rest, last = (share * unit for share in shares)
    return FirstOrderParameters(
        tangent=tangent,
        smoothing=(first + second + rest) / 2,
        smoothing_1=first / 2,
        smoothing_2=second / 4,
        extractor_error=last,
    )


_EAT_2018 = Theorem(
    name="eat-2018",
    reference="dupuis2020, Theorem 4.4; arnonfriedman2018",
    adversary=Adversary.GENERAL,
    assumptions=(*LABORATORIES, IN_ORDER, DESIGN),
    error_weight=1,
    words={
        "accumulated": ("n g(ω_thr)", "entropy per round at the threshold, by the tangent at t"),
        "deviation": ("-2 √n (log 9 + ⌈η'(t)/γ⌉) √(1 - 2 log(ε' ε_EA))", "first-order deviation, by the slope"),
        "test_outcomes": ("-n γ", "Bob's outcomes in test rounds, counted in the accumulation and not Alice's"),
        "test_outcomes_deviation": ("-2 √n log 5 √(1 - 2 log(ε'' ε_EA))", "the deviation for Bob's outcomes"),
        "chain_rule": ("-3 ϑ(ε_s - ε' - 2ε'')", "taking Bob's outcomes out again"),
        "syndrome": ("-m", "published for error correction"),
        "constant": ("-264", "published beside the syndrome, and constants of nadlinger2022"),
    },
)
