"""The formulas that the claims prove are the ones that the package evaluates, and the published figures."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, ctx

from keybounds.bounds import Link, any_discussion, two_way
from keybounds.bounds.lower import chsh_entropy
from keybounds.bounds.upper import chsh_ceiling
from keybounds.proofs.checks import ball_value
from keybounds.proofs.claims import (
    advantage_distillation,
    chsh_noisy_entropy,
    er_ceiling,
    er_ceiling_transpose,
    ppt_edge,
    privacy_squeezing_key,
    two_qubit_ceiling,
)
from keybounds.states import PPTPrivateFamily


def proved(expression: sp.Expr) -> arb:
    with ctx.workprec(400):
        return ball_value(sp.sympify(expression), {})


FAMILY: list[tuple[str, Callable[[sp.Expr, sp.Expr], sp.Expr], Callable[[PPTPrivateFamily], arb]]] = [
    ("entropy", ppt_edge.entropy_rho, lambda f: f.entropy),
    ("transposed-entropy", ppt_edge.entropy_transpose, lambda f: f.transposed_entropy),
    ("devetak-winter", lambda d, p: privacy_squeezing_key.key_rate(p), lambda f: f.devetak_winter),
    ("distillation", lambda d, p: advantage_distillation.rate(3, p), lambda f: f.advantage_distillation(3)),
    ("er-ceiling", lambda d, p: er_ceiling.ceiling(p), lambda f: f.relative_entropy_ceiling),
    ("transpose-ceiling", er_ceiling_transpose.ceiling, lambda f: f.transpose_ceiling),
]


@pytest.mark.parametrize(("formula", "computed"), [pytest.param(f, g, id=name) for name, f, g in FAMILY])
@pytest.mark.parametrize("d", [5, 24, 2**20])
def test_the_family_evaluates_the_proved_formula(
    formula: Callable[[sp.Expr, sp.Expr], sp.Expr], computed: Callable[[PPTPrivateFamily], arb], d: int
) -> None:
    # If these part, the proof is about another number than the table's.
    value = computed(PPTPrivateFamily(d, Fraction(9, 20)))
    assert value.overlaps(proved(formula(sp.Integer(d), sp.Rational(9, 20))))


@pytest.mark.parametrize("d", [2, 20, 24, 2**20])
def test_the_family_evaluates_the_proved_edge_formulas(d: int) -> None:
    family = PPTPrivateFamily(d)
    p = ppt_edge.edge(sp.Integer(d))
    assert family.p.overlaps(proved(p))
    assert family.transposed_entropy.overlaps(proved(ppt_edge.entropy_transpose_edge(sp.Integer(d), p)))
    assert family.transpose_ceiling.overlaps(proved(er_ceiling_transpose.ceiling_edge(p)))


def test_figures_at_the_published_points() -> None:
    # d = 2^20: the key exceeds .98 and the ceiling is near 10^-3 (christandl2021, p. 3).
    p = ppt_edge.edge(sp.Integer(2**20))
    assert float(proved(privacy_squeezing_key.key_rate(p))) == pytest.approx(0.987860098290118, abs=1e-15)
    assert float(proved(er_ceiling_transpose.ceiling_edge(p))) == pytest.approx(9.74235907909e-4, rel=1e-12)
    # The ion link, S = 2.677 and Q = 1.44 %: two-way and any-protocol ceilings, and the one-way rate.
    S, Q = sp.Rational(2677, 1000), sp.Rational(144, 10000)
    assert float(proved(two_qubit_ceiling.two_way(S, Q))) == pytest.approx(0.6126, abs=5e-5)
    assert float(proved(two_qubit_ceiling.any_protocol(S))) == pytest.approx(0.6921, abs=5e-5)
    one_way = two_qubit_ceiling.any_protocol(S) - 1 + er_ceiling.ceiling(Q)
    assert float(proved(one_way)) == pytest.approx(0.5834, abs=5e-5)


@pytest.mark.parametrize(("S", "Q"), [(2.677, 0.0144), (2.3, 0.05), (2.8, 0.25)])
def test_the_bounds_evaluate_the_proved_formulas(S: float, Q: float) -> None:
    exact = sp.Rational(S), sp.Rational(Q)  # the dyadic numbers that these floats are
    link = Link(S, Q)
    ceiling = chsh_ceiling(link, any_discussion())
    assert ceiling.value == pytest.approx(float(proved(two_qubit_ceiling.any_protocol(exact[0]))), abs=1e-15)
    entropy = chsh_entropy(link, noise=Q)
    assert entropy.value == pytest.approx(float(proved(chsh_noisy_entropy.chsh_entropy(*exact))), abs=1e-15)
    announced = max(float(proved(two_qubit_ceiling.two_way(*exact))), 0)
    assert chsh_ceiling(link, two_way(link.key)).value == pytest.approx(announced, abs=1e-15)
