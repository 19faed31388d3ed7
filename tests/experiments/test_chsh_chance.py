"""A CHSH value that no quantum device shows by chance: how often it is called so, and what is refused."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.errors import BehaviourError
from keybounds.experiments import Behaviour, project_quantum, read_table
from keybounds.experiments.chsh_chance import chsh_chance
from keybounds.reports.reading import ReadingReport

OPTIMUM = (2 + math.sqrt(2)) / 4


def game(trials: NDArray[np.int64], won: NDArray[np.int64]) -> Behaviour:
    """Counts with so many wins at each of 2 x 2 pairs, outcomes halved."""
    counts = np.zeros((2, 2, 2, 2), dtype=np.int64)
    for a, b, x, y in product(range(2), repeat=4):
        share = won[x, y] if (a ^ b) == x & y else trials[x, y] - won[x, y]
        counts[a, b, x, y] = share // 2 + (share % 2) * a
    return Behaviour.from_counts(counts, max_z=math.inf)


@pytest.mark.parametrize("trials", [[[40, 40], [40, 40]], [[10, 90], [30, 50]]])
def test_the_best_device_is_rarely_called_impossible(trials: list[list[int]]) -> None:
    """Its chance is at most p in a share p of 800 runs, unequal numbers of trials included; 1/p is 1 in the mean."""
    n, generator = np.array(trials), np.random.default_rng(5)
    found = np.array([chsh_chance(game(n, generator.binomial(n, OPTIMUM))) for _ in range(800)])
    assert (1 / found).mean() <= 1.15  # 1 at most where it is below 1, and it is not counted above
    for p in (0.1, 0.01):
        assert (found <= p).mean() <= p + 3 * math.sqrt(p / 800)


def test_a_perfect_game_is_as_unlikely_as_it_is() -> None:
    """All of 4 n trials won: OPTIMUM^(4 n), paid for eight inequalities and a few slopes."""
    n = np.full((2, 2), 30)
    assert OPTIMUM**120 < chsh_chance(game(n, n)) < 100 * OPTIMUM**120
    assert chsh_chance(game(n, 0 * n)) == pytest.approx(chsh_chance(game(n, n)))  # the other side of the inequality
    assert chsh_chance(Behaviour(np.full((2, 2, 2, 2), 0.25))) == 1.0  # no counts


@pytest.mark.parametrize("trials", [30, 40])
def test_counts_of_a_nonlocal_box_are_refused(trials: int) -> None:
    n = np.full((2, 2), trials)
    with pytest.raises(BehaviourError, match=r"violates .*<A1B1>"):
        project_quantum(game(n, n))


def test_a_reader_is_told() -> None:
    n = np.full((2, 2), 8)
    counts = game(n, n).counts
    assert counts is not None
    reading = read_table(
        {(x, y): {f"{a}{b}": int(counts[a, b, x, y]) for a in (0, 1) for b in (0, 1)} for x in (0, 1) for y in (0, 1)}
    )
    assert "no quantum device has S above 2.8284; of one, counts like these have a probability of at most" in (
        ReadingReport("source", reading).to_text()
    )
