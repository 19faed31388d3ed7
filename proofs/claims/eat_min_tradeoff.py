"""The min-tradeoff function of nadlinger2022: a tangent of the CHSH entropy curve, carried over to rare tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra.symbols import binary_entropy, symbol
from keybounds.proofs.checks import DIGITS, cited, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step

Formula = Callable[..., Any]


def winning(x: Any) -> Any:
    """ω = (2 + sqrt(1 + x^2))/4: sweeps (3/4, (1 + 1/sqrt 2)/2) as x sweeps (0, 1)."""
    import sympy as sp

    return (2 + sp.sqrt(1 + x**2)) / 4


def slope(x: Any) -> Any:
    """η'(ω) = 4 sqrt(1 + x^2) artanh(x)/(x ln 2)."""
    import sympy as sp

    return 4 * sp.sqrt(1 + x**2) * _artanh(x) / (x * sp.log(2))


def function_values(level: Any, s: Any, t: Any, gamma: Any) -> tuple[Any, Any, Any]:
    """f at a lost test, a won test and a key round: g(0)/γ + (1 - 1/γ) g(1), g(1), g(1), for g(ω) = level + s (ω-t)."""
    at_0, at_1 = level - s * t, level + s * (1 - t)
    return at_0 / gamma + (1 - 1 / gamma) * at_1, at_1, at_1


def variance(s: Any, omega: Any, gamma: Any) -> Any:
    """Var_q f = s^2 (1-ω)(1 - γ(1-ω))/γ at q = (γ(1-ω), γω, 1-γ)."""
    return s**2 * (1 - omega) * (1 - gamma * (1 - omega)) / gamma


def derivation(slope: Formula = slope, variance: Formula = variance) -> Iterator[Step]:
    """Prove the tangent's properties, the extension to rare tests, and the concavity of V."""
    yield from _entropy_is_convex(slope)
    yield from _extension(variance)
    yield from _second_order_is_concave(variance)
    yield cited(
        "the CHSH entropy curve bounds the entropy of Alice's outcome of every quantum device from below",
        "pironio2009, Eq. (11)",
        formula=r"H(A|E)\ge\eta(\omega)",
    )
    yield cited(
        "a function below the entropy at each q(omega), affine in q, is a min-tradeoff function; V and K are made of "
        "its variance, its greatest value and its least one on quantum devices",
        "dupuis2019",
    )


def _entropy_is_convex(slope: Formula) -> Iterator[Step]:
    import sympy as sp

    x, z = symbol("x"), symbol("z")
    root = sp.sqrt(1 + x**2)
    yield identity(
        "omega(x) undoes x = sqrt(16 omega(omega-1) + 3)",
        16 * winning(x) * (winning(x) - 1) + 3,
        x**2,
        formula=r"16\omega(\omega-1)+3 = x^2",
    )
    yield identity(
        "the slope of the entropy curve",
        (1 - binary_entropy((1 + x) / 2)).diff(x) / winning(x).diff(x),
        slope(x),
        formula=r"\eta'(\omega) = \frac{4\sqrt{1+x^2}\,\mathrm{artanh}\,x}{x\ln 2}",
    )
    excess = x / (1 - x**2) - _artanh(x)
    yield identity(
        "x/(1-x^2) - artanh x, which is 0 at x = 0, has this derivative",
        excess.diff(x),
        2 * x**2 / (1 - x**2) ** 2,
    )
    yield identity("and artanh x, which is 0 at x = 0, this one", _artanh(x).diff(x), 1 / (1 - x**2))
    inside = 1 / (1 + z)
    yield positive(
        "both derivatives are positive on (0, 1), so both functions are",
        (2 * x**2 / (1 - x**2) ** 2).subs(x, inside),
        (1 / (1 - x**2)).subs(x, inside),
    )
    yield identity(
        "the slope's derivative is a sum of products of these positive functions: it increases with x, hence with "
        "omega",
        slope(x).diff(x),
        4 / sp.log(2) * (_artanh(x) / root + root * excess / x**2),
        formula=r"\eta'' > 0:\quad g_t(\omega)\le\eta(\omega)",
    )
    yield identity(
        "at omega = 3/4 the slope jumps up from 0, so the curve continued by 0 is convex",
        sp.limit(slope(x), x, 0, "+"),
        4 / sp.log(2),
        formula=r"\eta'(3/4^+) = \frac{4}{\ln 2} > 0",
    )


def _extension(variance: Formula) -> Iterator[Step]:
    level, s, t, gamma, omega, share = (symbol(name) for name in ("e", "s", "t", "gamma", "omega", "q"))
    lost, won, key = function_values(level, s, t, gamma)
    tangent = level + s * (omega - t)
    weights = (gamma * (1 - omega), gamma * omega, 1 - gamma)
    mean = weights[0] * lost + weights[1] * won + weights[2] * key
    yield identity(
        "at q(omega) the function is the tangent, so it lies below the entropy curve",
        mean,
        tangent,
        formula=r"f_t(q(\omega)) = g_t(\omega)",
    )
    yield identity(
        "its variance",
        weights[0] * lost**2 + weights[1] * won**2 + weights[2] * key**2 - mean**2,
        variance(s, omega, gamma),
        formula=r"\mathrm{Var}_q f_t = \eta'(t)^2\,(1-\omega)\,\frac{1-\gamma(1-\omega)}{\gamma}",
    )
    yield identity(
        "a lost test counts less than any other round, by s/gamma: the greatest value is g(1)",
        won - lost,
        s / gamma,
        formula=r"f_t(\delta_1) - f_t(\delta_0) = \eta'(t)/\gamma > 0",
    )
    yield identity(
        "so a run whose share q of lost tests is at most gamma(1-omega_thr) has at least g(omega_thr)",
        share * lost + (1 - share) * won - tangent,
        s / gamma * (gamma * (1 - omega) - share),
        formula=r"f_t(\mathrm{freq}) - g_t(\omega_{\rm thr}) = \frac{\eta'(t)}{\gamma}"
        r"\left(\gamma(1-\omega_{\rm thr}) - q\right)",
    )
    yield identity(
        "the least value on quantum devices is at the least omega, since the tangent rises",
        won - tangent,
        s * (1 - omega),
        formula=r"\max f_t - \min_\Sigma f_t = \eta'(t)(1-\omega_{\min})",
    )


def _second_order_is_concave(variance: Formula) -> Iterator[Step]:
    import sympy as sp

    s, gamma, omega, v, c = (symbol(name) for name in ("s", "gamma", "omega", "v", "c"))
    yield identity(
        "the variance is concave in omega",
        variance(s, omega, gamma).diff(omega, 2),
        -2 * s**2,
        formula=r"\partial_\omega^2 \mathrm{Var}_q f_t = -2\eta'(t)^2 < 0",
    )
    root = sp.sqrt(2 + v)
    yield identity(
        "(c + sqrt(2+v))^2 increases with v",
        ((c + root) ** 2).diff(v),
        (c + root) / root,
    )
    yield identity(
        "and is concave in v, so V is concave in omega and eta - g - delta V convex: one subgradient bounds it "
        "everywhere",
        ((c + root) ** 2).diff(v, 2),
        -c / (2 * root**3),
        formula=r"\inf_\omega F \ge F(\omega_0) + \min_\omega s\,(\omega-\omega_0),\quad s\in\partial F(\omega_0)",
    )


def numerical(slope: Formula = slope, variance: Formula = variance) -> Iterator[Step]:
    """Slope by a difference quotient of the entropy, variance from the three values, at the published γ = 13/256."""
    import mpmath as mp
    import sympy as sp

    with mp.workdps(3 * DIGITS):
        point, gamma, omega = mp.mpf(7) / 10, mp.mpf(13) / 256, mp.mpf(4) / 5

        def entropy(w: Any) -> Any:
            x = mp.sqrt(16 * w * (w - 1) + 3)
            return (1 + x) / 2 * mp.log(1 + x, 2) + (1 - x) / 2 * mp.log(1 - x, 2)

        t = (2 + mp.sqrt(1 + point**2)) / 4
        found = mp.diff(entropy, t)
        yield witness("slope at x = 7/10", number(slope(sp.Rational(7, 10)), {}), found)
        values = function_values(entropy(t), found, t, gamma)
        weights = (gamma * (1 - omega), gamma * omega, 1 - gamma)
        mean = mp.fsum(w * f for w, f in zip(weights, values, strict=True))
        spread = mp.fsum(w * (f - mean) ** 2 for w, f in zip(weights, values, strict=True))
        stated = number(variance(slope(sp.Rational(7, 10)), sp.Rational(4, 5), sp.Rational(13, 256)), {})
        yield witness("variance at x = 7/10, omega = 4/5", stated, spread)


def _artanh(x: Any) -> Any:
    import sympy as sp

    return (sp.log(1 + x) - sp.log(1 - x)) / 2


CLAIM = ProseClaim(
    name="eat-min-tradeoff",
    statement="Let g be the tangent of the CHSH entropy curve at a winning probability t in (3/4, (1+1/sqrt 2)/2), and "
    "f = g(0)/gamma + (1-1/gamma) g(1) on lost tests, g(1) on won tests and key rounds. Then f is a min-tradeoff "
    "function for tests of probability gamma: f(q(omega)) = g(omega) <= eta(omega), with the stated variance and "
    "range; a run with at most n gamma (1-omega_thr) lost tests has f(freq) >= g(omega_thr); and what the infimum of "
    "the key length is taken of is convex in omega.",
    formula=r"f_t(q(\omega)) = g_t(\omega) \le \eta(\omega),\quad "
    r"\mathrm{Var}_q f_t = \eta'(t)^2 (1-\omega)\frac{1-\gamma(1-\omega)}{\gamma},\quad "
    r"\max f_t - \min_\Sigma f_t = \eta'(t)(1-\omega_{\min})",
    source="nadlinger2022, Supplement S10; rederived",
    derivation=derivation,
    witness=numerical,
)
