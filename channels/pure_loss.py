"""The pure-loss channel of a bosonic mode: a beam splitter of transmissivity η whose other port is dark.

It acts on an infinite-dimensional space, so it is known by η alone; what finite-dimensional users send through it are
restrictions of it, which are super-operators.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from keybounds.channels.choi import Choi, choi_of_kraus
from keybounds.channels.families import erasure_choi
from keybounds.states.arguments import dimension, probability, require_dense

if TYPE_CHECKING:
    from qutip import Qobj


@dataclass(frozen=True, slots=True)
class PureLoss:
    """Pure loss of one bosonic mode, with any number of photons.

    Attributes
    ----------
    transmissivity
        η in [0, 1]: the probability that a photon arrives.

    Raises
    ------
    InputError
        η is outside [0, 1].
    """

    transmissivity: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "transmissivity", probability("transmissivity", self.transmissivity))

    def restricted(self, photons: SupportsIndex = 1) -> Qobj:
        """The channel on at most `photons` photons: a super-operator on the Fock space of dimension photons + 1.

        Loss never adds a photon, so this restriction is exact. Its capacities are at most those of the mode. With one
        photon it is amplitude damping with γ = 1-η.

        Raises
        ------
        DimensionError, UnsupportedError
            Not a whole number of at least 1, or too large for a dense super-operator.
        """
        return self.restricted_choi(photons).to_super()

    def restricted_choi(self, photons: SupportsIndex = 1) -> Choi:
        """Choi state of `restricted`."""
        most = dimension("photons", photons, least=1)
        size = most + 1
        require_dense("photons", most, size * size)
        kraus = np.zeros((size, size, size))
        for lost in range(size):
            for n in range(lost, size):
                amplitude = math.comb(n, lost) * self.transmissivity ** (n - lost) * (1 - self.transmissivity) ** lost
                kraus[lost, n - lost, n] = math.sqrt(amplitude)
        return choi_of_kraus(kraus.astype(np.complex128))

    def dual_rail(self) -> Qobj:
        """A qubit in the position of one photon over two such modes: erasure with probability 1-η.

        The unit is then one use of both modes.
        """
        return erasure_choi(1 - self.transmissivity).to_super()


def pure_loss(transmissivity: float) -> PureLoss:
    """Pure-loss channel of transmissivity η; see `PureLoss` for its finite-dimensional restrictions.

    Raises
    ------
    InputError
        η is outside [0, 1].
    """
    return PureLoss(transmissivity)
