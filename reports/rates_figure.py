"""The figure of rate and ceilings from CHSH value and key error rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybounds.bounds import Link, any_discussion, two_way
from keybounds.bounds.lower import chsh_rate, optimal_noise
from keybounds.bounds.upper import chsh_ceiling
from keybounds.experiments import TSIRELSON, PhotonicExperiment
from keybounds.reports.style import BETWEEN, LOWER, LOWER_2, UPPER, UPPER_2

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEY = (0, 2)


def draw_rates(figure: Figure) -> None:
    """Rate and ceilings from (S, Q) against key error rate, and against detection efficiency."""
    figure.set_size_inches(6.8, 3.0)
    left, right = figure.subplots(1, 2, sharey=True)
    _error_rate_panel(left)
    _efficiency_panel(right)
    left.set_ylabel("key (bit/round)")


def _error_rate_panel(axes: Axes) -> None:
    """Depolarised singlet: S = 2√2 (1-2Q)."""
    rates = [0.12 * k / 120 for k in range(121)]
    _bounds_over(axes, [100 * q for q in rates], [Link(TSIRELSON * (1 - 2 * q), q, KEY) for q in rates])
    axes.set(
        xlabel="key error rate $Q$ (%)", xlim=(0, 12), ylim=(0, 1), title=r"depolarised singlet, $S=2\sqrt{2}(1-2Q)$"
    )
    axes.legend(frameon=False, loc="upper right", title="guarantee from $(S,Q)$ only", title_fontsize=7)


def _efficiency_panel(axes: Axes) -> None:
    """One maximally entangled pair a round, measured for 2√2 without loss; no-click is outcome 1 on both sides."""
    efficiencies = [0.82 + 0.18 * k / 90 for k in range(91)]
    links = []
    for eta in efficiencies:
        behaviour = PhotonicExperiment(
            pair_angle=45.0,
            alice_angles=(0.0, 45.0),
            bob_angles=(67.5, 112.5, 90.0),
            efficiencies=(eta, eta),
            mean_pairs=1.0,
            statistics="single-pair",
        ).behaviour()
        links.append(Link.of(behaviour, KEY))
    _bounds_over(axes, [100 * eta for eta in efficiencies], links)
    axes.set(
        xlabel=r"detection efficiency $\eta$ (%)",
        xlim=(82, 100),
        xticks=(85, 90, 95, 100),
        title="single pairs, maximally entangled",
    )


def _bounds_over(axes: Axes, x: list[float], links: list[Link]) -> None:
    """Plot rate with and without noise and the two ceilings of each link, the interval between them shaded."""
    plain = [chsh_rate(link).value for link in links]
    noisy = [chsh_rate(link, optimal_noise(link)).value for link in links]
    announced = [chsh_ceiling(link, two_way(link.key)).value for link in links]
    anything = [chsh_ceiling(link, any_discussion()).value for link in links]
    axes.fill_between(x, noisy, announced, color=BETWEEN)
    axes.plot(x, anything, color=UPPER_2, ls="--", label="ceiling, any discussion")
    axes.plot(x, announced, color=UPPER, label="ceiling, two-way")
    axes.plot(x, noisy, color=LOWER_2, ls="--", label="rate, noisy preprocessing")
    axes.plot(x, plain, color=LOWER, label="rate, one-way")
