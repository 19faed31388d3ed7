"""Rules of induction over the integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel.conditions import check_kinds, follows_from
from keybounds.proofs.logic.kernel.facts import Fact, Rule, StepFailedError, fact_maker
from keybounds.proofs.logic.propositions import Proposition, Relation

_fact = fact_maker(__name__)


def _check_ladder(words: str, symbol: Any, start: int, base: Fact, step: Fact, proposition: Proposition) -> None:
    """That `base` is P(start), that `step` concludes P(n + 1), and that n takes the value `start`."""
    if not symbol.is_integer:
        raise StepFailedError(words, f"{symbol} is no integer")
    if base.proposition != proposition.substituted({symbol: sp.Integer(start)}):
        raise StepFailedError(words, f"the base is not the proposition at {symbol} = {start}")
    if step.proposition != proposition.substituted({symbol: symbol + 1}):
        raise StepFailedError(words, f"the step does not conclude the proposition at {symbol} + 1")
    if (symbol.is_positive and start < 1) or (symbol.is_nonnegative and start < 0):
        raise StepFailedError(words, f"{symbol} is never {start}, so that the step says nothing there")


def by_induction(words: str, symbol: Any, start: int, base: Fact, step: Fact, proposition: Proposition) -> Fact:
    """`proposition` for all integers n >= start, from P(start) and from Γ, n >= start, P(n) |- P(n + 1).

    The hypotheses Γ of the step, and those of the base, must not speak about n.
    """
    _check_ladder(words, symbol, start, base, step, proposition)
    bound = Relation(symbol, ">=", start)
    rest = (step.hypotheses - {proposition, bound}) | base.hypotheses
    if any(symbol in one.symbols for one in rest):
        raise StepFailedError(words, f"a hypothesis that stays speaks about {symbol}")
    return _fact(words, proposition, Rule.LOGIC, [base, step], hypotheses=[*rest, bound])


def by_induction_along(
    words: str,
    symbol: Any,
    start: int,
    base: Fact,
    step: Fact,
    proposition: Proposition,
    along: Mapping[Any, Any],
    *closed: Fact,
) -> Fact:
    """`proposition` P(n, p) for all integers n >= start and all p of a domain: P(n, f(p)) gives P(n + 1, p).

    `along` maps p to f(p). The hypotheses of base and step besides P(n, f(p)) and n >= start are the domain; `closed`
    show, under the domain, that f(p) belongs to it, where that is not decided.
    """
    _check_ladder(words, symbol, start, base, step, proposition)
    before, bound = proposition.substituted(along), Relation(symbol, ">=", start)
    domain = (step.hypotheses - {before, bound}) | base.hypotheses
    moved = frozenset(s for value in along.values() for s in sp.sympify(value).free_symbols)
    if symbol in moved or any(symbol in one.symbols for one in domain):
        raise StepFailedError(words, f"a hypothesis that stays speaks about {symbol}")
    check_kinds(words, along, domain)
    shown = {fact.proposition for fact in closed if fact.hypotheses <= domain}
    for one in (hypothesis.substituted(along) for hypothesis in domain):
        if one not in shown and not follows_from(one, domain):
            raise StepFailedError(words, f"it is not shown that the domain goes over into itself: {one}")
    return _fact(words, proposition, Rule.LOGIC, [base, step, *closed], hypotheses=[*domain, bound])
