"""The fit at level "1+AB": against another solver, and what it refuses, warns of and says of tables outside."""

from __future__ import annotations

import math

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import beta

from keybounds.bounds.correlations.moments.relaxation import Relaxation
from keybounds.bounds.correlations.moments.words import Scenario
from keybounds.errors import BehaviourError, InputError, UnsupportedError
from keybounds.experiments import Behaviour, project_no_signalling, project_quantum
from keybounds.experiments.almost_quantum import most_likely
from keybounds.experiments.projection import multinomial_tail

Table = NDArray[np.float64]
SIGNS = np.array([[1, -1], [-1, 1]])
S = 2**-0.5
SINGLET = np.array([[S, S, 1], [S, -S, 0]])


def correlated(E: object) -> Table:
    """Unbiased outcomes with these correlators."""
    return np.asarray((1 + SIGNS[:, :, None, None] * np.asarray(E, dtype=float)) / 4)


def sampled(P: Table, n: int, seed: int) -> Behaviour:
    generator = np.random.default_rng(seed)
    counts = np.zeros(P.shape, dtype=int)
    for x, y in np.ndindex(*P.shape[2:]):
        counts[:, :, x, y] = generator.multinomial(n, P[:, :, x, y].ravel()).reshape(P.shape[:2])
    return Behaviour.from_counts(counts, max_z=math.inf)


def least_by_cvxpy(behaviour: Behaviour) -> float:
    """G of the level's likeliest table, with the moment engine's own relaxation and Clarabel's exponential cone."""
    (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
    relaxation = Relaxation.build(Scenario((na,) * nx, (nb,) * ny), "1+AB")
    y = cp.Variable(len(relaxation.moments))
    flat = np.zeros((relaxation.size**2, len(relaxation.moments) + 1))
    flat[np.arange(len(flat)), relaxation.index.ravel()] = 1
    gamma = cp.reshape(flat[:, :-1] @ y, (relaxation.size, relaxation.size), order="C")

    def word(setting: int, outcome: int, outcomes: int) -> list[tuple[tuple[tuple[int, int], ...], float]]:
        if outcome < outcomes - 1:
            return [(((setting, outcome),), 1.0)]
        return [((), 1.0), *((((setting, k),), -1.0) for k in range(outcomes - 1))]

    assert behaviour.counts is not None
    terms = []
    for a, b, x, yy in np.ndindex(behaviour.counts.shape):
        p = sum(sa * sb * y[relaxation.moment((wa, wb))] for wa, sa in word(x, a, na) for wb, sb in word(yy, b, nb))
        n = int(behaviour.counts[a, b, x, yy])
        if n:
            terms.append(n / behaviour.counts.sum() * cp.log(p))
    problem = cp.Problem(cp.Maximize(sum(terms)), [y[0] == 1, gamma >> 0])
    problem.solve(solver=cp.CLARABEL)
    seen = behaviour.counts > 0
    own = float((behaviour.counts[seen] * np.log(behaviour.P[seen])).sum())
    return 2 * (own - float(problem.value) * float(behaviour.counts.sum()))


@pytest.mark.parametrize(
    ("E", "n", "outside"),
    [
        pytest.param(0.95 * SINGLET, 300, False, id="inside"),
        pytest.param(SINGLET, 400, True, id="beyond the edge"),
        pytest.param([[0.85, 0.85], [0.85, -0.85]], 200, True, id="beyond 2√2"),
    ],
)
def test_it_is_as_likely_as_another_solver_s(E: object, n: int, outside: bool) -> None:
    behaviour = sampled(correlated(E), n, 2)
    found = project_quantum(behaviour, refuse=0)
    assert found.statistic == pytest.approx(least_by_cvxpy(behaviour), abs=2e-3)
    assert found.inside is not outside
    assert found.gap < 0.05
    assert found.beyond == pytest.approx(found.statistic - _statistic_without(behaviour), abs=1e-3)


def _statistic_without(behaviour: Behaviour) -> float:
    """G of the no-signalling fit, by a table that may be beyond 2√2: of the same fit, without its last check."""
    from keybounds.experiments.projection import _no_signalling

    return _no_signalling(behaviour, None).statistic


def test_three_outcomes_against_another_solver() -> None:
    P = np.empty((2, 3, 2, 2))
    singlet = correlated(0.9 * SINGLET[:, :2])
    P[:, :2], P[:, 2] = 0.8 * singlet, 0.2 * singlet.sum(axis=1)
    behaviour = sampled(P, 300, 1)
    found = project_quantum(behaviour)
    assert found.statistic == pytest.approx(least_by_cvxpy(behaviour), abs=2e-3)
    assert found.behaviour.outcomes == (2, 3)


def test_inside_it_is_the_no_signalling_fit() -> None:
    behaviour = sampled(correlated(0.9 * SINGLET), 20_000, 4)
    found, plain = project_quantum(behaviour), project_no_signalling(behaviour)
    np.testing.assert_allclose(found.behaviour.P, plain.behaviour.P, atol=1e-6)
    assert found.statistic == pytest.approx(plain.statistic, abs=1e-4)
    assert found.behaviour.no_signalling_violation == 0


def test_unmeasured_pairs_stay_so() -> None:
    counts = sampled(correlated(0.9 * SINGLET), 1000, 3).counts
    assert counts is not None
    counts = counts.copy()
    counts[:, :, 1, 2] = 0
    found = project_quantum(Behaviour.from_counts(counts, unmeasured=[(1, 2)]))
    assert found.behaviour.unmeasured == {(1, 2)}
    assert np.isnan(found.functional[:, :, 1, 2]).all()
    assert found.inside


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_no_device_beats_the_functional(seed: int) -> None:
    """The violated inequality holds for two-qubit devices, and the frequencies exceed it where they are outside."""
    generator = np.random.default_rng(seed)
    found = project_quantum(sampled(correlated([[1, 1], [1, -1]]), 40, seed), refuse=0)
    assert found.value > found.ceiling
    for _ in range(20):
        x, y = generator.uniform(0, 2 * np.pi, (2, 2))
        P = correlated(np.cos(x[:, None] - y[None, :]))
        assert float(np.nansum(found.functional * P)) <= found.ceiling + 1e-9


def test_a_pr_box_is_refused_with_the_evidence() -> None:
    box = sampled(correlated([[1, 1, 1], [1, -1, 0]]), 1000, 0)
    with pytest.raises(BehaviourError, match="some device of level") as caught:
        project_quantum(box)
    text = str(caught.value)
    assert "above 1e-06" in text
    assert "0.15 away in total variation" in text
    assert "log-likelihood ratio of 12" in text
    assert "<A0B0>" in text
    assert "where the table has" in text
    assert box.counts is not None
    with pytest.raises(BehaviourError, match="log-likelihood ratio"):  # where it is first seen
        Behaviour.from_counts(box.counts)


def test_a_little_outside_is_said_and_far_outside_is_warned_of() -> None:
    lucky = project_quantum(sampled(correlated([[0.8, 0.8], [0.8, -0.8]]), 40, 1), refuse=0)
    assert not lucky.inside
    assert any("at the edge" in said for said in lucky.sentences)
    assert lucky.behaviour.chsh <= 2 * math.sqrt(2)
    warned = project_quantum(sampled(correlated([[1, 1], [1, -1]]), 20, 1))
    assert 1e-6 < warned.p_value < 1e-2
    assert any(said.startswith("Warning: no quantum device gives") for said in warned.sentences)


def test_the_probability_of_the_counts() -> None:
    """Simulated: counts of a device are as far from it as the tail bound says with no larger probability."""
    generator = np.random.default_rng(5)
    for p, n in (((0.492, 0.008, 0.008, 0.492), 300), ((0.4, 0.1, 0.2, 0.3), 30), ((0.97, 0.01, 0.01, 0.01), 50)):
        f = generator.multinomial(n, p, size=(20_000, 6)) / n
        t = (n * np.where(f > 0, f * np.log(np.maximum(f, 1e-300) / np.array(p)), 0)).sum(axis=(1, 2))
        for epsilon in (0.05, 0.01):
            misses = int(sum(multinomial_tail(float(one), 18) < epsilon for one in t))
            lowest = beta.ppf(0.001, misses, len(t) - misses + 1) if misses else 0.0
            assert lowest <= epsilon
    assert multinomial_tail(14.0, 3) == pytest.approx(0.01 / 6, rel=0.02)  # 28.0 where χ² says 15.2
    assert multinomial_tail(2.0, 3) == 1.0


def test_bad_input() -> None:
    with pytest.raises(InputError, match="rounds"):
        project_quantum(Behaviour(correlated(0.9 * SINGLET)))
    for value in (-0.1, 1.0, math.nan):
        with pytest.raises(InputError, match="refuse"):
            project_quantum(sampled(correlated(0.9 * SINGLET), 100, 1), refuse=value)
    flat = np.full((2, 2, 8, 8), 25)
    with pytest.raises(UnsupportedError, match="at most 64 words"):
        project_quantum(Behaviour.from_counts(flat))


def test_a_coarse_fit_says_its_gap() -> None:
    """At a deterministic table, the corner of everything, the fit still proves how near it is."""
    P = np.zeros((2, 2, 2, 2))
    P[0, 0] = 1
    found = most_likely((2, 2), np.ones((2, 2), dtype=bool), P.transpose(2, 3, 0, 1).ravel() / 4, gap=1e-6)
    assert -math.log(float(found.cells.reshape(2, 2, 2, 2)[0, 0, 0, 0])) <= found.gap + 1e-9
