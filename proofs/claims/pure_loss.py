"""Pure loss: the ceilings log((1+eta)/(1-eta)) and -log(1-eta) as limits of many photons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra.symbols import log2, symbol
from keybounds.proofs.checks import cited, holds, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step

Formula = Callable[[Any], Any]


def squashing(eta: Any) -> Any:
    """log2((1+eta)/(1-eta))."""
    return log2((1 + eta) / (1 - eta))


def capacity(eta: Any) -> Any:
    """-log2(1-eta)."""
    return -log2(1 - eta)


def thermal_entropy(n: Any) -> Any:
    """g(n) = (n+1) log2(n+1) - n log2 n, the entropy of a mode with n thermal photons on average."""
    return (n + 1) * log2(n + 1) - n * log2(n)


def difference_limit(a: Any, b: Any) -> Any:
    """Limit of g(a n) - g(b n) for many photons n = 1/m, the two kinds of terms taken apart."""
    import sympy as sp

    m = symbol("m")
    slow = sp.limit(a * sp.log(1 + m / a) / m - b * sp.log(1 + m / b) / m, m, 0)
    return log2(a / b) + slow / sp.log(2)


def derivation(squashing: Formula = squashing, capacity: Formula = capacity) -> Iterator[Step]:
    """Prove the values for n thermal photons, that they grow with n, and their limits."""
    import sympy as sp

    eta, n, a, b, m, y = (symbol(name) for name in ("eta", "n", "a", "b", "m", "y"))
    half = (1 - eta) / 2
    yield identity(
        "beam splitters send a mode a to sqrt(eta) a for Bob and sqrt((1-eta)/2) a for each of E' and F, with vacuum "
        "added: no photon is lost, and B with E' is one mode with the mean photon number of both and one in vacuum",
        eta + half,
        (1 + eta) / 2,
        formula=r"\langle n_B\rangle + \langle n_{E'}\rangle = \frac{1+\eta}{2}\,n,\quad "
        r"\langle n_{E'}\rangle = \frac{1-\eta}{2}\,n",
    )
    yield identity(
        "photons of B, E' and F add up",
        eta + half + half,
        1,
        formula=r"\eta + \frac{1-\eta}{2} + \frac{1-\eta}{2} = 1",
    )
    yield cited(
        "a linear mixture of vacua and one thermal mode is thermal in the mode that carries its amplitude; S(B|E') and "
        "S(B|F) are equal by symmetry, and thermal inputs are the best of given energy",
        "takeoka2014",
        formula=r"\frac{1}{2}[S(B|E') + S(B|F)] = g\left(\frac{1+\eta}{2}n\right) - g\left(\frac{1-\eta}{2}n\right)",
    )
    yield identity(
        "g in terms of n = 1/m",
        thermal_entropy(a / m) - thermal_entropy(b / m),
        log2((a + m) / (b + m)) + (a / m) * log2(1 + m / a) - (b / m) * log2(1 + m / b),
        formula=r"g(an) - g(bn) = \log\frac{an+1}{bn+1} + an\log\left(1+\frac{1}{an}\right) "
        r"- bn\log\left(1+\frac{1}{bn}\right)",
    )
    yield identity(
        "the first term tends to log(a/b), the others cancel in the limit",
        difference_limit(a, b),
        log2(a / b),
        formula=r"\lim_{n\to\infty}[g(an) - g(bn)] = \log\frac{a}{b}",
    )
    yield identity(
        "d/dn g(an)",
        sp.diff(thermal_entropy(a * n), n),
        a * log2(1 + 1 / (a * n)),
        formula=r"\frac{d}{dn}g(an) = a\log\left(1+\frac{1}{an}\right)",
    )
    grown = sp.log(1 + y) - y / (1 + y)
    yield identity(
        "its derivative in a is (ln(1+y) - y/(1+y))/ln 2 with y = 1/(an)",
        sp.diff(a * sp.log(1 + 1 / (a * n)), a),
        grown.subs(y, 1 / (a * n)),
        formula=r"\frac{\partial}{\partial a}a\ln\left(1+\frac{1}{an}\right) = \ln(1+y) - \frac{y}{1+y}",
    )
    yield identity("which vanishes at y = 0", grown.subs(y, 0), 0, formula=r"\ln 1 - 0 = 0")
    yield identity("and has the derivative", sp.diff(grown, y), y / (1 + y) ** 2, formula=r"\frac{y}{(1+y)^2}")
    yield positive(
        "positive: g(an) - g(bn) grows with n for a > b, so that no energy exceeds the limit",
        y / (1 + y) ** 2,
        formula=r"\frac{y}{(1+y)^2} > 0",
    )
    yield identity(
        "squashing: a = (1+eta)/2, b = (1-eta)/2",
        log2(((1 + eta) / 2) / half),
        squashing(eta),
        formula=r"P_2 \le \log\frac{1+\eta}{1-\eta}",
    )
    yield identity(
        "reverse coherent information of n thermal photons, g(n) - g((1-eta)n): a = 1, b = 1-eta",
        log2(1 / (1 - eta)),
        capacity(eta),
        formula=r"P_2 \ge -\log(1-\eta)",
    )
    yield cited(
        "achieved rate",
        "garciapatron2009",
        formula=r"P_2 \ge \sup_n\left[g(n) - g((1-\eta)n)\right]",
    )
    yield cited(
        "teleportation through the loss of infinitely squeezed light; the limit of infinite energy is not "
        "rederived here",
        "pirandola2017; wilde2017",
        formula=r"P_2 \le -\log(1-\eta)",
    )
    yield identity(
        "the two ceilings differ by log(1+eta)",
        squashing(eta) - capacity(eta),
        log2(1 + eta),
        formula=r"\log\frac{1+\eta}{1-\eta} + \log(1-\eta) = \log(1+\eta) \ge 0",
    )
    yield holds("which is positive", bool(sp.log(1 + eta).is_positive), formula=r"\log(1+\eta) > 0")


def numerical(squashing: Formula = squashing, capacity: Formula = capacity) -> Iterator[Step]:
    """The values at 10^45 photons, in 150 digits."""
    import mpmath as mp
    import sympy as sp

    eta = symbol("eta")
    with mp.workdps(150):
        share, photons = mp.mpf(3) / 10, mp.mpf(10) ** 45

        def g(n: Any) -> Any:
            return (n + 1) * mp.log(n + 1, 2) - n * mp.log(n, 2)

        found = g((1 + share) / 2 * photons) - g((1 - share) / 2 * photons)
        stated = number(squashing(eta), {eta: sp.Rational(3, 10)})
        yield witness("squashing at 10^45 photons, eta = 3/10", stated, found)
        found = g(photons) - g((1 - share) * photons)
        stated = number(capacity(eta), {eta: sp.Rational(3, 10)})
        yield witness("reverse coherent information at 10^45 photons, eta = 3/10", stated, found)


CLAIM = ProseClaim(
    name="pure-loss",
    statement="For 0 < eta < 1, squashing the environment of pure loss with an even beam splitter bounds the key per "
    "use of a mode by log((1+eta)/(1-eta)), the limit of a value that grows with the photon number. The lower ceiling "
    "-log(1-eta), cited, is met by the reverse coherent information in the same limit.",
    formula=r"P_2 = -\log(1-\eta) \le \log\frac{1+\eta}{1-\eta}",
    source="pirandola2017; takeoka2014; finite-energy part rederived",
    derivation=derivation,
    witness=numerical,
)
