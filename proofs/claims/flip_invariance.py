"""Devices that a flip of both parties' outcomes leaves alone suffice, and their nodes come in mirror images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import integer, real, thing
from keybounds.proofs.notions import Tr
from keybounds.proofs.notions_entropies import (
    ENTROPY,
    FLIP_INVARIANT,
    H_FLIP,
    MIXED,
    P_A,
    P_AB,
    P_B,
    RELABELLED,
    SWAP,
    SYMMETRISED,
    TABLE,
    H_flip,
    H_key,
    alice,
    bob,
    conjugated,
    eta,
    eve,
    eve_error,
    flip,
    is_device,
    is_flip_invariant,
    is_table,
    is_unitary,
    letter,
    mixed,
    noisy,
    symmetrised,
    word,
)
from keybounds.proofs.theorems import entropies

rho, sigma, P, V, X, Z = (thing(name) for name in ("rho", "sigma", "P", "V", "X", "Z"))
n, x, y = (integer(name) for name in "nxy")
q, t, v = real("q"), real("t"), real("v")
BOTH = mixed(rho)
KEY = alice(x)


def state() -> Statement:
    """Return the statement, for two outcomes a side and no post-selection."""
    device = (is_device(rho),)
    noise = (at_least(q, 0), at_most(q, 1))
    invariant = (is_device(sigma), is_flip_invariant(sigma, V))
    flipped = flip(word(n))
    operators = eve(sigma, KEY), eve(sigma, 1 - KEY)
    return Statement(
        parameters=(
            Parameter(rho, "a device"),
            Parameter(P, "its table"),
            Parameter(sigma, "a flip-invariant device"),
            Parameter(V, "the unitary of its Eve"),
            Parameter(Z, "an operator of Eve's"),
            Parameter(x, "Alice's setting of the key"),
            Parameter(n, "a number of letters"),
            Parameter(q, "noise on Alice's symbol"),
            Parameter(t, "a node"),
        ),
        hypotheses=(),
        clauses=(
            Clause("involution", equal(flip(flipped), word(n))),
            Clause("mixture", is_device(BOTH), device, "the mixture with the relabelled twin"),
            Clause("invariance", is_flip_invariant(BOTH, SWAP)),
            Clause("table", is_table(BOTH, symmetrised(P)), (*device, is_table(rho, P))),
            Clause("entropy", equal(H_key(BOTH, x, q), H_key(rho, x, q)), (*device, *noise)),
            Clause(
                "bound", at_least(H_key(rho, x, q), H_flip(symmetrised(P), x, q)), (*device, is_table(rho, P), *noise)
            ),
            Clause("moments", equal(Tr(eve(sigma, flipped)), Tr(eve(sigma, word(n)))), invariant[1:]),
            Clause(
                "moments with Eve",
                equal(Tr(eve(sigma, flipped) * conjugated(V, Z)), Tr(eve(sigma, word(n)) * Z)),
                invariant[1:],
            ),
            Clause(
                "mirror",
                equal(eve_error(t, *operators), eve_error(1 - t, *operators)),
                (*invariant, at_least(t, 0), at_most(t, 1)),
            ),
        ),
    )


def derive(goal: Goal) -> None:
    """Mix a device with its relabelled twin, under a flag of Eve's; then flip what she guesses from."""
    involution = _involution(goal)
    goal.conclude("involution", involution)
    device = k.assume(is_device(rho))
    twin = k.by_theorem("the relabelled twin is a device", entropies.EXCHANGED_NAMES, {entropies.rho: rho}, device)
    both = k.by_theorem("so is the flagged mixture", entropies.FLAGGED, {entropies.rho: rho}, device, twin)
    goal.conclude("mixture", both)
    mixture = _mixture()
    invariant = _invariance(goal, mixture, involution)
    goal.conclude("invariance", invariant)
    table = _table(goal, mixture, device)
    goal.conclude("table", table)
    entropy = _entropy(goal, mixture, device)
    goal.conclude("entropy", entropy)
    least = k.infimum_is_bound(H_FLIP, {P: symmetrised(P), x: x, q: q})
    below = k.specialised(
        "the mixture is one of the devices over which the infimum is taken",
        H_FLIP.below,
        {v: H_flip(symmetrised(P), x, q), P: symmetrised(P), x: x, q: q, sigma: BOTH, V: SWAP},
        least,
        both,
        invariant,
        table,
    )
    bound = k.chain("the device's entropy is the mixture's, at least the infimum", below, entropy)
    goal.conclude("bound", k.weakened("the same, read from the other side", bound, goal["bound"].relation))
    _moments(goal)
    _mirror(goal)


def _involution(goal: Goal) -> k.Fact:
    wanted = goal["involution"].relation
    base = k.inequality("F twice on one letter: 1 - (1 - E) = E", wanted.substituted({n: sp.Integer(1)}))
    step = k.linear(
        "F(E w) = F(E) F(w), so a letter more changes nothing",
        wanted.substituted({n: n + 1}),
        [(letter(n + 1), k.assume(wanted))],
    )
    return k.by_induction("F twice is the identity, by induction over the letters", n, 1, base, step, wanted)


def _mixture() -> k.Fact:
    """eve(mixed(rho), X) for all X."""
    return k.rewritten(
        "Eve's operator in the mixture: the device's and its twin's, with the flag",
        k.by_definition(MIXED, {rho: rho, X: X}),
        k.by_definition(RELABELLED, {rho: rho, X: X}),
    )


def _exchanged(fact: k.Fact) -> k.Fact:
    """The same after Eve turned the flag."""
    place = thing("M")
    return k.same("turning the flag exchanges the blocks", fact, conjugated(SWAP, place), place)


def _invariance(goal: Goal, mixture: k.Fact, involution: k.Fact) -> k.Fact:
    device, turn = goal["invariance"].predicate.arguments
    unitary = k.decided("the exchange of two flags is unitary", is_unitary(turn))
    shown = []
    for operator in (word(n), KEY, sp.Integer(1)):
        flipped = k.instantiated(mixture, {X: flip(operator)})
        if operator == word(n):
            flipped = k.rewritten("F twice is the identity", flipped, involution)
        turned = _exchanged(k.instantiated(mixture, {X: operator}))
        back = k.weakened("read backwards", turned, turned.relation.mirrored)
        shown.append(k.chain("in the mixture a turn of the flag undoes the flip", flipped, back))
    return k.generalised(
        "so the mixture is flip-invariant",
        FLIP_INVARIANT,
        {FLIP_INVARIANT.left.arguments[0]: device, V: turn},
        unitary,
        *shown,
    )


def _table(goal: Goal, mixture: k.Fact, device: k.Fact) -> k.Fact:
    which_device, wanted = goal["table"].predicate.arguments
    given = k.assume(is_table(rho, P))
    place = thing("M")
    own = [
        k.specialised("the device's own table", TABLE, {rho: rho, P: P, x: x, y: y}, given, which=which)
        for which in range(3)
    ]
    shown = []
    for operator, stated in zip((alice(x), bob(y), alice(x) * bob(y)), SYMMETRISED, strict=True):
        traced = k.same("the probability is the trace", k.instantiated(mixture, {X: operator}), Tr(place), place)
        left, right = traced.right.args[0].args
        halves = k.by_theorem(
            "the trace over the flag", entropies.LABELLED_TRACE, {entropies.A: left, entropies.B: right}
        )
        whole = k.by_theorem("the trace of Eve's state", entropies.NORMALISED, {entropies.rho: rho}, device)
        mean = k.chain("the mixture's probability is the mean of both", traced, halves)
        symmetric = k.by_definition(stated, {s: s for s in stated.left.free_symbols})
        total = equal(Tr(eve(which_device, operator)), stated.left.subs(symmetrised(P), wanted))
        shown.append(_combination("which is that of the mean table", total, [mean, symmetric, whole, *own]))
    return k.generalised("so the mixture has the mean table", TABLE, {rho: which_device, P: wanted}, *shown)


def _combination(words: str, wanted: Any, facts: list[k.Fact]) -> k.Fact:
    """`wanted` as the combination of equations `facts` that is found by linear algebra."""
    unknown = sp.symbols(f"c_0:{len(facts)}")
    total = wanted.difference - sum(c * fact.relation.difference for c, fact in zip(unknown, facts, strict=True))
    atoms = sorted(
        {m for m in sp.preorder_traversal(sp.expand(total)) if isinstance(m, sp.Function) and m.is_commutative}, key=str
    )
    names = {atom: sp.Dummy() for atom in atoms}
    flat = sp.expand(total).xreplace(names)
    equations = sp.Poly(flat, *names.values()).coeffs() if names else [flat]
    solution = sp.solve(equations, unknown, dict=True)
    if not solution:
        raise k.StepFailedError(words, f"{wanted} is no combination of what is known")
    values = {c: solution[0].get(c, sp.Integer(0)) for c in unknown}
    values = {c: sp.sympify(value).subs(dict.fromkeys(unknown, 0)) for c, value in values.items()}
    terms = [(values[c], fact) for c, fact in zip(unknown, facts, strict=True) if values[c] != 0]
    return k.linear(words, wanted, terms)


def _entropy(goal: Goal, mixture: k.Fact, device: k.Fact) -> k.Fact:
    wanted = goal["entropy"].relation
    noise = [one for one in goal.given("entropy") if one not in device.hypotheses]
    first, second = _positive_operators(device, noise)
    third = k.by_theorem("and without", entropies.OUTCOMES[2], {entropies.rho: rho}, device)
    parts = []
    for operator, positives in (
        (noisy(KEY, q)[0], (first, second)),
        (noisy(KEY, q)[1], (second, first)),
        (sp.Integer(1), (third, third)),
    ):
        own = k.same("its entropy", k.instantiated(mixture, {X: operator}), eta(X), X)
        labelled = k.by_theorem(
            "the entropy of a labelled mixture",
            entropies.LABELLED_ENTROPY,
            {entropies.A: positives[0].arguments[0], entropies.B: positives[1].arguments[0]},
            *positives,
        )
        parts.append(k.chain("the mixture's block entropies", own, labelled))
    together = k.by_definition(ENTROPY, {rho: BOTH, x: x, q: q})
    alone = k.by_definition(ENTROPY, {rho: rho, x: x, q: q})
    return k.linear(
        "the flag is Eve's, so the mixture's entropy is the mean of two equal ones",
        wanted,
        [(1, together), (-1, alone), (1, parts[0]), (1, parts[1]), (-1, parts[2])],
        noise,
    )


def _positive_operators(device: k.Fact, noise: list[Any]) -> tuple[k.Fact, k.Fact]:
    """Eve's two operators for the noisy symbol, as sums of those for the outcomes."""
    outcomes = [
        k.by_theorem("Eve's operator for an outcome is positive", theorem, {entropies.rho: rho, entropies.setting: x},
                     device)
        for theorem in entropies.OUTCOMES[:2]
    ]  # fmt: skip
    noise_facts = [k.assume(one) for one in noise]
    shown = []
    for weights, operator in (((1 - q, q), noisy(KEY, q)[0]), ((q, 1 - q), noisy(KEY, q)[1])):
        values = {
            entropies.A: outcomes[0].arguments[0],
            entropies.B: outcomes[1].arguments[0],
            entropies.x: weights[0],
            entropies.y: weights[1],
        }
        summed = k.by_theorem("with noise, a sum of both", entropies.CONE, values, *outcomes, *noise_facts)
        form = k.identity("linear in the operator", summed.arguments[0], eve(rho, operator), noise)
        shown.append(k.rewritten("the operator for a noisy symbol", summed, form))
    return shown[0], shown[1]


def _invariant(goal: Goal, name: str, which: int) -> k.Fact:
    given = next((one for one in goal.given(name) if one == is_flip_invariant(sigma, V)), None)
    if given is None:
        raise k.StepFailedError("what flip-invariance means", f"{name} is not said of flip-invariant devices")
    values = {FLIP_INVARIANT.left.arguments[0]: sigma, V: V, n: n, x: x}
    return k.specialised("what flip-invariance means", FLIP_INVARIANT, values, k.assume(given), which=which)


def _moments(goal: Goal) -> None:
    place = thing("M")
    unitary, moved = (_invariant(goal, "moments", which) for which in (0, 1))
    operator = eve(sigma, word(n))
    traced = k.same("traces of the two", moved, Tr(place), place)
    kept = k.by_theorem(
        "a unitary keeps the trace", entropies.UNITARY_TRACE, {entropies.V: V, entropies.A: operator}, unitary
    )
    shown = k.chain("traces of both", traced, kept)
    wanted = goal["moments"].relation
    goal.conclude("moments", k.linear("words and flipped words have equal means", wanted, [(1, shown)]))
    traced = k.same("traces of the two, with Eve's operator", moved, Tr(place * conjugated(V, Z)), place)
    kept = k.by_theorem(
        "a unitary keeps the trace",
        entropies.UNITARY_PRODUCT,
        {entropies.V: V, entropies.A: operator, entropies.Z: Z},
        unitary,
    )
    shown = k.chain("traces of both", traced, kept)
    wanted = goal["moments with Eve"].relation
    goal.conclude("moments with Eve", k.linear("and so have they with Eve's operators", wanted, [(1, shown)]))


def _mirror(goal: Goal) -> None:
    wanted = goal["mirror"].relation
    given = [one for one in goal.given("mirror") if one.symbols <= {t}]
    unitary, moved = (_invariant(goal, "mirror", which) for which in (0, 2))
    device = k.assume(is_device(sigma))
    positives = [
        k.by_theorem("Eve's operator for an outcome is positive", theorem,
                     {entropies.rho: sigma, entropies.setting: x}, device)
        for theorem in entropies.OUTCOMES[:2]
    ]  # fmt: skip
    zero, one = (fact.arguments[0] for fact in positives)
    errors = [
        k.by_theorem(
            "the least error is set by a norm",
            entropies.HELSTROM,
            {entropies.t: node, entropies.L_0: zero, entropies.L_1: one},
            *positives,
            *(k.assume(bound) for bound in given),
        )
        for node in (wanted.left.args[0], wanted.right.args[0])
    ]
    constant = _invariant(goal, "mirror", 3)
    differences = []
    for number, fact in enumerate(errors):
        (found,) = (e for e in sp.preorder_traversal(fact.right) if type(e).__name__ == "norm1")
        form = k.identity("linear in Eve's operators", found.args[0], sp.expand(found.args[0]))
        errors[number] = k.rewritten("the least error", fact, form)
        differences.append(form.right)
    kept = k.by_theorem(
        "a unitary keeps the norm", entropies.UNITARY_NORM, {entropies.V: V, entropies.A: differences[1]}, unitary
    )
    exchanged = [k.weakened("read backwards", fact, fact.relation.mirrored) for fact in (moved, constant)]
    flipped = k.rewritten("Eve's turn exchanges her two operators", kept, *exchanged)
    opposite = k.by_theorem("a sign does not count", entropies.OPPOSITE, {entropies.A: differences[0]})
    form = k.identity("a sign, multiplied out", opposite.left.args[0], flipped.left.args[0])
    opposite = k.rewritten("a sign does not count", opposite, form)
    backwards = k.weakened("read backwards", opposite, opposite.relation.mirrored)
    place = thing("M")
    traced = k.same("their traces", moved, Tr(place), place)
    trace = k.by_theorem(
        "a unitary keeps the trace", entropies.UNITARY_TRACE, {entropies.V: V, entropies.A: zero}, unitary
    )
    norms = k.chain("the two norms are equal", backwards, flipped)
    facts = [*errors, norms, k.chain("the two outcomes are equally likely", traced, trace)]
    goal.conclude("mirror", _combination("the errors at t and at 1 - t are equal", wanted, facts))


def numerical(statement: Statement) -> Iterator[Step]:
    """A pure state of Alice, Bob and a qubit of Eve, biased: entropy and table of the mixture with its twin."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        amplitudes = [mp.mpf(k) for k in (7, 2, -1, 3, 2, 5, 4, -2)]
        size = mp.sqrt(sum(x * x for x in amplitudes))
        psi = [x / size for x in amplitudes]
        angle, other = mp.mpf(1) / 3, mp.mpf(6) / 7
        basis = [(mp.cos(angle), mp.sin(angle)), (-mp.sin(angle), mp.cos(angle))]
        bob = [(mp.cos(other), mp.sin(other)), (-mp.sin(other), mp.cos(other))]

        def eve(a: int, b: int) -> Any:
            """Eve's unnormalised state for the outcomes a and b."""
            pairs = [(i, j) for i in (0, 1) for j in (0, 1)]
            vector = [sum(basis[a][i] * bob[b][j] * psi[4 * i + 2 * j + e] for i, j in pairs) for e in (0, 1)]
            return mp.matrix([[x * y for y in vector] for x in vector])

        q = mp.mpf(1) / 10
        symbols = [eve(a, 0) + eve(a, 1) for a in (0, 1)]
        noisy = [(1 - q) * symbols[a] + q * symbols[1 - a] for a in (0, 1)]

        def flagged(first: Any, second: Any) -> Any:
            """One half of each, on the two values of the flag."""
            both = mp.matrix(4, 4)
            for i in (0, 1):
                for j in (0, 1):
                    both[i, j], both[2 + i, 2 + j] = first[i, j] / 2, second[i, j] / 2
            return both

        def entropy(states: Any) -> Any:
            total = states[0] + states[1]
            parts = [dense.entropy(dense.eigenvalues(state)) for state in states]
            return parts[0] + parts[1] - dense.entropy(dense.eigenvalues(total))

        mixture = [flagged(noisy[a], noisy[1 - a]) for a in (0, 1)]
        yield witness("H(A|E) of the mixture, q = 1/10", entropy(mixture), entropy(noisy))
        table = [[mp.re(dense.trace(eve(a, b))) for b in (0, 1)] for a in (0, 1)]
        mean = (table[0][0] + table[1][1]) / 2
        alice, bob_click = table[0][0] + table[0][1], table[0][0] + table[1][0]
        known = zip(
            (P_A(P, x), P_B(P, y), P_AB(P, x, y)),
            (sp.Float(value, DIGITS + 5) for value in (alice, bob_click, table[0][0])),
            strict=True,
        )
        symmetric = statement["table"].predicate.arguments[1]
        both = next(one for one in SYMMETRISED if type(one.left).__name__ == "P_AB")
        stated = P_AB(symmetric, x, y).subs(P_AB(symmetrised(P), x, y), both.right).subs(dict(known))
        yield witness("<AB> of the mixture", mp.mpf(str(stated)), mean)


CLAIM = Claim(
    name="flip-invariance",
    title="Devices that a flip of both outcomes leaves alone",
    source="this project, after pironio2009",
    state=state,
    derive=derive,
    witness=numerical,
)
