"""The Rényi key length, from a bound on the sum of a round: (1-gamma+gamma u_0) Q*(S) + gamma (u_1-u_0)(1/2 + S/8).

The tag that validates error correction is sent under a one-time pad, of key that is counted apart (in the balance of a
run): it is uniform and independent of everything else that Eve holds, and the length does not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import bell, renyi
from keybounds.proofs.checks import DIGITS, holds, number
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims import renyi_chsh_lemma as chsh_lemma
from keybounds.proofs.claims.renyi_privacy_amplification import V, a, c, eps, goal_sum, inputs, kappa, m, slack
from keybounds.proofs.claims.renyi_privacy_amplification import rounds as n
from keybounds.proofs.claims.renyi_qubits import quasi, round_sum
from keybounds.proofs.claims.renyi_round_of_pairs import (
    at_most_probability,
    by_shares,
    distribution,
    rules,
    superadditive,
)
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic import sums
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.sums import Family, Total
from keybounds.proofs.logic.terms import real, symbol, thing
from keybounds.proofs.notions import Tr, is_state
from keybounds.proofs.notions_renyi import (
    RESULTS,
    STRINGS,
    G,
    Q,
    bounds_ceiling,
    bounds_rounds,
    chance,
    chosen,
    chsh,
    diagonal,
    distance,
    eve,
    fitting,
    game,
    has_lengths,
    held,
    insecurity,
    is_certain,
    is_checked,
    is_device,
    is_protocol,
    is_run,
    is_scheme,
    measured,
    pair_sum,
    score,
    situation,
    test,
)
from keybounds.proofs.theorems import devices_renyi as devices
from keybounds.proofs.theorems import hashing as protocols
from keybounds.proofs.theorems import renyi as theorems

alpha, gamma, lost, gain = symbol("alpha"), real("gamma"), real("u_0"), real("u_1")
g, S = real("g"), real("S")
weights = tuple(real(f"lambda_{j}") for j in range(1, 5))
angles = tuple(real(name) for name in ("x_0", "x_1", "y_0", "y_1"))
A, M = devices.A, devices.M
on_key, on_lost, on_won = devices.on_key, devices.on_lost, devices.on_won
P, h, collision_ = thing("P"), theorems.h, real("epsilon_EV")
tau, other, sigma, X = thing("tau"), thing("tau'"), thing("sigma"), thing("X")


def state() -> Statement:
    """Return the statement."""
    on = (1 - gamma, gamma * lost / 4, gamma * gain / 4)
    ranges = (
        greater(alpha, 1),
        at_most(alpha, 2),
        at_least(gamma, 0),
        at_most(gamma, 1),
        at_least(lost, 0),
        at_least(gain, lost),
    )
    value = chsh(*weights, *angles)
    pairs = pair_sum(alpha, *on, diagonal(*weights), *angles)
    return Statement(
        parameters=(
            Parameter(alpha, "order"),
            Parameter(gamma, "probability of a test"),
            Parameter(lost, "u of a lost test"),
            Parameter(gain, "u of a won test"),
            *(
                Parameter(one, f"weight of {name}")
                for one, name in zip(weights, ("Phi+", "Phi-", "Psi+", "Psi-"), strict=True)
            ),
            *(Parameter(one, "an angle") for one in angles),
            Parameter(A, "a state of devices and Eve"),
            Parameter(M, "two devices"),
            Parameter(g, "a bound"),
            Parameter(P, "a run: rounds in order, inputs drawn by themselves, devices with memory, any attack"),
            Parameter(V, "what is fixed before the data: hashing, weights f, reference distribution r"),
            Parameter(n, "rounds"),
            Parameter(m, "bits of syndrome"),
            Parameter(kappa, "bits per round"),
            Parameter(eps, "distance from an ideal key"),
            Parameter(collision_, "collision probability of the tag's hash"),
        ),
        hypotheses=ranges,
        clauses=(
            Clause("pairs", at_most(pairs, ceiling_of(value)), (*distribution(), at_least(value, 2))),
            Clause("pairs without violation", at_most(pairs, flat()), (*distribution(), less(value, 2))),
            Clause(
                "a certain outcome",
                at_most(G(alpha, rules(), A, M), flat()),
                (is_state(A), is_device(M), is_certain(M)),
            ),
            Clause("all devices", bounds_rounds(g, alpha, rules()), (bounds_ceiling(g, alpha, gamma, lost, gain),)),
            Clause(
                "key",
                at_most(Total(distance(chosen(V, c), Family(held(situation(V, c), a), a, STRINGS)), c, RESULTS), eps),
                KEY,
            ),
            Clause("soundness", at_most(insecurity(V), eps + collision_), (*KEY, is_checked(V, collision_))),
        ),
        meanings=(
            theorems.QUASI,
            theorems.ROUND,
            devices.SEEN,
            devices.PAIR_SUM,
            protocols.DISTANCE,
            protocols.SITUATION,
            protocols.OCCURRENCE,
        ),
    )


def flat() -> Any:
    """The ceiling at S = 2, where Q* = 1."""
    return 1 - gamma + gamma * lost + sp.Rational(3, 4) * gamma * (gain - lost)


KEY = (
    is_run(P),
    is_scheme(V, m),
    is_protocol(P, n, V, rules(), alpha),
    has_lengths(V, slack()),
    bounds_ceiling(2 ** (-(alpha - 1) * kappa), alpha, gamma, lost, gain),
)
"""What the key asks for: a run, a scheme of these lengths for it, and kappa from the ceiling."""


def star(value: Any) -> Any:
    """Q*(S)."""
    return chsh_lemma.key_sum(alpha, sp.Rational(1, 2) + sp.sqrt(value**2 / 4 - 1) / 2)


def ceiling_of(value: Any) -> Any:
    """(1 - gamma + gamma u_0) Q*(S) + gamma (u_1 - u_0) (1/2 + S/8)."""
    return (1 - gamma + gamma * lost) * star(value) + gamma * (gain - lost) * (sp.Rational(1, 2) + value / 8)


CEILING = k.ForAll(
    "a bound on the ceiling for each CHSH value",
    bounds_ceiling(g, alpha, gamma, lost, gain),
    (S,),
    (at_least(S, 2), at_most(S, 2 * sp.sqrt(2))),
    (at_most(ceiling_of(S), g),),
)


def derive(goal: Goal) -> None:
    """Bound the sum of a round of pairs and of devices with a certain outcome; then of all devices, and the key."""
    found = by_shares(goal)
    value = chsh(*weights, *angles)
    for name, clause, put in (
        ("pairs", "key", {chsh_lemma.S: value}),
        ("pairs without violation", "never more than 1", {}),
    ):
        given = goal.given(name)
        shares = [
            goal.from_claim(
                "Q of Alice's outcomes",
                "renyi-chsh-lemma",
                clause,
                {
                    **dict(zip(chsh_lemma.weights, weights, strict=True)),
                    **dict(zip(chsh_lemma.angles, angles, strict=True)),
                    chsh_lemma.theta: x,
                    **put,
                },
            )
            for x in angles[:2]
        ]
        star_ = shares[0].right
        winning = None if put else k.assume(given[-1])
        terms = [
            (1, found),
            (1 - gamma + gamma * lost / 2, shares[0]),
            (gamma * lost / 2, shares[1]),
            *([(gamma * (gain - lost) / 8, winning)] if winning else []),
        ]
        whole = (1 - gamma + gamma * lost) * star_
        left = value if put else sp.Integer(2)
        bound = k.linear(
            "with the bound on Alice's outcomes",
            at_most(found.left, whole + gamma * (gain - lost) * (sp.Rational(1, 2) + left / 8)),
            terms,
            goal.hypotheses,
        )
        shown = k.restated("the ceiling", bound, goal[name].right, given)
        goal.conclude(name, goal.stated(name, shown))
    _certain(goal)
    _all_devices(goal)
    _key(goal)


def _certain(goal: Goal) -> None:
    """Of any device the sum is bounded by Eve's own state and by the probability to win, which is 3/4 at most here."""
    name = "a certain outcome"
    is_state_, is_device_, is_certain_ = k.assume(is_state(A)), k.assume(is_device(M)), k.assume(is_certain(M))
    positive = k.by_theorem("a state is positive", devices.STATE_POSITIVE, {A: A}, is_state_)
    own = k.by_theorem("so is Eve's part", theorems.EVE_POSITIVE, {theorems.A: A}, positive)
    trace = k.by_theorem("and has trace 1", devices.STATE_TRACE, {A: A}, is_state_)
    hers = eve(A)
    superadditive_, at_most_probability_ = superadditive(), at_most_probability()

    def outcome_positive(outcome: Any) -> k.Fact:
        values = {theorems.M: M, theorems.A: A, theorems.k: outcome}
        left = k.by_theorem("an outcome", theorems.OUTCOME_POSITIVE, values, is_device_, positive)
        return k.by_theorem("Eve's part of it", theorems.EVE_POSITIVE, {theorems.A: left.arguments[0]}, left)

    def summed(first: Any, second: Any, parts: list[k.Fact], equation: k.Fact) -> k.Fact:
        found = k.instantiated(superadditive_, {tau: first, other: second, sigma: hers})
        return k.rewritten("Q of the sum", k.cut(found, *parts, own), equation)

    power_ = quasi(hers, hers)
    one = k.chain(
        "Q of Eve's own state is 1",
        power_,
        k.operator_identity("alpha (2 s + 1) = 1", power_.right, Tr(hers), own),
        k.by_theorem("the trace", theorems.EVE_TRACE, {theorems.A: A}),
        trace,
    )
    terms, alone = [], {}
    inputs = devices.INPUTS
    for x in (0, 1):
        parts = [
            k.by_theorem(
                "Alice's output", devices.ALICE_POSITIVE, {A: A, M: M, inputs[0]: x, devices.OUTPUT: output},
                is_device_, positive,
            )
            for output in (0, 1)
        ]  # fmt: skip
        complete = k.by_theorem("outputs add up", devices.ALICE_COMPLETE, {A: A, M: M, inputs[0]: x}, is_device_)
        first, second = (part.arguments[0] for part in parts)
        alone[x] = k.chain("both outputs", summed(first, second, parts, complete), one)
        for y in (0, 1):
            for output in (0, 1):
                pair_ = [test(x, y, output, b) for b in (0, 1)]
                equation = k.by_theorem(
                    "Bob's outputs add up",
                    devices.NO_SIGNALLING_ALICE,
                    {A: A, M: M, inputs[0]: x, inputs[1]: y, devices.OUTPUT: output},
                    is_device_,
                )
                each = [outcome_positive(outcome) for outcome in pair_]
                terms.append((on_lost, summed(each[0].arguments[0], each[1].arguments[0], each, equation)))
                won = pair_[output ^ (x * y)]
                part = outcome_positive(won)
                values = {theorems.M: M, theorems.A: A, theorems.k: won}
                below = k.by_theorem("a part", theorems.NO_SIGNALLING, values, is_device_, positive)
                found = k.instantiated(at_most_probability_, {tau: part.arguments[0], sigma: hers})
                found = k.cut(found, part, own, below)
                same = k.by_theorem("the trace", theorems.EVE_TRACE, {theorems.A: measured(A, M, won)})
                terms += [(on_won - on_lost, found), (on_won - on_lost, same)]
            terms.append((on_lost, alone[x]))
    for output in (0, 1):
        key_ = k.by_theorem("a key round", devices.KEY_ROUND, {A: A, M: M, devices.OUTPUT: output}, is_device_)
        terms.append((on_key, k.put_in("a key round", Q(alpha, key_.left, hers), key_)))
    terms.append((on_key, alone[0]))
    local = k.by_theorem(
        "the tests are won with probability 3 of 4", devices.LOCAL, {A: A, M: M}, is_state_, is_device_, is_certain_
    )
    terms.append((on_won - on_lost, local))
    round_ = k.by_definition(
        theorems.ROUND,
        {alpha: alpha, theorems.v: game(on_key, on_lost, on_won), theorems.A: A, theorems.M: M},
    )
    listed = sums.normal(round_.right)
    spelled = k.sums_equal("over the outcomes of the game", round_.right, listed)
    bound = k.linear(
        "the sum of a round",
        at_most(round_.left, on_key + 4 * on_lost + 3 * (on_won - on_lost)),
        [(1, round_), (1, spelled), *terms],
        [at_least(on_won, on_lost)],
    )
    on = {on_key: 1 - gamma, on_lost: gamma * lost / 4, on_won: gamma * gain / 4}
    placed = k.instantiated(bound, on, goal.hypotheses)
    shown = k.restated("the ceiling at S = 2", placed, goal[name].right, goal.hypotheses)
    goal.conclude(name, goal.stated(name, shown))


def _all_devices(goal: Goal) -> None:
    """Pairs with and without violation, then blocks, by renyi-qubits."""
    bound = k.assume(bounds_ceiling(g, alpha, gamma, lost, gain))
    places = {**dict(zip(weights, devices.weights, strict=True)), **dict(zip(angles, devices.angles, strict=True))}
    here = {g: g, alpha: alpha, gamma: gamma, lost: lost, gain: gain}
    value = chsh(*weights, *angles)
    violates = at_least(value, 2)
    most = _tsirelson(goal, value)
    at_value = k.specialised(
        "the ceiling at this CHSH value", CEILING, {**here, S: value}, bound, k.assume(violates), most
    )
    first = k.chain("with violation", goal.proofs["pairs"], at_value)
    at_two = k.specialised(
        "the ceiling at S = 2", CEILING, {**here, S: sp.Integer(2)}, bound, k.assume(goal.hypotheses[0])
    )
    same = k.identity("where Q* is 1", flat(), at_two.left, goal.hypotheses)
    second = k.chain("without", goal.proofs["pairs without violation"], same, at_two)
    pairs = k.instantiated(k.by_cases("all pairs", first, second, violates), places)
    on = (1 - gamma, gamma * lost / 4, gamma * gain / 4)
    bell_ = k.generalised(
        "g bounds the sum of a round of Bell-diagonal pairs",
        devices.BELL,
        {g: g, alpha: alpha, on_key: on[0], on_lost: on[1], on_won: on[2]},
        pairs,
    )
    planar_ = k.instantiated(
        goal.from_claim("Bell-diagonal pairs suffice", "renyi-qubits", "Bell-diagonal pairs"),
        {on_key: on[0], on_lost: on[1], on_won: on[2]},
        goal.hypotheses,
    )
    flat_ = k.chain("a certain outcome", goal.proofs["a certain outcome"], same, at_two)
    certain = k.generalised(
        "g bounds that of devices with a certain outcome",
        devices.CERTAIN,
        {g: g, alpha: alpha, devices.v: rules()},
        flat_,
    )
    blocks = goal.from_claim("blocks suffice", "renyi-qubits", "blocks", {devices.v: rules()})
    goal.conclude("all devices", k.cut(k.cut(blocks, k.cut(planar_, bell_)), certain, words="g bounds all devices"))


def _tsirelson(goal: Goal, value: Any) -> k.Fact:
    """S <= 2 sqrt 2, as S^2 <= 4 (1 + (2p - 1)^2) <= 8."""
    by_name = {
        **dict(zip(chsh_lemma.weights, weights, strict=True)),
        **dict(zip(chsh_lemma.angles, angles, strict=True)),
    }
    square = goal.from_claim("the CHSH value by the weights", "renyi-chsh-lemma", "CHSH value", by_name)
    together, positive = k.assume(distribution()[-1]), distribution()[:4]
    P, rest = weights[0] + weights[3], weights[1] + weights[2]
    product = k.inequality("a product of weights", at_least(P * rest, 0), positive)
    most = k.linear("S^2 <= 8", at_most(value**2, 8), [(1, square), (16, product), (16 * P, together)], goal.hypotheses)
    violates = k.assume(at_least(value, 2))
    above = k.inequality("2 is not negative", at_least(2, 0))
    not_negative = k.linear("S is not negative", at_least(value, 0), [(1, violates), (1, above)])
    root = chsh_lemma.roots_ordered(value, 2 * sp.sqrt(2), [not_negative.proposition])
    return k.cut(root, not_negative, most, words="S is at most 2 sqrt 2")


def _key(goal: Goal) -> None:
    """Rounds multiply, histories are named by inputs, string and results, and hashing turns their sum into key."""
    name = "key"
    bound = 2 ** (-(alpha - 1) * kappa)
    run, protocol = k.assume(is_run(P)), k.assume(is_protocol(P, n, V, rules(), alpha))
    rounds_ = goal.proofs["all devices"]
    rounds_ = k.instantiated(rounds_, {g: bound}, goal.hypotheses)
    chain = goal.from_claim(
        "rounds multiply", "renyi-chain-rule", "rounds multiply", {theorems.v: rules(), g: bound, theorems.n: n}
    )
    positive = k.inequality("a power of 2", at_least(bound, 0), goal.hypotheses)
    chain = k.cut(chain, rounds_, run)
    if positive.proposition in chain.hypotheses:
        chain = k.cut(chain, positive)
    values = {
        theorems.P: P, protocols.n: n, protocols.V: V, theorems.v: rules(), alpha: alpha, theorems.h: h,
        protocols.a: a, protocols.c: c, protocols.inputs: inputs,
    }  # fmt: skip
    weights_ = k.specialised("a history's weight", protocols.PROTOCOL, values, protocol)
    named = k.specialised("Eve's operators are those of the run", protocols.PROTOCOL, values, protocol, which=1)
    definition = k.by_definition(theorems.HISTORIES, {alpha: alpha, theorems.v: rules(), theorems.P: P, theorems.n: n})
    weighted = k.totalled(
        "with the weights", k.put_in("a history's weight", definition.right.body, weights_), h, definition.right.over
    )
    share = chance(V, inputs)
    stated = goal_sum()
    inside = k.linear("times p(i)", equal(share * named.left, share * named.right), [(share, named)])
    by_input = k.totalled("over the inputs", inside, inputs, fitting(c))
    by_string = k.totalled("over the strings", by_input, a, STRINGS)
    worth = 2 ** ((alpha - 1) * score(V, c))
    by_result = k.totalled(
        "over the results",
        k.linear(
            "times u", equal(worth * by_string.left, worth * by_string.right), [(worth, by_string)], goal.hypotheses
        ),
        c,
        RESULTS,
    )
    second = k.sums_equal("each history is named once", by_result.right, weighted.right)
    whole = k.linear(
        "the sum over inputs, strings and results is that over histories",
        at_most(stated, chain.right),
        [(1, by_result), (1, second), (-1, weighted), (-1, definition), (1, chain)],
        goal.hypotheses,
    )
    granted = k.restated("to the power n", whole, 2 ** (-(alpha - 1) * n * kappa), goal.hypotheses)
    length_ = goal.from_claim("hashing turns this into key", "renyi-privacy-amplification", "length", {})
    close = k.cut(length_, granted, words="the key is epsilon close to an ideal one")
    goal.conclude(name, goal.stated(name, close))
    checked = k.assume(is_checked(V, collision_))
    sound = k.by_theorem(
        "what differs and passes the check adds to that",
        protocols.COMPOSED,
        {V: V, eps: eps, protocols.error: collision_},
        close,
        checked,
    )
    shown = k.restated("the soundness", sound, goal["soundness"].right)
    goal.conclude("soundness", goal.stated("soundness", shown))


def numerical(statement: Statement) -> Iterator[Step]:
    """The sum of a round of dense states and measurements, against the ceiling at their own S."""
    import mpmath as mp

    value, violating = sp.Symbol("value"), statement["pairs"].right
    bound = violating.xreplace(dict.fromkeys(violating.atoms(chsh), value))
    with mp.workdps(DIGITS + 10):
        order, tested, u = mp.mpf(13) / 10, mp.mpf(1) / 4, (mp.mpf(1) / 2, mp.mpf(5) / 4)
        vectors = [mp.matrix([sp.N(one, DIGITS + 10) for one in v_]) for v_ in bell.bell_vectors()]
        C = mp.mpf(3) / 4
        half = mp.atan(C) / 2
        best = ([(1 + C) / 2, (1 - C) / 2, mp.mpf(0), mp.mpf(0)], (mp.mpf(0), mp.pi / 2, 2 * half, -2 * half))
        noisy = ([mp.mpf(one) / 100 for one in (97, 1, 1, 1)], (mp.mpf(0), mp.pi / 2, mp.pi / 4, -mp.mpf(3) / 4))
        for name, (parts, places) in (("attaining", best), ("noisy", noisy)):
            rho = renyi.total([w * v_ * v_.H for w, v_ in zip(parts, vectors, strict=True)])
            found_value = _chsh(parts, places)
            values = {
                alpha: sp.Rational(13, 10),
                gamma: sp.Rational(1, 4),
                lost: sp.Rational(1, 2),
                gain: sp.Rational(5, 4),
                value: sp.Float(str(found_value), DIGITS + 10),
            }
            stated = number(bound, values)
            found = round_sum(rho, places, order, tested, u)
            yield holds(
                f"{name} device, S = {mp.nstr(found_value, 8)}: the sum of a round is below the ceiling",
                found <= stated,
                detail=f"{mp.nstr(found, 10)} against {mp.nstr(stated, 10)}",
            )


def _chsh(parts: list[Any], places: tuple[Any, Any, Any, Any]) -> Any:
    """S of a Bell-diagonal state measured along cos Z + sin X."""
    import mpmath as mp

    first, second, third, fourth = parts
    t = first + second - third - fourth, first - second + third - fourth

    def correlator(x: int, y: int) -> Any:
        x_, y_ = places[x], places[2 + y]
        return t[0] * mp.cos(x_) * mp.cos(y_) + t[1] * mp.sin(x_) * mp.sin(y_)

    return correlator(0, 0) + correlator(0, 1) + correlator(1, 0) - correlator(1, 1)


CLAIM = Claim(
    name="renyi-key-length",
    title="The Rényi key length",
    source="this project, after zhang2020, arqand2025 and hahn2025",
    state=state,
    derive=derive,
    witness=numerical,
)
