"""From the sum over histories to key: weights, Hoelder's inequality, and hashing without smoothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import renyi
from keybounds.proofs.algebra.symbols import symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity
from keybounds.proofs.claim import Ground, ProseClaim, Step
from keybounds.proofs.claims.renyi_chain_rule import side_exponent

Constant = Callable[[Any], Any]


def hash_constant(alpha: Any) -> Any:
    """log2 of the constant before 2^{(1-1/alpha)(l-H)} in the bound on half the trace norm: 2/alpha - 2."""
    return 2 / alpha - 2


def bonus(alpha: Any) -> Any:
    """Bits that the length gains from the constant: 2, whatever alpha is."""
    return alpha * 0 + 2


def toeplitz_images(length: int, size: int, difference: int) -> list[int]:
    """Images of a bit string under all Toeplitz matrices of `length` rows and `size` columns."""
    rows = range(1 << (length + size - 1))
    mask = (1 << size) - 1
    return [sum(((seed >> i & mask & difference).bit_count() & 1) << i for i in range(length)) for seed in rows]


def hashing(hash_constant: Constant) -> Iterator[Step]:
    """Prove the bound on hashing by interpolation between alpha = 1 and alpha = 2."""
    alpha, theta, K = symbol("alpha"), symbol("theta"), symbol("K")
    yield holds(
        "a Toeplitz matrix of uniform bits maps each string but 0 to a uniform one: with the last 1 of the string in "
        "column j, row i contains the matrix bit number i-j, which no later row contains, so the system is triangular. "
        "Two strings therefore collide with probability exactly 1/K, K = 2^l. Enumerated for 3 rows and 4 columns",
        all(
            len({images.count(value) for value in range(8)}) == 1
            for images in (toeplitz_images(3, 4, d) for d in range(1, 16))
        ),
        formula=r"\Pr[F(a) = F(a')] = 1/K\quad (a\ne a')",
    )
    yield identity(
        "second endpoint: let D map operators X_a to D_{F,z} = sum_{a: F(a)=z} X_a - (1/K) sum_a X_a. Averaged over "
        "F, the sum over z of ||D_{F,z}||_2^2 has the coefficient Pr[F(a)=F(a')] - 1/K at Tr X_a* X_a': it vanishes "
        "for a and a' that differ, and for a = a' it is 1 - 1/K <= 1",
        1 - 2 / K + K / K**2,
        1 - 1 / K,
        formula=r"\mathbb{E}_F\sum_z\|D_{F,z}\|_2^2 = (1-1/K)\sum_a\|X_a\|_2^2",
    )
    yield cited(
        "first endpoint: D is the difference of two maps that do not raise the trace norm",
        "textbook (triangle inequality)",
        formula=r"\mathbb{E}_F\sum_z\|D_{F,z}\|_1 \le 2\sum_a\|X_a\|_1",
    )
    yield cited(
        "between them, for 1/alpha = 1 - theta/2: the norm of D from alpha to alpha is at most 2^{1-theta}. These are "
        "Schatten norms of block-diagonal operators, weighted with the probability of F",
        "dupuis2023; Riesz-Thorin theorem for Schatten classes, bergh1976",
        formula=r"\left(\mathbb{E}_F\sum_z\|D_{F,z}\|_\alpha^\alpha\right)^{1/\alpha} \le 2^{1-\theta}"
        r"\left(\sum_a\|X_a\|_\alpha^\alpha\right)^{1/\alpha}",
    )
    yield identity(
        "1 - theta = 2/alpha - 1; half the trace norm takes another bit off",
        (1 - theta).subs(theta, 2 - 2 / alpha) - 1,
        hash_constant(alpha),
        formula=r"2^{1-\theta}/2 = 2^{2/\alpha-2}",
    )
    yield identity(
        "put X_a = sigma^s tau_a sigma^s. Undoing sigma^s with Hoelder's inequality for the dual exponent, 1 - "
        "1/alpha = -2s, costs the norm of 1_K x sigma to that power, K^{1-1/alpha} for a normalised sigma",
        -2 * side_exponent(alpha),
        1 - 1 / alpha,
        formula=r"\mathbb{E}_F\,\frac{1}{2}\|\tau_{F(A)E} - \frac{1}{K}1\otimes\tau_E\|_1 \le "
        r"2^{2/\alpha-2}K^{1-1/\alpha}\left(\sum_a Q(\tau_a|\sigma)\right)^{1/\alpha}",
    )


def weights(hash_constant: Constant, bonus: Constant) -> Iterator[Step]:
    """Prove the length from the weights and Hoelder's inequality."""
    import sympy as sp

    alpha, weight, part = symbol("alpha"), symbol("w"), symbol("r")
    bits, extra, kappa, eps, u = symbol("l"), symbol("m"), symbol("kappa"), symbol("E"), symbol("U")
    yield identity(
        "Q(lambda tau|mu sigma) = lambda^alpha mu^{1-alpha} Q(tau|sigma)",
        2 * alpha * side_exponent(alpha),
        1 - alpha,
        formula=r"2\alpha s = 1-\alpha",
    )
    yield cited(
        "compare with a run in which Bob's outcome register c^n is computed from Alice's true string, and his key is "
        "hers. It differs only where the verification passes for a wrong string, probability at most eps_EV; there "
        "both correctness and the value of c^n may fail, so eps_EV counts once in their sum",
        "textbook (coupling)",
        formula=r"\varepsilon \le \varepsilon_{PA} + \varepsilon_{EV}",
    )
    yield cited(
        "restricting to runs that pass the verification, or any other test of the two strings, replaces rho^{a,c|i} by "
        "something not greater, and lowers Q",
        "textbook (the trace of X^alpha is monotone in X)",
        formula=r"\tau\le\tau' \Rightarrow Q(\tau|\sigma)\le Q(\tau'|\sigma)",
    )
    yield cited(
        "take sigma = r(c) p(i) rho_{E|i} with uniform syndrome and tag, of m + h bits, for c consistent with i; r(c) "
        "is the product of r(0), r(1) over the test rounds and sums with p to 1. Given c it has the weight w_c = "
        "sum_i r(c) p(i), sum_c w_c <= 1. Syndrome and tag are functions of a^n and of seeds drawn by themselves",
        "textbook",
        formula=r"\sigma_c = \frac{1}{w_c} r(c)\,p(i)\,\rho_{E|i}\,2^{-(m+h)}",
    )
    yield identity(
        "so the sum of Q over a, i, syndrome and tag at given c has the factors p(i) (from p^alpha p^{1-alpha}), "
        "r(c)^{1-alpha}, w_c^{alpha-1} and 2^{(alpha-1)(m+h)}",
        sp.expand_log(sp.log((part * sp.Integer(2) ** (-extra) / weight) ** (1 - alpha)), force=True),
        (alpha - 1) * (sp.log(weight) - sp.log(part) + extra * sp.log(2)),
        formula=r"\sum Q = "
        r"w_c^{\alpha-1}\,2^{(\alpha-1)(m+h)}\,r(c)^{1-\alpha}\sum_{a,i}p(i)\,Q(\rho_E^{a,c|i}|\rho_{E|i})",
    )
    yield cited(
        "hashing c by c with length l(c), the distances add up to 2^{2/alpha-2} 2^{(1-1/alpha)(m+h)} times the sum "
        "over c of w_c^{1-1/alpha} B_c^{1/alpha}, B_c = 2^{(alpha-1) l(c)} r(c)^{1-alpha} sum p(i) Q; Hoelder with "
        "the exponents alpha/(alpha-1) and alpha bounds it by (sum w_c)^{1-1/alpha} (sum B_c)^{1/alpha}",
        "textbook (Hoelder's inequality)",
        formula=r"\sum_c w_c^{1-1/\alpha}B_c^{1/\alpha} \le \left(\sum_c B_c\right)^{1/\alpha}",
    )
    yield identity(
        "with l(c) <= n kappa + sum (f + log r) - k and u = 2^{(alpha-1) f}, B_c is at most 2^{(alpha-1)(n kappa - k)} "
        "prod u sum p(i) Q: r cancels",
        (alpha - 1) * (kappa + sp.log(u, 2) / (alpha - 1) + sp.log(part, 2) - bits) + (1 - alpha) * sp.log(part, 2),
        (alpha - 1) * (kappa - bits) + sp.log(u, 2),
        formula=r"B_c \le 2^{(\alpha-1)(n\kappa-k)}\prod_k u_{c_k}\sum p(i)\,Q",
    )
    spent = extra + alpha / (alpha - 1) * sp.log(1 / eps, 2) - bonus(alpha)
    yield identity(
        "their sum is at most 2^{-(alpha-1) k}, by the chain rule and sup G = 2^{-(alpha-1) kappa}. With "
        "k = m + h + alpha/(alpha-1) log(1/eps_PA) - 2 the distance is at most eps_PA",
        hash_constant(alpha) + (1 - 1 / alpha) * (extra - spent),
        sp.log(eps, 2),
        formula=r"2^{2/\alpha-2}\,2^{(1-1/\alpha)(m+h-k)} = \varepsilon_{PA}",
    )


def derivation(hash_constant: Constant = hash_constant, bonus: Constant = bonus) -> Iterator[Step]:
    """Prove the bound on hashing, then the length."""
    yield from hashing(hash_constant)
    yield from weights(hash_constant, bonus)


def numerical(hash_constant: Constant = hash_constant, bonus: Constant = bonus) -> Iterator[Step]:
    """Exact trace distances after all Toeplitz hashes of a two-bit string, against the bound, at three orders."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(DIGITS + 10):
        strings = 4
        states = [_component(a) for a in range(strings)]
        weight = mp.fsum(mp.re(mp.fsum(m[k, k] for k in range(2))) for m in states)
        states = [m / weight for m in states]
        marginal = renyi.total(states)
        distance = _average_distance(states, marginal)
        for order in ("11/10", "3/2", "2"):
            alpha = mp.mpmathify(sp.N(sp.Rational(order), DIGITS + 10))
            total = mp.fsum(renyi.sandwiched(m, marginal, alpha) for m in states)
            log_bound = mp.mpmathify(sp.N(hash_constant(sp.Rational(order)), DIGITS + 10))
            bound = 2 ** (log_bound + 1 - 1 / alpha) * total ** (1 / alpha)
            yield holds(
                f"one bit hashed from a string of two, alpha = {order}: mean distance {mp.nstr(distance, 8)}",
                distance <= bound,
                detail=f"bound {mp.nstr(bound, 8)}",
                ground=Ground.WITNESS,
            )
            # the length at which the bound equals eps, taken back into the bound, must give eps
            eps = mp.mpf(10) ** -10
            entropy = -mp.log(total, 2) / (alpha - 1)
            length = entropy - alpha / (alpha - 1) * mp.log(1 / eps, 2) + mp.mpmathify(bonus(sp.Rational(order)))
            back = 2 ** (log_bound + (1 - 1 / alpha) * (length - entropy))
            yield holds(
                f"alpha = {order}: the length for eps = 1e-10 has that distance",
                abs(back / eps - 1) < mp.mpf(10) ** -40,
                detail=mp.nstr(back, 8),
                ground=Ground.WITNESS,
            )


def _component(a: int) -> Any:
    """A positive 2x2 matrix without pattern, of rank 1 for odd `a`."""
    matrix = renyi.pseudorandom(2, 1 if a % 2 else 2, a + 3)
    return matrix * matrix.H


def _average_distance(states: list[Any], marginal: Any) -> Any:
    """Half the trace norm of (hashed bit, E) less uniform bit times E, averaged over the Toeplitz hashes to one bit."""
    import mpmath as mp

    total = mp.mpf(0)
    for seed, z in itertools.product(range(4), range(2)):
        chosen = [m for a, m in enumerate(states) if ((seed & a).bit_count() & 1) == z]
        difference = renyi.total([*chosen, -marginal / 2])
        total += mp.fsum(abs(value) for value in mp.eighe(difference, eigvals_only=True))
    return total / 8


CLAIM = ProseClaim(
    name="renyi-privacy-amplification",
    statement="Let 1 < alpha <= 2, r(0), r(1) > 0 with r(0) + r(1) <= 1, and let kappa satisfy sup G <= 2^{-(alpha-1) "
    "kappa} with u_c = 2^{(alpha-1) f_c}, f = 0 in key rounds; f, r, alpha and p are fixed before the data. Alice "
    "publishes a syndrome of m bits and a tag of h bits of her string, with seeds drawn by themselves; the hash maps "
    "two different strings to the same key with probability exactly 2^{-l} (uniform Toeplitz matrix). Then the key of "
    "l(c) bits is eps_PA + eps_EV close to an ideal one, eps_EV being the collision probability of the tag. The "
    "formula's accept set and l(c) may depend on the outcomes c. A Trevisan extractor is not covered.",
    formula=r"\ell(c) = \left\lfloor n\kappa + \sum_{\mathrm{test}\ i}(f_{c_i} + \log r(c_i)) - m - h "
    r"- \frac{\alpha}{\alpha-1}\log\frac{1}{\varepsilon_{PA}} + 2\right\rfloor",
    source="dupuis2023; this project",
    derivation=derivation,
    witness=numerical,
)
