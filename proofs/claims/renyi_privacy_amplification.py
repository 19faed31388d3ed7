"""From the sum over histories to key: weights, Hölder's inequality, and hashing without smoothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import renyi
from keybounds.proofs.checks import DIGITS, holds, number
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.renyi_hash_families import by_circulant, by_toeplitz, toeplitz_images
from keybounds.proofs.claims.renyi_hash_lengths import QUASI_SUM, by_length
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Predicate, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.sums import Family, Total, delta, size
from keybounds.proofs.logic.terms import expanded, log2, symbol, thing
from keybounds.proofs.notions import Tr, is_positive
from keybounds.proofs.notions_renyi import (
    RESULTS,
    STRINGS,
    Q,
    chosen,
    circulant,
    distance,
    entry,
    has_lengths,
    held,
    inner,
    is_family,
    is_prime,
    is_scheme,
    is_uniform_hash,
    keys,
    power,
    sandwich,
    score,
    seeds,
    side,
    situation,
    toeplitz,
    two_generates,
)
from keybounds.proofs.theorems import hashing as theorems
from keybounds.proofs.theorems import renyi as entropies

alpha, K = symbol("alpha"), symbol("K")
F, W, sigma = thing("F"), thing("W"), thing("sigma")
a, b, s, z, X = theorems.a, theorems.b, theorems.s, theorems.z, theorems.X

l, n, N = theorems.l, theorems.n, theorems.N  # noqa: E741
V, c, inputs = theorems.V, theorems.c, theorems.inputs
m, rounds, kappa, eps = theorems.m, theorems.rounds, theorems.kappa, theorems.eps


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
    by_toeplitz(goal)
    by_circulant(goal)
    by_length(goal)


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
        "Hölder's inequality",
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
