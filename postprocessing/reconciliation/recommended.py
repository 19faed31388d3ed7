"""The code to take: the shortest syndrome with which decoding was seen to fail seldom enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from keybounds.bounds.run.codes import ION, LIMIT, ShownCode, best_codes
from keybounds.errors import UnsupportedError
from keybounds.postprocessing.reconciliation.code import Code
from keybounds.postprocessing.reconciliation.coupled_code import CoupledCode
from keybounds.postprocessing.reconciliation.polar_code import PolarCode
from keybounds.postprocessing.reconciliation.study import CHANNELS, Rounds


@dataclass(frozen=True, slots=True)
class RecommendedCode:
    """A code, and what it rests on.

    Attributes
    ----------
    code
        For the number of rounds asked for.
    efficiency
        f, its syndrome over the Shannon limit.
    shown
        The code that was tried; its `limit` is that of the failures.
    tried
        Whether it was tried with these rounds on this channel; else f is the worse one of the two channels about it, at
        the next smaller number of rounds, and nothing was seen of this very code.
    """

    code: Code
    efficiency: Fraction
    shown: ShownCode
    tried: bool


def recommended_code(rounds: int, channel: float | str, *, limit: float = LIMIT) -> RecommendedCode:
    """Return the code with the least f that was seen to fail with at most this probability.

    Parameters
    ----------
    rounds
        n.
    channel
        Error rate of all rounds; or ``"ion"``, key and test rounds at the design point of nadlinger2022.
    limit
        On the probability of failure, with 95 % confidence.

    Raises
    ------
    UnsupportedError
        Rounds or an error rate outside of what was tried; the message says what is nearest.

    Examples
    --------
    >>> found = recommended_code(131072, 0.036)
    >>> found.shown.family, found.shown.limit < 0.05
    ('polar', True)
    """
    named = channel == ION
    rows = [one for one in best_codes(limit) if (one.channel == ION) == named]
    kinds = CHANNELS[ION] if named else Rounds(((1.0, float(channel)),))
    fits = [one for one in rows if one.rounds <= rounds]
    if not fits or rounds > max(one.rounds for one in rows):
        sizes = ", ".join(str(size) for size in sorted({one.rounds for one in rows}))
        raise UnsupportedError("rounds", f"from the least to the most that were tried ({sizes})", str(rounds))
    size = max(one.rounds for one in fits)
    there = sorted((one for one in fits if one.rounds == size), key=lambda one: one.entropy)
    below = [one for one in there if one.entropy <= kinds.entropy * (1 + 1e-5)][-1:]
    above = [one for one in there if one.entropy >= kinds.entropy * (1 - 1e-5)][:1]
    if not below or not above:
        tried = ", ".join(one.channel for one in there)
        expected = f"an error rate between those tried with {size} rounds ({tried})"
        raise UnsupportedError("channel", expected, f"{channel}")
    shown = max(below + above, key=lambda one: one.efficiency)
    checks = math.ceil(float(shown.efficiency) * rounds * kinds.entropy)
    given = dict(shown.parameters)
    code: Code
    if shown.family == "polar":
        code = PolarCode(rounds, checks, kinds.kinds)
    else:
        code = CoupledCode(rounds, checks, given["degree"], given["positions"])
    tried_here = rounds == size and below[0] is above[0]
    return RecommendedCode(code, shown.efficiency, shown, tried_here)
