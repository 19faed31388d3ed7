"""The local polytope: deterministic points and tables in exact arithmetic, without its facets.

A deterministic point fixes an outcome for every setting of both parties; the local behaviours are their mixtures. The
least value of a functional on them is found by enumerating one party only: the other answers best setting by setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import BehaviourError, UnsupportedError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from keybounds.experiments import Behaviour

MOST_POINTS = 1 << 16
"""The largest number of deterministic points that is enumerated: a linear program over more takes minutes."""


@dataclass(frozen=True, slots=True)
class LocalPoint:
    """A deterministic point with its weight: outcome alice[x] at Alice's setting x, bob[y] at Bob's setting y."""

    alice: tuple[int, ...]
    bob: tuple[int, ...]
    weight: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class ExactTable:
    """P[a,b,x,y] = numerators / scale, exactly normalised, non-negative and no-signalling.

    Attributes
    ----------
    numerators
        Python integers, shape (na, nb, nx, ny); 0 at unmeasured pairs.
    scale
        Their common denominator.
    measured
        Shape (nx, ny).
    moved
        Weight of the uniform table that was mixed in to lift entries that rounding had left below 0.
    """

    numerators: NDArray[Any]
    scale: int
    measured: NDArray[np.bool_]
    moved: Fraction

    @property
    def listed(self) -> NDArray[Any]:
        """The numerators of the measured pairs in order, each by a, then b."""
        return np.asarray(self.numerators[:, :, self.measured].transpose(2, 0, 1).ravel())

    def noisy(self, weight: Fraction) -> ExactTable:
        """(1 - weight) times the table plus `weight` times the uniform one."""
        if not weight:
            return self
        na, nb = self.numerators.shape[:2]
        cells = np.zeros_like(self.numerators)
        kept = (weight.denominator - weight.numerator) * na * nb
        cells[:, :, self.measured] = self.numerators[:, :, self.measured] * kept + weight.numerator * self.scale
        moved = 1 - (1 - weight) * (1 - self.moved)
        return ExactTable(cells, self.scale * weight.denominator * na * nb, self.measured, moved)


def deterministic_points(
    outcomes: tuple[int, int], settings: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All deterministic points of a scenario: outcomes of Alice, shape (K, nx), and of Bob, shape (K, ny).

    K = na^nx nb^ny; Bob's strategy runs fastest.

    Raises
    ------
    UnsupportedError
        K is above `MOST_POINTS`.
    """
    counts = [n**m for n, m in zip(outcomes, settings, strict=True)]
    if counts[0] * counts[1] > MOST_POINTS:
        raise UnsupportedError(
            "behaviour",
            f"a scenario of at most {MOST_POINTS} deterministic points",
            f"{counts[0] * counts[1]} with {settings[0]}x{settings[1]} settings, {outcomes[0]}x{outcomes[1]} outcomes",
        )
    alice, bob = (_strategies(n, m) for n, m in zip(outcomes, settings, strict=True))
    return np.repeat(alice, len(bob), axis=0), np.tile(bob, (len(alice), 1))


def incidence(table: ExactTable) -> csr_array:
    """Which entries each deterministic point has 1 at: rows over `table.listed`, a column a point."""
    from scipy.sparse import csr_array

    na, nb, nx, ny = table.numerators.shape
    alice, bob = deterministic_points((na, nb), (nx, ny))
    rows = np.concatenate(
        [(k * na + alice[:, x]) * nb + bob[:, y] for k, (x, y) in enumerate(np.argwhere(table.measured))]
    )
    columns = np.tile(np.arange(len(alice)), int(table.measured.sum()))
    shape = (int(table.measured.sum()) * na * nb, len(alice))
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def local_minimum(coefficients: NDArray[np.int64]) -> int:
    """The least value of Σ coefficients[a,b,x,y] P(a,b|x,y) over the local behaviours, exactly.

    Every partial sum must fit 64 bits; only Alice's strategies are enumerated.
    """
    na, _, nx, ny = coefficients.shape
    alice = _strategies(na, nx)
    total = np.zeros(len(alice), dtype=np.int64)
    for y in range(ny):
        answers = sum(coefficients[alice[:, x], :, x, y] for x in range(nx))
        total += np.asarray(answers).min(axis=1)
    return int(total.min())


def exact_table(behaviour: Behaviour) -> ExactTable:
    """The rational behaviour that a table of doubles stands for.

    Its Collins–Gisin entries are taken as the exact numbers they are, and the last outcomes by difference. Where that
    leaves an entry below 0, by rounding, as much of the uniform table is mixed in as lifts it.

    Raises
    ------
    BehaviourError
        The table is an estimate, which sampling noise makes signalling.
    """
    if not behaviour.exact:
        raise BehaviourError(
            "behaviour", "an exact table, such as the no-signalling fit of project_no_signalling", "an estimate"
        )
    (na, nb), (nx, ny) = behaviour.outcomes, behaviour.settings
    measured = np.array([[behaviour.measured(x, y) for y in range(ny)] for x in range(nx)])
    ratios = [[Fraction(0 if np.isnan(v) else float(v)) for v in row] for row in behaviour.collins_gisin]
    scale = max(ratio.denominator for row in ratios for ratio in row)  # powers of two: doubles are dyadic
    entries = np.array([[int(ratio * scale) for ratio in row] for row in ratios], dtype=object)
    cells = np.zeros((na, nb, nx, ny), dtype=object)
    for x, y in np.argwhere(measured):
        rows, columns = 1 + x * (na - 1), 1 + y * (nb - 1)
        joint = entries[rows : rows + na - 1, columns : columns + nb - 1]
        alice, bob = entries[rows : rows + na - 1, 0], entries[0, columns : columns + nb - 1]
        cells[:-1, :-1, x, y] = joint
        cells[:-1, -1, x, y] = alice - joint.sum(axis=1)
        cells[-1, :-1, x, y] = bob - joint.sum(axis=0)
        cells[-1, -1, x, y] = scale - alice.sum() - bob.sum() + joint.sum()
    depth = -min(0, int(cells.min()))
    if depth:
        # (1-ε) P + ε/(na nb) >= 0 for ε >= depth na nb / (scale + depth na nb)
        lifted = depth * na * nb
        cells[:, :, measured] = cells[:, :, measured] + depth
        return ExactTable(cells, scale + lifted, measured, Fraction(lifted, scale + lifted))
    return ExactTable(cells, scale, measured, Fraction(0))


def _strategies(outcomes: int, settings: int) -> NDArray[np.intp]:
    """Every map from settings to outcomes, shape (outcomes^settings, settings)."""
    return np.indices((outcomes,) * settings).reshape(settings, -1).T
