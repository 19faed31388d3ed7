"""Erasure, dephasing and depolarising channels of every dimension: the relative entropies behind their ceilings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.algebra.symbols import binary_entropy, entropy, log2, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, witness
from keybounds.proofs.claim import ProseClaim, Step

Formula = Callable[[Any, Any], Any]


def erasure(d: Any, e: Any) -> Any:
    """(1-e) log2 d."""
    return (1 - e) * log2(d)


def dephasing(d: Any, p: Any) -> Any:
    """log2 d - h(p) - p log2(d-1)."""
    return log2(d) - binary_entropy(p) - p * log2(d - 1)


def depolarising(d: Any, p: Any) -> Any:
    """log2 d + F log2 F + (1-F) log2((1-F)/(d-1)), F = 1 - p + p/d^2."""
    fidelity = 1 - p + p / d**2
    return log2(d) + fidelity * log2(fidelity) + (1 - fidelity) * log2((1 - fidelity) / (d - 1))


def derivation(
    erasure: Formula = erasure, dephasing: Formula = dephasing, depolarising: Formula = depolarising
) -> Iterator[Step]:
    """Prove the three values by explicit separable states, and the covariance of the channels."""
    import sympy as sp

    d, p, z = symbol("d"), symbol("p"), symbol("z")
    phi = Monomial(1 / d, deltas=(("i", "j"), ("k", "l")))  # <ij|Phi|kl>
    diagonal = Monomial(sp.Integer(1), deltas=(("i", "j"), ("j", "k"), ("k", "l")))  # sum |ii><ii|
    product = diagonal.rename({"k": "m", "l": "n"}) * phi.rename({"i": "m", "j": "n"})
    square = phi.rename({"k": "m", "l": "n"}) * phi.rename({"i": "m", "j": "n"})
    yield holds(
        "Phi is a projector and lies in the span of the |ii>, where tau = (1/d) sum |ii><ii| is 1/d: so D(Phi||tau) is "
        "log d, and tau is separable",
        contract(product, ("m", "n"), d) == contract(phi, (), d)
        and contract(square, ("m", "n"), d) == contract(phi, (), d),
        formula=r"D(\Phi\|\tau) = \log d,\quad \tau = \frac{1}{d}\sum_i|ii\rangle\langle ii|",
    )
    yield identity(
        "erasure: from (1-e) tau + e 1/d (x) |flag>, orthogonal to Phi on Bob's side, only Phi against tau remains",
        (1 - p) * (log2((1 - p) * 1) - log2((1 - p) / d)) + p * (log2(p / d) - log2(p / d)),
        erasure(d, p),
        formula=r"D(J\|\sigma) = (1-\varepsilon)\log d",
    )
    yield cited(
        "erasure is covariant under every U with the correction U + 1 on the flag, depolarising with U itself: "
        "Lambda of "
        "a rotated state is the rotated Lambda, as Phi and 1 are",
        "textbook",
        formula=r"\Lambda(U\rho U^\dagger) = (U\oplus 1)\Lambda(\rho)(U\oplus 1)^\dagger",
    )
    n = sp.Symbol("n", integer=True)
    yield identity(
        "dephasing: the Phi_k = (1 (x) Z^k) Phi (1 (x) Z^-k) are orthogonal, tr Z^m being a geometric sum with the "
        "numerator omega^{md} - 1, and average to tau",
        sp.exp(2 * sp.pi * sp.I * n) - 1,
        0,
        formula=r"\langle\Phi_k|\Phi_m\rangle = \frac{1}{d}\sum_j\omega^{(m-k)j} = \delta_{km},\quad "
        r"\frac{1}{d}\sum_k\Phi_k = \tau",
    )
    yield identity(
        "with weights 1-p on Phi and p/(d-1) on the others, D is log d less their entropy",
        log2(d) - entropy([(1 - p, 1), (p / (d - 1), d - 1)]),
        dephasing(d, p),
        formula=r"D(J\|\tau) = \log d - H(w) = \log d - h(p) - p\log(d-1)",
    )
    a, b, k, x = sp.symbols("a b k x", integer=True)
    yield identity(
        "Z^k X^b Z^a and X^b Z^a Z^k differ by the phase omega^{kb}, the same for all |x>: dephasing is "
        "covariant under "
        "the Weyl operators, each its own correction",
        (a * x + k * (x + b)) - (a + k) * x,
        k * b,
        formula=r"Z^kX^bZ^a = \omega^{kb}X^bZ^aZ^k",
    )
    fidelity = 1 - p + p / d**2
    yield identity(
        "depolarising: J is isotropic, with the weight F on Phi and 1-F on the rest, of rank d^2-1",
        (d**2 - 1) * p / d**2,
        1 - fidelity,
        formula=r"J = (1-p)\Phi + p\frac{1}{d^2} = F\Phi + (1-F)\frac{1-\Phi}{d^2-1},\quad F = 1-p+\frac{p}{d^2}",
    )
    yield cited(
        "the isotropic state with F = 1/d is separable",
        "horodecki1999",
        formula=r"\sigma = \frac{1}{d}\Phi + \frac{d-1}{d}\cdot\frac{1-\Phi}{d^2-1}",
    )
    yield identity(
        "D from it, for F > 1/d; below, J itself is separable",
        fidelity * log2(fidelity * d) + (1 - fidelity) * log2((1 - fidelity) / ((d - 1) / d)),
        depolarising(d, p),
        formula=r"D(J\|\sigma) = \log d + F\log F + (1-F)\log\frac{1-F}{d-1}",
    )
    small = z / (1 + z)
    yield identity(
        "for a qubit it is 1 - h(3p/4)",
        depolarising(sp.Integer(2), small),
        1 - binary_entropy(sp.Rational(3, 4) * small),
        formula=r"d = 2:\quad 1 - h\left(\frac{3p}{4}\right)",
    )
    yield cited(
        "teleportation through the Choi state simulates a channel that is covariant under an irreducible group (claim "
        "nearly-covariant, with distance 0)",
        "pirandola2017; wilde2017",
        formula=r"P_2(\Lambda) \le E_r(J) \le D(J\|\sigma)",
    )


def numerical(
    erasure: Formula = erasure, dephasing: Formula = dephasing, depolarising: Formula = depolarising
) -> Iterator[Step]:
    """D(J||sigma) of dense Choi states of dimension 3, built from the channels' action on matrix units."""
    import mpmath as mp
    import sympy as sp

    d, p = symbol("d"), symbol("p")
    size, exact = 3, sp.Rational(3, 20)
    at = {d: size, p: exact}
    with mp.workdps(DIGITS + 10):
        noise = mp.mpf(3) / 20

        def choi(outputs: int, entry: Callable[[int, int], Any]) -> Any:
            """(1/3) sum |i><j| (x) Lambda(|i><j|)."""
            result = mp.zeros(size * outputs)
            for i in range(size):
                for j in range(size):
                    block = entry(i, j)
                    for k in range(outputs):
                        for m in range(outputs):
                            result[i * outputs + k, j * outputs + m] = block[k, m] / size
            return result

        def unit(n: int, i: int, j: int) -> Any:
            matrix = mp.zeros(n)
            matrix[i, j] = 1
            return matrix

        tau = choi(size, lambda i, j: unit(size, i, j) if i == j else mp.zeros(size))
        kept = choi(
            size + 1, lambda i, j: (1 - noise) * unit(size + 1, i, j) + (noise if i == j else 0) * unit(4, 3, 3)
        )
        flat = choi(
            size + 1,
            lambda i, j: ((1 - noise) * unit(size + 1, i, j) + noise * unit(4, 3, 3)) if i == j else mp.zeros(4),
        )
        yield witness("erasure, d = 3, e = 3/20", number(erasure(d, p), at), dense.relative_entropy(kept, flat))
        scale = 1 - noise * size / (size - 1)
        dephased = choi(size, lambda i, j: (1 if i == j else scale) * unit(size, i, j))
        found = dense.relative_entropy(dephased, tau)
        yield witness("dephasing, d = 3, p = 3/20", number(dephasing(d, p), at), found)

        def isotropic(share: Any) -> Any:
            return choi(
                size,
                lambda i, j: (1 - share) * unit(size, i, j) + (share if i == j else 0) * mp.eye(size) / size,
            )

        limit = isotropic(mp.mpf(size) / (size + 1))  # 1 - p + p/d^2 = 1/d
        found = dense.relative_entropy(isotropic(noise), limit)
        yield witness("depolarising, d = 3, p = 3/20", number(depolarising(d, p), at), found)


CLAIM = ProseClaim(
    name="channel-closed-forms",
    statement="For every d >= 2 the private capacity with public discussion is at most (1-e) log d for erasure, log "
    "d - h(p) - p log(d-1) for dephasing by the powers Z^k, k = 1, ..., d-1, each with probability p/(d-1), and log d "
    "+ F log F + (1-F) log((1-F)/(d-1)), F = 1 - p + p/d^2 > 1/d, for depolarising channels.",
    formula=r"P_2 \le (1-\varepsilon)\log d,\quad \log d - h(p) - p\log(d-1),\quad "
    r"\log d + F\log F + (1-F)\log\frac{1-F}{d-1}",
    source="pirandola2017; values rederived",
    derivation=derivation,
    witness=numerical,
)
