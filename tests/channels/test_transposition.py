"""Complete copositivity and ϑ∘Λ: the channel that imitates Λ's devices exists exactly where this says."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.channels import (
    amplitude_damping,
    choi_state,
    compose_transpose,
    copositivity,
    depolarizing,
    erasure,
    is_completely_copositive,
    ppt_private_channel,
    transpose_map,
    werner_holevo,
)
from keybounds.errors import ChannelError
from keybounds.states import partial_transpose, ppt_private_state


@pytest.mark.parametrize("unitary", ["fourier", "hadamard"])
def test_transposed_lambda_has_the_partially_transposed_choi_state(unitary: str) -> None:
    channel = ppt_private_channel(4, 0.4, unitary)  # type: ignore[arg-type]
    transposed = compose_transpose(channel)
    expected = partial_transpose(ppt_private_state(4, 0.4, unitary))  # type: ignore[arg-type]
    np.testing.assert_allclose(choi_state(transposed).full(), expected.full(), atol=1e-15)  # type: ignore[union-attr]
    assert transposed.dims == channel.dims


def test_composing_is_multiplying_by_the_transpose_map() -> None:
    channel = depolarizing(0.8, 3)
    expected = transpose_map(3) * channel
    np.testing.assert_allclose(compose_transpose(channel).full(), expected.full(), atol=1e-15)
    np.testing.assert_allclose(compose_transpose(compose_transpose(channel)).full(), channel.full(), atol=1e-15)


@pytest.mark.parametrize(
    ("channel", "least"),
    [
        (depolarizing(0.0), -0.5),
        (amplitude_damping(0.5), -0.25),
        (erasure(0.3, 3), -0.7 / 3),
        (werner_holevo(3), -1 / 3),
        (depolarizing(0.75, 3), 0.75 / 9 - 0.25 / 3),
    ],
    ids=["identity", "amplitude-damping", "erasure", "werner-holevo", "depolarising-at-the-edge"],
)
def test_copositivity_is_the_least_eigenvalue(channel: qutip.Qobj, least: float) -> None:
    value = copositivity(channel)
    transposed = qutip.partial_transpose(choi_state(channel), [0, 1])
    assert value == pytest.approx(transposed.eigenenergies()[0], abs=1e-14)
    assert value == pytest.approx(least, abs=1e-14)


def test_channels_that_are_not_completely_copositive_are_refused_with_the_eigenvalue() -> None:
    with pytest.raises(ChannelError, match=r"completely copositive.*eigenvalue -0\.25 of"):
        compose_transpose(amplitude_damping(0.5))
    assert not is_completely_copositive(amplitude_damping(0.5))
    with pytest.raises(ChannelError, match="completely positive"):
        compose_transpose(transpose_map(2))  # ϑ∘ϑ is the identity, but ϑ is no channel


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1), st.integers(2, 4))
def test_depolarising_is_copositive_exactly_where_its_choi_state_is_separable(p: float, d: int) -> None:
    margin = 1 / d - (1 - p + p / d**2)
    if abs(margin) > 1e-9:
        assert is_completely_copositive(depolarizing(p, d)) is (margin > 0)


def test_the_edge_of_lambda_counts_as_copositive_and_beyond_does_not() -> None:
    assert is_completely_copositive(ppt_private_channel(3))
    assert copositivity(ppt_private_channel(3)) == pytest.approx(0, abs=1e-15)
