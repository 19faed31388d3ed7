"""Polar codes: lists that hold everything are maximum likelihood, and failures are seen."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.errors import InputError, UnknownNameError
from keybounds.experiments import BellDiagonalPair, IonExperiment
from keybounds.postprocessing import Agreement, Alice, Bob
from keybounds.postprocessing.authentication import HashSeed, KeyPool, authenticate, is_authentic
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.reconciliation import (
    CoupledCode,
    PolarCode,
    conditional_entropy,
    decode,
    error_kinds,
    log_ratios,
    reconcile,
)
from keybounds.postprocessing.reconciliation.list_decoder import decode_list
from keybounds.postprocessing.reconciliation.polar_code import transformed
from keybounds.postprocessing.reconciliation.polar_design import transformed_means
from keybounds.postprocessing.run import exchange, sampled

RANDOM = np.random.default_rng(1617)
KIND = ((1.0, 0.03),)
MIXED = ((0.9, 0.015), (0.1, 0.17))
ION = IonExperiment(pair=BellDiagonalPair((0.96, 0.0256, 0.00086, 0.01354))).behaviour()


def entropy(kinds: tuple[tuple[float, float], ...]) -> float:
    return sum(-share * (p * math.log2(p) + (1 - p) * math.log2(1 - p)) for share, p in kinds)


def drawn(length: int, rate: float, seed: int) -> tuple[Bits, NDArray[np.float32]]:
    errors = (np.random.default_rng(seed).random(length) < rate).astype(np.uint8)
    return errors, np.full(length, math.log((1 - rate) / rate), dtype=np.float32)


# --- the code --------------------------------------------------------------------------------------------------------


def test_the_transform_is_the_kronecker_power() -> None:
    power = np.ones((1, 1), dtype=int)
    for _ in range(5):
        power = np.kron(power, [[1, 0], [1, 1]])
    for string in RANDOM.integers(0, 2, (20, 32), dtype=np.uint8):
        np.testing.assert_array_equal(transformed(string), string @ power % 2)
        np.testing.assert_array_equal(transformed(transformed(string)), string)


@pytest.mark.parametrize(("length", "checks"), [(64, 20), (1000, 300), (1025, 400), (2, 1)])
def test_a_syndrome_is_linear_up_to_its_check_sum(length: int, checks: int) -> None:
    code = PolarCode(length, checks, KIND, check_sum=min(8, checks))
    one, other = RANDOM.integers(0, 2, (2, length), dtype=np.uint8)
    zero = code.syndrome(np.zeros(length, dtype=np.uint8))
    assert len(zero) == checks
    np.testing.assert_array_equal(code.syndrome(one ^ other) ^ zero, code.syndrome(one) ^ code.syndrome(other))


def test_the_bits_told_are_those_hard_to_find() -> None:
    """Of 8 bits the sum of all is the worst, with 1 - φ = (1 - 2p)^16 exactly; the last, all others known, the best."""
    means = transformed_means(8, np.array([0, 4, 2, 6, 1, 5, 3, 7]), KIND)
    assert means.argmin() == 0
    assert means.argmax() == 7
    values = np.linspace(-80, 80, 200_001)
    density = np.exp(-((values - means[0]) ** 2) / (4 * means[0])) / math.sqrt(4 * math.pi * means[0])
    assert np.trapezoid(density * np.tanh(values / 2), values) == pytest.approx((1 - 2 * 0.03) ** 16, rel=2e-3)


@pytest.mark.parametrize("length", [5, 11, 600, 1000])
def test_zeros_that_fill_up_are_not_asked_for(length: int) -> None:
    """Any syndrome is that of some string: its bits are independent."""
    code = PolarCode(length, length - 2, KIND, check_sum=0)
    units = np.eye(length, dtype=np.uint8)
    rows = [int("".join(map(str, code.syndrome(unit))), 2) for unit in units]
    basis: dict[int, int] = {}
    for row in rows:
        while row and row.bit_length() in basis:
            row ^= basis[row.bit_length()]
        if row:
            basis[row.bit_length()] = row
    assert len(basis) == length - 2


def test_impossible_codes_are_refused() -> None:
    for arguments, named in (
        ((1, 1, KIND), "length"),
        ((100, 101, KIND), "checks"),
        ((100, 15, KIND), "checks"),
        ((100, 50, ((1.0, 0.5),)), "kinds"),
        ((100, 50, ((0.5, 0.1),)), "kinds"),
        ((100, 50, KIND, 33), "check_sum"),
    ):
        with pytest.raises(InputError, match=named):
            PolarCode(*arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="string: expected 100 bits"):
        PolarCode(100, 50, KIND).syndrome(np.zeros(99, dtype=np.uint8))


def test_codes_that_differ_have_other_digests() -> None:
    codes = [
        PolarCode(500, 200, KIND),
        PolarCode(500, 200, MIXED),
        PolarCode(500, 201, KIND),
        PolarCode(499, 200, KIND),
    ]
    assert len({code.digest for code in codes}) == 4
    assert PolarCode(500, 200, KIND).digest == codes[0].digest


# --- decoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [5, 8, 11, 13])
def test_a_list_of_everything_finds_the_likeliest_string(length: int) -> None:
    """Every string with the syndrome, weighed by random priors."""
    strings = np.array(list(itertools.product((0, 1), repeat=length)), dtype=np.uint8)
    for _ in range(8):
        checks = int(RANDOM.integers(2, length))
        code = PolarCode(length, checks, KIND, check_sum=0)
        priors = RANDOM.normal(0, 1.5, length).astype(np.float32)
        syndrome = RANDOM.integers(0, 2, checks, dtype=np.uint8)
        fits = [string for string in strings if (code.syndrome(string) == syndrome).all()]
        best = min(fits, key=lambda string: float(priors @ string))
        found = decode_list(code, syndrome, priors, paths=2 ** (length - checks))
        np.testing.assert_array_equal(found.string, best)


def test_a_list_finds_what_one_path_does_not() -> None:
    code = PolarCode(2048, round(1.35 * 2048 * entropy(KIND)), KIND)
    failures = {}
    for paths in (1, 32):
        found = [
            (decode(code, code.syndrome(s), p, effort=paths), s) for s, p in (drawn(2048, 0.03, k) for k in range(40))
        ]
        assert all(bool((one.string == s).all()) == (one.unsatisfied == 0) for one, s in found)
        failures[paths] = sum(one.unsatisfied > 0 for one, _ in found)
    assert failures[32] < failures[1] / 2


def test_a_rejected_shortcut_changes_nothing() -> None:
    """Priors so doubtful that no subtree is taken at once give the list as sure ones do: the best of the syndrome."""
    code = PolarCode(16, 8, KIND, check_sum=0)
    strings = np.array(list(itertools.product((0, 1), repeat=16)), dtype=np.uint8)
    syndromes = np.array([code.syndrome(string) for string in strings])
    for scale in (0.1, 1.0, 8.0):
        priors = (RANDOM.normal(0, 1, 16) * scale).astype(np.float32)
        syndrome = code.syndrome(RANDOM.integers(0, 2, 16, dtype=np.uint8))
        fits = strings[(syndromes == syndrome).all(axis=1)]
        found = decode_list(code, syndrome, priors, paths=256)
        np.testing.assert_array_equal(found.string, fits[np.argmin(fits @ priors)])


def test_both_families_reconcile_the_same_rounds() -> None:
    """Test and key rounds with their own priors, through the same call."""
    rng = np.random.default_rng(9)
    rounds, gamma = 12_000, 0.1
    test = rng.random(rounds) < gamma
    x, y = np.where(test, rng.integers(0, 2, rounds), 0), np.where(test, rng.integers(0, 2, rounds), 2)
    outcome = (rng.random(rounds) >= np.cumsum(ION.P.reshape(4, 2, 3), axis=0)[:3, x, y]).sum(axis=0)
    a, b = (outcome // 2).astype(np.uint8), outcome % 2
    weights = np.array([[gamma / 4, gamma / 4, 1 - gamma], [gamma / 4, gamma / 4, 0]])
    kinds = error_kinds(ION, weights)
    assert entropy(kinds) == pytest.approx(conditional_entropy(ION, weights), abs=1e-9)
    assert sum(share for share, _ in kinds) == pytest.approx(1)
    for code in (CoupledCode(rounds, 4200, 4, 30), PolarCode(rounds, 3000, kinds)):
        found = reconcile(code, code.syndrome(a), x=x, y=y, b=b, correlations=ION)
        assert found.string is not None
        assert (found.string == a).all()
    assert log_ratios(ION, x, y, b).dtype == np.float32


@pytest.mark.parametrize("fault", ["too many errors", "a wrong bit of the syndrome", "priors turned round"])
def test_a_wrong_string_is_never_validated(fault: str) -> None:
    """Most often the check sum tells; where it does not, the validation hash does."""
    code = PolarCode(4096, round(1.6 * 4096 * entropy(KIND)), KIND, check_sum=2)
    seed = HashSeed.of_bits(RANDOM.integers(0, 2, 1280, dtype=np.uint8))
    pad = RANDOM.integers(0, 2, 64, dtype=np.uint8)
    passed = 0
    for number in range(24):
        string, priors = drawn(4096, 0.12 if fault == "too many errors" else 0.03, 100 + number)
        syndrome = code.syndrome(string)
        if fault == "a wrong bit of the syndrome":
            syndrome[37 * number] ^= 1
        found = decode(code, syndrome, -priors if fault == "priors turned round" else priors, effort=4)
        if found.unsatisfied:
            continue
        passed += not (found.string == string).all()
        sent = authenticate(np.packbits(string).tobytes(), seed, pad)
        assert is_authentic(sent, np.packbits(found.string).tobytes(), seed, pad) == (found.string == string).all()
    assert passed  # two bits of check sum let a wrong string through, and the hash was needed


def test_parties_agree_on_a_polar_code_and_make_a_key(agreement: Agreement, tmp_path: Path) -> None:
    """The family is bound with the rest of the agreement: another one has another digest."""
    polar = replace(agreement, family="polar")
    assert polar.digest != agreement.digest
    assert Agreement.from_dict(json.loads(json.dumps(polar.to_dict()))).digest == polar.digest
    with pytest.raises(UnknownNameError, match="family"):
        replace(agreement, family="turbo")
    rng = np.random.default_rng(3)
    records = sampled(polar.correlations, polar.key.rounds, 0.1, rng)
    secrets = {
        "hash": rng.integers(0, 2, 1280, dtype=np.uint8),
        "extractor": rng.integers(0, 2, polar.extractor_seed, dtype=np.uint8),
    }
    pad = rng.integers(0, 2, 400, dtype=np.uint8)
    for name in ("alice", "bob"):
        KeyPool.create(tmp_path / name, pad, seeds=secrets)
    with KeyPool(tmp_path / "alice") as one, KeyPool(tmp_path / "bob") as other:
        alice, bob = Alice(records[0], polar, one, "run"), Bob(records[1], polar, other, "run")
        exchange(alice, bob)
        assert bob.reason == ""
        np.testing.assert_array_equal(one.key("run"), other.key("run"))
