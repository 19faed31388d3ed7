"""The formulas that the claims prove are the ones that the package evaluates, and the published figures."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import arb, ctx

from keybounds.bounds import Link, any_discussion, two_way
from keybounds.bounds.lower import chsh_entropy
from keybounds.bounds.upper import chsh_ceiling
from keybounds.proofs.claim import Claim
from keybounds.proofs.claims import (
    advantage_distillation,
    chsh_noisy_entropy,
    er_ceiling,
    er_ceiling_transpose,
    er_exact,
    er_exact_transpose,
    ppt_edge,
    privacy_squeezing_key,
    two_qubit_ceiling,
)
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.propositions import relation_of
from keybounds.proofs.logic.terms import expanded, integer, symbol
from keybounds.states import PPTPrivateFamily


def proved(expression: sp.Expr) -> arb:
    with ctx.workprec(400):
        return ball_value(expanded(expression), {})


def stated(claim: Claim, clause: str, d: int, p: Any, n: int = 1) -> sp.Expr:
    """The right side of a clause at a dimension, an error and a number of copies; radicals in d stay exact."""
    at = {integer("d"): sp.Integer(d), symbol("p"): p, integer("n"): sp.Integer(n)}
    return expanded(claim.statement[clause].right.subs(at, simultaneous=True))


FAMILY: list[tuple[Claim, str, Callable[[PPTPrivateFamily], arb]]] = [
    (ppt_edge.CLAIM, "entropy", lambda f: f.entropy),
    (ppt_edge.CLAIM, "transposed entropy", lambda f: f.transposed_entropy),
    (privacy_squeezing_key.CLAIM, "key", lambda f: f.devetak_winter),
    (advantage_distillation.CLAIM, "key", lambda f: f.advantage_distillation(3)),
    (er_ceiling.CLAIM, "ceiling", lambda f: f.relative_entropy_ceiling),
    (er_exact.CLAIM, "value", lambda f: f.relative_entropy_ceiling),
    (er_ceiling_transpose.CLAIM, "ceiling", lambda f: f.transpose_ceiling),
    (er_exact_transpose.CLAIM, "value", lambda f: f.transpose_ceiling),
]


@pytest.mark.parametrize(
    ("claim", "clause", "computed"), [pytest.param(c, k, f, id=f"{c.name}, {k}") for c, k, f in FAMILY]
)
@pytest.mark.parametrize("d", [5, 24, 2**20])
def test_the_family_evaluates_the_proved_formula(
    claim: Claim, clause: str, computed: Callable[[PPTPrivateFamily], arb], d: int
) -> None:
    # If these part, the proof is about another number than the table's.
    value = computed(PPTPrivateFamily(d, Fraction(9, 20)))
    assert value.overlaps(proved(stated(claim, clause, d, sp.Rational(9, 20), n=3)))


def edge(d: int) -> sp.Expr:
    """The least p of a PPT state, as the statement has it."""
    return relation_of(ppt_edge.CLAIM.statement["edge"].equivalence.right).right.subs(integer("d"), d)


@pytest.mark.parametrize("d", [2, 20, 24, 2**20])
def test_the_family_evaluates_the_proved_edge_formulas(d: int) -> None:
    family, p = PPTPrivateFamily(d), edge(d)
    assert family.p.overlaps(proved(p))
    assert family.transposed_entropy.overlaps(proved(stated(ppt_edge.CLAIM, "entropy at the edge", d, p)))
    for claim, clause in (
        (er_ceiling_transpose.CLAIM, "ceiling at the edge"),
        (er_exact_transpose.CLAIM, "value at the edge"),
        (er_ceiling_transpose.CLAIM, "device-independent key at the edge"),
    ):
        assert family.transpose_ceiling.overlaps(proved(stated(claim, clause, d, p)))


def test_figures_at_the_published_points() -> None:
    # d = 2^20: the key exceeds .98 and the ceiling is near 10^-3 (christandl2021, p. 3).
    d, p = 2**20, edge(2**20)
    key = stated(privacy_squeezing_key.CLAIM, "key", d, p)
    assert float(proved(key)) == pytest.approx(0.987860098290118, abs=1e-15)
    ceiling = stated(er_ceiling_transpose.CLAIM, "ceiling at the edge", d, p)
    assert float(proved(ceiling)) == pytest.approx(9.74235907909e-4, rel=1e-12)
    # The ion link, S = 2.677 and Q = 1.44 %: two-way and any-protocol ceilings, and the one-way rate.
    S, Q = sp.Rational(2677, 1000), sp.Rational(144, 10000)
    assert float(proved(two_qubit_ceiling.two_way(S, Q))) == pytest.approx(0.6126, abs=5e-5)
    assert float(proved(any_protocol(S))) == pytest.approx(0.6921, abs=5e-5)
    one_way = any_protocol(S) - 1 + stated(er_ceiling.CLAIM, "ceiling", 2, Q)
    assert float(proved(one_way)) == pytest.approx(0.5834, abs=5e-5)


def any_protocol(chsh: sp.Rational) -> sp.Expr:
    """The ceiling for any discussion."""
    return two_qubit_ceiling.CLAIM.statement["any protocol"].right.subs({two_qubit_ceiling.S: chsh})


def entropy_under_noise(chsh: sp.Rational, noise: sp.Rational) -> sp.Expr:
    """H(A|E) of a bit that Alice flips."""
    names = chsh_noisy_entropy
    return names.CLAIM.statement["entropy"].right.subs({names.S: chsh, names.q: noise}, simultaneous=True)


@pytest.mark.parametrize(("S", "Q"), [(2.677, 0.0144), (2.3, 0.05), (2.8, 0.25)])
def test_the_bounds_evaluate_the_proved_formulas(S: float, Q: float) -> None:
    exact = sp.Rational(S), sp.Rational(Q)  # the dyadic numbers that these floats are
    link = Link(S, Q)
    ceiling = chsh_ceiling(link, any_discussion())
    assert ceiling.value == pytest.approx(float(proved(any_protocol(exact[0]))), abs=1e-15)
    entropy = chsh_entropy(link, noise=Q)
    assert entropy.value == pytest.approx(float(proved(entropy_under_noise(*exact))), abs=1e-15)
    announced = max(float(proved(two_qubit_ceiling.two_way(*exact))), 0)
    assert chsh_ceiling(link, two_way(link.key)).value == pytest.approx(announced, abs=1e-15)
