"""The Renyi sum of one round of a Bell-diagonal pair, from the sums of Alice's outcomes and the score."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.algebra import bell
from keybounds.proofs.claims.renyi_qubits import effect_is_projector, quasi
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater
from keybounds.proofs.logic.statement import Goal
from keybounds.proofs.logic.terms import real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive
from keybounds.proofs.notions_renyi import (
    Q_key,
    both,
    chsh,
    diagonal,
    effect,
    game,
    has_trace,
    is_below,
    is_sum,
    power,
    sandwich,
    side,
)
from keybounds.proofs.theorems import devices_renyi as devices
from keybounds.proofs.theorems import renyi as theorems

alpha, gamma, lost, gain = symbol("alpha"), real("gamma"), real("u_0"), real("u_1")
weights = tuple(real(f"lambda_{j}") for j in range(1, 5))
angles = tuple(real(name) for name in ("x_0", "x_1", "y_0", "y_1"))
on_key, on_lost, on_won = devices.on_key, devices.on_lost, devices.on_won
tau, other, sigma, X = thing("tau"), thing("tau'"), thing("sigma"), thing("X")


def superadditive() -> k.Fact:
    """Q(tau|sigma) + Q(tau'|sigma) <= Q(tau + tau'|sigma)."""
    order = k.assume(greater(alpha, 1))
    positive = k.assume(is_positive(sigma))
    parts = [k.assume(is_positive(one)) for one in (tau, other)]
    inner = [_sandwiched(one, fact, positive) for one, fact in zip((tau, other), parts, strict=True)]
    values = {theorems.A: sandwich(tau, sigma, alpha), theorems.B: sandwich(other, sigma, alpha), alpha: alpha}
    sums = k.by_theorem("McCarthy's inequality", theorems.MCCARTHY, values, *inner, order)
    meanings = [quasi(one, sigma) for one in (tau, other, tau + other)]
    joined = k.operator_identity("of the sum", sums.right, meanings[2].right, positive, *parts)
    return k.linear(
        "Q of a sum is at least the sum",
        at_most(meanings[0].left + meanings[1].left, meanings[2].left),
        [(1, meanings[0]), (1, meanings[1]), (1, sums), (1, joined), (-1, meanings[2])],
    )


def _sandwiched(one: Any, positive: k.Fact, reference: k.Fact) -> k.Fact:
    """sigma^s tau sigma^s is positive."""
    sigma_ = reference.arguments[0]
    values = {theorems.A: one, theorems.C: power(sigma_, side(alpha))}
    found = k.by_theorem("a congruence keeps it positive", theorems.CONGRUENCE_POSITIVE, values, positive)
    same = k.operator_identity(
        "the power is its own adjoint", found.arguments[0], sandwich(one, sigma_, alpha), positive, reference
    )
    return k.rewritten("sigma^s tau sigma^s is positive", found, same)


def at_most_probability() -> k.Fact:
    """Q(tau|sigma) <= Tr tau for 0 <= tau <= sigma and 1 < alpha <= 2."""
    orders = [k.assume(greater(alpha, 1)), k.assume(at_most(alpha, 2))]
    under = [one.proposition for one in orders]
    positive, part = k.assume(is_positive(sigma)), k.assume(is_positive(tau))
    below = k.assume(is_below(tau, sigma))
    inner = sandwich(tau, sigma, alpha)
    fold = k.assume(equal(inner, X))
    folded = k.assume(is_positive(X))
    values = {theorems.A: tau, theorems.B: sigma, theorems.C: power(sigma, side(alpha))}
    ordered = k.by_theorem("a congruence keeps the order", theorems.CONGRUENCE, values, below)
    left = k.operator_identity("X", ordered.arguments[0], X, fold, part, positive)
    right = k.operator_identity(
        "1 + 2 s = 1/alpha", ordered.arguments[1], power(sigma, 1 / alpha), part, positive, under=under
    )
    ordered = k.rewritten("X <= sigma^{1/alpha}", ordered, left, right)
    loewner = k.by_theorem(
        "the power alpha - 1, between 0 and 1, keeps the order",
        theorems.LOEWNER,
        {theorems.A: X, theorems.B: power(sigma, 1 / alpha), theorems.x: alpha - 1},
        ordered,
        folded,
        *orders,
    )
    traces = k.by_theorem(
        "and so does the trace with X",
        theorems.TRACE_ORDER,
        {theorems.A: loewner.arguments[0], theorems.B: loewner.arguments[1], theorems.C: X},
        loewner,
        folded,
    )
    supports = [
        k.by_theorem("supports", one, {theorems.A: tau, theorems.B: sigma}, part, positive, below)
        for one in (theorems.SUPPORT_LEFT, theorems.SUPPORT_RIGHT)
    ]
    first = k.operator_identity("X X^{alpha-1}", traces.left, Tr(power(X, alpha)), folded, under=under)
    unfolded = k.put_in("X by its definition", traces.right, k.turned("X", fold))
    second = k.operator_identity(
        "the powers of sigma cancel", unfolded.right, Tr(tau), *supports, part, positive, under=under
    )
    meaning = quasi(tau, sigma)
    same = k.operator_identity("with X", meaning.right, Tr(power(X, alpha)), fold, folded, part, positive)
    found = k.linear(
        "Q of an outcome is at most its probability",
        at_most(meaning.left, Tr(tau)),
        [(1, meaning), (1, same), (-1, first), (1, traces), (1, unfolded), (1, second)],
    )
    placed = k.instantiated(found, {X: inner})
    return k.cut(placed, _sandwiched(tau, part, positive))


class Pairs:
    """What is known of Bell-diagonal pairs: Eve's operators, their order, sums and traces."""

    def __init__(self, given: list[k.Fact]) -> None:
        self.given = given
        known = dict(zip(devices.weights, weights, strict=True))
        self.state = diagonal(*weights)
        self.positive = k.by_theorem("the state is positive", theorems.DIAGONAL_POSITIVE, known, *given)
        self.root = power(self.state, sp.Rational(1, 2))
        self.root_positive = k.by_theorem(
            "its root is positive",
            theorems.POWER_POSITIVE,
            {theorems.A: self.state, theorems.x: sp.Rational(1, 2)},
            self.positive,
        )
        self.square = k.operator_identity("the root's square", self.root * self.root, self.state, self.positive)
        self.known = known
        self.superadditive, self.at_most_probability = superadditive(), at_most_probability()

    def operator(self, one: Any) -> Any:
        """Eve's operator for an effect."""
        return self.root * one * self.root

    def value(self, one: Any) -> k.Fact:
        """q by Eve's operator."""
        return k.by_theorem(
            "Eve purifies the state", devices.SCHMIDT, {alpha: alpha, **self.known, devices.F: one}, *self.given
        )

    def operator_positive(self, one: Any) -> k.Fact:
        """It is positive."""
        projector = effect_is_projector(one)
        is_positive_ = k.by_theorem("an effect is positive", theorems.PROJECTOR_POSITIVE, {theorems.A: one}, projector)
        found = k.by_theorem(
            "a congruence keeps it positive",
            theorems.CONGRUENCE_POSITIVE,
            {theorems.A: one, theorems.C: self.root},
            is_positive_,
        )
        same = k.operator_identity(
            "the root is its own adjoint", found.arguments[0], self.operator(one), is_positive_, self.positive
        )
        return k.rewritten("Eve's operator is positive", found, same)

    def both_signs(self, first: Any, second: Any, whole: Any) -> k.Fact:
        """q of two effects adds up to at most q of their sum."""
        split = _decided_sum(whole, first, second)
        equation = k.by_theorem(
            "an effect is the sum of two",
            devices.SPLIT_EFFECT,
            {devices.F: whole, devices.A: first, devices.B: second},
            split,
        )
        parts = [self.operator_positive(one) for one in (first, second)]
        found = k.instantiated(
            self.superadditive,
            {tau: self.operator(first), other: self.operator(second), sigma: self.state},
        )
        found = k.cut(found, *parts, self.positive)
        projectors = [
            k.by_theorem("positive", theorems.PROJECTOR_POSITIVE, {theorems.A: one}, effect_is_projector(one))
            for one in (first, second, whole)
        ]
        joined = k.operator_identity(
            "the operators add up",
            self.operator(first) + self.operator(second),
            self.operator(whole),
            equation,
            self.positive,
            *projectors,
        )
        found = k.rewritten("q of the sum", found, joined)
        values = [self.value(one) for one in (first, second, whole)]
        return k.linear(
            "q of two outcomes of Bob's is at most that of Alice's",
            at_most(values[0].left + values[1].left, values[2].left),
            [(1, values[0]), (1, values[1]), (1, found), (-1, values[2])],
        )

    def probability(self, one: Any) -> k.Fact:
        """q of an effect is at most its probability."""
        projector = effect_is_projector(one)
        trace_ = _decided_trace(one)
        weight_ = trace_.arguments[2]
        part = self.operator_positive(one)
        below = k.by_theorem(
            "an effect is a part",
            theorems.PROJECTOR_BELOW,
            {theorems.A: one, theorems.C: self.root},
            projector,
            self.root_positive,
        )
        below = k.rewritten("Eve's operator is at most her state", below, self.square)
        found = k.instantiated(self.at_most_probability, {tau: self.operator(one), sigma: self.state})
        found = k.cut(found, part, self.positive, below)
        turned = k.operator_identity("the trace is cyclic", Tr(self.operator(one)), Tr(self.state * one), self.positive)
        trace = k.by_theorem(
            "the probability",
            devices.PROBABILITY,
            {**self.known, devices.F: one, real("p"): weight_},
            trace_,
        )
        value = self.value(one)
        return k.linear(
            "q of an outcome is at most its probability",
            at_most(value.left, weight_),
            [(1, value), (1, found), (1, turned), (1, trace)],
        )


def _decided_sum(whole: Any, first: Any, second: Any) -> k.Fact:
    """Alice's effect is the sum of Bob's two with it."""
    generic, sign = (real("x"), real("y")), real("e")
    fact = k.decided(
        "Bob's outcomes split Alice's effect",
        is_sum(effect(generic[0], sign), both(*generic, sign, 1), both(*generic, sign, -1)),
    )
    x, e = whole.args
    return k.instantiated(fact, {generic[0]: x, generic[1]: first.args[1], sign: e})


def correlation(x: Any, y: Any) -> Any:
    """The expectation of the two observables in the Bell-diagonal state."""
    return bell.expectation(weights, sp.kronecker_product(bell.planar(x), bell.planar(y)))


def _decided_trace(one: Any) -> k.Fact:
    """The probability of a pair of outcomes, by the correlation."""
    generic, signs = (real("x"), real("y")), (real("e"), real("h"))
    value = (sp.Add(*weights) + signs[0] * signs[1] * correlation(*generic)) / 4
    fact = k.decided(
        "a pair of outcomes has this probability", has_trace(sp.Tuple(*weights), both(*generic, *signs), value)
    )
    return k.instantiated(fact, dict(zip((*generic, *signs), one.args, strict=True)))


def rules() -> Any:
    """The weights of the game's outcomes: 1 - gamma, gamma u_0/4 and gamma u_1/4."""
    return game(1 - gamma, gamma * lost / 4, gamma * gain / 4)


def distribution() -> tuple[Any, ...]:
    """The weights of the Bell states are not negative and add up to 1."""
    return (*(at_least(one, 0) for one in weights), equal(sp.Add(*weights), 1))


def by_shares(goal: Goal) -> k.Fact:
    """The sum of a round of pairs by Q of Alice's outcomes and the CHSH value."""
    given = [k.assume(one) for one in (*goal.hypotheses, *distribution())]
    found = Pairs(given)
    together = next(one for one in given if one.relation.relation == "=")
    value = chsh(*weights, *angles)
    on = {on_key: 1 - gamma, on_lost: gamma * lost / 4, on_won: gamma * gain / 4}
    meaning = k.by_definition(
        devices.PAIR_SUM,
        {
            alpha: alpha,
            **{x: x for x in on},
            devices.rho: diagonal(*weights),
            **dict(zip(devices.angles, angles, strict=True)),
        },
    )
    terms = []
    alone: dict[Any, Any] = {}
    for x in angles[:2]:
        purified = k.by_definition(
            theorems.EVE_OF_BELL,
            {alpha: alpha, **dict(zip(theorems.bell_weights, weights, strict=True)), theorems.theta: x},
        )
        each = [found.value(effect(x, sign)) for sign in (1, -1)]
        alone[x] = k.linear(
            "both of Alice's outcomes",
            equal(each[0].left + each[1].left, purified.left),
            [(1, each[0]), (1, each[1]), (-1, purified)],
        )
    whole = sp.Integer(0)
    for index, x in enumerate(angles[:2]):
        for other_, y in enumerate(angles[2:]):
            for sign in (1, -1):
                terms.append((on_lost, found.both_signs(both(x, y, sign, 1), both(x, y, sign, -1), effect(x, sign))))
                won = sign * (-1 if index * other_ else 1)
                probability = found.probability(both(x, y, sign, won))
                terms.append((on_won - on_lost, probability))
                whole += probability.right
            terms.append((on_lost, alone[x]))
    terms.append((on_key, alone[angles[0]]))
    shares = [Q_key(alpha, *weights, x) for x in angles[:2]]
    rules = [at_least(on_won, on_lost)]
    bound = k.linear(
        "the sum of a round by Alice's outcomes and by the probability to win",
        at_most(meaning.left, on_key * shares[0] + 2 * on_lost * (shares[0] + shares[1]) + (on_won - on_lost) * whole),
        [(1, meaning), *terms],
        rules,
    )
    winning = _winning(whole, value, together)
    bound = k.linear(
        "with the CHSH value",
        at_most(
            bound.left, on_key * shares[0] + 2 * on_lost * (shares[0] + shares[1]) + (on_won - on_lost) * winning.right
        ),
        [(1, bound), (on_won - on_lost, winning)],
        rules,
    )
    return k.instantiated(bound, on, goal.hypotheses)


def _winning(whole: Any, value: Any, together: k.Fact) -> k.Fact:
    """The four tests are won with probability 2 + S/2 together."""
    known = dict(zip(theorems.bell_weights, weights, strict=True))
    meaning = k.by_definition(
        theorems.CHSH,
        {
            **known,
            theorems.angle_x: angles[0],
            theorems.turned_x: angles[1],
            theorems.angle_y: angles[2],
            theorems.turned_y: angles[3],
        },
    )
    parts = [
        k.by_definition(theorems.EXPECTATION, {**known, theorems.angle_x: x, theorems.angle_y: y})
        for x in angles[:2]
        for y in angles[2:]
    ]
    spelled = k.chain("the CHSH value", meaning, k.put_in("by the correlations", meaning.right, *parts))
    return k.linear(
        "with uniform x and y the game is won with probability 1/2 + S/8",
        equal(whole, 2 + value / 2),
        [(2, together), (-sp.Rational(1, 2), spelled)],
    )
