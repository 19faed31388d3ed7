"""The kernel: each rule gives what it should, and refuses where its own condition is not met.

Facts are made by rules only, so a rule that is too generous proves false statements: every test here has a false one.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.kernel import Fact, Meaning, Rule, StepFailedError, Theorem
from keybounds.proofs.logic.propositions import (
    Definition,
    Equivalence,
    Implication,
    Negation,
    Relation,
    UndecidedError,
    at_least,
    at_most,
    equal,
    greater,
    less,
    negated,
)
from keybounds.proofs.logic.terms import D2, construction, expanded, functional, h, integer, log2, real, symbol, thing

p, q, r, x, y = (symbol(name) for name in "pqrxy")
n, m = integer("n"), integer("m")
t = real("t")
HALF = sp.Rational(1, 2)
BELOW_HALF = [greater(p, 0), less(p, HALF)]
F, G = functional("F"), functional("G")


def given(proposition: object) -> Fact:
    """Any proposition as a fact, from an argument in words."""
    return kernel.argued("given", proposition, "for the test")  # type: ignore[arg-type]


def refused(make: Callable[[], object], match: str = ".") -> StepFailedError:
    with pytest.raises(StepFailedError, match=match) as error:
        make()
    return error.value


def test_facts_are_made_by_rules_only() -> None:
    with pytest.raises(TypeError, match="made by the rules"):
        Fact(object(), "false", equal(1, 2), frozenset(), Rule.SYMBOLIC)


# ---------------------------------------------------------------------------------------------------------- deciding


@pytest.mark.parametrize(
    ("left", "right", "under"),
    [
        (log2(p - 1), log2(1 - p), BELOW_HALF),  # log(x-1) = log(1-x), for no value
        (h(p), h(p) + p**3, BELOW_HALF),
        (sp.sqrt((p - 1) ** 2), p - 1, BELOW_HALF),  # the wrong branch
        (log2(p) ** 2, 2 * log2(p), BELOW_HALF),
        (log2(1 - p), log2(1 + p), BELOW_HALF),
        (sp.atan(r) + sp.atan(1 / r), sp.pi / 2, []),  # true, but decided by nothing here
        (1 / (p - HALF), 2 / (2 * p - 1), [greater(p, 0), less(p, 1)]),  # a pole inside
        (D2(p, q), D2(q, p), [less(p, 1), less(q, 1)]),
        (p, p + sp.Rational(1, 10**30), BELOW_HALF),
    ],
)
def test_identities_that_are_false_or_have_no_value(left: sp.Expr, right: sp.Expr, under: list[Relation]) -> None:
    refused(lambda: kernel.identity("false", left, right, under))


def test_an_identity_of_the_same_expression_says_nothing() -> None:
    refused(lambda: kernel.identity("trivial", p + q, q + p), "same expression")


def test_identities_that_hold() -> None:
    assert kernel.identity("h", h(p), -p * log2(p) - (1 - p) * log2(1 - p), BELOW_HALF).rule is Rule.SYMBOLIC
    kernel.identity("D2", D2(p, HALF), 1 - h(p), BELOW_HALF)
    kernel.identity("closed ends mean limits", h(p), h(1 - p), [at_least(p, 0), at_most(p, 1)])
    kernel.identity("primes", log2((1 - p) / 8), log2(1 - p) - 3, BELOW_HALF)
    kernel.identity("a root of a square", sp.sqrt(p**2 + 2 * p + 1), p + 1, BELOW_HALF)


@pytest.mark.parametrize(
    ("relation", "under"),
    [
        (greater(1 - 2 * p, 0), [at_most(p, HALF)]),  # 0 at the closed end
        (greater(1 - 2 * p, 0), [greater(p, 0)]),
        (at_least(p - 1 / (r + 1), 0), [greater(r, 1), at_most(p, HALF)]),
        (greater(p**2 - p + sp.Rational(1, 4), 0), [less(p, 1)]),  # a double root
        (less(log2(2 * p), 0), [at_most(p, HALF)]),
        (greater(sp.sqrt(n) - 1, 0), []),  # n = 1
        (greater(t, 0), []),
    ],
)
def test_inequalities_that_fail_somewhere(relation: Relation, under: list[Relation]) -> None:
    refused(lambda: kernel.inequality("false", relation, under))


@pytest.mark.parametrize(
    ("relation", "under"),
    [
        (at_least(1 - 2 * p, 0), [at_most(p, HALF)]),
        (at_least(p - (1 - p) / r, 0), [at_least(p, 1 / (r + 1)), at_most(p, HALF), greater(r, 1)]),
        (at_least(p**2 - p + sp.Rational(1, 4), 0), [less(p, 1)]),
        (greater(p**2 - p + sp.Rational(26, 100), 0), [less(p, 1)]),  # by counting roots
        (greater(sp.sqrt(n) - 1, 0), [at_least(n, 2)]),
        (less(log2(2 * p), 0), [less(p, HALF)]),
        (at_least(x**2 - 2 * x + 1, 0), []),  # a double root of even order
    ],
)
def test_inequalities_that_hold(relation: Relation, under: list[Relation]) -> None:
    assert kernel.inequality("true", relation, under).hypotheses == frozenset(under)


def test_a_refutation_names_a_point_that_the_hypotheses_allow() -> None:
    error = refused(lambda: kernel.inequality("false", greater(p, sp.Rational(1, 3)), BELOW_HALF), "at p = ")
    assert error.refuted


def test_bounds_that_leave_no_room_decide_nothing() -> None:
    refused(lambda: kernel.inequality("empty", less(p, 0), [greater(p, 2), less(p, 1)]), "room")


def test_balls_prove_signs_of_numbers_and_on_boxes_only() -> None:
    box = {p: (sp.Rational(1, 3), HALF, 4)}
    fact = kernel.enclosed("on a box", greater(log2(p), -2), box)
    assert fact.hypotheses == {at_least(p, sp.Rational(1, 3)), at_most(p, HALF)}
    refused(lambda: kernel.enclosed("false at the end", greater(1 - 2 * p, 0), box))
    refused(lambda: kernel.enclosed("no box", greater(p, 0)), "no box")
    refused(lambda: kernel.enclosed("an equality", equal(sp.sqrt(2) ** 2, 2)), "no equality")
    refused(lambda: kernel.enclosed("zero", greater(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6), 0)))


def test_a_predicate_is_decided_by_its_definition() -> None:
    even = Definition("even", "{0} is even", decide=lambda k: k % 2 == 0)
    lost = Definition("lost", "{0} is lost", decide=lambda k: _undecided(k))
    assert kernel.decided("2", even(2)).rule is Rule.DECIDED
    assert refused(lambda: kernel.decided("3", even(3))).refuted
    assert not refused(lambda: kernel.decided("?", lost(3)), "cannot tell").refuted
    refused(lambda: kernel.decided("none", Definition("key", "{0} is key")(1)), "no executable definition")


def _undecided(k: object) -> bool:
    raise UndecidedError(f"cannot tell of {k}")


# -------------------------------------------------------------------------------------------- definitions, theorems


def test_a_definition_is_of_a_new_name_and_once() -> None:
    a = thing("a")
    new = functional("defined_in_a_test")
    meaning = Meaning("twice", new(x), 2 * x)
    assert kernel.by_definition(meaning, {x: p}).proposition == equal(new(p), 2 * p)
    refused(lambda: kernel.by_definition(Meaning("thrice", new(x), 3 * x)), "another definition")
    refused(lambda: kernel.by_definition(Meaning("at a point", new(sp.Integer(1)), 3)), "new name")
    refused(lambda: kernel.by_definition(Meaning("not a name", x + y, 3)), "new name|another")
    even = Definition("even", "{0} is even", decide=lambda k: k % 2 == 0)
    refused(lambda: kernel.by_definition(Meaning("decided already", even(a), greater(x, 0))), "new name")


SUM = Theorem("sum", "nobody2000, Theorem 1", "G is at most F.", (greater(F(x), 0),), at_most(G(x), F(x)))


def test_a_theorem_wants_each_hypothesis() -> None:
    known = given(greater(F(p), 0))
    fact = kernel.by_theorem("used", SUM, {x: p}, known)
    assert (fact.proposition, fact.source) == (at_most(G(p), F(p)), SUM)
    refused(lambda: kernel.by_theorem("unused", SUM, {x: p}), "wants that")
    refused(lambda: kernel.by_theorem("of another", SUM, {x: p}, given(greater(F(q), 0))), "wants that")
    refused(lambda: kernel.by_theorem("too weak", SUM, {x: p}, given(at_least(F(p), 0))), "wants that")
    refused(lambda: kernel.by_theorem("without a value", SUM, {}), "values for its own symbols")
    refused(lambda: kernel.by_theorem("negative", SUM, {x: p - 2}, given(greater(F(p - 2), 0))), "positive")
    refused(lambda: kernel.by_theorem("no number", SUM, {x: thing("a")}, given(greater(F(thing("a")), 0))), "positive")


# ------------------------------------------------------------------------------------------------------------- rules


def test_instances_are_of_the_symbols_kind() -> None:
    fact = kernel.argued("given", at_least(F(n), p), "for the test", under=[less(p, 1)])
    assert kernel.instantiated(fact, {n: n + 1}).proposition == at_least(F(n + 1), p)
    assert kernel.instantiated(fact, {p: HALF}).hypotheses == frozenset()  # 1/2 < 1 is decided
    assert kernel.instantiated(fact, {p: q}).hypotheses == {less(q, 1)}
    refused(lambda: kernel.instantiated(fact, {n: x}), "integer")
    refused(lambda: kernel.instantiated(fact, {p: t}), "positive")
    refused(lambda: kernel.instantiated(given(at_least(t, F(t))), {t: sp.I}), "real")
    assert greater(3, 1) not in kernel.instantiated(fact, {p: sp.Integer(3)}).hypotheses
    assert less(3, 1) in kernel.instantiated(fact, {p: sp.Integer(3)}).hypotheses  # false, and stays


def test_a_cut_needs_a_proof_of_the_hypothesis() -> None:
    fact = kernel.argued("given", equal(F(x), 1), "for the test", under=[greater(G(x), 0)])
    assert kernel.cut(fact, given(greater(G(x), 0))).hypotheses == frozenset()
    assert kernel.cut(fact, given(less(0, G(x)))).hypotheses == frozenset()
    refused(lambda: kernel.cut(fact, given(at_least(G(x), 0))), "no hypothesis")


def test_weaker_relations_only() -> None:
    strict = given(less(F(x), 1))
    assert kernel.weakened("weaker", strict, at_most(F(x), 1)).proposition == at_most(F(x), 1)
    assert kernel.weakened("mirrored", strict, greater(1, F(x))).proposition == greater(1, F(x))
    refused(lambda: kernel.weakened("stronger", given(at_most(F(x), 1)), less(F(x), 1)), "not a weaker")
    refused(lambda: kernel.weakened("reversed", strict, at_least(F(x), 1)), "not a weaker")
    refused(lambda: kernel.weakened("other sides", strict, at_most(F(x), 2)), "not a weaker")


def test_chains_join_and_point_one_way() -> None:
    first, second = given(at_most(F(x), G(x))), given(less(G(x), 1))
    assert kernel.chain("joined", first, second).proposition == less(F(x), 1)
    assert kernel.chain("joined", first, given(equal(G(x), 3))).proposition == at_most(F(x), 3)
    refused(lambda: kernel.chain("gap", first, given(less(F(x), 1))), "not the same")
    refused(lambda: kernel.chain("both ways", first, given(at_least(G(x), 1))), "both ways")


def test_rewriting_needs_an_equation_that_occurs() -> None:
    fact = given(at_most(F(x) + 1, 2))
    assert kernel.rewritten("used", fact, given(equal(F(x), G(x)))).proposition == at_most(G(x) + 1, 2)
    refused(lambda: kernel.rewritten("inequality", fact, given(at_most(F(x), G(x)))), "no equation")
    refused(lambda: kernel.rewritten("elsewhere", fact, given(equal(G(x), 1))), "does not occur")


def test_linear_combinations_are_checked_with_their_signs() -> None:
    low, high = given(at_least(F(x), 1)), given(at_most(G(x), 3))
    assert kernel.linear("sum", at_least(F(x) - G(x), -2), [(1, low), (1, high)]).relation.right == -2
    refused(
        lambda: kernel.linear("wrong sum", at_least(F(x) - G(x), -1), [(1, low), (1, high)]), "another relation|at "
    )
    refused(lambda: kernel.linear("negative", at_least(-F(x), -1), [(-1, low)]), "negative")
    refused(lambda: kernel.linear("strict", greater(F(x), 1), [(1, low)]), "strict")
    refused(lambda: kernel.linear("equation", equal(F(x), 1), [(1, low)]), "does not follow from an inequality")
    refused(lambda: kernel.linear("unknown sign", at_least(t * F(x), t), [(t, low)]), "negative")
    above = given(greater(F(x), 1))
    assert kernel.linear("strict", greater(2 * F(x), 2), [(2, above)])


def test_a_factor_that_may_vanish_or_blow_up_at_a_closed_end() -> None:
    """At y = 0 the hypothesis y F(x) >= 0 says nothing of F(x)."""
    y0 = real("y")
    under = [at_least(y0, 0)]
    fact = kernel.argued("given", at_least(y0 * F(x), 0), "for the test", under=under)
    refused(lambda: kernel.linear("divided", at_least(F(x), 0), [(1 / y0, fact)], under), "infinite")
    inside = [greater(y0, 0)]
    fact = kernel.argued("given", at_least(y0 * F(x), 0), "for the test", under=inside)
    assert kernel.linear("divided", at_least(F(x), 0), [(1 / y0, fact)], inside)
    strict = kernel.argued("given", greater(F(x), 0), "for the test")
    refused(lambda: kernel.linear("times y", greater(y0 * F(x), 0), [(y0, strict)], under), "strict")


def test_implications() -> None:
    implication = kernel.assume(Implication(frozenset({greater(G(x), 0)}), equal(F(x), 1)))
    used = kernel.applied("used", implication, kernel.assume(greater(G(x), 0)))
    assert used.proposition == equal(F(x), 1)
    assert used.hypotheses == {implication.proposition, greater(G(x), 0)}
    refused(lambda: kernel.applied("unused", implication), "not shown")
    refused(lambda: kernel.applied("no implication", given(equal(F(x), 1))), "implication is wanted")


def test_contraposition_and_equivalence() -> None:
    above, small = greater(F(x), 0), less(G(x), 1)
    forward = kernel.argued("given", small, "for the test", under=[above])
    backward = kernel.argued("given", above, "for the test", under=[small])
    assert kernel.equivalent("both", forward, backward).proposition == Equivalence(above, small)
    assert kernel.equivalent("both", forward, backward).hypotheses == frozenset()
    refused(lambda: kernel.equivalent("one way", forward, forward), "neither direction")
    turned = kernel.contraposed("turned", forward, above)
    assert (turned.proposition, turned.hypotheses) == (at_most(F(x), 0), frozenset({at_least(G(x), 1)}))
    refused(lambda: kernel.contraposed("of nothing", forward, small), "no hypothesis")
    both = given(Equivalence(above, small))
    assert kernel.replaced("other side", given(above), both).proposition == small
    refused(lambda: kernel.replaced("no side", given(equal(x, 1)), both), "no side")


def test_cases_are_a_proposition_and_its_negation() -> None:
    on = greater(G(x), 0)
    first = kernel.argued("given", equal(F(x), 1), "for the test", under=[on])
    second = kernel.argued("given", equal(F(x), 1), "for the test", under=[at_most(G(x), 0)])
    assert kernel.by_cases("both", first, second, on).hypotheses == frozenset()
    gap = kernel.argued("given", equal(F(x), 1), "for the test", under=[less(G(x), 0)])
    refused(lambda: kernel.by_cases("a gap", first, gap, on), "not those of")
    other = kernel.argued("given", equal(F(x), 2), "for the test", under=[at_most(G(x), 0)])
    refused(lambda: kernel.by_cases("different", first, other, on), "different things")
    even = Definition("even", "{0} is even")(x)
    assert negated(negated(even)) == even
    assert negated(even) == Negation(even)


def test_where_equal() -> None:
    fact = given(equal(F(2), 4))
    assert kernel.where_equal("at 2", fact, x, sp.Integer(2), equal(F(x), 2 * x)).hypotheses == {equal(x, 2)}
    refused(lambda: kernel.where_equal("another", fact, x, sp.Integer(2), equal(F(x), x)), "not the proposition")


def test_induction_wants_base_and_step_of_the_same_proposition() -> None:
    goal = at_most(F(n), n)
    base = given(at_most(F(1), 1))
    one_more = given(at_most(F(n + 1), F(n) + 1))
    step = kernel.linear("step", at_most(F(n + 1), n + 1), [(1, one_more), (1, kernel.assume(goal))])
    assert kernel.by_induction("all", n, 1, base, step, goal).hypotheses == {at_least(n, 1)}
    refused(lambda: kernel.by_induction("base", n, 2, base, step, goal), "base")
    refused(lambda: kernel.by_induction("step", n, 1, base, one_more, goal), "step")
    bounded = kernel.argued("given", at_most(F(n + 1), n + 1), "for the test", under=[goal, less(n, 10)])
    refused(lambda: kernel.by_induction("bounded", n, 1, base, bounded, goal), "speaks about")
    refused(lambda: kernel.by_induction("no integer", x, 1, base, step, goal), "no integer")


def test_slopes() -> None:
    rising = kernel.inequality("slope", greater(2 * x, 0), [less(x, 3)])
    up = kernel.by_slope("from 0", x**2, x, rising, 0)
    assert up.proposition == greater(x**2, 0)
    down = kernel.by_slope("to 3", x**2, x, rising, 3)
    assert down.proposition == less(x**2, 9)
    refused(lambda: kernel.by_slope("another function", x**3, x, rising, 0), "another function|at ")
    refused(lambda: kernel.by_slope("no end", x**2, x, rising, 1), "no end")
    refused(lambda: kernel.by_slope("no slope", x**2, x, given(greater(2 * x, 1)), 0), "sign of the derivative")
    jump = kernel.inequality("slope", less(-1 / (x - 1) ** 2, 0), [greater(x, 1)])
    refused(lambda: kernel.by_slope("a pole", 1 / (x - 1), x, jump, 1), "no finite value|may have no|no number")


def test_at_a_closed_start_a_slope_gives_no_strict_inequality() -> None:
    slope = kernel.inequality("slope", greater(1, 0), [at_least(x, 2)])
    assert kernel.by_slope("from 2", x, x, slope, 2).proposition == at_least(x, 2)
    open_slope = kernel.inequality("slope", greater(1, 0), [greater(x, 2)])
    assert kernel.by_slope("from 2", x, x, open_slope, 2).proposition == greater(x, 2)


def test_slopes_across_a_hole_are_refused() -> None:
    slope = kernel.argued("given", greater(1, 0), "for the test", under=[greater((x - 1) * (x - 2), 0)])
    refused(lambda: kernel.by_slope("a hole", x, x, slope, 0), "no bound")


# ------------------------------------------------------------------------------------------------------------- terms


def test_relations_with_no_value_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="no number"):
        equal(1 / sp.Integer(0), p)
    with pytest.raises(ValueError, match="a relation is one of"):
        Relation(p, "!=", q)


def test_named_functions_are_written_out() -> None:
    assert not expanded(D2(h(p), q)).has(h, D2)
    assert vanishes(expanded(log2(x)) - sp.log(x) / sp.log(2))


def test_operators_do_not_commute_and_have_powers_if_positive_definite() -> None:
    A, B = thing("A"), thing("B")
    refused(lambda: kernel.identity("commuting", A * B, B * A))
    refused(lambda: kernel.identity("no root", A**HALF * A**HALF * B, A * B), "positive definite|same expression")
    assert construction("made")(A).is_commutative is False
    kernel.identity("commutator", (A + B) ** 2, A**2 + A * B + B * A + B**2)
