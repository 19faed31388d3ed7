"""What a party wrote down in the experiment, and the files that it is read from."""

from __future__ import annotations

import io
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, bdtrc

from keybounds.errors import DataFileError, InputError
from keybounds.postprocessing.bits import Bits, bit_string

ARRAYS = ("tests", "inputs", "outcomes")
"""What the arrays of an .npz file are called; the columns of text and .npy in this order."""

UNLIKELY = 2.0**-64
"""Records so far out in a tail of the agreed protocol are of another one."""

_PART = re.compile(rb"[^\s,;]+")


@dataclass(frozen=True, slots=True)
class Records:
    """What a party wrote down, one entry a round.

    Attributes
    ----------
    tests
        T, 1 in test rounds; announced by Bob as the rounds went on.
    inputs
        X or Y, the setting: in test rounds 0 or 1, in key rounds the key setting, 0 of Alice and 2 of Bob.
    outcomes
        A or B, 0 or 1.

    Raises
    ------
    InputError
        Strings of unequal length or with other symbols.
    """

    tests: Bits
    inputs: NDArray[np.uint8]
    outcomes: Bits

    def __post_init__(self) -> None:
        tests = bit_string("tests", self.tests)
        object.__setattr__(self, "tests", tests)
        object.__setattr__(self, "outcomes", bit_string("outcomes", self.outcomes, len(tests)))
        inputs = np.asarray(self.inputs)
        if inputs.shape != tests.shape or inputs.dtype.kind not in "biu":
            found = f"{inputs.dtype} entries of shape {inputs.shape}"
            raise InputError("inputs", f"{len(tests)} integers, one a round", found)
        wrong = np.flatnonzero((inputs < 0) | (inputs > np.where(tests == 1, 1, 2)))
        if len(wrong):
            round_ = f"{'test' if tests[wrong[0]] else 'key'} round"
            known = "0 or 1" if tests[wrong[0]] else "0, 1 or 2"
            raise InputError("inputs", f"{known} in a {round_}", f"{inputs[wrong[0]]} at position {wrong[0]}")
        object.__setattr__(self, "inputs", inputs.astype(np.uint8, copy=False))

    @property
    def test_inputs(self) -> Bits:
        """The inputs of test rounds, and 0 in key rounds."""
        return np.where(self.tests == 1, self.inputs, np.uint8(0))

    def check(self, key_setting: int, gamma: float) -> None:
        """Refuse records of another protocol than one with this key setting and probability of a test.

        The number of tests, and that of inputs 1 among them, are binomial however the devices behave, since both are
        chosen at random; numbers beyond tails of 2^-64 are of rounds that were chosen otherwise, about which the
        length says nothing.

        Raises
        ------
        InputError
            A key round at another setting, too few or too many tests, or inputs that are not uniform.
        """
        wrong = np.flatnonzero((self.tests == 0) & (self.inputs != key_setting))
        if len(wrong):
            found = f"{self.inputs[wrong[0]]} at position {wrong[0]}"
            raise InputError("inputs", f"setting {key_setting} in key rounds, as agreed on", found)
        tests = int(self.tests.sum())
        if _far_out(tests, len(self.tests), gamma):
            likely = f"about {gamma * len(self.tests):.0f} test rounds, each round being one with probability {gamma:g}"
            raise InputError("tests", likely, str(tests))
        ones = int(self.test_inputs.sum())
        if _far_out(ones, tests, 0.5):
            raise InputError("inputs", f"0 and 1 equally likely in the {tests} test rounds", f"{ones} times 1")

    def save(self, path: Path) -> None:
        """Write an .npz file of the arrays ``tests``, ``inputs`` and ``outcomes``, for its owner alone."""
        octets = io.BytesIO()
        np.savez_compressed(octets, tests=self.tests, inputs=self.inputs, outcomes=self.outcomes)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(octets.getvalue())

    @classmethod
    def load(cls, path: Path) -> Records:
        """Read a file of records, one row a round: T, then X or Y, then A or B.

        - ``.npz``: the arrays ``tests``, ``inputs`` and ``outcomes`` of integers;
        - ``.npy``: an array of integers of three columns;
        - any other name: text, a line a round of three digits with spaces, tabs, commas or semicolons between; lines
          that are empty or start with ``#`` are left out.

        Raises
        ------
        DataFileError
            Another file, or other symbols in a text; the message names line and column.
        InputError
            Strings of unequal length or with other symbols.
        """
        path = Path(path)
        try:
            if path.suffix == ".npz":
                with np.load(path, allow_pickle=False) as arrays:
                    return cls(*(arrays[name] for name in ARRAYS))
            if path.suffix == ".npy":
                return cls(*_columns(path, np.load(path, allow_pickle=False)))
            return cls(*_text(path, path.read_bytes()).T)
        except InputError:
            raise
        except (OSError, KeyError, ValueError, AttributeError, TypeError, zipfile.BadZipFile) as error:
            expected = f"{path} to be .npz with tests, inputs, outcomes, .npy with three columns, or text"
            raise DataFileError("records", expected, str(error)) from None


def check_same_tests(alice: Records, bob: Records) -> None:
    """Refuse records of two parties that differ in T.

    Raises
    ------
    InputError
        They do, or have not the same number of rounds.
    """
    if len(alice.tests) != len(bob.tests):
        found = f"{len(alice.tests)} of Alice, {len(bob.tests)} of Bob"
        raise InputError("records", "the same number of rounds on both sides", found)
    differ = np.flatnonzero(alice.tests != bob.tests)
    if len(differ):
        found = f"{len(differ)} rounds in which it differs, the first at position {differ[0]}"
        raise InputError("records", "the same T on both sides", found)


def _far_out(count: int, trials: int, probability: float) -> bool:
    """Whether a binomial number is in a tail of less than `UNLIKELY`."""
    upper = 1.0 if count == 0 else float(bdtrc(count - 1, trials, probability))
    return min(upper, float(bdtr(count, trials, probability))) < UNLIKELY


def _columns(path: Path, array: ArrayLike) -> NDArray[np.int64]:
    found = np.asarray(array)
    if found.ndim != 2 or found.shape[1] != len(ARRAYS) or found.dtype.kind not in "biu":
        raise DataFileError("records", f"{path}: integers in three columns", f"{found.dtype} of shape {found.shape}")
    columns: NDArray[np.int64] = found.T
    return columns


def _text(path: Path, octets: bytes) -> NDArray[np.uint8]:
    """Rows of a text; there are few different lines, each of which is read once."""
    known: dict[bytes, tuple[int, ...] | None] = {}
    rows = []
    for number, line in enumerate(octets.splitlines(), 1):
        if line not in known:
            known[line] = _row(path, number, line)
        if (row := known[line]) is not None:
            rows.append(row)
    return np.array(rows, dtype=np.uint8).reshape(-1, len(ARRAYS))


def _row(path: Path, number: int, line: bytes) -> tuple[int, ...] | None:
    """T, input and outcome of a line, or None of one that says nothing."""
    if not line.strip() or line.lstrip().startswith(b"#"):
        return None
    parts = list(_PART.finditer(line))
    if len(parts) != len(ARRAYS):
        raise DataFileError("records", f"three columns in {path}", f"{len(parts)} in line {number}")
    row: list[int] = []
    for part, name in zip(parts, ARRAYS, strict=True):
        known = (b"0", b"1", b"2") if name == "inputs" and row == [0] else (b"0", b"1")
        if part[0] not in known:
            expected = f"{', '.join(k.decode() for k in known[:-1])} or {known[-1].decode()} of the {name} in {path}"
            found = f"{part[0][:20].decode('utf-8', 'replace')!r} in line {number}, column {part.start() + 1}"
            raise DataFileError("records", expected, found)
        row.append(int(part[0]))
    return tuple(row)
