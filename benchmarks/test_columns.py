"""Ceilings from the full table at two by three settings: whole calls, the exact finish, and the compiled descent.

Run with ``make bench``. The peer of the descent is SciPy's L-BFGS-B with the same compiled gradient, from the same
starts at the same prices: what differs is that each of its steps comes back to Python.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from keybounds.bounds.correlations.attacks.ceiling import enclose_ceiling
from keybounds.bounds.correlations.attacks.costs import Cost, CostModel
from keybounds.bounds.correlations.attacks.descent import descend
from keybounds.bounds.correlations.attacks.exact import exact_mixture
from keybounds.bounds.correlations.attacks.kernels import price
from keybounds.bounds.correlations.attacks.search import EFFORTS, search
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.upper import ColumnLibrary, attack_ceiling
from keybounds.experiments import Behaviour, born, load, qubit_measurement
from keybounds.protocol import Protocol, any_discussion, completed_rounds, one_way, two_way

Benchmark = Any
KEY = (0, 2)
CLASSES = [
    pytest.param(protocol, id=protocol.discussion.value)
    for protocol in (one_way(KEY), two_way(KEY), completed_rounds(), any_discussion())
]


def werner(visibility: float) -> Behaviour:
    phi = np.zeros((4, 4))
    phi[np.ix_([0, 3], [0, 3])] = 0.5
    alice = [qubit_measurement(angle) for angle in (0, math.pi / 2)]
    bob = [qubit_measurement(angle) for angle in (math.pi / 4, -math.pi / 4, 0)]
    return born(visibility * phi + (1 - visibility) * np.eye(4) / 4, alice, bob)


@pytest.fixture(scope="module")
def ion() -> Behaviour:
    return load("nadlinger2022-link").projection().behaviour


@pytest.mark.parametrize("protocol", CLASSES)
@pytest.mark.parametrize("effort", ["fast", "best"])
@pytest.mark.benchmark(group="ceiling of the ion link, cold library, warm compiler")
def test_cold(benchmark: Benchmark, ion: Behaviour, effort: str, protocol: Protocol) -> None:
    bound = benchmark.pedantic(
        attack_ceiling,
        args=(ion, protocol, effort),
        rounds=2,
        warmup_rounds=1,
    )
    assert bound.value < 0.71


@pytest.mark.parametrize("effort", ["fast", "best"])
@pytest.mark.benchmark(group="ceiling along a Werner sweep, library reused")
def test_sweep(benchmark: Benchmark, effort: str) -> None:
    library = ColumnLibrary()
    points = iter(np.linspace(0.86, 0.94, 9))

    def next_point() -> tuple[tuple[Behaviour, Protocol, str], dict[str, Any]]:
        return (werner(float(next(points))), one_way(KEY), effort), {"library": library}

    bound = benchmark.pedantic(attack_ceiling, setup=next_point, rounds=6, warmup_rounds=3)
    assert bound.provenance["distance"] == 0


@pytest.mark.benchmark(group="exact finish of a mixture")
def test_exact_finish(benchmark: Benchmark, ion: Behaviour) -> None:
    question = ion.ask(one_way(KEY))
    mixture = search(Target.of(ion), CostModel.of(question), EFFORTS["best"], library=ColumnLibrary())

    def finish() -> float:
        exact = exact_mixture(mixture)
        assert exact.distance == 0
        return float(enclose_ceiling(exact, question).mid())

    assert benchmark(finish) < 0.605


@pytest.mark.parametrize("cost", [Cost.PRIVACY, Cost.RELATIVE_ENTROPY])
@pytest.mark.parametrize("method", ["compiled", "scipy"])
@pytest.mark.benchmark(group="pricing from 40 starts")
def test_pricing(benchmark: Benchmark, method: str, cost: Cost) -> None:
    rng = np.random.default_rng(0)
    n, size = 40, 8 + 3 * 5
    starts = np.zeros((n, size))
    starts[:, :8] = rng.normal(size=(n, 8))
    starts[:, 8:13] = rng.uniform(0, 2 * np.pi, (n, 5))
    alice, bob = np.tile(np.array([0, 1]), (n, 2, 1)), np.tile(np.array([0, 1]), (n, 3, 1))
    prices, weights = rng.normal(size=(2, 2, 2, 3)), np.zeros((2, 3))
    weights[KEY] = 1.0
    arguments = CostModel(cost, (KEY,), 0.13, 0.96).kernel_arguments(2)

    def compiled() -> float:
        ends, values = np.empty_like(starts), np.empty(n)
        descend(starts, alice, bob, prices, weights, *arguments, 150, 1e-8, ends, values)
        return float(np.nanmin(values))

    def with_scipy() -> float:
        def objective(z: np.ndarray) -> tuple[float, np.ndarray]:
            gradient = np.empty_like(z)
            return price(z, alice[0], bob[0], prices, weights, *arguments, gradient), gradient

        options = {"maxiter": 150, "gtol": 1e-8, "ftol": 1e-15}
        return min(float(minimize(objective, z, jac=True, method="L-BFGS-B", options=options).fun) for z in starts)

    assert compiled() == pytest.approx(with_scipy(), abs=1e-6)
    benchmark(compiled if method == "compiled" else with_scipy)
