"""The CHSH entropy, with noise too, is convex in S and grows with it: tangents are valid for every S."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra.symbols import binary_entropy, symbol
from keybounds.proofs.checks import DIGITS, cited, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.claims.chsh_noisy_entropy import chsh_entropy

Formula = Callable[[Any, Any], Any]


def second_derivative(S: Any, q: Any) -> Any:
    """[A(x) + 2(1+x) A'(x) - k A(z) - 2(1+x) k^2 A'(z)] / (4 ln 2) with x = S^2/4 - 1, k = 4q(1-q), z = 1 - k(1-x)."""
    import sympy as sp

    x, k = S**2 / 4 - 1, 4 * q * (1 - q)
    z = 1 - k * (1 - x)
    own = slope(x) + 2 * (1 + x) * slope_derivative(x)
    return (own - k * slope(z) - 2 * (1 + x) * k**2 * slope_derivative(z)) / (4 * sp.log(2))


def slope(x: Any) -> Any:
    """A(x) = artanh(sqrt x)/sqrt x = sum_n x^n/(2n+1)."""
    import sympy as sp

    root = sp.sqrt(x)
    return sp.log((1 + root) / (1 - root)) / (2 * root)


def slope_derivative(x: Any) -> Any:
    """A'(x) = (1/(1-x) - A(x))/(2x)."""
    return (1 / (1 - x) - slope(x)) / (2 * x)


def series_steps() -> Iterator[Step]:
    """w A(1-w) and w^2 A'(1-w) grow with w on (0, 1]: their derivatives are power series with positive terms."""
    import sympy as sp

    n = sp.Symbol("n", nonnegative=True)
    yield cited(
        "artanh(y)/y is the sum of y^{2n}/(2n+1) for 0 < y < 1",
        "textbook",
        formula=r"A(x) = \frac{\mathrm{artanh}\sqrt{x}}{\sqrt{x}} = \sum_{n\ge 0}\frac{x^n}{2n+1}",
    )
    a, b, c = (1 / (2 * n + 1 + 2 * k) for k in (0, 1, 2))  # coefficients of x^n, x^(n+1), x^(n+2) in A
    first = a - (n + 1) * b + n * a
    yield identity(
        "B(w) = w A(1-w) has the derivative A - (1-x) A' at x = 1-w: the coefficient of x^n",
        first,
        2 * (n + 1) / ((2 * n + 1) * (2 * n + 3)),
        formula=r"\frac{1+n}{2n+1} - \frac{n+1}{2n+3} = \frac{2(n+1)}{(2n+1)(2n+3)}",
    )
    second = 2 * (n + 1) * b - (n + 1) * (n + 2) * c + n * (n + 1) * b
    yield identity(
        "D(w) = w^2 A'(1-w) has the derivative w [2A' - (1-x) A'']: the coefficient of x^n in the bracket",
        second,
        2 * (n + 1) * (n + 2) / ((2 * n + 3) * (2 * n + 5)),
        formula=r"\frac{2(n+1)}{2n+3} - \frac{(n+1)(n+2)}{2n+5} + \frac{n(n+1)}{2n+3} "
        r"= \frac{2(n+1)(n+2)}{(2n+3)(2n+5)}",
    )
    yield positive(
        "both are positive for every n >= 0, so B and D grow",
        2 * (n + 1) / ((2 * n + 1) * (2 * n + 3)),
        2 * (n + 1) * (n + 2) / ((2 * n + 3) * (2 * n + 5)),
        formula=r"B' > 0,\quad D' > 0",
    )


def derivation(chsh_entropy: Formula = chsh_entropy, second_derivative: Formula = second_derivative) -> Iterator[Step]:
    """Prove f'' >= 0 and f' >= 0 for 2 < S < 2 sqrt 2, and that the constant h(q) continues f below 2."""
    import sympy as sp

    q, y, t = symbol("q"), symbol("y"), symbol("t")
    x, k, u, w = symbol("x"), symbol("k"), symbol("u"), symbol("w")
    below = 1 / (2 + t)  # 0 < q < 1/2

    def phi(value: Any) -> Any:
        return binary_entropy((1 + sp.sqrt(value)) / 2)

    at = 2 * sp.sqrt(1 + y**2)
    yield identity(
        "with x = S^2/4 - 1, k = 4q(1-q) and z = 1 - k(1-x), the entropy is 1 - phi(x) + phi(z)",
        chsh_entropy(at, q),
        1 - phi(y**2) + phi(1 - 4 * q * (1 - q) * (1 - y**2)),
        formula=r"f(S) = 1 - \varphi(x) + \varphi(z),\quad \varphi(x) = h\left(\frac{1+\sqrt{x}}{2}\right)",
    )
    yield identity(
        "the derivative of phi",
        sp.diff(binary_entropy((1 + y) / 2), y) / (2 * y),
        -slope(y**2) / (2 * sp.log(2)),
        formula=r"\varphi'(x) = -\frac{A(x)}{2\ln 2}",
    )
    yield identity(
        "the derivative of A",
        sp.diff(sp.log((1 + y) / (1 - y)) / (2 * y), y) / (2 * y),
        slope_derivative(y**2),
        formula=r"A'(x) = \frac{1}{2x}\left(\frac{1}{1-x} - A(x)\right)",
    )
    a, a1, b, b1, s = sp.symbols("A_x dA_x A_z dA_z S", real=True)
    z = 1 - k * (1 - x)
    # second derivatives depend on the two-jets only: phi'(x) = -a/(2 ln 2), phi''(x) = -a1/(2 ln 2), and b, b1 at z
    inner, outer = s**2 / 4 - 1 - x, 1 - k * (2 - s**2 / 4) - z
    jet = (a * inner + a1 * inner**2 / 2 - b * outer - b1 * outer**2 / 2) / (2 * sp.log(2))
    place = {s: 2 * sp.sqrt(1 + x)}
    yield identity(
        "chain rule: the first derivative in S",
        sp.diff(jet, s).subs(place),
        sp.sqrt(1 + x) * (a - k * b) / (2 * sp.log(2)),
        formula=r"f'(S) = \frac{S}{4\ln 2}\left[A(x) - kA(z)\right]",
    )
    yield identity(
        "and the second",
        sp.diff(jet, s, 2).subs(place),
        (a + 2 * (1 + x) * a1 - k * b - 2 * (1 + x) * k**2 * b1) / (4 * sp.log(2)),
        formula=r"4\ln 2\,f''(S) = A(x) + 2(1+x)A'(x) - kA(z) - 2(1+x)k^2A'(z)",
    )
    yield identity(
        "the second derivative that the witness evaluates is this one",
        second_derivative(at, q),
        (
            slope(y**2)
            + 2 * (1 + y**2) * slope_derivative(y**2)
            - 4 * q * (1 - q) * slope(1 - 4 * q * (1 - q) * (1 - y**2))
            - 2 * (1 + y**2) * 16 * q**2 * (1 - q) ** 2 * slope_derivative(1 - 4 * q * (1 - q) * (1 - y**2))
        )
        / (4 * sp.log(2)),
    )
    yield identity(
        "with u = 1-x and w = ku = 1-z: u^2 times it is T(u) - T(w), T(w) = u B(w) + 2(2-u) D(w)",
        (u**2 * (a + 2 * (1 + x) * a1 - k * b - 2 * (1 + x) * k**2 * b1)).subs({x: 1 - u, k: w / u}),
        u * (u * a) + 2 * (2 - u) * u**2 * a1 - (u * (w * b) + 2 * (2 - u) * w**2 * b1),
        formula=r"4u^2\ln 2\,f'' = [uB(u) + 2(2-u)D(u)] - [uB(w) + 2(2-u)D(w)]",
    )
    yield from series_steps()
    yield positive(
        "for 0 < q < 1/2 the number k lies in (0, 1), so w < u: f'' and f' are positive",
        sp.factor((4 * q * (1 - q)).subs(q, below)),
        sp.factor((1 - 4 * q * (1 - q)).subs(q, below)),
        formula=r"0 < k < 1,\quad u A(x) - w A(z) = B(u) - B(w) > 0",
    )
    yield identity(
        "at S = 2 it is h(q), because 1 - k = (1-2q)^2: continued by h(q) to |S| <= 2, where nothing is certified, it "
        "is still convex. So every tangent at 2 < S < 2 sqrt 2 lies below it for all |S| <= 2 sqrt 2",
        (1 - binary_entropy(sp.Rational(1, 2)) + binary_entropy((1 + (1 - 2 * q)) / 2)),
        binary_entropy(q),
        formula=r"f(2) = h(q),\quad f'(2^+) \ge 0",
    )
    yield identity("that square", 1 - 4 * q * (1 - q), (1 - 2 * q) ** 2, formula=r"1-4q(1-q) = (1-2q)^2")
    yield identity(
        "without noise, q = 0, the terms with k are absent and T(u) > T(0) = 0, by the limits of B and D at 0",
        sp.limit(w * slope(1 - w), w, 0) + sp.limit(w**2 * slope_derivative(1 - w), w, 0),
        0,
        formula=r"B(0) = D(0) = 0",
    )


def numerical(chsh_entropy: Formula = chsh_entropy, second_derivative: Formula = second_derivative) -> Iterator[Step]:
    """The second derivative by finite differences of the entropy at 50 digits, for two pairs (S, q)."""
    import mpmath as mp
    import sympy as sp

    s, q = symbol("S"), symbol("q")
    entropy = sp.lambdify((s, q), chsh_entropy(s, q), "mpmath")
    with mp.workdps(2 * DIGITS + 30):
        for chsh, noise in ((sp.Rational(5, 2), sp.Rational(1, 10)), (sp.Rational(11, 4), sp.Rational(13, 100))):
            flip = mp.mpf(noise.p) / noise.q
            middle, step = mp.mpf(chsh.p) / chsh.q, mp.mpf(10) ** -25
            values = [entropy(middle + n * step, flip) for n in (-1, 0, 1)]
            found = (values[0] - 2 * values[1] + values[2]) / step**2
            stated = number(second_derivative(s, q), {s: chsh, q: noise})
            yield witness(f"f'' at S = {chsh}, q = {noise}", stated, found, tolerance_digits=40)


CLAIM = ProseClaim(
    name="chsh-entropy-convexity",
    statement="For every noise 0 <= q < 1/2 the CHSH entropy 1 - h((1+sqrt((S/2)^2-1))/2) + "
    "h((1+sqrt(1-q(1-q)(8-S^2)))/2), continued by h(q) to |S| <= 2, is a convex function of S that grows from 2 to "
    "2 sqrt 2. So each of its tangents is a lower bound for all S, and a mixture of devices is no worse than "
    "its mean S.",
    formula=r"f''(S) > 0,\quad f'(S) > 0\quad (2 < S < 2\sqrt{2}),\quad f(S) = h(q)\quad (|S|\le 2)",
    source="pironio2009 and ho2020 for the curve; its convexity with noise this project",
    derivation=derivation,
    witness=numerical,
)
