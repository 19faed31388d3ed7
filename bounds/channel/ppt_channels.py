"""Ceilings on the capacities of the channels Λ_{d,p} in closed form, for Fourier U and any d."""

from __future__ import annotations

from dataclasses import replace

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.scopes import ppt_thing, quantum, through_ppt_channel
from keybounds.bounds.state.private_state_ceilings import private_state_ceiling
from keybounds.bounds.state.private_states import closed_form, provenance
from keybounds.enclosure import ball
from keybounds.states import PPTPrivateFamily


def ppt_channel_ceiling(family: PPTPrivateFamily) -> Bound:
    """Ceiling on P_2(Λ_{d,p}): 1 - h(p) >= E_r(rho_{d,p}), rho_{d,p} = `family` being the Choi state, U Fourier.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2 with trusted devices.

    Raises
    ------
    ChannelError
        Unequal sectors, whose state is no Choi state.

    Notes
    -----
    This project, claim ``ppt-channel``: Λ_{d,p} is teleportation-covariant.
    """
    ceiling = through_ppt_channel(private_state_ceiling(family), family)
    return replace(ceiling, reference="this project, claim ppt-channel")


def ppt_channel_quantum_ceiling(family: PPTPrivateFamily) -> Bound:
    """The quantum capacity of Λ_{d,p} with any classical communication is 0: its Choi state is PPT.

    Returns
    -------
    Bound
        UPPER, 0 bits per channel use, for the quantum capacity only; the key does not vanish.

    Raises
    ------
    ChannelError
        Unequal sectors, whose state is no Choi state.

    Notes
    -----
    berta2018: the max-Rains information, which V = J^Γ, Y = 0 make 0.
    """
    return upper_bound(
        ball(0),
        unit=Unit.PER_CHANNEL_USE,
        scope=quantum(ppt_thing(family)),
        method="max-Rains information",
        reference="berta2018",
        provenance=provenance(family),
        certificate=closed_form(family, "quantum capacity of a PPT channel", of="channel"),
    )
