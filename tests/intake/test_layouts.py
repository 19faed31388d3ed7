"""The same counts in every layout that laboratories use read to the same arrays; what fits two readings is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import AmbiguousInputError, DataFileError, InputError, UnsupportedError
from keybounds.experiments import Reading, read_table

# A laboratory's counts with its minus sign at (1,1): S = 2.5587 (lukeburns/entanglement, data.xlsx)
N = {
    (0, 0): (540, 133, 94, 519),
    (0, 1): (531, 109, 73, 566),
    (1, 0): (554, 208, 107, 532),
    (1, 1): (134, 561, 490, 92),
}
COUNTS = np.array([[N[x, y] for y in (0, 1)] for x in (0, 1)]).reshape(2, 2, 2, 2).transpose(2, 3, 0, 1)
ROWS = [(x, y, a, b, N[x, y][2 * a + b]) for x, y in N for a in (0, 1) for b in (0, 1)]


def text(rows: Any, head: str = "x,y,a,b,count", sep: str = ",", before: str = "", after: str = "") -> str:
    lines = [head.replace(",", sep), *(sep.join(map(str, row)) for row in rows)]
    return before + "".join(line + "\n" for line in lines) + after


def renamed(**labels: tuple[str, str]) -> list[tuple[object, ...]]:
    """The rows with other labels of some columns."""
    return [
        (*(labels[c][v] if c in labels else v for c, v in zip("xyab", row[:4], strict=True)), row[4]) for row in ROWS
    ]


TEXTS: dict[str, str] = {
    "plain": text(ROWS),
    "plus and minus one": text([(x, y, 1 - 2 * a, 1 - 2 * b, n) for x, y, a, b, n in ROWS]),
    "signed": text(renamed(a=("+1", "-1"), b=("+1", "-1"))),
    "signs": text(renamed(a=("+", "-"), b=("+", "-"))),
    "a minus sign of typography": text(renamed(a=("1", "−1"), b=("1", "−1"))),
    "polarisation": text(renamed(a=("H", "V"), b=("h", "v"))),
    "clicks": text(renamed(a=("click", "no-click"), b=("click", "no-click"))),
    "settings from one": text([(x + 1, y + 1, a, b, n) for x, y, a, b, n in ROWS]),
    "named settings": text(renamed(x=("a", "a'"), y=("b", "b'"))),
    "numbered settings": text(renamed(x=("A0", "A1"), y=("B0", "B1"))),
    "outcomes from one": text([(x, y, a + 1, b + 1, n) for x, y, a, b, n in ROWS]),
    "count 540.0": text([(*row[:4], float(row[4])) for row in ROWS]),
    "tab": text(ROWS, sep="\t"),
    "semicolon": text(ROWS, sep=";"),
    "bar": text(ROWS, sep="|"),
    "spaces": text(ROWS, sep="   "),
    "padded": text(ROWS, sep=" , "),
    "decimal commas": text([(*row[:4], f"{row[4]},0") for row in ROWS], sep=";"),
    "quoted": text([(*(f'"{v}"' for v in row),) for row in ROWS]),
    "capitals": text(ROWS, "X,Y,A,B,COUNT"),
    "spelled out": text(ROWS, "Alice setting,Bob setting,Alice,Bob,N"),
    "settings A, B and outcomes a, b": text(ROWS, "A,B,a,b,counts"),
    "other order": text([(a, b, x, y, n) for x, y, a, b, n in ROWS], "a,b,x,y,count"),
    "comments": text(ROWS, before="# run 3, Tuesday\n% angles in degrees\n"),
    "blank lines": text(ROWS, before="\n\n", after="\n\n"),
    "returns": text(ROWS).replace("\n", "\r\n"),
    "old returns": text(ROWS).replace("\n", "\r"),
    "byte order mark": "\ufeff" + text(ROWS),
    "another column": text([(*row, "12:30") for row in ROWS], "x,y,a,b,count,time"),
    "shuffled": text(sorted(ROWS, key=lambda row: row[4])),
    "trials": text([row[:4] for row in ROWS for _ in range(row[4])], "x,y,a,b"),
    "trials with labels": text(
        [row[:4] for row in renamed(a=("+", "-"), b=("+", "-")) for _ in range(row[4])], "x,y,a,b"
    ),
    "wide": text([(x, y, *N[x, y]) for x, y in N], "x,y,00,01,10,11"),
    "wide, signs": text([(x, y, *N[x, y]) for x, y in N], "x,y,++,+-,-+,--"),
    "wide, coincidences": text([(x + 1, y + 1, *N[x, y]) for x, y in N], "setting_a,setting_b,N++,N+-,N-+,N--"),
    "wide, letters": text([(x, y, *N[x, y]) for x, y in N], "x;y;HH;HV;VH;VV", ";").replace(",", ";"),
    "no cell of no counts": text([row for row in ROWS if row[4]]),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_the_same_counts(name: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(TEXTS[name].encode("utf-8"))
    reading = read_table(path)
    assert reading.counts is not None
    np.testing.assert_array_equal(reading.counts, COUNTS)
    assert round(reading.behaviour.chsh, 4) == 2.5587


def test_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    for encoding in ("utf-16", "cp1252"):
        path.write_bytes(text(ROWS, before="# für Zürich\n").encode(encoding))
        np.testing.assert_array_equal(read_table(path).counts, COUNTS)
    assert "not UTF-8: read as Windows-1252" in read_table(path).notes


def frames() -> Iterator[tuple[str, object]]:
    class Frame:
        """What a data frame of any library has."""

        def __init__(self, columns: list[str], rows: list[tuple[object, ...]]) -> None:
            self.columns, self.rows = columns, rows
            self.shape = len(rows), len(columns)

        def __getitem__(self, name: str) -> Any:
            column = [row[self.columns.index(name)] for row in self.rows]
            return SimpleNamespace(to_numpy=lambda: np.array(column))

    yield "frame", Frame(["x", "y", "a", "b", "count"], list(ROWS))
    yield "frame of floats", Frame(["x", "y", "a", "b", "count"], [tuple(float(v) for v in row) for row in ROWS])
    yield "columns", {name: [row[k] for row in ROWS] for k, name in enumerate(("x", "y", "a", "b", "count"))}
    yield "cells", {row[:4]: row[4] for row in ROWS}
    yield "pairs", {pair: dict(zip(("00", "01", "10", "11"), n, strict=True)) for pair, n in N.items()}
    yield "pairs of tuples", {p: dict(zip(((1, 1), (1, -1), (-1, 1), (-1, -1)), n, strict=True)) for p, n in N.items()}
    yield "rows of an array", np.array(ROWS)


SOURCES = dict(frames())


@pytest.mark.parametrize("name", SOURCES)
def test_frames_arrays_and_dictionaries(name: str) -> None:
    layout = "x,y,a,b,count" if name == "rows of an array" else None
    np.testing.assert_array_equal(read_table(SOURCES[name], layout=layout).counts, COUNTS)


def test_qiskit_prints_its_last_bit_first() -> None:
    turned = {pair: {"00": n[0], "10": n[1], "01": n[2], "11": n[3]} for pair, n in N.items()}
    reading = read_table(turned, layout="qiskit")
    np.testing.assert_array_equal(reading.counts, COUNTS)
    assert any("Qiskit" in note for note in read_table(turned).notes)


def test_one_file_a_setting_pair(tmp_path: Path) -> None:
    files = {}
    for (x, y), n in N.items():
        files[x, y] = tmp_path / f"a{x}b{y}.csv"
        rows = [(a, b, n[2 * a + b]) for a in (0, 1) for b in (0, 1)]
        files[x, y].write_text(text(rows, "Alice,Bob,N"))
    np.testing.assert_array_equal(read_table(files).counts, COUNTS)
    with pytest.raises(DataFileError, match="one file a setting pair"):
        read_table(files[0, 0])


def workbook(rows: list[tuple[object, ...]]) -> bytes:
    """A minimal .xlsx with one sheet."""
    cells = "".join(
        "<row>" + "".join(
            f"<c><v>{v}</v></c>" if isinstance(v, (int, float)) else f'<c t="inlineStr"><is><t>{v}</t></is></c>'
            for v in row
        ) + "</row>"
        for row in rows
    )  # fmt: skip
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Run 3" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, f'<?xml version="1.0"?>{part}')
    return data.getvalue()


def test_workbooks(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "table.xlsx"
    path.write_bytes(workbook([("x", "y", "a", "b", "count"), *renamed(a=("+", "-"), b=("+", "-"))]))
    reading = read_table(path)
    np.testing.assert_array_equal(reading.counts, COUNTS)
    path.write_bytes(b"PK no workbook")
    with pytest.raises(DataFileError, match="a workbook"):
        read_table(path)


def test_a_missing_reader_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    path = tmp_path / "table.xlsx"
    path.write_bytes(workbook([("x", "y", "a", "b", "count"), *ROWS]))
    with pytest.raises(UnsupportedError, match=r"keybounds\[tables\]"):
        read_table(path)


def test_arrays_on_disk(tmp_path: Path) -> None:
    import scipy.io

    np.save(tmp_path / "t.npy", COUNTS)
    np.savez(tmp_path / "t.npz", counts=COUNTS, efficiency=0.9)
    scipy.io.savemat(tmp_path / "t.mat", {"counts": COUNTS, "note": "run 3"})
    for suffix in ("npy", "npz", "mat"):
        path = tmp_path / f"t.{suffix}"
        np.testing.assert_array_equal(read_table(path, layout="abxy").counts, COUNTS)
        with pytest.raises(AmbiguousInputError, match="order of the axes"):
            read_table(path)
    np.save(tmp_path / "t.npy", COUNTS.transpose(2, 3, 0, 1))
    np.testing.assert_array_equal(read_table(tmp_path / "t.npy", layout="xyab").counts, COUNTS)
    columns = {name: np.array([row[k] for row in ROWS]) for k, name in enumerate(("x", "y", "a", "b", "n"))}
    scipy.io.savemat(tmp_path / "t.mat", columns)
    np.testing.assert_array_equal(read_table(tmp_path / "t.mat").counts, COUNTS)


@pytest.mark.parametrize("block", [0, 512], ids=["bare", "with MATLAB's text in front"])
def test_matlab_of_today(tmp_path: Path, block: int) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "t.mat", "w", userblock_size=block) as file:
        file["counts"] = COUNTS.T
    if block:
        with (tmp_path / "t.mat").open("r+b") as raw:
            raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64 HDF5 schema 1.00 .".ljust(124) + b"\x00\x02IM")
    np.testing.assert_array_equal(read_table(tmp_path / "t.mat", layout="abxy").counts, COUNTS)


def test_probabilities_tell_the_order_of_their_axes() -> None:
    P = np.full((2, 2, 3, 2), 0.25)
    P[0, 0], P[1, 1], P[0, 1], P[1, 0] = 0.4, 0.4, 0.1, 0.1
    assert read_table(P).behaviour == read_table(P.transpose(2, 3, 0, 1)).behaviour


REFUSED: dict[str, tuple[Callable[[], object], type[InputError], str]] = {
    "nothing": (lambda: "", DataFileError, "rows of a table"),
    "comments only": (lambda: "# nothing\n", DataFileError, "comments only"),
    "prose": (lambda: "once upon a time\nthere was\n", DataFileError, "lines of one length"),
    "a short line": (lambda: text(ROWS, after="0,1,0\n"), DataFileError, "line 18 has 3 fields, the first 5"),
    "no headings": (lambda: text(ROWS).split("\n", 1)[1], AmbiguousInputError, "layout='x,y,a,b,count'"),
    "two counts": (lambda: text([(*r, 1) for r in ROWS], "x,y,a,b,count,N"), AmbiguousInputError, "one column for co"),
    "counts and p": (lambda: text([(*r, 0.1) for r in ROWS], "x,y,a,b,count,p"), AmbiguousInputError, "both"),
    "a cell twice": (lambda: text([*ROWS, (0, 0, 0, 0, 7)]), DataFileError, "line 18.*a second x=0, y=0, a=0, b=0"),
    "a row twice": (lambda: text([*ROWS, ROWS[0]]), DataFileError, "each row once"),
    "a negative count": (lambda: text([(*r[:4], -r[4]) for r in ROWS]), DataFileError, "line 2.*quasi-counts"),
    "a fraction": (lambda: text([(*r[:4], r[4] + 0.5) for r in ROWS]), DataFileError, "line 2.*fractional"),
    "a point in thousands": (lambda: text([(*r[:4], "1.234") for r in ROWS]), DataFileError, "--decimal ,"),
    "no number": (lambda: text([*ROWS[:-1], (1, 1, 1, 1, "many")]), DataFileError, "line 17.*many"),
    "thousands or decimals": (
        lambda: text([(*row[:4], "1,234") for row in ROWS], sep=";"), AmbiguousInputError, "decimal=','"
    ),
    "no outcomes": (lambda: "x,y,count\n0,0,5\n0,1,5\n", DataFileError, "settings and values but no outcomes"),
    "binary": (lambda: "\x00\x01\x02", DataFileError, "binary data"),
    "a missing p": (lambda: text([(*r[:4], 0.25) for r in ROWS[:-1]], "x,y,a,b,p"), DataFileError, "each outcome pair"),
    "an empty field of a trial": (lambda: "x,y,a,b\n0,0,0,\n0,0,1,1\n", DataFileError, "empty field"),
    "four outcomes without order": (
        lambda: text([(0, 0, a, 0, 5) for a in ("red", "green", "blue", "grey")]), AmbiguousInputError, "labels="
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_and_with_which_remedy(name: str, tmp_path: Path) -> None:
    make, kind, match = REFUSED[name]
    path = tmp_path / "table.csv"
    path.write_text(str(make()))
    with pytest.raises(kind, match=match) as error:
        read_table(path)
    assert type(error.value) is kind
    assert "table.csv" in str(error.value) or "layout" in str(error.value)


def test_every_guess_can_be_overridden(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text(renamed(a=("+", "-"))))
    plain = read_table(path)
    assert "outcomes a: + = 0, - = 1" in plain.notes
    turned = read_table(path, labels={"a": {"+": 1, "-": 0}})
    np.testing.assert_array_equal(turned.counts, COUNTS[::-1])
    with pytest.raises(InputError, match="none for '-'"):
        read_table(path, labels={"a": {"+": 0}})
    with pytest.raises(InputError, match="without a gap"):
        read_table(path, labels={"a": {"+": 0, "-": 2}})
    with pytest.raises(InputError, match="labels of x, y, a or b"):
        read_table(path, labels={"c": {}})
    path.write_text(text([(*row[:4], "1,234") for row in ROWS], sep=";"))
    assert read_table(path, decimal=".").counts is not None
    path.write_text(text(ROWS).split("\n", 1)[1])
    np.testing.assert_array_equal(read_table(path, layout="x,y,a,b,count").counts, COUNTS)
    with pytest.raises(InputError, match="one of long, wide"):
        read_table(path, layout="tall")
    with pytest.raises(DataFileError, match="5"):
        read_table(path, layout="x,y,a,b")


def test_missing_pairs_and_cells_are_said(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text([row for row in ROWS if row[:2] != (1, 1) and row[:4] != (0, 1, 1, 0)]))
    reading = read_table(path)
    assert reading.behaviour.unmeasured == {(1, 1)}
    assert reading.counts is not None
    assert reading.counts[1, 0, 0, 1] == 0
    assert "no rows for (1,1): taken as not measured" in reading.notes
    assert "1 cells without a row: counts of 0" in reading.notes
    assert read_table(path, unmeasured=[(1, 1)]).behaviour == reading.behaviour
    with pytest.raises(DataFileError, match="no rows of an unmeasured pair"):
        read_table(path, unmeasured=[(0, 0)])


def test_three_outcomes_end_with_what_was_not_detected(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = [(0, 0, a, b, 5 + 3 * k) for k, (a, b) in enumerate((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1))]
    path.write_text(text(rows))
    reading: Reading = read_table(path)
    assert reading.labels["a"] == {"1": 0, "-1": 1, "0": 2}
    path.write_text(text([(x, y, {0: "none"}.get(a, a), b, n) for x, y, a, b, n in rows]))
    assert read_table(path).labels["a"] == {"-1": 1, "1": 0, "none": 2}


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(0, 10**6), min_size=24, max_size=24),
    order=st.permutations(range(24)),
    sep=st.sampled_from([",", ";", "\t"]),
)
def test_any_counts_survive(
    counts: list[int], order: list[int], sep: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the counts, of whatever behaviour, the array is the one that was written (2x3 settings)."""
    from keybounds.experiments.intake.columns import recognised
    from keybounds.experiments.intake.layouts import cells_of
    from keybounds.experiments.intake.text import text_rows

    cells = [(x, y, a, b) for x in (0, 1) for y in (0, 1, 2) for a in (0, 1) for b in (0, 1)]
    rows = [(*cells[k], counts[k]) for k in order]
    read = text_rows("t", text(rows, sep=sep).encode())
    found = cells_of(read, recognised(read), None)
    assert {tuple(map(int, cell)): int(v) for cell, v in found.values.items()} == dict(zip(cells, counts, strict=True))


def test_thousands_are_separated_in_many_ways(tmp_path: Path) -> None:
    from keybounds.experiments.intake.numbers import to_number

    for written in ("1234567", "1,234,567", "1'234'567", "1’234’567", "1 234 567", "1\u00a0234\u00a0567"):
        assert to_number("t", "count", written, ".") == 1234567
    assert to_number("t", "count", "1.234.567", ",") == 1234567
    assert to_number("t", "p", "1.234,5", ",") == 1234.5
    assert to_number("t", "p", "1,234.5", ".") == 1234.5
    assert to_number("t", "p", "−2,5e-3", ",") == -0.0025
    for wrong in ("1,23", "12,34,567", "1.2.3", "", "nan", "inf", "0x10", "1e999", "٣"):
        with pytest.raises(DataFileError, match="a number"):
            to_number("t", "count", wrong, ".")


def test_dictionaries_of_counts_need_the_names_of_their_pairs() -> None:
    with pytest.raises(DataFileError, match="give each pair its name"):
        read_table([{"00": 8, "01": 1, "10": 2, "11": 9}] * 4)
