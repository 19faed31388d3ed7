"""Spectra: positivity, trace, entropy, trace norm."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import Meaning, Theorem
from keybounds.proofs.logic.propositions import Equivalence, at_least, equal, greater
from keybounds.proofs.logic.terms import log2, real, symbol, thing
from keybounds.proofs.notions import (
    S,
    Tr,
    has_spectrum,
    is_partial_isometry,
    is_positive,
    is_ppt,
    is_state,
    norm1,
    transposed,
)

A = thing("A")

STATE = Theorem(
    name="density operators",
    source="nielsen2010, Theorem 2.5",
    words="A positive semidefinite operator of trace 1 is a state.",
    hypotheses=(is_positive(A), equal(Tr(A), 1)),
    conclusion=is_state(A),
)
PPT = Meaning("PPT means that the partial transpose is positive", is_ppt(A), is_positive(transposed(A)))


def eigenvalue(k: int) -> Any:
    """The symbol of eigenvalue k, real."""
    return real(f"x_{k}")


def multiplicity(k: int) -> Any:
    """The symbol of its multiplicity, positive."""
    return symbol(f"m_{k}")


def pairs(n: int) -> Any:
    """((x_1, m_1), ...)."""
    return sp.Tuple(*(sp.Tuple(eigenvalue(k), multiplicity(k)) for k in range(1, n + 1)))


@cache
def positivity(n: int) -> Theorem:
    """With n eigenvalues, all but the last positive, it is positive if and only if the last is not negative."""
    return Theorem(
        name=f"positivity of {n} eigenvalues",
        source="nielsen2010, Section 2.1.5",
        words="A Hermitian operator is positive semidefinite if and only if no eigenvalue is negative.",
        hypotheses=(has_spectrum(A, pairs(n)), *(greater(eigenvalue(k), 0) for k in range(1, n))),
        conclusion=Equivalence(is_positive(A), at_least(eigenvalue(n), 0)),
    )


ISOMETRY = Theorem(
    name="trace norm of a partial isometry",
    source="nielsen2010, Section 9.2.1",
    words="x times a partial isometry of rank m has m singular values x, so the trace norm m x.",
    hypotheses=(is_partial_isometry(A, real("x_1"), symbol("m_1")), at_least(real("x_1"), 0)),
    conclusion=equal(norm1(A), symbol("m_1") * real("x_1")),
)


@cache
def trace(n: int) -> Theorem:
    """The trace is the sum of the eigenvalues with their multiplicities."""
    return Theorem(
        name=f"trace of {n} eigenvalues",
        source="nielsen2010, Section 2.1.8",
        words="The trace is the sum of the eigenvalues.",
        hypotheses=(has_spectrum(A, pairs(n)),),
        conclusion=equal(Tr(A), sum(multiplicity(k) * eigenvalue(k) for k in range(1, n + 1))),
    )


@cache
def entropy(n: int) -> Theorem:
    """S = -sum m x log x."""
    terms = (multiplicity(k) * eigenvalue(k) * log2(eigenvalue(k)) for k in range(1, n + 1))
    return Theorem(
        name=f"entropy of {n} eigenvalues",
        source="nielsen2010, Eq. (11.40)",
        words="The entropy is -sum x log x over the eigenvalues.",
        hypotheses=(has_spectrum(A, pairs(n)), *(at_least(eigenvalue(k), 0) for k in range(1, n + 1))),
        conclusion=equal(S(A), -sp.Add(*terms)),
    )


def values(spectrum: Any) -> dict[Any, Any]:
    """The values of the symbols of `pairs` for a spectrum ((x, m), ...)."""
    found: dict[Any, Any] = {}
    for k, (x, m) in enumerate(spectrum, start=1):
        found[eigenvalue(k)], found[multiplicity(k)] = x, m
    return found
