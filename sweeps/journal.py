"""How a store keeps what it was doing: a write-ahead log where the file system can, else a rollback journal.

A write-ahead log needs memory shared by all who read, which a file system over a network does not give; it lets others
read while a campaign writes. Both survive a process that is killed at any moment.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from enum import Enum
from pathlib import Path

NETWORKS = ("9p", "afs", "beegfs", "ceph", "cifs", "fuse.sshfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs")
"""Types of file systems that several machines share, where a log may seem to work and still be read half."""

_MOUNTS = Path("/proc/self/mounts")


class Journal(Enum):
    """The two kinds, by their names in SQLite."""

    LOG = "wal"
    ROLLBACK = "delete"


def journal_for(folder: Path) -> tuple[Journal, str]:
    """The kind for a store in this folder, and the reason where it is not the log."""
    kind = _file_system(folder)
    if kind in NETWORKS:
        return Journal.ROLLBACK, f"{folder} is on a file system that machines share ({kind})"
    reason = _no_log(folder)
    if reason:
        return Journal.ROLLBACK, f"a write-ahead log does not work in {folder} ({reason})"
    return Journal.LOG, ""


def _no_log(folder: Path) -> str:
    """Why a log does not work in a scratch database of this folder; empty if it does."""
    try:
        with tempfile.TemporaryDirectory(prefix=".keybounds-", dir=folder) as scratch:
            path = Path(scratch, "probe.sqlite")
            with contextlib.closing(_connection(path)) as writer, contextlib.closing(_connection(path)) as reader:
                found = writer.execute("pragma journal_mode = wal").fetchone()[0]
                if found != Journal.LOG.value:
                    return f"SQLite offers {found}"
                writer.execute("create table probe (value)")
                writer.execute("insert into probe values (1)")
                writer.execute("begin immediate")
                writer.execute("insert into probe values (2)")
                seen = reader.execute("select count(*) from probe").fetchone()[0]
                writer.execute("commit")
                return "" if seen == 1 else "a reader sees what is not committed"
    except (sqlite3.Error, OSError) as error:
        return str(error)


def _connection(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0, isolation_level=None)


def _file_system(folder: Path) -> str:
    """The type of the file system of a folder, where the system tells; else empty."""
    try:
        mounts = [line.split() for line in _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    real = os.path.realpath(folder)
    points = [(len(point), kind) for _, point, kind, *_ in mounts if _holds(point, real)]
    return max(points)[1] if points else ""


def _holds(point: str, path: str) -> bool:
    return point == "/" or path == point or path.startswith(point + "/")
