"""Making keys: a run on simulated devices, and one party of a real run."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keybounds.cli.app import app, emit, say, to_json
from keybounds.cli.options import JSON, Json, Out, chosen_form
from keybounds.errors import DataFileError, InputError, UnknownNameError
from keybounds.files import check_target

if TYPE_CHECKING:
    from keybounds.postprocessing import Agreement, Party
    from keybounds.postprocessing.authentication import KeyPool


@app.command()
def simulate(
    platform: Annotated[str, typer.Argument(help="ion")],
    rounds: Annotated[str, typer.Option(help="number of rounds n")] = "1.5e6",
    gamma: Annotated[str, typer.Option(help="probability of a test round")] = "13/256",
    seed: Annotated[int, typer.Option(help="of everything random in the simulation")] = 0,
    chsh: Annotated[str, typer.Option(help="CHSH value S that the run is designed for")] = "2.64",
    qber: Annotated[str, typer.Option(help="key error rate Q that it is designed for")] = "0.018",
    theorem: Annotated[str, typer.Option(help="eat-2019 or renyi: lengths with a certificate")] = "eat-2019",
    extractor: Annotated[str, typer.Option(help="trevisan, toeplitz or circulant")] = "trevisan",
    soundness: Annotated[str, typer.Option(help="security parameter of the key")] = "1e-10",
    leakage: Annotated[int | None, typer.Option(help="bits of the syndrome; default: as published")] = None,
    save: Annotated[
        Path | None, typer.Option(help="write what `party` starts from to this new folder, and run nothing")
    ] = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """Distribute a key on simulated devices, bit by bit. Not secret.

    Rounds are sampled from the published ion link; then two parties reconcile, test, extract and authenticate.
    """
    from keybounds.bounds import Link
    from keybounds.postprocessing import simulate as run_simulation
    from keybounds.postprocessing.run import designed, save_parties
    from keybounds.reports.finite import exact_number
    from keybounds.reports.progress import steps
    from keybounds.reports.simulation import simulation_text

    form = chosen_form(form, out, JSON)
    if platform != "ion":
        raise UnknownNameError.among("platform", platform, ["ion"])
    if seed < 0:
        raise InputError("--seed", "a whole number of at least 0", str(seed))
    number, share = exact_number("--rounds", rounds), exact_number("--gamma", gamma)
    if number.denominator != 1:
        raise InputError("--rounds", "a whole number", rounds)
    design = {
        "rounds": int(number),
        "gamma": share,
        "link": Link(exact_number("--chsh", chsh), exact_number("--qber", qber)),
        "theorem": theorem,
        "extractor": extractor,
        "soundness": exact_number("--soundness", soundness),
        "leakage": leakage,
    }
    if save is not None:
        save_parties(save, designed(platform, **design), gamma=share, seed=seed)  # type: ignore[arg-type]
        say(f"{save}: simulated, not secret\n")
        return
    with steps(visible=sys.stderr.isatty()) as progress:
        run = run_simulation(platform, seed=seed, progress=progress, **design)  # type: ignore[arg-type]
    emit(to_json(run.to_dict()) if form == "json" else simulation_text(run), out)
    if not run.accepted:
        raise typer.Exit(1)


@app.command()
def party(
    role: Annotated[str, typer.Argument(help="alice or bob")],
    run: Annotated[str, typer.Option(help="name of the run, the same on both sides and new")],
    pool: Annotated[Path, typer.Option(help="key pool; its owner's alone")],
    agreement: Annotated[Path | None, typer.Option(help="what both agreed on, as JSON")] = None,
    records: Annotated[
        Path | None, typer.Option(help=".npz of tests, inputs and outcomes, one of each a round")
    ] = None,
    connect: Annotated[str | None, typer.Option(help="HOST:PORT of the other party")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT on which to wait for the other party")] = None,
    wait: Annotated[float, typer.Option(help="seconds in which the other party's next frame must come")] = 600.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="of a run whose last frame was lost: alice sends it again, bob takes it")
    ] = False,
    transcript: Annotated[Path | None, typer.Option(help="write the frames to this file")] = None,
) -> None:
    """One party of a run, on a network with the other.

    The key stays in the pool, active once both have confirmed. Exit status 1 without one.
    """
    from keybounds.postprocessing.authentication import KeyPool

    if role not in ("alice", "bob"):
        raise UnknownNameError.among("role", role, ["alice", "bob"])
    if (connect is None) == (listen is None):
        raise InputError("--connect", "either --connect or --listen", "neither" if connect is None else "both")
    if not 0 < wait < float("inf"):
        raise InputError("--wait", "seconds above 0", f"{wait:g}")
    host, port = _address("--connect" if connect else "--listen", connect or listen or "")
    if transcript is not None:
        check_target(transcript, "--transcript")
    if resume:
        with KeyPool(pool) as held:
            done = asyncio.run(_resumed(role, run, held, host, port, listen is not None, wait))
        say(f"{run}: key active\n" if done else f"{run}: unconfirmed\n")
        raise typer.Exit(0 if done else 1)
    if agreement is None or records is None:
        raise InputError("--agreement", "both --agreement and --records", "not both")
    with KeyPool(pool) as held:
        made = _party(role, run, held, agreement, records)
        asyncio.run(_conversed(made, host, port, listen is not None, wait))
        _report(made, transcript)


def _party(role: str, run: str, pool: KeyPool, agreement: Path, records: Path) -> Party:
    from keybounds.postprocessing import Alice, Bob, Records

    agreed, own = _agreement(agreement), Records.load(records)
    return (Alice if role == "alice" else Bob)(own, agreed, pool, run)


def _agreement(path: Path) -> Agreement:
    from keybounds.postprocessing import Agreement

    try:
        return Agreement.from_dict(json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise DataFileError("--agreement", f"{path} to be JSON", str(error)) from None


async def _conversed(made: Party, host: str, port: int, listen: bool, wait: float) -> None:
    from keybounds.postprocessing.run import connection, converse

    reader, writer = await connection(host, port, listen=listen, wait=wait)
    await converse(made, reader, writer, wait=wait)


async def _resumed(role: str, run: str, pool: KeyPool, host: str, port: int, listen: bool, wait: float) -> bool:
    from keybounds.postprocessing.run import await_receipt, connection, send_receipt

    if role == "alice":
        pool.receipt(run)  # refuses a run without one before anybody waits
    reader, writer = await connection(host, port, listen=listen, wait=wait)
    if role == "bob":
        done = await await_receipt(pool, run, reader, wait=wait)
        writer.close()
        return done
    await send_receipt(pool, run, writer)
    return True


def _report(made: Party, transcript: Path | None) -> None:
    from keybounds.files import write_atomically
    from keybounds.postprocessing.run import State

    if transcript is not None:
        write_atomically(transcript, b"".join(made.frames))
    if made.state is State.DONE:
        key = made.agreement.key
        scope = f"soundness {key.soundness:g} against {key.adversary.value}"
        say(f"{made.run}: {key.length} bits of key active in {made.pool.path}; {scope}\n")
        return
    if made.state is State.UNCONFIRMED:
        say(f"{made.run}: unconfirmed; the key is in quarantine: --resume, with alice's --resume\n", err=True)
    else:
        say(f"{made.run}: aborted: {made.reason}\n", err=True)
    raise typer.Exit(1)


def _address(option: str, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 1 << 16:
        raise InputError(option, "HOST:PORT, as in 192.0.2.1:4040", repr(text))
    return host.removeprefix("[").removesuffix("]"), int(port)
