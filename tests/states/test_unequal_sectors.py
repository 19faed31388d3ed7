"""Private states with unequal sectors: dense matrices against the closed forms, and the range of p."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError, InputError, StateError, UnsupportedError
from keybounds.states import (
    PPTPrivateFamily,
    UnequalSectors,
    partial_transpose,
    ppt_private_state,
    relative_entropy,
    separable_ensemble,
    unequal_sector_ensemble,
    unequal_sector_state,
)
from keybounds.states.unequal_sectors import unequal_sector_matrix

CASES = [
    pytest.param(3, 4, 0.49922, "hadamard", id="seven-by-seven"),
    pytest.param(3, 4, 0.49922, "fourier", id="seven-by-seven-fourier"),
    pytest.param(2, 3, 0.45, "fourier", id="2+3"),
    pytest.param(2, 5, 0.42, "fourier", id="2+5"),
    pytest.param(3, 3, 0.4, "fourier", id="equal"),
    pytest.param(4, 5, Fraction(1, 3), "fourier", id="at-the-rational-edge"),
]


@pytest.mark.parametrize(("m", "n", "p", "unitary"), CASES)
def test_state_is_a_ppt_state_of_the_stated_dims(m: int, n: int, p: float, unitary: str) -> None:
    rho = unequal_sector_state(m, n, p, unitary)  # type: ignore[arg-type]
    assert rho.dims == [[m + n, n + m]] * 2
    assert rho.tr() == pytest.approx(1, abs=1e-14)
    assert rho.eigenenergies()[0] > -1e-15
    assert partial_transpose(rho).eigenenergies()[0] > -1e-15


@pytest.mark.parametrize(("m", "n", "p", "unitary"), CASES)
def test_ceiling_is_the_relative_entropy_to_the_dense_ensemble(m: int, n: int, p: float, unitary: str) -> None:
    # the margin at 7 x 7 is 6e-9: a ceiling wrong by more than that must fail here
    transposed = partial_transpose(unequal_sector_state(m, n, p, unitary))  # type: ignore[arg-type]
    ensemble = unequal_sector_ensemble(m, n, p, unitary)  # type: ignore[arg-type]
    found = relative_entropy(transposed, ensemble.to_qobj())
    assert float(UnequalSectors(m, n, p).transpose_ceiling) == pytest.approx(found, abs=1e-10)


def test_ensemble_is_a_mixture_of_product_unit_vectors() -> None:
    ensemble = unequal_sector_ensemble(3, 4, 0.45, "hadamard")
    assert ensemble.weights.min() > 0
    assert ensemble.weights.sum() == pytest.approx(1, abs=1e-14)
    for vectors in (ensemble.alice, ensemble.bob):
        assert vectors.shape == (len(ensemble.weights), 7)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-14)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_equal_sectors_are_the_private_states(d: int) -> None:
    # sector ⊕ sector is key ⊗ shield, in this order of the basis
    assert np.allclose(unequal_sector_state(d, d, 0.45).full(), ppt_private_state(d, 0.45).full(), atol=1e-16)
    ensemble, other = unequal_sector_ensemble(d, d, 0.45), separable_ensemble(d, 0.45)
    assert np.allclose(ensemble.matrix(), other.matrix(), atol=1e-16)
    one, two = UnequalSectors(d, d, Fraction(9, 20)), PPTPrivateFamily(d, Fraction(9, 20))
    assert one.transpose_ceiling.overlaps(two.transpose_ceiling)
    assert one.relative_entropy_ceiling.overlaps(two.relative_entropy_ceiling)
    assert one.ppt_slack.overlaps(two.ppt_slack)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 3), st.integers(0, 2), st.floats(0, 1))
def test_ppt_exactly_from_the_edge_on(m: int, more: int, where: float) -> None:
    n, edge = m + more, 1 / (sqrt(m) + 1)
    p = 0.3 + 0.2 * where
    rows = np.exp(2j * np.pi * np.outer(range(m), range(n)) / n) / sqrt(n)
    rho = unequal_sector_matrix(rows, p)
    least = np.linalg.eigvalsh(partial_transpose(rho, (m + n, n + m)))[0]
    if p >= edge:
        assert least > -1e-15
        assert float(UnequalSectors(m, n, p).ppt_slack) >= 0
    else:
        determinant = (m - ((1 - p) / p) ** 2) / (4 * m * m * n)
        trace = (1 / m + 1 / n) / 2
        expected = p * determinant / ((trace + sqrt(trace**2 - 4 * determinant)) / 2)
        assert least == pytest.approx(expected, abs=1e-14)
        with pytest.raises(InputError, match=r"^p: expected a weight in"):
            UnequalSectors(m, n, p)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 40), st.integers(0, 40), st.integers(1, 60))
def test_ceiling_falls_with_p_and_vanishes_at_one_half(m: int, more: int, step: int) -> None:
    half, edge = Fraction(1, 2), Fraction(1, 2) - Fraction(1, 13)
    distances = [(half - edge) * Fraction(k, 60) for k in (step - 1, step)]
    if m * (half - distances[1]) ** 2 < (half + distances[1]) ** 2:
        return
    nearer, farther = (UnequalSectors(m, m + more, half - x).transpose_ceiling for x in distances)
    assert nearer < farther
    if step == 1:
        assert nearer == 0


def test_bad_input() -> None:
    with pytest.raises(DimensionError, match=r"^n: expected at least m = 4"):
        UnequalSectors(4, 3, 0.45)
    with pytest.raises(DimensionError, match=r"^m: expected a whole number"):
        UnequalSectors(1, 3, 0.45)
    for p in (float("nan"), 0.51, 0.2, -1, "half"):
        with pytest.raises(InputError, match=r"^p:"):
            UnequalSectors(3, 4, p)  # type: ignore[arg-type]
    UnequalSectors(4, 9, Fraction(1, 3))  # exactly the edge
    with pytest.raises(InputError, match=r"^p:"):
        UnequalSectors(4, 9, Fraction(1, 3) - Fraction(1, 10**30))
    with pytest.raises(StateError, match="unitary"):
        unequal_sector_state(2, 3, 0.45, np.eye(3, dtype=complex))
    with pytest.raises(UnsupportedError, match="GiB"):
        unequal_sector_state(3, 10**4, 0.45)
