"""Bounds from a table of correlations: published figures, independent sums, order, and tables that try to cheat."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Discussion, Quantity, Statistics, Status, Trust, Unit, check_pairs
from keybounds.bounds.lower import chsh_rate_of, devetak_winter, optimal_noise_for, reconciliation_entropy
from keybounds.bounds.upper import chsh_ceiling_of, mutual_information, pair_source_ceiling
from keybounds.errors import BehaviourError, InputError, UnknownNameError, UnsupportedError
from keybounds.experiments import Behaviour, PhotonicExperiment, load
from keybounds.reports.behaviours import behaviour_rows

KEY = (0, 2)


def entropy(weights: np.ndarray) -> float:
    w = weights[weights > 0]
    return float(-np.sum(w * np.log2(w)))


def isotropic_table(s: float, q: float) -> np.ndarray:
    """P(ab|xy) = (1 + (-1)^(a+b+xy) S/4)/4 in the test, error rate Q at the key settings (0,2) and (1,2)."""
    table = np.zeros((2, 2, 2, 3))
    for a, b, x, y in np.ndindex(table.shape):
        correlator = (1 - 2 * q) * (1 if x == 0 else 0) if y == 2 else (-1) ** (x * y) * s / 4
        table[a, b, x, y] = (1 + (-1) ** (a + b) * correlator) / 4
    return table


def random_quantum(seed: int) -> Behaviour:
    """A random two-qubit state measured in random real directions, two and three settings."""
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(4, rng.integers(1, 5))) + 1j * rng.normal(size=(4, 1))
    rho = g @ g.conj().T
    rho /= np.trace(rho).real

    def projectors(angle: float) -> list[np.ndarray]:
        v = np.array([math.cos(angle), math.sin(angle)])
        return [np.outer(v, v), np.eye(2) - np.outer(v, v)]

    alice = [projectors(t) for t in rng.uniform(0, math.pi, 2)]
    bob = [projectors(t) for t in rng.uniform(0, math.pi, 3)]
    table = np.array(
        [
            [
                [[np.trace(rho @ np.kron(alice[x][a], bob[y][b])).real for y in range(3)] for x in range(2)]
                for b in (0, 1)
            ]
            for a in (0, 1)
        ]
    )
    return Behaviour(np.clip(table, 0, None))


@pytest.fixture(scope="module")
def ion() -> Behaviour:
    return load("nadlinger2022-link").projection().behaviour


@pytest.fixture(scope="module")
def photonic() -> Behaviour:
    model = load("liu2022-20m").models["white-noise"]
    assert isinstance(model, PhotonicExperiment)
    return model.behaviour()


# The cost of error correction


def test_reconciliation_of_the_photonic_fit_is_the_published_figure(photonic: Behaviour) -> None:
    bound = reconciliation_entropy(photonic, key=KEY, noise=0.13, keep=0.96)
    assert bound.value == pytest.approx(0.559953, abs=2e-6)
    assert bound.scope.quantity is Quantity.RECONCILIATION


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0, 0.5), st.floats(0.01, 1))
def test_reconciliation_agrees_with_a_sum_in_doubles(seed: int, noise: float, keep: float) -> None:
    behaviour = random_quantum(seed)
    kept = behaviour.joint(*KEY) * np.array([[1, keep], [keep, keep * keep]])
    flipped = (1 - noise) * kept + noise * kept[::-1]
    exact = (entropy(flipped) - entropy(flipped.sum(axis=0))) / kept.sum()
    bound = reconciliation_entropy(behaviour, key=KEY, noise=noise, keep=keep)
    assert bound.value == pytest.approx(exact, abs=1e-12)
    assert bound.diagnostics["survival"] == pytest.approx(kept.sum(), abs=1e-12)


def test_reconciliation_is_a_cost_and_rounds_up() -> None:
    half = Behaviour(np.full((2, 2, 1, 1), 0.25))
    assert 1.0 <= reconciliation_entropy(half, key=(0, 0)).value <= math.nextafter(1.0, 2)
    perfect = np.zeros((2, 2, 1, 1))
    perfect[0, 0] = perfect[1, 1] = 0.5
    assert reconciliation_entropy(Behaviour(perfect), key=(0, 0)).value == 0.0


def test_no_surviving_round_is_an_error() -> None:
    silent = np.zeros((2, 2, 1, 1))
    silent[1, 1] = 1.0
    assert reconciliation_entropy(Behaviour(silent), key=(0, 0), keep=0.5).diagnostics["survival"] == 0.25
    with pytest.raises(InputError, match=r"^keep"):
        reconciliation_entropy(Behaviour(silent), key=(0, 0), keep=0.0)


# Rates


def test_ion_rate_uses_the_whole_key_table(ion: Behaviour) -> None:
    bound = devetak_winter(ion, key=KEY, subject="link", unit=Unit.PER_HERALD)
    c = math.sqrt(ion.chsh**2 / 4 - 1)
    eve = 1 - entropy(np.array([1 + c, 1 - c]) / 2)
    table = ion.joint(*KEY)
    assert bound.value == pytest.approx(eve - entropy(table) + entropy(table.sum(axis=0)), abs=1e-12)
    assert bound.scope.statistics is Statistics.FULL
    assert bound.value > 0.5834, "asymmetric errors cost less than h(Q)"


def test_symmetric_table_gives_the_closed_form() -> None:
    from keybounds.bounds.lower import chsh_rate

    behaviour = Behaviour(isotropic_table(2.64, 0.018))
    assert devetak_winter(behaviour, key=KEY).value == pytest.approx(chsh_rate(2.64, 0.018).value, abs=1e-14)


def test_a_table_that_sums_to_less_than_one_gains_nothing() -> None:
    """At noise 1/2 nothing is secret from Bob that is not secret from Eve: the rate is exactly 0, never a rounding."""
    dephasing = load("liu2022-20m").models["dephasing"].behaviour()
    assert devetak_winter(dephasing, key=KEY, noise=0.5).status is Status.NO_KEY
    short = isotropic_table(2.7, 0.02) * (1 - 5e-10)
    exact = devetak_winter(Behaviour(isotropic_table(2.7, 0.02)), key=KEY).value
    assert devetak_winter(Behaviour(short), key=KEY).value == pytest.approx(exact, abs=1e-13)


def test_optimal_noise_of_a_behaviour() -> None:
    noisy = Behaviour(isotropic_table(2 * math.sqrt(2) * (1 - 2 * 0.075), 0.075))
    q = optimal_noise_for(noisy, key=KEY)
    assert devetak_winter(noisy, key=KEY).status is Status.NO_KEY
    assert devetak_winter(noisy, key=KEY, noise=q).value > 0
    assert optimal_noise_for(Behaviour(isotropic_table(2.0, 0.1)), key=KEY) == 0.0


# Ceilings


def test_ion_table_ceilings(ion: Behaviour) -> None:
    two_way = chsh_ceiling_of(ion, key=KEY, subject="link")
    anything = chsh_ceiling_of(ion, key=KEY, scope="any", subject="link")
    assert two_way.value == pytest.approx(0.61208, abs=1e-5)
    assert anything.value == pytest.approx(0.69149, abs=1e-5)
    assert two_way.scope.protocol.discussion is Discussion.TWO_WAY
    assert {two_way.scope.statistics, anything.scope.statistics} == {Statistics.CHSH_AND_ERROR}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_mutual_information_agrees_with_a_sum_in_doubles(seed: int) -> None:
    behaviour = random_quantum(seed)

    def information(table: np.ndarray) -> float:
        return entropy(table.sum(axis=0)) + entropy(table.sum(axis=1)) - entropy(table)

    assert mutual_information(behaviour, key=KEY).value == pytest.approx(information(behaviour.joint(*KEY)), abs=1e-12)
    best = max(information(behaviour.joint(x, y)) for x in range(2) for y in range(3))
    assert mutual_information(behaviour).value == pytest.approx(best, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_no_lower_bound_of_a_quantum_behaviour_exceeds_a_comparable_ceiling(seed: int) -> None:
    rows = behaviour_rows(random_quantum(seed), key=KEY, subject="random", unit=Unit.PER_ROUND)
    checks = check_pairs(rows)
    assert len(checks) >= 5
    assert all(check.holds for check in checks)


def test_local_behaviours_have_ceiling_zero_from_chsh() -> None:
    local = Behaviour(isotropic_table(2.0, 0.1))
    for scope in ("two-way", "any"):
        assert chsh_ceiling_of(local, key=KEY, scope=scope).value == 0.0


def test_a_singlet_is_worth_one_bit_on_every_side() -> None:
    singlet = Behaviour(isotropic_table(2 * math.sqrt(2), 0.0))
    for bound in behaviour_rows(singlet, key=KEY, subject="singlet", unit=Unit.PER_ROUND):
        assert bound.value == pytest.approx(1.0, abs=1e-12), bound.method


def test_error_rates_above_one_half_are_relabelled() -> None:
    table = isotropic_table(2.7, 0.02)
    table[:, :, :, 2] = table[:, ::-1, :, 2]
    flipped = Behaviour(table)
    assert flipped.qber(*KEY) == pytest.approx(0.98)
    assert chsh_ceiling_of(flipped, key=KEY).value == pytest.approx(
        chsh_ceiling_of(Behaviour(isotropic_table(2.7, 0.02)), key=KEY).value, abs=1e-12
    )
    assert devetak_winter(flipped, key=KEY).value > 0


def test_key_from_a_test_setting_has_no_ceiling_from_chsh_and_error() -> None:
    """There the key's outcomes are part of S: the device that reproduces S and Q apart would not do both."""
    table = Behaviour(isotropic_table(2.7, 0.02))
    for scope in ("two-way", "any"):
        with pytest.raises(UnsupportedError, match="beside his CHSH settings"):
            chsh_ceiling_of(table, key=(0, 0), scope=scope)
    rows = behaviour_rows(table, key=(0, 0), subject="t", unit=Unit.PER_ROUND)
    assert all(row.scope.statistics is Statistics.FULL or row.scope.protocol.key for row in rows)
    assert {row.method.split()[0] for row in rows if row.direction.value == "upper"} == {"mutual"}


def test_pair_source_ceiling_bounds_and_scales() -> None:
    base = {"pair_angle": math.radians(20), "mean_pairs": 0.0464, "efficiencies": (0.8716, 0.8782)}
    bound = pair_source_ceiling(**base)
    p = math.cos(math.radians(20)) ** 2
    assert bound.value == pytest.approx(0.0464 * 0.8716 * 0.8782 * entropy(np.array([p, 1 - p])), rel=1e-12)
    assert bound.scope.trust is Trust.DEVICE_DEPENDENT
    assert pair_source_ceiling(**{**base, "efficiencies": (0.0, 1.0)}).value == 0.0
    assert pair_source_ceiling(pair_angle=math.pi / 4, mean_pairs=1.0, efficiencies=(1, 1)).value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda t: chsh_ceiling_of(t, key=(0, 3)), "y"),
        (lambda t: chsh_ceiling_of(t, key=(2, 0)), "x"),
        (lambda t: chsh_ceiling_of(t, key=KEY, scope="one-way"), "scope"),
        (lambda t: devetak_winter(t, key=KEY, noise=0.6), "noise"),
        (lambda t: devetak_winter(t, key=KEY, keep=0.9), "keep"),
        (lambda t: devetak_winter(t, key=(-1, 0)), "key"),
        (lambda t: reconciliation_entropy(t, key=KEY, keep=1.2), "keep"),
        (lambda t: mutual_information(t, key=(0, 9)), "y"),
        (lambda _: pair_source_ceiling(pair_angle=math.nan, mean_pairs=1, efficiencies=(1, 1)), "pair_angle"),
        (lambda _: pair_source_ceiling(pair_angle=1, mean_pairs=-1, efficiencies=(1, 1)), "mean_pairs"),
        (lambda _: pair_source_ceiling(pair_angle=1, mean_pairs=1, efficiencies=(1, 1.1)), "efficiencies"),
    ],
)
def test_bad_input_names_the_argument(call, argument: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=f"^{argument}: expected"):
        call(Behaviour(isotropic_table(2.7, 0.02)))


def test_unmeasured_pairs_are_never_filled_in(ion: Behaviour) -> None:
    with pytest.raises(UnsupportedError, match="unmeasured"):
        mutual_information(ion)
    with pytest.raises(UnsupportedError, match="unmeasured"):
        reconciliation_entropy(ion, key=(1, 2))
    assert mutual_information(ion, key=KEY).value < 1


def test_more_than_two_outcomes_have_no_chsh_and_no_preprocessing() -> None:
    table = np.full((3, 3, 2, 3), 1 / 9)
    behaviour = Behaviour(table)
    assert reconciliation_entropy(behaviour, key=KEY).value == pytest.approx(math.log2(3))
    for arguments in ({"noise": 0.1}, {"keep": 0.9}):
        with pytest.raises(UnsupportedError):
            reconciliation_entropy(behaviour, key=KEY, **arguments)
    with pytest.raises(UnsupportedError, match="CHSH"):
        devetak_winter(behaviour, key=KEY)


def test_key_setting_of_alice_must_be_tested() -> None:
    with pytest.raises(InputError, match="CHSH settings 0 and 1"):
        devetak_winter(Behaviour(np.full((2, 2, 3, 3), 0.25)), key=(2, 2))


def test_unknown_scope_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'two-way'"):
        chsh_ceiling_of(Behaviour(isotropic_table(2.7, 0.02)), key=KEY, scope="twoway")  # type: ignore[arg-type]


def test_sampled_tables_beyond_the_quantum_bound_prove_nothing() -> None:
    counts = np.zeros((2, 2, 2, 3), dtype=np.int64)
    for a, b, x, y in np.ndindex(counts.shape):
        win = (a ^ b) == (x & y if y < 2 else 0)
        counts[a, b, x, y] = 9 if win else 1
    sampled = Behaviour.from_counts(counts)
    assert sampled.chsh > 2 * math.sqrt(2)
    for call in (devetak_winter, chsh_ceiling_of, chsh_rate_of):
        with pytest.raises(BehaviourError, match="project_no_signalling"):
            call(sampled, key=KEY)


def test_estimates_are_named_in_the_provenance(ion: Behaviour) -> None:
    measured = load("nadlinger2022-link").behaviour
    assert measured is not None
    assert devetak_winter(measured, key=KEY).provenance["table"] == "estimate, at its point values"
    assert devetak_winter(ion, key=KEY).provenance["table"] == "exact table"


def test_tables_of_states_next_to_a_singlet_are_consistent() -> None:
    """Their slopes are steep there: rounding of S to a double must not make a contradiction."""
    rng = np.random.default_rng(11)
    bell = np.array([1, 0, 0, 1]) / math.sqrt(2)
    eighth = math.pi / 4
    directions = [(0.0, math.pi / 2), (eighth, -eighth, 0.0)]
    z, x = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    alice, bob = ([math.cos(t) * z + math.sin(t) * x for t in angles] for angles in directions)
    for scale in np.logspace(-10, -6, 40):
        noise = rng.normal(size=(4, 4)) * scale
        psi = bell + noise[0]
        rho = np.outer(psi, psi) + np.diag(np.abs(noise[1])) ** 2
        rho /= np.trace(rho)
        table = np.zeros((2, 2, 2, 3))
        for a, b, i, j in np.ndindex(table.shape):
            effect = np.kron(np.eye(2) + (-1) ** a * alice[i], np.eye(2) + (-1) ** b * bob[j]) / 4
            table[a, b, i, j] = max(np.trace(rho @ effect), 0.0)
        rows = behaviour_rows(Behaviour(table), key=KEY, subject="near singlet", unit=Unit.PER_ROUND)
        assert all(check.holds for check in check_pairs(rows))
