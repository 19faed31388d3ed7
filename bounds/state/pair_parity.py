"""Hashed pair parities: two-way key of states whose key bit is either right and secret, or wrong and known to Eve.

Measuring the key of rho_{d,p}, or of a state with unequal sectors, leaves each copy *good* with probability 1-p (the
bits agree and Eve knows nothing about them) or *bad* with probability p (they differ and Eve knows them), and Eve
knows which. Level k = 0, 1, ... works on the surviving bits, bad with probability p_k, p_0 = p:

1. Alice and Bob pair them up at random; s = x1 + x2 mod 2 on Alice's side, t on Bob's, which differ with probability
   Q_k = 2 p_k (1 - p_k).
2. If g_k = 1 - p_k² - h(Q_k) > 0, Alice announces a linear hash of the string of all s at the rate h(Q_k), from which
   and from t Bob finds s. Else she announces s itself.
3. Bob announces which pairs have s ≠ t; they are dropped. The others, a share P_k = p_k² + (1 - p_k)², keep x1, which
   is bad with probability p_{k+1} = p_k²/P_k.

In the end they extract the key from the hashed strings. Eve knows an s beforehand only if both its ends are bad, with
probability p_k²; the s of all levels are the edges of a forest on the copies, so those that she does not know are
uniform and independent; and what Bob announces is a function of which copies are bad. So

    K ≥ S(p) = Σ_k (Π_{j<k} P_j/2) · ½ · max(0, 1 - p_k² - h(2 p_k (1 - p_k))),

and the sum may be cut anywhere. Source: this project, claim ``pair-parity-key``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import SupportsIndex

from flint import arb

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.scope import Scope, Trust
from keybounds.bounds.state.private_states import closed_form, provenance, state_thing
from keybounds.enclosure import Real, ball, binary_entropy, enclose
from keybounds.errors import InputError
from keybounds.protocol import two_way
from keybounds.states import PPTPrivateFamily
from keybounds.states.arguments import dimension, exact_fraction

LEVELS = 64


@dataclass(frozen=True, slots=True)
class PairParityStage:
    """One level of the protocol, enclosed.

    Attributes
    ----------
    error
        p_k: probability that a bit of this level is bad.
    mismatch
        Q_k = 2 p_k (1 - p_k): probability that the parities of a pair differ.
    pairs
        Pairs per copy: ½ Π_{j<k} P_j/2.
    gain
        g_k = 1 - p_k² - h(Q_k), in bits per pair, where the string of parities is hashed.
    hashed
        Whether it is: g_k is certainly positive. Otherwise the parities are announced, which yields and costs nothing.
    """

    error: arb
    mismatch: arb
    pairs: arb
    gain: arb
    hashed: bool


@dataclass(frozen=True, slots=True, init=False)
class PairParityProtocol:
    """The protocol for one error rate of the copies.

    Parameters
    ----------
    error
        p in [0, 1/2]: a number, taken as the exact one it is, or a ball.
    levels
        After how many levels the parties stop, at least 1. Every choice is a valid protocol; the levels beyond 64 add
        nothing visible unless 1/2 - p is below 10^-15.

    Raises
    ------
    InputError, DimensionError
        p is not in [0, 1/2]; `levels` is not a whole number of at least 1.
    """

    error: Fraction | arb
    levels: int

    def __init__(self, error: Real | arb, *, levels: SupportsIndex = LEVELS) -> None:
        exact = error if isinstance(error, arb) else exact_fraction("error", error)
        inside = exact >= 0 and exact <= Fraction(1, 2) if isinstance(exact, Fraction) else exact >= 0 and exact <= 0.5
        if not inside:
            raise InputError("error", "a probability in [0, 1/2]", str(error))
        object.__setattr__(self, "error", exact)
        object.__setattr__(self, "levels", dimension("levels", levels, least=1))

    def stages(self) -> tuple[PairParityStage, ...]:
        """Every level, at the working precision of `flint.ctx`."""
        error = self.error if isinstance(self.error, arb) else ball(self.error)
        pairs = arb(0.5)
        stages = []
        for _ in range(self.levels):
            both_bad, both_good = error * error, (1 - error) * (1 - error)
            mismatch = 2 * error * (1 - error)
            gain = 1 - both_bad - binary_entropy(mismatch)
            stages.append(PairParityStage(error, mismatch, pairs, gain, bool(gain > 0)))
            matched = both_bad + both_good
            pairs = pairs * matched / 2
            error = both_bad / matched
        return tuple(stages)

    @property
    def rate(self) -> arb:
        """S(p) up to the last level, in bits per copy."""
        if self.error == Fraction(1, 2):
            return arb(0)  # stays there at every level
        return enclose(lambda: sum((s.pairs * s.gain for s in self.stages() if s.hashed), arb(0)))


def pair_parity(state: PPTPrivateFamily, *, levels: SupportsIndex = LEVELS) -> Bound:
    """Lower bound on K(rho) by hashed pair parities: S(p), see `keybounds.bounds.state.pair_parity`.

    Parameters
    ----------
    state
        rho_{d,p}, or one with unequal sectors.
    levels
        After how many levels the protocol stops.

    Returns
    -------
    Bound
        LOWER, in bits per copy, two-way with trusted devices; 0 with NO_KEY where not positive. ``diagnostics`` says
        which levels are hashed.

    Raises
    ------
    DimensionError
        `levels` is not a whole number of at least 1.

    Notes
    -----
    This project, claim ``pair-parity-key``; announcing parities (every level, no hashes but the last) is maurer1993.
    """
    protocol = PairParityProtocol(state.p if state.rational_p is None else state.rational_p, levels=levels)
    hashed = [k for k, stage in enumerate(protocol.stages()) if stage.hashed]
    return lower_bound(
        protocol.rate,
        unit=Unit.PER_COPY,
        scope=Scope(thing=state_thing(state), trust=Trust.DEVICE_DEPENDENT, protocol=two_way()),
        method="hashed pair parities",
        reference="this project, claim pair-parity-key",
        provenance={**provenance(state), "levels": protocol.levels},
        certificate=closed_form(state, "hashed pair parities", levels=protocol.levels),
        diagnostics={"first_hashed_level": hashed[0] if hashed else None},
    )
