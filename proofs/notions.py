"""The notions of the claims: states, entropies, keys; what each means, and the executable definition where it has one.

Operational notions (key rates) are functions of which only published theorems and claims say something; their meaning
is printed at the head of the appendix.
"""

from __future__ import annotations

from typing import Any

from keybounds.proofs.logic.propositions import Definition
from keybounds.proofs.logic.terms import construction, functional, linear


def _spectrum(operator: Any, pairs: Any) -> bool:
    from keybounds.proofs.algebra.interpretation import has_spectrum as decide

    return decide(operator, pairs)


def _partial_isometry(operator: Any, factor: Any, rank: Any) -> bool:
    from keybounds.proofs.algebra.interpretation import is_partial_isometry as decide

    return decide(operator, factor, rank)


# ---------------------------------------------------------------------------------------------- operators and states

rho = construction("rho", r"\rho_{{0},{1}}")
"""rho(d, p): the PPT private states of christandl2021, p. 3, for any complex Hadamard matrix in X."""

X, Y = construction("X", "X_{{0}}"), construction("Y", "Y_{{0}}")
"""X(d), Y(d): the operators on the shields of which rho(d, p) is made, christandl2021, p. 3."""

transposed = construction("transposed", r"{0}^{\Gamma}")
"""transposed(rho): partial transpose on Bob's side."""

has_spectrum = Definition(
    "has_spectrum",
    "{0} has the eigenvalues {1}, each with its multiplicity",
    r"\mathrm{spec}\,{0} = {1}",
    decide=_spectrum,
    meaning="It is the sum of the eigenvalues times orthogonal projectors of ranks equal to the multiplicities.",
)
is_partial_isometry = Definition(
    "is_partial_isometry",
    "{0} is {1} times a partial isometry of rank {2}",
    decide=_partial_isometry,
    meaning="{0} {0}* is {1}^2 times a projector of rank {2}.",
)
is_positive = Definition(
    "is_positive", "{0} is positive semidefinite", r"{0} \ge 0", meaning="None of its expectation values is negative."
)
is_state = Definition("is_state", "{0} is a state", r"{0} \in \mathcal{S}", meaning="Positive semidefinite, trace 1.")
is_ppt = Definition(
    "is_ppt", "{0} is PPT", r"{0} \in \mathrm{PPT}", meaning="The partial transpose is positive semidefinite."
)
is_separable = Definition(
    "is_separable",
    "{0} is separable",
    r"{0} \in \mathrm{SEP}",
    meaning="A convex combination of product states of Alice's and Bob's systems.",
)

Tr = linear("Tr", r"\mathrm{Tr}")
"""Tr(A): trace."""
S = functional("S")
"""S(rho) = -Tr rho log rho: von Neumann entropy."""
D = functional("D", separator="||")
"""D(rho || sigma) = Tr rho (log rho - log sigma): relative entropy."""
norm1 = functional("norm1", r"\left\|{0}\right\|_1")
"""norm1(A): trace norm."""

# --------------------------------------------------------------------------------------------------------------- keys

E_r = functional("E_r")
"""E_r(rho): relative entropy of entanglement, the least D(rho || sigma) over separable sigma."""
K = functional("K")
"""K(rho): key per copy that local operations and public communication make of many copies of rho, trusted devices."""
K_DI = functional("K_DI", r"K_{\mathrm{DI}}")
"""K_DI(rho): the greatest device-independent key per copy over all measurements of many copies of rho."""
