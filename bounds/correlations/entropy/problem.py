"""The entropy of Alice's key symbol as a problem for the moment engine.

Alice's outcome 0 is a click. With A, B the click projectors of the key setting, the surviving symbols are

    L_0 = A (B + p(1-B)),   L_1 = p (1-A)(B + p(1-B)),   K = L_0 + L_1,

flipped with probability q. Frenkel's integral formula for the relative entropy (frenkel2023; jencova2024), cut to
[q, 1-q] because qK ≤ K_c ≤ (1-q)K, gives with one projector Z_t of Eve's for each t

    p_V H(Â|E,V) = p_V h(q) + (1-2q)²/ln 2 ∫_0^1 e(t) w(t) dt,   e(t) = min_Z <(1-t) L_0 (1-Z) + t L_1 Z>,

for ∫ over the complementary slopes is that of h(q) when e = 0. e is concave and e(0) = e(1) = 0: see `chords`. The
derivation stands in the claim ``entropy-integral``; each Z_t costs two blocks (claim ``projector-block``).
Every rounding below makes a non-negative coefficient of a positive operator smaller, so the problem's value can only
fall.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.entropy.chords import chord_weights
from keybounds.bounds.correlations.entropy.mirror import flip_rows, mirrored_moments
from keybounds.bounds.correlations.moments.arrow import COST_BITS, ArrowProblem
from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.bounds.correlations.moments.words import IDENTITY, Letter, Scenario, Word
from keybounds.errors import QuestionError
from keybounds.protocol import Discussion, Pair, Protocol


@dataclass(frozen=True, slots=True)
class KeyRound:
    """What happens in a key round.

    Attributes
    ----------
    scenario
        Numbers of outcomes; Alice's key setting has two, and with post-selection Bob's too.
    protocol
        One-way with one key setting (x, y) of the scenario, noise q in [0, 1/2), and keeping probability p in (0, 1].

    Raises
    ------
    QuestionError
        The class does not fit the scenario, or is another one.
    """

    scenario: Scenario
    protocol: Protocol

    def __post_init__(self) -> None:
        alice, bob = self.scenario.alice, self.scenario.bob
        if self.protocol.discussion is not Discussion.ONE_WAY:
            raise QuestionError("protocol", "a class that an entropy covers: one-way", str(self.protocol))
        x, y = self.key
        if x >= len(alice) or y >= len(bob):
            raise QuestionError("protocol", f"settings (x, y) with x < {len(alice)} and y < {len(bob)}", f"({x}, {y})")
        if alice[x] != 2:
            raise QuestionError("protocol", "two outcomes of Alice's key setting", str(alice[x]))
        if self.keep != 1.0 and bob[y] != 2:
            raise QuestionError("protocol", "keep 1 where the outcomes are not click and no-click", str(self.protocol))
        if self.noise == 0.5:
            raise QuestionError(
                "protocol", "noise below 1/2, for at 1/2 the entropy is 1 whatever the device", str(self.protocol)
            )

    @property
    def key(self) -> Pair:
        """The key setting (x, y), counted from 0."""
        return self.protocol.key

    @property
    def noise(self) -> float:
        """q."""
        return self.protocol.noise

    @property
    def keep(self) -> float:
        """p."""
        return self.protocol.keep

    def expand(self, alice: Sequence[int], bob: Sequence[Sequence[int]]) -> dict[Word, int]:
        """Σ_ab coefficients[a][b] A_a B_b of the key setting in moments; Alice's factor chooses the row of `bob`.

        The coefficient of (a, b) is alice[a] · bob[a][b], integers.
        """
        x, y = self.key
        letters: list[Letter] = [(y, b) for b in range(self.scenario.bob[y] - 1)]
        terms: dict[Word, int] = {}

        def add(word: Word, coefficient: int) -> None:
            terms[word] = terms.get(word, 0) + coefficient

        for a in (0, 1):
            last = alice[a] * bob[a][-1]
            parts: list[tuple[tuple[Letter, ...], int]] = [((), last)]
            parts += [((letter,), alice[a] * bob[a][letter[1]] - last) for letter in letters]
            for word_b, coefficient in parts:
                if a == 0:
                    add((((x, 0),), word_b), coefficient)
                else:
                    add(((), word_b), coefficient)
                    add((((x, 0),), word_b), -coefficient)
        return terms

    def survival_weights(self) -> dict[Word, Fraction]:
        """p_V = Σ_ab k_a k_b P(a,b) of the key setting, in moments."""
        kept = [self.kept(b) for b in range(self.scenario.bob[self.key[1]])]
        scale = max(value.denominator for value in kept)  # a power of two: doubles are dyadic
        weights = [int(value * scale) for value in kept]
        terms = self.expand((scale, int(self.kept(1) * scale)), (weights, weights))
        return {word: Fraction(coefficient, scale**2) for word, coefficient in terms.items()}

    def kept(self, outcome: int) -> Fraction:
        """The probability with which a party keeps an outcome: `keep` for outcome 1, no click, and 1 for the others."""
        return Fraction(self.keep) if outcome == 1 else Fraction(1)


@dataclass(frozen=True, slots=True, eq=False)
class KnownMoments:
    """What is known about the device: low_j ≤ Σ_w f_j(w) <w> ≤ high_j for functionals f_j, the identity among them.

    Attributes
    ----------
    functionals
        Coefficients by word, doubles taken as the exact numbers they are; linearly independent.
    low, high
        Equal where the value is known exactly.
    table
        Where flips of the outcomes leave the device as it is: the moments of the table P, of which the device has
        (P + FP)/2; see `keybounds.bounds.correlations.entropy.mirror`. Else None.
    """

    functionals: tuple[Mapping[Word, float], ...]
    low: tuple[Fraction, ...]
    high: tuple[Fraction, ...]
    table: tuple[Fraction, ...] | None = None

    @property
    def mirror(self) -> bool:
        """Whether flips of the outcomes leave the device as it is."""
        return self.table is not None

    @classmethod
    def exact(cls, words: Sequence[Word], values: Sequence[Fraction]) -> KnownMoments:
        """Each of `words` has the moment in `values`."""
        return cls(tuple({word: 1.0} for word in words), tuple(values), tuple(values))

    @classmethod
    def mirrored(cls, words: Sequence[Word], values: Sequence[Fraction]) -> KnownMoments:
        """The moments of (P + FP)/2, where P has those of `exact` and F flips the outcomes."""
        return replace(cls.exact(words, mirrored_moments(words, values)), table=tuple(values))

    def noisier(self, scenario: Scenario, share: float) -> KnownMoments:
        """The moments of a device that answers at random in this share of the rounds; known exactly, word by word."""
        values = []
        for functional, value in zip(self.functionals, self.low, strict=True):
            ((alice, bob),) = functional
            outcomes = [scenario.alice[x] for x, _ in alice] + [scenario.bob[y] for y, _ in bob]
            values.append((1 - Fraction(share)) * value + Fraction(share) / math.prod(outcomes))
        return replace(self, low=tuple(values), high=tuple(values))


def known_words(scenario: Scenario, unmeasured: frozenset[tuple[int, int]]) -> tuple[Word, ...]:
    """The words whose moments a table fixes: the identity, the marginals, the measured joint outcomes."""
    alice: list[Letter] = [(x, a) for x, count in enumerate(scenario.alice) for a in range(count - 1)]
    bob: list[Letter] = [(y, b) for y, count in enumerate(scenario.bob) for b in range(count - 1)]
    words: list[Word] = [IDENTITY]
    words += [((letter,), ()) for letter in alice]
    words += [((), (letter,)) for letter in bob]
    words += [((left,), (right,)) for left in alice for right in bob if (left[0], right[0]) not in unmeasured]
    return tuple(words)


def entropy_problem(
    relaxation: Relaxation,
    key_round: KeyRound,
    nodes: Sequence[Fraction],
    known: KnownMoments,
) -> ArrowProblem:
    """Build the problem whose value v gives H(Â|E,V) >= h(q) + (1-2q)² v / (p_V ln 2).

    Parameters
    ----------
    nodes
        The t_i, increasing in (0, 1); in (0, 1/2) and half of all where the device is flip-invariant.
    known
        What is known about the device.

    Raises
    ------
    UnsupportedError
        The moment matrix does not hold a word of the key setting or a known word.
    """
    count = len(relaxation.moments)
    outcomes = range(key_round.scenario.bob[key_round.key[1]])
    kept = [key_round.kept(b) for b in outcomes]
    no_click = key_round.kept(1)
    node_costs = np.zeros((len(nodes), count), dtype=np.int64)
    base_cost = np.zeros(count, dtype=np.int64)
    for i, (t, weight) in enumerate(zip(nodes, node_weights(nodes, key_round, known), strict=True)):
        miss = [int(weight * (1 - t) * k) for k in kept]  # int() rounds down: all are non-negative
        guess = [int(weight * t * no_click * k) for k in kept]
        for word, coefficient in key_round.expand((-1, 1), (miss, guess)).items():
            node_costs[i, relaxation.moment(word)] += coefficient
        for word, coefficient in key_round.expand((1, 0), (miss, guess)).items():
            base_cost[relaxation.moment(word)] += coefficient
    rows = np.zeros((len(known.functionals), count))
    for row, functional in zip(rows, known.functionals, strict=True):
        for word, factor in functional.items():
            row[relaxation.moment(word)] += factor
    low, high = (np.array([float(value) for value in values]) for values in (known.low, known.high))
    if known.mirror:
        words = tuple(word for functional in known.functionals for word in functional)
        invariance = flip_rows(relaxation, words)
        rows = np.concatenate([rows, invariance])
        low, high = (np.concatenate([values, np.zeros(len(invariance))]) for values in (low, high))
    return ArrowProblem(relaxation, node_costs, base_cost, rows, low, high)


def node_weights(nodes: Sequence[Fraction], key_round: KeyRound, known: KnownMoments) -> tuple[int, ...]:
    """The chords' weights in units of 2^-COST_BITS; with mirrored nodes, twice those among nodes and mirror images."""
    if not known.mirror:
        return chord_weights(nodes, key_round.noise, COST_BITS)
    weights = chord_weights((*nodes, *(1 - t for t in reversed(nodes))), key_round.noise, COST_BITS)
    return tuple(2 * weight for weight in weights[: len(nodes)])


def key_moments(relaxation: Relaxation, key_round: KeyRound) -> NDArray[np.float64]:
    """L_0 and L_1 in moments, shape (2, K), in doubles: for diagnostics."""
    outcomes = range(key_round.scenario.bob[key_round.key[1]])
    scale = 1 << COST_BITS
    kept_b = [int(key_round.kept(b) * scale) for b in outcomes]
    vectors = np.zeros((2, len(relaxation.moments)))
    for a in (0, 1):
        for word, coefficient in key_round.expand((1 - a, a), (kept_b, kept_b)).items():
            vectors[a, relaxation.moment(word)] += float(key_round.kept(a)) * coefficient / scale
    return vectors
