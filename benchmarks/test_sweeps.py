"""Campaigns: what a point costs beside its number, closed forms by the thousand, and going on in a large store.

Run with ``make bench``. The peer of the overhead is a loop over the same routine.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from keybounds import sweep
from keybounds.bounds import Link
from keybounds.bounds.lower import chsh_rate
from keybounds.sweeps import Plan, Store
from keybounds.sweeps.campaign import missing
from keybounds.sweeps.cell import Outcome, evaluate

Benchmark = Any
LINKS = """
subject.kind = "link"
axes.chsh = { from = 2.1, to = 2.8, count = %d }
axes.qber = { from = 0.0, to = 0.1, count = %d }
compute.rate = {}
"""


def loop(plan: Plan) -> list[float]:
    return [chsh_rate(Link(Fraction(chsh), Fraction(qber))).value for chsh, qber in plan.points()]


@pytest.mark.benchmark(group="1000 closed forms")
def test_a_loop(benchmark: Benchmark) -> None:
    assert max(benchmark.pedantic(loop, args=(Plan.of(LINKS % (40, 25)),), rounds=3, warmup_rounds=1)) > 0.9


@pytest.mark.benchmark(group="1000 closed forms")
def test_a_sweep_in_one_process(benchmark: Benchmark, tmp_path: Path) -> None:
    """What it costs beyond the loop is the overhead: documents with certificates, and the store."""
    plan = Plan.of(LINKS % (40, 25))
    stores = iter(range(10))
    found = benchmark.pedantic(
        lambda: sweep(plan, tmp_path / f"{next(stores)}.sqlite", executor=1), rounds=3, warmup_rounds=1
    )
    assert found.counts()["rate"].done == 1000


@pytest.mark.benchmark(group="100 000 closed forms")
@pytest.mark.parametrize("processes", [1, 2])
def test_many_closed_forms(benchmark: Benchmark, tmp_path: Path, processes: int) -> None:
    plan = Plan.of(LINKS % (400, 250))
    found = benchmark.pedantic(sweep, args=(plan, tmp_path / "many.sqlite"), kwargs={"executor": processes}, rounds=1)
    assert found.counts()["rate"].done == 100_000


@pytest.mark.benchmark(group="1 000 000 stored numbers")
def test_going_on_in_a_large_store(benchmark: Benchmark, tmp_path: Path) -> None:
    """What is missing of a plan of a million points, all of which are stored."""
    plan = Plan.of(LINKS % (1000, 1000))
    one = evaluate(next(plan.cells()))
    outcome = Outcome(one.numbers, one.status, "", one.documents, 1e-4)
    with Store(tmp_path / "large.sqlite", writes=True) as store:
        store.put((cell, outcome) for cell in plan.cells())
        assert benchmark.pedantic(lambda: sum(1 for _ in missing(plan, store)), rounds=1) == 0
