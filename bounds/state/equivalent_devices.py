"""Device-independent entanglement measures E↓: the least entanglement among devices that nobody can tell apart.

For a state rho with fixed measurements M, E↓(rho, M) is the infimum of E(sigma) over all devices (N, sigma) with the
same table P(a,b|x,y) [christandl2021, Eq. (4)]; for E a ceiling on key, it is one on the key that any protocol makes of
that table. Every device that can be written down gives a ceiling on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keybounds.bounds.bound import Bound
from keybounds.bounds.scope import Trust
from keybounds.bounds.state.bipartite import BipartiteState, bipartite_state
from keybounds.bounds.state.key_ceiling import METHODS, Method, least_ceiling
from keybounds.bounds.state.partial_transpose import exactly_ppt, least_transposed_eigenvalue, transposed_ceiling
from keybounds.errors import BoundNotEstablishedError, DimensionError
from keybounds.experiments.born import born_table, povms
from keybounds.thing import Thing

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

SAME_TABLE = 1e-9
"""Largest entry by which the tables of two devices may differ through rounding."""


def device_independent_measure(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: Sequence[int] | None = None,
    *,
    alice: Sequence[Sequence[Any]],
    bob: Sequence[Sequence[Any]],
    methods: Sequence[Method] = METHODS,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on E↓(rho, M), and so on the device-independent key of a state with fixed measurements.

    The devices tried: the given one, and, if rho is PPT, rho^Γ with Bob's effects transposed.

    Parameters
    ----------
    state, dims
        Density matrix or ket; (dA, dB), Alice's subsystem first, not needed for a Qobj with two subsystems, or with
        four, which are A A' B B' and cut in the middle.
    alice, bob
        Measurements: for each setting the effects of its outcomes, matrices of size dA and dB.
    methods
        The measures E: ``("relative-entropy",)`` for E_r↓, ``("squashed",)`` for E_sq↓, both for the lesser.
    atol
        As in `key_ceiling`; eigenvalues of rho^Γ down to -atol count as rounding of a PPT state, and all devices are
        then those of the state made exactly PPT by `exactly_ppt`.

    Returns
    -------
    Bound
        UPPER, in bits per copy, about the table P(a,b|x,y), for every public-discussion protocol with untrusted
        devices. ``diagnostics["device"]`` names the device that attains it, ``["devices"]`` gives the value of each;
        ``["repair"]`` and ``["margin"]`` as in `key_ceiling` and `partial_transpose_bound`.

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
    table = born_table(rho.array, effects_a, effects_b)
    found: dict[str, Bound] = {}
    for device, state_of, effects in _devices(rho, effects_b, atol):
        difference = float(np.abs(born_table(state_of.array, effects_a, effects) - table).max())
        if not difference <= SAME_TABLE:
            raise BoundNotEstablishedError(f"the device {device!r} misses the table by {difference:.3g}")
        ceiling = least_ceiling if device == _GIVEN else transposed_ceiling
        found[device] = ceiling(state_of, methods)
    device, best = min(found.items(), key=lambda item: item[1].value)
    thing = Thing.of_array("correlations", table, maker=rho.thing)
    return replace(
        best,
        scope=replace(best.scope, thing=thing, trust=Trust.DEVICE_INDEPENDENT),
        method=f"{best.method} of the device {device!r}",
        reference="christandl2021, Eq. (4)",
        diagnostics={
            **best.diagnostics,
            "device": device,
            "devices": {name: bound.value for name, bound in found.items()},
        },
    )


_GIVEN, _TRANSPOSED = "as given", "partial transpose"


def _devices(
    rho: BipartiteState, bob: NDArray[np.complex128], atol: float
) -> list[tuple[str, BipartiteState, NDArray[np.complex128]]]:
    """Name, state and Bob's effects of every device; Alice's effects stay."""
    if least_transposed_eigenvalue(rho) < -atol:
        return [(_GIVEN, rho, bob)]
    given, turned = exactly_ppt(rho)
    return [(_GIVEN, given, bob), (_TRANSPOSED, turned, np.swapaxes(bob, -1, -2))]
