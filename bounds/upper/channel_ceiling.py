"""The least ceiling on the key through a channel, over the methods that apply to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channels import private, subject_or_digest
from keybounds.bounds.upper.amplitude_damping import amplitude_damping_ceiling
from keybounds.bounds.upper.channel_choi import choi_relative_entropy
from keybounds.bounds.upper.channel_sdp import max_relative_entropy
from keybounds.bounds.upper.channel_squashing import channel_squashed_entanglement
from keybounds.bounds.upper.channels import pure_loss_ceiling
from keybounds.channels import PureLoss, as_choi, covariance
from keybounds.channels.choi import Channel, Choi, kraus_arrays
from keybounds.channels.families import amplitude_damping_choi
from keybounds.enclosure import enclose

_SQUASHED = 16  # dB times the number of Kraus operators up to which a squashing is found within a second or so
_SAME = 2.0**-48  # entries of a Choi state this close belong to the same channel, given in doubles


def channel_ceiling(
    channel: PureLoss | Channel, dims: Sequence[int] | None = None, *, subject: str | None = None
) -> Bound:
    """Ceiling on the key through a channel, P_2: the least over the methods that apply.

    - any channel: log2 min(dA, dB), what a noiseless channel of the smaller dimension carries;
    - teleportation-covariant channels, by test: E_r of the Choi state;
    - dA·dB <= 6: the max-relative entropy of entanglement;
    - channels of few Kraus operators: squashed entanglement with an optimised squashing;
    - amplitude damping: squashing with a 50:50 splitter, in closed form;
    - a bosonic mode with pure loss (`keybounds.channels.pure_loss`): -log2(1-η).

    Parameters
    ----------
    channel
        A `PureLoss`, or a channel as `keybounds.channels.as_choi` takes it.
    dims
        (dA, dB), if the channel is given as the array of its Choi state.
    subject
        What the bound is about; by default a digest of the Choi state.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2. ``diagnostics["methods"]`` lists the value of each method tried; the
        winner is in `method`.

    Raises
    ------
    ChannelError, DimensionError
        Not a channel; the message gives the measured violation.
    InputError
        Pure loss with η = 1, which has no finite ceiling.
    """
    if isinstance(channel, PureLoss):
        methods = [
            pure_loss_ceiling(channel.transmissivity, method=method, subject=subject) for method in ("plob", "tgw")
        ]
    else:
        choi = as_choi(channel, dims)
        methods = [method() for method in _methods(choi, subject_or_digest(subject, choi))]
    best = min(methods, key=lambda bound: bound.value)
    return replace(best, diagnostics={**best.diagnostics, "methods": {bound.method: bound.value for bound in methods}})


def _methods(choi: Choi, subject: str) -> list[Callable[[], Bound]]:
    found: list[Callable[[], Bound]] = [lambda: _dimension(choi, subject)]
    test = covariance(choi)
    damping = _amplitude_damping(choi)
    if test.teleportation:
        found.append(lambda: choi_relative_entropy(choi, found=test, subject=subject))
    if damping is not None:
        found.append(lambda: amplitude_damping_ceiling(damping, subject=subject))
    if choi.dims[0] * choi.dims[1] <= 6:
        found.append(lambda: max_relative_entropy(choi, subject=subject))
    rank = len(kraus_arrays(choi))
    if rank * choi.dims[1] <= _SQUASHED and damping is None:
        found.append(lambda: channel_squashed_entanglement(choi, environment=rank, starts=2, subject=subject))
    return found


def _dimension(choi: Choi, subject: str) -> Bound:
    """P_2 <= log2 min(dA, dB), which no squashed entanglement exceeds."""
    smaller = min(choi.dims)
    return upper_bound(
        enclose(lambda: arb(smaller).log() / arb.const_log2()),
        unit=Unit.PER_CHANNEL_USE,
        scope=private(subject),
        method="squashed entanglement, at most log min(dA, dB)",
        reference="takeoka2014",
        provenance={"dims": list(choi.dims)},
    )


def _amplitude_damping(choi: Choi) -> float | None:
    """A damping not above that of the amplitude damping that `choi` is, or None if it is none.

    The ceiling falls with the damping, so the margin is on the safe side.
    """
    if choi.dims != (2, 2):
        return None
    damping = float(np.clip(1 - 2 * choi.matrix[3, 3].real, 0.0, 1.0))
    if float(np.abs(choi.matrix - amplitude_damping_choi(damping).matrix).max()) > _SAME:
        return None
    return max(damping - 4 * _SAME, 0.0)
