"""Where no enclosure of D(ρ‖σ) is possible, none is given: signs that a ball leaves open count against it."""

from __future__ import annotations

import numpy as np
import pytest
from flint import acb, acb_mat, arb, ctx

from keybounds.bounds.state.separable.evaluation import divergence_from, mixed
from keybounds.bounds.state.spectra import PRECISION, CertifiedState, certified_state, exact_matrix
from keybounds.proofs.verifier.spectra import cross_entropy_above


@pytest.fixture(scope="module")
def rho() -> CertifiedState:
    return certified_state(np.diag([0.4, 0.3, 0.2, 0.1]).astype(complex))


def sigma(least: arb) -> acb_mat:
    """A matrix of trace 1, turned so that its eigenvectors are no unit vectors, with this eigenvalue."""
    rng = np.random.default_rng(3)
    frame = exact_matrix(np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0])
    values = [arb("0.5"), arb("0.3"), arb("0.2") - least, least]
    diagonal = acb_mat([[acb(v) if i == j else acb(0) for j in range(4)] for i, v in enumerate(values)])
    return frame * diagonal * frame.transpose().conjugate()


@pytest.mark.parametrize(
    ("least", "finite"),
    [
        (arb("0.1"), True),
        (arb("1e-6"), True),
        (arb("1e-6", "1e-8"), True),
        (arb("1e-6", "1.1e-6"), False),
        (arb(0), False),
        (arb("-0.1"), False),
    ],
    ids=str,
)
def test_an_eigenvalue_that_may_be_0_or_less_proves_nothing(rho: CertifiedState, least: arb, finite: bool) -> None:
    with ctx.workprec(PRECISION):
        matrix = sigma(least)
        assert divergence_from(rho, matrix).is_finite() is finite
        assert cross_entropy_above(rho.matrix, matrix).is_finite() is finite


def test_a_frame_that_is_none_proves_nothing(rho: CertifiedState, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is that of a unitary near V, which there must be."""
    with ctx.workprec(PRECISION):
        matrix = sigma(arb("0.1"))
        assert divergence_from(rho, matrix).is_finite()
        for skew in (arb("0.1"), arb("0.09", "0.02"), arb("nan")):
            monkeypatch.setattr(
                "keybounds.bounds.state.separable.evaluation._nearly_unitary",
                lambda _, skew=skew: (exact_matrix(np.eye(4, dtype=complex)), skew),
            )
            assert not divergence_from(rho, mixed(sigma(arb("0.1")), 0.5)).is_finite()


def test_the_admixture_is_a_mixture() -> None:
    """(1-η) M + η 1/N, of trace 1 with M's."""
    with ctx.workprec(PRECISION):
        found = mixed(sigma(arb("0.1")), 0.25)
        trace = sum((found[i, i].real for i in range(4)), arb(0))
        assert abs(trace - 1) < arb("1e-12")
        off = found[0, 1] - sigma(arb("0.1"))[0, 1] * acb(0.75)
        assert abs(off.real) < arb("1e-12")
        assert abs(off.imag) < arb("1e-12")


def test_the_bound_takes_in_what_the_frame_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """-Σ (w_i + 3s) log2(m_i - δ - 3s) - S(ρ), each ball at the end that makes it greater; ρ is lifted by 1/20."""
    lifted = certified_state(np.diag([0.4, 0.3, 0.2, 0.1]).astype(complex)).lifted(0.05)
    weights = [(x + 0.05) / 1.2 for x in (0.4, 0.3, 0.2, 0.1)]
    places = [0.3, 0.3, 0.25, 0.15]
    with ctx.workprec(PRECISION):
        table = [[arb(places[i], 0.001) if i == j else arb(0) for j in range(4)] for i in range(4)]
        table[0][1] = table[1][0] = arb(0.002)
        monkeypatch.setattr(
            "keybounds.bounds.state.separable.evaluation._nearly_unitary",
            lambda _: (exact_matrix(0.875 * np.eye(4, dtype=complex)), arb(0.01, 0.001)),
        )
        found = float(divergence_from(lifted, acb_mat(table)))
    short = 0.875**2  # of the columns, as lengths squared
    off = short * (0.001 + 0.002 * 2**0.5) + 0.033
    cross = -sum((short * w + 0.033) * np.log2(short * m - off) for w, m in zip(weights, places, strict=True))
    assert found == pytest.approx(cross + sum(w * np.log2(w) for w in weights), abs=1e-9)


@pytest.mark.parametrize(("skew", "finite"), [(0.09, True), (0.1, False), (0.11, False)])
def test_a_frame_too_far_from_a_unitary_is_none(skew: float, finite: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where 3s would leave every eigenvalue above 0 still: the series behind it ends at 1/10."""
    rho = certified_state(np.diag([0.6, 0.4]).astype(complex))
    with ctx.workprec(PRECISION):
        half = acb_mat([[acb(0.5), acb(0)], [acb(0), acb(0.5)]])
        monkeypatch.setattr(
            "keybounds.bounds.state.separable.evaluation._nearly_unitary",
            lambda _: (exact_matrix(np.eye(2, dtype=complex)), arb(skew)),
        )
        assert divergence_from(rho, half).is_finite() is finite
