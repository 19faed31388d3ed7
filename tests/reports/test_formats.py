"""Numbers keep their safe side when they are printed, and each format carries what its readers need."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybounds.bounds import Direction
from keybounds.errors import UnknownNameError
from keybounds.formatting import latex_number, latex_text, significant, with_uncertainty
from keybounds.tables import FORMATS, Column, Number, Table

TABLE = Table(
    name="t",
    title="A & B | 50 %",
    columns=(
        Column("who", "who"),
        Column("hidden", "hidden", for_data=True),
        Column("value", "K_DI ≤ p", r"$K_\mathrm{DI}\le p$"),
        Column("note", "note"),
    ),
    rows=(
        ("one", "h", Number.rounded(0.61260018, 4, Direction.UPPER, prefix="≤"), "a|b"),
        ("one", "h", Number.rounded(9.7424e-5, 3, Direction.LOWER, prefix="≥"), "x_y"),
        ("two", "h", Number(2.0, "2"), "<tag>"),
    ),
    notes=("100 % checked",),
    group="who",
)


@given(st.floats(min_value=1e-300, max_value=1e300), st.integers(1, 15))
def test_printed_numbers_stay_on_their_side(value: float, digits: int) -> None:
    low, high = (Decimal(significant(value, digits, side)) for side in (Direction.LOWER, Direction.UPPER))
    assert low <= Decimal(value) <= high
    assert high - low <= Decimal(10) ** (high.adjusted() - digits + 1)


@pytest.mark.parametrize(
    ("value", "digits", "side", "text"),
    [
        (0.61260018, 4, Direction.UPPER, "0.6127"),
        (0.61260018, 4, Direction.LOWER, "0.6126"),
        (0.125, 6, None, "0.125000"),
        (9.99999e-5, 3, Direction.UPPER, "0.000100"),
        (9.7423e-5, 3, Direction.LOWER, "9.74e-5"),
        (1.5e12, 3, None, "1.50e12"),
        (0.0, 3, Direction.UPPER, "0"),
    ],
)
def test_significant_digits(value: float, digits: int, side: Direction | None, text: str) -> None:
    assert significant(value, digits, side) == text


@pytest.mark.parametrize(
    ("value", "sigma", "side", "text"),
    [
        (2.677, 0.006, None, "2.677(6)"),
        (0.58341, 0.0093, Direction.LOWER, "0.5834(93)"),
        (0.61260018, 0.00831, Direction.UPPER, "0.6127(84)"),
        (95884.3, 12.0, Direction.LOWER, "95884(12)"),
    ],
)
def test_uncertainty_in_brackets(value: float, sigma: float, side: Direction | None, text: str) -> None:
    assert with_uncertainty(value, sigma, side) == text


def test_latex_escapes() -> None:
    assert latex_number("9.74e-5") == r"$9.74\times10^{-5}$"
    assert latex_number("2^20") == "$2^{20}$"
    assert latex_number("0.5834(94)") == "$0.5834(94)$"
    assert latex_text("A & B_c 50 % |x|") == r"A \& B\_c 50 \% $|$x$|$"


def test_csv_carries_exact_doubles_and_every_column() -> None:
    rows = list(csv.DictReader(io.StringIO(TABLE.render("csv"))))
    assert [row["who"] for row in rows] == ["one", "one", "two"]
    assert float(rows[0]["value"]) == 0.61260018


def test_json_carries_numbers_as_numbers() -> None:
    document = json.loads(TABLE.render("json"))
    assert document["rows"][1] == {"who": "one", "hidden": "h", "value": 9.7424e-5, "note": "x_y"}
    assert document["notes"] == ["100 % checked"]


def test_markdown_escapes_bars_and_groups_rows() -> None:
    text = TABLE.render("markdown")
    assert text.index("**one**") < text.index("≤ 0.6127") < text.index("**two**")
    assert r"a\|b" in text
    assert all(line.count("|") - line.count(r"\|") == 3 for line in text.splitlines() if line.startswith("|"))


def test_html_is_balanced_and_escaped() -> None:
    stack: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            stack.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert stack.pop() == tag

    html = TABLE.render("html")
    Check().feed(html)
    assert not stack
    assert "&lt;tag&gt;" in html
    assert 'title="0.61260018"' in html


def test_latex_rows_have_as_many_cells_as_columns() -> None:
    text = TABLE.render("latex")
    body = [line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
    assert {line.count(" & ") for line in body} == {1}
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    assert r"$\le$ $0.6127$" in text
    assert r"$\ge$ $9.74\times10^{-5}$" in text


def test_columns_for_data_are_not_shown_to_a_reader() -> None:
    for form in ("text", "latex", "markdown", "html"):
        assert "hidden" not in TABLE.render(form)


def test_latex_carries_title_and_notes_for_the_caption_and_breaks_long_tables() -> None:
    text = TABLE.render("latex")
    assert "% A & B | 50 %\n% 100 % checked\n" in text
    assert r"\begin{tabular}" in text
    long = replace(TABLE, rows=TABLE.rows * 20).render("latex")
    assert long.count(r"\begin{longtable}") == long.count(r"\end{longtable}") == 1
    assert "array,booktabs,longtable" in long


def test_a_longtable_wraps_texts_only_where_the_page_is_too_narrow() -> None:
    long = replace(TABLE, rows=TABLE.rows * 20)
    assert "raggedright" not in long.render("latex")
    wide = replace(long, rows=(*long.rows, (*long.rows[0][:3], "w" * 200))).render("latex")
    share = re.search(r"p\{(0\.\d+)\\linewidth\}", wide)
    assert share is not None
    assert 0.5 < float(share[1]) < 1  # what the numbers leave


def test_text_is_aligned_under_its_heading() -> None:
    lines = TABLE.render("text").splitlines()
    head = next(line for line in lines if line.startswith("K_DI"))
    column = head.index("note")
    assert [line[column:] for line in lines if line.startswith(("≤", "≥", "2 "))] == ["a|b", "x_y", "<tag>"]


def test_a_table_shows_itself() -> None:
    """A notebook shows HTML, a terminal the text, and a list of tables one line each."""
    assert TABLE._repr_html_() == TABLE.render("html")
    assert TABLE._repr_latex_() == TABLE.render("latex")
    assert str(TABLE) == TABLE.render("text")
    assert repr(TABLE) == "<Table t: 3 rows, 4 columns>"


def test_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'latex'"):
        TABLE.render("latx")
    assert set(FORMATS) == {"text", "latex", "csv", "markdown", "html", "json"}
