"""The Rényi key length (claim ``renyi-key-length``), evaluated in ball arithmetic.

    ℓ = ⌊ n κ + s - m - (α/δ) log(1/ε_PA) + 2 ⌋,   α = 1 + δ, 0 < δ <= 1, logarithms base 2.

A test round that is lost scores g_0, one that is won g_1, and a key round 0; the run is accepted if its score
N_0 g_0 + N_1 g_1 is at least s. With a reference distribution r = (1 - ω_r, ω_r) and u_c = (2^{g_c}/r_c)^δ,

    κ = -(1/δ) log max_{0<=C<=1} [ (1 - γ + γ u_0) Q*(C) + γ (u_1 - u_0) w(C) ],   u_1 >= u_0,
    Q*(C) = 2^{-α} ((1+C)^{1/α} + (1-C)^{1/α})^α,   w(C) = 1/2 + √(1+C²)/4.

Put N_0 g_0 + N_1 g_1 of the run in the place of s, and ℓ is a length that varies with the run. In the notation of the
claim f_c = g_c - log r_c. Any such g, ω_r, δ and s give a sound length, if fixed before the data. Of the soundness ε,
ε_PA = ε - 4 ε_h is left for secrecy; one ε_h is ε_EV, the error of the tag that validates error correction. The tag is
sent under a one-time pad, which the balance sheet counts: it does not enter ℓ.

What the claim asks of the run: rounds in order; Eve learns of the devices only what is announced, and that a round is
tested only after its state is fixed; Alice's device does not learn it at all; the hash makes two different strings
collide with probability exactly 2^-ℓ, which ``toeplitz`` and ``circulant`` do. ``trevisan`` is not covered.

The certificate (`FiniteKeyLength`) holds what the run does, and δ, g_0, g_1, ω_r and s as exact fractions.
`keybounds.proofs.verifier` encloses κ and checks ℓ <= n κ + s - m - (α/δ) log(1/ε_PA) + 2 and the ranges above; S, Q
and the deviations only say for which devices the run was designed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

from flint import arb, ctx

from keybounds.bounds.run.run import Run, syndrome_length
from keybounds.enclosure import Real, ball, exp2, log2
from keybounds.errors import BoundNotEstablishedError, InputError

CONSTANT = 2
"""Bits gained from the constant 2^{2/α-2} of hashing without smoothing."""

_PRECISION = 192  # bits: -log of a number near 1, divided by a small δ
_DEEPEST = 120  # halvings of [0, 1]: an interval that small is taken as it is
_MOST_BOXES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class RenyiParameters:
    """The free parameters, as the exact numbers that they are.

    Attributes
    ----------
    order
        δ = α - 1 in (0, 1].
    loss_score, win_score
        g_0 and g_1, what a lost and a won test add to the score; 2^{g_0}/(1-ω_r) <= 2^{g_1}/ω_r.
    reference
        ω_r in (0, 1), the winning probability for which the outcomes of the tests are discounted.
    score
        s, from which on the run is accepted.
    """

    order: float
    loss_score: float
    win_score: float
    reference: float
    score: float

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

    def weights(self) -> tuple[Fraction, arb, arb]:
        """δ, f_0 and f_1 = g_c - log r_c.

        Raises
        ------
        InputError
            Parameters that the theorem does not admit.
        """
        exact = self.fractions()
        if not 0 < exact["order"] <= 1:
            raise InputError("order", "δ = α - 1 in (0, 1]", repr(self.order))
        if not 0 < exact["reference"] < 1:
            raise InputError("reference", "a probability in (0, 1)", repr(self.reference))
        f_0 = ball(exact["loss_score"]) - log2(ball(1 - exact["reference"]))
        f_1 = ball(exact["win_score"]) - log2(ball(exact["reference"]))
        return exact["order"], f_0, f_1


def renyi_terms(run: Run, parameters: RenyiParameters, *, score: Fraction | None = None) -> dict[str, arb]:
    """The terms of ℓ by name, at the working precision; `score` in the place of the threshold, for a varying length.

    Raises
    ------
    InputError
        Parameters that the theorem does not admit.
    """
    order, f_0, f_1 = parameters.weights()
    gained = parameters.fractions()["score"] if score is None else score
    log_error = log2(ball(run.budget))
    return {
        "entropy": run.rounds * entropy_rate(run.gamma, order, f_0, f_1, tolerance=Fraction(1, 1000 * run.rounds)),
        "score": ball(gained),
        "syndrome": -arb(syndrome_length(run)),
        "privacy_amplification": (1 + ball(order)) / ball(order) * log_error,
        "constant": arb(CONSTANT),
    }


def entropy_rate(
    gamma: Real, order: Fraction, f_0: Real | arb, f_1: Real | arb, *, tolerance: Fraction = Fraction(1, 10**12)
) -> arb:
    """κ in bits per round, enclosed: its lower end holds whatever the search does, its upper end shows how tight it is.

    The maximum over C is bounded by bisection. On an interval the bracket is at most the first summand at the left end
    plus the second at the right one, as Q* falls and w grows; where its derivative is enclosed, also the value at an
    end (if the sign is certain) or the mean-value bound.

    Parameters
    ----------
    gamma, order
        γ in (0, 1) and δ in (0, 1].
    f_0, f_1
        Weights of a lost and a won test, f_1 certainly at least f_0.
    tolerance
        Bits; intervals that can raise the maximum by less are not split further.

    Raises
    ------
    InputError
        f_0 above f_1 (or not certainly below), or δ outside (0, 1].
    BoundNotEstablishedError
        No enclosure at the working precision.
    """
    if not 0 < order <= 1:
        raise InputError("order", "δ = α - 1 in (0, 1]", f"{float(order):.12g}")
    with ctx.workprec(max(ctx.prec, _PRECISION)):
        first, second = ball(f_0), ball(f_1)
        if not (second - first >= 0):
            raise InputError("win_score", "a weight of won tests not below that of lost ones", f"{second - first}")
        bracket = _Bracket(ball(gamma), ball(order), first, second)
        highest, seen = bracket.maximum(slack=float(tolerance * order) / 2)
        upper, lower = (-log2(value) / ball(order) for value in (seen, highest))
        if not (lower.is_finite() and upper.is_finite()):
            raise BoundNotEstablishedError(f"no enclosure of the entropy rate: {lower}")
        return lower.union(upper)


class _Bracket:
    """A Q*(C) + B w(C), with A = 1 - γ + γ u_0 and B = γ (u_1 - u_0)."""

    def __init__(self, gamma: arb, order: arb, f_0: arb, f_1: arb) -> None:
        u_0, u_1 = exp2(order * f_0), exp2(order * f_1)
        self.alpha = 1 + order
        self.on_entropy, self.on_winning = 1 - gamma + gamma * u_0, gamma * (u_1 - u_0).nonnegative_part()

    def key_sum(self, c: arb) -> arb:
        """Q*(C), for C in [0, 1] exactly representable."""
        parts = _power(1 + c, 1 / self.alpha) + _power(1 - c, 1 / self.alpha)
        return exp2(-self.alpha) * _power(parts, self.alpha)

    def value(self, c: arb) -> arb:
        """Return the bracket at C."""
        return self.on_entropy * self.key_sum(c) + self.on_winning * _winning(c)

    def slope(self, c: arb) -> arb:
        """Return the derivative by C, not finite on an interval that reaches 1."""
        beta = 1 / self.alpha
        parts = _power(1 + c, beta) + _power(1 - c, beta)
        falls = exp2(-self.alpha) * _power(parts, self.alpha - 1)
        falls = falls * (_power(1 + c, beta - 1) - _power(1 - c, beta - 1))
        return self.on_entropy * falls + self.on_winning * c / (4 * (1 + c * c).sqrt())

    def maximum(self, slack: float) -> tuple[arb, arb]:
        """An upper bound on the maximum over [0, 1], and the greatest value seen."""
        first, last = self.value(arb(0)), self.value(arb(1))
        seen = first.lower().max(last.lower())
        settled = seen
        slack = max(slack, 8 * float(first.rad() / first.lower()))  # what the weights' own width blurs
        boxes = [(0, 0)]  # (k, depth): the interval [k, k+1]/2^depth
        for _ in range(_MOST_BOXES):
            if not boxes:
                break
            k, depth = boxes.pop()
            bound, inside = self._bounds(k, depth)
            seen = seen.max(inside)
            if bound <= seen * (1 + arb(slack)) or depth >= _DEEPEST:
                settled = settled.max(bound)
            else:
                boxes += [(2 * k, depth + 1), (2 * k + 1, depth + 1)]
        for k, depth in boxes:
            settled = settled.max(self._bounds(k, depth)[0])
        return settled.max(seen), seen

    def _bounds(self, k: int, depth: int) -> tuple[arb, arb]:
        """An upper bound on the interval, and a value in it, rounded down."""
        left, right, middle = (ball(Fraction(i, 1 << (depth + 1))) for i in (2 * k, 2 * k + 2, 2 * k + 1))
        bound = (self.on_entropy * self.key_sum(left) + self.on_winning * _winning(right)).upper()
        slope = self.slope(left.union(right))
        if slope.is_finite() and (slope >= 0 or slope <= 0):
            end = self.value(right if slope >= 0 else left)
            return bound.min(end.upper()), end.lower()
        centre = self.value(middle)
        if slope.is_finite():
            bound = bound.min((centre + abs(slope) * (right - left) / 2).upper())
        return bound, centre.lower()


def _winning(c: arb) -> arb:
    """w(C) = 1/2 + S/8 at S = 2 √(1+C²)."""
    return (2 + (1 + c * c).sqrt()) / 4


def _power(base: arb, exponent: arb) -> arb:
    """base^exponent for a base of at least 0; 0 at exactly 0, not finite on a ball that reaches it."""
    return arb(0) if base.is_zero() and exponent > 0 else (exponent * base.log()).exp()
