"""Work in several processes that end with this one: none goes on alone, none is heard where the user interrupts."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from keybounds.errors import KeyboundsError

_Result = TypeVar("_Result")

_GRACE = 5.0  # seconds that a process has to leave its files whole, once it is told to end


def results(tasks: Sequence[Callable[[], _Result]], workers: int = 1) -> Generator[tuple[int, _Result], None, None]:
    """What each task returns, after its place among the tasks; whatever ends first comes first.

    The first tasks are begun first. Close the iterator (`contextlib.closing`), so that no process outlives its use.

    Parameters
    ----------
    tasks
        Functions of nothing. For more than one worker they and their results are pickled, and the main module must be
        one that can be imported.
    workers
        Processes; one is this process itself.

    Raises
    ------
    KeyboundsError
        A process was ended from outside.
    """
    if min(workers, len(tasks)) <= 1:
        for place, task in enumerate(tasks):
            yield place, task()
        return
    context = get_context("spawn")
    resource_tracker.ensure_running()  # whoever starts it lets Ctrl-C through afterwards: not the first process, then
    waiting = iter(enumerate(tasks))
    working: dict[Connection, int] = {}
    processes = {}

    def hand_out(connection: Connection) -> None:
        place, task = next(waiting, (-1, None))
        connection.send(task)
        if task is not None:
            working[connection] = place

    try:
        for _ in range(min(workers, len(tasks))):
            ours, theirs = context.Pipe()
            process = processes[ours] = context.Process(target=_serve, args=(theirs,), daemon=True)
            with _interrupts_held():
                process.start()
            theirs.close()  # now it is open in that process alone, and closed if that ends
            hand_out(ours)
        while working:
            for connection in wait(list(working)):
                assert isinstance(connection, Connection)
                place = working.pop(connection)
                try:
                    done, result = connection.recv()
                except EOFError:
                    processes[connection].join()
                    status = processes[connection].exitcode
                    raise KeyboundsError(f"a worker process ended with status {status} before its work") from None
                if not done:
                    raise result
                hand_out(connection)
                yield place, result
    finally:
        for process in processes.values():
            if process.is_alive():
                process.terminate()
        for process in processes.values():
            process.join(_GRACE)
            if process.is_alive():
                process.kill()


def _serve(connection: Connection) -> None:
    """A worker process: task after task, until there is none or who asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # by way of every `finally`
    try:
        while (task := connection.recv()) is not None:
            try:
                answer: tuple[bool, Any] = (True, task())
            except Exception as error:  # whatever it is, it is raised again where the work was asked for
                if not isinstance(error, KeyboundsError):
                    error.add_note("".join(traceback.format_exception(error)))
                answer = (False, error)
            connection.send(answer)
    except (EOFError, ConnectionError):
        return
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # no file is open: told to end while ending, it says nothing


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal; a process started here never sees it, this one does afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
