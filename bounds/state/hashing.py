"""The hashing rate of a state: key with trusted devices and one message from Alice to Bob."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flint import arb, ctx

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.scope import Scope, Trust, one_way
from keybounds.bounds.state.spectra import PRECISION, as_pairs, certified_state, hermitian_from_lower
from keybounds.bounds.subject import subject_of
from keybounds.enclosure import round_up
from keybounds.errors import DimensionError
from keybounds.states import density_matrix

if TYPE_CHECKING:
    import numpy as np
    import qutip
    from numpy.typing import NDArray


def hashing_certificate(
    array: NDArray[np.complex128], dims: Sequence[int], shift: arb, *, of: str = "state", direction: str = "forward"
) -> dict[str, Any]:
    """Certificate of the hashing rate of (H + shift)/trace, H the Hermitian matrix of the doubles of `array`."""
    state = {"matrix": as_pairs(hermitian_from_lower(array)), "shift": round_up(shift)}
    return {"kind": "hashing", "dims": list(dims), "state": state, "of": of, "direction": direction}


def coherent_information(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: tuple[int, int] | None = None,
    *,
    subject: str | None = None,
    unit: Unit = Unit.PER_COPY,
) -> Bound:
    """Lower bound on the secret-key rate of a state with trusted devices: I(A>B) = S(B) - S(AB).

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems.
    subject, unit
        What the bound is about (default a digest of the matrix), and what a copy is called.

    Returns
    -------
    Bound
        LOWER, in bits per copy, one-way with trusted devices; 0 with NO_KEY where it is not positive. The entropies
        are enclosed for the nearest exactly positive state: ``diagnostics["shift"]`` times the identity was added to
        it and normalised away.

    Raises
    ------
    StateError, DimensionError
        Not a density matrix; dims that do not multiply up or are not two.

    Notes
    -----
    devetak2005, Theorem 10 (hashing inequality): I(A>B) <= D_1 <= K_1.
    """
    array, parties = density_matrix(state, dims)
    if len(parties) != 2:
        raise DimensionError("dims", "two subsystems (dA, dB)", f"{len(parties)}: {parties}")
    rho = certified_state(array)
    with ctx.workprec(PRECISION):
        value = rho.marginal_entropy(parties, 1) - rho.entropy
    return lower_bound(
        value,
        unit=unit,
        scope=Scope(
            subject=subject or subject_of("state", array, dims=parties),
            trust=Trust.DEVICE_DEPENDENT,
            protocol=one_way(),
        ),
        method="coherent information",
        reference="devetak2005, Theorem 10",
        provenance={"dims": list(parties)},
        certificate=hashing_certificate(array, parties, rho.shift),
        diagnostics={"shift": round_up(rho.shift)},
    )
