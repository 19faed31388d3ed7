"""Post-processing at the published size, and carry-less products against a library's polynomials."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import nmod_poly

from keybounds.experiments.datasets import load
from keybounds.postprocessing.bits import product
from keybounds.postprocessing.extraction import toeplitz, trevisan, trevisan_design
from keybounds.postprocessing.reconciliation import CoupledCode, decode
from keybounds.postprocessing.run import simulate

RANDOM = np.random.default_rng(1)
ROUNDS, DESIGN = 1_500_000, trevisan_design(1_500_000, 95_884, Fraction(1, 10**13))


@pytest.mark.parametrize("checks", [296_517, 280_000])
def test_decoding(benchmark: Any, checks: int) -> None:
    """One string of the design point: Q = 1.8 % in key rounds, 17 % in tests."""
    rate = np.where(RANDOM.random(ROUNDS) < 13 / 256, (4 - 2.64) / 8, 0.018)
    string = (RANDOM.random(ROUNDS) < rate).astype(np.uint8)
    code, priors = CoupledCode(ROUNDS, checks), np.log((1 - rate) / rate).astype(np.float32)
    syndrome = code.syndrome(string)
    found = benchmark.pedantic(decode, (code, syndrome, priors), rounds=2)
    assert (found.string == string).all()


def test_trevisan(benchmark: Any) -> None:
    """95 884 bits of 1.5e6."""
    raw, seed = (RANDOM.integers(0, 2, size, dtype=np.uint8) for size in (ROUNDS, DESIGN.seed))
    assert len(benchmark.pedantic(trevisan, (raw, seed, DESIGN), rounds=1)) == 95_884


def test_toeplitz(benchmark: Any) -> None:
    """391 922 bits of 1.5e6."""
    raw, seed = (RANDOM.integers(0, 2, size, dtype=np.uint8) for size in (ROUNDS, ROUNDS + 391_922 - 1))
    assert len(benchmark.pedantic(toeplitz, (raw, seed, 391_922), rounds=2)) == 391_922


@pytest.mark.parametrize("by", ["integers", "polynomials over GF(2)"])
def test_products(benchmark: Any, by: str) -> None:
    """The same product of 1.5e6 and 1.9e6 coefficients: ours, and the library's with its conversions."""
    left, right = (RANDOM.integers(0, 2, size, dtype=np.uint8) for size in (ROUNDS, 1_891_921))

    def polynomials(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        whole = nmod_poly(a.tolist(), 2) * nmod_poly(b.tolist(), 2)
        return np.array([int(c) for c in whole.coeffs()], dtype=np.uint8)

    made = product if by == "integers" else polynomials
    benchmark.pedantic(made, (left, right), rounds=2)


def test_whole_run(benchmark: Any) -> None:
    """Bound, sampling, reconciliation, test and extraction of both parties, with Trevisan's extractor."""
    devices = load("nadlinger2022-link").models["bell-diagonal"].behaviour()
    run = benchmark.pedantic(simulate, (devices,), {"seed": 1}, rounds=1)
    assert run.keys_equal
