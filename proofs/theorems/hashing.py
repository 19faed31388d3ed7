"""Hashing against quantum side information: norms of families of operators, interpolation, uniform families of maps."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic.kernel import ForAll, Meaning, Theorem
from keybounds.proofs.logic.propositions import Negation, at_least, at_most, equal, greater, less
from keybounds.proofs.logic.sums import Direct, Family, Total, Words, delta, size
from keybounds.proofs.logic.terms import integer, real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive
from keybounds.proofs.notions_renyi import (
    RESULTS,
    STRINGS,
    TAGS,
    Phi,
    Q,
    begins,
    bit,
    bits,
    bounds_hash,
    chance,
    chosen,
    circulant,
    coefficient,
    cofactor,
    collision,
    column_vanishes,
    degree,
    deviation,
    difference,
    distance,
    divides,
    entry,
    eve,
    first,
    fitting,
    has_lengths,
    hashed,
    held,
    inner,
    inputs_of,
    insecurity,
    is_checked,
    is_family,
    is_irreducible,
    is_prime,
    is_protocol,
    is_scheme,
    is_uniform_hash,
    joint,
    keys,
    left_over,
    length,
    minor,
    occurrence,
    other_cofactor,
    outcomes,
    path_weight,
    power,
    prior,
    reference,
    results_of,
    score,
    seeds,
    situation,
    spread,
    string_of,
    syndrome,
    syndromes,
    toeplitz,
    two_generates,
    variable,
)

A, C, F, W, X = (thing(name) for name in "ACFWX")
sigma = thing("sigma")
a, b, s, z = (thing(name) for name in "absz")
alpha, K, p, M, q = symbol("alpha"), symbol("K"), symbol("p"), symbol("M"), symbol("q")


def indicator(string: Any) -> Any:
    """[F_s(a) = z]."""
    return delta(hashed(F, s, string), z, keys(F))


def centred(string: Any) -> Any:
    """[F_s(a) = z] - 1/K."""
    return indicator(string) - 1 / size(keys(F))


COLLISION = Meaning(
    "the probability of a collision, over the seeds",
    collision(F, a, b),
    Total(delta(hashed(F, s, a), hashed(F, s, b), keys(F)), s, seeds(F)) / size(seeds(F)),
)
UNIFORM = ForAll(
    "different strings collide with probability exactly 1/K, K keys",
    is_uniform_hash(F, K),
    (a, b),
    (),
    (
        equal(collision(F, a, b), 1 / K + (1 - 1 / K) * delta(a, b, STRINGS)),
        equal(size(keys(F)), K),
    ),
)
SPREAD = Meaning(
    "the mean over the seeds of the sum over the keys",
    spread(p, F, X),
    Total(Total(deviation(p, F, s, z, X), z, keys(F)), s, seeds(F)) / size(seeds(F)),
)
BOUNDED = ForAll(
    "a bound on the norm of hashing, less uniform keys, from order p to order p",
    bounds_hash(F, p, M),
    (X,),
    (),
    (at_most(spread(p, F, X), M**p * Total(entry(p, X, a), a, STRINGS)),),
)
FAMILY = ForAll(
    "positive operators of Eve's, one for each string, that live where the reference does",
    is_family(W, sigma),
    (a,),
    (),
    (is_positive(held(W, a)), equal(power(sigma, 0) * held(W, a) * power(sigma, 0), held(W, a))),
)
DISTANCE = Meaning(
    "half the mean trace norm between the key with Eve's system and a uniform key with it",
    distance(F, X),
    spread(1, F, X) / 2,
)
HILBERT_SCHMIDT = Theorem(
    name="Hilbert-Schmidt norm of a combination",
    source="nielsen2010, Section 2.1.4",
    words="||sum_a c_a X_a||_2^2 = sum_{a,b} c_a c_b Re Tr X_a* X_b for real c_a.",
    hypotheses=(),
    conclusion=equal(
        deviation(2, F, s, z, X), Total(Total(centred(a) * centred(b) * inner(X, a, b), b, STRINGS), a, STRINGS)
    ),
)
SQUARE = Theorem(
    name="Hilbert-Schmidt norm",
    source="nielsen2010, Section 2.1.4",
    words="||X_a||_2^2 = Tr X_a* X_a.",
    hypotheses=(),
    conclusion=equal(inner(X, a, a), entry(2, X, a)),
)
NOT_NEGATIVE = Theorem(
    name="norms",
    source="bhatia1997, Section IV.2",
    words="A norm is not negative.",
    hypotheses=(),
    conclusion=at_least(entry(p, X, a), 0),
)
TRIANGLE = Theorem(
    name="triangle inequality of the trace norm",
    source="bhatia1997, Section IV.2",
    words="||sum_a (x_a - y_a) X_a||_1 <= sum_a (x_a + y_a) ||X_a||_1 for x_a, y_a >= 0.",
    hypotheses=(),
    conclusion=at_most(
        deviation(1, F, s, z, X), Total((indicator(a) + 1 / size(keys(F))) * entry(1, X, a), a, STRINGS)
    ),
)
INTERPOLATION = Theorem(
    name="Riesz-Thorin interpolation of Schatten classes",
    source="bergh1976, Theorems 4.1.2 and 5.1.2; for Schatten classes dupuis2023",
    words="The spaces are families (X_a) of operators of Eve's with (sum_a ||X_a||_p^p)^{1/p}, and families over seeds "
    "and keys with the weight 1/|seeds|. A linear map with norm M from order 1 to 1 and q from 2 to 2 has norm at most "
    "M^{1-t} q^t from alpha to alpha, 1/alpha = 1 - t/2.",
    hypotheses=(bounds_hash(F, 1, M), bounds_hash(F, 2, q), at_least(alpha, 1), at_most(alpha, 2)),
    conclusion=at_most(
        spread(alpha, F, X) ** (1 / alpha),
        M ** (2 / alpha - 1) * q ** (2 - 2 / alpha) * Total(entry(alpha, X, a), a, STRINGS) ** (1 / alpha),
    ),
)


def member(body: Any, index: Any) -> Theorem:
    """The norms of the members of a family that is given by an expression."""
    return Theorem(
        name="a member of a family",
        source="bhatia1997, Section IV.2",
        words="The p-th power of the Schatten norm of a positive member is the trace of its p-th power.",
        hypotheses=(is_positive(body),),
        conclusion=equal(entry(p, Family(body, index, STRINGS), index), Tr(power(body, p))),
    )


def hoelder(body: Any, index: Any) -> Theorem:
    """Hölder's inequality for Schatten norms, with the block-diagonal operator of |keys| copies of C on both sides."""
    return Theorem(
        name="Hölder's inequality for Schatten norms",
        source="bhatia1997, Corollary IV.2.6",
        words="||C Y C||_1 <= ||C||_{2r}^2 ||Y||_alpha, 1/r = 1 - 1/alpha, for operators with a block for each key; "
        "C is the same in all blocks. The mean over the seeds is at most that of the alpha-th powers (Jensen).",
        hypotheses=(is_positive(C), greater(alpha, 1)),
        conclusion=at_most(
            spread(1, F, Family(C * body * C, index, STRINGS)),
            (size(keys(F)) * Tr(power(C, 2 * alpha / (alpha - 1)))) ** (1 - 1 / alpha)
            * spread(alpha, F, Family(body, index, STRINGS)) ** (1 / alpha),
        ),
    )


# ------------------------------------------------------------------------------------------- uniform families of maps

l, n, N = integer("l"), integer("n"), integer("N")  # noqa: E741
i, j = real("i"), real("j")
DIFFERENT = Negation(equal(b, a))

BEGINS = ForAll(
    "before the first difference two strings agree",
    begins(a, b),
    (j,),
    (less(j, first(a, b)),),
    (equal(bit(a, b, j), 0),),
)
FIRST = Theorem(
    name="least element",
    source="macwilliams1977, Chapter 1",
    words="Two different strings have a first place in which they differ, and agree before it.",
    hypotheses=(DIFFERENT,),
    conclusion=begins(a, b),
)
THERE = Theorem(
    name="the first difference",
    source="macwilliams1977, Chapter 1",
    words="In the first place in which they differ, the difference is 1.",
    hypotheses=(DIFFERENT,),
    conclusion=equal(bit(a, b, first(a, b)), 1),
)
APART = Theorem(
    name="delta of different strings",
    source="macwilliams1977, Chapter 1",
    words="delta(a, b) = 0 for different a, b.",
    hypotheses=(DIFFERENT,),
    conclusion=equal(delta(a, b, STRINGS), 0),
)
COEFFICIENT = Meaning(
    "row i of a Toeplitz matrix times d is sum_m t_m d_{i-m}; column j is that of the bit m = j - f",
    coefficient(a, b, i, j),
    bit(a, b, i - j + first(a, b)),
)
COLUMN = ForAll(
    "a column that vanishes above the diagonal",
    column_vanishes(a, b, l),
    (i,),
    (at_most(i, l),),
    (equal(coefficient(a, b, i, l + 1), 0),),
)
ONE_ROW = Theorem(
    name="determinant of one row",
    source="macwilliams1977, Chapter 1",
    words="The determinant of a 1 x 1 matrix is its entry.",
    hypotheses=(),
    conclusion=equal(minor(a, b, 1), coefficient(a, b, 1, 1)),
)
LAPLACE = Theorem(
    name="expansion of a determinant",
    source="macwilliams1977, Chapter 1",
    words="A determinant is expanded along its last column, of which only the diagonal entry is not 0.",
    hypotheses=(column_vanishes(a, b, l),),
    conclusion=equal(minor(a, b, l + 1), coefficient(a, b, l + 1, l + 1) * minor(a, b, l)),
)
ONTO = Theorem(
    name="linear maps onto",
    source="macwilliams1977, Chapter 1",
    words="A linear map with an invertible minor of l rows is onto; the seeds of each value are a coset of its kernel. "
    "So the image of the difference of two strings is 0 with probability 2^-l.",
    hypotheses=(equal(minor(a, b, l), 1),),
    conclusion=equal(collision(toeplitz(l, n), a, b), sp.Integer(2) ** (-l)),
)


def number_of_keys(family: Any) -> Theorem:
    """A hash of l bits has 2^l keys."""
    return Theorem(
        name="strings of l bits",
        source="macwilliams1977, Chapter 1",
        words="There are 2^l strings of l bits.",
        hypotheses=(),
        conclusion=equal(size(keys(family)), sp.Integer(2) ** l),
    )


x = variable
_d, _phi = difference(a, b), Phi(N)
_u, _v = cofactor(a, b, N), other_cofactor(a, b, N)
CYCLOTOMIC = Theorem(
    name="cyclotomic polynomials over two elements",
    source="lidl1997, Theorem 2.47",
    words="For a prime N modulo which 2 generates all residues, 1 + x + ... + x^{N-1} is irreducible.",
    hypotheses=(is_prime(N), two_generates(N)),
    conclusion=is_irreducible(Phi(N)),
)
DEGREE = Theorem(
    name="degree of a difference",
    source="lidl1997, Section 1.3",
    words="The polynomial of n bits has degree n - 1 at most.",
    hypotheses=(DIFFERENT,),
    conclusion=at_most(degree(difference(a, b)), n - 1),
)
TOO_SMALL = Theorem(
    name="degree of a multiple",
    source="lidl1997, Section 1.3",
    words="A polynomial other than 0 of smaller degree than N - 1 is no multiple of one of degree N - 1.",
    hypotheses=(DIFFERENT, less(degree(difference(a, b)), N - 1)),
    conclusion=Negation(divides(Phi(N), difference(a, b))),
)
BEZOUT = Theorem(
    name="Bezout's identity",
    source="lidl1997, Section 1.3",
    words="An irreducible polynomial phi that does not divide d has u d + v phi = 1.",
    hypotheses=(is_irreducible(Phi(N)), Negation(divides(Phi(N), difference(a, b)))),
    conclusion=equal(_u * _d + _v * _phi, 1),
)
GEOMETRIC = Theorem(
    name="geometric sum",
    source="lidl1997, Section 2.4",
    words="(x - 1) (1 + x + ... + x^{N-1}) = x^N - 1.",
    hypotheses=(),
    conclusion=equal((x - 1) * _phi, x**N - 1),
)
EVEN = Theorem(
    name="strings of even weight",
    source="macwilliams1977, Section 7.3",
    words="Seeds are polynomials modulo x^N - 1. If x - 1 is d times a seed, so are its multiples, the strings of even "
    "weight, and any l < N places of these are arbitrary: the map to them is onto, and the seeds of each value are a "
    "coset of its kernel.",
    hypotheses=(equal(x - 1, _d * _u * (x - 1) + _v * (x**N - 1)), less(l, N)),
    conclusion=equal(collision(circulant(l, n, N), a, b), sp.Integer(2) ** (-l)),
)

# ------------------------------------------------------------------------------------------------------------ schemes

V, c, y, t = (thing(name) for name in ("V", "c", "y", "t"))
inputs = thing("i")
m, rounds = real("m"), integer("n")
kappa, eps = real("kappa"), symbol("epsilon")


def reference_share(result: Any, given: Any) -> Any:
    """r(c) p(i)/(w(c) |syndromes| |tags|): the weight of a block in the reference."""
    whole = occurrence(V, result) * size(syndromes(V)) * size(TAGS)
    return sp.Integer(2) ** bits(V, result) * chance(V, given) / whole


REFERENCE = Direct(
    Direct(Direct(reference_share(c, inputs) * prior(V, inputs), t, TAGS), y, syndromes(V)), inputs, fitting(c)
)
"""The reference where the tests have the results c: inputs, uniform syndrome and tag, Eve's own state."""
SITUATION = Meaning(
    "what Eve holds: her operator, with inputs, syndrome, and a tag that the pad makes uniform",
    held(situation(V, c), a),
    Direct(
        Direct(
            Direct(
                delta(syndrome(V, a), y, syndromes(V)) * (chance(V, inputs) / size(TAGS)) * left_over(V, a, inputs, c),
                t,
                TAGS,
            ),
            y,
            syndromes(V),
        ),
        inputs,
        fitting(c),
    ),
)
OCCURRENCE = Meaning(
    "the weight of results of the tests",
    occurrence(V, c),
    sp.Integer(2) ** bits(V, c) * Total(chance(V, inputs), inputs, fitting(c)),
)
SCHEME = ForAll(
    "a scheme: uniform hashing, a syndrome that is a function of the string, Eve's operators below her own state",
    is_scheme(V, m),
    (a, c, inputs),
    (),
    (
        is_uniform_hash(chosen(V, c), sp.Integer(2) ** length(V, c)),
        is_positive(left_over(V, a, inputs, c)),
        equal(
            power(prior(V, inputs), 0) * left_over(V, a, inputs, c) * power(prior(V, inputs), 0),
            left_over(V, a, inputs, c),
        ),
        is_positive(prior(V, inputs)),
        equal(Tr(prior(V, inputs)), 1),
        equal(size(syndromes(V)), sp.Integer(2) ** m),
        at_most(Total(occurrence(V, c), c, RESULTS), 1),
    ),
)
HASH, LEFT_POSITIVE, SUPPORTED, PRIOR_POSITIVE, PRIOR_TRACE, SYNDROMES, OCCUR = range(7)
P, h, v = thing("P"), thing("h"), thing("v")
PROTOCOL = ForAll(
    "a run in a scheme: inputs, Alice's string and the tests' results determine the history",
    is_protocol(P, n, V, v, alpha),
    (h, a, c, inputs),
    (),
    (
        equal(path_weight(h, v), chance(V, inputs_of(h)) * sp.Integer(2) ** ((alpha - 1) * score(V, results_of(h)))),
        equal(
            Q(alpha, left_over(V, a, inputs, c), prior(V, inputs)),
            Total(
                delta(inputs_of(h), inputs, fitting(c))
                * delta(string_of(h), a, STRINGS)
                * delta(results_of(h), c, RESULTS)
                * Q(alpha, eve(joint(P, h)), reference(P, h)),
                h,
                Words(n, outcomes(v)),
            ),
        ),
    ),
)
slack = real("slack")
LENGTHS = ForAll(
    "the lengths",
    has_lengths(V, slack),
    (c,),
    (),
    (at_most(length(V, c), slack + score(V, c) + bits(V, c)),),
)
SCALED = Theorem(
    name="positive multiples",
    source="nielsen2010, Section 2.1.6",
    words="A multiple of a positive operator by a number that is not negative is positive.",
    hypotheses=(is_positive(A), at_least(real("lambda"), 0)),
    conclusion=is_positive(real("lambda") * A),
)


def direct_trace(body: Any, index: Any, over: Any) -> Theorem:
    """The trace of a direct sum."""
    return Theorem(
        name="trace of a direct sum",
        source="watrous2018, Section 1.1",
        words="The trace of a direct sum is the sum of the traces.",
        hypotheses=(),
        conclusion=equal(Tr(Direct(body, index, over)), Total(Tr(body), index, over)),
    )


def direct_support(body: Any, other: Any, index: Any, over: Any) -> Theorem:
    """Supports of direct sums."""
    whole, second = Direct(body, index, over), Direct(other, index, over)
    return Theorem(
        name="functions of direct sums",
        source="watrous2018, Section 1.1",
        words="Functions and products of direct sums are taken block by block.",
        hypotheses=(),
        conclusion=equal(
            power(second, 0) * whole * power(second, 0),
            Direct(power(other, 0) * body * power(other, 0), index, over),
        ),
    )


def direct_quasi(body: Any, other: Any, index: Any, over: Any) -> Theorem:
    """Q of direct sums."""
    return Theorem(
        name="Q of direct sums",
        source="tomamichel2016, Section 4.3",
        words="Powers and traces of direct sums are taken block by block.",
        hypotheses=(),
        conclusion=equal(
            Q(alpha, Direct(body, index, over), Direct(other, index, over)), Total(Q(alpha, body, other), index, over)
        ),
    )


INDICATED = Theorem(
    name="Q of an operator that is there or not",
    source="tomamichel2016, Section 4.3",
    words="With a factor that is 0 or 1, Q has the same factor.",
    hypotheses=(),
    conclusion=equal(Q(alpha, delta(z, y, syndromes(V)) * A, sigma), delta(z, y, syndromes(V)) * Q(alpha, A, sigma)),
)


def hoelder_sums(weights: Any, values: Any, index: Any, over: Any) -> Theorem:
    """Hölder's inequality for sums, with the exponents alpha/(alpha-1) and alpha."""
    return Theorem(
        name="Hölder's inequality",
        source="hardy1952, Section 2.8",
        words="sum w^{1-1/alpha} B^{1/alpha} <= (sum w)^{1-1/alpha} (sum B)^{1/alpha} for what is not negative.",
        hypotheses=(greater(alpha, 1), at_least(weights, 0), at_least(values, 0)),
        conclusion=at_most(
            Total(weights ** (1 - 1 / alpha) * values ** (1 / alpha), index, over),
            Total(weights, index, over) ** (1 - 1 / alpha) * Total(values, index, over) ** (1 / alpha),
        ),
    )


error = real("delta")
COMPOSED = Theorem(
    name="secrecy and correctness",
    source="portmann2022, Section III",
    words="A key that is epsilon close to an ideal one, and equal on both sides but with probability delta, is secure "
    "within epsilon + delta: where the strings differ and pass, both may fail, which counts once.",
    hypotheses=(
        at_most(Total(distance(chosen(V, c), Family(held(situation(V, c), a), a, STRINGS)), c, RESULTS), eps),
        is_checked(V, error),
    ),
    conclusion=at_most(insecurity(V), eps + error),
)
