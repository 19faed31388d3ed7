"""Figures of campaigns: what is drawn are the numbers of the store, at their points."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from keybounds import sweep
from keybounds.errors import UnknownNameError, UnsupportedError
from keybounds.reports.sweep_figure import draw_sweep, sweep_image
from keybounds.sweeps import Plan, Sweep

LINE = """
subject = { kind = "link", qber = 0.0144 }
axes.chsh = [2.8, 2.1, 2.5, 2.9]
compute = { rate = {}, ceiling = {} }
"""
PLANE = """
subject.kind = "link"
axes = { chsh = [2.1, 2.5, 2.8], qber = [0.05, 0] }
compute = { rate = {} }
"""


def swept(text: str, folder: Path) -> Sweep:
    return sweep(Plan.of(text), folder / "links.sqlite", executor=1)


def drawn(found: Sweep) -> Figure:
    figure = Figure()
    draw_sweep(found, figure)
    return figure


def test_lines_go_through_the_numbers_in_order(tmp_path: Path) -> None:
    found = swept(LINE, tmp_path)
    (panel,) = drawn(found).axes
    rate, ceiling = panel.lines
    assert np.asarray(rate.get_xdata()).tolist() == [2.1, 2.5, 2.8, 2.9]
    known = dict(zip(found.to_columns()["chsh"], found.to_columns()["rate"], strict=True))
    heights = np.asarray(rate.get_ydata(), dtype=np.float64)
    assert heights[:3].tolist() == [known[x] for x in (2.1, 2.5, 2.8)]
    assert math.isnan(heights[3])  # it failed
    assert [line.get_label() for line in (rate, ceiling)] == ["rate", "ceiling"]
    assert rate.get_color() != ceiling.get_color()


def test_a_map_has_each_number_at_its_place(tmp_path: Path) -> None:
    found = swept(PLANE, tmp_path)
    panel = drawn(found).axes[0]
    (mesh,) = [part for part in panel.collections if hasattr(part, "get_coordinates")]
    columns = found.to_columns()
    places = zip(columns["chsh"], columns["qber"], strict=True)
    by_place = dict(zip(places, columns["rate"], strict=True))
    expected = np.array([[by_place[x, y] for x in (2.1, 2.5, 2.8)] for y in (0.0, 0.05)])
    assert np.array_equal(np.asarray(mesh.get_array()).reshape(2, 3), expected)
    assert np.allclose(mesh.get_coordinates()[0, :, 0], [1.9, 2.3, 2.65, 2.95])  # each in the middle of its cell
    assert np.allclose(mesh.get_coordinates()[:, 0, 1], [-0.025, 0.025, 0.075])


def test_points_that_are_no_grid_are_dots_and_a_wide_axis_is_logarithmic(tmp_path: Path) -> None:
    text = PLANE.replace("[0.05, 0]", "[0.05, 0, 0.01]") + 'plan.kind = "list"\n'
    (dots,) = drawn(swept(text, tmp_path)).axes[0].collections
    assert np.asarray(dots.get_offsets()).tolist() == [[2.1, 0.05], [2.5, 0.0], [2.8, 0.01]]
    wide = LINE.replace("chsh = [2.8, 2.1, 2.5, 2.9]", "noise = [0.0001, 0.1]").replace("qber", "chsh = 2.7, qber")
    assert drawn(swept(wide, tmp_path)).axes[0].get_xscale() == "log"


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    found = swept(LINE, tmp_path)
    assert sweep_image(found, "svg") == sweep_image(found, "svg")
    with pytest.raises(UnknownNameError, match="did you mean 'png'"):
        sweep_image(found, "pgn")
    words = LINE.replace("chsh = [2.8, 2.1, 2.5, 2.9]", "key = [[0, 2], [1, 2]]").replace("qber", "chsh = 2.7, qber")
    with pytest.raises(UnsupportedError, match="figure: expected one or two axes of numbers; found key"):
        sweep_image(swept(words, tmp_path))
    nothing = LINE.replace("[2.8, 2.1, 2.5, 2.9]", "[2.9]")
    with pytest.raises(UnsupportedError, match="figure: expected numbers to draw; found none yet"):
        sweep_image(swept(nothing, tmp_path))
