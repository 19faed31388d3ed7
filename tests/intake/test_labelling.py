"""The labelling with the largest CHSH value, found another way: by trying every relabelling of small tables."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from keybounds.errors import InputError, UnsupportedError
from keybounds.experiments import Behaviour, Labelling, largest_chsh, read_table

CASES = Path(__file__).parent / "cases"


def mixture(seed: int, nx: int, ny: int) -> Behaviour:
    """Random no-signalling correlators with random marginals, of binary outcomes."""
    rng = np.random.default_rng(seed)
    alice, bob = rng.uniform(-0.1, 0.1, nx), rng.uniform(-0.1, 0.1, ny)
    P = np.empty((2, 2, nx, ny))
    for a, b, x, y in np.ndindex(P.shape):
        correlator = 0.5 * np.sin(3 * seed + 5 * x + 7 * y)
        P[a, b, x, y] = (1 + (-1) ** a * alice[x] + (-1) ** b * bob[y] + (-1) ** (a + b) * correlator) / 4
    return Behaviour(P)


def all_labellings(nx: int, ny: int) -> list[Labelling]:
    def flips(n: int) -> list[frozenset[int]]:
        return [frozenset(c) for k in range(n + 1) for c in itertools.combinations(range(n), k)]

    return [
        Labelling(x, y, fa, fb)
        for x in itertools.permutations(range(nx))
        for y in itertools.permutations(range(ny))
        for fa in flips(nx)
        for fb in flips(ny)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_no_relabelling_has_a_larger_value(seed: int) -> None:
    behaviour = mixture(seed, 2, 3)
    best = largest_chsh(behaviour)
    assert best is not None
    values = [labelling.apply(behaviour).chsh for labelling in all_labellings(2, 3)]
    assert best.value == pytest.approx(max(values), abs=1e-12)
    assert best.labelling.apply(behaviour).chsh == pytest.approx(best.value, abs=1e-12)


def test_names_read_back() -> None:
    for labelling in all_labellings(2, 3):
        assert Labelling.named(labelling.name.replace("as given", "as-given"), (2, 3)) == labelling
    for wrong in ("swap-z", "flip-x-0", "swap-a", "order-y-0-1", "flip-b-7", "flip-b", "nonsense"):
        with pytest.raises(InputError, match="relabel"):
            Labelling.named(wrong, (2, 3))


def test_counts_errors_and_unmeasured_pairs_move_along() -> None:
    behaviour = read_table(CASES / "link-minus-at-10.csv").behaviour
    best = largest_chsh(behaviour)
    assert best is not None
    assert best.labelling.name == "swap-y"
    moved = best.labelling.apply(behaviour)
    assert moved.chsh == pytest.approx(2.6769, abs=5e-5)
    assert moved.unmeasured == behaviour.unmeasured == {(1, 2)}
    assert moved.uncertainty is not None
    assert behaviour.uncertainty is not None
    np.testing.assert_array_equal(moved.uncertainty[:, :, :, 0], behaviour.uncertainty[:, :, :, 1])
    assert best.labelling.moved_pair((0, 1)) == (0, 0)
    assert best.labelling.moved_pair((0, 2)) == (0, 2)


def test_a_lost_pair_leaves_others() -> None:
    best = largest_chsh(read_table(CASES / "missing-chsh-pair.csv").behaviour)
    assert best is not None
    assert best.value == pytest.approx(2.1620, abs=5e-5)
    assert 2 in best.labelling.y[:2]


def test_three_outcomes_have_none() -> None:
    behaviour = read_table(CASES / "bob-keeps-no-click.csv").behaviour
    assert largest_chsh(behaviour) is None
    with pytest.raises(UnsupportedError, match="two outcomes b"):
        Labelling((0, 1), (0, 1, 2), flip_b=frozenset({0})).apply(behaviour)
    assert Labelling((1, 0), (0, 1, 2)).apply(behaviour).settings == (2, 3)


def test_the_deviation_is_that_of_the_four_correlators() -> None:
    reading = read_table(CASES / "ibm-minus-at-00.csv")
    assert reading.largest_chsh is not None
    assert reading.largest_chsh.value == pytest.approx(2.7682, abs=5e-5)
    assert reading.largest_chsh.deviation == pytest.approx(0.0068, abs=5e-5)
    assert reading.largest_chsh.labelling.name == "swap-x,swap-y"
    assert reading.behaviour.chsh == pytest.approx(-0.0214, abs=5e-5)
