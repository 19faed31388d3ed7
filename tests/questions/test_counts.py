"""What `bounds_on` says of counts: a rate with confidence above, point values with errors below, nothing of what no
device has."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds import bounds_on
from keybounds.bounds import Answer, Bound, Hierarchy, Link, Status, any_discussion, one_way
from keybounds.bounds.correlations import confidence as confidence_module
from keybounds.bounds.correlations.noise import best_noise, with_noise
from keybounds.bounds.correlations.standard_error import FittedTable
from keybounds.bounds.lower import chsh_rate, devetak_winter
from keybounds.bounds.upper import mutual_information
from keybounds.errors import (
    BehaviourError,
    BoundNotEstablishedError,
    InconsistencyError,
    InputError,
    UnknownNameError,
)
from keybounds.experiments import Behaviour, project_quantum, read_table

Table = NDArray[np.float64]
SIGNS = np.array([[1, -1], [-1, 1]])
SINGLET = np.array([[2**-0.5, 2**-0.5, 1], [2**-0.5, -(2**-0.5), 0]])
KEY = one_way((0, 2))
QUICK = Hierarchy("11", 8)


def noisy_singlet(v: float) -> Table:
    return np.asarray((1 + SIGNS[:, :, None, None] * v * SINGLET) / 4)


def sampled(P: Table, n: int, seed: int) -> Behaviour:
    generator = np.random.default_rng(seed)
    counts = np.zeros(P.shape, dtype=int)
    for x, y in np.ndindex(*P.shape[2:]):
        counts[:, :, x, y] = generator.multinomial(n, P[:, :, x, y].ravel()).reshape(2, 2)
    return Behaviour.from_counts(counts, max_z=math.inf)


def of_method(answer: Answer, start: str) -> Bound:
    return next(row for row in answer.bounds if row.method.startswith(start))


@pytest.fixture(scope="module")
def answer(shared: Callable[[str, Callable[[], Any]], Any]) -> Answer:
    made: Answer = shared("bounds-on-counts", lambda: bounds_on(sampled(noisy_singlet(0.95), 10_000, 1), KEY))
    return made


class TestCounts:
    def test_the_headline_is_the_rate_with_confidence(self, answer: Answer) -> None:
        rate = answer.findings["confident_rate"]
        assert 0.36 < rate["value"] < 0.5591
        assert answer.headline.startswith("asymptotic device-independent key rate >= 0.4")
        assert "with confidence 0.99" in answer.headline
        assert "Assumed, as not declared: every trial is in the table" in answer.headline
        assert str(answer).startswith("asymptotic device-independent key rate >= 0.4")
        assert answer.title.endswith("at the fitted table")

    def test_every_point_value_has_its_error_in_brackets(self, answer: Answer) -> None:
        for row in answer.bounds:
            sigma = row.diagnostics["uncertainty"]
            assert row.status is Status.NO_KEY or 0.001 < sigma < 0.05, row.method
        rate = of_method(answer, "Devetak-Winter rate, moment")
        assert f"≥ {rate.value:.3f}"[:6] in str(answer)
        assert "In brackets one standard deviation that a value inherits from the data." in str(answer)
        assert any("point estimates, no statements about the device" in note for note in answer.notes)

    def test_it_survives_json(self, answer: Answer) -> None:
        again = Answer.from_dict(json.loads(json.dumps(answer.to_dict(), allow_nan=False)))
        assert again == answer
        assert again.headline == answer.headline

    def test_zero_cells_leave_no_error_rather_than_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("keybounds.bounds.upper.attack_ceiling", _no_attack)
        counts = np.array(sampled(noisy_singlet(0.9), 300, 2).counts)
        counts[0, 1, 0, 2] = 0
        answer = bounds_on(Behaviour.from_counts(counts), any_discussion())
        assert any("outcomes (0,1) were never seen at (0,2)" in note for note in answer.notes)
        assert all(row.diagnostics["uncertainty"] is None for row in answer.bounds)
        assert "(n/a)" in str(answer)

    def test_a_reading_and_what_it_counts(self) -> None:
        behaviour = sampled(noisy_singlet(0.9)[:, :, :, :2], 1000, 3)
        counts = behaviour.counts
        assert counts is not None
        reading = read_table({(x, y, a, b): int(counts[a, b, x, y]) for a, b, x, y in np.ndindex(counts.shape)})
        kept = bounds_on(reading, one_way((0, 1)), trials="coincidences")
        assert not kept.bounds
        assert kept.headline.startswith("No device-independent statement")
        assert "confident_rate" not in kept.findings
        with pytest.raises(UnknownNameError, match="heralded"):
            bounds_on(reading, one_way((0, 1)), trials="some")  # type: ignore[arg-type]
        with pytest.raises(InputError, match="trials: expected None"):
            bounds_on(Link(2.6, 0.02), trials="all")
        with pytest.raises(InputError, match="confidence"):
            bounds_on(reading, one_way((0, 1)), confidence=0.2)


class TestWhatNoDeviceHas:
    @pytest.mark.slow
    def test_thirty_rounds_of_a_local_model_prove_nothing(self) -> None:
        """Of a table that a sample pushed beyond the local ones no rate is said with confidence."""
        answer = bounds_on(sampled(noisy_singlet(0.7), 30, 5), KEY)
        assert answer.findings["confident_rate"]["value"] == 0
        rate = of_method(answer, "Devetak-Winter rate, moment")
        assert rate.value == 0 or rate.diagnostics["uncertainty"] is None or rate.diagnostics["uncertainty"] > 0.1

    @pytest.mark.parametrize("error", [BehaviourError("behaviour", "one", "another"), None])
    def test_a_contradiction_takes_all_rows(
        self, monkeypatch: pytest.MonkeyPatch, error: BehaviourError | None
    ) -> None:
        """Whether one method shows it or two bounds do: no row of the fitted table stays."""

        def disproves(*_: object, **__: object) -> Bound:
            raise error or InconsistencyError("lower above upper", None, None)

        monkeypatch.setattr("keybounds.bounds.upper.mutual_information", disproves, raising=False)
        monkeypatch.setattr("keybounds.bounds.upper.attack_ceiling", _no_attack)
        answer = bounds_on(sampled(noisy_singlet(0.9), 2000, 1), any_discussion())
        assert not answer.bounds
        assert not answer.intervals
        assert any(note.startswith("No bounds at the fitted table, which no quantum") for note in answer.notes)
        assert answer.headline  # what it says is about the device, not about the fit

    def test_an_exact_table_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def disproves(*_: object, **__: object) -> Bound:
            raise BehaviourError("behaviour", "one", "another")

        monkeypatch.setattr("keybounds.bounds.upper.mutual_information", disproves, raising=False)
        with pytest.raises(BehaviourError, match="expected one"):
            bounds_on(Behaviour(noisy_singlet(0.9)), any_discussion())

    def test_a_pr_box_is_refused(self) -> None:
        box = np.asarray((1 + SIGNS[:, :, None, None] * np.array([[1, 1], [1, -1]])) / 4)
        with pytest.raises(BehaviourError, match="log-likelihood ratio"):
            bounds_on(sampled(box, 200, 1), one_way((0, 1)))


def _no_attack(*_: object, **__: object) -> Bound:
    raise BoundNotEstablishedError("no search, for this test to be quick")


class TestStandardErrors:
    """Against the spread of simulated runs, whose fits are computed one by one."""

    def test_of_numbers_and_of_tables(self) -> None:
        P, n = noisy_singlet(0.93), 4000
        values: dict[str, list[float]] = {"I": [], "r": []}
        for seed in range(80):
            fitted = project_quantum(sampled(P, n, seed)).behaviour
            values["I"].append(mutual_information(fitted, one_way_two_way()).value)
            values["r"].append(chsh_rate(Link.of(fitted, (0, 2))).value)
        table = FittedTable(Behaviour(P), np.full((2, 3), float(n)))
        link = Link.of(Behaviour(P), (0, 2))
        information = table.of(
            mutual_information(Behaviour(P), one_way_two_way()), lambda one: mutual_information(one, one_way_two_way())
        )
        rate = table.of_numbers(
            chsh_rate(link),
            lambda one: (float(Link.of(one, (0, 2)).chsh), float(Link.of(one, (0, 2)).qber)),
            lambda s, q: chsh_rate(Link(s, q)),
        )
        assert information == pytest.approx(float(np.std(values["I"])), rel=0.3)
        assert rate == pytest.approx(float(np.std(values["r"])), rel=0.3)

    def test_of_a_dual(self) -> None:
        """The functional's gradient against the rates of tables beside the one it was made at."""
        generator = np.random.default_rng(3)
        base = 0.97 * noisy_singlet(0.92) + 0.03 * generator.dirichlet(np.ones(4), size=1).reshape(2, 2, 1, 1)
        behaviour = project_quantum(Behaviour(base, uncertainty=np.full(base.shape, 1e-3))).behaviour
        for protocol in (KEY, one_way((0, 2), noise=0.1)):
            table = FittedTable(behaviour, np.full((2, 3), 1e4))
            bound = devetak_winter(behaviour, protocol, QUICK)
            gradient = table._gradient(bound, None)
            assert gradient is not None
            step = 2e-4
            for k in (2, 9):
                theta = table._theta.copy()
                theta[k] += step
                above = devetak_winter(Behaviour(table._table(theta).P), protocol, QUICK).value
                theta[k] -= 2 * step
                below = devetak_winter(Behaviour(table._table(theta).P), protocol, QUICK).value
                assert gradient[k] == pytest.approx((above - below) / (2 * step), abs=0.03)


def one_way_two_way() -> Any:
    from keybounds.bounds import two_way

    return two_way((0, 2))


class TestNoise:
    def test_the_best_is_near_the_threshold_only(self) -> None:
        """v = .85: nothing without noise, .026 with; v = .95: none; a local table: none."""
        near = Behaviour(noisy_singlet(0.85))
        q = best_noise(near, KEY, -0.01)
        assert 0.05 <= q <= 0.15
        assert devetak_winter(near, with_noise(KEY, q), QUICK).value > 0.022
        assert best_noise(Behaviour(noisy_singlet(0.95)), KEY, 0.55) == 0
        assert best_noise(Behaviour(noisy_singlet(0.7)), KEY, -0.3) == 0

    @pytest.mark.slow
    def test_the_certified_row_has_it(self) -> None:
        answer = bounds_on(Behaviour(noisy_singlet(0.85)), KEY)
        rates = [row.value for row in answer.bounds if row.method.startswith("Devetak-Winter rate, moment")]
        assert max(rates) > 0.026

    def test_with_confidence_it_is_chosen_on_the_training_trials(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same training trials and other test trials: the same noise."""
        behaviour = sampled(noisy_singlet(0.86), 100_000, 3)
        training, testing = confidence_module._divided(behaviour, 0.25, 0)
        noises = []
        for other in (testing, testing[::-1]):
            monkeypatch.setattr(confidence_module, "_divided", lambda *_, other=other: (training, other))
            found = confidence_module.confident_rate(behaviour, KEY, hierarchy=QUICK, choose_noise=True)
            assert found.noise_chosen
            noises.append(found.protocol.noise)
        assert noises[0] == noises[1] > 0
