"""The no-signalling fit against closed forms, cvxpy and an independently made fit of the ion table."""

from __future__ import annotations

import math
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2

from keybounds.errors import BehaviourError, DimensionError, InputError
from keybounds.experiments import Behaviour, Projection, load, project_no_signalling
from keybounds.experiments.projection import _exact_cells, chi_squared_tail, collins_gisin_map

Table = NDArray[np.float64]

# Maximum-likelihood no-signalling fit of the ion table with 240000 and 960000 rounds, made with another program and
# printed to eight digits; rows (x, y), columns ab = 00, 01, 10, 11.
ION_FIT = {
    (0, 0): (0.41603021, 0.09637757, 0.06860626, 0.41898596),
    (0, 1): (0.43889924, 0.07350854, 0.08052502, 0.40706720),
    (0, 2): (0.50141405, 0.01099373, 0.00339210, 0.48420011),
    (1, 0): (0.39316563, 0.08514479, 0.09147084, 0.43021874),
    (1, 1): (0.08190539, 0.39640503, 0.43751887, 0.08417071),
}


def exact_marginals_agree(table: Table) -> bool:
    """Normalisation and no-signalling of the doubles as the rationals they are."""
    exact = np.vectorize(Fraction, otypes=[object])(np.nan_to_num(table))
    measured = ~np.isnan(table[0, 0])
    sums = {exact[:, :, x, y].sum() for x, y in np.argwhere(measured)}
    alice = [{tuple(exact[:, :, x, y].sum(axis=1)) for y in np.flatnonzero(measured[x])} for x in range(table.shape[2])]
    bob = [
        {tuple(exact[:, :, x, y].sum(axis=0)) for x in np.flatnonzero(measured[:, y])} for y in range(table.shape[3])
    ]
    return sums == {Fraction(1)} and all(len(values) == 1 for values in alice + bob)


def log_likelihood(counts: Table, table: Table) -> float:
    seen = counts > 0
    return float((counts[seen] * np.log(table[seen])).sum())


def fitted_by_cvxpy(counts: Table) -> tuple[float, dict[tuple[int, int], Table]]:
    """Same problem, written from the definition with one variable a cell, solved by Clarabel's exponential cone."""
    na, nb, nx, ny = counts.shape
    p = {(x, y): cp.Variable((na, nb), nonneg=True) for x, y in np.ndindex(nx, ny)}
    constraints = [cp.sum(cell) == 1 for cell in p.values()]
    constraints += [cp.sum(p[x, y], axis=1) == cp.sum(p[x, 0], axis=1) for x, y in p if y > 0]
    constraints += [cp.sum(p[x, y], axis=0) == cp.sum(p[0, y], axis=0) for x, y in p if x > 0]
    terms = [
        counts[a, b, x, y] / counts.sum() * cp.log(p[x, y][a, b])
        for a, b, x, y in np.ndindex(counts.shape)
        if counts[a, b, x, y] > 0
    ]
    problem = cp.Problem(cp.Maximize(cp.sum(terms)), constraints)
    problem.solve(solver=cp.CLARABEL)
    return float(problem.value) * counts.sum(), {pair: cell.value for pair, cell in p.items()}


@pytest.fixture(scope="module")
def ion_projection() -> Projection:
    return load("nadlinger2022-link").projection()


class TestIonTable:
    def test_agrees_with_the_other_fit(self, ion_projection: Projection) -> None:
        for pair, row in ION_FIT.items():
            np.testing.assert_allclose(ion_projection.behaviour.joint(*pair).ravel(), row, atol=1e-8)

    def test_figures(self, ion_projection: Projection) -> None:
        assert ion_projection.behaviour.chsh == pytest.approx(2.6766, abs=5e-5)
        assert ion_projection.behaviour.qber(0, 2) == pytest.approx(0.01439, abs=1e-5)
        assert ion_projection.statistic == pytest.approx(2.713, abs=1e-3)
        assert ion_projection.degrees_of_freedom == 5
        assert ion_projection.p_value == pytest.approx(0.744, abs=1e-3)
        assert np.nanmax(ion_projection.total_variation) == pytest.approx(0.00126, abs=1e-5)
        assert 0 <= ion_projection.gap < 1e-6

    def test_is_exact_and_keeps_the_hole(self, ion_projection: Projection) -> None:
        behaviour = ion_projection.behaviour
        assert behaviour.exact
        assert exact_marginals_agree(behaviour.P)
        assert behaviour.no_signalling_violation == 0.0
        assert behaviour.unmeasured == {(1, 2)}
        assert np.isnan(behaviour.P[:, :, 1, 2]).all()
        assert np.isnan(ion_projection.total_variation[1, 2])
        assert "no-signalling fit of Nadlinger" in str(behaviour.provenance)

    def test_rounds_from_the_uncertainties_change_little(self, ion_projection: Projection) -> None:
        own = project_no_signalling(load("nadlinger2022-link").behaviour)  # type: ignore[arg-type]
        np.testing.assert_allclose(own.rounds, ion_projection.rounds, rtol=0.05)
        np.testing.assert_allclose(own.behaviour.P, ion_projection.behaviour.P, atol=1e-5)


class TestClosedForms:
    def test_one_pair_is_its_own_fit(self) -> None:
        counts = np.array([[3, 0], [5, 2]])[:, :, None, None]
        projection = project_no_signalling(Behaviour.from_counts(counts))
        np.testing.assert_allclose(projection.behaviour.joint(0, 0), [[0.3, 0], [0.5, 0.2]], atol=1e-9)
        assert projection.statistic == pytest.approx(0, abs=1e-9)
        assert (projection.degrees_of_freedom, projection.p_value) == (0, 1.0)

    def test_one_setting_of_alice_pools_her_outcomes(self) -> None:
        # p(a,b|y) = p(a) p(b|a,y): pooled counts for the first factor, each setting's own for the second
        counts = np.zeros((3, 2, 1, 2))
        counts[:, :, 0, 0] = [[30, 10], [20, 20], [15, 5]]
        counts[:, :, 0, 1] = [[70, 70], [80, 10], [35, 35]]
        pooled = counts.sum(axis=(1, 2, 3)) / counts.sum()
        projection = project_no_signalling(Behaviour.from_counts(counts))
        for y in (0, 1):
            conditional = counts[:, :, 0, y] / counts[:, :, 0, y].sum(axis=1, keepdims=True)
            np.testing.assert_allclose(projection.behaviour.joint(0, y), pooled[:, None] * conditional, atol=1e-12)
        assert projection.degrees_of_freedom == 2
        g = 2 * sum(
            counts[a, :, 0, y].sum() * math.log(counts[a, :, 0, y].sum() / counts[..., y].sum() / pooled[a])
            for a in range(3)
            for y in (0, 1)
        )
        assert projection.statistic == pytest.approx(g)

    def test_a_no_signalling_table_stays(self, singlet_table: Table) -> None:
        # zeros included: the key setting has P(0,1) = 0
        projection = project_no_signalling(Behaviour(singlet_table), rounds=np.full((2, 3), 1000))
        np.testing.assert_allclose(projection.behaviour.P, singlet_table, atol=1e-9)
        assert projection.statistic < 1e-6
        assert exact_marginals_agree(projection.behaviour.P)

    def test_certainty(self) -> None:
        counts = np.zeros((2, 2, 2, 2), dtype=int)
        counts[0, 1] = 7
        projection = project_no_signalling(Behaviour.from_counts(counts))
        np.testing.assert_allclose(projection.behaviour.P[0, 1], 1.0, atol=1e-11)
        assert exact_marginals_agree(projection.behaviour.P)


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([3, 30, 10_000]))
@settings(max_examples=25, deadline=None)
def test_agrees_with_cvxpy(seed: int, scale: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (3, 2, int(rng.integers(1, 4)), 2)  # three outcomes: a small binary sample may beat 2√2
    noise = rng.dirichlet(np.full(shape[0] * 2, 0.4))  # small samples of a lopsided table: many zero counts
    counts = rng.multinomial(scale, noise, size=shape[2:]).transpose(2, 0, 1).reshape(shape).astype(float)
    projection = project_no_signalling(Behaviour.from_counts(counts))
    value, cells = fitted_by_cvxpy(counts)
    ours = log_likelihood(counts, projection.behaviour.P)
    # not worse than Clarabel's, up to its tolerance, and its value within the proven gap
    assert ours == pytest.approx(value, abs=1e-6 * counts.sum())
    assert ours + projection.gap / 2 >= value - 1e-6 * counts.sum()
    # cells with counts are unique at the optimum; the likelihood's flatness limits both to its square root
    for (x, y), cell in cells.items():
        seen = counts[:, :, x, y] > 0
        np.testing.assert_allclose(projection.behaviour.joint(x, y)[seen], cell[seen], atol=2e-3)
    assert exact_marginals_agree(projection.behaviour.P)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_no_feasible_table_is_likelier_than_the_gap_allows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(50, rng.dirichlet(np.full(4, 0.5)), size=(2, 2)).transpose(2, 0, 1).reshape(2, 2, 2, 2)
    projection = project_no_signalling(Behaviour.from_counts(counts, max_z=20))
    best = log_likelihood(counts, projection.behaviour.P)
    for share in (1e-3, 1e-2, 0.1):
        local = np.einsum("ax,by->abxy", rng.dirichlet(np.ones(2), 2).T, rng.dirichlet(np.ones(2), 2).T)
        other = (1 - share) * projection.behaviour.P + share * local
        assert log_likelihood(counts, other) <= best + projection.gap / 2 + 1e-9


def test_statistic_follows_chi_squared() -> None:
    # over samples of a no-signalling table the p-values are uniform: wrong degrees of freedom or a factor 2 would show
    rng = np.random.default_rng(7)
    P = np.einsum("ax,by->abxy", [[0.3, 0.6], [0.7, 0.4]], [[0.5, 0.2], [0.5, 0.8]])
    p_values = []
    for _ in range(300):
        counts = np.stack([rng.multinomial(2000, P[:, :, x, y].ravel()) for x, y in np.ndindex(2, 2)], axis=-1)
        p_values.append(project_no_signalling(Behaviour.from_counts(counts.reshape(2, 2, 2, 2))).p_value)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.07)
    assert np.mean(np.array(p_values) < 0.1) == pytest.approx(0.1, abs=0.07)


@pytest.mark.parametrize(("statistic", "freedom"), [(0.0, 1), (2.7, 5), (40.0, 3), (900.0, 2), (0.5, 12)])
def test_chi_squared_tail(statistic: float, freedom: int) -> None:
    assert chi_squared_tail(statistic, freedom) == pytest.approx(chi2.sf(statistic, freedom), rel=1e-12)


class TestRefusals:
    def test_rounds(self, singlet_table: Table) -> None:
        exact = Behaviour(singlet_table)
        with pytest.raises(InputError, match="rounds: expected rounds for each setting pair"):
            project_no_signalling(exact)
        with pytest.raises(DimensionError, match=r"\(2, 3\)"):
            project_no_signalling(exact, rounds=[1, 2, 3])
        for bad in (0.0, -1.0, math.nan, math.inf):
            with pytest.raises(InputError, match="positive numbers"):
                project_no_signalling(exact, rounds=np.full((2, 3), bad))
        certain = Behaviour(np.eye(4)[0].reshape(2, 2, 1, 1), uncertainty=np.zeros((2, 2, 1, 1)))
        with pytest.raises(BehaviourError, match="positive uncertainty"):
            project_no_signalling(certain)

    def test_a_fit_beyond_quantum_theory(self) -> None:
        counts = np.zeros((2, 2, 2, 2), dtype=int)
        for a, b, x, y in np.ndindex(2, 2, 2, 2):
            counts[a, b, x, y] = 3 * (a ^ b == x * y)
        with pytest.raises(BehaviourError, match=r"no-signalling fit has a CHSH value of at most 2√2; found 4 "):
            project_no_signalling(Behaviour.from_counts(counts))


def test_rounding_of_the_parameters_never_leaves_the_polytope() -> None:
    # joint above the marginals by less than the quantum: rounding alone would give negative cells
    A, b = collins_gisin_map((2, 2), np.ones((1, 1), dtype=bool))
    cells = _exact_cells(A, b, np.array([1 / 3, 1 / 3, 1 / 3 + 4e-16]), 4)
    assert cells.min() > 0
    assert sum(map(Fraction, cells)) == 1
    np.testing.assert_allclose(cells, [1 / 3, 0, 0, 2 / 3], atol=1e-13)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_counts_over_eight_decades_with_zeros(seed: int) -> None:
    # the photonic regime and worse: single counts beside 10^8, whole outcomes never seen, even gross signalling
    rng = np.random.default_rng(seed)
    shape = (3, int(rng.integers(2, 4)), int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    counts = rng.integers(0, 4, shape) * 10 ** rng.integers(0, 9, shape)
    counts[0, 0] += 1
    projection = project_no_signalling(Behaviour.from_counts(counts, max_z=math.inf))
    assert exact_marginals_agree(projection.behaviour.P)
    assert projection.gap < 5e-3 * max(1.0, projection.statistic)
