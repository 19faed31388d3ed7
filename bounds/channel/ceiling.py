"""The least ceiling on the key through a channel, over the methods that apply to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flint import arb

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.choi import SEARCH_STEPS, choi_relative_entropy
from keybounds.bounds.channel.closed_forms import pure_loss_ceiling
from keybounds.bounds.channel.recognised import recognised
from keybounds.bounds.channel.scopes import channel_thing, private
from keybounds.bounds.channel.semidefinite import max_relative_entropy
from keybounds.bounds.channel.squashing import channel_squashed_entanglement
from keybounds.channels import PureLoss, as_choi, covariance
from keybounds.channels.choi import Channel, Choi, kraus_arrays
from keybounds.enclosure import enclose, log2

_SQUASHED = 16  # dB times the number of Kraus operators up to which a squashing is found within a second or so
_SEARCHED = 16  # dA·dB up to which separable states are searched within seconds


def channel_ceiling(channel: PureLoss | Channel, dims: Sequence[int] | None = None) -> Bound:
    """Ceiling on the key through a channel, P_2: the least over the methods that apply.

    - a bosonic mode with pure loss (`keybounds.channels.pure_loss`): -log2(1-η);
    - amplitude damping, Λ_{d,p} and ϑ∘Λ_{d,p}, recognised by their entries: closed forms, and nothing else is tried;
    - any channel: log2 min(dA, dB), what a noiseless channel of the smaller dimension carries;
    - teleportation-covariant channels, by test: E_r of the Choi state, without a search for dA·dB > 16, where it takes
      minutes (`choi_relative_entropy` makes it);
    - dA·dB <= 6: the max-relative entropy of entanglement;
    - channels of few Kraus operators: squashed entanglement with an optimised squashing.

    Parameters
    ----------
    channel
        A `PureLoss`, or a channel as `keybounds.channels.as_choi` takes it.
    dims
        (dA, dB), if the channel is given as the array of its Choi state.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2. ``diagnostics["methods"]`` lists the value of each method tried; the
        winner is in `method`. No channel in doubles is exact: which exact channels the winner speaks about, near the
        given one, is said by its own routine (``diagnostics["trace_distance"]``, where there is one).

    Raises
    ------
    ChannelError, DimensionError
        Not a channel; the message gives the measured violation.
    InputError
        Pure loss with η = 1, which has no finite ceiling.
    """
    if isinstance(channel, PureLoss):
        methods = [pure_loss_ceiling(channel.transmissivity, method=method) for method in ("plob", "tgw")]
    else:
        methods = list(_methods(as_choi(channel, dims)))
    best = min(methods, key=lambda bound: bound.value)
    return replace(best, diagnostics={**best.diagnostics, "methods": {bound.method: bound.value for bound in methods}})


def _methods(choi: Choi) -> Iterator[Bound]:
    yield _dimension(choi)
    known = list(recognised(choi))
    if known:
        yield from known
        return
    d_a, d_b = choi.dims
    test = covariance(choi)
    if test.teleportation:
        iterations = SEARCH_STEPS if d_a * d_b <= _SEARCHED else 0
        yield choi_relative_entropy(choi, iterations=iterations)
    if d_a * d_b <= 6:
        yield max_relative_entropy(choi)
    rank = len(kraus_arrays(choi))
    if rank * d_b <= _SQUASHED:
        yield channel_squashed_entanglement(choi, environment=rank, starts=2)


def _dimension(choi: Choi) -> Bound:
    """P_2 <= log2 min(dA, dB), which no squashed entanglement exceeds."""
    smaller = min(choi.dims)
    return upper_bound(
        enclose(lambda: log2(arb(smaller))),
        unit=Unit.PER_CHANNEL_USE,
        scope=private(channel_thing(choi)),
        method="squashed entanglement, at most log min(dA, dB)",
        reference="takeoka2014",
        provenance={"dims": list(choi.dims)},
    )
