"""The claims about private states: proved as stated, and nothing that is false in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from keybounds.proofs import Report, Verdict
from keybounds.proofs.claim import Claim
from keybounds.proofs.claims import (
    advantage_distillation,
    crossings,
    er_ceiling,
    er_ceiling_transpose,
    er_exact,
    er_exact_transpose,
    pair_parity_key,
    ppt_edge,
    privacy_squeezing_key,
    smallest_gap,
    transpose_invariance,
    unequal_sectors,
)
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.kernel import Recursion, StepFailedError
from keybounds.proofs.logic.propositions import (
    Equivalence,
    Predicate,
    Relation,
    at_least,
    at_most,
    greater,
    less,
)
from keybounds.proofs.logic.statement import Statement
from keybounds.proofs.logic.terms import functional, h, integer, positive_part, symbol, thing
from keybounds.proofs.notions import K_DI, K, rho, transposed
from keybounds.proofs.notions_private import (
    Pi_X,
    Pi_Y,
    bits,
    determines,
    dimmed,
    equal_keys,
    form,
    has_blocks,
    has_conditional_entropy,
    has_eigenprojectors,
    has_expectation,
    has_unimodular_entries,
    have_common_spectrum,
    is_diagonal_state,
    is_product_average,
    is_secret_or_known,
    keeps_measurements,
    keeps_probabilities,
    leaves,
    named,
    norm,
    pair,
    pair_parity,
    part0,
    part1,
    phases,
    sector_keys,
    sectors,
    simulates,
    times,
    times_bar,
)

MODULES = (
    ppt_edge,
    privacy_squeezing_key,
    advantage_distillation,
    transpose_invariance,
    er_ceiling,
    er_exact,
    er_ceiling_transpose,
    er_exact_transpose,
    crossings,
    pair_parity_key,
    unequal_sectors,
    smallest_gap,
)
pytestmark = pytest.mark.usefixtures("remembered")
CLAIMS: dict[str, Claim] = {module.CLAIM.name: module.CLAIM for module in MODULES}
d, n, p, q, r, w = integer("d"), integer("n"), symbol("p"), symbol("q"), symbol("r"), symbol("w")
M, N, A = symbol("M"), symbol("N"), thing("A")
HALF = sp.Rational(1, 2)


def examined(name: str, statement: Statement | None = None) -> Report:
    """The report on the claim's own statement or on another; claims that it uses count as proved."""
    return CLAIMS[name].examine(lambda _: Verdict.PROVED, lambda other: CLAIMS[other], statement)


@pytest.mark.parametrize("name", CLAIMS)
def test_claim_is_proved(name: str) -> None:
    report = examined(name)
    assert report.failures == ()
    assert (report.verdict, report.missing) == (Verdict.PROVED, ())


# ---------------------------------------------------------------------------------------------------- false statements


def changed(claim: str, clause: str, **values: Any) -> Statement:
    """The statement with something else in one clause."""
    statement = CLAIMS[claim].statement
    return replace(statement, clauses=tuple(replace(one, **values) if one.name == clause else one for one in statement))


def right(claim: str, clause: str, change: Callable[[Any], Any]) -> Statement:
    """The statement with another right side in one clause."""
    proposition = CLAIMS[claim].statement[clause].proposition
    if isinstance(proposition, Equivalence):
        side = replace(proposition.right, right=change(proposition.right.right))  # type: ignore[arg-type, union-attr]
        return changed(claim, clause, proposition=replace(proposition, right=side))
    relation = CLAIMS[claim].statement[clause].relation
    return changed(claim, clause, proposition=replace(relation, right=change(relation.right)))


def without(claim: str, *, hypothesis: int | None = None, clause: str = "") -> Statement:
    """The statement without one of its hypotheses, or a clause without its own."""
    statement = CLAIMS[claim].statement
    if clause:
        return changed(claim, clause, hypotheses=())
    kept = tuple(one for place, one in enumerate(statement.hypotheses) if place != hypothesis)
    return replace(statement, hypotheses=kept)


def told(claim: str, **values: Any) -> Statement:
    """The statement with another definition of what occurs in it."""
    statement = CLAIMS[claim].statement
    (meaning,) = statement.meanings
    return replace(statement, meanings=(replace(meaning, **values),))


def examples(family: Any = (), others: Any = ()) -> Statement:
    """smallest-gap with other states."""
    return smallest_gap.state(dict(family), dict(others), without=())


PARITY, TWO, ONE = "pair-parity-key", crossings.TWO_COPIES, crossings.AGAINST_P
SQUEEZING, SECTORS = "privacy-squeezing-key", "unequal-sectors"
GAIN, TOO_MUCH = (positive_part(one) / 2 for one in (pair_parity_key.GAIN, pair_parity_key.GAIN + p**2))
FALSE = {
    "no Eve": ("privacy-squeezing-key", lambda: right("privacy-squeezing-key", "key", lambda e: e + p)),
    "key of p squared": (
        "privacy-squeezing-key",
        lambda: right("privacy-squeezing-key", "key", lambda e: e.subs(p, p**2)),
    ),
    "other branches": (
        "privacy-squeezing-key",
        lambda: changed("privacy-squeezing-key", "branches", proposition=is_secret_or_known(rho(d, p), p / 2)),
    ),
    "p up to anything": ("privacy-squeezing-key", lambda: without("privacy-squeezing-key", hypothesis=2)),
    "not per copy": ("advantage-distillation", lambda: right("advantage-distillation", "key", lambda e: e * n)),
    "acceptance left out": (
        "advantage-distillation",
        lambda: right("advantage-distillation", "key", lambda e: e / ((1 - p) ** n + p**n)),
    ),
    "effects not transposed": (
        "transpose-invariance",
        lambda: changed(
            "transpose-invariance",
            "probabilities",
            proposition=keeps_probabilities(named("identity"), named("partial_transpose")),
        ),
    ),
    "states that are not PPT": ("transpose-invariance", lambda: without("transpose-invariance", clause="key")),
    "the other way round": (
        "transpose-invariance",
        lambda: changed("transpose-invariance", "key", proposition=at_most(K_DI(transposed(A)), K(A))),
    ),
    "below the entanglement": ("er-ceiling", lambda: right("er-ceiling", "ceiling", lambda e: e - p)),
    "separable off one half": (
        "er-ceiling",
        lambda: changed(
            "er-ceiling",
            "separable",
            proposition=Predicate(
                CLAIMS["er-ceiling"].statement["separable"].predicate.definition, (rho(d, sp.Rational(1, 3)),)
            ),
        ),
    ),
    "above the entanglement": ("er-exact", lambda: right("er-exact", "value", lambda e: e + p)),
    "exact beyond one half": ("er-exact", lambda: without("er-exact", hypothesis=2)),
    "ceiling of p squared": (
        "er-ceiling-transpose",
        lambda: right("er-ceiling-transpose", "ceiling", lambda e: e.subs(p, p**2)),
    ),
    "sign at the edge": (
        "er-ceiling-transpose",
        lambda: right("er-ceiling-transpose", "ceiling at the edge", lambda e: 2 * p - e),
    ),
    "half of p": ("er-ceiling-transpose", lambda: right("er-ceiling-transpose", "below p", lambda e: e / 2)),
    "mixture beyond one half": ("er-ceiling-transpose", lambda: without("er-ceiling-transpose", hypothesis=1)),
    "exact value too high": (
        "er-exact-transpose",
        lambda: right("er-exact-transpose", "value", lambda e: e * (1 + 1 / d)),
    ),
    "entanglement below the edge": ("er-exact-transpose", lambda: without("er-exact-transpose", clause="value")),
    "gain without Eve": (PARITY, lambda: right(PARITY, "one level", lambda e: e.subs(pair_parity_key.GAIN, 1 - h(p)))),
    "no bit known to Eve": (
        PARITY,
        lambda: right(
            PARITY,
            "one level",
            lambda e: e - GAIN + TOO_MUCH,
        ),
    ),
    "levels count twice": (PARITY, lambda: told(PARITY, step=2 * pair_parity_key.LEVELS.step)),
    "error not conditioned": (
        PARITY,
        lambda: told(PARITY, step=pair_parity_key.LEVELS.step.subs(pair_parity_key.ERROR, p**2)),
    ),
    "a bit for each bit": (
        PARITY,
        lambda: told(
            PARITY,
            step=positive_part(pair_parity_key.GAIN) / 2
            + pair_parity_key.MATCH * pair_parity(n, pair_parity_key.ERROR),
        ),
    ),
    "any state": (PARITY, lambda: without(PARITY, clause="any state")),
    "edge too low": ("unequal-sectors", lambda: right("unequal-sectors", "edge", lambda e: 1 / (1 / e + 1))),
    "n blocks": (
        "unequal-sectors",
        lambda: right("unequal-sectors", "divergence", lambda e: e * integer("n") / integer("m")),
    ),
    "below the edge": ("unequal-sectors", lambda: without("unequal-sectors", clause="ceiling")),
    "more rows than columns": ("unequal-sectors", lambda: without("unequal-sectors", hypothesis=1)),
    "sectors exchanged": (
        "unequal-sectors",
        lambda: told("unequal-sectors", right=unequal_sectors.DIVERGENCE.right * 2),
    ),
    "crossing one too early": (
        "crossings",
        lambda: changed("crossings", f"{ONE}, above", hypotheses=(at_most(p, crossings.edge(23)),)),
    ),
    "crossing one too late": (
        "crossings",
        lambda: changed(
            "crossings",
            f"{crossings.AGAINST_E}, below",
            hypotheses=(at_least(p, crossings.edge(20)), at_most(p, crossings.edge(2))),
        ),
    ),
    "distillation too early": (
        "crossings",
        lambda: changed("crossings", f"{TWO}, above", hypotheses=(at_most(p, crossings.edge(9)),)),
    ),
    "too far from one half": ("smallest-gap", lambda: examples({4: Fraction("0.43")})),
    "not PPT": ("smallest-gap", lambda: examples({4: Fraction("0.3")})),
    "sectors too far": ("smallest-gap", lambda: examples((), {(3, 4): Fraction("0.45")})),
    "six by six": ("smallest-gap", lambda: examples((), {(2, 4): Fraction("0.49922")})),
    "no gap at d = 4": ("smallest-gap", lambda: smallest_gap.state({}, {}, without=(4,))),
    "p = .9 is separable": (
        "smallest-gap",
        lambda: replace(
            smallest_gap.state({}, {}, without=(2,)),
            clauses=tuple(
                replace(one, hypotheses=(at_least(p, 1 / (sp.sqrt(2) + 1)), less(p, 1)))
                for one in smallest_gap.state({}, {}, without=(2,))
            ),
        ),
    ),
}


@pytest.mark.parametrize("case", FALSE)
def test_a_false_statement_fails_at_a_step(case: str) -> None:
    name, make = FALSE[case]
    report = examined(name, make())
    assert report.verdict in (Verdict.CHECKED, Verdict.REFUTED)
    assert report.failures
    assert report.failures[0].description != "derivation"


def test_key_is_compared_for_joint_measurements() -> None:
    """K_DI is over measurements of many copies at once; a gap for single copies would be none for noisy singlets."""
    assert "n copies" in simulates.meaning
    assert "joint ones included" in simulates.meaning


# ---------------------------------------------------------------------------------------------------------- predicates


X0, X1, Y0, Y1 = part0(thing("x")), part1(thing("x")), part0(thing("y")), part1(thing("y"))
EQUAL = norm(X0) ** 2 * norm(Y0) ** 2 + norm(X1) ** 2 * norm(Y1) ** 2
COHERENT = form(phases(r**2), times_bar(X0, Y1), times_bar(X1, Y0))
EIGEN = ((1 - p) / r**4, Pi_X(r**2), r**4), (p / (2 * r**2), Pi_Y(r**2), 2 * r**2)
COMMON = ((1 - p) / r**4, HALF / r**4, r**4), (p / (2 * r**2), HALF / (2 * r**2), 2 * r**2)
PAIRS = ((1 - p) / (2 * (M * N) ** 2), 2 * (M * N) ** 2), (p / (2 * N**2), N**2 - M**2)


def nested(rows: Any) -> Any:
    """Tuples of tuples as sympy has them."""
    return sp.Tuple(*(sp.Tuple(*row) for row in rows))


def block(off: Any) -> Any:
    """A_r with the entry `off` off the diagonal."""
    return sp.Tuple(1 / (2 * M**2), off / (2 * M**2 * N), 1 / (2 * N**2))


TRUE_AND_FALSE = {
    "branches": (is_secret_or_known(rho(r**2, p), p), is_secret_or_known(rho(r**2, p), 2 * p)),
    "branches of sectors": (
        is_secret_or_known(sectors(M**2, N**2, p), p),
        is_secret_or_known(sectors(M**2, N**2, p), p**2),
    ),
    "what Bob lacks": (
        has_conditional_entropy(named("x"), named("y"), bits(p), h(p)),
        has_conditional_entropy(named("x"), named("z"), bits(p), h(p)),
    ),
    "what Eve lacks": (
        has_conditional_entropy(named("s"), named("zv"), pair(p, p), 1 - p**2),
        has_conditional_entropy(named("s"), named("zv"), pair(p, p), 1 - p),
    ),
    "who matches": (determines(named("st"), named("m"), pair(p, q)), determines(named("s"), named("m"), pair(p, q))),
    "what is left": (
        leaves(pair(q, p), named("zs"), p * q + (1 - p) * (1 - q), p * q / (p * q + (1 - p) * (1 - q))),
        leaves(pair(q, p), named("zs"), p * q + (1 - p) * (1 - q), p * q),
    ),
    "Eve who holds all": (
        leaves(pair(p, p), named("zs"), p**2 + (1 - p) ** 2, p**2 / (p**2 + (1 - p) ** 2)),
        leaves(pair(p, p), named("zv"), p**2 + (1 - p) ** 2, p**2 / (p**2 + (1 - p) ** 2)),
    ),
    "told bits": (
        leaves(dimmed(p, w), named("zx"), 1, p + w * (1 - p)),
        leaves(dimmed(p, w), named("zx"), 1, p + w),
    ),
    "product average": (is_product_average(rho(r**2, HALF)), is_product_average(rho(r**2, p))),
    "product average of sectors": (
        is_product_average(transposed(sectors(M**2, N**2, HALF))),
        is_product_average(sector_keys(M**2, N**2)),
    ),
    "diagonal": (is_diagonal_state(equal_keys(r**2)), is_diagonal_state(rho(r**2, HALF))),
    "of trace 1": (is_diagonal_state(sector_keys(M**2, N**2)), is_diagonal_state(2 * sector_keys(M**2, N**2))),
    "eigenprojectors": (
        has_eigenprojectors(rho(r**2, p), nested(EIGEN)),
        has_eigenprojectors(rho(r**2, p), nested(EIGEN[:1])),
    ),
    "common spectrum": (
        have_common_spectrum(rho(r**2, p), rho(r**2, HALF), nested(COMMON)),
        have_common_spectrum(rho(r**2, p), transposed(rho(r**2, HALF)), nested(COMMON)),
    ),
    "moduli": (has_unimodular_entries(phases(r**2)), None),
    "expectation": (
        has_expectation(
            Pi_X(r**2),
            thing("x"),
            thing("y"),
            (norm(X0) ** 2 * norm(Y0) ** 2 + norm(X1) ** 2 * norm(Y1) ** 2) / 2 + COHERENT,
        ),
        has_expectation(Pi_X(r**2), thing("x"), thing("y"), EQUAL / 2),
    ),
    "expectation of the errors": (
        has_expectation(Pi_Y(r**2), thing("x"), thing("y"), norm(times(X0, Y1)) ** 2 + norm(times(X1, Y0)) ** 2),
        has_expectation(Pi_Y(r**2), thing("x"), thing("y"), norm(X0) ** 2 * norm(Y1) ** 2),
    ),
    "blocks": (
        has_blocks(transposed(sectors(M**2, N**2, p)), nested(PAIRS), p, block((1 - p) / p), M**2),
        has_blocks(transposed(sectors(M**2, N**2, p)), nested(PAIRS), p, block((1 - p) ** 2 / p**2), M**2),
    ),
    "number of blocks": (
        has_blocks(
            transposed(sectors(M**2, N**2, HALF)), nested((x.subs(p, HALF), m) for x, m in PAIRS), HALF, block(1), M**2
        ),
        has_blocks(
            transposed(sectors(M**2, N**2, HALF)), nested((x.subs(p, HALF), m) for x, m in PAIRS), HALF, block(1), N**2
        ),
    ),
    "probabilities": (
        keeps_probabilities(named("transpose"), named("partial_transpose")),
        keeps_probabilities(named("transpose"), named("identity")),
    ),
    "measurements": (keeps_measurements(named("transpose")), None),
}


@pytest.mark.parametrize("name", TRUE_AND_FALSE)
def test_a_predicate_is_true_here_and_false_there(name: str) -> None:
    true, false = TRUE_AND_FALSE[name]
    assert kernel.decided("true", true).proposition == true
    if false is not None:
        with pytest.raises(StepFailedError) as failure:  # noqa: PT011
            kernel.decided("false", false)
        assert failure.value.refuted


def test_predicates_ask_for_names_that_they_know() -> None:
    for unknown in (
        has_unimodular_entries(phases(d)),
        is_secret_or_known(rho(d, p), p),
        is_secret_or_known(sectors(d, d, p), p),
        has_conditional_entropy(named("e"), named("y"), bits(p), p),
        has_conditional_entropy(named("x"), named("y"), rho(r**2, p), p),
        keeps_measurements(named("negation")),
    ):
        with pytest.raises(StepFailedError):  # noqa: PT011
            kernel.decided("unknown", unknown)


# -------------------------------------------------------------------------------------------------- rules of the kernel

f, g = functional("f_of_levels"), functional("g_of_levels")
inside = [greater(p, 0), less(p, 1)]


def test_a_recursion_goes_back_one_step_to_an_end() -> None:
    halves = Recursion("halves", f(n, p), n, p / 2, p / 2 + f(n, p / 2))
    assert kernel.by_recursion(halves, {}, start=True).proposition == Relation(f(1, p), "=", p / 2)
    step = kernel.by_recursion(halves, {p: HALF})
    assert step.proposition == Relation(f(n + 1, HALF), "=", sp.Rational(1, 4) + f(n, sp.Rational(1, 4)))
    for wrong in (
        replace(halves, left=g(n, p), step=g(n + 1, p)),  # does not go back
        replace(halves, left=g(n, p), base=g(n, p)),  # has no end
        replace(halves, left=g(n, p), step=w + g(n, p)),  # speaks about something else
        replace(halves, left=g(n, p), index=p),
        replace(halves, left=g(n, 1 - p)),
        replace(halves, base=p),  # another definition of the same name
    ):
        with pytest.raises(StepFailedError):  # noqa: PT011
            kernel.by_recursion(wrong, {})


def test_induction_along_a_map_needs_a_domain_that_it_keeps() -> None:
    wanted = at_least(functional("rate")(n, p), 0)
    moved = {p: p**2}

    def shown(proposition: Any, *hypotheses: Any) -> kernel.Fact:
        return kernel.argued("a step", proposition, "an example", under=hypotheses)

    base = shown(wanted.substituted({n: sp.Integer(1)}), *inside)
    step = shown(wanted.substituted({n: n + 1}), wanted.substituted(moved), *inside)
    doubled = shown(wanted.substituted({n: n + 1}), wanted.substituted({p: 2 * p}), *inside)
    found = kernel.by_induction_along("for all p", n, 1, base, step, wanted, moved)
    assert found.proposition == wanted
    assert set(found.hypotheses) == {*inside, at_least(n, 1)}
    for why, *arguments in (
        ("domain", n, 1, base, doubled, wanted, {p: 2 * p}),
        ("speaks about", n, 1, base, shown(wanted.substituted({n: n + 1}), at_most(n, 5)), wanted, moved),
        ("base", n, 2, base, step, wanted, moved),
        ("step", n, 1, base, shown(wanted, *inside), wanted, moved),
        ("integer", p, 1, base, step, wanted, moved),
        # the step is for n >= 1, as n is positive: nothing leads from 0 to 1
        ("never 0", n, 0, shown(wanted.substituted({n: sp.Integer(0)}), *inside), step, wanted, moved),
    ):
        with pytest.raises(StepFailedError, match=why):
            kernel.by_induction_along("for all p", *arguments)  # type: ignore[arg-type]


def test_a_positive_part_needs_a_sign() -> None:
    above, below = kernel.assume(at_least(p - q, 0)), kernel.assume(less(p - q, 0))
    assert kernel.positive_part_is("", above).proposition == Relation(positive_part(p - q), "=", p - q)
    assert kernel.positive_part_is("", below).proposition == Relation(positive_part(p - q), "=", 0)
    for wrong in (at_least(p - q, 1), Relation(p - q, "=", 0)):
        with pytest.raises(StepFailedError, match="sign"):
            kernel.positive_part_is("", kernel.assume(wrong))


def test_of_two_equal_bounds_the_open_one_counts() -> None:
    edge = 1 / (sp.sqrt(d) + 1)
    given = [at_least(d, 2), at_least(p, edge), greater(p, edge)]
    assert kernel.inequality("", greater(p - edge, 0), given).proposition == greater(p - edge, 0)
    with pytest.raises(StepFailedError):  # noqa: PT011
        kernel.inequality("", greater(p - edge, 0), given[:2])
