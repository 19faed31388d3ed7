"""The partial-transpose bound for channels: no more device-independent key through Λ than key through ϑ∘Λ.

If ϑ∘Λ is a channel (Λ is completely copositive), then any device on Λ, with Bob's measurements transposed, is one on
ϑ∘Λ with the same statistics; so P_2^DI(Λ) <= P_2(ϑ∘Λ) [christandl2021, Eq. (8)]. The devices need neither memory nor
communication for this, so the ceiling holds against every class of devices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.ceiling import channel_ceiling
from keybounds.bounds.channel.scopes import channel_thing, ppt_thing, private
from keybounds.bounds.scope import DeviceClass, Scope, Trust
from keybounds.bounds.state.private_states import closed_form, provenance
from keybounds.channels.choi import Channel, as_choi
from keybounds.channels.transposition import transposed_choi
from keybounds.states import PPTPrivateFamily

_METHOD = "partial transpose"


def channel_transpose_bound(
    channel: PPTPrivateFamily | Channel,
    dims: Sequence[int] | None = None,
    *,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on the device-independent key through a completely copositive channel: P_2^DI(Λ) <= P_2(ϑ∘Λ).

    Parameters
    ----------
    channel
        A completely copositive channel (see `keybounds.channels.as_choi`), or a `PPTPrivateFamily` for Λ_{d,p} with
        Fourier U, the channel whose Choi state it is: then E_r(rho_{d,p}^Γ) in closed form, p (1 + log2(1-p)) at the
        PPT edge.
    dims
        (dA, dB), if the channel is given as the array of its Choi state.
    atol
        Eigenvalues of J^Γ down to -atol count as rounding.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2 with untrusted devices, against iid devices without communication and
        hence against all classes. It is about every completely copositive Λ such that `channel_ceiling` of ϑ∘Λ, whose
        `diagnostics` it has, speaks about ϑ∘Λ.

    Raises
    ------
    ChannelError
        Not completely copositive; the message gives the eigenvalue. Not a channel. Unequal sectors of a
        `PPTPrivateFamily`, whose state is no Choi state.
    DimensionError
        Shapes or dims that do not fit.

    Notes
    -----
    christandl2021, Eq. (8), claim ``channel-transposition``; for Λ_{d,p} this project, claim ``ppt-channel``.
    """
    if isinstance(channel, PPTPrivateFamily):
        return upper_bound(
            channel.transpose_ceiling,
            unit=Unit.PER_CHANNEL_USE,
            scope=_untrusted(private(ppt_thing(channel))),
            method=f"{_METHOD}, E_r of the transposed Choi state",
            reference="this project, claim ppt-channel",
            provenance=provenance(channel),
            certificate=closed_form(channel, "partial-transpose ceiling", of="channel"),
        )
    choi = as_choi(channel, dims, atol=atol)
    ceiling = channel_ceiling(transposed_choi(choi, atol=atol))
    return replace(
        ceiling,
        scope=_untrusted(private(channel_thing(choi))),
        method=f"{_METHOD}, {ceiling.method}",
        reference="christandl2021, Eq. (8)",
        certificate=None,  # that of the ceiling is about ϑ∘Λ, and none yet about the devices on Λ
    )


def _untrusted(scope: Scope) -> Scope:
    return replace(scope, trust=Trust.DEVICE_INDEPENDENT, devices=DeviceClass())
