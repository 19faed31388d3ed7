"""E_r(rho_{d,p}^Gamma) is exactly the ceiling of `er_ceiling_transpose`: a witness that no separable state exceeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense, family
from keybounds.proofs.algebra.symbols import log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, positive
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims import er_ceiling_transpose
from keybounds.proofs.claims.er_ceiling_transpose import ceiling, spectrum_sigma

Formula = Callable[[Any, Any], Any]


def derivation(ceiling: Formula = ceiling) -> Iterator[Step]:
    """Prove D(rho^Gamma || tau) >= `ceiling` for every separable tau."""
    import sympy as sp

    r, p, d = symbol("r"), symbol("p"), family.dimension()
    s, c, z, v = symbol("s"), symbol("c"), symbol("z"), symbol("v")
    inside = {c: (s + z) / (1 + z), s: 1 / (1 + v)}
    rho, sigma = family.spectrum_transpose(p), spectrum_sigma(p)
    yield family.spectral_step(
        "rho^Gamma has Pi_{00,11}, Pi_+, Pi_- as eigenprojectors",
        family.partial_transpose(family.rho(p)),
        rho,
        formula=r"\rho^\Gamma = \sum_k \lambda_k\Pi_k",
    )
    alpha, beta = (1 + c) / (1 + s), (1 - c) / (1 - s)
    at = {c: (1 - p) / (p * r), s: 1 / r}
    weights = [rank * value for value, _, rank in rho]
    factors = [sp.Integer(1), alpha.subs(at), beta.subs(at)]
    for name, factor, (value, _, _), (other, _, _) in zip(("00,11", "+", "-"), factors, rho, sigma, strict=True):
        yield identity(
            f"ratio of the eigenvalues of rho^Gamma and sigma on Pi_{name}",
            value / other,
            factor,
            formula=r"1,\quad \alpha = \frac{1+c}{1+s},\quad \beta = \frac{1-c}{1-s}",
        )

    # A product vector x (x) y has on |01,ii> the components u_i = x0_i y1_i, on |10,ii> w_i = x1_i y0_i.
    u2, w2, overlap = symbol("u2"), symbol("w2"), sp.Symbol("R", real=True)
    plus, minus = (u2 + w2) / 2 + overlap, (u2 + w2) / 2 - overlap
    big_a, big_b = (1 - c * s) / (1 - s**2), (c - s) / (1 - s**2)
    yield identity(
        "for a product vector with u_i = x0_i y1_i, w_i = x1_i y0_i and R = Re<u, U w>, the Pi_+- expectations are "
        "(|u|^2 + |w|^2)/2 +- R",
        alpha * plus + beta * minus,
        big_a * (u2 + w2) + 2 * big_b * overlap,
        formula=r"\alpha\,\mathrm{tr}\Pi_+\tau + \beta\,\mathrm{tr}\Pi_-\tau = A(\|u\|^2+\|w\|^2) + 2B R,\quad "
        r"A = \frac{1-cs}{1-s^2},\quad B = \frac{c-s}{1-s^2}",
    )
    yield positive(
        "A > 0 and B > 0 for s < c < 1; at the ends of the range they are at least 0",
        *(term.subs(c, inside[c]).subs(s, inside[s]) for term in (big_a, big_b)),
        formula=r"A, B \ge 0",
    )
    yield cited(
        "with |u_ij| = s = 1/sqrt d the triangle inequality bounds R, and Cauchy-Schwarz the norms, by "
        "a = |x0||y1| and b = |x1||y0|",
        "textbook",
        formula=r"|R| \le s\|u\|_1\|w\|_1 \le s\,ab,\quad \|u\|\le\|u\|_1\le a,\quad \|w\|\le\|w\|_1\le b",
    )
    x0, x1, y0, y1 = (symbol(n) for n in ("x0", "x1", "y0", "y1"))
    a, b = x0 * y1, x1 * y0
    yield identity(
        "what these bounds leave below a^2 + b^2 is B s (a - b)^2, so not negative",
        a**2 + b**2 - (big_a * (a**2 + b**2) + 2 * big_b * s * a * b),
        big_b * s * (a - b) ** 2,
        formula=r"a^2+b^2 - A(a^2+b^2) - 2Bs\,ab = Bs(a-b)^2",
    )
    yield identity(
        "the expectation of Pi_{00,11} is the rest of the norm: the witness is at most 1 on product vectors",
        (x0**2 + x1**2) * (y0**2 + y1**2) - a**2 - b**2,
        x0**2 * y0**2 + x1**2 * y1**2,
        formula=r"\mathrm{tr}\,\Pi_{00,11}\tau + \alpha\,\mathrm{tr}\,\Pi_+\tau + \beta\,\mathrm{tr}\,\Pi_-\tau \le 1",
    )
    yield cited(
        "measuring the three projectors does not increase the relative entropy",
        "textbook (data processing)",
        formula=r"D(\rho^\Gamma\|\tau) \ge \sum_k p_k\log\frac{p_k}{\mathrm{tr}\,\Pi_k\tau}",
    )
    yield cited(
        "with t_k = f_k tr Pi_k tau, which sum to at most 1, Gibbs' inequality leaves sum_k p_k log f_k",
        "textbook",
        formula=r"\sum_k p_k\log\frac{p_k f_k}{t_k} \ge \sum_k p_k\log f_k",
    )
    yield identity("the outcomes' probabilities sum to 1", sum(weights), 1, formula=r"\sum_k p_k = 1")
    yield identity(
        "what is left is the stated value",
        sum(weight * log2(factor) for weight, factor in zip(weights, factors, strict=True)),
        ceiling(d, p),
        formula=r"p\left[\frac{1+c}{2}\log\frac{1+c}{1+s} + \frac{1-c}{2}\log\frac{1-c}{1-s}\right] "
        r"= p\,D_2\left(\frac{1+c}{2}\,\|\,\frac{1+s}{2}\right)",
    )
    yield from er_ceiling_transpose.derivation(ceiling)  # the value is attained


def numerical() -> Iterator[Step]:
    """Maximise the witness over product vectors, on dense matrices: never above 1."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        d, p = 2, mp.mpf(9) / 20
        rho = dense.partial_transpose(dense.ppt_private_state(d, p), 2 * d, 2 * d)
        operator = dense.ratio(rho, dense.separable_ensemble(d, p))
        best = max(dense.largest_on_products(operator, 2 * d, 2 * d, seed) for seed in range(4))
        yield holds(
            "largest expectation of rho^Gamma sigma^-1 found on product vectors, d = 2, p = 9/20",
            best <= 1 + mp.mpf(10) ** -40,
            detail=mp.nstr(best, 18),
            ground=Ground.WITNESS,
        )


CLAIM = ProseClaim(
    name="er-exact-transpose",
    statement="For every d >= 2 and p in [1/(sqrt d + 1), 1/2], the ceiling p D2((1+c)/2 || (1+1/sqrt d)/2) is the "
    "relative entropy of entanglement of rho_{d,p}^Gamma exactly, over separable states.",
    formula=r"E_r(\rho_{d,p}^\Gamma) = p\,D_2\left(\frac{1+c}{2}\,\|\,\frac{1+1/\sqrt{d}}{2}\right)",
    source="this project",
    derivation=derivation,
    witness=numerical,
)
