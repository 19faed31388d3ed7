"""How often a code fails: trials of one point of a study, each by itself repeatable.

A point is a channel, a length, a code's family with its parameters, and f, the syndrome's length over the Shannon
limit. What a trial draws follows from the study's seed, the point and the trial's number alone, so that the order of
trials and interruptions change nothing. The code is the same in all trials of a point, as it is for parties.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.reconciliation.code import Code, decode
from keybounds.postprocessing.reconciliation.coupled_code import CoupledCode
from keybounds.postprocessing.reconciliation.polar_code import PolarCode


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds of some kinds, with independent errors: `kinds` lists the share and the error rate of each.

    Examples
    --------
    >>> round(Rounds(((1.0, 0.02),)).entropy, 4)
    0.1414
    """

    kinds: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not math.isclose(sum(share for share, _ in self.kinds), 1.0):
            raise InputError("kinds", "shares that sum to 1", repr(self.kinds))
        for _, rate in self.kinds:
            if not 0 < rate < 0.5:
                raise InputError("kinds", "error rates in (0, 1/2)", repr(rate))

    @property
    def entropy(self) -> float:
        """Shannon limit of a syndrome, bits a round."""
        return sum(share * _binary_entropy(rate) for share, rate in self.kinds)

    def sample(self, length: int, rng: np.random.Generator) -> tuple[Bits, NDArray[np.float32]]:
        """Errors of `length` rounds, and the log ratio by which each round's kind speaks against one."""
        kind = np.searchsorted(np.cumsum([share for share, _ in self.kinds])[:-1], rng.random(length), side="right")
        rates = np.array([rate for _, rate in self.kinds])
        errors = (rng.random(length) < rates[kind]).astype(np.uint8)
        return errors, np.log((1 - rates) / rates).astype(np.float32)[kind]


CHANNELS = {
    **{f"{percent:g} %": Rounds(((1.0, percent / 100),)) for percent in (1, 2, 3.6, 4, 8)},
    "ion": Rounds(((1 - 13 / 256, 0.018), (13 / 256, (4 - 2.64) / 8))),
}
"""By name: one error rate, or key and test rounds at the design point of nadlinger2022."""


class Outcome(Enum):
    """Of a trial. A `WRONG` string has Alice's syndrome and is another: the validation hash is there to find it."""

    SUCCESS = "success"
    FAILURE = "failure"
    WRONG = "wrong"


@dataclass(frozen=True)
class Point:
    """A channel, a length, a code and an efficiency.

    Attributes
    ----------
    channel
        A name in `CHANNELS`.
    length
        n.
    family, parameters
        ``"coupled"`` with degree, positions and window, or ``"polar"`` with paths.
    efficiency
        f; the syndrome has ⌈f n H⌉ bits.
    """

    channel: str
    length: int
    family: str
    parameters: tuple[tuple[str, int], ...]
    efficiency: Fraction

    @property
    def checks(self) -> int:
        """Bits of the syndrome."""
        return math.ceil(float(self.efficiency) * self.length * CHANNELS[self.channel].entropy)

    @property
    def name(self) -> str:
        """All of it in one canonical form."""
        document = [self.channel, self.length, self.family, sorted(self.parameters), str(self.efficiency)]
        return json.dumps(document, separators=(",", ":"))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Point:
        """Read channel, length, family, f, and what else there is as parameters of the code."""
        rest = {name: value for name, value in document.items() if name not in _FIXED}
        parameters = tuple(sorted((name, int(value)) for name, value in rest.items()))
        return cls(
            document["channel"],
            int(document["length"]),
            document["family"],
            parameters,
            Fraction(str(document["f"])),
        )

    @cached_property
    def code(self) -> Code:
        """The code, made once."""
        given = {name: value for name, value in self.parameters if name not in _EFFORT}
        if self.family == "polar":
            return PolarCode(self.length, self.checks, CHANNELS[self.channel].kinds, **given)
        return CoupledCode(self.length, self.checks, **given)


_FIXED = ("channel", "length", "family", "f", "trials")
_EFFORT = ("window", "paths")  # of the decoder; no part of the code


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a trial.

    Attributes
    ----------
    outcome
        Found, not found, or found another string.
    seconds
        CPU time of decoding, of all threads.
    """

    outcome: Outcome
    seconds: float


def run_trial(point: Point, number: int, *, seed: int) -> Trial:
    """Draw errors, decode their syndrome, compare.

    Parameters
    ----------
    point
        What is tried.
    number
        Of the trial, from 0.
    seed
        Of the study.
    """
    digest = hashlib.sha256(f"{seed}|{point.name}|{number}".encode()).digest()
    errors, priors = CHANNELS[point.channel].sample(point.length, np.random.default_rng(list(digest)))
    code = point.code
    syndrome = code.syndrome(errors)
    effort = next(value for name, value in point.parameters if name in _EFFORT)
    began = time.process_time()
    found = decode(code, syndrome, priors, effort=effort)
    seconds = time.process_time() - began
    if found.unsatisfied:
        return Trial(Outcome.FAILURE, seconds)
    same = bool((found.string == errors).all())
    return Trial(Outcome.SUCCESS if same else Outcome.WRONG, seconds)


def _binary_entropy(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)
