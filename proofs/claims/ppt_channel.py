"""The channels Lambda_{d,p} with Choi state rho_{d,p}: covariant, so that P_2 is the key of the Choi state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import D2, h, integer, log2, symbol, thing
from keybounds.proofs.notions import K, X, rho, transposed
from keybounds.proofs.notions_channels import (
    MAP,
    P2,
    P2_DI,
    PAIRS,
    averages,
    has_flat_marginal,
    is_channel,
    is_fourier,
    is_invariant,
    map_with,
    turned,
)
from keybounds.proofs.theorems import channels, operators

d, p, r = integer("d"), symbol("p"), symbol("r")
EDGE = 1 / (sp.sqrt(d) + 1)
STATE = rho(d, p)
CHANNEL = map_with(STATE)


def state() -> Statement:
    """Return the statement, for every d >= 2, 1/(sqrt d + 1) <= p <= 1/2 and Fourier U."""
    c = (1 - p) / (p * sp.sqrt(d))
    above = p * D2((1 + c) / 2, (1 + 1 / sp.sqrt(d)) / 2)
    inside, edge = (greater(p, EDGE),), (equal(p, EDGE),)
    return Statement(
        parameters=(Parameter(d, "dimension of each shield"), Parameter(p, "weight of the key's errors")),
        hypotheses=(is_fourier(X(d)), at_least(d, 2), at_least(p, EDGE), at_most(p, sp.Rational(1, 2))),
        clauses=(
            Clause("channel", is_channel(CHANNEL)),
            Clause("transposed channel", is_channel(turned(CHANNEL))),
            Clause("capacity", equal(P2(CHANNEL), K(STATE))),
            Clause("transposed capacity", equal(P2(turned(CHANNEL)), K(transposed(STATE)))),
            Clause("floor", at_least(P2(CHANNEL), 1 - h(p) - p)),
            Clause("ceiling", at_most(P2(CHANNEL), 1 - h(p))),
            Clause("devices", at_most(P2_DI(CHANNEL), P2(turned(CHANNEL)))),
            Clause("transposed ceiling", at_most(P2(turned(CHANNEL)), above), inside),
            Clause("transposed ceiling at the edge", at_most(P2(turned(CHANNEL)), p * (1 + log2(1 - p))), edge),
        ),
    )


def derive(goal: Goal) -> None:
    """Its marginal makes rho a Choi state, its invariance makes the channel covariant; so its key is the capacity."""
    proper = goal.from_claim("rho is a state", "ppt-edge", "state")
    flat = k.decided("the marginal, block by block", has_flat_marginal(rho(r**2, p)))
    flat = k.instantiated(flat, {r: sp.sqrt(d)})
    channel = k.by_theorem("so rho is a Choi state", channels.CHOI_STATE, {channels.A: STATE}, proper, flat)
    goal.conclude("channel", channel)
    matrix = k.by_definition(MAP, {MAP.right: STATE})
    flipped = _transposed_channel(goal, channel, matrix)
    goal.conclude("transposed channel", flipped)
    invariant = k.decided("term by term, for every d", is_invariant(STATE, PAIRS))
    irreducible = k.decided("phases, shifts, signs and the flip", averages(PAIRS))
    fourier = k.assume(is_fourier(X(d)))
    covariant = k.by_theorem(
        "the channel is covariant",
        channels.COVARIANT,
        {channels.d: d, channels.p: p},
        fourier,
        invariant,
        irreducible,
        channel,
    )
    capacity = k.rewritten(
        "its capacity is the key of its Choi state",
        k.by_theorem("teleportation simulates it", channels.SIMULATION, {channels.Lambda: CHANNEL}, channel, covariant),
        matrix,
    )
    goal.conclude("capacity", k.linear("the capacity", goal["capacity"].relation, [(1, capacity)]))
    also = k.by_theorem(
        "so is the transposed one", channels.TURNED_COVARIANT, {channels.Lambda: CHANNEL}, covariant, flipped
    )
    choi = goal.from_claim(
        "its Choi state is the partial transpose", "channel-transposition", "Choi matrix", {thing("Lambda"): CHANNEL}
    )
    other = k.rewritten(
        "its capacity is the key of the partial transpose",
        k.by_theorem(
            "teleportation simulates it", channels.SIMULATION, {channels.Lambda: turned(CHANNEL)}, flipped, also
        ),
        k.rewritten("of rho", choi, matrix),
    )
    goal.conclude("transposed capacity", k.linear("the capacity", goal["transposed capacity"].relation, [(1, other)]))
    for name, equation, claim, clause in (
        ("floor", capacity, "privacy-squeezing-key", "key"),
        ("ceiling", capacity, "er-ceiling", "key"),
        ("transposed ceiling", other, "er-ceiling-transpose", "key"),
        ("transposed ceiling at the edge", other, "er-ceiling-transpose", "key at the edge"),
    ):
        bound = k.chain("the capacity", equation, goal.from_claim("a bound on the key of the state", claim, clause))
        goal.conclude(name, k.restated("in the form of the statement", bound, goal[name].right, goal.given(name)))


def _transposed_channel(goal: Goal, channel: k.Fact, matrix: k.Fact) -> k.Fact:
    """rho is PPT, so the transposed map is a channel; and the device-independent capacity is at most its capacity."""
    edge = goal.from_claim("rho is PPT from the edge on", "ppt-edge", "edge")
    ppt = k.replaced("rho is PPT", k.assume(at_least(p, EDGE)), edge)
    positive = k.replaced(
        "its partial transpose is positive", ppt, k.by_definition(operators.PPT, {operators.A: STATE})
    )
    back = k.rewritten(
        "that of the Choi state", positive, k.weakened("read backwards", matrix, matrix.relation.mirrored)
    )
    place = {thing("Lambda"): CHANNEL}
    equivalence = goal.from_claim("when the transposed map is a channel", "channel-transposition", "channel", place)
    turned_channel = k.replaced("the transposed map is a channel", back, k.cut(equivalence, channel))
    key = goal.from_claim("devices on the one are devices on the other", "channel-transposition", "key", place)
    devices = k.cut(key, channel, back)
    goal.conclude("devices", k.linear("for this channel", goal["devices"].relation, [(1, devices)]))
    return turned_channel


def numerical(statement: Statement, exponent: Callable[[Any], Any] = lambda x: x) -> Iterator[Step]:
    """Marginal and invariance of the dense state, with the unitaries built as matrices."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        for n in (2, 3):
            matrix = dense.ppt_private_state(n, mp.mpf(2) / 5)
            size = 2 * n
            worst = max(
                abs(mp.fsum(matrix[i * size + k, j * size + k] for k in range(size)) - (mp.mpf(i == j) / size))
                for i in range(size)
                for j in range(size)
            )
            yield witness(f"largest entry of tr_B rho - 1/2d, d = {n}", 0, worst)
            for name, alice, bob in _dense_pairs(n, exponent):
                both = dense.kron(alice, bob)
                moved = both * matrix * both.H - matrix
                worst = max(abs(moved[i, j]) for i in range(moved.rows) for j in range(moved.cols))
                yield witness(f"largest entry of (A (x) B) rho (A (x) B)* - rho, {name}, d = {n}", 0, worst)


def _dense_pairs(d: int, exponent: Callable[[Any], Any]) -> Iterator[tuple[str, Any, Any]]:
    """The pairs as matrices: products of shift and clock matrices in blocks."""
    import mpmath as mp

    def clock(k: int, tweak: Callable[[Any], Any] = lambda x: x) -> Any:
        return mp.diag([mp.expjpi(mp.mpf(2 * k * int(tweak(x))) / d) for x in range(d)])

    def shift(k: int) -> Any:
        return mp.matrix([[mp.mpf((j + k) % d == i) for j in range(d)] for i in range(d)])

    def blocks(entries: dict[tuple[int, int], Any]) -> Any:
        matrix = mp.zeros(2 * d)
        for (row, column), block in entries.items():
            for i in range(d):
                for j in range(d):
                    matrix[row * d + i, column * d + j] = block[i, j]
        return matrix

    one, inversion = mp.eye(d), mp.matrix([[mp.mpf((-j) % d == i) for j in range(d)] for i in range(d)])
    theta = mp.expjpi(mp.mpf(2) / 7)
    yield "key phase", blocks({(0, 0): one, (1, 1): theta * one}), blocks({(0, 0): one, (1, 1): one / theta})
    for a, b, c, e in ((1, 0, 0, 1), (1, 1, 0, 1), (0, 1, 2, 1)):
        alice = blocks({(0, 0): shift(b) * clock(a), (1, 1): shift(e) * clock(c)})
        phase = mp.expjpi(mp.mpf(2 * b * e) / d)
        bob = blocks({(0, 0): phase * shift(e) * clock(c + b, exponent), (1, 1): shift(b) * clock(a - e, exponent)})
        yield f"Weyl operators {a}{b}{c}{e}", alice, bob
    yield "key flip", blocks({(1, 0): one, (0, 1): inversion}), blocks({(1, 0): inversion, (0, 1): one})


CLAIM = Claim(
    name="ppt-channel",
    title="The channels of the private states",
    source="this project, after christandl2021 and pirandola2017",
    state=state,
    derive=derive,
    witness=numerical,
)
