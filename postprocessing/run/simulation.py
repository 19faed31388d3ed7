"""A whole run of the ion protocol on simulated devices or given records: a key distributed for real, and not secret."""

from __future__ import annotations

import json
import secrets
import tempfile
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
from keybounds.errors import InputError, UnknownNameError, UnsupportedError
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.datasets import load
from keybounds.files import write_atomically
from keybounds.postprocessing.authentication import SEED_BITS, TAG_BITS, KeyPool
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.clock import Clock, Progress
from keybounds.postprocessing.run.frames import HEADER, header
from keybounds.postprocessing.run.party import Alice, Bob, Party, State
from keybounds.postprocessing.run.records import Records, check_same_tests

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
    design
        What was fixed before the run, in words.
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
    design: str
    seconds: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        plain = ("accepted", "reason", "key_length", "keys_equal", "chsh", "errors", "consumed", "design", "seconds")
        return {
            "simulated": "not secret",
            "length": "fixed",
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
    length: str = "fixed",
    records: tuple[Records, Records] | None = None,
    progress: Progress | None = None,
) -> SimulatedRun:
    """Sample rounds of the devices, or take records, and let two parties make a key of them.

    Parameters
    ----------
    devices
        ``"ion"`` for the model of the published link, or P(a,b|x,y) with two outcomes and 2 x 3 settings: tests at
        settings 0 and 1, key rounds at (0, 2).
    rounds, gamma, theorem, extractor, soundness, leakage
        As for `keybounds.bounds.lower.finite_key`.
    seed
        Of everything random in the simulation.
    length
        ``"fixed"``, the only one there is: the key has the length that was agreed on, or there is none.
    link
        S and Q that the run is designed for; None for those of nadlinger2022, S = 2.64 and Q = 1.8 %. What is accepted
        and the length of the syndrome follow from it, and never from the rounds that they are applied to.
    records
        What Alice and Bob wrote down in an experiment, in place of sampled rounds; the devices are then the prior of
        decoding alone. `seed` still makes the secrets, so that the key is not one.
    progress
        Called with the name of each step and the share of it that is done.

    Raises
    ------
    InputError
        Numbers of which there is no run, or no key; records of another number of rounds, or that differ in T.

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
    if records is not None:
        check_same_tests(*records)
    clock = Clock(progress)
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
        length=length,
    )
    key = agreement.key
    clock("rounds")
    rng = np.random.default_rng(seed)
    if records is None:
        records = sampled(agreement.correlations, rounds, float(gamma), rng)
    with tempfile.TemporaryDirectory(prefix="keybounds-") as folder:
        paths = _pools(Path(folder), agreement, 1, lambda count: rng.integers(0, 2, count, dtype=np.uint8))
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
                design=agreement.design,
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
    length: str = "fixed",
) -> Agreement:
    """What parties with these devices agree on; arguments as in `simulate`.

    Raises
    ------
    UnknownNameError
        Devices of another name than ``"ion"``.
    UnsupportedError
        A ``"variable"`` length: what is charged for the syndrome would depend on what decoding needed, and no theorem
        here covers that.
    InputError
        Numbers of which there is no run, or no key.
    """
    if length == "variable":
        raise UnsupportedError(
            "length",
            "fixed: the agreed syndrome is charged whole. To charge what was needed takes a proof of its own, of "
            "soundness over all stopping points and of what the acknowledgements tell, which is not there",
            "variable",
        )
    if length != "fixed":
        raise UnknownNameError.among("length", length, ("fixed", "variable"))
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
    rng = np.random.default_rng(seed)
    both = sampled(agreement.correlations, agreement.key.rounds, float(gamma), rng)
    _save(folder, agreement, 1, lambda count: rng.integers(0, 2, count, dtype=np.uint8))
    for name, records in zip(("alice", "bob"), both, strict=True):
        records.save(folder / f"{name}.npz")


def save_agreement(folder: Path, agreement: Agreement, *, runs: int = 1) -> None:
    """Write what two parties share before a real run: ``agreement.json``, and a pool for each.

    Their secrets come from the system's randomness, and are those of one dealer: one of the pools has to reach the
    other party by a way that the dealer trusts.

    Parameters
    ----------
    folder
        A new one, readable by its owner alone.
    agreement
        What they agree on.
    runs
        For how many runs the pools have one-time bits.

    Raises
    ------
    InputError
        Something stands at `folder`, or no run.
    """
    if runs < 1:
        raise InputError("runs", "at least one run", str(runs))

    def bits(count: int) -> Bits:
        octets = secrets.token_bytes(-(-count // 8))
        return np.unpackbits(np.frombuffer(octets, dtype=np.uint8), count=count)

    _save(folder, agreement, runs, bits)


def check_new_folder(folder: Path) -> None:
    """Refuse, before anything is computed, a folder that is there already, or that cannot be made.

    Raises
    ------
    InputError
        It is, or what it is to stand in is no folder.
    """
    if folder.exists() or folder.is_symlink():
        raise InputError("save", "a new folder", f"{folder} exists")
    if not folder.absolute().parent.is_dir():
        raise InputError("save", "a new folder in one that exists", str(folder))


def _save(folder: Path, agreement: Agreement, runs: int, bits: Callable[[int], Bits]) -> None:
    """A new folder with an agreement and two pools."""
    check_new_folder(folder)
    folder.mkdir(mode=0o700)
    _pools(folder, agreement, runs, bits)
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


def _pools(folder: Path, agreement: Agreement, runs: int, bits: Callable[[int], Bits]) -> tuple[Path, Path]:
    """Two pools with the same secrets, enough for some runs."""
    once = bits(4 * TAG_BITS * runs)
    seeds = {"hash": bits(SEED_BITS), "extractor": bits(agreement.extractor_seed)}
    paths = folder / "alice.pool", folder / "bob.pool"
    for path in paths:
        KeyPool.create(path, once, seeds=seeds)
    return paths
