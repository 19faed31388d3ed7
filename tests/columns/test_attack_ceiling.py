"""Ceilings from the full table: published and closed values, certificates re-read independently, order, bad input."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybounds.bounds import (
    Answer,
    Bound,
    Direction,
    Hierarchy,
    Link,
    Protocol,
    Statistics,
    Status,
    Unit,
    any_discussion,
    check_pairs,
    completed_rounds,
    one_way,
    two_way,
)
from keybounds.bounds.lower import chsh_rate, devetak_winter
from keybounds.bounds.upper import ColumnLibrary, attack_ceiling, mutual_information
from keybounds.errors import (
    BehaviourError,
    BoundNotEstablishedError,
    InputError,
    QuestionError,
    UnknownNameError,
    UnsupportedError,
)
from keybounds.experiments import Behaviour, born, load, qubit_measurement
from keybounds.proofs.verifier import Verification

KEY = (0, 2)
Table = Callable[[float], Behaviour]
Random = Callable[[int], Behaviour]
Reader = Callable[[Bound, Behaviour], mpmath.mpf]
Verdict = Callable[[Bound], Verification]
Ceiling = Callable[[Behaviour, Protocol], Bound]

ONE_WAY, TWO_WAY = one_way(KEY), two_way(KEY)
CLASSES = [
    pytest.param(protocol, id=protocol.discussion.value)
    for protocol in (ONE_WAY, TWO_WAY, completed_rounds(), any_discussion())
]


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
    bound = attack_ceiling(werner(visibility), ONE_WAY, effort="best")
    assert bound.value == pytest.approx(attack, abs=2e-6)
    assert bound.provenance["distance"] == 0


@pytest.mark.slow  # the comparison has the same figure, of a shorter search
def test_photonic_ceiling_is_that_of_the_prototype_in_bits_a_second(photonic: Behaviour) -> None:
    bound = attack_ceiling(photonic, one_way(KEY, noise=0.13, keep=0.96), effort="best")
    assert 2e6 * bound.value == pytest.approx(1367, abs=0.5)
    published = load("liu2022-20m").values["key_rate"].value
    assert isinstance(published, float)
    assert bound.value > published


@pytest.mark.slow
def test_ion_model_ceiling_is_that_of_the_prototype(ion_model: Behaviour) -> None:
    bound = attack_ceiling(ion_model, ONE_WAY, effort="best")
    assert bound.value == pytest.approx(0.597648, abs=2e-6)


@pytest.mark.parametrize("protocol", CLASSES)
def test_singlet_with_optimal_settings_has_one_bit(protocol: Protocol, werner: Table, fast_ceiling: Ceiling) -> None:
    """The table is extremal: only one strategy has it, up to the rounding of the doubles."""
    bound = fast_ceiling(werner(1.0), protocol)
    assert bound.value == pytest.approx(1.0, abs=1e-9)
    assert bound.provenance["distance"] <= 1e-12


@pytest.mark.parametrize("protocol", CLASSES)
def test_local_tables_have_no_key(protocol: Protocol, werner: Table) -> None:
    rng = np.random.default_rng(7)
    points = np.zeros((2, 2, 2, 3))
    for weight in rng.dirichlet(np.ones(12)):
        a, b = rng.integers(0, 2, 2), rng.integers(0, 2, 3)
        for x, y in product(range(2), range(3)):
            points[a[x], b[y], x, y] += weight
    for table in (werner(1 / math.sqrt(2) - 1e-9), Behaviour(points)):
        assert attack_ceiling(table, protocol).value < 1e-9


def test_a_deterministic_table_is_met_exactly() -> None:
    table = np.zeros((2, 2, 2, 3))
    table[0, 1] = 1.0
    bound = attack_ceiling(Behaviour(table), one_way(KEY, noise=0.2, keep=0.7))
    assert bound.value == 0


def test_two_way_key_of_the_werner_table_vanishes_beyond_its_closed_form(werner: Table) -> None:
    """An attack with an orthogonal observable leaves nothing up to 2/(4-√2); the mixture found does as well."""
    assert attack_ceiling(werner(2 / (4 - math.sqrt(2))), TWO_WAY, effort="best").value < 1e-9


def test_pure_noise_at_the_key_leaves_no_one_way_rate(werner: Table) -> None:
    assert attack_ceiling(werner(0.95), one_way(KEY, noise=0.5)).value == 0


# Certificates


@pytest.fixture(scope="module")
def compared_ceilings(compared: Callable[[str], Answer], compared_photonic: Answer) -> dict[str, dict[Protocol, Bound]]:
    """The mixtures of the two experiments' comparisons, which took their time to find, by class."""
    subjects = {
        "ion": (compared("ion"), "measured table projected", Unit.PER_HERALD),
        "photonic": (compared_photonic, "liu2022-20m, white-noise", Unit.PER_ROUND),
    }
    return {
        name: {
            row.scope.protocol: row
            for row in answer.bounds
            if subject in row.subject and row.unit is unit and row.method.startswith("mixture of two-qubit attacks")
        }
        for name, (answer, subject, unit) in subjects.items()
    }


@pytest.mark.parametrize("protocol", CLASSES)
@pytest.mark.parametrize("table", ["ion", "photonic"])
def test_certificates_prove_the_value_to_an_independent_reader(
    protocol: Protocol,
    table: str,
    request: pytest.FixtureRequest,
    compared_ceilings: dict[str, dict[Protocol, Bound]],
    verified: Reader,
    accepted: Verdict,
) -> None:
    if protocol == ONE_WAY and table == "photonic":
        protocol = one_way(KEY, noise=0.13, keep=0.96)
    bound = compared_ceilings[table][protocol]
    proven = verified(bound, request.getfixturevalue(table))
    assert mpmath.mpf(bound.value) >= max(proven, 0)
    assert bound.value == pytest.approx(float(proven), rel=1e-14, abs=1e-15)
    assert accepted(bound).accepted
    assert not accepted(replace(bound, value=bound.value * (1 - 1e-12))).accepted


@given(seed=st.integers(0, 10**6), protocol=st.sampled_from([case.values[0] for case in CLASSES]))
@settings(deadline=None, max_examples=2)
def test_random_tables_are_proven_too(
    seed: int, protocol: Protocol, violating: Random, verified: Reader, accepted: Verdict
) -> None:
    behaviour = violating(seed)
    bound = attack_ceiling(behaviour, protocol)
    assert mpmath.mpf(bound.value) >= verified(bound, behaviour)
    assert accepted(bound).accepted


@pytest.mark.parametrize("visibility", [0.9999, 0.99999])
def test_tables_near_the_edge_are_met_exactly(visibility: float, werner: Table) -> None:
    """Strategies fitted beyond the table have it inside their hull: no table nearby stands in for it."""
    bound = attack_ceiling(werner(visibility), ONE_WAY)
    assert bound.provenance["distance"] == 0
    worst_of_s_and_q = chsh_rate(Link(2 * math.sqrt(2) * visibility, (1 - visibility) / 2)).value
    assert worst_of_s_and_q <= bound.value <= mutual_information(werner(visibility), TWO_WAY).value


def test_ceilings_cite_the_claim_that_states_their_condition(werner: Table) -> None:
    for bound in (
        attack_ceiling(werner(0.72), any_discussion()),
        attack_ceiling(werner(0.72), completed_rounds()),
        mutual_information(werner(0.72), completed_rounds()),
    ):
        assert bound.reference.endswith("claim flagged-mixtures")


# Order


def assert_lower_below_ceilings(violating: Random, seed: int) -> None:
    behaviour = violating(seed)
    library = ColumnLibrary()
    ceilings = [attack_ceiling(behaviour, case.values[0], library=library) for case in CLASSES]
    rates = [devetak_winter(behaviour, ONE_WAY, Hierarchy(*size)) for size in (("22", 32), ("11", 12))]
    assert len(check_pairs([*ceilings, *rates])) == 8
    relabelled = attack_ceiling(Behaviour(behaviour.P[:, ::-1]), TWO_WAY)
    assert max(rate.value for rate in rates) <= relabelled.value + 1e-12


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
        forward = attack_ceiling(table, ONE_WAY, library=library)
        both_ways = attack_ceiling(table, TWO_WAY, library=library)
        nonlocal_weight, error = max((visibility - 0.5**0.5) / (1 - 0.5**0.5), 0.0), (1 - visibility) / 2
        kept = nonlocal_weight + error  # convex combination: Eve forgets the local rounds in which Bob errs
        h = -sum(p * math.log2(p) for p in (error / kept, 1 - error / kept) if p > 0)
        assert both_ways.value <= kept * (1 - h) + 1e-12
        information = mutual_information(table, TWO_WAY)
        rate = devetak_winter(table, ONE_WAY)
        assert rate.value <= forward.value + 1e-12
        assert rate.value <= both_ways.value + 1e-12
        assert both_ways.value <= information.value
        assert forward.value >= last - 1e-9
        last = forward.value
    assert len(library) > 0


def test_a_library_may_only_help(werner: Table, fast_ceiling: Ceiling) -> None:
    library = ColumnLibrary()
    attack_ceiling(werner(0.92), ONE_WAY, library=library)
    table = werner(0.9)
    warm = attack_ceiling(table, ONE_WAY, library=library)
    assert warm.value <= fast_ceiling(table, ONE_WAY).value + 2e-5
    with pytest.raises(InputError, match="library"):
        attack_ceiling(chsh_table(werner, 0.9), two_way((0, 0)), library=library)


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
    bound = attack_ceiling(table, one_way((0, 0)), effort="best")
    assert bound.value == pytest.approx(1 - h[0] - h[1], abs=1e-6)
    assert bound.value >= devetak_winter(table, one_way((0, 0))).value


def test_unmeasured_pairs_constrain_nothing(werner: Table, fast_ceiling: Ceiling, verified: Reader) -> None:
    full = werner(0.9)
    table = full.P.copy()
    table[:, :, 1, 2] = np.nan
    partial = Behaviour(table, unmeasured=[(1, 2)])
    bound = attack_ceiling(partial, ONE_WAY)
    assert bound.value <= fast_ceiling(full, ONE_WAY).value + 1e-3
    assert bound.certificate is not None
    assert [1, 2] not in bound.certificate.data()["measured"]
    assert mpmath.mpf(bound.value) >= verified(bound, partial)


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
    bound = attack_ceiling(behaviour, ONE_WAY)
    assert bound.certificate is not None
    assert bound.value == pytest.approx(float(max(verified(bound, behaviour), 0)), abs=1e-14)


# What a bound says, and bad input


def test_the_bound_says_what_it_is(ion: Behaviour, compared_ceilings: dict[str, dict[Protocol, Bound]]) -> None:
    bound = compared_ceilings["ion"][TWO_WAY]
    assert (bound.direction, bound.status) == (Direction.UPPER, Status.ENCLOSED)
    assert bound.scope.thing == ion.thing
    assert bound.scope.statistics is Statistics.FULL
    assert bound.scope.protocol == TWO_WAY


def test_ceilings_of_the_ion_link_grow_with_the_class(compared_ceilings: dict[str, dict[Protocol, Bound]]) -> None:
    values = [compared_ceilings["ion"][p].value for p in (TWO_WAY, completed_rounds(), any_discussion())]
    assert values == pytest.approx([0.62223, 0.62223, 0.70078], abs=1e-4)


def popescu_rohrlich(weight: float) -> Behaviour:
    """A mixture of the PR box with noise beyond Tsirelson's bound by less than the check's tolerance on CHSH."""
    table = np.zeros((2, 2, 2, 2))
    for a, b, x, y in np.ndindex(table.shape):
        table[a, b, x, y] = (1 + weight * (-1) ** (a + b + x * y)) / 4
    return Behaviour(table, atol=1e-3)


def test_a_table_beyond_the_quantum_set_is_refused_with_the_functional() -> None:
    with pytest.raises(BoundNotEstablishedError, match="outside of the quantum set") as caught:
        attack_ceiling(popescu_rohrlich(1 / math.sqrt(2) + 1e-4), two_way((0, 0)))
    assert any("functional G" in note for note in caught.value.__notes__)


def test_bad_input_is_named(werner: Table) -> None:
    table = werner(0.9)
    cases: list[tuple[Callable[[], object], type[Exception], str]] = [
        (lambda: attack_ceiling(table, two_way((0, 3))), QuestionError, "y < 3"),
        (lambda: attack_ceiling(table, two_way((2, 0))), QuestionError, "x < 2"),
        (lambda: attack_ceiling(table, two_way()), QuestionError, "key setting"),
        (lambda: attack_ceiling(table, two_way(KEY, (0, 0))), QuestionError, "one key setting"),
        (lambda: attack_ceiling(table, "two-way"), QuestionError, "Protocol"),  # type: ignore[arg-type]
        (lambda: attack_ceiling(table, TWO_WAY, effort="quick"), UnknownNameError, "fast"),  # type: ignore[arg-type]
        (lambda: attack_ceiling(load("nadlinger2022-link").behaviour, TWO_WAY), BehaviourError, "estimate"),
    ]
    for call, error, text in cases:
        with pytest.raises(error, match=text):
            call()


def test_too_many_deterministic_strategies_are_refused() -> None:
    settings = [qubit_measurement(t) for t in np.linspace(0, 3, 7)]
    table = born(np.eye(4) / 4, settings, settings)
    with pytest.raises(UnsupportedError, match="4096"):
        attack_ceiling(table, two_way((0, 0)))
