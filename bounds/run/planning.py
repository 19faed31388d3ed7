"""Planning a run: how long it must be, and how often to test.

Searches over `finite_key`; every answer is a choice whose key length was evaluated rigorously, and nothing rests on the
search having found the best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from keybounds.bounds.run.finite_key import finite_key
from keybounds.bounds.run.key import FiniteKey
from keybounds.enclosure import Real
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.experiments import TSIRELSON
from keybounds.states.arguments import exact_fraction

LONGEST = 10**15
"""Rounds beyond which no run is considered: a million a second would take thirty years."""

_GAMMA_SCAN = 24
_GAMMA_RANGE = (-14.0, -0.05)  # log2 γ
_GAMMA_TOLERANCE = 1e-4  # relative; the length is flat at its maximum


def minimal_rounds(
    *,
    gamma: Real,
    chsh: Real,
    qber: Real,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str = "trevisan",
    deviations: Real = 3,
    least: int = 1,
) -> int:
    """Fewest rounds found with a key of at least `least` bits.

    With n rounds there is that key; with n - 1 there is not. Lengths are taken to grow with n, as they do in all tests;
    if they did not, fewer rounds could do.

    Parameters
    ----------
    gamma, chsh, qber, soundness, theorem, extractor, deviations
        As in `finite_key`.
    least
        Bits of key asked for, at least 1; 257 is the first that exceeds what the run consumes.

    Raises
    ------
    InputError
        An argument outside its range.
    BoundNotEstablishedError
        No such key in `LONGEST` rounds.
    """
    if least < 1:
        raise InputError("least", "at least 1 bit", repr(least))

    def suffices(rounds: int) -> bool:
        key = finite_key(
            rounds=rounds,
            gamma=gamma,
            chsh=chsh,
            qber=qber,
            soundness=soundness,
            theorem=theorem,
            extractor=extractor,
            deviations=deviations,
        )
        return key.length >= least

    share = exact_fraction("gamma", gamma)
    low = math.ceil(1 / share) if 0 < share < 1 else 1  # out of range: finite_key says so
    if suffices(low):
        return low
    high = max(low, 1000)
    while not suffices(high):
        if high >= LONGEST:
            raise BoundNotEstablishedError(f"no key of {least} bits in {LONGEST:.0e} rounds at S = {chsh}, Q = {qber}")
        low, high = high, min(4 * high, LONGEST)
    while high - low > 1:
        middle = math.isqrt(low * high) if high > 2 * low else (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def optimal_gamma(
    *,
    rounds: int,
    chsh: Real,
    qber: Real,
    soundness: Real = 1e-10,
    theorem: str = "eat-2019",
    extractor: str = "trevisan",
    deviations: Real = 3,
) -> float:
    """Probability of a test round γ at which the key is longest; where there is none, at which the deficit is least.

    A scan over 2^-14 <= γ < 1 picks the hill, golden-section search in log γ climbs it.

    Raises
    ------
    InputError
        An argument outside its range.
    """

    def worth(exponent: float) -> int:
        key = finite_key(
            rounds=rounds,
            gamma=2.0**exponent,
            chsh=chsh,
            qber=qber,
            soundness=soundness,
            theorem=theorem,
            extractor=extractor,
            deviations=deviations,
        )
        return key.length - key.deficit

    bottom = max(_GAMMA_RANGE[0], -math.log2(max(rounds, 2)) + 1e-9)
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
    return float(2.0 ** max(ends, key=ends.__getitem__))


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


def sensitivity(*, chsh: Any, qber: Any, step: float = 5e-4, **design: Any) -> Sensitivity:
    """How the length of a run designed for (S, Q) moves with them.

    Parameters
    ----------
    chsh, qber
        Numbers with a standard deviation (`uncertainties.ufloat`), or plain ones.
    step
        Of the difference quotients in S and in Q; the default is far above what cutting a length to whole bits shifts.
        S stays in (2, 2√2], Q in [0, 1/2].
    design
        The other arguments of `finite_key`.

    Raises
    ------
    InputError
        An argument outside its range.
    """
    s, q = nominal(chsh), nominal(qber)

    def worth(s: float, q: float) -> int:
        key = finite_key(chsh=s, qber=q, **design)
        return key.length - key.deficit

    key = finite_key(chsh=s, qber=q, **design)
    s_low, s_high = max(s - step, (2 + s) / 2), min(s + step, TSIRELSON)
    q_low, q_high = max(q - step, 0.0), min(q + step, 0.5)
    by_chsh = (worth(s_high, q) - worth(s_low, q)) / (s_high - s_low)
    by_qber = (worth(s, q_high) - worth(s, q_low)) / (q_high - q_low)
    spread = math.hypot(by_chsh * float(getattr(chsh, "s", 0.0)), by_qber * float(getattr(qber, "s", 0.0)))
    return Sensitivity(key, by_chsh, by_qber, spread)


def nominal(value: Any) -> float:
    """The number without its standard deviation, if it has one."""
    return float(getattr(value, "n", value))
