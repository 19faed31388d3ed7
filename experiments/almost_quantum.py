"""The likelihood's maximum over level "1+AB" of the moment hierarchy, a set that holds every quantum behaviour.

Γ[u, v] = Re <u† v> over the words {1, A} ⊗ {1, B} of projectors, A of Alice and B of Bob, all outcomes of a setting but
the last. Entries that are the same product of projectors, up to the adjoint, are one moment; with the vector y of
these, p = C y is the table on the measured pairs, and the level is Γ(y) ⪰ 0, which has p >= 0 in it. Newton's method
follows the maximum of Σ w ln p + μ ln det Γ, Σ w = 1, as μ falls. There the table p has, for every y' of the level,

    Σ (w/p) (p' - p) = -μ tr Γ(y)⁻¹ (Γ(y') - Γ(y)) <= μ N,

so that Σ (w/p) p' <= 1 + μ N is a Bell inequality, and ln-likelihoods of the level are at most μ N above that of p.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import BoundNotEstablishedError, UnsupportedError

_F = NDArray[np.float64]
_Word: TypeAlias = tuple[tuple[int, int], ...]

_LARGEST = 64  # words: the Hessian is made from N⁴ products
_FALL = 0.15  # of μ from one centre to the next
_NEWTON = 60  # steps to a centre; quadratic convergence takes a few
_CENTRED = 1e-9  # squared Newton decrement, relative to μ, at which a centre is reached
_LEAST = 1e-13  # μ at which rounding takes over
_COARSE = 1e-3  # nats a round: a fit no better than this is none


@dataclass(frozen=True, slots=True, eq=False)
class LevelFit:
    """The most likely table of the level.

    Attributes
    ----------
    cells
        p on the measured pairs (x slowest), then a, then b; strictly inside the level.
    gap
        Bound, up to rounding, on Σ w ln p' - Σ w ln p for every p' of the level.
    functional
        w/p: Σ functional · p' <= 1 + gap for every p' of the level.
    """

    cells: _F
    gap: float
    functional: _F


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Where each moment stands in Γ (id 0 is the identity, K marks a product that is 0), and C."""

    index: NDArray[np.intp]
    count: int
    cells: _F
    start: _F


def most_likely(outcomes: tuple[int, int], present: NDArray[np.bool_], weights: _F, *, gap: float) -> LevelFit:
    """Maximise Σ w ln p over the level.

    Parameters
    ----------
    outcomes, present
        (na, nb), and which setting pairs were measured, (nx, ny).
    weights
        w >= 0, in the order of `LevelFit.cells`, with sum 1.
    gap
        What to reach, in nats a round.

    Raises
    ------
    UnsupportedError
        More words than the method is made for.
    BoundNotEstablishedError
        No convergence (not seen to happen).
    """
    level = _level(outcomes, present.tobytes(), present.shape)
    last = max(gap / (2 * len(level.index)), _LEAST)
    y, mu, best = level.start.copy(), 1.0, None
    while True:
        centre = _centred(level, weights, y, mu)
        if centre is None:
            break  # rounding took over
        y, found = centre, _fit(level, weights, centre, mu)
        if best is None or found.gap < best.gap:
            best = found
        if mu <= last or found.gap > 10 * best.gap:
            break
        mu = max(mu * _FALL, last)
    if best is None or best.gap > _COARSE:
        raise BoundNotEstablishedError("the likelihood's maximum over the level '1+AB' was not reached")
    return best


def _fit(level: _Level, weights: _F, y: _F, mu: float) -> LevelFit:
    """The table at a centre; what the centre misses is charged at the most that a moment can change."""
    p = level.cells @ y
    functional = weights / p
    missed = (level.cells.T @ functional + mu * _sums(level, _inverse(_matrix(level, y))))[1:]
    return LevelFit(p, mu * len(level.index) + 2 * float(np.abs(missed).sum()), functional)


def _centred(level: _Level, weights: _F, y: _F, mu: float) -> _F | None:
    """Newton's method for the maximum at μ from an interior point; None where it does not arrive."""
    C = level.cells[:, 1:]
    value = _value(level, weights, y, mu)
    for _ in range(_NEWTON):
        p = level.cells @ y
        inverse = _inverse(_matrix(level, y))
        slope = C.T @ (weights / p) + mu * _sums(level, inverse)[1:]
        curvature = (C.T * (weights / p**2)) @ C + mu * _products(level, inverse)[1:, 1:]
        scale = 1 / np.sqrt(np.diagonal(curvature))
        try:
            factor = np.linalg.cholesky(curvature * np.outer(scale, scale) + 1e-15 * np.eye(len(scale)))
        except np.linalg.LinAlgError:
            return None
        step = scale * np.linalg.solve(factor.T, np.linalg.solve(factor, scale * slope))
        decrement = float(slope @ step)
        if not np.isfinite(decrement):
            return None
        if decrement < _CENTRED * mu:
            return y
        length = 1.0
        while length > 1e-6:
            ahead = y.copy()
            ahead[1:] += length * step
            found = _value(level, weights, ahead, mu)
            if found >= value + 0.1 * length * decrement - 1e-15 * abs(value):
                y, value = ahead, found
                break
            length /= 2
        else:
            return y if decrement < 1e-3 * mu else None
    return None


def _value(level: _Level, weights: _F, y: _F, mu: float) -> float:
    p = (level.cells @ y)[weights > 0]
    try:
        root = np.linalg.cholesky(_matrix(level, y))
    except np.linalg.LinAlgError:
        return -np.inf
    if p.min() <= 0:
        return -np.inf
    return float(weights[weights > 0] @ np.log(p) + 2 * mu * np.log(np.diagonal(root)).sum())


def _matrix(level: _Level, y: _F) -> _F:
    return np.asarray(np.append(y, 0.0)[level.index])


def _inverse(matrix: _F) -> _F:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _sums(level: _Level, matrix: _F) -> _F:
    """For each moment the sum of the entries where it stands."""
    return np.asarray(
        np.bincount(level.index.ravel(), matrix.ravel(), level.count + 1)[: level.count], dtype=np.float64
    )


def _products(level: _Level, inverse: _F) -> _F:
    """tr G E_i G E_j for the symmetric G = Γ⁻¹ and the pattern E_i of each moment."""
    size = len(inverse)
    both = np.einsum("ij,kl->ikjl", inverse, inverse).reshape(size * size, size * size)  # [(u, s), (v, t)] = G_uv G_st
    order = np.argsort(level.index, axis=None, kind="stable")
    starts = np.searchsorted(level.index.ravel()[order], np.arange(level.count))
    kept = order[: int(np.count_nonzero(level.index < level.count))]
    rows = np.add.reduceat(both[kept], starts, axis=0)
    return np.asarray(np.add.reduceat(rows[:, kept], starts, axis=1))


@lru_cache(maxsize=8)
def _level(outcomes: tuple[int, int], measured: bytes, shape: tuple[int, int]) -> _Level:
    (na, nb), (nx, ny) = outcomes, shape
    present = np.frombuffer(measured, dtype=np.bool_).reshape(shape)
    alice: list[_Word] = [(), *(((x, a),) for x in range(nx) for a in range(na - 1))]
    bob: list[_Word] = [(), *(((y, b),) for y in range(ny) for b in range(nb - 1))]
    words = list(product(range(len(alice)), range(len(bob))))
    if len(words) > _LARGEST:
        raise UnsupportedError(
            "behaviour", f'at most {_LARGEST} words at level "1+AB", for a projection', f"{len(words)} words"
        )
    ids: dict[tuple[_Word, _Word], int] = {((), ()): 0}
    products_a, products_b = _products_of(alice), _products_of(bob)
    index = np.empty((len(words), len(words)), dtype=np.intp)
    for i, (u, s) in enumerate(words):
        for j, (v, t) in enumerate(words):
            a_word, b_word = products_a[u][v], products_b[s][t]
            if a_word is None or b_word is None:
                index[i, j] = -1
                continue
            found = min((a_word, b_word), (a_word[::-1], b_word[::-1]))
            index[i, j] = ids.setdefault(found, len(ids))
    index[index < 0] = len(ids)
    cells = np.zeros((nx, ny, na, nb, len(ids)))
    for x, y, a, b in np.ndindex(nx, ny, na, nb):
        for (a_word, a_sign), (b_word, b_sign) in product(_projector(x, a, na), _projector(y, b, nb)):
            cells[x, y, a, b, ids[a_word, b_word]] += a_sign * b_sign
    start = np.array([na ** -len(a_word) * nb ** -len(b_word) for a_word, b_word in ids], dtype=np.float64)
    return _Level(index, len(ids), cells[present].reshape(-1, len(ids)), start)


def _products_of(words: Sequence[_Word]) -> list[list[_Word | None]]:
    """u† v of words of at most one projector; None where it is 0."""

    def reduced(u: _Word, v: _Word) -> _Word | None:
        if not u or not v or u == v:
            return u or v
        return None if u[0][0] == v[0][0] else u + v

    return [[reduced(u, v) for v in words] for u in words]


def _projector(setting: int, outcome: int, outcomes: int) -> list[tuple[_Word, float]]:
    """The projector of an outcome in the letters: the last is 1 minus the others."""
    if outcome < outcomes - 1:
        return [(((setting, outcome),), 1.0)]
    return [((), 1.0), *((((setting, other),), -1.0) for other in range(outcomes - 1))]
