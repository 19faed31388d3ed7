"""`keybounds finite` as a planner: what is chosen by default, what is printed of the choice, and of files."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from keybounds.bounds import Adversary, Link, Run
from keybounds.bounds.run import (
    best_tested_run,
    key_of_run,
    longest_key,
    shannon_limit,
    shortest_run,
    shortest_tested_run,
    syndrome_length,
    usual_code,
)
from keybounds.errors import BehaviourError, BoundNotEstablishedError, InputError
from keybounds.experiments import Reading, read_table
from keybounds.reports.finite import FiniteReport, Plan, duration, finite_report
from keybounds.reports.finite_devices import ion_devices, measured_devices, photonic_devices

Command = Callable[..., subprocess.CompletedProcess[str]]

GAMMA = Fraction(13, 256)
LINK = Link(Fraction("2.64"), Fraction("0.018"))
CASES = Path(__file__).parents[1] / "intake" / "cases"
DOCS = Path(__file__).parents[2] / "docs"
ION = ion_devices(None, None, (0, 2))

CODE = ("--code-efficiency", "1.16")
"""So that figures do not move with what codes are seen to do."""


def of_file(path: Path, key: tuple[int, int] = (0, 2), **asked: object) -> FiniteReport:
    devices = measured_devices(read_table(path), key, name=path.name, **asked)  # type: ignore[arg-type]
    return finite_report(devices, Plan(rounds=1_500_000, gamma=GAMMA))


def length_of(report: FiniteReport) -> int:
    assert report.key is not None
    return report.key.length


# --- which theorem ----------------------------------------------------------------------------------------------------


def test_the_longest_key_of_a_general_theorem_is_the_default() -> None:
    report = finite_report(ION, Plan(rounds=1_500_000, gamma=GAMMA))
    assert report.key is not None
    assert (report.key.theorem, report.key.length) == ("renyi", 391_922)
    assert {rival.theorem: rival.key.length for rival in report.rivals if rival.key} == {
        "eat-2019": 95_885,
        "eat-2018": 0,
        "aep-iid": 362_087,
    }
    assert all(rival.why in report.to_text() for rival in report.rivals)
    assert longest_key(Run(LINK, rounds=1_500_000, gamma=GAMMA)).length == 391_922


def test_a_weaker_statement_never_wins() -> None:
    """At 1e9 rounds the key against collective attacks is longer: it stands apart, and is not the answer."""
    report = finite_report(ION, Plan(rounds=10**9, gamma=GAMMA))
    collective = next(rival.key for rival in report.rivals if rival.theorem == "aep-iid")
    assert collective is not None
    assert collective.length > length_of(report)
    assert report.key is not None
    assert report.key.adversary is Adversary.GENERAL
    text = report.to_text()
    assert (
        text.index("[against general attacks") < text.index("[against collective attacks only") < text.index("aep-iid")
    )


def test_an_extractor_that_a_theorem_is_not_shown_for_names_those_it_is() -> None:
    report = finite_report(ION, Plan(rounds=1_500_000, gamma=GAMMA, extractor="trevisan"))
    assert report.key is not None
    assert (report.key.theorem, report.key.length) == ("eat-2019", 95_885)
    assert "not shown for trevisan, but for --extractor toeplitz and circulant" in report.to_text()
    assert next(rival for rival in report.to_dict()["rivals"] if rival["theorem"] == "renyi").keys() == {
        "theorem",
        "why",
    }


# --- how many rounds, how many tests ----------------------------------------------------------------------------------


def usual(theorem: str) -> Callable[[Run], object]:
    return lambda run: key_of_run(replace(run, efficiency=usual_code(run).efficiency), theorem=theorem)


@pytest.mark.parametrize("theorem", ["eat-2019", "renyi"])
def test_the_best_gamma_beats_a_grid(theorem: str) -> None:
    run = Run(LINK, rounds=1_500_000, gamma=0.5, efficiency=Fraction(116, 100))

    def length(gamma: float) -> int:
        return key_of_run(replace(run, gamma=gamma), theorem=theorem).length

    best = best_tested_run(run, lambda one: key_of_run(one, theorem=theorem))
    assert length(float(best.gamma)) >= max(map(length, np.geomspace(0.02, 0.2, 12)))


def test_the_best_gamma_of_long_runs_lies_where_no_fixed_range_ends() -> None:
    # At 1e18 rounds it is near 2^-17; a search that ends at 2^-14 loses 6e13 bits.
    run = Run(LINK, rounds=10**18, gamma=0.5)
    best = best_tested_run(run, key_of_run)
    assert math.log2(best.gamma) == pytest.approx(-17, abs=0.6)
    assert key_of_run(best).length > key_of_run(replace(run, gamma=2.0**-14)).length + 6 * 10**13


def test_the_shortest_run_has_key_and_one_round_less_has_none() -> None:
    run = Run(LINK, rounds=10**6, gamma=0.5)
    granted = usual("eat-2019")
    best = shortest_tested_run(run, granted)  # type: ignore[arg-type]
    assert granted(best).length >= 1  # type: ignore[attr-defined]
    assert granted(replace(best, rounds=best.rounds - 1)).length == 0  # type: ignore[attr-defined]
    # and no other γ has key in a per mille less
    fewer = replace(best, rounds=best.rounds - best.rounds // 1000)
    for gamma in float(best.gamma) * np.geomspace(0.6, 1.6, 15):
        assert granted(replace(fewer, gamma=float(gamma))).length == 0  # type: ignore[attr-defined]
    assert shortest_run(best, granted, known=2 * best.rounds).rounds == best.rounds  # type: ignore[arg-type]


def test_no_number_of_rounds_is_an_error_of_the_shortest_run() -> None:
    with pytest.raises(BoundNotEstablishedError, match="no key"):
        shortest_tested_run(Run(Link(2.2, 0.1), rounds=10**6, gamma=0.5), key_of_run)


def test_a_shortest_run_at_a_given_gamma(keybounds: Command) -> None:
    done = keybounds(*("finite", "ion", "--shortest", "--gamma", "0.1", "--theorem", "renyi", "--least", "257", *CODE))
    assert re.match(r"Key of 1\d{5} rounds: (257|258) bits of key", done.stdout)
    assert "the fewest found with 257 bits of key; γ = 1/10;" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_the_shortest_run_on_the_command_line(keybounds: Command) -> None:
    """The figures that were out of reach: 8e5 rounds by default where 1.0e5 do."""
    done = keybounds("finite", "ion", "--shortest", "--rate", "2", "--format", "json", *CODE)
    found = json.loads(done.stdout)
    assert found["theorem"] == "renyi"
    assert 100_000 < found["rounds"] < 104_000
    assert found["length"] >= 1
    assert found["run"]["seconds"] == found["rounds"] / 2
    run = Run(LINK, rounds=found["rounds"] - 1, gamma=Fraction(found["run"]["gamma"]))
    assert key_of_run(replace(run, efficiency=Fraction(CODE[1])), theorem="renyi").length == 0


def test_a_rate_and_hours_are_rounds_and_a_run_that_is_too_short_says_how_long_one_is(keybounds: Command) -> None:
    done = keybounds("finite", "ion", "--rate", "1", "--hours", "10", "--theorem", "eat-2019")
    assert done.stdout.startswith("Key of 36000 rounds: no key")
    assert "36000 rounds, 10.00 hours at 1 a second" in done.stdout
    assert re.search(r"first bit of key takes \d+ rounds \([\d.]+ days\) at this γ", " ".join(done.stdout.split()))


def test_without_key_the_gamma_is_that_of_the_shortest_run(keybounds: Command) -> None:
    """The least deficit is no aim: it is had by testing nothing."""
    done = keybounds(*("finite", "ion", "--rounds", "3e5", "--optimise", "--theorem", "eat-2019", *CODE))
    text = " ".join(done.stdout.split())
    found = re.search(r"The fewest with key are (\d+), at the γ = ([\d.]+) that is used here", text)
    assert found
    assert 850_000 < int(found[1]) < 900_000
    assert 0.05 < float(found[2]) < 0.1
    assert f"γ = {found[2]}" in text


def test_optimise_chooses_gamma_for_each_theorem() -> None:
    report = finite_report(ION, Plan(rounds=1_500_000, gamma=None, efficiency=Fraction("1.16")))
    assert length_of(report) > 415_000
    gammas = {rival.theorem: rival.to_dict()["gamma"] for rival in report.rivals}
    assert gammas["eat-2019"] == pytest.approx(0.062, abs=2e-3)
    assert report.run is not None
    assert float(report.run.gamma) == pytest.approx(0.0515, abs=2e-3)
    assert "(chosen)" in report.to_text()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (36_000, "10.00 hours"),
        (90, "90.00 seconds"),
        (300, "5.000 minutes"),
        (10**9, "31.71 years"),
        (10**6, "11.57 days"),
    ],
)
def test_times_for_a_reader(seconds: int, text: str) -> None:
    assert duration(Fraction(seconds)) == text


# --- error correction -------------------------------------------------------------------------------------------------


def test_the_usual_syndrome_is_said_with_what_was_seen() -> None:
    run = Run(LINK, rounds=36_000, gamma=GAMMA)
    usual = usual_code(run)
    limit = float(shannon_limit(run))
    corrected = replace(run, efficiency=usual.efficiency)
    assert syndrome_length(corrected) == math.ceil(float(usual.efficiency) * limit)
    assert syndrome_length(run) > 2.5 * limit  # what it was
    text = finite_report(ION, Plan(rounds=36_000, gamma=GAMMA)).to_text()
    assert f"not tried at this size; carried over from f = {float(usual.shown.efficiency):g}" in " ".join(text.split())
    assert f"{usual.shown.failures} of {usual.shown.trials} decodings" in " ".join(text.split())


def test_only_the_published_run_has_the_published_syndrome() -> None:
    assert "as published for this run" in finite_report(ION, Plan(rounds=1_500_000, gamma=GAMMA)).to_text()
    for plan in (Plan(rounds=1_500_001, gamma=GAMMA), Plan(rounds=1_500_000, gamma=Fraction(1, 20))):
        usual = usual_code(Run(LINK, rounds=plan.rounds or 0, gamma=plan.gamma or 0)).efficiency
        assert f"f = {float(usual):.3f} times the Shannon limit" in finite_report(ION, plan).to_text()
    own = finite_report(ION, Plan(rounds=1_500_000, gamma=GAMMA, efficiency=Fraction(3, 2)))
    assert "(--code-efficiency)" in own.to_text()
    fixed = finite_report(ION, Plan(rounds=1_500_000, gamma=GAMMA, leakage=300_000))
    assert "300000 bits" in fixed.to_text()
    assert length_of(fixed) == 391_922 - (300_000 - 296_517)


def test_an_efficiency_is_above_one_and_not_given_beside_bits() -> None:
    with pytest.raises(InputError, match="efficiency"):
        Run(LINK, rounds=10**6, gamma=GAMMA, efficiency=0.5)
    with pytest.raises(InputError, match="efficiency"):
        Run(LINK, rounds=10**6, gamma=GAMMA, efficiency=1.2, leakage=10)


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_minus_sign_elsewhere_is_no_key_with_the_labelling_that_has_one() -> None:
    link = length_of(of_file(DOCS / "example-link.csv"))
    case = CASES / "link-minus-at-10.csv"
    report = of_file(case)
    assert report.key is None
    assert report.title.startswith("No key: S = 0.047")
    assert f"with --relabel swap-y it is 2.6769(31), and this run has {link} bits of key" in " ".join(
        report.to_text().split()
    )
    assert report.to_dict()["devices"]["relabel"] == "swap-y"
    assert length_of(of_file(case, relabel="swap-y")) == link > 500_000


def test_relabelled_settings_keep_the_numbers_of_the_file(keybounds: Command) -> None:
    arguments = ("finite", str(DOCS / "example-counts.csv"), "--key", "1,2", "--relabel", "swap-x,swap-y")
    done = keybounds(*arguments)
    assert "key setting (0,2), (1,2) in the file" in " ".join(done.stdout.split())
    assert "S = 2.649(15), Q = 0.0243(16)" in done.stdout


def test_counts_say_how_likely_the_device_passes_and_the_length_rests_on_none_of_it() -> None:
    reports = [
        of_file(DOCS / "example-counts.csv", (1, 2), relabel="swap-x,swap-y", confidence=confidence)
        for confidence in (Fraction(9, 10), Fraction(9999, 10_000))
    ]
    assert length_of(reports[0]) == length_of(reports[1])
    shares = [report.accepted for report in reports]
    assert shares[0] is not None
    assert shares[1] is not None
    assert 0 < shares[1] < shares[0] < 0.1  # the estimate's own is .998
    text = " ".join(reports[0].to_text().split())
    assert "The key length rests on none of this" in text
    found = re.search(r"\(ion --chsh ([\d.]+) --qber ([\d.]+)\) the run has (\d+) bits of key", text)
    assert found  # the run for the worst device is the one that these options give
    worst = finite_report(
        ion_devices(Fraction(found[1]), Fraction(found[2]), (0, 2)), Plan(rounds=1_500_000, gamma=GAMMA)
    )
    assert length_of(worst) == int(found[3])


def test_no_error_seen_is_no_standard_error_of_zero() -> None:
    report = of_file(CASES / "no-error-seen.csv")
    assert "Q = 0 (standard error not available)" in report.to_text()
    assert report.devices.errors is not None
    assert report.devices.errors[1] is None
    assert report.devices.errors[0] == pytest.approx(0.034, abs=1e-3)
    assert "too little to correct" in " ".join(report.to_text().split())


def test_a_third_outcome_is_read_as_a_bit_and_said(keybounds: Command) -> None:
    done = keybounds("finite", str(CASES / "ternary-counts.csv"), "--format", "json")
    notes = json.loads(done.stdout)["notes"]
    assert any(note.startswith("Alice's outcomes are read as bits, 0 = 0, 1 = 1, 2 = ") for note in notes)
    assert any(note.startswith("Bob's outcomes are read as bits") for note in notes)
    assert json.loads(done.stdout)["devices"]["possible"]["choices"][1] == 2 * 6 * 6


def test_the_photonic_platform_has_no_key_here_in_any_number_of_rounds() -> None:
    report = finite_report(photonic_devices((0, 2)), Plan(rounds=10**9, gamma=GAMMA))
    text = " ".join(report.to_text().split())
    assert length_of(report) == 0
    assert "No number of rounds and no γ gives key by these theorems: S = 2.00697 leaves 0.00504 bit" in text
    assert "No theorem here covers that against general attacks" in text
    for rounds in (10**12, 10**15):  # and so it is
        for gamma in (1e-4, 1e-2, 0.5):
            run = Run(report.devices.link, rounds=rounds, gamma=gamma, efficiency=Fraction(116, 100))
            assert longest_key(run).length == 0


# --- in print ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rounds", [40_000, 999_999, 10**7, 10**12, 10**18])
def test_what_is_accepted_is_printed_on_the_safe_side(rounds: int) -> None:
    """A run that reaches the printed score or share reaches the exact one."""
    report = finite_report(ION, Plan(rounds=rounds, gamma=GAMMA, theorem="renyi"))
    assert report.key is not None
    text = " ".join(report.to_text().split())
    found = re.search(r"a score of (\S+) or more, each won test scoring (\S+) and each lost one ([^;]+);", text)
    assert found
    assert Fraction(found[1]) >= Fraction(report.key.parameters["score"])
    assert (float(found[2]), float(found[3])) == tuple(report.key.parameters[n] for n in ("win_score", "loss_score"))
    share = re.search(r"ω_thr = (\S+) won", text)
    assert share
    assert float(share[1]) >= report.key.threshold


@pytest.mark.parametrize("theorem", ["renyi", "eat-2019"])
def test_terms_print_rounded_down_and_without_noise(theorem: str) -> None:
    for rounds in (1_500_000, 10**18):
        report = finite_report(ION, Plan(rounds=rounds, gamma=GAMMA, theorem=theorem))
        assert report.key is not None
        text = report.to_text()
        assert not re.search(r"\d{13}\.\d", text)
        for term in report.key.terms:
            line = next(line for line in text.splitlines() if line.startswith(f"{term.name} "))
            printed = next(word for word in re.split(r"\s{2,}", line)[2:] if re.fullmatch(r"-?[\d.]+(e\d+)?", word))
            assert Fraction(printed) <= Fraction(term.bits)


def test_lines_fit_a_terminal() -> None:
    report = of_file(DOCS / "example-counts.csv", (1, 2), relabel="swap-x,swap-y")
    sentences = report.to_text().split("What each theorem grants")[0]
    assert max(map(len, sentences.splitlines())) <= 120


def game(won: int, trials: int) -> Reading:
    """Counts of 2 x 2 pairs with so many wins each, and of a key setting (0,2) with as few errors."""
    rows = []
    for x, y, a, b in product(range(2), range(3), range(2), range(2)):
        share = won if (a ^ b) == (x & y if y < 2 else 0) else trials - won
        rows.append({"x": x, "y": y, "a": a, "b": b, "count": share // 2})
    return read_table(rows)


def test_counts_that_no_device_gives_are_refused_and_lucky_ones_fitted() -> None:
    with pytest.raises(BehaviourError, match="violates"):
        measured_devices(game(40, 40), (0, 2), name="box")
    lucky = measured_devices(game(18, 20), (0, 2), name="lucky")
    assert 2 < lucky.link.chsh <= 2 * math.sqrt(2)
    assert any("S = 3.2000 of the counts is beyond 2√2" in note for note in lucky.notes)
    assert lucky.errors == (None, None)
    assert lucky.possible is not None
