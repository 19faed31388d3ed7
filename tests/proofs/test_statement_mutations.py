"""No changed statement is proved, and no claim that rests on a fallen one.

Every statement is changed in one place: a constant, an exponent, a relation, an end of a range, a hypothesis. The
derivation takes every formula from the statement; it is run towards the changed one and must not end in PROVED, but
fail at a step with a name of its own, before the last fact is compared with the statement. What is proved all the same
must be true: implied by the statement, as an inequality whose bound moved to the safe side, or listed in `EQUIVALENT`
with the reason.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import pytest
import sympy as sp

from keybounds.errors import KeyboundsError
from keybounds.proofs import Verdict
from keybounds.proofs.claim import judge
from keybounds.proofs.claims import claims
from keybounds.proofs.logic import decide
from keybounds.proofs.logic.decide import counterexample
from keybounds.proofs.logic.kernel import Fact, Rule, StepFailedError, graph
from keybounds.proofs.logic.propositions import (
    Equivalence,
    Implication,
    Negation,
    Predicate,
    Proposition,
    Relation,
    less,
    negated,
)
from keybounds.proofs.logic.statement import Clause, Goal, Statement
from keybounds.proofs.runner import Examiner

EQUIVALENT: dict[str, dict[str, tuple[str, ...]]] = {
    "ppt-edge": {
        "h((1+c)/2) = h((1-c)/2)": ("transposed entropy: right: 1/2 -> -1/2 at (0, 1, 0, 1, 0)",),
    },
    "crossings": {
        "1 - h(p) - p shifted by 1, down where it is negative, up where it is positive": (
            "one-way against p, below: left: 1 -> 0 at (0,)",
            "one-way against p, above: left: 1 -> 2 at (0,)",
            "one-way against E_r, below: left: 1 -> 0 at (0,)",
            "one-way against E_r, above: left: 1 -> 2 at (0,)",
        ),
        "less than 0 is less than 1": ("two copies against E_r, below: right: 0 -> 1 at ()",),
        "another function of p, which balls show to be negative on the whole interval as well": tuple(
            f"two copies against E_r, below: left: {change}"
            for change in (
                "1/2 -> -1/2 at (0, 0, 0, 0)",
                "2 -> 3 at (0, 0, 0, 1, 1)",
                "1/2 -> -1/2 at (0, 0, 1, 0)",
                "1 -> 0 at (0, 0, 1, 1, 0, 0)",
                "-1 -> -2 at (0, 0, 1, 1, 0, 1, 0)",
                "2 -> 3 at (0, 0, 1, 1, 1)",
                "1 -> 0 at (0, 1, 0)",
                "-1 -> -2 at (0, 1, 1, 0)",
                "2 -> 1 at (0, 1, 1, 1, 0, 0, 1)",
                "2 -> 3 at (0, 1, 1, 1, 0, 1, 0, 0, 1)",
                "1 -> 0 at (0, 1, 1, 1, 0, 1, 0, 1, 0, 0)",
                "-1 -> -2 at (0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0)",
                "2 -> 3 at (0, 1, 1, 1, 0, 1, 0, 1, 1)",
                "-1 -> -2 at (0, 1, 1, 1, 0, 1, 1)",
                "-1 -> -2 at (0, 1, 2, 0)",
                "2 -> 1 at (0, 1, 2, 1, 1)",
                "2 -> 3 at (0, 1, 2, 2, 0, 0, 1)",
                "2 -> 1 at (0, 1, 2, 2, 0, 0, 1)",
                "1 -> 0 at (0, 1, 2, 2, 0, 1, 0, 0)",
                "-1 -> -2 at (0, 1, 2, 2, 0, 1, 0, 1, 0)",
                "2 -> 3 at (0, 1, 2, 2, 0, 1, 1)",
                "2 -> 1 at (0, 1, 2, 2, 0, 1, 1)",
                "-1 -> -2 at (0, 1, 2, 2, 1)",
                "-1 -> -2 at (1, 0)",
                "1 -> 2 at (1, 2, 0)",
                "1 -> 2 at (1, 2, 1, 0, 0)",
                "-1 -> 0 at (1, 2, 1, 0, 1, 0)",
            )
        ),
    },
    "chsh-noisy-entropy": {
        "h((1+c)/2) = h((1-c)/2)": (
            "entropy: right: 1/2 -> -1/2 at (1, 1, 0, 1, 0)",
            "entropy: right: 1/2 -> -1/2 at (2, 0, 1, 0)",
        ),
    },
    "eat-min-tradeoff": {
        "the curve is strictly concave, and x is not y": tuple(
            f"tangent {where}: made strict"
            for where in ("for greater scores", "for smaller scores", "without violation")
        ),
        "gamma <= 1 makes weights of a distribution of three numbers, whose algebra holds without": tuple(
            f"{clause}: {change}"
            for clause in (
                *("mean: hypothesis 1", "variance: hypothesis 1", "greatest value: hypothesis 1", "run: hypothesis 1"),
                *("device of a greater score: hypothesis 3", "device of a smaller score: hypothesis 3"),
            )
            for change in ("dropped", "end moved out")
        ),
    },
    "chsh-entropy-convexity": {
        "the curve is strictly convex, and T is not S": tuple(
            f"tangent {where}{noise}: made strict"
            for where in ("for greater values", "for smaller values", "where nothing is violated")
            for noise in ("", ", without noise")
        ),
    },
    "unequal-sectors": {
        "m is an integer": ("hypothesis 0: end moved out",),
        "sigma has the blocks p A_1 up to p = 1; that it is separable is what wants p <= 1/2": (
            "divergence: hypothesis 1: dropped",
        ),
    },
    "er-ceiling-transpose": {
        "another number below p: balls show it": (
            "below p at the edge: left: 1 -> 0 at (1, 0)",
            "below p at the edge: right: one more",
        ),
    },
    "renyi-chsh-lemma": {
        "the sum of powers is the same for p and 1 - p": ("attained: hypothesis 0: end moved out",),
        "an expectation value is linear in the weights, whether they are probabilities or not": (
            "at this CHSH value: hypothesis 0: dropped",
            "at this CHSH value: hypothesis 0: end moved out",
            "at this CHSH value: hypothesis 1: dropped",
            "at this CHSH value: hypothesis 1: end moved out",
        ),
    },
}
"""Of each claim, why a changed statement is true all the same, and the changes: these and no others may be proved."""

pytestmark = pytest.mark.usefixtures("remembered", "no_search")
ALL = {claim.name: claim for claim in claims()}
REPRESENTATIVE = 2  # mutants of each claim in the short suite, drawn once and for all
QUICK = (
    *(
        "ppt-edge",
        "privacy-squeezing-key",
        "transpose-invariance",
        "er-exact",
        "channel-transposition",
        "flip-invariance",
    ),
    *("orthogonal-observable-attack", "projector-block", "pure-loss", "renyi-chain-rule", "flagged-mixtures"),
)
"""Claims whose derivations take a second; the others are changed in the long suite."""


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that fails need not look for a point at which it is false."""
    monkeypatch.setattr(decide, "counterexample", lambda relation, hypotheses: "")


class Mutant(NamedTuple):
    """A changed statement and what was changed."""

    change: str
    statement: Statement


def mutants(statement: Statement) -> Iterator[Mutant]:
    """Every single change of the kinds below."""
    for k, hypothesis in enumerate(statement.hypotheses):
        for change, changed in _wider(hypothesis):
            rest = [*statement.hypotheses[:k], *changed, *statement.hypotheses[k + 1 :]]
            yield Mutant(f"hypothesis {k}: {change}", replace(statement, hypotheses=tuple(rest)))
    for clause in statement.clauses:
        for k, hypothesis in enumerate(clause.hypotheses):
            for change, changed in _wider(hypothesis):
                rest = [*clause.hypotheses[:k], *changed, *clause.hypotheses[k + 1 :]]
                yield _with(statement, clause, f"hypothesis {k}: {change}", hypotheses=tuple(rest))
        for change, proposition in _conclusions(clause.proposition):
            yield _with(statement, clause, change, proposition=proposition)


def _with(statement: Statement, clause: Clause, change: str, **values: Any) -> Mutant:
    clauses = tuple(replace(one, **values) if one is clause else one for one in statement.clauses)
    return Mutant(f"{clause.name}: {change}", replace(statement, clauses=clauses))


def _wider(hypothesis: Proposition) -> Iterator[tuple[str, list[Proposition]]]:
    """A hypothesis dropped, or a range with an end further out, or closed; x > 0 of a positive symbol says nothing."""
    if isinstance(hypothesis, Relation) and hypothesis.relation == ">" and hypothesis.right == 0:
        trivial = bool(hypothesis.left.is_positive)
    else:
        trivial = False
    if trivial:
        return
    yield "dropped", []
    if not isinstance(hypothesis, Relation) or hypothesis.relation == "=":
        return
    if not hypothesis.relation.endswith("="):
        yield "closed", [replace(hypothesis, relation=hypothesis.relation + "=")]
    below = hypothesis.relation[0] == "<"
    yield "end moved out", [replace(hypothesis, right=hypothesis.right + (1 if below else -1) * sp.Rational(1, 3))]


def _conclusions(proposition: Proposition) -> Iterator[tuple[str, Proposition]]:
    if isinstance(proposition, Relation):
        yield from _relations(proposition)
    elif isinstance(proposition, Predicate):
        yield "negated", Negation(proposition)
        for k, argument in enumerate(proposition.arguments):
            for change, other in _expressions(argument):
                changed = (*proposition.arguments[:k], other, *proposition.arguments[k + 1 :])
                yield f"argument {k}: {change}", replace(proposition, arguments=changed)
    elif isinstance(proposition, Equivalence):
        for side in ("left", "right"):
            yield f"{side} negated", replace(proposition, **{side: negated(getattr(proposition, side))})
            for change, other in _conclusions(getattr(proposition, side)):
                yield f"{side}: {change}", replace(proposition, **{side: other})
    elif isinstance(proposition, Implication):
        for change, other in _conclusions(proposition.conclusion):
            yield f"conclusion: {change}", replace(proposition, conclusion=other)
        for one in proposition.hypotheses:
            yield "hypothesis dropped", replace(proposition, hypotheses=proposition.hypotheses - {one})
    else:
        yield "negated", negated(proposition)


def _relations(relation: Relation) -> Iterator[tuple[str, Proposition]]:
    reversed_ = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    if relation.relation in reversed_:
        yield "reversed", replace(relation, relation=reversed_[relation.relation])
        if relation.relation.endswith("="):
            yield "made strict", replace(relation, relation=relation.relation[0])
    else:
        yield "made strict", replace(relation, relation="<")
    for side in ("left", "right"):
        for change, other in _expressions(getattr(relation, side)):
            if other.has(sp.nan, sp.zoo, sp.oo):
                continue  # says nothing
            yield f"{side}: {change}", replace(relation, **{side: other})


def implied(relation: Relation, changed: Relation, given: tuple[Proposition, ...]) -> bool:
    """Whether an inequality follows from `relation` at every point of the domain that is tried."""
    if relation.relation == "=":
        return False
    slack = sp.expand(changed.difference - relation.difference)  # >= 0 weakens >=
    if slack.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        return False
    weaker = Relation(slack, ">=" if ">" in relation.relation else "<=", 0)
    return slack.is_number and bool(_true(weaker)) if not slack.free_symbols else not _violated(weaker, given)


def _true(relation: Relation) -> bool:
    return not decide.follows(relation, ())


def _violated(relation: Relation, given: tuple[Proposition, ...]) -> bool:
    return bool(counterexample(relation, given)) or relation.difference.has(sp.Function)


def _expressions(expression: Any) -> Iterator[tuple[str, Any]]:
    """One number in the expression changed by one, one at a time; a sum with 1 more if there is none."""
    places = list(_numbers(expression))
    for path, number in places:
        for step in (1, -1):
            if number + step != 0 or not _is_denominator(expression, path):
                yield f"{number} -> {number + step} at {path}", _rebuilt(expression, path, number + step)
    if not places and expression.is_commutative:
        yield "one more", expression + 1


def _numbers(expression: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    if expression.is_Integer or expression.is_Rational:
        yield path, expression
        return
    shape = 2 if isinstance(expression, sp.MatrixBase) else 0  # of a matrix, rows and columns are no constants
    for k, argument in enumerate(expression.args[shape:], start=shape):
        yield from _numbers(argument, (*path, k))


def _is_denominator(expression: Any, path: tuple[int, ...]) -> bool:
    return bool(path) and expression.is_Pow and path[0] == 0


def _rebuilt(expression: Any, path: tuple[int, ...], value: Any) -> Any:
    if not path:
        return value
    arguments = list(expression.args)
    arguments[path[0]] = _rebuilt(arguments[path[0]], path[1:], value)
    return expression.func(*arguments)


class Fate(NamedTuple):
    """What became of a mutant: a failed `step`, or the `conclusion` that does not match, or neither if it is proved."""

    step: str = ""
    conclusion: str = ""


def fate(name: str, statement: Statement) -> Fate:
    """Run the derivation towards a changed statement up to where it fails; the claims that it uses count as proved."""
    goal = Goal(statement, lambda other: ALL[other].statement)
    try:
        ALL[name].derive(goal)
    except StepFailedError as error:
        return Fate(conclusion=error.step) if error.step.startswith("conclusion ") else Fate(step=error.step)
    except (TypeError, ValueError, AttributeError, LookupError, StopIteration) as error:
        return Fate(step=f"another shape: {error}")
    missed = [clause.name for clause in statement if clause.name not in goal.proofs]
    return Fate(conclusion=f"not reached: {missed}") if missed else Fate()


def harmless(name: str, mutant: Mutant) -> bool:
    """Whether a mutant that is proved is true: implied by the statement, or listed with a reason and never refuted."""
    changed = [(old, new) for old, new in zip(ALL[name].statement, mutant.statement, strict=True) if old != new]
    for _, new in changed:
        said, given = new.proposition, mutant.statement.given(new.name)
        if isinstance(said, Relation) and counterexample(said, given):
            return False
    if any(mutant.change in changes for changes in EQUIVALENT.get(name, {}).values()):
        return True
    return len(changed) == 1 and all(
        isinstance(old.proposition, Relation)
        and isinstance(new.proposition, Relation)
        and old.hypotheses == new.hypotheses
        and implied(old.proposition, new.proposition, mutant.statement.given(new.name))
        for old, new in changed
    )


def check(name: str, mutant: Mutant) -> Fate:
    found = fate(name, mutant.statement)
    if not found.step and not found.conclusion:
        assert harmless(name, mutant), f"{mutant.change}: proved all the same"
    if re.search(" right: .* -> ", mutant.change):  # a formula: a named step fails, not the last comparison
        assert not found.conclusion, f"{mutant.change}: {found.conclusion}"
    return found


@pytest.mark.parametrize("name", QUICK)
def test_some_changes_of_each_statement_are_noticed(name: str) -> None:
    found = list(mutants(ALL[name].statement))
    for mutant in random.Random(name).sample(found, min(REPRESENTATIVE, len(found))):
        check(name, mutant)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_change_of_a_statement_is_noticed(name: str) -> None:
    proved = {mutant.change for mutant in mutants(ALL[name].statement) if check(name, mutant) == Fate()}
    listed = {change for changes in EQUIVALENT.get(name, {}).values() for change in changes}
    assert listed <= proved, "an excuse that nothing needs"


@pytest.mark.slow
def test_there_are_many_changes() -> None:
    assert sum(1 for name in ALL for _ in mutants(ALL[name].statement)) >= 3000


@cache
def derived(name: str) -> Mapping[str, Fact]:
    """What concludes each clause; facts cannot be changed, so that one run serves every test."""
    goal = Goal(ALL[name].statement, lambda other: ALL[other].statement)
    ALL[name].derive(goal)
    return goal.proofs


EVERY = [pytest.param(name, marks=() if name in (*QUICK, "ceiling-hull") else pytest.mark.slow) for name in ALL]


@pytest.mark.parametrize("name", EVERY)
def test_a_clause_that_is_not_concluded_is_missed(name: str) -> None:
    """Every block of steps removed: without the fact for one clause the claim is not proved."""
    claim, proofs = ALL[name], derived(name)
    assert set(proofs) == {clause.name for clause in claim.statement}
    for left_out in proofs:

        def derive(goal: Goal, left_out: str = left_out) -> None:
            goal.proofs |= {clause: fact for clause, fact in proofs.items() if clause != left_out}

        report = replace(claim, derive=derive).examine(lambda _: Verdict.PROVED, Examiner(ALL).find, claim.statement)
        assert report.verdict is Verdict.CHECKED
        assert report.missing == (f"conclusion {left_out}: the derivation does not reach it",)


def borrowed(name: str) -> set[str]:
    """The claims that the derivation uses."""
    return {fact.source[0] for fact in graph(derived(name).values()) if fact.rule is Rule.CLAIM}


@pytest.mark.parametrize("name", EVERY)
def test_a_claim_falls_with_what_it_uses(name: str) -> None:
    """Every dependency refuted, not shown, or argued."""
    facts = list(derived(name).values())
    for used, (fallen, left) in itertools.product(
        borrowed(name),
        (
            (Verdict.REFUTED, Verdict.CHECKED),
            (Verdict.CHECKED, Verdict.CHECKED),
            (Verdict.ARGUED, Verdict.ARGUED),
        ),
    ):
        verdict, missing = judge(
            facts,
            [],
            lambda one, used=used, fallen=fallen: fallen if one == used else Verdict.PROVED,  # type: ignore[misc]
            Examiner(ALL).find,
        )
        assert verdict is left
        assert any(used in reason for reason in missing)


def test_some_claims_use_others() -> None:
    assert borrowed("ceiling-hull"), "the test above would say nothing"


@pytest.mark.slow
def test_a_changed_statement_of_a_used_claim_stops_what_uses_it() -> None:
    """Dependencies are run, not named: smallest-gap takes its key rate from another claim's statement."""
    users = {name: borrowed(name) for name in ALL}
    assert any(users.values()), "no claim uses another: the test would say nothing"
    for name, used in users.items():
        for other in used:
            emptied = replace(ALL[other].statement, clauses=(Clause("nothing", less(0, 1)),))
            goal = Goal(ALL[name].statement, lambda _, emptied=emptied: emptied)
            with pytest.raises((StepFailedError, KeyboundsError)):
                ALL[name].derive(goal)
