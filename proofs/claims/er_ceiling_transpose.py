"""E_r(rho_{d,p}^Gamma) <= p D2((1+c)/2 || (1+1/sqrt d)/2), by an explicit separable ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense, family
from keybounds.proofs.algebra.symbols import binary_divergence, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims import transpose_invariance


def ceiling(d: Any, p: Any) -> Any:
    """Ceiling p D2((1+c)/2 || (1+1/sqrt d)/2) with c = (1-p)/(p sqrt d)."""
    import sympy as sp

    c = (1 - p) / (p * sp.sqrt(d))
    return p * binary_divergence((1 + c) / 2, (1 + 1 / sp.sqrt(d)) / 2)


def ceiling_edge(p: Any) -> Any:
    """Ceiling p (1 + log2(1-p)), at p = 1/(sqrt d + 1)."""
    return p * (1 + log2(1 - p))


def spectrum_sigma(p: Any) -> family.Spectrum:
    """Eigenvalues of the ensemble's state sigma, on the eigenprojectors of the partially transposed rho."""
    r, d = symbol("r"), family.dimension()
    return [
        ((1 - p) / (2 * d**2), family.correlated_projector(), 2 * d**2),
        (p * (1 + 1 / r) / (2 * d), family.sign_projector(1), d),
        (p * (1 - 1 / r) / (2 * d), family.sign_projector(-1), d),
    ]


def ensemble_steps() -> Iterator[Step]:
    """Average the product vectors, for every d."""
    r, d = symbol("r"), family.dimension()
    average = family.ensemble_average()
    yield family.phase_step()
    yield holds(
        "the average over i, j, s of the product vectors (|0,i> + e^{is}|1,j>)/sqrt 2 (x) (|0,j> + e^{it}|1,i>)/sqrt 2 "
        "with e^{i(t-s)} = sqrt d u_ij: blocks 1/4d^2 on keys 00 and 11, coherent blocks of P and U on 01 and 10",
        family.equal(
            average,
            {
                ("00", "00"): {"1": 1 / (4 * d**2)},
                ("11", "11"): {"1": 1 / (4 * d**2)},
                ("01", "01"): {"P": 1 / (4 * d)},
                ("10", "10"): {"P": 1 / (4 * d)},
                ("01", "10"): {"U": 1 / (4 * d * r)},
                ("10", "01"): {"U*": 1 / (4 * d * r)},
            },
        ),
        formula=r"\overline{|x\rangle\langle x|\otimes|y\rangle\langle y|} = \frac{1}{4d^2}\Pi_{00,11} + "
        r"\frac{1}{4d}\left[P_{01}+P_{10} + \frac{U}{\sqrt{d}}|01\rangle\langle 10| + \mathrm{h.c.}\right]",
    )
    yield identity("the average has trace 1", family.trace(average), 1, formula=r"\mathrm{tr} = 1")


def range_steps() -> Iterator[Step]:
    """Translate the range of p into one of c and s = 1/sqrt d."""
    r, p = symbol("r"), symbol("p")
    c = (1 - p) / (p * r)
    yield identity(
        "c <= 1 exactly for p >= 1/(sqrt d + 1)",
        1 - c,
        (r + 1) / (p * r) * (p - 1 / (r + 1)),
        formula=r"1 - c = \frac{\sqrt{d}+1}{p\sqrt{d}}\left(p - \frac{1}{\sqrt{d}+1}\right)",
    )
    yield identity(
        "c >= 1/sqrt d exactly for p <= 1/2",
        c - 1 / r,
        (1 - 2 * p) / (p * r),
        formula=r"c - 1/\sqrt{d} = \frac{1-2p}{p\sqrt{d}}",
    )


Formula = Callable[[Any, Any], Any]


def derivation(ceiling: Formula = ceiling, ceiling_edge: Callable[[Any], Any] = ceiling_edge) -> Iterator[Step]:
    """Prove that the ensemble is separable and that its relative entropy is `ceiling`."""
    r, p, z = symbol("r"), symbol("p"), symbol("z")
    d = family.dimension()
    s, c = symbol("s"), symbol("c")
    yield from family.definition()
    yield from ensemble_steps()
    yield positive(
        "for 0 < p < 1/2 both weights 2p and 1-2p are positive (at p = 1/2 the second is 0), and the other part is "
        "diagonal in a product basis: sigma is separable by construction",
        *(weight.subs(p, 1 / (2 + z)) for weight in (2 * p, 1 - 2 * p)),
        formula=r"\sigma = 2p\,\overline{|x\rangle\langle x|\otimes|y\rangle\langle y|} "
        r"+ (1-2p)\frac{\Pi_{00,11}}{2d^2}",
    )
    sigma = spectrum_sigma(p)
    yield family.spectral_step(
        "spectrum of sigma: (1-p)/2d^2 on Pi_{00,11}, p (1 +- 1/sqrt d)/2d on Pi_+-",
        family.ensemble(p),
        sigma,
        formula=r"\sigma = \frac{1-p}{2d^2}\Pi_{00,11} "
        r"+ \frac{p}{2d}\sum_\pm\left(1\pm\frac{1}{\sqrt{d}}\right)\Pi_\pm",
    )
    rho = family.spectrum_transpose(p)
    yield family.spectral_step(
        "the partially transposed rho has the same eigenprojectors, with p (1 +- c)/2d on Pi_+-",
        family.partial_transpose(family.rho(p)),
        rho,
        formula=r"\rho^\Gamma = \frac{1-p}{2d^2}\Pi_{00,11} + \frac{p}{2d}\sum_\pm(1\pm c)\Pi_\pm",
    )
    divergence = sum(
        rank * value * log2(value / other) for (value, _, rank), (other, _, _) in zip(rho, sigma, strict=True)
    )
    yield identity(
        "their relative entropy is the stated ceiling",
        divergence,
        ceiling(d, p),
        formula=r"D(\rho^\Gamma\|\sigma) = p\,D_2\left(\frac{1+c}{2}\,\|\,\frac{1+1/\sqrt{d}}{2}\right)",
    )
    at_edge = 1 / (r + 1)
    divergence_edge = sum(
        rank * value.subs(p, at_edge) * log2((value / other).subs(p, at_edge))
        for (value, _, rank), (other, _, _) in list(zip(rho, sigma, strict=True))[:2]
    )
    yield identity(
        "at the edge, where the eigenvalue on Pi_- is 0",
        divergence_edge,
        ceiling_edge(at_edge),
        formula=r"p = \frac{1}{\sqrt{d}+1}:\quad D(\rho^\Gamma\|\sigma) = p\,(1+\log(1-p))",
    )
    yield from range_steps()
    slope = binary_divergence((1 + c) / 2, (1 + s) / 2).diff(c)
    ratio = (1 + c) * (1 - s) / ((1 - c) * (1 + s))
    yield identity(
        "D2((1+c)/2 || (1+s)/2) grows with c at a rate of half the logarithm of a ratio",
        slope,
        log2(ratio) / 2,
        formula=r"\frac{\partial}{\partial c}D_2\left(\frac{1+c}{2}\,\|\,\frac{1+s}{2}\right) "
        r"= \frac{1}{2}\log\frac{(1+c)(1-s)}{(1-c)(1+s)}",
    )
    inside = {c: (s + z) / (1 + z), s: 1 / (1 + symbol("v"))}
    yield positive(
        "which exceeds 1 for s < c < 1: the ceiling is at most p D2 at c = 1",
        (ratio - 1).subs(c, inside[c]).subs(s, inside[s]),
        formula=r"\frac{(1+c)(1-s)}{(1-c)(1+s)} > 1",
    )
    yield identity(
        "at c = 1 the divergence is 1 - log2(1 + 1/sqrt d)",
        log2(2 / (1 + s)),
        1 - log2(1 + s),
        formula=r"D_2\left(1\,\|\,\frac{1+s}{2}\right) = 1 - \log(1+s)",
    )
    yield positive(
        "so the ceiling is strictly below p for every d and every p of the range",
        log2(1 + s),
        formula=r"\log(1+1/\sqrt{d}) > 0",
    )
    yield cited(
        "the relative entropy of entanglement is at most that of any separable state, and bounds the key from above",
        "horodecki2005; horodecki2009",
        formula=r"K(\rho^\Gamma) \le E_r(\rho^\Gamma) \le D(\rho^\Gamma\|\sigma)",
    )
    yield from transpose_invariance.derivation()  # K_DI(rho) <= K(rho^Gamma)


def numerical(ceiling: Formula = ceiling, ceiling_edge: Callable[[Any], Any] = ceiling_edge) -> Iterator[Step]:
    """D(rho^Gamma || sigma) of dense matrices, sigma summed from its product vectors."""
    import mpmath as mp
    import sympy as sp

    r, p = symbol("r"), symbol("p")
    with mp.workdps(DIGITS + 10):
        for d, value in ((2, sp.Rational(9, 20)), (2, None), (3, sp.Rational(2, 5))):
            chosen = 1 / (1 + mp.sqrt(d)) if value is None else mp.mpf(value.p) / value.q
            rho = dense.partial_transpose(dense.ppt_private_state(d, chosen), 2 * d, 2 * d)
            found = dense.relative_entropy(rho, dense.separable_ensemble(d, chosen))
            if value is None:
                stated = number(ceiling_edge(1 / (r + 1)), {r: sp.sqrt(d)})
            else:
                stated = number(ceiling(r**2, p), {r: sp.sqrt(d), p: value})
            yield witness(f"D(rho^Gamma || sigma), d = {d}, p = {value or 'edge'}", stated, found)


CLAIM = ProseClaim(
    name="er-ceiling-transpose",
    statement="For every d >= 2 and p in [1/(sqrt d + 1), 1/2], E_r(rho_{d,p}^Gamma), and with it the "
    "device-independent key of rho_{d,p}, is at most p D2((1+c)/2 || (1+1/sqrt d)/2), c = (1-p)/(p sqrt d). At the "
    "lower end this is p (1 + log(1-p)). It is strictly below p throughout.",
    formula=r"K_{DI}(\rho_{d,p}) \le K(\rho_{d,p}^\Gamma) \le E_r(\rho_{d,p}^\Gamma) \le "
    r"p\,D_2\left(\frac{1+c}{2}\,\|\,\frac{1+1/\sqrt{d}}{2}\right)",
    source="this project",
    derivation=derivation,
    witness=numerical,
)
