"""The best parameters of the Rényi key length, in doubles.

Every admissible choice gives a sound length, which `renyi` evaluates; so nothing rests on this search. For a given δ
the length is concave in the weights f: κ is, the honest score's mean is linear, its standard deviation convex. So it
is enough that the gradient vanishes. With w_0, w_1 the derivatives of the score's threshold by g_0 and g_1, in rounds
per round, and C the maximiser in κ, that reads

    γ u_0 (Q* - w) = w_0 G,   γ u_1 w = w_1 G,   G = (1-γ) Q*/(1 - w_0 - w_1),

which gives u_0 and u_1 for a given C; C is the root at which the bracket in κ is stationary. The threshold's
derivatives follow from g_c = f_c + log r_c, and the best reference is r_c = w_c/(w_0 + w_1): a fixed point, quickly
found, since w is near the honest probabilities. Only δ is searched: a scan, then Brent's method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from keybounds.bounds.run.renyi import RenyiParameters
from keybounds.bounds.run.run import Run
from keybounds.solvers import lower_than, root

_SWEEPS = 40
_FREE = 12  # sweeps before they are averaged
_SETTLED = 1e-7  # relative change of the weights between sweeps: the length changes by its square
_MARGIN = 1e-12  # relative; keeps rounded weights in order
_LEAST_LOG_ERROR = 0.05  # below it the best δ is bounded by what the search resolves
_INSIDE = (1e-7, 1 - 1e-12)  # where the root is looked for


@dataclass(frozen=True, slots=True)
class _Inner:
    """The best scores for one δ."""

    scores: tuple[float, float]
    reference: float
    score: float
    value: float  # of the terms that depend on the parameters, in bits


def renyi_parameters(run: Run) -> RenyiParameters:
    """Search for the parameters with the longest key; a matter of milliseconds."""
    problem = _Problem(run)
    # the terms n δ V/2 and log(1/ε)/δ balance near this δ, V being some thousands of bits² a test
    guess = math.log(math.sqrt(max(problem.log_error, _LEAST_LOG_ERROR) / (200 * run.rounds)))

    def loss(x: float) -> float:
        return -problem.inner(math.exp(x)).value

    grid = [min(guess + step, 0.0) for step in range(-4, 7, 2)]
    values = [loss(x) for x in grid]
    place = min(range(len(grid)), key=values.__getitem__)
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
    x = grid[place]
    if low < high:
        x = lower_than(loss, x, low, high, xatol=1e-4)
    order = math.exp(x)
    best = problem.inner(order)
    loss_score, win_score = best.scores
    least = win_score + math.log2((1 - best.reference) / best.reference)  # the g_0 at which u_0 = u_1
    loss_score = min(loss_score, least - _MARGIN * (1 + abs(least)))
    return RenyiParameters(
        order=order,
        loss_score=loss_score,
        win_score=win_score,
        reference=best.reference,
        score=problem.threshold((loss_score, win_score))[0],
    )


class _Problem:
    """What the search needs of the run, in doubles."""

    def __init__(self, run: Run) -> None:
        self.n, self.gamma, self.deviations = run.rounds, float(run.gamma), float(run.deviations)
        winning = float(run.winning)
        self.honest = self.gamma * (1 - winning), self.gamma * winning
        self.log_error = math.log2(run.budget.denominator) - math.log2(run.budget.numerator)

    def threshold(self, scores: tuple[float, float]) -> tuple[float, float, float]:
        """The honest score's mean less its standard deviations, per run, and its derivatives by the scores per round.

        A score has the variance n [Σ p_c g_c² - (Σ p_c g_c)²].
        """
        mean = sum(p * g for p, g in zip(self.honest, scores, strict=True))
        variance = sum(p * g * g for p, g in zip(self.honest, scores, strict=True)) - mean * mean
        spread = math.sqrt(max(variance, 1e-300))
        scale = self.deviations / (math.sqrt(self.n) * spread)
        loss, win = (p * (1 - scale * (g - mean)) for p, g in zip(self.honest, scores, strict=True))
        return self.n * mean - self.deviations * math.sqrt(self.n) * spread, loss, win

    def inner(self, order: float) -> _Inner:
        """The best scores for one δ, and what they are worth."""
        loss, win = self.honest
        scores, reference, ceiling = (0.0, 0.0), 0.5, 1.0
        for sweep in range(_SWEEPS):
            u_loss, u_win, ceiling = self._weights(order, loss, win)
            reference = win / (loss + win)
            scores = (
                math.log2(u_loss) / order + math.log2(1 - reference),
                math.log2(u_win) / order + math.log2(reference),
            )
            _, *found = self.threshold(scores)
            # with few rounds the derivatives of the standard deviation overshoot: then averaged, and kept admissible
            keep = 0.0 if sweep < _FREE else 0.5
            step = [max(keep * old + (1 - keep) * new, old / 4) for old, new in zip((loss, win), found, strict=True)]
            total = sum(step)
            step = [part * min(1.0, self._most() / total) for part in step]
            moved = max(abs(new / old - 1) for old, new in zip((loss, win), step, strict=True))
            loss, win = step
            if moved < _SETTLED:
                break
        score = self.threshold(scores)[0]
        value = -self.n * math.log2(ceiling) / order + score - (1 + order) / order * self.log_error
        return _Inner(scores, reference, score, value)

    def _most(self) -> float:
        """An upper limit to w_0 + w_1, which must stay below 1."""
        return (1 + self.gamma) / 2

    def _weights(self, order: float, loss: float, win: float) -> tuple[float, float, float]:
        """u_0, u_1 and G at the stationary C, for the threshold's derivatives w_0 and w_1."""

        def at(c: float) -> tuple[float, float, float]:
            key_sum, winning = _key_sum(order, c)[0], _winning(c)
            ceiling = (1 - self.gamma) * key_sum / (1 - loss - win)
            return (
                loss * ceiling / (self.gamma * max(key_sum - winning, 1e-300)),
                win * ceiling / (self.gamma * winning),
                ceiling,
            )

        def slope(c: float) -> float:
            u_loss, u_win, _ = at(c)
            falls = (1 - self.gamma + self.gamma * u_loss) * _key_sum(order, c)[1]
            return (falls + self.gamma * (u_win - u_loss) * c / (4 * math.sqrt(1 + c * c))) / c

        low, high = _INSIDE
        if slope(low) <= 0:
            c = low
        elif slope(high) >= 0:
            c = high
        else:
            c = root(slope, low, high, xtol=1e-13)
        u_loss, u_win, ceiling = at(c)
        u_loss = min(u_loss, u_win)
        # the ceiling at C for the weights as they are now: a maximum only if u_0 was not cut
        key_sum, winning = _key_sum(order, c)[0], _winning(c)
        ceiling = (1 - self.gamma + self.gamma * u_loss) * key_sum + self.gamma * (u_win - u_loss) * winning
        return u_loss, u_win, ceiling


def _winning(c: float) -> float:
    return 0.5 + math.sqrt(1 + c * c) / 4


def _key_sum(order: float, c: float) -> tuple[float, float]:
    """Q* and its derivative by C."""
    beta = 1 / (1 + order)
    parts = (1 + c) ** beta + (1 - c) ** beta
    value = 2.0 ** -(1 + order) * parts ** (1 + order)
    # (1+C)^(β-1) - (1-C)^(β-1), which cancels for small δ
    bend = (beta - 1) * math.log1p(c), (beta - 1) * math.log1p(-c)
    return value, value / parts * (math.expm1(bend[0]) - math.expm1(bend[1]))
