"""What a mixture must reproduce: the Collins-Gisin entries of a table on its measured setting pairs, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.attacks.strategies import Scenario
from keybounds.bounds.correlations.local_polytope import ExactTable, exact_table

if TYPE_CHECKING:
    from keybounds.experiments import Behaviour

Pair: TypeAlias = tuple[int, int]
Joint: TypeAlias = Callable[[int, int], list[list[Fraction]]]


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Linear functionals of P[a,b,x,y] and the values they must have; the first is the sum of one pair, 1.

    Attributes
    ----------
    scenario
        Numbers of outcomes and settings.
    measured
        The setting pairs that the table holds, in order.
    cells
        For each functional the cells (a, b, x, y) that it adds up.
    values
        Its value: 1, marginals and joint probabilities for all outcomes but the last, each the double it is.
    table
        All cells, exactly, as they follow from the values; without negative ones.
    """

    scenario: Scenario
    measured: tuple[Pair, ...]
    cells: tuple[tuple[tuple[int, int, int, int], ...], ...]
    values: tuple[Fraction, ...]
    table: ExactTable

    @classmethod
    def of(cls, behaviour: Behaviour) -> Target:
        """Read a behaviour as the lower bounds read it: the doubles of its Collins-Gisin table, as exact numbers.

        Raises
        ------
        BehaviourError
            An estimate: with its sampling noise it is no quantum behaviour, and no mixture meets it.
        """
        exact = exact_table(behaviour)
        (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
        measured = tuple((x, y) for x in range(nx) for y in range(ny) if behaviour.measured(x, y))
        table = behaviour.collins_gisin
        cells = [tuple((a, b, *measured[0]) for a in range(na) for b in range(nb))]
        values = [Fraction(1)]
        for x in range(nx):
            y = next(y for other, y in measured if other == x)
            for a in range(na - 1):
                cells.append(tuple((a, b, x, y) for b in range(nb)))
                values.append(Fraction(float(table[1 + x * (na - 1) + a, 0])))
        for y in range(ny):
            x = next(x for x, other in measured if other == y)
            for b in range(nb - 1):
                cells.append(tuple((a, b, x, y) for a in range(na)))
                values.append(Fraction(float(table[0, 1 + y * (nb - 1) + b])))
        for x, y in measured:
            for a in range(na - 1):
                for b in range(nb - 1):
                    cells.append(((a, b, x, y),))
                    values.append(Fraction(float(table[1 + x * (na - 1) + a, 1 + y * (nb - 1) + b])))
        return cls(Scenario((na, nb), (nx, ny)), measured, tuple(cells), tuple(values), exact)

    def matrix(self) -> NDArray[np.float64]:
        """The functionals as rows over the raveled cells."""
        rows = np.zeros((len(self.cells), *self.scenario.shape))
        for row, cells in zip(rows, self.cells, strict=True):
            for cell in cells:
                row[cell] = 1.0
        return rows.reshape(len(self.cells), -1)

    def right(self) -> NDArray[np.float64]:
        """The values in doubles."""
        return np.array([float(value) for value in self.values])

    def evaluate(self, joint: Joint) -> list[Fraction]:
        """The functionals of the table whose pairs `joint` returns, exactly."""
        tables = {pair: joint(*pair) for pair in self.measured}
        return [sum((tables[x, y][a][b] for a, b, x, y in cells), Fraction(0)) for cells in self.cells]
