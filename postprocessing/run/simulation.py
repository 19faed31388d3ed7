"""A whole run of the ion protocol on simulated devices: rounds sampled, and a key distributed for real."""

from __future__ import annotations

import json
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
from keybounds.errors import InputError, UnknownNameError
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.datasets import load
from keybounds.files import write_atomically
from keybounds.postprocessing.authentication import SEED_BITS, TAG_BITS, KeyPool
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.frames import HEADER, header
from keybounds.postprocessing.run.party import Alice, Bob, Party, Records, State

_RUN = "simulated"


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
        S as observed in the test rounds; None if decoding failed.
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
    chsh: float | None
    errors: int | None
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
    devices: Behaviour | str = "ion",
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
        ``"ion"`` for the model of the published link, or P(a,b|x,y) with two outcomes and 2 x 3 settings: tests at
        settings 0 and 1, key rounds at (0, 2).
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
    >>> devices = IonExperiment(pair=BellDiagonalPair((0.996, 0.002, 0.0005, 0.0015))).behaviour()
    >>> run = simulate(
    ...     devices,
    ...     rounds=40_000,
    ...     gamma=0.1,
    ...     link=Link(2.8, 0.004),
    ...     theorem="renyi",
    ...     extractor="toeplitz",
    ...     soundness=0.01,
    ... )
    >>> run.accepted, run.keys_equal, run.consumed
    (True, True, 256)
    """
    clock = _Clock(progress)
    clock("bound")
    agreement = designed(
        devices,
        rounds=rounds,
        gamma=gamma,
        link=link,
        theorem=theorem,
        extractor=extractor,
        soundness=soundness,
        leakage=leakage,
    )
    key = agreement.key
    clock("rounds")
    rng = np.random.default_rng(seed)
    records = sampled(agreement.correlations, rounds, float(gamma), rng)
    with tempfile.TemporaryDirectory(prefix="keybounds-") as folder:
        paths = _pools(Path(folder), agreement, rng)
        with KeyPool(paths[0]) as one, KeyPool(paths[1]) as other:
            alice = Alice(records[0], agreement, one, _RUN, clock)
            bob = Bob(records[1], agreement, other, _RUN, clock)
            exchange(alice, bob)
            clock("")
            done = alice.state is State.DONE and bob.state is State.DONE
            games = bob.won_games + bob.lost_games
            return SimulatedRun(
                accepted=done,
                reason="" if done else bob.reason or alice.reason,
                key_length=key.length if done else 0,
                keys_equal=done and bool((one.key(_RUN) == other.key(_RUN)).all()),
                chsh=8 * bob.won_games / games - 4 if games else None,
                errors=bob.reconciled.corrected if bob.reconciled else None,
                consumed=one.taken,
                balance=key.balance,
                finite_key=key,
                seconds=clock.seconds,
            )


def designed(
    devices: Behaviour | str,
    *,
    rounds: int,
    gamma: Real,
    link: Link | None,
    theorem: str,
    extractor: str,
    soundness: Real,
    leakage: int | None,
) -> Agreement:
    """What parties with these devices agree on; arguments as in `simulate`.

    Raises
    ------
    UnknownNameError
        Devices of another name than ``"ion"``.
    InputError
        Numbers of which there is no run, or no key.
    """
    if isinstance(devices, str):
        if devices != "ion":
            raise UnknownNameError.among("devices", devices, ("ion",))
        devices = load("nadlinger2022-link").models["bell-diagonal"].behaviour()
    key = finite_key(
        link or Link(2.64, 0.018),
        rounds=rounds,
        gamma=gamma,
        theorem=theorem,
        extractor=extractor,
        soundness=soundness,
        leakage=leakage,
    )
    return Agreement(key, devices)


def save_parties(folder: Path, agreement: Agreement, *, gamma: Real, seed: int) -> None:
    """Write what two parties start from: ``agreement.json``, and records and pool of each, simulated and not secret.

    Raises
    ------
    InputError
        Something stands at `folder`.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise InputError("save", "a new folder", f"{folder} exists") from None
    rng = np.random.default_rng(seed)
    both = sampled(agreement.correlations, agreement.key.rounds, float(gamma), rng)
    for name, records in zip(("alice", "bob"), both, strict=True):
        records.save(folder / f"{name}.npz")
    _pools(folder, agreement, rng)
    write_atomically(folder / "agreement.json", json.dumps(agreement.to_dict(), indent=1) + "\n")


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


def _pools(folder: Path, agreement: Agreement, rng: np.random.Generator) -> tuple[Path, Path]:
    """Two pools with the same secrets, enough for one run."""

    def bits(count: int) -> Bits:
        return rng.integers(0, 2, count, dtype=np.uint8)

    secrets, seeds = bits(4 * TAG_BITS), {"hash": bits(SEED_BITS), "extractor": bits(agreement.extractor_seed)}
    paths = folder / "alice.pool", folder / "bob.pool"
    for path in paths:
        KeyPool.create(path, secrets, seeds=seeds)
    return paths
