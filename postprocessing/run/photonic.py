"""The photonic experiment simulated: rounds, post-selection, noisy preprocessing, and the rate on what was counted.

A round is a test with probability γ, at a setting pair drawn uniformly, its outcomes announced; else it is a key round,
in which each party keeps the outcome 0 (click), keeps 1 with probability p, announces what is discarded, and Alice
flips a kept bit with probability q (liu2022). The rounds are independent and alike, so that how often each thing
happens is all there is to know of them: these numbers are drawn, from the distribution that single rounds would give
them.

The rate is asymptotic and against collective attacks. No theorem here turns such rounds into a key of so many bits at a
soundness, so none is made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.answer import Answer
from keybounds.bounds.door import bounds_on
from keybounds.errors import InputError, real_number
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.datasets import load
from keybounds.postprocessing.run.clock import Clock, Progress
from keybounds.protocol import Discussion, Protocol, one_way

KEY = (0, 2)
DATA_SET = "liu2022-20m"
SECURITY = "asymptotic, against collective attacks: no key bits are claimed"

_MOST_ROUNDS = 10**17  # of which sums stay whole numbers in 64 bits


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedRate:
    """What a simulated run of the photonic experiment counted, and what rate that proves.

    Attributes
    ----------
    rounds, gamma
        n, and the probability of a test round.
    protocol
        One-way, with the noise and the post-selection.
    tests
        The announced outcomes, as counts of each setting pair.
    kept
        Key rounds by Alice's bit after its noise and Bob's, those that both kept; shape (2, 2). No party sees it.
    discarded, flipped
        Key rounds that were discarded, and bits that Alice flipped.
    answer
        `keybounds.bounds_on` of the counts: the rate with confidence, and rows at the fitted table.
    seconds
        Of each step.
    """

    rounds: int
    gamma: float
    protocol: Protocol
    tests: Behaviour = field(repr=False)
    kept: NDArray[np.int64] = field(repr=False)
    discarded: int
    flipped: int
    answer: Answer = field(repr=False)
    seconds: dict[str, float]

    @property
    def key_rounds(self) -> int:
        """Rounds that were no test."""
        return int(self.kept.sum()) + self.discarded

    @property
    def survival(self) -> float:
        """The share of key rounds that both kept."""
        return float(self.kept.sum()) / max(1, self.key_rounds)

    @property
    def confident(self) -> dict[str, Any] | None:
        """The rate with confidence in bits per key round, as data; None where there is no functional that says any."""
        found: dict[str, Any] | None = self.answer.findings.get("confident_rate")
        return found

    @property
    def entropy_given_bob(self) -> tuple[float, float]:
        """H(Â|B,V) of the kept key rounds, in bits, and its standard error: what error correction has to publish.

        The estimate puts frequencies for probabilities, and the error is that of the mean of -log P(â|b).
        """
        total = float(self.kept.sum())
        if not total:
            return math.nan, math.nan
        given = self.kept / np.maximum(self.kept.sum(axis=0), 1)
        with np.errstate(divide="ignore"):
            surprise = np.where(self.kept > 0, -np.log2(given), 0.0)
        weights = self.kept / total
        mean = float((weights * surprise).sum())
        return mean, math.sqrt(max(0.0, float((weights * surprise**2).sum()) - mean**2) / total)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        entropy, error = self.entropy_given_bob
        return {
            "simulated": "not secret",
            "security": SECURITY,
            "rounds": self.rounds,
            "gamma": self.gamma,
            "protocol": self.protocol.to_dict(),
            "tests": None if self.tests.counts is None else self.tests.counts.tolist(),
            "key_rounds": self.key_rounds,
            "kept": self.kept.tolist(),
            "discarded": self.discarded,
            "flipped": self.flipped,
            "survival": self.survival,
            "entropy_given_bob": None if math.isnan(entropy) else {"value": entropy, "standard_error": error},
            "confident_rate": self.confident,
            "answer": self.answer.to_dict(),
            "seconds": self.seconds,
        }


def simulate_photonic(
    devices: Behaviour | None = None,
    protocol: Protocol | None = None,
    *,
    rounds: int = 2_880_000_000,
    gamma: float = 0.5,
    seed: int = 0,
    confidence: float = 0.99,
    progress: Progress | None = None,
) -> SimulatedRate:
    """Sample rounds of the photonic experiment, and bound the key rate of what they show.

    Parameters
    ----------
    devices
        P(a,b|x,y) with two outcomes, 0 the click; None for the model of the 20 m run of liu2022 with white noise.
    protocol
        Key setting, q and p, as ``one_way((0, 2), noise=.13, keep=.96)``, which None stands for.
    rounds, gamma
        n, and the probability of a test; the default has the published 2.4e8 tests of each of six setting pairs.
    seed
        Of everything random in the simulation.
    confidence
        Of the rate.
    progress
        Called with the name of each step and the share of it that is done.

    Raises
    ------
    InputError
        Numbers of which there is no run, or too few rounds to count.
    BehaviourError
        Counts that no quantum device gives with a probability worth considering, as small numbers may be.
    """
    clock = Clock(progress)
    clock("rounds")
    if devices is None:
        devices = load(DATA_SET).models["white-noise"].behaviour()
    if protocol is None:
        protocol = published_protocol()
    devices.ask(protocol).within_reach("simulate_photonic", Discussion.ONE_WAY).of_bits("simulate_photonic")
    share = real_number("gamma", gamma)
    if not 0 < share < 1:
        raise InputError("gamma", "the probability of a test round, in (0, 1)", f"{share:g}")
    if not 1 <= rounds <= _MOST_ROUNDS:
        raise InputError("rounds", f"a number from 1 to {_MOST_ROUNDS:.0e}", str(rounds))
    rng = np.random.default_rng(seed)
    tests = int(rng.binomial(rounds, share))
    counted = _tests(devices, tests, rng)
    clock("post-selection")
    kept, discarded, flipped = _key_rounds(devices, rounds - tests, protocol, rng)
    clock("rate")
    answer = bounds_on(counted, protocol, confidence=confidence, trials="all", progress=lambda what: clock("rate"))
    clock("")
    return SimulatedRate(
        rounds=rounds,
        gamma=share,
        protocol=protocol,
        tests=counted,
        kept=kept,
        discarded=discarded,
        flipped=flipped,
        answer=answer,
        seconds=clock.seconds,
    )


def published_protocol(noise: float | None = None, keep: float | None = None) -> Protocol:
    """The preprocessing of liu2022, or with other numbers in the place of those given."""
    values = load(DATA_SET).values
    q = values["noise"].value if noise is None else noise
    p = values["keep"].value if keep is None else keep
    return one_way(KEY, noise=real_number("noise", q), keep=real_number("keep", p))


def _tests(devices: Behaviour, tests: int, rng: np.random.Generator) -> Behaviour:
    """Counts of test rounds: setting pairs uniform, outcomes of the devices."""
    pairs = rng.multinomial(tests, np.full(math.prod(devices.settings), 1 / math.prod(devices.settings)))
    counts = np.empty(devices.P.shape, dtype=np.int64)
    for trials, (x, y) in zip(pairs.tolist(), np.ndindex(*devices.settings), strict=True):
        if not trials:
            raise InputError("rounds", "enough for a test of every setting pair", f"none of ({x},{y})")
        counts[:, :, x, y] = _outcomes(devices, trials, (x, y), rng)
    return Behaviour.from_counts(counts)


def _key_rounds(
    devices: Behaviour, count: int, protocol: Protocol, rng: np.random.Generator
) -> tuple[NDArray[np.int64], int, int]:
    """Counts of kept rounds by Alice's noisy bit and Bob's; how many were discarded; how many bits were flipped."""
    seen = _outcomes(devices, count, protocol.key, rng)
    kept = rng.binomial(seen, protocol.keep ** np.add.outer(np.arange(2), np.arange(2)))
    flips = rng.binomial(kept, protocol.noise)
    return kept - flips + flips[::-1], int(seen.sum() - kept.sum()), int(flips.sum())


def _outcomes(devices: Behaviour, trials: int, pair: tuple[int, int], rng: np.random.Generator) -> NDArray[np.int64]:
    weights = devices.P[:, :, pair[0], pair[1]].ravel()
    drawn: NDArray[np.int64] = rng.multinomial(trials, weights / weights.sum()).reshape(devices.outcomes)
    return drawn
