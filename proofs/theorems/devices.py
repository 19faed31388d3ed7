"""Ceilings on device-independent keys from what a device shares with Eve, and what tables devices have."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from keybounds.proofs.logic.kernel import ForAll, Meaning, Theorem
from keybounds.proofs.logic.propositions import Proposition, at_least, at_most, equal
from keybounds.proofs.logic.sums import Direct, Total
from keybounds.proofs.logic.terms import integer, real, thing
from keybounds.proofs.notions import D, E_r, S, is_separable
from keybounds.proofs.notions_attacks import (
    LABELS,
    PAIRS,
    A,
    A_hat,
    B,
    E,
    K_any,
    K_one,
    K_rounds,
    K_sifted,
    K_two,
    L,
    R,
    Shared,
    Unknown,
    V,
    a,
    b,
    bounds_costs,
    bounds_pairs,
    chance,
    chsh_and_error,
    chsh_of,
    completes_rounds,
    conditional,
    copy,
    cost,
    error_of,
    eve_holds,
    has_chsh_and_error,
    has_key_part,
    has_labels,
    has_parts,
    has_points,
    has_qubit,
    have_same_table,
    indicator,
    information,
    is_attack,
    is_bell_device,
    is_fixed,
    is_local,
    is_mixture,
    is_quantum,
    is_sharp,
    is_weighted,
    l,
    m,
    margin,
    moves,
    outcomes,
    pair,
    pinched,
    prob,
    processed,
    product_device,
    reply,
    reproduces,
    round_,
    s,
    shared,
    shares_at_most,
    strategy,
    t,
    tagged,
    talk,
    tilted,
    weight,
    with_common_label,
    with_label,
    x,
    y,
)
from keybounds.proofs.tables import KEY

delta, P, rho, sigma = (thing(name) for name in ("delta", "P", "rho", "sigma"))
k, q, chsh, error, c = (real(name) for name in ("k", "q", "S", "Q", "c"))

TILTED = Theorem(
    name="measurements",
    source="nielsen2010, Section 2.2",
    words="A vector of norm 1 and projectors are a device, also if outcomes are flipped with a probability.",
    hypotheses=(is_sharp(tilted(k, q)), at_least(q, 0), at_most(q, 1)),
    conclusion=is_bell_device(tilted(k, q)),
)


@cache
def information_of(eve: tuple[Any, ...]) -> Theorem:
    """Eve holds these systems."""
    return Theorem(
        name="information that Eve leaves",
        source="arnonfriedman2020; christandl2007",
        words="The key from outcomes of one announced setting is at most I(A:B|E) of any device with the statistics.",
        hypotheses=(is_bell_device(delta), reproduces(delta, P), eve_holds(delta, sp.Tuple(*eve))),
        conclusion=at_most(K_two(P), information(outcomes(delta), (A,), (B,), eve)),
    )


ENTANGLEMENT = Theorem(
    name="entanglement of a device",
    source="christandl2021, Eq. (5); horodecki2009",
    words="The key of any discussion is at most the relative entropy of entanglement of any device's state.",
    hypotheses=(is_bell_device(delta), reproduces(delta, P)),
    conclusion=at_most(K_any(P), E_r(shared(delta))),
)
LEAST = Theorem(
    name="relative entropy of entanglement",
    source="vedral1997",
    words="E_r is the least relative entropy to a separable state.",
    hypotheses=(is_separable(sigma),),
    conclusion=at_most(E_r(rho), D(rho, sigma)),
)
PINCHED = Theorem(
    name="pinched states are separable",
    source="werner1989",
    words="A mixture of product states |v><v| x rho_v is separable.",
    hypotheses=(has_qubit(rho),),
    conclusion=is_separable(pinched(rho)),
)
PINCHING = Theorem(
    name="relative entropy to the pinched state",
    source="nielsen2010, proof of Theorem 11.9",
    words="Tr rho log P(rho) = Tr P(rho) log P(rho), so that D(rho || P(rho)) = S(P(rho)) - S(rho).",
    hypotheses=(has_qubit(rho),),
    conclusion=equal(D(rho, pinched(rho)), S(pinched(rho)) - S(rho)),
)
COARSER = Theorem(
    name="fewer statistics",
    source="kaur2021; christandl2021, Eq. (2)",
    words="What is secret against every device with the same S and Q is so against those with a table that has them.",
    hypotheses=(has_chsh_and_error(P, chsh, error),),
    conclusion=at_most(K_two(chsh_and_error(chsh, error)), K_two(P)),
)


# --------------------------------------------------------------------------------------- convex-combination attacks

QUANTUM = Theorem(
    name="quantum tables",
    source="navascues2008",
    words="The table of a device is quantum.",
    hypotheses=(is_bell_device(delta), reproduces(delta, P)),
    conclusion=is_quantum(P),
)


def part_weight(k: int) -> Any:
    """The symbol of the weight of local table k."""
    return real(f"a_{k}")


def multiplicity(k: int) -> Any:
    """The symbol of how often it occurs."""
    return real(f"m_{k}")


@cache
def local(n: int) -> Theorem:
    """Deterministic tables with n different weights that are not negative make a local one."""
    return Theorem(
        name=f"local tables, {n} weights",
        source="farkas2021",
        words="A mixture of deterministic tables is local.",
        hypotheses=(
            has_points(P, sp.Tuple(*(sp.Tuple(part_weight(k), multiplicity(k)) for k in range(1, n + 1)))),
            *(at_least(part_weight(k), 0) for k in range(1, n + 1)),
        ),
        conclusion=is_local(P),
    )


class Attack(NamedTuple):
    """The places of a convex-combination attack with n local parts: a table for each, and for each key outcome ab.

    Eve knows which part a round belongs to, and both outcomes in the local ones; that she does so in a local round with
    outcomes ab she forgets with probability `forget`, and takes it for a nonlocal one.
    """

    nonlocal_weight: Any
    nonlocal_table: Any
    weights: tuple[Any, ...]
    tables: tuple[Any, ...]
    nonlocal_key: tuple[Any, ...]
    keys: tuple[tuple[Any, ...], ...]
    forget: tuple[Any, ...]

    @property
    def hypotheses(self) -> tuple[Proposition, ...]:
        """What makes it an attack on P."""
        parts = [(self.nonlocal_weight, self.nonlocal_table), *zip(self.weights, self.tables, strict=True)]
        return (
            is_mixture(P, sp.Tuple(*(sp.Tuple(*one) for one in parts))),
            is_quantum(self.nonlocal_table),
            *(is_local(one) for one in self.tables),
            has_key_part(self.nonlocal_table, sp.Tuple(*self.nonlocal_key)),
            *(has_key_part(one, sp.Tuple(*key)) for one, key in zip(self.tables, self.keys, strict=True)),
            *(at_least(one, 0) for one, _ in parts),
            equal(sp.Add(*(one for one, _ in parts)), 1),
            *(at_least(one, 0) for one in self.forget),
            *(at_most(one, 1) for one in self.forget),
        )

    @property
    def local_key(self) -> list[Any]:
        """P(ab, local) for each ab."""
        return [
            sp.Add(*(w * key[ab] for w, key in zip(self.weights, self.keys, strict=True)))
            for ab in range(len(OUTCOMES))
        ]

    @property
    def unknown(self) -> Any:
        """P(ab, f) for the f of the rounds that Eve takes for nonlocal ones; in all others she knows both outcomes."""
        masses = [
            self.nonlocal_weight * n + c * p
            for n, c, p in zip(self.nonlocal_key, self.forget, self.local_key, strict=True)
        ]
        return sp.Tuple(sp.Tuple(*masses[:2]), sp.Tuple(*masses[2:]))


OUTCOMES = ("00", "01", "10", "11")


@cache
def attack(n: int) -> Attack:
    """The attack with n local parts."""
    return Attack(
        real("w"),
        thing("N"),
        tuple(part_weight(k) for k in range(1, n + 1)),
        tuple(thing(f"L_{k}") for k in range(1, n + 1)),
        tuple(real(f"n_{ab}") for ab in OUTCOMES),
        tuple(tuple(real(f"l_{k}_{ab}") for ab in OUTCOMES) for k in range(1, n + 1)),
        tuple(real(f"c_{ab}") for ab in OUTCOMES),
    )


@cache
def two_way(n: int) -> Theorem:
    """The intrinsic information of a convex-combination attack bounds the two-way key."""
    made = attack(n)
    return Theorem(
        name=f"convex-combination attack, {n} local parts",
        source="farkas2021; maurer1999",
        words="The key from outcomes of one announced setting is at most I(A:B|F) for whatever Eve makes of her label; "
        "where she knows both outcomes nothing is shared.",
        hypotheses=made.hypotheses,
        conclusion=at_most(K_two(P), Shared(sp.Tuple(made.unknown))),
    )


@cache
def one_way(n: int) -> Theorem:
    """H(A|E) - H(A|B) of the attack, A flipped with probability q, bounds the one-way key."""
    made = attack(n)
    flipped = [(1 - q, q), (q, 1 - q)]  # of A = 0 and of A = 1

    def spread(masses: Any) -> Any:
        """P of the flipped outcome from P of Alice's."""
        return sp.Tuple(*(sp.Add(*(m * flipped[a][new] for a, m in enumerate(masses))) for new in (0, 1)))

    nonlocal_ = [made.nonlocal_weight * one for one in made.nonlocal_key]
    known = made.local_key
    eve = [
        spread((nonlocal_[0] + nonlocal_[1], nonlocal_[2] + nonlocal_[3])),
        *(spread((p, 0) if ab < 2 else (0, p)) for ab, p in enumerate(known)),
    ]
    whole = [n_ + l_ for n_, l_ in zip(nonlocal_, known, strict=True)]
    bob = [spread((whole[b], whole[2 + b])) for b in (0, 1)]
    return Theorem(
        name=f"one-way key under a convex-combination attack, {n} local parts",
        source="lukanowski2023; devetak2005",
        words="One-way key from flipped outcomes is at most H(A|E) - H(A|B).",
        hypotheses=(*_without_forgetting(made), at_least(q, 0), at_most(q, 1)),
        conclusion=at_most(K_one(P, q), Unknown(sp.Tuple(*eve)) - Unknown(sp.Tuple(*bob))),
    )


def _without_forgetting(made: Attack) -> tuple[Proposition, ...]:
    return tuple(one for one in made.hypotheses if not one.symbols & set(made.forget))


# ----------------------------------------------------------------------------------------------------------- mixtures


class Mixture(NamedTuple):
    """What a mixture of devices is that draws a label, each a theorem about an attack on P."""

    device: Theorem
    table: Theorem
    eve: Theorem
    outcomes: Theorem
    processed: Theorem
    common: Theorem
    common_table: Theorem
    convexity: Theorem


f = thing("f")


@cache
def mixture(weight_: Any, device: Any, index: Any, over: Any) -> Mixture:
    """The theorems for the devices `device` with the weights `weight_`."""
    mixed = Direct(weight_ * device, index, over)
    attack_ = is_attack(P, mixed)
    kept, common = with_label(mixed), with_common_label(mixed)

    def theorem(name: str, source: str, words: str, conclusion: Any) -> Theorem:
        return Theorem(name=name, source=source, words=words, hypotheses=(attack_,), conclusion=conclusion)

    def drawn(name: str, conclusion: Any) -> Theorem:
        words = "Drawing a label and doing what the device of this label does is a device, whose table is the mean."
        return theorem(name, "kaur2021", words, conclusion)

    def in_blocks(state: Any, systems: tuple[Any, ...]) -> Any:
        blocks = Direct(weight_ * state(device), index, over)
        return has_labels(state(kept), sp.Tuple(L), sp.Tuple(*systems), blocks)

    return Mixture(
        drawn("mixture of devices", is_bell_device(kept)),
        drawn("table of a mixture", reproduces(kept, P)),
        drawn("Eve's label", eve_holds(kept, sp.Tuple(E, L))),
        drawn("outcomes of a mixture", in_blocks(outcomes, (A, B, E))),
        drawn("symbols of a mixture", in_blocks(lambda one: processed(one, f), (A_hat, B, E, V))),
        drawn("mixture with a common label", is_bell_device(common)),
        drawn("table of a mixture with a common label", reproduces(common, P)),
        theorem(
            "convexity of the relative entropy of entanglement",
            "vedral1998",
            "E_r of a mixture is at most the mean of its parts' E_r.",
            at_most(E_r(shared(common)), Total(weight_ * E_r(tagged(shared(device), index)), index, over)),
        ),
    )


TAGGED = Theorem(
    name="relative entropy of entanglement under local operations",
    source="vedral1997",
    words="E_r does not increase under local operations, such as adding |k> on both sides.",
    hypotheses=(),
    conclusion=at_most(E_r(tagged(rho, thing("k"))), E_r(rho)),
)


@cache
def sifted(eve: tuple[Any, ...]) -> Theorem:
    """One-way key after fixed preprocessing and post-selection, with these systems of Eve."""
    state = processed(delta, f)
    return Theorem(
        name="one-way key of a preprocessing",
        source="devetak2005",
        words="What is hashed out of Alice's symbol is at most H(A|E,V) - H(A|B,V).",
        hypotheses=(is_bell_device(delta), reproduces(delta, P), eve_holds(delta, sp.Tuple(*eve))),
        conclusion=at_most(
            K_sifted(P, f), conditional(state, (A_hat,), (*eve, V)) - conditional(state, (A_hat,), (B, V))
        ),
    )


PLACES = _a, _b, _x, _y = tuple(thing(name) for name in "abxy")

FIXED = ForAll(
    "a fixed outcome",
    is_fixed(delta, f),
    (_a, _b, _x, _y),
    (),
    (equal(prob(delta, _a, _b, _x, _y), indicator(_a, reply(f, _x)) * margin(delta, _b, _y)),),
)
SAME_TABLE = ForAll(
    "the same table",
    have_same_table(delta, sigma),
    (_a, _b, _x, _y),
    (),
    (equal(prob(delta, _a, _b, _x, _y), prob(sigma, _a, _b, _x, _y)),),
)
REDUCED = Theorem(
    name="reduced density operator",
    source="nielsen2010, Section 2.4.3",
    words="Bob's outcomes depend on his reduced state alone, and Alice's answer is not measured.",
    hypotheses=(is_bell_device(delta),),
    conclusion=equal(
        prob(product_device(delta, f), _a, _b, _x, _y), indicator(_a, reply(f, _x)) * margin(delta, _b, _y)
    ),
)
PRODUCT = Theorem(
    name="product states are separable",
    source="werner1989",
    words="A product state is separable.",
    hypotheses=(is_bell_device(delta),),
    conclusion=is_separable(shared(product_device(delta, f))),
)
ITSELF = Theorem(
    name="Klein's inequality, equality",
    source="nielsen2010, Theorem 11.7",
    words="D(rho || rho) = 0.",
    hypotheses=(),
    conclusion=equal(D(rho, rho), 0),
)

# ------------------------------------------------------------------------------------------------------------- rounds

n, j = integer("n"), integer("j")
k_, z = thing("k"), thing("z")


def _talk(*parts: Any) -> Any:
    return information(talk(n, j), *parts)


def _round(*parts: Any) -> Any:
    return information(round_(n), *parts)


def _zero(value: Any) -> Any:
    return equal(value, 0)


CONDITIONS: dict[str, Proposition] = {
    "systems between rounds": has_parts(talk(n, j), sp.Tuple(R), sp.Tuple(a, b, s, t, m, l)),
    "Alice's randomness is fresh": _zero(_talk((s,), (a, b, R))),
    "Alice's message is hers": _zero(conditional(talk(n, j), (m,), (a, s))),
    "Bob's randomness is fresh": _zero(_talk((t,), (a, b, m, s, R))),
    "Bob's message is his": _zero(conditional(talk(n, j), (l,), (b, m, t))),
    "messages are heard by all": equal(
        information(talk(n, j + 1), (a,), (b,), (R,)), _talk((a, l, s), (b, m, t), (R, l, m))
    ),
    "at the start nothing is shared": _zero(information(talk(1, 1), (a,), (b,), (R,))),
    "systems of a round": has_parts(round_(n), sp.Tuple(R, E), sp.Tuple(a, b, x, y, A, B, L)),
    "a round follows talk": equal(_round((a,), (b,), (R,)), information(talk(n, moves(n)), (a,), (b,), (R,))),
    "Alice chose her input": _zero(conditional(round_(n), (x,), (a,))),
    "Bob chose his input": _zero(conditional(round_(n), (y,), (b,))),
    "Eve's part of the device is fresh": _zero(_round((E, L), (a, b, R))),
    "Bob's outcome depends on his input alone": _zero(_round((B, E, L), (a, b, R), (y,))),
    "Alice's outcome depends on hers alone": _zero(_round((A, E, L), (a, b, R), (x,))),
    "the outcomes depend on both inputs alone": _zero(_round((A, B, E, L), (a, b, R), (x, y))),
    "outcomes by inputs": has_labels(
        round_(n), sp.Tuple(x, y), sp.Tuple(A, B, E, L), Direct(chance(n, z) * copy(z), z, PAIRS)
    ),
    "outcomes by labels": has_labels(
        copy(z), sp.Tuple(L), sp.Tuple(A, B, E), Direct(weight(k_) * pair(k_, z), k_, LABELS)
    ),
    "talk follows a round": equal(information(talk(n + 1, 1), (a,), (b,), (R,)), _round((A, a), (B, b), (R, E, L))),
}
"""What completed rounds on fresh devices are, by name."""

ROUNDS = ForAll("completed rounds", completes_rounds(P, LABELS, PAIRS), (n, j, z), (), tuple(CONDITIONS.values()))
PAIRS_BOUNDED = ForAll(
    "every pair of inputs",
    bounds_pairs(c, LABELS),
    (z,),
    (),
    (at_most(Total(weight(k_) * information(pair(k_, z), (A,), (B,), (E,)), k_, LABELS), c),),
)
SHARED_AFTER_ROUNDS = ForAll(
    "information after rounds", shares_at_most(c), (n, j), (), (at_most(_talk((a,), (b,), (R,)), (n - 1) * c),)
)
KEY_OF_ROUNDS = Theorem(
    name="information bounds the key",
    source="christandl2007",
    words="A secret key is at most I(a:b|R) of what the parties have as they make it, up to terms that vanish with its "
    "error; divided by the number of rounds.",
    hypotheses=(completes_rounds(P, LABELS, PAIRS), shares_at_most(c)),
    conclusion=at_most(K_rounds(P), c),
)

# ---------------------------------------------------------------------------------------------------- two numbers only

CHSH = Meaning(
    "S = E_00 + E_01 + E_10 - E_11",
    chsh_of(delta),
    sp.Add(
        *(
            (-1) ** (first + second + one * other) * prob(delta, first, second, one, other)
            for first, second, one, other in itertools.product((0, 1), repeat=4)
        )
    ),
)
ERROR = Meaning(
    "Q is the probability that the outcomes of the key setting differ",
    error_of(delta),
    prob(delta, 0, 1, *KEY) + prob(delta, 1, 0, *KEY),
)


@cache
def mean_table(weight_: Any, device: Any, index: Any, over: Any) -> Theorem:
    """The table of a mixture is the mean of the tables: the settings are chosen without the label."""
    mixed = Direct(weight_ * device, index, over)
    return Theorem(
        name="linearity of the table",
        source="nielsen2010, Section 2.4.1",
        words="Outcome probabilities are linear in the state, and a label is drawn before a setting is chosen.",
        hypotheses=(is_weighted(mixed),),
        conclusion=equal(
            prob(with_label(mixed), _a, _b, _x, _y), Total(weight_ * prob(device, _a, _b, _x, _y), index, over)
        ),
    )


@cache
def attack_on_numbers(weight_: Any, device: Any, index: Any, over: Any) -> Theorem:
    """A mixture has its own statistics, S and Q among them."""
    mixed = Direct(weight_ * device, index, over)
    kept = with_label(mixed)
    return Theorem(
        name="statistics of a mixture",
        source="kaur2021",
        words="A mixture is an attack on the CHSH value and the key error that it has.",
        hypotheses=(is_weighted(mixed),),
        conclusion=is_attack(chsh_and_error(chsh_of(kept), error_of(kept)), mixed),
    )


COSTS = ForAll(
    "costs of the labels",
    bounds_costs(LABELS),
    (k_,),
    (),
    (at_most(information(outcomes(strategy(k_)), (A,), (B,), (E,)), cost(k_)),),
)
