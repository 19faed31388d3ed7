"""Threshold, syndrome and completeness of a run, and the seeds and costs of the extractors."""

from __future__ import annotations

import itertools
import json
import math
import pickle
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from scipy.stats import beta, binom

from keybounds.bounds import Link, Status, Thing
from keybounds.bounds.run import THEOREMS, Balance, BalanceItem, FiniteKey, Run, key_of_run
from keybounds.bounds.run.extractors import EXTRACTORS, extractor
from keybounds.bounds.run.finite_key import finite_key
from keybounds.bounds.run.run import accepted_losses, completeness, syndrome_length
from keybounds.errors import InputError, QuestionError
from keybounds.experiments import TSIRELSON, Behaviour
from keybounds.proofs import certify, verify
from keybounds.proofs.certificates.data import Certificate


def run_of(rounds: int, gamma: float = 0.05, chsh: float = 2.6, deviations: float = 3) -> Run:
    return Run(Link(chsh, 0.02), rounds=rounds, gamma=gamma, deviations=deviations)


@pytest.mark.parametrize("rounds", [10**3, 10**5, 1_500_000, 10**9, 10**12])
@pytest.mark.parametrize("deviations", [0, 3, 8])
def test_completeness_is_the_binomial_tail(rounds: int, deviations: float) -> None:
    run = run_of(rounds, deviations=deviations)
    losing = float(run.gamma * (1 - run.winning))
    expected = binom.cdf(accepted_losses(run), rounds, losing)
    assert completeness(run) == pytest.approx(expected, rel=1e-9)


def test_completeness_of_few_rounds_is_exact() -> None:
    run = run_of(40, gamma=0.5)
    p = Fraction(run.gamma) * (1 - run.winning)
    losses = accepted_losses(run)
    exact = sum(math.comb(40, k) * p**k * (1 - p) ** (40 - k) for k in range(losses + 1))
    assert Fraction(completeness(run)) <= exact
    assert float(exact) - completeness(run) < 1e-15


def test_completeness_agrees_with_simulated_runs() -> None:
    # Whole runs round by round: type, game, losses; accepted if there are few enough. 99.9 % interval of the share.
    run = run_of(4_000, gamma=0.2, chsh=2.5, deviations=1)
    rng = np.random.default_rng(2022)
    trials = 4_000
    tests = rng.random((trials, run.rounds)) < float(run.gamma)
    lost = rng.random((trials, run.rounds)) >= float(run.winning)
    passed = int(((tests & lost).sum(axis=1) <= accepted_losses(run)).sum())
    low = beta.ppf(5e-4, passed, trials - passed + 1)
    high = beta.ppf(1 - 5e-4, passed + 1, trials - passed)
    assert low <= completeness(run) <= high


def test_a_threshold_that_accepts_everything_is_complete() -> None:
    assert completeness(run_of(40, gamma=0.5, deviations=100)) == 1.0


@pytest.mark.parametrize(("rounds", "qber"), [(10_000, 0.0), (1_500_000, 0.018), (10**10, 0.5)])
def test_syndrome_length(rounds: int, qber: float) -> None:
    run = Run(Link(2.5, qber), rounds=rounds, gamma=0.1, soundness=1e-6)

    def h(x: float) -> float:
        return -x * math.log2(x) - (1 - x) * math.log2(1 - x) if 0 < x < 1 else 0.0

    expected = rounds * (0.9 * h(qber) + 0.1 * h(1.5 / 8)) + 50 * math.sqrt(rounds)
    assert syndrome_length(run) == pytest.approx(expected, rel=1e-12, abs=1)
    assert syndrome_length(run) <= expected * (1 + 1e-12)


def test_trevisan_seed_of_the_published_run() -> None:
    # 14 blocks of 293² bits, for every error for which the required field size is in (283, 293].
    seeds = {extractor("trevisan").seed(1_500_000, 95_884, error) for error in (2.6e-14, 5e-14, 1.3e-13)}
    assert seeds == {14 * 293**2}


@pytest.mark.parametrize("name", EXTRACTORS)
@pytest.mark.parametrize("entropy", [1, 2, 9.5, 1000, 95_951.2, 10**12 + 0.5])
def test_the_length_is_the_largest_that_fits(name: str, entropy: float) -> None:
    one = extractor(name)
    length = one.length(arb(entropy))

    def needs(bits: int) -> float:
        return bits + one.log_weight * math.log2(bits)

    assert needs(length) <= entropy
    assert needs(length + 1) > entropy


@pytest.mark.parametrize("entropy", [arb(0.99), arb(-5), arb(float("-inf")), arb("nan"), arb(1, 1e-3)])
def test_no_length_without_a_whole_bit_of_entropy(entropy: arb) -> None:
    assert all(one.length(entropy) == 0 for one in EXTRACTORS.values())


def test_a_wide_ball_counts_at_its_lower_end() -> None:
    assert extractor("toeplitz").length(arb(100, 2.5)) == 97


def test_toeplitz_seed() -> None:
    assert extractor("toeplitz").seed(1_500_000, 95_884, 1e-10) == 1_500_000 + 95_884 - 1


def test_circulant_seed_is_a_prime_with_2_as_generator() -> None:
    size = extractor("circulant").seed(1_000, 10, 1e-10)
    assert size > 1_000
    assert all(size % p for p in range(2, 40))
    assert len({pow(2, k, size) for k in range(size - 1)}) == size - 1


def test_circulant_family_is_2_universal() -> None:
    # Exhaustive for n = 4, N = 5: every pair of inputs collides on exactly 2^-ℓ of the seeds.
    size, bits = extractor("circulant").seed(4, 2, 0.1), 2
    assert size == 5
    seeds = list(itertools.product((0, 1), repeat=size))
    for difference in itertools.product((0, 1), repeat=4):
        if not any(difference):
            continue
        padded = (*difference, 0)
        collisions = sum(
            all(sum(padded[k] * seed[(row - k) % size] for k in range(size)) % 2 == 0 for row in range(bits))
            for seed in seeds
        )
        assert collisions * 2**bits == len(seeds)


def test_balance_adds_up() -> None:
    balance = Balance((BalanceItem("a", 3, 10, 0), BalanceItem("b", 1, 5, 40)))
    assert (balance.consumed, balance.reusable, balance.generated) == (4, 15, 40)
    assert (balance.initial, balance.final, balance.net) == (19, 55, 36)


@pytest.mark.parametrize(
    "changes",
    [
        {"length": -1},
        {"length": 0},
        {"status": Status.NO_KEY},
        {"deficit": 3},
        {"length": 0, "status": Status.NO_KEY},
    ],
)
def test_a_finite_key_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    fields: dict[str, object] = {
        "thing": Thing.of_numbers("run", "a run"),
        "length": 5,
        "rounds": 10,
        "soundness": 1e-3,
        "theorem": "t",
        "reference": "r",
        "extractor": "toeplitz",
        "threshold": 0.8,
        "syndrome_length": 1,
        "terms": (),
        "parameters": {},
        "balance": Balance(()),
        "completeness": None,
        "assumptions": (),
        "status": Status.ENCLOSED,
    }
    assert FiniteKey(**fields).rate == 0.5  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^(length|status|deficit): expected"):
        FiniteKey(**{**fields, **changes})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="one of"):
        FiniteKey(**fields).term("none")  # type: ignore[arg-type]


def deterministic_pair() -> Behaviour:
    """A good link on x, y in {0, 1}, whose devices answer the pair (2, 2) with zeros."""
    P = np.zeros((2, 2, 3, 3))
    for x, y in itertools.product((0, 1), repeat=2):
        correlator = 0.9 * 2**-0.5 * (-1 if x == y == 1 else 1)
        for a, b in itertools.product((0, 1), repeat=2):
            P[a, b, x, y] = (1 + correlator * (-1) ** (a + b)) / 4
    P[0, :, 2, :2] = P[:, 0, :2, 2] = 0.5
    P[0, 0, 2, 2] = 1.0
    return Behaviour(P)


@pytest.mark.parametrize("made", ["numbers", "behaviour"])
def test_no_run_has_a_key_setting_of_which_the_chsh_value_says_nothing(made: str) -> None:
    """The pair (2, 2) has no error and no secret; it was 7 082 486 bits at 1e7 rounds and γ = .05."""
    behaviour = deterministic_pair()
    link = Link(behaviour.chsh, 0, (2, 2)) if made == "numbers" else Link.of(behaviour, (2, 2))
    for routine in (Run, finite_key):
        with pytest.raises(QuestionError, match=r"^protocol: .*among the CHSH settings 0 and 1.*found \(2, 2\)"):
            routine(link, rounds=10**7, gamma=0.05)


def test_the_settings_of_the_test_are_the_links_own() -> None:
    """With CHSH settings 1 and 2 of Alice, x = 2 is a key setting and x = 0 is not; the certificate says which."""
    test = ((1, 2), (0, 1))
    key = finite_key(Link(2.64, 0.018, (2, 2), test), rounds=1_500_000, gamma=0.05)
    assert key.certificate is not None
    assert (key.certificate.key, key.certificate.test) == ([2, 2], [[1, 2], [0, 1]])
    with pytest.raises(QuestionError, match="among the CHSH settings 1 and 2"):
        finite_key(Link(2.64, 0.018, (0, 2), test), rounds=1_500_000, gamma=0.05)


def test_runs_are_told_apart_by_their_exact_numbers() -> None:
    run = run_of(10**6)
    assert run.thing == replace(run, gamma=Fraction(0.05)).thing
    others = [
        replace(run, gamma=Fraction(1, 20)),
        replace(run, rounds=10**6 + 1),
        replace(run, soundness=1e-9),
        replace(run, deviations=4),
        replace(run, leakage=10),
        replace(run, link=Link(2.6, 0.02, (1, 2))),
        replace(run, link=Link(2.6, 0.02, test=((1, 0), (0, 1)))),
        replace(run, link=Link(Fraction("2.6"), 0.02)),
    ]
    assert len({one.thing for one in (run, *others)}) == 9


@pytest.mark.parametrize("theorem", THEOREMS)
def test_a_key_comes_back_from_its_document(theorem: str) -> None:
    key = key_of_run(run_of(10**6), theorem=theorem, extractor="toeplitz").about("my run")
    again = FiniteKey.from_dict(json.loads(json.dumps(key.to_dict(), allow_nan=False)))
    assert again == key
    assert (again.subject, hash(again)) == ("my run", hash(key))
    assert pickle.loads(pickle.dumps(key)) == key
    assert (key.certificate is not None) == (theorem in ("eat-2019", "renyi"))
    for broken in ({}, {**key.to_dict(), "status": "maybe"}, {**key.to_dict(), "length": -1}):
        with pytest.raises(InputError, match="document"):
            FiniteKey.from_dict(broken)


def test_a_certificate_of_another_kind_is_none_of_a_finite_key() -> None:
    document = key_of_run(run_of(10**6)).to_dict()
    document["certificate"] = {"kind": "closed form", "data": {"formula": "CHSH rate", "inputs": {}}}
    with pytest.raises(InputError, match="document"):
        FiniteKey.from_dict(document)


EDGES = {
    "most rounds": Run(Link(2.64, 0.018), rounds=10**18, gamma=0.05),
    "too few rounds": Run(Link(2.64, 0.018), rounds=20, gamma=0.05),
    "every loss is accepted": Run(Link(2.64, 0.018), rounds=10**6, gamma=0.05, deviations=10**6),
    "most leakage": Run(Link(2.64, 0.018), rounds=10**6, gamma=0.05, leakage=10**18),
    "hardly any soundness": Run(Link(2.64, 0.018), rounds=10**8, gamma=0.05, soundness=Fraction(2**-59 + 2**-100)),
    "classical": Run(Link(math.nextafter(2, 3), 0), rounds=10**6, gamma=0.05),
    "perfect": Run(Link(TSIRELSON, 0), rounds=10**6, gamma=0.05),
    "other settings": Run(Link(2.7, 0.01, (2, 5), ((1, 2), (0, 3))), rounds=10**6, gamma=0.05),
    "tests only": Run(Link(2.64, 0.018), rounds=10**6, gamma=1 - 2.0**-53),
}


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize(("theorem", "extractor_name"), [("eat-2019", "trevisan"), ("renyi", "toeplitz")])
def test_the_verifier_accepts_whatever_is_granted(name: str, theorem: str, extractor_name: str) -> None:
    """Writer and verifier have one domain: no run is granted what the verifier cannot read."""
    key = key_of_run(EDGES[name], theorem=theorem, extractor=extractor_name)
    found = verify(json.loads(json.dumps(certify(key))))
    assert found.accepted, found.reason


@pytest.mark.parametrize("theorem", THEOREMS)
def test_a_soundness_that_doubles_cannot_share_is_refused_by_name(theorem: str) -> None:
    run = Run(Link(2.64, 0.018), rounds=10**9, gamma=0.05, soundness=Fraction(1, 2**59) + Fraction(1, 10**400))
    if theorem == "renyi":  # which has one error, and takes the exact fraction
        assert key_of_run(run, theorem=theorem, extractor="toeplitz").length > 0
        return
    with pytest.raises(InputError, match=r"^soundness: "):
        key_of_run(run, theorem=theorem, extractor="toeplitz")


def test_a_label_is_display_only() -> None:
    key = key_of_run(run_of(10**6))
    assert key.about("the run") == key
    assert (key.subject, key.about("the run").subject) == ("run of 1000000 rounds", "the run")


def test_a_key_prints_in_one_line() -> None:
    run = Run(Link(2.64, 0.018), rounds=1_500_000, gamma=Fraction(13, 256))
    key = key_of_run(run)
    assert str(key) == (
        "key: 95885 bits of 1500000 rounds, soundness 1e-10, general attacks, eat-2019, trevisan; enclosed; "
        "nadlinger2022"
    )
    assert repr(key) == f"<FiniteKey of run of 1500000 rounds: {key}>"
    none = key_of_run(replace(run, rounds=10**5))
    assert str(none).startswith("key: none (84092 bits are missing) of 100000 rounds")


@pytest.mark.parametrize(("theorem", "extractor_name"), [("eat-2019", "trevisan"), ("renyi", "circulant")])
def test_the_certificate_is_where_the_length_is_proven(theorem: str, extractor_name: str) -> None:
    run = run_of(10**6)
    key = key_of_run(run, theorem=theorem, extractor=extractor_name)
    held = key.certificate
    assert held is not None
    assert Certificate.from_dict(held.to_dict()) == held
    assert (held.theorem, held.extractor, held.rounds) == (theorem, extractor_name, 10**6)
    assert (Fraction(held.gamma), Fraction(held.soundness)) == (Fraction(0.05), Fraction(1e-10))
    assert held.syndrome_length == syndrome_length(run)
    assert {name: float(Fraction(text)) for name, text in held.parameters.items()}.items() <= key.parameters.items()
    if theorem == "eat-2019":
        assert (held.accepted_losses, held.score) == (accepted_losses(run), None)
    else:
        assert held.accepted_losses is None
        assert float(Fraction(held.score or 0)) == key.parameters["score"]
