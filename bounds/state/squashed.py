"""Ceilings on key from squashed entanglement, each the value of an explicit squashing isometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb_mat, arb, ctx

from keybounds.bounds.bound import Bound
from keybounds.bounds.state.bipartite import BipartiteState, bipartite_state, ceiling_on, require_memory
from keybounds.bounds.state.spectra import CertifiedState, as_pairs, centre
from keybounds.bounds.state.squashing import Squashing, best_squashing, certified_value, cholesky
from keybounds.enclosure import ball, round_up
from keybounds.errors import BoundNotEstablishedError, InputError
from keybounds.states.arguments import dimension

if TYPE_CHECKING:
    import qutip
    from numpy.typing import NDArray

METHOD = "squashed entanglement"

_DEFINITE = 2.0**-80  # of the identity, added to the state so that its Cholesky decomposition exists
_PRECISION = 512  # bits for that decomposition, whose pivots may be as small as _DEFINITE
_NEGLIGIBLE = 1e-13  # squared norm of a column of the purification that the search leaves out


def squashed_entanglement(
    state: qutip.Qobj | NDArray[np.complex128],
    dims: tuple[int, int] | None = None,
    *,
    subject: str | None = None,
    environment: int | None = None,
    starts: int = 4,
    iterations: int = 300,
    seed: int = 0,
    atol: float = 1e-10,
) -> Bound:
    """Ceiling on the secret-key rate of a bipartite state: the least ½ I(A;B|E') found over extensions rho_ABE'.

    K(rho) <= E_sq(rho) = inf over extensions of ½ I(A;B|E') [christandl2004; christandl2007; wilde2016]. The extensions
    are made by isometries E -> E'F of a purifying system E, searched with an exact Riemannian gradient from random
    starts; and the trivial one, ½ I(A;B). The best is evaluated in ball arithmetic and rounded up.

    Parameters
    ----------
    state
        Density matrix or ket as `qutip.Qobj`, or an array with `dims`.
    dims
        (dA, dB), Alice's subsystem first; not needed for a Qobj with two subsystems.
    subject
        What the bound is about; by default a digest of the matrix.
    environment
        Dimension of E', by default the larger of dA and dB. F has the rank of rho, or more where E' is small.
    starts, iterations, seed
        Random starts, the most steps of L-BFGS for each, and the seed; 0 starts give ½ I(A;B).
    atol
        As in `relative_entropy_of_entanglement`.

    Returns
    -------
    Bound
        UPPER, in bits per copy, for every public-discussion protocol with trusted devices. The state that is certified
        is (rho + shift)/trace with ``diagnostics["shift"]``, at least 2^-80. ``certificate`` holds it and the isometry:
        the purification is the Cholesky factor L, sum_k L|k> |k>_E.

    Raises
    ------
    StateError, DimensionError
        Not a density matrix; dims that do not multiply up or are not two; `environment` below 1.
    UnsupportedError
        The state is too large for the memory that the evaluation needs.
    InputError
        `starts` or `iterations` out of range.

    Notes
    -----
    christandl2012 for the values at antisymmetric states, ½ log2((d+3)/(d-1)) for odd d and log2((d+2)/d) for even d.
    """
    if starts < 0 or iterations < 1:
        raise InputError("starts, iterations", "at least 0 starts of at least 1 step", f"{starts}, {iterations}")
    rho = bipartite_state(state, dims, atol=atol)
    size = max(rho.dims) if environment is None else dimension("environment", environment, least=1)
    if starts:
        require_memory(rho.size, size)
    trivial = rho.certified.mutual_information(rho.dims) / 2
    certificate: dict[str, Any] = {"environment": [1, rho.size]}
    diagnostics = {"extension": "trivial: half the mutual information", "shift": round_up(rho.certified.shift)}
    value = trivial
    if starts:
        try:
            found, cost, shift = _searched(rho, size, starts=starts, iterations=iterations, seed=seed)
        except (BoundNotEstablishedError, np.linalg.LinAlgError) as error:
            diagnostics["search_failure"] = str(error)  # the trivial extension stands
        else:
            if cost.upper() < trivial.upper():
                value = cost
                e, f = found.environment
                diagnostics = {"extension": f"isometry to {e} x {f} dimensions", "shift": shift}
                certificate = {
                    "state": {"matrix": as_pairs(rho.array), "shift": shift},
                    "environment": [e, f],
                    "isometry": as_pairs(found.isometry),
                }
    return ceiling_on(
        rho,
        value,
        subject=subject,
        method=METHOD,
        reference="christandl2007",
        certificate=certificate,
        diagnostics=diagnostics,
    )


def _searched(
    rho: BipartiteState, environment: int, *, starts: int, iterations: int, seed: int
) -> tuple[Squashing, arb, float]:
    """The isometry found, on all of E; its enclosed value; and the shift of the state that it is about."""
    shift = round_up(rho.certified.shift + ball(_DEFINITE))
    purification = _purification(rho.certified, shift)
    columns = centre(purification)
    large = np.sum(np.abs(columns) ** 2, axis=0) > _NEGLIGIBLE
    rank, rest = int(large.sum()), int((~large).sum())
    f = max(rank, -(-rank // environment))
    found = best_squashing(
        columns[:, large], rho.dims, (environment, f), starts=starts, iterations=iterations, seed=seed
    )
    # what the search left out goes to new levels of F, where it costs next to nothing
    levels = f + -(-rest // environment)
    isometry = np.zeros((environment, levels, rho.size), dtype=np.complex128)
    isometry[:, :f, large] = found.isometry.reshape(environment, f, rank)
    for count, k in enumerate(np.flatnonzero(~large)):
        isometry[count % environment, f + count // environment, k] = 1.0
    full = Squashing(isometry.reshape(-1, rho.size), (environment, levels), found.value)
    return full, certified_value(purification, full.isometry, rho.dims, full.environment), shift


def _purification(rho: CertifiedState, shift: float) -> acb_mat:
    """L with L L† = (H + shift)/trace(H + shift), enclosed."""
    size = rho.dimension
    with ctx.workprec(_PRECISION):
        trace = rho.trace + (ball(shift) - rho.shift) * size
        rows = [
            [(z + ball(shift) if i == j else z) / trace for j, z in enumerate(row)]
            for i, row in enumerate(rho.matrix.tolist())
        ]
        return cholesky(acb_mat(rows))
