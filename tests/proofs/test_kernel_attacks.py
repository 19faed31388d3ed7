"""Rules and decisions that the claims about attacks brought: each refuses where its condition is not met."""

from __future__ import annotations

import pytest
import sympy as sp

from keybounds.proofs.logic import decide, kernel
from keybounds.proofs.logic.equality import vanishes
from keybounds.proofs.logic.kernel import Fact, StepFailedError
from keybounds.proofs.logic.propositions import Relation, at_least, at_most, equal, greater, less
from keybounds.proofs.logic.sums import Total
from keybounds.proofs.logic.terms import functional, real, symbol, thing

x, t, Q = real("x"), real("t"), real("Q")
S = symbol("S")
HALF = sp.Rational(1, 2)


def given(relation: Relation) -> Fact:
    return kernel.argued("given", relation, "for the test")


def test_two_inequalities_make_an_equation() -> None:
    below, above = given(at_most(x, t)), given(at_least(x, t))
    assert kernel.both_ways("both", below, above).proposition == equal(x, t)


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param((at_most(x, t), at_most(x, t)), id="one-way-only"),
        pytest.param((at_most(x, t), at_least(x, Q)), id="of-something-else"),
        pytest.param((less(x, t), at_least(x, t)), id="strict"),
        pytest.param((at_most(x, t), at_most(t, x)), id="turned-round"),
    ],
)
def test_two_others_do_not(pair: tuple[Relation, Relation]) -> None:
    with pytest.raises(StepFailedError, match="both at most and at least"):
        kernel.both_ways("both", *(given(one) for one in pair))


def test_the_root_of_a_square_has_the_sign_that_the_domain_gives() -> None:
    root = sp.sqrt(1 - 4 * Q * (1 - Q))
    below, above = [at_least(Q, 0), at_most(Q, HALF)], [at_least(Q, HALF), at_most(Q, 1)]
    assert kernel.identity("below", root, 1 - 2 * Q, below)
    assert kernel.identity("above", root, 2 * Q - 1, above)
    for wrong, under in ((2 * Q - 1, below), (1 - 2 * Q, above), (1 - 2 * Q, [at_least(Q, 0), at_most(Q, 1)])):
        with pytest.raises(StepFailedError):  # noqa: PT011
            kernel.identity("wrong", root, wrong, under)


def test_terms_with_radicals_are_collected_before_their_signs_are_read() -> None:
    """2 sqrt 2 x - 2 x is positive, and 2 x - 2 sqrt 2 x is not."""
    under = [greater(S, 0)]
    assert not decide.follows(greater(2 * sp.sqrt(2) * S - 2 * S + S**2, 0), under)
    assert decide.follows(greater(2 * S - 2 * sp.sqrt(2) * S + S**2, 0), under)
    assert not decide.follows(at_least(S**2 / 4 - 1, 0), [at_least(S, 2), at_most(S, 2 * sp.sqrt(2))])
    assert decide.follows(at_least(S**2 / 4 - 1, 0), [at_least(S, 1), at_most(S, 2 * sp.sqrt(2))])


def test_a_real_symbol_takes_what_is_known_to_be_real_only() -> None:
    """t^2 >= 0 with sqrt(x - 1) for t would say that x >= 1."""
    square = kernel.inequality("a square", at_least(t**2, 0))
    with pytest.raises(StepFailedError, match="real"):
        kernel.instantiated(square, {t: sp.sqrt(x - 1)})
    known = kernel.instantiated(square, {t: sp.sqrt(x - 1)}, [at_least(x, 1)])
    assert known.hypotheses == {at_least(x, 1)}


def test_sums_are_taken_as_they_are_where_equality_is_decided() -> None:
    f, k, over = functional("f_of"), thing("k"), thing("K")
    total, half = Total(f(k), k, over), Total(f(k) / 2, k, over)
    assert vanishes(total - total / 2 - total / 2)
    assert not vanishes(total - half)
    assert not vanishes(total / 2 - f(k) / 2)
