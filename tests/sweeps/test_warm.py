"""Warm starts: along parents that the plan fixes, so that no number depends on what was computed before it."""

from __future__ import annotations

import itertools
from typing import NoReturn

import pytest

from keybounds.bounds import Bound, Hierarchy, one_way
from keybounds.bounds.lower import devetak_winter
from keybounds.errors import BoundNotEstablishedError, UnknownNameError
from keybounds.experiments.platforms import platform_behaviour
from keybounds.proofs import certify, verify
from keybounds.sweeps import Plan, cell
from keybounds.sweeps.cell import Outcome, evaluate

TEXT = """
subject.kind = "photonic"
axes.efficiency = { from = 0.95, to = 0.952, count = %d }
compute.rate = { level = "11", nodes = 4, warm = "%s" }
"""
PLAN = Plan.of(TEXT % (5, "efficiency"))


def outcomes(cells: list[str]) -> dict[str, tuple[str, bytes]]:
    """Numbers and certificates as a process finds them that has computed nothing before."""
    cell._begun.cache_clear()
    found: dict[str, Outcome] = {inputs: evaluate(inputs) for inputs in cells}
    return {inputs: (one.numbers, one.documents) for inputs, one in found.items()}


def test_each_point_starts_from_the_middle_of_its_nine() -> None:
    plan = Plan.of(TEXT % (21, "efficiency"))
    values = plan.axes[0].values
    starts = [text.partition("near=efficiency:")[2] for text in plan.cells()]
    expected = [values[k] for k in [4] * 9 + [13] * 9 + [20] * 3]
    assert starts == ["" if start == value else start for start, value in zip(expected, values, strict=True)]


def test_a_middle_point_is_the_number_without_warm_starts() -> None:
    (plain,) = Plan.of(TEXT.replace(', warm = "%s"', "").replace("count = %d", "count = 5")).columns
    warm = PLAN.columns[0]
    assert [warm.cell(point) == plain.cell(point) for point in PLAN.points()] == [False] * 4 + [True]


def test_numbers_are_the_same_in_any_order_and_each_by_itself() -> None:
    cells = list(PLAN.cells())
    first, last = cells[0], cells[-1]
    together = outcomes(cells)
    assert outcomes(cells[::-1]) == together
    for alone in (first, last):
        assert outcomes([alone])[alone] == together[alone]
    # a start that moved on with the points that started there would be seen: twice in one process
    cell._begun.cache_clear()
    twice = [evaluate(first).numbers for _ in range(2)]
    assert twice == [together[first][0]] * 2


def test_a_warm_number_is_another_one_that_is_proven_too() -> None:
    """It is not the cold one to the last digit: its address must be another, and its certificate its own."""
    import json
    import zlib

    (point,) = itertools.islice(PLAN.points(), 1)
    outcome = evaluate(PLAN.columns[0].cell(point))
    (document,) = json.loads(zlib.decompress(outcome.documents))
    table = platform_behaviour("photonic", {"efficiency": point[0]})[0]
    cold = devetak_winter(table, one_way((0, 2)), Hierarchy("11", 4))
    assert Bound.from_dict(document).value == pytest.approx(cold.value, abs=1e-4)
    assert document["value"] != cold.value
    assert verify(certify(document)).accepted


def test_a_start_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    def fails(*_: object) -> NoReturn:
        raise BoundNotEstablishedError("no start")

    inputs = next(PLAN.cells())
    cold = evaluate(inputs.partition("\nnear=")[0])
    quantity = replace(PLAN.columns[0].quantity, begin=fails)
    known = cell.read(inputs)
    monkeypatch.setattr(cell, "read", lambda text: (known[0], quantity, dict(cell_settings(text))))
    cell._begun.cache_clear()
    assert evaluate(inputs).numbers == cold.numbers
    cell._begun.cache_clear()


def cell_settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.split("\n")[1:])


def test_another_axis_than_there_is() -> None:
    with pytest.raises(UnknownNameError, match=r"compute\.rate\.warm: .*did you mean 'efficiency'"):
        Plan.of(TEXT % (5, "eficiency"))
