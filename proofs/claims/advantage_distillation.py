"""Repetition-code advantage distillation on n copies of rho_{d,p}: ((1-p)^n + p^n)/n (1 - h(q) - q) bits a copy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, integer, symbol
from keybounds.proofs.notions import K, rho
from keybounds.proofs.notions_private import converts, leaves, named, pair
from keybounds.proofs.theorems import keys

d, n, p = integer("d"), integer("n"), symbol("p")


def state() -> Statement:
    """Return the statement, for every d >= 2, 0 < p < 1 and n >= 1."""
    accepted = (1 - p) ** n + p**n
    q = p**n / accepted
    return Statement(
        parameters=(
            Parameter(d, "dimension of each shield"),
            Parameter(p, "weight of the key's errors"),
            Parameter(n, "copies that are compared"),
        ),
        hypotheses=(at_least(d, 2), greater(p, 0), less(p, 1)),
        clauses=(
            Clause("conversion", converts(n, p, accepted, q)),
            Clause("key", at_least(K(rho(d, p)), accepted / n * (1 - h(q) - q))),
        ),
    )


def derive(goal: Goal) -> None:
    """Add one copy at a time; then one-way discussion of what is left."""
    conversion = _conversion(goal)
    goal.conclude("conversion", conversion)
    copies, error, accepted, q = goal["conversion"].predicate.arguments
    distilled = k.by_theorem(
        "of n copies one is left",
        keys.DISTILLED,
        {keys.n: copies, keys.p: error, keys.weight: accepted, keys.q: q},
        conversion,
    )
    one = goal.from_claim("one-way discussion", "privacy-squeezing-key", "rate of the bits")
    reached = k.instantiated(one, {p: q}, goal.hypotheses, words="one-way discussion of what is left")
    bits = goal.from_claim("the key is that of the bits", "privacy-squeezing-key", "bits")
    goal.conclude(
        "key",
        k.linear(
            "per copy",
            goal["key"].relation,
            [(1, bits), (1, distilled), (accepted / copies, reached)],
            goal.hypotheses,
        ),
    )


def _conversion(goal: Goal) -> k.Fact:
    """By induction over the copies: what is left of n and one fresh copy are a pair."""
    wanted = goal["conversion"].predicate
    _, error, accepted, q = wanted.arguments
    first = k.by_theorem("one copy is itself", keys.FIRST, {keys.p: error})
    following, after = accepted.subs(n, n + 1), q.subs(n, n + 1)
    left = k.decided(
        "what is left of n copies matches a fresh one with probability P_{n+1}/P_n, and then differs with probability "
        "q_{n+1}; Eve, who hears the parity, knows no more of it than of one copy",
        leaves(pair(q, error), named("zs"), following / accepted, after),
        goal.hypotheses,
    )
    values = {
        keys.n: n,
        keys.p: error,
        keys.weight: accepted,
        keys.q: q,
        keys.other: following / accepted,
        keys.value: after,
    }
    joined = k.by_theorem("one copy more", keys.JOINED, values, k.assume(wanted), left)
    return k.by_induction("any number of copies", n, 1, first, joined, wanted)


def numerical(statement: Statement) -> Iterator[Step]:
    """Enumerate all words at n = 2 and 3, and take Eve's density matrices on two copies of the dense state at d = 2."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        chosen = mp.mpf(2) / 5
        for copies in (2, 3):
            stated = number(statement["key"].right, {n: copies, p: sp.Rational(2, 5)})
            yield witness(f"enumeration of all words, n = {copies}, p = 2/5", stated, _enumerated(copies, chosen))
        stated = number(statement["key"].right, {n: 2, p: sp.Rational(2, 5)})
        yield witness("Eve's states on two dense copies, d = 2, p = 2/5", stated, _two_dense_copies(chosen))


def _enumerated(n: int, p: Any) -> Any:
    """Rate from the joint distribution of all words; Eve sees which copies err, their bits, and the parities."""
    import mpmath as mp

    joint: dict[tuple[int, int, Any], Any] = {}
    for bits in itertools.product((0, 1), repeat=n):
        for errors in itertools.product((0, 1), repeat=n):
            parities = tuple(bit ^ bits[0] for bit in bits)
            received = tuple(bit ^ e for bit, e in zip(bits, errors, strict=True))
            if parities != tuple(bit ^ received[0] for bit in received):
                continue
            eve = (parities, errors, tuple(bit for bit, e in zip(bits, errors, strict=True) if e))
            weight = mp.mpf(1) / 2**n * p ** sum(errors) * (1 - p) ** (n - sum(errors))
            key = (bits[0], received[0], eve)
            joint[key] = joint.get(key, mp.mpf(0)) + weight
    accepted = mp.fsum(joint.values())

    def marginal_entropy(*parts: Callable[[tuple[int, int, Any]], Any]) -> Any:
        weights: dict[Any, Any] = {}
        for key, weight in joint.items():
            label = tuple(part(key) for part in parts)
            weights[label] = weights.get(label, mp.mpf(0)) + weight / accepted
        return dense.entropy(list(weights.values()))

    def alice(key: Any) -> Any:
        return key[0]

    def bob(key: Any) -> Any:
        return key[1], key[2][0]  # his bit, and the parities that all have heard

    def eavesdropper(key: Any) -> Any:
        return key[2]

    gain = marginal_entropy(bob) - marginal_entropy(alice, bob)
    gain += marginal_entropy(alice, eavesdropper) - marginal_entropy(eavesdropper)
    return accepted / n * gain


def _two_dense_copies(p: Any) -> Any:
    """Rate for n = 2 from Eve's density matrices of a purification of rho_{2,p}."""
    import mpmath as mp

    rho = dense.ppt_private_state(2, p)
    labels = list(itertools.product((0, 1), repeat=2))
    single = dict(zip(labels, dense.eve_states(rho, [dense.keys(2, a, b) for a, b in labels]), strict=True))
    accepted, difference = mp.mpf(0), mp.mpf(0)
    for parity in (0, 1):
        eve = {
            (a, b): dense.kron(single[a, b], single[a ^ parity, b ^ parity])
            for a, b in labels  # Bob's parity is Alice's: this is all that he accepts
        }
        weights = {label: mp.re(dense.trace(state)) for label, state in eve.items()}
        total = mp.fsum(weights.values())
        given = [eve[a, 0] + eve[a, 1] for a in (0, 1)]
        alice_bob = 2 - dense.entropy([w / total for w in weights.values()])
        holevo = (
            dense.entropy(dense.eigenvalues((given[0] + given[1]) / total))
            - mp.fsum(dense.entropy(dense.eigenvalues(2 * state / total)) for state in given) / 2
        )
        accepted += total
        difference += total * (alice_bob - holevo)
    return difference / 2


CLAIM = Claim(
    name="advantage-distillation",
    title="Key by repetition-code advantage distillation",
    source="this project, after maurer1993",
    state=state,
    derive=derive,
    witness=numerical,
)
