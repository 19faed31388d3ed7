"""Planning a run: how long it must be, and how often to test.

Searches over `key_of_run`; every answer is a choice whose key length was evaluated rigorously, and nothing rests on the
search having found the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial

from keybounds.bounds.link.link import Link
from keybounds.bounds.run.finite_key import key_of_run, worth
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.run import Run
from keybounds.enclosure import Real
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.experiments import TSIRELSON
from keybounds.solvers import lower_than

_FEW, _FIRST_GAMMA = 10**5, 0.12  # where the search for the shortest run begins

LONGEST = 10**15
"""Rounds beyond which no run is considered: a million a second would take thirty years."""

Granted = Callable[[Run], FiniteKey]
"""The key of a run by one theorem and one extractor."""

_GAMMA_SCAN = 16
_GAMMA_RANGE = (-14.0, -0.05)  # log2 γ; further down for long runs, whose best γ falls about as n^(-1/3)
_GAMMA_TOLERANCE, _NEAR_TOLERANCE = 1e-4, 4e-3  # of log2 γ; the length is flat at its maximum
_SETTLED = 13  # a turn of `shortest_tested_run` that gains less than 2^-13 of the rounds is the last


def minimal_rounds(
    link: Link,
    *,
    gamma: Real,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str | None = None,
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


def shortest_run(run: Run, granted: Granted, *, least: int = 1, known: int | None = None) -> Run:
    """The run with the fewest rounds found that has a key of at least `least` bits, the rest as in `run`.

    With n rounds there is that key; with n - 1 there is not. Lengths are taken to grow with n, as they do in all tests;
    if they did not, fewer rounds could do. `known` is a number of rounds that is known to suffice.

    Raises
    ------
    BoundNotEstablishedError
        No such key in `LONGEST` rounds.
    """

    def beyond(rounds: int) -> int:
        """At least 0 where there is that key."""
        return worth(granted(replace(run, rounds=rounds))) - least

    low = math.ceil(1 / run.gamma)
    high = max(low, 1000) if known is None else known
    at_high = beyond(high)
    while known is not None and high > low and (below := beyond(max(15 * high // 16, low))) >= 0:
        high, at_high = max(15 * high // 16, low), below
    low = low if known is None else max(15 * high // 16, low)
    at_low = beyond(low)
    if at_low >= 0:
        return replace(run, rounds=low)
    while at_high < 0:
        if high >= LONGEST:
            raise BoundNotEstablishedError(f"no key of {least} bits in {LONGEST:.0e} rounds at {run.link}")
        low, at_low, high = high, at_high, min(4 * high, LONGEST)
        at_high = beyond(high)
    return replace(run, rounds=_first(beyond, (low, at_low), (high, at_high)))


def _first(beyond: Callable[[int], int], below: tuple[int, int], reached: tuple[int, int]) -> int:
    """The least whole number at which a growing function is at least 0, between one below and one that reaches it.

    Where the straight line through both is 0, or in the middle after steps that did not halve the rest.
    """
    (low, at_low), (high, at_high) = below, reached
    slow = False
    while high - low > 1:
        rest = high - low
        if slow:
            middle = math.isqrt(low * high) if high > 2 * low else (low + high) // 2
        else:
            middle = high - round(rest * (at_high + 0.5) / (at_high + 0.5 - at_low))
        middle = min(max(middle, low + 1), high - 1)
        value = beyond(middle)
        low, at_low, high, at_high = (low, at_low, middle, value) if value >= 0 else (middle, value, high, at_high)
        slow = not slow and 2 * (high - low) > rest
    return high


def shortest_tested_run(run: Run, granted: Granted, *, least: int = 1) -> Run:
    """The run with the fewest rounds found that has a key of at least `least` bits, γ free, the rest as in `run`.

    The best γ of n rounds and the fewest rounds at a γ in turn, until nothing is gained: near its best γ the number of
    rounds is flat, so a few turns do. With one round fewer there is no key at that γ.

    Raises
    ------
    BoundNotEstablishedError
        No such key in `LONGEST` rounds.
    """
    granted = cache(granted)
    rounds = _FEW
    found = None
    while found is None:
        guess = replace(run, rounds=rounds, gamma=min(_FIRST_GAMMA * (_FEW / rounds) ** (1 / 3), 0.5))
        if rounds == LONGEST:  # the guess may be wrong, a search is not
            guess = best_tested_run(guess, granted)
        if granted(guess).length >= least:
            found = guess
        elif rounds == LONGEST:
            raise BoundNotEstablishedError(f"no key of {least} bits in {LONGEST:.0e} rounds at {run.link}")
        rounds = min(4 * rounds, LONGEST)
    while True:
        tested = best_tested_run(found, granted, near=float(found.gamma))
        shorter = shortest_run(tested, granted, least=least, known=found.rounds)
        if found.rounds - shorter.rounds <= found.rounds >> _SETTLED:
            return min(shorter, found, key=lambda one: one.rounds)
        found = shorter


def optimal_gamma(
    link: Link,
    *,
    rounds: int,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str | None = None,
) -> float:
    """Probability of a test round γ at which the key is longest; where there is none, at which the deficit is least.

    `best_tested_run` does the same with other deviations or leakage. Arguments and errors as in `finite_key`.
    """
    run = Run(link, rounds=rounds, gamma=Fraction(1, 2), soundness=soundness)
    return float(best_tested_run(run, partial(key_of_run, theorem=theorem, extractor=extractor)).gamma)


def best_tested_run(run: Run, granted: Granted, *, near: float | None = None) -> Run:
    """The run with the γ at which its key is longest, or its deficit least, the rest as in `run`.

    A scan from γ = 2^-14, or 1/√n where that is less, picks the hill, Brent's method in log γ climbs it;
    with `near` only the latter, within a factor of 2 and less closely.
    """

    def value(exponent: float) -> int:
        return worth(granted(replace(run, gamma=2.0**exponent)))

    size = math.log2(max(run.rounds, 2))
    bottom = max(min(_GAMMA_RANGE[0], -size / 2), -size + 1e-9)
    top = max(_GAMMA_RANGE[1], bottom)
    tolerance = _GAMMA_TOLERANCE
    if near is None:
        grid = [bottom + (top - bottom) * k / _GAMMA_SCAN for k in range(_GAMMA_SCAN + 1)]
    else:
        tolerance = _NEAR_TOLERANCE
        grid = [min(max(math.log2(near) + step, bottom), top) for step in (-1, 0, 1)]
    values = [value(x) for x in grid]
    best = max(range(len(grid)), key=values.__getitem__)
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    place = grid[best]
    if low < high:
        place = lower_than(lambda x: -float(value(x)), place, low, high, xatol=tolerance)
    return replace(run, gamma=2.0**place)


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

    def at(s: float, q: float) -> int:
        return worth(granted(replace(run, link=Link(s, q, run.link.key, run.link.test))))

    s_low, s_high = max(s - step, (2 + s) / 2), min(s + step, TSIRELSON)
    q_low, q_high = max(q - step, 0.0), min(q + step, 0.5)
    by_chsh = (at(s_high, q) - at(s_low, q)) / (s_high - s_low)
    by_qber = (at(s, q_high) - at(s, q_low)) / (q_high - q_low)
    return Sensitivity(granted(run), by_chsh, by_qber, math.hypot(by_chsh * uncertainty[0], by_qber * uncertainty[1]))
