"""Mixtures of attacks: density matrices and measurements in doubles."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from evaluation.common import LOOSE, Document, Proven, exact, h, need, scoped, within
from evaluation.links import given_bob
from evaluation.states import entropy


def mixture(document: Document) -> Proven:
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
