"""A scheduler of dask.distributed: the bytes of one machine, whoever of worker, scheduler and client is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType

import pytest

from keybounds import sweep
from keybounds.errors import InputError
from keybounds.sweeps import Plan, Store
from keybounds.sweeps.cluster import scheduler

PLAN = """
subject.kind = "link"
axes = { chsh = { from = 2.1, to = 2.8, count = 60 }, qber = { from = 0, to = 0.1, count = 50 } }
compute.rate = {}
"""


def test_without_dask_it_is_said(
    keybounds: Callable[..., CompletedProcess[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "links.toml").write_text(PLAN)
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = keybounds("sweep", "links.toml", "--out", "links.sqlite", "--scheduler", "tcp://127.0.0.1:1", cwd=tmp_path)
    assert done.returncode == 2
    assert "--scheduler: expected dask.distributed, as by: pip install distributed; found none installed" in done.stderr


def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = ModuleType("distributed")

    def client(address: str, **options: object) -> None:
        raise OSError(f"Timed out trying to connect to {address} after {options['timeout']} s")

    distributed.Client = client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "distributed", distributed)
    message = r"--scheduler: expected a scheduler that answers within 10 s; found tcp://127.*1:1: OSError: Timed out"
    with pytest.raises(InputError, match=message), scheduler("tcp://127.0.0.1:1"):
        pass


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        self.workers = [self.worker() for _ in range(2)]

    def worker(self) -> subprocess.Popen[bytes]:
        """One more worker, which ends where the scheduler does not come back."""
        options = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--death-timeout", "60")
        return self._start("worker", self.address, *options)

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=self.environment, stdout=quiet, stderr=quiet)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    made = Cluster()
    yield made
    made.stop()


def client(plan: Path, store: Path, address: str) -> subprocess.Popen[str]:
    """The command in a process of its own, once it has stored something."""
    command = [sys.executable, "-m", "keybounds", "sweep", str(plan), "--out", str(store), "--scheduler", address]
    process = subprocess.Popen([*command, "--log", "json"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(2)]
    assert lines[1].startswith('{"done":'), [*lines, process.stderr.read()]
    return process


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_worker_scheduler_and_client_killed_in_turn(cluster: Cluster, tmp_path: Path) -> None:
    plan = tmp_path / "links.toml"
    plan.write_text(PLAN)
    expected = sweep(Plan.of(PLAN), tmp_path / "here.sqlite", executor=1).to_csv()
    store = tmp_path / "there.sqlite"

    killed = client(plan, store, cluster.address)
    killed.kill()
    killed.communicate()
    with Store(store, writes=True) as kept:
        first = len(kept.addresses())
    assert 0 < first < 3000

    lost = client(plan, store, cluster.address)
    cluster.scheduler.send_signal(signal.SIGKILL)
    _, complained = lost.communicate(timeout=120)
    assert lost.returncode == 1
    assert "keybounds: the executor failed" in complained
    with Store(store, writes=True) as kept:
        assert first < len(kept.addresses()) < 3000
    cluster.stop()

    again = Cluster()
    try:
        survivor = client(plan, store, again.address)
        again.workers[0].send_signal(signal.SIGKILL)
        again.workers.append(again.worker())
        _, complained = survivor.communicate(timeout=120)
        assert survivor.returncode == 0, complained
    finally:
        again.stop()
    assert sweep(Plan.of(PLAN), store, executor=1).to_csv() == expected
