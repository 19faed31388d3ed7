"""Squashed entanglement: known values, certificates reread, gradients, sabotage."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flint import acb_mat, arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Trust, check_pairs
from keybounds.bounds.lower import coherent_information
from keybounds.bounds.state import squashed
from keybounds.bounds.state.spectra import adjoint, exact_matrix, hermitian_from_lower
from keybounds.bounds.state.squashing import Squashing, certified_value, cholesky, value_and_gradient
from keybounds.bounds.upper import squashed_entanglement
from keybounds.enclosure import round_down, round_up
from keybounds.errors import BoundNotEstablishedError, DimensionError, InputError, UnsupportedError


@pytest.mark.parametrize(
    ("d", "environment", "exact"),
    [
        pytest.param(2, None, 1.0, id="singlet"),
        pytest.param(3, None, math.log2(3) / 2, id="christandl2012-d3"),
        pytest.param(4, None, math.log2(3 / 2), id="christandl2012-d4"),
        pytest.param(5, None, 0.5, id="christandl2012-d5"),
        pytest.param(6, 15, math.log2(4 / 3), id="christandl2012-d6", marks=pytest.mark.slow),
    ],
)
def test_antisymmetric_states(make: SimpleNamespace, d: int, environment: int | None, exact: float) -> None:
    """½ log2((d+3)/(d-1)) for odd d, log2((d+2)/d) for even d; its E_r is 1 for every d."""
    bound = squashed_entanglement(make.werner(d, 1.0), (d, d), environment=environment)
    assert exact - 1e-14 <= bound.value <= exact + 1e-10
    assert bound.scope.trust is Trust.DEVICE_DEPENDENT


@pytest.mark.parametrize("dims", [(2, 2), (2, 3), (3, 4)])
def test_pure_states_give_the_entropy_of_a_marginal(make: SimpleNamespace, dims: tuple[int, int]) -> None:
    state = make.pure(4, dims)
    schmidt = np.linalg.eigvalsh(np.einsum("ikjk->ij", state.reshape(*dims, *dims)))
    exact = -float(schmidt @ np.log2(schmidt))
    assert exact - 1e-13 <= squashed_entanglement(state, dims).value <= exact + 1e-10


def test_classical_correlations_are_squashed_to_zero() -> None:
    """½(|00><00| + |11><11|): half a bit of mutual information, none once E' holds the value."""
    rho = np.diag([0.5, 0, 0, 0.5])
    assert squashed_entanglement(rho, (2, 2), starts=0).value == pytest.approx(0.5, abs=1e-12)
    assert squashed_entanglement(rho, (2, 2)).value < 1e-7


@pytest.mark.parametrize(("seed", "rank"), [(1, 4), (2, 2), (3, 1), (4, 3)])
def test_certificate_gives_the_value_without_this_package(
    make: SimpleNamespace, reread: Callable[..., float], seed: int, rank: int
) -> None:
    bound = squashed_entanglement(make.random_state(seed, 4, rank), (2, 2), starts=2)
    value = reread(json.loads(json.dumps(bound.to_dict()["certificate"])))
    assert value - 1e-14 <= bound.value <= value + 1e-10


def test_trivial_extension_has_a_certificate_too(make: SimpleNamespace, reread: Callable[..., float]) -> None:
    bound = squashed_entanglement(make.random_state(1, 6, 6), (2, 3), starts=0)
    certificate = bound.to_dict()["certificate"]
    assert "isometry" not in certificate["data"]
    assert 0 <= bound.value - reread(certificate) + 1e-15 < 1e-11


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (2, 3), (3, 2)]), st.integers(1, 4), st.integers(1, 3))
def test_gradient(make: SimpleNamespace, seed: int, dims: tuple[int, int], rank: int, e: int) -> None:
    rng = np.random.default_rng(seed)
    size = math.prod(dims)
    values, vectors = np.linalg.eigh((make.random_state(seed, size, rank) + np.eye(size) / size) / 2)
    psi, f = vectors * np.sqrt(values), -(-size // e) + 1
    z, direction = (rng.normal(size=(e * f, size)) + 1j * rng.normal(size=(e * f, size)) for _ in range(2))
    step = 1e-5
    gradient = value_and_gradient(z, psi, dims, (e, f))[1]
    ahead, behind = (value_and_gradient(z + s * direction, psi, dims, (e, f))[0] for s in (step, -step))
    slope = float(np.sum(gradient.conj() * direction).real)
    assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-4, abs=1e-6)
    # the polar factor does not see right multiplication by positive matrices: no slope along Z itself
    assert float(np.sum(gradient.conj() * z).real) == pytest.approx(0, abs=1e-10)


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (2, 3)]), st.integers(1, 4))
def test_at_least_the_coherent_information_and_at_most_half_the_mutual_information(
    make: SimpleNamespace, seed: int, dims: tuple[int, int], rank: int
) -> None:
    rho = make.random_state(seed, math.prod(dims), rank)
    bound = squashed_entanglement(rho, dims, starts=1, iterations=60)
    (check,) = check_pairs([coherent_information(rho, dims), bound])
    assert check.holds
    assert bound.value <= squashed_entanglement(rho, dims, starts=0).value


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 10**6))
def test_local_unitaries_leave_the_value_of_the_same_isometry(make: SimpleNamespace, seed: int) -> None:
    rho = make.random_state(seed, 4, 3)
    local = np.kron(make.random_unitary(seed + 1, 2), make.random_unitary(seed + 2, 2))
    values, vectors = np.linalg.eigh(rho)
    psi = vectors * np.sqrt(np.maximum(values, 0))
    isometry = make.random_unitary(seed + 3, 6)[:, :4]
    one, other = (value_and_gradient(isometry, p, (2, 2), (2, 3))[0] for p in (psi, local @ psi))
    assert one == pytest.approx(other, abs=1e-12)


# The evaluation and the failures of the search


def test_an_isometry_that_is_slightly_off_is_taken_for_the_nearest_one(make: SimpleNamespace) -> None:
    rng = np.random.default_rng(0)
    rho = make.random_state(1, 4, 4)
    with ctx.workprec(256):
        purification = cholesky(exact_matrix(rho))
    isometry = make.random_unitary(2, 8)[:, :4]
    for error in (1e-12, 1e-6, 1e-3):
        off = isometry + error * rng.normal(size=isometry.shape)
        value = certified_value(purification, off, (2, 2), (2, 4))
        psi = np.linalg.cholesky(rho)
        exact = value_and_gradient(off, psi, (2, 2), (2, 4))[0]
        assert round_down(value) - 1e-12 <= exact <= round_up(value) + 1e-12
        assert float(value.rad()) < 1e-10
    for bad in (2 * isometry, np.zeros_like(isometry), isometry * np.nan):
        with pytest.raises(BoundNotEstablishedError, match="isometry is not one"):
            certified_value(purification, bad, (2, 2), (2, 4))


@pytest.mark.parametrize("failure", ["random isometry", "nan", "no isometry", "raises"])
def test_a_failed_search_never_makes_the_ceiling_wrong(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    rho = make.random_state(3, 4, 2)
    good = squashed_entanglement(rho, (2, 2)).value
    trivial = squashed_entanglement(rho, (2, 2), starts=0).value

    def sabotaged(psi: np.ndarray, dims: Any, environment: tuple[int, int], **options: Any) -> Squashing:
        if failure == "raises":
            raise np.linalg.LinAlgError("did not converge")
        shape = (environment[0] * environment[1], psi.shape[1])
        isometry = make.random_unitary(1, shape[0])[:, : shape[1]]
        matrix = {"random isometry": isometry, "nan": isometry * np.nan, "no isometry": 0.1 * isometry}[failure]
        return Squashing(matrix, environment, -7.0)

    monkeypatch.setattr(squashed, "best_squashing", sabotaged)
    bad = squashed_entanglement(rho, (2, 2))
    assert good <= bad.value <= trivial
    assert ("search_failure" in bad.diagnostics) == (failure != "random isometry")


def test_cholesky_of_balls(make: SimpleNamespace) -> None:
    matrix = exact_matrix(hermitian_from_lower(make.random_state(1, 5, 5)))
    with ctx.workprec(128):
        factor = cholesky(matrix)
        product = factor * adjoint(factor)
    for i in range(5):
        for j in range(5):
            assert product[i, j].contains(matrix[i, j])
    with pytest.raises(BoundNotEstablishedError, match="pivot 1"):
        cholesky(acb_mat([[arb(1), arb(1)], [arb(1), arb(1)]]))


def test_bad_input(make: SimpleNamespace) -> None:
    rho = make.random_state(1, 4, 4)
    with pytest.raises(InputError, match="starts, iterations"):
        squashed_entanglement(rho, (2, 2), starts=-1)
    with pytest.raises(DimensionError, match="environment"):
        squashed_entanglement(rho, (2, 2), environment=0)
    with pytest.raises(UnsupportedError, match="environment of dimension 5000"):
        squashed_entanglement(rho, (2, 2), environment=5000)
    with pytest.raises(DimensionError, match="two subsystems"):
        squashed_entanglement(np.eye(8) / 8, (2, 2, 2))
