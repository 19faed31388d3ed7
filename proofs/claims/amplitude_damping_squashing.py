"""P_2 of amplitude damping is at most the greatest h(q(1-g/2)) - h(qg/2), by splitting its environment evenly.

Squashing the environment through a channel is takeoka2014; goodenough2016 and khatri2019 bound (generalised) amplitude
damping so. The value is the coherent information of amplitude damping with half the damping, at the same input.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from keybounds.proofs.algebra import dense
from keybounds.proofs.checks import DIGITS, number, witness
from keybounds.proofs.claim import Claim, Step
from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, greater, less
from keybounds.proofs.logic.statement import Clause, Goal, Parameter, Statement
from keybounds.proofs.logic.terms import h, log2, real, symbol, thing
from keybounds.proofs.notions import is_state
from keybounds.proofs.notions_channels import (
    P2,
    SPLITS,
    VALUES,
    amplitude_damping,
    bounds_values,
    excitation,
    is_splitting,
    leaves_spectra,
    split_entropy,
)
from keybounds.proofs.notions_entropies import matrix
from keybounds.proofs.theorems import channels

g, f, q, u, v = symbol("g"), symbol("g_2"), symbol("q"), symbol("u"), real("v")
A = thing("A")


def squashed(damping: Any, weight: Any) -> Any:
    """h(q(1-g/2)) - h(qg/2)."""
    return h(weight * (1 - damping / 2)) - h(weight * damping / 2)


def slope(damping: Any, weight: Any) -> Any:
    """Its derivative in q."""
    return _part(1 - damping / 2, weight) - _part(damping / 2, weight)


def _part(share: Any, weight: Any) -> Any:
    return share * log2((1 - share * weight) / (share * weight))


def isometry() -> Any:
    """|0> -> |000>, |1> -> sqrt(1-g) |100> + sqrt(g/2) (|010> + |001>) on B E' F."""
    v_ = sp.zeros(8, 2)
    v_[0, 0] = 1
    v_[4, 1], v_[2, 1], v_[1, 1] = sp.sqrt(1 - g), sp.sqrt(g / 2), sp.sqrt(g / 2)
    return matrix(v_.as_immutable())


def state() -> Statement:
    """Return the statement, for 0 < g < 1."""
    tangent = squashed(g, q) + slope(g, q) * (u - q)
    return Statement(
        parameters=(
            Parameter(g, "damping"),
            Parameter(f, "more damping"),
            Parameter(q, "weight of the input on |1>"),
            Parameter(u, "another weight"),
            Parameter(v, "a number"),
        ),
        hypotheses=(less(g, 1),),
        clauses=(
            Clause("splitting", is_splitting(isometry(), g)),
            Clause("ceiling", at_most(P2(amplitude_damping(g)), v), (bounds_values(g, v),)),
            Clause("tangent for greater weights", at_least(tangent, squashed(g, u)), (less(q, u), less(u, 1))),
            Clause("tangent for smaller weights", at_least(tangent, squashed(g, u)), (less(u, q), less(q, 1))),
            Clause("more damping", less(squashed(f, q), squashed(g, q)), (less(q, 1), less(g, f), less(f, 1))),
        ),
    )


def derive(goal: Goal) -> None:
    """Random signs leave a diagonal input, whose entropies have closed spectra; the value is concave in q."""
    split = k.decided(
        "an isometry that damps for B, symmetric in E' and F, covariant under signs", goal["splitting"].predicate,
        goal.hypotheses,
    )  # fmt: skip
    goal.conclude("splitting", split)
    goal.conclude("ceiling", _ceiling(goal, split))
    _tangents(goal)
    _more_damping(goal)


def _ceiling(goal: Goal, split: k.Fact) -> k.Fact:
    (given,) = (k.assume(one) for one in goal["ceiling"].hypotheses)
    way, (wanted, limit) = split.arguments[0], (goal["ceiling"].left, goal["ceiling"].right)
    proper = k.assume(is_state(A))
    place = {channels.V: way, channels.A: A, channels.g: g}
    weight = excitation(A)
    mean = k.by_theorem("random signs", channels.DEPHASED, {channels.A: A}, proper)
    concave = k.by_theorem("entropies are concave", channels.CONCAVE, place, split, proper)
    signed = k.by_theorem("signs change none", channels.SIGNED, place, split, proper)
    diagonal = k.rewritten("so a diagonal input has no less", concave, mean)
    spectra = k.decided(
        "spectra of B E' and of E' for a diagonal input",
        leaves_spectra(way, real("q"), real("q") * (1 - g / 2), real("q") * g / 2),
    )
    bounds = [k.by_theorem("a probability", theorem, {channels.A: A}, proper) for theorem in channels.WEIGHTS]
    values = {real("q"): weight}
    at_weight = k.instantiated(spectra, values)
    x, y = at_weight.arguments[2:]
    first, second = (1 - g / 2, 1), (g / 2, g / 2)
    limits = []
    for share, name in ((first[0], "x"), (second[0], "y")):
        value = x if name == "x" else y
        limits.append(k.linear("not negative", at_least(value, 0), [(share, bounds[0])], goal.hypotheses))
        rest = k.inequality("a share is at most 1", at_least(1 - share, 0), goal.hypotheses)
        limits.append(k.linear("at most 1", at_most(value, 1), [(share, bounds[1]), (1, rest)], goal.hypotheses))
    entropy = k.by_theorem(
        "the entropies of a diagonal input",
        channels.SPLIT_ENTROPY,
        {channels.V: way, channels.g: g, channels.q: weight, channels.x: x, channels.y: y},
        split,
        at_weight,
        *limits,
    )
    bound = k.specialised(
        "which are bounded", VALUES, {**dict(zip(VALUES.left.arguments, (g, limit), strict=True)), real("q"): weight},
        given, *bounds,
    )  # fmt: skip
    every = k.linear(
        "so every input's are",
        at_most(split_entropy(way, A) / 2, limit),
        [(sp.Rational(1, 2), diagonal), (-sp.Rational(1, 4), signed), (sp.Rational(1, 2), entropy), (1, bound)],
        goal.hypotheses,
    )
    splits = k.generalised(
        "for every input", SPLITS, dict(zip(SPLITS.left.arguments, (way, limit), strict=True)), every
    )
    shown = k.by_theorem(
        "squashed entanglement bounds the capacity",
        channels.SQUASHED,
        {channels.V: way, channels.g: g, channels.v: limit},
        split,
        splits,
    )
    if shown.left != wanted:
        raise k.StepFailedError("the capacity of amplitude damping", f"what is bounded is {shown.left}")
    return shown


def _tangents(goal: Goal) -> None:
    a, b = 1 - g / 2, g / 2
    curvature = -(a - b) / (u * (1 - a * u) * (1 - b * u) * sp.log(2))
    for name, compare in (("greater", less), ("smaller", greater)):
        clause = f"tangent for {name} weights"
        given = goal.given(clause)
        bent = k.inequality("the second derivative is negative", less(curvature, 0), given)
        order = k.by_slope("the derivative falls", slope(g, u), u, bent, q)
        stated = goal[clause].relation
        change = k.linear(
            "so the value parts from its tangent", compare(slope(g, u) - slope(g, q), 0), [(1, order)], given
        )
        apart = k.by_slope("the value below its tangent", stated.right - stated.left, u, change, q)
        goal.conclude(clause, k.linear("the tangent is above", stated, [(1, apart)], given))


def _more_damping(goal: Goal) -> None:
    clause = "more damping"
    given = [one for one in goal.given(clause) if one != less(g, 1)]
    x, y = q * (1 - f / 2), q * f / 2
    falling = k.inequality(
        "(1-x)(1-y) - xy = 1-q is positive, so is a logarithm",
        less(-q / 2 * log2((1 - x) * (1 - y) / (x * y)), 0),
        given,
    )
    stated = goal[clause].relation
    lower = k.by_slope("the value falls with g", squashed(f, q), f, falling, g)
    goal.conclude(clause, k.linear("at more damping", stated, [(1, lower)], given))


def numerical(statement: Statement) -> Iterator[Step]:
    """I(A:B|E')/2 of the purified state on A B E' F, from the spectra of dense marginals."""
    import mpmath as mp

    with mp.workdps(DIGITS + 10):
        for damping, weight in ((sp.Rational(3, 10), sp.Rational(9, 20)), (sp.Rational(4, 5), sp.Rational(1, 3))):
            x, y = (mp.mpf(r.p) / r.q for r in (damping, weight))
            psi: dict[tuple[int, ...], Any] = {
                (0, 0, 0, 0): mp.sqrt(1 - y),
                (1, 1, 0, 0): mp.sqrt(y * (1 - x)),
            }  # A, B, E', F
            psi |= {(1, 0, 1, 0): mp.sqrt(y * x / 2), (1, 0, 0, 1): mp.sqrt(y * x / 2)}

            def marginal_entropy(kept: tuple[int, ...], psi: dict[tuple[int, ...], Any] = psi) -> Any:
                rows: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
                for bits, amplitude in psi.items():
                    inside = tuple(bits[k] for k in kept)
                    outside = tuple(bits[k] for k in range(4) if k not in kept)
                    rows.setdefault(inside, {})[outside] = amplitude
                names = list(rows)
                matrix = mp.matrix(
                    [[mp.fsum(v * rows[m].get(o, 0) for o, v in rows[n].items()) for m in names] for n in names]
                )
                return dense.entropy(dense.eigenvalues(matrix))

            found = (
                marginal_entropy((0, 2))
                + marginal_entropy((1, 2))
                - marginal_entropy((2,))
                - marginal_entropy((0, 1, 2))
            ) / 2
            stated = number(statement["tangent for greater weights"].right.subs(u, q), {g: damping, q: weight})
            yield witness(f"I(A:B|E')/2 at g = {damping}, q = {weight}", stated, found)


CLAIM = Claim(
    name="amplitude-damping-squashing",
    title="Amplitude damping squashed by an even splitting",
    source="this project, after takeoka2014, goodenough2016 and khatri2019",
    state=state,
    derive=derive,
    witness=numerical,
)
