"""Ceilings on device-independent key from all of a table P(a,b|x,y): explicit attacks, found by column generation.

**Principle** [christandl2021]. A device that has the table P is one that no protocol can tell from the honest one, so
what its adversary leaves to the parties is a ceiling. Eve's device draws a strategy k with probability w_k and keeps
the label; whenever Σ_k w_k P_k = P on the measured pairs, it has the table. Pairs that were not measured constrain
nothing: there the device answers as it likes. It has the settings and outcomes of the table and no others.

**One-way**, with noise q and post-selection p fixed: the rate is p_V [H(Â|E,V) - H(Â|B,V)]. The second entropy and p_V
follow from P, the first is Σ_k w_k p_V^k H(Â|E,V)_k / p_V for this device.

**Two-way**, on the outputs of one announced key setting: K ≤ I(A:B|E) = Σ_k w_k I(A:B|E)_k [christandl2007]. Eve may
hold less than she could, which makes it another ceiling: so the device's printers may err without her knowing.

**Completed rounds**: K ≤ max over x, y of I(A:B|E,x,y), which is Σ_k w_k I(A:B|E)_k at that pair. Let M_A, M_B be all
that Alice and Bob remember, E' all that Eve has of earlier rounds and of the discussion. A fresh device is used with
settings X = f(M_A), Y = g(M_B) and prints A, B, of which nobody speaks before both are there. By the chain rule
I(M_A A : M_B B | E' E) is the sum of

    I(M_A : M_B | E' E),   I(A : M_B | E' E M_A),   I(M_A : B | E' E M_B),   I(A : B | E' E M_A M_B).

The first is I(M_A : M_B | E'), for E is fresh. The next two vanish: given X, the output A is together with E
independent of what Bob does and remembers (no signalling), and likewise for B. The last is the mean of I(A:B|E,x,y)
over the settings, at most the greatest. Messages and local processing do not raise I(M_A : M_B | E'): for C a function
of M_A, I(M_A : M_B | E' C) ≤ I(M_A : M_B | E'). So each round adds at most that maximum, and the key is at most the
sum. Settings may depend on earlier rounds, be announced, and be agreed upon; the mixture is the same for all pairs.

**Any discussion**: there the settings of one party may follow from the other's outcome of the same round, and no pair's
information is a ceiling; the claim has a table of half a bit at each pair and one bit of key. But whatever the parties
do with their devices, measurements included, is local operations and public discussion on the states Σ_k w_k ρ_k ⊗
|kk><kk|, so that K ≤ E_r ≤ Σ_k w_k E_r(ρ_k), and E_r(ρ_k) is at most the relative entropy to any separable state, here
the pinching of ρ_k at one side [christandl2021; horodecki2009]. That binds completed rounds too.

Each ceiling is the cost of an explicit mixture, exactly rational and with the exact table, its entropies enclosed in
ball arithmetic and rounded up. Neither the linear program nor the search has to be trusted.

**The certificate** (`AttackMixture`) is plain data, exact::

    {"scenario": {"outcomes": [na, nb], "settings": [nx, ny]},
     "measured": [[x, y], ...],
     "collins_gisin": [[...], ...],                # the doubles given, null where unmeasured; see `Behaviour`
     "table": [[[P(a,b) as "p/q" by b] by a] by pair of "measured"],                    # what the mixture has
     "distance": "p/q",                            # between the two, in Collins-Gisin entries; "0" where they agree
     "protocol": {...},                            # `Protocol.to_dict`
     "mixture": {
       "grid_bits": 50,
       "points": [{"weight": "p/q", "alice": [outcome by setting], "bob": [...]}, ...],
       "strategies": [{"weight": "p/q", "state": [8 integers], "alice": [M by setting], "bob": [M by setting],
                       "pinching": {"side": "alice" | "bob", "direction": [c, s]}}, ...]}}

with M = ``{"direction": [c, s], "labels": [i, j], "misprints": [f, g]}``. Weights are non-negative and sum to 1. The
state is ψ_abe at index 4a + 2b + e, not normalised. A measurement projects on v_0 = (c, s) and v_1 = (-s, c), not
normalised; result 0 is printed as outcome i with probability 1 - f/2^50, else as j; result 1 as j with probability
1 - g/2^50, else as i. Eve's unnormalised state for printed outcomes a, b is

    ρ^ab = Σ_st N(a|s) N(b|t) u_st u_st^T / (|ψ|² |v|² |w|²),   u_st,e = Σ_a'b' v_s,a' w_t,b' ψ_a'b'e;

where i = j all of it belongs to that one outcome. The ceiling is Σ_k w_k c_k + p_V h(q) - p_V H(Â|B,V), clamped at 0,
one-way, with c the privacy of `attacks.costs` and the rest from the table; Σ_k w_k I_k at the key setting two-way;
Σ_k w_k D_k for any discussion, with D the relative entropy to the pinching, which is there unless a party of the
strategy is deterministic at all settings; and for completed rounds the greatest Σ_k w_k I_k over all nx·ny pairs,
measured or not, or the latter, if the pinchings are there, where that is smaller.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.correlations.attacks.costs import CostModel, CostTerms, relative_entropy
from keybounds.bounds.correlations.attacks.exact import ExactMixture, exact_mixture, local_mixture
from keybounds.bounds.correlations.attacks.search import EFFORTS, ColumnLibrary, search
from keybounds.bounds.correlations.attacks.search import Effort as SearchEffort
from keybounds.bounds.correlations.attacks.target import Target
from keybounds.bounds.correlations.reconciliation import kept_rounds
from keybounds.bounds.scope import Scope, Trust
from keybounds.enclosure import ball, binary_entropy, decidable, round_up
from keybounds.errors import BoundNotEstablishedError, UnknownNameError, UnsupportedError
from keybounds.experiments.labelling import largest_chsh
from keybounds.proofs.certificates.data import AttackMixture
from keybounds.protocol import Discussion, Protocol

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour
    from keybounds.experiments.question import Question

Effort = Literal["fast", "best"]
Priced: TypeAlias = list[tuple[Fraction, CostTerms]]  # weight and cost, of the strategies that cost anything

_NO_ROUNDING = 1e-9  # of a CHSH value: far more than the largest distance between table and mixture

MOST_POINTS = 4096
"""Deterministic strategies that the linear program takes; more make it slow."""


def attack_ceiling(
    behaviour: Behaviour, protocol: Protocol, effort: Effort = "fast", *, library: ColumnLibrary | None = None
) -> Bound:
    """Ceiling on the key of every device-independent protocol of a class, from all of P(a,b|x,y).

    See the module for the statement and its proof. The strategies are deterministic ones and two-qubit ones with real
    projective measurements, of which each may print a fixed outcome; with more than two outcomes a measurement prints
    two of them. The ceiling is valid whatever was found; how tight it is depends on the search.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], exact. The doubles of its Collins-Gisin table are taken as the exact numbers they are.
    protocol
        ``one_way(key, noise=..., keep=...)``, ``two_way(key)``, ``completed_rounds()`` or ``any_discussion()``.
    effort
        ``"fast"`` stops at an estimated 1e-5 bit from the best of this kind, or after 40 rounds; ``"best"`` at 2e-7
        bit, or after 120.
    library
        Strategies from earlier calls, to start from; extended with those found. A sweep that hands the same library on
        takes a fraction of the time.

    Returns
    -------
    Bound
        UPPER, with the mixture as certificate; exactly 0 for a local table.
        ``provenance["distance"]`` is 0, or for a table at the edge of the quantum set, or of the local one, the largest
        deviation, at most 1e-12, of the table that is bounded from the one given: that has a little noise in it.
        ``diagnostics["gap"]`` estimates how much a longer search could gain; ``diagnostics["prices"]`` are what the
        mixture's cost gains with each Collins-Gisin entry, Alice's marginals first, then Bob's, then each pair's.

    Raises
    ------
    QuestionError
        The class does not fit the table, or has several key settings.
    BehaviourError
        An estimate; `project_no_signalling` fits one.
    InputError, UnsupportedError, UnknownNameError
        A library for another scenario; more than 4096 deterministic strategies; an unknown effort.
    BoundNotEstablishedError
        No mixture of the strategies found has this table: it is not quantum, or at the edge of the quantum set.

    Notes
    -----
    christandl2021 for the principle, christandl2007 for I(A:B|E); the claim ``flagged-mixtures``.
    """
    question = behaviour.ask(protocol).within_reach(
        "attack_ceiling", Discussion.ONE_WAY, Discussion.TWO_WAY, Discussion.COMPLETED_ROUNDS, Discussion.ANY
    )
    if effort not in EFFORTS:
        raise UnknownNameError.among("effort", str(effort), EFFORTS)
    target = Target.of(behaviour)
    (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
    if na**nx * nb**ny > MOST_POINTS:
        raise UnsupportedError(
            "behaviour", f"at most {MOST_POINTS} deterministic strategies", f"{na}^{nx} x {nb}^{ny} = {na**nx * nb**ny}"
        )
    library = ColumnLibrary() if library is None else library
    found = _found(target, question, EFFORTS[effort], library)
    exact, value = _cheaper(found.exact, question)
    counted, source = _COUNTED[protocol.discussion]
    return upper_bound(
        value,
        unit=Unit.PER_ROUND,
        scope=Scope(thing=question.thing, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
        method=f"mixture of two-qubit attacks ({counted})",
        reference=f"{source}; this project, claim flagged-mixtures",
        provenance={"behaviour": str(question.thing), "distance": float(exact.distance)},
        diagnostics={
            "gap": found.gap,
            "rounds": found.rounds,
            "strategies": len(exact.strategies),
            "effort": effort,
            "prices": found.prices,
        },
        certificate=_certificate(exact, target, question),
    )


_COUNTED = {
    Discussion.ONE_WAY: ("H(Â|E,V)", "christandl2021"),
    Discussion.TWO_WAY: ("I(A:B|E)", "christandl2007"),
    Discussion.COMPLETED_ROUNDS: ("I(A:B|E) of the best setting pair", "christandl2007"),
    Discussion.ANY: ("E_r", "christandl2021"),
}
"""What is counted, and where that is proven to be a ceiling."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An exact mixture; of its search the gap, the rounds, and what each functional but the first fetches."""

    exact: ExactMixture
    gap: float
    rounds: int
    prices: list[float]


def _found(target: Target, question: Question, effort: SearchEffort, library: ColumnLibrary) -> _Found:
    """Deterministic strategies where they have the table, so that nothing need be searched; else the best found."""
    local = None if _violates_chsh(question.behaviour) else local_mixture(target)
    if local is not None:
        return _Found(local, 0.0, 0, [0.0] * (len(target.values) - 1))
    for tried in (effort, effort.thorough):
        mixture = search(target, CostModel.of(question), tried, library=library)
        try:
            exact = exact_mixture(mixture)
        except BoundNotEstablishedError:
            if tried == effort.thorough:
                raise
        else:
            break
    return _Found(exact, mixture.gap, mixture.rounds, mixture.master.prices[1:].tolist())


def _violates_chsh(behaviour: Behaviour) -> bool:
    """Whether a CHSH value says, for less than a linear program, that no local table is within rounding of this one."""
    best = largest_chsh(behaviour)
    return best is not None and best.value > 2 + _NO_ROUNDING


def _cheaper(exact: ExactMixture, question: Question) -> tuple[ExactMixture, arb]:
    """The mixture with its pinchings, where these are what the ceiling rests on, and the ceiling."""
    discussion = question.protocol.discussion
    if discussion in (Discussion.ONE_WAY, Discussion.TWO_WAY):
        return exact, enclose_ceiling(exact, question)
    pinched = exact.pinched()
    if discussion is Discussion.ANY:
        return pinched, enclose_ceiling(pinched, question)
    shared, entangled = enclose_ceiling(exact, question), _mean(_entanglement(pinched))
    return (pinched, entangled) if round_up(entangled) < round_up(shared) else (exact, shared)


def enclose_ceiling(exact: ExactMixture, question: Question) -> arb:
    """The ceiling of an exact mixture for the question's class, enclosed; exactly 0, or at least `LEAST_DECIDABLE`.

    For completed rounds that of the information alone.

    Raises
    ------
    ValueError
        A strategy has no pinching where that is what counts.
    """
    discussion, model = question.protocol.discussion, CostModel.of(question)
    if discussion is Discussion.ANY:
        return _mean(_entanglement(exact))
    if discussion is Discussion.ONE_WAY:
        return _one_way(exact, model, question)
    costs = [[(weight, model.terms(strategy, pair)) for weight, strategy in exact.strategies] for pair in model.pairs]
    values = list(map(_mean, costs))
    greatest = values[0]
    for value in values[1:]:
        greatest = greatest.max(value)
    return greatest


def _entanglement(exact: ExactMixture) -> Priced:
    return [(weight, relative_entropy(strategy)) for weight, strategy in exact.strategies]


def _mean(costs: Iterable[tuple[Fraction, CostTerms]]) -> arb:
    """Σ_k w_k c_k."""
    priced = _priced(costs)
    return decidable(lambda: _total(priced)) if priced else arb(0)


def _one_way(exact: ExactMixture, model: CostModel, question: Question) -> arb:
    """Σ_k w_k c_k + p_V h(q) - p_V H(Â|B,V), without what cancels in the last two."""
    if model.noise == 0.5:
        return arb(0)  # the symbol is a fresh coin to Eve and to Bob
    costs = _priced((weight, model.terms(strategy, question.key)) for weight, strategy in exact.strategies)
    if not costs:
        return arb(0)  # Eve knows all but the noise, and Bob no more
    joint = exact.joint(question.behaviour.outcomes, *question.key)
    # where Bob's outcome tells him the symbol before noise, the noise hides it from both alike: exactly nothing is left
    undecided = [sum(map(bool, column)) > 1 for column in zip(*joint, strict=True)]
    table = [[p if unclear else Fraction(0) for p, unclear in zip(row, undecided, strict=True)] for row in joint]

    def rate() -> arb:
        rounds = kept_rounds([[ball(p) for p in row] for row in table], question.protocol)
        floor = rounds.survival * binary_entropy(ball(model.noise)) if model.noise else arb(0)
        return _total(costs, model.noise) + floor - rounds.unnormalised_entropy

    return decidable(rate)


def _priced(costs: Iterable[tuple[Fraction, CostTerms]]) -> Priced:
    return [(weight, terms) for weight, terms in costs if not terms.free]


def _total(costs: Priced, noise: float = 0.0) -> arb:
    return sum((ball(weight) * terms.enclosure(noise) for weight, terms in costs), arb(0))


def _certificate(exact: ExactMixture, target: Target, question: Question) -> AttackMixture:
    """The mixture as a document."""
    behaviour = question.behaviour
    tables = [exact.joint(behaviour.outcomes, *pair) for pair in target.measured]
    return AttackMixture(
        scenario={"outcomes": list(behaviour.outcomes), "settings": list(behaviour.settings)},
        measured=[list(pair) for pair in target.measured],
        collins_gisin=[
            [None if math.isnan(entry) else entry for entry in row] for row in behaviour.collins_gisin.tolist()
        ],
        table=[[[str(p) for p in row] for row in table] for table in tables],
        distance=str(exact.distance),
        protocol=question.protocol.to_dict(),
        mixture=exact.to_dict(),
    )
