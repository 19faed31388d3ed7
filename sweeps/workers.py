"""Processes that compute: one thread of any library each, and none that outlives the one that gave it work.

This module imports nothing that computes: what it sets must be set before that is loaded.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keybounds.sweeps.cell import Outcome

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")
"""What libraries read when they are loaded."""


def begin() -> None:
    """Make this process a worker: see the module."""
    for name in THREADS:
        os.environ[name] = "1"
    with suppress(ValueError):  # not the main thread, as in other people's workers
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who gave us work stops us
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def compute(cells: Sequence[str], seconds: float, code: str) -> list[Outcome]:
    """Compute some cells within some seconds, at least one, with a library's one thread.

    Raises
    ------
    InputError
        This process runs other code than the one that asks, `code`: its numbers would have other addresses.
    """
    from threadpoolctl import threadpool_limits

    from keybounds.errors import InputError
    from keybounds.sweeps.cell import evaluate_some
    from keybounds.sweeps.fingerprint import difference

    if (other := difference(code)) is not None:
        raise InputError("worker", "the code and the libraries of the client", other)
    with threadpool_limits(1):  # of what was loaded before `begin`, as by a script that the workers read again
        return evaluate_some(cells, seconds)


def measure(cells: Sequence[str]) -> tuple[list[float], int | None]:
    """What each cell takes in seconds, and the most memory that this process took, if the system tells."""
    from threadpoolctl import threadpool_limits

    from keybounds.sweeps.cell import evaluate

    with threadpool_limits(1):
        return [evaluate(cell).seconds for cell in cells], peak_memory()


def peak_memory() -> int | None:
    """The most memory that this process has taken so far, in bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


@contextmanager
def pool(workers: int) -> Iterator[Executor]:
    """Worker processes; on the way out, whatever way that is, none is left, and what they had begun is dropped."""
    before = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=begin)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """End this process when its parent has ended, however that ended: a killed one closes nothing."""
    parent.join()
    os._exit(1)
