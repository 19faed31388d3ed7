"""Private states with unequal sectors: dense matrices against the closed forms, and the range of p."""

from __future__ import annotations

import pickle
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.errors import DimensionError, InputError, StateError, UnsupportedError
from keybounds.states import (
    PPTPrivateFamily,
    partial_transpose,
    ppt_private_state,
    relative_entropy,
    separable_ensemble,
    unequal_sector_ensemble,
    unequal_sector_state,
    von_neumann_entropy,
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
    assert float(PPTPrivateFamily.sectors(m, n, p).transpose_ceiling) == pytest.approx(found, abs=1e-10)


@pytest.mark.parametrize(("m", "n", "p", "unitary"), CASES)
def test_entropies_and_coherence_are_those_of_the_dense_matrices(m: int, n: int, p: float, unitary: str) -> None:
    rho, state = unequal_sector_state(m, n, p, unitary), PPTPrivateFamily.sectors(m, n, p)  # type: ignore[arg-type]
    transposed = partial_transpose(rho)
    assert von_neumann_entropy(rho) == pytest.approx(float(state.entropy), abs=1e-10)
    assert von_neumann_entropy(transposed) == pytest.approx(float(state.transposed_entropy), abs=1e-10)
    assert state.side == m + n
    assert float(state.coherence) == pytest.approx((1 - p) / (p * sqrt(m)), rel=1e-14)
    # the operator between sector 00 and sector 11, before and after partial transposition
    matrix = rho.full().reshape([m + n] * 4)[:m, :n, m:, n:].reshape(m * n, n * m)
    turned = transposed.full().reshape([m + n] * 4)[:m, n:, m:, :n].reshape(m * m, n * n)  # type: ignore[union-attr]
    ratio = np.linalg.norm(turned, "nuc") / np.linalg.norm(matrix, "nuc")
    assert float(state.transposed_coherence_norm) == pytest.approx(ratio, abs=1e-12)


@pytest.mark.parametrize(("m", "n", "p", "unitary"), CASES)
def test_measured_key_is_right_and_secret_or_wrong_and_known(m: int, n: int, p: float, unitary: str) -> None:
    # H(X|E) - H(X|Y) of the sectors, with Eve holding the purification: what every closed form of the key rests on
    rho = unequal_sector_state(m, n, p, unitary).full()  # type: ignore[arg-type]
    sector = np.repeat([0, 1], [m * (m + n), n * (m + n)])
    pinched = np.where(sector[:, None] == sector, rho, 0)
    secret = von_neumann_entropy(pinched, (m + n, m + n)) - von_neumann_entropy(rho, (m + n, m + n))
    weights = rho.diagonal().real.reshape(m + n, m + n)
    wrong = weights[:m, n:].sum() + weights[m:, :n].sum()
    assert wrong == pytest.approx(float(p), abs=1e-14)
    rate = secret + wrong * np.log2(wrong) + (1 - wrong) * np.log2(1 - wrong)
    assert float(PPTPrivateFamily.sectors(m, n, p).devetak_winter) == pytest.approx(rate, abs=1e-10)


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
    assert PPTPrivateFamily.sectors(d, d, Fraction(9, 20)) == PPTPrivateFamily(d, Fraction(9, 20))


@pytest.mark.parametrize("d", [2, 3, 40])
@pytest.mark.parametrize("p", [Fraction(9, 20), Fraction("0.49999")])
def test_formulas_of_unequal_sectors_hold_for_equal_ones(d: int, p: Fraction, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("transpose_ceiling", "transposed_entropy", "ppt_slack")
    family = PPTPrivateFamily(d, p)
    equal = {name: getattr(family, name) for name in names}
    monkeypatch.setattr(PPTPrivateFamily, "equal_sectors", property(lambda self: False))
    assert all(equal[name].overlaps(getattr(family, name)) for name in names)


def test_name_and_plain_text() -> None:
    sectors = PPTPrivateFamily.sectors(3, 4, Fraction("0.45"))
    assert str(sectors) == "rho_(3+4, p=9/20)"
    assert eval(repr(sectors)) == sectors
    assert pickle.loads(pickle.dumps(sectors)) == sectors
    assert sectors != PPTPrivateFamily.sectors(3, 5, Fraction("0.45"))
    with pytest.raises(UnsupportedError, match="equal sectors"):
        sectors.d  # noqa: B018


def test_rational_edge_of_unequal_sectors() -> None:
    edge = PPTPrivateFamily.sectors(4, 9, Fraction(1, 3))
    assert edge.at_edge
    assert (edge.ppt_slack, edge.coherence) == (0, 1)
    assert edge.rational_p == Fraction(1, 3), "only rho_{d,p} names its edge by leaving p out"
    dense = relative_entropy(
        partial_transpose(unequal_sector_state(4, 9, Fraction(1, 3))),  # type: ignore[arg-type]
        unequal_sector_ensemble(4, 9, Fraction(1, 3)).to_qobj(),  # type: ignore[arg-type]
    )
    assert float(edge.transpose_ceiling) == pytest.approx(dense, abs=1e-10)


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
        assert float(PPTPrivateFamily.sectors(m, n, p).ppt_slack) >= 0
    else:
        determinant = (m - ((1 - p) / p) ** 2) / (4 * m * m * n)
        trace = (1 / m + 1 / n) / 2
        expected = p * determinant / ((trace + sqrt(trace**2 - 4 * determinant)) / 2)
        assert least == pytest.approx(expected, abs=1e-14)
        with pytest.raises(InputError, match=r"^p: expected a weight in"):
            PPTPrivateFamily.sectors(m, n, p)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 40), st.integers(0, 40), st.integers(1, 60))
def test_ceiling_falls_with_p_and_vanishes_at_one_half(m: int, more: int, step: int) -> None:
    half, edge = Fraction(1, 2), Fraction(1, 2) - Fraction(1, 13)
    distances = [(half - edge) * Fraction(k, 60) for k in (step - 1, step)]
    if m * (half - distances[1]) ** 2 < (half + distances[1]) ** 2:
        return
    nearer, farther = (PPTPrivateFamily.sectors(m, m + more, half - x).transpose_ceiling for x in distances)
    assert nearer < farther
    if step == 1:
        assert nearer == 0


def test_bad_input() -> None:
    with pytest.raises(DimensionError, match=r"^n: expected at least m = 4"):
        PPTPrivateFamily.sectors(4, 3, 0.45)
    with pytest.raises(DimensionError, match=r"^m: expected a whole number"):
        PPTPrivateFamily.sectors(1, 3, 0.45)
    for p in (float("nan"), 0.51, 0.2, -1, "half"):
        with pytest.raises(InputError, match=r"^p:"):
            PPTPrivateFamily.sectors(3, 4, p)  # type: ignore[arg-type]
    PPTPrivateFamily.sectors(4, 9, Fraction(1, 3))  # exactly the edge
    with pytest.raises(InputError, match=r"^p:"):
        PPTPrivateFamily.sectors(4, 9, Fraction(1, 3) - Fraction(1, 10**30))
    with pytest.raises(StateError, match="unitary"):
        unequal_sector_state(2, 3, 0.45, np.eye(3, dtype=complex))
    with pytest.raises(UnsupportedError, match="GiB"):
        unequal_sector_state(3, 10**4, 0.45)
