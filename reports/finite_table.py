"""What the ion link yields in finite time: key of runs of several lengths, the shortest with key, and the best γ."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from keybounds.bounds import Direction, Link, Run
from keybounds.bounds.run import (
    FiniteKey,
    Granted,
    Sensitivity,
    best_tested_run,
    key_of_run,
    sensitivity,
    shortest_run,
)
from keybounds.experiments import load
from keybounds.formatting import significant
from keybounds.tables import Cell, Column, Number, Table

LINK, PROTOCOL = "nadlinger2022-link", "nadlinger2022-protocol"
LENGTHS = (10**6, 1_500_000, 10**7, 10**8)
THEOREMS = {"eat-2019": "trevisan", "renyi": "toeplitz"}
"""The theorems that are tabled, each with the extractor that it is used with."""


@dataclass(frozen=True, slots=True)
class MeasuredLink:
    """A link, what it is called, and one standard deviation of S and one of Q."""

    name: str
    link: Link
    uncertainty: tuple[float, float] = (0.0, 0.0)


def published(name: str) -> Fraction:
    """A printed figure of the key run, as the exact decimal that it is."""
    return _decimal(load(PROTOCOL).values[name].value)


def links() -> tuple[MeasuredLink, ...]:
    """The key run's design point, and the link as measured in its characterisation; printed decimals are exact."""
    s, q = (load(LINK).values[name] for name in ("chsh", "qber"))
    return (
        MeasuredLink("design point of the key run", Link(published("design_chsh"), published("design_qber"))),
        MeasuredLink("measured link", Link(_decimal(s.value), _decimal(q.value)), (s.ufloat.std_dev, q.ufloat.std_dev)),
    )


def finite_size_table() -> Table:
    """Lengths at the published γ and soundness, the onset, and the best γ for the published number of rounds."""
    herald_rate = float(_decimal(load(LINK).values["herald_rate"].value))
    rounds, soundness = int(published("rounds")), published("soundness")
    return Table(
        name="finite-size",
        title="Trapped-ion experiment: key of finite runs",
        columns=(
            Column("link", "link"),
            Column("theorem", "theorem"),
            Column("rounds", "rounds"),
            Column("gamma", "γ"),
            Column("length", "key (bit)"),
            Column("uncertainty", "± from S, Q"),
            Column("by_chsh", "bits per 0.01 of S", for_data=True),
            Column("by_qber", "bits per 0.1 % of Q", for_data=True),
            Column("rate", "bit/round"),
            Column("hours", "hours"),
            Column("per_hour", "bit/hour"),
            Column("threshold", "threshold"),
            Column("completeness", "passes"),
            Column("status", "status"),
            Column("remark", "remark"),
        ),
        rows=tuple(_cells(row, herald_rate) for row in _rows()),
        notes=(
            (
                f"At soundness {float(soundness):g} against general attacks. eat-2019: entropy accumulation, "
                "nadlinger2022, Eq. (73), Trevisan's extractor. renyi: Rényi entropies, claim renyi-key-length, "
                "Toeplitz hashing, for runs accepted by a score of their tests. Whole bits of one run, no asymptotic "
                "rates: no ceiling of another table is held against them."
            ),
            f"The run of nadlinger2022 has {rounds} rounds and {int(published('key_bits'))} bits.",
            (
                f"Hours at {herald_rate:g} heralds a second, the mean over the link's characterisation. ±: what the "
                "length designed for the measured S and Q inherits from their uncertainties. Passes: lower bound on "
                "the probability that an honest run reaches the threshold; error correction is apart."
            ),
        ),
        group="link",
    )


def finite_size_keys() -> tuple[FiniteKey, ...]:
    """The key of each row of the table."""
    return tuple(row.found.key.about(row.link) for row in _rows())


def values_of(table: Table, rows: Collection[int]) -> set[float]:
    """The numbers in these rows of the table that are multiples of the row's key length."""
    columns = [k for k, column in enumerate(table.columns) if column.key in ("rate", "per_hour")]
    cells = [table.rows[row][k] for row in rows for k in columns]
    return {cell.value for cell in cells if isinstance(cell, Number)}


@dataclass(frozen=True, slots=True)
class _Row:
    """A run with its key, and what is said of it."""

    link: str
    run: Run
    found: Sensitivity
    remark: str


@cache
def _rows() -> tuple[_Row, ...]:
    """Every run of the table: by link, theorem and length."""
    return tuple(
        _Row(
            f"{one.name}: S = {float(one.link.chsh):g}, Q = {100 * float(one.link.qber):g} %",
            run,
            sensitivity(run, granted(theorem), uncertainty=one.uncertainty),
            remark,
        )
        for one in links()
        for theorem in THEOREMS
        for run, remark in _runs(one.link, granted(theorem))
    )


def granted(theorem: str) -> Granted:
    """The key of a run by a tabled theorem, with its extractor."""
    return partial(key_of_run, theorem=theorem, extractor=THEOREMS[theorem])


def design_run(link: Link, rounds: int) -> Run:
    """A run of this length at the published γ and soundness."""
    return Run(link, rounds=rounds, gamma=published("test_fraction"), soundness=published("soundness"))


def _runs(link: Link, grants: Granted) -> Iterator[tuple[Run, str]]:
    """The runs of one link by one theorem, by length, each with a remark."""
    at_length = design_run(link, int(published("rounds")))
    runs = [(design_run(link, n), "") for n in LENGTHS]
    runs.append((shortest_run(at_length, grants), "shortest with key"))
    runs.append((best_tested_run(at_length, grants), "best γ"))
    yield from sorted(runs, key=lambda one: (one[0].rounds, one[0].gamma))


def _cells(row: _Row, herald_rate: float) -> tuple[Cell, ...]:
    found, key = row.found, row.found.key
    hours = key.rounds / herald_rate / 3600
    return (
        row.link,
        key.theorem,
        Number(key.rounds, str(key.rounds)),
        Number.rounded(float(row.run.gamma), 4),
        Number(key.length, str(key.length)),
        Number.rounded(found.spread, 2) if found.spread and key.length else "",
        Number.rounded(found.by_chsh / 100, 4),
        Number.rounded(found.by_qber / 1000, 4),
        Number.rounded(key.rate, 4, Direction.LOWER),
        Number.rounded(hours, 3),
        Number.rounded(key.length / hours, 4, Direction.LOWER),
        Number(key.threshold, significant(key.threshold, 6, Direction.UPPER)),  # what is accepted
        Number.rounded(key.completeness or 0.0, 4, Direction.LOWER),
        key.status.value,
        row.remark,
    )


def _decimal(value: object) -> Fraction:
    """A printed number as the exact decimal that it is."""
    return Fraction(str(value))
