"""The margin of ceilings on covariant channels: nothing rests on the covariance test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds.channel.covariant import margin, simulation
from keybounds.bounds.channel.scopes import ROUNDING
from keybounds.bounds.state.spectra import certified_state, hermitian_from_lower
from keybounds.bounds.upper import choi_relative_entropy
from keybounds.channels import covariance, key_controlled_weyl, weyl
from keybounds.channels.choi import Choi, choi_of_kraus
from keybounds.channels.covariance import local_weyl
from keybounds.channels.families import amplitude_damping_choi, depolarizing_choi, erasure_choi
from keybounds.errors import BoundNotEstablishedError, ChannelError


def words(generators: np.ndarray, longest: int) -> list[np.ndarray]:
    """The elements, up to phases, that products of at most `longest` generators reach."""
    found = [np.eye(generators.shape[-1], dtype=complex)]
    frontier = list(found)
    for _ in range(longest):
        reached = []
        for element in frontier:
            for g in generators:
                product = g @ element
                overlaps = [abs(np.vdot(known, product)) for known in found]
                if max(overlaps) < len(product) - 1e-6:
                    found.append(product)
                    reached.append(product)
        frontier = reached
    return found


@pytest.mark.parametrize(
    "generators",
    [weyl(2), weyl(3), weyl(5), local_weyl((2, 2)), local_weyl((2, 3)), key_controlled_weyl(2)],
    ids=["2", "3", "5", "2x2", "2x3", "key-controlled-2"],
)
def test_short_words_form_a_one_design(generators: np.ndarray) -> None:
    # `simulation` counts 2(dA-1) steps; were more needed, its error would be too small.
    d = generators.shape[-1]
    elements = words(generators, 2 * (d - 1))
    superoperator = sum(np.kron(u, u.conj()) for u in elements) / len(elements)
    flat = np.outer(np.eye(d).ravel(), np.eye(d).ravel()) / d
    assert np.abs(superoperator - flat).max() < 1e-12


def simulated(choi: Choi, generators: np.ndarray, corrections: np.ndarray) -> np.ndarray:
    """Mean of the Choi state over the Weyl operators X^a Z^b with the corrections V_X^a V_Z^b."""
    d = choi.dims[0]
    total = np.zeros_like(choi.matrix)
    power = np.linalg.matrix_power
    for a in range(d):
        for b in range(d):
            u = power(generators[0], a) @ power(generators[1], b)
            v = power(corrections[0], a) @ power(corrections[1], b)
            t = np.kron(u.conj(), v)
            total += t @ choi.matrix @ t.conj().T / d**2
    return total


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 1e-9, 1e-4, 0.1, 0.6]), st.sampled_from([(2, 2), (2, 3), (3, 2)]))
def test_the_error_covers_the_simulated_channel_however_bad_the_corrections(
    seed: int, share: float, dims: tuple[int, int]
) -> None:
    rng = np.random.default_rng(seed)
    d_a, d_b = dims
    z = rng.normal(size=(2 * d_b, d_a)) + 1j * rng.normal(size=(2 * d_b, d_a))
    noise = choi_of_kraus(np.linalg.qr(z)[0].reshape(2, d_b, d_a)).matrix
    matrix = (1 - share) * np.eye(d_a * d_b) / (d_a * d_b) + share * noise
    choi = Choi(hermitian_from_lower(matrix), (d_a,), (d_b,))
    test = covariance(choi, weyl(d_a), atol=2.0)
    found = simulation(choi, test, certified_state(choi.matrix))
    apart = np.abs(np.linalg.eigvalsh(choi.matrix - simulated(choi, test.generators, test.corrections))).sum() / 2
    assert apart <= found.error
    assert found.distance >= ROUNDING
    assert found.error >= d_a * found.distance


def test_a_channel_that_leaks_is_covered_with_some_channel_inside_the_distance() -> None:
    choi = depolarizing_choi(0.3)
    leaking = Choi(choi.matrix * (1 + 4e-11), (2,), (2,))
    exact = simulation(choi, covariance(choi), certified_state(choi.matrix))
    found = simulation(leaking, covariance(leaking), certified_state(leaking.matrix))
    assert exact.distance < 1e-12
    assert np.abs(np.linalg.eigvalsh(leaking.matrix - choi.matrix)).sum() / 2 <= found.distance
    assert choi_relative_entropy(leaking).value >= choi_relative_entropy(choi).value


def test_amplitude_damping_is_refused_and_its_error_would_drown_the_bound() -> None:
    choi = amplitude_damping_choi(0.3)
    with pytest.raises(ChannelError, match="a covariant channel"):
        choi_relative_entropy(choi)
    found = simulation(choi, covariance(choi, weyl(2), atol=2.0), certified_state(choi.matrix))
    assert float(margin(found.error, 2)) > 0.5


def test_corrections_that_are_no_unitaries_give_no_bound() -> None:
    choi = erasure_choi(0.3)
    test = covariance(choi)
    broken = type(test)(test.generators, np.zeros_like(test.corrections), test.defect, True, test.tolerance)
    with pytest.raises(BoundNotEstablishedError, match="not near unitary"):
        simulation(choi, broken, certified_state(choi.matrix))
    skewed = type(test)(test.generators * 1.001, test.corrections, test.defect, True, test.tolerance)
    with pytest.raises(BoundNotEstablishedError, match="roots of unity"):
        simulation(choi, skewed, certified_state(choi.matrix))


@pytest.mark.parametrize("error", [0.0, 1e-15, 1e-6, 0.3])
def test_the_margin_is_its_formula(error: float) -> None:
    entropy = 0.0 if error == 0 else (1 + error) * math.log1p(error) / math.log(2) - error * math.log2(error)
    assert float(margin(error, 3)) == pytest.approx(2 * error * math.log2(3) + entropy, rel=1e-12, abs=1e-300)
