"""The store of campaigns: one SQLite file of numbers by their addresses, whatever plan asked for them.

An address is the digest of everything that determines a number, so that nothing is ever updated but a failure by what a
second attempt finds: a repeat or an overlapping campaign reads what is there. One process writes; others may read.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from keybounds.errors import DataFileError
from keybounds.sweeps.cell import Outcome, address_of
from keybounds.sweeps.fingerprint import fingerprint
from keybounds.sweeps.journal import Journal, journal_for

FORMAT = 1
APPLICATION = 0x6B625377
"""What SQLite keeps in the head of the file, so that a store is known for one: "kbSw"."""

_TABLES = """
create table code (number integer primary key, fingerprint text not null unique);
create table cell (
    number integer primary key,
    address blob not null unique,
    code integer not null references code,
    inputs text not null,
    numbers text not null,
    status text not null,
    reason text not null,
    seconds real not null,
    documents blob not null
);
create index failed on cell (address) where reason <> '';
"""
_COLUMNS = "address, code, inputs, numbers, status, reason, seconds, documents"


class Store:
    """Numbers by address, in a file.

    Use as a context manager.

    Parameters
    ----------
    path
        The file; made where there is none and `writes`.
    writes
        Whether this process computes: then it holds the store, and no other can. A reader needs no such claim.

    Attributes
    ----------
    message
        Why the store is kept in another way than usual; empty where it is not.

    Raises
    ------
    DataFileError
        No store, one of another version of this package, one that another process writes, or a file that cannot be
        read or written. What the store holds stays as it is.
    """

    def __init__(self, path: str | Path, *, writes: bool = False) -> None:
        self.path = Path(path)
        self.message = ""
        self._code: int | None = None
        if not writes and not self.path.is_file():
            raise DataFileError("store", f"{self.path} to be a store", "no such file")
        if writes and not self.path.parent.is_dir():
            raise DataFileError("store", "a file in a folder that exists", str(self.path))
        self._claim = _claimed(self.path) if writes else None
        try:
            self._connection = self._opened(writes)
        except BaseException:
            self._let_go()
            raise

    def addresses(self, *, failed: bool = True) -> set[bytes]:
        """The addresses of what is stored, with or without failures."""
        every = "select address from cell"
        with self._named():
            found = {row[0] for row in self._connection.execute(every)}
            if not failed:
                found -= {row[0] for row in self._connection.execute(f"{every} where reason <> ''")}
        return found

    def put(self, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Keep outcomes of cells, all of them on the disk or none; a failure gives way to what is found later.

        Raises
        ------
        DataFileError
            The disk is full, or the file cannot be written: what was stored before is intact.
        """
        address = address_of()
        statement = (
            f"insert into cell ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (address) do update set "
            "numbers = excluded.numbers, status = excluded.status, reason = excluded.reason, "
            "seconds = excluded.seconds, documents = excluded.documents where cell.reason <> ''"
        )
        with self._transaction():
            code = self._code_number()
            self._connection.executemany(
                statement,
                (
                    (address(inputs), code, inputs, one.numbers, one.status, one.reason, one.seconds, one.documents)
                    for inputs, one in outcomes
                ),
            )

    def results(self) -> Iterator[tuple[bytes, tuple[dict[str, float | int], str, str]]]:
        """The address of everything that is stored, and its numbers, status and reason."""
        with self._named():
            for address, numbers, status, reason in self._connection.execute(
                "select address, numbers, status, reason from cell"
            ):
                yield address, (json.loads(numbers) if numbers else {}, status, reason)

    def seconds(self) -> dict[bytes, float]:
        """How long each number took."""
        with self._named():
            return dict(self._connection.execute("select address, seconds from cell"))

    def documents(self, address: bytes) -> list[dict[str, Any]]:
        """The bounds at an address as plain data, as ``to_dict`` wrote them; none where it failed or is not stored.

        Raises
        ------
        DataFileError
            What is stored is damaged: it is not what has this address.
        """
        query = "select inputs, fingerprint, documents from cell join code on code = code.number where address = ?"
        with self._named():
            row = self._connection.execute(query, (address,)).fetchone()
        if row is None or not row[2]:
            return []
        if address_of(row[1])(row[0]) != address:
            raise DataFileError("store", f"{self.path} to hold what was put there", f"other inputs at {address.hex()}")
        try:
            found: list[dict[str, Any]] = json.loads(zlib.decompress(row[2]))
        except (zlib.error, ValueError) as error:
            raise DataFileError("store", f"{self.path} to hold what was put there", str(error)) from None
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._let_go()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    def _opened(self, writes: bool) -> sqlite3.Connection:
        where = self.path if writes else f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            connection = sqlite3.connect(where, timeout=5, isolation_level=None, uri=not writes)
        except sqlite3.Error as error:
            raise DataFileError("store", f"{self.path} to be opened", str(error)) from None
        try:
            with self._named():
                if writes and not connection.execute("select count(*) from sqlite_schema").fetchone()[0]:
                    self._create(connection)
                self._check(connection)
                if writes:
                    self._set_journal(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.executescript(
            f"begin immediate; pragma application_id = {APPLICATION}; pragma user_version = {FORMAT}; {_TABLES} commit;"
        )

    def _check(self, connection: sqlite3.Connection) -> None:
        application = connection.execute("pragma application_id").fetchone()[0]
        if application != APPLICATION:
            raise DataFileError("store", f"{self.path} to be a store of keybounds", "another database")
        version = connection.execute("pragma user_version").fetchone()[0]
        if version != FORMAT:
            raise DataFileError("store", f"{self.path} to be a store of format {FORMAT}", f"format {version}")

    def _set_journal(self, connection: sqlite3.Connection) -> None:
        journal, self.message = journal_for(self.path.parent)
        found = connection.execute(f"pragma journal_mode = {journal.value}").fetchone()[0]
        if found != journal.value:
            self.message = f"{self.path} is kept with the journal {found!r}: {self.message or 'SQLite offers no other'}"
        # the log is safe against a killed process as it is; the other journal only if it is on the disk first
        connection.execute(f"pragma synchronous = {'normal' if journal is Journal.LOG else 'full'}")

    def _code_number(self) -> int:
        """The number of the code that runs, in the table of codes."""
        if self._code is None:
            text = fingerprint()
            self._connection.execute("insert or ignore into code (fingerprint) values (?)", (text,))
            row = self._connection.execute("select number from code where fingerprint = ?", (text,)).fetchone()
            self._code = int(row[0])
        return self._code

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of what is done within, or nothing of it."""
        known = self._code
        with self._named():
            self._connection.execute("begin immediate")
            try:
                yield
                self._connection.execute("commit")
            except BaseException:
                self._code = known
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """What SQLite complains of, said of this store."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise DataFileError("store", f"{self.path} to be a store that is read and written", str(error)) from None

    def _let_go(self) -> None:
        if self._claim is not None:
            self._claim.close()
            self._claim = None


def _claimed(path: Path) -> sqlite3.Connection:
    """The claim of the one process that writes, held until it is closed or the process ends, however it does.

    SQLite's own lock on an empty file beside the store: the store itself stays free for readers.
    """
    beside = path.with_name(path.name + ".lock")
    try:
        connection = sqlite3.connect(beside, timeout=0, isolation_level=None)
        try:
            connection.execute("pragma journal_mode = memory")  # nothing is ever written, so that nothing is left over
            connection.execute("begin exclusive")
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            found = "another process writes it (to look at it, --status; to end that process keeps all it finished)"
            raise DataFileError("store", f"{path} to be free for one process that writes", found) from None
        raise DataFileError("store", f"{beside} to be a file that can be written", str(error)) from None
    return connection
