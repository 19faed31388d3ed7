"""Local weights by a linear program, and the lengths of finite keys by 45 digits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
from scipy.optimize import linprog

from evaluation.common import LOOSE, Document, exact, h, need, real, signals, within


def judge_weight(document: Document) -> None:
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
    need(signals(tables) == 0, "they signal")
    columns = []
    for alice in itertools.product(range(na), repeat=nx):
        for bob in itertools.product(range(nb), repeat=ny):
            cells = [np.outer(np.eye(na)[alice[x]], np.eye(nb)[bob[y]]).ravel() for x, y in tables]
            columns.append(np.concatenate(cells))
    limits = np.array([float(p) for table in tables.values() for row in table for p in row])
    result = linprog(-np.ones(len(columns)), A_ub=np.array(columns).T, b_ub=limits)
    need(result.status == 0, "the linear program failed")
    return float(-result.fun)


def judge_key(document: Document) -> None:
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
