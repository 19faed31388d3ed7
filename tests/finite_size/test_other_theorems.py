"""First-order entropy accumulation, equipartition against collective attacks, and what each theorem assumes."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath as mp
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from keybounds.bounds import Adversary, Link
from keybounds.bounds.bound import Status
from keybounds.bounds.lower import finite_key, minimal_rounds
from keybounds.bounds.run import Run, key_of_run
from keybounds.bounds.run.extractors import extractor
from keybounds.bounds.run.finite_key import THEOREMS
from keybounds.bounds.run.first_order import first_order_key, first_order_parameters
from keybounds.bounds.run.iid import equipartition_key, equipartition_parameters
from keybounds.bounds.run.key import FiniteKey
from keybounds.bounds.run.run import accepted_losses
from keybounds.errors import InputError

LINK, GAMMA = Link(Fraction("2.64"), Fraction("0.018")), Fraction(13, 256)
BUDGET = 1e-10 - 4 * 2.0**-61


def run_of(rounds: int) -> Run:
    return Run(LINK, rounds=rounds, gamma=GAMMA, soundness=Fraction(1, 10**10))


def key_of(theorem: str, rounds: int, soundness: float = 1e-10) -> FiniteKey:
    return finite_key(LINK, rounds=rounds, gamma=GAMMA, soundness=soundness, theorem=theorem, extractor="toeplitz")


def eta(winning: mp.mpf) -> mp.mpf:
    x = mp.sqrt(16 * winning * (winning - 1) + 3)
    return (1 + x) / 2 * mp.log(1 + x, 2) + (1 - x) / 2 * mp.log(1 - x, 2)


@pytest.mark.parametrize("rounds", [400_000, 1_500_000, 10**9])
def test_equipartition_is_the_stated_formula(rounds: int) -> None:
    key = key_of("aep-iid", rounds)
    p = key.parameters
    with mp.workdps(40):
        smooth = mp.sqrt(rounds * mp.log(2 / mp.mpf(p["smoothing"]) ** 2, 2))
        expected = (
            rounds * eta(1 - mp.mpf(p["losing"]) * 256 / 13)
            - 4 * mp.log(2 + mp.sqrt(2), 2) * smooth
            - 2 * mp.log(1 / mp.mpf(p["extractor_error"]), 2)
            + 2
            - key.syndrome_length
            - 264
        )
    assert key.length == int(mp.floor(expected))
    # devices at the limit are caught, by scipy's own binomial tail; a percent better ones are not
    losses = accepted_losses(run_of(rounds))
    assert binom.cdf(losses, rounds, p["losing"]) <= BUDGET
    assert binom.cdf(losses, rounds, p["losing"] * 0.99) > BUDGET
    assert p["extractor_error"] + 2 * p["smoothing"] <= BUDGET


@pytest.mark.parametrize("rounds", [200_000_000, 10**10])
def test_first_order_accumulation_is_the_stated_formula(rounds: int) -> None:
    key = key_of("eat-2018", rounds)
    p = {name: mp.mpf(value) for name, value in key.parameters.items()}
    with mp.workdps(40):
        accepted = mp.mpf(10) ** -10 - 4 * mp.mpf(2) ** -61
        slope = mp.diff(eta, p["tangent"])
        losing = mp.mpf(13) / 256 * mp.mpf("0.17")
        threshold = 1 - (losing + 3 * mp.sqrt(losing * (1 - losing) / rounds)) * 256 / 13
        rest = p["smoothing"] - p["smoothing_1"] - 2 * p["smoothing_2"]

        def root(error: mp.mpf) -> mp.mpf:
            return mp.sqrt(1 - 2 * mp.log(error * accepted, 2))

        expected = (
            rounds * (eta(p["tangent"]) + (threshold - p["tangent"]) * slope)
            - 2 * mp.sqrt(rounds) * (mp.log(9, 2) + mp.ceil(slope * 256 / 13)) * root(p["smoothing_1"])
            - mp.mpf(rounds) * 13 / 256
            - 2 * mp.sqrt(rounds) * mp.log(5, 2) * root(p["smoothing_2"])
            + 3 * mp.log(1 - mp.sqrt(1 - rest**2), 2)
            - 3 * mp.log(1 / p["extractor_error"], 2)
            + 2
            - key.syndrome_length
            - 264
        )
    assert abs(key.length - expected) <= 1
    assert key.length <= expected + 1e-6


@settings(deadline=None, max_examples=25)
@given(
    exponent=st.floats(5, 13),
    gamma=st.floats(0.005, 0.2),
    chsh=st.floats(2.3, 2.82),
    qber=st.floats(0, 0.05),
)
def test_theorems_are_ordered(exponent: float, gamma: float, chsh: float, qber: float) -> None:
    # Fails if a weaker theorem is granted more than what supersedes it.
    found = {
        name: finite_key(Link(chsh, qber), rounds=int(10**exponent), gamma=gamma, theorem=name, extractor="toeplitz")
        for name in ("eat-2018", "eat-2019", "aep-iid")
    }
    worth = {name: key.length - key.deficit for name, key in found.items()}
    if found["aep-iid"].length:
        assert worth["eat-2019"] <= worth["aep-iid"]
    if found["eat-2018"].length:
        assert worth["eat-2018"] <= worth["eat-2019"]
    if found["eat-2019"].length:  # against collective attacks there are at most n η(ω) - m bits
        with mp.workdps(30):
            most = int(10**exponent) * eta(mp.mpf(1) / 2 + mp.mpf(chsh) / 8) - found["aep-iid"].syndrome_length
        assert worth["aep-iid"] <= most


def test_onsets() -> None:
    assert minimal_rounds(LINK, gamma=GAMMA, theorem="aep-iid", extractor="toeplitz") == pytest.approx(
        345_000, rel=0.01
    )
    assert minimal_rounds(LINK, gamma=GAMMA, theorem="eat-2018", extractor="toeplitz") == pytest.approx(
        1.05e8, rel=0.01
    )


def test_equipartition_approaches_the_asymptotic_rate() -> None:
    with mp.workdps(30):
        h = -mp.mpf("0.018") * mp.log("0.018", 2) - mp.mpf("0.982") * mp.log("0.982", 2)
        lost = -mp.mpf("0.17") * mp.log("0.17", 2) - mp.mpf("0.83") * mp.log("0.83", 2)
        limit = eta(mp.mpf("0.83")) - h * 243 / 256 - lost * 13 / 256
    assert key_of("aep-iid", 10**18).rate == pytest.approx(float(limit), abs=1e-6)
    assert key_of("aep-iid", 10**18).rate < limit


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("losing", 0.0088),  # such devices are accepted far too often
        ("losing", math.nan),
        ("losing", -1.0),
        ("losing", math.inf),
        ("smoothing", 1e-10),
        ("smoothing", 0.0),
        ("extractor_error", 1e-10),
        ("extractor_error", math.nan),
    ],
)
def test_equipartition_refuses_what_it_does_not_admit(field: str, value: float) -> None:
    run = run_of(1_500_000)
    bad = replace(equipartition_parameters(run, extractor("toeplitz")), **{field: value})
    with pytest.raises(InputError, match=rf"^{field}: expected|^extractor_error: expected at most"):
        equipartition_key(run, "toeplitz", bad)


def test_a_share_that_every_device_may_lose_grants_nothing() -> None:
    run = run_of(1_500_000)
    best = equipartition_parameters(run, extractor("toeplitz"))
    for losing in (0.0508, 0.06, 0.9):
        assert equipartition_key(run, "toeplitz", replace(best, losing=losing)).status is Status.NO_KEY


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tangent", 0.75),
        ("tangent", 0.8536),
        ("tangent", math.nan),
        ("smoothing", 1e-10),
        ("smoothing_1", 0.0),
        ("smoothing_1", 1e-10),
        ("smoothing_2", -1.0),
        ("extractor_error", 1e-9),
        ("extractor_error", math.inf),
    ],
)
def test_first_order_refuses_what_it_does_not_admit(field: str, value: float) -> None:
    run = run_of(10**9)
    bad = replace(first_order_parameters(run, extractor("toeplitz")), **{field: value})
    with pytest.raises(
        InputError, match=rf"^{field}: expected|^smoothing: expected above|^extractor_error: expected at most"
    ):
        first_order_key(run, "toeplitz", bad)


@pytest.mark.parametrize("theorem", list(THEOREMS))
@pytest.mark.parametrize(
    "changes",
    [
        {"rounds": 2, "gamma": 0.5},
        {"rounds": 2, "gamma": 0.999},
        {"gamma": 1 - 2.0**-53},
        {"gamma": 1e-4},
        {"link": Link(2 + 1e-12, 0.018)},
        {"link": Link(2 * math.sqrt(2), 0.5)},
        {"soundness": 1.75e-18, "rounds": 10_000},
        {"deviations": 1e6},
    ],
)
def test_no_key_at_the_edges(theorem: str, changes: dict[str, Any]) -> None:
    # aep-iid at S -> 2 and all of them with a hundredth of the tests they need: a deficit, no crash, no key.
    key = key_of_run(replace(run_of(100_000), **changes), theorem=theorem, extractor="toeplitz")
    assert key.status is Status.NO_KEY
    assert key.deficit > 0


@pytest.mark.parametrize("theorem", list(THEOREMS))
def test_a_run_beyond_doubles_is_evaluated_to_the_bit(theorem: str) -> None:
    # Fails if the length is looked for bit by bit from a rounded start, which takes hours here.
    key = key_of(theorem, 10**18)
    total = sum(Fraction(term.bits) for term in key.terms)
    assert 0.42 < key.rate < 0.49
    assert abs(key.length - total) < 2.0**-50 * 10**18
    assert key.completeness == pytest.approx(0.9985, abs=5e-4)


def test_the_length_covers_its_own_cost_and_no_bit_more() -> None:
    trevisan = extractor("trevisan")
    with ctx.workprec(256):
        for entropy in (arb(1), arb(10) ** 30, arb(95951) + arb("0.25")):
            length = trevisan.length(entropy)
            assert length + trevisan.overhead(length) <= entropy
            assert length + 1 + trevisan.overhead(length + 1) > entropy


def test_soundness_near_one_loses_nothing() -> None:
    lengths = [key_of("renyi", 1_500_000, soundness=e).length for e in (0.1, 0.9, 0.999999, 1 - 2.0**-53)]
    assert lengths == sorted(lengths)


@pytest.mark.parametrize("theorem", list(THEOREMS))
def test_every_key_states_its_assumptions(theorem: str) -> None:
    key = key_of(theorem, 10**9)
    stated = " ".join(key.assumptions)
    assert "not whether a round is tested" in stated
    assert "fixed before the run" in stated
    assert (key.adversary is Adversary.COLLECTIVE) == ("independent and alike" in stated)
    assert key.to_dict()["assumptions"] == list(key.assumptions)
