"""Verdicts follow from statement and derivation."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy as sp
from flint import arb

from keybounds.proofs import Claim, Ground, Report, Step, Verdict
from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import number, witness
from keybounds.proofs.logic import kernel
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.kernel import Theorem
from keybounds.proofs.logic.propositions import equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import functional
from keybounds.proofs.runner import Examiner

x, p = sp.Symbol("x", positive=True), sp.Symbol("p", positive=True)


n = sp.Symbol("n", integer=True, positive=True)
F = functional("F")
TRUE = equal(x + p, F(x, p))


def claim(derive: Callable[[Goal], None], *, holds: bool = True, name: str = "instance") -> Claim:
    """x + p = F(x, p), with a witness that `holds` or not."""
    return Claim(
        name=name,
        title="A sum",
        source="somebody1900, Eq. (1)",
        state=lambda: Statement((Parameter(x, ""), Parameter(p, "")), (less(p, 1),), (Clause("sum", TRUE),)),
        derive=derive,
        witness=lambda _: [Step(description="a number", ground=Ground.WITNESS, holds=holds, detail="1.5")],
    )


SUM = Theorem("sum", "somebody1900, Theorem 1", "F adds.", (), equal(F(x, p), x + p))


def by_theorem(goal: Goal) -> None:
    fact = kernel.by_theorem("F adds", SUM, {x: x, p: p})
    turned = kernel.linear("turned", TRUE, [(-1, fact)])
    goal.conclude("sum", turned)


def by_argument(goal: Goal) -> None:
    goal.conclude("sum", kernel.argued("F adds", TRUE, "that addition is meant by F"))


def by_nothing(goal: Goal) -> None:
    kernel.identity("one is one", sp.sin(x) ** 2 + sp.cos(x) ** 2, 1)


def by_another(goal: Goal) -> None:
    goal.conclude("sum", kernel.linear("less p", equal(x, F(x, p) - p), [(1, kernel.assume(TRUE))]))


def by_more_hypotheses(goal: Goal) -> None:
    goal.conclude("sum", kernel.assume(TRUE))


def by_a_false_step(goal: Goal) -> None:
    kernel.identity("x is 2x", x, 2 * x)


def by_an_open_step(goal: Goal) -> None:
    kernel.inequality("not decided", greater(sp.exp(x) - x, 0))


def examine(derive: Callable[[Goal], None], **changes: Any) -> Report:
    examiner = Examiner({"instance": claim(derive, **changes)})
    return examiner.report("instance")


@pytest.mark.parametrize(
    ("derive", "verdict", "missing"),
    [
        pytest.param(by_theorem, Verdict.PROVED, None, id="theorem"),
        pytest.param(by_argument, Verdict.ARGUED, "that addition is meant by F", id="argument"),
        pytest.param(by_nothing, Verdict.CHECKED, "does not reach it", id="a true step that implies nothing"),
        pytest.param(by_another, Verdict.CHECKED, "what is shown is", id="another conclusion"),
        pytest.param(by_more_hypotheses, Verdict.CHECKED, "does not grant", id="assumed"),
        pytest.param(by_a_false_step, Verdict.REFUTED, "x is 2x", id="a false step"),
        pytest.param(by_an_open_step, Verdict.CHECKED, "not decided", id="an open step"),
    ],
)
def test_the_verdict_sees_the_statement(derive: Callable[[Goal], None], verdict: Verdict, missing: str | None) -> None:
    report = examine(derive)
    assert report.verdict is verdict
    assert verdict.message
    assert (report.missing == ()) is (missing is None)
    if missing is not None:
        assert missing in "; ".join(report.missing)


def test_a_witness_refutes_and_never_proves() -> None:
    assert examine(by_theorem, holds=False).verdict is Verdict.REFUTED
    assert examine(by_argument).verdict is Verdict.ARGUED


def user(goal: Goal) -> None:
    goal.conclude("sum", goal.from_claim("as shown", "other", "sum"))


@pytest.mark.parametrize(
    ("below", "verdict"),
    [
        pytest.param(by_theorem, Verdict.PROVED, id="proved"),
        pytest.param(by_argument, Verdict.ARGUED, id="argued"),
        pytest.param(by_nothing, Verdict.CHECKED, id="not derived"),
        pytest.param(by_a_false_step, Verdict.CHECKED, id="refuted"),
    ],
)
def test_a_claim_is_no_better_than_what_it_uses(below: Callable[[Goal], None], verdict: Verdict) -> None:
    known = {"other": claim(below, name="other"), "instance": claim(user)}
    report = Examiner(known).report("instance")
    assert report.verdict is verdict
    assert verdict is Verdict.PROVED or "claim other" in "; ".join(report.missing)


def test_claims_that_use_each_other_rest_on_nothing() -> None:
    assert Examiner({"other": claim(user, name="other")}).report("other").verdict is Verdict.CHECKED


def test_what_is_borrowed_is_held_against_the_statement_it_comes_from() -> None:
    """`by_claim` is open to whoever writes a derivation; the judge compares."""

    def forged(goal: Goal) -> None:
        goal.conclude("sum", kernel.by_claim("as shown", "other", "sum", TRUE, ()))

    examiner = Examiner({"other": claim(by_theorem, name="other"), "instance": claim(forged)})
    with pytest.raises(ValueError, match="other does not say what is taken from it"):
        examiner.report("instance")


def test_a_report_is_plain_data() -> None:
    report = examine(by_theorem)
    assert [s.detail for s in report.cited] == ["sum: somebody1900, Theorem 1"]
    document = json.loads(json.dumps(report.to_dict()))
    assert document["verdict"] == "PROVED"
    assert [one["ground"] for one in document["steps"]] == ["cited", "logic", "witness"]
    assert document["conclusions"] == {"sum": 2}
    assert document["steps"][1]["uses"] == [1]
    assert report.statement == "For all x and p with p < 1: p + x = F(x, p)."


def test_ball_value_encloses_what_mpmath_finds() -> None:
    expression = sp.sqrt(x) * sp.log(1 + x) / (x**2 - 3) + 1 / sp.sqrt(x) - sp.Rational(1, 7)
    expression += sp.cos(x) * sp.sin(x / 2) * x ** sp.Rational(3, 2)
    ball = ball_value(expression, {x: arb(5)})
    with mpmath.workdps(40):
        exact = mpmath.sqrt(5) * mpmath.log(6) / 22 + 1 / mpmath.sqrt(5) - mpmath.mpf(1) / 7
        exact += mpmath.cos(5) * mpmath.sin(mpmath.mpf(5) / 2) * mpmath.mpf(5) ** 1.5
        assert ball.contains(arb(mpmath.nstr(exact, 35)).mid())
    assert ball.rad() < 1e-13
    assert not ball_value(x ** sp.Rational(1, 3), {x: arb(-1)}).is_finite()
    with pytest.raises(TypeError, match="no ball arithmetic for tan"):
        ball_value(sp.tan(x), {x: arb(1)})


def test_witness_compares_at_forty_digits() -> None:
    with mpmath.workdps(60):
        third = mpmath.mpf(1) / 3
        assert witness("", number(sp.Rational(1, 3), {}), third).holds
        assert not witness("", number(sp.Rational(1, 3), {}), third + mpmath.mpf(10) ** -39).holds
    assert number(x - x, {}) == 0


def test_importing_the_package_stays_cheap() -> None:
    # `keybounds --help` must not pay for sympy.
    code = (
        "import sys, keybounds, keybounds.proofs, keybounds.cli; "
        "sys.exit(bool({'sympy', 'mpmath', 'scipy', 'qutip'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_relative_entropy_is_infinite_outside_the_support() -> None:
    # A finite value here would let the witness accept a sigma that is no ceiling at all.
    with mpmath.workdps(60):
        first, second = mpmath.diag([1, 0]), mpmath.diag([0, 1])
        assert dense.relative_entropy(first, second) == mpmath.inf
        assert dense.relative_entropy(first, (first + second) / 2) == pytest.approx(1)
