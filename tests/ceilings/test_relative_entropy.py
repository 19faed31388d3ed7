"""The relative entropy of entanglement of any state: closed forms, certificates reread, sabotage, properties."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import check_pairs
from keybounds.bounds.lower import coherent_information
from keybounds.bounds.state import relative_entropy
from keybounds.bounds.state.separable import ProductEnsemble, certified_divergence, nearest_separable
from keybounds.bounds.state.separable.divergence import cross_entropy
from keybounds.bounds.state.separable.twirl import trivial_twirl
from keybounds.bounds.state.spectra import certified_state
from keybounds.bounds.upper import relative_entropy_of_entanglement
from keybounds.enclosure import round_up
from keybounds.errors import BoundNotEstablishedError, DimensionError, InputError, StateError, UnsupportedError
from keybounds.proofs.certificates.data import RelativeEntropy

PROMISED = 1e-8  # how far above the closed form a certified ceiling may lie
FLOAT = 2e-14  # error of the closed forms in floating point, and of the states made of doubles


def searched(rho: np.ndarray, dims: tuple[int, int], *, iterations: int = 4000) -> float:
    """The ceiling that the search alone finds, without the candidates with known eigenvectors."""
    found = nearest_separable(rho, dims, trivial_twirl(dims), tolerance=1e-9, iterations=iterations, seed=0)
    return round_up(certified_divergence(certified_state(rho), found.ensemble)[0])


def assert_from_above(value: float, exact: float, slack: float = PROMISED) -> None:
    assert exact - FLOAT <= value <= exact + slack


# Closed forms, met by the search


@pytest.mark.parametrize(
    ("n", "f"),
    [
        (2, 0.7),
        (2, 1.0),
        (3, 0.6),
        (4, 0.9),
        pytest.param(5, 0.8, marks=pytest.mark.slow),
        pytest.param(6, 0.9, marks=pytest.mark.slow),
    ],
)
def test_search_meets_isotropic_states(make: SimpleNamespace, n: int, f: float) -> None:
    assert_from_above(searched(make.isotropic(n, f), (n, n)), make.isotropic_entanglement(n, f))


@pytest.mark.parametrize(("n", "w"), [(2, 0.8), (3, 0.7), (3, 1.0), pytest.param(4, 0.9, marks=pytest.mark.slow)])
def test_search_meets_werner_states(make: SimpleNamespace, n: int, w: float) -> None:
    assert_from_above(searched(make.werner(n, w), (n, n)), 1 - make.h(w))


@pytest.mark.parametrize("weights", [(0.96, 0.0256, 0.00086, 0.01354), (0.1, 0.2, 0.65, 0.05), (0.6, 0.4, 0, 0)])
def test_search_meets_bell_diagonal_states(make: SimpleNamespace, weights: tuple[float, ...]) -> None:
    from keybounds.states.two_qubit import bell_diagonal_matrix

    assert_from_above(searched(bell_diagonal_matrix(weights), (2, 2)), 1 - make.h(max(weights)))


@pytest.mark.parametrize("dims", [(2, 2), (2, 3), (3, 3)])
def test_search_meets_pure_states(make: SimpleNamespace, dims: tuple[int, int]) -> None:
    state = make.pure(1, dims)
    schmidt = np.linalg.eigvalsh(np.einsum("ikjk->ij", state.reshape(*dims, *dims)))
    assert_from_above(searched(state, dims), -float(schmidt @ np.log2(schmidt)))


@pytest.mark.parametrize("d", [2, pytest.param(3, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("transposed", [False, True])
def test_general_routine_meets_private_states(make: SimpleNamespace, d: int, transposed: bool) -> None:
    """E_r(rho_d) = 1-h(p), E_r(rho_d^Γ) = p(1+log(1-p)): no candidate is optimal, so the search finds them."""
    bound = relative_entropy_of_entanglement(make.private(d, transposed=transposed), (2 * d, 2 * d))
    assert_from_above(bound.value, make.private_entanglement(d, transposed=transposed))
    assert bound.diagnostics["separable_state"].startswith("ensemble")
    assert bound.value - bound.diagnostics["lower_estimate"] < 1e-5


# The certificate, reread by someone else


KINDS = [
    pytest.param(lambda m: (m.isotropic(3, 0.8), (3, 3)), "isotropic", id="isotropic"),
    pytest.param(lambda m: (m.isotropic(3, 0.2), (3, 3)), "isotropic", id="isotropic-separable"),
    pytest.param(lambda m: (m.werner(3, 0.9), (3, 3)), "Werner", id="werner"),
    pytest.param(lambda m: (np.diag([0.5, 0, 0, 0.5]).astype(complex), (2, 2)), None, id="classical"),
    pytest.param(lambda m: (m.pure(2, (2, 3)), (2, 3)), "dephased in the Schmidt basis", id="pure"),
    pytest.param(
        lambda m: (np.kron(m.random_state(1, 2, 2), m.random_state(2, 3, 3)), (2, 3)),
        "product of the marginals",
        id="product",
    ),
    pytest.param(lambda m: (m.random_state(3, 4, 4), (2, 2)), "ensemble", id="random"),
    pytest.param(lambda m: (m.random_state(3, 6, 2), (2, 3)), "ensemble", id="random-singular"),
]


@pytest.mark.parametrize(("build", "kind"), KINDS)
def test_certificate_gives_the_value_without_this_package(
    make: SimpleNamespace, reread: Callable[..., float], build: Callable[..., Any], kind: str | None
) -> None:
    rho, dims = build(make)
    bound = relative_entropy_of_entanglement(rho, dims)
    certificate = json.loads(json.dumps(bound.to_dict()["certificate"]))
    assert kind in (None, certificate["data"]["separable_state"]["kind"])
    value = reread(certificate)
    assert value - 1e-16 <= bound.value <= value + 1e-10


def test_bell_diagonal_certificate(reread: Callable[..., float]) -> None:
    from keybounds.states.two_qubit import bell_diagonal_matrix

    bound = relative_entropy_of_entanglement(bell_diagonal_matrix([0.7, 0.2, 0.1, 0.0]), (2, 2))
    certificate = bound.to_dict()["certificate"]
    assert certificate["data"]["separable_state"]["kind"] == "Bell-diagonal"
    assert 0 <= bound.value - reread(certificate) < 1e-12


@pytest.mark.slow
def test_certificate_of_a_searched_private_state(make: SimpleNamespace, reread: Callable[..., float]) -> None:
    bound = relative_entropy_of_entanglement(make.private(2, transposed=True), (4, 4))
    assert 0 <= bound.value - reread(bound.to_dict()["certificate"]) < 1e-10


# The evaluation, given bad ensembles


def ensembles(make: SimpleNamespace) -> dict[str, ProductEnsemble]:
    rng = np.random.default_rng(5)

    def rows(count: int, size: int) -> np.ndarray:
        return rng.normal(size=(count, size)) + 1j * rng.normal(size=(count, size))

    huge = np.ones((9, 1)) * 10.0 ** np.arange(-70, 20, 10)[:, None]
    return {
        "one term": ProductEnsemble(rows(1, 2), rows(1, 3)),
        "fewer terms than dimensions": ProductEnsemble(rows(3, 2), rows(3, 3)),
        "random": ProductEnsemble(rows(30, 2), rows(30, 3)),
        "with zero vectors": ProductEnsemble(rows(9, 2) * (np.arange(9) > 2)[:, None], rows(9, 3)),
        "of many magnitudes": ProductEnsemble(rows(9, 2) * huge, rows(9, 3)),
        "repeated": ProductEnsemble(np.repeat(rows(2, 2), 20, axis=0), np.repeat(rows(2, 3), 20, axis=0)),
        "basis": ProductEnsemble(np.eye(2)[[0, 0, 1]].astype(complex), np.eye(3)[[0, 1, 2]].astype(complex)),
    }


@pytest.mark.parametrize("rank", [1, 3, 6])
@pytest.mark.parametrize("name", list(ensembles(SimpleNamespace())))
def test_certified_divergence_is_never_below_the_true_one(
    make: SimpleNamespace, reread: Callable[..., float], name: str, rank: int
) -> None:
    ensemble, rho = ensembles(make)[name], make.random_state(11, 6, rank)
    state = certified_state(rho)
    value, admixture = certified_divergence(state, ensemble)
    data = {
        "dims": [2, 3],
        "state": {
            "matrix": np.stack(
                [(low := np.tril(rho, -1) + np.tril(rho, -1).conj().T + np.diag(np.diag(rho).real)).real, low.imag],
                axis=-1,
            ).tolist(),
            "shift": round_up(state.shift),
        },
        "separable_state": {"kind": "ensemble", "admixture": admixture, **ensemble.to_dict()},
    }
    true = reread({"kind": "relative entropy", "data": data})
    assert true - 1e-14 <= round_up(value) <= true + 2e-2, "at worst a factor of the smallest eigenvalue is lost"
    if name == "random":
        assert round_up(value) <= true + 1e-11


def test_useless_ensembles_are_refused() -> None:
    for bad in (np.nan, np.inf):
        with pytest.raises(InputError, match="finite entries"):
            ProductEnsemble(np.array([[bad, 0]], dtype=complex), np.array([[1, 0]], dtype=complex))
    with pytest.raises(InputError, match="not all vanish"):
        ProductEnsemble(np.zeros((2, 2), dtype=complex), np.ones((2, 2), dtype=complex))
    with pytest.raises(InputError, match="weights are finite"):
        ProductEnsemble(np.full((1, 2), 1e200 + 0j), np.full((1, 2), 1e200 + 0j))
    with pytest.raises(DimensionError, match=r"\(K, dA\)"):
        ProductEnsemble(np.ones((2, 2), dtype=complex), np.ones((3, 2), dtype=complex))


def test_wrong_eigenvectors_loosen_the_ceiling_only(make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    rho = certified_state(make.random_state(3, 6, 6))
    ensemble = ensembles(make)["random"]
    good = certified_divergence(rho, ensemble)[0]
    true_eigh = np.linalg.eigh
    rng = np.random.default_rng(0)
    for error in (1e-12, 1e-8, 1e-5, 1e-2):

        def sloppy(matrix: np.ndarray, error: float = error) -> tuple[np.ndarray, np.ndarray]:
            values, vectors = true_eigh(matrix)
            return values, vectors + error * rng.normal(size=vectors.shape)

        monkeypatch.setattr(np.linalg, "eigh", sloppy)
        try:
            bad = certified_divergence(rho, ensemble)[0]
        except BoundNotEstablishedError:
            assert error == 1e-2
        else:
            assert round_up(bad) >= round_up(good) - 1e-13
            assert error < 1e-6 or round_up(bad) > round_up(good)


@pytest.mark.parametrize("failure", ["garbage", "raises", "overflow"])
def test_a_failed_search_never_makes_the_ceiling_wrong(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    rho = make.random_state(3, 4, 4)
    good = relative_entropy_of_entanglement(rho, (2, 2))
    alone = relative_entropy_of_entanglement(rho, (2, 2), iterations=0)

    def sabotaged(*args: Any, **options: Any) -> Any:
        if failure == "raises":
            raise np.linalg.LinAlgError("did not converge")
        rng = np.random.default_rng(0)
        scale = 1e-120 if failure == "overflow" else 1.0
        return SimpleNamespace(
            ensemble=ProductEnsemble(scale * rng.normal(size=(3, 2)) + 0j, rng.normal(size=(3, 2)) + 0j),
            gap=-5.0,
            iterations=1,
        )

    monkeypatch.setattr(relative_entropy, "nearest_separable", sabotaged)
    bad = relative_entropy_of_entanglement(rho, (2, 2))
    assert good.value < bad.value == alone.value
    assert ("search_failure" in bad.diagnostics) == (failure == "raises")


# The kernels


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_derivative_of_the_cross_entropy(make: SimpleNamespace, seed: int, rank: int) -> None:
    rho, sigma = make.random_state(seed, 6, rank), (make.random_state(seed + 1, 6, 6) + np.eye(6) / 6) / 2
    direction = make.random_state(seed + 2, 6, 6) - sigma
    step = 1e-5
    derivative = cross_entropy(rho, sigma, 1e-3)[1]
    ahead, behind = (cross_entropy(rho, sigma + s * direction, 1e-3)[0] for s in (step, -step))
    assert -float(np.sum(derivative * direction.T).real) == pytest.approx(
        (ahead - behind) / (2 * step), rel=1e-5, abs=1e-7
    )


def test_derivative_at_degenerate_eigenvalues(make: SimpleNamespace) -> None:
    rho = make.random_state(4, 4, 4)
    value, derivative = cross_entropy(rho, np.eye(4, dtype=complex) / 4, 1e-12)
    assert value == pytest.approx(2)
    assert np.allclose(derivative, 4 / math.log(2) * rho, atol=1e-10), "log(1 + x)/4 to first order"


# Properties


SEEDS = st.integers(0, 10**6)


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(2, 4))
def test_invariant_under_local_unitaries(make: SimpleNamespace, seed: int, rank: int) -> None:
    rho = make.random_state(seed, 4, rank)
    both = np.kron(make.random_unitary(seed + 1, 2), make.random_unitary(seed + 2, 2))
    one, other = (relative_entropy_of_entanglement(s, (2, 2)).value for s in (rho, both @ rho @ both.conj().T))
    assert one == pytest.approx(other, abs=PROMISED)


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(1, 6))
def test_not_increased_by_local_channels(make: SimpleNamespace, seed: int, rank: int) -> None:
    rho = make.random_state(seed, 6, rank)
    kraus = make.random_unitary(seed + 3, 6)[:, :3].reshape(2, 3, 3)  # two operators on Bob's qutrit
    out = sum(np.kron(np.eye(2), k) @ rho @ np.kron(np.eye(2), k).conj().T for k in kraus)
    before, after = (relative_entropy_of_entanglement(s, (2, 3)).value for s in (rho, out))
    assert after <= before + PROMISED


@settings(deadline=None, max_examples=8)
@given(SEEDS, st.floats(0.05, 0.95))
def test_convex(make: SimpleNamespace, seed: int, weight: float) -> None:
    one, other = make.random_state(seed, 4, 2), make.random_state(seed + 1, 4, 1)
    mixture = weight * one + (1 - weight) * other
    values = [relative_entropy_of_entanglement(s, (2, 2)).value for s in (one, other, mixture)]
    assert values[2] <= weight * values[0] + (1 - weight) * values[1] + PROMISED


@settings(deadline=None, max_examples=8)
@given(SEEDS, st.sampled_from([(2, 2), (2, 3), (3, 3)]), st.integers(2, 8))
def test_zero_on_separable_mixtures(make: SimpleNamespace, seed: int, dims: tuple[int, int], terms: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(terms))
    rho = sum(
        w * np.kron(make.random_state(seed + k, dims[0], 2), make.random_state(seed + terms + k, dims[1], 1))
        for k, w in enumerate(weights)
    )
    assert relative_entropy_of_entanglement(rho, dims).value < 1e-7


@settings(deadline=None, max_examples=8)
@given(SEEDS, st.sampled_from([(2, 2), (2, 3), (3, 3)]), st.integers(1, 4))
def test_at_least_the_coherent_information_and_its_own_estimate(
    make: SimpleNamespace, seed: int, dims: tuple[int, int], rank: int
) -> None:
    rho = make.random_state(seed, math.prod(dims), rank)
    bound = relative_entropy_of_entanglement(rho, dims, iterations=1000)
    (check,) = check_pairs([coherent_information(rho, dims), bound])
    assert check.holds
    assert 0 <= bound.diagnostics["lower_estimate"] <= bound.value
    assert relative_entropy_of_entanglement(rho, dims, iterations=0).value >= bound.value


@pytest.mark.parametrize(("seed", "dims"), [(1, (2, 2)), (2, (2, 3)), (3, (2, 2))])
def test_where_ppt_is_separable_the_two_minima_agree(make: SimpleNamespace, seed: int, dims: tuple[int, int]) -> None:
    rho = make.random_state(seed, math.prod(dims), 3)
    bound = relative_entropy_of_entanglement(rho, dims, ppt_estimate=True)
    assert bound.diagnostics["ppt_lower_estimate"] == pytest.approx(bound.value, abs=1e-6)
    assert bound.value >= bound.diagnostics["ppt_lower_estimate"] - 1e-7


def test_same_seed_same_ceiling(make: SimpleNamespace) -> None:
    rho = make.random_state(8, 6, 4)
    first, second = (relative_entropy_of_entanglement(rho, (2, 3), seed=7) for _ in range(2))
    assert first.to_dict() == second.to_dict()


# Declared symmetry


def weyl(d: int) -> list[tuple[np.ndarray, np.ndarray]]:
    shift, clock = np.roll(np.eye(d), 1, axis=0), np.diag(np.exp(2j * np.pi * np.arange(d) / d))
    group = [np.linalg.matrix_power(shift, a) @ np.linalg.matrix_power(clock, b) for a in range(d) for b in range(d)]
    return [(u, u.conj()) for u in group]


def test_a_declared_symmetry_changes_the_search_and_not_the_answer(
    make: SimpleNamespace, reread: Callable[..., float]
) -> None:
    group = weyl(3)
    phi = np.eye(3).ravel() / math.sqrt(3)
    bell = [np.kron(u, np.eye(3)) @ phi for u, _ in group]
    weights = (0.5, 0.2, 0.0, 0.15, 0.05, 0.0, 0.1, 0.0, 0.0)
    rho = sum(w * np.outer(b, b.conj()) for w, b in zip(weights, bell, strict=True))
    free = relative_entropy_of_entanglement(rho, (3, 3))
    bound = relative_entropy_of_entanglement(rho, (3, 3), symmetry=group)
    assert free.value > 0.01
    assert bound.value == pytest.approx(free.value, abs=1e-7)
    assert isinstance(bound.certificate, RelativeEntropy)
    sigma = bound.certificate.separable_state
    assert sigma["kind"] == "ensemble"
    rows = np.array(sigma["alice"]) @ [1, 1j], np.array(sigma["bob"]) @ [1, 1j]
    matrix = ProductEnsemble(*rows).matrix()
    for u, v in group:
        both = np.kron(u, v)
        assert np.allclose(both @ matrix @ both.conj().T, matrix, atol=1e-9)


def test_wrong_symmetries_are_refused_with_the_violation(make: SimpleNamespace) -> None:
    rho = make.random_state(1, 4, 4)
    x, z = np.array([[0, 1], [1, 0]]), np.diag([1, -1])
    with pytest.raises(StateError, match=r"leave the state as it is.*found 0\."):
        relative_entropy_of_entanglement(rho, (2, 2), symmetry=[(x, x)])
    with pytest.raises(StateError, match="unitaries within"):
        relative_entropy_of_entanglement(rho, (2, 2), symmetry=[(2 * z, z)])
    with pytest.raises(StateError, match="unitaries within"):
        relative_entropy_of_entanglement(rho, (2, 2), symmetry=[(z * np.nan, z)])
    for bad in ([], [(np.eye(3), z)], [(z, z), (np.eye(4), z)]):
        with pytest.raises(DimensionError, match="symmetry"):
            relative_entropy_of_entanglement(rho, (2, 2), symmetry=bad)


# Bad and boundary input


def test_bad_input(make: SimpleNamespace) -> None:
    rho = make.random_state(1, 4, 4)
    with pytest.raises(InputError, match="tolerance"):
        relative_entropy_of_entanglement(rho, (2, 2), tolerance=float("nan"))
    with pytest.raises(InputError, match="iterations"):
        relative_entropy_of_entanglement(rho, (2, 2), iterations=-1)
    with pytest.raises(DimensionError, match="product 4"):
        relative_entropy_of_entanglement(rho, (2, 3))
    with pytest.raises(DimensionError, match="two subsystems"):
        relative_entropy_of_entanglement(np.eye(8) / 8, (2, 2, 2))
    with pytest.raises(StateError, match="finite"):
        relative_entropy_of_entanglement(rho * np.nan, (2, 2))
    with pytest.raises(StateError, match="smallest eigenvalue -1e-06"):
        relative_entropy_of_entanglement(np.diag([0.5, 0.5 + 1e-6, 0, -1e-6]), (2, 2))
    repaired = relative_entropy_of_entanglement(np.diag([0.5, 0.5 + 1e-6, 0, -1e-6]), (2, 2), atol=1e-5)
    assert repaired.diagnostics["shift"] == pytest.approx(1e-6, rel=1e-6)


def test_too_large_states_are_refused_before_anything_is_allocated() -> None:
    """The array is one number seen 10^10 times: a single copy of it would take 160 GB."""
    endless = np.broadcast_to(np.complex128(0), (10**5, 10**5))
    with pytest.raises(UnsupportedError, match=r"at most 2 GiB.*dimension 100000, .* 5.\d+e\+04 GiB"):
        relative_entropy_of_entanglement(endless, (250, 400))


@pytest.mark.parametrize("dims", [(1, 1), (1, 4), (3, 1)])
def test_one_sided_systems_have_no_key(make: SimpleNamespace, dims: tuple[int, int]) -> None:
    assert relative_entropy_of_entanglement(make.random_state(1, math.prod(dims), 2), dims).value < 1e-12


@pytest.mark.slow
def test_eight_by_eight_stays_within_two_gibibytes(make: SimpleNamespace) -> None:
    import resource

    bound = relative_entropy_of_entanglement(make.random_state(1, 64, 64), (8, 8), iterations=300)
    assert 0 < bound.value < 0.1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < 2**31
