"""Climb a function whose every evaluation is a semidefinite program: few steps, no trust in any of them.

A quasi-Newton ascent (damped BFGS) inside a box. Whatever it returns is only a place to evaluate a bound at, so a wrong
turn costs key and never soundness.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.design.stop import Stop
from keybounds.errors import KeyboundsError

_Array = NDArray[np.float64]

_SUFFICIENT = 1e-3  # of the promised gain, that a step must bring
_HALVINGS = 8
_REACH = 0.15  # rad, or of a probability: beyond, a first-order model of an experiment is not worth following
_FLATTEST = 1e-3  # of the largest curvature: the least one believed at the start
_DAMPING = 0.2  # Powell's, which keeps the curvature positive


class Sample(Protocol):
    """A value and its gradient."""

    @property
    def rate(self) -> float:
        """The value."""
        ...

    @property
    def gradient(self) -> _Array:
        """Its derivatives along the coordinates."""
        ...


S = TypeVar("S", bound=Sample)


@dataclass(frozen=True, slots=True, eq=False)
class Summit(Generic[S]):
    """Where a climb ended: the place, its sample, the curvature learnt on the way, and why."""

    x: _Array
    sample: S
    curvature: _Array
    stopped: Stop


def ascend(
    evaluate: Callable[[_Array], S],
    x: _Array,
    *,
    limits: tuple[_Array, _Array],
    curvature: Callable[[S, _Array], _Array],
    tolerance: float,
    resolution: float = 0.0,
    max_evaluations: int = 60,
    deadline: float = float("inf"),
) -> Summit[S]:
    """Climb from `x` until the next step promises less than `tolerance` of the value, or less than `resolution`.

    Parameters
    ----------
    evaluate
        Value and gradient at a place. A typed error of this package at any place but the first makes the step shorter.
    limits
        The box: least and greatest coordinates.
    curvature
        About minus the second derivatives at the start; made positive definite here.
    deadline
        On the clock of `time.monotonic`; looked at before every evaluation but the first.
    """
    low, high = limits
    x = np.clip(x, low, high)
    at = evaluate(x)
    B = _positive(curvature(at, x)) if x.size else np.zeros((0, 0))
    used = 1
    while True:
        free = ~(((x <= low) & (at.gradient < 0)) | ((x >= high) & (at.gradient > 0)))
        step = np.zeros_like(x)
        step[free] = np.linalg.solve(B[np.ix_(free, free)], at.gradient[free])
        step *= min(1.0, _REACH / float(np.abs(step).max(initial=_REACH)))
        if not at.gradient @ step > max(tolerance * abs(at.rate), resolution):
            return Summit(x, at, B, Stop.CONVERGED)
        length = 1.0
        for _ in range(_HALVINGS):
            if used >= max_evaluations:
                return Summit(x, at, B, Stop.STEPS)
            if time.monotonic() > deadline:
                return Summit(x, at, B, Stop.TIME)
            used += 1
            ahead = np.clip(x + length * step, low, high)
            try:
                there = evaluate(ahead)
            except KeyboundsError:
                length /= 4
                continue
            if not (np.isfinite(there.rate) and np.all(np.isfinite(there.gradient))):
                length /= 4
                continue
            moved = ahead - x
            promised = float(at.gradient @ moved)
            B = _learnt(B, moved, at.gradient - there.gradient)
            if there.rate - at.rate >= _SUFFICIENT * promised:
                x, at = ahead, there
                break
            lost = promised - (there.rate - at.rate)  # above 0: the parabola through both ends has its top between
            length *= min(max(promised / (2 * lost), 0.1), 0.5)
        else:
            return Summit(x, at, B, Stop.CONVERGED)


def _positive(M: _Array) -> _Array:
    """M with its eigenvalues made positive; ones where there is nothing to learn from M."""
    if not np.all(np.isfinite(M)) or not np.any(M):
        return np.eye(len(M))
    values, vectors = np.linalg.eigh((M + M.T) / 2)
    values = np.maximum(np.abs(values), _FLATTEST * np.abs(values).max())
    return np.asarray((vectors * values) @ vectors.T)


def _learnt(B: _Array, moved: _Array, change: _Array) -> _Array:
    """The damped BFGS update for B·moved ≈ change."""
    Bs = B @ moved
    expected, seen = float(moved @ Bs), float(moved @ change)
    if not expected > 0:
        return B
    if seen < _DAMPING * expected:
        share = (1 - _DAMPING) * expected / (expected - seen)
        change = share * change + (1 - share) * Bs
    return np.asarray(B - np.outer(Bs, Bs) / expected + np.outer(change, change) / float(moved @ change))
