"""rho_{d,p} is a state; it is PPT if and only if p >= 1/(sqrt d + 1); spectra, trace norms, entropies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense, family
from keybounds.proofs.algebra.symbols import binary_entropy, entropy, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, identity, number, positive, witness
from keybounds.proofs.claim import Claim, Step


def edge(d: Any) -> Any:
    """1/(sqrt d + 1)."""
    import sympy as sp

    return 1 / (sp.sqrt(d) + 1)


def entropy_rho(d: Any, p: Any) -> Any:
    """S(rho_{d,p}) = h(p) + (1-p) log2 d^2 + p log2 2d."""
    return binary_entropy(p) + (1 - p) * log2(d**2) + p * log2(2 * d)


def entropy_transpose(d: Any, p: Any) -> Any:
    """S(rho_{d,p}^Gamma) = h(p) + (1-p) log2 2d^2 + p log2 d + p h((1+c)/2), with c = (1-p)/(p sqrt d)."""
    import sympy as sp

    c = (1 - p) / (p * sp.sqrt(d))
    return binary_entropy(p) + (1 - p) * log2(2 * d**2) + p * log2(d) + p * binary_entropy((1 + c) / 2)


def entropy_transpose_edge(d: Any, p: Any) -> Any:
    """S(rho_d^Gamma) = h(p) + (1-p) log2 2d^2 + p log2 d at the edge, where c = 1."""
    return binary_entropy(p) + (1 - p) * log2(2 * d**2) + p * log2(d)


Formula = Callable[[Any, Any], Any]


def derivation(
    edge: Callable[[Any], Any] = edge,
    entropy_rho: Formula = entropy_rho,
    entropy_transpose: Formula = entropy_transpose,
    entropy_transpose_edge: Formula = entropy_transpose_edge,
) -> Iterator[Step]:
    """Prove the stated formulas by spectral decomposition in the operator algebra of the family."""
    import sympy as sp

    r, p, d = symbol("r"), symbol("p"), family.dimension()
    z = symbol("z")
    n = sp.Symbol("n", integer=True)
    yield identity(
        "the Fourier matrix is a complex Hadamard matrix for every d: rows that differ by n, not a multiple of d, are "
        "orthogonal, because the geometric sum of e^{2 pi i n k/d} over k has the numerator e^{2 pi i n} - 1",
        sp.exp(2 * sp.pi * sp.I * n) - 1,
        0,
        formula=r"\sum_{k=0}^{d-1} e^{2\pi i n k/d} = \frac{e^{2\pi i n}-1}{e^{2\pi i n/d}-1} = 0",
    )
    yield from family.definition()
    spectrum = family.spectrum_rho(p)
    yield family.spectral_step(
        "spectrum of rho: (1-p)/d^2 on Pi_X of rank d^2, p/2d on Pi_Y of rank 2d",
        family.rho(p),
        spectrum,
        formula=r"\rho = \frac{1-p}{d^2}\Pi_X + \frac{p}{2d}\Pi_Y",
    )
    yield identity("rho has trace 1", family.trace(family.rho(p)), 1, formula=r"\mathrm{tr}\,\rho = 1")
    below_one = 1 / (1 + z)
    yield positive(
        "for 0 < p < 1 its eigenvalues are positive, so rho is a state",
        *(value.subs(p, below_one) for value, _, _ in spectrum),
        formula=r"\frac{1-p}{d^2} > 0,\quad \frac{p}{2d} > 0",
    )
    yield identity(
        "X partially transposed is (r/d^2) U on span{|ii>}, so its trace norm is (r/d^2) tr P = 1/sqrt d",
        r / d**2 * _trace_of_modulus(),
        1 / r,
        formula=r"X^\Gamma = \frac{\sqrt{d}}{d^2}\,U,\quad \|X^\Gamma\|_1 = 1/\sqrt{d}",
    )
    transposed = family.spectrum_transpose(p)
    yield family.spectral_step(
        "spectrum of the partial transpose: (1-p)/2d^2 on Pi_{00,11} of rank 2d^2, (p +- (1-p)/sqrt d)/2d on Pi_+-, "
        "each of rank d",
        family.partial_transpose(family.rho(p)),
        transposed,
        formula=r"\rho^\Gamma = \frac{1-p}{2d^2}\Pi_{00,11} + \frac{p+(1-p)/\sqrt{d}}{2d}\Pi_+ "
        r"+ \frac{p-(1-p)/\sqrt{d}}{2d}\Pi_-",
    )
    slack = transposed[2][0]
    yield identity(
        "the least eigenvalue is a positive multiple of p - 1/(sqrt d + 1), so rho is PPT exactly from there on",
        slack,
        (r + 1) / (2 * d * r) * (p - edge(d)),
        formula=r"\frac{p-(1-p)/\sqrt{d}}{2d} = \frac{\sqrt{d}+1}{2d\sqrt{d}}\left(p-\frac{1}{\sqrt{d}+1}\right)",
    )
    yield positive(
        "that multiple and the two other eigenvalues are positive",
        (r + 1) / (2 * d * r),
        *(value.subs(p, below_one) for value, _, _ in transposed[:2]),
        formula=r"\frac{\sqrt{d}+1}{2d\sqrt{d}} > 0",
    )
    yield identity(
        "entropy of rho",
        entropy((value, rank) for value, _, rank in spectrum),
        entropy_rho(d, p),
        formula=r"S(\rho) = h(p) + (1-p)\log d^2 + p\log 2d",
    )
    yield identity(
        "entropy of the partial transpose for p above the edge",
        entropy((value, rank) for value, _, rank in transposed),
        entropy_transpose(d, p),
        formula=r"S(\rho^\Gamma) = h(p) + (1-p)\log 2d^2 + p\log d + p\,h\left(\frac{1+c}{2}\right),"
        r"\quad c = \frac{1-p}{p\sqrt{d}}",
    )
    at_edge = 1 / (r + 1)
    yield identity(
        "entropy of the partial transpose at the edge, where the last eigenvalue is 0",
        entropy((value.subs(p, at_edge), rank) for value, _, rank in transposed[:2]),
        entropy_transpose_edge(d, at_edge),
        formula=r"S(\rho^\Gamma) = h(p) + (1-p)\log 2d^2 + p\log d",
    )
    yield cited("0 log 0 = 0, the continuous extension", "textbook", formula=r"\lim_{x\to 0} x\log x = 0")


def _trace_of_modulus() -> Any:
    """Trace of sqrt(UU*) on the span of the |ii>: UU* = P, whose root is P itself."""
    return family.trace(family.multiply({("00", "01"): {"U": 1}}, {("01", "00"): {"U*": 1}}))


def numerical(
    edge: Callable[[Any], Any] = edge,
    entropy_rho: Formula = entropy_rho,
    entropy_transpose: Formula = entropy_transpose,
) -> Iterator[Step]:
    """Dense matrices at d = 2 and 3: eigenvalues by iteration, at the edge and above it."""
    import mpmath as mp
    import sympy as sp

    r, p = symbol("r"), symbol("p")
    with mp.workdps(DIGITS + 10):
        for d in (2, 3):
            lowest = number(edge(r**2), {r: sp.sqrt(d)})
            rho = dense.ppt_private_state(d, lowest)
            least = dense.eigenvalues(dense.partial_transpose(rho, 2 * d, 2 * d))[0]
            yield witness(f"least eigenvalue of the partial transpose at the edge, d = {d}", 0, least)
            x = mp.zeros(d * d)
            u = dense.fourier(d)
            for i in range(d):
                for j in range(d):
                    x[i * d + j, j * d + i] = u[i, j] / (d * mp.sqrt(d))
            singular = mp.svd_c(dense.partial_transpose(x, d, d), compute_uv=False)
            yield witness(f"trace norm of X^Gamma, d = {d}", 1 / mp.sqrt(d), mp.fsum(singular))
        d, chosen = 3, sp.Rational(9, 20)
        rho = dense.ppt_private_state(d, mp.mpf(9) / 20)
        transposed = dense.partial_transpose(rho, 2 * d, 2 * d)
        at = {r: sp.sqrt(d), p: chosen}
        yield witness(
            "S(rho), d = 3, p = 9/20", number(entropy_rho(r**2, p), at), dense.entropy(dense.eigenvalues(rho))
        )
        yield witness(
            "S(rho^Gamma), d = 3, p = 9/20",
            number(entropy_transpose(r**2, p), at),
            dense.entropy(dense.eigenvalues(transposed)),
        )


CLAIM = Claim(
    name="ppt-edge",
    statement="For every d >= 2, every unitary U with all entries of modulus 1/sqrt d in X, and 0 < p < 1, "
    "rho_{d,p} is a state with S(rho) = h(p) + (1-p) log d^2 + p log 2d. It is PPT if and only if p >= 1/(sqrt d + "
    "1), and X, Y and X^Gamma have the trace norms 1, 1 and 1/sqrt d. At the edge S(rho^Gamma) = h(p) + (1-p) log "
    "2d^2 + p log d; above it p h((1+c)/2) is added, c = (1-p)/(p sqrt d).",
    formula=r"\rho_{d,p}^\Gamma \ge 0 \;\Longleftrightarrow\; p \ge \frac{1}{\sqrt{d} + 1}",
    source="christandl2021, p. 3; entropies: this project",
    derivation=derivation,
    witness=numerical,
)
