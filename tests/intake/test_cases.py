"""What laboratories had: counts and tables of public reports, each with its source in its first line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keybounds.bounds import Answer, one_way
from keybounds.cli import app
from keybounds.errors import BehaviourError
from keybounds.experiments import read_table
from keybounds.reports.rate import rate_table

CASES = Path(__file__).parent / "cases"


def answered(name: str, key: tuple[int, int], relabel: str | None = None) -> Answer:
    return rate_table(read_table(CASES / f"{name}.csv"), one_way(key), name=name, relabel=relabel)


def value(answer: Answer, method: str, discussion: str) -> float:
    (row,) = [b for b in answer.bounds if b.method.startswith(method) and discussion in str(b.scope)]
    return row.value


def test_a_minus_sign_elsewhere_is_named() -> None:
    """IBM, 180 000 trials, minus sign at (0,0): S of the best labelling 2.7682, full-table rate .2263."""
    answer = answered("ibm-minus-at-00", (0, 1))
    assert value(answer, "Devetak-Winter rate, moment", "one-way") == pytest.approx(0.2263, abs=2e-4)
    note = next(note for note in answer.notes if "--relabel" in note)
    assert "As labelled S is -0.02" in note
    assert "2.7682 with the labelling swap-x,swap-y" in note
    relabelled = answered("ibm-minus-at-00", (0, 1), "swap-x,swap-y")
    assert value(relabelled, "Devetak-Winter rate from CHSH and H(A|B)", "one-way") == pytest.approx(0.2188, abs=1e-4)
    assert value(relabelled, "Devetak-Winter rate, moment", "one-way") == pytest.approx(0.2263, abs=2e-4)


def test_bob_keeps_his_no_click() -> None:
    """Noisy singlet .99, efficiency .95: [.3359, .3370], where the binned table has [.2432, .2440]."""
    answer = answered("bob-keeps-no-click", (0, 2))
    assert value(answer, "Devetak-Winter rate, moment", "one-way") == pytest.approx(0.33588, abs=5e-5)
    assert value(answer, "mixture of two-qubit attacks (H", "one-way") == pytest.approx(0.33703, abs=5e-5)


def test_a_lost_chsh_pair_is_no_dead_end() -> None:
    answer = answered("missing-chsh-pair", (0, 2))
    assert value(answer, "mixture of two-qubit attacks (I(A:B|E))", "two-way") <= 0.0340
    assert any("no rows for (1,0)" in note for note in answer.notes)


def test_analysers_with_one_output() -> None:
    reading = read_table(CASES / "lab-angles.csv")
    assert reading.largest_chsh is not None
    assert reading.largest_chsh.value == pytest.approx(2.559, abs=5e-4)
    assert reading.largest_chsh.deviation == pytest.approx(0.042, abs=5e-4)
    assert reading.behaviour.no_signalling_z == pytest.approx(1.16, abs=5e-3)
    assert any("x 0 = {0, 90}, 1 = {45, -45}" in note for note in reading.notes)


def test_a_rounded_table_is_told_what_it_lacks() -> None:
    with pytest.raises(BehaviourError, match="a table rounded to a few digits should give its uncertainty"):
        read_table(CASES / "printed-four-digits.csv")


def test_the_command_says_what_it_read() -> None:
    done = CliRunner().invoke(app, ["read", str(CASES / "ibm-minus-at-00.csv")])
    assert done.exit_code == 0
    assert "S = -0.0214 as labelled; S = 2.7682 ± 0.0068 with the labelling swap-x,swap-y" in done.output
    assert "(0,0)  47600 trials: 3666 20166 | 20159 3609" in done.output
    done = CliRunner().invoke(app, ["read", str(CASES / "link-minus-at-10.csv"), "--format", "json"])
    document = json.loads(done.output)
    assert document["unmeasured"] == [[1, 2]]
    assert document["chsh"]["labelling"] == "swap-y"
    assert document["P"][0][0][1][2] is None


def test_the_command_takes_labels() -> None:
    done = CliRunner().invoke(app, ["read", str(CASES / "ibm-minus-at-00.csv"), "--label", "a:0=1,1=0"])
    assert "outcomes a: 1 = 0, 0 = 1" in done.output
    for wrong in ("a", "c:0=1", "a:0", "a:0=x"):
        done = CliRunner().invoke(app, ["read", str(CASES / "ibm-minus-at-00.csv"), "--label", wrong])
        assert done.exit_code != 0
