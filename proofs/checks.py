"""The steps of a witness: numbers of the statement against numbers found another way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keybounds.proofs.claim import Ground, Step

DIGITS = 50


def holds(description: str, truth: bool, *, detail: str) -> Step:
    """Return the step of a witness that is true or false."""
    return Step(description=description, ground=Ground.WITNESS, holds=bool(truth), detail=detail)


def witness(description: str, stated: Any, found: Any, *, tolerance_digits: int = 40) -> Step:
    """Compare the number that the statement gives with the number `found` another way, both to 50 digits.

    Ten digits are allowed for rounding in the matrix computations behind `found`.
    """
    import mpmath

    with mpmath.workdps(DIGITS + 10):
        gap = abs(mpmath.mpmathify(stated) - mpmath.mpmathify(found))
        agrees = bool(gap <= mpmath.mpf(10) ** -tolerance_digits)
        detail = f"{mpmath.nstr(mpmath.mpmathify(found), 18)}, " + (
            f"agrees to {tolerance_digits} digits" if agrees else f"differs by {mpmath.nstr(gap, 5)}"
        )
    return Step(description=description, ground=Ground.WITNESS, holds=agrees, detail=detail)


def number(expression: Any, values: Mapping[Any, Any]) -> Any:
    """Evaluate a sympy expression at exact values of its symbols, as an mpmath number to 60 digits."""
    import mpmath
    import sympy as sp

    from keybounds.proofs.logic.terms import expanded

    with mpmath.workdps(DIGITS + 10):
        return mpmath.mpmathify(sp.N(expanded(expression).subs(values), DIGITS + 10))
