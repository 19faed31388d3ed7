"""The figure of rates between lower bound and ceiling: against visibility, and against detection efficiency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybounds.bounds import Hierarchy, Link, one_way, sandwich, two_way
from keybounds.bounds.lower import devetak_winter
from keybounds.bounds.upper import ColumnLibrary, attack_ceiling, hull_ceiling, visibility_ceiling
from keybounds.experiments import TSIRELSON, IonExperiment, NoisyPair, PhotonicExperiment, load
from keybounds.reports.style import BETWEEN, INK, LOWER, UPPER, UPPER_2

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEY = (0, 2)
VISIBILITIES = (0.70, 0.74, 0.77, 0.78, 0.79, 0.80, 0.81, 0.82, 0.84, 0.86, 0.88, 0.90, 0.92, 0.94, 0.96, 0.98, 1.0)
EFFICIENCIES = (0.84, 0.85, 0.855, 0.86, 0.865, 0.87, 0.875, 0.88, 0.89, 0.90, 0.92, 0.94, 0.96, 0.98, 1.0)
HIERARCHY = Hierarchy("22", 32)


def draw_ceilings(figure: Figure) -> None:
    """Draw both panels, each with its experiment."""
    figure.set_size_inches(6.8, 3.1)
    left, right = figure.subplots(1, 2)
    _visibility_panel(left)
    _efficiency_panel(right)


def _visibility_panel(axes: Axes) -> None:
    """Depolarised singlet with the ion experiment's settings."""
    library, plain, announced = ColumnLibrary(), one_way(KEY), two_way(KEY)
    lower, attacked, wider = [], [], []
    for v in VISIBILITIES:
        behaviour = IonExperiment(pair=NoisyPair(depolarising=1.0 - v, dephasing=0.0)).behaviour()
        lower.append(devetak_winter(behaviour, plain, HIERARCHY).value)
        attacked.append(attack_ceiling(behaviour, plain, library=library).value)
        wider.append(attack_ceiling(behaviour, announced, library=library).value)
    fine = [0.70 + 0.30 * k / 100 for k in range(101)]
    axes.fill_between(VISIBILITIES, lower, wider, color=BETWEEN)
    axes.plot(
        fine,
        [visibility_ceiling(v, announced).value for v in fine],
        color=UPPER_2,
        ls=":",
        label="two-way, closed form",
    )
    hull = [hull_ceiling(Link(TSIRELSON * v, (1.0 - v) / 2.0, KEY)).value for v in fine]
    axes.plot(fine, hull, color=INK, lw=0.7, ls="-.", label="two-way, hull over $(S,Q)$")
    axes.plot(VISIBILITIES, wider, color=UPPER, marker=".", ms=3, label="two-way, attack found")
    axes.plot(VISIBILITIES, lower, color=LOWER, lw=2.2, label="one-way, achieved")
    axes.plot(VISIBILITIES, attacked, color=UPPER, ls="--", lw=0.9, label="one-way, attack found")
    table = load("nadlinger2022-link").projection().behaviour
    ion = sandwich(table, plain)
    top = attack_ceiling(table, announced, library=library).value
    equivalent = table.chsh / TSIRELSON
    axes.plot([equivalent] * 2, [ion.lower.value, top], color=INK, marker="_", ms=7, lw=1.2)
    axes.annotate("ion link", (equivalent, top), textcoords="offset points", xytext=(-6, 6), ha="right", fontsize=7)
    axes.set(
        xlim=(0.7, 1.0),
        ylim=(0, 1),
        xlabel=r"visibility $v$ (ion link: $S/2\sqrt{2}$)",
        ylabel="key (bit/round)",
        title="noisy singlet, 2x3 settings",
    )
    axes.legend(frameon=False, loc="upper left")


def _efficiency_panel(axes: Axes) -> None:
    """The 20 m photonic model at equal efficiencies; settings, source and preprocessing as published or fitted."""
    run = load("liu2022-20m")
    model = run.models["white-noise"]
    assert isinstance(model, PhotonicExperiment)
    noise, keep = (float(run.values[name].value) for name in ("noise", "keep"))  # type: ignore[arg-type]
    library, protocol = ColumnLibrary(), one_way(KEY, noise=noise, keep=keep)
    lower, upper = [], []
    for eta in EFFICIENCIES:
        behaviour = model.with_(efficiencies=(eta, eta)).behaviour()
        lower.append(devetak_winter(behaviour, protocol, HIERARCHY).value)
        upper.append(attack_ceiling(behaviour, protocol, library=library).value)
    percent = [100 * eta for eta in EFFICIENCIES]
    axes.fill_between(percent, lower, upper, color=BETWEEN)
    axes.plot(percent, upper, color=UPPER, ls="--", marker=".", ms=3, label="one-way, attack found")
    axes.plot(percent, lower, color=LOWER, marker=".", ms=3, label=f'one-way, level "{HIERARCHY.level}"')
    there = 50.0 * sum(model.efficiencies)
    published = float(run.values["key_rate"].value)  # type: ignore[arg-type]
    axes.plot([there], [published], "o", color=INK, ms=3)
    axes.annotate("20 m run, published", (there, published), textcoords="offset points", xytext=(6, -3), fontsize=7)
    axes.set(
        xlim=(84, 100),
        ylim=(0, None),
        xlabel=r"detection efficiency $\eta$ of both sides (%)",
        ylabel="key (bit/round)",
        title=rf"photonic fit, $p_N={noise:g}$, $p={keep:g}$",
    )
    axes.legend(frameon=False, loc="upper left")
