"""The Rényi claims and the numbers around them: order one, what the package evaluates, small hashes."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from flint import arb

from keybounds.bounds.run.renyi import CONSTANT, entropy_rate
from keybounds.proofs.claims import renyi_chsh_lemma, renyi_key_length, renyi_privacy_amplification
from keybounds.proofs.claims.renyi_privacy_amplification import toeplitz_images
from keybounds.proofs.logic.terms import expanded
from keybounds.proofs.notions_renyi import chsh


def test_the_entropy_of_order_one_is_the_known_one() -> None:
    # -log Q*(S)/(α-1) → 1 - h(p) as α → 1: the CHSH entropy of pironio2009
    alpha, p = sp.Symbol("alpha", positive=True), sp.Rational(4, 5)
    rate = -sp.log(renyi_chsh_lemma.key_sum(alpha, p), 2)
    expected = 1 + p * sp.log(p, 2) + (1 - p) * sp.log(1 - p, 2)
    assert sp.N(sp.diff(rate, alpha).subs(alpha, 1) - expected, 30) == pytest.approx(0, abs=1e-25)


@pytest.mark.parametrize(("length", "size"), [(1, 1), (1, 5), (2, 3), (4, 2), (3, 3)])
def test_toeplitz_matrices_map_every_difference_to_a_uniform_string(length: int, size: int) -> None:
    for difference in range(1, 1 << size):
        images = toeplitz_images(length, size, difference)
        assert {images.count(value) for value in range(1 << length)} == {1 << (size - 1)}


@pytest.mark.parametrize(("prime", "bits"), [(3, 2), (5, 4), (11, 6)])
def test_circulant_matrices_map_every_padded_difference_to_uniform_bits(prime: int, bits: int) -> None:
    # any prime - 1 rows of the matrix, on strings followed by at least one zero: what the claim says of circulant
    for difference in range(1, 1 << bits):
        counts: dict[int, int] = {}
        for seed in range(1 << prime):
            turned = ((difference << place) | (difference >> (prime - place)) for place in range(prime))
            rows = (((one & ((1 << prime) - 1)) & seed).bit_count() & 1 for one in turned)
            image = sum(row << place for place, row in enumerate(rows) if place < prime - 1)
            counts[image] = counts.get(image, 0) + 1
        assert set(counts.values()) == {2}
        assert len(counts) == 1 << (prime - 1)


@pytest.mark.parametrize(("order", "f_0", "f_1"), [("3/10", -4.0, 3.0), ("1", -2.0, 1.0), ("1/20", -40.0, 12.0)])
def test_the_package_evaluates_the_ceiling_of_the_claim(order: str, f_0: float, f_1: float) -> None:
    # κ of the package is -(1/δ) log of the claim's ceiling at its maximum: nowhere on a grid is the ceiling above it
    delta, gamma = sp.Rational(order), sp.Rational(1, 4)
    kappa = entropy_rate(0.25, Fraction(order), f_0, f_1)
    stated = expanded(renyi_key_length.CLAIM.statement["pairs"].right)
    S = sp.Symbol("S", positive=True)
    stated = stated.xreplace(dict.fromkeys(stated.atoms(chsh), S))
    names = renyi_key_length
    values = {
        names.alpha: 1 + delta,
        names.gamma: gamma,
        names.lost: 2 ** (delta * f_0),
        names.gain: 2 ** (delta * f_1),
    }
    ceiling = stated.subs(values)
    greatest = max(float(ceiling.subs(S, 2 * sp.sqrt(1 + sp.Rational(k, 40) ** 2))) for k in range(41))
    assert greatest <= 2.0 ** (-float(delta) * float(kappa.lower())) * (1 + 1e-12)
    assert greatest == pytest.approx(2.0 ** (-float(delta) * float(kappa.lower())), rel=1e-3)


def test_the_length_of_the_package_is_that_of_the_claim() -> None:
    # nκ - m - (α/δ) log 1/ε + 2: no tag in it, which is padded, as in the balance of a run
    claim = renyi_privacy_amplification
    alpha, m, n, kappa, eps = claim.alpha, claim.m, claim.rounds, claim.kappa, claim.eps
    delta = sp.Rational(1, 50)
    values = {alpha: 1 + delta, m: 296_517, n: 1_500_000, kappa: sp.Rational(47, 100), eps: sp.Rational(1, 10**10)}
    stated = sp.N(expanded(claim.slack()).subs(values), 30)
    package = 1_500_000 * arb("0.47") - 296_517 + 51 * (arb(10) ** -10).log() / arb(2).log() + CONSTANT
    assert float(stated) == pytest.approx(float(package), rel=1e-14)
