"""One run of the protocol of nadlinger2022: its inputs, what it accepts, and what error correction publishes.

n rounds on heralded pairs; each is a test round with probability γ, in which the CHSH game is played with uniform
settings, and a key round otherwise. Honest devices win a test with probability ω = (4 + |S|)/8 and differ in a key
round with probability Q. Threshold and syndrome are agreed on before the run; the length holds whatever they are.

The game limits what Eve knows of Alice's outcomes in the game's settings, and of no others: a run can only be made of
a link with Alice's key setting among them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from fractions import Fraction

from flint import arb, ctx

from keybounds.bounds.link.link import Link
from keybounds.bounds.run.extractors import Extractor
from keybounds.bounds.run.key import Balance, BalanceItem
from keybounds.bounds.run.tails import at_most
from keybounds.enclosure import Real, ball, binary_entropy, round_down
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.proofs.certificates.data import FiniteKeyLength
from keybounds.states.arguments import exact_fraction
from keybounds.thing import Thing

HASH_ERROR = Fraction(1, 2**61)
"""ε_h: collision probability of the 64-bit hashes that validate, authenticate and activate (nadlinger2022, S9.A)."""

MARGIN = 50
"""Bits per √n by which the syndrome exceeds the entropy of an honest run (nadlinger2022, S6.E)."""

MOST_ROUNDS = 10**18
"""Thirty years at a gigahertz. What the verifier re-derives ends there too."""

_VALIDATION_TAG, _VALIDATION_SEED = 64, 1280  # nadlinger2022, Table 1
_AUTHENTICATION, _ACTIVATION = 128, 64
_PRECISION = 192
_LONG = 10**12
_WORST_EFFICIENCY = 1000
_TAIL_PRECISION = 96  # the tail's cost grows with it


@dataclass(frozen=True, slots=True)
class Run:
    """A link, and what is done with it; numbers count as the exact ones they are.

    Attributes
    ----------
    link
        What honest devices do: |S| in (2, 2√2] and Q. Alice's key setting is a CHSH setting.
    rounds
        n, at least 1/γ, so that a test round is to be expected, and at most 1e18.
    gamma
        γ in (0, 1), the probability of a test round.
    soundness
        ε in (4 ε_h, 1): what the four hashes take is not left for the key.
    deviations
        Standard deviations by which an honest run may lose more tests than expected, at least 0; 3 in nadlinger2022.
    leakage
        m, the bits published for error correction.
    efficiency
        f >= 1, by which m exceeds the Shannon limit of honest devices, where `leakage` is not given; with neither, m is
        the syndrome of nadlinger2022.

    Raises
    ------
    QuestionError
        Alice's key setting is none of the CHSH settings, of which alone S speaks.
    InputError
        No link, a number outside its range, or both `leakage` and `efficiency`.

    Examples
    --------
    >>> from keybounds.bounds import Link, Run
    >>> run = Run(Link(2.64, 0.018), rounds=1_500_000, gamma=13 / 256)
    >>> print(run)
    1500000 rounds, γ = 0.0507812, S = 2.64, Q = 0.018, key (0,2), soundness 1e-10
    """

    link: Link
    _: KW_ONLY
    rounds: int
    gamma: Real
    soundness: Real = 1e-10
    deviations: Real = 3
    leakage: int | None = None
    efficiency: Real | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.link, Link):
            raise InputError("link", "a Link, such as Link(2.64, 0.018)", type(self.link).__name__)
        self.link.rates  # noqa: B018 - exists only where S speaks of Alice's key setting
        for name in ("gamma", "soundness", "deviations"):
            object.__setattr__(self, name, exact_fraction(name, getattr(self, name)))
        if not self.chsh > 2:
            raise InputError("chsh", "a CHSH value in (2, 2√2], with which there can be key", _shown(self.chsh))
        if not 0 < self.gamma < 1:
            raise InputError("gamma", "the probability of a test round, in (0, 1)", _shown(self.gamma))
        if not 4 * HASH_ERROR < self.soundness < 1:
            raise InputError("soundness", "above 2^-59, what the hashes take, and below 1", _shown(self.soundness))
        if self.deviations < 0:
            raise InputError("deviations", "standard deviations of at least 0", _shown(self.deviations))
        object.__setattr__(self, "rounds", _whole("rounds", self.rounds))
        if self.rounds > MOST_ROUNDS:
            raise InputError("rounds", f"at most {float(MOST_ROUNDS):g}", _shown(self.rounds))
        if self.rounds * self.gamma < 1:
            raise InputError("rounds", f"at least 1/γ = {math.ceil(1 / self.gamma)}: one test", str(self.rounds))
        if self.leakage is not None:
            object.__setattr__(self, "leakage", _whole("leakage", self.leakage))
            if not 0 <= self.leakage <= MOST_ROUNDS:
                raise InputError("leakage", f"bits from 0 to {float(MOST_ROUNDS):g}", _shown(self.leakage))
        if self.efficiency is not None:
            if self.leakage is not None:
                raise InputError("efficiency", "either an efficiency, or bits of leakage", "both")
            object.__setattr__(self, "efficiency", exact_fraction("efficiency", self.efficiency))
            if not 1 <= self.efficiency <= _WORST_EFFICIENCY:
                expected = f"1, the Shannon limit, or more, up to {_WORST_EFFICIENCY}"
                raise InputError("efficiency", expected, _shown(self.efficiency))

    @property
    def chsh(self) -> Fraction:
        """|S| of honest devices: the sign is a matter of Bob's labels."""
        return abs(Fraction(self.link.chsh))

    @property
    def qber(self) -> Fraction:
        """Q of honest devices."""
        return Fraction(self.link.qber)

    @property
    def budget(self) -> Fraction:
        """ε - 4 ε_h: the soundness that is left for the key's secrecy."""
        return Fraction(self.soundness) - 4 * HASH_ERROR

    @property
    def winning(self) -> Fraction:
        """ω = (4 + |S|)/8, the probability that honest devices win a test."""
        return (4 + self.chsh) / 8

    @property
    def thing(self) -> Thing:
        """What keys of this run are about: its exact numbers and settings."""
        return Thing.of_numbers("run", f"run of {self.rounds} rounds", **self._numbers())

    @property
    def provenance(self) -> dict[str, object]:
        """For display: the inputs."""
        return {
            **self.link.provenance,
            "rounds": self.rounds,
            **{name: float(getattr(self, name)) for name in ("gamma", "soundness", "deviations")},
            "leakage": self.leakage,
            "efficiency": None if self.efficiency is None else float(self.efficiency),
        }

    def _numbers(self) -> dict[str, object]:
        return {
            "S": self.chsh,
            "Q": self.qber,
            "key": self.link.key,
            "test": self.link.test,
            **{name: getattr(self, name) for name in ("rounds", "gamma", "soundness", "deviations")},
            **{name: getattr(self, name) for name in ("leakage", "efficiency")},
        }

    def __str__(self) -> str:
        return f"{self.rounds} rounds, γ = {float(self.gamma):.6g}, {self.link}, soundness {float(self.soundness):g}"


def losing_share(run: Run) -> arb:
    """q_thr = p + k √(p(1-p)/n) with p = γ(1-ω): the largest accepted share of rounds that are lost tests.

    nadlinger2022, S7, Eq. (25), with k = 3 there.
    """
    losing = ball(Fraction(run.gamma) * (1 - run.winning))
    return losing + ball(run.deviations) * (losing * (1 - losing) / run.rounds).sqrt()


def winning_threshold(run: Run) -> arb:
    """ω_thr = 1 - q_thr/γ."""
    return 1 - losing_share(run) / ball(run.gamma)


def accepted_losses(run: Run) -> int:
    """⌊n q_thr⌋, at most n: a run is accepted if it loses no more tests than that."""
    with ctx.workprec(_PRECISION):
        return min(_floor(run.rounds * losing_share(run)), run.rounds)


def shannon_limit(run: Run, winning: Fraction | None = None, qber: Fraction | None = None) -> arb:
    """n [(1-γ) h(Q) + γ h(1-ω)]: bits that no code can do without, for honest devices or for those stated."""
    gamma = ball(run.gamma)
    losing = 1 - ball(run.winning if winning is None else winning)
    error = ball(run.qber if qber is None else qber)
    return run.rounds * ((1 - gamma) * binary_entropy(error) + gamma * binary_entropy(losing))


def syndrome_length(run: Run) -> int:
    """m: `run.leakage`, or ⌈f n H⌉ with the Shannon limit n H, or ⌊n H + 50 √n⌋ bits (nadlinger2022, S6.E)."""
    if run.leakage is not None:
        return run.leakage
    with ctx.workprec(_PRECISION):
        limit = shannon_limit(run)
        if run.efficiency is not None:
            return -_floor(-ball(run.efficiency) * limit)
        return _floor(limit + MARGIN * arb(run.rounds).sqrt())


def completeness(run: Run, winning: Fraction | None = None) -> float:
    """Lower bound on the probability that an honest run is accepted: P[Bin(n, γ(1-ω)) <= ⌊n q_thr⌋].

    With `winning` of devices with this ω instead, for whom the run was not designed; the greater ω, the likelier. The
    rounds are independent and as stated. The binomial tail is the incomplete beta function I_p(k+1, n-k), in ball
    arithmetic; beyond 1e12 rounds, where that takes a second, a limit on the tail that is near it by then. That error
    correction succeeds too is a property of the code, and not part of it.
    """
    losses = accepted_losses(run)
    lost = Fraction(run.gamma) * (1 - (run.winning if winning is None else winning))
    if losses >= run.rounds:
        return 1.0
    if run.rounds > _LONG:
        with ctx.workprec(_PRECISION):
            return max(round_down(at_most(run.rounds, lost, losses)), 0.0)
    precision = _TAIL_PRECISION
    while precision <= 1 << 14:
        with ctx.workprec(precision):
            losing = ball(lost)
            tail = losing.beta_lower(arb(losses + 1), arb(run.rounds - losses), True)
            if tail.is_finite() and tail.rad() < 2.0**-64:
                return max(round_down(1 - tail), 0.0)
        precision *= 2
    raise BoundNotEstablishedError(f"no enclosure of the binomial tail of {run.rounds} rounds")


def run_certificate(
    theorem: str,
    run: Run,
    chosen: Extractor,
    parameters: Mapping[str, Fraction],
    *,
    accepted_losses: int | None = None,
    score: Fraction | None = None,
) -> FiniteKeyLength:
    """What the verifier needs to re-derive a length: what the run does, what it accepts, the theorem's parameters."""
    return FiniteKeyLength(
        theorem=theorem,
        key=list(run.link.key),
        test=[list(side) for side in run.link.test],
        rounds=run.rounds,
        gamma=str(run.gamma),
        soundness=str(run.soundness),
        syndrome_length=syndrome_length(run),
        extractor=chosen.name,
        parameters={name: str(value) for name, value in parameters.items()},
        accepted_losses=accepted_losses,
        score=None if score is None else str(score),
    )


def balance_sheet(length: int, seed: int) -> Balance:
    """The shared secret bits of one run that makes `length` bits of key with an extractor seed of `seed` bits.

    The hashes are those of nadlinger2022, Table 1. Their 1280 bits of seed are for its 1.5e6 rounds.
    """
    return Balance(
        (
            BalanceItem("validation of error correction", _VALIDATION_TAG, _VALIDATION_SEED, 0),
            BalanceItem("authentication", _AUTHENTICATION, 0, 0),
            BalanceItem("key activation", _ACTIVATION, 0, 0),
            BalanceItem("privacy amplification", 0, seed, length),
        )
    )


def _floor(x: arb) -> int:
    """The floor of the lower end of `x`."""
    return int(x.lower().floor().unique_fmpz())


def _whole(argument: str, value: object) -> int:
    number = exact_fraction(argument, value)
    if number.denominator != 1:
        raise InputError(argument, "a whole number", _shown(number))
    return int(number)


def _shown(number: Real) -> str:
    try:
        return f"{float(number):.12g}"
    except OverflowError:
        return "a number beyond 1e308"
