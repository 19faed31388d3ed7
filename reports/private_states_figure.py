"""The figure of the PPT private states: key with trusted devices against the ceiling on device-independent key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybounds.reports.private_states import GAPS, family_row, first_dimensions
from keybounds.reports.style import BETWEEN, INK, LOWER, LOWER_2, UPPER, UPPER_2

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_private_states(figure: Figure) -> None:
    """Key of rho_d with trusted devices against the ceiling on its device-independent key, over d."""
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
