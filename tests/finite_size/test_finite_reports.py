"""`keybounds finite`, the table and the figure of finite runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import Link, Run
from keybounds.cli import run
from keybounds.errors import InputError, QuestionError
from keybounds.experiments import Behaviour, read_table
from keybounds.reports import draw
from keybounds.reports.finite import FiniteReport, Plan, exact_number, finite_report
from keybounds.reports.finite_devices import ion_devices, measured_devices
from keybounds.tables import Table

Command = Callable[..., subprocess.CompletedProcess[str]]

GAMMA = Fraction(13, 256)
RUN = Run(
    Link(Fraction("2.64"), Fraction("0.018")),
    rounds=1_500_000,
    gamma=GAMMA,
    soundness=Fraction(1, 10**10),
)
CASES = Path(__file__).parents[1] / "intake" / "cases"
DOCS = Path(__file__).parents[2] / "docs"


def published_with(theorem: str | None = None, extractor: str | None = None, rounds: int = 1_500_000) -> FiniteReport:
    """The report of the published run, or of another length with a fixed f, by a theorem."""
    efficiency = None if rounds == 1_500_000 else Fraction("1.16")
    plan = Plan(rounds=rounds, gamma=GAMMA, theorem=theorem, extractor=extractor, efficiency=efficiency)
    return finite_report(ion_devices(None, None, (0, 2)), plan)


def test_the_command_prints_the_length_and_every_term(keybounds: Command) -> None:
    done = keybounds(
        *("finite", "ion", "--rounds", "1.5e6", "--gamma", "13/256", "--soundness", "1e-10", "--theorem", "eat-2019")
    )
    assert done.returncode == 0, done.stderr
    assert "95885 bits of key" in done.stdout
    assert "1203422 before, 1299051 after, net +95629" in done.stdout
    assert done.stdout.count("\n-") == 2  # one rule under the head of each table
    assert all(name in done.stdout for name in ("accumulated", "third_order", "smoothing", "syndrome", "ω_thr"))
    assert "13289 lost tests or fewer; of the tests to be expected ω_thr = 0.825538 won" in done.stdout
    assert "as published for this run" in done.stdout


@pytest.mark.parametrize(
    ("theorem", "against"), [("eat-2018", "general attacks"), ("aep-iid", "collective attacks only")]
)
def test_the_command_says_against_whom_and_on_what_terms(theorem: str, against: str) -> None:
    text = " ".join(published_with(theorem, "toeplitz").to_text().split())
    assert f"Holds against {against}" in text
    assert "Assumed " in text
    assert "not whether a round is tested" in text


def test_json_holds_the_key_and_its_certificate(keybounds: Command, tmp_path: Path) -> None:
    done = keybounds("finite", "ion", "--format", "json", "--theorem", "eat-2019", "--extractor", "toeplitz")
    document = json.loads(done.stdout)
    assert document["length"] == 96_040
    assert document["certificate"]["kind"] == "finite key"
    assert document["certificate"]["data"]["gamma"] == "13/256"
    assert document["certificate"]["data"]["key"] == [0, 2]
    assert len(document["terms"]) == 12
    assert {rival["theorem"] for rival in document["rivals"]} == {"renyi", "eat-2018", "aep-iid"}
    (tmp_path / "key.json").write_text(done.stdout)
    assert "1 of 1 (100.0 %) bounds certified" in keybounds("certify", "key.json", cwd=tmp_path).stdout
    assert keybounds("verify", "key-certificates/001.json", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("finite", "photon"),
        ("finite", "ion", "--rounds", "many"),
        ("finite", "ion", "--rounds", "3"),
        ("finite", "ion", "--rounds", "1e400"),
        ("finite", "ion", "--chsh", "1e400"),
        ("finite", "ion", "--soundness", "1e400"),
        ("finite", "ion", "--theorem", "renyi", "--extractor", "trevisan"),  # for which it is not shown
        ("finite", "ion", "--gamma", "1"),
        ("finite", "ion", "--gamma", "1/0"),
        ("finite", "ion", "--chsh", "2.9"),
        ("finite", "ion", "--qber", "0.6"),
        ("finite", "ion", "--soundness", "1e-18"),
        ("finite", "ion", "--theorem", "eat-1905"),
        ("finite", "ion", "--extractor", "juicer"),
        ("finite", "ion", "--format", "xml"),
        ("finite", "nothing.csv"),
        ("finite", str(DOCS / "example-link.csv"), "--key", "0"),
        ("finite", str(DOCS / "example-link.csv"), "--key", "0,3"),
        ("finite", str(DOCS / "example-link.csv"), "--key", "1,2"),  # which was not measured
        ("finite", str(DOCS / "example-link.csv"), "--chsh", "2.6"),
        ("finite", str(DOCS / "example-link.csv"), "--relabel", "swap-z"),
        ("finite", str(CASES / "missing-chsh-pair.csv")),
        ("finite", str(CASES / "lab-angles.csv"), "--key", "0,0"),  # coincidences, by its layout
        ("finite", str(DOCS / "example-link.csv"), "--trials", "coincidences"),
        ("finite", "ion", "--trials", "all"),
        ("finite", "photonic", "--qber", "0.01"),
        ("finite", "ion", "--relabel", "swap-x"),
        ("finite", "ion", "--layout", "long"),
        ("finite", "ion", "--confidence", "0.9"),
        ("finite", "ion", "--rounds", "1e6", "--rate", "1", "--hours", "10"),
        ("finite", "ion", "--rounds", "1e6", "--hours", "10"),
        ("finite", "ion", "--rounds", "1e6", "--rate", "10"),
        ("finite", "ion", "--rate", "10"),
        ("finite", "ion", "--hours", "10"),
        ("finite", "ion", "--rate", "-1", "--hours", "10"),
        ("finite", "ion", "--optimise", "--gamma", "0.1"),
        ("finite", "ion", "--shortest", "--rounds", "1e6"),
        ("finite", "ion", "--shortest", "--rate", "1", "--hours", "10"),
        ("finite", "ion", "--shortest", "--least", "0"),
        ("finite", "ion", "--shortest", "--least", "1.5"),
        ("finite", "ion", "--least", "10"),
        ("finite", "ion", "--leakage", "1000", "--code-efficiency", "1.2"),
        ("finite", "ion", "--leakage", "1000", "--optimise"),
        ("finite", "ion", "--leakage", "1000", "--shortest"),
        ("finite", "ion", "--code-efficiency", "0.99"),
        ("finite", "ion", "--rounds", "1e30", "--gamma", "1e-6"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["keybounds", *arguments])
    with pytest.raises(SystemExit) as done:
        run()
    printed = capsys.readouterr()
    assert done.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "expected" in printed.err


def answers_one_pair_always(path: Path) -> Path:
    """Werner correlations of visibility .9 on 3 x 3 settings, but the pair (2, 2) is answered with zeros."""
    correlators = np.array([[0.9 * 2**-0.5, 0.9 * 2**-0.5], [0.9 * 2**-0.5, -0.9 * 2**-0.5]])
    P = np.zeros((2, 2, 3, 3))
    P[0, 0, :2, :2] = P[1, 1, :2, :2] = (1 + correlators) / 4
    P[0, 1, :2, :2] = P[1, 0, :2, :2] = (1 - correlators) / 4
    P[0, :, 2, :2] = 0.5
    P[:, 0, :2, 2] = 0.5
    P[0, 0, 2, 2] = 1.0
    Behaviour(P).to_csv(path)
    return path


def test_a_key_setting_that_the_test_says_nothing_about_has_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With S from x, y in {0,1} and Q = 0 from the pair (2,2) this device once got millions of bits."""
    path = answers_one_pair_always(tmp_path / "device.csv")
    link = measured_devices(read_table(path), (2, 2), name="device.csv").link
    assert (link.chsh, link.qber) == (pytest.approx(2.5456, abs=1e-4), 0.0)
    with pytest.raises(QuestionError, match="among the CHSH settings"):
        Run(link, rounds=10**7, gamma=0.05)
    for arguments in ((str(path),), ("ion", "--chsh", "2.64", "--qber", "0")):
        monkeypatch.setattr(sys, "argv", ["keybounds", "finite", *arguments, "--key", "2,2"])
        with pytest.raises(SystemExit) as done:
            run()
        printed = capsys.readouterr()
        assert (done.value.code, printed.out) == (2, "")
        assert "among the CHSH settings" in printed.err


def test_no_key_is_a_result_and_says_what_would_do() -> None:
    text = published_with("eat-2019", rounds=10**5).to_text()
    assert "no key: 70791 bits are missing for the first one" in text
    (rounds,) = re.findall(r"The first bit of key takes (\d+) rounds at this γ; --shortest", text)
    assert published_with("eat-2019", rounds=int(rounds)).key.length >= 1  # type: ignore[union-attr]
    assert published_with("eat-2019", rounds=int(rounds) - 1).key.length == 0  # type: ignore[union-attr]


def test_the_table_of_finite_runs(finite_size: tuple[Table, Any]) -> None:
    every = json.loads(finite_size[0].render("json"))["rows"]
    rows = [row for row in every if row["theorem"] == "eat-2019"]
    renyi = [row for row in every if row["theorem"] == "renyi" and row["link"].startswith("design")]
    assert [row["length"] for row in renyi if (row["rounds"], row["remark"]) == (1_500_000, "")] == [391_922]
    assert [row["rounds"] for row in renyi if row["remark"] == "shortest with key"] == [225_398]
    design = {(row["rounds"], row["remark"]): row for row in rows if row["link"].startswith("design")}
    assert design[1_500_000, ""]["length"] == 95_885
    assert design[1_500_000, ""]["per_hour"] == pytest.approx(95_885 / 1.5e6 * 63 * 3600)
    assert design[1_000_000, ""]["status"] == "no key"
    measured = next(r for r in rows if r["link"].startswith("measured") and (r["rounds"], r["remark"]) == (1.5e6, ""))
    assert measured["uncertainty"] == pytest.approx(11_400, rel=0.02)
    spread = ((0.6 * measured["by_chsh"]) ** 2 + (0.2 * measured["by_qber"]) ** 2) ** 0.5
    assert spread == pytest.approx(measured["uncertainty"], rel=1e-9)


def test_the_figure_shows_four_links_and_the_published_run() -> None:
    image = draw("finite-size", "svg").decode()
    assert image.count('id="line2d_') > 10
    assert image.count('id="PolyCollection') == 0
    assert all(f"<!-- $S={s}$" in image for s in ("2.73", "2.64", "2.677"))
    assert "published run, 95884 bits" in image


@pytest.mark.parametrize(("text", "value"), [("1.5e6", 1_500_000), (" 13/256 ", Fraction(13, 256)), ("-1", -1)])
def test_numbers_of_the_command_line_are_exact(text: str, value: Fraction) -> None:
    assert exact_number("--x", text) == value


def test_words_are_no_numbers() -> None:
    with pytest.raises(InputError, match="--x"):
        exact_number("--x", "nan")
