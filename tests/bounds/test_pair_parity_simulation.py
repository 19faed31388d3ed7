"""The protocol on sampled bits: its ranks against a second elimination, its length against S(p), its decoder."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from flint import nmod_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.state.pair_parity import PairParityProtocol
from keybounds.bounds.state.pair_parity_simulation import (
    _Classes,
    _functionals,
    _Span,
    log2_ball,
    simulate_pair_parity,
)
from keybounds.errors import DimensionError, InputError


@pytest.mark.parametrize(
    ("p", "copies", "runs"),
    [
        pytest.param(0.1, 1500, 12, id="hashed-at-once"),
        pytest.param(0.3027, 4000, 40, id="d=8"),
        pytest.param(0.45, 1 << 16, 12, id="d=4"),
    ],
)
def test_length_of_the_key_is_the_rate(p: float, copies: int, runs: int) -> None:
    # If the formula counted a leak twice, or left one out, the mean would be off by far more than its error.
    protocol = PairParityProtocol(p)
    rates = [simulate_pair_parity(protocol, copies, seed=seed).asymptotic_rate for seed in range(runs)]
    error = np.std(rates, ddof=1) / math.sqrt(runs)
    assert abs(np.mean(rates) - float(protocol.rate)) < 4 * error
    assert error < 0.03 * float(protocol.rate), "sharp enough to tell 1 - p^2 from 1 - p"


@pytest.mark.parametrize("seed", range(3))
def test_key_is_exactly_uniform_for_eve_and_bob_decodes(seed: int) -> None:
    run = simulate_pair_parity(PairParityProtocol(0.2), 3000, seed=seed)
    assert run.key_is_uniform
    assert run.decodes
    assert run.key_bits == run.secret_bits - 40 > 200
    assert run.secret_bits < 3000 * float(PairParityProtocol(0.2).rate), "a finite run pays for decoding"


def test_without_margin_bob_cannot_be_sure() -> None:
    runs = [simulate_pair_parity(PairParityProtocol(0.2), 1200, seed=s, deviations=0, slack=0) for s in range(3)]
    assert not any(run.decodes for run in runs)


def test_without_key_there_is_none() -> None:
    run = simulate_pair_parity(PairParityProtocol(0.5), 2000, seed=1)
    assert (run.secret_bits, run.key_bits, run.overhead) == (0, 0, 0)
    tiny = simulate_pair_parity(PairParityProtocol(0.1), 2, seed=1)
    assert tiny.secret_bits == 0
    assert len(tiny.stages) == 1


def test_same_seed_same_run() -> None:
    protocol = PairParityProtocol(0.3)
    assert simulate_pair_parity(protocol, 500, seed=3) == simulate_pair_parity(protocol, 500, seed=3)
    assert simulate_pair_parity(protocol, 500, seed=3) != simulate_pair_parity(protocol, 500, seed=4)


def rank(rows: list[np.ndarray], columns: int) -> int:
    return nmod_mat(len(rows), columns, [int(x) for row in rows for x in row], 2).rank() if rows else 0


@pytest.mark.parametrize("p", [0.05, 0.2, 0.3, 0.4])
def test_ranks_agree_with_plain_elimination_on_the_copies(p: float) -> None:
    # A second, literal account: Eve's functions as rows over the N bits, no classes, another library's elimination.
    copies, generator = 60, np.random.default_rng(7)
    bad = generator.random(copies) < p
    unit = np.eye(copies, dtype=np.uint8)
    eve = [unit[c] for c in np.flatnonzero(bad)]
    known, hashed, parities = _Classes(copies, np.flatnonzero(bad)), [], []
    roots = np.arange(copies)
    for level, pairs in enumerate((30, 8)):
        first, second = roots[:pairs], roots[pairs : 2 * pairs]
        edges = unit[first] ^ unit[second]
        if level == 0 and p > 0.25:  # announced
            eve += list(edges)
            known.merge(first, second)
        else:
            matrix = generator.integers(0, 2, (pairs // 2, pairs), dtype=np.uint8)
            eve += list(matrix @ edges % 2)
            parities += list(edges)
            hashed.append((first, second, matrix))
        roots = first[bad[first] == bad[second]]
        if len(roots) < 16:
            break
    span = _Span()
    ends = known.edges(hashed)
    for (_, _, matrix), pair in zip(hashed, ends, strict=True):
        span.extend(_functionals(matrix, pair))
    total = _Span(span)
    for pair in ends:
        total.extend(_functionals(np.eye(len(pair[0]), dtype=np.uint8), pair))
    assert known.rank + span.rank == rank(eve, copies)
    assert known.rank + total.rank == rank(eve + parities, copies)


def test_bob_decodes_as_often_as_the_union_bound_says() -> None:
    # Real maximum-likelihood decoding, small enough to try every string: 14 pairs, hashes of 6 to 14 bits.
    generator = np.random.default_rng(5)
    strings = np.array(list(itertools.product((0, 1), repeat=14)), dtype=np.uint8)
    weights = strings.sum(axis=1)
    for length, mismatches in ((14, 2), (12, 1), (10, 1), (9, 2)):
        failures = 0
        for _ in range(100):
            matrix = generator.integers(0, 2, (length, 14), dtype=np.uint8)
            error = np.zeros(14, dtype=np.uint8)
            error[generator.permutation(14)[:mismatches]] = 1
            candidates = ((strings @ matrix.T) % 2 == (matrix @ error) % 2).all(axis=1)
            rivals = candidates & (weights <= mismatches) & (strings != error).any(axis=1)
            failures += bool(rivals.any())
        bound = min(1.0, 2 ** (log2_ball(14, mismatches) - length))
        assert failures / 100 <= bound + 4 * math.sqrt(bound / 100)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 60))
def test_size_of_a_hamming_ball(length: int, radius: int) -> None:
    exact = sum(math.comb(length, w) for w in range(min(radius, length) + 1))
    assert log2_ball(length, radius) == pytest.approx(math.log2(exact), abs=1e-9)


def test_bad_input() -> None:
    protocol = PairParityProtocol(0.1)
    with pytest.raises(DimensionError, match=r"^copies"):
        simulate_pair_parity(protocol, 1, seed=0)
    with pytest.raises(DimensionError, match=r"^slack"):
        simulate_pair_parity(protocol, 10, seed=0, slack=-1)
    for deviations in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match=r"^deviations"):
            simulate_pair_parity(protocol, 10, seed=0, deviations=deviations)
