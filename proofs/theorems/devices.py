"""Ceilings on device-independent keys from what a device shares with Eve, and what tables devices have."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import Proposition, at_least, at_most, equal
from keybounds.proofs.logic.terms import real, thing
from keybounds.proofs.notions import D, E_r, S, is_separable
from keybounds.proofs.notions_attacks import (
    A,
    B,
    K_any,
    K_one,
    K_two,
    Shared,
    Unknown,
    chsh_and_error,
    eve_holds,
    has_chsh_and_error,
    has_key_part,
    has_points,
    has_qubit,
    information,
    is_device,
    is_local,
    is_mixture,
    is_quantum,
    is_sharp,
    outcomes,
    pinched,
    reproduces,
    shared,
    tilted,
)

delta, P, rho, sigma = (thing(name) for name in ("delta", "P", "rho", "sigma"))
k, q, chsh, error = (real(name) for name in ("k", "q", "S", "Q"))

TILTED = Theorem(
    name="measurements",
    source="nielsen2010, Section 2.2",
    words="A vector of norm 1 and projectors are a device, also if outcomes are flipped with a probability.",
    hypotheses=(is_sharp(tilted(k, q)), at_least(q, 0), at_most(q, 1)),
    conclusion=is_device(tilted(k, q)),
)


@cache
def information_of(eve: tuple[Any, ...]) -> Theorem:
    """Eve holds these systems."""
    return Theorem(
        name="information that Eve leaves",
        source="arnonfriedman2020; christandl2007",
        words="The key from outcomes of one announced setting is at most I(A:B|E) of any device with the statistics.",
        hypotheses=(is_device(delta), reproduces(delta, P), eve_holds(delta, sp.Tuple(*eve))),
        conclusion=at_most(K_two(P), information(outcomes(delta), (A,), (B,), eve)),
    )


ENTANGLEMENT = Theorem(
    name="entanglement of a device",
    source="christandl2021, Eq. (5); horodecki2009",
    words="The key of any discussion is at most the relative entropy of entanglement of any device's state.",
    hypotheses=(is_device(delta), reproduces(delta, P)),
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
    hypotheses=(is_device(delta), reproduces(delta, P)),
    conclusion=is_quantum(P),
)


def weight(k: int) -> Any:
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
            has_points(P, sp.Tuple(*(sp.Tuple(weight(k), multiplicity(k)) for k in range(1, n + 1)))),
            *(at_least(weight(k), 0) for k in range(1, n + 1)),
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
    def seen(self) -> Any:
        """P(ab, f) for what Eve then knows: nothing, or ab."""
        known = self.local_key
        unknown = [
            self.nonlocal_weight * n + c * p for n, c, p in zip(self.nonlocal_key, self.forget, known, strict=True)
        ]
        rest = [(1 - c) * p for c, p in zip(self.forget, known, strict=True)]
        singles = [[p if ab == one else sp.Integer(0) for ab in range(len(OUTCOMES))] for one, p in enumerate(rest)]
        return sp.Tuple(*(sp.Tuple(sp.Tuple(*one[:2]), sp.Tuple(*one[2:])) for one in (unknown, *singles)))


OUTCOMES = ("00", "01", "10", "11")


@cache
def attack(n: int) -> Attack:
    """The attack with n local parts."""
    return Attack(
        real("w"),
        thing("N"),
        tuple(weight(k) for k in range(1, n + 1)),
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
        words="The key from outcomes of one announced setting is at most I(A:B|F) for whatever Eve makes of her label.",
        hypotheses=made.hypotheses,
        conclusion=at_most(K_two(P), Shared(made.seen)),
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
