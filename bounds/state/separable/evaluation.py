"""The certified cost of a separable state: D(ρ‖σ) from above, in ball arithmetic, with no trust in any optimiser.

With Q a unitary near the floating-point eigenvectors of σ, Q†σQ = diag(m) + E and δ >= ‖E‖, operator monotonicity of
the logarithm gives log σ >= Q log(diag(m) - δ) Q†, hence

    -tr ρ log σ <= -Σ_i (Q†ρQ)_ii log(m_i - δ).

Q is V (V†V)^(-1/2) for an explicit matrix V with ‖V†V - 1‖ <= s < 1/10. Then ‖(V†V)^(-1/2) - 1‖ <= s, and Q†MQ is
within s(1+s)(2+s)‖M‖ <= 3s of V†MV for a state M: δ and the weights take that in.
"""

from __future__ import annotations

import numpy as np
from flint import acb_mat, arb, ctx
from numpy.typing import NDArray

from keybounds.bounds.state.separable.ensemble import ProductEnsemble
from keybounds.bounds.state.spectra import PRECISION, CertifiedState, adjoint, centre, exact_matrix, frobenius_norm
from keybounds.errors import BoundNotEstablishedError

# Weights of the maximally mixed state in σ that are tried in turn: each costs about as many bits, and too small a one
# leaves eigenvalues of σ below the accuracy of its floating-point eigenvectors.
ADMIXTURES = (2.0**-37, 2.0**-30, 2.0**-20, 2.0**-10)


def certified_divergence(rho: CertifiedState, ensemble: ProductEnsemble) -> tuple[arb, float]:
    """An upper bound on D(ρ‖σ) in bits for σ = (1-η) Σ_k |a_k b_k><a_k b_k| / trace + η 1/N, and the η used.

    η is the least of `ADMIXTURES` for which the bound is finite.

    Raises
    ------
    BoundNotEstablishedError
        No η gives a finite bound.
    """
    with ctx.workprec(PRECISION):
        rows = _products(ensemble)
        unnormalised = rows.transpose() * rows.conjugate()
        trace = sum((unnormalised[i, i].real for i in range(rho.dimension)), arb(0))
        sigma = unnormalised / trace
        for admixture in ADMIXTURES:
            value = divergence_from(rho, mixed(sigma, admixture))
            if value.is_finite():
                return value, admixture
    raise BoundNotEstablishedError("no enclosure of D(rho||sigma): the separable state has no usable eigenvectors")


def mixed(matrix: acb_mat, admixture: float) -> acb_mat:
    """(1-η) M + η 1/N at the working precision."""
    size = matrix.nrows()
    eta = arb(admixture)
    identity = acb_mat([[eta / size if i == j else arb(0) for j in range(size)] for i in range(size)])
    return matrix * (1 - eta) + identity


def divergence_from(rho: CertifiedState, sigma: acb_mat) -> arb:
    """An upper bound on D(ρ‖σ) in bits for every state σ in the balls of `sigma`; not finite where none is found."""
    size = rho.dimension
    with ctx.workprec(PRECISION):
        v, skew = _nearly_unitary(centre(sigma))
        if not skew < 0.1:
            return arb("nan")
        slack = 3 * skew
        rotated, weights, norms = adjoint(v) * sigma * v, adjoint(v) * rho.matrix * v, adjoint(v) * v
        mixing = frobenius_norm(rotated[i, j] for i in range(size) for j in range(size) if i != j)
        total = arb(0)
        for i in range(size):
            eigenvalue = (rotated[i, i].real - mixing - slack).lower()
            if not eigenvalue > 0:
                return arb("nan")
            weight = ((weights[i, i].real + rho.shift * norms[i, i].real) / rho.trace + slack).upper()
            total -= weight * eigenvalue.log()
        return total / arb.const_log2() - rho.entropy


def _products(ensemble: ProductEnsemble) -> acb_mat:
    """Rows a_k ⊗ b_k of the exact entries, each to the working precision."""
    alice, bob = exact_matrix(ensemble.alice).tolist(), exact_matrix(ensemble.bob).tolist()
    return acb_mat([[x * y for x in a for y in b] for a, b in zip(alice, bob, strict=True)])


def _nearly_unitary(matrix: NDArray[np.complex128]) -> tuple[acb_mat, arb]:
    """Exact V near the eigenvectors of `matrix`, improved by a Newton step towards unitarity; s >= ‖V†V - 1‖."""
    size = len(matrix)
    v = exact_matrix(np.linalg.eigh(matrix)[1])
    v = (v * (acb_mat(size, size, 3) - adjoint(v) * v) / 2).mid()
    gram = adjoint(v) * v
    return v, frobenius_norm(gram[i, j] - (1 if i == j else 0) for i in range(size) for j in range(size))
