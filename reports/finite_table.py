"""What the ion link yields in finite time: key of runs of several lengths, the shortest with key, and the best γ."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from keybounds.bounds import Direction
from keybounds.bounds.run import (
    FiniteKey,
    Sensitivity,
    minimal_rounds,
    nominal,
    optimal_gamma,
    sensitivity,
)
from keybounds.experiments import load
from keybounds.tables import Cell, Column, Number, Table

if TYPE_CHECKING:
    from uncertainties.core import Variable

Measured: TypeAlias = "float | Variable"
LINK, PROTOCOL = "nadlinger2022-link", "nadlinger2022-protocol"
LENGTHS = (10**6, 1_500_000, 10**7, 10**8)
THEOREMS = {"eat-2019": "trevisan", "renyi": "toeplitz"}
"""The theorems that are tabled, each with the extractor that it is used with."""


def published(name: str) -> Fraction:
    """A printed figure of the key run, as the exact decimal that it is."""
    return Fraction(str(load(PROTOCOL).values[name].value))


def links() -> dict[str, tuple[Measured, Measured]]:
    """S and Q of the key run's design point, and as measured in the link's characterisation."""
    measured = load(LINK).values
    return {
        "design point of the key run": (float(published("design_chsh")), float(published("design_qber"))),
        "measured link": (measured["chsh"].ufloat, measured["qber"].ufloat),
    }


def finite_size_table() -> Table:
    """Lengths at the published γ and soundness, the onset, and the best γ for the published number of rounds."""
    herald_rate = float(Fraction(str(load(LINK).values["herald_rate"].value)))
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
        rows=tuple(_cells(*design, herald_rate) for design in _designs()),
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
    return tuple(found.key for _, found, _, _ in _designs())


def values_of(table: Table, rows: Collection[int]) -> set[float]:
    """The numbers in these rows of the table that are multiples of the row's key length."""
    columns = [k for k, column in enumerate(table.columns) if column.key in ("rate", "per_hour")]
    cells = [table.rows[row][k] for row in rows for k in columns]
    return {cell.value for cell in cells if isinstance(cell, Number)}


@cache
def _designs() -> tuple[tuple[str, Sensitivity, Fraction, str], ...]:
    """Link, key with its sensitivities, γ and remark of every row."""
    rounds, soundness = int(published("rounds")), published("soundness")
    return tuple(
        (
            f"{name}: S = {nominal(s):g}, Q = {100 * nominal(q):g} %",
            sensitivity(chsh=s, qber=q, **run),
            run["gamma"],
            remark,
        )
        for name, (s, q) in links().items()
        for theorem in THEOREMS
        for run, remark in _runs(s, q, rounds, soundness, theorem)
    )


def _runs(
    s: Measured, q: Measured, rounds: int, soundness: Fraction, theorem: str
) -> Iterator[tuple[dict[str, Any], str]]:
    """The designs of one link by one theorem, by length, each with a remark."""
    gamma = published("test_fraction")
    method: dict[str, Any] = {"soundness": soundness, "theorem": theorem, "extractor": THEOREMS[theorem]}
    link = {"chsh": nominal(s), "qber": nominal(q), **method}
    designs = [(n, gamma, "") for n in LENGTHS]
    designs.append((minimal_rounds(gamma=gamma, **link), gamma, "shortest with key"))
    designs.append((rounds, Fraction(optimal_gamma(rounds=rounds, **link)), "best γ"))
    for n, share, remark in sorted(designs):
        yield {"rounds": n, "gamma": share, **method}, remark


def _cells(link: str, found: Sensitivity, gamma: Fraction, remark: str, herald_rate: float) -> tuple[Cell, ...]:
    key = found.key
    hours = key.rounds / herald_rate / 3600
    return (
        link,
        key.theorem,
        Number(key.rounds, str(key.rounds)),
        Number.rounded(float(gamma), 4),
        Number(key.length, str(key.length)),
        Number.rounded(found.spread, 2) if found.spread and key.length else "",
        Number.rounded(found.by_chsh / 100, 4),
        Number.rounded(found.by_qber / 1000, 4),
        Number.rounded(key.rate, 4, Direction.LOWER),
        Number.rounded(hours, 3),
        Number.rounded(key.length / hours, 4, Direction.LOWER),
        Number.rounded(key.threshold, 6),
        Number.rounded(key.completeness or 0.0, 4, Direction.LOWER),
        key.status.value,
        remark,
    )
