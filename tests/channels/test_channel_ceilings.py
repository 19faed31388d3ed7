"""Ceilings on channels: closed forms met from above, certificates that survive a lying optimiser, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import P_1, P_2, Bound, Direction, Quantity, Status, Trust, Unit, check_pairs
from keybounds.bounds.channel import rains as rains_module
from keybounds.bounds.channel import semidefinite
from keybounds.bounds.channel.rains import divergence_ceiling
from keybounds.bounds.channel.recognised import recognised
from keybounds.bounds.channel.scopes import ROUNDING, channel_thing
from keybounds.bounds.lower import channel_hashing, erasure_rate, ppt_channel_rate, pure_loss_rate
from keybounds.bounds.state.spectra import certified_state
from keybounds.bounds.upper import (
    amplitude_damping_ceiling,
    channel_ceiling,
    channel_transpose_bound,
    choi_relative_entropy,
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    max_rains_information,
    max_relative_entropy,
    ppt_channel_ceiling,
    pure_loss_ceiling,
    rains_information,
)
from keybounds.channels import covariance, pure_loss
from keybounds.channels.choi import Choi, choi_of_kraus, kraus_arrays
from keybounds.channels.families import (
    amplitude_damping_choi,
    dephasing_choi,
    depolarizing_choi,
    erasure_choi,
    pauli_choi,
    werner_holevo_choi,
)
from keybounds.channels.ppt_private import ppt_private_choi
from keybounds.channels.transposition import transposed_choi
from keybounds.errors import BoundNotEstablishedError, ChannelError, InputError, UnknownNameError, UnsupportedError
from keybounds.proofs.certificates.data import MaxRelativeEntropy
from keybounds.states import PPTPrivateFamily
from keybounds.states.ppt_private import complex_hadamard, ppt_private_matrix


def h(x: float) -> float:
    return 0.0 if x in (0, 1) else -x * math.log2(x) - (1 - x) * math.log2(1 - x)


def random_channel(seed: int, d_a: int, d_b: int, rank: int) -> Choi:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rank * d_b, d_a)) + 1j * rng.normal(size=(rank * d_b, d_a))
    return choi_of_kraus(np.linalg.qr(z)[0].reshape(rank, d_b, d_a))


def assert_from_above(value: float, exact: float, slack: float) -> None:
    assert exact - 1e-15 <= value <= exact + slack


# Closed forms


@pytest.mark.parametrize(
    ("bound", "value"),
    [
        pytest.param(pure_loss_ceiling(0.5), 1.0, id="pirandola2017-loss"),
        pytest.param(pure_loss_ceiling(0.1), -math.log2(0.9), id="pirandola2017-loss-10dB"),
        pytest.param(pure_loss_ceiling(0.1, method="tgw"), math.log2(1.1 / 0.9), id="takeoka2014-loss"),
        pytest.param(erasure_ceiling(0.1, 3), 0.9 * math.log2(3), id="pirandola2017-erasure"),
        pytest.param(dephasing_ceiling(0.1), 1 - h(0.1), id="pirandola2017-dephasing"),
        pytest.param(depolarizing_ceiling(0.2), 1 - h(0.15), id="pirandola2017-depolarising"),
        pytest.param(depolarizing_ceiling(0.7), 0.0, id="entanglement-breaking"),
    ],
)
def test_published_closed_forms(bound: Bound, value: float) -> None:
    assert_from_above(bound.value, value, 1e-15)
    assert (bound.direction, bound.unit, bound.status) == (Direction.UPPER, Unit.PER_CHANNEL_USE, Status.ENCLOSED)
    assert (bound.scope.trust, bound.scope.protocol) == (Trust.DEVICE_DEPENDENT, P_2)


@given(st.floats(0, 0.999999))
def test_loss_ceilings_are_ordered_and_met_by_the_rate(eta: float) -> None:
    plob, tgw, rate = pure_loss_ceiling(eta).value, pure_loss_ceiling(eta, method="tgw").value, pure_loss_rate(eta)
    assert rate.value <= plob <= tgw
    assert plob - rate.value <= 1e-15 * max(plob, 1)


def test_loss_of_a_tiny_transmissivity_does_not_cancel() -> None:
    assert pure_loss_ceiling(1e-12).value == pytest.approx(1e-12 / math.log(2), rel=1e-11)


@pytest.mark.parametrize("call", [pure_loss_ceiling, pure_loss_rate, lambda eta: channel_ceiling(pure_loss(eta))])
def test_a_lossless_mode_has_no_finite_ceiling(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="less than 1"):
        call(1.0)


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan")])
def test_parameters_outside_their_range_are_refused(bad: float) -> None:
    for call in (
        pure_loss_ceiling,
        erasure_ceiling,
        dephasing_ceiling,
        depolarizing_ceiling,
        amplitude_damping_ceiling,
    ):
        with pytest.raises(InputError, match="probability in"):
            call(bad)
    with pytest.raises(UnknownNameError, match="did you mean 'plob'"):
        pure_loss_ceiling(0.5, method="plobb")  # type: ignore[arg-type]


# Amplitude damping


@pytest.mark.parametrize("g", [0.0, 1e-9, 0.05, 0.3, 0.5, 0.77, 0.999, 1.0])
def test_amplitude_damping_ceiling_is_the_maximum_and_not_a_sample(g: float) -> None:
    found = amplitude_damping_ceiling(g).value
    samples = [h(q * (1 - g / 2)) - h(q * g / 2) for q in np.linspace(0, 1, 4001)]
    assert max(samples) - 1e-15 <= found <= max(samples) + 1e-6


def test_a_bad_input_weight_makes_it_loose_and_never_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    from keybounds.bounds.channel import amplitude_damping as module

    exact = amplitude_damping_ceiling(0.3).value
    for q in (0.01, 0.2, 0.44, 0.6, 0.99):
        monkeypatch.setattr(module, "_best_weight", lambda g, q=q: q)
        assert amplitude_damping_ceiling(0.3).value >= exact - 1e-15
    monkeypatch.setattr(module, "_best_weight", lambda g: 0.4549)
    assert amplitude_damping_ceiling(0.3).value < exact + 1e-2


# E_r of the Choi state


CLOSED_FORMS = [
    pytest.param(erasure_choi(0.1, 3), erasure_ceiling(0.1, 3), id="erasure-3"),
    pytest.param(dephasing_choi(0.1, 3), dephasing_ceiling(0.1, 3), id="dephasing-3"),
    pytest.param(depolarizing_choi(0.1, 4), depolarizing_ceiling(0.1, 4), id="depolarising-4"),
    pytest.param(depolarizing_choi(0.3), depolarizing_ceiling(0.3), id="depolarising"),
]


@pytest.mark.parametrize(("choi", "closed"), CLOSED_FORMS)
def test_the_general_routine_meets_the_closed_form_from_above(choi: Choi, closed: Bound) -> None:
    general = choi_relative_entropy(choi)
    assert_from_above(general.value, closed.value, 1e-8)
    assert general.diagnostics["covariance_defect"] < 1e-14
    assert 0 < general.diagnostics["margin"] < 1e-10
    assert general.scope == channel_ceiling(choi).scope


def test_pauli_channels_have_the_bell_diagonal_value() -> None:
    general = choi_relative_entropy(pauli_choi(x=0.02, y=0.01, z=0.07))
    assert_from_above(general.value, 1 - h(0.9), 1e-8)


def test_channels_that_are_not_covariant_are_refused() -> None:
    damping = amplitude_damping_choi(0.3)
    with pytest.raises(ChannelError, match=r"covariant channel.*found 0\.3"):
        choi_relative_entropy(damping)
    nearly = (1 - 1e-7) * depolarizing_choi(0.1).matrix + 1e-7 * amplitude_damping_choi(0.5).matrix
    assert covariance(nearly, dims=(2, 2), atol=1e-6).teleportation
    with pytest.raises(ChannelError, match="covariant channel"):
        choi_relative_entropy(nearly, (2, 2))  # nearly covariant is not covariant, whatever tolerance a test was given


def test_the_same_matrix_as_a_channel_of_other_dimensions_is_another_thing() -> None:
    matrix = depolarizing_choi(0.1).matrix
    assert channel_ceiling(matrix, (2, 2)).scope.thing != channel_ceiling(matrix, (1, 4)).scope.thing


# Semidefinite ceilings


@pytest.mark.parametrize(
    ("choi", "value"),
    [
        pytest.param(amplitude_damping_choi(0.3), math.log2(1.7), id="amplitude-damping"),
        pytest.param(dephasing_choi(0.1), math.log2(1.8), id="dephasing"),
        pytest.param(erasure_choi(0.1), math.log2(0.9 * 2 + 0.1), id="erasure-2x3"),
        pytest.param(depolarizing_choi(0.1), math.log2(2 * (1 - 0.075)), id="depolarising"),
        pytest.param(depolarizing_choi(0.8), 0.0, id="entanglement-breaking"),
    ],
)
def test_max_relative_entropy_of_known_channels(choi: Choi, value: float) -> None:
    assert_from_above(max_relative_entropy(choi).value, value, 1e-6)
    rains = max_rains_information(choi)
    assert_from_above(rains.value, value, 1e-6)
    assert rains.scope.quantity is Quantity.QUANTUM_CAPACITY


def test_the_certificate_holds_a_feasible_point() -> None:
    choi = amplitude_damping_choi(0.3)
    bound = max_relative_entropy(choi)
    assert isinstance(bound.certificate, MaxRelativeEntropy)
    y = np.array([[complex(*z) for z in row] for row in bound.certificate.Y])
    shift = max(0.0, -np.linalg.eigvalsh(y - 2 * choi.matrix)[0]) + 1e-12
    y = y + shift * np.eye(4)
    transposed = y.reshape(2, 2, 2, 2).swapaxes(1, 3).reshape(4, 4)
    assert np.linalg.eigvalsh(transposed)[0] >= -1e-8
    marginal = np.einsum("ikjk->ij", y.reshape(2, 2, 2, 2))
    assert math.log2(np.linalg.eigvalsh(marginal)[-1]) == pytest.approx(bound.value, abs=1e-7)


def test_ppt_is_not_taken_for_separable() -> None:
    with pytest.raises(UnsupportedError, match="no ceiling on key"):
        max_relative_entropy(ppt_private_choi(2))


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lambda n, rng: np.zeros((n, n), complex), id="zero"),
        pytest.param(lambda n, rng: -np.eye(n, dtype=complex), id="negative"),
        pytest.param(lambda n, rng: rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)), id="noise"),
        pytest.param(lambda n, rng: 1e-9 * rng.normal(size=(n, n)), id="nothing"),
    ],
)
def test_a_lying_solver_makes_the_ceiling_loose_and_never_wrong(lie, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    choi = amplitude_damping_choi(0.3)
    rng = np.random.default_rng(1)

    def lying(norm, constraints, variables, solver):  # type: ignore[no-untyped-def]
        found = [lie(4, rng) for _ in variables]
        return [(m + m.conj().T) / 2 for m in found], -5.0

    monkeypatch.setattr(semidefinite, "_minimised", lying)
    assert max_relative_entropy(choi).value >= math.log2(1.7) - 1e-12
    assert max_rains_information(choi).value >= math.log2(1.7) - 1e-12


def test_a_solver_without_an_answer_is_an_error() -> None:
    with pytest.raises(BoundNotEstablishedError, match="NOSOLVER"):
        max_relative_entropy(amplitude_damping_choi(0.3), solver="NOSOLVER")


def test_a_solver_that_returns_nan_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import cvxpy

    def solve(self: cvxpy.Problem, **options: object) -> None:
        for variable in self.variables():
            variable.save_value(np.full(variable.shape, np.nan))

    monkeypatch.setattr(cvxpy.Problem, "solve", solve)
    with pytest.raises(BoundNotEstablishedError, match="no usable matrix"):
        max_relative_entropy(amplitude_damping_choi(0.3))


@settings(deadline=None, max_examples=3)
@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (2, 3), (3, 2)]), st.integers(2, 3))
def test_hashing_never_exceeds_a_ceiling(seed: int, dims: tuple[int, int], rank: int) -> None:
    choi = random_channel(seed, *dims, rank)
    rows = [
        channel_hashing(choi),
        channel_hashing(choi, direction="reverse"),
        max_relative_entropy(choi),
        channel_ceiling(choi),
    ]
    checks = check_pairs(rows)
    assert len(checks) == 4
    assert all(check.holds for check in checks)


def test_rains_bound_of_a_completely_copositive_channel_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semidefinite, "_solve_rains", None)
    bound = max_rains_information(ppt_private_choi(3))
    assert 0 <= bound.value < 1e-10
    assert bound.scope.quantity is Quantity.QUANTUM_CAPACITY


def test_semidefinite_programs_that_are_too_large_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="dA·dB <= 25"):
        max_rains_information(depolarizing_choi(0.1, 6))
    with pytest.raises(UnsupportedError, match="dA·dB <= 16"):
        rains_information(depolarizing_choi(0.1, 5))


# The Rains bound


def test_rains_bound_of_the_antisymmetric_channel() -> None:
    # R of the antisymmetric state of 3 x 3 is log2(5/3) (Audenaert et al. 2002), below its E_r, which is 1
    bound = rains_information(werner_holevo_choi(3))
    assert_from_above(bound.value, math.log2(5 / 3), 1e-6)
    assert bound.value < choi_relative_entropy(werner_holevo_choi(3)).value
    assert bound.scope.quantity is Quantity.QUANTUM_CAPACITY
    with pytest.raises(ChannelError, match="covariant"):
        rains_information(amplitude_damping_choi(0.3))


def test_rains_bound_of_a_lying_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = 1 - h(0.15)
    choi = depolarizing_choi(0.2)
    rng = np.random.default_rng(0)
    for tau in (np.eye(4), choi.matrix, rng.normal(size=(4, 4)) + 4 * np.eye(4), 1e6 * choi.matrix + np.eye(4)):
        monkeypatch.setattr(rains_module, "_solve", lambda c, tau=tau: (np.asarray(tau, dtype=complex), -1.0))
        assert rains_information(choi).value >= exact - 1e-12
    monkeypatch.setattr(rains_module, "_solve", lambda c: (np.full((4, 4), np.nan, dtype=complex), 0.0))
    with pytest.raises(BoundNotEstablishedError, match="not finite"):
        rains_information(choi)


def test_divergence_ceiling_encloses_a_known_divergence() -> None:
    rho = certified_state(np.diag([0.5, 0.25, 0.125, 0.125]).astype(complex))
    found = divergence_ceiling(rho, np.eye(4, dtype=complex) / 4, (2, 2))
    assert arb(0.25) <= found.upper()
    assert float(found.upper()) == pytest.approx(0.25, abs=1e-9)


# channel_ceiling


@pytest.mark.parametrize("d", [2, 3, 7])
@pytest.mark.parametrize("p", [None, 0.45])
def test_lambda_is_recognised_whatever_form_it_comes_in(d: int, p: float | None) -> None:
    choi = ppt_private_choi(d, p)
    family = PPTPrivateFamily(d, p)
    trusted, untrusted = channel_ceiling(choi), channel_transpose_bound(choi)
    assert_from_above(trusted.value, float(ppt_channel_ceiling(family).value), 1e-9)
    assert_from_above(untrusted.value, channel_transpose_bound(family).value, 1e-9)
    assert trusted.method.endswith(f", Λ_{d}")
    assert untrusted.method.endswith(f", ϑ∘Λ_{d}")
    from_kraus = channel_ceiling(kraus_arrays(choi))
    assert from_kraus.value == pytest.approx(trusted.value, abs=1e-10)


def test_recognition_is_exact_and_other_channels_are_not_taken_for_lambda() -> None:
    choi = ppt_private_choi(3, 0.45)
    noisy = 0.999999 * choi.matrix + 1e-6 * np.eye(36) / 36
    assert not list(recognised(Choi(noisy, (6,), (6,))))
    assert not list(recognised(depolarizing_choi(0.3, 4)))
    assert not list(recognised(ppt_private_choi(4, None, "hadamard"))), "the claim is for Fourier U"
    assert [b.method[-1] for b in recognised(ppt_private_choi(2, None, "hadamard"))] == ["2"], "equal for d = 2"


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.7, 1.0])
def test_lambda_off_the_ppt_range_keeps_its_trusted_ceiling(p: float) -> None:
    choi = Choi(ppt_private_matrix(complex_hadamard(2), p), (2, 2), (2, 2))
    assert channel_ceiling(choi).value == pytest.approx(1 - h(p), abs=1e-10)


@pytest.mark.parametrize(
    ("channel", "winner", "value"),
    [
        (pure_loss(0.5), "1-η", 1.0),
        (amplitude_damping_choi(0.3), "50:50 splitter", amplitude_damping_ceiling(0.3).value),
        (dephasing_choi(0.2), "Choi state", 1 - h(0.2)),
        (depolarizing_choi(0.0, 3), "min|Choi|optimised", math.log2(3)),
        (werner_holevo_choi(3), "optimised squashing", math.log2(3) / 2),
    ],
    ids=["loss", "amplitude-damping", "dephasing", "identity", "werner-holevo"],
)
def test_the_least_method_wins(channel, winner: str, value: float) -> None:  # type: ignore[no-untyped-def]
    import re

    bound = channel_ceiling(channel)
    assert re.search(winner, bound.method)
    assert_from_above(bound.value, value, 1e-6)
    assert bound.value == min(bound.diagnostics["methods"].values())


def test_a_channel_that_no_method_knows_gets_the_dimension() -> None:
    choi = random_channel(0, 5, 5, 5)
    assert_from_above(channel_ceiling(choi).value, math.log2(5), 1e-14)


def test_nearly_amplitude_damping_is_not_taken_for_it() -> None:
    choi = amplitude_damping_choi(0.3).matrix
    kraus = np.array([[[1, 0], [0, math.sqrt(0.7)]], [[0, math.sqrt(0.3)], [0, 0]]])
    assert "50:50" in channel_ceiling(kraus).method, "from its Kraus operators, entries rounded otherwise"
    mixed = (1 - 1e-9) * choi + 1e-9 * np.eye(4) / 4
    assert "50:50" not in channel_ceiling(mixed, (2, 2)).method


def test_a_map_that_is_no_channel_has_no_ceiling() -> None:
    with pytest.raises(ChannelError, match="trace-preserving"):
        channel_ceiling(np.array([0.5 * np.eye(2)]))


# The partial-transpose bound


@pytest.mark.parametrize("d", [2, 24, 2**20])
def test_lambda_in_closed_form(d: int) -> None:
    family = PPTPrivateFamily(d)
    p = 1 / (math.sqrt(d) + 1)
    bound = channel_transpose_bound(family)
    assert bound.value == pytest.approx(p * (1 + math.log2(1 - p)), rel=1e-12)
    assert bound.scope.trust is Trust.DEVICE_INDEPENDENT
    assert bound.scope.devices is not None
    assert ppt_channel_ceiling(family).value == pytest.approx(1 - h(p), rel=1e-12)
    assert ppt_channel_rate(family).value == pytest.approx(max(1 - h(p) - p, 0), abs=1e-14)
    assert ppt_channel_rate(family).scope.protocol == P_1
    assert ppt_channel_rate(family, copies=2).scope.protocol == P_2


def test_the_general_search_agrees_on_lambda() -> None:
    # without recognising it: the separable search on the 4 x 4 Choi state of ϑ∘Λ_2
    family = PPTPrivateFamily(2)
    searched = choi_relative_entropy(transposed_choi(ppt_private_choi(2)))
    assert_from_above(searched.value, channel_transpose_bound(family).value, 1e-7)
    choi = ppt_private_choi(2)
    dense = channel_transpose_bound(choi)
    assert dense.reference == "christandl2021, Eq. (8)"
    assert dense.scope == replace(channel_transpose_bound(family).scope, thing=channel_thing(choi))


def test_the_gap_between_key_and_device_independent_key_through_lambda() -> None:
    family = PPTPrivateFamily(24)
    assert ppt_channel_rate(family).value > channel_transpose_bound(family).value
    ten = PPTPrivateFamily(10)
    assert ppt_channel_rate(ten, copies=2).value > channel_transpose_bound(ten).value


def test_channels_that_are_not_completely_copositive_have_no_transpose_bound() -> None:
    with pytest.raises(ChannelError, match=r"eigenvalue -0\.35"):
        channel_transpose_bound(amplitude_damping_choi(0.3))


# Lower bounds


def test_hashing_of_known_channels() -> None:
    def assert_from_below(bound: Bound, exact: float) -> None:  # but for the channels within rounding
        assert exact - 4e-12 < bound.value < exact
        assert bound.diagnostics["repair"] >= ROUNDING

    assert_from_below(channel_hashing(dephasing_choi(0.1)), 1 - h(0.1))
    assert_from_below(channel_hashing(erasure_choi(0.1)), 1 - 0.2)
    reverse = channel_hashing(amplitude_damping_choi(0.3), direction="reverse")
    forward = channel_hashing(amplitude_damping_choi(0.3))
    # S(AB) = h(0.15), as the environment is in |1> with probability γ/2; S(A) = 1, S(B) = h(0.35)
    assert_from_below(reverse, 1 - h(0.15))
    assert_from_below(forward, h(0.35) - h(0.15))
    assert (forward.scope.protocol, reverse.scope.protocol) == (P_1, P_2)
    assert channel_hashing(depolarizing_choi(1.0)).status is Status.NO_KEY
    with pytest.raises(UnknownNameError, match="did you mean 'reverse'"):
        channel_hashing(dephasing_choi(0.1), direction="revers")  # type: ignore[arg-type]


@given(st.floats(0, 1), st.integers(2, 5))
def test_erasure_rate_meets_its_ceiling(e: float, d: int) -> None:
    rate, ceiling = erasure_rate(e, d), erasure_ceiling(e, d)
    assert rate.value <= ceiling.value <= rate.value + 1e-15 * 4
    assert check_pairs([rate, ceiling])[0].holds
