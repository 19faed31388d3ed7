"""Private states with unequal sectors C^m + C^n: PPT range, branch structure, and p m D(A_r || A_1) as a ceiling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense_sectors, sectors
from keybounds.proofs.algebra.family import phase_step
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.sectors import block
from keybounds.proofs.algebra.symbols import binary_entropy, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims import transpose_invariance

Block = Callable[[Any, Any, Any], Any]


def copies(m: Any, n: Any) -> Any:
    """How many times the block A_r stands in the partial transpose: m."""
    return m


def edge(m: Any) -> Any:
    """1/(sqrt m + 1)."""
    import sympy as sp

    return 1 / (sp.sqrt(m) + 1)


def divergence(first: Any, second: Any) -> Any:
    """D(first || second) in bits of positive 2 x 2 real symmetric matrices of the same trace, `second` not scalar."""

    def eigenvalues(matrix: Any) -> tuple[Any, Any]:
        import sympy as sp

        high = (matrix.trace() + sp.sqrt(matrix.trace() ** 2 - 4 * matrix.det())) / 2
        return high, matrix.det() / high

    high, low = eigenvalues(second)
    slope = log2(high / low) / (high - low)
    cross = (log2(high) - slope * high) * first.trace() + slope * (first * second).trace()
    return sum(value * log2(value) for value in eigenvalues(first)) - cross


def ceiling(m: Any, n: Any, p: Any, block: Block = block) -> Any:
    """Ceiling p m D(A_r || A_1), r = (1-p)/p."""
    return p * copies(m, n) * divergence(block(m, n, (1 - p) / p), block(m, n, 1))


def structure() -> Iterator[Step]:
    """What Eve holds, as for rho_{d,p}: nothing about the bit where the sectors agree, the bit where they differ."""
    import sympy as sp

    p = symbol("p")
    m, n = sectors.roots()
    state, good = sectors.state(p), sectors.good_part(p)
    yield holds(
        "the part on keys 00 and 11 is (1-p)/mn times the sum of projectors on the vectors "
        "(|0i,0j> + conj(v_ij)|1j,1i>)/sqrt 2, v_ij = sqrt n u_ij",
        sectors.equal(good, {place: state[place] for place in good}),
        formula=r"\frac{1-p}{mn}\sum_{ij}|\psi_{ij}\rangle\langle\psi_{ij}|,\quad "
        r"|\psi_{ij}\rangle = \frac{1}{\sqrt{2}}\left(|0i,0j\rangle + \overline{v_{ij}}\,|1j,1i\rangle\right)",
    )
    half = Monomial(sp.Rational(1, 2), deltas=(("i", "g"), ("j", "h")))
    expected = contract(half, (), {"i": m**2, "g": m**2, "j": n**2, "h": n**2})
    overlaps = sectors.overlaps().values()
    yield holds(
        "given keys 00 and given keys 11 Eve's state on the pointers ij is the same, maximally mixed one; the two "
        "halves add up to orthonormal vectors",
        all(overlap.same_indices(expected) and overlap.coefficient == expected.coefficient for overlap in overlaps),
        formula=r"\mathrm{tr}\langle 00|\psi_{ij}\rangle\langle\psi_{kl}|00\rangle "
        r"= \mathrm{tr}\langle 11|\psi_{ij}\rangle\langle\psi_{kl}|11\rangle = \frac{1}{2}\delta_{ik}\delta_{jl}",
    )
    yield holds(
        "keys 01 and 10 occur only in product vectors, without coherence to any other key: their pointers name the key",
        {place for place in state if place[0] in ("01", "10") or place[1] in ("01", "10")}
        == {("01", "01"), ("10", "10")},
        formula=r"\frac{p}{2m}\sum_i|0i,1i\rangle\langle 0i,1i| + \frac{p}{2n}\sum_j|1j,0j\rangle\langle 1j,0j|",
    )
    yield identity(
        "mn vectors of weight (1-p)/mn, m of weight p/2m and n of weight p/2n: the trace is 1, and sectors differ with "
        "probability p",
        m**2 * n**2 * ((1 - p) / (m**2 * n**2)) + m**2 * p / (2 * m**2) + n**2 * p / (2 * n**2),
        1,
        formula=r"(1-p) + \frac{p}{2} + \frac{p}{2} = 1",
    )


def transposition(block: Block, copies: Callable[[Any, Any], Any], edge: Callable[[Any], Any]) -> Iterator[Step]:
    """The partial transpose: `copies` of p A_r and a positive diagonal; PPT exactly from `edge` on."""
    p = symbol("p")
    m, n = sectors.roots()
    yield holds(
        "the partial transpose keeps the diagonal and puts (1-p) u_ij/(2m sqrt n) between |0i,1i> and |1j,0j>",
        sectors.equal(sectors.partial_transpose(sectors.state(p)), sectors.transposed(p)),
        formula=r"\frac{1-p}{2m\sqrt{n}}\sum_{ij}u_{ij}|0i,1i\rangle\langle 1j,0j| + \mathrm{h.c.}",
    )
    rows = contract(
        Monomial(1, entries=(("i", "j"),), conjugates=(("k", "j"),)), ("j",), {"i": m**2, "k": m**2, "j": n**2}
    )
    yield holds(
        "the rows of U are orthonormal, so the vectors g_i = sum_j conj(u_ij) |1j,0j> are: the coherence is that of m "
        "pairs |0i,1i>, g_i, and the n-m vectors orthogonal to the g_i keep p/2n",
        rows == Monomial(1, deltas=(("i", "k"),)),
        formula=r"\sum_j u_{ij}\overline{u_{kj}} = \delta_{ik}",
    )
    r = (1 - p) / p
    matrix = block(m**2, n**2, r)
    stated = ((p / (2 * m**2), (1 - p) / (2 * m**2 * n)), ((1 - p) / (2 * m**2 * n), p / (2 * n**2)))
    for i, j, where in ((0, 0, "on |0i,1i>"), (0, 1, "between them"), (1, 0, "between them"), (1, 1, "on g_i")):
        yield identity(
            f"each pair carries p A_r, {where}",
            p * matrix[i, j],
            stated[i][j],
            formula=r"p A_r,\quad r = \frac{1-p}{p}",
        )
    yield identity(
        "there are m of them: their traces and p/2n on n-m vectors make up p",
        copies(m**2, n**2) * p * matrix.trace() + (n**2 - m**2) * p / (2 * n**2),
        p,
        formula=r"m\,p\,\mathrm{tr}A_r + (n-m)\frac{p}{2n} = p",
    )
    yield identity(
        "the determinant of A_r is a positive multiple of p - 1/(sqrt m + 1), and its trace is positive: PPT exactly "
        "from there on",
        matrix.det(),
        (m + r) * (m + 1) / (4 * m**4 * n**2 * p) * (p - edge(m**2)),
        formula=r"\det A_r = \frac{m-r^2}{4m^2n} = \frac{(\sqrt{m}+r)(\sqrt{m}+1)}{4m^2n\,p}"
        r"\left(p-\frac{1}{\sqrt{m}+1}\right)",
    )


def separability(block: Block) -> Iterator[Step]:
    """The ensemble, and the state at p = 1/2."""
    import sympy as sp

    p, z = symbol("p"), symbol("z")
    m, n = sectors.roots()
    half = sp.Rational(1, 2)
    yield phase_step()
    yield holds(
        "the average over i, j, s of (|0i> + e^{is}|1j>)/sqrt 2 (x) (|0j> + e^{it}|1i>)/sqrt 2, e^{i(t-s)} = v_ij, is "
        "the partial transpose of the state at p = 1/2, which so is separable, as is its partial transpose",
        sectors.equal(sectors.ensemble_average(), sectors.partial_transpose(sectors.state(half))),
        formula=r"\overline{|x\rangle\langle x|\otimes|y\rangle\langle y|} = \rho_{1/2}^\Gamma",
    )
    yield positive(
        "for 0 < p < 1/2 both weights 2p and 1-2p are positive, and the other part is diagonal in a product basis: "
        "sigma is separable by construction",
        *(weight.subs(p, 1 / (2 + z)) for weight in (2 * p, 1 - 2 * p)),
        formula=r"\sigma = 2p\,\rho_{1/2}^\Gamma + (1-2p)\frac{\Pi_{00,11}}{2mn}",
    )
    yield identity(
        "on keys 00 and 11 it is what the partially transposed rho is",
        2 * p * sectors.state(half)["00", "00"].coefficient + (1 - 2 * p) / (2 * m**2 * n**2),
        sectors.state(p)["00", "00"].coefficient,
        formula=r"\frac{2p}{4mn} + \frac{1-2p}{2mn} = \frac{1-p}{2mn}",
    )
    entries = (("01", "01"), ("01", "10"), ("10", "01"), ("10", "10"))
    for (i, j), place in zip(((0, 0), (0, 1), (1, 0), (1, 1)), entries, strict=True):
        yield identity(
            f"on the pairs it is p A_1, entry {i + 1}{j + 1}; on the n-m other vectors p/2n again",
            2 * p * sectors.transposed(half)[place].coefficient,
            p * block(m**2, n**2, 1)[i, j],
            formula=r"2p\cdot\frac{1}{2}A_1 = p A_1",
        )


def derivation(
    block: Block = block, copies: Callable[[Any, Any], Any] = copies, edge: Callable[[Any], Any] = edge
) -> Iterator[Step]:
    """Prove range, key and ceiling."""
    import sympy as sp

    p, z = symbol("p"), symbol("z")
    m, n = sectors.roots()
    yield from structure()
    yield from transposition(block, copies, edge)
    yield from separability(block)
    first, second = block(m**2, n**2, symbol("t")), block(m**2, n**2, 1)
    yield positive(
        "A_1 is positive definite for m >= 2",
        second.trace(),
        second.det().subs(m, sp.sqrt(2 + z)),
        formula=r"\det A_1 = \frac{m-1}{4m^2n} > 0",
    )
    yield identity(
        "A_r and A_1 have the same trace", first.trace(), second.trace(), formula=r"\mathrm{tr}A_r = \mathrm{tr}A_1"
    )
    yield cited(
        "relative entropies of orthogonal blocks add up, equal blocks contribute 0, and D(pA||pB) = p D(A||B)",
        "textbook",
        formula=r"D(\rho^\Gamma\|\sigma) = m\,D(pA_r\|pA_1) = p\,m\,D(A_r\|A_1)",
    )
    x, y, a, b = (symbol(name) for name in ("x", "y", "a", "b"))
    slope = (a - b) / (x - y)
    for value, image in ((x, a), (y, b)):
        yield identity(
            "a function of a 2 x 2 matrix is the line through its values at the eigenvalues x and y",
            a - slope * x + slope * value,
            image,
            formula=r"f(A) = f(x) - \frac{f(x)-f(y)}{x-y}x + \frac{f(x)-f(y)}{x-y}A",
        )
    r = symbol("r")  # sqrt d
    matrix = block(r**2, r**2, (1 - p) / p)
    plus, minus = ((1 + sign * (1 - p) / (p * r)) / (2 * r**2) for sign in (1, -1))
    yield identity(
        "for m = n = d the eigenvalues of A_r are (1 +- c)/2d, c = (1-p)/(p sqrt d), as A_r commutes with A_1, where "
        "c = 1/sqrt d: the ceiling is that of rho_{d,p}",
        plus * minus,
        matrix.det(),
        formula=r"m = n = d:\quad p\,d\,D(A_r\|A_1) = p\,D_2\left(\frac{1+c}{2}\,\|\,\frac{1+1/\sqrt{d}}{2}\right)",
    )
    yield identity("and their sum is its trace", plus + minus, matrix.trace(), formula=r"\mathrm{tr}A_r = 1/d")
    yield identity(
        "the state at p = 1/2 has the same eigenvectors, and bounds the key with trusted devices",
        (1 - p) * log2(2 * (1 - p)) + p * log2(2 * p),
        1 - binary_entropy(p),
        formula=r"K(\rho_p) \le D(\rho_p\|\rho_{1/2}) = 1 - h(p)",
    )
    yield cited(
        "the relative entropy of entanglement is at most that of any separable state, and bounds the key from above",
        "horodecki2005; horodecki2009",
        formula=r"K(\rho^\Gamma) \le E_r(\rho^\Gamma) \le D(\rho^\Gamma\|\sigma)",
    )
    yield from transpose_invariance.derivation()  # K_DI(rho) <= K(rho^Gamma)


def numerical(
    block: Block = block, copies: Callable[[Any, Any], Any] = copies, edge: Callable[[Any], Any] = edge
) -> Iterator[Step]:
    """Dense matrices for sectors 2 and 3: D(rho^Gamma || sigma), the least eigenvalue, and Eve's states."""
    import mpmath as mp
    import sympy as sp

    m, n = 2, 3
    with mp.workdps(DIGITS + 10):
        chosen = sp.Rational(9, 20)
        p = mp.mpf(9) / 20
        transposed = dense_sectors.partial_transpose(dense_sectors.state(m, n, p))
        stated = chosen * copies(m, n) * divergence(block(m, n, (1 - chosen) / chosen), block(m, n, 1))
        yield witness(
            "D(rho^Gamma || sigma), m = 2, n = 3, p = 9/20",
            number(stated, {}),
            dense_sectors.divergence(transposed, dense_sectors.separable_ensemble(m, n, p)),
        )
        at_edge = dense_sectors.partial_transpose(dense_sectors.state(m, n, number(edge(m), {})))
        yield witness(
            "least eigenvalue of the partial transpose at the edge, m = 2, n = 3",
            0,
            dense_sectors.least_eigenvalue(at_edge),
        )
        h = -p * mp.log(p, 2) - (1 - p) * mp.log(1 - p, 2)
        yield witness(
            "Devetak-Winter rate of the sectors, from Eve's density matrices, is 1 - h(p) - p",
            1 - h - p,
            dense_sectors.devetak_winter(m, n, p),
        )


CLAIM = ProseClaim(
    name="unequal-sectors",
    statement="For all 2 <= m <= n the state with sectors C^m + C^n of Alice and C^n + C^m of Bob is PPT exactly "
    "for p >= 1/(sqrt m + 1). For 1/(sqrt m + 1) <= p <= 1/2 its key is at least S(p) of pair-parity-key and at most "
    "1 - h(p), and its device-independent key at most p m D(A_r || A_1), with r = (1-p)/p and A_r the 2 x 2 matrix "
    "with the diagonal 1/2m, 1/2n and r/(2 m sqrt n) off it.",
    formula=r"S(p) \le K(\rho) \le 1 - h(p),\quad K_{DI}(\rho) \le p\,m\,D(A_r\|A_1),\quad "
    r"(A_r)_{11} = \frac{1}{2m},\; (A_r)_{22} = \frac{1}{2n},\; (A_r)_{12} = (A_r)_{21} = \frac{r}{2m\sqrt{n}}",
    source="this project, after christandl2021",
    derivation=derivation,
    witness=numerical,
)
