"""What a strategy leaves to the parties: in doubles for the search, in ball arithmetic for the bound.

With Eve's unnormalised states ρ^ab of the outcomes of one setting pair, and S(ρ) = -Tr ρ log2 ρ,

- information: I(A:B|E) = Σ_a S(ρ^a.) + Σ_b S(ρ^.b) - S(ρ) - Σ_ab S(ρ^ab);
- privacy: p_V [H(Â|E,V) - h(q)] = Σ_c S(τ_c) - S(Σ_c τ_c) - p_V h(q), where τ_c = (1-q) σ_c + q σ_{1-c},
  σ_a = Σ_b k_a k_b ρ^ab with k the probability that an outcome is kept, and p_V = Tr Σ_a σ_a.

Both are 0 for a deterministic strategy, discarded rounds included: there Eve knows each symbol, so τ_c is q or 1-q
times the same number. Eve knows which strategy is used, so a mixture costs Σ_k w_k c_k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TypeAlias

import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.strategies import Columns, Strategy
from keybounds.enclosure import ball, binary_entropy, nearest, xlog2x

_Symmetric: TypeAlias = tuple[Fraction, Fraction, Fraction]  # the entries (0,0), (1,1), (0,1)


@dataclass(frozen=True, slots=True)
class CostModel:
    """What is to be paid for a strategy at each of some setting pairs.

    Attributes
    ----------
    pairs
        The setting pairs: the key setting, or all of them for the scope of any protocol.
    one_way
        Whether the cost is the privacy of Alice's symbol, rather than the information of both outcomes.
    noise, keep
        q in [0, 1/2] and p in (0, 1], for the privacy.
    """

    pairs: tuple[tuple[int, int], ...]
    one_way: bool
    noise: float = 0.0
    keep: float = 1.0

    def kernel_arguments(self, outcomes: int) -> tuple[bool, float, float, NDArray[np.float64]]:
        """What the kernels need: one_way, q, h(q), and the keeping probability of each of `outcomes` outcomes."""
        kept = np.ones(outcomes)
        kept[1] = self.keep
        return self.one_way, self.noise, nearest(binary_entropy(ball(self.noise))), kept

    def of_columns(self, columns: Columns, outcomes: int) -> NDArray[np.float64]:
        """The costs in doubles, shape (n, pairs)."""
        from keybounds.bounds.correlations.attacks.kernels import costs

        out = np.empty((len(columns), len(self.pairs)))
        pairs = np.array(self.pairs, dtype=np.int64)
        costs(columns.parameters, columns.alice, columns.bob, pairs, *self.kernel_arguments(outcomes), out)
        return out

    def terms(self, strategy: Strategy, pair: tuple[int, int]) -> CostTerms:
        """The exact states whose entropies make up the cost at one pair."""
        x, y = pair
        alice, bob = strategy.alice[x], strategy.bob[y]
        if alice.deterministic or (bob.deterministic and not self.one_way):
            return CostTerms((), (), Fraction(0))  # one printed outcome holds no secret
        states = conditional_states(strategy, x, y)
        if not self.one_way:
            rows = [_sum(states[a]) for a in (0, 1)]
            columns = [_sum([states[0][b], states[1][b]]) for b in (0, 1)]
            minus = [_sum(rows), *(state for row in states for state in row)]
            return CostTerms((*rows, *columns), tuple(minus), Fraction(0))
        q = Fraction(self.noise)
        symbols = [
            _sum([_scaled(self._kept(alice.labels[a]) * self._kept(bob.labels[b]), states[a][b]) for b in (0, 1)])
            for a in (0, 1)
        ]
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
    survival: Fraction

    def enclosure(self, noise: float) -> arb:
        """The cost in bits, as a ball at the working precision."""
        value = sum((entropy(state) for state in self.plus), arb(0))
        value -= sum((entropy(state) for state in self.minus), arb(0))
        return value - ball(self.survival) * binary_entropy(ball(noise)) if self.survival and noise else value


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
