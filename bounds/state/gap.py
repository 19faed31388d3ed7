"""States with a proven gap between their key and their device-independent key, in as few dimensions as possible.

christandl2021 has a state on 50 x 50, twelve qubits. Off the PPT edge, where the ceiling falls faster than the key, and
with hashed pair parities as the protocol, six qubits are enough: rho_{4,p} on 8 x 8, and unequal sectors on 7 x 7.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from keybounds.bounds.bound import Bound, Status
from keybounds.bounds.state.pair_parity import PairParityProtocol, pair_parity
from keybounds.bounds.state.partial_transpose import partial_transpose_bound
from keybounds.enclosure import nearest
from keybounds.states import PPTPrivateFamily

SHIELDS = (8, 7, 6, 5, 4)
SECTORS = ((3, 4),)

_PER_OCTAVE = 16  # the protocol's gain repeats, in scale, with every halving of 1/2 - p
_OCTAVES = 9


@dataclass(frozen=True, slots=True)
class GapExample:
    """A state with a lower bound on its key and a ceiling on its device-independent key.

    Attributes
    ----------
    state
        rho_{d,p}, or one with unequal sectors.
    key, ceiling
        Bounds on K and on K_DI, in bits per copy.
    """

    state: PPTPrivateFamily
    key: Bound
    ceiling: Bound

    @property
    def proven(self) -> bool:
        """Whether K > K_DI follows: both values are enclosed, and the one rounded down exceeds the one rounded up."""
        enclosed = self.key.status is Status.ENCLOSED and self.ceiling.status is Status.ENCLOSED
        return enclosed and self.key.value > self.ceiling.value

    @property
    def side(self) -> int:
        """Dimension of Alice's system, and of Bob's."""
        return self.state.side

    @property
    def qubits(self) -> int:
        """Qubits that hold both systems."""
        return 2 * (self.side - 1).bit_length()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "state": str(self.state),
            "dimensions": [self.side, self.side],
            "qubits": self.qubits,
            "key": self.key.to_dict(),
            "ceiling": self.ceiling.to_dict(),
            "proven": self.proven,
        }


def gap_example(state: PPTPrivateFamily) -> GapExample:
    """Hold hashed pair parities on `state` against the partial-transpose ceiling."""
    return GapExample(state, pair_parity(state), partial_transpose_bound(state))


def smallest_gap(
    shields: Iterable[int] = SHIELDS, sectors: Iterable[tuple[int, int]] = SECTORS
) -> tuple[GapExample, ...]:
    """Examples of K(rho) > K_DI(rho), from many dimensions to few.

    Each state's p is searched for a large difference of the two bounds, and given in a few decimals. The search is not
    exhaustive and need not be: whatever p it finds, the bounds are certified at that p, as exact numbers.

    Parameters
    ----------
    shields
        Shield dimensions d of rho_{d,p}, on 2d x 2d.
    sectors
        Dimensions (m, n) of unequal sectors, on (m+n) x (m+n).

    Returns
    -------
    tuple of GapExample
        In the given order, with the sectors last. An example without a proven gap is returned too: d = 3 has none at
        any p, as its ceiling is at least 1 - h(p).

    Raises
    ------
    DimensionError
        d or m, n that have no such state.

    Notes
    -----
    This project, claims ``pair-parity-key``, ``er-exact-transpose``, ``unequal-sectors`` and ``smallest-gap``.
    """
    every = [*((d, d) for d in shields), *sectors]
    return tuple(gap_example(PPTPrivateFamily.sectors(m, n, _best_error(m, n))) for m, n in every)


def _best_error(m: int, n: int) -> Fraction:
    """A p with a large difference of the bounds, if there is one; m = n = d gives rho_{d,p}.

    Searched on a geometric grid in 1/2 - p, then around the best point of it.
    """
    widest = Fraction(1, 2) - Fraction(nearest(PPTPrivateFamily(m).edge))
    coarse = [_distance(float(widest) * 2 ** (-k / _PER_OCTAVE)) for k in range(1, _PER_OCTAVE * _OCTAVES)]
    best = max(coarse, key=lambda distance: _difference(m, n, distance))
    fine = [_distance(float(best) * 2 ** (k / (8 * _PER_OCTAVE))) for k in range(-8, 9)]
    best = max((distance for distance in fine if distance < widest), key=lambda distance: _difference(m, n, distance))
    return Fraction(1, 2) - best


def _distance(value: float) -> Fraction:
    """1/2 - p to three significant decimals."""
    return Fraction(f"{value:.2e}")


def _difference(m: int, n: int, distance: Fraction) -> float:
    error = Fraction(1, 2) - distance
    ceiling = PPTPrivateFamily.sectors(m, n, error).transpose_ceiling
    return nearest(PairParityProtocol(error, levels=32).rate) - nearest(ceiling)
