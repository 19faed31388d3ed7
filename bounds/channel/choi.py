"""The ceiling on the key through a covariant channel: E_r of its Choi state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flint import ctx

from keybounds.bounds.bound import Bound
from keybounds.bounds.channel.covariant import margin, simulation, teleportation_covariance
from keybounds.bounds.channel.scopes import per_channel_use, subject_or_digest
from keybounds.bounds.state.bipartite import bipartite_state
from keybounds.bounds.state.relative_entropy import relative_entropy_of_entanglement
from keybounds.bounds.state.spectra import PRECISION
from keybounds.channels import as_choi
from keybounds.channels.choi import ATOL, Channel
from keybounds.enclosure import ball, round_up

SEARCH_STEPS = 4000


def choi_relative_entropy(
    channel: Channel,
    dims: Sequence[int] | None = None,
    *,
    subject: str | None = None,
    iterations: int = SEARCH_STEPS,
) -> Bound:
    """Ceiling on the key through a teleportation-covariant channel: E_r of its Choi state, P_2 <= E_r(J).

    Parameters
    ----------
    channel, dims
        See `keybounds.channels.as_choi`.
    subject
        What the bound is about; by default a digest of the Choi state.
    iterations
        Most steps of the search for separable states (see `relative_entropy_of_entanglement`); 0 tries only states
        in closed form.

    Returns
    -------
    Bound
        UPPER, in bits per channel use, for P_2, of every channel whose Choi state lies within
        ``diagnostics["trace_distance"]`` of the given one. ``["simulation_error"]`` is half the diamond distance of any
        of these to the channel that teleportation simulates, and ``["margin"]`` what it added to E_r.

    Raises
    ------
    ChannelError
        Not a channel, or not found to be teleportation-covariant.
    DimensionError
        Shapes or dims that do not fit.

    Notes
    -----
    pirandola2017 and wilde2017; the margin this project, claim ``nearly-covariant``.
    """
    choi = as_choi(channel, dims)
    about = subject_or_digest(subject, choi)
    test = teleportation_covariance(choi)
    entropy = relative_entropy_of_entanglement(choi.matrix, choi.dims, subject=about, iterations=iterations, atol=ATOL)
    state = bipartite_state(choi.matrix, choi.dims, atol=ATOL).certified  # the one that `entropy` speaks about
    simulated = simulation(choi, test, state)
    distance, added = simulated.distance, margin(simulated.error, choi.dims[1])
    with ctx.workprec(PRECISION):
        value = ball(entropy.value) + added
    return replace(
        per_channel_use(entropy, about),
        value=round_up(value),
        method=f"{entropy.method} of the Choi state, covariance tested",
        reference="pirandola2017",
        provenance={"dims": list(choi.dims)},
        certificate={**(entropy.certificate or {}), "simulates": simulated.error},
        diagnostics={
            **entropy.diagnostics,
            "covariance_defect": test.defect,
            "trace_distance": distance,
            "simulation_error": simulated.error,
            "margin": round_up(added),
        },
    )
