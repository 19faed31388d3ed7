"""Bounds from a table of correlations: published figures, independent sums, order, and tables that try to cheat."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import (
    Bound,
    Link,
    Quantity,
    Statistics,
    Status,
    Trust,
    Unit,
    any_discussion,
    check_pairs,
    completed_rounds,
    one_way,
    two_way,
)
from keybounds.bounds.lower import chsh_rate, chsh_table_rate, optimal_noise, reconciliation_entropy
from keybounds.bounds.upper import chsh_ceiling, hull_ceiling, mutual_information, pair_source_ceiling
from keybounds.errors import BehaviourError, InputError, QuestionError
from keybounds.experiments import Behaviour, PhotonicExperiment, load
from keybounds.experiments.photonic import PairSource

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


def closed_forms(behaviour: Behaviour, key: tuple[int, int] = KEY) -> list[Bound]:
    """Every bound that needs no search: from S and Q where the key setting allows, and from the table alone."""
    link = Link.of(behaviour, key)
    rows = [chsh_rate(link), chsh_table_rate(link), mutual_information(behaviour, two_way(key))]
    if not behaviour.unmeasured:
        rows.append(mutual_information(behaviour, completed_rounds()))
    if key[1] > 1:
        rows += [chsh_ceiling(link, p) for p in (two_way(key), completed_rounds(), any_discussion())]
        rows.append(hull_ceiling(link))
    return rows


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
    bound = reconciliation_entropy(photonic, one_way(KEY, noise=0.13, keep=0.96))
    assert bound.value == pytest.approx(0.559953, abs=2e-6)
    assert bound.scope.quantity is Quantity.RECONCILIATION


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0, 0.5), st.floats(0.01, 1))
def test_reconciliation_agrees_with_a_sum_in_doubles(seed: int, noise: float, keep: float) -> None:
    behaviour = random_quantum(seed)
    kept = behaviour.joint(*KEY) * np.array([[1, keep], [keep, keep * keep]])
    flipped = (1 - noise) * kept + noise * kept[::-1]
    exact = (entropy(flipped) - entropy(flipped.sum(axis=0))) / kept.sum()
    bound = reconciliation_entropy(behaviour, one_way(KEY, noise=noise, keep=keep))
    assert bound.value == pytest.approx(exact, abs=1e-12)
    assert bound.diagnostics["survival"] == pytest.approx(kept.sum(), abs=1e-12)


def test_reconciliation_is_a_cost_and_rounds_up() -> None:
    half = Behaviour(np.full((2, 2, 1, 1), 0.25))
    assert 1.0 <= reconciliation_entropy(half, one_way((0, 0))).value <= math.nextafter(1.0, 2)
    perfect = np.zeros((2, 2, 1, 1))
    perfect[0, 0] = perfect[1, 1] = 0.5
    assert reconciliation_entropy(Behaviour(perfect), one_way((0, 0))).value == 0.0


def test_a_table_without_clicks_survives_with_what_is_kept() -> None:
    silent = np.zeros((2, 2, 1, 1))
    silent[1, 1] = 1.0
    bound = reconciliation_entropy(Behaviour(silent), one_way((0, 0), keep=0.5))
    assert (bound.value, bound.diagnostics["survival"]) == (0.0, 0.25)


# Rates


def test_ion_rate_uses_the_whole_key_table(ion: Behaviour) -> None:
    bound = chsh_table_rate(Link.of(ion))
    c = math.sqrt(ion.chsh**2 / 4 - 1)
    eve = 1 - entropy(np.array([1 + c, 1 - c]) / 2)
    table = ion.joint(*KEY)
    assert bound.value == pytest.approx(eve - entropy(table) + entropy(table.sum(axis=0)), abs=1e-12)
    assert bound.scope.statistics is Statistics.FULL
    assert bound.value > 0.5834, "asymmetric errors cost less than h(Q)"
    assert bound.scaled(1, Unit.PER_HERALD).value == bound.value


def test_symmetric_table_gives_the_closed_form() -> None:
    link = Link.of(Behaviour(isotropic_table(2.64, 0.018)))
    assert chsh_table_rate(link).value == pytest.approx(chsh_rate(Link(2.64, 0.018)).value, abs=1e-14)


def test_a_table_that_sums_to_less_than_one_gains_nothing() -> None:
    """At noise 1/2 nothing is secret from Bob that is not secret from Eve: the rate is exactly 0, never a rounding."""
    dephasing = load("liu2022-20m").models["dephasing"].behaviour()
    assert chsh_table_rate(Link.of(dephasing), 0.5).status is Status.NO_KEY
    short = isotropic_table(2.7, 0.02) * (1 - 5e-10)
    exact = chsh_table_rate(Link.of(Behaviour(isotropic_table(2.7, 0.02)))).value
    assert chsh_table_rate(Link.of(Behaviour(short))).value == pytest.approx(exact, abs=1e-13)


def test_optimal_noise_of_a_behaviour() -> None:
    noisy = Link.of(Behaviour(isotropic_table(2 * math.sqrt(2) * (1 - 2 * 0.075), 0.075)))
    q = optimal_noise(noisy, from_table=True)
    assert chsh_table_rate(noisy).status is Status.NO_KEY
    assert chsh_table_rate(noisy, q).value > 0
    assert optimal_noise(Link.of(Behaviour(isotropic_table(2.0, 0.1))), from_table=True) == 0.0
    with pytest.raises(QuestionError, match="a link of a behaviour"):
        optimal_noise(Link(2.6, 0.02), from_table=True)


# Ceilings


def test_ion_table_ceilings(ion: Behaviour) -> None:
    link = Link.of(ion)
    announced, anything = chsh_ceiling(link, two_way(KEY)), chsh_ceiling(link, any_discussion())
    assert announced.value == pytest.approx(0.61208, abs=1e-5)
    assert anything.value == pytest.approx(0.69149, abs=1e-5)
    assert announced.scope.thing == ion.thing
    assert {announced.scope.statistics, anything.scope.statistics} == {Statistics.CHSH_AND_ERROR}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_mutual_information_agrees_with_a_sum_in_doubles(seed: int) -> None:
    behaviour = random_quantum(seed)

    def information(table: np.ndarray) -> float:
        return entropy(table.sum(axis=0)) + entropy(table.sum(axis=1)) - entropy(table)

    assert mutual_information(behaviour, two_way(KEY)).value == pytest.approx(
        information(behaviour.joint(*KEY)), abs=1e-12
    )
    best = max(information(behaviour.joint(x, y)) for x in range(2) for y in range(3))
    assert mutual_information(behaviour, completed_rounds()).value == pytest.approx(best, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_no_lower_bound_of_a_quantum_behaviour_exceeds_a_comparable_ceiling(seed: int) -> None:
    checks = check_pairs(closed_forms(random_quantum(seed)))
    assert len(checks) == 8
    assert all(check.holds for check in checks)


def test_local_behaviours_have_ceiling_zero_from_chsh() -> None:
    local = Link.of(Behaviour(isotropic_table(2.0, 0.1)))
    for protocol in (two_way(KEY), any_discussion()):
        assert chsh_ceiling(local, protocol).value == 0.0


def test_a_singlet_is_worth_one_bit_on_every_side() -> None:
    singlet = Behaviour(isotropic_table(2 * math.sqrt(2), 0.0))
    for bound in closed_forms(singlet):
        assert bound.value == pytest.approx(1.0, abs=1e-12), bound.method


def test_error_rates_above_one_half_are_relabelled() -> None:
    table = isotropic_table(2.7, 0.02)
    table[:, :, :, 2] = table[:, ::-1, :, 2]
    flipped = Behaviour(table)
    assert flipped.qber(*KEY) == pytest.approx(0.98)
    link, other = Link.of(flipped), Link.of(Behaviour(isotropic_table(2.7, 0.02)))
    assert link.qber == pytest.approx(0.02)
    for bound in (chsh_rate, chsh_table_rate, hull_ceiling):
        assert bound(link).value == pytest.approx(bound(other).value, abs=1e-12)
        assert bound(link).value > 0


def test_key_from_a_test_setting_has_no_ceiling_from_chsh_and_error() -> None:
    """There the key's outcomes are part of S: the device that reproduces S and Q apart would not do both."""
    table = Behaviour(isotropic_table(2.7, 0.02))
    link = Link.of(table, (0, 0))
    for protocol in (two_way((0, 0)), completed_rounds(), any_discussion()):
        with pytest.raises(QuestionError, match="beside the CHSH settings"):
            chsh_ceiling(link, protocol)
    with pytest.raises(QuestionError, match="beside the CHSH settings"):
        hull_ceiling(link)
    assert chsh_rate(link).value > 0


def test_pair_source_ceiling_bounds_and_scales() -> None:
    bound = pair_source_ceiling(PairSource(math.radians(20), 0.0464, (0.8716, 0.8782)))
    p = math.cos(math.radians(20)) ** 2
    assert bound.value == pytest.approx(0.0464 * 0.8716 * 0.8782 * entropy(np.array([p, 1 - p])), rel=1e-12)
    assert bound.scope.trust is Trust.DEVICE_DEPENDENT
    assert pair_source_ceiling(PairSource(math.radians(20), 0.0464, (0.0, 1.0))).value == 0.0
    assert pair_source_ceiling(PairSource(math.pi / 4, 1.0, (1, 1))).value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda t: Link.of(t, (0, 3)), "protocol"),
        (lambda t: Link.of(t, (2, 0)), "protocol"),
        (lambda t: chsh_table_rate(Link.of(t), 0.6), "noise"),
        (lambda t: reconciliation_entropy(t, two_way(KEY)), "protocol"),
        (lambda t: reconciliation_entropy(t, one_way((0, 9))), "protocol"),
        (lambda t: mutual_information(t, two_way((0, 9))), "protocol"),
        (lambda _: pair_source_ceiling(PairSource(math.nan, 1, (1, 1))), "pair_angle"),
        (lambda _: pair_source_ceiling(PairSource(1, -1, (1, 1))), "mean_pairs"),
        (lambda _: pair_source_ceiling(PairSource(1, 1, (1, 1.1))), "efficiencies"),
    ],
)
def test_bad_input_names_the_argument(call, argument: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=f"^{argument}: expected"):
        call(Behaviour(isotropic_table(2.7, 0.02)))


def test_unmeasured_pairs_are_never_filled_in(ion: Behaviour) -> None:
    with pytest.raises(QuestionError, match="measured"):
        mutual_information(ion, completed_rounds())
    with pytest.raises(QuestionError, match="measured"):
        reconciliation_entropy(ion, one_way((1, 2)))
    with pytest.raises(QuestionError, match="measured"):
        Link.of(ion, (1, 2))
    assert mutual_information(ion, two_way(KEY)).value < 1


def test_more_than_two_outcomes_have_no_chsh_and_no_preprocessing() -> None:
    table = np.full((3, 3, 2, 3), 1 / 9)
    behaviour = Behaviour(table)
    assert reconciliation_entropy(behaviour, one_way(KEY)).value == pytest.approx(math.log2(3))
    for protocol in (one_way(KEY, noise=0.1), one_way(KEY, keep=0.9)):
        with pytest.raises(QuestionError, match=r"protocol: expected (no noise where|keep 1 where)"):
            reconciliation_entropy(behaviour, protocol)
    with pytest.raises(QuestionError, match="CHSH"):
        Link.of(behaviour)


def test_sampled_tables_beyond_the_quantum_bound_prove_nothing() -> None:
    counts = np.zeros((2, 2, 2, 3), dtype=np.int64)
    for a, b, x, y in np.ndindex(counts.shape):
        win = (a ^ b) == (x & y if y < 2 else 0)
        counts[a, b, x, y] = 9 if win else 1
    sampled = Behaviour.from_counts(counts)
    assert sampled.chsh > 2 * math.sqrt(2)
    with pytest.raises(BehaviourError, match="project_no_signalling"):
        Link.of(sampled)


def test_estimates_are_named_in_the_provenance(ion: Behaviour) -> None:
    measured = load("nadlinger2022-link").behaviour
    assert measured is not None
    for bound in (chsh_rate, chsh_table_rate, hull_ceiling):
        assert bound(Link.of(measured)).provenance["table"] == "estimate, at its point values"
        assert bound(Link.of(ion)).provenance["table"] == "exact table"
    assert reconciliation_entropy(measured, one_way(KEY)).provenance["table"] == "estimate, at its point values"


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
        assert all(check.holds for check in check_pairs(closed_forms(Behaviour(table))))
