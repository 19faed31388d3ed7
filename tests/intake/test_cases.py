"""What laboratories had: counts and tables of public reports, each with its source in its first line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keybounds.bounds import Answer, Hierarchy, one_way, two_way
from keybounds.bounds.lower import devetak_winter
from keybounds.bounds.upper import attack_ceiling
from keybounds.cli import app
from keybounds.errors import BehaviourError, InputError
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
    confident = answer.findings["confident_rate"]
    assert 0.1 < confident["value"] < 0.2263
    (rate,) = [b for b in answer.bounds if b.method.startswith("Devetak-Winter rate, moment")]
    assert rate.diagnostics["uncertainty"] == pytest.approx(0.016, abs=2e-3)


@pytest.mark.slow
def test_a_named_labelling_has_the_rate_from_its_chsh_value() -> None:
    relabelled = answered("ibm-minus-at-00", (0, 1), "swap-x,swap-y")
    assert value(relabelled, "Devetak-Winter rate from CHSH and H(A|B)", "one-way") == pytest.approx(0.2188, abs=1e-4)
    assert value(relabelled, "Devetak-Winter rate, moment", "one-way") == pytest.approx(0.2263, abs=2e-4)


def test_zero_cells_of_a_local_table() -> None:
    """IBM, 1800 trials with empty cells, local: every ceiling is 0, and no error is 0."""
    answer = answered("ibm-zero-cells-local", (0, 1))
    ceilings = {row.method: row.value for row in answer.bounds if row.method.startswith("mixture of two-qubit")}
    assert len(ceilings) == 4
    assert set(ceilings.values()) == {0.0}
    assert any("outcomes (0,1) were never seen at (0,1)" in note for note in answer.notes)
    assert answer.findings["confident_rate"]["value"] == 0
    assert all(row.diagnostics["uncertainty"] is None for row in answer.bounds)


@pytest.mark.slow
def test_no_error_seen() -> None:
    """200 key rounds without an error: ceilings by explicit attacks, near the rate, where there were none."""
    answer = answered("no-error-seen", (0, 2))
    assert value(answer, "Devetak-Winter rate, moment", "one-way") > 0.78
    assert value(answer, "mixture of two-qubit attacks (I(A:B|E) of", "completed") < 0.79
    assert 0.2 < answer.findings["confident_rate"]["value"] < 0.78


def test_coincidences_have_no_device_independent_statement() -> None:
    """Analysers with one output count nothing else; --trials says otherwise."""
    answer = answered("lab-angles", (0, 0))
    assert not answer.rows
    assert answer.headline.startswith("No device-independent statement: coincidences alone")
    assert any("2.55" in note and "--relabel" in note for note in answer.notes)
    assert str(answer).startswith(answer.headline[:80])


def test_bob_keeps_his_no_click() -> None:
    """Noisy singlet .99, efficiency .95: [.3359, .3370], where the binned table has [.2432, .2440].

    The rate by a weak relaxation here, which already proves more than there is with the outcomes binned.
    """
    behaviour = read_table(CASES / "bob-keeps-no-click.csv").behaviour
    assert 0.2440 < devetak_winter(behaviour, one_way((0, 2)), Hierarchy("11", 8)).value < 0.33588
    assert attack_ceiling(behaviour, one_way((0, 2))).value == pytest.approx(0.33703, abs=5e-5)


def test_a_lost_chsh_pair_leaves_a_ceiling() -> None:
    behaviour = read_table(CASES / "missing-chsh-pair.csv").behaviour
    assert attack_ceiling(behaviour, two_way((0, 2))).value <= 0.0340


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rate"), [("bob-keeps-no-click", 0.33588), ("missing-chsh-pair", 0.0)])
def test_what_has_no_chsh_value_is_no_dead_end(name: str, rate: float) -> None:
    answer = answered(name, (0, 2))
    assert value(answer, "Devetak-Winter rate, moment", "one-way") == pytest.approx(rate, abs=5e-5)
    notes = "\n".join(answer.notes)
    if name == "missing-chsh-pair":
        assert value(answer, "mixture of two-qubit attacks (I(A:B|E))", "two-way") <= 0.0340
        assert "no rows for (1,0)" in notes
        assert "As labelled S is not measured; it is 2.1620 with the labelling order-y-2-1-0" in notes


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


@pytest.mark.parametrize("option", [("--confidence", "0.9"), ("--trials", "all")])
def test_what_says_nothing_of_an_exact_table_is_refused(option: tuple[str, str]) -> None:
    done = CliRunner().invoke(app, ["rate", str(CASES / "bob-keeps-no-click.csv"), "--key", "0,2", *option])
    assert isinstance(done.exception, InputError)
    assert str(done.exception).startswith(f"{option[0]}: expected")
