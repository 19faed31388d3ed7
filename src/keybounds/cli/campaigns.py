"""Campaigns: a plan of many points, computed into a store that goes on where it stood."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keybounds.cli.app import app, emit, say
from keybounds.errors import InputError, UnknownNameError
from keybounds.files import check_target, write_atomically

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from keybounds.sweeps import Plan, Progress, Sweep

FORMS = ("csv", "parquet", "pdf", "png", "svg")
_REASONS = 5  # that are printed; the store has all
_EVERY = 1.0  # seconds between two lines of the log


@app.command()
def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="a plan: subject, axes, what to compute")],
    out: Annotated[Path | None, typer.Option("--out", help="the store, an SQLite file; plans may share it")] = None,
    workers: Annotated[int | None, typer.Option(help="processes of this machine; default: one for each core")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="a scheduler of dask.distributed instead")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="the number of points, and what they will take, from a few of them")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="how far it is; computes nothing")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="compute again what failed")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="re-derive what is stored from its certificates")] = False,
    export: Annotated[str | None, typer.Option(help="csv, parquet, or a figure: pdf, png, svg")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="write the export to this file; else csv is printed")] = None,
    log: Annotated[str | None, typer.Option(help="json: a line of progress a second on stderr")] = None,
) -> None:
    """Map a plane of parameters: rates, ceilings or keys at every point of a plan.

    What is finished is stored at once. Ended at any moment and started again, it goes on; a repeat computes nothing.
    Exit status 1 where a number could not be computed, or --verify does not accept one.
    """
    from keybounds.sweeps import Plan, Store
    from keybounds.sweeps.campaign import sweep as run
    from keybounds.sweeps.results import Sweep

    _check(out, (dry_run, status), (workers, scheduler), (export, to), log)
    plan = Plan.read(file)
    if dry_run:
        _estimate(plan, out, workers)
        return
    assert out is not None
    if status:
        with Store(out) as store:
            found = Sweep.of(plan, store)
        if export is None:
            say(_counted(found))
    else:
        with (
            Store(out, writes=True) as store,
            _stoppable(),
            _watching(log) as watcher,
            _executor(scheduler) as executor,
        ):
            if store.message:
                say(f"keybounds: {store.message}: a rollback journal is used instead\n", err=True)
            try:
                found = run(plan, store, executor=executor or workers, retry=retry, watcher=watcher)
            except KeyboardInterrupt:
                say(f"keybounds: what is finished is in {out}; the same command goes on from there\n", err=True)
                raise
        if export is None:
            say(_counted(found))
        _complain(found)
    if export is not None:
        _export(found, export, to)
    accepted = _verify(plan, out) if verify else True
    if not accepted or (found.failures and not status):
        raise typer.Exit(1)


def _check(
    out: Path | None,
    looks: tuple[bool, bool],
    where: tuple[int | None, str | None],
    exported: tuple[str | None, Path | None],
    log: str | None,
) -> None:
    """Refuse what contradicts itself, before anything is read."""
    export, to = exported
    if all(looks):
        raise InputError("--dry-run", "either --dry-run or --status", "both")
    if None not in where:
        raise InputError("--workers", "either --workers or --scheduler", "both")
    if where[0] is not None and where[0] < 1:
        raise InputError("--workers", "at least one process", str(where[0]))
    if out is None and not looks[0]:
        raise InputError("--out", "the store, an SQLite file", "none")
    if export is not None and export not in FORMS:
        raise UnknownNameError.among("--export", export, FORMS)
    if to is not None and export is None:
        raise InputError("--to", "--export, whose file it is", "--to alone")
    if export not in (None, "csv") and to is None:
        raise InputError("--to", f"a file, for {export} is not printed", "none")
    if export is not None and looks[0]:
        raise InputError("--export", "either --export or --dry-run", "both")
    if log not in (None, "json"):
        raise UnknownNameError.among("--log", str(log), ("json",))
    if to is not None:
        check_target(to, "--to")


def _estimate(plan: Plan, out: Path | None, workers: int | None) -> None:
    from keybounds.reports.progress import duration
    from keybounds.sweeps import Store
    from keybounds.sweeps.campaign import cores
    from keybounds.sweeps.estimate import estimate

    count = workers or cores()
    with contextlib.ExitStack() as stack:
        found = estimate(plan, stack.enter_context(Store(out)) if out is not None and out.exists() else None)
    width = max(map(len, found.columns))
    lines = [
        f"{name:{width}}  {column.missing} of {column.numbers} numbers missing, {column.mean:.3g} s each"
        f" (at most {column.most:.3g} s in a sample)"
        for name, column in found.columns.items()
    ]
    memory = "" if found.memory is None else f", {found.memory / 1e6:.0f} MB each"
    last = f"about {duration(found.seconds / count)} on {count} process{'es' if count > 1 else ''}{memory}"
    more = "" if plan.refinement is None else f" at first, and up to {plan.refinement.budget}"
    say("\n".join([f"{plan.title}: {found.points} points{more}", *lines, last]) + "\n")


def _counted(found: Sweep) -> str:
    plan, counts = found.plan, found.counts()
    width = max(map(len, counts))
    lines = [f"{name:{width}}  {c.done} done, {c.failed} failed, {c.missing} missing" for name, c in counts.items()]
    stage = f", {found.stage}" if found.stage else ""
    return "\n".join([f"{plan.title}: {plan.count} points{stage}", *lines]) + "\n"


def _complain(found: Sweep) -> None:
    """The commonest reasons of failures, on stderr."""
    reasons = Counter(failure.reason for failure in found.failures)
    for reason, count in reasons.most_common(_REASONS):
        say(f"keybounds: {count} failed: {reason}\n", err=True)
    if len(reasons) > _REASONS:
        say(f"keybounds: and for {len(reasons) - _REASONS} more reasons, which the csv has\n", err=True)


def _export(found: Sweep, form: str, to: Path | None) -> None:
    if form == "csv":
        emit(found.to_csv(), to)
        return
    from keybounds.reports.sweep_figure import sweep_image

    assert to is not None
    write_atomically(to, found.to_parquet() if form == "parquet" else sweep_image(found, form))


def _verify(plan: Plan, out: Path) -> bool:
    from keybounds.sweeps import Store
    from keybounds.sweeps.verification import verify_sweep

    with Store(out) as store:
        found = verify_sweep(plan, store)
    for failure in found.rejected:
        say(f"keybounds: not accepted: {failure}\n", err=True)
    say(
        f"{found.accepted} certificates accepted, {len(found.rejected)} not, {found.without} numbers without one\n",
        err=True,
    )
    return not found.rejected


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end it as Ctrl-C does: what a batch system sends before it kills."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread, which alone gets signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _watching(log: str | None) -> Iterator[Callable[[Progress], None]]:
    """What is told of the progress: a bar on a terminal, lines for a machine, nothing in a pipe."""
    from keybounds.reports.progress import campaign

    if log is None:
        with campaign(visible=sys.stderr.isatty()) as bar:
            yield bar
        return
    last = -_EVERY

    def line(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY or progress.done == progress.total:
            last = now
            say(json.dumps(progress.to_dict()) + "\n", err=True)

    yield line


@contextlib.contextmanager
def _executor(address: str | None) -> Iterator[Executor | None]:
    if address is None:
        yield None
        return
    from keybounds.sweeps.cluster import scheduler

    with scheduler(address) as executor:
        yield executor
