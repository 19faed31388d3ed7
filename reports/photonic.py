"""The photonic experiment: published rates, fitted models, and what the closed forms say about them."""

from __future__ import annotations

import math
from dataclasses import replace

from keybounds.bounds import (
    Bound,
    Direction,
    Quantity,
    Scope,
    Status,
    Trust,
    Unit,
    one_way,
)
from keybounds.bounds.lower import reconciliation_entropy
from keybounds.bounds.upper import pair_source_ceiling
from keybounds.experiments import DataSet, PhotonicExperiment, load
from keybounds.reports.behaviours import behaviour_rows, full_rows
from keybounds.reports.comparison import Comparison, comparison

DATA_SETS = ("liu2022-20m", "liu2022-80m", "liu2022-220m")
KEY = (0, 2)
# (level, nodes) by model. The weak ones show how much of a printed rate is the relaxation's; the last takes seconds.
RELAXATIONS = {
    "white-noise": (("11", 16), ("22", 32), ("22+b01", 32), ("s6", 32)),
    "dephasing": (("11", 16), ("22", 32)),
}


def compare_photonic() -> Comparison:
    """Compare the rates and ceilings of liu2022, in bits per round and per second.

    Subjects: the printed rates at three fibre lengths; and the models of the 20 m run, whose source statistics were
    fitted to the printed figures, so that they are model-based and never predictions of them.
    """
    rows: list[Bound] = []
    survival: list[str] = []
    for name in DATA_SETS:
        rows += _published_rows(load(name))
    run = load(DATA_SETS[0])
    for name, model in run.models.items():
        assert isinstance(model, PhotonicExperiment)
        found = _model_rows(run, name, model)
        rows += found
        survival.append(f"{found[0].diagnostics['survival']:.5f} ({name})")
    return comparison(
        "photonic",
        "Photonic experiment: achievable key and ceilings",
        rows,
        notes=[
            (
                "Entropies are per key round that survives post-selection; a rate per round is p_V times their "
                f"difference, with p_V = {', '.join(survival)}."
            ),
            (
                "Published rows are quoted; the raw correlations are not public, so they cannot be recomputed. Model "
                "rows speak about the fitted model and are not compared with the published rate."
            ),
            (
                "The published rates rest on the full correlations and on post-selection. The CHSH value of the models "
                "is barely above 2, because most rounds are vacuum, and proves no key by itself. A rate from the full "
                "correlations depends on level and nodes: the same correlations prove more in a stronger relaxation. "
                "The ceiling from E_r takes the number of pairs as incoherent."
            ),
        ],
    )


def _published_rows(data: DataSet) -> list[Bound]:
    values = {name: float(datum.value) for name, datum in data.values.items() if isinstance(datum.value, (int, float))}
    scope = Scope(
        subject=f"{data.name}, published",
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=one_way(KEY, noise=values["noise"], keep=values["keep"]),
    )
    entropy = replace(scope, quantity=Quantity.CONDITIONAL_ENTROPY)
    cost = replace(scope, quantity=Quantity.RECONCILIATION)
    quoted = [
        ("key_rate", "Devetak-Winter rate from full correlations", Direction.LOWER, Unit.PER_ROUND, scope),
        ("key_rate_per_second", "Devetak-Winter rate from full correlations", Direction.LOWER, Unit.PER_SECOND, scope),
        ("entropy_given_eve", "entropy from full correlations", Direction.LOWER, Unit.PER_KEY_ROUND, entropy),
        ("entropy_given_bob", "Shannon limit of one-way error correction", Direction.UPPER, Unit.PER_KEY_ROUND, cost),
    ]
    return [
        Bound(
            value=values[name],
            direction=direction,
            unit=unit,
            scope=about,
            status=Status.PUBLISHED,
            method=method,
            reference=f"{data.reference}, {data.values[name].source}",
            provenance={"noise": values["noise"], "keep": values["keep"]},
        )
        for name, method, direction, unit, about in quoted
        if name in values
    ]


def _model_rows(run: DataSet, name: str, model: PhotonicExperiment) -> list[Bound]:
    behaviour = model.behaviour()
    subject = f"{run.name}, {name} model (fitted), S = {behaviour.chsh:.5f}"
    noise, keep = (run.values[key].value for key in ("noise", "keep"))
    assert isinstance(noise, float)
    assert isinstance(keep, float)
    rows = [
        reconciliation_entropy(behaviour, key=KEY, noise=noise, keep=keep, subject=subject),
        *full_rows(
            behaviour,
            key=KEY,
            noise=noise,
            keep=keep,
            subject=subject,
            unit=Unit.PER_ROUND,
            relaxations=RELAXATIONS[name],
        ),
        *behaviour_rows(behaviour, key=KEY, subject=subject, unit=Unit.PER_ROUND),
        pair_source_ceiling(
            pair_angle=math.radians(model.pair_angle),
            mean_pairs=model.mean_pairs,
            efficiencies=model.total_efficiencies,
            subject=subject,
        ),
    ]
    if model.repetition_rate is None:
        return rows
    keys = [row for row in rows if row.scope.quantity is Quantity.KEY_RATE and row.status is not Status.NO_KEY]
    return rows + [row.scaled(model.repetition_rate, Unit.PER_SECOND) for row in keys]
