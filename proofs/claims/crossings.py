"""From which dimension on the key of rho_d provably exceeds a ceiling on its device-independent key.

At the PPT edge p = 1/(sqrt d + 1). Three gaps: the Devetak-Winter rate against p, against p (1 + log(1-p)), and
two-copy advantage distillation against p (1 + log(1-p)).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Any

from flint import arb, ctx, fmpq

from keybounds.proofs.algebra.symbols import log2, symbol
from keybounds.proofs.checks import DIGITS, ball_value, enclosed_positive, holds, identity, positive, witness
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims.advantage_distillation import rate
from keybounds.proofs.claims.er_ceiling_transpose import ceiling_edge
from keybounds.proofs.claims.privacy_squeezing_key import key_rate

FIRST: Mapping[str, int] = MappingProxyType(
    {"devetak-winter against p": 24, "devetak-winter against E_r": 20, "two-copy distillation against E_r": 10}
)
"""First dimension with a positive gap, by gap."""

_PIECES = 2000  # of the interval of p that balls cover


def gaps(p: Any) -> dict[str, Any]:
    """Return the three gaps as functions of p."""
    import sympy as sp

    return {
        "devetak-winter against p": key_rate(p) - p,
        "devetak-winter against E_r": key_rate(p) - ceiling_edge(p),
        "two-copy distillation against E_r": rate(sp.Integer(2), p) - ceiling_edge(p),
    }


def _at_dimension(expression: Any, sign: int, d: int) -> arb:
    return sign * ball_value(expression, {symbol("p"): 1 / (arb(d).sqrt() + 1)})


def derivation(first: Mapping[str, int] = FIRST) -> Iterator[Step]:
    """Prove each crossing: sign at the integers around it by balls, beyond it by the sign of the derivative."""
    p = symbol("p")
    r = symbol("r")
    stated = gaps(p)
    yield identity(
        "p = 1/(sqrt d + 1) falls as d grows, so a gap that falls with p grows with d",
        (1 / (r + 1)).diff(r),
        -1 / (1 + r) ** 2,
        formula=r"\frac{\partial p}{\partial\sqrt{d}} = -\frac{1}{(1+\sqrt{d})^2} < 0",
    )
    for name, expression in stated.items():
        crossing = first[name]
        yield enclosed_positive(
            f"{name}: negative at every integer d from 2 to {crossing - 1}",
            {f"d = {d}": partial(_at_dimension, expression, -1, d) for d in range(2, crossing)},
            formula=rf"g(d) < 0,\quad 2 \le d < {crossing}",
        )
        yield enclosed_positive(
            f"{name}: positive at d = {crossing}",
            {f"d = {crossing}": partial(_at_dimension, expression, 1, crossing)},
            formula=rf"g({crossing}) > 0",
        )
    yield from _falls_devetak_winter(stated["devetak-winter against p"])
    yield from _falls_exact(stated["devetak-winter against E_r"])
    yield from _falls_distillation(stated["two-copy distillation against E_r"], first)
    yield _negative_below(stated["two-copy distillation against E_r"], first["two-copy distillation against E_r"])


def _falls_devetak_winter(gap: Any) -> Iterator[Step]:
    p, z = symbol("p"), symbol("z")
    yield identity(
        "devetak-winter against p: derivative in p",
        gap.diff(p),
        -log2((1 - p) / p) - 2,
        formula=r"g'(p) = -\log\frac{1-p}{p} - 2",
    )
    odds = ((1 - p) / p).subs(p, 1 / (2 + z)).simplify()
    yield positive(
        "negative for 0 < p < 1/2, where (1-p)/p = 1 + z with z > 0: one crossing, and growth with d beyond it, over "
        "all real d > 1",
        log2(odds),
        formula=r"\log\frac{1-p}{p} > 0",
    )


def _falls_exact(gap: Any) -> Iterator[Step]:
    import sympy as sp

    p, z = symbol("p"), symbol("z")
    slope = log2(p) - 2 * log2(1 - p) - 2 + p / ((1 - p) * sp.log(2))
    yield identity(
        "devetak-winter against E_r: derivative in p",
        gap.diff(p),
        slope,
        formula=r"g'(p) = \log p - 2\log(1-p) - 2 + \frac{p}{(1-p)\ln 2}",
    )
    curvature = [1 / (p * sp.log(2)), 2 / ((1 - p) * sp.log(2)), 1 / ((1 - p) ** 2 * sp.log(2))]
    yield identity(
        "second derivative",
        slope.diff(p),
        sum(curvature),
        formula=r"g''(p)\ln 2 = \frac{1}{p} + \frac{2}{1-p} + \frac{1}{(1-p)^2}",
    )
    yield positive(
        "positive term by term for 0 < p < 1, so g' is largest at the largest p",
        *(term.subs(p, 1 / (1 + z)) for term in curvature),
        formula=r"g''(p) > 0",
    )
    yield enclosed_positive(
        "g' is negative at the p of d = 2, hence for all real d >= 2: one crossing, and growth with d beyond it",
        {"d = 2": lambda: _at_dimension(slope, -1, 2)},
        formula=r"g'\left(\frac{1}{\sqrt{2}+1}\right) < 0",
    )


def _falls_distillation(gap: Any, first: Mapping[str, int]) -> Iterator[Step]:
    import sympy as sp

    p, z = symbol("p"), symbol("z")
    accepted = p**2 + (1 - p) ** 2
    dropped = [-(1 - 2 * p) * log2(accepted), -2 * p * log2(p)]
    majorant = -(1 - p) - 2 * (1 - p) * log2(1 - p) - 1 - log2(1 - p) + p / ((1 - p) * sp.log(2))
    yield identity(
        "two-copy distillation against E_r: derivative in p, with P = p^2 + (1-p)^2",
        gap.diff(p),
        majorant - sum(dropped),
        formula=r"g'(p) = M(p) + (1-2p)\log P + 2p\log p,\quad "
        r"M(p) = -(1-p) - 2(1-p)\log(1-p) - 1 - \log(1-p) + \frac{p}{(1-p)\ln 2}",
    )
    below_half = {p: 1 / (2 + z)}
    yield positive(
        "the two terms besides M are negative for 0 < p < 1/2: 1 - 2p, 1 - P and 1 - p are positive",
        *(sp.factor(term.subs(below_half)) for term in (1 - 2 * p, 1 - accepted, 1 - p)),
        formula=r"(1-2p)\log P < 0,\quad 2p\log p < 0",
    )
    rest = [2 / sp.log(2) - 1, 1 / ((1 - p) * sp.log(2)), 1 / ((1 - p) ** 2 * sp.log(2))]
    yield identity(
        "derivative of M",
        majorant.diff(p),
        2 * log2(2 * (1 - p)) + sum(rest),
        formula=r"M'(p) = 2\log 2(1-p) + \left(\frac{2}{\ln 2} - 1\right) + \frac{1}{(1-p)\ln 2} "
        r"+ \frac{1}{(1-p)^2\ln 2}",
    )
    yield positive(
        "positive term by term for 0 < p < 1/2, where 2(1-p) > 1: M is largest at the largest p",
        (2 * (1 - p) - 1).subs(below_half),
        *(term.subs(below_half) for term in rest),
        formula=r"M'(p) > 0",
    )
    crossing = first["two-copy distillation against E_r"]
    yield enclosed_positive(
        f"M is negative at the p of d = {crossing - 1}, hence g grows with d for all real d >= {crossing - 1}",
        {f"d = {crossing - 1}": lambda: _at_dimension(majorant, -1, crossing - 1)},
        formula=rf"M(p) < 0,\quad d \ge {crossing - 1}",
    )


def _negative_below(gap: Any, crossing: int) -> Step:
    """The gap is negative at every real d from 2 to crossing - 1: balls that cover the interval of p."""
    low, high = (Fraction(1, 1 + r) for r in (math.isqrt(crossing - 2) + 1, 1))  # around both ends, rationals
    width = (high - low) / _PIECES
    p = symbol("p")
    greatest = -math.inf
    with ctx.workprec(128):
        for k in range(_PIECES):
            middle = low + (k + Fraction(1, 2)) * width
            piece = arb(fmpq(middle.numerator, middle.denominator), float(width))
            if piece < 1 / (arb(crossing - 1).sqrt() + 1) or piece > 1 / (arb(2).sqrt() + 1):
                continue
            greatest = max(greatest, float(ball_value(gap, {p: piece}).upper()))
    return holds(
        f"two-copy distillation against E_r: negative at every real d from 2 to {crossing - 1}, by balls that "
        f"cover the "
        "interval of p; so this gap too has one zero over all real d >= 2",
        greatest < 0,
        formula=rf"g(d) < 0,\quad 2 \le d \le {crossing - 1}",
        detail=f"at most {greatest:.3g}",
        ground=Ground.ENCLOSED,
    )


def numerical(first: Mapping[str, int] = FIRST) -> Iterator[Step]:
    """Search for the real d at which each gap vanishes, with the formulas written out in mpmath."""
    import mpmath as mp

    def h(x: Any) -> Any:
        return -x * mp.log(x, 2) - (1 - x) * mp.log(1 - x, 2)

    def distilled(p: Any) -> Any:
        q = p * p / (p * p + (1 - p) ** 2)
        return (p * p + (1 - p) ** 2) / 2 * (1 - h(q) - q)

    def gap(name: str, d: Any) -> Any:
        p = 1 / (mp.sqrt(d) + 1)
        lower = distilled(p) if name.startswith("two-copy") else 1 - h(p) - p
        return lower - (p if name.endswith("against p") else p * (1 + mp.log(1 - p, 2)))

    with mp.workdps(DIGITS + 10):
        for name, crossing in first.items():
            root = mp.findroot(partial(gap, name), (3, 60), solver="anderson")
            yield witness(f"{name}: root at d = {mp.nstr(root, 12)}, next integer", crossing, mp.ceil(root))


CLAIM = ProseClaim(
    name="crossings",
    statement="At the PPT edge: 1 - h(p) - p exceeds p first at d = 24, exceeds p (1 + log(1-p)) "
    "first at d = 20, and two-copy advantage distillation exceeds p (1 + log(1-p)) first at d = 10. Over all real "
    "d >= 2 each gap has exactly one zero, and from there on grows.",
    formula=r"d_0 = 24,\; 20,\; 10:\quad g(d) < 0 \text{ for integers } 2 \le d < d_0,\quad "
    r"g(d) > 0 \text{ for real } d \ge d_0",
    source="24: christandl2021, p. 3; 20 and 10: this project",
    derivation=derivation,
    witness=numerical,
)
