"""What strangers hand in says the same counts in its own way, or is refused with file, line, column and remedy."""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner

from keybounds.cli import app
from keybounds.errors import AmbiguousInputError, DataFileError, InputError, UnknownNameError
from keybounds.experiments import read_table

# The counts of lukeburns/entanglement, data.xlsx, with the minus sign at (1,1)
N = {
    (0, 0): (540, 133, 94, 519),
    (0, 1): (531, 109, 73, 566),
    (1, 0): (554, 208, 107, 532),
    (1, 1): (134, 561, 490, 92),
}
COUNTS = np.array([[N[x, y] for y in (0, 1)] for x in (0, 1)]).reshape(2, 2, 2, 2).transpose(2, 3, 0, 1)
ROWS = [(x, y, a, b, N[x, y][2 * a + b]) for x, y in N for a in (0, 1) for b in (0, 1)]
EVENTS = np.array([row[:4] for row in ROWS for _ in range(row[4])])
TOTAL = int(COUNTS.sum())
SIGN = ("+", "-")
FREQUENCY = [(x, y, a, b, n / sum(N[x, y])) for x, y, a, b, n in ROWS]


def text(rows: Any, head: str = "x,y,a,b,count", sep: str = ",", before: str = "", after: str = "") -> str:
    lines = [head.replace(",", sep), *(sep.join(map(str, row)) for row in rows)]
    return before + "".join(line + "\n" for line in lines) + after


def wide(head: str, pair: Callable[[int, int], tuple[object, ...]] = lambda x, y: (x, y), after: str = "") -> str:
    return text([(*pair(x, y), *n) for (x, y), n in N.items()], "", after=after).replace("\n", head + "\n", 1)


TEXTS: dict[str, str] = {
    "numpy's savetxt": "# x y a b count\n" + "".join(" ".join(f"{v:.18e}" for v in row) + "\n" for row in ROWS),
    "savetxt, commas": "# x, y, a, b, count\n" + "".join(" ".join(f"{v:.4e}" for v in row) + "\n" for row in ROWS),
    "title lines": text(ROWS, before="Bell test, run 7\nDate: 2024-03-01\n"),
    "titles of a spreadsheet": text(ROWS, before="Lab 3,,,,\n,,,,\n"),
    "sep=": "sep=;\n" + text(ROWS, sep=";"),
    "commas at the ends": text(ROWS).replace("\n", ",\n"),
    "commas at the ends of rows": text(ROWS).replace("\n", ",\n").replace("count,", "count"),
    "blank records": text(ROWS, after=",,,,\n"),
    "a remark below": text(ROWS, after="Measured by J.,,,,\n"),
    "units": text(ROWS, "x,y,a,b,counts [1/run]"),
    "full-width digits": text(ROWS).translate({ord(c): 0xFF10 + int(c) for c in "0123456789"}),
    "a total": text(ROWS, after=f"total,,,,{TOTAL}\n"),
    "a total without a name": text(ROWS, after=f",,,,{TOTAL}\n"),
    "subtotals": text([*ROWS[:4], (0, 0, "", "", sum(N[0, 0])), *ROWS[4:], ("All", "All", "All", "All", TOTAL)]),
    "a column of totals": text([(x, y, *n, sum(n)) for (x, y), n in N.items()], "x,y,++,+-,-+,--,total"),
    "sums below a wide table": wide(
        "x,y,++,+-,-+,--", after="sum,," + ",".join(str(sum(n[k] for n in N.values())) for k in range(4)) + "\n"
    ),
    "settings in one column": wide("settings,++,+-,-+,--", lambda x, y: (f"a{x}b{y}",)),
    "primed settings in one column": wide("setting,N++,N+-,N-+,N--", lambda x, y: ("a" + "'" * x + "b" + "'" * y,)),
    "settings in brackets": wide("setting pair,N(+,+),N(+,-),N(-,+),N(-,-)", lambda x, y: (f'"({x},{y})"',)),
    "outcomes in one column": text([(x, y, SIGN[a] + SIGN[b], n) for x, y, a, b, n in ROWS], "x,y,outcome,count"),
    "both in one column": text([(f"{x}{y}", f"{a}{b}", n) for x, y, a, b, n in ROWS], "xy,ab,N"),
    "kets": text([(x, y, f"|{a}>", f"|{b}⟩", n) for x, y, a, b, n in ROWS]),
    "one ket": text([(x, y, f"|{a}{b}⟩", n) for x, y, a, b, n in ROWS], "x,y,state,count"),
    "outcomes below each other": text(
        [(p, *(N[pair][k] for pair in N)) for k, p in enumerate(("++", "+-", "-+", "--"))],
        "outcome,ab,ab',a'b,a'b'",
    ),
    "outcomes below each other, a and b": text(
        [(k // 2, k % 2, *(N[pair][k] for pair in N)) for k in range(4)], "a,b,a0b0,a0b1,a1b0,a1b1"
    ),
    "LaTeX headings": wide("x,y,N_{++},N_{+-},N_{-+},N_{--}"),
    "outcomes a0b0": wide("x,y,a0b0,a0b1,a1b0,a1b1"),
    "outcomes with signs": wide("x,y,+1+1,+1-1,-1+1,-1-1"),
    "outcomes with spaces": wide("x,y,1 1,1 -1,-1 1,-1 -1"),
    "clicks": wide("x,y,click/click,click/no-click,no-click/click,no-click/no-click"),
    "counts_00": wide("x,y,counts_00,counts_01,counts_10,counts_11"),
    "camel case": text(ROWS, "settingA,settingB,outcomeA,outcomeB,counts"),
    "possessive": text(
        ROWS, "Alice's setting,Bob's setting,Alice's outcome,Bob's outcome,Number of events"
    ),
    "sides by number": text(ROWS, "setting1,setting2,outcome1,outcome2,coincidences"),
    "an index": ",x,y,a,b,count\n" + "".join(f"{k}," + ",".join(map(str, row)) + "\n" for k, row in enumerate(ROWS)),
    "merged cells": text(
        [("" if k % 8 else row[0], "" if k % 4 else row[1], *row[2:]) for k, row in enumerate(ROWS)]
    ),
    "Markdown": "| x | y | a | b | count |\n|---|:--|---|---|---:|\n"
    + "".join("| " + " | ".join(map(str, row)) + " |\n" for row in ROWS),
    "headings in two lines": "Alice,,Bob,,\nsetting,outcome,setting,outcome,count\n"
    + "".join(f"{x},{a},{y},{b},{n}\n" for x, y, a, b, n in ROWS),
    "spaced headings": text(ROWS, "Alice setting,Bob setting,Alice,Bob,N", "   "),
    "exponents": text([(*row[:4], f"{row[4]:.3e}") for row in ROWS]),
    "counts and frequencies": text(
        [(*row[:4], n[4], f"{row[4]:.3f}") for row, n in zip(FREQUENCY, ROWS, strict=True)], "x,y,a,b,count,p"
    ),
    "truth": text([(x, y, bool(a), bool(b), n) for x, y, a, b, n in ROWS]),
    "two bases": text([(x, y, ("HV", "DA")[x][a], "RL"[b], n) for x, y, a, b, n in ROWS]),
    "cases mixed": text([(x, y, "HhVv"[2 * a + y], b, n) for x, y, a, b, n in ROWS]),
    "singles": text([(*row, 100, 200) for row in ROWS], "x,y,a,b,coincidences,singles A,singles B"),
    "a comment with a comma": text([(*row, '"good, bad"') for row in ROWS], "x,y,a,b,count,comment"),
    "floats": text([(float(x), float(y), float(a), float(b), n) for x, y, a, b, n in ROWS]),
    "trials of signs": text([(x, y, SIGN[a], SIGN[b]) for x, y, a, b in EVENTS], "x,y,a,b"),
    "trials in two columns": text([(f"{x}{y}", SIGN[a] + SIGN[b]) for x, y, a, b in EVENTS], "setting,outcome"),
    "trials with times": text(
        [(k, 1.5 * k, x, y, "HV"[a], "HV"[b]) for k, (x, y, a, b) in enumerate(EVENTS)], "event,t (ns),x,y,a,b"
    ),
    "JSON records": json.dumps([dict(zip(("x", "y", "a", "b", "count"), row, strict=True)) for row in ROWS]),
    "JSON columns": json.dumps({name: [row[k] for row in ROWS] for k, name in enumerate(("x", "y", "a", "b", "n"))}),
    "JSON pairs": json.dumps(
        {f"{x},{y}": dict(zip(("00", "01", "10", "11"), n, strict=True)) for (x, y), n in N.items()}
    ),
    "JSON cells": json.dumps({f"({x}, {y}, {a}, {b})": n for x, y, a, b, n in ROWS}),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_the_same_counts(name: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TEXTS[name], encoding="utf-8")
    np.testing.assert_array_equal(read_table(path).counts, COUNTS)


PROBABILITIES: dict[str, str] = {
    "errors in brackets": text([(*row[:4], f"{row[4]:.4f}(140)") for row in FREQUENCY], "x,y,a,b,p"),
    "errors after a sign": text([(*row[:4], f"{row[4]:.4f} ± 0.014") for row in FREQUENCY], "x,y,a,b,p"),
    "percent signs": text([(*row[:4], f"{100 * row[4]:.2f} %", ".014") for row in FREQUENCY], "x,y,a,b,p,dp"),
    "percentages": text([(*row[:4], f"{100 * row[4]:.2f}", "1.4") for row in FREQUENCY], "x,y,a,b,p (%),dp"),
    "decimal commas": text([(*row[:4], f"{row[4]:.4f}".replace(".", ","), "0,014") for row in FREQUENCY],
                           "x,y,a,b,p,dp", ";"),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBABILITIES)
def test_probabilities_with_their_errors(name: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(PROBABILITIES[name], encoding="utf-8")
    behaviour = read_table(path).behaviour
    np.testing.assert_allclose(behaviour.P, COUNTS / COUNTS.sum(axis=(0, 1)), atol=6e-5)
    assert behaviour.uncertainty is not None
    np.testing.assert_allclose(behaviour.uncertainty, 0.014, rtol=1e-12)


def test_correlators_with_both_marginals(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y,<AB>,<A>,<B>\n0,0,.7,.1,0\n0,1,.7,.1,0\n1,0,.7,0,0\n1,1,-.7,0,0\n")
    table = read_table(path).behaviour
    assert table.chsh == pytest.approx(2.8)
    assert table.marginal_a(0) == pytest.approx([0.55, 0.45])


REFUSED: dict[str, tuple[str, type[InputError], str]] = {
    "a wrong total": (
        text(ROWS, after=f"sum,,,,{TOTAL + 1}\n"), DataFileError, f"line 18: .*{TOTAL}; found {TOTAL + 1}"
    ),
    "a wrong total of a row": (
        TEXTS["a column of totals"].replace(",1286", ",1289"), DataFileError, "line 2, column total: .*1286; found 1289"
    ),
    "two tables": (text(ROWS[:8]) + text(ROWS[8:]), DataFileError, "line 10: expected one line of headings"),
    "outcomes alone": (text([row[2:] for row in ROWS], "Alice,Bob,N"), DataFileError, "one file a setting pair"),
    "an error of a count": (
        text([(*row[:4], f"{row[4]} ± 9") for row in ROWS]), DataFileError, "line 2, column count: .*without its error"
    ),
    "some errors": (
        text([(*row[:4], f"{row[4]:.4f}" + "(9)" * (k > 3)) for k, row in enumerate(FREQUENCY)], "x,y,a,b,p"),
        DataFileError, "line 2: expected an uncertainty of each value, or of none",
    ),
    "percentages untold": (
        text([(*row[:4], f"{100 * row[4]:.2f}") for row in FREQUENCY], "x,y,a,b,p"), DataFileError, r"under p \(%\)"
    ),
    "counts called p": (text(ROWS, "x,y,a,b,p"), DataFileError, "counts stand under count; found sums such as 1286"),
    "p called count": (text(FREQUENCY), DataFileError, "line 2, column count: .*probabilities stand under p"),
    "p that disagrees": (
        text([(*row, 0.5) for row in ROWS], "x,y,a,b,count,p"), AmbiguousInputError, "line 2: .*540 of 1286 beside 0.5"
    ),
    "correlators alone": ("x,y,E\n0,0,.7\n0,1,.7\n1,0,.7\n", DataFileError, "E with EA and EB"),
    "correlators of nothing": ("x,y,E,EA,EB\n0,0,.9,.9,-.9\n0,1,0,0,0\n", DataFileError, r"line 2: .*p\(\+1,-1\)|p\("),
    "an unknown value column": (
        text(ROWS, "x,y,a,b,frequency"), AmbiguousInputError, "a column count or p, or layout='events'"
    ),
    "a lost label": (
        text([(*r[:3], "", r[4]) if k == 5 else r for k, r in enumerate(ROWS)]), DataFileError, "line 7, column b"
    ),
    "headings of another length": (
        text(ROWS, "x,y,a,b,count,time"), DataFileError, "line 1 names 6 columns, others have 5"
    ),
    "an open quote": (text(ROWS).replace(",540", ',"540'), DataFileError, "line 2 has 1 fields, the first 5"),
    "headings alone": ("x,y,a,b,count\n", DataFileError, "rows of a table; found headings alone"),
    "one outcome": ("x,y,a,b,count\n0,0,2,2,5\n0,1,2,2,5\n", AmbiguousInputError, "--label a:2=0 or --label a:2=1"),
    "a pair that is none": (
        text([("first", *r[2:]) for r in ROWS], "setting,a,b,count"), DataFileError, "line 2, column setting"
    ),
    "no JSON": ("{1, 2", DataFileError, "expected JSON"),
    "numbers of a register": (
        json.dumps({"0,0": {"0x0": 5, "0x1": 6}, "0,1": {"0x0": 5}}), AmbiguousInputError, r"get_counts\(\)"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_names_place_and_remedy(name: str, tmp_path: Path) -> None:
    content, kind, match = REFUSED[name]
    path = tmp_path / "table.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(kind, match=match) as error:
        read_table(path)
    assert "table.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_dashes_are_outcomes_where_a_table_has_no_rules(tmp_path: Path) -> None:
    """A row of two minus signs is no line below headings: it was dropped, and with it a quarter of the trials."""
    path = tmp_path / "table.csv"
    path.write_text("Alice;Bob\n-;-\n+;+\n-;-\n")
    read = read_table({(x, y): path for x in (0, 1) for y in (0, 1)})
    assert read.counts is not None
    assert read.counts[:, :, 0, 0].tolist() == [[1, 0], [0, 2]]


def test_what_one_party_never_saw_the_other_names(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text([(0, y, a, b, 5) for y in (0, 1) for a in (1, -1, 0) for b in (-1, 0)]))
    reading = read_table(path)
    assert reading.labels["b"] == {"-1": 1, "0": 2}
    assert reading.behaviour.outcomes == (3, 3)


def test_labels_of_one_number_are_added(tmp_path: Path) -> None:
    """They overwrote each other: counts were lost without a word."""
    path = tmp_path / "table.csv"
    path.write_text(text([(x, y, a, 2 * (n % 2) + b, n) for x, y, a, b, n in ROWS]))
    reading = read_table(path, labels={"b": {"0": 0, "1": 1, "2": 0, "3": 1}})
    np.testing.assert_array_equal(reading.counts, COUNTS)
    rows = [(x, y, a, b, n // 2 + k * (n % 2)) for x, y, a, b, n in ROWS for k in (0, 1)]
    path.write_text(text([(*r[:3], f"{r[3]}{'uv'[k % 2]}", r[4]) for k, r in enumerate(rows)]))
    merged = read_table(path, labels={"b": {"0u": 0, "0v": 0, "1u": 1, "1v": 1}})
    np.testing.assert_array_equal(merged.counts, COUNTS)
    assert "16 cells added to others: labels of one number" in merged.notes
    path.write_text(text([(x, 0, a, b, 0.25) for x in (0, 1) for a in (0, 1) for b in (0, 1)], "x,y,a,b,p"))
    with pytest.raises(DataFileError, match="one value for"):
        read_table(path, labels={"x": {"0": 0, "1": 0}})


def test_other_containers(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(text(ROWS).encode()))
    np.testing.assert_array_equal(read_table(tmp_path / "t.csv.gz").counts, COUNTS)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(text(ROWS).encode())[:-20])
    with pytest.raises(DataFileError, match="a whole gzip file"):
        read_table(tmp_path / "t.csv.gz")
    squares = {pair: np.array(n).reshape(2, 2).tolist() for pair, n in N.items()}
    np.testing.assert_array_equal(read_table(squares).counts, COUNTS)
    np.testing.assert_array_equal(read_table([["x", "y", "a", "b", "n"], *map(list, ROWS)]).counts, COUNTS)
    fields = [(name, int) for name in ("x", "y", "a", "b", "count")]
    np.save(tmp_path / "t.npy", np.array(ROWS, dtype=fields))
    np.testing.assert_array_equal(read_table(tmp_path / "t.npy").counts, COUNTS)
    np.save(tmp_path / "t.npy", np.array(ROWS).T)
    with pytest.raises(DataFileError, match=r"found 16 \(transpose\?\)"):
        read_table(tmp_path / "t.npy", layout="x,y,a,b,count")
    np.savez(tmp_path / "t.npz", one=COUNTS, two=COUNTS)
    with pytest.raises(AmbiguousInputError, match=r"name it by sheet=; found one \(2, 2, 2, 2\), two"):
        read_table(tmp_path / "t.npz")
    np.testing.assert_array_equal(read_table(tmp_path / "t.npz", sheet="two", layout="abxy").counts, COUNTS)
    with pytest.raises(UnknownNameError, match="did you mean 'two'"):
        read_table(tmp_path / "t.npz", sheet="tow")
    x, y, a, b = EVENTS.T
    np.savez(tmp_path / "t.npz", x=x, y=y, a=1 - 2 * a, b=b.astype(bool), time=np.arange(len(x)))
    np.testing.assert_array_equal(read_table(tmp_path / "t.npz").counts, COUNTS)


def test_structures_of_matlab(tmp_path: Path) -> None:
    import scipy.io

    x, y, a, b = EVENTS.T
    scipy.io.savemat(tmp_path / "t.mat", {"data": {"x": x, "y": y, "a": a, "b": b}})
    np.testing.assert_array_equal(read_table(tmp_path / "t.mat").counts, COUNTS)
    scipy.io.savemat(tmp_path / "t.mat", {"trials": EVENTS})
    np.testing.assert_array_equal(read_table(tmp_path / "t.mat", layout="x,y,a,b").counts, COUNTS)
    with pytest.raises(AmbiguousInputError, match="layout='x,y,a,b,count'"):
        read_table(tmp_path / "t.mat")
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "t.mat", "w") as file:
        group = file.create_group("data")
        for name, column in zip("xyab", EVENTS.T, strict=True):
            group[name] = column[None]
    np.testing.assert_array_equal(read_table(tmp_path / "t.mat").counts, COUNTS)


def test_folders(tmp_path: Path) -> None:
    for (x, y), n in N.items():
        rows = [(SIGN[k // 2], SIGN[k % 2]) for k, count in enumerate(n) for _ in range(count)]
        (tmp_path / f"run3_a{x}b{y}.csv").write_text(text(rows, "Alice;Bob").replace(",", ";"))
    reading = read_table(tmp_path)
    np.testing.assert_array_equal(reading.counts, COUNTS)
    assert reading.notes[0].startswith("run3_a0b0.csv = (0, 0), run3_a0b1.csv = (0, 1)")
    (tmp_path / "notes.txt").write_text("done")
    with pytest.raises(AmbiguousInputError, match=r"notes\.txt, which says none"):
        read_table(tmp_path)
    (tmp_path / "notes.txt").unlink()
    (tmp_path / "run3_a0b0.csv").write_text(text(ROWS))
    with pytest.raises(DataFileError, match="a column of settings beside a name that says them"):
        read_table(tmp_path)


def test_counts_of_qiskit_know_their_bits() -> None:
    class Counts(dict[str, int]):
        def int_outcomes(self) -> dict[int, int]:
            raise AssertionError

    turned = {pair: Counts({"00": n[0], "10": n[1], "01": n[2], "11": n[3]}) for pair, n in N.items()}
    reading = read_table(turned)
    np.testing.assert_array_equal(reading.counts, COUNTS)
    assert reading.notes[0] == "Qiskit's counts: classical bit 0, the last of each string, is Alice's"
    with pytest.raises(InputError, match="qiskit where outcomes are strings of two bits"):
        read_table({row[:4]: row[4] for row in ROWS}, layout="qiskit")


class Frame:
    """What of pandas is used: columns by name, levels beside and above with names."""

    def __init__(self, columns: list[Any], rows: list[list[Any]], index: Any = None, above: Any = (None,)) -> None:
        class Labels(list):  # type: ignore[type-arg]
            names = above

        self.columns, self.rows, self.index = Labels(columns), rows, index
        self.shape = len(rows), len(columns)

    def __getitem__(self, name: str) -> Any:
        column = [row[self.columns.index(name)] for row in self.rows]
        return SimpleNamespace(to_numpy=lambda: np.array(column))

    def to_numpy(self) -> NDArray[Any]:
        return np.array(self.rows)

    def reset_index(self) -> Frame:
        rows = [[*beside, *row] for beside, row in zip(self.index, self.rows, strict=True)]
        return Frame([*self.index.names, *self.columns], rows)


class Index(list):  # type: ignore[type-arg]
    def __init__(self, labels: Any, names: list[str | None]) -> None:
        super().__init__(labels)
        self.names, self.nlevels = names, len(names)


def test_pivot_tables_and_indices() -> None:
    flipped = [(b, a) for b in (0, 1) for a in (0, 1)]
    cells = [[float(N[x, y][2 * a + b]) for b, a in flipped] for y in (0, 1) for x in (0, 1)]
    index = Index([(y, x) for y in (0, 1) for x in (0, 1)], ["y", "x"])
    reading = read_table(Frame(flipped, cells, index, ("b", "a")))
    np.testing.assert_array_equal(reading.counts, COUNTS)
    assert reading.notes[0] == "a pivot table by y, x, b, a, its cells read as counts"
    with pytest.raises(AmbiguousInputError, match="rename_axis"):
        read_table(Frame(flipped, cells, index, (None, None)))
    long = Frame(["count"], [[row[4]] for row in ROWS], Index([row[:4] for row in ROWS], ["x", "y", "a", "b"]))
    np.testing.assert_array_equal(read_table(long).counts, COUNTS)
    with pytest.raises(AmbiguousInputError, match="rename_axis"):
        read_table(Frame(["count"], [[row[4]] for row in ROWS], Index([row[:4] for row in ROWS], [None] * 4)))


def test_pandas_itself() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is no requirement: its frames are read where it is there")
    trials = pandas.DataFrame(EVENTS, columns=list("xyab"))
    for source in (
        trials,
        trials.value_counts(),
        trials.groupby(list("xyab")).size().unstack("b"),
        pandas.crosstab([trials.x, trials.y], [trials.b, trials.a], margins=True),
    ):
        np.testing.assert_array_equal(read_table(source).counts, COUNTS)


def book(sheets: dict[str, list[list[object]]]) -> bytes:
    """A minimal workbook; None is an empty cell."""

    def cell(value: object, column: int, row: int) -> str:
        place = f'r="{"ABCDEFGHIJ"[column]}{row}"'
        if value is None:
            return ""
        if isinstance(value, (int, float)):
            return f"<c {place}><v>{value}</v></c>"
        return f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    names = list(enumerate(sheets, start=1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{k}" r:id="r{k}"/>' for k, name in names)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="r{k}" Type="{office}/worksheet" Target="worksheets/sheet{k}.xml"/>' for k, _ in names
        )
        + "</Relationships>",
    }
    for k, name in names:
        rows = "".join(
            f'<row r="{r}">' + "".join(cell(value, c, r) for c, value in enumerate(row)) + "</row>"
            for r, row in enumerate(sheets[name], start=1)
        )
        parts[f"xl/worksheets/sheet{k}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, f'<?xml version="1.0"?>{part}')
    return data.getvalue()


HEAD: list[object] = ["x", "y", "a", "b", "count"]
LONG: list[list[object]] = [list(row) for row in ROWS]
BOOKS: dict[str, dict[str, list[list[object]]]] = {
    "a title": {"Run 3": [["Lab 3, Tuesday"], [], HEAD, *LONG]},
    "a sheet of notes": {"Notes": [["done by J."]], "Run 3": [HEAD, *LONG]},
    "a sheet a setting pair": {
        f"a{x}b{y}": [["a", "b", "N"], *([k // 2, k % 2, v] for k, v in enumerate(n))] for (x, y), n in N.items()
    },
    "headings in two lines": {
        "S": [["Alice", None, "Bob"], ["setting", "outcome", "setting", "outcome", "count"]]
        + [[x, a, y, b, n] for x, y, a, b, n in ROWS]
    },
    "a corner elsewhere": {
        "S": [[None], [None, "x", "y", "++", "+-", "-+", "--", "remark"]]
        + [[None, x, y, *n, "ok"] for (x, y), n in N.items()]
    },
    "merged cells and a sum": {
        "S": [
            HEAD,
            *([None if k % 8 else r[0], None if k % 4 else r[1], *r[2:]] for k, r in enumerate(LONG)),
            ["Sum", None, None, None, TOTAL],
        ]
    },
}


@pytest.mark.parametrize("name", BOOKS)
def test_workbooks_of_the_same_counts(name: str, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / ("table.csv" if name == "a title" else "table.xlsx")  # what it is, whatever it is called
    path.write_bytes(book(BOOKS[name]))
    np.testing.assert_array_equal(read_table(path).counts, COUNTS)


def test_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "table.xlsx"
    path.write_bytes(book({"Run 2": [HEAD, *LONG], "Run 3": [HEAD, *LONG]}))
    with pytest.raises(AmbiguousInputError, match=r"sheet= \(--sheet\); found Run 2, Run 3"):
        read_table(path)
    done = CliRunner().invoke(app, ["read", str(path), "--sheet", "Run 3"])
    assert "(0,0)  1286 trials: 540 133 | 94 519" in done.output
    with pytest.raises(UnknownNameError, match="did you mean 'Run 3'"):
        read_table(path, sheet="Run3")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(app, ["read", "-"], input=text(ROWS).encode())
    assert done.exit_code == 0
    assert done.output.startswith("standard input: counts, 2 x 2 settings, 2 x 2 outcomes, layout long\n")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    with pytest.raises(DataFileError, match="standard input: expected rows of a table; found none"):
        read_table("-")


ENCODINGS: dict[str, Callable[[list[tuple[int, ...]]], bytes]] = {
    "long": lambda rows: text(rows).encode(),
    "tab": lambda rows: text(rows, sep="\t").encode("utf-16"),
    "signs, semicolons": lambda rows: text([(*r[:2], SIGN[r[2]], SIGN[r[3]], r[4]) for r in rows], sep=";").encode(),
    "savetxt": lambda rows: text([[f"{v:.18e}" for v in r] for r in rows], "# x,y,a,b,count", " ").encode(),
    "pairs": lambda rows: text([(f"a{r[0]}b{r[1]}", f"{r[2]}{r[3]}", r[4]) for r in rows], "xy,ab,n").encode(),
    "total": lambda rows: text([*rows, ("sum", "", "", "", sum(r[4] for r in rows))]).encode(),
}


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(0, 10**9), min_size=16, max_size=16),
    order=st.permutations(range(16)),
    encoding=st.sampled_from(sorted(ENCODINGS)),
)
def test_any_counts_survive_any_encoding(
    counts: list[int], order: list[int], encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever they are: a table that is no behaviour is refused as such, and never read as another one."""
    from keybounds.experiments.intake.columns import recognised
    from keybounds.experiments.intake.layouts import cells_of
    from keybounds.experiments.intake.text import text_rows

    cells = [(x, y, a, b) for x in (0, 1) for y in (0, 1) for a in (0, 1) for b in (0, 1)]
    rows = text_rows("t", ENCODINGS[encoding]([(*cells[k], counts[k]) for k in order]))
    found = cells_of(rows, recognised(rows), None)
    number = {"+": 0, "-": 1}
    read = {tuple(number.get(label, label) for label in cell): int(v) for cell, v in found.values.items()}
    assert {tuple(map(int, cell)): v for cell, v in read.items()} == dict(zip(cells, counts, strict=True))


@pytest.mark.parametrize("head", ["x,y,a,b", "trial,time,x,y,a,b"])
def test_long_lists_of_trials(head: str, tmp_path: Path) -> None:
    """Lists beyond the length where columns are read apart give the same counts and the same order of trials."""
    rng = np.random.default_rng(3)
    trials = EVENTS[rng.integers(0, len(EVENTS), 30_000)]
    rows = [(k, k * 1.25e-3, *row)[6 - head.count(",") - 1 :] for k, row in enumerate(trials)]
    path = tmp_path / "table.csv"
    path.write_text(text(rows, head))
    reading = read_table(path, max_z=9)
    assert reading.trials is not None
    np.testing.assert_array_equal(reading.trials, trials.T[[2, 3, 0, 1]])
    np.save(tmp_path / "table.npy", trials)
    again = read_table(tmp_path / "table.npy", layout="x,y,a,b", max_z=9)
    assert again.trials is not None
    np.testing.assert_array_equal(again.trials, reading.trials)
    path.write_text(text(rows, head, after="1,2\n"))
    with pytest.raises(DataFileError, match=r"line 30002 has 2 fields"):
        read_table(path, max_z=9)


def test_no_text_ends_in_another_error(tmp_path: Path) -> None:
    """Damaged texts are read or refused in one line; what reads a laboratory's file must not fall over it."""
    rng = random.Random(5)
    texts = [t for t in (*TEXTS.values(), *PROBABILITIES.values(), *(r[0] for r in REFUSED.values())) if len(t) < 3000]
    bits = [*",;\t |\n-+.019exabp#%\"'()±−{[\x00é\ufeff٣", "total", "nan"]
    path = tmp_path / "table.csv"
    complaints = []
    for _ in range(300):
        damaged = rng.choice(texts)
        for _ in range(rng.choice((1, 1, 2, 4))):
            at = rng.randrange(len(damaged) + 1)
            kind = rng.randrange(3)
            if kind == 0:
                damaged = damaged[:at] + rng.choice(bits) + damaged[at:]
            elif kind == 1:
                damaged = damaged[:at] + damaged[at + rng.choice((1, 2, 5)) :]
            else:
                damaged = damaged.replace(rng.choice(bits), rng.choice(bits))
        path.write_bytes(damaged.encode("utf-8"))
        try:
            read_table(path, max_z=30)
        except InputError as error:
            complaints.append(str(error))
    assert len(complaints) > 100
    assert not [complaint for complaint in complaints if "\n" in complaint or "table.csv" not in complaint]
