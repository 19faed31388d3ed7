"""Rounds of a flagged mixture: the key of many is that of one, and talk about the labels gains nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from keybounds.proofs.claims.flagged_labels import averaged, granted, information_by_parts
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.calculus import entropic
from keybounds.proofs.logic.kernel import Fact
from keybounds.proofs.logic.propositions import Relation, at_most, equal
from keybounds.proofs.logic.statement import Goal
from keybounds.proofs.logic.sums import Total
from keybounds.proofs.logic.terms import thing
from keybounds.proofs.notions_attacks import (
    LABELS,
    PAIRS,
    A,
    B,
    E,
    L,
    R,
    a,
    b,
    bounds_pairs,
    chance,
    completes_rounds,
    conditional,
    copy,
    information,
    l,
    m,
    moves,
    pair,
    round_,
    s,
    t,
    talk,
    weight,
    x,
    y,
)
from keybounds.proofs.theorems import devices
from keybounds.proofs.theorems import information as entropies

P = thing("P")
z = thing("z")
n = devices.n
j = devices.j


class Rounds:
    """The conditions of a protocol of completed rounds, as facts at given n and j."""

    def __init__(self, protocol: Fact) -> None:
        self.protocol = protocol

    def __call__(self, name: str, at: Mapping[Any, Any] | None = None) -> Fact:
        """Condition `name`, at other values of n, j and z if they are given."""
        places = {**{one: one for one in devices.ROUNDS.bound}, **(at or {})}
        arguments = dict(zip(devices.ROUNDS.left.arguments, self.protocol.arguments, strict=True))
        which = list(devices.CONDITIONS).index(name)
        return kernel.specialised(name, devices.ROUNDS, {**places, **arguments}, self.protocol, which=which)


def by_rounds(goal: Goal) -> None:
    """Conclude what is said of many rounds, by induction over them."""
    name = "completed rounds"
    rounds = Rounds(granted(goal, name, completes_rounds))
    bounded = granted(goal, name, bounds_pairs)
    number = bounded.arguments[0]
    talked = _talked(rounds)
    gained = _gained(rounds, bounded, number)
    start = information(talk(n, 1), (a,), (b,), (R,))
    proposition = at_most(start, (n - 1) * number)
    base = kernel.linear(
        "before the first round nothing is shared",
        proposition.substituted({n: sp.Integer(1)}),
        [(1, rounds("at the start nothing is shared"))],
    )
    until = kernel.instantiated(talked, {j: moves(n)}, words="talk before a round adds nothing")
    terms = [
        (1, rounds("talk follows a round")),
        (1, gained),
        (1, rounds("a round follows talk")),
        (1, until),
        (1, kernel.assume(proposition)),
    ]
    step = kernel.linear("a round adds at most c", proposition.substituted({n: n + 1}), terms)
    shown = kernel.by_induction("after n - 1 rounds", n, 1, base, step, proposition)
    always = kernel.linear(
        "and at any time between rounds",
        at_most(information(talk(n, j), (a,), (b,), (R,)), (n - 1) * number),
        [(1, talked), (1, shown)],
    )
    least = kernel.generalised("for all n", devices.SHARED_AFTER_ROUNDS, {devices.c: number}, _positive(always))
    key = kernel.by_theorem(
        "the key per round",
        devices.KEY_OF_ROUNDS,
        {devices.P: P, LABELS: LABELS, PAIRS: PAIRS, devices.c: number},
        rounds.protocol,
        least,
    )
    goal.conclude(name, kernel.linear("completed rounds: the ceiling", goal[name].relation, [(1, key)]))


def _positive(fact: Fact) -> Fact:
    """Without what is known of every positive integer."""
    known = [one for one in fact.hypotheses if isinstance(one, Relation) and one.symbols <= {n, j}]
    shown = [kernel.inequality("n and j are 1 or more", one) for one in known]
    return kernel.cut(fact, *shown, words=fact.words) if shown else fact


def _talked(rounds: Rounds) -> Fact:
    """I(a:b|R) after j - 1 messages each is at most what it was before, by induction over j."""
    now = talk(n, j)
    systems = rounds("systems between rounds")
    before, half, after = (
        information(now, (a,), (b,), (R,)),
        information(now, (a, s), (b, m), (R, m)),
        information(now, (a, l, s), (b, m, t), (R, l, m)),
    )
    hers = entropic(
        "Alice's randomness and message add nothing",
        at_most(half, before),
        [systems],
        [rounds("Alice's randomness is fresh"), rounds("Alice's message is hers")],
    )
    his = entropic(
        "nor do Bob's",
        at_most(after, half),
        [systems],
        [rounds("Bob's randomness is fresh"), rounds("Bob's message is his")],
    )
    first = information(talk(n, 1), (a,), (b,), (R,))
    proposition = at_most(before, first)
    base = kernel.linear("before any message", proposition.substituted({j: sp.Integer(1)}), [])
    step = kernel.linear(
        "one message more of each",
        proposition.substituted({j: j + 1}),
        [(1, rounds("messages are heard by all")), (1, his), (1, hers), (1, kernel.assume(proposition))],
    )
    return kernel.by_induction("messages add nothing", j, 1, base, step, proposition)


def _gained(rounds: Rounds, bounded: Fact, number: Any) -> Fact:
    """I(aA:bB|REL) <= I(a:b|R) + c in a round."""
    now = round_(n)
    systems = rounds("systems of a round")

    def of(*parts: Any) -> Any:
        return information(now, *parts)

    hers, his = rounds("Alice chose her input"), rounds("Bob chose his input")
    bob = entropic(
        "given Bob's data his outcome tells nothing of Alice's",
        equal(of((a,), (B,), (R, E, L, b)), 0),
        [systems],
        [rounds("Bob's outcome depends on his input alone"), his],
    )
    alice = entropic(
        "nor hers of Bob's",
        equal(of((A,), (b,), (R, E, L, a)), 0),
        [systems],
        [rounds("Alice's outcome depends on hers alone"), hers],
    )
    inputs = entropic("both data tell both inputs", equal(conditional(now, (x, y), (a, b)), 0), [systems], [hers, his])
    both = entropic(
        "given both data the outcomes depend on the inputs",
        equal(of((A,), (B,), (R, E, L, a, b)), of((A,), (B,), (E, L, x, y))),
        [systems],
        [rounds("the outcomes depend on both inputs alone"), inputs],
    )
    eve = entropic(
        "Eve's part of a fresh device tells nothing",
        equal(of((a,), (b,), (R, E, L)), of((a,), (b,), (R,))),
        [systems],
        [rounds("Eve's part of the device is fresh")],
    )
    whole = of((A, a), (B, b), (R, E, L))
    chain = [
        of((a,), (b,), (R, E, L)),
        of((a,), (B,), (R, E, L, b)),
        of((A,), (b,), (R, E, L, a)),
        of((A,), (B,), (R, E, L, a, b)),
    ]
    rule = kernel.identity("chain rule for a round", whole, sp.Add(*chain))
    mean = _mean_of_round(rounds, bounded, number)
    return kernel.linear(
        "what a round adds",
        at_most(whole, of((a,), (b,), (R,)) + number),
        [(1, rule), (1, eve), (1, bob), (1, alice), (1, both), (1, mean)],
    )


def _mean_of_round(rounds: Rounds, bounded: Fact, number: Any) -> Fact:
    """I(A:B|ELxy) <= c, as the mean over inputs and labels."""
    inputs, labels = rounds("outcomes by inputs"), rounds("outcomes by labels")
    at_inputs = information(copy(z), (A,), (B,), (E, L))
    over_inputs = averaged(
        "the mean over the inputs",
        inputs,
        information_by_parts((E, L)),
        z,
        Total(chance(n, z) * at_inputs, z, PAIRS),
    )
    at_labels = Total(weight(devices.k_) * information(pair(devices.k_, z), (A,), (B,), (E,)), devices.k_, LABELS)
    over_labels = averaged("the mean over the labels", labels, information_by_parts((E,)), devices.k_, at_labels)
    places = dict(zip(devices.PAIRS_BOUNDED.left.arguments, bounded.arguments, strict=True))
    least = kernel.specialised("which c bounds", devices.PAIRS_BOUNDED, {z: z, **places}, bounded)
    scaled = kernel.linear(
        "with its chance",
        at_most(chance(n, z) * at_inputs, chance(n, z) * number),
        [(chance(n, z), over_labels), (chance(n, z), least)],
    )
    total = kernel.totalled("over the inputs", scaled, z, PAIRS)
    theorem = entropies.weights(tuple(inputs.arguments[1]), tuple(inputs.arguments[2]), chance(n, z), copy(z), z, PAIRS)
    values = {one: one for one in theorem.symbols} | {entropies.tau: round_(n)}
    one = kernel.by_theorem("the chances add up to 1", theorem, values, inputs)
    constant = kernel.sums_equal("c does not depend on the inputs", total.right, number * one.left)
    return kernel.linear(
        "the mean is at most c",
        at_most(information(round_(n), (A,), (B,), (E, L, x, y)), number),
        [(1, over_inputs), (1, total), (1, constant), (number, one)],
    )
