"""Every public routine about correlations refuses every question that does not fit, and with the same error.

The hypothesis of a bound used to be checked in one entry point and forgotten in its sibling. Here each public name of
`bounds.lower` and `bounds.upper` is either in the table of routines about correlations, or in the list of those about
something else: a new routine that is in neither fails the test.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from keybounds.bounds import (
    Discussion,
    Hierarchy,
    Link,
    Protocol,
    any_discussion,
    completed_rounds,
    lower,
    no_discussion,
    one_way,
    sandwich,
    two_way,
    upper,
)
from keybounds.errors import QuestionError
from keybounds.experiments import Behaviour

QUICK = Hierarchy("11", 4)
ONE_WAY, TWO_WAY = Discussion.ONE_WAY, Discussion.TWO_WAY
COMPLETED, ANY = Discussion.COMPLETED_ROUNDS, Discussion.ANY

Routine = Callable[[Behaviour, Protocol], object]

ABOUT_CORRELATIONS: dict[str, tuple[Routine, tuple[Discussion, ...]]] = {
    "conditional_entropy": (lambda b, p: lower.conditional_entropy(b, p, QUICK), (ONE_WAY,)),
    "devetak_winter": (lambda b, p: lower.devetak_winter(b, p, QUICK), (ONE_WAY,)),
    "entropy_functional": (lambda b, p: lower.entropy_functional(b, p, QUICK), (ONE_WAY,)),
    "EntropySweep": (lambda b, p: lower.EntropySweep(QUICK).entropy(b, p), (ONE_WAY,)),
    "confident_rate": (lambda b, p: lower.confident_rate(b, p, hierarchy=QUICK), (ONE_WAY,)),
    "converge": (lambda b, p: lower.converge(b, p), (ONE_WAY,)),
    "reconciliation_entropy": (lambda b, p: lower.reconciliation_entropy(b, p), (ONE_WAY,)),
    "attack_ceiling": (lambda b, p: upper.attack_ceiling(b, p), (ONE_WAY, TWO_WAY, COMPLETED, ANY)),
    "mutual_information": (lambda b, p: upper.mutual_information(b, p), (TWO_WAY, COMPLETED)),
    "sandwich": (lambda b, p: sandwich(b, p, hierarchy=QUICK), (ONE_WAY,)),
}

OF_A_LINK: dict[str, tuple[Callable[[Link], object], str]] = {
    "chsh_entropy": (lambda link: lower.chsh_entropy(link), "rates"),
    "chsh_rate": (lambda link: lower.chsh_rate(link), "rates"),
    "chsh_table_rate": (lambda link: lower.chsh_table_rate(link), "rates"),
    "optimal_noise": (lambda link: lower.optimal_noise(link), "rates"),
    "finite_key": (lambda link: lower.finite_key(link, rounds=10**7, gamma=0.05), "rates"),
    "minimal_rounds": (lambda link: lower.minimal_rounds(link, gamma=0.05), "rates"),
    "optimal_gamma": (lambda link: lower.optimal_gamma(link, rounds=10**7), "rates"),
    "chsh_ceiling": (lambda link: upper.chsh_ceiling(link, two_way(link.key)), "ceilings"),
    "chsh_ceiling, any": (lambda link: upper.chsh_ceiling(link, any_discussion()), "ceilings"),
    "hull_ceiling": (lambda link: upper.hull_ceiling(link), "ceilings"),
}

ABOUT_SOMETHING_ELSE = {
    # states
    "advantage_distillation", "coherent_information", "device_independent_measure", "distillable_entanglement_ceiling",
    "key_ceiling", "pair_parity", "PairParityProtocol", "pair_source_ceiling", "partial_transpose_bound",
    "privacy_squeezing", "private_state_ceiling", "relative_entropy_of_entanglement", "simulate_pair_parity",
    "smallest_gap", "squashed_entanglement",
    # channels
    "amplitude_damping_ceiling", "channel_ceiling", "channel_hashing", "channel_squashed_entanglement",
    "channel_transpose_bound", "choi_relative_entropy", "dephasing_ceiling", "depolarizing_ceiling", "erasure_ceiling",
    "erasure_rate", "max_rains_information", "max_relative_entropy", "ppt_channel_ceiling", "ppt_channel_pair_parity",
    "ppt_channel_quantum_ceiling", "ppt_channel_rate", "pure_loss_ceiling", "pure_loss_rate", "rains_information",
    # values, not routines
    "ColumnLibrary", "ConfidentRate", "Constraint", "Convergence", "EntropyFunctional", "FiniteKey", "LocalWeight",
    "OperatingPoint", "PhotonicDesign", "Threshold",
    # no key setting is asked about: constraints, a whole table, an experiment, an entropy that was asked for before
    "chsh_constraint", "constrained_entropy", "local_weight", "optimise_photonic", "rate_from_entropy",
    "table_constraints", "threshold_efficiency", "visibility_ceiling",
}  # fmt: skip


def table(outcomes: tuple[int, int] = (2, 2), *, unmeasured: tuple[tuple[int, int], ...] = ()) -> Behaviour:
    """Werner correlations of visibility .9 on 2 x 3 settings; outcomes beyond the second are rare."""
    correlators = 0.9 * np.array([[2**-0.5, 2**-0.5, 1.0], [2**-0.5, -(2**-0.5), 0.0]])
    P = np.zeros((*outcomes, 2, 3))
    P[0, 0] = P[1, 1] = (1 + correlators) / 4
    P[0, 1] = P[1, 0] = (1 - correlators) / 4
    for side, count in enumerate(outcomes):
        for extra in range(2, count):
            P *= 0.99
            uniform = P.sum(axis=side, keepdims=False) * 0.01 / 0.99
            P[(slice(None),) * side + (extra,)] = uniform
    for pair in unmeasured:
        P[(slice(None), slice(None), *pair)] = np.nan
    return Behaviour(P, unmeasured=unmeasured)


ILL_FITTING: dict[str, tuple[Behaviour, Protocol]] = {
    "a key setting that is not in the table": (table(), one_way((0, 3))),
    "another that is not in the table": (table(), two_way((2, 0))),
    "a key setting that was not measured": (table(unmeasured=((1, 2),)), one_way((1, 2))),
    "no key setting": (table(), one_way()),
    "no key setting, two-way": (table(), two_way()),
    "several key settings": (table(), one_way((0, 2), (1, 1))),
    "several key settings, two-way": (table(), two_way((0, 2), (1, 1))),
    "no discussion": (table(), no_discussion()),
    "a name instead of a class": (table(), "one-way"),  # type: ignore[dict-item]
    "noise on what is no bit": (table((3, 2)), one_way((0, 2), noise=0.1)),
    "post-selection of three outcomes": (table((2, 3)), one_way((0, 2), keep=0.9)),
}


def test_every_public_routine_is_accounted_for() -> None:
    public = set(lower.__all__) | set(upper.__all__)
    accounted = {name.partition(",")[0] for name in (*ABOUT_CORRELATIONS, *OF_A_LINK)} | ABOUT_SOMETHING_ELSE
    assert public - accounted == set(), "say whether these take a question about correlations"
    assert accounted - public == {"sandwich"}


@pytest.mark.parametrize("name", ABOUT_CORRELATIONS)
@pytest.mark.parametrize("misfit", ILL_FITTING)
def test_a_question_that_does_not_fit_is_refused(name: str, misfit: str) -> None:
    routine, _ = ABOUT_CORRELATIONS[name]
    behaviour, protocol = ILL_FITTING[misfit]
    with pytest.raises(QuestionError, match=r"^protocol: expected .+; found .+"):
        routine(behaviour, protocol)


@pytest.mark.parametrize("name", ABOUT_CORRELATIONS)
@pytest.mark.parametrize("asked", [one_way((0, 2)), two_way((0, 2)), completed_rounds(), any_discussion()], ids=str)
def test_a_class_that_a_method_does_not_cover_is_refused(name: str, asked: Protocol) -> None:
    routine, covered = ABOUT_CORRELATIONS[name]
    if asked.discussion in covered:
        pytest.skip("the method covers it")
    with pytest.raises(QuestionError, match=r"^protocol: expected a class that .+ covers"):
        routine(table(), asked)


@pytest.mark.parametrize("name", ["conditional_entropy", "devetak_winter", "entropy_functional", "EntropySweep"])
def test_a_symbol_of_more_than_one_bit_is_refused(name: str) -> None:
    routine, _ = ABOUT_CORRELATIONS[name]
    with pytest.raises(QuestionError, match="two outcomes of Alice"):
        routine(table((3, 2)), one_way((0, 2)))


LINKS = {
    "numbers": lambda key: Link(2.6, 0.03, key=key),
    "table": lambda key: Link.of(wide_table(), key),
}


def wide_table() -> Behaviour:
    """On 3 x 3 settings, of which the pair (2, 2) is deterministic: it says nothing that Eve does not know."""
    P = np.zeros((2, 2, 3, 3))
    P[:, :, :2, :] = table().P
    P[0, 0, 2, :] = P[1, 0, 2, :] = 0.0
    P[0, :, 2, :] = table().P[:, :, 0, :].sum(axis=0)
    P[:, :, :, 2] = 0.0
    P[:, 0, :, 2] = P.sum(axis=1)[:, :, 0]
    return Behaviour(P)


@pytest.mark.parametrize("made", LINKS)
@pytest.mark.parametrize("name", OF_A_LINK)
def test_a_link_whose_key_setting_does_not_fit_is_refused(name: str, made: str) -> None:
    """Rates need Alice's key setting in the test, ceilings Bob's outside: a device may answer any other as it likes."""
    routine, view = OF_A_LINK[name]
    outside = (2, 2) if view == "rates" else (0, 1)
    if made == "table" and view == "ceilings" and name == "chsh_ceiling":
        outside = (1, 0)
    with pytest.raises(QuestionError, match="CHSH settings"):
        routine(LINKS[made](outside))


@pytest.mark.parametrize("misfit", ["a key setting that is not in the table", "a key setting that was not measured"])
def test_a_link_of_a_table_is_made_only_where_its_settings_are(misfit: str) -> None:
    behaviour, protocol = ILL_FITTING[misfit]
    with pytest.raises(QuestionError, match="settings"):
        Link.of(behaviour, protocol.key)


def test_a_link_needs_bits() -> None:
    with pytest.raises(QuestionError, match="two outcomes of each party"):
        Link.of(table((2, 3)), (0, 2))


def test_the_deterministic_pair_gets_no_key() -> None:
    """Taken at face value it has S = 2.55 and no error, which once was 7 082 486 bits of certified key."""
    behaviour = wide_table()
    assert behaviour.chsh > 2.5
    assert behaviour.qber(2, 2) == 0.0
    with pytest.raises(QuestionError, match="among the CHSH settings"):
        lower.finite_key(Link.of(behaviour, (2, 2)), rounds=10**7, gamma=0.05)
    assert lower.finite_key(Link.of(behaviour, (0, 2)), rounds=10**7, gamma=0.05).length == 0
