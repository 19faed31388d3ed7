"""Publication figures. Every point is a bound's value on its safe side; nothing is smoothed.

matplotlib draws in memory without a display; the bytes are returned, so that the caller writes whole files.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from keybounds.bounds import Bound
from keybounds.bounds.lower import chsh_rate, optimal_noise
from keybounds.bounds.upper import chsh_ceiling
from keybounds.errors import UnknownNameError
from keybounds.experiments import TSIRELSON

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

IMAGE_FORMATS = ("pdf", "png", "svg")

# Okabe and Ito's colours, told apart by colour-blind readers; lower bounds blue, ceilings vermilion throughout.
LOWER, LOWER_2, UPPER, UPPER_2, BETWEEN, INK = "#0072B2", "#56B4E9", "#D55E00", "#E69F00", "#DDDDDD", "#333333"

_STYLE: Any = {
    "font.size": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "savefig.dpi": 200,
    "svg.hashsalt": "keybounds",  # the same figure gives the same bytes
    "pdf.fonttype": 42,
}


def draw(name: str, form: str = "pdf", *, workers: int = 1) -> bytes:
    """Draw one figure and return the file's bytes.

    Parameters
    ----------
    name
        One of `FIGURES` or `LONG_FIGURES`.
    form
        ``"pdf"``, ``"png"`` or ``"svg"``.
    workers
        Processes for a long figure.

    Raises
    ------
    UnknownNameError
        Not a figure, or not a format.
    """
    if name not in FIGURES and name not in LONG_FIGURES:
        raise UnknownNameError.among("figure", name, (*FIGURES, *LONG_FIGURES))
    if form not in IMAGE_FORMATS:
        raise UnknownNameError.among("--format", form, IMAGE_FORMATS)
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(layout="constrained")
        if name in FIGURES:
            FIGURES[name](figure)
        else:
            LONG_FIGURES[name](figure, workers)
        stream = io.BytesIO()
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}[form]
        figure.savefig(stream, format=form, metadata=metadata)
    return stream.getvalue()


def private_states_figure(figure: Figure) -> None:
    """Key of rho_d with trusted devices against the ceiling on its device-independent key, over d."""
    from keybounds.reports.private_states import GAPS, family_row, first_dimensions

    dense = [family_row(d) for d in range(2, 65)]
    rows = dense + [family_row(d) for d in sorted({round(2 ** (k / 8)) for k in range(49, 161)})]
    d = [row.family.d for row in rows]
    figure.set_size_inches(4.6, 3.2)
    axes = figure.add_subplot()
    key = [max(row.squeezing.value, row.distillation.value) for row in rows]
    ceiling = [row.transposed.value for row in rows]
    axes.fill_between(
        d, ceiling, key, where=[k > c for k, c in zip(key, ceiling, strict=True)], color=BETWEEN, label="proven gap"
    )
    axes.plot(d, [row.squeezing.value for row in rows], color=LOWER, label=r"$K\geq 1-h(p)-p$")
    axes.plot(
        d, [row.distillation.value for row in rows], color=LOWER_2, ls="--", label=r"$K\geq$ two-copy distillation"
    )
    axes.plot(d, [row.trusted.value for row in rows], color=INK, lw=0.8, ls=":", label=r"$K\leq 1-h(p)$")
    axes.plot(d, [row.published.value for row in rows], color=UPPER_2, ls="--", label=r"$K_{\rm DI}\leq p$ (published)")
    axes.plot(d, ceiling, color=UPPER, label=r"$K_{\rm DI}\leq p(1+\log_2(1-p))$")
    offsets = ((6, -3), (2, -12), (-5, 5))  # of the labels, in points, clear of the curves
    for gap, first, offset in zip(GAPS, first_dimensions(dense), offsets, strict=True):
        if first is not None:
            value = getattr(dense[first - 2], gap.lower).value
            axes.plot([first], [value], "o", color=INK, ms=3)
            axes.annotate(
                f"$d={first}$",
                (first, value),
                textcoords="offset points",
                xytext=offset,
                ha="left" if offset[0] > 0 else "right",
                fontsize=7,
            )
    axes.set(xscale="log", xlim=(2, 2**20), ylim=(0, 1), xlabel="shield dimension $d$", ylabel="key (bit/copy)")
    axes.legend(loc="upper left", frameon=False, handlelength=1.4, labelspacing=0.3, borderaxespad=0.3)


def rates_figure(figure: Figure) -> None:
    """Rate and ceilings from (S, Q) against key error rate, and against detection efficiency."""
    figure.set_size_inches(6.8, 3.0)
    left, right = figure.subplots(1, 2, sharey=True)
    _error_rate_panel(left)
    _efficiency_panel(right)
    left.set_ylabel("key (bit/round)")


def _error_rate_panel(axes: Axes) -> None:
    """Depolarised singlet: S = 2√2 (1-2Q)."""
    rates = [0.12 * k / 120 for k in range(121)]
    _bounds_over(axes, [100 * q for q in rates], [(TSIRELSON * (1 - 2 * q), q) for q in rates])
    axes.set(
        xlabel="key error rate $Q$ (%)", xlim=(0, 12), ylim=(0, 1), title=r"depolarised singlet, $S=2\sqrt{2}(1-2Q)$"
    )
    axes.legend(frameon=False, loc="upper right", title="guarantee from $(S,Q)$ only", title_fontsize=7)


def _efficiency_panel(axes: Axes) -> None:
    """One maximally entangled pair a round, measured for 2√2 without loss; no-click is outcome 1 on both sides."""
    from keybounds.experiments import PhotonicExperiment

    efficiencies = [0.82 + 0.18 * k / 90 for k in range(91)]
    points = []
    for eta in efficiencies:
        behaviour = PhotonicExperiment(
            pair_angle=45.0,
            alice_angles=(0.0, 45.0),
            bob_angles=(67.5, 112.5, 90.0),
            efficiencies=(eta, eta),
            mean_pairs=1.0,
            statistics="single-pair",
        ).behaviour()
        points.append((min(behaviour.chsh, TSIRELSON), max(behaviour.qber(0, 2), 0.0)))
    _bounds_over(axes, [100 * eta for eta in efficiencies], points)
    axes.set(
        xlabel=r"detection efficiency $\eta$ (%)",
        xlim=(82, 100),
        xticks=(85, 90, 95, 100),
        title="single pairs, maximally entangled",
    )


def _bounds_over(axes: Axes, x: list[float], points: Iterable[tuple[float, float]]) -> None:
    """Plot rate with and without noise and the two ceilings at each (S, Q), the interval between them shaded."""
    points = list(points)

    def values(bound: Callable[[float, float], Bound]) -> list[float]:
        return [bound(s, q).value for s, q in points]

    plain = values(chsh_rate)
    noisy = values(lambda s, q: chsh_rate(s, q, noise=optimal_noise(s, q)))
    two_way = values(chsh_ceiling)
    anything = values(lambda s, q: chsh_ceiling(s, q, scope="any"))
    axes.fill_between(x, noisy, two_way, color=BETWEEN)
    axes.plot(x, anything, color=UPPER_2, ls="--", label="ceiling, any protocol")
    axes.plot(x, two_way, color=UPPER, label="ceiling, two-way")
    axes.plot(x, noisy, color=LOWER_2, ls="--", label="rate, noisy preprocessing")
    axes.plot(x, plain, color=LOWER, label="rate, one-way")


def smallest_gap_figure(figure: Figure) -> None:
    """Key and ceilings over p, off the PPT edge; drawn in a module of its own."""
    from keybounds.reports.gap_figure import draw_gap

    draw_gap(figure)


def finite_size_figure(figure: Figure) -> None:
    """Key rate of the ion experiment over the number of rounds; drawn in a module of its own."""
    from keybounds.reports.finite_figure import draw_finite

    draw_finite(figure)


FIGURES: dict[str, Callable[[Figure], None]] = {
    "finite-size": finite_size_figure,
    "private-states": private_states_figure,
    "smallest-gap": smallest_gap_figure,
    "rates": rates_figure,
}


def thresholds_figure(figure: Figure, workers: int) -> None:
    """Least certified efficiency against the fidelity of the pair; drawn in a module of its own."""
    from keybounds.reports.thresholds_figure import draw_thresholds

    draw_thresholds(figure, workers)


def ceilings_figure(figure: Figure, workers: int) -> None:
    """Rates between lower bound and ceiling, over visibility and efficiency; drawn in a module of its own."""
    from keybounds.reports.ceilings_figure import draw_ceilings

    draw_ceilings(figure)


LONG_FIGURES: dict[str, Callable[[Figure, int], None]] = {
    "ceilings": ceilings_figure,
    "thresholds": thresholds_figure,
}
"""Figures that take a minute: not part of the report."""
