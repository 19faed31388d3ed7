"""Proven gaps K > K_DI off the PPT edge, down to rho_{4,p} on 8 x 8 and unequal sectors on 7 x 7."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Any

from flint import arb, fmpq

from keybounds.proofs.algebra.symbols import binary_divergence, binary_entropy, symbol
from keybounds.proofs.checks import DIGITS, ball_value, cited, enclosed_positive, holds, identity, positive
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims import er_ceiling_transpose, pair_parity_key, unequal_sectors

LEVELS = 32

FAMILY: Mapping[int, Fraction] = MappingProxyType(
    {d: Fraction(p) for d, p in ((8, "0.3027"), (7, "0.3203"), (6, "0.3414"), (5, "0.3955"), (4, "0.45"))}
)
"""p at which rho_{d,p} has a proven gap, by shield dimension d."""

SECTORS: Mapping[tuple[int, int], Fraction] = MappingProxyType({(3, 4): Fraction("0.49922")})
"""The same by dimensions of unequal sectors."""


def key_rate(p: Fraction, levels: int = LEVELS) -> arb:
    """S(p) of `pair_parity_key` up to `levels`, at the working precision; levels without certain gain are left out."""
    x = symbol("p")
    error, weight, total = arb(fmpq(p.numerator, p.denominator)), arb(0.5), arb(0)
    gain, survivors, following = (
        f(x) for f in (pair_parity_key.gain, pair_parity_key.survivors, pair_parity_key.next_error)
    )
    for _ in range(levels):
        value = ball_value(gain, {x: error})
        if value > 0:
            total += weight * value
        weight, error = weight * ball_value(survivors, {x: error}), ball_value(following, {x: error})
    return total


def _family_gap(d: int, p: Fraction) -> arb:
    import sympy as sp

    ceiling = er_ceiling_transpose.ceiling(sp.Integer(d), sp.Rational(p.numerator, p.denominator))
    return key_rate(p) - ball_value(ceiling, {})


def _sector_gap(m: int, n: int, p: Fraction) -> arb:
    import sympy as sp

    ceiling = unequal_sectors.ceiling(sp.Integer(m), sp.Integer(n), sp.Rational(p.numerator, p.denominator))
    return key_rate(p) - ball_value(ceiling, {})


def derivation(
    family: Mapping[int, Fraction] = FAMILY, sectors: Mapping[tuple[int, int], Fraction] = SECTORS, without: int = 3
) -> Iterator[Step]:
    """Enclose each gap; show that there is none for d = `without` and below."""
    ppt = holds(
        "every p is in [1/(sqrt d + 1), 1/2], or [1/(sqrt m + 1), 1/2]: the states are PPT, and the ceilings hold",
        all(d * p * p >= (1 - p) ** 2 and p <= Fraction(1, 2) for d, p in family.items())
        and all(m * p * p >= (1 - p) ** 2 and p <= Fraction(1, 2) for (m, _), p in sectors.items()),
        formula=r"d\,p^2 \ge (1-p)^2",
    )
    yield ppt
    if not ppt.holds:  # the ceilings' formulas have no value there
        return
    yield enclosed_positive(
        "S(p) exceeds p D2((1+c)/2 || (1+1/sqrt d)/2)",
        {f"d = {d}, p = {p}": partial(_family_gap, d, p) for d, p in family.items()},
        formula=r"S(p) > p\,D_2\left(\frac{1+c}{2}\,\|\,\frac{1+1/\sqrt{d}}{2}\right)",
    )
    yield enclosed_positive(
        "S(p) exceeds p m D(A_r || A_1)",
        {f"sectors {m} + {n}, p = {p}": partial(_sector_gap, m, n, p) for (m, n), p in sectors.items()},
        formula=r"S(p) > p\,m\,D(A_r\|A_1)",
    )
    yield cited(
        "S(p) is a key rate of these states, and the ceilings bound their device-independent key",
        "claims pair-parity-key, er-ceiling, er-exact-transpose, unequal-sectors",
        formula=r"S(p) \le K \le 1-h(p),\quad K_{DI} \le E_r(\rho^\Gamma)",
    )
    yield from _no_gap(without)


def _no_gap(d: int) -> Iterator[Step]:
    """For this d the ceiling is at least 1 - h(p) >= K for every p, and so for every smaller one."""
    import sympy as sp

    r, s, p, z, v = (symbol(name) for name in ("r", "s", "p", "z", "v"))
    weight = 1 / (1 + r)  # p, with r = (1-p)/p in [1, sqrt d]
    ceiling = weight * binary_divergence((1 + r * s) / 2, (1 + s) / 2)
    trusted = (1 - binary_entropy(p)).subs(p, weight)
    excess = (1 + r) * (ceiling - trusted) * sp.log(2)
    yield identity(
        "with r = (1-p)/p and s = 1/sqrt d the ceiling's excess over 1 - h(p) is F(r)/((1+r) ln 2), F(1) = 0",
        excess.subs(r, 1),
        0,
        formula=r"F(r) = (1+r)\ln 2\,[p\,D_2 - (1 - h(p))],\quad F(1) = 0",
    )
    yield identity("F'(1) = 0", excess.diff(r).subs(r, 1), 0, formula=r"F'(1) = 0")
    curvature = s**2 / (1 - r**2 * s**2) - 1 / (r * (1 + r))
    yield identity(
        "the second derivative",
        excess.diff(r, 2),
        curvature,
        formula=r"F''(r) = \frac{1}{d - r^2} - \frac{1}{r(1+r)}",
    )
    at = curvature.subs(s, 1 / sp.sqrt(d))
    denominators = (r, 1 + r, d - r**2)
    numerators = (2 * r + 3, r - 1)
    yield identity(
        f"at d = {d} it is a fraction",
        at,
        sp.prod(numerators) / sp.prod(denominators),
        formula=r"F''(r) = \frac{(2r+3)(r-1)}{r(1+r)(3-r^2)}",
    )
    yield positive(
        "of positive factors for 1 < r < sqrt d: for all p the ceiling, which is E_r, is at least 1 - h(p) >= K",
        *(sp.factor(factor.subs(r, (1 + sp.sqrt(d) * v) / (1 + v))) for factor in (*numerators, *denominators)),
        formula=r"F''(r) > 0",
    )
    yield positive(
        f"and larger for d = {d - 1}, where it is defined: the same holds there",
        (1 / (d - 1 - r**2) - 1 / (d - r**2)).subs(r, sp.sqrt((d - 1) / (1 + z))),
        formula=rf"\frac{{1}}{{{d - 1}-r^2}} > \frac{{1}}{{{d}-r^2}}",
    )


def numerical(
    family: Mapping[int, Fraction] = FAMILY, sectors: Mapping[tuple[int, int], Fraction] = SECTORS
) -> Iterator[Step]:
    """Both sides written out in mpmath, the 2 x 2 relative entropy by diagonalisation."""
    import mpmath as mp

    def log_matrix(matrix: Any) -> Any:
        values, vectors = mp.eigsy(matrix)
        return vectors * mp.diag([mp.log(value, 2) for value in values]) * vectors.T

    def rate(p: Any) -> Any:
        total, weight = mp.mpf(0), mp.mpf(1) / 2
        for _ in range(LEVELS):
            kept, q = p * p + (1 - p) ** 2, 2 * p * (1 - p)
            total += weight * max(0, 1 - p * p + q * mp.log(q, 2) + (1 - q) * mp.log(1 - q, 2))
            weight, p = weight * kept / 2, p * p / kept
        return total

    def ceiling(m: int, n: int, p: Any) -> Any:
        blocks = []
        for r in ((1 - p) / p, mp.mpf(1)):
            mixed = r / (m * mp.sqrt(n))
            blocks.append(mp.matrix([[mp.mpf(1) / m, mixed], [mixed, mp.mpf(1) / n]]) / 2)
        product = blocks[0] * (log_matrix(blocks[0]) - log_matrix(blocks[1]))
        return p * m * (product[0, 0] + product[1, 1])

    cases = {(d, d): p for d, p in family.items()} | dict(sectors)
    with mp.workdps(DIGITS + 10):
        for (m, n), exact in cases.items():
            p = mp.mpf(exact.numerator) / exact.denominator
            low, high = rate(p), ceiling(m, n, p)
            yield holds(
                f"sectors {m} + {n}, p = {exact}: K >= {mp.nstr(low, 12)}, K_DI <= {mp.nstr(high, 12)}",
                low > high,
                detail=mp.nstr(low - high, 12),
                ground=Ground.WITNESS,
            )


CLAIM = ProseClaim(
    name="smallest-gap",
    statement="rho_{d,p} has more key than device-independent key for d = 8, 7, 6, 5 and 4 (the last on 8 x 8, six "
    "qubits), and so has the state with sectors 3 + 4 on 7 x 7, each at the p given. For d = 3 and d = 2 the relative "
    "entropy of entanglement of the partial transpose is at least 1 - h(p) >= K at every p with 1/(sqrt d + 1) <= p <= "
    "1/2: it proves no gap there.",
    formula=r"d = 8, 7, 6, 5, 4:\quad K(\rho_{d,p}) \ge S(p) > E_r(\rho_{d,p}^\Gamma) \ge K_{DI}(\rho_{d,p});\qquad "
    r"d \le 3,\ \frac{1}{\sqrt{d}+1} \le p \le \frac{1}{2}:\quad "
    r"E_r(\rho_{d,p}^\Gamma) \ge 1 - h(p) \ge K(\rho_{d,p})",
    source="this project, after christandl2021",
    derivation=derivation,
    witness=numerical,
)
