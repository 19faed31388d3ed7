"""`keybounds finite`, the table and the figure of finite runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import Link, Run
from keybounds.bounds.run import key_of_run
from keybounds.cli import run
from keybounds.errors import InputError, QuestionError, UnknownNameError
from keybounds.experiments import Behaviour, load
from keybounds.reports import draw
from keybounds.reports.finite import exact_number, finite_report, measured_link
from keybounds.tables import Table

Command = Callable[..., subprocess.CompletedProcess[str]]

RUN = Run(
    Link(Fraction("2.64"), Fraction("0.018")),
    rounds=1_500_000,
    gamma=Fraction(13, 256),
    soundness=Fraction(1, 10**10),
)


def test_the_command_prints_the_length_and_every_term(keybounds: Command) -> None:
    done = keybounds("finite", "ion", "--rounds", "1.5e6", "--gamma", "13/256", "--soundness", "1e-10")
    assert done.returncode == 0, done.stderr
    assert "95885 bits of key" in done.stdout
    assert "1203422 before, 1299051 after, net +95629" in done.stdout
    assert done.stdout.count("\n-") == 1  # one rule under the head
    assert all(name in done.stdout for name in ("accumulated", "third_order", "smoothing", "syndrome", "ω_thr"))


@pytest.mark.parametrize(
    ("theorem", "against"), [("eat-2018", "general attacks"), ("aep-iid", "collective attacks only")]
)
def test_the_command_says_against_whom_and_on_what_terms(theorem: str, against: str) -> None:
    text = " ".join(finite_report("ion", RUN, theorem=theorem, extractor="toeplitz").to_text().split())
    assert f"Against {against}" in text
    assert "Assumed: " in text
    assert "not whether a round is tested" in text


def test_json_holds_the_key_and_its_certificate(keybounds: Command) -> None:
    done = keybounds("finite", "ion", "--format", "json", "--extractor", "toeplitz")
    document = json.loads(done.stdout)
    assert document["length"] == 96_040
    assert document["certificate"]["kind"] == "finite key"
    assert document["certificate"]["data"]["gamma"] == "13/256"
    assert document["certificate"]["data"]["key"] == [0, 2]
    assert len(document["terms"]) == 12


@pytest.mark.parametrize(
    "arguments",
    [
        ("finite", "photon"),
        ("finite", "ion", "--rounds", "many"),
        ("finite", "ion", "--rounds", "3"),
        ("finite", "ion", "--rounds", "1e400"),
        ("finite", "ion", "--chsh", "1e400"),
        ("finite", "ion", "--soundness", "1e400"),
        ("finite", "ion", "--theorem", "renyi"),  # with the default extractor, for which it is not shown
        ("finite", "ion", "--gamma", "1"),
        ("finite", "ion", "--gamma", "1/0"),
        ("finite", "ion", "--chsh", "2.9"),
        ("finite", "ion", "--qber", "0.6"),
        ("finite", "ion", "--soundness", "1e-18"),
        ("finite", "ion", "--theorem", "eat-1905"),
        ("finite", "ion", "--extractor", "juicer"),
        ("finite", "ion", "--format", "xml"),
        ("finite", "ion", "--correlations", "nothing.csv"),
        ("finite", "ion", "--correlations", "nothing.csv", "--chsh", "2.6"),
        ("finite", "ion", "--correlations", "nothing.csv", "--key", "0"),
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


def test_a_file_of_correlations_is_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    behaviour = load("nadlinger2022-link").behaviour
    assert behaviour is not None
    behaviour.to_csv(tmp_path / "link.csv")
    options = ["--correlations", str(tmp_path / "link.csv"), "--unmeasured", "1,2", "--format", "json"]
    monkeypatch.setattr(sys, "argv", ["keybounds", "finite", "ion", *options])
    with pytest.raises(SystemExit) as done:
        run()
    assert done.value.code == 0
    expected = key_of_run(replace(RUN, link=Link.of(behaviour)))
    assert json.loads(capsys.readouterr().out)["length"] == expected.length > 190_000


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
    link = measured_link(path, (2, 2), ())
    assert (link.chsh, link.qber) == (pytest.approx(2.5456, abs=1e-4), 0.0)
    with pytest.raises(QuestionError, match="among the CHSH settings"):
        Run(link, rounds=10**7, gamma=0.05)
    for options in (("--correlations", str(path)), ("--chsh", "2.64", "--qber", "0")):
        monkeypatch.setattr(sys, "argv", ["keybounds", "finite", "ion", *options, "--key", "2,2"])
        with pytest.raises(SystemExit) as done:
            run()
        printed = capsys.readouterr()
        assert (done.value.code, printed.out) == (2, "")
        assert "among the CHSH settings" in printed.err


def test_no_key_is_a_result() -> None:
    report = finite_report("ion", replace(RUN, rounds=10**5))
    assert "no key: 84092 bits are missing for the first one" in report.to_text()


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


def test_other_subjects_and_words_are_refused() -> None:
    with pytest.raises(InputError, match="--x"):
        exact_number("--x", "nan")
    with pytest.raises(UnknownNameError, match="expected one of ion"):
        finite_report("photonic", RUN)
