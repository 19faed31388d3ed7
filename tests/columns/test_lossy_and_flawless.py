"""Ceilings where a mixture is hard to find: no error seen in a key setting, and pure states measured with losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest

from keybounds.bounds import Bound, Hierarchy, Protocol, any_discussion, completed_rounds, one_way, two_way
from keybounds.bounds.correlations.attacks.fit import lossy_strategies
from keybounds.bounds.correlations.attacks.strategies import Columns
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.correlations.attacks.vanishing import small_cells, vanishing
from keybounds.bounds.lower import devetak_winter
from keybounds.bounds.upper import attack_ceiling
from keybounds.experiments import Behaviour, born, project_no_signalling, project_quantum, qubit_measurement, read_table
from keybounds.proofs.verifier import Verification

CASES = Path(__file__).resolve().parents[1] / "intake" / "cases"
KEY = (0, 2)
Reader = Callable[[Bound, Behaviour], mpmath.mpf]
Verdict = Callable[[Bound], Verification]


def lossy(efficiency: float, theta: float, alice: tuple[float, ...], bob: tuple[float, ...]) -> Behaviour:
    """cos θ |00> + sin θ |11>; Alice's lost particles count as outcome 0, Bob's as a third one."""
    psi = np.array([math.cos(theta), 0, 0, math.sin(theta)])
    P = born(np.outer(psi, psi), [qubit_measurement(t) for t in alice], [qubit_measurement(t) for t in bob]).P
    whole = np.zeros((2, 3, *P.shape[2:]))
    whole[:, :2] = efficiency * P
    whole[:, 2] = (1 - efficiency) * P.sum(axis=1)
    lost = whole.sum(axis=0)
    whole *= efficiency
    whole[0] += (1 - efficiency) * lost
    return Behaviour(whole)


PUBLISHED = {
    "m8-.8000": lossy(
        0.8,
        0.05128986842739164,
        (-0.007637465040413695, 0.49346295167960463),
        (-0.40209249922497353, 0.019549563095062884, -0.0009257951624436798),
    ),
    "m8-.8053": lossy(
        0.8052631578947369,
        0.05765729001699564,
        (-0.00882739109142951, 0.5344881700623414),
        (-0.4154222392254987, 0.02352977537023317, -0.001065021466754314),
    ),
    "m8-.8105": lossy(
        0.8105263157894738,
        0.09301532730726966,
        (-0.014993581249764042, 0.7516926442415927),
        (-0.4642149832554632, 0.054517228512892625, -0.0031206579275040013),
    ),
    "m6-.8763": lossy(
        0.8763157894736842,
        0.3964048889943909,
        (-0.07880244908135041, 1.3824193767180566),
        (-0.9366156584453722, 0.4231991062913654, -0.0794713402286718),
    ),
}
"""Optimised settings of MartinSandfuchs/finite_diqkd_rates (2022), data/qkd_2322_*.csv, for which nothing was found."""


def assert_proven(bound: Bound, behaviour: Behaviour, verified: Reader, accepted: Verdict) -> None:
    """The certificate's mixture has the doubles given exactly, and leaves what an independent reader finds."""
    assert bound.provenance["distance"] == 0
    proven = verified(bound, behaviour)
    assert mpmath.mpf(bound.value) >= max(proven, 0)
    assert bound.value == pytest.approx(float(max(proven, 0)), rel=1e-12, abs=1e-15)
    assert accepted(bound).accepted


@pytest.mark.parametrize(
    ("name", "protocol"),
    [
        ("m8-.8053", one_way(KEY)),
        *[
            pytest.param(name, protocol, marks=pytest.mark.slow)
            for name in PUBLISHED
            for protocol in (one_way(KEY), two_way(KEY), completed_rounds(), any_discussion())
        ],
    ],
)
def test_published_lossy_tables_have_a_ceiling(
    name: str, protocol: Protocol, verified: Reader, accepted: Verdict
) -> None:
    bound = attack_ceiling(PUBLISHED[name], protocol)
    assert_proven(bound, PUBLISHED[name], verified, accepted)
    assert bound.value < 0.2


@pytest.mark.parametrize("name", ["m8-.8000", "m6-.8763"])
def test_the_patterns_of_losses_are_found(name: str) -> None:
    """With deterministic strategies for the other patterns they have the table, up to rounding."""
    target = Target.of(PUBLISHED[name])
    found = lossy_strategies(target, np.random.default_rng(0))
    assert len(found) == 4  # Bob's three settings, or two of them: with fewer, or one of Alice's, a pattern is local
    whole = found.take(np.array([0])).tables(target.scenario)[0]
    efficiency = 1 - float(PUBLISHED[name].marginal_b(0)[2])
    clicks = PUBLISHED[name].P[1, :2] / efficiency**2  # what is lost counts as 0
    assert np.abs(whole[1, :2] - clicks).max() < 1e-9


@pytest.mark.parametrize(
    "protocol",
    [
        two_way(KEY),
        pytest.param(one_way(KEY), marks=pytest.mark.slow),
        pytest.param(any_discussion(), marks=pytest.mark.slow),
    ],
)
def test_a_key_setting_without_errors_has_a_ceiling(protocol: Protocol, verified: Reader, accepted: Verdict) -> None:
    """200 key rounds without an error, tests as of a Werner state at .97: the likeliest table has cells of 1e-12."""
    behaviour = project_no_signalling(read_table(CASES / "no-error-seen.csv").behaviour).behaviour
    assert 0 < behaviour.P[0, 1, 0, 2] < 1e-10
    bound = attack_ceiling(behaviour, protocol)
    assert_proven(bound, behaviour, verified, accepted)
    rate = devetak_winter(behaviour, one_way(KEY), Hierarchy("11", 8)).value
    assert rate <= bound.value < 0.8
    assert rate > 0.7


@pytest.mark.slow
def test_the_quantum_fit_without_errors_has_a_ceiling(verified: Reader, accepted: Verdict) -> None:
    behaviour = project_quantum(read_table(CASES / "no-error-seen.csv").behaviour).behaviour
    bound = attack_ceiling(behaviour, two_way(KEY))
    assert_proven(bound, behaviour, verified, accepted)
    assert devetak_winter(behaviour, one_way(KEY)).value <= bound.value < 0.8


def test_strategies_near_zeros_are_given_exact_ones() -> None:
    """With nothing at one pair of settings, in integers too, and elsewhere nearly what they were."""
    rho = np.diag([0.5, 0, 0, 0.5])
    P = born(rho, [qubit_measurement(t) for t in (0, 1.5)], [qubit_measurement(t) for t in (0.7, -0.7, 0)]).P.copy()
    P[0, 1, 0, 2] = P[1, 0, 0, 2] = 0
    target = Target.of(Behaviour(P))
    small = small_cells(target)
    assert set(small) == {(0, 1, 0, 2), (1, 0, 0, 2)}
    rng = np.random.default_rng(3)
    parameters = np.zeros((1, 8 + 15))
    parameters[0, :8] = np.array([1, 0.2, 0, 0, 0, 0, 0.3, 1]) + 1e-3 * rng.normal(size=8)
    parameters[0, 8:13] = 0.4 + np.array([0, 1.5, 0.7, -0.7, 0]) + 1e-3 * rng.normal(size=5)
    psi = parameters[0, :8].reshape(4, 2)
    c, s = math.cos(0.2), math.sin(0.2)
    turn = np.array([[c, -s], [s, c]])
    parameters[0, :8] = (np.kron(turn, turn) @ psi).ravel()
    before = Columns(parameters, np.tile([0, 1], (1, 2, 1)), np.tile([0, 1], (1, 3, 1)))
    after = vanishing(before, small)
    strategy = after.exact(0)
    joint = strategy.joint((2, 2), *KEY)
    assert joint[0][1] == joint[1][0] == Fraction(0)
    assert np.abs(after.tables(target.scenario) - before.tables(target.scenario)).max() < 0.01


def test_strategies_far_from_zeros_are_given_none() -> None:
    cells = ((0, 1, 0, 2), (1, 0, 0, 2))
    parameters = np.ones((1, 8 + 15))
    columns = Columns(parameters, np.tile([0, 1], (1, 2, 1)), np.tile([1, 0], (1, 3, 1)))
    assert len(vanishing(columns, cells)) == 0
    assert len(vanishing(columns, ())) == 0
