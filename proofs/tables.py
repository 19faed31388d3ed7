"""Exact tables P(a,b|x,y) of two qubits, of deterministic points and of their mixtures, for the claims about attacks.

The scenario is that of the ion experiment: two settings of Alice, Z and X; three of Bob, (Z+X)/sqrt 2, (Z-X)/sqrt 2 and
Z for the key. A table maps (a, b, x, y) to a number or an expression.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

Cell: TypeAlias = tuple[int, int, int, int]
Table: TypeAlias = dict[Cell, Any]
Strategy: TypeAlias = tuple[tuple[int, int], tuple[int, int, int]]  # outcomes of Alice's and of Bob's settings

CELLS: tuple[Cell, ...] = tuple(itertools.product((0, 1), (0, 1), (0, 1), (0, 1, 2)))
KEY = (0, 2)


def visibility_table(v: Any) -> Table:
    """The table of v Phi+ + (1-v) I/4: uniform marginals and correlators v (1/sqrt 2, 1/sqrt 2, 1; 1/sqrt 2, ..)."""
    import sympy as sp

    half = 1 / sp.sqrt(2)
    correlators = ((half, half, sp.Integer(1)), (half, -half, sp.Integer(0)))
    return {(a, b, x, y): (1 + (-1) ** (a + b) * v * correlators[x][y]) / 4 for a, b, x, y in CELLS}


def measured_table(rho: Any, bob_key: Any) -> Table:
    """tr[rho A (x) B] with Bob's observable `bob_key` at the key setting."""
    import sympy as sp

    X, Z, one = sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[1, 0], [0, -1]]), sp.eye(2)
    alice, bob = (one, Z, X), (one, (Z + X) / sp.sqrt(2), (Z - X) / sp.sqrt(2), bob_key)

    @cache
    def mean(x: int, y: int) -> Any:
        """The mean of the product of two observables, counted from 1; 0 is none."""
        return sp.expand(sum((sp.kronecker_product(alice[x], bob[y]).T).multiply_elementwise(rho)))

    return {
        (a, b, x, y): (
            mean(0, 0) + (-1) ** a * mean(x + 1, 0) + (-1) ** b * mean(0, y + 1) + (-1) ** (a + b) * mean(x + 1, y + 1)
        )
        / 4
        for a, b, x, y in CELLS
    }


def points_table(points: Mapping[Strategy, Any]) -> Table:
    """The mixture of deterministic points with the given weights."""
    import sympy as sp

    table: Table = dict.fromkeys(CELLS, sp.Integer(0))
    for (alice, bob), weight in points.items():
        for x, y in itertools.product((0, 1), (0, 1, 2)):
            table[alice[x], bob[y], x, y] += weight
    return table


def mixture(parts: Sequence[tuple[Any, Table]]) -> Table:
    """Σ weight · table."""
    return {cell: sum(weight * table[cell] for weight, table in parts) for cell in CELLS}


def same(left: Table, right: Table) -> bool:
    """Whether two tables are equal for all values of their symbols."""
    from keybounds.proofs.logic.equality import vanishes

    return all(vanishes(left[cell] - right[cell]) for cell in CELLS)


def chsh_point_model(key_agreement: Any) -> dict[Strategy, Any]:
    """Deterministic points with correlators (1/2, 1/2, 2g-1; 1/2, -1/2, 0) and uniform marginals, g = `key_agreement`.

    a0 and s = a0 a1 are fair signs; Bob answers a0 in the one of his test settings where s allows it, a fair sign in
    the other, and in the key setting a0 with probability g.
    """
    import sympy as sp

    points: dict[Strategy, Any] = {}
    for a0, s, coin, flip in itertools.product((0, 1), repeat=4):
        bob = (a0, coin) if s == 0 else (coin, a0)
        weight = sp.Rational(1, 8) * ((1 - key_agreement) if flip else key_agreement)
        strategy = ((a0, a0 ^ s), (*bob, a0 ^ flip))
        points[strategy] = points.get(strategy, sp.Integer(0)) + weight
    return points


def key_part(table: Table) -> dict[tuple[int, int], Any]:
    """P(a,b) of the key setting."""
    return {(a, b): table[(a, b, *KEY)] for a, b in itertools.product((0, 1), (0, 1))}


def orthogonal_table() -> Table:
    """Phi+ with Bob's key observable X or -X, each half of the time."""
    import sympy as sp

    X, half = sp.Matrix([[0, 1], [1, 0]]), sp.Rational(1, 2)
    phi = sp.Matrix(4, 4, lambda i, j: half if {i, j} <= {0, 3} else 0)
    return mixture([(half, measured_table(phi, X)), (half, measured_table(phi, -X))])


def chsh_value(table: Table) -> Any:
    """S of a table."""
    return sum((-1) ** (a + b + x * y) * p for (a, b, x, y), p in table.items() if y < 2)


def key_error(table: Table) -> Any:
    """Q of a table."""
    return table[(0, 1, *KEY)] + table[(1, 0, *KEY)]


def interpreted(name: Any) -> Table:
    """The table that a name in a statement stands for: table(v), coin(), points(g), tables((w, P), ..).

    Raises
    ------
    UndecidedError
        It is none of these.
    """
    from keybounds.proofs.logic.propositions import UndecidedError

    kind = type(name).__name__
    if kind == "table":
        return visibility_table(*name.args)
    if kind == "coin":
        return orthogonal_table()
    if kind == "points":
        return points_table(chsh_point_model(*name.args))
    if kind == "tables":
        return mixture([(weight, interpreted(part)) for weight, part in name.args])
    raise UndecidedError(f"{name} is no table with known entries")


def has_chsh_and_error(name: Any, chsh: Any, error: Any) -> bool:
    """Whether a table has these two numbers."""
    from keybounds.proofs.logic.equality import vanishes

    found = interpreted(name)
    return vanishes(chsh_value(found) - chsh) and vanishes(key_error(found) - error)


def is_mixture(name: Any, parts: Any) -> bool:
    """Whether a table is the sum of the named tables with the given weights."""
    return same(interpreted(name), mixture([(weight, interpreted(part)) for weight, part in parts]))


def has_key_part(name: Any, probabilities: Any) -> bool:
    """Whether the key outcomes 00, 01, 10, 11 have these probabilities."""
    from keybounds.proofs.logic.equality import vanishes

    found = key_part(interpreted(name))
    wanted = zip(itertools.product((0, 1), (0, 1)), probabilities, strict=True)
    return all(vanishes(found[ab] - p) for ab, p in wanted)


def has_points(name: Any, weights: Any) -> bool:
    """Whether a table is a sum of deterministic tables with these weights, each as often as its multiplicity says.

    Tried are the points that `points` names, for every g that makes its weights the given ones, and all of them alike.
    """
    import sympy as sp

    found = interpreted(name)
    given = sorted((w for w, multiplicity in weights for _ in range(int(multiplicity))), key=sp.default_sort_key)
    models = [{s: sp.Rational(1, 32) for s in _strategies()}]
    models += [chsh_point_model(g) for weight, _ in weights for g in (8 * weight, 4 * weight, 1 - 8 * weight)]
    for model in models:
        parts = sorted((sp.expand(w) for w in model.values() if w != 0), key=sp.default_sort_key)
        if parts == [sp.expand(w) for w in given] and same(found, points_table(model)):
            return True
    return False


def _strategies() -> list[Strategy]:
    return [((a, b), (c, d, e)) for a, b, c, d, e in itertools.product((0, 1), repeat=5)]
