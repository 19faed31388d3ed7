"""The calculus of entropies: it proves what follows for every state, and nothing that a state contradicts."""

from __future__ import annotations

import pytest
import sympy as sp

from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.calculus import entropic
from keybounds.proofs.logic.kernel import Fact, StepFailedError
from keybounds.proofs.logic.propositions import Relation, at_least, at_most, equal, less
from keybounds.proofs.logic.terms import real, thing
from keybounds.proofs.notions_attacks import conditional, entropy_of, has_parts, information, system
from keybounds.proofs.theorems import information as theorems

omega = thing("omega")
A, B, C, D, E, F, X, Y = (system(name) for name in "ABCDEFXY")


def state(quantum: tuple = (), classical: tuple = ()) -> Fact:  # type: ignore[type-arg]
    return kernel.assume(has_parts(omega, sp.Tuple(*quantum), sp.Tuple(*classical)))


def S(*systems: object) -> object:
    return entropy_of(omega, *systems)


def I(a: tuple, b: tuple, given: tuple = ()) -> object:  # type: ignore[type-arg]  # noqa: E743
    return information(omega, a, b, given)


def vanishes(a: tuple, b: tuple, given: tuple = ()) -> Fact:  # type: ignore[type-arg]
    return kernel.assume(equal(I(a, b, given), 0))


QUANTUM = state((A, B, C, D, E, F))
TRUE = [
    pytest.param(at_least(I((A,), (B,), (C,)), 0), QUANTUM, id="strong-subadditivity"),
    pytest.param(at_least(S(A), 0), QUANTUM, id="not-negative"),
    pytest.param(at_least(S(A, B), S(A) - S(B)), QUANTUM, id="araki-lieb"),
    pytest.param(at_most(I((A,), (B,), (C,)), 2 * S(A)), QUANTUM, id="twice-the-entropy"),
    pytest.param(at_least(I((A,), (B, C)), I((A,), (B,))), QUANTUM, id="data-processing"),
    pytest.param(
        at_least(conditional(omega, (A,), (B,)), conditional(omega, (A,), (B, C))), QUANTUM, id="conditioning"
    ),
    pytest.param(
        equal(I((A, B), (C, D), (E,)), I((A,), (C, D), (E,)) + I((B,), (C,), (A, E)) + I((B,), (D,), (A, C, E))),
        QUANTUM,
        id="chain-rule",
    ),
    pytest.param(at_least(I((A,), (B, C, D), (E, F)), I((A,), (C,), (E, F))), QUANTUM, id="six-systems"),
    pytest.param(at_least(S(A, B), S(B)), state((B,), (A,)), id="classical-A"),
    pytest.param(at_least(S(A, B), S(A)), state((B,), (A,)), id="classical-A-known"),
    pytest.param(at_most(I((X,), (A,)), S(X)), state((A,), (X,)), id="holevo-by-the-label"),
    pytest.param(at_most(I((X,), (A,)), S(A)), state((A,), (X,)), id="holevo-by-the-carrier"),
    pytest.param(at_most(I((A,), (X,), (B,)), S(X)), state((A, B), (X,)), id="classical-given-quantum"),
]


@pytest.mark.parametrize(("relation", "known"), TRUE)
def test_what_holds_for_every_state_is_proved(relation: Relation, known: Fact) -> None:
    fact = entropic("test", relation, [known])
    assert fact.proposition == relation
    assert fact.hypotheses <= known.hypotheses


FALSE = [
    # a GHZ-like state has I(A:B) > I(A:B|C), an XOR of coins the other way round
    pytest.param(at_least(I((A,), (B,)), I((A,), (B,), (C,))), state((), (A, B, C)), id="conditioning-lowers"),
    pytest.param(at_most(I((A,), (B,)), I((A,), (B,), (C,))), state((), (A, B, C)), id="conditioning-raises"),
    # a maximally entangled pair
    pytest.param(at_least(S(A, B), S(B)), state((A, B)), id="monotone-without-classical"),
    pytest.param(at_least(conditional(omega, (A,), (B,)), 0), state((A,), ()), id="a-system-too-many"),
    pytest.param(at_most(I((A,), (B,)), S(A)), state((A, B)), id="information-above-the-entropy"),
    # a classical C does not make S(A|BC) >= 0
    pytest.param(at_least(S(A, B, C), S(B, C)), state((A, B), (C,)), id="the-wrong-one-is-classical"),
    pytest.param(at_most(I((A,), (B,), (C,)), S(A)), state((A, B), (C,)), id="classical-elsewhere"),
    pytest.param(at_least(I((A,), (B,), (C,)), sp.Rational(1, 10)), QUANTUM, id="a-constant"),
    pytest.param(equal(S(A, B), S(A) + S(B)), QUANTUM, id="additivity"),
    pytest.param(at_most(S(A, B, C, D, E, F), S(A, B, C) + S(D, E)), state((), (A, B, C, D, E, F)), id="six-classical"),
]


@pytest.mark.parametrize(("relation", "known"), FALSE)
def test_what_some_state_contradicts_is_not(relation: Relation, known: Fact) -> None:
    with pytest.raises(StepFailedError):  # noqa: PT011
        entropic("test", relation, [known])


def test_independence_is_used_and_stays_a_hypothesis() -> None:
    """I(a : BF | y) = 0 with y part of b, as in a round of a protocol; without y in b it does not follow."""
    known = state((F,), (A, B, X, Y))
    fresh, function = vanishes((B, F), (A, X), (Y,)), kernel.assume(equal(S(X, Y), S(X)))
    wanted = equal(I((A,), (B,), (F, X)), 0)
    assert entropic("test", wanted, [known], [fresh, function]).hypotheses == {
        *known.hypotheses,
        *fresh.hypotheses,
        *function.hypotheses,
    }
    for left_out in ([fresh], [function], []):
        with pytest.raises(StepFailedError, match="no combination"):
            entropic("test", wanted, [known], left_out)


def test_two_states_are_kept_apart() -> None:
    other = thing("other")
    both = [state((A, B)), kernel.assume(has_parts(other, sp.Tuple(A, B), sp.Tuple()))]
    with pytest.raises(StepFailedError):  # noqa: PT011
        entropic("test", at_least(S(A) + S(B), entropy_of(other, A, B)), both)
    whole = at_least(S(A) + S(B) + entropy_of(other, A) + entropy_of(other, B), S(A, B) + entropy_of(other, A, B))
    assert entropic("test", whole, both).hypotheses == both[0].hypotheses | both[1].hypotheses


def test_other_terms_are_left_as_they_are() -> None:
    c = real("c")
    bound = kernel.assume(at_most(I((A,), (B,), (C,)), c))
    chain = at_most(I((A,), (B, C)), I((A,), (C,)) + c)
    assert entropic("test", chain, [QUANTUM], [bound]).hypotheses == bound.hypotheses
    with pytest.raises(StepFailedError):  # noqa: PT011
        entropic("test", at_most(I((A,), (B, C)), I((A,), (C,)) + c / 2), [QUANTUM], [bound])
    with pytest.raises(StepFailedError, match="no combination"):
        entropic("test", at_least(sp.sqrt(2) * S(A), 0), [QUANTUM])


def test_strict_relations_and_unknown_states_are_refused() -> None:
    with pytest.raises(StepFailedError, match="compared by"):
        entropic("test", less(0, S(A)), [QUANTUM])
    with pytest.raises(StepFailedError, match="no combination"):
        entropic("test", at_least(S(A) + S(B), S(A, B)), [])
    twice = kernel.assume(has_parts(omega, sp.Tuple(A, A), sp.Tuple()))
    with pytest.raises(StepFailedError, match="not distinct"):
        entropic("test", at_least(S(A), 0), [twice])


def test_theorems_are_about_disjoint_parts() -> None:
    with pytest.raises(ValueError, match="disjoint"):
        theorems.strong_subadditivity((A, B), (), (A,), (A,), ())
    with pytest.raises(ValueError, match="classical"):
        theorems.classical_given((A, B), (), (A,), (B,))
    with pytest.raises(ValueError, match="label"):
        theorems.labelled((X,), (A, X), real("w"), omega, thing("k"), thing("K"), (A,))
    with pytest.raises(ValueError, match="disjoint"):
        theorems.labelled((X,), (A,), real("w"), omega, thing("k"), thing("K"), (B,))


def test_rounded_multipliers_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the search returns is not believed: the multiples must add up exactly."""
    from keybounds.proofs.logic import calculus

    def spoilt(target: object, forms: list[object], free: object) -> list[object]:
        from fractions import Fraction

        return [Fraction(1)] * len(forms)

    monkeypatch.setattr(calculus, "_multipliers", spoilt)
    with pytest.raises(StepFailedError):  # noqa: PT011
        entropic("test", at_least(S(A), 0), [QUANTUM])
