"""The descent of a price from many starts, compiled whole: the calls are many and small."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.kernels import price
from keybounds.compiled import njit

_F = NDArray[np.float64]
_I = NDArray[np.int64]

_ARMIJO, _WOLFE = 1e-4, 0.9
_LINE_STEPS = 30


@njit(error_model="numpy")
def descend(
    starts: _F,
    labels_a: _I,
    labels_b: _I,
    prices: _F,
    weights: _F,
    cost: int,
    q: float,
    hq: float,
    kept: _F,
    iterations: int,
    tolerance: float,
    ends: _F,
    values: _F,
) -> None:
    """Minimise the price from each start by BFGS with a weak Wolfe line search; arguments between as in `price`.

    Parameters
    ----------
    starts, ends
        (n, 8 + 3 nx + 3 ny).
    labels_a, labels_b
        (n, nx, 2), (n, ny, 2).
    iterations, tolerance
        Steps from each start, and the norm of the gradient at which it ends.
    values
        (n,): the price at the end; NaN where the start led nowhere.
    """
    size = starts.shape[1]
    g, g_new, x_new = np.empty(size), np.empty(size), np.empty(size)
    for n in range(starts.shape[0]):
        la, lb = labels_a[n], labels_b[n]
        x = starts[n].copy()
        f = price(x, la, lb, prices, weights, cost, q, hq, kept, g)
        H = np.eye(size)
        first = True
        for _ in range(iterations):
            if not math.sqrt(np.dot(g, g)) > tolerance:
                break
            direction = -np.dot(H, g)
            slope = np.dot(direction, g)
            if not slope < 0.0:
                H = np.eye(size)
                direction = -g
                slope = -np.dot(g, g)
                first = True
            step = min(1.0, 0.3 / math.sqrt(np.dot(g, g))) if first else 1.0
            low, high = 0.0, math.inf
            moved = False
            f_new = f
            for _ in range(_LINE_STEPS):
                x_new[:] = x + step * direction
                f_new = price(x_new, la, lb, prices, weights, cost, q, hq, kept, g_new)
                if not f_new <= f + _ARMIJO * step * slope:
                    high = step
                elif np.dot(g_new, direction) < _WOLFE * slope:
                    low = step
                    moved = True
                else:
                    moved = True
                    break
                step = 0.5 * (low + high) if high < math.inf else 2.0 * step
            if not moved or not f_new <= f:
                break
            s, y = x_new - x, g_new - g
            sy = np.dot(s, y)
            if sy > 1e-300:
                if first:
                    H = np.eye(size) * (sy / np.dot(y, y))
                    first = False
                Hy = np.dot(H, y)
                H += (1.0 + np.dot(y, Hy) / sy) / sy * np.outer(s, s) - (np.outer(Hy, s) + np.outer(s, Hy)) / sy
            x[:] = x_new
            g[:] = g_new
            gained, f = f - f_new, f_new
            scale = math.sqrt(np.dot(x[:8], x[:8]))
            if scale < 0.5 or scale > 2.0:  # the price does not depend on the norm of ψ
                x[:8] /= scale
                g[:8] *= scale
                H = np.eye(size)
                first = True
            elif gained < 1e-15:
                break
        ends[n] = x
        values[n] = f
