"""Ceilings on key from the relative entropy of entanglement, each the value of an explicit separable state.

K(rho) <= E_r(rho) = min over separable sigma of D(rho||sigma) [horodecki2005]; so D(rho||sigma) is a ceiling for *any*
separable sigma. Minimising over PPT states instead would not be one: PPT is not separable beyond 2x2 and 2x3, and for
the PPT private states of this package the PPT minimum is 0 while the key is not.

Every sigma here has a basis or projectors known exactly, so that -Tr rho log sigma is a sum of weights of rho. They
are the optimal ones for Bell-diagonal, isotropic, Werner and pure states (where the ceiling is E_r itself), and
separable, hence valid, for every other state.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from flint import acb_mat, arb, ctx

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import ANY_PROTOCOL, Scope, Trust
from keybounds.bounds.spectra import PRECISION, CertifiedState, certified_state, exact_matrix
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import round_up
from keybounds.errors import DimensionError
from keybounds.states import density_matrix

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

# Weight of the maximally mixed state in sigma: keeps the logarithm finite where rho, given in doubles, leaks out of the
# support of the ideal sigma. Costs about as many bits.
ADMIXTURE = 2.0**-50


def relative_entropy_of_entanglement(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: tuple[int, int] | None = None,
    *,
    subject: str | None = None,
) -> Bound:
    """Ceiling on the secret-key rate of a bipartite state: min over explicit separable sigma of D(rho||sigma).

    The sigmas tried, each with 2^-50 of the maximally mixed state added:

    - the isotropic and the Werner state nearest to rho that are separable (dA = dB);
    - for two qubits the Bell-diagonal one [vedral1997];
    - the dephasing of rho in the Schmidt basis of its leading eigenvector;
    - rho_A x rho_B, whose value is the mutual information.

    Equal to E_r up to rounding on Bell-diagonal, isotropic, Werner [vollbrecht2001] and pure states.

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems.
    subject
        What the bound is about; by default a digest of the matrix.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with trusted devices. The state that is certified
        is the nearest exactly positive one: ``diagnostics["shift"]`` times the identity was added and normalised away.
        ``diagnostics["separable_state"]`` names the sigma.

    Raises
    ------
    StateError, DimensionError
        Not a density matrix; dims that do not multiply up or are not two.

    Notes
    -----
    horodecki2005 for K <= E_r.
    """
    array, parties = density_matrix(state, dims)
    if len(parties) != 2:
        raise DimensionError("dims", "two subsystems (dA, dB)", f"{len(parties)}: {parties}")
    rho = certified_state(array)
    with ctx.workprec(PRECISION):
        name, value = min(_divergences(rho, array, parties), key=lambda pair: float(pair[1].upper()))
    return upper_bound(
        value,
        unit=Unit.PER_COPY,
        scope=Scope(subject=subject or subject_of("state", array), trust=Trust.DEVICE_DEPENDENT, protocol=ANY_PROTOCOL),
        method="relative entropy of entanglement",
        reference="horodecki2005",
        provenance={"dims": list(parties)},
        diagnostics={"separable_state": name, "shift": round_up(rho.shift)},
    )


def _divergences(
    rho: CertifiedState, array: NDArray[np.complex128], dims: tuple[int, ...]
) -> Iterator[tuple[str, arb]]:
    """D(rho||sigma) in bits for each sigma of this module, with the name of sigma."""
    d_a, d_b = dims
    yield "product of the marginals", rho.marginal_entropy(dims, 0) + rho.marginal_entropy(dims, 1) - rho.entropy
    yield "dephased in the Schmidt basis", _dephased(rho, array, dims)
    if d_a == d_b:
        yield "isotropic", _two_projectors(rho, _maximally_entangled(d_a), arb(1) / d_a)
        yield "Werner", _two_projectors(rho, _antisymmetric(d_a), arb(1) / 2)
    if dims == (2, 2):
        yield "Bell-diagonal", _bell_diagonal(rho)


def _cross_entropy(weights: list[arb], probabilities: list[arb], ranks: list[int], dimension: int) -> arb:
    """-Tr rho log sigma for sigma with eigenvalue p_k/r_k on a projector of rank r_k on which rho has weight w_k.

    The admixture of the maximally mixed state is made here.
    """
    rest = arb(ADMIXTURE)
    total = arb(0)
    for w, p, r in zip(weights, probabilities, ranks, strict=True):
        total -= w * ((1 - rest) * p / r + rest / dimension).log()
    return total / arb.const_log2()


def _two_projectors(rho: CertifiedState, vectors: acb_mat, largest: arb) -> arb:
    """Sigma = s P/rank P + (1-s)(1-P)/rank(1-P), P onto the orthogonal columns; separable for s in [0, largest].

    `vectors` are not normalised: all columns have the same norm.
    """
    rank, dimension = vectors.ncols(), rho.dimension
    norm = (vectors.transpose().conjugate() * vectors)[0, 0].real
    weight = rho.weight(vectors) / norm
    share = weight.mid().nonnegative_part().min(largest)
    cross = _cross_entropy([weight, 1 - weight], [share, 1 - share], [rank, dimension - rank], dimension)
    return cross - rho.entropy


def _maximally_entangled(d: int) -> acb_mat:
    """Sum_i |ii>, not normalised. Isotropic states are separable iff their weight on it is at most 1/d."""
    return exact_matrix(np.eye(d, dtype=complex).reshape(d * d, 1))


def _antisymmetric(d: int) -> acb_mat:
    """|ij> - |ji> for i < j, not normalised. Werner states are separable iff their weight on these is at most 1/2."""
    columns = []
    for i in range(d):
        for j in range(i + 1, d):
            column = np.zeros((d, d), dtype=complex)
            column[i, j], column[j, i] = 1, -1
            columns.append(column.ravel())
    return exact_matrix(np.array(columns).T)


def _bell_diagonal(rho: CertifiedState) -> arb:
    """Sigma Bell-diagonal, the largest weight cut to 1/2 (separable iff none is above 1/2)."""
    columns = ([1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0])
    weights = [rho.weight(exact_matrix(np.array([c], dtype=complex).T)) / 2 for c in columns]
    shares = [w.mid().nonnegative_part() for w in weights]
    total = sum(shares, arb(0))
    shares = [s / total for s in shares]
    top = max(range(4), key=lambda k: float(shares[k].mid()))
    if not shares[top] <= 0.5:
        scale = arb(0.5) / (1 - shares[top])
        shares = [arb(0.5) if k == top else s * scale for k, s in enumerate(shares)]
    return _cross_entropy(weights, shares, [1, 1, 1, 1], 4) - rho.entropy


def _dephased(rho: CertifiedState, array: NDArray[np.complex128], dims: tuple[int, ...]) -> arb:
    """Sigma diagonal in a product basis, with the diagonal of rho in it.

    The basis is the Schmidt basis of rho's leading eigenvector in doubles, orthonormalised in ball arithmetic: the
    balls hold an exactly orthonormal basis, and that is the one meant.
    """
    d_a, d_b = dims
    leading = np.linalg.eigh(array)[1][:, -1].reshape(d_a, d_b)
    left, _, right = np.linalg.svd(leading)
    basis_a, basis_b = _orthonormal(left), _orthonormal(right.T)
    weights = []
    for i in range(d_a):
        for j in range(d_b):
            product = [[basis_a[k, i] * basis_b[m, j]] for k in range(d_a) for m in range(d_b)]
            weights.append(rho.weight(acb_mat(product)))
    shares = [w.mid().nonnegative_part() for w in weights]
    total = sum(shares, arb(0))
    shares = [s / total for s in shares]
    return _cross_entropy(weights, shares, [1] * len(shares), rho.dimension) - rho.entropy


def _orthonormal(vectors: NDArray[np.complex128]) -> acb_mat:
    """Gram–Schmidt on the columns, in balls."""
    matrix = exact_matrix(vectors)
    size = matrix.nrows()
    columns: list[acb_mat] = []
    for k in range(size):
        column = acb_mat([[matrix[i, k]] for i in range(size)])
        for previous in columns:
            column = column - previous * (previous.transpose().conjugate() * column)[0, 0]
        norm = (column.transpose().conjugate() * column)[0, 0].real.sqrt()
        columns.append(column / norm)
    return acb_mat([[column[i, 0] for column in columns] for i in range(size)])
