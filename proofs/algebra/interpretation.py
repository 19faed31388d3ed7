"""Which operator of the exact algebras a name in a statement stands for: the executable side of `proofs.notions`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keybounds.proofs.algebra import family
from keybounds.proofs.logic.decide import vanishes
from keybounds.proofs.logic.propositions import UndecidedError
from keybounds.proofs.logic.terms import symbol


def family_operator(name: Any) -> family.Operator:
    """The operator of the family's algebra that `name` stands for, e.g. transposed(rho(r^2, p)).

    Raises
    ------
    UndecidedError
        It is none of that algebra, or its dimension is not written as r^2.
    """
    kind = type(name).__name__
    if kind in ("rho", "X", "Y"):
        dimension = name.args[0]
        if dimension != symbol("r") ** 2:
            raise UndecidedError(f"the dimension {dimension} is not written as r^2")
        if kind == "rho":
            return family.rho(name.args[1])
        return {("00", "00"): {"V": dimension**-2} if kind == "X" else {"P": 1 / dimension}}
    if kind == "transposed":
        return family.partial_transpose(family_operator(name.args[0]))
    raise UndecidedError(f"{name} is no operator of the family's algebra")


_PROJECTORS: tuple[Callable[[], family.Operator], ...] = (
    family.good_projector,
    family.error_projector,
    family.correlated_projector,
    lambda: family.sign_projector(1),
    lambda: family.sign_projector(-1),
)


def has_spectrum(operator: Any, pairs: Any) -> bool:
    """Whether `operator` is sum x_k Pi_k with orthogonal projectors of ranks m_k, for all values of the symbols.

    The projectors are searched among those of the algebra: a spectrum that needs others is not found here.
    """
    matrix = family_operator(operator)
    known = [make() for make in _PROJECTORS]
    chosen: list[family.Operator] = []
    for value, rank in pairs:
        for projector in known:
            if projector in chosen or not vanishes(family.trace(projector) - rank):
                continue
            if family.equal(family.multiply(matrix, projector), family.add((value, projector))):
                chosen.append(projector)
                break
        else:
            return False
    total = family.add(*((value, projector) for (value, _), projector in zip(pairs, chosen, strict=True)))
    orthogonal = all(
        family.equal(family.multiply(first, second), first if first is second else {})
        for first in chosen
        for second in chosen
    )
    return orthogonal and family.equal(matrix, total)


def is_partial_isometry(operator: Any, factor: Any, rank: Any) -> bool:
    """Whether A A*/x^2 is a projector of the given rank, for all values of the symbols."""
    matrix = family_operator(operator)
    projector = family.add((factor**-2, family.multiply(matrix, family.adjoint(matrix))))
    return family.equal(family.multiply(projector, projector), projector) and vanishes(family.trace(projector) - rank)
