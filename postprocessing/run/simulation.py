"""A whole run of the ion protocol on simulated devices: rounds sampled, and a key distributed for real."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from keybounds.bounds.link.link import Link
from keybounds.bounds.run.finite_key import finite_key
from keybounds.bounds.run.key import Balance, FiniteKey
from keybounds.enclosure import Real
from keybounds.experiments.behaviour import Behaviour
from keybounds.postprocessing.authentication import SEED_BITS, TAG_BITS, KeyPool
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.frames import HEADER, header
from keybounds.postprocessing.run.party import Alice, Bob, Party, Records, State


@dataclass(frozen=True, slots=True)
class SimulatedRun:
    """What became of a simulated run. Its bits come from a pseudo-random generator and are not secret.

    Attributes
    ----------
    accepted
        Whether both parties have an active key.
    reason
        Why not, where not.
    key_length
        Bits of the key, 0 without one.
    keys_equal
        Whether both have the same bits, found by comparing them, which parties cannot.
    chsh
        S as observed in the test rounds.
    errors
        Places in which the likelier values of Alice's bits were wrong and decoding put them right.
    consumed
        One-time bits that left Alice's pool.
    balance
        The balance sheet of the key, as published with its theorem.
    finite_key
        The key's bound, by which the run was made.
    seconds
        Of each step.
    """

    accepted: bool
    reason: str
    key_length: int
    keys_equal: bool
    chsh: float
    errors: int
    consumed: int
    balance: Balance
    finite_key: FiniteKey = field(repr=False)
    seconds: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        plain = ("accepted", "reason", "key_length", "keys_equal", "chsh", "errors", "consumed", "seconds")
        return {
            "simulated": "not secret",
            **{name: getattr(self, name) for name in plain},
            "balance": self.balance.to_dict(),
            "finite_key": self.finite_key.to_dict(),
        }


def simulate(
    devices: Behaviour,
    *,
    rounds: int = 1_500_000,
    gamma: Real = 13 / 256,
    seed: int = 0,
    link: Link | None = None,
    theorem: str = "eat-2019",
    extractor: str = "trevisan",
    soundness: Real = 1e-10,
    leakage: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> SimulatedRun:
    """Sample rounds of the devices and let two parties make a key of them.

    Parameters
    ----------
    devices
        P(a,b|x,y), two outcomes, 2 x 3 settings: tests at settings 0 and 1, key rounds at (0, 2).
    rounds, gamma, theorem, extractor, soundness, leakage
        As for `keybounds.bounds.lower.finite_key`.
    seed
        Of everything random in the simulation.
    link
        S and Q that the run is designed for; None for those of nadlinger2022, S = 2.64 and Q = 1.8 %.
    progress
        Called with the name of each step as it begins.

    Raises
    ------
    InputError
        Numbers of which there is no run, or no key.

    Examples
    --------
    >>> from keybounds.experiments import BellDiagonalPair, IonExperiment
    >>> devices = IonExperiment(pair=BellDiagonalPair((0.96, 0.0256, 0.00086, 0.01354))).behaviour()
    >>> run = simulate(devices, seed=1)  # doctest: +SKIP
    >>> run.accepted, run.keys_equal, run.key_length  # doctest: +SKIP
    (True, True, 95885)
    """
    clock = _Clock(progress)
    clock("bound")
    key = finite_key(
        link or Link(2.64, 0.018),
        rounds=rounds,
        gamma=gamma,
        theorem=theorem,
        extractor=extractor,
        soundness=soundness,
        leakage=leakage,
    )
    agreement = Agreement(key, devices)
    clock("rounds")
    rng = np.random.default_rng(seed)
    alice, bob = sampled(devices, rounds, float(gamma), rng)
    with tempfile.TemporaryDirectory(prefix="keybounds-") as folder:
        paths = Path(folder) / "alice", Path(folder) / "bob"
        secrets = _bits(rng, 4 * TAG_BITS)
        seeds = {"hash": _hash_seed(rng), "extractor": _bits(rng, agreement.extractor_seed)}
        for path in paths:
            KeyPool.create(path, secrets, seeds=seeds)
        with KeyPool(paths[0]) as one, KeyPool(paths[1]) as other:
            first = Alice(alice, agreement, one, "simulated", clock)
            second = Bob(bob, agreement, other, "simulated", clock)
            exchange(first, second)
            clock("")
            done = first.state is State.DONE and second.state is State.DONE
            equal = done and bool((one.key("simulated") == other.key("simulated")).all())
            games = second.won_games + second.lost_games
            return SimulatedRun(
                accepted=done,
                reason="" if done else second.reason or first.reason,
                key_length=key.length if done else 0,
                keys_equal=equal,
                chsh=8 * second.won_games / games - 4 if games else float("nan"),
                errors=second.reconciled.corrected if second.reconciled else 0,
                consumed=one.taken,
                balance=key.balance,
                finite_key=key,
                seconds=clock.seconds,
            )


def sampled(devices: Behaviour, rounds: int, gamma: float, rng: np.random.Generator) -> tuple[Records, Records]:
    """Sample what Alice and Bob write down: test rounds at probability γ with uniform inputs, key rounds at (0, 2)."""
    tests = (rng.random(rounds) < gamma).astype(np.uint8)
    x = np.where(tests, rng.integers(0, 2, rounds, dtype=np.uint8), 0)
    y = np.where(tests, rng.integers(0, 2, rounds, dtype=np.uint8), 2)
    cumulative = np.cumsum(devices.P.reshape(4, *devices.settings), axis=0)[:3, x, y]  # ab of each round
    outcome = (rng.random(rounds) >= cumulative).sum(axis=0).astype(np.uint8)
    return Records(tests, x, outcome // 2), Records(tests, y, outcome % 2)


def exchange(alice: Party, bob: Party) -> None:
    """Hand frames over until neither party has one more to send."""
    waiting = deque([(bob, one) for one in alice.start()] + [(alice, one) for one in bob.start()])
    while waiting:
        receiver, octets = waiting.popleft()
        if receiver.finished:
            continue
        kind, _ = header(octets[:HEADER], receiver.sizes)
        sender = bob if receiver is alice else alice
        waiting.extend((sender, one) for one in receiver.receive(kind, octets[HEADER:]))
    for party in (alice, bob):
        party.lost()


class _Clock:
    """Seconds of each step, from its call to the next."""

    def __init__(self, progress: Callable[[str], None] | None) -> None:
        self._progress, self._step, self._since = progress, "", time.monotonic()
        self.seconds: dict[str, float] = {}

    def __call__(self, step: str) -> None:
        now = time.monotonic()
        if self._step:
            self.seconds[self._step] = self.seconds.get(self._step, 0.0) + now - self._since
        self._step, self._since = step, now
        if self._progress is not None and step:
            self._progress(step)


def _bits(rng: np.random.Generator, count: int) -> Bits:
    return rng.integers(0, 2, count, dtype=np.uint8)


def _hash_seed(rng: np.random.Generator) -> Bits:
    return _bits(rng, SEED_BITS)
