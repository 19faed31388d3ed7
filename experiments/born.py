"""The Born rule: from a state and measurements to a `Behaviour`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import DimensionError, InputError
from keybounds.experiments.behaviour import Behaviour
from keybounds.states.density import density_matrix, is_qobj
from keybounds.thing import Thing

if TYPE_CHECKING:
    import qutip

    Effect: TypeAlias = "ArrayLike | qutip.Qobj"

_SIGMA_X = np.array([[0, 1], [1, 0]], dtype=np.complex128)
_SIGMA_Y = np.array([[0, -1j], [1j, 0]], dtype=np.complex128)
_SIGMA_Z = np.array([[1, 0], [0, -1]], dtype=np.complex128)


def born(
    state: qutip.Qobj | ArrayLike,
    alice: Sequence[Sequence[Effect]],
    bob: Sequence[Sequence[Effect]],
    *,
    provenance: str | None = None,
    atol: float = 1e-9,
) -> Behaviour:
    """P(a,b|x,y) = tr[ρ A(a|x) ⊗ B(b|y)].

    Parameters
    ----------
    state
        Density operator or ket, Alice's systems first; an array of shape (N, N) or (N,), or a Qobj.
    alice, bob
        For each setting the effects of its measurement, one for each outcome: arrays of shape (dA, dA) and (dB, dB)
        with dA dB = N, or Qobj. All settings of a party have equally many outcomes.
    provenance
        Handed to the `Behaviour`.
    atol
        Tolerance on Hermiticity, positivity, and completeness of the measurements (default 1e-9: matrices written with
        ten digits).

    Raises
    ------
    StateError
        The state is no density operator.
    InputError
        A measurement is not positive or does not sum to the identity.
    DimensionError
        The dimensions do not multiply up.
    """
    effects_a, effects_b = povms("alice", alice, atol=atol), povms("bob", bob, atol=atol)
    dims = (effects_a.shape[-1], effects_b.shape[-1])
    rho, _ = density_matrix(state, dims, atol=atol)
    # each of the three factors may be off by atol, and a sum over outcomes adds na nb entries
    slack = 4 * atol * effects_a.shape[1] * effects_b.shape[1]
    table = Behaviour(born_table(rho, effects_a, effects_b), provenance=provenance, atol=slack)
    return table._made_by(Thing.of_array("state", rho, dims))


def born_table(
    rho: NDArray[np.complex128], alice: NDArray[np.complex128], bob: NDArray[np.complex128]
) -> NDArray[np.float64]:
    """P[a, b, x, y] from arrays: rho (dA dB, dA dB), alice (nx, na, dA, dA), bob (ny, nb, dB, dB); no checks."""
    dA, dB = alice.shape[-1], bob.shape[-1]
    tensor = rho.reshape(dA, dB, dA, dB)
    table = np.einsum("xaki,yblj,ijkl->abxy", alice, bob, tensor, optimize=True)
    return np.asarray(np.maximum(table.real, 0.0), dtype=np.float64)


def povms(name: str, measurements: Sequence[Sequence[Any]], *, atol: float = 1e-9) -> NDArray[np.complex128]:
    """Check one party's measurements and return them as an array of shape (settings, outcomes, d, d)."""
    arrays = [[np.asarray(effect.full() if is_qobj(effect) else effect) for effect in m] for m in measurements]
    if not arrays or len({len(m) for m in arrays}) != 1 or len(arrays[0]) < 2:
        raise DimensionError(
            name, "one measurement or more, all with equally many outcomes, two at least", str([len(m) for m in arrays])
        )
    shapes = {effect.shape for m in arrays for effect in m}
    shape = arrays[0][0].shape
    if len(shapes) != 1 or len(shape) != 2 or shape[0] != shape[1]:
        raise DimensionError(name, "square matrices of one size", str(sorted(shapes)))
    effects = np.array(arrays, dtype=np.complex128)
    if not np.isfinite(effects).all():
        raise InputError(name, "finite entries", "NaN or infinity")
    for x, measurement in enumerate(effects):
        skew = float(np.abs(measurement - measurement.conj().transpose(0, 2, 1)).max())
        if skew > atol:
            raise InputError(f"{name}[{x}]", f"Hermitian effects within {atol:g}", f"deviation {skew:.3g}")
        lowest = float(np.linalg.eigvalsh(measurement).min())
        if lowest < -atol:
            raise InputError(f"{name}[{x}]", "positive effects", f"eigenvalue {lowest:.3g}")
        excess = float(np.abs(measurement.sum(axis=0) - np.eye(shape[0])).max())
        if excess > atol:
            raise InputError(
                f"{name}[{x}]", f"effects that sum to the identity within {atol:g}", f"deviation {excess:.3g}"
            )
    return effects


def qubit_measurement(polar: float, azimuth: float = 0.0, *, sharpness: float = 1.0) -> NDArray[np.complex128]:
    """Measure a qubit along a direction of the Bloch sphere: effects (1 ± s n·σ)/2, shape (2, 2, 2).

    n = (sin polar cos azimuth, sin polar sin azimuth, cos polar), angles in radians; outcome 0 is along n. A linear
    polariser at angle φ to |0> is ``qubit_measurement(2 * φ)``. The sharpness s in [0, 1] is 1 for a projection.
    """
    if not (math.isfinite(polar) and math.isfinite(azimuth)):
        raise InputError("polar, azimuth", "finite angles", f"{polar!r}, {azimuth!r}")
    if not 0.0 <= sharpness <= 1.0:
        raise InputError("sharpness", "a number in [0, 1]", repr(sharpness))
    direction = (
        math.sin(polar) * math.cos(azimuth) * _SIGMA_X
        + math.sin(polar) * math.sin(azimuth) * _SIGMA_Y
        + math.cos(polar) * _SIGMA_Z
    )
    effects = np.array([np.eye(2) + sharpness * direction, np.eye(2) - sharpness * direction]) / 2
    return np.asarray(effects, dtype=np.complex128)
