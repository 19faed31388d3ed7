"""Entropies of the parts of one state as symbols, and the informations that are linear in them.

A part is a string of one-letter systems; S("AE") and S("EA") are the same symbol. An identity between such expressions
that holds in the symbols holds for every state, whichever of the systems are classical.
"""

from __future__ import annotations

from typing import Any


def part_entropy(systems: str) -> Any:
    """S of a part, a real symbol; 0 for no system."""
    import sympy as sp

    if not systems:
        return sp.Integer(0)
    return sp.Symbol("S(" + "".join(sorted(set(systems))) + ")", real=True)


def conditional(systems: str, given: str = "") -> Any:
    """S(A|C) = S(AC) - S(C)."""
    return part_entropy(systems + given) - part_entropy(given)


def information(first: str, second: str, given: str = "") -> Any:
    """I(A:B|C) = S(A|C) - S(A|BC)."""
    return conditional(first, given) - conditional(first, second + given)
