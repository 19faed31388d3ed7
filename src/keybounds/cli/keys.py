"""Making keys: a run on simulated devices or given records, what two parties share, and one party of a real run."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keybounds.cli.app import app, emit, say, to_json
from keybounds.cli.options import JSON, Json, Out, chosen_form
from keybounds.cli.platforms import assigned
from keybounds.errors import DataFileError, InputError, UnknownNameError
from keybounds.files import check_target

if TYPE_CHECKING:
    from keybounds.postprocessing import Agreement, Party
    from keybounds.postprocessing.authentication import KeyPool

_PLATFORMS = ("ion", "photonic")

_Rounds = Annotated[str | None, typer.Option(help="number of rounds n; default 1.5e6, of photonic 2.88e9")]
_Gamma = Annotated[str | None, typer.Option(help="probability of a test round; default 13/256, of photonic 1/2")]
_Chsh = Annotated[str | None, typer.Option(help="CHSH value S that the run is designed for; default 2.64")]
_Qber = Annotated[str | None, typer.Option(help="key error rate Q that it is designed for; default 0.018")]
_Theorem = Annotated[
    str | None, typer.Option(help="eat-2019 or renyi, whose lengths have certificates; default eat-2019")
]
_Extractor = Annotated[str | None, typer.Option(help="trevisan, toeplitz or circulant; default trevisan")]
_Soundness = Annotated[str | None, typer.Option(help="security parameter of the key; default 1e-10")]
_Leakage = Annotated[int | None, typer.Option(help="bits of the syndrome; default: as published for S and Q")]
_Length = Annotated[str | None, typer.Option(help="fixed: what is agreed on is charged; variable is refused")]


@app.command()
def simulate(
    platform: Annotated[str, typer.Argument(help="ion, or photonic: its asymptotic rate, no key")],
    rounds: _Rounds = None,
    gamma: _Gamma = None,
    seed: Annotated[int, typer.Option(help="of everything random in the simulation")] = 0,
    chsh: _Chsh = None,
    qber: _Qber = None,
    theorem: _Theorem = None,
    extractor: _Extractor = None,
    soundness: _Soundness = None,
    leakage: _Leakage = None,
    length: _Length = None,
    records: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--from", metavar="ALICE BOB", help="ion: your own raw strings, T X A and T Y B, and no sampled ones"
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="ion: write what `party` starts from to this new folder, and run nothing")
    ] = None,
    noise: Annotated[float | None, typer.Option(help="photonic: probability q that Alice flips a bit")] = None,
    keep: Annotated[
        float | None, typer.Option(help="photonic: probability p of keeping no click in key rounds")
    ] = None,
    confidence: Annotated[float | None, typer.Option(help="photonic: of the rate; default 0.99")] = None,
    assign: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="photonic: a parameter, see model --list")
    ] = None,
    form: Json = None,
    out: Out = None,
) -> None:
    """Distribute a key on simulated devices, bit by bit. Not secret.

    ion: rounds of the published link are sampled; two parties reconcile, test, extract and authenticate. photonic:
    rounds are sampled, selected and preprocessed, and counts give the rate with confidence.
    """
    form = chosen_form(form, out, JSON)
    if platform not in _PLATFORMS:
        raise UnknownNameError.among("platform", platform, _PLATFORMS)
    if seed < 0:
        raise InputError("--seed", "a whole number of at least 0", str(seed))
    ion: dict[str, Any] = {
        "chsh": chsh,
        "qber": qber,
        "theorem": theorem,
        "extractor": extractor,
        "soundness": soundness,
        "leakage": leakage,
        "length": length,
    }
    photonic = {"noise": noise, "keep": keep, "confidence": confidence}
    others = photonic | {"set": assign} if platform == "ion" else ion | {"from": records, "save": save}
    for option, value in others.items():
        if value not in (None, []):
            known = "photonic" if platform == "ion" else "ion"
            raise InputError(f"--{option}", f"{known} as the platform", platform)
    if platform == "photonic":
        _simulate_photonic(rounds, gamma, seed, {n: v for n, v in photonic.items() if v is not None}, assign, form, out)
        return
    if records is not None and save is not None:
        raise InputError("--from", "either --from or --save", "both")
    from keybounds.postprocessing import Records
    from keybounds.postprocessing import simulate as run_simulation
    from keybounds.postprocessing.run import check_new_folder, check_same_tests, designed, save_parties
    from keybounds.reports.simulation import simulation_text

    if save is not None:
        check_new_folder(save)
    own = None
    if records is not None:
        own = Records.load(records[0]), Records.load(records[1])
        check_same_tests(*own)
        rounds = rounds or str(len(own[0].tests))
    design = _design(rounds, gamma, ion)
    if save is not None:
        save_parties(save, designed(platform, **design), gamma=design["gamma"], seed=seed)
        say(f"{save}: simulated, not secret\n")
        return
    with _progress() as progress:
        run = run_simulation(platform, seed=seed, records=own, progress=progress, **design)
    emit(to_json(run.to_dict()) if form == "json" else simulation_text(run), out)
    if not run.accepted:
        raise typer.Exit(1)


def _simulate_photonic(
    rounds: str | None,
    gamma: str | None,
    seed: int,
    given: dict[str, float],
    assign: list[str] | None,
    form: str,
    out: Path | None,
) -> None:
    from keybounds.experiments.platforms import platform_behaviour
    from keybounds.postprocessing import simulate_photonic
    from keybounds.postprocessing.run.photonic import published_protocol
    from keybounds.reports.finite import exact_number
    from keybounds.reports.simulation import photonic_text

    options: dict[str, Any] = {"protocol": published_protocol(given.get("noise"), given.get("keep"))}
    if "confidence" in given:
        options["confidence"] = given["confidence"]
    if rounds is not None:
        options["rounds"] = _whole("--rounds", rounds)
    if gamma is not None:
        options["gamma"] = float(exact_number("--gamma", gamma))
    devices = platform_behaviour("photonic", assigned(assign))[0] if assign else None
    with _progress() as progress:
        run = simulate_photonic(devices, seed=seed, progress=progress, **options)
    emit(to_json(run.to_dict()) if form == "json" else photonic_text(run), out)


@app.command()
def agree(
    folder: Annotated[Path, typer.Argument(help="a new folder")],
    rounds: Annotated[str | None, typer.Option(help="number of rounds n; default 1.5e6")] = None,
    gamma: Annotated[str | None, typer.Option(help="probability of a test round; default 13/256")] = None,
    chsh: _Chsh = None,
    qber: _Qber = None,
    theorem: _Theorem = None,
    extractor: _Extractor = None,
    soundness: _Soundness = None,
    leakage: _Leakage = None,
    runs: Annotated[int, typer.Option(help="for how many runs the pools have one-time bits")] = 1,
) -> None:
    """What two parties share before a run of the ion protocol: an agreement, and a pool of secrets for each.

    The design comes from these options alone, before there are data. The secrets come from this system's randomness;
    carry bob.pool to the other party by a way that you trust, with agreement.json, and delete it here.
    """
    from keybounds.postprocessing.run import check_new_folder, designed, save_agreement

    given = {
        "chsh": chsh,
        "qber": qber,
        "theorem": theorem,
        "extractor": extractor,
        "soundness": soundness,
        "leakage": leakage,
        "length": None,
    }
    if runs < 1:
        raise InputError("--runs", "at least one run", str(runs))
    check_new_folder(folder)
    agreement = designed("ion", **_design(rounds, gamma, given))
    save_agreement(folder, agreement, runs=runs)
    say(f"{folder}: {agreement.key.length} bits of key a run; {agreement.design}\n")


@app.command()
def party(
    role: Annotated[str, typer.Argument(help="alice or bob")],
    run: Annotated[str, typer.Option(help="name of the run, the same on both sides and new")],
    pool: Annotated[Path, typer.Option(help="key pool; its owner's alone")],
    agreement: Annotated[Path | None, typer.Option(help="what both agreed on, as JSON")] = None,
    records: Annotated[
        Path | None, typer.Option("--from", help="own raw strings: T X A of alice, T Y B of bob; text, .npy or .npz")
    ] = None,
    connect: Annotated[str | None, typer.Option(help="HOST:PORT of the other party")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT on which to wait for the other party")] = None,
    wait: Annotated[float, typer.Option(help="seconds in which the other party's next frame must come")] = 600.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="of a run whose last frame was lost: alice sends it again, bob takes it")
    ] = False,
    burn: Annotated[
        bool, typer.Option("--burn", help="destroy the key of a run that waits for a last frame which will not come")
    ] = False,
    transcript: Annotated[Path | None, typer.Option(help="write T and the frames to this file")] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            help="write the keys of the tags to this new file, for `transcript`; the pool's hash seed is then spent"
        ),
    ] = None,
) -> None:
    """One party of a run, on a network with the other.

    The key stays in the pool, active once both have confirmed. Exit status 1 without one, 2 if the other party is not
    who it should be or means another run.
    """
    from keybounds.postprocessing.authentication import KeyPool

    if role not in ("alice", "bob"):
        raise UnknownNameError.among("role", role, ["alice", "bob"])
    if burn:
        with KeyPool(pool) as held:
            held.burn(run)
        say(f"{run}: key burned\n")
        return
    if (connect is None) == (listen is None):
        raise InputError("--connect", "either --connect or --listen", "neither" if connect is None else "both")
    if not 0 < wait < float("inf"):
        raise InputError("--wait", "seconds above 0", f"{wait:g}")
    host, port = _address("--connect" if connect else "--listen", connect or listen or "")
    if transcript is not None:
        check_target(transcript, "--transcript")
    if keys is not None:
        check_target(keys, "--keys")
        if keys.exists():
            raise InputError("--keys", "a new file", f"{keys} exists")
    if resume:
        for option, value in {"agreement": agreement, "from": records, "transcript": transcript, "keys": keys}.items():
            if value is not None:
                raise InputError(f"--{option}", "no such option with --resume", str(value))
        with KeyPool(pool) as held:
            done = asyncio.run(_resumed(role, run, held, host, port, listen is not None, wait))
        say(f"{run}: key active\n" if done else f"{run}: unconfirmed\n")
        raise typer.Exit(0 if done else 1)
    if agreement is None or records is None:
        option = "--agreement" if agreement is None else "--from"
        raise InputError(option, "both --agreement and --from", "only one" if agreement or records else "neither")
    with KeyPool(pool) as held, _progress() as progress:
        made = _party(role, run, held, agreement, records, progress)
        asyncio.run(_conversed(made, host, port, listen is not None, wait))
        status = _report(made)
        _save(made, transcript, keys)
    if status:
        raise typer.Exit(status)


@app.command()
def transcript(
    file: Annotated[Path, typer.Argument(help="what party --transcript wrote")],
    agreement: Annotated[Path, typer.Option(help="what both agreed on, as JSON")],
    keys: Annotated[Path, typer.Option(help="what party --keys wrote")],
) -> None:
    """Check the tags of a saved run again, as a third party that is given their keys.

    Exit status 2 if a bit of it differs from what was said.
    """
    from keybounds.postprocessing.run import RunKeys, Transcript

    said, given = Transcript.load(file), RunKeys.load(keys)
    found = said.checked(_agreement(agreement), given)
    tests, rounds = int(said.tests.sum()), len(said.tests)
    lines = [
        f"{given.run}: {len(found)} tags are right",
        f"each covers the agreement, the name of the run, T ({tests} tests in {rounds} rounds), all frames before, and",
    ]
    lines += [f"  {tag.frame:8}  {tag.covers}" for tag in found]
    say("\n".join(lines) + "\n")


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """Steps and how much of each is done, on a terminal; nothing where stderr is none."""
    from keybounds.reports.progress import steps

    with steps(visible=sys.stderr.isatty()) as show:
        yield lambda step, share: show(f"{step} {share:4.0%}" if share else step)


def _design(rounds: str | None, gamma: str | None, given: dict[str, Any]) -> dict[str, Any]:
    """The options of a design, as `designed` takes them; what was not given is as published."""
    from keybounds.bounds import Link
    from keybounds.reports.finite import exact_number

    s, q = exact_number("--chsh", given["chsh"] or "2.64"), exact_number("--qber", given["qber"] or "0.018")
    return {
        "rounds": _whole("--rounds", rounds or "1.5e6"),
        "gamma": exact_number("--gamma", gamma or "13/256"),
        "link": Link(s, q),
        "theorem": given["theorem"] or "eat-2019",
        "extractor": given["extractor"] or "trevisan",
        "soundness": exact_number("--soundness", given["soundness"] or "1e-10"),
        "leakage": given["leakage"],
        "length": given["length"] or "fixed",
    }


def _whole(option: str, text: str) -> int:
    from keybounds.reports.finite import exact_number

    number = exact_number(option, text)
    if number.denominator != 1:
        raise InputError(option, "a whole number", text)
    return int(number)


def _party(
    role: str, run: str, pool: KeyPool, agreement: Path, records: Path, progress: Callable[[str, float], None]
) -> Party:
    from keybounds.postprocessing import Alice, Bob, Records

    agreed, own = _agreement(agreement), Records.load(records)
    return (Alice if role == "alice" else Bob)(own, agreed, pool, run, progress)


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


def _report(made: Party) -> int:
    """Say what became of a run; the exit status."""
    from keybounds.postprocessing.run import State

    if made.state is State.DONE:
        key = made.agreement.key
        scope = f"soundness {key.soundness:g} against {key.adversary.value}"
        say(f"{made.run}: {key.length} bits of key active in {made.pool.path}; {scope}\n")
        say(f"  {made.agreement.design}\n")
        return 0
    if made.state is State.UNCONFIRMED:
        say(f"{made.run}: unconfirmed; the key is in quarantine: --resume, with alice's --resume\n", err=True)
        return 1
    say(f"{made.run}: aborted: {made.reason}\n", err=True)
    return 2 if made.at_fault else 1


def _save(made: Party, transcript: Path | None, keys: Path | None) -> None:
    """Write the transcript of a run that had tags, and their keys if no key waits for one of them."""
    from keybounds.files import write_atomically

    reason = "" if made.has_tags else "there were no tags"
    if transcript is not None and not reason:
        write_atomically(transcript, made.transcript.to_bytes())
    elif transcript is not None:
        say(f"{transcript}: not written, {reason}\n", err=True)
    if not made.finished:
        reason = reason or "the run is unconfirmed"
    if keys is not None and not reason:
        made.give_away_keys().save(keys)
    elif keys is not None:
        say(f"{keys}: not written, {reason}\n", err=True)


def _address(option: str, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 1 << 16:
        raise InputError(option, "HOST:PORT, as in 192.0.2.1:4040", repr(text))
    return host.removeprefix("[").removesuffix("]"), int(port)
