"""Alice's outcomes merged into bits: the table that a device with fewer outcomes would have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keybounds.bounds import one_way
from keybounds.errors import InputError
from keybounds.experiments import Behaviour, default_bits, merge_outcomes, read_table
from keybounds.reports.rate import rate_table

CASES = Path(__file__).parent / "cases"


def test_counts_add_up() -> None:
    behaviour = read_table(CASES / "ternary-counts.csv").behaviour
    merged = merge_outcomes(behaviour, (1, 0, 1))
    assert behaviour.counts is not None
    assert merged.counts is not None
    np.testing.assert_array_equal(merged.counts[0], behaviour.counts[1])
    np.testing.assert_array_equal(merged.counts[1], behaviour.counts[0] + behaviour.counts[2])
    assert merged.outcomes == (2, 3)


def test_probabilities_and_their_errors_add_up() -> None:
    P = np.array([0.3, 0.1, 0.1, 0.2, 0.1, 0.2]).reshape(3, 2, 1, 1)
    merged = merge_outcomes(Behaviour(P, uncertainty=np.full(P.shape, 0.003)), (0, 1, 1))
    np.testing.assert_allclose(merged.P[:, :, 0, 0], [[0.3, 0.1], [0.2, 0.4]])
    assert merged.uncertainty is not None
    np.testing.assert_allclose(merged.uncertainty[1], 0.003 * np.sqrt(2))


def test_what_was_not_detected_joins_the_rarer_outcome() -> None:
    P = np.array([0.3, 0.2, 0.1, 0.1, 0.1, 0.2]).reshape(3, 2, 1, 1)
    assert default_bits(Behaviour(P)) == (0, 1, 1)
    assert default_bits(Behaviour(P[[1, 0, 2]])) == (0, 1, 0)


@pytest.mark.parametrize("bits", [(0, 1), (0, 0, 0), (0, 2, 1, 1), (0, 2, 2), (1, 1, 2)])
def test_bits_have_no_gap(bits: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="bits"):
        merge_outcomes(read_table(CASES / "ternary-counts.csv").behaviour, bits)


@pytest.mark.slow
def test_three_outcomes_of_alice_are_no_dead_end() -> None:
    """Noisy singlet .99, efficiency .95, a million trials a pair: the rate of the table in which Bob keeps his."""
    answer = rate_table(read_table(CASES / "ternary-counts.csv"), one_way((0, 2)), name="ternary")
    (rate,) = [b for b in answer.bounds if b.method.startswith("Devetak-Winter rate, moment")]
    assert rate.value == pytest.approx(0.336, abs=5e-3)
    assert rate.subject == "ternary, Alice's outcomes read as 0,1,0"
    assert any("--bits has others" in note for note in answer.notes)
