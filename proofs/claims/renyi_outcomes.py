"""The Renyi sum of Alice's outcomes on a Bell-diagonal pair, at most that of two weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Proposition, at_least, at_most, equal, greater, less, relation_of
from keybounds.proofs.logic.terms import real
from keybounds.proofs.notions import Tr
from keybounds.proofs.notions_renyi import dagger, diagonal, effect, has_compression, is_projector, power
from keybounds.proofs.theorems import renyi as theorems
from keybounds.proofs.theorems.renyi import alpha

weights = tuple(real(f"lambda_{k}") for k in range(1, 5))
theta, sine, cosine, merged = real("theta"), real("u"), real("v"), real("P")
apart, other = sp.Symbol("g_1", nonnegative=True), sp.Symbol("g_2", nonnegative=True)
spread = sp.Symbol("r", nonnegative=True)


def positivity() -> tuple[Proposition, ...]:
    """The weights are a distribution."""
    return (*(at_least(one, 0) for one in weights), equal(weights[0] + weights[1] + weights[2] + weights[3], 1))


def compression(values: Sequence[Any], sin: Any, cos: Any) -> tuple[Any, Any, Any]:
    """The matrix of diag(values) on the range of Alice's projector: its two diagonal entries, and the other one."""
    first, second, third, fourth = values
    inner = (first - fourth) / 4 + (second - third) * (1 - 2 * sin**2) / 4
    mean = (first + second + third + fourth) / 4
    return mean + inner, mean - inner, -(second - third) * sin * cos / 2


def squared_spread(first: Any, second: Any, sin: Any, cos: Any) -> Any:
    """The square of the distance of the eigenvalues, for the differences D_1 - D_4 and D_2 - D_3 of the entries."""
    return (first / 2 + second * (1 - 2 * sin**2) / 2) ** 2 + (second * sin * cos) ** 2


def spread_is_at_most(signs: tuple[int, int]) -> k.Fact:
    """r <= (|D_1 - D_4| + |D_2 - D_3|)/2, for differences of these signs."""
    square = k.assume(equal(spread**2, squared_spread(signs[0] * apart, signs[1] * other, sine, cosine)))
    unit = k.assume(equal(sine**2 + cosine**2, 1))
    product = k.inequality("a product of what is not negative", at_least(apart * other, 0))
    factor = sine**2 if signs[0] == signs[1] else cosine**2
    most = (apart + other) / 2
    gap = sp.expand(most**2 - square.right - factor * apart * other)
    cofactor = sp.cancel(gap / (sine**2 + cosine**2 - 1))
    squares = k.linear(
        "the squares differ by the product times the square of a sine or cosine",
        at_most(spread**2, most**2),
        [(1, square), (-cofactor, unit), (factor, product)],
    )
    high, low = sp.Symbol("y_1", nonnegative=True), sp.Symbol("y_2", nonnegative=True)
    grows = k.inequality("squares grow", greater(high**2, low**2), [greater(high, low)])
    root = k.contraposed("so the order of squares is that of their roots", grows, greater(high, low))
    return k.cut(k.instantiated(root, {high: spread, low: most}), squares, words="the distance of the eigenvalues")


def powers_of_weights() -> tuple[Any, ...]:
    """The weights to the power 1/alpha."""
    return tuple(one ** (1 / alpha) for one in weights)


def outcome_value(sign: int, values: Sequence[Any], angle: Any, given: Sequence[k.Fact]) -> k.Fact:
    """Q of one of Alice's outcomes as a sum over two eigenvalues, with the square of their distance as hypothesis."""
    state_, projector = diagonal(*values), effect(angle, sign)
    known = dict(zip(theorems.bell_weights, values, strict=True))
    is_projector_ = k.decided("Alice's effect is a projector", is_projector(projector))
    square = k.by_theorem("so it is its own square", theorems.PROJECTOR, {theorems.A: projector}, is_projector_)
    positive = [
        k.by_theorem("and positive", theorems.PROJECTOR_POSITIVE, {theorems.A: projector}, is_projector_),
        k.by_theorem("the state is positive", theorems.DIAGONAL_POSITIVE, known, *given),
    ]
    root = power(state_, sp.Rational(1, 2))
    quasi = k.by_definition(
        theorems.QUASI, {theorems.alpha: alpha, theorems.tau: root * projector * root, theorems.sigma: state_}
    )
    half = power(state_, 1 / (2 * alpha)) * projector
    powers = k.operator_identity(
        "the powers of the state make L^{1/(2 alpha)} P P L^{1/(2 alpha)}",
        quasi.right,
        Tr(power(half * dagger(half), alpha)),
        square,
        *positive,
    )
    exchanged = k.by_theorem(
        "with the eigenvalues of P L^{1/alpha} P", theorems.EXCHANGE, {theorems.C: half, theorems.alpha: alpha}, *given
    )
    inner = k.operator_identity(
        "which is this product",
        exchanged.right,
        Tr(power(projector * power(state_, 1 / alpha) * projector, alpha)),
        square,
        *positive,
    )
    entries = tuple(one ** (1 / alpha) for one in values)
    diagonal_power = k.by_theorem(
        "the powers of a diagonal state", theorems.DIAGONAL_POWER, {**known, theorems.x: 1 / alpha}, *given
    )
    first, second, off = compression(entries, sp.sin(angle), sp.cos(angle))
    names = tuple(real(f"D_{j}") for j in range(1, 5))
    matrix = compression(names, sp.sin(angle), sp.cos(angle))
    compressed = k.instantiated(
        k.decided(
            "on the range of Alice's projector a diagonal operator is this 2 x 2 matrix",
            has_compression(projector, sp.Tuple(*names), *matrix),
        ),
        dict(zip(names, entries, strict=True)),
        [fact.proposition for fact in given],
    )
    entries_positive = [
        k.inequality("a power of what is not negative", at_least(one, 0), [f.proposition for f in given])
        for one in entries
    ]
    positive_power = k.by_theorem(
        "the power of the state is positive",
        theorems.DIAGONAL_POSITIVE,
        dict(zip(theorems.bell_weights, entries, strict=True)),
        *entries_positive,
        *given,
    )
    distance = k.assume(equal(spread**2, (first - second) ** 2 + 4 * off**2))
    eigenvalues = k.by_theorem(
        "the trace by the two eigenvalues",
        theorems.COMPRESSION,
        {
            theorems.A: projector,
            **dict(zip(theorems.bell_weights, entries, strict=True)),
            theorems.first: first,
            theorems.second: second,
            theorems.off: off,
            theorems.root: spread,
            theorems.alpha: alpha,
        },
        compressed,
        positive_power,
        distance,
        *given,
    )
    return k.chain(
        "Q of an outcome",
        quasi,
        powers,
        exchanged,
        inner,
        k.put_in("entries", inner.right, diagonal_power),
        eigenvalues,
    )


def both_outcomes(values: Sequence[Any], angle: Any, given: Sequence[k.Fact]) -> k.Fact:
    """Q_key: both outcomes have the same two eigenvalues."""
    plus, minus = (outcome_value(sign, values, angle, given) for sign in (1, -1))
    meaning = k.by_definition(
        theorems.EVE_OF_BELL,
        {theorems.alpha: alpha, **dict(zip(theorems.bell_weights, values, strict=True)), theorems.theta: angle},
    )
    return k.linear(
        "both outcomes have the same eigenvalues",
        equal(meaning.left, 2 * plus.right),
        [(1, meaning), (1, plus), (1, minus)],
    )


def sign_case(signs: tuple[int, int], value: k.Fact, given: Sequence[k.Fact]) -> k.Fact:
    """The bound by the merged weights where D_1 - D_4 and D_2 - D_3 have these signs."""
    roots = powers_of_weights()
    first, last = (0, 3) if signs[0] > 0 else (3, 0)
    second, third = (1, 2) if signs[1] > 0 else (2, 1)
    differences = roots[first] - roots[last], roots[second] - roots[third]
    bound = k.instantiated(
        spread_is_at_most(signs),
        {apart: differences[0], other: differences[1], sine: sp.sin(theta), cosine: sp.cos(theta)},
        [*(at_least(one, 0) for one in differences), *(fact.proposition for fact in given)],
    )
    top, low, off = compression(roots, sp.sin(theta), sp.cos(theta))
    distance = k.assume(equal(spread**2, (top - low) ** 2 + 4 * off**2))
    stated = next(one for one in bound.hypotheses if relation_of(one).left == spread**2)
    if distance.proposition != stated:
        again = k.restated("the same square", distance, relation_of(stated).right, [f.proposition for f in given])
        bound = k.cut(bound, again)
    everything = sp.Add(*roots) / 2
    most = k.linear(
        "the parts together are at most the whole",
        at_most(bound.right, everything),
        [(1, k.inequality("a root", at_least(roots[j], 0), [f.proposition for f in given])) for j in (last, third)],
    )
    extreme = k.by_theorem(
        "further apart, the eigenvalues have a greater sum of powers",
        theorems.MAJORISATION,
        dict(zip((*theorems.MAJORISATION_PLACES, alpha), (everything, spread, bound.right, alpha), strict=True)),
        bound,
        most,
        *given,
    )
    whole = sp.Symbol("w", nonnegative=True)
    halved = k.identity(
        "2 comes out", (whole / 2) ** alpha, 2 ** (-alpha) * whole**alpha, [f.proposition for f in given]
    )
    halves = [
        k.instantiated(halved, {whole: roots[i] + roots[j]}, [f.proposition for f in given])
        for i, j in ((first, second), (last, third))
    ]
    minkowski = k.by_theorem(
        "superadditivity of N(x, y) = (x^{1/alpha} + y^{1/alpha})^alpha",
        theorems.MINKOWSKI,
        dict(
            zip(
                (*theorems.MINKOWSKI_PLACES, alpha),
                (weights[first], weights[second], weights[last], weights[third], alpha),
                strict=True,
            )
        ),
        *given,
    )
    together = k.assume(positivity()[-1])
    rest = k.linear(
        "the other two weights", equal(weights[1] + weights[2], 1 - weights[0] - weights[3]), [(1, together)]
    )
    merged = k.put_in("weights add up to 1", minkowski.right, rest)
    scale = 2 ** (1 - alpha)
    bound_ = k.linear(
        "the sum over both outcomes",
        at_most(value.left, scale * merged.right),
        [(1, value), (2, extreme), (2, halves[0]), (2, halves[1]), (scale, minkowski), (scale, merged)],
    )
    # the case in terms of the roots
    for difference, (i, j) in zip(differences, ((first, last), (second, third)), strict=True):
        order = k.linear("a difference", at_least(difference, 0), [(1, k.assume(at_least(roots[i], roots[j])))])
        bound_ = k.cut(bound_, order)
    for sign, (i, j) in zip(signs, ((0, 3), (1, 2)), strict=True):
        if sign < 0:
            weaker = k.weakened("as", k.assume(less(roots[i], roots[j])), at_least(roots[j], roots[i]))
            bound_ = k.cut(bound_, weaker)
    return bound_
