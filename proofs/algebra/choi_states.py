"""Choi states of erasure, dephasing and depolarising channels, and separable ones beside them, by common projectors.

Phi is the projector on the maximally entangled vector, T that on the span of the |ii>, and the flag that of an erased
output, 1 (x) |flag><flag|. All operators here are sums of Phi, T - Phi, 1 - T and the flag.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.propositions import UndecidedError

Operator = Mapping[str, Any]


def ranks(d: Any) -> dict[str, Any]:
    """Ranks of the projectors, by name."""
    return {"phi": sp.Integer(1), "pairs": d - 1, "rest": d**2 - d, "flag": d}


def _are_projectors(d: Any) -> bool:
    """Phi^2 = Phi, T Phi = Phi and T^2 = T, entry by entry; then Phi, T - Phi and 1 - T are orthogonal projectors."""
    phi = Monomial(1 / d, deltas=(("i", "j"), ("k", "l")))  # <ij|Phi|kl>
    span = Monomial(sp.Integer(1), deltas=(("i", "j"), ("j", "k"), ("k", "l")))  # sum |ii><ii|

    def product(left: Monomial, right: Monomial) -> Any:
        return contract(left.rename({"k": "m", "l": "n"}) * right.rename({"i": "m", "j": "n"}), ("m", "n"), d)

    wanted = contract(phi, (), d)
    return bool(product(phi, phi) == wanted == product(span, phi) and product(span, span) == contract(span, (), d))


def operator(name: Any) -> tuple[Operator, Any]:
    """The operator that `name` stands for, by projectors, and the dimension."""
    kind = type(name).__name__
    if kind == "choi":
        channel, (d, p) = type(name.args[0]).__name__, name.args[0].args[:2]
        if channel == "erasure":  # M -> (1-p) M + p tr M |flag><flag|
            return {"phi": 1 - p, "flag": p / d}, d
        if channel == "dephasing":  # M -> (1-p) M + p/(d-1) sum_k Z^k M Z^-k; the Phi_k of k > 0 add up to T - Phi
            return {"phi": 1 - p, "pairs": p / (d - 1)}, d
        if channel == "depolarising":  # M -> (1-p) M + p tr M 1/d
            return {"phi": 1 - p + p / d**2, "pairs": p / d**2, "rest": p / d**2}, d
    if kind == "correlated":
        (d,) = name.args
        return {"phi": 1 / d, "pairs": 1 / d}, d
    if kind == "correlated_or_erased":
        d, p = name.args
        return {"phi": (1 - p) / d, "pairs": (1 - p) / d, "flag": p / d}, d
    if kind == "isotropic":
        (d,) = name.args
        other = (1 - 1 / d) / (d**2 - 1)
        return {"phi": 1 / d, "pairs": other, "rest": other}, d
    raise UndecidedError(f"{name} is no Choi state that is known here")


def have_common_spectrum(first: Any, second: Any, triples: Any) -> bool:
    """Whether first = sum x Pi and second Pi = y Pi, with orthogonal Pi of rank m, over the triples (x, y, m)."""
    (left, d), (right, other) = operator(first), operator(second)
    if d != other or not _are_projectors(d):
        return False
    groups = [["phi"], ["pairs"], ["rest"], ["flag"], ["pairs", "rest"]]
    used: list[str] = []
    for x, y, m in triples:
        for group in groups:
            rank = sum(ranks(d)[atom] for atom in group)
            same = all(vanishes(left.get(a, 0) - x) and vanishes(right.get(a, 0) - y) for a in group)
            if same and vanishes(rank - m) and not set(group) & set(used):
                used += group
                break
        else:
            return False
    return all(atom in used or vanishes(value) for atom, value in left.items())


def is_diagonal(name: Any, pairs: Any) -> bool:
    """Whether the operator is diagonal in the basis of the |ij> and the flag, with the values and their numbers."""
    found, d = operator(name)
    if not vanishes(found.get("phi", 0) - found.get("pairs", 0)):
        return False
    left = {"span": (found.get("phi", sp.Integer(0)), d)}
    left |= {atom: (found.get(atom, sp.Integer(0)), ranks(d)[atom]) for atom in ("rest", "flag")}
    for value, number in pairs:
        match = next((a for a, (v, n) in left.items() if vanishes(v - value) and vanishes(n - number)), None)
        if match is None:
            return False
        del left[match]
    return all(vanishes(value) for value, _ in left.values())
