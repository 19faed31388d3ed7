"""Verification of a file within limits of time and memory.

Each document is gone through in a process of its own, a copy of this one, which the system ends when it has computed
for `SECONDS` or asks for more than `MEGABYTES`: the verdict is then "not checked". Where a system has no `fork`, only
the estimates of `effort` bound the work; where it does not count address space (macOS), only time is limited.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import warnings
from dataclasses import asdict
from io import BufferedReader
from pathlib import Path

from .effort import MEGABYTES, SECONDS
from .reading import MOST_CHARACTERS
from .verification import Verification, not_checked, unreadable, verify_text


def verify_file(name: str) -> Verification:
    """Verify the certificate in a file, within the limits where the system can hold them."""
    try:
        text = read_text(name)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        return unreadable(str((isinstance(error, OSError) and error.strerror) or error))
    return guarded(text) if hasattr(os, "fork") else verify_text(text)


def read_text(name: str) -> str:
    """The text of a regular file, no more of it than `verify_text` takes; a FIFO is not waited for."""
    with open(name, "rb", opener=_open) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("not a regular file")
        content = file.read(4 * MOST_CHARACTERS + 1)
    if len(content) > 4 * MOST_CHARACTERS:
        raise ValueError(f"more than {MOST_CHARACTERS} characters")
    return content.decode()


def _open(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def guarded(text: str) -> Verification:
    """The verdict on a text, from a process of its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    receiver, sender = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that wait: the copy uses what is here only
        child = os.fork()
    if child == 0:
        os.close(receiver)
        _answer(text, sender)
    os.close(sender)
    with os.fdopen(receiver, "rb") as answer:
        return _received(answer, child)


def _answer(text: str, sender: int) -> None:
    """Send the verdict and end this process, whatever happens."""
    status = 1
    try:
        for stream in (1, 2):  # where libraries say that they run out of memory
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        limit()
        verdict = verify_text(text)
        with os.fdopen(sender, "wb") as answer:
            answer.write(json.dumps(asdict(verdict)).encode())
        status = 0
    finally:
        os._exit(status)


def limit() -> None:
    """Limit what this process may still use, and leave no file behind when it is ended."""
    import resource

    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, _address_space() + MEGABYTES * 2**20),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, hard))


def _address_space() -> int:
    """Bytes that this process has reserved; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _received(answer: BufferedReader, child: int) -> Verification:
    """What a process sent; if nothing, what ended it."""
    sent = answer.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        return Verification(**json.loads(sent))
    if status == -signal.SIGXCPU:
        return not_checked(f"more than {SECONDS} seconds of computing time")
    return not_checked(f"its process ended ({status}), as it does beyond {MEGABYTES} megabytes of memory")
