"""The table and the figure of the smallest gaps."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from keybounds.bounds import Answer, Direction
from keybounds.reports import draw, tables_of


@pytest.fixture(scope="module")
def gap(compared: Callable[[str], Answer]) -> Answer:
    return compared("smallest-gap")


def test_table_says_what_is_published_and_what_is_proven(gap: Answer) -> None:
    rows = list(csv.DictReader(io.StringIO(tables_of(gap)[0].render("csv"))))
    assert [row["source"] == "christandl2021" for row in rows] == [True] + [False] * (len(rows) - 1)
    assert [int(float(row["qubits"])) for row in rows] == [12, 12, 10, 8, 8, 8, 8, 6, 6]
    for row in rows:
        assert (float(row["k_lower"]) > float(row["k_di_upper"])) == (row["proven"] == "yes")
    assert rows[-1]["dimensions"] == "7x7"
    assert gap.findings["smallest"] == "rho_(3+4, p=9969/20000)"


def test_every_key_is_held_against_the_trusted_ceiling_of_its_state(gap: Answer) -> None:
    assert len(gap.checks) == len(tables_of(gap)[0].rows)
    assert all(check.holds for check in gap.checks)
    assert {check.lower.subject for check in gap.checks} == {
        row.subject for row in gap.rows if row.direction is Direction.LOWER
    }


def test_printed_numbers_keep_the_gap(gap: Answer) -> None:
    # rounded for print to their safe sides, six digits still show the thin margin at 7 x 7
    last = tables_of(gap)[0].rows[-1]
    key, ceiling = (float(cell.text) for cell in (last[4], last[6]))  # type: ignore[union-attr]
    assert key > ceiling


def test_figure_is_drawn() -> None:
    assert draw("smallest-gap", "svg").startswith(b"<?xml")
