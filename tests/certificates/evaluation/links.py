"""Devices of which S and Q, or the tables of some settings, are known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath as mp

from evaluation.common import (
    COST,
    SYMBOL,
    Document,
    Proven,
    exact,
    h,
    need,
    on,
    real,
    scoped,
    signals,
    tables_of,
    within,
    xlogx,
)


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


def link_formula(formula: str, inputs: Document) -> Proven:
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


def singlet_formula(_: str, inputs: Document) -> Proven:
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


def information_formula(_: str, inputs: Document) -> Proven:
    tables, protocol = tables_of(inputs["tables"]), inputs["protocol"]
    (na, nb), (nx, ny) = inputs["outcomes"], inputs["settings"]
    need(all(len(t) == na and len(t[0]) == nb for t in tables.values()), "other outcomes")
    need(all(x < nx and y < ny for x, y in tables), "no such setting")
    if protocol["discussion"] == "completed rounds":
        need(len(tables) == nx * ny, "a table is missing")
    else:
        need(protocol["discussion"] == "two-way" and len(protocol["settings"]) == 1, "another class")
        need(tables.keys() == {tuple(protocol["settings"][0]["key"])}, "another table")
    need(signals(tables) <= Fraction(1, 2**30), "they signal")
    found = []
    for table in tables.values():
        rows, columns = [real(sum(row)) for row in table], [real(sum(c)) for c in zip(*table, strict=True)]
        joint = mp.fsum(xlogx(real(p)) for row in table for p in row)
        found.append(joint - mp.fsum(map(xlogx, rows)) - mp.fsum(map(xlogx, columns)))
    return Proven("upper", max(found), "bit/round", scoped("independent", protocol))


def reconciliation_formula(_: str, inputs: Document) -> Proven:
    tables, protocol = tables_of(inputs["tables"]), inputs["protocol"]
    need(protocol["discussion"] == "one-way" and len(protocol["settings"]) == 1, "another class")
    (setting,) = protocol["settings"]
    need(tables.keys() == {tuple(setting["key"])}, "another table")
    (table,) = tables.values()
    noise, keep = real(exact(setting["noise"])), real(exact(protocol["keep"]))
    total, survives = given_bob([[real(p) for p in row] for row in table], noise, keep)
    return Proven("upper", total / survives, "bit/kept key round", scoped("independent", protocol, COST))
