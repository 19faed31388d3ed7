"""Whether a certificate's statement follows from its data, decided anew from the theory.

Nothing here is the verifier's, or the package's: mpmath with 40 digits and more for formulas, numpy for matrices
(within `LOOSE`), Fractions for tables, a linear program for local weights. `judge` returns what is wrong, or nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Document = dict[str, Any]
Matrix = NDArray[np.complex128]

TIGHT, LOOSE = 1e-30, 1e-9
"""Of a value in bits, relative to 1 or to itself: for formulas, and for what doubles evaluate."""


class WrongError(Exception):
    """The statement does not follow; the message says why."""


def need(condition: bool, reason: str) -> None:
    if not condition:
        raise WrongError(reason)


@dataclass
class Proven:
    """What the data prove: the value, for one scope and in one unit; `slack` is the evaluation's own error."""

    direction: str
    value: Any
    unit: str
    scope: Document
    slack: float = TIGHT


def judge(document: Document) -> str:
    """Empty if the statement is true of what it is about; else the reason, also where that cannot be decided."""
    try:
        need(document["format"] == "keybounds certificate" and document["version"] == 2, "another format")
        need(document.keys() == {"format", "version", "kind", "statement", "data"}, "other fields")
        with mp.workdps(45):
            if document["kind"] == "finite key":
                _judge_key(document)
            elif document["kind"] == "local weight":
                _judge_weight(document)
            else:
                _judge_rate(document)
    except WrongError as error:
        return str(error)
    except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError, AttributeError) as error:
        return f"undecided: {type(error).__name__}: {error}"
    return ""


def proven(document: Document) -> Proven:
    """What the data prove of a rate, an entropy or a capacity."""
    with mp.workdps(45):
        if document["kind"] == "closed form":
            return FORMULAS[document["data"]["formula"]](document["data"]["formula"], document["data"]["inputs"])
        return KINDS[document["kind"]](document)


def _judge_rate(document: Document) -> None:
    stated, found = document["statement"], proven(document)
    names = {"direction", "value", "unit", "scope", "method", "reference"}
    need(stated.keys() - {"scale"} == names, "other fields of the statement")
    need(stated["direction"] == found.direction, "the other direction")
    rate = Fraction(1)
    if "scale" in stated:
        rate = exact(stated["scale"]["rate"])
        made = {"bit/round": "bit/herald bit/s", "bit/copy": "bit/herald bit/s", "bit/channel use": "bit/s"}
        need(stated["scale"]["from"] == found.unit, "scaled from another unit")
        need(any(stated["unit"] == unit for unit in made[found.unit].split()) and rate > 0, "no scale")
        need(stated["unit"] == "bit/s" or rate == 1, "a herald that is no round")
    else:
        need(stated["unit"] == found.unit, "another unit")
    scope = stated["scope"]
    _sound(scope, found)
    if found.direction == "lower":
        need(implied(found.scope, scope), "another scope")
    else:
        need(implied(scope, found.scope), "another scope")
    value, bound = real(exact(stated["value"])), found.value * real(rate)
    slack = found.slack * max(real(rate), abs(bound))
    if found.direction == "lower":
        need(value <= max(bound, 0) + slack, f"{float(value)} > {float(bound)}")
    else:
        need(value >= 0 and value >= max(bound, 0) - slack, f"{float(value)} < {float(bound)}")


# --- numbers ---------------------------------------------------------------------------------------------------------


def exact(value: int | str) -> Fraction:
    if isinstance(value, int):
        return Fraction(value)
    mantissa, power, exponent = value.partition("p")
    return Fraction(mantissa) * (Fraction(2) ** int(exponent) if power else 1)


def real(x: Fraction | int) -> Any:
    x = Fraction(x)
    return mp.mpf(x.numerator) / x.denominator


def within(value: Any, low: Fraction | int, high: Fraction | int, what: str) -> Fraction:
    found = exact(value)
    need(low <= found <= high, f"{what} out of range")
    return found


def xlogx(x: Any) -> Any:
    return x * mp.log(x, 2) if x > 0 else mp.mpf(0)


def h(*weights: Any) -> Any:
    """Shannon entropy; of one number, of it and the rest."""
    parts = weights if len(weights) > 1 else (weights[0], 1 - weights[0])
    return -mp.fsum(xlogx(w) for w in parts)


# --- scopes ----------------------------------------------------------------------------------------------------------

KEY, SYMBOL = "secret-key rate", "entropy of Alice's key symbol given the adversary"
COST = "entropy of Alice's key symbol given Bob's outcome"
EBITS, QUBITS = "distillable entanglement", "quantum capacity"
DISCUSSIONS = ("none", "one-way", "two-way", "completed rounds", "any")
ANY = {"discussion": "any", "settings": [], "keep": 1}


def scoped(trust: str, protocol: Document = ANY, quantity: str = KEY, full: bool = True, **more: Any) -> Document:
    statistics = "full correlations" if full else "CHSH value and key error"
    shared = {"trust": f"device-{trust}", "protocol": protocol, "quantity": quantity}
    return {**shared, "statistics": statistics, "adversary": "collective attacks", **more}


def on(key: Any, noise: Any = 0, keep: Any = 1, discussion: str = "one-way") -> Document:
    settings = [{"key": list(key), "weight": 1, "noise": noise}]
    return {"discussion": discussion, "settings": settings, "keep": keep}


def classes(protocol: Document) -> tuple[int, list[Any], list[Fraction], Fraction]:
    need(protocol.keys() == {"discussion", "settings", "keep"}, "other fields of a protocol")
    settings = sorted((tuple(one["key"]), exact(one["weight"]), exact(one["noise"])) for one in protocol["settings"])
    need(all(one.keys() == {"key", "weight", "noise"} for one in protocol["settings"]), "other fields of a setting")
    need(not settings or sum(one[1] for one in settings) == 1, "weights")
    need(all(one[1] > 0 and 0 <= one[2] <= Fraction(1, 2) for one in settings), "a setting of no weight, or its noise")
    need(len({one[0] for one in settings}) == len(settings), "a setting twice")
    keep = exact(protocol["keep"])
    need(0 < keep <= 1, "keep")
    rank = DISCUSSIONS.index(protocol["discussion"])
    noises = [one[2] for one in settings]
    need(rank == 1 or (keep == 1 and not any(noises)), "noise beyond one way")
    need(bool(settings) or keep == 1, "keep without settings")
    need(not settings or rank in (1, 2), "settings of a class without")
    return rank, [one[:2] for one in settings], noises, keep


def protocol_implied(small: Document, large: Document) -> bool:
    """Whether each protocol of one class is one of the other."""
    a, b = classes(small), classes(large)
    if a == b:
        return True
    if a[0] > b[0]:
        return False
    if b[0] >= 3:
        return True
    plain = not any(a[2]) and not any(b[2]) and a[3] == b[3] == 1
    return a[1] == b[1] and (b[0] == 2 or plain)


def implied(small: Document, large: Document) -> bool:
    """Whether a bound on what `large` is about is one on what `small` is about, from above; from below the reverse."""
    wide = {KEY: (KEY, EBITS, QUBITS), EBITS: (EBITS,), QUBITS: (QUBITS,), SYMBOL: (SYMBOL,), COST: (COST,)}
    if small["quantity"] not in wide[large["quantity"]]:
        return False
    trust = ("device-independent", "device-dependent")
    attacks = ("general attacks", "collective attacks")
    known = ("CHSH value and key error", "full correlations")
    order = {
        "trust": trust.index(small["trust"]) <= trust.index(large["trust"]),
        "adversary": attacks.index(small["adversary"]) <= attacks.index(large["adversary"]),
        "statistics": known.index(small["statistics"]) <= known.index(large["statistics"]),
        "protocol": protocol_implied(small["protocol"], large["protocol"]),
        "devices": _devices(small, large),
    }
    may = {SYMBOL: ("adversary", "statistics"), COST: ()}.get(large["quantity"], tuple(order))
    same = {
        **{name: small[name] == large[name] for name in ("trust", "adversary", "statistics")},
        "protocol": classes(small["protocol"]) == classes(large["protocol"]),
        "devices": small.get("devices") == large.get("devices"),
    }
    return all(order[name] if name in may else same[name] for name in order)


def _devices(small: Document, large: Document) -> bool:
    if large["trust"] == "device-dependent" or small.get("devices") == large.get("devices"):
        return True
    if "devices" not in small or "devices" not in large:
        return False
    less, more = ("two-way", "one-way", "none"), ("memory", "iid")
    a, b = small["devices"], large["devices"]
    return less.index(a["communication"]) <= less.index(b["communication"]) and more.index(a["memory"]) <= more.index(
        b["memory"]
    )


def _sound(scope: Document, found: Proven) -> None:
    """A scope that speaks about something at all, of what the bound is about."""
    names = {"trust", "protocol", "quantity", "statistics", "adversary"}
    need(scope.keys() - {"devices"} == names, "other fields of the scope")
    trusted, quantity = scope["trust"] == "device-dependent", scope["quantity"]
    settings, discussion = scope["protocol"]["settings"], scope["protocol"]["discussion"]
    need(not (trusted and "devices" in scope), "devices that are trusted")
    need(trusted or quantity not in (EBITS, QUBITS), "entanglement of untrusted devices")
    need(quantity != QUBITS or found.unit == "bit/channel use", "a quantum capacity of no channel")
    need(quantity != EBITS or found.unit != "bit/channel use", "entanglement of a channel")
    correlations = found.unit in ("bit/round", "bit/kept key round")
    if trusted or (found.unit in ("bit/copy", "bit/channel use")):
        need(not settings and discussion != "completed rounds", "settings of what has none")
    elif correlations:
        need(bool(settings) or discussion not in ("one-way", "two-way"), "no key setting")
    if correlations and trusted:
        need(not settings, "settings of trusted devices")


# --- families, channels, sources -------------------------------------------------------------------------------------


def _family(formula: str, inputs: Document) -> Proven:
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


def _channel(formula: str, inputs: Document) -> Proven:
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


def _source(_: str, inputs: Document) -> Proven:
    need(inputs.keys() == {"pair_angle", "mean_pairs", "efficiencies"}, "other inputs")
    a, b = (real(within(x, 0, 1, "efficiency")) for x in inputs["efficiencies"])
    mean = real(within(inputs["mean_pairs"], 0, 10**6, "mean"))
    value = mean * a * b * h(mp.cos(real(within(inputs["pair_angle"], -10, 10, "angle"))) ** 2)
    return Proven("upper", value, "bit/round", scoped("dependent"))


# --- devices by S and Q, or by tables --------------------------------------------------------------------------------


def tables_of(given: list[Document]) -> dict[tuple[int, int], list[list[Fraction]]]:
    found = {}
    for entry in given:
        x, y = entry["settings"]
        need((x, y) not in found, "a table twice")
        rows = [[within(p, 0, 1, "probability") for p in row] for row in entry["P"]]
        need(len({len(row) for row in rows}) == 1, "a table that is none")
        total = sum(map(sum, rows))
        need(abs(total - 1) < Fraction(1, 2**40), "a table that does not sum to 1")
        found[x, y] = [[p / total for p in row] for row in rows]
    return found


def _signals(tables: dict[tuple[int, int], list[list[Fraction]]]) -> Fraction:
    most = Fraction(0)
    for one, other in itertools.combinations(tables, 2):
        a, b = tables[one], tables[other]
        if one[0] == other[0]:
            most = max(most, *(abs(sum(r) - sum(s)) for r, s in zip(a, b, strict=True)))
        if one[1] == other[1]:
            pairs = zip(zip(*a, strict=True), zip(*b, strict=True), strict=True)
            most = max(most, *(abs(sum(r) - sum(s)) for r, s in pairs))
    return most


@dataclass
class Device:
    """S, Q and the key setting's table of a device, and the noise asked about."""

    s: Any
    q: Any
    table: list[list[Any]] | None
    noise: Any

    @property
    def coherence(self) -> Any:
        return mp.sqrt(min(max(self.s**2 / 4 - 1, mp.mpf(0)), mp.mpf(1)))


def _device(inputs: Document, *, rate: bool) -> Device:
    (a, b), (c, d), key = *inputs["test"], tuple(inputs["key"])
    need(a != b and c != d, "no CHSH test")
    need(key[0] in (a, b) if rate else key[1] not in (c, d), "a key setting that the test does not speak about")
    noise = real(within(inputs.get("noise", 0), 0, Fraction(1, 2), "noise"))
    if inputs["tables"] is None:
        s, q = abs(exact(inputs["chsh"])), within(inputs["qber"], 0, Fraction(1, 2), "Q")
        need(s * s <= 8 + Fraction(1, 2**48), "beyond Tsirelson")
        return Device(real(s), real(q), None, noise)
    need(inputs["chsh"] is None and inputs["qber"] is None, "both")
    tables = tables_of(inputs["tables"])
    need(tables.keys() == {(a, c), (a, d), (b, c), (b, d), key}, "other tables")
    need(all(len(table) == len(table[0]) == 2 for table in tables.values()), "no bits")
    parity = {pair: table[0][0] - table[0][1] - table[1][0] + table[1][1] for pair, table in tables.items()}
    s = abs(parity[a, c] + parity[a, d] + parity[b, c] - parity[b, d])
    need(s * s <= 8 + Fraction(1, 2**38), "beyond Tsirelson")
    q = (1 - abs(parity[key])) / 2
    return Device(real(s), real(q), [[real(p) for p in row] for row in tables[key]], noise)


def given_eve(s: Any, noise: Any) -> Any:
    """H(Â|E) of the worst device: from the eigenvalues of the adversary's two states."""
    if s <= 2:
        return h(noise)
    c = mp.sqrt(min(s * s / 4 - 1, mp.mpf(1)))
    joint = (1 + mp.sqrt(c * c + (1 - 2 * noise) ** 2 * (1 - c * c))) / 2  # each of the two, for a flipped bit
    return 1 + h(joint) - h((1 + c) / 2)


def given_bob(table: list[list[Any]], noise: Any, keep: Any = 1) -> tuple[Any, Any]:
    """p_V H(Â|B,V), and p_V."""
    kept = [
        [p * (keep if a == 1 else 1) * (keep if b == 1 else 1) for b, p in enumerate(row)]
        for a, row in enumerate(table)
    ]
    if noise:
        need(len(kept) == 2, "noise on what is no bit")
        kept = [[(1 - noise) * p + noise * q for p, q in zip(kept[a], kept[1 - a], strict=True)] for a in (0, 1)]
    columns = list(zip(*kept, strict=True))
    total = mp.fsum(xlogx(mp.fsum(column)) - mp.fsum(map(xlogx, column)) for column in columns)
    return total, mp.fsum(p for row in kept for p in row)


def information(s: Any, q: Any) -> Any:
    """I(A:B|E) of the two-qubit device."""
    return max(given_eve(s, q) - h(q), mp.mpf(0)) if s > 2 else mp.mpf(0)


def _link(formula: str, inputs: Document) -> Proven:
    lower = formula.startswith("CHSH")
    names = {"chsh", "qber", "tables", "key", "test"} | ({"noise"} if lower else set())
    need(inputs.keys() - {"points"} == names, "other inputs")
    device = _device(inputs, rate=lower)
    if lower:
        protocol, entropy = on(inputs["key"], inputs["noise"]), given_eve(device.s, device.noise)
        if formula == "CHSH entropy":
            return Proven("lower", entropy, "bit/kept key round", scoped("independent", protocol, SYMBOL, full=False))
        if formula == "CHSH rate":
            cost = h(device.noise + (1 - 2 * device.noise) * device.q)
            return Proven("lower", entropy - cost, "bit/round", scoped("independent", protocol, full=False))
        need(device.table is not None, "no table")
        assert device.table is not None
        cost, _ = given_bob(device.table, device.noise)
        return Proven("lower", entropy - cost, "bit/round", scoped("independent", protocol))
    two_way = scoped("independent", on(inputs["key"], discussion="two-way"), full=False)
    if formula == "two-qubit device, E_r":
        value = 1 - h((1 + device.coherence) / 2) if device.s > 2 else mp.mpf(0)
        return Proven("upper", value, "bit/round", scoped("independent", full=False))
    if formula == "two-qubit device, I(A:B|E)":
        return Proven("upper", information(device.s, device.q), "bit/round", two_way)
    return Proven("upper", _mixed(device, inputs["points"]), "bit/round", two_way)


def _mixed(device: Device, points: list[Any]) -> Any:
    """Of devices whose S and Q average to those given; one whose observables can be orthogonal costs nothing."""

    def cost(s: Any, q: Any) -> Any:
        return mp.mpf(0) if s <= 2 or 4 * q * (mp.sqrt(2) - 1) >= s - 2 else information(s, q)

    top = 2 * mp.sqrt(2)
    if not points:
        return cost(device.s, device.q)
    need(len(points) == 3, "not three devices")
    each = [(within(s, 0, 3, "S"), within(q, 0, Fraction(1, 2), "Q")) for s, q in points]
    need(all(s * s <= 8 + Fraction(1, 2**48) for s, _ in each), "beyond Tsirelson")
    cut = [(min(real(s), top), real(q)) for s, q in each]
    weights = mp.lu_solve(
        mp.matrix([[1, 1, 1], [s for s, _ in cut], [q for _, q in cut]]),
        mp.matrix([1, min(device.s, top), device.q]),
    )
    need(all(w >= -(mp.mpf(10) ** -30) for w in weights), "a negative weight")
    return mp.fsum(w * cost(*point) for w, point in zip(weights, cut, strict=True))


def _singlet(_: str, inputs: Document) -> Proven:
    v, protocol = real(within(inputs["visibility"], 0, 1, "visibility")), inputs["protocol"]
    need(inputs.keys() == {"visibility", "protocol", "chord_end"}, "other inputs")
    need([one["key"] for one in protocol["settings"]] == [[0, 2]] and exact(protocol["keep"]) == 1, "another class")
    noise, local = real(exact(protocol["settings"][0]["noise"])), 1 / mp.sqrt(2)
    nonlocal_part = max((v - local) / (1 - local), mp.mpf(0))
    if inputs["chord_end"] is None:
        need(protocol["discussion"] == "one-way", "another class")
        # the adversary is ignorant in the nonlocal part, and knows the bit before its flip in the rest
        value = nonlocal_part + (1 - nonlocal_part) * h(noise) - h(noise + (1 - 2 * noise) * (1 - v) / 2)
        value = mp.mpf(0) if noise == mp.mpf(1) / 2 else value
    else:
        need(protocol["discussion"] == "two-way", "another class")
        u, top = real(within(inputs["chord_end"], exact(inputs["visibility"]), 1, "end")), 1 / (2 - local)
        if v <= top:
            value = mp.mpf(0)
        else:
            wrong, kept = (1 - u) / 2, max((u - local) / (1 - local), mp.mpf(0)) + (1 - u) / 2
            value = kept * (1 - h(wrong / kept)) * ((v - top) / (u - top) if u > v else 1)
    return Proven("upper", value, "bit/round", scoped("independent", protocol))


def _shared_information(_: str, inputs: Document) -> Proven:
    tables, protocol = tables_of(inputs["tables"]), inputs["protocol"]
    (na, nb), (nx, ny) = inputs["outcomes"], inputs["settings"]
    need(all(len(t) == na and len(t[0]) == nb for t in tables.values()), "other outcomes")
    need(all(x < nx and y < ny for x, y in tables), "no such setting")
    if protocol["discussion"] == "completed rounds":
        need(len(tables) == nx * ny, "a table is missing")
    else:
        need(protocol["discussion"] == "two-way" and len(protocol["settings"]) == 1, "another class")
        need(tables.keys() == {tuple(protocol["settings"][0]["key"])}, "another table")
    need(_signals(tables) <= Fraction(1, 2**30), "they signal")
    found = []
    for table in tables.values():
        rows, columns = [real(sum(row)) for row in table], [real(sum(c)) for c in zip(*table, strict=True)]
        joint = mp.fsum(xlogx(real(p)) for row in table for p in row)
        found.append(joint - mp.fsum(map(xlogx, rows)) - mp.fsum(map(xlogx, columns)))
    return Proven("upper", max(found), "bit/round", scoped("independent", protocol))


def _symbol_given_bob(_: str, inputs: Document) -> Proven:
    tables, protocol = tables_of(inputs["tables"]), inputs["protocol"]
    need(protocol["discussion"] == "one-way" and len(protocol["settings"]) == 1, "another class")
    (setting,) = protocol["settings"]
    need(tables.keys() == {tuple(setting["key"])}, "another table")
    (table,) = tables.values()
    noise, keep = real(exact(setting["noise"])), real(exact(protocol["keep"]))
    total, survives = given_bob([[real(p) for p in row] for row in table], noise, keep)
    return Proven("upper", total / survives, "bit/kept key round", scoped("independent", protocol, COST))


Formula = Callable[[str, Document], Proven]
FORMULAS: dict[str, Formula] = {
    **dict.fromkeys(("advantage distillation", "hashed pair parities", "relative entropy to p = 1/2"), _family),
    **dict.fromkeys(("published partial-transpose ceiling", "partial-transpose ceiling"), _family),
    "quantum capacity of a PPT channel": _family,
    **dict.fromkeys(("CHSH entropy", "CHSH rate", "CHSH rate with H(A|B)", "mixture of devices"), _link),
    **dict.fromkeys(("two-qubit device, I(A:B|E)", "two-qubit device, E_r"), _link),
    "noisy singlet": _singlet,
    "mutual information": _shared_information,
    "reconciliation": _symbol_given_bob,
    **dict.fromkeys(("pure loss, rate", "pure loss, ceiling", "pure loss, beam splitter"), _channel),
    **dict.fromkeys(("erasure, rate", "erasure, ceiling", "dephasing", "depolarising", "amplitude damping"), _channel),
    "pair source": _source,
}


# --- states ----------------------------------------------------------------------------------------------------------


def matrix_of(rows: list[Any]) -> Matrix:
    return np.array([[complex(float(exact(re)), float(exact(im))) for re, im in row] for row in rows])


def entropy(matrix: Matrix) -> float:
    values = np.linalg.eigvalsh(matrix)
    return float(-sum(x * math.log2(x) for x in values if x > 0))


def part(rho: Matrix, dims: list[int], side: int) -> Matrix:
    tensor = rho.reshape(*dims, *dims)
    return np.asarray(np.trace(tensor, axis1=1, axis2=3) if side == 0 else np.trace(tensor, axis1=0, axis2=2))


def flipped(rho: Matrix, dims: list[int]) -> Matrix:
    """The partial transpose on Bob's side."""
    return rho.reshape(*dims, *dims).transpose(0, 3, 2, 1).reshape(rho.shape)


@dataclass
class State:
    """ω, its dimensions, and how far the states that are meant may be from it."""

    rho: Matrix
    dims: list[int]
    error: float

    def entropy(self, side: int | None = None) -> float:
        return entropy(self.rho if side is None else part(self.rho, self.dims, side))


def _state(data: Document) -> State:
    dims = data["dims"]
    H = matrix_of(data["state"]["matrix"])
    need(len(dims) == 2 and H.shape == (dims[0] * dims[1],) * 2 and min(dims) >= 1, "other dimensions")
    need(np.array_equal(H, H.conj().T), "not Hermitian")
    shift = float(exact(data["state"]["shift"]))
    need(shift >= 0, "a negative shift")
    lifted = H + shift * np.eye(len(H))
    trace = float(np.trace(lifted).real)
    need(trace > 0, "no trace")
    rho = lifted / trace
    need(np.linalg.eigvalsh(rho)[0] > -1e-12, "not positive")
    if "repair" not in data:
        return State(rho, dims, 0.0)
    repair = within(data["repair"], 0, 1, "repair")
    distance = np.abs(np.linalg.eigvalsh(H - rho)).sum() / 2  # of ω from the matrix given
    return State(rho, dims, float(repair) + float(distance))


def _continuity(x: float, bits: float) -> float:
    """x bits + (1+x) h(x/(1+x)) [winter2016]."""
    return x * bits + float((1 + x) * h(mp.mpf(x) / (1 + x))) if x > 0 else 0.0


def _of_state(document: Document, state: State, value: float) -> Proven:
    data = document["data"]
    if "state_is" not in data:
        return Proven("upper", value, "bit/copy", scoped("dependent"), LOOSE)
    need(data["state_is"] == "partial transpose", "is what?")
    if "repair" not in data:
        need(np.linalg.eigvalsh(flipped(state.rho, state.dims))[0] > -1e-12, "the transpose of no state")
    return Proven("upper", value, "bit/copy", scoped("independent"), LOOSE)


def _relative_entropy(document: Document) -> Proven:
    data = document["data"]
    need(data.keys() - {"state_is", "simulates", "repair"} == {"dims", "state", "separable_state"}, "other fields")
    state = _state(data)
    value = _divergence(state, data["separable_state"]) + _continuity(state.error, math.log2(min(state.dims)))
    _at_least_hashing(state, value)
    if "simulates" not in data:
        return _of_state(document, state, value)
    need("state_is" not in data, "both")
    e = float(within(data["simulates"], 0, Fraction(1, 1024), "simulates"))
    value += 2 * e * math.log2(state.dims[1]) + _continuity(e, 0)
    return Proven("upper", value, "bit/channel use", scoped("dependent"), LOOSE)


def _at_least_hashing(state: State, value: float) -> None:
    """A check of this evaluator as well: no ceiling lies below what hashing distils."""
    least = max(state.entropy(0), state.entropy(1)) - state.entropy()
    need(value >= least - LOOSE, "below the hashing rate")


def _divergence(state: State, given: Document) -> float:
    d_a, d_b = state.dims
    size, kind = d_a * d_b, given["kind"]
    if kind == "product of the marginals":
        return max(state.entropy(0) + state.entropy(1) - state.entropy(), 0.0)
    if kind == "ensemble":
        need(given.keys() == {"kind", "admixture", "alice", "bob"}, "other fields")
        alice, bob = matrix_of(given["alice"]), matrix_of(given["bob"])
        vectors = np.einsum("ka,kb->kab", alice, bob).reshape(len(alice), size)
        sigma = vectors.T @ vectors.conj()
    elif kind in ("isotropic", "Werner"):
        need(d_a == d_b and given.keys() == {"kind", "admixture", "share"}, "other dimensions")
        swap = np.eye(size).reshape(d_a, d_a, d_a, d_a).transpose(1, 0, 2, 3).reshape(size, size)
        vector = np.eye(d_a).ravel() / math.sqrt(d_a)
        projector = np.outer(vector, vector) if kind == "isotropic" else (np.eye(size) - swap) / 2
        rank, most = (1, Fraction(1, d_a)) if kind == "isotropic" else (d_a * (d_a - 1) // 2, Fraction(1, 2))
        share = float(within(given["share"], 0, most, "share"))
        sigma = share * projector / rank + (1 - share) * (np.eye(size) - projector) / (size - rank)
    elif kind == "Bell-diagonal":
        shares = [within(x, 0, Fraction(1, 2), "share") for x in given["shares"]]
        need(state.dims == [2, 2] and len(shares) == 4 and sum(shares) == 1, "no distribution")
        bell = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / math.sqrt(2)
        sigma = np.einsum("k,ki,kj->ij", np.array(shares, dtype=float), bell, bell)
    else:
        need(kind == "dephased in the Schmidt basis", "no separable state")
        shares = [within(x, 0, 1, "share") for x in given["shares"]]
        need(len(shares) == size and sum(shares) == 1, "no distribution")
        bases = [np.linalg.qr(matrix_of(given[party]))[0] for party in ("alice", "bob")]
        product = np.kron(*bases)
        sigma = product @ np.diag(np.array(shares, dtype=float)) @ product.conj().T
    admixture = float(within(given["admixture"], 0, 1, "admixture"))
    sigma = (1 - admixture) * sigma / np.trace(sigma).real + admixture * np.eye(size) / size
    return relative_entropy(state.rho, sigma)


def relative_entropy(rho: Matrix, sigma: Matrix) -> float:
    """D(ρ||σ), by 40 digits where σ is nearly singular."""
    values, vectors = np.linalg.eigh(sigma)
    weights = np.einsum("ik,ij,jk->k", vectors.conj(), rho, vectors).real
    if values[0] > 1e-6:
        return float(-(weights * np.log2(values)).sum()) - entropy(rho)
    precise, frame = mp.eighe(mp.matrix(sigma.tolist()))
    total = mp.mpf(0)
    for k, value in enumerate(precise):
        column = [frame[i, k] for i in range(len(rho))]
        weight = mp.fsum(
            (mp.conj(column[i]) * rho[i, j] * column[j]).real for i in range(len(rho)) for j in range(len(rho))
        )
        if value <= 0:
            need(weight < 1e-14, "an infinite divergence")
            continue
        total -= weight * mp.log(value, 2)
    return float(total) - entropy(rho)


def _squashed(document: Document) -> Proven:
    data = document["data"]
    state = _state(data)
    e, f = data["environment"]
    bits = math.log2(min(state.dims))
    if "isometry" not in data:
        need((e, f) == (1, len(state.rho)), "no isometry")
        value = (state.entropy(0) + state.entropy(1) - state.entropy()) / 2
        return _checked(document, state, value + _continuity(state.error, bits))
    V = matrix_of(data["isometry"])
    need(V.shape == (e * f, len(state.rho)), "another isometry")
    need(np.linalg.norm(V.conj().T @ V - np.eye(V.shape[1])) < 1e-3, "no isometry")
    left, _, right = np.linalg.svd(V, full_matrices=False)
    L = _triangle(document)
    psi = (L @ (left @ right).T).reshape(*state.dims, e, f)

    def s(*kept: int) -> float:
        rest = [axis for axis in range(4) if axis not in kept]
        rows = psi.transpose(*kept, *rest).reshape(math.prod(psi.shape[k] for k in kept), -1)
        return float(-sum(x * x * math.log2(x * x) for x in np.linalg.svd(rows, compute_uv=False) if x > 0))

    value = (s(0, 2) + s(1, 2) - s(2) - s(3)) / 2
    theta = _extension_error(state.error, L, V.reshape(e, f, -1))
    return _checked(document, state, value + _continuity(theta, bits))


def _checked(document: Document, state: State, value: float) -> Proven:
    _at_least_hashing(state, value)
    return _of_state(document, state, value)


def _triangle(document: Document) -> Matrix:
    """The Cholesky factor of ω, by 80 digits: its last pivots are as small as the shift."""
    given = document["data"]["state"]
    size = len(given["matrix"])
    with mp.workdps(80):
        shift = real(exact(given["shift"]))
        table = [[mp.mpc(*(real(exact(x)) for x in z)) for z in row] for row in given["matrix"]]
        trace = mp.fsum(table[k][k].real for k in range(size)) + size * shift
        L = [[mp.mpc(0)] * size for _ in range(size)]
        for j in range(size):
            pivot = table[j][j].real + shift - mp.fsum(abs(L[j][k]) ** 2 for k in range(j))
            need(pivot > 0, "not positive definite")
            L[j][j] = mp.mpc(mp.sqrt(pivot))
            for i in range(j + 1, size):
                inner = mp.fsum(L[i][k] * mp.conj(L[j][k]) for k in range(j))
                L[i][j] = (table[i][j] - inner) / L[j][j]
        return np.array([[complex(z / mp.sqrt(trace)) for z in row] for row in L])


def _extension_error(error: float, L: Matrix, V: NDArray[Any]) -> float:
    """How far the extension may be from one of a state at trace distance `error` from LL†; see the verifier's theorem.

    √(ε(2-ε)) by Uhlmann; or, for columns K that share no level of F with the rest, τ + 2 (√2 ε + √(2ετ))/√(γ-τ).
    """
    if error == 0:
        return 0.0
    best, count = math.sqrt(min(error, 1) * (2 - min(error, 1))), L.shape[1]
    touched = np.any(np.abs(V) > 0, axis=0)  # level of F by column
    groups: list[set[int]] = []
    for k in range(count):
        joined = [group for group in groups if any(np.any(touched[:, k] & touched[:, j]) for j in group)]
        groups = [group for group in groups if group not in joined] + [{k}.union(*joined)]
    gram = L.conj().T @ L
    for group in groups:
        kept = sorted(group)
        least = np.linalg.eigvalsh(gram[np.ix_(kept, kept)])[0]
        rest = max(1 - float(np.trace(gram[np.ix_(kept, kept)]).real), 0.0)
        if least > rest:
            best = min(best, rest + 2 * (math.sqrt(2) * error + math.sqrt(2 * error * rest)) / math.sqrt(least - rest))
    return best


def _hashing(document: Document) -> Proven:
    data = document["data"]
    need(data.keys() - {"repair"} == {"dims", "state", "of", "direction"}, "other fields")
    state, forward, channel = _state(data), data["direction"] == "forward", data["of"] == "channel"
    need(data["direction"] in ("forward", "reverse") and data["of"] in ("state", "channel"), "of what?")
    need(forward or channel, "reverse hashing of a state")
    if channel:
        _choi(state.rho, state.dims)
    side = 1 if forward else 0
    error = state.error
    margin = 2 * error * math.log2(state.dims[1 - side]) + _continuity(error, 0)
    value = state.entropy(side) - state.entropy() - margin
    scope = scoped("dependent", {**ANY, "discussion": "one-way"} if forward else ANY)
    return Proven("lower", value, "bit/channel use" if channel else "bit/copy", scope, LOOSE)


def _choi(rho: Matrix, dims: list[int]) -> None:
    off = part(rho, dims, 0) - np.eye(dims[0]) / dims[0]
    need(bool(np.linalg.norm(off) < 2.0**-39), "no Choi state")


def _semidefinite(document: Document) -> Proven:
    data = document["data"]
    dims, choi = data["dims"], matrix_of(data["choi"])
    need(choi.shape == (dims[0] * dims[1],) * 2 and np.array_equal(choi, choi.conj().T), "no Choi state")
    _choi(choi, dims)
    J = dims[0] * (choi + 2.0**-44 * np.eye(len(choi)))

    def least(matrix: Matrix) -> float:
        return float(np.linalg.eigvalsh(matrix)[0])

    if document["kind"] == "max-relative entropy":
        need(data.keys() == {"dims", "choi", "Y"} and len(choi) <= 6, "other fields")
        Y = matrix_of(data["Y"])
        need(Y.shape == choi.shape and np.array_equal(Y, Y.conj().T), "not Hermitian")
        lifted = Y + max(0.0, -min(least(Y - J), least(flipped(Y, dims)))) * np.eye(len(Y))
        quantity = KEY
    else:
        need(data.keys() == {"dims", "choi", "V", "Y"}, "other fields")
        V, Y = matrix_of(data["V"]), matrix_of(data["Y"])
        need(all(np.array_equal(M, M.conj().T) and M.shape == choi.shape for M in (V, Y)), "not Hermitian")
        one = np.eye(len(Y))
        V, Y = V + max(0.0, -least(V)) * one, Y + max(0.0, -least(Y)) * one
        lifted = V + Y + max(0.0, -least(flipped(V - Y, dims) - J)) * one
        quantity = QUBITS
    value = math.log2(np.linalg.eigvalsh(part(lifted, dims, 0))[-1])
    return Proven("upper", value, "bit/channel use", scoped("dependent", quantity=quantity), LOOSE)


# --- the dual of a moment relaxation ---------------------------------------------------------------------------------

Letter = tuple[int, int, int]  # party, setting, outcome
Word = tuple[Letter, ...]


def _normal(word: Iterator[Letter] | Word) -> Word | None:
    """Alice's letters first; EE = E, EE' = 0. A word stands for its adjoint, too."""
    letters: list[Letter] = []
    for letter in sorted(word, key=lambda one: one[0]):
        if letters and letters[-1][:2] == letter[:2]:
            if letters[-1] != letter:
                return None
            continue
        letters.append(letter)
    alice = [one for one in letters if one[0] == 0]
    bob = [one for one in letters if one[0] == 1]
    return min(tuple(alice + bob), tuple(alice[::-1] + bob[::-1]))


def _letters(given: Any) -> Word:
    return tuple((party, setting, outcome) for party in (0, 1) for setting, outcome in given[party])


def _moments(document: Document) -> Proven:
    data = document["data"]
    outcomes = (data["outcomes"]["alice"], data["outcomes"]["bob"])
    (x, y), noise, keep = data["key"], exact(data["noise"]), exact(data["keep"])
    need(outcomes[0][x] == 2 and 0 <= noise < Fraction(1, 2) and 0 < keep <= 1, "no key setting")
    words = [_letters(word) for word in data["words"]]
    need(len(set(words)) == len(words), "a word twice")
    for word in (*words, *(_letters(term[0]) for entry in data["known"] for term in entry["functional"])):
        need(all(0 <= s < len(outcomes[p]) and 0 <= o < outcomes[p][s] - 1 for p, s, o in word), "no such letter")
    index = {}
    size = len(words)
    place = np.full((size, size), -1)
    for i, j in itertools.product(range(size), repeat=2):
        word = _normal(
            (
                *reversed([one for one in words[i] if one[0] == 0]),
                *(o for o in words[j] if o[0] == 0),
                *reversed([one for one in words[i] if one[0] == 1]),
                *(o for o in words[j] if o[0] == 1),
            )
        )
        if word is not None:
            place[i, j] = index.setdefault(word, len(index))
    nodes, weights = _quadrature(data, noise)
    grid = Fraction(1, 2 ** data["weights"]["bits"])
    unit = 2.0 ** -data["dual"]["bits"]
    kept = [keep if b == 1 else Fraction(1) for b in range(outcomes[1][y])]

    def spread(symbol: int, coefficients: list[Fraction]) -> NDArray[np.float64]:
        """Σ_b c_b (A or 1-A) B_b as coefficients of words, the last outcome being what the others leave."""
        found = np.zeros(len(index))
        for b, c in enumerate(coefficients):
            rounded = float(c // grid * grid)
            own = [((), 1.0)] + [(((1, y, k),), -1.0) for k in range(outcomes[1][y] - 1)]
            bobs = [(((1, y, b),), 1.0)] if b < outcomes[1][y] - 1 else own
            alices = [(((0, x, 0),), 1.0)] if symbol == 0 else [((), 1.0), (((0, x, 0),), -1.0)]
            for (a, s), (w, t) in itertools.product(alices, bobs):
                found[index[_normal(a + w)]] += rounded * s * t  # type: ignore[index]
        return found

    loss, rest = 0.0, np.zeros(len(index))
    for t, weight, X, Y in zip(nodes, weights, data["dual"]["X"], data["dual"]["Y"], strict=True):
        gammas = []
        for triangle in (X, Y):
            matrix = np.zeros((size, size))
            matrix[np.triu_indices(size)] = np.array(triangle, dtype=float) * unit
            matrix = np.triu(matrix) + np.triu(matrix, 1).T
            values = np.linalg.eigvalsh(matrix)
            need(values[0] >= -1e-9 * max(1e-9, values[-1]), "a matrix that is not positive")
            gammas.append(np.bincount(place[place >= 0], matrix[place >= 0], len(index)))
        miss = spread(0, [weight * (1 - t) * k for k in kept])
        guess = spread(1, [weight * t * keep * k for k in kept])
        loss += float(np.abs(guess - miss - gammas[0] + gammas[1]).sum())
        rest += miss - gammas[1]
    value = -loss
    need(len(data["multipliers"]) == len(data["known"]), "other multipliers")
    for kappa, entry in zip(map(exact, data["multipliers"]), data["known"], strict=True):
        low, high = exact(entry["low"]), exact(entry["high"])
        need(low <= high, "an empty range")
        value += float(min(kappa * low, kappa * high))
        for word, c in entry["functional"]:
            rest[index[_normal(_letters(word))]] -= float(kappa * exact(c))  # type: ignore[index]
    value -= float(np.abs(rest).sum())
    moments = _known_moments(data)
    if "mirrored" in data:
        need(keep == 1 and {*outcomes[0], *outcomes[1]} == {2}, "no mirror image")
        moments = _mirrored(data, moments)
    return _entropy_bound(document, value, moments, kept)


def _known_moments(data: Document) -> dict[Word, tuple[Fraction, Fraction]]:
    found = {}
    for entry in data["known"]:
        if len(entry["functional"]) == 1 and exact(entry["functional"][0][1]) == 1:
            found[_letters(entry["functional"][0][0])] = (exact(entry["low"]), exact(entry["high"]))
    need(found.get((), (1, 1)) == (1, 1), "the identity")
    return found


def _mirrored(data: Document, moments: dict[Word, tuple[Fraction, Fraction]]) -> dict[Word, tuple[Fraction, Fraction]]:
    """The table meant, of which what is called known must be the mean with its mirror image."""
    table = {_letters(word): exact(value) for word, value in data["mirrored"]}
    need(table.get((), 1) == 1, "the identity")
    for entry in data["known"]:
        word = _letters(entry["functional"][0][0])
        need(exact(entry["low"]) == exact(entry["high"]), "a range")
        if len(entry["functional"]) > 1 or exact(entry["functional"][0][1]) != 1:
            need(exact(entry["low"]) == 0 and _antisymmetric(entry["functional"]), "not implied by the mirror")
            continue
        if len(word) < 2:
            want = Fraction(1) if not word else Fraction(1, 2)
        else:
            need([one[0] for one in word] == [0, 1], "no entry of a table")
            both, a, b = table[word], table[word[:1]], table[word[1:]]
            want = (both + 1 - a - b + both) / 2
        need(moments[word] == (want, want), "not the mean")
    return {word: (value, value) for word, value in table.items()}


def _antisymmetric(functional: list[Any]) -> bool:
    """Whether f and its mirror image, 1 - E for each E, cancel."""
    total: dict[Word, Fraction] = {}
    for given, coefficient in functional:
        word, c = _letters(given), exact(coefficient)
        first = _normal(word)
        assert first is not None
        total[first] = total.get(first, Fraction(0)) + c
        for chosen in itertools.product((0, 1), repeat=len(word)):
            part_of = _normal(tuple(letter for letter, taken in zip(word, chosen, strict=True) if taken))
            if part_of is not None:
                total[part_of] = total.get(part_of, Fraction(0)) + (-1) ** sum(chosen) * c
    return not any(total.values())


def _quadrature(data: Document, noise: Fraction) -> tuple[list[Fraction], list[Fraction]]:
    """Nodes and weights; each weight at most the integral of w times its hat, by Gauss-Legendre."""
    nodes = [Fraction(t, 2 ** data["nodes"]["bits"]) for t in data["nodes"]["t"]]
    weights = [Fraction(w, 2 ** data["weights"]["bits"]) for w in data["weights"]["W"]]
    need(len(nodes) == len(weights) >= 1 and min(weights) >= 0, "other nodes")
    need(all(a < b for a, b in itertools.pairwise([Fraction(0), *nodes, Fraction(1)])), "nodes out of order")
    double = "mirrored" in data
    need(not double or nodes[-1] < Fraction(1, 2), "nodes beyond 1/2")
    every = [0.0, *map(float, nodes), *(float(1 - t) for t in reversed(nodes) if double), 1.0]
    q, (points, shares) = float(noise), np.polynomial.legendre.leggauss(60)

    def integral(a: float, b: float, top: float) -> float:
        """Of w times the line from 0 at the one end to 1 at `top`, the other."""
        t = (a + b) / 2 + (b - a) / 2 * points
        hat = (t - a) / (b - a) if top == b else (b - t) / (b - a)
        r = 1 - 2 * q
        w = 1 / (q + r * t) + 1 / (q + r * (1 - t))
        return float((b - a) / 2 * (shares * w * hat).sum())

    for k, weight in enumerate(weights, start=1):
        true = integral(every[k - 1], every[k], every[k]) + integral(every[k], every[k + 1], every[k])
        need(float(weight) <= (1 + double) * true * (1 + LOOSE), "a weight above its integral")
    return nodes, weights


def _entropy_bound(document: Document, value: float, moments: dict[Word, Any], kept: list[Fraction]) -> Proven:
    data, quantity = document["data"], document["statement"]["scope"]["quantity"]
    (x, y), keep, noise = data["key"], exact(data["keep"]), float(exact(data["noise"]))

    def chance(a: int, b: int) -> list[tuple[Word, int]]:
        """P(a, b) in words."""
        count = data["outcomes"]["bob"][y]
        bobs = [(((1, y, b),), 1)] if b < count - 1 else [((), 1), *((((1, y, k),), -1) for k in range(count - 1))]
        alices = [(((0, x, 0),), 1)] if a == 0 else [((), 1), (((0, x, 0),), -1)]
        return [(u + w, s * t) for (u, s), (w, t) in itertools.product(alices, bobs)]  # type: ignore[operator]

    terms: dict[Word, Fraction] = {}
    for a, (b, k) in itertools.product((0, 1), enumerate(kept)):
        for word, sign in chance(a, b):
            terms[word] = terms.get(word, Fraction(0)) + sign * k * (keep if a else 1)
    terms = {word: c for word, c in terms.items() if c}
    survives = Fraction(1)
    if terms.keys() <= moments.keys():
        survives = min(sum((max(c * end for end in moments[word]) for word, c in terms.items()), Fraction(0)), survives)
    need(survives > 0, "nothing survives")
    floor = float(h(mp.mpf(noise)))
    bound = floor + (1 - 2 * noise) ** 2 * value / (float(survives) * math.log(2))
    need(bound <= 1 + 1e-5, "no quantum device")
    bound = min(max(bound, floor), 1.0)
    protocol = on(data["key"], data["noise"], data["keep"])
    if quantity == SYMBOL:
        return Proven("lower", bound, "bit/kept key round", scoped("independent", protocol, SYMBOL), LOOSE)
    table = []
    for a in (0, 1):
        row = []
        for b in range(len(kept)):
            total = Fraction(0)
            for word, sign in chance(a, b):
                low, high = moments[word]
                need(low == high, "not known exactly")
                total += sign * low
            need(total >= 0, "a negative probability")
            row.append(real(total))
        table.append(row)
    cost, _ = given_bob(table, mp.mpf(noise), real(keep))
    scope = scoped("independent", protocol)
    return Proven("lower", float(survives) * bound - float(cost), "bit/round", scope, LOOSE)


# --- mixtures of attacks ---------------------------------------------------------------------------------------------


def _attack(document: Document) -> Proven:
    data = document["data"]
    need(
        data.keys() == {"scenario", "measured", "collins_gisin", "table", "distance", "protocol", "mixture"},
        "other fields",
    )
    (na, nb), (nx, ny) = data["scenario"]["outcomes"], data["scenario"]["settings"]
    mixture, protocol = data["mixture"], data["protocol"]
    strategies = [(exact(one["weight"]), one) for one in mixture["strategies"]]
    points = [(exact(one["weight"]), one) for one in mixture["points"]]
    weights = [w for w, _ in (*strategies, *points)]
    need(min(weights) >= 0 and sum(weights) == 1, "weights")
    pairs = [tuple(pair) for pair in data["measured"]]
    need(len(set(pairs)) == len(pairs) and all(0 <= x < nx and 0 <= y < ny for x, y in pairs), "no such pair")
    every = list(itertools.product(range(nx), range(ny)))
    parts = {pair: [_conditional(one, mixture["grid_bits"], *pair, na, nb) for _, one in strategies] for pair in every}

    def table(x: int, y: int) -> NDArray[np.float64]:
        total = np.zeros((na, nb))
        for (w, _), block in zip(strategies, parts[x, y], strict=True):
            total += float(w) * np.trace(block, axis1=2, axis2=3)
        for w, one in points:
            total[one["alice"][x], one["bob"][y]] += float(w)
        return total

    need(len(data["table"]) == len(pairs), "other tables")
    for pair, stated in zip(pairs, data["table"], strict=True):
        need(np.allclose([[float(exact(p)) for p in row] for row in stated], table(*pair), atol=1e-13), "another table")
    _near(data, {pair: table(*pair) for pair in pairs}, (na, nb), (nx, ny))

    def mean(cost: Callable[[int], float]) -> float:
        return sum(float(w) * cost(k) for k, (w, _) in enumerate(strategies))

    discussion = protocol["discussion"]
    if discussion in ("one-way", "two-way"):
        (setting,) = protocol["settings"]
        key = tuple(setting["key"])
        need(key in pairs and all("pinching" not in one for _, one in strategies), "no key setting")
        if discussion == "two-way":
            value = mean(lambda k: _informed(parts[key][k]))
        else:
            noise, keep = float(exact(setting["noise"])), float(exact(protocol["keep"]))
            need((noise == 0 or na == 2) and (keep == 1 or (na, nb) == (2, 2)), "no bits")
            value = _one_way(strategies, points, parts[key], table(*key), noise, keep, key)
    else:
        need(discussion in ("completed rounds", "any"), "no discussion")
        apart = [_pinched(one) for _, one in strategies]
        need(discussion == "completed rounds" or None not in apart, "no separable state")
        value = math.inf if None in apart else mean(lambda k: apart[k] or 0.0)
        if discussion == "completed rounds":
            value = min(value, max(mean(lambda k, pair=pair: _informed(parts[pair][k])) for pair in every))  # type: ignore[misc]
    return Proven("upper", value, "bit/round", scoped("independent", protocol), LOOSE)


def _vectors(direction: list[int]) -> NDArray[np.float64]:
    c, s = (float(z) for z in direction)
    size = math.hypot(c, s)
    need(size > 0, "no direction")
    return np.array([[c, s], [-s, c]]) / size


def _psi(one: Document) -> NDArray[np.float64]:
    psi = np.array([float(z) for z in one["state"]])
    need(psi.shape == (8,) and np.linalg.norm(psi) > 0, "no state")
    return (psi / np.linalg.norm(psi)).reshape(2, 2, 2)


def _conditional(one: Document, bits: int, x: int, y: int, na: int, nb: int) -> NDArray[np.float64]:
    """The adversary's states by printed outcomes, [a, b, e, e']."""
    kernels = []
    for measurement, count in ((one["alice"][x], na), (one["bob"][y], nb)):
        kernel = np.zeros((count, 2))
        for k in (0, 1):
            wrong = measurement["misprints"][k] / 2**bits
            need(0 <= wrong <= 1, "no probability")
            kernel[measurement["labels"][k], k] += 1 - wrong
            kernel[measurement["labels"][1 - k], k] += wrong
        kernels.append(kernel)
    v, w = _vectors(one["alice"][x]["direction"]), _vectors(one["bob"][y]["direction"])
    amplitudes = np.einsum("sa,tb,abe->ste", v, w, _psi(one))
    return np.einsum("as,bt,ste,stf->abef", *kernels, amplitudes, amplitudes)


def _total(*matrices: NDArray[np.float64]) -> float:
    """Σ -tr ρ log ρ."""
    return sum(entropy(matrix) for matrix in matrices)


def _informed(block: NDArray[np.float64]) -> float:
    """I(A:B|E)."""
    found = _total(*block.sum(axis=1)) + _total(*block.sum(axis=0)) - _total(block.sum(axis=(0, 1)))
    return max(found - _total(*block.reshape(-1, 2, 2)), 0.0)


def _one_way(
    strategies: list[Any], points: list[Any], blocks: list[Any], table: Any, noise: float, keep: float, key: Any
) -> float:
    """Σ_k w_k p_V H(Â|E,V)_k - p_V H(Â|B,V)."""

    def share(count: int) -> NDArray[np.float64]:
        return np.where(np.arange(count) == 1, keep, 1.0)

    def flip(states: NDArray[np.float64]) -> NDArray[np.float64]:
        return (1 - noise) * states + noise * states[::-1] if noise else states

    a, b = (share(n) for n in table.shape)
    total = 0.0
    for (w, _), block in zip(strategies, blocks, strict=True):
        kept = np.einsum("a,b,abef->aef", a, b, block)
        total += float(w) * (_total(*flip(kept)) - _total(kept.sum(axis=0)))
    for w, one in points:
        survives = a[one["alice"][key[0]]] * b[one["bob"][key[1]]]
        total += float(w) * survives * float(h(mp.mpf(noise)))
    cost, survives = given_bob([[mp.mpf(p) for p in row] for row in (table * np.outer(a, b)).tolist()], mp.mpf(noise))
    need(survives > 0, "nothing survives")
    return total - float(cost)


def _pinched(one: Document) -> float | None:
    """Relative entropy to the pinched state; 0 where a party prints the same whatever happens; None without a state."""
    for party in ("alice", "bob"):
        if all(m["labels"][0] == m["labels"][1] for m in one[party]):
            return 0.0
    if "pinching" not in one:
        return None
    psi, frame = _psi(one), _vectors(one["pinching"]["direction"])
    need(one["pinching"]["side"] in ("alice", "bob"), "no side")
    axes = "sa,abe->sbe" if one["pinching"]["side"] == "alice" else "sb,abe->sae"
    parts = np.einsum(axes, frame, psi)
    return _total(*np.einsum("ske,sle->skl", parts, parts)) - _total(np.einsum("abe,abf->ef", psi, psi))


def _near(data: Document, tables: dict[Any, Any], outcomes: tuple[int, int], settings: tuple[int, int]) -> None:
    """The doubles given are within `distance` of the tables."""
    (na, nb), (nx, ny), given = outcomes, settings, data["collins_gisin"]
    distance = float(within(data["distance"], 0, Fraction(1, 2**30), "distance"))
    need(len(given) == 1 + nx * (na - 1) and all(len(row) == 1 + ny * (nb - 1) for row in given), "another shape")

    def close(row: int, column: int, value: float) -> None:
        if given[row][column] is not None:
            need(abs(float(exact(given[row][column])) - value) <= distance + 1e-14, "far from what is given")

    close(0, 0, 1.0)
    for (x, y), table in tables.items():
        for a in range(na - 1):
            close(1 + x * (na - 1) + a, 0, table[a].sum())
            for b in range(nb - 1):
                close(1 + x * (na - 1) + a, 1 + y * (nb - 1) + b, table[a, b])
        for b in range(nb - 1):
            close(0, 1 + y * (nb - 1) + b, table[:, b].sum())


KINDS: dict[str, Callable[[Document], Proven]] = {
    "relative entropy": _relative_entropy,
    "squashed entanglement": _squashed,
    "hashing": _hashing,
    "max-relative entropy": _semidefinite,
    "max-Rains information": _semidefinite,
    "entropy": _moments,
    "mixture": _attack,
}


# --- local weights ---------------------------------------------------------------------------------------------------


def _judge_weight(document: Document) -> None:
    data, stated = document["data"], document["statement"]
    need(stated.keys() == {"method", "reference", "lower", "upper"}, "other fields")
    need(data.keys() == {"outcomes", "settings", "tables", "points", "inequality"}, "other fields")
    share = local_share(data)
    need(0 <= exact(stated["lower"]) <= share + LOOSE, "below")
    need(share - LOOSE <= exact(stated["upper"]) <= 1, "above")


def local_share(data: Document) -> float:
    """The greatest local part, by a linear program over all deterministic points."""
    (na, nb), (nx, ny) = data["outcomes"], data["settings"]
    tables = {}
    for entry in data["tables"]:
        x, y = entry["settings"]
        need(0 <= x < nx and 0 <= y < ny and (x, y) not in tables, "no such pair")
        rows = [[within(p, 0, 1, "probability") for p in row] for row in entry["P"]]
        need(len(rows) == na and all(len(row) == nb for row in rows) and sum(map(sum, rows)) == 1, "no table")
        tables[x, y] = rows
    need(_signals(tables) == 0, "they signal")
    columns = []
    for alice in itertools.product(range(na), repeat=nx):
        for bob in itertools.product(range(nb), repeat=ny):
            cells = [np.outer(np.eye(na)[alice[x]], np.eye(nb)[bob[y]]).ravel() for x, y in tables]
            columns.append(np.concatenate(cells))
    limits = np.array([float(p) for table in tables.values() for row in table for p in row])
    result = linprog(-np.ones(len(columns)), A_ub=np.array(columns).T, b_ub=limits)
    need(result.status == 0, "the linear program failed")
    return float(-result.fun)


# --- finite keys -----------------------------------------------------------------------------------------------------


def _judge_key(document: Document) -> None:
    data, stated = document["data"], document["statement"]
    need(stated["direction"] == "lower" and stated["unit"] == "bit", "another direction or unit")
    need(stated.keys() == {"direction", "value", "unit", "scope", "method", "reference"}, "other fields")
    need(stated["scope"].keys() == {"adversary", "soundness"}, "other fields of the scope")
    need(stated["scope"]["adversary"] in ("general attacks", "collective attacks"), "another adversary")
    need(exact(data["soundness"]) <= exact(stated["scope"]["soundness"]) <= 1, "another soundness")
    (a, b), (c, d) = data["test"]
    need(a != b and c != d and data["key"][0] in (a, b), "a key setting that the test does not speak about")
    length = stated["value"]
    need(0 <= length <= data["rounds"], "no length")
    need(0 < exact(data["gamma"]) < 1 and data["syndrome_length"] >= 0, "no run")
    found = key_length(data, length)
    need(length == 0 or length <= found + mp.mpf("1e-3"), f"{length} > {float(found)}")


def key_length(data: Document, length: int) -> Any:
    """What the theorem named grants; `length` is the one asked for, with which an extractor's overhead may grow."""
    with mp.workdps(45):
        left = real(exact(data["soundness"])) - mp.mpf(4) / 2**61
        need(0 < left < 1, "a soundness that the hashes exceed")
        need(data["extractor"] in ("trevisan", "toeplitz", "circulant"), "no extractor")
        if data["theorem"] == "eat-2019":
            return _accumulated(data, length, left)
        need(data["theorem"] == "renyi" and data["extractor"] != "trevisan", "no theorem")
        return _renyi(data, left)


def _least(f: Callable[[Any], Any], low: Any, high: Any, pieces: int = 48) -> Any:
    """The least value on an interval: of a grid, and by thirds about its three best points."""
    grid = [low + (high - low) * k / pieces for k in range(pieces + 1)]
    found = sorted(range(pieces + 1), key=lambda k: f(grid[k]))
    best = f(grid[found[0]])
    for k in found[:1]:
        a, b = grid[max(k - 1, 0)], grid[min(k + 1, pieces)]
        for _ in range(60):
            c, d = a + (b - a) / 3, b - (b - a) / 3
            a, b = (a, d) if f(c) < f(d) else (c, b)
        best = min(best, f(a), f(b))
    return best


def _accumulated(data: Document, length: int, left: Any) -> Any:
    """nadlinger2022, Eq. (73) [dupuis2019]."""
    p = {name: real(within(value, 0, 1, name)) for name, value in data["parameters"].items()}
    n, gamma, log = data["rounds"], real(exact(data["gamma"])), lambda x: mp.log(x, 2)
    edge = (1 + 1 / mp.sqrt(2)) / 2
    need(0 <= data["accepted_losses"] <= n and min(p.values()) > 0, "a parameter out of range")
    need(mp.mpf("0.75") < p["tangent"] < edge and p["order_1"] < 1 and p["order_2"] < 1 / log(5), "out of range")
    last = p["smoothing"] - p["smoothing_1"] - 2 * p["smoothing_2"]
    need(last > 0 and p["extractor_error"] + 2 * p["smoothing"] <= left, "more than the soundness")

    def eta(w: Any) -> Any:
        return 1 - h((1 + mp.sqrt(min(16 * w * (w - 1) + 3, mp.mpf(1)))) / 2) if w > mp.mpf("0.75") else mp.mpf(0)

    t = p["tangent"]
    root = mp.sqrt(16 * t * (t - 1) + 3)
    slope = 4 * (2 * t - 1) / root * log((1 + root) / (1 - root))
    delta = p["order_1"]

    def gap(w: Any) -> Any:
        variance = 2 + slope**2 * (1 - w) * (1 - gamma * (1 - w)) / gamma
        return eta(w) - eta(t) - (w - t) * slope - delta * mp.log(2) / 2 * (log(33) + mp.sqrt(variance)) ** 2

    def theta(e: Any) -> Any:
        with mp.workdps(45 + 2 * max(0, -int(mp.log10(e)))):
            return -log(1 - mp.sqrt(1 - e * e))

    kink = mp.mpf("0.75")
    span = 2 + slope * edge
    third = 2 ** (delta * span) * mp.log(2**span + mp.e**2) ** 3 / (6 * (1 - delta) ** 3 * mp.log(2))
    per_round = eta(t) + (1 - data["accepted_losses"] / (n * gamma) - t) * slope
    per_round += min(_least(gap, 1 - edge, kink), _least(gap, kink, edge))
    per_round -= delta**2 * third + gamma + p["order_2"] * log(5) ** 2
    total = n * per_round - 3 * theta(last) - data["syndrome_length"] - 264
    for order, smoothing in (("order_1", "smoothing_1"), ("order_2", "smoothing_2")):
        total -= (theta(p[smoothing]) - (1 + p[order]) * log(left)) / p[order]
    if data["extractor"] == "trevisan":
        return total + 5 * log(p["extractor_error"]) - 4 * log(max(length, 1))
    return total + 3 * log(p["extractor_error"]) + 2


def _renyi(data: Document, left: Any) -> Any:
    """Claim renyi-key-length, upon dupuis2023."""
    p = {name: real(exact(value)) for name, value in data["parameters"].items()}
    delta, gamma = p["order"], real(exact(data["gamma"]))
    alpha = 1 + delta
    need(0 < delta <= 1 and 0 < p["reference"] < 1, "a parameter out of range")
    lost = (2 ** p["loss_score"] / (1 - p["reference"])) ** delta
    won = (2 ** p["win_score"] / p["reference"]) ** delta
    need(won >= lost, "a won test weighs less than a lost one")

    def minus(c: Any) -> Any:
        key = (((1 + c) ** (1 / alpha) + (1 - c) ** (1 / alpha)) / 2) ** alpha
        win = mp.mpf(1) / 2 + mp.sqrt(1 + c * c) / 4
        return -((1 - gamma) * key + gamma * (lost * (key - win) + won * win))

    most = -_least(minus, mp.mpf(0), mp.mpf(1), 96)
    total = -data["rounds"] * mp.log(most, 2) / delta + real(exact(data["score"])) - data["syndrome_length"] + 2
    return total + alpha / delta * mp.log(left, 2)
