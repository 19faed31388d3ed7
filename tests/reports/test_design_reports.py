"""Operating points, thresholds and convergence as a reader meets them: safe digits, labels, quiet in a pipe."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from matplotlib.figure import Figure

from keybounds.bounds import Hierarchy, one_way
from keybounds.bounds.lower import converge, devetak_winter
from keybounds.experiments import PhotonicExperiment, load
from keybounds.reports import catalogue, draw, table, thresholds, thresholds_figure
from keybounds.reports.convergence import convergence_table
from keybounds.reports.thresholds import ThresholdRow, threshold_chain

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def rows() -> tuple[ThresholdRow, ...]:
    return threshold_chain(("CHSH-optimal", "none"), (0.99, 1.0))


def test_optimise_prints_a_point_that_can_be_checked(keybounds: Command) -> None:
    done = keybounds(
        "optimise", "photonic", "--level", "11", "--nodes", "8", "--mean-pairs", "0.0464", "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    point = json.loads(done.stdout)["operating_point"]
    names = ("pair_angle", "alice_angles", "bob_angles", "efficiencies", "mean_pairs", "statistics", "fidelity")
    experiment = PhotonicExperiment(**{name: point[name] for name in names})
    asked = one_way(tuple(point["key"]), noise=point["noise"], keep=point["keep"])
    again = devetak_winter(experiment.behaviour(), asked, Hierarchy("11", 8))
    assert again.value == point["bound"]["value"] > 2.2e-4


def test_the_threshold_is_printed_beside_the_published_one(keybounds: Command) -> None:
    done = keybounds(
        "optimise", "photonic", "--efficiency", ".95", "--statistics", "single-pair", "--level", "11", "--nodes", "8",
        "--threshold", "--tolerance", ".02",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Threshold efficiency" in done.stdout
    assert "Published: 0.862" in done.stdout
    assert "bit/s" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["photonics"], 2, "did you mean 'photonic'"),
        (["photonic", "--efficiency", ".9", "--efficiencies", ".9,.9"], 2, "either"),
        (["photonic", "--efficiencies", ".9"], 2, "two numbers A,B"),
        (["photonic", "--efficiency", "1.2"], 2, "efficiencies"),
        (["photonic", "--statistics", "laser"], 2, "statistics"),
        (["photonic", "--imperfection", "white-nose"], 2, "did you mean 'white-noise'"),
        (["photonic", "--level", "23"], 2, "level"),
        (["photonic", "--format", "yaml"], 2, "one of json, text"),
        (
            ["photonic", "--fidelity", ".7", "--level", "11", "--nodes", "6", "--threshold", "--seconds", "0"],
            1,
            "no key is found",
        ),
    ],
)
def test_bad_input_is_one_line(keybounds: Command, arguments: list[str], status: int, words: str) -> None:
    done = keybounds("optimise", *arguments)
    assert done.returncode == status
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_a_printed_threshold_is_one_with_certified_key(
    rows: tuple[ThresholdRow, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thresholds, "threshold_rows", lambda workers: rows)
    shown = json.loads(table("thresholds").render("json"))["rows"]
    assert [row["fidelity"] for row in shown] == [0.99, 1.0]
    assert shown[0]["threshold"] > shown[1]["threshold"] > 2 / 3
    for row in rows:
        printed = f"{row.threshold.efficiency:.3f}"
        assert printed in table("thresholds").render("text")
        assert float(printed) == row.threshold.efficiency
        experiment = row.threshold.operating_point.experiment.with_(efficiencies=(float(printed),) * 2)
        bound = devetak_winter(experiment.behaviour(), one_way((0, 2)), thresholds.HIERARCHY)
        assert 0 < Decimal(thresholds._table([row]).rows[0][4].text) <= Decimal(bound.value)  # type: ignore[union-attr]


def test_the_figure_is_drawn_from_the_same_rows(
    rows: tuple[ThresholdRow, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = tuple(
        replace(row, settings=settings, preprocessing=preprocessing)
        for settings in thresholds.SETTINGS
        for preprocessing in thresholds.PREPROCESSING
        for row in rows
    )
    monkeypatch.setattr(thresholds_figure, "threshold_rows", lambda workers: every)
    assert draw("thresholds", "svg", workers=2).startswith(b"<?xml")
    figure = Figure()
    thresholds_figure.plot_thresholds(figure, every)
    drawn = [line.get_ydata() for line in figure.axes[0].lines[:8]]
    assert all(list(heights) == [100 * row.threshold.efficiency for row in rows] for heights in drawn)


def test_long_tables_and_figures_are_not_part_of_the_report() -> None:
    assert "thresholds" not in {entry.name for entry in catalogue.entries(*catalogue.Kind, long=False)}
    assert "thresholds" in {entry.name for entry in catalogue.entries(*catalogue.Kind, long=True)}


def test_convergence_is_shown_step_by_step() -> None:
    experiment = load("liu2022-20m").models["white-noise"]
    assert isinstance(experiment, PhotonicExperiment)
    result = converge(experiment.behaviour(), one_way((0, 2), noise=0.13, keep=0.96), tolerance=1e-3)
    shown = convergence_table(result)
    assert len(shown.rows) == len(result.steps) >= 3
    text = shown.render("text")
    assert "the change fell under the tolerance" in text
    for row, step in zip(shown.rows, result.steps, strict=True):
        assert Decimal(row[2].text) <= Decimal(step.bound.value)  # type: ignore[union-attr]


@pytest.mark.slow
def test_the_whole_table_in_two_processes() -> None:
    found = thresholds.threshold_rows(2)
    values = {(row.settings, row.preprocessing, row.fidelity): row.threshold.efficiency for row in found}
    assert len(values) == 32
    for settings in thresholds.SETTINGS:
        for fidelity in thresholds.FIDELITIES:
            none, noise, keep, both = (values[settings, name, fidelity] for name in thresholds.PREPROCESSING)
            assert 2 / 3 < both <= min(noise, keep) + 1e-3
            assert max(noise, keep) <= none + 1e-9
    for name in thresholds.PREPROCESSING:
        for fidelity in thresholds.FIDELITIES:
            assert values["optimised", name, fidelity] < values["CHSH-optimal", name, fidelity]
