"""The symbols of the claims, and the entropies in them. Logarithms are base 2; sympy loads on first use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def symbol(name: str) -> Any:
    """Return the positive real symbol of this name, the same one everywhere."""
    import sympy as sp

    return sp.Symbol(name, positive=True)


def log2(x: Any) -> Any:
    """Logarithm to base 2."""
    import sympy as sp

    return sp.log(x) / sp.log(2)


def entropy(weights: Iterable[tuple[Any, Any]]) -> Any:
    """-sum m w log2 w over pairs (weight w > 0, multiplicity m)."""
    return -sum(m * w * log2(w) for w, m in weights)


def binary_entropy(x: Any) -> Any:
    """h(x)."""
    return entropy([(x, 1), (1 - x, 1)])
