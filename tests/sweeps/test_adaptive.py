"""Adaptive plans: complete generations that follow from the plan, until interpolation is good or the budget spent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest

from keybounds import sweep
from keybounds.bounds import Link
from keybounds.bounds.lower import chsh_rate
from keybounds.errors import DataFileError, KeyboundsError, UnknownNameError
from keybounds.sweeps import Plan, Store, Sweep, execution
from keybounds.sweeps.adaptive import Stage, expanded

LINE = """
subject = { kind = "link", qber = 0.0144 }
axes.chsh = { from = 2.1, to = 2.8, count = 5 }
compute = { rate = {}, ceiling = {} }
plan = { kind = "adaptive", column = "rate", tolerance = %s, budget = %d }
"""
PLANE = """
subject.kind = "link"
axes = { chsh = [2.2, 2.8], qber = [0, 0.1] }
compute.rate = {}
plan = { kind = "adaptive", tolerance = 0.01, budget = 400 }
"""


def values(found: Sweep) -> tuple[np.ndarray, np.ndarray]:
    columns = found.to_columns()
    return np.array(columns["chsh"]), np.array(columns["rate"])


def test_points_stand_where_the_rate_bends(tmp_path: Path) -> None:
    plan = Plan.of(LINE % ("1e-3", 500))
    found = sweep(plan, tmp_path / "links.sqlite", executor=1)
    chsh, rate = values(found)
    assert (np.diff(chsh) > 0).all()
    probes = [2.1 + 0.7 * Random(k).random() for k in range(200)]
    truth = np.array([chsh_rate(Link(s, Fraction("0.0144"))).value for s in probes])
    error = np.abs(np.interp(probes, chsh, rate) - truth)
    assert error.max() < 2e-3  # a tolerance at the middles of intervals is about one between them
    kink = chsh[rate > 0].min()
    near = np.diff(chsh)[np.abs(chsh[:-1] - kink) < 0.02]
    assert near.max() < 0.03  # where it leaves 0
    assert np.diff(chsh).max() > 1.9 * near.min()  # and coarse where it does not bend
    assert found.counts()["ceiling"].missing == 0


def test_the_first_generation_halves_every_side(tmp_path: Path) -> None:
    chsh, _ = values(sweep(Plan.of(LINE % ("1", 9)), tmp_path / "links.sqlite", executor=1))
    assert chsh.tolist() == [2.1, 2.1875, 2.275, 2.3625, 2.45, 2.5375, 2.625, 2.7125, 2.8]


def test_a_budget_ends_it_before_the_generation_that_exceeds_it(tmp_path: Path) -> None:
    ended = []
    for budget in (9, 16, 30, 60):
        store = tmp_path / f"{budget}.sqlite"
        plan = Plan.of(LINE % ("1e-5", budget))
        found = sweep(plan, store, executor=1)
        assert found.plan.count <= budget
        assert found.stage.endswith(": the next generation exceeds the budget")
        with Store(store) as kept:
            assert expanded(plan, kept).stage is Stage.BUDGET
        ended.append({point for point, _ in found.rows()})
    assert ended[0] <= ended[1] <= ended[2] <= ended[3]
    assert len(ended[3]) > len(ended[1])


def test_points_do_not_depend_on_who_ends_first_or_where_it_was_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan.of(PLANE)
    whole = sweep(plan, tmp_path / "whole.sqlite", executor=1)
    assert 30 < whole.plan.count < 400
    monkeypatch.setattr(execution, "_MOST", 3)
    with ThreadPoolExecutor(4) as executor:
        assert sweep(plan, tmp_path / "threads.sqlite", executor=executor).to_csv() == whole.to_csv()
    monkeypatch.setattr(execution, "SECONDS", 0.001)
    ended = 0
    chance = Random(14)
    while True:  # ended again and again, each time after some numbers
        left = chance.randrange(2, 12)

        def end(_: object, left: int = left, counted: list[int] = [0]) -> None:  # noqa: B006 - one list a definition
            counted[0] += 1
            if counted[0] > left:
                raise KeyboardInterrupt

        try:
            found = sweep(plan, tmp_path / "ended.sqlite", executor=1, watcher=end)
            break
        except KeyboardInterrupt:
            ended += 1
    assert ended > 3
    assert found.to_csv() == whole.to_csv()


def test_the_points_of_a_started_plan_are_known_to_a_reader(tmp_path: Path) -> None:
    plan = Plan.of(LINE % ("1e-3", 500))
    path = tmp_path / "links.sqlite"
    with Store(path, writes=True) as store:
        assert Sweep.of(plan, store).plan.count == 9
        assert Sweep.of(plan, store).stage == "generation 0: a generation is being computed"
        assert expanded(plan, store).stage is Stage.COMPUTING
    sweep(plan, path, executor=1)
    with Store(path) as store:
        now = expanded(plan, store)
        assert (now.stage, now.plan.count) == (Stage.CONVERGED, Sweep.of(plan, store).plan.count)
        assert now.generation >= 3


def test_whole_numbers_end_where_there_is_none_between(tmp_path: Path) -> None:
    text = """
    subject.kind = "ppt-private"
    axes.d = [20, 28]
    compute.rate = {}
    plan = { kind = "adaptive", tolerance = 1e-9, budget = 100 }
    """
    found = sweep(Plan.of(text), tmp_path / "states.sqlite", executor=1)
    assert [point for point, _ in found.rows()] == [(str(d),) for d in range(20, 29)]


def test_a_corner_that_failed_is_no_reason_to_go_on(tmp_path: Path) -> None:
    text = LINE.replace("to = 2.8, count = 5", "to = 2.9, count = 2") % ("1e-3", 500)
    found = sweep(Plan.of(text), tmp_path / "links.sqlite", executor=1)
    assert [point for point, _ in found.rows()] == [("2.1",), ("2.5",), ("2.9",)]
    assert len(found.failures) == 2


FAULTS = {
    "column": ('column = "rate"', 'column = "raet"', UnknownNameError, r"plan\.column: .*did you mean 'rate'"),
    "status": ('column = "rate"', 'column = "rate.status"', UnknownNameError, r"one of ceiling, rate; found"),
    "tolerance": (
        "tolerance = 1",
        "tolerance = 0",
        DataFileError,
        r"plan\.tolerance: expected a number above 0",
    ),
    "budget": ("budget = 500", "budget = 8", DataFileError, r"at least 9 points, the first generation; found 8"),
    "one value": ("count = 5", "count = 1", DataFileError, r"axes\.chsh: expected at least two values"),
    "words": (
        "compute",
        "axes.noise = [0, 0.1]\naxes.key = [[0, 2], [1, 2]]\ncompute",
        DataFileError,
        r"axes\.key: expected an axis of numbers, to be refined",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_refined_is_refused(fault: str) -> None:
    old, new, error, message = FAULTS[fault]
    with pytest.raises(KeyboundsError, match=message) as raised:
        Plan.of((LINE % ("1", 500)).replace(old, new, 1))
    assert type(raised.value) is error
