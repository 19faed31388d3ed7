"""How unlikely it is that a quantum device shows so large a CHSH value, for any number of trials.

For a game whose score Y is 1 where the outcomes are as wanted, the means of four setting pairs sum up to 2 + √2 = 4 ω
at most. So for a slope λ fixed beforehand, with n_xy independent trials of a pair,

    E Π_i (1 + (λ/n_xy)(Y_i - ω)) <= exp(λ (Σ_xy μ_xy - 4 ω)) <= 1,

and the mean of such products over slopes, labellings of settings and sides of the inequality is no larger: by Markov's
inequality it exceeds 1/p with probability p at most. It sees a value above Tsirelson's long before the distance of the
whole table does, which has to be large in every direction at once.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from keybounds.experiments.behaviour import Behaviour

_MOST = (2 + math.sqrt(2)) / 4  # wins a trial


def chsh_chance(behaviour: Behaviour) -> float:
    """No quantum device gives counts with such a CHSH value, in any labelling, with a larger probability than this.

    No less than 1e-300, for no probability here is 0; 1 for tables without counts, with other than two outcomes, or
    without two settings each that were all measured.
    """
    counts = behaviour.counts
    if counts is None or behaviour.outcomes != (2, 2):
        return 1.0
    trials, equal = counts.sum(axis=(0, 1)), counts[0, 0] + counts[1, 1]
    logarithms: list[float] = []
    for xs, ys in itertools.product(*(itertools.combinations(range(n), 2) for n in behaviour.settings)):
        n, same = trials[np.ix_(xs, ys)], equal[np.ix_(xs, ys)]
        if not n.all():
            continue
        least = int(n.min())
        slopes = least / _MOST * 0.5 ** np.arange(1 + math.ceil(math.log2(least) / 2))
        step = slopes[:, None, None] / n
        for odd in itertools.product((False, True), repeat=4):
            if sum(odd) % 2:  # an odd number of pairs is to differ: the eight CHSH inequalities
                won = np.where(np.reshape(odd, (2, 2)), n - same, same)
                with np.errstate(divide="ignore", invalid="ignore"):
                    lost = np.where(n > won, (n - won) * np.log1p(-np.minimum(step * _MOST, 1.0)), 0.0)
                logarithms += (won * np.log1p(step * (1 - _MOST)) + lost).sum(axis=(1, 2)).tolist()
    if not logarithms:
        return 1.0
    logarithm = np.logaddexp.reduce(logarithms) - math.log(len(logarithms))
    return max(math.exp(-max(logarithm, 0.0)), 1e-300)
