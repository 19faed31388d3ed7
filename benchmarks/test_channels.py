"""Channels against peers in the same run: qutip for representations, a plain semidefinite program for ceilings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Benchmark = Callable[..., Any]


@pytest.mark.benchmark(group="Choi state of a channel on 8 dimensions from its super-operator")
def test_choi_state(benchmark: Benchmark) -> None:
    from keybounds.channels import as_choi, ppt_private_channel

    channel = ppt_private_channel(4)
    benchmark(as_choi, channel)


@pytest.mark.benchmark(group="Choi state of a channel on 8 dimensions from its super-operator")
def test_qutip_to_choi(benchmark: Benchmark) -> None:
    import qutip

    from keybounds.channels import ppt_private_channel

    channel = ppt_private_channel(4)

    def checked() -> bool:
        choi = qutip.to_choi(channel)
        return bool(choi.iscp and choi.istp)

    assert benchmark(checked)


@pytest.mark.parametrize("d", [2, 4, 8])
@pytest.mark.benchmark(group="covariance of Λ_d, tested")
def test_covariance(benchmark: Benchmark, d: int) -> None:
    from keybounds.channels import covariance
    from keybounds.channels.ppt_private import ppt_private_choi

    choi = ppt_private_choi(d)
    assert benchmark(covariance, choi).teleportation


@pytest.mark.benchmark(group="ceiling on the key through a depolarising qubit")
def test_certified_choi_ceiling(benchmark: Benchmark) -> None:
    from keybounds.bounds.upper import choi_relative_entropy
    from keybounds.channels.families import depolarizing_choi

    benchmark(choi_relative_entropy, depolarizing_choi(0.1))


@pytest.mark.benchmark(group="ceiling on the key through a depolarising qubit")
def test_certified_max_relative_entropy(benchmark: Benchmark) -> None:
    from keybounds.bounds.upper import max_relative_entropy
    from keybounds.channels.families import depolarizing_choi

    benchmark(max_relative_entropy, depolarizing_choi(0.1))


@pytest.mark.benchmark(group="ceiling on the key through a depolarising qubit")
def test_cvxpy_alone(benchmark: Benchmark) -> None:
    import cvxpy as cp

    from keybounds.channels.families import depolarizing_choi

    choi = 2 * depolarizing_choi(0.1).matrix

    def solve() -> float:
        y = cp.Variable((4, 4), hermitian=True)
        problem = cp.Problem(
            cp.Minimize(cp.lambda_max(cp.partial_trace(y, (2, 2), 1))),
            [y >> choi, cp.partial_transpose(y, (2, 2), 1) >> 0],
        )
        return float(np.log2(problem.solve(solver="CLARABEL")))

    benchmark(solve)


@pytest.mark.benchmark(group="amplitude damping, squashed")
def test_closed_form(benchmark: Benchmark) -> None:
    from keybounds.bounds.upper import amplitude_damping_ceiling

    benchmark(amplitude_damping_ceiling, 0.3)


@pytest.mark.benchmark(group="amplitude damping, squashed")
def test_descent(benchmark: Benchmark) -> None:
    from keybounds.bounds.upper import channel_squashed_entanglement
    from keybounds.channels.families import amplitude_damping_choi

    benchmark(channel_squashed_entanglement, amplitude_damping_choi(0.3), starts=1)
