"""The figure between rate and ceiling: what is drawn lies in order, and the experiments are on it."""

from __future__ import annotations

import pytest

from keybounds.reports.ceilings_figure import draw_ceilings


@pytest.mark.slow
def test_achieved_rates_lie_below_the_attacks() -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    draw_ceilings(figure)
    left, right = figure.axes
    lines = {line.get_label(): line.get_ydata() for axes in (left, right) for line in axes.get_lines()}
    achieved, attack = lines["one-way, achieved"], lines["one-way, attack found"]
    assert len(lines["two-way, attack found"]) == len(achieved) > 10
    assert all(low <= high + 1e-12 for low, high in zip(achieved, lines["two-way, attack found"], strict=True))
    assert all(low <= high + 1e-12 for low, high in zip(lines['one-way, level "22"'], attack, strict=True))
    assert {text.get_text() for axes in (left, right) for text in axes.texts} == {"ion link", "20 m run, published"}
