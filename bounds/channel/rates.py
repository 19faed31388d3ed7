"""Achievable key through channels: from their Choi states, and in closed form where the capacity is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import SupportsIndex

from flint import arb, ctx

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.channel.covariant import marginal_defect
from keybounds.bounds.channel.scopes import (
    ROUNDING,
    channel_thing,
    loss_thing,
    parametrised_thing,
    private,
    through_ppt_channel,
)
from keybounds.bounds.state.bipartite import bipartite_state
from keybounds.bounds.state.hashing import HashingDirection, hashed, hashing_certificate
from keybounds.bounds.state.pair_parity import pair_parity
from keybounds.bounds.state.privacy_squeezing import privacy_squeezing
from keybounds.bounds.state.private_state_rates import advantage_distillation
from keybounds.bounds.state.spectra import PRECISION
from keybounds.channels import as_choi
from keybounds.channels.choi import ATOL, Channel
from keybounds.channels.families import erasure_choi
from keybounds.enclosure import ball, enclose, log2, round_up
from keybounds.errors import InputError, UnknownNameError
from keybounds.proofs.certificates.data import ClosedForm
from keybounds.protocol import P_1, P_2
from keybounds.states import PPTPrivateFamily
from keybounds.states.arguments import dimension as whole_dimension
from keybounds.states.arguments import probability as checked_probability

_DIRECTIONS: tuple[HashingDirection, ...] = ("forward", "reverse")


def channel_hashing(
    channel: Channel,
    dims: Sequence[int] | None = None,
    *,
    direction: HashingDirection = "forward",
) -> Bound:
    """Key through a channel by hashing copies of its Choi state: its coherent information, forward or reverse.

    ``"forward"``: S(B) - S(AB), with public communication from Alice to Bob, a bound on P_1; ``"reverse"``:
    S(A) - S(AB), with communication from Bob to Alice, a bound on P_2. The input is maximally mixed, which need not be
    the best one.

    Returns
    -------
    Bound
        LOWER, in bits per channel use, with trusted devices, for every channel whose Choi state lies within the trace
        distance ``diagnostics["repair"]`` of the given one; 0 with NO_KEY where it is not positive. The entropies are
        enclosed for an exact state near it, and ``["margin"]`` is what the distance costs.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel; see `keybounds.channels.as_choi`.
    UnknownNameError
        An unknown `direction`.

    Notes
    -----
    devetak2005, Theorem 10; garciapatron2009 for the reverse direction; winter2016 for the margin.
    """
    if direction not in _DIRECTIONS:
        raise UnknownNameError.among("direction", direction, _DIRECTIONS)
    choi = as_choi(channel, dims)
    rho = bipartite_state(choi.matrix, choi.dims, atol=ATOL)
    with ctx.workprec(PRECISION):  # as far as some channel, and rounding beyond
        reach = ball(rho.repair) + 2 * marginal_defect(rho.certified, rho.dims) + arb(ROUNDING)
    rho = replace(rho, repair=round_up(reach))
    forward = direction == "forward"
    value, margin = hashed(rho, direction)
    certificate, note = hashing_certificate(rho, of="channel", direction=direction)
    return lower_bound(
        value,
        unit=Unit.PER_CHANNEL_USE,
        scope=private(channel_thing(choi), P_1 if forward else P_2),
        method=f"{'' if forward else 'reverse '}coherent information of the Choi state",
        reference="devetak2005, Theorem 10" if forward else "garciapatron2009",
        provenance={"dims": list(choi.dims)},
        certificate=certificate,
        diagnostics={"shift": float(rho.certified.shift), "repair": rho.repair, "margin": round_up(margin), **note},
    )


def pure_loss_rate(transmissivity: float) -> Bound:
    """Key through pure loss of transmissivity η: -log2(1-η) per use of a bosonic mode, in the limit of large energy.

    The reverse coherent information of a two-mode squeezed vacuum sent through; equal to the ceiling.

    Raises
    ------
    InputError
        η is outside [0, 1).

    Notes
    -----
    garciapatron2009; pirandola2017.
    """
    eta = checked_probability("transmissivity", transmissivity)
    if eta == 1.0:
        raise InputError("transmissivity", "less than 1 (a lossless mode carries any amount)", repr(eta))
    return lower_bound(
        enclose(lambda: -(-ball(eta)).log1p() / arb.const_log2()),
        unit=Unit.PER_CHANNEL_USE,
        scope=private(loss_thing(eta)),
        method="reverse coherent information, -log(1-η)",
        reference="garciapatron2009",
        provenance={"transmissivity": eta},
        certificate=ClosedForm("pure loss, rate", {"transmissivity": eta}),
    )


def erasure_rate(probability: float, dimension: SupportsIndex = 2) -> Bound:
    """Key through the erasure channel: (1-ε) log2 d; Bob says which systems arrived, and these are noiseless.

    Raises
    ------
    InputError, DimensionError
        ε = `probability` is outside [0, 1]; `dimension` is not a whole number of at least 2.

    Notes
    -----
    bennett1997.
    """
    e, d = checked_probability("probability", probability), whole_dimension("dimension", dimension)
    return lower_bound(
        enclose(lambda: (1 - ball(e)) * log2(arb(d))),
        unit=Unit.PER_CHANNEL_USE,
        scope=private(parametrised_thing(erasure_choi, e, d, f"erasure, ε = {e!r}, d = {d}")),
        method="announced erasures, (1-ε) log d",
        reference="bennett1997",
        provenance={"probability": e, "dimension": d},
        certificate=ClosedForm("erasure, rate", {"probability": e, "dimension": d}),
    )


def ppt_channel_rate(family: PPTPrivateFamily, *, copies: int = 1) -> Bound:
    """Key through Λ_{d,p}, the channel with Choi state `family`: what the parties make of copies of that state.

    `copies` = 1: 1 - h(p) - p, one-way, a bound on P_1; more: advantage distillation, a bound on P_2.

    Returns
    -------
    Bound
        LOWER, in bits per channel use, with trusted devices; 0 with NO_KEY where it is not positive.

    Raises
    ------
    DimensionError
        `copies` is not a whole number of at least 1.
    ChannelError
        Unequal sectors, whose state is no Choi state.

    Notes
    -----
    christandl2021, p. 3; claims ``ppt-channel``, ``privacy-squeezing-key`` and ``advantage-distillation``.
    """
    one = whole_dimension("copies", copies, least=1) == 1
    rate = privacy_squeezing(family) if one else advantage_distillation(family, copies=copies)
    return through_ppt_channel(rate, family)


def ppt_channel_pair_parity(family: PPTPrivateFamily) -> Bound:
    """Key through Λ_{d,p} by hashed pair parities on copies of its Choi state `family`: S(p), a bound on P_2.

    Returns
    -------
    Bound
        LOWER, in bits per channel use, with trusted devices; 0 with NO_KEY where it is not positive.

    Raises
    ------
    ChannelError
        Unequal sectors, whose state is no Choi state.

    Notes
    -----
    This project, claims ``ppt-channel`` and ``pair-parity-key``.
    """
    return through_ppt_channel(pair_parity(family), family)
