"""How long the photonic experiment must run for a finite key, against collective attacks."""

from __future__ import annotations

from keybounds.bounds import Direction, Hierarchy, one_way
from keybounds.bounds.run.collective import (
    CollectiveDesign,
    collective_design,
    collective_key,
    minimal_collective_rounds,
)
from keybounds.experiments import PhotonicExperiment, load
from keybounds.formatting import significant
from keybounds.tables import Cell, Column, Number, Table

DATA_SET = "liu2022-20m"
MULTIPLES = (1, 3, 10, 100)  # of the shortest run with key
_KEY, _HIERARCHY = (0, 2), Hierarchy("11", 16)
_SECONDS_A_DAY = 86_400


def finite_photonic_table() -> Table:
    """The shortest run with key and longer ones, for the model of the 20 m run with the published preprocessing."""
    values = load(DATA_SET).values
    model = load(DATA_SET).models["white-noise"]
    assert isinstance(model, PhotonicExperiment)
    assert model.repetition_rate is not None
    noise, keep = (_number(values[name].value) for name in ("noise", "keep"))
    design = collective_design(model.behaviour(), one_way(_KEY, noise=noise, keep=keep), _HIERARCHY)
    onset = minimal_collective_rounds(design)
    tolerance = design.asymptotic / design.reconciliation
    return Table(
        name="finite-photonic",
        title="Photonic experiment over 20 m: key of finite runs against collective attacks",
        columns=(
            Column("rounds", "rounds"),
            Column("days", "days"),
            Column("tests", "share of tests"),
            Column("length", "key (bit)"),
            Column("rate", "bit/round"),
            Column("threshold", "accepted score"),
            Column("status", "status"),
        ),
        rows=tuple(_cells(design, onset * multiple, model.repetition_rate) for multiple in MULTIPLES),
        notes=(
            (
                f"Model-based: the white-noise fit of {DATA_SET}, noise {noise:g}, keep {keep:g}; score from the dual "
                f"of the moment relaxation at {_HIERARCHY}. Soundness 1e-10, collective attacks "
                "only: the rounds are taken as independent and alike. Toeplitz hashing."
            ),
            (
                f"Error correction is an ideal code at the Shannon limit. A code that publishes {100 * tolerance:.2g} "
                "% more leaves no key in any time, and no code in use comes that near, so these runs are not "
                f"practical. Days at {model.repetition_rate:g} rounds a second, without dead time."
            ),
        ),
    )


def _cells(design: CollectiveDesign, rounds: int, repetition_rate: float) -> tuple[Cell, ...]:
    key = collective_key(design, rounds=rounds)
    return (
        Number.rounded(rounds, 4),
        Number.rounded(rounds / repetition_rate / _SECONDS_A_DAY, 3),
        Number.rounded(key.parameters["tests"] / rounds, 2),
        Number.rounded(key.length, 4, Direction.LOWER),
        Number.rounded(key.rate, 3, Direction.LOWER),
        Number(key.threshold, significant(key.threshold, 7, Direction.UPPER)),  # what is accepted
        key.status.value,
    )


def _number(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)
