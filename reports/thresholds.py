"""Efficiency thresholds of single pairs against their noise, for fixed and optimised settings and preprocessing."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

from keybounds.bounds import Direction, Hierarchy
from keybounds.bounds.design.rate_surface import PhotonicDesign
from keybounds.bounds.design.threshold import Threshold, threshold_efficiency
from keybounds.experiments import PhotonicExperiment
from keybounds.processes import results
from keybounds.tables import Column, Number, Table

HIERARCHY, TOLERANCE = Hierarchy("11", 12), 1e-3
FIDELITIES = (0.98, 0.99, 0.995, 1.0)
SETTINGS = {"CHSH-optimal": (), "optimised": ("pair_angle", "alice_angles", "bob_angles")}
PREPROCESSING = {"none": (), "noise": ("noise",), "post-selection": ("keep",), "both": ("noise", "keep")}

_CHSH_OPTIMAL = PhotonicExperiment(
    pair_angle=45.0,
    alice_angles=(0.0, 45.0),
    bob_angles=(67.5, 112.5, 90.0),
    efficiencies=(0.96, 0.96),
    mean_pairs=1.0,
    statistics="single-pair",
)
_OFF_SYMMETRY = 42.0  # degrees: at 45 the rate is stationary in the pair angle


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One threshold."""

    settings: str
    preprocessing: str
    fidelity: float
    threshold: Threshold


def threshold_rows(workers: int = 1) -> tuple[ThresholdRow, ...]:
    """Every combination of settings, preprocessing and fidelity.

    Parameters
    ----------
    workers
        Processes to share the work. More than one needs a main module that can be imported.
    """
    chains = list(product(SETTINGS, PREPROCESSING))
    longest_first = [partial(threshold_chain, chain) for chain in chains[::-1]]
    with closing(results(longest_first, workers)) as done:
        found = dict(done)
    return tuple(row for place in reversed(range(len(chains))) for row in found[place])


def threshold_chain(chain: tuple[str, str], fidelities: tuple[float, ...] = FIDELITIES) -> tuple[ThresholdRow, ...]:
    """Thresholds of one choice of settings and preprocessing, each fidelity starting from the one before.

    The fidelities rise, so that the threshold of one gives key at the next.
    """
    settings, preprocessing = chain
    free = (*SETTINGS[settings], *PREPROCESSING[preprocessing])
    experiment = _CHSH_OPTIMAL if settings == "CHSH-optimal" else _CHSH_OPTIMAL.with_(pair_angle=_OFF_SYMMETRY)
    design = PhotonicDesign(experiment, free=free)
    rows = []
    for fidelity in fidelities:
        start = replace(design, experiment=design.experiment.with_(fidelity=fidelity))
        threshold = threshold_efficiency(start, HIERARCHY, tolerance=TOLERANCE)
        rows.append(ThresholdRow(settings, preprocessing, fidelity, threshold))
        design = threshold.operating_point.design
    return tuple(rows)


def thresholds_table(workers: int = 1) -> Table:
    """The least certified efficiency for each combination, with the operating point there."""
    return _table(threshold_rows(workers))


def _table(rows: Iterable[ThresholdRow]) -> Table:
    def cells(row: ThresholdRow) -> tuple[str | Number, ...]:
        point = row.threshold.operating_point
        efficiency = row.threshold.efficiency
        return (
            f"{row.settings} settings",
            row.preprocessing,
            Number(row.fidelity, f"{row.fidelity:g}"),
            Number(efficiency, f"{efficiency:.3f}", prefix="≤"),
            Number.rounded(point.bound.value, 3, Direction.LOWER, prefix="≥"),
            Number.rounded(point.experiment.pair_angle, 4),
            Number.rounded(point.noise, 3),
            Number.rounded(point.keep, 4),
            f"{HIERARCHY.level}/{HIERARCHY.nodes}",
            point.bound.status.value,
            row.threshold.stopped.value,
        )

    return Table(
        name="thresholds",
        title="Efficiency thresholds of single pairs against their fidelity",
        columns=(
            Column("settings", "settings"),
            Column("preprocessing", "preprocessing"),
            Column("fidelity", "fidelity"),
            Column("threshold", "threshold"),
            Column("rate", "key (bit/round)"),
            Column("pair_angle", "pair angle (°)"),
            Column("noise", "noise q"),
            Column("keep", "keep p"),
            Column("level", "level/nodes"),
            Column("status", "status"),
            Column("search", "search"),
        ),
        rows=tuple(cells(row) for row in rows),
        notes=(
            (
                "One pair a round, white noise, detectors of equal efficiency, no click is outcome 1; rates from the "
                "full correlations, asymptotic, against collective attacks. A threshold is an efficiency at which the "
                f"rate beside it is certified, a multiple of {TOLERANCE:g}; the true one is at most that. Higher "
                "levels, more nodes and better optima lower it."
            ),
            (
                "Search: converged: the search found no key one step lower; resolution: the rate grew too small to "
                "follow, so that the true threshold may lie well below. Noise is held at 0.49 or below: towards 1/2 "
                "the rate vanishes and keeps its sign."
            ),
            (
                "CHSH-optimal: the maximally entangled pair with the analysers that reach 2√2 without loss. At an "
                "efficiency of 2/3 and below every such table is local (larsson2001), and no key is left."
            ),
        ),
        group="settings",
    )
