"""Conditions that several rules check: what follows of itself, and that a value is of its symbol's kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from keybounds.proofs.logic import decide
from keybounds.proofs.logic.kernel.facts import StepFailedError
from keybounds.proofs.logic.propositions import Proposition, Relation


def check_kinds(words: str, values: Mapping[Any, Any], under: Iterable[Proposition]) -> None:
    """A symbol's assumptions are hypotheses on what takes its place."""
    for symbol, value in values.items():
        value = sp.sympify(value)
        if not symbol.is_commutative:
            continue
        if symbol.is_integer and not value.is_integer:
            raise StepFailedError(words, f"{symbol} is an integer, and {value} is not known to be one")
        if symbol.is_positive and not value.is_positive and not follows_from(Relation(value, ">", 0), under):
            raise StepFailedError(words, f"{symbol} is positive, and {value} is not known to be")
        known = symbol.is_positive or value.is_nonnegative
        if symbol.is_nonnegative and not known and not follows_from(Relation(value, ">=", 0), under):
            raise StepFailedError(words, f"{symbol} is not negative, and {value} is not known not to be")
        if value.is_real is False or not value.is_commutative or value.has(sp.I):
            raise StepFailedError(words, f"{symbol} is real, and {value} is not known to be")
        missing = "" if value.is_real else decide.undefined(value, under)
        if missing:
            raise StepFailedError(words, f"{symbol} is real, and {value} is not known to be: {missing}")


def follows_from(proposition: Proposition, under: Iterable[Proposition]) -> bool:
    """Whether `proposition` is among `under`, is true of itself, or is a relation that they decide."""
    under = tuple(under)
    if proposition in under or mirrored(proposition) in under:
        return True
    if isinstance(proposition, Relation) and proposition.left == proposition.right:
        return proposition.relation.endswith("=")
    return (
        isinstance(proposition, Relation)
        and all(s.is_commutative for s in proposition.symbols)
        and not decide.follows(proposition, under)
    )


def mirrored(proposition: Proposition) -> Proposition:
    """A relation read from the right; what else is said is left as it is."""
    return proposition.mirrored if isinstance(proposition, Relation) else proposition
