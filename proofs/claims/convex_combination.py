"""The convex-combination attack on the correlations of a noisy singlet, one-way and two-way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.propositions import at_least, at_most
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, real
from keybounds.proofs.notions_attacks import (
    K_one,
    K_two,
    has_key_part,
    has_points,
    is_mixture,
    is_sharp,
    reproduces,
    table,
    tilted,
)
from keybounds.proofs.tables import chsh_point_model
from keybounds.proofs.theorems import devices

v, q = real("v"), real("q")
LOCAL = 1 / sp.sqrt(2)
"""v_L: the greatest visibility of a local table."""
ZERO = (1 + LOCAL) / (3 - LOCAL)
HALF = sp.Rational(1, 2)


def nonlocal_weight(visibility: Any) -> Any:
    """w = (v - v_L)/(1 - v_L)."""
    return (visibility - LOCAL) / (1 - LOCAL)


def state() -> Statement:
    """Return the statement, for 1/sqrt 2 <= v <= 1 and every flip q."""
    w, errors = nonlocal_weight(v), (1 - v) / 2
    kept = w + errors
    return Statement(
        parameters=(Parameter(v, "visibility"), Parameter(q, "probability of Alice's flips")),
        hypotheses=(at_least(v, LOCAL), at_most(v, 1)),
        clauses=(
            Clause(
                "one-way",
                at_most(K_one(table(v), q), w + (1 - w) * h(q) - h(q + (1 - 2 * q) * errors)),
                (at_least(q, 0), at_most(q, 1)),
                words="one-way key",
            ),
            Clause("two-way", at_most(K_two(table(v)), kept * (1 - h(errors / kept))), words="two-way key"),
            Clause("zero", at_most(K_two(table(v)), 0), (at_most(v, ZERO),), words="no two-way key"),
        ),
    )


def quantum(words: str, flip: Any, name: Any) -> kernel.Fact:
    """A table that Phi+ has, with Bob's key outcome flipped with a fixed probability, is quantum."""
    device = tilted(sp.Integer(0), flip)
    made = kernel.by_theorem(
        "Phi+ and these measurements are a device",
        devices.TILTED,
        {devices.k: sp.Integer(0), devices.q: flip},
        kernel.decided("the vector is Phi+, and observables square to 1", is_sharp(device)),
    )
    has = kernel.decided(f"{words}: a device has this table", reproduces(device, name))
    return kernel.by_theorem(words, devices.QUANTUM, {devices.delta: device, devices.P: name}, made, has)


def local(words: str, name: Any, weights: Any) -> kernel.Fact:
    """A table that is a mixture of deterministic ones is local; the weights are numbers."""
    pairs = sp.Tuple(*(sp.Tuple(*one) for one in weights))
    model = kernel.decided(f"{words}: deterministic tables", has_points(name, pairs))
    signs = [kernel.inequality("a weight is not negative", at_least(weight, 0)) for weight, _ in weights]
    values = {devices.P: name}
    for k, (weight, multiplicity) in enumerate(weights, start=1):
        values |= {devices.part_weight(k): weight, devices.multiplicity(k): multiplicity}
    return kernel.by_theorem(words, devices.local(len(weights)), values, model, *signs)


def attacked(
    words: str,
    theorem: Any,
    name: Any,
    nonlocal_part: Any,
    local_parts: Any,
    forget: Any,
    under: Any,
    **values: Any,
) -> kernel.Fact:
    """A ceiling by `theorem` from parts: each a weight, the fact about its table and its key outcomes' probabilities.

    `forget` has a probability for each key outcome, `values` the theorem's other places.
    """
    made = devices.attack(len(local_parts))
    (w, is_quantum, n), tables = nonlocal_part, [fact.arguments[0] for _, fact, _ in local_parts]
    weights = [weight for weight, *_ in local_parts]
    parts = [(w, is_quantum.arguments[0]), *zip(weights, tables, strict=True)]
    facts = [
        kernel.decided(
            f"{words}: the parts make the table", is_mixture(name, sp.Tuple(*(sp.Tuple(*one) for one in parts)))
        ),
        is_quantum,
        *(fact for _, fact, _ in local_parts),
    ]
    for one, key in ((is_quantum.arguments[0], n), *zip(tables, (key for *_, key in local_parts), strict=True)):
        facts.append(kernel.decided(f"{words}: key outcomes of a part", has_key_part(one, sp.Tuple(*key))))
    facts += [kernel.inequality(f"{words}: a weight is not negative", at_least(one, 0), under) for one, _ in parts]
    found = {devices.P: name, made.nonlocal_weight: w, made.nonlocal_table: is_quantum.arguments[0]}
    found |= dict(zip(made.weights, weights, strict=True)) | dict(zip(made.tables, tables, strict=True))
    found |= dict(zip(made.nonlocal_key, n, strict=True))
    for places, (*_, key) in zip(made.keys, local_parts, strict=True):
        found |= dict(zip(places, key, strict=True))
    if forget is not None:
        found |= dict(zip(made.forget, forget, strict=True))
        for one in (sp.sympify(one) for one in forget if not sp.sympify(one).is_number):
            facts.append(kernel.inequality(f"{words}: Eve forgets with a probability", at_least(one, 0), under))
            facts.append(kernel.inequality(f"{words}: Eve forgets with a probability", at_most(one, 1), under))
    return kernel.by_theorem(words, theorem, {**found, **{getattr(devices, k): x for k, x in values.items()}}, *facts)


def derive(goal: Goal) -> None:
    """Singlets in a fraction w of the rounds and deterministic tables in the others make the table."""
    w = nonlocal_weight(v)
    agree, differ = (1 + LOCAL) / 4, (1 - LOCAL) / 4
    singlets = (w, quantum("the singlet's table", sp.Integer(0), table(1)), (HALF, 0, 0, HALF))
    points = [(weight / 8, 8) for weight in ((1 + LOCAL) / 2, (1 - LOCAL) / 2)]
    locals_ = [(1 - w, local("the table at v_L", table(LOCAL), points), (agree, differ, differ, agree))]
    for name, theorem, forget, values in (
        ("one-way", devices.one_way(1), None, {"q": q}),
        # all errors are local, and Eve forgets which rounds those were; or as many of them as balance the singlets
        ("two-way", devices.two_way(1), (0, 1, 1, 0), {}),
        ("zero", devices.two_way(1), (0, 2 * w / (1 - v), 2 * w / (1 - v), 0), {}),
    ):
        given = goal.given(name)
        bound = attacked(f"{name}: the attack", theorem, table(v), singlets, locals_, forget, given, **values)
        left = kernel.restated(f"{name}: what it leaves", bound, goal[name].right, given)
        goal.conclude(name, kernel.linear(f"{name}: the ceiling", goal[name].relation, [(1, left)], given))


def numerical(statement: Statement) -> Iterator[Step]:
    """Both ceilings at v = 4/5 from the points' own weights, in 50 digits."""
    import mpmath as mp

    at = {v: sp.Rational(4, 5), q: sp.Rational(1, 10)}
    with mp.workdps(DIGITS + 10):
        root = 1 / mp.sqrt(2)
        w = (mp.mpf(4) / 5 - root) / (1 - root)
        points = {s: mp.mpf(sp.N(p, DIGITS + 10)) for s, p in chsh_point_model((1 + LOCAL) / 2).items()}
        question = {(a, b): w / 2 if a == b else mp.mpf(0) for a in (0, 1) for b in (0, 1)}
        for (alice, bob), weight in points.items():
            if alice[0] != bob[2]:
                question[alice[0], bob[2]] += (1 - w) * weight

        def entropy(weights: list[Any]) -> Any:
            return -mp.fsum(p * mp.log(p, 2) for p in weights if p > 0)

        total = mp.fsum(question.values())
        rows = [(question[a, 0] + question[a, 1]) / total for a in (0, 1)]
        columns = [(question[0, b] + question[1, b]) / total for b in (0, 1)]
        joint = [p / total for p in question.values()]
        found = total * (entropy(rows) + entropy(columns) - entropy(joint))
        yield witness("two-way ceiling, v = 4/5", number(statement["two-way"].right, at), found)
        flip = mp.mpf(1) / 10
        error = mp.fsum(weight for (alice, bob), weight in points.items() if alice[0] != bob[2]) * (1 - w)
        flipped = flip * (1 - error) + (1 - flip) * error
        found = w + (1 - w) * entropy([flip, 1 - flip]) - entropy([flipped, 1 - flipped])
        yield witness("one-way ceiling, v = 4/5, q = 1/10", number(statement["one-way"].right, at), found)
        found = mp.findroot(lambda x: (1 - x) / 2 - (x - root) / (1 - root), 0.75)
        stated = statement["zero"].hypotheses[0]
        yield witness("visibility without two-way key, v_L = 1/sqrt 2", number(stated.right, {}), found)  # type: ignore[union-attr]


CLAIM = Claim(
    name="convex-combination-attack",
    title="Convex-combination attacks on a noisy singlet",
    source="farkas2021; lukanowski2023; rederived",
    state=state,
    derive=derive,
    witness=numerical,
)
