"""CSV tables: what is written reads back equal, and what is not a complete table is refused with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from keybounds.errors import AmbiguousInputError, BehaviourError, DataFileError
from keybounds.experiments import Behaviour, born

Table = NDArray[np.float64]

GOOD = "x,y,a,b,p\n" + "".join(
    f"{x},{y},{a},{b},0.25\n" for x in (0, 1) for y in (0, 1) for a in (0, 1) for b in (0, 1)
)


def written(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_round_trip_is_lossless(tmp_path: Path, random_device: Callable[..., tuple[Any, Any, Any]], seed: int) -> None:
    exact = born(*random_device(seed))
    exact.to_csv(tmp_path / "p.csv")
    assert Behaviour.from_csv(tmp_path / "p.csv") == exact
    estimate = Behaviour(exact.P, uncertainty=np.sqrt(exact.P * (1 - exact.P) / 12345))
    estimate.to_csv(tmp_path / "dp.csv")
    assert Behaviour.from_csv(tmp_path / "dp.csv") == estimate
    rng = np.random.default_rng(seed)
    counts = np.stack(
        [rng.multinomial(1000, exact.P[:, :, x, y].ravel() / exact.P[:, :, x, y].sum()) for x, y in np.ndindex(2, 3)]
    )
    sampled = Behaviour.from_counts(counts.T.reshape(2, 2, 2, 3), max_z=8)
    sampled.to_csv(tmp_path / "count.csv")
    assert Behaviour.from_csv(tmp_path / "count.csv", max_z=8) == sampled


def test_unmeasured_pairs_are_left_out_and_must_be_named(tmp_path: Path, singlet_table: Table) -> None:
    table = singlet_table.copy()
    table[:, :, 1, 2] = np.nan
    behaviour = Behaviour(table, unmeasured=[(1, 2)])
    path = tmp_path / "table.csv"
    behaviour.to_csv(path)
    assert "1,2," not in path.read_text()
    assert Behaviour.from_csv(path, unmeasured=[(1, 2)]) == behaviour
    with pytest.raises(DataFileError, match="none with x=1, y=2"):
        Behaviour.from_csv(path)
    counts = np.full((2, 2, 2, 3), 7)
    counts[:, :, 1, 2] = 0
    Behaviour.from_counts(counts, unmeasured=[(1, 2)]).to_csv(path)
    assert Behaviour.from_csv(path, unmeasured=[(1, 2)]).rounds is not None


def test_layout_does_not_matter(tmp_path: Path) -> None:
    # order of rows and columns, spaces, a byte-order mark, blank lines, CRLF and a comment column
    lines = GOOD.splitlines()
    shuffled = [lines[0], *reversed(lines[1:])]
    moved = [",".join([*row.split(",")[::-1], "remark"]) for row in shuffled]
    text = "\ufeff" + "\r\n".join([moved[0], "", *(row.replace(",", " , ") for row in moved[1:])])
    assert Behaviour.from_csv(written(tmp_path, text)) == Behaviour.from_csv(written(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("change", "pattern"),
    [
        pytest.param(lambda s: "", "rows of a table; found none", id="empty"),
        pytest.param(lambda s: "x,y,a,b,p\n", "rows of a table; found headings alone", id="header-only"),
        pytest.param(
            lambda s: s.replace("x,y,a,b,p", "x,y,a,p"),
            "line 1 names 4 columns|line 2 has 5 fields, the first 4",
            id="missing-column",
        ),
        pytest.param(lambda s: s.replace("b,p", "b,q"), "a column count or p, or layout=", id="no-value-column"),
        pytest.param(lambda s: s.replace("b,p", "b,b,p"), "line 1 names 6 columns, others have 5", id="doubled-column"),
        pytest.param(
            lambda s: s.replace("b,p", "b,p,count"), "line 1 names 6 columns, others have 5", id="two-value-columns"
        ),
        pytest.param(
            lambda s: s.replace("0,1,1,0,0.25", "0,1,1,0"), "line 8 has 4 fields, the first 5", id="short-row"
        ),
        pytest.param(
            lambda s: s.replace("0,1,1,0,0.25", "0,1,1,0,x"), "line 8, column p: expected p, a number", id="unparsable"
        ),
        pytest.param(lambda s: s.replace("0,1,1,0,0.25", "0,1,1,0,nan"), "line 8, column p: .*'nan'", id="nan"),
        pytest.param(lambda s: s.replace("0,1,1,0,0.25", "0,1,1,0,"), "line 8, column p: .*''", id="blank"),
        pytest.param(
            lambda s: s.replace("0,1,1,0,0.25", "0,1,1,0,-.25"), "line 8, column p: .* found -.25", id="negative"
        ),
        pytest.param(
            lambda s: s.replace("0,1,1,0,0.25", "0,1,-1,0,.25"),
            "each outcome pair, zero or not; found none with x=0, y=1, a=0, b=0",
            id="index",
        ),
        pytest.param(
            lambda s: s.replace("0,1,1,0,0.25", "0,1,0,0,.25"), "line 8: .* a second x=0, y=1, a=0", id="twice"
        ),
        pytest.param(lambda s: s.replace("0,1,1,0,0.25\n", ""), "none with x=0, y=1, a=1, b=0", id="outcome"),
        pytest.param(lambda s: "".join(s.splitlines(True)[:13]), "none with x=1, y=1", id="setting"),
        pytest.param(lambda s: s.replace("0.25", '"0.25'), "line 2 has 1 fields, the first 5", id="open-quote"),
        pytest.param(
            lambda s: s.replace("p\n", "count\n", 1), "line 2, column count: expected whole counts", id="count"
        ),
    ],
)
def test_refused_with_its_place(tmp_path: Path, change: Callable[[str], str], pattern: str) -> None:
    with pytest.raises((DataFileError, AmbiguousInputError), match=pattern) as caught:
        Behaviour.from_csv(written(tmp_path, change(GOOD)))
    assert "table.csv" in caught.value.argument


def test_how_it_was_read_stands_in_the_provenance(tmp_path: Path) -> None:
    read = Behaviour.from_csv(written(tmp_path, GOOD.replace("\n1,", "\n9999999999,")))
    assert read == Behaviour.from_csv(written(tmp_path, GOOD))
    assert read.provenance == "table.csv; one row a cell; settings x: 0 = 0, 9999999999 = 1"


def test_a_complete_file_may_still_be_no_behaviour(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("0,1,1,0,0.25", "0,1,1,0,0.3"))
    with pytest.raises(BehaviourError, match=r"table\.csv: P: .* sum 1\.05 at x=0, y=1"):
        Behaviour.from_csv(path)
    row = "0,0,0,0,0.25"
    with pytest.raises(DataFileError, match=r"no rows of an unmeasured pair"):
        Behaviour.from_csv(written(tmp_path, GOOD.replace(row, row)), unmeasured=[(0, 0)])


def test_files_that_cannot_be_read_or_written(tmp_path: Path, singlet_table: Table) -> None:
    with pytest.raises(DataFileError, match="readable file"):
        Behaviour.from_csv(tmp_path / "absent.csv")
    with pytest.raises(DataFileError, match="one file a setting pair; found 0 files"):
        Behaviour.from_csv(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"x,y,a,b,p\n\xff\xfe")
    with pytest.raises(DataFileError, match=r"rows of a table; found headings alone|lines of one length"):
        Behaviour.from_csv(tmp_path / "binary.csv")
    with pytest.raises(DataFileError, match="can be written"):
        Behaviour(singlet_table).to_csv(tmp_path / "absent" / "table.csv")
    target = tmp_path / "folder.csv"
    target.mkdir()
    with pytest.raises(DataFileError, match="can be written"):
        Behaviour(singlet_table).to_csv(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["binary.csv", "folder.csv"]  # nothing half-written
