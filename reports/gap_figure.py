"""The figure of the smallest gaps: key and ceilings over p, and their ratio as p approaches 1/2."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from keybounds.bounds.state.gap import SHIELDS, smallest_gap
from keybounds.bounds.state.pair_parity import PairParityProtocol
from keybounds.enclosure import round_down, round_up
from keybounds.reports.style import INK, LOWER, UPPER, UPPER_2
from keybounds.states import PPTPrivateFamily

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HALF = Fraction(1, 2)
_POINTS = 120


def draw_gap(figure: Figure) -> None:
    """Draw both panels: values over p, and ceiling over key against 1/2 - p."""
    figure.set_size_inches(6.8, 3.1)
    left, right = figure.subplots(1, 2)
    _values_panel(left)
    _ratio_panel(right)


def _key(p: Fraction) -> float:
    return round_down(PairParityProtocol(p, levels=32).rate)


def _ceiling(m: int, n: int, p: Fraction) -> float:
    return round_up(PPTPrivateFamily.sectors(m, n, p).transpose_ceiling)


def _values_panel(axes: Axes) -> None:
    errors = [Fraction(round(1e4 * (0.2613 + 0.2337 * k / _POINTS)), 10**4) for k in range(_POINTS + 1)]
    axes.plot(list(map(float, errors)), [_key(p) for p in errors], color=LOWER, label=r"$K\geq S(p)$")
    for k, d in enumerate(SHIELDS):
        inside = [p for p in errors if d * p * p >= (1 - p) ** 2]
        label = r"$K_{\rm DI}\leq E_r(\rho_{d,p}^\Gamma)$" if k == 0 else None
        axes.plot(
            list(map(float, inside)),
            [_ceiling(d, d, p) for p in inside],
            color=UPPER,
            lw=0.5 + 0.2 * k,
            label=label,
        )
        axes.annotate(
            f"$d={d}$" if d == SHIELDS[-1] else f"${d}$",
            (float(inside[0]), _ceiling(d, d, inside[0])),
            textcoords="offset points",
            xytext=(0, 3),
            ha="center",
            fontsize=7,
        )
    examples = [e for e in smallest_gap(sectors=()) if e.proven]
    where = [float(e.state.rational_p) for e in examples if e.state.rational_p is not None]
    axes.vlines(
        where,
        [e.ceiling.value for e in examples],
        [e.key.value for e in examples],
        color=INK,
        lw=0.8,
        label="proven gaps",
    )
    axes.set(yscale="log", xlim=(0.25, 0.5), ylim=(5e-4, 0.3), xlabel="error weight $p$", ylabel="key (bit/copy)")
    axes.legend(loc="lower left", frameon=False)


def _ratio_panel(axes: Axes) -> None:
    distances = [Fraction(f"{0.15 * 2 ** (-k / 12):.3e}") for k in range(_POINTS + 1)]
    for (m, n), colour, style in (
        ((3, 3), INK, ":"),
        ((3, 4), UPPER_2, "-"),
        ((4, 4), UPPER, "-"),
        ((5, 5), UPPER, "--"),
    ):
        points = [x for x in distances if m * (_HALF - x) ** 2 >= (_HALF + x) ** 2]
        ratios = [_ceiling(m, n, _HALF - x) / _key(_HALF - x) for x in points]
        name = f"$d={m}$" if m == n else f"sectors ${m}+{n}$"
        axes.plot(list(map(float, points)), ratios, color=colour, ls=style, label=f"{name}, ${m + n}\\otimes{m + n}$")
    axes.axhline(1, color=INK, lw=0.6)
    axes.set(xscale="log", ylim=(0.4, 2.1), xlabel=r"$\frac{1}{2}-p$", ylabel=r"ceiling on $K_{\rm DI}$ / $S(p)$")
    axes.legend(loc="upper left", frameon=False, ncols=2)
