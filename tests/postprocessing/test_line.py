"""Two parties over sockets, in one process and in two, and a line that is cut before, within and after every frame."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from keybounds.cli import app
from keybounds.errors import InputError
from keybounds.experiments import BellDiagonalPair, IonExperiment
from keybounds.postprocessing import Agreement, Alice, Bob, KeyPool, Records
from keybounds.postprocessing.run import (
    Party,
    State,
    await_receipt,
    connection,
    converse,
    save_parties,
    send_receipt,
)

# the processes that fork here have threads of the test runner, which the children do without
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")

GOOD = IonExperiment(pair=BellDiagonalPair((0.996, 0.002, 0.0005, 0.0015))).behaviour()
FRAMES = {"alice": 3, "bob": 2}
"""How many frames each sends in an honest run."""


def open_party(folder: Path, role: str, agreement: Agreement) -> Party:
    kind = Alice if role == "alice" else Bob
    return kind(Records.load(folder / f"{role}.npz"), agreement, KeyPool(folder / f"{role}.pool"), "run")


def meet(folder: Path, agreement: Agreement, cut: tuple[str, int, str] | None = None) -> tuple[Party, Party]:
    """A run over loopback through a relay, which ends both connections at a place: whose frame, which, and where."""
    alice, bob = open_party(folder, "alice", agreement), open_party(folder, "bob", agreement)

    async def relay(role: str, source: asyncio.StreamReader, sink: asyncio.StreamWriter, ends: list) -> None:
        number = 0
        try:
            while True:
                head = await source.readexactly(5)
                body = await source.readexactly(int.from_bytes(head[:4], "big"))
                here = cut if cut is not None and cut[:2] == (role, number) else None
                whole = head + body
                if here is not None and here[2] != "after":
                    whole = b"" if here[2] == "before" else whole[: 1 + len(whole) // 2]
                sink.write(whole)
                await sink.drain()
                if here is not None:
                    for end in ends:
                        end.close()
                    return
                number += 1
        except (OSError, asyncio.IncompleteReadError):
            sink.close()

    async def through() -> None:
        port = free_port()
        first = asyncio.create_task(connection("127.0.0.1", port, listen=True, wait=20))
        near = await connection("127.0.0.1", port, listen=False, wait=20)
        there = await first
        other_port = free_port()
        second = asyncio.create_task(connection("127.0.0.1", other_port, listen=True, wait=20))
        far = await connection("127.0.0.1", other_port, listen=False, wait=20)
        here = await second
        ends = [near[1], far[1]]
        await asyncio.gather(
            converse(alice, *there, wait=20),
            converse(bob, *here, wait=20),
            relay("alice", near[0], far[1], ends),
            relay("bob", far[0], near[1], ends),
        )

    asyncio.run(through())
    return alice, bob


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_key_over_a_socket(folder: Path, agreement: Agreement) -> None:
    alice, bob = meet(folder, agreement)
    assert (alice.state, bob.state) == (State.DONE, State.DONE)
    assert (alice.pool.key("run") == bob.pool.key("run")).all()
    assert alice.transcript.to_bytes() == bob.transcript.to_bytes()
    assert bob.agreement.key.length == len(alice.pool.key("run"))


@pytest.mark.parametrize("where", ["before", "within", "after"])
@pytest.mark.parametrize(("role", "number"), [(role, n) for role, count in FRAMES.items() for n in range(count)])
def test_a_cut_line_gives_no_two_keys(folder: Path, agreement: Agreement, role: str, number: int, where: str) -> None:
    alice, bob = meet(folder, agreement, (role, number, where))
    keys = [party.pool.key("run") for party in (alice, bob) if party.state is State.DONE]
    assert all((key == keys[0]).all() for key in keys)
    assert bob.state is not State.DONE or alice.state is State.DONE  # Bob's key waits for Alice's
    last = (role, number) == ("alice", 2)
    assert (alice.state is State.DONE) is (last or (role, number, where) == ("bob", 1, "after"))
    if bob.state is State.UNCONFIRMED:
        assert bob.pool.keys() == {"run": "quarantined"}
        if alice.state is State.DONE:
            assert resumed(alice, bob)
            assert (alice.pool.key("run") == bob.pool.key("run")).all()
    elif bob.state is not State.DONE:
        assert bob.state is State.ABORTED
    assert {party.pool.taken for party in (alice, bob)} <= {0, 256}


def resumed(alice: Party, bob: Party) -> bool:
    async def again() -> bool:
        port = free_port()
        waiting = asyncio.create_task(connection("127.0.0.1", port, listen=True, wait=20))
        _, writer = await connection("127.0.0.1", port, listen=False, wait=20)
        reader, back = await waiting
        await send_receipt(alice.pool, "run", writer)
        done = await await_receipt(bob.pool, "run", reader, wait=20)
        back.close()
        return done

    return asyncio.run(again())


def test_who_says_nothing_is_not_waited_for(folder: Path, agreement: Agreement) -> None:
    alice = open_party(folder, "alice", agreement)

    async def alone() -> None:
        port = free_port()
        waiting = asyncio.create_task(connection("127.0.0.1", port, listen=True, wait=20))
        _, silent = await connection("127.0.0.1", port, listen=False, wait=20)
        await converse(alice, *(await waiting), wait=0.2)
        silent.close()

    asyncio.run(alone())
    assert alice.reason == "nothing was heard for 0.2 seconds"
    with pytest.raises(InputError, match=r"within 0\.2 seconds"):
        asyncio.run(connection("127.0.0.1", free_port(), listen=False, wait=0.2))
    with pytest.raises(InputError, match="an address that can be used"):
        asyncio.run(connection("203.0.113.7", 4040, listen=True, wait=5))


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, b"\0\0\0\x02\x01{}", b"\0\0\0\x01\x01"],
    ids=["another protocol", "too long", "no greeting", "half a frame"],
)
def test_strangers_are_sent_away(folder: Path, agreement: Agreement, sent: bytes) -> None:
    alice = open_party(folder, "alice", agreement)

    async def stranger() -> bytes:
        port = free_port()
        waiting = asyncio.create_task(connection("127.0.0.1", port, listen=True, wait=20))
        reader, writer = await connection("127.0.0.1", port, listen=False, wait=20)
        writer.write(sent)
        writer.write_eof()
        await converse(alice, *(await waiting), wait=20)
        answer = await reader.read()
        writer.close()
        return answer

    assert asyncio.run(stranger())
    assert alice.state is State.ABORTED
    assert alice.pool.taken == 0


# --- files -----------------------------------------------------------------------------------------------------------


def test_what_parties_start_from_is_their_own(folder: Path, agreement: Agreement) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("alice.npz", "bob.npz", "alice.pool", "bob.pool"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    records = Records.load(folder / "alice.npz")
    assert len(records.tests) == 40_000
    with pytest.raises(InputError, match="a new folder"):
        save_parties(folder, agreement, gamma=0.1, seed=1)
    with pytest.raises(FileExistsError, match="alice"):
        records.save(folder / "alice.npz")


def test_an_agreement_is_read_as_it_was_written(agreement: Agreement) -> None:
    again = Agreement.from_dict(agreement.to_dict())
    assert again.text == agreement.text
    for broken in ({}, {"finite_key": 1}, agreement.to_dict() | {"correlations": [1, 2]}):
        with pytest.raises(InputError, match=r"agreement|document|P"):
            Agreement.from_dict(broken)


# --- the command line ------------------------------------------------------------------------------------------------


def arguments(folder: Path, role: str, *more: str) -> list[str]:
    return [
        "party",
        role,
        "--run",
        "run",
        "--pool",
        str(folder / f"{role}.pool"),
        "--agreement",
        str(folder / "agreement.json"),
        "--from",
        str(folder / f"{role}.npz"),
        "--wait",
        "60",
        *more,
    ]


def start(folder: Path, role: str, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "keybounds", *arguments(folder, role, *more)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_reach_the_same_key(folder: Path, tmp_path: Path) -> None:
    port = free_port()
    both = [
        start(folder, "bob", "--listen", f"127.0.0.1:{port}"),
        start(folder, "alice", "--connect", f"127.0.0.1:{port}", "--transcript", str(tmp_path / "frames")),
    ]
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert "bits of key active" in out
    with KeyPool(folder / "alice.pool") as one, KeyPool(folder / "bob.pool") as other:
        assert (one.key("run") == other.key("run")).all()
        key = np.packbits(one.key("run")).tobytes()
    assert key not in (tmp_path / "frames").read_bytes()


def live(folder: Path, role: str, agreement: Agreement, end: socket.socket, seconds: float) -> None:
    """A party that talks over a socket until it is finished, or its own alarm ends it after so much processor time.

    The signal is one that nobody handles: it ends a process as SIGKILL does, wherever it is.
    """

    async def talk() -> None:
        await converse(open_party(folder, role, agreement), *await asyncio.open_connection(sock=end), wait=60)

    signal.setitimer(signal.ITIMER_PROF, seconds)  # 0 for none
    asyncio.run(talk())


def live_both(folder: Path, agreement: Agreement, lives: dict[str, float]) -> dict[str, float]:
    """Let both live as long as they may; the processor's time that each took."""
    ends = dict(zip(("alice", "bob"), socket.socketpair(), strict=True))
    children = {}
    for role, end in ends.items():
        child = os.fork()
        if not child:
            try:
                for other in ends.values():
                    if other is not end:  # or it would never be seen to be closed
                        other.close()
                live(folder, role, agreement, end, lives.get(role, 0.0))
            finally:
                os._exit(0)
        children[child] = role
    for end in ends.values():
        end.close()
    taken = {}
    for _ in children:
        child, _, usage = os.wait3(0)
        taken[children[child]] = usage.ru_utime + usage.ru_stime
    return taken


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_parties_killed_at_random_use_no_bit_twice(tmp_path: Path, agreement: Agreement, kills: int) -> None:
    rng = np.random.default_rng(kills)
    states = set()
    for number in range(kills + 1):
        folder = tmp_path / f"parties {number}"
        save_parties(folder, agreement, gamma=0.1, seed=number)
        if not number:
            whole = live_both(folder, agreement, {})
            continue
        role = str(rng.choice(["alice", "bob"]))
        live_both(folder, agreement, {role: float(rng.uniform(0.001, whole[role]))})
        with KeyPool(folder / "alice.pool") as one, KeyPool(folder / "bob.pool") as other:
            state = one.keys().get("run"), other.keys().get("run")
            states.add(state)
            assert state in {(None, None), (None, "quarantined"), ("active", "quarantined"), ("active", "active")} | {
                ("quarantined", "quarantined"),
                (None, "burned"),
                ("quarantined", "burned"),
            }
            assert {one.taken, other.taken} <= {0, 256}
            if state == ("active", "quarantined"):
                assert other.confirm("run", one.receipt("run"))
            keys = [pool.key("run") for pool in (one, other) if pool.keys().get("run") == "active"]
            assert all((key == keys[0]).all() for key in keys)
    assert len(states) > 1 or kills < 100


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ((), "--connect"),
        (("--connect", "127.0.0.1:1", "--listen", "127.0.0.1:2"), "--connect"),
        (("--connect", "127.0.0.1"), "HOST:PORT"),
        (("--connect", "127.0.0.1:99999"), "HOST:PORT"),
        (("--connect", "127.0.0.1:1", "--wait", "-1"), "--wait"),
    ],
)
def test_addresses_that_are_none_end_with_one_line(folder: Path, more: tuple[str, ...], named: str) -> None:
    done = CliRunner().invoke(app, arguments(folder, "alice", *more))
    assert isinstance(done.exception, InputError)
    assert named in str(done.exception)


def test_simulate_prints_the_balance_sheet() -> None:
    """Of a small run in place of the published one."""
    design = "--rounds 1e5 --gamma .1 --chsh 2.66 --qber .0165 --soundness .01 --theorem renyi --extractor toeplitz"
    done = CliRunner().invoke(app, ["simulate", "ion", "--seed", "4", *design.split()], catch_exceptions=False)
    assert done.exit_code == 0
    assert "bits of key, the same on both sides; simulated, not secret" in done.stdout
    assert re.search(r"validation of error correction +64 +1280 +0\n", done.stdout)
    assert re.search(r"\d+ before, \d+ after: \+\d+\n", done.stdout)
