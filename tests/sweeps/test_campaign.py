"""Campaigns: whatever ends them, however many compute, in whatever order they end, the numbers are the same bytes."""

from __future__ import annotations

import concurrent.futures
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from keybounds import sweep
from keybounds.errors import BoundNotEstablishedError, DataFileError, InputError
from keybounds.sweeps import Plan, Progress, Store, execution, workers
from keybounds.sweeps.campaign import missing
from keybounds.sweeps.cell import Outcome, evaluate

LINKS = """
title = "links"
subject.kind = "link"
[axes]
chsh = { from = 1.96, to = 2.8, count = %d }
qber = { from = 0, to = 0.12, count = 10 }
[compute]
rate = {}
ceiling = {}
"""
PLAN = Plan.of(LINKS % 12)  # 240 numbers, of which S below 2 gives none above 0
SOLVES = """
subject = { kind = "photonic", fidelity = 0.99 }
axes.efficiency = [0.95, 1]
compute = { rate = { level = "11", nodes = 2 }, chsh-ceiling = {} }
"""
"""Semidefinite programs of milliseconds."""


class Later(Executor):
    """An executor that computes at once and gives results back in an order of its own."""

    def __init__(self, seed: int = 0, fails_at: int | None = None) -> None:
        self._random = random.Random(seed)
        self._waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._calls = 0
        self._fails_at = fails_at

    def submit(self, fn: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._calls += 1
        if self._calls == self._fails_at:
            future.set_exception(BrokenExecutor("the workers are gone"))
            return future
        self._waiting.append((future, lambda: fn(*arguments)))
        if len(self._waiting) >= 6:
            self.settle(4)
        return future

    def settle(self, count: int) -> None:
        for _ in range(count):
            future, compute = self._waiting.pop(self._random.randrange(len(self._waiting)))
            future.set_result(compute())


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Callable[[Later], None]:
    """Let an executor settle what is left when the campaign waits for it."""

    def patch(later: Later) -> None:

        def settle_first(out: Any, **options: Any) -> Any:
            if not any(future.done() for future in out):
                later.settle(1)
            return concurrent.futures.wait(out, **options)

        monkeypatch.setattr(execution, "wait", settle_first)

    return patch


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The CSV of `PLAN`, uninterrupted, in one process."""
    return sweep(PLAN, tmp_path_factory.mktemp("whole") / "links.sqlite", executor=1).to_csv()


def test_the_numbers_are_those_of_the_routines(expected: str) -> None:
    from fractions import Fraction

    from keybounds.bounds import Link, two_way
    from keybounds.bounds.lower import chsh_rate
    from keybounds.bounds.upper import chsh_ceiling

    head, *lines = expected.splitlines()
    assert head == "chsh,qber,rate,rate.status,ceiling,ceiling.status"
    assert len(lines) == PLAN.count == 120
    for line in lines[::7]:
        chsh, qber, rate, _, ceiling, _ = line.split(",")
        link = Link(Fraction(chsh), Fraction(qber))
        assert float(rate) == chsh_rate(link).value
        assert float(ceiling) == chsh_ceiling(link, two_way((0, 2))).value


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_workers_end_changes_nothing(
    tmp_path: Path, expected: str, settled: Callable[[Later], None], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_MOST", 5)
    later = Later(seed)
    settled(later)
    store = tmp_path / "links.sqlite"
    assert sweep(PLAN, store, executor=later).to_csv() == expected
    with sqlite3.connect(store) as connection:
        order = [row[0] for row in connection.execute("select inputs from cell order by number")]
    assert order != list(PLAN.cells())  # it was another order


def test_a_repeat_costs_nothing_and_an_overlap_is_computed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: str
) -> None:
    computed: list[str] = []

    def counted(cell: str) -> Outcome:
        computed.append(cell)
        return evaluate(cell)

    monkeypatch.setattr("keybounds.sweeps.cell.evaluate", counted)
    store = tmp_path / "links.sqlite"
    part = Plan.of(LINKS.replace("count = 10", "count = 1") % 12)
    sweep(part, store, executor=1)
    assert len(computed) == 24
    assert sweep(PLAN, store, executor=1).to_csv() == expected
    assert len(computed) == len(set(computed)) == 240
    assert sweep(PLAN, store, executor=1).to_csv() == expected
    assert len(computed) == 240
    with Store(store) as kept:
        assert not list(missing(PLAN, kept))


def test_a_number_that_does_not_see_an_axis_is_computed_once(tmp_path: Path) -> None:
    plan = Plan.of(
        'subject.kind = "link"\naxes = {chsh = [2.6], qber = [0.01], noise = [0, 0.1, 0.2]}\n'
        "compute = {rate = {}, ceiling = {}}"
    )
    computed = []
    found = sweep(plan, tmp_path / "links.sqlite", executor=1, watcher=lambda progress: computed.append(progress.done))
    assert len(found.found) == computed[-1] == 4
    ceilings = {line.split(",")[5] for line in found.to_csv().splitlines()[1:]}
    assert len(ceilings) == 1


KILLED = """
import os, random, signal, sys, time
from keybounds import sweep
from keybounds.sweeps import Plan, execution
from keybounds.sweeps.cell import evaluate

plan, folder, moments = Plan.read(sys.argv[1]), sys.argv[2], int(sys.argv[3])
execution.SECONDS = 0.004  # as if the numbers were slower than they are
for cell in list(plan.cells())[:3]:
    evaluate(cell)  # what is loaded on first use
started = time.monotonic()
whole = sweep(plan, folder + "/whole.sqlite", executor=1).to_csv()
length = time.monotonic() - started
chance, kept = random.Random(14), set()
for moment in range(moments):
    child = os.fork()
    if child == 0:
        sweep(plan, folder + "/killed.sqlite", executor=1)
        os._exit(0)
    time.sleep(chance.random() * length / 3)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    from keybounds.sweeps import Store
    with Store(folder + "/killed.sqlite", writes=True) as store:
        kept.add(len(store.addresses()))
resumed = sweep(plan, folder + "/killed.sqlite", executor=1).to_csv()
print(len(kept), resumed == whole, len(whole))
"""


def test_killed_at_random_moments_and_resumed_it_is_the_same(tmp_path: Path) -> None:
    plan = tmp_path / "links.toml"
    plan.write_text(LINKS % 60)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(plan), str(tmp_path), "20"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    stages, same, length = done.stdout.split()
    assert same == "True"
    assert int(length) > 20_000
    assert int(stages) > 3  # it was killed on the way, and kept what was finished


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_campaign_of_solves_killed_with_its_workers(tmp_path: Path, workers: int) -> None:
    """The command itself, on processes: killed at 20 moments, every process that it started ends, and it is resumed."""
    plan = tmp_path / "photonic.toml"
    plan.write_text(SOLVES.replace("[0.95, 1]", "{from = 0.9, to = 1, count = 101}"))
    command = [
        sys.executable,
        "-m",
        "keybounds",
        "sweep",
        str(plan),
        "--workers",
        str(workers),
        "--log",
        "json",
        "--out",
    ]
    whole, killed = str(tmp_path / "whole.sqlite"), str(tmp_path / "killed.sqlite")
    export = ["--export", "csv"]
    started = time.monotonic()
    expected = subprocess.run([*command, whole, *export], capture_output=True, text=True, check=True).stdout
    length = time.monotonic() - started
    chance, stages = random.Random(workers), set()
    for _ in range(20):
        process = subprocess.Popen([*command, killed], start_new_session=True, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        process.stderr.readline()  # it has begun
        time.sleep(chance.random() * length / 3)
        process.kill()
        process.wait()
        process.stderr.close()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and alive(process.pid):
            time.sleep(0.1)
        assert not alive(process.pid)
        if Path(killed).exists():
            with Store(killed, writes=True) as store:
                stages.add(len(store.addresses()))
    assert subprocess.run([*command, killed, *export], capture_output=True, text=True, check=True).stdout == expected
    assert len(stages) > 3
    assert expected.count("certified") > 50
    assert "missing" not in expected


def alive(session: int) -> bool:
    """Whether a process of a session is left that runs."""
    for entry in Path("/proc").iterdir():
        try:
            state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(group) == session and state != "Z":
            return True
    return False


def test_processes_find_what_this_one_finds(tmp_path: Path, expected: str) -> None:
    """Two processes against one, with solves: rounding and threads are the same, and one is killed on the way."""
    plan = Plan.of(SOLVES)
    alone = sweep(plan, tmp_path / "one.sqlite", executor=1)
    assert [entry.status for _, row in alone.rows() for entry in row] == ["certified", "enclosed"] * 2
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        import multiprocessing

        children = multiprocessing.active_children()
        if children and not killed:
            killed.append(children[0].pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    both = sweep(plan, tmp_path / "two.sqlite", executor=2, watcher=kill_one)
    assert both.to_csv() == alone.to_csv()
    assert killed


def test_a_cell_that_ends_its_process_is_a_failure_and_the_rest_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guilty = list(PLAN.cells())[17]

    class Pool(Executor):
        """Computes at once; whoever computes the guilty cell breaks it, as a process does that runs out of memory."""

        broken = False

        def submit(self, fn: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.broken = self.broken or guilty in arguments[0]
            if self.broken:
                future.set_exception(BrokenExecutor())
            else:
                future.set_result(fn(*arguments))
            return future

        def __enter__(self) -> Pool:
            return self

    monkeypatch.setattr(execution, "pool", lambda count: Pool())
    monkeypatch.setattr("keybounds.sweeps.campaign._FEW", 0)
    store = tmp_path / "links.sqlite"
    found = sweep(PLAN, store, executor=2)
    (failure,) = found.failures
    assert (failure.column, failure.reason) == (
        "ceiling",
        "the process that computed it ended (killed, or out of memory)",
    )
    assert sum(counts.done for counts in found.counts().values()) == 239
    monkeypatch.undo()
    assert sweep(PLAN, store, executor=1).failures == (failure,)  # not computed again by itself
    again = sweep(PLAN, store, executor=1, retry=True)
    assert again.failures == ()


def test_an_executor_that_fails_is_an_error_and_what_was_finished_is_kept(
    tmp_path: Path, settled: Callable[[Later], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_MOST", 5)
    later = Later(fails_at=12)
    settled(later)
    with pytest.raises(BoundNotEstablishedError, match="the executor lost its workers while they computed"):
        sweep(PLAN, tmp_path / "links.sqlite", executor=later)
    with Store(tmp_path / "links.sqlite") as store:
        assert 10 <= len(store.addresses()) < 240


def test_a_reason_is_kept_where_there_is_no_number(tmp_path: Path) -> None:
    plan = Plan.of('subject = {kind = "link", qber = 0.01}\naxes.chsh = [2.7, 2.9]\ncompute.rate = {}\n')
    found = sweep(plan, tmp_path / "links.sqlite", executor=1)
    (failure,) = found.failures
    assert str(failure).startswith("rate at chsh = 2.9: chsh: expected a CHSH value in [-2√2, 2√2]")
    assert found.to_csv().splitlines()[2].startswith('2.9,,"failed: chsh: expected')


def test_what_a_routine_raises_by_mistake_costs_one_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keybounds.bounds import lower

    def faulty(*_: Any) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(lower, "chsh_rate", faulty, raising=False)
    found = sweep(PLAN, tmp_path / "links.sqlite", executor=1)
    assert {failure.reason for failure in found.failures} == {"ZeroDivisionError: a fault of ours"}
    assert found.counts()["ceiling"].done == 120


def test_an_interrupt_keeps_what_was_finished(
    tmp_path: Path, settled: Callable[[Later], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Later()
    settled(later)
    stored = []

    def interrupt(progress: Progress) -> None:
        if progress.done:
            stored.append(progress.done)
            later.settle(3)  # these are done, and nobody has looked yet
            raise KeyboardInterrupt

    store = tmp_path / "links.sqlite"
    monkeypatch.setattr(execution, "_MOST", 5)
    with pytest.raises(KeyboardInterrupt):
        sweep(PLAN, store, executor=later, watcher=lambda p: interrupt(p) if len(stored) < 1 else None)
    with Store(store) as kept:
        assert len(kept.addresses()) >= stored[0] + 3


def test_code_that_differs_is_refused_by_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    from keybounds.sweeps.fingerprint import fingerprint

    mine = fingerprint()
    assert len(workers.compute(list(PLAN.cells())[:1], 1.0, mine)) == 1
    other = mine.replace("keybounds 0", "keybounds 9")
    with pytest.raises(InputError, match=r"worker: expected the code and the libraries of .*; found keybounds 0"):
        workers.compute(list(PLAN.cells())[:1], 1.0, other)


def test_threads_of_an_executor_do_as_well(tmp_path: Path, expected: str) -> None:
    with ThreadPoolExecutor(3) as executor:
        assert sweep(PLAN, tmp_path / "links.sqlite", executor=executor).to_csv() == expected


def test_bad_arguments(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="executor: expected at least one process; found 0"):
        sweep(PLAN, tmp_path / "links.sqlite", executor=0)
    with pytest.raises(InputError, match="executor: expected a number of processes, or an executor"):
        sweep(PLAN, tmp_path / "links.sqlite", executor="tcp://here")  # type: ignore[arg-type]
    with pytest.raises(DataFileError, match=r"nothing\.toml: expected a readable file"):
        sweep(tmp_path / "nothing.toml", tmp_path / "links.sqlite")
    assert not (tmp_path / "links.sqlite").exists()


def test_results_are_tables_and_frames(tmp_path: Path) -> None:
    plan = Plan.of(
        textwrap.dedent("""
            subject = {kind = "link", chsh = 2.64, qber = 0.018}
            settings.gamma = 0.05078125
            axes.rounds = [1e3, 1.5e6]
            [compute]
            rate = {}
            key = {}
        """).replace("rate = {}\n", "")
    )
    found = sweep(plan, tmp_path / "runs.sqlite", executor=1)
    table, columns = found.to_table(), found.to_columns()
    assert [column.key for column in table.columns] == ["rounds", "key", "key.status"]
    assert f"1500000  {columns['key'][1]:.0f}" in table.render("text")
    assert table.render("csv") != found.to_csv()  # numbers of axes as doubles there
    assert columns["rounds"] == [1000.0, 1_500_000.0]
    assert columns["key"][0] == 0.0
    assert columns["key"][1] > 300_000
    assert columns["key.status"] == ["no key", "enclosed"]
    assert "2 numbers, 0 failed, 0 missing" in repr(found)
