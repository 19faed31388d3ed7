"""Pure loss: the ceilings log((1+eta)/(1-eta)) and -log(1-eta) as limits of many photons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.checks import number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import expanded, log2, symbol
from keybounds.proofs.notions_channels import P2, SPLITTING, pure_loss, thermal
from keybounds.proofs.theorems import channels

eta, a, b, m, y = (symbol(name) for name in ("eta", "a", "b", "m", "y"))


def state() -> Statement:
    """Return the statement; m is one over the mean photon number of the input."""
    inside = (less(eta, 1),)
    return Statement(
        parameters=(
            Parameter(eta, "transmissivity"),
            Parameter(m, "one over the mean photon number of the input"),
            Parameter(a, "a share of the photons"),
            Parameter(b, "a smaller share"),
        ),
        hypotheses=(),
        clauses=(
            Clause("shares", less(thermal(a, m) - thermal(b, m), log2(a / b)), (less(b, a),)),
            Clause("squashing", at_most(P2(pure_loss(eta)), log2((1 + eta) / (1 - eta))), inside),
            Clause("capacity", equal(P2(pure_loss(eta)), -log2(1 - eta)), inside),
            Clause(
                "reverse coherent information",
                less(thermal(sp.Integer(1), m) - thermal(1 - eta, m), P2(pure_loss(eta))),
                inside,
            ),
            Clause("order", less(P2(pure_loss(eta)), log2((1 + eta) / (1 - eta))), inside),
        ),
    )


def derive(goal: Goal) -> None:
    """g(an) - g(bn) grows with n towards log(a/b); squashing has a = (1+eta)/2, b = (1-eta)/2."""
    shares = _shares(goal)
    goal.conclude("shares", shares)
    given = goal.given("squashing")
    place = {a: (1 + eta) / 2, b: (1 - eta) / 2}
    split = k.instantiated(shares, place, under=given)
    wanted = goal["squashing"].right
    below = k.linear("at every photon number", at_most(split.left, wanted), [(1, split)], given)
    bound = k.generalised(
        "so of all", SPLITTING, dict(zip(SPLITTING.left.arguments, (eta, wanted), strict=True)), below
    )
    known = [k.assume(one) for one in given]
    goal.conclude(
        "squashing",
        k.by_theorem(
            "the key is at most that",
            channels.SPLITTING_CEILING,
            {channels.eta: eta, channels.v: wanted},
            *known,
            bound,
        ),
    )
    capacity = k.by_theorem("the capacity", channels.LOSS, {channels.eta: eta}, *known)
    goal.conclude("capacity", k.restated("the capacity", capacity, goal["capacity"].right, given))
    reverse = k.instantiated(shares, {a: sp.Integer(1), b: 1 - eta}, under=given)
    for name, terms in (
        ("reverse coherent information", [(1, reverse), (-1, capacity)]),
        ("order", [(1, capacity), (1, k.inequality("log(1+eta) > 0", less(0, log2(1 + eta)), given))]),
    ):
        goal.conclude(name, k.linear("against the capacity", goal[name].relation, terms, given))


def _shares(goal: Goal) -> k.Fact:
    """By two slopes: a ln(1 + m/a) grows with a, so the difference falls with m from log(a/b)."""
    name = "shares"
    given = goal.given(name)
    sign = k.inequality("a derivative", greater(y / (1 + y) ** 2, 0))
    positive = k.by_slope("ln(1+y) > y/(1+y)", sp.log(1 + y) - y / (1 + y), y, sign, sp.Integer(0))
    at_share = k.instantiated(positive, {y: m / a})
    slope = k.linear("for a greater than b", at_share.relation, [(1, at_share)], given)
    grows = k.by_slope("a ln(1 + m/a) grows with a", a * sp.log(1 + m / a), a, slope, b)
    wanted = goal[name].relation
    falling = k.linear(
        "the difference falls with m",
        less((b * sp.log(1 + m / b) - a * sp.log(1 + m / a)) / (m**2 * sp.log(2)), 0),
        [(1 / (m**2 * sp.log(2)), grows)],
        given,
    )
    form = (
        log2((a + m) / (b + m)) + (a * sp.log(1 + m / a) - b * sp.log(1 + m / b)) / (m * sp.log(2))
    )  # fmt: skip
    below = k.by_slope("from its limit for many photons", form, m, falling, sp.Integer(0))
    same = k.identity("g(an) - g(bn), written out", wanted.left, form, given)
    return k.restated("the limit is log(a/b)", k.chain("below the limit", same, below), wanted.right, given)


def numerical(statement: Statement) -> Iterator[Step]:
    """The values at 10^45 photons, in 150 digits."""
    import mpmath as mp

    with mp.workdps(150):
        share, photons = mp.mpf(3) / 10, mp.mpf(10) ** 45

        def g(n: Any) -> Any:
            return (n + 1) * mp.log(n + 1, 2) - n * mp.log(n, 2)

        for name, found in (
            ("squashing", g((1 + share) / 2 * photons) - g((1 - share) / 2 * photons)),
            ("capacity", g(photons) - g((1 - share) * photons)),
        ):
            stated = number(expanded(statement[name].right), {eta: sp.Rational(3, 10)})
            yield witness(f"{name} at 10^45 photons, eta = 3/10", stated, found)


CLAIM = Claim(
    name="pure-loss",
    title="Ceilings of pure loss",
    source="pirandola2017; takeoka2014; finite-energy part rederived",
    state=state,
    derive=derive,
    witness=numerical,
)
