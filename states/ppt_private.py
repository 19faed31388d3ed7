"""The PPT private states rho_{d,p} as dense matrices, and the separable states that bound their key from above.

Key qubits A, B, shields A', B' of dimension d, U a unitary with entries of modulus 1/√d (a complex Hadamard matrix
over √d). With X = (1/(d√d)) Σ_ij u_ij |ij><ji| and Y = (1/d) Σ_i |ii><ii| on the shields,

    rho_{d,p} = ½ · [ (1-p) 1/d² on 00 and on 11, (1-p) X between 00 and 11, p Y on 01 and on 10 ].

Its partial transpose (Bob's B B') keeps the blocks 00 and 11, and puts (1-p) X^Γ, X^Γ = (1/(d√d)) Σ_ij u_ij |ii><jj|,
between 01 and 10. It is PPT exactly if p ≥ 1/(√d + 1). Source: christandl2021, which takes p at this edge.
Closed forms for any d are in `PPTPrivateFamily`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import DimensionError, InputError, StateError, UnknownNameError
from keybounds.states.arguments import dimension, require_dense
from keybounds.states.density import to_qobj

if TYPE_CHECKING:
    from qutip import Qobj

Hadamard: TypeAlias = Literal["fourier", "hadamard"] | NDArray[np.complex128]

_EDGE_ROUNDING = 1e-12  # a p computed as 1/(√d + 1) in floating point may fall below the true edge by an ulp or two


def complex_hadamard(d: SupportsIndex, unitary: Hadamard = "fourier", *, atol: float = 1e-10) -> NDArray[np.complex128]:
    """Unitary d x d matrix with entries of modulus 1/√d.

    Parameters
    ----------
    d
        Dimension, at least 2.
    unitary
        "fourier": u_jk = exp(2πi jk/d)/√d, for every d; "hadamard": Sylvester's (-1)^{j·k}/√d (j·k the inner product
        of the binary digits), for powers of two; or an array of shape (d, d), which is checked.
    atol
        Largest deviation of an array's U†U from 1 and of its moduli from 1/√d.

    Raises
    ------
    StateError
        The array is not a unitary of flat modulus.
    DimensionError
        The array has another shape, or d is not a power of two where it has to be.
    UnknownNameError
        A name other than the two.
    """
    size = dimension("d", d)
    indices = np.arange(size)
    if isinstance(unitary, str):
        if unitary == "fourier":
            angles = 2 * np.pi * (np.outer(indices, indices) % size) / size
            return np.asarray(np.exp(1j * angles) / sqrt(size), dtype=np.complex128)
        if unitary == "hadamard":
            if size & (size - 1):
                raise DimensionError("d", "a power of two for Sylvester's Hadamard matrix", str(size))
            signs = 1.0 - 2.0 * (np.bitwise_count(indices[:, None] & indices) % 2)
            return np.asarray(signs / sqrt(size), dtype=np.complex128)
        raise UnknownNameError.among("unitary", unitary, ("fourier", "hadamard"))
    matrix = np.asarray(unitary, dtype=np.complex128)
    if matrix.shape != (size, size):
        raise DimensionError("unitary", f"an array of shape {(size, size)}", f"shape {matrix.shape}")
    defect = float(np.abs(matrix.conj().T @ matrix - np.eye(size)).max())
    spread = float(np.abs(np.abs(matrix) - 1 / sqrt(size)).max())
    if not (defect <= atol and spread <= atol):  # also refuses NaN
        raise StateError(
            "unitary",
            f"a unitary with entries of modulus 1/√d within {atol:g}",
            f"|U†U - 1| up to {defect:.3g}, moduli off by up to {spread:.3g}",
        )
    return matrix


def ppt_private_state(d: SupportsIndex, p: float | None = None, unitary: Hadamard = "fourier") -> Qobj:
    """Dense PPT private state rho_{d,p}; dims [[2,d,2,d],[2,d,2,d]], order A A' B B'.

    Parameters
    ----------
    d
        Dimension of each shield, at least 2.
    p
        Weight of the 01 and 10 blocks, in [1/(√d + 1), 1/2], so that the state is PPT; the lower end, the state of the
        source, by default. As the matrix is in floating point, so is the check, with an allowance of 1e-12.
    unitary
        U; see `complex_hadamard`.

    Raises
    ------
    InputError
        p outside its range.
    DimensionError, StateError, UnknownNameError
        d or U, as `complex_hadamard`.
    UnsupportedError
        The matrix is too large to be held.
    """
    size = dimension("d", d)
    require_dense("d", size, 4 * size * size)
    matrix = ppt_private_matrix(complex_hadamard(size, unitary), ppt_weight(size, p))
    return to_qobj(matrix, (2, size, 2, size))


def ppt_private_matrix(unitary: NDArray[np.complex128], p: float) -> NDArray[np.complex128]:
    """Matrix of `ppt_private_state` for any p in [0, 1], PPT or not, and any U of flat modulus, neither checked."""
    d = len(unitary)
    rho = np.zeros((2, d, 2, d, 2, d, 2, d), dtype=np.complex128)
    i, j = np.indices((d, d))
    k = np.arange(d)
    coherence = (1 - p) / (2 * d * sqrt(d)) * unitary
    for key in (0, 1):
        rho[key, i, key, j, key, i, key, j] = (1 - p) / (2 * d * d)
        rho[key, k, 1 - key, k, key, k, 1 - key, k] = p / (2 * d)
    rho[0, i, 0, j, 1, j, 1, i] = coherence
    rho[1, j, 1, i, 0, i, 0, j] = coherence.conj()
    return rho.reshape(4 * d * d, 4 * d * d)


@dataclass(frozen=True, slots=True)
class SeparableEnsemble:
    """A state given as a mixture of product vectors, Σ_k w_k |a_k><a_k| ⊗ |b_k><b_k|: separable by construction.

    Attributes
    ----------
    weights
        Shape (K,), non-negative, of sum 1.
    alice, bob
        Unit vectors, shapes (K, dA) and (K, dB): Alice's systems and Bob's.
    dims
        Dimensions of the subsystems, Alice's first: (2, d, 2, d) with key and shield, or (dA, dB).
    """

    weights: NDArray[np.float64]
    alice: NDArray[np.complex128]
    bob: NDArray[np.complex128]
    dims: tuple[int, ...]

    def matrix(self) -> NDArray[np.complex128]:
        """Density matrix, shape (dA·dB, dA·dB), Alice first."""
        vectors = np.einsum("ka,kb->kab", self.alice, self.bob).reshape(len(self.weights), -1)
        return np.asarray((vectors.T * self.weights) @ vectors.conj(), dtype=np.complex128)

    def to_qobj(self) -> Qobj:
        """Density operator with these dims."""
        return to_qobj(self.matrix(), self.dims)


def separable_ensemble(d: SupportsIndex, p: float | None = None, unitary: Hadamard = "fourier") -> SeparableEnsemble:
    """Separable state near rho_{d,p}^Γ, as product vectors with weights.

    Weight 2p lies evenly on the 3d² vectors, for i, j < d and s = 0, 2π/3, 4π/3,

        (|0,i> + e^{is} |1,j>)/√2 ⊗ (|0,j> + e^{it} |1,i>)/√2,    t = s + arg u_ij,

    and weight 1-2p evenly on the 2d² vectors |0,i>|0,j> and |1,i>|1,j>. The only powers of e^{is} in the projectors are
    0, ±1 and ±2, so three phases average them as all phases would. The mixture has the 00 and 11 blocks of
    rho_{d,p}^Γ, and in the span of the |01,ii>, |10,ii> the block (p/2d) [[1, U/√d], [U†/√d, 1]], which commutes with
    rho^Γ's (p/2d) [[1, cU], [cU†, 1]], c = (1-p)/(p√d). Hence, with D2 the binary relative entropy,

        D(rho_{d,p}^Γ ‖ σ) = p · D2((1+c)/2 ‖ (1+1/√d)/2),

    which bounds E_r(rho_{d,p}^Γ) from above. At p = 1/2 it is rho_{d,1/2}^Γ itself, so that rho_{d,1/2} is separable.
    Arguments and errors as `ppt_private_state`. Source: this project.
    """
    size = dimension("d", d)
    require_dense("d", size, 4 * size * size)
    matrix = complex_hadamard(size, unitary)
    weight = ppt_weight(size, p)
    i, j, third = (index.reshape(-1) for index in np.indices((size, size, 3)))
    s = 2 * np.pi * third / 3
    t = s + np.angle(matrix)[i, j]
    k, m = (index.reshape(-1) for index in np.indices((size, size)))
    basis = np.eye(2 * size, dtype=np.complex128)  # |0,i> is row i, |1,i> row d + i
    alice = (basis[i] + np.exp(1j * s)[:, None] * basis[size + j]) / sqrt(2)
    bob = (basis[j] + np.exp(1j * t)[:, None] * basis[size + i]) / sqrt(2)
    coherent = np.full(len(i), 2 * weight / len(i))
    diagonal = np.full(2 * len(k), (1 - 2 * weight) / (2 * len(k)))
    return SeparableEnsemble(
        weights=np.concatenate([coherent, diagonal]),
        alice=np.concatenate([alice, basis[k], basis[size + k]]),
        bob=np.concatenate([bob, basis[m], basis[size + m]]),
        dims=(2, size, 2, size),
    )


def ppt_weight(d: int, p: float | None) -> float:
    """Return `p` as a float in [1/(√d + 1), 1/2], the lower end for None; InputError outside."""
    edge = 1 / (sqrt(d) + 1)
    if p is None:
        return edge
    value = float(p)
    if not edge - _EDGE_ROUNDING <= value <= 0.5:  # also refuses NaN
        raise InputError(
            "p",
            f"a weight in [1/(√d + 1), 1/2] = [{edge:.12g}, 0.5] for d = {d}, so that the state is PPT",
            repr(value),
        )
    return value
