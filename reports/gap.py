"""States with a proven gap K > K_DI, from the published twelve qubits down to six."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from keybounds.bounds import Answer
from keybounds.bounds.lower import advantage_distillation, privacy_squeezing
from keybounds.bounds.state.gap import GapExample
from keybounds.bounds.upper import partial_transpose_bound, private_state_ceiling, smallest_gap
from keybounds.enclosure import nearest
from keybounds.formatting import significant
from keybounds.states import PPTPrivateFamily
from keybounds.tables import Cell, Column, Number, Table

TITLE = "States with more key than device-independent key (bit/copy)"
DIGITS = 6


def published_gap() -> GapExample:
    """The twelve-qubit example of christandl2021: rho_25, 1-h(p)-p > p."""
    family = PPTPrivateFamily(25)
    return GapExample(family, privacy_squeezing(family), partial_transpose_bound(family, method="published"))


def edge_gaps() -> tuple[GapExample, ...]:
    """The first d with a gap at the PPT edge: by privacy squeezing, and by two-copy advantage distillation."""
    squeezed, distilled = PPTPrivateFamily(20), PPTPrivateFamily(10)
    return (
        GapExample(squeezed, privacy_squeezing(squeezed), partial_transpose_bound(squeezed)),
        GapExample(distilled, advantage_distillation(distilled), partial_transpose_bound(distilled)),
    )


def compare_smallest_gap() -> Answer:
    """Compare key and device-independent ceilings for states of fewer and fewer dimensions.

    ``findings["examples"]`` gives each state's sectors, p, dimensions, qubits and whether its gap is proven.
    """
    examples = (published_gap(), *edge_gaps(), *smallest_gap())
    smallest = min((e for e in examples if e.proven), key=lambda e: e.side)
    return Answer.of(
        [bound for e in examples for bound in (e.key, private_state_ceiling(e.state), e.ceiling)],
        notes=NOTES,
        name="smallest-gap",
        title=TITLE,
        findings={"examples": [_described(e) for e in examples], "smallest": str(smallest.state)},
    )


def smallest_gap_table(answer: Answer) -> Table:
    """The answer of `compare_smallest_gap` with a row for each state."""
    bounds = answer.bounds
    examples = [
        GapExample(_state(described), bounds[3 * k], bounds[3 * k + 2])
        for k, described in enumerate(answer.findings["examples"])
    ]
    return _table(examples)


def _described(example: GapExample) -> dict[str, Any]:
    state = example.state
    return {
        "state": str(state),
        "sectors": [state.m, state.n],
        "p": None if state.rational_p is None else str(state.rational_p),
        "side": example.side,
        "qubits": example.qubits,
        "proven": example.proven,
    }


def _state(described: Mapping[str, Any]) -> PPTPrivateFamily:
    m, n = described["sectors"]
    if described["p"] is None:
        return PPTPrivateFamily(m)
    return PPTPrivateFamily.sectors(m, n, Fraction(described["p"]))


NOTES = (
    (
        "K: secret key with trusted devices; K_DI: with untrusted ones, for every public-discussion protocol. A gap is "
        "proven where the lower bound on K, rounded down, exceeds the ceiling on K_DI, rounded up. Asymptotic, "
        "collective attacks."
    ),
    (
        "Published: the first row (christandl2021). This project's: the ceilings below p, the protocol of hashed pair "
        "parities, p off the PPT edge, and the unequal sectors; proved in the claims er-exact-transpose, "
        "advantage-distillation, pair-parity-key, unequal-sectors and smallest-gap (keybounds prove)."
    ),
    (
        "Qubits: enough to hold both systems. p was searched for a large gap; the bounds are certified at that p as an "
        "exact number. For rho_{d,p} with d = 2 and 3 the ceiling is at least 1-h(p) >= K at every p."
    ),
)


def _table(examples: Sequence[GapExample]) -> Table:
    return Table(
        name="smallest-gap",
        title=TITLE,
        columns=(
            Column("state", "state"),
            Column("p", "p", "$p$"),
            Column("dimensions", "dimensions"),
            Column("qubits", "qubits"),
            Column("k_lower", "K ≥", r"$K\ge$"),
            Column("k_method", "protocol"),
            Column("k_di_upper", "K_DI ≤", r"$K_\mathrm{DI}\le$"),
            Column("k_di_method", "ceiling"),
            Column("proven", "gap proven"),
            Column("source", "source"),
        ),
        rows=tuple(_row(example, published=k == 0) for k, example in enumerate(examples)),
        notes=NOTES,
    )


def _row(example: GapExample, *, published: bool) -> tuple[Cell, ...]:
    state = example.state
    p = nearest(state.p)
    return (
        f"rho_{state.d}" if state.equal_sectors else f"sectors {state.m}+{state.n}",
        Number(p, significant(p, DIGITS)),
        f"{example.side}x{example.side}",
        Number(example.qubits, str(example.qubits)),
        Number.rounded(example.key.value, DIGITS, example.key.direction),
        example.key.method,
        Number.rounded(example.ceiling.value, DIGITS, example.ceiling.direction),
        example.ceiling.method,
        "yes" if example.proven else "no",
        "christandl2021" if published else "this project",
    )
