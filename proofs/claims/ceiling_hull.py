"""Mixing devices with a flag that Eve holds: ceilings from (S, Q) may be replaced by their convex hull."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, identity, number, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.flagged_mixtures import flag_steps
from keybounds.proofs.claims.two_qubit_ceiling import block_entropy, pointer_states, two_way

Average = Callable[[Any, Any, Any], Any]


def average(w: Any, first: Any, second: Any) -> Any:
    """The hull's value for two devices: w first + (1-w) second."""
    return w * first + (1 - w) * second


def lean() -> Any:
    """Return w = 1/(1+z), z > 0: sweeps (0, 1)."""
    return 1 / (1 + symbol("z"))


def derivation(average: Average = average) -> Iterator[Step]:
    """Prove that cost and statistics of a flagged mixture are the averages of its parts'."""
    import sympy as sp

    yield from flag_steps()
    w = lean()
    E = [[symbol(f"E{x}{y}{k}") for x in (0, 1) for y in (0, 1)] for k in (1, 2)]
    signs = (1, 1, 1, -1)
    mixed = [average(w, a, b) for a, b in zip(*E, strict=True)]
    yield identity(
        "P(a,b|x,y), and with it S and Q, are the averages: the settings are chosen without the flag",
        sum(s * e for s, e in zip(signs, mixed, strict=True)),
        w * sum(s * e for s, e in zip(signs, E[0], strict=True))
        + (1 - w) * sum(s * e for s, e in zip(signs, E[1], strict=True)),
        formula=r"S = \sum_k w_k S_k,\quad Q = \sum_k w_k Q_k",
    )
    Q = symbol("Q")
    yield identity(
        "on the local boundary S = 2 the two-qubit ceiling is 0 for every error 0 < Q < 1/2",
        two_way(sp.Integer(2), 1 / (2 + Q)),
        sp.Integer(0),
        formula=r"f(2, Q) = 0",
    )
    yield cited(
        "Eve is one of the adversaries: a ceiling for the mixture's devices, with the flag hers, is one for all",
        "kaur2021; christandl2021, Eq. (2)",
        formula=r"K(S,Q) \le \sum_k w_k f(S_k,Q_k)",
    )


def numerical(average: Average = average) -> Iterator[Step]:
    """I(A:B|EK) of two dense devices with Eve's flag as a block label, against the average, in 50 digits."""
    import mpmath as mp
    import sympy as sp

    points = ((sp.Rational(27, 10), sp.Rational(1, 50)), (sp.Rational(23, 10), sp.Rational(1, 5)))
    with mp.workdps(DIGITS + 10):
        w = mp.mpf(1) / 3
        eve: dict[Any, Any] = {}
        for k, (weight, (S, Q)) in enumerate(zip((w, 1 - w), points, strict=True)):
            states = pointer_states(*(mp.mpf(int(x.p)) / int(x.q) for x in (S, Q)))
            eve |= {(a, b, k): weight * state for (a, b), state in states.items()}

        def entropy_of(fixed: tuple[bool, bool]) -> Any:
            sums: dict[Any, Any] = {}
            for (a, b, k), state in eve.items():
                label = (a if fixed[0] else None, b if fixed[1] else None, k)
                sums[label] = sums[label] + state if label in sums else state
            return block_entropy(list(sums.values()))

        found = entropy_of((True, False)) + entropy_of((False, True)) - entropy_of((False, False))
        found -= entropy_of((True, True))
        costs = [number(two_way(S, Q), {}) for S, Q in points]
        yield witness("I(A:B|EK) of a flagged mixture", average(w, *costs), found)


CLAIM = ProseClaim(
    name="ceiling-hull",
    statement="If devices with CHSH values S_k and key errors Q_k have I(A:B|E) = c_k at the key setting, the mixture "
    "with weights w_k, its flag with Eve, has S = sum w_k S_k, Q = sum w_k Q_k and I(A:B|E) = sum w_k c_k; likewise "
    "for the whole table, and for the relative entropy to separable states. So any explicit convex combination of "
    "ceilings of one kind, zero at S = 2 among them, is a ceiling.",
    formula=r"K\left(\sum_k w_k P_k\right) \le \sum_k w_k I(A:B|E)_{P_k}",
    source="kaur2021; rederived",
    derivation=derivation,
    witness=numerical,
)
