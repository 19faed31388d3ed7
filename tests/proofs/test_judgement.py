"""Verdicts follow from steps; steps tell exact from numeric."""

from __future__ import annotations

import json
import subprocess
import sys

import mpmath
import pytest
import sympy as sp
from flint import arb

from keybounds.proofs import Claim, Ground, Step, Verdict, to_latex
from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import (
    ball_value,
    cited,
    enclosed_positive,
    identity,
    number,
    positive,
    vanishes,
    witness,
)
from keybounds.proofs.claim import judge

x, p = sp.Symbol("x", positive=True), sp.Symbol("p", positive=True)


def step(ground: Ground, *, holds: bool = True, instances: str = "") -> Step:
    return Step(description="a step", ground=ground, holds=holds, instances=instances)


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        pytest.param([step(Ground.SYMBOLIC), step(Ground.CITED)], Verdict.PROVED, id="exact-and-cited"),
        pytest.param([step(Ground.ENCLOSED)], Verdict.PROVED, id="enclosed"),
        pytest.param([step(Ground.SYMBOLIC), step(Ground.NUMERIC)], Verdict.CHECKED, id="one-numeric-step"),
        pytest.param([step(Ground.CITED), step(Ground.WITNESS)], Verdict.CHECKED, id="nothing-derived"),
        pytest.param([], Verdict.CHECKED, id="nothing-at-all"),
        pytest.param(
            [step(Ground.SYMBOLIC), step(Ground.ENCLOSED, instances="d = 2, 3")], Verdict.PROVED_FOR, id="instances"
        ),
        pytest.param(
            [step(Ground.NUMERIC), step(Ground.SYMBOLIC, instances="d = 2")], Verdict.CHECKED, id="numeric-is-weaker"
        ),
        pytest.param([step(Ground.SYMBOLIC), step(Ground.WITNESS, holds=False)], Verdict.REFUTED, id="witness-objects"),
        pytest.param(
            [step(Ground.SYMBOLIC, holds=False), step(Ground.NUMERIC)], Verdict.REFUTED, id="a-step-fails"
        ),
    ],
)  # fmt: skip
def test_verdict_follows_from_the_steps(steps: list[Step], verdict: Verdict) -> None:
    assert judge(steps) is verdict
    assert verdict.message


def test_report_carries_instances_and_is_plain_data() -> None:
    claim = Claim(
        name="instance",
        statement="Two is even.",
        formula="2 = 2",
        source="this project",
        derivation=lambda: [step(Ground.SYMBOLIC, instances="n = 2"), cited("a theorem", "somebody1900")],
        witness=tuple,
    )
    report = claim.examine()
    assert report.verdict is Verdict.PROVED_FOR
    assert report.instances == "n = 2"
    assert [s.detail for s in report.cited] == ["somebody1900"]
    document = json.loads(json.dumps(report.to_dict()))
    assert document["verdict"] == "PROVED_FOR"
    assert document["steps"][0]["ground"] == "symbolic"
    assert r"PROVED\_FOR (n = 2)" in to_latex([report])


@pytest.mark.parametrize(
    ("left", "right", "ground", "holds"),
    [
        pytest.param(sp.log((1 - p) / 8), sp.log(1 - p) - 3 * sp.log(2), Ground.SYMBOLIC, True, id="logarithms"),
        pytest.param(sp.sqrt(p**2 + 2 * p + 1), p + 1, Ground.SYMBOLIC, True, id="radical"),
        pytest.param(sp.log(1 - p), sp.log(1 + p), Ground.SYMBOLIC, False, id="sign-inside-a-logarithm"),
        pytest.param(sp.log(p) ** 2, 2 * sp.log(p), Ground.SYMBOLIC, False, id="logarithm-squared"),
        pytest.param(sp.sqrt(p**2 - 2 * p + 1), p - 1, Ground.SYMBOLIC, False, id="wrong-branch-of-a-root"),
        pytest.param(sp.atan(x) + sp.atan(1 / x), sp.pi / 2, Ground.NUMERIC, True, id="true-but-not-decided"),
    ],
)
def test_identity_tells_proof_from_evidence(left: sp.Expr, right: sp.Expr, ground: Ground, holds: bool) -> None:
    # A NUMERIC step passed off as SYMBOLIC would turn evidence into a proof.
    found = identity("", left, right)
    assert (found.ground, found.holds) == (ground, holds)
    assert bool(found.detail) is (not holds or ground is Ground.NUMERIC)


def test_small_differences_are_not_overlooked() -> None:
    assert not vanishes(sp.Rational(1, 10**30) * p)
    assert not identity("", p, p + sp.Rational(1, 10**25)).holds


@pytest.mark.parametrize(
    ("terms", "ground", "holds"),
    [
        pytest.param([1 + x, sp.log(1 + x)], Ground.SYMBOLIC, True, id="positive-terms"),
        pytest.param([x - 1], Ground.SYMBOLIC, False, id="negative-somewhere"),
        pytest.param([1 + x, -x], Ground.SYMBOLIC, False, id="every-term-counts"),
        pytest.param([sp.exp(x) - x], Ground.NUMERIC, True, id="true-but-not-decided"),
    ],
)
def test_positive(terms: list[sp.Expr], ground: Ground, holds: bool) -> None:
    found = positive("", *terms)
    assert (found.ground, found.holds) == (ground, holds)


def test_enclosed_positive_names_the_point_that_fails() -> None:
    good = enclosed_positive("", {"x = 1": lambda: arb(1), "x = 2": lambda: arb(2).sqrt()})
    assert good.holds
    assert good.detail == "least at x = 1: 1"
    bad = enclosed_positive("", {"x = 1": lambda: arb(1), "x = 3": lambda: arb(-3)})
    assert not bad.holds
    assert "x = 3" in bad.detail


def test_a_sign_that_no_precision_settles_does_not_hold() -> None:
    assert not enclosed_positive("", {"zero": lambda: arb(2).sqrt() * arb(2).sqrt() - 2}).holds
    outside = enclosed_positive("", {"log of -1": lambda: arb(-1).log()})
    assert not outside.holds
    assert "no enclosure" in outside.detail


def test_ball_value_encloses_what_mpmath_finds() -> None:
    expression = sp.sqrt(x) * sp.log(1 + x) / (x**2 - 3) + 1 / sp.sqrt(x) - sp.Rational(1, 7)
    ball = ball_value(expression, {x: arb(5)})
    with mpmath.workdps(40):
        exact = mpmath.sqrt(5) * mpmath.log(6) / 22 + 1 / mpmath.sqrt(5) - mpmath.mpf(1) / 7
        assert ball.contains(arb(mpmath.nstr(exact, 35)).mid())
    assert ball.rad() < 1e-13
    with pytest.raises(TypeError, match="no ball arithmetic for sin"):
        ball_value(sp.sin(x), {x: arb(1)})


def test_witness_compares_at_forty_digits() -> None:
    with mpmath.workdps(60):
        third = mpmath.mpf(1) / 3
        assert witness("", number(sp.Rational(1, 3), {}), third).holds
        assert not witness("", number(sp.Rational(1, 3), {}), third + mpmath.mpf(10) ** -39).holds
    assert number(x - x, {}) == 0


def test_importing_the_package_stays_cheap() -> None:
    # `keybounds --help` must not pay for sympy.
    code = (
        "import sys; from keybounds.proofs.claims import claims; claims(); "
        "sys.exit(bool({'sympy', 'mpmath', 'scipy', 'qutip'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_relative_entropy_is_infinite_outside_the_support() -> None:
    # A finite value here would let the witness accept a sigma that is no ceiling at all.
    with mpmath.workdps(60):
        first, second = mpmath.diag([1, 0]), mpmath.diag([0, 1])
        assert dense.relative_entropy(first, second) == mpmath.inf
        assert dense.relative_entropy(first, (first + second) / 2) == pytest.approx(1)
