"""Ceilings on device-independent key from all of a table P(a,b|x,y): explicit attacks, found by column generation.

**Principle** [christandl2021]. A device that has the table P is one that no protocol can tell from the honest one, so
what its adversary leaves to the parties is a ceiling. Eve's device draws a strategy k with probability w_k and keeps
the label; whenever Σ_k w_k P_k = P on the measured pairs, it has the table. Pairs that were not measured constrain
nothing: there the device answers as it likes.

**One-way**, with noise q and post-selection p fixed: the rate is p_V [H(Â|E,V) - H(Â|B,V)]. The second entropy and p_V
follow from P, the first is Σ_k w_k p_V^k H(Â|E,V)_k / p_V for this device.

**Two-way**, on the outputs of one announced key setting: K ≤ I(A:B|E) = Σ_k w_k I(A:B|E)_k [christandl2007]. Eve may
hold less than she could, which makes it another ceiling: so the device's printers may err without her knowing.

**Any protocol** that uses both sides of a round before it discusses their outcomes: K ≤ max over x, y of I(A:B|E,x,y),
which is Σ_k w_k I(A:B|E)_k at that pair. Let M_A, M_B be all that Alice and Bob remember, E' all that Eve has of
earlier rounds and of the discussion. A fresh device is used with settings X = f(M_A), Y = g(M_B) and prints A, B. By
the chain rule I(M_A A : M_B B | E' E) is the sum of

    I(M_A : M_B | E' E),   I(A : M_B | E' E M_A),   I(M_A : B | E' E M_B),   I(A : B | E' E M_A M_B).

The first is I(M_A : M_B | E'), for E is fresh. The next two vanish: given X, the output A is together with E
independent of what Bob does and remembers (no signalling), and likewise for B. The last is the mean of I(A:B|E,x,y)
over the settings, at most the greatest. Messages and local processing do not raise I(M_A : M_B | E'): for C a function
of M_A, I(M_A : M_B | E' C) ≤ I(M_A : M_B | E'). So each round adds at most that maximum, and the key is at most the
sum. Settings may depend on earlier rounds, be announced, and be agreed upon; the mixture is the same for all pairs.

Each ceiling is the cost of an explicit mixture, exactly rational and with the exact table, its entropies enclosed in
ball arithmetic and rounded up. Neither the linear program nor the search has to be trusted.

**The certificate** is plain data, exact::

    {"kind": "mixture",
     "scenario": {"outcomes": [na, nb], "settings": [nx, ny]},
     "measured": [[x, y], ...],
     "collins_gisin": [[...], ...],                # the doubles given, null where unmeasured; see `Behaviour`
     "table": [[[P(a,b) as "p/q" by b] by a] by pair of "measured"],                    # what the mixture has
     "distance": "p/q",                            # between the two, in Collins-Gisin entries; "0" where they agree
     "scope": "one-way" | "two-way" | "any", "key": [x, y] | null, "noise": q, "keep": p,   # exact doubles
     "mixture": {
       "grid_bits": 50,
       "points": [{"weight": "p/q", "alice": [outcome by setting], "bob": [...]}, ...],
       "strategies": [{"weight": "p/q", "state": [8 integers], "alice": [M by setting], "bob": [M by setting]}, ...]},
     "value": v}                                   # the ceiling in bits per round, a double

with M = ``{"direction": [c, s], "labels": [i, j], "misprints": [f, g]}``. Weights are non-negative and sum to 1. The
state is ψ_abe at index 4a + 2b + e, not normalised. A measurement projects on v_0 = (c, s) and v_1 = (-s, c), not
normalised; result 0 is printed as outcome i with probability 1 - f/2^50, else as j; result 1 as j with probability
1 - g/2^50, else as i. Eve's unnormalised state for printed outcomes a, b is

    ρ^ab = Σ_st N(a|s) N(b|t) u_st u_st^T / (|ψ|² |v|² |w|²),   u_st,e = Σ_a'b' v_s,a' w_t,b' ψ_a'b'e;

where i = j all of it belongs to that one outcome. Then value ≥ Σ_k w_k c_k + p_V h(q) - p_V H(Â|B,V), clamped at 0, for
"one-way", with c the privacy of `columns.costs` and the rest from the table; value ≥ Σ_k w_k I_k at the key setting for
"two-way"; value ≥ the greatest Σ_k w_k I_k over all nx·ny pairs, measured or not, for "any".
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.correlations.attacks.costs import CostModel, CostTerms
from keybounds.bounds.correlations.attacks.exact import ExactMixture, exact_mixture
from keybounds.bounds.correlations.attacks.search import EFFORTS, ColumnLibrary, search
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.correlations.reconciliation import check_key, kept_rounds
from keybounds.bounds.scope import ANY_PROTOCOL, Protocol, Scope, Trust, two_way
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import ball, binary_entropy, enclose
from keybounds.errors import InputError, UnknownNameError, UnsupportedError

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

Discussed = Literal["two-way", "one-way", "any"]
Effort = Literal["fast", "best"]

MOST_POINTS = 4096
"""Deterministic strategies that the linear program takes; more make it slow."""


def device_independent(
    behaviour: Behaviour,
    *,
    key: tuple[int, int] | None = None,
    scope: Discussed = "two-way",
    noise: float = 0.0,
    keep: float = 1.0,
    effort: Effort = "fast",
    library: ColumnLibrary | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Ceiling on the key of every device-independent protocol of a class, from all of P(a,b|x,y).

    See the module for the statement and its proof. The strategies are deterministic ones and two-qubit ones with real
    projective measurements, of which each may print a fixed outcome; with more than two outcomes a measurement prints
    two of them. The ceiling is valid whatever was found; how tight it is depends on the search.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], exact. The doubles of its Collins-Gisin table are taken as the exact numbers they are.
    key
        The key setting (x, y), counted from 0; measured. None for ``"any"`` only, which does not need one.
    scope
        ``"two-way"``, ``"one-way"`` or ``"any"``: of these only protocols that use both sides of a round before a
        message depends on its outcomes. A party who chose a setting after hearing of the other's outcome could share
        more than the information of any fixed pair; the claim has the example.
    noise, keep
        The preprocessing of ``"one-way"``, as in `devetak_winter`.
    effort
        ``"fast"`` stops at an estimated 1e-5 bit from the best of this kind, or after 40 rounds; ``"best"`` at 2e-7
        bit, or after 120.
    library
        Strategies from earlier calls, to start from; extended with those found. A sweep that hands the same library on
        takes a fraction of the time.
    subject, unit
        What the bound is about (default a digest of the table), and what a round is called.

    Returns
    -------
    Bound
        UPPER, with the mixture as certificate. ``provenance["distance"]`` is 0, or for a table at the edge of the
        quantum set the largest deviation, at most 1e-12, of the table that is bounded from the one given.
        ``diagnostics["gap"]`` estimates how much a longer search could gain.

    Raises
    ------
    BehaviourError
        An estimate; `project_no_signalling` fits one.
    InputError, UnsupportedError, UnknownNameError
        The key setting is not in the table, or missing; preprocessing of another scope, or of outcomes that are not
        bits; more than 4096 deterministic strategies; an unknown scope or effort; a library for another scenario.
    BoundNotEstablishedError
        No mixture of the strategies found has this table: it is not quantum, or at the edge of the quantum set.

    Notes
    -----
    christandl2021 for the principle, christandl2007 for I(A:B|E); the claim ``flagged-mixtures``.
    """
    protocol, model = _checked(behaviour, key, scope, noise, keep)
    if effort not in EFFORTS:
        raise UnknownNameError.among("effort", str(effort), EFFORTS)
    target = Target.of(behaviour)
    (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
    if na**nx * nb**ny > MOST_POINTS:
        raise UnsupportedError(
            "behaviour", f"at most {MOST_POINTS} deterministic strategies", f"{na}^{nx} x {nb}^{ny} = {na**nx * nb**ny}"
        )
    mixture = search(target, model, EFFORTS[effort], library=ColumnLibrary() if library is None else library)
    exact = exact_mixture(mixture)
    digest = subject_of("behaviour", behaviour.P)
    bound = upper_bound(
        enclose_ceiling(exact, model, behaviour.outcomes, protocol),
        unit=unit,
        scope=Scope(subject=subject or digest, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
        method=f"mixture of two-qubit attacks ({_FUNCTIONAL[scope]})",
        reference=f"christandl{2021 if scope == 'one-way' else 2007}; this project, claim flagged-mixtures",
        provenance={**protocol.to_dict(), "behaviour": digest, "distance": float(exact.distance)},
        diagnostics={
            "gap": mixture.gap,
            "rounds": mixture.rounds,
            "strategies": len(exact.strategies),
            "effort": effort,
        },
    )
    certificate = {
        "kind": "mixture",
        "scenario": {"outcomes": [na, nb], "settings": [nx, ny]},
        "measured": [list(pair) for pair in target.measured],
        "collins_gisin": [
            [None if math.isnan(entry) else entry for entry in row] for row in behaviour.collins_gisin.tolist()
        ],
        "table": [
            [[str(p) for p in row] for row in exact.joint(behaviour.outcomes, *pair)] for pair in target.measured
        ],
        "distance": str(exact.distance),
        "scope": scope,
        **protocol.to_dict(),
        "mixture": exact.to_dict(),
        "value": bound.value,
    }
    return replace(bound, certificate=certificate)


def _checked(
    behaviour: Behaviour, key: tuple[int, int] | None, scope: str, noise: float, keep: float
) -> tuple[Protocol, CostModel]:
    """The protocol class, and what a strategy costs in it."""
    if scope not in get_args(Discussed):
        raise UnknownNameError.among("scope", str(scope), get_args(Discussed))
    if scope != "one-way" and (noise, keep) != (0.0, 1.0):
        raise InputError("noise, keep", "0 and 1 where the preprocessing is not fixed", f"{noise!r}, {keep!r}")
    if scope == "any":
        nx, ny = behaviour.settings
        if key is not None:
            check_key(behaviour, key, noise=0.0, keep=1.0)
        return ANY_PROTOCOL, CostModel(tuple((x, y) for x in range(nx) for y in range(ny)), False)
    if key is None:
        raise InputError("key", f"a setting pair (x, y) for the scope {scope!r}", "None")
    protocol = check_key(behaviour, key, noise=noise, keep=keep)
    assert protocol.key is not None
    if scope == "two-way":
        return two_way(key), CostModel((protocol.key,), False)
    return protocol, CostModel((protocol.key,), True, protocol.noise, protocol.keep)


_FUNCTIONAL = {"one-way": "H(Â|E,V)", "two-way": "I(A:B|E)", "any": "I(A:B|E) of the best setting pair"}


def enclose_ceiling(exact: ExactMixture, model: CostModel, outcomes: tuple[int, int], protocol: Protocol) -> arb:
    """The ceiling of an exact mixture, enclosed: the greatest cost over the pairs, or the one-way rate."""
    costs = [[(weight, model.terms(strategy, pair)) for weight, strategy in exact.strategies] for pair in model.pairs]
    if not model.one_way:
        values = [enclose(partial(_total, terms, 0.0)) for terms in costs]
        greatest = values[0]
        for value in values[1:]:
            greatest = greatest.max(value)
        return greatest
    if model.noise == 0.5:
        return arb(0)  # the symbol is a fresh coin to Eve and to Bob
    joint = exact.joint(outcomes, *model.pairs[0])
    # where Bob's outcome tells him the symbol before noise, the noise hides it from both alike: exactly nothing is left
    undecided = [sum(map(bool, column)) > 1 for column in zip(*joint, strict=True)]
    table = [[p if unclear else Fraction(0) for p, unclear in zip(row, undecided, strict=True)] for row in joint]

    def rate() -> arb:
        rounds = kept_rounds([[ball(p) for p in row] for row in table], protocol)
        floor = rounds.survival * binary_entropy(ball(model.noise)) if model.noise else arb(0)
        return _total(costs[0], model.noise) + floor - rounds.unnormalised_entropy

    return enclose(rate)


def _total(terms: list[tuple[Fraction, CostTerms]], noise: float) -> arb:
    return sum((ball(weight) * term.enclosure(noise) for weight, term in terms), arb(0))
