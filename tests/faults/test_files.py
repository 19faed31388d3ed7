"""What is written is whole or absent, whatever the disk, another process or the user does in between."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keybounds import files
from keybounds.files import write_atomically

Command = Callable[..., subprocess.CompletedProcess[str]]
OLD = "old\n"
LARGE = "x" * 400_000  # more than a pipe or a buffer holds


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(OLD)
    return path


def alone(target: Path) -> bool:
    """Whether nothing stands beside it."""
    return [path.name for path in target.parent.iterdir()] == [target.name]


def in_a_process(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_disk_that_fills_keeps_the_old_file(target: Path) -> None:
    """The limit of a file's size stands in for the disk: the write fails half way."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from keybounds.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"write_atomically(Path(sys.argv[1]), 'x' * {len(LARGE)})\n"
    )
    done = in_a_process(script, str(target))
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert target.read_text() == OLD
    assert alone(target)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_is_one_line_and_no_file(
    number: int, keybounds: Command, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = os.fdopen

    class Full:
        """A new file to which nothing can be written."""

        def __init__(self, handle: int, mode: str) -> None:
            self._stream = honest(handle, mode)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self._stream.close()

        write = flush = staticmethod(failing(number))

    monkeypatch.setattr(files.os, "fdopen", Full)
    done = keybounds("cite", "ho2020", "--out", str(target))
    assert done.returncode == 2
    assert done.stderr == f"keybounds: {target}: {os.strerror(number)}\n"
    assert target.read_text() == OLD
    assert alone(target)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_one_line(
    number: int, keybounds: Command, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if Path(path).parent == target.parent:
            raise OSError(number, os.strerror(number), str(path))
        return honest(path, *arguments, **options)

    monkeypatch.setattr(files.os, "open", refuse)
    done = keybounds("cite", "ho2020", "--out", str(target))
    assert done.returncode == 2
    assert done.stderr == f"keybounds: {target}: {os.strerror(number)}\n"
    assert target.read_text() == OLD


def test_stdout_on_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "keybounds", "cite", "ho2020"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"keybounds: file: {os.strerror(errno.ENOSPC)}"]


@pytest.mark.parametrize("after", ["nothing", "half", "all"])
def test_a_process_killed_before_the_new_file_takes_its_place_leaves_the_old_one(after: str, target: Path) -> None:
    """What is left beside it is hidden, has no suffix that anything reads, and does not stand in the way."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from keybounds import files\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        "honest = files.os.fdopen\n"
        "def half(handle, mode):\n"
        "    stream = honest(handle, mode)\n"
        "    if sys.argv[2] == 'half':\n"
        f"        stream.write(b'x' * {len(LARGE) // 2})\n"
        "        stream.flush()\n"
        "    die()\n"
        "if sys.argv[2] == 'all': files.os.replace = die\n"
        "else: files.os.fdopen = half\n"
        f"files.write_atomically(Path(sys.argv[1]), 'x' * {len(LARGE)})\n"
    )
    done = in_a_process(script, str(target), after)
    assert done.returncode == -signal.SIGKILL
    assert target.read_text() == OLD
    (left,) = (path for path in target.parent.iterdir() if path != target)
    assert left.name.startswith(".keybounds-")
    assert not left.suffix
    write_atomically(target, "new\n")
    assert target.read_text() == "new\n"


def test_two_processes_writing_one_file_leave_one_of_the_two(target: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from keybounds.files import write_atomically\n"
        "for _ in range(200): write_atomically(Path(sys.argv[1]), sys.argv[2] * 200_000)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(target), letter]) for letter in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add(target.read_text())
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {OLD, "a" * 200_000, "b" * 200_000}
    assert target.read_text() in seen | {"a" * 200_000, "b" * 200_000}
    assert alone(target)
