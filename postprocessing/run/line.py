"""A party on a network: its frames over one TCP connection, each awaited for a limited time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TypeAlias

from keybounds.errors import InputError
from keybounds.postprocessing.authentication import KeyPool
from keybounds.postprocessing.run.frames import HEADER, Kind, ProtocolError, frame, header
from keybounds.postprocessing.run.party import Party

_Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

WAIT = 600.0
"""Seconds in which the other party must have sent its next frame; it may have to decode first."""


async def converse(
    party: Party, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, wait: float = WAIT
) -> None:
    """Exchange frames until the party is finished, or the line is gone."""
    try:
        for octets in party.start():
            writer.write(octets)
        await writer.drain()
        while not party.finished:
            async with asyncio.timeout(wait):
                kind, size = header(await reader.readexactly(HEADER), party.sizes)
                body = await reader.readexactly(size)
            for octets in party.receive(kind, body):
                writer.write(octets)
            await writer.drain()
    except ProtocolError as error:
        party.lost(str(error), at_fault=True)
        writer.write(frame(Kind.ABORT, b""))
    except TimeoutError:
        party.lost(f"nothing was heard for {wait:g} seconds")
    except (OSError, asyncio.IncompleteReadError):
        party.lost()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def send_receipt(pool: KeyPool, run: str, writer: asyncio.StreamWriter) -> None:
    """Send ACTIVATE of a run once more: it says to Bob that Alice's key is active, and nothing to others."""
    writer.write(pool.receipt(run))
    await writer.drain()
    writer.close()


async def await_receipt(pool: KeyPool, run: str, reader: asyncio.StreamReader, *, wait: float = WAIT) -> bool:
    """Wait for the frame that activates the key of a run; whether it came. A wrong one burns the key."""
    if pool.keys().get(run) != "quarantined":
        raise InputError("run", f"a run with a quarantined key in {pool.path}", repr(run))
    try:
        async with asyncio.timeout(wait):
            octets = await reader.readexactly(HEADER + 8)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    return pool.confirm(run, octets)


async def connection(host: str, port: int, *, listen: bool, wait: float = WAIT) -> _Streams:
    """Connect to the other party, trying again while it is not there yet, or be connected to by it, once.

    Raises
    ------
    InputError
        Nobody there within the time, or an address that cannot be listened on.
    """
    where = f"{host}:{port}"
    try:
        async with asyncio.timeout(wait):
            return await (_accepted if listen else _connected)(host, port)
    except TimeoutError:
        raise InputError("address", f"the other party at {where} within {wait:g} seconds", "nobody") from None
    except OSError as error:
        raise InputError("address", f"an address that can be used, not {where}", error.strerror or str(error)) from None


async def _connected(host: str, port: int) -> _Streams:
    while True:
        try:
            return await asyncio.open_connection(host, port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)


async def _accepted(host: str, port: int) -> _Streams:
    first: asyncio.Future[_Streams] = asyncio.get_running_loop().create_future()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first.done():  # one peer: whoever comes later is turned away
            writer.close()
        else:
            first.set_result((reader, writer))

    server = await asyncio.start_server(take, host, port)
    try:
        return await first
    finally:
        server.close()
