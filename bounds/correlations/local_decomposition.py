"""Exact weights of deterministic points, and of strategies beside them: within a table, or summing up to it.

What a linear program returns is a hint. Weights are rounded to a dyadic grid and then either shrunk until they leave a
non-negative rest, or corrected by an exact solve until they leave nothing.

A table whose entries differ by many orders of magnitude has points that fit into it only with tiny weights. So a
program is written in shares: each point's weight is a share of the least entry that it has 1 at, and each equation is
divided by its entry. Then all coefficients lie in [0, 1], and an entry of 1e-13 is met to as many digits as one of 1/2.

**Refinement.** A solver leaves residuals of its tolerance, 1e-10. They are computed exactly, magnified, and met by a
second program that moves the weights least, and so on: each step adds ten digits, so that nothing depends on how far
the first one came. The last step is exact, on a basis of points. Each of these has some weight set aside beforehand
(`room`), which the correction, by then below 1e-25 of it, cannot use up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq, fmpq_mat, nmod_mat
from numpy.typing import NDArray

from keybounds.errors import BoundNotEstablishedError
from keybounds.solvers import SECONDS, asked

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_WEIGHT_BITS = 60  # weights are rounded to multiples of 2^-60 of what is at most possible
_ROOMS = (1e-4, 1e-8, 1e-11, 1e-14, 0.0)  # shares set aside for a correction, most welcome first
_REFINEMENTS = 12
_LARGEST = 1e9  # share, or change of one in the unit of a program
_MAGNIFIED = 1e7  # largest unit of changes, in residuals
_MET = 1e-25  # relative residual at which the exact correction takes over
_PRIME = (1 << 61) - 1  # columns independent modulo a prime are independent


def cheapest(costs: NDArray[np.float64], matrix: csr_array, most: NDArray[np.float64]) -> Any:
    """Minimise costs · x over x >= 0 with matrix x <= most, by HiGHS."""
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    return _linprog(costs, {"A_ub": matrix, "b_ub": most}, options)


def _linprog(costs: NDArray[np.float64], rows: dict[str, Any], options: dict[str, float]) -> Any:
    """`linprog`, whose stubs know no sparse matrices."""
    from scipy import optimize

    solve: Any = optimize.linprog
    with asked("HiGHS"):
        return solve(costs, method="highs", options={**options, "time_limit": SECONDS}, **rows)


def doubles(cells: NDArray[Any], scale: int) -> NDArray[np.float64]:
    """cells / scale, each rounded to a double."""
    return np.array([float(Fraction(int(p), scale)) for p in cells])


def fitted(incidence: csr_array, weights: NDArray[np.float64], cells: NDArray[Any], scale: int) -> dict[int, Fraction]:
    """Points with weights that leave P - Σ q D >= 0: each is scaled down where the sum exceeds an entry it has 1 at.

    With factors min over its entries of min(1, P_e / (Σ q D)_e), the new sum at e is at most P_e.
    """
    grid = 1 << _WEIGHT_BITS
    clean = np.clip(np.nan_to_num(weights, nan=0.0, posinf=0.0, neginf=0.0), 0.0, 1.0)
    columns = incidence.tocsc()
    held = {int(k): round(Fraction(float(clean[k])) * grid) for k in np.flatnonzero(clean)}
    entries = {k: columns.indices[columns.indptr[k] : columns.indptr[k + 1]] for k in held}
    totals = [0] * len(cells)
    for k, weight in held.items():
        for e in entries[k]:
            totals[e] += weight
    fitted = {}
    for k, weight in held.items():
        share = min(
            (Fraction(int(cells[e]) * grid, totals[e] * scale) for e in entries[k] if totals[e]), default=Fraction(0)
        )
        kept = min(share, Fraction(1)) * Fraction(weight, grid)
        if kept > 0:
            fitted[k] = kept
    return fitted


def decomposition(incidence: csr_array, cells: NDArray[Any], scale: int) -> dict[int, Fraction] | None:
    """Weights of the points with Σ q D = P exactly, or None where none were found."""
    hull = Hull.of(incidence, cells, scale, ())
    for room in _ROOMS:
        found = hull.mixture(room)
        if found is not None:
            return found.points
    return None


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What may be mixed with the points: a table that is no deterministic one.

    Attributes
    ----------
    numerators
        Its entries, in the order of the hull's cells, as integers over `unit` · 2^`shift`.
    unit
        Odd, or any integer: weights are multiples of it over a power of two, so that weight times entry is dyadic.
    shift
        See `numerators`.
    costs
        What it costs, in one or several respects of which the greatest sum counts.
    """

    numerators: tuple[int, ...]
    unit: int
    shift: int
    costs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ExactWeights:
    """Weights of points and of ingredients, by index, all positive, that sum up to the table."""

    points: dict[int, Fraction]
    ingredients: dict[int, Fraction]

    def normalised(self) -> ExactWeights:
        """The same, of sum 1."""
        total = sum((*self.points.values(), *self.ingredients.values()), Fraction(0))
        return ExactWeights(
            {k: weight / total for k, weight in self.points.items()},
            {k: weight / total for k, weight in self.ingredients.items()},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """The convex hull of the points and ingredients that a table may be mixed of, written in shares.

    Attributes
    ----------
    incidence
        Cells by points, zeros and ones.
    cells, scale
        The table, as integers over `scale`.
    ingredients
        All of them.
    rows
        Cells that are positive, of which all others follow, the least ones preferred: so the sums over large ones, in
        doubles, decide nothing about small ones.
    points, others
        The points and the ingredients that have nothing at any other cell.
    shares
        The largest weight that fits into the table, of those points and then of those ingredients.
    matrix
        Rows by members: shares · entry / cell.
    basis
        Positions among `points` of independent ones.
    """

    incidence: csr_array
    cells: NDArray[Any]
    scale: int
    ingredients: tuple[Ingredient, ...]
    rows: NDArray[np.intp]
    points: NDArray[np.intp]
    others: NDArray[np.intp]
    shares: NDArray[np.float64]
    matrix: NDArray[np.float64]
    basis: NDArray[np.intp]

    @classmethod
    def of(cls, incidence: csr_array, cells: NDArray[Any], scale: int, ingredients: Sequence[Ingredient]) -> Hull:
        """See the class; `cells` are at least 0."""
        positive = np.array([int(cell) > 0 for cell in cells])
        zeros = np.flatnonzero(~positive)
        points = np.flatnonzero(np.asarray(incidence[zeros].sum(axis=0)).ravel() == 0)
        others = np.array(
            [k for k, one in enumerate(ingredients) if not any(one.numerators[e] for e in zeros)], dtype=np.intp
        )
        rows = np.array(sorted(np.flatnonzero(positive), key=lambda e: int(cells[e])), dtype=np.intp)
        dense = np.asarray(incidence[rows][:, points].toarray(), dtype=np.int64)
        rows = rows[_pivots(dense.T, [[ingredients[k].numerators[e] for e in rows] for k in others])]
        entries = np.hstack(
            [
                np.asarray(incidence[rows][:, points].toarray(), dtype=np.float64),
                np.array([[_ratio(ingredients[k], int(e)) for k in others] for e in rows], dtype=np.float64).reshape(
                    len(rows), len(others)
                ),
            ]
        )
        table = doubles(cells[rows], scale)
        with np.errstate(divide="ignore"):
            shares = (table[:, None] / entries).min(axis=0, initial=1.0)
        matrix = entries * shares / table[:, None]
        hull = cls(
            incidence, cells, scale, tuple(ingredients), rows, points, others, shares, matrix, np.array([], np.intp)
        )
        object.__setattr__(hull, "basis", hull.independent(np.ones(len(points))))
        return hull

    def independent(self, favour: NDArray[np.float64]) -> NDArray[np.intp]:
        """Positions of independent points, as many as there are, the ones with much favour first."""
        from scipy.linalg import qr

        count = len(self.points)
        if not count:
            return np.array([], dtype=np.intp)
        _, order = qr(self.matrix[:, :count] * favour, mode="r", pivoting=True)
        tried = order[: 4 * len(self.rows)]
        dense = np.asarray(self.incidence[self.rows][:, self.points[tried]].toarray(), dtype=np.int64)
        return np.asarray(tried[_pivots(dense)], dtype=np.intp)

    def mixture(self, room: float, within: Fraction = Fraction(0)) -> ExactWeights | None:
        """The cheapest exact mixture found that leaves each of a basis of points a share of `room`; None without one.

        With `room` 0 the basis is chosen among the points that are used, which is right where the table has only one
        mixture. Zeros of a table bind other cells to each other, as far as doubles can keep to that: with `within`, the
        mixture that has the table at the hull's rows is taken if it is no further away elsewhere.
        """
        least = np.zeros(len(self.shares))
        if room:
            least[self.basis] = room / max(len(self.basis), 1)
        try:
            shares = self._cheapest(least)
        except BoundNotEstablishedError:
            return None
        if shares is None:
            return None
        grid = _Grid.of(self)
        held = self._refined(grid, grid.nearest(shares), least)
        if held is None:
            return None
        basis = self.basis if room else self.independent(1e-12 + grid.shares(held)[: len(self.points)])
        return self._corrected(grid, held, basis, within)

    def _cheapest(self, least: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Shares, at least `least`, of the cheapest mixture, up to the solver's tolerance."""
        count, width = len(self.shares), max((len(one.costs) for one in self.ingredients), default=1)
        costs = np.zeros((count, width))
        for position, k in enumerate(self.others, start=len(self.points)):
            costs[position] = np.array(self.ingredients[k].costs) * self.shares[position]
        several = width > 1
        objective = np.append(np.zeros(count) if several else costs[:, 0], [1.0] * several)
        rows: dict[str, Any] = {
            "A_eq": np.hstack([self.matrix, np.zeros((len(self.rows), int(several)))]),
            "b_eq": np.ones(len(self.rows)),
            "bounds": [(low, None) for low in (*least.tolist(), *[None] * several)],
        }
        if several:
            rows |= {"A_ub": np.hstack([costs.T, -np.ones((width, 1))]), "b_ub": np.zeros(width)}
        for tolerance in (1e-10, 1e-9, 1e-7):
            options = {f"{side}_feasibility_tolerance": tolerance for side in ("primal", "dual")}
            found = _linprog(objective, rows, options)
            if _sensible(found.x):
                return np.asarray(found.x[:count], dtype=np.float64)
            if found.status == 2:  # infeasible, and no tolerance mends that
                return None
        return None

    def _refined(self, grid: _Grid, held: list[int], least: NDArray[np.float64]) -> list[int] | None:
        """Weights on the grid that leave a relative residual of 1e-25 and keep `least`; None where there are none."""
        count = len(held)
        floor = grid.nearest(least)
        doubled = np.hstack([self.matrix, -self.matrix])
        for _ in range(_REFINEMENTS):
            held = [max(n, low) for n, low in zip(held, floor, strict=True)]
            left = grid.residual(held)
            relative = np.array(
                [
                    float(Fraction(r, int(cell)) / grid.whole)
                    for r, cell in zip(left, self.cells[self.rows], strict=True)
                ]
            )
            worst = float(np.abs(relative).max(initial=0.0))
            if worst <= _MET:
                return held
            # a share that may move by 1 / worst counts even where its coefficient is below what a solver takes for 0
            unit = min(worst**-0.5, _MAGNIFIED)
            spare = grid.shares([n - low for n, low in zip(held, floor, strict=True)]) / (worst * unit)
            try:
                found = _linprog(
                    np.ones(2 * count),
                    {
                        "A_eq": doubled * unit,
                        "b_eq": relative / worst,
                        "bounds": [*[(0, None)] * count, *[(0, most) for most in np.minimum(spare, 1e15).tolist()]],
                    },
                    {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
                )
            except BoundNotEstablishedError:
                return None
            if not _sensible(found.x):
                return None
            move = grid.nearest((found.x[:count] - found.x[count:]) * (worst * unit))
            held = [n + step for n, step in zip(held, move, strict=True)]
        return None

    def _corrected(
        self, grid: _Grid, held: list[int], basis: NDArray[np.intp], within: Fraction
    ) -> ExactWeights | None:
        """The weights with the residual met exactly on a basis of points; None if a weight is then negative."""
        left = grid.residual(held)
        rows = self.incidence[self.rows]
        dense = np.asarray(rows[:, self.points[basis]].toarray(), dtype=np.int64)
        chosen = _pivots(dense.T)
        if len(chosen) < len(basis):
            return None
        size = len(basis)
        denominator = grid.whole * self.scale
        points = {int(self.points[j]): n * grid.steps[j] for j, n in enumerate(held[: len(self.points)]) if n}
        if size:
            matrix = fmpq_mat(size, size, [int(entry) for entry in dense[chosen].ravel()])
            right = fmpq_mat(size, 1, [fmpq(left[e], denominator) for e in chosen])
            solution = matrix.solve(right)
            for i, j in enumerate(basis):
                change = solution[i, 0]
                k = int(self.points[j])
                points[k] = points.get(k, Fraction(0)) + Fraction(int(change.p), int(change.q))
        ingredients = {
            int(k): held[j] * grid.steps[j] for j, k in enumerate(self.others, start=len(self.points)) if held[j]
        }
        if any(weight < 0 for weight in (*points.values(), *ingredients.values())):
            return None
        made = ExactWeights({k: w for k, w in points.items() if w}, ingredients)
        off = self._off(made)
        if not off:
            return made
        return made.normalised() if off <= within else None

    def _off(self, made: ExactWeights) -> Fraction:
        """How far the sum of the weights is from the table, in the cell where it is furthest, zeros included."""
        columns = self.incidence.tocsc()
        totals = [Fraction(0)] * len(self.cells)
        for k, weight in made.points.items():
            for e in columns.indices[columns.indptr[k] : columns.indptr[k + 1]]:
                totals[e] += weight
        for k, weight in made.ingredients.items():
            one = self.ingredients[k]
            for e, entry in enumerate(one.numerators):
                totals[e] += weight * Fraction(entry, one.unit << one.shift)
        return max(abs(total - Fraction(int(cell), self.scale)) for total, cell in zip(totals, self.cells, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The weights that a hull's members may have: integers n, each standing for n steps.

    Attributes
    ----------
    steps
        Of each member: 2^-bits, times the unit of an ingredient.
    whole
        Residuals are in units of 1 / (whole · scale of the table).
    """

    hull: Hull
    steps: list[Fraction]
    whole: int
    factors: list[list[int]]
    largest: list[Fraction]

    @classmethod
    def of(cls, hull: Hull) -> _Grid:
        ingredients = [hull.ingredients[k] for k in hull.others]
        longest = max((one.unit.bit_length() for one in ingredients), default=0)
        shift = max((one.shift for one in ingredients), default=0)
        finest = float(hull.shares.min(initial=1.0))
        bits = 2 * _WEIGHT_BITS + longest + max(0, -int(np.floor(np.log2(max(finest, 5e-324)))))
        steps = [Fraction(1, 1 << bits)] * len(hull.points) + [Fraction(one.unit, 1 << bits) for one in ingredients]
        factors = [[one.numerators[e] << (shift - one.shift) for e in hull.rows] for one in ingredients]
        return cls(hull, steps, 1 << (bits + shift), factors, [Fraction(float(share)) for share in hull.shares])

    def nearest(self, shares: NDArray[np.float64]) -> list[int]:
        """The integers nearest to shares of what is at most possible."""
        return [
            round(Fraction(float(share)) * most / step) if share else 0
            for share, most, step in zip(shares, self.largest, self.steps, strict=True)
        ]

    def shares(self, held: list[int]) -> NDArray[np.float64]:
        """The shares of what is at most possible."""
        return np.array(
            [float(n * step / most) if n else 0.0 for n, step, most in zip(held, self.steps, self.largest, strict=True)]
        )

    def residual(self, held: list[int]) -> list[int]:
        """The table minus the mixture at the hull's rows, exactly, in units of 1 / (whole · scale)."""
        hull = self.hull
        count = len(hull.points)
        part = hull.incidence[hull.rows][:, hull.points].tocoo()
        shift = self.whole * self.steps[0] if count else Fraction(0)
        totals = [0] * len(hull.rows)
        for e, j in zip(*part.coords, strict=True):
            if held[j]:
                totals[e] += held[j]
        totals = [total * int(shift) for total in totals]
        for n, factor in zip(held[count:], self.factors, strict=True):
            if n:
                totals = [total + n * entry for total, entry in zip(totals, factor, strict=True)]
        return [
            int(cell) * self.whole - hull.scale * total
            for cell, total in zip(hull.cells[hull.rows], totals, strict=True)
        ]


def _sensible(found: NDArray[np.float64] | None) -> bool:
    """Whether a solver's shares, all of the order of 1, are numbers that can be worked with."""
    return found is not None and bool((np.abs(found) < _LARGEST).all())


def _ratio(one: Ingredient, e: int) -> float:
    """An entry of an ingredient."""
    return float(Fraction(one.numerators[e], one.unit << one.shift))


def _pivots(dense: NDArray[np.int64], more: Sequence[Sequence[int]] = ()) -> NDArray[np.intp]:
    """The columns that are independent of those before them, modulo a prime; `more` are further rows."""
    height, width = len(dense) + len(more), dense.shape[1]
    entries = [int(entry) for entry in dense.ravel()] + [entry % _PRIME for row in more for entry in row]
    reduced, rank = nmod_mat(height, width, entries, _PRIME).rref()
    pivots, column = [], 0
    for row in range(int(rank)):
        while not int(reduced[row, column]):
            column += 1
        pivots.append(column)
    return np.array(pivots, dtype=np.intp)
