"""The Rényi claims: what they amount to, and false statements beside them, each of which fails at a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from keybounds.proofs import Verdict
from keybounds.proofs.claim import Claim
from keybounds.proofs.claims import (
    renyi_chain_rule,
    renyi_chsh_lemma,
    renyi_key_length,
    renyi_privacy_amplification,
    renyi_qubits,
)
from keybounds.proofs.logic.kernel import StepFailedError
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation, at_least, at_most, greater, less
from keybounds.proofs.logic.statement import Goal, Statement
from keybounds.proofs.notions_renyi import bounds_bell, has_lengths, is_uniform_hash
from keybounds.proofs.theorems.renyi import alpha

MODULES = (
    renyi_chain_rule,
    renyi_privacy_amplification,
    renyi_qubits,
    renyi_chsh_lemma,
    renyi_key_length,
)
pytestmark = pytest.mark.usefixtures("remembered")
CLAIMS: dict[str, Claim] = {module.CLAIM.name: module.CLAIM for module in MODULES}
Change = Callable[[Proposition], Proposition]


@pytest.mark.parametrize("name", CLAIMS)
def test_proved_if_what_it_uses_is(name: str) -> None:
    report = CLAIMS[name].examine(lambda _: Verdict.PROVED, CLAIMS.__getitem__)
    assert (report.verdict, report.missing) == (Verdict.PROVED, ())


def right(change: Callable[[Any], Any]) -> Change:
    """A change of the right side of a relation."""

    def made(proposition: Proposition) -> Proposition:
        assert isinstance(proposition, Relation)
        changed = Relation(proposition.left, proposition.relation, change(proposition.right))
        assert changed != proposition
        return changed

    return made


def arguments(change: Callable[..., tuple[Any, ...]]) -> Change:
    """A change of the arguments of a predicate."""

    def made(proposition: Proposition) -> Proposition:
        assert isinstance(proposition, Predicate)
        changed = Predicate(proposition.definition, tuple(map(sp.sympify, change(*proposition.arguments))))
        assert changed != proposition
        return changed

    return made


def conclusion(name: str, change: Change) -> Callable[[Statement], Statement]:
    """The statement with another conclusion."""

    def made(statement: Statement) -> Statement:
        clauses = [replace(one, proposition=change(one.proposition)) if one.name == name else one for one in statement]
        return replace(statement, clauses=tuple(clauses))

    return made


def hypothesis(old: Proposition | Any, new: Proposition | None, name: str = "") -> Callable[[Statement], Statement]:
    """The statement with another hypothesis, or one less; `old` may be the definition of a predicate."""

    def changed(given: tuple[Proposition, ...]) -> Iterator[Proposition]:
        for one in given:
            found = one == old or getattr(one, "definition", None) == old
            if found and callable(new):
                yield new(one)
            elif not found:
                yield one
            elif new is not None:
                yield new

    def made(statement: Statement) -> Statement:
        if not name:
            return replace(statement, hypotheses=tuple(changed(statement.hypotheses)))
        clauses = [
            replace(one, hypotheses=tuple(changed(one.hypotheses))) if one.name == name else one for one in statement
        ]
        return replace(statement, clauses=tuple(clauses))

    return made


n, g = renyi_chain_rule.n, renyi_chain_rule.g
N, length = renyi_privacy_amplification.N, renyi_privacy_amplification.l
lost, gain, gamma = renyi_key_length.lost, renyi_key_length.gain, renyi_key_length.gamma
on_key, on_lost, on_won = renyi_qubits.on_key, renyi_qubits.on_lost, renyi_qubits.on_won

FALSE = [
    pytest.param("renyi-chain-rule", conclusion("rounds multiply", right(lambda _: g ** (n + 1))), id="a-round-more"),
    pytest.param("renyi-chain-rule", conclusion("rounds multiply", right(lambda _: g ** (2 * n))), id="squared"),
    pytest.param("renyi-chain-rule", hypothesis(greater(alpha, 1), greater(alpha, 0)), id="orders-below-1"),
    pytest.param("renyi-chain-rule", hypothesis(at_least(g, 0), at_least(g, -1)), id="a-negative-bound"),
    pytest.param(
        "renyi-privacy-amplification", conclusion("hashing", right(lambda bound: bound / 2)), id="a-bit-too-small"
    ),
    pytest.param(
        "renyi-privacy-amplification",
        hypothesis(has_lengths, arguments(lambda scheme, slack: (scheme, slack + 1)), "length"),
        id="a-bit-too-long",
    ),
    pytest.param(
        "renyi-privacy-amplification",
        hypothesis(
            has_lengths,
            arguments(lambda scheme, slack: (scheme, slack + renyi_privacy_amplification.m)),
            "length",
        ),
        id="a-syndrome-for-nothing",
    ),
    pytest.param(
        "renyi-privacy-amplification",
        conclusion("toeplitz", arguments(lambda family, keys: (family, 2 * keys))),
        id="half-the-collisions",
    ),
    pytest.param(
        "renyi-privacy-amplification", hypothesis(less(length, N), None, "circulant"), id="as-many-rows-as-you-like"
    ),
    pytest.param(
        "renyi-privacy-amplification",
        hypothesis(less(N.func("n", integer=True, positive=True), N), None, "circulant"),
        id="circulant-without-padding",
    ),
    pytest.param("renyi-privacy-amplification", hypothesis(at_most(alpha, 2), at_most(alpha, 3)), id="orders-above-2"),
    pytest.param(
        "renyi-qubits",
        hypothesis(bounds_bell, bounds_bell(g, alpha, on_key, on_won, on_lost), "Bell-diagonal pairs"),
        id="lost-for-won",
    ),
    pytest.param(
        "renyi-chsh-lemma",
        conclusion("weights", right(lambda bound: bound * 2 ** (1 - alpha))),
        id="a-bit-more-entropy",
    ),
    pytest.param(
        "renyi-chsh-lemma",
        conclusion("weights", right(lambda bound: bound.subs(alpha, 1 / alpha))),
        id="order-not-inverted",
    ),
    pytest.param("renyi-chsh-lemma", conclusion("CHSH value", right(lambda bound: bound - 1)), id="less-violation"),
    pytest.param(
        "renyi-chsh-lemma", conclusion("never more than 1", right(lambda _: sp.Rational(1, 2))), id="at-most-half"
    ),
    pytest.param("renyi-chsh-lemma", conclusion("attained", right(lambda bound: 2 * bound)), id="attained-twice"),
    pytest.param(
        "renyi-key-length", conclusion("pairs", right(lambda bound: bound.subs(lost, 0))), id="lost-tests-for-nothing"
    ),
    pytest.param("renyi-key-length", hypothesis(at_least(gain, lost), at_least(gain, 0)), id="lost-tests-weigh-more"),
    pytest.param("renyi-key-length", hypothesis(at_most(gamma, 1), at_most(gamma, 2)), id="more-than-all-tested"),
]


@pytest.mark.parametrize(("name", "change"), FALSE)
def test_a_false_statement_fails_at_a_step(name: str, change: Callable[[Statement], Statement]) -> None:
    claim = CLAIMS[name]
    changed = change(claim.statement)
    assert changed != claim.statement
    with pytest.raises(StepFailedError) as failure:  # noqa: PT011
        claim.derive(Goal(changed, lambda other: CLAIMS[other].statement))
    assert not failure.value.step.startswith("conclusion") or "rests on" in failure.value.reason


def test_a_uniform_hash_is_asked_for() -> None:
    clause = renyi_privacy_amplification.CLAIM.statement["hashing"]
    assert any(isinstance(one, Predicate) and one.definition == is_uniform_hash for one in clause.hypotheses)
