"""What codes were seen to do: bits published over the Shannon limit, and how often decoding failed.

Each row of ``codes.csv`` is a code that was tried on rounds with independent errors of known rates, with nothing but
the syndrome and the rates (`keybounds.postprocessing.reconciliation.study`, ``benchmarks/efficiency``; ``codes.json``
has seed and versions). A planned run takes its default syndrome from here. Where no code was tried at its size, what
was seen at a smaller one is assumed, or more.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

from scipy.special import betaincinv

from keybounds.bounds.run.run import Run, shannon_limit

CONFIDENCE = 0.95
"""Of the one-sided limits on the probability that decoding fails."""

LIMIT = 0.05
"""Codes whose failures are not limited by this are not used by default."""

_SAME = 1e-5  # relative: two channels with the same entropy, which the table has with six digits

ION = "ion"
"""Key and test rounds of nadlinger2022's design point together; the other channels have one error rate."""


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code on a channel, and what became of its trials.

    Attributes
    ----------
    channel
        ``"ion"``, or an error rate in percent such as ``"2 %"``.
    rounds
        Bits of the string.
    entropy
        Shannon limit, bits a round.
    family, parameters
        ``"coupled"`` with degree, positions and the decoder's window; ``"polar"`` with the paths of the list.
    efficiency
        f, the syndrome's length over the Shannon limit.
    checks
        Bits of the syndrome.
    trials, failures, wrong
        How often decoding was tried, how often it did not find Alice's string, and how often it found another one with
        the same syndrome, which only the validation hash tells.
    seconds
        CPU time of a decoding, on average.
    """

    channel: str
    rounds: int
    entropy: float
    family: str
    parameters: tuple[tuple[str, int], ...]
    efficiency: Fraction
    checks: int
    trials: int
    failures: int
    wrong: int
    seconds: float

    @property
    def limit(self) -> float:
        """The most that the probability of failure is, with 95 % confidence."""
        return failure_limit(self.failures, self.trials)

    @property
    def floor(self) -> float:
        """The least that it is, with 95 % confidence."""
        return failure_floor(self.failures, self.trials)

    @property
    def text(self) -> str:
        """Family and parameters for a reader."""
        return f"{self.family}, {', '.join(f'{name} {value}' for name, value in self.parameters)}"


@dataclass(frozen=True, slots=True)
class UsualCode:
    """The f of a run where none is asked for.

    Attributes
    ----------
    efficiency
        f.
    shown
        The code from which it is.
    tried
        Whether that code was tried with as many rounds on such a channel; else f is carried over from it.
    """

    efficiency: Fraction
    shown: ShownCode
    tried: bool


def failure_limit(failures: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The largest probability of failure with which so few failures are not less likely than 1 - confidence.

    One-sided, after Clopper and Pearson: the root p of P[Bin(trials, p) <= failures] = 1 - confidence.

    Examples
    --------
    >>> failure_limit(0, 299) < 0.01 < failure_limit(0, 298)
    True
    """
    return 1.0 if failures == trials else float(betaincinv(failures + 1, trials - failures, confidence))


def failure_floor(failures: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The least probability of failure with which so many failures are not less likely than 1 - confidence."""
    return 0.0 if failures == 0 else float(betaincinv(failures, trials - failures + 1, 1 - confidence))


@cache
def shown_codes() -> tuple[ShownCode, ...]:
    """Every code that was tried, by channel, rounds, family and f."""
    text = files("keybounds.bounds.run").joinpath("codes.csv").read_text(encoding="utf-8")
    return tuple(
        ShownCode(
            channel=row["channel"],
            rounds=int(row["rounds"]),
            entropy=float(row["entropy"]),
            family=row["family"],
            parameters=tuple(
                (name, int(value)) for name, value in (one.split("=") for one in row["parameters"].split())
            ),
            efficiency=Fraction(row["f"]),
            checks=int(row["checks"]),
            trials=int(row["trials"]),
            failures=int(row["failures"]),
            wrong=int(row["wrong"]),
            seconds=float(row["seconds"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def best_codes(limit: float = LIMIT) -> tuple[ShownCode, ...]:
    """For each channel and number of rounds the code with the least f among those that seldom enough fail.

    Of several with that f it is the one of which the trials say most.
    """
    best: dict[tuple[str, int], ShownCode] = {}
    for one in shown_codes():
        place = one.channel, one.rounds
        if one.limit <= limit and (place not in best or _worth(one) < _worth(best[place])):
            best[place] = one
    return tuple(best[place] for place in sorted(best, key=lambda place: (best[place].entropy, place[1])))


def _worth(code: ShownCode) -> tuple[Fraction, float]:
    return code.efficiency, code.limit


def usual_code(run: Run) -> UsualCode:
    """f for a run where none is asked for, never below what a code was seen to do.

    At a number of rounds that codes were tried with, it is that of the channels with the next smaller and the next
    larger entropy, whichever f is larger; with more rounds f is carried over, and of several numbers the least f is
    taken. With fewer rounds than were tried, or less entropy, what exceeds the limit grows as 1/√n and 1/√H, as it must
    for the best codes; rounded up to 1e-3.
    """
    entropy = float(shannon_limit(run).mid()) / run.rounds
    sizes = sorted({one.rounds for one in best_codes()})
    fits = [size for size in sizes if size <= run.rounds] or sizes[:1]
    carried = [_carried(size, run.rounds, entropy) for size in fits]
    return min(carried, key=lambda usual: (usual.efficiency, not usual.tried, -usual.shown.rounds))


def _carried(size: int, rounds: int, entropy: float) -> UsualCode:
    """f from the codes that were tried at one number of rounds."""
    there = sorted((one for one in best_codes() if one.rounds == size), key=lambda one: one.entropy)
    below = [one for one in there if one.entropy <= entropy * (1 + _SAME)][-1:]
    above = [one for one in there if one.entropy >= entropy * (1 - _SAME)][:1]
    shown = max(below + above, key=lambda one: one.efficiency)
    scale = min(1.0, rounds / size) * (1.0 if below else entropy / there[0].entropy)
    if scale < 1:
        excess = math.ceil(1000 * (1 + float(shown.efficiency - 1) / math.sqrt(scale)))
        return UsualCode(Fraction(excess, 1000), shown, tried=False)
    return UsualCode(shown.efficiency, shown, tried=rounds == size and below == above)
