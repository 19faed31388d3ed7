"""The finite-statistics figure of nadlinger2022: key rate over the number of rounds, with the experiment marked."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from keybounds.bounds import Link
from keybounds.bounds.run import shortest_run
from keybounds.reports.finite_table import design_run, granted, links, published
from keybounds.reports.style import INK, LOWER, LOWER_2, UPPER, UPPER_2

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DECADES = (5.0, 10.0)  # log10 of the rounds
_POINTS = 72  # of one curve


def draw_finite(figure: Figure) -> None:
    """The three curves of nadlinger2022, Fig. 4, the measured link, the Rényi theorem, and the published run."""
    design, measured = (one.link for one in links())
    curves = (
        (Link(Fraction("2.73"), Fraction("0.018")), LOWER_2, "--", "", "eat-2019"),
        (design, LOWER, "-", "", "eat-2019"),
        (Link(Fraction("2.64"), Fraction("0.033")), UPPER_2, "-.", "", "eat-2019"),
        (measured, UPPER, ":", ", measured link", "eat-2019"),
        (design, INK, "-", ", Rényi", "renyi"),
    )
    figure.set_size_inches(4.6, 3.2)
    axes = figure.add_subplot()
    for link, colour, dashes, remark, theorem in curves:
        key_of = granted(theorem)
        onset = shortest_run(design_run(link, int(published("rounds"))), key_of).rounds
        grid = [10 ** (_DECADES[0] + (_DECADES[1] - _DECADES[0]) * k / _POINTS) for k in range(_POINTS + 1)]
        rounds = [onset, *(int(n) for n in grid if n > onset)]
        rates = [key_of(design_run(link, n)).rate for n in rounds]
        label = f"$S={float(link.chsh):g}$, $Q={100 * float(link.qber):.3g}\\,\\%${remark}"
        axes.plot(rounds, rates, color=colour, ls=dashes, label=label)
    run = (int(published("rounds")), int(published("key_bits")))
    axes.plot([run[0]], [run[1] / run[0]], "o", color=INK, ms=4, zorder=5, label=f"published run, {run[1]} bits")
    axes.set(
        xscale="log",
        xlim=(10 ** _DECADES[0], 10 ** _DECADES[1]),
        ylim=(0, 0.6),
        xlabel="rounds $n$",
        ylabel="key (bit/round)",
    )
    axes.legend(loc="lower right", frameon=False, handlelength=2.2)
