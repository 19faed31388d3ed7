"""The smallest gaps: certified numbers, both sides computed independently, and no gap where there is none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Status, Trust
from keybounds.bounds.lower import pair_parity
from keybounds.bounds.state.gap import GapExample, gap_example
from keybounds.bounds.state.spectra import certified_state
from keybounds.bounds.upper import partial_transpose_bound, private_state_ceiling, smallest_gap
from keybounds.errors import DimensionError, UnknownNameError
from keybounds.states import (
    PPTPrivateFamily,
    partial_transpose,
    ppt_private_state,
    relative_entropy,
    separable_ensemble,
    unequal_sector_ensemble,
    unequal_sector_state,
)


def test_six_qubits_on_eight_by_eight() -> None:
    example = gap_example(PPTPrivateFamily(4, Fraction("0.45")))
    assert (example.side, example.qubits, example.proven) == (8, 6, True)
    assert 0.00628084 < example.key.value < 0.00628085
    assert 0.00564650 < example.ceiling.value < 0.00564651
    assert example.key.scope.trust is Trust.DEVICE_DEPENDENT
    assert example.ceiling.scope.trust is Trust.DEVICE_INDEPENDENT
    assert example.key.scope.thing == example.ceiling.scope.thing


def test_seven_by_seven() -> None:
    example = gap_example(PPTPrivateFamily.sectors(3, 4, Fraction("0.49922")))
    assert (example.side, example.qubits, example.proven) == (7, 6, True)
    assert example.key.value == pytest.approx(1.523434e-6, abs=5e-13)
    assert example.ceiling.value == pytest.approx(1.517363e-6, abs=5e-13)


@pytest.mark.parametrize(
    ("d", "p", "key", "ceiling"),
    [
        (8, "0.3027", 0.1029588, 0.0655316),
        (7, "0.3203", 0.0844879, 0.0593557),
        (6, "0.3414", 0.0638106, 0.0513986),
        (5, "0.3955", 0.0277001, 0.0222921),
    ],
)
def test_crossings(d: int, p: str, key: float, ceiling: float) -> None:
    example = gap_example(PPTPrivateFamily(d, Fraction(p)))
    assert example.key.value == pytest.approx(key, abs=1e-7)
    assert example.ceiling.value == pytest.approx(ceiling, abs=1e-7)
    assert example.proven


def test_ceilings_of_the_smallest_examples_from_dense_matrices() -> None:
    # The closed forms once more, by diagonalising rho^Γ and the ensemble's matrix, each with margins to spare.
    family, sectors = PPTPrivateFamily(4, Fraction("0.45")), PPTPrivateFamily.sectors(3, 4, Fraction("0.49845"))
    dense = relative_entropy(
        partial_transpose(ppt_private_state(4, 0.45, "hadamard")), separable_ensemble(4, 0.45, "hadamard").to_qobj()
    )
    assert abs(partial_transpose_bound(family).value - dense) < 1e-12
    dense = relative_entropy(
        partial_transpose(unequal_sector_state(3, 4, 0.49845, "hadamard")),
        unequal_sector_ensemble(3, 4, 0.49845, "hadamard").to_qobj(),
    )
    example = gap_example(sectors)
    assert abs(example.ceiling.value - dense) < 1e-12 < (example.key.value - example.ceiling.value) / 1000


@pytest.mark.parametrize("dense", ["rho", "transposed"])
def test_dense_seven_by_seven_is_certified_positive(dense: str) -> None:
    # In ball arithmetic: what the doubles of rho and of rho^Γ lack to be exactly positive is their rounding.
    rho = unequal_sector_state(3, 4, 0.49922, "hadamard").full()
    matrix = rho if dense == "rho" else partial_transpose(rho, (7, 7))
    assert certified_state(np.asarray(matrix)).shift < 1e-15


def test_search_finds_proven_gaps_at_every_size() -> None:
    examples = smallest_gap()
    assert [e.side for e in examples] == [16, 14, 12, 10, 8, 7]
    assert [e.qubits for e in examples] == [8, 8, 8, 8, 6, 6]
    assert all(e.proven for e in examples)
    # as good as the crossings of the theory, which were searched by hand
    found = {e.side: e.key.value - e.ceiling.value for e in examples}
    assert found[8] > 0.000634
    assert found[7] > 6.07e-9
    assert examples[-1].to_dict()["proven"] is True


def test_no_gap_on_six_by_six() -> None:
    (three,) = smallest_gap(shields=(3,), sectors=())
    assert not three.proven
    (two_four,) = smallest_gap(shields=(), sectors=((2, 4),))
    assert not two_four.proven


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([2, 3]), st.floats(0.42, 0.4999))
def test_ceiling_of_small_shields_is_above_every_key(d: int, p: float) -> None:
    family = PPTPrivateFamily(d, p)
    assert partial_transpose_bound(family).value >= private_state_ceiling(family).value >= pair_parity(family).value


def test_a_quoted_or_equal_value_proves_nothing() -> None:
    example = gap_example(PPTPrivateFamily(4, Fraction("0.45")))
    quoted = replace(example.key, status=Status.PUBLISHED)
    assert not GapExample(example.state, quoted, example.ceiling).proven
    level = replace(example.key, value=example.ceiling.value)
    assert not GapExample(example.state, level, example.ceiling).proven
    assert not gap_example(PPTPrivateFamily(4, 0.5)).proven, "0 against 0"


def test_published_example_is_twelve_qubits() -> None:
    example = gap_example(PPTPrivateFamily(25))
    assert (example.side, example.qubits) == (50, 12)


def test_sectors_exchange_neither_method_nor_subject() -> None:
    sectors = PPTPrivateFamily.sectors(3, 4, Fraction("0.45"))
    with pytest.raises(UnknownNameError, match="method"):
        partial_transpose_bound(sectors, method="published")
    with mpmath.workdps(50):
        p = mpmath.mpf("0.45")
        trusted = 1 + p * mpmath.log(p, 2) + (1 - p) * mpmath.log(1 - p, 2)
        assert trusted <= private_state_ceiling(sectors).value <= trusted * (1 + mpmath.mpf(2) ** -50)
    assert private_state_ceiling(sectors).subject == "rho_(3+4, p=9/20)"


def test_bad_input() -> None:
    with pytest.raises(DimensionError, match=r"^d|^m"):
        smallest_gap(shields=(1,))
    with pytest.raises(DimensionError, match=r"^n"):
        smallest_gap(shields=(), sectors=((4, 3),))
