"""The squashed-entanglement ceiling of channels: known values from above, and no trust in the descent."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import P_2, Trust, check_pairs
from keybounds.bounds.channel import squashing as module
from keybounds.bounds.lower import channel_hashing
from keybounds.bounds.upper import amplitude_damping_ceiling, channel_squashed_entanglement
from keybounds.channels import pure_loss
from keybounds.channels.choi import Choi, choi_of_kraus
from keybounds.channels.families import (
    amplitude_damping_choi,
    depolarizing_choi,
    erasure_choi,
    werner_holevo_choi,
)
from keybounds.errors import BoundNotEstablishedError, DimensionError, UnsupportedError


def random_channel(seed: int, d_a: int, d_b: int, rank: int) -> Choi:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rank * d_b, d_a)) + 1j * rng.normal(size=(rank * d_b, d_a))
    return choi_of_kraus(np.linalg.qr(z)[0].reshape(rank, d_b, d_a))


@pytest.mark.parametrize(
    ("choi", "value", "starts"),
    [
        pytest.param(werner_holevo_choi(3), math.log2(3) / 2, 4, id="antisymmetric-3-christandl2012"),
        pytest.param(amplitude_damping_choi(0.3), amplitude_damping_ceiling(0.3).value, 1, id="amplitude-damping"),
        pytest.param(amplitude_damping_choi(0.9), amplitude_damping_ceiling(0.9).value, 1, id="strong-damping"),
        pytest.param(erasure_choi(0.2), 0.8, 1, id="erasure-goodenough2016"),
        pytest.param(depolarizing_choi(0.0, 3), math.log2(3), 1, id="identity"),
    ],
)
def test_known_values_are_met_from_above(choi: Choi, value: float, starts: int) -> None:
    bound = channel_squashed_entanglement(choi, starts=starts)
    assert value - 1e-12 <= bound.value <= value + 1e-5
    assert (bound.scope.trust, bound.scope.protocol) == (Trust.DEVICE_DEPENDENT, P_2)


def test_the_antisymmetric_channel_in_four_dimensions() -> None:
    bound = channel_squashed_entanglement(werner_holevo_choi(4))
    assert math.log2(6 / 4) - 1e-12 <= bound.value <= math.log2(6 / 4) + 1e-5


def test_loss_of_few_photons_lies_below_the_loss_of_any_number() -> None:
    # ½ [S(B|E') + S(B|F)] of the even splitting grows with the photons towards log2((1+η)/(1-η))
    values = [channel_squashed_entanglement(pure_loss(0.5).restricted_choi(n), starts=1).value for n in (1, 2)]
    assert values[0] < values[1] < math.log2(1.5 / 0.5)
    assert values[0] == pytest.approx(amplitude_damping_ceiling(0.5).value, abs=1e-8)


def independent_value(kraus: np.ndarray, w: np.ndarray, rho: np.ndarray) -> float:
    """½ I(A;B|E') of a purified input, from the four entropies of the whole pure state."""
    rank = len(kraus)
    size = round(math.sqrt(len(w)))
    weights, vectors = np.linalg.eigh(rho)
    psi = (vectors * np.sqrt(np.maximum(weights, 0))).T  # [reference, input]
    tensor = np.einsum("ra,eba,xye->rbxy", psi, kraus, w.reshape(size, size, rank))

    def entropy(kept: tuple[int, ...]) -> float:
        others = tuple(k for k in range(4) if k not in kept)
        matrix = tensor.transpose(*kept, *others).reshape(math.prod(tensor.shape[k] for k in kept), -1)
        spectrum = np.linalg.svd(matrix, compute_uv=False) ** 2
        spectrum = spectrum[spectrum > 1e-15]
        return -float(spectrum @ np.log2(spectrum))

    return (entropy((0, 2)) + entropy((1, 2)) - entropy((2,)) - entropy((0, 1, 2))) / 2


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(2, 3), st.integers(2, 3), st.integers(2, 3))
def test_any_isometry_and_input_give_a_ceiling_on_the_value_of_that_isometry(
    seed: int, d_a: int, d_b: int, rank: int
) -> None:
    # The heart of the certificate: λ_max(G) of a poor ω still bounds ½ I(A;B|E') at every input.
    rng = np.random.default_rng(seed)
    kraus = np.linalg.qr(rng.normal(size=(rank * d_b, d_a)) + 1j * rng.normal(size=(rank * d_b, d_a)))[0]
    kraus = kraus.reshape(rank, d_b, d_a)
    w = np.linalg.qr(rng.normal(size=(9, rank)) + 1j * rng.normal(size=(9, rank)))[0]

    def state() -> np.ndarray:
        g = rng.normal(size=(d_a, d_a)) + 1j * rng.normal(size=(d_a, d_a))
        return g @ g.conj().T / np.trace(g @ g.conj().T).real

    ceiling = float(module.certified_ceiling(kraus, w, state(), 3).upper())
    assert all(independent_value(kraus, w, state()) <= ceiling + 1e-12 for _ in range(20))


def test_the_ceiling_agrees_with_the_entropies_of_the_purification() -> None:
    bound = channel_squashed_entanglement(amplitude_damping_choi(0.4), starts=2)
    found = module.best_squashing(amplitude_damping_choi(0.4), None, 2)
    value = independent_value(found.kraus, found.isometry, found.input)
    assert value - 1e-12 <= bound.value <= value + 1e-8


@pytest.mark.parametrize("leak", [0.0, 3e-15, 5e-11])
def test_the_certified_channel_is_named_and_its_distance_counts_what_was_left_out(leak: float) -> None:
    # A Kraus operator below the cut, or a negative eigenvalue within the tolerance, must not vanish without a trace.
    choi = amplitude_damping_choi(0.4)
    matrix = choi.matrix.copy()
    matrix[2, 2] -= leak  # <1,0| J |1,0>: less decay
    matrix[3, 3] += leak
    matrix[0, 0] -= leak
    matrix[1, 1] += leak  # a weight that the exact channel does not have
    bound = channel_squashed_entanglement(Choi(matrix, (2,), (2,)), starts=1)
    named = choi_of_kraus(module.best_squashing(Choi(matrix, (2,), (2,)), None, 1).kraus).matrix
    apart = float(np.abs(np.linalg.eigvalsh(named - matrix)).sum() / 2)
    assert apart <= bound.diagnostics["trace_distance"] + 1e-15
    assert bound.diagnostics["trace_distance"] <= 2.0**-44 + 1e-14 + 10 * leak


def test_a_descent_that_lies_makes_the_ceiling_loose_and_never_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    choi = amplitude_damping_choi(0.3)
    good = channel_squashed_entanglement(choi, starts=1).value
    rng = np.random.default_rng(0)
    for rho in (np.diag([1.0, 0.0]), np.eye(2) / 2, np.diag([5.0, 1e-3]), np.array([[0.5, 0.5], [0.5, 0.5]])):
        w = np.linalg.qr(rng.normal(size=(4, 2)))[0].astype(complex)
        monkeypatch.setattr(module, "_descend", lambda p, s, w=w, rho=rho: (w, rho.astype(complex)))
        assert channel_squashed_entanglement(choi, starts=1).value >= good - 1e-9


def test_a_descent_that_ends_nowhere_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_descend", lambda p, s: (s * np.nan, np.eye(2, dtype=complex) / 2))
    with pytest.raises(BoundNotEstablishedError, match="not finite"):
        channel_squashed_entanglement(amplitude_damping_choi(0.3), starts=1)


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 10**6), st.integers(2, 3))
def test_hashing_never_exceeds_it_and_pre_and_post_unitaries_change_nothing(seed: int, rank: int) -> None:
    choi = random_channel(seed, 2, 2, rank)
    bound = channel_squashed_entanglement(choi, starts=1)
    rows = [channel_hashing(choi), channel_hashing(choi, direction="reverse"), bound]
    assert all(check.holds for check in check_pairs(rows))
    rng = np.random.default_rng(seed)
    u, v = (np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))[0] for _ in range(2))
    turn = np.kron(u, v)
    turned = Choi(turn @ choi.matrix @ turn.conj().T, (2,), (2,))
    assert channel_squashed_entanglement(turned, starts=1).value == pytest.approx(bound.value, abs=1e-4)


def test_environments_that_are_too_small_or_too_large_are_refused() -> None:
    with pytest.raises(DimensionError, match="environment"):
        channel_squashed_entanglement(depolarizing_choi(0.1), environment=1)
    with pytest.raises(UnsupportedError, match="at most 64"):
        channel_squashed_entanglement(depolarizing_choi(0.1), environment=33)


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 10**6), st.sampled_from([1e-9, 1e-6, 1e-3]), st.integers(1, 3))
def test_channels_near_the_exact_one_are_covered_by_the_margin(seed: int, step: float, rank: int) -> None:
    # ½ I(R;B|E') of a nearby channel, its further Kraus operators squashed to levels of F of their own, as in the proof
    rng = np.random.default_rng(seed)
    choi = random_channel(seed, 2, 2, max(rank, 1))
    kraus = module.kraus_arrays(choi)
    w = np.linalg.qr(rng.normal(size=(9, len(kraus))) + 1j * rng.normal(size=(9, len(kraus))))[0]
    other = random_channel(seed + 1, 2, 2, 4)
    near = (1 - step) * choi.matrix + step * other.matrix
    distance = float(np.abs(np.linalg.eigvalsh(near - choi.matrix)).sum() / 2)
    least = float(np.linalg.eigvalsh(choi.matrix)[-len(kraus)])
    theta = 2 * math.sqrt(2 * 2 / least) * distance
    margin = theta + (1 + theta) * h(theta / (1 + theta)) if theta < 1 else math.inf
    # the dilation of the nearby channel that is nearest to that of the exact one: L' = √J' W with L = √J W
    size = 4
    columns = np.zeros((size, size), dtype=complex)
    columns[:, : len(kraus)] = kraus.transpose(0, 2, 1).reshape(len(kraus), size).T / math.sqrt(2)
    root = psd_root(near)
    left, _, right = np.linalg.svd(psd_root(choi.matrix) @ columns)
    moved = (root @ left @ right).T.reshape(size, 2, 2).transpose(0, 2, 1) * math.sqrt(2)
    squash = np.zeros((3, 3 + size, size), dtype=complex)
    squash[:, :3, : len(kraus)] = w.reshape(3, 3, len(kraus))
    for k in range(len(kraus), size):
        squash[0, 3 + k, k] = 1
    for _ in range(5):
        g = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
        rho = g @ g.conj().T / np.trace(g @ g.conj().T).real
        exact = half_information(kraus, w.reshape(3, 3, len(kraus)), rho)
        assert abs(half_information(moved, squash, rho) - exact) <= margin + 1e-9


def h(x: float) -> float:
    return 0.0 if x in (0, 1) else -x * math.log2(x) - (1 - x) * math.log2(1 - x)


def psd_root(matrix: np.ndarray) -> np.ndarray:
    weights, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(weights, 0))) @ vectors.conj().T)


def half_information(kraus: np.ndarray, squash: np.ndarray, rho: np.ndarray) -> float:
    """½ I(R;B|E') for a squashing of shape (dim E', dim F, K)."""
    weights, vectors = np.linalg.eigh(rho)
    psi = (vectors * np.sqrt(np.maximum(weights, 0))).T
    tensor = np.einsum("ra,eba,xye->rbxy", psi, kraus, squash)

    def entropy(kept: tuple[int, ...]) -> float:
        others = tuple(k for k in range(4) if k not in kept)
        matrix = tensor.transpose(*kept, *others).reshape(math.prod(tensor.shape[k] for k in kept), -1)
        spectrum = np.linalg.svd(matrix, compute_uv=False) ** 2
        spectrum = spectrum[spectrum > 1e-300]
        return -float(spectrum @ np.log2(spectrum))

    return (entropy((0, 2)) + entropy((1, 2)) - entropy((2,)) - entropy((0, 1, 2))) / 2


def test_the_margin_is_small_and_part_of_the_value() -> None:
    choi = amplitude_damping_choi(0.4)
    bound, found = channel_squashed_entanglement(choi, starts=1), module.best_squashing(choi, None, 1)
    value = module.certified_ceiling(found.kraus, found.isometry, found.input, found.environment)
    distance, margin = module.margin(found.kraus, choi)
    assert float(value.upper()) < bound.value <= float(value.upper()) + float(margin.upper()) * (1 + 1e-12) + 1e-15
    assert 0 < float(margin.upper()) < 1e-10
    assert bound.diagnostics["trace_distance"] == distance > 2.0**-44


def test_dependent_kraus_operators_have_no_margin() -> None:
    kraus = np.array([np.eye(2), np.eye(2)]) / math.sqrt(2)
    with pytest.raises(BoundNotEstablishedError, match="linearly dependent"):
        module.margin(kraus + 0j, choi_of_kraus(kraus + 0j))
