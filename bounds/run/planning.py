"""Planning a run: how long it must be, and how often to test.

Searches over `key_of_run`; every answer is a choice whose key length was evaluated rigorously, and nothing rests on the
search having found the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from keybounds.bounds.link.link import Link
from keybounds.bounds.run.finite_key import key_of_run
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.run import Run
from keybounds.enclosure import Real
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.experiments import TSIRELSON

LONGEST = 10**15
"""Rounds beyond which no run is considered: a million a second would take thirty years."""

Granted = Callable[[Run], FiniteKey]
"""The key of a run by one theorem and one extractor."""

_GAMMA_SCAN = 24
_GAMMA_RANGE = (-14.0, -0.05)  # log2 γ
_GAMMA_TOLERANCE = 1e-4  # relative; the length is flat at its maximum


def minimal_rounds(
    link: Link,
    *,
    gamma: Real,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str = "trevisan",
    least: int = 1,
) -> int:
    """Fewest rounds found with a key of at least `least` bits; `shortest_run` plans with other deviations or leakage.

    Parameters
    ----------
    link, gamma, soundness, theorem, extractor
        As in `finite_key`.
    least
        Bits of key asked for, at least 1; 257 is the first that exceeds what the run consumes.

    Raises
    ------
    QuestionError, InputError
        As in `finite_key`.
    BoundNotEstablishedError
        No such key in `LONGEST` rounds.
    """
    if least < 1:
        raise InputError("least", "at least 1 bit", repr(least))
    run = Run(link, rounds=LONGEST, gamma=gamma, soundness=soundness)
    return shortest_run(run, partial(key_of_run, theorem=theorem, extractor=extractor), least=least).rounds


def shortest_run(run: Run, granted: Granted, *, least: int = 1) -> Run:
    """The run with the fewest rounds found that has a key of at least `least` bits, the rest as in `run`.

    With n rounds there is that key; with n - 1 there is not. Lengths are taken to grow with n, as they do in all tests;
    if they did not, fewer rounds could do.

    Raises
    ------
    BoundNotEstablishedError
        No such key in `LONGEST` rounds.
    """

    def suffices(rounds: int) -> bool:
        return granted(replace(run, rounds=rounds)).length >= least

    low = math.ceil(1 / run.gamma)
    if suffices(low):
        return replace(run, rounds=low)
    high = max(low, 1000)
    while not suffices(high):
        if high >= LONGEST:
            raise BoundNotEstablishedError(f"no key of {least} bits in {LONGEST:.0e} rounds at {run.link}")
        low, high = high, min(4 * high, LONGEST)
    while high - low > 1:
        middle = math.isqrt(low * high) if high > 2 * low else (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return replace(run, rounds=high)


def optimal_gamma(
    link: Link,
    *,
    rounds: int,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str = "trevisan",
) -> float:
    """Probability of a test round γ at which the key is longest; where there is none, at which the deficit is least.

    `best_tested_run` does the same with other deviations or leakage. Arguments and errors as in `finite_key`.
    """
    run = Run(link, rounds=rounds, gamma=Fraction(1, 2), soundness=soundness)
    return float(best_tested_run(run, partial(key_of_run, theorem=theorem, extractor=extractor)).gamma)


def best_tested_run(run: Run, granted: Granted) -> Run:
    """The run with the γ at which its key is longest, or its deficit least, the rest as in `run`.

    A scan over 2^-14 <= γ < 1 picks the hill, golden-section search in log γ climbs it.
    """

    def worth(exponent: float) -> int:
        return _worth(granted(replace(run, gamma=2.0**exponent)))

    bottom = max(_GAMMA_RANGE[0], -math.log2(max(run.rounds, 2)) + 1e-9)
    top = max(_GAMMA_RANGE[1], bottom)
    grid = [bottom + (top - bottom) * k / _GAMMA_SCAN for k in range(_GAMMA_SCAN + 1)]
    values = [worth(x) for x in grid]
    best = max(range(len(grid)), key=values.__getitem__)
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, _GAMMA_SCAN)]
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = worth(left), worth(right)
    while high - low > _GAMMA_TOLERANCE:
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = worth(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = worth(right)
    ends = {left: at_left, right: at_right, grid[best]: values[best]}
    return replace(run, gamma=2.0 ** max(ends, key=ends.__getitem__))


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A key length with its derivatives by S and Q, and the spread it inherits from their uncertainties.

    Attributes
    ----------
    key
        At the nominal S and Q.
    by_chsh, by_qber
        Central differences of the length, threshold and syndrome redesigned for each value: bits per unit of S and Q.
    spread
        One standard deviation of the length in bits, to first order, S and Q taken as independent.
    """

    key: FiniteKey
    by_chsh: float
    by_qber: float
    spread: float


def sensitivity(
    run: Run, granted: Granted = key_of_run, *, uncertainty: tuple[float, float] = (0.0, 0.0), step: float = 5e-4
) -> Sensitivity:
    """How the length of a run designed for (S, Q) moves with them.

    Parameters
    ----------
    run
        Designed for the S and Q of its link.
    granted
        The theorem and extractor: `key_of_run`, or a partial of it.
    uncertainty
        One standard deviation of S and one of Q.
    step
        Of the difference quotients in S and in Q; the default is far above what cutting a length to whole bits shifts.
        S stays in (2, 2√2], Q in [0, 1/2].
    """
    s, q = float(run.chsh), float(run.qber)

    def worth(s: float, q: float) -> int:
        return _worth(granted(replace(run, link=Link(s, q, run.link.key, run.link.test))))

    s_low, s_high = max(s - step, (2 + s) / 2), min(s + step, TSIRELSON)
    q_low, q_high = max(q - step, 0.0), min(q + step, 0.5)
    by_chsh = (worth(s_high, q) - worth(s_low, q)) / (s_high - s_low)
    by_qber = (worth(s, q_high) - worth(s, q_low)) / (q_high - q_low)
    return Sensitivity(granted(run), by_chsh, by_qber, math.hypot(by_chsh * uncertainty[0], by_qber * uncertainty[1]))


def _worth(key: FiniteKey) -> int:
    """The length, or minus what is missing for the first bit."""
    return key.length - key.deficit
