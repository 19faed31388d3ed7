"""The table and the figure of error correction say what was seen."""

from __future__ import annotations

import csv
import io

from keybounds.bounds.run import best_codes, shown_codes
from keybounds.reports import draw, table
from keybounds.reports.efficiency_table import key_bought


def test_the_table_has_every_code_and_marks_the_best() -> None:
    made = table("efficiency")
    rows = list(csv.DictReader(io.StringIO(made.render("csv"))))
    assert len(rows) == len(shown_codes())
    assert sum(row["recommended"] == "yes" for row in rows) == len(best_codes())
    for row, one in zip(rows, shown_codes(), strict=True):
        assert float(row["limit"]) == one.limit
        assert float(row["failures"]) == one.failures
        assert bool(row["key_renyi"]) == (one.channel == "ion" and one in best_codes())
    assert "Clopper-Pearson" in str(made)


def test_a_shorter_syndrome_buys_the_bits_that_it_saves() -> None:
    longest = max((one for one in shown_codes() if one.channel == "ion"), key=lambda one: one.rounds)
    same = [one for one in shown_codes() if (one.channel, one.rounds) == ("ion", longest.rounds)]
    keys = {one.checks: key_bought(one, "renyi") for one in same}
    if len(keys) > 1 and min(keys.values()) > 0:
        low, high = min(keys), max(keys)
        assert keys[low] - keys[high] == high - low


def test_the_figure_is_drawn_of_what_there_is() -> None:
    image = draw("efficiency", "svg").decode()
    for text in ("share that succeed", "ion, coupled, window 20", "ion, coupled, window 14", "8 %, polar"):
        assert f"<!-- {text} -->" in image
