"""The entropy of a noisy key symbol as an integral over Eve's projectors, and its lower bound by chords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra import dense
from keybounds.proofs.algebra.symbols import binary_entropy, symbol
from keybounds.proofs.checks import DIGITS, cited, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step

Weight = Callable[[Any, Any], Any]


def weight(q: Any, t: Any) -> Any:
    """w(t) = 1/(q + (1-2q)t) + 1/(q + (1-2q)(1-t))."""
    r = 1 - 2 * q
    return 1 / (q + r * t) + 1 / (q + r * (1 - t))


def rising(a: Any, b: Any, q: Any) -> Any:
    """Integral of (t-a)/(q+rt) from a to b, r = 1-2q."""
    import sympy as sp

    r = 1 - 2 * q
    return (b - a) / r - (q + r * a) * sp.log((q + r * b) / (q + r * a)) / r**2


def falling(a: Any, b: Any, q: Any) -> Any:
    """Integral of (b-t)/(q+rt) from a to b, r = 1-2q."""
    import sympy as sp

    r = 1 - 2 * q
    return (q + r * b) * sp.log((q + r * b) / (q + r * a)) / r**2 - (b - a) / r


def operator_steps() -> Iterator[Step]:
    """The inequalities and identities between L_0, L_1, K and K_c; all are linear in L_0 and L_1."""
    import sympy as sp

    q, t = symbol("q"), symbol("t")
    first, second = sp.symbols("L_0 L_1", commutative=False)
    total = first + second
    noisy = (1 - q) * first + q * second
    yield identity(
        "K_0 - qK = (1-2q) L_0, and K_1 likewise with L_1",
        sp.expand(noisy - q * total),
        sp.expand((1 - 2 * q) * first),
        formula=r"K_c = (1-q)L_c + qL_{1-c},\quad K_c - qK = (1-2q)L_c \ge 0",
    )
    yield identity(
        "(1-q)K - K_0 = (1-2q) L_1",
        sp.expand((1 - q) * total - noisy),
        sp.expand((1 - 2 * q) * second),
        formula=r"(1-q)K - K_c = (1-2q)L_{1-c} \ge 0",
    )
    level = q + (1 - 2 * q) * t
    yield identity(
        "on s = q + (1-2q)t the operator under the integral is (1-2q) times L_0 - tK",
        sp.expand(noisy - level * total),
        sp.expand((1 - 2 * q) * (first - t * total)),
        formula=r"K_c - sK = (1-2q)(L_c - tK)",
    )
    z = sp.Symbol("Z", commutative=False)
    yield identity(
        "the negative part of Eve's operator is the most that a projector Z of hers finds in tK - L_0; with it, "
        "<tL_1> minus that is e(t) for the best Z, whose letters commute with those of L_0 and L_1",
        sp.expand(t * second - (t * total - first) * (1 - z)),
        sp.expand((1 - t) * first * (1 - z) + t * second * z),
        formula=r"\mathrm{Tr}(\rho_0 - s\rho)_- = (1-2q)[t\langle L_1\rangle - e(t)],\quad "
        r"e(t) = \min_Z\langle(1-t)L_0(1-Z) + tL_1Z\rangle",
    )
    yield identity(
        "for c = 1 the same with t replaced by 1-t: L_1 - tK = -(L_0 - (1-t)K), and Z changes places with 1-Z",
        sp.expand(second - t * total),
        sp.expand(-(first - (1 - t) * total)),
        formula=r"\mathrm{Tr}(\rho_1 - s\rho)_- = (1-2q)[t\langle L_0\rangle - e(1-t)]",
    )


def integral_steps(weight: Weight) -> Iterator[Step]:
    """From the two relative entropies to the entropy: in nats, times p_V = l_0 + l_1."""
    import sympy as sp

    q, t, b, a = symbol("q"), symbol("t"), symbol("b"), symbol("a")
    high, c, d = symbol("lambda"), symbol("c"), symbol("d")
    r = 1 - 2 * q
    yield cited(
        "integral formula of the relative entropy, for mu sigma <= rho <= lambda sigma",
        "frenkel2023; jencova2024",
        formula=r"D(\rho\|\sigma)\ln 2 = \mathrm{Tr}\rho\,(\ln\lambda + 1) - \lambda\,\mathrm{Tr}\sigma "
        r"+ \int_\mu^\lambda\frac{ds}{s}\mathrm{Tr}(\rho-s\sigma)_-",
    )
    upper = d * high - c - c * sp.log(high * d / c)  # integral of (sd - c)/s from c/d to lambda
    yield identity(
        "check for numbers c and d, where the integral runs from c/d to lambda",
        c * (sp.log(high) + 1) - high * d + upper,
        c * sp.log(c / d),
        formula=r"c\ln\frac{c}{d} = c(\ln\lambda+1) - \lambda d + \int_{c/d}^\lambda\frac{ds}{s}(sd-c)",
    )
    yield identity(
        "that integral, by its derivative in lambda",
        sp.diff(upper, high),
        (high * d - c) / high,
        formula=r"\int_{c/d}^\lambda\frac{ds}{s}(sd-c) = \lambda d - c - c\ln\frac{\lambda d}{c}",
    )
    yield identity("which is 0 for lambda = c/d", upper.subs(high, c / d), 0)
    span = r * b - q * sp.log((q + r * b) / q)
    yield identity(
        "the integral of r^2 t/(q+rt) from 0 to b",
        sp.diff(span, b),
        r**2 * b / (q + r * b),
        formula=r"r^2\int_0^b\frac{t\,dt}{q+rt} = rb - q\ln\frac{q+rb}{q},\quad r = 1-2q",
    )
    l_0, l_1 = symbol("l_0"), symbol("l_1")
    p = l_0 + l_1
    # both relative entropies without their terms in e; Tr rho_c add up to p
    rest = p * (sp.log(1 - q) + 1) - 2 * (1 - q) * p + p * span.subs(b, 1)
    yield identity(
        "without e, minus the sum of both relative entropies is p_V h(q)",
        -rest / sp.log(2),
        p * binary_entropy(q),
        formula=r"q\ln\frac{1-q}{q} - \ln(1-q) = h(q)\ln 2",
    )
    yield identity(
        "the terms in e have the weight r^2 times w(t)",
        weight(q, t),
        1 / (q + r * t) + 1 / (q + r * (1 - t)),
        formula=r"p_V H(\hat A|E,V) = p_V h(q) + \frac{(1-2q)^2}{\ln 2}\int_0^1 e(t)w(t)\,dt",
    )
    yield from _chord_steps(a, b, q, r)


def _chord_steps(a: Any, b: Any, q: Any, r: Any) -> Iterator[Step]:
    import sympy as sp

    t, z = symbol("t"), symbol("z")
    yield cited(
        "e is a minimum of functions affine in t, so concave; Z = 1 and Z = 0 show e(t) <= t<L_1> and e(t) <= "
        "(1-t)<L_0>, "
        "so e(0) = e(1) = 0 and, at q = 0, the integrand is bounded; e >= 0 as commuting positive operators have "
        "positive products. Chords between nodes lie below e, and the weights w are positive",
        "textbook",
        formula=r"\int_0^1 e\,w\,dt \ge \sum_i W_i\,e(t_i),\quad W_i = \int_0^1\mathrm{hat}_i\,w\,dt",
    )
    yield identity(
        "the rising side of a hat",
        sp.diff(rising(a, b, q), b),
        (b - a) / (q + r * b),
        formula=r"\int_a^b\frac{t-a}{q+rt}dt = \frac{b-a}{r} - \frac{q+ra}{r^2}\ln\frac{q+rb}{q+ra}",
    )
    yield identity(
        "the falling side, by its derivative in the lower end",
        sp.diff(falling(a, b, q), a),
        -(b - a) / (q + r * a),
        formula=r"\int_a^b\frac{b-t}{q+rt}dt = \frac{q+rb}{r^2}\ln\frac{q+rb}{q+ra} - \frac{b-a}{r}",
    )
    yield identity("both vanish for a = b", rising(a, a, q) + falling(a, a, q), 0)
    yield identity(
        "the mirror image t -> 1-t turns the second term of w into the first",
        weight(q, 1 - t),
        weight(q, t),
        formula=r"w(1-t) = w(t)",
    )
    yield positive(
        "w is positive for 0 < q < 1/2 and 0 < t < 1",
        *(
            sp.factor(term.subs({q: 1 / (2 + z), t: 1 / (1 + symbol("y"))}))
            for term in (1 / (q + r * t), 1 / (q + r * (1 - t)))
        ),
        formula=r"w(t) > 0",
    )


def derivation(weight: Weight = weight) -> Iterator[Step]:
    """Prove the formula from the integral formula of the relative entropy, and the weights of the chords."""
    yield from operator_steps()
    yield from integral_steps(weight)
    yield cited(
        "with Eve's unnormalised states rho_c = Tr_AB(K_c psi) and rho their sum over c",
        "textbook",
        formula=r"p_V H(\hat A|E,V) = -\sum_c D(\rho_c\|\rho_0+\rho_1)",
    )


def numerical(weight: Weight = weight) -> Iterator[Step]:
    """Two non-commuting states of Eve's qubit at q = 3/20: the entropy from spectra, the integral by quadrature."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(DIGITS + 10):
        q = mp.mpf(3) / 20
        first = mp.matrix([[mp.mpf(2) / 5, mp.mpf(1) / 10], [mp.mpf(1) / 10, mp.mpf(1) / 10]])
        second = mp.matrix([[mp.mpf(1) / 8, mp.mpc(0, -1) / 9], [mp.mpc(0, 1) / 9, mp.mpf(1) / 5]])
        noisy = [(1 - q) * first + q * second, q * first + (1 - q) * second]
        survival = mp.re(dense.trace(first) + dense.trace(second))

        def minus_xlogx(matrix: Any) -> Any:
            return dense.entropy(dense.eigenvalues(matrix))

        exact = sum(minus_xlogx(m) for m in noisy) - minus_xlogx(first + second)

        def e(t: Any) -> Any:
            # (1-t) Tr first - Tr((1-t) first - t second)_+, by the closed eigenvalues of a 2x2 matrix
            m = (1 - t) * first - t * second
            trace, det = mp.re(m[0, 0] + m[1, 1]), mp.re(m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])
            root = mp.sqrt(trace * trace / 4 - det)
            positive_part = sum(max(trace / 2 + sign * root, mp.mpf(0)) for sign in (1, -1))
            return (1 - t) * mp.re(dense.trace(first)) - positive_part

        # e bends where the determinant of (1-t) first - t second, a quadratic in t, vanishes
        def determinant(t: Any) -> Any:
            m = (1 - t) * first - t * second
            return mp.re(m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])

        c0, c1, half = determinant(mp.mpf(0)), determinant(mp.mpf(1)), determinant(mp.mpf(1) / 2)
        bends = sorted(mp.re(x) for x in mp.polyroots([2 * (c0 + c1 - 2 * half), 4 * half - 3 * c0 - c1, c0]))
        pieces = [mp.mpf(0), *(x for x in bends if 0 < x < 1), mp.mpf(1)]
        area = mp.quad(lambda t: e(t) * weight(q, t), pieces)
        binary = -q * mp.log(q, 2) - (1 - q) * mp.log(1 - q, 2)
        stated = survival * binary + (1 - 2 * q) ** 2 * area / mp.log(2)
        yield witness("p_V H for two states of a qubit, q = 3/20", stated, exact, tolerance_digits=30)
        ends = sp.Rational(1, 5), sp.Rational(3, 5)
        low, high = (mp.mpf(x.p) / x.q for x in ends)
        for name, closed, distance in (("rising", rising, lambda t: t - low), ("falling", falling, lambda t: high - t)):
            found = mp.quad(lambda t, d=distance: d(t) / (q + (1 - 2 * q) * t), [low, high])
            exactly = number(closed(*ends, sp.Rational(3, 20)), {})
            yield witness(f"{name} side of a hat from 1/5 to 3/5, q = 3/20", exactly, found)


CLAIM = ProseClaim(
    name="entropy-integral",
    statement="For sub-normalised operators L_0, L_1 of Alice's key symbol, K = L_0 + L_1, and a flip with probability "
    "0 <= q < 1/2, the noisy K_c lie between qK and (1-q)K, and the entropy of the symbol given Eve is an integral "
    "over what one projector Z of hers finds for each t. Chords between nodes bound it from below with exactly known "
    "weights.",
    formula=r"p_V H(\hat A|E,V) = p_V h(q) + \frac{(1-2q)^2}{\ln 2}\int_0^1 e(t)\,w(t)\,dt "
    r"\ge p_V h(q) + \frac{(1-2q)^2}{\ln 2}\sum_i W_i\,e(t_i)",
    source="frenkel2023; jencova2024; kossmann2024 for devices; the truncation and the chords this project",
    derivation=derivation,
    witness=numerical,
)
