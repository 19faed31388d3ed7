"""Words reduce as products of projectors do, and each level holds the words its name says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.correlations.moments import Relaxation, Scenario
from keybounds.bounds.correlations.moments.levels import LADDER, level_words
from keybounds.bounds.correlations.moments.words import IDENTITY, canonical, reduce_word
from keybounds.errors import InputError, UnknownNameError, UnsupportedError

LETTERS = st.tuples(st.integers(0, 2), st.integers(0, 1))


@pytest.mark.parametrize(
    ("word", "reduced"),
    [
        pytest.param((), (), id="identity"),
        pytest.param(((0, 0), (0, 0)), ((0, 0),), id="idempotent"),
        pytest.param(((0, 0), (0, 1)), None, id="orthogonal"),
        pytest.param(((0, 0), (1, 0), (1, 0), (0, 0)), ((0, 0), (1, 0), (0, 0)), id="inner"),
        pytest.param(((0, 0), (1, 0), (1, 1), (0, 0)), None, id="zero inside"),
    ],
)
def test_reduction(word: tuple[tuple[int, int], ...], reduced: tuple[tuple[int, int], ...] | None) -> None:
    assert reduce_word(word) == reduced


@settings(deadline=None, max_examples=60)
@given(st.lists(LETTERS, max_size=6), st.integers(0, 2**32 - 1))
def test_a_reduced_word_is_the_same_operator(word: list[tuple[int, int]], seed: int) -> None:
    """A wrong rule would identify moments that differ, and the relaxation would cut off quantum behaviours."""
    rng = np.random.default_rng(seed)
    projectors = {}
    for setting in range(3):
        basis, _ = np.linalg.qr(rng.normal(size=(6, 6)))
        projectors[setting, 0] = basis[:, :2] @ basis[:, :2].T
        projectors[setting, 1] = basis[:, 2:3] @ basis[:, 2:3].T

    def product(letters: list[tuple[int, int]]) -> np.ndarray:
        result = np.eye(6)
        for letter in letters:
            result = result @ projectors[letter]
        return result

    reduced = reduce_word(word)
    expected = np.zeros((6, 6)) if reduced is None else product(list(reduced))
    assert np.allclose(product(word), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("settings_count", "level", "words", "moments"),
    [
        pytest.param((2, 2), "1", 5, 11, id="navascues2008 level 1, CHSH"),
        pytest.param((2, 2), "1+AB", 9, 17, id="almost quantum, CHSH"),
        pytest.param((2, 2), "2", 13, 31, id="navascues2008 level 2, CHSH"),
        pytest.param((3, 3), "2", 28, 154, id="level 2, I3322"),
        pytest.param((2, 3), "11", 12, 31, id="11"),
        pytest.param((2, 3), "22", 20, 55, id="22"),
        pytest.param((2, 3), "22+b01", 30, 96, id="22+b01"),
        pytest.param((2, 3), "s6", 46, 196, id="s6"),
        pytest.param((2, 3), "22+b4", 60, 309, id="22+b4"),
    ],
)
def test_level_sizes(settings_count: tuple[int, int], level: str, words: int, moments: int) -> None:
    relaxation = Relaxation.build(Scenario.binary(*settings_count), level)
    assert (relaxation.size, len(relaxation.moments)) == (words, moments)


def test_each_step_of_the_ladder_contains_the_one_before() -> None:
    """`level="auto"` may stop where a step gains nothing only if no step loses words."""
    steps = [set(level_words(Scenario.binary(2, 3), level)) for level in LADDER]
    for lower, higher in pairwise(steps[:4]):
        assert lower < higher
    assert steps[2] < steps[4]


def test_words_of_more_outcomes() -> None:
    scenario = Scenario((2, 2), (3, 3))
    assert len(level_words(scenario, "11")) == 3 * 5
    assert len(level_words(scenario, "22+b01")) == 5 * (5 + 8)
    index = Relaxation.build(scenario, "11").index
    assert (index == index.T).all()
    assert (index == index.max()).sum() > 0  # orthogonal outcomes of one setting: entries that are 0


def test_the_relaxation_is_built_once() -> None:
    assert Relaxation.build(Scenario.binary(2, 3), "11") is Relaxation.build(Scenario.binary(2, 3), "1+AB")


def test_the_moment_of_a_word_and_of_its_adjoint_are_one() -> None:
    relaxation = Relaxation.build(Scenario.binary(2, 2), "22")
    word = (((0, 0), (1, 0)), ())
    assert relaxation.moment(word) == relaxation.moment((((1, 0), (0, 0)), ()))
    assert canonical(IDENTITY) == IDENTITY
    assert relaxation.moment(IDENTITY) == 0
    assert relaxation.moment((((0, 0), (0, 1)), ())) == len(relaxation.moments)
    with pytest.raises(UnsupportedError, match="holds"):
        relaxation.moment((((0, 0), (1, 0)) * 4, ()))


def test_bad_levels_are_refused() -> None:
    scenario = Scenario.binary(2, 2)
    with pytest.raises(UnknownNameError, match="did you mean '22'"):
        level_words(scenario, "222")
    with pytest.raises(UnsupportedError, match="3"):
        level_words(scenario, "s6")
    with pytest.raises(InputError, match="identity"):
        level_words(scenario, [(((0, 0),), ())])
    with pytest.raises(InputError, match="differ"):
        level_words(scenario, [IDENTITY, (((0, 0),), ()), (((0, 0), (0, 0)), ())])
    with pytest.raises(InputError, match="not 0"):
        level_words(Scenario((3, 3), (2,)), [IDENTITY, (((0, 0), (0, 1)), ())])
    with pytest.raises(InputError, match="not 0"):
        level_words(Scenario((2,), (3, 3)), [IDENTITY, ((), ((1, 0), (1, 1)))])
    with pytest.raises(InputError, match="letters"):
        level_words(scenario, [IDENTITY, (((2, 0),), ())])
    with pytest.raises(InputError, match="letters"):
        level_words(scenario, [IDENTITY, (((0, 1),), ())])
    with pytest.raises(InputError, match="two outcomes"):
        Scenario((1, 2), (2,))
    with pytest.raises(InputError, match="one setting"):
        Scenario((), (2,))
