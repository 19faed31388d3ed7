"""From the sum over histories to key: weights, Hoelder's inequality, and hashing without smoothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import renyi
from keybounds.proofs.checks import DIGITS, holds, number
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.renyi_chsh_lemma import beta, power_grows
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Predicate, Relation, at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.sums import Direct, Family, Total, delta, size
from keybounds.proofs.logic.terms import expanded, log2, real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive
from keybounds.proofs.notions_renyi import (
    RESULTS,
    STRINGS,
    TAGS,
    Q,
    bits,
    chance,
    chosen,
    circulant,
    cofactor,
    collision,
    difference,
    distance,
    entry,
    first,
    fitting,
    has_lengths,
    held,
    inner,
    is_family,
    is_prime,
    is_scheme,
    is_uniform_hash,
    keys,
    left_over,
    length,
    minor,
    occurrence,
    other_cofactor,
    power,
    prior,
    sandwich,
    score,
    seeds,
    side,
    situation,
    syndrome,
    syndromes,
    toeplitz,
    two_generates,
)
from keybounds.proofs.theorems import hashing as theorems
from keybounds.proofs.theorems import renyi as entropies

alpha, K = symbol("alpha"), symbol("K")
F, W, sigma = thing("F"), thing("W"), thing("sigma")
a, b, s, z, X = theorems.a, theorems.b, theorems.s, theorems.z, theorems.X

l, n, N = theorems.l, theorems.n, theorems.N  # noqa: E741
V, c, y, t, inputs = theorems.V, theorems.c, theorems.y, theorems.t, theorems.inputs
m, rounds, kappa, eps = theorems.m, theorems.rounds, theorems.kappa, theorems.eps
QUASI_SUM = Total(
    Total(chance(V, inputs) * Q(alpha, left_over(V, a, inputs, c), prior(V, inputs)), inputs, fitting(c)), a, STRINGS
)
"""sum over a and i of p(i) Q, at given results c."""


def slack() -> Any:
    """The length apart from sum f + sum log r: n kappa - m - alpha/(alpha-1) log 1/epsilon + 2."""
    return rounds * kappa - m - alpha / (alpha - 1) * log2(1 / eps) + 2


def goal_sum() -> Any:
    """sum over c of 2^{(alpha-1) sum f} sum over a and i of p(i) Q: what the sum over histories grants."""
    return Total(2 ** ((alpha - 1) * score(V, c)) * QUASI_SUM, c, RESULTS)


def hash_bound(order: Any, keys_: Any, total: Any) -> Any:
    """2^{2/alpha - 2} K^{1 - 1/alpha} (sum of Q)^{1/alpha}."""
    return 2 ** (2 / order - 2) * keys_ ** (1 - 1 / order) * total ** (1 / order)


def state() -> Statement:
    """Return the statement."""
    quasi = Total(Q(alpha, held(W, a), sigma), a, STRINGS)
    return Statement(
        parameters=(
            Parameter(alpha, "order"),
            Parameter(F, "a family of hash functions"),
            Parameter(K, "number of keys"),
            Parameter(W, "Eve's operators, one for each string of Alice's"),
            Parameter(sigma, "a reference on Eve's system"),
            Parameter(l, "bits of key"),
            Parameter(n, "rounds, and bits of a string"),
            Parameter(N, "size of the circulant matrix"),
            Parameter(V, "what is fixed before the data: hashing, weights f, reference distribution r"),
            Parameter(m, "bits of syndrome"),
            Parameter(kappa, "bits per round that the sum over histories grants"),
            Parameter(eps, "distance from an ideal key"),
        ),
        hypotheses=(greater(alpha, 1), at_most(alpha, 2)),
        clauses=(
            Clause(
                "hashing",
                at_most(distance(F, Family(held(W, a), a, STRINGS)), hash_bound(alpha, K, quasi)),
                (is_uniform_hash(F, K), is_family(W, sigma), is_positive(sigma), equal(Tr(sigma), 1)),
            ),
            Clause("toeplitz", is_uniform_hash(toeplitz(l, n), sp.Integer(2) ** l)),
            Clause(
                "circulant",
                is_uniform_hash(circulant(l, n, N), sp.Integer(2) ** l),
                (is_prime(N), two_generates(N), less(n, N), less(l, N)),
            ),
            Clause(
                "length",
                at_most(Total(distance(chosen(V, c), Family(held(situation(V, c), a), a, STRINGS)), c, RESULTS), eps),
                (
                    is_scheme(V, m),
                    has_lengths(V, slack()),
                    at_most(goal_sum(), 2 ** (-(alpha - 1) * rounds * kappa)),
                ),
            ),
        ),
        meanings=(
            theorems.DISTANCE,
            theorems.SPREAD,
            theorems.COLLISION,
            theorems.SITUATION,
            theorems.OCCURRENCE,
        ),
    )


def derive(goal: Goal) -> None:
    """Bound hashing at the orders 1 and 2, interpolate, and take the reference back."""
    _hashing(goal)
    _toeplitz(goal)
    _circulant(goal)
    _length(goal)


# ------------------------------------------------------------------------------------------------------------- hashing


def first_endpoint() -> k.Fact:
    """At order 1 the norm is at most 2: the triangle inequality, summed over keys and averaged over seeds."""
    triangle = k.by_theorem("triangle inequality", theorems.TRIANGLE, {x: x for x in theorems.TRIANGLE.symbols})
    by_key = k.totalled("summed over the keys", triangle, z, keys(F))
    by_seed = k.totalled("summed over the seeds", by_key, s, seeds(F))
    mean = k.by_definition(theorems.SPREAD, {theorems.p: sp.Integer(1), F: F, X: X})
    counted = k.sums_equal(
        "each string has one key, and a share of 1/K of all",
        by_seed.right / size(seeds(F)),
        2 * Total(entry(1, X, a), a, STRINGS),
    )
    return k.linear(
        "at order 1 the norm is at most 2",
        at_most(mean.left, 2 * Total(entry(1, X, a), a, STRINGS)),
        [(1, mean), (1 / size(seeds(F)), by_seed), (1, counted)],
    )


def second_endpoint(uniform: k.Fact) -> k.Fact:
    """At order 2 it is at most 1: collisions have probability exactly 1/K, so different strings do not interfere."""
    square = k.by_theorem(
        "the norm of a combination", theorems.HILBERT_SCHMIDT, {x: x for x in theorems.HILBERT_SCHMIDT.symbols}
    )
    summed = k.totalled("summed over the seeds", k.totalled("summed over the keys", square, z, keys(F)), s, seeds(F))
    mean = k.by_definition(theorems.SPREAD, {theorems.p: sp.Integer(2), F: F, X: X})
    pair = Total(Total(theorems.centred(a) * theorems.centred(b), z, keys(F)), s, seeds(F)) / size(seeds(F))
    collisions = k.by_definition(theorems.COLLISION, {F: F, a: a, b: b})
    expanded = k.sums_equal("carried out over keys and seeds", pair, collisions.right - 1 / size(keys(F)))
    values = {F: F, theorems.K: K, a: a, b: b}
    exact = k.specialised("collisions have probability exactly 1/K", theorems.UNIFORM, values, uniform)
    count = k.specialised("there are K keys", theorems.UNIFORM, values, uniform, which=1)
    counted = k.put_in("K keys", 1 / size(keys(F)), count)
    only_equal = k.linear(
        "only equal strings are left",
        equal(pair, (1 - 1 / K) * delta(a, b, STRINGS)),
        [(1, expanded), (-1, collisions), (1, exact), (-1, counted)],
    )
    weighted = k.linear(
        "times the inner products",
        equal(pair * inner(X, a, b), (1 - 1 / K) * delta(a, b, STRINGS) * inner(X, a, b)),
        [(inner(X, a, b), only_equal)],
    )
    together = k.totalled("summed over strings", k.totalled("summed over strings", weighted, b, STRINGS), a, STRINGS)
    turned = k.sums_equal("in the other order", summed.right / size(seeds(F)), together.left)
    own = k.by_theorem("the square of a norm", theorems.SQUARE, {X: X, a: a})
    diagonal = k.totalled("summed over strings", own, a, STRINGS)
    left = k.sums_equal("the sum over equal strings", together.right, (1 - 1 / K) * diagonal.left)
    positive = k.by_theorem("a norm", theorems.NOT_NEGATIVE, {theorems.p: sp.Integer(2), X: X, a: a})
    sum_positive = k.totalled("a sum of norms", positive, a, STRINGS)
    nothing = k.sums_equal("a sum of zeros", sum_positive.right, 0)
    total = diagonal.right
    return k.linear(
        "at order 2 the norm is at most 1",
        at_most(mean.left, total),
        [
            (1, mean),
            (1 / size(seeds(F)), summed),
            (1, turned),
            (1, together),
            (1, left),
            (1 - 1 / K, diagonal),
            (1 / K, sum_positive),
            (-1 / K, nothing),
        ],
    )


def _hashing(goal: Goal) -> None:
    given = [k.assume(one) for one in goal.given("hashing")]
    under = [one.proposition for one in given]
    order_given = [k.assume(one) for one in goal.hypotheses]
    uniform = goal.granted(is_uniform_hash(F, K), "hashing")
    family = goal.granted(is_family(W, sigma), "hashing")
    positive = goal.granted(is_positive(sigma), "hashing")
    norms = []
    for order, bound, shown in ((1, 2, first_endpoint()), (2, 1, second_endpoint(uniform))):
        norms.append(
            k.generalised(
                f"the norm of hashing at order {order}",
                theorems.BOUNDED,
                {F: F, theorems.p: sp.Integer(order), theorems.M: sp.Integer(bound)},
                shown,
            )
        )
    body = sandwich(held(W, a), sigma, alpha)
    sandwiched = Family(body, a, STRINGS)
    interpolated = k.by_theorem(
        "interpolated between the orders 1 and 2",
        theorems.INTERPOLATION,
        {F: F, theorems.M: sp.Integer(2), theorems.q: sp.Integer(1), alpha: alpha, X: sandwiched},
        *norms,
        *order_given,
    )
    values = {W: W, theorems.sigma: sigma, a: a}
    is_positive_ = k.specialised("Eve's operators are positive", theorems.FAMILY, values, family)
    supported = k.specialised("and live where the reference does", theorems.FAMILY, values, family, which=1)
    congruent = k.by_theorem(
        "a congruence keeps them positive",
        entropies.CONGRUENCE_POSITIVE,
        {entropies.A: held(W, a), entropies.C: power(sigma, side(alpha))},
        is_positive_,
    )
    adjoint = k.operator_identity("the power is its own adjoint", congruent.arguments[0], body, is_positive_, positive)
    member = theorems.member(body, a)
    norm = k.by_theorem(
        "the norm of a member",
        member,
        {x: (alpha if x == theorems.p else x) for x in member.symbols},
        k.rewritten("sigma^s tau_a sigma^s is positive", congruent, adjoint),
    )
    quasi = k.by_definition(
        entropies.QUASI, {entropies.alpha: alpha, entropies.tau: held(W, a), entropies.sigma: sigma}
    )
    same = k.linear("Q of a string", equal(norm.left, quasi.left), [(1, norm), (-1, quasi)])
    sums = k.totalled("summed over strings", same, a, STRINGS)
    inverse = power(sigma, -side(alpha))
    back = k.bound_together(
        "undoing the powers of the reference",
        k.operator_identity(
            "sigma^{-s} sigma^s leaves what lives on its support", inverse * body * inverse, held(W, a), supported,
            positive, is_positive_,
        ),
        Family,
        a,
        STRINGS,
    )  # fmt: skip
    theorem = theorems.hoelder(body, a)
    root_positive = k.by_theorem(
        "its power is positive", entropies.POWER_POSITIVE, {entropies.A: sigma, entropies.x: -side(alpha)}, positive
    )
    hoelder = k.by_theorem(
        "Hoelder's inequality",
        theorem,
        {x: (inverse if x == theorems.C else x) for x in theorem.symbols},
        root_positive,
        *order_given,
    )
    weight = k.operator_identity(
        "the exponents are -2 s alpha/(alpha-1) = 1", Tr(power(inverse, 2 * alpha / (alpha - 1))), Tr(sigma), positive,
        under=goal.hypotheses,
    )  # fmt: skip
    one = k.chain("which is the trace of the reference", weight, k.assume(equal(Tr(sigma), 1)))
    values = {F: F, theorems.K: K, a: a, b: b}
    count = k.specialised("there are K keys", theorems.UNIFORM, values, uniform, which=1)
    hoelder = k.rewritten("with K keys and a normalised reference", hoelder, back, one, count)
    interpolated = k.rewritten("the sum of Q", interpolated, sums)
    factor = K ** (1 - 1 / alpha)
    half = k.by_definition(theorems.DISTANCE, {F: F, X: Family(held(W, a), a, STRINGS)})
    halved = k.linear(
        "half the trace norm",
        at_most(half.left, factor * interpolated.right / 2),
        [(1, half), (sp.Rational(1, 2), hoelder), (factor / 2, interpolated)],
        [*under],
    )
    shown = k.restated("1/2 of 2^{2/alpha - 1}", halved, goal["hashing"].right, under)
    goal.conclude("hashing", goal.stated("hashing", shown))


# ------------------------------------------------------------------------------------------- uniform families of maps


def _uniform(goal: Goal, name: str, family: Any, apart: k.Fact) -> None:
    """Collisions of equal strings are certain; of different ones as `apart` says."""
    given = goal.given(name)
    keys_ = goal[name].predicate.arguments[1]
    stated = 1 / keys_ + (1 - 1 / keys_) * delta(a, b, STRINGS)
    same_ = k.by_definition(theorems.COLLISION, {F: family, a: a, b: a})
    certain = k.sums_equal("a string collides with itself", same_.right, 1)
    equal_case = k.linear(
        "a string collides with itself",
        equal(collision(family, a, a), stated.subs(b, a)),
        [(1, same_), (1, certain)],
        given,
    )
    here = k.where_equal("for equal strings", equal_case, b, a, equal(collision(family, a, b), stated))
    off = k.by_theorem("delta of different strings", theorems.APART, {a: a, b: b}, k.assume(theorems.DIFFERENT))
    other = k.linear(
        "for different strings",
        equal(collision(family, a, b), stated),
        [(1, apart), (-(1 - 1 / keys_), off)],
        given,
    )
    theorem = theorems.number_of_keys(family)
    count = k.by_theorem("the number of keys", theorem, {x: x for x in theorem.symbols})
    goal.conclude(
        name,
        k.generalised(
            "so two different strings collide with probability exactly 1/K",
            theorems.UNIFORM,
            {F: family, K: keys_},
            k.by_cases("for all strings", here, other, equal(b, a)),
            k.restated("as many keys", count, keys_),
        ),
    )


def _toeplitz(goal: Goal) -> None:
    """The coefficients of the seed's bits in the image of a difference are triangular, with 1 on the diagonal."""
    differ = k.assume(theorems.DIFFERENT)
    pair = {a: a, b: b}
    begins_ = k.by_theorem("two strings agree before their first difference", theorems.FIRST, pair, differ)
    there = k.by_theorem("where the difference is 1", theorems.THERE, pair, differ)
    row, start = theorems.i, first(a, b)

    def entry_(i: Any, j: Any) -> k.Fact:
        return k.by_definition(theorems.COEFFICIENT, {**pair, theorems.i: i, theorems.j: j})

    above = entry_(row, l + 1)
    place = row - (l + 1) + start
    before = k.linear(
        "above the diagonal the place is before the first difference",
        less(place, start),
        [(1, k.assume(at_most(row, l))), (1, k.inequality("0 < 1", less(0, 1)))],
    )
    vanishes = k.specialised("so that its bit is 0", theorems.BEGINS, {**pair, theorems.j: place}, begins_, before)
    column = k.generalised(
        "the column vanishes above the diagonal",
        theorems.COLUMN,
        {**pair, l: l},
        k.chain("an entry above the diagonal", above, vanishes),
    )
    expansion = k.by_theorem("the determinant along it", theorems.LAPLACE, {**pair, l: l}, column)
    diagonal = k.chain("on the diagonal is the first difference", entry_(l + 1, l + 1), there)
    claimed = equal(minor(a, b, l), 1)
    step = k.chain(
        "one more row",
        expansion,
        k.put_in("1 times 1", expansion.right, diagonal, k.assume(claimed)),
    )
    one = k.chain(
        "one row",
        k.by_theorem("the determinant of one row", theorems.ONE_ROW, pair),
        entry_(sp.Integer(1), sp.Integer(1)),
        there,
    )
    regular = k.by_induction("the determinant is 1, for any number of rows", l, 1, one, step, claimed)
    regular = k.cut(regular, k.inequality("a positive number of rows", at_least(l, 1)))
    family = goal["toeplitz"].predicate.arguments[0]
    apart = k.by_theorem("so the map is onto", theorems.ONTO, {**pair, l: l, n: n}, regular)
    _uniform(goal, "toeplitz", family, apart)


def _circulant(goal: Goal) -> None:
    """The difference of two padded strings is prime to 1 + ... + x^{N-1}: its multiples are all even strings."""
    given = [k.assume(one) for one in goal.given("circulant")]
    under = [one.proposition for one in given]
    differ = k.assume(theorems.DIFFERENT)
    pair = {a: a, b: b}
    irreducible = k.by_theorem("irreducible", theorems.CYCLOTOMIC, {N: N}, *given)
    small = k.by_theorem("the degree of a difference", theorems.DEGREE, {**pair, n: n}, differ)
    smaller = k.linear(
        "which is below N - 1, as n < N",
        less(small.left, N - 1),
        [(1, small), (1, goal.granted(less(n, N), "circulant"))],
        under,
    )
    apart = k.by_theorem("so it is no multiple", theorems.TOO_SMALL, {**pair, N: N}, differ, smaller)
    bezout = k.by_theorem("Bezout's identity", theorems.BEZOUT, {**pair, N: N}, irreducible, apart)
    geometric = k.by_theorem("geometric sum", theorems.GEOMETRIC, {N: N})
    x = theorems.x
    u, v = cofactor(a, b, N), other_cofactor(a, b, N)
    multiple = k.linear(
        "x - 1 is a multiple of the difference modulo x^N - 1",
        equal(x - 1, difference(a, b) * u * (x - 1) + v * (x**N - 1)),
        [(-(x - 1), bezout), (v, geometric)],
    )
    onto = k.by_theorem(
        "so the map is onto strings of even weight", theorems.EVEN, {**pair, l: l, n: n, N: N}, multiple, *given
    )
    _uniform(goal, "circulant", goal["circulant"].predicate.arguments[0], onto)


# ------------------------------------------------------------------------------------------------------------- lengths


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


def _length(goal: Goal) -> None:
    """Hash result by result, add up with Hoelder's inequality, and spend what the sum over histories grants."""
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
    hoelder = k.by_theorem("Hoelder's inequality", theorem, {x: x for x in theorem.symbols}, *not_negative, *given)
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
        "Hoelder", at_most(front * hoelder.left, front * hoelder.right), [(front, hoelder)], goal.hypotheses
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


def toeplitz_images(rows: int, columns: int, string: int) -> list[int]:
    """Images of a bit string under all Toeplitz matrices, one for each seed."""
    mask = (1 << columns) - 1
    return [
        sum(((seed >> i & mask & string).bit_count() & 1) << i for i in range(rows))
        for seed in range(1 << (rows + columns - 1))
    ]


def numerical(statement: Statement) -> Iterator[Step]:
    """Exact trace distances after all Toeplitz hashes of a two-bit string, against the bound, at three orders."""
    import mpmath as mp

    total_, quasi = sp.Symbol("total", positive=True), statement["hashing"].right.atoms(Total)
    bound_ = statement["hashing"].right.xreplace(dict.fromkeys(quasi, total_))
    formula = next(
        one for one in statement["length"].hypotheses if isinstance(one, Predicate) and one.definition == has_lengths
    )
    with mp.workdps(DIGITS + 10):
        states = [_component(string) for string in range(4)]
        weight = mp.fsum(mp.re(mp.fsum(one[j, j] for j in range(2))) for one in states)
        states = [one / weight for one in states]
        marginal = renyi.total(states)
        found = _average_distance(states, marginal)
        for order in (sp.Rational(11, 10), sp.Rational(3, 2), sp.Integer(2)):
            at = mp.mpmathify(sp.N(order, DIGITS + 10))
            total = sp.Float(str(mp.fsum(renyi.sandwiched(one, marginal, at) for one in states)), DIGITS + 10)
            bound = number(bound_, {alpha: order, K: 2, total_: total})
            yield holds(
                f"one bit hashed from a string of two, alpha = {order}: mean distance {mp.nstr(found, 8)}",
                found <= bound,
                detail=f"bound {mp.nstr(bound, 8)}",
            )
            # the length at which the bound equals eps, taken back into the bound, must give eps
            values = {
                alpha: order,
                eps: sp.Rational(1, 10**10),
                m: 0,
                rounds: 1,
                kappa: -sp.log(total, 2) / (order - 1),
            }
            back = number(
                bound_, {alpha: order, K: 2 ** sp.N(expanded(formula.arguments[1]).subs(values), 60), total_: total}
            )
            yield holds(
                f"alpha = {order}: the length for eps = 1e-10 has that distance",
                abs(back * 10**10 - 1) < mp.mpf(10) ** -40,
                detail=mp.nstr(back, 8),
            )


def _component(string: int) -> Any:
    """A positive 2x2 matrix without pattern, of rank 1 for odd `string`."""
    matrix = renyi.pseudorandom(2, 1 if string % 2 else 2, string + 3)
    return matrix * matrix.H


def _average_distance(states: list[Any], marginal: Any) -> Any:
    """Half the trace norm of (hashed bit, E) less uniform bit times E, averaged over the Toeplitz hashes to one bit."""
    import mpmath as mp

    total = mp.mpf(0)
    images = [toeplitz_images(1, 2, string) for string in range(4)]
    for seed, image in itertools.product(range(4), range(2)):
        chosen_ = [one for string, one in enumerate(states) if images[string][seed] == image]
        apart = renyi.total([*chosen_, -marginal / 2])
        total += mp.fsum(abs(value) for value in mp.eighe(apart, eigvals_only=True))
    return total / 8


CLAIM = Claim(
    name="renyi-privacy-amplification",
    title="Hashing without smoothing, with a length that varies",
    source="dupuis2023; this project",
    state=state,
    derive=derive,
    witness=numerical,
)
