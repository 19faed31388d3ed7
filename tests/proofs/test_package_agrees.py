"""The formulas that the claims prove are the ones that the package evaluates, and the published figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
import sympy as sp
from flint import arb, ctx

from keybounds.bounds import Bound, Link, any_discussion, one_way, two_way
from keybounds.bounds.lower import chsh_entropy
from keybounds.bounds.upper import (
    amplitude_damping_ceiling,
    chsh_ceiling,
    dephasing_ceiling,
    depolarizing_ceiling,
    erasure_ceiling,
    pure_loss_ceiling,
    visibility_ceiling,
)
from keybounds.errors import KeyboundsError
from keybounds.experiments import TSIRELSON
from keybounds.proofs.claim import Claim
from keybounds.proofs.claims import (
    advantage_distillation,
    chsh_noisy_entropy,
    convex_combination,
    er_ceiling,
    er_ceiling_transpose,
    er_exact,
    er_exact_transpose,
    ppt_edge,
    privacy_squeezing_key,
    pure_loss,
    two_qubit_ceiling,
)
from keybounds.proofs.claims import channel_closed_forms as forms
from keybounds.proofs.logic.balls import ball_value
from keybounds.proofs.logic.propositions import relation_of
from keybounds.proofs.logic.terms import expanded, h, integer, symbol
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


# ------------------------------------------------------------------------------------------------------ whole domains


def placed(expression: sp.Expr, values: Mapping[Any, Any]) -> sp.Expr:
    """`expression` at `values`, h being 0 at the ends of its domain."""
    at = expression.subs(values, simultaneous=True)
    return at.replace(lambda e: isinstance(e, h) and e.args[0] in (0, 1), lambda _: sp.Integer(0))


def right(module: Any, clause: str, **values: Any) -> sp.Expr:
    """The right side of a clause of the module's claim, at values by the names of its symbols."""
    named = {getattr(module, name): sp.sympify(value) for name, value in values.items()}
    return placed(module.CLAIM.statement[clause].right, named)


NEAR = 2.0**-40
TSIRELSON_ = 2 * sp.sqrt(2)
KEY = (0, 2)
EVALUATED: list[tuple[str, sp.Expr, Callable[[], Bound], float]] = [
    *(
        (f"erasure {e}, d = {d}", right(forms, "erasure", e=sp.Rational(e), d=d), partial(erasure_ceiling, e, d), 0)
        for e in (NEAR, 0.25, 1 - NEAR)
        for d in (2, 3)
    ),
    *(
        (f"{name} {p}, d = {d}", right(forms, name, p=sp.Rational(p), d=d), partial(ceiling, p, d), 0)
        for name, ceiling, greatest in (
            ("dephasing", dephasing_ceiling, 1.0),
            ("depolarising", depolarizing_ceiling, 0.5),  # beyond d/(d+1) the package says 0, which is less
        )
        for p in (0.0, NEAR, 0.25, greatest)
        for d in (2, 3)
    ),
    *(
        (
            f"depolarised qubit {p}",
            right(forms, "depolarising a qubit", p=sp.Rational(p)),
            partial(depolarizing_ceiling, p),
            0,
        )
        for p in (0.0, 0.25, 0.625)
    ),
    *(
        (
            f"pure loss {eta}, {method}",
            right(pure_loss, clause, eta=sp.Rational(eta)),
            partial(pure_loss_ceiling, eta, method=method),  # type: ignore[arg-type]
            0,
        )
        for eta in (NEAR, 0.5, 1 - NEAR)
        for method, clause in (("tgw", "squashing"), ("plob", "capacity"))
    ),
    *(
        (
            f"visibility {v}, noise {q}",
            right(convex_combination, "one-way", v=sp.Rational(v), q=sp.Rational(q)),
            partial(visibility_ceiling, v, one_way(KEY, noise=q)),
            0,
        )
        for v in (0.75, 1 - NEAR, 1.0)
        for q in (0.0, 0.125, 0.5)
    ),
    *(
        (
            f"S = {S}, any discussion",
            right(two_qubit_ceiling, "any protocol", S=exact),
            partial(chsh_ceiling, Link(S, 0.0), any_discussion()),
            slack,
        )
        for S, exact, slack in ((2.0, 2, 0), (2.5, "5/2", 0), (TSIRELSON, TSIRELSON_, 1e-12))
    ),
    *(
        (
            f"S = {S}, Q = {Q}, two-way",
            right(two_qubit_ceiling, "two-way", S=exact, Q=sp.Rational(Q)),
            partial(chsh_ceiling, Link(S, Q), two_way(KEY)),
            slack,
        )
        for S, exact, slack in ((2.0, 2, 0), (2.5, "5/2", 0), (TSIRELSON, TSIRELSON_, 1e-12))
        for Q in (0.0, 0.0625, 0.5)
    ),
    *(
        (
            f"S = {S}, q = {q}, entropy",
            right(chsh_noisy_entropy, "entropy", S=exact, q=sp.Rational(q)),
            partial(chsh_entropy, Link(S, 0.0), noise=q),
            slack,
        )
        for S, exact, slack in ((2.0, 2, 0), (2.5, "5/2", 0), (TSIRELSON, TSIRELSON_, 1e-12))
        for q in (0.0, 0.0625, 0.5)
    ),
]


@pytest.mark.parametrize(
    ("stated_there", "computed", "slack"), [pytest.param(s, c, e, id=name) for name, s, c, e in EVALUATED]
)
def test_the_package_agrees_from_end_to_end(stated_there: sp.Expr, computed: Callable[[], Bound], slack: float) -> None:
    announced = max(float(proved(stated_there)), 0.0)
    assert computed().value == pytest.approx(announced, rel=1e-14, abs=max(slack, 1e-15))


EDGES = [(4, Fraction(1, 3)), (25, Fraction(1, 6))]


@pytest.mark.parametrize(("d", "p"), [*EDGES, (4, Fraction(1, 2)), (9, Fraction(1, 2))])
def test_the_family_agrees_at_the_ends(d: int, p: Fraction) -> None:
    family, compared = PPTPrivateFamily(d, p), 0
    for claim, clause, computed in FAMILY:
        at = {integer("d"): sp.Integer(d), symbol("p"): sp.Rational(p), integer("n"): sp.Integer(3)}
        if not claim.statement.admits(at, clause):
            continue  # at the edge, what is stated above it has a clause of its own
        said = placed(claim.statement[clause].right, at)
        assert computed(family).overlaps(proved(said)), claim.name
        compared += 1
    assert compared >= (3 if (d, p) in EDGES else len(FAMILY))


REFUSED: list[Callable[[], object]] = [
    lambda: PPTPrivateFamily(1),
    lambda: PPTPrivateFamily(4, Fraction(1, 3) - Fraction(1, 10**9)),
    lambda: PPTPrivateFamily(4, Fraction(1, 2) + Fraction(1, 10**9)),
    lambda: PPTPrivateFamily.sectors(1, 2, Fraction(1, 2)),
    lambda: PPTPrivateFamily.sectors(3, 2, Fraction(9, 20)),
    lambda: PPTPrivateFamily.sectors(4, 9, Fraction(1, 3) - Fraction(1, 10**9)),
    lambda: PPTPrivateFamily.sectors(4, 9, Fraction(1, 2) + Fraction(1, 10**9)),
    lambda: PPTPrivateFamily(4).advantage_distillation(0),
    lambda: erasure_ceiling(-NEAR),
    lambda: erasure_ceiling(1 + NEAR),
    lambda: erasure_ceiling(0.5, 1),
    lambda: dephasing_ceiling(-NEAR),
    lambda: dephasing_ceiling(1 + NEAR),
    lambda: dephasing_ceiling(0.5, 1),
    lambda: depolarizing_ceiling(-NEAR),
    lambda: depolarizing_ceiling(1 + NEAR),
    lambda: depolarizing_ceiling(0.5, 1),
    lambda: pure_loss_ceiling(-NEAR),
    lambda: pure_loss_ceiling(1.0),
    lambda: pure_loss_ceiling(1.0, method="tgw"),
    lambda: amplitude_damping_ceiling(-NEAR),
    lambda: amplitude_damping_ceiling(1 + NEAR),
    lambda: visibility_ceiling(-NEAR, two_way(KEY)),
    lambda: visibility_ceiling(1 + NEAR, two_way(KEY)),
    lambda: one_way(KEY, noise=-NEAR),
    lambda: one_way(KEY, noise=0.5 + NEAR),
    lambda: Link(TSIRELSON + NEAR, 0.0),
    lambda: Link(2.0, -NEAR),
    lambda: Link(2.0, 0.5 + NEAR),
    lambda: chsh_entropy(Link(2.5, 0.0), -NEAR),
    lambda: chsh_entropy(Link(2.5, 0.0), 0.5 + NEAR),
]


@pytest.mark.parametrize("ask", REFUSED, ids=range(len(REFUSED)))
def test_the_package_refuses_what_no_statement_covers(ask: Callable[[], object]) -> None:
    with pytest.raises(KeyboundsError, match=r"expected|at least|whole"):
        ask()


def test_ends_that_a_statement_leaves_out_are_the_limits() -> None:
    """The erasure and loss of nothing or of all, and all damping: channels whose key is plain."""
    assert [erasure_ceiling(e, 3).value for e in (0.0, 1.0)] == [pytest.approx(math.log2(3), rel=1e-15), 0.0]
    assert pure_loss_ceiling(0.0).value == pure_loss_ceiling(0.0, method="tgw").value == 0.0
    assert amplitude_damping_ceiling(1.0).value == 0.0
