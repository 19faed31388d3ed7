"""A process that holds the package and all tests, imported and collected once, and forks for each mutant.

Most changes are inside a function that nothing has called by then: its code is replaced in the fork, which then stands
where a new process would stand after half a second of imports. Any other change (at import, in a class, in a function
that importing or collecting called) it declines, for what was made of the old code is there already.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import json
import os
import select
import signal
import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
import running
from forks import Job, wall

Where = tuple[str, str, int]  # file, qualified name and first line of a function
Answer = dict[str, Any]


@dataclass(slots=True)
class Asked:
    """A question put to the holder; its answer is that of a `Job`, which may have ended as "declined"."""

    holder: Holder

    def finished(self) -> Answer | None:
        """None while it runs."""
        return self.holder.heard()

    def end(self) -> None:
        self.holder.end()


class Holder:
    """The process, as it is seen from the campaign."""

    def __init__(self, hold: Callable[[socket.socket], None], scratch: Path) -> None:
        self._said = scratch / "holder.txt"
        self._ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setpgid(0, 0)
                self._ours.close()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                hold(theirs)
            finally:
                os._exit(1)
        theirs.close()
        self._reader = self._ours.makefile("r")
        self._line()  # it has imported everything: before, nothing may be changed

    def ask(self, **question: Any) -> Asked:
        self._ours.sendall((json.dumps(question) + "\n").encode())
        return Asked(self)

    def heard(self) -> Answer | None:
        if not select.select([self._ours], [], [], 0)[0]:
            return None
        return self._line()

    def _line(self) -> Answer:
        line = self._reader.readline()
        if not line:
            raise RuntimeError(f"the process that holds the tests has died: {self._said.read_text()[-4000:]}")
        answer: Answer = json.loads(line)
        return answer

    def end(self) -> None:
        """End it and the fork that runs."""
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
        os.waitpid(self.pid, 0)


def hold(
    tree: Path, scratch: Path, package: str, records: Mapping[str, Any], memory: int, channel: socket.socket
) -> None:
    """Import, collect, and answer until nobody asks any more."""
    with (scratch / "holder.txt").open("wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    ran: set[Where] = set()
    root = str(tree) + os.sep

    def seen(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(root):
            ran.add(where(frame.f_code))

    running.enter(tree, package, bytecode=True, numba_cache=None)
    sys.setprofile(seen)
    stored = running.Stored({})
    arguments = [*running.ARGUMENTS, "--capture=no", f"--basetemp={scratch / 'tmp'}", *records]
    pytest.main(arguments, plugins=[stored, _Loop(channel, tree, scratch, records, memory, stored, ran)])


class _Loop:
    """In place of pytest's loop over the tests."""

    def __init__(
        self,
        channel: socket.socket,
        tree: Path,
        scratch: Path,
        records: Mapping[str, Any],
        memory: int,
        stored: running.Stored,
        ran: set[Where],
    ) -> None:
        self.channel, self.tree, self.scratch, self.memory = channel, tree, scratch, memory
        self.values = {name: value for record in records.values() for name, value in record["stored"].items()}
        self.stored, self.ran = stored, ran
        self.watch = running.Watch(scratch / "begun.txt")
        self.functions: defaultdict[Where, list[FunctionType]] = defaultdict(list)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.watch.pytest_runtest_logstart(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.watch.pytest_runtest_logreport(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.setprofile(None)
        items = {item.nodeid: item for item in session.items}
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(str(self.tree)):
                self.functions[where(thing.__code__)].append(thing)
        gc.collect()
        gc.freeze()
        self._say({})
        for line in self.channel.makefile("r"):
            self._say(self._answer(session, items, json.loads(line)))
        os._exit(0)

    def _say(self, answer: Answer) -> None:
        self.channel.sendall((json.dumps(answer) + "\n").encode())

    def _answer(self, session: pytest.Session, items: Mapping[str, pytest.Item], question: Mapping[str, Any]) -> Any:
        replaced = self._replaced(question["module"], question["source"].encode(), question["mutant"].encode())
        chosen = [items[test] for test in question["tests"] if test in items]  # a record may be of an older file
        if replaced is None or not chosen:
            return {"answer": None, "ended": "declined"}

        def work() -> Any:
            sys.dont_write_bytecode = True
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
            for function, code in replaced:
                function.__code__ = code
            self.stored.values = {name: self.values[name] for name in question["stored"]}
            for item, after in zip(chosen, [*chosen[1:], None], strict=True):
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if self.watch.failure is not None:
                    return {**self.watch.failure, "ran": self.watch.ran}
            return {"test": None, "ran": self.watch.ran}

        cpu = question["cpu"]
        job = Job(work, self.scratch, cpu=cpu, wall=wall(cpu), memory=self.memory)
        while True:
            done = job.finished()
            if done is not None:
                return done
            if select.select([self.channel], [], [], 0.01)[0]:  # nothing is asked meanwhile: the campaign has ended
                job.end()
                os._exit(0)

    def _replaced(self, module: str, source: bytes, mutant: bytes) -> list[tuple[FunctionType, CodeType]] | None:
        """The functions that are others in the mutant, with their code there; None where that is not all."""
        loaded = {
            os.path.realpath(file): file
            for one in list(sys.modules.values())
            if (file := getattr(one, "__file__", None)) and file.startswith(str(self.tree))
        }
        file = loaded.get(str(self.tree / module))
        if file is None:
            return []  # who imports it finds the mutant
        old, new = (compile(text, file, "exec", dont_inherit=True) for text in (source, mutant))
        pairs = changed(old, new)
        if pairs is None:
            return None
        replaced = []
        for before, after in pairs:
            functions = self.functions.get(where(before), [])
            if where(before) in self.ran or not functions or len(before.co_freevars) != len(after.co_freevars):
                return None
            replaced += [(function, after) for function in functions]
        return replaced


def where(code: CodeType) -> Where:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def changed(old: CodeType, new: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """The outermost functions that differ, in pairs; None where what is around them does."""
    if _bare(old, nested=False) != _bare(new, nested=False):
        return None
    found = []
    for before, after in zip(_nested(old), _nested(new), strict=True):
        if before.co_flags & inspect.CO_OPTIMIZED:
            if _bare(before) != _bare(after):
                found.append((before, after))
        else:  # a class
            inner = changed(before, after)
            if inner is None:
                return None
            found += inner
    return found


def _nested(code: CodeType) -> Sequence[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _bare(code: CodeType, *, nested: bool = True) -> CodeType:
    """Without the numbers of lines, and on request without what is inside of other functions."""
    inside = (lambda inner: _bare(inner)) if nested else (lambda inner: None)
    constants = tuple(inside(constant) if isinstance(constant, CodeType) else constant for constant in code.co_consts)
    return code.replace(co_firstlineno=1, co_linetable=b"", co_consts=constants)
