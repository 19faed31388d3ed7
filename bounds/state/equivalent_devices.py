"""Device-independent entanglement measures E↓: the least entanglement among devices that nobody can tell apart.

For a state rho with fixed measurements M, E↓(rho, M) is the infimum of E(sigma) over all devices (N, sigma) with the
same table P(a,b|x,y) [christandl2021, Eq. (4)]; for E a ceiling on key, it is one on the key that any protocol makes of
that table. Every device that can be written down gives a ceiling on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keybounds.bounds.bound import Bound
from keybounds.bounds.scope import Trust
from keybounds.bounds.state.bipartite import bipartite_state
from keybounds.bounds.state.key_ceiling import METHODS, Method, key_ceiling
from keybounds.bounds.state.partial_transpose import exactly_ppt, partially_transposed
from keybounds.bounds.subject import subject_of
from keybounds.errors import BoundNotEstablishedError, DimensionError
from keybounds.experiments.born import born_table, povms

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

SAME_TABLE = 1e-9
"""Largest entry by which the tables of two devices may differ through rounding."""


def device_independent_measure(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: tuple[int, int] | None = None,
    *,
    alice: Sequence[Sequence[Any]],
    bob: Sequence[Sequence[Any]],
    methods: Sequence[Method] = METHODS,
    subject: str | None = None,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on E↓(rho, M), and so on the device-independent key of a state with fixed measurements.

    The devices tried: the given one, and, if rho is PPT, rho^Γ with Bob's effects transposed.

    Parameters
    ----------
    state, dims
        Density matrix or ket; (dA, dB), Alice's subsystem first.
    alice, bob
        Measurements: for each setting the effects of its outcomes, matrices of size dA and dB.
    methods
        The measures E: ``("relative-entropy",)`` for E_r↓, ``("squashed",)`` for E_sq↓, both for the lesser.
    subject
        What the bound is about; by default a digest of the table that the device produces.
    atol
        As in `key_ceiling`; eigenvalues of rho^Γ down to -atol count as rounding of a PPT state, and all devices are
        then those of the state made exactly PPT by `exactly_ppt`.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with untrusted devices.
        ``diagnostics["device"]`` names the device that attains it, ``diagnostics["devices"]`` gives the value of each,
        ``diagnostics["shift"]`` the multiple of the identity that was added to the state, and normalised away.

    Raises
    ------
    StateError, DimensionError, InputError
        Not a bipartite state, effects that do not fit it or are no measurement, unknown methods.
    BoundNotEstablishedError
        A device does not reproduce the table: a defect, never a result.

    Notes
    -----
    christandl2021, Eqs. (4) and (5); the transposed device by the claim ``transpose-invariance``.
    """
    rho = bipartite_state(state, dims, atol=atol)
    effects_a, effects_b = povms("alice", alice), povms("bob", bob)
    if (effects_a.shape[-1], effects_b.shape[-1]) != rho.dims:
        raise DimensionError(
            "alice, bob", f"effects of size {rho.dims}", f"{effects_a.shape[-1]} and {effects_b.shape[-1]}"
        )
    name = subject or subject_of("device", born_table(rho.array, effects_a, effects_b))
    ppt = float(np.linalg.eigvalsh(partially_transposed(rho.array, rho.dims))[0]) >= -atol
    array, shift = exactly_ppt(rho.array, rho.dims) if ppt else (rho.array, 0.0)
    table = born_table(array, effects_a, effects_b)
    atol += 2 * shift * rho.size
    found: dict[str, Bound] = {}
    for device, matrix, transposed_b in _devices(array, effects_b, rho.dims, ppt=ppt):
        difference = float(np.abs(born_table(matrix, effects_a, transposed_b) - table).max())
        if not difference <= SAME_TABLE:
            raise BoundNotEstablishedError(f"the device {device!r} misses the table by {difference:.3g}")
        found[device] = key_ceiling(matrix, rho.dims, methods=methods, subject=name, atol=atol)
    device, best = min(found.items(), key=lambda item: item[1].value)
    return replace(
        best,
        scope=replace(best.scope, trust=Trust.DEVICE_INDEPENDENT),
        method=f"{best.method} of the device {device!r}",
        reference="christandl2021, Eq. (4)",
        certificate={**(best.certificate or {}), "state_is": device},
        diagnostics={
            **best.diagnostics,
            "device": device,
            "devices": {name: bound.value for name, bound in found.items()},
            "shift": shift + float(best.diagnostics["shift"]),  # squashing adds 2^-80 of its own
        },
    )


def _devices(
    rho: NDArray[np.complex128], bob: NDArray[np.complex128], dims: tuple[int, int], *, ppt: bool
) -> Iterator[tuple[str, NDArray[np.complex128], NDArray[np.complex128]]]:
    """Name, state and Bob's effects of every device; Alice's effects stay."""
    yield "as given", rho, bob
    if ppt:
        yield "partial transpose", partially_transposed(rho, dims), np.swapaxes(bob, -1, -2)
