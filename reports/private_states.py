"""Key of the PPT private states rho_d with trusted devices, against the ceilings on their device-independent key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keybounds.bounds import Answer, Bound
from keybounds.bounds.lower import advantage_distillation, privacy_squeezing
from keybounds.bounds.upper import partial_transpose_bound, private_state_ceiling
from keybounds.enclosure import nearest
from keybounds.formatting import significant
from keybounds.states import PPTPrivateFamily
from keybounds.tables import Cell, Column, Number, Table

DIMENSIONS = (*range(2, 65), 2**10, 2**20)
TITLE = "Key of the PPT private states against the ceiling on their device-independent key (bit/copy)"
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Gap:
    """A way to prove K(rho_d) > K_DI(rho_d): which lower bound against which ceiling, by a key of the row."""

    lower: str
    ceiling: str
    statement: str


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """The bounds on one rho_d."""

    family: PPTPrivateFamily
    squeezing: Bound
    distillation: Bound
    trusted: Bound
    published: Bound
    transposed: Bound

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Lower bounds first."""
        return self.squeezing, self.distillation, self.trusted, self.published, self.transposed

    def proves(self, gap: Gap) -> bool:
        """Whether the lower bound on K lies above the ceiling on K_DI; both are on the safe side."""
        lower: Bound = getattr(self, gap.lower)
        ceiling: Bound = getattr(self, gap.ceiling)
        return lower.value > ceiling.value


GAPS = (
    Gap("squeezing", "published", "1-h(p)-p > p (christandl2021)"),
    Gap("squeezing", "transposed", "1-h(p)-p > p(1+log(1-p))"),
    Gap("distillation", "transposed", "two-copy advantage distillation > p(1+log(1-p))"),
)


def family_row(d: int) -> FamilyRow:
    """Every bound of the table for rho_d at the PPT edge."""
    family = PPTPrivateFamily(d)
    return FamilyRow(
        family,
        privacy_squeezing(family),
        advantage_distillation(family, copies=2),
        private_state_ceiling(family),
        partial_transpose_bound(family, method="published"),
        partial_transpose_bound(family),
    )


def first_dimensions(rows: Sequence[FamilyRow]) -> list[int | None]:
    """For each of `GAPS` the least tabulated d with a proven gap, None if there is none."""
    return [next((row.family.d for row in rows if row.proves(gap)), None) for gap in GAPS]


def compare_private_states(dimensions: Iterable[int] = DIMENSIONS) -> Answer:
    """Compare trusted-device key and device-independent ceilings over the shield dimension d.

    ``findings["dimensions"]`` lists them, and ``findings["crossings"]`` gives, for each way to prove a gap, the first
    tabulated d at which it does.
    """
    rows = [family_row(d) for d in dimensions]
    crossings = [
        {
            "method": gap.statement,
            "lower": getattr(rows[0], gap.lower).method,
            "ceiling": getattr(rows[0], gap.ceiling).method,
            "first_d": first,
        }
        for gap, first in zip(GAPS, first_dimensions(rows), strict=True)
    ]
    return Answer.of(
        [bound for row in rows for bound in row.bounds],
        notes=NOTES,
        name="private-states",
        title=TITLE,
        findings={"dimensions": [row.family.d for row in rows], "crossings": crossings},
    )


def private_states_table(answer: Answer) -> Table:
    """The answer of `compare_private_states` with a row for each d and a column for each bound."""
    dimensions, bounds = answer.findings["dimensions"], answer.bounds
    each = len(bounds) // len(dimensions)
    rows = [FamilyRow(PPTPrivateFamily(d), *bounds[k * each : (k + 1) * each]) for k, d in enumerate(dimensions)]
    return _table(rows, first_dimensions(rows))


NOTES = (
    (
        "K: secret key with trusted devices; K_DI: with untrusted ones; h: binary entropy; log: to base 2; AD: "
        "advantage distillation. A gap K > K_DI is proven where a lower bound on K exceeds a ceiling on K_DI."
    ),
    (
        "p = 1/(√d+1), the weight at which rho_d is just PPT. All values asymptotic, collective attacks, every "
        "public-discussion protocol; lower bounds rounded down, ceilings up."
    ),
    (
        "1-h(p)-p and the ceiling p are published (christandl2021); the other three columns are this project's, proved "
        "in the claims advantage-distillation, er-ceiling and er-ceiling-transpose (keybounds prove)."
    ),
)


def _table(rows: Sequence[FamilyRow], firsts: Sequence[int | None]) -> Table:
    marks = ("a", "b", "c")
    body: list[tuple[Cell, ...]] = []
    for row in rows:
        proven = [mark for mark, gap in zip(marks, GAPS, strict=True) if row.proves(gap)]
        first = [mark for mark, d in zip(marks, firsts, strict=True) if d == row.family.d]
        flag = " ".join(f"{mark}{' (first)' if mark in first else ''}" for mark in proven)
        p = nearest(row.family.p)
        body.append(
            (
                Number(row.family.d, _dimension_text(row.family.d)),
                Number(p, significant(p, DIGITS)),
                *(Number.rounded(bound.value, DIGITS, bound.direction) for bound in row.bounds),
                flag,
                row.transposed.unit.value,
            )
        )
    legend = "; ".join(
        f"{mark}: {gap.statement}, " + (f"first at d = {first}" if first else "at no tabulated d")
        for mark, gap, first in zip(marks, GAPS, firsts, strict=True)
    )
    return Table(
        name="private-states",
        title=TITLE,
        columns=(
            Column("d", "d", "$d$"),
            Column("p", "p", "$p$"),
            Column("k_lower", "K ≥ 1-h(p)-p", r"$K\ge1-h(p)-p$"),
            Column("k_lower_two_copies", "K ≥ two-copy AD", r"$K\ge$ two-copy AD"),
            Column("k_upper", "K ≤ 1-h(p)", r"$K\le1-h(p)$"),
            Column("k_di_upper_published", "K_DI ≤ p", r"$K_\mathrm{DI}\le p$"),
            Column("k_di_upper", "K_DI ≤ p(1+log(1-p))", r"$K_\mathrm{DI}\le p(1+\log(1-p))$"),
            Column("gap", "gap proven", "gap proven"),
            Column("unit", "unit", for_data=True),
        ),
        rows=tuple(body),
        notes=(f"Gap proven by {legend}.", *NOTES),
    )


def _dimension_text(d: int) -> str:
    exponent = d.bit_length() - 1
    return f"2^{exponent}" if d > 64 and d == 1 << exponent else str(d)
