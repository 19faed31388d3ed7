"""Which bits of a polar transform are hard to find, those before them being known.

At the root of the tree of partial transforms stands the channel itself, a mixture of binary symmetric channels. Down to
a few levels, what a node sees is followed as such a mixture, its parts gathered in bins, each of which keeps its weight
and its errors (as in tal2013). From there on log ratios are near enough to normal ones for their means to tell the rest
(trifonov2012). Normal from the root on they would not be: at 2^17 bits with errors of 3.6 % a list of 16 would then
still fail at 1.25 times the entropy.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from keybounds.compiled import njit

Numbers = NDArray[np.float64]

MOST = 2000.0
"""Nats: the mean log ratio of a bit that is known."""

_LEVELS = 8  # of mixtures
_LOW, _OCTAVES = -16, 56  # bins by (1-p)/p - 1, two an octave, from 2^-16 on
_BINS = 2 * _OCTAVES
_FIRST = (1023 + _LOW) << 1
_NOTHING = 1e-18  # of weight


def transformed_means(size: int, order: NDArray[np.int64], kinds: tuple[tuple[float, float], ...]) -> Numbers:
    """Mean log ratio of each of `size` transformed bits, of which those at `order` come through the channel.

    Parameters
    ----------
    size
        The power of 2 that the string is filled up to, with zeros that are known.
    order
        Where its bits are: the first of all places in the order of their numbers' binary digits read backwards.
    kinds
        Share and error rate of each kind of bits.
    """
    levels = min(_LEVELS, size.bit_length() - 1)
    width = size >> levels
    grid, logarithms = _phi()
    weights, errors = np.zeros(_BINS), np.zeros(_BINS)
    for share, rate in kinds:
        _put(share, share * rate, weights, errors, np.zeros(1))
    doubts = np.zeros(1 << levels)
    _nodes(weights, errors, levels, doubts)
    means = np.full((1 << levels, width), MOST)
    # zeros meet zeros on the way down, so that the nodes have the same number each, give or take one
    means[:, order[:: 1 << levels] % width] = np.interp(-np.log(doubts), -logarithms, grid)[:, None]
    out = means.ravel()
    half = width // 2
    while half:
        pairs = out.reshape(-1, 2, half)
        first, second = pairs[:, 0].copy(), pairs[:, 1].copy()
        one, other = (np.exp(np.interp(side, grid, logarithms)) for side in (first, second))
        pairs[:, 0] = np.interp(-np.log(one + other - one * other), -logarithms, grid)
        pairs[:, 1] = np.minimum(first + second, MOST)
        half //= 2
    return out


@lru_cache(maxsize=1)
def _phi() -> tuple[Numbers, Numbers]:
    """Means m, and ln φ of them, φ(m) = E[1 - tanh(l/2)] with l normal of mean m and variance 2m.

    It is e^(-m/4)/√(4πm) ∫ e^(-l²/4m) sech(l/2) dl. For a sum of two bits 1 - φ is the product of theirs, whatever
    their channels are.
    """
    grid = np.concatenate((np.geomspace(1e-6, 0.1, 120, endpoint=False), np.geomspace(0.1, MOST, 600)))
    points = np.linspace(-1, 1, 4001)
    logarithms = []
    for mean in grid:
        at = points * min(12 * math.sqrt(2 * mean), 80.0)
        values = np.exp(-at * at / (4 * mean)) / np.cosh(at / 2)
        logarithms.append(math.log(np.trapezoid(values, at)) - mean / 4 - math.log(4 * math.pi * mean) / 2)
    return grid, np.minimum(np.array(logarithms), -1e-12)


@njit(error_model="numpy")
def _put(weight: float, error: float, weights: Numbers, errors: Numbers, word: Numbers) -> None:
    """Add a symmetric channel of error rate error/weight to its bin."""
    word[0] = (weight - 2 * error) / error if error * 2.0**45 > weight else 2.0**45
    place = (word.view(np.int64)[0] >> 51) - _FIRST
    place = min(max(place, 0), _BINS - 1)
    weights[place] += weight
    errors[place] += error


@njit(error_model="numpy")
def _split(weights: Numbers, errors: Numbers, to_weights: Numbers, to_errors: Numbers, word: Numbers) -> None:
    """What two bits of a channel are as their sum, and as the second once the sum is known."""
    to_weights[:], to_errors[:] = 0.0, 0.0
    for i in range(_BINS):
        if weights[i] < _NOTHING:
            continue
        p = errors[i] / weights[i]
        for j in range(i + 1):
            weight = weights[i] * weights[j] * (1 if i == j else 2)
            if weight < _NOTHING:
                continue
            q = errors[j] / weights[j]
            one, other = p * (1 - q), q * (1 - p)
            _put(weight, weight * (one + other), to_weights[0], to_errors[0], word)
            _put(weight * (1 - one - other), weight * p * q, to_weights[1], to_errors[1], word)
            _put(weight * (one + other), weight * min(one, other), to_weights[1], to_errors[1], word)


@njit(error_model="numpy")
def _nodes(weights: Numbers, errors: Numbers, levels: int, doubts: Numbers) -> None:
    """φ of each node of a level, from left to right."""
    along, wrong = np.zeros((levels + 1, 2, _BINS)), np.zeros((levels + 1, 2, _BINS))
    word = np.zeros(1)
    along[0, 0], wrong[0, 0] = weights, errors
    for leaf in range(1 << levels):
        t = 0
        for level in range(1, levels + 1):  # down from where the way to this node leaves that to the last
            if leaf and (leaf >> (levels - level)) & 1 != ((leaf - 1) >> (levels - level)) & 1:
                t = level
                break
        side = (leaf >> (levels - t)) & 1 if t else 0
        while t < levels:
            _split(along[t, side], wrong[t, side], along[t + 1], wrong[t + 1], word)
            side = (leaf >> (levels - 1 - t)) & 1
            t += 1
        for k in range(_BINS):
            if along[levels, side, k] > 0:
                p = wrong[levels, side, k] / along[levels, side, k]
                doubts[leaf] += 4 * along[levels, side, k] * p * (1 - p)
