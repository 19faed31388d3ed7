"""What codes were seen to do, and the syndrome that follows: never shorter than was shown."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from scipy.stats import binom

from keybounds.bounds import Link
from keybounds.bounds.run import Run, ShownCode, best_codes, shown_codes, usual_code
from keybounds.bounds.run.codes import ION, LIMIT, failure_floor, failure_limit
from keybounds.errors import UnsupportedError
from keybounds.postprocessing.reconciliation import CoupledCode, PolarCode, recommended_code
from keybounds.postprocessing.reconciliation.study import CHANNELS, Point, run_trial

GAMMA = Fraction(13, 256)
DESIGN = Link(Fraction("2.64"), Fraction("0.018"))


@pytest.mark.parametrize(("failures", "trials"), [(0, 1), (0, 299), (3, 100), (28, 100), (99, 100)])
def test_limits_are_where_the_binomial_tail_is_five_percent(failures: int, trials: int) -> None:
    assert binom.cdf(failures, trials, failure_limit(failures, trials)) == pytest.approx(0.05, rel=1e-9)
    assert failure_limit(trials, trials) == 1.0
    if failures:
        assert binom.sf(failures - 1, trials, failure_floor(failures, trials)) == pytest.approx(0.05, rel=1e-9)
    assert failure_floor(0, trials) == 0.0


@pytest.mark.parametrize(
    "one", shown_codes(), ids=lambda one: f"{one.channel}-{one.rounds}-{one.family}-{one.efficiency}"
)
def test_what_is_shipped_is_what_was_tried(one: ShownCode) -> None:
    """Each row is the point that the study would try, with as many checks; and no wrong string got through unseen."""
    point = Point(one.channel, one.rounds, one.family, one.parameters, one.efficiency)
    assert one.checks == point.checks
    assert one.entropy == pytest.approx(CHANNELS[one.channel].entropy, abs=1e-6)
    assert 0 <= one.wrong <= one.failures <= one.trials
    assert one.trials > 0


def test_the_usual_code_is_never_shorter_than_one_that_was_shown() -> None:
    for rounds in (1000, 20_000, 36_000, 99_999, 131_072, 10**6, 1_500_000, 10**12):
        for qber in ("0.002", "0.018", "0.05", "0.08"):
            run = Run(Link(Fraction("2.7"), Fraction(qber)), rounds=rounds, gamma=GAMMA)
            usual = usual_code(run)
            assert usual.efficiency >= usual.shown.efficiency
            assert usual.shown.limit <= LIMIT
            assert usual.shown.rounds <= rounds or not usual.tried
    seen = usual_code(Run(DESIGN, rounds=20_000, gamma=GAMMA))
    assert seen.tried
    assert (seen.shown.channel, seen.shown.rounds) == (ION, 20_000)
    assert not usual_code(Run(DESIGN, rounds=20_001, gamma=GAMMA)).tried
    assert not usual_code(Run(DESIGN, rounds=20_000, gamma=Fraction(1, 20))).tried
    # fewer rounds never get along with less
    values = [
        usual_code(Run(DESIGN, rounds=n, gamma=GAMMA)).efficiency
        for n in (500, 5000, 20_000, 10**5, 131_072, 300_000, 10**6, 10**7)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[2]


def test_the_best_code_is_the_shortest_that_fails_seldom() -> None:
    for one in best_codes():
        rivals = [other for other in shown_codes() if (other.channel, other.rounds) == (one.channel, one.rounds)]
        assert one.efficiency == min(other.efficiency for other in rivals if other.limit <= LIMIT)
    assert not set(best_codes(0.0))


def test_a_code_is_recommended_where_one_was_tried() -> None:
    found = recommended_code(131_072, 0.036)
    assert isinstance(found.code, PolarCode)
    assert found.tried
    assert (found.code.length, found.code.checks) == (131_072, found.shown.checks)
    for rounds in (10, 10**9):
        with pytest.raises(UnsupportedError, match="rounds: expected from the least to the most that were tried"):
            recommended_code(rounds, 0.036)
    with pytest.raises(
        UnsupportedError, match="channel: expected an error rate between those tried with 131072 rounds"
    ):
        recommended_code(131_072, 0.2)


def test_the_ion_run_has_a_code() -> None:
    sizes = sorted(one.rounds for one in best_codes() if one.channel == ION)
    found = recommended_code(sizes[0], ION)
    assert found.tried
    assert found.shown.channel == ION
    assert isinstance(found.code, (PolarCode, CoupledCode))


def test_a_trial_depends_on_seed_point_and_number_alone() -> None:
    point = Point("4 %", 2000, "polar", (("paths", 4),), Fraction("1.3"))
    outcomes = [run_trial(point, number, seed=1).outcome for number in range(12)]
    assert outcomes[::-1] == [run_trial(point, number, seed=1).outcome for number in reversed(range(12))]
    assert len(set(outcomes)) == 2  # some fail at this f, so that other draws would be seen
    longer = replace(point, efficiency=Fraction(2))
    assert {run_trial(longer, number, seed=1).outcome.value for number in range(5)} == {"success"}
