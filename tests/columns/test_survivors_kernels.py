"""The kernels as the Python that they are written in, against dense matrices and a descent written a second time.

The compiler hides what it compiled from coverage and makes each change of it cost a minute; these tests see every
statement of the kernels, and cost less than compiling one.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from keybounds.bounds.correlations.attacks import descent, kernels
from keybounds.bounds.correlations.attacks.costs import Cost, CostModel
from keybounds.bounds.correlations.attacks.strategies import Columns, Scenario
from keybounds.bounds.correlations.moments import kernels as moments

Array = np.ndarray[Any, Any]
NX, NY = 2, 3


def beside(name: str) -> Any:
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(Path(__file__).parent))


dense = beside("test_pricing")


@pytest.fixture(autouse=True)
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every compiled function replaced by its Python."""
    for module in (kernels, descent, moments):
        for name, value in list(vars(module).items()):
            if isinstance(value, Dispatcher):
                monkeypatch.setattr(module, name, value.py_func)


def weights_of(model: CostModel, shares: Array) -> Array:
    found = np.zeros((NX, NY))
    for pair, share in zip(model.pairs, shares, strict=False):
        found[pair] = share
    return found


def pricing(column: Columns, model: CostModel, prices: Array, weights: Array) -> Callable[[Array], tuple[float, Array]]:
    arguments = model.kernel_arguments(prices.shape[0])

    def at(z: Array) -> tuple[float, Array]:
        gradient = np.full_like(z, np.nan)
        return kernels.price(z, column.alice[0], column.bob[0], prices, weights, *arguments, gradient), gradient

    return at


MODELS = [
    pytest.param(CostModel(Cost.PRIVACY, ((0, 2), (1, 0)), 0.13, 0.7), 2, id="one-way"),
    pytest.param(CostModel(Cost.INFORMATION, ((0, 2), (1, 1)), 0.0, 1.0), 3, id="two-way"),
    pytest.param(CostModel(Cost.RELATIVE_ENTROPY), 3, id="any"),
]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("model", "outcomes"), MODELS)
def test_price_table_and_slopes(model: CostModel, outcomes: int, seed: int) -> None:
    """ψ of any norm, three outcomes, two pairs of unequal weight; the slopes along directions that miss nothing."""
    rng = np.random.default_rng(seed)
    column = dense.random_strategy(rng, outcomes)
    if seed == 3:  # one setting of each party prints one outcome only
        column.alice[0, 1], column.bob[0, 2] = 1, 0
        column.alice[0, 0] = column.bob[0, 0] = column.bob[0, 1] = [0, 1]
    prices, shares = rng.normal(size=(outcomes, outcomes, NX, NY)), rng.dirichlet(np.ones(model.width))
    at = pricing(column, model, prices, weights_of(model, shares))
    z = column.parameters[0]
    value, gradient = at(z)
    expected, table = dense.dense_price(column, model, shares, prices, outcomes)
    assert value == pytest.approx(expected, abs=1e-11)
    assert np.abs(column.tables(Scenario((outcomes, outcomes), (NX, NY)))[0] - table).max() < 1e-13
    for direction in rng.normal(size=(3, len(z))):
        step = 1e-5 * direction
        slope = (at(z + step)[0] - at(z - step)[0]) / 2e-5
        assert gradient @ direction == pytest.approx(slope, rel=1e-7, abs=1e-7)
    scaled = z.copy()
    scaled[:8] *= 3.0
    again, slopes = at(scaled)
    assert again == pytest.approx(value, abs=1e-12)
    assert np.allclose(slopes[:8], gradient[:8] / 3.0, atol=1e-12)


@pytest.mark.parametrize(
    "matrix",
    [
        [[0.3, 0.2], [0.2, 0.5]],
        [[2.0, -0.7], [-0.7, 0.4]],
        [[0.25, 0.0], [0.0, 0.25]],  # degenerate: the slope is the derivative of the logarithm
        [[0.4, 1e-11], [1e-11, 0.4]],
        [[1e-3, 0.0], [0.0, 7.0]],
    ],
)
def test_the_logarithm_of_a_matrix(matrix: list[list[float]]) -> None:
    values, vectors = np.linalg.eigh(matrix)
    expected = vectors @ np.diag(np.log2(values)) @ vectors.T
    p, q, r = kernels._log(matrix[0][0], matrix[1][1], matrix[0][1])
    assert np.allclose([[p, r], [r, q]], expected, rtol=1e-12, atol=1e-14)


def test_the_logarithm_of_a_singular_matrix_is_finite() -> None:
    """Its kernel gets log2 of the least number; so does the matrix 0, whose off-diagonal stays 0."""
    least = math.log2(1e-300)
    assert kernels._log(0.0, 0.0, 0.0) == (least, least, 0.0)
    assert kernels._log(1e-301, 1e-301, 0.0) == (least, least, 0.0)
    p, q, r = kernels._log(0.5, 0.5, 0.5)
    assert (p, q, r) == pytest.approx((least / 2, least / 2, -least / 2))


@pytest.mark.parametrize("seed", range(4))
def test_the_best_pinching_is_the_least_over_both_sides_and_all_angles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=8)
    side, angle = kernels.best_pinching(psi)
    psi /= np.linalg.norm(psi)
    rho = np.outer(psi, psi).reshape([4, 2, 4, 2]).trace(axis1=1, axis2=3)
    found = dense.dense_relative_entropy(rho, dense.pinching_of(rho, side, angle))
    assert found == pytest.approx(dense.least_relative_entropy(rho), abs=1e-11)
    T, beta, L = np.empty((3, 3)), np.empty((2, 3)), np.empty((2, 3))
    for either in (0, 1):
        kernels._remaining(psi, either, T)
        turned, least = kernels._best_angle(T, beta, L)
        slopes = [kernels._pinched(T, turned + step, beta) - least for step in (-1e-4, 0.0, 1e-4)]
        assert abs(slopes[1]) < 1e-13 < min(slopes[0], slopes[2])
        assert abs(kernels._turned(T, turned, beta, L)) < 1e-8
        ahead, behind = (kernels._pinched(T, 0.3 + step, beta) for step in (1e-5, -1e-5))
        assert kernels._turned(T, 0.3, beta, L) == pytest.approx((ahead - behind) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_the_root_search_halves_the_value_of_an_end_that_stays(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regula falsi alone, or with the other end's value halved, takes several times as many steps."""
    asked: list[float] = []
    turned = kernels._turned

    def counted(T: Array, angle: float, beta: Array, L: Array) -> float:
        asked.append(angle)
        return turned(T, angle, beta, L)

    monkeypatch.setattr(kernels, "_turned", counted)
    kernels.best_pinching(np.random.default_rng(seed).normal(size=8))
    assert len(asked) <= 22  # of both sides together


def test_where_no_angle_is_better_the_first_is_kept() -> None:
    """A product state, and a maximally entangled one: the sum of entropies does not depend on the angle."""
    T, beta, L = np.empty((3, 3)), np.empty((2, 3)), np.empty((2, 3))
    T[:] = 0.0
    T[0, :2] = 0.5
    assert kernels._best_angle(T, beta, L) == (0.0, pytest.approx(1.0 + 1.0))
    singlet = np.array([0.6, 0, 0, 0, 0, 0, 0.6, 0.0])
    assert kernels.best_pinching(singlet)[0] == 0


def test_costs_are_of_one_pair_each_and_not_below_zero() -> None:
    rng = np.random.default_rng(7)
    columns = [dense.random_strategy(rng) for _ in range(2)]
    both = Columns(
        *(np.concatenate(parts) for parts in zip(*((c.parameters, c.alice, c.bob) for c in columns), strict=True))
    )
    both.alice[:], both.bob[:] = [0, 1], [1, 0]
    model = CostModel(Cost.PRIVACY, ((0, 2), (1, 0)), 0.1, 0.8)
    out = np.full((2, 2), np.nan)
    kernels.costs(both.parameters, both.alice, both.bob, np.array(model.pairs), *model.kernel_arguments(2), out)
    for k in range(2):
        for j, pair in enumerate(model.pairs):
            one = Columns(both.parameters[k : k + 1], both.alice[k : k + 1], both.bob[k : k + 1])
            only = CostModel(model.cost, (pair,), model.noise, model.keep)
            free = np.zeros((2, 2, NX, NY))
            assert out[k, j] == pytest.approx(max(0.0, dense.dense_price(one, only, np.ones(1), free, 2)[0]), abs=1e-12)
    ghz = np.zeros((1, 8 + 3 * (NX + NY)))
    ghz[0, [0, 7]] = 1.0  # Eve knows every outcome: what is left is -h(q), counted as 0
    labels = np.tile([0, 1], (1, NX, 1)), np.tile([0, 1], (1, NY, 1))
    kernels.costs(ghz, *labels, np.array([[0, 0]]), 1, 0.1, 0.469, np.ones(2), out[:1, :1])
    assert out[0, 0] == 0.0


def descended(
    at: Callable[[Array], tuple[float, Array]], x: Array, steps: int, tolerance: float
) -> tuple[Array, float]:
    """BFGS with the weak Wolfe conditions, step lengths by bisection and doubling, as the docstring has it."""
    (f, g), B, fresh = at(x), np.eye(len(x)), True
    for _ in range(steps):
        if np.linalg.norm(g) <= tolerance:
            break
        d = -B @ g
        if not d @ g < 0:
            B, d, fresh = np.eye(len(x)), -g, True
        t, below, above, found = min(1.0, 0.3 / np.linalg.norm(g)) if fresh else 1.0, 0.0, math.inf, None
        for _ in range(30):
            ahead, slopes = at(x + t * d)
            if not ahead <= f + 1e-4 * t * (d @ g):
                above = t
            else:
                found = True
                if slopes @ d >= 0.9 * (d @ g):
                    break
                below = t
            t = (below + above) / 2 if above < math.inf else 2 * t
        if found is None or not ahead <= f:
            break
        s, y, gained = t * d, slopes - g, f - ahead
        if s @ y > 1e-300:
            if fresh:
                B, fresh = np.eye(len(x)) * (s @ y) / (y @ y), False
            left = np.eye(len(x)) - np.outer(s, y) / (s @ y)
            B = left @ B @ left.T + np.outer(s, s) / (s @ y)
        x, f, g = x + s, ahead, slopes.copy()
        norm = np.linalg.norm(x[:8])
        if not 0.5 <= norm <= 2:
            x[:8] /= norm
            g[:8] *= norm
            B, fresh = np.eye(len(x)), True
        elif gained < 1e-15:
            break
    return x, f


@pytest.mark.parametrize(
    ("model", "outcomes", "scale", "iterations", "tolerance"),
    [
        (CostModel(Cost.PRIVACY, ((0, 2),), 0.13, 0.7), 2, 1.0, 12, 1e-8),
        (CostModel(Cost.INFORMATION, ((1, 1),)), 2, 0.2, 8, 1e-8),  # ψ is rescaled
        (CostModel(Cost.INFORMATION, ((1, 1),)), 2, 1.0, 12, 0.5),  # ends at the tolerance
        (CostModel(Cost.INFORMATION, ()), 2, 1.0, 3, 1e-8),
    ],
)
def test_the_descent_takes_the_steps_of_one_written_anew(
    model: CostModel, outcomes: int, scale: float, iterations: int, tolerance: float
) -> None:
    rng = np.random.default_rng(11)
    columns = [dense.random_strategy(rng) for _ in range(2)]
    starts = np.concatenate([column.parameters for column in columns])
    starts[:, :8] *= scale / np.linalg.norm(starts[:, :8], axis=1)[:, None]
    labels_a, labels_b = np.tile([0, 1], (2, NX, 1)), np.tile([[0, 1], [1, 0], [1, 1]], (2, 1, 1))
    prices, weights = rng.normal(size=(outcomes, outcomes, NX, NY)), weights_of(model, np.array([0.9]))
    ends, values = np.full_like(starts, np.nan), np.full(2, np.nan)
    arguments = model.kernel_arguments(outcomes)
    descent.descend(starts, labels_a, labels_b, prices, weights, *arguments, iterations, tolerance, ends, values)
    for k in range(2):
        column = Columns(starts[k : k + 1], labels_a[k : k + 1], labels_b[k : k + 1])
        x, f = descended(pricing(column, model, prices, weights), starts[k], iterations, tolerance)
        assert values[k] == pytest.approx(f, abs=1e-9)
        assert np.allclose(ends[k], x, atol=1e-7)


@pytest.mark.parametrize("counts", [[4, 1, 3], [5, 0, 2], [8, 1]])
def test_schur_complements_are_traces(counts: list[int]) -> None:
    """Moments of fewer, as many, and more than four entries: tr(F_k Z F_l R) by dense matrices."""
    rng = np.random.default_rng(sum(counts))
    size, blocks = 4, 2
    places = rng.permutation(size * size)[: sum(counts)]
    rows, columns = np.divmod(places, size)
    starts = np.concatenate([[0], np.cumsum(counts)])
    Z, R = (m + m.transpose(0, 2, 1) for m in rng.normal(size=(2, blocks, size, size)))
    out = np.full((blocks, len(counts), len(counts)), np.nan)
    moments.schur_complements(Z, R, starts, rows, columns, out)
    F = np.zeros((len(counts), size, size))
    for k in range(len(counts)):
        F[k, rows[starts[k] : starts[k + 1]], columns[starts[k] : starts[k + 1]]] = 1.0
    for b in range(blocks):
        for k in range(len(counts)):
            for m in range(k + 1):
                expected = float(np.einsum("ij,ik,jl,kl->", F[k], Z[b], R[b], F[m]))
                assert out[b, k, m] == pytest.approx(expected, abs=1e-12)
                assert out[b, m, k] == out[b, k, m]


@pytest.mark.parametrize(
    ("matrix", "positive"),
    [
        ([[4.0, 2.0, -2.0], [2.0, 5.0, 3.0], [-2.0, 3.0, 6.0]], True),
        ([[4.0, 2.0, -2.0], [2.0, 5.0, 3.0], [-2.0, 3.0, 5.0]], False),  # the last pivot is exactly 0
        ([[4.0, 2.0, -2.0], [2.0, 1.0, 3.0], [-2.0, 3.0, 6.0]], False),  # the second
        ([[0.0]], False),
        ([[1e-300]], True),
    ],
)
def test_cholesky_completes_of_positive_matrices_only(matrix: list[list[float]], positive: bool) -> None:
    assert bool(moments.cholesky_completes(np.array(matrix))) is positive
