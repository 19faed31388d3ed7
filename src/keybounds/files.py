"""Writing files so that a reader never finds half of one, and nothing but a file is ever replaced."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from pathlib import Path

from keybounds.errors import InputError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write `content` to `path` as a whole: to a new file beside it that takes its place in one step.

    A symbolic link stays, and what it points to is written. An existing file keeps its mode. What is no file is never
    replaced: a FIFO, a character device such as ``/dev/null``, or an open descriptor such as ``/dev/stdout`` takes the
    bytes as they come. The new file is removed if anything fails; `path` then holds what it held before.

    Raises
    ------
    InputError
        As `check_target`.
    """
    data = content.encode() if isinstance(content, str) else content
    check_target(path)
    descriptor = _descriptor(path)
    if descriptor is not None:
        sys.stdout.flush()  # what was printed before comes before
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.write(data)
    elif is_stream(path):
        with path.open("wb", buffering=0) as stream:
            stream.write(data)
    else:
        _replace(Path(os.path.realpath(path)), data)


def check_target(path: Path, argument: str = "path") -> None:
    """Refuse, before anything is computed, what `write_atomically` will not write to.

    Raises
    ------
    InputError
        A folder, a socket or a block device; a file without permission to write; a file, or the target of a link, in a
        folder that does not exist. The error is about `argument`.
    """
    if _descriptor(path) is not None:
        return
    try:
        mode = _mode(path)
    except OSError as error:  # a loop of links, a file on the way to it
        raise InputError(argument, "a file that can be written", f"{path}: {error.strerror}") from None
    target = Path(os.path.realpath(path))
    if mode is None and not target.parent.is_dir():
        raise InputError(argument, "a file in a folder that exists", str(path))
    if mode is not None and not (stat.S_ISREG(mode) or is_stream(path)):
        raise InputError(argument, "a file", f"{path}, which is {_KINDS.get(stat.S_IFMT(mode), 'no file')}")
    if mode is not None and not os.access(target if stat.S_ISREG(mode) else path, os.W_OK):
        raise InputError(argument, "a file that may be written", str(path))


def is_stream(path: Path) -> bool:
    """Whether what is written to `path` goes into what stands there: a FIFO, a character device, a descriptor."""
    if _descriptor(path) is not None:
        return True
    mode = _mode(path)
    return mode is not None and (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode))


_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a block device"}


def _mode(path: Path) -> int | None:
    """Kind and permissions of what stands at `path`, links followed; None where nothing does."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _descriptor(path: Path) -> int | None:
    """The open descriptor that `path` stands for: 1 of ``/dev/stdout``, whatever that is redirected to."""
    descriptors = os.path.realpath("/dev/fd")
    current = os.path.abspath(path)
    for _ in range(40):  # links, as many as a kernel follows
        folder, name = os.path.split(current)
        if os.path.realpath(folder) == descriptors and name.isdecimal():
            return int(name)
        if not os.path.islink(current):
            return None
        current = os.path.abspath(os.path.join(folder, os.readlink(current)))
    return None


def _replace(target: Path, data: bytes) -> None:
    """Put a new file in the place of `target`; what goes wrong is said of `target`, for nobody knows the new one."""
    name = target.with_name(f".keybounds-{secrets.token_hex(8)}")
    try:
        mode = _mode(target)
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            if mode is not None:
                name.chmod(stat.S_IMODE(mode))
            os.replace(name, target)
        except BaseException:
            name.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error
