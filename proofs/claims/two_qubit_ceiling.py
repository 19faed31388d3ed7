"""A two-qubit device with given CHSH value S and key error Q, and the ceilings that it sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.propositions import at_least, at_most
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, real, symbol
from keybounds.proofs.notions import has_spectrum
from keybounds.proofs.notions_attacks import (
    A,
    B,
    E,
    K_any,
    K_two,
    chsh_and_error,
    eve_holds,
    has_qubit,
    is_sharp,
    outcomes,
    part,
    pinched,
    reproduces,
    shared,
    tilted,
)
from keybounds.proofs.theorems import devices, operators

S, Q, k, c = symbol("S"), real("Q"), real("k"), real("c")
ANGLES = (at_least(k, 0), at_most(k, 1))
COHERENCES = (at_least(c, 0), at_most(c, 1))


def state() -> Statement:
    """Return the statement, for 2 <= S <= 2 sqrt 2 and 0 <= Q <= 1/2."""
    known = 1 - h((1 + sp.sqrt(S**2 / 4 - 1)) / 2)
    root = sp.sqrt(1 - Q * (1 - Q) * (8 - S**2))
    statistics = chsh_and_error(S, Q)
    return Statement(
        parameters=(
            Parameter(S, "CHSH value"),
            Parameter(Q, "probability that the outcomes of the key setting differ"),
        ),
        hypotheses=(at_least(S, 2), at_most(S, 2 * sp.sqrt(2)), at_least(Q, 0), at_most(Q, sp.Rational(1, 2))),
        clauses=(
            Clause(
                "two-way",
                at_most(K_two(statistics), known - h(Q) + h((1 + root) / 2)),
                words="discussion of the outcomes of an announced key setting",
            ),
            Clause("any protocol", at_most(K_any(statistics), known), words="any discussion"),
        ),
    )


def coherence(value: Any) -> Any:
    """C = (1 - k^2)/(1 + k^2) of the device tilted(k, q)."""
    return (1 - value**2) / (1 + value**2)


ANGLE = sp.sqrt((1 - c) / (1 + c))
"""The k of the device with C = c."""
COHERENCE = sp.sqrt(S**2 / 4 - 1)
"""The C of the device with 2 sqrt(1 + C^2) = S."""


def placed(fact: kernel.Fact, goal: Goal, right: Any = None, stated: Any = None) -> kernel.Fact:
    """A fact about tilted(k, Q) for the k that makes S; an entropy is put as `right` in c and as `stated` in S."""
    flips = [one for one in goal.hypotheses if one.symbols == {Q}]
    within = [*COHERENCES, *(flips if any(Q in one.symbols for one in fact.hypotheses) else ())]
    fact = kernel.instantiated(fact, {k: ANGLE}, within)
    if right is not None and fact.right != right:
        fact = kernel.restated(fact.words, fact, right, within)
    fact = kernel.instantiated(fact, {c: COHERENCE}, goal.hypotheses)
    return (
        fact if stated is None or fact.right == stated else kernel.restated(fact.words, fact, stated, goal.hypotheses)
    )


def derive(goal: Goal) -> None:
    """Decide statistics and spectra of the device tilted(k, Q) for all k and Q, and put in the k that makes S."""
    given = goal.hypotheses
    flips = [one for one in given if one.symbols == {Q}]
    device = tilted(k, Q)
    C = coherence(k)
    made = kernel.by_theorem(
        "it is a device",
        devices.TILTED,
        {devices.k: k, devices.q: Q},
        kernel.decided("a vector of norm 1 and observables that square to 1", is_sharp(device)),
        kernel.inequality("the flip is a probability", at_least(Q, 0), flips),
        kernel.inequality("the flip is a probability", at_most(Q, 1), flips),
    )
    has = kernel.decided(
        "the device has S = 2 sqrt(1 + C^2) and the key error Q",
        reproduces(device, chsh_and_error(2 * sp.sqrt(1 + C**2), Q)),
    )
    made, has = placed(made, goal), placed(has, goal)
    chsh = kernel.identity("with C = sqrt(S^2/4 - 1) the CHSH value is S", has.arguments[1].args[0], S, given)
    has = kernel.rewritten("the device has S and Q", has, chsh)
    _two_way(goal, made, has)
    _any_protocol(goal, made, has)


def _entropy(words: str, operator: Any, pairs: Any, form: Any, stated: Any, goal: Goal) -> kernel.Fact:
    """Entropy of an operator of the device from its spectrum: `form` of C, and `stated` in S."""
    under = [*(one for one in goal.hypotheses if one.symbols == {Q}), *ANGLES]
    spectrum = kernel.decided(
        f"{words}: spectrum", has_spectrum(operator, sp.Tuple(*(sp.Tuple(*one) for one in pairs)))
    )
    signs = [kernel.inequality(f"{words}: not negative", at_least(x, 0), under) for x, _ in pairs]
    found = kernel.by_theorem(
        f"{words}: entropy",
        operators.entropy(len(pairs)),
        {operators.A: operator, **operators.values(spectrum.arguments[1])},
        spectrum,
        *signs,
    )
    return placed(kernel.restated(words, found, form(coherence(k)), under), goal, form(c), stated)


def _two_way(goal: Goal, made: kernel.Fact, has: kernel.Fact) -> None:
    half, device, C = sp.Rational(1, 2), tilted(k, Q), coherence(k)
    omega = outcomes(device)

    def kept(value: Any) -> Any:
        return sp.sqrt((1 - 2 * Q) ** 2 + 4 * Q * (1 - Q) * value**2)

    mixed = 1 + h((1 + sp.sqrt(1 - Q * (1 - Q) * (8 - S**2))) / 2)
    known = h((1 + COHERENCE) / 2)
    root = kept(C)
    parts: list[tuple[str, Any, Any, Any, Any]] = [
        ("given Alice's outcome Eve's state is pure", (A, E), [(half, 2)], lambda _: sp.Integer(1), sp.Integer(1)),
        (
            "given Bob's it mixes two pure states by the flip",
            (B, E),
            [((1 + root) / 4, 2), ((1 - root) / 4, 2)],
            lambda value: 1 + h((1 + kept(value)) / 2),
            mixed,
        ),
        ("Eve's own state", (E,), [((1 + C) / 2, 1), ((1 - C) / 2, 1)], lambda value: h((1 + value) / 2), known),
        ("given both it is pure", (A, B, E), [((1 - Q) / 2, 2), (Q / 2, 2)], lambda _: 1 + h(Q), 1 + h(Q)),
    ]
    entropies = [
        _entropy(words, part(omega, *systems), pairs, form, stated, goal)
        for words, systems, pairs, form, stated in parts
    ]
    name = "two-way"
    bound = kernel.by_theorem(
        "the key is at most I(A:B|E)",
        devices.information_of((E,)),
        {devices.delta: has.arguments[0], devices.P: has.arguments[1]},
        made,
        has,
        placed(kernel.decided("Eve holds one system", eve_holds(device, sp.Tuple(E))), goal),
    )
    signs = (1, 1, -1, -1)
    goal.conclude(
        name,
        kernel.linear(
            "I(A:B|E) = S(AE) + S(BE) - S(E) - S(ABE)",
            goal[name].relation,
            [(1, bound), *zip(signs, entropies, strict=True)],
            goal.hypotheses,
        ),
    )


def _any_protocol(goal: Goal, made: kernel.Fact, has: kernel.Fact) -> None:
    half, C = sp.Rational(1, 2), coherence(k)
    whole = shared(tilted(k, Q))
    name = "any protocol"
    eigenvalues = [((1 + C) / 2, 1), ((1 - C) / 2, 1)]
    own = _entropy(
        "the entropy of the shared state",
        whole,
        eigenvalues,
        lambda value: h((1 + value) / 2),
        h((1 + COHERENCE) / 2),
        goal,
    )
    less = _entropy("and of the pinched one", pinched(whole), [(half, 2)], lambda _: sp.Integer(1), sp.Integer(1), goal)
    qubit = placed(kernel.decided("Alice has a qubit", has_qubit(whole)), goal)
    operator = {devices.rho: qubit.arguments[0]}
    separable = kernel.by_theorem("the pinched state is separable", devices.PINCHED, operator, qubit)
    terms = [
        kernel.by_theorem(
            "the key is at most E_r",
            devices.ENTANGLEMENT,
            {devices.delta: has.arguments[0], devices.P: has.arguments[1]},
            made,
            has,
        ),
        kernel.by_theorem(
            "E_r is at most the relative entropy to the pinched state",
            devices.LEAST,
            {**operator, devices.sigma: separable.arguments[0]},
            separable,
        ),
        kernel.by_theorem("which is S(P(rho)) - S(rho)", devices.PINCHING, operator, qubit),
        less,
    ]
    relation = goal[name].relation
    goal.conclude(
        name,
        kernel.linear(
            "K <= E_r <= S(P(rho)) - S(rho)", relation, [*((1, one) for one in terms), (-1, own)], goal.hypotheses
        ),
    )


def pointer_states(S: Any, Q: Any) -> dict[tuple[int, int], Any]:
    """Eve's unnormalised states for key outcomes (a, b) of the dense device, in mpmath."""
    import mpmath as mp

    C = mp.sqrt(S * S / 4 - 1)
    rho = mp.zeros(4)
    rho[0, 0] = rho[3, 3] = mp.mpf(1) / 2
    rho[0, 3] = rho[3, 0] = C / 2
    pure = dense.eve_states(rho, [{row}.__contains__ for row in range(4)])
    return {(a, b): (1 - Q) * pure[2 * a + b] + Q * pure[2 * a + 1 - b] for a in (0, 1) for b in (0, 1)}


def block_entropy(states: list[Any]) -> Any:
    """Entropy of a classical register with Eve's unnormalised state for each of its values."""
    return dense.entropy([value for state in states for value in dense.eigenvalues(state)])


def numerical(statement: Statement) -> Iterator[Step]:
    """I(A:B|E) from Eve's dense states, and D(rho||sigma) of dense matrices, at S = 2.677 and Q = 0.0144."""
    import mpmath as mp

    exact = {S: sp.Rational(2677, 1000), Q: sp.Rational(144, 10000)}
    with mp.workdps(DIGITS + 10):
        chsh, error = (mp.mpf(int(x.p)) / int(x.q) for x in exact.values())
        eve = pointer_states(chsh, error)
        found = mp.re(dense.trace(eve[0, 1]) + dense.trace(eve[1, 0]))
        yield witness("key error of the dense device", error, found)
        with_alice = block_entropy([eve[a, 0] + eve[a, 1] for a in (0, 1)])
        with_bob = block_entropy([eve[0, b] + eve[1, b] for b in (0, 1)])
        alone = block_entropy([eve[0, 0] + eve[0, 1] + eve[1, 0] + eve[1, 1]])
        found = with_alice + with_bob - alone - block_entropy(list(eve.values()))
        yield witness("I(A:B|E), S = 2.677, Q = 1.44 %", number(statement["two-way"].right, exact), found)
        C = mp.sqrt(chsh**2 / 4 - 1)
        rho = mp.zeros(4)
        rho[0, 0] = rho[3, 3] = mp.mpf(1) / 2
        rho[0, 3] = rho[3, 0] = C / 2
        found = dense.relative_entropy(rho, mp.diag([mp.mpf(1) / 2, 0, 0, mp.mpf(1) / 2]))
        yield witness("D(rho || sigma), S = 2.677", number(statement["any protocol"].right, exact), found)


CLAIM = Claim(
    name="two-qubit-ceiling",
    title="Ceilings from the CHSH value and the key error",
    source="arnonfriedman2020; christandl2021; rederived",
    state=state,
    derive=derive,
    witness=numerical,
)


def two_way(chsh: Any, error: Any) -> Any:
    """The statement's ceiling for two-way discussion at these numbers."""
    return CLAIM.statement["two-way"].right.subs({S: chsh, Q: error}, simultaneous=True)
