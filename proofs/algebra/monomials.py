"""The PPT private states for Fourier U as sums of phases over Z_d, for every d at once, and how monomial unitaries act.

With ω = e^{2πi/d} and coefficients c, rho_{d,p} is a sum over i, j in Z_d of terms c ω^f |a,x,b,y><a',x',b',y'|: keys
a, b, shield labels x, y that are affine in i and j, and an exponent f, a polynomial. A monomial unitary of one side
maps |a,x> to ω^{g(x)} |a*,s(x)>. Applied to both sides it gives another such sum, which `normal_form` brings to the
labels i, j of its rows. Two sums with equal normal forms are equal for every d, as the labels enter with integer
coefficients and so matter only mod d.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Side = Mapping[int, tuple[int, Callable[[Any], Any], Callable[[Any], Any]]]
"""A monomial unitary: for each key the new key, the new label as a function of the old, and the exponent of ω."""


def label(name: str) -> Any:
    """An integer symbol."""
    import sympy as sp

    return sp.Symbol(name, integer=True)


@dataclass(frozen=True, slots=True)
class Term:
    """Sum over the labels i (and j) of coefficient · ω^exponent |row><column|; both are (a, x, b, y)."""

    coefficient: Any
    row: tuple[int, Any, int, Any]
    column: tuple[int, Any, int, Any]
    exponent: Any

    def normal_form(self) -> Term:
        """The same sum with the row's labels named i and j, or i and i where only i is summed over."""
        import sympy as sp

        i, j, new_i, new_j = label("i"), label("j"), label("new i"), label("new j")
        equations = [self.row[1] - new_i]
        summed = [i]
        if j in self.row[1].free_symbols | self.row[3].free_symbols:
            equations.append(self.row[3] - new_j)
            summed.append(j)
        (solution,) = sp.solve(equations, summed, dict=True)

        def renamed(expression: Any) -> Any:
            return sp.expand(sp.sympify(expression).subs(solution, simultaneous=True).subs({new_i: i, new_j: j}))

        row, column = ((a, renamed(x), b, renamed(y)) for a, x, b, y in (self.row, self.column))
        return Term(self.coefficient, row, column, renamed(self.exponent))


def rho(p: Any, d: Any) -> list[Term]:
    """rho_{d,p} for u_ij = ω^{ij}/√d, term by term from its definition."""
    import sympy as sp

    i, j, zero = label("i"), label("j"), sp.Integer(0)
    good, coherent, bad = (1 - p) / (2 * d**2), (1 - p) / (2 * d**2), p / (2 * d)
    return [
        Term(good, (0, i, 0, j), (0, i, 0, j), zero),
        Term(good, (1, i, 1, j), (1, i, 1, j), zero),
        Term(coherent, (0, i, 0, j), (1, j, 1, i), i * j),
        Term(coherent, (1, j, 1, i), (0, i, 0, j), -i * j),
        Term(bad, (0, i, 1, i), (0, i, 1, i), zero),
        Term(bad, (1, i, 0, i), (1, i, 0, i), zero),
    ]


def transformed(terms: Sequence[Term], alice: Side, bob: Side) -> list[Term]:
    """(A ⊗ B) · (A ⊗ B)† of a sum."""

    def moved(vector: tuple[int, Any, int, Any]) -> tuple[tuple[int, Any, int, Any], Any]:
        a, x, b, y = vector
        new_a, shift_a, phase_a = alice[a]
        new_b, shift_b, phase_b = bob[b]
        return (new_a, shift_a(x), new_b, shift_b(y)), phase_a(x) + phase_b(y)

    result = []
    for term in terms:
        row, gained = moved(term.row)
        column, lost = moved(term.column)
        result.append(Term(term.coefficient, row, column, term.exponent + gained - lost))
    return result


def equal(left: Sequence[Term], right: Sequence[Term]) -> bool:
    """Whether two sums have the same terms in normal form."""
    first, second = ([term.normal_form() for term in terms] for terms in (left, right))
    return len(first) == len(second) and all(term in second for term in first) and all(term in first for term in second)
