"""What an adversary's device may do in one round: the strategies that are mixed, each exactly given by integers.

A two-qubit strategy is a real vector ψ in A ⊗ B ⊗ E of three qubits, Eve holding E, and a projective measurement in the
ZX plane for each setting, which prints one of two outcomes for its two results, or the same for both. The printer may
take one result for the other with some probability, of which nobody learns: where the cost is what Alice and Bob share,
that lowers it. Neither ψ nor the measured directions are normalised and the probabilities are dyadic, so integers
describe all of it exactly: with v_0 = (c, s), v_1 = (-s, c), and w_0, w_1 likewise for Bob,

    P(s,t|x,y) = Σ_e (Σ_ab v_s,a w_t,b ψ_abe)² / (|v|² |w|² |ψ|²),   P(a,b|x,y) = Σ_st N(a|s) N(b|t) P(s,t|x,y).

By Jordan's lemma, real qubits and projections suffice where both parties have two settings and two outcomes; elsewhere
the library is a choice, and a ceiling may be loose. With more than two outcomes a measurement still prints only two of
them. A deterministic strategy prints one outcome a setting. A strategy may carry a pinching, which proves how little
its state is entangled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

GRID_BITS = 50  # ψ, directions and misprints are integers in units of 2^-50: doubles hold them exactly

_F = NDArray[np.float64]
_I = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Numbers of outcomes (na, nb) and of settings (nx, ny)."""

    outcomes: tuple[int, int]
    settings: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape of a table P[a,b,x,y]."""
        return *self.outcomes, *self.settings


@dataclass(frozen=True, slots=True)
class Measurement:
    """A direction (c, s), the outcomes printed for v_0 = (c, s) and v_1 = (-s, c), and the misprints.

    Attributes
    ----------
    direction, labels
        (c, s), not normalised, and two outcomes.
    misprints
        In units of 2^-50: the probability that result 0, and that result 1, is printed as the other one.
    """

    direction: tuple[int, int]
    labels: tuple[int, int]
    misprints: tuple[int, int] = (0, 0)

    @property
    def vectors(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """v_0 and v_1, orthogonal and equally long."""
        return _basis(self.direction)

    @property
    def norm(self) -> int:
        """|v|²."""
        return self.direction[0] ** 2 + self.direction[1] ** 2

    @property
    def printing(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """N[i][s] in units of 2^-50: the probability that result s is printed as labels[i]."""
        unit, (f, g) = 1 << GRID_BITS, self.misprints
        return (unit - f, g), (f, unit - g)

    @property
    def deterministic(self) -> bool:
        """Whether it prints the same outcome for both results."""
        return self.labels[0] == self.labels[1]


@dataclass(frozen=True, slots=True)
class Pinching:
    """The separable state Σ_s |v_s><v_s| ⊗ <v_s|ρ|v_s> next to ρ: at which side, and v_0 = (c, s), not normalised."""

    side: Literal["alice", "bob"]
    direction: tuple[int, int]

    @classmethod
    def at(cls, side: Literal["alice", "bob"], angle: float) -> Pinching:
        """Along an angle on the Bloch sphere, rounded to the grid."""
        return cls(side, _on_grid(angle))

    @property
    def vectors(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """v_0 and v_1, orthogonal and equally long."""
        return _basis(self.direction)

    @property
    def norm(self) -> int:
        """|v|²."""
        return self.direction[0] ** 2 + self.direction[1] ** 2


@dataclass(frozen=True, slots=True)
class Strategy:
    """A two-qubit strategy: ψ (eight integers, index 4a + 2b + e) and a measurement for each setting.

    `pinching` is there where the relative entropy of its state is counted.
    """

    state: tuple[int, ...]
    alice: tuple[Measurement, ...]
    bob: tuple[Measurement, ...]
    pinching: Pinching | None = None

    @property
    def local(self) -> bool:
        """Whether one party prints a fixed outcome at every setting, so that a product state has the same table."""
        return any(all(measurement.deterministic for measurement in party) for party in (self.alice, self.bob))

    @property
    def norm(self) -> int:
        """|ψ|²."""
        return sum(entry * entry for entry in self.state)

    def eve(self, x: int, y: int) -> list[list[tuple[int, int]]]:
        """Eve's vectors [s][t] for the results of (x, y), to be divided by |ψ| |v| |w|."""
        psi = self.state
        return [
            [
                (
                    sum(v[a] * w[b] * psi[4 * a + 2 * b] for a in (0, 1) for b in (0, 1)),
                    sum(v[a] * w[b] * psi[4 * a + 2 * b + 1] for a in (0, 1) for b in (0, 1)),
                )
                for w in self.bob[y].vectors
            ]
            for v in self.alice[x].vectors
        ]

    def joint(self, outcomes: tuple[int, int], x: int, y: int) -> list[list[Fraction]]:
        """P(a,b|x,y) of one setting pair, exact."""
        scale = self.scale(x, y)
        return [[Fraction(entry, scale) for entry in row] for row in self.numerators(outcomes, x, y)]

    def numerators(self, outcomes: tuple[int, int], x: int, y: int) -> list[list[int]]:
        """P(a,b|x,y) · scale(x, y)."""
        alice, bob, eve = self.alice[x], self.bob[y], self.eve(x, y)
        table = [[0] * outcomes[1] for _ in range(outcomes[0])]
        for (i, s), (j, t) in product(product((0, 1), repeat=2), repeat=2):
            one, two = eve[s][t]
            weight = alice.printing[i][s] * bob.printing[j][t]
            table[alice.labels[i]][bob.labels[j]] += weight * (one * one + two * two)
        return table

    def scale(self, x: int, y: int) -> int:
        """What N(a|s) N(b|t) |eve|² in integers is to be divided by."""
        return self.norm * self.alice[x].norm * self.bob[y].norm << 2 * GRID_BITS


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Two-qubit strategies as arrays, for the search.

    Attributes
    ----------
    parameters
        (n, 8 + 3 nx + 3 ny): ψ, the angles θ on the Bloch sphere, and χ with misprints sin²(χ/2), two a setting; as
        the kernels take them.
    alice, bob
        (n, nx, 2), (n, ny, 2): the printed outcomes.
    """

    parameters: _F
    alice: _I
    bob: _I

    def __len__(self) -> int:
        return len(self.parameters)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> Columns:
        """The strategies of `index`."""
        return Columns(self.parameters[index], self.alice[index], self.bob[index])

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """All strategies of the parts, in order."""
        return cls(
            np.concatenate([part.parameters for part in parts]),
            np.concatenate([part.alice for part in parts]),
            np.concatenate([part.bob for part in parts]),
        )

    @classmethod
    def none(cls, scenario: Scenario) -> Columns:
        """No strategy."""
        nx, ny = scenario.settings
        return cls(np.empty((0, 8 + 3 * (nx + ny))), np.empty((0, nx, 2), np.int64), np.empty((0, ny, 2), np.int64))

    def tables(self, scenario: Scenario) -> _F:
        """P[k,a,b,x,y] in doubles."""
        (na, nb), (nx, _) = scenario.outcomes, scenario.settings
        angles = self._angles()
        psi = self.parameters[:, :8].reshape(-1, 2, 2, 2)
        psi = psi / np.sqrt((psi**2).sum(axis=(1, 2, 3), keepdims=True))
        v, w = _vectors(self.parameters[:, 8 : 8 + nx]), _vectors(self.parameters[:, 8 + nx : angles])
        amplitudes = np.einsum("kxsa,kabe->kxsbe", v, psi)
        probabilities = (np.einsum("kytb,kxsbe->kxyste", w, amplitudes) ** 2).sum(axis=-1)
        printing = _printing(self.parameters[:, angles:])
        prints_a = np.einsum("kxis,kxio->kxso", printing[:, :nx], np.eye(na)[self.alice])
        prints_b = np.einsum("kyjt,kyjo->kyto", printing[:, nx:], np.eye(nb)[self.bob])
        return np.asarray(np.einsum("kxyst,kxsi,kytj->kijxy", probabilities, prints_a, prints_b, optimize=True))

    def exact(self, k: int) -> Strategy:
        """Strategy k in integers, rounded to the grid: the strategy that a bound is made of."""
        scale = 2.0**GRID_BITS
        row, nx, angles = self.parameters[k], self.alice.shape[1], self._angles()
        labels = np.concatenate([self.alice[k], self.bob[k]])
        chi = row[angles:].reshape(-1, 2)
        measurements = [
            Measurement(
                _on_grid(angle),
                (int(prints[0]), int(prints[1])),
                (round(math.sin(flip[0] / 2) ** 2 * scale), round(math.sin(flip[1] / 2) ** 2 * scale)),
            )
            for angle, prints, flip in zip(row[8:angles], labels, chi, strict=True)
        ]
        norm = math.sqrt(float(row[:8] @ row[:8]))
        state = tuple(round(float(entry) / norm * scale) for entry in row[:8])
        return Strategy(state, tuple(measurements[:nx]), tuple(measurements[nx:]))

    def _angles(self) -> int:
        """Where the angles θ end in the parameters."""
        return 8 + int(self.alice.shape[1]) + int(self.bob.shape[1])


def _basis(direction: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """(c, s) and (-s, c)."""
    c, s = direction
    return (c, s), (-s, c)


def _on_grid(angle: float) -> tuple[int, int]:
    """The direction (cos, sin) of half an angle on the Bloch sphere, in units of the grid."""
    scale = 2.0**GRID_BITS
    return round(math.cos(angle / 2) * scale), round(math.sin(angle / 2) * scale)


def _vectors(angles: _F) -> _F:
    """v_0 and v_1 of directions on the Bloch sphere, shape (k, settings, 2, 2)."""
    c, s = np.cos(angles / 2), np.sin(angles / 2)
    return np.stack([np.stack([c, s], axis=-1), np.stack([-s, c], axis=-1)], axis=-2)


def _printing(chi: _F) -> _F:
    """N[k, setting, i, s], the probability that result s is printed as labels[i]."""
    flips = np.sin(chi.reshape(len(chi), chi.shape[1] // 2, 2) / 2) ** 2
    f, g = flips[..., 0], flips[..., 1]
    return np.stack([np.stack([1 - f, g], axis=-1), np.stack([f, 1 - g], axis=-1)], axis=-2)


def deterministic_points(scenario: Scenario) -> tuple[_I, _I]:
    """Every deterministic strategy: the outcomes by setting, (n, nx) and (n, ny)."""
    (na, nb), (nx, ny) = scenario.outcomes, scenario.settings
    points = np.array(list(product(*[range(na)] * nx, *[range(nb)] * ny)), dtype=np.int64)
    return points[:, :nx], points[:, nx:]


def deterministic_tables(scenario: Scenario, alice: _I, bob: _I) -> _F:
    """P[k,a,b,x,y] of deterministic strategies, of zeros and ones."""
    (na, nb) = scenario.outcomes
    return np.asarray(np.einsum("kxi,kyj->kijxy", np.eye(na)[alice], np.eye(nb)[bob]))
