"""Binomial tails between proven limits, in constant time whatever the number of trials (zubkov2013)."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from keybounds.enclosure import ball


def at_most(trials: int, probability: Fraction, count: int) -> arb:
    """A lower bound on P[Bin(trials, probability) <= count]."""
    if count >= trials:
        return arb(1)
    if count <= 0:
        return arb(0)
    return _normal(trials, probability, count).lower()


def fewer(trials: int, probability: Fraction, count: int) -> arb:
    """An upper bound on P[Bin(trials, probability) < count]; as a function of the probability it does not rise."""
    if count <= 0:
        return arb(0)
    if count >= trials:
        return arb(1)
    return _normal(trials, probability, count).upper()


def _normal(trials: int, probability: Fraction, count: int) -> arb:
    """Φ(±√(2 n D(k/n ‖ p))), at least P[Bin < k] and at most P[Bin <= k] for 0 < k < n (zubkov2013)."""
    share = Fraction(count, trials)
    x, p = ball(share), ball(probability)
    divergence = x * (x / p).log() + (1 - x) * ((1 - x) / (1 - p)).log()
    deviation = (trials * divergence).nonnegative_part().sqrt()
    return (-deviation if share > probability else deviation).erfc() / 2
