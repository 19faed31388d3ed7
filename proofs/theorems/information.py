"""Entropies of the parts of one state: strong subadditivity, classical systems, labels.

Systems are names without places for values (`system`), so that a theorem about a part is about these systems alone; the
state is the place `tau`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import at_least, equal
from keybounds.proofs.logic.sums import Direct, Total
from keybounds.proofs.logic.terms import thing
from keybounds.proofs.notions_attacks import entropy_of, has_labels, has_parts

tau = thing("tau")

Systems = tuple[Any, ...]


def _parts(quantum: Systems, classical: Systems) -> Any:
    return has_parts(tau, sp.Tuple(*quantum), sp.Tuple(*classical))


@cache
def strong_subadditivity(quantum: Systems, classical: Systems, a: Systems, b: Systems, given: Systems) -> Theorem:
    """S(AC) + S(BC) >= S(C) + S(ABC), for disjoint A, B, C."""
    _check_disjoint(quantum + classical, a, b, given)
    return Theorem(
        name="strong subadditivity",
        source="lieb1973; nielsen2010, Theorem 11.14",
        words="I(A:B|C) is not negative.",
        hypotheses=(_parts(quantum, classical),),
        conclusion=at_least(
            entropy_of(tau, *a, *given)
            + entropy_of(tau, *b, *given)
            - entropy_of(tau, *given)
            - entropy_of(tau, *a, *b, *given),
            0,
        ),
    )


@cache
def weak_monotonicity(quantum: Systems, classical: Systems, a: Systems, b: Systems, c: Systems) -> Theorem:
    """S(AB) + S(AC) >= S(B) + S(C), for disjoint A, B, C."""
    _check_disjoint(quantum + classical, a, b, c)
    return Theorem(
        name="weak monotonicity",
        source="lieb1973; nielsen2010, Theorem 11.14",
        words="S(A|B) + S(A|C) is not negative.",
        hypotheses=(_parts(quantum, classical),),
        conclusion=at_least(
            entropy_of(tau, *a, *b) + entropy_of(tau, *a, *c) - entropy_of(tau, *b) - entropy_of(tau, *c), 0
        ),
    )


@cache
def classical_given(quantum: Systems, classical: Systems, a: Systems, b: Systems) -> Theorem:
    """S(AB) >= S(B) for classical A."""
    _check_disjoint(quantum + classical, a, b)
    _check_classical(classical, a)
    return Theorem(
        name="entropy of a classical system",
        source="nielsen2010, Theorems 11.8 and 11.10",
        words="S(A|B) is not negative if A is classical.",
        hypotheses=(_parts(quantum, classical),),
        conclusion=at_least(entropy_of(tau, *a, *b) - entropy_of(tau, *b), 0),
    )


@cache
def given_classical(quantum: Systems, classical: Systems, a: Systems, b: Systems) -> Theorem:
    """S(AB) >= S(A) for classical A."""
    _check_disjoint(quantum + classical, a, b)
    _check_classical(classical, a)
    return Theorem(
        name="entropy given a classical system",
        source="nielsen2010, Theorem 11.8",
        words="S(B|A) is not negative if A is classical.",
        hypotheses=(_parts(quantum, classical),),
        conclusion=at_least(entropy_of(tau, *a, *b) - entropy_of(tau, *a), 0),
    )


@cache
def labelled(
    labels: Systems, whole: Systems, weight: Any, state: Any, index: Any, over: Any, systems: Systems
) -> Theorem:
    """S(X, labels) = S(labels) + sum_k w_k S(X) of state k, for a part X of what the labelled states have."""
    _check_disjoint(labels + whole, labels, systems)
    if set(labels) & set(whole) or not labels or not systems:
        raise ValueError("a label is no system of the states that it labels")
    return Theorem(
        name="joint entropy theorem",
        source="nielsen2010, Theorem 11.8",
        words="The entropy of a state with a classical label is that of the label and the mean of those it labels.",
        hypotheses=(has_labels(tau, sp.Tuple(*labels), sp.Tuple(*whole), Direct(weight * state, index, over)),),
        conclusion=equal(
            entropy_of(tau, *labels, *systems),
            entropy_of(tau, *labels) + Total(weight * entropy_of(state, *systems), index, over),
        ),
    )


@cache
def weights(labels: Systems, whole: Systems, weight: Any, state: Any, index: Any, over: Any) -> Theorem:
    """The weights of labels add up to 1."""
    return Theorem(
        name="weights of labels",
        source="nielsen2010, Theorem 2.5",
        words="A state has the trace 1, and so the weights of its labels add up to 1.",
        hypotheses=(has_labels(tau, sp.Tuple(*labels), sp.Tuple(*whole), Direct(weight * state, index, over)),),
        conclusion=equal(Total(weight, index, over), 1),
    )


def _check_disjoint(known: Systems, *parts: Systems) -> None:
    together = [system for part in parts for system in part]
    if len(set(together)) < len(together) or not set(together) <= set(known):
        raise ValueError(f"{parts} are no disjoint parts of {known}")


def _check_classical(classical: Systems, part: Systems) -> None:
    if not set(part) <= set(classical):
        raise ValueError(f"{part} is not classical")
