"""Planning: the shortest run with key, the best test fraction, and what the length inherits from S and Q."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from uncertainties import ufloat

from keybounds.bounds.lower import finite_key, minimal_rounds, optimal_gamma
from keybounds.bounds.run import sensitivity
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.experiments import TSIRELSON, load

GAMMA = Fraction(13, 256)
DESIGN: dict[str, Any] = {"gamma": GAMMA, "chsh": 2.64, "qber": 0.018}


@pytest.mark.parametrize(
    ("chsh", "qber", "expected"),
    [(2.73, 0.018, 673_888), (2.64, 0.018, 1_069_240), (2.64, 0.033, 1_600_667), (2.677, 0.0144, 801_723)],
)
def test_onset_of_key_on_the_curves_of_the_figure(chsh: float, qber: float, expected: int) -> None:
    # The theory's figure for the design point is 1.07e6. One round fewer has no key.
    design = {"gamma": GAMMA, "chsh": chsh, "qber": qber}
    rounds = minimal_rounds(**design)
    assert rounds == pytest.approx(expected, abs=20)
    assert finite_key(rounds=rounds, **design).length >= 1
    assert finite_key(rounds=rounds - 1, **design).length == 0


def test_a_perfect_link_with_its_best_gamma_needs_as_many_rounds_as_published() -> None:
    # nadlinger2022, Fig. S15a: 2.6e5, with γ free; at γ = 13/256 it takes 3.1e5.
    printed = load("nadlinger2022-protocol").values["least_rounds"].value
    best = min(minimal_rounds(gamma=gamma, chsh=TSIRELSON, qber=0) for gamma in (0.1, 0.12, 0.14))
    assert best == pytest.approx(printed, rel=0.02)
    assert minimal_rounds(gamma=GAMMA, chsh=TSIRELSON, qber=0) > 1.15 * best


def test_more_bits_take_more_rounds() -> None:
    rounds = minimal_rounds(**DESIGN, least=95_885)
    assert 1_499_000 < rounds <= 1_500_001
    assert minimal_rounds(**DESIGN, least=257) > minimal_rounds(**DESIGN)


def test_no_length_suffices_where_the_asymptotic_rate_is_negative() -> None:
    with pytest.raises(BoundNotEstablishedError, match="no key"):
        minimal_rounds(gamma=0.05, chsh=2.2, qber=0.1)


@pytest.mark.parametrize("changes", [{"gamma": 2}, {"gamma": 0}, {"chsh": 1}, {"least": 0}])
def test_bad_input(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        minimal_rounds(**{**DESIGN, **changes})


@pytest.mark.parametrize("rounds", [10**5, 1_500_000, 10**9])
def test_optimal_gamma_beats_a_grid(rounds: int) -> None:
    def worth(gamma: float) -> int:
        key = finite_key(rounds=rounds, gamma=gamma, chsh=2.64, qber=0.018)
        return key.length - key.deficit

    best = optimal_gamma(rounds=rounds, chsh=2.64, qber=0.018)
    grid = max(worth(float(gamma)) for gamma in np.geomspace(1e-4, 0.95, 60))
    assert worth(best) >= grid - 2


def test_optimal_gamma_of_the_published_run() -> None:
    best = optimal_gamma(rounds=1_500_000, chsh=2.64, qber=0.018)
    assert best == pytest.approx(0.0644, abs=2e-3)
    assert finite_key(rounds=1_500_000, gamma=best, chsh=2.64, qber=0.018).length > 101_500


def test_sensitivity_is_the_spread_of_redesigned_runs() -> None:
    # Against a sample of (S, Q), each with its own design: within the sampling error of 250 draws.
    s, q = ufloat(2.677, 0.006), ufloat(0.0144, 0.0002)
    found = sensitivity(chsh=s, qber=q, rounds=1_500_000, gamma=GAMMA)
    rng = np.random.default_rng(3)
    draws = zip(rng.normal(s.n, s.s, 250), rng.normal(q.n, q.s, 250), strict=True)
    lengths = [finite_key(rounds=1_500_000, gamma=GAMMA, chsh=a, qber=b).length for a, b in draws]
    assert found.spread == pytest.approx(np.std(lengths), rel=0.15)
    assert found.by_chsh > 0 > found.by_qber


def test_sensitivity_at_the_edges_of_quantum_theory() -> None:
    found = sensitivity(chsh=TSIRELSON, qber=0.0, rounds=10**6, gamma=0.1)
    assert found.spread == 0
    assert found.by_chsh > 0 > found.by_qber
    json.dumps(found.key.to_dict(), allow_nan=False)
