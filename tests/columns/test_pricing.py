"""The kernels against dense density matrices, their gradients against differences, and the exact costs against both."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.correlations.attacks.costs import Cost, CostModel, pinched, relative_entropy
from keybounds.bounds.correlations.attacks.descent import descend
from keybounds.bounds.correlations.attacks.kernels import price
from keybounds.bounds.correlations.attacks.strategies import (
    Columns,
    Scenario,
    deterministic_points,
    deterministic_tables,
)
from keybounds.enclosure import ball

NX, NY = 2, 3
ALL_PAIRS = tuple((x, y) for x in range(NX) for y in range(NY))


def random_strategy(rng: np.random.Generator, outcomes: int = 2, *, misprints: bool = True) -> Columns:
    z = np.concatenate([rng.normal(size=8), rng.uniform(0, 2 * np.pi, NX + NY), np.zeros(2 * (NX + NY))])
    if misprints:
        z[8 + NX + NY :] = rng.uniform(0, np.pi, 2 * (NX + NY))
    return Columns(z[None], rng.integers(0, outcomes, (1, NX, 2)), rng.integers(0, outcomes, (1, NY, 2)))


def dense_entropy(rho: np.ndarray) -> float:
    values = np.linalg.eigvalsh(rho)
    return float(-sum(v * math.log2(v) for v in values if v > 1e-15))


def dense_price(
    column: Columns, model: CostModel, shares: np.ndarray, prices: np.ndarray, outcomes: int
) -> tuple[float, np.ndarray]:
    """Price and table by partial traces of the 8x8 state."""
    z, nx = column.parameters[0], NX
    psi = z[:8] / np.linalg.norm(z[:8])
    rho = np.outer(psi, psi)

    def effects(angle: float, labels: np.ndarray, chi: np.ndarray) -> list[np.ndarray]:
        v = np.array([math.cos(angle / 2), math.sin(angle / 2)])
        projectors = [np.outer(v, v), np.eye(2) - np.outer(v, v)]
        flips = np.sin(chi / 2) ** 2
        found = [np.zeros((2, 2)) for _ in range(outcomes)]
        for s in (0, 1):
            found[labels[s]] = found[labels[s]] + (1 - flips[s]) * projectors[s]
            found[labels[1 - s]] = found[labels[1 - s]] + flips[s] * projectors[s]
        return found

    chi = z[8 + NX + NY :].reshape(-1, 2)
    alice = [effects(z[8 + x], column.alice[0, x], chi[x]) for x in range(NX)]
    bob = [effects(z[8 + nx + y], column.bob[0, y], chi[nx + y]) for y in range(NY)]
    table = np.zeros((outcomes, outcomes, NX, NY))
    cost = 0.0
    for x, y in ALL_PAIRS:
        eve = [
            [np.einsum("ijkijl->kl", (np.kron(np.kron(A, B), np.eye(2)) @ rho).reshape([2] * 6)) for B in bob[y]]
            for A in alice[x]
        ]
        table[:, :, x, y] = [[np.trace(e) for e in row] for row in eve]
        if (x, y) not in model.pairs:
            continue
        share = shares[model.pairs.index((x, y))]
        total = sum(e for row in eve for e in row)
        if model.cost is Cost.PRIVACY:
            q, kept = model.noise, [1.0, model.keep]
            sigma = [sum(kept[a] * kept[b] * eve[a][b] for b in range(2)) for a in range(2)]
            tau = [(1 - q) * sigma[c] + q * sigma[1 - c] for c in range(2)]
            hq = -sum(p * math.log2(p) for p in (q, 1 - q) if p > 0)
            cost += share * (sum(map(dense_entropy, tau)) - dense_entropy(sum(tau)) - hq * float(np.trace(sum(tau))))
        else:
            cost += share * (
                sum(dense_entropy(sum(row)) for row in eve)
                + sum(dense_entropy(sum(column)) for column in zip(*eve, strict=True))
                - dense_entropy(total)
                - sum(dense_entropy(e) for row in eve for e in row)
            )
    if model.cost is Cost.RELATIVE_ENTROPY and all(
        any(i != j for i, j in labels) for labels in (column.alice[0], column.bob[0])
    ):
        cost = least_relative_entropy(rho.reshape([4, 2, 4, 2]).trace(axis1=1, axis2=3))
    return cost - float((prices * table).sum()), table


def pinching_of(rho: np.ndarray, side: int, angle: float) -> np.ndarray:
    """The state measured at one side along an angle on the Bloch sphere."""
    c, s = math.cos(angle / 2), math.sin(angle / 2)
    own = [np.outer(v, v) for v in (np.array([c, s]), np.array([-s, c]))]
    projectors = [np.kron(P, np.eye(2)) if side == 0 else np.kron(np.eye(2), P) for P in own]
    return np.asarray(sum(P @ rho @ P for P in projectors))


def dense_relative_entropy(rho: np.ndarray, sigma: np.ndarray) -> float:
    """Tr rho (log2 rho - log2 sigma) by the eigenvectors of sigma."""
    values, vectors = np.linalg.eigh(sigma)
    weights = np.einsum("ik,ij,jk->k", vectors, rho, vectors)
    return -dense_entropy(rho) - float(sum(w * math.log2(v) for w, v in zip(weights, values, strict=True) if v > 1e-14))


def least_relative_entropy(rho: np.ndarray) -> float:
    """The least over both sides and all angles: a fine scan, and Brent's method in the best cell."""
    from scipy.optimize import minimize_scalar

    def cost(angle: float, side: int) -> float:
        return dense_relative_entropy(rho, pinching_of(rho, side, angle))

    grid = np.linspace(0, math.pi, 200, endpoint=False)
    _, side, angle = min((cost(angle, side), side, angle) for side in (0, 1) for angle in grid)
    ends = (angle - math.pi / 200, angle + math.pi / 200)
    return float(minimize_scalar(cost, bounds=ends, args=(side,), method="bounded", options={"xatol": 1e-10}).fun)


MODELS = [
    pytest.param(CostModel(Cost.PRIVACY, ((0, 2),), 0.13, 0.96), id="one-way"),
    pytest.param(CostModel(Cost.PRIVACY, ((1, 1),)), id="one-way without noise"),
    pytest.param(CostModel(Cost.INFORMATION, ((0, 2),)), id="two-way"),
    pytest.param(CostModel(Cost.INFORMATION, ALL_PAIRS), id="completed rounds"),
    pytest.param(CostModel(Cost.RELATIVE_ENTROPY), id="any"),
]


@pytest.mark.parametrize("model", MODELS)
@given(seed=st.integers(0, 10**9))
@settings(deadline=None, max_examples=20)
def test_price_and_gradient_agree_with_dense_matrices_and_differences(model: CostModel, seed: int) -> None:
    rng = np.random.default_rng(seed)
    outcomes = 2 if model.cost is Cost.PRIVACY else int(rng.integers(2, 4))
    column = random_strategy(rng, outcomes)
    prices = rng.normal(size=(outcomes, outcomes, NX, NY))
    shares = rng.dirichlet(np.ones(model.width))
    weights = np.zeros((NX, NY))
    for j, pair in enumerate(model.pairs):
        weights[pair] = shares[j]

    def at(z: np.ndarray, gradient: np.ndarray) -> float:
        arguments = model.kernel_arguments(outcomes)
        return float(price(z, column.alice[0], column.bob[0], prices, weights, *arguments, gradient))

    z = column.parameters[0]
    gradient, ignored = np.empty_like(z), np.empty_like(z)
    value = at(z, gradient)
    expected, table = dense_price(column, model, shares, prices, outcomes)
    assert value == pytest.approx(expected, abs=1e-11)
    assert np.abs(column.tables(Scenario((outcomes, outcomes), (NX, NY)))[0] - table).max() < 1e-13
    step = 1e-6
    differences = [(at(z + step * e, ignored) - at(z - step * e, ignored)) / (2 * step) for e in np.eye(len(z))]
    assert np.abs(gradient - differences).max() < 1e-6


@pytest.mark.parametrize("model", MODELS)
def test_exact_costs_and_tables_agree_with_the_kernels(model: CostModel) -> None:
    rng = np.random.default_rng(5)
    for _ in range(10):
        column = random_strategy(rng)
        exact = column.exact(0)
        floats = model.of_columns(column, 2)[0]
        for pair, found in zip(model.pairs, floats, strict=bool(model.pairs)):
            assert float(model.terms(exact, pair).enclosure(model.noise).mid()) == pytest.approx(found, abs=1e-12)
        if model.cost is Cost.RELATIVE_ENTROPY:
            assert float(relative_entropy(pinched(exact)).enclosure().mid()) == pytest.approx(floats[0], abs=1e-12)
        tables = column.tables(Scenario((2, 2), (NX, NY)))[0]
        for x, y in ALL_PAIRS:
            joint = exact.joint((2, 2), x, y)
            assert sum(p for row in joint for p in row) == 1
            assert np.abs(np.array(joint, dtype=float) - tables[:, :, x, y]).max() < 1e-13


def test_costs_that_are_known_exactly() -> None:
    """A singlet measured alike has one bit; measured orthogonally none; a state that Eve shares none for Alice."""
    singlet = np.array([1, 0, 0, 0, 0, 0, 1, 0.0])
    ghz = np.array([1, 0, 0, 0, 0, 0, 0, 1.0])
    labels = np.tile(np.array([0, 1]), (1, 1, 1))

    def cost(psi: np.ndarray, angles: tuple[float, float], model: CostModel) -> float:
        column = Columns(np.concatenate([psi, angles, np.zeros(4)])[None], labels, labels)
        return float(model.of_columns(column, 2)[0, 0])

    information, privacy = CostModel(Cost.INFORMATION, ((0, 0),)), CostModel(Cost.PRIVACY, ((0, 0),))
    assert cost(singlet, (0, 0), information) == pytest.approx(1)
    assert cost(singlet, (0, math.pi / 2), information) == pytest.approx(0, abs=1e-12)
    assert cost(singlet, (0, 0), privacy) == pytest.approx(1)
    assert cost(ghz, (0, 0), information) == pytest.approx(0, abs=1e-12)
    assert cost(ghz, (0, 0), privacy) == pytest.approx(0, abs=1e-12)
    assert cost(ghz, (math.pi / 2, 0), privacy) == pytest.approx(1)


def test_the_descent_finds_tsirelsons_bound_and_survives_prices_that_are_no_numbers() -> None:
    rng = np.random.default_rng(1)
    n = 12
    parameters = np.zeros((n, 8 + 3 * 4))
    parameters[:, :8] = rng.normal(size=(n, 8))
    parameters[:, 8:12] = rng.uniform(0, 2 * np.pi, (n, 4))
    labels = np.tile(np.array([0, 1]), (n, 2, 1))
    chsh = np.fromfunction(lambda a, b, x, y: (-1.0) ** (a + b + x * y), (2, 2, 2, 2))
    ends, values = np.empty_like(parameters), np.empty(n)
    arguments = CostModel(Cost.PRIVACY, ((0, 0),)).kernel_arguments(2)
    descend(parameters, labels, labels, chsh, np.zeros((2, 2)), *arguments, 200, 1e-9, ends, values)
    assert values.min() == pytest.approx(-2 * math.sqrt(2), abs=1e-9)
    descend(parameters, labels, labels, chsh * np.nan, np.zeros((2, 2)), *arguments, 200, 1e-9, ends, values)
    assert np.isnan(values).all()


def test_deterministic_points_are_all_of_them() -> None:
    scenario = Scenario((2, 3), (2, 1))
    alice, bob = deterministic_points(scenario)
    tables = deterministic_tables(scenario, alice, bob)
    assert len({table.tobytes() for table in tables}) == 2**2 * 3
    assert (tables.sum(axis=(1, 2)) == 1).all()


def test_deterministic_printing_costs_exactly_nothing() -> None:
    column = random_strategy(np.random.default_rng(3))
    fixed = Columns(column.parameters, np.zeros_like(column.alice), column.bob)
    for model in (CostModel(Cost.PRIVACY, ((0, 2),), 0.2, 0.9), CostModel(Cost.INFORMATION, ((0, 2),))):
        assert model.of_columns(fixed, 2)[0, 0] == 0
        assert model.terms(fixed.exact(0), (0, 2)).enclosure(model.noise) == ball(0)
    assert CostModel(Cost.RELATIVE_ENTROPY).of_columns(fixed, 2)[0, 0] == 0
    assert relative_entropy(fixed.exact(0)).free
