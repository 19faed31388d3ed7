"""Separable states with exactly known eigenvectors, near a given state: no search, and D(ρ‖σ) to 15 digits.

They are the optimal ones for Bell-diagonal, isotropic, Werner and pure states, and separable, hence valid, for every
other state. In each, -tr ρ log σ is a sum of weights of ρ on exactly known projectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import acb_mat, arb, ctx
from numpy.typing import NDArray

from keybounds.bounds.state.orthonormal import orthonormal_columns
from keybounds.bounds.state.spectra import PRECISION, CertifiedState, adjoint, as_pairs, centre, exact_matrix
from keybounds.enclosure import ball

# Weight of the maximally mixed state in sigma: keeps the logarithm finite where rho, given in doubles, leaks out of the
# support of the ideal sigma. Costs about as many bits.
ADMIXTURE = 2.0**-50


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A separable state σ and D(ρ‖σ).

    Attributes
    ----------
    name
        What σ is.
    divergence
        D(ρ‖σ) in bits, enclosed.
    matrix
        σ in floating point, without the admixture.
    parameters
        What with the name determines σ exactly: fractions as text, doubles as they are.
    """

    name: str
    divergence: arb
    matrix: NDArray[np.complex128]
    parameters: dict[str, Any]


def candidates(rho: CertifiedState, array: NDArray[np.complex128], dims: tuple[int, int]) -> Iterator[Candidate]:
    """Every candidate of this module that exists for these dimensions, each with 2^-50 of 1/N added.

    Parameters
    ----------
    rho, array
        The certified state and the doubles it was made of.
    dims
        (dA, dB).
    """
    with ctx.workprec(PRECISION):
        yield _product(rho, array, dims)
        yield _dephased(rho, array, dims)
        if dims[0] == dims[1] > 1:
            yield _isotropic(rho, dims[0])
            yield _werner(rho, dims[0])
        if dims == (2, 2):
            yield _bell_diagonal(rho)


def _product(rho: CertifiedState, array: NDArray[np.complex128], dims: tuple[int, int]) -> Candidate:
    """rho_A x rho_B, for which D is the mutual information."""
    value = rho.mutual_information(dims)
    tensor = array.reshape(*dims, *dims)
    matrix = np.kron(np.einsum("ikjk->ij", tensor), np.einsum("kikj->ij", tensor))
    return Candidate("product of the marginals", value, matrix, {})


def _cross_entropy(weights: Sequence[arb], shares: Sequence[Fraction], ranks: Sequence[int], dimension: int) -> arb:
    """-Tr rho log sigma for sigma with eigenvalue s_k/r_k on a projector of rank r_k on which rho has weight w_k.

    The admixture of the maximally mixed state is made here.
    """
    rest = arb(ADMIXTURE)
    total = arb(0)
    for w, s, r in zip(weights, shares, ranks, strict=True):
        total -= w * ((1 - rest) * ball(s) / r + rest / dimension).log()
    return total / arb.const_log2()


def _share(weight: arb) -> Fraction:
    """The double nearest to a weight, as the exact number it is."""
    return Fraction(max(float(weight.mid()), 0.0))


def _normalised(weights: Sequence[arb]) -> list[Fraction]:
    shares = [_share(w) for w in weights]
    total = sum(shares, Fraction(0))
    return [s / total for s in shares]


def _two_projectors(
    rho: CertifiedState, vectors: acb_mat, largest: Fraction
) -> tuple[Fraction, arb, NDArray[np.complex128]]:
    """Sigma = s P/rank P + (1-s)(1-P)/rank(1-P), P onto the orthogonal columns; separable for s in [0, largest].

    `vectors` are not normalised: all columns have the same norm. Returns s, D and sigma.
    """
    rank, dimension = vectors.ncols(), rho.dimension
    norm = (adjoint(vectors) * vectors)[0, 0].real
    weight = rho.weight(vectors) / norm
    share = min(_share(weight), largest)
    cross = _cross_entropy([weight, 1 - weight], [share, 1 - share], [rank, dimension - rank], dimension)
    columns = centre(vectors) / float(norm) ** 0.5
    projector = columns @ columns.conj().T
    s = float(share)
    sigma = s / rank * projector + (1 - s) / (dimension - rank) * (np.eye(dimension) - projector)
    return share, cross - rho.entropy, sigma


def _isotropic(rho: CertifiedState, d: int) -> Candidate:
    """P = |Φ><Φ|, Φ = Σ_i |ii>/√d. Isotropic states are separable iff their weight on it is at most 1/d."""
    phi = exact_matrix(np.eye(d, dtype=complex).reshape(d * d, 1))
    share, value, sigma = _two_projectors(rho, phi, Fraction(1, d))
    return Candidate("isotropic", value, sigma, {"share": str(share)})


def _werner(rho: CertifiedState, d: int) -> Candidate:
    """P onto |ij> - |ji>, i < j. Werner states are separable iff their weight on these is at most 1/2."""
    columns = []
    for i in range(d):
        for j in range(i + 1, d):
            column = np.zeros((d, d), dtype=complex)
            column[i, j], column[j, i] = 1, -1
            columns.append(column.ravel())
    share, value, sigma = _two_projectors(rho, exact_matrix(np.array(columns).T), Fraction(1, 2))
    return Candidate("Werner", value, sigma, {"share": str(share)})


def _bell_diagonal(rho: CertifiedState) -> Candidate:
    """Sigma Bell-diagonal, the largest weight cut to 1/2 (separable iff none is above 1/2)."""
    columns = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]], dtype=complex)
    weights = [rho.weight(exact_matrix(column[:, None])) / 2 for column in columns]
    shares = _normalised(weights)
    top = max(range(4), key=lambda k: shares[k])
    if shares[top] > Fraction(1, 2):
        left = 1 - shares[top]
        others = [s / (2 * left) if left else Fraction(1, 6) for s in shares]
        shares = [Fraction(1, 2) if k == top else s for k, s in enumerate(others)]
    sigma = sum((float(s) / 2 * np.outer(c, c) for s, c in zip(shares, columns, strict=True)), np.zeros((4, 4)))
    value = _cross_entropy(weights, shares, [1, 1, 1, 1], 4) - rho.entropy
    return Candidate("Bell-diagonal", value, np.asarray(sigma, dtype=complex), {"shares": [str(s) for s in shares]})


def _dephased(rho: CertifiedState, array: NDArray[np.complex128], dims: tuple[int, int]) -> Candidate:
    """Sigma diagonal in a product basis, with the diagonal of rho in it.

    The basis is the Schmidt basis of rho's leading eigenvector in doubles, orthonormalised in ball arithmetic: the
    balls hold an exactly orthonormal basis, and that is the one meant.
    """
    d_a, d_b = dims
    leading = np.linalg.eigh(array)[1][:, -1].reshape(d_a, d_b)
    left, _, right = np.linalg.svd(leading)
    basis_a, basis_b = orthonormal_columns(left), orthonormal_columns(right.T)
    weights = []
    for i in range(d_a):
        for j in range(d_b):
            product = [[basis_a[k, i] * basis_b[m, j]] for k in range(d_a) for m in range(d_b)]
            weights.append(rho.weight(acb_mat(product)))
    shares = _normalised(weights)
    value = _cross_entropy(weights, shares, [1] * len(shares), rho.dimension) - rho.entropy
    basis = np.kron(left, right.T)
    sigma = (basis * np.array([float(s) for s in shares])) @ basis.conj().T
    parameters = {
        "alice": as_pairs(left),
        "bob": as_pairs(np.ascontiguousarray(right.T)),
        "shares": [str(s) for s in shares],
    }
    return Candidate("dephased in the Schmidt basis", value, sigma, parameters)
