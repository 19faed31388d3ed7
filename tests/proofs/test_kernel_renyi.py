"""Rules for operators with real powers and for finite sums: each by what it must refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic import sums
from keybounds.proofs.logic.propositions import Predicate, at_least, at_most, equal, greater
from keybounds.proofs.logic.sums import Direct, Family, Listed, Total, Words, delta, size
from keybounds.proofs.logic.terms import construction, functional, integer, real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive
from keybounds.proofs.notions_renyi import (
    after,
    both,
    dagger,
    effect,
    has_compression,
    has_trace,
    is_flip,
    is_prime,
    is_projector,
    is_real_effect,
    is_sum,
    is_turned,
    power,
    turns_blocks,
    two_generates,
)

A, B, X, i, j = (thing(name) for name in "ABXij")
x, t = symbol("x"), symbol("t")
SET, OTHER = construction("one set")(), construction("another set")()
f = functional("f of an index")


def positive(*operators: Any) -> list[k.Fact]:
    return [k.assume(is_positive(one)) for one in operators]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(power(A, x) * power(A, 1 - x), A, id="exponents-add"),
        pytest.param(power(t * A, x), t**x * power(A, x), id="a-factor-comes-out"),
        pytest.param(power(power(A, x), 1 / x), A, id="exponents-multiply"),
        pytest.param(power(A, 0) * A, A, id="the-projector-on-the-support"),
        pytest.param(Tr(A * B * power(A, x)), Tr(power(A, 1 + x) * B), id="the-trace-is-cyclic"),
        pytest.param(dagger(A * X * B), B * dagger(X) * A, id="the-adjoint-turns-products-around"),
    ],
)
def test_operator_identities_hold(left: Any, right: Any) -> None:
    assert k.operator_identity("", left, right, *positive(A, B)).proposition == equal(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(power(A, x) * power(A, -x), sp.Integer(1), id="a-support-is-no-identity"),
        pytest.param(power(A, 0) * B, B, id="nor-does-it-leave-what-is-elsewhere"),
        pytest.param(A * B, B * A, id="operators-do-not-commute"),
        pytest.param(power(A * B * A, x), power(A, x) * power(B, x) * power(A, x), id="powers-of-products"),
        pytest.param(Tr(A * B * X), Tr(B * A * X), id="the-trace-is-only-cyclic"),
        pytest.param(power(X, x) * power(X, 1 - x), X, id="of-an-operator-not-known-to-be-positive"),
        pytest.param(power(-A, x), power(A, x), id="of-a-negative-one"),
        pytest.param(power(A * B, x), power(B * A, x), id="of-a-product-that-is-not-positive"),
    ],
)
def test_operator_identities_are_refused(left: Any, right: Any) -> None:
    with pytest.raises(k.StepFailedError):  # noqa: PT011
        k.operator_identity("", left, right, *positive(A, B))


def test_equations_are_used_from_left_to_right_only_as_they_are_known() -> None:
    fold = k.assume(equal(A * B * A, X))
    shown = k.operator_identity("", power(A * B * A, x), power(X, x), fold, *positive(A, B, X))
    assert fold.proposition in shown.hypotheses
    with pytest.raises(k.StepFailedError):  # noqa: PT011
        k.operator_identity("", B * A * B, X, fold, *positive(A, B, X))


def test_an_index_is_bound() -> None:
    total = Total(f(i) * x, i, SET)
    assert i not in total.free_symbols
    assert total.subs({i: j}, simultaneous=True) == total
    with pytest.raises(ValueError, match="contains the index"):
        Total(f(i, j), i, SET).subs({j: i}, simultaneous=True)
    with pytest.raises(ValueError, match="contains the index"):
        Total(f(i, j), i, SET).xreplace({j: i})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(Total(x * f(i), i, SET), x * Total(f(i), i, SET), id="factors"),
        pytest.param(Total(x, i, SET), x * size(SET), id="constants"),
        pytest.param(Total(Total(f(i, j), j, OTHER), i, SET), Total(Total(f(i, j), i, SET), j, OTHER), id="order"),
        pytest.param(Total(delta(i, j, SET) * f(i), i, SET), f(j), id="delta"),
        pytest.param(Total(f(i), i, Listed(A, B)), f(A) + f(B), id="listed"),
    ],
)
def test_sums_are_equal(left: Any, right: Any) -> None:
    assert k.sums_equal("", left, right).proposition == equal(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(Total(f(i), i, SET), Total(f(i), i, OTHER), id="of-other-sets"),
        pytest.param(Total(delta(i, j, OTHER) * f(i), i, SET), f(j), id="a-delta-of-another-set"),
        pytest.param(Total(f(i) ** 2, i, SET), Total(f(i), i, SET) ** 2, id="squares"),
        pytest.param(Total(x, i, SET), x, id="a-constant-once"),
    ],
)
def test_sums_are_refused(left: Any, right: Any) -> None:
    with pytest.raises(k.StepFailedError):  # noqa: PT011
        k.sums_equal("", left, right)


def test_a_set_that_depends_on_an_index_stays_inside() -> None:
    inner = construction("a set for each")(i)
    total = Total(Total(f(i, j), j, inner), i, SET)
    assert sums.normal(total) == total


def test_what_is_known_of_one_element_is_not_put_into_a_sum() -> None:
    equation = k.assume(equal(f(i), 0))  # of the free i, which the index of a sum is not
    total = Total(f(i) * x, i, SET)
    with pytest.raises(k.StepFailedError, match="does not occur"):
        k.put_in("", total, equation)
    with pytest.raises(k.StepFailedError, match="does not occur"):
        k.rewritten("", k.assume(equal(total, x)), equation)


def test_what_is_summed_holds_for_every_index() -> None:
    fact = k.assume(at_most(f(i), x))
    with pytest.raises(k.StepFailedError, match="restricts the index"):
        k.totalled("", fact, i, SET)
    with pytest.raises(k.StepFailedError, match="restricts the index"):
        k.bound_together("", k.assume(is_positive(construction("each")(i))), Direct, i, SET)
    with pytest.raises(k.StepFailedError, match="does not carry over"):
        k.bound_together("", k.assume(is_positive(A)), Family, i, SET)


def test_sums_are_not_strict() -> None:
    fact = k.inequality("", greater(x + 1, x))
    assert k.totalled("", fact, i, SET).relation.relation == ">="  # the set may be empty


def test_the_last_letter_of_a_word_comes_apart() -> None:
    n = sp.Symbol("n", integer=True, nonnegative=True)
    start = construction("empty")()
    longer = Total(f(i), i, Words(n + 1, SET))
    split = k.over_words("", longer, j, SET, after, start)
    assert split.right == Total(Total(f(after(i, j)), j, SET), i, Words(n, SET))
    assert k.over_words("", Total(f(i), i, Words(0, SET)), j, SET, after, start).right == f(start)
    refused: list[Callable[[], Any]] = [
        lambda: k.over_words("", Total(f(i), i, Words(n, SET)), j, SET, after, start),  # n may be 0
        lambda: k.over_words("", longer, j, OTHER, after, start),
        lambda: k.over_words("", longer, i, SET, after, start),
        lambda: k.over_words("", Total(f(i), i, SET), j, SET, after, start),
    ]
    for one in refused:
        with pytest.raises(k.StepFailedError):  # noqa: PT011
            one()


def test_an_induction_starts_where_its_symbol_can_be() -> None:
    n = integer("n")
    claim = at_least(f(n), 0)
    base, step = k.assume(claim.substituted({n: sp.Integer(0)})), k.assume(claim.substituted({n: n + 1}))
    with pytest.raises(k.StepFailedError, match="never 0"):
        k.by_induction("", n, 0, base, step, claim)


def test_a_value_must_be_of_its_symbols_kind() -> None:
    y = sp.Symbol("y", nonnegative=True)
    fact = k.inequality("", at_least(y, 0))
    with pytest.raises(k.StepFailedError, match="not negative"):
        k.instantiated(fact, {y: real("z")})
    assert k.instantiated(fact, {y: real("z")}, [at_least(real("z"), 0)]).left == real("z")


def test_equal_things_are_put_in_where_they_occur() -> None:
    equation = k.assume(equal(f(A), x))
    assert k.put_in("", f(A) + 1, equation).right == x + 1
    with pytest.raises(k.StepFailedError, match="does not occur"):
        k.put_in("", f(B), equation)
    with pytest.raises(k.StepFailedError, match="no equation"):
        k.put_in("", f(A), k.assume(at_most(f(A), x)))
    assert k.turned("", k.assume(at_most(f(A), x))).proposition == at_least(x, f(A))


@pytest.mark.parametrize(
    "predicate",
    [
        pytest.param(is_flip(both(x, t, 1, -1), both(x, t, 1, 1)), id="one-sign-turned"),
        pytest.param(is_turned(effect(x, 1), effect(x + t, 1), t, t), id="half-the-angle"),
        pytest.param(turns_blocks(x, t, x - t, x + t), id="the-difference-the-wrong-way"),
        pytest.param(is_sum(effect(x, 1), both(x, t, 1, 1), both(x, t, -1, -1)), id="not-Alice's"),
        pytest.param(has_trace(sp.Tuple(1, 0, 0, 0), both(x, x, 1, 1), sp.Rational(1, 4)), id="correlated"),
        pytest.param(has_compression(effect(x, 1), sp.Tuple(1, 0, 0, 0), 1, 0, 0), id="half-of-it"),
        pytest.param(is_projector(effect(x, 2)), id="longer-than-1"),
        pytest.param(is_real_effect(effect(sp.Symbol("z"), 1)), id="at-a-complex-angle"),
        pytest.param(is_prime(sp.Integer(9)), id="nine"),
        pytest.param(two_generates(sp.Integer(7)), id="2-has-order-3"),
    ],
)
def test_a_predicate_is_false_somewhere(predicate: Predicate) -> None:
    assert predicate.definition.decide is not None
    assert not predicate.definition.decide(*predicate.arguments)
    with pytest.raises(k.StepFailedError, match="is false here"):
        k.decided("", predicate)
