"""The finite-statistics figure of nadlinger2022: key rate over the number of rounds, with the experiment marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybounds.bounds.run import finite_key, minimal_rounds
from keybounds.experiments import load
from keybounds.reports.figures import INK, LOWER, LOWER_2, UPPER, UPPER_2
from keybounds.reports.finite_table import LINK, THEOREMS, published

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DECADES = (5.0, 10.0)  # log10 of the rounds
_POINTS = 72  # of one curve


def draw_finite(figure: Figure) -> None:
    """The three curves of nadlinger2022, Fig. 4, the measured link, the Rényi theorem, and the published run."""
    gamma, soundness = published("test_fraction"), published("soundness")
    measured = load(LINK).values
    design = float(published("design_chsh")), float(published("design_qber"))
    curves = (
        (2.73, 0.018, LOWER_2, "--", "", "eat-2019"),
        (*design, LOWER, "-", "", "eat-2019"),
        (2.64, 0.033, UPPER_2, "-.", "", "eat-2019"),
        (measured["chsh"].ufloat.n, measured["qber"].ufloat.n, UPPER, ":", ", measured link", "eat-2019"),
        (*design, INK, "-", ", Rényi", "renyi"),
    )
    figure.set_size_inches(4.6, 3.2)
    axes = figure.add_subplot()
    for s, q, colour, dashes, remark, theorem in curves:
        method: dict[str, Any] = {"soundness": soundness, "theorem": theorem, "extractor": THEOREMS[theorem]}
        onset = minimal_rounds(gamma=gamma, chsh=s, qber=q, **method)
        grid = [10 ** (_DECADES[0] + (_DECADES[1] - _DECADES[0]) * k / _POINTS) for k in range(_POINTS + 1)]
        rounds = [onset, *(int(n) for n in grid if n > onset)]
        rates = [finite_key(rounds=n, gamma=gamma, chsh=s, qber=q, **method).rate for n in rounds]
        axes.plot(rounds, rates, color=colour, ls=dashes, label=f"$S={s:g}$, $Q={100 * q:.3g}\\,\\%${remark}")
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
