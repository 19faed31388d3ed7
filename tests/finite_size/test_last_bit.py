"""The last bit of a key: constants and floors on the safe side, against values written independently."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from flint import arb, ctx

from keybounds.bounds import Link, one_way
from keybounds.bounds.run import (
    CollectiveDesign,
    RenyiParameters,
    Run,
    collective,
    collective_design,
    collective_key,
    lower_score,
    renyi_length,
)
from keybounds.bounds.run.extractors import extractor
from keybounds.bounds.run.renyi_key import _whole_bits, renyi_key
from keybounds.bounds.run.run import _floor
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.experiments import load

RUN = Run(Link(Fraction("2.64"), Fraction("0.018")), rounds=1_500_000, gamma=Fraction(13, 256))
PARAMETERS = RenyiParameters(order=1 / 2048, loss_score=-160.25, win_score=33.5, reference=0.8125, score=-10_000.0)


@pytest.fixture(scope="module")
def design() -> CollectiveDesign:
    return collective_design(
        load("liu2022-20m").models["white-noise"].behaviour(), one_way((0, 2), noise=0.13, keep=0.96)
    )


def exact(x: float | Fraction) -> mp.mpf:
    fraction = Fraction(x)
    return mp.mpf(fraction.numerator) / fraction.denominator


# --- the empirical Bernstein bound -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("tests", "error"), [(2, 0.3), (3, 1e-10), (17, 0.01), (400, 1e-6)])
def test_the_score_is_that_of_maurer_and_pontil(design: CollectiveDesign, tests: int, error: float) -> None:
    """mean - √(2 V ln(2/ε)/n) - 7 span ln(2/ε)/(3 (n-1)), V over n - 1, rounded down [maurer2009, Theorem 4].

    Few tests, where the constant 7 and what is divided by tell; the largest double that is not above it.
    """
    values = design.score.values
    counts = (
        np.random.default_rng(tests).multinomial(tests, np.full(values.size, 1 / values.size)).reshape(values.shape)
    )
    found = lower_score(design.score, counts, error=error)
    with mp.workdps(60):
        drawn = [exact(f) for k, f in zip(counts.ravel(), values.ravel(), strict=True) for _ in range(k)]
        mean = mp.fsum(drawn) / tests
        variance = mp.fsum((a - b) ** 2 for a in drawn for b in drawn) / (2 * tests * (tests - 1))
        logarithm = mp.log(2 / exact(error))
        span = exact(values.max()) - exact(values.min())
        expected = mean - mp.sqrt(2 * variance * logarithm / tests) - 7 * span * logarithm / (3 * (tests - 1))
        assert exact(found) <= expected < exact(math.nextafter(found, math.inf))


def test_the_span_of_a_score_is_that_of_its_values(design: CollectiveDesign) -> None:
    """Not one that leaves out an outcome which the devices never print."""
    assert design.score.greatest >= design.score.values.max()
    assert design.score.least <= design.score.values.min()


def test_errors_beyond_the_budget_are_refused(design: CollectiveDesign, monkeypatch: pytest.MonkeyPatch) -> None:
    """The errors are found in doubles; what they sum to is compared with the soundness exactly."""
    ask = {"rounds": 10**12, "soundness": Fraction(1, 10**10)}
    found = collective_key(design, **ask).parameters
    budget = ask["soundness"] - Fraction(4, 2**61)
    extractor_error = Fraction(found["extractor_error"])
    most = float((budget - extractor_error) / 2)
    for smoothing, admitted in ((math.nextafter(most, 0), True), (math.nextafter(most, 1), False)):
        errors = smoothing, found["extractor_error"]
        monkeypatch.setattr(collective, "_errors", lambda *_, errors=errors: errors)
        if admitted:
            assert collective_key(design, **ask).length > 0
        else:
            with pytest.raises(BoundNotEstablishedError, match="exceed the soundness"):
                collective_key(design, **ask)


@pytest.mark.parametrize("rounds", [10**12, 10**11])
def test_terms_of_a_collective_key_are_rounded_down(design: CollectiveDesign, rounds: int) -> None:
    """Each is the largest double that is not above the term; what is missing of one bit is rounded up."""
    key = collective_key(design, rounds=rounds)
    smoothing, extractor_error = (exact(key.parameters[name]) for name in ("smoothing", "extractor_error"))
    left = rounds - int(key.parameters["tests"])
    with mp.workdps(60):
        ratio = mp.log(2 / smoothing**2, 2)
        expected = {
            "entropy": left * (exact(key.threshold) - exact(design.score.slack)),
            "equipartition": -4 * mp.log(2 + mp.sqrt(2), 2) * mp.sqrt(left * ratio),
            "extractor_error": 2 * mp.log(extractor_error, 2) + 2,
            "syndrome": -mp.mpf(key.syndrome_length),
            "constant": mp.mpf(-264),
        }
        assert [term.name for term in key.terms] == list(expected)
        for term in key.terms:
            assert exact(term.bits) <= expected[term.name] < exact(math.nextafter(term.bits, math.inf))
        total = mp.fsum(expected.values())
        assert (key.length, key.deficit) == (max(mp.floor(total), 0), max(mp.ceil(1 - total), 0))


# --- whole bits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "bits"),
    [
        (arb(1000), 1000),
        (arb(1000, 2.0**-60), 999),
        (arb(1000.5, 0.25), 1000),
        (arb(1000.5, 0.75), 999),
        (arb(1), 1),
        (arb(1, 2.0**-60), 0),
        (arb(0.5), 0),
        (arb(0, 5), 0),
        (arb(-10), 0),
        (arb("nan"), 0),
        (arb(2, 1.5), 0),
    ],
    ids=str,
)
def test_a_ball_that_straddles_an_integer_yields_the_one_below(total: arb, bits: int) -> None:
    """Of both hashes' lengths: what is certain counts, not what the middle or the upper end of a ball says."""
    assert _whole_bits(RUN, total) == bits
    assert extractor("toeplitz").length(total) == bits


def test_a_floor_is_that_of_the_lower_end() -> None:
    assert [_floor(ball) for ball in (arb(7), arb(7, 2.0**-60), arb(7.5, 0.25), arb(-7, 0.5))] == [7, 6, 7, -8]


def renyi_formula(run: Run, p: RenyiParameters, score: Fraction) -> mp.mpf:
    """n κ + s - m - (α/δ) log(1/ε_PA) + 2, κ by a grid and thirds in 40 digits."""
    delta, gamma = exact(p.order), exact(run.gamma)
    alpha = 1 + delta
    u_0 = (2 ** exact(p.loss_score) / (1 - exact(p.reference))) ** delta
    u_1 = (2 ** exact(p.win_score) / exact(p.reference)) ** delta

    def bracket(c: mp.mpf) -> mp.mpf:
        key = (((1 + c) ** (1 / alpha) + (1 - c) ** (1 / alpha)) / 2) ** alpha
        return (1 - gamma + gamma * u_0) * key + gamma * (u_1 - u_0) * (2 + mp.sqrt(1 + c * c)) / 4

    grid = [mp.mpf(k) / 256 for k in range(257)]
    best = max(range(257), key=lambda k: bracket(grid[k]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, 256)]
    for _ in range(140):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if bracket(a) > bracket(b) else (a, high)
    n, syndrome = run.rounds, run.leakage
    assert syndrome is not None
    left = exact(run.soundness) - mp.mpf(4) / 2**61
    return -n / delta * mp.log(bracket(low), 2) + exact(score) - syndrome + alpha / delta * mp.log(left, 2) + 2


@pytest.mark.parametrize(("losses", "wins"), [(12_900, 63_000), (11_111, 62_222), (13_007, 65_432)])
def test_a_varying_length_is_the_floor_of_the_formula(losses: int, wins: int) -> None:
    """Not one bit more, whatever the counts; and with a leakage that turns the sum about the next whole bit."""
    run = replace(RUN, leakage=290_000)
    score = losses * Fraction(PARAMETERS.loss_score) + wins * Fraction(PARAMETERS.win_score)
    with mp.workdps(40):
        expected = renyi_formula(run, PARAMETERS, score)
        assert expected > 1
        assert abs(expected - mp.nint(expected)) > mp.mpf("1e-3")  # else the scan would have to be better
        assert renyi_length(run, PARAMETERS, losses=losses, wins=wins) == mp.floor(expected)


@pytest.mark.parametrize("score", [-415_488.0, -415_600.5, -500_000.0])
def test_what_is_missing_of_one_bit(score: float) -> None:
    """The deficit of a run without key is what more would make a key of one bit."""
    run, parameters = replace(RUN, leakage=290_000), replace(PARAMETERS, score=score)
    key = renyi_key(run, "toeplitz", parameters)
    with mp.workdps(40):
        total = renyi_formula(run, parameters, Fraction(score))
        assert total < 1
        assert key.length == 0
        assert key.deficit == mp.ceil(1 - total)
    enough = renyi_key(run, "toeplitz", replace(parameters, score=score + key.deficit))
    assert (enough.length, enough.deficit) == (1, 0)


def test_bits_published_are_whole() -> None:
    assert type(replace(RUN, leakage=1000.0).leakage) is int  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"leakage.*a whole number"):
        replace(RUN, leakage=1000.5)  # type: ignore[arg-type]


def test_an_upper_end_would_be_a_bit_too_many() -> None:
    """At the working precision a sum that is a whole number to within its ball: the floor is the bit below."""
    with ctx.workprec(30):
        third = arb(1) / 3
        assert _whole_bits(RUN, 3000 * third) == 999
        assert extractor("circulant").length(3000 * third) == 999
