"""Chords under the integral of the entropy: where the nodes are, and what each one weighs.

The entropy is an integral of a concave function e(t) on [0, 1] that vanishes at both ends, against the weight

    w(t) = 1/(q + (1-2q) t) + 1/(q + (1-2q)(1-t)).

Chords between nodes lie below e, so ∫ e w dt >= Σ_i W_i e(t_i), where W_i integrates w against the hat function of node
i. At q = 0 the poles of w sit where the first and the last hat vanish, so nothing diverges.
Both statements, and the integrals below, are derived in the claim ``entropy-integral``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from keybounds.enclosure import ball
from keybounds.errors import BoundNotEstablishedError

NODE_BITS = 30
"""Nodes are multiples of 2^-30: where a node sits is free, so it may as well be a short exact number."""

_CHEBYSHEV = 0.15  # found by trial: more loses at kinks, less leaves an adversary room elsewhere
_PRECISION = 320  # near q = 1/2 the weights are differences of terms (1-2q)^-2 times larger


def chebyshev_nodes(count: int) -> tuple[Fraction, ...]:
    """Return `count` nodes in (0, 1), t_i = (1 - cos(π i/(n+1)))/2 rounded to multiples of 2^-NODE_BITS."""
    scale = 1 << NODE_BITS
    return tuple(
        Fraction(round(scale * math.sin(math.pi * i / (2 * (count + 1))) ** 2), scale) for i in range(1, count + 1)
    )


def curvature_nodes(
    count: int, pilot: Sequence[Fraction], noise: float, slopes: NDArray[np.float64]
) -> tuple[Fraction, ...]:
    """Return `count` nodes placed where a pilot solve found e to bend.

    Chords lose about Σ h³ w |e''| / 12, which is least for a density of nodes like (w |e''|)^(1/3). A part of the nodes
    stays Chebyshev spaced: e is what an adversary makes of it, who would move the bends to where no nodes are.

    Parameters
    ----------
    pilot, slopes
        The pilot's n nodes, and the n + 2 slopes of the tangents of e at 0, at the nodes, and at 1.

    Returns
    -------
    The nodes; fewer than `count` only where two would fall on one multiple of 2^-NODE_BITS.
    """
    if not np.isfinite(slopes).all():
        return chebyshev_nodes(count)
    ends = np.array([0.0, *map(float, pilot), 1.0])
    bend = np.clip(slopes[:-1] - slopes[1:], 0.0, None)
    width, middle, r = np.diff(ends), (ends[1:] + ends[:-1]) / 2, 1 - 2 * noise
    w = 1 / (noise + r * middle) + 1 / (noise + r * (1 - middle))
    share = np.cbrt(w * bend * width**2)
    angle = np.arccos(1 - 2 * ends)
    if not share.sum() > 0:
        return chebyshev_nodes(count)
    density = (1 - _CHEBYSHEV) * share / share.sum() + _CHEBYSHEV * np.diff(angle) / np.pi
    cumulative = np.concatenate([[0.0], np.cumsum(density)])
    angles = np.interp(np.arange(1, count + 1) / (count + 1), cumulative / cumulative[-1], angle)
    scale = 1 << NODE_BITS
    places = {min(max(round(scale * math.sin(x / 2) ** 2), 1), scale - 1) for x in angles.tolist()}
    return tuple(Fraction(place, scale) for place in sorted(places))


def chord_weights(nodes: Sequence[Fraction], noise: float, bits: int) -> tuple[int, ...]:
    """The weights W_i for q = `noise` < 1/2, rounded down to integers in units of 2^-bits."""
    with ctx.workprec(_PRECISION):
        q = ball(noise)
        ends = [ball(t) for t in (Fraction(0), *nodes, Fraction(1))]
        weights = []
        for a, b, c in zip(ends, ends[1:], ends[2:], strict=False):
            up = _rising(a, b, q) + _falling(1 - b, 1 - a, q)  # the mirror image turns one term of w into the other
            down = _falling(b, c, q) + _rising(1 - c, 1 - b, q)
            weights.append(_floor((up / (b - a) + down / (c - b)) * arb(2) ** bits))
    return tuple(weights)


def _rising(a: arb, b: arb, q: arb) -> arb:
    """∫_a^b (t-a)/(q+rt) dt with r = 1-2q; at q = a = 0 the logarithm's factor is 0."""
    r = 1 - 2 * q
    foot = q + r * a
    return (b - a) / r - (foot * ((q + r * b) / foot).log() / (r * r) if foot > 0 else arb(0))


def _falling(a: arb, b: arb, q: arb) -> arb:
    """∫_a^b (b-t)/(q+rt) dt with r = 1-2q and a > 0."""
    r = 1 - 2 * q
    top = q + r * b
    return top * (top / (q + r * a)).log() / (r * r) - (b - a) / r


def _floor(x: arb) -> int:
    if not x.is_finite():
        raise BoundNotEstablishedError(f"a weight of the integral has no finite enclosure: {x}")
    low = int(x.floor().lower().floor().unique_fmpz())
    return max(low, 0)


def tangent_gap(nodes: Sequence[Fraction], noise: float, errors: NDArray[np.float64]) -> float:
    """An estimate of what the chords lose: ∫ (tangents - chords) w dt, in the units of e.

    Parameters
    ----------
    errors
        (n, 2): <L_0 (1-Z_i)> and <L_1 Z_i> of each node; (1-t) times the first plus t times the second is a tangent of
        e at t_i.
    """
    points, gauss = np.polynomial.legendre.leggauss(12)
    r = 1 - 2 * noise
    ends = np.array([0.0, *map(float, nodes), 1.0])
    miss, guess = np.concatenate([errors[:1], errors, errors[-1:]]).T
    heights = np.concatenate([[0.0], (1 - ends[1:-1]) * errors[:, 0] + ends[1:-1] * errors[:, 1], [0.0]])
    total = 0.0
    for i, (a, b) in enumerate(pairwise(ends.tolist())):
        # t = a + (b-a) s²(3-2s) takes the poles of w at q = 0 out of the integrand's ends
        s = (points + 1) / 2
        share = s * s * (3 - 2 * s)
        t = a + (b - a) * share
        w = 1 / (noise + r * t) + 1 / (noise + r * (1 - t))
        chord = (1 - share) * heights[i] + share * heights[i + 1]
        tangents = [(1 - t) * miss[j] + t * guess[j] for j in (i, i + 1)]
        over = np.clip(np.minimum(*tangents) - chord, 0.0, None)
        total += float(np.sum(gauss / 2 * (b - a) * 6 * s * (1 - s) * over * w))
    return total
