"""The entropy of a noisy key symbol as an integral over Eve's projectors, and its lower bound by chords."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import expanded, h, real, symbol, thing
from keybounds.proofs.notions import Tr, is_positive, norm1
from keybounds.proofs.notions_entropies import (
    BELOW_ERROR,
    ERROR,
    NEGATIVE_PART,
    NOISY_ENTROPY,
    H_noisy,
    Tr_minus,
    eve_error,
    falling_weight,
    is_projector,
    key_weight,
    noisy_operators,
    rising_weight,
)
from keybounds.proofs.theorems import entropies

L_0, L_1, Z, A = (thing(name) for name in ("L_0", "L_1", "Z", "A"))
a, b = symbol("a"), symbol("b")
q, t, u, v = (real(name) for name in "qtuv")
POSITIVE = (is_positive(L_0), is_positive(L_1))


def state() -> Statement:
    """Return the statement, for finite dimensions of Eve's."""
    first, _ = noisy_operators(L_0, L_1, q)
    total = L_0 + L_1
    body = eve_error(t, L_0, L_1) * key_weight(t, q)
    low, high = (eve_error(node, L_0, L_1) for node in (a, b))
    nodes = (greater(a, 0), less(a, b), less(b, 1))
    return Statement(
        parameters=(
            Parameter(L_0, "Eve's operator for the key symbol 0, not normalised, on what is kept"),
            Parameter(L_1, "that for the symbol 1"),
            Parameter(q, "probability of a flip of the symbol"),
            Parameter(a, "a node"),
            Parameter(b, "the next node"),
        ),
        hypotheses=(*POSITIVE, at_least(q, 0), less(q, sp.Rational(1, 2))),
        clauses=(
            Clause("above", is_positive(first - q * total)),
            Clause("below", is_positive((1 - q) * total - first)),
            Clause(
                "formula",
                equal(
                    H_noisy(q, L_0, L_1),
                    (Tr(L_0) + Tr(L_1)) * h(q) + (1 - 2 * q) ** 2 / sp.log(2) * sp.Integral(body, (t, 0, 1)),
                ),
            ),
            Clause(
                "chord",
                at_least(sp.Integral(body, (t, a, b)), low * falling_weight(a, b, q) + high * rising_weight(a, b, q)),
                nodes,
            ),
            Clause(
                "first chord",
                at_least(sp.Integral(body, (t, 0, b)), high * rising_weight(0, b, q)),
                (greater(b, 0), less(b, 1)),
            ),
            Clause(
                "last chord",
                at_least(sp.Integral(body, (t, a, 1)), low * falling_weight(a, 1, q)),
                (greater(a, 0), less(a, 1)),
            ),
        ),
    )


def derive(goal: Goal) -> None:
    """Put the least error into the integral formula of the relative entropy; chords lie below a concave function."""
    noise = [one for one in goal.hypotheses if one not in POSITIVE]
    given = [k.assume(one) for one in POSITIVE]
    noisy_facts = [k.assume(one) for one in noise]
    orders = _orders(goal, given, noisy_facts, noise)
    _formula(goal, given, noisy_facts, noise, orders)
    _chords(goal, given, noise)


def _cone(words: str, operator: Any, factors: tuple[Any, Any], facts: list[k.Fact], noise: Any) -> k.Fact:
    """`operator`, which is a sum of L_0 and L_1 with the given factors, is positive."""
    values = dict(zip((entropies.x, entropies.y), map(sp.sympify, factors), strict=True))
    shown = k.by_theorem(words, entropies.CONE, {entropies.A: L_0, entropies.B: L_1, **values}, *facts)
    if shown.arguments[0] == operator:
        return shown
    return k.rewritten(words, shown, k.identity("linear in L_0 and L_1", shown.arguments[0], operator, noise))


def _orders(goal: Goal, given: list[k.Fact], noisy_facts: list[k.Fact], noise: Any) -> list[tuple[k.Fact, ...]]:
    """For c = 0, 1: K_c, K, K_c - qK and (1-q)K - K_c are positive."""
    known = [*given, *noisy_facts]
    r = 1 - 2 * q
    total = _cone("K = L_0 + L_1 is positive", L_0 + L_1, (1, 1), known, noise)
    orders: list[tuple[k.Fact, ...]] = []
    for c, operator in enumerate(noisy_operators(L_0, L_1, q)):
        above = operator - q * (L_0 + L_1)
        below = (1 - q) * (L_0 + L_1) - operator
        if c == 0:
            above, below = (goal[name].predicate.arguments[0] for name in ("above", "below"))
        orders.append(
            (
                _cone("K_c is positive", operator, (1 - q, q) if c == 0 else (q, 1 - q), known, noise),
                total,
                _cone("K_c - qK = (1-2q) L_c", above, (r, 0) if c == 0 else (0, r), known, noise),
                _cone("(1-q)K - K_c is 1-2q times the other L", below, (0, r) if c == 0 else (r, 0), known, noise),
            )
        )
    goal.conclude("above", orders[0][2])
    goal.conclude("below", orders[0][3])
    return orders


def _formula(goal: Goal, given: list[k.Fact], noisy_facts: list[k.Fact], noise: Any, orders: Any) -> None:
    r = 1 - 2 * q
    entropies_of = []
    for variable, order, operator in zip((t, u), orders, noisy_operators(L_0, L_1, q), strict=True):
        divergence = k.by_theorem(
            "the relative entropy is an integral",
            entropies.INTEGRAL,
            {entropies.rho: operator, entropies.sigma: L_0 + L_1, entropies.low: q, entropies.high: 1 - q},
            *order,
            *noisy_facts,
        )
        (integral,) = divergence.right.atoms(sp.Integral)
        moved = k.by_substitution("put s = q + (1-2q)t", integral, q + r * variable, variable, (0, 1), noise)
        negative = _negative_part(moved.right.function, variable, given, noise, mirrored=variable == u)
        (part,) = (e for e in sp.preorder_traversal(moved.right.function) if type(e) is Tr_minus)
        place = real("M")
        body = k.same("under the integral", negative, moved.right.function.subs(part, place), place)
        inside = k.under_integral("in the integral", body, variable, 0, 1)
        node, other = (variable, L_1) if variable == t else (1 - variable, L_0)
        value = k.integrated(
            "an elementary integral",
            sp.Integral(variable / (q + r * variable), (variable, 0, 1)),
            variable / r - q * sp.log(q + r * variable) / r**2,
            noise,
        )
        split = k.integral_split(
            "the part with the least error apart",
            inside.right,
            [
                (r**2 * Tr(other), variable / (q + r * variable)),
                (-(r**2), eve_error(node, L_0, L_1) / (q + r * variable)),
            ],
            value,
            under=noise,
        )
        known = k.rewritten("the elementary part", k.chain("the integral", moved, inside, split), value)
        entropies_of.append(k.rewritten("the relative entropy by the least error", divergence, known))
    first, second = entropies_of
    reflected = k.by_substitution(
        "put u = 1 - t",
        sp.Integral(eve_error(1 - u, L_0, L_1) / (q + r * u), (u, 0, 1)),
        1 - t,
        t,
        (0, 1),
        noise,
    )
    wanted = goal["formula"].relation
    (whole,) = wanted.right.atoms(sp.Integral)
    positive = _positive(given, noise)
    parts = [eve_error(t, L_0, L_1) / (q + r * node) for node in (t, 1 - t)]
    signs = [
        k.linear("no part is negative", at_least(part, 0), [(part / eve_error(t, L_0, L_1), positive)], noise)
        for part in parts
    ]
    merged = k.integral_split(
        "the two weights add up to w", whole, [(sp.Integer(1), part) for part in parts], *signs, under=noise
    )
    definition = k.by_definition(NOISY_ENTROPY, {q: q, L_0: L_0, L_1: L_1})
    unit = 1 / sp.log(2)
    goal.conclude(
        "formula",
        k.linear(
            "the sum of both, in bits",
            wanted,
            [(1, definition), (-unit, first), (-unit, second), (unit * r**2, reflected), (-unit * r**2, merged)],
            noise,
        ),
    )


def _inside(variable: Any) -> list[Any]:
    return [greater(variable, 0), less(variable, 1)]


def _negative_part(body: Any, variable: Any, given: list[k.Fact], noise: Any, *, mirrored: bool) -> k.Fact:
    """Tr(K_c - sK)_- = (1-2q) [t Tr L - e], for s = q + (1-2q)t."""
    r = 1 - 2 * q
    (part,) = (e for e in sp.preorder_traversal(body) if type(e) is Tr_minus)
    definition = k.by_definition(NEGATIVE_PART, {A: part.args[0]})
    difference = (1 - variable) * L_0 - variable * L_1
    if mirrored:
        difference = (1 - variable) * L_1 - variable * L_0
    scaled = k.by_theorem(
        "the norm of a multiple",
        entropies.HOMOGENEITY,
        {entropies.x: r, entropies.A: difference},
        k.inequality("1 - 2q is not negative", at_least(r, 0), noise),
    )
    form = k.identity("K_c - sK is a multiple of what Eve tells apart", part.args[0], scaled.left.args[0], [*noise])
    norm = k.same("so is its norm", form, norm1(A), A)
    node = 1 - variable if mirrored else variable
    error = k.by_theorem(
        "the least error is set by a norm",
        entropies.HELSTROM,
        {entropies.t: node, entropies.L_0: L_0, entropies.L_1: L_1},
        *given,
        *(k.assume(one) for one in _inside(variable)),
    )
    facts = [(1, definition), (sp.Rational(1, 2), norm), (sp.Rational(1, 2), scaled)]
    if mirrored:
        opposite = k.by_theorem(
            "a sign does not count", entropies.OPPOSITE, {entropies.A: variable * L_0 - (1 - variable) * L_1}
        )
        turned = k.identity("a sign, multiplied out", opposite.left.args[0], difference)
        facts.append((r / 2, k.rewritten("a sign does not count", opposite, turned)))
    other = Tr(L_0) if mirrored else Tr(L_1)
    return k.linear(
        "the negative part by the least error",
        equal(part, r * (variable * other - eve_error(node, L_0, L_1))),
        [*facts, (r, error)],
        noise,
    )


def _traces(given: list[k.Fact]) -> tuple[k.Fact, k.Fact]:
    """Tr L_0 (1-Z) >= 0 and Tr L_1 Z >= 0 for projectors Z."""
    projector = k.assume(is_projector(Z))
    complement = k.by_theorem("1 - Z is a projector", entropies.COMPLEMENT, {entropies.Z: Z}, projector)
    return (
        k.by_theorem(
            "the trace is not negative", entropies.PRODUCT, {entropies.A: L_0, entropies.Z: 1 - Z}, given[0], complement
        ),
        k.by_theorem(
            "the trace is not negative", entropies.PRODUCT, {entropies.A: L_1, entropies.Z: Z}, given[1], projector
        ),
    )


def _what_a_projector_gives(node: Any) -> Any:
    """(1-t) Tr L_0 (1-Z) + t Tr L_1 Z."""
    return (1 - node) * Tr(L_0 * (1 - Z)) + node * Tr(L_1 * Z)


def _positive(given: list[k.Fact], noise: Any) -> k.Fact:
    """e(t) >= 0 for 0 < t < 1."""
    zero, one = _traces(given)
    shown = k.linear(
        "each projector errs with no negative weight",
        at_most(0, _what_a_projector_gives(t)),
        [(1 - t, zero), (t, one)],
        _inside(t),
    )
    values = {v: sp.Integer(0), t: t, L_0: L_0, L_1: L_1}
    below = k.generalised("so 0 is a lower bound", BELOW_ERROR, values, shown)
    fact = k.at_most_infimum("the least error is not negative", ERROR, values, below)
    return k.weakened("the least error is not negative", fact, fact.relation.mirrored)


def _chords(goal: Goal, given: list[k.Fact], noise: Any) -> None:
    zero, one = _traces(given)
    projector = k.assume(is_projector(Z))
    for name, low, high in (("chord", a, b), ("first chord", sp.Integer(0), b), ("last chord", a, sp.Integer(1))):
        nodes = [one_ for one_ in goal.given(name) if one_ not in POSITIVE and one_ not in noise]
        between = [*nodes, greater(t, low), less(t, high)]
        shares = ((high - t) / (high - low), (t - low) / (high - low))
        value, facts = sp.Integer(0), []
        for share, node in zip(shares, (low, high), strict=True):
            if node.is_number:
                facts.append((share, zero if node == 0 else one))
                continue
            value += share * eve_error(node, L_0, L_1)
            bound = k.infimum_is_bound(ERROR, {t: node, L_0: L_0, L_1: L_1})
            facts.append(
                (
                    share,
                    k.specialised(
                        "at a node no projector errs less",
                        BELOW_ERROR,
                        {v: eve_error(node, L_0, L_1), t: node, L_0: L_0, L_1: L_1, Z: Z},
                        bound,
                        projector,
                    ),
                )
            )
        shown = k.linear(
            "what a projector gives is affine in t, so the chord is below it",
            at_most(value, _what_a_projector_gives(t)),
            facts,
            between,
        )
        values = {v: value, t: t, L_0: L_0, L_1: L_1}
        below = k.generalised("for each projector", BELOW_ERROR, values, shown)
        chord = k.at_most_infimum("the chord is below the least error", ERROR, values, below)
        wanted = goal[name].relation
        (body,) = (whole.function for whole in wanted.left.atoms(sp.Integral))
        times = body / eve_error(t, L_0, L_1)
        product = k.linear(
            "and so it is with a positive weight", at_least(body, times * value), [(times, chord)], [*noise, *between]
        )
        area = k.under_integral("so is its area", product, t, low, high)
        exact = k.integrated("the area under the chord", area.right, _primitive(value, low, high), [*noise, *nodes])
        found = k.restated("in closed form", exact, wanted.right, [*noise, *nodes])
        goal.conclude(name, k.chain("the chord's area is a lower bound", area, found))


def _primitive(value: Any, low: Any, high: Any) -> Any:
    """A primitive of w(t) times `value`, which is affine in t."""
    r = 1 - 2 * q

    def plain(node: Any) -> Any:
        return sp.log(q + r * node) / r

    def times_t(node: Any) -> Any:
        return node / r - q * sp.log(q + r * node) / r**2

    constant, slope = value.subs(t, 0), sp.diff(value, t)
    return constant * (plain(t) - plain(1 - t)) + slope * (times_t(t) + times_t(1 - t) - plain(1 - t))


def numerical(statement: Statement) -> Iterator[Step]:
    """Two non-commuting states of Eve's qubit at q = 3/20: the entropy from spectra, the integral by quadrature."""
    import mpmath as mp

    whole = statement["formula"].right
    (body,) = (one.function for one in whole.atoms(sp.Integral))
    stated_weight = sp.lambdify((q, t), expanded(body / eve_error(t, L_0, L_1)), "mpmath")
    with mp.workdps(DIGITS + 10):
        noise = mp.mpf(3) / 20
        first = mp.matrix([[mp.mpf(2) / 5, mp.mpf(1) / 10], [mp.mpf(1) / 10, mp.mpf(1) / 10]])
        second = mp.matrix([[mp.mpf(1) / 8, mp.mpc(0, -1) / 9], [mp.mpc(0, 1) / 9, mp.mpf(1) / 5]])
        noisy = [(1 - noise) * first + noise * second, noise * first + (1 - noise) * second]

        def minus_xlogx(matrix: Any) -> Any:
            return dense.entropy(dense.eigenvalues(matrix))

        exact = sum(minus_xlogx(m) for m in noisy) - minus_xlogx(first + second)

        def e(t: Any) -> Any:
            # (1-t) Tr first - Tr((1-t) first - t second)_+, by the closed eigenvalues of a 2x2 matrix
            m = (1 - t) * first - t * second
            trace, det = mp.re(m[0, 0] + m[1, 1]), mp.re(m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])
            root = mp.sqrt(trace * trace / 4 - det)
            positive_part = sum(max(trace / 2 + sign * root, mp.mpf(0)) for sign in (1, -1))
            return (1 - t) * mp.re(dense.trace(first)) - positive_part

        # e bends where the determinant of (1-t) first - t second, a quadratic in t, vanishes
        def determinant(t: Any) -> Any:
            m = (1 - t) * first - t * second
            return mp.re(m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])

        c0, c1, half = determinant(mp.mpf(0)), determinant(mp.mpf(1)), determinant(mp.mpf(1) / 2)
        bends = sorted(mp.re(x) for x in mp.polyroots([2 * (c0 + c1 - 2 * half), 4 * half - 3 * c0 - c1, c0]))
        pieces = [mp.mpf(0), *(x for x in bends if 0 < x < 1), mp.mpf(1)]
        area = mp.quad(lambda t: e(t) * stated_weight(noise, t), pieces)
        (integral,) = whole.atoms(sp.Integral)
        inside = {q: sp.Rational(3, 20), Tr(L_0): sp.Symbol("l_0"), Tr(L_1): sp.Symbol("l_1")}
        form = sp.lambdify(
            (*sp.symbols("l_0 l_1"), sp.Symbol("area")),
            expanded(whole.xreplace({integral: sp.Symbol("area")}).subs(inside)),
            "mpmath",
        )
        stated = form(*(mp.re(dense.trace(part)) for part in (first, second)), area)
        yield witness("p_V H for two states of a qubit, q = 3/20", stated, exact, tolerance_digits=30)
        ends = sp.Rational(1, 5), sp.Rational(3, 5)
        low, high = (mp.mpf(x.p) / x.q for x in ends)
        at = {a: ends[0], b: ends[1], q: sp.Rational(3, 20)}
        for node, distance in ((b, lambda t: t - low), (a, lambda t: high - t)):
            closed = statement["chord"].right.coeff(eve_error(node, L_0, L_1))
            found = mp.quad(lambda t, d=distance: d(t) * stated_weight(noise, t) / (high - low), [low, high])
            yield witness(f"weight of the node {node} of a chord from 1/5 to 3/5, q = 3/20", number(closed, at), found)


CLAIM = Claim(
    name="entropy-integral",
    title="The entropy of a noisy key symbol as an integral",
    source="frenkel2023; jencova2024; kossmann2024 for devices; the truncation and the chords this project",
    state=state,
    derive=derive,
    witness=numerical,
)
