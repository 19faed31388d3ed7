"""Ceilings on the key of the PPT private states rho_{d,p} with trusted devices."""

from __future__ import annotations

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.private_states import provenance, subject
from keybounds.bounds.scope import ANY_PROTOCOL, Scope, Trust
from keybounds.states import PPTPrivateFamily


def private_state_ceiling(family: PPTPrivateFamily) -> Bound:
    """Ceiling on K(rho_{d,p}): D(rho_{d,p}||rho_{d,1/2}) = 1 - h(p) >= E_r(rho_{d,p}).

    rho_{d,1/2} is separable, its partial transpose being an explicit mixture of product vectors.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with trusted devices.

    Notes
    -----
    horodecki2005 for K <= E_r; the value this project, claim ``er-ceiling``.
    """
    return upper_bound(
        family.relative_entropy_ceiling,
        unit=Unit.PER_COPY,
        scope=Scope(subject=subject(family), trust=Trust.DEVICE_DEPENDENT, protocol=ANY_PROTOCOL),
        method="relative entropy of entanglement, 1-h(p)",
        reference="this project, claim er-ceiling",
        provenance=provenance(family),
    )
