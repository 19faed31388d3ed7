"""Ceilings from the full table: published and closed values, certificates re-read independently, order, bad input."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import Direction, Discussion, Statistics, Status, check_pairs
from keybounds.bounds.lower import chsh_rate, devetak_winter
from keybounds.bounds.upper import ColumnLibrary, device_independent, mutual_information
from keybounds.errors import (
    BehaviourError,
    BoundNotEstablishedError,
    InputError,
    UnknownNameError,
    UnsupportedError,
)
from keybounds.experiments import Behaviour, born, load, qubit_measurement

KEY = (0, 2)
Table = Callable[[float], Behaviour]
Random = Callable[[int], Behaviour]
Reader = Callable[[object, Behaviour], mpmath.mpf]

SCOPES = ("one-way", "two-way", "any")


# Values


@pytest.mark.parametrize(
    ("visibility", "attack"),
    [
        pytest.param(0.9, 0.254823, id="werner-.90"),
        pytest.param(0.95, 0.559131, id="werner-.95", marks=pytest.mark.slow),
    ],
)
def test_one_way_ceiling_of_werner_tables_is_that_of_the_prototype(
    visibility: float, attack: float, werner: Table
) -> None:
    """The figures are of an independent prototype with finite-difference pricing."""
    bound = device_independent(werner(visibility), key=KEY, scope="one-way", effort="best")
    assert bound.value == pytest.approx(attack, abs=2e-6)
    assert bound.provenance["distance"] == 0


def test_photonic_ceiling_is_that_of_the_prototype_in_bits_a_second(photonic: Behaviour) -> None:
    bound = device_independent(photonic, key=KEY, scope="one-way", noise=0.13, keep=0.96, effort="best")
    assert 2e6 * bound.value == pytest.approx(1367, abs=0.5)
    published = load("liu2022-20m").values["key_rate"].value
    assert isinstance(published, float)
    assert bound.value > published


@pytest.mark.slow
def test_ion_model_ceiling_is_that_of_the_prototype(ion_model: Behaviour) -> None:
    bound = device_independent(ion_model, key=KEY, scope="one-way", effort="best")
    assert bound.value == pytest.approx(0.597648, abs=2e-6)


@pytest.mark.parametrize("scope", SCOPES)
def test_singlet_with_optimal_settings_has_one_bit(scope: str, werner: Table) -> None:
    """The table is extremal: only one strategy has it, up to the rounding of the doubles."""
    bound = device_independent(werner(1.0), key=KEY, scope=scope)  # type: ignore[arg-type]
    assert bound.value == pytest.approx(1.0, abs=1e-9)
    assert bound.provenance["distance"] <= 1e-12


@pytest.mark.parametrize("scope", SCOPES)
def test_local_tables_have_no_key(scope: str, werner: Table) -> None:
    rng = np.random.default_rng(7)
    points = np.zeros((2, 2, 2, 3))
    for weight in rng.dirichlet(np.ones(12)):
        a, b = rng.integers(0, 2, 2), rng.integers(0, 2, 3)
        for x, y in product(range(2), range(3)):
            points[a[x], b[y], x, y] += weight
    for table in (werner(1 / math.sqrt(2) - 1e-9), Behaviour(points)):
        assert device_independent(table, key=KEY, scope=scope).value < 1e-9  # type: ignore[arg-type]


def test_a_deterministic_table_is_met_exactly() -> None:
    table = np.zeros((2, 2, 2, 3))
    table[0, 1] = 1.0
    bound = device_independent(Behaviour(table), key=KEY, scope="one-way", noise=0.2, keep=0.7)
    assert bound.value == 0


def test_two_way_key_of_the_werner_table_vanishes_beyond_its_closed_form(werner: Table) -> None:
    """An attack with an orthogonal observable leaves nothing up to 2/(4-√2); the mixture found does as well."""
    assert device_independent(werner(2 / (4 - math.sqrt(2))), key=KEY, effort="best").value < 1e-9


def test_pure_noise_at_the_key_leaves_no_one_way_rate(werner: Table) -> None:
    assert device_independent(werner(0.95), key=KEY, scope="one-way", noise=0.5).value == 0


# Certificates


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("table", ["ion", "photonic"])
def test_certificates_prove_the_value_to_an_independent_reader(
    scope: str, table: str, request: pytest.FixtureRequest, verified: Reader
) -> None:
    behaviour = request.getfixturevalue(table)
    options = {"noise": 0.13, "keep": 0.96} if scope == "one-way" and table == "photonic" else {}
    bound = device_independent(behaviour, key=KEY, scope=scope, **options)  # type: ignore[arg-type]
    document = json.loads(json.dumps(bound.certificate))
    proven = verified(document, behaviour)
    assert document["value"] == bound.value
    assert mpmath.mpf(bound.value) >= max(proven, 0)
    assert bound.value == pytest.approx(float(proven), rel=1e-14, abs=1e-15)


@given(seed=st.integers(0, 10**6), scope=st.sampled_from(SCOPES))
@settings(deadline=None, max_examples=2)
def test_random_tables_are_proven_too(seed: int, scope: str, violating: Random, verified: Reader) -> None:
    behaviour = violating(seed)
    bound = device_independent(behaviour, key=KEY, scope=scope)  # type: ignore[arg-type]
    assert bound.certificate is not None
    proven = verified(bound.certificate, behaviour)
    assert mpmath.mpf(bound.value) >= proven


@pytest.mark.parametrize("visibility", [0.9999, 0.99999])
def test_tables_near_the_edge_are_met_exactly(visibility: float, werner: Table) -> None:
    """Strategies fitted beyond the table have it inside their hull: no table nearby stands in for it."""
    bound = device_independent(werner(visibility), key=KEY, scope="one-way")
    assert bound.provenance["distance"] == 0
    worst_of_s_and_q = chsh_rate(2 * math.sqrt(2) * visibility, (1 - visibility) / 2).value
    assert worst_of_s_and_q <= bound.value <= mutual_information(werner(visibility), key=KEY).value


def test_the_any_protocol_ceiling_cites_the_claim_that_states_its_condition(werner: Table) -> None:
    for bound in (device_independent(werner(0.72), scope="any"), mutual_information(werner(0.72))):
        assert bound.reference.endswith("claim flagged-mixtures")


# Order


def assert_lower_below_ceilings(violating: Random, seed: int) -> None:
    behaviour = violating(seed)
    rows = [device_independent(behaviour, key=KEY, scope=scope) for scope in ("one-way", "two-way", "any")]
    rows += [devetak_winter(behaviour, key=KEY), devetak_winter(behaviour, key=KEY, level="11", nodes=12)]
    assert len(check_pairs(rows)) == 6
    swapped = Behaviour(behaviour.P[:, ::-1])
    assert len(check_pairs([*rows, device_independent(swapped, key=KEY, subject=rows[0].scope.subject)])) == 8


@pytest.mark.parametrize("seed", range(1, 2))
def test_lower_bounds_never_exceed_ceilings(violating: Random, seed: int) -> None:
    assert_lower_below_ceilings(violating, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 202))
def test_lower_bounds_never_exceed_ceilings_on_two_hundred_tables(violating: Random, seed: int) -> None:
    assert_lower_below_ceilings(violating, seed)


def test_werner_sweep_rises_and_stays_above_the_rates_and_below_the_correlations(werner: Table) -> None:
    library = ColumnLibrary()
    last = 0.0
    for visibility in (0.80, 0.90, 0.97):
        table = werner(visibility)
        one_way = device_independent(table, key=KEY, scope="one-way", library=library)
        two_way = device_independent(table, key=KEY, library=library)
        nonlocal_weight, error = max((visibility - 0.5**0.5) / (1 - 0.5**0.5), 0.0), (1 - visibility) / 2
        kept = nonlocal_weight + error  # convex combination: Eve forgets the local rounds in which Bob errs
        h = -sum(p * math.log2(p) for p in (error / kept, 1 - error / kept) if p > 0)
        assert two_way.value <= kept * (1 - h) + 1e-12
        information = mutual_information(table, key=KEY, subject=two_way.scope.subject)
        rate = devetak_winter(table, key=KEY, subject=two_way.scope.subject)
        assert rate.value <= one_way.value + 1e-12
        assert rate.value <= two_way.value + 1e-12
        assert two_way.value <= information.value
        assert one_way.value >= last - 1e-9
        last = one_way.value
    assert len(library) > 0


def test_a_library_may_only_help(werner: Table) -> None:
    library = ColumnLibrary()
    device_independent(werner(0.92), key=KEY, scope="one-way", library=library)
    table = werner(0.9)
    warm = device_independent(table, key=KEY, scope="one-way", library=library)
    assert warm.value <= device_independent(table, key=KEY, scope="one-way").value + 2e-5
    with pytest.raises(InputError, match="library"):
        device_independent(chsh_table(werner, 0.9), key=(0, 0), library=library)


# Other scenarios


def chsh_table(werner: Table, visibility: float) -> Behaviour:
    table = werner(visibility)
    return Behaviour(table.P[:, :, :, :2])


def test_the_worst_device_for_a_chsh_value_is_found_to_be_the_worst() -> None:
    """Where the table is that of the CHSH value's worst device, no device leaves less than pironio2009 says."""
    c = 0.8
    phi = np.array([[1, 0, 0, 1], [1, 0, 0, -1]]) / math.sqrt(2)
    rho = (1 + c) / 2 * np.outer(phi[0], phi[0]) + (1 - c) / 2 * np.outer(phi[1], phi[1])
    chi = math.atan(c)
    table = born(rho, [qubit_measurement(t) for t in (0, math.pi / 2)], [qubit_measurement(t) for t in (chi, -chi)])
    assert table.chsh == pytest.approx(2 * math.sqrt(1 + c * c))
    h = [-p * math.log2(p) - (1 - p) * math.log2(1 - p) for p in ((1 + c) / 2, table.qber(0, 0))]
    bound = device_independent(table, key=(0, 0), scope="one-way", effort="best")
    assert bound.value == pytest.approx(1 - h[0] - h[1], abs=1e-6)
    assert bound.value >= devetak_winter(table, key=(0, 0)).value


def test_unmeasured_pairs_constrain_nothing(werner: Table, verified: Reader) -> None:
    full = werner(0.9)
    table = full.P.copy()
    table[:, :, 1, 2] = np.nan
    partial = Behaviour(table, unmeasured=[(1, 2)])
    bound = device_independent(partial, key=KEY, scope="one-way")
    assert bound.value <= device_independent(full, key=KEY, scope="one-way").value + 1e-3
    assert bound.certificate is not None
    assert [1, 2] not in bound.certificate["measured"]
    assert mpmath.mpf(bound.value) >= verified(bound.certificate, partial)


def test_three_outcomes_with_losses(werner: Table, verified: Reader) -> None:
    """A lost particle as third outcome: the strategies print two outcomes each, and mixtures make the third."""
    full = werner(0.95)
    eta = 0.95
    table = np.zeros((3, 3, 2, 3))
    for a, b, x, y in product(range(3), range(3), range(2), range(3)):
        pa = eta if a < 2 else 1 - eta
        pb = eta if b < 2 else 1 - eta
        inner = (
            full.P[a, b, x, y]
            if a < 2 and b < 2
            else full.marginal_a(x)[a]
            if a < 2
            else full.marginal_b(y)[b]
            if b < 2
            else 1.0
        )
        table[a, b, x, y] = pa * pb * inner
    behaviour = Behaviour(table)
    bound = device_independent(behaviour, key=KEY, scope="one-way")
    assert bound.certificate is not None
    assert bound.value == pytest.approx(float(max(verified(bound.certificate, behaviour), 0)), abs=1e-14)


# What a bound says, and bad input


def test_the_bound_says_what_it_is(ion: Behaviour) -> None:
    bound = device_independent(ion, key=KEY)
    assert (bound.direction, bound.status) == (Direction.UPPER, Status.ENCLOSED)
    assert bound.scope.statistics is Statistics.FULL
    assert bound.scope.protocol.discussion is Discussion.TWO_WAY
    assert bound.scope.protocol.key == KEY
    anything = device_independent(ion, scope="any")
    assert anything.scope.protocol.key is None
    assert anything.scope.protocol.discussion is Discussion.ANY


def test_ion_ceilings_are_below_the_closed_form_for_any_protocol(ion: Behaviour) -> None:
    """E_r of the two-qubit device with the link's S, .6921, which binds fewer protocols than these do."""
    assert device_independent(ion, scope="any").value < 0.63
    assert device_independent(ion, key=KEY).value == pytest.approx(0.6225, abs=1e-3)


def popescu_rohrlich(weight: float) -> Behaviour:
    """A mixture of the PR box with noise beyond Tsirelson's bound by less than the check's tolerance on CHSH."""
    table = np.zeros((2, 2, 2, 2))
    for a, b, x, y in np.ndindex(table.shape):
        table[a, b, x, y] = (1 + weight * (-1) ** (a + b + x * y)) / 4
    return Behaviour(table, atol=1e-3)


def test_a_table_beyond_the_quantum_set_is_refused_with_the_functional() -> None:
    with pytest.raises(BoundNotEstablishedError, match="nearest is") as caught:
        device_independent(popescu_rohrlich(1 / math.sqrt(2) + 1e-4), key=(0, 0))
    assert any("functional G" in note for note in caught.value.__notes__)


def test_bad_input_is_named(werner: Table) -> None:
    table = werner(0.9)
    cases: list[tuple[Callable[[], object], type[Exception], str]] = [
        (lambda: device_independent(table, key=(0, 3)), InputError, "y"),
        (lambda: device_independent(table, key=(2, 0)), InputError, "x"),
        (lambda: device_independent(table), InputError, "key"),
        (lambda: device_independent(table, key=KEY, noise=0.1), InputError, "noise"),
        (lambda: device_independent(table, key=KEY, scope="one-way", noise=0.7), InputError, "noise"),
        (lambda: device_independent(table, key=KEY, scope="oneway"), UnknownNameError, "one-way"),  # type: ignore[arg-type]
        (lambda: device_independent(table, key=KEY, effort="quick"), UnknownNameError, "fast"),  # type: ignore[arg-type]
        (lambda: device_independent(load("nadlinger2022-link").behaviour, key=KEY), BehaviourError, "estimate"),
    ]
    for call, error, text in cases:
        with pytest.raises(error, match=text):
            call()


def test_too_many_deterministic_strategies_are_refused() -> None:
    settings = [qubit_measurement(t) for t in np.linspace(0, 3, 7)]
    table = born(np.eye(4) / 4, settings, settings)
    with pytest.raises(UnsupportedError, match="4096"):
        device_independent(table, key=(0, 0))
