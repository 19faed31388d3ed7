"""The margin of the Cholesky proof: what floating point calls positive, and is not."""

from __future__ import annotations

import numpy as np
import pytest
from flint import fmpz_mat
from numpy.typing import NDArray

from keybounds.bounds.correlations.moments.dual import _ENTRY_BITS, _positive, _reduced
from keybounds.bounds.correlations.moments.kernels import cholesky_completes


def almost_positive(seed: int, size: int, bits: int) -> NDArray[np.int64]:
    """A singular Gram matrix less 1 in a corner: v·Av = -v_0² for its null vector v, and every pivot but the last > 0.

    The last pivot is -(v_0/v_last)², which rounding hides where v_0 is small.
    """
    factor = np.random.default_rng(seed).integers(-(2**bits), 2**bits, size=(size, size - 1))
    gram = factor @ factor.T
    gram[0, 0] -= 1
    return gram


def exactly_positive(matrix: NDArray[np.int64]) -> bool:
    """Whether every leading minor is above 0, in integers."""
    rows = [[int(z) for z in row] for row in matrix]
    return all(fmpz_mat([row[:k] for row in rows[:k]]).det() > 0 for k in range(1, len(rows) + 1))


DECEPTIVE = [(42, 4, 23), (51, 4, 23), (9, 6, 22), (49, 6, 23), (3, 6, 24), (7, 6, 24)]


@pytest.mark.parametrize(("seed", "size", "bits"), DECEPTIVE)
def test_what_rounding_calls_positive_is_not_proven(seed: int, size: int, bits: int) -> None:
    """Without the margin these would be certificates of matrices that are not positive semidefinite."""
    matrix = almost_positive(seed, size, bits)
    assert fmpz_mat([[int(z) for z in row] for row in matrix]).det() < 0  # an odd number of negative eigenvalues
    assert cholesky_completes(matrix.astype(np.float64))
    assert not cholesky_completes(_reduced(matrix))


@pytest.mark.parametrize(("seed", "size", "bits"), DECEPTIVE)
def test_a_shift_makes_them_positive(seed: int, size: int, bits: int) -> None:
    """Along the identity, of both matrices of the node alike, and of no other node."""
    matrix, unit = almost_positive(seed, size, bits), np.eye(size, dtype=np.int64)
    repaired = _positive(np.array([[matrix, unit], [5 * unit, unit]]), _ENTRY_BITS)
    assert repaired is not None
    shift = repaired[0, 0] - matrix
    assert (shift == shift[0, 0] * unit).all()
    assert shift[0, 0] > 0
    assert (repaired[1, 0] == 5 * unit + shift).all()
    assert (repaired[:, 1] == unit).all()
    assert all(exactly_positive(block) for node in repaired for block in node)


def test_the_margin_covers_the_backward_error() -> None:
    """c is at least γ_(N+1) tr A, which is what the factorisation of A - cI may be off by [rump2006]."""
    for seed in range(20):
        matrix = almost_positive(seed, 3 + seed % 7, 20)
        size, trace = len(matrix), int(np.trace(matrix))
        margin = np.diagonal(matrix - _reduced(matrix))
        error = (size + 1) * 2.0**-53 * trace
        assert (margin >= 1.5 * error).all()
        assert (margin <= 4 * error).all()


def test_a_negative_diagonal_is_never_proven() -> None:
    """The margin is a share of the trace, and would raise a diagonal whose sum is below 0."""
    matrix = np.diag([-5, 3, -40]).astype(np.int64)
    assert not cholesky_completes(_reduced(matrix))
    repaired = _positive(matrix[None, None].repeat(2, axis=0), _ENTRY_BITS)
    assert repaired is not None
    assert exactly_positive(repaired[0, 0])


def test_no_more_than_the_bits_there_are() -> None:
    """What would take larger integers than doubles hold is not shifted, but refused."""
    matrix = np.full((2, 2), 1 << 51, dtype=np.int64) - np.diag([0, 1 << 52])
    assert _positive(matrix[None, None].repeat(2, axis=0), 51) is None
