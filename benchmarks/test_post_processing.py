"""Post-processing at the published size, and its parts against public implementations where they are installed.

Peers are no dependency: `pip install ldpc cryptomite` in an environment of your own. They do the same job on the same
input as what they are timed against and, where there is one right answer, give it. Not compared are `pyldpc`, which
decodes a channel's output and no syndrome, `galois`, which has the fields and no extractor, and AFF3CT, of which there
is no package.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import nmod_poly
from scipy.sparse import csr_matrix

from keybounds.postprocessing.bits import product
from keybounds.postprocessing.extraction import toeplitz, trevisan, trevisan_design
from keybounds.postprocessing.reconciliation import CoupledCode, decode

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


@pytest.mark.parametrize("by", ["keybounds", "cryptomite"])
def test_toeplitz(benchmark: Any, by: str) -> None:
    """391 922 bits of 1.5e6, and the same bits by another implementation, whose lists are made beforehand."""
    benchmark.group = "Toeplitz hashing, 1.5e6 bits to 391 922"
    raw, seed = (RANDOM.integers(0, 2, size, dtype=np.uint8) for size in (ROUNDS, ROUNDS + 391_922 - 1))
    ours = toeplitz(raw, seed, 391_922)
    if by == "keybounds":
        found = benchmark.pedantic(toeplitz, (raw, seed, 391_922), rounds=2)
    else:
        peer = pytest.importorskip("cryptomite").Toeplitz(ROUNDS, 391_922)
        turned = np.concatenate([seed[ROUNDS - 1 :], seed[: ROUNDS - 1]])
        found = benchmark.pedantic(peer.extract, (raw.tolist(), turned.tolist()), rounds=1)
    assert (np.asarray(found) == ours).all()


@pytest.mark.parametrize("by", ["keybounds", "cryptomite"])
def test_small_trevisan(benchmark: Any, by: str) -> None:
    """1870 bits of 200 000: each with the sizes that its own choice of extractor and design asks for."""
    benchmark.group = "Trevisan, 200 000 bits to 1870"
    raw = RANDOM.integers(0, 2, 200_000, dtype=np.uint8)
    if by == "keybounds":
        design = trevisan_design(len(raw), 1870, Fraction(1, 10**6))
        found = benchmark.pedantic(
            trevisan, (raw, RANDOM.integers(0, 2, design.seed, dtype=np.uint8), design), rounds=2
        )
    else:
        peer = pytest.importorskip("cryptomite").Trevisan(len(raw), 2000, 1e-6)
        seed = RANDOM.integers(0, 2, peer.ext.get_seed_length(), dtype=np.uint8)
        found = benchmark.pedantic(peer.extract, (raw.tolist(), seed.tolist()), rounds=1)
    assert len(found) == 1870


@pytest.mark.parametrize("by", ["keybounds", "ldpc, parallel", "ldpc, serial"])
def test_decoding_against_a_peer(benchmark: Any, by: str) -> None:
    """The same syndrome of the same code with the same priors: 100 000 bits, 21 500 checks, sum-product."""
    benchmark.group = "decoding 100 000 bits from 21 500 checks"
    length = 100_000
    rate = np.where(RANDOM.random(length) < 13 / 256, (4 - 2.64) / 8, 0.018)
    string = (RANDOM.random(length) < rate).astype(np.uint8)
    code, priors = CoupledCode(length, 21_500), np.log((1 - rate) / rate).astype(np.float32)
    syndrome = code.syndrome(string)
    if by == "keybounds":
        decode(code, syndrome, priors)  # compiled before
        found = benchmark.pedantic(decode, (code, syndrome, priors), rounds=3).string
    else:
        ones = np.ones(len(code.bits), dtype=np.uint8)
        checks = csr_matrix((ones, code.bits.copy(), code.starts.copy()), shape=(code.checks, length))
        peer = pytest.importorskip("ldpc").BpDecoder(
            checks,
            error_channel=rate.tolist(),
            max_iter=300,
            bp_method="product_sum",
            schedule=by.removeprefix("ldpc, "),
        )
        found = benchmark.pedantic(peer.decode, (syndrome,), rounds=1)
    assert (found == string).all()


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
    """Bound, rounds, reconciliation, test and extraction of both parties in one process, with Trevisan's extractor."""
    command = [sys.executable, "-m", "keybounds", "simulate", "ion", "--seed", "1", "--format", "json"]

    def run() -> dict[str, Any]:
        document: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        return document

    found = benchmark.pedantic(run, rounds=1)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in found["seconds"].items())
    print(f"{steps}; {used.ru_utime:.0f} s of processors, {used.ru_maxrss // 1024} MB")
    assert found["keys_equal"]
    assert used.ru_maxrss < 2**20  # kilobytes
