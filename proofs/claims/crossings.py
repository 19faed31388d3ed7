"""From which dimension on the key of rho_d provably exceeds a ceiling on its device-independent key.

At the PPT edge p = 1/(sqrt d + 1), which falls as d grows. Three gaps: the one-way rate against p, the one-way rate and
two-copy advantage distillation against p (1 + log(1-p)).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import sympy as sp

from keybounds.proofs.checks import DIGITS, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import Relation, at_least, at_most, equal, greater, less, relation_of
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, log2, symbol
from keybounds.proofs.notions import K_DI, K, rho

d, p, u = integer("d"), symbol("p"), symbol("u")
HALF = sp.Rational(1, 2)
AGAINST_P, AGAINST_E, TWO_COPIES = "one-way against p", "one-way against E_r", "two copies against E_r"
_PIECES = 2000  # of the interval of p that balls cover


def edge(dimension: Any) -> Any:
    """1/(sqrt d + 1)."""
    return 1 / (sp.sqrt(dimension) + 1)


def state() -> Statement:
    """Return the statement: each gap is negative up to one dimension, positive from the next, and falls with p."""
    one_way, accepted = 1 - h(p) - p, p**2 + (1 - p) ** 2
    two_copies = accepted / 2 * (1 - h(p**2 / accepted) - p**2 / accepted)
    ceiling = p * (1 + log2(1 - p))
    clauses = []
    for name, first, gap in (
        (AGAINST_P, 24, one_way - p),
        (AGAINST_E, 20, one_way - ceiling),
        (TWO_COPIES, 10, two_copies - ceiling),
    ):
        below, above, least = edge(first - 1), edge(first), edge(2)
        clauses += [
            Clause(f"{name}, below", less(gap, 0), (at_least(p, below), at_most(p, least)), f"d from 2 to {first - 1}"),
            Clause(f"{name}, above", greater(gap, 0), (at_most(p, above),), f"d from {first} on"),
            Clause(f"{name}, falls", greater(gap.subs(p, u), gap), (less(u, p), at_most(p, below)), "growing with d"),
        ]
    clauses.append(
        Clause("gap", greater(K(rho(d, p)), K_DI(rho(d, p))), (at_least(d, 10), equal(p, edge(d))), "so at the edge")
    )
    return Statement(
        parameters=(
            Parameter(p, "1/(sqrt d + 1), for real d"),
            Parameter(u, "the same for a larger d"),
            Parameter(d, "dimension of each shield"),
        ),
        hypotheses=(greater(p, 0), greater(u, 0)),
        clauses=tuple(clauses),
    )


def first_dimension(statement: Statement, name: str) -> Any:
    """The dimension from which on a gap is positive."""
    bound = relation_of(statement[f"{name}, above"].hypotheses[0]).right
    return sp.simplify((1 / bound - 1) ** 2)


def derive(goal: Goal) -> None:
    """Each gap falls with p, so that its sign at two dimensions is that on either side of them."""
    for name, slope in ((AGAINST_P, _slope_one_way), (AGAINST_E, _slope_exact), (TWO_COPIES, _slope_two_copies)):
        _crossing(goal, name, slope(goal, name))
    name = "gap"
    dimension, there = goal[name].hypotheses
    at = {p: relation_of(there).right}
    rate = goal.from_claim("two copies", "advantage-distillation", "key", {integer("n"): sp.Integer(2)})
    ceiling = goal.from_claim("the ceiling", "er-ceiling-transpose", "device-independent key at the edge")
    facts = [k.instantiated(one, at, [dimension]) for one in (rate, ceiling, goal.proofs[f"{TWO_COPIES}, above"])]
    wanted = goal[name].relation
    shown = k.linear("key and ceiling at the edge", wanted.substituted(at), [(1, one) for one in facts], [dimension])
    goal.conclude(name, k.where_equal("at the edge", shown, p, at[p], wanted))


def _crossing(goal: Goal, name: str, slope: k.Fact) -> None:
    """From a negative slope: above, below where the slope is known that far, and falls."""
    above = f"{name}, above"
    gap, top = goal[above].left, relation_of(goal[above].hypotheses[0]).right
    falls = k.instantiated(slope, {}, [at_most(p, top)], words="the gap falls with p")
    least = k.by_slope("it is at least its value at the last p", gap, p, falls, top)
    end = k.enclosed("which is positive", greater(least.right, 0))
    goal.conclude(above, goal.stated(above, k.chain(above, least, end)))

    below = f"{name}, below"
    low, high = (relation_of(one).right for one in goal[below].hypotheses)
    if name == TWO_COPIES:
        box = {p: (low, sp.Rational(4143, 10000), _PIECES)}
        goal.conclude(below, k.enclosed("balls over the interval of p", goal[below].relation, box))
    else:
        falls = k.instantiated(slope, {}, [at_least(p, low), at_most(p, high)], words="the gap falls with p")
        most = k.by_slope("it is at most its value at the first p", goal[below].left, p, falls, low)
        end = k.enclosed("which is negative", less(most.right, 0))
        goal.conclude(below, goal.stated(below, k.chain(below, most, end)))

    fall = f"{name}, falls"
    inside = goal[fall].hypotheses
    falls = k.instantiated(slope, {}, inside, words="the gap falls with p")
    less_than = k.by_slope("it is less than at any smaller p", goal[fall].right, p, falls, u)
    restated = k.linear(fall, goal[fall].relation, [(1, less_than)], goal.given(fall))
    goal.conclude(fall, restated)


def _slope_one_way(goal: Goal, name: str) -> k.Fact:
    slope = -log2((1 - p) / p) - 2
    return k.inequality("the derivative is negative below 1/2", less(slope, 0), [less(p, HALF)])


def _slope_exact(goal: Goal, name: str) -> k.Fact:
    """The gap is convex: its derivative is greatest at the greatest p."""
    top = relation_of(goal[f"{name}, below"].hypotheses[1]).right
    slope = log2(p) - 2 * log2(1 - p) - 2 + p / ((1 - p) * sp.log(2))
    curvature = (1 / p + 2 / (1 - p) + 1 / (1 - p) ** 2) / sp.log(2)
    convex = k.inequality("the second derivative is positive", greater(curvature, 0), [at_most(p, top)])
    most = k.by_slope("the derivative is at most that at d = 2", slope, p, convex, top)
    return k.chain("and so negative", most, k.enclosed("which is negative", less(most.right, 0)))


def _slope_two_copies(goal: Goal, name: str) -> k.Fact:
    """A majorant of the derivative that grows with p."""
    top = relation_of(goal[f"{name}, falls"].hypotheses[1]).right
    inside = [at_most(p, top)]
    accepted = p**2 + (1 - p) ** 2
    majorant = -(1 - p) - 2 * (1 - p) * log2(1 - p) - 1 - log2(1 - p) + p / ((1 - p) * sp.log(2))
    growth = 2 * log2(2 * (1 - p)), (1 / (1 - p) + 1 / (1 - p) ** 2) / sp.log(2), 2 / sp.log(2) - 1
    parts = [k.inequality("a term that is positive", greater(term, 0), inside) for term in growth[:2]]
    parts.append(k.enclosed("a number that is positive", greater(growth[2], 0)))
    grows = k.linear("the majorant grows with p", greater(sum(growth), 0), [(1, part) for part in parts], inside)
    most = k.by_slope("it is at most that at the last p", majorant, p, grows, top)
    negative = k.chain("and so negative", most, k.enclosed("which is negative", less(most.right, 0)))
    rest = (1 - 2 * p) * log2(accepted), 2 * p * log2(p)
    lost = [k.inequality("a term that is negative", less(term, 0), inside) for term in rest]
    total = Relation(majorant + sum(rest), "<", 0)
    return k.linear("the derivative is negative", total, [(1, negative), (1, lost[0]), (1, lost[1])], inside)


def numerical(statement: Statement) -> Iterator[Step]:
    """Search for the real d at which each gap vanishes, with the formulas written out in mpmath."""
    import mpmath as mp

    def entropy(x: Any) -> Any:
        return -x * mp.log(x, 2) - (1 - x) * mp.log(1 - x, 2)

    def distilled(x: Any) -> Any:
        q = x * x / (x * x + (1 - x) ** 2)
        return (x * x + (1 - x) ** 2) / 2 * (1 - entropy(q) - q)

    def gap(name: str, dimension: Any) -> Any:
        x = 1 / (mp.sqrt(dimension) + 1)
        lower = distilled(x) if name == TWO_COPIES else 1 - entropy(x) - x
        return lower - (x if name == AGAINST_P else x * (1 + mp.log(1 - x, 2)))

    with mp.workdps(DIGITS + 10):
        for name in (AGAINST_P, AGAINST_E, TWO_COPIES):
            root = mp.findroot(partial(gap, name), (3, 60), solver="anderson")
            stated = int(first_dimension(statement, name))
            yield witness(f"{name}: root at d = {mp.nstr(root, 12)}, next integer", stated, mp.ceil(root))


CLAIM = Claim(
    name="crossings",
    title="From which dimension on there is a gap at the edge",
    source="24: christandl2021, p. 3; 20 and 10: this project",
    state=state,
    derive=derive,
    witness=numerical,
)
