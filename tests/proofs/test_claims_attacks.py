"""The claims about attacks: proved as stated, and nothing that is false or unfounded in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from keybounds.proofs import Report, Verdict
from keybounds.proofs.claim import Claim
from keybounds.proofs.claims import (
    ceiling_hull,
    convex_combination,
    flagged_mixtures,
    flagged_rounds,
    orthogonal_observable,
    two_qubit_ceiling,
)
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.calculus import entropic
from keybounds.proofs.logic.kernel import StepFailedError
from keybounds.proofs.logic.propositions import at_least, at_most, equal
from keybounds.proofs.logic.statement import Clause, Statement
from keybounds.proofs.logic.terms import real, symbol
from keybounds.proofs.notions import has_spectrum
from keybounds.proofs.notions_attacks import (
    K_two,
    Shared,
    Unknown,
    chsh_and_error,
    coin,
    eve_holds,
    has_chsh_and_error,
    has_key_part,
    has_points,
    has_qubit,
    is_mixture,
    is_sharp,
    outcomes,
    part,
    points,
    reproduces,
    shared,
    system,
    table,
    tilted,
)
from keybounds.proofs.theorems import devices

pytestmark = pytest.mark.usefixtures("remembered")
CLAIMS: dict[str, Claim] = {
    module.CLAIM.name: module.CLAIM
    for module in (two_qubit_ceiling, ceiling_hull, convex_combination, orthogonal_observable, flagged_mixtures)
}
HALF = sp.Rational(1, 2)


def examined(claim: Claim, statement: Statement | None = None) -> Report:
    """The report on the claim's own statement or on another; claims that it uses count as proved."""
    return claim.examine(lambda _: Verdict.PROVED, lambda name: CLAIMS[name], statement)


@pytest.mark.parametrize("name", CLAIMS)
def test_claim_is_proved(name: str) -> None:
    report = examined(CLAIMS[name])
    assert report.failures == ()
    assert (report.verdict, report.missing) == (Verdict.PROVED, ())


def changed(
    claim: Claim, name: str, change: Callable[[Clause], Clause], hypotheses: tuple[Any, ...] | None = None
) -> Statement:
    """The claim's statement with one clause changed, or with other hypotheses."""
    statement = claim.statement
    clauses = tuple(change(one) if one.name == name else one for one in statement)
    return replace(statement, clauses=clauses, hypotheses=statement.hypotheses if hypotheses is None else hypotheses)


def right(change: Callable[[Any], Any]) -> Callable[[Clause], Clause]:
    return lambda clause: replace(clause, proposition=replace(clause.relation, right=change(clause.right)))


def given(*hypotheses: Any) -> Callable[[Clause], Clause]:
    return lambda clause: replace(clause, hypotheses=hypotheses)


S, Q, v, q = two_qubit_ceiling.S, two_qubit_ceiling.Q, convex_combination.v, convex_combination.q
ORTHOGONAL = orthogonal_observable
FALSE = [
    pytest.param("two-qubit-ceiling", "two-way", right(lambda f: f.subs(Q, 2 * Q)), id="error-doubled"),
    pytest.param("two-qubit-ceiling", "any protocol", right(lambda f: f / 2), id="halved"),
    pytest.param("convex-combination-attack", "one-way", right(lambda f: f - q), id="flips-without-gain"),
    pytest.param("convex-combination-attack", "two-way", right(lambda f: f / 2), id="two-way-halved"),
    pytest.param(
        "convex-combination-attack",
        "zero",
        given(at_most(v, 1 / (2 - convex_combination.LOCAL))),
        id="zero-of-the-other-attack",
    ),
    pytest.param(
        "orthogonal-observable-attack",
        "table",
        given(at_least(ORTHOGONAL.v, 0), at_most(ORTHOGONAL.v, sp.Rational(4, 5))),
        id="a-visibility-with-key",
    ),
    pytest.param(
        "orthogonal-observable-attack",
        "numbers",
        given(
            at_least(ORTHOGONAL.S, 2),
            at_most(ORTHOGONAL.S, 2 * sp.sqrt(2)),
            at_least(ORTHOGONAL.Q, ORTHOGONAL.error_without_key(ORTHOGONAL.S) / 2),
            at_most(ORTHOGONAL.Q, HALF),
        ),
        id="error-without-key-halved",
    ),
    pytest.param(
        "orthogonal-observable-attack",
        "numbers",
        given(
            at_least(ORTHOGONAL.S, 2),
            at_most(ORTHOGONAL.S, 2 * sp.sqrt(2)),
            at_least(ORTHOGONAL.Q, ORTHOGONAL.error_without_key(ORTHOGONAL.S)),
            at_most(ORTHOGONAL.Q, 1),
        ),
        id="errors-that-Bob-flips-back",  # S = 2.7, Q = .99 leaves a key rate of .648
    ),
    pytest.param("ceiling-hull", "two-way", right(lambda f: f / 2), id="half-the-mean"),
    pytest.param("ceiling-hull", "S", right(lambda f: 2 * f), id="twice-the-mean-of-S"),
    pytest.param("ceiling-hull", "local boundary", right(lambda f: f - 1), id="below-zero"),
    pytest.param("ceiling-hull", "combination", given(), id="costs-without-devices"),
    pytest.param("flagged-mixtures", "two-way", right(lambda f: f / 2), id="half-the-mean-of-informations"),
    pytest.param("flagged-mixtures", "one-way", right(lambda f: f / 2), id="half-of-the-difference"),
    pytest.param("flagged-mixtures", "any discussion", right(lambda f: f / 2), id="half-of-E_r"),
    pytest.param("flagged-mixtures", "pinching", right(lambda f: f - 1), id="one-bit-less"),
    pytest.param("flagged-mixtures", "pinching", given(), id="no-qubit"),
    pytest.param("flagged-mixtures", "completed rounds", right(lambda f: f / 2), id="half-of-the-bound"),
    pytest.param("flagged-mixtures", "input 0", right(lambda f: f / 2), id="a-quarter-of-a-bit"),
    pytest.param("flagged-mixtures", "fixed outcome", given(), id="nothing-fixed"),
    *(
        pytest.param(
            "flagged-mixtures",
            "completed rounds",
            given(*(flagged_mixtures.CLAIM.statement["completed rounds"].hypotheses[k] for k in kept)),
            id=f"rounds-{name}",
        )
        for name, kept in (("not-independent", (1,)), ("without-bound", (0,)))
    ),
]


@pytest.mark.parametrize(("name", "clause", "change"), FALSE)
def test_false_statement_fails_at_a_step(name: str, clause: str, change: Callable[[Clause], Clause]) -> None:
    report = examined(CLAIMS[name], changed(CLAIMS[name], clause, change))
    assert report.verdict in (Verdict.CHECKED, Verdict.REFUTED)
    assert not report.failures[0].description.startswith(("conclusion", "derivation"))


@pytest.mark.parametrize("left_out", range(4))
def test_no_end_of_the_ranges_of_S_and_Q_can_be_left_out(left_out: int) -> None:
    claim = CLAIMS["two-qubit-ceiling"]
    rest = tuple(one for k, one in enumerate(claim.statement.hypotheses) if k != left_out)
    report = examined(claim, replace(claim.statement, hypotheses=rest))
    assert report.verdict is not Verdict.PROVED


@pytest.mark.parametrize("condition", [name for name in devices.CONDITIONS if "systems" not in name])
def test_every_condition_of_a_round_is_used(condition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """None stands there for nothing."""

    def without(rounds: Any, name: str, at: Any = None) -> Any:
        if name == condition:
            raise StepFailedError(name, "left out")
        return plain(rounds, name, at)

    plain = flagged_rounds.Rounds.__call__
    monkeypatch.setattr(flagged_rounds.Rounds, "__call__", without)
    report = examined(CLAIMS["flagged-mixtures"])
    assert report.verdict is Verdict.CHECKED
    assert report.failures[0].description == condition


def test_outcomes_of_a_round_tell_something_unless_the_device_is_fresh() -> None:
    """The vanishing informations are not there for the asking: each needs its own independence."""
    from keybounds.proofs.notions_attacks import LABELS, PAIRS, B, E, L, R, a, b, completes_rounds, information, round_

    protocol = kernel.assume(completes_rounds(flagged_rounds.P, LABELS, PAIRS))
    rounds = flagged_rounds.Rounds(protocol)
    wanted = equal(information(round_(devices.n), (a,), (B,), (R, E, L, b)), 0)
    systems = rounds("systems of a round")
    others = [rounds(name) for name in ("Bob chose his input", "Eve's part of the device is fresh")]
    with pytest.raises(StepFailedError, match="no combination"):
        entropic("test", wanted, [systems], others)


# ------------------------------------------------------------------------------------- predicates that can be false

k, g = real("k"), symbol("g")
SINGLET = tilted(sp.Integer(0), sp.Integer(0))
OMEGA = outcomes(tilted(k, real("e")))
A, B, E = system("A"), system("B"), system("E")
PREDICATES = [
    pytest.param(reproduces(SINGLET, table(1)), reproduces(SINGLET, coin()), id="reproduces"),
    pytest.param(
        reproduces(SINGLET, chsh_and_error(2 * sp.sqrt(2), 0)),
        reproduces(SINGLET, chsh_and_error(2 * sp.sqrt(2), HALF)),
        id="reproduces-numbers",
    ),
    pytest.param(
        has_spectrum(part(OMEGA, A, E), sp.Tuple(sp.Tuple(HALF, 2))),
        has_spectrum(part(OMEGA, B, E), sp.Tuple(sp.Tuple(HALF, 2))),
        id="has-spectrum",
    ),
    pytest.param(has_chsh_and_error(points(g), 2, 1 - g), has_chsh_and_error(points(g), 2, g), id="has-chsh-and-error"),
    pytest.param(
        is_mixture(table(HALF), sp.Tuple(sp.Tuple(HALF, table(1)), sp.Tuple(HALF, table(0)))),
        is_mixture(table(HALF), sp.Tuple(sp.Tuple(HALF, table(1)), sp.Tuple(HALF, coin()))),
        id="is-mixture",
    ),
    pytest.param(
        has_points(table(1 / sp.sqrt(2)), sp.Tuple(*(sp.Tuple((1 + s / sp.sqrt(2)) / 16, 8) for s in (1, -1)))),
        has_points(table(1), sp.Tuple(sp.Tuple(sp.Rational(1, 8), 8))),
        id="has-points",
    ),
    pytest.param(
        has_key_part(table(1), sp.Tuple(HALF, 0, 0, HALF)),
        has_key_part(table(1), sp.Tuple(HALF, 0, HALF, 0)),
        id="has-key-part",
    ),
    pytest.param(eve_holds(SINGLET, sp.Tuple(E)), eve_holds(SINGLET, sp.Tuple(E, A)), id="eve-holds"),
]


@pytest.mark.parametrize(("true", "false"), PREDICATES)
def test_predicates_are_decided_either_way(true: Any, false: Any) -> None:
    assert kernel.decided("true", true).proposition == true
    with pytest.raises(StepFailedError) as error:  # noqa: PT011
        kernel.decided("false", false)
    assert error.value.refuted


@pytest.mark.parametrize(
    "unknown", [is_sharp(coin()), has_qubit(SINGLET), has_qubit(shared(coin())), reproduces(coin(), coin())]
)
def test_what_is_no_known_device_is_not_decided(unknown: Any) -> None:
    with pytest.raises(StepFailedError, match=r"no device|no shared"):
        kernel.decided("unknown", unknown)


@pytest.mark.parametrize("flip", [sp.Integer(-1), sp.Rational(3, 2)])
def test_a_flip_is_a_probability(flip: Any) -> None:
    device = tilted(sp.Integer(0), flip)
    sharp = kernel.decided("sharp", is_sharp(device))
    with pytest.raises(StepFailedError, match="which is not among what is used"):
        kernel.by_theorem("device", devices.TILTED, {devices.k: sp.Integer(0), devices.q: flip}, sharp)


def test_information_of_distributions() -> None:
    from keybounds.proofs.logic.terms import expanded

    rows = sp.Tuple(sp.Tuple(HALF, 0), sp.Tuple(0, HALF))
    assert expanded(Shared(sp.Tuple(rows))) == 1
    assert expanded(Unknown(sp.Tuple(sp.Tuple(HALF, HALF)))) == 1
    assert expanded(Unknown(sp.Tuple(sp.Tuple(HALF, 0), sp.Tuple(0, HALF)))) == 0


def test_signs_of_weights_are_asked_of_an_attack() -> None:
    """A table beyond the quantum ones is a combination of quantum and local ones with a negative weight."""
    weight = sp.Rational(3, 2)
    singlets = (weight, convex_combination.quantum("singlets", sp.Integer(0), table(1)), (HALF, 0, 0, HALF))
    noise = convex_combination.local("noise", table(0), [(sp.Rational(1, 32), 32)])
    parts = [(1 - weight, noise, (sp.Rational(1, 4),) * 4)]
    with pytest.raises(StepFailedError, match="a weight is not negative"):
        convex_combination.attacked("test", devices.two_way(1), table(weight), singlets, parts, (0, 0, 0, 0), ())


def test_ceilings_hold_on_closed_ranges() -> None:
    """At the ends of its ranges a statement is evaluated too: no key at S = 2, one bit for a singlet."""
    f = CLAIMS["two-qubit-ceiling"].statement
    assert f.admits({S: sp.Integer(2), Q: HALF})
    assert not f.admits({S: sp.Integer(3), Q: HALF})
    assert f["two-way"].left == K_two(chsh_and_error(S, Q))
