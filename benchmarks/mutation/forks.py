"""A process for each piece of work: forked from one that holds the libraries, but no part of the package.

What the work imports of the package it imports anew. It has limits of CPU time (which other load on the machine does
not shorten), of wall time and of memory, and its process group ends with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any


def wall(cpu: float) -> float:
    """Seconds of the clock for so many of the CPU: of a core that others want too."""
    return 120 + 20 * cpu


class Job:
    """Work in a fork: its answer is a JSON file, absent if it was ended before it gave one."""

    def __init__(self, work: Callable[[], Any], folder: Path, *, cpu: float, wall: float, memory: int) -> None:
        self.folder, self._wall, self.began = folder, wall, time.monotonic()
        self._answer = folder / "answer.json"
        self._answer.unlink(missing_ok=True)
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._child(work, cpu, memory)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(self.pid, self.pid)  # here too, whoever comes first

    def _child(self, work: Callable[[], Any], cpu: float, memory: int) -> None:
        status = 1
        try:
            os.setpgid(0, 0)
            with open(self.folder / "output.txt", "wb") as output:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
            with open(os.devnull, "rb") as nothing:
                os.dup2(nothing.fileno(), 0)
            used = sum(os.times()[:2])
            resource.setrlimit(resource.RLIMIT_CPU, (int(used + cpu) + 1, int(used + cpu) + 6))
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            answer = json.dumps(work())
            written = self._answer.with_suffix(".part")
            written.write_text(answer)
            written.rename(self._answer)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def end(self) -> None:
        """End it and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def finished(self) -> dict[str, Any] | None:
        """None while it runs; then ``answer`` (or None), ``ended`` (how), ``cpu`` and ``wall`` seconds."""
        pid, status, used = os.wait4(self.pid, os.WNOHANG)
        late = time.monotonic() - self.began > self._wall
        if pid == 0 and not late:
            return None
        if pid == 0:
            os.killpg(self.pid, signal.SIGKILL)
            _, status, used = os.wait4(self.pid, 0)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # what it started and left
        code = os.waitstatus_to_exitcode(status)
        deadline = (late and pid == 0) or code in (-signal.SIGXCPU, -signal.SIGKILL)
        answer = json.loads(self._answer.read_text()) if self._answer.exists() else None
        return {
            "answer": answer,
            "ended": "deadline" if deadline else f"signal {-code}" if code < 0 else f"exit {code}",
            "cpu": used.ru_utime + used.ru_stime,
            "wall": time.monotonic() - self.began,
        }
