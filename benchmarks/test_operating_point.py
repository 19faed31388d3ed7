"""Optimising the photonic experiment: this package's climb against scipy's SLSQP, on the same surface and gradients.

Run with ``make bench``. Both start at the published settings and stop by their own rules; the rates they reach and the
solves they took stand beside the times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from keybounds.bounds import Hierarchy, one_way
from keybounds.bounds.design.ascent import ascend
from keybounds.bounds.design.rate_surface import FREE, PhotonicDesign, RateSurface, Tangent
from keybounds.bounds.design.threshold import threshold_efficiency
from keybounds.experiments import PhotonicExperiment

Benchmark = Any
PUBLISHED = PhotonicDesign(
    PhotonicExperiment(
        pair_angle=20.0,
        alice_angles=(-88.22, 54.29),
        bob_angles=(9.75, -21.45, -1.07),
        efficiencies=(0.8716, 0.8782),
        mean_pairs=0.0464,
        fidelity=0.99606,
    ),
    one_way((0, 2), noise=0.13, keep=0.96),
    FREE,
)
SURFACE = RateSurface(PUBLISHED, Hierarchy("11", 16))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(scope="module")
def fixed() -> RateSurface:
    nodes = SURFACE.tangent(SURFACE.coordinates(PUBLISHED)).solution.nodes
    return replace(SURFACE, hierarchy=Hierarchy("11", tuple(map(float, nodes))))


@pytest.mark.benchmark(group="optimum of nine parameters from the published settings, level 11, 16 nodes")
def test_climb(benchmark: Benchmark, fixed: RateSurface) -> None:
    solves: list[float] = []

    def evaluate(x: Any) -> Tangent:
        tangent = fixed.tangent(x)
        solves.append(tangent.rate)
        return tangent

    def run() -> float:
        solves.clear()
        start = SURFACE.coordinates(PUBLISHED)
        summit = ascend(evaluate, start, limits=SURFACE.limits(), curvature=SURFACE.bend, tolerance=1e-4)
        return summit.sample.rate

    rate = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    benchmark.extra_info |= {"rate": rate, "solves": len(solves)}


@pytest.mark.benchmark(group="optimum of nine parameters from the published settings, level 11, 16 nodes")
def test_slsqp(benchmark: Benchmark, fixed: RateSurface) -> None:
    from scipy.optimize import minimize

    solves: list[float] = []
    low, high = SURFACE.limits()
    scale = 1.0 / float(np.abs(fixed.tangent(fixed.coordinates(PUBLISHED)).gradient).max())

    def objective(x: Any) -> tuple[float, Any]:
        tangent = fixed.tangent(x)
        solves.append(tangent.rate)
        return -tangent.rate * scale, -tangent.gradient * scale

    def run() -> float:
        solves.clear()
        start = SURFACE.coordinates(PUBLISHED)
        bounds = list(zip(low, high, strict=True))
        return float(-minimize(objective, start, jac=True, method="SLSQP", bounds=bounds).fun / scale)

    rate = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    benchmark.extra_info |= {"rate": rate, "solves": len(solves)}


@pytest.mark.benchmark(group="threshold efficiency of the fit, level 11, 16 nodes")
def test_threshold(benchmark: Benchmark) -> None:
    start = PhotonicDesign(PUBLISHED.experiment.with_(efficiencies=(0.88, 0.88)))
    found = benchmark.pedantic(lambda: threshold_efficiency(start), rounds=2, warmup_rounds=1)
    benchmark.extra_info["efficiency"] = found.efficiency
