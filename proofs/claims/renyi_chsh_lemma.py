"""One round's entropy from the CHSH value: sum_a Q(omega^a|omega) <= Q*(S), for each of Alice's settings.

In entropies: H_alpha(A|E) >= 1 - H_{1/alpha}(p), the second a Rényi entropy of the bit (p, 1-p), with Eve's marginal as
reference. hahn2025 solves Rényi key-rate problems of the CHSH game analytically, and before this; its formulas were not
at hand to compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import renyi
from keybounds.proofs.algebra.bell import bell_vectors
from keybounds.proofs.checks import DIGITS, holds, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Proposition, at_least, at_most, equal, greater, less, relation_of
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import real, symbol
from keybounds.proofs.notions import Tr
from keybounds.proofs.notions_renyi import (
    Q_key,
    chsh,
    dagger,
    diagonal,
    effect,
    has_compression,
    is_projector,
    power,
)
from keybounds.proofs.theorems import renyi as theorems
from keybounds.proofs.theorems.renyi import alpha

weights = tuple(real(f"lambda_{k}") for k in range(1, 5))
theta, S, p = real("theta"), real("S"), real("p")
angles = tuple(real(name) for name in ("x_0", "x_1", "y_0", "y_1"))
beta = symbol("beta")


def key_sum(order: Any, weight: Any) -> Any:
    """Q* = 2^{1-alpha} (p^{1/alpha} + (1-p)^{1/alpha})^alpha."""
    return 2 ** (1 - order) * (weight ** (1 / order) + (1 - weight) ** (1 / order)) ** order


def state() -> Statement:
    """Return the statement, for every Bell-diagonal state of two qubits and measurements cos Z + sin X."""
    merged = weights[0] + weights[3]
    found = Q_key(alpha, *weights, theta)
    value = chsh(*weights, *angles)
    attaining = (p, 1 - p, sp.Integer(0), sp.Integer(0))
    best = sp.atan(2 * p - 1)
    return Statement(
        parameters=(
            Parameter(alpha, "order"),
            *(
                Parameter(one, f"weight of {name}")
                for one, name in zip(weights, ("Phi+", "Phi-", "Psi+", "Psi-"), strict=True)
            ),
            Parameter(theta, "angle of Alice's measurement"),
            *(Parameter(one, "an angle in the CHSH test") for one in angles),
            Parameter(S, "CHSH value"),
            Parameter(p, "weight of Phi+ in the state that attains it"),
        ),
        hypotheses=(greater(alpha, 1),),
        clauses=(
            Clause("weights", at_most(found, key_sum(alpha, merged)), positivity()),
            Clause("CHSH value", at_most(value**2, 4 * (1 + (2 * merged - 1) ** 2)), positivity()),
            Clause(
                "key",
                at_most(found, key_sum(alpha, sp.Rational(1, 2) + sp.sqrt(S**2 / 4 - 1) / 2)),
                (*positivity(), at_least(S, 2), at_most(S, value)),
            ),
            Clause("never more than 1", at_most(found, 1), positivity()),
            Clause(
                "attained",
                equal(Q_key(alpha, *attaining, 0), key_sum(alpha, p)),
                (at_least(p, sp.Rational(1, 2)), at_most(p, 1)),
            ),
            Clause(
                "at this CHSH value",
                equal(chsh(*attaining, 0, sp.pi / 2, best, -best), 2 * sp.sqrt(1 + (2 * p - 1) ** 2)),
                (at_least(p, sp.Rational(1, 2)), at_most(p, 1)),
            ),
        ),
        meanings=(theorems.QUASI, theorems.EVE_OF_BELL, theorems.EXPECTATION, theorems.CHSH),
    )


def positivity() -> tuple[Proposition, ...]:
    """The weights are a distribution."""
    return (*(at_least(one, 0) for one in weights), equal(weights[0] + weights[1] + weights[2] + weights[3], 1))


# ------------------------------------------------------------------------------------------------------ real numbers

sine, cosine = real("u"), real("v")
apart, other = sp.Symbol("g_1", nonnegative=True), sp.Symbol("g_2", nonnegative=True)
spread, total = sp.Symbol("r", nonnegative=True), real("T")


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


# --------------------------------------------------------------------------------------------------------- operators


def _roots() -> tuple[Any, ...]:
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
    roots = _roots()
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


def by_weights(goal: Goal, given: Sequence[k.Fact]) -> k.Fact:
    """Q_key is at most Q* of the two merged weights."""
    value = both_outcomes(weights, theta, given)
    roots = _roots()
    on_first, on_second = at_least(roots[0], roots[3]), at_least(roots[1], roots[2])
    halves = [
        k.by_cases(
            "whichever of D_2, D_3 is greater",
            sign_case((first, 1), value, given),
            sign_case((first, -1), value, given),
            on_second,
        )
        for first in (1, -1)
    ]
    found = k.by_cases("whichever of D_1, D_4 is greater", halves[0], halves[1], on_first)
    top, low, off = compression(roots, sp.sin(theta), sp.cos(theta))
    return k.instantiated(found, {spread: sp.sqrt((top - low) ** 2 + 4 * off**2)}, [f.proposition for f in given])


# -------------------------------------------------------------------------------------------------------- CHSH value

merged, correlation = real("P"), sp.Symbol("C", nonnegative=True)


def squares_grow(strictly: bool = True) -> k.Fact:
    """y_2 < y_1 gives y_2^2 < y_1^2, for what is not negative; and the same with <=."""
    high, low = sp.Symbol("y_1", nonnegative=True), sp.Symbol("y_2", nonnegative=True)
    if not strictly:
        return k.inequality("squares grow", at_least(high**2, low**2), [at_least(high, low)])
    grows = k.inequality("squares grow", greater(high**2, low**2), [greater(high, low)])
    return k.contraposed("so the order of squares is that of their roots", grows, greater(high, low))


def roots_ordered(high: Any, low: Any, under: Sequence[Proposition] = ()) -> k.Fact:
    """high^2 <= low^2 gives high <= low."""
    places = {sp.Symbol("y_1", nonnegative=True): high, sp.Symbol("y_2", nonnegative=True): low}
    return k.instantiated(squares_grow(), places, under)


def chsh_value(goal: Goal) -> k.Fact:
    """The CHSH value squared, as Bell's state has it, from a sum of squares."""
    mean, half = real("m"), real("n")
    turned = {angles[2]: mean + half, angles[3]: mean - half}
    by_name = dict(zip(theorems.bell_weights, weights, strict=True))
    pairs = [(x, y.subs(turned)) for x in angles[:2] for y in angles[2:]]
    meaning = k.by_definition(
        theorems.CHSH,
        {
            **by_name,
            theorems.angle_x: angles[0],
            theorems.turned_x: angles[1],
            theorems.angle_y: turned[angles[2]],
            theorems.turned_y: turned[angles[3]],
        },
    )
    parts = [
        k.by_definition(theorems.EXPECTATION, {**by_name, theorems.angle_x: x, theorems.angle_y: y}) for x, y in pairs
    ]
    sums = [
        k.identity("the sum of angles", f(y), sp.expand_trig(f(y)))
        for y in (mean + half, mean - half)
        for f in (sp.cos, sp.sin)
    ]
    value = k.chain("the CHSH value", meaning, k.put_in("by the correlations", meaning.right, *parts, *sums))
    T = (weights[0] + weights[1] - weights[2] - weights[3], weights[0] - weights[1] + weights[2] - weights[3])
    u, w = (sp.cos(mean), sp.sin(mean)), (-sp.sin(mean), sp.cos(mean))
    along = [
        sum(t * a * b for t, a, b in zip(T, (sp.cos(x), sp.sin(x)), d, strict=True))
        for x, d in ((angles[0], u), (angles[1], w))
    ]
    across = [
        sum(t * a * b for t, a, b in zip(T, (-sp.sin(x), sp.cos(x)), d, strict=True))
        for x, d in ((angles[0], u), (angles[1], w))
    ]
    squares = [(sp.sin(half) * along[0] - sp.cos(half) * along[1]) ** 2, across[0] ** 2, across[1] ** 2]
    not_negative = [k.inequality("a square", at_least(one, 0)) for one in squares]
    given = goal.given("CHSH value")
    products = k.inequality(
        "products of weights", at_least(weights[0] * weights[3] + weights[1] * weights[2], 0), given
    )
    target = goal["CHSH value"].relation.substituted(turned)
    right = target.right
    units = [k.identity("a point of the circle", sp.cos(a) ** 2 + sp.sin(a) ** 2, 1) for a in (*angles[:2], mean, half)]
    together = k.assume(positivity()[-1])
    rest = right - value.right**2 - 4 * sp.Add(*squares) - 32 * products.left
    names = {f(a): sp.Dummy() for a in (*angles[:2], mean, half) for f in (sp.cos, sp.sin)}
    divisors = [sp.sympify(one.left - one.right).subs(names) for one in (*units, together)]
    quotients, _ = sp.reduced(sp.expand(rest).subs(names), divisors, *weights, *names.values())
    back = {dummy: name for name, dummy in names.items()}
    terms = [(-q.subs(back), one) for q, one in zip(quotients, (*units, together), strict=True)]
    found = k.linear(
        "4 (1 + T_yy^2) - S^2 is a sum of squares and of products of weights",
        target,
        [(value.left + value.right, value), *((4, one) for one in not_negative), (32, products), *terms],
        given,
    )
    return k.instantiated(
        found, {mean: (angles[2] + angles[3]) / 2, half: (angles[2] - angles[3]) / 2}, words="any two angles of Bob's"
    )


def power_grows() -> k.Fact:
    """y^beta <= x^beta for 0 <= y <= x."""
    x, y = symbol("x"), sp.Symbol("y", nonnegative=True)
    slope = k.inequality("the derivative of x^beta is positive", at_least(beta * x ** (beta - 1), 0), [at_least(x, y)])
    return k.by_slope("x^beta grows", x**beta, x, slope, y)


def key_falls() -> k.Fact:
    """Q* at P is at most that at (1 + C)/2 if C^2 <= (2 P - 1)^2."""
    under = (greater(alpha, 1), at_least(merged, 0), at_most(merged, 1), at_most(correlation, 1))
    given = [k.assume(one) for one in under]
    square = k.assume(at_most(correlation**2, (2 * merged - 1) ** 2))
    half = sp.Rational(1, 2)
    cases = []
    for distance, case in ((2 * merged - 1, at_least(merged, half)), (1 - 2 * merged, less(merged, half))):
        ordered = roots_ordered(correlation, distance, [case])
        wanted = at_most(correlation**2, distance**2)
        ordered = k.cut(
            ordered, square if wanted == square.proposition else k.restated("the same square", square, distance**2)
        )
        top = k.linear(
            "a probability", at_most(distance, 1), [(2, given[2] if distance.coeff(merged) > 0 else given[1])]
        )
        cases.append(
            k.by_theorem(
                "further apart, the two have a smaller sum of roots",
                theorems.MAJORISATION_CONCAVE,
                dict(
                    zip(
                        (*theorems.MAJORISATION_PLACES, alpha),
                        (sp.Integer(1), correlation, distance, alpha),
                        strict=True,
                    )
                ),
                ordered,
                top,
                *given,
            )
        )
    falls = k.by_cases("on either side of 1/2", cases[0], cases[1], at_least(merged, half))
    x, y = symbol("x"), sp.Symbol("y", nonnegative=True)
    grows = k.instantiated(power_grows(), {beta: alpha, x: falls.right, y: falls.left}, under)
    powers = k.cut(grows, k.weakened("turned", falls, at_least(falls.right, falls.left)))
    stated = at_most(key_sum(alpha, merged), key_sum(alpha, half + correlation / 2))
    return k.linear("Q* falls with the distance", stated, [(2 ** (1 - alpha), powers)], under)


def in_weights(fact: k.Fact, given: Sequence[k.Fact]) -> k.Fact:
    """The same with P = lambda_1 + lambda_4, which is a probability."""
    placed = k.instantiated(fact, {merged: weights[0] + weights[3]})
    together, positive = k.assume(positivity()[-1]), [k.assume(one) for one in positivity()[:4]]
    least = k.linear("not negative", at_least(weights[0] + weights[3], 0), [(1, positive[0]), (1, positive[3])])
    most = k.linear(
        "at most 1", at_most(weights[0] + weights[3], 1), [(1, together), (1, positive[1]), (1, positive[2])]
    )
    return k.cut(placed, least, most)


def derive(goal: Goal) -> None:
    """Bound Q by the merged weights, these by the CHSH value; then the two together."""
    given = [k.assume(one) for one in goal.given("weights")]
    under = [one.proposition for one in given]
    found = by_weights(goal, given)
    shown = k.restated("Q* of the merged weights", found, goal["weights"].right, under)
    goal.conclude("weights", goal.stated("weights", shown))
    goal.conclude("CHSH value", chsh_value(goal))
    falls = in_weights(key_falls(), given)
    _never_more(goal, found, falls)
    _by_chsh(goal, found, falls)
    _attained(goal)


def _never_more(goal: Goal, found: k.Fact, falls: k.Fact) -> None:
    nothing = k.instantiated(falls, {correlation: sp.Integer(0)}, [greater(alpha, 1)])
    one = k.restated("Q* at p = 1/2", nothing, goal["never more than 1"].right, [greater(alpha, 1)])
    shown = k.chain("Q is never more than 1", found, one)
    goal.conclude("never more than 1", goal.stated("never more than 1", shown))


def _by_chsh(goal: Goal, found: k.Fact, falls: k.Fact) -> None:
    given = goal.given("key")
    value = chsh(*weights, *angles)
    least, most = k.assume(at_least(S, 2)), k.assume(at_most(S, value))
    above = k.inequality("2 is not negative", at_least(2, 0))
    positive = k.linear("not negative", at_least(value, 0), [(1, least), (1, most), (1, above)], given)
    grows = k.instantiated(
        squares_grow(strictly=False),
        {sp.Symbol("y_1", nonnegative=True): value, sp.Symbol("y_2", nonnegative=True): S},
        [at_least(value, 0), at_least(S, 0)],
    )
    turned = k.weakened("turned", most, at_least(value, S))
    own = k.inequality("S is not negative", at_least(S, 0), [least.proposition])
    squares = k.cut(grows, turned, positive, own, words="squares of the CHSH value")
    C = sp.sqrt(S**2 / 4 - 1)
    P = weights[0] + weights[3]
    bound = goal.proofs["CHSH value"]
    correlated = k.linear(
        "S^2/4 - 1 <= (2p - 1)^2",
        at_most(C**2, (2 * P - 1) ** 2),
        [(sp.Rational(1, 4), squares), (sp.Rational(1, 4), bound)],
        given,
    )
    total = k.assume(positivity()[-1])
    unit = _square_at_most_one(total)
    one = roots_ordered(C, sp.Integer(1), [at_least(S, 2)])
    at_most_one = k.cut(one, k.chain("C^2 <= 1", correlated, unit), words="C is at most 1")
    placed = k.instantiated(falls, {correlation: C}, [at_least(S, 2)])
    placed = k.cut(placed, correlated, at_most_one)
    whole = k.chain("Q by the CHSH value", found, placed)
    shown = k.restated("Q* at S", whole, goal["key"].right, given)
    goal.conclude("key", goal.stated("key", shown))


def _square_at_most_one(total: k.Fact) -> k.Fact:
    """(2 P - 1)^2 <= 1, by 4 P (1 - P) >= 0 with 1 - P the other two weights."""
    P, other = weights[0] + weights[3], weights[1] + weights[2]
    product = k.inequality("a product of weights", at_least(P * other, 0), positivity()[:4])
    return k.linear("(2p - 1)^2 <= 1", at_most((2 * P - 1) ** 2, 1), [(4, product), (4 * P, total)])


def _attained(goal: Goal) -> None:
    given = goal.given("attained")
    facts = [k.assume(one) for one in given]
    values = (p, 1 - p, sp.Integer(0), sp.Integer(0))
    value = both_outcomes(values, sp.Integer(0), facts)
    sum_ = p ** (1 / alpha) + (1 - p) ** (1 / alpha)
    one_pair = k.instantiated(value, {spread: sum_ / 2}, given)
    whole = sp.Symbol("w", nonnegative=True)
    halved = k.identity("2 comes out", (whole / 2) ** alpha, 2 ** (-alpha) * whole**alpha, [greater(alpha, 1)])
    out = k.instantiated(halved, {whole: sum_}, given)
    rewritten = k.chain("one eigenvalue is left", one_pair, k.put_in("2 comes out", one_pair.right, out))
    shown = k.restated("which is Q*", rewritten, goal["attained"].right, given)
    goal.conclude("attained", goal.stated("attained", shown))
    name = "at this CHSH value"
    best = sp.atan(2 * p - 1)
    by_name = dict(zip(theorems.bell_weights, values, strict=True))
    places = (theorems.angle_x, theorems.turned_x, theorems.angle_y, theorems.turned_y)
    meaning = k.by_definition(
        theorems.CHSH, {**by_name, **dict(zip(places, (sp.Integer(0), sp.pi / 2, best, -best), strict=True))}
    )
    parts = [
        k.by_definition(theorems.EXPECTATION, {**by_name, theorems.angle_x: x, theorems.angle_y: y})
        for x in (sp.Integer(0), sp.pi / 2)
        for y in (best, -best)
    ]
    shown = k.chain("its CHSH value", meaning, k.put_in("by the correlations", meaning.right, *parts))
    shown = k.restated("S = 2 sqrt(1 + C^2)", shown, goal[name].right, goal.given(name))
    goal.conclude(name, goal.stated(name, shown))


def numerical(statement: Statement) -> Iterator[Step]:
    """The state that attains Q*, densely; and states without pattern, which stay below."""
    import mpmath as mp

    bound, square = statement["weights"].right, statement["CHSH value"].right
    with mp.workdps(DIGITS + 10):
        order, weight = sp.Rational(7, 5), sp.Rational(4, 5)
        phi = [mp.matrix([sp.N(e, DIGITS + 10) for e in v]) for v in bell_vectors()]
        at, top = (mp.mpmathify(sp.N(value, DIGITS + 10)) for value in (order, weight))
        rho = top * phi[0] * phi[0].H + (1 - top) * phi[1] * phi[1].H
        yield witness(
            "p Phi+ + (1-p) Phi- measured in Z, alpha = 7/5, p = 4/5: attained",
            number(statement["attained"].right, {alpha: order, p: weight}),
            _outcome_sum(rho, mp.mpf(0), at),
        )
        for seed, angle in ((1, mp.mpf(1) / 3), (2, mp.mpf(5) / 4)):
            parts = [abs(value) ** 2 for value in renyi.pseudorandom(4, 1, seed)]
            parts = [part / mp.fsum(parts) for part in parts]
            rho = renyi.total([w * v * v.H for w, v in zip(parts, phi, strict=True)])
            values = {
                alpha: order,
                **{name: sp.Float(str(part), DIGITS + 10) for name, part in zip(weights, parts, strict=True)},
            }
            found, stated = _outcome_sum(rho, angle, at), number(bound, values)
            yield holds(
                f"Bell-diagonal state {seed} at another angle: below Q*",
                found <= stated,
                detail=f"{mp.nstr(found, 10)} against {mp.nstr(stated, 10)}",
            )
            best = 4 * (
                (parts[0] + parts[1] - parts[2] - parts[3]) ** 2 + (parts[0] - parts[1] + parts[2] - parts[3]) ** 2
            )
            yield holds(
                f"the greatest CHSH value of state {seed}, by its two correlations",
                best <= number(square, values),
                detail=mp.nstr(best, 10),
            )


def _outcome_sum(rho: Any, angle: Any, order: Any) -> Any:
    """Sum over Alice's outcomes of Q, from the square root of the dense state."""
    import mpmath as mp

    from keybounds.proofs.algebra.dense import kron

    amplitudes = renyi.power(rho, mp.mpf(1) / 2)
    sigma = renyi.eve_state(amplitudes, mp.eye(4))
    effects = [kron(renyi.projector(angle, a), mp.eye(2)) for a in range(2)]
    return mp.fsum(renyi.sandwiched(renyi.eve_state(amplitudes, one), sigma, order) for one in effects)


CLAIM = Claim(
    name="renyi-chsh-lemma",
    title="One round's Rényi entropy from the CHSH value",
    source="hahn2025 for the CHSH problem; this form and its proof this project",
    state=state,
    derive=derive,
    witness=numerical,
)
