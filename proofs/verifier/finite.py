"""Certificates of finite keys: whole bits of one run at a stated soundness, against general attacks.

n rounds, each a CHSH test with probability γ and else a key round, at a key setting of Alice's that is one of the CHSH
settings; m bits are published to correct errors. Four 64-bit hashes may each collide with probability ε_h = 2^-61,
which leaves ε - 4 ε_h of the soundness ε for secrecy.

**eat-2019**: the run is accepted if at most k tests are lost [nadlinger2022, Eq. (73); dupuis2019]. With the tangent
g(ω) = η(t) + (ω-t) η'(t) at t to the CHSH entropy η, α' = 1+δ' and α'' = 1+δ'', ℓ bits are sound if

    ℓ + (what the extractor adds) <= n [g(1 - k/nγ) + inf_ω F(ω) - δ'² K - γ - δ'' log² 5]
        - (ϑ(ε') + α' log 1/ε_EA)/δ' - (ϑ(ε'') + α'' log 1/ε_EA)/δ'' - 3 ϑ(ε_s - ε' - 2ε'') - 5 log 1/ε_PA - m - 264,
    F = η - g - δ' V,   V = (ln 2)/2 (log 33 + v)²,   v² = 2 + η'(t)² (1-ω)(1 - γ(1-ω))/γ,
    K = 2^(δ'D) ln³(2^D + e²)/(6 (1-δ')³ ln 2),   D = 2 + η'(t)(1 + 1/√2)/2,   ϑ(ε) = -log(1 - √(1-ε²)).

The infimum is over (1 - 1/√2)/2 <= ω <= (1 + 1/√2)/2. On [a, b], F(ω) >= F(a) + (b-a) min(0, inf F'), and
F' = η' - η'(t) - δ'V', where η'(ω) = 8(2ω-1) artanh(x)/(x ln 2), x² = 16ω(ω-1) + 3, grows from 4/ln 2 at 3/4, below
which η = 0. So inf F' takes η' at a, and V' on the whole interval.

**renyi**: the run is accepted if N_0 g_0 + N_1 g_1 >= s for N_0 lost and N_1 won tests (claim renyi-key-length):

    ℓ <= n κ + s - m - (α/δ) log 1/ε_PA + 2,   ε_PA = ε - 4 ε_h,   α = 1 + δ,   u_c = (2^(g_c)/r_c)^δ,   r_0 = 1 - r_1,
    κ = -(1/δ) log max_C G(C),   G(C) = (1 - γ + γ u_0) Q(C) + γ (u_1 - u_0) w(C),   u_1 >= u_0,   0 <= C <= 1,
    Q(C) = 2^-α ((1+C)^(1/α) + (1-C)^(1/α))^α,   w(C) = 1/2 + √(1+C²)/4.

Q is concave, by Minkowski's inequality for exponents below 1, and w is convex: on [a, b], G(C) is at most
G(a) + (b-a) max(0, (1 - γ + γ u_0) Q'(a) + γ (u_1 - u_0) w'(b)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from .correlations import in_words, read_test
from .logarithms import log2
from .reading import RejectedError, ball, fields, integer, number, one_of, require
from .statement import ADVERSARY, Finding, Pair, decimal, read_pair, read_source

HASHES = Fraction(4, 2**61)  # 4 ε_h
CONSTANT = 264
CLASSICAL = Fraction(3, 4)
LONGEST = 10**18  # rounds
LARGEST = 2**64  # of a score
MOST_BOXES = 4_000  # some seconds; an extremum of a real run takes some hundred
SLACK_BITS = 12  # an extremum is enclosed to 2^-12 bit of key, and closer where that does not decide

_RUN = ("theorem", "key", "test", "rounds", "gamma", "soundness", "syndrome_length", "extractor", "parameters")
_EAT = ("tangent", "order_1", "order_2", "smoothing", "smoothing_1", "smoothing_2", "extractor_error")
_RENYI = ("order", "loss_score", "win_score", "reference")


@dataclass(frozen=True)
class Run:
    """What both theorems ask about; `budget` is the soundness that is left for secrecy."""

    key: Pair
    test: tuple[Pair, Pair]
    rounds: int
    gamma: Fraction
    soundness: Fraction
    syndrome: int
    extractor: str

    @property
    def budget(self) -> Fraction:
        """ε - 4 ε_h."""
        return self.soundness - HASHES

    def __str__(self) -> str:
        x, y = self.key
        return (
            f"{self.rounds} rounds, key from setting ({x},{y}), CHSH test on {in_words(self.test)} with probability "
            f"{decimal(self.gamma)}, {self.syndrome} bits published for error correction, extractor {self.extractor}"
        )


def finite_key(statement: Any, document: dict[str, Any]) -> Finding:
    """Derive the length that the theorem named grants to a run."""
    stated = fields(statement, "statement", ("direction", "value", "unit", "scope", "method", "reference"))
    read_source(stated)
    require(stated["direction"] == "lower", "this certificate proves lower bounds only")
    require(stated["unit"] == "bit", "the unit of a key length is the bit")
    scope = fields(stated["scope"], "scope", ("adversary", "soundness"))
    adversary = one_of(scope["adversary"], "adversary", ADVERSARY)  # the theorems hold against both
    theorem = one_of(document.get("theorem"), "theorem", ("eat-2019", "renyi"))
    found = fields(document, "data", (*_RUN, "accepted_losses" if theorem == "eat-2019" else "score"))
    run = _run(found)
    soundness = number(scope["soundness"], "soundness", 0, 1)
    require(soundness >= run.soundness, "a soundness smaller than that of the data")
    length = integer(stated["value"], "length", 0, run.rounds)
    accepted, value, grounds = (_eat if theorem == "eat-2019" else _renyi)(found, run, length)
    subject = f"every run of {run}, accepted with {accepted}"
    scores = [str(number(found["parameters"][n], n)) for n in ("loss_score", "win_score") if n in found["parameters"]]
    return Finding(
        subject,
        f"secret key >= {length} bit\nof {subject}\n"
        f"scope: device-independent; {adversary}; soundness {decimal(soundness, 'upper')}",
        ["lower", str(length), "bit", adversary, str(soundness), *scores],
        (("lower", Fraction(length), value),),
        grounds,
    )


def _run(found: dict[str, Any]) -> Run:
    gamma, soundness = number(found["gamma"], "gamma", 0, 1), number(found["soundness"], "soundness", 0, 1)
    key, test = read_pair(found["key"], "key"), read_test(found["test"])
    require(key[0] in test[0], "Alice's key setting is none of the CHSH settings")
    require(0 < gamma < 1, "gamma is not a probability in (0, 1)")
    require(HASHES < soundness < 1, "a soundness that the hashes exceed, or of 1")
    extractor = one_of(found["extractor"], "extractor", ("trevisan", "toeplitz", "circulant"))
    rounds, syndrome = integer(found["rounds"], "rounds", 1, LONGEST), found["syndrome_length"]
    return Run(key, test, rounds, gamma, soundness, integer(syndrome, "syndrome_length", 0, LONGEST), extractor)


# --- entropy accumulation --------------------------------------------------------------------------------------------


def _eat(found: dict[str, Any], run: Run, length: int) -> tuple[str, Callable[[], arb], str]:
    given = fields(found["parameters"], "parameters", _EAT)
    exact = {name: number(given[name], name, 0, 1) for name in _EAT}
    losses = integer(found["accepted_losses"], "accepted_losses", 0, run.rounds)
    require(all(value > 0 for value in exact.values()), "a parameter that is not above 0")
    require(exact["tangent"] > CLASSICAL, "a tangent below the classical winning probability")
    require(bool(ball(exact["tangent"]) < _edge()), "a tangent beyond the quantum winning probability")
    require(exact["order_1"] < 1, "order_1 is not below 1")
    require(bool(ball(exact["order_2"]) < 1 / log2(arb(5))), "order_2 is not below 1/log 5")
    tail = exact["smoothing"] - exact["smoothing_1"] - 2 * exact["smoothing_2"]
    require(tail > 0, "a smoothing not above smoothing_1 + 2 smoothing_2")
    spent = exact["extractor_error"] + 2 * exact["smoothing"]
    require(spent <= run.budget, "the parameters exceed the soundness")

    def value() -> arb:
        p = {name: ball(part) for name, part in exact.items()}
        n, gamma, slope = arb(run.rounds), ball(run.gamma), _entropy_slope(exact["tangent"])
        unlikely = -log2(ball(run.budget))
        span = 2 + slope * _edge()
        power, rest = _power2(span), 1 - p["order_1"]
        third = (
            _power2(p["order_1"] * span) * _cube((power + arb(2).exp()).log()) / (6 * _cube(rest) * arb.const_log2())
        )
        at_losses = 1 - ball(Fraction(losses) / (run.rounds * run.gamma))
        per_round = _entropy(exact["tangent"]) + (at_losses - p["tangent"]) * slope + _variance(exact, run, slope)
        per_round -= p["order_1"] * p["order_1"] * third + gamma + p["order_2"] * log2(arb(5)) * log2(arb(5))
        total = n * per_round - 3 * _theta(ball(tail)) - run.syndrome - CONSTANT
        for order, smoothing in (("order_1", "smoothing_1"), ("order_2", "smoothing_2")):
            total -= (_theta(p[smoothing]) + (1 + p[order]) * unlikely) / p[order]
        if run.extractor == "trevisan":
            return total + 5 * log2(p["extractor_error"]) - 4 * log2(arb(max(length, 1)))
        return total + 3 * log2(p["extractor_error"]) + 2

    accepted = f"{losses} lost tests at most"
    return accepted, value, "entropy accumulation [dupuis2019], as in [nadlinger2022]; claim eat-min-tradeoff"


def _variance(exact: dict[str, Fraction], run: Run, slope: arb) -> arb:
    """inf F, enclosed."""
    tangent, order, gamma = exact["tangent"], ball(exact["order_1"]), ball(run.gamma)
    height, base, edge = _entropy(tangent), log2(arb(33)), _edge()

    def deviation(loss: arb) -> arb:
        return (2 + slope * slope * loss * (1 - gamma * loss) / gamma).sqrt()

    def value(point: Fraction) -> arb:
        v = base + deviation(1 - ball(point))
        return _entropy(point) - height - ball(point - tangent) * slope - order * arb.const_log2() / 2 * v * v

    def bound(a: Fraction, b: Fraction) -> arb:
        end = ball(b).min(edge)
        losses = (1 - ball(a)).union(1 - end)
        v = deviation(losses)
        falls = arb.const_log2() / 2 * (base + v) / v * slope * slope / gamma * (1 - 2 * gamma * losses)
        steepest = (_entropy_slope(a) - slope + order * falls).min(arb(0))
        return value(a) + (end - ball(a)) * steepest

    def outside(a: Fraction) -> bool:
        return bool(ball(a) > edge)

    # 1/7 and 6/7 are beyond the two ends; η has a kink at 3/4
    low, high = Fraction(1, 7), Fraction(6, 7)
    return _infimum(value, bound, outside, [(low, CLASSICAL), (CLASSICAL, high)], run.rounds)


def _infimum(
    value: Callable[[Fraction], arb],
    bound: Callable[[Fraction, Fraction], arb],
    outside: Callable[[Fraction], bool],
    boxes: list[tuple[Fraction, Fraction]],
    scale: Fraction | int,
) -> arb:
    """Enclose an infimum over intervals: bisect each that `bound` does not show to lie above the least value seen.

    Of the ball that it gives, the lower end counts.
    """
    slack = ball(Fraction(1, 2 ** (SLACK_BITS * ctx.prec // 128)) / scale)
    least = value(boxes[-1][0]).upper()
    below = least
    for _ in range(MOST_BOXES):
        if not boxes:
            return below.union(least)
        a, b = boxes.pop()
        if outside(a):
            continue
        least = least.min(value(a).upper())
        found = bound(a, b).lower()
        if found >= least - slack:
            below = below.min(found)
        else:
            boxes += [(a, (a + b) / 2), ((a + b) / 2, b)]
    raise RejectedError("the extremum over all devices was not enclosed")


def _edge() -> arb:
    """(1 + 1/√2)/2, the greatest winning probability of quantum devices; 1 minus it is the least."""
    return (1 + arb(2).rsqrt()) / 2


def _entropy(winning: Fraction) -> arb:
    """η(ω) = 1 - h((1+x)/2) for ω above 3/4, else 0."""
    if winning <= CLASSICAL:
        return arb(0)
    x = ball(16 * winning * (winning - 1) + 3).sqrt()
    return ((1 + x) * log2(1 + x) + (1 - x) * log2(1 - x)) / 2


def _entropy_slope(winning: Fraction) -> arb:
    """η'(ω), from the right at 3/4; 0 below."""
    if winning < CLASSICAL:
        return arb(0)
    if winning == CLASSICAL:
        return 4 / arb.const_log2()
    x = ball(16 * winning * (winning - 1) + 3).sqrt()
    return 8 * ball(2 * winning - 1) * x.atanh() / (x * arb.const_log2())


def _theta(error: arb) -> arb:
    """ϑ(ε) = log((1 + √(1-ε²))/ε²)."""
    square = error * error
    return log2((1 + (1 - square).sqrt()) / square)


# --- Rényi entropies -------------------------------------------------------------------------------------------------


def _renyi(found: dict[str, Any], run: Run, length: int) -> tuple[str, Callable[[], arb], str]:
    given = fields(found["parameters"], "parameters", _RENYI)
    order = number(given["order"], "order", 0, 1)
    lost, won = (number(given[name], name, -LARGEST, LARGEST) for name in ("loss_score", "win_score"))
    reference = number(given["reference"], "reference", 0, 1)
    score = number(found["score"], "score", -LARGEST, LARGEST)
    require(order > 0, "order is not above 0")
    require(0 < reference < 1, "reference is not in (0, 1)")
    require(run.extractor != "trevisan", "this theorem needs a hash that is exactly uniform on differences")

    def value() -> arb:
        delta, gamma = ball(order), ball(run.gamma)
        u_0 = _power2(delta * (ball(lost) - log2(ball(1 - reference))))
        u_1 = _power2(delta * (ball(won) - log2(ball(reference))))
        require(bool(u_1 >= u_0), "a won test does not certainly weigh as much as a lost one")
        greatest = _greatest(1 - gamma + gamma * u_0, gamma * (u_1 - u_0), order, run.rounds)
        total = -run.rounds * log2(greatest) / delta + ball(score) - run.syndrome + 2
        return total + (1 + delta) / delta * log2(ball(run.budget))

    accepted = (
        f"a score of {decimal(score)} at least, where a lost test counts {decimal(lost)} and a won one {decimal(won)}"
    )
    return accepted, value, "claim renyi-key-length, upon [dupuis2023]"


def _greatest(on_key: arb, on_test: arb, order: Fraction, rounds: int) -> arb:
    """max G, enclosed."""
    alpha = 1 + ball(order)
    beta = 1 / alpha

    def powers(c: Fraction, exponent: arb) -> tuple[arb, arb]:
        return _power(ball(1 + c), exponent), _power(ball(1 - c), exponent)

    def minus(c: Fraction) -> arb:
        plus, less = powers(c, beta)
        key = _power2(-alpha) * _power(plus + less, alpha)
        return -on_key * key - on_test * (2 + ball(1 + c * c).sqrt()) / 4

    def bound(a: Fraction, b: Fraction) -> arb:
        plus, less = powers(a, beta)
        steep_plus, steep_less = powers(a, beta - 1)
        key = _power2(-alpha) * _power(plus + less, alpha - 1) * (steep_plus - steep_less)
        steepest = on_key * key + on_test * ball(b) / (4 * ball(1 + b * b).sqrt())
        return minus(a) - ball(b - a) * steepest.max(arb(0))

    size = on_key + on_test  # G is between half of it and the whole, so that relative errors are about absolute ones
    scale = Fraction(int((rounds / (ball(order) * size.lower())).upper().ceil().unique_fmpz()) + 1)
    return -_infimum(minus, bound, lambda _: False, [(Fraction(0), Fraction(1))], scale)


def _power(base: arb, exponent: arb) -> arb:
    """base^exponent, 0 at 0 for exponents above 0."""
    return arb(0) if base.is_zero() and exponent > 0 else _power2(exponent * log2(base))


def _power2(exponent: arb) -> arb:
    return (exponent * arb.const_log2()).exp()


def _cube(x: arb) -> arb:
    return x * x * x
