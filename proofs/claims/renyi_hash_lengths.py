"""The length of a key that depends on what was announced: weights of the results, and Hölder's inequality."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.claims.renyi_chsh_lemma import beta, power_grows
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Predicate, Relation, at_least, at_most, equal
from keybounds.proofs.logic.statement import Goal
from keybounds.proofs.logic.sums import Direct, Total, delta, size
from keybounds.proofs.logic.terms import log2, real, symbol, thing
from keybounds.proofs.notions import Tr
from keybounds.proofs.notions_renyi import (
    RESULTS,
    STRINGS,
    TAGS,
    Q,
    bits,
    chance,
    chosen,
    fitting,
    is_scheme,
    left_over,
    length,
    occurrence,
    power,
    prior,
    sandwich,
    score,
    situation,
    syndrome,
    syndromes,
)
from keybounds.proofs.theorems import hashing as theorems
from keybounds.proofs.theorems import renyi as entropies

alpha, K = symbol("alpha"), symbol("K")
F, W, sigma = thing("F"), thing("W"), thing("sigma")
a, V, c, y, t, inputs = theorems.a, theorems.V, theorems.c, theorems.y, theorems.t, theorems.inputs
m, eps = theorems.m, theorems.eps


QUASI_SUM = Total(
    Total(chance(V, inputs) * Q(alpha, left_over(V, a, inputs, c), prior(V, inputs)), inputs, fitting(c)), a, STRINGS
)
"""sum over a and i of p(i) Q, at given results c."""


def scheme(words: str, which: int) -> k.Fact:
    """A part of the definition of a scheme."""
    values = {V: V, m: m, a: a, c: c, inputs: inputs}
    return k.specialised(words, theorems.SCHEME, values, k.assume(is_scheme(V, m)), which=which)


class Reference:
    """The reference and Eve's operators where the tests have the results c, layer by layer."""

    layers = ((t, TAGS), (y, syndromes(V)), (inputs, fitting(c)))

    def __init__(self) -> None:
        self.positive = scheme("Eve's own state is positive", theorems.PRIOR_POSITIVE)
        self.part_positive = scheme("her operator for a string is positive", theorems.LEFT_POSITIVE)
        self.supported = scheme("and lives where her state does", theorems.SUPPORTED)
        self.share = theorems.reference_share(c, inputs)
        self.prior = prior(V, inputs)
        self.here = delta(syndrome(V, a), y, syndromes(V))
        self.factor = chance(V, inputs) / size(TAGS)
        self.part = left_over(V, a, inputs, c)
        self.block, self.other = self.here * self.factor * self.part, self.share * self.prior
        self.meaning = k.by_definition(theorems.SITUATION, {V: V, c: c, a: a})

    def reference_positive(self) -> k.Fact:
        """The reference is positive."""
        found = self.multiple(self.prior, self.share, self.positive)
        for index, over in self.layers:
            found = k.bound_together("so is a direct sum", found, Direct, index, over)
        return found

    @staticmethod
    def multiple(operator: Any, factor: Any, positive: k.Fact) -> k.Fact:
        """A multiple of a positive operator is positive."""
        return k.by_theorem(
            "a multiple is positive", theorems.SCALED, {theorems.A: operator, real("lambda"): factor}, positive,
            k.inequality("a factor that is not negative", at_least(factor, 0)),
        )  # fmt: skip

    def operator_positive(self) -> k.Fact:
        """Eve's operator for a string, all registers included, is positive."""
        found = self.multiple(self.part, self.here * self.factor, self.part_positive)
        for index, over in self.layers:
            found = k.bound_together("so is a direct sum", found, Direct, index, over)
        return k.rewritten("what Eve holds is positive", found, k.turned("by definition", self.meaning))

    def operator_supported(self) -> k.Fact:
        """It lives where the reference does."""
        found = k.operator_identity(
            "block by block",
            power(self.other, 0) * self.block * power(self.other, 0),
            self.block,
            self.positive,
            self.part_positive,
            self.supported,
        )
        body, other = self.block, self.other
        for index, over in self.layers:
            theorem = theorems.direct_support(body, other, index, over)
            blocks = k.by_theorem("supports are taken block by block", theorem, {x: x for x in theorem.symbols})
            together = k.bound_together("for all blocks", found, Direct, index, over)
            found = k.chain("of the direct sum", blocks, together)
            body, other = Direct(body, index, over), Direct(other, index, over)
        back = k.turned("by definition", self.meaning)
        return k.rewritten("what Eve holds lives where the reference does", found, back)

    def trace(self) -> k.Fact:
        """The reference has trace 1."""
        one = scheme("Eve's own state has trace 1", theorems.PRIOR_TRACE)
        found = k.put_in("a block's trace", Tr(self.other), one)
        body = self.other
        for index, over in self.layers:
            theorem = theorems.direct_trace(body, index, over)
            blocks = k.by_theorem("the trace of a direct sum", theorem, {x: x for x in theorem.symbols})
            found = k.chain("summed", blocks, k.totalled("over the blocks", found, index, over))
            body = Direct(body, index, over)
        weight = k.by_definition(theorems.OCCURRENCE, {V: V, c: c})
        ratio = weight.right / weight.left
        counted = k.sums_equal("each syndrome and each tag has its share", found.right, ratio)
        unit = k.linear("the weights of the results", equal(ratio, 1), [(-1 / weight.left, weight)])
        return k.chain("the trace of the reference", found, counted, unit)

    def quasi(self) -> k.Fact:
        """Q of what Eve holds for a string: a sum over the inputs, at the price of syndrome and results."""
        homogeneous = k.operator_identity(
            "Q of multiples",
            Tr(power(sandwich(self.factor * self.part, self.other, alpha), alpha)),
            self.factor**alpha * self.share ** (1 - alpha) * Tr(power(sandwich(self.part, self.prior, alpha), alpha)),
            self.positive,
            self.part_positive,
        )
        scaled = k.by_definition(
            entropies.QUASI,
            {entropies.alpha: alpha, entropies.tau: self.factor * self.part, entropies.sigma: self.other},
        )
        plain = k.by_definition(
            entropies.QUASI, {entropies.alpha: alpha, entropies.tau: self.part, entropies.sigma: self.prior}
        )
        cost = self.factor**alpha * self.share ** (1 - alpha)
        multiple = k.linear(
            "Q of multiples", equal(scaled.left, cost * plain.left), [(1, scaled), (1, homogeneous), (-cost, plain)]
        )
        indicated = k.by_theorem(
            "a string has one syndrome",
            theorems.INDICATED,
            {
                alpha: alpha,
                theorems.z: syndrome(V, a),
                y: y,
                V: V,
                theorems.A: self.factor * self.part,
                theorems.sigma: self.other,
            },
        )
        found = k.chain("a block's Q", indicated, k.put_in("with its factor", indicated.right, multiple))
        body, other = self.block, self.other
        for index, over in self.layers:
            theorem = theorems.direct_quasi(body, other, index, over)
            blocks = k.by_theorem("Q of a direct sum", theorem, {x: x for x in theorem.symbols})
            found = k.chain("summed", blocks, k.totalled("over the blocks", found, index, over))
            body, other = Direct(body, index, over), Direct(other, index, over)
        price = (sp.Integer(2) ** bits(V, c) / (occurrence(V, c) * size(syndromes(V)))) ** (1 - alpha)
        share = chance(V, inputs) * plain.left
        by_input = k.operator_identity(
            "the powers of p(i) leave p(i), those of the number of tags nothing: a padded tag costs no key",
            self.factor**alpha * self.share ** (1 - alpha) * size(TAGS) * plain.left,
            price * share,
        )
        summed = k.totalled("over the inputs", by_input, inputs, fitting(c))
        carried = k.sums_equal("carried out over tags and syndromes", found.right, summed.left)
        out = k.sums_equal("the price comes out", summed.right, price * Total(share, inputs, fitting(c)))
        back = k.turned("by definition", self.meaning)
        return k.rewritten(
            "Q of what Eve holds for a string", k.chain("Q of a string", found, carried, summed, out), back
        )


def by_length(goal: Goal) -> None:
    """Hash result by result, add up with Hölder's inequality, and spend what the sum over histories grants."""
    given = [k.assume(one) for one in goal.hypotheses]
    each = _by_result(goal, given)
    total = k.totalled("added up over the results of the tests", each, c, RESULTS)
    stated = goal["length"].hypotheses[1]
    if not isinstance(stated, Predicate):
        raise k.StepFailedError("the lengths", "what the scheme's lengths are is wanted as second hypothesis")
    mark, gained = stated.arguments[1] + m, QUASI_SUM
    at_result = 2 ** ((alpha - 1) * (length(V, c) + m)) * 2 ** ((1 - alpha) * bits(V, c)) * gained
    theorem = theorems.hoelder_sums(occurrence(V, c), at_result, c, RESULTS)
    not_negative = [
        k.inequality("not negative", at_least(one, 0), goal.hypotheses) for one in (occurrence(V, c), at_result)
    ]
    hoelder = k.by_theorem("Hölder's inequality", theorem, {x: x for x in theorem.symbols}, *not_negative, *given)
    front = 2 ** (2 / alpha - 2)
    out = k.sums_equal("the constant comes out", total.right, front * hoelder.left, goal.hypotheses)
    occur = scheme("the weights of the results are at most 1 together", theorems.OCCUR)
    weights, spent = Total(occurrence(V, c), c, RESULTS), Total(at_result, c, RESULTS)
    below_one = _grown(1 - 1 / alpha, sp.Integer(1), weights, occur, goal.hypotheses)
    # what the lengths leave
    lengths = k.specialised(
        "the length at these results",
        theorems.LENGTHS,
        {V: V, theorems.slack: stated.arguments[1], c: c},
        k.assume(stated),
        *given,
    )
    longest = k.linear(
        "in the exponent",
        at_most((alpha - 1) * length(V, c), (alpha - 1) * lengths.right),
        [(alpha - 1, lengths)],
        goal.hypotheses,
    )
    in_exponent = _exponential((alpha - 1) * lengths.right, longest, goal.hypotheses)
    factor = 2 ** ((alpha - 1) * m) * 2 ** ((1 - alpha) * bits(V, c)) * gained
    scaled = k.linear(
        "at these results", at_most(factor * in_exponent.left, factor * in_exponent.right), [(factor, in_exponent)],
        goal.hypotheses,
    )  # fmt: skip
    worth = 2 ** ((alpha - 1) * score(V, c)) * gained
    budget = 2 ** ((alpha - 1) * mark)
    left = k.operator_identity("the same product", at_result, scaled.left, under=goal.hypotheses)
    right = k.operator_identity("r cancels", scaled.right, budget * worth, under=goal.hypotheses)
    added = k.totalled("added up", k.chain("at these results", left, scaled, right), c, RESULTS)
    pulled = k.sums_equal("the constant comes out", added.right, budget * Total(worth, c, RESULTS), goal.hypotheses)
    known = [one for one in goal["length"].hypotheses if isinstance(one, Relation)]
    if not known:
        raise k.StepFailedError("the sum over histories", "a bound on it is wanted as hypothesis")
    histories = k.assume(known[0])
    granted = k.linear(
        "the sum over histories grants",
        at_most(budget * histories.left, budget * histories.right),
        [(budget, histories)],
        goal.hypotheses,
    )
    rest = sp.Integer(2) ** ((alpha - 1) * (2 - alpha / (alpha - 1) * log2(1 / eps)))
    numbers = k.operator_identity("n kappa and m cancel", granted.right, rest, under=goal.hypotheses)
    spent_ = k.chain("all results together", added, pulled, granted, numbers)
    rooted = _grown(1 / alpha, rest, spent, spent_, goal.hypotheses)
    first_ = k.linear(
        "with the weights of the results",
        at_most(front * hoelder.right, front * spent ** (1 / alpha)),
        [(front * spent ** (1 / alpha), below_one)],
        goal.hypotheses,
    )
    second_ = k.linear(
        "with what is granted", at_most(front * spent ** (1 / alpha), front * rest ** (1 / alpha)), [(front, rooted)],
        goal.hypotheses,
    )  # fmt: skip
    third = k.linear(
        "Hölder", at_most(front * hoelder.left, front * hoelder.right), [(front, hoelder)], goal.hypotheses
    )
    bound = k.chain("the distance of the whole", total, out, third, first_, second_)
    e = real("e")
    powers = k.operator_identity(
        "powers of 2", front * rest.subs(log2(1 / eps), e) ** (1 / alpha), 2**-e, under=goal.hypotheses
    )
    bits_ = k.instantiated(powers, {e: log2(1 / eps)}, goal.hypotheses)
    whole = k.chain("the key is epsilon close to uniform", bound, bits_)
    shown = k.restated("epsilon", whole, goal["length"].right, goal.hypotheses)
    goal.conclude("length", goal.stated("length", shown))


def _by_result(goal: Goal, given: list[k.Fact]) -> k.Fact:
    """Hashing at given results c: 2^{2/alpha - 2} w^{1 - 1/alpha} B^{1/alpha}."""
    layers = Reference()
    family = k.generalised(
        "a family below the reference",
        theorems.FAMILY,
        {W: situation(V, c), theorems.sigma: theorems.REFERENCE},
        layers.operator_positive(),
        layers.operator_supported(),
    )
    uniform = scheme("the hash is uniform", theorems.HASH)
    keys_ = sp.Integer(2) ** length(V, c)
    hashing = k.instantiated(
        goal.proofs["hashing"],
        {W: situation(V, c), sigma: theorems.REFERENCE, F: chosen(V, c), K: keys_},
        goal.hypotheses,
        "hashing at these results of the tests",
    )
    hashing = k.cut(hashing, family, uniform, layers.reference_positive(), layers.trace())
    quasi = layers.quasi()
    summed = k.totalled("over the strings", quasi, a, STRINGS)
    price = quasi.right / QUASI_SUM.body
    out = k.sums_equal("the price comes out", summed.right, price * QUASI_SUM, goal.hypotheses)
    syndromes_ = scheme("there are 2^m syndromes", theorems.SYNDROMES)
    sum_of_q = k.chain("the sum of Q at these results", summed, out, k.put_in("2^m syndromes", out.right, syndromes_))
    placed = k.rewritten("with what Q is", hashing, sum_of_q)
    at_result = 2 ** ((alpha - 1) * (length(V, c) + m)) * 2 ** ((1 - alpha) * bits(V, c)) * QUASI_SUM
    stated = 2 ** (2 / alpha - 2) * occurrence(V, c) ** (1 - 1 / alpha) * at_result ** (1 / alpha)
    return k.chain(
        "hashing at these results",
        placed,
        k.operator_identity("powers put together", placed.right, stated, under=goal.hypotheses),
    )


def _grown(exponent: Any, high: Any, low: Any, order: k.Fact, under: Any) -> k.Fact:
    """low <= high gives low^exponent <= high^exponent, the exponent being positive."""
    x, y_ = symbol("x"), sp.Symbol("y", nonnegative=True)
    turned = k.turned("the other way", order)
    placed = k.instantiated(power_grows(), {beta: exponent, x: high, y_: low}, under)
    return k.turned(
        "powers keep the order", k.cut(placed, turned) if turned.proposition in placed.hypotheses else placed
    )


def _exponential(high: Any, order: k.Fact, under: Any) -> k.Fact:
    """y <= x gives 2^y <= 2^x."""
    x, y_ = real("x"), real("y")
    slope = k.inequality("the derivative of 2^x is positive", at_least(2**x * sp.log(2), 0), [at_least(x, y_)])
    grows = k.by_slope("2^x grows", 2**x, x, slope, y_)
    turned = k.turned("the other way", order)
    placed = k.instantiated(grows, {x: high, y_: order.left}, under)
    return k.turned("powers of 2 keep the order", k.cut(placed, turned))
