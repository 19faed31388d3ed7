"""The three comparisons: the figures that the literature and the theory give, and every check true."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

import keybounds
from keybounds.bounds import Answer, Bound, Direction, Discussion, Interval, Quantity, Statistics, Status, Trust, Unit
from keybounds.bounds.layout import answer_text
from keybounds.errors import InputError, UnknownNameError
from keybounds.reports import tables_of
from keybounds.reports.private_states import GAPS, compare_private_states, family_row
from keybounds.tables import Number


@pytest.fixture(scope="module")
def ion(compared: Callable[[str], Answer]) -> Answer:
    return compared("ion")


@pytest.fixture(scope="module", params=["white noise", pytest.param("all", marks=pytest.mark.slow)])
def photonic(request: pytest.FixtureRequest, compared_photonic: Answer, compared: Callable[[str], Answer]) -> Answer:
    return compared_photonic if request.param == "white noise" else compared("photonic")


@pytest.fixture(scope="module")
def private(compared: Callable[[str], Answer]) -> Answer:
    return compared("private-states")


def pick(comparison: Answer, subject: str, method: str, unit: Unit | None = None) -> Bound:
    found = [
        row
        for row in comparison.rows
        if subject in row.subject and row.method.startswith(method) and unit in (None, row.unit)
    ]
    assert len(found) == 1, [row.method for row in found]
    return found[0]


def test_ion_figures(ion: Answer) -> None:
    printed = "printed S = 2.677(6), Q = 1.44(2) %"
    lower = pick(ion, printed, "Devetak-Winter rate from CHSH")
    assert lower.value == pytest.approx(0.5834, abs=5e-5)
    assert lower.provenance["chsh"] == 2.677
    assert lower.provenance["qber"] == 0.0144
    assert lower.diagnostics["uncertainty"] == pytest.approx(0.0094, abs=2e-4)
    assert pick(ion, printed, "two-qubit device (I").value == pytest.approx(0.6126, abs=5e-5)
    assert pick(ion, printed, "two-qubit device (E_r").value == pytest.approx(0.6921, abs=5e-5)
    assert pick(ion, "Bell-diagonal state", "relative entropy").value == pytest.approx(0.7577, abs=5e-5)
    assert pick(ion, "design point", "Devetak-Winter").value == pytest.approx(0.5071, abs=5e-5)


def test_ion_measured_table_is_projected_and_reported(ion: Answer) -> None:
    bound = pick(ion, "measured table", "Devetak-Winter rate from CHSH and H(A|B)")
    assert bound.provenance["chsh"] == pytest.approx(2.677, abs=5e-4)
    assert any("Projected onto the no-signalling" in note for note in ion.notes)


def test_photonic_figures(photonic: Answer) -> None:
    assert pick(photonic, "liu2022-20m, published", "Devetak-Winter", Unit.PER_SECOND).value == 466
    assert pick(photonic, "liu2022-80m, published", "Devetak-Winter").value == 107.4
    fit = "liu2022-20m, white-noise model"
    cost = pick(photonic, fit, "Shannon limit")
    assert cost.value == pytest.approx(0.55995, abs=5e-6)
    assert (cost.scope.protocol.noise, cost.scope.protocol.keep) == (0.13, 0.96)
    assert pick(photonic, fit, "Devetak-Winter rate from CHSH and").status is Status.NO_KEY
    ceiling = pick(photonic, fit, "relative entropy", Unit.PER_SECOND)
    assert 466 < ceiling.value < 40_000
    assert ceiling.scope.trust is Trust.DEVICE_DEPENDENT


def test_published_photonic_rates_are_never_compared_with_fitted_models(photonic: Answer) -> None:
    for check in photonic.checks:
        assert check.lower.status is not Status.PUBLISHED
        assert check.lower.subject == check.upper.subject


def fitted_models(photonic: Answer) -> set[str]:
    """The models of each fibre: the same of all."""
    found = [re.fullmatch(r"liu2022-(\d+m), (\S+) model .*", row.subject) for row in photonic.rows]
    models = {fibre: {one[2] for one in found if one and one[1] == fibre} for fibre in ("20m", "80m", "220m")}
    assert {"white-noise"} <= models["20m"] == models["80m"] == models["220m"]
    return models["20m"]


def one_way_interval(comparison: Answer, subject: str, unit: Unit) -> Interval:
    """Return the interval of the one-way rate of the whole table."""
    found = [
        interval
        for interval in comparison.intervals
        if subject in interval.label
        and interval.unit is unit
        and interval.scope.protocol.discussion is Discussion.ONE_WAY
    ]
    assert len(found) == 1
    return found[0]


def test_the_ion_rate_is_sandwiched(ion: Answer) -> None:
    # Both ends are certified; the row says which relaxation the lower one is a property of.
    link = one_way_interval(ion, "Bell-diagonal", Unit.PER_HERALD)
    assert link.width < 1e-5
    assert link.lower is not None
    assert link.lower.value == pytest.approx(0.59764, abs=1e-5)
    assert 'level "22", 384 nodes' in link.lower.method
    measured = one_way_interval(ion, "measured table", Unit.PER_HERALD)
    assert measured.width < 1e-4
    assert 0.6041 < measured.upper.value - measured.width < measured.upper.value < 0.6043


def test_the_ion_ceilings_are_at_least_as_tight_as_the_closed_forms(ion: Answer) -> None:
    best = {
        (interval.scope.protocol.discussion, interval.scope.statistics): interval.upper.value
        for interval in ion.intervals
        if "Bell-diagonal" in interval.label and interval.scope.trust is Trust.DEVICE_INDEPENDENT
    }
    assert best[Discussion.TWO_WAY, Statistics.CHSH_AND_ERROR] <= 0.6126
    assert best[Discussion.ANY, Statistics.CHSH_AND_ERROR] <= 0.6922
    assert best[Discussion.COMPLETED_ROUNDS, Statistics.FULL] <= 0.6223
    assert best[Discussion.COMPLETED_ROUNDS, Statistics.FULL] < best[Discussion.ANY, Statistics.FULL] < 0.7008
    assert best[Discussion.ANY, Statistics.FULL] == pytest.approx(0.692564, abs=2e-6)
    one_way = one_way_interval(ion, "Bell-diagonal", Unit.PER_HERALD)
    assert one_way.upper.value == pytest.approx(0.597648, abs=2e-6)  # of an independent prototype


def test_the_photonic_fit_is_sandwiched(photonic: Answer) -> None:
    """Below five bits a second by the strongest relaxation, below sixty by the one before it."""
    fit = one_way_interval(photonic, "liu2022-20m, white-noise", Unit.PER_SECOND)
    assert fit.width < (5 if "dephasing" in fitted_models(photonic) else 60)
    assert fit.upper.value - fit.width > 466
    assert fit.upper.value == pytest.approx(1367, abs=0.5)  # of an independent prototype
    trusted = next(
        interval
        for interval in photonic.intervals
        if interval.scope.trust is Trust.DEVICE_DEPENDENT
        and "20m, white-noise" in interval.label
        and interval.unit is Unit.PER_SECOND
    )
    assert fit.upper.value < trusted.upper.value


def test_the_fit_is_said_not_to_describe_the_longer_fibres(photonic: Answer) -> None:
    for model in fitted_models(photonic):
        far = one_way_interval(photonic, f"liu2022-220m, {model}", Unit.PER_SECOND)
        assert far.upper.value < 2.6
        assert one_way_interval(photonic, f"liu2022-80m, {model}", Unit.PER_SECOND).upper.value > 107.4
    assert any("no account of that run" in note for note in photonic.notes)


def test_white_noise_at_the_printed_win_probability_leaves_no_published_rate(photonic: Answer) -> None:
    ceiling = pick(photonic, "one pair a round with white noise", "mixture of two-qubit attacks")
    assert ceiling.value < 0.000233
    assert any("inconsistent with the printed 0.000233 bit/round" in note for note in photonic.notes)


def test_an_interval_takes_the_best_of_what_its_scope_allows(ion: Answer) -> None:
    for interval in ion.intervals:
        assert interval.upper.status.proven
        assert interval.scope.within(interval.upper.scope)
        for row in ion.rows:
            if row.unit is not interval.unit or row.scope.quantity is not Quantity.KEY_RATE or not row.status.proven:
                continue
            if row.direction is Direction.UPPER and interval.scope.within(row.scope):
                assert interval.upper.value <= row.value
            if row.direction is Direction.LOWER and row.scope.within(interval.scope):
                assert row.value <= interval.upper.value - interval.width + 1e-15
    assert "where the best rate lies" in str(ion)


def test_private_state_crossings(private: Answer) -> None:
    crossings = private.findings["crossings"]
    assert [crossing["first_d"] for crossing in crossings] == [24, 20, 10]
    last = [row for row in private.rows if row.subject == f"rho_{2**20}"]
    lower = next(row for row in last if row.direction is Direction.LOWER)
    ceiling = min(row.value for row in last if row.scope.trust is Trust.DEVICE_INDEPENDENT)
    assert math.isclose(lower.value, 0.987860098290118, abs_tol=1e-15)
    assert math.isclose(ceiling, 9.74235907909e-4, rel_tol=1e-11)


def test_private_state_table_marks_the_first_dimension_of_each_gap(private: Answer) -> None:
    marks = {row[0].text: row[-2] for row in tables_of(private)[0].rows}  # type: ignore[union-attr]
    assert marks["9"] == ""
    assert (marks["10"], marks["11"]) == ("c (first)", "c")
    assert (marks["20"], marks["21"]) == ("b (first) c", "b c")
    assert (marks["24"], marks["25"]) == ("a (first) b c", "a b c")
    assert set(marks) == {*map(str, range(2, 65)), "2^10", "2^20"}


def test_a_gap_that_no_tabulated_dimension_proves_is_said_so() -> None:
    small = compare_private_states([2, 3])
    assert [crossing["first_d"] for crossing in small.findings["crossings"]] == [None] * 3
    assert "at no tabulated d" in tables_of(small)[0].notes[0]
    assert not any(family_row(9).proves(gap) for gap in GAPS)


@pytest.mark.parametrize("subject", ["ion", "private-states", "smallest-gap"])
def test_every_check_of_a_comparison_holds(subject: str, compared: Callable[[str], Answer]) -> None:
    every_check_holds_and_every_row_is_complete(compared(subject))


def test_every_check_of_the_photonic_comparison_holds(photonic: Answer) -> None:
    every_check_holds_and_every_row_is_complete(photonic)


def every_check_holds_and_every_row_is_complete(answer: Answer) -> None:
    document = answer.to_dict()
    assert document["checks"]
    assert all(check["holds"] and check["gap"] >= 0 for check in document["checks"])
    keys = {"method", "direction", "value", "unit", "scope", "status", "reference", "certificate"}
    for row in document["rows"]:
        assert keys <= set(row)
        assert row["unit"].startswith("bit/")
        assert row["reference"]


def test_every_lower_bound_of_a_key_has_a_ceiling_to_be_held_against(ion: Answer, photonic: Answer) -> None:
    for comparison in (ion, photonic):
        checked = {id(check.lower) for check in comparison.checks}
        for row in comparison.rows:
            if row.direction is Direction.LOWER and row.scope.quantity is Quantity.KEY_RATE and row.status.proven:
                assert id(row) in checked, row


def test_unknown_subject_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'photonic'"):
        keybounds.compare("fotonic")


def test_a_thing_without_a_name_is_for_the_other_door() -> None:
    import qutip

    with pytest.raises(InputError, match=r"expected the name of a comparison \(channels, .*bounds_on\(x\).*found Qobj"):
        keybounds.compare(qutip.bell_state())  # type: ignore[arg-type]


def test_violations_are_shouted(ion: Answer) -> None:
    lower, upper = ion.checks[0].lower, ion.checks[0].upper
    quoted = replace(lower, value=upper.value + 1, status=Status.PUBLISHED, certificate=None)
    text = answer_text(Answer.of([quoted, upper]))
    assert "0 of 1 comparable pairs hold" in text
    assert "VIOLATED" in text


def test_ends_of_intervals_are_marked_and_gaps_are_not(ion: Answer) -> None:
    """A gap is a difference of two bounds: no certificate is about it."""
    _, table = ion.tables
    ceilings = {interval.upper.value for interval in ion.intervals}
    for row in table.marked(ceilings).rows:
        achieved, ceiling, gap = (cell for cell in row if isinstance(cell, Number))
        assert ceiling.certified is True
        assert achieved.certified is (False if row[3] != "none proven" else None)
        assert gap.certified is None
