"""Ceilings on the key of the PPT private states with trusted devices."""

from __future__ import annotations

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.scope import Scope, Trust
from keybounds.bounds.state.private_states import closed_form, provenance, state_thing
from keybounds.protocol import P_2
from keybounds.states import PPTPrivateFamily


def private_state_ceiling(state: PPTPrivateFamily) -> Bound:
    """Ceiling on K(rho_p): D(rho_p||rho_{1/2}) = 1 - h(p) >= E_r(rho_p), for rho_{d,p} and for unequal sectors.

    rho_{1/2} is separable, its partial transpose being an explicit mixture of product vectors.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with trusted devices.

    Notes
    -----
    horodecki2005 for K <= E_r; the value this project, claims ``er-ceiling`` and ``unequal-sectors``.
    """
    return upper_bound(
        state.relative_entropy_ceiling,
        unit=Unit.PER_COPY,
        scope=Scope(thing=state_thing(state), trust=Trust.DEVICE_DEPENDENT, protocol=P_2),
        method="relative entropy of entanglement, 1-h(p)",
        reference=f"this project, claim {'er-ceiling' if state.equal_sectors else 'unequal-sectors'}",
        provenance=provenance(state),
        certificate=closed_form(state, "relative entropy to p = 1/2"),
    )
