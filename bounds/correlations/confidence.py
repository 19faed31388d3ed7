r"""A key rate with confidence 1 - ε over counts: one functional, chosen on some trials and bounded on the others.

The dual of the entropy at one table is affine in P and bounds the entropy of every quantum behaviour; the cross entropy
to any fixed conditional distribution R is linear in P and bounds the cost of reconciliation from above. So

    p_V [H(Â|E,V) - H(Â|B,V)]  >=  Σ_xy Σ_ab f_xy(a,b) P(a,b|x,y)  =  S(P)        for every quantum P,

whatever table f was made at. A share of the trials, drawn without regard to their outcomes, makes f, numbers m_xy near
its means, and a slope λ; the other n_xy trials of each pair bound S. With Y_i the value of f in trial i, of pair xy,

    E Π_i (1 + (λ/n_xy)(Y_i - m_xy)) = Π_i (1 + (λ/n_xy)(μ_xy - m_xy)) <= exp(λ (S - Σ m_xy)),

for independent trials, all factors being positive, so that by Markov's inequality with probability at least 1 - ε

    S >= Σ_xy m_xy + [Σ_i ln(1 + (λ/n_xy)(Y_i - m_xy)) - ln(1/ε)] / λ.

No variance is estimated and no range enters; near the optimal λ it costs √(2 ln(1/ε) Σ Var_xy/n_xy). Products of this
kind are the capital of a bet, as in waudbysmith2024; Bernstein's inequality with the empirical variance loses more. A
box of intervals on every entry leaves no key where this leaves most of it (docs/statistics.md compares).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from keybounds.bounds.correlations.entropy.conditional_entropy import entropy_question, solve_functional
from keybounds.bounds.correlations.entropy.functional import EntropyFunctional
from keybounds.bounds.correlations.entropy.solution import EntropySolution
from keybounds.bounds.correlations.hierarchy import STANDARD, Hierarchy, check_hierarchy
from keybounds.bounds.correlations.noise import best_noise, with_noise
from keybounds.enclosure import Direction, ball, binary_entropy, enclose, log2, nearest, round_down, round_up
from keybounds.errors import (
    BehaviourError,
    BoundNotEstablishedError,
    InputError,
    QuestionError,
    UnsupportedError,
    real_number,
)
from keybounds.experiments import Behaviour, project_no_signalling, project_quantum
from keybounds.formatting import significant
from keybounds.protocol import Discussion

if TYPE_CHECKING:
    from keybounds.protocol import Protocol

ADMIXTURES = (0.0, 0.01, 0.02, 0.04, 0.07, 0.11, 0.16)
"""Shares of white noise added to the training table: functionals of noisier tables prove less and vary less."""

_COARSE = Hierarchy("11", 6)  # tells which share promises most, at a thirtieth of the cost

_PRECISION = 128
_MOST_DRAWN = 10**9  # trials of which numpy draws a subset of fixed size


@dataclass(frozen=True, slots=True)
class ConfidentRate:
    """A lower bound on a key rate that holds with a confidence.

    Attributes
    ----------
    value
        Bits per round of the key setting, rounded down; 0 where nothing is proved.
    confidence
        1 - ε: over repetitions of the experiment the statement is wrong with probability ε at most.
    protocol
        The class of protocols; one-way.
    trials, training
        Trials that bound the functional, and those that chose it.
    expected
        The functional at the fitted table, which the confidence costs: a point estimate, no bound.
    seed, share
        How the trials were divided.
    noise_chosen
        Whether the protocol's noise was chosen, on the training trials.
    choices
        Among how many tables this one was chosen after its trials were seen.
    """

    value: float
    confidence: float
    protocol: Protocol
    trials: int
    training: int
    expected: float
    seed: int
    share: float
    noise_chosen: bool = False
    choices: int = 1

    def __str__(self) -> str:
        value = significant(self.value, 6, Direction.LOWER)
        chosen = "functional and noise" if self.noise_chosen else "functional"
        among = "" if self.choices == 1 else f"; for the better of {self.choices} ways to read bits, at once"
        return (
            f"asymptotic device-independent key rate >= {value} bit/round with confidence {self.confidence:.6g} "
            f"({self.protocol}; collective attacks; independent trials of one device; {chosen} chosen on "
            f"{self.training} trials, bounded on {self.trials} others{among})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "value": self.value,
            "unit": "bit/round",
            "confidence": self.confidence,
            "protocol": self.protocol.to_dict(),
            "trials": self.trials,
            "training": self.training,
            "expected": self.expected,
            "seed": self.seed,
            "share": self.share,
            "noise_chosen": self.noise_chosen,
            "choices": self.choices,
            "assumptions": ["trials are independent", "the device is the same in each", "inputs are chosen freely"],
        }


def confident_rate(
    behaviour: Behaviour,
    protocol: Protocol,
    *,
    confidence: float = 0.99,
    hierarchy: Hierarchy = STANDARD,
    share: float = 0.25,
    seed: int = 0,
    choose_noise: bool = False,
    choices: int = 1,
) -> ConfidentRate:
    """A one-way key rate of the device behind counts, with confidence.

    Parameters
    ----------
    behaviour
        A table with counts. Pairs without trials must be declared unmeasured.
    protocol
        One-way with one key setting; its noise and post-selection are part of the question. Chosen before these trials
        were seen: on which data it was chosen is for the user to say.
    confidence
        1 - ε in (1/2, 1).
    hierarchy
        Of the dual that gives the functional.
    share
        Part of the trials of each pair that chooses the functional, in (0, 1).
    seed
        Of the division of the trials. Fixed before the data are seen: to try several and keep the best voids the
        confidence.
    choose_noise
        Whether a protocol without noise is given that which looks best on the training trials.
    choices
        Among how many tables, as by ways to read three outcomes as bits, this one was chosen after its trials were
        seen; ε is shared among them.

    Returns
    -------
    ConfidentRate

    Raises
    ------
    BehaviourError
        No counts.
    InputError
        A confidence or share outside its range; too few trials of a pair to divide.
    QuestionError, UnsupportedError, UnknownNameError
        As in `conditional_entropy`.

    Notes
    -----
    devetak2005 for the rate; the functional as in `conditional_entropy`; the product of bets waudbysmith2024.

    Examples
    --------
    >>> from keybounds.bounds import one_way
    >>> from keybounds.experiments import Behaviour
    >>> import numpy as np
    >>> E = np.array([[.67, .67, .95], [.67, -.67, .0]])
    >>> signs = np.array([[1, -1], [-1, 1]])
    >>> P = (1 + signs[:, :, None, None] * E) / 4
    >>> counts = np.rint(P * 100_000).astype(int)
    >>> confident_rate(Behaviour.from_counts(counts), one_way((0, 2))).value > .45
    True
    """
    behaviour.ask(protocol).within_reach("confident_rate", Discussion.ONE_WAY).of_bits("confident_rate")
    if choices < 1:
        raise InputError("choices", "a number of tables of at least 1", repr(choices))
    epsilon = _epsilon(confidence) / choices
    if not 0 < real_number("share", share) < 1:
        raise InputError("share", "a part of the trials in (0, 1)", repr(share))
    if behaviour.counts is None:
        raise BehaviourError("behaviour", "a table of counts: confidence is about trials", "probabilities")
    training, testing = _divided(behaviour, share, seed)
    totals = testing.sum(axis=(0, 1))
    first = _Training.of(Behaviour.from_counts(training, unmeasured=behaviour.unmeasured, max_z=math.inf))
    bet, noise = _best_bet(first, protocol, hierarchy, totals, epsilon), 0.0
    if choose_noise and protocol.noise == 0 and bet is not None:
        noise = best_noise(first.fitted, protocol, bet.expected)
        noisy = _best_bet(first, with_noise(protocol, noise), hierarchy, totals, epsilon) if noise else None
        bet = max((bet, noisy), key=lambda one: one.predicted) if noisy is not None else bet
    if bet is None:
        raise BoundNotEstablishedError("no functional: the training trials are like no quantum device with key")
    value = enclose(lambda: bet.lower(testing, epsilon), bits=32)
    return ConfidentRate(
        value=max(0.0, round_down(value)),
        confidence=float(confidence),
        protocol=with_noise(protocol, bet.noise) if bet.noise != protocol.noise else protocol,
        trials=int(totals.sum()),
        training=int(training.sum()),
        expected=bet.expected,
        seed=int(seed),
        share=float(share),
        noise_chosen=noise > 0,
        choices=choices,
    )


def _epsilon(confidence: float) -> Fraction:
    value = real_number("confidence", confidence)
    if not 0.5 < value < 1:
        raise InputError("confidence", "a number in (1/2, 1), such as 0.99", repr(confidence))
    return 1 - Fraction(value)


def _divided(behaviour: Behaviour, share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Training and test counts: of each pair a subset of fixed size, drawn uniformly from its trials.

    Of a thousand million trials or more the size is binomial instead.
    """
    assert behaviour.counts is not None
    generator = np.random.default_rng(seed)
    training = np.zeros_like(behaviour.counts)
    for x, y in np.ndindex(*behaviour.settings):
        if not behaviour.measured(x, y):
            continue
        cells = behaviour.counts[:, :, x, y].ravel()
        size = math.ceil(share * int(cells.sum()))
        if size >= cells.sum() or size < 2:
            raise InputError(
                "behaviour", "two trials or more of each pair, to divide", f"{int(cells.sum())} at ({x},{y})"
            )
        if cells.sum() < _MOST_DRAWN:
            drawn = generator.multivariate_hypergeometric(cells, size, method="marginals")
        else:  # each trial for itself, which is as blind to the outcomes
            drawn = generator.binomial(cells, share)
        training[:, :, x, y] = drawn.reshape(behaviour.outcomes)
    return training, behaviour.counts - training


@dataclass(frozen=True, slots=True)
class _Training:
    """The training trials, and a table near them that the moment hierarchy does not exclude, if it can be had."""

    trials: Behaviour
    fitted: Behaviour

    @classmethod
    def of(cls, trials: Behaviour) -> _Training:
        try:
            return cls(trials, project_quantum(trials, refuse=0).behaviour)
        except UnsupportedError:  # too many words to project
            return cls(trials, project_no_signalling(trials).behaviour)

    @property
    def counts(self) -> NDArray[np.int64]:
        assert self.trials.counts is not None
        return self.trials.counts


def _best_bet(
    first: _Training, protocol: Protocol, hierarchy: Hierarchy, totals: NDArray[np.int64], epsilon: Fraction
) -> _Bet | None:
    """The bet that promises most: on the dual of that noisier table which does so in a coarse relaxation, or on it."""
    promised: list[tuple[float, float, _Bet]] = []
    for admixture, functional in _functionals(first, protocol, _COARSE):
        bet = _bet(functional, first, totals, epsilon)
        promised.append((bet.predicted, admixture, bet))
        if len(promised) > 1 and promised[-1][0] < promised[-2][0]:
            break
    if not promised:
        return None
    _, admixture, coarse = max(promised, key=lambda one: one[:2])
    bets = [_bet(f, first, totals, epsilon) for _, f in _functionals(first, protocol, hierarchy, (admixture,))]
    return max([coarse, *bets], key=lambda one: one.predicted)


def _functionals(
    first: _Training, protocol: Protocol, hierarchy: Hierarchy, admixtures: Sequence[float] = ADMIXTURES
) -> Iterator[tuple[float, EntropyFunctional]]:
    """The duals at the fit with shares of white noise, which come with them."""
    table = first.fitted.P
    flat = 1.0 / (first.trials.outcomes[0] * first.trials.outcomes[1])
    near: EntropySolution | None = None
    for admixture in admixtures:
        try:
            mixed = Behaviour((1 - admixture) * table + admixture * flat, unmeasured=first.trials.unmeasured)
            question = entropy_question(mixed, protocol, "confident_rate")
            functional, near = solve_functional(question, check_hierarchy(hierarchy), near=near)
        except (BehaviourError, BoundNotEstablishedError):
            continue
        yield admixture, functional


@dataclass(frozen=True, slots=True)
class _Bet:
    """A functional as doubles f[a,b,x,y], what rounding may cost it, the means m[x,y], and λ."""

    f: NDArray[np.float64]
    charge: float
    means: NDArray[np.float64]
    slope: float
    expected: float
    predicted: float
    noise: float

    def lower(self, testing: NDArray[np.int64], epsilon: Fraction) -> arb:
        """Σ m + [Σ n ln(1 + (λ/n_xy)(f - m)) - ln(1/ε)]/λ - charge, as a ball."""
        slope, total = ball(self.slope), -ball(1 / epsilon).log()
        middle = arb(0)
        for x, y in np.ndindex(*testing.shape[2:]):
            trials = int(testing[:, :, x, y].sum())
            if not trials:
                continue
            middle += ball(float(self.means[x, y]))
            for a, b in np.argwhere(testing[:, :, x, y]):
                step = slope / trials * (ball(float(self.f[a, b, x, y])) - ball(float(self.means[x, y])))
                total += int(testing[a, b, x, y]) * (1 + step).log()
        return middle + total / slope - ball(self.charge)


def _bet(functional: EntropyFunctional, first: _Training, totals: NDArray[np.int64], epsilon: Fraction) -> _Bet:
    """Means and slope from the training trials alone; every factor of every possible trial stays above 1/2.

    The means are those of the fit: at frequencies that no device has, the functional of a stalled solver may be large.
    """
    with ctx.workprec(_PRECISION):
        exact = _scores(functional, first.trials)
    f = np.zeros(first.counts.shape)
    charge = arb(0)
    for x, y in np.ndindex(*first.trials.settings):
        worst = arb(0)
        for a, b in np.ndindex(*first.trials.outcomes):
            f[a, b, x, y] = nearest(exact[a, b, x, y])
            worst = worst.max(abs(exact[a, b, x, y] - ball(float(f[a, b, x, y]))))
        charge += worst
    smoothed = first.counts + 0.5  # a cell that was not seen may be seen
    weights = smoothed / smoothed.sum(axis=(0, 1))
    means = (np.nan_to_num(first.fitted.P) * f).sum(axis=(0, 1))
    variances = (weights * (f - means) ** 2).sum(axis=(0, 1))
    used = totals > 0
    if np.any(np.ptp(f, axis=(0, 1))[~used] > 0):
        raise UnsupportedError("behaviour", "trials of each pair that the functional weighs", "a pair without")
    spread = float((variances[used] / totals[used]).sum())
    logarithm = -math.log(float(epsilon))
    below = np.max((means - f.min(axis=(0, 1)))[used] / totals[used])
    slope = min(math.sqrt(2 * logarithm / max(spread, 1e-300)), 0.5 / max(float(below), 1e-300))
    expected = float(means[used].sum())
    predicted = expected - slope * spread / 2 - logarithm / slope
    return _Bet(f, round_up(charge), means, slope, expected, predicted, functional.key_round.noise)


def _scores(functional: EntropyFunctional, first: Behaviour) -> dict[tuple[int, int, int, int], arb]:
    """f[a,b,x,y] as balls: the dual's functional on p_V H(Â|E,V) minus the cross entropy on p_V H(Â|B,V)."""
    key = functional.key_round
    q = ball(key.noise)
    scale = (1 - 2 * q) ** 2 / arb.const_log2()
    (na, nb), (nx, ny) = first.outcomes, first.settings
    f = {cell: arb(0) for cell in np.ndindex(na, nb, nx, ny)}
    present = [(x, y) for x, y in np.ndindex(nx, ny) if first.measured(x, y)]
    for (alice, bob), kappa in zip(functional.words, functional.multipliers, strict=True):
        weight = kappa - functional.charge if not alice and not bob else kappa
        pairs = [(x, y) for x, y in present if all(x == s for s, _ in alice) and all(y == s for s, _ in bob)]
        if not weight:
            continue
        if not pairs:
            raise UnsupportedError("behaviour", "trials of each pair that the functional weighs", "a pair without")
        share = scale * ball(Fraction(weight) / len(pairs))
        for x, y in pairs:
            for a, b in np.ndindex(na, nb):
                if all(a == o for _, o in alice) and all(b == o for _, o in bob):
                    f[a, b, x, y] += share
    x, y = key.key
    costs = _costs(functional, first)
    for a, b in np.ndindex(na, nb):
        kept = ball(key.kept(a)) * ball(key.kept(b))
        f[a, b, x, y] += kept * (binary_entropy(q) - ((1 - q) * costs[a, b] + q * costs[1 - a, b]))
    return f


def _costs(functional: EntropyFunctional, first: Behaviour) -> dict[tuple[int, int], arb]:
    """-log2 R(â|b) for a conditional distribution R near that of the kept and flipped symbol in the training trials."""
    assert first.counts is not None
    key, (na, nb) = functional.key_round, first.outcomes
    if na != 2:
        raise QuestionError("protocol", "two outcomes of Alice", str(na))
    counts = first.counts[:, :, key.key[0], key.key[1]].astype(np.float64)
    kept = np.array([[float(key.kept(a)) * float(key.kept(b)) for b in range(nb)] for a in range(na)]) * counts
    flipped = (1 - key.noise) * kept + key.noise * kept[::-1] + 0.5
    costs = {}
    for b in range(nb):
        weights = [Fraction(float(flipped[a, b])) for a in (0, 1)]
        for a in (0, 1):
            costs[a, b] = -log2(ball(weights[a] / sum(weights)))
    return costs
