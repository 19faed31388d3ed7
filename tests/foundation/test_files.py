"""Files are whole or absent, never half-written; and nothing but a file is ever replaced."""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from keybounds import files
from keybounds.errors import InputError
from keybounds.files import check_target, write_atomically


def test_writes_and_replaces_without_leaving_anything_else(tmp_path: Path) -> None:
    target = tmp_path / "table with a space.csv"
    write_atomically(target, "first\n")
    write_atomically(target, b"second\n")
    assert target.read_bytes() == b"second\n"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_a_failure_midway_keeps_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "table.csv"
    write_atomically(target, "old\n")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, "new\n")
    assert target.read_text() == "old\n"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_new_file_has_the_mode_of_the_process_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    umask = os.umask(0o027)
    try:
        write_atomically(target, "new\n")
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        target.chmod(0o604)
        write_atomically(target, "again\n")
        assert stat.S_IMODE(target.stat().st_mode) == 0o604
    finally:
        os.umask(umask)


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    write_atomically(target, "kept\n")
    assert target.read_text() == "kept\n"


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link, second = tmp_path / "there" / "table.csv", tmp_path / "link", tmp_path / "second"
    target.write_text("old\n")
    target.chmod(0o600)
    link.symlink_to("there/table.csv")
    second.symlink_to(link)
    write_atomically(second, "new\n")
    assert second.is_symlink()
    assert link.is_symlink()
    assert not target.is_symlink()
    assert target.read_text() == "new\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_dangling_link_makes_its_target_where_the_folder_exists(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target.csv")
    write_atomically(link, "new\n")
    assert link.is_symlink()
    assert (tmp_path / "target.csv").read_text() == "new\n"
    lost = tmp_path / "lost"
    lost.symlink_to(tmp_path / "no such folder" / "target.csv")
    with pytest.raises(InputError, match="a file in a folder that exists"):
        write_atomically(lost, "new\n")
    assert lost.is_symlink()


def test_a_fifo_takes_the_bytes_and_stays_a_fifo(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    write_atomically(fifo, "x" * 200_000)  # more than a pipe holds
    reader.join(timeout=10)
    assert read == [b"x" * 200_000]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_device_takes_the_bytes_and_stays_a_device() -> None:
    """A terminal, which no failure of this test can replace; ``/dev/null`` is one of the same kind."""
    reader, writer = os.openpty()
    try:
        device = Path(os.ttyname(writer))
        write_atomically(device, "shown")
        assert os.read(reader, 5) == b"shown"
        assert stat.S_ISCHR(device.stat().st_mode)
    finally:
        os.close(reader)
        os.close(writer)


def test_folders_sockets_and_lost_paths_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = socket.socket(socket.AF_UNIX)
    try:
        monkeypatch.chdir(tmp_path)  # the name of a socket is short
        listener.bind("socket")
        loop = tmp_path / "loop"
        loop.symlink_to(loop)
        (tmp_path / "file").write_text("")
        for name, found in (
            (".", "which is a folder"),
            ("socket", "which is a socket"),
            ("loop", "loop"),
            ("file/table.csv", "file/table.csv"),
            ("no/table.csv", "no/table.csv"),
        ):
            for refuse in (lambda path: check_target(path, "--out"), lambda path: write_atomically(path, "new\n")):
                with pytest.raises(InputError, match="expected a file") as error:
                    refuse(tmp_path / name)
                assert found in error.value.found
                assert error.value.argument in ("--out", "path")
    finally:
        listener.close()
    assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every file")
def test_a_file_without_permission_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("kept\n")
    target.chmod(0o400)
    with pytest.raises(InputError, match="may be written"):
        write_atomically(target, "new\n")
    assert target.read_text() == "kept\n"


@pytest.mark.skipif(not os.path.exists("/proc/self/fd/1"), reason="descriptors have other names here")
@pytest.mark.parametrize("to_a_file", [True, False])
def test_an_open_descriptor_is_written_to_wherever_it_leads(to_a_file: bool, tmp_path: Path) -> None:
    """``--out /dev/stdout >> log`` must add to the log: to put a new file in its place would lose what it holds.

    ``/dev/stdout`` is such a link; this test has its own.
    """
    link = tmp_path / "stdout"
    link.symlink_to("/proc/self/fd/1")
    script = (
        "from pathlib import Path; from keybounds.files import write_atomically\n"
        f"print('printed'); write_atomically(Path({str(link)!r}), 'written\\n'); print('after')"
    )
    command = [sys.executable, "-c", script]
    if to_a_file:
        log = tmp_path / "log"
        log.write_text("before\n")
        with log.open("a") as stream:
            subprocess.run(command, check=True, stdout=stream)
        assert log.read_text() == "before\nprinted\nwritten\nafter\n"
    else:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert done.stdout == "printed\nwritten\nafter\n"
    assert link.is_symlink()
