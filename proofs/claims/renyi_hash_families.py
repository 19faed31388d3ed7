"""Families of maps that are uniform: Toeplitz and circulant matrices."""

from __future__ import annotations

from typing import Any

import sympy as sp

from keybounds.proofs.logic import kernel as k
from keybounds.proofs.logic.propositions import at_least, at_most, equal, less
from keybounds.proofs.logic.statement import Goal
from keybounds.proofs.logic.sums import delta
from keybounds.proofs.logic.terms import symbol, thing
from keybounds.proofs.notions_renyi import STRINGS, cofactor, collision, difference, first, minor, other_cofactor
from keybounds.proofs.theorems import hashing as theorems

K, F = symbol("K"), thing("F")
a, b, l, n, N = theorems.a, theorems.b, theorems.l, theorems.n, theorems.N  # noqa: E741


def _uniform(goal: Goal, name: str, family: Any, apart: k.Fact) -> None:
    """Collisions of equal strings are certain; of different ones as `apart` says."""
    given = goal.given(name)
    keys_ = goal[name].predicate.arguments[1]
    stated = 1 / keys_ + (1 - 1 / keys_) * delta(a, b, STRINGS)
    same_ = k.by_definition(theorems.COLLISION, {F: family, a: a, b: a})
    certain = k.sums_equal("a string collides with itself", same_.right, 1)
    equal_case = k.linear(
        "a string collides with itself",
        equal(collision(family, a, a), stated.subs(b, a)),
        [(1, same_), (1, certain)],
        given,
    )
    here = k.where_equal("for equal strings", equal_case, b, a, equal(collision(family, a, b), stated))
    off = k.by_theorem("delta of different strings", theorems.APART, {a: a, b: b}, k.assume(theorems.DIFFERENT))
    other = k.linear(
        "for different strings",
        equal(collision(family, a, b), stated),
        [(1, apart), (-(1 - 1 / keys_), off)],
        given,
    )
    theorem = theorems.number_of_keys(family)
    count = k.by_theorem("the number of keys", theorem, {x: x for x in theorem.symbols})
    goal.conclude(
        name,
        k.generalised(
            "so two different strings collide with probability exactly 1/K",
            theorems.UNIFORM,
            {F: family, K: keys_},
            k.by_cases("for all strings", here, other, equal(b, a)),
            k.restated("as many keys", count, keys_),
        ),
    )


def by_toeplitz(goal: Goal) -> None:
    """The coefficients of the seed's bits in the image of a difference are triangular, with 1 on the diagonal."""
    differ = k.assume(theorems.DIFFERENT)
    pair = {a: a, b: b}
    begins_ = k.by_theorem("two strings agree before their first difference", theorems.FIRST, pair, differ)
    there = k.by_theorem("where the difference is 1", theorems.THERE, pair, differ)
    row, start = theorems.i, first(a, b)

    def entry_(i: Any, j: Any) -> k.Fact:
        return k.by_definition(theorems.COEFFICIENT, {**pair, theorems.i: i, theorems.j: j})

    above = entry_(row, l + 1)
    place = row - (l + 1) + start
    before = k.linear(
        "above the diagonal the place is before the first difference",
        less(place, start),
        [(1, k.assume(at_most(row, l))), (1, k.inequality("0 < 1", less(0, 1)))],
    )
    vanishes = k.specialised("so that its bit is 0", theorems.BEGINS, {**pair, theorems.j: place}, begins_, before)
    column = k.generalised(
        "the column vanishes above the diagonal",
        theorems.COLUMN,
        {**pair, l: l},
        k.chain("an entry above the diagonal", above, vanishes),
    )
    expansion = k.by_theorem("the determinant along it", theorems.LAPLACE, {**pair, l: l}, column)
    diagonal = k.chain("on the diagonal is the first difference", entry_(l + 1, l + 1), there)
    claimed = equal(minor(a, b, l), 1)
    step = k.chain(
        "one more row",
        expansion,
        k.put_in("1 times 1", expansion.right, diagonal, k.assume(claimed)),
    )
    one = k.chain(
        "one row",
        k.by_theorem("the determinant of one row", theorems.ONE_ROW, pair),
        entry_(sp.Integer(1), sp.Integer(1)),
        there,
    )
    regular = k.by_induction("the determinant is 1, for any number of rows", l, 1, one, step, claimed)
    regular = k.cut(regular, k.inequality("a positive number of rows", at_least(l, 1)))
    family = goal["toeplitz"].predicate.arguments[0]
    apart = k.by_theorem("so the map is onto", theorems.ONTO, {**pair, l: l, n: n}, regular)
    _uniform(goal, "toeplitz", family, apart)


def by_circulant(goal: Goal) -> None:
    """The difference of two padded strings is prime to 1 + ... + x^{N-1}: its multiples are all even strings."""
    given = [k.assume(one) for one in goal.given("circulant")]
    under = [one.proposition for one in given]
    differ = k.assume(theorems.DIFFERENT)
    pair = {a: a, b: b}
    irreducible = k.by_theorem("irreducible", theorems.CYCLOTOMIC, {N: N}, *given)
    small = k.by_theorem("the degree of a difference", theorems.DEGREE, {**pair, n: n}, differ)
    smaller = k.linear(
        "which is below N - 1, as n < N",
        less(small.left, N - 1),
        [(1, small), (1, goal.granted(less(n, N), "circulant"))],
        under,
    )
    apart = k.by_theorem("so it is no multiple", theorems.TOO_SMALL, {**pair, N: N}, differ, smaller)
    bezout = k.by_theorem("Bezout's identity", theorems.BEZOUT, {**pair, N: N}, irreducible, apart)
    geometric = k.by_theorem("geometric sum", theorems.GEOMETRIC, {N: N})
    x = theorems.x
    u, v = cofactor(a, b, N), other_cofactor(a, b, N)
    multiple = k.linear(
        "x - 1 is a multiple of the difference modulo x^N - 1",
        equal(x - 1, difference(a, b) * u * (x - 1) + v * (x**N - 1)),
        [(-(x - 1), bezout), (v, geometric)],
    )
    onto = k.by_theorem(
        "so the map is onto strings of even weight", theorems.EVEN, {**pair, l: l, n: n, N: N}, multiple, *given
    )
    _uniform(goal, "circulant", goal["circulant"].predicate.arguments[0], onto)


def toeplitz_images(rows: int, columns: int, string: int) -> list[int]:
    """Images of a bit string under all Toeplitz matrices, one for each seed."""
    mask = (1 << columns) - 1
    return [
        sum(((seed >> i & mask & string).bit_count() & 1) << i for i in range(rows))
        for seed in range(1 << (rows + columns - 1))
    ]
