"""Work in several processes: every result once, errors as they were, and no process that outlives its use."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from keybounds import processes
from keybounds.bounds import Direction
from keybounds.errors import InconsistencyError, InputError, KeyboundsError
from keybounds.files import check_target
from keybounds.processes import results


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_every_result_comes_once_with_its_place(workers: int) -> None:
    tasks = [partial(pow, 3, k) for k in range(5)]
    with closing(results(tasks, workers)) as done:
        found = list(done)
    assert sorted(found) == [(k, 3**k) for k in range(5)]
    assert not multiprocessing.active_children()


def test_it_is_other_processes_that_work() -> None:
    found = {pid for _, pid in results([os.getpid] * 4, 2)}
    assert len(found) <= 2
    assert os.getpid() not in found
    assert [pid for _, pid in results([os.getpid], 2)] == [os.getpid()]  # for one task none is started


def test_an_error_is_raised_where_the_work_was_asked_for(tmp_path: Path) -> None:
    """One of ours as it was, any other with the place where it arose; and the other process does not go on."""
    waits = partial(time.sleep, 600.0)
    with pytest.raises(InputError, match="expected a file; found") as refused:
        list(results([waits, partial(check_target, tmp_path, "--out")], 2))
    assert refused.value.argument == "--out"
    with pytest.raises(ValueError, match="invalid literal") as failed:
        list(results([waits, partial(int, "x")], 2))
    assert "processes.py" in "".join(failed.value.__notes__)
    assert not multiprocessing.active_children()


def test_a_process_that_is_lost_is_an_error_and_not_waited_for() -> None:
    with pytest.raises(KeyboundsError, match="ended with status 7 before its work"):
        list(results([partial(time.sleep, 600.0), partial(os._exit, 7)], 2))
    assert not multiprocessing.active_children()


def test_what_ends_first_comes_first_and_who_stops_asking_stops_the_work() -> None:
    with closing(results([partial(time.sleep, 600.0), partial(pow, 2, 2)], 2)) as done:
        assert next(done) == (1, 4)
    assert not multiprocessing.active_children()


def test_a_contradiction_survives_the_way_back() -> None:
    """An error whose arguments are not its message comes back whole."""
    error = pickle.loads(pickle.dumps(InconsistencyError("1 > 0", Direction.LOWER, Direction.UPPER)))
    assert (str(error), error.lower, error.upper) == ("1 > 0", Direction.LOWER, Direction.UPPER)


def test_a_worker_that_is_told_to_end_while_it_ends_says_nothing() -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ours, theirs = multiprocessing.Pipe()
    ours.send(None)
    try:
        processes._serve(theirs)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
