"""Ceilings on the key of states against peers in the same run; pytest-benchmark prints the ratio within each group.

The peers minimise over PPT states, an estimate and not a ceiling on key: QICS through its native interface, and for two
qubits cvxpy's `quantum_rel_entr`, which needs more than 10 GB at 3x3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keybounds.bounds.state.bipartite import bipartite_state
from keybounds.bounds.state.distillable import ppt_estimate
from keybounds.bounds.upper import relative_entropy_of_entanglement, squashed_entanglement

Benchmark = Callable[..., Any]


def isotropic(n: int, f: float) -> np.ndarray:
    phi = np.outer(np.eye(n).ravel(), np.eye(n).ravel()) / n
    return f * phi + (1 - f) * (np.eye(n * n) - phi) / (n * n - 1)


def werner(n: int, w: float) -> np.ndarray:
    swap = np.eye(n * n).reshape(n, n, n, n).transpose(0, 1, 3, 2).reshape(n * n, n * n)
    return w * (np.eye(n * n) - swap) / (n * (n - 1)) + (1 - w) * (np.eye(n * n) + swap) / (n * (n + 1))


def random_state(seed: int, size: int, rank: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(size, rank)) + 1j * rng.normal(size=(size, rank))
    rho = g @ g.conj().T
    return rho / np.trace(rho).real


def private_transposed(d: int) -> np.ndarray:
    from keybounds.states.ppt_private import complex_hadamard, ppt_private_matrix
    from keybounds.states.transposition import transpose_subsystems

    rho = ppt_private_matrix(complex_hadamard(d), 1 / (math.sqrt(d) + 1))
    return transpose_subsystems(rho, (2 * d, 2 * d))


@pytest.mark.parametrize("n", [2, 4, 6])
@pytest.mark.benchmark(group="E_r of an isotropic state")
def test_isotropic_ceiling(benchmark: Benchmark, n: int) -> None:
    exact = math.log2(n) + 0.9 * math.log2(0.9) + 0.1 * math.log2(0.1 / (n - 1))
    bound = benchmark(relative_entropy_of_entanglement, isotropic(n, 0.9), (n, n))
    assert exact - 1e-14 <= bound.value <= exact + 1e-8


@pytest.mark.parametrize("n", [2, 4, 6])
@pytest.mark.benchmark(group="E_r of an isotropic state")
def test_isotropic_over_ppt_by_qics(benchmark: Benchmark, n: int) -> None:
    import qics  # noqa: F401  (its import is not what is timed)

    rho = bipartite_state(isotropic(n, 0.9), (n, n), atol=1e-10)
    benchmark.pedantic(ppt_estimate, args=(rho,), rounds=1)


@pytest.mark.benchmark(group="E_r of an isotropic state")
def test_isotropic_over_ppt_by_cvxpy(benchmark: Benchmark) -> None:
    """Two qubits only."""
    cvxpy = pytest.importorskip("cvxpy")

    def minimum() -> float:
        sigma = cvxpy.Variable((4, 4), symmetric=True)
        problem = cvxpy.Problem(
            cvxpy.Minimize(cvxpy.quantum_rel_entr(isotropic(2, 0.9), sigma)),
            [cvxpy.trace(sigma) == 1, cvxpy.partial_transpose(sigma, (2, 2), 1) >> 0],
        )
        return float(problem.solve(solver=cvxpy.CLARABEL)) / math.log(2)

    assert benchmark.pedantic(minimum, rounds=1) == pytest.approx(0.531004406, abs=1e-4)


@pytest.mark.parametrize("n", [2, 4, 6])
@pytest.mark.benchmark(group="E_r of a Werner state")
def test_werner_ceiling(benchmark: Benchmark, n: int) -> None:
    exact = 1 + 0.9 * math.log2(0.9) + 0.1 * math.log2(0.1)
    bound = benchmark(relative_entropy_of_entanglement, werner(n, 0.9), (n, n))
    assert exact - 1e-14 <= bound.value <= exact + 1e-8


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.benchmark(group="E_r of rho_d^Γ")
def test_private_state_ceiling(benchmark: Benchmark, d: int) -> None:
    p = 1 / (math.sqrt(d) + 1)
    exact = p * (1 + math.log2(1 - p))
    call = relative_entropy_of_entanglement
    bound = benchmark.pedantic(call, args=(private_transposed(d), (2 * d, 2 * d)), rounds=1)
    assert exact - 1e-14 <= bound.value <= exact + 1e-8


@pytest.mark.parametrize("rank", [2, 4, 16])
@pytest.mark.benchmark(group="E_r of a random 4x4 state")
def test_random_ceiling(benchmark: Benchmark, rank: int) -> None:
    call = relative_entropy_of_entanglement
    bound = benchmark.pedantic(call, args=(random_state(1, 16, rank), (4, 4)), rounds=1)
    assert bound.value - bound.diagnostics["lower_estimate"] < 1e-4


@pytest.mark.benchmark(group="E_r of a random 4x4 state")
def test_random_over_ppt_by_qics(benchmark: Benchmark) -> None:
    rho = bipartite_state(random_state(1, 16, 16), (4, 4), atol=1e-10)
    benchmark.pedantic(ppt_estimate, args=(rho,), rounds=1)


@pytest.mark.parametrize("d", [3, 4, 5])
@pytest.mark.benchmark(group="squashed entanglement of an antisymmetric state")
def test_antisymmetric_squashing(benchmark: Benchmark, d: int) -> None:
    bound = benchmark.pedantic(squashed_entanglement, args=(werner(d, 1.0), (d, d)), rounds=1)
    exact = math.log2((d + 2) / d) if d % 2 == 0 else math.log2((d + 3) / (d - 1)) / 2
    assert bound.value == pytest.approx(exact, abs=1e-5)
