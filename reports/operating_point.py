"""`keybounds optimise`: the best operating point of the photonic experiment, or its threshold efficiency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keybounds.bounds import Direction, Hierarchy, Status, Unit
from keybounds.bounds.design.operating_point import (
    OperatingPoint,
    PhotonicDesign,
    Progress,
    optimise_photonic,
)
from keybounds.bounds.design.rate_surface import FREE, USUALLY_FREE
from keybounds.bounds.design.threshold import Threshold, threshold_efficiency
from keybounds.errors import UnknownNameError
from keybounds.experiments import PhotonicExperiment, load
from keybounds.tables import Cell, Column, Number, Table

HIERARCHY = Hierarchy("22", 16)
"""Of a report where none is given."""

_DATA_SET = "liu2022-20m"
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class OperatingReport:
    """What `keybounds optimise` prints: the point, the threshold if it was asked for, and a table of both."""

    point: OperatingPoint
    threshold: Threshold | None
    table: Table

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        found = self.threshold.to_dict() if self.threshold is not None else {"operating_point": self.point.to_dict()}
        return {"name": self.table.name, "title": self.table.title, **found, "notes": list(self.table.notes)}


def operating_report(
    subject: str,
    *,
    efficiencies: tuple[float, float] | None = None,
    statistics: str = "poisson",
    fidelity: float | None = None,
    imperfection: str = "white-noise",
    mean_pairs: float | None = None,
    hierarchy: Hierarchy = HIERARCHY,
    threshold: bool = False,
    tolerance: float = 1e-3,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> OperatingReport:
    """Optimise the photonic experiment of liu2022 for other efficiencies or another source.

    Parameters
    ----------
    subject
        ``"photonic"``.
    efficiencies
        (η_A, η_B); default as published.
    statistics, fidelity, imperfection
        As in `PhotonicExperiment`; fidelity by default that fitted to the 20 m run.
    mean_pairs
        Fixed mean number of pairs; default optimised, or for a single-pair source 1.
    hierarchy, tolerance, seconds, progress
        As in `optimise_photonic` and `threshold_efficiency`.
    threshold
        Search for the least efficiency with key instead, at the ratio of the given ones.

    Raises
    ------
    UnknownNameError
        A subject other than photonic, or an imperfection that was not fitted.
    KeyboundsError
        As in `optimise_photonic` and `threshold_efficiency`.
    """
    if subject != "photonic":
        raise UnknownNameError.among("subject", subject, ("photonic",))
    models = load(_DATA_SET).models
    if imperfection not in models:
        raise UnknownNameError.among("imperfection", imperfection, models)
    experiment = models[imperfection]
    assert isinstance(experiment, PhotonicExperiment)
    changes: dict[str, Any] = {"statistics": statistics}
    free: tuple[str, ...] = FREE
    if statistics == "single-pair" or mean_pairs is not None:
        changes["mean_pairs"] = 1.0 if mean_pairs is None else mean_pairs
        free = USUALLY_FREE
    if statistics == "single-pair":
        changes["repetition_rate"] = None  # the published one is that of a down-conversion source
    if fidelity is not None:
        changes["fidelity"] = fidelity
    if efficiencies is not None:
        changes["efficiencies"] = efficiencies
    design = PhotonicDesign(experiment.with_(**changes), free=free)
    if threshold:
        found = threshold_efficiency(design, hierarchy, tolerance=tolerance, seconds=seconds, progress=progress)
        return OperatingReport(found.operating_point, found, _table(found.operating_point, found))
    point = optimise_photonic(design, hierarchy, seconds=seconds, progress=progress)
    return OperatingReport(point, None, _table(point, None))


def _table(point: OperatingPoint, threshold: Threshold | None) -> Table:
    experiment, bound = point.experiment, point.bound
    rows: list[tuple[Cell, ...]] = []

    def add(quantity: str, value: float, unit: str, direction: Direction | None = None) -> None:
        prefix = "≥" if direction is Direction.LOWER else ""
        rows.append((quantity, Number.rounded(value, _DIGITS, direction, prefix=prefix), unit))

    add("key rate, certified", bound.value, bound.unit.value, Direction.LOWER)
    if experiment.repetition_rate is not None and bound.status is not Status.NO_KEY:
        per_second = bound.scaled(experiment.repetition_rate, Unit.PER_SECOND)
        add(f"key rate at {experiment.repetition_rate:g} rounds a second", per_second.value, "bit/s", Direction.LOWER)
    add("efficiency of Alice", experiment.efficiencies[0], "")
    add("efficiency of Bob", experiment.efficiencies[1], "")
    add("pair angle", experiment.pair_angle, "°")
    for party, angles in (("Alice", experiment.alice_angles), ("Bob", experiment.bob_angles)):
        for setting, angle in enumerate(angles):
            add(f"{party}'s analyser, setting {setting}", angle, "°")
    add("mean number of pairs", experiment.mean_pairs, "")
    add("noise q", point.noise, "")
    add("keeping probability p", point.keep, "")
    add("fidelity (kept)", experiment.fidelity, "")
    notes = [
        (
            f"Status: {bound.status.value}, {point.hierarchy}; "
            f"asymptotic, against collective attacks. Model-based: {experiment.statistics} source, "
            f"{experiment.imperfection}. The rate is certified at the doubles that JSON carries; the table "
            "rounds them."
        ),
        f"Search: {len(point.history)} solves; {point.stopped.message}. A local search: a better point may exist.",
    ]
    title = "Best operating point of the photonic experiment"
    if threshold is not None:
        title = f"Threshold efficiency of the photonic experiment: {threshold.efficiency:g}"
        published = load(_DATA_SET).values["threshold_efficiency"]
        notes.append(
            f"Threshold: the least multiple of {threshold.tolerance:g} of the mean efficiency at which the search "
            "found key and a positive rate is certified; the true one is at most that. Published: "
            f"{published.value} ({published.source} of liu2022), for a source and noise that are not printed, so the "
            "two cannot be held against each other."
        )
    return Table(
        name="operating-point",
        title=title,
        columns=(Column("quantity", "quantity"), Column("value", "value"), Column("unit", "unit")),
        rows=tuple(rows),
        notes=tuple(notes),
    )
