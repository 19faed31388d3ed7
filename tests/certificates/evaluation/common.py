"""What all evaluations share: exact numbers, entropies, tables, and the order of scopes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

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


def signals(tables: dict[tuple[int, int], list[list[Fraction]]]) -> Fraction:
    most = Fraction(0)
    for one, other in itertools.combinations(tables, 2):
        a, b = tables[one], tables[other]
        if one[0] == other[0]:
            most = max(most, *(abs(sum(r) - sum(s)) for r, s in zip(a, b, strict=True)))
        if one[1] == other[1]:
            pairs = zip(zip(*a, strict=True), zip(*b, strict=True), strict=True)
            most = max(most, *(abs(sum(r) - sum(s)) for r, s in pairs))
    return most


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


def sound(scope: Document, found: Proven) -> None:
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
