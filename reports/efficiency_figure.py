"""The figure of how often decoding succeeded over the syndrome's length."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from keybounds.bounds.run import ShownCode, shown_codes
from keybounds.reports.style import GREEN, INK, LOWER, LOWER_2, UPPER, UPPER_2

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = (LOWER, UPPER, LOWER_2, UPPER_2, INK, GREEN)
_STYLES = {"coupled": "o--", "polar": "s-"}
_COLUMNS = 3


def draw_efficiency(figure: Figure) -> None:
    """Shares of decodings that succeeded, with 95 % limits on either side; a panel a number of rounds."""
    codes = sorted(shown_codes(), key=lambda one: one.rounds)
    panels = [(rounds, list(rows)) for rounds, rows in groupby(codes, key=lambda one: one.rounds)]
    lines = -(-len(panels) // _COLUMNS)
    figure.set_size_inches(6.6, 2.4 * lines + 0.2)
    channels = {one.channel: one.entropy for one in codes}
    colours = dict(zip(sorted(channels, key=lambda name: channels[name]), _COLOURS, strict=True))
    every = figure.subplots(lines, _COLUMNS, sharey=True, squeeze=False)
    for axes in every.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (rounds, rows) in zip(every.flat, panels, strict=False):
        curves = _series(rows)
        for series in curves:
            first = series[0]
            label = _label(first, [other[0] for other in curves])
            seen = [1 - one.failures / one.trials for one in series]
            bars = (
                [share - (1 - one.limit) for share, one in zip(seen, series, strict=True)],
                [1 - one.floor - share for share, one in zip(seen, series, strict=True)],
            )
            axes.errorbar(
                [float(one.efficiency) for one in series],
                seen,
                yerr=bars,
                fmt=_STYLES[first.family],
                color=colours[first.channel],
                ms=3,
                lw=0.8,
                elinewidth=0.6,
                capsize=1.5,
                label=label,
            )
        axes.set(title=f"$n={rounds}$", xlabel="$f$", ylim=(-0.03, 1.03))
        axes.title.set_fontsize(8)
        axes.legend(loc="lower right", frameon=False, fontsize=6)
    for axes in every[:, 0]:
        axes.set_ylabel("share that succeed")


def _label(code: ShownCode, drawn: list[ShownCode]) -> str:
    """Channel and family, and the parameters in which others of these differ."""
    alike = [one for one in drawn if (one.channel, one.family) == (code.channel, code.family)]
    own = [
        f"{name} {value}"
        for name, value in code.parameters
        if any((name, value) not in one.parameters for one in alike)
    ]
    return ", ".join([code.channel, code.family, *own])


def _series(rows: list[ShownCode]) -> list[list[ShownCode]]:
    """Codes that differ in f alone, by f."""
    named = {(one.channel, one.family, one.parameters) for one in rows}
    return [
        sorted(
            (one for one in rows if (one.channel, one.family, one.parameters) == name), key=lambda one: one.efficiency
        )
        for name in sorted(named)
    ]
