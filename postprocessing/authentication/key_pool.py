"""The secret bits that two parties share, and the accounts of what was used.

A pool is one SQLite file that its owner alone may read and one process may hold. Bits leave it once: the account moves
forward, what is taken is overwritten and both are on the disk before the bits are handed out. So whatever is
interrupted, a bit is lost at worst and never used twice. Two pools that a crash has left apart meet again at the larger
offset. Seeds are used again; how often is counted, and the hash's error is charged for each use.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from keybounds.errors import DataFileError, InputError
from keybounds.postprocessing.bits import Bits, bit_string

_FORMAT = 1
_TABLES = """
create table account (format integer, bits blob, length integer, taken integer);
create table seed (name text primary key, bits blob, length integer, uses integer, error text);
create table key (run text primary key, bits blob, length integer, state text, receipt blob);
"""


class KeyPool:
    """The secrets of one party, held by this process until it is closed.

    Use as a context manager. Bits are taken from the front, in the same order on both sides.

    Raises
    ------
    DataFileError
        `path` is no pool, is readable by others, or is held by another process.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "alice.pool"
    >>> KeyPool.create(path, np.ones(256, dtype=np.uint8), seeds={"hash": np.zeros(1280, dtype=np.uint8)})
    >>> with KeyPool(path) as pool:
    ...     bits = pool.take(64)
    ...     print(len(bits), pool.taken, pool.remaining)
    64 64 192
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._check()
        self._connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            for setting in ("locking_mode = exclusive", "synchronous = extra", "secure_delete = on"):
                self._connection.execute(f"pragma {setting}").fetchall()
            self._connection.execute("begin exclusive")  # the lock stays
            found = self._connection.execute("select format from account").fetchone()
            self._connection.execute("commit")
        except sqlite3.DatabaseError as error:
            self._connection.close()
            if "locked" in str(error):
                raise DataFileError("pool", f"{self.path} to be held by one process", "another holds it") from None
            raise DataFileError("pool", f"{self.path} to be a key pool", str(error)) from None
        if found != (_FORMAT,):
            self._connection.close()
            raise DataFileError("pool", f"{self.path} to be a key pool of format {_FORMAT}", f"{found}")

    @classmethod
    def create(cls, path: Path, bits: ArrayLike, *, seeds: Mapping[str, ArrayLike] | None = None) -> None:
        """Write a new pool of one-time bits and of named seeds that are used again.

        Raises
        ------
        InputError
            Something stands at `path`, or no bit strings.
        """
        path = Path(path)
        once = bit_string("bits", bits)
        again = {name: bit_string(f"seeds[{name!r}]", seed) for name, seed in (seeds or {}).items()}
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            raise InputError("pool", "a new file", f"{path} exists") from None
        try:
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.executescript("pragma synchronous = extra; begin;" + _TABLES)
                connection.execute(
                    "insert into account values (?, ?, ?, 0)", (_FORMAT, np.packbits(once).tobytes(), len(once))
                )
                connection.executemany(
                    "insert into seed values (?, ?, ?, 0, '0')",
                    [(name, np.packbits(seed).tobytes(), len(seed)) for name, seed in again.items()],
                )
                connection.execute("commit")
        except BaseException:
            path.unlink(missing_ok=True)  # no pool of half its secrets
            raise

    @property
    def taken(self) -> int:
        """The offset: how many one-time bits were taken or given up."""
        return int(self._one("select taken from account"))

    @property
    def remaining(self) -> int:
        """One-time bits that are left."""
        return int(self._one("select length - taken from account"))

    def take(self, count: int) -> Bits:
        """Return the next `count` one-time bits, which are on record as taken before they are returned.

        Raises
        ------
        InputError
            Fewer are left; says how many are missing, and takes none.
        """
        if count < 0:
            raise InputError("count", "at least 0 bits", str(count))
        with self._transaction():
            taken = self.taken
            missing = count - self.remaining
            if missing > 0:
                raise InputError("pool", f"{count} unused bits in {self.path}", f"{count - missing}: {missing} missing")
            return self._overwritten(taken, taken + count)

    def give_up_to(self, offset: int) -> None:
        """Give up the bits before `offset`, which the other party may have used. Never moves back.

        Raises
        ------
        InputError
            Beyond the end of the pool.
        """
        with self._transaction():
            taken, remaining = self.taken, self.remaining
            if offset > taken + remaining:
                raise InputError("offset", f"at most {taken + remaining}, the bits of {self.path}", str(offset))
            if offset > taken:
                self._overwritten(taken, offset)

    def seed(self, name: str, error: Fraction = Fraction(0)) -> Bits:
        """Return a seed, one more use of which, at this error, is on record.

        Raises
        ------
        InputError
            No such seed, or it was given away.
        """
        with self._transaction():
            row = self._connection.execute("select bits, length, error from seed where name = ?", (name,)).fetchone()
            if row is None or not row[1]:
                raise InputError("seed", f"a seed of {self.path}", f"{name!r}, given away" if row else repr(name))
            self._connection.execute(
                "update seed set uses = uses + 1, error = ? where name = ?", (str(Fraction(row[2]) + error), name)
            )
        return _unpacked(row[0], row[1])

    def seed_length(self, name: str) -> int:
        """Bits of a seed, 0 of one that is not here or was given away."""
        row = self._connection.execute("select length from seed where name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])

    def give_away(self, name: str) -> Bits:
        """Return a seed to be shown to others, and forget it: what others know serves no further run.

        Raises
        ------
        InputError
            No such seed, or it was given away.
        """
        with self._transaction():
            row = self._connection.execute("select bits, length from seed where name = ?", (name,)).fetchone()
            if row is None or not row[1]:
                raise InputError("seed", f"a seed of {self.path}", f"{name!r}, given away" if row else repr(name))
            self._connection.execute(
                "update seed set bits = zeroblob(length(bits)), length = 0 where name = ?", (name,)
            )
        return _unpacked(row[0], row[1])

    def uses(self, name: str) -> tuple[int, Fraction]:
        """How often a seed was used, and the sum of the errors of its uses."""
        row = self._connection.execute("select uses, error from seed where name = ?", (name,)).fetchone()
        if row is None:
            raise InputError("seed", f"a seed of {self.path}", repr(name))
        return int(row[0]), Fraction(row[1])

    def quarantine(self, run: str, key: Bits, receipt: bytes) -> None:
        """Keep the key of a run that is not confirmed, and the frame that confirms it; it cannot be read till then.

        Raises
        ------
        InputError
            The run has a key here already.
        """
        try:
            with self._transaction():
                self._connection.execute(
                    "insert into key values (?, ?, ?, 'quarantined', ?)",
                    (run, np.packbits(key).tobytes(), len(key), receipt),
                )
        except sqlite3.IntegrityError:
            raise InputError("run", f"a run that has no key in {self.path}", repr(run)) from None

    def activate(self, run: str) -> None:
        """Release the key of a run that is confirmed."""
        self._settle(run, "update key set state = 'active' where run = ? and state = 'quarantined'")

    def confirm(self, run: str, claimed: bytes) -> bool:
        """Release the key of a run if `claimed` is what confirms it, else destroy it: there is one attempt."""
        row = self._connection.execute("select receipt from key where run = ?", (run,)).fetchone()
        right = row is not None and hmac.compare_digest(bytes(row[0]), claimed)
        (self.activate if right else self.burn)(run)
        return right

    def receipt(self, run: str) -> bytes:
        """Return the frame that tells the other party that this one's key is active.

        Raises
        ------
        InputError
            No such run, or its key is not active.
        """
        row = self._connection.execute("select receipt from key where run = ? and state = 'active'", (run,)).fetchone()
        if row is None:
            raise InputError("run", f"a run with an active key in {self.path}", repr(run))
        return bytes(row[0])

    def burn(self, run: str) -> None:
        """Destroy the key of a run that was never confirmed."""
        self._settle(
            run,
            "update key set state = 'burned', bits = zeroblob(length(bits)) where run = ? and state = 'quarantined'",
        )

    def key(self, run: str) -> Bits:
        """Return the active key of a run.

        Raises
        ------
        InputError
            No such run, or its key is not active.
        """
        row = self._connection.execute("select bits, length, state from key where run = ?", (run,)).fetchone()
        if row is None or row[2] != "active":
            raise InputError("run", f"a run with an active key in {self.path}", row[2] if row else repr(run))
        return _unpacked(row[0], row[1])

    def keys(self) -> dict[str, str]:
        """The state of the key of each run: quarantined, active or burned."""
        return dict(self._connection.execute("select run, state from key order by rowid").fetchall())

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> KeyPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"KeyPool({str(self.path)!r})"  # and no secret

    def _check(self) -> None:
        try:
            mode = self.path.lstat().st_mode
        except FileNotFoundError:
            raise DataFileError("pool", f"{self.path} to be a key pool", "no such file") from None
        if not stat.S_ISREG(mode):
            raise DataFileError("pool", f"{self.path} to be a key pool", "no regular file")
        if mode & 0o077:
            raise DataFileError(
                "pool", f"{self.path} to be readable by its owner alone (chmod 600)", f"{mode & 0o777:o}"
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of what is done within, on the disk, or nothing of it."""
        self._connection.execute("begin exclusive")
        try:
            yield
            self._connection.execute("commit")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            if isinstance(error, sqlite3.OperationalError):  # a full disk, a file that was taken away
                raise DataFileError("pool", f"{self.path} to be written", str(error)) from None
            raise

    def _overwritten(self, start: int, stop: int) -> Bits:
        """The bits from `start` to `stop`, whose account is moved behind them and whose whole bytes are zeros now."""
        with self._connection.blobopen("account", "bits", 1) as blob:
            first, last = start // 8, -(-stop // 8)
            blob.seek(first)
            octets = blob.read(last - first)
            found = np.unpackbits(np.frombuffer(octets, dtype=np.uint8))[start - 8 * first : stop - 8 * first]
            blob.seek(first)
            blob.write(bytes(stop // 8 - first) + octets[stop // 8 - first :])
        self._connection.execute("update account set taken = ?", (stop,))
        return found

    def _settle(self, run: str, statement: str) -> None:
        with self._transaction():
            if self._connection.execute(statement, (run,)).rowcount != 1:
                state = self.keys().get(run, "none")
                raise InputError("run", f"a run with a quarantined key in {self.path}", f"{run!r}: {state}")

    def _one(self, query: str) -> int:
        return int(self._connection.execute(query).fetchone()[0])


def _unpacked(octets: bytes, length: int) -> Bits:
    return np.unpackbits(np.frombuffer(octets, dtype=np.uint8), count=length)
