"""Erasure, dephasing and depolarising channels of every dimension: the relative entropies behind their ceilings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, log2, real, symbol
from keybounds.proofs.notions_channels import (
    P2,
    choi,
    correlated,
    correlated_or_erased,
    dephasing,
    depolarising,
    erasure,
    have_common_choi_spectrum,
    is_diagonal_choi,
)
from keybounds.proofs.theorems import channels

d, e, p = integer("d"), real("e"), real("p")


def state() -> Statement:
    """Return the statement, for every d >= 2."""
    fidelity = 1 - p + p / d**2
    chance = (at_least(p, 0), at_most(p, 1))
    return Statement(
        parameters=(
            Parameter(d, "dimension"),
            Parameter(e, "probability of an erasure"),
            Parameter(p, "probability of an error: of each Z^k, k = 1, .., d-1, p/(d-1); or of replacement by 1/d"),
        ),
        hypotheses=(at_least(d, 2),),
        clauses=(
            Clause("erasure", at_most(P2(erasure(d, e)), (1 - e) * log2(d)), (greater(e, 0), less(e, 1))),
            Clause("dephasing", at_most(P2(dephasing(d, p)), log2(d) - h(p) - p * log2(d - 1)), chance),
            Clause(
                "depolarising",
                at_most(
                    P2(depolarising(d, p)),
                    log2(d) + fidelity * log2(fidelity) + (1 - fidelity) * log2((1 - fidelity) / (d - 1)),
                ),
                chance,
            ),
            Clause("depolarising a qubit", at_most(P2(depolarising(2, p)), 1 - h(3 * p / 4)), chance),
        ),
    )


def derive(goal: Goal) -> None:
    """Teleportation simulates the channel; the Choi state commutes with a separable one, and the ranks are known."""
    fidelity = 1 - p + p / d**2
    flat = (1 - 1 / d) / (d**2 - 1)
    _ceiling(
        goal,
        "erasure",
        (erasure, e),
        _diagonal(goal, "erasure", correlated_or_erased(d, e), (((1 - e) / d, d), (e / d, d))),
        ((1 - e, (1 - e) / d, 1), (e / d, e / d, d)),
    )
    _ceiling(
        goal,
        "dephasing",
        (dephasing, p),
        _diagonal(goal, "dephasing", correlated(d), ((1 / d, d),)),
        ((1 - p, 1 / d, 1), (p / (d - 1), 1 / d, d - 1)),
    )
    separable = k.by_theorem(
        "the isotropic state of fidelity 1/d is separable",
        channels.ISOTROPIC,
        {channels.d: d},
        *(k.assume(one) for one in goal.hypotheses),
    )
    ceiling = _ceiling(
        goal, "depolarising", (depolarising, p), separable, ((fidelity, 1 / d, 1), (p / d**2, flat, d**2 - 1))
    )
    name = "depolarising a qubit"
    qubit = k.instantiated(ceiling, {d: sp.Integer(2)}, under=goal[name].hypotheses)
    goal.conclude(name, k.restated("a binary entropy", qubit, goal[name].right, goal[name].hypotheses))


def _diagonal(goal: Goal, name: str, operator: Any, pairs: Any) -> k.Fact:
    """`operator` is separable, being diagonal."""
    given = goal.given(name)
    table = sp.Tuple(*(sp.Tuple(*one) for one in pairs))
    shown = k.decided("diagonal in a product basis", is_diagonal_choi(operator, table))
    values = {channels.A: operator}
    facts = [shown]
    for number_, (value, count) in enumerate(pairs, start=1):
        values |= {real(f"x_{number_}"): value, symbol(f"m_{number_}"): count}
        facts.append(k.inequality("not negative", at_least(value, 0), given))
    total = sp.Add(*(sp.Mul(count, value, evaluate=False) for value, count in pairs), evaluate=False)
    facts.append(k.inequality("normalised", equal(total.doit(), 1), given))
    return k.by_theorem("so separable", channels.diagonal(len(pairs)), values, *facts)


def _ceiling(goal: Goal, name: str, channel: tuple[Callable[..., Any], Any], separable: k.Fact, triples: Any) -> k.Fact:
    make, chance = channel
    given = goal.given(name)
    known = [k.assume(one) for one in given]
    places = {channels.d: d, channels.v: chance}
    proper = k.by_theorem("it is a channel", channels.CHANNELS[make], places, *known)
    covariant = k.by_theorem("it is covariant", channels.COVARIANT_CHANNELS[make], places, proper)
    (operator,) = separable.arguments
    bound = k.by_theorem(
        "the capacity is at most the relative entropy of the Choi state to a separable one",
        channels.CEILING,
        {channels.Lambda: make(d, chance), channels.A: operator},
        proper,
        covariant,
        separable,
    )
    table = sp.Tuple(*(sp.Tuple(*one) for one in triples))
    common = k.decided(
        "both are sums of the same projectors", have_common_choi_spectrum(choi(make(d, chance)), operator, table)
    )
    values = {channels.A: choi(make(d, chance)), channels.B: operator}
    facts = [common]
    for number_, (x, y, m) in enumerate(triples, start=1):
        values |= {real(f"x_{number_}"): x, real(f"y_{number_}"): y, symbol(f"m_{number_}"): m}
        facts.append(k.inequality("not negative", at_least(x, 0), given))
        facts.append(k.inequality("positive", greater(y, 0), given))
    divergence = k.by_theorem(
        "the relative entropy by the eigenvalues", channels.divergence(len(triples)), values, *facts
    )
    ceiling = k.restated("in closed form", k.chain("a ceiling", bound, divergence), goal[name].right, given)
    goal.conclude(name, ceiling)
    return ceiling


def numerical(statement: Statement) -> Iterator[Step]:
    """D(J||sigma) of dense Choi states of dimension 3, built from the channels' action on matrix units."""
    import mpmath as mp

    size, exact = 3, sp.Rational(3, 20)
    at = {d: size, e: exact, p: exact}
    with mp.workdps(DIGITS + 10):
        noise = mp.mpf(3) / 20

        def choi(outputs: int, entry: Callable[[int, int], Any]) -> Any:
            """(1/3) sum |i><j| (x) Lambda(|i><j|)."""
            result = mp.zeros(size * outputs)
            for i in range(size):
                for j in range(size):
                    block = entry(i, j)
                    for k in range(outputs):
                        for m in range(outputs):
                            result[i * outputs + k, j * outputs + m] = block[k, m] / size
            return result

        def unit(n: int, i: int, j: int) -> Any:
            matrix = mp.zeros(n)
            matrix[i, j] = 1
            return matrix

        tau = choi(size, lambda i, j: unit(size, i, j) if i == j else mp.zeros(size))
        kept = choi(
            size + 1, lambda i, j: (1 - noise) * unit(size + 1, i, j) + (noise if i == j else 0) * unit(4, 3, 3)
        )
        flat = choi(
            size + 1,
            lambda i, j: ((1 - noise) * unit(size + 1, i, j) + noise * unit(4, 3, 3)) if i == j else mp.zeros(4),
        )
        yield witness(
            "erasure, d = 3, e = 3/20", number(statement["erasure"].right, at), dense.relative_entropy(kept, flat)
        )
        scale = 1 - noise * size / (size - 1)
        dephased = choi(size, lambda i, j: (1 if i == j else scale) * unit(size, i, j))
        found = dense.relative_entropy(dephased, tau)
        yield witness("dephasing, d = 3, p = 3/20", number(statement["dephasing"].right, at), found)

        def isotropic(share: Any) -> Any:
            return choi(
                size,
                lambda i, j: (1 - share) * unit(size, i, j) + (share if i == j else 0) * mp.eye(size) / size,
            )

        limit = isotropic(mp.mpf(size) / (size + 1))  # 1 - p + p/d^2 = 1/d
        found = dense.relative_entropy(isotropic(noise), limit)
        yield witness("depolarising, d = 3, p = 3/20", number(statement["depolarising"].right, at), found)


CLAIM = Claim(
    name="channel-closed-forms",
    title="Ceilings of erasure, dephasing and depolarising channels",
    source="pirandola2017; values rederived",
    state=state,
    derive=derive,
    witness=numerical,
)
