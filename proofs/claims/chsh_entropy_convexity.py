"""The CHSH entropy, with noise too, is convex in S and grows with it: tangents are valid for every S."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import expanded, h, real, symbol
from keybounds.proofs.notions_entropies import artanh_ratio, chsh_curve, chsh_slope

S, T, q, r = symbol("S"), real("T"), symbol("q"), symbol("r")
y, v = symbol("y"), symbol("v")
TOP = 2 * sp.sqrt(2)
NOISELESS = sp.Integer(0)


def coherence(chsh: Any) -> Any:
    """C = sqrt(S^2/4 - 1)."""
    return sp.sqrt(chsh**2 / 4 - 1)


def root(chsh: Any, noise: Any) -> Any:
    """R = sqrt(1 - q(1-q)(8-S^2))."""
    return sp.sqrt(1 - noise * (1 - noise) * (8 - chsh**2))


def bracket(chsh: Any, noise: Any) -> Any:
    """G(S) = A(C) - 4q(1-q) A(R), A(x) = artanh(x)/x."""
    value = artanh_ratio(coherence(chsh))
    return value if noise == 0 else value - 4 * noise * (1 - noise) * artanh_ratio(root(chsh, noise))


def _scaled(x: Any) -> Any:
    """B(x) = (1-x^2) A(x)."""
    return (1 - x**2) * artanh_ratio(x)


def _scaled_slope(x: Any) -> Any:
    """D(x) = (1-x^2)^2 dA/d(x^2)."""
    return (1 - x**2) ** 2 * (1 / (1 - x**2) - artanh_ratio(x)) / (2 * x**2)


def state() -> Statement:
    """Return the statement: tangents lie below the curve, on either side of the point and below S = 2."""
    inside = (greater(S, 2), less(S, TOP))
    noisy = (*inside, greater(q, 0), less(q, sp.Rational(1, 2)))
    clauses = []
    for noise, given, words in ((q, noisy, ""), (NOISELESS, inside, ", without noise")):
        tangent = chsh_curve(S, noise) + chsh_slope(S, noise) * (T - S)
        floor = h(q) if noise == q else sp.Integer(0)
        clauses += [
            Clause(f"growth{words}", greater(chsh_slope(S, noise), 0), given),
            Clause(
                f"tangent for greater values{words}",
                at_least(chsh_curve(T, noise), tangent),
                (*given, greater(T, S), less(T, TOP)),
            ),
            Clause(
                f"tangent for smaller values{words}",
                at_least(chsh_curve(T, noise), tangent),
                (*given, greater(T, 2), less(T, S)),
            ),
            Clause(f"tangent where nothing is violated{words}", at_least(floor, tangent), (*given, at_most(T, 2))),
        ]
    return Statement(
        parameters=(
            Parameter(S, "CHSH value of the tangent"),
            Parameter(T, "CHSH value"),
            Parameter(q, "probability of a flip of Alice's key bit"),
        ),
        hypotheses=(),
        clauses=tuple(clauses),
    )


def derive(goal: Goal) -> None:
    """B and D fall, so the bracket G of the derivative is positive and grows with S; so does f' = S G/(4 ln 2)."""
    falling = _falling()
    for noise, words in ((q, ""), (NOISELESS, ", without noise")):
        _tangents(goal, noise, words, *_bracket(goal, noise, words, falling))


def _falling() -> tuple[k.Fact, k.Fact]:
    """B(v) < B(y) and D(v) < D(y) for 0 < y < v < 1."""
    artanh = (sp.log(1 + v) - sp.log(1 - v)) / 2
    inside, between = [less(v, 1)], [less(y, v), less(v, 1)]
    defect = v - (1 + v**2) * artanh
    sign = k.inequality("a derivative", less(-2 * v * artanh - 2 * v**2 / (1 - v**2), 0), inside)
    negative = k.by_slope("v < (1+v^2) artanh v", defect, v, sign, sp.Integer(0))
    first = k.linear("the derivative of B is negative", less(defect / v**2, 0), [(1 / v**2, negative)], between)
    cubic = v**3 - 3 * v + (3 - 2 * v**2 - v**4) * artanh
    sign = k.linear("a derivative", less(4 * v * defect, 0), [(4 * v, negative)], inside)
    below = k.by_slope("the numerator of the derivative of D is negative", cubic, v, sign, sp.Integer(0))
    second = k.linear(
        "the derivative of D is negative", less(cubic / (2 * v**4), 0), [(1 / (2 * v**4), below)], between
    )
    return (
        k.by_slope("B(x) = (1-x^2) artanh(x)/x falls", _scaled(v), v, first, y),
        k.by_slope("D(x) = (1-x^2)^2 A'(x^2) falls", _scaled_slope(v), v, second, y),
    )


def _bracket(goal: Goal, noise: Any, words: str, falling: tuple[k.Fact, ...]) -> tuple[k.Fact, k.Fact]:
    """G(S) > 0 and G'(S) > 0."""
    given = goal.given(f"growth{words}")
    inner = coherence(S)
    u = 2 - S**2 / 4
    if noise == 0:
        facts = _without_noise(given)
    else:
        outer = root(S, noise)
        gap = (outer**2 - inner**2) / (outer + inner)
        positive = k.inequality("R^2 - C^2 = (2 - S^2/4)(1-2q)^2 is positive", greater(gap, 0), given)
        wider = k.linear("C < R", greater(outer, inner), [(1, positive)], given)
        facts = [
            k.cut(k.instantiated(fact, {y: inner, v: outer}, under=given), wider, words="at C and R")
            for fact in falling
        ]
    lower = sp.Integer(0) if noise == 0 else _scaled_slope(root(S, noise))
    positive = k.linear("the bracket is positive", greater(bracket(S, noise), 0), [(1 / u, facts[0])], given)
    growing = k.linear(
        "its derivative is positive",
        greater(S / 2 * (_scaled_slope(inner) - lower) / u**2, 0),
        [(S / (2 * u**2), facts[1])],
        given,
    )
    return positive, growing


def _without_noise(given: Any) -> list[k.Fact]:
    """B(C) > 0 and D(C) > 0."""
    inside = [less(y, 1)]
    artanh = (sp.log(1 + y) - sp.log(1 - y)) / 2
    first = k.inequality("B is positive", greater(_scaled(y), 0), inside)
    excess = y / (1 - y**2) - artanh
    sign = k.inequality("a derivative", greater(2 * y**2 / (1 - y**2) ** 2, 0), inside)
    above = k.by_slope("artanh y < y/(1-y^2)", excess, y, sign, sp.Integer(0))
    second = k.linear("D is positive", greater(_scaled_slope(y), 0), [((1 - y**2) ** 2 / (2 * y**3), above)], inside)
    return [k.instantiated(fact, {y: coherence(S)}, under=given) for fact in (first, second)]


def _tangents(goal: Goal, noise: Any, words: str, positive: k.Fact, growing: k.Fact) -> None:
    given = goal.given(f"growth{words}")
    wanted = goal[f"growth{words}"].relation
    rising = k.linear("f' = S G/(4 ln 2) is positive", wanted, [(S / (4 * sp.log(2)), positive)], given)
    goal.conclude(f"growth{words}", rising)
    in_t = k.instantiated(growing, {S: T}, under=[one.substituted({S: T}) for one in given])
    above: dict[str, tuple[k.Fact, k.Fact]] = {}
    for name, loose in (("greater", greater(T, 2)), ("smaller", less(T, TOP))):
        clause = f"tangent for {name} values{words}"
        bounds = goal.given(clause)
        sure = k.inequality("between S and the end", loose, [one for one in bounds if one.symbols <= {S, T}])
        order = k.by_slope("G grows", bracket(T, noise), T, k.cut(in_t, sure), S)
        up = name == "greater"
        steeper = k.linear(
            "and so does f'",
            (greater if up else less)(chsh_slope(T, noise) - wanted.left, 0),
            [(T / (4 * sp.log(2)), order), ((T - S if up else S - T) / (4 * sp.log(2)), positive)],
            bounds,
        )
        stated = goal[clause].relation
        apart = k.by_slope("the curve parts from its tangent", stated.left - stated.right, T, steeper, S)
        above[name] = apart, steeper
        goal.conclude(clause, k.linear("the tangent lies below", stated, [(1, apart)], bounds))
    _below_two(goal, noise, words, rising, *above["smaller"])


def _below_two(goal: Goal, noise: Any, words: str, rising: k.Fact, apart: k.Fact, steeper: k.Fact) -> None:
    """Tangents are below what the curve is at S = 2, so at all smaller values."""
    given = goal.given(f"growth{words}")
    clause = f"tangent where nothing is violated{words}"
    stated = goal[clause].relation
    relation = goal[f"tangent for smaller values{words}"].relation
    wider = k.by_slope("towards S = 2 the gap grows", relation.left - relation.right, T, steeper, sp.Integer(2))
    gaps = [k.instantiated(fact, {T: (S + 2) / 2}, under=given) for fact in (apart, wider)]
    at_two = k.linear("so it is positive at S = 2", greater(gaps[1].right, 0), [(1, gaps[0]), (1, gaps[1])], given)
    facts = [(sp.Integer(1), at_two), (2 - T, rising)]
    if noise != 0:
        place = {noise: (1 - r) / 2}
        same = k.identity(
            "at S = 2 the curve is h(q), as 1 - 4q(1-q) = (1-2q)^2",
            expanded(relation.left).subs(T, 2).subs(place),
            stated.left.subs(place),
            [less(r, 1)],
        )
        facts.append((sp.Integer(-1), k.instantiated(same, {r: 1 - 2 * noise}, under=given)))
    goal.conclude(clause, k.linear("the tangent rises up to there", stated, facts, goal.given(clause)))


def numerical(statement: Statement) -> Iterator[Step]:
    """The derivative by finite differences of the entropy at 50 digits, for two pairs (S, q)."""
    import mpmath as mp

    curved = sp.lambdify((T, q), expanded(statement["tangent for greater values"].left), "mpmath")
    stated = statement["growth"].left
    with mp.workdps(2 * DIGITS + 30):
        for chsh, noise in ((sp.Rational(5, 2), sp.Rational(1, 10)), (sp.Rational(11, 4), sp.Rational(13, 100))):
            flip = mp.mpf(noise.p) / noise.q
            middle, step = mp.mpf(chsh.p) / chsh.q, mp.mpf(10) ** -25
            found = (curved(middle + step, flip) - curved(middle - step, flip)) / (2 * step)
            words = f"f' at S = {chsh}, q = {noise}"
            yield witness(words, number(stated, {S: chsh, q: noise}), found, tolerance_digits=40)


CLAIM = Claim(
    name="chsh-entropy-convexity",
    title="The CHSH entropy is convex, with noise too",
    source="pironio2009 and ho2020 for the curve; its convexity with noise this project",
    state=state,
    derive=derive,
    witness=numerical,
)
