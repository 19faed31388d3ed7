"""What a label that all parties hold gives: a hypothesis by name, and averages over the label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.kernel import Fact, StepFailedError
from keybounds.proofs.logic.propositions import equal
from keybounds.proofs.logic.statement import Goal
from keybounds.proofs.logic.sums import Total
from keybounds.proofs.notions_attacks import A, B, entropy_of
from keybounds.proofs.theorems import information as entropies


def granted(goal: Goal, name: str, wanted: Any) -> Fact:
    """The hypothesis of clause `name` that a predicate holds."""
    for one in goal.given(name):
        if getattr(one, "definition", None) == wanted:
            return kernel.assume(one)
    raise StepFailedError(f"{name}: {wanted.name}", "the statement does not grant it")


def averaged(words: str, labelled: Fact, parts: Mapping[Any, int], index: Any, target: Any) -> Fact:
    """A combination of entropies of parts of a state with labels, sum c_X S(X, labels), as a mean over the labels.

    `parts` maps X, systems of the labelled states or none of them, to c_X; the c_X add up to 0, so that the label's own
    entropy cancels. `target` is the mean as it is wanted.
    """
    state, labels, whole, blocks = labelled.arguments
    factors, states = blocks.body.args_cnc()
    chosen, part_state = sp.Mul(*factors), sp.Mul(*states)
    left = sp.Add(*(factor * entropy_of(state, *systems, *labels) for systems, factor in parts.items()))
    terms, means = [], []
    for systems, factor in parts.items():
        if systems:
            theorem = entropies.labelled(tuple(labels), tuple(whole), chosen, part_state, index, blocks.over, systems)
            values = {one: one for one in theorem.symbols} | {entropies.tau: state}
            words_ = "the entropy of a state with labels is that of the label and the mean"
            terms.append((factor, kernel.by_theorem(words_, theorem, values, labelled)))
            means.append(factor * Total(chosen * entropy_of(part_state, *systems), index, blocks.over))
    apart = kernel.linear(f"{words}: the label's entropy cancels", equal(left, sp.Add(*means)), terms)
    return kernel.chain(words, apart, kernel.sums_equal(f"{words}: the means as one", apart.right, target))


def information_by_parts(eve: tuple[Any, ...]) -> dict[Any, int]:
    """I(A:B|E) by the entropies of its parts."""
    return {(A, *eve): 1, (B, *eve): 1, eve: -1, (A, B, *eve): -1}
