"""Entropies and guesses of an adversary: blocks, unitaries, discrimination, the integral of the relative entropy."""

from __future__ import annotations

from functools import cache

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import Equivalence, at_least, at_most, equal, greater
from keybounds.proofs.logic.terms import integer, log2, real, thing
from keybounds.proofs.notions import D, Tr, is_positive, norm1
from keybounds.proofs.notions_entropies import (
    Tr_minus,
    alice,
    are_congruent,
    blocks,
    conjugated,
    eta,
    eve,
    eve_error,
    is_device,
    is_projector,
    is_unitary,
    matrix_has_spectrum,
    mixed,
    relabelled,
)
from keybounds.proofs.theorems.operators import eigenvalue, multiplicity, pairs

A, B, T, V, Z = (thing(name) for name in "ABTVZ")
rho, sigma, L_0, L_1 = (thing(name) for name in ("rho", "sigma", "L_0", "L_1"))
x, y, t, low, high, s = (real(name) for name in ("x", "y", "t", "mu", "lambda", "s"))
setting = integer("x_A")

# ---------------------------------------------------------------------------------------------- positive operators

CONGRUENCE = Theorem(
    name="congruence",
    source="bhatia1997, Section I.2",
    words="T A T* with an invertible T is positive semidefinite if and only if A is.",
    hypotheses=(are_congruent(A, B, T),),
    conclusion=Equivalence(is_positive(A), is_positive(B)),
)
DIAGONAL = sp.Matrix([[A, 0], [0, B]]).as_immutable()
SUMMANDS = tuple(
    Theorem(
        name="summands of a direct sum",
        source="bhatia1997, Section I.2",
        words="A direct sum is positive semidefinite only if each summand is.",
        hypotheses=(is_positive(DIAGONAL),),
        conclusion=is_positive(part),
    )
    for part in (A, B)
)
DIRECT_SUM = Theorem(
    name="direct sum",
    source="bhatia1997, Section I.2",
    words="A direct sum of positive semidefinite operators is positive semidefinite.",
    hypotheses=(is_positive(A), is_positive(B)),
    conclusion=is_positive(DIAGONAL),
)
CONE = Theorem(
    name="cone of positive operators",
    source="nielsen2010, Section 2.1.6",
    words="Sums of positive operators with factors that are not negative are positive.",
    hypotheses=(is_positive(A), is_positive(B), at_least(x, 0), at_least(y, 0)),
    conclusion=is_positive(x * A + y * B),
)
PRODUCT = Theorem(
    name="trace of a product",
    source="nielsen2010, Section 2.1.8",
    words="The trace of a positive operator times a projector is not negative.",
    hypotheses=(is_positive(A), is_projector(Z)),
    conclusion=at_least(Tr(A * Z), 0),
)
COMPLEMENT = Theorem(
    name="orthogonal complement",
    source="nielsen2010, Section 2.1.6",
    words="1 - Z is a projector if Z is.",
    hypotheses=(is_projector(Z),),
    conclusion=is_projector(1 - Z),
)
HOMOGENEITY = Theorem(
    name="homogeneity of the trace norm",
    source="nielsen2010, Section 9.2.1",
    words="The norm of x A is x times that of A, for x >= 0.",
    hypotheses=(at_least(x, 0),),
    conclusion=equal(norm1(x * A), x * norm1(A)),
)
OPPOSITE = Theorem(
    name="norm of the opposite",
    source="nielsen2010, Section 9.2.1",
    words="A and -A have the same norm.",
    hypotheses=(),
    conclusion=equal(norm1(-A), norm1(A)),
)
UNITARY_NORM = Theorem(
    name="unitary invariance of the trace norm",
    source="nielsen2010, Section 9.2.1",
    words="The trace norm of V A V* is that of A.",
    hypotheses=(is_unitary(V),),
    conclusion=equal(norm1(conjugated(V, A)), norm1(A)),
)
UNITARY_TRACE = Theorem(
    name="unitary invariance of the trace",
    source="nielsen2010, Section 2.1.8",
    words="The trace of V A V* is that of A.",
    hypotheses=(is_unitary(V),),
    conclusion=equal(Tr(conjugated(V, A)), Tr(A)),
)
UNITARY_PRODUCT = Theorem(
    name="unitary invariance of the trace, of a product",
    source="nielsen2010, Section 2.1.8",
    words="V A V* V Z V* = V A Z V*.",
    hypotheses=(is_unitary(V),),
    conclusion=equal(Tr(conjugated(V, A) * conjugated(V, Z)), Tr(A * Z)),
)

# ----------------------------------------------------------------------------------------------- devices and entropies

OUTCOMES = tuple(
    Theorem(
        name="Eve's operators",
        source="nielsen2010, Section 2.4.3",
        words="What Eve holds, for an outcome of Alice's or for none, is a positive operator.",
        hypotheses=(is_device(rho),),
        conclusion=is_positive(eve(rho, operator)),
    )
    for operator in (alice(setting), 1 - alice(setting), sp.Integer(1))
)
NORMALISED = Theorem(
    name="normalisation",
    source="nielsen2010, Theorem 2.5",
    words="Eve's state has the trace 1.",
    hypotheses=(is_device(rho),),
    conclusion=equal(Tr(eve(rho, sp.Integer(1))), 1),
)
EXCHANGED_NAMES = Theorem(
    name="exchanged names of outcomes",
    source="nielsen2010, Section 2.1.6",
    words="1 - E is a projector if E is, and commutes with what E commutes with.",
    hypotheses=(is_device(rho),),
    conclusion=is_device(relabelled(rho)),
)
FLAGGED = Theorem(
    name="flagged mixture of devices",
    source="nielsen2010, Section 2.4.1",
    words="One half each of two devices, told apart by a flag that Eve holds, is a device.",
    hypotheses=(is_device(rho), is_device(relabelled(rho))),
    conclusion=is_device(mixed(rho)),
)
LABELLED_TRACE = Theorem(
    name="trace over blocks",
    source="nielsen2010, Section 2.4.1",
    words="The trace of two blocks is the sum of their traces.",
    hypotheses=(),
    conclusion=equal(Tr(blocks(A, B)), Tr(A) + Tr(B)),
)
LABELLED_ENTROPY = Theorem(
    name="entropy of a labelled mixture",
    source="nielsen2010, Theorem 11.8 (4)",
    words="S(sum p_i rho_i) = H(p) + sum p_i S(rho_i) on orthogonal supports; with halves, not normalised.",
    hypotheses=(is_positive(A), is_positive(B)),
    conclusion=equal(eta(blocks(A / 2, B / 2)), (eta(A) + eta(B)) / 2 + (Tr(A) + Tr(B)) / 2),
)

# ------------------------------------------------------------------------------------- discrimination and the integral

HELSTROM = Theorem(
    name="Holevo-Helstrom",
    source="watrous2018, Theorem 3.4",
    words="The least error of a projector that tells two weighted states apart is set by the trace norm.",
    hypotheses=(is_positive(L_0), is_positive(L_1), at_least(t, 0), at_most(t, 1)),
    conclusion=equal(eve_error(t, L_0, L_1), ((1 - t) * Tr(L_0) + t * Tr(L_1) - norm1((1 - t) * L_0 - t * L_1)) / 2),
)
INTEGRAL = Theorem(
    name="integral formula of the relative entropy",
    source="frenkel2023, Theorem 6; jencova2024",
    words="For mu sigma <= rho <= lambda sigma the relative entropy is an integral of negative parts.",
    hypotheses=(
        is_positive(rho),
        is_positive(sigma),
        is_positive(rho - low * sigma),
        is_positive(high * sigma - rho),
        at_least(low, 0),
        greater(high, low),
    ),
    conclusion=equal(
        D(rho, sigma) * sp.log(2),
        Tr(rho) * (sp.log(high) + 1) - high * Tr(sigma) + sp.Integral(Tr_minus(rho - s * sigma) / s, (s, low, high)),
    ),
)


@cache
def block_entropy(n: int) -> Theorem:
    """-Tr A log A = -sum m x log x for a matrix with n eigenvalues."""
    terms = (multiplicity(k) * eigenvalue(k) * log2(eigenvalue(k)) for k in range(1, n + 1))
    return Theorem(
        name=f"entropy of {n} eigenvalues",
        source="nielsen2010, Eq. (11.40)",
        words="-Tr A log A is -sum x log x over the eigenvalues.",
        hypotheses=(matrix_has_spectrum(A, pairs(n)), *(at_least(eigenvalue(k), 0) for k in range(1, n + 1))),
        conclusion=equal(eta(A), -sp.Add(*terms)),
    )
