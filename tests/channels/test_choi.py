"""Choi states, Kraus operators and super-operators say the same, as qutip reads them; other maps are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.channels import (
    amplitude_damping,
    as_choi,
    choi_state,
    dephasing,
    depolarizing,
    erasure,
    kraus_operators,
    pauli,
    ppt_private_channel,
    pure_loss,
    super_operator,
    transpose_map,
    werner_holevo,
)
from keybounds.errors import ChannelError, DimensionError, InputError, KeyboundsError, UnsupportedError
from keybounds.states import bell_diagonal, isotropic, ppt_private_state, werner

SIGMA = [s.full() for s in (qutip.qeye(2), qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())]
SHAPES = st.tuples(st.integers(2, 3), st.integers(2, 3), st.integers(1, 4)).filter(lambda s: s[1] * s[2] >= s[0])


def random_kraus(seed: int, d_a: int, d_b: int, rank: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rank * d_b, d_a)) + 1j * rng.normal(size=(rank * d_b, d_a))
    return np.linalg.qr(z)[0].reshape(rank, d_b, d_a)


def apply(channel: qutip.Qobj, rho: np.ndarray) -> np.ndarray:
    """What qutip makes of a super-operator."""
    inputs = channel.dims[1]
    vector = qutip.operator_to_vector(qutip.Qobj(rho, dims=inputs))
    return qutip.vector_to_operator(channel * vector).full()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), SHAPES)
def test_round_trips_keep_the_channel(seed: int, shape: tuple[int, int, int]) -> None:
    d_a, d_b, rank = shape
    kraus = random_kraus(seed, d_a, d_b, rank)
    choi = as_choi(kraus)
    others = [
        as_choi(choi.to_super()),
        as_choi(kraus_operators(choi)),
        as_choi(choi.matrix, (d_a, d_b)),
        as_choi(qutip.to_choi(choi.to_super())),
    ]
    if d_a == d_b == 2:
        others.append(as_choi(qutip.to_chi(choi.to_super())))
    for other in others:
        np.testing.assert_allclose(other.matrix, choi.matrix, atol=1e-14)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), SHAPES)
def test_the_super_operator_acts_as_the_kraus_operators_do(seed: int, shape: tuple[int, int, int]) -> None:
    d_a, d_b, rank = shape
    kraus = random_kraus(seed, d_a, d_b, rank)
    g = np.random.default_rng(seed + 1).normal(size=(2, d_a, d_a))
    rho = g[0] + 1j * g[1]  # no state: the map is linear, and this tells left from right and transposed from not
    expected = sum(k @ rho @ k.conj().T for k in kraus)
    np.testing.assert_allclose(apply(super_operator(kraus), rho), expected, atol=1e-13)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (lambda rho: depolarizing(0.3), lambda rho: 0.7 * rho + 0.3 * np.eye(2) / 2),
        (lambda rho: dephasing(0.2), lambda rho: rho * np.array([[1, 0.6], [0.6, 1]])),
        (
            lambda rho: amplitude_damping(0.36),
            lambda rho: np.array([[1, 0.8], [0.8, 0.64]]) * rho + np.diag([0.36 * rho[1, 1], 0]),
        ),
        (
            lambda rho: pauli(x=0.1, y=0.2, z=0.3),
            lambda rho: sum(
                p * s @ rho @ s
                for p, s in zip((0.4, 0.1, 0.2, 0.3), SIGMA, strict=True)
            ),
        ),
        (lambda rho: werner_holevo(2), lambda rho: np.eye(2) * np.trace(rho) - rho.T),
        (lambda rho: transpose_map(2), lambda rho: rho.T),
        (
            lambda rho: erasure(0.25),
            lambda rho: np.pad(0.75 * rho, (0, 1)) + np.diag([0, 0, 0.25 * np.trace(rho)]),
        ),
    ],
    ids=["depolarising", "dephasing", "amplitude-damping", "pauli", "werner-holevo", "transpose", "erasure"],
)  # fmt: skip
def test_families_act_as_defined(channel, expected) -> None:  # type: ignore[no-untyped-def]
    rho = np.array([[0.7, 0.1 - 0.2j], [0.3 + 0.05j, 0.3]])
    np.testing.assert_allclose(apply(channel(rho), rho), expected(rho), atol=1e-15)


def test_choi_states_are_the_states_of_the_same_name() -> None:
    same = np.testing.assert_allclose
    same(choi_state(depolarizing(0.3, 3)).full(), isotropic(3, 0.7 + 0.3 / 9).full(), atol=1e-15)
    same(choi_state(werner_holevo(4, 0.8)).full(), werner(4, 0.8).full(), atol=1e-15)
    same(choi_state(pauli(x=0.1, y=0.05, z=0.2)).full(), bell_diagonal((0.65, 0.2, 0.1, 0.05)).full(), atol=1e-15)
    lambda_3 = ppt_private_channel(3)
    assert lambda_3.dims == [[[2, 3], [2, 3]], [[2, 3], [2, 3]]]
    assert choi_state(lambda_3).dims == ppt_private_state(3).dims
    same(choi_state(lambda_3).full(), ppt_private_state(3).full(), atol=1e-15)


@pytest.mark.parametrize("d", [2, 5])
def test_dephasing_is_the_mixture_of_clock_errors(d: int) -> None:
    clock = np.diag(np.exp(2j * np.pi * np.arange(d) / d))
    errors = [math.sqrt(0.3 / (d - 1)) * np.linalg.matrix_power(clock, k) for k in range(1, d)]
    expected = as_choi(np.array([math.sqrt(0.7) * np.eye(d), *errors]))
    np.testing.assert_allclose(choi_state(dephasing(0.3, d)).full(), expected.matrix, atol=1e-15)


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
def test_pure_loss_restricted(eta: float) -> None:
    loss = pure_loss(eta)
    np.testing.assert_allclose(loss.restricted(1).full(), amplitude_damping(1 - eta).full(), atol=1e-15)
    np.testing.assert_allclose(loss.dual_rail().full(), erasure(1 - eta).full(), atol=1e-15)
    photons = loss.restricted(4)
    number = np.diag(np.arange(5.0))
    fock = np.diag([0, 0, 0, 0, 1.0])
    assert np.trace(number @ apply(photons, fock)).real == pytest.approx(4 * eta), "a photon arrives with probability η"
    binomial = [math.comb(4, k) * eta**k * (1 - eta) ** (4 - k) for k in range(5)]
    np.testing.assert_allclose(np.diag(apply(photons, fock)).real, binomial, atol=1e-15)


def test_loss_of_loss_is_loss() -> None:
    first, second, both = (pure_loss(eta).restricted(3).full() for eta in (0.8, 0.5, 0.4))
    np.testing.assert_allclose(second @ first, both, atol=1e-14)


# Bad input


def test_maps_that_are_not_channels_are_refused_with_the_violation() -> None:
    with pytest.raises(ChannelError, match=r"completely positive.*smallest eigenvalue -0\.5"):
        as_choi(transpose_map(2))
    with pytest.raises(ChannelError, match=r"trace-preserving.*differs from 1 by up to 0\.1$"):
        as_choi(np.array([math.sqrt(0.9) * np.eye(2)]))
    with pytest.raises(ChannelError, match="Hermiticity-preserving"):
        as_choi(np.triu(np.ones((4, 4))) / 4, (2, 2))
    with pytest.raises(ChannelError, match="NaN"):
        as_choi(np.full((4, 4), np.nan), (2, 2))
    # positive and of trace 1, but with a marginal that is not maximally mixed
    with pytest.raises(ChannelError, match="trace-preserving"):
        as_choi(np.diag([1.0, 0, 0, 0]), (2, 2))


def test_rounding_is_let_pass_and_more_is_not() -> None:
    choi = choi_state(amplitude_damping(0.3)).full()
    as_choi(choi + 1e-12 * np.diag([1, -1, 1, -1]), (2, 2))
    with pytest.raises(ChannelError, match="completely positive"):
        as_choi(choi + 1e-8 * np.diag([1, -1, 1, -1]), (2, 2))


@pytest.mark.parametrize(
    ("channel", "dims"),
    [
        (np.eye(4) / 4, None),
        (np.eye(4) / 4, (2, 3)),
        (np.eye(4) / 4, (2, 2, 1)),
        (np.ones((2, 3)), (2, 2)),
        (np.ones(4), (2, 2)),
        ([np.eye(2), np.eye(3)], None),
        ("erasure", None),
        (np.ones((0, 2, 2)), None),
        ([qutip.qeye(2), qutip.qeye(3)], None),
    ],
)
def test_shapes_that_fit_no_form_are_refused(channel: object, dims: tuple[int, ...] | None) -> None:
    with pytest.raises(DimensionError, match=r"(channel|dims): expected"):
        as_choi(channel, dims)  # type: ignore[arg-type]


def test_a_side_of_dimension_one_has_no_super_operator() -> None:
    choi = as_choi(random_kraus(0, 1, 2, 2))
    assert choi.dims == (1, 2)
    with pytest.raises(UnsupportedError, match="at least 2"):
        choi.to_super()


def test_an_operator_is_not_taken_for_a_channel() -> None:
    with pytest.raises(ChannelError, match="type 'oper'"):
        as_choi(qutip.qeye(2))


@pytest.mark.parametrize(
    "build",
    [
        lambda: erasure(1.1),
        lambda: dephasing(float("nan")),
        lambda: depolarizing(-0.1),
        lambda: amplitude_damping(2),
        lambda: pauli(x=0.5, y=0.4, z=0.2),
        lambda: pauli(x=-0.1),
        lambda: pure_loss(1.5),
        lambda: werner_holevo(1),
        lambda: erasure(0.1, 1),
        lambda: pure_loss(0.5).restricted(0),
        lambda: ppt_private_channel(4, 0.2),
    ],
)
def test_parameters_outside_their_range_are_refused(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(
        InputError, match=r"^(probability|damping|x|x, y, z|transmissivity|dimension|photons|p): expected"
    ):
        build()


@pytest.mark.parametrize(
    "build", [lambda: erasure(0.1, 10**5), lambda: ppt_private_channel(10**4), lambda: transpose_map(10**5)]
)
def test_too_large_is_an_error_before_allocation(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnsupportedError, match="GiB"):
        build()


def test_errors_are_of_this_package() -> None:
    assert issubclass(ChannelError, InputError)
    assert issubclass(ChannelError, KeyboundsError)
