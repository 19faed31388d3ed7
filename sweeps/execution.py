"""From cells to outcomes in the store: any executor of `concurrent.futures`, and nothing depends on who ends first.

What is asked of an executor is ``submit`` alone, which a process pool has, and dask.distributed
(``client.get_executor()``). Cells are handed out in batches that take a tenth of a second: a worker returns what it has
done by then, the rest goes out again. Results are written here and nowhere else.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from keybounds.errors import BoundNotEstablishedError, KeyboundsError
from keybounds.sweeps.cell import Outcome, evaluate_some
from keybounds.sweeps.fingerprint import fingerprint
from keybounds.sweeps.store import Store
from keybounds.sweeps.workers import compute, pool

SECONDS = 0.1
"""The longest that finished numbers wait to be stored, if they are quick ones."""

_MOST = 512  # cells of a batch
_MEMORY = 0.2  # weight of the last batch in the mean time of a cell
_KILLED = "the process that computed it ended (killed, or out of memory)"

Found = Sequence[tuple[str, Outcome]]
Watch = Callable[[Found], None]
"""Called with what was just stored."""


class Work:
    """Cells that are still to be computed."""

    def __init__(self, cells: Iterable[str]) -> None:
        self._fresh = iter(cells)
        self._back: deque[str] = deque()

    def take(self, count: int) -> list[str]:
        """The next cells, at most this many; none where none is left."""
        again = [self._back.popleft() for _ in range(min(count, len(self._back)))]
        return again + list(itertools.islice(self._fresh, count - len(again)))

    def give_back(self, cells: Iterable[str]) -> None:
        """Cells that were taken and not computed."""
        self._back.extendleft(reversed(list(cells)))


def here(work: Work, store: Store, watch: Watch) -> None:
    """Compute cells in this process: for closed forms alone, which no library's threads can change."""
    while batch := work.take(_MOST):
        found = list(zip(batch, evaluate_some(batch, SECONDS), strict=False))
        work.give_back(batch[len(found) :])
        store.put(found)
        watch(found)


def on_processes(work: Work, store: Store, watch: Watch, workers: int) -> None:
    """Compute cells on processes of this machine. Where one dies, all are replaced.

    What was being computed when one died is computed cell by cell then; a cell that ends its process even alone is
    recorded as failed.
    """
    while True:
        with pool(workers) as executor:
            suspects = Handing(store, watch, executor, workers).run(work)
        if not suspects:
            return
        rest = Work(suspects)
        while True:
            with pool(1) as executor:
                guilty = Handing(store, watch, executor, lanes=1, ahead=1, most=1).run(rest)
            if not guilty:
                break
            found = [(cell, Outcome.failed(_KILLED)) for cell in guilty]
            store.put(found)
            watch(found)


def on_executor(work: Work, store: Store, watch: Watch, executor: Executor, lanes: int) -> None:
    """Compute cells on an executor of the caller's, which has this many lanes.

    Raises
    ------
    BoundNotEstablishedError
        The executor failed. What was finished is stored.
    """
    lost = Handing(store, watch, executor, lanes).run(work)
    if lost:
        raise BoundNotEstablishedError(f"the executor lost its workers while they computed {len(lost)} numbers")


class Handing:
    """Batches handed to an executor, of sizes that follow what a cell takes: at most `most` cells, `ahead` a lane."""

    def __init__(
        self, store: Store, watch: Watch, executor: Executor, lanes: int, *, ahead: int = 2, most: int = _MOST
    ) -> None:
        self._store = store
        self._watch = watch
        self._executor = executor
        self._places = ahead * lanes  # one that a lane computes, and one that is there when it has
        self._most = most
        self._code = fingerprint()
        self._out: dict[Future[list[Outcome]], list[str]] = {}
        self._mean = SECONDS

    def run(self, work: Work) -> list[str]:
        """Compute all of the work; the cells that were out when the executor broke, with which it ends, or none.

        What is finished is stored whatever ends it.
        """
        try:
            while self._hand_out(work):
                done, _ = wait(self._out, return_when=FIRST_COMPLETED)
                self._collect(done, work)
        except BrokenExecutor:
            self._keep_finished(work)
            return [cell for batch in self._out.values() for cell in batch]
        except BaseException:
            self._keep_finished(work)
            raise
        return []

    def _hand_out(self, work: Work) -> bool:
        """Keep every lane busy; whether anything is out."""
        size = max(1, min(self._most, int(SECONDS / self._mean)))
        while len(self._out) < self._places and (batch := work.take(size)):
            try:
                self._out[self._executor.submit(compute, batch, SECONDS, self._code)] = batch
            except BaseException:
                work.give_back(batch)
                raise
        return bool(self._out)

    def _collect(self, done: Iterable[Future[list[Outcome]]], work: Work) -> None:
        for future in done:
            found = self._results(future)
            taken = sum(outcome.seconds for _, outcome in found) / len(found)
            self._mean += _MEMORY * (max(taken, 1e-6) - self._mean)
            self._keep(future, found, work)

    def _results(self, future: Future[list[Outcome]]) -> Found:
        try:
            outcomes = future.result()
        except (BrokenExecutor, KeyboundsError):
            raise
        except Exception as error:  # nothing that computes raises: it is the executor that failed
            raise BoundNotEstablishedError(f"the executor failed: {type(error).__name__}: {error}") from error
        return list(zip(self._out[future], outcomes, strict=False))

    def _keep(self, future: Future[list[Outcome]], found: Found, work: Work) -> None:
        work.give_back(self._out.pop(future)[len(found) :])
        self._store.put(found)
        self._watch(found)

    def _keep_finished(self, work: Work) -> None:
        """Store what came back while something else went wrong."""
        for future in [one for one in self._out if one.done() and not one.cancelled() and one.exception() is None]:
            self._keep(future, self._results(future), work)
