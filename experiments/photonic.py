"""The photonic platform: polarisation pairs from down-conversion, one click detector behind an analyser on each side.

A detector says click (outcome 0) or no click (outcome 1) once a round. Source: liu2022, Fig. 2; the statistics of the
source are modelled here, for the paper prints none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from keybounds.errors import InputError
from keybounds.experiments.behaviour import Behaviour
from keybounds.states.arguments import probability
from keybounds.states.density import to_qobj
from keybounds.states.two_qubit import photonic_pair_matrix
from keybounds.thing import Thing

if TYPE_CHECKING:
    from qutip import Qobj

SourceStatistics = Literal["poisson", "thermal", "single-pair"]
Imperfection = Literal["white-noise", "dephasing"]


@dataclass(frozen=True, slots=True)
class PairSource:
    """Independent pairs cos θ|HV> + sin θ|VH>, as they arrive after loss: what the parties share, perfect as it may be.

    Attributes
    ----------
    pair_angle
        θ, in radians.
    mean_pairs
        μ >= 0, the mean number of pairs a round.
    efficiencies
        Probabilities in [0, 1] that a photon arrives, (Alice, Bob).
    statistics
        Distribution of the number of pairs, or None for any with this mean.

    Raises
    ------
    InputError
        A number outside its range.
    """

    pair_angle: float
    mean_pairs: float
    efficiencies: tuple[float, float]
    statistics: SourceStatistics | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.pair_angle):
            raise InputError("pair_angle", "a finite angle in radians", repr(self.pair_angle))
        _at_least_zero("mean_pairs", self.mean_pairs)
        for eta in self.efficiencies:
            probability("efficiencies", eta)
        if len(self.efficiencies) != 2:
            raise InputError("efficiencies", "two numbers (Alice, Bob)", repr(self.efficiencies))
        for name in ("pair_angle", "mean_pairs"):
            object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "efficiencies", tuple(float(eta) for eta in self.efficiencies))

    @property
    def thing(self) -> Thing:
        """What bounds on its key are about."""
        return Thing.of_numbers(
            "source",
            f"pairs at {self.pair_angle:.6g} rad, {self.mean_pairs:.6g} a round, efficiencies "
            f"{self.efficiencies[0]:.6g} and {self.efficiencies[1]:.6g}",
            pair_angle=self.pair_angle,
            mean_pairs=self.mean_pairs,
            efficiencies=self.efficiencies,
            statistics=self.statistics,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonicExperiment:
    """A down-conversion source and two analysers with click detectors.

    A round emits N independent pairs, each in the state ρ of `pair_matrix`, in modes of their own, and a detector
    without photon-number resolution clicks if any of its photons is detected, or by a dark count. With M the chance
    that one pair leaves a given set of detectors silent, that set is silent with probability G(M) = E[M^N]:

    - ``poisson``: G(s) = exp(-μ(1-s));
    - ``thermal``: G(s) = 1/(1 + μ(1-s)), the geometric distribution of the pairs of one two-mode squeezed vacuum. The
      pairs are still taken as independent: stimulated emission into the other polarisation mode, an effect of
      order μ², is left out;
    - ``single-pair``: G(s) = 1 - μ(1-s), a pair with probability μ, else vacuum.

    M is 1 - η<φ|ρ|φ> for one party, and 1 - η_A<φ_a> - η_B<φ_b> + η_A η_B <φ_a φ_b> for both, where an analyser at
    angle φ passes |φ> = cos φ |H> + sin φ |V>. A dark count multiplies a silence by 1 - d.

    Attributes
    ----------
    pair_angle
        θ of cos θ|HV> + sin θ|VH>, in degrees.
    alice_angles, bob_angles
        The analysers' angles, one for each setting, in degrees of polarisation.
    efficiencies
        Probability in [0, 1] that a photon is detected, (Alice, Bob), before `extra_fibre`.
    mean_pairs
        μ, the mean number of pairs a round; at most 1 for a single-pair source.
    statistics
        Distribution of the number of pairs.
    fidelity
        F = <ψ|ρ|ψ> of an emitted pair with the ideal one.
    imperfection
        What lowers the fidelity: ``white-noise``, ρ = V ψ + (1-V) I/4 with V = (4F-1)/3; or ``dephasing``, coherences
        times 1 - 2(1-F)/sin²2θ.
    dark_counts
        Probability of a dark count a round, (Alice, Bob).
    extra_fibre
        Fibre in km that each photon passes beyond the one included in `efficiencies`, (Alice, Bob).
    attenuation
        Loss of that fibre in dB/km (0.2 is standard fibre at 1550 nm).
    repetition_rate
        Rounds a second; None where no rate per second is asked for.

    Raises
    ------
    InputError
        A parameter outside its range, or a fidelity that the imperfection cannot give.
    """

    pair_angle: float
    alice_angles: tuple[float, ...]
    bob_angles: tuple[float, ...]
    efficiencies: tuple[float, float]
    mean_pairs: float
    statistics: SourceStatistics = "poisson"
    fidelity: float = 1.0
    imperfection: Imperfection = "white-noise"
    dark_counts: tuple[float, float] = (0.0, 0.0)
    extra_fibre: tuple[float, float] = (0.0, 0.0)
    attenuation: float = 0.2
    repetition_rate: float | None = None

    def __post_init__(self) -> None:
        for name in ("alice_angles", "bob_angles", "efficiencies", "dark_counts", "extra_fibre"):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        for name in ("alice_angles", "bob_angles"):
            if not getattr(self, name):
                raise InputError(name, "one angle or more", "none")
        for name in ("efficiencies", "dark_counts", "extra_fibre"):
            if len(getattr(self, name)) != 2:
                raise InputError(name, "two numbers (Alice, Bob)", repr(getattr(self, name)))
        for angle in (self.pair_angle, *self.alice_angles, *self.bob_angles):
            if not math.isfinite(angle):
                raise InputError("angles", "finite angles in degrees", repr(angle))
        for name in ("efficiencies", "dark_counts"):
            for value in getattr(self, name):
                probability(name, value)
        _choice("statistics", self.statistics, get_args(SourceStatistics))
        _choice("imperfection", self.imperfection, get_args(Imperfection))
        for name, value in (("attenuation", self.attenuation), *(("extra_fibre", km) for km in self.extra_fibre)):
            _at_least_zero(name, value)
        _at_least_zero("mean_pairs", self.mean_pairs)
        if self.statistics == "single-pair" and self.mean_pairs > 1:
            raise InputError("mean_pairs", "a probability, for a single-pair source", repr(self.mean_pairs))
        if self.repetition_rate is not None and not (math.isfinite(self.repetition_rate) and self.repetition_rate > 0):
            raise InputError("repetition_rate", "rounds a second above 0, or None", repr(self.repetition_rate))
        self._mixing()

    def with_(self, **changes: Any) -> PhotonicExperiment:
        """Return the same experiment with some parameters changed, checked again."""
        return replace(self, **changes)

    @property
    def total_efficiencies(self) -> tuple[float, float]:
        """Efficiencies with the extra fibre's loss, η 10^(-αL/10)."""
        alice, bob = (
            efficiency * 10.0 ** (-self.attenuation * km / 10.0)
            for efficiency, km in zip(self.efficiencies, self.extra_fibre, strict=True)
        )
        return alice, bob

    @property
    def source(self) -> PairSource:
        """The ideal pairs behind all losses, of which everything else here is local processing and public noise.

        Dark counts and detectors are the parties' own; white noise and dephasing replace a pair, or flip the phase of
        one photon, by a public coin. So no key of the correlations exceeds the key of this source.
        """
        return PairSource(
            math.radians(self.pair_angle), self.mean_pairs, self.total_efficiencies, statistics=self.statistics
        )

    def pair_matrix(self) -> NDArray[np.complex128]:
        """Return the emitted pair ρ as an array of shape (4, 4), basis |H> = |0>, |V> = |1>, Alice first."""
        visibility = self._mixing()
        ideal = photonic_pair_matrix(math.radians(self.pair_angle))
        if self.imperfection == "white-noise":
            return visibility * ideal + (1.0 - visibility) * np.eye(4) / 4.0
        diagonal = np.diag(np.diag(ideal))
        return diagonal + visibility * (ideal - diagonal)

    def state(self) -> Qobj:
        """Return the emitted pair ρ as a `Qobj`, dims [[2,2],[2,2]]."""
        return to_qobj(self.pair_matrix(), (2, 2))

    def behaviour(self) -> Behaviour:
        """P(a,b|x,y) of a round, outcome 0 = click, 1 = no click; as many settings as there are angles."""
        rho = self.pair_matrix().real.reshape(2, 2, 2, 2)  # the pair and the analysers are real
        alice, bob = _polarisers(self.alice_angles), _polarisers(self.bob_angles)
        eta_a, eta_b = self.total_efficiencies
        pass_a = np.einsum("xi,xk,ijkj->x", alice, alice, rho)
        pass_b = np.einsum("yj,yl,ijil->y", bob, bob, rho)
        pass_both = np.einsum("xi,xk,yj,yl,ijkl->xy", alice, alice, bob, bob, rho)
        detected = eta_a * pass_a[:, None] + eta_b * pass_b[None, :] - eta_a * eta_b * pass_both
        dark_a, dark_b = self.dark_counts
        click_a = self._click(eta_a * pass_a, dark_a)[:, None]
        click_b = self._click(eta_b * pass_b, dark_b)[None, :]
        click_any = self._click(detected, 1.0 - (1.0 - dark_a) * (1.0 - dark_b))
        table = np.array([[click_a + click_b - click_any, click_any - click_b], [click_any - click_a, 1.0 - click_any]])
        return Behaviour(
            np.clip(table, 0.0, None),
            provenance=f"photonic model, {self.statistics} source, {self.imperfection}, F = {self.fidelity:g}",
        )._made_by(self.source.thing)

    def _click(self, detected: NDArray[np.float64], dark: float) -> NDArray[np.float64]:
        """1 - (1 - dark) G(1 - detected), without cancellation where clicks are rare."""
        mean = self.mean_pairs * detected
        if self.statistics == "poisson":
            pairs = -np.expm1(-mean)
        elif self.statistics == "thermal":
            pairs = mean / (1.0 + mean)
        else:
            pairs = mean
        return dark + (1.0 - dark) * pairs

    def _mixing(self) -> float:
        """Visibility of white noise or the factor of the coherences, from the fidelity."""
        if self.imperfection == "white-noise":
            if not 0.25 <= self.fidelity <= 1.0:
                raise InputError("fidelity", "a number in [1/4, 1], for white noise", repr(self.fidelity))
            return (4.0 * self.fidelity - 1.0) / 3.0
        coherence = math.sin(2.0 * math.radians(self.pair_angle)) ** 2 / 2.0
        if not 1.0 - coherence <= self.fidelity <= 1.0:
            raise InputError(
                "fidelity", f"a number in [{1.0 - coherence:.6g}, 1], for dephasing at this angle", repr(self.fidelity)
            )
        return 1.0 - (1.0 - self.fidelity) / coherence if coherence > 0 else 1.0


def _polarisers(degrees: tuple[float, ...]) -> NDArray[np.float64]:
    """Amplitudes (cos φ, sin φ) of the passing polarisations, shape (settings, 2)."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _choice(name: str, value: str, options: tuple[str, ...]) -> None:
    if value not in options:
        raise InputError(name, "one of " + ", ".join(options), repr(value))


def _at_least_zero(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise InputError(name, "a finite number of at least 0", repr(value))
