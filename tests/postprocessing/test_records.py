"""Files of raw strings: what is read, and that nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keybounds.errors import DataFileError, InputError
from keybounds.postprocessing import Records
from keybounds.postprocessing.run import check_same_tests

TESTS, INPUTS, OUTCOMES = [1, 0, 1, 0, 1], [0, 2, 1, 2, 1], [1, 0, 0, 1, 1]
LINES = [f"{t} {y} {b}" for t, y, b in zip(TESTS, INPUTS, OUTCOMES, strict=True)]


def is_the_same(records: Records) -> bool:
    return (records.tests.tolist(), records.inputs.tolist(), records.outcomes.tolist()) == (TESTS, INPUTS, OUTCOMES)


def test_text_and_arrays_are_read_alike(tmp_path: Path) -> None:
    for number, text in enumerate(
        (
            "\n".join(LINES),
            "# T Y B\r\n" + "\r\n".join(LINES) + "\r\n\r\n",
            "\n".join(line.replace(" ", ",") for line in LINES) + "\n",
            "\n".join("\t" + line.replace(" ", " ;\t") + " " for line in LINES),
        )
    ):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(text.encode())
        assert is_the_same(Records.load(path))
    np.save(tmp_path / "columns.npy", np.array([TESTS, INPUTS, OUTCOMES], dtype=np.int8).T)
    np.savez(tmp_path / "arrays.npz", tests=TESTS, inputs=INPUTS, outcomes=OUTCOMES)
    Records(np.array(TESTS), np.array(INPUTS), np.array(OUTCOMES)).save(tmp_path / "saved.npz")
    for name in ("columns.npy", "arrays.npz", "saved.npz"):
        assert is_the_same(Records.load(tmp_path / name))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 0 1\n2 0 1\n", "0 or 1 of the tests .* found '2' in line 2, column 1"),
        ("0 2 1\n1 2 1\n", "0 or 1 of the inputs .* found '2' in line 2, column 3"),
        ("0 3 1\n", "0, 1 or 2 of the inputs .* found '3' in line 1, column 3"),
        ("# head\n\n0 2\tx\n", "outcomes .* found 'x' in line 3, column 5"),
        ("0 2 10\n", "outcomes .* found '10' in line 1, column 5"),
        ("T X A\n0 0 1\n", "found 'T' in line 1, column 1"),
        ("0 2 1\n0 2\n", "three columns .* found 2 in line 2"),
        ("021\n", "found 1 in line 1"),
        ("0 2 \N{ARABIC-INDIC DIGIT ONE}\n", "line 1, column 5"),
        ("0 2 \xff\xfe\n", "line 1, column 5"),
    ],
)
def test_other_symbols_are_named_by_line_and_column(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "records.txt"
    path.write_bytes(text.encode())
    with pytest.raises(DataFileError, match=found):
        Records.load(path)


def test_arrays_of_other_shapes_and_entries_are_refused(tmp_path: Path) -> None:
    text, other, pickled = tmp_path / "text.npz", tmp_path / "other.npz", tmp_path / "pickled.npz"
    text.write_text("none")
    np.savez(other, tests=np.zeros(3))
    np.savez(pickled, tests=np.array([None]), inputs=np.array([None]), outcomes=np.array([None]))
    for wrong in (text, other, pickled, tmp_path / "absent.npz", tmp_path / "absent.txt", tmp_path):
        with pytest.raises(DataFileError, match=r"to be \.npz with tests, inputs, outcomes"):
            Records.load(wrong)
    for number, array in enumerate((np.zeros((3, 4), dtype=int), np.zeros((4, 3)), np.zeros(12, dtype=int))):
        np.save(tmp_path / f"{number}.npy", array)
        with pytest.raises(DataFileError, match="integers in three columns"):
            Records.load(tmp_path / f"{number}.npy")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"tests": TESTS[1:]}, "outcomes: expected 4 bits; found 5"),
        ({"inputs": INPUTS[1:]}, "inputs: expected 5 integers"),
        ({"tests": [2, *TESTS[1:]]}, "tests: expected bits, 0 and 1; found 2 at position 0"),
        ({"inputs": [2, *INPUTS[1:]]}, "inputs: expected 0 or 1 in a test round; found 2 at position 0"),
        ({"inputs": [0, 3, *INPUTS[2:]]}, "inputs: expected 0, 1 or 2 in a key round; found 3 at position 1"),
        ({"inputs": [0, -1, *INPUTS[2:]]}, "found -1 at position 1"),
        ({"inputs": [0.0] * 5}, "inputs: expected 5 integers"),
        ({"outcomes": [-1, *OUTCOMES[1:]]}, "outcomes: expected bits, 0 and 1; found -1 at position 0"),
    ],
)
def test_strings_of_unequal_length_or_with_other_symbols_are_refused(changes: dict[str, list[int]], found: str) -> None:
    given = {"tests": TESTS, "inputs": INPUTS, "outcomes": OUTCOMES} | changes
    with pytest.raises(InputError, match=found):
        Records(**{name: np.array(value) for name, value in given.items()})


def test_two_parties_records_have_one_t() -> None:
    one = Records(np.array(TESTS), np.array(INPUTS), np.array(OUTCOMES))
    other = Records(np.array([1, 1, 1, 0, 1]), np.array([0, 0, 1, 2, 1]), np.array(OUTCOMES))
    check_same_tests(one, one)
    with pytest.raises(InputError, match="1 rounds in which it differs, the first at position 1"):
        check_same_tests(one, other)
    short = Records(*(np.array(part[:4]) for part in (TESTS, INPUTS, OUTCOMES)))
    with pytest.raises(InputError, match="5 of Alice, 4 of Bob"):
        check_same_tests(one, short)


def test_records_of_another_protocol_are_refused() -> None:
    """A threshold on lost tests is met by whoever tests less often than was agreed on."""
    rng = np.random.default_rng(1)
    tests = (rng.random(100_000) < 0.1).astype(np.uint8)
    inputs = np.where(tests == 1, rng.integers(0, 2, 100_000), 2)
    good = Records(tests, inputs, tests)
    good.check(2, 0.1)
    for gamma in (0.09, 0.11):
        with pytest.raises(InputError, match="test rounds, each round being one with probability"):
            good.check(2, gamma)
    with pytest.raises(InputError, match="setting 0 in key rounds, as agreed on; found 2 at position"):
        good.check(0, 0.1)
    biased = Records(tests, np.where(tests == 1, rng.random(100_000) < 0.4, 2), tests)
    with pytest.raises(InputError, match="0 and 1 equally likely in the"):
        biased.check(2, 0.1)
    none = Records(0 * tests, np.full(100_000, 2), tests)
    with pytest.raises(InputError, match=r"about 10000 test rounds, .*; found 0"):
        none.check(2, 0.1)
