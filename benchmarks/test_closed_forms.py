"""Closed forms against peers in the same run; pytest-benchmark prints the ratio within each group.

Run with ``make bench``. The groups' first lines are this package, the others the peer that a user would reach for.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

Benchmark = Callable[..., Any]


@pytest.mark.benchmark(group="rho_d at d = 2^20: key and ceiling")
def test_family_in_ball_arithmetic(benchmark: Benchmark) -> None:
    from keybounds.bounds.lower import privacy_squeezing
    from keybounds.bounds.upper import partial_transpose_bound
    from keybounds.states import PPTPrivateFamily

    def both() -> tuple[float, float]:
        family = PPTPrivateFamily(2**20)
        return privacy_squeezing(family).value, partial_transpose_bound(family).value

    assert benchmark(both) == pytest.approx((0.987860098290118, 9.74235907909e-4))


@pytest.mark.benchmark(group="rho_d at d = 2^20: key and ceiling")
def test_family_in_mpmath(benchmark: Benchmark) -> None:
    def both() -> tuple[mpmath.mpf, mpmath.mpf]:
        with mpmath.workdps(39):
            p = 1 / (mpmath.sqrt(2**20) + 1)
            h = -p * mpmath.log(p, 2) - (1 - p) * mpmath.log(1 - p, 2)
            return 1 - h - p, p * (1 + mpmath.log(1 - p, 2))

    benchmark(both)


@pytest.mark.benchmark(group="rho_d for d = 2..64 and two large ones: the whole table")
def test_private_states_table(benchmark: Benchmark) -> None:
    from keybounds.reports.private_states import compare_private_states

    assert len(benchmark(compare_private_states).rows) == 65 * 5


def isotropic(n: int, f: float) -> np.ndarray:
    phi = np.outer(np.eye(n).ravel(), np.eye(n).ravel()) / n
    return f * phi + (1 - f) * (np.eye(n * n) - phi) / (n * n - 1)


@pytest.mark.parametrize("n", [2, 4, 6])
@pytest.mark.benchmark(group="relative entropy of an isotropic state to one separable state")
def test_certified_ceiling(benchmark: Benchmark, n: int) -> None:
    from keybounds.bounds.upper import relative_entropy_of_entanglement

    benchmark(relative_entropy_of_entanglement, isotropic(n, 0.9), (n, n))


@pytest.mark.parametrize("n", [2, 4, 6])
@pytest.mark.benchmark(group="relative entropy of an isotropic state to one separable state")
def test_qutip_entropy_relative(benchmark: Benchmark, n: int) -> None:
    import qutip

    rho, sigma = qutip.Qobj(isotropic(n, 0.9)), qutip.Qobj(isotropic(n, 1 / n))
    benchmark(qutip.entropy_relative, rho, sigma, base=2)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("pass", id="python-alone"),
        pytest.param("import keybounds", id="import-keybounds"),
        pytest.param("import numpy", id="import-numpy"),
        pytest.param(
            "import sys; sys.argv = ['keybounds', 'compare', 'ion', '--format', 'json']\n"
            "from keybounds.__main__ import main\nmain()",
            id="compare-ion",
        ),
    ],
)
@pytest.mark.benchmark(group="whole processes", min_rounds=3)
def test_process(benchmark: Benchmark, code: str) -> None:
    benchmark(lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True))
