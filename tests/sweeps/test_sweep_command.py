"""`keybounds sweep`: what it prints and where, how it ends, and what it refuses before anything is computed."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from keybounds.bounds import Link, two_way
from keybounds.bounds.upper import chsh_ceiling
from keybounds.sweeps import Plan, Store
from keybounds.sweeps.cell import address_of

PLAN = """
title = "Two links"
subject = { kind = "link", qber = 0.0144 }
axes.chsh = [2.3, 2.677]
compute = { rate = {}, ceiling = {} }
"""
ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "links.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "links.sqlite"


def test_it_computes_counts_and_exports(keybounds: Command, plan: Path, store: Path, tmp_path: Path) -> None:
    done = keybounds("sweep", str(plan), "--out", str(store))
    expected = "Two links: 2 points\nrate     2 done, 0 failed, 0 missing\nceiling  2 done, 0 failed, 0 missing\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")  # and quiet, where nobody looks
    printed = keybounds("sweep", str(plan), "--out", str(store), "--export", "csv")
    written = keybounds("sweep", str(plan), "--out", str(store), "--export", "csv", "--to", str(tmp_path / "a.csv"))
    assert written.stdout == ""
    assert (tmp_path / "a.csv").read_text() == printed.stdout
    ceiling = chsh_ceiling(Link(Fraction("2.677"), Fraction("0.0144")), two_way((0, 2))).value
    assert printed.stdout.splitlines()[2] == f"2.677,0.583414497086542,enclosed,{ceiling!r},enclosed"


def test_status_and_what_is_there_so_far(keybounds: Command, plan: Path, store: Path) -> None:
    missing = keybounds("sweep", str(plan), "--out", str(store), "--status")
    assert (missing.returncode, "to be a store; found no such file" in missing.stderr) == (2, True)
    part = plan.with_name("part.toml")
    part.write_text(PLAN.replace("2.3, ", "").replace(", ceiling = {}", ""))
    assert keybounds("sweep", str(part), "--out", str(store)).returncode == 0
    with Store(store, writes=True):  # as while a campaign runs
        done = keybounds("sweep", str(plan), "--out", str(store), "--status")
        assert "rate     1 done, 0 failed, 1 missing\nceiling  0 done, 0 failed, 2 missing\n" in done.stdout
        so_far = keybounds("sweep", str(plan), "--out", str(store), "--status", "--export", "csv").stdout
        assert so_far.splitlines()[1:] == ["2.3,,missing,,missing", "2.677,0.583414497086542,enclosed,,missing"]
        second = keybounds("sweep", str(plan), "--out", str(store))
        assert (second.returncode, "another process writes it" in second.stderr) == (2, True)


def test_a_failure_is_said_with_its_reason(keybounds: Command, plan: Path, store: Path) -> None:
    plan.write_text(PLAN.replace("2.3", "2.9, 2.95"))
    for _ in range(2):
        done = keybounds("sweep", str(plan), "--out", str(store))
        assert done.returncode == 1
        assert "rate     1 done, 2 failed, 0 missing" in done.stdout
        assert done.stderr.count("failed: chsh: expected a CHSH value in [-2√2, 2√2]") == 2
    assert keybounds("sweep", str(plan), "--out", str(store), "--status").returncode == 0


def test_verify_goes_through_every_certificate(keybounds: Command, plan: Path, store: Path) -> None:
    done = keybounds("sweep", str(plan), "--out", str(store), "--verify")
    assert (done.returncode, done.stderr) == (0, "4 certificates accepted, 0 not, 0 numbers without one\n")
    better, document = address_of()(list(Plan.of(PLAN).cells())[2]), None
    with sqlite3.connect(store) as connection:
        row = connection.execute("select documents from cell where address = ?", (better,)).fetchone()
        document = json.loads(zlib.decompress(row[0]))
        document[0]["value"] += 0.001
        changed = zlib.compress(json.dumps(document).encode())
        connection.execute("update cell set documents = ? where address = ?", (changed, better))
    done = keybounds("sweep", str(plan), "--out", str(store), "--verify", "--status")
    assert done.returncode == 1
    assert "not accepted: rate at chsh = 2.677: the number in the store is not 0.584" in done.stderr
    with sqlite3.connect(store) as connection:
        numbers = json.dumps({"": document[0]["value"]})
        connection.execute("update cell set numbers = ? where address = ?", (numbers, better))
    done = keybounds("sweep", str(plan), "--out", str(store), "--verify", "--status")
    assert done.returncode == 1
    assert "3 certificates accepted, 1 not, 0 numbers without one" in done.stderr


def test_a_dry_run_counts_and_estimates_and_stores_nothing(keybounds: Command, plan: Path, store: Path) -> None:
    done = keybounds("sweep", str(plan), "--out", str(store), "--dry-run", "--workers", "2")
    head, rate, ceiling, last = done.stdout.splitlines()
    assert head == "Two links: 2 points"
    assert rate.startswith("rate     2 of 2 numbers missing, ")
    assert ceiling.startswith("ceiling  2 of 2 numbers missing, ")
    assert last.startswith("about 0 s on 2 processes, ")
    assert not store.exists()


def test_a_log_for_machines(keybounds: Command, plan: Path, store: Path) -> None:
    done = keybounds("sweep", str(plan), "--out", str(store), "--log", "json", "--workers", "1")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["done"], line["total"], line["failed"]) for line in lines] == [(0, 4, 0), (4, 4, 0)]
    assert lines[-1]["best"] == {"value": 0.583414497086542, "at": "chsh = 2.677"}


@pytest.mark.skipif(find_spec("polars") is not None or find_spec("pyarrow") is not None, reason="it can be written")
def test_parquet_without_what_writes_it(keybounds: Command, plan: Path, store: Path, tmp_path: Path) -> None:
    to = tmp_path / "links.parquet"
    done = keybounds("sweep", str(plan), "--out", str(store), "--export", "parquet", "--to", str(to))
    assert done.returncode == 2
    assert "parquet: expected polars or pyarrow, as by: pip install polars; found neither installed" in done.stderr
    assert not to.exists()


def test_parquet_and_frames_by_what_is_installed(
    plan: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for polars: what it is given, and that what it writes is what the file holds."""
    from types import ModuleType

    from keybounds import sweep
    from keybounds.sweeps import results

    class Frame:
        def __init__(self, columns: dict[str, list[Any]]) -> None:
            self.columns = columns

        def write_parquet(self, stream: Any) -> None:
            stream.write(json.dumps(self.columns).encode())

    polars = ModuleType("polars")
    polars.DataFrame = Frame  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "polars", polars)
    monkeypatch.setattr(results, "find_spec", lambda name: name == "polars" or None)
    found = sweep(plan, store, executor=1)
    frame = found.to_frame()
    assert frame.columns["chsh"] == [2.3, 2.677]
    assert frame.columns["rate"][1] == 0.583414497086542
    assert json.loads(found.to_parquet()) == frame.columns


REFUSED = {
    "no store": ((), "--out: expected the store, an SQLite file; found none"),
    "two looks": (("--out", "a", "--dry-run", "--status"), "--dry-run: expected either --dry-run or --status"),
    "two places": (
        ("--out", "a", "--workers", "2", "--scheduler", "tcp://a:1"),
        "--workers: expected either --workers",
    ),
    "no process": (("--out", "a", "--workers", "0"), "--workers: expected at least one process; found 0"),
    "format": (("--out", "a", "--export", "cvs"), "did you mean 'csv'"),
    "file of nothing": (("--out", "a", "--to", "b"), "--to: expected --export, whose file it is"),
    "parquet printed": (("--out", "a", "--export", "parquet"), "--to: expected a file, for parquet is not printed"),
    "nothing to export": (("--dry-run", "--export", "csv"), "--export: expected either --export or --dry-run"),
    "log": (("--out", "a", "--log", "xml"), "--log: expected one of json"),
    "folder": (
        ("--out", "a", "--export", "csv", "--to", "/nowhere/b.csv"),
        "--to: expected a file in a folder that exists",
    ),
    "store's folder": (("--out", "/nowhere/a.sqlite"), "store: expected a file in a folder that exists"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_contradicts_itself_is_refused(keybounds: Command, plan: Path, tmp_path: Path, case: str) -> None:
    arguments, message = REFUSED[case]
    done = keybounds("sweep", str(plan), *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["links.toml"]


def test_a_faulty_plan_is_one_line(keybounds: Command, plan: Path, store: Path) -> None:
    plan.write_text(PLAN.replace("chsh", "chs"))
    done = keybounds("sweep", str(plan), "--out", str(store))
    assert done.returncode == 2
    assert "line 4, axes.chs: expected one of chsh, key, noise, qber; found 'chs' (did you mean 'chsh'?)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not store.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_everything_kept(tmp_path: Path, store: Path, number: signal.Signals) -> None:
    plan = tmp_path / "many.toml"
    plan.write_text(PLAN.replace("[2.3, 2.677]", "{from = 2.1, to = 2.8, count = 20_000}"))
    command = [sys.executable, "-m", "keybounds", "sweep", str(plan), "--out", str(store), "--workers", "1"]
    process = subprocess.Popen([*command, "--log", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    logged = [json.loads(process.stderr.readline())["done"] for _ in range(2)]
    process.send_signal(number)
    printed, complained = process.communicate(timeout=60)
    assert process.returncode == 130
    assert printed == ""
    lines = complained.splitlines()
    assert lines[-2:] == [
        f"keybounds: what is finished is in {store}; the same command goes on from there",
        "keybounds: interrupted",
    ]
    with Store(store) as kept:
        assert 0 < logged[1] <= len(kept.addresses()) < 40_000


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_examples_are_plans(example: Path) -> None:
    plan = Plan.read(example)
    assert plan.count * len(plan.columns) > 1
    assert plan.title


def test_an_interrupted_start_leaves_a_store_that_opens(store: Path) -> None:
    """Ended between making the file and making its tables."""
    store.touch()
    with Store(store, writes=True) as kept:
        assert kept.addresses() == set()
