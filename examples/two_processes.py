"""A key between two processes over a socket, from what both agree on beforehand to the bits that both hold.

Run it as ``python examples/two_processes.py``. The devices are simulated, so that the key is not secret; real ones give
each party its own file of records, and nothing else changes.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import tempfile
from pathlib import Path

from keybounds.bounds import Link
from keybounds.experiments import BellDiagonalPair, IonExperiment
from keybounds.postprocessing import Agreement, Alice, Bob, KeyPool, Records
from keybounds.postprocessing.run import connection, converse, designed, save_parties

ROUNDS, GAMMA = 40_000, 0.1
RUN = "the first run"


def design() -> Agreement:
    """What is fixed before there are data: what honest devices give, and hence what is accepted and published."""
    devices = IonExperiment(pair=BellDiagonalPair((0.996, 0.002, 0.0005, 0.0015)))
    return designed(
        devices.behaviour(),
        rounds=ROUNDS,
        gamma=GAMMA,
        link=Link(2.8, 0.004),
        theorem="renyi",
        extractor="toeplitz",
        soundness=0.01,
        leakage=None,
    )


def live(role: str, folder: Path, agreement: Agreement, port: int) -> None:
    """One party, with its own records and its own pool of shared secrets."""
    records = Records.load(folder / f"{role}.npz")
    with KeyPool(folder / f"{role}.pool") as pool:
        party = (Alice if role == "alice" else Bob)(records, agreement, pool, RUN)

        async def talk() -> None:
            streams = await connection("127.0.0.1", port, listen=role == "bob")
            await converse(party, *streams)

        asyncio.run(talk())
        print(f"{role}: {party.state.value}{': ' + party.reason if party.reason else ''}")


def main() -> None:
    """Simulate the experiment, let both live, and compare what they hold, which parties themselves cannot."""
    agreement = design()
    print(agreement.design)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "parties"
        save_parties(folder, agreement, gamma=GAMMA, seed=1)
        both = [multiprocessing.Process(target=live, args=(role, folder, agreement, port)) for role in ("alice", "bob")]
        for process in both:
            process.start()
        for process in both:
            process.join()
        with KeyPool(folder / "alice.pool") as alice, KeyPool(folder / "bob.pool") as bob:
            same = (alice.key(RUN) == bob.key(RUN)).all()
            print(f"{len(alice.key(RUN))} bits, {'equal' if same else 'NOT EQUAL'}; {alice.taken} bits used up")


if __name__ == "__main__":
    main()
