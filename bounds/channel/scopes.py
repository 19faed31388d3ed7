"""How bounds on channels name their subject and scope, and how bounds on Choi states become bounds on channels."""

from __future__ import annotations

from dataclasses import replace

from keybounds.bounds.bound import Bound, Unit
from keybounds.bounds.scope import P_2, Protocol, Quantity, Scope, Trust
from keybounds.bounds.subject import subject_of
from keybounds.channels.choi import Choi
from keybounds.states import PPTPrivateFamily


def subject_or_digest(subject: str | None, choi: Choi) -> str:
    """The caller's name of a channel, or a digest of its Choi state: only bounds on the same channel compare."""
    return subject or subject_of("channel", choi.matrix, dims=choi.dims)


def private(subject: str, protocol: Protocol = P_2) -> Scope:
    """Scope of the private capacity P_2 of a channel between trusted devices, or of P_0 or P_1."""
    return Scope(subject=subject, trust=Trust.DEVICE_DEPENDENT, protocol=protocol)


def quantum(subject: str, protocol: Protocol = P_2) -> Scope:
    """Scope of the quantum capacity of a channel, assisted by the parties' classical communication of `protocol`."""
    return replace(private(subject, protocol), quantity=Quantity.QUANTUM_CAPACITY)


def ppt_subject(family: PPTPrivateFamily) -> str:
    """The name of Λ_{d,p}, the channel with Choi state rho_{d,p}."""
    return f"Λ_{family.d}" if family.at_edge else f"Λ_({family.d}, p={family.rational_p})"


def per_channel_use(bound: Bound, subject: str) -> Bound:
    """A bound on the Choi state as one on the channel, of the same protocols: the parties make one copy with each use.

    Always right for a lower bound; for a ceiling only if teleportation through the Choi state simulates the channel.
    """
    return replace(bound, unit=Unit.PER_CHANNEL_USE, scope=replace(bound.scope, subject=subject))
