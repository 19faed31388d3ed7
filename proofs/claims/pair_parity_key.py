"""Key by hashed pair parities, by recursion over levels: S_n(p) = pos(g(p))/2 + P/2 S_{n-1}(p^2/P).

g(p) = 1 - p^2 - h(2p(1-p)) is the gain of a hashed pair of bits that differ with probability p, P = p^2 + (1-p)^2 the
probability that a pair matches, p^2/P the error of what it leaves. Written out, S_n is the sum over the levels k < n of
(prod_{j<k} P_j/2) pos(g(p_k))/2.

Hashing the parities of pairs instead of announcing them is vollbrecht2004 for entanglement distillation and
watanabe2007 for key distribution; what is derived here is the rate for these states, with its recursion.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.claims.privacy_squeezing_key import entropy
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, positive_part, symbol, thing
from keybounds.proofs.notions import K, is_state, rho
from keybounds.proofs.notions_private import (
    K_bits,
    K_hashed,
    determines,
    dimmed,
    is_secret_or_known,
    leaves,
    named,
    pair,
    pair_parity,
)
from keybounds.proofs.theorems import keys

d, n, p, w, A = integer("d"), integer("n"), symbol("p"), symbol("w"), thing("A")
GAIN = 1 - p**2 - h(2 * p * (1 - p))
MATCH = p**2 + (1 - p) ** 2
ERROR = p**2 / MATCH
LEVELS = k.Recursion(
    "S_n(p): rate of n levels",
    pair_parity(n, p),
    n,
    positive_part(GAIN) / 2,
    positive_part(GAIN) / 2 + MATCH / 2 * pair_parity(n, ERROR),
)


def state() -> Statement:
    """Return the statement, for all 0 < p < 1 and any number of levels."""
    return Statement(
        parameters=(
            Parameter(p, "probability that measured bits differ"),
            Parameter(w, "share of bits that are told"),
            Parameter(n, "number of levels"),
            Parameter(d, "dimension of each shield of rho"),
            Parameter(A, "any state"),
        ),
        hypotheses=(greater(p, 0), less(p, 1)),
        clauses=(
            Clause("one level", at_least(K_bits(p), positive_part(GAIN) / 2 + MATCH / 2 * K_bits(ERROR))),
            Clause("more errors", at_least(K_bits(p), K_bits(p + w * (1 - p))), (at_most(w, 1),), "less key"),
            Clause("levels", at_least(K_bits(p), pair_parity(n, p))),
            Clause("any state", at_least(K(A), pair_parity(n, p)), (is_state(A), is_secret_or_known(A, p))),
            Clause("private states", at_least(K(rho(d, p)), pair_parity(n, p)), (at_least(d, 2),)),
        ),
        meanings=(LEVELS,),
    )


def recursion_of(statement: Statement) -> k.Recursion:
    """The recursion by which the statement defines the rate of n levels."""
    (recursion,) = statement.meanings
    if not isinstance(recursion, k.Recursion):
        raise k.StepFailedError("rate of n levels", "it is not defined by recursion")
    return recursion


def derive(goal: Goal) -> None:
    """One level from the table of a pair; any number by induction, for all error probabilities at once."""
    level = _one_level(goal)
    goal.conclude("one level", level)
    goal.conclude("more errors", _more_errors(goal))
    levels = _all_levels(goal, level)
    goal.conclude("levels", levels)
    measured = k.by_theorem(
        "the key is at least that of the measured bits",
        keys.MEASURED,
        {keys.A: A, keys.p: p},
        k.assume(is_state(A)),
        k.assume(is_secret_or_known(A, p)),
    )
    rate = goal["any state"].relation
    goal.conclude("any state", k.linear("a key rate of the state", rate, [(1, measured), (1, levels)]))
    bits = goal.from_claim("rho has these branches", "privacy-squeezing-key", "bits")
    rate = goal["private states"].relation
    goal.conclude("private states", k.linear("a key rate of rho", rate, [(1, bits), (1, levels)]))


def _one_level(goal: Goal) -> k.Fact:
    """What a pair yields: a hashed parity, and the first bit if it matches."""
    source, given = pair(p, p), goal.given("one level")
    known = entropy("Eve lacks 1 - p^2 bits of s, even if she holds what is left", "s", "zv", source, 1 - p**2, given)
    lacking = entropy("Bob lacks h(2p(1-p)) bits of s", "s", "t", source, h(2 * p * (1 - p)), given)
    places = dict(zip((keys.a, keys.b, keys.e), (named("s"), named("t"), named("zv")), strict=True))
    places[keys.source] = source
    hashed = k.by_theorem("hashing the parity", keys.HASHED, places)
    gain = k.linear(
        "the gain of a hashed pair",
        at_least(K_hashed(*places.values()), GAIN),
        [(1, hashed), (1, known), (-1, lacking)],
        given,
    )
    announced = k.by_theorem("announcing the parity", keys.ANNOUNCED, places)
    who = k.decided(
        "s and t say whether the pair matches", determines(named("st"), named("m"), source), goal.hypotheses
    )
    both = k.by_theorem("the parity and what is left make key side by side", keys.IN_PARTS, {keys.source: source}, who)
    left = k.decided(
        "a pair matches with probability p^2 + (1-p)^2; what is left is uniform, differs with probability p^2/P, and "
        "Eve knows as much of it as of one copy, even if she holds s",
        leaves(source, named("zs"), MATCH, ERROR),
        given,
    )
    places = {keys.source: source, keys.e: named("zs"), keys.weight: MATCH, keys.q: ERROR}
    rest = k.by_theorem("the key of what is left", keys.MATCHED, places, left)
    halves = k.by_theorem("two copies are a pair", keys.PAIRS, {keys.p: p})
    cases = []
    for sign, what in ((greater(GAIN, 0), gain), (at_most(GAIN, 0), announced)):
        part = k.positive_part_is("the positive part", k.assume(sign))
        cases.append(
            k.linear(
                "one level, " + ("with gain" if sign.relation == ">" else "without"),
                goal["one level"].relation,
                [
                    (1, halves),
                    (sp.Rational(1, 2), both),
                    (sp.Rational(1, 2), rest),
                    (sp.Rational(1, 2), what),
                    (-sp.Rational(1, 2), part),
                ],
                given,
            )
        )
    first, second = cases
    return k.by_cases("with gain or without", first, second, greater(GAIN, 0))


def _more_errors(goal: Goal) -> k.Fact:
    """Alice tells a share of her bits, and Bob takes the other one there."""
    (worse,) = goal["more errors"].right.args
    left = k.decided(
        "where Alice tells x and Bob takes the other bit, they differ, and Eve knows x",
        leaves(dimmed(p, w), named("zx"), sp.Integer(1), worse),
        goal.given("more errors"),
    )
    return k.by_theorem("announcing some bits", keys.DIMMED, {keys.p: p, keys.other: w, keys.q: worse}, left)


def _all_levels(goal: Goal, level: k.Fact) -> k.Fact:
    """Induct over the levels, for all p: what a level leaves is of the same kind, with another p."""
    recursion = recursion_of(goal.statement)
    wanted, given = goal["levels"].relation, goal.given("levels")
    rest = k.inequality("no rate is negative", at_least(K_bits(ERROR), 0), given)
    first = k.by_recursion(recursion, {}, start=True)
    base = k.linear(
        "one level",
        wanted.substituted({n: sp.Integer(1)}),
        [(1, level), (MATCH / 2, rest), (-1, first)],
        given,
    )
    before = k.assume(wanted.substituted({p: ERROR}))
    more = k.by_recursion(recursion, {})
    step = k.linear(
        "one level more",
        wanted.substituted({n: n + 1}),
        [(1, level), (MATCH / 2, before), (-1, more)],
        given,
    )
    return k.by_induction_along("any number of levels, for all p", n, 1, base, step, wanted, {p: ERROR})


def numerical(statement: Statement) -> Iterator[Step]:
    """Two levels from the joint distribution of all courses of four copies; one from Eve's dense density matrices."""
    import mpmath as mp

    recursion = recursion_of(statement)
    gain = next(iter(recursion.base.atoms(type(positive_part(p))))).args[0]
    following = recursion.step.atoms(type(recursion.left)).pop()
    weight = recursion.step.coeff(following)
    with mp.workdps(DIGITS + 10):
        at = {p: sp.Rational(1, 5)}
        # of four copies a second level needs both pairs to match, and so weight^2
        stated = number(gain, at) / 2 + number(weight, at) ** 2 * number(gain.subs(p, following.args[1]), at)
        yield witness("two levels on four copies, all courses enumerated, p = 1/5", stated, _four_copies(mp.mpf(1) / 5))
        yield witness(
            "one pair of dense copies, Eve's density matrices, d = 2, p = 2/5",
            number(gain, {p: sp.Rational(2, 5)}),
            _dense_pair(mp.mpf(2) / 5),
        )


def _four_copies(p: Any) -> Any:
    """Eve's uncertainty about the parities of two levels less Bob's, per copy, from probabilities alone."""
    import mpmath as mp

    joint: dict[tuple[Any, Any, Any], Any] = {}
    for bits in itertools.product((0, 1), repeat=4):
        for bad in itertools.product((0, 1), repeat=4):
            received = tuple(x ^ e for x, e in zip(bits, bad, strict=True))
            pairs = [(0, 1), (2, 3)]
            alice = [bits[a] ^ bits[b] for a, b in pairs]
            bob = [received[a] ^ received[b] for a, b in pairs]
            if alice == bob:  # both match: the roots 0 and 2 meet on the second level
                alice.append(bits[0] ^ bits[2])
                bob.append(received[0] ^ received[2])
            eve = (bad, tuple(x for x, e in zip(bits, bad, strict=True) if e))
            label = (tuple(alice), tuple(bob), eve)
            weight = mp.mpf(1) / 16 * p ** sum(bad) * (1 - p) ** (4 - sum(bad))
            joint[label] = joint.get(label, mp.mpf(0)) + weight

    def total(view: Callable[[Any, Any, Any], Any]) -> Any:
        weights: dict[Any, Any] = {}
        for label, weight in joint.items():
            seen = view(*label)
            weights[seen] = weights.get(seen, mp.mpf(0)) + weight
        return dense.entropy(list(weights.values()))

    def first(alice: Any, bob: Any) -> Any:
        return alice[:2], bob[:2]

    eve = total(lambda alice, bob, eve: (alice, eve)) - total(lambda alice, bob, eve: eve)
    # Bob learns the first level's parities before he meets the second's
    bob = total(lambda alice, bob, eve: first(alice, bob)) - total(lambda alice, bob, eve: bob[:2])
    bob += total(lambda alice, bob, eve: (alice, bob)) - total(lambda alice, bob, eve: (first(alice, bob), bob[2:]))
    return (eve - bob) / 4


def _dense_pair(p: Any) -> Any:
    """Devetak-Winter rate of the parity of two copies of the dense rho_{2,p}."""
    import mpmath as mp

    rho = dense.ppt_private_state(2, p)
    labels = [(a, b) for a in (0, 1) for b in (0, 1)]
    single = dict(zip(labels, dense.eve_states(rho, [dense.keys(2, a, b) for a, b in labels]), strict=True))
    eve: dict[tuple[int, int], Any] = {}
    for (a1, b1), (a2, b2) in itertools.product(labels, repeat=2):
        state = dense.kron(single[a1, b1], single[a2, b2])
        parities = (a1 ^ a2, b1 ^ b2)
        eve[parities] = eve[parities] + state if parities in eve else state
    weights = [mp.re(dense.trace(eve[label])) for label in labels]
    given = [eve[s, 0] + eve[s, 1] for s in (0, 1)]
    holevo = dense.entropy(dense.eigenvalues(given[0] + given[1]))
    holevo -= mp.fsum(dense.entropy(dense.eigenvalues(2 * state)) for state in given) / 2
    return 2 - dense.entropy(weights) - holevo


CLAIM = Claim(
    name="pair-parity-key",
    title="Key by hashed pair parities",
    source="this project, after vollbrecht2004 and watanabe2007",
    state=state,
    derive=derive,
    witness=numerical,
)
