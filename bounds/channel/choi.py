"""The ceiling on the key through a covariant channel: E_r of its Choi state."""

from __future__ import annotations

from collections.abc import Sequence

from flint import ctx

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.channel.covariant import margin, simulation, teleportation_covariance
from keybounds.bounds.channel.scopes import channel_thing, private, verifiable
from keybounds.bounds.state.bipartite import bipartite_state
from keybounds.bounds.state.relative_entropy import METHOD, nearest
from keybounds.bounds.state.separable.twirl import trivial_twirl
from keybounds.bounds.state.spectra import PRECISION
from keybounds.channels import as_choi
from keybounds.channels.choi import ATOL, Channel
from keybounds.enclosure import round_up
from keybounds.proofs.certificates.data import RelativeEntropy

SEARCH_STEPS = 4000


def choi_relative_entropy(
    channel: Channel,
    dims: Sequence[int] | None = None,
    *,
    iterations: int = SEARCH_STEPS,
) -> Bound:
    """Ceiling on the key through a teleportation-covariant channel: E_r of its Choi state, P_2 <= E_r(J).

    Parameters
    ----------
    channel, dims
        See `keybounds.channels.as_choi`.
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
    test = teleportation_covariance(choi)
    rho = bipartite_state(choi.matrix, choi.dims, atol=ATOL)
    found = nearest(rho, trivial_twirl(rho.dims), iterations=iterations)
    simulated = simulation(choi, test, rho.certified)  # through the state that the divergence is of
    added = margin(simulated.error, choi.dims[1])
    with ctx.workprec(PRECISION):
        value = found.divergence + added
    form = RelativeEntropy(
        dims=choi.dims, state=rho.to_dict(), separable_state=found.separable, simulates=simulated.error
    )
    certificate, note = verifiable(form, choi)
    return upper_bound(
        value,
        unit=Unit.PER_CHANNEL_USE,
        scope=private(channel_thing(choi)),
        method=f"{METHOD} of the Choi state, covariance tested",
        reference="pirandola2017",
        provenance={"dims": list(choi.dims)},
        certificate=certificate,
        diagnostics={
            "shift": float(rho.certified.shift),
            **found.diagnostics,
            "covariance_defect": test.defect,
            "trace_distance": simulated.distance,
            "simulation_error": simulated.error,
            "margin": round_up(added),
            **note,
        },
    )
