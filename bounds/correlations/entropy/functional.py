"""`EntropyFunctional`: the dual of the entropy problem, a Bell-like functional for the entropy of every behaviour.

One solve at one behaviour gives a functional that holds at all others, for the dual's proof speaks about operators and
not about numbers: a free lower bound along a sweep, and a gradient for the design of an experiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from flint import arb
from numpy.typing import NDArray

from keybounds.bounds.bound import Bound, Status, Unit, lower_bound
from keybounds.bounds.correlations.entropy.problem import KeyRound, known_words
from keybounds.bounds.correlations.moments.words import Scenario, Word
from keybounds.bounds.scope import Quantity, Scope, Trust
from keybounds.enclosure import ball, binary_entropy, enclose, nearest
from keybounds.errors import BehaviourError, DimensionError, UnsupportedError
from keybounds.protocol import Protocol
from keybounds.thing import Thing

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

METHOD = "moment relaxation of the integral formula"
REFERENCE = "frenkel2023; navascues2008"

_BEYOND = 1e-6  # bits above 1 that rounding of the table may cost a boundary behaviour; more disproves the table


@dataclass(frozen=True, slots=True, eq=False)
class EntropyFunctional:
    """A proven p_V H(Â|E,V) >= p_V h(q) + (1-2q)²/ln 2 · (Σ_j κ_j <w_j> - charge), for every quantum behaviour.

    Attributes
    ----------
    key_round
        The scenario and the class of protocols that it holds for.
    words
        The w_j: 1, projectors of one party, and products of one projector each.
    multipliers, charge
        κ and the charge, exact.
    """

    key_round: KeyRound
    words: tuple[Word, ...]
    multipliers: tuple[Fraction, ...]
    charge: Fraction

    def bound(self, behaviour: Behaviour) -> Bound:
        """The lower bound that this functional proves on H(Â|E,V) of `behaviour`, in bits per surviving key round.

        At least h(q), which holds without any solve. It has no certificate of its own: the functional's dual is one of
        the table at which it was solved.

        Raises
        ------
        QuestionError
            The key setting was not measured.
        DimensionError
            Other numbers of settings or outcomes.
        UnsupportedError
            A pair of settings that the functional weighs was not measured.
        BehaviourError
            The bound is above 1 bit: no quantum device has these correlations. An estimate, which no device has
            exactly.
        """
        if not behaviour.exact:
            raise BehaviourError(
                "behaviour", "an exact table, such as the no-signalling fit of project_no_signalling", "an estimate"
            )
        moments = self.moments(behaviour)
        question = behaviour.ask(self.key_round.protocol)
        enclosure = enclose(lambda: self.entropy(moments), bits=60)
        self.check_quantum(enclosure, moments)
        floor = enclose(lambda: binary_entropy(ball(question.noise)))
        return lower_bound(
            floor.max(enclosure).min(arb(1)),
            unit=Unit.PER_KEY_ROUND,
            scope=entropy_scope(question.thing, question.protocol),
            status=Status.CERTIFIED,
            method=f"{METHOD}, at another table",
            reference=REFERENCE,
            provenance={"protocol": question.protocol.to_dict()},
            diagnostics={"survival": float(self.survival(moments)), "unclamped": nearest(enclosure)},
        )

    def moments(self, behaviour: Behaviour) -> tuple[Fraction, ...]:
        """The known moments of a behaviour, its doubles taken as the exact numbers they are."""
        return exact_moments(self.key_round.scenario, self.words, self.multipliers, behaviour)

    def survival(self, moments: Sequence[Fraction]) -> Fraction:
        """p_V, the probability that a key round survives post-selection."""
        known = dict(zip(self.words, moments, strict=True))
        return sum((w * known[word] for word, w in self.key_round.survival_weights().items()), Fraction(0))

    def entropy(self, moments: Sequence[Fraction]) -> arb:
        """The right-hand side divided by p_V, in bits, as a ball at the working precision."""
        value = sum((k * m for k, m in zip(self.multipliers, moments, strict=True)), -self.charge)
        return entropy_from_value(self.key_round, value, self.survival(moments))

    def check_quantum(self, entropy: arb, moments: Sequence[Fraction]) -> None:
        """Refuse moments at which the functional would prove more than one bit.

        Raises
        ------
        BehaviourError
            With the distance: how far, at least, the nearest quantum behaviour is in some entry.
        """
        if not entropy > 1 + _BEYOND:
            return
        key = self.key_round
        excess = (entropy - 1) * ball(self.survival(moments)) * arb.const_log2() / (1 - 2 * ball(key.noise)) ** 2
        weights = ball(sum((abs(k) for k in self.multipliers[1:]), Fraction(1)))
        raise BehaviourError(
            "behaviour",
            "correlations that some quantum device has",
            f"a proof of {nearest(entropy):.6g} bits in one, so at least one entry of the table must change by about "
            f"{nearest(excess / weights):.2g}; the violated functional is the dual of this problem",
        )

    def table(self, unmeasured: Sequence[tuple[int, int]] = ()) -> NDArray[np.float64]:
        """The Bell functional G, in bits: p_V H(Â|E,V) >= Σ G[a,b,x,y] P(a,b|x,y), up to rounding of the doubles.

        Marginals are spread evenly over the other party's settings with which they were measured, and G is 0 at the
        `unmeasured` pairs. G is the gradient of the bound on p_V H(Â|E,V) with respect to P.
        """
        key = self.key_round
        scale = nearest((1 - 2 * ball(key.noise)) ** 2 / arb.const_log2())
        nx, ny = len(key.scenario.alice), len(key.scenario.bob)
        G = np.zeros((key.scenario.alice[0], key.scenario.bob[0], nx, ny))
        present = [(x, y) for x in range(nx) for y in range(ny) if (x, y) not in unmeasured]
        for word, kappa in zip(self.words, self.multipliers, strict=True):
            alice, bob = word
            pairs = [(x, y) for x, y in present if all(x == s for s, _ in alice) and all(y == s for s, _ in bob)]
            rows: slice | int = alice[0][1] if alice else slice(None)
            columns: slice | int = bob[0][1] if bob else slice(None)
            weight = float(kappa - self.charge if not alice and not bob else kappa)
            for x, y in pairs:
                G[rows, columns, x, y] += scale * weight / len(pairs)
        x, y = key.key
        entropy_of_noise = nearest(binary_entropy(ball(key.noise)))
        kept_a, kept_b = ([float(key.kept(o)) for o in range(count)] for count in G.shape[:2])
        G[:, :, x, y] += entropy_of_noise * np.outer(kept_a, kept_b)
        return G


def exact_moments(
    scenario: Scenario, words: Sequence[Word], weights: Sequence[Fraction], behaviour: Behaviour
) -> tuple[Fraction, ...]:
    """The moments of `words` in a behaviour; 0 for an unmeasured one of weight 0."""
    na, nb = behaviour.outcomes
    nx, ny = behaviour.settings
    if scenario != Scenario((na,) * nx, (nb,) * ny):
        raise DimensionError("behaviour", f"the scenario {scenario}", f"{nx}x{ny} settings, {na}x{nb} outcomes")
    table = behaviour.collins_gisin
    moments = []
    for (alice, bob), weight in zip(words, weights, strict=True):
        row = 1 + alice[0][0] * (na - 1) + alice[0][1] if alice else 0
        column = 1 + bob[0][0] * (nb - 1) + bob[0][1] if bob else 0
        entry = float(table[row, column])
        if np.isnan(entry):
            if weight:
                raise UnsupportedError(
                    "behaviour", "a table of the pairs this functional weighs", f"{alice, bob} is not"
                )
            entry = 0.0
        moments.append(Fraction(entry))
    return tuple(moments)


def entropy_from_value(key_round: KeyRound, value: Fraction, survives: Fraction) -> arb:
    """h(q) + (1-2q)² v / (p_V ln 2), in bits, as a ball at the working precision."""
    q = ball(key_round.noise)
    return binary_entropy(q) + (1 - 2 * q) ** 2 * ball(value) / (ball(survives) * arb.const_log2())


def entropy_scope(thing: Thing, protocol: Protocol) -> Scope:
    """The scope of a bound on H(Â|E,V) from full correlations, or from constraints on them."""
    return Scope(thing=thing, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol, quantity=Quantity.CONDITIONAL_ENTROPY)


def functional_words(behaviour: Behaviour) -> tuple[Scenario, tuple[Word, ...]]:
    """The scenario of a behaviour, and the words whose moments it fixes."""
    (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
    scenario = Scenario((na,) * nx, (nb,) * ny)
    return scenario, known_words(scenario, behaviour.unmeasured)
