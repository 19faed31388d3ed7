"""Verification of certificates; each group has a bound's own computation beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import Hierarchy, Link, completed_rounds, one_way
from keybounds.bounds.lower import conditional_entropy, finite_key
from keybounds.bounds.upper import attack_ceiling, relative_entropy_of_entanglement
from keybounds.experiments import load
from keybounds.proofs import certify, verify

Benchmark = Callable[..., Any]


ASKED = one_way((0, 2), noise=0.13, keep=0.96)


def noisy_state(n: int) -> np.ndarray:
    """A full-rank state near an isotropic one, without its symmetry."""
    rng = np.random.default_rng(n)
    phi = np.eye(n).ravel() / math.sqrt(n)
    g = rng.normal(size=(n * n, n * n)) + 1j * rng.normal(size=(n * n, n * n))
    noise = g @ g.conj().T
    return 0.6 * np.outer(phi, phi) + 0.4 * noise / np.trace(noise).real


@pytest.mark.parametrize("n", [2, 4, 6])
@pytest.mark.benchmark(group="E_r certificate")
def test_relative_entropy(benchmark: Benchmark, n: int) -> None:
    document = certify(relative_entropy_of_entanglement(noisy_state(n), (n, n), iterations=20))
    assert benchmark.pedantic(verify, (document,), rounds=3).accepted


@pytest.mark.parametrize(("level", "nodes"), [("11", 16), ("22", 32), ("s6", 32)])
@pytest.mark.benchmark(group="entropy certificate")
def test_entropy(benchmark: Benchmark, level: str, nodes: int) -> None:
    behaviour = load("liu2022-20m").models["white-noise"].behaviour()
    document = certify(conditional_entropy(behaviour, ASKED, Hierarchy(level, nodes)))
    assert benchmark.pedantic(verify, (document,), rounds=3).accepted


@pytest.mark.parametrize(("theorem", "extractor"), [("eat-2019", "trevisan"), ("renyi", "toeplitz")])
@pytest.mark.benchmark(group="finite key certificate")
def test_finite_key(benchmark: Benchmark, theorem: str, extractor: str) -> None:
    key = finite_key(Link(2.64, 0.018), rounds=1_500_000, gamma=13 / 256, theorem=theorem, extractor=extractor)
    assert benchmark.pedantic(verify, (certify(key),), rounds=3).accepted


@pytest.mark.benchmark(group="entropy certificate")
def test_the_bound_itself(benchmark: Benchmark) -> None:
    """What it took to find the entropy at level "22"."""
    behaviour = load("liu2022-20m").models["white-noise"].behaviour()
    asked = (behaviour, ASKED, Hierarchy("22", 32))
    assert benchmark.pedantic(conditional_entropy, asked, rounds=2).value > 0.56


@pytest.mark.benchmark(group="mixture certificate")
def test_mixture(benchmark: Benchmark) -> None:
    behaviour = load("liu2022-20m").models["white-noise"].behaviour()
    document = certify(attack_ceiling(behaviour, completed_rounds()))
    assert benchmark.pedantic(verify, (document,), rounds=3).accepted
