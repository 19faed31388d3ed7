"""Many strategies at many settings: a ceiling whose exact numbers no document holds is still a ceiling."""

from __future__ import annotations

import numpy as np
import pytest

from keybounds.bounds import Protocol, any_discussion, two_way
from keybounds.bounds.upper import attack_ceiling
from keybounds.errors import UnsupportedError
from keybounds.experiments import Behaviour
from keybounds.proofs import certify, verify


def general(settings: int) -> Behaviour:
    """Two noisy qubits measured along directions without any order."""
    angles = np.random.default_rng(0).uniform(0, 3.14, (2, settings))
    E = 0.9 * np.cos(angles[0][:, None] - angles[1][None])
    return Behaviour((1 + np.array([[1, -1], [-1, 1]])[:, :, None, None] * E) / 4)


@pytest.mark.parametrize(("protocol", "written"), [(any_discussion(), False), (two_way((0, 0)), True)])
def test_a_ceiling_has_a_certificate_where_one_can_be_written(protocol: Protocol, written: bool) -> None:
    bound = attack_ceiling(general(4), protocol)
    assert 0 < bound.value < 1
    assert (bound.certificate is not None) is written
    if written:
        assert verify(certify(bound)).accepted
    else:
        with pytest.raises(UnsupportedError, match="which makes none"):
            certify(bound)
