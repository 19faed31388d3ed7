"""The Rényi key, put together: parameters, terms, the integer length, and what goes with it."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb, ctx

from keybounds.bounds.bound import Status
from keybounds.bounds.run.assumptions import DESIGN, FINITE, IN_ORDER, LABORATORIES
from keybounds.bounds.run.extractors import Extractor, extractor
from keybounds.bounds.run.key import FiniteKey, Term
from keybounds.bounds.run.renyi import RenyiParameters, renyi_terms
from keybounds.bounds.run.renyi_search import renyi_parameters
from keybounds.bounds.run.run import Run, balance_sheet, run_certificate, syndrome_length
from keybounds.bounds.run.tails import at_most, fewer
from keybounds.enclosure import ball, round_down, round_up
from keybounds.errors import InputError, UnsupportedError
from keybounds.states.arguments import dimension

EXTRACTORS = ("toeplitz", "circulant")
"""Those whose hash makes two different strings collide with probability exactly 2^-ℓ."""

_PRECISION = 256  # bits
_BLOCKS = 128
_REACH = 9  # standard deviations of the number of lost tests that completeness looks at


def renyi_key(run: Run, extractor_name: str, parameters: RenyiParameters | None = None) -> FiniteKey:
    """The Rényi key of a run that is accepted by its score; at given parameters or those of `renyi_parameters`.

    Raises
    ------
    InputError
        Parameters that the theorem does not admit.
    UnsupportedError
        The extractor ``trevisan``, for which the theorem is not shown.
    UnknownNameError
        No such extractor.
    """
    chosen = _hash(extractor_name)
    best = parameters if parameters is not None else renyi_parameters(run)
    with ctx.workprec(_PRECISION):
        values = renyi_terms(run, best)
        total = sum(values.values(), arb(0))
        length = _whole_bits(run, total)
        terms = tuple(Term(name, _WORDS[name][0], round_down(value), _WORDS[name][1]) for name, value in values.items())
        deficit = 0 if length else math.ceil(round_up(1 - total))
        threshold = round_up(_threshold(run, best))
    exact = best.fractions()
    score = exact.pop("score")
    return FiniteKey(
        thing=run.thing,
        length=length,
        rounds=run.rounds,
        soundness=float(run.soundness),
        theorem="renyi",
        reference="dupuis2023; this project, claim renyi-key-length",
        extractor=chosen.name,
        threshold=threshold,
        syndrome_length=syndrome_length(run),
        terms=terms,
        parameters={name: float(value) for name, value in {**exact, "score": score}.items()},
        balance=balance_sheet(length, chosen.seed(run.rounds, length, float(run.budget)) if length else 0),
        completeness=score_completeness(run, best),
        status=Status.ENCLOSED if length else Status.NO_KEY,
        assumptions=(*LABORATORIES, IN_ORDER, DESIGN, FINITE),
        deficit=deficit,
        certificate=run_certificate("renyi", run, chosen, exact, score=score),
        provenance={**run.provenance, "score": best.score},
    )


def renyi_length(run: Run, parameters: RenyiParameters, *, losses: int, wins: int) -> int:
    """The length that a run with these counts of lost and won tests yields, where the length varies with the run.

    Every run is accepted, and takes ⌊n κ + N_0 g_0 + N_1 g_1 - m - (α/δ) log(1/ε_PA) + 2⌋ bits or none. The parameters
    must be fixed before the data; their score s plays no part.

    Raises
    ------
    InputError
        Counts that are negative or exceed the rounds; parameters that the theorem does not admit.
    """
    losses, wins = dimension("losses", losses, least=0), dimension("wins", wins, least=0)
    if losses + wins > run.rounds:
        raise InputError("wins", f"at most {run.rounds} tests together", f"{losses} + {wins}")
    exact = parameters.fractions()
    score = losses * exact["loss_score"] + wins * exact["win_score"]
    with ctx.workprec(_PRECISION):
        return _whole_bits(run, sum(renyi_terms(run, parameters, score=score).values(), arb(0)))


def score_completeness(run: Run, parameters: RenyiParameters, winning: Fraction | None = None) -> float | None:
    """Lower bound on the probability that an honest run reaches the score: N_0 g_0 + N_1 g_1 >= s.

    With `winning` of devices with this ω instead, for whom the run was not designed; the greater ω, the likelier.
    The numbers of lost and won tests are trinomial. Given N_0, N_1 is binomial, and the more tests are lost, the less
    likely the run passes: so N_0 is taken in blocks, each at its largest. Binomial tails are bounded as in zubkov2013.
    None if won tests do not score above 0 and lost ones below.
    """
    exact = parameters.fractions()
    g_0, g_1, score = exact["loss_score"], exact["win_score"], exact["score"]
    if not g_0 < 0 < g_1:
        return None
    gamma = Fraction(run.gamma)
    omega = run.winning if winning is None else winning
    losing, won = gamma * (1 - omega), gamma * omega
    mean, spread = run.rounds * losing, math.sqrt(run.rounds * float(losing * (1 - losing)))
    first = max(math.floor(mean - _REACH * spread), 0)
    last = min(math.ceil(mean + _REACH * spread), run.rounds)
    width = max(1, -(-(last - first) // _BLOCKS))
    with ctx.workprec(_PRECISION):
        total, passes = arb(0), arb(1)
        reached = arb(0)  # lower bound on P[N_0 <= end of the block before]
        for end in range(first, last + width, width):
            end = min(end, run.rounds)
            needed = math.ceil((score - end * g_0) / g_1)
            fails = fewer(run.rounds - end, won / (1 - losing), needed)
            here = passes.min((1 - fails).lower()).max(arb(0))
            total += reached * (passes - here)  # summed by parts: only lower bounds on distribution functions enter
            passes, reached = here, at_most(run.rounds, losing, end)
        total += reached * passes
        return min(max(round_down(total), 0.0), 1.0) if total.is_finite() else None


def _hash(name: str) -> Extractor:
    chosen = extractor(name)
    if name not in EXTRACTORS:
        raise UnsupportedError(
            "extractor",
            "toeplitz or circulant with the theorem renyi, which rests on a hash that is exactly uniform on every "
            "difference of strings",
            name,
        )
    return chosen


def _whole_bits(run: Run, total: arb) -> int:
    """⌊ℓ⌋ on the safe side, at least 0 and at most n: no hash makes more bits than it is given."""
    if not total >= 1:
        return 0
    return min(int(total.lower().floor().unique_fmpz()), run.rounds)


def _threshold(run: Run, parameters: RenyiParameters) -> arb:
    """The share of won tests from which on a run with nγ tests, the number to be expected, reaches the score."""
    exact = parameters.fractions()
    tests = run.rounds * Fraction(run.gamma)
    gain = exact["win_score"] - exact["loss_score"]
    share = (exact["score"] / tests - exact["loss_score"]) / gain if gain > 0 else Fraction(0)
    return ball(min(max(share, Fraction(0)), Fraction(1)))


_WORDS = {
    "entropy": ("n κ", "Rényi entropy of a round for devices with the weights f of the tests' outcomes"),
    "score": ("s", "the least score that is accepted; the tests' outcomes are discounted in it"),
    "syndrome": ("-m", "published for error correction"),
    "privacy_amplification": ("-(α/δ) log(1/ε_PA)", "hashing to within ε_PA of uniform, without smoothing"),
    "constant": ("2", "from the constant 2^{2/α-2} of the same"),
}
