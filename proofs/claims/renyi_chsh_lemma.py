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
from keybounds.proofs.claims.renyi_outcomes import both_outcomes, compression, positivity, powers_of_weights, sign_case
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Proposition, at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import real, symbol
from keybounds.proofs.notions_renyi import (
    Q_key,
    chsh,
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


spread, total = sp.Symbol("r", nonnegative=True), real("T")


def by_weights(goal: Goal, given: Sequence[k.Fact]) -> k.Fact:
    """Q_key is at most Q* of the two merged weights."""
    value = both_outcomes(weights, theta, given)
    roots = powers_of_weights()
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
