"""Rates and ceilings from (S, Q): published figures, an explicit device, and attacks that must not succeed."""

from __future__ import annotations

import math
from itertools import product

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import (
    Link,
    Quantity,
    Statistics,
    Status,
    Trust,
    Unit,
    any_discussion,
    check_pairs,
    completed_rounds,
    no_discussion,
    one_way,
    two_way,
)
from keybounds.bounds.link.chsh import device_information, device_relative_entropy
from keybounds.bounds.lower import chsh_entropy, chsh_rate, optimal_noise
from keybounds.bounds.upper import chsh_ceiling, hull_ceiling
from keybounds.errors import InputError

ANNOUNCED = two_way((0, 2))

chsh_values = st.floats(min_value=2.0, max_value=2 * math.sqrt(2))
error_rates = st.floats(min_value=0.0, max_value=0.5)

Z, X = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])


def entropy(*weights: float) -> float:
    return -sum(w * math.log2(w) for w in weights if w > 1e-300)


def von_neumann(matrix: np.ndarray) -> float:
    return entropy(*np.linalg.eigvalsh(matrix))


def device(s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two-qubit device of the module `bounds.link.chsh`: |psi> on A, B, E and Bob's test observables."""
    c = math.sqrt(s * s / 4 - 1)
    psi = np.zeros((2, 2, 2))
    for eve, (weight, sign) in enumerate((((1 + c) / 2, 1), ((1 - c) / 2, -1))):
        psi[0, 0, eve] = math.sqrt(weight / 2)
        psi[1, 1, eve] = sign * math.sqrt(weight / 2)
    norm = math.sqrt(1 + c * c)
    return psi, (Z + c * X) / norm, (Z - c * X) / norm


def eve_given(psi: np.ndarray, projectors: list[np.ndarray]) -> list[np.ndarray]:
    """Eve's unnormalised states for each of Alice's outcomes."""
    return [np.einsum("ia,abe,ibf->ef", p, psi, (p @ psi.reshape(2, -1)).reshape(psi.shape)) for p in projectors]


def conditional_entropy(states: list[np.ndarray]) -> float:
    """H(A|E) of a classical-quantum state."""
    return sum(von_neumann(state) for state in states) - von_neumann(sum(states))


@pytest.mark.parametrize(
    ("s", "q", "rate"),
    [
        pytest.param(2.677, 0.0144, 0.5834, id="nadlinger2022-link"),
        pytest.param(2.64, 0.018, 0.5071, id="nadlinger2022-design-point"),
        pytest.param(2 * math.sqrt(2), 0.0, 1.0, id="singlet"),
    ],
)
def test_rates_at_published_operating_points(s: float, q: float, rate: float) -> None:
    bound = chsh_rate(Link(s, q))
    assert bound.value == pytest.approx(rate, abs=5e-5)
    assert bound.unit is Unit.PER_ROUND
    assert bound.scope.statistics is Statistics.CHSH_AND_ERROR


def test_ceilings_of_the_ion_link() -> None:
    link = Link(2.677, 0.0144)
    assert chsh_ceiling(link, ANNOUNCED).value == pytest.approx(0.6126, abs=5e-5)
    for protocol in (any_discussion(), completed_rounds()):
        bound = chsh_ceiling(link, protocol)
        assert bound.value == pytest.approx(0.6921, abs=5e-5)
        assert bound.scope.protocol == protocol


@pytest.mark.parametrize(
    ("noisy", "threshold"),
    [
        pytest.param(False, 0.07149, id="pironio2009-7.1-percent"),
        pytest.param(True, 0.08085, id="ho2020-8.1-percent"),
    ],
)
def test_thresholds_on_the_depolarised_singlet(noisy: bool, threshold: float) -> None:
    def positive(q: float) -> bool:
        s = 2 * math.sqrt(2) * (1 - 2 * q)
        link = Link(s, q)
        return chsh_rate(link, optimal_noise(link) if noisy else 0.0).status is Status.ENCLOSED

    assert positive(threshold - 1e-5)
    assert not positive(threshold + 1e-5)


@settings(deadline=None, max_examples=50)
@given(chsh_values, error_rates)
def test_entropy_bound_agrees_with_mpmath_and_lies_below(s: float, q: float) -> None:
    with mpmath.workdps(50):
        s_, q_ = mpmath.mpf(s), mpmath.mpf(q)

        def h(x: mpmath.mpf) -> mpmath.mpf:
            return -sum(w * mpmath.log(w, 2) for w in (x, 1 - x) if w > 0)

        c = min(mpmath.sqrt(s_**2 / 4 - 1), mpmath.mpf(1))
        inner = max(1 - q_ * (1 - q_) * (8 - min(s_**2, mpmath.mpf(8))), mpmath.mpf(0))
        exact = 1 - h((1 + c) / 2) + h((1 + mpmath.sqrt(inner)) / 2)
        bound = chsh_entropy(Link(s, 0.0), q)
        assert bound.scope.quantity is Quantity.CONDITIONAL_ENTROPY
        assert mpmath.mpf(bound.value) <= exact + mpmath.mpf(10) ** -45
        assert exact - mpmath.mpf(bound.value) < mpmath.mpf(10) ** -15


@pytest.mark.parametrize("s", [2.05, 2.3, 2.677, 2.8])
@pytest.mark.parametrize("q", [0.0, 0.0144, 0.2, 0.5])
def test_the_explicit_device_attains_entropy_and_ceilings(s: float, q: float) -> None:
    psi, b0, b1 = device(s)
    rho = np.einsum("abe,cde->abcd", psi, psi).reshape(4, 4)
    reached = sum(
        sign * np.trace(rho @ np.kron(alice, bob))
        for alice, bob, sign in ((Z, b0, 1), (Z, b1, 1), (X, b0, 1), (X, b1, -1))
    )
    assert reached == pytest.approx(s, abs=1e-12)

    key = [np.diag([1.0, 0.0]), np.diag([0.0, 1.0])]
    plain = eve_given(psi, key)
    noisy = [(1 - q) * plain[0] + q * plain[1], (1 - q) * plain[1] + q * plain[0]]
    link = Link(s, q)
    assert chsh_entropy(link, q).value == pytest.approx(conditional_entropy(noisy), abs=1e-9)

    # I(A:B|E) with B = A flipped with probability Q: H(B|E) - H(B|AE), and B's noise is independent of A and E
    information = conditional_entropy(noisy) - entropy(q, 1 - q)
    assert chsh_ceiling(link, ANNOUNCED).value == pytest.approx(max(information, 0), abs=1e-9)

    # E_r of the Bell-diagonal state against the separable state with the larger weight cut to 1/2
    weights = np.array([1 + math.sqrt(s * s / 4 - 1), 1 - math.sqrt(s * s / 4 - 1)]) / 2
    divergence = sum(w * math.log2(w / 0.5) for w in weights if w > 0)
    assert chsh_ceiling(link, any_discussion()).value == pytest.approx(divergence, abs=1e-9)


def test_no_random_two_qubit_strategy_beats_the_entropy_bound() -> None:
    """Eve mixes Bell states and rotates Alice's key observable; the bound at the CHSH value reached must hold."""
    rng = np.random.default_rng(7)
    bell = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / math.sqrt(2)
    seen = 0
    for _ in range(400):
        weights = rng.dirichlet([2, 0.5, 0.3, 0.3])
        psi = (np.sqrt(weights)[:, None] * bell).T.reshape(2, 2, 4)
        rho = np.einsum("abe,cde->abcd", psi, psi).reshape(4, 4)
        angles = rng.uniform(0, math.pi, 2)
        alice = [math.cos(t) * Z + math.sin(t) * X for t in angles]
        # Bob's best observables for these two of Alice's: the largest CHSH value she allows
        vectors = [[np.trace(rho @ np.kron(a, s)) for s in (Z, X)] for a in alice]
        sums = [np.add(*vectors), np.subtract(*vectors)]
        s = min(float(sum(np.linalg.norm(v) for v in sums)), 2 * math.sqrt(2))
        if s <= 2:
            continue
        seen += 1
        for index, q in product((0, 1), (0.0, 0.1)):
            projectors = [(np.eye(2) + sign * alice[index]) / 2 for sign in (1, -1)]
            plain = eve_given(psi, projectors)
            noisy = [(1 - q) * plain[0] + q * plain[1], (1 - q) * plain[1] + q * plain[0]]
            assert chsh_entropy(Link(s, 0.0, (index, 2)), q).value <= conditional_entropy(noisy) + 1e-9
    assert seen > 50


@settings(deadline=None, max_examples=40)
@given(chsh_values, error_rates, error_rates)
def test_every_rate_lies_below_both_ceilings(s: float, e: float, q: float) -> None:
    link = Link(s, e)
    rows = [
        chsh_rate(link),
        chsh_rate(link, q),
        chsh_ceiling(link, ANNOUNCED),
        chsh_ceiling(link, completed_rounds()),
        chsh_ceiling(link, any_discussion()),
    ]
    checks = check_pairs(rows)
    assert len(checks) == 6
    assert all(check.holds for check in checks)
    assert rows[2].value <= math.nextafter(rows[4].value, 2)


@settings(deadline=None, max_examples=40)
@given(chsh_values, chsh_values, error_rates, error_rates)
def test_rates_rise_with_chsh_and_fall_with_error(s: float, t: float, e: float, f: float) -> None:
    low, high = sorted((s, t))
    assert chsh_rate(Link(low, e)).value <= chsh_rate(Link(high, e)).value
    assert chsh_rate(Link(s, max(e, f))).value <= chsh_rate(Link(s, min(e, f))).value
    ceilings = [chsh_ceiling(Link(x, e), ANNOUNCED).value for x in (low, high)]
    assert ceilings[0] <= math.nextafter(ceilings[1], 2)


def test_local_chsh_values_give_no_key_and_ceiling_zero() -> None:
    for s in (-2.0, 0.0, 1.9, 2.0):
        link = Link(s, 0.0)
        assert chsh_rate(link).status is Status.NO_KEY
        assert chsh_ceiling(link, ANNOUNCED).value == 0.0
        assert chsh_ceiling(link, any_discussion()).value == 0.0
    assert chsh_entropy(Link(1.5, 0.0), 0.5).value == pytest.approx(1.0, abs=1e-15), "Alice's own noise stays secret"


def test_optimal_noise_is_zero_at_the_ion_point_and_never_worse_than_none() -> None:
    assert optimal_noise(Link(2.677, 0.0144)) == 0.0
    link = Link(2 * math.sqrt(2) * (1 - 2 * 0.075), 0.075)
    assert chsh_rate(link).status is Status.NO_KEY
    best = chsh_rate(link, optimal_noise(link))
    assert best.value > 0
    for other in np.linspace(0, 0.5, 200):
        assert chsh_rate(link, float(other)).value <= best.value + 1e-9


def test_scope_and_provenance_say_what_the_number_is() -> None:
    link = Link(2.677, 0.0144)
    bound = chsh_rate(link, 0.01)
    assert bound.scope.trust is Trust.DEVICE_INDEPENDENT
    assert bound.scope.protocol == one_way((0, 2), noise=0.01)
    assert bound.scope.thing == link.thing
    assert bound.provenance["chsh"] == 2.677
    assert bound.provenance["noise"] == 0.01
    assert bound.reference == "ho2020"
    assert chsh_rate(link).reference.startswith("pironio2009")


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: chsh_entropy(Link(2.5, 0.0), 0.51), "noise"),
        (lambda: chsh_rate(Link(2.5, 0.0), math.nan), "noise"),
        (lambda: chsh_rate(Link(2.5, 0.0), -0.1), "noise"),
        (lambda: chsh_ceiling(Link(2.5, 0.0), "two-way"), "protocol"),  # type: ignore[arg-type]
        (lambda: chsh_ceiling(Link(2.5, 0.0), one_way((0, 2))), "protocol"),
        (lambda: chsh_ceiling(Link(2.5, 0.0), two_way((1, 2))), "protocol"),
        (lambda: chsh_ceiling(Link(2.5, 0.0), two_way((0, 2), (1, 2))), "protocol"),
        (lambda: chsh_ceiling(Link(2.5, 0.0), two_way()), "protocol"),
        (lambda: chsh_ceiling(Link(2.5, 0.0), no_discussion()), "protocol"),
    ],
)
def test_bad_input_names_the_argument(call, argument: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=f"^{argument}: expected"):
        call()


def test_the_double_nearest_to_tsirelson_is_accepted_and_gives_a_whole_bit() -> None:
    link = Link(2 * math.sqrt(2), 0.0)
    assert chsh_rate(link).value == pytest.approx(1.0, abs=1e-15)
    assert chsh_ceiling(link, ANNOUNCED).value == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("s", [2.1, 2.677, 2 * math.sqrt(2)])
def test_the_sign_of_chsh_is_a_matter_of_labels(s: float) -> None:
    """With Bob's test outcomes flipped S is -S, and the key, its error and Eve are the same."""
    positive, negative = Link(s, 0.02), Link(-s, 0.02)
    assert chsh_entropy(negative, 0.1).value == chsh_entropy(positive, 0.1).value
    assert chsh_rate(negative).value == chsh_rate(positive).value
    for protocol in (ANNOUNCED, any_discussion()):
        assert chsh_ceiling(negative, protocol).value == chsh_ceiling(positive, protocol).value


ZEROS = [
    pytest.param(2.0, 0.1, id="S=2"),
    pytest.param(-1.5, 0.0, id="local"),
    pytest.param(2.5, 0.5, id="Q=1/2"),
    pytest.param(2 * math.sqrt(2), 0.5, id="singlet, Q=1/2"),
]


@pytest.mark.parametrize(("s", "q"), ZEROS)
def test_what_is_zero_is_exactly_zero(s: float, q: float) -> None:
    """A ball around 0 would come out as the least double, of which no verifier can decide whether it is enough."""
    link = Link(s, q)
    assert chsh_ceiling(link, ANNOUNCED).value == 0.0
    assert hull_ceiling(link).value == 0.0
    if abs(s) <= 2:
        assert chsh_ceiling(link, any_discussion()).value == 0.0


@pytest.mark.parametrize("above", [math.nextafter(2.0, 3.0), 2.0 + 1e-12])
def test_a_chsh_value_close_to_two_is_not_taken_for_local(above: float) -> None:
    for protocol in (ANNOUNCED, any_discussion()):
        assert 0.0 < chsh_ceiling(Link(above, 0.0), protocol).value < 1e-9


def test_the_ball_of_s_decides_nothing_that_it_holds() -> None:
    """Where it holds 2 and more, the cost is not finite, so that a higher precision is asked."""
    for cost in (device_information(arb(2, 0.01), arb(0.1)), device_relative_entropy(arb(2, 0.01))):
        assert not cost.is_finite()
