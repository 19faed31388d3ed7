"""Certificates of closed forms at a point: one small evaluator for each named formula.

The formula itself is a published theorem or a claim of the project (``keybounds prove``); what is checked here is its
domain, its value, and the scope it is stated for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from flint import arb

from .correlations import DEVICE_FORMULAS
from .logarithms import binary_entropy, clamp, log2, log2_one_plus, root, xlog2x
from .reading import ball, fields, integer, number, one_of, require, sequence
from .statement import (
    ANY,
    HALF,
    ONE_WAY,
    PER_CHANNEL_USE,
    PER_COPY,
    PER_ROUND,
    QUBITS,
    TWO_WAY,
    Derived,
    Scope,
    decimal,
)

LARGEST_DIMENSION = 2**4000
WEAKEST = ("none", "iid")  # devices: a ceiling against these is one against all


def closed_form(document: dict[str, Any]) -> Derived:
    """Evaluate the formula that `document` names at the inputs it gives."""
    found = fields(document, "data", ("formula", "inputs"))
    name = one_of(found["formula"], "formula", FORMULAS)
    names, derive = FORMULAS[name]
    return derive(fields(found["inputs"], "inputs", names))


# --- the PPT private states rho_{d,p}, states with unequal sectors, and the channels with these Choi states ----------


class Family:
    """rho_{d,p}, or with unequal sectors rho_{m+n,p}, or the channel Λ_{d,p} with Choi state rho_{d,p}, U Fourier.

    p is in [1/(√m + 1), 1/2], m = d; null stands for the lower end, where the state is just PPT.
    """

    def __init__(self, inputs: dict[str, Any]) -> None:
        self.channel = one_of(inputs["object"], "object", ("state", "channel")) == "channel"
        m, n = sequence(inputs["sectors"], "sectors", least=2, most=2)
        self.m = integer(m, "sector", 2, LARGEST_DIMENSION)
        self.n = integer(n, "sector", self.m, LARGEST_DIMENSION)
        self.rational_p = None if inputs["p"] is None else number(inputs["p"], "p", 0, HALF)
        require(not self.channel or self.m == self.n, "unequal sectors of a channel")
        require(self.m == self.n or self.rational_p is not None, "unequal sectors at the edge")
        p = self.rational_p
        if p is not None:
            require(self.m * p * p >= (1 - p) ** 2, "p is below 1/(√m + 1), where the state is not PPT")

    def p(self) -> arb:
        """The weight of the blocks where the key bits differ."""
        return 1 / (root(arb(self.m)) + 1) if self.rational_p is None else ball(self.rational_p)

    def derived(self, direction: str, scope: Scope, value: Callable[[], arb], grounds: str) -> Derived:
        """The bound on this state or channel."""
        if self.channel and scope.trust == "device-independent":
            scope = replace(scope, devices=WEAKEST)
        if self.channel and scope.protocol == TWO_WAY:
            scope = replace(scope, protocol=ANY)  # capacities know no, one-way and any communication
        unit = PER_CHANNEL_USE if self.channel else PER_COPY
        what = "the channel with the Choi state" if self.channel else "the PPT private state"
        p = "1/(√m+1)" if self.rational_p is None else decimal(self.rational_p)
        subject = f"{what} rho of sectors {_short(self.m)} and {_short(self.n)}, p = {p}"
        return Derived(direction, scope, unit, subject, value, grounds)


def _distillation(inputs: dict[str, Any]) -> Derived:
    """((1-p)^n + p^n)/n (1 - h(q) - q), q = p^n/((1-p)^n + p^n); n = 1 is Devetak-Winter after privacy squeezing."""
    family = Family(inputs)
    n = integer(inputs["copies"], "copies", 1, 10_000)

    def value() -> arb:
        p = family.p()
        wrong, right = p**n, (1 - p) ** n
        q = wrong / (wrong + right)
        return (wrong + right) / n * (1 - binary_entropy(q) - q)

    scope = Scope("device-dependent", ONE_WAY if n == 1 else TWO_WAY)
    claims = "privacy-squeezing-key [christandl2021]" if n == 1 else "advantage-distillation [maurer1993]"
    return family.derived("lower", scope, value, f"claim {claims}")


def _pair_parity(inputs: dict[str, Any]) -> Derived:
    """Σ_k pairs_k (1 - p_k² - h(2 p_k (1-p_k))), over the levels where the bracket is certainly positive."""
    family = Family(inputs)
    levels = integer(inputs["levels"], "levels", 1, 1_000)

    def value() -> arb:
        error, pairs, total = family.p(), arb(1) / 2, arb(0)
        for _ in range(levels):
            bad, good = error * error, (1 - error) * (1 - error)
            gain = 1 - bad - binary_entropy(2 * error * (1 - error))
            if gain > 0:  # else the parities are announced, which yields nothing and costs nothing
                total += pairs * gain
            pairs = pairs * (bad + good) / 2
            error = bad / (bad + good)
        return total

    return family.derived("lower", Scope("device-dependent", TWO_WAY), value, "claim pair-parity-key")


def _trusted_ceiling(inputs: dict[str, Any]) -> Derived:
    """1 - h(p) = D(rho_p||rho_{1/2})."""
    family = Family(inputs)
    exact = family.rational_p == HALF
    claim = "ppt-channel" if family.channel else "er-ceiling" if family.m == family.n else "unequal-sectors"
    return family.derived(
        "upper",
        Scope("device-dependent"),
        lambda: arb(0) if exact else 1 - binary_entropy(family.p()),
        f"K <= E_r [horodecki2005]; claim {claim}",
    )


def _published_transpose(inputs: dict[str, Any]) -> Derived:
    """p >= E_r(rho^Γ), by convexity."""
    family = Family(inputs)
    require(not family.channel and family.m == family.n, "this ceiling is for rho_{d,p}")
    return family.derived("upper", Scope("device-independent"), family.p, "K_DI <= K(rho^Γ) [christandl2021]")


def _transpose_ceiling(inputs: dict[str, Any]) -> Derived:
    """p D2((1+c)/2 || (1+s)/2), s = 1/√d, c = s (1-p)/p; p m D(A_r||A_1) for unequal sectors."""
    family = Family(inputs)
    p = family.rational_p

    def equal() -> arb:
        weight, s = family.p(), 1 / root(arb(family.m))
        c = arb(1) if p is None else clamp(ball((1 - p) / p) * s, 0, 1)
        minus = arb(0) if p is None else xlog2x(1 - c) - (1 - c) * log2(1 - s)
        return weight * (xlog2x_above(1 + c) - (1 + c) * log2(1 + s) + minus) / 2

    def unequal() -> arb:
        assert p is not None
        r, m, n = (1 - p) / p, family.m, family.n
        high, low = _sector_eigenvalues(m, n, Fraction(1))
        slope = (log2(high) - log2(low)) / (high - low)  # log2 A_1 = offset + slope A_1
        offset = log2(high) - slope * high
        overlap = (Fraction(1, m * m) + Fraction(1, n * n) + 2 * r / (m * m * n)) / 4  # tr A_r A_1
        trace = (Fraction(1, m) + Fraction(1, n)) / 2
        own = sum((xlog2x(value) for value in _sector_eigenvalues(m, n, r)), arb(0))
        return ball(p * m) * (own - offset * ball(trace) - slope * ball(overlap))

    same = family.m == family.n
    value = (lambda: arb(0)) if p == HALF else equal if same else unequal
    claim = "ppt-channel" if family.channel else "er-ceiling-transpose" if same else "unequal-sectors"
    grounds = f"K_DI <= K(rho^Γ) <= E_r(rho^Γ) [christandl2021]; claim {claim}"
    return family.derived("upper", Scope("device-independent"), value, grounds)


def xlog2x_above(x: arb) -> arb:
    """x log2 x for x >= 1."""
    return x * log2(x)


def _sector_eigenvalues(m: int, n: int, r: Fraction) -> tuple[arb, arb]:
    """Of A_r = ½ [[1/m, r/(m√n)], [r/(m√n), 1/n]]."""
    trace, determinant = (Fraction(1, m) + Fraction(1, n)) / 2, (m - r * r) / (4 * m * m * n)
    high = (ball(trace) + root(ball(trace * trace - 4 * determinant))) / 2
    return high, ball(determinant) / high


def _no_quantum_capacity(inputs: dict[str, Any]) -> Derived:
    """The Choi state is PPT: V = J^Γ, Y = 0 in the max-Rains information."""
    family = Family(inputs)
    require(family.channel, "this ceiling is for a channel")
    return family.derived(
        "upper", Scope("device-dependent", quantity=QUBITS), lambda: arb(0), "max-Rains information [berta2018]"
    )


def _short(size: int) -> str:
    """A dimension for print; the digest has all of it."""
    return str(size) if size < 10**40 else decimal(Fraction(size))


# --- channels and sources --------------------------------------------------------------------------------------------


def _channel(direction: str, subject: str, value: Callable[[], arb], grounds: str) -> Derived:
    return Derived(direction, Scope("device-dependent"), PER_CHANNEL_USE, subject, value, grounds)


def _transmissivity(inputs: dict[str, Any]) -> Fraction:
    eta = number(inputs["transmissivity"], "transmissivity", 0, 1)
    require(eta < 1, "a lossless mode has no finite capacity")
    return eta


def _pure_loss(direction: str, grounds: str) -> Callable[[dict[str, Any]], Derived]:
    """-log2(1-η), the capacity."""

    def derive(inputs: dict[str, Any]) -> Derived:
        eta = _transmissivity(inputs)
        subject = f"pure loss of transmissivity {decimal(eta)}"
        return _channel(direction, subject, lambda: -log2_one_plus(-eta), grounds)

    return derive


def _beam_splitter(inputs: dict[str, Any]) -> Derived:
    """log2((1+η)/(1-η)): squashed entanglement with a 50:50 beam splitter."""
    eta = _transmissivity(inputs)
    return _channel(
        "upper",
        f"pure loss of transmissivity {decimal(eta)}",
        lambda: log2_one_plus(2 * eta / (1 - eta)),
        "[takeoka2014]",
    )


def _erasure(direction: str) -> Callable[[dict[str, Any]], Derived]:
    """(1-ε) log2 d, the capacity."""

    def derive(inputs: dict[str, Any]) -> Derived:
        e, d = _probability_and_dimension(inputs)
        subject = f"erasure with probability {decimal(e)} of dimension {d}"
        return _channel(direction, subject, lambda: ball(1 - e) * log2(arb(d)), "[bennett1997; pirandola2017]")

    return derive


def _dephasing(inputs: dict[str, Any]) -> Derived:
    """log2 d - h(p) - p log2(d-1), 0 at p = 1 - 1/d."""
    p, d = _probability_and_dimension(inputs)
    noise_alone = p == 1 - Fraction(1, d)
    return _channel(
        "upper",
        f"dephasing with probability {decimal(p)} in dimension {d}",
        lambda: arb(0) if noise_alone else log2(arb(d)) - binary_entropy(ball(p)) - ball(p) * log2(arb(d - 1)),
        "[pirandola2017]",
    )


def _depolarising(inputs: dict[str, Any]) -> Derived:
    """log2 d + F log2 F + (1-F) log2((1-F)/(d-1)) for F = 1 - p + p/d² above 1/d, else 0."""
    p, d = _probability_and_dimension(inputs)
    fidelity = 1 - p + p / (d * d)

    def value() -> arb:
        if fidelity <= Fraction(1, d):
            return arb(0)
        rest = ball(1 - fidelity)
        return log2(arb(d)) + xlog2x(ball(fidelity)) + xlog2x(rest) - rest * log2(arb(d - 1))

    subject = f"depolarising with probability {decimal(p)} in dimension {d}"
    return _channel("upper", subject, value, "E_r of isotropic states [vollbrecht2001; pirandola2017]")


def _probability_and_dimension(inputs: dict[str, Any]) -> tuple[Fraction, int]:
    return number(inputs["probability"], "probability", 0, 1), integer(inputs["dimension"], "dimension", 2, 10**9)


def _amplitude_damping(inputs: dict[str, Any]) -> Derived:
    """The greatest f(q) = h(q(1-γ/2)) - h(qγ/2), at most a tangent of the concave f, taken at a q0 that is given."""
    g = number(inputs["damping"], "damping", 0, 1)
    at = number(inputs["tangent_at"], "tangent_at", 0, 1)
    require(0 < at < 1 or g == 1, "a tangent at the end of the range")

    def slope(share: Fraction) -> arb:
        return arb(0) if share == 0 else ball(share) * log2(ball((1 - at * share) / (at * share)))

    def value() -> arb:
        if g == 1:
            return arb(0)
        kept, lost = 1 - g / 2, g / 2
        steep = slope(kept) - slope(lost)
        height = binary_entropy(ball(at * kept)) - binary_entropy(ball(at * lost))
        return height + (steep * ball(1 - at)).max(-steep * ball(at))

    subject = f"amplitude damping with {decimal(g)}"
    return _channel("upper", subject, value, "[takeoka2014]; claim amplitude-damping-squashing")


def _pair_source(inputs: dict[str, Any]) -> Derived:
    """μ η_A η_B h(cos²θ)."""
    angle = number(inputs["pair_angle"], "pair_angle", -10, 10)
    mean = number(inputs["mean_pairs"], "mean_pairs", 0, 10**6)
    etas = [
        number(eta, "efficiency", 0, 1) for eta in sequence(inputs["efficiencies"], "efficiencies", least=2, most=2)
    ]

    kept = " and ".join(map(decimal, etas))

    def value() -> arb:
        cosine = ball(angle).cos()
        return ball(mean * etas[0] * etas[1]) * binary_entropy(clamp(cosine * cosine, 0, 1))

    return Derived(
        "upper",
        Scope("device-dependent"),
        PER_ROUND,
        f"pairs at {decimal(angle)} rad, {decimal(mean)} a round, of which the parties receive {kept}",
        value,
        "K <= E_r [horodecki2005], subadditive and convex over flags [vedral1997]",
    )


_FAMILY = ("object", "sectors", "p")

FORMULAS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], Derived]]] = {
    "advantage distillation": ((*_FAMILY, "copies"), _distillation),
    "hashed pair parities": ((*_FAMILY, "levels"), _pair_parity),
    "relative entropy to p = 1/2": (_FAMILY, _trusted_ceiling),
    "published partial-transpose ceiling": (_FAMILY, _published_transpose),
    "partial-transpose ceiling": (_FAMILY, _transpose_ceiling),
    "quantum capacity of a PPT channel": (_FAMILY, _no_quantum_capacity),
    **DEVICE_FORMULAS,
    "pure loss, rate": (("transmissivity",), _pure_loss("lower", "[garciapatron2009]")),
    "pure loss, ceiling": (("transmissivity",), _pure_loss("upper", "[pirandola2017]")),
    "pure loss, beam splitter": (("transmissivity",), _beam_splitter),
    "erasure, rate": (("probability", "dimension"), _erasure("lower")),
    "erasure, ceiling": (("probability", "dimension"), _erasure("upper")),
    "dephasing": (("probability", "dimension"), _dephasing),
    "depolarising": (("probability", "dimension"), _depolarising),
    "amplitude damping": (("damping", "tangent_at"), _amplitude_damping),
    "pair source": (("pair_angle", "mean_pairs", "efficiencies"), _pair_source),
}
