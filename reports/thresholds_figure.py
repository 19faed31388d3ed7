"""The figure of the efficiency thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybounds.reports.style import INK, LOWER, UPPER, UPPER_2
from keybounds.reports.thresholds import PREPROCESSING, SETTINGS, ThresholdRow, threshold_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_thresholds(figure: Figure, workers: int) -> None:
    """Least certified detection efficiency against the fidelity of single pairs."""
    plot_thresholds(figure, threshold_rows(workers))


def plot_thresholds(figure: Figure, rows: tuple[ThresholdRow, ...]) -> None:
    """Plot thresholds that are there already."""
    figure.set_size_inches(4.6, 3.4)
    axes = figure.add_subplot()
    for settings, line in zip(SETTINGS, ("--", "-"), strict=True):
        for (preprocessing, colour), width in zip(
            zip(PREPROCESSING, (INK, LOWER, UPPER_2, UPPER), strict=True), (2.8, 2.8, 1.0, 1.0), strict=True
        ):  # broad below narrow, for where post-selection gains nothing the curves coincide
            points = [row for row in rows if (row.settings, row.preprocessing) == (settings, preprocessing)]
            axes.plot(
                [100 * row.fidelity for row in points],
                [100 * row.threshold.efficiency for row in points],
                color=colour,
                ls=line,
                lw=width,
                marker="o",
                ms=3,
                label=f"{settings}, {preprocessing}",
            )
    axes.axhline(200 / 3, color=INK, lw=0.8, ls=":")
    axes.annotate("local below 2/3", (98.05, 200 / 3), textcoords="offset points", xytext=(0, 3), fontsize=7)
    axes.set(
        xlabel="fidelity of the pair (%)",
        ylabel=r"least certified efficiency $\eta$ (%)",
        xticks=(98, 98.5, 99, 99.5, 100),
        ylim=(65, 95),
    )
    axes.legend(frameon=False, fontsize=6, ncols=2, loc="lower left", bbox_to_anchor=(0, 0.08))
