"""The table of the key rounds, at every key setting and with all of the preprocessing."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import one_way
from keybounds.bounds.correlations.reconciliation import exact_key_rounds, key_rounds
from keybounds.experiments import Behaviour

NOISE, KEEP = Fraction(1, 16), Fraction(7, 8)


def generic(outcomes: tuple[int, int]) -> Behaviour:
    """Three settings a side, no two marginals equal, and no two of the correlations."""
    na, nb = outcomes
    rng = np.random.default_rng(7)
    alice, bob = rng.dirichlet(np.full(na, 3), 3), rng.dirichlet(np.full(nb, 3), 3)
    table = 0.7 * np.einsum("xa,yb->abxy", alice, bob)
    for x, y in itertools.product(range(3), repeat=2):
        table[(x + 1) % na, (2 * y + 1) % nb, x, y] += 0.3
    return Behaviour(table)


@pytest.mark.parametrize("outcomes", [(2, 2), (2, 3), (2, 4)])
@pytest.mark.parametrize("rounds", [key_rounds, exact_key_rounds])
def test_the_key_settings_own_outcomes_are_kept_and_flipped(outcomes: tuple[int, int], rounds: Any) -> None:
    """w[â,b] = (1-q) k_a k_b P(a,b) + q k_a' k_b P(a',b): at later settings, the entries of the first come before."""
    behaviour, keep = generic(outcomes), KEEP if outcomes == (2, 2) else Fraction(1)
    for key in itertools.product(range(3), repeat=2):
        question = behaviour.ask(one_way(key, noise=NOISE, keep=keep))
        kept = [[float(keep) ** ((a == 1) + (b == 1)) * p for b, p in enumerate(row)]
                for a, row in enumerate(behaviour.joint(*key))]  # fmt: skip
        expected = [
            [float(1 - NOISE) * p + float(NOISE) * q for p, q in zip(kept[a], kept[1 - a], strict=True)] for a in (0, 1)
        ]
        found = [[float(w.mid()) for w in row] for row in rounds(question).weights]
        assert np.allclose(found, expected, rtol=0, atol=1e-14), key
