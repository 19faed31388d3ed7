"""What a strategy leaves to the parties: in doubles for the search, in ball arithmetic for the bound.

With Eve's unnormalised states ρ^ab of the outcomes of one setting pair, and S(ρ) = -Tr ρ log2 ρ,

- information: I(A:B|E) = Σ_a S(ρ^a.) + Σ_b S(ρ^.b) - S(ρ) - Σ_ab S(ρ^ab);
- privacy: p_V [H(Â|E,V) - h(q)] = Σ_c S(τ_c) - S(Σ_c τ_c) - p_V h(q), where τ_c = (1-q) σ_c + q σ_{1-c},
  σ_a = Σ_b k_a k_b ρ^ab with k the probability that an outcome is kept, and p_V = Tr Σ_a σ_a;
- relative entropy: D(ρ_AB || σ) = Σ_s S(β_s) - S(ρ_E), an upper bound on E_r(ρ_AB) whatever is measured, for σ the
  state pinched along v_0 and v_1 at one side, σ = Σ_s |v_s><v_s| ⊗ β_s with β_s = <v_s|ρ_AB|v_s>, which is separable;
  the entropy of ρ_AB is Eve's, as all of it is pure. It is E_r where ρ_AB is pure, or Bell-diagonal (of rank 2).

All are 0 for a deterministic strategy, discarded rounds included: there Eve knows each symbol, so τ_c is q or 1-q times
the same number. The last is 0 too where one party is deterministic at all settings, for then a product state has the
same table. Eve knows which strategy is used, so a mixture costs Σ_k w_k c_k.

Zeros are decided in exact arithmetic, for no ball around 0 is small enough to tell: a party that prints one outcome
only; outcomes of which one is independent of all else, ρ^ab = β_b ρ^a.; a state that its pinching leaves as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from itertools import product
from typing import TypeAlias

import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.strategies import Columns, Pinching, Strategy
from keybounds.enclosure import ball, binary_entropy, nearest, xlog2x
from keybounds.experiments.question import Question
from keybounds.protocol import Discussion, Pair

_Symmetric: TypeAlias = tuple[Fraction, Fraction, Fraction]  # the entries (0,0), (1,1), (0,1)


class Cost(Enum):
    """What is counted; the value is the kernels' number for it."""

    INFORMATION = 0
    PRIVACY = 1
    RELATIVE_ENTROPY = 2


_COUNTED = {
    Discussion.ONE_WAY: Cost.PRIVACY,
    Discussion.TWO_WAY: Cost.INFORMATION,
    Discussion.COMPLETED_ROUNDS: Cost.INFORMATION,
    Discussion.ANY: Cost.RELATIVE_ENTROPY,
}


@dataclass(frozen=True, slots=True)
class CostModel:
    """What is to be paid for a strategy at each of some setting pairs.

    Attributes
    ----------
    cost
        What is counted.
    pairs
        The setting pairs at which it is: the key setting, or all of them for completed rounds; none for the relative
        entropy, which does not depend on any.
    noise, keep
        q in [0, 1/2] and p in (0, 1], for the privacy.
    """

    cost: Cost
    pairs: tuple[Pair, ...] = ()
    noise: float = 0.0
    keep: float = 1.0

    @classmethod
    def of(cls, question: Question) -> CostModel:
        """What the question's class of protocols makes of a strategy."""
        cost, (nx, ny) = _COUNTED[question.protocol.discussion], question.behaviour.settings
        if cost is Cost.RELATIVE_ENTROPY:
            return cls(cost)
        if question.protocol.discussion is Discussion.COMPLETED_ROUNDS:
            return cls(cost, tuple(product(range(nx), range(ny))))
        return cls(cost, (question.key,), question.noise, question.keep)

    @property
    def width(self) -> int:
        """How many costs a strategy has: one for each pair, or a single one."""
        return max(len(self.pairs), 1)

    def kernel_arguments(self, outcomes: int) -> tuple[int, float, float, NDArray[np.float64]]:
        """What the kernels need: the cost, q, h(q), and the keeping probability of each of `outcomes` outcomes."""
        kept = np.ones(outcomes)
        kept[1] = self.keep
        return self.cost.value, self.noise, nearest(binary_entropy(ball(self.noise))), kept

    def of_columns(self, columns: Columns, outcomes: int) -> NDArray[np.float64]:
        """The costs in doubles, shape (n, width)."""
        from keybounds.bounds.correlations.attacks.kernels import costs

        out = np.empty((len(columns), self.width))
        pairs = np.array(self.pairs or ((0, 0),), dtype=np.int64)
        costs(columns.parameters, columns.alice, columns.bob, pairs, *self.kernel_arguments(outcomes), out)
        return out

    def terms(self, strategy: Strategy, pair: Pair) -> CostTerms:
        """The exact states whose entropies make up the information or the privacy at one pair."""
        if self.cost is Cost.INFORMATION:
            return _information(strategy, *pair)
        return self._privacy(strategy, *pair)

    def _privacy(self, strategy: Strategy, x: int, y: int) -> CostTerms:
        alice, bob = strategy.alice[x], strategy.bob[y]
        if alice.deterministic:
            return FREE
        states = conditional_states(strategy, x, y)
        q = Fraction(self.noise)
        symbols = [
            _sum([_scaled(self._kept(alice.labels[a]) * self._kept(bob.labels[b]), states[a][b]) for b in (0, 1)])
            for a in (0, 1)
        ]
        if not all(map(any, symbols)):
            return FREE
        flipped = [_sum([_scaled(1 - q, symbols[c]), _scaled(q, symbols[1 - c])]) for c in (0, 1)]
        total = _sum(symbols)
        return CostTerms(tuple(flipped), (total,), total[0] + total[1])

    def _kept(self, outcome: int) -> Fraction:
        return Fraction(self.keep) if outcome == 1 else Fraction(1)


@dataclass(frozen=True, slots=True)
class CostTerms:
    """Σ_plus S - Σ_minus S - survival · h(q), of exactly given symmetric 2x2 matrices."""

    plus: tuple[_Symmetric, ...]
    minus: tuple[_Symmetric, ...]
    survival: Fraction = Fraction(0)

    @property
    def free(self) -> bool:
        """Whether the cost is 0 beyond doubt."""
        return not self.plus

    def enclosure(self, noise: float = 0.0) -> arb:
        """The cost in bits, as a ball at the working precision."""
        value = sum((entropy(state) for state in self.plus), arb(0))
        value -= sum((entropy(state) for state in self.minus), arb(0))
        return value - ball(self.survival) * binary_entropy(ball(noise)) if self.survival and noise else value


FREE = CostTerms((), ())
"""A cost of exactly 0."""


def _information(strategy: Strategy, x: int, y: int) -> CostTerms:
    if strategy.alice[x].deterministic or strategy.bob[y].deterministic:
        return FREE
    states = conditional_states(strategy, x, y)
    rows = [_sum(states[a]) for a in (0, 1)]
    columns = [_sum([states[0][b], states[1][b]]) for b in (0, 1)]
    if _proportional(states) or _proportional([[states[b][a] for b in (0, 1)] for a in (0, 1)]):
        return FREE
    return CostTerms((*rows, *columns), (_sum(rows), *(state for row in states for state in row)))


def _proportional(states: list[list[_Symmetric]]) -> bool:
    """Whether ρ^ab = β_b ρ^a. with numbers β, so that the second outcome is independent of all else."""
    traces = [sum(states[a][b][0] + states[a][b][1] for a in (0, 1)) for b in (0, 1)]
    return all(traces[1] * m == traces[0] * n for row in states for m, n in zip(*row, strict=True))


def relative_entropy(strategy: Strategy) -> CostTerms:
    """D(ρ_AB || σ) for the strategy's pinching; `FREE` without one, where a party is deterministic at all settings."""
    if strategy.local:
        return FREE
    if strategy.pinching is None:
        raise ValueError("a strategy without a pinching")
    own, other = (4, 2) if strategy.pinching.side == "alice" else (2, 4)
    psi, scale = strategy.state, strategy.norm * strategy.pinching.norm
    vectors = [
        [[v[0] * psi[other * k + e] + v[1] * psi[own + other * k + e] for e in (0, 1)] for k in (0, 1)]
        for v in strategy.pinching.vectors
    ]  # <v_s|ψ> at [s][other party][Eve]
    if not any(sum(vectors[0][k][e] * vectors[1][m][e] for e in (0, 1)) for k in (0, 1) for m in (0, 1)):
        return FREE  # <v_0|ρ|v_1> = 0: the state is its own pinching
    blocks = [_gram(part, scale) for part in vectors]
    eve = _gram([[psi[k + e] for k in (0, 2, 4, 6)] for e in (0, 1)], strategy.norm)
    return CostTerms(tuple(blocks), (eve,))


def pinched(strategy: Strategy) -> Strategy:
    """The strategy with the pinching that the search finds best, rounded to the grid; as it is where it is local."""
    from keybounds.bounds.correlations.attacks.kernels import best_pinching

    if strategy.local:
        return strategy
    psi = np.array(strategy.state, dtype=np.float64)
    side, angle = best_pinching(psi / np.sqrt(psi @ psi))
    return replace(strategy, pinching=Pinching.at("bob" if side else "alice", angle))


def _gram(vectors: Sequence[Sequence[int]], scale: int) -> _Symmetric:
    """The inner products of two integer vectors, divided by `scale`."""
    one, two = vectors
    entries = zip((one, two, one), (one, two, two), strict=True)
    p, q, r = (Fraction(sum(x * y for x, y in zip(u, v, strict=True)), scale) for u, v in entries)
    return p, q, r


def conditional_states(strategy: Strategy, x: int, y: int) -> list[list[_Symmetric]]:
    """Eve's unnormalised states [i][j] for the printed outcomes labels[i], labels[j] of a setting pair, exact."""
    alice, bob, eve = strategy.alice[x].printing, strategy.bob[y].printing, strategy.eve(x, y)
    scale = strategy.scale(x, y)

    def state(i: int, j: int) -> _Symmetric:
        entries = [0, 0, 0]
        for s, t in product((0, 1), repeat=2):
            one, two = eve[s][t]
            weight = alice[i][s] * bob[j][t]
            for m, entry in enumerate((one * one, two * two, one * two)):
                entries[m] += weight * entry
        return Fraction(entries[0], scale), Fraction(entries[1], scale), Fraction(entries[2], scale)

    return [[state(i, j) for j in (0, 1)] for i in (0, 1)]


def entropy(state: _Symmetric) -> arb:
    """-Tr ρ log2 ρ of a positive semidefinite 2x2 matrix of trace at most 1, not normalised.

    The smaller eigenvalue is det/λ for the larger λ, so that a determinant of 0 gives exactly 0.
    """
    p, q, r = state
    trace, determinant = p + q, p * q - r * r
    if not trace:
        return arb(0)
    high = (ball(trace) + _exact(trace * trace - 4 * determinant).sqrt()) / 2
    value = -xlog2x(high)
    return value - xlog2x(ball(determinant) / high) if determinant else value


def _exact(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator)) if x > 0 else arb(0)


def _sum(states: Sequence[_Symmetric]) -> _Symmetric:
    p, q, r = (sum((state[m] for state in states), Fraction(0)) for m in range(3))
    return p, q, r


def _scaled(factor: Fraction, state: _Symmetric) -> _Symmetric:
    return factor * state[0], factor * state[1], factor * state[2]
