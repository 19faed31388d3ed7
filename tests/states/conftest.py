from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Random = Callable[..., NDArray[np.complex128]]


@pytest.fixture(scope="session")
def random_state() -> Random:
    """Hilbert-Schmidt random density matrix of the given size and rank."""

    def draw(size: int, seed: int, rank: int | None = None) -> NDArray[np.complex128]:
        rng = np.random.default_rng(seed)
        shape = (size, rank or size)
        root = rng.normal(size=shape) + 1j * rng.normal(size=shape)
        rho = root @ root.conj().T
        return rho / np.trace(rho).real

    return draw


@pytest.fixture(scope="session")
def random_unitary() -> Random:
    """Haar-like random unitary from a QR decomposition."""

    def draw(size: int, seed: int) -> NDArray[np.complex128]:
        rng = np.random.default_rng(seed)
        return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]

    return draw
