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

from .devices import post_selected, unnormalised_entropy
from .logarithms import binary_entropy, clamp, log2, root, shannon, xlog2x
from .reading import ball, fields, integer, number, one_of, require, sequence
from .statement import (
    CHANNEL_UNITS,
    ENTROPY,
    KEPT_UNITS,
    QUBITS,
    RECONCILIATION,
    ROUND_UNITS,
    STATE_UNITS,
    Derived,
    Scope,
)

HALF = Fraction(1, 2)
LARGEST_DIMENSION = 2**4000
WEAKEST = ("none", "iid")  # devices: a ceiling against these is one against all
SMALL_SCOPE = "CHSH value and key error"


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
            require(p > 0 and self.m * p * p >= (1 - p) ** 2, "p is below 1/(√m + 1), where the state is not PPT")

    @property
    def name(self) -> str:
        """As the project names it."""
        p = f", p={self.rational_p})"
        if self.m != self.n:
            return f"rho_({self.m}+{self.n}{p}"
        symbol = "Λ" if self.channel else "rho"
        return f"{symbol}_{self.m}" if self.rational_p is None else f"{symbol}_({self.m}{p}"

    def p(self) -> arb:
        """The weight of the blocks where the key bits differ."""
        return 1 / (root(arb(self.m)) + 1) if self.rational_p is None else ball(self.rational_p)

    def derived(self, direction: str, scope: Scope, value: Callable[[], arb], grounds: str) -> Derived:
        """The bound on this state or channel."""
        if self.channel and scope.trust == "device-independent":
            scope = replace(scope, devices=WEAKEST)
        if self.channel and scope.discussion == "two-way":
            scope = replace(scope, discussion="any")  # capacities know no, one-way and any communication
        units = CHANNEL_UNITS if self.channel else STATE_UNITS[:1]
        p = "1/(√m+1)" if self.rational_p is None else str(self.rational_p)
        what = "the channel" if self.channel else "the PPT private state"
        subject = f"{what} {self.name}, sectors {self.m} and {self.n}, p = {p}"
        return Derived(direction, scope, units, subject, value, grounds, self.name)


def _distillation(inputs: dict[str, Any]) -> Derived:
    """((1-p)^n + p^n)/n (1 - h(q) - q), q = p^n/((1-p)^n + p^n); n = 1 is Devetak-Winter after privacy squeezing."""
    family = Family(inputs)
    n = integer(inputs["copies"], "copies", 1, 10_000)

    def value() -> arb:
        p = family.p()
        wrong, right = p**n, (1 - p) ** n
        q = wrong / (wrong + right)
        return (wrong + right) / n * (1 - binary_entropy(q) - q)

    scope = Scope("device-dependent", discussion="one-way" if n == 1 else "two-way")
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

    return family.derived("lower", Scope("device-dependent", discussion="two-way"), value, "claim pair-parity-key")


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
        "upper", Scope("device-dependent", QUBITS), lambda: arb(0), "max-Rains information [berta2018]"
    )


# --- devices known by S and Q, or by the tables of some settings ------------------------------------------------------


def _coherence(s: arb) -> arb:
    """C = sqrt(S²/4 - 1), 0 where |S| is not certainly above 2."""
    return clamp(root(s * s / 4 - 1), 0, 1) if abs(s) > 2 else arb(0)


def _entropy_given_eve(s: arb, q: arb) -> arb:
    """1 - h((1+C)/2) + h((1 + sqrt(1 - 4q(1-q)(1-C²)))/2) for |S| > 2, else h(q)."""
    if not abs(s) > 2:
        return binary_entropy(q)
    c = _coherence(s)
    noisy = root(clamp(1 - 4 * q * (1 - q) * (1 - c * c), 0, 1))
    return 1 - binary_entropy((1 + c) / 2) + binary_entropy((1 + noisy) / 2)


def _at_most_local(s: arb) -> arb:
    """What a device with |S| not certainly above 2 leaves: 0, up to the greatest cost at the upper end of the ball."""
    return arb(0).union(1 - binary_entropy((1 + _coherence(s.upper())) / 2)) if not s <= 2 else arb(0)


class ChshDevice:
    """A device by S and Q, given as numbers or by the tables of the settings that they come from."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        self.key = _key(inputs["key"])
        self.noise = number(inputs["noise"], "noise", 0, HALF) if "noise" in inputs else Fraction(0)
        require(self.key is None or self.key[0] in (0, 1), "Alice's key setting is none of the CHSH test")
        self.tables = None if inputs["tables"] is None else _tables(inputs["tables"], bits=True)
        if self.tables is None:
            self.given = number(inputs["chsh"], "chsh", -3, 3)
            require(bool(ball(abs(self.given)) <= 2 * arb(2).sqrt() + arb(2) ** -50), "S is beyond 2√2")
            self.error_rate = None if inputs["qber"] is None else number(inputs["qber"], "qber", 0, HALF)
            self.subject = f"every device with |S| = {float(abs(self.given)):.12g}" + (
                "" if self.error_rate is None else f" and key error rate {float(self.error_rate):.12g}"
            )
        else:
            require(inputs["chsh"] is None and inputs["qber"] is None, "both S, Q and tables")
            require({(0, 0), (0, 1), (1, 0), (1, 1)} <= self.tables.keys(), "a table of the CHSH test is missing")
            self.subject = "every device with the given tables of the CHSH test and the key setting"

    def chsh(self) -> arb:
        """|S|, cut at 2√2."""
        if self.tables is None:
            s = ball(abs(self.given))
        else:
            s = arb(0)
            for x, y in ((0, 0), (0, 1), (1, 0), (1, 1)):
                table = self.tables[x, y]
                correlator = table[0][0] + table[1][1] - table[0][1] - table[1][0]
                s += ball(-correlator if x == y == 1 else correlator)
        return abs(s).min(2 * arb(2).sqrt())

    def error(self) -> arb:
        """Q, at most 1/2: above, Bob relabels."""
        if self.tables is not None:
            table = self.key_table()
            wrong = table[0][1] + table[1][0]
            return ball(min(wrong, 1 - wrong))
        require(self.error_rate is not None, "no error rate is given")
        assert self.error_rate is not None
        return ball(self.error_rate)

    def key_table(self) -> list[list[Fraction]]:
        """P(a,b) of the key setting."""
        require(self.tables is not None and self.key in self.tables, "the table of the key setting is missing")
        assert self.tables is not None
        assert self.key is not None
        return self.tables[self.key]

    def scope(self, quantity: str = "secret-key rate", statistics: str = SMALL_SCOPE) -> Scope:
        """One-way from the key setting."""
        return Scope("device-independent", quantity, "one-way", self.key, self.noise, Fraction(1), statistics)

    def own_setting(self) -> None:
        """Reject a key setting of Bob's that is part of the test."""
        require(self.key is None or self.key[1] not in (0, 1), "Bob's key setting is one of the CHSH test")


def _chsh_entropy(inputs: dict[str, Any]) -> Derived:
    device = ChshDevice(inputs)
    return Derived(
        "lower",
        device.scope(ENTROPY),
        KEPT_UNITS,
        device.subject,
        lambda: _entropy_given_eve(device.chsh(), ball(device.noise)),
        "CHSH entropy [pironio2009; ho2020]",
    )


def _chsh_rate(inputs: dict[str, Any]) -> Derived:
    """H(Â|E) - h(q + (1-2q) Q)."""
    device = ChshDevice(inputs)

    def value() -> arb:
        q = ball(device.noise)
        return _entropy_given_eve(device.chsh(), q) - binary_entropy(q + (1 - 2 * q) * device.error())

    grounds = "CHSH entropy [pironio2009; ho2020]; Devetak-Winter rate [devetak2005]"
    return Derived("lower", device.scope(), ROUND_UNITS, device.subject, value, grounds)


def _chsh_table_rate(inputs: dict[str, Any]) -> Derived:
    """H(Â|E) - H(Â|B) with the table of the key setting."""
    device = ChshDevice(inputs)
    joint = device.key_table()

    def value() -> arb:
        given_bob = unnormalised_entropy(joint, device.noise, Fraction(1))
        return _entropy_given_eve(device.chsh(), ball(device.noise)) - given_bob

    grounds = "CHSH entropy [pironio2009; ho2020]; Devetak-Winter rate [devetak2005]"
    return Derived("lower", device.scope(statistics="full correlations"), ROUND_UNITS, device.subject, value, grounds)


def _two_qubit_device(inputs: dict[str, Any]) -> Derived:
    """I(A:B|E) of the worst device, for two-way protocols on the key setting."""
    device = ChshDevice({**inputs, "noise": 0})
    device.own_setting()

    def value() -> arb:
        s = device.chsh()
        error = device.error()
        return _entropy_given_eve(s, error) - binary_entropy(error) if s > 2 else _at_most_local(s)

    scope = Scope("device-independent", discussion="two-way", key=device.key, statistics=SMALL_SCOPE)
    return Derived("upper", scope, ROUND_UNITS, device.subject, value, "two-qubit device [arnonfriedman2020]")


def _two_qubit_er(inputs: dict[str, Any]) -> Derived:
    """E_r = 1 - h((1+C)/2) of the worst device, for any protocol."""
    device = ChshDevice({**inputs, "noise": 0})
    device.own_setting()

    def value() -> arb:
        s = device.chsh()
        return 1 - binary_entropy((1 + _coherence(s)) / 2) if s > 2 else _at_most_local(s)

    scope = Scope("device-independent", statistics=SMALL_SCOPE)
    return Derived("upper", scope, ROUND_UNITS, device.subject, value, "two-qubit device [arnonfriedman2020]")


def _mutual_information(inputs: dict[str, Any]) -> Derived:
    """I(A:B|x,y) of the announced key setting; without one, the greatest over all pairs of settings."""
    key = _key(inputs["key"])
    tables = _tables(inputs["tables"])
    if key is None:
        settings = {x for x, _ in tables}, {y for _, y in tables}
        require(
            tables.keys() == {(x, y) for x in range(len(settings[0])) for y in range(len(settings[1]))},
            "a table of some pair of settings is missing",
        )
    else:
        require(tables.keys() == {key}, "not just the table of the key setting")

    def information(table: list[list[Fraction]]) -> arb:
        rows, columns = [sum(row) for row in table], [sum(c) for c in zip(*table, strict=True)]
        marginals = shannon(map(ball, rows)) + shannon(map(ball, columns))
        return marginals - shannon(ball(p) for row in table for p in row)

    def value() -> arb:
        greatest = arb(0)
        for table in tables.values():
            greatest = greatest.max(information(table))
        return greatest

    return Derived(
        "upper",
        Scope("device-independent", discussion="any" if key is None else "two-way", key=key),
        ROUND_UNITS,
        "every device with the given tables" + ("" if key is not None else f", of {len(tables)} pairs of settings"),
        value,
        "intrinsic information [maurer1999]",
    )


def _reconciliation(inputs: dict[str, Any]) -> Derived:
    """H(Â|B,V) of the key setting's table."""
    key = _key(inputs["key"])
    require(key is not None, "no key setting")
    noise, keep = number(inputs["noise"], "noise", 0, HALF), number(inputs["keep"], "keep", 0, 1)
    tables = _tables(inputs["tables"])
    require(tables.keys() == {key}, "not just the table of the key setting")
    (joint,) = tables.values()
    require(noise == 0 or len(joint) == 2, "noise on what is not a bit")
    survives = sum((p for row in post_selected(joint, keep) for p in row), Fraction(0))
    require(survives > 0, "no key round survives")

    def value() -> arb:
        return unnormalised_entropy(joint, noise, keep) / ball(survives)

    scope = Scope("device-independent", RECONCILIATION, "one-way", key, noise, keep)
    return Derived(
        "upper", scope, KEPT_UNITS, "the given table of the key setting", value, "Shannon limit of error correction"
    )


def _key(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    x, y = sequence(value, "key", least=2, most=2)
    return integer(x, "key setting", 0, 1000), integer(y, "key setting", 0, 1000)


def _tables(value: Any, *, bits: bool = False) -> dict[tuple[int, int], list[list[Fraction]]]:
    """P(a,b|x,y) of some pairs of settings, each divided by its sum, which is 1 up to rounding."""
    tables: dict[tuple[int, int], list[list[Fraction]]] = {}
    for entry in sequence(value, "tables", least=1, most=400):
        found = fields(entry, "a table", ("settings", "P"))
        pair = _key(found["settings"])
        require(pair is not None and pair not in tables, "two tables of one pair of settings")
        assert pair is not None
        rows = [
            [number(p, "probability", 0, 1) for p in sequence(row, "row of a table", least=2, most=2 if bits else 16)]
            for row in sequence(found["P"], "table", least=2, most=2 if bits else 16)
        ]
        require(len({len(row) for row in rows}) == 1, "a table whose rows differ in length")
        total = sum((p for row in rows for p in row), Fraction(0))
        require(abs(total - 1) < Fraction(1, 2**40), "a table that does not sum to 1")
        tables[pair] = [[p / total for p in row] for row in rows]
    return tables


# --- channels and sources --------------------------------------------------------------------------------------------


def _channel(direction: str, subject: str, value: Callable[[], arb], grounds: str) -> Derived:
    return Derived(direction, Scope("device-dependent"), CHANNEL_UNITS, subject, value, grounds)


def _transmissivity(inputs: dict[str, Any]) -> Fraction:
    eta = number(inputs["transmissivity"], "transmissivity", 0, 1)
    require(eta < 1, "a lossless mode has no finite capacity")
    return eta


def _pure_loss(direction: str, grounds: str) -> Callable[[dict[str, Any]], Derived]:
    """-log2(1-η), the capacity."""

    def derive(inputs: dict[str, Any]) -> Derived:
        eta = _transmissivity(inputs)
        subject = f"pure loss of transmissivity {float(eta):.12g}"
        return _channel(direction, subject, lambda: -log2(ball(1 - eta)), grounds)

    return derive


def _beam_splitter(inputs: dict[str, Any]) -> Derived:
    """log2((1+η)/(1-η)): squashed entanglement with a 50:50 beam splitter."""
    eta = _transmissivity(inputs)
    return _channel(
        "upper",
        f"pure loss of transmissivity {float(eta):.12g}",
        lambda: log2(ball((1 + eta) / (1 - eta))),
        "[takeoka2014]",
    )


def _erasure(direction: str) -> Callable[[dict[str, Any]], Derived]:
    """(1-ε) log2 d, the capacity."""

    def derive(inputs: dict[str, Any]) -> Derived:
        e, d = _probability_and_dimension(inputs)
        subject = f"erasure with probability {float(e):.12g} of dimension {d}"
        return _channel(direction, subject, lambda: ball(1 - e) * log2(arb(d)), "[bennett1997; pirandola2017]")

    return derive


def _dephasing(inputs: dict[str, Any]) -> Derived:
    """log2 d - h(p) - p log2(d-1)."""
    p, d = _probability_and_dimension(inputs)
    return _channel(
        "upper",
        f"dephasing with probability {float(p):.12g} in dimension {d}",
        lambda: log2(arb(d)) - binary_entropy(ball(p)) - ball(p) * log2(arb(d - 1)),
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

    subject = f"depolarising with probability {float(p):.12g} in dimension {d}"
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

    subject = f"amplitude damping with {float(g):.12g}"
    return _channel("upper", subject, value, "[takeoka2014]; claim amplitude-damping-squashing")


def _pair_source(inputs: dict[str, Any]) -> Derived:
    """μ η_A η_B h(cos²θ)."""
    angle = number(inputs["pair_angle"], "pair_angle", -10, 10)
    mean = number(inputs["mean_pairs"], "mean_pairs", 0, 10**6)
    etas = [
        number(eta, "efficiency", 0, 1) for eta in sequence(inputs["efficiencies"], "efficiencies", least=2, most=2)
    ]

    def value() -> arb:
        cosine = ball(angle).cos()
        return ball(mean * etas[0] * etas[1]) * binary_entropy(clamp(cosine * cosine, 0, 1))

    return Derived(
        "upper",
        Scope("device-dependent"),
        ROUND_UNITS,
        f"pairs at {float(angle):.12g} rad, {float(mean):.12g} a round, after losses",
        value,
        "K <= E_r [horodecki2005], subadditive and convex over flags [vedral1997]",
    )


_FAMILY = ("object", "sectors", "p")
_CHSH = ("chsh", "qber", "tables", "key")

FORMULAS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], Derived]]] = {
    "advantage distillation": ((*_FAMILY, "copies"), _distillation),
    "hashed pair parities": ((*_FAMILY, "levels"), _pair_parity),
    "relative entropy to p = 1/2": (_FAMILY, _trusted_ceiling),
    "published partial-transpose ceiling": (_FAMILY, _published_transpose),
    "partial-transpose ceiling": (_FAMILY, _transpose_ceiling),
    "quantum capacity of a PPT channel": (_FAMILY, _no_quantum_capacity),
    "CHSH entropy": ((*_CHSH, "noise"), _chsh_entropy),
    "CHSH rate": ((*_CHSH, "noise"), _chsh_rate),
    "CHSH rate with H(A|B)": ((*_CHSH, "noise"), _chsh_table_rate),
    "two-qubit device, I(A:B|E)": (_CHSH, _two_qubit_device),
    "two-qubit device, E_r": (_CHSH, _two_qubit_er),
    "mutual information": (("tables", "key"), _mutual_information),
    "reconciliation": (("tables", "key", "noise", "keep"), _reconciliation),
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
