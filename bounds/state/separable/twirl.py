"""Averages over local unitaries that a user declares to leave the state as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import DimensionError, StateError

LocalUnitaries: TypeAlias = Sequence[tuple[ArrayLike, ArrayLike]]


@dataclass(frozen=True, slots=True, eq=False)
class Twirl:
    """The map σ -> (1/n) Σ_g (U_g ⊗ V_g) σ (U_g ⊗ V_g)†, on ensembles: each product vector becomes n.

    For the elements of a finite group it projects on the invariant states. It maps separable states to separable ones
    for any list, so a wrong list costs tightness and never soundness.

    Attributes
    ----------
    alice, bob
        The U_g, shape (n, dA, dA), and V_g, shape (n, dB, dB).
    """

    alice: NDArray[np.complex128]
    bob: NDArray[np.complex128]

    def __len__(self) -> int:
        return len(self.alice)

    def images(
        self, alice: NDArray[np.complex128], bob: NDArray[np.complex128]
    ) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Rows U_g a_k and V_g b_k, for each g all k; shapes (n K, dA) and (n K, dB)."""
        return _images(self.alice, alice), _images(self.bob, bob)

    def pulled_back(
        self, alice: NDArray[np.complex128], bob: NDArray[np.complex128]
    ) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Adjoint of `images`: Σ_g U_g† of the rows that belong to g; shapes (K, dA) and (K, dB)."""
        return _pulled_back(self.alice, alice), _pulled_back(self.bob, bob)


def trivial_twirl(dims: tuple[int, int]) -> Twirl:
    """The twirl of no symmetry: the identity alone."""
    return Twirl(np.eye(dims[0], dtype=np.complex128)[None], np.eye(dims[1], dtype=np.complex128)[None])


def declared_twirl(
    symmetry: LocalUnitaries, rho: NDArray[np.complex128], dims: tuple[int, int], *, atol: float
) -> Twirl:
    """Check the pairs (U_g, V_g) and that they leave `rho` as it is.

    Raises
    ------
    DimensionError
        No pair, or matrices that are not dA x dA and dB x dB.
    StateError
        Not unitary, or the state changes, by more than `atol` in some entry; the message gives the violation.
    """
    pairs = [(np.asarray(u, dtype=np.complex128), np.asarray(v, dtype=np.complex128)) for u, v in symmetry]
    shapes = {(u.shape, v.shape) for u, v in pairs}
    expected = ((dims[0], dims[0]), (dims[1], dims[1]))
    if shapes != {expected}:
        raise DimensionError("symmetry", f"pairs of matrices of shapes {expected}", str(sorted(shapes)))
    twirl = Twirl(np.array([u for u, _ in pairs]), np.array([v for _, v in pairs]))
    for stack in (twirl.alice, twirl.bob):
        defect = float(np.abs(stack @ stack.conj().swapaxes(1, 2) - np.eye(stack.shape[1])).max())
        if not defect <= atol:  # also refuses NaN
            raise StateError("symmetry", f"unitaries within {atol:g}", f"|UU† - 1| up to {defect:.3g}")
    for u, v in zip(twirl.alice, twirl.bob, strict=True):
        both = np.kron(u, v)
        change = float(np.abs(both @ rho @ both.conj().T - rho).max())
        if change > atol:
            raise StateError("symmetry", f"unitaries that leave the state as it is within {atol:g}", f"{change:.3g}")
    return twirl


def _images(group: NDArray[np.complex128], rows: NDArray[np.complex128]) -> NDArray[np.complex128]:
    images: NDArray[np.complex128] = (rows @ group.swapaxes(1, 2)).reshape(-1, rows.shape[1])
    return images


def _pulled_back(group: NDArray[np.complex128], rows: NDArray[np.complex128]) -> NDArray[np.complex128]:
    stacked = rows.reshape(len(group), -1, rows.shape[1])
    pulled: NDArray[np.complex128] = np.sum(stacked @ group.conj(), axis=0)
    return pulled
