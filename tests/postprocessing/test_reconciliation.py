"""The code as a matrix, one pass against exact probabilities on trees, and failures that are seen."""

from __future__ import annotations

import hashlib
import itertools
import math

import numpy as np
import pytest
import scipy.sparse
from numpy.typing import NDArray

from keybounds.errors import InputError
from keybounds.experiments import Behaviour, BellDiagonalPair, IonExperiment
from keybounds.postprocessing.reconciliation import (
    CoupledCode,
    conditional_entropy,
    log_ratios,
    reconcile,
)
from keybounds.postprocessing.reconciliation.decoder import _pass, decode

RANDOM = np.random.default_rng(1226)
ION = IonExperiment(pair=BellDiagonalPair((0.96, 0.0256, 0.00086, 0.01354))).behaviour()


# --- the code --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "checks", "degree", "positions"),
    [(600, 200, 3, 20), (5003, 1999, 4, 31), (10_000, 9999, 5, 120), (77, 25, 2, 4), (30_000, 101, 3, 99)],
)
def test_the_graph_is_a_chain(length: int, checks: int, degree: int, positions: int) -> None:
    code = CoupledCode(length, checks, degree, positions)
    owner = np.repeat(np.arange(checks), np.diff(code.starts))
    matrix = scipy.sparse.coo_array((np.ones(len(owner), dtype=int), (owner, code.bits)), (checks, length)).tocsr()
    assert matrix.max() == 1  # no bit twice in a check
    assert (matrix.sum(axis=0) == degree).all()
    assert code.widest == matrix.sum(axis=1).max()

    bit_position = np.searchsorted(np.arange(1, positions + 1) * length // positions, code.bits, side="right")
    check_position = np.searchsorted(code.ends, owner, side="right") - 1
    offset = check_position - bit_position
    assert set(offset.tolist()) == set(range(degree))
    assert (np.bincount(code.bits * degree + offset) == 1).all()  # one check at each distance
    for first, last in itertools.pairwise(code.ends):
        sizes = np.diff(code.starts)[first:last]
        assert sizes.max() - sizes.min() <= 1

    string = RANDOM.integers(0, 2, length, dtype=np.uint8)
    assert (code.syndrome(string) == matrix @ string.astype(int) % 2).all()


def test_the_graph_stays_what_it_is() -> None:
    """Two hosts with different releases of the libraries must have the same code."""
    digests = {}
    for seed in (0, 1):
        code = CoupledCode(3000, 700, 4, 30, seed)
        digests[seed] = hashlib.sha256(code.bits.astype("<i4").tobytes() + code.starts.astype("<i8").tobytes())
    assert [digest.hexdigest()[:16] for digest in digests.values()] == ["828b28769f11f1e8", "b13bd6bb7891c62f"]


def test_impossible_codes_are_refused() -> None:
    for arguments, named in (
        ((100, 50, 1, 10), "degree"),
        ((100, 50, 3, 5), "positions"),
        ((100, 50, 3, 101), "positions"),
        ((100, 11, 3, 10), "checks"),
        ((100, 101, 3, 10), "checks"),
        ((2**31, 1000, 3, 10), "length"),
    ):
        with pytest.raises(InputError, match=named):
            CoupledCode(*arguments)
    code = CoupledCode(100, 50, 3, 10)
    with pytest.raises(InputError, match="string: expected 100 bits"):
        code.syndrome(np.zeros(99, dtype=np.uint8))


# --- decoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syndrome", list(itertools.product((0, 1), repeat=3)))
def test_passing_over_a_tree_gives_exact_probabilities(syndrome: tuple[int, ...]) -> None:
    """Three checks on seven bits without a cycle: every string with the syndrome, weighed."""
    groups = [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    starts, bits = np.array([0, 3, 6, 9]), np.concatenate(groups).astype(np.int32)
    priors = RANDOM.normal(0.0, 1.5, 7)
    beliefs, messages = priors.astype(np.float32), np.zeros(9, dtype=np.float32)
    for check in (0, 1, 2) * 4:
        _pass(check, check + 1, starts, bits, np.array(syndrome, dtype=np.uint8), messages, beliefs, 3)
    weight = np.zeros((7, 2))
    for string in itertools.product((0, 1), repeat=7):
        if all(sum(string[i] for i in group) % 2 == s for group, s in zip(groups, syndrome, strict=True)):
            chance = math.exp(-sum(p * bit for p, bit in zip(priors, string, strict=True)))
            for place, bit in enumerate(string):
                weight[place, bit] += chance
    np.testing.assert_allclose(beliefs, np.log(weight[:, 0] / weight[:, 1]), atol=4e-6)


def test_unsatisfied_checks_are_counted_as_they_are_met() -> None:
    starts, bits = np.array([0, 2, 4]), np.array([0, 1, 2, 3], dtype=np.int32)
    for sure, expected in (((9, 9, 9, 9), 1), ((-9, 9, 9, 9), 2), ((9, 9, -9, 9), 0), ((-9, -9, 9, -9), 0)):
        found = _pass(
            0,
            2,
            starts,
            bits,
            np.array([0, 1], dtype=np.uint8),
            np.zeros(4, dtype=np.float32),
            np.array(sure, dtype=np.float32),
            2,
        )
        assert found == expected


def errors(code: CoupledCode, rate: float, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    string = (np.random.default_rng(seed).random(code.length) < rate).astype(np.uint8)
    return string, np.full(code.length, math.log((1 - rate) / rate), dtype=np.float32)


@pytest.mark.parametrize(("rate", "share"), [(0.01, 0.16), (0.0309, 0.31), (0.08, 0.55)])
def test_errors_are_found_from_the_syndrome(rate: float, share: float) -> None:
    code = CoupledCode(40_000, round(40_000 * share), 4, 40)
    for seed in range(3):
        string, priors = errors(code, rate, seed)
        seen: list[int] = []
        found = decode(code, code.syndrome(string), priors, progress=seen.append)
        assert found.unsatisfied == 0
        assert (found.string == string).all()
        assert sum(seen) == code.positions + code.degree - 1
        assert (decode(code, code.syndrome(string), priors).string == found.string).all()


def test_a_chain_that_is_shorter_than_its_window_is_decoded() -> None:
    code = CoupledCode(6000, 3000, 3, 8)
    string, priors = errors(code, 0.03, 2)
    assert (decode(code, code.syndrome(string), priors, window=20).string == string).all()


@pytest.mark.parametrize("fault", ["too many errors", "a wrong bit of the syndrome", "priors turned round"])
def test_what_cannot_be_decoded_is_reported(fault: str) -> None:
    code = CoupledCode(20_000, 5000, 4, 40)
    string, priors = errors(code, 0.12 if fault == "too many errors" else 0.02, 4)
    syndrome = code.syndrome(string)
    if fault == "a wrong bit of the syndrome":
        syndrome[1234] ^= 1
    found = decode(code, syndrome, -priors if fault == "priors turned round" else priors, rounds=8)
    assert found.unsatisfied > 0
    assert found.unsatisfied == np.count_nonzero(code.syndrome(found.string) != syndrome)


# --- Bob's side ------------------------------------------------------------------------------------------------------


def sampled(rounds: int, gamma: float, seed: int) -> tuple[NDArray[np.int64], ...]:
    """Settings and outcomes of test rounds, uniform, and of key rounds (0, 2)."""
    rng = np.random.default_rng(seed)
    test = rng.random(rounds) < gamma
    x, y = np.where(test, rng.integers(0, 2, rounds), 0), np.where(test, rng.integers(0, 2, rounds), 2)
    outcome = np.array([rng.choice(4, p=ION.joint(*pair).ravel()) for pair in zip(x, y, strict=True)])
    return x, y, outcome // 2, outcome % 2


def test_test_and_key_rounds_are_decoded_together() -> None:
    """Of rounds with errors of 1.4 % and of 17 %: the priors tell which is which, and each from each other."""
    x, y, a, b = sampled(20_000, 0.2, 3)
    code = CoupledCode(20_000, 6800, 4, 40)
    found = reconcile(code, code.syndrome(a), x=x, y=y, b=b, correlations=ION)
    assert found.string is not None
    assert (found.string == a).all()
    expected = (b ^ (x & y)) != a
    assert found.corrected == expected.sum()
    # rounds taken for one kind are too much for this syndrome
    blind = reconcile(code, code.syndrome(a), x=x * 0, y=y * 0 + 2, b=b, correlations=ION)
    assert blind.string is None
    assert blind.unsatisfied > 0


def test_priors_are_those_of_the_table() -> None:
    x, y, b = np.array([0, 1, 0]), np.array([2, 1, 0]), np.array([0, 1, 1])
    expected = [math.log(ION.P[0, j, i, k] / ION.P[1, j, i, k]) for i, k, j in zip(x, y, b, strict=True)]
    np.testing.assert_allclose(log_ratios(ION, x, y, b), expected, rtol=1e-6)
    perfect = Behaviour([[[[0.5]], [[0.0]], [[0.0]]], [[[0.0]], [[0.5]], [[0.0]]]])
    zero = np.zeros(3, dtype=int)
    assert log_ratios(perfect, zero, zero, np.array([0, 1, 2])).tolist() == [math.inf, -math.inf, 0.0]


def test_what_the_table_does_not_have_is_refused() -> None:
    zero = np.zeros(2, dtype=int)
    for wrong, named in (
        ({"x": zero + 2}, r"x: expected numbers from 0 to 1; found 2 in round 0"),
        ({"y": np.array([0, 3])}, r"y: .*found 3 in round 1"),
        ({"b": np.array([0, -1])}, r"b: .*found -1"),
        ({"b": zero[:1]}, r"b: expected as many rounds"),
        ({"x": zero + 0.5}, r"x: expected one integer a round"),
    ):
        with pytest.raises(InputError, match=named):
            log_ratios(ION, **({"x": zero, "y": zero, "b": zero} | wrong))  # type: ignore[arg-type]
    three = Behaviour(np.full((3, 2, 1, 1), 1 / 6))
    with pytest.raises(InputError, match="two outcomes of Alice"):
        log_ratios(three, zero, zero, zero)
    table = ION.P.copy()
    table[:, :, 1, 2] = np.nan
    lacking = Behaviour(table, unmeasured=[(1, 2)])
    with pytest.raises(InputError, match=r"setting pair \(1, 2\) of round 1"):
        log_ratios(lacking, np.array([0, 1]), np.array([0, 2]), zero)
    code = CoupledCode(100, 50, 3, 10)
    with pytest.raises(InputError, match="100 rounds"):
        reconcile(code, np.zeros(50, dtype=int), x=zero, y=zero, b=zero, correlations=ION)


def test_the_conditional_entropy_is_that_of_each_kind_of_round() -> None:
    gamma = 13 / 256
    weights = np.zeros((2, 3))
    weights[:, :2], weights[0, 2] = gamma / 4, 1 - gamma

    def h(p: float) -> float:
        return -p * math.log2(p) - (1 - p) * math.log2(1 - p)

    s, q = ION.chsh, ION.qber(0, 2)
    # symmetric outcomes: Bob's outcome, turned where both settings are 1, is wrong with probability (4 - S)/8 at each
    assert conditional_entropy(ION, weights) == pytest.approx(
        (1 - gamma) * h(q) + gamma / 4 * sum(h((1 - abs(ION.correlator(i, k))) / 2) for i in (0, 1) for k in (0, 1)),
        abs=1e-12,
    )
    assert s > 2.6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_published_run_is_decoded_with_its_syndrome(seed: int) -> None:
    """n = 1.5e6 at the design point S = 2.64, Q = 1.8 %, m = 296 517; and with 1.19 times the entropy, 280 000 bits."""
    rng = np.random.default_rng(seed)
    n, gamma, losing = 1_500_000, 13 / 256, (4 - 2.64) / 8
    rate = np.where(rng.random(n) < gamma, losing, 0.018)
    string = (rng.random(n) < rate).astype(np.uint8)
    for checks in (296_517, 280_000):
        code = CoupledCode(n, checks)
        found = decode(code, code.syndrome(string), np.log((1 - rate) / rate).astype(np.float32))
        assert found.unsatisfied == 0
        assert (found.string == string).all()
