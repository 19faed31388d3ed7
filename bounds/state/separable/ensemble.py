"""A separable state as an explicit ensemble of product vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.state.spectra import as_pairs
from keybounds.errors import DimensionError, InputError


@dataclass(frozen=True, slots=True, eq=False)
class ProductEnsemble:
    """σ = Σ_k |a_k><a_k| ⊗ |b_k><b_k| / Σ_k ‖a_k‖²‖b_k‖²: separable whatever the vectors are.

    The entries are doubles, that is exact dyadic numbers, so that the ensemble is an exact description of σ. The
    vectors are not normalised; the weight of a term is ‖a_k‖²‖b_k‖² over the sum of these.

    Attributes
    ----------
    alice, bob
        The rows a_k, shape (K, dA), and b_k, shape (K, dB).

    Raises
    ------
    DimensionError
        Not two arrays of as many rows.
    InputError
        An entry is not finite, or all vectors vanish.
    """

    alice: NDArray[np.complex128]
    bob: NDArray[np.complex128]

    def __post_init__(self) -> None:
        shapes = self.alice.shape, self.bob.shape
        if not (self.alice.ndim == self.bob.ndim == 2 and shapes[0][0] == shapes[1][0] > 0):
            raise DimensionError("alice, bob", "arrays of shapes (K, dA) and (K, dB), K > 0", str(shapes))
        if not (np.all(np.isfinite(self.alice)) and np.all(np.isfinite(self.bob))):
            raise InputError("alice, bob", "finite entries", "NaN or infinite ones")
        if not 0 < float(np.sum(self._sizes())) < np.inf:
            raise InputError("alice, bob", "vectors that do not all vanish and whose weights are finite", "other ones")

    def __len__(self) -> int:
        return len(self.alice)

    @property
    def dims(self) -> tuple[int, int]:
        """(dA, dB)."""
        return self.alice.shape[1], self.bob.shape[1]

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights of the terms, shape (K,), of sum 1."""
        sizes = self._sizes()
        return np.asarray(sizes / sizes.sum(), dtype=np.float64)

    def products(self) -> NDArray[np.complex128]:
        """The rows a_k ⊗ b_k, shape (K, dA dB)."""
        return products(self.alice, self.bob)

    def matrix(self) -> NDArray[np.complex128]:
        """σ in floating point, shape (dA dB, dA dB)."""
        rows = self.products()
        sigma = rows.T @ rows.conj()
        return np.asarray(sigma / np.trace(sigma).real, dtype=np.complex128)

    def trimmed(self, least: float = 0.0) -> ProductEnsemble:
        """The terms of weight above `least`, each with ‖a_k‖ = ‖b_k‖ and weights of sum 1, up to rounding.

        Another separable state than this one; the heaviest term always stays.
        """
        weights = self.weights
        keep = weights > min(least, weights.max() / 2)
        scale = (weights[keep] / weights[keep].sum()) ** 0.25
        alice, bob = self.alice[keep], self.bob[keep]
        alice = alice * (scale / np.linalg.norm(alice, axis=1))[:, None]
        bob = bob * (scale / np.linalg.norm(bob, axis=1))[:, None]
        return ProductEnsemble(alice, bob)

    def with_terms(self, alice: NDArray[np.complex128], bob: NDArray[np.complex128]) -> ProductEnsemble:
        """Add terms to the ensemble."""
        return ProductEnsemble(np.concatenate([self.alice, alice]), np.concatenate([self.bob, bob]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, exact: entries as pairs [real, imaginary] of doubles."""
        return {"alice": as_pairs(self.alice), "bob": as_pairs(self.bob)}

    def _sizes(self) -> NDArray[np.float64]:
        with np.errstate(over="ignore"):
            squares = np.sum(np.abs(self.alice) ** 2, axis=1) * np.sum(np.abs(self.bob) ** 2, axis=1)
        return np.asarray(squares, dtype=np.float64)


def products(alice: NDArray[np.complex128], bob: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Rows a_k ⊗ b_k of the rows a_k and b_k."""
    return (alice[:, :, None] * bob[:, None, :]).reshape(len(alice), -1)
