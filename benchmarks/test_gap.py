"""The smaller gap: its closed forms against mpmath, and the simulation's elimination against FLINT's."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import nmod_mat

Benchmark = Callable[..., Any]


@pytest.mark.benchmark(group="S(p), 64 levels, p = 0.45")
def test_pair_parity_in_ball_arithmetic(benchmark: Benchmark) -> None:
    from keybounds.bounds.lower import pair_parity
    from keybounds.states import PPTPrivateFamily

    assert benchmark(lambda: pair_parity(PPTPrivateFamily(4, Fraction(9, 20))).value) == pytest.approx(0.00628084958)


@pytest.mark.benchmark(group="S(p), 64 levels, p = 0.45")
def test_pair_parity_in_mpmath(benchmark: Benchmark) -> None:
    def rate() -> Any:
        with mpmath.workdps(39):
            p, total, weight = mpmath.mpf(9) / 20, mpmath.mpf(0), mpmath.mpf(1) / 2
            for _ in range(64):
                matched, q = p * p + (1 - p) ** 2, 2 * p * (1 - p)
                h = -q * mpmath.log(q, 2) - (1 - q) * mpmath.log(1 - q, 2) if q > 0 else 0
                total += weight * max(0, 1 - p * p - h)
                weight, p = weight * matched / 2, p * p / matched
            return total

    benchmark(rate)


@pytest.mark.benchmark(group="search for the smallest gaps, 16x16 to 7x7")
def test_smallest_gap(benchmark: Benchmark) -> None:
    from keybounds.bounds.upper import smallest_gap

    assert all(example.proven for example in benchmark(smallest_gap))


@pytest.mark.benchmark(group="rank over GF(2), 1500 x 1500")
def test_own_elimination(benchmark: Benchmark) -> None:
    from keybounds.bounds.state.pair_parity_simulation import _Span

    matrix = np.random.default_rng(1).integers(0, 2, (1500, 1500), dtype=np.uint8)
    rows = [int.from_bytes(np.packbits(row).tobytes(), "big") for row in matrix]

    def rank() -> int:
        span = _Span()
        span.extend(rows)
        return span.rank

    assert benchmark(rank) > 1490


@pytest.mark.benchmark(group="rank over GF(2), 1500 x 1500")
def test_flint_elimination(benchmark: Benchmark) -> None:
    matrix = np.random.default_rng(1).integers(0, 2, (1500, 1500), dtype=np.uint8)
    mod2 = nmod_mat(1500, 1500, matrix.ravel().tolist(), 2)
    assert benchmark(mod2.rank) > 1490


@pytest.mark.benchmark(group="one run of the protocol")
def test_simulation_with_2_to_the_17_copies(benchmark: Benchmark) -> None:
    from keybounds.bounds.lower import PairParityProtocol
    from keybounds.bounds.state.pair_parity_simulation import simulate_pair_parity

    run = benchmark(simulate_pair_parity, PairParityProtocol(0.45), 1 << 17, seed=0)
    assert run.key_is_uniform
