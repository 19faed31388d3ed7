"""`sweep`: compute what a store does not have yet of a plan."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from keybounds.errors import InputError
from keybounds.sweeps.adaptive import Stage, expanded
from keybounds.sweeps.cell import address_of
from keybounds.sweeps.execution import Found, Watch, Work, here, on_executor, on_processes
from keybounds.sweeps.plan import Plan
from keybounds.sweeps.results import Sweep
from keybounds.sweeps.store import Store
from keybounds.sweeps.watching import Progress

Watcher: TypeAlias = Callable[[Progress], None]

_FEW = 2000  # closed forms that are computed sooner than processes are started
_LANES = 256  # of somebody else's executor: as many as a large cluster has workers


def sweep(
    plan: Plan | str | Path,
    store: Store | str | Path,
    *,
    executor: Executor | int | None = None,
    retry: bool = False,
    watcher: Watcher | None = None,
) -> Sweep:
    """Compute the numbers of a plan that a store does not have, and return all of them.

    Every number is stored as soon as it is there, closed forms a tenth of a second later at most, so that whatever ends
    a campaign costs what was being computed at that moment. The same call goes on from there; where nothing is missing
    it computes nothing. No number depends on how many processes there are, or on which of them ends first.

    Parameters
    ----------
    plan
        A `Plan`, or the TOML file of one; `keybounds.sweeps.plan` says what stands in it.
    store
        A `Store` that writes, or its SQLite file, made where there is none. Campaigns may share one: an overlap is
        computed once.
    executor
        How many processes of this machine; None: one for each core. Or any executor of `concurrent.futures`, such as
        ``client.get_executor()`` of dask.distributed. A script that starts processes needs its ``if __name__ ==
        "__main__":``.
    retry
        Compute again what failed before; what succeeded stays as it is.
    watcher
        Called with the `Progress` after each batch that was stored.

    Returns
    -------
    Sweep
        Numbers and failures by the points of the plan: `to_csv`, `to_table`, `to_frame`, `failures`.

    Raises
    ------
    DataFileError, UnknownNameError, InputError
        A plan that is none (with file, line and key), or a store that cannot be written, is of another version, or is
        written by another process.
    BoundNotEstablishedError
        The executor failed. What was finished is stored.

    Examples
    --------
    >>> import tempfile
    >>> from keybounds import sweep
    >>> from keybounds.sweeps import Plan
    >>> plan = Plan.of('''
    ...     subject = {kind = "link", qber = 0.0144}
    ...     axes.chsh = [2.3, 2.677]
    ...     compute = {rate = {}, ceiling = {}}
    ... ''')
    >>> found = sweep(plan, tempfile.mkdtemp() + "/links.sqlite", executor=1)
    >>> print(found.to_csv())
    chsh,rate,rate.status,ceiling,ceiling.status
    2.3,0.1...,enclosed,0.2...,enclosed
    2.677,0.583414497086542,enclosed,0.612600...,enclosed
    """
    if not (executor is None or isinstance(executor, int) or hasattr(executor, "submit")):
        raise InputError("executor", "a number of processes, or an executor with submit", type(executor).__name__)
    if isinstance(executor, int) and executor < 1:
        raise InputError("executor", "at least one process", str(executor))
    plan = plan if isinstance(plan, Plan) else Plan.read(plan)
    with ExitStack() as stack:
        kept = store if isinstance(store, Store) else stack.enter_context(Store(store, writes=True))
        progress = Progress(plan, 0)

        def watch(found: Found) -> None:
            progress.add(found)
            if watcher is not None:
                watcher(progress)

        again = retry
        while True:
            now = expanded(plan, kept)
            count = sum(1 for _ in missing(now.plan, kept, retry=again))
            progress.total += count
            if watcher is not None:
                watcher(progress)
            _compute(Work(missing(now.plan, kept, retry=again)), kept, watch, count, plan, executor)
            if now.stage is not Stage.COMPUTING and not (again and plan.refinement):
                return Sweep.of(plan, kept)
            again = False


def missing(plan: Plan, store: Store, *, retry: bool = False) -> Iterator[str]:
    """The cells of a plan that a store does not have, each once; with `retry` also those that failed."""
    address = address_of()
    known = store.addresses(failed=not retry)
    for cell in plan.cells():
        place = address(cell)
        if place not in known:
            known.add(place)
            yield cell


def cores() -> int:
    """The cores that this process may use, as a batch system may have it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _compute(work: Work, store: Store, watch: Watch, count: int, plan: Plan, executor: Executor | int | None) -> None:
    if not count:
        return
    if executor is not None and not isinstance(executor, int):
        on_executor(work, store, watch, executor, _LANES)
        return
    workers = cores() if executor is None else executor
    closed = all(column.quantity.closed for column in plan.columns)
    if closed and (workers == 1 or count <= _FEW):
        here(work, store, watch)
    else:
        on_processes(work, store, watch, min(workers, count))
