"""A ceiling for every channel near one that teleportation through a state simulates: covariance need not be exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, log2, symbol, thing
from keybounds.proofs.notions import E_r, is_state
from keybounds.proofs.notions_channels import (
    ADDS,
    ADDS_RAINS,
    P2,
    Q2,
    R,
    averaged,
    choi,
    has_dimensions,
    is_channel,
    is_choi_near,
    is_complete_teleportation,
    is_near,
    minus,
    output,
    plus,
    rotates_choi,
    teleported,
)
from keybounds.proofs.theorems import channels

Lambda, other, omega, sigma = (thing(name) for name in ("Lambda", "Lambda2", "omega", "sigma"))
e, y = symbol("e"), symbol("y")
d_in, d_out = integer("d_A"), integer("d_B")
THROUGH = teleported(omega)


def margin(error: Any, dimension: Any) -> Any:
    """2e log2 d + (1+e) h(e/(1+e))."""
    return 2 * error * log2(dimension) + (1 + error) * h(error / (1 + error))


def state() -> Statement:
    """Return the statement, for any state omega and any corrections."""
    size = has_dimensions(Lambda, d_in, d_out)
    near = (is_channel(Lambda), size, is_near(Lambda, THROUGH, e))
    two = (is_channel(Lambda), is_channel(other), size, is_choi_near(Lambda, other, e))
    return Statement(
        parameters=(
            Parameter(omega, "any state, through which is teleported"),
            Parameter(Lambda, "a channel"),
            Parameter(other, "another one"),
            Parameter(d_in, "dimension of its input"),
            Parameter(d_out, "dimension of its output"),
            Parameter(e, "the distance allowed"),
            Parameter(y, "root of an eigenvalue of d omega_A"),
        ),
        hypotheses=(is_state(omega),),
        clauses=(
            Clause("teleportation", is_complete_teleportation(THROUGH)),
            Clause("channel", is_channel(THROUGH)),
            Clause("Choi state", equal(choi(THROUGH), averaged(omega))),
            Clause("ceiling", at_most(P2(Lambda), E_r(omega) + margin(e, d_out)), near),
            Clause("quantum ceiling", at_most(Q2(Lambda), R(omega) + margin(e, d_out)), near),
            Clause("distance", is_near(Lambda, other, d_in * e), two),
            Clause(
                "marginal",
                at_most((1 - 1 / y) ** 2, (y**2 - 1) ** 2),
                (at_least(y, sp.Rational(7, 10)),),
                "for R = (d omega_A)^(-1/2), with which R omega R is a Choi state",
            ),
        ),
    )


def derive(goal: Goal) -> None:
    """One use adds at most E_r(omega) to the entanglement of what is shared, but for a margin that mixing costs."""
    complete = k.decided("on matrix units", goal["teleportation"].predicate)
    goal.conclude("teleportation", complete)
    resource = k.assume(is_state(omega))
    channel = k.by_theorem(
        "teleportation is a channel", channels.TELEPORTATION, {channels.omega: omega}, resource, complete
    )
    goal.conclude("channel", channel)
    rotated = k.decided("on matrix units of omega", rotates_choi(THROUGH))
    mean = k.by_theorem("so of its Choi state", channels.ROTATED, {channels.omega: omega}, complete, rotated)
    goal.conclude("Choi state", k.linear("its Choi state", goal["Choi state"].relation, [(1, mean)]))
    for name, measure in (("ceiling", E_r), ("quantum ceiling", R)):
        _ceiling(goal, name, measure, resource, channel)
    two = [k.assume(one) for one in goal["distance"].hypotheses]
    sizes = {channels.d_in: d_in, channels.d_out: d_out}
    places = {channels.Lambda: Lambda, channels.Lambda2: other, channels.e: e, **sizes}
    goal.conclude("distance", k.by_theorem("the diamond norm by Choi states", channels.DIAMOND, places, *two))
    goal.conclude(
        "marginal",
        k.inequality("|y^2 - 1| = y (y+1) |1 - 1/y|", goal["marginal"].relation, goal["marginal"].hypotheses),
    )


def _ceiling(goal: Goal, name: str, measure: Any, resource: k.Fact, channel: k.Fact) -> None:
    near = [k.assume(one) for one in goal[name].hypotheses]
    given = k.assume(is_state(sigma))
    positive = k.inequality("e > 0", greater(e, 0))
    places = {channels.Lambda: Lambda, channels.Lambda2: THROUGH, channels.sigma: sigma, channels.e: e}
    conditions = (*near, channel, given, positive)
    mixed = k.by_theorem("the two outputs, each mixed with a state", channels.DECOMPOSED, places, *conditions)
    marginals = k.by_theorem("equal without B", channels.SAME_MARGINALS, places, *conditions)
    first, second = output(Lambda, sigma), output(THROUGH, sigma)
    above, below = plus(Lambda, THROUGH, sigma, e), minus(Lambda, THROUGH, sigma, e)
    share = 1 / (1 + e)
    weights = [k.inequality("a weight", at_least(share, 0)), k.inequality("a weight", at_most(share, 1))]
    pair = channels.A, channels.B
    use = _uses(measure)
    convex = use(
        "convexity", channels.CONVEXITY, {**dict(zip(pair, (second, above), strict=True)), channels.w: share}, *weights
    )
    concave = use(
        "almost concavity",
        channels.ALMOST_CONCAVITY,
        {**dict(zip(pair, (first, below), strict=True)), channels.w: share},
        *weights,
    )
    equal_mixtures = k.linear(
        "the same mixture, read both ways", equal(concave.left.args[0], convex.left.args[0]), [(share, mixed)]
    )
    place = thing("M")
    same = k.same("so of the same entanglement", equal_mixtures, measure(place), place)
    sizes = {channels.d_in: d_in, channels.d_out: d_out}
    locked = use("B carries at most 2 log d", channels.NOT_LOCKED, {**places, **sizes}, near[1])
    removed = use("removing B", channels.MONOTONE, {channels.A: below})
    alike = k.same("without B", marginals, measure(place), place)
    simulated = use(
        "teleportation adds at most that of omega",
        channels.RESOURCE,
        {channels.sigma: sigma, channels.omega: omega},
        given,
        resource,
        channel,
    )
    bound = goal[name].right
    added = k.linear(
        "one use adds at most the bound",
        at_most(measure(first), measure(sigma) + bound),
        [(1 + e, concave), (1 + e, same), (1 + e, convex), (e, locked), (e, alike), (e, removed), (1, simulated)],
    )
    meaning, theorem = (ADDS, channels.AMORTISED) if measure is E_r else (ADDS_RAINS, channels.AMORTISED_RAINS)
    every = k.generalised(
        "for every input", meaning, dict(zip(meaning.left.arguments, (Lambda, bound), strict=True)), added
    )
    capacity = k.by_theorem(
        "the capacity is at most what a use adds",
        theorem,
        {channels.Lambda: Lambda, channels.v: bound},
        near[0],
        every,
    )
    goal.conclude(name, k.linear("the ceiling", goal[name].relation, [(1, capacity)]))


def _uses(measure: Any) -> Any:
    """The theorem about E_r; or, in words only, the same about the Rains relative entropy."""

    def argue(words: str, theorem: k.Theorem, values: Any, *facts: k.Fact) -> k.Fact:
        known = k.by_theorem(words, theorem, values, *facts).relation
        sides = (side.replace(E_r, R) for side in (known.left, known.right))
        return k.argued(
            f"{words}, of the Rains relative entropy",
            replace(known, left=next(sides), right=next(sides)),
            "as for E_r, with the set of Rains in place of the separable states: convex, and closed under the same "
            "operations; not published in this form",
            *facts,
        )

    return k.by_theorem if measure is E_r else argue


def numerical(statement: Statement) -> Iterator[Step]:
    """Teleportation through a dense state with wrong corrections, outcome by outcome; and the margin written out."""
    import mpmath as mp

    stated = sp.expand(statement["ceiling"].right - E_r(omega))
    with mp.workdps(DIGITS + 10):
        error = mp.mpf(1) / 1000
        found = 2 * error * mp.log(3, 2) + (1 + error) * mp.log(1 + error, 2) - error * mp.log(error, 2)
        yield witness("margin at e = 1/1000, d = 3", number(stated, {e: sp.Rational(1, 1000), d_out: 3}), found)

        def matrix(n: int, seed: int) -> mp.matrix:
            return mp.matrix([[mp.expj(seed * (i + 1) + 7 * j) * (1 + i * j) for j in range(n)] for i in range(n)])

        raw = matrix(4, 3) + mp.eye(4)
        resource = raw * raw.H
        resource = resource / dense.trace(resource)
        raw = matrix(2, 5)
        state = raw * raw.H / dense.trace(raw * raw.H)
        x, z, one = mp.matrix([[0, 1], [1, 0]]), mp.diag([1, -1]), mp.eye(2)
        design = [one, x, z, x * z]
        bell = mp.matrix([1, 0, 0, 1]) / mp.sqrt(2)
        after = mp.zeros(2)
        for unitary in design:
            effect = dense.kron(unitary.H, one) * bell * bell.H * dense.kron(unitary, one)
            measured = dense.kron(effect, one) * dense.kron(state, resource)  # A, A', B
            for b in range(2):
                for c in range(2):
                    after[b, c] += mp.fsum(measured[2 * k + b, 2 * k + c] for k in range(4))
        expected = mp.zeros(2)
        for unitary in design:
            moved = unitary * state * unitary.H
            for b in range(2):
                for c in range(2):
                    terms = (moved[k, m] * resource[2 * k + b, 2 * m + c] for k in range(2) for m in range(2))
                    expected[b, c] += 2 * mp.fsum(terms) / 4
        worst = max(abs(after[b, c] - expected[b, c]) for b in range(2) for c in range(2))
        yield witness("teleportation of a qubit through a dense state against the mean of N_omega(U M U*)", 0, worst)


CLAIM = Claim(
    name="nearly-covariant",
    title="A ceiling for nearly covariant channels",
    source="this project, after kaur2018 and winter2016",
    state=state,
    derive=derive,
    witness=numerical,
)
