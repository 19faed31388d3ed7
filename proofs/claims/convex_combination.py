"""The convex-combination attack on the correlations of a noisy singlet, one-way and two-way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keybounds.proofs.algebra.symbols import binary_entropy, symbol
from keybounds.proofs.checks import DIGITS, cited, holds, identity, number, positive, witness
from keybounds.proofs.claim import ProseClaim, Step
from keybounds.proofs.tables import (
    chsh_point_model,
    conditional_information,
    key_part,
    measured_table,
    mixture,
    points_table,
    same,
    visibility_table,
)

Formula = Callable[[Any, Any], Any]


def nonlocal_weight(v: Any, local: Any) -> Any:
    """w = (v - v_L)/(1 - v_L)."""
    return (v - local) / (1 - local)


def one_way(v: Any, local: Any, q: Any) -> Any:
    """w + (1-w) h(q) - h(q + (1-2q)(1-v)/2)."""
    w = nonlocal_weight(v, local)
    return w + (1 - w) * binary_entropy(q) - binary_entropy(q + (1 - 2 * q) * (1 - v) / 2)


def two_way(v: Any, local: Any) -> Any:
    """P (1 - h(d/P)) with d = (1-v)/2 and P = w + d: all errors are local, and Eve forgets which rounds those were."""
    import sympy as sp

    errors = (1 - v) / 2
    kept = sp.factor(sp.together(nonlocal_weight(v, local) + errors))
    return kept * (1 - binary_entropy(errors / kept))


def zero(local: Any) -> Any:
    """(1 + v_L)/(3 - v_L)."""
    return (1 + local) / (3 - local)


def domain() -> tuple[Any, Any, Any]:
    """Return v_L = 1/(1+u), w = 1/(1+z) and v = w + (1-w) v_L: u, z > 0 sweep 0 < v_L < v < 1."""
    local, w = 1 / (1 + symbol("u")), 1 / (1 + symbol("z"))
    return local, w, w + (1 - w) * local


def phi_plus() -> Any:
    """Density matrix of Phi+."""
    import sympy as sp

    vector = sp.Matrix([1, 0, 0, 1])
    return vector * vector.T / 2


def forgotten_parts(w: Any, v: Any, forget: Any) -> list[dict[tuple[int, int], Any]]:
    """P(a,b,e) where Eve forgets local rounds with a != b with probability `forget`: e = "?", 01, 10, 00, 11."""
    errors = (1 - v) / 4  # P(0,1) = P(1,0): none of them nonlocal
    agreed = (1 + v) / 4 - w / 2  # of the local rounds, for each of 00 and 11
    forgotten = {(0, 0): w / 2, (1, 1): w / 2, (0, 1): forget * errors, (1, 0): forget * errors}
    known = [{(a, 1 - a): (1 - forget) * errors} for a in (0, 1)] + [{(a, a): agreed} for a in (0, 1)]
    return [forgotten, *known]


def local_model_steps() -> Iterator[Step]:
    """The noisy singlet's table, and a local model for it at v_L = 1/sqrt 2."""
    import sympy as sp

    v, Z = symbol("v"), sp.Matrix([[1, 0], [0, -1]])
    yield holds(
        "the table of v Phi+ + (1-v) I/4 with Alice's Z, X and Bob's (Z+X)/sqrt 2, (Z-X)/sqrt 2, Z",
        same(measured_table(v * phi_plus() + (1 - v) * sp.eye(4) / 4, Z), visibility_table(v)),
        formula=r"E_{0y} = v\,(1/\sqrt{2},\,1/\sqrt{2},\,1),\quad E_{1y} = v\,(1/\sqrt{2},\,-1/\sqrt{2},\,0)",
    )
    half = 1 / sp.sqrt(2)
    points = chsh_point_model((1 + half) / 2)
    yield positive("the weights of the deterministic points", *points.values())
    yield holds(
        "a mixture of deterministic points has this table at v_L = 1/sqrt 2",
        same(points_table(points), visibility_table(half)),
        formula=r"P_{v_L} = \sum_\lambda q_\lambda D_\lambda,\quad v_L = 1/\sqrt{2}",
    )
    yield holds(
        "no mixture does above, where the CHSH value 2 sqrt 2 v exceeds 2",
        sp.simplify(2 * sp.sqrt(2) * half - 2) == 0,
        formula=r"2\sqrt{2}\,v \le 2 \Longleftrightarrow v \le v_L",
    )


def derivation(one_way: Callable[..., Any] = one_way, two_way: Formula = two_way, zero: Any = zero) -> Iterator[Step]:
    """Prove both rates of the attack and the visibility at which the two-way one vanishes."""
    import sympy as sp

    yield from local_model_steps()
    local, w, v = domain()
    yield identity("the weight of the nonlocal rounds", nonlocal_weight(v, local), w, formula=r"w=\frac{v-v_L}{1-v_L}")
    yield holds(
        "singlets in a fraction w of the rounds and deterministic points in the others give the table exactly",
        same(mixture([(w, visibility_table(1)), (1 - w, visibility_table(local))]), visibility_table(v)),
        formula=r"P_v = w P_1 + (1-w) P_{v_L}",
    )
    weight, errors, q = symbol("w"), symbol("d"), symbol("q")  # in place of v_L and v: the same terms, smaller
    visibility = 1 - 2 * errors
    local_visibility = sp.factor((visibility - weight) / (1 - weight))
    yield identity(
        "Eve knows Alice's bit in local rounds, up to the flip, and nothing of it in nonlocal ones; "
        "Bob's error is (1-v)/2",
        weight + (1 - weight) * binary_entropy(q) - binary_entropy((1 - q) * errors + q * (1 - errors)),
        one_way(visibility, local_visibility, q),
        formula=r"r \le w + (1-w)h(q) - h\left(q + (1-2q)\frac{1-v}{2}\right)",
    )
    yield cited("one-way rate with fixed preprocessing: H(A|E) - H(A|B) of the device", "devetak2005")
    parts = forgotten_parts(w, v, 1)
    yield holds(
        "the parts that Eve tells apart add up to the key setting's table",
        all(
            sp.simplify(sum(part.get(ab, 0) for part in parts) - p) == 0
            for ab, p in key_part(visibility_table(v)).items()
        ),
    )
    yield positive("no part is negative", *(p for part in parts for p in part.values() if p != 0))
    yield identity(
        "I(A:B|E) where Eve forgets the local rounds with a != b",
        conditional_information(forgotten_parts(weight, visibility, 1)),
        two_way(visibility, local_visibility),
        formula=r"I(A:B\downarrow E) \le P\left(1 - h\left(\frac{1-v}{2P}\right)\right),\quad P = w + \frac{1-v}{2}",
    )
    yield cited(
        "two-way discussion of the outputs of an announced setting cannot exceed the intrinsic information",
        "maurer1999; farkas2021",
        formula=r"K \le I(A:B\downarrow E)",
    )
    top = zero(local)
    yield identity(
        "at v = (1+v_L)/(3-v_L) there are as many errors as nonlocal rounds",
        (1 - top) / 2,
        nonlocal_weight(top, local),
        formula=r"v_0 = \frac{1+v_L}{3-v_L}",
    )
    yield identity("so that the two-way ceiling is 0 there", two_way(top, local), sp.Integer(0))
    lower, least = symbol("v"), symbol("l")
    yield identity(
        "below, errors are more than that; Eve forgets as many of them as balance the nonlocal rounds",
        (1 - lower) / 2 - nonlocal_weight(lower, least),
        (zero(least) - lower) * (3 - least) / (2 * (1 - least)),
    )
    forget = symbol("t")
    balanced = forgotten_parts(forget * errors, visibility, forget)
    yield identity(
        "with a fraction t = 2w/(1-v) of them forgotten, nothing is left",
        conditional_information(balanced),
        sp.Integer(0),
    )


def numerical(one_way: Callable[..., Any] = one_way, two_way: Formula = two_way, zero: Any = zero) -> Iterator[Step]:
    """Both ceilings at v = 4/5 from the points' own weights, in 50 digits."""
    import mpmath as mp
    import sympy as sp

    local, v = 1 / sp.sqrt(2), sp.Rational(4, 5)
    with mp.workdps(DIGITS + 10):
        root = 1 / mp.sqrt(2)
        w = (mp.mpf(4) / 5 - root) / (1 - root)
        points = {s: mp.mpf(sp.N(p, DIGITS + 10)) for s, p in chsh_point_model((1 + local) / 2).items()}
        question = {(a, b): w / 2 if a == b else mp.mpf(0) for a in (0, 1) for b in (0, 1)}
        for (alice, bob), weight in points.items():
            if alice[0] != bob[2]:
                question[alice[0], bob[2]] += (1 - w) * weight

        def entropy(weights: list[Any]) -> Any:
            return -mp.fsum(p * mp.log(p, 2) for p in weights if p > 0)

        total = mp.fsum(question.values())
        rows = [(question[a, 0] + question[a, 1]) / total for a in (0, 1)]
        columns = [(question[0, b] + question[1, b]) / total for b in (0, 1)]
        joint = [p / total for p in question.values()]
        found = total * (entropy(rows) + entropy(columns) - entropy(joint))
        yield witness("two-way ceiling, v = 4/5", number(two_way(v, local), {}), found)
        q = mp.mpf(1) / 10
        error = mp.fsum(weight for (alice, bob), weight in points.items() if alice[0] != bob[2]) * (1 - w)
        flipped = q * (1 - error) + (1 - q) * error
        found = w + (1 - w) * entropy([q, 1 - q]) - entropy([flipped, 1 - flipped])
        yield witness("one-way ceiling, v = 4/5, q = 1/10", number(one_way(v, local, sp.Rational(1, 10)), {}), found)
        found = mp.findroot(lambda x: (1 - x) / 2 - (x - root) / (1 - root), 0.75)
        yield witness("visibility without two-way key, v_L = 1/sqrt 2", number(zero(local), {}), found)


CLAIM = ProseClaim(
    name="convex-combination-attack",
    statement="For the full table of a singlet of visibility v >= v_L with Alice's Z, X and Bob's (Z+X)/sqrt 2, "
    "(Z-X)/sqrt 2, Z, key from the two Z, let v_L = 1/sqrt 2 and w = (v-v_L)/(1-v_L). One-way key with flip "
    "probability q is at most w + (1-w)h(q) - h(q+(1-2q)(1-v)/2), two-way key of the announced setting at most "
    "P(1-h((1-v)/2P)), P = w + (1-v)/2, and 0 for v <= (1+v_L)/(3-v_L). For other settings with the same key "
    "correlations the same holds with their own local visibility v_L.",
    formula=r"r \le w + (1-w)h(q) - h\left(q+(1-2q)\frac{1-v}{2}\right),\quad "
    r"K \le P\left(1-h\left(\frac{1-v}{2P}\right)\right),\quad v_0 = \frac{1+v_L}{3-v_L}",
    source="farkas2021; lukanowski2023; rederived",
    derivation=derivation,
    witness=numerical,
)
