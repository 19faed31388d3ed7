"""The ion platform: a heralded pair of ion qubits, measured without loss. Source: nadlinger2022.

Settings count from 0: Alice Z, X; Bob (Z+X)/√2, (Z-X)/√2 for the CHSH test, and Z for the key. On Phi+ the CHSH game
a⊕b = xy is won best, and the key setting (0, 2) has equal outcomes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError
from keybounds.experiments.behaviour import Behaviour
from keybounds.experiments.born import born_table, qubit_measurement
from keybounds.experiments.tomography import aligned, closest_maximally_entangled, maximum_likelihood_state
from keybounds.states.arguments import probability
from keybounds.states.density import density_matrix, to_qobj
from keybounds.states.two_qubit import bell_diagonal_matrix, ion_pair_weights
from keybounds.thing import Thing

if TYPE_CHECKING:
    from qutip import Qobj

Counts: TypeAlias = tuple[tuple[str, str, tuple[int, int, int, int]], ...]


class PairModel(Protocol):
    """A two-qubit pair whose closest maximally entangled state is Phi+."""

    @property
    def name(self) -> str:
        """What the model is, for provenance."""

    def matrix(self) -> NDArray[np.complex128]:
        """Density matrix, shape (4, 4), Alice first."""


@dataclass(frozen=True, slots=True)
class BellDiagonalPair:
    """A mixture of Bell states with weights in the order Phi+, Phi-, Psi+, Psi- (errors I, Z, X, Y)."""

    weights: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        self.matrix()

    @property
    def name(self) -> str:
        """What the model is, for provenance."""
        return "Bell-diagonal pair"

    def matrix(self) -> NDArray[np.complex128]:
        """Density matrix, shape (4, 4), Alice first."""
        return bell_diagonal_matrix(self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyPair:
    """Phi+ with a phase flip of probability `dephasing`, then mixed with I/4 at weight `depolarising`."""

    depolarising: float
    dephasing: float

    def __post_init__(self) -> None:
        self.matrix()

    @property
    def name(self) -> str:
        """What the model is, for provenance."""
        return "depolarised and dephased pair"

    def matrix(self) -> NDArray[np.complex128]:
        """Density matrix, shape (4, 4), Alice first."""
        return bell_diagonal_matrix(ion_pair_weights(depolarising=self.depolarising, dephasing=self.dephasing))


@dataclass(frozen=True, slots=True)
class TomographicPair:
    """Pairs reconstructed from tomography counts, one state for each herald pattern.

    Each pattern heralds its own maximally entangled state. Bob's qubit is rotated so that the closest one becomes Phi+,
    as a device that knows the herald does, and the patterns are averaged with their numbers of heralds.

    Attributes
    ----------
    patterns
        For each herald pattern (basis of Alice, basis of Bob, counts of ++, +-, -+, --), bases among X, Y, Z with an
        optional minus sign.
    """

    patterns: tuple[Counts, ...]

    def __post_init__(self) -> None:
        if not self.patterns or not all(self.patterns):
            raise InputError("patterns", "counts of one herald pattern or more", "none")
        self.matrix()

    @property
    def name(self) -> str:
        """What the model is, for provenance."""
        return "pair reconstructed by tomography"

    def reconstructed(self) -> tuple[NDArray[np.complex128], ...]:
        """Maximum-likelihood state of each herald pattern in the laboratory's bases, shape (4, 4) each."""
        return _reconstruct(self.patterns)

    def fully_entangled_fractions(self) -> tuple[float, ...]:
        """Fidelity of each reconstructed state with its closest maximally entangled one."""
        return tuple(closest_maximally_entangled(rho)[0] for rho in self.reconstructed())

    def matrix(self) -> NDArray[np.complex128]:
        """Density matrix of the aligned average, shape (4, 4), Alice first."""
        heralds = [sum(sum(counts) for _, _, counts in pattern) for pattern in self.patterns]
        states = self.reconstructed()
        return np.asarray(np.average([aligned(rho) for rho in states], axis=0, weights=heralds), dtype=np.complex128)


@dataclass(frozen=True, slots=True, kw_only=True)
class IonExperiment:
    """A pair of ions and the imperfections of its measurements.

    Attributes
    ----------
    pair
        The heralded pair: `BellDiagonalPair`, `NoisyPair`, `TomographicPair`, or another `PairModel`.
    readout_errors
        Probability that an outcome is read as the other one, (Alice, Bob), in every setting.
    test_phase
        Phase offset between the parties' X axes in Bob's two test settings, in degrees: his X there is
        cos δ X + sin δ Y.
    test_contrast
        Factor in [0, 1] on the correlations of Bob's two test settings: his effects there are (1 ± c n·σ)/2.
    herald_rate
        Heralded pairs a second; None where no rate per second is asked for.

    Raises
    ------
    InputError
        A parameter outside its range.
    """

    pair: PairModel
    readout_errors: tuple[float, float] = (0.0, 0.0)
    test_phase: float = 0.0
    test_contrast: float = 1.0
    herald_rate: float | None = None

    def __post_init__(self) -> None:
        errors = tuple(probability("readout_errors", value) for value in self.readout_errors)
        if len(errors) != 2:
            raise InputError("readout_errors", "two probabilities (Alice, Bob)", repr(errors))
        object.__setattr__(self, "readout_errors", errors)
        probability("test_contrast", self.test_contrast)
        if not math.isfinite(self.test_phase):
            raise InputError("test_phase", "a finite angle in degrees", repr(self.test_phase))
        if self.herald_rate is not None and not (math.isfinite(self.herald_rate) and self.herald_rate > 0):
            raise InputError("herald_rate", "pairs a second above 0, or None", repr(self.herald_rate))

    def with_(self, **changes: Any) -> IonExperiment:
        """Return the same experiment with some parameters changed, checked again."""
        return replace(self, **changes)

    def state(self) -> Qobj:
        """Return the heralded pair as a `Qobj`, dims [[2,2],[2,2]]."""
        return to_qobj(self.pair.matrix(), (2, 2))

    @property
    def fidelity(self) -> float:
        """Fidelity of the pair with its closest maximally entangled state."""
        return closest_maximally_entangled(self.pair.matrix())[0]

    def measurements(self) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Effects of Alice (2, 2, 2, 2) and Bob (3, 2, 2, 2), indexed setting, outcome, matrix."""
        phase, eighth = math.radians(self.test_phase), math.pi / 4.0
        alice = np.array([qubit_measurement(0.0), qubit_measurement(math.pi / 2.0)])
        bob = np.array(
            [
                qubit_measurement(eighth, phase, sharpness=self.test_contrast),
                qubit_measurement(-eighth, phase, sharpness=self.test_contrast),
                qubit_measurement(0.0),
            ]
        )
        return _misread(alice, self.readout_errors[0]), _misread(bob, self.readout_errors[1])

    def behaviour(self) -> Behaviour:
        """P(a,b|x,y) of a heralded round, 2 x 3 settings, none left out."""
        alice, bob = self.measurements()
        rho, dims = density_matrix(self.pair.matrix(), (2, 2))
        table = Behaviour(born_table(rho, alice, bob), provenance=f"ion model, {self.pair.name}")
        return table._made_by(Thing.of_array("state", rho, dims))


def _misread(effects: NDArray[np.complex128], error: float) -> NDArray[np.complex128]:
    return (1.0 - error) * effects + error * effects[:, ::-1]


@lru_cache(maxsize=4)
def _reconstruct(patterns: tuple[Counts, ...]) -> tuple[NDArray[np.complex128], ...]:
    states = []
    for pattern in patterns:
        counts: list[int] = []
        effects: list[NDArray[np.complex128]] = []
        for basis_a, basis_b, numbers in pattern:
            alice, bob = _pauli_measurement(basis_a), _pauli_measurement(basis_b)
            effects.extend(np.kron(alice[a], bob[b]) for a in (0, 1) for b in (0, 1))
            counts.extend(numbers)
        state = maximum_likelihood_state(counts, effects).matrix
        state.flags.writeable = False  # the cache hands out the same array again
        states.append(state)
    return tuple(states)


def _pauli_measurement(basis: str) -> NDArray[np.complex128]:
    directions = {"X": (math.pi / 2.0, 0.0), "Y": (math.pi / 2.0, math.pi / 2.0), "Z": (0.0, 0.0)}
    axis = basis.removeprefix("-")
    if axis not in directions:
        raise InputError("basis", "X, Y or Z, with an optional minus sign", repr(basis))
    effects = qubit_measurement(*directions[axis])
    return effects[::-1] if basis.startswith("-") else effects
