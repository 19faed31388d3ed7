"""Squashing isometries: the search for one in floating point, and the certified value of any.

With rho_AB = sum_k |w_k><w_k| the vector sum_k |w_k>|k> purifies it, and an isometry V from E = C^n to E'F gives the
extension rho_ABE'. The objective is

    ½ I(A;B|E') = ½ [S(AE') + S(BE') - S(E') - S(F)],

for S(ABE') = S(F). Every isometry gives a ceiling on squashed entanglement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx
from numpy.typing import NDArray

from keybounds.bounds.state.spectra import PRECISION, adjoint, eigenvalue_enclosures, exact_matrix, frobenius_norm
from keybounds.enclosure import shannon_entropy
from keybounds.errors import BoundNotEstablishedError
from keybounds.solvers import asked

_FLOOR = 1e-15  # eigenvalue below which the logarithm in a derivative is cut: rounding of a state's eigenvalues
_HISTORY = 20
_LARGEST = 1e70  # coordinates whose squares do not overflow
_UNITARY = 1e-25  # defect at which an isometry is exact enough: far below the accuracy of the eigenvalues that follow
_NEWTON_STEPS = 8  # each squares a defect

# The four entropies of ½ I(A;B|E'): sign, and the subsystems of A B E' F that are kept, then those traced out.
_ENTROPIES = ((1, (0, 2), (1, 3)), (1, (1, 2), (0, 3)), (-1, (2,), (0, 1, 3)), (-1, (3,), (0, 1, 2)))


@dataclass(frozen=True, slots=True, eq=False)
class Squashing:
    """An isometry E -> E'F in floating point and its value ½ I(A;B|E') in bits, in floating point too.

    Attributes
    ----------
    isometry
        Shape (e f, n), E' before F.
    environment
        (e, f).
    value
        Bits; not certified.
    """

    isometry: NDArray[np.complex128]
    environment: tuple[int, int]
    value: float


def best_squashing(
    purification: NDArray[np.complex128],
    dims: tuple[int, int],
    environment: tuple[int, int],
    *,
    starts: int,
    iterations: int,
    seed: int,
) -> Squashing:
    """Minimise ½ I(A;B|E') over isometries from seeded random ones, keeping the best.

    Parameters
    ----------
    purification
        The columns w_k, shape (dA dB, n).
    dims, environment
        (dA, dB) and (e, f), e f >= n.
    starts, iterations, seed
        Number of random starts, the most steps of L-BFGS for each, and the seed.
    """
    from scipy.optimize import minimize  # a second to import

    rng = np.random.default_rng(seed)
    shape = (environment[0] * environment[1], purification.shape[1])
    options: Any = {"maxiter": iterations, "maxfun": 3 * iterations, "maxcor": _HISTORY, "ftol": 1e-14, "gtol": 1e-9}

    def objective(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = value_and_gradient(point.view(np.complex128).reshape(shape), purification, dims, environment)
        return value, gradient.ravel().view(np.float64)

    best: Squashing | None = None
    for _ in range(starts):
        first = (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / math.sqrt(shape[0])
        with asked("L-BFGS-B"):
            result = minimize(objective, first.ravel().view(np.float64), jac=True, method="L-BFGS-B", options=options)
        point = np.asarray(result.x, dtype=np.float64)
        if np.all(np.abs(point) < _LARGEST) and (best is None or result.fun < best.value):
            isometry = _polar(point.view(np.complex128).reshape(shape))[0]
            best = Squashing(isometry, environment, float(result.fun))
    if best is None:
        raise BoundNotEstablishedError("L-BFGS-B found no isometry")
    return best


def value_and_gradient(
    matrix: NDArray[np.complex128],
    purification: NDArray[np.complex128],
    dims: tuple[int, int],
    environment: tuple[int, int],
) -> tuple[float, NDArray[np.complex128]]:
    """½ I(A;B|E') in bits for the isometry V = Z (Z†Z)^(-1/2) nearest to Z = `matrix`, and its gradient in Z.

    The gradient g is the one with d value = Re tr g† dZ. It is the Riemannian gradient at V pulled back through the
    polar decomposition Z = V S: the part outside the range of V is divided by S, and the anti-Hermitian part of V†∇
    goes through the inverse of X -> SX + XS, both exact.
    """
    isometry, scales, basis = _polar(matrix)
    tensor = (purification @ isometry.T).reshape(*dims, *environment)
    value, slope = 0.0, np.zeros_like(tensor)
    for sign, kept, traced in _ENTROPIES:
        order = kept + traced
        turned = tensor.transpose(order)
        rows = turned.reshape(math.prod(turned.shape[: len(kept)]), -1)
        entropy, derivative = _entropy(rows @ rows.conj().T)
        value += sign * entropy / 2
        slope += sign * (derivative @ rows).reshape(turned.shape).transpose(np.argsort(order))
    euclidean = (purification.conj().T @ slope.reshape(len(purification), -1)).T
    inner = isometry.conj().T @ euclidean
    skew = basis.conj().T @ (inner - inner.conj().T) @ basis / (scales[:, None] + scales[None, :])
    outside = (euclidean - isometry @ inner) @ (basis / scales) @ basis.conj().T
    return value, outside + isometry @ (basis @ skew @ basis.conj().T)


def _polar(
    matrix: NDArray[np.complex128],
) -> tuple[NDArray[np.complex128], NDArray[np.float64], NDArray[np.complex128]]:
    """V = Z (Z†Z)^(-1/2), and the eigenvalues and eigenvectors of (Z†Z)^(1/2)."""
    squares, basis = np.linalg.eigh(matrix.conj().T @ matrix)
    scales = np.sqrt(np.maximum(squares, np.finfo(float).tiny))
    return (matrix @ basis / scales) @ basis.conj().T, scales, basis


def _entropy(rho: NDArray[np.complex128]) -> tuple[float, NDArray[np.complex128]]:
    """S(ρ) in bits and the Hermitian G with dS = tr G dρ."""
    eigenvalues, basis = np.linalg.eigh(rho)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    logs = np.log2(np.maximum(eigenvalues, _FLOOR))
    derivative = -(basis * (logs + 1 / math.log(2))) @ basis.conj().T
    return -float(eigenvalues @ logs), derivative


def separate_levels(squashing: Squashing) -> list[list[int]]:
    """The columns of the isometry in groups, no two of which go to a common level of F."""
    e, f = squashing.environment
    used = np.any(squashing.isometry.reshape(e, f, -1) != 0, axis=0)
    groups: list[tuple[NDArray[np.bool_], list[int]]] = []
    for k in range(used.shape[1]):
        levels, columns = used[:, k], [k]
        for other in [group for group in groups if np.any(group[0] & levels)]:
            groups = [group for group in groups if group is not other]
            levels, columns = levels | other[0], other[1] + columns
        groups.append((levels, columns))
    return [sorted(columns) for _, columns in groups]


def certified_value(
    purification: acb_mat, isometry: NDArray[np.complex128], dims: tuple[int, int], environment: tuple[int, int]
) -> arb:
    """½ I(A;B|E') in bits, enclosed, for the isometry V (V†V)^(-1/2) of the exact doubles V = `isometry`.

    Parameters
    ----------
    purification
        Balls that hold columns w_k with sum_k |w_k><w_k| = rho exactly, shape (dA dB, n).
    isometry, dims, environment
        As in `Squashing`.

    Raises
    ------
    BoundNotEstablishedError
        `isometry` is far from one.
    """
    with ctx.workprec(PRECISION):
        rows = (purification * _exact_isometry(isometry).transpose()).tolist()
        tensor = np.array(rows, dtype=object).reshape(*dims, *environment)
        total = arb(0)
        for sign, kept, traced in _ENTROPIES:
            turned = tensor.transpose(kept + traced)
            flat = turned.reshape(math.prod(turned.shape[: len(kept)]), -1)
            columns = acb_mat(flat.tolist())
            eigenvalues = eigenvalue_enclosures(columns * adjoint(columns))
            total += sign * shannon_entropy(e.nonnegative_part() for e in eigenvalues)
        return total / 2


def _exact_isometry(matrix: NDArray[np.complex128]) -> acb_mat:
    """Balls that hold V (V†V)^(-1/2): Newton steps V(3 - V†V)/2 towards it, which keep it, and a bound on the rest."""
    size = matrix.shape[1]
    v = exact_matrix(matrix)
    for _ in range(_NEWTON_STEPS):
        gram = adjoint(v) * v
        defect = frobenius_norm(gram[i, j] - (1 if i == j else 0) for i in range(size) for j in range(size))
        if not defect < 0.1:
            raise BoundNotEstablishedError(f"the squashing isometry is not one: |V†V - 1| = {defect}")
        if defect < _UNITARY:
            break
        v = v * (acb_mat(size, size, 3) - gram) / 2
    else:
        raise BoundNotEstablishedError(f"the squashing isometry does not converge: |V†V - 1| = {defect}")
    # ‖V (V†V)^(-1/2) - V‖ <= ‖V‖ s <= 2 s for ‖V†V - 1‖ <= s < 1/10, see the module of certified_divergence
    error = arb(0, 2 * defect)
    return acb_mat([[z + acb(error, error) for z in row] for row in v.tolist()])


def cholesky(matrix: acb_mat) -> acb_mat:
    """L with L L† = M, lower triangular, for every positive definite M in the balls of `matrix`.

    Raises
    ------
    BoundNotEstablishedError
        A pivot is not certainly positive.
    """
    rows = matrix.tolist()
    size = len(rows)
    columns: list[list[acb]] = []
    for k in range(size):
        pivot = rows[0][0].real
        if not pivot > 0:
            raise BoundNotEstablishedError(
                f"pivot {k} of the Cholesky decomposition is not certainly positive: {pivot}"
            )
        column = [row[0] / pivot.sqrt() for row in rows]
        column[0] = acb(pivot.sqrt())
        columns.append([acb(0)] * k + column)
        rest = column[1:]
        rows = [
            [z - x * y.conjugate() for z, y in zip(row[1:], rest, strict=True)]
            for row, x in zip(rows[1:], rest, strict=True)
        ]
    return acb_mat([[columns[k][i] for k in range(size)] for i in range(size)])
