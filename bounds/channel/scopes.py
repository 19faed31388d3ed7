"""What bounds on channels are about, and how bounds on Choi states become bounds on channels.

A channel in doubles is not quite the one that was meant: the same channel from Kraus operators, from a super-operator
or from its parameters has entries that differ in their last bits, and none of these matrices need be exactly
trace-preserving. So a channel in doubles stands for every channel within `ROUNDING` of it, which the general routines'
bounds cover, and the thing that a bound is about is the Choi state with its entries rounded to multiples of
`GRID`, coarse enough to forget last bits (but for an entry next to the middle of two multiples, whose channel then
compares with fewer bounds) and fine enough to tell apart channels that anybody would call different. A channel given by
its parameters is the one with the Choi state that `keybounds.channels.families` makes of them, up to a dimension; then
its closed forms stand beside what the general routines find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from keybounds.bounds.bound import Bound, Unit
from keybounds.bounds.scope import Quantity, Scope, Trust
from keybounds.bounds.state.bipartite import VERIFIABLE
from keybounds.channels.choi import Choi
from keybounds.errors import ChannelError
from keybounds.proofs.certificates.data import Certificate, ClosedForm
from keybounds.protocol import P_2, Discussion, Protocol
from keybounds.states import PPTPrivateFamily
from keybounds.thing import Thing

ROUNDING = 2.0**-44
"""Distance, of Choi states in trace distance, that rounding in the doubles of a channel may amount to."""

GRID = 2.0**-40
"""Of the entries by which channels are told apart."""

_TABULATED = 16  # dimension up to which a channel given by parameters is told by its Choi state, in milliseconds


def verifiable(certificate: Certificate, choi: Choi) -> tuple[Certificate | None, dict[str, str]]:
    """The certificate, or None and a note for the diagnostics where the verifier does not take so many dimensions."""
    d_a, d_b = choi.dims
    if d_a * d_b > VERIFIABLE:
        return None, {"no_certificate": f"the verifier takes no more than {VERIFIABLE} dimensions"}
    return certificate, {}


def channel_thing(choi: Choi, name: str = "") -> Thing:
    """The channel that a Choi state in doubles stands for; see the module."""
    thing = Thing.of_array("channel", np.round(choi.matrix / GRID) * GRID, choi.dims)
    return replace(thing, name=name) if name else thing


def parametrised_thing(build: Callable[[float, int], Choi], parameter: float, dimension: int, name: str) -> Thing:
    """The channel that `build`, a family's ``_choi`` of `keybounds.channels.families`, makes of its parameters.

    Beyond dimension 16 it is told by its `name`, which holds the parameters exactly.
    """
    if dimension <= _TABULATED:
        return channel_thing(build(parameter, dimension), name)
    return Thing.of_numbers("channel", name, named=name)


def loss_thing(transmissivity: float) -> Thing:
    """Pure loss of a bosonic mode, which has no Choi matrix."""
    return Thing.of_numbers("channel", f"pure loss, η = {transmissivity!r}", family="pure loss", eta=transmissivity)


def ppt_thing(family: PPTPrivateFamily) -> Thing:
    """Λ_{d,p}, the channel with Choi state rho_{d,p}, by its exact (d, p): d may be of any size.

    Raises
    ------
    ChannelError
        Unequal sectors: their state has no maximally mixed marginal.
    """
    if not family.equal_sectors:
        raise ChannelError("family", "equal sectors, for no other state is the Choi state of a channel", str(family))
    p = family.rational_p
    name = f"Λ_{family.d}" if p is None else f"Λ_({family.d}, p={p})"
    return Thing.of_numbers("channel", name, family="PPT private", d=family.d, p="edge" if p is None else str(p))


def private(thing: Thing, protocol: Protocol = P_2) -> Scope:
    """Scope of the private capacity P_2 of a channel between trusted devices, or of P_0 or P_1."""
    return Scope(thing=thing, trust=Trust.DEVICE_DEPENDENT, protocol=protocol)


def quantum(thing: Thing, protocol: Protocol = P_2) -> Scope:
    """Scope of the quantum capacity of a channel, assisted by the parties' classical communication of `protocol`."""
    return replace(private(thing, protocol), quantity=Quantity.QUANTUM_CAPACITY)


def per_channel_use(bound: Bound, thing: Thing) -> Bound:
    """A bound on the Choi state as one on the channel, of the same protocols: the parties make one copy with each use.

    Always right for a lower bound; for a ceiling only if teleportation through the Choi state simulates the channel.
    Two-way protocols on a state are part of P_2.
    """
    protocol = P_2 if bound.scope.protocol.discussion is Discussion.TWO_WAY else bound.scope.protocol
    return replace(bound, unit=Unit.PER_CHANNEL_USE, scope=replace(bound.scope, thing=thing, protocol=protocol))


def through_ppt_channel(bound: Bound, family: PPTPrivateFamily) -> Bound:
    """A closed-form bound on rho_{d,p} as one on Λ_{d,p}, which teleportation simulates (claim ``ppt-channel``).

    Raises
    ------
    ChannelError
        Unequal sectors.
    """
    form = bound.certificate
    assert isinstance(form, ClosedForm)
    certificate = replace(form, inputs={**form.inputs, "object": "channel"})
    return replace(per_channel_use(bound, ppt_thing(family)), certificate=certificate)
