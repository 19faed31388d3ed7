"""The local weight of a behaviour, proven from both sides in exact arithmetic.

The local weight [elitzur1992] is the greatest w with P = w P_L + (1-w) P_NL, P_L local and P_NL no-signalling. P and
each deterministic point D are no-signalling, so that P_NL >= 0 is all that is asked of the rest, and no facet of the
polytope is needed:

    w = max Σ_λ q_λ      over q >= 0 with Σ_λ q_λ D_λ <= P, entry by entry,
      = min Σ β · P      over β >= 0 with β · D_λ >= 1 for all λ.

Any feasible q proves w from below, any feasible β from above. An unmeasured pair of settings asks nothing: whatever the
measured pairs leave over can be completed there, by the product of its marginals.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from keybounds.bounds.correlations.local_decomposition import cheapest, decomposition, doubles, fitted
from keybounds.bounds.correlations.local_polytope import (
    ExactTable,
    LocalPoint,
    deterministic_points,
    exact_table,
    incidence,
    local_minimum,
)
from keybounds.enclosure import ball, round_down, round_up
from keybounds.errors import BoundNotEstablishedError
from keybounds.proofs.certificates.data import LocalDecomposition

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from keybounds.experiments import Behaviour

_COEFFICIENT_BITS = 46  # β is rounded to integers below this, of which sums fit 64 bits


@dataclass(frozen=True, slots=True, eq=False)
class BellInequality:
    """Σ coefficients[a,b,x,y] P(a,b|x,y) >= bound for every local behaviour; coefficients at least 0, 0 if unmeasured.

    Attributes
    ----------
    coefficients
        Integers, shape (na, nb, nx, ny).
    bound
        The least value on the deterministic points, found by enumeration.
    """

    coefficients: NDArray[np.int64]
    bound: int


@dataclass(frozen=True, slots=True, eq=False)
class LocalWeight:
    """The local weight of a behaviour, in an interval whose ends are both proven.

    Attributes
    ----------
    lower
        Σ of the weights of `points`, which leave a non-negative rest of P; rounded down.
    upper
        `inequality` at P over its bound; rounded up, at most 1.
    points
        A local part of P: Σ weight · D <= P.
    inequality
        Proves `upper`: every part w P_L of P has at least w times the bound, and the rest at least 0.
    table
        The rational table that P stands for.
    certificate
        The points and the inequality as exact data.
    moved
        Weight of the uniform table that had to be mixed in, because rounding had left an entry of P below 0; 0 for most
        tables, and of the order of 1e-16 otherwise. Both ends speak about the mixed table.
    """

    lower: float
    upper: float
    points: tuple[LocalPoint, ...]
    inequality: BellInequality
    table: ExactTable
    certificate: LocalDecomposition
    moved: float

    @property
    def local(self) -> bool | None:
        """Whether P is local: True with an exact decomposition, False with a violated inequality, else None.

        None is the answer for a table of doubles on the polytope's boundary, which rounding puts on either side.
        """
        if self.lower == 1.0:
            return True
        return False if self.upper < 1.0 else None

    @property
    def nonlocal_content(self) -> tuple[float, float]:
        """1 - w, from below and from above."""
        one = ball(1)
        return round_down(one - ball(self.upper)), round_up(one - ball(self.lower))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; the table, and all of this exactly, stand in the certificate."""
        return {
            "lower": self.lower,
            "upper": self.upper,
            "local": self.local,
            "points": [
                {"alice": list(point.alice), "bob": list(point.bob), "weight": str(point.weight)}
                for point in self.points
            ],
            "inequality": {"coefficients": self.inequality.coefficients.tolist(), "bound": self.inequality.bound},
            "moved": self.moved,
            "certificate": self.certificate.to_dict(),
        }


def local_weight(behaviour: Behaviour) -> LocalWeight:
    """The local weight of a behaviour: from below by a decomposition, from above by a Bell inequality.

    P_NL in P = w P_L + (1-w) P_NL need only be no-signalling. So 1 - w bounds no key by itself: a quantum adversary
    cannot prepare every P_NL.

    Parameters
    ----------
    behaviour
        P[a,b,x,y], exact, any numbers of settings and outcomes with at most `MOST_POINTS` deterministic points;
        unmeasured pairs constrain nothing.

    Returns
    -------
    LocalWeight
        Both ends with what proves them; ``local`` says whether P itself is local.

    Raises
    ------
    BehaviourError
        The table is an estimate: project it first.
    UnsupportedError
        Too many deterministic points; the message says how many.
    BoundNotEstablishedError
        The linear program ended without an answer.

    Notes
    -----
    elitzur1992.
    """
    table = exact_table(behaviour)
    strategies = deterministic_points(behaviour.outcomes, behaviour.settings)
    matrix, cells = incidence(table), table.listed
    weights, prices = _solve(matrix, doubles(cells, table.scale))
    inequality = _inequality(table, prices)
    value = sum(int(k) * p for k, p in zip(inequality.coefficients.ravel(), table.numerators.ravel(), strict=True) if k)
    # without a separating inequality only w <= 1 is known
    above = Fraction(value, inequality.bound * table.scale) if inequality.bound > 0 else Fraction(1)
    exact = None if above < 1 else decomposition(matrix, cells, table.scale)
    found = fitted(matrix, weights, cells, table.scale) if exact is None else exact
    points = tuple(
        LocalPoint(tuple(map(int, strategies[0][k])), tuple(map(int, strategies[1][k])), weight)
        for k, weight in found.items()
    )
    return LocalWeight(
        lower=_down(sum(found.values(), Fraction(0))),
        upper=min(_up(above), 1.0),
        points=points,
        inequality=inequality,
        table=table,
        certificate=_certificate(points, inequality, table),
        moved=_up(table.moved),
    )


def _certificate(points: tuple[LocalPoint, ...], inequality: BellInequality, table: ExactTable) -> LocalDecomposition:
    na, nb, nx, ny = table.numerators.shape
    pairs = [(int(x), int(y)) for x, y in np.argwhere(table.measured)]
    beta = [inequality.coefficients[:, :, x, y].tolist() for x, y in pairs]
    return LocalDecomposition(
        outcomes=[na, nb],
        settings=[nx, ny],
        tables=[
            {
                "settings": [x, y],
                "P": [[str(Fraction(int(p), table.scale)) for p in row] for row in table.numerators[:, :, x, y]],
            }
            for x, y in pairs
        ],
        points=[{"alice": list(point.alice), "bob": list(point.bob), "weight": str(point.weight)} for point in points],
        inequality=beta if inequality.bound > 0 else None,  # else it says nothing
    )


def _down(x: Fraction) -> float:
    number = float(x)
    return number if Fraction(number) <= x else float(np.nextafter(number, -np.inf))


def _up(x: Fraction) -> float:
    return -_down(-x) + 0.0  # never -0.0


def _solve(matrix: csr_array, cells: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """q and β of the linear program, neither of them trusted."""
    result = cheapest(-np.ones(matrix.shape[1]), matrix, cells)
    if result.x is None:
        raise BoundNotEstablishedError(f"the linear program of the local weight: {result.message}")
    return np.asarray(result.x), -np.asarray(result.ineqlin.marginals)


def _inequality(table: ExactTable, prices: NDArray[np.float64]) -> BellInequality:
    """Round the dual to non-negative integers and enumerate its local bound."""
    na, nb, nx, ny = table.numerators.shape
    largest = float(np.nan_to_num(prices, nan=0.0, posinf=0.0, neginf=0.0).max(initial=0.0))
    scaled = prices * (2.0**_COEFFICIENT_BITS / (largest * nx * ny)) if largest > 0 else np.zeros_like(prices)
    integers = np.clip(np.nan_to_num(np.rint(scaled), nan=0.0, posinf=0.0, neginf=0.0), 0, None).astype(np.int64)
    coefficients = np.zeros(table.numerators.shape, dtype=np.int64)
    coefficients[:, :, table.measured] = integers.reshape(-1, na, nb).transpose(1, 2, 0)
    return BellInequality(coefficients, local_minimum(coefficients))
