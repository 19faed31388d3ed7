"""Mixing devices with a flag that Eve holds: ceilings from (S, Q) may be replaced by their convex hull."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.flagged_labels import granted
from keybounds.proofs.claims.flagged_mixtures import MIXTURE, P, k
from keybounds.proofs.claims.two_qubit_ceiling import S, block_entropy, pointer_states, two_way
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.propositions import at_least, at_most, equal
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.sums import Total
from keybounds.proofs.logic.terms import real
from keybounds.proofs.notions import E_r
from keybounds.proofs.notions_attacks import (
    LABELS,
    A,
    B,
    E,
    K_any,
    K_two,
    bounds_costs,
    chsh_and_error,
    chsh_of,
    cost,
    error_of,
    information,
    is_attack,
    is_weighted,
    outcomes,
    shared,
    strategy,
    weight,
    with_label,
)
from keybounds.proofs.theorems import devices

Q = real("Q")


def state() -> Statement:
    """Return the statement, for any finite number of devices."""

    def mean(value: Any) -> Any:
        return Total(weight(k) * value, k, LABELS)

    weighted, mixed = is_weighted(MIXTURE), with_label(MIXTURE)
    numbers = chsh_and_error(mean(chsh_of(strategy(k))), mean(error_of(strategy(k))))
    return Statement(
        parameters=(
            Parameter(LABELS, "labels of devices"),
            Parameter(P, "statistics"),
            Parameter(Q, "key error"),
        ),
        hypotheses=(),
        clauses=(
            Clause("S", equal(chsh_of(mixed), mean(chsh_of(strategy(k)))), (weighted,), words="the CHSH value"),
            Clause("Q", equal(error_of(mixed), mean(error_of(strategy(k)))), (weighted,), words="the key error"),
            Clause(
                "two-way",
                at_most(K_two(numbers), mean(information(outcomes(strategy(k)), (A,), (B,), (E,)))),
                (weighted,),
                words="discussion of the outcomes of one announced key setting",
            ),
            Clause(
                "combination",
                at_most(K_two(numbers), mean(cost(k))),
                (weighted, bounds_costs(LABELS)),
                words="any convex combination of ceilings of this kind",
            ),
            Clause(
                "table",
                at_most(K_two(P), mean(cost(k))),
                (is_attack(P, MIXTURE), bounds_costs(LABELS)),
                words="the same for the full table",
            ),
            Clause(
                "any discussion",
                at_most(K_any(numbers), mean(E_r(shared(strategy(k))))),
                (weighted,),
                words="any discussion",
            ),
            Clause(
                "local boundary",
                at_most(K_two(chsh_and_error(2, Q)), 0),
                (at_least(Q, 0), at_most(Q, sp.Rational(1, 2))),
                words="among the two-qubit ceilings",
            ),
        ),
    )


def derive(goal: Goal) -> None:
    """S and Q are linear in the table; the rest is the claim about mixtures."""
    for name, meaning in (("S", devices.CHSH), ("Q", devices.ERROR)):
        relation = goal[name].relation
        goal.conclude(name, kernel.linear(f"{name} is the mean", relation, [(1, _mean(name, goal, meaning))]))
    for name, clause in (("two-way", "two-way"), ("any discussion", "any discussion"), ("combination", "two-way")):
        weighted = granted(goal, name, is_weighted)
        theorem = devices.attack_on_numbers(*_parts(weighted))
        attack = kernel.by_theorem("an attack on its own S and Q", theorem, {LABELS: LABELS}, weighted)
        averages = [_mean(one, goal, meaning) for one, meaning in (("S", devices.CHSH), ("Q", devices.ERROR))]
        attack = kernel.rewritten("which are the means", attack, *averages)
        ceiling = goal.from_claim("the ceiling of a mixture", "flagged-mixtures", clause, {P: attack.arguments[0]})
        terms: list[Any] = [(1, kernel.cut(ceiling, attack))]
        if name == "combination":
            terms.append((1, _costs(name, goal)))
        goal.conclude(name, kernel.linear(f"{name}: the ceiling", goal[name].relation, terms))
    name = "table"
    attack = granted(goal, name, is_attack)
    ceiling = goal.from_claim("the ceiling of a mixture", "flagged-mixtures", "two-way", {P: attack.arguments[0]})
    terms = [(1, kernel.cut(ceiling, attack, words="the ceiling of this mixture")), (1, _costs(name, goal))]
    goal.conclude(name, kernel.linear(f"{name}: the ceiling", goal[name].relation, terms))
    name = "local boundary"
    given = goal.given(name)
    at_two = goal.from_claim("the two-qubit ceiling at S = 2", "two-qubit-ceiling", "two-way", {S: sp.Integer(2)})
    zero = kernel.restated("is 0 there", at_two, goal[name].right, given)
    goal.conclude(name, kernel.linear("no key at S = 2", goal[name].relation, [(1, zero)], given))


def _costs(name: str, goal: Goal) -> kernel.Fact:
    """The mean of the informations is at most that of the costs."""
    costs = granted(goal, name, bounds_costs)
    least = kernel.specialised("a device's cost", devices.COSTS, {devices.k_: k, LABELS: LABELS}, costs)
    scaled = kernel.linear(
        "with its weight", at_most(weight(k) * least.left, weight(k) * least.right), [(weight(k), least)]
    )
    return kernel.totalled("in the mean", scaled, k, LABELS)


def _parts(weighted: kernel.Fact) -> tuple[Any, Any, Any, Any]:
    """Weight, device, index and labels of a mixture."""
    blocks = weighted.arguments[0]
    factors, parts = blocks.body.args_cnc()
    return sp.Mul(*factors), sp.Mul(*parts), blocks.index, blocks.over


def _mean(name: str, goal: Goal, meaning: kernel.Meaning) -> kernel.Fact:
    """A number that is linear in the table, of the mixture, as the mean over the labels."""
    weighted = granted(goal, name, is_weighted)
    chosen, device, index, over = _parts(weighted)
    mixed = with_label(weighted.arguments[0])
    of_mixture = kernel.by_definition(meaning, {devices.delta: mixed})
    of_device = kernel.by_definition(meaning, {devices.delta: device})
    scaled = kernel.linear(
        "with its weight", equal(chosen * of_device.left, chosen * of_device.right), [(chosen, of_device)]
    )
    apart = kernel.totalled(f"{name} in the mean", scaled, index, over)
    theorem, terms, means = devices.mean_table(chosen, device, index, over), [], []
    for term in sp.Add.make_args(of_mixture.right):
        sign, probability = term.as_coeff_Mul()
        values = dict(zip(devices.PLACES, probability.args[1:], strict=True)) | {LABELS: LABELS}
        linear = kernel.by_theorem("a probability is the mean", theorem, values, weighted)
        terms.append((sign, linear))
        means.append(sign * linear.right)
    joined = kernel.sums_equal(f"{name}: one sum", sp.Add(*means), apart.right)
    return kernel.linear(
        f"{name} is linear in the table",
        equal(of_mixture.left, apart.left),
        [(1, of_mixture), *terms, (1, joined), (-1, apart)],
    )


def numerical(_: Statement) -> Iterator[Step]:
    """I(A:B|EK) of two dense devices with Eve's flag as a block label, against the average, in 50 digits."""
    import mpmath as mp

    pairs = ((sp.Rational(27, 10), sp.Rational(1, 50)), (sp.Rational(23, 10), sp.Rational(1, 5)))
    with mp.workdps(DIGITS + 10):
        w = mp.mpf(1) / 3
        eve: dict[Any, Any] = {}
        for label, (share, (chsh, error)) in enumerate(zip((w, 1 - w), pairs, strict=True)):
            states = pointer_states(*(mp.mpf(int(one.p)) / int(one.q) for one in (chsh, error)))
            eve |= {(a, b, label): share * state for (a, b), state in states.items()}

        def entropy_of(fixed: tuple[bool, bool]) -> Any:
            sums: dict[Any, Any] = {}
            for (a, b, label), state in eve.items():
                place = (a if fixed[0] else None, b if fixed[1] else None, label)
                sums[place] = sums[place] + state if place in sums else state
            return block_entropy(list(sums.values()))

        found = entropy_of((True, False)) + entropy_of((False, True)) - entropy_of((False, False))
        found -= entropy_of((True, True))
        first, second = (number(two_way(chsh, error), {}) for chsh, error in pairs)
        yield witness("I(A:B|EK) of a flagged mixture", w * first + (1 - w) * second, found)


CLAIM = Claim(
    name="ceiling-hull",
    title="Convex combinations of ceilings",
    source="kaur2021; rederived",
    state=state,
    derive=derive,
    witness=numerical,
)
