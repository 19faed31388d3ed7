"""Private states, channels and sources, by 45 digits and more."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath as mp

from evaluation.common import ANY, QUBITS, Document, Proven, exact, h, need, real, scoped, within, xlogx


def family_formula(formula: str, inputs: Document) -> Proven:
    m, n = inputs["sectors"]
    need(inputs.keys() - {"copies", "levels"} == {"object", "sectors", "p"}, "other inputs")
    need(2 <= m <= n and inputs["object"] in ("state", "channel"), "no member")
    p = None if inputs["p"] is None else exact(inputs["p"])
    need(p is None or (0 < p <= Fraction(1, 2) and m * p * p >= (1 - p) ** 2), "not PPT")
    need(m == n or (p is not None and inputs["object"] == "state"), "no member")
    channel = inputs["object"] == "channel"
    unit = "bit/channel use" if channel else "bit/copy"
    with mp.workdps(60 + 3 * len(str(n))):
        x = 1 / (mp.sqrt(m) + 1) if p is None else real(p)
        if formula in ("advantage distillation", "hashed pair parities"):
            value, ways = _from_pairs(formula, inputs, x)
            protocol = ANY if channel and ways == "two-way" else {**ANY, "discussion": ways}
            return Proven("lower", value, unit, scoped("dependent", protocol))
        if formula == "relative entropy to p = 1/2":
            return Proven("upper", 1 - h(x), unit, scoped("dependent"))
        if formula == "quantum capacity of a PPT channel":
            need(channel, "no channel")
            return Proven("upper", mp.mpf(0), unit, scoped("dependent", quantity=QUBITS))
        more = {"devices": {"communication": "none", "memory": "iid"}} if channel else {}
        if formula == "published partial-transpose ceiling":
            need(not channel and m == n, "another object")
            return Proven("upper", x, unit, scoped("independent"))
        return Proven("upper", _transposed(x, m, n), unit, scoped("independent", **more))


def _from_pairs(formula: str, inputs: Document, p: Any) -> tuple[Any, str]:
    """What is left of a Bell-diagonal state with weights 1-p, p/2, p/2 by blocks, or by parities of pairs."""
    if formula == "advantage distillation":
        n = inputs["copies"]
        need(n >= 1, "copies")
        same, other = (1 - p) ** n, p**n
        wrong = other / (same + other)
        return (same + other) / n * (1 - h(1 - wrong, wrong / 2, wrong / 2)), "one-way" if n == 1 else "two-way"
    need(inputs["levels"] >= 1, "levels")
    total, share = mp.mpf(0), mp.mpf(1) / 2
    for _ in range(inputs["levels"]):
        total += share * max(1 - p * p - h(2 * p * (1 - p)), mp.mpf(0))
        share *= ((1 - p) ** 2 + p * p) / 2
        p = p * p / ((1 - p) ** 2 + p * p)
    return total, "two-way"


def _transposed(p: Any, m: int, n: int) -> Any:
    """p m D(A_r||A_1) of the partial transpose, with the spectral decompositions of 2x2 matrices."""
    r = min((1 - p) / p, mp.sqrt(m))

    def matrix(s: Any) -> tuple[Any, Any, Any]:
        return mp.mpf(1) / (2 * m), mp.mpf(1) / (2 * n), s / (2 * m * mp.sqrt(n))

    def spectrum(s: Any) -> list[tuple[Any, Any, Any]]:
        a, b, c = matrix(s)
        half, split = (a + b) / 2, mp.sqrt(((a - b) / 2) ** 2 + c * c)
        found = []
        for value in (half + split, half - split):
            v = (c, value - a) if abs(value - a) > abs(value - b) else (value - b, c)
            size = mp.hypot(*v)
            found.append((value, v[0] / size, v[1] / size))
        return found

    a, b, c = matrix(r)
    own = mp.fsum(xlogx(max(value, mp.mpf(0))) for value, _, _ in spectrum(r))
    cross = mp.fsum(mp.log(value, 2) * (x * x * a + 2 * x * y * c + y * y * b) for value, x, y in spectrum(mp.mpf(1)))
    return p * m * (own - cross)


def channel_formula(formula: str, inputs: Document) -> Proven:
    direction, value = "upper", mp.mpf(0)
    if formula.startswith("pure loss"):
        eta = within(inputs["transmissivity"], 0, 1, "transmissivity")
        need(eta < 1, "no loss")
        with mp.workdps(45 + len(str(eta.denominator)) + 2):
            e = real(eta)
            value = mp.log((1 + e) / (1 - e), 2) if formula.endswith("splitter") else -mp.log(1 - e, 2)
        direction = "lower" if formula.endswith("rate") else "upper"
    elif formula == "amplitude damping":
        g, q = real(within(inputs["damping"], 0, 1, "damping")), real(within(inputs["tangent_at"], 0, 1, "tangent"))
        need(0 < q < 1 or g == 1, "a tangent at an end")
        if g < 1:
            value = _tangent(g, q)
    else:
        e, d = real(within(inputs["probability"], 0, 1, "probability")), inputs["dimension"]
        need(d >= 2, "dimension")
        if formula.startswith("erasure"):
            value, direction = (1 - e) * mp.log(d, 2), "lower" if formula.endswith("rate") else "upper"
        elif formula == "dephasing":
            value = mp.log(d, 2) - h(e) - e * mp.log(d - 1, 2)
        else:
            f = 1 - e + e / (d * d)
            if f > mp.mpf(1) / d:
                value = mp.log(d, 2) + xlogx(f) + xlogx(1 - f) - (1 - f) * mp.log(d - 1, 2)
    return Proven(direction, value, "bit/channel use", scoped("dependent"))


def _tangent(g: Any, q: Any) -> Any:
    """The greatest value on [0, 1] of the tangent at q to the information that a damped population carries."""
    with mp.workdps(60):

        def f(x: Any) -> Any:
            return h(x * (1 - g / 2)) - h(x * g / 2)

        def steepness(a: Any) -> Any:
            return a * mp.log((1 - a * q) / (a * q), 2) if a > 0 else mp.mpf(0)

        slope = steepness(1 - g / 2) - steepness(g / 2)
        return f(q) + max(slope * (1 - q), -slope * q)


def source_formula(_: str, inputs: Document) -> Proven:
    need(inputs.keys() == {"pair_angle", "mean_pairs", "efficiencies"}, "other inputs")
    a, b = (real(within(x, 0, 1, "efficiency")) for x in inputs["efficiencies"])
    mean = real(within(inputs["mean_pairs"], 0, 10**6, "mean"))
    value = mean * a * b * h(mp.cos(real(within(inputs["pair_angle"], -10, 10, "angle"))) ** 2)
    return Proven("upper", value, "bit/round", scoped("dependent"))
