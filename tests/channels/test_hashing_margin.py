"""What a channel in doubles may be, its rate pays for: no channel within the stated distance has less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.lower import channel_hashing
from keybounds.channels.choi import choi_of_kraus
from keybounds.channels.families import amplitude_damping_choi


def coherent_information(matrix: np.ndarray, dims: tuple[int, int], side: int) -> float:
    def entropy(state: np.ndarray) -> float:
        spectrum = np.linalg.eigvalsh(state)
        return -float(sum(x * np.log2(x) for x in spectrum if x > 0))

    return entropy(np.einsum(("ikjk->ij", "kikj->ij")[side], matrix.reshape(*dims, *dims))) - entropy(matrix)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from([2e-11, 1e-12]))
def test_a_rounded_channel_never_beats_the_one_that_was_meant(direction: str, seed: int, step: float) -> None:
    # The Choi state rounded to `step` is none; as far as it is off, the rate must lie below that of the channel meant.
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(4, 2)) + 1j * rng.normal(size=(4, 2))
    meant = choi_of_kraus(np.linalg.qr(z)[0].reshape(2, 2, 2)).matrix
    rounded = np.round(meant / step) * step
    exact = coherent_information(meant, (2, 2), direction == "forward")
    bound = channel_hashing(rounded, (2, 2), direction=direction)  # type: ignore[arg-type]
    assert bound.value <= max(exact, 0.0) + 1e-14


def test_what_the_distance_costs_is_stated() -> None:
    bound = channel_hashing(amplitude_damping_choi(0.3))
    assert 0 < bound.diagnostics["margin"] < 4e-12
