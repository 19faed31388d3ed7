"""The store: what is in it stays, whatever happens, and nobody gets one number for another."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from keybounds.bounds import Bound, Link
from keybounds.bounds.lower import chsh_rate
from keybounds.errors import DataFileError
from keybounds.sweeps import Plan, Store, fingerprint, journal
from keybounds.sweeps.cell import Outcome, address_of, evaluate, read, written
from keybounds.sweeps.journal import Journal, journal_for

ROOT = Path(__file__).resolve().parents[2]
PLAN = Plan.of(
    'subject = {kind = "link", qber = 0.0144}\naxes.chsh = [1.9, 2.677]\ncompute = {rate = {}, ceiling = {}}\n'
)
CELLS = list(PLAN.cells())
LOW, CEILING, RATE, TOP = CELLS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "numbers.sqlite"


def fill(path: Path, cells: list[str] = CELLS) -> None:
    with Store(path, writes=True) as store:
        store.put([(cell, evaluate(cell)) for cell in cells])


def held(path: Path) -> list[tuple[object, ...]]:
    with Store(path) as store:
        return sorted(store.results())


def test_what_is_put_is_there(path: Path) -> None:
    fill(path)
    with Store(path) as store:
        found = dict(store.results())
        address = address_of()
        assert found[address(RATE)] == ({"": 0.583414497086542}, "enclosed", "")
        (document,) = store.documents(address(RATE))
        assert document["value"] == 0.583414497086542
        assert Bound.from_dict(document) == chsh_rate(Link(Fraction("2.677"), Fraction("0.0144")))
        assert store.addresses() == set(map(address, CELLS))


def test_a_number_that_is_there_is_not_touched_and_a_failure_gives_way(path: Path) -> None:
    failed = Outcome.failed("a reason")
    with Store(path, writes=True) as store:
        address = address_of()(RATE)
        store.put([(RATE, failed)])
        assert store.addresses() == {address}
        assert store.addresses(failed=False) == set()
        store.put([(RATE, evaluate(RATE))])
        before = dict(store.results())
        store.put([(RATE, failed)])
        assert dict(store.results()) == before != {}
        assert store.addresses(failed=False) == {address}


def test_all_of_a_batch_or_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(path, writes=True) as store:
        outcome = evaluate(RATE)
        broken = Outcome(outcome.numbers, None, "", b"", 0.0)  # type: ignore[arg-type]
        with pytest.raises(DataFileError, match=r"NOT NULL constraint failed: cell\.status"):
            store.put([(RATE, outcome), (CEILING, broken)])
        assert store.addresses() == set()
        store.put([(RATE, outcome)])
        assert store.addresses() == {address_of()(RATE)}


def test_one_process_writes_and_others_read(path: Path) -> None:
    fill(path, [RATE])
    other = (
        "import sys\n"
        "from keybounds.sweeps import Store\n"
        "from keybounds.errors import DataFileError\n"
        "try: Store(sys.argv[1], writes=True)\n"
        "except DataFileError as error: print(error)\n"
        "with Store(sys.argv[1]) as store: print(len(store.addresses()))\n"
    )
    with Store(path, writes=True) as store:
        store.put([(CEILING, evaluate(CEILING))])
        done = subprocess.run([sys.executable, "-c", other, str(path)], capture_output=True, text=True, check=True)
        refused, count = done.stdout.splitlines()
        assert "numbers.sqlite to be free for one process that writes; found another process writes it" in refused
        assert count == "2"
    with Store(path, writes=True) as store:  # free again
        assert len(store.addresses()) == 2


def test_a_claim_is_free_when_its_process_is_killed(path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from keybounds.sweeps import Store\n"
        "store = Store(sys.argv[1], writes=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert killed.returncode == -9
    fill(path, [RATE])
    assert len(held(path)) == 1


def test_a_disk_that_is_full(path: Path) -> None:
    """As SQLite reports it, with a limit on its pages in the place of the disk's."""
    fill(path, [RATE])
    before = held(path)
    with Store(path, writes=True) as store:
        pages = store._connection.execute("pragma page_count").fetchone()[0]
        store._connection.execute(f"pragma max_page_count = {pages}")
        large = Outcome('{"": 1.0}', "enclosed", "", os.urandom(200_000), 0.0)
        with pytest.raises(DataFileError, match=r"numbers\.sqlite.*found database or disk is full"):
            store.put([(CEILING, large)])
    assert held(path) == before
    fill(path)
    assert len(held(path)) == len(CELLS)


def spoiled_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version = 2")


def spoiled_owner(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("create table other (value)")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(spoiled_version, "to be a store of format 1; found format 2", id="another version"),
        pytest.param(spoiled_owner, "to be a store of keybounds; found another database", id="another database"),
        pytest.param(lambda path: path.write_text("x" * 5000), "file is not a database", id="no database"),
        pytest.param(lambda path: path.unlink() or path.mkdir(), "unable to open database file", id="a folder"),
    ],
)
@pytest.mark.parametrize("writes", [False, True])
def test_what_is_no_store_is_refused_and_left_alone(
    path: Path, spoil: Callable[[Path], object], message: str, writes: bool
) -> None:
    fill(path, [RATE])
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    expected = message if writes or path.is_file() else "to be a store; found no such file"
    with pytest.raises(DataFileError, match=expected):
        Store(path, writes=writes)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_reader_makes_nothing(path: Path) -> None:
    with pytest.raises(DataFileError, match="to be a store; found no such file"):
        Store(path)
    assert not list(path.parent.iterdir())
    with pytest.raises(DataFileError, match="a file in a folder that exists"):
        Store(path.parent / "nowhere" / "numbers.sqlite", writes=True)


def test_damage_is_noticed(path: Path) -> None:
    fill(path, [RATE, CEILING])
    address = address_of()
    with sqlite3.connect(path) as connection:
        connection.execute("update cell set inputs = ? where address = ?", (CEILING + " ", address(RATE)))
        connection.execute("update cell set documents = x'00' where address = ?", (address(CEILING),))
    with Store(path) as store:
        with pytest.raises(DataFileError, match=f"other inputs at {address(RATE).hex()}"):
            store.documents(address(RATE))
        with pytest.raises(DataFileError, match="to hold what was put there; found Error -5"):
            store.documents(address(CEILING))


def test_where_a_log_does_not_work_a_rollback_journal_does(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> str:
        return "locking protocol"

    monkeypatch.setattr(journal, "_no_log", refuse)
    with Store(path, writes=True) as store:
        assert store.message == f"a write-ahead log does not work in {path.parent} (locking protocol)"
        assert store._connection.execute("pragma journal_mode").fetchone()[0] == Journal.ROLLBACK.value
        store.put([(RATE, evaluate(RATE))])
    assert len(held(path)) == 1
    monkeypatch.undo()
    with Store(path, writes=True) as store:
        assert store.message == ""
        assert store._connection.execute("pragma journal_mode").fetchone()[0] == Journal.LOG.value
        assert len(store.addresses()) == 1


def test_a_file_system_that_machines_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/home {tmp_path.parent} nfs4 rw 0 0\nram {tmp_path} tmpfs rw 0 0\n")
    monkeypatch.setattr(journal, "_MOUNTS", mounts)
    assert journal_for(tmp_path) == (Journal.LOG, "")
    found, reason = journal_for(tmp_path.parent)
    assert (found, "shared" in reason or "machines share (nfs4)" in reason) == (Journal.ROLLBACK, True)


def test_the_address_changes_with_everything_that_determines_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = dict(fingerprint.ingredients())
    known = {address_of(fingerprint.described(parts))(RATE)}
    assert {"keybounds", "sources", "python", "machine", "numpy", "scipy", "qics", "clarabel", "numba"} <= parts.keys()
    for name in parts:
        known.add(address_of(fingerprint.described({**parts, name: parts[name] + "1"}))(RATE))
    assert len(known) == 1 + len(parts)
    subject, quantity, settings = read(RATE)
    assert written(subject.name, quantity.name, settings) == RATE
    code = fingerprint.described(parts)
    for name, text in settings.items():
        known.add(address_of(code)(written("link", "rate", {**settings, name: text + "1"})))
        known.add(address_of(code)(written("link", "rate", {k: v for k, v in settings.items() if k != name})))
    known |= {address_of(code)(written("link", other, settings)) for other in ("ceiling", "key")}
    assert len(known) == 1 + len(parts) + 2 * len(settings) + 2


def test_the_digest_of_the_sources_sees_each_of_them(tmp_path: Path) -> None:
    """Code and data of every floor that numbers are made of, by content and by name, through links too."""
    package, rooms = tmp_path / "package", tmp_path / "rooms"
    package.mkdir()
    files = [package / "errors.py"]
    for floor in fingerprint.FLOORS:
        (rooms / floor / "inner").mkdir(parents=True)
        (package / floor).symlink_to(rooms / floor)
        files += [rooms / floor / "inner" / name for name in ("one.py", "two.toml")]
    for file in files:
        file.write_text("1")
    known = {fingerprint.source_digest(package)}
    for file in files:
        file.write_text("2")
        known.add(fingerprint.source_digest(package))
        file.rename(file.with_name("other" + file.suffix))
        known.add(fingerprint.source_digest(package))
    assert len(known) == 1 + 2 * len(files)
    (package / "notes.txt").write_text("no number is made of this")
    assert fingerprint.source_digest(package) in known


def test_the_digest_sees_every_floor_that_numbers_are_made_of() -> None:
    """A floor that it did not see could change a number unseen."""
    imports = re.compile(r"^ *(?:from|import) keybounds\.(\w+)", re.MULTILINE)
    floors, rest = set(), {"sweeps"}
    while rest:
        floor = rest.pop()
        floors.add(floor)
        found = {name for file in (ROOT / floor).rglob("*.py") for name in imports.findall(file.read_text())}
        rest |= {name for name in found - floors if (ROOT / name).is_dir()}
    assert floors == set(fingerprint.FLOORS)
