"""The min-tradeoff function of nadlinger2022: a tangent of the CHSH entropy curve, carried over to rare tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import expanded, real, symbol, thing
from keybounds.proofs.notions_entropies import (
    H_outcome,
    is_device,
    score,
    score_entropy,
    score_slope,
    winning_probability,
)
from keybounds.proofs.theorems import moments

x, y, gamma, c = (symbol(name) for name in ("x", "y", "gamma", "c"))
e, s, t, omega, point, share = (real(name) for name in ("e", "s", "t", "omega", "omega_0", "k"))
rho = thing("rho")


def winning(value: Any) -> Any:
    """ω = (2 + sqrt(1 + x^2))/4, in full."""
    return expanded(score(value))


def slope(value: Any) -> Any:
    """η'(ω) = 4 sqrt(1 + x^2) artanh(x)/(x ln 2), in full."""
    return expanded(score_slope(value))


def _artanh(value: Any) -> Any:
    return (sp.log(1 + value) - sp.log(1 - value)) / 2


def function_values(level: Any, rise: Any, at: Any, rate: Any) -> tuple[Any, Any, Any]:
    """f at a lost test, a won test and a key round: g(0)/γ + (1 - 1/γ) g(1), g(1), g(1), for g(ω) = level + s (ω-t)."""
    at_0, at_1 = level - rise * at, level + rise * (1 - at)
    return at_0 / rate + (1 - 1 / rate) * at_1, at_1, at_1


def variance(rise: Any, score: Any, rate: Any) -> Any:
    """Var_q f = s^2 (1-ω)(1 - γ(1-ω))/γ at q = (γ(1-ω), γω, 1-γ)."""
    return rise**2 * (1 - score) * (1 - rate * (1 - score)) / rate


def _second_order(score: Any) -> Any:
    return (c + sp.sqrt(2 + variance(s, score, gamma))) ** 2


def state() -> Statement:
    """Return the statement. With g(ω) = e + s (ω-t) in general, and e, s those of the curve at t for devices."""
    lost, won, key = function_values(e, s, t, gamma)
    shares = gamma * (1 - omega), gamma * omega, 1 - gamma
    values = lost, won, key
    line = e + s * (omega - t)
    tangent = score_entropy(y) + score_slope(y) * (score(x) - score(y))
    rate = (greater(gamma, 0), at_most(gamma, 1))
    scores = (at_least(omega, 0), at_most(omega, 1))
    placed = [
        shares[i] * one
        for i, one in enumerate(function_values(score_entropy(y), score_slope(y), score(y), gamma))
    ]  # fmt: skip
    of_device = sp.Add(*(part.subs(omega, score(x)) for part in placed))
    device = (is_device(rho), equal(winning_probability(rho), score(x)), *rate)
    root = sp.sqrt(2 + variance(s, point, gamma))
    falls = -(c + root) / root * s**2 * (1 - 2 * gamma * (1 - point)) / gamma
    greater_x, smaller_x = (less(y, x), less(x, 1)), (less(x, y), less(y, 1))
    return Statement(
        parameters=(
            Parameter(x, "of a device that wins with (2 + sqrt(1+x^2))/4"),
            Parameter(y, "of the point of the tangent"),
            Parameter(gamma, "probability of a test"),
            Parameter(omega, "winning probability"),
            Parameter(point, "another one"),
            Parameter(e, "value of a line g at t"),
            Parameter(s, "its slope"),
            Parameter(t, "its point"),
            Parameter(share, "share of lost tests among all rounds"),
            Parameter(c, "a constant"),
            Parameter(rho, "a device"),
        ),
        hypotheses=(),
        clauses=(
            Clause("parameter", equal(16 * score(x) * (score(x) - 1) + 3, x**2)),
            Clause("tangent for greater scores", at_least(score_entropy(x), tangent), greater_x),
            Clause("tangent for smaller scores", at_least(score_entropy(x), tangent), smaller_x),
            Clause(
                "tangent without violation",
                at_least(0, score_entropy(y) + score_slope(y) * (omega - score(y))),
                (less(y, 1), at_most(omega, sp.Rational(3, 4))),
            ),
            Clause("mean", equal(sum(w * f for w, f in zip(shares, values, strict=True)), line), rate),
            Clause(
                "variance",
                equal(sum(w * (f - line) ** 2 for w, f in zip(shares, values, strict=True)), variance(s, omega, gamma)),
                rate,
            ),
            Clause("greatest value", equal(won - lost, s / gamma), rate),
            Clause("range", equal(won - line, s * (1 - omega))),
            Clause(
                "run",
                at_least(share * lost + (1 - share) * won, line),
                (*rate, at_least(s, 0), at_most(share, gamma * (1 - omega))),
            ),
            Clause("device of a greater score", at_least(H_outcome(rho), of_device), (*device, *greater_x)),
            Clause("device of a smaller score", at_least(H_outcome(rho), of_device), (*device, *smaller_x)),
            Clause(
                "second order",
                at_most(_second_order(omega), _second_order(point) + falls * (omega - point)),
                (*rate, *scores, at_least(point, 0), at_most(point, 1)),
            ),
        ),
    )


def derive(goal: Goal) -> None:
    """The slope grows along the curve; the rest is algebra of three values and of two squares."""
    for name, words in (
        ("parameter", "(2 + sqrt(1+x^2))/4 put in"),
        ("mean", "the mean of the three values is on the line"),
        ("variance", "their variance"),
        ("greatest value", "a lost test counts less than any other round"),
        ("range", "the greatest value less that at a score"),
    ):
        stated = goal[name].relation
        goal.conclude(name, k.identity(words, stated.left, stated.right, goal.given(name)))
    run = goal["run"].relation
    few = next(one for one in goal.given("run") if share in one.symbols)
    goal.conclude("run", k.linear("fewer lost tests give more", run, [(s / gamma, k.assume(few))], goal.given("run")))
    _curve(goal)
    _second_order_is_concave(goal)


def _curve(goal: Goal) -> None:
    inside = [less(x, 1)]
    artanh, length = _artanh(x), sp.sqrt(1 + x**2)
    rising = k.inequality("artanh x is positive", greater(artanh, 0), inside)
    excess = x / (1 - x**2) - artanh
    sign = k.inequality("a derivative", greater(2 * x**2 / (1 - x**2) ** 2, 0), inside)
    above = k.by_slope("artanh x < x/(1-x^2)", excess, x, sign, sp.Integer(0))
    grows = k.linear(
        "the derivative of the slope is positive",
        greater(4 / sp.log(2) * (artanh / length + length * excess / x**2), 0),
        [(4 / (sp.log(2) * length), rising), (4 * length / (sp.log(2) * x**2), above)],
        inside,
    )
    positive = k.linear(
        "the slope is positive",
        greater(slope(y), 0),
        [(4 * sp.sqrt(1 + y**2) / (y * sp.log(2)), k.instantiated(rising, {x: y}))],
        [less(y, 1)],
    )
    for name, compare in (("greater", greater), ("smaller", less)):
        clause = f"tangent for {name} scores"
        given = goal.given(clause)
        local = grows
        if compare is less:
            local = k.cut(grows, k.inequality("x < y < 1", less(x, 1), given))
        else:
            local = k.linear("for x > y", grows.relation, [(1, grows)], given)
        order = k.by_slope("the slope grows", slope(x), x, local, y)
        gap = goal[clause].left - goal[clause].right
        steeper = k.linear(
            "so the curve parts from its tangent",
            compare((slope(x) - slope(y)) * x / (4 * length), 0),
            [(x / (4 * length), order)],
            given,
        )
        apart = k.by_slope("the curve above its tangent", gap, x, steeper, y)
        shown = k.linear("the tangent lies below", goal[clause].relation, [(1, apart)], given)
        goal.conclude(clause, shown)
        _device(goal, f"device of a {name} score", shown)
        if compare is less:
            _without_violation(goal, apart, k.by_slope("the gap grows towards x = 0", gap, x, steeper, 0), positive)


def _without_violation(goal: Goal, apart: k.Fact, wider: k.Fact, positive: k.Fact) -> None:
    clause = "tangent without violation"
    given = [less(y, 1)]
    gaps = [k.instantiated(fact, {x: y / 2}, under=given) for fact in (apart, wider)]
    at_end = k.linear("positive at x = 0", greater(gaps[1].right, 0), [(1, gaps[0]), (1, gaps[1])], given)
    goal.conclude(
        clause,
        k.linear(
            "and so below 3/4, as the tangent rises",
            goal[clause].relation,
            [(1, at_end), (sp.Rational(3, 4) - omega, positive)],
            goal.given(clause),
        ),
    )


def _device(goal: Goal, clause: str, below: k.Fact) -> None:
    """The device's entropy is above the curve, the curve above the tangent, which the mean of f is."""
    given = goal.given(clause)
    known = [k.assume(one) for one in given]
    place = {moments.rho: rho, moments.S: 2 * sp.sqrt(1 + x**2)}
    stated = next(one for one in given if rho in one.symbols and one != is_device(rho))
    score = k.restated("its score, by S", k.assume(stated), (place[moments.S] + 4) / 8, given)
    entropy = k.by_theorem("the entropy by the CHSH value", moments.CHSH_ENTROPY, place, *known, score)
    wanted = goal[clause].relation
    bound = k.linear("at least the tangent", at_least(entropy.left, below.right), [(1, entropy), (1, below)], given)
    goal.conclude(clause, k.restated("which is the mean of the three values", bound, wanted.right, given))


def _second_order_is_concave(goal: Goal) -> None:
    clause = "second order"
    given = goal.given(clause)
    a, b = symbol("a"), symbol("b")
    square = k.inequality("a square", at_least((a - b) ** 2, 0))
    places = {a: sp.sqrt(2 + variance(s, omega, gamma)), b: sp.sqrt(2 + variance(s, point, gamma))}
    roots = k.instantiated(square, places, under=given)
    scores = k.inequality("a square", at_least((omega - point) ** 2, 0))
    goal.conclude(
        clause,
        k.linear(
            "(c + sqrt(2+v))^2 is concave in v and grows with it, and the variance is concave",
            goal[clause].relation,
            [(c / places[b], roots), (s**2 * (c + places[b]) / places[b], scores)],
            given,
        ),
    )


def numerical(statement: Statement) -> Iterator[Step]:
    """Slope by a difference quotient of the entropy, variance from the three values, at the published γ = 13/256."""
    import mpmath as mp

    with mp.workdps(3 * DIGITS):
        at, rate, score = mp.mpf(7) / 10, mp.mpf(13) / 256, mp.mpf(4) / 5

        def entropy(w: Any) -> Any:
            root = mp.sqrt(16 * w * (w - 1) + 3)
            return (1 + root) / 2 * mp.log(1 + root, 2) + (1 - root) / 2 * mp.log(1 - root, 2)

        place = (2 + mp.sqrt(1 + at**2)) / 4
        found = mp.diff(entropy, place)
        line = statement["tangent without violation"].right
        stated = number(sp.diff(expanded(line), omega), {y: sp.Rational(7, 10)})
        yield witness("slope at x = 7/10", stated, found)
        values = function_values(entropy(place), found, place, rate)
        weights = (rate * (1 - score), rate * score, 1 - rate)
        mean = mp.fsum(w * f for w, f in zip(weights, values, strict=True))
        spread = mp.fsum(w * (f - mean) ** 2 for w, f in zip(weights, values, strict=True))
        inside = {omega: sp.Rational(4, 5), gamma: sp.Rational(13, 256), s: slope(sp.Rational(7, 10))}
        yield witness("variance at x = 7/10, omega = 4/5", number(statement["variance"].right, inside), spread)


CLAIM = Claim(
    name="eat-min-tradeoff",
    title="The min-tradeoff function for rare tests",
    source="nadlinger2022, Supplement S10; rederived",
    state=state,
    derive=derive,
    witness=numerical,
)
