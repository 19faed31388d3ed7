"""Many strategies at many settings: every ceiling has a certificate, whose numbers do not grow with the strategies."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from keybounds.bounds import Protocol, any_discussion, two_way
from keybounds.bounds.upper import attack_ceiling
from keybounds.experiments import Behaviour
from keybounds.proofs import certify, verify
from keybounds.proofs.certificates.data import AttackMixture


def general(settings: int) -> Behaviour:
    """Two noisy qubits measured along directions without any order."""
    angles = np.random.default_rng(0).uniform(0, 3.14, (2, settings))
    E = 0.9 * np.cos(angles[0][:, None] - angles[1][None])
    return Behaviour((1 + np.array([[1, -1], [-1, 1]])[:, :, None, None] * E) / 4)


@pytest.mark.parametrize("protocol", [any_discussion(), two_way((0, 0))])
def test_weights_stay_short(protocol: Protocol) -> None:
    """ψ and eight directions have 100 bits each; common denominators of thirty strategies would have 20 000."""
    bound = attack_ceiling(general(4), protocol)
    assert 0 < bound.value < 1
    assert isinstance(bound.certificate, AttackMixture)
    mixture = bound.certificate.data()["mixture"]
    assert len(mixture["strategies"]) >= 10
    weights = [Fraction(one["weight"]) for one in (*mixture["points"], *mixture["strategies"])]
    assert max(weight.denominator.bit_length() for weight in weights) < 2_500
    assert verify(certify(bound)).accepted
