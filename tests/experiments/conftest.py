from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from keybounds.experiments import Behaviour, born

Table = NDArray[np.float64]


@pytest.fixture(scope="session")
def random_device() -> Callable[..., tuple[Any, Any, Any]]:
    """Random two-qubit state and random projective qubit measurements: (rho, alice, bob)."""

    def draw(seed: int, nx: int = 2, ny: int = 3) -> tuple[Any, Any, Any]:
        rng = np.random.default_rng(seed)
        root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
        rho = root @ root.conj().T
        kets = rng.normal(size=(nx + ny, 2)) + 1j * rng.normal(size=(nx + ny, 2))
        kets /= np.linalg.norm(kets, axis=1)[:, None]
        projectors = [np.outer(ket, ket.conj()) for ket in kets]
        measurements = [[projector, np.eye(2) - projector] for projector in projectors]
        return rho / np.trace(rho).real, measurements[:nx], measurements[nx:]

    return draw


@pytest.fixture(scope="session")
def quantum_behaviours(random_device: Callable[..., tuple[Any, Any, Any]]) -> st.SearchStrategy[Behaviour]:
    """Behaviours of random two-qubit states under random projective measurements."""
    return st.integers(0, 2**32 - 1).map(lambda seed: born(*random_device(seed)))


@pytest.fixture(scope="session")
def singlet_table() -> Table:
    """Correlations of Phi+ that reach 2√2, with the key setting (0, 2): closed form, not by `born`."""
    table = np.empty((2, 2, 2, 3))
    directions_a, directions_b = np.array([0.0, np.pi / 2]), np.array([np.pi / 4, -np.pi / 4, 0.0])
    for a, b, x, y in np.ndindex(2, 2, 2, 3):
        table[a, b, x, y] = (1 + (-1) ** (a + b) * np.cos(directions_a[x] - directions_b[y])) / 4
    return table
