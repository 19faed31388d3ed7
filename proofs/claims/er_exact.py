"""E_r(rho_{d,p}) = 1 - h(p) for p <= 1/2: a witness that no separable state exceeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense, family
from keybounds.proofs.algebra.symbols import log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, positive
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims import er_ceiling
from keybounds.proofs.claims.er_ceiling import ceiling


def derivation(ceiling: Callable[[Any], Any] = ceiling) -> Iterator[Step]:
    """Prove D(rho || tau) >= `ceiling` for every separable tau."""
    import sympy as sp

    p, z = symbol("p"), symbol("z")
    rho = family.spectrum_rho(p)
    yield family.spectral_step(
        "rho has Pi_X and Pi_Y as eigenprojectors, with weights 1-p and p",
        family.rho(p),
        rho,
        formula=r"\rho = \frac{1-p}{d^2}\Pi_X + \frac{p}{2d}\Pi_Y",
    )
    yield holds(
        "the coherence of Pi_X is V/2, with entries sqrt d u_ij of modulus 1 between |ij> and |ji>",
        family.good_projector()["00", "11"] == {"V": sp.Rational(1, 2)},
        formula=r"\langle 00,ij|\Pi_X|11,ji\rangle = \frac{\sqrt{d}\,u_{ij}}{2}",
    )
    # A product vector x (x) y; norms of x0, x1, y0, y1. Pi_Y sees v_i = x0_i y1_i and w_i = x1_i y0_i.
    x0, x1, y0, y1 = (symbol(n) for n in ("x0", "x1", "y0", "y1"))
    a, b, e, f = x0 * y1, x1 * y0, x0 * y0, x1 * y1
    yield cited(
        "for a product vector the Pi_X expectation is (e^2 + f^2)/2 + R with e = |x0||y0|, f = |x1||y1| and, by the "
        "triangle and Cauchy-Schwarz inequalities, R <= ab with a = |x0||y1|, b = |x1||y0|; that of Pi_Y is at most "
        "a^2 + b^2",
        "textbook",
        formula=r"R = \mathrm{Re}\sum_{ij}\sqrt{d}\,u_{ij}\,\bar x_{0i}\bar y_{0j}x_{1j}y_{1i} "
        r"\le \|x_0\circ\bar y_1\|_1\,\|x_1\circ\bar y_0\|_1 \le ab",
    )
    yield identity("the norms obey ab = ef", a * b, e * f, formula=r"ab = ef")
    yield identity(
        "and e^2 + f^2 + a^2 + b^2 = 1",
        (x0**2 + x1**2) * (y0**2 + y1**2),
        e**2 + f**2 + a**2 + b**2,
        formula=r"(\|x_0\|^2+\|x_1\|^2)(\|y_0\|^2+\|y_1\|^2) = e^2+f^2+a^2+b^2",
    )
    bound = (1 - p) * (e**2 + f**2) + 2 * (1 - p) * a * b + 2 * p * (a**2 + b**2)
    yield identity(
        "what these bounds leave below 1 is a sum of two squares with the weights p and 1-2p",
        e**2 + f**2 + a**2 + b**2 - bound,
        p * (e - f) ** 2 + (1 - 2 * p) * (a - b) ** 2,
        formula=r"1 - 2(1-p)\,\mathrm{tr}\,\Pi_X\tau - 2p\,\mathrm{tr}\,\Pi_Y\tau \ge p(e-f)^2 + (1-2p)(a-b)^2",
    )
    yield positive(
        "the weights are positive for 0 < p < 1/2 (at p = 1/2 the second is 0): the witness is at most 1",
        *(term.subs(p, 1 / (2 + z)) for term in (p, 1 - p, 1 - 2 * p)),
        formula=r"2(1-p)\,\mathrm{tr}\,\Pi_X\tau + 2p\,\mathrm{tr}\,\Pi_Y\tau \le 1",
    )
    yield cited(
        "measuring Pi_X and Pi_Y does not increase the relative entropy",
        "textbook (data processing)",
        formula=r"D(\rho\|\tau) \ge (1-p)\log\frac{1-p}{\mathrm{tr}\,\Pi_X\tau} "
        r"+ p\log\frac{p}{\mathrm{tr}\,\Pi_Y\tau}",
    )
    yield cited(
        "with t_k = f_k tr Pi_k tau, which sum to at most 1, Gibbs' inequality leaves sum_k p_k log f_k",
        "textbook",
        formula=r"\sum_k p_k\log\frac{p_k f_k}{t_k} \ge \sum_k p_k\log f_k",
    )
    weights = [rank * value for value, _, rank in rho]
    factors = [2 * (1 - p), 2 * p]
    yield identity("the outcomes' probabilities sum to 1", sum(weights), 1, formula=r"\sum_k p_k = 1")
    yield identity(
        "what is left is the stated value",
        sum(weight * log2(factor) for weight, factor in zip(weights, factors, strict=True)),
        ceiling(p),
        formula=r"(1-p)\log 2(1-p) + p\log 2p = 1 - h(p)",
    )
    yield from er_ceiling.derivation(ceiling)  # the value is attained


def numerical() -> Iterator[Step]:
    """Maximise the witness over product vectors, on dense matrices: never above 1."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        d, p = 2, mp.mpf(9) / 20
        operator = dense.ratio(dense.ppt_private_state(d, p), dense.ppt_private_state(d, mp.mpf(1) / 2))
        best = max(dense.largest_on_products(operator, 2 * d, 2 * d, seed) for seed in range(4))
        yield holds(
            "largest expectation of rho sigma^-1 found on product vectors, d = 2, p = 9/20",
            best <= 1 + mp.mpf(10) ** -40,
            detail=mp.nstr(best, 18),
            ground=Ground.WITNESS,
        )


CLAIM = ProseClaim(
    name="er-exact",
    statement="For every d >= 2 and 0 < p <= 1/2, the relative entropy of entanglement of rho_{d,p}, over separable "
    "states, is exactly 1 - h(p).",
    formula=r"E_r(\rho_{d,p}) = 1 - h(p)",
    source="this project",
    derivation=derivation,
    witness=numerical,
)
