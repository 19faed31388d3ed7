"""Maximum-likelihood projection of a measured table onto the no-signalling behaviours, and onto the quantum ones.

The likelihood of frequencies f from n rounds a setting pair is maximised over the Collins–Gisin parameters θ, in which
p = Aθ + b is no-signalling and normalised identically and only p >= 0 is left. At the optimum of Σ w log p, w = n f,
there is λ >= 0 with Aᵀλ = 0 and λ_i p_i = w_i: the weighted centre of the polytope, zero counts included. Newton's
method follows the targets w + μ as μ falls to 0, and λ bounds the distance to the optimum by duality.

Onto level "1+AB" of the moment hierarchy, which no quantum device leaves, see `almost_quantum`. How unlikely a device
of the level makes the counts is bounded for any number of trials: with frequencies f of n trials from p and k
outcomes, n D(f||p) has a moment generating function below that of a gamma distribution of shape k - 1 (agrawal2020),
and so has the sum over pairs, of shape d = Σ (k - 1). The level's nearest table is no farther, so that for t > d

    Pr [min_p Σ n D(f||p) >= t] <= (t/d)^d e^(d-t).

That is blunt where there are few trials, so `chsh_chance` is asked too, and twice the smaller probability counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import BehaviourError, BoundNotEstablishedError, DimensionError, InputError, real_number
from keybounds.experiments.almost_quantum import most_likely
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.chsh_chance import chsh_chance

# Parameters are rounded to multiples of this, so that every sum of a few of them is exact in doubles.
_QUANTUM = 2.0**-51
# The last μ, which stays on the cells without counts: each is that far from its optimum, in nats a round.
_LAST_CENTRING = 1e-12
_FINAL_STEPS = 5
# G is compared with its standard deviation √(2 dof), so a hundredth is exact for every purpose.
_LARGEST_GAP = 0.01
_BEYOND = 0.05  # rise of G from the no-signalling to the quantum fit, a fifth of a standard deviation, that is none

REFUSED, DOUBTED = 1e-6, 1e-2
"""Probabilities of the counts for every device of the level: below the first a table is refused, below the second it
is warned of."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """The no-signalling behaviour nearest in likelihood, and how far it is from the measured table.

    Attributes
    ----------
    behaviour
        Exactly normalised and no-signalling: the marginals of its doubles are equal, not close. Unmeasured pairs stay
        so.
    total_variation
        ½ Σ_ab |f - p| for each setting pair, shape (nx, ny), NaN for unmeasured pairs.
    statistic
        G = 2 Σ n f ln(f/p), twice the likelihood ratio in nats.
    degrees_of_freedom
        Free frequencies less fitted parameters; what G is about if no-signalling holds.
    p_value
        Probability of a G this large from χ² with these degrees of freedom, if no-signalling holds; asymptotic in n,
        and too large where the fit lies on p = 0.
    rounds
        n for each setting pair, shape (nx, ny).
    gap
        Proven bound, up to rounding, on how much smaller G can be for any no-signalling behaviour.
    """

    behaviour: Behaviour
    total_variation: NDArray[np.float64]
    statistic: float
    degrees_of_freedom: int
    p_value: float
    rounds: NDArray[np.float64]
    gap: float


def project_no_signalling(behaviour: Behaviour, *, rounds: ArrayLike | None = None) -> Projection:
    """Fit a no-signalling behaviour to a measured one by maximum likelihood.

    Parameters
    ----------
    behaviour
        With counts or uncertainties, or with `rounds`. Frequencies that sum to 1 only up to rounding are normalised.
    rounds
        Rounds for each setting pair, shape (nx, ny); by default the table's own, from counts or uncertainties. Only
        their ratios influence the fit.

    Raises
    ------
    InputError
        No rounds are known, or they are not positive.
    BehaviourError
        The fit exceeds a CHSH value of 2√2, as that of a small sample may: it is no-signalling, but no quantum device.
    BoundNotEstablishedError
        The optimum was not reached (not seen to happen).
    """
    fit = _no_signalling(behaviour, rounds)
    try:
        projected = fit.behaviour(fit.cells, "no-signalling")
    except BehaviourError as error:
        raise BehaviourError(
            "behaviour", f"a table whose no-signalling fit has {error.expected}", error.found
        ) from None
    return Projection(
        behaviour=projected,
        total_variation=fit.distance(projected),
        statistic=fit.statistic,
        degrees_of_freedom=fit.freedom,
        p_value=chi_squared_tail(fit.statistic, fit.freedom),
        rounds=fit.rounds,
        gap=fit.gap,
    )


@dataclass(frozen=True, slots=True, eq=False)
class QuantumProjection:
    """The behaviour of level "1+AB" nearest in likelihood, and how far it is.

    Attributes
    ----------
    behaviour
        Exactly normalised and no-signalling, and strictly inside the level.
    total_variation
        ½ Σ_ab |f - p| for each setting pair, shape (nx, ny), NaN for unmeasured pairs.
    statistic
        G = 2 Σ n f ln(f/p), twice the likelihood ratio in nats.
    beyond
        How much larger it is than that of the no-signalling fit: what quantum theory costs.
    p_value
        No quantum device gives counts this far from the level, or such a CHSH value, with a larger probability.
    functional, value, ceiling
        G[a,b,x,y], NaN at unmeasured pairs: Σ G P is at most `ceiling` for every device of the level, and `value` of
        the frequencies.
    rounds
        n for each setting pair, shape (nx, ny).
    gap
        Bound, up to rounding, on how much smaller G can be for any table of the level.
    """

    behaviour: Behaviour
    total_variation: NDArray[np.float64]
    statistic: float
    beyond: float
    p_value: float
    functional: NDArray[np.float64]
    value: float
    ceiling: float
    rounds: NDArray[np.float64]
    gap: float

    @property
    def inside(self) -> bool:
        """Whether the no-signalling fit is of the level itself; else the fit is at the level's edge."""
        return self.beyond <= _BEYOND

    @property
    def sentences(self) -> list[str]:
        """What a reader must know of the fit."""
        moved = float(np.nanmax(self.total_variation))
        fitted = (
            'The rows are at the fitted table, the likeliest of level "1+AB" of the moment hierarchy, '
            f"{moved:.1g} away in total variation at most: point estimates, no statements about the device."
        )
        said = [fitted]
        if not self.inside:
            said.append(
                f"The frequencies lie beyond every quantum device (twice the log-likelihood ratio rises by "
                f"{self.beyond:.3g}), and the fit at the edge, where an adversary has least: its rows are optimistic."
            )
        return said + self.warnings

    @property
    def warnings(self) -> list[str]:
        """That the counts are hardly a quantum device's, where they are."""
        if self.p_value >= DOUBTED:
            return []
        said = (
            f"Warning: no quantum device gives counts so far from it with a probability above {self.p_value:.2g}; "
            f"they violate {self.inequality}. Below {REFUSED:g} they are refused."
        )
        return [said]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "level": "1+AB",
            "total_variation": float(np.nanmax(self.total_variation)),
            "statistic": self.statistic,
            "beyond_no_signalling": self.beyond,
            "p_value": self.p_value,
            "refused_below": REFUSED,
        }

    @property
    def inequality(self) -> str:
        """The inequality that the frequencies violate most in likelihood, in words."""
        G = self.functional
        if self.behaviour.outcomes != (2, 2):
            terms = [(G[a, b, x, y], f"P({a}{b}|{x}{y})") for x, y, a, b in np.ndindex(*G.shape[2:], *G.shape[:2])]
            constant = 0.0
        else:
            sign = np.array([1.0, -1.0])
            joint = np.einsum("a,b,abxy->xy", sign, sign, G) / 4
            alice = np.nansum(np.einsum("a,abxy->xy", sign, G), axis=1) / 4
            bob = np.nansum(np.einsum("b,abxy->xy", sign, G), axis=0) / 4
            terms = [(alice[x], f"<A{x}>") for x in range(len(alice))] + [(bob[y], f"<B{y}>") for y in range(len(bob))]
            terms += [(joint[x, y], f"<A{x}B{y}>") for x, y in np.ndindex(*joint.shape)]
            constant = float(np.nansum(G)) / 4
        left = " ".join(f"{value:+.4f} {name}" for value, name in terms if abs(value) >= 5e-5)
        return f"{left} <= {self.ceiling - constant:.4f}, where the table has {self.value - constant:.4f}"


def project_quantum(
    behaviour: Behaviour, *, rounds: ArrayLike | None = None, refuse: float = REFUSED
) -> QuantumProjection:
    """Fit a behaviour of level "1+AB" of the moment hierarchy, the "almost quantum" ones, by maximum likelihood.

    Parameters
    ----------
    behaviour, rounds
        As in `project_no_signalling`. Stated uncertainties count as the trials that would have them.
    refuse
        A table is refused whose counts no device of the level, so none of quantum theory, gives with a probability
        above this.

    Raises
    ------
    BehaviourError
        Refused, with the distance, the likelihood ratio and the violated inequality.
    InputError
        No rounds are known, or they are not positive; `refuse` is not in [0, 1).
    UnsupportedError
        A scenario too large for the method.
    BoundNotEstablishedError
        The optimum was not reached (not seen to happen).

    Notes
    -----
    navascues2008 for the level; agrawal2020 for the probability.

    Examples
    --------
    >>> from keybounds.experiments import Behaviour
    >>> import numpy as np
    >>> signs = np.array([[1, -1], [-1, 1]])
    >>> lucky = np.rint(10 * (1 + .8 * signs[:, :, None, None] * np.array([[1, 1], [1, -1]]))).astype(int)
    >>> found = project_quantum(Behaviour.from_counts(lucky))  # S = 3.2 in 40 trials a pair
    >>> round(found.behaviour.chsh, 3), found.inside, found.p_value
    (2.828, False, 1.0)
    """
    if not 0 <= real_number("refuse", refuse) < 1:
        raise InputError("refuse", "a probability in [0, 1)", repr(refuse))
    fit = _no_signalling(behaviour, rounds)
    total = float(fit.weights.sum())
    level = most_likely(behaviour.outcomes, fit.present, fit.weights / total, gap=_LARGEST_GAP / (20 * total))
    theta = np.asarray(np.linalg.lstsq(fit.A, level.cells - fit.b, rcond=None)[0], dtype=np.float64)
    cells = _exact_cells(fit.A, fit.b, theta, behaviour.outcomes[0] * behaviour.outcomes[1])
    statistic, gap = fit.statistic_of(cells), 2 * total * level.gap
    functional, projected = fit.table(level.functional), fit.behaviour(cells, 'quantum (level "1+AB")')
    far = multinomial_tail(max(statistic - gap, 0.0) / 2, fit.freedom + fit.A.shape[1])
    found = QuantumProjection(
        behaviour=projected,
        total_variation=fit.distance(projected),
        statistic=statistic,
        beyond=max(statistic - fit.statistic, 0.0),
        p_value=min(1.0, 2 * min(far, chsh_chance(behaviour))),
        functional=functional,
        value=float(np.nansum(functional * fit.frequencies)),
        ceiling=1.0 + level.gap,
        rounds=fit.rounds,
        gap=gap,
    )
    if found.p_value < refuse:
        raise BehaviourError(
            "behaviour",
            f'counts that some device of level "1+AB" of the moment hierarchy, so any of quantum theory, gives with a '
            f"probability above {refuse:g}",
            f"at most {found.p_value:.2g}: the likeliest is {float(np.nanmax(found.total_variation)):.2g} away in "
            f"total variation at a setting pair, at twice a log-likelihood ratio of {statistic:.4g}, and the table "
            f"violates {found.inequality}",
        )
    return found


def multinomial_tail(t: float, freedom: int) -> float:
    """Bound on the probability of Σ n D(f||p) >= t for counts of p with so many free frequencies, any number of trials.

    (t/d)^d e^(d-t), and 1 up to t = d (agrawal2020); no less than 1e-300, for no probability here is 0.
    """
    return 1.0 if t <= freedom else max(math.exp(freedom * math.log(t / freedom) + freedom - t), 1e-300)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """The no-signalling fit of frequencies as arrays over the measured cells, and what it was made from."""

    source: Behaviour
    present: NDArray[np.bool_]
    rounds: NDArray[np.float64]
    frequencies: NDArray[np.float64]
    A: NDArray[np.float64]
    b: NDArray[np.float64]
    weights: NDArray[np.float64]
    cells: NDArray[np.float64]
    statistic: float
    freedom: int
    gap: float

    def statistic_of(self, cells: NDArray[np.float64]) -> float:
        """G = 2 Σ n f ln(f/p)."""
        return _statistic(self.frequencies.transpose(2, 3, 0, 1)[self.present].ravel(), self.weights, cells)

    def table(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """The cells as an array [a, b, x, y], NaN at unmeasured pairs."""
        table = np.full((*self.source.settings, *self.source.outcomes), np.nan)
        table[self.present] = cells.reshape(-1, *self.source.outcomes)
        return table.transpose(2, 3, 0, 1)

    def behaviour(self, cells: NDArray[np.float64], what: str) -> Behaviour:
        """The cells as an exact table."""
        return Behaviour(
            self.table(cells),
            unmeasured=self.source.unmeasured,
            provenance=f"{what} fit of {self.source.provenance or 'a measured table'}",
        )

    def distance(self, fitted: Behaviour) -> NDArray[np.float64]:
        """½ Σ_ab |f - p| for each setting pair."""
        return np.asarray(0.5 * np.abs(self.frequencies - fitted.P).sum(axis=(0, 1)))


def _no_signalling(behaviour: Behaviour, rounds: ArrayLike | None) -> _Fit:
    present = np.ones(behaviour.settings, dtype=np.bool_)
    for pair in behaviour.unmeasured:
        present[pair] = False
    n = _rounds(behaviour, present, rounds)
    frequencies = behaviour.P / behaviour.P.sum(axis=(0, 1))

    A, b = collins_gisin_map(behaviour.outcomes, present)
    cells = frequencies.transpose(2, 3, 0, 1)[present].ravel()
    cells_per_pair = behaviour.outcomes[0] * behaviour.outcomes[1]
    per_cell = np.repeat(n[present], cells_per_pair)
    weights = per_cell * cells
    theta, multipliers = _weighted_centre(A, b, weights / weights.sum(), cells_per_pair)
    fitted = _exact_cells(A, b, theta, cells_per_pair)
    statistic = _statistic(cells, weights, fitted)
    gap = 2.0 * float(weights.sum()) * _duality_gap(A, b, weights / weights.sum(), fitted, multipliers)
    if gap > _LARGEST_GAP * max(1.0, statistic):
        raise BoundNotEstablishedError(f"the no-signalling fit is only known to be optimal within {gap:.3g} of G")
    freedom = int(present.sum()) * (cells_per_pair - 1) - A.shape[1]
    return _Fit(behaviour, present, n, frequencies, A, b, weights, fitted, statistic, freedom, gap)


def _statistic(frequencies: NDArray[np.float64], weights: NDArray[np.float64], fitted: NDArray[np.float64]) -> float:
    seen = weights > 0
    return max(2.0 * float(weights[seen] @ np.log(frequencies[seen] / fitted[seen])), 0.0)


def collins_gisin_map(
    outcomes: tuple[int, int], present: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return A and b of p = Aθ + b, entries in {-1, 0, 1}.

    θ holds P(a|x) for all x and all a but the last, then P(b|y) likewise, then P(a,b|x,y) for the measured pairs, last
    outcomes left out; p runs over the measured pairs (x slowest), then a, then b.
    """
    na, nb = outcomes
    nx, ny = present.shape
    pairs = [(int(x), int(y)) for x, y in np.argwhere(present)]
    first_b = nx * (na - 1)
    first_joint = first_b + ny * (nb - 1)
    A = np.zeros((len(pairs), na, nb, first_joint + len(pairs) * (na - 1) * (nb - 1)))
    b = np.zeros((len(pairs), na, nb))
    for k, (x, y) in enumerate(pairs):
        alice = x * (na - 1)
        bob = first_b + y * (nb - 1)
        joint = first_joint + k * (na - 1) * (nb - 1)
        for i in range(na - 1):
            A[k, i, nb - 1, alice + i] += 1.0
            A[k, na - 1, nb - 1, alice + i] -= 1.0
            for j in range(nb - 1):
                index = joint + i * (nb - 1) + j
                A[k, i, j, index] += 1.0
                A[k, i, nb - 1, index] -= 1.0
                A[k, na - 1, j, index] -= 1.0
                A[k, na - 1, nb - 1, index] += 1.0
        for j in range(nb - 1):
            A[k, na - 1, j, bob + j] += 1.0
            A[k, na - 1, nb - 1, bob + j] -= 1.0
        b[k, na - 1, nb - 1] = 1.0
    return A.reshape(-1, A.shape[-1]), b.ravel()


def chi_squared_tail(statistic: float, degrees_of_freedom: int) -> float:
    """P(χ² >= statistic) = Γ(k/2, s/2)/Γ(k/2); 1 without degrees of freedom."""
    if degrees_of_freedom == 0:
        return 1.0
    half = arb(degrees_of_freedom) / 2
    return float((arb(statistic) / 2).gamma_upper(half, regularized=1).mid())


def _rounds(behaviour: Behaviour, present: NDArray[np.bool_], rounds: ArrayLike | None) -> NDArray[np.float64]:
    own = behaviour.rounds
    if rounds is None:
        if own is None:
            raise InputError("rounds", "rounds for each setting pair, as the table has neither counts nor dp", "None")
        n = own
        if not np.isfinite(n).all():
            raise BehaviourError("uncertainty", "a positive uncertainty at each setting pair, or rounds", "0")
    else:
        n = np.array(rounds, dtype=np.float64)
        if n.shape != behaviour.settings:
            raise DimensionError("rounds", f"shape {behaviour.settings}", str(n.shape))
        n[~present] = 0.0
        if not (np.isfinite(n) & (n > 0))[present].all():
            raise InputError("rounds", "positive numbers at the measured pairs", str(n.tolist()))
    return n


def _weighted_centre(
    A: NDArray[np.float64], b: NDArray[np.float64], weights: NDArray[np.float64], outcomes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find θ and λ with p = Aθ + b > 0, Aᵀλ = 0 and λ p = weights, a tiny μ where the weight is 0; Σ weights = 1.

    Raises
    ------
    BoundNotEstablishedError
        No convergence.
    """
    p = np.full(len(b), 1.0 / outcomes)
    theta = np.linalg.lstsq(A, p - b, rcond=None)[0]
    centring = 1.0
    multipliers = (weights + centring) / p
    final_steps = 0
    for _ in range(500):
        final = centring <= _LAST_CENTRING
        target = np.where(weights > 0, weights, centring) if final else weights + centring
        # Newton's step for (θ, λ), as the least-squares problem min |D(A dθ - target/λ)| with D² = λ/p
        scale = np.sqrt(multipliers / p)
        Q, R = np.linalg.qr(A * scale[:, None])
        step = np.linalg.solve(R, Q.T @ (scale * (target / multipliers)))
        change = A @ step
        multiplier_change = (target - multipliers * change) / p - multipliers
        length = _step_length(p, change)
        theta, p = theta + length * step, p + length * change
        multipliers = multipliers + _step_length(multipliers, multiplier_change) * multiplier_change
        centred = float(np.abs(multipliers * p / target - 1.0).max()) < 0.5
        if centred and not final:
            centring *= 0.1
        elif centred:
            final_steps += 1  # quadratic convergence: a few steps reach rounding
            if final_steps == _FINAL_STEPS:
                return theta, multipliers
    raise BoundNotEstablishedError("the likelihood's maximum over the no-signalling behaviours was not reached")


def _step_length(value: NDArray[np.float64], change: NDArray[np.float64]) -> float:
    """Return the longest step up to 1 that goes at most nine tenths of the way to where a positive value is 0."""
    falling = change < 0
    return min(1.0, 0.9 * float((-value[falling] / change[falling]).min(initial=np.inf)))


def _exact_cells(
    A: NDArray[np.float64], b: NDArray[np.float64], theta: NDArray[np.float64], outcomes: int
) -> NDArray[np.float64]:
    """Aθ + b for parameters rounded to the quantum, so that the doubles add up without rounding; never negative.

    Rounding may push a cell at 0 below it by `outcomes`/2 quanta; then as much of the uniform table is mixed in as
    lifts every cell by more.
    """
    matrix, offset, scale = A.astype(np.int64), b.astype(np.int64), round(1.0 / _QUANTUM)
    cells = matrix @ np.rint(theta * scale).astype(np.int64) + offset * scale
    if cells.min() < 0:
        uniform = np.linalg.lstsq(A, 1.0 / outcomes - b, rcond=None)[0]
        share = 4.0 * outcomes**2 * _QUANTUM
        mixed = theta + share * (uniform - theta)
        cells = matrix @ np.rint(mixed * scale).astype(np.int64) + offset * scale
    return np.asarray(cells * _QUANTUM, dtype=np.float64)


def _duality_gap(
    A: NDArray[np.float64],
    b: NDArray[np.float64],
    weights: NDArray[np.float64],
    fitted: NDArray[np.float64],
    multipliers: NDArray[np.float64],
) -> float:
    """Bound Σ w ln p* - Σ w ln p, p* optimal and Σ weights = 1, from any λ >= 0.

    For p = Aθ + b >= 0, -Σ w ln p >= Σ w (1 - ln(w/λ)) - λᵀb - (Aᵀλ)ᵀθ, and θ, being probabilities, is in [0, 1].
    """
    for _ in range(2):  # Newton leaves |Aᵀλ| of 1e-4 where p is tiny; remove it at the least relative change of λ
        Q, _ = np.linalg.qr(A * multipliers[:, None])
        multipliers = np.clip(multipliers * (1.0 - Q @ Q.sum(axis=0)), 0.0, None)
    seen = weights > 0
    w, scale = weights[seen], multipliers[seen] * fitted[seen]
    residual = float(np.abs(A.T @ multipliers).sum())
    return float(w @ np.log(w / scale) - w.sum() + multipliers @ b) + residual
