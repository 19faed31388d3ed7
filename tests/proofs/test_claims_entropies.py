"""The claims about device-independent entropies and about channels: what they amount to, and false ones beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from keybounds.bounds.correlations.entropy.chords import chord_weights
from keybounds.proofs import Report, Verdict
from keybounds.proofs.algebra import choi_states
from keybounds.proofs.claims import (
    amplitude_damping_squashing,
    channel_closed_forms,
    channel_transposition,
    chsh_entropy_convexity,
    chsh_noisy_entropy,
    claims,
    eat_min_tradeoff,
    entropy_integral,
    flip_invariance,
    nearly_covariant,
    ppt_channel,
    projector_block,
    pure_loss,
)
from keybounds.proofs.logic import decide
from keybounds.proofs.logic.kernel import StepFailedError
from keybounds.proofs.logic.propositions import Predicate, Proposition, Relation, UndecidedError
from keybounds.proofs.logic.statement import Goal, Statement
from keybounds.proofs.logic.terms import expanded, h, log2, thing
from keybounds.proofs.notions import E_r, rho, transposed
from keybounds.proofs.notions_channels import (
    PAIRS,
    averages,
    choi,
    correlated,
    dephasing,
    erasure,
    has_flat_marginal,
    have_common_choi_spectrum,
    is_complete_teleportation,
    is_diagonal_choi,
    is_invariant,
    is_splitting,
    isotropic,
    keeps_channel_probabilities,
    keeps_traces,
    leaves_spectra,
    teleported,
    transposes_choi,
)
from keybounds.proofs.notions_entropies import (
    SWAP,
    alice,
    are_congruent,
    are_eve_operators,
    bob,
    flip,
    is_chsh_device,
    is_moment_matrix,
    is_sum,
    is_unitary,
    letter,
    matrix,
    matrix_has_spectrum,
    word,
)
from keybounds.proofs.notions_private import named

VERDICTS = {
    "projector-block": Verdict.PROVED,
    "flip-invariance": Verdict.PROVED,
    "entropy-integral": Verdict.PROVED,
    "chsh-noisy-entropy": Verdict.PROVED,
    "chsh-entropy-convexity": Verdict.PROVED,
    "eat-min-tradeoff": Verdict.PROVED,
    "channel-transposition": Verdict.PROVED,
    "ppt-channel": Verdict.PROVED,
    "nearly-covariant": Verdict.ARGUED,  # what is used of the Rains relative entropy
    "channel-closed-forms": Verdict.PROVED,
    "pure-loss": Verdict.PROVED,
    "amplitude-damping-squashing": Verdict.PROVED,
}


@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(name: str, reports: Mapping[str, Report]) -> None:
    report = reports[name]
    assert report.verdict is VERDICTS[name], report.missing
    assert bool(report.missing) is (report.verdict is not Verdict.PROVED)


def of(name: str, change: Callable[[Any], Any]) -> Callable[[Statement], Statement]:
    """The statement with the right side of a clause changed."""

    def changed(statement: Statement) -> Statement:
        clause = statement[name]
        return _with(statement, name, replace(clause.relation, right=change(clause.right)))

    return changed


def said(name: str, proposition: Proposition) -> Callable[[Statement], Statement]:
    """The statement with something else said in a clause."""
    return lambda statement: _with(statement, name, proposition)


def _with(statement: Statement, name: str, proposition: Proposition) -> Statement:
    clauses = tuple(replace(one, proposition=proposition) if one.name == name else one for one in statement.clauses)
    return replace(statement, clauses=clauses)


def ungranted(name: str, *hypotheses: Proposition) -> Callable[[Statement], Statement]:
    """The statement without hypotheses of a clause, or its own."""

    def changed(statement: Statement) -> Statement:
        clauses = tuple(
            replace(one, hypotheses=tuple(h_ for h_ in one.hypotheses if h_ not in hypotheses))
            if one.name == name
            else one
            for one in statement.clauses
        )
        rest = tuple(one for one in statement.hypotheses if one not in hypotheses)
        return replace(statement, clauses=clauses, hypotheses=rest)

    return changed


def argument(name: str, place: int, value: Any) -> Callable[[Statement], Statement]:
    """The statement with another argument of a clause's predicate."""

    def changed(statement: Statement) -> Statement:
        predicate = statement[name].predicate
        arguments = [sp.sympify(value) if k == place else one for k, one in enumerate(predicate.arguments)]
        return _with(statement, name, Predicate(predicate.definition, tuple(arguments)))

    return changed


G, G_Z = projector_block.G, projector_block.G_Z
g, u = amplitude_damping_squashing.g, amplitude_damping_squashing.u
d, p, e = channel_closed_forms.d, channel_closed_forms.p, channel_closed_forms.e
fi, ni, ei = flip_invariance, nearly_covariant, entropy_integral
FALSE = [
    pytest.param(projector_block, argument("difference", 0, G + G_Z), id="sum-for-difference"),
    pytest.param(projector_block, argument("difference", 0, G), id="nothing-subtracted"),
    pytest.param(flip_invariance, said("table", fi.is_table(fi.BOTH, fi.P)), id="the-table-itself"),
    pytest.param(flip_invariance, of("entropy", lambda value: value / 2), id="half-the-entropy"),
    pytest.param(flip_invariance, of("involution", flip), id="three-flips-are-none"),
    pytest.param(flip_invariance, argument("invariance", 1, sp.Integer(1)), id="invariant-without-a-turn"),
    pytest.param(flip_invariance, of("bound", lambda value: value + sp.Rational(1, 100)), id="bound-too-high"),
    pytest.param(flip_invariance, ungranted("bound", fi.is_table(fi.rho, fi.P)), id="any-table"),
    pytest.param(flip_invariance, of("mirror", lambda value: value.subs(1 - fi.t, fi.t / 2)), id="no-mirror"),
    pytest.param(
        entropy_integral,
        of("formula", lambda value: value.replace(sp.Integral, lambda body, ends: sp.Integral(
            ei.eve_error(ei.t, ei.L_0, ei.L_1) * 2 / (ei.q + (1 - 2 * ei.q) * ei.t), ends))),
        id="one-side-of-the-weight",
    ),
    pytest.param(entropy_integral, of("formula", lambda value: value * sp.log(2)), id="nats"),
    pytest.param(entropy_integral, ungranted("chord", ei.less(ei.a, ei.b)), id="nodes-in-any-order"),
    pytest.param(entropy_integral, ungranted("formula", ei.less(ei.q, sp.Rational(1, 2))), id="any-noise"),
    pytest.param(
        chsh_noisy_entropy,
        of("entropy", lambda value: value.subs(chsh_noisy_entropy.q, chsh_noisy_entropy.q**2)),
        id="noise-squared",
    ),
    pytest.param(chsh_noisy_entropy, argument("device", 5, 2 * chsh_noisy_entropy.S), id="twice-the-violation"),
    pytest.param(chsh_noisy_entropy, argument("Eve", 2, sp.Integer(0)), id="operators-without-noise"),
    pytest.param(chsh_entropy_convexity, of("growth", lambda value: value + 1), id="faster-growth"),
    pytest.param(
        eat_min_tradeoff,
        of("tangent for greater scores", lambda value: value + eat_min_tradeoff.x - eat_min_tradeoff.y),
        id="steeper-tangent",
    ),
    pytest.param(
        eat_min_tradeoff,
        of("variance", lambda value: value * (1 + eat_min_tradeoff.gamma)),
        id="variance-without-the-gamma-in-brackets",
    ),
    pytest.param(eat_min_tradeoff, of("range", lambda value: value / 2), id="half-the-range"),
    pytest.param(
        channel_transposition,
        argument("probabilities", 0, named("identity")),
        id="effects-not-transposed",
    ),
    pytest.param(channel_transposition, of("Choi matrix", lambda value: value.args[0]), id="the-same-Choi-matrix"),
    pytest.param(ppt_channel, of("floor", lambda value: value + ppt_channel.p), id="no-eve"),
    pytest.param(ppt_channel, of("ceiling", lambda value: value - ppt_channel.p), id="ceiling-too-low"),
    pytest.param(ppt_channel, of("transposed ceiling", lambda value: value / 2), id="transposed-ceiling-halved"),
    pytest.param(
        ppt_channel,
        ungranted("ceiling", ppt_channel.is_fourier(ppt_channel.X(ppt_channel.d))),
        id="any-hadamard-matrix",
    ),
    pytest.param(
        nearly_covariant,
        of("ceiling", lambda value: E_r(ni.omega) + ni.e * log2(ni.d_out) + (1 + ni.e) * h(ni.e / (1 + ni.e))),
        id="margin-of-states-for-channels",
    ),
    pytest.param(
        nearly_covariant,
        of("ceiling", lambda value: E_r(ni.omega) + 2 * ni.e * log2(ni.d_out) + h(ni.e)),
        id="margin-too-small",
    ),
    pytest.param(channel_closed_forms, of("erasure", lambda value: (1 - e**2) * log2(d)), id="erasure-squared"),
    pytest.param(channel_closed_forms, of("dephasing", lambda value: log2(d) - h(p)), id="errors-of-one-kind"),
    pytest.param(
        channel_closed_forms,
        of("depolarising", lambda value: value.subs(p, p * (1 - 1 / d**2))),
        id="fidelity-of-p",
    ),
    pytest.param(
        channel_closed_forms, ungranted("dephasing", channel_closed_forms.at_most(p, 1)), id="more-than-certain"
    ),
    pytest.param(pure_loss, of("squashing", lambda value: -log2(1 - pure_loss.eta)), id="squashing-at-the-capacity"),
    pytest.param(pure_loss, of("capacity", lambda value: -log2(1 - pure_loss.eta**2)), id="loss-squared"),
    pytest.param(pure_loss, of("shares", lambda value: value / 2), id="half-the-limit"),
    pytest.param(amplitude_damping_squashing, argument("splitting", 1, g / 2), id="half-the-damping"),
    pytest.param(
        amplitude_damping_squashing,
        of("ceiling", lambda value: value * (1 - g)),
        id="ceiling-too-low",
    ),
    pytest.param(
        amplitude_damping_squashing,
        of("more damping", lambda value: value * (1 - g)),
        id="less-at-less-damping",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("module", "change"), FALSE)
def test_a_false_statement_fails_at_a_step_of_its_own(module: Any, change: Callable[[Statement], Statement]) -> None:
    known = {claim.name: claim for claim in claims()}
    changed = change(module.CLAIM.statement)
    assert changed != module.CLAIM.statement
    goal = Goal(changed, lambda name: known[name].statement)
    with pytest.raises(StepFailedError) as failure:  # noqa: PT011
        module.CLAIM.derive(goal)
    assert not failure.value.step.startswith("conclusion") or "rests on" in failure.value.reason


WITNESSED = {
    "sum-for-difference", "nothing-subtracted", "the-table-itself", "one-side-of-the-weight", "nats", "noise-squared",
    "variance-without-the-gamma-in-brackets", "margin-of-states-for-channels", "margin-too-small",
    "erasure-squared", "errors-of-one-kind", "fidelity-of-p", "squashing-at-the-capacity", "loss-squared",
}  # fmt: skip


@pytest.mark.parametrize(("module", "change"), [case for case in FALSE if case.id in WITNESSED])
def test_a_false_formula_is_refuted_by_the_witness(module: Any, change: Callable[[Statement], Statement]) -> None:
    steps = list(module.CLAIM.witness(change(module.CLAIM.statement)))
    assert steps
    assert not all(step.holds for step in steps)


@pytest.mark.parametrize("noise", [0.125, 0.375])
def test_the_package_weighs_chords_as_stated(noise: float) -> None:
    nodes = (Fraction(1, 8), Fraction(1, 2), Fraction(3, 4))
    statement = ei.CLAIM.statement
    at = {ei.q: sp.Rational(noise)}

    def weight(clause: str, node: Any, low: Fraction, high: Fraction) -> Any:
        stated = statement[clause].right.coeff(ei.eve_error(node, ei.L_0, ei.L_1))
        return expanded(stated).subs({ei.a: sp.Rational(low), ei.b: sp.Rational(high), **at})

    ends = (Fraction(0), *nodes, Fraction(1))
    for k, found in enumerate(chord_weights(nodes, noise, 60), start=1):
        left = weight("first chord" if k == 1 else "chord", ei.b, ends[k - 1], ends[k])
        right = weight("last chord" if k == len(nodes) else "chord", ei.a, ends[k], ends[k + 1])
        assert float(found) / 2**60 == pytest.approx(float(sp.N(left + right, 30)), rel=1e-14)


UP, FLIPPED = matrix(sp.ImmutableMatrix([[1, 0], [0, -1]])), matrix(sp.ImmutableMatrix([[0, 1], [1, 0]]))
TWICE = matrix(sp.ImmutableMatrix([[2, 0], [0, -2]]))
PAIR = matrix(sp.ImmutableMatrix(8, 1, [1, 0, 0, 0, 0, 0, 1, 0]) / sp.sqrt(2))
HALF = matrix(sp.ImmutableMatrix([[sp.Rational(1, 2), 0], [0, 0]]))
WAY = amplitude_damping_squashing.isometry()
r, w = sp.Symbol("r", positive=True), sp.Symbol("p", positive=True)


@pytest.mark.parametrize(
    ("definition", "true", "false"),
    [
        pytest.param(
            are_congruent,
            (projector_block.WHOLE, sp.ImmutableMatrix([[G - G_Z, 0], [0, G_Z]]), projector_block.STEP),
            (projector_block.WHOLE, sp.ImmutableMatrix([[G, 0], [0, G_Z]]), projector_block.STEP),
            id="congruence",
        ),
        pytest.param(
            are_congruent,
            (sp.ImmutableMatrix([[G, 0], [0, 0]]),) * 2 + (sp.ImmutableMatrix([[1, 0], [0, 1]]),),
            (sp.ImmutableMatrix([[G, 0], [0, 0]]),) * 2 + (sp.ImmutableMatrix([[1, 0], [0, 0]]),),
            id="congruence-not-invertible",
        ),
        pytest.param(
            is_moment_matrix,
            (projector_block.WHOLE, G, G_Z),
            (sp.ImmutableMatrix([[G, G_Z], [G_Z, G]]), G, G_Z),
            id="moments",
        ),
        pytest.param(is_unitary, (SWAP,), (sp.Integer(2),), id="unitary"),
        pytest.param(is_sum, (TWICE, UP, UP), (UP, UP, UP), id="sum"),
        pytest.param(
            matrix_has_spectrum,
            (UP, sp.Tuple((1, 1), (-1, 1))),
            (UP, sp.Tuple((1, 2))),
            id="spectrum",
        ),
        pytest.param(
            is_chsh_device, (PAIR, UP, FLIPPED, UP, FLIPPED, 0), (PAIR, UP, FLIPPED, UP, FLIPPED, 2), id="chsh-value"
        ),
        pytest.param(
            is_chsh_device, (PAIR, UP, FLIPPED, UP, UP, 2), (PAIR, TWICE, FLIPPED, UP, UP, 4), id="chsh-observables"
        ),
        pytest.param(are_eve_operators, (PAIR, UP, 0, HALF, HALF), (PAIR, UP, 0, HALF, UP), id="eve-operators"),
        pytest.param(
            keeps_channel_probabilities,
            (named("transpose"), named("transposed_output")),
            (named("identity"), named("transposed_output")),
            id="channel-probabilities",
        ),
        pytest.param(transposes_choi, (named("transposed_output"),), (named("identity"),), id="choi"),
        pytest.param(has_flat_marginal, (rho(r**2, w),), None, id="marginal"),
        pytest.param(
            have_common_choi_spectrum,
            (choi(dephasing(d, p)), correlated(d), sp.Tuple((1 - p, 1 / d, 1), (p / (d - 1), 1 / d, d - 1))),
            (choi(dephasing(d, p)), correlated(d), sp.Tuple((1 - p, 1 / d, 1), (p, 1 / d, d - 1))),
            id="common-spectrum",
        ),
        pytest.param(
            is_diagonal_choi,
            (correlated(d), sp.Tuple((1 / d, d))),
            (isotropic(d), sp.Tuple((1 / d, d))),
            id="diagonal",
        ),
        pytest.param(is_splitting, (WAY, g), (WAY, g / 2), id="splitting"),
        pytest.param(
            leaves_spectra,
            (WAY, u, u * (1 - g / 2), u * g / 2),
            (WAY, u, u * (1 - g), u * g / 2),
            id="split-spectra",
        ),
        pytest.param(averages, (PAIRS,), (PAIRS[:2],), id="averages"),
    ],
)
def test_a_predicate_can_be_false(definition: Any, true: tuple[Any, ...], false: tuple[Any, ...] | None) -> None:
    assert definition.decide(*definition(*true).arguments)
    if false is not None:
        assert not definition.decide(*definition(*false).arguments)


def test_predicates_tell_what_they_cannot() -> None:
    for definition, arguments in (
        (matrix_has_spectrum, (matrix(sp.ImmutableMatrix([[0, 1], [0, 0]])), sp.Tuple((0, 2)))),
        (is_unitary, (thing("V"),)),
        (is_complete_teleportation, (thing("T"),)),
        (keeps_traces, (thing("f"),)),
        (is_invariant, (transposed(rho(d, w)), PAIRS)),
        (is_sum, (G, G, G)),
    ):
        with pytest.raises(UndecidedError):  # noqa: PT011
            definition.decide(*definition(*arguments).arguments)
    assert is_complete_teleportation.decide(teleported(thing("omega")))  # type: ignore[misc]
    assert keeps_traces.decide(named("transposed_output"))  # type: ignore[misc]


def test_the_flip_is_defined_on_letters_and_goes_through_products_and_sums() -> None:
    k, x, y = (sp.Symbol(name, integer=True, positive=True) for name in "kxy")
    assert sp.expand(flip(alice(x) * bob(y))) == 1 - alice(x) - bob(y) + alice(x) * bob(y)
    assert flip(word(k) * letter(1)) == flip(word(k)) * (1 - letter(1))
    assert word(k + 1) == letter(k + 1) * word(k)
    assert word(2) == letter(2) * letter(1)
    assert sp.expand(flip(alice(x) ** 2)) == sp.expand((1 - alice(x)) ** 2)


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("name", [choi(erasure(d, e)), choi(dephasing(d, e)), correlated(d), isotropic(d)])
def test_named_choi_states_are_normalised(name: Any, n: int) -> None:
    parts, dimension = choi_states.operator(name.subs(d, n))
    total = sum(choi_states.ranks(dimension)[atom] * value for atom, value in parts.items())
    assert sp.simplify(total - 1) == 0


def test_the_dephasing_of_unequal_errors_is_another_channel() -> None:
    # Weights .9, .1, 0 in dimension 3: with them the ceiling would be log 3 - h(.1), more than what is stated.
    stated = channel_closed_forms.CLAIM.statement["dephasing"].right.subs({d: 3, p: sp.Rational(1, 10)})
    other = log2(3) - h(sp.Rational(1, 10))
    assert not decide.follows(Relation(other - stated, ">", 0), ())
    assert any("p/(d-1)" in parameter.words for parameter in channel_closed_forms.CLAIM.statement.parameters)
