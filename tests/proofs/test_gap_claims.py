"""The claims of the smaller gap: what they prove is what the package evaluates, and what they rest on is run."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import arb, ctx, fmpq

from keybounds.bounds.lower import PairParityProtocol
from keybounds.proofs import Ground, Verdict
from keybounds.proofs.algebra.indices import Monomial, contract
from keybounds.proofs.claims import claims, pair_parity_key, smallest_gap, unequal_sectors
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.kernel import Recursion, Rule, graph
from keybounds.proofs.logic.statement import Goal
from keybounds.proofs.logic.terms import expanded, positive_part
from keybounds.proofs.runner import Examiner
from keybounds.states import PPTPrivateFamily

USED = {
    "privacy-squeezing-key",
    "er-ceiling",
    "er-ceiling-transpose",
    "er-exact-transpose",
    "pair-parity-key",
    "unequal-sectors",
}


def test_gaps_rest_on_the_claims_that_they_compare_and_are_enclosed() -> None:
    known = Examiner({claim.name: claim for claim in claims()})
    statement = smallest_gap.state({4: smallest_gap.FAMILY[4]}, smallest_gap.SECTORS, without=(2,))
    goal = Goal(statement, lambda name: known.find(name).statement)
    smallest_gap.derive(goal)
    facts = graph(goal.proofs.values())
    assert {fact.source[0] for fact in facts if fact.rule is Rule.CLAIM} == USED
    assert not any(fact.rule is Rule.ARGUMENT for fact in facts)
    report = smallest_gap.CLAIM.examine(lambda _: Verdict.PROVED, known.find, statement)
    grounds = [step.ground for step in report.steps]
    assert Ground.ENCLOSED in grounds
    assert Ground.NUMERIC not in grounds


def levels(recursion: Recursion, count: int, p: Fraction) -> arb:
    """The recursion of the statement, in balls; a gain that is not certain is left out."""
    error, weight, total = arb(fmpq(p.numerator, p.denominator)), arb(1), arb(0)
    x = pair_parity_key.p
    (part,) = recursion.base.atoms(type(positive_part(x)))
    (following,) = recursion.step.atoms(type(recursion.left))
    for _ in range(count):
        gain = ball_value(expanded(part.args[0]), {x: error})
        if gain > 0:
            total += weight * gain / 2
        weight *= ball_value(recursion.step.coeff(following), {x: error})
        error = ball_value(following.args[1], {x: error})
    return total


@pytest.mark.parametrize("p", [Fraction(1, 5), Fraction(9, 20), Fraction("0.49922")])
def test_the_protocol_evaluates_the_proved_formula(p: Fraction) -> None:
    with ctx.workprec(200):
        stated = levels(pair_parity_key.LEVELS, smallest_gap.LEVELS, p)
        assert PairParityProtocol(p, levels=smallest_gap.LEVELS).rate.overlaps(stated)


def written(m: Any, n: Any, p: Any) -> Any:
    """The ceiling of the statement with D(A_r || A_1) written out."""
    statement = unequal_sectors.CLAIM.statement
    (meaning,) = statement.meanings
    places = meaning.left.args
    plain = statement["ceiling"].right.replace(
        lambda e: isinstance(e, type(meaning.left)),
        lambda e: meaning.right.subs(dict(zip(places, e.args, strict=True)), simultaneous=True),
    )
    at = {unequal_sectors.m: m, unequal_sectors.n: n, unequal_sectors.p: p}
    return expanded(plain.subs(at, simultaneous=True))


@pytest.mark.parametrize(("m", "n"), [(2, 2), (3, 4), (2, 7), (40, 90)])
def test_the_sectors_evaluate_the_proved_formula(m: int, n: int) -> None:
    p = Fraction(9, 20)
    stated = written(sp.Integer(m), sp.Integer(n), sp.Rational(9, 20))
    with ctx.workprec(400):
        proved: arb = ball_value(stated, {})
    assert PPTPrivateFamily.sectors(m, n, p).transpose_ceiling.overlaps(proved)


def test_rectangular_indices_use_only_what_holds_for_rows() -> None:
    m, n = sp.symbols("m n", positive=True)
    sizes = {"i": m, "k": m, "j": n, "l": n}
    one = sp.Integer(1)
    rows = Monomial(one, entries=(("i", "j"),), conjugates=(("k", "j"),))
    assert contract(rows, ("j",), sizes) == Monomial(one, deltas=(("i", "k"),))
    columns = Monomial(one, entries=(("i", "j"),), conjugates=(("i", "l"),))
    with pytest.raises(ValueError, match="no rule resolves the sum over i"):
        contract(columns, ("i",), sizes)
    everything = Monomial(one, entries=(("i", "j"),), conjugates=(("i", "j"),))
    assert sp.simplify(contract(everything, ("i", "j"), sizes).coefficient - m) == 0
