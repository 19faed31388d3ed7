"""The moment matrix of a quantum model fits the structure, and known Bell maxima come out at known levels."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.correlations.moments import Relaxation, Scenario, bell_ceiling
from keybounds.bounds.correlations.moments.words import Word
from keybounds.errors import InputError


def alice(x: int) -> Word:
    return (((x, 0),), ())


def bob(y: int) -> Word:
    return ((), ((y, 0),))


def joint(x: int, y: int) -> Word:
    return (((x, 0),), ((y, 0),))


CHSH = {joint(0, 0): 1.0, joint(0, 1): 1.0, joint(1, 0): 1.0, joint(1, 1): -1.0, alice(0): -1.0, bob(0): -1.0}
I3322 = {
    alice(0): -1.0, bob(0): -2.0, bob(1): -1.0,
    joint(0, 0): 1.0, joint(0, 1): 1.0, joint(0, 2): 1.0, joint(1, 0): 1.0, joint(1, 1): 1.0, joint(1, 2): -1.0,
    joint(2, 0): 1.0, joint(2, 1): -1.0,
}  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["11", "22", "22+b01", "s6", "2"]))
def test_a_quantum_model_has_this_moment_matrix(seed: int, level: str) -> None:
    """Entries with one id are equal, and Γ ⪰ 0: otherwise the relaxation would exclude a quantum model."""
    rng = np.random.default_rng(seed)
    dimension = 4

    def projector() -> np.ndarray:
        basis, _ = np.linalg.qr(rng.normal(size=(dimension, dimension)) + 1j * rng.normal(size=(dimension, dimension)))
        rank = rng.integers(1, dimension)
        return basis[:, :rank] @ basis[:, :rank].conj().T

    A, B = [projector() for _ in range(2)], [projector() for _ in range(3)]
    psi = rng.normal(size=dimension**2) + 1j * rng.normal(size=dimension**2)
    psi /= np.linalg.norm(psi)
    relaxation = Relaxation.build(Scenario.binary(2, 3), level)

    def vector(word: Word) -> np.ndarray:
        left = reduce(np.matmul, (A[x] for x, _ in word[0]), np.eye(dimension))
        right = reduce(np.matmul, (B[y] for y, _ in word[1]), np.eye(dimension))
        return np.kron(left, right) @ psi

    vectors = np.array([vector(word) for word in relaxation.words])
    gamma = (vectors.conj() @ vectors.T).real
    values = relaxation.sums(gamma) / relaxation.multiplicities()
    assert np.allclose(relaxation.matrix(values), gamma, atol=1e-12)
    assert np.linalg.eigvalsh(gamma).min() > -1e-12
    assert values[0] == pytest.approx(1.0)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(2, 2), (3, 3)]))
def test_sums_is_the_adjoint_of_matrix(seed: int, outcomes: tuple[int, int]) -> None:
    """<Γ(v), M> = <v, Γ*(M)>: the dual equalities rest on it."""
    rng = np.random.default_rng(seed)
    relaxation = Relaxation.build(Scenario(outcomes, outcomes), "11")
    values = rng.normal(size=(2, 3, len(relaxation.moments)))
    matrices = rng.normal(size=(2, 3, relaxation.size, relaxation.size))
    left = np.einsum("abij,abij->ab", relaxation.matrix(values), matrices)
    right = np.einsum("abk,abk->ab", values, relaxation.sums(matrices))
    assert np.allclose(left, right)


@pytest.mark.parametrize("level", ["1", "11", "2"])
def test_tsirelson(level: str) -> None:
    """(CHSH - 2)/4 has the quantum maximum (√2 - 1)/2, reached at every level; a proven ceiling is never below."""
    ceiling = bell_ceiling(Relaxation.build(Scenario.binary(2, 2), level), CHSH)
    exact = (np.sqrt(2) - 1) / 2
    assert exact <= ceiling < exact + 1e-6


@pytest.mark.parametrize(
    ("level", "published"),
    [
        pytest.param("1", 0.375, id="level 1"),
        pytest.param("1+AB", 0.25147090, id="almost quantum"),
        pytest.param("2", 0.25093972, id="level 2"),
    ],
)
def test_i3322(level: str, published: float) -> None:
    """The values of the first levels for I3322 (navascues2008, and many after): the levels hold the right words."""
    ceiling = bell_ceiling(Relaxation.build(Scenario.binary(3, 3), level), I3322)
    assert published - 1e-8 < ceiling < published + 1e-6


def test_ceiling_of_a_functional_that_is_never_positive_is_0() -> None:
    assert bell_ceiling(Relaxation.build(Scenario.binary(2, 2), "1"), {alice(0): -1.0}) < 1e-6


def test_wild_coefficients_are_refused() -> None:
    with pytest.raises(InputError, match="1024"):
        bell_ceiling(Relaxation.build(Scenario.binary(2, 2), "1"), {alice(0): float("nan")})
