"""Key of a finite run from the full correlations, against collective attacks only.

The rounds are independent and alike, on unknown states and devices. n_t of n rounds, at random places, are tests with
uniform settings over all pairs, whose outcomes are published; the others are key rounds, post-selected and flipped as
in `conditional_entropy`. Each test scores f (`score`), with p_V H(Â|E,V) >= E f - slack for every quantum behaviour.

1. *Acceptance.* The run is accepted if f̄ - √(2 v ln(2/ε_t)/n_t) - 7 (f_max - f_min) ln(2/ε_t)/(3 (n_t - 1)) is at least
   φ, with the sample's mean f̄ and variance v. By the empirical Bernstein bound (maurer2009, Theorem 4) devices with
   E f < φ are accepted with probability at most ε_t.
2. *Equipartition.* All others have H_min^{ε_s}(Âⁿ|Eⁿ Vⁿ) >= n_k (φ - slack) - 4 log(2 + √2) √(n_k log(2/ε_s²)) on the
   n_k key rounds (tomamichel2009, for a classical bit, dropped ones set to 0; n_k >= 8/5 log(2/ε_s²)).
3. *Hashing.* ℓ = ⌊that - m - 264 - 2 log(1/ε_PA) + 2⌋ (tomamichel2011), m bits of syndrome, and the 264 of
   nadlinger2022 for what is published beside it.

Soundness max(ε_t, ε_PA + 2 ε_s) + 4 ε_h, as for `eat`. φ, n_t, m and the errors are fixed before the run; any choice
gives a valid length. m is what an ideal code needs: p_V H(Â|B,V) for each key round and 50 √n bits more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, ctx
from numpy.typing import ArrayLike

from keybounds.bounds.bound import Status
from keybounds.bounds.correlations.entropy.conditional_entropy import entropy_functional
from keybounds.bounds.correlations.hierarchy import Hierarchy
from keybounds.bounds.correlations.reconciliation import key_rounds
from keybounds.bounds.run.assumptions import ALIKE, DESIGN, LABORATORIES
from keybounds.bounds.run.extractors import extractor
from keybounds.bounds.run.key import FiniteKey, Term
from keybounds.bounds.run.run import HASH_ERROR, MARGIN, MOST_ROUNDS, balance_sheet
from keybounds.bounds.run.score import Score, entropy_score
from keybounds.bounds.scope import Adversary
from keybounds.enclosure import Real, ball, log2, round_down, round_up
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.protocol import Discussion, Protocol
from keybounds.solvers import lower_than
from keybounds.states.arguments import exact_fraction
from keybounds.thing import Thing

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour
    from keybounds.experiments.question import Question

COARSE = Hierarchy("11", 16)
"""The hierarchy of a score where none is given: finer ones gain little against what finite statistics cost."""

CONSTANT = 264
_DEVIATIONS = 3  # between the honest score and the accepted one: a choice, on which no soundness rests
_PRECISION = 192


@dataclass(frozen=True, slots=True, eq=False)
class CollectiveDesign:
    """What does not change with the number of rounds: the score, and what error correction costs.

    Attributes
    ----------
    question
        Honest devices, and the one-way class with the key setting and its preprocessing.
    score
        Of a test round.
    reconciliation
        p_V H(Â|B,V) of honest devices in bits per key round, rounded up.
    """

    question: Question
    score: Score
    reconciliation: float

    @property
    def asymptotic(self) -> float:
        """Bits per key round of honest devices in the limit; for orientation."""
        return self.score.mean - self.reconciliation


def collective_design(behaviour: Behaviour, protocol: Protocol, hierarchy: Hierarchy = COARSE) -> CollectiveDesign:
    """Design a run for honest devices with this behaviour; one semidefinite program.

    Parameters
    ----------
    behaviour
        An exact table of which every pair of settings was measured, since every pair is tested.
    protocol
        One-way from one key setting, with its noise and post-selection.
    hierarchy
        Of the entropy's dual, which is the score.

    Raises
    ------
    QuestionError, BehaviourError, BoundNotEstablishedError
        As in `conditional_entropy`; noise 1/2.
    InputError
        An unmeasured pair.
    """
    question = behaviour.ask(protocol).within_reach("collective_design", Discussion.ONE_WAY)
    if behaviour.unmeasured:
        raise InputError("behaviour", "every pair of settings, all of which are tested", "an unmeasured pair")
    score = entropy_score(entropy_functional(behaviour, protocol, hierarchy), behaviour)
    with ctx.workprec(_PRECISION):
        cost = round_up(key_rounds(question).unnormalised_entropy)
    return CollectiveDesign(question, score, cost)


def collective_key(
    design: CollectiveDesign, *, rounds: int, soundness: Real = 1e-10, tests: int | None = None
) -> FiniteKey:
    """Secret bits of a run of n rounds against collective attacks; see the module for what is done and the proof.

    Parameters
    ----------
    design
        From `collective_design`.
    rounds
        n, at least 4.
    soundness
        ε in (2^-59, 1).
    tests
        n_t in [2, n - 2]; by default the number with the longest key.

    Returns
    -------
    FiniteKey
        With ``adversary`` COLLECTIVE; its threshold is φ, in bits per key round. NO_KEY where there is none.

    Raises
    ------
    InputError
        An argument outside its range.
    """
    exact = exact_fraction("soundness", soundness)
    if not 4 * HASH_ERROR < exact < 1:
        raise InputError("soundness", "above 2^-59, what the hashes take, and below 1", f"{float(exact):g}")
    total = exact_fraction("rounds", rounds)
    if total.denominator != 1 or not 4 <= total <= MOST_ROUNDS:
        raise InputError("rounds", f"a whole number from 4 to {float(MOST_ROUNDS):g}", str(rounds))
    chosen = tests if tests is not None else _tests(design, int(total), float(exact))
    if not 2 <= chosen <= total - 2:
        raise InputError("tests", f"from 2 to {int(total) - 2}", repr(tests))
    return _key(design, int(total), int(chosen), exact)


def minimal_collective_rounds(design: CollectiveDesign, *, soundness: Real = 1e-10, longest: int = 10**18) -> int:
    """A number of rounds with key; 0.1 % fewer have none by this theorem.

    Raises
    ------
    InputError
        `soundness` outside its range.
    BoundNotEstablishedError
        No key in `longest` rounds.
    """
    low, high = 4, 4
    while not collective_key(design, rounds=high, soundness=soundness).length:
        if high >= longest:
            raise BoundNotEstablishedError(f"no key in {longest:.0e} rounds against collective attacks")
        low, high = high, min(10 * high, longest)
    while high - low > high // 1000:
        middle = math.isqrt(low * high)
        if middle in (low, high):
            break
        found = collective_key(design, rounds=middle, soundness=soundness).length
        low, high = (low, middle) if found else (middle, high)
    return high


def lower_score(score: Score, counts: ArrayLike, *, error: Real) -> float:
    """What the counts of a run prove of E f: the left side of step 1, to be held against the accepted score.

    Parameters
    ----------
    score
        Of `collective_design`.
    counts
        Outcomes of the test rounds, integers of shape (na, nb, nx, ny); the settings were uniform.
    error
        ε_t in (0, 1): the probability with which the result exceeds E f is at most that.

    Raises
    ------
    InputError
        Another shape, negative counts, fewer than two tests, or `error` outside (0, 1).
    """
    numbers = np.asarray(counts)
    if numbers.shape != score.values.shape or numbers.dtype.kind not in "iu" or numbers.min() < 0:
        raise InputError("counts", f"counts of shape {score.values.shape}", f"{numbers.dtype} of {numbers.shape}")
    if not 0 < exact_fraction("error", error) < 1:
        raise InputError("error", "a probability in (0, 1)", f"{float(error):g}")
    pairs = [(int(k), Fraction(f)) for k, f in zip(numbers.ravel(), score.values.ravel(), strict=True)]
    tests = sum(k for k, _ in pairs)
    if tests < 2:
        raise InputError("counts", "two tests or more", str(tests))
    mean = sum((k * f for k, f in pairs), Fraction(0)) / tests
    variance = sum((k * (f - mean) ** 2 for k, f in pairs), Fraction(0)) / (tests - 1)
    span = Fraction(score.greatest) - Fraction(score.least)
    with ctx.workprec(_PRECISION):
        logarithm = (2 / ball(exact_fraction("error", error))).log()
        spread = (2 * ball(variance) * logarithm / tests).sqrt() + 7 * ball(span) * logarithm / (3 * (tests - 1))
        return round_down(ball(mean) - spread)


def _errors(rounds: float, soundness: float) -> tuple[float, float]:
    """ε_s and ε_PA, each by the weight with which its logarithm enters the length, inside the budget."""
    budget = (soundness - 4 * float(HASH_ERROR)) * (1 - 2.0**-40)
    weight = 4 * math.log2(2 + math.sqrt(2)) * math.sqrt(rounds / max(math.log2(2 / (budget / 2) ** 2), 1.0))
    extractor_error = budget * 2 / (2 + weight)
    return (budget - extractor_error) / 2 * (1 - 2.0**-40), extractor_error


def _accepted(score: Score, tests: int, soundness: float) -> float:
    """φ: what honest devices score but for `_DEVIATIONS` standard deviations and the empirical Bernstein bound."""
    logarithm = math.log(2 / (soundness - 4 * float(HASH_ERROR)))
    spread = score.deviation * (_DEVIATIONS + math.sqrt(2 * logarithm)) / math.sqrt(tests)
    return score.mean - spread - 7 * (score.greatest - score.least) * logarithm / (3 * (tests - 1))


def _tests(design: CollectiveDesign, rounds: int, soundness: float) -> int:
    """The number of tests with the longest key, to a few per mille: a scan and a golden section of its logarithm."""

    def loss(exponent: float) -> float:
        tests = min(max(int(2.0**exponent), 2), rounds - 2)
        left = rounds - tests
        smoothing, _ = _errors(left, soundness)
        per_round = _accepted(design.score, tests, soundness) - design.reconciliation
        cost = 4 * math.log2(2 + math.sqrt(2)) * math.sqrt(left * math.log2(2 / smoothing**2))
        return -left * per_round + cost

    top = math.log2(rounds - 2)
    grid = [1 + (top - 1) * k / 40 for k in range(41)]
    best = min(range(41), key=lambda k: loss(grid[k]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, 40)]
    exponent = lower_than(loss, grid[best], low, high, xatol=1e-3)
    return min(max(int(2.0**exponent), 2), rounds - 2)


def _key(design: CollectiveDesign, rounds: int, tests: int, soundness: Fraction) -> FiniteKey:
    toeplitz = extractor("toeplitz")
    left = rounds - tests
    smoothing, extractor_error = _errors(left, float(soundness))
    accepted = _accepted(design.score, tests, float(soundness))
    if Fraction(extractor_error) + 2 * Fraction(smoothing) > soundness - 4 * HASH_ERROR:
        raise BoundNotEstablishedError("the errors exceed the soundness that was asked for")
    syndrome = math.ceil(Fraction(design.reconciliation) * left) + MARGIN * math.isqrt(rounds)
    with ctx.workprec(_PRECISION):
        ratio = log2(2 / (ball(smoothing) * ball(smoothing)))
        if not left >= ratio * 8 / 5:  # the theorem says nothing of so few rounds
            values = {"entropy": -arb(CONSTANT)}
        else:
            values = {
                "entropy": left * (ball(accepted) - ball(design.score.slack)),
                "equipartition": -4 * log2(2 + arb(2).sqrt()) * (left * ratio).sqrt(),
                "extractor_error": 2 * log2(ball(extractor_error)) + 2,
                "syndrome": -arb(syndrome),
                "constant": -arb(CONSTANT),
            }
        entropy = sum(values.values(), arb(0))
        length = toeplitz.length(entropy)
        terms = tuple(Term(name, _WORDS[name][0], round_down(v), _WORDS[name][1]) for name, v in values.items())
        deficit = 0 if length else math.ceil(round_up(1 - entropy))
    seed = toeplitz.seed(left, length, extractor_error) if length else 0
    question = design.question
    return FiniteKey(
        thing=Thing.of_numbers(
            "run",
            f"run of {rounds} rounds",
            correlations=question.thing.digest,
            protocol=question.protocol.to_dict(),
            rounds=rounds,
            tests=tests,
            soundness=soundness,
        ),
        length=length,
        rounds=rounds,
        soundness=float(soundness),
        theorem="equipartition",
        reference="tomamichel2009; maurer2009, Theorem 4",
        assumptions=(*LABORATORIES, ALIKE, DESIGN),
        adversary=Adversary.COLLECTIVE,
        extractor="toeplitz",
        threshold=accepted,
        syndrome_length=syndrome,
        terms=terms,
        parameters={"tests": tests, "smoothing": smoothing, "extractor_error": extractor_error},
        balance=balance_sheet(length, seed),
        completeness=None,
        status=Status.ENCLOSED if length else Status.NO_KEY,
        deficit=deficit,
        provenance={
            "rounds": rounds,
            "tests": tests,
            "behaviour": question.thing.digest,
            "protocol": question.protocol.to_dict(),
            "soundness": float(soundness),
        },
    )


_WORDS = {
    "entropy": ("n_k (φ - slack)", "entropy of the key rounds, by the accepted score"),
    "equipartition": ("-4 log(2+√2) √(n_k log(2/ε_s²))", "smooth min-entropy instead of entropy"),
    "extractor_error": ("-2 log(1/ε_PA) + 2", "privacy amplification at error ε_PA, toeplitz"),
    "syndrome": ("-m", "published for error correction, by an ideal code"),
    "constant": ("-264", "published beside the syndrome"),
}
