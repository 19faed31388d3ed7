"""`bounds_on`: one call for any thing; what does not apply is a note, what contradicts itself an error."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from keybounds import bounds_on
from keybounds.bounds import (
    Answer,
    Bound,
    Direction,
    Discussion,
    Link,
    Quantity,
    Run,
    Status,
    Trust,
    Unit,
    any_discussion,
    completed_rounds,
    one_way,
    two_way,
)
from keybounds.channels import amplitude_damping, as_choi, pure_loss
from keybounds.errors import (
    AmbiguousInputError,
    BehaviourError,
    BoundNotEstablishedError,
    DimensionError,
    InconsistencyError,
    InputError,
    QuestionError,
    StateError,
    UnknownNameError,
)
from keybounds.experiments import Behaviour, load
from keybounds.states import PPTPrivateFamily, bell_diagonal, isotropic, ppt_private_state, to_qobj


def ion() -> Behaviour:
    """The ion link's fitted model, 2 x 3 settings."""
    return load("nadlinger2022-link").models["bell-diagonal"].behaviour()


@pytest.fixture(scope="module")
def answer_on_ion(shared: Callable[..., Any]) -> Answer:
    """For its one-way key."""
    answer: Answer = shared("bounds-on-the-ion-model", lambda: bounds_on(ion(), one_way((0, 2))))
    return answer


def of(answer: Answer, direction: Direction, quantity: Quantity = Quantity.KEY_RATE) -> list[Bound]:
    return [b for b in answer.bounds if (b.direction, b.scope.quantity) == (direction, quantity)]


class TestThings:
    def test_a_state_lies_between_its_hashing_rate_and_its_ceiling(self) -> None:
        answer = bounds_on(bell_diagonal((0.9, 0.1, 0.0, 0.0)))
        assert all(b.unit is Unit.PER_COPY for b in answer.bounds)
        lower, upper = of(answer, Direction.LOWER), of(answer, Direction.UPPER)
        # coherent information and E_r of a rank-two Bell-diagonal state are both 1 - h(.1)
        expected = 1 + 0.1 * np.log2(0.1) + 0.9 * np.log2(0.9)
        assert max(b.value for b in lower) == pytest.approx(expected, abs=1e-9)
        assert min(b.value for b in upper) == pytest.approx(expected, abs=1e-8)
        assert answer.checks
        assert any("eigenvalue" in note for note in answer.notes)  # it is not PPT: no partial-transpose ceiling

    def test_a_private_state_shows_its_key_beside_its_ceiling(self) -> None:
        family = PPTPrivateFamily(24)
        answer = bounds_on(family)
        key = max(b.value for b in of(answer, Direction.LOWER))
        trusted = min(b.value for b in of(answer, Direction.UPPER) if b.scope.trust is Trust.DEVICE_DEPENDENT)
        untrusted = min(b.value for b in of(answer, Direction.UPPER) if b.scope.trust is Trust.DEVICE_INDEPENDENT)
        assert untrusted < key <= trusted  # which is what the family is for

    def test_a_private_state_as_a_matrix_is_cut_between_the_parties(self) -> None:
        state = ppt_private_state(2)
        assert state.dims[0] == [2, 2, 2, 2]
        answer = bounds_on(state)
        ceilings = of(answer, Direction.UPPER)
        assert {b.scope.trust for b in ceilings} == {Trust.DEVICE_DEPENDENT, Trust.DEVICE_INDEPENDENT}
        closed = {b.scope.trust: b.value for b in of(bounds_on(PPTPrivateFamily(2)), Direction.UPPER)}
        for bound in ceilings:
            assert bound.value >= closed[bound.scope.trust] - 1e-6

    def test_a_channel(self) -> None:
        answer = bounds_on(amplitude_damping(0.2))
        assert {b.unit for b in answer.bounds} == {Unit.PER_CHANNEL_USE}
        assert of(answer, Direction.LOWER)
        assert of(answer, Direction.UPPER)
        assert answer.checks

    def test_the_same_channel_in_another_form_is_the_same_thing(self) -> None:
        one, other = bounds_on(amplitude_damping(0.2)), bounds_on(as_choi(amplitude_damping(0.2)))
        assert one.rows[0].scope.thing == other.rows[0].scope.thing  # type: ignore[union-attr]

    def test_pure_loss_is_known_exactly(self) -> None:
        answer = bounds_on(pure_loss(0.5))
        (interval,) = answer.intervals
        assert interval.low == pytest.approx(1.0)
        assert interval.upper.value == pytest.approx(1.0)

    def test_a_link(self) -> None:
        answer = bounds_on(Link(2.677, 0.0144))
        scopes = {(b.direction, b.scope.protocol.discussion) for b in answer.bounds}
        assert scopes == {
            (Direction.LOWER, Discussion.ONE_WAY),
            (Direction.UPPER, Discussion.TWO_WAY),
            (Direction.UPPER, Discussion.ANY),
        }
        assert len(answer.checks) == 2

    def test_a_link_whose_key_setting_is_a_test_setting_has_rates_only(self) -> None:
        answer = bounds_on(Link(2.677, 0.0144, key=(0, 0)))
        assert not of(answer, Direction.UPPER)
        assert of(answer, Direction.LOWER)
        assert any("ceiling" in note for note in answer.notes)

    def test_a_link_whose_key_setting_is_untested_has_ceilings_only(self) -> None:
        answer = bounds_on(Link(2.677, 0.0144, key=(2, 2)))
        assert not of(answer, Direction.LOWER)
        assert of(answer, Direction.UPPER)
        assert any("rate" in note for note in answer.notes)

    def test_a_table(self, answer_on_ion: Answer) -> None:
        answer = answer_on_ion
        classes = {b.scope.protocol.discussion for b in of(answer, Direction.UPPER)}
        assert classes == {Discussion.ONE_WAY, Discussion.TWO_WAY, Discussion.COMPLETED_ROUNDS, Discussion.ANY}
        assert of(answer, Direction.LOWER, Quantity.CONDITIONAL_ENTROPY)
        (one,) = [i for i in answer.intervals if i.scope.protocol == one_way((0, 2))]
        assert 0.59 < one.low <= one.upper.value < 0.60
        assert all(check.holds for check in answer.checks)

    def test_a_table_without_a_key_setting_has_ceilings_only(self) -> None:
        answer = bounds_on(ion())
        assert not of(answer, Direction.LOWER)
        assert {b.scope.protocol for b in answer.bounds} == {completed_rounds(), any_discussion()}
        assert any("one_way((0, 2))" in note for note in answer.notes)

    def test_a_table_asked_for_two_way_key(self) -> None:
        answer = bounds_on(ion(), two_way((0, 2)))
        assert of(answer, Direction.LOWER)
        assert two_way((0, 2)) in {b.scope.protocol for b in of(answer, Direction.UPPER)}

    def test_a_run(self) -> None:
        answer = bounds_on(Run(Link(2.64, 0.018), rounds=1_500_000, gamma=Fraction(13, 256)))
        lengths = {key.theorem: key.length for key in answer.keys}
        assert lengths["eat-2019"] in (95_884, 95_885)
        assert lengths["renyi"] > 391_000
        assert not answer.bounds
        assert not answer.checks  # a finite key is never held against an asymptotic ceiling


class TestBadInput:
    @pytest.mark.parametrize("array", [np.eye(4) / 4, np.full((2, 2, 2, 2), 0.25)], ids=["matrix", "table"])
    def test_an_array_is_ambiguous(self, array: np.ndarray) -> None:
        with pytest.raises(AmbiguousInputError, match=r"to_qobj.*as_choi.*Behaviour"):
            bounds_on(array)

    @pytest.mark.parametrize("thing", ["ion", 2.6, None, []])
    def test_what_has_no_key_is_refused(self, thing: object) -> None:
        with pytest.raises(InputError, match="a state, a channel, a Link, a Behaviour, a Reading or a Run"):
            bounds_on(thing)

    def test_an_unknown_effort(self) -> None:
        with pytest.raises(UnknownNameError, match="best"):
            bounds_on(Link(2.6, 0.02), effort="great")  # type: ignore[arg-type]

    def test_a_class_of_protocols_of_a_state(self) -> None:
        with pytest.raises(InputError, match="protocol: expected None"):
            bounds_on(isotropic(2, 0.9), one_way((0, 2)))

    def test_dims_of_a_link(self) -> None:
        with pytest.raises(InputError, match="dims: expected None"):
            bounds_on(Link(2.6, 0.02), dims=(2, 2))

    def test_another_key_setting_than_the_links(self) -> None:
        with pytest.raises(InputError, match=r"one_way\(\(0, 2\), noise=\.\.\.\)"):
            bounds_on(Link(2.6, 0.02), one_way((1, 2)))

    def test_a_question_that_does_not_fit_the_table(self) -> None:
        with pytest.raises(QuestionError, match="key settings"):
            bounds_on(ion(), one_way((0, 7)))

    def test_no_density_matrix(self) -> None:
        with pytest.raises(StateError, match="no eigenvalue below"):
            bounds_on(to_qobj(np.diag([0.9, 0.3, -0.2, 0.0]), (2, 2)))

    def test_a_state_that_is_not_cut_in_two(self) -> None:
        with pytest.raises(DimensionError, match="dims"):
            bounds_on(to_qobj(np.eye(8) / 8, (2, 2, 2)))

    def test_a_table_that_no_quantum_device_has(self) -> None:
        """Within 2√2 for CHSH, and beyond the quantum set on the three settings: shown so, nothing else is printed."""
        correlators = np.array([[1.0, 2**-0.5, 0.5], [2**-0.5, -(2**-0.5), 0.9]])
        P = np.empty((2, 2, 2, 3))
        P[0, 0] = P[1, 1] = (1 + correlators) / 4
        P[0, 1] = P[1, 0] = (1 - correlators) / 4
        with pytest.raises((BehaviourError, InconsistencyError)):
            bounds_on(Behaviour(P), one_way((0, 2)))


class TestRows:
    def test_a_method_that_fails_is_a_note(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*arguments: object, **named: object) -> Bound:
            raise BoundNotEstablishedError("the search ended early")

        monkeypatch.setattr("keybounds.bounds.upper.attack_ceiling", fails, raising=False)
        answer = bounds_on(ion(), one_way((0, 2)))
        assert of(answer, Direction.LOWER)
        assert sum("the search ended early" in note for note in answer.notes) == 4  # one-way, two-way, completed, any

    def test_a_contradiction_is_an_error_and_no_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from keybounds.bounds import upper

        true = upper.chsh_ceiling

        def too_low(*arguments: object) -> Bound:
            return replace(true(*arguments), value=0.1)  # type: ignore[arg-type]

        monkeypatch.setattr(upper, "chsh_ceiling", too_low)
        with pytest.raises(InconsistencyError, match="proves at least"):
            bounds_on(Link(2.677, 0.0144))

    def test_labels_do_not_make_two_things_one(self) -> None:
        one, other = (bounds_on(Link(s, 0.02)) for s in (2.6, 2.7))
        mixed = Answer.of([row.about("my link") for answer in (one, other) for row in answer.bounds])
        assert len(mixed.checks) == len(one.checks) + len(other.checks)


class TestAsAValue:
    @pytest.fixture
    def answer(self, answer_on_ion: Answer) -> Answer:
        return answer_on_ion

    def test_it_survives_json(self, answer: Answer) -> None:
        document = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
        assert Answer.from_dict(document) == answer

    def test_it_survives_pickling(self, answer: Answer) -> None:
        assert pickle.loads(pickle.dumps(answer)) == answer

    def test_its_repr_is_short(self, answer: Answer) -> None:
        assert len(repr(answer)) < 200
        assert all(len(repr(row)) < 300 for row in answer.rows)

    def test_its_text_names_every_row(self, answer: Answer) -> None:
        text = str(answer)
        assert all(row.method in text for row in answer.bounds)
        assert "comparable pairs hold" in text

    def test_it_shows_itself_in_a_notebook(self, answer: Answer) -> None:
        assert answer._repr_html_().count("<table") == 2
        assert r"\toprule" in answer._repr_latex_()

    def test_no_bound_is_without_a_certificate(self, answer: Answer) -> None:
        assert all(b.certificate is not None for b in answer.bounds if b.status is not Status.PUBLISHED)
