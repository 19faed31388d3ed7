"""Ceilings and hashing rates of states: published closed forms, explicit separable states, adversarial eigenvectors."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Bound, Status, Trust, Unit, check_pairs
from keybounds.bounds.lower import coherent_information
from keybounds.bounds.state.spectra import certified_state, eigenvalue_enclosures, exact_matrix
from keybounds.bounds.upper import (
    distillable_entanglement_ceiling,
    key_ceiling,
    partial_transpose_bound,
    relative_entropy_of_entanglement,
    squashed_entanglement,
)
from keybounds.enclosure import round_down, round_up
from keybounds.errors import BoundNotEstablishedError, DimensionError, StateError

SLACK = 1e-12  # rounding of the input and the 2^-50 of the maximally mixed state in sigma


def h(x: float) -> float:
    return 0.0 if x in (0, 1) else -x * math.log2(x) - (1 - x) * math.log2(1 - x)


def isotropic(n: int, f: float) -> np.ndarray:
    phi = np.outer(np.eye(n).ravel(), np.eye(n).ravel()) / n
    return f * phi + (1 - f) * (np.eye(n * n) - phi) / (n * n - 1)


def werner(n: int, w: float) -> np.ndarray:
    swap = np.eye(n * n).reshape(n, n, n, n).transpose(0, 1, 3, 2).reshape(n * n, n * n)
    one = np.eye(n * n)
    return w * (one - swap) / (n * (n - 1)) + (1 - w) * (one + swap) / (n * (n + 1))


def random_state(seed: int, size: int, rank: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(size, rank)) + 1j * rng.normal(size=(size, rank))
    rho = g @ g.conj().T
    return rho / np.trace(rho).real


def assert_from_above(value: float, exact: float) -> None:
    assert exact - 1e-15 <= value <= exact + SLACK


@pytest.mark.parametrize("n", [2, 3, 4, 6])
@pytest.mark.parametrize("f", [0.1, 0.5, 0.75, 0.96, 1.0])
def test_isotropic_closed_form(n: int, f: float) -> None:
    exact = 0.0
    if f > 1 / n:
        exact = math.log2(n) + f * math.log2(f) + ((1 - f) * math.log2((1 - f) / (n - 1)) if f < 1 else 0)
    assert_from_above(relative_entropy_of_entanglement(isotropic(n, f), (n, n)).value, exact)


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("w", [0.2, 0.5, 0.7, 1.0])
def test_werner_closed_form(n: int, w: float) -> None:
    assert_from_above(relative_entropy_of_entanglement(werner(n, w), (n, n)).value, 1 - h(w) if w > 0.5 else 0.0)


@pytest.mark.parametrize(
    "weights", [(0.96, 0.0256, 0.00086, 0.01354), (0.1, 0.2, 0.65, 0.05), (0.5, 0.5, 0, 0), (1, 0, 0, 0)]
)
def test_bell_diagonal_closed_form(weights: tuple[float, ...]) -> None:
    from keybounds.states import bell_diagonal

    top = max(weights)
    bound = relative_entropy_of_entanglement(bell_diagonal(weights))
    assert_from_above(bound.value, 1 - h(top) if top > 0.5 else 0.0)
    assert (bound.unit, bound.scope.trust) == (Unit.PER_COPY, Trust.DEVICE_DEPENDENT)


def test_weights_just_above_one_half_are_entangled() -> None:
    """A sigma cut at more than 1/2 would be entangled, and the ceiling too low just there."""
    for weight in (0.5001, 0.502, 0.509):
        state = np.array([[weight, 0, 0, weight], [0, 1 - weight, 1 - weight, 0]] * 2)[[0, 1, 1, 0]] / 2
        assert relative_entropy_of_entanglement(state, (2, 2)).value >= 1 - h(weight) - 1e-15


@pytest.mark.parametrize("dims", [(2, 2), (2, 5), (3, 4)])
def test_pure_states_give_the_entropy_of_a_marginal(dims: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    psi = rng.normal(size=dims) + 1j * rng.normal(size=dims)
    psi /= np.linalg.norm(psi)
    schmidt = np.linalg.svd(psi)[1] ** 2
    exact = -float(np.sum(schmidt * np.log2(schmidt)))
    state = np.outer(psi.ravel(), psi.ravel().conj())
    assert_from_above(relative_entropy_of_entanglement(state, dims).value, exact)
    assert coherent_information(state, dims).value == pytest.approx(exact, abs=1e-11)


def test_product_states_have_ceiling_zero() -> None:
    product = np.kron(random_state(1, 3, 3), random_state(2, 4, 2))
    bound = relative_entropy_of_entanglement(product, (3, 4))
    assert bound.value < SLACK
    assert bound.diagnostics["separable_state"] == "product of the marginals"


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (2, 3), (3, 3)]), st.integers(1, 6))
def test_hashing_rate_never_exceeds_the_ceiling(seed: int, dims: tuple[int, int], rank: int) -> None:
    rho = random_state(seed, math.prod(dims), rank)
    rows = [coherent_information(rho, dims), relative_entropy_of_entanglement(rho, dims, iterations=200)]
    (check,) = check_pairs(rows)
    assert check.holds


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_two_qubit_ceiling_is_never_below_the_min_relative_entropy(seed: int, rank: int) -> None:
    """E_r >= min over separable sigma of -log tr(Pi sigma), Pi the support of rho; for two qubits separable is PPT."""
    cvxpy = pytest.importorskip("cvxpy")
    rho = random_state(seed, 4, rank).real
    rho = (rho + rho.T) / 2 / np.trace(rho)
    sigma = cvxpy.Variable((4, 4), PSD=True)
    support = rho @ np.linalg.pinv(rho, rcond=1e-10)
    problem = cvxpy.Problem(
        cvxpy.Maximize(cvxpy.trace(support @ sigma)),
        [cvxpy.trace(sigma) == 1, cvxpy.partial_transpose(sigma, (2, 2), 1) >> 0],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an inaccurate solution still passes, or fails, by the tolerance below
        overlap = float(problem.solve(solver=cvxpy.CLARABEL))
    lower = max(-math.log2(overlap), 0.0) if overlap < 1 else 0.0
    assert relative_entropy_of_entanglement(rho, (2, 2)).value >= lower - 1e-7


CUT_ROUTINES = [
    coherent_information,
    key_ceiling,
    relative_entropy_of_entanglement,
    squashed_entanglement,
    distillable_entanglement_ceiling,
    partial_transpose_bound,
]


@pytest.mark.parametrize("routine", CUT_ROUTINES, ids=lambda routine: routine.__name__)
def test_shields_are_cut_in_the_middle_and_the_cut_is_on_record(routine: Callable[..., Bound]) -> None:
    from keybounds.states import to_qobj

    state = to_qobj(0.4 * random_state(1, 6, 6) + 0.6 * np.eye(6) / 6, (1, 2, 3, 1))
    cut, regrouped, other = routine(state), routine(state, (2, 3)), routine(state, (3, 2))
    assert cut.value == regrouped.value
    assert cut.scope == regrouped.scope, "the same state, cut in the same place"
    assert cut.provenance == {"dims": [2, 3], "subsystems": [1, 2, 3, 1], "cut": "A A' | B B'"}
    assert regrouped.provenance == {"dims": [2, 3]}
    assert cut.scope.thing != other.scope.thing, "another cut is another state"


def test_a_private_state_is_handed_in_as_it_is_built() -> None:
    from keybounds.states import ppt_private_state

    rho = ppt_private_state(2)
    assert coherent_information(rho).scope.thing == coherent_information(rho, (4, 4)).scope.thing
    assert relative_entropy_of_entanglement(rho, iterations=0).value > 0.0213


@pytest.mark.parametrize("routine", CUT_ROUTINES, ids=lambda routine: routine.__name__)
@pytest.mark.parametrize("dims", [(8,), (2, 2, 2), (2, 2, 2, 1, 1), (2, 2, 2, 1, 1, 1)])
def test_other_numbers_of_subsystems_are_refused_and_the_cut_is_named_as_the_remedy(
    routine: Callable[..., Bound], dims: tuple[int, ...]
) -> None:
    with pytest.raises(DimensionError, match=r"dims: expected two subsystems.*four.*A A' \| B B'.*dims=\(dA, dB\)"):
        routine(np.eye(8) / 8, dims)


def test_dims_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DimensionError, match="product 4"):
        relative_entropy_of_entanglement(np.eye(4) / 4, (2, 3))
    with pytest.raises(StateError, match="trace"):
        relative_entropy_of_entanglement(np.eye(4), (2, 2))


# Partial transpose


def test_partial_transpose_of_a_ppt_state_that_is_not_a_closed_form_family_member() -> None:
    rho = isotropic(3, 0.3)
    bound = partial_transpose_bound(rho, (3, 3))
    assert bound.scope.trust is Trust.DEVICE_INDEPENDENT
    assert bound.value < 0.02, "a separable state has a nearly separable transpose"
    assert bound.reference.startswith("christandl2021")


@pytest.mark.parametrize("d", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_partial_transpose_of_dense_private_states_meets_the_closed_form(d: int) -> None:
    from keybounds.states import PPTPrivateFamily, ppt_private_state

    dense = partial_transpose_bound(ppt_private_state(d), (2 * d, 2 * d))
    exact = float(PPTPrivateFamily(d).transpose_ceiling.mid())
    assert exact - 1e-14 <= dense.value <= exact + 1e-8
    assert dense.scope.trust is Trust.DEVICE_INDEPENDENT
    assert dense.certificate is not None
    assert dense.certificate.data()["state_is"] == "partial transpose"
    assert set(dense.diagnostics["ceilings"]) == {"relative-entropy", "squashed"}


def test_states_that_are_not_ppt_are_refused_with_the_eigenvalue() -> None:
    with pytest.raises(StateError, match=r"PPT state.*eigenvalue -0\.5"):
        partial_transpose_bound(isotropic(2, 1.0), (2, 2))
    with pytest.raises(DimensionError, match="two subsystems"):
        partial_transpose_bound(np.eye(8) / 8, (2, 2, 2))


# Certified spectra


@pytest.mark.parametrize("size", [1, 2, 9, 16])
def test_eigenvalue_enclosures_contain_exactly_known_spectra(size: int) -> None:
    # a Householder reflection of a diagonal has its eigenvalues, and entries that are exact in doubles if |v|² is 2^k
    diagonal = np.diag(np.arange(size) / 8.0)
    v = np.ones((size, 1)) if size in (1, 2, 16) else None
    reflection = np.eye(size) - 2 * v @ v.T / size if v is not None else np.eye(size)
    matrix = reflection @ diagonal @ reflection
    enclosures = eigenvalue_enclosures(exact_matrix(matrix.astype(complex)))
    for k, enclosure in enumerate(enclosures):
        assert enclosure.contains(arb(k / 8.0))
        assert enclosure.rad() < 1e-12


def test_wrong_eigenvectors_widen_the_enclosure_and_never_make_it_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    rho = random_state(5, 6, 6)
    exact = np.linalg.eigvalsh(rho)
    good = certified_state(rho).entropy
    true_eigh = np.linalg.eigh
    rng = np.random.default_rng(0)

    def sloppy(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, vectors = true_eigh(matrix)
        return values, vectors + 1e-5 * rng.normal(size=vectors.shape)

    monkeypatch.setattr(np.linalg, "eigh", sloppy)
    bad = certified_state(rho)
    assert bad.entropy.overlaps(good)
    for ball, value in zip(eigenvalue_enclosures(exact_matrix(rho)), exact, strict=True):
        assert round_down(ball) <= value + 1e-13
        assert value - 1e-13 <= round_up(ball)
        assert ball.rad() > 1e-7

    ceiling = relative_entropy_of_entanglement(rho, (2, 3)).value
    monkeypatch.undo()
    assert ceiling >= relative_entropy_of_entanglement(rho, (2, 3)).value - SLACK


def test_useless_eigenvectors_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: (np.zeros(len(matrix)), np.zeros_like(matrix)))
    with pytest.raises(BoundNotEstablishedError, match="not orthonormal"):
        certified_state(random_state(5, 4, 4))


def test_rounding_below_zero_is_repaired_and_reported() -> None:
    rho = np.diag([1.0 + 3e-11, 0.0, 0.0, -3e-11])
    bound = relative_entropy_of_entanglement(rho, (2, 2))
    assert bound.diagnostics["shift"] == pytest.approx(3e-11, rel=1e-3)
    assert bound.value < 1e-8


def test_states_without_a_name_are_told_apart() -> None:
    one, other = random_state(1, 4, 2), random_state(2, 4, 2)
    rows = [coherent_information(one, (2, 2)), relative_entropy_of_entanglement(other, (2, 2))]
    assert not check_pairs(rows), "two states, so nothing follows"
    assert len(check_pairs([rows[0], relative_entropy_of_entanglement(one, (2, 2))])) == 1


def test_the_same_matrix_on_another_bipartition_is_another_state() -> None:
    bell = np.zeros((4, 4))
    bell[np.ix_([0, 3], [0, 3])] = 0.5
    rows = [coherent_information(bell, (2, 2)), relative_entropy_of_entanglement(bell, (4, 1))]
    assert rows[0].value > rows[1].value + 0.9
    assert not check_pairs(rows)


def test_no_hashing_rate_without_coherence() -> None:
    bound = coherent_information(np.diag([0.5, 0, 0, 0.5]), (2, 2))
    assert (bound.value, bound.status) == (0.0, Status.NO_KEY)
    assert coherent_information(np.eye(4) / 4, (2, 2)).status is Status.NO_KEY
