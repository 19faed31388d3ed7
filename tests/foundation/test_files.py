"""Files are whole or absent, never half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybounds import files
from keybounds.files import write_atomically


def test_writes_and_replaces_without_leaving_anything_else(tmp_path: Path) -> None:
    target = tmp_path / "table with a space.csv"
    write_atomically(target, "first\n")
    write_atomically(target, b"second\n")
    assert target.read_bytes() == b"second\n"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert target.stat().st_mode & 0o400


def test_a_failure_midway_keeps_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "table.csv"
    write_atomically(target, "old\n")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, "new\n")
    assert target.read_text() == "old\n"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
