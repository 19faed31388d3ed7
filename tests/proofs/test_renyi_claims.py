"""The Rényi claims: no wrong exponent, constant or ceiling survives their derivations or their witnesses."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import pytest
import sympy as sp

from keybounds.proofs import Verdict
from keybounds.proofs.claims import (
    renyi_chain_rule,
    renyi_chsh_lemma,
    renyi_key_length,
    renyi_privacy_amplification,
)
from keybounds.proofs.claims.renyi_privacy_amplification import toeplitz_images

WRONG_DERIVATIONS = [
    pytest.param(renyi_chain_rule, {"filter_exponent": lambda a: (a - 1) / a}, id="filter-twice-as-strong"),
    pytest.param(renyi_chain_rule, {"filter_exponent": lambda a: (1 - a) / (2 * a)}, id="filter-inverted"),
    pytest.param(renyi_privacy_amplification, {"hash_constant": lambda a: 2 / a - 3}, id="constant-a-bit-too-small"),
    pytest.param(renyi_privacy_amplification, {"bonus": lambda a: a * 0 + 3}, id="a-bit-too-long"),
    pytest.param(
        renyi_chsh_lemma,
        {"key_sum": lambda a, p: renyi_chsh_lemma.key_sum(a, p) * 2 ** (1 - a)},
        id="a-bit-more-entropy",
    ),
    pytest.param(renyi_chsh_lemma, {"key_sum": lambda a, p: p**a + (1 - p) ** a}, id="order-not-inverted"),
    pytest.param(renyi_chsh_lemma, {"chsh_margin": lambda a, b, c, d: 4 * (a * d + b * c)}, id="half-the-margin"),
    pytest.param(
        renyi_key_length, {"ceiling": lambda q, w, g, u, v: (1 - g) * q + g * (v - u) * w}, id="lost-tests-for-nothing"
    ),
    pytest.param(
        renyi_key_length,
        {"ceiling": lambda q, w, g, u, v: (1 - g + g * u) * q + g * (v - u) * w * q},
        id="won-tests-counted-as-entropy",
    ),
]


@pytest.mark.parametrize(("module", "wrong"), WRONG_DERIVATIONS)
def test_wrong_formula_is_refuted_by_the_derivation(module: ModuleType, wrong: dict[str, Any]) -> None:
    claim = replace(module.CLAIM, derivation=partial(module.derivation, **wrong), witness=tuple)
    assert claim.examine().verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("module", "wrong"),
    [
        *WRONG_DERIVATIONS[:7],
        # a ceiling that is not reached is refuted by a witness only if it is cut below what a device has
        pytest.param(
            renyi_key_length,
            {"ceiling": lambda q, w, g, u, v: (1 - g) * q + g * u * w},
            id="won-tests-for-the-price-of-lost",
        ),
    ],
)
def test_wrong_formula_is_refuted_by_the_witness(module: ModuleType, wrong: dict[str, Any]) -> None:
    claim = replace(module.CLAIM, derivation=tuple, witness=partial(module.numerical, **wrong))
    assert claim.examine().verdict is Verdict.REFUTED


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
