"""What holds for every test: nothing reaches a network, and what is costly is computed once for all processes."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

LOOPBACK = "127.0.0.1"
REACHES_OUT = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: a test whose code asks for a connection fails, whatever library it asks by.

    Sockets of the file system stay, and those of this host: they lead nowhere else.
    """
    if event not in REACHES_OUT or (event == "socket.connect" and isinstance(arguments[1], (str, bytes))):
        return
    address = arguments[1] if event == "socket.connect" else arguments[0]
    if address == LOOPBACK or (isinstance(address, tuple) and address[0] == LOOPBACK):
        return
    raise PermissionError(f"no test may reach a network: {event} {arguments[1:]}")


sys.addaudithook(_refuse_the_network)


class Shared:
    """Results that every process of the session reads from one folder, each computed by whoever needs it first.

    Who comes second waits for the first; the lock of a process that died is free.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Any] = {}
        self._making: set[str] = set()

    def __call__(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` returned in the first process that asked for `name`; it must be the same wherever it is made."""
        if name not in self._known:
            assert name not in self._making, f"{name} is made of itself"  # and would wait for itself for ever
            self._making.add(name)
            try:
                self._known[name] = self._kept(name, make)
            finally:
                self._making.remove(name)
        return self._known[name]

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        kept = self._folder / f"{name}.pickle"
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                part = kept.with_suffix(".part")
                part.write_bytes(pickle.dumps(make()))
                part.replace(kept)
        return pickle.loads(kept.read_bytes())


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """See `Shared`; results must be frozen, for all tests of a process get the same object."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    return Shared(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with shared results first: they then stand in one process's half, and none waits for another's."""
    items.sort(key=lambda item: "shared" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def compared(shared: Shared) -> Callable[[str], Any]:
    """`keybounds.compare`, whose answers are frozen; those of the experiments take half a minute each."""
    from keybounds.reports.catalogue import compare  # now: tests put this fixture in its place

    return lambda subject: shared(f"compare {subject}", lambda: compare(subject))


@pytest.fixture(scope="session")
def compared_photonic(shared: Shared) -> Any:
    """The comparison of the photonic experiment as far as a third of its time goes; all of it is for slow tests.

    One model at each fibre, and on it of the further relaxations the weak one and a stronger one.
    """

    def make() -> Any:
        from keybounds.experiments import load
        from keybounds.reports import photonic

        white = ("white-noise",)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(photonic, "RELAXATIONS", {name: photonic.RELAXATIONS[name][:2] for name in white})
            patch.setattr(
                photonic, "load", lambda name: replace(load(name), models={k: load(name).models[k] for k in white})
            )
            return photonic.compare_photonic()

    return shared("compare photonic, white noise", make)


@pytest.fixture(scope="session")
def finite_size(shared: Shared) -> Any:
    """The table of finite runs, and the keys of its rows."""
    from keybounds.reports.finite_table import finite_size_keys, finite_size_table

    return shared("finite-size", lambda: (finite_size_table(), finite_size_keys()))


@pytest.fixture
def keybounds(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CompletedProcess[str]]:
    """The command line as it ends in a process of its own, without what such a process costs: a second of imports."""

    def command(*arguments: str, cwd: Path | None = None) -> CompletedProcess[str]:
        from keybounds.__main__ import main

        printed, complained = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch, contextlib.ExitStack() as stack:
            patch.setattr(sys, "argv", ["keybounds", *arguments])
            patch.setenv("COLUMNS", "120")
            if cwd is not None:
                patch.chdir(cwd)
            stack.enter_context(contextlib.redirect_stdout(printed))
            stack.enter_context(contextlib.redirect_stderr(complained))
            ended = stack.enter_context(pytest.raises(SystemExit))
            main()
        return CompletedProcess(arguments, int(ended.value.code or 0), printed.getvalue(), complained.getvalue())

    return command
