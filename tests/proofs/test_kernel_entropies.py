"""What the rules about quantifiers, infima and integrals must refuse, and what linear functions are."""

from __future__ import annotations

import pytest
import sympy as sp

from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.propositions import Definition, at_least, at_most, equal, greater, less
from keybounds.proofs.logic.terms import functional, linear, real, symbol, thing

x, y, t, s, v = (real(name) for name in "xytsv")
a, b = symbol("a"), symbol("b")
f, g = functional("test_f"), functional("test_g")
is_small, is_even, is_below = (Definition(f"test_{name}", "") for name in ("small", "even", "below"))
SMALL = k.ForAll("test", is_small(v), (x,), (at_least(x, 0),), (at_most(f(x), v),))
BELOW = k.ForAll("test", is_below(v, y), (x,), (at_least(x, 0),), (at_most(v, g(x)),))
LEAST = k.Infimum("test", functional("test_inf")(y), BELOW)
INSIDE = [greater(t, 0), less(t, 1)]


def known(proposition, *under):  # type: ignore[no-untyped-def]
    return k.argued("test", proposition, "for the test", under=under)


def test_for_all_is_introduced_and_used() -> None:
    shown = known(at_most(f(x), 3), at_least(x, 0))
    every = k.generalised("test", SMALL, {v: sp.Integer(3)}, shown)
    assert every.proposition == is_small(3)
    assert not every.hypotheses
    at_two = k.specialised("test", SMALL, {v: sp.Integer(3), x: sp.Integer(2)}, every)
    assert at_two.proposition == at_most(f(sp.Integer(2)), 3)


def test_for_all_does_not_follow_from_a_special_case() -> None:
    with pytest.raises(k.StepFailedError, match="restricts"):
        k.generalised("test", SMALL, {v: sp.Integer(3)}, known(at_most(f(x), 3), at_least(x, 5)))
    with pytest.raises(k.StepFailedError, match="bound symbol"):
        k.generalised("test", SMALL, {v: x}, known(at_most(f(x), x), at_least(x, 0)))
    with pytest.raises(k.StepFailedError, match="what is shown"):
        k.generalised("test", SMALL, {v: sp.Integer(3)}, known(at_most(f(y), 3)))


def test_for_all_is_used_where_its_hypotheses_hold() -> None:
    every = known(is_small(3))
    with pytest.raises(k.StepFailedError, match="not shown"):
        k.specialised("test", SMALL, {v: sp.Integer(3), x: sp.Integer(-1)}, every)
    with pytest.raises(k.StepFailedError, match="not known"):
        k.specialised("test", SMALL, {v: sp.Integer(2), x: sp.Integer(1)}, every)


def test_a_quantified_predicate_has_one_meaning() -> None:
    k.specialised("test", SMALL, {v: sp.Integer(3), x: sp.Integer(2)}, known(is_small(3)))
    other = k.ForAll("test", is_small(v), (x,), (), (at_most(f(x), v),))
    with pytest.raises(k.StepFailedError, match="another definition"):
        k.generalised("test", other, {v: sp.Integer(3)}, known(at_most(f(x), 3)))


def test_an_infimum_is_the_greatest_lower_bound() -> None:
    assert k.infimum_is_bound(LEAST, {y: y}).proposition == is_below(LEAST.value, y)
    bound = known(is_below(sp.Integer(2), y))
    assert k.at_most_infimum("test", LEAST, {v: sp.Integer(2), y: y}, bound).proposition == at_most(2, LEAST.value)
    with pytest.raises(k.StepFailedError, match="not known"):
        k.at_most_infimum("test", LEAST, {v: sp.Integer(3), y: y}, bound)


def test_an_infimum_is_of_lower_bounds_only() -> None:
    upper = k.ForAll("test", is_even(v, y), (x,), (), (at_least(v, g(x)),))
    with pytest.raises(k.StepFailedError, match="lower bounds"):
        k.infimum_is_bound(k.Infimum("test", functional("test_sup")(y), upper), {y: y})


def test_integrals_by_a_primitive() -> None:
    whole = sp.Integral(1 / t, (t, 1, a))
    assert k.integrated("test", whole, sp.log(t), [greater(a, 1)]).right == sp.log(a)
    with pytest.raises(k.StepFailedError):  # noqa: PT011
        k.integrated("test", whole, 2 * sp.log(t), [greater(a, 1)])
    with pytest.raises(k.StepFailedError, match="no finite value"):
        k.integrated("test", sp.Integral(1 / t, (t, 0, 1)), sp.log(t))
    with pytest.raises(k.StepFailedError, match="ends of the integral"):
        k.integrated("test", whole, sp.log(t), [less(a, 1)])


def test_under_an_integral_a_relation_holds_everywhere_between_the_ends() -> None:
    fact = known(greater(f(t), g(t)), *INSIDE)
    assert k.under_integral("test", fact, t, 0, 1).relation.relation == ">="
    with pytest.raises(k.StepFailedError, match="integration variable"):
        k.under_integral("test", fact, t, 0, sp.Rational(1, 2))


def test_infinite_parts_are_not_split_off() -> None:
    whole = sp.Integral(f(t) + g(t), (t, 0, 1))
    parts = [(sp.Integer(1), f(t)), (sp.Integer(1), g(t))]
    with pytest.raises(k.StepFailedError, match="more than one part"):
        k.integral_split("test", whole, parts)
    signs = [known(at_least(one(t), 0), *INSIDE) for one in (f, g)]
    assert k.integral_split("test", whole, parts, *signs).right == sp.Add(
        *(sp.Integral(one(t), (t, 0, 1)) for one in (f, g))
    )
    with pytest.raises(k.StepFailedError, match="do not add up"):
        k.integral_split("test", whole, parts[:1], *signs)


def test_a_substitution_is_linear_and_moves_the_ends() -> None:
    whole = sp.Integral(f(s), (s, 1, 3))
    moved = k.by_substitution("test", whole, 1 + 2 * t, t, (0, 1))
    assert moved.right == sp.Integral(2 * f(1 + 2 * t), (t, 0, 1))
    mirrored = k.by_substitution("test", whole, 3 - 2 * t, t, (0, 1))
    assert mirrored.right == sp.Integral(2 * f(3 - 2 * t), (t, 0, 1))
    for place, ends in ((1 + t, (0, 1)), (1 + t**2, (0, 1)), (1 + 2 * t, (0, 2))):
        with pytest.raises(k.StepFailedError):  # noqa: PT011
            k.by_substitution("test", whole, place, t, ends)


def test_the_same_function_of_equals() -> None:
    fact = known(equal(f(x), 2))
    assert k.same("test", fact, g(y), y).proposition == equal(g(f(x)), g(sp.Integer(2)))
    with pytest.raises(k.StepFailedError, match="no equation"):
        k.same("test", known(at_most(f(x), 2)), g(y), y)
    with pytest.raises(k.StepFailedError, match="does not occur"):
        k.same("test", fact, g(x), y)


def test_a_construction_is_defined_once_and_not_where_the_function_is() -> None:
    from keybounds.proofs.logic.terms import construction

    made, seen = construction("test_made"), functional("test_seen")
    A = thing("A")
    k.by_definition(k.Meaning("test", seen(made(A)), f(A)), {A: thing("B")})
    with pytest.raises(k.StepFailedError, match="another definition"):
        k.by_definition(k.Meaning("test", seen(made(A)), 2 * f(A)), {A: A})
    with pytest.raises(k.StepFailedError, match="new name"):
        k.by_definition(k.Meaning("test", seen(A), f(A)), {A: A})


def test_linear_functions_take_numbers_and_sums_out_and_nothing_else() -> None:
    trace = linear("test_trace")
    A, B = thing("A"), thing("B")
    assert trace((1 - a) * A + a * (A - B)) == trace(A) - a * trace(B)
    assert trace(A * B) != trace(B * A)
    assert trace(A**2) != trace(A) ** 2


def test_identities_of_operators_and_of_roots() -> None:
    A, B = thing("A"), thing("B")
    assert vanishes((A + B) / (1 + a) - A + a * A / (1 + a) - B / (1 + a))
    assert not vanishes(A * B - B * A)
    root = sp.sqrt(a**2 + 3)
    assert vanishes((root + a) * (root - a) - 3)
    assert not vanishes((root + a) * (root - a) - 2)
    assert vanishes(sp.Integral(f(t), (t, 0, 1)) - sp.Integral(f(t), (t, 0, 1)))
    assert not vanishes(sp.Integral(f(t), (t, 0, 1)) - sp.Integral(f(t), (t, 0, 2)))
